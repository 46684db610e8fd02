//! A token that has still to be stored is told, and nothing else is told ahead.

use crate::{
    browser::Dump,
    world::{Client, PAGE, World, code, silent, wanting},
};
use consentry::{
    client::{AuthenticationResult, SilentRequest, Told},
    error::Error,
};
use futures::{
    FutureExt,
    executor::LocalPool,
    future::RemoteHandle,
    task::{LocalSpawnExt, noop_waker_ref},
};
use serde_json::json;
use std::{
    rc::Rc,
    task::{Context, Poll},
};

const API: &str = "api://orders/Read";

type Ahead = (Rc<Told>, RemoteHandle<Result<AuthenticationResult, Error>>);

/// Alice, who has a token of another API, and another page. What is sealed is held back.
fn scene() -> (World, [Client; 2], LocalPool) {
    let world = World::keeping_in("localStorage");
    for consented in [API, "Mail.Read"] {
        world.sign_in(&[consented]);
    }
    world.browser.local().restore(&Dump::new());
    let (client, _) = world.sign_in(&["User.Read"]);
    // What there is has been read.
    silent(&client, &wanting(&["Mail.Read"])).expect("a token");
    let other = world.client_in(&world.browser.new_tab(PAGE));
    silent(&other, &wanting(&["Mail.Read"])).expect("a token");
    world.browser.network().take_sent();
    world.browser.vault().hold();
    (world, [client, other], LocalPool::new())
}

fn begin(pool: &mut LocalPool, client: &Client, request: SilentRequest<'static>) -> Ahead {
    let (client, told) = (Rc::clone(client), Rc::new(Told::default()));
    let own = Rc::clone(&told);
    let call = async move { client.acquire_silent(&SilentRequest { told: Some(&own), ..request }).await };
    let call = pool.spawner().spawn_local_with_handle(call).expect("the pool is there");
    pool.run_until_stalled();
    (told, call)
}

fn is_told((told, _): &Ahead) -> bool {
    told.borrow().is_some()
}

fn stored(world: &World, part: &str) -> usize {
    world.browser.local().dump().keys().filter(|key| key.contains(part) && key.contains("orders")).count()
}

#[test]
fn a_token_is_told_before_it_is_stored_and_known_to_the_page() {
    let (world, [client, _], mut pool) = scene();
    let (told, call) = begin(&mut pool, &client, wanting(&[API]));
    let early = told.borrow().clone().expect("it is told");
    assert_eq!((stored(&world, "|access|"), stored(&world, "|grant|")), (0, 0));
    // On this page it is as good as any.
    let again = client.recall(&wanting(&[API])).expect("it is known");
    assert_eq!(again.token.secret.expose(), early.token.secret.expose());
    assert!(client.granted(None).expect("somebody is there").to_parameter().contains(API));
    assert_eq!(world.token_requests().len(), 1);
    world.browser.vault().release();
    pool.run_until_stalled();
    let late = call.now_or_never().expect("it is done").expect("a token");
    assert_eq!(late.token.secret.expose(), early.token.secret.expose());
    assert_eq!((stored(&world, "|access|"), stored(&world, "|grant|")), (1, 1));
    let next = world.client_in(&world.browser.new_tab(PAGE));
    assert!(silent(&next, &wanting(&[API])).expect("a token").from_cache);
}

#[test]
fn what_others_change_meanwhile_takes_nothing_from_it() {
    for everything in [false, true] {
        let (world, [client, other], mut pool) = scene();
        let ahead = begin(&mut pool, &client, wanting(&[API]));
        assert!(is_told(&ahead));
        other.set_active_account(Some(Default::default())).expect("there is one");
        if everything {
            other.set_active_account(None).expect("there is none");
        }
        world.browser.vault().release();
        pool.run_until_stalled();
        assert_eq!((stored(&world, "|access|"), stored(&world, "|grant|")), (1, 1), "{everything}");
        assert!(client.recall(&wanting(&[API])).is_some());
    }
}

