//! What is known of an account's permissions: what the server said, and not what it was asked for.

use crate::{
    browser::TODAY,
    server::{ALICE, AUTHORITY, BOB, CLIENT_ID},
    world::{Client, PAGE, REDIRECT_URI, World, acquiring, asking, code, finish, named, now, set, silent, wanting},
};
use consentry::{
    cache::{Consent, Standing},
    client::{RedirectRequest, SignOutRequest, SilentRequest},
    error::{Class, Error, Outcome},
    protocol::Prompt,
    scope::ScopeSet,
};
use serde_json::{Value as Json, json};

/// What is known of the only account.
fn known(client: &Client) -> Consent {
    client.plan(&ScopeSet::default(), None).expect("a plan").consent.expect("somebody is signed in")
}

fn granted(client: &Client) -> ScopeSet {
    client.granted(None).expect("one account")
}

/// How one permission stands that is asked for alone.
fn standing(client: &Client, scope: &str) -> Standing {
    let wanted = set(&[scope]);
    let plan = client.plan(&wanted, None).expect("a plan");
    plan.standing(wanted.iter().next().expect("a scope"))
}

fn fresh<'a>(scopes: &[&str]) -> SilentRequest<'a> {
    SilentRequest { force_refresh: true, ..wanting(scopes) }
}

/// The server says this of what it grants from now on.
fn answer(world: &World, scope: Json) {
    world.server.change_tokens(move |tokens| tokens["scope"] = scope.clone());
}

#[test]
fn granted_is_what_the_server_answers_and_not_what_it_was_asked() {
    let mail = "https://graph.microsoft.com/Mail.Read";
    let table: [(&[&str], Json, &[&str]); 9] = [
        (&["User.Read"], json!("User.Read openid"), &["User.Read"]),
        (&["User.Read", "Mail.Read"], json!("User.Read openid"), &["User.Read"]),
        (&["User.Read"], json!("user.read Mail.Read openid"), &["User.Read", mail]),
        (&["User.Read", "openid"], Json::Null, &["User.Read"]),
        (&["User.Read"], json!("openid profile"), &[]),
        (&["User.Read"], json!(""), &["User.Read"]),
        (&["api://orders/Read"], json!("Read api://orders/Write"), &["api://orders/Read", "api://orders/Write"]),
        (&["User.Read"], json!("User.Read \"Mail.Read\" a\\b /x api:// \u{e9}"), &["User.Read"]),
        (&["api://orders/.default"], json!("api://orders/Read"), &["api://orders/Read", "api://orders/.default"]),
    ];
    for (asked, scope, expected) in table {
        let world = World::new();
        answer(&world, scope.clone());
        let (client, _) = world.sign_in(asked);
        assert_eq!(granted(&client), set(expected), "{asked:?} {scope}");
        assert_eq!(granted(&world.client()), set(expected), "after a reload: {asked:?} {scope}");
    }
}

#[test]
fn an_answer_that_names_its_scopes_names_all_of_that_api() {
    let world = World::new();
    world.sign_in(&["api://orders/Read"]);
    let (client, _) = world.sign_in(&["User.Read", "Mail.Read"]);
    answer(&world, Json::Null);
    silent(&client, &fresh(&["User.Read"])).expect("a token");
    assert_eq!(granted(&client), set(&["User.Read", "Mail.Read", "api://orders/Read"]), "it says nothing of the rest");
    answer(&world, json!("User.Read"));
    silent(&client, &fresh(&["User.Read"])).expect("a token");
    assert_eq!(granted(&client), set(&["User.Read", "api://orders/Read"]), "what it does not name is gone");
    assert_eq!(standing(&client, "Mail.Read"), Standing::Unknown, "and nobody declined it");
}

#[test]
fn what_is_left_out_on_the_server_s_pages_was_declined() {
    let world = World::new();
    world.server.untick(&["Mail.Read"]);
    world.browser.pass(7);
    let (client, answer) = world.sign_in(&["User.Read", "Mail.Read"]);
    assert_eq!(answer.result.token.missing, set(&["Mail.Read"]));
    assert_eq!(standing(&client, "mail.read"), Standing::Declined(TODAY + 7));
    assert_eq!(standing(&client, "User.Read"), Standing::Granted);
    assert_eq!(standing(&world.client(), "Mail.Read"), Standing::Declined(TODAY + 7), "after a reload as well");
}

