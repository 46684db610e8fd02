//! Consent by an administrator: the link, and the answer that only the right request may have.

mod answers;

use crate::{
    browser::{Pairs, field, http},
    server::{ALICE, AUTHORITY, BOB, CLIENT_ID, KEY_ID, KEYS_URL, jwk, metadata},
    world::{
        Client, PAGE, REDIRECT_URI, World, acquiring, code, fragment, literal, named, now, query, set, silent, wanting,
    },
};
use consentry::{
    binding::records::admin_record,
    client::{AdminConsentRequest, AdminConsentResult, RedirectFailure},
    error::Error,
};
use serde_json::json;

const ASKED: [&str; 2] = ["User.Read.All", "api://Orders/Manage"];
const QUALIFIED: &str = "https://graph.microsoft.com/User.Read.All api://Orders/Manage";
/// The tenant of everybody who signs in as a private person.
const PERSONAL: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";
/// What a user can't consent to.
const ASKED_AT_ONCE: [&str; 2] = ["User.Read.All", "Mail.Read"];
/// The page of the redirect URI, where it is another than the one that asks.
const CALLBACK: &str = "https://app.example/callback";

fn request<'a>(scopes: &[&str]) -> AdminConsentRequest<'a> {
    AdminConsentRequest {
        scopes: set(scopes),
        app_state: Some("the app's"),
        correlation_id: "correlation-admin",
        ..AdminConsentRequest::default()
    }
}

fn at_callback<'a>() -> AdminConsentRequest<'a> {
    AdminConsentRequest { redirect_uri: Some("/callback"), ..request(&ASKED) }
}

/// Alice with User.Read, at work.
fn signed_in() -> World {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    world.browser.open(PAGE);
    world.browser.network().take_sent();
    world
}

/// Leaves the page for an administrator: the address.
fn leave(world: &World, request: &AdminConsentRequest<'_>) -> String {
    now(world.client().begin_admin_consent(request)).expect("the page is left");
    world.browser.left().last().expect("a navigation").url.clone()
}

/// The administrator's browser goes to a page with an answer in its query.
fn come_back(world: &World, page: &str, answer: &Pairs) {
    world.browser.open(&format!("{page}?{}", fragment(answer)));
}

fn answered(client: &Client) -> Result<Option<AdminConsentResult>, RedirectFailure> {
    now(client.finish_admin_consent(None))
}

fn refused(client: &Client) -> Error {
    answered(client).expect_err("it is refused").error
}

fn put(answer: &mut Pairs, name: &str, text: &str) {
    answer.retain(|(other, _)| other != name);
    answer.push((name.to_owned(), text.to_owned()));
}

/// Whether an answer is still waited for.
fn is_waiting(world: &World) -> bool {
    world.browser.session().dump().keys().any(|key| key.contains("|admin"))
}

#[test]
fn what_an_administrator_consented_to_is_told() {
    let world = signed_in();
    let before = world.stored()[1].clone();
    let url = leave(&world, &request(&ASKED));
    assert!(world.browser.network().sent().is_empty(), "no metadata speaks of the endpoint");
    let sent = query(&url);
    let names: Vec<_> = sent.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["client_id", "redirect_uri", "scope", "state"]);
    let expected = [CLIENT_ID, REDIRECT_URI, QUALIFIED];
    assert_eq!([field(&sent, "client_id"), field(&sent, "redirect_uri"), field(&sent, "scope")], expected);
    assert!(url.starts_with(&format!("https://login.example/{}/v2.0/adminconsent?", ALICE.tid)));
    come_back(&world, REDIRECT_URI, &world.server.admin_consent(&url));
    let client = world.client();
    let result = answered(&client).expect("no error").expect("an answer");
    let told = literal(&admin_record(&result));
    let scopes = json!({ "https://graph.microsoft.com": ["User.Read.All"], "api://Orders": ["Manage"] });
    assert_eq!(told, json!({ "scopes": scopes, "state": "the app's", "correlationId": "correlation-admin" }));
    assert!(!world.browser.address().contains("admin_consent"), "the answer is out of the address");
    assert!(!is_waiting(&world) && world.stored()[1] == before);
    assert!(answered(&client).expect("no error").is_none(), "it is told once");
}

#[test]
fn the_page_is_as_it_was_when_the_answer_is_read() {
    for page in [PAGE, "https://app.example/orders?tab=2#row-7"] {
        let world = signed_in();
        world.browser.open(page);
        let url = leave(&world, &request(&ASKED));
        come_back(&world, REDIRECT_URI, &world.server.admin_consent(&url));
        let mut answer = answered(&world.client()).expect("no error");
        if let Some(departure) = world.browser.left().last().filter(|departure| departure.replacing) {
            world.browser.open(&departure.url);
            answer = answered(&world.client()).expect("no error");
        }
        assert!(answer.is_some());
        assert_eq!(world.browser.address(), page, "the page that called");
    }
}

