//! Who signed an ID token: the server's keys, when they are asked for, and what is refused.

use crate::{
    browser::{TODAY, html, http},
    server::{ALICE, AUTHORITY, CLIENT_ID, KEY_ID, KEYS_URL, claims, jwk, jwt_by, jwt_of, metadata},
    world::{Client, REDIRECT_URI, World, asking, code, finish, now, silent, usernames, value, wanting},
};
use consentry::{
    binding::dictionary,
    cache::AccountFilter,
    client::{AuthenticationResult, SilentRequest},
    error::{ConfigError, Error},
    protocol::{Algorithm, IdToken, find_key},
    secret::Secret,
};
use serde_json::{Value as Json, json};

const DAY: u64 = 86_400;

/// A client that has to ask the server, whatever it has.
fn forced<'a>() -> SilentRequest<'a> {
    SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }
}

fn signed_in(location: &str) -> (World, Client) {
    let world = World::keeping_in(location);
    let (client, _) = world.sign_in(&["User.Read"]);
    assert_eq!(keys_asked_for(&world), 1, "the first time");
    (world, client)
}

fn keys_asked_for(world: &World) -> usize {
    world.browser.network().take_sent().iter().filter(|sent| sent.url == KEYS_URL).count()
}

fn serve_keys(world: &World, keys: &[&str]) {
    let set = json!({ "keys": keys.iter().map(|key_id| jwk(key_id)).collect::<Vec<_>>() });
    world.browser.network().serve(KEYS_URL, move |_| Ok(http(200, &set)));
}

/// The server signs with this key, and says so.
fn sign_with(world: &World, key_id: &'static str) {
    world.server.sign_by(move |claims| jwt_by(key_id, &json!({ "alg": "RS256", "kid": key_id }), claims));
}

/// A sign-in that fails: nobody is signed in, and nothing is stored.
#[track_caller]
fn refused(world: &World, expected: &str) {
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    let client = world.client();
    assert_eq!(code(finish(&client)), expected);
    assert!(usernames(&client).is_empty());
    let is_of_tokens = |key: &String| ["|account|", "|access|", "|consent|"].iter().any(|kind| key.contains(kind));
    assert!(!world.stored().iter().flat_map(|area| area.keys()).any(is_of_tokens));
}

#[test]
fn the_keys_are_asked_for_once_a_day() {
    let (world, client) = signed_in("sessionStorage");
    for _ in 0..3 {
        silent(&client, &forced()).expect("a token");
    }
    assert_eq!(keys_asked_for(&world), 0, "they are known");
    world.browser.pass(DAY - 1);
    silent(&client, &forced()).expect("a token");
    assert_eq!(keys_asked_for(&world), 0, "for a day");
    world.browser.pass(1);
    silent(&client, &forced()).expect("a token");
    assert_eq!(keys_asked_for(&world), 1, "and no longer");
}

#[test]
fn pages_find_the_keys_where_the_tokens_are() {
    let (world, _) = signed_in("localStorage");
    let other_tab = world.browser.new_tab(REDIRECT_URI);
    silent(&world.client_in(&other_tab), &forced()).expect("a token");
    assert_eq!(keys_asked_for(&world), 0);
    world.browser.turn_back(10 * DAY);
    silent(&world.client_in(&other_tab), &forced()).expect("a token");
    assert_eq!(keys_asked_for(&world), 1, "what a clock that was wrong has left is not for ever");
    now(world.client().clear(None)).expect("all is forgotten");
    assert!(world.stored()[1].is_empty(), "the keys as well");

    let (world, client) = signed_in("memoryStorage");
    silent(&client, &forced()).expect("a token");
    assert_eq!(keys_asked_for(&world), 0);
}

#[test]
fn keys_that_were_spoilt_in_the_storage_are_asked_for_anew() {
    for spoilt in ["", "null", "[]", r#"{"fetchedOn":1795132800}"#, r#"{"fetchedOn":"later","document":{"keys":[]}}"#] {
        let (world, _) = signed_in("localStorage");
        let mut local = world.browser.local().dump();
        let key = local.keys().find(|key| key.contains("|keys|")).expect("they are there").clone();
        local.insert(key, spoilt.to_owned());
        world.browser.local().restore(&local);
        silent(&world.client(), &forced()).expect("a token");
        assert_eq!(keys_asked_for(&world), 1, "{spoilt}");
    }
}

