//! A strict provider says who somebody is in the ID token, and how they are called when it is asked.

use super::{ISSUER, answer_said, answered, world_with};
use crate::{
    browser::{field, http},
    world::{Client, World, acquiring, asking, finish, now, query, silent, usernames, wanting},
};
use consentry::{binding::records::account_record, cache::AccountFilter, client::SilentRequest};
use serde_json::{Value as Json, json};

const USER_INFO: &str = "https://id.example/Realms/one/me";

/// Somebody signed in whose ID token says `said` of their name, and the server `told`.
fn signed_in(said: &Json, told: Json) -> (World, Client) {
    let world = world_with(&json!({}), &json!({ "userinfo_endpoint": USER_INFO }));
    world.browser.network().serve(USER_INFO, move |_| Ok(http(200, &told)));
    let asked = query(&world.leave(&world.client(), &asking(&["notes.read"])));
    answer_said(&world, field(&asked, "nonce"), Some("next"), said);
    answered(&world, &asked);
    let client = world.client();
    finish(&client).expect("the sign-in succeeds").expect("there was a response");
    (world, client)
}

fn shown(client: &Client) -> [Option<String>; 2] {
    let account = client.accounts(AccountFilter::default()).pop().expect("somebody");
    let record = account_record(&account);
    ["username", "name"].map(|name| record.text_of(name).map(ToOwned::to_owned))
}

fn texts(texts: [&str; 2]) -> [Option<String>; 2] {
    texts.map(|text| Some(text.to_owned()))
}

#[test]
fn a_name_that_the_id_token_lacks_is_kept() {
    let nothing = json!({ "name": null, "preferred_username": null });
    let told = json!({ "sub": "alice", "name": "Alice A", "preferred_username": "alice", "email": "a@people.example" });
    let (world, client) = signed_in(&nothing, told);
    assert_eq!(shown(&client), [Some(String::new()), None]);
    now(client.load_user_info(None, "c0ffee")).expect("claims");
    assert_eq!(shown(&client), texts(["alice", "Alice A"]));
    let client = world.client();
    assert_eq!(shown(&client), texts(["alice", "Alice A"]), "after the page is loaded again");
    assert!(!world.stored().iter().flatten().any(|(_, text)| text.contains("a@people.example")), "nothing else is");
    silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["notes.read"]) }).expect("a token");
    assert_eq!(shown(&client), texts(["alice", "Alice A"]), "over a refresh");
    let named = AccountFilter { username: Some("alice"), name: Some("alice a"), ..AccountFilter::default() };
    assert_eq!(client.accounts(named).len(), 1);
    assert_eq!(field(&query(&world.leave(&client, &acquiring(&[]))), "login_hint"), "alice");
}

#[test]
fn without_a_user_name_the_email_is_shown() {
    let nothing = json!({ "name": null, "preferred_username": null });
    let (_, client) = signed_in(&nothing, json!({ "sub": "alice", "email": "a@people.example" }));
    now(client.load_user_info(None, "c0ffee")).expect("claims");
    assert_eq!(shown(&client), [Some("a@people.example".to_owned()), None]);
}

#[test]
fn what_the_id_token_says_stands() {
    let said = json!({ "name": "Signed", "preferred_username": "signed" });
    let told = json!({ "sub": "alice", "name": "Told", "preferred_username": "told" });
    let (world, client) = signed_in(&said, told);
    let kept = || {
        world
            .stored()
            .iter()
            .flatten()
            .filter(|(key, _)| key.contains("|account|"))
            .map(|(_, text)| text.clone())
            .collect::<Vec<_>>()
    };
    let before = kept();
    now(client.load_user_info(None, "c0ffee")).expect("claims");
    assert_eq!(shown(&client), texts(["signed", "Signed"]));
    assert_eq!(kept(), before, "and nothing is kept");
    assert_eq!(usernames(&client), ["signed"]);
}

#[test]
fn the_endpoint_is_safe_or_the_metadata_is_none() {
    for address in ["http://id.example/me", "https://id.example/me#a", "id.example"] {
        let world = world_with(&json!({}), &json!({ "userinfo_endpoint": address }));
        let error = now(world.client().begin_redirect(&asking(&["notes.read"]))).expect_err("it is refused");
        assert!(
            error.code() == "openid_config_error" && error.to_string().contains("`userinfo_endpoint`"),
            "{address}"
        );
    }
    assert!(ISSUER.starts_with("https://"));
}
