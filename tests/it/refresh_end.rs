//! The end of a refresh token is foreseen: nothing is sent that can only be refused, and the app can know beforehand.

use crate::{
    browser::{field, http},
    provider,
    server::{ALICE, AUTHORITY, CLIENT_ID, claims, jwt},
    world::{Client, REDIRECT_URI, World, acquiring, asking, code, finish, query, silent, wanting},
};
use consentry::{
    cache::AccountFilter,
    client::{AuthenticationResult, SilentRequest},
    error::Error,
    platform::Platform,
};
use serde_json::{Value as Json, json};

const DAY: u64 = 86_400;

fn forced<'a>() -> SilentRequest<'a> {
    SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }
}

/// The platform, whose answers tell an end.
fn scene(told: Json) -> (World, Client) {
    let world = World::new();
    tell(&world, told);
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.network().take_sent();
    (world, client)
}

fn tell(world: &World, told: Json) {
    world.server.change_tokens(move |tokens| tokens["refresh_token_expires_in"] = told.clone());
}

/// When the account's refresh token ends, from now on.
fn end(world: &World, client: &Client) -> Option<u64> {
    let account = client.accounts(AccountFilter::default()).first().cloned().expect("somebody is signed in");
    account.refresh_until.map(|end| end - world.browser.now())
}

fn has_ended(outcome: Result<AuthenticationResult, Error>) -> bool {
    let Err(Error::InteractionRequired(reply)) = outcome else { panic!("the user is needed") };
    reply.error() == "refresh_token_expired"
}

#[test]
fn a_refresh_token_that_has_ended_is_not_sent() {
    let (world, client) = scene(json!(DAY));
    world.browser.pass(DAY - 61);
    silent(&client, &wanting(&["User.Read"])).expect("a minute before it still does");
    tell(&world, json!(60));
    silent(&client, &forced()).expect("a token");
    let before = world.stored();
    world.browser.network().take_sent();
    for client in [&client, &world.client()] {
        assert!(silent(client, &wanting(&["User.Read"])).expect("a token that lives serves").from_cache);
        assert!(has_ended(silent(client, &wanting(&["Mail.Read"]))) && has_ended(silent(client, &forced())));
    }
    world.browser.pass(3599);
    assert!(silent(&client, &wanting(&["User.Read"])).expect("to its end").from_cache);
    world.browser.pass(1);
    assert!(has_ended(silent(&client, &wanting(&["User.Read"]))));
    assert!(world.browser.network().take_sent().is_empty(), "nobody is asked for anything");
    assert_eq!(world.stored(), before, "and nothing is forgotten");
    tell(&world, json!(DAY));
    world.visit_server(&client, &acquiring(&["User.Read"]), REDIRECT_URI);
    let client = world.client();
    finish(&client).expect("no error").expect("an answer");
    silent(&client, &forced()).expect("until the user signs in again");
}

#[test]
fn what_the_server_tells_is_taken_and_what_it_does_not_is_not_made_up() {
    let table = [
        (json!(DAY), Some(DAY)),
        (json!("3600"), Some(3600)),
        (json!(null), None),
        (json!(0), None),
        (json!(-1), None),
        (json!(1e300), None),
        (json!([DAY]), None),
        (json!("soon"), None),
    ];
    for (told, expected) in table {
        let (world, client) = scene(told.clone());
        assert_eq!(end(&world, &client), expected, "{told}");
        assert_eq!(end(&world, &world.client()), expected, "{told}");
        silent(&client, &forced()).expect("a token");
    }
}

#[test]
fn the_platform_s_next_one_ends_with_the_one_before() {
    let (world, client) = scene(json!(DAY));
    tell(&world, json!(null));
    world.browser.pass(3600);
    silent(&client, &forced()).expect("a token");
    assert_eq!(end(&world, &client), Some(DAY - 3600), "what is not told again still holds");
    tell(&world, json!(1000));
    silent(&client, &forced()).expect("a token");
    assert_eq!(end(&world, &client), Some(1000), "what is told again holds instead");
    world.server.change_tokens(|tokens| {
        tokens["refresh_token"] = json!(null);
        tokens["refresh_token_expires_in"] = json!(DAY);
    });
    silent(&client, &forced()).expect("a token");
    assert_eq!(end(&world, &client), Some(1000), "without a refresh token it is of none");
}

