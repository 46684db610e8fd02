//! Silent sign-in in a hidden frame: what it brings, what it is tried for, and that nothing comes of it that the user's own sign-in
//! would not allow.

mod answers;
mod requests;

use crate::{
    browser::{Pairs, field},
    server::{ALICE, AUTHORITY, CLIENT_ID, User},
    world::{
        Client, REDIRECT_URI, World, access_token, asking, code, finish, fragment, named, now, query, silent,
        usernames, wanting,
    },
};
use consentry::{
    client::{AuthenticationResult, RedirectRequest, SilentRequest},
    error::{BrowserError, Error},
    json::Value,
    protocol::Prompt,
};
use futures::{FutureExt, executor::LocalPool, task::LocalSpawnExt};
use serde_json::{Value as Json, json};
use std::rc::Rc;

/// An app whose users get no refresh tokens, and Alice, whose token has ended.
fn scene_in(location: &str, system: &Json) -> (World, Client) {
    let auth = json!({ "clientId": CLIENT_ID, "authority": AUTHORITY, "redirectUri": "/blank" });
    let cache = json!({ "cacheLocation": location });
    let world = World::configured(json!({ "auth": auth, "cache": cache, "system": system }));
    world.server.change_tokens(|tokens| tokens["refresh_token"] = Json::Null);
    let request = RedirectRequest { redirect_uri: Some(REDIRECT_URI), ..asking(&["User.Read"]) };
    world.visit_server(&world.client(), &request, REDIRECT_URI);
    let client = world.client();
    finish(&client).expect("the sign-in succeeds").expect("there was a response");
    world.browser.pass(7200);
    world.browser.network().take_sent();
    (world, client)
}

fn scene() -> (World, Client) {
    scene_in("sessionStorage", &json!({}))
}

/// The server answers frames from its session with somebody.
fn answer_for(world: &World, user: User) {
    let server = Rc::clone(&world.server);
    server.set_user(user);
    world.browser.set_frames(move |url| Ok(fragment(&server.authorize(url))));
}

/// The server answers frames like this.
fn answer_with(world: &World, answer: impl Fn(&str) -> Pairs + 'static) {
    world.browser.set_frames(move |url| Ok(fragment(&answer(url))));
}

fn refuse(world: &World, error: &str) {
    let (server, error) = (Rc::clone(&world.server), error.to_owned());
    answer_with(world, move |url| server.refuse_authorization(url, &error, "50058"));
}

fn mail<'a>() -> SilentRequest<'a> {
    wanting(&["User.Read"])
}

fn sso<'a>() -> RedirectRequest<'a> {
    RedirectRequest { prompt: Some(Prompt::NONE), ..asking(&["User.Read"]) }
}

fn sso_silent(client: &Client, request: &RedirectRequest<'_>) -> Result<AuthenticationResult, Error> {
    now(client.sso_silent(request))
}

fn frames(world: &World) -> usize {
    world.browser.take_framed().len()
}

#[test]
fn a_token_comes_of_the_server_s_session_where_no_refresh_token_is_left() {
    let (world, client) = scene();
    answer_for(&world, ALICE);
    let before = world.stored();
    let result = silent(&client, &mail()).expect("a token");
    assert_eq!((result.account.username(), result.from_cache), (ALICE.name, false));
    let asked = query(&world.browser.take_framed().pop().expect("a frame"));
    assert_eq!((field(&asked, "prompt"), field(&asked, "login_hint")), ("none", ALICE.name));
    assert_eq!(field(&asked, "redirect_uri"), "https://app.example/blank");
    assert_eq!(field(&asked, "scope"), "User.Read openid profile offline_access");
    assert_eq!(field(&asked, "client-request-id"), "correlation-silent");
    let sent = world.token_requests();
    assert_eq!(sent.iter().map(|sent| sent.field("grant_type")).collect::<Vec<_>>(), ["authorization_code"]);
    assert!(world.browser.left().len() == 1 && client.accounts(named(ALICE.name)).len() == 1);
    let hit = silent(&world.client(), &mail()).expect("a token");
    assert!(hit.from_cache && access_token(&hit) == access_token(&result));
    let keys = |stored: &[crate::browser::Dump; 2]| stored[0].keys().cloned().collect::<Vec<_>>();
    assert_eq!(keys(&world.stored()), keys(&before), "nothing is left of the request");
}

