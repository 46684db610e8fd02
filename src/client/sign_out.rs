//! Signing out: here first, then at the server.

use super::{PublicClient, SignOutRequest};
use crate::{cache::AccountFilter, error::Error, platform::Platform, protocol::EndSessionRequest};

impl<P: Platform> PublicClient<P> {
    /// Forgets the account, then leaves the page to end the session at the server.
    ///
    /// # Errors
    /// [`Error::Response`] and [`Error::Browser`] when the server can't be asked; signed out here it is all the same.
    pub async fn sign_out(&self, request: SignOutRequest<'_>) -> Result<(), Error> {
        let given = request.post_logout_redirect_uri.or(self.config.post_logout_redirect_uri.as_deref());
        let return_to = self.address(given, "postLogoutRedirectUri")?;
        self.catch_up().await;
        let account = self.account(request.account).ok();
        self.clear(account.as_ref().map(|account| AccountFilter::from(&*account.key)).or(request.account)).await?;
        let claimed = account.as_ref().and_then(|account| account.id_token.claim("login_hint"));
        let metadata = self.metadata().await?;
        // The platform knows its own by `logout_hint`; others ask for confirmation without it.
        let hint = account.as_ref().map(|account| account.id_token.expose()).filter(|_| !metadata.is_platform);
        let url = EndSessionRequest {
            client_id: &self.config.client_id,
            post_logout_redirect_uri: Some(&return_to),
            id_token_hint: request.id_token_hint.or(hint),
            logout_hint: request.logout_hint.or(claimed),
            state: request.state,
            correlation_id: request.correlation_id,
        }
        .to_url(&metadata)?;
        Ok(self.platform.navigate(&url, false).await?)
    }
}
