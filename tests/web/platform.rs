//! The page as platform.

use super::fetch::Fetch;
use crate::{here, js};
use consentry::{
    error::BrowserError,
    platform::{Area, Platform},
    protocol::{HttpRequest, HttpResponse},
    secret::Secret,
};
use wasm_bindgen_test::wasm_bindgen_test;

const AREAS: [Area; 2] = [Area::Session, Area::Local];

#[wasm_bindgen_test]
fn each_store_keeps_texts_of_its_own() {
    for area in AREAS {
        assert_eq!(here().read(area, "test|a"), Ok(None));
        assert_eq!(here().write(area, "test|a", Some("é\u{1f600}\u{0}")), Ok(()));
        assert_eq!(here().read(area, "test|a").as_ref().map(Option::as_deref), Ok(Some("é\u{1f600}\u{0}")));
        let other = if area == Area::Session { Area::Local } else { Area::Session };
        assert_eq!(here().read(other, "test|a"), Ok(None));
        assert_eq!(here().write(area, "test|a", Some("")), Ok(()));
        assert_eq!(here().read(area, "test|a").as_ref().map(Option::as_deref), Ok(Some("")));
        assert_eq!(here().write(area, "test|a", None), Ok(()));
        assert_eq!(here().write(area, "test|a", None), Ok(()), "twice is no error");
        assert_eq!(here().read(area, "test|a"), Ok(None));
    }
}

#[wasm_bindgen_test]
fn keys_are_found_by_what_they_start_with() {
    for area in AREAS {
        for key in ["keys|1", "keys|2", "key", "other|keys|", "KEYS|3"] {
            here().write(area, key, Some("x")).expect("there is room");
        }
        let mut keys = here().keys(area, "keys|").expect("there is storage");
        keys.sort();
        assert_eq!(keys, ["keys|1", "keys|2"]);
        assert!(here().keys(area, "nobody's").is_ok_and(|keys| keys.is_empty()));
        for key in here().keys(area, "").expect("there is storage") {
            here().write(area, &key, None).expect("it can be removed");
        }
    }
}

#[wasm_bindgen_test]
fn a_full_store_says_so_and_keeps_what_it_has() {
    let large = "x".repeat(6_000_000);
    for area in AREAS {
        here().write(area, "test|full", Some("before")).expect("there is room");
        assert_eq!(here().write(area, "test|full", Some(&large)), Err(BrowserError::StorageFull));
        assert_eq!(here().read(area, "test|full").as_ref().map(Option::as_deref), Ok(Some("before")));
        here().write(area, "test|full", None).expect("it can be removed");
    }
}

#[wasm_bindgen_test]
fn random_bytes_are_random() {
    let mut draws = [[0; 32]; 4];
    for draw in &mut draws {
        here().fill_random(draw).expect("there is randomness");
    }
    let distinct: std::collections::BTreeSet<_> = draws.iter().collect();
    assert_eq!(distinct.len(), 4);
    let mut all = [0; 4096];
    here().fill_random(&mut all).expect("there is randomness");
    let values: std::collections::BTreeSet<_> = all.iter().collect();
    assert!(values.len() > 250, "all values of a byte appear");
}

#[wasm_bindgen_test]
fn time_is_in_whole_seconds() {
    let seconds = || js("Math.floor(Date.now() / 1000)").as_f64().expect("a number") as u64;
    let (before, now, after) = (seconds(), here().now(), seconds());
    assert!((before..=after).contains(&now) && now > 1_700_000_000);
}

fn origin() -> String {
    js("location.origin").as_string().expect("a text")
}

#[wasm_bindgen_test]
fn references_are_resolved_as_links_are() {
    let origin = origin();
    let table = [
        ("/callback?a=b#c", format!("{origin}/callback?a=b#c")),
        ("callback", format!("{origin}/callback")),
        ("https://Other.Example:443/a/../b", "https://other.example/b".to_owned()),
        ("//other.example", "http://other.example/".to_owned()),
        ("\\\\other.example", "http://other.example/".to_owned()),
        ("javascript:alert(1)", "javascript:alert(1)".to_owned()),
    ];
    for (reference, expected) in table {
        assert_eq!(here().resolve(reference), Some(expected), "{reference}");
    }
    for wrong in ["https://", "http://[/", "https://:1/"] {
        assert_eq!(here().resolve(wrong), None, "{wrong}");
    }
}