/// The address of a link, up to its query.
fn endpoint(world: &World, client: &Client, request: &AdminConsentRequest<'_>) -> String {
    let before = world.stored();
    let url = client.admin_consent_url(request).expect("a link");
    assert_eq!(field(&query(&url), "state"), "", "whoever opens it brings nothing");
    assert_eq!(world.stored(), before, "nobody waits for it");
    url.split_once('?').expect("a query").0.replace("https://login.example/", "").replace("/v2.0/adminconsent", "")
}

#[test]
fn a_link_is_for_the_account_s_tenant_else_for_that_of_the_authority() {
    for (authority, tenant) in [
        ("common", "organizations"),
        ("organizations", "organizations"),
        ("consumers", "organizations"),
        (PERSONAL, "organizations"),
        ("contoso.example", "contoso.example"),
        ("9122040d-6c67-4c5b-b112-36a304b66d00", "9122040d-6c67-4c5b-b112-36a304b66d00"),
    ] {
        let auth = json!({ "clientId": CLIENT_ID, "authority": format!("https://login.example/{authority}") });
        let world = World::configured(json!({ "auth": auth }));
        assert_eq!(endpoint(&world, &world.client(), &request(&ASKED)), tenant);
    }
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    assert_eq!(endpoint(&world, &client, &request(&ASKED)), ALICE.tid);
    let client =
        world.sign_in_as(crate::server::User { tid: "7122040d-6c67-4c5b-b112-36a304b66dad", ..BOB }, &["User.Read"]);
    assert_eq!(endpoint(&world, &client, &request(&ASKED)), "organizations", "it is not clear whose");
    let bob = AdminConsentRequest { account: Some(named(BOB.name)), ..request(&ASKED) };
    assert_eq!(endpoint(&world, &client, &bob), "7122040d-6c67-4c5b-b112-36a304b66dad");
    client.set_active_account(Some(named(ALICE.name))).expect("Alice is signed in");
    assert_eq!(endpoint(&world, &client, &request(&ASKED)), ALICE.tid);
    let nobody = AdminConsentRequest { account: Some(named("nobody")), ..request(&ASKED) };
    assert_eq!(code(client.admin_consent_url(&nobody)), "no_account_error");
    let world = World::new();
    let client = world.sign_in_as(crate::server::User { tid: PERSONAL, ..BOB }, &["User.Read"]);
    assert_eq!(endpoint(&world, &client, &request(&ASKED)), "organizations", "a person has no administrator");
    let issuer = "https://login.example/v2.0";
    let mut document = metadata();
    document["issuer"] = json!(issuer);
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "authorityMetadata": document.to_string() });
    let world = World::configured(json!({ "auth": auth }));
    world.server.change_claims(move |claims| {
        claims["tid"] = json!("evil?x=");
        claims["iss"] = json!(issuer);
    });
    let mut key = jwk(KEY_ID);
    key["issuer"] = json!(issuer);
    world.browser.network().serve(KEYS_URL, move |_| Ok(http(200, &json!({ "keys": [key] }))));
    let (client, _) = world.sign_in(&["User.Read"]);
    assert_eq!(endpoint(&world, &client, &request(&ASKED)), "organizations", "a tenant is a GUID");
}

#[test]
fn a_link_names_permissions_of_any_number_of_apis_or_default() {
    let world = World::new();
    let client = world.client();
    let asked =
        |scopes: &[&str]| client.admin_consent_url(&request(scopes)).map(|url| field(&query(&url), "scope").to_owned());
    assert_eq!(
        asked(&["openid", "User.Read", "https://c.example//Read"]).as_deref().ok(),
        Some("https://graph.microsoft.com/User.Read https://c.example//Read")
    );
    assert_eq!(asked(&["api://orders/.default", "openid"]).as_deref().ok(), Some("api://orders/.default"));
    assert_eq!(asked(&[".default"]).as_deref().ok(), Some("https://graph.microsoft.com/.default"));
    assert_eq!(code(asked(&[".default", "User.Read"])), "default_scope_mixed");
    assert_eq!([code(asked(&[])), code(asked(&["openid", "email"]))], ["empty_input_scopes_error"; 2]);
    let to = |redirect_uri| {
        let request = AdminConsentRequest { redirect_uri: Some(redirect_uri), ..request(&ASKED) };
        client.admin_consent_url(&request).map(|url| field(&query(&url), "redirect_uri").to_owned())
    };
    assert_eq!(to("/callback?x=1").ok().as_deref(), Some("https://app.example/callback?x=1"));
    for wrong in ["http://evil.example/", "/callback#x", "javascript:alert(1)"] {
        assert_eq!(code(to(wrong)), "invalid_redirect_uri", "{wrong}");
    }
    let start = AdminConsentRequest { start_page: Some("https://evil.example/"), ..request(&ASKED) };
    assert_eq!(code(now(client.begin_admin_consent(&start))), "invalid_redirect_start_page");
    assert!(!is_waiting(&world) && world.browser.left().is_empty());
}

