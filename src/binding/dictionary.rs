//! The dictionary: MSAL's names and shapes on one side, the specifications' on the other.

pub use super::configuration::config;

use crate::{
    cache::AccountFilter,
    client::{
        AdminConsentRequest, CodeRequest, ForbiddenCall, RedirectAnswer, RedirectRequest, SignOutRequest, SilentRequest,
    },
    error::ConfigError,
    json::{self, Value},
    protocol::{Authority, Prompt},
    scope::ScopeSet,
    secret::Secret,
    text::{cut, parts},
};

/// What a field has to be.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    /// Not there: it would change what is asked, and is not supported.
    Absent,
    Flag,
    Object,
    Scopes,
    Seconds,
    Text,
    Texts,
}

/// The fields of all requests: a name means the same in each.
const REQUEST: [(&str, Kind); 32] = [
    ("nonce", Kind::Absent),
    ("storeInCache", Kind::Absent),
    ("account", Kind::Object),
    ("askAgain", Kind::Flag),
    ("authenticationScheme", Kind::Text),
    ("authority", Kind::Text),
    ("cacheLookupPolicy", Kind::Seconds),
    ("claims", Kind::Text),
    ("code", Kind::Text),
    ("correlationId", Kind::Text),
    ("domainHint", Kind::Text),
    ("extraQueryParameters", Kind::Object),
    ("extraScopesToConsent", Kind::Scopes),
    ("forceRefresh", Kind::Flag),
    ("hash", Kind::Text),
    ("idTokenHint", Kind::Text),
    ("interaction", Kind::Text),
    ("loginHint", Kind::Text),
    ("logoutHint", Kind::Text),
    ("navigateToLoginRequestUrl", Kind::Flag),
    ("postLogoutRedirectUri", Kind::Text),
    ("prompt", Kind::Text),
    ("redirectStartPage", Kind::Text),
    ("redirectUri", Kind::Text),
    ("resource", Kind::Text),
    ("scopes", Kind::Scopes),
    ("sid", Kind::Text),
    ("signIn", Kind::Flag),
    ("stays", Kind::Flag),
    ("state", Kind::Text),
    ("token", Kind::Object),
    ("wwwAuthenticate", Kind::Text),
];

impl Kind {
    pub(super) fn check(self, value: &Value, field: &'static str) -> Result<(), ConfigError> {
        let (is_right, expected) = match self {
            Kind::Absent => (false, "left out: it is not supported"),
            Kind::Flag => (value.as_bool().is_some(), "true or false"),
            Kind::Object => (matches!(value, Value::Object(_)), "an object"),
            Kind::Seconds => (value.as_seconds().is_some(), "a number of seconds"),
            Kind::Text => (value.as_str().is_some(), "a string"),
            Kind::Texts => {
                let is_text = |text: &Value| text.as_str().is_some_and(|text| !text.trim_ascii().is_empty());
                (value.as_array().is_some_and(|texts| texts.iter().all(is_text)), "an array of strings, none empty")
            }
            Kind::Scopes => {
                let are_texts = |list: &Value| {
                    list.as_array().is_some_and(|texts| texts.iter().all(|text| text.as_str().is_some()))
                };
                let is_right = match value {
                    Value::Object(by_resource) => by_resource.iter().all(|(_, names)| are_texts(names)),
                    list => are_texts(list),
                };
                (is_right, "an array of strings, or one for each Application ID URI")
            }
        };
        if is_right { Ok(()) } else { Err(ConfigError::Field { field, expected }) }
    }
}

/// Checks the types of a request's fields. What it lets pass can be read without another look.
///
/// # Errors
/// [`ConfigError::Field`], [`ConfigError::Claims`].
pub fn check(request: &Value) -> Result<(), ConfigError> {
    for (field, kind) in REQUEST {
        if let Some(value) = request.member(field) {
            kind.check(value, field)?;
        }
    }
    if request.text_of("authenticationScheme").is_some_and(|scheme| !scheme.eq_ignore_ascii_case("bearer")) {
        return Err(ConfigError::Field { field: "authenticationScheme", expected: "left out, or `Bearer`" });
    }
    match request.text_of("claims").map(json::parse) {
        None | Some(Ok(Value::Object(_))) => Ok(()),
        Some(_) => Err(ConfigError::Claims),
    }
}

/// Checks that a request is for the client's own server.
///
/// # Errors
/// [`ConfigError::Field`].
pub fn check_authority(request: &Value, own: &Authority) -> Result<(), ConfigError> {
    let is_own = |text: &str| {
        let read = if own.is_platform() { Authority::parse(text) } else { Authority::issuer(text) };
        read.is_ok_and(|authority| authority.as_str() == own.as_str())
    };
    if request.text_of("authority").is_none_or(is_own) {
        return Ok(());
    }
    let expected = "that of the configuration, or left out: make a client for each";
    Err(ConfigError::Field { field: "authority", expected })
}

