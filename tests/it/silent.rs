//! A token without the user: from the cache, else by refresh token.

use crate::{
    browser::http,
    server::{ALICE, BOB},
    world::{Client, REDIRECT_URI, World, access_token, asking, code, finish, named, now, set, silent, wanting},
};
use consentry::{
    client::SilentRequest,
    error::{BrowserError, Error},
    protocol::HttpResponse,
};
use serde_json::{Value as Json, json};

/// Seconds after which a new token is renewed before it is returned.
const RENEWAL: u64 = 3600 - 300;

fn signed_in() -> (World, Client) {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.network().take_sent();
    (world, client)
}

/// What is stored of the refresh token.
fn refresh_token(client: &Client) -> Option<String> {
    let accounts = client.accounts(named(ALICE.name));
    accounts[0].refresh_token.as_ref().map(|token| token.expose().to_owned())
}

#[test]
fn a_token_that_lives_long_enough_comes_from_the_cache() {
    let (world, client) = signed_in();
    let first = silent(&client, &wanting(&["User.Read"])).expect("a token");
    world.browser.pass(RENEWAL - 1);
    for scopes in [&["User.Read"][..], &["user.read", "openid"], &["https://graph.microsoft.com/User.Read"], &[]] {
        let hit = silent(&client, &wanting(scopes)).expect("a token");
        assert!(hit.from_cache, "{scopes:?}");
        assert_eq!(access_token(&hit), access_token(&first));
    }
    assert!(silent(&world.client(), &wanting(&["User.Read"])).expect("a token").from_cache, "on the next page too");
    assert!(world.browser.network().take_sent().is_empty(), "the network is not touched");
    world.browser.pass(1);
    let renewed = silent(&client, &wanting(&["User.Read"])).expect("a token");
    assert!(!renewed.from_cache && access_token(&renewed) != access_token(&first));
    assert_eq!(world.token_requests().len(), 1);
}

#[test]
fn the_renewal_offset_is_configured() {
    for (offset, seconds, from_cache) in
        [(0, 3599, true), (0, 3600, false), (3599, 0, true), (3599, 1, false), (3600, 0, false)]
    {
        let auth = json!({ "clientId": crate::server::CLIENT_ID, "authority": crate::server::AUTHORITY });
        let world = World::configured(json!({ "auth": auth, "system": { "tokenRenewalOffsetSeconds": offset } }));
        let (client, _) = world.sign_in(&["User.Read"]);
        world.browser.pass(seconds);
        assert_eq!(
            silent(&client, &wanting(&["User.Read"])).expect("a token").from_cache,
            from_cache,
            "{offset} {seconds}"
        );
    }
}

#[test]
fn a_refresh_asks_for_one_api_and_replaces_the_refresh_token() {
    let (world, client) = signed_in();
    let first = refresh_token(&client);
    for at in 1..4 {
        let before = refresh_token(&client).expect("a refresh token");
        let request = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
        silent(&client, &request).expect("a token");
        let requests = world.token_requests();
        let [sent] = requests.as_slice() else { panic!("one request") };
        assert_eq!((sent.field("grant_type"), sent.field("refresh_token")), ("refresh_token", before.as_str()), "{at}");
        assert_eq!(sent.field("scope"), "User.Read openid profile offline_access");
        assert_eq!(sent.query, [("client-request-id".to_owned(), "correlation-silent".to_owned())]);
        assert_ne!(refresh_token(&client).as_deref(), Some(before.as_str()), "it is replaced");
        assert!(!world.stored().iter().flatten().any(|(_, text)| text.contains(&before)), "and gone");
    }
    assert_ne!(refresh_token(&client), first);
}

