//! What the facade holds at first: as much of the core as it takes to say who is signed in and to hand out tokens that are stored. What it
//! can't do it leaves to the whole: it says `undefined`, and nothing has been done.

use super::{at_once, dictionary};
use crate::{
    client::PublicClient,
    error::{ConfigError, Error},
    json::{self, Value},
    platform::web::Web,
};
use js_sys::Function;
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// A client on this page, as far as it goes.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ClientHandle(PublicClient<Web>);

#[wasm_bindgen]
impl ClientHandle {
    /// As the whole's.
    #[wasm_bindgen(constructor)]
    pub fn new(configuration: &JsValue, custom: JsValue, go: Function) -> Result<ClientHandle, JsValue> {
        at_once::open(&read(configuration)?, custom, go).map(ClientHandle).map_err(|error| thrown(&error))
    }

    /// A method that waits; `undefined` for what only the whole can answer.
    pub async fn run(&self, method: String, request: JsValue) -> JsValue {
        let Ok(request) = read(&request) else { return JsValue::UNDEFINED };
        self.answer(&method, &request).await.unwrap_or(JsValue::UNDEFINED)
    }

    /// As the whole's, but that [nothing is renewed](ClientHandle::wants).
    pub fn recall(&self, lines: &str) -> JsValue {
        at_once::recall(&self.0, lines)
    }

    /// As the whole's.
    pub fn holds(&self, revision: u32, until: f64) -> bool {
        at_once::holds(&self.0, revision, until)
    }

    /// Whether a token was handed out that is to be renewed soon.
    pub fn wants(&self) -> bool {
        self.0.has_due()
    }

    /// A method that does not wait; `undefined` for what only the whole can answer.
    pub fn ask(&self, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
        let answer = at_once::ask(&self.0, method, &read(argument)?);
        answer.unwrap_or(Ok(JsValue::UNDEFINED)).map_err(|error| thrown(&error))
    }

    async fn answer(&self, method: &str, request: &Value) -> Option<JsValue> {
        match method {
            "initialize" => self.0.start().await.ok().map(|()| JsValue::NULL),
            "handleRedirectPromise" => (!self.0.may_be_answered(request.text_of("hash"))).then_some(JsValue::NULL),
            "handleAdminConsentPromise" => (!self.0.may_be_admitted(request.text_of("hash"))).then_some(JsValue::NULL),
            "acquireTokenSilent" => {
                dictionary::check(request).ok()?;
                dictionary::check_authority(request, self.0.authority()).ok()?;
                let correlation_id = match dictionary::correlation_id(request) {
                    Some(id) => id.to_owned(),
                    None => self.0.correlation_id().ok()?,
                };
                let request = dictionary::silent_request(request, &correlation_id).ok()?;
                let result = self.0.acquire_cached(&request).await?;
                let missing = request.scopes.permissions().difference(&result.token.scopes);
                Some(at_once::result(&self.0, &result, &missing, &correlation_id, None))
            }
            _ => None,
        }
    }
}

fn thrown(error: &Error) -> JsValue {
    json::to_js(&error.record("").finish())
}

fn read(value: &JsValue) -> Result<Value, JsValue> {
    let not_plain = ConfigError::Field { field: "argument", expected: "a plain object" };
    json::from_js(value).map_err(|json::NotJson| thrown(&not_plain.into()))
}
