//! An API that is named beside the scopes (RFC 8707).

use super::{ISSUER, answered, claims_of, world_with};
use crate::{
    browser::{field, http},
    server::jwt,
    world::{Client, World, access_token, acquiring, asking, code, finish, now, query, silent, value, wanting},
};
use consentry::{
    binding::dictionary::{redirect_request, silent_request},
    client::{RedirectRequest, SilentRequest},
    error::{ConfigError, Error},
};
use serde_json::json;
use std::cell::Cell;

const ONE: &str = "https://api.one.example/";
const TWO: &str = "https://api.two.example/v1?a=b";

fn of<'a>(scopes: &[&str], resource: &'a str) -> SilentRequest<'a> {
    SilentRequest { resource: Some(resource), ..wanting(scopes) }
}

fn asking_for<'a>(scopes: &[&str], resource: &'a str) -> RedirectRequest<'a> {
    RedirectRequest { resource: Some(resource), ..asking(scopes) }
}

/// Whoever asks gets a token that says what it is for.
fn serve(world: &World, nonce: &str) {
    let id_token = jwt(&claims_of(nonce));
    let count = Cell::new(0);
    world.browser.network().serve(&format!("{ISSUER}/token"), move |sent| {
        count.set(count.get() + 1);
        let secret = format!("{}#{}", sent.field("resource"), count.get());
        let scope: Vec<_> = sent.field("scope").split(' ').filter(|scope| scope.contains('.')).collect();
        let said = json!({ "token_type": "Bearer", "access_token": secret, "expires_in": 3600, "scope": scope.join(" "),
            "refresh_token": format!("next-{}", count.get()), "id_token": id_token });
        Ok(http(200, &said))
    });
}

/// Somebody who signed in with a token for [`ONE`].
fn signed_in() -> (World, Client) {
    let world = world_with(&json!({}), &json!({}));
    let asked = query(&world.leave(&world.client(), &asking_for(&["notes.read"], ONE)));
    assert_eq!(field(&asked, "resource"), ONE);
    serve(&world, field(&asked, "nonce"));
    answered(&world, &asked);
    let client = world.client();
    finish(&client).expect("the sign-in succeeds").expect("there was a response");
    (world, client)
}

#[test]
fn it_is_sent_wherever_a_token_is_asked_for() {
    let (world, client) = signed_in();
    silent(&client, &SilentRequest { force_refresh: true, ..of(&["notes.read"], ONE) }).expect("a token");
    silent(&client, &of(&["files.read"], TWO)).expect("a token");
    silent(&client, &wanting(&["other.read"])).expect("a token");
    let sent = world.token_requests();
    let resources: Vec<_> = sent.iter().map(|sent| (sent.field("grant_type"), sent.field("resource"))).collect();
    let expected = [("authorization_code", ONE), ("refresh_token", ONE), ("refresh_token", TWO), ("refresh_token", "")];
    assert_eq!(resources, expected);
}

#[test]
fn a_token_is_found_under_its_own_to_the_letter() {
    let (world, client) = signed_in();
    world.token_requests();
    let token = |client: &Client, request: &SilentRequest<'_>| {
        let result = silent(client, request).expect("a token");
        (access_token(&result).to_owned(), result.from_cache)
    };
    assert_eq!(token(&client, &of(&["notes.read"], ONE)), (format!("{ONE}#1"), true));
    assert_eq!(
        token(&world.client(), &of(&["notes.read"], ONE)),
        (format!("{ONE}#1"), true),
        "on another page as well"
    );
    for (at, other) in ["https://api.one.example", "https://API.one.example/", TWO].into_iter().enumerate() {
        let expected = (format!("{other}#{}", at + 2), false);
        assert_eq!(token(&client, &of(&["notes.read"], other)), expected, "{other}");
    }
    assert_eq!(token(&client, &wanting(&["notes.read"])), ("#5".to_owned(), false), "nor is one of any found for none");
    assert_eq!(token(&client, &wanting(&["notes.read"])), ("#5".to_owned(), true));
    for (resource, secret) in [(ONE, format!("{ONE}#1")), (TWO, format!("{TWO}#4"))] {
        assert_eq!(token(&world.client(), &of(&["notes.read"], resource)), (secret, true), "none replaces another");
    }
}

#[test]
fn a_result_has_the_scopes_as_they_were_asked_for() {
    let (world, client) = signed_in();
    for client in [client, world.client()] {
        let result = silent(&client, &of(&["notes.read"], ONE)).expect("a token");
        assert_eq!(result.token.scopes.only(&|scope| scope.resource().is_some()).to_parameter(), "notes.read");
    }
    let client = world.client();
    silent(&client, &of(&["files.read"], TWO)).expect("a token");
    let granted = client.granted(None).expect("what was granted").names();
    assert_eq!(crate::world::literal(&granted), json!(["notes.read", "files.read"]), "of both");
}

