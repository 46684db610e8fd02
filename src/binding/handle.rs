//! What the facade holds. Errors are thrown as plain records.

use super::dictionary;
use crate::{
    cache::AccountFilter,
    client::{AuthenticationResult, PublicClient, RedirectFailure},
    error::{ConfigError, Error},
    json::{self, Object, Value},
    platform::web::Web,
    scope::ScopeSet,
};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};

/// A client on this page.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ClientHandle(PublicClient<Web>);

/// A call: its request, and the correlation id for what it may fail with.
struct Call {
    request: Value,
    correlation_id: String,
}

#[wasm_bindgen]
impl ClientHandle {
    /// Checks a `Configuration` and reads what is stored.
    #[wasm_bindgen(constructor)]
    pub fn new(configuration: &JsValue) -> Result<ClientHandle, JsValue> {
        let new = |configuration: &Value| PublicClient::new(Web, dictionary::config(configuration)?);
        new(&read(configuration)?).map(ClientHandle).map_err(|error| thrown(&error, ""))
    }

    /// The methods that wait, by name: one future for all of them is half the code.
    pub async fn run(&self, method: String, request: JsValue) -> Result<JsValue, JsValue> {
        let call = self.call(&request)?;
        self.dispatch(&method, &call).await.map_err(|failure| {
            let correlation_id = failure.correlation_id.as_ref().unwrap_or(&call.correlation_id);
            json::to_js(&failure.error.record(correlation_id).with("state", failure.app_state).finish())
        })
    }

    /// The methods that do not wait, by name.
    pub fn ask(&self, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
        let argument = read(argument)?;
        let is_given = match &argument {
            Value::Null => false,
            // `{}` lists everybody, and means nobody in particular.
            Value::Object(members) => method != "getAllAccounts" || !members.is_empty(),
            _ => true,
        };
        let named = is_given.then(|| dictionary::filter(&argument));
        self.answer(method, named).map(|answer| json::to_js(&answer)).map_err(|error| thrown(&error, ""))
    }

    async fn dispatch(&self, method: &str, call: &Call) -> Result<JsValue, RedirectFailure> {
        let Call { request, correlation_id } = call;
        match method {
            "handleRedirectPromise" => {
                let finished = self.0.finish_redirect(dictionary::redirect_answer(request)).await?;
                return Ok(finished.map_or(JsValue::NULL, |finished| {
                    let missing = &finished.result.token.missing;
                    let record = self.record(&finished.result, missing, &finished.correlation_id);
                    json::to_js(&record.with("state", finished.app_state).finish())
                }));
            }
            "acquireTokenSilent" => {
                let request = dictionary::silent_request(request, correlation_id)?;
                let result = self.0.acquire_silent(&request).await?;
                let missing = request.scopes.permissions().difference(&result.token.scopes);
                return Ok(json::to_js(&self.record(&result, &missing, correlation_id).finish()));
            }
            "clearCache" => self.0.clear(dictionary::account(request))?,
            "logoutRedirect" => self.0.sign_out(dictionary::sign_out_request(request, correlation_id)).await?,
            _ => {
                let is_sign_in = method == "loginRedirect";
                self.0.begin_redirect(&dictionary::redirect_request(request, is_sign_in, correlation_id)?).await?;
            }
        }
        Ok(JsValue::UNDEFINED)
    }

    fn answer(&self, method: &str, named: Option<AccountFilter<'_>>) -> Result<Value, Error> {
        Ok(match method {
            "getAllAccounts" => {
                let accounts = self.0.accounts(named.unwrap_or_default());
                accounts.iter().map(|account| dictionary::account_record(account)).collect()
            }
            "getActiveAccount" => {
                self.0.active_account().map_or(Value::Null, |account| dictionary::account_record(&account))
            }
            "getGrantedScopes" => dictionary::granted_record(&self.0.granted(named)?),
            _ => {
                self.0.set_active_account(named)?;
                Value::Null
            }
        })
    }

    fn record(&self, result: &AuthenticationResult, missing: &ScopeSet, correlation_id: &str) -> Object {
        dictionary::result_record(result, missing, self.0.authority(), correlation_id)
    }

    fn call(&self, request: &JsValue) -> Result<Call, JsValue> {
        let request = read(request)?;
        let correlation_id = match request.text_of("correlationId") {
            Some(id) => id.to_owned(),
            None => self.0.correlation_id().map_err(|error| thrown(&error, ""))?,
        };
        match dictionary::check(&request) {
            Ok(()) => Ok(Call { request, correlation_id }),
            Err(error) => Err(thrown(&error.into(), &correlation_id)),
        }
    }
}

fn thrown(error: &Error, correlation_id: &str) -> JsValue {
    json::to_js(&error.record(correlation_id).finish())
}

fn read(value: &JsValue) -> Result<Value, JsValue> {
    let not_plain = ConfigError::Field { field: "argument", expected: "a plain object" };
    json::from_js(value).map_err(|json::NotJson| thrown(&not_plain.into(), ""))
}
