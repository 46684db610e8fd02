//! What is had is served whatever fails, and what fails for want of a network is had once there is one.

use crate::{
    browser::{Browser, field, html, http},
    provider::{self, ISSUER},
    server::{ALICE, KEYS_URL, METADATA_URL, claims, jwk, jwt, metadata},
    world::{Client, PAGE, World, access_token, asking, code, finish, named, now, query, silent, wanting},
};
use consentry::{
    client::SilentRequest,
    error::{BrowserError, Error},
    platform::Area,
};
use serde_json::json;

/// Nothing that is sent gets anywhere.
fn unplug(world: &World) {
    world.browser.set_online(false);
    world.server.fail(BrowserError::Offline);
    for url in [METADATA_URL, KEYS_URL, "https://keys.example/one"] {
        world.browser.network().serve(url, |_| Err(BrowserError::Offline));
    }
}

fn plug_in(world: &World) {
    world.browser.set_online(true);
    world.server.recover();
    world.browser.network().serve(METADATA_URL, |_| Ok(http(200, &metadata())));
    world.browser.network().serve(KEYS_URL, |_| Ok(http(200, &json!({ "keys": [jwk("1")] }))));
}

/// Somebody who is signed in at a server that gives each refresh token once, with a token for an hour.
fn strict(location: &str) -> (World, Client) {
    let world = provider::world_keeping_in(location, &json!({}), &json!({}));
    let url = world.leave(&world.client(), &asking(&["notes.read"]));
    let nonce = field(&query(&url), "nonce").to_owned();
    world.browser.network().serve(&format!("{ISSUER}/token"), move |sent| {
        let mut said = claims(ALICE, sent.at);
        for (name, value) in [("iss", json!(ISSUER)), ("sub", json!("alice")), ("nonce", json!(nonce))] {
            said[name] = value;
        }
        Ok(http(
            200,
            &json!({ "token_type": "Bearer", "access_token": format!("access-{}", sent.at), "expires_in": 3600,
            "refresh_token": format!("refresh-{}", sent.at), "id_token": jwt(&said) }),
        ))
    });
    provider::answered(&world, &query(&url));
    let client = world.client();
    finish(&client).expect("no error").expect("an answer");
    world.browser.network().take_sent();
    (world, client)
}

fn notes<'a>() -> SilentRequest<'a> {
    wanting(&["notes.read"])
}

#[test]
fn a_new_page_without_a_network_has_the_user_and_the_tokens() {
    let world = World::keeping_in("localStorage");
    world.sign_in(&["User.Read"]);
    unplug(&world);
    let tab = world.browser.new_tab(PAGE);
    let client = world.client_in(&tab);
    let accounts = client.accounts(named(ALICE.name));
    assert_eq!(accounts[0].name(), Some("A Name"));
    client.set_active_account(Some(named(ALICE.name))).expect("it is stored");
    for passed in [0, 3300, 299] {
        world.browser.pass(passed);
        assert!(silent(&client, &wanting(&["User.Read"])).expect("a token").from_cache, "{passed}");
    }
    world.browser.pass(1);
    for _ in 0..2 {
        assert_eq!(code(silent(&client, &wanting(&["User.Read"]))), "no_network_connectivity");
    }
    assert!(client.active_account().is_some_and(|account| account.refresh_token.is_some()), "nobody is signed out");
    plug_in(&world);
    assert!(!silent(&client, &wanting(&["User.Read"])).expect("a token").from_cache, "renewal has waited");
}

#[test]
fn without_a_network_a_refresh_token_is_not_marked_as_sent() {
    for location in ["localStorage", "sessionStorage"] {
        let (world, client) = strict(location);
        world.browser.pass(3600);
        let before = world.stored();
        unplug(&world);
        for client in [&client, &world.client()] {
            assert_eq!(code(silent(client, &notes())), "no_network_connectivity");
        }
        assert!(world.token_requests().is_empty());
        assert_eq!(world.stored(), before, "nothing is written");
        world.browser.set_online(true);
        assert!(!silent(&client, &notes()).expect("a token").from_cache, "renewal has waited");
    }
}

#[test]
fn a_renewal_ahead_waits_for_the_network_as_well() {
    let (world, client) = strict("localStorage");
    world.browser.pass(3100);
    unplug(&world);
    let before = world.stored();
    assert!(silent(&client, &notes()).expect("a token").from_cache);
    now(client.renew_due());
    assert!(world.token_requests().is_empty() && world.stored() == before);
    world.browser.set_online(true);
    assert!(silent(&client, &notes()).expect("a token").from_cache);
    now(client.renew_due());
    assert_eq!(world.token_requests().len(), 1);
}

/// What a client meets when it has to renew, at a strict server whose token lives for a little.
type Trouble = fn(&World, &Browser);

#[test]
fn a_token_that_still_lives_is_served_whatever_the_browser_does_not_do() {
    let table: [(&str, Trouble, &str); 6] = [
        ("another page holds the lock", |world, _| world.browser.locks().jam(true), "timed_out"),
        ("the storage is denied", |_, tab| tab.store(Area::Local).deny(), "storage_not_supported"),
        ("the storage is full", |_, tab| tab.store(Area::Local).set_room(0), "cache_quota_exceeded"),
        ("no random numbers", |world, _| world.browser.set_chance(false), "crypto_nonexistent"),
        ("no network", |world, _| world.browser.set_online(false), "no_network_connectivity"),
        (
            "the answer is lost",
            |world, _| {
                world.browser.network().serve(&format!("{ISSUER}/token"), |_| Err(BrowserError::PostFailed));
            },
            "post_request_failed",
        ),
    ];
    for (what, trouble, expected) in table {
        let (world, client) = strict("localStorage");
        let first = access_token(&silent(&client, &notes()).expect("a token")).to_owned();
        world.browser.pass(3400);
        trouble(&world, &world.browser);
        let standing_in = silent(&client, &notes()).expect(what);
        assert_eq!((access_token(&standing_in), standing_in.from_cache), (first.as_str(), true), "{what}");
        let forced = silent(&client, &SilentRequest { force_refresh: true, ..notes() });
        let is_spent = expected == "post_request_failed";
        assert_eq!(code(forced), if is_spent { "no_tokens_found" } else { expected }, "{what}");
        world.browser.pass(199);
        assert!(silent(&client, &notes()).expect(what).from_cache, "{what}: to its end");
        world.browser.pass(1);
        if expected == "cache_quota_exceeded" {
            silent(&client, &notes()).expect("what has ended makes room");
            continue;
        }
        assert_eq!(code(silent(&client, &notes())), if is_spent { "no_tokens_found" } else { expected }, "{what}");
    }
}

#[test]
fn a_token_that_has_no_room_is_served_by_the_page_that_has_it() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.pass(3400);
    world.browser.session().set_room(0);
    world.server.change_tokens(|tokens| tokens["access_token"] = json!("long".repeat(1000)));
    let next = silent(&client, &wanting(&["User.Read"])).expect("a token");
    assert!(access_token(&next).starts_with("long") && !next.from_cache);
    assert!(silent(&client, &wanting(&["User.Read"])).expect("it is remembered").from_cache);
    assert!(silent(&world.client(), &wanting(&["User.Read"])).is_ok(), "another page asks for its own");
}

#[test]
fn a_refusal_is_told_although_a_token_still_lives() {
    let (world, client) = strict("localStorage");
    world.browser.pass(3400);
    world.browser.network().serve(&format!("{ISSUER}/token"), |_| Ok(html(400, r#"{"error":"invalid_client"}"#)));
    assert!(matches!(silent(&client, &notes()), Err(Error::Server(_))));
}
