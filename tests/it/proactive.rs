//! Renewal ahead of need: what is served is good, and the next one is had meanwhile, once and in silence.

use crate::{
    browser::http,
    server::{ALICE, AUTHORITY, CLIENT_ID},
    world::{Client, PAGE, REDIRECT_URI, World, access_token, asking, code, finish, named, now, silent, wanting},
};
use consentry::{client::SilentRequest, error::BrowserError, platform::Platform, protocol::HttpResponse};
use futures::{FutureExt, executor::LocalPool, task::LocalSpawnExt};
use serde_json::{Value as Json, json};

/// After so many seconds a token for an hour is to be renewed, and need not be.
const DUE: u64 = 50 * 60;

fn keeping_in(location: &str) -> (World, Client) {
    let world = World::keeping_in(location);
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.network().take_sent();
    (world, client)
}

/// Somebody whose token is good, and to be renewed.
fn scene() -> (World, Client) {
    let (world, client) = keeping_in("sessionStorage");
    world.browser.pass(DUE);
    (world, client)
}

fn forced<'a>() -> SilentRequest<'a> {
    SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }
}

/// The token of the cache, which is served at once.
#[track_caller]
fn hit(client: &Client) -> String {
    let result = silent(client, &wanting(&["User.Read"])).expect("a token");
    assert!(result.from_cache);
    access_token(&result).to_owned()
}

/// Calls, and lets what is due be done: how many requests that took.
fn requests(world: &World, client: &Client) -> usize {
    hit(client);
    now(client.renew_due());
    world.token_requests().len()
}

/// After how many seconds a token is to be renewed, of several sign-ins.
fn told(tokens: &Json, offset: Option<u64>) -> Vec<Option<u64>> {
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY });
    let world = World::configured(json!({ "auth": auth, "system": { "tokenRenewalOffsetSeconds": offset } }));
    let more = tokens.clone();
    world.server.change_tokens(move |tokens| {
        tokens.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    });
    let (client, first) = world.sign_in(&["User.Read"]);
    let mut results = vec![first.result];
    results.extend((0..20).map(|_| silent(&client, &forced()).expect("a token")));
    results.iter().map(|result| Some(result.token.refresh_on? - world.browser.now())).collect()
}

#[test]
fn when_a_token_is_renewed_says_the_server_or_its_life() {
    let table = [
        // As the server says, if that is before the end and not at once.
        (json!({ "expires_in": 86_400, "refresh_in": 43_200 }), None, Some(43_200)),
        (json!({ "expires_in": 3600, "refresh_in": "1800" }), None, Some(1800)),
        (json!({ "expires_in": 3600, "refresh_in": 60 }), None, Some(60)),
        (json!({ "expires_in": 3600, "refresh_in": 59 }), None, Some(3000)),
        (json!({ "expires_in": 3600, "refresh_in": 0 }), None, Some(3000)),
        (json!({ "expires_in": 3600, "refresh_in": 3599 }), None, Some(3599)),
        (json!({ "expires_in": 3600, "refresh_in": 3600 }), None, Some(3000)),
        (json!({ "expires_in": 3600, "refresh_in": 1e300 }), None, Some(3000)),
        (json!({ "expires_in": 3600, "refresh_in": -5 }), None, Some(3000)),
        (json!({ "expires_in": 3600, "refresh_in": [] }), None, Some(3000)),
        // Half of a long life,
        (json!({ "expires_in": 86_400 }), None, Some(43_200)),
        (json!({ "expires_in": 7200 }), None, Some(3600)),
        // else twice as long before the end as it has to be.
        (json!({ "expires_in": 7199 }), None, Some(6599)),
        (json!({ "expires_in": 3600 }), Some(1000), Some(1600)),
        (json!({ "expires_in": 660 }), None, Some(60)),
        (json!({ "expires_in": 659 }), None, None),
        (json!({ "expires_in": 300 }), None, None),
        (json!({ "expires_in": 3600 }), Some(u64::MAX >> 11), None),
        (json!({ "expires_in": null }), None, None),
        (json!({ "expires_in": null, "refresh_in": 100 }), None, None),
    ];
    for (tokens, offset, expected) in table {
        let told = told(&tokens, offset);
        let is_right = |after: &Option<u64>| match (*after, expected) {
            (Some(after), Some(most)) => (most - most / 10..=most).contains(&after),
            (after, expected) => after == expected,
        };
        assert!(told.iter().all(is_right), "{tokens}: {told:?} are some time before {expected:?}");
        let is_spread = told.iter().any(|after| *after != told[0]);
        assert!(is_spread || expected.is_none_or(|most| most < 100), "{tokens}: not all at once");
    }
}

