//! Responses that come to another page than the one that asked.

use crate::{
    server::{ALICE, AUTHORITY, CLIENT_ID},
    world::{PAGE, REDIRECT_URI, World, asking, code, finish, now},
};
use consentry::{
    cache::keys,
    client::{RedirectAnswer, RedirectRequest},
    platform::Platform,
};
use serde_json::json;

/// An app whose redirect URI is a page of its own.
fn with_callback_page() -> World {
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "redirectUri": "/callback" });
    World::configured(json!({ "auth": auth }))
}

const CALLBACK: &str = "https://app.example/callback";

#[test]
fn the_response_is_carried_to_the_page_that_asked() {
    let world = with_callback_page();
    world.visit_server(&world.client(), &asking(&["User.Read"]), CALLBACK);
    assert!(finish(&world.client()).expect("no error").is_none());
    let carried = world.browser.left().last().expect("a navigation").clone();
    assert_eq!((carried.url.as_str(), carried.replacing), (PAGE, true), "without a way back to the code");
    assert!(world.token_requests().is_empty(), "not here");
    world.browser.open(PAGE);
    let answer = finish(&world.client()).expect("the sign-in succeeds").expect("a response");
    assert_eq!(answer.result.account.username(), ALICE.name);
    assert_eq!((world.browser.address().as_str(), world.browser.left().len()), (PAGE, 2));
    assert_eq!(world.token_requests()[0].field("redirect_uri"), CALLBACK);
    assert!(!is_carrying(&world), "nothing is left of it");
}

#[test]
fn a_router_that_goes_there_without_loading_it_has_the_answer_on_this_page() {
    let world = with_callback_page();
    world.visit_server(&world.client(), &asking(&["User.Read"]), CALLBACK);
    world.browser.set_navigation(Ok(false));
    let client = world.client();
    // It gets there a little later.
    let answer = finish(&client).expect("the sign-in succeeds").expect("a response");
    assert_eq!(answer.result.account.username(), ALICE.name);
    assert_eq!(
        (world.browser.left().len(), world.browser.address().as_str()),
        (2, CALLBACK),
        "the code is out of the address"
    );
    assert!(!is_carrying(&world), "nothing is left of it");
    assert!(finish(&client).expect("no error").is_none(), "once");
    assert_eq!(world.token_requests().len(), 1);
}

#[test]
fn a_start_page_that_moved_makes_no_loop() {
    let world = with_callback_page();
    world.visit_server(&world.client(), &asking(&["User.Read"]), CALLBACK);
    finish(&world.client()).expect("no error");
    world.browser.open("https://app.example/moved");
    assert!(finish(&world.client()).expect("the sign-in succeeds").is_some());
    assert_eq!(world.browser.left().len(), 2, "carried once");
    assert_eq!(world.browser.address(), "https://app.example/moved");
}

#[test]
fn an_app_may_stay_on_the_callback_page() {
    let world = with_callback_page();
    world.visit_server(&world.client(), &asking(&["User.Read"]), CALLBACK);
    let stay = RedirectAnswer { hash: None, return_to_start: false };
    assert!(now(world.client().finish_redirect(stay)).expect("the sign-in succeeds").is_some());
    assert_eq!((world.browser.address().as_str(), world.browser.left().len()), (CALLBACK, 1));
    let world = World::new();
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    assert!(now(world.client().finish_redirect(stay)).expect("the sign-in succeeds").is_some());
    assert_eq!(world.browser.address(), REDIRECT_URI, "where it was is not restored then");
}

#[test]
fn an_app_may_hand_over_the_response_itself() {
    let world = World::new();
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    let address = world.browser.address();
    let (page, hash) = address.split_once('#').expect("a response");
    world.browser.open(page);
    for hash in [hash.to_owned(), format!("#{hash}")] {
        let answer = RedirectAnswer { hash: Some(&hash), return_to_start: true };
        let outcome = now(world.client().finish_redirect(answer)).expect("no error");
        assert_eq!(outcome.is_some(), !hash.starts_with('#'), "the first time");
    }
    assert_eq!(world.token_requests().len(), 1);
}

