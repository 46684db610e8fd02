//! Where tokens are kept: whole or not at all, followed from tab to tab, or nowhere.

use crate::{
    browser::{Browser, Dump},
    server::{ALICE, AUTHORITY, BOB, CLIENT_ID},
    world::{
        Client, PAGE, REDIRECT_URI, World, access_token, asking, code, finish, named, now, silent, usernames, value,
        wanting,
    },
};
use consentry::{
    binding::dictionary,
    cache::{AccountFilter, keys},
    client::{PublicClient, SilentRequest},
    error::{BrowserError, Error},
};
use serde_json::json;

fn signed_in_local() -> (World, Client) {
    let world = World::keeping_in("localStorage");
    let (client, _) = world.sign_in(&["User.Read"]);
    (world, client)
}

/// Runs something with ever more room in the store, until it fits: how often it did not.
fn with_ever_more_room(mut attempt: impl FnMut(usize) -> Result<(), String>) -> usize {
    for (failures, room) in (0..8_000).step_by(13).enumerate() {
        match attempt(room) {
            Ok(()) => return failures,
            Err(code) => assert_eq!(code, "cache_quota_exceeded", "with room for {room}"),
        }
    }
    panic!("it never fits");
}

#[test]
fn a_sign_in_that_does_not_fit_is_undone() {
    let failures = with_ever_more_room(|room| {
        let world = World::keeping_in("localStorage");
        world.sign_in_as(BOB, &["User.Read"]);
        world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
        let before = world.browser.local().dump();
        world.browser.local().set_room(room);
        let client = world.client();
        let outcome = finish(&client);
        let Err(error) = outcome else { return Ok(()) };
        assert_eq!(world.browser.local().dump(), before);
        assert_eq!(
            (usernames(&client), usernames(&world.client())),
            (vec![BOB.name.to_owned()], vec![BOB.name.to_owned()])
        );
        Err(error.code().to_owned())
    });
    assert!(failures > 20, "each of the writes was the one that failed");
}

#[test]
fn a_refresh_that_does_not_fit_serves_the_page_and_costs_nobody_the_session() {
    let mut unstored = 0;
    for room in (0..4_000).step_by(97) {
        let (world, client) = signed_in_local();
        let before = world.browser.local().dump();
        world.browser.local().set_room(room);
        world.server.change_claims(|claims| claims["name"] = json!("A Longer Name ".repeat(60)));
        let renewed = silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) });
        let renewed = renewed.expect("a token, with whatever room");
        let hit = silent(&client, &wanting(&["User.Read"])).expect("it is remembered");
        assert_eq!((access_token(&hit), hit.from_cache), (access_token(&renewed), true), "{room} bytes");
        unstored += usize::from(world.browser.local().dump() == before);
        let next = silent(&world.client(), &wanting(&["User.Read"])).expect("the next page has a token");
        assert!(next.from_cache, "{room} bytes: nothing that was there is lost");
    }
    assert!(unstored > 5 && unstored < 40, "{unstored} times nothing fitted");
}

#[test]
fn tokens_that_have_ended_make_room_for_a_new_one() {
    let world = World::keeping_in("localStorage");
    for scope in ["Mail.Read", "Files.Read", "Notes.Read"] {
        world.sign_in(&[scope]);
    }
    let (client, _) = world.sign_in(&["api://orders/Read"]);
    world.browser.pass(7200);
    world.browser.local().set_room(0);
    let renewed = silent(&client, &wanting(&["api://orders/Read"])).expect("a token");
    let there = silent(&world.client(), &wanting(&["api://orders/Read"])).expect("it is stored");
    assert_eq!((access_token(&there), there.from_cache), (access_token(&renewed), true));
}

#[test]
fn other_tabs_follow() {
    let (world, client) = signed_in_local();
    let tab = world.browser.new_tab(PAGE);
    let other = world.client_in(&tab);
    assert_eq!(usernames(&other), [ALICE.name], "what is there is read");
    assert!(silent(&other, &wanting(&["User.Read"])).expect("a token").from_cache);
    world.browser.pass(3600);
    let renewed = silent(&client, &wanting(&["User.Read"])).expect("a token");
    let there = silent(&other, &wanting(&["User.Read"])).expect("a token");
    assert_eq!((access_token(&there), there.from_cache), (access_token(&renewed), true), "what is new is heard of");
    other.set_active_account(Some(named(ALICE.name))).expect("Alice is signed in");
    assert!(client.active_account().is_some());
    let client = world.sign_in_as(BOB, &["User.Read"]);
    now(other.start()).expect("there is a key");
    assert_eq!(usernames(&other), [ALICE.name, BOB.name]);
    now(other.clear(Some(named(ALICE.name)))).expect("Alice is forgotten");
    assert_eq!((usernames(&client), usernames(&other)), (vec![BOB.name.to_owned()], vec![BOB.name.to_owned()]));
    assert!(client.active_account().is_none());
}