#[test]
fn what_is_left_out_there_beside_another_api_s_was_declined_too() {
    for (seconds, is_declined) in [(0, true), (299, true), (300, false)] {
        let world = World::new();
        world.server.untick(&["api://orders/Read"]);
        let request = RedirectRequest { extra_scopes: set(&["api://orders/Read"]), ..asking(&["User.Read"]) };
        world.visit_server(&world.client(), &request, REDIRECT_URI);
        finish(&world.client()).expect("an answer").expect("a token");
        let client = world.client();
        assert_eq!(standing(&client, "api://orders/Read"), Standing::Unknown, "nothing was said of it yet");
        world.browser.pass(seconds);
        assert!(silent(&client, &wanting(&["api://orders/Read"])).is_err());
        let expected = if is_declined { Standing::Declined(TODAY + seconds) } else { Standing::Unknown };
        assert_eq!(standing(&world.client(), "api://orders/Read"), expected, "after {seconds} seconds");
    }
}

#[test]
fn what_is_left_out_without_the_user_was_not_declined() {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read", "Mail.Read"]);
    answer(&world, json!("User.Read"));
    let result = silent(&client, &fresh(&["User.Read", "Mail.Read"])).expect("a token");
    assert_eq!(result.token.missing, set(&["Mail.Read"]));
    assert_eq!((granted(&client), standing(&client, "Mail.Read")), (set(&["User.Read"]), Standing::Unknown));
}

#[test]
fn what_is_left_out_of_an_answer_to_prompt_none_was_not_declined() {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    answer(&world, json!("User.Read"));
    let request = RedirectRequest { prompt: Some(Prompt::NONE), ..acquiring(&["User.Read", "Mail.Read"]) };
    world.visit_server(&world.client(), &request, REDIRECT_URI);
    let client = world.client();
    finish(&client).expect("an answer").expect("a token");
    assert_eq!(standing(&client, "Mail.Read"), Standing::Unknown, "the user saw no page");
}

/// Alice with two permissions, of which the user or an administrator takes one back.
fn revoked(scope: &str) -> (World, Client) {
    let world = World::new();
    let (client, _) = world.sign_in(&["User.Read", "Mail.Read"]);
    world.server.revoke(scope);
    (world, client)
}

/// What a refused call says is missing, and of what class it is.
fn missing(outcome: Result<impl Sized, Error>) -> (ScopeSet, Class) {
    let Err(error) = outcome else { panic!("it is refused") };
    let class = error.class();
    let (Error::InteractionRequired(reply) | Error::Server(reply)) = error else { panic!("{error:?}") };
    (ScopeSet::read(&reply.missing, "missing").expect("scopes"), class)
}

#[test]
fn what_is_taken_back_is_not_granted_any_more() {
    let (world, client) = revoked("Mail.Read");
    let outcome = silent(&client, &fresh(&["Mail.Read", "User.Read"]));
    assert_eq!(missing(outcome), (set(&["User.Read", "Mail.Read"]), Class::ConsentRequired), "one of them: who knows");
    assert_eq!(granted(&client), set(&[]));
    assert_eq!(standing(&world.client(), "Mail.Read"), Standing::Unknown, "it may be asked for");
    silent(&client, &fresh(&["User.Read"])).expect("this one is still granted");
    assert_eq!(granted(&client), set(&["User.Read"]), "and each answer corrects what is known");
}

#[test]
fn what_is_not_granted_yet_is_what_is_missing() {
    let (_, client) = revoked("User.Read");
    let outcome = silent(&client, &fresh(&["Mail.Read", "Files.Read"]));
    assert_eq!(missing(outcome), (set(&["Files.Read"]), Class::ConsentRequired));
    assert_eq!(granted(&client), set(&["User.Read", "Mail.Read"]), "nothing shows that the others were taken back");
}

#[test]
fn a_consent_that_prompt_none_misses_says_what_is_missing() {
    let (world, _) = revoked("Mail.Read");
    let request = RedirectRequest { prompt: Some(Prompt::NONE), ..acquiring(&["Mail.Read", "Files.Read"]) };
    let outcome: Result<(), _> = Err(world.refused(&request, "consent_required", "65001"));
    assert_eq!(missing(outcome), (set(&["Files.Read"]), Class::ConsentRequired));
}

#[test]
fn a_consent_that_prompt_none_misses_is_not_granted_any_more() {
    let (world, _) = revoked("Mail.Read");
    let request = RedirectRequest { prompt: Some(Prompt::NONE), ..acquiring(&["Mail.Read"]) };
    let outcome: Result<(), _> = Err(world.refused(&request, "consent_required", "65001"));
    assert_eq!(missing(outcome), (set(&["Mail.Read"]), Class::ConsentRequired));
    assert_eq!(granted(&world.client()), set(&["User.Read"]), "each answer corrects what is known");
}

