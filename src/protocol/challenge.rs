//! What an API says in `WWW-Authenticate` (RFC 9110 section 11.6.1, RFC 6750 section 3, RFC 9470 section 3).

use super::base64url;
use crate::json::{self, Object, Value};
use std::{
    iter::{Peekable, Take},
    str::Chars,
};

type Letters<'a> = Peekable<Take<Chars<'a>>>;

/// What a challenge demands. Of several challenges the one whose demand stands first here is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Demand {
    /// A token with other claims, which it names.
    Claims,
    /// A sign-in that is stronger or newer (RFC 9470).
    Authentication,
    /// A token with other permissions.
    Scope,
    /// Another token: this one is not taken.
    Token,
    /// A token: why this one is not taken is not said.
    Unsaid,
    /// Nothing that is understood.
    Unknown,
}

/// A challenge to a bearer of a token.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Challenge {
    /// `error`
    pub error: Option<String>,
    /// `scope`: what the call needs.
    pub scope: Option<String>,
    /// `claims` as JSON: an object with `access_token` alone, as an API has a say about nothing else.
    pub claims: Option<String>,
    /// `acr_values`: how the user has to sign in.
    pub acr_values: Option<String>,
    /// `max_age`: how long ago that may be, in whole seconds.
    pub max_age: Option<String>,
}

/// No honest header is longer, in letters.
const LONGEST: usize = 16_384;

/// Nor are these, in bytes.
const LONGEST_CLAIMS: usize = 8_192;
const LONGEST_ACR_VALUES: usize = 1_024;

impl Challenge {
    /// Reads the header. Challenges of the scheme Bearer count, of those the one that [demands](Challenge::demand) most; of several
    /// values the first. `None` where no bearer is challenged.
    pub fn parse(header: &str) -> Option<Self> {
        let mut letters = header.chars().take(LONGEST).peekable();
        let mut found = Vec::new();
        let mut is_bearer = false;
        // Each turn takes what stands before the next comma: a scheme, a parameter, or both.
        while letters.peek().is_some() {
            let mut name = word(&mut letters);
            if letters.peek() != Some(&'=') {
                if !name.is_empty() {
                    is_bearer = name.eq_ignore_ascii_case("bearer");
                    found.extend(is_bearer.then(Challenge::default));
                }
                name = word(&mut letters);
            }
            if let (Some(value), Some(challenge)) = (value(&mut letters), found.last_mut())
                && is_bearer
            {
                challenge.take(&name, value);
            }
        }
        found.into_iter().map(Challenge::checked).min_by_key(Challenge::demand)
    }

    /// What it demands.
    pub fn demand(&self) -> Demand {
        match self.error.as_deref() {
            Some("insufficient_claims") if self.claims.is_some() => Demand::Claims,
            Some("insufficient_user_authentication") if self.acr_values.is_some() || self.max_age.is_some() => {
                Demand::Authentication
            }
            Some("insufficient_scope") => Demand::Scope,
            Some("invalid_token") => Demand::Token,
            None | Some("") => Demand::Unsaid,
            _ => Demand::Unknown,
        }
    }

    fn take(&mut self, name: &str, value: String) {
        for (own, member) in [
            ("error", &mut self.error),
            ("scope", &mut self.scope),
            ("claims", &mut self.claims),
            ("acr_values", &mut self.acr_values),
            ("max_age", &mut self.max_age),
        ] {
            if name.eq_ignore_ascii_case(own) {
                member.get_or_insert(value);
                return;
            }
        }
    }

    /// The same without demands that can't be passed on.
    fn checked(mut self) -> Self {
        self.claims = self.claims.and_then(|text| of_access_token(&text));
        self.acr_values = self.acr_values.filter(|values| {
            (1..=LONGEST_ACR_VALUES).contains(&values.len()) && values.bytes().all(|byte| matches!(byte, b' '..=b'~'))
        });
        self.max_age = self.max_age.filter(|age| Value::from(age.as_str()).as_seconds().is_some());
        self
    }
}

/// What stands before the next separator, and the space around it.
fn word(letters: &mut Letters<'_>) -> String {
    let mut word = String::new();
    while letters.next_if(char::is_ascii_whitespace).is_some() {}
    while let Some(letter) =
        letters.next_if(|letter| !matches!(letter, ',' | '=' | '"') && !letter.is_ascii_whitespace())
    {
        word.push(letter);
    }
    while letters.next_if(char::is_ascii_whitespace).is_some() {}
    word
}

/// What stands before the next comma, which is taken, if it is a value; one that does not end is none.
fn value(letters: &mut Letters<'_>) -> Option<String> {
    let is_value = letters.next_if_eq(&'=').is_some();
    let (mut value, mut is_quoted) = (String::new(), false);
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if is_quoted => value.extend(letters.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => break,
            _ => value.push(letter),
        }
    }
    (is_value && !is_quoted).then(|| value.trim_ascii().to_owned())
}

/// What `claims` demand of the access token: they are base64 in whatever spelling, or JSON as it is.
fn of_access_token(mut text: &str) -> Option<String> {
    if text.len() > LONGEST_CLAIMS {
        return None;
    }
    let claims = if text.starts_with('{') {
        json::parse(text).ok()?
    } else {
        while let Some(shorter) = ["=", "%3D", "%3d"].iter().find_map(|padding| text.strip_suffix(padding)) {
            text = shorter;
        }
        let letter = |letter| match letter {
            '+' => '-',
            '/' => '_',
            other => other,
        };
        base64url::decode_json(&text.chars().map(letter).collect::<String>())?
    };
    let demanded = claims.member("access_token")?;
    let is_demand = matches!(demanded, Value::Object(members) if !members.is_empty());
    is_demand.then(|| json::text(&Object::default().with("access_token", demanded.clone()).finish()))
}