#[test]
fn a_stamp_that_was_cut_short_hides_no_change() {
    let (world, client) = signed_in_local();
    let other = world.client_in(&world.browser.new_tab(PAGE));
    let first = silent(&other, &wanting(&["User.Read"])).expect("a token");
    let renewed = silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }).expect("a token");
    assert_ne!(access_token(&first), access_token(&renewed));
    let local = world.browser.local();
    let mut dump = local.dump();
    let note = dump.iter_mut().find(|(key, _)| key.ends_with("|stamp")).expect("it is noted").1;
    note.truncate(note.find("consentry|").expect("it names what was changed") + 30);
    local.restore(&dump);
    now(other.start()).expect("there is a key");
    let there = silent(&other, &wanting(&["User.Read"])).expect("a token");
    assert_eq!(access_token(&there), access_token(&renewed), "all of it was read");
}

#[test]
fn a_change_that_is_too_long_to_be_named_is_followed_as_well() {
    let names: Vec<String> = (0..60).map(|at| format!("api://orders/Read.{at}")).collect();
    let scopes: Vec<&str> = names.iter().map(String::as_str).collect();
    let world = World::keeping_in("localStorage");
    let (client, _) = world.sign_in(&scopes);
    for scope in &scopes {
        silent(&client, &SilentRequest { force_refresh: true, ..wanting(&[*scope]) }).expect("a token");
    }
    let other = world.client_in(&world.browser.new_tab(PAGE));
    assert!(silent(&other, &wanting(&[scopes[9]])).expect("a token").from_cache);
    world.browser.pass(7200);
    let renewed = silent(&client, &wanting(&[scopes[0]])).expect("a token");
    let stored = world.browser.local().dump();
    let of_kind = |kind| stored.iter().filter(move |(key, _)| key.split('|').nth(3) == Some(kind));
    assert_eq!(of_kind("access").count(), 1, "the others have ended");
    assert!(
        of_kind("stamp").all(|(_, stamp)| stamp.len() < 100),
        "sixty keys are more than anybody wants to read each time"
    );
    let there = silent(&other, &wanting(&[scopes[0]])).expect("a token");
    assert_eq!((access_token(&there), there.from_cache), (access_token(&renewed), true));
}

#[test]
fn a_stamp_that_somebody_removes_is_made_anew() {
    let (world, _) = signed_in_local();
    let local = world.browser.local();
    let mut dump = local.dump();
    dump.retain(|key, _| !key.ends_with("|stamp"));
    local.restore(&dump);
    let client = world.client();
    assert!(silent(&client, &wanting(&["User.Read"])).expect("a token").from_cache, "the rest is as good as ever");
    assert!(local.dump().keys().any(|key| key.ends_with("|stamp")));
    local.restore(&Dump::new());
    assert!(usernames(&client).is_empty(), "it hears of what becomes of the rest");
}

#[test]
fn what_a_page_was_told_goes_with_every_change_and_is_nobody_s_record() {
    let (world, client) = signed_in_local();
    let local = world.browser.local();
    let key = keys::memo(CLIENT_ID);
    let told = || {
        let mut dump = local.dump();
        dump.insert(key.clone(), "~what was said".into());
        local.restore(&dump);
        assert_eq!(usernames(&world.client()), [ALICE.name], "it is no account");
        assert!(local.dump().contains_key(&key), "who only reads leaves it");
    };
    let changes: [(&str, &dyn Fn()); 4] = [
        ("a token", &|| drop(silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }))),
        ("who is chosen", &|| client.set_active_account(Some(named(ALICE.name))).expect("Alice is signed in")),
        ("nobody is", &|| client.set_active_account(None).expect("there is storage")),
        ("a sign-out", &|| now(client.clear(None)).expect("Alice is forgotten")),
    ];
    for (what, change) in changes {
        told();
        change();
        assert!(!local.dump().contains_key(&key), "{what}");
    }
    assert!(local.dump().is_empty(), "nothing is left");
}

#[test]
fn storage_that_is_emptied_elsewhere_is_empty_here() {
    let (world, client) = signed_in_local();
    world.browser.local().restore(&Dump::new());
    assert!(usernames(&client).is_empty());
    assert_eq!(code(silent(&client, &wanting(&["User.Read"]))), "no_account_error");
}

#[test]
fn pages_of_one_tab_follow_each_other() {
    let world = World::new();
    let kept_by_the_browser = world.client();
    let (client, _) = world.sign_in(&["User.Read"]);
    assert_eq!(usernames(&kept_by_the_browser), [ALICE.name], "a page that comes back knows it");
    now(client.clear(None)).expect("Alice is forgotten");
    assert!(usernames(&kept_by_the_browser).is_empty());
    assert!(!world.stored()[0].keys().any(|key| key.contains("|stamp")), "nothing is left");
}

