//! Requests that are handed to the server before the user is sent there (RFC 9126).

use super::{ISSUER, answer_tokens, answered, world_with};
use crate::{
    browser::{Answer, field, html, http, pairs},
    server::{AUTHORITY, CLIENT_ID, METADATA_URL, metadata},
    world::{World, asking, code, finish, now, value},
};
use consentry::{binding::dictionary, client::RedirectRequest, error::ConfigError};
use serde_json::{Value as Json, json};
use std::cell::Cell;

const PUSH: &str = "https://id.example/Realms/one/request";
const AUTHORIZE: &str = "https://id.example/Realms/one/auth";

/// A server that takes pushed requests, or takes no others, and an app that wants them where it can.
fn pushing(is_required: bool, wanted: &str, answer: impl Fn(u32) -> Answer + 'static) -> World {
    let told =
        json!({ "pushed_authorization_request_endpoint": PUSH, "require_pushed_authorization_requests": is_required });
    let world = world_with(&json!({ "pushedAuthorizationRequests": wanted }), &told);
    let count = Cell::new(0);
    world.browser.network().serve(PUSH, move |_| {
        count.set(count.get() + 1);
        answer(count.get())
    });
    world
}

fn taken(count: u32) -> Answer {
    Ok(http(201, &json!({ "request_uri": format!("urn:ietf:params:oauth:request_uri:{count}"), "expires_in": 60 })))
}

/// The request URIs of the addresses that the user was sent to.
fn request_uris(world: &World) -> Vec<String> {
    let left = world.browser.left();
    let queries = left.iter().map(|left| pairs(left.url.split_once('?').expect("a query").1));
    queries.map(|query| field(&query, "request_uri").to_owned()).collect()
}

#[test]
fn the_server_is_handed_all_of_it_and_the_address_has_its_name_alone() {
    let world = pushing(true, "required", taken);
    let url = world.leave(&world.client(), &asking(&["notes.read"]));
    let expected =
        format!("{AUTHORIZE}?client_id={CLIENT_ID}&request_uri=urn%3Aietf%3Aparams%3Aoauth%3Arequest_uri%3A1");
    assert_eq!(url, expected);
    let sent = world.token_requests();
    let [pushed] = sent.as_slice() else { panic!("one request is pushed") };
    assert_eq!((pushed.url.as_str(), pushed.query.len(), &pushed.bearer), (PUSH, 0, &None));
    let form = pushed.form.as_ref().expect("a form");
    let names: Vec<_> = form.iter().map(|(name, _)| name.as_str()).collect();
    let expected = [
        "client_id",
        "response_type",
        "response_mode",
        "redirect_uri",
        "scope",
        "state",
        "nonce",
        "code_challenge",
        "code_challenge_method",
        "prompt",
    ];
    assert_eq!(names, expected, "what is in the address otherwise");
    answer_tokens(&world, field(form, "nonce"));
    answered(&world, form);
    assert!(finish(&world.client()).expect("the sign-in succeeds").is_some());
}

#[test]
fn it_is_pushed_where_the_server_demands_it_or_the_app_wants_it() {
    for (is_required, wanted, expected) in
        [(false, "required", 0), (true, "required", 1), (false, "advertised", 1), (true, "advertised", 1)]
    {
        let world = pushing(is_required, wanted, taken);
        world.leave(&world.client(), &asking(&["notes.read"]));
        assert_eq!(world.token_requests().len(), expected, "{is_required} {wanted}");
    }
    let world = world_with(&json!({ "pushedAuthorizationRequests": "advertised" }), &json!({}));
    let url = world.leave(&world.client(), &asking(&["notes.read"]));
    assert!(url.contains("&scope=") && world.token_requests().is_empty(), "a server that does not take them");
    let world = world_with(&json!({}), &json!({ "require_pushed_authorization_requests": true }));
    let error = now(world.client().begin_redirect(&asking(&["notes.read"]))).expect_err("it can't be asked");
    assert!(error.to_string().contains("`pushed_authorization_request_endpoint`"));
}

#[test]
fn the_platform_is_handed_nothing() {
    let mut told = metadata();
    told["pushed_authorization_request_endpoint"] = json!(PUSH);
    told["require_pushed_authorization_requests"] = json!(true);
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "pushedAuthorizationRequests": "advertised" });
    let world = World::configured(json!({ "auth": auth }));
    world.browser.network().serve(METADATA_URL, move |_| Ok(http(200, &told)));
    assert!(world.leave(&world.client(), &asking(&["User.Read"])).contains("&scope="));
    assert!(world.token_requests().is_empty());
}

