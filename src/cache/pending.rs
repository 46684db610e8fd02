//! A request that the user is answering.

use crate::{
    json::{self, Object, Value},
    protocol::CodeVerifier,
    scope::ScopeSet,
};

/// What has to be known when the answer comes: kept under the request's `state`, taken out before it is used.
#[derive(Clone, Debug)]
pub struct PendingRequest<'a> {
    /// The `nonce` that the ID token must have.
    pub nonce: &'a str,
    /// The secret half of PKCE.
    pub verifier: CodeVerifier,
    /// Where the code is sent to.
    pub redirect_uri: &'a str,
    /// The server that was asked; no other may answer (RFC 9700 section 4.4.2).
    pub authority: &'a str,
    /// What to redeem the code for: permissions of one API, and OpenID Connect's own.
    pub scopes: ScopeSet,
    /// Permissions of other APIs that were asked for as well.
    pub extra_scopes: ScopeSet,
    /// The API that was named beside them.
    pub resource: Option<&'a str>,
    /// Whether the server was to show nothing.
    pub is_silent: bool,
    /// The user that was asked, where only they may answer.
    pub home_account_id: Option<&'a str>,
    /// The page to return to.
    pub start_page: &'a str,
    /// The app's own text.
    pub app_state: Option<&'a str>,
    /// A `claims` parameter, for the token request too.
    pub claims: Option<&'a str>,
    /// How long ago the user may have signed in, in seconds.
    pub max_age: Option<u64>,
    /// For the server's logs.
    pub correlation_id: &'a str,
    /// When it was sent, in seconds since 1970.
    pub created_on: u64,
}

/// A request that was not answered for this long, in seconds, is forgotten.
const LONGEST: u64 = 86_400;

impl<'a> PendingRequest<'a> {
    /// The permissions that were asked for, of all APIs.
    pub fn asked(&self) -> ScopeSet {
        self.scopes.union(&self.extra_scopes).permissions()
    }

    /// The text to keep.
    pub fn to_text(&self) -> String {
        json::text(
            &Object::default()
                .with("nonce", self.nonce)
                .with("verifier", self.verifier.expose())
                .with("redirectUri", self.redirect_uri)
                .with("authority", self.authority)
                .with("scopes", self.scopes.to_parameter())
                .with("extraScopes", self.extra_scopes.to_parameter())
                .with("resource", self.resource)
                .with("isSilent", self.is_silent)
                .with("homeAccountId", self.home_account_id)
                .with("startPage", self.start_page)
                .with("appState", self.app_state)
                .with("claims", self.claims)
                .with("maxAge", self.max_age)
                .with("correlationId", self.correlation_id)
                .with("createdOn", self.created_on)
                .finish(),
        )
    }

    /// Reads what was kept; `None` if it is damaged or too old at `now` (seconds since 1970).
    pub fn read(kept: &'a Value, now: u64) -> Option<Self> {
        let created_on = kept.member("createdOn").and_then(Value::as_seconds)?;
        (now < created_on.saturating_add(LONGEST)).then_some(PendingRequest {
            nonce: kept.text_of("nonce")?,
            verifier: CodeVerifier::parse(kept.text_of("verifier")?)?,
            redirect_uri: kept.text_of("redirectUri")?,
            authority: kept.text_of("authority")?,
            scopes: ScopeSet::stored(Some(kept.text_of("scopes")?)),
            extra_scopes: ScopeSet::stored(kept.text_of("extraScopes")),
            resource: kept.text_of("resource"),
            is_silent: kept.member("isSilent").and_then(Value::as_bool) == Some(true),
            home_account_id: kept.text_of("homeAccountId"),
            start_page: kept.text_of("startPage")?,
            app_state: kept.text_of("appState"),
            claims: kept.text_of("claims"),
            max_age: kept.member("maxAge").and_then(Value::as_seconds),
            correlation_id: kept.text_of("correlationId")?,
            created_on,
        })
    }
}
