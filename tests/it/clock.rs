//! Whose clock says how long a token lives: nobody's but this page's, and that one is not turned.

use crate::{
    browser::Browser,
    world::{Client, REDIRECT_URI, World, access_token, asking, code, silent, wanting},
};
use Event::*;
use consentry::{
    client::{RedirectAnswer, SilentRequest},
    platform::Platform,
};
use futures::{FutureExt, executor::LocalPool, task::LocalSpawnExt};
use serde_json::json;
use std::rc::Rc;

const MINUTE: u64 = 60;
const HOUR: u64 = 3600;

/// What happens to a page and its browser.
#[derive(Clone, Copy)]
enum Event {
    /// The page is open for so many seconds,
    Pass(u64),
    /// the machine sleeps, or its clock is turned forward,
    Sleep(u64),
    /// or back.
    Back(u64),
    /// The token is renewed.
    Renew,
    /// The page is loaded again.
    Reload,
}

fn signed_in() -> (World, Client) {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    (world, client)
}

/// Whether the next call is answered from the cache.
fn is_hit(client: &Client) -> bool {
    silent(client, &wanting(&["User.Read"])).expect("a token").from_cache
}

/// What happens after a sign-in that brought a token for an hour, and whether the next call has that token.
const LIVES: [(&str, &[Event], bool); 12] = [
    ("the machine sleeps for a while", &[Sleep(50 * MINUTE)], true),
    ("the machine sleeps for longer", &[Sleep(56 * MINUTE)], false),
    ("it sleeps, and the page goes on", &[Sleep(50 * MINUTE), Pass(6 * MINUTE)], false),
    ("the clock is turned back", &[Back(2 * HOUR)], true),
    ("the clock is turned back, and the token ends", &[Back(2 * HOUR), Pass(56 * MINUTE)], false),
    ("the clock is turned back, and the page loaded again", &[Back(2 * HOUR), Reload], false),
    ("the clock is set, as it is now and then", &[Back(MINUTE), Reload], true),
    ("the clock is set by more than that", &[Back(MINUTE + 1), Reload], false),
    ("the clock is turned forward", &[Sleep(2 * HOUR)], false),
    ("the clock is turned forward, and corrected", &[Sleep(2 * HOUR), Back(2 * HOUR)], true),
    ("a token comes while the clock is ahead", &[Sleep(2 * HOUR), Renew, Back(2 * HOUR)], false),
    ("the same, and the page is loaded again", &[Sleep(2 * HOUR), Renew, Back(2 * HOUR), Reload], false),
];

#[test]
fn how_long_a_token_lives_is_counted_here() {
    for (what, events, expected) in LIVES {
        let (world, mut client) = signed_in();
        for event in events {
            match event {
                Pass(seconds) => world.browser.pass(*seconds),
                Sleep(seconds) => world.browser.sleep(*seconds),
                Back(seconds) => world.browser.turn_back(*seconds),
                Renew => assert!(!is_hit(&client) && is_hit(&client), "{what}: it is renewed, once"),
                Reload => client = world.client(),
            }
        }
        assert_eq!(is_hit(&client), expected, "{what}");
        assert!(is_hit(&client), "{what}: and then it is had");
        let next = world.client();
        is_hit(&next);
        assert!(is_hit(&next), "{what}: on the next page as well");
    }
}

#[test]
fn of_what_came_while_the_clock_was_ahead_nothing_is_left() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read", "Mail.Read"]);
    world.server.change_tokens(|tokens| tokens["scope"] = json!("User.Read"));
    world.browser.sleep(2 * HOUR);
    assert!(!is_hit(&client));
    world.browser.turn_back(2 * HOUR);
    // The one that comes now is for more, so it does not take the other's place by its name.
    world.server.change_tokens(|_| {});
    assert!(!is_hit(&client));
    assert!(is_hit(&client) && is_hit(&world.client()), "the token of the future is not met again");
    let kept = world.browser.session().dump().into_keys().filter(|key| key.contains("|access|")).count();
    assert_eq!(kept, 1);
}

