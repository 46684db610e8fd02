//! Answers that are not what they should be: none leaves anything behind.

use crate::{
    browser::{Pairs, html, http},
    server::{BOB, CLIENT_ID, KEYS_URL, METADATA_URL, TOKEN_URL, metadata},
    world::{PAGE, REDIRECT_URI, World, asking, code, finish, named, usernames},
};
use consentry::{
    client::RedirectRequest,
    error::{BrowserError, Error, ResponseError},
    protocol::Prompt,
};
use serde_json::{Value as Json, json};

/// Somebody who has a session here already.
fn signed_in() -> World {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    world.browser.open(PAGE);
    world
}

/// The records of accounts and tokens: without what the flow itself keeps.
fn session(world: &World) -> Vec<(String, String)> {
    let kept = |key: &str| ["account", "access", "active"].iter().any(|kind| key.contains(&format!("|{kind}")));
    world.stored().into_iter().flatten().filter(|(key, _)| kept(key)).collect()
}

/// Leaves with a request and comes back with its answer changed: the error, having left nothing behind.
fn refused(change: impl Fn(&mut Pairs)) -> Error {
    let world = signed_in();
    let mut answer = world.server.authorize(&world.leave(&world.client(), &asking(&["api://orders/Read"])));
    change(&mut answer);
    world.come_back(REDIRECT_URI, &answer);
    let before = session(&world);
    world.browser.network().take_sent();
    let error = finish(&world.client()).expect_err("it is refused");
    assert!(world.browser.network().take_sent().is_empty(), "nothing is sent");
    let clean = world.browser.address();
    assert!(clean == REDIRECT_URI || clean == PAGE, "the response is out of the address: {clean}");
    assert_eq!(session(&world), before, "nothing is remembered");
    error
}

fn put(answer: &mut Pairs, name: &str, value: &str) {
    answer.retain(|(other, _)| other != name);
    answer.push((name.to_owned(), value.to_owned()));
}

#[test]
fn a_forged_state_is_refused() {
    let table = ["forged", "A", "|", "%", "../", "constructor"];
    for state in table {
        let error = refused(|answer| put(answer, "state", state));
        assert!(matches!(error, Error::Response(ResponseError::StateMismatch)), "{state}");
    }
    let cut = refused(|answer| {
        let state = answer.iter_mut().find(|(name, _)| name == "state").expect("a state");
        state.1.pop();
    });
    assert!(matches!(cut, Error::Response(ResponseError::StateMismatch)));
    let forged_error = refused(|answer| {
        put(answer, "state", "forged");
        put(answer, "error", "access_denied");
    });
    assert!(matches!(forged_error, Error::Response(ResponseError::StateMismatch)), "errors are no exception");
}

#[test]
fn a_code_without_state_is_refused() {
    let error = refused(|answer| answer.retain(|(name, _)| name != "state"));
    assert!(matches!(error, Error::Response(ResponseError::StateMissing)));
    let twice = refused(|answer| answer.push(("state".to_owned(), "another".to_owned())));
    assert!(matches!(twice, Error::Response(ResponseError::StateMissing)));
}

#[test]
fn a_response_without_code_is_refused() {
    let none = refused(|answer| answer.retain(|(name, _)| name != "code"));
    assert!(matches!(none, Error::Response(ResponseError::CodeMissing)));
    let twice = refused(|answer| answer.push(("code".to_owned(), "another".to_owned())));
    assert!(matches!(twice, Error::Response(ResponseError::CodeMissing)));
}

#[test]
fn a_refusal_ends_the_request() {
    let denied = |answer: &mut Pairs| {
        answer.retain(|(name, _)| name == "state");
        put(answer, "error", "access_denied");
        put(answer, "error_description", "AADSTS65004: User declined to consent.");
    };
    let Error::Server(reply) = refused(denied) else { panic!("the server refused") };
    assert_eq!((reply.error(), reply.number(), reply.status), ("access_denied", "65004", None));
    let needed = refused(|answer| {
        denied(answer);
        put(answer, "error", "login_required");
    });
    assert!(matches!(needed, Error::InteractionRequired(_)));
}

