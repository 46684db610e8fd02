//! The answer to a request for an administrator: only the right one counts, and once.

use super::{
    ASKED, CALLBACK, answered, at_callback, come_back, endpoint, is_waiting, leave, put, refused, request, signed_in,
};
use crate::{
    browser::{Pairs, field},
    server::ALICE,
    world::{Client, PAGE, REDIRECT_URI, World, fragment, literal, now, query, set},
};
use consentry::{
    binding::records::{admin_record, window_record},
    client::AdminConsentRequest,
    error::{Class, Error, Outcome, ResponseError},
    protocol::AdminConsentResponse,
};
use serde_json::json;

#[test]
fn a_forged_answer_is_refused_and_the_right_one_still_waited_for() {
    type Forge = fn(&mut Pairs);
    let forgeries: [(&str, Forge); 9] = [
        ("no state", |answer| answer.retain(|(name, _)| name != "state")),
        ("an empty state", |answer| put(answer, "state", "")),
        ("another state", |answer| put(answer, "state", "forged")),
        ("half a state", |answer| {
            answer.iter_mut().filter(|(name, _)| name == "state").for_each(|(_, state)| state.truncate(9))
        }),
        ("two states", |answer| answer.push(("state".into(), "forged".into()))),
        ("the same state twice", |answer| {
            answer.extend(answer.clone().into_iter().filter(|(name, _)| name == "state"))
        }),
        ("the app's state", |answer| put(answer, "state", "the app's")),
        ("an error and another state", |answer| {
            put(answer, "state", "forged");
            put(answer, "error", "access_denied");
        }),
        ("another case", |answer| {
            answer.iter_mut().filter(|(name, _)| name == "state").for_each(|(_, state)| *state = state.to_uppercase())
        }),
    ];
    for (what, forge) in forgeries {
        let world = signed_in();
        let right = world.server.admin_consent(&leave(&world, &request(&ASKED)));
        let mut forged = right.clone();
        forge(&mut forged);
        let before = world.stored();
        come_back(&world, REDIRECT_URI, &forged);
        let error = refused(&world.client());
        assert!(matches!(error, Error::Response(ResponseError::StateMismatch)), "{what}: {error:?}");
        assert_eq!(world.stored(), before, "{what} changes nothing");
        assert!(!world.browser.address().contains('?'), "{what} is out of the address");
        come_back(&world, REDIRECT_URI, &right);
        assert!(answered(&world.client()).expect("no error").is_some(), "after {what}");
    }
}

#[test]
fn an_answer_that_nobody_waits_for_is_left_alone() {
    let world = signed_in();
    let link = world.client().admin_consent_url(&request(&ASKED)).expect("a link");
    let mut answer = world.server.admin_consent(&link);
    for state in ["", "forged"] {
        put(&mut answer, "state", state);
        come_back(&world, REDIRECT_URI, &answer);
        let (before, page) = (world.stored(), world.browser.address());
        assert!(answered(&world.client()).expect("no error").is_none());
        assert_eq!((world.stored(), world.browser.address()), (before, page), "it may be another client's");
    }
    for page in ["?admin_consent=True&admin_consent=True&state=x", "?x=1", "?error=access_denied&state=x", ""] {
        let _ = leave(&world, &request(&ASKED));
        let address = format!("{REDIRECT_URI}{page}");
        world.browser.open(&address);
        assert!(answered(&world.client()).expect("no error").is_none(), "{page}");
        assert_eq!((world.browser.address(), is_waiting(&world)), (address, true));
    }
}

#[test]
fn the_tenant_of_an_answer_is_not_believed() {
    let world = signed_in();
    let mut answer = world.server.admin_consent(&leave(&world, &request(&ASKED)));
    put(&mut answer, "tenant", "00000000-0000-0000-0000-00000000evil");
    come_back(&world, REDIRECT_URI, &answer);
    let result = answered(&world.client()).expect("no error").expect("an answer");
    assert!(!format!("{result:?}{:?}", admin_record(&result)).contains("evil"));
    assert_eq!(endpoint(&world, &world.client(), &request(&ASKED)), ALICE.tid);
}

