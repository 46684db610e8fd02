//! Others who change the storage whenever this page is about to: what is newer stays, and nobody waits for ever.

use crate::{
    browser::{Dump, opened},
    server::{ALICE, BOB},
    world::{Client, PAGE, World, access_token, code, named, now, silent, usernames, wanting},
};
use consentry::client::SilentRequest;
use std::{cell::Cell, rc::Rc};

fn forced<'a>() -> SilentRequest<'a> {
    SilentRequest { force_refresh: true, account: Some(named(ALICE.name)), ..wanting(&["User.Read"]) }
}

/// Alice and Bob are signed in here, and in another tab.
fn scene() -> (World, Client, Client) {
    let world = World::keeping_in("localStorage");
    world.sign_in_as(BOB, &["User.Read"]);
    let (client, _) = world.sign_in(&["User.Read"]);
    let other = world.client_in(&world.browser.new_tab(PAGE));
    (world, client, other)
}

/// For so many times the other tab chooses an account while something is sealed; how often it has.
fn choose(world: &World, other: Client, times: u32) -> Rc<Cell<u32>> {
    let count = Rc::new(Cell::new(0));
    let counted = Rc::clone(&count);
    world.browser.vault().set_meanwhile(move || {
        if counted.get() < times {
            counted.set(counted.get() + 1);
            let user = if counted.get().is_multiple_of(2) { ALICE } else { BOB };
            other.set_active_account(Some(named(user.name))).expect("both are signed in");
        }
    });
    count
}

fn account_of_alice(dump: &Dump) -> String {
    let is_hers = |(key, _): &(&String, &String)| key.contains("|account|") && key.contains(ALICE.oid);
    dump.iter().find(is_hers).expect("she is signed in").1.clone()
}

#[test]
fn a_change_is_made_anew_until_nobody_comes_in_between() {
    for times in 0..8 {
        let (world, client, other) = scene();
        let count = choose(&world, other, times);
        let renewed = silent(&client, &forced()).expect("a token");
        assert_eq!(count.get(), times, "each time another change came first");
        assert!(world.browser.locks().held().is_empty());
        let kept = SilentRequest { force_refresh: false, ..forced() };
        let next = silent(&world.client(), &kept).expect("a token");
        assert_eq!((access_token(&next), next.from_cache), (access_token(&renewed), true), "{times}: it is stored");
    }
}

#[test]
fn what_others_never_stop_to_change_is_not_written_over() {
    let (world, client, other) = scene();
    let before = account_of_alice(&world.browser.local().dump());
    let count = choose(&world, other, u32::MAX);
    let renewed = silent(&client, &forced()).expect("a token, which the page alone knows");
    assert!(count.get() > 8);
    assert_eq!(account_of_alice(&world.browser.local().dump()), before, "what is stored is of nobody who knew less");
    let kept = silent(&client, &SilentRequest { force_refresh: false, ..forced() }).expect("a token");
    assert_eq!((access_token(&kept), kept.from_cache), (access_token(&renewed), true));
    assert!(world.browser.locks().held().is_empty());
}

#[test]
fn who_signs_out_in_between_is_out() {
    let (world, client, other) = scene();
    world.browser.vault().set_meanwhile(move || now(other.clear(Some(named(ALICE.name)))).expect("there is storage"));
    assert_eq!(code(silent(&client, &forced())), "no_account_error");
    assert_eq!(usernames(&client), [BOB.name]);
    assert!(!opened(&world.browser.local().dump()).keys().any(|key| key.contains(ALICE.oid)));
}
