//! Who is signed in by what was got elsewhere: results that the app brings, and the users whom MSAL.js has left.

mod adoption;

use crate::{
    browser::TODAY,
    server::{ALICE, BOB, CLIENT_ID, User, claims, jwt, jwt_of},
    world::{Client, PAGE, World, access_token, code, named, now, silent, usernames, value, wanting},
};
use consentry::{
    binding::elsewhere,
    cache::AccountFilter,
    client::SilentRequest,
    error::{ConfigError, Error},
    json::Value,
    platform::{Area, Platform},
};
use serde_json::{Value as Json, json};

const HOUR: u64 = 3600;
const HOME: Error = Error::Config(ConfigError::Field {
    field: "result.account.homeAccountId",
    expected: "that of the ID token's user",
});

type Change = fn(&mut Json);

fn hydrate(client: &Client, result: &Json, request: &Json) -> Result<(), Error> {
    let mut all = request.clone();
    all["result"] = result.clone();
    let all: Value = value(&all);
    now(client.hydrate(&elsewhere::brought(&all)?))
}

/// What an ID token of some days ago says.
fn claims_of_old(user: User) -> Json {
    claims(user, TODAY - 100 * HOUR)
}

/// A result as the platform's clients give it, an hour before the access token ends.
fn result(world: &World) -> Json {
    let issued = world.browser.now();
    json!({
        "idToken": jwt(&claims(ALICE, issued)),
        "accessToken": "secret-brought",
        "tokenType": "Bearer",
        "scopes": ["User.Read", "openid", "profile"],
        "expiresOn": issued + HOUR,
        "account": { "homeAccountId": ALICE.home_account_id() },
    })
}

/// The same with another ID token.
fn with_claims(world: &World, change: impl Fn(&mut Json)) -> Json {
    let mut said = claims(ALICE, world.browser.now());
    change(&mut said);
    let mut result = result(world);
    result["idToken"] = json!(jwt(&said));
    result
}

#[test]
fn a_result_from_elsewhere_is_an_account_and_its_token() {
    for location in ["sessionStorage", "localStorage", "memoryStorage"] {
        let world = World::keeping_in(location);
        let client = world.client();
        hydrate(&client, &result(&world), &json!({})).expect("it fits");
        let token = silent(&client, &wanting(&["User.Read"])).expect("it is there");
        assert_eq!((access_token(&token), token.from_cache), ("secret-brought", true), "{location}");
        let pages = if location == "memoryStorage" { vec![client] } else { vec![client, world.client()] };
        for page in pages {
            assert_eq!(usernames(&page), [ALICE.name]);
            let account = page.accounts(AccountFilter::default()).remove(0);
            assert_eq!(account.key.home_account_id, ALICE.home_account_id());
            assert!(account.refresh_token.is_none());
            assert!(!page.granted(None).expect("one account").is_empty(), "what is granted is known");
        }
        assert!(world.token_requests().is_empty(), "nobody was asked");
    }
}

#[test]
fn an_id_token_has_to_be_of_this_server_and_for_this_client() {
    let cases: [(&str, Change); 8] = [
        ("another issuer", |said| said["iss"] = json!("https://evil.example/v2.0")),
        ("another tenant's issuer", |said| said["iss"] = json!("https://login.example/common/v2.0")),
        ("another client", |said| said["aud"] = json!("another")),
        ("no audience", |said| said["aud"] = Json::Null),
        ("several, and none asked", |said| said["aud"] = json!([CLIENT_ID, "another"])),
        ("another client asked", |said| said["azp"] = json!("another")),
        ("nobody", |said| said["sub"] = json!("")),
        ("the future", |said| said["iat"] = json!(4_000_000_000_u64)),
    ];
    for (name, change) in cases {
        let world = World::new();
        let client = world.client();
        let before = world.stored();
        assert_eq!(code(hydrate(&client, &with_claims(&world, change), &json!({}))), "invalid_id_token", "{name}");
        assert!(usernames(&client).is_empty() && world.stored()[0].len() <= before[0].len() + 1, "{name}");
        assert!(!world.stored()[0].values().any(|text| text.contains("secret-")), "{name}");
    }
}

#[test]
fn an_id_token_that_has_ended_is_an_account_still() {
    let world = World::new();
    let client = world.client();
    let old = with_claims(&world, |said| *said = claims_of_old(ALICE));
    hydrate(&client, &old, &json!({})).expect("it fits");
    assert_eq!(usernames(&client), [ALICE.name]);
}

#[test]
fn what_can_not_be_read_is_named() {
    let world = World::new();
    let client = world.client();
    let cases = [
        ("idToken", json!("eyJ.not"), "token_parsing_error"),
        (
            "idToken",
            json!(jwt_of(&json!({ "alg": "none" }), &claims(ALICE, world.browser.now()), "c2ln")),
            "id_token_algorithm_not_accepted",
        ),
        ("idToken", json!(""), "invalid_field"),
        ("idToken", Json::Null, "invalid_field"),
        ("idToken", json!(7), "invalid_field"),
        ("accessToken", json!({}), "invalid_field"),
        ("account", json!("alice"), "invalid_field"),
        ("expiresOn", json!("tomorrow"), "invalid_field"),
        ("tokenType", json!("pop"), "invalid_field"),
        ("scopes", json!("User.Read"), "invalid_field"),
        ("scopes", json!(["User.Read", "api://orders/Read"]), "several_resources"),
    ];
    for (field, written, expected) in cases {
        let mut result = result(&world);
        result[field] = written.clone();
        assert_eq!(code(hydrate(&client, &result, &json!({}))), expected, "{field}: {written}");
        assert!(usernames(&client).is_empty(), "{field}: {written}");
    }
    assert_eq!(code(hydrate(&client, &json!({}), &json!({}))), "invalid_field");
}

