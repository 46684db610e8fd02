//! What others do while a change is on its way to the storage: what is gone stays gone, and nobody is overlooked.

use crate::{
    server::{ALICE, BOB, CLIENT_ID},
    world::{Client, PAGE, World, named, now, silent, usernames, wanting},
};
use consentry::{
    cache::AccountFilter,
    client::{AuthenticationResult, SilentRequest},
    error::{BrowserError, Error},
    platform::Platform,
};
use futures::{FutureExt, executor::LocalPool, future::RemoteHandle, task::LocalSpawnExt};
use serde_json::json;

fn forced<'a>() -> SilentRequest<'a> {
    SilentRequest { force_refresh: true, account: Some(named(ALICE.name)), ..wanting(&["User.Read"]) }
}

type Asked = RemoteHandle<Result<AuthenticationResult, Error>>;

/// Asks for a new token for Alice.
fn renewing(client: &Client, pool: &mut LocalPool) -> Asked {
    let client = client.clone();
    let call = async move { client.acquire_silent(&forced()).await };
    let asked = pool.spawner().spawn_local_with_handle(call).expect("the pool is there");
    pool.run_until_stalled();
    asked
}

fn outcome(asked: Asked) -> Result<AuthenticationResult, Error> {
    asked.now_or_never().expect("it is done")
}

#[test]
fn a_sign_out_is_seen_though_another_server_s_client_has_nothing() {
    let world = World::keeping_in("localStorage");
    let (here, _) = world.sign_in(&["User.Read"]);
    let auth = json!({ "clientId": CLIENT_ID, "authority": "https://login.microsoftonline.us/common" });
    let other = World::configured(json!({ "auth": auth, "cache": { "cacheLocation": "localStorage" } }));
    other.client_in(&world.browser).set_active_account(None).expect("there is storage");
    let there = world.client_in(&world.browser.new_tab(PAGE));
    assert_eq!((usernames(&here), usernames(&there)), (vec![ALICE.name.into()], vec![ALICE.name.into()]));
    now(there.clear(None)).expect("there is storage");
    assert!(usernames(&here).is_empty());
}

#[test]
fn what_was_recalled_from_memory_does_not_outlive_the_sign_out() {
    let world = World::keeping_in("memoryStorage");
    let (client, _) = world.sign_in(&["User.Read"]);
    let hit = client.recall(&wanting(&["User.Read"])).expect("a token");
    let (revision, until) = (client.revision(), client.good_until(&hit));
    assert!(client.still_holds(revision, until));
    now(client.clear(None)).expect("nothing is in the way");
    assert!(!client.still_holds(revision, until));
}

#[test]
fn what_was_recalled_is_under_a_stamp_that_every_change_of_another_tab_takes_away() {
    let world = World::keeping_in("localStorage");
    let (client, _) = world.sign_in(&["User.Read"]);
    client.recall(&wanting(&["User.Read"])).expect("a token");
    let (area, key, stamp) = client.stamp().expect("there is a storage");
    let stored = || world.browser.read(area, key).expect("it can be read");
    assert!(stamp.is_some() && stored() == stamp);
    let there = world.client_in(&world.browser.new_tab(PAGE));
    there.set_active_account(None).expect("there is storage");
    assert_eq!(stored(), stamp, "nobody was chosen before");
    let [account] = &there.accounts(AccountFilter::default())[..] else { panic!("one is signed in") };
    there.set_active_account(Some((&*account.key).into())).expect("there is storage");
    assert_ne!(stored(), stamp, "whatever was changed");
    let stamp = stored();
    there.set_active_account(Some((&*account.key).into())).expect("there is storage");
    assert_eq!(stored(), stamp, "it was so before");
    assert_eq!(World::keeping_in("memoryStorage").client().stamp(), None);
}

#[test]
fn who_signs_out_while_a_token_can_t_be_sealed_stays_signed_out() {
    let world = World::keeping_in("localStorage");
    let (client, _) = world.sign_in(&["User.Read"]);
    let mut pool = LocalPool::new();
    assert!(silent(&client, &wanting(&["User.Read"])).expect("a token").from_cache);
    world.browser.vault().hold();
    let asked = renewing(&client, &mut pool);
    now(client.clear(None)).expect("there is storage");
    world.browser.vault().deny();
    world.browser.vault().release();
    pool.run_until_stalled();
    outcome(asked).expect_err("nobody is signed in");
    assert!(usernames(&client).is_empty());
}