#[test]
fn a_response_that_is_handed_over_is_carried_as_well() {
    let world = with_callback_page();
    world.visit_server(&world.client(), &asking(&["User.Read"]), CALLBACK);
    let address = world.browser.address();
    let (page, hash) = address.split_once('#').expect("a response");
    world.browser.open(page);
    let answer = RedirectAnswer { hash: Some(hash), return_to_start: true };
    assert!(now(world.client().finish_redirect(answer)).expect("no error").is_none());
    assert_eq!(world.browser.left().last().map(|left| left.url.as_str()), Some(PAGE));
    world.browser.open(PAGE);
    assert!(finish(&world.client()).expect("the sign-in succeeds").is_some());
}

/// Whether a response is kept for another page.
fn is_carrying(world: &World) -> bool {
    world.stored()[0].keys().any(|key| key.contains("|response|"))
}

#[test]
fn a_response_is_not_carried_for_long() {
    for (seconds, is_taken) in [(299, true), (300, false)] {
        let world = with_callback_page();
        world.visit_server(&world.client(), &asking(&["User.Read"]), CALLBACK);
        finish(&world.client()).expect("no error");
        world.browser.pass(seconds);
        world.browser.open(PAGE);
        assert_eq!(finish(&world.client()).expect("no error").is_some(), is_taken, "after {seconds} seconds");
        assert!(!is_carrying(&world), "it is gone either way");
        assert_eq!(world.browser.address(), PAGE);
    }
}

#[test]
fn all_tabs_see_when_a_response_was_last_on_its_way() {
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "redirectUri": "/callback" });
    let world = World::configured(json!({ "auth": auth, "cache": { "cacheLocation": "localStorage" } }));
    let noted = || world.browser.local().dump().remove(&keys::carried(CLIENT_ID));
    world.visit_server(&world.client(), &asking(&["User.Read"]), CALLBACK);
    assert_eq!(noted(), None);
    finish(&world.client()).expect("no error");
    assert_eq!(noted(), Some(world.browser.now().to_string()), "in seconds since 1970");
    world.browser.open(PAGE);
    finish(&world.client()).expect("the sign-in succeeds").expect("a response");
    assert!(noted().is_some(), "another tab's may be on its way still");
    now(world.client().clear(None)).expect("everything is forgotten");
    assert!(world.browser.local().dump().is_empty());
}

#[test]
fn a_new_response_goes_before_one_that_was_carried() {
    let world = with_callback_page();
    world.visit_server(&world.client(), &asking(&["User.Read"]), CALLBACK);
    finish(&world.client()).expect("no error");
    // The start page never asked for it; the user begins anew.
    world.browser.open(PAGE);
    let second = RedirectRequest { app_state: Some("second"), ..asking(&["Mail.Read"]) };
    world.visit_server(&world.client(), &second, CALLBACK);
    finish(&world.client()).expect("no error");
    world.browser.open(PAGE);
    let answer = finish(&world.client()).expect("the sign-in succeeds").expect("a response");
    assert_eq!(answer.app_state.as_deref(), Some("second"));
    assert_eq!(world.token_requests().len(), 1);
}

#[test]
fn a_carried_response_that_is_damaged_is_none() {
    for damaged in ["", "damaged", "{}", r#"{"response":"code=c&state=s"}"#, r#"{"carriedOn":1795132800}"#] {
        let world = with_callback_page();
        world.visit_server(&world.client(), &asking(&["User.Read"]), CALLBACK);
        finish(&world.client()).expect("no error");
        let mut session = world.browser.session().dump();
        session
            .iter_mut()
            .filter(|(key, _)| key.contains("|response|"))
            .for_each(|(_, text)| *text = damaged.to_owned());
        world.browser.session().restore(&session);
        world.browser.open(PAGE);
        assert!(finish(&world.client()).expect("no error").is_none());
        assert_eq!(world.browser.address(), PAGE);
    }
}