#[test]
fn a_server_may_change_its_key_at_any_time() {
    let (world, client) = signed_in("sessionStorage");
    serve_keys(&world, &[KEY_ID, "2"]);
    sign_with(&world, "2");
    silent(&client, &forced()).expect("the new key is found");
    silent(&client, &forced()).expect("and known");
    assert_eq!(keys_asked_for(&world), 1);
}

#[test]
fn it_may_change_again_at_once_and_calls_at_once_all_find_it() {
    let (world, client) = signed_in("sessionStorage");
    for key_id in ["2", "3"] {
        serve_keys(&world, &[KEY_ID, "2", "3"][..=usize::from(key_id == "3") + 1]);
        sign_with(&world, key_id);
        silent(&client, &forced()).expect("the new key is found");
    }
    assert_eq!(keys_asked_for(&world), 2);
}

#[test]
fn a_refresh_token_is_not_spent_while_there_are_no_keys() {
    let (world, client) = signed_in("sessionStorage");
    world.browser.pass(DAY);
    world.browser.network().serve(KEYS_URL, |_| Ok(http(503, &json!({}))));
    let before = world.stored();
    assert_eq!(code(silent(&client, &forced())), "get_request_failed");
    assert!(world.token_requests().is_empty(), "the server would not take it twice");
    assert_eq!(world.stored(), before);
    serve_keys(&world, &[KEY_ID]);
    silent(&client, &forced()).expect("a token, once they are there again");
}

#[test]
fn a_key_that_is_not_there_yet_is_no_reason_to_be_without_a_token() {
    let (world, client) = signed_in("sessionStorage");
    world.browser.pass(3400);
    sign_with(&world, "2");
    assert!(silent(&client, &wanting(&["User.Read"])).expect("it lives for some minutes").from_cache);
}

#[test]
fn who_makes_up_names_of_keys_does_not_have_us_call_the_server() {
    let (world, client) = signed_in("sessionStorage");
    // So that the same one can be tried again.
    world.server.change_tokens(|tokens| drop(tokens.as_object_mut().and_then(|tokens| tokens.remove("refresh_token"))));
    sign_with(&world, "made-up");
    let before = world.stored();
    for _ in 0..5 {
        assert_eq!(code(silent(&client, &forced())), "id_token_key_not_found");
    }
    assert_eq!(keys_asked_for(&world), 1, "it may be new");
    world.browser.pass(60);
    for _ in 0..5 {
        assert_eq!(code(silent(&client, &forced())), "id_token_key_not_found");
    }
    assert_eq!(keys_asked_for(&world), 1, "once in a minute");
    assert_eq!(usernames(&client), [ALICE.name]);
    let without_keys = |stored: [crate::browser::Dump; 2]| {
        stored.map(|area| area.into_iter().filter(|(key, _)| !key.contains("|keys|")).collect::<Vec<_>>())
    };
    assert_eq!(without_keys(world.stored()), without_keys(before), "nothing of it is kept");
}

#[test]
fn a_wrong_signature_signs_nobody_in() {
    type Sign = fn(&Json) -> String;
    let header = || json!({ "typ": "JWT", "alg": "RS256", "kid": KEY_ID });
    let table: [(&str, Sign, &str); 5] = [
        (
            "another's key",
            |claims| jwt_by("2", &json!({ "alg": "RS256", "kid": KEY_ID }), claims),
            "id_token_signature_invalid",
        ),
        (
            "no signature of a key",
            |claims| jwt_of(&json!({ "alg": "RS256", "kid": KEY_ID }), claims, "c2ln"),
            "id_token_signature_invalid",
        ),
        ("none", |claims| jwt_by(KEY_ID, &json!({ "alg": "none" }), claims), "id_token_algorithm_not_accepted"),
        (
            "a MAC with the public key",
            |claims| jwt_by(KEY_ID, &json!({ "alg": "HS256", "kid": KEY_ID }), claims),
            "id_token_algorithm_not_accepted",
        ),
        (
            "an algorithm that is not the key's",
            |claims| jwt_by(KEY_ID, &json!({ "alg": "ES256", "kid": KEY_ID }), claims),
            "id_token_key_not_found",
        ),
    ];
    for (name, sign, expected) in table {
        let world = World::new();
        world.server.sign_by(sign);
        println!("{name}");
        refused(&world, expected);
    }
    let world = World::new();
    world.server.sign_by(move |claims| {
        let signed = jwt_by(KEY_ID, &header(), claims);
        let mut other = claims.clone();
        other["name"] = json!("Mallory");
        let (text, _) = signed.rsplit_once('.').expect("a signature");
        let changed = jwt_of(&header(), &other, signed.rsplit_once('.').expect("a signature").1);
        assert!(!changed.starts_with(text));
        changed
    });
    refused(&world, "id_token_signature_invalid");
}

