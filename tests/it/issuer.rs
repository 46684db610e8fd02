//! Whose answer it is (RFC 9207): a code of another server is sent to nobody.

use crate::{
    browser::http,
    server::{ALICE, METADATA_URL, metadata},
    world::{PAGE, REDIRECT_URI, World, asking, code, finish, now, usernames},
};
use serde_json::json;

/// A server that says of itself what is given, and answers with these parameters beside its own; and what comes of it.
fn answered(says: &serde_json::Value, issuer: &serde_json::Value, iss: Option<&str>) -> (World, Result<bool, String>) {
    let world = World::new();
    let mut document = metadata();
    document["authorization_response_iss_parameter_supported"] = says.clone();
    document["issuer"] = issuer.clone();
    world.browser.network().serve(METADATA_URL, move |_| Ok(http(200, &document)));
    let url = world.leave(&world.client(), &asking(&["User.Read"]));
    let mut answer = world.server.authorize(&url);
    answer.extend(iss.map(|iss| ("iss".to_owned(), iss.to_owned())));
    world.come_back(REDIRECT_URI, &answer);
    world.browser.network().take_sent();
    let outcome = match finish(&world.client()) {
        Ok(result) => Ok(result.is_some()),
        error => Err(code(error)),
    };
    (world, outcome)
}

#[test]
fn an_answer_is_of_the_server_that_was_asked() {
    let template = json!("https://login.example/{tenantid}/v2.0");
    let own = format!("https://login.example/{}/v2.0", ALICE.tid);
    let table = [
        (json!(null), None, true),
        (json!(false), None, true),
        (json!("true"), None, true),
        (json!(true), None, false),
        (json!(true), Some(&*own), true),
        (json!(null), Some(&*own), true),
        (json!(null), Some("https://evil.example/v2.0"), false),
        (json!(true), Some("https://evil.example/v2.0"), false),
        (json!(true), Some(""), false),
        (json!(true), Some("https://login.example/{tenantid}/v2.0"), false),
        (json!(true), Some("https://login.example/contoso.example/v2.0"), false),
        (json!(true), Some("https://login.example/v2.0"), false),
        (json!(true), Some(&*own.replace("https", "http")), false),
        (json!(true), Some(&*format!("{own}/")), false),
        (json!(true), Some(&*format!("{own}#")), false),
        (json!(true), Some("https://login.example/é122040d-6c67-4c5b-b112-36a304b66dad/v2.0"), false),
    ];
    for (says, iss, expected) in table {
        let (world, outcome) = answered(&says, &template, iss);
        if expected {
            assert_eq!(outcome, Ok(true), "{says} {iss:?}");
            continue;
        }
        assert_eq!(outcome, Err("response_issuer_mismatch".to_owned()), "{says} {iss:?}");
        assert!(world.token_requests().is_empty(), "the code is sent to nobody");
        assert!(usernames(&world.client()).is_empty() && world.browser.address() == PAGE);
        assert_eq!(
            finish(&world.client()).expect("it is answered").map(|_| ()),
            None,
            "nor when the page is loaded again"
        );
    }
}

#[test]
fn a_refusal_of_another_server_is_not_this_one_s() {
    let own = format!("https://login.example/{}/v2.0", ALICE.tid);
    for (iss, expected) in [
        (None, "access_denied"),
        (Some(&*own), "access_denied"),
        (Some("https://evil.example"), "response_issuer_mismatch"),
    ] {
        let world = World::new();
        let url = world.leave(&world.client(), &asking(&["User.Read"]));
        let mut answer = world.server.refuse_authorization(&url, "access_denied", "65004");
        answer.extend(iss.map(|iss| ("iss".to_owned(), iss.to_owned())));
        world.come_back(REDIRECT_URI, &answer);
        assert_eq!(code(finish(&world.client())), expected, "{iss:?}");
        world.browser.set_user_active(false);
        let again = now(world.client().begin_redirect(&asking(&["User.Read"])));
        assert_eq!(again.is_ok(), expected == "response_issuer_mismatch", "what it refused is not kept as refused");
    }
}

#[test]
fn a_refusal_without_a_name_is_told_and_not_kept_where_one_is_promised() {
    let world = World::new();
    let mut document = metadata();
    document["authorization_response_iss_parameter_supported"] = json!(true);
    world.browser.network().serve(METADATA_URL, move |_| Ok(http(200, &document)));
    let url = world.leave(&world.client(), &asking(&["User.Read"]));
    world.come_back(REDIRECT_URI, &world.server.refuse_authorization(&url, "access_denied", "65004"));
    assert_eq!(code(finish(&world.client())), "access_denied", "it is the refusal that it is");
    world.browser.set_user_active(false);
    assert!(now(world.client().begin_redirect(&asking(&["User.Read"]))).is_ok(), "but nobody knows whose");
}
