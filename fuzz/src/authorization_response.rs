//! What stands in the address of the page that a user comes back to: a response in the fragment, an administrator's answer in the query.
//!
//! An input is three lines: words that say how it is played, the fragment, the query.

use super::{
    given::*,
    page::{Answers, Page, http},
    promises::{assert_telling, unsaid},
};
use consentry::{
    cache::{AccountFilter, keys},
    client::{PublicClient, RedirectAnswer},
    protocol::{AdminConsentResponse, AuthorizationAnswer, AuthorizationResponse, Metadata},
};
use url::form_urlencoded;

const ADMIN_STATE: &str = "state-for-an-administrator";
/// What no answer changes unless it brings checked tokens.
const RECORDS: [&str; 2] = ["account", "access"];

/// Words: `elsewhere` (the answer comes to another page than the one that asked), `stay` (the app does not want to return), `hash` (the
/// app brings the fragment), `silent`, `named` (the server always says who answers), `window` (the query was sent by a window).
pub fn authorization_response(data: &[u8]) -> bool {
    let text = text(data);
    let (words, rest) = line(&text);
    let (fragment, query) = line(rest);
    let query = line(query).0.replace('#', "%23");
    let response = AuthorizationResponse::parse(fragment);
    if let Some(response) = &response {
        assert_single(fragment, response);
        assert_silent(fragment, response);
    }
    let is_signed_in = redirect(words, fragment, &query, response.as_ref());
    let is_admitted = consent(words, &query);
    is_signed_in || is_admitted
}

/// A parameter that is there twice is none (RFC 6749 section 3.1): what is read is the only one of its name, as others read it.
fn assert_single(fragment: &str, response: &AuthorizationResponse) {
    let start = fragment.trim_start_matches(['#', '?', '/']);
    let pairs: Vec<_> = form_urlencoded::parse(start.as_bytes()).collect();
    let code = match &response.answer {
        AuthorizationAnswer::Code(code) => Some(code.expose()),
        _ => None,
    };
    for (name, read) in [("state", response.state()), ("iss", response.issuer.as_deref()), ("code", code)] {
        let Some(read) = read else { continue };
        let values: Vec<_> = pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value).collect();
        assert_eq!(values, [read], "{name} of {fragment}");
        assert!(!read.is_empty(), "{name} says something");
    }
    assert!(
        response.state().is_some() || code.is_none() || fragment.contains("session_state"),
        "a code alone is the app's"
    );
}

/// No code is printed, and a refusal is cut short. The input has to have the code once, or else it says it elsewhere as well.
fn assert_silent(fragment: &str, response: &AuthorizationResponse) {
    match &response.answer {
        AuthorizationAnswer::Code(code) if is_only_code(fragment, code.expose()) => {
            assert!(!format!("{response:?}").contains(CODE), "{response:?}");
        }
        AuthorizationAnswer::Error(reply) => {
            assert!(!reply.error().is_empty() && reply.error().len() <= 80 && reply.description().len() <= 600);
        }
        _ => {}
    }
}

fn is_only_code(fragment: &str, code: &str) -> bool {
    let mut decoded = String::new();
    for (name, value) in form_urlencoded::parse(fragment.as_bytes()) {
        decoded.extend([&*name, "=", &*value, "&"]);
    }
    code.contains(CODE) && fragment.matches(CODE).count() <= 1 && decoded.matches(CODE).count() == 1
}

fn page(address: &str) -> Page {
    let tokens = filled(&format!(
        r#"{{"token_type":"Bearer","access_token":"{ACCESS_TOKEN}","expires_in":3600,"id_token":"{{id_token}}","refresh_token":"{REFRESH_TOKEN}"}}"#
    ));
    let answers = Answers { metadata: http(503, ""), keys: http(200, &filled(KEYS)), tokens: http(200, &tokens) };
    let page = Page::new(address, answers);
    keep_account(&page, "login.example", &filled("{id_token}"));
    page
}

fn address(words: &str, fragment: &str, query: &str) -> String {
    let path = if has(words, "elsewhere") { "https://app.example/callback" } else { REDIRECT_URI };
    let query = if query.is_empty() { String::new() } else { format!("?{query}") };
    // What the app brings it has taken out of the address itself.
    let fragment = if has(words, "hash") { "row-7" } else { fragment };
    let address = format!("{path}{query}#{fragment}");
    // As a browser has it. A backslash it leaves; ours reads no address that has one.
    let is_plain = |letter: char| !letter.is_ascii_control() && letter != ' ' && letter != '\\';
    if address.chars().all(is_plain) {
        return address;
    }
    let escaped =
        |letter: char| if is_plain(letter) { letter.to_string() } else { format!("%{:02X}", u32::from(letter)) };
    address.chars().map(escaped).collect()
}

