//! An app's own storage, of which each client has a copy: what others change there while a server answers stands.

use crate::{
    browser::Dump,
    server::{ALICE, AUTHORITY, CLIENT_ID},
    world::{Client, PAGE, REDIRECT_URI, World, asking, code, finish, fragment, named, now, usernames, wanting},
};
use consentry::{
    client::{RedirectRequest, SilentRequest},
    platform::Area,
};
use futures::FutureExt;
use serde_json::{Value as Json, json};
use std::rc::Rc;

fn forced<'a>() -> SilentRequest<'a> {
    SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }
}

/// Alice, on a page and in a worker.
fn scene() -> (World, Client, Client) {
    let world = World::keeping_in("custom");
    world.sign_in(&["User.Read"]);
    let (page, worker) = (world.client(), world.client_in(&world.browser.new_tab(PAGE)));
    (world, page, worker)
}

fn stored(world: &World) -> Dump {
    world.browser.store(Area::Custom).dump()
}

/// What comes of a call during which somebody does something, as the server's answer to the token request is on its way.
fn meanwhile<T>(world: &World, call: impl Future<Output = T>, act: impl FnOnce()) -> T {
    let mut call = Box::pin(call);
    world.browser.turns().begin();
    while {
        assert!(call.as_mut().now_or_never().is_none(), "the server is asked");
        world.browser.turns().take_last() != "posted"
    } {}
    world.browser.turns().end();
    act();
    call.now_or_never().expect("nothing is held back")
}

#[test]
fn who_signs_out_elsewhere_while_the_server_answers_stays_signed_out() {
    for (request, ends) in [(forced(), 0), (wanting(&["User.Read"]), 7200)] {
        for refusal in [None, Some("invalid_grant"), Some("interaction_required")] {
            let (world, page, worker) = scene();
            world.browser.pass(ends);
            if let Some(error) = refusal {
                world.server.refuse(error, "");
            }
            let outcome = meanwhile(&world, worker.acquire_silent(&request), || {
                now(page.clear(None)).expect("there is storage");
            });
            assert_eq!(code(outcome), "no_account_error");
            assert!(usernames(&worker).is_empty() && usernames(&world.client()).is_empty());
            assert!(stored(&world).keys().all(|key| key.contains("|keys|")), "nothing comes back");
        }
    }
}

#[test]
fn who_signs_out_elsewhere_while_a_frame_s_code_is_redeemed_stays_signed_out() {
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "redirectUri": "/blank" });
    let world = World::configured(json!({ "auth": auth, "cache": { "cacheLocation": "custom" } }));
    world.server.change_tokens(|tokens| tokens["refresh_token"] = Json::Null);
    let request = RedirectRequest { redirect_uri: Some(REDIRECT_URI), ..asking(&["User.Read"]) };
    world.visit_server(&world.client(), &request, REDIRECT_URI);
    let page = world.client();
    finish(&page).expect("the sign-in succeeds").expect("there was a response");
    world.browser.pass(7200);
    let tab = world.browser.new_tab(PAGE);
    let server = Rc::clone(&world.server);
    tab.set_frames(move |url| Ok(fragment(&server.authorize(url))));
    let other = world.client_in(&tab);
    let outcome = meanwhile(&world, other.acquire_silent(&wanting(&["User.Read"])), || {
        now(page.clear(None)).expect("there is storage");
    });
    assert_eq!(code(outcome), "no_account_error");
    assert!(usernames(&other).is_empty() && usernames(&world.client()).is_empty());
}

#[test]
fn who_has_signed_in_elsewhere_is_known_when_a_token_is_wanted() {
    let world = World::keeping_in("custom");
    let worker = world.client_in(&world.browser.new_tab(PAGE));
    assert_eq!(code(now(worker.acquire_silent(&wanting(&["User.Read"])))), "no_account_error");
    world.sign_in(&["User.Read"]);
    assert!(usernames(&worker).is_empty(), "nothing tells it");
    assert!(now(worker.acquire_silent(&wanting(&["User.Read"]))).expect("a token").from_cache);
}

#[test]
fn of_a_sign_out_that_is_cut_short_the_account_has_gone() {
    let (world, page, _) = scene();
    // Nothing goes any more once the first tokens have.
    world.browser.store(Area::Custom).ignore(|stored, _, _| !stored.keys().any(|key| key.contains("|access|")));
    now(page.clear(Some(named(ALICE.name)))).expect("there is storage");
    assert!(usernames(&world.client()).is_empty());
}
