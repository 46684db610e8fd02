//! Calls for several APIs at once: the platform's refresh token may be sent for all of them at a time.

use crate::world::{Client, PAGE, World, access_token, acquiring, fragment, silent, wanting};
use consentry::{
    client::{AuthenticationResult, SilentRequest},
    error::Error,
};
use futures::{FutureExt, executor::LocalPool, future::RemoteHandle, task::LocalSpawnExt};
use serde_json::json;
use std::{cell::Cell, rc::Rc};

const APIS: [&str; 5] = ["User.Read", "api://orders/Read", "api://files/Read", "api://notes/Read", "api://people/Read"];

type Call = RemoteHandle<Result<AuthenticationResult, Error>>;

/// Alice, who has consented to all of it, and whose tokens have ended. What is sent is held back.
fn scene(location: &str) -> (World, Client) {
    let world = World::keeping_in(location);
    let client = APIS.map(|api| world.sign_in(&[api]).0).into_iter().last().expect("somebody is signed in");
    world.browser.pass(7200);
    world.browser.network().take_sent();
    world.browser.network().hold();
    (world, client)
}

fn begin(pool: &mut LocalPool, client: &Client, request: SilentRequest<'static>) -> Call {
    let client = Rc::clone(client);
    let call = pool.spawner().spawn_local_with_handle(async move { client.acquire_silent(&request).await });
    pool.run_until_stalled();
    call.expect("the pool is there")
}

fn begin_all(pool: &mut LocalPool, client: &Client) -> Vec<Call> {
    APIS.iter().map(|api| begin(pool, client, wanting(&[api]))).collect()
}

fn outcome(call: Call) -> AuthenticationResult {
    call.now_or_never().expect("it is done").expect("a token")
}

fn account_text(world: &World) -> String {
    world.browser.local().dump().into_iter().find(|(key, _)| key.contains("|account|")).expect("it is there").1
}

#[test]
fn all_are_on_their_way_at_once_and_one_lock_is_for_all() {
    for location in ["localStorage", "sessionStorage", "memoryStorage"] {
        let (world, client) = scene(location);
        let mut pool = LocalPool::new();
        let calls = begin_all(&mut pool, &client);
        assert_eq!(world.token_requests().len(), 5, "{location}");
        assert_eq!(world.browser.locks().held().len(), usize::from(location != "memoryStorage"), "{location}");
        world.browser.network().release();
        pool.run_until_stalled();
        let mut tokens: Vec<_> = calls.into_iter().map(|call| access_token(&outcome(call)).to_owned()).collect();
        tokens.dedup();
        assert_eq!((tokens.len(), world.browser.locks().held().len()), (5, 0), "{location}");
        assert!(world.token_requests().is_empty(), "{location}: what one has brought does not outdate the others");
        for api in APIS {
            assert!(silent(&client, &wanting(&[api])).expect("a token").from_cache, "{location} {api}");
        }
    }
}

#[test]
fn each_token_is_sealed_once_and_the_account_once_for_all() {
    let (world, client) = scene("localStorage");
    let mut pool = LocalPool::new();
    let calls = begin_all(&mut pool, &client);
    let mut accounts = Vec::from([account_text(&world)]);
    let seals = Rc::new(Cell::new(0));
    let count = Rc::clone(&seals);
    world.browser.vault().set_meanwhile(move || count.set(count.get() + 1));
    world.browser.vault().hold();
    world.browser.network().release();
    pool.run_until_stalled();
    for _ in 0..5 {
        world.browser.vault().release();
        world.browser.vault().hold();
        pool.run_until_stalled();
        accounts.push(account_text(&world));
    }
    calls.into_iter().for_each(|call| drop(outcome(call)));
    world.browser.vault().release();
    assert_eq!(seals.get(), 5);
    accounts.dedup();
    assert_eq!(accounts.len(), 2, "what came with the others is hardly newer");
    let next = world.client_in(&world.browser.new_tab(PAGE));
    for api in APIS {
        assert!(silent(&next, &wanting(&[api])).expect("a token").from_cache, "{api}");
    }
}

