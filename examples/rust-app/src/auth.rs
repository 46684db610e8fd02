//! Who is signed in, and tokens for what they are allowed: the part to copy.

use consentry::prelude::*;
use std::rc::Rc;

/// The app's client.
pub struct Auth {
    client: PublicClient<Browser>,
}

impl Auth {
    /// A client of a server, for an app that is registered there. What it keeps, it keeps encrypted for all tabs.
    pub fn new(client_id: &str, authority: &str) -> Result<Self, Error> {
        let mut config = Config::new(client_id, Authority::parse(authority)?)?;
        config.cache_location = CacheLocation::Local;
        Ok(Auth { client: PublicClient::new(Browser::default(), config)? })
    }

    /// To be awaited whenever the page is loaded, before all else: the user may be back with an answer.
    pub async fn start(&self) -> Result<(), RedirectFailure> {
        self.client.start().await?;
        self.client.finish_redirect(RedirectAnswer::default()).await?;
        Ok(())
    }

    /// Whether this page was only loaded to bring an answer to another one, in a hidden frame of that: it has nothing to show.
    pub fn is_messenger(&self) -> bool {
        self.client.answer_for_opener().is_some()
    }

    /// Who is signed in.
    pub fn account(&self) -> Option<Rc<Account>> {
        self.client.accounts(AccountFilter::default()).into_iter().next()
    }

    /// Leaves the page for the server's, where the user signs in.
    pub async fn sign_in(&self) -> Result<(), Error> {
        self.leave_for(ScopeSet::parse(["User.Read"], "scopes")?, true).await
    }

    /// Leaves the page for the server's, where the user is asked to allow some more.
    pub async fn ask_for(&self, scopes: &ScopeSet) -> Result<(), Error> {
        self.leave_for(scopes.clone(), false).await
    }

    async fn leave_for(&self, scopes: ScopeSet, is_sign_in: bool) -> Result<(), Error> {
        let correlation_id = self.client.correlation_id()?;
        let request =
            RedirectRequest { scopes, is_sign_in, correlation_id: &correlation_id, ..RedirectRequest::default() };
        self.client.begin_redirect(&request).await
    }

    /// What it takes to get some permissions, from what is known here: no request is made.
    pub fn plan(&self, scopes: &ScopeSet) -> Result<Interaction, Error> {
        Ok(self.client.plan(scopes, None)?.interaction)
    }

    /// A token for permissions of one API: what is kept, or a new one. Nothing is shown.
    pub async fn token(&self, scopes: &ScopeSet) -> Result<AuthenticationResult, Error> {
        let correlation_id = self.client.correlation_id()?;
        let request =
            SilentRequest { scopes: scopes.clone(), correlation_id: &correlation_id, ..SilentRequest::default() };
        self.client.acquire_silent(&request).await
    }

    /// The same, but where the user is needed the page is left, and there is none.
    pub async fn token_or_ask(&self, scopes: &ScopeSet) -> Result<Option<AuthenticationResult>, Error> {
        match self.token(scopes).await {
            Err(Error::InteractionRequired(_)) => self.ask_for(scopes).await.map(|()| None),
            outcome => outcome.map(Some),
        }
    }

    /// Forgets the user here, and leaves the page to end their session at the server.
    pub async fn sign_out(&self) -> Result<(), Error> {
        let correlation_id = self.client.correlation_id()?;
        self.client.sign_out(SignOutRequest { correlation_id: &correlation_id, ..SignOutRequest::default() }).await
    }
}
