//! Signing out: here first, whatever becomes of the server.

use crate::{
    browser::{field, http},
    server::{ALICE, AUTHORITY, BOB, CLIENT_ID, METADATA_URL, metadata},
    world::{Client, PAGE, REDIRECT_URI, World, code, named, now, query, silent, usernames, wanting},
};
use consentry::{client::SignOutRequest, error::BrowserError, platform::Area};
use serde_json::json;

fn request<'a>() -> SignOutRequest<'a> {
    SignOutRequest { correlation_id: "correlation-out", ..SignOutRequest::default() }
}

/// The texts of accounts and tokens.
fn tokens(world: &World) -> Vec<String> {
    world.stored().into_iter().flatten().map(|(_, text)| text).filter(|text| text.contains("secret-")).collect()
}

fn both() -> (World, Client) {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    world.browser.pass(1);
    let client = world.sign_in_as(BOB, &["User.Read"]);
    world.browser.open(PAGE);
    world.browser.network().take_sent();
    (world, client)
}

#[test]
fn the_session_is_forgotten_here_and_ended_there() {
    let world = World::new();
    world.server.change_claims(|claims| claims["login_hint"] = json!("O.opaque"));
    let (client, _) = world.sign_in(&["User.Read"]);
    client.set_active_account(Some(named(ALICE.name))).expect("Alice is signed in");
    now(client.sign_out(request())).expect("the page is left");
    let url = world.browser.left().last().expect("a navigation").url.clone();
    assert!(url.starts_with("https://login.example/common/oauth2/v2.0/logout?"));
    let expected = [
        ("client_id", CLIENT_ID),
        ("post_logout_redirect_uri", REDIRECT_URI),
        ("logout_hint", "O.opaque"),
        ("client-request-id", "correlation-out"),
    ];
    assert_eq!(query(&url), expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    assert!(usernames(&client).is_empty() && usernames(&world.client()).is_empty());
    assert_eq!(tokens(&world), [""; 0]);
    assert!(!world.stored()[0].keys().any(|key| key.contains("|active")), "nobody is active");
    assert_eq!(code(silent(&client, &wanting(&["User.Read"]))), "no_account_error");
}

#[test]
fn what_a_request_says_goes_before_what_is_configured() {
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "postLogoutRedirectUri": "/bye" });
    let world = World::configured(json!({ "auth": auth }));
    let (client, _) = world.sign_in(&["User.Read"]);
    let of = |request| {
        now(client.sign_out(request)).expect("the page is left");
        query(&world.browser.left().last().expect("a navigation").url)
    };
    assert_eq!(field(&of(request()), "post_logout_redirect_uri"), "https://app.example/bye");
    let own = SignOutRequest {
        post_logout_redirect_uri: Some("/done"),
        logout_hint: Some("hint"),
        id_token_hint: Some("the app's choice"),
        state: Some("s"),
        ..request()
    };
    let sent = of(own);
    assert_eq!(field(&sent, "post_logout_redirect_uri"), "https://app.example/done");
    assert_eq!(
        [field(&sent, "logout_hint"), field(&sent, "id_token_hint"), field(&sent, "state")],
        ["hint", "the app's choice", "s"]
    );
}

#[test]
fn a_server_that_can_t_be_asked_keeps_nobody_signed_in() {
    let (world, _) = both();
    let mut session = world.browser.session().dump();
    session.retain(|key, _| !key.contains("|metadata|"));
    world.browser.session().restore(&session);
    let client = world.client();
    world.browser.network().serve(METADATA_URL, |_| Err(BrowserError::Offline));
    assert_eq!(code(now(client.sign_out(request()))), "no_network_connectivity");
    assert!(usernames(&world.client()).is_empty() && tokens(&world).is_empty());

    let (world, client) = both();
    let unusable = SignOutRequest { post_logout_redirect_uri: Some("http://evil.example/"), ..request() };
    assert_eq!(code(now(client.sign_out(unusable))), "invalid_redirect_uri");
    assert_eq!(usernames(&world.client()).len(), 2, "a request that can't be made changes nothing");

    let (world, client) = both();
    world.browser.set_navigation(Err(BrowserError::NavigationFailed));
    assert_eq!(code(now(client.sign_out(request()))), "timed_out");
    assert!(usernames(&client).is_empty());
}

#[test]
fn a_server_without_end_session_endpoint_is_told_of() {
    let world = World::new();
    let mut document = metadata();
    document["end_session_endpoint"] = json!(null);
    world.browser.network().serve(METADATA_URL, move |_| Ok(http(200, &document)));
    let (client, _) = world.sign_in(&["User.Read"]);
    let before = world.browser.left().len();
    assert_eq!(code(now(client.sign_out(request()))), "end_session_endpoint_not_supported");
    assert_eq!(world.browser.left().len(), before);
    assert!(usernames(&client).is_empty());
}

#[test]
fn the_account_that_is_meant_is_signed_out() {
    let (world, client) = both();
    now(client.sign_out(SignOutRequest { account: Some(named(ALICE.name)), ..request() })).expect("the page is left");
    assert_eq!(usernames(&client), [BOB.name]);
    assert!(silent(&client, &wanting(&["User.Read"])).expect("Bob's token is here").from_cache);
    assert_eq!(tokens(&world).len(), 2, "an account and a token");

    let (_, client) = both();
    client.set_active_account(Some(named(BOB.name))).expect("Bob is signed in");
    now(client.sign_out(request())).expect("the page is left");
    assert_eq!(usernames(&client), [ALICE.name], "the active one");

    let (world, client) = both();
    now(client.sign_out(request())).expect("the page is left");
    assert!(usernames(&client).is_empty() && tokens(&world).is_empty(), "everybody where it is not clear who is meant");

    let (_, client) = both();
    now(client.sign_out(SignOutRequest { account: Some(named("nobody")), ..request() })).expect("the page is left");
    assert_eq!(usernames(&client), [ALICE.name, BOB.name], "who is not here stays signed out");
}

#[test]
fn tokens_can_be_forgotten_here_alone() {
    let (world, client) = both();
    client.set_active_account(Some(named(BOB.name))).expect("Bob is signed in");
    now(client.clear(Some(named(BOB.name)))).expect("Bob is forgotten");
    assert_eq!((usernames(&client), client.active_account().is_none()), (vec![ALICE.name.to_owned()], true));
    assert_eq!(usernames(&world.client()), [ALICE.name]);
    now(client.clear(Some(named("nobody")))).expect("nothing is done");
    assert_eq!(usernames(&client), [ALICE.name]);
    now(client.clear(None)).expect("everybody is forgotten");
    assert!(usernames(&client).is_empty() && tokens(&world).is_empty());
    assert!(world.browser.network().sent().is_empty() && world.browser.left().len() == 2, "the server is not asked");
}

#[test]
fn storage_that_is_denied_is_told_of() {
    let (world, client) = both();
    world.browser.store(Area::Session).deny();
    assert_eq!(code(now(client.clear(None))), "storage_not_supported");
    assert_eq!(usernames(&client).len(), 2, "what could not be removed is not said to be gone");
}