#[test]
fn a_refresh_token_that_comes_along_is_kept() {
    let (world, client) = scene();
    world.server.change_tokens(|_| {});
    answer_for(&world, ALICE);
    silent(&client, &mail()).expect("a token");
    world.browser.pass(7200);
    silent(&client, &mail()).expect("a token");
    let grants: Vec<_> = world.token_requests().iter().map(|sent| sent.field("grant_type").to_owned()).collect();
    assert_eq!(grants, ["authorization_code", "refresh_token"]);
    assert_eq!(frames(&world), 1);
}

#[test]
fn it_is_tried_for_what_a_session_can_mend_and_for_nothing_else() {
    let table = [
        (("invalid_grant", ""), true),
        (("invalid_grant", "bad_token"), true),
        (("invalid_grant", "token_expired"), true),
        (("invalid_grant", "consent_required"), false),
        (("invalid_grant", "basic_action"), false),
        (("interaction_required", ""), false),
        (("server_error", ""), false),
        (("invalid_client", ""), false),
    ];
    for ((error, suberror), expected) in table {
        let world = World::new();
        let (client, _) = world.sign_in(&["User.Read"]);
        world.browser.pass(7200);
        world.server.refuse(error, suberror);
        let server = Rc::clone(&world.server);
        world.browser.set_frames(move |url| {
            server.recover();
            Ok(fragment(&server.authorize(url)))
        });
        assert_eq!(silent(&client, &mail()).is_ok(), expected, "{error} {suberror}");
        assert_eq!(frames(&world), usize::from(expected), "{error} {suberror}");
    }
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.pass(7200);
    world.server.fail(BrowserError::PostFailed);
    assert_eq!(code(silent(&client, &mail())), "post_request_failed");
    assert_eq!(frames(&world), 0);
}

#[test]
fn it_is_not_tried_without_a_network_nor_where_the_app_does_not_want_it() {
    let (world, client) = scene();
    answer_for(&world, ALICE);
    world.browser.set_online(false);
    assert_eq!(code(silent(&client, &mail())), "no_tokens_found");
    let (other, client) = scene_in("sessionStorage", &json!({ "allowSilentFrame": false }));
    answer_for(&other, ALICE);
    assert_eq!(code(silent(&client, &mail())), "no_tokens_found");
    assert_eq!((frames(&world), frames(&other)), (0, 0));
    sso_silent(&client, &sso()).expect("what the app itself asks for is another matter");
}

#[test]
fn where_the_user_is_needed_it_is_the_first_error_that_is_told() {
    for error in
        ["login_required", "interaction_required", "account_selection_required", "server_error", "access_denied"]
    {
        let (world, client) = scene();
        refuse(&world, error);
        let before = world.stored();
        let told = silent(&client, &mail()).expect_err("the user is needed");
        assert!(matches!(told, Error::InteractionRequired(_)), "{error}: {told:?}");
        assert_eq!(told.code(), "no_tokens_found", "{error}");
        assert_eq!(world.stored(), before, "{error}: nothing is noted, neither a refusal nor an interaction");
        silent(&client, &mail()).expect_err("the user is needed");
        assert_eq!(frames(&world), 2, "the server answered: it may answer otherwise the next time");
        // Nobody has declined anything.
        world.browser.set_user_active(false);
        now(client.begin_redirect(&asking(&["User.Read"]))).expect("the user may be asked");
    }
}

