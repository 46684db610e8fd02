//! No error and no printed value tells a token, a code or a verifier.

use crate::{
    browser::{html, http},
    server::{ALICE, BOB, CLIENT_ID, metadata},
    world::{REDIRECT_URI, World, asking, finish, named, now, set, silent, value, wanting},
};
use consentry::{
    binding::records::{forbidden_record, plan_record},
    cache::{Cache, Record},
    client::{
        AdminConsentRequest, AuthenticationResult, ForbiddenCall, RedirectRequest, SignOutRequest, SilentRequest,
    },
    error::{BrowserError, Error},
    json,
    protocol::{AuthorizationResponse, CodeVerifier, Grant, Metadata, TokenRequest, TokenResponse},
    secret::Secret,
};
use serde_json::json;
use std::fmt::Debug;

/// All that can be printed of a value.
fn printed(value: &impl Debug) -> [String; 2] {
    [format!("{value:?}"), format!("{value:#?}")]
}

/// All that can be read of an error.
fn told(error: &Error) -> Vec<String> {
    let record = error.record("correlation").finish();
    [error.to_string(), error.message(), error.code().to_owned(), json::text(&record)]
        .into_iter()
        .chain(printed(error))
        .chain(printed(&record))
        .collect()
}

/// What nobody may see: what the server gave out, and the verifiers that were sent.
fn secrets(world: &World) -> Vec<String> {
    let sent = world.browser.network().sent();
    let verifiers = sent.iter().map(|sent| sent.field("code_verifier").to_owned()).filter(|text| !text.is_empty());
    world.server.secrets().into_iter().chain(verifiers).collect()
}

#[track_caller]
fn assert_silent(world: &World, texts: impl IntoIterator<Item = String>) {
    let secrets = secrets(world);
    assert!(secrets.len() > 3, "there is something to tell");
    for text in texts {
        assert!(!text.contains("secret-"), "{text}");
        assert!(!text.contains("#code="), "{text}");
        for secret in &secrets {
            assert!(!text.contains(secret.as_str()), "{text}");
        }
    }
}

/// A server that repeats in its refusals all that it was sent.
fn echo(world: &World) {
    let echo = |sent: &crate::browser::Sent| {
        let form: Vec<_> = sent.form.iter().flatten().map(|(name, value)| format!("{name}={value}")).collect();
        let echoed = form.join("&");
        let body = json!({ "error": "invalid_grant", "suberror": "basic_action", "error_description": echoed,
            "claims": echoed, "trace_id": echoed, "correlation_id": echoed, "timestamp": echoed });
        Ok(http(400, &body))
    };
    world.browser.network().serve(crate::server::TOKEN_URL, echo);
}

type Arrangement = (&'static str, Box<dyn Fn(&World)>);

/// What can go wrong with a token response.
fn arrangements() -> Vec<Arrangement> {
    let mut all: Vec<Arrangement> = vec![
        ("an echo", Box::new(echo)),
        ("not JSON", Box::new(|world| world.server.answer(html(200, "secret-body")))),
        ("a refusal that is not JSON", Box::new(|world| world.server.answer(html(500, "secret-body")))),
        ("no answer", Box::new(|world| world.server.fail(BrowserError::PostFailed))),
    ];
    for claim in ["iss", "aud", "azp", "exp", "iat", "nbf"] {
        all.push((
            claim,
            Box::new(move |world| world.server.change_claims(move |claims| claims[claim] = json!("secret-claim"))),
        ));
    }
    for member in ["token_type", "expires_in", "id_token"] {
        let written = json!("secret-member");
        all.push((
            member,
            Box::new(move |world| {
                let written = written.clone();
                world.server.change_tokens(move |tokens| tokens[member] = written.clone());
            }),
        ));
    }
    all
}

#[test]
fn no_error_of_a_redemption_tells_a_secret() {
    for (what, arrange) in arrangements() {
        let world = World::new();
        world.sign_in(&["User.Read"]);
        let request = RedirectRequest { account: Some(named(ALICE.name)), ..asking(&["api://orders/Read"]) };
        world.visit_server(&world.client(), &request, REDIRECT_URI);
        arrange(&world);
        let error = finish(&world.client()).expect_err(what);
        assert_silent(&world, told(&error));
    }
}

#[test]
fn no_error_of_a_refresh_tells_a_secret() {
    for (what, arrange) in arrangements() {
        let world = World::new();
        let (client, _) = world.sign_in(&["User.Read"]);
        arrange(&world);
        let error = silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["User.Read"]) }).expect_err(what);
        assert_silent(&world, told(&error));
    }
}

#[test]
fn no_error_of_a_callback_tells_the_response() {
    let table: [fn(&mut crate::browser::Pairs); 5] = [
        |answer| answer.retain(|(name, _)| name != "state"),
        |answer| answer.iter_mut().filter(|(name, _)| name == "state").for_each(|(_, value)| value.push('x')),
        |answer| answer.retain(|(name, _)| name != "code"),
        |answer| answer.push(("error".to_owned(), "access_denied".to_owned())),
        |answer| answer.push(("code".to_owned(), "secret-again".to_owned())),
    ];
    for change in table {
        let world = World::new();
        world.sign_in(&["User.Read"]);
        let mut answer = world.server.authorize(&world.leave(&world.client(), &asking(&["User.Read"])));
        change(&mut answer);
        world.come_back(REDIRECT_URI, &answer);
        let error = finish(&world.client()).expect_err("it is refused");
        assert_silent(&world, told(&error));
    }
}