/// Plays the fragment to a client that waits for an answer.
fn redirect(words: &str, fragment: &str, query: &str, response: Option<&AuthorizationResponse>) -> bool {
    let page = page(&address(words, fragment, query));
    let authority = authority();
    keep_pending(&page, &authority, has(words, "silent"));
    let metadata = Metadata { is_named_in_answers: has(words, "named"), ..metadata() };
    let (before, mut is_done, mut secrets) =
        (page.entries(&RECORDS), false, unsaid(fragment, &[VERIFIER, NONCE, REFRESH_TOKEN, ACCESS_TOKEN]));
    let mut granted = client(&page, &authority, None).granted(None).expect("somebody is signed in");
    let sent = response.and_then(|response| match &response.answer {
        AuthorizationAnswer::Code(code) => Some(code.expose()),
        _ => None,
    });
    secrets.extend(sent.filter(|code| is_only_code(fragment, code)).map(|_| CODE));
    // Thrice: taken to another page it is taken up there, and after that it was answered.
    for _ in 0..if response.is_some() { 3 } else { 1 } {
        let client = client(&page, &authority, Some(metadata.clone()));
        let hash = has(words, "hash").then_some(fragment);
        match now(client.finish_redirect(RedirectAnswer { hash, return_to_start: !has(words, "stay") })) {
            Ok(Some(result)) => {
                assert!(!is_done, "an answer is taken once");
                assert_eq!(result.app_state.as_deref(), Some("app-state"));
                is_done = true;
            }
            Ok(None) => {}
            Err(failure) => assert_telling(&failure.error, &secrets),
        }
        let now_granted = client.granted(None).expect("somebody is signed in still");
        assert!(is_done || granted.is_superset(&now_granted), "only a token tells what was granted");
        granted = now_granted;
        if let Some(url) = page.left().last() {
            assert_eq!(url, START_PAGE, "there is no way to other pages");
            page.open(url);
        }
    }
    assert!(page.left().len() <= 1, "an answer is carried once");
    assert!(is_done || page.entries(&RECORDS) == before, "a failure leaves the records as they were");
    assert_redeemed(&page, &metadata, response, sent);
    is_done
}

/// A code was sent once at most, if it is the answer to what was asked; and nobody could have taken it from the page any more.
fn assert_redeemed(page: &Page, metadata: &Metadata, response: Option<&AuthorizationResponse>, sent: Option<&str>) {
    let posts = page.posts();
    assert!(posts.len() <= 1, "a code is sent once");
    let Some(post) = posts.first() else { return };
    let response = response.expect("there was a response");
    assert_eq!(response.state(), Some(STATE));
    assert!(metadata.check_answer(response.issuer.as_deref()).is_ok(), "the answer is of the server that was asked");
    let fields = ["client_id", "code", "code_verifier", "redirect_uri"].map(|name| post.field(name));
    assert_eq!(fields, [CLIENT_ID, sent.expect("it has a code"), VERIFIER, REDIRECT_URI]);
    assert!(post.url.starts_with(TOKEN_URL), "{}", post.url);
    assert!(
        post.address == START_PAGE || !post.address.contains('#'),
        "the code is out of the address: {}",
        post.address
    );
    assert_eq!(page.text(&keys::pending(CLIENT_ID, STATE)).as_deref(), Some("\"answered\""));
}

/// Plays the query to a client that waits for an administrator.
fn consent(words: &str, query: &str) -> bool {
    let response = AdminConsentResponse::parse(query);
    assert_removed(query);
    let page = page(&address(words, "row-7", query));
    let is_window = has(words, "window");
    let kept = format!(
        r#"{{"state":"{ADMIN_STATE}","asked":"https://graph.microsoft.com/User.Read.All","startPage":"{START_PAGE}","correlationId":"c","createdOn":{}}}"#,
        NOW - 60
    );
    page.put(&keys::admin_consent(CLIENT_ID, AUTHORITY), &kept);
    let client = client(&page, &authority(), None);
    assert_opener(&client, &page.address());
    let (before, granted) = (page.entries(&RECORDS), client.granted(None).expect("somebody is signed in"));
    let mut is_done = false;
    for _ in 0..if response.is_some() { 3 } else { 1 } {
        match now(client.finish_admin_consent(is_window.then_some(query))) {
            Ok(Some(result)) => {
                let response = response.as_ref().expect("there was an answer");
                assert!(!is_done && response.answer.is_ok() && response.state.as_deref() == Some(ADMIN_STATE));
                assert!(!result.scopes.is_empty(), "something was consented to");
                is_done = true;
            }
            Ok(None) => {}
            Err(failure) => assert_telling(&failure.error, &unsaid(query, &[ADMIN_STATE, REFRESH_TOKEN])),
        }
        if let Some(url) = page.left().last() {
            assert_eq!(url, START_PAGE, "there is no way to other pages");
            page.open(url);
        }
    }
    assert!(page.left().len() <= 1 && page.posts().is_empty() && page.got().is_empty(), "nobody is asked");
    assert_eq!(page.entries(&RECORDS), before, "no answer signs anybody in, or out");
    let after = client.granted(None).expect("somebody is signed in still");
    assert_eq!(after, granted, "an administrator's answer grants nothing");
    assert_eq!(client.accounts(AccountFilter::default()).len(), 1);
    is_done
}

/// A window tells a part of its own address, to who waits by the name that the answer itself has for it, and that no other answer has.
fn assert_opener(client: &PublicClient<Page>, address: &str) {
    let Some((name, told)) = client.answer_for_opener() else { return };
    let (front, fragment) = address.split_once('#').unwrap_or((address, ""));
    let query = front.split_once('?').map_or("", |(_, query)| query);
    assert!(name.ends_with('.') && [query, fragment].contains(&told.as_str()), "{name}: {told}");
    let states = form_urlencoded::parse(told.as_bytes()).filter(|(other, _)| other == "state");
    assert!(states.map(|(_, state)| state).eq([name.as_str()]), "{name}: {told}");
}

/// Without the answer an address has none, and nothing else has changed but what is before the fragment.
fn assert_removed(query: &str) {
    let address = format!("{REDIRECT_URI}?{query}#row-7");
    let clean = AdminConsentResponse::removed_from(&address);
    assert_eq!(AdminConsentResponse::removed_from(&clean), clean, "nothing is left to remove");
    assert!(clean.starts_with(REDIRECT_URI) && clean.ends_with("#row-7") && clean.len() <= address.len(), "{clean}");
    let left = clean.split_once('?').map_or("", |(_, query)| query.trim_end_matches("#row-7"));
    assert!(AdminConsentResponse::parse(left).is_none(), "{clean} has an answer still");
}