#[test]
fn a_refusal_is_told_once() {
    let world = World::new();
    let mut answer = world.server.authorize(&world.leave(&world.client(), &asking(&[])));
    put(&mut answer, "error", "access_denied");
    for expected in [Some("access_denied"), None] {
        world.come_back(REDIRECT_URI, &answer);
        assert_eq!(finish(&world.client()).err().map(|error| error.code().to_owned()).as_deref(), expected);
    }
    assert!(!world.stored()[0].values().any(|text| text.contains("verifier")), "the request is not pending any more");
}

#[test]
fn a_refusal_without_state_counts_only_while_a_request_is_pending() {
    let error = refused(|answer| {
        answer.clear();
        put(answer, "error", "server_error");
    });
    assert!(matches!(error, Error::Server(_)));
    let world = World::new();
    let page = format!("{REDIRECT_URI}#error=the-app's-own");
    world.browser.open(&page);
    assert!(finish(&world.client()).expect("no error").is_none());
    assert_eq!(world.browser.address(), page, "it is the app's own");
}

#[test]
fn a_request_is_pending_for_a_day() {
    for (seconds, is_answered) in [(86_399, true), (86_400, false)] {
        let world = World::new();
        world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
        world.browser.pass(seconds);
        let outcome = finish(&world.client());
        assert_eq!(outcome.is_ok(), is_answered, "{seconds}");
        assert!(is_answered || session(&world).is_empty());
    }
}

#[test]
fn a_request_that_nobody_answered_is_forgotten_by_the_next() {
    let world = World::new();
    let pending = || world.stored()[0].keys().filter(|key| key.contains("|pending|")).count();
    world.leave(&world.client(), &asking(&[]));
    world.leave(&world.client(), &asking(&[]));
    assert_eq!(pending(), 2);
    world.browser.pass(86_400);
    world.leave(&world.client(), &asking(&[]));
    assert_eq!(pending(), 1);
}

#[test]
fn an_answer_is_for_the_authority_that_was_asked() {
    let world = World::new();
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    let auth = json!({ "clientId": CLIENT_ID, "authority": "https://login.example/organizations" });
    let other = World::configured(json!({ "auth": auth }));
    let client = other.client_in(&world.browser);
    let address = world.browser.address();
    assert!(finish(&client).expect("no error").is_none(), "it may be for another client of the page");
    assert!(world.token_requests().is_empty() && usernames(&client).is_empty());
    assert_eq!(world.browser.address(), address);
}

#[test]
fn only_the_account_that_was_asked_may_answer() {
    let world = signed_in();
    let before = session(&world);
    let request = RedirectRequest { account: Some(named("alice@contoso.example")), ..asking(&["api://orders/Read"]) };
    world.server.set_user(BOB);
    for prompt in [None, Some(Prompt::CONSENT), Some(Prompt::NONE)] {
        world.visit_server(&world.client(), &RedirectRequest { prompt, ..request.clone() }, REDIRECT_URI);
        assert_eq!(code(finish(&world.client())), "account_mismatch");
        assert_eq!(session(&world), before, "nothing of it is remembered");
    }
    let free = RedirectRequest { prompt: Some(Prompt::SELECT_ACCOUNT), ..request };
    world.visit_server(&world.client(), &free, REDIRECT_URI);
    assert!(finish(&world.client()).expect("the user may choose").is_some());
    assert_eq!(usernames(&world.client()).len(), 2);
}

/// Redeems a code with the server's answer changed: the error's code, having left nothing behind.
fn redemption_refused(arrange: impl Fn(&World)) -> String {
    let world = signed_in();
    world.visit_server(&world.client(), &asking(&["api://orders/Read"]), REDIRECT_URI);
    let before = session(&world);
    arrange(&world);
    let code = code(finish(&world.client()));
    assert_eq!(session(&world), before, "the storage is as before");
    assert_eq!(usernames(&world.client()), ["alice@contoso.example"]);
    assert!(
        !world.stored().iter().flatten().any(|(_, text)| text.contains("verifier")),
        "the code can't be used again"
    );
    code
}

