//! Delegated permissions: an Application ID URI and a permission, alone and in sets.
//!
//! Pure values. Comparison ignores case, as the server does; what the developer wrote is what is sent.

mod review;
mod set;
mod uri;

pub use review::{Rule, Warning};
pub use set::ScopeSet;
pub use uri::{ApplicationIdUri, GRAPH, is_absolute_uri, is_guid};

use crate::{error::ConfigError, text::cut_last};
use std::{fmt, rc::Rc};

/// The scopes that the platform hosts for OpenID Connect. They may accompany any resource and count as none.
const OPENID_SCOPES: [&str; 4] = ["email", "offline_access", "openid", "profile"];
/// Scopes of OpenID Connect that the platform does not have.
const UNSUPPORTED: [&str; 2] = ["address", "phone"];

/// One scope of a request or a grant.
#[derive(Clone, Debug)]
pub enum Scope {
    /// `openid`, `profile`, `email` or `offline_access`, in lower case.
    OpenId(&'static str),
    /// A permission of an API.
    Permission {
        /// The API.
        resource: ApplicationIdUri,
        /// The permission's name, or `.default`.
        name: Rc<str>,
        /// Whether the Application ID URI was written: Microsoft Graph's may be left out.
        qualified: bool,
    },
}

impl Scope {
    /// A refresh token.
    pub const OFFLINE_ACCESS: Scope = Scope::OpenId("offline_access");

    /// Reads a scope as a developer writes it; without an Application ID URI it is Microsoft Graph's.
    ///
    /// # Errors
    /// [`ConfigError::ScopeMalformed`] and [`ConfigError::ScopeUnsupported`], naming `field`.
    pub fn parse(text: &str, field: &'static str) -> Result<Self, ConfigError> {
        let scope = Scope::read(text, ApplicationIdUri::graph()).ok_or_else(|| malformed(text, field))?;
        if scope.is_graphs() && UNSUPPORTED.iter().any(|name| scope.name().eq_ignore_ascii_case(name)) {
            return Err(ConfigError::ScopeUnsupported(field));
        }
        Ok(scope)
    }

    /// Reads a scope; one without an Application ID URI belongs to `unqualified`.
    fn read(text: &str, unqualified: ApplicationIdUri) -> Option<Self> {
        if !text.bytes().all(is_scope_char) {
            return None;
        }
        let (uri, name) = match cut_last(text, b'/') {
            Some((uri, name)) => (Some(ApplicationIdUri::parse(uri)?), name),
            None => (None, text),
        };
        let is_bare = uri.is_none();
        let resource = uri.unwrap_or(unqualified);
        let is_graphs = resource.is_graph();
        // Graph hosts OpenID Connect's own: its name before one changes nothing.
        if (is_bare || is_graphs)
            && let Some(name) = OPENID_SCOPES.iter().find(|own| name.eq_ignore_ascii_case(own))
        {
            return Some(Scope::OpenId(name));
        }
        // A bare GUID or URN names a resource, not a permission.
        if name.is_empty() || is_guid(name) || is_bare && cut_last(name, b':').is_some() {
            return None;
        }
        // Written out, another API's stays that API's wherever it is read again.
        Some(Scope::Permission { resource, name: name.into(), qualified: !(is_bare && is_graphs) })
    }

    /// The API; `None` for OpenID Connect's own scopes.
    pub const fn resource(&self) -> Option<&ApplicationIdUri> {
        match self {
            Scope::OpenId(_) => None,
            Scope::Permission { resource, .. } => Some(resource),
        }
    }

    /// The permission's name without its resource.
    pub fn name(&self) -> &str {
        match self {
            Scope::OpenId(name) => name,
            Scope::Permission { name, .. } => name,
        }
    }

    /// Whether it is a permission of Microsoft Graph.
    pub fn is_graphs(&self) -> bool {
        self.resource().is_some_and(ApplicationIdUri::is_graph)
    }

    /// Whether it stands for all that is registered, or granted.
    pub fn is_default(&self) -> bool {
        self.name().eq_ignore_ascii_case(".default")
    }

    /// Whether its Application ID URI was left out.
    pub const fn is_unqualified(&self) -> bool {
        matches!(self, Scope::Permission { qualified: false, .. })
    }

    /// As it is sent.
    pub fn to_parameter(&self) -> String {
        match self {
            Scope::Permission { resource, name, qualified: true } => [resource.as_str(), "/", name].concat(),
            _ => self.name().to_owned(),
        }
    }

    /// What two spellings of one scope have in common.
    fn key(&self) -> String {
        match self {
            Scope::OpenId(name) => (*name).to_owned(),
            Scope::Permission { resource, name, .. } => {
                let mut key = resource.key();
                key.push('/');
                key.push_str(&name.to_ascii_lowercase());
                key
            }
        }
    }
}

impl fmt::Display for Scope {
    /// As it is sent.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_parameter())
    }
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.resource() == other.resource() && self.name().eq_ignore_ascii_case(other.name())
    }
}

impl Eq for Scope {}

fn malformed(text: &str, field: &'static str) -> ConfigError {
    let scope = text.get(..text.floor_char_boundary(80)).unwrap_or_default().to_owned();
    ConfigError::ScopeMalformed { field, scope }
}

/// RFC 6749 section 3.3: visible ASCII without `"` and `\`.
const fn is_scope_char(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e)
}
