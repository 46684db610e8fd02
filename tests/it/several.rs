//! Tokens for several APIs: silently where that is possible, after one interaction for all the rest.

mod narrowed;

use crate::{
    browser::{Sent, field, http},
    server::{ALICE, BOB},
    world::{
        Client, PAGE, REDIRECT_URI, World, access_token, acquiring, asking, code, finish, literal, named, now, query,
        set, silent, value, wanting,
    },
};
use consentry::{
    binding::dictionary,
    client::{RedirectRequest, TokensResult},
    error::{BrowserError, ConfigError, Error, Outcome},
    json::Value,
};
use futures::FutureExt;
use serde_json::{Value as Json, json};

const ALL: [&str; 4] = ["User.Read", "api://Orders/Read", "https://files.example//Read", "api://orders/Write"];
const CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

/// Alice with some permissions, on the page where she works.
fn signed_in(scopes: &[&str], extra_scopes: &[&str]) -> (World, Client) {
    let world = World::new();
    world.visit_server(
        &world.client(),
        &RedirectRequest { extra_scopes: set(extra_scopes), ..asking(scopes) },
        REDIRECT_URI,
    );
    finish(&world.client()).expect("the user consents");
    world.browser.open(PAGE);
    world.browser.network().take_sent();
    let client = world.client();
    (world, client)
}

fn tokens(client: &Client, request: &RedirectRequest<'_>) -> TokensResult {
    now(client.acquire_tokens(request, true)).expect("a result")
}

/// What came of each API: a token, from the cache or not, or an error's code.
fn told(results: &TokensResult) -> Vec<(&str, &str)> {
    let told = results.iter().map(|(resource, result)| {
        let outcome = match result {
            Ok(result) if result.from_cache => "cached",
            Ok(_) => "fresh",
            Err(error) => match error.outcome() {
                Some(outcome) => outcome.name(),
                None => error.code(),
            },
        };
        (resource.as_str(), outcome)
    });
    told.collect()
}

fn scopes(sent: &[Sent]) -> Vec<String> {
    sent.iter().map(|sent| sent.field("scope").replace(" openid profile offline_access", "")).collect()
}

/// Where the page was told to go since `before`: the parameters.
fn left(world: &World, before: usize) -> Vec<Vec<(String, String)>> {
    world.browser.left()[before..].iter().map(|departure| query(&departure.url)).collect()
}

/// The user consents to what the page was left for last, and the page is loaded again.
fn come_back(world: &World) -> Client {
    let url = world.browser.left().last().expect("the page is left").url.clone();
    world.come_back(REDIRECT_URI, &world.server.authorize(&url));
    finish(&world.client()).expect("the user consents").expect("a token");
    world.client()
}

#[test]
fn each_api_takes_one_refresh_and_then_none() {
    let (world, client) =
        signed_in(&["User.Read"], &["api://Orders/Read", "api://orders/Write", "https://files.example//Read"]);
    let first = tokens(&client, &acquiring(&ALL));
    let names = ["https://graph.microsoft.com", "api://Orders", "https://files.example/"];
    assert_eq!(told(&first), [(names[0], "cached"), (names[1], "fresh"), (names[2], "fresh")]);
    let sent = scopes(&world.token_requests());
    assert_eq!(sent, ["api://Orders/Read api://orders/Write", "https://files.example//Read"], "one API at a time");
    let again = tokens(&world.client(), &acquiring(&ALL));
    assert_eq!(told(&again), names.map(|name| (name, "cached")));
    let same = |results: &TokensResult| -> Vec<String> {
        results.iter().map(|(_, result)| access_token(result.as_ref().expect("a token")).to_owned()).collect()
    };
    assert_eq!(same(&again), same(&first));
    assert!(world.browser.network().take_sent().is_empty() && world.browser.left().len() == 1, "nobody is asked");
}

#[test]
fn all_that_is_missing_is_asked_for_at_once() {
    let (world, client) = signed_in(&["User.Read"], &[]);
    let request = RedirectRequest { extra_scopes: set(&["api://later/Read"]), app_state: Some("s"), ..acquiring(&ALL) };
    let before = world.browser.left().len();
    let results = tokens(&client, &request);
    assert_eq!(told(&results)[0], ("https://graph.microsoft.com", "cached"));
    assert_eq!(told(&results)[1..].iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(), ["consent_required"; 2]);
    let left = left(&world, before);
    let [asked] = left.as_slice() else { panic!("the page is left once") };
    let expected = "api://Orders/Read api://orders/Write openid profile offline_access api://later/Read \
                    https://files.example//Read";
    assert_eq!(field(asked, "scope"), expected);
    assert_eq!((field(asked, "login_hint"), field(asked, "prompt")), (ALICE.name, ""));
    let client = come_back(&world);
    world.browser.network().take_sent();
    let results = tokens(&client, &request);
    assert_eq!(told(&results).iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(), ["cached", "cached", "fresh"]);
    assert_eq!(scopes(&world.token_requests()), ["https://files.example//Read"]);
    assert_eq!(world.browser.left().len(), before + 1, "there is no further interaction");
    assert!(!silent(&client, &wanting(&["api://later/Read"])).expect("consented to beforehand").from_cache);
}

