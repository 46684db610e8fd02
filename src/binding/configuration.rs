//! The dictionary's part on how a client is configured.

use super::dictionary::Kind;
use crate::{
    client::{CacheLocation, Config, RENEWAL_OFFSET},
    error::ConfigError,
    json::{self, Value},
    protocol::{Authority, Metadata},
    scope::ScopeSet,
    text::parts,
};

/// MSAL's name for what is asked for besides the permissions.
const DEFAULT_SCOPES: &str = "auth.OIDCOptions.defaultScopes";

const CAPABILITIES: &str = "auth.clientCapabilities";

/// The fields of a configuration by group and name. A path that is given is one that an error can name.
const CONFIGURATION: [(&str, Kind); 20] = [
    ("auth", Kind::Object),
    ("cache", Kind::Object),
    ("system", Kind::Object),
    // What everybody can read is no secret: a client in a browser has none (RFC 6749 section 2.1).
    ("auth.clientSecret", Kind::Absent),
    ("auth.clientId", Kind::Text),
    ("auth.authority", Kind::Text),
    ("auth.redirectUri", Kind::Text),
    ("auth.postLogoutRedirectUri", Kind::Text),
    ("auth.authorityMetadata", Kind::Text),
    ("auth.OIDCOptions", Kind::Object),
    (DEFAULT_SCOPES, Kind::Scopes),
    (CAPABILITIES, Kind::Texts),
    ("auth.pushedAuthorizationRequests", Kind::Text),
    ("cache.cacheLocation", Kind::Text),
    ("cache.encryption", Kind::Flag),
    ("cache.keepAfterRestart", Kind::Flag),
    ("system.tokenRenewalOffsetSeconds", Kind::Seconds),
    ("system.allowSilentFrame", Kind::Flag),
    ("system.protocolMode", Kind::Text),
    ("system.scopeWarnings", Kind::Flag),
];

/// Reads a `Configuration`.
///
/// # Errors
/// [`ConfigError`] with the field.
pub fn config(configuration: &Value) -> Result<Config, ConfigError> {
    let value = |field: &str| {
        let mut at = configuration;
        for name in parts(field, b'.') {
            at = at.member(name)?;
        }
        Some(at)
    };
    for (field, kind) in CONFIGURATION {
        if let Some(value) = value(field) {
            kind.check(value, field)?;
        }
    }
    let text = |field| value(field).and_then(Value::as_str);
    let owned = |field| text(field).map(ToOwned::to_owned);
    let is_not_off = |field| value(field).and_then(Value::as_bool) != Some(false);
    let authority = authority(text("auth.authority"), text("system.protocolMode"))?;
    let document = text("auth.authorityMetadata").map(|text| {
        let document = json::parse(text).map_err(|json::NotJson| ConfigError::AuthorityMetadata)?;
        let read = if authority.is_platform() {
            Metadata::parse(&document)
        } else {
            Metadata::parse_discovered(&document, &authority)
        };
        read.map_err(|_| ConfigError::AuthorityMetadata)
    });
    // The platform gives a refresh token to who signs in anyway; MSAL, too, ignores the field there.
    let default_scopes = match value(DEFAULT_SCOPES).filter(|_| !authority.is_platform()) {
        Some(scopes) => ScopeSet::parse(["openid"], DEFAULT_SCOPES)?.union(&ScopeSet::read(scopes, DEFAULT_SCOPES)?),
        None => ScopeSet::sign_in(),
    };
    Ok(Config {
        client_id: owned("auth.clientId").filter(|id| !id.trim().is_empty()).ok_or(ConfigError::ClientIdEmpty)?,
        metadata: document.transpose()?,
        authority,
        default_scopes,
        capabilities: capabilities(value(CAPABILITIES)),
        pushes_where_advertised: match text("auth.pushedAuthorizationRequests") {
            None | Some("required") => false,
            Some("advertised") => true,
            Some(_) => {
                let expected = "`required` or `advertised`";
                return Err(ConfigError::Field { field: "auth.pushedAuthorizationRequests", expected });
            }
        },
        redirect_uri: owned("auth.redirectUri"),
        post_logout_redirect_uri: owned("auth.postLogoutRedirectUri"),
        cache_location: match text("cache.cacheLocation") {
            None | Some("sessionStorage") => CacheLocation::Session,
            Some("localStorage") => CacheLocation::Local,
            Some("memoryStorage") => CacheLocation::Memory,
            // So the facade calls a `cache.storage` of the app's own.
            Some("custom") => CacheLocation::Custom,
            Some(_) => {
                let expected = "`sessionStorage`, `localStorage` or `memoryStorage`";
                return Err(ConfigError::Field { field: "cache.cacheLocation", expected });
            }
        },
        encrypts: is_not_off("cache.encryption"),
        outlives_browser: is_not_off("cache.keepAfterRestart"),
        allows_frame: is_not_off("system.allowSilentFrame"),
        scope_warnings: value("system.scopeWarnings").and_then(Value::as_bool),
        renewal_offset: value("system.tokenRenewalOffsetSeconds").and_then(Value::as_seconds).unwrap_or(RENEWAL_OFFSET),
    })
}

/// What the app can do, as it was checked.
fn capabilities(value: Option<&Value>) -> Vec<String> {
    let texts = value.and_then(Value::as_array).unwrap_or_default();
    texts.iter().filter_map(Value::as_str).map(ToOwned::to_owned).collect()
}

/// The server, in the way that the developer says it is spoken to.
fn authority(url: Option<&str>, mode: Option<&str>) -> Result<Authority, ConfigError> {
    match mode {
        None | Some("AAD") => url.map_or_else(|| Ok(Authority::common()), Authority::parse),
        Some("OIDC") => url.map_or(Err(ConfigError::AuthorityMalformed), Authority::issuer),
        Some(_) => Err(ConfigError::Field { field: "system.protocolMode", expected: "`AAD` or `OIDC`" }),
    }
}
