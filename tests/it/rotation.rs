//! A server that gives each refresh token once, and ends the session when one comes twice (RFC 9700 section 4.14.2): it never does,
//! whatever tabs, clients, networks and servers do.

mod attacks;
mod lost;

use crate::{
    browser::{Answer, Sent, field, html, http, opened, pairs},
    provider::{ISSUER, world_keeping_in},
    server::{ALICE, CLIENT_ID, claims, jwt},
    world::{Client, PAGE, REDIRECT_URI, World, access_token, asking, code, finish, silent, value, wanting},
};
use consentry::{
    binding::dictionary,
    client::{AuthenticationResult, PublicClient, SilentRequest},
    error::{BrowserError, Error},
};
use futures::{FutureExt, executor::LocalPool, task::LocalSpawnExt};
use serde_json::{Value as Json, json};
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

/// What becomes of the answers.
type Change = Box<dyn Fn(Answer) -> Answer>;

struct Server {
    nonce: RefCell<String>,
    latest: RefCell<String>,
    given: Cell<u32>,
    calls: Cell<u32>,
    reused: Cell<u32>,
    change: RefCell<Change>,
    /// Whether it has done all of it before it fails.
    is_thorough: Cell<bool>,
    /// Whether its ID tokens say how somebody is called.
    is_naming: Cell<bool>,
}

fn failed_in_the_middle(status: u16) -> Answer {
    Ok(html(status, "<html>"))
}

impl Server {
    fn of(world: &World) -> Rc<Self> {
        let server = Rc::new(Server {
            nonce: RefCell::default(),
            latest: RefCell::default(),
            given: Cell::new(0),
            calls: Cell::new(0),
            reused: Cell::new(0),
            change: RefCell::new(Box::new(|answer| answer)),
            is_thorough: Cell::new(false),
            is_naming: Cell::new(true),
        });
        let tokens = Rc::clone(&server);
        world.browser.network().serve(&format!("{ISSUER}/token"), move |request| tokens.token(request));
        server
    }

    fn token(&self, request: &Sent) -> Answer {
        if request.field("grant_type") == "refresh_token" {
            self.calls.set(self.calls.get() + 1);
            if request.field("refresh_token") != *self.latest.borrow() {
                self.reused.set(self.reused.get() + 1);
                return Ok(http(400, &json!({ "error": "invalid_grant" })));
            }
        }
        let answer = (self.change.borrow())(Ok(http(200, &json!({}))));
        // What is refused before it is looked at uses nothing up.
        if !self.is_thorough.get() && answer.as_ref().is_ok_and(|answer| answer.status >= 400) {
            return answer;
        }
        let number = self.given.get() + 1;
        self.given.set(number);
        self.latest.replace(format!("refresh-{number}"));
        let mut said = claims(ALICE, request.at);
        said["iss"] = json!(ISSUER);
        said["sub"] = json!("alice");
        said["nonce"] = json!(*self.nonce.borrow());
        if !self.is_naming.get() {
            said["preferred_username"] = Json::Null;
        }
        let tokens = json!({ "token_type": "Bearer", "access_token": format!("access-{number}"), "expires_in": 600,
            "refresh_token": *self.latest.borrow(), "id_token": jwt(&said) });
        (self.change.borrow())(Ok(http(200, &tokens)))
    }

    fn change(&self, change: impl Fn(Answer) -> Answer + 'static) {
        *self.change.borrow_mut() = Box::new(change);
    }

    fn recover(&self) {
        self.change(|answer| answer);
    }

    /// The refresh requests, and those of them with a token that was used before.
    fn counts(&self) -> (u32, u32) {
        (self.calls.get(), self.reused.get())
    }
}

/// Somebody who is signed in, and whose token has ended.
fn scene(location: &str) -> (World, Rc<Server>) {
    let world = world_keeping_in(location, &json!({}), &json!({}));
    let server = Server::of(&world);
    sign_in(&world, &server);
    world.browser.pass(3600);
    (world, server)
}

fn sign_in(world: &World, server: &Server) -> Client {
    come_back(world, server);
    let client = world.client();
    finish(&client).expect("the sign-in succeeds").expect("there was a response");
    client
}

