//! What an API says in `WWW-Authenticate` (RFC 9110 section 11.6.1, RFC 6750 section 3).

use crate::text::{cut, cut_last};

/// A challenge to a bearer of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// `error`
    pub error: Option<String>,
    /// `scope`: what the call needs.
    pub scope: Option<String>,
}

/// No honest header is longer, in bytes.
const LONGEST: usize = 16_384;

impl Challenge {
    /// Reads the header. Of several challenges those of the scheme Bearer count; of several values the first.
    pub fn parse(header: &str) -> Self {
        let mut challenge = Challenge::default();
        let mut is_bearer = false;
        let (mut part, mut is_quoted, mut is_escaped) = (String::new(), false, false);
        let header = header.get(..LONGEST).unwrap_or(header);
        for letter in header.chars().take(LONGEST).chain([',']) {
            match letter {
                _ if is_escaped => {
                    part.push(letter);
                    is_escaped = false;
                }
                '\\' if is_quoted => is_escaped = true,
                '"' => is_quoted = !is_quoted,
                ',' if !is_quoted => challenge.take(&std::mem::take(&mut part), &mut is_bearer),
                _ => part.push(letter),
            }
        }
        challenge
    }

    /// Takes one `name=value`, with the scheme in front of it if it is the first of a challenge.
    fn take(&mut self, part: &str, is_bearer: &mut bool) {
        let (name, value) = cut(part, b'=').map_or((part, None), |(name, value)| (name, Some(value)));
        let name = name.trim_ascii();
        let alone = if value.is_some() { ("", name) } else { (name, "") };
        let (scheme, name) = cut_last(name, b' ').unwrap_or(alone);
        let value = value.unwrap_or_default();
        if !scheme.is_empty() {
            *is_bearer = scheme.trim_ascii().eq_ignore_ascii_case("bearer");
        }
        let member = match name {
            _ if !*is_bearer => return,
            _ if name.eq_ignore_ascii_case("error") => &mut self.error,
            _ if name.eq_ignore_ascii_case("scope") => &mut self.scope,
            _ => return,
        };
        member.get_or_insert_with(|| value.trim_ascii().to_owned());
    }
}
