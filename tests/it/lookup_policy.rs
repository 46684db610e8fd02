//! `cacheLookupPolicy`: what is asked of whom for a token.

use crate::{
    server::{ALICE, AUTHORITY, CLIENT_ID},
    world::{World, fragment, silent, value},
};
use consentry::{binding::dictionary, error::ConfigError};
use serde_json::{Value as Json, json};
use std::rc::Rc;

/// Where the token came from, or the code of what was said instead.
fn source(world: &World, policy: u64, force: bool) -> String {
    let client = world.client();
    world.browser.network().take_sent();
    world.browser.take_framed();
    let request = value(&json!({ "scopes": ["User.Read"], "cacheLookupPolicy": policy, "forceRefresh": force }));
    let request = dictionary::silent_request(&request, "correlation-silent").expect("the request is right");
    let outcome = silent(&client, &request);
    let mut asked: Vec<_> = world.token_requests().iter().map(|sent| sent.field("grant_type").to_owned()).collect();
    asked.extend(world.browser.take_framed().iter().map(|_| "frame".to_owned()));
    match outcome {
        Ok(result) if result.from_cache => asked.push("cache".to_owned()),
        Ok(_) => {}
        Err(error) => asked.push(error.code().to_owned()),
    }
    asked.join(" ")
}

/// Alice, who has a session at the server.
fn signed_in(has_refresh_token: bool) -> World {
    let world = World::new();
    if !has_refresh_token {
        world.server.change_tokens(|tokens| tokens["refresh_token"] = Json::Null);
    }
    world.sign_in(&["User.Read"]);
    let server = Rc::clone(&world.server);
    server.set_user(ALICE);
    world.browser.set_frames(move |url| Ok(fragment(&server.authorize(url))));
    world
}

const REFRESH: &str = "refresh_token";
const FRAME: &str = "authorization_code frame";
const NEITHER: &str = "token_refresh_required";
const NO_TOKEN: &str = "no_tokens_found";

/// By policy: with a token that is good, with one that has ended, and where there is no refresh token to renew that by.
const TABLE: [[&str; 3]; 6] = [
    ["cache", REFRESH, FRAME],
    ["cache", NEITHER, NEITHER],
    ["cache", REFRESH, NO_TOKEN],
    [REFRESH, REFRESH, NO_TOKEN],
    [REFRESH, REFRESH, FRAME],
    [FRAME, FRAME, FRAME],
];

#[test]
fn each_policy_asks_whom_it_names_and_nobody_else() {
    for (policy, [good, ended, without]) in (0..).zip(TABLE) {
        assert_eq!(source(&signed_in(true), policy, false), good, "{policy}, good");
        for (has_refresh_token, expected) in [(true, ended), (false, without)] {
            let world = signed_in(has_refresh_token);
            world.browser.pass(7200);
            assert_eq!(source(&world, policy, false), expected, "{policy}, ended, {has_refresh_token}");
        }
    }
}

#[test]
fn what_is_not_to_come_from_the_cache_does_not_with_any_policy() {
    for (policy, expected) in (0..).zip([REFRESH, NEITHER, REFRESH, REFRESH, REFRESH, FRAME]) {
        assert_eq!(source(&signed_in(true), policy, true), expected, "{policy}");
    }
}

#[test]
fn there_are_six() {
    for policy in [json!(6), json!(99)] {
        let request = value(&json!({ "scopes": ["User.Read"], "cacheLookupPolicy": policy }));
        let error = dictionary::silent_request(&request, "").expect_err("there is none of this number");
        assert!(matches!(error, ConfigError::Field { field: "cacheLookupPolicy", .. }), "{error:?}");
    }
}

#[test]
fn a_request_may_name_the_client_s_own_server_only() {
    let world = World::configured(json!({ "auth": { "clientId": CLIENT_ID, "authority": AUTHORITY } }));
    let client = world.client();
    let check = |request: Json| dictionary::check_authority(&value(&request), client.authority());
    for own in [AUTHORITY.to_owned(), format!("{AUTHORITY}/"), AUTHORITY.replace("login", "LOGIN")] {
        assert!(check(json!({ "authority": own })).is_ok(), "{own}");
    }
    assert!(check(json!({})).is_ok() && check(json!({ "authority": null })).is_ok());
    for other in ["https://login.example/organizations", "https://evil.example/common", "no address", ""] {
        let error = check(json!({ "authority": other })).expect_err(other);
        assert!(matches!(error, ConfigError::Field { field: "authority", .. }), "{other}: {error:?}");
    }
}
