//! A request to a server, and why nothing came of it where nothing came.

use super::{
    policy::Refusals,
    wait::{pause, settled},
};
use crate::{
    error::BrowserError,
    platform::web_page,
    protocol::{HttpRequest, HttpResponse},
    secret::Secret,
};
use js_sys::Promise;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{
    AbortSignal, Headers, ReferrerPolicy, RequestCache, RequestCredentials, RequestInit, RequestMode, RequestRedirect,
    Response, UrlSearchParams,
};

/// How long an answer may take, and how long a probe, in milliseconds.
const ANSWER: u32 = 30_000;
const PROBE: u32 = 3000;
/// How long a browser takes to tell that a policy was in the way, in milliseconds.
const TELLING: i32 = 50;

pub(super) fn is_online() -> bool {
    web_page::window().is_ok_and(|window| window.navigator().on_line())
}

pub(super) async fn send(request: &HttpRequest) -> Result<HttpResponse, BrowserError> {
    // An answer that can't be checked is not asked for: a refresh token would be used up for it.
    super::subtle()?;
    let refusals = Refusals::of("connect-src", &request.url)?;
    let signal = AbortSignal::timeout_with_u32(ANSWER);
    match exchange(request, &signal).await {
        Ok(response) if response.status == 0 => Err(BrowserError::Redirected),
        Ok(response) => Ok(response),
        Err(_) if signal.aborted() => Err(BrowserError::TimedOut),
        Err(_) if !is_online() => Err(BrowserError::Offline),
        Err(_) => {
            // The event comes after the failure.
            pause(TELLING).await;
            Err(if refusals.has_any() { BrowserError::CspBlocked } else { reason(request).await })
        }
    }
}

async fn exchange(request: &HttpRequest, signal: &AbortSignal) -> Result<HttpResponse, JsValue> {
    let init = discreet(request);
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(signal));
    if let Some(form) = &request.form {
        // A form's type needs no leave from the server (CORS preflight); a plain string would be sent as text.
        init.set_body(&UrlSearchParams::new_with_str(form.expose())?.into());
    }
    if let Some(bearer) = &request.bearer {
        let headers = Headers::new()?;
        headers.set("Authorization", &["Bearer ", bearer.expose()].concat())?;
        init.set_headers_headers(&headers);
    }
    let response: Response = settled(fetch(&request.url, &init)).await?.unchecked_into();
    let retry_after = response.headers().get("retry-after")?;
    let body = settled(response.text()).await?.as_string().unwrap_or_default();
    Ok(HttpResponse {
        status: response.status(),
        retry_after: retry_after.as_deref().and_then(web_page::retry_after),
        body: Secret::new(body),
    })
}

/// Asks again, without anything that was in the request. A server that answers who does not want to read it, and not who does, keeps
/// its answers from this origin; else the connection broke.
async fn reason(request: &HttpRequest) -> BrowserError {
    let address = request.url.split('?').next().unwrap_or_default();
    let blind = discreet(request);
    blind.set_method("GET");
    blind.set_mode(RequestMode::NoCors);
    let is_there = answers(address, &blind).await;
    if is_there && !answers(address, &discreet(request)).await {
        BrowserError::CorsBlocked
    } else if request.form.is_some() {
        BrowserError::PostFailed
    } else {
        BrowserError::GetFailed
    }
}

async fn answers(address: &str, init: &RequestInit) -> bool {
    init.set_signal(Some(&AbortSignal::timeout_with_u32(PROBE)));
    settled(fetch(address, init)).await.is_ok()
}

/// Nothing of the user's and of the page goes along.
fn discreet(request: &HttpRequest) -> RequestInit {
    let init = RequestInit::new();
    init.set_method(if request.form.is_some() { "POST" } else { "GET" });
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    init.set_referrer_policy(ReferrerPolicy::NoReferrer);
    init
}

fn fetch(address: &str, init: &RequestInit) -> Result<Promise, JsValue> {
    let window = web_page::window().map_err(|_| JsValue::UNDEFINED)?;
    Ok(window.fetch_with_str_and_init(address, init))
}
