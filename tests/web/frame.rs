//! The hidden frame, and leaving the page, for apps in Rust.

use super::platform::pause;
use crate::{here, js};
use consentry::{error::BrowserError, platform::Platform};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen_futures::spawn_local;
use wasm_bindgen_test::wasm_bindgen_test;

/// A page of this origin, with a fragment.
fn page(fragment: &str) -> String {
    let origin = js("location.origin").as_string().expect("a text");
    format!("{origin}/there-is-no-such-file#{fragment}")
}

fn frames() -> Option<f64> {
    js("document.querySelectorAll('iframe[name=consentry-silent]').length").as_f64()
}

#[wasm_bindgen_test]
async fn an_answer_is_read_from_the_address_and_the_frame_is_gone() {
    let before = frames();
    assert_eq!(here().frame(&page("code=a&state=one."), "one.").await.as_deref(), Ok("code=a&state=one."));
    // Once its page is loaded: WebKit does not come back from one that goes earlier.
    while frames() != before {
        pause(20).await;
    }
}

#[wasm_bindgen_test]
async fn an_answer_is_heard_from_a_page_that_sends_it() {
    js("setTimeout(() => new BroadcastChannel('two.').postMessage('code=b&state=two.'), 100)");
    assert_eq!(here().frame(&page("state=another."), "two.").await.as_deref(), Ok("code=b&state=two."));
}

#[wasm_bindgen_test]
async fn there_is_one_frame_at_a_time() {
    let browser = Rc::new(here());
    let answers = Rc::new(RefCell::new(Vec::new()));
    js("(globalThis.mostFrames = 0, new MutationObserver(() => {
        mostFrames = Math.max(mostFrames, document.querySelectorAll('iframe[name=consentry-silent]').length);
    }).observe(document, { childList: true, subtree: true }))");
    for name in ["three.", "four."] {
        let (browser, answers) = (Rc::clone(&browser), Rc::clone(&answers));
        spawn_local(async move {
            let answer = browser.frame(&page(&format!("state={name}")), name).await;
            answers.borrow_mut().push(answer);
        });
    }
    assert_eq!(browser.frame(&page("state=five."), "five.").await.as_deref(), Ok("state=five."));
    // Whose turn was first is done first.
    while answers.borrow().len() < 2 {
        let _ = browser.frame(&page("state=six."), "six.").await;
    }
    assert_eq!(*answers.borrow(), [Ok("state=three.".to_owned()), Ok("state=four.".to_owned())]);
    assert_eq!(js("mostFrames").as_f64(), Some(1.0));
}

#[wasm_bindgen_test]
async fn why_no_answer_comes_is_told() {
    js("setTimeout(() => document.dispatchEvent(new SecurityPolicyViolationEvent('securitypolicyviolation', {
        bubbles: true, disposition: 'enforce', effectiveDirective: 'frame-src', blockedURI: location.origin,
        violatedDirective: 'frame-src', documentURI: location.href, originalPolicy: '', statusCode: 200,
    })), 20)");
    assert_eq!(here().frame(&page(""), "seven.").await, Err(BrowserError::FrameBlocked));

    js("(() => {
        const now = performance.now.bind(performance);
        const start = now();
        performance.now = () => start + 100 * (now() - start);
    })()");
    let late = here().frame(&page("state=another."), "eight.").await;
    js("delete performance.now");
    assert_eq!(late, Err(BrowserError::FrameTimedOut));

    js(
        "(window.name = 'consentry-silent', Object.defineProperty(window, 'frameElement', { value: document.body, configurable: true }))",
    );
    let nested = here().frame(&page("state=nine."), "nine.").await;
    js("(window.name = '', delete window.frameElement)");
    assert_eq!(nested, Err(BrowserError::FrameNested));
}

/// Goes to a fragment, which leaves no page, and tells what browsers tell of a page that is shown.
async fn leave(told: &str) -> Result<bool, BrowserError> {
    js(&format!("(globalThis.pageTimeout = setTimeout, pageTimeout(() => {{ {told} }}, 20))"));
    js("globalThis.setTimeout = (act, milliseconds) => pageTimeout(act, milliseconds / 300)");
    let page = here().page().expect("a page");
    let left = here().navigate(&format!("{}#leaving", page.split('#').next().unwrap_or_default()), true).await;
    js("globalThis.setTimeout = pageTimeout");
    here().replace_address(&page).expect("it is of this origin");
    left
}

#[wasm_bindgen_test]
async fn who_comes_back_to_a_page_that_was_kept_has_not_left_it() {
    assert_eq!(leave("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))").await, Ok(false));
    let shown_anew = leave("dispatchEvent(new PageTransitionEvent('pageshow', { persisted: false }))").await;
    assert_eq!(shown_anew, Err(BrowserError::NavigationFailed));
}
