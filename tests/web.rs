//! The parts that only a browser has: the page as platform, JavaScript values, and what the facade holds. With the feature `browser` the
//! same of the platform for apps in Rust.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod web {
    pub(super) mod fetch;
    #[cfg(feature = "browser")]
    mod frame;
    #[cfg(not(feature = "browser"))]
    mod handle;
    mod json;
    mod network;
    mod platform;
    #[cfg(not(feature = "browser"))]
    mod proactive;
    mod signature;
    #[cfg(feature = "browser")]
    mod vault;
}

#[cfg(feature = "browser")]
use consentry::platform::Browser;
#[cfg(not(feature = "browser"))]
use consentry::platform::web::Web;
#[cfg(not(feature = "browser"))]
use js_sys::Function;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test_configure;

wasm_bindgen_test_configure!(run_in_browser);

/// The value of a JavaScript expression.
fn js(expression: &str) -> JsValue {
    js_sys::eval(&format!("({expression})")).expect("the expression is right")
}

/// Goes nowhere.
#[cfg(not(feature = "browser"))]
fn stays() -> Function {
    Function::new_no_args("throw 0")
}

/// The page that the test runs on.
#[cfg(not(feature = "browser"))]
fn here() -> Web {
    Web::new(JsValue::UNDEFINED, stays())
}

/// The page that the test runs on, as an app in Rust has it.
#[cfg(feature = "browser")]
fn here() -> Browser {
    Browser::default()
}

/// What a JavaScript value says as JSON.
fn json_text(value: &JsValue) -> String {
    js_sys::JSON::stringify(value).expect("it has JSON").into()
}
