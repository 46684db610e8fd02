//! The token request and its response, as messages.

use crate::{
    browser::{html, http, pairs},
    server::{CLIENT_ID, TOKEN_URL, metadata},
    world::{literal, set, value},
};
use consentry::{
    error::{Error, ResponseError, ServerReply},
    protocol::{ClientInfo, CodeVerifier, Grant, HttpRequest, HttpResponse, Metadata, TokenRequest, TokenResponse},
    scope::ScopeSet,
    secret::Secret,
};
use serde_json::{Value as Json, json};

/// A request with a refresh token.
fn with_refresh_token<T>(ask: impl FnOnce(&TokenRequest<'_>) -> T) -> T {
    let token = Secret::new("secret-refresh".to_owned());
    ask(&request(Grant::RefreshToken(&token), &set(&["api://orders/Read", "openid"])))
}

/// A request with a code.
fn with_code<T>(ask: impl FnOnce(&TokenRequest<'_>) -> T) -> T {
    let (code, verifier) = (Secret::new("secret-code".to_owned()), CodeVerifier::new(&[7; 32]));
    let redirect_uri = "https://app.example/callback";
    ask(&request(Grant::AuthorizationCode { code: &code, redirect_uri, verifier: Some(&verifier) }, &set(&["openid"])))
}

fn request<'a>(grant: Grant<'a>, scopes: &'a ScopeSet) -> TokenRequest<'a> {
    TokenRequest {
        client_id: CLIENT_ID,
        grant,
        scopes,
        resource: None,
        claims: None,
        capabilities: &[],
        correlation_id: "c0ffee",
        may_lack_token: false,
    }
}

fn read(response: &HttpResponse) -> Result<TokenResponse, Error> {
    with_refresh_token(|request| TokenResponse::from_http(response, request))
}

fn refusal(response: &HttpResponse) -> Error {
    read(response).expect_err("it is a refusal")
}

fn sent(request: &TokenRequest<'_>) -> HttpRequest {
    request.to_http(&Metadata::parse(&value(&metadata())).expect("metadata"))
}

#[test]
fn requests_have_what_their_grant_demands() {
    let common = [("client_id", CLIENT_ID)];
    let with_code = with_code(sent);
    let with_token = with_refresh_token(|request| sent(&TokenRequest { claims: Some("{}"), ..*request }));
    let verifier = CodeVerifier::new(&[7; 32]);
    let code_fields = [
        ("scope", "openid"),
        ("client_info", "1"),
        ("grant_type", "authorization_code"),
        ("code", "secret-code"),
        ("redirect_uri", "https://app.example/callback"),
        ("code_verifier", verifier.expose()),
    ];
    let token_fields = [
        ("scope", "api://orders/Read openid"),
        ("client_info", "1"),
        ("grant_type", "refresh_token"),
        ("refresh_token", "secret-refresh"),
        ("claims", "{}"),
    ];
    for (request, fields) in [(with_code, &code_fields[..]), (with_token, &token_fields[..])] {
        assert_eq!(request.url, format!("{TOKEN_URL}?client-request-id=c0ffee"), "the form alone carries secrets");
        let form = request.form.expect("a POST");
        let expected = common.iter().chain(fields).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        assert_eq!(pairs(form.expose()), expected.collect::<Vec<_>>());
    }
}

/// A good response with one change.
fn changed(change: impl Fn(&mut Json)) -> HttpResponse {
    let mut tokens = json!({
        "token_type": "Bearer", "expires_in": 3600, "scope": "api://orders/Read", "access_token": "secret-access",
        "refresh_token": "secret-refresh-2", "id_token": "secret.id.token", "client_info": "info",
    });
    change(&mut tokens);
    http(200, &tokens)
}

#[test]
fn what_other_servers_write_is_understood() {
    for kind in ["Bearer", "bearer", "BEARER"] {
        assert!(read(&changed(|tokens| tokens["token_type"] = json!(kind))).is_ok(), "{kind}");
    }
    let ends = [
        (json!(3600), Some(3600)),
        (json!("3600"), Some(3600)),
        (json!(3599.9), Some(3599)),
        (json!(0), Some(0)),
        (json!(null), None),
    ];
    for (written, understood) in ends {
        let response = read(&changed(|tokens| tokens["expires_in"] = written.clone())).expect("tokens");
        assert_eq!(response.expires_in(), understood, "{written}");
    }
    let bare =
        read(&http(201, &json!({ "token_type": "Bearer", "access_token": "a", "unknown": [{}] }))).expect("tokens");
    assert_eq!((bare.access_token(), bare.scope(), bare.expires_in()), ("a", None, None));
    assert!(bare.refresh_token().is_none() && bare.id_token().is_none() && bare.client_info().is_none());
    let empty = read(&changed(|tokens| {
        tokens["refresh_token"] = json!("");
        tokens["id_token"] = json!("");
    }));
    let empty = empty.expect("tokens");
    assert!(empty.refresh_token().is_none() && empty.id_token().is_none());
}

#[test]
fn what_can_t_be_used_is_refused_by_field() {
    let table = [
        ("token_type", json!(null)),
        ("token_type", json!("DPoP")),
        ("token_type", json!(["Bearer"])),
        ("expires_in", json!(-1)),
        ("expires_in", json!("soon")),
        ("expires_in", json!("")),
        ("expires_in", json!("-1")),
        ("expires_in", json!("99999999999999999999")),
        ("expires_in", json!(1e300)),
        ("expires_in", json!(true)),
        ("access_token", json!(null)),
        ("access_token", json!("")),
        ("access_token", json!({})),
    ];
    for (field, written) in table {
        let outcome = read(&changed(|tokens| tokens[field] = written.clone()));
        let found = matches!(outcome, Err(Error::Response(ResponseError::TokenField(named))) if named == field);
        assert!(found, "{field}: {written}");
    }
    for body in ["", "<html>", "{", "null\0", "{}}"] {
        assert!(matches!(read(&html(200, body)), Err(Error::Response(ResponseError::NotJson))), "{body}");
    }
    for body in ["null", "[]", "7", "\"text\"", "{}", r#"{"error":"invalid_grant"}"#] {
        let outcome = read(&html(200, body));
        assert!(matches!(outcome, Err(Error::Response(ResponseError::TokenField("token_type")))), "{body}");
    }
}

#[test]
fn refusals_without_an_oauth_error_keep_their_status() {
    let table = [
        (403, "<html>", "http_error"),
        (302, "", "http_error"),
        (404, "[]", "http_error"),
        (429, "", "temporarily_unavailable"),
        (503, "<html>", "temporarily_unavailable"),
        (500, "{}", "server_error"),
        (502, r#"{"error":7}"#, "server_error"),
        (504, r#"{"error":""}"#, "server_error"),
    ];
    for (status, body, code) in table {
        let response = HttpResponse { retry_after: Some(17), ..html(status, body) };
        let Error::Server(reply) = refusal(&response) else { panic!("{status} {body}") };
        assert_eq!((reply.error(), reply.status, reply.retry_after), (code, Some(status), Some(17)));
    }
}

#[test]
fn a_refused_refresh_token_needs_the_user() {
    let table = [
        (json!({ "error": "invalid_grant" }), true),
        (json!({ "error": "invalid_grant", "suberror": "bad_token" }), true),
        (json!({ "error": "invalid_grant", "suberror": "consent_required" }), true),
        (json!({ "error": "invalid_grant", "suberror": "something_new" }), true),
        (json!({ "error": "interaction_required" }), true),
        (json!({ "error": "login_required" }), true),
        (json!({ "error": "invalid_request" }), false),
        (json!({ "error": "invalid_client" }), false),
        (json!({ "error": "invalid_scope" }), false),
        (json!({ "error": "temporarily_unavailable" }), false),
    ];
    for (body, needs_user) in table {
        for status in [400, 401] {
            let error = refusal(&http(status, &body));
            assert_eq!(matches!(error, Error::InteractionRequired(_)), needs_user, "{body}");
        }
    }
    for status in [400, 401] {
        for body in ["", "<html>", "{}"] {
            let error = refusal(&html(status, body));
            let Error::InteractionRequired(reply) = &error else { panic!("{status} {body}") };
            assert_eq!((reply.error(), reply.status), ("invalid_grant", Some(status)), "without an OAuth error too");
            let code_refused =
                with_code(|request| TokenResponse::from_http(&html(status, body), request).expect_err("refused"));
            let Error::Server(reply) = &code_refused else { panic!("{status} {body}") };
            assert_eq!((reply.error(), reply.status), ("http_error", Some(status)), "a code is another matter");
        }
    }
    let code_refused = with_code(|request| {
        TokenResponse::from_http(&http(400, &json!({ "error": "invalid_grant" })), request).expect_err("refused")
    });
    assert!(matches!(code_refused, Error::Server(_)), "a code that is refused says nothing of the user");
}

#[test]
fn a_refusal_is_told_whole() {
    let body = json!({
        "error": "invalid_grant", "suberror": "basic_action", "claims": r#"{"access_token":{}}"#,
        "error_description": "AADSTS50076: use\u{1b}[31m multi-factor\r\nTrace ID: t", "error_codes": [50076],
        "timestamp": "2026-11-20 14:41:17Z", "trace_id": "t", "correlation_id": "theirs",
    });
    let record = refusal(&HttpResponse { retry_after: Some(3), ..http(400, &body) }).record("ours").finish();
    let expected = json!({
        "name": "InteractionRequiredAuthError", "errorCode": "invalid_grant", "subError": "basic_action",
        "errorMessage": "AADSTS50076: use [31m multi-factor  Trace ID: t", "correlationId": "ours",
        "claims": r#"{"access_token":{}}"#, "timestamp": "2026-11-20 14:41:17Z", "traceId": "t",
        "serverCorrelationId": "theirs", "errorNo": "50076", "status": 400, "retryAfter": 3,
    });
    let consentry::json::Value::Object(mut members) = record else { panic!("a record") };
    let consentry::json::Value::Object(mut wanted) = value(&expected) else { panic!("a record") };
    members.sort_by(|one, other| one.0.cmp(&other.0));
    wanted.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(members, wanted);
}

#[test]
fn the_ids_of_a_refusal_are_read_where_it_has_only_a_text() {
    let [trace, correlation] = ["1a2b3c4d-0000-4000-8000-000000000001", "1a2b3c4d-0000-4000-8000-000000000002"];
    let long = "x".repeat(2000);
    for (before, space) in [("", " "), ("", "\r\n"), (long.as_str(), "\r\n")] {
        let description = format!(
            "AADSTS65004: declined{before}{space}Trace ID: {trace}{space}Correlation ID: {correlation}{space}Timestamp: 2026-11-20 14:41:17Z"
        );
        let reply =
            ServerReply::read(&value(&json!({ "error": "access_denied", "error_description": description })), &[]);
        let record = literal(&Error::from(reply).record("mine").finish());
        assert_eq!(record["traceId"], json!(trace));
        assert_eq!(record["serverCorrelationId"], json!(correlation));
        assert_eq!(record["timestamp"], json!("2026-11-20 14:41:17Z"));
        assert_eq!(record["correlationId"], json!("mine"));
    }
    let secret = "secret-refresh-token-of-more-than-thirty-six-letters";
    let description = format!("AADSTS1: Trace ID: {secret}");
    let answer = value(&json!({ "error": "invalid_grant", "error_description": description }));
    let record = literal(&Error::from(ServerReply::read(&answer, &[secret])).record("mine").finish());
    assert_eq!((&record["errorMessage"], &record["traceId"]), (&json!("withheld"), &json!("withheld")));
    for cut_off in ["Trace ID: ", "Trace ID: 1a2b", "Trace ID: é"] {
        let reply = ServerReply::read(&value(&json!({ "error": "e", "error_description": cut_off })), &[]);
        assert_eq!(literal(&Error::from(reply).record("mine").finish()).get("traceId"), None, "{cut_off}");
    }
}

#[test]
fn a_refusal_does_not_go_on_for_ever_or_repeat_what_was_sent() {
    let long = "é".repeat(5_000);
    let error = refusal(&http(400, &json!({ "error": "invalid_grant", "error_description": long })));
    assert_eq!(error.message().len(), 600);
    let echo = json!({ "error": "invalid_grant", "error_description": "token secret-refresh is used up" });
    assert_eq!(refusal(&http(400, &echo)).message(), "withheld");
    let echo = json!({ "error": "secret-refresh" });
    assert_eq!(refusal(&http(400, &echo)).code(), "withheld");
    for secret in ["secret-code", CodeVerifier::new(&[7; 32]).expose()] {
        let echo = http(400, &json!({ "error": "invalid_grant", "error_description": format!("({secret})") }));
        let error = with_code(|request| TokenResponse::from_http(&echo, request).expect_err("refused"));
        assert_eq!(error.message(), "withheld");
    }
    let (code, verifier) = (Secret::new("1.A!b/c+d*".to_owned()), CodeVerifier::new(&[7; 32]));
    let scopes = set(&["openid"]);
    let redirect_uri = "https://app.example/callback";
    let request = request(Grant::AuthorizationCode { code: &code, redirect_uri, verifier: Some(&verifier) }, &scopes);
    let sent = sent(&request).form.expect("a form").expose().to_owned();
    let echo =
        http(400, &json!({ "error": "invalid_request", "error_description": format!("not understood: {sent}") }));
    let error = TokenResponse::from_http(&echo, &request).expect_err("refused");
    assert_eq!(error.message(), "withheld", "nor as it was sent");
}

#[test]
fn client_info_names_the_user_at_home() {
    let info = |json: Json| ClientInfo::parse(&crate::server::encode(&json));
    let read = info(json!({ "uid": "u", "utid": "t", "more": 1 })).expect("client info");
    assert_eq!(read.home_account_id(), "u.t");
    assert_eq!(
        ClientInfo::parse("eyJ1aWQiOiJ1IiwidXRpZCI6InQifQ==").ok(),
        info(json!({ "uid": "u", "utid": "t" })).ok()
    );
    for json in [json!({}), json!({ "uid": "u" }), json!({ "uid": "", "utid": "t" }), json!({ "uid": 1, "utid": "t" })]
    {
        assert_eq!(info(json.clone()), Err(ResponseError::ClientInfo), "{json}");
    }
    for text in ["", "!", "e30", "/+8", "bm90IGpzb24"] {
        assert_eq!(ClientInfo::parse(text), Err(ResponseError::ClientInfo), "{text}");
    }
}
