//! A token without the user: from the cache, else by refresh token.

use super::{AuthenticationResult, PublicClient, SilentRequest, flight::Boarding, response::Asked};
use crate::{
    cache::{Account, Record},
    error::{Error, IdTokenError, Outcome, ResponseError, ServerReply},
    platform::Platform,
    protocol::{Grant, TokenRequest},
    scope::{ApplicationIdUri, ScopeSet},
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
        let resource = request.scopes.resource()?;
        let from_cache = !request.force_refresh && request.claims.is_none();
        let mut purpose = request.scopes.key();
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
                    let outcome = self.refresh(&account, &resource, request).await;
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
        let token = cache.lookup(&account.key, resource, &request.scopes, until)?;
        Some(AuthenticationResult { account: Rc::clone(account), token: Rc::clone(token), from_cache: true })
    }

    async fn refresh(
        &self,
        account: &Rc<Account>,
        resource: &ApplicationIdUri,
        request: &SilentRequest<'_>,
    ) -> Result<AuthenticationResult, Error> {
        let scopes = request.scopes.union(&ScopeSet::sign_in());
        let mut account = Rc::clone(account);
        loop {
            let sent = account.refresh_token.clone().ok_or_else(no_tokens)?;
            let refresh = TokenRequest {
                client_id: &self.config.client_id,
                grant: Grant::RefreshToken(&sent),
                scopes: &scopes,
                claims: request.claims,
                correlation_id: request.correlation_id,
            };
            let answer = Box::pin(self.exchange(refresh, None)).await;
            // The user may have signed out while the server was answering: what is gone stays gone.
            account = self.account(Some((&*account.key).into()))?;
            let is_latest = account.refresh_token.as_ref().is_some_and(|kept| kept.expose() == sent.expose());
            match answer {
                Err(error) if error.outcome() == Some(Outcome::ConsentRequired) => {
                    return Err(self.lacking(error, &account, &request.scopes.permissions()));
                }
                Err(error) if is_dead(&error) && is_latest => {
                    self.drop_refresh_token(&account);
                    return Err(error);
                }
                // Another tab has used it meanwhile, and has brought another.
                Err(error) if is_dead(&error) && account.refresh_token.is_some() => {}
                answer => {
                    let (tokens, id_token) = answer?;
                    let asked = Asked {
                        resource,
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

    fn drop_refresh_token(&self, account: &Account) {
        let account = Account { refresh_token: None, ..account.clone() };
        let write = self.cache.borrow().put(&Record::Account(Rc::new(account)));
        // Should it stay, the server refuses it again: no harm done.
        let _ = self.commit(&[write]);
    }
}

fn no_tokens() -> Error {
    let description = "no refresh token is left for this account: call acquireTokenRedirect";
    Error::InteractionRequired(Rc::new(ServerReply::new("no_tokens_found", description)))
}

/// Whether the refresh token itself is worth nothing any more. With another `suberror` it is the request that needs the
/// user, and the token is as good as before.
fn is_dead(error: &Error) -> bool {
    matches!(error, Error::InteractionRequired(reply) if reply.error() == "invalid_grant"
        && matches!(reply.sub_error(), "" | "bad_token" | "token_expired"))
}

/// Whether it may go away by itself.
fn is_passing(error: &Error) -> bool {
    match error {
        Error::Browser(error) => error.is_lost_request(),
        // The server has changed its keys, and does not yet tell.
        Error::Response(ResponseError::IdToken(IdTokenError::Key)) => true,
        Error::Server(reply) => reply.status.is_some_and(|status| status == 429 || status >= 500),
        _ => false,
    }
}
