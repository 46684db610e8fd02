//! The authorization request and its response, as messages.

use crate::{
    browser::pairs,
    server::{CLIENT_ID, metadata},
    world::{set, value},
};
use consentry::{
    error::{ConfigError, ResponseError},
    protocol::{
        AuthorizationAnswer, AuthorizationRequest, AuthorizationResponse, CodeVerifier, EndSessionRequest, Metadata,
        Prompt,
    },
};
use serde_json::json;

fn endpoints() -> Metadata {
    Metadata::parse(&value(&metadata())).expect("metadata")
}

/// The URL of a request with all there can be in it.
fn url(extra: &[(&str, &str)]) -> Result<String, ConfigError> {
    AuthorizationRequest {
        client_id: CLIENT_ID,
        redirect_uri: "https://app.example/callback?from=server",
        scopes: &set(&["openid", "api://orders/Read", "User.Read"]),
        resource: None,
        state: "the-state",
        nonce: "the-nonce",
        challenge: CodeVerifier::new(&[0; 32]).challenge(),
        prompt: Some(Prompt::SELECT_ACCOUNT),
        login_hint: Some("alice+work@contoso.example"),
        domain_hint: Some("organizations"),
        claims: Some(r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#),
        capabilities: &[],
        correlation_id: "c0ffee",
        extra,
    }
    .to_form(&endpoints())
    .map(|form| form.finish_url(&endpoints().authorization_endpoint))
}

#[test]
fn a_request_has_all_its_parameters() {
    let url = url(&[("dc", "ESTS-PUB-WEULR1 & more")]).expect("a URL");
    let (endpoint, query) = url.split_once('?').expect("it has a query");
    assert_eq!(endpoint, "https://login.example/common/oauth2/v2.0/authorize");
    let expected = [
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("response_mode", "fragment"),
        ("redirect_uri", "https://app.example/callback?from=server"),
        ("scope", "openid api://orders/Read User.Read"),
        ("state", "the-state"),
        ("nonce", "the-nonce"),
        ("code_challenge", "DwBzhbb51LfusnSGBa_hqYSgo7-j8BTQnip4TOnlzRo"),
        ("code_challenge_method", "S256"),
        ("client_info", "1"),
        ("client-request-id", "c0ffee"),
        ("prompt", "select_account"),
        ("login_hint", "alice+work@contoso.example"),
        ("domain_hint", "organizations"),
        ("claims", r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#),
        ("dc", "ESTS-PUB-WEULR1 & more"),
    ];
    assert_eq!(pairs(query), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(!query.contains(['+', ' ', '#']), "nothing is left to be read differently");
}

#[test]
fn an_app_cannot_replace_a_parameter_of_the_protocol() {
    let reserved = [
        "client_id",
        "client_info",
        "code_challenge",
        "code_challenge_method",
        "nonce",
        "redirect_uri",
        "request",
        "response_mode",
        "response_type",
        "scope",
        "state",
    ];
    for name in reserved {
        for name in [name.to_owned(), name.to_uppercase()] {
            assert_eq!(url(&[("dc", "1"), (&name, "x")]), Err(ConfigError::ExtraParameter), "{name}");
        }
    }
}

#[test]
fn prompts_are_those_of_the_platform() {
    for text in ["login", "none", "consent", "select_account", "create"] {
        assert_eq!(Prompt::parse(text).map(Prompt::as_str), Ok(text));
    }
    for text in ["", "Login", "no_session", "login consent"] {
        assert!(matches!(Prompt::parse(text), Err(ConfigError::Field { field: "prompt", .. })), "{text}");
    }
}

/// What a fragment is taken for.
fn read(fragment: &str) -> String {
    let Some(response) = AuthorizationResponse::parse(fragment) else {
        return "not a response".to_owned();
    };
    let state = response.state().unwrap_or("none");
    match &response.answer {
        AuthorizationAnswer::Code(code) => format!("code {} state {state}", code.expose()),
        AuthorizationAnswer::Error(reply) => format!("error {} state {state}", reply.error()),
        AuthorizationAnswer::Nothing => format!("nothing state {state}"),
    }
}

#[test]
fn responses_are_told_from_what_the_app_has_in_its_fragment() {
    let table = [
        ("", "not a response"),
        ("row-7", "not a response"),
        ("/orders/7", "not a response"),
        ("/orders?code=7", "not a response"),
        ("/orders?code=7&state=open", "not a response"),
        ("code=7", "not a response"),
        ("state=open", "not a response"),
        ("state=open&tab=2", "not a response"),
        ("session_state=x", "not a response"),
        ("access_token=a&token_type=Bearer", "not a response"),
        ("code=c&state=s", "code c state s"),
        ("#code=c&state=s", "code c state s"),
        ("?code=c&state=s", "code c state s"),
        ("#/code=c&state=s", "code c state s"),
        ("code=c&state=s&session_state=x&client_info=y&unknown=z", "code c state s"),
        ("state=s&session_state=x", "nothing state s"),
        ("code=c&session_state=x", "code c state none"),
        ("code=a%2Bb&state=s", "code a+b state s"),
        ("error=access_denied&state=s", "error access_denied state s"),
        ("error=server_error", "error server_error state none"),
        // What is there twice is not there.
        ("code=a&code=b&state=s", "not a response"),
        ("code=a&co%64e=b&state=s&session_state=x", "nothing state s"),
        ("code=c&state=s&state=t", "not a response"),
        ("code=c&state=s&state=t&session_state=x", "code c state none"),
        ("code=&state=s&session_state=x", "nothing state s"),
        // A refusal is never a success.
        ("error=access_denied&code=c&state=s", "error access_denied state s"),
    ];
    for (fragment, expected) in table {
        assert_eq!(read(fragment), expected, "{fragment}");
    }
}

#[test]
fn a_refusal_is_told_as_the_server_wrote_it() {
    let fragment = "error=access_denied&error_subcode=cancel&state=s&error_description=AADSTS65004%3a+User+declined\
                    %0d%0aTrace+ID%3a+1";
    let response = AuthorizationResponse::parse(fragment).expect("a response");
    let AuthorizationAnswer::Error(reply) = response.answer else { panic!("a refusal") };
    assert_eq!(reply.description(), "AADSTS65004: User declined  Trace ID: 1");
    assert_eq!((reply.number(), reply.status, reply.retry_after), ("65004", None, None));
}

#[test]
fn the_user_is_asked_where_error_or_suberror_says_so() {
    let needs_user = |error: &str, suberror: &str| {
        let text = format!("error={error}&suberror={suberror}&state=s");
        let answer = AuthorizationResponse::parse(&text).expect("a response").answer;
        let AuthorizationAnswer::Error(reply) = answer else { panic!("a refusal") };
        reply.needs_user()
    };
    for error in ["account_selection_required", "consent_required", "interaction_required", "login_required"] {
        assert!(needs_user(error, ""), "{error}");
    }
    for suberror in ["basic_action", "consent_required", "bad_token", "token_expired", "user_password_expired"] {
        assert!(needs_user("invalid_grant", suberror), "{suberror}");
    }
    for (error, suberror) in [("access_denied", ""), ("invalid_grant", "client_mismatch"), ("server_error", "")] {
        assert!(!needs_user(error, suberror), "{error} {suberror}");
    }
}

#[test]
fn the_session_is_ended_where_the_server_says() {
    let request = EndSessionRequest {
        client_id: CLIENT_ID,
        post_logout_redirect_uri: Some("https://app.example/bye"),
        id_token_hint: None,
        logout_hint: Some("opaque hint"),
        state: Some("s"),
        correlation_id: "c0ffee",
    };
    let url = request.to_url(&endpoints()).expect("there is an endpoint");
    let expected = [
        ("client_id", CLIENT_ID),
        ("post_logout_redirect_uri", "https://app.example/bye"),
        ("logout_hint", "opaque hint"),
        ("state", "s"),
        ("client-request-id", "c0ffee"),
    ];
    let (endpoint, query) = url.split_once('?').expect("it has a query");
    assert_eq!(endpoint, "https://login.example/common/oauth2/v2.0/logout");
    assert_eq!(pairs(query), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    let mut document = metadata();
    document["end_session_endpoint"] = json!(null);
    let without = Metadata::parse(&value(&document)).expect("metadata");
    assert_eq!(request.to_url(&without), Err(ResponseError::EndSessionUnsupported));
}
