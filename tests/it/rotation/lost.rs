//! A newer refresh token is not overwritten by an older one, whoever writes an account's entry.

use super::{Server, come_back, forced, notes, scene, sign_in};
use crate::{
    browser::http,
    provider::{ISSUER, world_keeping_in},
    world::{PAGE, access_token, now, silent, usernames},
};
use consentry::client::RedirectAnswer;
use futures::{FutureExt, executor::LocalPool, task::LocalSpawnExt};
use serde_json::json;

#[test]
fn names_that_are_learnt_keep_the_token_that_another_tab_has_brought() {
    let told = json!({ "userinfo_endpoint": format!("{ISSUER}/userinfo") });
    let world = world_keeping_in("localStorage", &json!({}), &told);
    let server = Server::of(&world);
    server.is_naming.set(false);
    let client = sign_in(&world, &server);
    let other = world.client_in(&world.browser.new_tab(PAGE));
    let answer = json!({ "sub": "alice", "preferred_username": "alice@x" });
    world.browser.network().serve(&format!("{ISSUER}/userinfo"), move |_| {
        silent(&other, &forced()).expect("a token");
        Ok(http(200, &answer))
    });
    now(client.load_user_info(None, "c0ffee")).expect("claims");
    assert_eq!(usernames(&client), ["alice@x"]);
    silent(&client, &forced()).expect("a token");
    assert_eq!(server.counts(), (2, 0));
}

#[test]
fn a_sign_in_that_ends_while_a_token_is_written_down_as_sent_brings_the_one_that_is_sent() {
    let world = world_keeping_in("localStorage", &json!({}), &json!({}));
    let server = Server::of(&world);
    let here = sign_in(&world, &server);
    silent(&here, &notes()).expect("a token");
    come_back(&world, &server);
    let there = world.client();
    let mut pool = LocalPool::new();
    world.browser.vault().hold();
    pool.spawner()
        .spawn_local(async move {
            let answer = RedirectAnswer { hash: None, return_to_start: true };
            there.finish_redirect(answer).await.map(drop).expect("it succeeds");
        })
        .expect("it runs");
    // Past what is read, to where the account is sealed.
    pool.run_until_stalled();
    world.browser.vault().release();
    world.browser.vault().hold();
    pool.run_until_stalled();
    let client = here.clone();
    let call = async move { client.acquire_silent(&forced()).await };
    let asked = pool.spawner().spawn_local_with_handle(call).expect("it runs");
    pool.run_until_stalled();
    world.browser.vault().release();
    pool.run_until_stalled();
    asked.now_or_never().expect("it is done").expect("a token");
    assert_eq!(server.counts(), (1, 0));
}

#[test]
fn who_signs_in_while_a_token_is_renewed_stays_signed_in() {
    // Until the server's keys are there, until it is sealed that the refresh token is sent, until it is answered, until what came is sealed.
    let cases = [
        ("localStorage", "got", 1, "access-3", 1),
        ("localStorage", "seal", 1, "access-3", 1),
        ("localStorage", "posted", 1, "access-4", 2),
        ("localStorage", "seal", 2, "access-2", 1),
        ("custom", "got", 1, "access-3", 1),
        ("custom", "posted", 1, "access-4", 2),
    ];
    for (location, point, count, expected, sent) in cases {
        let (world, server) = scene(location);
        world.browser.pass(90_000);
        let (client, request) = (world.client_in(&world.browser.new_tab(PAGE)), notes());
        let mut call = Box::pin(client.acquire_silent(&request));
        world.browser.turns().begin();
        for _ in 0..count {
            while {
                assert!(call.as_mut().now_or_never().is_none());
                world.browser.turns().take_last() != point
            } {}
        }
        world.browser.turns().end();
        sign_in(&world, &server);
        // Of the token that came with it, which would do.
        world.browser.pass(if count == 1 { 3_600 } else { 0 });
        let result = call.now_or_never().expect("nothing is held back").expect("a token");
        assert_eq!((access_token(&result), server.counts()), (expected, (sent, 0)), "{location} {point} {count}");
        silent(&world.client(), &forced()).expect("the session goes on");
        assert_eq!(server.counts(), (sent + 1, 0), "{location} {point} {count}");
    }
}
