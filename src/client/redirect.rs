//! The authorization code flow by redirect: leave the page with a question, come back with the answer.

use super::{
    PublicClient, RedirectAnswer, RedirectFailure, RedirectRequest, RedirectResult,
    frame::is_for_another,
    response::{Asked, SignIn, comparable},
};
use crate::{
    cache::{Account, AccountFilter, AccountKey, PendingRequest, keys},
    error::{BrowserError, Error, ResponseError, ServerReply},
    json::{self, Object, Value},
    platform::{Area, Platform},
    protocol::{AuthorizationAnswer, AuthorizationResponse, Grant, TokenRequest, origin, without_fragment},
    secret::Secret,
    text::cut,
};
use std::rc::Rc;

/// Kept in the place of a request that was answered, until the next one is made: so a callback that is loaded again is told
/// from a forged one.
const ANSWERED: &str = "answered";

/// How long a response may be on its way to the page that asked, in seconds.
const CARRIED: u64 = 300;

/// Where a response was found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Source {
    /// In the page's address.
    Address,
    /// The app brought it.
    App,
    /// It was carried here from another page.
    Carried,
}

/// What becomes of a response.
enum Taken {
    /// It was no response to this client, or one that was answered before.
    Nothing,
    /// It is to be taken up on this page, where the request began.
    Elsewhere(String),
    /// Its code is to be redeemed for the request that was kept, if it is the server's that it was sent to.
    Code(Secret, Option<String>, Value),
}

impl<P: Platform> PublicClient<P> {
    /// Leaves the page. The answer is taken by [`finish_redirect`](Self::finish_redirect) on the page that it comes to.
    ///
    /// # Errors
    /// [`Error::Config`] for a request that can't be sent, [`Error::Browser`] when the page can't be left.
    pub async fn begin_redirect(&self, request: &RedirectRequest<'_>) -> Result<(), Error> {
        let (url, _) = self.prepare(request, false).await?;
        self.platform.navigate(&url, false).await?;
        Ok(())
    }

    /// The address of a window to open, and the `state` by which its answer is known: [`finish_redirect`](Self::finish_redirect) takes
    /// that on this page.
    ///
    /// # Errors
    /// As [`begin_redirect`](Self::begin_redirect).
    pub async fn open_window(&self, request: &RedirectRequest<'_>) -> Result<(String, String), Error> {
        self.prepare(request, true).await
    }

    /// Keeps what has to be known when the answer comes.
    async fn prepare(&self, request: &RedirectRequest<'_>, is_elsewhere: bool) -> Result<(String, String), Error> {
        // A wrong scope is said before anything is sent.
        self.check_resource(request.resource)?;
        request.scopes.resource()?;
        request.scopes.union(&request.extra_scopes).check_default()?;
        self.catch_up().await;
        let account = self.asked_account(request)?;
        let interactions = self.may_ask(request, account.as_deref())?;
        let metadata = self.metadata().await?;
        let (url, state, text) = self.compose(request, account.as_deref(), &metadata, is_elsewhere).await?;
        self.sweep();
        self.keep_for_answer(&keys::pending(&self.config.client_id, &state), &text)?;
        self.keep_interactions(&interactions)?;
        Ok((url, state))
    }

    /// Takes the answer from the page's address, if there is one, and redeems its code. A code is redeemed once: what
    /// is needed for it is gone, from the address and from the storage, before it is sent.
    ///
    /// # Errors
    /// [`Error::Response`] for an answer that is not to a request of this tab or fails a check, [`Error::Server`] and
    /// [`Error::InteractionRequired`] for a refusal. Whatever the error, nothing of the answer is remembered.
    pub async fn finish_redirect(&self, asked: RedirectAnswer<'_>) -> Result<Option<RedirectResult>, RedirectFailure> {
        self.catch_up().await;
        let mut taken = self.take(asked).await?;
        if let Taken::Elsewhere(url) = &taken
            && !self.platform.navigate(url, true).await?
        {
            // The app's router shows the page that asked, now or a little later: the answer is for this one.
            taken = self.take(RedirectAnswer { hash: None, return_to_start: false }).await?;
        }
        match taken {
            Taken::Nothing | Taken::Elsewhere(_) => {}
            Taken::Code(code, issuer, kept) => {
                if let Some(pending) = self.read_pending(&kept) {
                    let redeemed = self.redeem(&code, issuer.as_deref(), &pending, None).await;
                    return redeemed.map(Some).map_err(|error| failure(error, &pending));
                }
            }
        }
        Ok(None)
    }