#[test]
fn a_consent_that_a_code_misses_says_what_is_missing() {
    let (world, client) = revoked("User.Read");
    world.visit_server(&client, &acquiring(&["Files.Read"]), REDIRECT_URI);
    world.server.refuse("invalid_grant", "consent_required");
    assert_eq!(missing(finish(&world.client())), (set(&["Files.Read"]), Class::ConsentRequired));
}

#[test]
fn each_account_has_its_own() {
    let world = World::new();
    let (_, _) = world.sign_in(&["User.Read", "Mail.Read"]);
    let client = world.sign_in_as(BOB, &["Files.Read"]);
    let of = |name| client.granted(Some(named(name))).expect("an account");
    assert_eq!((of(ALICE.name), of(BOB.name)), (set(&["User.Read", "Mail.Read"]), set(&["Files.Read"])));
    let request = RedirectRequest { account: Some(named(BOB.name)), ..acquiring(&["Calendars.Read"]) };
    assert_eq!(world.refused(&request, "access_denied", "65004").outcome(), Some(Outcome::Declined));
    let interaction = |name| client.plan(&set(&["Calendars.Read"]), Some(named(name))).expect("a plan").interaction;
    assert_eq!(format!("{:?} {:?}", interaction(ALICE.name), interaction(BOB.name)), "Consent Declined");
}

#[test]
fn each_client_has_its_own() {
    let world = World::keeping_in("localStorage");
    let (client, _) = world.sign_in(&["User.Read"]);
    let auth = json!({ "clientId": format!("{CLIENT_ID}|consent"), "authority": AUTHORITY });
    let other = World::configured(json!({ "auth": auth, "cache": { "cacheLocation": "localStorage" } }));
    assert_eq!(code(other.client_in(&world.browser).granted(None)), "no_account_error");
    assert_eq!(granted(&client), set(&["User.Read"]));
}

/// What is stored of consent.
fn records(world: &World) -> Vec<String> {
    let stored = world.stored().into_iter().flatten();
    stored.filter(|(key, _)| key.contains("|consent|")).map(|(key, _)| key).collect()
}

#[test]
fn it_goes_with_the_account() {
    for location in ["sessionStorage", "localStorage", "memoryStorage"] {
        let world = World::keeping_in(location);
        let (client, _) = world.sign_in(&["User.Read"]);
        now(client.clear(None)).expect("everybody is forgotten");
        assert_eq!(records(&world), [""; 0], "{location}");
        assert_eq!(client.plan(&set(&["User.Read"]), None).expect("a plan").consent, None);
    }
    for leave in [false, true] {
        let world = World::new();
        world.sign_in_as(BOB, &["Files.Read"]);
        let (client, _) = world.sign_in(&["User.Read"]);
        let alice = Some(named(ALICE.name));
        assert_eq!(records(&world).len(), 2);
        if leave {
            now(client.sign_out(SignOutRequest { account: alice, ..SignOutRequest::default() })).expect("signed out");
        } else {
            now(client.clear(alice)).expect("Alice is forgotten");
        }
        assert_eq!((records(&world).len(), granted(&client)), (1, set(&["Files.Read"])), "Bob's is left");
        let (client, _) = world.sign_in(&["Mail.Read"]);
        let again = client.granted(alice).expect("Alice is back");
        assert!(again.contains(set(&["Mail.Read"]).iter().next().expect("a scope")), "known anew from the answer");
    }
}

#[test]
fn other_tabs_know_it() {
    let world = World::keeping_in("localStorage");
    let (_, _) = world.sign_in(&["User.Read"]);
    let other = world.client_in(&world.browser.new_tab(PAGE));
    assert_eq!(granted(&other), set(&["User.Read"]));
    let error = world.refused(&acquiring(&["Mail.Read"]), "access_denied", "65004");
    assert_eq!(error.class(), Class::ConsentDeclined);
    now(other.start()).expect("there is a key");
    assert_eq!(standing(&other, "Mail.Read"), Standing::Declined(TODAY));
    let refused = now(other.begin_redirect(&acquiring(&["Mail.Read"])));
    assert_eq!(refused.expect_err("nobody is asked").outcome(), Some(Outcome::Declined));
    world.visit_server(
        &world.client(),
        &RedirectRequest { ask_again: true, ..acquiring(&["Mail.Read"]) },
        REDIRECT_URI,
    );
    finish(&world.client()).expect("it is granted");
    now(other.start()).expect("there is a key");
    assert_eq!(standing(&other, "Mail.Read"), Standing::Granted);
}