#[test]
fn without_random_numbers_it_is_renewed_when_it_is_told() {
    let world = World::keeping_in("memoryStorage");
    world.server.change_tokens(|tokens| tokens["refresh_in"] = json!(1800));
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    let client = world.client();
    world.browser.set_chance(false);
    let result = finish(&client).expect("no error").expect("an answer").result;
    assert_eq!(result.token.refresh_on, Some(world.browser.now() + 1800));
}

#[test]
fn a_token_that_is_to_be_renewed_is_served_and_renewed_meanwhile() {
    let (world, client) = keeping_in("sessionStorage");
    let first = hit(&client);
    world.browser.pass(2650);
    assert_eq!((hit(&client), client.has_due()), (first.clone(), false), "not yet");
    world.browser.pass(DUE - 2650);
    assert_eq!((hit(&client), client.has_due()), (first.clone(), true), "at once");
    assert!(world.token_requests().is_empty());
    now(client.renew_due());
    let sent = world.token_requests();
    assert_eq!((sent.len(), sent[0].field("scope")), (1, "User.Read openid profile offline_access"));
    assert!(sent[0].query[0].1 != "correlation-silent" && sent[0].query[0].1.len() == 36, "a call of its own");
    assert!(!client.has_due());
    let second = hit(&client);
    assert_ne!(second, first);
    assert_eq!(hit(&world.client()), second, "it is stored");
    assert_eq!(requests(&world, &client), 0);
    world.browser.pass(DUE);
    assert_eq!(requests(&world, &client), 1, "and so on");
    assert!(world.browser.left().len() == 1, "nobody was asked but to sign in");
}

#[test]
fn the_next_page_knows_when() {
    let (world, _) = scene();
    let next = world.client();
    assert_eq!(requests(&world, &next), 1);
    // Whatever somebody has written there, each renewal brings what the server says.
    for written in ["0", "1e300", "-1", "\"soon\"", "null", "{}"] {
        let (world, _) = scene();
        let dump = world.browser.session().dump().into_iter().map(|(key, text)| {
            let mut kept: Json = serde_json::from_str(&text).unwrap_or_default();
            if key.contains("|access|") {
                kept["refreshOn"] = serde_json::from_str(written).expect("JSON");
                return (key, kept.to_string());
            }
            (key, text)
        });
        world.browser.session().restore(&dump.collect());
        let next = world.client();
        assert_eq!(requests(&world, &next), usize::from(written == "0"), "{written}");
        assert_eq!(requests(&world, &next), 0, "{written}");
    }
}

#[test]
fn whoever_wants_a_new_one_meanwhile_gets_the_same() {
    let (world, client) = scene();
    let first = hit(&client);
    let mut pool = LocalPool::new();
    world.browser.network().hold();
    let (ahead, asking) = (client.clone(), client.clone());
    let renewing = async move { ahead.renew_due().await };
    let renewing = pool.spawner().spawn_local_with_handle(renewing).expect("the pool is there");
    pool.run_until_stalled();
    let foreground = async move { asking.acquire_silent(&forced()).await };
    let foreground = pool.spawner().spawn_local_with_handle(foreground).expect("the pool is there");
    pool.run_until_stalled();
    assert_eq!((hit(&client), client.has_due()), (first.clone(), false), "meanwhile the old one serves");
    world.browser.network().release();
    pool.run_until_stalled();
    renewing.now_or_never().expect("it is done");
    let second = access_token(&foreground.now_or_never().expect("it is done").expect("a token")).to_owned();
    assert!(second != first && hit(&client) == second);
    assert_eq!(world.token_requests().len(), 1);
}

#[test]
fn of_many_hits_one_renews() {
    let (world, client) = scene();
    for scopes in [&["User.Read"][..], &["user.read"], &["User.Read"]] {
        silent(&client, &wanting(scopes)).expect("a token");
    }
    silent(&client, &wanting(&["openid"])).expect("a token");
    now(client.renew_due());
    assert_eq!(world.token_requests().len(), 1, "one token was due");
}

