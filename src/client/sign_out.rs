//! Signing out: here first, then at the server.

use super::{PublicClient, SignOutRequest, frame::state_of};
use crate::{
    cache::AccountFilter,
    error::Error,
    platform::Platform,
    protocol::{EndSessionRequest, form},
};

impl<P: Platform> PublicClient<P> {
    /// Forgets the account, then leaves the page to end the session at the server.
    ///
    /// # Errors
    /// [`Error::Response`] and [`Error::Browser`] when the server can't be asked; signed out here it is all the same.
    pub async fn sign_out(&self, request: SignOutRequest<'_>) -> Result<(), Error> {
        let url = self.forget(request).await?;
        self.platform.navigate(&url, false).await?;
        Ok(())
    }

    /// Forgets the account. The address of a window to open, in which the session at the server ends, and the `state` by which that is known.
    ///
    /// # Errors
    /// As [`sign_out`](Self::sign_out).
    pub async fn open_sign_out(&self, request: SignOutRequest<'_>) -> Result<(String, String), Error> {
        let state = state_of(&self.random::<32>()?, true);
        let url = self.forget(SignOutRequest { state: Some(&state), ..request }).await?;
        Ok((url, state))
    }

    async fn forget(&self, request: SignOutRequest<'_>) -> Result<String, Error> {
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
            post_logout_redirect_uri: Some(&*return_to).filter(|_| !request.stays),
            id_token_hint: request.id_token_hint.or(hint),
            logout_hint: request.logout_hint.or(claimed),
            state: request.state,
            correlation_id: request.correlation_id,
        };
        Ok(url.to_url(&metadata)?)
    }

    /// Forgets whose session the server says is over, in a frame of its own page (OpenID Connect Front-Channel Logout section 2): that of
    /// the `sid` in this page's address, of the `iss` beside it.
    ///
    /// # Errors
    /// As [`clear`](Self::clear).
    pub async fn sign_out_silently(&self) -> Result<(), Error> {
        let named = form::parse(&self.query().unwrap_or_default());
        self.catch_up().await;
        for account in self.accounts(AccountFilter::default()) {
            // Who does not say of which session they are may be of this one.
            let fits = |name| match (named.text_of(name), account.id_token.claim(name)) {
                (Some(named), Some(own)) => named == own,
                _ => true,
            };
            if fits("iss") && fits("sid") {
                self.clear(Some((&*account.key).into())).await?;
            }
        }
        Ok(())
    }
}
