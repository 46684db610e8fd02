//! What a review tried: tabs that sign in, choose and fail while a refresh token is on its way.

use super::{forced, notes, scene, sign_in};
use crate::{
    browser::{Answer, Sent, field, http, opened},
    provider::ISSUER,
    server::{ALICE, claims, jwt},
    world::{PAGE, REDIRECT_URI, World, acquiring, asking, code, finish, now, query, silent, wanting},
};
use consentry::error::BrowserError;
use serde_json::{Value as Json, json};
use std::{cell::Cell, rc::Rc};

fn come_back(world: &World, url: &str) {
    let asked = query(url);
    let answer = [("code", "c"), ("state", field(&asked, "state")), ("session_state", "s"), ("iss", ISSUER)];
    world.come_back(REDIRECT_URI, &answer.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

/// The answer to a code, without a refresh token.
fn tokens_without_refresh_token(sent: &Sent, nonce: &str) -> Answer {
    let mut said = claims(ALICE, sent.at);
    said["iss"] = json!(ISSUER);
    said["sub"] = json!("alice");
    said["nonce"] = json!(nonce);
    Ok(http(
        200,
        &json!({ "token_type": "Bearer", "access_token": "by-code", "expires_in": 600, "id_token": jwt(&said) }),
    ))
}

#[test]
fn a_sign_in_does_not_bring_back_what_another_tab_has_used() {
    let (world, server) = scene("localStorage");
    let url = world.leave(&world.client(), &acquiring(&["notes.read"]));
    come_back(&world, &url);
    let client = world.client();
    let other = world.client_in(&world.browser.new_tab(PAGE));
    let (nonce, tokens) = (field(&query(&url), "nonce").to_owned(), Rc::clone(&server));
    world.browser.network().serve(&format!("{ISSUER}/token"), move |sent| {
        if sent.field("grant_type") == "refresh_token" {
            return tokens.token(sent);
        }
        silent(&other, &forced()).expect("the other tab refreshes meanwhile");
        tokens_without_refresh_token(sent, &nonce)
    });
    finish(&client).expect("the sign-in succeeds").expect("there was a response");
    silent(&client, &forced()).expect("a token");
    assert_eq!(server.counts(), (2, 0));
}

#[test]
fn who_chooses_nobody_still_hears_of_the_others() {
    let (world, server) = scene("localStorage");
    let one = world.client();
    silent(&world.client_in(&world.browser.new_tab(PAGE)), &notes()).expect("a token");
    one.set_active_account(None).expect("there is storage");
    silent(&one, &forced()).expect("a token");
    assert_eq!(server.counts(), (2, 0));
}

#[test]
fn a_refresh_that_a_new_sign_in_overtakes_leaves_it_alone() {
    for has_id_token in [true, false] {
        let (world, server) = scene("localStorage");
        let world = Rc::new(world);
        let (client, tab) = (world.client(), world.browser.new_tab(PAGE));
        let (tokens, inside, is_done) = (Rc::clone(&server), Rc::clone(&world), Cell::new(false));
        world.browser.network().serve(&format!("{ISSUER}/token"), move |sent| {
            let answer = tokens.token(sent)?;
            if sent.field("grant_type") != "refresh_token" || is_done.replace(true) {
                return Ok(answer);
            }
            // The answer is on its way; in another tab a sign-in begins and ends.
            now(inside.client_in(&tab).begin_redirect(&asking(&["notes.read"]))).expect("the page is left");
            let url = tab.left().last().expect("somewhere was gone to").url.clone();
            tokens.nonce.replace(field(&query(&url), "nonce").to_owned());
            let state = field(&query(&url), "state").to_owned();
            tab.open(&format!("{REDIRECT_URI}#code=c&state={state}&session_state=s&iss={ISSUER}"));
            finish(&inside.client_in(&tab)).expect("the sign-in succeeds").expect("there was a response");
            let mut body: Json = serde_json::from_str(answer.body.expose()).expect("JSON");
            if !has_id_token {
                body.as_object_mut().expect("an object").remove("id_token");
            }
            Ok(http(200, &body))
        });
        silent(&client, &forced()).expect("by the token of the new sign-in");
        let kept = opened(&world.browser.local().dump()).into_iter().find(|(key, _)| key.contains("|account|"));
        let kept: Json = serde_json::from_str(&kept.expect("somebody is signed in").1).expect("JSON");
        assert_eq!(kept["refreshToken"], json!(*server.latest.borrow()), "ID token: {has_id_token}");
    }
}

#[test]
fn what_failed_before_it_was_sent_costs_nothing() {
    let (world, server) = scene("localStorage");
    world.browser.pass(90_000);
    world.browser.network().serve("https://keys.example/one", |_| Err(BrowserError::GetFailed));
    assert_eq!(code(silent(&world.client(), &notes())), "get_request_failed", "the keys are a day old");
    assert_eq!(server.counts(), (0, 0));
    let mut key = crate::server::jwk(crate::server::KEY_ID);
    key.as_object_mut().expect("an object").remove("issuer");
    world.browser.network().serve("https://keys.example/one", move |_| Ok(http(200, &json!({ "keys": [key] }))));
    silent(&world.client(), &notes()).expect("a token");
    assert_eq!(server.counts(), (1, 0));
}

#[test]
fn after_a_lost_answer_the_user_brings_a_new_one() {
    let (world, server) = scene("localStorage");
    server.change(|_| Err(BrowserError::PostFailed));
    silent(&world.client(), &notes()).expect_err("it is lost");
    server.recover();
    let url = world.leave(&world.client(), &acquiring(&["notes.read"]));
    assert_eq!(field(&query(&url), "prompt"), "consent", "or the server gives none");
    let client = sign_in(&world, &server);
    silent(&client, &forced()).expect("a token");
}

#[test]
fn a_storage_that_is_nearly_full_keeps_the_refresh_token_if_it_keeps_anything() {
    let mut kept = 0;
    for room in (0..700).step_by(20) {
        let (world, server) = scene("localStorage");
        silent(&world.client(), &notes()).expect("a token");
        world.browser.local().set_room(room);
        let first = silent(&world.client(), &wanting(&["api://other/notes.write"]));
        let is_stored = world.browser.local().dump().keys().any(|key| key.contains("other"));
        world.browser.local().set_room(1 << 20);
        let second = silent(&world.client(), &forced());
        assert_eq!(server.counts().1, 0, "{room} bytes");
        kept += usize::from(first.is_ok() && !is_stored && second.is_ok());
        assert!(second.is_ok() || room < 40, "{room} bytes: {second:?}");
    }
    assert!(kept > 3, "{kept} times only the access token had no room");
}

#[test]
fn a_token_that_has_not_ended_is_served_while_there_is_no_other() {
    let (world, server) = scene("localStorage");
    silent(&world.client(), &notes()).expect("a token for ten minutes");
    world.browser.pass(400);
    server.change(|_| Err(BrowserError::PostFailed));
    for _ in 0..2 {
        assert!(silent(&world.client(), &notes()).expect("it has not ended").from_cache);
    }
    assert_eq!(server.counts(), (2, 0), "the second call sends nothing");
}

#[test]
fn a_refusal_at_another_server_is_one_whatever_stands_beside_it() {
    let (world, server) = scene("localStorage");
    server.change(|_| Ok(http(400, &json!({ "error": "invalid_grant", "suberror": "reuse" }))));
    for expected in ["invalid_grant", "no_tokens_found", "no_tokens_found"] {
        assert_eq!(code(silent(&world.client(), &notes())), expected);
    }
    assert_eq!(server.counts(), (1, 0));
}
