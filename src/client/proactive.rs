//! Renewal ahead of need: a token that is still good is served at once, and the next one is had meanwhile. Nobody notices, and nobody
//! is asked; what fails is tried again later, or by the call that needs it.

use super::{
    AuthenticationResult, PublicClient, SilentRequest,
    clock::Moment,
    silent::Call,
    throttle::{LONGEST, Pause},
};
use crate::{
    cache::{AccessToken, AccountKey},
    error::Error,
    platform::Platform,
    protocol::TokenResponse,
    scope::ScopeSet,
};
use std::rc::Rc;

/// A token that lives for so long is renewed half way, in seconds.
const LONG_LIFE: u64 = 7200;
/// None is renewed sooner than this, in seconds, whatever a server says: each renewal would bring the next.
const SOONEST: u64 = 60;
/// How long nothing is tried after a failure, the first time and at most, in seconds.
const FIRST_PAUSE: u64 = 30;
const LAST_PAUSE: u64 = 600;

/// A token that was served, and is to be renewed.
#[derive(Debug)]
pub(super) struct Due {
    account: Rc<AccountKey>,
    scopes: ScopeSet,
    resource: Option<String>,
    claims: Option<String>,
    /// What its [`Pause`] is called.
    purpose: String,
}

impl<P: Platform> PublicClient<P> {
    /// When a token is to be renewed, in seconds since 1970: when the server says, else half way through a long life, else twice as
    /// long before its end as it has to be. A little earlier by chance, so that not all come at once.
    pub(super) fn refresh_on(&self, response: &TokenResponse, sent_on: u64) -> Option<u64> {
        let life = response.expires_in()?;
        let by_default =
            if life < LONG_LIFE { life.saturating_sub(self.config.renewal_offset.saturating_mul(2)) } else { life / 2 };
        let after = response.refresh_in().filter(|after| *after >= SOONEST).unwrap_or(by_default);
        let chance = self.random::<1>().map_or(0, |[byte]| u64::from(byte));
        let earlier = after.saturating_mul(chance) / 2560;
        (after >= SOONEST).then(|| sent_on.saturating_add(after - earlier))
    }

    fn is_due(&self, token: &AccessToken) -> bool {
        token.refresh_on.is_some_and(|on| on <= self.time())
    }

    /// A token was served from the cache: should it be renewed, that is remembered for [`renew_due`](Self::renew_due).
    pub(super) fn note_hit(&self, hit: &AuthenticationResult, call: &Call<'_>) {
        if !self.is_due(&hit.token) || !self.platform.is_online() {
            return;
        }
        let account = Rc::clone(&hit.token.account);
        let purpose = ["ahead\n", &call.purpose()].concat();
        let since = Moment::of(&self.platform);
        let seconds = match self.pauses.last(&account, &purpose, since) {
            Some((seconds, passed, _)) if passed < seconds => return,
            Some((seconds, ..)) if seconds < LAST_PAUSE / 2 => seconds * 2,
            Some(_) => LAST_PAUSE,
            None => FIRST_PAUSE,
        };
        // Before it is tried: while it is, it is not to be tried again.
        let pause = Pause { account: Rc::clone(&account), purpose: purpose.clone(), since, seconds, reply: None };
        self.pauses.begin(pause);
        let [resource, claims] =
            [call.request.resource, call.claims.as_deref()].map(|text| text.map(ToOwned::to_owned));
        self.due.borrow_mut().push(Due { account, scopes: call.request.scopes.clone(), resource, claims, purpose });
    }

    /// Whether [`renew_due`](Self::renew_due) has something to do.
    pub fn has_due(&self) -> bool {
        !self.due.borrow().is_empty()
    }

    /// Renews the tokens that were served although they are to be renewed. What fails is silent: the token that is there stays, and it
    /// is tried again after a pause, when the token is served the next time.
    pub async fn renew_due(&self) {
        loop {
            let due = self.due.borrow_mut().pop();
            let Some(due) = due else { return };
            match self.renew_ahead(&due).await {
                Ok(()) => self.pauses.end(&due.account, &due.purpose),
                Err(Error::Server(reply)) => {
                    if let Some(told) = reply.retry_after {
                        self.pauses.begin(Pause {
                            account: due.account,
                            purpose: due.purpose,
                            since: Moment::of(&self.platform),
                            seconds: if told < LONGEST { told } else { LONGEST },
                            reply: None,
                        });
                    }
                }
                Err(_) => {}
            }
        }
    }

    async fn renew_ahead(&self, due: &Due) -> Result<(), Error> {
        let request = SilentRequest {
            scopes: due.scopes.clone(),
            resource: due.resource.as_deref(),
            account: Some((&*due.account).into()),
            force_refresh: true,
            claims: due.claims.as_deref(),
            correlation_id: &self.correlation_id()?,
            ..SilentRequest::default()
        };
        let account = self.account(request.account)?;
        let kept = self.find(&account, &self.call(&request)?, 0).await;
        // Another tab may have brought the next one.
        if kept.is_some_and(|kept| self.is_due(&kept.token)) {
            Box::pin(self.acquire_silent(&request)).await?;
        }
        Ok(())
    }
}
