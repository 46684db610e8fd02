//! An app, its server and its user: what the targets add to an input, always the same. And how inputs are taken apart.

use super::page::Page;
use consentry::{
    cache::{PendingRequest, keys},
    client::{CacheLocation, Config, PublicClient},
    json,
    protocol::{Authority, CodeVerifier, Metadata, unguessable},
    scope::ScopeSet,
};
use std::{
    pin::pin,
    task::{Context, Poll, Waker},
};

/// Friday, 20 November 2026, in seconds since 1970.
pub(super) const NOW: u64 = 1_795_132_800;
pub(super) const CLIENT_ID: &str = "6731de76-14a6-49ae-97bc-6eba6914391e";
pub(super) const AUTHORITY: &str = "https://login.example/common";
pub(super) const ISSUER: &str = "https://login.example/{tenantid}/v2.0";
pub(super) const TOKEN_URL: &str = "https://login.example/common/oauth2/v2.0/token";
pub(super) const REDIRECT_URI: &str = "https://app.example/orders";
/// Where the user was when it began, and returns to.
pub(super) const START_PAGE: &str = "https://app.example/orders#row-7";
pub(super) const STATE: &str = "state-of-the-request";
pub(super) const NONCE: &str = "nonce-of-the-request";
pub(super) const OID: &str = "00000000-0000-0000-66f3-3332eca7ea81";
pub(super) const TID: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";

/// What nobody may see. Seeds and dictionaries have these texts too, as a code, or in a server's echo.
pub(super) const CODE: &str = "hidden-code-Qx7Zt";
pub(super) const VERIFIER: &str = "hidden-verifier-Kp3Wm-0123456789-0123456789";
pub(super) const REFRESH_TOKEN: &str = "hidden-refresh-token-Vb9Rd";
pub(super) const ACCESS_TOKEN: &str = "hidden-access-token-Hn4Ls";

/// The bytes that the page takes for a right signature, whatever they sign.
pub(super) const SIGNATURE: &[u8] = b"signed";
/// A JSON Web Key Set: `{n}` stands for a modulus.
pub(super) const KEYS: &str = r#"{"keys":[{"kty":"RSA","use":"sig","kid":"1","n":"{n}","e":"AQAB"}]}"#;

/// What `{id_token}` stands for: what the server says of the user.
const CLAIMS: &str = r#"{"iss":"https://login.example/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0","aud":"6731de76-14a6-49ae-97bc-6eba6914391e","sub":"s","oid":"00000000-0000-0000-66f3-3332eca7ea81","tid":"9122040d-6c67-4c5b-b112-36a304b66dad","preferred_username":"alice@contoso.example","iat":1795132800,"exp":1795136400,"nonce":"nonce-of-the-request"}"#;
const HEADER: &str = r#"{"alg":"RS256","kid":"1"}"#;

/// The text of an input, which may have any bytes.
pub(super) fn text(data: &[u8]) -> String {
    String::from_utf8_lossy(data).into_owned()
}

/// The first line and the rest.
pub(super) fn line(text: &str) -> (&str, &str) {
    text.split_once('\n').unwrap_or((text, ""))
}

/// Whether a word is among those that say how an input is to be played.
pub(super) fn has(words: &str, word: &str) -> bool {
    words.split(' ').any(|other| other == word)
}

/// Puts in what is too long to be read in a seed, or not text.
pub(super) fn filled(text: &str) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    text.replace("{n}", &"1".repeat(342))
        .replace("{id_token}", &token(HEADER, CLAIMS, SIGNATURE))
        .replace("{client_info}", &base64url(format!(r#"{{"uid":"{OID}","utid":"{TID}"}}"#).as_bytes()))
}

pub(super) fn base64url(bytes: &[u8]) -> String {
    unguessable(bytes)
}

/// A token in compact form.
pub(super) fn token(header: &str, claims: &str, signature: &[u8]) -> String {
    [base64url(header.as_bytes()), base64url(claims.as_bytes()), base64url(signature)].join(".")
}

/// The server's metadata.
pub(super) fn metadata() -> Metadata {
    Metadata {
        is_platform: true,
        issuer: ISSUER.to_owned(),
        authorization_endpoint: "https://login.example/common/oauth2/v2.0/authorize".to_owned(),
        token_endpoint: TOKEN_URL.to_owned(),
        is_named_in_answers: false,
        jwks_uri: "https://login.example/common/discovery/v2.0/keys".to_owned(),
        takes_consent_prompt: true,
        pushed_authorization_request_endpoint: None,
        requires_pushed_requests: false,
        userinfo_endpoint: None,
        end_session_endpoint: None,
    }
}

pub(super) fn authority() -> Authority {
    Authority::parse(AUTHORITY).expect("it is one")
}

/// The client of a page that has just been loaded. Without metadata it asks for it.
pub(super) fn client(page: &Page, authority: &Authority, metadata: Option<Metadata>) -> PublicClient<Page> {
    let config = Config {
        client_id: CLIENT_ID.to_owned(),
        authority: authority.clone(),
        metadata,
        redirect_uri: None,
        post_logout_redirect_uri: None,
        cache_location: CacheLocation::Session,
        encrypts: true,
        outlives_browser: true,
        renewal_offset: 300,
        default_scopes: ScopeSet::sign_in(),
        capabilities: Vec::new(),
        pushes_where_advertised: false,
        allows_frame: true,
        scope_warnings: None,
    };
    PublicClient::new(page.clone(), config).expect("there is storage")
}

pub(super) fn scopes(list: &[&str]) -> ScopeSet {
    ScopeSet::parse(list.iter().copied(), "scopes").expect("they are well formed")
}

/// Keeps the request that the user is answering.
pub(super) fn keep_pending(page: &Page, authority: &Authority, is_silent: bool) {
    let pending = PendingRequest {
        nonce: NONCE,
        verifier: CodeVerifier::parse(VERIFIER).expect("it is one"),
        redirect_uri: REDIRECT_URI,
        authority: authority.as_str(),
        scopes: scopes(&["User.Read"]).union(&ScopeSet::sign_in()),
        extra_scopes: scopes(&["api://orders/Read"]),
        is_silent,
        home_account_id: None,
        start_page: START_PAGE,
        app_state: Some("app-state"),
        claims: None,
        resource: None,
        max_age: None,
        correlation_id: "correlation",
        created_on: NOW - 60,
    };
    page.put(&keys::pending(CLIENT_ID, STATE), &pending.to_text());
}

/// Signs the user in: `before` is their ID token.
pub(super) fn keep_account(page: &Page, environment: &str, before: &str) {
    let key = |kind: &str| format!("{}{kind}|{environment}|{OID}.{TID}|{TID}", keys::prefix(CLIENT_ID));
    let account = json::Object::default()
        .with("idToken", before)
        .with("refreshToken", REFRESH_TOKEN)
        .with("addedOn", NOW - 600)
        .finish();
    page.put(&key("account"), &json::text(&account));
    page.put(&(key("grant") + "|https%3A%2F%2Fgraph.microsoft.com|"), "https://graph.microsoft.com/User.Read");
    page.put(
        &key("consent"),
        r#"{"asked":"","askedOn":0,"refused":[{"scopes":"https://graph.microsoft.com/User.Read.All","byUser":false,"on":1795132700},{"scopes":"api://orders/Read","byUser":true,"on":1795132600}]}"#,
    );
}

/// The outcome of a call: nothing here makes one wait.
pub(super) fn now<T>(call: impl Future<Output = T>) -> T {
    match pin!(call).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(outcome) => outcome,
        Poll::Pending => panic!("a call waits for nothing"),
    }
}
