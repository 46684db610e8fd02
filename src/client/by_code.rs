//! Tokens for a code that this page did not ask for: the app's server has, and hands it on (the hybrid flow of OpenID Connect Core
//! section 3.3, or a code of its own).

use super::{
    AuthenticationResult, CodeRequest, PublicClient,
    response::{Asked, comparable},
};
use crate::{
    error::{Error, UsageError},
    platform::Platform,
    protocol::{Grant, TokenRequest},
};

impl<P: Platform> PublicClient<P> {
    /// Redeems a code without a verifier. What this page would have kept of a request of its own is not there: neither `state` nor `nonce`
    /// is checked, so it is for the app to know that the code is its user's. All else is, as for any other code.
    ///
    /// # Errors
    /// [`UsageError::NoCode`]; [`Error::Config`] for a request that can't be sent; [`Error::Server`] and
    /// [`Error::InteractionRequired`] for a refusal; [`Error::Response`] for an answer that fails a check.
    pub async fn acquire_by_code(&self, request: &CodeRequest<'_>) -> Result<AuthenticationResult, Error> {
        if request.code.expose().is_empty() {
            return Err(UsageError::NoCode.into());
        }
        self.check_resource(request.resource)?;
        let resource = request.scopes.resource()?;
        let redirect_uri = self.address(request.redirect_uri.or(self.config.redirect_uri.as_deref()), "redirectUri")?;
        self.catch_up().await;
        let metadata = self.metadata().await?;
        let signing_keys = self.signing_keys(&metadata).await?;
        let scopes = request.scopes.union(&self.config.default_scopes);
        let grant = Grant::AuthorizationCode { code: &request.code, redirect_uri: &redirect_uri, verifier: None };
        let sent = TokenRequest {
            client_id: &self.config.client_id,
            grant,
            scopes: &scopes,
            resource: request.resource,
            claims: request.claims,
            capabilities: &self.config.capabilities,
            correlation_id: request.correlation_id,
            may_lack_token: self.config.authority.is_policy(),
        };
        let sent_on = self.time();
        let answer = Box::pin(self.exchange(sent, None, None, (&metadata, &signing_keys))).await;
        let (tokens, id_token) = answer.map_err(|error| error.about(&request.scopes.permissions()))?;
        let claims = request.claims.map(comparable);
        let asked = Asked {
            resource: &resource,
            indicator: request.resource,
            scopes: &scopes,
            claims: claims.as_deref(),
            account: None,
            home_account_id: None,
            consented: None,
            sent_on,
            is_replacing: request.claims.is_some(),
            renewing: None,
            told: None,
        };
        self.accept(&tokens, id_token, &asked).await
    }
}
