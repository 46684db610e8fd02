//! A request that nothing came of, and why: told apart where the browser says the same of all.

use super::fetch::Fetch;
use crate::{here, js};
use consentry::{error::BrowserError, platform::Platform, protocol::HttpRequest, secret::Secret};
use wasm_bindgen_test::wasm_bindgen_test;

const SERVER: &str = "https://login.example/token";
const FAILED: &str = "throw new TypeError('Failed to fetch')";

/// What a GET and a POST come to.
async fn failures(url: &str) -> [Option<BrowserError>; 2] {
    let form = Some(Secret::new("code=secret&code_verifier=secret".to_owned()));
    let web = here();
    let [get, post] = [None, form].map(|form| web.send(HttpRequest { url: url.to_owned(), form, bearer: None }));
    [get.await.err(), post.await.err()]
}

/// The same, while requests are answered by the body of a function of the request.
async fn failures_by(answer: &str) -> [Option<BrowserError>; 2] {
    let _fetch = Fetch::by(&format!("(request) => {{ {answer} }}"));
    failures(SERVER).await
}

/// Tells of a violation as browsers do: after the request has failed.
fn violation(disposition: &str, directive: &str, blocked: &str) -> String {
    format!(
        "setTimeout(() => document.dispatchEvent(new SecurityPolicyViolationEvent('securitypolicyviolation', {{
            bubbles: true, disposition: '{disposition}', effectiveDirective: '{directive}', blockedURI: '{blocked}',
            violatedDirective: '{directive}', documentURI: location.href, originalPolicy: '', statusCode: 200,
        }})), 5); {FAILED}"
    )
}

const UNREACHABLE: [Option<BrowserError>; 2] = [Some(BrowserError::GetFailed), Some(BrowserError::PostFailed)];

#[wasm_bindgen_test]
async fn a_server_that_can_t_be_reached() {
    // Nobody listens on this port: browsers refuse it.
    assert_eq!(failures("http://127.0.0.1:1/").await, UNREACHABLE);
    assert_eq!(failures("https://").await, UNREACHABLE, "an address that is none");
    assert_eq!(failures_by(FAILED).await, UNREACHABLE);
}

#[wasm_bindgen_test]
async fn an_answer_that_takes_too_long() {
    js("(globalThis.pageTimeout = AbortSignal.timeout, AbortSignal.timeout = () => AbortSignal.abort())");
    let late = failures(SERVER).await;
    js("AbortSignal.timeout = pageTimeout");
    assert_eq!(late, [const { Some(BrowserError::TimedOut) }; 2]);
}

#[wasm_bindgen_test]
async fn a_browser_without_network() {
    js("Object.defineProperty(navigator, 'onLine', { value: false, configurable: true })");
    let fetch = Fetch::by(&format!("() => {{ {FAILED} }}"));
    let offline = failures(SERVER).await;
    js("delete navigator.onLine");
    assert_eq!(offline, [Some(BrowserError::Offline); 2]);
    assert_eq!(fetch.sent().matches("\"url\"").count(), 2, "there is nobody to ask again");
}

#[wasm_bindgen_test]
async fn a_request_that_the_page_forbids() {
    for blocked in [SERVER, "https://login.example"] {
        let forbidden = failures_by(&violation("enforce", "connect-src", blocked)).await;
        assert_eq!(forbidden, [Some(BrowserError::CspBlocked); 2], "{blocked}");
    }
}

#[wasm_bindgen_test]
async fn what_the_page_forbids_elsewhere_is_not_why() {
    let others = [
        ("report", "connect-src", SERVER),
        ("enforce", "img-src", SERVER),
        ("enforce", "connect-src", "https://other.example"),
        ("enforce", "connect-src", "inline"),
    ];
    for (disposition, directive, blocked) in others {
        let failed = failures_by(&violation(disposition, directive, blocked)).await;
        assert_eq!(failed, UNREACHABLE, "{disposition} {directive} {blocked}");
    }
}

/// What came could not be checked, and a refresh token would be used up for it.
#[wasm_bindgen_test]
async fn a_page_without_cryptography_sends_nothing() {
    js("Object.defineProperty(crypto, 'subtle', { value: undefined, configurable: true })");
    let fetch = Fetch::answering(200, "{}", "");
    let refused = failures(SERVER).await;
    js("delete crypto.subtle");
    assert_eq!(refused, [Some(BrowserError::InsecureContext); 2]);
    assert_eq!(fetch.sent(), "[]");
}