#[test]
fn no_other_error_tells_a_secret() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    world.server.set_user(BOB);
    let request = RedirectRequest { account: Some(named(ALICE.name)), ..asking(&["User.Read"]) };
    world.visit_server(&client, &request, REDIRECT_URI);
    assert_silent(&world, told(&finish(&world.client()).expect_err("another account answered")));
    world.browser.set_navigation(Err(BrowserError::NavigationFailed));
    assert_silent(&world, told(&now(client.begin_redirect(&asking(&[]))).expect_err("the page is still here")));
    let hint = SignOutRequest { id_token_hint: Some("secret-hint"), ..SignOutRequest::default() };
    assert_silent(&world, told(&now(client.sign_out(hint)).expect_err("the page is still here")));
}

#[test]
fn what_is_told_of_permissions_tells_no_secret() {
    let world = World::new();
    let (client, answer) = world.sign_in(&["User.Read"]);
    let scopes = set(&["User.Read", "Mail.Read"]);
    let plan = client.plan(&scopes, None).expect("a plan");
    let held: Vec<String> = answer.result.token.scopes.iter().map(ToString::to_string).collect();
    let call = ForbiddenCall {
        account: Some(named(ALICE.name)),
        token_scopes: held.iter().map(String::as_str).collect(),
        needed: scopes.clone(),
        challenge: Some("Bearer error=\"insufficient_scope\""),
    };
    let forbidden = client.explain_forbidden(&call);
    let results = now(client.acquire_tokens(&asking(&["User.Read", "api://orders/Read"]), false)).expect("a result");
    let refused = world.refused(&asking(&["Mail.Read"]), "access_denied", "65004");
    let mut texts = told(&refused);
    texts.extend(results.iter().filter_map(|(_, result)| result.as_ref().err()).flat_map(told));
    texts.extend([json::text(&plan_record(&plan)), json::text(&forbidden_record(&forbidden))]);
    texts.extend(printed(&(&plan, &forbidden, &call)).into_iter().chain(printed(&results)));
    texts.extend(printed(&client.review(&scopes, true)));
    assert_silent(&world, texts);
}

#[test]
fn what_is_told_of_an_administrator_s_answer_tells_no_secret_and_no_state() {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    let request = AdminConsentRequest { scopes: set(&["User.Read.All"]), ..AdminConsentRequest::default() };
    for is_right in [false, true] {
        now(world.client().begin_admin_consent(&request)).expect("the page is left");
        let url = world.browser.left().last().expect("a navigation").url.clone();
        let mut answer = world.server.admin_refusal(&url);
        let state = answer.iter().find(|(name, _)| name == "state").expect("a state").1.clone();
        if !is_right {
            answer.retain(|(name, _)| name != "state");
        }
        world.browser.open(&format!("{REDIRECT_URI}?{}", crate::world::fragment(&answer)));
        let failure = now(world.client().finish_admin_consent(None)).expect_err("it is refused");
        let texts: Vec<_> = told(&failure.error).into_iter().chain(printed(&failure)).collect();
        assert!(texts.iter().all(|text| !text.contains(&state)), "the state is nobody else's");
        assert_silent(&world, texts);
    }
}

#[test]
fn no_printed_value_tells_a_secret() {
    let world = World::new();
    let (client, answer) = world.sign_in(&["User.Read"]);
    let AuthenticationResult { account, token, .. } = &answer.result;
    let records = [Record::Account(account.clone()), Record::AccessToken(token.clone())];
    let mut cache = Cache::new(CLIENT_ID.to_owned(), "login.example".to_owned());
    let mut texts = Vec::new();
    for record in &records {
        let write = cache.put(record);
        texts.extend(printed(&write));
        texts.extend(printed(record));
        cache.apply(&write.key, write.text.as_ref().map(Secret::expose));
    }
    texts.extend(printed(&cache));
    texts.extend(printed(&client));
    texts.extend(printed(&answer));
    assert_silent(&world, texts);
}

#[test]
fn no_printed_message_tells_a_secret() {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    let code = Secret::new("secret-code".to_owned());
    let verifier = CodeVerifier::parse(&"secret-".repeat(10)).expect("a verifier");
    let redirect = AuthorizationResponse::parse("code=secret-code&state=s").expect("a response");
    let metadata = Metadata::parse(&value(&metadata())).expect("metadata");
    let mut texts = Vec::from(printed(&redirect));
    let scopes = set(&["User.Read"]);
    for grant in [
        Grant::AuthorizationCode { code: &code, redirect_uri: REDIRECT_URI, verifier: Some(&verifier) },
        Grant::RefreshToken(&code),
    ] {
        let request = TokenRequest {
            client_id: CLIENT_ID,
            grant,
            scopes: &scopes,
            resource: None,
            claims: None,
            capabilities: &[],
            correlation_id: "c",
            may_lack_token: false,
        };
        texts.extend(printed(&request));
        texts.extend(printed(&request.to_http(&metadata)));
        assert!(!request.to_http(&metadata).url.contains("secret-"), "no server writes it in its log");
        let answer =
            http(200, &json!({ "token_type": "Bearer", "access_token": "secret-access", "id_token": "secret-id" }));
        texts.extend(printed(&answer));
        texts.extend(printed(&TokenResponse::from_http(&answer, &request).expect("tokens")));
    }
    assert_silent(&world, texts);
}