    /// Whether there may be an answer to a request: given, in the address, or carried here. Never `false` with one.
    pub fn may_be_answered(&self, given: Option<&str>) -> bool {
        let key = keys::response(&self.config.client_id, self.config.authority.as_str());
        let page = self.platform.page().unwrap_or_default();
        let fragment = cut(&page, b'#').map_or("", |(_, fragment)| fragment);
        given.is_some_and(|given| !given.is_empty())
            || self.platform.read(Area::Session, &key).is_ok_and(|carried| carried.is_some())
            || fragment.contains('=')
    }

    /// Keeps what has to be known when an answer comes.
    pub(super) fn keep_for_answer(&self, key: &str, text: &str) -> Result<(), BrowserError> {
        self.platform.write(Area::Session, key, Some(text)).map_err(|error| {
            if error == BrowserError::StorageDenied { BrowserError::RedirectUnavailable } else { error }
        })
    }

    /// Takes a response out of the address, and its request out of the storage.
    async fn take(&self, asked: RedirectAnswer<'_>) -> Result<Taken, RedirectFailure> {
        let page = self.platform.page()?;
        let here = without_fragment(&page);
        let (text, source) = self.response_text(asked, &page);
        let Some(response) = AuthorizationResponse::parse(&text) else {
            return Ok(Taken::Nothing);
        };
        let clean = |url: &str| if source == Source::Address { self.platform.replace_address(url) } else { Ok(()) };
        let key = keys::pending(&self.config.client_id, response.state().unwrap_or_default());
        let found = self.platform.read(Area::Session, &key).ok().flatten();
        let kept = found.as_deref().and_then(|text| json::parse(text).ok()).unwrap_or(Value::Null);
        if kept.as_str() == Some(ANSWERED) {
            clean(here)?;
            return Ok(Taken::Nothing);
        }
        let Some(pending) = self.read_pending(&kept) else {
            let is_readable = PendingRequest::read(&kept, self.platform.now()).is_some();
            let is_spoilt = found.is_some() && !is_readable;
            let is_another_s = is_readable || response.state().is_some_and(is_for_another);
            // Another client's or page's, or the app's own fragment; never a success.
            if is_another_s || !is_spoilt && !self.is_waiting() {
                return Ok(Taken::Nothing);
            }
            clean(here)?;
            let has_state = response.state().is_some();
            return Err(match response.answer {
                _ if has_state => ResponseError::StateMismatch.into(),
                AuthorizationAnswer::Error(reply) => Error::from(reply).into(),
                _ => ResponseError::StateMissing.into(),
            });
        };
        if source == Source::Address {
            self.check_landing(here, pending.redirect_uri).or_else(|error| {
                clean(here)?;
                self.platform.write(Area::Session, &key, Some(&json::text(&ANSWERED.into())))?;
                Err(failure(error.into(), &pending))
            })?;
        }
        let returns = asked.return_to_start && origin(pending.start_page) == origin(&page);
        let is_there = without_fragment(pending.start_page) == here;
        // Carried once: a server that sends the start page elsewhere must not make a loop.
        if returns && !is_there && source != Source::Carried {
            self.carry(&text)?;
            return Ok(Taken::Elsewhere(pending.start_page.to_owned()));
        }
        clean(if returns && is_there { pending.start_page } else { here })?;
        self.platform.write(Area::Session, &key, Some(&json::text(&ANSWERED.into())))?;
        match response.answer {
            AuthorizationAnswer::Code(code) => Ok(Taken::Code(code, response.issuer, kept)),
            AuthorizationAnswer::Error(reply) => {
                let error = match self.check_refusal(response.issuer.as_deref()) {
                    Ok(()) => self.refusal(reply, &pending).await,
                    // What another server refuses is not kept as refused by this one.
                    Err(error) if response.issuer.is_some() => error.into(),
                    Err(_) if pending.is_silent => reply.into(),
                    Err(_) => reply.after_interaction().into(),
                };
                Err(failure(error, &pending))
            }
            AuthorizationAnswer::Nothing => Err(failure(ResponseError::CodeMissing.into(), &pending)),
        }
    }

    /// Whether a refusal is this server's, as far as it is known here.
    fn check_refusal(&self, issuer: Option<&str>) -> Result<(), ResponseError> {
        let known = self.metadata.borrow().clone().or_else(|| self.remembered_metadata().map(Rc::new));
        known.map_or(Ok(()), |metadata| metadata.check_answer(issuer))
    }

    /// The error of a refusal, with what was refused; kept, so that nobody is asked again by itself.
    async fn refusal(&self, reply: ServerReply, pending: &PendingRequest<'_>) -> Error {
        if pending.is_silent {
            return self.missing_consent(reply.into(), pending).await;
        }
        let mut reply = reply.after_interaction();
        self.note_refusal(self.pending_account(pending).as_deref(), &pending.asked(), &mut reply).await;
        reply.into()
    }