/// Reads a `RedirectRequest` that was [checked](check), of `loginRedirect` or of `acquireTokenRedirect`.
///
/// # Errors
/// [`ConfigError`] with the field.
pub fn redirect_request<'a>(
    request: &'a Value,
    is_sign_in: bool,
    correlation_id: &'a str,
) -> Result<RedirectRequest<'a>, ConfigError> {
    let prompt = request.text_of("prompt").map(Prompt::parse).transpose()?;
    no_sid(request)?;
    authorization_request(request, is_sign_in, prompt, correlation_id)
}

/// Reads an `SsoSilentRequest` that was [checked](check). Apps pass the request of their sign-in, whose `prompt` means nothing here.
///
/// # Errors
/// [`ConfigError`] with the field.
pub fn sso_silent_request<'a>(request: &'a Value, correlation_id: &'a str) -> Result<RedirectRequest<'a>, ConfigError> {
    let mut asked = authorization_request(request, true, Some(Prompt::NONE), correlation_id)?;
    if let Some(sid) = request.text_of("sid") {
        // A session says who is meant: there is no other hint.
        asked.login_hint = Some("");
        asked.extra.push(("sid", sid));
    }
    Ok(asked)
}

/// A session is named where nothing may be shown.
fn no_sid(request: &Value) -> Result<(), ConfigError> {
    let expected = "left out: only `ssoSilent` takes it";
    request.text_of("sid").map_or(Ok(()), |_| Err(ConfigError::Field { field: "sid", expected }))
}

fn authorization_request<'a>(
    request: &'a Value,
    is_sign_in: bool,
    prompt: Option<Prompt>,
    correlation_id: &'a str,
) -> Result<RedirectRequest<'a>, ConfigError> {
    let mut extra = Vec::new();
    if let Some(Value::Object(members)) = request.member("extraQueryParameters") {
        for (name, value) in members {
            Kind::Text.check(value, "extraQueryParameters")?;
            extra.push((name.as_str(), value.as_str().unwrap_or_default()));
        }
    }
    Ok(RedirectRequest {
        scopes: scopes(request, "scopes")?,
        extra_scopes: scopes(request, "extraScopesToConsent")?,
        resource: request.text_of("resource"),
        account: account(request),
        is_sign_in,
        redirect_uri: request.text_of("redirectUri"),
        start_page: request.text_of("redirectStartPage"),
        login_hint: request.text_of("loginHint"),
        domain_hint: request.text_of("domainHint"),
        prompt,
        app_state: request.text_of("state"),
        claims: request.text_of("claims"),
        ask_again: flag(request, "askAgain"),
        extra,
        correlation_id,
    })
}

/// Reads `HandleRedirectPromiseOptions` that were [checked](check).
pub fn redirect_answer(options: &Value) -> RedirectAnswer<'_> {
    RedirectAnswer {
        hash: options.text_of("hash"),
        return_to_start: options.member("navigateToLoginRequestUrl").and_then(Value::as_bool).unwrap_or(true),
    }
}

/// The correlation id of a request, if it has one.
pub fn correlation_id(request: &Value) -> Option<&str> {
    match request {
        Value::String(lines) => cut(lines, b'\n').map(|(id, _)| id).filter(|id| !id.is_empty()),
        request => request.text_of("correlationId"),
    }
}

/// Reads a `SilentRequest` that was [checked](check).
///
/// # Errors
/// [`ConfigError`] with the field.
pub fn silent_request<'a>(request: &'a Value, correlation_id: &'a str) -> Result<SilentRequest<'a>, ConfigError> {
    if let Value::String(lines) = request {
        let lines = cut(lines, b'\n').map(|(_, lines)| lines).unwrap_or_default();
        return Ok(SilentRequest { correlation_id, ..brief_request(lines)? });
    }
    no_sid(request)?;
    let policy = request.member("cacheLookupPolicy").and_then(Value::as_seconds).unwrap_or_default();
    if policy > 5 {
        let expected = "one of `CacheLookupPolicy`, which are 0 to 5";
        return Err(ConfigError::Field { field: "cacheLookupPolicy", expected });
    }
    Ok(SilentRequest {
        scopes: scopes(request, "scopes")?,
        resource: request.text_of("resource"),
        account: account(request),
        force_refresh: flag(request, "forceRefresh") || matches!(policy, 3..=5),
        no_refresh: matches!(policy, 1 | 5),
        no_frame: matches!(policy, 1..=3),
        claims: request.text_of("claims"),
        correlation_id,
        told: None,
    })
}

