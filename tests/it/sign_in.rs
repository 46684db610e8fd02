//! Signing in by redirect, as it should be.

use crate::{
    browser::{Browser, Departure, field},
    server::{ALICE, AUTHORITY, CLIENT_ID, METADATA_URL, TOKEN_URL},
    world::{PAGE, REDIRECT_URI, World, asking, code, finish, now, query, set, usernames},
};
use consentry::{client::RedirectRequest, error::BrowserError, platform::Platform};
use serde_json::json;

#[test]
fn the_server_is_asked_with_all_that_it_needs_and_nothing_secret() {
    let world = World::new();
    let client = world.client();
    let request = RedirectRequest {
        extra_scopes: set(&["api://orders/Read"]),
        app_state: Some("the app's own"),
        login_hint: Some("alice"),
        ..asking(&["User.Read"])
    };
    let url = world.leave(&client, &request);
    assert_eq!(world.browser.left(), [Departure { url: url.clone(), replacing: false }], "there is a way back");
    let sent = world.browser.network().sent();
    assert_eq!(sent.iter().map(|sent| sent.url.as_str()).collect::<Vec<_>>(), [METADATA_URL], "nothing else was sent");
    let query = query(&url);
    let names: Vec<_> = query.iter().map(|(name, _)| name.as_str()).collect();
    let expected = ["client_id", "response_type", "response_mode", "redirect_uri", "scope", "state", "nonce"];
    let rest = ["code_challenge", "code_challenge_method", "client_info", "client-request-id", "login_hint"];
    assert_eq!(names, [&expected[..], &rest].concat());
    assert_eq!(field(&query, "client_id"), CLIENT_ID);
    assert_eq!(field(&query, "redirect_uri"), REDIRECT_URI, "the page itself, without query and fragment");
    assert_eq!(field(&query, "scope"), "User.Read openid profile offline_access api://orders/Read");
    assert_eq!(field(&query, "client-request-id"), "correlation-redirect");
    let [session, local] = world.stored();
    assert!(local.is_empty());
    let pending = session.values().find(|text| text.contains("verifier")).expect("the request is kept");
    let pending: serde_json::Value = serde_json::from_str(pending).expect("as JSON");
    let verifier = pending["verifier"].as_str().expect("a verifier");
    assert!(!url.contains(verifier), "the verifier stays here");
    assert!(!url.contains("own"), "so does what is the app's");
    assert_eq!((pending["authority"].as_str(), pending["startPage"].as_str()), (Some(AUTHORITY), Some(PAGE)));
}

#[test]
fn the_answer_makes_a_session() {
    let world = World::new();
    let request = RedirectRequest { app_state: Some("the app's own"), ..asking(&["User.Read"]) };
    world.visit_server(&world.client(), &request, REDIRECT_URI);
    let client = world.client();
    world.browser.network().take_sent();
    let answer = finish(&client).expect("the sign-in succeeds").expect("there was a response");
    assert_eq!(answer.app_state.as_deref(), Some("the app's own"));
    assert_eq!(answer.correlation_id, "correlation-redirect");
    let account = &answer.result.account;
    assert_eq!(account.key.parts(), ["login.example", &ALICE.home_account_id(), ALICE.tid]);
    assert_eq!((account.username(), account.local_account_id()), (ALICE.name, ALICE.oid));
    let token = &answer.result.token;
    assert!(world.server.secrets().iter().any(|secret| secret == token.secret.expose()));
    assert_eq!(token.expires_on, Some(world.browser.now() + 3600));
    assert_eq!(token.scopes, set(&["User.Read", "openid", "profile", "offline_access"]));
    assert!(!answer.result.from_cache);
    assert_eq!(usernames(&client), [ALICE.name]);
    let requests = world.token_requests();
    let [redemption] = requests.as_slice() else { panic!("the code is redeemed once") };
    assert_eq!(redemption.url, TOKEN_URL);
    assert_eq!(redemption.field("scope"), "User.Read openid profile offline_access");
    assert_eq!(redemption.query, [("client-request-id".to_owned(), "correlation-redirect".to_owned())]);
    assert_eq!(usernames(&world.client()), [ALICE.name], "the next page knows it");
}

#[test]
fn a_code_is_out_of_reach_before_it_is_sent() {
    let world = World::new();
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    finish(&world.client()).expect("the sign-in succeeds");
    let requests = world.token_requests();
    assert_eq!(requests[0].page, PAGE, "the address is the start page's again, with its own query and fragment");
    assert!(world.browser.left().len() == 1, "without another navigation: {:?}", world.browser.left());
    let [code, verifier] = ["code", "code_verifier"].map(|name| requests[0].field(name));
    for text in requests[0].session.values() {
        assert!(!text.contains(code) && !text.contains(verifier), "nor is it in the storage: {text}");
    }
}