    /// Names what the server would have to ask for, if that is what it says.
    pub(super) async fn missing_consent(&self, error: Error, pending: &PendingRequest<'_>) -> Error {
        match self.pending_account(pending) {
            Some(account) => self.lacking(error, &account, &pending.asked()).await,
            None => error.about(&pending.asked()),
        }
    }

    /// The only user who may answer.
    fn pending_account(&self, pending: &PendingRequest<'_>) -> Option<Rc<Account>> {
        let home_account_id = Some(pending.home_account_id?);
        self.account(Some(AccountFilter { home_account_id, ..AccountFilter::default() })).ok()
    }

    /// The text that may be a response: given by the app, in the address, or carried here.
    fn response_text(&self, asked: RedirectAnswer<'_>, page: &str) -> (String, Source) {
        if let Some(hash) = asked.hash.filter(|hash| AuthorizationResponse::parse(hash).is_some()) {
            return (hash.to_owned(), Source::App);
        }
        let key = keys::response(&self.config.client_id, self.config.authority.as_str());
        let carried = self.kept(&key);
        if !matches!(carried, Value::Null) {
            let _ = self.platform.write(Area::Session, &key, None);
        }
        let fragment = cut(page, b'#').map_or("", |(_, fragment)| fragment);
        let is_fresh = carried
            .member("carriedOn")
            .and_then(Value::as_seconds)
            .is_some_and(|on| self.platform.now() < on.saturating_add(CARRIED));
        match carried.text_of("response").filter(|_| is_fresh) {
            Some(response) if AuthorizationResponse::parse(fragment).is_none() => {
                (response.to_owned(), Source::Carried)
            }
            _ => (fragment.to_owned(), Source::Address),
        }
    }

    /// Keeps a response for the page that it is to be taken up on.
    fn carry(&self, response: &str) -> Result<(), BrowserError> {
        let kept = Object::default().with("response", response).with("carriedOn", self.platform.now());
        let key = keys::response(&self.config.client_id, self.config.authority.as_str());
        self.platform.write(Area::Session, &key, Some(&json::text(&kept.finish())))?;
        if let Some(Area::Local) = self.config.cache_location.area() {
            // Who begins with what an earlier page was told looks into the tab's store only if this says so.
            let carried = keys::carried(&self.config.client_id);
            if self.platform.write(Area::Local, &carried, Some(&json::text(&self.platform.now().into()))).is_err() {
                self.unsay(Area::Local);
            }
        }
        Ok(())
    }

    /// Redeems a code; `renewing` for an account, which has to be there still when the answer comes.
    pub(super) async fn redeem(
        &self,
        code: &Secret,
        issuer: Option<&str>,
        pending: &PendingRequest<'_>,
        renewing: Option<&AccountKey>,
    ) -> Result<RedirectResult, Error> {
        // Another server's code is not to be sent to this one, which could use it (mix-up, RFC 9207 section 1).
        let metadata = self.metadata().await?;
        metadata.check_answer(issuer)?;
        let signing_keys = self.signing_keys(&metadata).await?;
        let grant =
            Grant::AuthorizationCode { code, redirect_uri: pending.redirect_uri, verifier: Some(&pending.verifier) };
        let request = TokenRequest {
            client_id: &self.config.client_id,
            grant,
            scopes: &pending.scopes,
            resource: pending.resource,
            claims: pending.claims,
            capabilities: &self.config.capabilities,
            correlation_id: pending.correlation_id,
            may_lack_token: self.config.authority.is_policy(),
        };
        let sent_on = self.time();
        let sign_in = SignIn { nonce: pending.nonce, max_age: pending.max_age };
        let answer = Box::pin(self.exchange(request, Some(&sign_in), None, (&metadata, &signing_keys))).await;
        let (tokens, id_token) = match answer {
            Ok(answer) => answer,
            Err(error) => return Err(self.missing_consent(error, pending).await),
        };
        if let Some(key) = renewing {
            self.account(Some(key.into()))?;
        }
        let claims = pending.claims.map(comparable);
        let asked = Asked {
            resource: &pending.scopes.resource()?,
            indicator: pending.resource,
            scopes: &pending.scopes,
            claims: claims.as_deref(),
            account: None,
            home_account_id: pending.home_account_id,
            consented: (!pending.is_silent).then_some(&pending.extra_scopes),
            sent_on,
            is_replacing: pending.claims.is_some() || renewing.is_some(),
            renewing,
            told: None,
        };
        Ok(RedirectResult {
            result: self.accept(&tokens, id_token, &asked).await?,
            app_state: pending.app_state.map(ToOwned::to_owned),
            correlation_id: pending.correlation_id.to_owned(),
        })
    }
}

fn failure(error: Error, pending: &PendingRequest<'_>) -> RedirectFailure {
    RedirectFailure {
        error,
        app_state: pending.app_state.map(ToOwned::to_owned),
        correlation_id: Some(pending.correlation_id.to_owned()),
    }
}