#[wasm_bindgen_test]
fn the_address_is_replaced_and_nothing_else() {
    let (before, length) = (here().page().expect("a page"), js("history.length"));
    js("history.replaceState({ app: 'state' }, '', location.href + '#code=secret')");
    let page = here().page().expect("a page");
    assert!(page.ends_with("#code=secret"));
    let clean = format!("{}/?tab=2#row-7", origin());
    assert_eq!(here().replace_address(&clean), Ok(()));
    assert_eq!(here().page().as_ref(), Ok(&clean));
    assert_eq!(js("history.state.app"), "state", "the app's own state stays");
    assert_eq!(js("history.length"), length, "there is no way back to the response");
    assert_eq!(here().replace_address("https://other.example/"), Err(BrowserError::NoWindow));
    assert_eq!(here().page().as_ref(), Ok(&clean));
    here().replace_address(&before).expect("it is of this origin");
}

#[wasm_bindgen_test]
async fn a_page_that_can_t_be_left_says_so() {
    for replacing in [false, true] {
        assert_eq!(here().navigate("https://", replacing).await, Err(BrowserError::NavigationFailed));
    }
}

fn get(url: &str) -> HttpRequest {
    HttpRequest { url: url.to_owned(), form: None, bearer: None }
}

fn post(url: &str, form: &str) -> HttpRequest {
    HttpRequest { url: url.to_owned(), form: Some(Secret::new(form.to_owned())), bearer: None }
}

