//! What the app says that it can do (`auth.clientCapabilities`): every request tells the server, and nothing else changes by it.

use crate::{
    browser::{field, http},
    server::{AUTHORITY, CLIENT_ID},
    world::{
        Client, REDIRECT_URI, World, access_token, acquiring, asking, finish, fragment, now, query, silent, value,
        wanting,
    },
};
use consentry::{
    binding::dictionary,
    client::{RedirectRequest, SilentRequest},
    error::ConfigError,
    protocol::{Metadata, Prompt, TokenRequest},
};
use consentry::{protocol::Grant, scope::ScopeSet, secret::Secret};
use proptest::{prelude::*, test_runner::RngSeed};
use serde_json::{Value as Json, json};
use std::rc::Rc;

const CP1: &str = r#"{"access_token":{"xms_cc":{"values":["CP1"]}}}"#;
const OWN: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
const BOTH: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"},"xms_cc":{"values":["CP1"]}}}"#;

fn capable() -> World {
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "clientCapabilities": ["CP1"] });
    World::configured(json!({ "auth": auth }))
}

/// Alice, of an app with that capability.
fn signed_in() -> (World, Client) {
    let world = capable();
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.network().take_sent();
    (world, client)
}

/// The `claims` of the token requests.
fn sent(world: &World) -> Vec<String> {
    world.token_requests().iter().map(|sent| sent.field("claims").to_owned()).collect()
}

#[test]
fn a_redirect_and_a_window_tell_and_so_do_their_codes() {
    for (own, expected) in [(None, CP1), (Some(OWN), BOTH)] {
        let world = capable();
        let request = RedirectRequest { claims: own, ..asking(&["User.Read"]) };
        let url = world.leave(&world.client(), &request);
        assert_eq!(field(&query(&url), "claims"), expected);
        world.come_back(REDIRECT_URI, &world.server.authorize(&url));
        finish(&world.client()).expect("the sign-in succeeds").expect("there was a response");
        assert_eq!(sent(&world), [expected]);
        let (url, _) = now(world.client().open_window(&request)).expect("a window");
        assert_eq!(field(&query(&url), "claims"), expected);
    }
}

#[test]
fn a_refresh_tells_and_its_token_is_found_again() {
    let (world, client) = signed_in();
    let forced = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
    let plain = silent(&client, &forced).expect("a token");
    let own = SilentRequest { claims: Some(OWN), ..wanting(&["User.Read"]) };
    let challenged = silent(&client, &own).expect("a token");
    assert_eq!(sent(&world), [CP1, BOTH]);
    assert!(!challenged.from_cache && plain.token.claims.is_none(), "what the app can do is no demand of a request");
    let client = world.client();
    for request in [&own, &wanting(&["User.Read"])] {
        let found = silent(&client, request).expect("a token");
        assert_eq!((access_token(&found), found.from_cache), (access_token(&challenged), true));
    }
    let both = silent(&client, &SilentRequest { claims: Some(BOTH), ..wanting(&["User.Read"]) }).expect("a token");
    assert!(!both.from_cache, "who demands it has a token of their own");
}

#[test]
fn what_was_remembered_before_the_app_could_do_it_is_served() {
    let before = World::new();
    let (_, result) = before.sign_in(&["User.Read"]);
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "clientCapabilities": ["CP1"] });
    let config = dictionary::config(&value(&json!({ "auth": auth }))).expect("it is right");
    let client = consentry::client::PublicClient::new(before.browser.clone(), config).expect("a client");
    let found = silent(&Rc::new(client), &wanting(&["User.Read"])).expect("a token");
    assert_eq!((access_token(&found), found.from_cache), (access_token(&result.result), true));
}

#[test]
fn a_hidden_frame_tells() {
    for (own, expected) in [(None, CP1), (Some(OWN), BOTH)] {
        let (world, client) = signed_in();
        let server = Rc::clone(&world.server);
        world.browser.set_frames(move |url| Ok(fragment(&server.authorize(url))));
        let request = RedirectRequest { prompt: Some(Prompt::NONE), claims: own, ..asking(&["User.Read"]) };
        now(client.sso_silent(&request)).expect("a session");
        let [url] = world.browser.take_framed().try_into().expect("one frame");
        assert_eq!(field(&query(&url), "claims"), expected);
        assert_eq!(sent(&world), [expected]);
    }
}

#[test]
fn a_code_of_the_app_s_server_is_redeemed_with_it() {
    for (own, expected) in [(Json::Null, CP1), (json!(OWN), BOTH)] {
        let world = capable();
        world.server.answer(http(400, &json!({ "error": "invalid_grant" })));
        let request = value(&json!({ "code": "c", "scopes": ["User.Read"], "claims": own }));
        let request = dictionary::code_request(&request, "").expect("a request");
        now(world.client().acquire_by_code(&request)).expect_err("it is no code");
        assert_eq!(sent(&world), [expected]);
    }
}