#[test]
fn of_many_tabs_one_renews() {
    let (world, one) = keeping_in("localStorage");
    world.browser.pass(DUE);
    let other = world.client_in(&world.browser.new_tab(PAGE));
    hit(&one);
    hit(&other);
    now(one.renew_due());
    now(other.renew_due());
    assert_eq!(world.token_requests().len(), 1, "one after the other");
    world.browser.pass(DUE);
    hit(&one);
    hit(&other);
    let mut pool = LocalPool::new();
    world.browser.network().hold();
    for client in [&one, &other] {
        let client = client.clone();
        pool.spawner().spawn_local(async move { client.renew_due().await }).expect("the pool is there");
    }
    pool.run_until_stalled();
    world.browser.network().release();
    pool.run_until_stalled();
    assert_eq!(world.token_requests().len(), 1, "both at once");
    assert_eq!(hit(&one), hit(&other));
}

#[test]
fn what_fails_is_silent_and_tried_again_after_a_growing_pause() {
    let (world, client) = keeping_in("sessionStorage");
    world.server.change_tokens(|tokens| {
        tokens["expires_in"] = json!(86_400);
        tokens["refresh_in"] = json!(100);
    });
    silent(&client, &forced()).expect("a token");
    world.browser.pass(100);
    world.server.fail(BrowserError::PostFailed);
    let first = hit(&client);
    now(client.renew_due());
    world.browser.network().take_sent();
    world.browser.pass(30);
    for pause in [60, 120, 240, 480, 600, 600] {
        assert_eq!(requests(&world, &client), 1, "{pause}");
        for passed in [0, 1, pause - 2] {
            world.browser.pass(passed);
            assert_eq!((requests(&world, &client), client.has_due()), (0, false), "{pause}");
        }
        world.browser.pass(1);
    }
    assert_eq!(hit(&client), first, "the token that is there stays");
}

#[test]
fn after_a_success_the_pauses_begin_anew() {
    let (world, client) = keeping_in("sessionStorage");
    world.server.change_tokens(|tokens| tokens["refresh_in"] = json!(100));
    silent(&client, &forced()).expect("a token");
    world.browser.network().take_sent();
    for _ in 0..3 {
        world.browser.pass(100);
        world.server.fail(BrowserError::PostFailed);
        assert_eq!(requests(&world, &client), 1);
        world.browser.pass(30);
        world.server.recover();
        assert_eq!(requests(&world, &client), 1, "the first pause again");
    }
}

#[test]
fn a_server_that_says_how_long_is_left_alone_for_so_long() {
    let (world, client) = scene();
    world.server.answer(HttpResponse { retry_after: Some(200), ..http(429, &json!({})) });
    assert_eq!(requests(&world, &client), 1);
    world.server.recover();
    world.browser.pass(199);
    assert_eq!(requests(&world, &client), 0);
    assert_eq!(code(silent(&client, &forced())), "temporarily_unavailable", "and so does everybody else");
    world.browser.pass(1);
    assert_eq!(requests(&world, &client), 1);
}

#[test]
fn whatever_the_server_says_the_token_stays_and_nobody_is_asked() {
    for (error, suberror) in [
        ("invalid_grant", "bad_token"),
        ("invalid_grant", "consent_required"),
        ("interaction_required", ""),
        ("invalid_client", ""),
    ] {
        let (world, client) = scene();
        let first = hit(&client);
        world.server.refuse(error, suberror);
        now(client.renew_due());
        assert_eq!(world.token_requests().len(), 1);
        assert_eq!((hit(&client), hit(&world.client())), (first.clone(), first), "{error} {suberror}");
        assert_eq!(world.browser.left().len(), 1);
    }
    let (world, client) = scene();
    let first = hit(&client);
    world.server.change_claims(|claims| claims["sub"] = json!("somebody else"));
    now(client.renew_due());
    assert_eq!(hit(&client), first, "an answer that fails a check");
}

#[test]
fn who_has_signed_out_meanwhile_is_not_signed_in_again() {
    let (world, client) = scene();
    hit(&client);
    now(client.clear(None)).expect("there is storage");
    now(client.renew_due());
    assert!(world.token_requests().is_empty() && client.accounts(named(ALICE.name)).is_empty());
}

#[test]
fn without_a_network_nothing_is_tried() {
    let (world, client) = scene();
    world.browser.set_online(false);
    assert_eq!((requests(&world, &client), client.has_due()), (0, false));
    world.browser.set_online(true);
    assert_eq!(requests(&world, &client), 1, "as soon as there is one");
}