/// The user signs in at the server, and comes back.
fn come_back(world: &World, server: &Server) {
    let url = world.leave(&world.client(), &asking(&["notes.read"]));
    let query = pairs(url.split_once('?').expect("a query").1);
    server.nonce.replace(field(&query, "nonce").to_owned());
    let answer = [("code", "c"), ("state", field(&query, "state")), ("session_state", "s"), ("iss", ISSUER)];
    world.come_back(REDIRECT_URI, &answer.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

fn notes<'a>() -> SilentRequest<'a> {
    wanting(&["notes.read"])
}

fn forced<'a>() -> SilentRequest<'a> {
    SilentRequest { force_refresh: true, ..notes() }
}

/// Calls at the same time, while answers take their time.
fn together(world: &World, clients: &[(&Client, SilentRequest<'static>)]) -> Vec<Result<AuthenticationResult, Error>> {
    let mut pool = LocalPool::new();
    world.browser.network().hold();
    let mut calls = Vec::new();
    for (client, request) in clients {
        let (client, request) = ((*client).clone(), request.clone());
        let call = async move { client.acquire_silent(&request).await };
        calls.push(pool.spawner().spawn_local_with_handle(call).expect("the pool is there"));
    }
    pool.run_until_stalled();
    world.browser.network().release();
    pool.run_until_stalled();
    calls.into_iter().map(|call| call.now_or_never().expect("it is done")).collect()
}

fn tokens(outcomes: Vec<Result<AuthenticationResult, Error>>) -> Vec<String> {
    outcomes.into_iter().map(|outcome| access_token(&outcome.expect("a token")).to_owned()).collect()
}

#[test]
fn calls_at_once_in_a_tab_are_one_request() {
    for request in [notes(), forced()] {
        let (world, server) = scene("sessionStorage");
        let client = world.client();
        let calls = [(&client, request.clone()), (&client, request.clone()), (&client, request)];
        assert_eq!(tokens(together(&world, &calls)), ["access-2"; 3]);
        assert_eq!(server.counts(), (1, 0));
    }
}

#[test]
fn tabs_at_once_are_one_request() {
    for request in [notes(), forced()] {
        let (world, server) = scene("localStorage");
        let tab = world.browser.new_tab(PAGE);
        let (one, other) = (world.client(), world.client_in(&tab));
        let calls = [(&one, request.clone()), (&other, request)];
        assert_eq!(tokens(together(&world, &calls)), ["access-2"; 2]);
        assert_eq!(server.counts(), (1, 0));
    }
}

#[test]
fn clients_of_a_page_at_once_are_one_request() {
    let (world, server) = scene("sessionStorage");
    let (one, other) = (world.client(), world.client());
    assert_eq!(tokens(together(&world, &[(&one, notes()), (&other, notes())])), ["access-2"; 2]);
    assert_eq!(server.counts(), (1, 0));
    // For different permissions they take turns.
    world.browser.pass(3600);
    let more = wanting(&["notes.read", "notes.write"]);
    assert_eq!(tokens(together(&world, &[(&one, notes()), (&other, more)])), ["access-3", "access-4"]);
    assert_eq!(server.counts(), (3, 0));
}

#[test]
fn a_call_that_is_given_up_in_the_queue_holds_up_nobody() {
    let (world, server) = scene("localStorage");
    let tabs = [world.browser.new_tab(PAGE), world.browser.new_tab(PAGE)];
    let clients = [world.client(), world.client_in(&tabs[0]), world.client_in(&tabs[1])];
    let mut pool = LocalPool::new();
    world.browser.network().hold();
    let mut calls = Vec::new();
    for client in &clients {
        let client = client.clone();
        let call = async move { client.acquire_silent(&forced()).await };
        calls.push(pool.spawner().spawn_local_with_handle(call).expect("the pool is there"));
    }
    pool.run_until_stalled();
    drop(calls.remove(1));
    pool.run_until_stalled();
    world.browser.network().release();
    pool.run_until_stalled();
    assert_eq!(
        tokens(calls.into_iter().map(|call| call.now_or_never().expect("it is done")).collect()),
        ["access-2"; 2]
    );
    assert_eq!(server.counts(), (1, 0));
}

#[test]
fn after_a_lost_answer_the_user_is_needed_and_the_token_is_not_sent_again() {
    let lost: [(&str, Change, &str); 7] = [
        ("a server that fails", Box::new(|_| failed_in_the_middle(500)), "server_error"),
        ("a gateway that loses it", Box::new(|_| failed_in_the_middle(502)), "server_error"),
        ("a gateway that gives up", Box::new(|_| failed_in_the_middle(504)), "server_error"),
        ("no answer", Box::new(|_| Err(BrowserError::PostFailed)), "post_request_failed"),
        ("too late", Box::new(|_| Err(BrowserError::TimedOut)), "timed_out"),
        ("another's page", Box::new(|_| Ok(html(200, "<html>"))), "failed_to_parse_response"),
        ("nothing", Box::new(|_| Ok(html(200, ""))), "failed_to_parse_response"),
    ];
    for (what, change, expected) in lost {
        let (world, server) = scene("localStorage");
        *server.change.borrow_mut() = change;
        server.is_thorough.set(true);
        assert_eq!(code(silent(&world.client(), &notes())), expected, "{what}");
        server.recover();
        // On this page and on the next one.
        for client in [world.client(), world.client_in(&world.browser.new_tab(PAGE))] {
            let error = silent(&client, &notes()).expect_err("nobody knows what became of it");
            assert!(matches!(error, Error::InteractionRequired(_)), "{what}: {error:?}");
            assert_eq!(error.code(), "no_tokens_found");
        }
        assert_eq!(server.counts(), (1, 0), "{what}");
        let client = sign_in(&world, &server);
        silent(&client, &forced()).expect("whoever signs in again has another");
        assert_eq!(server.counts(), (2, 0), "{what}");
    }
}

#[test]
fn an_answer_that_is_refused_here_has_used_it_up_as_well() {
    let (world, server) = scene("localStorage");
    server.change(|answer| {
        let mut tokens: Json = serde_json::from_str(answer?.body.expose()).expect("JSON");
        tokens["id_token"] = json!("none.at.all");
        Ok(http(200, &tokens))
    });
    assert_eq!(code(silent(&world.client(), &notes())), "token_parsing_error");
    server.recover();
    assert_eq!(code(silent(&world.client(), &notes())), "no_tokens_found");
    assert_eq!(server.counts(), (1, 0));
}

#[test]
fn a_page_that_goes_while_it_waits_leaves_word() {
    let (world, server) = scene("localStorage");
    let mut pool = LocalPool::new();
    world.browser.network().hold();
    let client = world.client();
    let call = async move { client.acquire_silent(&notes()).await };
    let call = pool.spawner().spawn_local_with_handle(call).expect("the pool is there");
    pool.run_until_stalled();
    drop(call);
    pool.run_until_stalled();
    world.browser.network().release();
    assert_eq!(code(silent(&world.client(), &notes())), "no_tokens_found");
    assert_eq!(server.counts(), (1, 0));
}

#[test]
fn what_the_server_says_it_did_not_use_is_kept() {
    let error = |error: &str| json!({ "error": error });
    let table = [
        (503, error("temporarily_unavailable")),
        (429, json!("busy")),
        (400, error("invalid_scope")),
        (400, error("consent_required")),
        (400, error("interaction_required")),
    ];
    for (status, body) in table {
        let (world, server) = scene("localStorage");
        let answer = http(status, &body);
        server.change(move |_| Ok(answer.clone()));
        silent(&world.client(), &notes()).expect_err("it is refused");
        server.recover();
        assert!(silent(&world.client(), &notes()).is_ok(), "{status} {body}");
        assert_eq!(server.counts(), (2, 0));
    }
}

#[test]
fn without_a_network_it_is_not_sent() {
    let (world, server) = scene("localStorage");
    world.browser.set_online(false);
    assert_eq!(code(silent(&world.client(), &notes())), "no_network_connectivity");
    world.browser.set_online(true);
    assert!(silent(&world.client(), &notes()).is_ok());
    assert_eq!(server.counts(), (1, 0));
}

#[test]
fn once_it_is_marked_nothing_else_is_asked_before_it_is_sent() {
    let (world, server) = scene("localStorage");
    let (client, request) = (world.client(), notes());
    world.browser.turns().begin();
    let mut call = Box::pin(client.acquire_silent(&request));
    let mut points = Vec::new();
    let outcome = loop {
        if let Some(outcome) = call.as_mut().now_or_never() {
            break outcome;
        }
        points.push(world.browser.turns().take_last());
        if points.ends_with(&["seal"]) {
            // The server's keys are of the future now, and will be asked for anew.
            world.browser.turn_back(7_200);
        }
    };
    outcome.expect("a token");
    let sealed = points.iter().position(|point| *point == "seal").expect("it is marked");
    assert_eq!(points[sealed + 1], "post", "{points:?}");
    assert_eq!(server.counts(), (1, 0));
}

#[test]
fn calls_for_several_apis_take_turns() {
    for location in ["localStorage", "memoryStorage"] {
        let world = world_keeping_in(location, &json!({}), &json!({}));
        let server = Server::of(&world);
        let client = sign_in(&world, &server);
        let outcomes = together(&world, &["api://a/read", "api://b/read"].map(|api| (&client, wanting(&[api]))));
        assert!(outcomes.iter().all(Result::is_ok), "{location}: {outcomes:?}");
        assert_eq!(server.counts(), (2, 0), "{location}");
    }
}

#[test]
fn the_platform_s_may_be_sent_again() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.pass(7200);
    world.server.fail(BrowserError::PostFailed);
    assert_eq!(code(silent(&client, &wanting(&["User.Read"]))), "post_request_failed");
    world.server.recover();
    assert!(silent(&client, &wanting(&["User.Read"])).is_ok());
}

#[test]
fn a_mark_that_somebody_has_spoilt_is_none() {
    let config = json!({ "auth": { "clientId": CLIENT_ID, "authority": ISSUER }, "system": { "protocolMode": "OIDC" },
        "cache": { "cacheLocation": "localStorage", "encryption": false } });
    for (mark, expected) in [("true", false), ("false", true), ("1", true), ("null", true), ("{}", true)] {
        let (world, _server) = scene("localStorage");
        let dump = opened(&world.browser.local().dump());
        let marked = dump.into_iter().map(|(key, text)| {
            let is_account = key.contains("|account|");
            (key, if is_account { text.replacen('{', &format!("{{\"isSpent\":{mark},"), 1) } else { text })
        });
        world.browser.local().restore(&marked.collect());
        let config = dictionary::config(&value(&config)).expect("the configuration is right");
        let client = Rc::new(PublicClient::new(world.browser.clone(), config).expect("there is storage"));
        assert_eq!(silent(&client, &notes()).is_ok(), expected, "{mark}");
    }
}