#[test]
fn a_refresh_with_a_wrong_signature_changes_nothing() {
    let (world, client) = signed_in("sessionStorage");
    let before = world.stored();
    world.server.sign_by(|claims| jwt_by("2", &json!({ "alg": "RS256", "kid": KEY_ID }), claims));
    assert_eq!(code(silent(&client, &forced())), "id_token_signature_invalid");
    assert_eq!(world.stored(), before);
    assert!(silent(&client, &wanting(&["User.Read"])).expect("the old token").from_cache);
}

/// What comes of a token of another API that comes with an ID token whose signature is wrong.
fn with_a_wrong_signature(changed: impl FnOnce(&World)) -> (World, Result<AuthenticationResult, Error>) {
    let world = World::keeping_in("sessionStorage");
    world.sign_in(&["api://orders/Read"]);
    world.browser.pass(7200);
    let (client, _) = world.sign_in(&["User.Read"]);
    silent(&client, &forced()).expect("its ID token is of now");
    let account = client.accounts(AccountFilter::default()).remove(0);
    changed(&world);
    world.server.sign_by(|claims| jwt_by("2", &json!({ "alg": "RS256", "kid": KEY_ID }), claims));
    let outcome = silent(&client, &wanting(&["api://orders/Read"]));
    if let Ok(result) = &outcome {
        assert!(!result.from_cache);
        assert_eq!(result.account.id_token.expose(), account.id_token.expose(), "no other one is told");
    }
    (world, outcome)
}

#[test]
fn an_id_token_that_is_no_news_is_left_out_unread() {
    let (world, outcome) = with_a_wrong_signature(|world| world.browser.pass(59));
    outcome.expect("a token");
    let next = world.client();
    assert!(silent(&next, &wanting(&["api://orders/Read"])).expect("a token").from_cache);
    for (claim, value, expected) in [
        ("name", json!("Mallory"), "id_token_signature_invalid"),
        ("roles", json!(["Admin"]), "id_token_signature_invalid"),
        ("iat", json!(TODAY + 60), "id_token_signature_invalid"),
        ("nonce", json!("another"), "id_token_signature_invalid"),
        ("sub", json!("another"), "id_token_signature_invalid"),
        ("aud", json!("another"), "invalid_id_token"),
    ] {
        let changed = |world: &World| world.server.change_claims(move |claims| claims[claim] = value.clone());
        assert_eq!(code(with_a_wrong_signature(changed).1), expected, "{claim}");
    }
}

#[test]
fn where_there_are_no_keys_nobody_is_signed_in() {
    let table = [
        (http(404, &json!({ "keys": [jwk(KEY_ID)] })), "get_request_failed"),
        (html(200, "<html>"), "openid_config_error"),
        (http(200, &json!([])), "openid_config_error"),
        (http(200, &json!({ "keys": null })), "openid_config_error"),
        (http(200, &json!({ "keys": "none" })), "openid_config_error"),
        (http(200, &json!({ "keys": [] })), "id_token_key_not_found"),
        (http(200, &json!({ "keys": [null, 1, "key", []] })), "id_token_key_not_found"),
    ];
    for (answer, expected) in table {
        let world = World::new();
        world.browser.network().serve(KEYS_URL, move |_| Ok(answer.clone()));
        refused(&world, expected);
    }
    let world = World::new();
    let unusable = rsa(json!({ "n": format!("{:u<342}", "unusable") }));
    world.browser.network().serve(KEYS_URL, move |_| Ok(http(200, &json!({ "keys": [unusable] }))));
    refused(&world, "id_token_key_not_found");
    let mut document = metadata();
    document.as_object_mut().expect("an object").remove("jwks_uri");
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "authorityMetadata": document.to_string() });
    let config = dictionary::config(&value(&json!({ "auth": auth })));
    assert_eq!(config.err(), Some(ConfigError::AuthorityMetadata), "before anybody is sent anywhere");
    let world = World::new();
    world.browser.set_secure(false);
    refused(&world, "insecure_context");
}