#[test]
fn tokens_for_several_apis_and_the_request_for_the_rest_tell() {
    let (world, client) = signed_in();
    let all = ["User.Read", "api://orders/Read", "api://stock/Read"];
    let body = json!({ "error": "interaction_required", "suberror": "basic_action", "claims": OWN });
    world.server.answer_for("api://orders/Read", Ok(http(400, &body)));
    let before = world.browser.left().len();
    now(client.acquire_tokens(&acquiring(&all), true)).expect("results");
    assert_eq!(sent(&world), [CP1, CP1]);
    let left = world.browser.left();
    assert_eq!(left.len(), before + 1);
    assert_eq!(field(&query(&left[before].url), "claims"), BOTH, "with what the server wants");
}

#[test]
fn it_is_a_list_of_words() {
    let wrong = |written: Json| {
        let auth = json!({ "clientId": CLIENT_ID, "clientCapabilities": written });
        dictionary::config(&value(&json!({ "auth": auth }))).err()
    };
    let expected = "an array of strings, none empty";
    let error = Some(ConfigError::Field { field: "auth.clientCapabilities", expected });
    for written in
        [json!("CP1"), json!({ "0": "CP1" }), json!(["CP1", 7]), json!([""]), json!([" "]), json!(true), json!([["a"]])]
    {
        assert_eq!(wrong(written.clone()), error, "{written}");
    }
    for written in [json!(["CP1"]), json!([]), Json::Null] {
        assert_eq!(wrong(written.clone()), None, "{written}");
    }
}

/// The `claims` of a message with these of its own.
fn merged(own: Option<&str>, capabilities: &[&str]) -> Option<String> {
    let capabilities: Vec<_> = capabilities.iter().map(|text| (*text).to_owned()).collect();
    let (token, scopes) = (Secret::new("t".to_owned()), ScopeSet::sign_in());
    let request = TokenRequest {
        client_id: CLIENT_ID,
        grant: Grant::RefreshToken(&token),
        scopes: &scopes,
        resource: None,
        claims: own,
        capabilities: &capabilities,
        correlation_id: "",
        may_lack_token: false,
    };
    let form = request.to_http(&Metadata::parse(&value(&crate::server::metadata())).expect("metadata")).form;
    let pairs = crate::browser::pairs(form.expect("a form").expose());
    pairs.into_iter().find(|(name, _)| name == "claims").map(|(_, value)| value)
}

#[test]
fn what_a_request_demands_and_what_the_app_can_do_are_told_together() {
    let cp1 = &["CP1"][..];
    let table = [
        (None, &[][..], None),
        (Some(OWN), &[], Some(OWN)),
        (Some(" { } "), &[], Some(" { } ")),
        (None, cp1, Some(CP1)),
        (None, &["cp1", "CP1", "x"], Some(r#"{"access_token":{"xms_cc":{"values":["cp1","x"]}}}"#)),
        (Some("{}"), cp1, Some(CP1)),
        (Some(OWN), cp1, Some(BOTH)),
        (Some(r#"{"access_token":null}"#), cp1, Some(CP1)),
        (Some(r#"{"access_token":"x"}"#), cp1, Some(CP1)),
        (Some(r#"{"access_token":{"xms_cc":null}}"#), cp1, Some(CP1)),
        (
            Some(r#"{"access_token":{"xms_cc":{"values":["cp1","other"]}}}"#),
            cp1,
            Some(r#"{"access_token":{"xms_cc":{"values":["cp1","other"]}}}"#),
        ),
        (
            Some(r#"{"access_token":{"xms_cc":{"essential":true,"value":"other"}}}"#),
            cp1,
            Some(r#"{"access_token":{"xms_cc":{"essential":true,"values":["other","CP1"]}}}"#),
        ),
        (
            Some(r#"{"access_token":{"a":1},"id_token":{"auth_time":{"essential":true}},"access_token":{"b":2}}"#),
            cp1,
            Some(r#"{"id_token":{"auth_time":{"essential":true}},"access_token":{"b":2,"xms_cc":{"values":["CP1"]}}}"#),
        ),
        // What is no demand is the server's to refuse.
        (Some("[1]"), cp1, Some("[1]")),
        (Some("no JSON"), cp1, Some("no JSON")),
    ];
    for (own, capabilities, expected) in table {
        assert_eq!(merged(own, capabilities).as_deref(), expected, "{own:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(20), ..ProptestConfig::default() })]

    #[test]
    fn nothing_that_is_demanded_gets_lost(names in prop::collection::vec("[a-z]{1,4}", 0..5), own in "[ -~]{0,20}") {
        let token: serde_json::Map<_, _> = names.iter().map(|name| (name.clone(), json!({ "value": own }))).collect();
        let demand = json!({ "access_token": token, "id_token": token });
        let sent: Json = serde_json::from_str(&merged(Some(&demand.to_string()), &["CP1"]).expect("claims")).expect("JSON");
        let mut expected = demand;
        expected["access_token"]["xms_cc"] = json!({ "values": ["CP1"] });
        prop_assert_eq!(sent, expected);
    }
}
