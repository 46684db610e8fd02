//! A code that the app's server has brought: redeemed without a verifier, and its answer checked like any other.

use crate::{
    browser::http,
    server::{ALICE, AUTHORITY, CLIENT_ID, TOKEN_URL, claims, jwt},
    world::{Client, REDIRECT_URI, World, access_token, code, now, silent, usernames, value, wanting},
};
use consentry::{binding::dictionary, client::AuthenticationResult, error::Error};
use serde_json::{Value as Json, json};

type Change = fn(&mut Json);

fn redeem(client: &Client, request: &Json) -> Result<AuthenticationResult, Error> {
    let request = value(request);
    dictionary::check(&request)?;
    now(client.acquire_by_code(&dictionary::code_request(&request, "c0ffee")?))
}

/// A server that gives tokens for a code, with an ID token that says this.
fn answering(change: impl Fn(&mut Json) + 'static) -> World {
    let world = World::new();
    let answer = move |sent: &crate::browser::Sent| {
        let mut said = claims(ALICE, sent.at);
        said["nonce"] = json!("of the server's own request");
        change(&mut said);
        Ok(http(
            200,
            &json!({
                "token_type": "Bearer", "expires_in": 3600, "scope": "User.Read openid profile", "access_token": "secret-access",
                "refresh_token": "secret-refresh", "id_token": jwt(&said), "client_info": ALICE.client_info(),
            }),
        ))
    };
    world.browser.network().serve(TOKEN_URL, answer);
    world
}

#[test]
fn the_request_has_the_code_and_no_verifier() {
    let world = answering(|_| {});
    let client = world.client();
    let result = redeem(&client, &json!({ "code": "secret-code", "scopes": ["User.Read"] })).expect("a token");
    assert_eq!((access_token(&result), result.from_cache), ("secret-access", false));
    let sent = world.token_requests();
    let [sent] = sent.as_slice() else { panic!("one request") };
    for (name, expected) in [
        ("client_id", CLIENT_ID),
        ("grant_type", "authorization_code"),
        ("code", "secret-code"),
        ("redirect_uri", REDIRECT_URI),
        ("scope", "User.Read openid profile offline_access"),
    ] {
        assert_eq!(sent.field(name), expected, "{name}");
    }
    let names: Vec<_> = sent.form.iter().flatten().map(|(name, _)| name.as_str()).collect();
    assert!(!names.contains(&"code_verifier"), "{names:?}");
    assert_eq!(usernames(&world.client()), [ALICE.name]);
    assert!(silent(&client, &wanting(&["User.Read"])).expect("it is kept").from_cache);
    assert!(!world.stored().iter().flat_map(|dump| dump.values()).any(|text| text.contains("secret-code")));
}

#[test]
fn the_redirect_uri_is_the_one_that_the_code_was_sent_to() {
    let world = answering(|_| {});
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "redirectUri": "/callback" });
    for (given, expected) in [
        (json!("https://app.example/server"), "https://app.example/server"),
        (Json::Null, "https://app.example/callback"),
    ] {
        let config = dictionary::config(&value(&json!({ "auth": auth }))).expect("it is right");
        let client =
            Client::new(consentry::client::PublicClient::new(world.browser.clone(), config).expect("a client"));
        redeem(&client, &json!({ "code": "c", "redirectUri": given })).expect("a token");
        assert_eq!(world.token_requests()[0].field("redirect_uri"), expected);
    }
}

#[test]
fn without_a_code_nothing_is_sent() {
    let world = answering(|_| {});
    let client = world.client();
    for request in [json!({}), json!({ "code": "" }), json!({ "code": null, "scopes": ["User.Read"] })] {
        assert_eq!(code(redeem(&client, &request)), "auth_code_required");
    }
    assert_eq!(code(redeem(&client, &json!({ "code": 7 }))), "invalid_field");
    assert_eq!(
        code(redeem(&client, &json!({ "code": "c", "scopes": ["User.Read", "api://orders/Read"] }))),
        "several_resources"
    );
    assert!(world.browser.network().sent().is_empty());
}

#[test]
fn an_answer_that_fails_a_check_leaves_nothing() {
    let cases: [(Change, &str); 3] = [
        (|said| said["iss"] = json!("https://evil.example"), "invalid_id_token"),
        (|said| said["aud"] = json!("another"), "invalid_id_token"),
        (|said| said["exp"] = json!(1), "invalid_id_token"),
    ];
    for (change, expected) in cases {
        let world = answering(change);
        let client = world.client();
        assert_eq!(code(redeem(&client, &json!({ "code": "secret-code" }))), expected);
        assert!(usernames(&client).is_empty());
        assert!(!world.stored().iter().flat_map(|dump| dump.values()).any(|text| text.contains("secret-")));
    }
}

#[test]
fn a_refusal_tells_no_code() {
    let world = World::new();
    world.browser.network().serve(TOKEN_URL, |sent| {
        let echo = format!("AADSTS70008: {} has expired", sent.field("code"));
        Ok(http(400, &json!({ "error": "invalid_grant", "error_description": echo })))
    });
    let error = redeem(&world.client(), &json!({ "code": "secret-code" })).expect_err("it is refused");
    assert_eq!(error.code(), "invalid_grant");
    assert!(!format!("{error:?} {error}").contains("secret-code"));
}