#[test]
fn calls_at_once_share_a_request_only_for_the_same_one() {
    let (world, client) = signed_in();
    world.token_requests();
    let force = |resource| SilentRequest { force_refresh: true, ..of(&["notes.read"], resource) };
    world.browser.network().hold();
    let (one, same, other) = (force(ONE), force(ONE), force(TWO));
    let calls = futures::future::join3(
        client.acquire_silent(&one),
        client.acquire_silent(&same),
        client.acquire_silent(&other),
    );
    let mut calls = Box::pin(calls);
    assert!(futures::FutureExt::now_or_never(calls.as_mut()).is_none());
    world.browser.network().release();
    let (one, same, other) = now(calls);
    let [one, same, other] = [one, same, other].map(|result| access_token(&result.expect("a token")).to_owned());
    assert_eq!((one, other), (same, format!("{TWO}#3")));
    assert_eq!(world.token_requests().len(), 2);
}

#[test]
fn what_the_refresh_token_does_not_do_for_the_user_is_asked_for() {
    for error in ["invalid_target", "invalid_scope"] {
        let (world, client) = signed_in();
        let refused = http(400, &json!({ "error": error }));
        world.browser.network().serve(&format!("{ISSUER}/token"), move |_| Ok(refused.clone()));
        let told = silent(&client, &of(&["files.read"], TWO)).expect_err("it is refused");
        assert!(matches!(told, Error::InteractionRequired(_)), "{error}");
        assert_eq!((told.code(), told.class().name()), (error, "ConsentRequiredError"));
        let request = RedirectRequest { is_sign_in: false, ..asking_for(&["files.read"], TWO) };
        let asked = query(&world.leave(&client, &request));
        assert_eq!(
            (field(&asked, "resource"), field(&asked, "prompt")),
            (TWO, "consent"),
            "it may not do for this one"
        );
        assert_eq!(code(silent(&client, &wanting(&["other.read"]))), error, "and is not lost");
    }
    let (world, client) = signed_in();
    let known = RedirectRequest { is_sign_in: false, ..asking_for(&["notes.read"], ONE) };
    assert_eq!(field(&query(&world.leave(&client, &known)), "prompt"), "", "for this one it does");
    assert_eq!(field(&query(&world.leave(&client, &acquiring(&["notes.read"]))), "prompt"), "consent");
}

#[test]
fn on_the_platform_the_scopes_name_the_api() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.network().take_sent();
    let left = world.browser.left().len();
    let silent = silent(&client, &of(&["User.Read"], ONE)).expect_err("it is refused");
    let redirect = now(client.begin_redirect(&asking_for(&["User.Read"], ONE))).expect_err("it is refused");
    for error in [silent, redirect] {
        assert_eq!((error.code(), error.class().name()), ("invalid_field", "ClientConfigurationError"));
        assert!(error.to_string().starts_with("`resource` "), "{error}");
    }
    assert!(world.browser.network().take_sent().is_empty() && world.browser.left().len() == left, "nothing is sent");
}

#[test]
fn it_is_an_absolute_uri() {
    let (world, client) = signed_in();
    world.token_requests();
    for wrong in ["", "api", "/api", "//api.example", "https://api.example/#a", "https://api example", "\u{fc}:a"] {
        assert_eq!(code(silent(&client, &of(&["notes.read"], wrong))), "invalid_field", "{wrong}");
        assert_eq!(code(now(client.begin_redirect(&asking_for(&["notes.read"], wrong)))), "invalid_field", "{wrong}");
    }
    assert!(world.token_requests().is_empty());
    for right in ["urn:example:api", "https://api.example", "https://api.example:8443/a?b=c"] {
        silent(&client, &of(&["notes.read"], right)).expect("a token");
    }
}

#[test]
fn many_apis_at_once_take_none() {
    let (_, client) = signed_in();
    let tokens = now(client.acquire_tokens(&asking_for(&["notes.read"], ONE), true));
    let Err(Error::Config(ConfigError::Field { field, .. })) = tokens else { panic!("it is refused") };
    assert_eq!(field, "resource");
}

#[test]
fn a_request_names_it_in_its_field() {
    let request = value(&json!({ "scopes": ["notes.read"], "resource": ONE }));
    assert_eq!(redirect_request(&request, true, "").expect("a request").resource, Some(ONE));
    assert_eq!(silent_request(&request, "").expect("a request").resource, Some(ONE));
    let (world, _) = signed_in();
    let request = RedirectRequest { extra: vec![("resource", TWO)], ..asking(&["notes.read"]) };
    assert_eq!(code(now(world.client().begin_redirect(&request))), "invalid_extra_parameter", "and nowhere else");
}
