//! A token without the user: from the cache, else by refresh token, else from the server's session.

use super::{AuthenticationResult, PublicClient, SilentRequest, flight::Boarding, response::Asked};
use crate::{
    cache::{Account, Record, keys},
    error::{BrowserError, ConfigError, Error, IdTokenError, Outcome, ResponseError, ServerReply},
    platform::Platform,
    protocol::{Grant, TokenRequest},
    scope::{ApplicationIdUri, ScopeSet, is_absolute_uri},
    secret::Secret,
    text::cut,
};
use std::rc::Rc;

impl<P: Platform> PublicClient<P> {
    /// A token for one API.
    ///
    /// # Errors
    /// [`Error::InteractionRequired`] when the user is needed: there is no refresh token any more, or the server says so.
    /// [`Error::Browser`] and [`Error::Server`] when the token can't be renewed now; one that is still valid is
    /// returned in their stead.
    pub async fn acquire_silent(&self, request: &SilentRequest<'_>) -> Result<AuthenticationResult, Error> {
        self.check_resource(request.resource)?;
        let resource = request.scopes.resource()?;
        let from_cache = !request.force_refresh && request.claims.is_none();
        let mut purpose = request.scopes.key();
        if let Some(resource) = request.resource {
            purpose.push_str("   ");
            purpose.push_str(resource);
        }
        if !from_cache {
            purpose.push_str("  ");
            purpose.push_str(request.claims.unwrap_or_default());
        }
        loop {
            let account = self.account(request.account)?;
            if from_cache && let Some(hit) = self.cached(&account, &resource, request, self.config.renewal_offset) {
                return Ok(hit);
            }
            let outcome = match self.flights.board(&account.key, &purpose).await {
                Boarding::Pilot(pilot) => {
                    let outcome = self.renew(&account, &resource, request, from_cache).await;
                    pilot.land(&outcome);
                    outcome
                }
                Boarding::Shared(outcome) => outcome,
                Boarding::Waited => continue,
            };
            return match outcome {
                Err(error) if from_cache && is_passing(&error) => {
                    self.cached(&account, &resource, request, 0).ok_or(error)
                }
                outcome => outcome,
            };
        }
    }

    /// A token that is remembered and has at least `seconds` to live.
    fn cached(
        &self,
        account: &Rc<Account>,
        resource: &ApplicationIdUri,
        request: &SilentRequest<'_>,
        seconds: u64,
    ) -> Option<AuthenticationResult> {
        let until = self.platform.now().saturating_add(seconds);
        let cache = self.cache.borrow();
        let token = cache.lookup(&account.key, resource, request.resource, &request.scopes, until)?;
        Some(AuthenticationResult { account: Rc::clone(account), token: Rc::clone(token), from_cache: true })
    }

    /// Renews a token while no other tab does, or takes the one that another tab has brought meanwhile.
    async fn renew(
        &self,
        account: &Rc<Account>,
        resource: &ApplicationIdUri,
        request: &SilentRequest<'_>,
        from_cache: bool,
    ) -> Result<AuthenticationResult, Error> {
        let kept = |account: &Rc<Account>| self.cached(account, resource, request, self.config.renewal_offset);
        let mut turn = None;
        let mut account = Rc::clone(account);
        if self.config.cache_location.area().is_some() {
            let before = kept(&account);
            turn = Some(self.platform.lock(&keys::lock(&self.config.client_id, &account.key)).await?);
            account = self.account(Some((&*account.key).into()))?;
            let after = kept(&account).filter(|after| {
                let is_old = |before: AuthenticationResult| before.token.secret.expose() == after.token.secret.expose();
                let is_new = || before.is_none_or(|before| !is_old(before));
                from_cache || request.claims.is_none() && is_new()
            });
            if let Some(hit) = after {
                return Ok(hit);
            }
        }
        let outcome = match self.refresh(Rc::clone(&account), resource, request).await {
            Err(error) if self.may_frame(&error) => Box::pin(self.renew_in_frame(&account, request, error)).await,
            outcome => outcome,
        };
        drop(turn);
        outcome
    }