#[test]
fn nobody_is_asked_where_the_page_may_not_be_left() {
    let (world, client) = signed_in(&["User.Read"], &[]);
    let before = (world.stored(), world.browser.left().len());
    let results = now(client.acquire_tokens(&acquiring(&ALL), false)).expect("a result");
    assert_eq!(
        told(&results).iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(),
        ["cached", "consent_required", "consent_required"]
    );
    assert_eq!((world.stored(), world.browser.left().len()), before);
}

#[test]
fn an_api_that_fails_keeps_the_others() {
    let unknown = json!({ "error": "invalid_client", "error_description": "AADSTS650053: no such permission" });
    let failures = [
        (Ok(http(400, &unknown)), "misconfigured"),
        (Ok(http(503, &json!({}))), "temporarily_unavailable"),
        (Ok(http(200, &json!({ "token_type": "DPoP" }))), "invalid_token_response"),
        (Err(BrowserError::PostFailed), "post_request_failed"),
    ];
    for (answer, outcome) in failures {
        let (world, client) = signed_in(&["User.Read"], &["api://Orders/Read", "api://orders/Write"]);
        world.server.answer_for("https://files.example//Read", answer);
        let results = tokens(&client, &acquiring(&ALL));
        assert_eq!(
            told(&results).iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(),
            ["cached", "fresh", outcome]
        );
        assert_eq!(world.browser.left().len(), 1, "the user can't help");
    }
    let (world, client) = signed_in(&["User.Read"], &[]);
    world.server.answer_for("files.example", Err(BrowserError::TimedOut));
    let results = tokens(&client, &acquiring(&ALL));
    assert_eq!(told(&results)[1..], [("api://Orders", "consent_required"), ("https://files.example/", "timed_out")]);
    let asked = left(&world, 1);
    assert!(field(&asked[0], "scope").starts_with("api://Orders/Read api://orders/Write openid"));
    assert!(!field(&asked[0], "scope").contains("files"), "nobody is asked for what only failed");
}

#[test]
fn what_was_declined_is_reported_and_the_rest_is_asked_for() {
    let (world, _) = signed_in(&["User.Read"], &[]);
    let orders = acquiring(&["api://orders/Read"]);
    assert_eq!(world.refused(&orders, "access_denied", "65004").outcome(), Some(Outcome::Declined));
    let before = world.browser.left().len();
    let results = tokens(&world.client(), &acquiring(&ALL));
    let names = ["https://graph.microsoft.com", "api://Orders", "https://files.example/"];
    assert_eq!(told(&results), [(names[0], "cached"), (names[1], "declined"), (names[2], "consent_required")]);
    let Err(Error::Server(reply)) = &results[1].1 else { panic!("it was declined") };
    assert_eq!(Value::from(&set(&["api://orders/Read"])), reply.missing, "this one, and not the other");
    let asked = left(&world, before);
    assert_eq!(asked.len(), 1);
    assert!(!field(&asked[0], "scope").to_lowercase().contains("orders"), "{asked:?}");
    let client = come_back(&world);
    let results = tokens(&client, &acquiring(&ALL));
    assert_eq!(told(&results), [(names[0], "cached"), (names[1], "declined"), (names[2], "cached")]);
    assert_eq!(world.browser.left().len(), before + 1, "and that is all");
    tokens(&client, &RedirectRequest { ask_again: true, ..acquiring(&ALL) });
    assert!(field(&left(&world, before + 1)[0], "scope").starts_with("api://Orders/Read api://orders/Write openid"));
}

#[test]
fn what_an_administrator_was_needed_for_keeps_the_others() {
    for (number, outcome) in [("90094", "admin_consent_required"), ("53003", "blocked"), ("65004", "declined")] {
        let (world, _) = signed_in(&["User.Read"], &[]);
        world.browser.set_user_active(false);
        tokens(&world.client(), &acquiring(&ALL));
        let url = world.browser.left().last().expect("the page is left").url.clone();
        world.come_back(REDIRECT_URI, &world.server.refuse_authorization(&url, "access_denied", number));
        finish(&world.client()).expect_err("it is refused");
        let before = world.browser.left().len();
        let results = tokens(&world.client(), &acquiring(&ALL));
        assert_eq!(
            told(&results).iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(),
            ["cached", outcome, outcome]
        );
        assert_eq!(world.browser.left().len(), before, "nobody is asked twice");
    }
}

