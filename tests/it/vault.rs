//! What is stored for all tabs is sealed: it tells nobody anything, opens at its own place, and is followed as it is opened.

use crate::{
    browser::{Browser, Dump, opened},
    server::{ALICE, BOB},
    world::{Client, PAGE, World, access_token, code, finish, named, now, silent, usernames, wanting},
};
use consentry::error::Error;
use futures::{executor::LocalPool, task::LocalSpawnExt};
use serde_json::json;
use std::{cell::RefCell, rc::Rc};

fn signed_in() -> (World, Client) {
    let world = World::keeping_in("localStorage");
    let (client, _) = world.sign_in(&["User.Read"]);
    (world, client)
}

/// The keys of a kind of entry.
fn keys_of(dump: &Dump, kind: &str) -> Vec<String> {
    dump.keys().filter(|key| key.contains(&format!("|{kind}|"))).cloned().collect()
}

#[test]
fn nothing_of_a_user_can_be_read_in_what_is_stored() {
    let (world, client) = signed_in();
    client.set_active_account(Some(named(ALICE.name))).expect("Alice is signed in");
    let dump = world.browser.local().dump();
    for kind in ["account", "access", "consent"] {
        assert_eq!(keys_of(&dump, kind).len(), 1, "{kind}");
    }
    let secrets = world.server.secrets();
    let is_told = |dump: &Dump, text: &str| dump.values().any(|stored| stored.contains(text));
    for text in secrets.iter().map(String::as_str).chain([ALICE.name, "idToken", "granted"]) {
        assert!(!is_told(&dump, text), "{text}");
    }
    assert!(is_told(&opened(&dump), "idToken"), "with the key it can");
}

#[test]
fn without_encryption_the_texts_are_as_they_are() {
    let auth = json!({ "clientId": crate::server::CLIENT_ID, "authority": crate::server::AUTHORITY });
    let cache = json!({ "cacheLocation": "localStorage", "encryption": false });
    let world = World::configured(json!({ "auth": auth, "cache": cache }));
    world.browser.vault().deny();
    let (client, _) = world.sign_in(&["User.Read"]);
    assert!(silent(&client, &wanting(&["User.Read"])).expect("a token").from_cache);
    let dump = world.browser.local().dump();
    assert_eq!(dump, opened(&dump));
    assert_eq!(usernames(&world.client()), [ALICE.name]);
}

#[test]
fn an_entry_that_was_moved_edited_or_written_by_hand_is_none() {
    for kind in ["account", "access"] {
        for change in ["moved", "edited", "cut", "plain", "empty"] {
            let (world, _) = signed_in();
            world.sign_in_as(BOB, &["Mail.Read"]);
            let mut dump = world.browser.local().dump();
            let keys = keys_of(&dump, kind);
            let [one, other] = keys.as_slice() else { panic!("two entries: {keys:?}") };
            let text = match change {
                "moved" => dump[other].clone(),
                "edited" => dump[one].replace('a', "b"),
                "cut" => dump[one][..dump[one].len() / 2].to_owned(),
                "plain" => opened(&dump)[one].clone(),
                _ => String::new(),
            };
            dump.insert(one.clone(), text);
            world.browser.local().restore(&dump);
            let client = world.client();
            if kind == "account" {
                assert_eq!(usernames(&client).len(), 1, "{change}");
                continue;
            }
            for (name, scope) in [(ALICE.name, "User.Read"), (BOB.name, "Mail.Read")] {
                let request = consentry::client::SilentRequest { account: Some(named(name)), ..wanting(&[scope]) };
                let token = silent(&client, &request).expect("from the cache, or a new one");
                assert_eq!(token.account.username(), name, "{change}");
            }
            assert_eq!(world.token_requests().len(), 3, "{change}: the two sign-ins, and the entry that was spoilt");
        }
    }
}

#[test]
fn keys_that_were_removed_make_nobody_signed_in_and_let_them_sign_in_again() {
    let (world, _) = signed_in();
    world.browser.vault().forget();
    let client = world.client();
    assert!(usernames(&client).is_empty());
    assert_eq!(code(silent(&client, &wanting(&["User.Read"]))), "no_account_error");
    let (client, _) = world.sign_in(&["User.Read"]);
    assert_eq!(usernames(&client), [ALICE.name]);
    assert!(silent(&world.client(), &wanting(&["User.Read"])).expect("a token").from_cache);
}

