//! Tokens that were granted silently without a part of what was wanted: the user is asked for the rest, of all APIs at once
//! and once.

use super::{come_back, left, signed_in, tokens};
use crate::{
    browser::field,
    world::{Client, World, acquiring},
};
use consentry::client::TokensResult;
use serde_json::json;

/// Permissions of three APIs, the second of each of which may be left out.
const ALL: [&str; 6] = ["User.Read", "Mail.Read", "api://a/A", "api://a/X", "api://b/B", "api://b/X"];
const LEFT_OUT: [&str; 3] = ["Mail.Read", "api://a/X", "api://b/X"];

/// The server, or the user, leaves the second ones out from now on.
fn narrow(world: &World) {
    world.server.change_tokens(|tokens| {
        let is_left = |scope: &&str| !["mail.read", "/x"].iter().any(|end| scope.to_ascii_lowercase().ends_with(end));
        let scopes: Vec<_> = tokens["scope"].as_str().expect("a text").split(' ').filter(is_left).collect();
        tokens["scope"] = json!(scopes.join(" "));
    });
}

/// What each token lacks.
fn lacking(results: &TokensResult) -> Vec<String> {
    results.iter().map(|(_, result)| result.as_ref().expect("a token").token.missing.to_parameter()).collect()
}

/// A page whose tokens were all granted silently without their second permissions; it was left once, to ask for those.
fn asked_for_the_rest() -> World {
    let (world, client) = signed_in(&ALL[..2], &ALL[2..]);
    narrow(&world);
    world.browser.pass(3_600);
    assert_eq!(lacking(&tokens(&client, &acquiring(&ALL))), LEFT_OUT, "they are tokens all the same");
    let asked = left(&world, 1);
    assert_eq!(asked.len(), 1, "nobody has asked the user yet");
    assert!(ALL.iter().all(|scope| field(&asked[0], "scope").split(' ').any(|sent| sent == *scope)), "{asked:?}");
    world
}

/// Loads the page twice more, which has what it has.
fn assert_settled(world: &World, client: Client, expected: &[&str]) {
    let before = world.browser.left().len();
    for client in [client, world.client()] {
        assert_eq!(lacking(&tokens(&client, &acquiring(&ALL))), expected);
        assert_eq!(world.browser.left().len(), before, "the user was asked, of each API");
    }
}

#[test]
fn what_is_left_out_of_every_api_is_asked_for_once() {
    let (world, client) = signed_in(&ALL[..1], &[]);
    narrow(&world);
    tokens(&client, &acquiring(&ALL));
    assert_eq!(left(&world, 1).len(), 1);
    let client = come_back(&world);
    assert_settled(&world, client, &LEFT_OUT);
}

#[test]
fn what_is_left_out_again_after_it_was_asked_for_is_not_asked_for_again() {
    let world = asked_for_the_rest();
    let client = come_back(&world);
    assert_settled(&world, client, &LEFT_OUT);
}

#[test]
fn what_the_user_grants_then_is_had_of_every_api() {
    let world = asked_for_the_rest();
    world.server.change_tokens(|_| {});
    let client = come_back(&world);
    assert_settled(&world, client, &["", "", ""]);
}
