//! What is asked in a window, and what the pages there and here make of it.

use crate::{
    browser::field,
    server::{ALICE, BOB, CLIENT_ID},
    world::{REDIRECT_URI, World, asking, finish, fragment, named, now, query, usernames},
};
use consentry::client::{RedirectAnswer, SignOutRequest};
use serde_json::json;

/// Where the server says that a session is over.
const FRAMED: &str = "https://app.example/out";

#[test]
fn the_answer_of_a_window_is_taken_where_it_was_asked_for() {
    let world = World::new();
    let client = world.client();
    let (url, state) = now(client.open_window(&asking(&["User.Read"]))).expect("there is an address");
    assert!(world.browser.left().is_empty(), "this page stays");
    assert_eq!(field(&query(&url), "state"), state);
    let text = fragment(&world.server.authorize(&url));
    let answer = RedirectAnswer { hash: Some(&text), return_to_start: false };
    let result = now(client.finish_redirect(answer)).expect("the sign-in succeeds").expect("it was awaited");
    assert_eq!(result.result.account.username(), ALICE.name);
    assert!(now(client.finish_redirect(answer)).expect("no error").is_none(), "once");
    assert_eq!(world.token_requests().len(), 1);
}

#[test]
fn the_page_in_the_window_hands_its_answer_over_and_takes_none() {
    let world = World::new();
    let (url, state) = now(world.client().open_window(&asking(&["User.Read"]))).expect("there is an address");
    let answer = world.server.authorize(&url);
    let text = fragment(&answer);
    let window = world.browser.new_tab(&format!("{REDIRECT_URI}#{text}"));
    let client = world.client_in(&window);
    assert_eq!(client.answer_for_opener(), Some((state, text.clone())));
    assert!(finish(&client).expect("no error").is_none());
    assert!(window.address().ends_with(&text) && world.token_requests().is_empty(), "it is the other page's");
    // In the tab that asked it is not of this page either, until it is handed over.
    world.come_back(REDIRECT_URI, &answer);
    assert!(world.client().answer_for_opener().is_some());
}

#[test]
fn an_answer_of_this_page_is_for_no_opener() {
    let world = World::new();
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    assert_eq!(world.client().answer_for_opener(), None);
}

#[test]
fn a_sign_out_in_a_window_forgets_first_and_is_known_by_its_state() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    let left = world.browser.left().len();
    let request = SignOutRequest { state: Some("the app's"), ..SignOutRequest::default() };
    let (url, state) = now(client.open_sign_out(request)).expect("there is an address");
    assert_eq!(world.browser.left().len(), left, "this page stays");
    assert!(usernames(&client).is_empty());
    let sent = query(&url);
    assert_eq!(
        [field(&sent, "client_id"), field(&sent, "post_logout_redirect_uri"), field(&sent, "state")],
        [CLIENT_ID, REDIRECT_URI, &state]
    );
    let window = world.browser.new_tab(&format!("{REDIRECT_URI}?state={state}"));
    assert_eq!(world.client_in(&window).answer_for_opener(), Some((state.clone(), format!("state={state}"))));
}

#[test]
fn a_sign_out_may_leave_the_user_at_the_server() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    let request = || SignOutRequest { stays: true, ..SignOutRequest::default() };
    let (url, _) = now(client.open_sign_out(request())).expect("there is an address");
    now(client.sign_out(request())).expect("the page is left");
    for url in [url, world.browser.left().last().expect("a navigation").url.clone()] {
        assert!(!query(&url).iter().any(|(name, _)| name == "post_logout_redirect_uri"), "{url}");
    }
}

/// Who is left when the server's frame of this page says what is in `query`.
fn left_after(query: &str) -> Vec<String> {
    let world = World::new();
    for (user, sid) in [(ALICE, "session-a"), (BOB, "session-b")] {
        world.server.change_claims(move |claims| claims["sid"] = json!(sid));
        world.sign_in_as(user, &["User.Read"]);
        world.browser.pass(1);
    }
    let issuer = world.client().accounts(named(ALICE.name))[0].id_token.claim("iss").expect("an issuer").to_owned();
    world.browser.open(&format!("{FRAMED}?{}", query.replace("OWN", &issuer)));
    let client = world.client();
    now(client.sign_out_silently()).expect("they are forgotten");
    let left = usernames(&client);
    assert_eq!(usernames(&world.client()), left, "in the storage, too");
    left
}

#[test]
fn the_server_ends_the_session_that_it_names_and_no_other() {
    assert_eq!(left_after("iss=OWN&sid=session-a"), [BOB.name]);
    assert_eq!(left_after("iss=OWN&sid=session-b"), [ALICE.name]);
    assert_eq!(left_after("sid=session-a"), [BOB.name]);
    for nobody_s in ["iss=OWN&sid=another", "iss=https://evil.example&sid=session-a", "iss=https://evil.example"] {
        assert_eq!(left_after(nobody_s).len(), 2, "{nobody_s}");
    }
    for everybody_s in ["iss=OWN", "sid=", ""] {
        assert!(left_after(everybody_s).is_empty(), "{everybody_s}");
    }
}
