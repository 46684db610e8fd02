//! What was refused is not asked again, unless the app says so.

use crate::{
    browser::{TODAY, field, http},
    guard::{again, asks, come_back, come_back_with, signed_in},
    server::ALICE,
    world::{World, acquiring, asking, code, literal, named, now, query, set, silent, wanting},
};
use consentry::{
    cache::Standing,
    client::{AdminConsentRequest, Interaction, RedirectRequest, SilentRequest},
    error::{Error, Outcome},
    protocol::Prompt,
};
use serde_json::json;

const CLAIMS: &str = r#"{"access_token":{"acrs":{"essential":true,"value":"c1"}}}"#;

/// Alice, who has declined Mail.Read.
fn declined() -> World {
    let world = signed_in();
    let error = world.refused(&acquiring(&["Mail.Read", "User.Read"]), "access_denied", "65004");
    assert_eq!(error.outcome(), Some(Outcome::Declined));
    world.browser.network().take_sent();
    world
}

#[test]
fn what_was_declined_is_not_asked_again_unless_the_app_says_so() {
    let mail = || acquiring(&["Mail.Read"]);
    let extra = || RedirectRequest { extra_scopes: set(&["MAIL.read"]), ..acquiring(&["api://orders/Read"]) };
    let requests: [(RedirectRequest<'_>, bool); 11] = [
        (mail(), false),
        (acquiring(&["mail.read", "Files.Read"]), false),
        (acquiring(&["https://graph.microsoft.com/Mail.Read", "User.Read"]), false),
        (extra(), false),
        (RedirectRequest { account: Some(named(ALICE.name)), ..mail() }, false),
        (RedirectRequest { claims: Some("{}"), ..mail() }, false),
        (RedirectRequest { ask_again: true, ..mail() }, true),
        (RedirectRequest { ask_again: true, ..extra() }, true),
        (RedirectRequest { prompt: Some(Prompt::CONSENT), ..mail() }, true),
        (RedirectRequest { prompt: Some(Prompt::NONE), ..mail() }, true),
        (acquiring(&["Files.Read"]), true),
    ];
    for (request, is_asked) in requests {
        for is_active in [false, true] {
            let world = declined();
            world.browser.set_user_active(is_active);
            assert_eq!(asks(&world, &request), is_asked, "click: {is_active}, {request:?}");
        }
    }
}

#[test]
fn a_refusal_that_stands_says_what_it_is_about() {
    let world = declined();
    let Err(Error::Server(reply)) = now(world.client().begin_redirect(&acquiring(&["Mail.Read", "Files.Read"]))) else {
        panic!("nobody is asked")
    };
    assert_eq!(reply.outcome, Some(Outcome::Declined));
    assert_eq!(literal(&reply.missing), json!({ "https://graph.microsoft.com": ["Mail.Read"] }));
    assert!(reply.description().contains("askAgain"));
}

#[test]
fn signing_in_by_itself_does_not_ask_for_it_either() {
    for is_active_account in [false, true] {
        let world = declined();
        if is_active_account {
            world.client().set_active_account(Some(named(ALICE.name))).expect("Alice is signed in");
        }
        assert!(!asks(&world, &asking(&["Mail.Read"])), "active account: {is_active_account}");
        assert!(asks(&world, &asking(&["User.Read"])), "what was granted before was not declined with it");
        assert!(asks(&world, &RedirectRequest { ask_again: true, ..asking(&["Mail.Read"]) }));
    }
}

#[test]
fn what_was_declined_when_signing_in_is_not_asked_for_otherwise_by_itself() {
    let world = signed_in();
    world.refused(&asking(&["Mail.Send"]), "access_denied", "65004");
    world.browser.network().take_sent();
    for scopes in [&["Mail.Send"][..], &["mail.send", "Files.Read"]] {
        assert!(!asks(&world, &acquiring(scopes)), "{scopes:?}");
    }
    let left = world.browser.left().len();
    let results = now(world.client().acquire_tokens(&acquiring(&["Mail.Send"]), true)).expect("a result");
    let outcome = results[0].1.as_ref().err().and_then(Error::outcome);
    assert_eq!((outcome, world.browser.left().len()), (Some(Outcome::Declined), left));
    world.browser.network().take_sent();
    assert!(asks(&world, &acquiring(&["Files.Read"])));
    world.browser.set_user_active(true);
    assert!(asks(&world, &acquiring(&["Mail.Send"])), "it is not known whether Alice declined, and she clicks");
}

#[test]
fn what_was_taken_back_and_then_declined_is_not_asked_again() {
    let world = signed_in();
    world.server.revoke("User.Read");
    let error = world.refused(&acquiring(&["User.Read"]), "access_denied", "65004");
    let told = literal(&error.record("c").finish());
    assert_eq!(told["missingScopes"], json!({ "https://graph.microsoft.com": ["User.Read"] }));
    world.browser.network().take_sent();
    for is_active in [false, true] {
        world.browser.set_user_active(is_active);
        assert!(!asks(&world, &acquiring(&["User.Read"])), "click: {is_active}");
    }
}

#[test]
fn a_declined_sign_in_is_not_begun_again_without_a_click() {
    let world = World::new();
    world.browser.set_user_active(false);
    assert_eq!(world.refused(&asking(&["User.Read"]), "access_denied", "65004").outcome(), Some(Outcome::Declined));
    world.browser.network().take_sent();
    let select = RedirectRequest { prompt: Some(Prompt::SELECT_ACCOUNT), ..asking(&[]) };
    for request in [asking(&["User.Read"]), asking(&[]), acquiring(&["Mail.Read"]), select] {
        assert!(!asks(&world, &request), "{request:?}");
    }
    assert!(asks(&world, &RedirectRequest { prompt: Some(Prompt::NONE), ..asking(&[]) }), "nobody is asked anything");
    let world = World::new();
    world.refused(&asking(&["User.Read"]), "access_denied", "65004");
    assert!(asks(&world, &asking(&["User.Read"])), "a person who clicks wants to");
}

#[test]
fn a_policy_is_not_met_again_without_a_click() {
    let blocked = || {
        let world = signed_in();
        let error = world.refused(&acquiring(&["Mail.Read"]), "access_denied", "53003");
        assert_eq!(error.outcome(), Some(Outcome::Blocked));
        world.browser.network().take_sent();
        world
    };
    for request in [acquiring(&["Mail.Read"]), acquiring(&["mail.read", "Files.Read"]), asking(&["Mail.Read"])] {
        let world = blocked();
        assert!(!asks(&world, &request), "{request:?}");
        assert!(asks(&world, &RedirectRequest { ask_again: true, ..request }));
    }
    for request in [acquiring(&["Files.Read"]), asking(&[])] {
        assert!(asks(&blocked(), &request), "it says nothing of others: {request:?}");
    }
    let plan = blocked().client().plan(&set(&["Mail.Read"]), None).expect("a plan");
    assert_eq!(format!("{:?}", plan.interaction), "Consent", "it is no decision about this permission");
}

#[test]
fn what_needs_an_administrator_is_not_asked_of_the_user_again() {
    let world = signed_in();
    world.refused(&acquiring(&["User.Read.All", "Mail.Read"]), "access_denied", "90094");
    for is_active in [false, true] {
        world.browser.set_user_active(is_active);
        world.browser.network().take_sent();
        assert!(!asks(&world, &acquiring(&["User.Read.All", "Mail.Read"])), "click: {is_active}");
        assert!(!asks(&world, &acquiring(&["Files.Read", "Mail.Read", "user.read.all"])), "click: {is_active}");
        assert!(asks(&world, &acquiring(&["Mail.Read"])), "a part of it may do without; click: {is_active}");
        assert!(asks(&world, &asking(&["Mail.Read"])), "also to sign in; click: {is_active}");
        assert_eq!(asks(&world, &asking(&["Mail.Read", "User.Read.All"])), is_active, "who clicks may be another");
        world.browser.network().take_sent();
    }
    world.browser.pass(3_599);
    assert!(!asks(&world, &acquiring(&["User.Read.All", "Mail.Read"])));
    world.browser.pass(1);
    assert!(
        asks(&world, &acquiring(&["User.Read.All", "Mail.Read"])),
        "an administrator may have granted it meanwhile"
    );
}

#[test]
fn what_an_administrator_granted_in_part_leaves_the_rest_to_be_asked_for() {
    let world = signed_in();
    world.refused(&acquiring(&["User.Read.All", "Mail.Read"]), "access_denied", "90094");
    let link = AdminConsentRequest { scopes: set(&["User.Read.All"]), ..AdminConsentRequest::default() };
    world.server.admin_consent(&world.client().admin_consent_url(&link).expect("a link"));
    silent(&world.client(), &wanting(&["User.Read.All"])).expect("it is granted, and this app was not told");
    world.browser.network().take_sent();
    for scopes in [&["Mail.Read"][..], &["Mail.Read", "User.Read.All"]] {
        assert!(asks(&world, &acquiring(scopes)), "{scopes:?}");
        let plan = world.client().plan(&set(scopes), None).expect("a plan");
        assert_eq!(plan.interaction, Interaction::Consent, "{scopes:?}");
    }
}

#[test]
fn a_challenge_is_put_to_the_user_whatever_needed_an_administrator() {
    let needing_one = || {
        let world = signed_in();
        world.refused(&acquiring(&["User.Read.All"]), "access_denied", "90094");
        world.browser.network().take_sent();
        world.browser.set_user_active(true);
        world
    };
    let challenged = || RedirectRequest { claims: Some(CLAIMS), ..acquiring(&["User.Read.All"]) };
    let world = needing_one();
    assert!(!asks(&world, &acquiring(&["User.Read.All"])));
    assert!(asks(&world, &challenged()), "there is more to ask than consent, which may be given by now");
    let answer = http(400, &json!({ "error": "interaction_required", "suberror": "basic_action", "claims": CLAIMS }));
    for request in [challenged(), acquiring(&["User.Read.All"])] {
        let world = needing_one();
        world.server.answer(answer.clone());
        let left = world.browser.left().len();
        let results = now(world.client().acquire_tokens(&request, true)).expect("a result");
        assert_eq!(world.browser.left().len(), left + 1, "{request:?}: {results:?}");
        assert_eq!(field(&query(&world.browser.left()[left].url), "claims"), CLAIMS);
    }
}

#[test]
fn what_needed_an_administrator_hides_no_decline() {
    let world = declined();
    world.refused(&again(&["Mail.Read", "User.Read.All"]), "access_denied", "90094");
    for seconds in [0, 3_599, 3_600, 86_400 * 365] {
        world.browser.pass(seconds);
        for is_active in [false, true] {
            world.browser.set_user_active(is_active);
            world.browser.network().take_sent();
            for scopes in [&["Mail.Read"][..], &["Mail.Read", "User.Read.All"]] {
                assert!(!asks(&world, &acquiring(scopes)), "{seconds} {scopes:?}, click: {is_active}");
            }
        }
    }
    assert!(asks(&world, &acquiring(&["User.Read.All"])), "an administrator may have granted it meanwhile");
}

#[test]
fn tokens_for_several_apis_ask_for_nothing_that_was_declined() {
    let world = declined();
    let left = world.browser.left().len();
    let request = acquiring(&["User.Read", "Mail.Read"]);
    let results = now(world.client().acquire_tokens(&request, true)).expect("a result");
    let outcomes: Vec<_> = results.iter().map(|(_, result)| result.as_ref().err().and_then(Error::outcome)).collect();
    assert_eq!((outcomes, world.browser.left().len()), (vec![Some(Outcome::Declined)], left));
    let prompted = RedirectRequest { prompt: Some(Prompt::CONSENT), ..request.clone() };
    for (request, left) in [(RedirectRequest { ask_again: true, ..request }, left + 1), (prompted, left + 2)] {
        now(world.client().acquire_tokens(&request, true)).expect("a result");
        assert_eq!(world.browser.left().len(), left, "{request:?}");
    }
}

#[test]
fn an_answer_that_the_user_did_not_give_is_no_refusal() {
    for error in ["login_required", "interaction_required", "consent_required", "access_denied"] {
        let world = signed_in();
        let request = RedirectRequest { prompt: Some(Prompt::NONE), ..acquiring(&["Mail.Read"]) };
        come_back_with(&world, &world.client(), &request, error).expect("the page is left");
        assert!(asks(&world, &acquiring(&["Mail.Read"])) && asks(&world, &asking(&["Mail.Read"])), "{error}");
    }
    for error in ["server_error", "temporarily_unavailable", "interaction_required", "invalid_request"] {
        let world = signed_in();
        come_back_with(&world, &world.client(), &acquiring(&["Mail.Read"]), error).expect("the page is left");
        assert!(asks(&world, &acquiring(&["Mail.Read"])), "{error} decides nothing");
    }
}

#[test]
fn nothing_is_sent_for_what_is_refused_not_even_for_metadata() {
    let world = declined();
    let mut session = world.browser.session().dump();
    session.retain(|key, _| !key.contains("|metadata|"));
    world.browser.session().restore(&session);
    assert!(!asks(&world, &acquiring(&["Mail.Read"])));
    let outcome = silent(&world.client(), &SilentRequest { force_refresh: true, ..wanting(&["Mail.Read"]) });
    assert_eq!(code(outcome), "invalid_grant", "what asks nobody may see whether it is granted meanwhile");
    assert_eq!(world.token_requests().len(), 1);
}

#[test]
fn what_was_declined_stays_declined() {
    let world = declined();
    world.browser.pass(86_400 * 365);
    assert!(!asks(&world, &acquiring(&["Mail.Read"])), "a year later");
    let plan = world.client().plan(&set(&["Mail.Read"]), None).expect("a plan");
    let wanted = set(&["Mail.Read"]);
    let scope = wanted.iter().next().expect("a scope");
    assert_eq!(plan.standing(scope), Standing::Declined(TODAY), "since then");
    come_back(&world, &world.client(), &again(&["Mail.Read"])).expect("the user consents");
    assert!(asks(&world, &acquiring(&["Mail.Read"])), "until it is granted");
}

#[test]
fn another_interaction_in_between_forgets_no_decline() {
    for is_active_account in [false, true] {
        let world = declined();
        if is_active_account {
            world.client().set_active_account(Some(named(ALICE.name))).expect("Alice is signed in");
        }
        come_back(&world, &world.client(), &acquiring(&["Files.Read"])).expect("it is granted");
        world.browser.network().take_sent();
        assert!(!asks(&world, &acquiring(&["Mail.Read"])));
        assert!(!asks(&world, &asking(&["Mail.Read"])), "active account: {is_active_account}");
    }
}

#[test]
fn asking_the_server_alone_in_between_forgets_no_refusal() {
    let none = |scopes: &[&str]| RedirectRequest { prompt: Some(Prompt::NONE), ..asking(scopes) };
    for error in ["login_required", "consent_required", "access_denied"] {
        let world = declined();
        come_back_with(&world, &world.client(), &none(&["Mail.Read"]), error).expect("nobody is asked anything");
        world.browser.network().take_sent();
        assert!(!asks(&world, &asking(&["Mail.Read"])), "declined, then {error}");
        let world = signed_in();
        world.refused(&acquiring(&["Mail.Read"]), "access_denied", "53003");
        come_back_with(&world, &world.client(), &none(&["Mail.Read"]), error).expect("nobody is asked anything");
        world.browser.network().take_sent();
        assert!(!asks(&world, &acquiring(&["Mail.Read"])), "blocked, then {error}");
    }
}