#[test]
fn a_page_keeps_the_fragment_that_is_its_own() {
    let world = with_callback_page();
    world.visit_server(&world.client(), &asking(&["User.Read"]), CALLBACK);
    finish(&world.client()).expect("no error");
    let moved = "https://app.example/moved#section";
    world.browser.open(moved);
    assert!(finish(&world.client()).expect("the sign-in succeeds").is_some(), "carried here");
    assert_eq!(world.browser.address(), moved);

    let world = World::new();
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    let address = world.browser.address();
    let (_, hash) = address.split_once('#').expect("a response");
    world.browser.open("https://app.example/orders#section");
    let answer = RedirectAnswer { hash: Some(hash), return_to_start: true };
    assert!(now(world.client().finish_redirect(answer)).expect("the sign-in succeeds").is_some(), "brought by the app");
    assert_eq!(world.browser.address(), "https://app.example/orders#section");
}

#[test]
fn an_app_without_a_response_hands_over_nothing() {
    let world = World::new();
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    let answer = RedirectAnswer { hash: Some(""), return_to_start: true };
    assert!(
        now(world.client().finish_redirect(answer)).expect("the sign-in succeeds").is_some(),
        "the address is read"
    );
}

#[test]
fn an_unread_response_is_no_part_of_the_start_page() {
    let world = World::new();
    world.browser.open(&format!("{REDIRECT_URI}#code=secret-code&state=unread"));
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    assert!(finish(&world.client()).expect("the sign-in succeeds").is_some());
    assert_eq!(world.browser.address(), REDIRECT_URI);
}

#[test]
fn what_answers_nobody_here_is_left_alone() {
    let world = World::new();
    for fragment in
        ["code=c&state=another-client's", "error=access_denied&state=s", "error=the-app's", "code=c&session_state=s"]
    {
        let page = format!("{PAGE}{fragment}").replace("row-7", "");
        world.browser.open(&page);
        assert!(finish(&world.client()).expect("no error").is_none(), "{fragment}");
        assert_eq!(world.browser.address(), page, "another client of the page may know it");
    }
    assert!(world.browser.network().sent().is_empty());
    world.browser.open(PAGE);
    world.leave(&world.client(), &asking(&[]));
    world.browser.open(&format!("{REDIRECT_URI}#code=c&state=forged"));
    assert_eq!(code(finish(&world.client())), "state_mismatch", "while an answer is waited for it is not");
}

#[test]
fn an_error_says_which_request_failed() {
    let world = World::new();
    let request = RedirectRequest { app_state: Some("the app's own"), ..asking(&["User.Read"]) };
    let told = |arrange: &dyn Fn(&World)| {
        world.browser.open(PAGE);
        world.visit_server(&world.client(), &request, REDIRECT_URI);
        arrange(&world);
        let answer = RedirectAnswer { hash: None, return_to_start: true };
        let failure = now(world.client().finish_redirect(answer)).expect_err("it fails");
        (failure.app_state, failure.correlation_id)
    };
    let whole = (Some("the app's own".to_owned()), Some("correlation-redirect".to_owned()));
    let refuse = |world: &World| world.server.refuse("invalid_grant", "");
    let deny = |world: &World| world.browser.open(&world.browser.address().replace("code=", "error=access_denied&c="));
    let empty = |world: &World| world.browser.open(&world.browser.address().replace("code=", "c="));
    let forge = |world: &World| world.browser.open(&world.browser.address().replace("&state=", "&state=x"));
    assert_eq!(told(&refuse), whole);
    assert_eq!(told(&deny), whole);
    assert_eq!(told(&empty), whole);
    assert_eq!(told(&forge), (None, None), "a forged answer says nothing of ours");
}
