//! Nobody is asked over and over by a page that does it by itself.

use crate::{
    server::{AUTHORITY, CLIENT_ID},
    world::{Client, PAGE, REDIRECT_URI, World, acquiring, asking, finish, now, set},
};
use consentry::{
    client::{AdminConsentRequest, RedirectRequest, SignOutRequest},
    error::{Error, UsageError},
    protocol::Prompt,
};
use serde_json::json;

/// Alice with User.Read, on a page that does what follows by itself.
pub(crate) fn signed_in() -> World {
    let world = World::new();
    world.sign_in(&["User.Read"]);
    world.browser.open(PAGE);
    world.browser.set_user_active(false);
    world
}

/// Whether a request leads to the server; if not, nobody notices that it was made.
pub(crate) fn asks(world: &World, request: &RedirectRequest<'_>) -> bool {
    let before = (world.stored(), world.browser.left().len());
    let outcome = now(world.client().begin_redirect(request));
    if let Err(error) = &outcome {
        assert_eq!((world.stored(), world.browser.left().len()), before, "nothing is written");
        assert!(world.browser.network().take_sent().is_empty(), "nothing is sent");
        assert!(matches!(error, Error::Server(_) | Error::Usage(UsageError::InteractionLoop)), "{error:?}");
    }
    outcome.is_ok()
}

/// Loads the page again and again, which by itself does something each time: how often it is let go to the server.
fn rounds(world: &World, mut ask: impl FnMut(&Client, usize) -> Result<(), Error>) -> usize {
    world.browser.set_user_active(false);
    let before = world.browser.left().len();
    for round in 0..40 {
        if let Err(error) = ask(&world.client(), round) {
            assert_eq!(error.code(), "interaction_loop", "in round {round}");
            assert!(world.browser.left().len() - before <= round, "it is not let go once more");
            return round;
        }
    }
    panic!("nothing stops it")
}

/// Is sent to the server, which refuses like this, and comes back.
pub(crate) fn come_back_with(
    world: &World,
    client: &Client,
    request: &RedirectRequest<'_>,
    error: &str,
) -> Result<(), Error> {
    now(client.begin_redirect(request))?;
    let url = world.browser.left().last().expect("the page is left").url.clone();
    world.come_back(REDIRECT_URI, &world.server.refuse_authorization(&url, error, "1"));
    assert!(finish(&world.client()).is_err());
    Ok(())
}

/// Is sent to the server, and comes back with a token.
pub(crate) fn come_back(world: &World, client: &Client, request: &RedirectRequest<'_>) -> Result<(), Error> {
    now(client.begin_redirect(request))?;
    let url = world.browser.left().last().expect("the page is left").url.clone();
    world.come_back(REDIRECT_URI, &world.server.authorize(&url));
    finish(&world.client()).map(|_| ())
}

pub(crate) fn again<'a>(scopes: &[&str]) -> RedirectRequest<'a> {
    RedirectRequest { ask_again: true, ..acquiring(scopes) }
}

