//! The authorization code flow by redirect: leave the page with a question, come back with the answer.

use super::{
    PublicClient, RedirectAnswer, RedirectFailure, RedirectRequest, RedirectResult,
    frame::is_framed,
    response::{Asked, SignIn, comparable},
};
use crate::{
    cache::{AccessToken, Account, AccountFilter, AccountKey, PendingRequest, keys},
    error::{BrowserError, ConfigError, Error, ResponseError, ServerReply, UsageError},
    json::{self, Object, Value},
    platform::{Area, Platform},
    protocol::{
        AuthorizationAnswer, AuthorizationRequest, AuthorizationResponse, CodeVerifier, Grant, Metadata, Prompt,
        TokenRequest, origin, unguessable, without_fragment,
    },
    scope::{Scope, ScopeSet},
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
        // A wrong scope is said before anything is sent.
        self.check_resource(request.resource)?;
        request.scopes.resource()?;
        request.scopes.union(&request.extra_scopes).check_default()?;
        self.catch_up().await;
        let account = self.asked_account(request)?;
        let interactions = self.may_ask(request, account.as_deref())?;
        let metadata = self.metadata().await?;
        let (url, state, text) = self.compose(request, account.as_deref(), &metadata).await?;
        self.sweep();
        self.keep_for_answer(&keys::pending(&self.config.client_id, &state), &text)?;
        self.keep_interactions(&interactions)?;
        Ok(self.platform.navigate(&url, false).await?)
    }

    /// Takes the answer from the page's address, if there is one, and redeems its code. A code is redeemed once: what
    /// is needed for it is gone, from the address and from the storage, before it is sent.
    ///
    /// # Errors
    /// [`Error::Response`] for an answer that is not to a request of this tab or fails a check, [`Error::Server`] and
    /// [`Error::InteractionRequired`] for a refusal. Whatever the error, nothing of the answer is remembered.
    pub async fn finish_redirect(&self, asked: RedirectAnswer<'_>) -> Result<Option<RedirectResult>, RedirectFailure> {
        self.catch_up().await;
        match self.take(asked).await? {
            Taken::Nothing => {}
            Taken::Elsewhere(url) => self.platform.navigate(&url, true).await?,
            Taken::Code(code, issuer, kept) => {
                if let Some(pending) = self.read_pending(&kept) {
                    let redeemed = self.redeem(&code, issuer.as_deref(), &pending, None).await;
                    return redeemed.map(Some).map_err(|error| failure(error, &pending));
                }
            }
        }
        Ok(None)
    }

    /// Who is asked.
    pub(super) fn asked_account(&self, request: &RedirectRequest<'_>) -> Result<Option<Rc<Account>>, UsageError> {
        Ok(match request.account {
            _ if request.prompt.is_some_and(Prompt::is_free_choice) => None,
            Some(named) => Some(self.account(Some(named))?),
            None if request.is_sign_in => self.active_account(),
            None => self.account(None).ok(),
        })
    }

    /// Where to send the user, the request's `state`, and the text of what has to be known when the answer comes.
    pub(super) async fn compose(
        &self,
        request: &RedirectRequest<'_>,
        account: Option<&Account>,
        metadata: &Metadata,
    ) -> Result<(String, String, String), Error> {
        let start_page = self.start_page(request.start_page)?;
        let hint = account.map(|account| account.id_token.claim("login_hint").unwrap_or_else(|| account.username()));
        // Who else may come is not known.
        let only = account.filter(|_| request.account.is_some() || !request.is_sign_in);
        let scopes = request.scopes.union(&self.config.default_scopes);
        let all_scopes = scopes.union(&request.extra_scopes);
        if let Some(account) = only {
            self.read_tokens(&account.key, None).await;
        }
        let is_consent_due = metadata.takes_consent_prompt && self.needs_consent(&all_scopes, request.resource, only);
        let state = unguessable(&self.random::<32>()?);
        let redirect_uri = self.address(request.redirect_uri.or(self.config.redirect_uri.as_deref()), "redirectUri")?;
        self.check_redirect_uri(metadata, &redirect_uri)?;
        let pending = PendingRequest {
            nonce: &unguessable(&self.random::<32>()?),
            verifier: CodeVerifier::new(&self.random()?),
            redirect_uri: &redirect_uri,
            authority: self.config.authority.as_str(),
            scopes,
            extra_scopes: request.extra_scopes.clone(),
            resource: request.resource,
            is_silent: request.prompt == Some(Prompt::NONE),
            home_account_id: only.map(|account| account.key.home_account_id.as_str()),
            start_page: &start_page,
            app_state: request.app_state,
            claims: request.claims,
            max_age: request.max_age(),
            correlation_id: request.correlation_id,
            created_on: self.platform.now(),
        };
        let sent = AuthorizationRequest {
            client_id: &self.config.client_id,
            redirect_uri: pending.redirect_uri,
            scopes: &all_scopes,
            resource: request.resource,
            state: &state,
            nonce: pending.nonce,
            challenge: pending.verifier.challenge(),
            prompt: request.prompt.or(is_consent_due.then_some(Prompt::CONSENT)),
            login_hint: request.login_hint.or(hint).filter(|hint| !hint.is_empty()),
            domain_hint: request.domain_hint,
            claims: request.claims,
            correlation_id: request.correlation_id,
            extra: &request.extra,
        };
        let url = Box::pin(self.address_of(&sent, metadata)).await?;
        let text = pending.to_text();
        Ok((url, state, text))
    }

    /// Whether the user has to be asked, as servers other than the platform give a refresh token to nobody else (OpenID Connect
    /// Core section 11). Whose refresh token is there, and who had a token for all of it, is not asked again.
    fn needs_consent(&self, scopes: &ScopeSet, resource: Option<&str>, account: Option<&Account>) -> bool {
        // Servers need not name these where they name what a token is good for.
        let wanted = scopes.difference(&self.config.default_scopes).difference(&ScopeSet::sign_in());
        let has_all = |account: &Account| {
            let does =
                |token: &Rc<AccessToken>| token.indicator.as_deref() == resource && token.scopes.is_superset(&wanted);
            account.refresh_token.is_some()
                && !account.is_spent
                && self.cache.borrow().access_tokens(&account.key).any(does)
        };
        !self.config.authority.is_platform() && scopes.contains(&Scope::OFFLINE_ACCESS) && !account.is_some_and(has_all)
    }

    /// Keeps what has to be known when an answer comes.
    pub(super) fn keep_for_answer(&self, key: &str, text: &str) -> Result<(), BrowserError> {
        self.platform.write(Area::Session, key, Some(text)).map_err(|error| {
            if error == BrowserError::StorageDenied { BrowserError::RedirectUnavailable } else { error }
        })
    }

    /// The page to return to.
    pub(super) fn start_page(&self, given: Option<&str>) -> Result<String, Error> {
        let page = self.platform.page()?;
        let start_page = given.map_or_else(|| Some(page.clone()), |text| self.platform.resolve(text));
        let mut start_page = start_page
            .filter(|url| origin(url).is_some() && origin(url) == origin(&page))
            .ok_or(ConfigError::StartPage)?;
        // An answer that nobody has read is not to come back.
        if cut(&start_page, b'#').is_some_and(|(_, text)| AuthorizationResponse::parse(text).is_some()) {
            start_page.truncate(without_fragment(&start_page).len());
        }
        Ok(start_page)
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
        if is_framed(&kept) {
            return Ok(Taken::Nothing);
        }
        let Some(pending) = self.read_pending(&kept) else {
            let is_readable = PendingRequest::read(&kept, self.platform.now()).is_some();
            let is_spoilt = found.is_some() && !is_readable;
            // Another client's, or the app's own fragment; never a success.
            if is_readable || !is_spoilt && !self.is_waiting() {
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
        self.platform.write(Area::Session, &key, Some(&json::text(&kept.finish())))
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
        let grant = Grant::AuthorizationCode { code, redirect_uri: pending.redirect_uri, verifier: &pending.verifier };
        let request = TokenRequest {
            client_id: &self.config.client_id,
            grant,
            scopes: &pending.scopes,
            resource: pending.resource,
            claims: pending.claims,
            correlation_id: pending.correlation_id,
            may_lack_token: self.config.authority.is_policy(),
        };
        let sent_on = self.time();
        let sign_in = SignIn { nonce: pending.nonce, max_age: pending.max_age };
        let answer = Box::pin(self.exchange(request, Some(&sign_in), (&metadata, &signing_keys))).await;
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