#[test]
fn consent_lifts_what_needed_an_administrator_and_grants_nothing_here() {
    let world = signed_in();
    world.refused(&acquiring(&ASKED_AT_ONCE), "access_denied", "90094");
    world.refused(&acquiring(&["Files.Read"]), "access_denied", "65004");
    let interaction =
        |scopes: &[&str]| format!("{:?}", world.client().plan(&set(scopes), None).expect("a plan").interaction);
    assert_eq!([interaction(&ASKED_AT_ONCE), interaction(&["Files.Read"])], ["Admin", "Declined"]);
    let url = leave(&world, &request(&["User.Read.All"]));
    come_back(&world, REDIRECT_URI, &world.server.admin_consent(&url));
    answered(&world.client()).expect("no error").expect("an answer");
    assert_eq!(world.client().granted(None).expect("an account"), set(&["User.Read"]), "a token will tell");
    assert_eq!([interaction(&ASKED_AT_ONCE), interaction(&["Files.Read"])], ["Consent", "Declined"]);
    world.browser.network().take_sent();
    silent(&world.client(), &wanting(&["User.Read.All"])).expect("it is granted, and nobody is asked");
    assert_eq!(world.token_requests().len(), 1);
    assert!(world.client().granted(None).expect("an account").is_superset(&set(&["User.Read", "User.Read.All"])));
}

#[test]
fn consent_lifts_a_decline_of_what_it_is_about_alone() {
    let world = signed_in();
    world.refused(&acquiring(&["Files.Read", "Tasks.Read"]), "access_denied", "65004");
    let url = leave(&world, &request(&["Files.Read"]));
    come_back(&world, REDIRECT_URI, &world.server.admin_consent(&url));
    answered(&world.client()).expect("no error").expect("an answer");
    let may_ask = |scope| now(world.client().begin_redirect(&acquiring(&[scope]))).is_ok();
    assert!(may_ask("Files.Read"), "the server will not ask for it");
    assert!(!may_ask("Tasks.Read"), "the user has declined it");
}

#[test]
fn all_that_is_registered_lifts_whatever_of_that_api_needed_an_administrator() {
    let world = signed_in();
    let (graphs, orders) = (acquiring(&ASKED_AT_ONCE), acquiring(&["api://orders/Manage"]));
    for request in [&graphs, &orders] {
        world.refused(request, "access_denied", "90094");
        assert_eq!(code(now(world.client().begin_redirect(request))), "access_denied");
    }
    let url = leave(&world, &request(&[".default"]));
    let mut answer = world.server.admin_consent(&url);
    put(&mut answer, "scope", "https://graph.microsoft.com/.default");
    come_back(&world, REDIRECT_URI, &answer);
    assert_eq!(answered(&world.client()).expect("no error").expect("an answer").scopes, set(&[".default"]));
    assert!(now(world.client().begin_redirect(&graphs)).is_ok());
    assert_eq!(code(now(world.client().begin_redirect(&orders))), "access_denied", "another API is another");
}

#[test]
fn an_answer_without_scopes_is_about_what_was_asked() {
    for scope in ["", "\"", "openid profile"] {
        let world = signed_in();
        let mut answer = world.server.admin_consent(&leave(&world, &request(&ASKED)));
        put(&mut answer, "scope", scope);
        come_back(&world, REDIRECT_URI, &answer);
        assert_eq!(answered(&world.client()).expect("no error").expect("an answer").scopes, set(&ASKED), "{scope}");
    }
}

#[test]
fn a_tab_that_keeps_nothing_can_t_wait() {
    let world = World::keeping_in("memoryStorage");
    world.browser.session().deny();
    let client = world.client();
    assert_eq!(code(now(client.begin_admin_consent(&request(&ASKED)))), "in_mem_redirect_unavailable");
    assert_eq!(code(client.open_admin_consent(&request(&ASKED))), "in_mem_redirect_unavailable");
    assert!(client.admin_consent_url(&request(&ASKED)).is_ok(), "a link needs nothing");
    assert!(answered(&client).expect("no error").is_none() && world.browser.left().is_empty());
}