#[test]
fn a_page_that_asks_by_itself_is_stopped_whatever_it_asks() {
    let mail = ["Mail.Read"];
    let spellings: [&[&str]; 4] = [
        &["Mail.Read", "Files.Read"],
        &["files.READ", "mail.read"],
        &["https://graph.microsoft.com/mail.read"],
        &["api://orders/Read"],
    ];
    type Round = fn(&World, &Client, usize, &[&[&str]; 4]) -> Result<(), Error>;
    let pages: [(&str, Round); 9] = [
        ("signs in", |world, client, _, _| come_back(world, client, &asking(&["User.Read"]))),
        ("asks again", |world, client, _, _| come_back_with(world, client, &again(&["Mail.Read"]), "access_denied")),
        ("spells it differently", |world, client, round, spellings| {
            come_back_with(world, client, &again(spellings[round % 4]), "access_denied")
        }),
        ("asks for consent", |world, client, _, _| {
            let request = RedirectRequest { prompt: Some(Prompt::CONSENT), ..acquiring(&["Mail.Read"]) };
            come_back_with(world, client, &request, "access_denied")
        }),
        ("signs in and asks", |world, client, round, _| {
            let request = if round % 2 == 0 { again(&["Mail.Read"]) } else { asking(&["User.Read"]) };
            come_back_with(world, client, &request, "server_error")
        }),
        ("shows nothing", |world, client, _, _| {
            let request = RedirectRequest { prompt: Some(Prompt::NONE), ..asking(&["User.Read"]) };
            come_back_with(world, client, &request, "login_required")
        }),
        ("asks an administrator in between", |world, client, round, _| {
            let request = AdminConsentRequest { scopes: set(&["User.Read.All"]), ..AdminConsentRequest::default() };
            if round % 2 == 0 {
                now(client.begin_admin_consent(&request))
            } else {
                come_back(world, client, &asking(&[]))
            }
        }),
        ("does not come back", |_, client, _, _| now(client.begin_redirect(&again(&["Mail.Read"])))),
        ("forgets everything first", |world, client, _, _| {
            now(client.clear(None))?;
            come_back(world, client, &asking(&["User.Read"]))
        }),
    ];
    for (what, round) in pages {
        let world = signed_in();
        let begun = rounds(&world, |client, at| round(&world, client, at, &spellings));
        assert_eq!(begun, 4, "a page that {what}: with the sign-in, which was a click, five");
        world.browser.network().take_sent();
        assert!(!asks(&world, &again(&mail)) && !asks(&world, &asking(&[])), "a page that {what} stays where it is");
        world.browser.pass(300);
        assert!(asks(&world, &again(&mail)), "until some time has passed");
    }
}

#[test]
fn tokens_for_several_apis_end_in_a_loop_s_error_and_keep_what_is_there() {
    let world = signed_in();
    let request = again(&["User.Read", "api://orders/Read"]);
    for _ in 0..4 {
        assert!(now(world.client().acquire_tokens(&request, true)).is_ok());
    }
    let left = world.browser.left().len();
    let results = now(world.client().acquire_tokens(&request, true)).expect("a result");
    assert!(results[0].1.is_ok(), "the token that is there is had");
    assert_eq!(results[1].1.as_ref().err().map(Error::code), Some("interaction_loop"));
    assert_eq!(world.browser.left().len(), left);
}

/// Does something to what is kept of interactions.
fn damage(world: &World, damage: impl Fn(&mut String)) {
    let mut session = world.browser.session().dump();
    session.iter_mut().filter(|(key, _)| key.contains("|interactions")).for_each(|(_, text)| damage(text));
    world.browser.session().restore(&session);
}