/// Which kinds of entries are there, of all whose texts are sealed.
fn sealed(world: &World) -> Vec<String> {
    let dump = world.browser.local().dump();
    let kinds = dump.iter().filter(|(_, text)| text.starts_with('~')).filter_map(|(key, _)| key.split('|').nth(3));
    kinds.map(ToOwned::to_owned).collect()
}

#[test]
fn what_nobody_can_open_any_more_goes_when_a_page_starts() {
    let (world, knowing) = signed_in();
    assert!(sealed(&world).contains(&"account".to_owned()) && sealed(&world).contains(&"access".to_owned()));
    world.browser.local().restore(&{
        let mut dump = world.browser.local().dump();
        for (key, text) in dump.clone() {
            dump.insert(key.replace("consentry|2|", "consentry|2|another-"), text);
        }
        dump
    });
    let others = sealed(&world).len() / 2;
    world.browser.vault().forget();
    let client = world.client_before_it_starts(&world.browser);
    assert_eq!(sealed(&world).len(), 2 * others, "nothing was tried yet");
    now(client.start()).expect("there is a key");
    assert!(usernames(&client).is_empty());
    assert_eq!(sealed(&world).len(), others, "those of another client stay");
    // Who knows it goes on, and stores it anew.
    assert!(silent(&knowing, &wanting(&["User.Read"])).expect("a token").from_cache);
    let forced = consentry::client::SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
    silent(&knowing, &forced).expect("a token");
    assert_eq!(usernames(&world.client()), [ALICE.name]);
}

#[test]
fn what_is_damaged_goes_and_what_can_t_be_tried_or_was_never_sealed_stays() {
    let (world, _) = signed_in();
    let dump = world.browser.local().dump();
    let account = keys_of(&dump, "account").remove(0);
    let mut damaged = dump.clone();
    damaged.insert(account.clone(), dump[&account].replace('a', "b"));
    world.browser.local().restore(&damaged);
    world.client();
    let left = world.browser.local().dump();
    assert!(!left.contains_key(&account), "it opens nowhere");
    assert!(keys_of(&left, "access").len() == 1, "that opens");
    damaged.insert(account.clone(), opened(&dump)[&account].clone());
    world.browser.local().restore(&damaged);
    world.client();
    assert_eq!(world.browser.local().dump(), damaged, "a page that does not seal may have it");
    world.browser.local().restore(&dump);
    world.browser.vault().deny();
    now(world.client_before_it_starts(&world.browser).start()).expect_err("there is no key for now");
    assert_eq!(world.browser.local().dump(), dump);
}

#[test]
fn what_was_written_while_a_page_tried_the_one_before_stays() {
    let (world, knowing) = signed_in();
    world.browser.vault().forget();
    let client = world.client_before_it_starts(&world.browser.new_tab(PAGE));
    world.browser.vault().hold();
    let mut pool = LocalPool::new();
    let started = pool.spawner().spawn_local_with_handle(async move { client.start().await }).expect("it runs");
    pool.run_until_stalled();
    // The key is there: it opens now.
    world.browser.vault().release();
    world.browser.vault().hold();
    pool.run_until_stalled();
    let before = world.browser.local().dump();
    world.browser.vault().pause(false);
    let forced = consentry::client::SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
    silent(&knowing, &forced).expect("a token");
    let written = world.browser.local().dump();
    assert_ne!(before, written);
    world.browser.vault().release();
    pool.run_until(started).expect("there is a key");
    let left = world.browser.local().dump();
    for kind in ["account", "access"] {
        let key = keys_of(&written, kind).remove(0);
        assert_eq!(left.get(&key), written.get(&key), "it is newer than what was tried");
    }
    assert_eq!(usernames(&world.client()), [ALICE.name]);
}