#[test]
fn what_a_refresh_does_not_bring_is_kept() {
    let (world, client) = signed_in();
    let before = refresh_token(&client);
    let id_token = client.accounts(named(ALICE.name))[0].id_token.expose().to_owned();
    world.server.change_tokens(|tokens| {
        tokens["refresh_token"] = Json::Null;
        tokens["id_token"] = Json::Null;
        tokens["client_info"] = Json::Null;
    });
    let renewed = silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }).expect("a token");
    assert_eq!(refresh_token(&client), before);
    assert_eq!(renewed.account.id_token.expose(), id_token);
    assert_eq!(refresh_token(&world.client()), before, "stored as well");
}

#[test]
fn a_refreshed_id_token_is_checked_and_continues_the_session() {
    let table = [
        ("sub", json!("someone-else"), "invalid_id_token"),
        ("iss", json!("https://evil.example/v2.0"), "invalid_id_token"),
        ("aud", json!("someone-else"), "invalid_id_token"),
        ("exp", json!(1), "invalid_id_token"),
    ];
    for (claim, written, expected) in table {
        let (world, client) = signed_in();
        let before = world.stored();
        world.server.change_claims(move |claims| claims[claim] = written.clone());
        let request = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
        assert_eq!(code(silent(&client, &request)), expected, "{claim}");
        assert_eq!(world.stored(), before, "nothing of it is remembered");
    }
    let (world, client) = signed_in();
    world.server.change_claims(|claims| claims["name"] = json!("A New Name"));
    let request = SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) };
    let renewed = silent(&client, &request).expect("a token");
    assert_eq!(renewed.account.id_token.claim("name"), Some("A New Name"), "what may change does");
}

#[test]
fn claims_have_tokens_of_their_own() {
    let (world, client) = signed_in();
    let claims = |value: &str| format!(r#"{{"access_token":{{"acrs":{{"essential":true,"value":"{value}"}}}}}}"#);
    let [one, other] = ["c1", "c2"].map(claims);
    let ask = |claims| silent(&client, &SilentRequest { claims, ..wanting(&["User.Read"]) }).expect("a token");
    let (first, second) = (ask(Some(&one)), ask(Some(&other)));
    assert!(!first.from_cache && !second.from_cache, "each is asked for");
    let spaced = one.replace(':', " : ");
    for (claims, token) in [(&one, &first), (&other, &second), (&spaced, &first)] {
        let hit = ask(Some(claims));
        assert_eq!((access_token(&hit), hit.from_cache), (access_token(token), true), "{claims}");
    }
    assert_eq!(world.token_requests().len(), 2);
    let plain = ask(None);
    assert!(plain.from_cache, "what the API refused is not served any more");
    assert!([&first, &second].iter().any(|token| access_token(token) == access_token(&plain)));
    let here = silent(&world.client(), &SilentRequest { claims: Some(&one), ..wanting(&["User.Read"]) });
    assert_eq!(access_token(&here.expect("a token")), access_token(&first), "on the next page as well");
}

#[test]
fn force_refresh_passes_the_cache_by() {
    let (world, client) = signed_in();
    let claims = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;
    let requests = [
        SilentRequest { claims: Some(claims), force_refresh: true, ..wanting(&["User.Read"]) },
        SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) },
    ];
    for request in &requests {
        assert!(!silent(&client, request).expect("a token").from_cache);
    }
    let sent = world.token_requests();
    assert_eq!(sent.iter().map(|sent| sent.field("claims")).collect::<Vec<_>>(), [claims, ""]);
    world.server.fail(BrowserError::Offline);
    for request in &requests {
        assert_eq!(code(silent(&client, request)), "no_network_connectivity", "not even while the server is away");
    }
}