#[test]
fn who_signs_out_while_the_page_goes_on_is_out() {
    for is_other in [false, true] {
        let (world, [client, other], _) = scene();
        world.browser.vault().release();
        let told = Told::default();
        let request = SilentRequest { told: Some(&told), ..wanting(&[API]) };
        let mut call = Box::pin(client.acquire_silent(&request));
        let mut poll = || call.as_mut().poll(&mut Context::from_waker(noop_waker_ref()));
        world.browser.turns().begin();
        while world.browser.turns().take_last() != "pause" {
            assert!(poll().is_pending());
        }
        world.browser.turns().end();
        let leaving = if is_other { &other } else { &client };
        leaving.clear(None).now_or_never().expect("nothing is sealed").expect("it is forgotten");
        let Poll::Ready(outcome) = poll() else { panic!("it waits for nothing") };
        assert_eq!((told.borrow().is_some(), code(outcome)), (true, "no_account_error".into()), "{is_other}");
        assert_eq!(world.browser.local().dump().len(), 0, "{is_other}");
    }
}

#[test]
fn who_signs_out_meanwhile_is_out() {
    for is_other in [false, true] {
        let (world, [client, other], mut pool) = scene();
        let ahead = begin(&mut pool, &client, wanting(&[API]));
        assert!(is_told(&ahead));
        let leaving = if is_other { &other } else { &client };
        leaving.clear(None).now_or_never().expect("nothing is sealed").expect("it is forgotten");
        world.browser.vault().release();
        pool.run_until_stalled();
        assert_eq!(code(ahead.1.now_or_never().expect("it is done")), "no_account_error", "{is_other}");
        assert_eq!(world.browser.local().dump().into_iter().collect::<Vec<_>>(), [], "{is_other}");
        world.sign_in(&["User.Read"]);
        for client in [&client, &world.client()] {
            world.browser.network().take_sent();
            assert!(client.recall(&wanting(&[API])).is_none(), "{is_other}: it was given before");
        }
    }
}

#[test]
fn what_there_is_no_room_for_is_known_to_the_page() {
    let (world, [client, _], mut pool) = scene();
    let ahead = begin(&mut pool, &client, wanting(&[API]));
    assert!(is_told(&ahead));
    world.browser.local().set_room(0);
    world.browser.vault().release();
    pool.run_until_stalled();
    ahead.1.now_or_never().expect("it is done").expect("a token");
    assert_eq!(stored(&world, "|access|"), 0);
    assert!(client.recall(&wanting(&[API])).is_some());
}

#[test]
fn what_changes_the_account_or_takes_the_place_of_a_token_is_stored_first() {
    let (world, [client, _], mut pool) = scene();
    let forced = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
    let cases: [(&str, SilentRequest<'static>, &dyn Fn()); 4] = [
        ("forced", forced, &|| {}),
        ("claims", SilentRequest { claims: Some("{}"), ..wanting(&[API]) }, &|| {}),
        ("a name", wanting(&[API]), &|| world.server.change_claims(|claims| claims["name"] = json!("Another"))),
        ("newer", wanting(&["Mail.Read"]), &|| world.browser.pass(60)),
    ];
    for (case, request, prepare) in cases {
        prepare();
        let ahead = begin(&mut pool, &client, request);
        assert!(!is_told(&ahead), "{case}");
        world.browser.vault().release();
        pool.run_until_stalled();
        let (told, call) = ahead;
        call.now_or_never().expect("it is done").expect("a token");
        assert!(told.borrow().is_none(), "{case}");
        world.browser.vault().hold();
    }
}

/// All that is said of a token.
fn said(client: &Client, scopes: &[&str]) -> String {
    let token = silent(client, &wanting(scopes)).expect("a token").token;
    format!("{token:?} {}", token.secret.expose())
}

#[test]
fn what_the_page_remembers_is_what_the_next_one_reads() {
    let wanted: [&[&str]; 4] = [&["MAIL.read"], &[API], &["api://Orders/READ"], &["User.Read", "Mail.Read", "openid"]];
    for scopes in wanted {
        for is_lacking in [false, true] {
            let (world, [client, _], _) = scene();
            world.browser.vault().release();
            if is_lacking {
                world.server.change_tokens(|tokens| tokens["scope"] = json!("openid profile"));
            }
            let first = said(&client, scopes);
            assert_eq!(said(&client, scopes), first, "{scopes:?}");
            let next = world.client_in(&world.browser.new_tab(PAGE));
            assert_eq!(said(&next, scopes), first, "{scopes:?}");
        }
    }
}