#[test]
fn no_clock_and_no_damage_keeps_a_loop_going() {
    type Fiddle = fn(&World, usize);
    let fiddles: [(&str, Fiddle); 10] = [
        ("slowly", |world, _| world.browser.pass(59)),
        ("while the clock is turned back", |world, round| {
            if round == 3 {
                world.browser.turn_back(7_200)
            }
        }),
        ("while the clock goes back all the time", |world, _| world.browser.turn_back(20)),
        ("while the clock jumps", |world, round| {
            if round == 3 {
                world.browser.pass(1_000_000)
            }
        }),
        (
            "while the clock swings",
            |world, round| if round % 2 == 0 { world.browser.pass(200) } else { world.browser.turn_back(200) },
        ),
        ("with its memory cut off once", |world, round| {
            if round == 3 {
                damage(world, |text| text.truncate(9))
            }
        }),
        ("with its memory emptied once", |world, round| {
            if round == 3 {
                damage(world, String::clear)
            }
        }),
        ("with another memory", |world, round| {
            if round == 3 {
                damage(world, |text| *text = r#"{"begun":7,"refused":[]}"#.into())
            }
        }),
        ("with times of another type", |world, round| {
            if round == 3 {
                damage(world, |text| *text = r#"{"begun":[null,"x",-1,1e300,{}]}"#.into())
            }
        }),
        ("with the last page's memory", |world, round| {
            if round == 3 {
                damage(world, |text| *text = text.replace("begun", "began"))
            }
        }),
    ];
    for (how, fiddle) in fiddles {
        let world = signed_in();
        let begun = rounds(&world, |client, round| {
            fiddle(&world, round);
            come_back_with(&world, client, &again(&["Mail.Read"]), "access_denied")
        });
        assert!((4..=10).contains(&begun), "{how}: {begun}");
    }
}

#[test]
fn a_store_without_room_keeps_no_loop_going() {
    let world = signed_in();
    let mut before = world.browser.session().dump();
    before.retain(|key, _| !key.contains("|pending|"));
    world.browser.session().restore(&before);
    now(world.client().begin_redirect(&again(&["Mail.Read"]))).expect("the page is left");
    let session = world.browser.session().dump();
    let waiting = session.iter().filter(|(key, _)| key.contains("|pending|"));
    let room = waiting.map(|(key, text)| key.len() + text.len()).sum();
    world.browser.session().restore(&before);
    // For a request that waits for its answer, and not for one number more.
    world.browser.session().set_room(room);
    let mut begun = 0;
    while begun < 20 && come_back_with(&world, &world.client(), &again(&["Mail.Read"]), "server_error").is_ok() {
        begun += 1;
    }
    assert!(begun <= 5, "what can't be counted is not begun: {begun}");
}

#[test]
fn a_person_who_clicks_is_never_stopped() {
    let world = signed_in();
    world.browser.set_user_active(true);
    for _ in 0..20 {
        come_back_with(&world, &world.client(), &again(&["Mail.Read"]), "access_denied").expect("they want it");
    }
    for _ in 0..4 {
        let begun = (0..4).filter(|_| {
            world.browser.set_user_active(false);
            come_back(&world, &world.client(), &asking(&["User.Read"])).is_ok()
        });
        assert_eq!(begun.count(), 4, "a click begins the count anew");
        world.browser.set_user_active(true);
        come_back(&world, &world.client(), &asking(&["User.Read"])).expect("a click");
    }
}

/// A tab in which a sign-in was declined, then done, and which has been let go as often as it may but once. Then everybody
/// is signed out: how often it is let go after that.
fn rounds_after_sign_out(location: &str, leaves: bool, is_clicked: bool) -> usize {
    let world = World::keeping_in(location);
    world.refused(&asking(&["User.Read"]), "access_denied", "65004");
    let (client, _) = world.sign_in(&["User.Read"]);
    world.browser.set_user_active(false);
    for _ in 0..3 {
        now(client.begin_redirect(&asking(&[]))).expect("not too often yet");
    }
    world.browser.set_user_active(is_clicked);
    if leaves {
        now(client.sign_out(SignOutRequest::default())).expect("the page is left");
    } else {
        now(client.clear(None)).expect("everybody is forgotten");
    }
    let waiting = world.browser.session().dump().into_keys().filter(|key| key.contains("|pending|")).count();
    assert_eq!(waiting, 0, "{location}: nothing is waited for any more");
    rounds(&world, |client, _| now(client.begin_redirect(&asking(&[]))))
}

#[test]
fn who_signs_out_begins_anew_and_a_page_that_forgets_by_itself_does_not() {
    for location in ["sessionStorage", "localStorage", "memoryStorage"] {
        for leaves in [false, true] {
            assert_eq!(rounds_after_sign_out(location, leaves, true), 5, "{location} {leaves}");
            assert_eq!(rounds_after_sign_out(location, leaves, false), 1, "{location} {leaves}");
        }
    }
}

#[test]
fn each_client_and_each_tab_counts_for_itself() {
    let world = signed_in();
    rounds(&world, |client, _| now(client.begin_redirect(&asking(&[]))));
    let auth = json!({ "clientId": format!("{CLIENT_ID}2"), "authority": AUTHORITY });
    let other = World::configured(json!({ "auth": auth }));
    other.browser.set_user_active(false);
    other.browser.session().restore(&world.browser.session().dump());
    assert!(now(other.client().begin_redirect(&asking(&[]))).is_ok(), "another client has done nothing yet");
    let tab = world.browser.new_tab(PAGE);
    tab.set_user_active(false);
    assert!(now(world.client_in(&tab).begin_redirect(&asking(&[]))).is_ok(), "nor has another tab");
}