#[wasm_bindgen_test]
async fn an_answer_is_read_whole() {
    let url = js(r#"URL.createObjectURL(new Blob(['{"issuer":"é"}']))"#).as_string().expect("a URL");
    let HttpResponse { status, retry_after, body } = here().send(get(&url)).await.expect("an answer");
    assert_eq!((status, retry_after, body.expose()), (200, None, r#"{"issuer":"é"}"#));
    let missing = here().send(get(&format!("{}/there-is-no-such-file", origin()))).await.expect("an answer");
    assert_eq!(missing.status, 404, "whatever the status");
}

#[wasm_bindgen_test]
async fn the_header_retry_after_is_a_number_of_seconds() {
    for (header, expected) in
        [("'17'", Some(17)), ("'0'", Some(0)), ("'Fri, 20 Nov 2026 00:00:00 GMT'", None), ("'-1'", None)]
    {
        let _fetch = Fetch::answering(429, &format!("{{ 'Retry-After': {header} }}"), "");
        let answer = here().send(post("https://login.example/token", "a=b")).await.expect("an answer");
        assert_eq!((answer.status, answer.retry_after), (429, expected), "{header}");
    }
}

#[wasm_bindgen_test]
async fn a_form_is_sent_without_cookies_referrer_cache_and_preflight() {
    let fetch = Fetch::answering(200, "{}", "");
    here().send(post("https://login.example/token?a=1", "code=a%20b%26&scope=%2F%C3%A9")).await.expect("an answer");
    here().send(get("https://login.example/metadata")).await.expect("an answer");
    let common = r#""credentials":"omit","redirect":"manual","cache":"no-store","referrerPolicy":"no-referrer""#;
    let form = r#"{"content-type":"application/x-www-form-urlencoded;charset=UTF-8"}"#;
    assert_eq!(
        fetch.sent(),
        format!(
            "[{{\"url\":\"https://login.example/token?a=1\",\"method\":\"POST\",{common},\"headers\":{form},\
             \"body\":\"code=a+b%26&scope=%2F%C3%A9\",\"hasSignal\":true}},\
             {{\"url\":\"https://login.example/metadata\",\"method\":\"GET\",{common},\"headers\":{{}},\"body\":\"\",\
             \"hasSignal\":true}}]"
        )
    );
}

#[wasm_bindgen_test]
async fn a_token_is_sent_in_its_header_and_nothing_else_is_other() {
    let fetch = Fetch::answering(200, "{}", "");
    let bearer = Some(Secret::new("secret-access".to_owned()));
    here().send(HttpRequest { bearer, ..get("https://api.example/me") }).await.expect("an answer");
    assert_eq!(
        fetch.sent(),
        "[{\"url\":\"https://api.example/me\",\"method\":\"GET\",\"credentials\":\"omit\",\"redirect\":\"manual\",\
         \"cache\":\"no-store\",\"referrerPolicy\":\"no-referrer\",\"headers\":{\"authorization\":\"Bearer secret-access\"},\
         \"body\":\"\",\"hasSignal\":true}]"
    );
}

/// Lets everything that is ready run, for a while.
pub(super) async fn pause(milliseconds: i32) {
    let wait = js(&format!("new Promise((resolve) => setTimeout(resolve, {milliseconds}))"));
    wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(wait)).await.expect("it ends");
}

#[wasm_bindgen_test]
async fn a_lock_is_held_by_one_at_a_time_and_passes_on() {
    let order = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let first = here().lock("test|lock").await.expect("nobody has it");
    here().lock("test|another").await.expect("another one is another's");
    for name in ["second", "third"] {
        let order = order.clone();
        wasm_bindgen_futures::spawn_local(async move {
            let _held = here().lock("test|lock").await.expect("its turn comes");
            order.borrow_mut().push(name);
            pause(20).await;
            order.borrow_mut().push(name);
        });
    }
    pause(50).await;
    assert!(order.borrow().is_empty(), "it is the first one's");
    drop(first);
    assert!(order.borrow().is_empty());
    pause(1000).await;
    assert_eq!(*order.borrow(), ["second", "second", "third", "third"]);
}

#[cfg(feature = "browser")]
#[wasm_bindgen_test]
async fn a_browser_without_locks_waits_for_nobody() {
    js("Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })");
    let (one, other) = (here().lock("test|none").await, here().lock("test|none").await);
    js("delete navigator.locks");
    assert!(one.is_ok() && other.is_ok());
}

#[wasm_bindgen_test]
async fn a_lock_that_others_keep_is_not_waited_for_for_ever() {
    let held = here().lock("test|kept").await.expect("nobody has it");
    js("(globalThis.pageTimeout = AbortSignal.timeout, AbortSignal.timeout = () => pageTimeout.call(AbortSignal, 20))");
    let refused = here().lock("test|kept").await.err();
    js("AbortSignal.timeout = pageTimeout");
    assert_eq!(refused, Some(BrowserError::TimedOut));
    drop(held);
    assert!(here().lock("test|kept").await.is_ok(), "it is free again");
}

#[cfg(feature = "browser")]
#[wasm_bindgen_test]
async fn who_waits_for_a_lock_no_more_does_not_keep_it() {
    use std::{future::poll_fn, task::Poll};
    let held = here().lock("test|left").await.expect("nobody has it");
    let browser = here();
    let mut waiting = Box::pin(browser.lock("test|left"));
    let is_waiting = poll_fn(|context| Poll::Ready(waiting.as_mut().poll(context).is_pending())).await;
    assert!(is_waiting);
    drop(waiting);
    drop(held);
    js(
        "(globalThis.pageTimeout = AbortSignal.timeout, AbortSignal.timeout = () => pageTimeout.call(AbortSignal, 2000))",
    );
    let next = here().lock("test|left").await;
    js("AbortSignal.timeout = pageTimeout");
    assert!(next.is_ok());
}

#[cfg(feature = "browser")]
#[wasm_bindgen_test]
async fn there_is_no_store_of_the_app_s_own() {
    assert_eq!(here().read(Area::Custom, "test|a"), Err(BrowserError::StorageDenied));
    assert_eq!(here().write(Area::Custom, "test|a", Some("text")), Err(BrowserError::StorageDenied));
    assert_eq!(here().keys(Area::Custom, ""), Err(BrowserError::StorageDenied));
}

#[cfg(not(feature = "browser"))]
#[wasm_bindgen_test]
async fn a_browser_without_locks_has_a_lease_in_its_storage() {
    js("Object.defineProperty(navigator, 'locks', { value: undefined, configurable: true })");
    let held = here().lock("test|lease").await.expect("it is free");
    let is_there = || js("'test|lease' in localStorage").is_truthy();
    assert!(is_there());
    drop(held);
    let again = here().lock("test|lease").await;
    assert!(again.is_ok() && is_there());
    drop(again);
    js("delete navigator.locks");
}
