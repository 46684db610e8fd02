//! The authorization server as the developer names it.

use super::url;
use crate::{
    error::ConfigError,
    text::{cut, cut_last},
};

/// Where nothing is configured: any work, school or personal account.
const COMMON: &str = "https://login.microsoftonline.com/common";

/// A server and a tenant of the Microsoft identity platform: `https://host/tenant`; or the issuer of any other OpenID provider. Without a
/// slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    url: String,
    is_platform: bool,
}

impl Authority {
    /// Any tenant of the public cloud.
    pub fn common() -> Self {
        Authority { url: COMMON.to_owned(), is_platform: true }
    }

    /// Reads the `authority` of a configuration for another OpenID provider: its issuer (OpenID Connect Discovery section 3), with
    /// or without the slash at its end.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn issuer(text: &str) -> Result<Self, ConfigError> {
        let url = safe(text)?;
        let is_plain = !url.bytes().any(|byte| b"?#".contains(&byte));
        let url = is_plain.then(|| url.to_owned()).ok_or(ConfigError::AuthorityMalformed)?;
        Ok(Authority { url, is_platform: false })
    }

    /// Reads the `authority` of a configuration.
    ///
    /// # Errors
    /// [`ConfigError::AuthorityMalformed`], and [`ConfigError::AuthorityInsecure`] for http to a host that is not this
    /// machine.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let text = safe(text)?;
        let origin = url::origin(text).unwrap_or_default();
        let tenant = text.strip_prefix(origin).and_then(|path| path.strip_prefix('/')).unwrap_or_default();
        if tenant.is_empty() || tenant.bytes().any(|byte| b"/?#%".contains(&byte)) {
            return Err(ConfigError::AuthorityMalformed);
        }
        // A host has no case (RFC 3986 section 6.2.2.1); a tenant's is kept.
        Ok(Authority { url: [&origin.to_ascii_lowercase(), "/", tenant].concat(), is_platform: true })
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether it is the Microsoft identity platform, which has ways of its own.
    pub const fn is_platform(&self) -> bool {
        self.is_platform
    }

    /// What tells its accounts from those of other servers, MSAL's `environment`: the host, and of another provider the path as
    /// well, as there may be several at one host.
    pub fn environment(&self) -> &str {
        if self.is_platform {
            self.host()
        } else {
            cut(&self.url, b'/').map_or("", |(_, rest)| rest.trim_start_matches('/'))
        }
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        url::origin(&self.url).unwrap_or_default()
    }

    /// Host and port.
    pub fn host(&self) -> &str {
        url::host(self.origin())
    }

    /// The tenant: a GUID, a domain, or `common`, `organizations`, `consumers`.
    pub fn tenant(&self) -> &str {
        cut_last(&self.url, b'/').map_or("", |(_, tenant)| tenant)
    }

    /// The address of the metadata (OpenID Connect Discovery section 4).
    pub fn metadata_url(&self) -> String {
        let version = if self.is_platform { "/v2.0" } else { "" };
        [&self.url, version, "/.well-known/openid-configuration"].concat()
    }
}

/// A URL that tokens may be sent to, without the slash at its end.
fn safe(text: &str) -> Result<&str, ConfigError> {
    let text = text.strip_suffix('/').unwrap_or(text);
    url::origin(text).ok_or(ConfigError::AuthorityMalformed)?;
    if url::is_trustworthy(text) { Ok(text) } else { Err(ConfigError::AuthorityInsecure) }
}
