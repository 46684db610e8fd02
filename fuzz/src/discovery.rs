//! The metadata of a server. An input is lines: the authority, the issuer that an answer names (empty for none), a tenant, then the document.

use super::{
    given::*,
    page::{Answers, Page, http},
    promises::{assert_safe, assert_telling},
};
use consentry::{
    client::{RedirectRequest, SignOutRequest},
    error::{BrowserError, Error, ResponseError},
    json::{self, Value},
    protocol::{Authority, Metadata, origin},
    scope::is_guid,
};
use url::form_urlencoded;

/// An organization's GUID, and that of all personal accounts.
const TENANT: &str = "https://login.example/9122040d-6c67-4c5b-b112-36a304b66dad";
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// Authorities of the platform, by each kind of tenant.
const PLATFORMS: [&str; 5] = [
    AUTHORITY,
    "https://login.example/organizations",
    "https://login.example/consumers",
    TENANT,
    "https://login.example/contoso.example",
];
const PROVIDERS: [&str; 3] =
    ["https://provider.example", "https://provider.example/a/b", "http://localhost:8080/realm"];

/// Reads the document as that of each authority, and as that of the input's own.
pub fn discovery(data: &[u8]) -> bool {
    let text = text(data);
    let (named, rest) = line(&text);
    let (answer, rest) = line(rest);
    let (tid, body) = line(rest);
    let Ok(document) = json::parse(body) else {
        return visit(&authority(), body, false);
    };
    match Metadata::parse(&document) {
        Ok(metadata) => assert_endpoints(&metadata),
        Err(error) => assert_telling(&error.into(), &[]),
    }
    let known =
        PLATFORMS.iter().map(|url| Authority::parse(url)).chain(PROVIDERS.iter().map(|url| Authority::issuer(url)));
    let own = [Authority::parse(named), Authority::issuer(named)];
    own.iter().flatten().for_each(|authority| assert_authority(named, authority));
    let mut is_accepted = false;
    for authority in own.into_iter().chain(known).flatten() {
        match Metadata::parse_discovered(&document, &authority) {
            Ok(metadata) => {
                assert_endpoints(&metadata);
                assert_own(&metadata, &authority);
                assert_answers(&metadata, Some(answer).filter(|answer| !answer.is_empty()), tid);
                // Where Microsoft's clouds are is known, and nobody is asked; requests that are pushed go another way.
                let is_visited =
                    Metadata::built_in(&authority).is_none() && matches!(metadata.push_to(false), Ok(None));
                is_accepted |= !is_visited || visit(&authority, body, true);
            }
            Err(error) => assert_telling(&error.into(), &[]),
        }
    }
    is_accepted || visit(&authority(), body, Metadata::parse_discovered(&document, &authority()).is_ok())
}

/// An authority that was accepted is asked for its metadata at its own origin.
fn assert_authority(named: &str, authority: &Authority) {
    let url = authority.metadata_url();
    assert_safe(authority.as_str());
    assert_safe(&url);
    assert_eq!(origin(&url), Some(authority.origin()));
    let own = origin(named).expect("an origin was named").to_ascii_lowercase();
    // Microsoft's clouds have several names each.
    let is_cloud = Metadata::built_in(&clouds(authority)).is_some();
    assert!(own.eq_ignore_ascii_case(authority.origin()) || is_cloud && !own.contains("login.example"), "{own}");
    assert!(url.ends_with("/.well-known/openid-configuration") && !url.contains(['?', '#']), "{url}");
    assert!(!authority.environment().is_empty() && !authority.host().contains('/'));
}

/// The same server for a tenant that everybody has.
fn clouds(authority: &Authority) -> Authority {
    Authority::parse(&format!("{}/common", authority.origin())).expect("it is one")
}

/// Codes and tokens go to no other endpoints than safe ones.
fn assert_endpoints(metadata: &Metadata) {
    let endpoints = [&metadata.authorization_endpoint, &metadata.token_endpoint, &metadata.jwks_uri];
    let others =
        [&metadata.end_session_endpoint, &metadata.userinfo_endpoint, &metadata.pushed_authorization_request_endpoint];
    for url in endpoints.into_iter().chain(others.into_iter().flatten()) {
        assert_safe(url);
        assert!(!url.contains('#'), "{url} has a fragment");
    }
}

/// The issuer is the authority's own, but for what the platform has in the place of a tenant.
fn assert_own(metadata: &Metadata, authority: &Authority) {
    assert_eq!(metadata.is_platform, authority.is_platform());
    let issuer = metadata.issuer.as_str();
    if !authority.is_platform() {
        assert_eq!(issuer, authority.as_str());
        return;
    }
    let own = issuer.strip_prefix(authority.origin()).and_then(|path| path.strip_prefix('/'));
    let tenant = if authority.is_policy() {
        let path = own.and_then(|path| path.strip_suffix("/v2.0/")).expect("it is at the authority's origin");
        let (tenant, policy) = match path.strip_prefix("tfp/").and_then(|path| path.split_once('/')) {
            Some((tenant, policy)) => (tenant, Some(policy)),
            None => (path, None),
        };
        let own = authority.as_str().rsplit_once('/').map(|(_, policy)| policy).unwrap_or_default();
        assert!(policy.is_none_or(|policy| policy.eq_ignore_ascii_case(own)), "{issuer}");
        tenant
    } else if let Some(tenant) = own.and_then(|path| path.strip_suffix("/v2.0")) {
        tenant
    } else {
        // External ID: a host that is the tenant.
        let host = issuer.strip_prefix("https://").and_then(|rest| rest.split_once(".ciamlogin.com/"));
        let (host, path) = host.expect("it is at the authority's origin, or at the tenant's own");
        assert_eq!(path.strip_suffix("/v2.0"), Some(host), "{issuer}");
        host
    };
    let named = authority.tenant().to_ascii_lowercase();
    assert!(
        match named.as_str() {
            "common" | "organizations" => tenant == "{tenantid}",
            "consumers" => tenant == CONSUMERS,
            _ => is_guid(tenant) && (!is_guid(&named) || tenant.eq_ignore_ascii_case(&named)),
        },
        "{issuer} is that of {named}"
    );
}

