//! Answers, links and settings that are out of the ordinary, or made to harm.

use crate::{
    browser::{TODAY, html},
    server::*,
    world::*,
};
use consentry::{binding::dictionary, client::RedirectAnswer, protocol::*, secret::Secret};
use serde_json::json;

#[test]
fn a_token_that_still_lives_stands_in_for_metadata_that_is_away() {
    let world = World::new();
    let (_, _) = world.sign_in(&["User.Read"]);
    let mut session = world.browser.session().dump();
    session.retain(|key, _| !key.contains("|metadata|"));
    world.browser.session().restore(&session);
    world.browser.network().serve(METADATA_URL, |_| Ok(html(503, "")));
    world.browser.pass(3400);
    let outcome = silent(&world.client(), &wanting(&["User.Read"]));
    assert!(outcome.is_ok(), "{outcome:?}");
}

#[test]
fn a_hash_that_is_no_response_does_not_hide_a_carried_one() {
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "redirectUri": "/callback" });
    let world = World::configured(json!({ "auth": auth }));
    world.visit_server(&world.client(), &asking(&["User.Read"]), "https://app.example/callback");
    let hash = world.browser.address().split_once('#').unwrap().1.to_owned();
    let with =
        |hash: &str| now(world.client().finish_redirect(RedirectAnswer { hash: Some(hash), return_to_start: true }));
    assert!(with(&hash).unwrap().is_none());
    world.browser.open(PAGE);
    assert!(with("#row-7").unwrap().is_some(), "the response was carried here");
}

#[test]
fn a_refreshed_token_keeps_nonce_and_authorized_party() {
    let token = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut c = claims(ALICE, TODAY);
        change(&mut c);
        IdToken::parse(Secret::new(jwt(&c))).unwrap()
    };
    let before = token(&|c| {
        c["nonce"] = json!("n");
    });
    let mut wrong = Vec::new();
    if token(&|c| c["nonce"] = json!("another")).check_continues(&before, None).is_ok() {
        wrong.push("nonce");
    }
    if token(&|c| c["azp"] = json!(CLIENT_ID)).check_continues(&before, None).is_ok() {
        wrong.push("azp appears");
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn algorithms_are_a_list_of_what_is_allowed() {
    let accepted: Vec<_> = ["None", "NONE", "hs256", "Hs256", "", "RS1", "dir", "foo"]
        .into_iter()
        .filter(|alg| {
            IdToken::parse(Secret::new(jwt_of(&json!({ "alg": alg }), &claims(ALICE, TODAY), "c2ln"))).is_ok()
        })
        .collect();
    assert!(accepted.is_empty(), "{accepted:?}");
}

#[test]
fn claims_of_the_wrong_type_are_refused() {
    let metadata = Metadata::parse(&value(&metadata())).unwrap();
    let check = |name: &str, v: serde_json::Value| {
        let mut c = claims(ALICE, TODAY);
        c[name] = v;
        IdToken::parse(Secret::new(jwt(&c))).unwrap().check(&Expected {
            max_age: None,
            requested: None,
            metadata: &metadata,
            client_id: CLIENT_ID,
            nonce: None,
            now: TODAY,
        })
    };
    assert!(check("azp", json!(["someone-else"])).is_err(), "azp");
    assert!(check("aud", json!([CLIENT_ID, 7])).is_err(), "aud");
}

#[test]
fn a_fragment_of_very_many_parameters_is_no_response() {
    let response = |more: usize| format!("{}code=c&state=s", "a=1&".repeat(more));
    assert!(AuthorizationResponse::parse(&response(62)).is_some());
    assert!(AuthorizationResponse::parse(&response(63)).is_none(), "reading it would keep the page busy");
}

#[test]
fn groups_and_the_correlation_id_have_one_type() {
    let mut wrong = Vec::new();
    for c in [
        json!({ "auth": { "clientId": "c" }, "cache": "localStorage" }),
        json!({ "auth": { "clientId": "c" }, "system": [] }),
    ] {
        if dictionary::config(&value(&c)).is_ok() {
            wrong.push(c.to_string());
        }
    }
    if dictionary::check(&value(&json!({ "correlationId": 7 }))).is_ok() {
        wrong.push("correlationId".into());
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn a_grant_without_refresh_token_keeps_the_one_that_is_known() {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    world.server.change_tokens(|t| t["refresh_token"] = json!(null));
    let (client, _) = world.sign_in(&["api://orders/Read"]);
    assert!(client.accounts(named(ALICE.name))[0].refresh_token.is_some());
}

#[test]
fn forgetting_everything_ends_pending_requests() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    world.visit_server(&client, &asking(&["Mail.Read"]), REDIRECT_URI);
    let client = world.client();
    now(client.clear(None)).unwrap();
    assert!(!world.stored()[0].values().any(|t| t.contains("verifier")), "a verifier is left");
}

#[test]
fn a_code_that_is_not_utf_8_is_none() {
    let world = World::new();
    let mut answer = world.server.authorize(&world.leave(&world.client(), &asking(&[])));
    answer.retain(|(n, _)| n == "state");
    let state = answer[0].1.clone();
    world.browser.open(&format!("{REDIRECT_URI}#code=%ff&state={state}"));
    let _ = finish(&world.client());
    assert!(world.token_requests().is_empty(), "an empty code was sent");
}
