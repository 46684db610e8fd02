//! Who the user is, as the server says when it is asked.

use crate::{
    browser::{field, html, http},
    server::{ALICE, BOB, USER_INFO_URL},
    world::{Client, World, access_token, acquiring, code, finish, named, now, silent, usernames, wanting},
};
use consentry::{
    cache::AccountFilter,
    client::SilentRequest,
    error::{BrowserError, Error},
    json::Value,
};
use serde_json::{Value as Json, json};
use std::{cell::Cell, rc::Rc};

fn load(client: &Client) -> Result<Value, Error> {
    now(client.load_user_info(None, "c0ffee"))
}

/// The subject of somebody's ID tokens.
fn subject(user: crate::server::User) -> String {
    format!("pairwise-{}", user.oid)
}

fn answering(body: Json) -> (World, Client) {
    let world = World::new();
    world.answer_user_info(move |_| http(200, &body));
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.network().take_sent();
    (world, client)
}

#[test]
fn the_server_is_asked_with_a_token_and_its_claims_are_told() {
    let (world, client) = answering(json!({ "sub": subject(ALICE), "name": "Alice", "given_name": "A", "odd": ["a"] }));
    let claims = load(&client).expect("claims");
    assert_eq!(crate::world::literal(&claims)["odd"], json!(["a"]), "whatever they are, and there need be no email");
    let token = silent(&client, &wanting(&["User.Read"])).expect("a token");
    let sent = world.browser.network().take_sent();
    let [sent] = sent.as_slice() else { panic!("one request") };
    assert_eq!((sent.url.as_str(), sent.bearer.as_deref()), (USER_INFO_URL, Some(access_token(&token))));
    assert!(sent.query.is_empty() && sent.form.is_none());
    assert_eq!(usernames(&client), [ALICE.name], "what the ID token says stands");
}

#[test]
fn of_somebody_else_or_of_nobody_nothing_is_told_or_kept() {
    let table = [
        json!({ "sub": subject(BOB), "name": "Bob" }),
        json!({ "sub": format!("{} ", subject(ALICE)) }),
        json!({ "sub": subject(ALICE).to_uppercase() }),
        json!({ "sub": "" }),
        json!({ "sub": null }),
        json!({ "sub": [subject(ALICE)] }),
        json!({ "name": "Alice" }),
        json!({}),
    ];
    for body in table {
        let (world, client) = answering(body.clone());
        let before = world.stored();
        assert_eq!(code(load(&client)), "userinfo_subject_mismatch", "{body}");
        assert_eq!(world.stored(), before);
    }
}

#[test]
fn an_answer_is_a_json_object() {
    for body in ["", "null", "[]", "\"sub\"", "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln", "<html>"] {
        let (world, client) = answering(json!({}));
        world.answer_user_info(move |_| html(200, body));
        assert_eq!(code(load(&client)), "invalid_userinfo_response", "{body}");
    }
}

#[test]
fn a_token_that_is_refused_is_renewed_once() {
    let (world, client) = answering(json!({}));
    let refused = access_token(&silent(&client, &wanting(&["User.Read"])).expect("a token")).to_owned();
    let good = json!({ "sub": subject(ALICE) });
    let old = refused.clone();
    world.answer_user_info(
        move |sent| {
            if sent.bearer.as_deref() == Some(&old) { html(401, "") } else { http(200, &good) }
        },
    );
    load(&client).expect("claims, by another token");
    assert_eq!(world.token_requests().len(), 1);
    let kept = silent(&client, &wanting(&["User.Read"])).expect("a token");
    assert!(kept.from_cache && access_token(&kept) != refused, "which took the place of the one before");

    world.answer_user_info(|_| http(401, &json!({ "error": { "code": "InvalidAuthenticationToken" } })));
    let error = load(&client).expect_err("no token will do");
    assert!(matches!(error, Error::InteractionRequired(_)));
    assert_eq!((error.code(), world.token_requests().len()), ("invalid_token", 1), "it is tried twice, not on and on");
}

#[test]
fn without_a_refresh_token_the_user_is_needed() {
    let world = World::new();
    world.server.change_tokens(|tokens| tokens["refresh_token"] = json!(null));
    world.answer_user_info(|_| html(401, ""));
    let (client, _) = world.sign_in(&["User.Read"]);
    assert!(matches!(load(&client), Err(Error::InteractionRequired(_))));
}