#[wasm_bindgen_test]
async fn nobody_listens_when_nothing_is_under_way() {
    js("(() => {
        globalThis.listening = 0;
        for (const [name, change] of [['addEventListener', 1], ['removeEventListener', -1]]) {
            globalThis[name] = (...args) => {
                listening += change;
                return Object.getPrototypeOf(globalThis)[name].apply(globalThis, args);
            };
        }
    })()");
    let seen = Fetch::by("() => { globalThis.during = listening; return new Response(); }");
    assert_eq!(failures(SERVER).await, [None, None]);
    drop(seen);
    assert_eq!((js("during").as_f64(), js("listening").as_f64()), (Some(1.0), Some(0.0)));
    assert_eq!(failures_by(FAILED).await, UNREACHABLE);
    assert_eq!(js("listening").as_f64(), Some(0.0));
    js("(delete globalThis.addEventListener, delete globalThis.removeEventListener)");
}

#[wasm_bindgen_test]
async fn an_answer_that_this_origin_may_not_read() {
    let answer = format!("if (request.mode === 'no-cors') return new Response(); {FAILED}");
    assert_eq!(failures_by(&answer).await, [Some(BrowserError::CorsBlocked); 2]);
}

#[wasm_bindgen_test]
async fn a_connection_that_broke_is_no_server_that_refuses() {
    // The server lets this page read what it answers, when it is asked again.
    let once = format!("if (sent.length % 3 === 1) {FAILED}; return new Response();");
    assert_eq!(failures_by(&once).await, UNREACHABLE);
}

#[wasm_bindgen_test]
async fn what_asks_again_carries_nothing() {
    let fetch =
        Fetch::by(&format!("(request) => {{ if (request.mode === 'no-cors') return new Response(); {FAILED} }}"));
    let form = Some(Secret::new("code=secret&code_verifier=secret".to_owned()));
    let failed = here().send(HttpRequest { url: format!("{SERVER}?query=secret"), form, bearer: None }).await.err();
    assert_eq!(failed, Some(BrowserError::CorsBlocked));
    let asked = |method: &str| {
        format!(
            "{{\"url\":\"{SERVER}\",\"method\":\"{method}\",\"credentials\":\"omit\",\"redirect\":\"follow\",\
             \"cache\":\"no-store\",\"referrerPolicy\":\"no-referrer\",\"headers\":{{}},\"body\":\"\",\"hasSignal\":true}}"
        )
    };
    let sent = fetch.sent();
    let expected = format!(",{},{}]", asked("GET"), asked("POST"));
    assert!(sent.ends_with(&expected), "{sent}");
    assert_eq!(sent.matches("\"url\"").count(), 3, "once each");
}

#[wasm_bindgen_test]
async fn how_long_to_wait_is_said_in_seconds_or_by_a_date() {
    let date = |milliseconds: &str| format!("new Date(Date.now() + {milliseconds}).toUTCString()");
    let table = [
        ("'120'".to_owned(), Some(120..=120)),
        ("'0'".to_owned(), Some(0..=0)),
        // A date has no fractions of a second.
        (date("90_000"), Some(89..=90)),
        (date("7_200_000"), Some(7199..=7200)),
        (date("-1000"), None),
        ("'Fri, 31 Feb'".to_owned(), None),
        ("'soon'".to_owned(), None),
        ("'soon GMT'".to_owned(), None),
        ("'-5'".to_owned(), None),
        ("'2999-01-01'".to_owned(), None),
        ("''".to_owned(), None),
    ];
    for (written, expected) in table {
        let _fetch =
            Fetch::by(&format!("() => new Response('', {{ status: 429, headers: {{ 'retry-after': {written} }} }})"));
        let request = HttpRequest { url: SERVER.to_owned(), form: None, bearer: None };
        let told = here().send(request).await.expect("an answer").retry_after;
        let is_right = match &expected {
            Some(seconds) => told.is_some_and(|told| seconds.contains(&told)),
            None => told.is_none(),
        };
        assert!(is_right, "{written}: {told:?}");
    }
}

#[wasm_bindgen_test]
async fn a_server_that_names_another_address() {
    // No script can make an answer of that kind; this one has the same status.
    assert_eq!(failures_by("return Response.error()").await, [Some(BrowserError::Redirected); 2]);
}
