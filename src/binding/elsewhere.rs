//! The dictionary's part on what was got elsewhere.

use super::dictionary::{Kind, filter, scopes};
use crate::{
    client::{Brought, Credential, Left},
    error::ConfigError,
    json::Value,
    scope::ScopeSet,
    secret::Secret,
};

/// The fields of an `AuthenticationResult` that are read; its times are in seconds since 1970.
const RESULT: [(&str, &str, Kind); 7] = [
    ("idToken", "result.idToken", Kind::Text),
    ("accessToken", "result.accessToken", Kind::Text),
    ("account", "result.account", Kind::Object),
    ("expiresOn", "result.expiresOn", Kind::Seconds),
    ("refreshOn", "result.refreshOn", Kind::Seconds),
    ("scopes", "result.scopes", Kind::Scopes),
    ("tokenType", "result.tokenType", Kind::Text),
];

/// Reads a request with its `result`; the request was [checked](super::dictionary::check).
///
/// # Errors
/// [`ConfigError`] with the field.
pub fn brought(request: &Value) -> Result<Brought<'_>, ConfigError> {
    let result = request.member("result").unwrap_or(&Value::Null);
    for (name, field, kind) in RESULT {
        if let Some(value) = result.member(name) {
            kind.check(value, field)?;
        }
    }
    let text = |name| result.text_of(name).filter(|text| !text.is_empty());
    let id_token = text("idToken").ok_or(ConfigError::Field { field: "result.idToken", expected: "a string" })?;
    if text("tokenType").is_some_and(|kind| !kind.eq_ignore_ascii_case("bearer")) {
        return Err(ConfigError::Field { field: "result.tokenType", expected: "`Bearer`" });
    }
    let end = result.member("expiresOn").and_then(Value::as_seconds);
    let granted = scopes_of(result)?;
    let asked = scopes(request, "scopes")?;
    Ok(Brought {
        id_token: Secret::new(id_token.to_owned()),
        home_account_id: result.member("account").and_then(|account| account.text_of("homeAccountId")),
        access_token: text("accessToken").map(|token| Secret::new(token.to_owned())).zip(end),
        refresh_on: result.member("refreshOn").and_then(Value::as_seconds),
        granted: granted.to_parameter(),
        // Who does not say what was asked for has asked for what came.
        scopes: if asked.is_empty() { granted } else { asked },
        resource: request.text_of("resource"),
        claims: request.text_of("claims"),
    })
}

fn scopes_of(result: &Value) -> Result<ScopeSet, ConfigError> {
    result.member("scopes").map_or_else(|| Ok(ScopeSet::default()), |scopes| ScopeSet::read(scopes, "result.scopes"))
}

/// Reads what MSAL.js has left: its entities, of which those that are none are left out, and whom it calls active.
pub fn left(left: &Value) -> Left<'_> {
    let entries = left.member("entries").and_then(Value::as_array).unwrap_or_default();
    let of = |kind: &str| {
        let mut credentials = Vec::new();
        for entry in entries {
            if entry.text_of("credentialType") == Some(kind) {
                credentials.extend(credential(entry));
            }
        }
        credentials
    };
    Left { id_tokens: of("IdToken"), refresh_tokens: of("RefreshToken"), chosen: left.member("active").map(filter) }
}

fn credential(entry: &Value) -> Option<Credential<'_>> {
    Some(Credential {
        client_id: entry.text_of("clientId")?,
        environment: entry.text_of("environment")?,
        home_account_id: entry.text_of("homeAccountId")?,
        secret: Secret::new(entry.text_of("secret").filter(|secret| !secret.is_empty())?.to_owned()),
        ends_on: entry.member("expiresOn").and_then(Value::as_seconds),
    })
}