#[test]
fn a_callback_that_is_loaded_again_does_nothing() {
    let world = World::new();
    let (_, _) = world.sign_in(&["User.Read"]);
    let callback = world.token_requests().last().expect("a redemption").field("code").to_owned();
    let state = world.stored()[0].keys().find_map(|key| key.split_once("|pending|")).map(|(_, state)| state.to_owned());
    let before = world.stored();
    world.browser.open(&format!("{REDIRECT_URI}#code={callback}&state={}", state.expect("it is remembered")));
    assert!(finish(&world.client()).expect("no error").is_none());
    assert!(world.browser.network().take_sent().is_empty(), "a code is never sent twice");
    assert_eq!(world.browser.address(), REDIRECT_URI);
    assert_eq!(world.stored(), before);
}

#[test]
fn a_page_without_response_is_left_alone() {
    let world = World::new();
    let client = world.client();
    for page in [PAGE, "https://app.example/#/route?code=1", "https://app.example/#code=1", "https://app.example/"] {
        world.browser.open(page);
        assert!(finish(&client).expect("no error").is_none());
        assert_eq!(world.browser.address(), page);
    }
    assert!(world.browser.network().sent().is_empty());
    assert!(world.stored().iter().all(|store| store.is_empty()));
}

#[test]
fn a_start_page_is_of_this_origin() {
    let world = World::new();
    let client = world.client();
    let start = |page| RedirectRequest { start_page: Some(page), ..asking(&["User.Read"]) };
    for page in [
        "https://evil.example/",
        "//evil.example/",
        "\\\\evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "https://app.example@evil.example/",
        "https://app.example.evil.example/",
        "http://app.example/",
        "https://app.example:8443/",
        "javascript:alert(1)",
        "data:text/html,x",
        "https://",
    ] {
        assert_eq!(code(now(client.begin_redirect(&start(page)))), "invalid_redirect_start_page", "{page}");
    }
    assert!(world.browser.left().is_empty());
    assert!(!world.stored()[0].keys().any(|key| key.contains("pending")));
    for (page, resolved) in
        [("/a?b#c", "https://app.example/a?b#c"), ("https://APP.example:443", "https://app.example/")]
    {
        world.leave(&client, &start(page));
        assert!(
            world.stored()[0].values().any(|text| text.contains(&format!("\"startPage\":\"{resolved}\""))),
            "{page}"
        );
    }
}

#[test]
fn a_redirect_uri_is_safe_and_has_no_fragment() {
    let world = World::new();
    let client = world.client();
    let to = |uri| RedirectRequest { redirect_uri: Some(uri), ..asking(&["User.Read"]) };
    for uri in
        ["http://app.example/", "javascript:alert(1)", "/callback#", "https://u@app.example/", "myapp:/x", "http://"]
    {
        assert_eq!(code(now(client.begin_redirect(&to(uri)))), "invalid_redirect_uri", "{uri}");
    }
    for (uri, resolved) in
        [("callback?a=1", "https://app.example/callback?a=1"), ("http://localhost:1/", "http://localhost:1/")]
    {
        let url = world.leave(&client, &to(uri));
        assert_eq!(field(&query(&url), "redirect_uri"), resolved);
    }
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "redirectUri": "/callback" });
    let configured = World::configured(json!({ "auth": auth }));
    let url = configured.leave(&configured.client(), &to("/other"));
    assert_eq!(field(&query(&url), "redirect_uri"), "https://app.example/other", "the request goes before");
}

#[test]
fn several_apis_are_refused_before_anything_is_sent() {
    let world = World::new();
    let outcome = now(world.client().begin_redirect(&asking(&["User.Read", "api://orders/Read"])));
    let error = outcome.expect_err("one token is for one API");
    assert_eq!(error.code(), "several_resources");
    assert!(error.message().contains("`extraScopesToConsent`"), "the remedy is named");
    assert!(world.browser.network().sent().is_empty());
}

#[test]
fn a_page_that_can_t_be_left_is_told_of() {
    let world = World::new();
    world.browser.set_navigation(Err(BrowserError::NavigationFailed));
    assert_eq!(code(now(world.client().begin_redirect(&asking(&["User.Read"])))), "timed_out");
}

#[test]
fn without_client_info_and_scope_the_answer_is_what_was_asked() {
    let world = World::new();
    world.server.change_tokens(|tokens| {
        for name in ["client_info", "scope", "expires_in", "refresh_token"] {
            tokens.as_object_mut().expect("an object").remove(name);
        }
    });
    let (_, answer) = world.sign_in(&["api://orders/Read"]);
    let account = &answer.result.account;
    assert_eq!(account.key.home_account_id, ALICE.home_account_id());
    assert!(account.refresh_token.is_none());
    let token = &answer.result.token;
    assert_eq!(token.scopes, set(&["api://orders/Read", "openid", "profile", "offline_access"]));
    assert_eq!((token.resource.as_str(), token.expires_on), ("api://orders", None));
}

#[test]
fn another_tab_has_its_own_requests() {
    let world = World::new();
    world.visit_server(&world.client(), &asking(&["User.Read"]), REDIRECT_URI);
    let other: Browser = world.browser.new_tab(&world.browser.address());
    assert!(finish(&world.client_in(&other)).expect("no error").is_none(), "it is not of this tab");
    assert!(world.token_requests().is_empty());
    assert!(finish(&world.client()).expect("the sign-in succeeds").is_some(), "in the tab that asked");
}
