//! As much of URLs as the protocol needs: origins and what may be trusted. Exact texts are kept, never rewritten.

use crate::text::{cut, cut_last};

/// The origin (`https://host:port`) of an absolute http or https URL; `None` for anything else, and for a URL with a user or a
/// backslash before its path, white space or a control character in it.
pub fn origin(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let scheme_end = url.len() - rest.len();
    if url.bytes().any(|byte| byte <= b' ' || byte == 0x7f) {
        return None;
    }
    let authority_end = rest.bytes().position(|byte| b"/?#".contains(&byte)).unwrap_or(rest.len());
    let (authority, _) = rest.split_at_checked(authority_end)?;
    (is_host(authority)).then(|| url.split_at_checked(scheme_end + authority_end).map(|(origin, _)| origin))?
}

/// `host` or `host:port`.
fn is_host(authority: &str) -> bool {
    let (host, port) = match cut_last(authority, b':') {
        // The colons of `[::1]` are not before a port.
        Some((host, port)) if !port.ends_with(']') => (host, port),
        _ => (authority, "0"),
    };
    let named = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.".contains(&byte));
    (named || host == "[::1]") && !port.is_empty() && port.len() <= 5 && port.bytes().all(|byte| byte.is_ascii_digit())
}

/// The host and port of an origin.
pub(super) fn host(origin: &str) -> &str {
    cut_last(origin, b'/').map_or(origin, |(_, host)| host)
}

/// Whether a code or token may be sent there: https, or http on a loopback host (RFC 8252 section 7.3).
pub fn is_trustworthy(url: &str) -> bool {
    origin(url).is_some_and(|origin| origin.starts_with("https://") || is_loopback(origin))
}

/// Whether it is on this machine.
pub fn is_loopback(url: &str) -> bool {
    origin(url).is_some_and(|origin| {
        let host = host(origin);
        let name = cut_last(host, b':').map_or(host, |(name, port)| if port.ends_with(']') { host } else { name });
        matches!(name, "localhost" | "127.0.0.1" | "[::1]")
    })
}

/// The URL up to its fragment.
pub fn without_fragment(url: &str) -> &str {
    cut(url, b'#').map_or(url, |(front, _)| front)
}

/// The URL up to its query or fragment.
pub fn without_query(url: &str) -> &str {
    let url = without_fragment(url);
    cut(url, b'?').map_or(url, |(front, _)| front)
}
