//! What the token endpoint answers. An input is a line with the status and, after it, `Retry-After`; then the body, in which `{id_token}`
//! and `{client_info}` stand for right ones.

use super::{
    given::*,
    page::{Answers, Page, http},
    promises::{assert_telling, unsaid},
};
use consentry::{
    cache::AccountFilter,
    client::{AuthenticationResult, RedirectAnswer, SilentRequest},
    error::{Error, ResponseError},
    json::{self, Value},
    protocol::{ClientInfo, CodeVerifier, Grant, HttpResponse, TokenRequest, TokenResponse},
    scope::ScopeSet,
    secret::Secret,
};

/// Answers a code and a refresh token alike.
pub fn token_response(data: &[u8]) -> bool {
    let text = text(data);
    let (head, body) = line(&text);
    let mut numbers = head.split(' ');
    let status = numbers.next().and_then(|word| word.parse().ok()).unwrap_or(200);
    let retry_after = numbers.next().and_then(|word| word.parse().ok());
    let response = HttpResponse { retry_after, ..http(status, &filled(body)) };
    read(&response);
    let is_redeemed = redeem(&response);
    let is_renewed = renew(&response);
    is_redeemed || is_renewed
}

fn is_success(response: &HttpResponse) -> bool {
    (200..300).contains(&response.status)
}

/// The answer as a value.
fn read(response: &HttpResponse) {
    let (code, refresh_token) = (Secret::new(CODE.to_owned()), Secret::new(REFRESH_TOKEN.to_owned()));
    let verifier = CodeVerifier::parse(VERIFIER).expect("it is one");
    let scopes = scopes(&["User.Read"]);
    let code = Grant::AuthorizationCode { code: &code, redirect_uri: REDIRECT_URI, verifier: Some(&verifier) };
    // Of each grant, what was sent with it.
    for (grant, secrets) in [(code, &[CODE, VERIFIER][..]), (Grant::RefreshToken(&refresh_token), &[REFRESH_TOKEN])] {
        let request = TokenRequest {
            client_id: CLIENT_ID,
            grant,
            scopes: &scopes,
            resource: None,
            claims: None,
            capabilities: &[],
            correlation_id: "c",
            may_lack_token: false,
        };
        assert!(format!("{response:?}").contains("body: [secret]"));
        match TokenResponse::from_http(response, &request) {
            Ok(tokens) => assert_usable(response, &tokens),
            Err(error) => assert_refused(response, &error, secrets),
        }
    }
}

/// Tokens are taken from a success alone, and are what its body says.
fn assert_usable(response: &HttpResponse, tokens: &TokenResponse) {
    assert!(is_success(response), "{} is no success", response.status);
    let body = json::parse(response.body.expose()).expect("it is JSON");
    assert!(!tokens.access_token().is_empty() && body.text_of("access_token") == Some(tokens.access_token()));
    assert!(body.text_of("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")));
    assert_eq!(tokens.expires_in().is_some(), body.member("expires_in").is_some(), "an end is known or not told");
    assert!(tokens.refresh_in().is_none_or(|told| tokens.expires_in().is_some_and(|end| told < end)));
    assert!(tokens.scope().is_none_or(|scope| !scope.trim_ascii().is_empty()));
    for secret in [tokens.id_token(), tokens.refresh_token()].into_iter().flatten() {
        assert!(!secret.expose().is_empty());
    }
    assert_eq!(format!("{tokens:?}"), "TokenResponse([secret])");
}

/// A server that repeats what it was sent has it told to nobody; nor is anything told of a success that can't be used.
fn assert_refused(response: &HttpResponse, error: &Error, secrets: &[&str]) {
    assert_telling(error, secrets);
    match error {
        Error::InteractionRequired(reply) | Error::Server(reply) => {
            assert!(!is_success(response));
            assert_eq!((reply.status, reply.retry_after), (Some(response.status), response.retry_after));
        }
        Error::Response(ResponseError::NotJson | ResponseError::TokenField(_)) => {
            assert!(is_success(response));
            assert_telling(error, &[ACCESS_TOKEN]);
        }
        other => panic!("{other:?} is no answer's"),
    }
}

fn page(address: &str, response: &HttpResponse) -> Page {
    Page::new(address, Answers { metadata: http(503, ""), keys: http(200, &filled(KEYS)), tokens: response.clone() })
}