/// An answer that is accepted names this server and no other, or nobody where it need not; so does a token.
fn assert_answers(metadata: &Metadata, answer: Option<&str>, tid: &str) {
    assert_eq!(metadata.check_answer(None).is_ok(), !metadata.is_named_in_answers);
    let issuer = metadata.issuer.as_str();
    let is_any_tenants = metadata.is_platform && issuer.contains('{');
    if let Some(answer) = answer.filter(|answer| metadata.check_answer(Some(answer)).is_ok()) {
        let is_tenants = || {
            issuer
                .split_once("{tenantid}")
                .and_then(|(front, end)| answer.strip_prefix(front)?.strip_suffix(end))
                .is_some_and(is_guid)
        };
        assert!(answer == issuer || is_any_tenants && is_tenants(), "{answer} is not of {issuer}");
    }
    for tid in [Some(tid), None] {
        let filled = metadata.issuer_for(tid);
        assert!(!is_any_tenants || filled.is_none() || tid.is_some_and(is_guid), "{filled:?} is of no tenant");
        let place = if metadata.is_platform { "{tenantid}" } else { "nowhere" };
        let is_whole = |filled: &String| filled == &issuer.replace(place, tid.unwrap_or_default());
        assert!(filled.as_ref().is_none_or(is_whole), "{filled:?}");
    }
}

/// A page that knows nothing asks the server. What is refused leads nowhere; what is accepted leads to its endpoints, and is kept.
fn visit(authority: &Authority, body: &str, is_right: bool) -> bool {
    let gone = || http(503, "");
    let page = Page::new(START_PAGE, Answers { metadata: http(200, body), keys: gone(), tokens: gone() });
    let request = RedirectRequest { scopes: scopes(&["User.Read"]), is_sign_in: true, ..RedirectRequest::default() };
    let outcome = now(client(&page, authority, None).begin_redirect(&request));
    assert_eq!(page.got(), [authority.metadata_url()]);
    // What we take for an address, and a browser does not: `https://a..b`. There the page stays.
    if let Err(Error::Browser(BrowserError::NavigationFailed)) = outcome {
        assert!(is_right && page.left().is_empty());
        return true;
    }
    assert_eq!(outcome.is_ok(), is_right, "{outcome:?}");
    if let Err(error) = &outcome {
        assert_telling(error, &[]);
        assert!(page.left().is_empty() && page.entries(&["pending", "metadata"]).is_empty(), "nothing comes of it");
        return false;
    }
    // What lies as deep as a text may is not kept: it is told in one that is deeper.
    if page.entries(&["metadata"]).values().any(|kept| json::parse(kept).is_err()) {
        return true;
    }
    page.cut_off();
    let next = client(&page, authority, None);
    assert!(now(next.begin_redirect(&request)).is_ok() && page.got().len() == 1, "it is asked for once");
    let document = json::parse(body).expect("it is JSON");
    for url in page.left() {
        assert_request(&document, &url);
    }
    let before = page.left().len();
    let signed_out = now(next.sign_out(SignOutRequest::default()));
    let endpoint = document.text_of("end_session_endpoint");
    let last = page.left().get(before).cloned();
    assert_eq!(signed_out.is_ok(), last.is_some(), "{signed_out:?}");
    match (last, endpoint) {
        (Some(url), endpoint) => assert!(endpoint.is_some_and(|endpoint| url.starts_with(endpoint)), "{url}"),
        (None, Some(_)) => assert!(matches!(signed_out, Err(Error::Browser(BrowserError::NavigationFailed)))),
        (None, None) => assert!(matches!(signed_out, Err(Error::Response(ResponseError::EndSessionUnsupported)))),
    }
    true
}

/// The user is sent to the endpoint, with all that a request for a code has.
fn assert_request(document: &Value, url: &str) {
    let endpoint = document.text_of("authorization_endpoint").expect("there is one");
    let query =
        url.strip_prefix(endpoint).and_then(|query| query.strip_prefix(['?', '&'])).expect("it is the endpoint");
    let pairs: Vec<_> = form_urlencoded::parse(query.as_bytes()).collect();
    for (name, value) in [
        ("client_id", CLIENT_ID),
        ("response_type", "code"),
        ("response_mode", "fragment"),
        ("redirect_uri", REDIRECT_URI),
        ("code_challenge_method", "S256"),
    ] {
        let values: Vec<_> = pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value).collect();
        assert_eq!(values, [value], "{name}");
    }
    assert!(
        ["state", "nonce", "code_challenge"]
            .iter()
            .all(|name| pairs.iter().any(|(other, value)| other == name && value.len() == 43))
    );
}
