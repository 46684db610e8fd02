//! A token without the user: from the cache, else by refresh token, else from the server's session.

use super::{
    AuthenticationResult, PublicClient, SilentRequest,
    clock::latest,
    flight::Boarding,
    refresh_token::{is_dead, is_unspent, no_tokens},
    response::{Asked, comparable},
};
use crate::{
    cache::{Account, Consent, Wanted},
    error::{ConfigError, Error, IdTokenError, Outcome, ResponseError, UsageError},
    platform::{Area, Platform},
    protocol::{Grant, TokenRequest},
    scope::{ApplicationIdUri, ScopeSet, is_absolute_uri},
    text::cut,
};
use std::rc::Rc;

/// The lane of those who wait for a hidden frame: no API is called so.
const FRAME: &str = " frame";

/// A request that was checked.
pub(super) struct Call<'a> {
    /// As it came.
    pub request: &'a SilentRequest<'a>,
    /// The API.
    pub resource: ApplicationIdUri,
    /// Its permissions.
    pub permissions: ScopeSet,
    /// The `claims`, as a text to compare.
    pub claims: Option<String>,
}

impl Call<'_> {
    /// What two calls have in common that are one request to the server.
    pub(super) fn purpose(&self) -> String {
        let mut purpose = self.request.scopes.key();
        for part in [self.request.resource, self.claims.as_deref()] {
            purpose.push_str("   ");
            purpose.push_str(part.unwrap_or_default());
        }
        purpose
    }
}

impl<P: Platform> PublicClient<P> {
    /// A token for one API.
    ///
    /// # Errors
    /// [`Error::InteractionRequired`] when the user is needed: there is no refresh token any more, or the server says so.
    /// [`Error::Browser`] and [`Error::Server`] when the token can't be renewed now; one that is still valid is
    /// returned in their stead.
    pub async fn acquire_silent(&self, request: &SilentRequest<'_>) -> Result<AuthenticationResult, Error> {
        let call = self.call(request)?;
        let mut flight = call.purpose();
        for (is_so, word) in [
            (request.force_refresh, "   forced"),
            (request.no_refresh, "   unrefreshed"),
            (request.no_frame, "   unframed"),
        ] {
            flight.push_str(if is_so { word } else { "" });
        }
        let mut is_again = false;
        loop {
            let account = self.meant(request.account).await?;
            if !request.force_refresh
                && let Some(hit) = self.find(&account, &call, self.config.renewal_offset).await
            {
                self.note_hit(&hit, &call);
                return Ok(hit);
            }
            if request.no_refresh && request.no_frame {
                return Err(UsageError::NotCached.into());
            }
            let lane = self.lane(&call);
            let outcome = match self.flights.board(&account.key, &lane, &flight).await {
                Boarding::Pilot(pilot) => {
                    let outcome = self.renew_unless_paused(&account, &call).await;
                    pilot.land(&outcome);
                    outcome
                }
                Boarding::Shared(outcome) => outcome,
                Boarding::Waited => continue,
            };
            return match outcome {
                // It ended while the answer was on its way: the machine slept.
                Ok(result) if !is_again && self.is_late(&result.token) => {
                    is_again = true;
                    continue;
                }
                Err(error) if !request.force_refresh && is_passing(&error) => {
                    let account = self.account(Some((&*account.key).into()))?;
                    self.find(&account, &call, 0).await.ok_or(error)
                }
                outcome => outcome,
            };
        }
    }

    /// A token for all of it that is remembered and can be had at once; `None` where there is none, and where it is not clear yet.
    pub fn recall(&self, request: &SilentRequest<'_>) -> Option<AuthenticationResult> {
        let call = self.call(request).ok()?;
        let account = self.account(request.account).ok().filter(|_| !request.force_refresh)?;
        let found = self.cached(&account, &call, self.config.renewal_offset).ok().flatten();
        let hit = found.filter(|hit| hit.token.scopes.is_superset(&call.permissions))?;
        self.note_hit(&hit, &call);
        Some(hit)
    }

    /// A token that is remembered, whatever has to be read for it; `None` where it takes a server, or nothing does.
    pub async fn acquire_cached(&self, request: &SilentRequest<'_>) -> Option<AuthenticationResult> {
        let call = self.call(request).ok().filter(|_| !request.force_refresh)?;
        self.catch_up().await;
        let account = self.account(request.account).ok()?;
        let hit = match self.find(&account, &call, self.config.renewal_offset).await {
            // Where nothing can be renewed, what is left of it has to do.
            None if !self.platform.is_online() => self.find(&account, &call, 0).await?,
            hit => hit?,
        };
        self.note_hit(&hit, &call);
        Some(hit)
    }