#[test]
fn what_is_newer_by_a_minute_or_says_something_else_is_stored_with_the_account() {
    let (world, client) = scene("localStorage");
    world.browser.network().release();
    let renew = |api: &'static str, force_refresh| {
        let before = account_text(&world);
        silent(&client, &SilentRequest { force_refresh, ..wanting(&[api]) }).expect("a token");
        account_text(&world) != before
    };
    assert_eq!((renew(APIS[0], false), renew(APIS[1], false)), (true, false));
    assert!(renew(APIS[1], true), "who forces it wants what is new");
    world.browser.pass(59);
    assert!(!renew(APIS[2], false));
    world.browser.pass(1);
    assert!(renew(APIS[3], false));
    for (claim, is_news) in [("uti", false), ("aio", false), ("roles", true), ("name", true)] {
        world.server.change_claims(move |claims| claims[claim] = json!("another"));
        assert_eq!(renew(APIS[4], false), is_news, "{claim}");
        world.browser.pass(3600);
        renew(APIS[0], true);
    }
}

#[test]
fn one_frame_serves_all_whose_refresh_token_is_gone() {
    let (world, client) = scene("localStorage");
    let mut pool = LocalPool::new();
    world.browser.network().release();
    world.server.refuse("invalid_grant", "token_expired");
    let (server, browser) = (Rc::clone(&world.server), world.browser.clone());
    world.browser.set_frames(move |url| {
        server.recover();
        // The code is on its way while the others are refused.
        browser.network().hold();
        Ok(fragment(&server.authorize(url)))
    });
    world.browser.network().hold();
    let calls = begin_all(&mut pool, &client);
    world.browser.network().release();
    pool.run_until_stalled();
    assert_eq!(world.browser.take_framed().len(), 1);
    world.browser.network().release();
    pool.run_until_stalled();
    calls.into_iter().for_each(|call| drop(outcome(call)));
    assert_eq!(world.browser.take_framed().len(), 0);
}

#[test]
fn who_signs_in_meanwhile_has_what_is_newer_of_every_api() {
    let (world, _) = scene("localStorage");
    world.browser.network().release();
    let before = world.browser.local().dump();
    world.sign_in(&["Mail.Read"]);
    let after = world.browser.local().dump();
    world.browser.local().restore(&before);
    let client = world.client();
    world.browser.network().take_sent();
    world.browser.network().hold();
    let mut pool = LocalPool::new();
    let calls = begin_all(&mut pool, &client);
    let older = world.token_requests();
    world.browser.local().restore(&after);
    world.browser.network().release();
    pool.run_until_stalled();
    calls.into_iter().for_each(|call| drop(outcome(call)));
    let newer = world.token_requests();
    assert_eq!([older.len(), newer.len()], [5, 5]);
    assert!(newer.iter().all(|sent| sent.field("refresh_token") != older[0].field("refresh_token")));
}

#[test]
fn other_pages_are_not_kept_waiting() {
    let (world, client) = scene("localStorage");
    let other = world.client_in(&world.browser.new_tab(PAGE));
    world.browser.network().release();
    // So that both know the server's keys.
    for client in [&client, &other] {
        silent(client, &SilentRequest { force_refresh: true, ..wanting(&[APIS[4]]) }).expect("a token");
    }
    world.token_requests();
    world.browser.network().hold();
    let mut pool = LocalPool::new();
    let first = begin(&mut pool, &client, wanting(&[APIS[0]]));
    let theirs = begin(&mut pool, &other, wanting(&[APIS[1]]));
    world.browser.pass(5);
    let late = begin(&mut pool, &client, wanting(&[APIS[2]]));
    let asked = || {
        world
            .token_requests()
            .iter()
            .map(|sent| sent.field("scope").replace(" openid profile offline_access", ""))
            .collect::<Vec<_>>()
    };
    assert_eq!(asked(), [APIS[0]]);
    world.browser.network().release_first();
    pool.run_until_stalled();
    assert_eq!(asked(), [APIS[1]]);
    world.browser.network().release_first();
    pool.run_until_stalled();
    assert_eq!(asked(), [APIS[2]]);
    world.browser.network().release();
    pool.run_until_stalled();
    [first, theirs, late].into_iter().for_each(|call| drop(outcome(call)));
}

#[test]
fn tokens_of_several_apis_are_asked_for_at_once() {
    let (world, client) = scene("localStorage");
    let mut pool = LocalPool::new();
    let call = async move { client.acquire_tokens(&acquiring(&APIS), false).await };
    let call = pool.spawner().spawn_local_with_handle(call).expect("the pool is there");
    pool.run_until_stalled();
    assert_eq!(world.token_requests().len(), 5);
    world.browser.network().release();
    pool.run_until_stalled();
    let results = call.now_or_never().expect("it is done").expect("no error");
    assert!(results.len() == 5 && results.iter().all(|(_, result)| result.is_ok()));
}
