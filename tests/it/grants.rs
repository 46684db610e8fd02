//! What is kept of what the server granted.

use crate::{
    server::{ALICE, BOB},
    world::{Client, REDIRECT_URI, World, access_token, asking, code, finish, named, now, set, silent, wanting},
};
use consentry::client::{AuthenticationResult, RedirectRequest, SilentRequest};
use serde_json::{Value as Json, json};

/// The access tokens that are stored: of whom and for what, in the order of their keys.
fn stored_tokens(world: &World) -> Vec<(bool, String)> {
    let stored = world.browser.session().dump();
    let tokens = stored.iter().filter(|(key, _)| key.contains("|access|"));
    let scopes = |text: &str| serde_json::from_str::<Json>(text).expect("JSON")["scopes"].clone();
    tokens.map(|(key, text)| (key.contains(BOB.oid), scopes(text).as_str().expect("a text").to_owned())).collect()
}

#[test]
fn a_new_token_takes_the_place_of_those_that_have_ended() {
    let world = World::new();
    // No scopes but those that are asked for, so that each token has a place of its own.
    world.server.change_tokens(|tokens| tokens["scope"] = Json::Null);
    world.sign_in_as(BOB, &["User.Read"]);
    world.sign_in(&["api://orders/Read"]);
    world.sign_in(&["User.Read"]);
    world.browser.pass(1);
    let wanted = |scopes| SilentRequest { account: Some(named(ALICE.name)), ..wanting(scopes) };
    world.sign_in(&["Mail.Read"]);
    assert_eq!(stored_tokens(&world).len(), 4);
    world.browser.pass(3599);
    let client = world.client();
    world.server.change_tokens(|tokens| {
        tokens["scope"] = Json::Null;
        tokens["expires_in"] = Json::Null;
    });
    silent(&client, &wanted(&["User.Read", "Mail.Read"])).expect("a token");
    let rest = |scopes: &str| format!("{scopes} openid profile offline_access");
    let orders = (false, rest("api://orders/Read"));
    let mail = (false, rest("Mail.Read"));
    let both = (false, rest("User.Read Mail.Read"));
    let bobs = (true, rest("User.Read"));
    assert_eq!(
        sorted(stored_tokens(&world)),
        sorted(vec![orders.clone(), mail.clone(), both, bobs.clone()]),
        "Mail.Read lives"
    );
    let user = (false, rest("User.Read"));
    silent(&client, &wanted(&["User.Read"])).expect("a token");
    assert_eq!(sorted(stored_tokens(&world)), sorted(vec![orders, mail, user, bobs]), "one without an end goes");
}

fn sorted<T: Ord>(mut list: Vec<T>) -> Vec<T> {
    list.sort();
    list
}

/// The scopes of Alice's tokens, without OpenID Connect's own.
fn kept(world: &World) -> Vec<String> {
    let scopes =
        stored_tokens(world).into_iter().map(|(_, scopes)| scopes.replace(" openid profile offline_access", ""));
    sorted(scopes.collect())
}

/// Alice with tokens for three sets of permissions, none of which brings more than was asked for.
fn with_three_tokens() -> (World, Client) {
    let world = World::new();
    world.server.change_tokens(|tokens| tokens["scope"] = Json::Null);
    world.sign_in(&["api://orders/Read"]);
    world.sign_in(&["User.Read", "Mail.Read"]);
    let (client, _) = world.sign_in(&["Mail.Read"]);
    silent(&client, &wanting(&["User.Read"])).expect("the wider token does");
    (world, client)
}

#[test]
fn a_token_that_was_asked_for_past_the_cache_takes_the_place_of_those_that_were_there() {
    let fresh = |client: &Client, scopes: &[&str], claims: Option<&str>| {
        silent(client, &SilentRequest { force_refresh: claims.is_none(), claims, ..wanting(scopes) }).expect("a token")
    };
    for claims in [None, Some("{}")] {
        let (world, client) = with_three_tokens();
        assert_eq!(kept(&world), ["Mail.Read", "User.Read Mail.Read", "api://orders/Read"]);
        let user: AuthenticationResult = fresh(&client, &["User.Read"], claims);
        assert_eq!(kept(&world), ["Mail.Read", "User.Read", "api://orders/Read"], "whatever would have answered goes");
        let hit = silent(&client, &wanting(&["User.Read"])).expect("a token");
        assert_eq!((access_token(&hit), hit.from_cache), (access_token(&user), true));
        fresh(&client, &["Mail.Read"], claims);
        assert_eq!(kept(&world), ["Mail.Read", "User.Read", "api://orders/Read"]);
    }
    let (world, client) = with_three_tokens();
    let request = RedirectRequest { claims: Some("{}"), ..asking(&["User.Read"]) };
    world.visit_server(&client, &request, REDIRECT_URI);
    finish(&world.client()).expect("the sign-in succeeds");
    assert_eq!(kept(&world), ["Mail.Read", "User.Read", "api://orders/Read"], "with claims by redirect as well");
    world.sign_in(&["User.Read"]);
    silent(&world.client(), &wanting(&["User.Read", "Mail.Read"])).expect("a token");
    let plain_and_claimed = ["Mail.Read", "User.Read", "User.Read", "User.Read Mail.Read", "api://orders/Read"];
    assert_eq!(kept(&world), plain_and_claimed, "otherwise what lives stays");
}