#[test]
fn tokens_that_fail_a_check_are_not_remembered() {
    let claim = |name: &'static str, written: Json| {
        redemption_refused(|world| {
            let written = written.clone();
            world.server.change_claims(move |claims| claims[name] = written.clone());
        })
    };
    assert_eq!(claim("nonce", json!("another")), "nonce_mismatch");
    assert_eq!(claim("nonce", json!(null)), "nonce_mismatch");
    for (name, written) in [("iss", "https://evil.example/v2.0"), ("aud", "someone-else"), ("sub", ""), ("exp", "1")] {
        assert_eq!(claim(name, json!(written)), "invalid_id_token", "{name}");
    }
    let member = |name: &'static str, written: Json| {
        redemption_refused(|world| {
            let written = written.clone();
            world.server.change_tokens(move |tokens| tokens[name] = written.clone());
        })
    };
    assert_eq!(member("id_token", json!(null)), "invalid_token_response");
    assert_eq!(member("id_token", json!("not.a.token")), "token_parsing_error");
    assert_eq!(member("token_type", json!("DPoP")), "invalid_token_response");
    assert_eq!(member("access_token", json!("")), "invalid_token_response");
    assert_eq!(member("expires_in", json!("soon")), "invalid_token_response");
    assert_eq!(member("client_info", json!("%%%")), "client_info_decoding_error");
}

#[test]
fn answers_that_are_no_tokens_are_errors() {
    let answer = |status, body: &'static str| redemption_refused(|world| world.server.answer(html(status, body)));
    assert_eq!(answer(200, "<html>sign in to the Wi-Fi</html>"), "failed_to_parse_response");
    assert_eq!(answer(200, ""), "failed_to_parse_response");
    assert_eq!(answer(500, "<html>"), "server_error");
    assert_eq!(answer(503, ""), "temporarily_unavailable");
    assert_eq!(answer(404, ""), "http_error");
    assert_eq!(redemption_refused(|world| world.server.refuse("invalid_grant", "")), "invalid_grant");
    assert_eq!(redemption_refused(|world| world.server.fail(BrowserError::Offline)), "no_network_connectivity");
    assert_eq!(redemption_refused(|world| world.server.fail(BrowserError::PostFailed)), "post_request_failed");
    assert_eq!(redemption_refused(|world| world.server.fail(BrowserError::TimedOut)), "timed_out");
}

#[test]
fn a_damaged_request_is_none() {
    let damage: [&dyn Fn(&str) -> String; 6] = [
        &|_| String::new(),
        &|_| "{}".to_owned(),
        &|text| text[1..].to_owned(),
        &|text| text.replace("verifier", "verifyer"),
        &|text| text.replace("\"nonce\"", "\"once\""),
        &|text| text.replace("createdOn", "created"),
    ];
    for damage in damage {
        let world = World::new();
        world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
        let mut session = world.browser.session().dump();
        for (_, text) in session.iter_mut().filter(|(key, _)| key.contains("|pending|")) {
            *text = damage(text);
        }
        world.browser.session().restore(&session);
        world.browser.network().take_sent();
        assert_eq!(code(finish(&world.client())), "state_mismatch");
        assert!(world.browser.network().take_sent().is_empty());
    }
}

/// Comes back with an answer to a page that has to ask for the metadata again.
fn come_back_without_metadata() -> World {
    let world = World::new();
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    let mut session = world.browser.session().dump();
    session.retain(|key, _| !key.contains("|metadata|"));
    world.browser.session().restore(&session);
    world.browser.network().take_sent();
    world
}

#[test]
fn metadata_is_asked_for_before_a_code_is_sent() {
    let world = come_back_without_metadata();
    assert!(finish(&world.client()).expect("the sign-in succeeds").is_some());
    let sent = world.browser.network().take_sent();
    assert_eq!(sent.iter().map(|sent| sent.url.as_str()).collect::<Vec<_>>(), [METADATA_URL, KEYS_URL, TOKEN_URL]);
}

#[test]
fn a_code_is_not_sent_to_a_server_with_another_name() {
    let world = come_back_without_metadata();
    let mut document = metadata();
    document["issuer"] = json!("https://evil.example/{tenantid}/v2.0");
    world.browser.network().serve(METADATA_URL, move |_| Ok(http(200, &document)));
    assert_eq!(code(finish(&world.client())), "openid_config_error");
    assert!(world.token_requests().is_empty() && session(&world).is_empty());
    assert_eq!(world.browser.address(), PAGE);
}