#[test]
fn what_is_known_stands_while_the_storage_can_t_be_read() {
    let (world, client) = signed_in_local();
    world.browser.local().deny();
    assert_eq!(usernames(&client), [ALICE.name]);
    assert!(silent(&client, &wanting(&["User.Read"])).expect("a token").from_cache);
    assert_eq!(code(now(client.clear(None))), "storage_not_supported");
}

#[test]
fn somebody_whose_entry_is_damaged_is_forgotten_by_key_in_all_tabs() {
    let of_alice = |key: &String| key.contains(ALICE.oid);
    for damage in ["{}", "", "~1.00"] {
        let (world, _) = signed_in_local();
        let client = world.sign_in_as(BOB, &["User.Read"]);
        let alice = ALICE.home_account_id();
        let filter = || AccountFilter { home_account_id: Some(&alice), ..AccountFilter::default() };
        client.set_active_account(Some(filter())).expect("Alice is signed in");
        let knowing = world.client_in(&world.browser.new_tab(PAGE));
        let mut local = world.browser.local().dump();
        for (_, text) in local.iter_mut().filter(|(key, _)| key.contains("|account|") && of_alice(key)) {
            *text = damage.to_owned();
        }
        world.browser.local().restore(&local);
        let other = world.client_in(&world.browser.new_tab(PAGE));
        assert_eq!(usernames(&other), [BOB.name], "she can't be read");
        now(other.clear(Some(named(ALICE.name)))).expect("nobody of that name is there");
        assert!(world.browser.local().dump().keys().any(of_alice), "her name is not in a key");
        now(other.clear(Some(filter()))).expect("she is forgotten");
        assert!(!world.browser.local().dump().keys().any(of_alice));
        assert!(!world.browser.local().has(|key, _| key.ends_with("|active")), "nor is she chosen");
        assert_eq!(usernames(&world.client()), [BOB.name], "Bob stays");
        assert_eq!(
            code(silent(&knowing, &SilentRequest { account: Some(filter()), ..wanting(&["User.Read"]) })),
            "no_account_error"
        );
    }
}

#[test]
fn what_somebody_removed_by_hand_is_forgotten_by_who_remembers_it() {
    let (world, knowing) = signed_in_local();
    world.sign_in_as(BOB, &["User.Read"]);
    now(knowing.start()).expect("there is a key");
    let mut local = world.browser.local().dump();
    local.retain(|key, _| !key.contains(ALICE.oid));
    world.browser.local().restore(&local);
    assert_eq!(usernames(&knowing), [ALICE.name, BOB.name], "nobody has said that something changed");
    let alice = ALICE.home_account_id();
    let filter = AccountFilter { home_account_id: Some(&alice), ..AccountFilter::default() };
    now(world.client().clear(Some(filter))).expect("there is nothing of her");
    assert_eq!(usernames(&knowing), [BOB.name]);
}

#[test]
fn what_is_damaged_is_forgotten_with_the_rest() {
    let (world, client) = signed_in_local();
    let mut local = world.browser.local().dump();
    for kind in ["account|a|b|c", "access|a|b|c|d|e", "account|cut"] {
        local.insert(format!("consentry|2|{CLIENT_ID}|{kind}"), "secret-damaged".to_owned());
    }
    let other = format!("consentry|2|{CLIENT_ID}-other|account|a|b|c");
    local.insert(other.clone(), "another client's".to_owned());
    world.browser.local().restore(&local);
    now(client.clear(None)).expect("everything is forgotten");
    assert_eq!(world.browser.local().dump().into_keys().collect::<Vec<_>>(), [other]);
}

#[test]
fn a_redirect_needs_a_tab_that_can_keep_the_request() {
    let (world, client) = signed_in_local();
    let left = world.browser.left().len();
    world.browser.session().deny();
    assert_eq!(code(now(client.begin_redirect(&asking(&["User.Read"])))), "in_mem_redirect_unavailable");
    assert!(silent(&client, &wanting(&["User.Read"])).expect("a token").from_cache, "the rest goes on");
    assert_eq!(world.browser.left().len(), left);
    let full = World::new();
    full.browser.session().set_room(0);
    assert_eq!(code(now(full.client().begin_redirect(&asking(&["User.Read"])))), "cache_quota_exceeded");
}

#[test]
fn tokens_of_a_tab_stay_in_the_tab() {
    let world = World::new();
    let (_, _) = world.sign_in(&["User.Read"]);
    assert!(world.browser.local().dump().is_empty());
    assert!(usernames(&world.client_in(&world.browser.new_tab(PAGE))).is_empty());
}

