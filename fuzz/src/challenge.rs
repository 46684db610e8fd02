//! What an API says in `WWW-Authenticate` when it forbids a call. An input is the header.

use super::{
    given::*,
    page::{Answers, Page, http},
};
use consentry::{
    client::{Cause, ForbiddenCall},
    protocol::Challenge,
};

/// No honest header is longer.
const LONGEST: usize = 16_384;

/// Reads a header, and asks why the call was forbidden.
pub fn challenge(data: &[u8]) -> bool {
    let header = text(data);
    let challenge = Challenge::parse(&header);
    let values = [&challenge.error, &challenge.scope];
    for value in values.into_iter().flatten() {
        assert!(value.len() <= header.len().min(LONGEST), "nothing is made up");
        assert_eq!(value.trim_ascii(), value);
    }
    let is_challenge = challenge != Challenge::default();
    // A quote in the middle of a word is left out.
    let plain = header.replace(['"', '\\'], "").to_ascii_lowercase();
    assert!(!is_challenge || plain.contains("bearer"), "it is to a bearer of a token");
    let written = written(&challenge);
    if written.len() < LONGEST {
        assert_eq!(Challenge::parse(&written), challenge, "it is read as {written}");
    }
    explain(&header, &challenge);
    is_challenge
}

/// The challenge as an API writes it (RFC 9110 section 11.2).
fn written(challenge: &Challenge) -> String {
    let mut header = String::from("Bearer realm=\"\"");
    for (name, value) in [("error", &challenge.error), ("scope", &challenge.scope)] {
        if let Some(value) = value {
            header += &format!(", {name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""));
        }
    }
    header
}

/// What is told of a forbidden call is in what was asked and what the API said; only what is curable names permissions.
fn explain(header: &str, challenge: &Challenge) {
    let answers = Answers { metadata: http(503, ""), keys: http(503, ""), tokens: http(503, "") };
    let page = Page::new(START_PAGE, answers);
    keep_account(&page, "login.example", &filled("{id_token}"));
    let client = client(&page, &authority(), None);
    for (token_scopes, needed) in [
        (Vec::new(), scopes(&[])),
        (vec!["User.Read"], scopes(&["User.Read"])),
        (vec!["api://orders/Read"], scopes(&["api://orders/Write"])),
        (vec!["https://graph.microsoft.com/.default"], scopes(&[])),
    ] {
        let call = ForbiddenCall { account: None, token_scopes, needed, challenge: Some(header) };
        let forbidden = client.explain_forbidden(&call);
        assert_eq!(forbidden.cause.is_curable(), !forbidden.missing.is_empty(), "{forbidden:?}");
        assert!(forbidden.missing.resources().len() <= 1, "a call is to one API: {forbidden:?}");
        let said = challenge.scope.as_deref().unwrap_or_default();
        for scope in forbidden.missing.iter() {
            assert!(call.needed.contains(scope) || said.contains(scope.name()), "{scope} is made up");
            assert!(!call.token_scopes.contains(&scope.to_parameter().as_str()), "{scope} is there");
        }
        let is_claims = challenge.error.as_deref() == Some("insufficient_claims");
        assert_eq!(forbidden.cause == Cause::ClaimsChallenge, is_claims);
    }
    assert!(page.got().is_empty() && page.posts().is_empty() && page.left().is_empty(), "nobody is asked");
}