#[test]
fn what_only_an_administrator_grants_is_no_hindrance_to_the_rest() {
    let (world, _) = signed_in(&["User.Read"], &[]);
    let refused =
        RedirectRequest { extra_scopes: set(&["https://files.example//Read"]), ..acquiring(&["api://orders/Read"]) };
    world.refused(&refused, "access_denied", "90094");
    let all = ["User.Read", "api://orders/Read", "https://files.example//Read", "api://tasks/Read"];
    let plan = world.client().plan(&set(&all), None).expect("a plan");
    assert_eq!(plan.scopes, set(&["api://tasks/Read"]));
    let before = world.browser.left().len();
    let results = tokens(&world.client(), &acquiring(&all));
    let outcomes: Vec<_> = told(&results).iter().map(|(_, outcome)| *outcome).collect();
    assert_eq!(outcomes, ["cached", "admin_consent_required", "admin_consent_required", "consent_required"]);
    let asked = left(&world, before);
    assert_eq!(asked.len(), 1, "the rest is asked for");
    assert_eq!(Some(field(&asked[0], "scope").to_owned()), plan.authorize_scope(), "as it is planned");
}

#[test]
fn a_challenge_is_carried_into_the_one_request() {
    let (world, client) = signed_in(&["User.Read"], &["api://Orders/Read", "api://orders/Write"]);
    let body = json!({ "error": "interaction_required", "suberror": "basic_action", "claims": CLAIMS });
    world.server.answer_for("api://Orders/Read", Ok(http(400, &body)));
    let results = tokens(&client, &acquiring(&ALL));
    assert_eq!(told(&results)[1], ("api://Orders", "interaction_required"));
    let asked = left(&world, 1);
    assert_eq!((asked.len(), field(&asked[0], "claims")), (1, CLAIMS));
    world.server.recover();
    let client = come_back(&world);
    let sent = world.token_requests();
    assert_eq!(sent.last().map(|sent| sent.field("claims")), Some(CLAIMS), "and into the redemption");
    let results = tokens(&client, &acquiring(&ALL));
    assert!(results.iter().all(|(_, result)| result.is_ok()) && world.browser.left().len() == 2);
    let own = RedirectRequest { claims: Some("{}"), ..acquiring(&ALL) };
    world.server.answer_for("api://Orders/Read", Ok(http(400, &body)));
    tokens(&client, &own);
    assert_eq!(field(&left(&world, 2)[0], "claims"), "{}", "the app's own go before");
}

#[test]
fn with_a_dead_refresh_token_everything_is_asked_for_at_once() {
    let (world, client) = signed_in(&["Mail.Read"], &[]);
    world.server.refuse("invalid_grant", "bad_token");
    let results = tokens(&client, &acquiring(&ALL));
    assert!(results.iter().all(|(_, result)| matches!(result, Err(Error::InteractionRequired(_)))), "{results:?}");
    let asked = left(&world, 1);
    assert_eq!(asked.len(), 1);
    let expected =
        "User.Read openid profile offline_access api://Orders/Read api://orders/Write https://files.example//Read";
    assert_eq!(field(&asked[0], "scope"), expected);
    assert_eq!(world.token_requests().len(), 1, "a dead token is sent once");
}

#[test]
fn it_is_for_one_account() {
    let world = World::new();
    assert_eq!(code(now(world.client().acquire_tokens(&acquiring(&ALL), true))), "no_account_error");
    world.sign_in(&["User.Read"]);
    let client = world.sign_in_as(BOB, &["User.Read"]);
    assert_eq!(code(now(client.acquire_tokens(&acquiring(&ALL), true))), "ambiguous_account");
    let before = world.browser.left().len();
    let results = tokens(&client, &RedirectRequest { account: Some(named(BOB.name)), ..acquiring(&ALL) });
    assert_eq!(results[0].1.as_ref().expect("a token").account.username(), BOB.name);
    assert_eq!(field(&left(&world, before)[0], "login_hint"), BOB.name);
    let url = world.browser.left().last().expect("the page is left").url.clone();
    world.come_back(REDIRECT_URI, &world.server.authorize(&url));
    assert_eq!(code(finish(&world.client())), "account_mismatch", "and nobody else may answer");
}