#[test]
fn a_name_is_used_once() {
    let world = pushing(true, "required", taken);
    let client = world.client();
    for _ in 0..3 {
        world.leave(&client, &asking(&["notes.read"]));
    }
    let uris = request_uris(&world);
    assert_eq!(uris.iter().collect::<std::collections::BTreeSet<_>>().len(), 3);
    let kept = format!("{:?}", world.stored());
    assert!(uris.iter().all(|uri| !kept.contains(uri)), "and none is kept");
}

#[test]
fn an_answer_without_a_name_sends_nobody_anywhere() {
    let table = [
        http(201, &json!({})),
        http(201, &json!({ "request_uri": "" })),
        http(201, &json!({ "request_uri": null })),
        http(201, &json!({ "request_uri": ["urn:1"] })),
        http(201, &json!(["urn:1"])),
        http(200, &json!({ "request_uri": "urn:1" })),
        html(201, "<html>"),
        html(204, ""),
    ];
    for answer in table {
        let body = answer.body.expose().to_owned();
        let world = pushing(true, "required", move |_| Ok(answer.clone()));
        assert_eq!(
            code(now(world.client().begin_redirect(&asking(&["notes.read"])))),
            "invalid_pushed_response",
            "{body}"
        );
        assert!(world.browser.left().is_empty());
        assert!(!format!("{:?}", world.stored()).contains("|pending|"), "and nothing waits for an answer");
    }
    let world = pushing(true, "required", |_| Ok(http(201, &json!({ "request_uri": "urn:1", "expires_in": "soon" }))));
    world.leave(&world.client(), &asking(&["notes.read"]));
    assert_eq!(request_uris(&world), ["urn:1"], "how long it lasts does not matter");
}

#[test]
fn a_refusal_is_the_server_s_and_does_not_repeat_what_was_sent() {
    let error = |body: Json| move |_| Ok(http(400, &body));
    let refused = |world: &World| {
        let error = now(world.client().begin_redirect(&asking(&["notes.read"]))).expect_err("it is refused");
        assert!(world.browser.left().is_empty());
        error
    };
    let world = pushing(true, "required", error(json!({ "error": "invalid_request", "error_description": "no" })));
    let told = refused(&world);
    assert_eq!(
        (told.code(), told.class().name(), told.to_string().as_str()),
        ("invalid_request", "MisconfiguredError", "no")
    );
    for (status, expected) in [
        (400, "http_error"),
        (405, "http_error"),
        (413, "http_error"),
        (429, "temporarily_unavailable"),
        (500, "server_error"),
    ] {
        let world = pushing(true, "required", move |_| Ok(html(status, "")));
        assert_eq!(refused(&world).code(), expected, "{status}");
    }
    let hint = "the.id_token.of.somebody.who.was.signed.in";
    let world = pushing(true, "required", move |_| {
        Ok(http(400, &json!({ "error": "invalid_request", "error_description": hint })))
    });
    let hinted = RedirectRequest { extra: vec![("id_token_hint", hint)], ..asking(&["notes.read"]) };
    let told = now(world.client().begin_redirect(&hinted)).expect_err("it is refused");
    assert_eq!(told.to_string(), "withheld", "nor what the app gave along");
    for name in ["state", "nonce", "code_challenge"] {
        let world = pushing(true, "required", taken);
        world.browser.network().serve(PUSH, move |sent| {
            Ok(http(
                400,
                &json!({ "error": "invalid_request", "error_description": format!("bad {}", sent.field(name)) }),
            ))
        });
        assert_eq!(refused(&world).to_string(), "withheld", "{name}");
    }
}

#[test]
fn what_can_t_be_sent_is_not_pushed() {
    let world = pushing(true, "required", taken);
    let request = RedirectRequest { extra: vec![("state", "mine")], ..asking(&["notes.read"]) };
    assert_eq!(code(now(world.client().begin_redirect(&request))), "invalid_extra_parameter");
    assert!(world.token_requests().is_empty());
    let auth = json!({ "clientId": CLIENT_ID, "authority": ISSUER, "pushedAuthorizationRequests": "always" });
    let config = dictionary::config(&value(&json!({ "auth": auth, "system": { "protocolMode": "OIDC" } })));
    let (field, expected) = ("auth.pushedAuthorizationRequests", "`required` or `advertised`");
    assert_eq!(config.err(), Some(ConfigError::Field { field, expected }));
}

#[test]
fn what_the_app_can_do_is_handed_over_with_the_rest() {
    let told = json!({ "pushed_authorization_request_endpoint": PUSH, "require_pushed_authorization_requests": true });
    let world = world_with(&json!({ "clientCapabilities": ["CP1"] }), &told);
    world.browser.network().serve(PUSH, |_| taken(1));
    let url = world.leave(&world.client(), &asking(&["notes.read"]));
    assert!(!url.contains("claims"), "{url}");
    let sent = world.token_requests();
    assert_eq!(sent[0].field("claims"), r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#);
}