    /// When a token that was [recalled](Self::recall) is to be looked for anew, in seconds since 1970, though nothing has changed.
    pub fn good_until(&self, hit: &AuthenticationResult) -> u64 {
        let end = hit.token.expires_on.unwrap_or_default().saturating_sub(self.config.renewal_offset);
        hit.token.refresh_on.map_or(end, |on| if on < end { on } else { end })
    }

    /// How often what is known has changed on this page: what was recalled since the last time would be recalled again.
    pub const fn revision(&self) -> u32 {
        self.revision.get()
    }

    /// Whether nothing has changed here since a revision, and it is not a time yet, in seconds since 1970. What others change is seen by their
    /// [stamp](Self::stamp).
    pub fn still_holds(&self, revision: u32, until: u64) -> bool {
        self.revision.get() == revision && self.time() < until
    }

    /// Where the storage says that something has changed, and what it says as long as nothing has.
    pub fn stamp(&self) -> Option<(Area, &str, Option<String>)> {
        let area = self.config.cache_location.area()?;
        Some((area, &self.stamp_key, self.stamp.borrow().clone()))
    }

    /// What a request comes to.
    pub(super) fn call<'a>(&self, request: &'a SilentRequest<'a>) -> Result<Call<'a>, ConfigError> {
        self.check_resource(request.resource)?;
        Ok(Call {
            resource: request.scopes.resource()?,
            claims: request.claims.map(comparable),
            permissions: request.scopes.permissions(),
            request,
        })
    }

    /// A token that is remembered and has at least `seconds` to live.
    ///
    /// # Errors
    /// The keys of entries that have to be read first.
    pub(super) fn cached(
        &self,
        account: &Rc<Account>,
        call: &Call<'_>,
        seconds: u64,
    ) -> Result<Option<AuthenticationResult>, Vec<String>> {
        let time = self.time();
        let wanted = Wanted {
            resource: &call.resource,
            indicator: call.request.resource,
            claims: call.claims.as_deref(),
            permissions: &call.permissions,
            latest: latest(time),
            until: time.saturating_add(seconds),
        };
        let cache = self.cache.borrow();
        let mut found = cache.exact(&account.key, &wanted).map_err(|key| Vec::from([key]))?;
        if found.is_none() {
            let unread = cache.unread(&account.key, Some(&call.resource));
            if !unread.is_empty() {
                return Err(unread);
            }
            found = cache.lookup(&account.key, &wanted);
        }
        let token = found.cloned();
        Ok(token.map(|token| AuthenticationResult { account: Rc::clone(account), token, from_cache: true }))
    }

    /// The same, with what has to be read.
    pub(super) async fn find(
        &self,
        account: &Rc<Account>,
        call: &Call<'_>,
        seconds: u64,
    ) -> Option<AuthenticationResult> {
        loop {
            match self.cached(account, call, seconds) {
                Ok(found) => return found,
                // What can't be read now is not there.
                Err(keys) => self.read(keys).await.then_some(())?,
            }
        }
    }

    /// Renews a token while no other tab does, or takes the one that another tab has brought meanwhile.
    pub(super) async fn renew(&self, account: &Rc<Account>, call: &Call<'_>) -> Result<AuthenticationResult, Error> {
        let offset = self.config.renewal_offset;
        let mut turn = None;
        let mut account = Rc::clone(account);
        if self.config.cache_location.area().is_some() {
            let is_forced = call.request.force_refresh;
            let before = if is_forced { self.find(&account, call, offset).await } else { None };
            turn = Some(self.turn(&account.key).await?);
            // Not seen is no harm: what others may have used is marked.
            self.look().await;
            account = self.known_account(Some((&*account.key).into()))?;
            let after = self.find(&account, call, offset).await.filter(|after| {
                let is_old = |before: AuthenticationResult| before.token.secret.expose() == after.token.secret.expose();
                !is_forced || before.is_none_or(|before| !is_old(before))
            });
            if let Some(hit) = after {
                return Ok(hit);
            }
        }
        let outcome = self.refresh_or_frame(&account, call).await;
        drop(turn);
        outcome
    }

    /// By refresh token, else from the server's session: what one frame brings serves all who wait for it.
    async fn refresh_or_frame(&self, of: &Account, call: &Call<'_>) -> Result<AuthenticationResult, Error> {
        let request = call.request;
        loop {
            let account = self.account(Some((&*of.key).into()))?;
            let refreshed =
                if request.no_refresh { Err(no_tokens()) } else { self.refresh(Rc::clone(&account), call).await };
            let error = match refreshed {
                Err(error) if !request.no_frame && self.may_frame(&error) => error,
                outcome => return outcome,
            };
            if let Boarding::Pilot(_frame) = self.flights.board(&account.key, FRAME, "").await {
                return Box::pin(self.renew_in_frame(&account, request, error)).await;
            }
        }
    }

