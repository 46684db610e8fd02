//! The authorization server as the developer names it.

use super::url;
use crate::{error::ConfigError, text::cut_last};

/// Where nothing is configured: any work, school or personal account.
const COMMON: &str = "https://login.microsoftonline.com/common";

/// A server and a tenant of the Microsoft identity platform: `https://host/tenant`, without a slash at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority(String);

impl Authority {
    /// Any tenant of the public cloud.
    pub fn common() -> Self {
        Authority(COMMON.to_owned())
    }

    /// Reads the `authority` of a configuration.
    ///
    /// # Errors
    /// [`ConfigError::AuthorityMalformed`], and [`ConfigError::AuthorityInsecure`] for http to a host that is not this
    /// machine.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let text = text.strip_suffix('/').unwrap_or(text);
        let origin = url::origin(text).ok_or(ConfigError::AuthorityMalformed)?;
        if !url::is_trustworthy(text) {
            return Err(ConfigError::AuthorityInsecure);
        }
        let tenant = text.strip_prefix(origin).and_then(|path| path.strip_prefix('/')).unwrap_or_default();
        if tenant.is_empty() || tenant.bytes().any(|byte| b"/?#%".contains(&byte)) {
            return Err(ConfigError::AuthorityMalformed);
        }
        // A host has no case (RFC 3986 section 6.2.2.1); a tenant's is kept.
        Ok(Authority([&origin.to_ascii_lowercase(), "/", tenant].concat()))
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        url::origin(&self.0).unwrap_or_default()
    }

    /// Host and port: MSAL's `environment`.
    pub fn host(&self) -> &str {
        url::host(self.origin())
    }

    /// The tenant: a GUID, a domain, or `common`, `organizations`, `consumers`.
    pub fn tenant(&self) -> &str {
        cut_last(&self.0, b'/').map_or("", |(_, tenant)| tenant)
    }

    /// The address of the metadata (OpenID Connect Discovery section 4).
    pub fn metadata_url(&self) -> String {
        let mut url = self.0.clone();
        url.push_str("/v2.0/.well-known/openid-configuration");
        url
    }
}
