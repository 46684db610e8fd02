//! Who is meant: by whoever calls, by whoever answers.

use crate::{
    browser::field,
    server::{ALICE, BOB},
    world::{
        Client, REDIRECT_URI, World, access_token, asking, code, finish, named, now, query, silent, usernames, value,
        wanting,
    },
};
use consentry::{
    binding::dictionary,
    cache::AccountFilter,
    client::{RedirectRequest, SilentRequest},
    platform::Platform,
    protocol::Prompt,
};
use serde_json::json;

#[test]
fn the_user_who_was_asked_is_hinted_at_unless_they_may_choose() {
    let world = World::new();
    world.server.change_claims(|claims| claims["login_hint"] = json!("O.opaque"));
    let (client, _) = world.sign_in(&["User.Read"]);
    let hint = |request: RedirectRequest<'_>| {
        let url = world.leave(&client, &RedirectRequest { account: Some(named(ALICE.name)), ..request });
        field(&query(&url), "login_hint").to_owned()
    };
    assert_eq!(hint(asking(&[])), "O.opaque");
    assert_eq!(hint(RedirectRequest { login_hint: Some("the app's"), ..asking(&[]) }), "the app's");
    assert_eq!(hint(RedirectRequest { prompt: Some(Prompt::CONSENT), ..asking(&[]) }), "O.opaque");
    for prompt in [Prompt::SELECT_ACCOUNT, Prompt::LOGIN, Prompt::CREATE] {
        assert_eq!(hint(RedirectRequest { prompt: Some(prompt), ..asking(&[]) }), "");
    }
    let unknown = RedirectRequest { account: Some(named("nobody")), ..asking(&[]) };
    assert_eq!(code(now(client.begin_redirect(&unknown))), "no_account_error");
}

#[test]
fn several_users_can_be_signed_in() {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    world.browser.pass(1);
    let client = world.sign_in_as(BOB, &["User.Read"]);
    assert_eq!(usernames(&client), [ALICE.name, BOB.name], "oldest first");
    world.browser.pass(1);
    let (client, again) = world.sign_in(&["User.Read"]);
    assert_eq!(usernames(&client), [ALICE.name, BOB.name], "who signs in again is not new");
    assert_eq!(client.accounts(named(ALICE.name))[0].added_on + 2, world.browser.now());
    assert!(client.active_account().is_none());
    client.set_active_account(Some(named(BOB.name))).expect("Bob is signed in");
    assert_eq!(world.client().active_account().map(|account| account.username().to_owned()).as_deref(), Some(BOB.name));
    assert_ne!(access_token(&again.result), "");
    assert_eq!(code(client.set_active_account(Some(named("nobody")))), "no_account_error");
    client.set_active_account(None).expect("nobody is chosen");
    assert!(world.client().active_account().is_none());
}

#[test]
fn a_guest_is_known_by_who_they_are_at_home() {
    let world = World::new();
    world.server.change_tokens(|tokens| tokens["client_info"] = json!(BOB.client_info()));
    let (client, answer) = world.sign_in(&["User.Read"]);
    assert_eq!(answer.result.account.key.home_account_id, BOB.home_account_id());
    assert_eq!(answer.result.account.key.tenant_id, ALICE.tid);
    assert_eq!(answer.result.account.local_account_id(), ALICE.oid);
    assert_eq!(client.accounts(consentry::cache::AccountFilter::default()).len(), 1);
}

/// Alice and Bob, signed in one after the other.
fn both() -> (World, Client) {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    world.browser.pass(1);
    let client = world.sign_in_as(BOB, &["User.Read"]);
    (world, client)
}

/// A request for more permissions, not for a sign-in.
fn more<'a>() -> RedirectRequest<'a> {
    RedirectRequest { is_sign_in: false, ..asking(&["Mail.Read"]) }
}

