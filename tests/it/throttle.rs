//! A server that says how long it wants to be left alone: it is, by the request that it said it to, and by no other.

use crate::{
    browser::http,
    provider,
    server::{ALICE, BOB},
    world::{Client, REDIRECT_URI, World, access_token, asking, code, finish, named, silent, wanting},
};
use consentry::{
    client::{AuthenticationResult, SilentRequest},
    error::{BrowserError, Error, ServerReply},
    protocol::HttpResponse,
};
use serde_json::json;
use std::rc::Rc;

const CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

fn busy(status: u16, retry_after: Option<u64>) -> HttpResponse {
    HttpResponse {
        retry_after,
        ..http(status, &json!({ "error": "temporarily_unavailable", "error_description": "AADSTS90055: busy" }))
    }
}

/// Somebody whose token has ended, at a server that is busy.
fn scene(answer: HttpResponse) -> (World, Client) {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.pass(3600);
    world.server.answer(answer);
    world.browser.network().take_sent();
    (world, client)
}

fn refused(outcome: Result<AuthenticationResult, Error>) -> Rc<ServerReply> {
    match outcome {
        Err(Error::Server(reply)) => reply,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_request_waits_as_long_as_the_server_says() {
    for status in [429, 500, 503, 504] {
        let (world, client) = scene(busy(status, Some(120)));
        let first = silent(&client, &wanting(&["User.Read"])).expect_err("the server is busy");
        assert_eq!(world.token_requests().len(), 1);
        world.server.recover();
        for (passed, left) in [(0, 120), (1, 119), (118, 1)] {
            world.browser.pass(passed);
            let again = silent(&client, &wanting(&["user.read"])).expect_err("it is not to be asked yet");
            assert_eq!((again.class(), again.code(), again.message()), (first.class(), first.code(), first.message()));
            let reply = refused(Err(again));
            assert_eq!((reply.status, reply.retry_after, reply.number()), (Some(status), Some(left), "90055"));
            assert_eq!(
                code(silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) })),
                first.code()
            );
        }
        assert!(world.token_requests().is_empty(), "nothing is sent");
        world.browser.pass(1);
        assert!(!silent(&client, &wanting(&["User.Read"])).expect("a token").from_cache);
        assert_eq!(world.token_requests().len(), 1);
    }
}

#[test]
fn other_requests_and_interactions_go_through() {
    let world = World::new();
    world.sign_in(&["User.Read", "Mail.Read"]);
    world.visit_server(&world.client(), &asking(&["api://orders/Read"]), REDIRECT_URI);
    finish(&world.client()).expect("no error").expect("a token");
    let client = world.sign_in_as(BOB, &["User.Read"]);
    world.browser.pass(3600);
    world.server.answer(busy(429, Some(120)));
    let of_alice = || SilentRequest { account: Some(named(ALICE.name)), ..wanting(&["User.Read"]) };
    refused(silent(&client, &of_alice()));
    world.server.recover();
    world.browser.network().take_sent();
    for request in [
        SilentRequest { scopes: wanting(&["Mail.Read"]).scopes, ..of_alice() },
        SilentRequest { scopes: wanting(&["api://orders/Read"]).scopes, ..of_alice() },
        SilentRequest { claims: Some(CLAIMS), ..of_alice() },
        SilentRequest { account: Some(named(BOB.name)), force_refresh: true, ..of_alice() },
    ] {
        silent(&client, &request).expect("another request");
    }
    assert_eq!(world.token_requests().len(), 4);
    refused(silent(&client, &SilentRequest { force_refresh: true, ..of_alice() }));
    world.visit_server(&client, &asking(&["User.Read"]), REDIRECT_URI);
    finish(&client).expect("an interaction is not held up").expect("there was an answer");
}

#[test]
fn claims_are_part_of_what_waits() {
    let (world, client) = scene(busy(429, Some(120)));
    refused(silent(&client, &SilentRequest { claims: Some(CLAIMS), ..wanting(&["User.Read"]) }));
    world.server.recover();
    refused(silent(
        &client,
        &SilentRequest { claims: Some(CLAIMS), correlation_id: "other", ..wanting(&["User.Read"]) },
    ));
    silent(&client, &wanting(&["User.Read"])).expect("without them it is another request");
    assert_eq!(world.token_requests().len(), 2);
}

#[test]
fn a_token_that_still_lives_is_served_while_the_server_is_left_alone() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    let first = access_token(&silent(&client, &wanting(&["User.Read"])).expect("a token")).to_owned();
    world.browser.pass(3400);
    world.server.answer(busy(503, Some(500)));
    world.browser.network().take_sent();
    for _ in 0..3 {
        let standing_in = silent(&client, &wanting(&["User.Read"])).expect("it still lives");
        assert_eq!((access_token(&standing_in), standing_in.from_cache), (first.as_str(), true));
    }
    assert_eq!(world.token_requests().len(), 1);
    world.browser.pass(200);
    assert_eq!(refused(silent(&client, &wanting(&["User.Read"]))).retry_after, Some(300), "it lives no more");
}

