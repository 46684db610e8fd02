//! What `ssoSilent` takes, and how the server is told who is meant.

use super::{frames, refuse, scene, sso_silent};
use crate::{
    browser::field,
    server::ALICE,
    world::{asking, code, query, value},
};
use consentry::{binding::dictionary, client::RedirectRequest, protocol::Prompt};
use serde_json::{Value as Json, json};

#[test]
fn a_request_says_who_is_meant_by_one_hint() {
    let hints = |request: Json| {
        let (world, client) = scene();
        refuse(&world, "login_required");
        let request = value(&request);
        dictionary::check(&request).expect("it is right");
        let asked = dictionary::sso_silent_request(&request, "c0ffee").expect("it is right");
        sso_silent(&client, &asked).expect_err("nobody is there");
        let asked = query(&world.browser.take_framed().pop().expect("a frame"));
        ["prompt", "sid", "login_hint"].map(|name| field(&asked, name).to_owned())
    };
    assert_eq!(hints(json!({})), ["none", "", ""], "nobody is active");
    assert_eq!(hints(json!({ "prompt": "none", "loginHint": "carol" })), ["none", "", "carol"]);
    assert_eq!(hints(json!({ "prompt": "select_account" })), ["none", "", ""], "a sign-in's own request");
    assert_eq!(hints(json!({ "account": { "username": ALICE.name } })), ["none", "", ALICE.name]);
    assert_eq!(hints(json!({ "sid": "s", "account": { "username": ALICE.name } })), ["none", "s", ""]);
}

#[test]
fn what_it_does_not_take_is_refused() {
    // A session is named to `ssoSilent` alone.
    let sid = value(&json!({ "sid": "s" }));
    assert!(dictionary::redirect_request(&sid, true, "c0ffee").is_err());
    assert!(dictionary::silent_request(&sid, "c0ffee").is_err());
    assert!(dictionary::check(&value(&json!({ "sid": 1 }))).is_err());
    let (world, client) = scene();
    let several = RedirectRequest { prompt: Some(Prompt::NONE), ..asking(&["api://a/B", "api://c/D"]) };
    assert_eq!(code(sso_silent(&client, &several)), "several_resources");
    assert_eq!(frames(&world), 0);
}
