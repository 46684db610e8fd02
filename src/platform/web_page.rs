//! What a page knows of itself and of its clocks, however else it reaches the browser.

use crate::{error::BrowserError, json::Value, protocol::Algorithm};
use js_sys::{Date, Reflect};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use web_sys::{Url, Window};

#[wasm_bindgen]
extern "C" {
    /// In milliseconds.
    #[wasm_bindgen(js_namespace = performance, js_name = now)]
    fn milliseconds() -> f64;
}

pub(super) fn window() -> Result<Window, BrowserError> {
    web_sys::window().ok_or(BrowserError::NoWindow)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "seconds since 1970 fit in an f64 and a u64"
)]
pub(super) fn now() -> u64 {
    (Date::now() / 1000.0) as u64
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it counts up from the page's start")]
pub(super) fn elapsed() -> u64 {
    (milliseconds() / 1000.0) as u64
}

pub(super) fn address() -> Result<String, BrowserError> {
    window()?.location().href().map_err(|_| BrowserError::NoWindow)
}

pub(super) fn is_user_active() -> bool {
    let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
    let activation = window().ok().and_then(|window| get(&window.navigator(), "userActivation"));
    activation.and_then(|activation| get(&activation, "hasBeenActive")).is_some_and(|active| active.is_truthy())
}

pub(super) fn resolve(reference: &str) -> Option<String> {
    Url::new_with_base(reference, &address().ok()?).ok().map(|url| url.href())
}

pub(super) fn replace_address(url: &str) -> Result<(), BrowserError> {
    let history = window()?.history().map_err(|_| BrowserError::NoWindow)?;
    let state = history.state().unwrap_or(JsValue::NULL);
    history.replace_state_with_url(&state, "", Some(url)).map_err(|_| BrowserError::NoWindow)
}

/// The seconds that `Retry-After` asks for: as a number, or as a date (RFC 9110 section 10.2.3).
pub(super) fn retry_after(told: &str) -> Option<u64> {
    Value::from(told).as_seconds().or_else(|| seconds_until(told))
}

/// The seconds until a date of HTTP (RFC 9110 section 5.6.7), if it is still to come.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is positive; what is too large is cut off"
)]
fn seconds_until(date: &str) -> Option<u64> {
    let seconds = ((Date::parse(date) - Date::now()) / 1000.0).ceil();
    // Other texts, too, are dates to some browsers.
    (date.ends_with(" GMT") && seconds > 0.0).then_some(seconds as u64)
}

/// What the browser calls an algorithm (Web Cryptography API section 18).
pub(super) const fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rs256 => "RSASSA-PKCS1-v1_5",
        Algorithm::Ps256 => "RSA-PSS",
        Algorithm::Es256 => "ECDSA",
        Algorithm::EdDsa => "Ed25519",
    }
}