#[test]
fn an_error_goes_before_true() {
    let world = signed_in();
    for (consented, error) in [("True", Some("access_denied")), ("False", None), ("", Some("access_denied"))] {
        let url = leave(&world, &request(&ASKED));
        let mut answer = world.server.admin_refusal(&url);
        put(&mut answer, "admin_consent", if consented.is_empty() { "true" } else { consented });
        answer.retain(|(name, _)| error.is_some() || name != "error" && name != "error_description");
        come_back(&world, REDIRECT_URI, &answer);
        let failure = answered(&world.client()).expect_err("the administrator declined");
        assert_eq!((failure.error.class(), failure.error.outcome()), (Class::ConsentDeclined, Some(Outcome::Declined)));
        let told = literal(&failure.error.record("c").finish());
        let missing = json!({ "https://graph.microsoft.com": ["User.Read.All"], "api://Orders": ["Manage"] });
        assert_eq!((&told["missingScopes"], &told["errorCode"]), (&missing, &json!("access_denied")));
        assert_eq!(failure.app_state.as_deref(), Some("the app's"));
        assert_eq!(failure.correlation_id.as_deref(), Some("correlation-admin"));
        assert!(!is_waiting(&world) && !world.browser.address().contains("access_denied"));
        let plan = world.client().plan(&set(&["User.Read.All"]), None).expect("a plan");
        assert_eq!(format!("{:?}", plan.interaction), "Consent", "the user has declined nothing");
    }
}

#[test]
fn an_answer_is_waited_for_a_day_and_taken_once() {
    for (seconds, is_taken) in [(86_399, true), (86_400, false)] {
        let world = signed_in();
        let answer = world.server.admin_consent(&leave(&world, &request(&ASKED)));
        world.browser.pass(seconds);
        come_back(&world, REDIRECT_URI, &answer);
        assert_eq!(answered(&world.client()).expect("no error").is_some(), is_taken, "{seconds}");
        come_back(&world, REDIRECT_URI, &answer);
        assert!(answered(&world.client()).expect("no error").is_none(), "not twice");
    }
    let world = signed_in();
    let first = world.server.admin_consent(&leave(&world, &request(&ASKED)));
    let second = world.server.admin_consent(&leave(&world, &request(&ASKED)));
    assert_ne!(field(&first, "state"), field(&second, "state"));
    come_back(&world, REDIRECT_URI, &first);
    assert!(matches!(refused(&world.client()), Error::Response(ResponseError::StateMismatch)), "the last one counts");
}

#[test]
fn an_answer_goes_to_the_page_that_asked_once() {
    let world = signed_in();
    let answer = world.server.admin_consent(&leave(&world, &at_callback()));
    world.browser.open(&format!("{CALLBACK}?own=1&{}&two=%20#part", fragment(&answer)));
    assert!(answered(&world.client()).expect("no error").is_none(), "not here");
    let last = world.browser.left().last().expect("a navigation").clone();
    assert_eq!((last.url.as_str(), last.replacing), (PAGE, true));
    world.browser.open(CALLBACK);
    let left = world.browser.left().len();
    assert!(answered(&world.client()).expect("no error").is_some(), "wherever the server of the page sends it next");
    assert_eq!((world.browser.left().len(), is_waiting(&world)), (left, false), "it is carried once");
}

#[test]
fn a_page_with_an_old_answer_in_its_address_takes_the_new_one() {
    let old = "admin_consent=True&tenant=x&scope=y";
    for (redirect_uri, page) in [(Some("/callback"), "https://app.example/admin"), (None, REDIRECT_URI)] {
        let world = signed_in();
        world.browser.open(&format!("{page}?{old}&own=1"));
        assert!(answered(&world.client()).expect("no error").is_none(), "of a link: nobody waits for it");
        let url = leave(&world, &AdminConsentRequest { redirect_uri, ..request(&ASKED) });
        let answer = fragment(&world.server.admin_consent(&url));
        let callback = field(&query(&url), "redirect_uri").to_owned();
        world.browser.open(&format!("{callback}{}{answer}", if callback.contains('?') { '&' } else { '?' }));
        assert!(answered(&world.client()).expect("no error").is_none(), "not here: {callback}");
        let start_page = world.browser.left().last().expect("a navigation").url.clone();
        assert_eq!(start_page, format!("{page}?own=1"), "the old answer does not come back");
        world.browser.open(&format!("{start_page}&{old}"));
        let result = answered(&world.client()).expect("no error").expect("the answer was carried");
        assert_eq!(result.scopes, set(&ASKED));
        assert!(!is_waiting(&world));
    }
}

#[test]
fn the_app_s_own_query_and_fragment_stay() {
    for (redirect_uri, start_page) in [
        ("/callback?own=1&two=%20", "/callback?own=1&two=%20#part?state=x"),
        ("/callback?own=1", "/callback?own=1"),
        ("/callback", "/callback#/orders?tab=2"),
    ] {
        let world = signed_in();
        let (redirect_uri, start_page) = (Some(redirect_uri), Some(start_page));
        let url = leave(&world, &AdminConsentRequest { redirect_uri, start_page, ..request(&ASKED) });
        let sent = query(&url);
        let (page, answer) = (field(&sent, "redirect_uri"), fragment(&world.server.admin_consent(&url)));
        let separator = if page.contains('?') { '&' } else { '?' };
        world.browser.open(&format!("{page}{separator}{answer}#"));
        assert!(answered(&world.client()).expect("no error").is_some());
        assert_eq!(world.browser.address(), format!("https://app.example{}", start_page.expect("a page")));
    }
}