#[test]
fn a_sign_in_that_brings_none_leaves_the_one_before_and_its_end() {
    let (world, client) = scene(json!(DAY));
    world.server.change_tokens(|tokens| {
        tokens["refresh_token"] = json!(null);
        tokens["refresh_token_expires_in"] = json!(1);
    });
    world.browser.pass(100);
    world.visit_server(&client, &asking(&["User.Read"]), REDIRECT_URI);
    let client = world.client();
    finish(&client).expect("no error").expect("an answer");
    assert_eq!(end(&world, &client), Some(DAY - 100));
    tell(&world, json!(null));
    world.visit_server(&client, &asking(&["User.Read"]), REDIRECT_URI);
    let client = world.client();
    finish(&client).expect("no error").expect("an answer");
    assert_eq!(end(&world, &client), None, "a new one has its own");
}

#[test]
fn one_that_the_server_has_refused_has_no_end_to_tell() {
    let (world, client) = scene(json!(DAY));
    world.server.refuse("invalid_grant", "bad_token");
    silent(&client, &forced()).expect_err("it is refused");
    assert_eq!(end(&world, &client), None);
    assert_eq!(code(silent(&client, &forced())), "no_tokens_found");
}

#[test]
fn another_server_s_next_one_is_not_known_to_end_with_the_one_before() {
    let world = provider::world();
    let url = world.leave(&world.client(), &asking(&["notes.read"]));
    let nonce = field(&query(&url), "nonce").to_owned();
    let answer = |refresh_token: Option<&str>, told: Option<u64>| {
        let mut said = claims(ALICE, world.browser.now());
        for (name, value) in [("iss", json!(provider::ISSUER)), ("sub", json!("alice")), ("nonce", json!(nonce))] {
            said[name] = value;
        }
        let tokens = json!({ "token_type": "Bearer", "access_token": "opaque", "expires_in": 600, "id_token": jwt(&said),
            "refresh_token": refresh_token, "refresh_token_expires_in": told });
        world.browser.network().serve(&format!("{}/token", provider::ISSUER), move |_| Ok(http(200, &tokens)));
    };
    answer(Some("one"), Some(DAY));
    provider::answered(&world, &query(&url));
    let client = world.client();
    finish(&client).expect("no error").expect("an answer");
    assert_eq!(end(&world, &client), Some(DAY));
    let request = SilentRequest { force_refresh: true, ..wanting(&["notes.read"]) };
    answer(None, None);
    silent(&client, &request).expect("a token");
    assert_eq!(end(&world, &client), Some(DAY), "it is the same one");
    answer(Some("two"), None);
    silent(&client, &request).expect("a token");
    assert_eq!(end(&world, &client), None);
}

#[test]
fn without_one_nothing_is_asked_for() {
    // The next tab has neither metadata nor keys yet.
    for (change, expected) in
        [("refresh_token", "no_tokens_found"), ("refresh_token_expires_in", "refresh_token_expired")]
    {
        let world = World::configured(json!({
            "auth": { "clientId": CLIENT_ID, "authority": AUTHORITY },
            "cache": { "cacheLocation": "localStorage" },
            "system": { "allowSilentFrame": false },
        }));
        world.server.change_tokens(move |tokens| {
            tokens[change] = if change == "refresh_token" { json!(null) } else { json!(1) };
        });
        world.sign_in(&["User.Read"]);
        let tab = world.browser.new_tab(crate::world::PAGE);
        world.browser.network().take_sent();
        assert_eq!(code(silent(&world.client_in(&tab), &wanting(&["Mail.Read"]))), expected);
        assert!(world.browser.network().take_sent().is_empty(), "{expected}");
    }
}

#[test]
fn an_app_is_told_when() {
    for (told, expected) in [(json!(DAY), true), (json!(null), false)] {
        let (world, client) = scene(told);
        let result = silent(&client, &wanting(&["User.Read"])).expect("a token");
        assert_eq!(result.account.refresh_until, expected.then(|| world.browser.now() + DAY));
    }
}