#[test]
fn a_new_permission_is_consented_to_when_it_is_needed() {
    let (world, client) = signed_in();
    let before = refresh_token(&client);
    let Err(Error::InteractionRequired(reply)) = silent(&client, &wanting(&["api://orders/Read"])) else {
        panic!("the user is needed")
    };
    assert_eq!((reply.error(), reply.sub_error(), reply.number()), ("invalid_grant", "consent_required", "65001"));
    let sent = world.token_requests();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].field("scope"), "api://orders/Read openid profile offline_access", "one API, and nothing else");
    assert_eq!(refresh_token(&client), before, "the session goes on");
    assert!(silent(&client, &wanting(&["User.Read"])).expect("a token").from_cache);
    world.visit_server(&client, &asking(&["api://orders/Read"]), REDIRECT_URI);
    let client = world.client();
    let answer = finish(&client).expect("no error").expect("a token");
    assert!(answer.result.token.scopes.is_superset(&set(&["api://orders/Read"])));
    let graph = silent(&client, &wanting(&["User.Read"])).expect("the token of before");
    let orders = silent(&client, &wanting(&["api://orders/Read"])).expect("the new token");
    assert!(graph.from_cache && orders.from_cache && access_token(&graph) != access_token(&orders));
    let granted = client.granted(None).expect("one account");
    assert_eq!(granted, set(&["User.Read", "api://orders/Read"]));
}

#[test]
fn permissions_that_were_consented_to_beforehand_need_nobody() {
    let world = World::new();
    let request =
        consentry::client::RedirectRequest { extra_scopes: set(&["api://orders/Read"]), ..asking(&["User.Read"]) };
    world.visit_server(&world.client(), &request, REDIRECT_URI);
    let client = world.client();
    finish(&client).expect("the sign-in succeeds");
    assert_eq!(world.token_requests()[0].field("scope"), "User.Read openid profile offline_access");
    let orders = silent(&client, &wanting(&["api://orders/Read"])).expect("a token");
    assert_eq!((orders.from_cache, orders.token.resource.as_str()), (false, "api://orders"));
}

#[test]
fn several_apis_are_refused_before_anything_is_sent() {
    let (world, client) = signed_in();
    assert_eq!(code(silent(&client, &wanting(&["User.Read", "api://orders/Read"]))), "several_resources");
    assert!(world.browser.network().sent().is_empty());
}

#[test]
fn a_token_that_still_lives_stands_in_for_a_server_that_is_away() {
    let passing: [(&str, Result<HttpResponse, BrowserError>); 11] = [
        ("no_network_connectivity", Err(BrowserError::Offline)),
        ("post_request_failed", Err(BrowserError::PostFailed)),
        ("get_request_failed", Err(BrowserError::GetFailed)),
        ("csp_blocked", Err(BrowserError::CspBlocked)),
        ("cors_blocked", Err(BrowserError::CorsBlocked)),
        ("request_redirected", Err(BrowserError::Redirected)),
        ("timed_out", Err(BrowserError::TimedOut)),
        ("temporarily_unavailable", Ok(http(429, &json!({})))),
        ("temporarily_unavailable", Ok(http(503, &json!({})))),
        ("server_error", Ok(http(500, &json!({})))),
        ("temporarily_unavailable", Ok(http(503, &json!({ "error": "temporarily_unavailable" })))),
    ];
    for (expected, answer) in passing {
        let (world, client) = signed_in();
        let first = access_token(&silent(&client, &wanting(&["User.Read"])).expect("a token")).to_owned();
        match answer {
            Ok(answer) => world.server.answer(answer),
            Err(error) => world.server.fail(error),
        }
        world.browser.pass(3599);
        let standing_in = silent(&client, &wanting(&["User.Read"])).expect("the token still lives");
        assert_eq!((access_token(&standing_in), standing_in.from_cache), (first.as_str(), true));
        assert_eq!(world.token_requests().len(), 1, "renewal was tried");
        world.browser.pass(1);
        assert_eq!(code(silent(&client, &wanting(&["User.Read"]))), expected, "it lives no more");
        assert!(refresh_token(&client).is_some(), "the refresh token is not to blame");
        world.server.recover();
        assert!(silent(&client, &wanting(&["User.Read"])).is_ok());
    }
}