#[test]
fn a_damaged_record_is_read_as_far_as_it_is_sound() {
    let graph = "https://graph.microsoft.com/User.Read";
    let sound = json!({ "scopes": "Mail.Read", "byUser": true, "on": 7 });
    let huge = vec!["a/b"; 20_000].join(" ");
    // What is granted of an API, and the rest: what is known of both then.
    let table: [(&str, String, &[&str], usize); 13] = [
        ("", String::new(), &[], 0),
        ("/ // ://", "null".to_owned(), &[], 0),
        ("\u{0}\n", "[[[[".to_owned(), &[], 0),
        ("openid", json!([graph]).to_string(), &[], 0),
        ("api:// https://", json!({ "refused": "x" }).to_string(), &[], 0),
        ("openid profile", json!({ "refused": [null, 7, [], {}, sound] }).to_string(), &[], 1),
        ("https://graph.microsoft.com/User.Read openid \"x\" // a\u{0}b", String::new(), &["User.Read"], 0),
        (graph, json!({ "refused": [{ "scopes": "", "byUser": true, "on": 7 }] }).to_string(), &["User.Read"], 0),
        ("", json!({ "refused": [{ "scopes": "Mail.Read", "byUser": "yes", "on": 7 }] }).to_string(), &[], 0),
        ("", json!({ "refused": [{ "scopes": "Mail.Read", "byUser": true, "on": -7 }] }).to_string(), &[], 0),
        ("", json!({ "refused": [{ "scopes": "Mail.Read", "byUser": true, "on": 1e300 }] }).to_string(), &[], 0),
        ("", json!({ "refused": vec![sound.clone(); 3] }).to_string(), &[], 3),
        (&huge, json!({ "refused": [sound] }).to_string(), &[], 1),
    ];
    let world = World::new();
    let (_, _) = world.sign_in(&["User.Read"]);
    for (grant, text, expected, refusals) in table {
        let mut damaged = world.browser.session().dump();
        damaged.iter_mut().filter(|(key, _)| key.contains("|consent|")).for_each(|(_, old)| old.clone_from(&text));
        damaged.iter_mut().filter(|(key, _)| key.contains("|grant|")).for_each(|(_, old)| grant.clone_into(old));
        world.browser.session().restore(&damaged);
        let client = world.client();
        assert_eq!((granted(&client), known(&client).refusals.len()), (set(expected), refusals), "{text:.200}");
        let plan = client.plan(&set(&["Mail.Read"]), None).expect("a plan");
        assert_eq!(plan.missing, set(&["Mail.Read"]), "{text:.200}");
        silent(&client, &fresh(&["User.Read"])).expect("nothing depends on it");
        assert_eq!(granted(&client), set(&["User.Read"]), "the next answer corrects it: {text:.200}");
    }
}

#[test]
fn a_record_that_does_not_fit_is_learnt_again() {
    let world = World::new();
    let (_, _) = world.sign_in(&["User.Read"]);
    let url = world.leave(&world.client(), &acquiring(&["Mail.Read"]));
    world.come_back(REDIRECT_URI, &world.server.refuse_authorization(&url, "access_denied", "65004"));
    let client = world.client();
    world.browser.session().set_room(0);
    let error = finish(&client).expect_err("it is refused");
    assert_eq!(error.outcome(), Some(Outcome::Declined), "the app is told all the same");
    assert_eq!(granted(&client), set(&["User.Read"]));
}

#[test]
fn signing_in_again_keeps_what_is_known() {
    let world = World::new();
    world.sign_in(&["api://orders/Read"]);
    let account = Some(named(ALICE.name));
    world.refused(&RedirectRequest { account, ..acquiring(&["Mail.Read"]) }, "access_denied", "65004");
    let (client, _) = world.sign_in(&["User.Read"]);
    assert_eq!(granted(&client), set(&["api://orders/Read", "User.Read"]));
    assert_eq!(standing(&client, "Mail.Read"), Standing::Declined(TODAY));
    let declined = now(client.begin_redirect(&asking(&["Mail.Read"])));
    assert!(declined.is_ok(), "somebody else may want to sign in with it");
}