/// The kinds of what is stored: the fourth part of each key.
fn kinds(store: &Dump) -> Vec<&str> {
    let mut kinds: Vec<_> = store.keys().filter_map(|key| key.split('|').nth(3)).collect();
    kinds.dedup();
    kinds
}

#[test]
fn tokens_in_memory_go_with_the_page() {
    let world = World::keeping_in("memoryStorage");
    let (client, answer) = world.sign_in(&["User.Read"]);
    let hit = silent(&client, &wanting(&["User.Read"])).expect("a token");
    assert_eq!((access_token(&hit), hit.from_cache), (access_token(&answer.result), true));
    client.set_active_account(Some(named(ALICE.name))).expect("Alice is signed in");
    assert!(client.active_account().is_some());
    let [session, local] = world.stored();
    assert!(local.is_empty());
    assert_eq!(kinds(&session), ["interactions", "metadata", "pending"]);
    assert!(world.server.secrets().iter().all(|secret| !session.values().any(|text| text.contains(secret))));
    assert!(usernames(&world.client()).is_empty(), "the next page knows nothing");
    now(client.clear(None)).expect("nothing is in the way");
    assert!(usernames(&client).is_empty());
}

#[test]
fn apps_on_one_origin_do_not_see_each_other() {
    let (world, _) = signed_in_local();
    for other in ["6731de76-14a6-49ae-97bc-6eba6914391", "6731de76-14a6-49ae-97bc-6eba6914391e|account", "6731"] {
        let auth = json!({ "clientId": other, "authority": AUTHORITY });
        let other = World::configured(json!({ "auth": auth, "cache": { "cacheLocation": "localStorage" } }));
        let client = other.client_in(&world.browser);
        assert!(usernames(&client).is_empty());
        now(client.clear(None)).expect("nothing is forgotten");
    }
    assert_eq!(usernames(&world.client()), [ALICE.name]);
}

#[test]
fn what_others_stored_is_left_alone() {
    let world = World::keeping_in("localStorage");
    let foreign = [
        ("msal.account.keys", "[]"),
        ("consentry|0|6731de76-14a6-49ae-97bc-6eba6914391e|account|a|b|c", "{}"),
        ("consentry|2|6731de76-14a6-49ae-97bc-6eba6914391e|account|a|b|c", "damaged"),
    ];
    let foreign: Dump = foreign.map(|(key, text)| (key.to_owned(), text.to_owned())).into();
    world.browser.local().restore(&foreign);
    let (client, _) = world.sign_in(&["User.Read"]);
    assert_eq!(usernames(&client), [ALICE.name]);
    let now_there = world.browser.local().dump();
    assert!(foreign.iter().all(|(key, text)| now_there.get(key) == Some(text)));
}

#[test]
fn what_a_newer_version_adds_is_passed_over() {
    let world = World::new();
    let (_, answer) = world.sign_in(&["User.Read"]);
    let mut dump = world.browser.session().dump();
    for (key, text) in &mut dump {
        if ["|account|", "|access|", "|consent|"].iter().any(|kind| key.contains(kind)) {
            *text = text.replacen('{', r#"{"future":{"a":[1]},"#, 1);
        }
    }
    let prefix = format!("consentry|2|{CLIENT_ID}|");
    for (key, text) in [("novelty|a|b|c", "{}"), ("access", "{}"), ("account|x", "{}"), ("grant", ""), ("", "[")] {
        dump.insert(format!("{prefix}{key}"), text.to_owned());
    }
    dump.insert(format!("consentry|3|{CLIENT_ID}|account|a|b|c"), "of a newer version".to_owned());
    dump.insert(format!("consentry|1|{CLIENT_ID}|account|a|b|c"), "of an older version".to_owned());
    world.browser.session().restore(&dump);
    let client = world.client();
    assert_eq!(usernames(&client), [ALICE.name]);
    let hit = silent(&client, &wanting(&["User.Read"])).expect("a token");
    assert_eq!((access_token(&hit), hit.from_cache), (access_token(&answer.result), true));
}

#[test]
fn a_client_that_can_t_have_its_storage_is_none() {
    for (location, is_denied) in [("localStorage", true), ("sessionStorage", true), ("memoryStorage", false)] {
        let browser = Browser::new(PAGE);
        browser.local().deny();
        browser.session().deny();
        let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY });
        let config = dictionary::config(&value(&json!({ "auth": auth, "cache": { "cacheLocation": location } })));
        let client = PublicClient::new(browser, config.expect("a configuration"));
        let denied = matches!(client, Err(Error::Browser(BrowserError::StorageDenied)));
        assert_eq!(denied, is_denied, "{location}");
    }
}