/// The answer to a code.
fn redeem(response: &HttpResponse) -> bool {
    let page = page(&format!("{REDIRECT_URI}#code={CODE}&state={STATE}"), response);
    let authority = authority();
    keep_pending(&page, &authority, false);
    let client = client(&page, &authority, Some(metadata()));
    let outcome = now(client.finish_redirect(RedirectAnswer { hash: None, return_to_start: true }));
    assert_eq!(page.posts().len(), 1, "a code is sent once");
    match outcome {
        Ok(result) => {
            let result = result.expect("there was a response").result;
            assert_result(&page, response, &result);
            let body = json::parse(response.body.expose()).expect("it is JSON");
            let home =
                body.text_of("client_info").map(|info| ClientInfo::parse(info).expect("it was read").home_account_id());
            assert_eq!(result.account.key.home_account_id, home.unwrap_or_else(|| format!("{OID}.{TID}")));
            true
        }
        Err(failure) => {
            assert_telling(&failure.error, &[CODE, VERIFIER]);
            assert_telling(&failure.error, &unsaid(response.body.expose(), &[NONCE]));
            assert!(page.entries(&["account", "access"]).is_empty(), "nothing is kept of an answer that failed");
            false
        }
    }
}

/// The answer to a refresh token.
fn renew(response: &HttpResponse) -> bool {
    let page = page(START_PAGE, response);
    let before = filled("{id_token}");
    keep_account(&page, "login.example", &before);
    let client = client(&page, &authority(), Some(metadata()));
    let account = client.accounts(AccountFilter::default()).first().cloned().expect("somebody is signed in");
    let wanted = SilentRequest {
        scopes: scopes(&["User.Read"]),
        correlation_id: "c",
        force_refresh: true,
        ..SilentRequest::default()
    };
    let outcome = now(client.acquire_silent(&wanted));
    assert_eq!(page.posts().len(), 1, "a refresh token is sent once");
    let kept = client.accounts(AccountFilter::default()).first().cloned().expect("nobody is signed out by an answer");
    let refresh_token = kept.refresh_token.as_ref().map(Secret::expose);
    assert_eq!(kept.key, account.key, "and nobody becomes somebody else");
    match &outcome {
        Ok(result) => {
            assert_result(&page, response, result);
            assert_eq!(result.account.id_token.claim("sub"), account.id_token.claim("sub"));
            let body = json::parse(response.body.expose()).expect("it is JSON");
            let given = body.text_of("refresh_token").filter(|text| !text.is_empty());
            assert_eq!(refresh_token, given.or(Some(REFRESH_TOKEN)), "what is not brought stays");
        }
        Err(error) => {
            assert_telling(error, &[REFRESH_TOKEN]);
            assert_eq!(kept.id_token.expose(), before, "a failure leaves what there was");
            assert!(page.entries(&["access"]).is_empty());
            let is_gone = refresh_token.is_none();
            assert!(!is_gone || matches!(error, Error::InteractionRequired(reply) if reply.error() == "invalid_grant"));
            assert!(is_gone || refresh_token == Some(REFRESH_TOKEN));
        }
    }
    outcome.is_ok()
}

/// What a call returns is what the body says, was asked for or named by it, and is what the next page finds.
fn assert_result(page: &Page, response: &HttpResponse, result: &AuthenticationResult) {
    let body = json::parse(response.body.expose()).expect("it is JSON");
    assert!(is_success(response) && body.text_of("access_token") == Some(result.token.secret.expose()));
    let lives = body.member("expires_in").and_then(Value::as_seconds);
    assert_eq!(result.token.expires_on, lives.map(|seconds| NOW.saturating_add(seconds)));
    assert!(result.token.refresh_on.is_none_or(|on| on > NOW && result.token.expires_on.is_some_and(|end| on <= end)));
    let asked = scopes(&["User.Read"]).union(&ScopeSet::sign_in());
    let named = ScopeSet::granted(body.text_of("scope").unwrap_or_default(), &result.token.resource);
    assert!(asked.union(&named).is_superset(&result.token.scopes), "no permission is made up");
    let next = client(page, &authority(), None);
    let kept = next.accounts(AccountFilter::default());
    assert!(kept.iter().any(|account| account.key == result.account.key), "it is kept");
    let wanted = SilentRequest { scopes: scopes(&["User.Read"]), ..SilentRequest::default() };
    // What no number of the storage can say is no end that is known.
    let is_long = result.token.expires_on.is_some_and(|end| (NOW + 301..1 << 53).contains(&end));
    let found = is_long.then(|| now(next.acquire_silent(&wanted)).expect("it lives"));
    assert!(found.is_none_or(|found| found.from_cache && found.token.secret.expose() == result.token.secret.expose()));
}