#[test]
fn what_is_not_granted_is_told_and_not_asked_for_again() {
    let world = World::new();
    world.server.change_tokens(|tokens| tokens["scope"] = json!("User.Read openid"));
    let (client, answer) = world.sign_in(&["User.Read", "Mail.Read"]);
    assert_eq!(answer.result.token.missing, set(&["Mail.Read"]), "OpenID Connect's own are not missed");
    world.browser.network().take_sent();
    for client in [&client, &world.client()] {
        let hit = silent(client, &wanting(&["User.Read", "Mail.Read"])).expect("a token");
        assert!(hit.from_cache && hit.token.missing == set(&["Mail.Read"]));
        assert!(silent(client, &wanting(&["Mail.Read"])).expect("a token").from_cache);
    }
    assert!(world.token_requests().is_empty());
    world.server.change_tokens(|_| {});
    let full = silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["User.Read", "Mail.Read"]) });
    assert!(full.expect("a token").token.missing.is_empty(), "unless the app wants it so");
    assert!(silent(&client, &wanting(&["Mail.Read"])).expect("a token").token.scopes.is_superset(&set(&["Mail.Read"])));
    let granted = client.granted(None).expect("one account");
    assert_eq!(granted, set(&["User.Read", "Mail.Read"]));
}

#[test]
fn a_token_that_lacks_nothing_goes_before_one_that_does() {
    let world = World::new();
    world.server.change_tokens(|tokens| tokens["scope"] = json!("openid"));
    world.sign_in(&["Mail.Read"]);
    world.server.change_tokens(|tokens| tokens["scope"] = Json::Null);
    let (client, answer) = world.sign_in(&["Mail.Read", "User.Read", "Files.Read"]);
    let hit = silent(&client, &wanting(&["Mail.Read"])).expect("a token");
    assert_eq!((access_token(&hit), hit.from_cache), (access_token(&answer.result), true));
}

#[test]
fn default_stands_for_whatever_is_granted() {
    let world = World::new();
    world.server.change_tokens(|tokens| tokens["scope"] = json!("api://orders/Read api://orders/Write"));
    let (client, answer) = world.sign_in(&["api://orders/.default"]);
    assert!(answer.result.token.missing.is_empty());
    assert!(silent(&client, &wanting(&["api://orders/.default"])).expect("a token").from_cache);
    assert!(silent(&client, &wanting(&["api://orders/Write"])).expect("a token").from_cache);
    assert_eq!(code(silent(&client, &wanting(&["api://orders/Delete"]))), "invalid_grant", "no more than that");
}

#[test]
fn default_goes_with_no_permission_by_name() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.network().take_sent();
    assert_eq!(code(silent(&client, &wanting(&[".default", "User.Read"]))), "default_scope_mixed");
    let redirect = |scopes: &[&str], extra_scopes: &[&str]| {
        now(client.begin_redirect(&RedirectRequest { extra_scopes: set(extra_scopes), ..asking(scopes) }))
    };
    assert_eq!(code(redirect(&[".default", "User.Read"], &[])), "default_scope_mixed");
    assert_eq!(code(redirect(&["User.Read"], &["api://orders/.default"])), "default_scope_mixed");
    assert_eq!(code(redirect(&[".default"], &["api://orders/Read"])), "default_scope_mixed");
    assert!(world.browser.network().sent().is_empty());
    assert!(redirect(&[".default", "openid", "email"], &[]).is_ok(), "OpenID Connect's own may accompany it");
}

#[test]
fn an_api_is_known_by_its_guid_with_and_without_scheme() {
    const ORDERS: &str = "6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001";
    let world = World::new();
    let (client, _) = world.sign_in(&[&format!("api://{ORDERS}/Read")]);
    let hit = silent(&client, &wanting(&[&format!("{}/read", ORDERS.to_uppercase())])).expect("a token");
    assert!(hit.from_cache);
    assert_ne!(set(&["api://orders/Read"]), set(&["https://orders/Read"]));
    assert_eq!(client.accounts(named(ALICE.name)).len(), 1);
}