#[test]
fn the_home_account_is_that_of_the_id_token_s_user() {
    let guest = |tid: &str| format!("{}.{tid}", BOB.oid);
    let other = "11111111-2222-3333-4444-555555555555";
    let table = [
        (json!(ALICE.home_account_id()), Some(ALICE.home_account_id())),
        (json!(ALICE.home_account_id().to_uppercase()), Some(ALICE.home_account_id().to_uppercase())),
        (Json::Null, Some(ALICE.home_account_id())),
        (json!(format!("pairwise-{}", ALICE.oid)), Some(ALICE.home_account_id())),
        // At home in another tenant, where they have another object id.
        (json!(guest(other)), Some(guest(other))),
        (json!(guest(ALICE.tid)), None),
        (json!("alice"), None),
        (json!(""), None),
        (json!(format!("{}.", ALICE.oid)), None),
        (json!(format!("{}-b2c_1_other.{}", ALICE.oid, ALICE.tid)), None),
        (json!(format!("alice.{other}")), None),
    ];
    for (told, expected) in table {
        let world = World::new();
        let client = world.client();
        let mut result = result(&world);
        result["account"]["homeAccountId"] = told.clone();
        let outcome = hydrate(&client, &result, &json!({}));
        let found = client.accounts(AccountFilter::default());
        let found = found.first().map(|account| account.key.home_account_id.clone());
        assert_eq!(found, expected, "{told}");
        let is_refused = outcome.err().is_some_and(|error| error.to_string() == HOME.to_string());
        assert_eq!(is_refused, expected.is_none(), "{told}");
    }
}

#[test]
fn an_access_token_is_stored_while_it_lives() {
    let world = World::new();
    let now = world.browser.now();
    for (field, written) in [
        ("expiresOn", json!(now)),
        ("expiresOn", json!(now - 1)),
        ("expiresOn", Json::Null),
        ("accessToken", json!("")),
    ] {
        let client = world.client();
        let mut result = result(&world);
        result[field] = written.clone();
        hydrate(&client, &result, &json!({})).expect("it fits");
        assert_eq!(usernames(&client), [ALICE.name]);
        assert!(!world.stored()[0].values().any(|text| text.contains("secret-brought")), "{field}: {written}");
    }
}

#[test]
fn a_token_is_found_by_what_it_was_asked_for_with() {
    let world = World::new();
    let client = world.client();
    let request = json!({ "scopes": ["User.Read", "Mail.Read"], "claims": "{\"access_token\":{\"a\":null}}" });
    hydrate(&client, &result(&world), &request).expect("it fits");
    let both = silent(&client, &wanting(&["Mail.Read", "User.Read"])).expect("it is what the server gives for these");
    assert!(both.from_cache && !both.token.missing.is_empty(), "what was not granted is known");
    let wanted = SilentRequest { claims: Some("{\"access_token\": {\"a\": null}}"), ..wanting(&["User.Read"]) };
    assert!(silent(&client, &wanted).expect("the same claims").from_cache);
    assert_eq!(code(hydrate(&client, &result(&world), &json!({ "resource": "https://api.example" }))), "invalid_field");
}

#[test]
fn what_is_newer_stays() {
    let world = World::new();
    let old = with_claims(&world, |said| said["name"] = json!("Old"));
    world.browser.pass(10);
    let (client, signed_in) = world.sign_in(&["User.Read"]);
    let before = access_token(&signed_in.result).to_owned();
    hydrate(&client, &old, &json!({})).expect("it fits");
    let account = client.accounts(named(ALICE.name)).remove(0);
    assert_eq!(account.name(), Some("A Name"), "the newer ID token stays");
    assert_eq!(access_token(&silent(&client, &wanting(&["User.Read"])).expect("a token")), before, "it lives longer");

    world.browser.pass(10);
    hydrate(&client, &with_claims(&world, |said| said["name"] = json!("New")), &json!({})).expect("it fits");
    let account = client.accounts(named(ALICE.name)).remove(0);
    assert_eq!(account.name(), Some("New"));
    assert!(account.refresh_token.is_some(), "the refresh token stays");
    assert_eq!(access_token(&silent(&client, &wanting(&["User.Read"])).expect("a token")), "secret-brought");
    let forced = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
    assert!(!silent(&client, &forced).expect("the refresh token is as good as before").from_cache);

    let other = with_claims(&world, |said| said["sub"] = json!("somebody else"));
    assert_eq!(code(hydrate(&client, &other, &json!({}))), "invalid_field", "one key, another subject");
}

#[test]
fn a_full_storage_keeps_nothing_of_it() {
    let world = World::new();
    let client = world.client();
    world.browser.session().set_room(1500);
    assert_eq!(code(hydrate(&client, &result(&world), &json!({}))), "cache_quota_exceeded");
    assert!(usernames(&client).is_empty() && usernames(&world.client()).is_empty());
}

#[test]
fn the_refresh_token_stays_that_another_client_has_stored_meanwhile() {
    let world = World::keeping_in("custom");
    world.sign_in(&["User.Read"]);
    let (worker, page) = (world.client(), world.client_in(&world.browser.new_tab(PAGE)));
    world.server.change_tokens(|tokens| tokens["refresh_token"] = json!("the latest"));
    silent(&worker, &SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }).expect("a token");
    world.browser.pass(HOUR);
    hydrate(&page, &result(&world), &json!({})).expect("it fits");
    let kept = |key: &str, text: &str| key.contains("|account|") && text.contains("the latest");
    assert!(world.browser.store(Area::Custom).has(kept));
}
