//! What is promised of errors, addresses and keys, whatever they come from.

use consentry::{
    error::Error,
    json::{self, Value},
    protocol::{Algorithm, PublicKey, is_trustworthy, origin},
};
use url::Url;

/// The texts of an error that a server wrote, and the most bytes of each.
const LIMITS: [(&str, usize); 7] = [
    ("errorCode", 80),
    ("errorMessage", 600),
    ("subError", 80),
    ("claims", 4_000),
    ("timestamp", 40),
    ("traceId", 40),
    ("serverCorrelationId", 40),
];

/// An error says something, tells no secret, and what a server says in it is cut off and free of control characters.
pub(super) fn assert_telling(error: &Error, secrets: &[&str]) {
    let record = error.record("correlation").finish();
    let texts = [error.to_string(), error.code().to_owned(), json::text(&record), format!("{error:?}{record:?}")];
    for secret in secrets {
        assert!(texts.iter().all(|text| !text.contains(secret)), "{secret} is told: {texts:?}");
    }
    assert!(!error.code().is_empty(), "{error:?} has a code");
    for (name, most) in LIMITS {
        let text = record.text_of(name).unwrap_or_default();
        assert!(text.len() <= most, "{name} has {} bytes", text.len());
        assert!(!text.bytes().any(|byte| byte.is_ascii_control()), "{name} is printable: {text:?}");
    }
    let number = record.text_of("errorNo").unwrap_or("0");
    assert!(!number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()), "{number} is a number");
}

/// The secrets that an input does not have itself: none of them can be told but by us.
pub(super) fn unsaid<'a>(input: &str, secrets: &[&'a str]) -> Vec<&'a str> {
    secrets.iter().copied().filter(|secret| !input.contains(secret)).collect()
}

/// A code or token may be sent there, as we read the address and as a browser does. What a browser can't read is sent nowhere.
pub(super) fn assert_safe(url: &str) {
    assert!(is_trustworthy(url), "{url}");
    let Ok(seen) = Url::parse(url) else { return };
    let is_loopback = matches!(seen.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
    assert!(seen.scheme() == "https" || seen.scheme() == "http" && is_loopback, "{url} is seen as {seen}");
    assert!(seen.username().is_empty() && seen.password().is_none(), "{url} has a user");
    let ours = origin(url).and_then(|origin| Url::parse(origin).ok()).expect("an origin is a URL");
    assert_eq!(ours.origin(), seen.origin(), "{url}");
}

/// A key is of the type that its algorithm demands, long enough, and nothing private or shared.
pub(super) fn assert_public(key: &PublicKey) {
    let Value::Object(members) = &key.jwk else { panic!("a key is an object") };
    let names: Vec<_> = members.iter().map(|(name, _)| name.as_str()).collect();
    let (kind, wanted): (_, &[&str]) = match key.algorithm {
        Algorithm::Rs256 | Algorithm::Ps256 => ("RSA", &["kty", "n", "e"]),
        Algorithm::Es256 => ("EC", &["kty", "crv", "x", "y"]),
        Algorithm::EdDsa => ("OKP", &["kty", "crv", "x"]),
    };
    assert_eq!((key.jwk.text_of("kty"), names.as_slice()), (Some(kind), wanted));
    let modulus = key.jwk.text_of("n").map(|modulus| modulus.trim_start_matches('A').len());
    assert!(modulus.is_none_or(|length| length >= 342), "the modulus has 2,048 bits");
}