#[test]
fn what_is_to_be_consented_to_is_told() {
    let (world, client) = scene();
    refuse(&world, "consent_required");
    let error = silent(&client, &mail()).expect_err("the user is needed");
    assert_eq!((error.code(), error.class().name()), ("consent_required", "ConsentRequiredError"));
    let record = error.record("").finish();
    assert!(!matches!(record.member("missingScopes"), None | Some(Value::Null)), "{record:?}");
}

#[test]
fn twenty_silent_sign_ins_in_a_row_are_no_loop_of_interactions() {
    let (world, client) = scene();
    world.browser.set_user_active(false);
    answer_for(&world, ALICE);
    for _ in 0..20 {
        world.browser.pass(7200);
        silent(&client, &mail()).expect("a token");
        sso_silent(&client, &sso()).expect("a token");
    }
    now(client.begin_redirect(&asking(&["User.Read"]))).expect("the user may be asked");
}

#[test]
fn where_nothing_came_it_is_not_tried_again_for_ten_minutes() {
    for error in
        [BrowserError::FrameTimedOut, BrowserError::FrameBlocked, BrowserError::FrameNested, BrowserError::NoWindow]
    {
        let (world, client) = scene();
        world.browser.set_frames(move |_| Err(error));
        let before = world.stored();
        for _ in 0..3 {
            assert_eq!(code(silent(&client, &mail())), "no_tokens_found");
        }
        assert_eq!((frames(&world), world.stored()), (1, before), "{error:?}");
        world.browser.pass(599);
        silent(&client, &mail()).expect_err("not yet");
        assert_eq!(frames(&world), 0);
        world.browser.pass(1);
        answer_for(&world, ALICE);
        silent(&client, &mail()).expect("now it is tried");
        assert_eq!(frames(&world), 1);
    }
    let (world, client) = scene();
    world.browser.set_frames(|_| Err(BrowserError::FrameTimedOut));
    for _ in 0..2 {
        assert_eq!(code(sso_silent(&client, &sso())), "frame_timed_out", "who asks for it is told");
    }
    assert_eq!(frames(&world), 2);
    answer_for(&world, ALICE);
    sso_silent(&client, &sso()).expect("a token");
    world.browser.pass(7200);
    silent(&client, &mail()).expect("what worked is tried again");
}

#[test]
fn where_no_frame_will_do_the_user_is_the_way_out() {
    let table = [
        (BrowserError::FrameTimedOut, true, ("frame_timed_out", "InteractionRequiredAuthError")),
        (BrowserError::FrameBlocked, true, ("frame_blocked", "InteractionRequiredAuthError")),
        // Neither a page that is in a frame itself nor one without a network has anything to ask the user.
        (BrowserError::FrameNested, true, ("block_iframe_reload", "BrowserAuthError")),
        (BrowserError::FrameTimedOut, false, ("no_network_connectivity", "BrowserAuthError")),
    ];
    for (error, is_online, expected) in table {
        let (world, client) = scene();
        let browser = world.browser.clone();
        world.browser.set_frames(move |_| {
            browser.set_online(is_online);
            Err(error)
        });
        let told = sso_silent(&client, &sso()).expect_err("nothing came");
        assert_eq!((told.code(), told.class().name()), expected, "{error:?}");
    }
}