#[test]
fn more_permissions_are_for_the_account_that_is_there() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    assert_eq!(field(&query(&world.leave(&client, &more())), "login_hint"), ALICE.name, "the only one");
    world.server.set_user(BOB);
    world.visit_server(&client, &more(), REDIRECT_URI);
    assert_eq!(code(finish(&world.client())), "account_mismatch");
    assert_eq!(usernames(&world.client()), [ALICE.name]);

    let (world, client) = both();
    assert_eq!(field(&query(&world.leave(&client, &more())), "login_hint"), "", "of two, nobody");
    client.set_active_account(Some(named(BOB.name))).expect("Bob is signed in");
    assert_eq!(field(&query(&world.leave(&client, &more())), "login_hint"), BOB.name, "the active one");
    world.visit_server(&client, &more(), REDIRECT_URI);
    assert_eq!(code(finish(&world.client())), "account_mismatch", "Alice answered");
    let chosen = RedirectRequest { prompt: Some(Prompt::SELECT_ACCOUNT), ..more() };
    assert_eq!(field(&query(&world.leave(&client, &chosen)), "login_hint"), "");
    world.visit_server(&client, &chosen, REDIRECT_URI);
    assert!(finish(&world.client()).expect("the user may choose").is_some());
}

#[test]
fn anybody_may_sign_in() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    assert_eq!(field(&query(&world.leave(&client, &asking(&[]))), "login_hint"), "", "nobody is active");
    client.set_active_account(Some(named(ALICE.name))).expect("Alice is signed in");
    assert_eq!(field(&query(&world.leave(&client, &asking(&[]))), "login_hint"), ALICE.name, "a hint");
    world.server.set_user(BOB);
    world.visit_server(&client, &asking(&[]), REDIRECT_URI);
    let answer = finish(&world.client()).expect("no more than a hint").expect("a response");
    assert_eq!(answer.result.account.username(), BOB.name);
}

#[test]
fn an_account_without_properties_is_nobody() {
    let (world, client) = both();
    for account in
        [json!({}), json!({ "homeAccountId": 7 }), json!({ "homeAccountID": "u.t" }), json!("alice"), json!([])]
    {
        let account = value(&account);
        let filter = Some(dictionary::filter(&account));
        assert_eq!(
            code(silent(&client, &SilentRequest { account: filter, ..wanting(&["User.Read"]) })),
            "no_account_error"
        );
        assert_eq!(code(client.set_active_account(filter)), "no_account_error");
        assert_eq!(
            code(now(client.begin_redirect(&RedirectRequest { account: filter, ..asking(&[]) }))),
            "no_account_error"
        );
        now(client.clear(filter)).expect("nobody is forgotten");
        assert_eq!(usernames(&client), [ALICE.name, BOB.name]);
    }
    assert!(AccountFilter::default().is_empty() && !named("").is_empty());
    drop(world);
}

#[test]
fn an_account_is_found_by_each_of_its_properties() {
    let world = World::new();
    world.server.change_claims(|claims| {
        claims["login_hint"] = json!("O.opaque");
        claims["upn"] = json!("alice@corp.example");
        claims["sid"] = json!("a-session");
    });
    world.sign_in(&["User.Read"]);
    world.server.change_claims(|_| {});
    let client = world.sign_in_as(BOB, &["User.Read"]);
    let find = |name: &str, text: &str| {
        let filter = value(&json!({ name: text }));
        client
            .accounts(dictionary::filter(&filter))
            .iter()
            .map(|account| account.username().to_owned())
            .collect::<Vec<_>>()
    };
    let table = [
        ("homeAccountId", ALICE.home_account_id()),
        ("localAccountId", ALICE.oid.to_owned()),
        ("username", "ALICE@contoso.example".to_owned()),
        ("loginHint", "O.opaque".to_owned()),
        ("upn", "alice@corp.example".to_owned()),
        ("sid", "a-session".to_owned()),
    ];
    for (name, text) in table {
        assert_eq!(find(name, &text), [ALICE.name], "{name}");
        assert_eq!(find(name, "another"), [""; 0], "{name}");
    }
    for (name, text) in
        [("environment", "login.example"), ("tenantId", ALICE.tid), ("realm", ALICE.tid), ("name", "a name")]
    {
        assert_eq!(find(name, text), [ALICE.name, BOB.name], "{name}");
        assert_eq!(find(name, "another"), [""; 0], "{name}");
    }
}