#[test]
fn who_does_not_say_how_long_keeps_nobody_out() {
    let answers = [
        Ok(busy(429, None)),
        Ok(busy(500, None)),
        Ok(busy(503, Some(0))),
        Ok(HttpResponse { retry_after: Some(120), ..http(400, &json!({ "error": "invalid_request" })) }),
        Err(BrowserError::TimedOut),
    ];
    for answer in answers {
        let (world, client) = scene(busy(500, None));
        match answer {
            Ok(answer) => world.server.answer(answer),
            Err(error) => world.server.fail(error),
        }
        silent(&client, &wanting(&["User.Read"])).expect_err("it is refused");
        world.server.recover();
        silent(&client, &wanting(&["User.Read"])).expect("and asked again at once");
    }
}

#[test]
fn nobody_waits_for_longer_than_an_hour_whatever_a_server_or_a_clock_says() {
    let (world, client) = scene(busy(429, Some(1_000_000)));
    assert_eq!(refused(silent(&client, &wanting(&["User.Read"]))).retry_after, Some(1_000_000), "as it was told");
    world.server.recover();
    world.browser.pass(3599);
    assert_eq!(refused(silent(&client, &wanting(&["User.Read"]))).retry_after, Some(1_000_000 - 3599));
    world.browser.pass(1);
    silent(&client, &wanting(&["User.Read"])).expect("it is asked again");
    // A clock that was ahead when it was told, and one that slept meanwhile.
    let (world, client) = scene(busy(429, Some(120)));
    world.browser.sleep(7200);
    refused(silent(&client, &wanting(&["User.Read"])));
    world.browser.turn_back(7200);
    world.server.recover();
    world.browser.pass(119);
    refused(silent(&client, &wanting(&["User.Read"])));
    world.browser.sleep(7201);
    silent(&client, &wanting(&["User.Read"])).expect("more time has gone by than it takes");
}

#[test]
fn the_next_page_knows_nothing_of_it() {
    let (world, client) = scene(busy(429, Some(120)));
    let before = world.stored();
    refused(silent(&client, &wanting(&["User.Read"])));
    assert_eq!(world.stored(), before, "it is remembered by this page alone");
    world.server.recover();
    silent(&world.client(), &wanting(&["User.Read"])).expect("another page asks");
}

#[test]
fn not_more_is_remembered_than_is_good() {
    let (world, client) = scene(busy(429, Some(3000)));
    let scopes: Vec<_> = (0..1001).map(|at| format!("api://orders/Read{at}")).collect();
    let ask = |at: usize| refused(silent(&client, &wanting(&[&scopes[at]])));
    (0..1001).for_each(|at| drop(ask(at)));
    assert_eq!(world.token_requests().len(), 1001);
    (1..1001).for_each(|at| drop(ask(at)));
    assert!(world.token_requests().is_empty(), "the last ones are known");
    ask(0);
    assert_eq!(world.token_requests().len(), 1, "the oldest went");
}

#[test]
fn at_another_server_the_refresh_token_is_kept_meanwhile() {
    let world = provider::world();
    provider::sign_in(&world);
    finish(&world.client()).expect("no error").expect("a token");
    let client = world.client();
    let url = format!("{}/token", provider::ISSUER);
    world.browser.pass(7200);
    world.browser.network().serve(&url, |_| Ok(busy(429, Some(60))));
    let before = world.browser.session().dump();
    world.browser.network().take_sent();
    for _ in 0..3 {
        refused(silent(&client, &wanting(&["notes.read"])));
    }
    assert_eq!(world.token_requests().len(), 1);
    let accounts = |dump: &crate::browser::Dump| {
        dump.iter().filter(|(key, _)| key.contains("|account|")).map(|(_, text)| text.clone()).collect::<Vec<_>>()
    };
    assert_eq!(accounts(&world.browser.session().dump()), accounts(&before));
}

#[test]
fn what_the_server_says_is_told_although_the_storage_is_gone_meanwhile() {
    let world = provider::world();
    provider::sign_in(&world);
    finish(&world.client()).expect("no error").expect("a token");
    let client = world.client();
    world.browser.pass(7200);
    let tab = world.browser.clone();
    world.browser.network().serve(&format!("{}/token", provider::ISSUER), move |_| {
        tab.session().deny();
        Ok(busy(503, Some(60)))
    });
    world.browser.network().take_sent();
    for _ in 0..2 {
        let reply = refused(silent(&client, &wanting(&["notes.read"])));
        assert_eq!((reply.status, reply.retry_after), (Some(503), Some(60)));
    }
    assert_eq!(world.token_requests().len(), 1, "it is left alone");
}