/// Answers a call after the machine slept for so long.
fn after_sleep(world: &World, client: &Client, seconds: u64) -> (bool, u64) {
    let mut pool = LocalPool::new();
    world.browser.network().hold();
    let asking = Rc::clone(client);
    let call =
        async move { asking.acquire_silent(&SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }).await };
    let call = pool.spawner().spawn_local_with_handle(call).expect("the pool is there");
    pool.run_until_stalled();
    world.browser.sleep(seconds);
    world.browser.network().release();
    pool.run_until_stalled();
    let result = call.now_or_never().expect("it is done").expect("a token");
    (result.token.expires_on.is_some_and(|end| end > now(&world.browser)), result.token.expires_on.expect("an end"))
}

fn now(browser: &Browser) -> u64 {
    browser.now()
}

#[test]
fn a_life_begins_when_the_token_is_asked_for() {
    // The ID token comes from before the sleep, and is none any more after an hour and five minutes.
    for (slept, requests) in [(0, 1), (10 * MINUTE, 1), (59 * MINUTE, 1), (HOUR, 2), (HOUR + 4 * MINUTE, 2)] {
        let (world, client) = signed_in();
        world.browser.network().take_sent();
        let sent_on = now(&world.browser);
        let (is_alive, end) = after_sleep(&world, &client, slept);
        assert!(is_alive, "what has ended on its way is asked for again: {slept}");
        assert_eq!(world.token_requests().len(), requests, "{slept}");
        assert_eq!(end, if requests == 1 { sent_on } else { sent_on + slept } + HOUR);
        assert_eq!(is_hit(&client), slept != 59 * MINUTE, "{slept}");
    }
}

#[test]
fn a_server_whose_tokens_never_live_is_asked_once() {
    let (world, client) = signed_in();
    world.server.change_tokens(|tokens| tokens["expires_in"] = json!(0));
    world.browser.network().take_sent();
    world.browser.pass(HOUR);
    assert!(!is_hit(&client));
    assert_eq!(world.token_requests().len(), 1);
}

#[test]
fn a_code_s_token_lives_from_when_the_code_was_sent() {
    let world = World::new();
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    let client = world.client();
    let sent_on = now(&world.browser);
    let mut pool = LocalPool::new();
    world.browser.network().hold();
    let call = async move {
        client
            .finish_redirect(RedirectAnswer { hash: None, return_to_start: false })
            .await
            .expect("it succeeds")
            .expect("there was an answer")
    };
    let call = pool.spawner().spawn_local_with_handle(call).expect("the pool is there");
    // Metadata, keys and tokens: each answer is let through as it comes.
    for _ in 0..2 {
        pool.run_until_stalled();
        world.browser.network().release_first();
    }
    pool.run_until_stalled();
    world.browser.sleep(10 * MINUTE);
    world.browser.network().release();
    pool.run_until_stalled();
    let result = call.now_or_never().expect("it is done").result;
    assert_eq!(result.token.expires_on, Some(sent_on + HOUR));
}

/// What becomes of a renewal where the server's clock is so many seconds ahead (or behind).
fn skewed(seconds: i64) -> Result<u64, String> {
    let (world, client) = signed_in();
    let before = now(&world.browser);
    world.server.change_claims(move |claims| {
        for name in ["iat", "nbf", "exp"] {
            claims[name] = json!(claims[name].as_i64().expect("a time") + seconds);
        }
    });
    let request = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
    match silent(&client, &request) {
        Ok(result) => Ok(result.token.expires_on.expect("an end") - before),
        Err(error) => Err(code::<()>(Err(error))),
    }
}

#[test]
fn the_server_s_clock_says_nothing_of_an_access_token() {
    // It says when the ID token is one: five minutes early is not too early, and an hour and five minutes late is too late.
    let minutes = |minutes: i64| minutes * 60;
    let table = [(0, true), (5, true), (10, false), (120, false), (-10, true), (-64, true), (-120, false)];
    for (skew, is_taken) in table {
        let expected = if is_taken { Ok(HOUR) } else { Err("invalid_id_token".to_owned()) };
        assert_eq!(skewed(minutes(skew)), expected, "{skew} minutes");
    }
}

#[test]
fn a_refused_id_token_leaves_a_token_that_is_still_good() {
    let (world, client) = signed_in();
    let first = access_token(&silent(&client, &wanting(&["User.Read"])).expect("a token")).to_owned();
    world.server.change_claims(|claims| claims["iat"] = json!(claims["iat"].as_u64().expect("a time") + 2 * HOUR));
    let request = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
    assert_eq!(code(silent(&client, &request)), "invalid_id_token");
    assert_eq!(access_token(&silent(&client, &wanting(&["User.Read"])).expect("a token")), first);
}