#[test]
fn the_page_in_the_frame_hands_its_answer_over_and_does_nothing_else() {
    let (world, client) = scene();
    let (browser, server, inner) = (world.browser.clone(), Rc::clone(&world.server), world.client());
    world.browser.set_frames(move |url| {
        let text = fragment(&server.authorize(url));
        let outer = crate::world::REDIRECT_URI.to_owned();
        browser.open(&format!("https://app.example/blank#{text}"));
        let before = browser.session().dump();
        let name = field(&query(url), "state").to_owned();
        assert_eq!(inner.answer_for_opener(), Some((name, text.clone())));
        assert!(finish(&inner).expect("it is nobody's answer there").is_none());
        assert!(browser.address().ends_with(&text), "it stays where the page that asked can see it");
        let call = inner.acquire_silent(&mail()).now_or_never();
        // Where tokens are stored, it has to wait until the page that asked is done.
        assert!(call.is_none_or(|outcome| code(outcome) == "no_tokens_found"));
        assert_eq!(browser.session().dump(), before);
        browser.open(&outer);
        Ok(text)
    });
    silent(&client, &mail()).expect("a token");
    world.browser.pass(7200);
    sso_silent(&client, &sso()).expect("a token");
    assert_eq!((frames(&world), world.browser.left().len()), (2, 1), "no frame in the frame");
    // With the request gone it is nobody's.
    world.browser.open("https://app.example/blank#code=1&state=2");
    assert_eq!(client.answer_for_opener(), None);
}

#[test]
fn calls_at_once_are_one_frame() {
    for location in ["sessionStorage", "localStorage", "memoryStorage"] {
        let (world, client) = scene_in(location, &json!({}));
        answer_for(&world, ALICE);
        let tab = if location == "localStorage" { world.client_in(&world.browser) } else { Rc::clone(&client) };
        let mut pool = LocalPool::new();
        world.browser.network().hold();
        let calls = [Rc::clone(&client), Rc::clone(&client), tab].map(|client| {
            let call = async move { client.acquire_silent(&mail()).await };
            pool.spawner().spawn_local_with_handle(call).expect("the pool is there")
        });
        pool.run_until_stalled();
        world.browser.network().release();
        pool.run_until_stalled();
        let tokens = calls.map(|call| call.now_or_never().expect("it is done").expect("a token"));
        assert!(tokens.iter().all(|token| access_token(token) == access_token(&tokens[0])), "{location}");
        assert_eq!((frames(&world), world.token_requests().len()), (1, 1), "{location}");
    }
}

#[test]
fn who_has_signed_out_meanwhile_stays_signed_out() {
    let (world, client) = scene();
    let (server, other) = (Rc::clone(&world.server), world.client());
    world.browser.set_frames(move |url| {
        now(other.clear(None)).expect("it is cleared");
        Ok(fragment(&server.authorize(url)))
    });
    assert_eq!(code(silent(&client, &mail())), "no_account_error");
    assert!(usernames(&client).is_empty());
    let stored = world.stored();
    assert!(
        stored.iter().all(|area| area.keys().all(|key| !key.contains("account") && !key.contains("token"))),
        "{stored:?}"
    );
}

#[test]
fn a_token_that_is_valid_still_is_served_where_no_frame_helps() {
    let (world, client) = scene_in("sessionStorage", &json!({ "tokenRenewalOffsetSeconds": 3600 }));
    answer_for(&world, ALICE);
    silent(&client, &mail()).expect("a token");
    refuse(&world, "login_required");
    assert!(silent(&client, &mail()).expect("the token").from_cache);
    assert_eq!(frames(&world), 2);
}

#[test]
fn what_is_forced_takes_the_place_of_what_was_there() {
    let (world, client) = scene();
    answer_for(&world, ALICE);
    let first = silent(&client, &mail()).expect("a token");
    // A token for less would be preferred, were it still there.
    world
        .server
        .admin_consent(&format!("https://login.example/adminconsent?client_id={CLIENT_ID}&scope=Mail.Read&state=s"));
    let forced = silent(&client, &SilentRequest { force_refresh: true, ..mail() }).expect("a token");
    assert!(forced.token.scopes.len() > first.token.scopes.len());
    assert_eq!(access_token(&silent(&client, &mail()).expect("a token")), access_token(&forced));
}

#[test]
fn a_frame_needs_no_storage() {
    let (world, client) = scene_in("memoryStorage", &json!({}));
    answer_for(&world, ALICE);
    world.browser.session().deny();
    silent(&client, &mail()).expect("a token");
    sso_silent(&client, &sso()).expect("a token");
    assert_eq!(frames(&world), 2);
}
