//! What a change costs the storage: as many entries as change, whatever else is there; and room in one that is full.

use crate::{
    browser::Dump,
    server::BOB,
    world::{World, access_token, silent, wanting},
};
use consentry::{client::SilentRequest, platform::Area};
use serde_json::json;
use std::collections::BTreeSet;

/// The keys of what is not as it was.
fn changed(before: &Dump, after: &Dump) -> BTreeSet<String> {
    let all = before.keys().chain(after.keys());
    all.filter(|key| before.get(*key) != after.get(*key)).cloned().collect()
}

#[test]
fn a_token_is_one_entry_whatever_else_is_stored() {
    for (location, area) in [("localStorage", Area::Local), ("sessionStorage", Area::Session), ("custom", Area::Custom)]
    {
        let mut counts = Vec::new();
        for others in [0, 50] {
            let world = World::keeping_in(location);
            for at in 0..others {
                world.sign_in(&[&format!("api://{at}/Read")]);
            }
            let (client, _) = world.sign_in(&["User.Read"]);
            world.browser.pass(120);
            let before = world.browser.store(area).dump();
            let forced = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
            silent(&client, &forced).expect("a token");
            counts.push(changed(&before, &world.browser.store(area).dump()));
        }
        assert_eq!(counts[0], counts[1], "{location}");
        let kinds: Vec<_> = counts[0].iter().map(|key| key.split('|').nth(3).unwrap_or_default()).collect();
        assert_eq!(kinds, ["access", "account", "stamp"], "{location}");
    }
}

#[test]
fn tokens_of_nobody_make_room_for_those_of_somebody() {
    let world = World::keeping_in("localStorage");
    for scope in ["Mail.Read", "Files.Read", "Notes.Read"] {
        world.sign_in(&[scope]);
    }
    let mut dump = world.browser.local().dump();
    let account = dump.keys().find(|key| key.contains("|account|")).expect("Alice").clone();
    dump.remove(&account);
    world.browser.local().restore(&dump);
    let orphans = |dump: &Dump| dump.keys().filter(|key| key.contains("|access|")).count();
    assert_eq!(orphans(&dump), 3);
    world.server.set_user(BOB);
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.local().set_room(0);
    world.server.change_tokens(|tokens| tokens["access_token"] = json!("x".repeat(200)));
    let brought = silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }).expect("a token");
    assert_eq!(orphans(&world.browser.local().dump()), 1, "Bob's alone");
    let next = silent(&world.client(), &wanting(&["User.Read"])).expect("it is stored");
    assert_eq!(access_token(&next), access_token(&brought));
}