#[test]
fn a_refusal_is_not_stood_in_for() {
    for (error, suberror) in [("invalid_grant", "bad_token"), ("interaction_required", ""), ("invalid_client", "")] {
        let (world, client) = signed_in();
        world.server.refuse(error, suberror);
        world.browser.pass(RENEWAL);
        assert_eq!(code(silent(&client, &wanting(&["User.Read"]))), error);
    }
}

#[test]
fn how_long_to_wait_is_told() {
    let (world, client) = signed_in();
    world.server.answer(HttpResponse { retry_after: Some(120), ..http(429, &json!({})) });
    let Err(Error::Server(reply)) = silent(&client, &wanting(&["Mail.Read"])) else { panic!("the server is busy") };
    assert_eq!((reply.status, reply.retry_after), (Some(429), Some(120)));
}

#[test]
fn a_dead_refresh_token_is_dropped() {
    for suberror in ["bad_token", "token_expired", ""] {
        let (world, client) = signed_in();
        world.server.refuse("invalid_grant", suberror);
        assert_eq!(code(silent(&client, &wanting(&["Mail.Read"]))), "invalid_grant");
        assert_eq!(world.token_requests().len(), 1, "it is sent once");
        assert!(refresh_token(&client).is_none(), "{suberror}");
        world.server.recover();
        world.browser.network().take_sent();
        for client in [&client, &world.client()] {
            let Err(Error::InteractionRequired(reply)) = silent(client, &wanting(&["Mail.Read"])) else {
                panic!("{suberror}")
            };
            assert_eq!(reply.error(), "no_tokens_found");
            assert!(silent(client, &wanting(&["User.Read"])).expect("what lives is returned").from_cache);
        }
        assert!(world.browser.network().take_sent().is_empty(), "nothing is asked any more");
        world.sign_in(&["Mail.Read"]);
        assert!(refresh_token(&world.client()).is_some(), "until the user signs in again");
    }
}

#[test]
fn a_refresh_token_outlives_what_is_not_its_fault() {
    let table = [
        ("invalid_grant", "consent_required"),
        ("invalid_grant", "basic_action"),
        ("invalid_grant", "message_only"),
        ("invalid_grant", "something_new"),
        ("interaction_required", ""),
        ("login_required", ""),
        ("invalid_scope", ""),
        ("invalid_client", ""),
    ];
    for (error, suberror) in table {
        let (world, client) = signed_in();
        let before = world.stored();
        world.server.refuse(error, suberror);
        assert_eq!(code(silent(&client, &wanting(&["Mail.Read"]))), error);
        assert_eq!(world.stored(), before, "{error} {suberror}");
    }
}

#[test]
fn the_account_is_the_one_named_the_active_one_or_the_only_one() {
    let world = World::new();
    assert_eq!(code(silent(&world.client(), &wanting(&["User.Read"]))), "no_account_error");
    let (_, alice) = world.sign_in(&["User.Read"]);
    let client = world.sign_in_as(BOB, &["User.Read"]);
    let of = |account| silent(&client, &SilentRequest { account, ..wanting(&["User.Read"]) });
    let who = |account| of(account).expect("a token").account.username().to_owned();
    assert_eq!(code(of(None)), "ambiguous_account");
    assert_eq!(access_token(&of(Some(named(ALICE.name))).expect("a token")), access_token(&alice.result));
    assert_eq!(who(Some(named(BOB.name))), BOB.name);
    assert_eq!(code(of(Some(named("nobody")))), "no_account_error");
    client.set_active_account(Some(named(BOB.name))).expect("Bob is signed in");
    assert_eq!(who(None), BOB.name);
    assert_eq!(who(Some(named(ALICE.name))), ALICE.name, "who is named goes before who is active");
    now(client.clear(Some(named(BOB.name)))).expect("Bob is forgotten");
    assert_eq!(who(None), ALICE.name);
}
