//! What the facade holds. Errors are thrown as plain records.

use super::{at_once, dictionary, elsewhere, records};
use crate::{
    client::{AuthenticationResult, PublicClient, RedirectFailure, SilentRequest, Told},
    error::{ConfigError, Error, UsageError},
    json::{self, Value},
    platform::web::Web,
};
use js_sys::{Array, Function};
use std::{future::poll_fn, pin::Pin, rc::Rc, task::Poll};
use wasm_bindgen::{JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::spawn_local;

/// A client on this page.
#[wasm_bindgen]
#[derive(Debug)]
pub struct ClientHandle(Rc<PublicClient<Web>>);

/// A call: its request, and the correlation id for what it may fail with.
struct Call {
    request: Value,
    correlation_id: String,
}

#[wasm_bindgen]
impl ClientHandle {
    /// Checks a `Configuration` and reads what can be read at once; `custom` is the mirror of the app's own store, and `go` takes the user
    /// to an address.
    #[wasm_bindgen(constructor)]
    pub fn new(configuration: &JsValue, custom: JsValue, go: Function) -> Result<ClientHandle, JsValue> {
        let client = at_once::open(&read(configuration)?, custom, go);
        client.map(|client| ClientHandle(Rc::new(client))).map_err(|error| thrown(&error, ""))
    }

    /// The methods that wait, by name: one future for all of them is half the code.
    pub async fn run(&self, method: String, request: JsValue) -> Result<JsValue, JsValue> {
        let call = Rc::new(self.call(&request)?);
        let outcome = if method == "acquireTokenSilent" {
            self.acquire_silent(&call).await.map_err(Into::into)
        } else {
            self.dispatch(&method, &call).await
        };
        self.renew_due();
        outcome.map_err(|failure| {
            let correlation_id = failure.correlation_id.as_ref().unwrap_or(&call.correlation_id);
            json::to_js(&failure.error.record(correlation_id).with("state", failure.app_state).finish())
        })
    }

    /// A token that can be had at once, its account, when its refresh token ends, what [holds](ClientHandle::holds) takes to know that all
    /// of it is so still, and what others change in the storage if it is not: where, at which key, and what is there; `undefined` for any other. The lines are the account's three keys, empty for none, and the scopes: reading an
    /// object takes longer than all the rest.
    pub fn recall(&self, lines: &str) -> JsValue {
        let parts = at_once::recall(&self.0, lines);
        self.renew_due();
        parts
    }

    /// Whether what was recalled at a revision would be recalled again.
    pub fn holds(&self, revision: u32, until: f64) -> bool {
        at_once::holds(&self.0, revision, until)
    }

    /// The methods that do not wait, by name.
    pub fn ask(&self, method: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
        let argument = read(argument)?;
        match at_once::ask(&self.0, method, &argument) {
            Some(answer) => answer,
            None => self.consult(method, &argument).map(|answer| json::to_js(&answer)),
        }
        .map_err(|error| thrown(&error, ""))
    }

    async fn dispatch(&self, method: &str, call: &Call) -> Result<JsValue, RedirectFailure> {
        let Call { request, correlation_id } = call;
        match method {
            "handleRedirectPromise" => {
                let finished = self.0.finish_redirect(dictionary::redirect_answer(request)).await?;
                Ok(finished.map_or(JsValue::NULL, |finished| {
                    self.brought(&finished.result, &finished.correlation_id, finished.app_state.as_deref())
                }))
            }
            "ssoSilent" => {
                let request = dictionary::sso_silent_request(request, correlation_id)?;
                let result = self.0.sso_silent(&request).await?;
                Ok(self.brought(&result, correlation_id, request.app_state))
            }
            "acquireTokenByCode" => {
                let result = self.0.acquire_by_code(&dictionary::code_request(request, correlation_id)?).await?;
                Ok(self.brought(&result, correlation_id, None))
            }
            "acquireTokens" => {
                let may_leave = dictionary::may_leave(request)?;
                let request = dictionary::redirect_request(request, false, correlation_id)?;
                let results = self.0.acquire_tokens(&request, may_leave).await?;
                let [tokens, errors] = [Array::new(), Array::new()];
                for (resource, outcome) in &results {
                    let resource_name = resource.as_str().into();
                    match outcome {
                        Ok(result) => {
                            let missing = request.scopes.of(resource).permissions().difference(&result.token.scopes);
                            let result = at_once::result(&self.0, result, &missing, correlation_id, None);
                            tokens.push(&Array::of2(&resource_name, &result));
                        }
                        Err(error) => {
                            errors.push(&Array::of2(&resource_name, &thrown(error, correlation_id)));
                        }
                    }
                }
                Ok(Array::of2(&tokens, &errors).into())
            }
            "loadUserInfo" => {
                let claims = self.0.load_user_info(dictionary::account(request), correlation_id).await?;
                Ok(json::to_js(&claims))
            }
            "handleAdminConsentPromise" => {
                let finished = self.0.finish_admin_consent(request.text_of("hash")).await?;
                Ok(finished.map_or(JsValue::NULL, |result| json::to_js(&records::admin_record(&result))))
            }
            _ => self.act(method, call).await,
        }
    }

    /// A token as soon as it is sure. That it is stored goes on behind the caller's back.
    async fn acquire_silent(&self, call: &Rc<Call>) -> Result<JsValue, Error> {
        let told = Rc::new(Told::default());
        let parts = (Rc::clone(&self.0), Rc::clone(call), Rc::clone(&told));
        let mut work: Pin<Box<dyn Future<Output = Result<JsValue, Error>>>> = Box::pin(async move {
            let (client, call, told) = parts;
            let request = dictionary::silent_request(&call.request, &call.correlation_id)?;
            let request = SilentRequest { told: Some(&told), ..request };
            let result = client.acquire_silent(&request).await?;
            if told.borrow().is_some() {
                return Ok(JsValue::UNDEFINED);
            }
            let missing = request.scopes.permissions().difference(&result.token.scopes);
            Ok(at_once::result(&client, &result, &missing, &call.correlation_id, None))
        });
        let outcome = poll_fn(|context| match work.as_mut().poll(context) {
            Poll::Pending if told.borrow().is_none() => Poll::Pending,
            outcome => Poll::Ready(outcome),
        });
        let outcome = outcome.await;
        let result = told.borrow().clone();
        match (result, outcome) {
            (Some(result), outcome) => {
                if outcome.is_pending() {
                    spawn_local(async move { drop(work.await) });
                }
                Ok(self.brought(&result, &call.correlation_id, None))
            }
            (None, Poll::Ready(outcome)) => outcome,
            (None, Poll::Pending) => Err(UsageError::NotCached.into()),
        }
    }

    /// The methods that bring no token.
    async fn act(&self, method: &str, call: &Call) -> Result<JsValue, RedirectFailure> {
        let Call { request, correlation_id } = call;
        match method {
            "adminConsentRedirect" => {
                let request = dictionary::admin_consent_request(request, correlation_id)?;
                self.0.begin_admin_consent(&request).await?;
            }
            "clearCache" => self.0.clear(dictionary::account(request)).await?,
            "adopt" => self.0.adopt(&elsewhere::left(request)).await?,
            "hydrateCache" => self.0.hydrate(&elsewhere::brought(request)?).await?,
            "initialize" => self.0.start().await?,
            "logoutRedirect" => self.0.sign_out(dictionary::sign_out_request(request, correlation_id)).await?,
            "openLogout" => {
                let opened = self.0.open_sign_out(dictionary::sign_out_request(request, correlation_id)).await?;
                return Ok(json::to_js(&records::window_record(["url", "name"], Some(opened))));
            }
            "signOutSilently" => self.0.sign_out_silently().await?,
            "openLogin" | "openRequest" => {
                let request = dictionary::redirect_request(request, method == "openLogin", correlation_id)?;
                let opened = self.0.open_window(&request).await?;
                return Ok(json::to_js(&records::window_record(["url", "name"], Some(opened))));
            }
            _ => {
                let is_sign_in = method == "loginRedirect";
                self.0.begin_redirect(&dictionary::redirect_request(request, is_sign_in, correlation_id)?).await?;
            }
        }
        Ok(JsValue::UNDEFINED)
    }

    /// What is asked of a request, without sending one.
    fn consult(&self, method: &str, request: &Value) -> Result<Value, Error> {
        dictionary::check(request)?;
        let scopes = |field| dictionary::scopes(request, field);
        Ok(match method {
            "plan" => records::plan_record(&self.0.plan(&scopes("scopes")?, dictionary::account(request))?),
            "reviewScopes" => {
                let all = scopes("scopes")?.union(&scopes("extraScopesToConsent")?);
                let mut records = Vec::new();
                for warning in self.0.review(&all, dictionary::flag(request, "signIn")) {
                    records.push(records::warning_record(&warning));
                }
                Value::Array(records)
            }
            "explainForbidden" => {
                records::forbidden_record(&self.0.explain_forbidden(&dictionary::forbidden_call(request)?))
            }
            "readChallenge" => {
                let status = request.member("status").and_then(Value::as_seconds).unwrap_or_default();
                let call = dictionary::forbidden_call(request)?;
                records::challenge_record(&self.0.read_challenge(&call, status))
            }
            "getAdminConsentUrl" => self.0.admin_consent_url(&dictionary::admin_consent_request(request, "")?)?.into(),
            _ => {
                let own = self.correlation_id(request)?;
                let request = dictionary::admin_consent_request(request, &own)?;
                records::window_record(["url", "name"], Some(self.0.open_admin_consent(&request)?))
            }
        })
    }

    /// Renews behind the caller's back what is to be renewed.
    fn renew_due(&self) {
        if self.0.has_due() {
            let client = Rc::clone(&self.0);
            spawn_local(async move { client.renew_due().await });
        }
    }

    fn correlation_id(&self, request: &Value) -> Result<String, Error> {
        dictionary::correlation_id(request).map_or_else(|| self.0.correlation_id(), |id| Ok(id.to_owned()))
    }

    /// What an interaction has brought: the server says what is missing.
    fn brought(&self, result: &AuthenticationResult, correlation_id: &str, app_state: Option<&str>) -> JsValue {
        at_once::result(&self.0, result, &result.token.missing, correlation_id, app_state)
    }

    fn call(&self, request: &JsValue) -> Result<Call, JsValue> {
        let request = read(request)?;
        let correlation_id = self.correlation_id(&request).map_err(|error| thrown(&error, ""))?;
        match dictionary::check(&request).and_then(|()| dictionary::check_authority(&request, self.0.authority())) {
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
