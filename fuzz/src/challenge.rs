//! What an API says in `WWW-Authenticate` when it forbids a call. An input is the header.

use super::{
    given::*,
    page::{Answers, Page, http},
};
use consentry::{
    client::{Cause, ForbiddenCall, PublicClient},
    json::{self, Value},
    protocol::{Challenge, Demand},
};

/// No honest header is longer, in letters.
const LONGEST: usize = 16_384;

/// Reads a header, and asks why the call was forbidden, and what would be served.
pub fn challenge(data: &[u8]) -> bool {
    let header = text(data);
    let challenge = Challenge::parse(&header);
    // A quote in the middle of a word is left out.
    let plain = header.replace(['"', '\\'], "").to_ascii_lowercase();
    assert!(challenge.is_none() || plain.contains("bearer"), "it is to a bearer of a token");
    let challenge = challenge.unwrap_or_default();
    for value in values(&challenge).into_iter().filter_map(|(_, value)| value) {
        assert!(value.chars().count() <= header.len().min(LONGEST), "nothing is made up");
    }
    passes_on(&challenge);
    let written = written(&challenge);
    if written.len() < LONGEST {
        assert_eq!(Challenge::parse(&written).as_ref(), Some(&challenge), "it is read as {written}");
    }
    explain(&header, &challenge);
    challenge != Challenge::default()
}

fn values(challenge: &Challenge) -> [(&'static str, Option<&String>); 5] {
    [
        ("error", challenge.error.as_ref()),
        ("scope", challenge.scope.as_ref()),
        ("claims", challenge.claims.as_ref()),
        ("acr_values", challenge.acr_values.as_ref()),
        ("max_age", challenge.max_age.as_ref()),
    ]
}

/// What is passed on to the server is of the form that it has there.
fn passes_on(challenge: &Challenge) {
    if let Some(claims) = &challenge.claims {
        let claims = json::parse(claims).expect("claims are JSON");
        let Value::Object(members) = &claims else { panic!("claims are an object") };
        assert!(members.iter().all(|(name, _)| name == "access_token"), "an API speaks of nothing else");
        assert!(matches!(claims.member("access_token"), Some(Value::Object(demanded)) if !demanded.is_empty()));
    }
    let is_printable = |values: &String| values.bytes().all(|byte| matches!(byte, b' '..=b'~'));
    assert!(challenge.acr_values.as_ref().is_none_or(is_printable));
    assert!(challenge.max_age.as_ref().is_none_or(|age| age.bytes().all(|byte| byte.is_ascii_digit())));
}

/// The challenge as an API writes it (RFC 9110 section 11.2).
fn written(challenge: &Challenge) -> String {
    let mut header = String::from("Bearer realm=\"\"");
    for (name, value) in values(challenge) {
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
        ask(&client, &call);
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

/// What is to be asked for is something that is understood; without a demand it is nothing.
fn ask(client: &PublicClient<Page>, call: &ForbiddenCall<'_>) {
    for status in [200, 401, 403] {
        let challenged = client.read_challenge(call, status);
        let is_known = challenged.demand != Demand::Unknown;
        assert!(is_known || challenged.scopes.is_none() && !challenged.may_ask(), "{challenged:?}");
        assert!(is_known || !challenged.is_forced() || status == 403, "{challenged:?}");
        assert!(!is_known || status != 200, "who was served is not challenged");
    }
}
