//! How a client is configured.

use crate::{
    cache::Cache,
    error::ConfigError,
    platform::Area,
    protocol::{Authority, Metadata},
    scope::ScopeSet,
};

/// A token with less than this many seconds to live is renewed first, unless the configuration says otherwise.
pub const RENEWAL_OFFSET: u64 = 300;

/// Where tokens are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CacheLocation {
    /// With the tab.
    #[default]
    Session,
    /// With the browser, for all tabs.
    Local,
    /// With the page.
    Memory,
    /// Where the app keeps them.
    Custom,
}

impl CacheLocation {
    /// The store, if it is one.
    pub const fn area(self) -> Option<Area> {
        match self {
            CacheLocation::Session => Some(Area::Session),
            CacheLocation::Local => Some(Area::Local),
            CacheLocation::Custom => Some(Area::Custom),
            CacheLocation::Memory => None,
        }
    }
}

/// A configuration that was checked.
#[derive(Clone, Debug)]
pub struct Config {
    /// The client's identifier.
    pub client_id: String,
    /// The authorization server.
    pub authority: Authority,
    /// Its metadata, where the developer brings it.
    pub metadata: Option<Metadata>,
    /// What every request asks for besides its permissions; `openid` is among it.
    pub default_scopes: ScopeSet,
    /// What the app can do, as every request tells: `CP1` is to answer claims challenges.
    pub capabilities: Vec<String>,
    /// Whether authorization requests are pushed to every server that takes them so, and not only where it demands it.
    pub pushes_where_advertised: bool,
    /// Where codes are sent to; `None` for the page itself.
    pub redirect_uri: Option<String>,
    /// Where the user goes after sign-out; `None` for the page itself.
    pub post_logout_redirect_uri: Option<String>,
    /// Where tokens are kept.
    pub cache_location: CacheLocation,
    /// Whether what is kept for all tabs is encrypted,
    pub encrypts: bool,
    /// and whether it can be read when the browser was closed and started anew.
    pub outlives_browser: bool,
    /// A token with less than this many seconds to live is renewed first.
    pub renewal_offset: u64,
    /// Whether the server is asked in a hidden frame, where no refresh token is left.
    pub allows_frame: bool,
    /// Whether requests that could be smaller are named; `None` on this machine only.
    pub scope_warnings: Option<bool>,
}

impl Config {
    /// A client of a server, with what is right for most: tokens are kept with the tab, and addresses are the page's own. Other fields can
    /// be set before the client is made.
    ///
    /// # Errors
    /// [`ConfigError::ClientIdEmpty`].
    pub fn new(client_id: &str, authority: Authority) -> Result<Self, ConfigError> {
        if client_id.trim_ascii().is_empty() {
            return Err(ConfigError::ClientIdEmpty);
        }
        Ok(Config {
            client_id: client_id.to_owned(),
            authority,
            metadata: None,
            default_scopes: ScopeSet::sign_in(),
            capabilities: Vec::new(),
            pushes_where_advertised: false,
            redirect_uri: None,
            post_logout_redirect_uri: None,
            cache_location: CacheLocation::default(),
            encrypts: true,
            outlives_browser: true,
            renewal_offset: RENEWAL_OFFSET,
            allows_frame: true,
            scope_warnings: None,
        })
    }

    /// The cache of whoever has nothing.
    pub(super) fn empty_cache(&self) -> Cache {
        let mut cache = Cache::new(self.client_id.clone(), self.authority.environment().to_owned());
        cache.tenant = self.authority.only_tenant().map(ToOwned::to_owned);
        cache
    }
}