#[test]
fn a_browser_without_a_place_for_keys_is_told_of() {
    let (world, client) = signed_in();
    world.browser.vault().deny();
    let hit = silent(&client, &wanting(&["User.Read"])).expect("what the page knows it knows");
    assert!(hit.from_cache);
    let configuration = world.configuration();
    let config = consentry::binding::dictionary::config(&configuration).expect("the configuration is right");
    let started = consentry::client::PublicClient::new(world.browser.clone(), config).expect("there is storage");
    let error = now(started.start()).expect_err("there is no key");
    assert_eq!((error.code(), matches!(error, Error::Browser(_))), ("crypto_key_not_found", true));
}

/// A tab in which Alice is signed in, and one in which somebody does something while the first can't open anything.
fn slowly(act: impl Fn(&World, &Browser)) -> (World, Client) {
    let (world, client) = signed_in();
    let other = world.browser.new_tab(PAGE);
    act(&world, &other);
    world.browser.vault().hold();
    (world, client)
}

#[test]
fn who_signed_out_elsewhere_is_signed_out_here_before_anything_is_opened() {
    let (_, client) = slowly(|world, tab| {
        now(world.client_in(tab).clear(None)).expect("there is storage");
    });
    assert!(usernames(&client).is_empty());
}

#[test]
fn who_was_chosen_elsewhere_is_chosen_here_before_anything_is_opened() {
    let (world, client) = signed_in();
    world.sign_in_as(BOB, &["User.Read"]);
    now(client.start()).expect("there is a key");
    world.browser.vault().hold();
    let other = world.browser.new_tab(PAGE);
    let chooser = world.client_before_it_starts(&other);
    world.browser.vault().release();
    now(chooser.start()).expect("there is a key");
    world.browser.vault().hold();
    chooser.set_active_account(Some(named(BOB.name))).expect("Bob is signed in");
    assert_eq!(client.active_account().map(|account| account.username().to_owned()).as_deref(), Some(BOB.name));
}

#[test]
fn until_a_change_is_opened_what_was_known_stands() {
    let (world, client) = slowly(|world, tab| {
        let forced = consentry::client::SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
        silent(&world.client_in(tab), &forced).expect("a token");
    });
    assert_eq!(usernames(&client), [ALICE.name]);
    let mut pool = LocalPool::new();
    let brought = Rc::new(RefCell::new(None));
    let (asking, token) = (Rc::clone(&client), Rc::clone(&brought));
    let call = async move { *token.borrow_mut() = Some(asking.acquire_silent(&wanting(&["User.Read"])).await) };
    pool.spawner().spawn_local(call).expect("it runs");
    pool.run_until_stalled();
    assert!(brought.borrow().is_none(), "the token of before was replaced: it waits for the new one");
    world.browser.vault().release();
    pool.run_until_stalled();
    let result = brought.take().expect("it is done").expect("a token");
    assert!(result.from_cache, "nothing is asked for");
    assert_eq!(
        access_token(&result),
        world.server.secrets().iter().rev().find(|secret| secret.contains("access")).expect("a token")
    );
}

#[test]
fn a_sign_in_elsewhere_that_comes_while_one_is_sealed_here_loses_neither() {
    let (world, _) = signed_in();
    let (tab, mut pool) = (world.browser.new_tab(PAGE), LocalPool::new());
    world.server.set_user(BOB);
    world.visit_server(&world.client(), &crate::world::asking(&["User.Read"]), crate::world::REDIRECT_URI);
    world.server.set_user(ALICE);
    let (here, there) = (world.client(), world.client_in(&tab));
    world.browser.vault().hold();
    let answer = consentry::client::RedirectAnswer { hash: None, return_to_start: true };
    let finishing = Rc::clone(&here);
    let call = async move { finishing.finish_redirect(answer).await.map(drop).expect("it succeeds") };
    pool.spawner().spawn_local(call).expect("it runs");
    pool.run_until_stalled();
    now(there.clear(None)).expect("there is storage");
    world.browser.vault().release();
    pool.run_until_stalled();
    assert_eq!(usernames(&here), [BOB.name], "Alice has signed out, Bob has come");
    assert_eq!(usernames(&world.client()), [BOB.name]);
    assert!(finish(&world.client()).expect("no error").is_none());
}