#[test]
fn an_answer_is_taken_out_of_an_address_and_nothing_else() {
    let table = [
        ("https://a.example/", "https://a.example/"),
        ("https://a.example/?x=1#state=s", "https://a.example/?x=1#state=s"),
        ("https://a.example/?admin_consent=True&state=s", "https://a.example/"),
        ("https://a.example/?x=1&state=s&y=%20&tenant=t&z#f?error=e", "https://a.example/?x=1&y=%20&z#f?error=e"),
        ("https://a.example/?%73tate=s&st%61te2=1", "https://a.example/?st%61te2=1"),
        ("https://a.example/?error=e&error_description=d&error_uri=u&error_subcode=c&scope=s", "https://a.example/"),
    ];
    for (address, clean) in table {
        assert_eq!(AdminConsentResponse::removed_from(address), clean);
    }
}

/// A window that the page has opened, with what it knows of the page's tab, at the address of the answer.
fn window(world: &World, page: &str) -> Client {
    let window = world.browser.new_tab(page);
    window.session().restore(&world.browser.session().dump());
    world.client_in(&window)
}

#[test]
fn a_window_sends_its_answer_to_the_page_that_opened_it() {
    let world = signed_in();
    let client = world.client();
    let (url, name) = client.open_admin_consent(&request(&ASKED)).expect("an address");
    assert_eq!(world.browser.left().len(), 1, "the page stays");
    assert_eq!(field(&query(&url), "state"), name);
    let answer = world.server.admin_consent(&url);
    let text = fragment(&answer);
    let popup = window(&world, &format!("{REDIRECT_URI}?{text}#x"));
    assert_eq!(popup.answer_for_opener(), Some((name.clone(), text.clone())));
    let relay = literal(&window_record(["name", "text"], popup.answer_for_opener()));
    assert_eq!(relay, json!({ "name": name, "text": text }));
    let result = now(client.finish_admin_consent(Some(&text))).expect("no error").expect("an answer");
    assert_eq!(result.scopes, set(&ASKED));
    assert_eq!(world.browser.address(), PAGE, "the page's own address has nothing to do with it");
    let again = now(client.finish_admin_consent(Some(&text))).expect_err("not twice").error;
    assert!(matches!(again, Error::Response(ResponseError::StateMismatch)), "nobody waits for it any more");
}

#[test]
fn a_window_sends_no_answer_to_another_request() {
    let world = signed_in();
    let (url, _) = world.client().open_admin_consent(&request(&ASKED)).expect("an address");
    let right = world.server.admin_consent(&url);
    let mut forged = right.clone();
    put(&mut forged, "state", "forged");
    let mut none = right.clone();
    none.retain(|(name, _)| name != "state");
    for answer in [&forged, &none] {
        let text = fragment(answer);
        assert_eq!(window(&world, &format!("{REDIRECT_URI}?{text}")).answer_for_opener(), None);
        let error = now(world.client().finish_admin_consent(Some(&text))).expect_err("it is refused").error;
        assert!(matches!(error, Error::Response(ResponseError::StateMismatch)));
        assert!(is_waiting(&world), "the right one is still waited for");
    }
    assert_eq!(window(&world, REDIRECT_URI).answer_for_opener(), None, "no answer");
    assert!(matches!(window_record(["name", "text"], None), consentry::json::Value::Null));
    let tab = world.browser.new_tab(&format!("{REDIRECT_URI}?{}", fragment(&right)));
    assert!(world.client_in(&tab).answer_for_opener().is_some(), "whoever waits by that name takes it");
    let world = signed_in();
    let answer = fragment(&world.server.admin_consent(&leave(&world, &request(&ASKED))));
    let same_page = window(&world, &format!("{REDIRECT_URI}?{answer}"));
    assert_eq!(same_page.answer_for_opener(), None, "a page that was left is no window");
}

#[test]
fn a_damaged_request_waits_for_nothing() {
    for (from, to) in [("{", ""), ("state", "State"), ("\"asked\"", "\"Asked\""), ("createdOn", "on")] {
        let world = signed_in();
        let answer = world.server.admin_consent(&leave(&world, &request(&ASKED)));
        let mut session = world.browser.session().dump();
        session
            .iter_mut()
            .filter(|(key, _)| key.contains("|admin"))
            .for_each(|(_, text)| *text = text.replacen(from, to, 1));
        world.browser.session().restore(&session);
        come_back(&world, REDIRECT_URI, &answer);
        assert!(answered(&world.client()).expect("no error").is_none(), "{from}");
    }
}