#[test]
fn any_other_refusal_is_the_server_s() {
    let body = json!({ "error": "insufficient_scope", "error_description": "openid is missing" });
    let table = [
        (http(403, &body), "insufficient_scope"),
        (html(403, ""), "http_error"),
        (html(400, ""), "http_error"),
        (html(204, ""), "http_error"),
        (html(500, "<html>"), "server_error"),
        (html(503, ""), "temporarily_unavailable"),
        (html(429, ""), "temporarily_unavailable"),
    ];
    for (answer, expected) in table {
        let (world, client) = answering(json!({}));
        let status = answer.status;
        world.answer_user_info(move |_| answer.clone());
        let error = load(&client).expect_err("it is refused");
        let Error::Server(reply) = &error else { panic!("{error:?}") };
        assert_eq!((error.code(), reply.status), (expected, Some(status)));
        assert!(world.token_requests().is_empty(), "another token would do as little");
    }
}

#[test]
fn a_refusal_does_not_repeat_the_token() {
    let (world, client) = answering(json!({}));
    world.answer_user_info(|sent| {
        let told = format!("no such token: {}", sent.bearer.as_deref().unwrap_or_default());
        http(403, &json!({ "error": "insufficient_scope", "error_description": told }))
    });
    assert_eq!(load(&client).expect_err("it is refused").to_string(), "withheld");
}

#[test]
fn a_server_without_the_endpoint_is_asked_for_no_token() {
    let mut told = crate::server::metadata();
    told.as_object_mut().expect("an object").remove("userinfo_endpoint");
    let world = World::new();
    world.browser.network().serve(crate::server::METADATA_URL, move |_| Ok(http(200, &told)));
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.network().take_sent();
    world.browser.pass(7200);
    assert_eq!(code(load(&client)), "userinfo_endpoint_not_supported");
    assert!(world.browser.network().take_sent().is_empty());
}

#[test]
fn it_is_asked_for_who_is_signed_in() {
    let world = World::new();
    assert_eq!(code(load(&world.client())), "no_account_error");
    world.sign_in(&["User.Read"]);
    let client = world.sign_in_as(BOB, &["User.Read"]);
    assert_eq!(code(load(&client)), "ambiguous_account");
    world.answer_user_info(|_| http(200, &json!({ "sub": subject(BOB) })));
    assert!(now(client.load_user_info(Some(named(BOB.name)), "c0ffee")).is_ok());
    assert_eq!(code(now(client.load_user_info(Some(named(ALICE.name)), "c0ffee"))), "userinfo_subject_mismatch");
}

#[test]
fn who_signed_out_meanwhile_is_not_told_of() {
    let (world, client) = answering(json!({ "sub": subject(ALICE) }));
    let leaving = Rc::downgrade(&client);
    let body = json!({ "sub": subject(ALICE) });
    let left = Rc::new(Cell::new(false));
    let is_left = Rc::clone(&left);
    world.answer_user_info(move |_| {
        let client = leaving.upgrade().expect("the client is there");
        now(client.clear(None)).expect("there is storage");
        is_left.set(true);
        http(200, &body)
    });
    assert_eq!(code(load(&client)), "no_account_error");
    assert!(left.get() && client.accounts(AccountFilter::default()).is_empty());
}

#[test]
fn a_network_that_fails_is_said_to() {
    let (world, client) = answering(json!({}));
    world.browser.network().serve(USER_INFO_URL, |_| Err(BrowserError::Offline));
    assert_eq!(code(load(&client)), "no_network_connectivity");
}

#[test]
fn a_token_that_has_ended_is_renewed_before_it_is_sent() {
    let (world, client) = answering(json!({ "sub": subject(ALICE) }));
    world.browser.pass(7200);
    load(&client).expect("claims");
    let sent = world.browser.network().take_sent();
    let tokens: Vec<_> = sent.iter().map(|sent| sent.field("scope")).filter(|scope| !scope.is_empty()).collect();
    assert_eq!(tokens, ["openid profile offline_access"], "no permission is asked for");
    let forced = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
    silent(&client, &forced).expect("what was granted is not lost");
}

#[test]
fn a_token_of_another_api_is_not_sent() {
    let world = World::new();
    world.answer_user_info(|_| http(200, &json!({ "sub": subject(ALICE) })));
    let (client, result) = world.sign_in(&["api://orders/Read"]);
    world.browser.network().take_sent();
    load(&client).expect("claims");
    let sent = world.browser.network().take_sent();
    let asked = sent.iter().find(|sent| sent.bearer.is_some()).expect("it is asked");
    assert_ne!(asked.bearer.as_deref(), Some(access_token(&result.result)));
    let url = world.leave(&client, &acquiring(&["User.Read"]));
    assert_eq!(field(&crate::world::query(&url), "login_hint"), ALICE.name);
    assert!(finish(&client).expect("nothing to take").is_none());
}