    async fn refresh(
        &self,
        mut account: Rc<Account>,
        resource: &ApplicationIdUri,
        request: &SilentRequest<'_>,
    ) -> Result<AuthenticationResult, Error> {
        let scopes = request.scopes.union(&self.config.default_scopes);
        let is_platform = self.config.authority.is_platform();
        loop {
            // What it takes to read the answer comes before the token is marked as sent.
            let metadata = self.metadata().await?;
            self.signing_keys(&metadata).await?;
            account = self.account(Some((&*account.key).into()))?;
            let sent = self.spend_refresh_token(&account)?;
            let refresh = TokenRequest {
                client_id: &self.config.client_id,
                grant: Grant::RefreshToken(&sent),
                scopes: &scopes,
                resource: request.resource,
                claims: request.claims,
                correlation_id: request.correlation_id,
                may_lack_token: self.config.authority.is_policy(),
            };
            let answer = Box::pin(self.exchange(refresh, None)).await.map_err(|error| self.beyond_grant(error));
            // The user may have signed out while the server was answering: what is gone stays gone.
            account = self.account(Some((&*account.key).into()))?;
            let is_latest = account.refresh_token.as_ref().is_some_and(|kept| kept.expose() == sent.expose());
            if let Err(error) = &answer
                && account.is_spent
                && is_latest
                && is_unspent(error)
            {
                self.keep_refresh_token(&account, Some(sent), false)?;
            }
            match answer {
                Err(error) if error.outcome() == Some(Outcome::ConsentRequired) => {
                    return Err(self.lacking(error, &account, &request.scopes.permissions()));
                }
                Err(error) if is_dead(&error, is_platform) && is_latest => {
                    // Should it stay, the server refuses it again: no harm done.
                    let _ = self.keep_refresh_token(&account, None, false);
                    return Err(error);
                }
                // Another tab has used it meanwhile, and has brought another.
                Err(error) if is_dead(&error, is_platform) && account.refresh_token.is_some() => {}
                // Somebody has signed in meanwhile: what is newer stays, and serves.
                Ok(_) if !is_latest && account.refresh_token.is_some() && !account.is_spent => {}
                answer => {
                    let (tokens, id_token) = answer?;
                    let asked = Asked {
                        resource,
                        indicator: request.resource,
                        scopes: &scopes,
                        account: Some(&account),
                        home_account_id: None,
                        consented: None,
                        is_replacing: request.force_refresh || request.claims.is_some(),
                    };
                    return self.accept(&tokens, id_token, &asked);
                }
            }
        }
    }

    /// What a refresh token of another server was not given for, only the user can bring (RFC 6749 section 6, RFC 8707 section 2.2). The
    /// platform has one refresh token for everything, and means the request itself.
    fn beyond_grant(&self, mut error: Error) -> Error {
        if let Error::Server(reply) = &mut error
            && !self.config.authority.is_platform()
            && matches!(reply.error(), "invalid_scope" | "invalid_target")
            && let Some(told) = Rc::get_mut(reply)
        {
            told.outcome = Some(Outcome::ConsentRequired);
            return Error::InteractionRequired(Rc::clone(reply));
        }
        error
    }

    /// Whether a request may name its API beside the scopes.
    ///
    /// # Errors
    /// [`ConfigError::Field`].
    pub(super) fn check_resource(&self, resource: Option<&str>) -> Result<(), ConfigError> {
        let expected = match resource {
            None => return Ok(()),
            Some(_) if self.config.authority.is_platform() => "left out: on the platform the scopes name the API",
            Some(uri) if is_absolute_uri(uri) && cut(uri, b'#').is_none() => return Ok(()),
            Some(_) => "an absolute URI without `#` (RFC 8707 section 2)",
        };
        Err(ConfigError::Field { field: "resource", expected })
    }

    /// Says which of the permissions the server would have to ask for, if that is what it says; and remembers what it does
    /// not grant any more.
    pub(super) fn lacking(&self, error: Error, account: &Account, wanted: &ScopeSet) -> Error {
        if error.outcome() != Some(Outcome::ConsentRequired) {
            return error;
        }
        let mut missing = ScopeSet::default();
        self.learn(&account.key, &mut |consent| missing = consent.revoke(wanted, self.platform.now()));
        error.about(&missing)
    }

    /// The refresh token, to be sent now. Of the platform's an answer may be lost and the same one sent again; other servers may give
    /// each of them once, so it is written down before.
    fn spend_refresh_token(&self, account: &Account) -> Result<Secret, Error> {
        let token = account.refresh_token.clone().filter(|_| !account.is_spent).ok_or_else(no_tokens)?;
        if !self.config.authority.is_platform() {
            if !self.platform.is_online() {
                return Err(BrowserError::Offline.into());
            }
            self.keep_refresh_token(account, Some(token.clone()), true)?;
        }
        Ok(token)
    }

    fn keep_refresh_token(&self, account: &Account, token: Option<Secret>, is_spent: bool) -> Result<(), Error> {
        let account = Account { refresh_token: token, is_spent, ..account.clone() };
        let write = self.cache.borrow().put(&Record::Account(Rc::new(account)));
        self.commit(&[write])
    }
}

fn no_tokens() -> Error {
    let description = "no refresh token is left for this account: call acquireTokenRedirect";
    Error::InteractionRequired(Rc::new(ServerReply::new("no_tokens_found", description)))
}

/// Whether the refresh token itself is worth nothing any more. At the platform, with another `suberror`, it is the request that needs
/// the user, and the token is as good as before.
pub(super) fn is_dead(error: &Error, is_platform: bool) -> bool {
    matches!(error, Error::InteractionRequired(reply) if reply.error() == "invalid_grant"
        && (!is_platform || matches!(reply.sub_error(), "" | "bad_token" | "token_expired")))
}

/// Whether the server says that it did nothing with the refresh token. What failed in the middle (500, 502, 504) may have used it up.
fn is_unspent(error: &Error) -> bool {
    matches!(error, Error::Server(reply) | Error::InteractionRequired(reply) if reply.status.is_some_and(|status| status < 500 || status == 503))
}

/// Whether it may go away by itself.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Browser(error) => error.is_lost_request(),
        // The server has changed its keys, and does not yet tell.
        Error::Response(ResponseError::IdToken(IdTokenError::Key)) => true,
        Error::InteractionRequired(reply) => reply.error() == "no_tokens_found",
        Error::Server(reply) => reply.status.is_some_and(|status| status == 429 || status >= 500),
        _ => false,
    }
}