/// The server's RSA key, changed.
fn rsa(change: Json) -> Json {
    let mut key = jwk(KEY_ID);
    key.as_object_mut().expect("an object").extend(change.as_object().expect("an object").clone());
    key
}

#[track_caller]
fn assert_means(algorithm: Algorithm, key_id: Option<&str>, keys: &Json, expected: bool) {
    let name = match algorithm {
        Algorithm::Rs256 => "RS256",
        Algorithm::Ps256 => "PS256",
        Algorithm::Es256 => "ES256",
        Algorithm::EdDsa => "EdDSA",
    };
    let token = jwt_of(&json!({ "alg": name, "kid": key_id }), &claims(ALICE, TODAY), "c2ln");
    let token = IdToken::parse(Secret::new(token)).expect("an ID token");
    let key = find_key(&value(&json!({ "keys": keys })), &token);
    assert_eq!(key.is_some(), expected, "{algorithm:?} {key_id:?} {keys}");
    let is_bare = |key: consentry::protocol::PublicKey| key.algorithm == algorithm && key.jwk.member("kid").is_none();
    assert!(key.is_none_or(is_bare), "nothing but the key");
}

#[test]
fn a_token_means_the_key_of_its_name_and_algorithm() {
    let ec = json!({ "kty": "EC", "crv": "P-256", "kid": "ec", "x": "eA", "y": "eQ" });
    let ed = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "ed", "x": "eA" });
    let all = json!([rsa(json!({})), ec, ed]);
    let two = json!([rsa(json!({})), rsa(json!({ "kid": "2" }))]);
    let twins = json!([rsa(json!({})), rsa(json!({}))]);
    let table = [
        (Algorithm::Rs256, Some(KEY_ID), &all, true),
        (Algorithm::Ps256, Some(KEY_ID), &all, true),
        (Algorithm::Es256, Some("ec"), &all, true),
        (Algorithm::EdDsa, Some("ed"), &all, true),
        (Algorithm::Es256, Some(KEY_ID), &all, false),
        (Algorithm::Rs256, Some("ec"), &all, false),
        (Algorithm::Rs256, Some("unknown"), &all, false),
        // Without a name, the only one that fits.
        (Algorithm::Rs256, None, &all, true),
        (Algorithm::Rs256, None, &two, false),
        (Algorithm::Rs256, Some("2"), &two, true),
        (Algorithm::Rs256, Some(KEY_ID), &twins, false),
    ];
    for (algorithm, key_id, keys, expected) in table {
        assert_means(algorithm, key_id, keys, expected);
    }
    let other_curve = json!([{ "kty": "EC", "crv": "P-384", "kid": "ec", "x": "eA", "y": "eQ" }]);
    assert_means(Algorithm::Es256, Some("ec"), &other_curve, false);
}

#[test]
fn a_key_is_for_signatures_of_its_issuer_and_strong_enough() {
    let own = format!("https://login.example/{}/v2.0", ALICE.tid);
    let table = [
        (json!({ "use": null }), true),
        (json!({ "use": "enc" }), false),
        (json!({ "use": 1 }), false),
        (json!({ "alg": "RS256" }), true),
        (json!({ "alg": "PS256" }), false),
        (json!({ "n": "0".repeat(341) }), false),
        (json!({ "n": format!("{:A>342}", "x".repeat(86)) }), false),
        (json!({ "n": null }), false),
        (json!({ "e": 3 }), false),
        (json!({ "e": "Aw" }), true),
        (json!({ "e": "AQ" }), false),
        (json!({ "e": "AAE" }), false),
        (json!({ "e": "" }), false),
        (json!({ "e": "#" }), false),
        (json!({ "key_ops": ["verify"] }), true),
        (json!({ "key_ops": ["encrypt", "verify"] }), true),
        (json!({ "key_ops": ["sign"] }), false),
        (json!({ "key_ops": [] }), false),
        (json!({ "key_ops": "verify" }), false),
        (json!({ "issuer": null }), true),
        (json!({ "issuer": "https://login.example/{tenantid}/v2.0" }), true),
        (json!({ "issuer": own }), true),
        (json!({ "issuer": "https://login.example/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0" }), false),
        (json!({ "issuer": "https://evil.example/{tenantid}/v2.0" }), false),
    ];
    for (change, expected) in table {
        assert_means(Algorithm::Rs256, Some(KEY_ID), &json!([rsa(change)]), expected);
    }
}
