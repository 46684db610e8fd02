//! The authorization server as the developer names it.

use super::url;
use crate::{
    error::ConfigError,
    scope::is_guid,
    text::{cut, cut_last},
};

/// Where nothing is configured: any work, school or personal account.
const COMMON: &str = "https://login.microsoftonline.com/common";
/// A cloud of Microsoft's: its host, those that stand for it, and the host of its Microsoft Graph, where that is known.
type Cloud = (&'static str, &'static [&'static str], Option<&'static str>);

const CLOUDS: [Cloud; 6] = [
    (
        "login.microsoftonline.com",
        &["login.windows.net", "login.microsoft.com", "sts.windows.net"],
        Some("graph.microsoft.com"),
    ),
    ("login.microsoftonline.us", &["login.usgovcloudapi.net"], Some("graph.microsoft.us")),
    ("login.partner.microsoftonline.cn", &["login.chinacloudapi.cn"], Some("microsoftgraph.chinacloudapi.cn")),
    ("login.sovcloud-identity.de", &[], None),
    ("login.sovcloud-identity.fr", &[], None),
    ("login.sovcloud-identity.sg", &[], None),
];
/// The domain of External ID's servers, one for each tenant.
pub(super) const EXTERNAL_ID: &str = ".ciamlogin.com";

/// Whose rules a server follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// The Microsoft identity platform's.
    Platform,
    /// The same for the user flow (policy) of a B2C tenant, which is the last part of its path.
    Policy,
    /// OpenID Connect's alone.
    Provider,
}

/// A server and a tenant of the Microsoft identity platform: `https://host/tenant`, of B2C with a policy after it; or the issuer of any
/// other OpenID provider, to the letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authority {
    url: String,
    kind: Kind,
}

impl Authority {
    /// Any tenant of the public cloud.
    pub fn common() -> Self {
        Authority { url: COMMON.to_owned(), kind: Kind::Platform }
    }

    /// Reads the `authority` of a configuration for another OpenID provider: its issuer (OpenID Connect Discovery section 3).
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn issuer(text: &str) -> Result<Self, ConfigError> {
        safe(text)?;
        let is_plain = !text.bytes().any(|byte| b"?#".contains(&byte));
        let url = is_plain.then(|| text.to_owned()).ok_or(ConfigError::AuthorityMalformed)?;
        Ok(Authority { url, kind: Kind::Provider })
    }

    /// Reads the `authority` of a configuration, with or without a slash at its end.
    ///
    /// # Errors
    /// [`ConfigError::AuthorityMalformed`], and [`ConfigError::AuthorityInsecure`] for http to a host that is not this
    /// machine.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let origin = safe(text)?;
        let path = text.strip_prefix(origin).unwrap_or_default();
        let path = path.strip_prefix('/').unwrap_or(path);
        let path = path.strip_suffix('/').unwrap_or(path);
        if path.bytes().any(|byte| b"?#%".contains(&byte)) {
            return Err(ConfigError::AuthorityMalformed);
        }
        // A host has no case (RFC 3986 section 6.2.2.1); a tenant's is kept.
        let mut url = origin.to_ascii_lowercase();
        let host = url::host(&url);
        if let Some((cloud, ..)) = CLOUDS.iter().find(|(_, others, _)| others.contains(&host)) {
            url = ["https://", cloud].concat();
        }
        let own = url::host(&url).strip_suffix(EXTERNAL_ID).map(|name| [name, ".onmicrosoft.com"].concat());
        let path = if path.is_empty() { own.as_deref().unwrap_or_default() } else { path };
        let kind = kind_of(path).ok_or(ConfigError::AuthorityMalformed)?;
        Ok(Authority { url: [&url, "/", path].concat(), kind })
    }

    /// The URL.
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// Whether it is the Microsoft identity platform, which has ways of its own.
    pub fn is_platform(&self) -> bool {
        self.kind != Kind::Provider
    }

    /// Whether it is a user flow of a B2C tenant.
    pub fn is_policy(&self) -> bool {
        self.kind == Kind::Policy
    }

    /// For one of Microsoft's clouds, whose endpoints are known: the host of its Microsoft Graph, where that is known.
    pub(super) fn cloud(&self) -> Option<Option<&'static str>> {
        let (.., graph) = CLOUDS.iter().find(|(host, ..)| self.kind == Kind::Platform && *host == self.host())?;
        Some(*graph)
    }

    /// What tells its accounts from those of other servers, MSAL's `environment`: the host, and of another provider and of a user flow the
    /// path as well, as there may be several at one host, and none takes what another gave.
    pub fn environment(&self) -> &str {
        if self.kind == Kind::Platform {
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
        let path = if self.is_policy() { cut_last(&self.url, b'/').map_or("", |(path, _)| path) } else { &self.url };
        cut_last(path, b'/').map_or("", |(_, tenant)| tenant)
    }

    /// The platform's tenant that all its users are of, where it names one by its ID.
    pub fn only_tenant(&self) -> Option<&str> {
        (self.kind == Kind::Platform && is_guid(self.tenant())).then(|| self.tenant())
    }

    /// The address of the metadata (OpenID Connect Discovery section 4).
    pub fn metadata_url(&self) -> String {
        let version = if self.is_platform() { "/v2.0" } else { "" };
        let url = self.url.strip_suffix('/').unwrap_or(&self.url);
        [url, version, "/.well-known/openid-configuration"].concat()
    }
}

/// What a path of the platform's is: `tenant`, or `tenant/policy` with or without `tfp/` before it.
fn kind_of(path: &str) -> Option<Kind> {
    let Some((tenant, policy)) = cut(path.strip_prefix("tfp/").unwrap_or(path), b'/') else {
        return (!path.is_empty() && cut(path, b'/').is_none()).then_some(Kind::Platform);
    };
    let start = policy.get(..7)?.to_ascii_lowercase();
    let is_policy = (start.starts_with("b2c_1_") || start.starts_with("b2c_1a_")) && cut(policy, b'/').is_none();
    (is_policy && !tenant.is_empty()).then_some(Kind::Policy)
}

/// The origin of a URL that tokens may be sent to.
fn safe(text: &str) -> Result<&str, ConfigError> {
    let origin = url::origin(text).ok_or(ConfigError::AuthorityMalformed)?;
    if url::is_trustworthy(text) { Ok(origin) } else { Err(ConfigError::AuthorityInsecure) }
}