#[test]
fn who_signs_out_while_an_app_s_own_storage_fails_stays_signed_out() {
    let world = World::keeping_in("custom");
    let (client, _) = world.sign_in(&["User.Read"]);
    let (done, mut pool) = (world.browser.hold_settling(), LocalPool::new());
    let asked = renewing(&client, &mut pool);
    now(client.clear(None)).expect("there is storage");
    done.send(Err(BrowserError::StorageFailed)).expect("it is waited for");
    pool.run_until_stalled();
    outcome(asked).expect_err("nobody is signed in");
    assert!(usernames(&client).is_empty() && usernames(&world.client()).is_empty());
}

#[test]
fn who_signs_out_elsewhere_while_room_is_made_stays_signed_out() {
    let world = World::keeping_in("localStorage");
    world.sign_in(&["User.Read"]);
    world.sign_in_as(BOB, &["User.Read"]);
    world.browser.pass(7200);
    let (client, mut pool) = (world.client(), LocalPool::new());
    let other = world.client_in(&world.browser.new_tab(PAGE));
    world.browser.local().set_room(0);
    world.server.change_tokens(|tokens| tokens["access_token"] = json!("x".repeat(200)));
    world.browser.vault().hold();
    let asked = renewing(&client, &mut pool);
    // Its token is read, then the new one is sealed; there is no room for it, and Bob's is read, as it may have ended.
    for _ in 0..2 {
        world.browser.vault().release();
        world.browser.vault().hold();
        pool.run_until_stalled();
    }
    now(other.clear(Some(named(ALICE.name)))).expect("there is storage");
    world.browser.vault().release();
    pool.run_until_stalled();
    outcome(asked).expect_err("Alice is not signed in");
    assert_eq!((usernames(&client), usernames(&world.client())), (vec![BOB.name.into()], vec![BOB.name.into()]));
}

#[test]
fn who_is_chosen_while_somebody_else_signs_out_is_forgotten_with_the_next() {
    let world = World::keeping_in("custom");
    world.sign_in(&["User.Read"]);
    world.sign_in_as(BOB, &["User.Read"]);
    let (client, other) = (world.client(), world.client_in(&world.browser.new_tab(PAGE)));
    let (done, mut pool) = (world.browser.hold_settling(), LocalPool::new());
    let leaving = client.clone();
    let call = async move { leaving.clear(Some(named(BOB.name))).await };
    let asked = pool.spawner().spawn_local_with_handle(call).expect("the pool is there");
    pool.run_until_stalled();
    other.set_active_account(Some(named(ALICE.name))).expect("Alice is there");
    done.send(Ok(())).expect("it is waited for");
    pool.run_until_stalled();
    asked.now_or_never().expect("it is done").expect("there is storage");
    assert!(world.client().active_account().is_some(), "the choice stands");
    now(client.clear(Some(named(ALICE.name)))).expect("there is storage");
    assert!(world.client().active_account().is_none() && usernames(&world.client()).is_empty());
}

#[test]
fn who_was_chosen_elsewhere_and_is_not_opened_yet_is_not_taken_for_somebody_else() {
    let world = World::keeping_in("localStorage");
    let (client, _) = world.sign_in(&["User.Read"]);
    let other = world.browser.new_tab(PAGE);
    let request = wanting(&["User.Read"]);
    assert!(client.recall(&request).is_some());
    world.sign_in_as(BOB, &["User.Read"]);
    let chooser = world.client_in(&other);
    world.browser.vault().hold();
    // Bob's sign-in is heard of, and then that he was chosen.
    client.recall(&request);
    chooser.set_active_account(Some(named(BOB.name))).expect("Bob is signed in");
    assert!(client.recall(&request).is_none(), "whose token it would be is not clear yet");
    assert_eq!(client.granted(None).map_err(|error| error.code().to_owned()), Err("ambiguous_account".into()));
    world.browser.vault().release();
    let result = silent(&client, &request).expect("a token");
    assert_eq!(result.account.username(), BOB.name);
}

#[test]
fn what_was_recalled_is_recalled_anew_once_an_account_is_opened() {
    let world = World::keeping_in("localStorage");
    let (client, _) = world.sign_in(&["User.Read"]);
    let other = world.client_in(&world.browser.new_tab(PAGE));
    let request = wanting(&["User.Read"]);
    world.browser.vault().hold();
    let mut pool = LocalPool::new();
    let renewed = renewing(&other, &mut pool);
    world.browser.vault().release();
    pool.run_until_stalled();
    outcome(renewed).expect("a token");
    world.browser.vault().hold();
    let _ = client.recall(&wanting(&["Mail.Read"]));
    let revision = client.revision();
    world.browser.vault().release();
    now(client.start()).expect("there is a key");
    assert_ne!(client.revision(), revision, "it has a newer ID token now");
    assert!(silent(&client, &request).expect("a token").from_cache);
}
