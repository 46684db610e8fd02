//! The Application ID URI: the name of an API.

use crate::text::cut;
use std::rc::Rc;

/// Microsoft Graph's Application ID URI: the API that is meant where none is named.
pub const GRAPH: &str = "https://graph.microsoft.com";

/// Its other name: its client ID, the same in every tenant.
const GRAPH_ID: &str = "00000003-0000-0000-c000-000000000000";

/// An API's identifier: an absolute URI (`https://contoso.com/orders`, `api://<guid>`) or a bare GUID.
///
/// A slash at its end is part of it, which is why such an API's scopes are written with two: `https://contoso.com//Read`.
#[derive(Clone, Debug)]
pub struct ApplicationIdUri(Rc<str>);

impl ApplicationIdUri {
    /// Microsoft Graph.
    pub fn graph() -> Self {
        ApplicationIdUri(GRAPH.into())
    }

    /// Reads an identifier; `None` for text that is neither an absolute URI nor a GUID.
    pub fn parse(text: &str) -> Option<Self> {
        let is_identifier = is_guid(text) || is_absolute_uri(text);
        is_identifier.then(|| ApplicationIdUri(text.into()))
    }

    /// Whether it is Microsoft Graph's, in whatever spelling.
    pub fn is_graph(&self) -> bool {
        self.plain().eq_ignore_ascii_case(GRAPH)
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What two spellings of one identifier have in common: the server ignores case, and takes `api://<guid>` and the GUID
    /// alone for one API, and Microsoft Graph's GUID for its URI.
    pub fn key(&self) -> String {
        self.plain().to_ascii_lowercase()
    }

    fn plain(&self) -> &str {
        let is_api = self.0.get(..6).is_some_and(|scheme| scheme.eq_ignore_ascii_case("api://"));
        let plain = self.0.get(6..).filter(|rest| is_api && is_guid(rest)).unwrap_or(&self.0);
        if plain.eq_ignore_ascii_case(GRAPH_ID) { GRAPH } else { plain }
    }
}

impl PartialEq for ApplicationIdUri {
    fn eq(&self, other: &Self) -> bool {
        // Two names of one API differ in length, so most are told apart without a look at their form.
        let is_alike = self.0.len() == other.0.len();
        let [one, two] = if is_alike { [&*self.0, &*other.0] } else { [self.plain(), other.plain()] };
        one.eq_ignore_ascii_case(two)
    }
}

impl Eq for ApplicationIdUri {}

/// `8-4-4-4-12` hexadecimal digits.
pub fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// A scheme and more, of visible ASCII without `"` and `\`.
pub fn is_absolute_uri(text: &str) -> bool {
    let Some((scheme, rest)) = cut(text, b':') else {
        return false;
    };
    let rest = rest.strip_prefix("//").unwrap_or(rest);
    text.bytes().all(super::is_scope_char)
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && rest.starts_with(|first: char| first.is_ascii_alphanumeric())
}