    /// What is done by one after the other: the platform's refresh token may be sent for several APIs at a time.
    fn lane(&self, call: &Call<'_>) -> String {
        if self.config.authority.is_platform() { call.resource.key() } else { String::new() }
    }

    async fn refresh(&self, mut account: Rc<Account>, call: &Call<'_>) -> Result<AuthenticationResult, Error> {
        let Call { request, resource, .. } = call;
        let scopes = request.scopes.union(&self.config.default_scopes);
        let is_platform = self.config.authority.is_platform();
        loop {
            // Without a token to send nothing is asked for. What it takes to read the answer comes before it is marked as sent.
            self.refresh_token(&account)?;
            let metadata = self.metadata().await?;
            let signing_keys = self.signing_keys(&metadata).await?;
            let sent = self.spend_refresh_token(&account).await?;
            let refresh = TokenRequest {
                client_id: &self.config.client_id,
                grant: Grant::RefreshToken(&sent),
                scopes: &scopes,
                resource: request.resource,
                claims: request.claims,
                capabilities: &self.config.capabilities,
                correlation_id: request.correlation_id,
                may_lack_token: self.config.authority.is_policy(),
            };
            let sent_on = self.time();
            let sign_in = account.refresh_nonce();
            let is_replacing = request.force_refresh || request.claims.is_some();
            let known = Some(&*account).filter(|_| !is_replacing);
            let answer = Box::pin(self.exchange(refresh, None, known, (&metadata, &signing_keys))).await;
            let answer = answer.map_err(|error| self.beyond_grant(error));
            // The user may have signed out while the server was answering: what is gone stays gone.
            self.look().await;
            account = self.known_account(Some((&*account.key).into()))?;
            let is_latest = account.refresh_token.as_ref().is_some_and(|kept| kept.expose() == sent.expose());
            let is_outdated = !is_latest && (!is_platform || account.refresh_nonce() != sign_in);
            if let Err(error) = &answer
                && account.is_spent
                && is_latest
                && is_unspent(error)
                // That it can't be stored changes nothing about what the server has said.
                && let Err(gone @ Error::Usage(_)) = self.settle_refresh_token(&account, &sent, false).await
            {
                return Err(gone);
            }
            match answer {
                Err(error) if error.outcome() == Some(Outcome::ConsentRequired) => {
                    return Err(self.lacking(error, &account, &call.permissions).await);
                }
                Err(error) if is_dead(&error, is_platform) && is_latest => {
                    // Should it stay, the server refuses it again: no harm done.
                    let _ = self.settle_refresh_token(&account, &sent, true).await;
                    return Err(error);
                }
                // Another tab has used it meanwhile, and has brought another.
                Err(error) if is_dead(&error, is_platform) && account.refresh_token.is_some() => {}
                // Somebody has signed in meanwhile: what is newer stays, and serves. What a call beside this one has brought is no newer.
                Ok(_) if is_outdated && account.refresh_token.is_some() && !account.is_spent => {}
                answer => {
                    let (tokens, id_token) = answer?;
                    let asked = Asked {
                        resource,
                        indicator: request.resource,
                        scopes: &scopes,
                        claims: call.claims.as_deref(),
                        account: Some(&account),
                        home_account_id: None,
                        consented: None,
                        sent_on,
                        is_replacing,
                        renewing: Some(&account.key),
                        told: request.told,
                    };
                    return self.accept(&tokens, id_token, &asked).await;
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
    pub(super) async fn lacking(&self, error: Error, account: &Account, wanted: &ScopeSet) -> Error {
        if error.outcome() != Some(Outcome::ConsentRequired) {
            return error;
        }
        let mut missing = ScopeSet::default();
        let revoke = &mut |consent: &mut Consent| missing = consent.revoke(wanted, self.platform.now());
        self.learn(&account.key, revoke).await;
        error.about(&missing)
    }
}

/// Whether it may go away by itself.
fn is_passing(error: &Error) -> bool {
    match error {
        // The network, the storage, or another tab that is slow.
        Error::Browser(_) => true,
        // The server has changed its keys, and does not yet tell.
        Error::Response(ResponseError::IdToken(IdTokenError::Key)) => true,
        Error::InteractionRequired(reply) => matches!(reply.error(), "no_tokens_found" | "refresh_token_expired"),
        Error::Server(reply) => reply.is_busy(),
        _ => false,
    }
}
