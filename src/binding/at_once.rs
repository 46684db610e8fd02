//! What is said without waiting and without a server: by the whole core, and by the part of it that a page starts with.

use super::{dictionary, records};
use crate::{
    cache::{Account, AccountFilter},
    client::{AuthenticationResult, PublicClient},
    error::Error,
    json::{self, Value},
    platform::web::Web,
    scope::ScopeSet,
};
use js_sys::{Array, Function};
use wasm_bindgen::JsValue;

/// Checks a `Configuration` and reads what can be read at once.
pub(super) fn open(configuration: &Value, custom: JsValue, go: Function) -> Result<PublicClient<Web>, Error> {
    PublicClient::new(Web::new(custom, go), dictionary::config(configuration)?)
}

/// A token that can be had at once; `undefined` for any other.
pub(super) fn recall(client: &PublicClient<Web>, lines: &str) -> JsValue {
    let found = dictionary::brief_request(lines).ok().and_then(|request| client.recall(&request));
    found.map_or(JsValue::UNDEFINED, |result| {
        let parts = parts(client, &result);
        for number in [f64::from(client.revision()), seconds(client.good_until(&result))] {
            parts.push(&number.into());
        }
        if let Some((area, key, stamp)) = client.stamp() {
            for part in [client.platform().area(area), key.into(), stamp.map_or(JsValue::NULL, Into::into)] {
                parts.push(&part);
            }
        }
        parts.into()
    })
}

/// What all results have: what is said of the token and of the account, which is made once for all that have them, and when the refresh
/// token ends. The facade makes a whole of it.
fn parts(client: &PublicClient<Web>, result: &AuthenticationResult) -> Array {
    let token = result.token.view.of(|| json::to_js(&records::token_record(&result.token, client.authority())));
    let parts = Array::of2(&token, &account_view(&result.account));
    parts.push(&result.account.refresh_until.map(seconds).into());
    parts
}

/// An `AuthenticationResult` in parts, with what only one who has waited for it is told.
pub(super) fn result(
    client: &PublicClient<Web>,
    result: &AuthenticationResult,
    missing: &ScopeSet,
    correlation_id: &str,
    app_state: Option<&str>,
) -> JsValue {
    let parts = parts(client, result);
    let missing = json::to_js(&missing.to_list());
    for part in [missing, result.from_cache.into(), correlation_id.into(), app_state.into()] {
        parts.push(&part);
    }
    parts.into()
}

/// Whether what was recalled at a revision would be recalled again.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "seconds since 1970")]
pub(super) fn holds(client: &PublicClient<Web>, revision: u32, until: f64) -> bool {
    client.still_holds(revision, until as u64)
}

/// What is asked of the users, of the page and of the names of permissions; `None` for anything else.
pub(super) fn ask(client: &PublicClient<Web>, method: &str, argument: &Value) -> Option<Result<JsValue, Error>> {
    if method == "getAllAccounts" {
        let accounts = client.accounts(named(argument, true).unwrap_or_default());
        return Some(Ok(accounts.iter().map(|account| account_view(account)).collect::<Array>().into()));
    }
    answer(client, method, argument).transpose().map(|answer| answer.map(|answer| json::to_js(&answer)))
}

fn answer(client: &PublicClient<Web>, method: &str, argument: &Value) -> Result<Option<Value>, Error> {
    Ok(Some(match method {
        "getActiveAccount" => client.active_account().map_or(Value::Null, |account| records::account_record(&account)),
        "setActiveAccount" => {
            client.set_active_account(named(argument, false))?;
            Value::Null
        }
        "getGrantedScopes" => Value::from(&client.granted(named(argument, false))?),
        "composeScopes" => {
            dictionary::check(argument)?;
            let all = dictionary::scopes(argument, "scopes")?;
            all.resource()?;
            all.to_list()
        }
        "awaitsAdoption" => client.awaits_adoption().into(),
        "answerForOpener" => records::window_record(["name", "text"], client.answer_for_opener()),
        "places" => records::places_record(client.places()),
        "warns" => client.warns().into(),
        _ => return Ok(None),
    }))
}

/// Whom an argument names.
fn named(argument: &Value, lists: bool) -> Option<AccountFilter<'_>> {
    let is_given = match argument {
        Value::Null => false,
        // `{}` lists everybody, and means nobody in particular.
        Value::Object(members) => !lists || !members.is_empty(),
        _ => true,
    };
    is_given.then(|| dictionary::filter(argument))
}

#[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
const fn seconds(seconds: u64) -> f64 {
    seconds as f64
}

fn account_view(account: &Account) -> JsValue {
    account.view.of(|| json::to_js(&records::account_record(account)))
}