/// Reads a `SilentRequest` of lines: the account's three keys, all empty for none, and then the scopes.
///
/// # Errors
/// [`ConfigError`] for the scopes.
pub fn brief_request(lines: &str) -> Result<SilentRequest<'_>, ConfigError> {
    let mut lines = parts(lines, b'\n');
    let mut key = || lines.next().filter(|line| !line.is_empty());
    let (environment, home_account_id, tenant_id) = (key(), key(), key());
    let account = AccountFilter { environment, home_account_id, tenant_id, ..AccountFilter::default() };
    Ok(SilentRequest {
        scopes: ScopeSet::parse(lines, "scopes")?,
        account: Some(account).filter(|account| !account.is_empty()),
        ..SilentRequest::default()
    })
}

/// Reads an `AuthorizationCodeRequest` that was [checked](check).
///
/// # Errors
/// [`ConfigError`] with the field.
pub fn code_request<'a>(request: &'a Value, correlation_id: &'a str) -> Result<CodeRequest<'a>, ConfigError> {
    Ok(CodeRequest {
        code: Secret::new(request.text_of("code").unwrap_or_default().to_owned()),
        scopes: scopes(request, "scopes")?,
        resource: request.text_of("resource"),
        redirect_uri: request.text_of("redirectUri"),
        claims: request.text_of("claims"),
        correlation_id,
    })
}

/// Reads an `EndSessionRequest` that was [checked](check).
pub fn sign_out_request<'a>(request: &'a Value, correlation_id: &'a str) -> SignOutRequest<'a> {
    SignOutRequest {
        account: account(request),
        post_logout_redirect_uri: request.text_of("postLogoutRedirectUri"),
        stays: flag(request, "stays"),
        logout_hint: request.text_of("logoutHint"),
        id_token_hint: request.text_of("idTokenHint"),
        state: request.text_of("state"),
        correlation_id,
    }
}

/// The account that a request names.
pub fn account(request: &Value) -> Option<AccountFilter<'_>> {
    request.member("account").map(filter)
}

/// Reads an `AccountFilter` or an `AccountInfo`: the latter is known by its three keys, the rest of it can have changed.
/// One that says nothing that is understood fits nobody.
pub fn filter(account: &Value) -> AccountFilter<'_> {
    let text = |name| account.text_of(name);
    let is_info =
        ["environment", "homeAccountId", "localAccountId", "tenantId"].iter().all(|name| text(name).is_some());
    let more = |name| if is_info { None } else { text(name) };
    let filter = AccountFilter {
        environment: text("environment"),
        home_account_id: text("homeAccountId"),
        tenant_id: text("tenantId").or_else(|| text("realm")),
        local_account_id: more("localAccountId"),
        username: more("username"),
        name: more("name"),
        login_hint: more("loginHint"),
        upn: more("upn"),
        sid: more("sid"),
    };
    if filter.is_empty() { AccountFilter { home_account_id: Some(""), ..filter } } else { filter }
}

/// Whether `acquireTokens` may leave the page.
///
/// # Errors
/// [`ConfigError::Field`].
pub fn may_leave(request: &Value) -> Result<bool, ConfigError> {
    match request.text_of("interaction") {
        None | Some("redirect") => Ok(true),
        Some("none") => Ok(false),
        Some(_) => Err(ConfigError::Field { field: "interaction", expected: "`redirect` or `none`" }),
    }
}

/// Reads an `AdminConsentRequest` that was [checked](check).
///
/// # Errors
/// [`ConfigError`] with the field.
pub fn admin_consent_request<'a>(
    request: &'a Value,
    correlation_id: &'a str,
) -> Result<AdminConsentRequest<'a>, ConfigError> {
    Ok(AdminConsentRequest {
        scopes: scopes(request, "scopes")?,
        account: account(request),
        redirect_uri: request.text_of("redirectUri"),
        start_page: request.text_of("redirectStartPage"),
        app_state: request.text_of("state"),
        correlation_id,
    })
}

/// Reads a `ForbiddenCall` that was [checked](check).
///
/// # Errors
/// [`ConfigError`] with the field.
pub fn forbidden_call(call: &Value) -> Result<ForbiddenCall<'_>, ConfigError> {
    let token = call.member("token");
    let held = token.and_then(|token| token.member("scopes")).and_then(Value::as_array).unwrap_or_default();
    let mut token_scopes = Vec::new();
    for scope in held {
        token_scopes.extend(scope.as_str());
    }
    Ok(ForbiddenCall {
        account: token.and_then(account),
        token_scopes,
        needed: scopes(call, "scopes")?,
        challenge: call.text_of("wwwAuthenticate"),
    })
}

/// Whether it is so.
pub fn flag(request: &Value, name: &str) -> bool {
    request.member(name).and_then(Value::as_bool).unwrap_or(false)
}

/// Reads scopes that were [checked](check).
///
/// # Errors
/// [`ConfigError`] with the field.
pub fn scopes(request: &Value, field: &'static str) -> Result<ScopeSet, ConfigError> {
    request.member(field).map_or_else(|| Ok(ScopeSet::default()), |scopes| ScopeSet::read(scopes, field))
}