#[test]
fn whoever_is_chosen_or_leaves_meanwhile_is_not_asked() {
    type Change = fn(&Client);
    let changes: [(Change, Option<&str>); 2] = [
        (|client| client.set_active_account(Some(named(BOB.name))).expect("Bob is signed in"), Some(ALICE.name)),
        (|client| now(client.clear(Some(named(ALICE.name)))).expect("Alice is forgotten"), None),
    ];
    for (change, expected) in changes {
        let world = World::new();
        world.sign_in(&["User.Read"]);
        let client = world.sign_in_as(BOB, &["User.Read"]);
        client.set_active_account(Some(named(ALICE.name))).expect("Alice is signed in");
        let before = world.browser.left().len();
        world.browser.network().hold();
        let request = acquiring(&["User.Read", "api://orders/Read"]);
        let mut call = Box::pin(client.acquire_tokens(&request, true));
        assert!(call.as_mut().now_or_never().is_none(), "the server has not answered");
        change(&client);
        world.browser.network().release();
        let results = now(call);
        let hints: Vec<_> = left(&world, before).iter().map(|asked| field(asked, "login_hint").to_owned()).collect();
        assert_eq!(hints.first().map(String::as_str), expected, "{results:?}");
    }
}

#[test]
fn a_request_that_can_t_be_sent_is_refused_before_anything_is() {
    let (world, client) = signed_in(&["User.Read"], &[]);
    let mixed = RedirectRequest { extra_scopes: set(&["api://orders/.default"]), ..acquiring(&["User.Read"]) };
    let start = RedirectRequest { start_page: Some("https://evil.example/"), ..acquiring(&ALL) };
    for (request, expected) in
        [(acquiring(&[".default", "api://orders/Read"]), "default_scope_mixed"), (mixed, "default_scope_mixed")]
    {
        assert_eq!(code(now(client.acquire_tokens(&request, true))), expected);
        assert!(world.browser.network().take_sent().is_empty());
    }
    assert_eq!(code(now(client.acquire_tokens(&start, true))), "invalid_redirect_start_page");
    assert_eq!(world.browser.left().len(), 1);
    let wrong = dictionary::may_leave(&value(&json!({ "interaction": "popup" })));
    assert!(matches!(wrong, Err(ConfigError::Field { field: "interaction", .. })));
    let allowed = |request: Json| dictionary::may_leave(&value(&request)).expect("it is one of them");
    assert_eq!(
        [allowed(json!({})), allowed(json!({ "interaction": "redirect" })), allowed(json!({ "interaction": "none" }))],
        [true, true, false]
    );
}

#[test]
fn a_page_that_stays_keeps_what_is_there() {
    let (world, client) = signed_in(&["User.Read"], &[]);
    world.browser.set_navigation(Err(BrowserError::NavigationFailed));
    let results = tokens(&client, &acquiring(&ALL));
    assert_eq!(
        told(&results).iter().map(|(_, outcome)| *outcome).collect::<Vec<_>>(),
        ["cached", "timed_out", "timed_out"]
    );
}

#[test]
fn the_result_is_by_application_id_uri_as_it_was_written() {
    let (world, client) = signed_in(&["User.Read"], &["API://ORDERS/Read"]);
    world.server.grant_exactly();
    let asked = value(
        &json!({ "00000003-0000-0000-C000-000000000000": ["user.read"], "API://ORDERS": ["Read", "READ"], "api://files": ["Read"] }),
    );
    let request = value(&json!({ "interaction": "none" }));
    assert!(!dictionary::may_leave(&request).expect("it is allowed"));
    let scopes = consentry::scope::ScopeSet::read(&asked, "scopes").expect("scopes");
    let results = now(client.acquire_tokens(&RedirectRequest { scopes, ..acquiring(&[]) }, false));
    let results = results.expect("a result");
    let keys = |is_token: bool| {
        let of_kind = results.iter().filter(|(_, result)| result.is_ok() == is_token);
        of_kind.map(|(resource, _)| resource.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(keys(true), ["00000003-0000-0000-C000-000000000000", "API://ORDERS"]);
    assert_eq!(keys(false), ["api://files"]);
    let outcome = |wanted: &str| &results.iter().find(|(resource, _)| resource.as_str() == wanted).expect("it").1;
    let result = outcome("API://ORDERS").as_ref().expect("a token");
    assert_eq!((result.account.username(), result.from_cache), (ALICE.name, false));
    let error = literal(&outcome("api://files").as_ref().expect_err("it is not granted").record("c0ffee").finish());
    assert_eq!((&error["name"], &error["outcome"]), (&json!("ConsentRequiredError"), &json!("consent_required")));
    assert_eq!(
        (&error["missingScopes"], &error["correlationId"]),
        (&json!({ "api://files": ["Read"] }), &json!("c0ffee"))
    );
}
