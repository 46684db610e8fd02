//! The authorization code flow by redirect: leave the page with a question, come back with the answer.

use super::{PublicClient, RedirectAnswer, RedirectRequest, RedirectResult, response::Asked};
use crate::{
    cache::{PendingRequest, keys},
    error::{BrowserError, ConfigError, Error, ResponseError},
    json::{self, Value},
    platform::{Area, Platform},
    protocol::{
        AuthorizationAnswer, AuthorizationRequest, AuthorizationResponse, CodeVerifier, Grant, Metadata, Prompt,
        origin, unguessable, without_fragment,
    },
    scope::ScopeSet,
    secret::Secret,
};

/// Kept in the place of a request that was answered, until the next one is made: so a callback that is loaded again is told
/// from a forged one.
const ANSWERED: &str = "answered";

/// What becomes of a response.
enum Taken {
    /// It was no response of ours, or one that was answered before.
    Nothing,
    /// It is to be taken up on this page, where the request began.
    Elsewhere(String),
    /// Its code is to be redeemed for the request that was kept.
    Code(Secret, Value),
}

impl<P: Platform> PublicClient<P> {
    /// Leaves the page. The answer is taken by [`finish_redirect`](Self::finish_redirect) on the page that it comes to.
    ///
    /// # Errors
    /// [`Error::Config`] for a request that can't be sent, [`Error::Browser`] when the page can't be left.
    pub async fn begin_redirect(&self, request: &RedirectRequest<'_>) -> Result<(), Error> {
        // What is wrong with the request is said before anything is sent.
        request.scopes.resource()?;
        let metadata = self.metadata().await?;
        let url = self.keep_pending(request, &metadata)?;
        Ok(self.platform.navigate(&url, false).await?)
    }

    /// Takes the answer from the page's address, if there is one, and redeems its code. A code is redeemed once: what
    /// is needed for it is gone, from the address and from the storage, before it is sent.
    ///
    /// # Errors
    /// [`Error::Response`] for an answer that is not to a request of this tab or fails a check, [`Error::Server`] and
    /// [`Error::InteractionRequired`] for a refusal. Whatever the error, nothing of the answer is remembered.
    pub async fn finish_redirect(&self, asked: RedirectAnswer<'_>) -> Result<Option<RedirectResult>, Error> {
        match self.take(asked)? {
            Taken::Nothing => {}
            Taken::Elsewhere(url) => self.platform.navigate(&url, true).await?,
            Taken::Code(code, kept) => {
                let now = self.platform.now();
                if let Some(pending) = PendingRequest::read(&kept, now) {
                    return self.redeem(&code, &pending).await.map(Some);
                }
            }
        }
        Ok(None)
    }

    /// Keeps what has to be known when the answer comes, and says where to send the user.
    fn keep_pending(&self, request: &RedirectRequest<'_>, metadata: &Metadata) -> Result<String, Error> {
        let page = self.platform.page()?;
        let start_page = request.start_page.map_or_else(|| Some(page.clone()), |text| self.platform.resolve(text));
        let start_page = start_page.filter(|url| origin(url).is_some() && origin(url) == origin(&page));
        let free_choice = matches!(request.prompt, Some(Prompt::SelectAccount | Prompt::Login | Prompt::Create));
        let account = request.account.map(|account| self.account(Some(account))).transpose()?;
        let account = account.as_deref().filter(|_| !free_choice);
        let hint = account.map(|account| account.id_token.claim("login_hint").unwrap_or_else(|| account.username()));
        let state = unguessable(&self.random::<32>()?);
        let pending = PendingRequest {
            nonce: &unguessable(&self.random::<32>()?),
            verifier: CodeVerifier::new(&self.random()?),
            redirect_uri: &self.address(request.redirect_uri.or(self.config.redirect_uri.as_deref()), "redirectUri")?,
            authority: self.config.authority.as_str(),
            scopes: request.scopes.union(&ScopeSet::sign_in()),
            home_account_id: account.map(|account| account.key.home_account_id.as_str()),
            start_page: &start_page.ok_or(ConfigError::StartPage)?,
            app_state: request.app_state,
            claims: request.claims,
            correlation_id: request.correlation_id,
            created_on: self.platform.now(),
        };
        let url = AuthorizationRequest {
            client_id: &self.config.client_id,
            redirect_uri: pending.redirect_uri,
            scopes: &pending.scopes.union(&request.extra_scopes),
            state: &state,
            nonce: pending.nonce,
            challenge: pending.verifier.challenge(),
            prompt: request.prompt,
            login_hint: request.login_hint.or(hint).filter(|hint| !hint.is_empty()),
            domain_hint: request.domain_hint,
            claims: request.claims,
            correlation_id: request.correlation_id,
            extra: &request.extra,
        }
        .to_url(metadata)?;
        self.sweep();
        self.platform.write(Area::Session, &keys::pending(&self.config.client_id, &state), Some(&pending.to_text()))?;
        Ok(url)
    }

    /// Takes a response out of the address, and its request out of the storage.
    fn take(&self, asked: RedirectAnswer<'_>) -> Result<Taken, Error> {
        let page = self.platform.page()?;
        let here = without_fragment(&page);
        let (text, is_carried) = self.response_text(asked, &page)?;
        let Some(response) = AuthorizationResponse::parse(&text) else {
            return Ok(Taken::Nothing);
        };
        let Some(state) = response.state() else {
            return self.stateless(response.answer, here);
        };
        let key = keys::pending(&self.config.client_id, state);
        let kept = self.kept(&key)?;
        let pending = PendingRequest::read(&kept, self.platform.now());
        let Some(pending) = pending.filter(|pending| pending.authority == self.config.authority.as_str()) else {
            self.platform.replace_address(here)?;
            let is_again = self.platform.read(Area::Session, &key)?.is_some_and(|text| text == ANSWERED);
            return if is_again { Ok(Taken::Nothing) } else { Err(ResponseError::StateMismatch.into()) };
        };
        let returns = asked.return_to_start && origin(pending.start_page) == origin(&page);
        let is_there = without_fragment(pending.start_page) == here;
        // Carried once: a server that sends the start page elsewhere must not make a loop.
        if returns && !is_there && !is_carried {
            self.platform.write(Area::Session, &keys::response(&self.config.client_id), Some(&text))?;
            return Ok(Taken::Elsewhere(pending.start_page.to_owned()));
        }
        self.platform.replace_address(if returns && is_there { pending.start_page } else { here })?;
        self.platform.write(Area::Session, &key, Some(ANSWERED))?;
        match response.answer {
            AuthorizationAnswer::Code(code) => Ok(Taken::Code(code, kept)),
            AuthorizationAnswer::Error(reply) => Err(reply.into()),
            AuthorizationAnswer::Nothing => Err(ResponseError::CodeMissing.into()),
        }
    }

    /// The text that may be a response: given by the app, carried here from another page (`true`), or the fragment.
    fn response_text(&self, asked: RedirectAnswer<'_>, page: &str) -> Result<(String, bool), BrowserError> {
        if let Some(hash) = asked.hash {
            return Ok((hash.to_owned(), false));
        }
        let key = keys::response(&self.config.client_id);
        if let Some(carried) = self.platform.read(Area::Session, &key)? {
            self.platform.write(Area::Session, &key, None)?;
            return Ok((carried, true));
        }
        Ok((page.split_once('#').map_or("", |(_, fragment)| fragment).to_owned(), false))
    }

    /// A response without `state` belongs to no request: never a success, and an error only while one is pending.
    fn stateless(&self, answer: AuthorizationAnswer, here: &str) -> Result<Taken, Error> {
        let error = match answer {
            AuthorizationAnswer::Error(_) if self.pending_keys()?.is_empty() => return Ok(Taken::Nothing),
            AuthorizationAnswer::Error(reply) => reply.into(),
            _ => ResponseError::StateMissing.into(),
        };
        self.platform.replace_address(here)?;
        Err(error)
    }

    async fn redeem(&self, code: &Secret, pending: &PendingRequest<'_>) -> Result<RedirectResult, Error> {
        let grant = Grant::AuthorizationCode { code, redirect_uri: pending.redirect_uri, verifier: &pending.verifier };
        let (tokens, metadata) = self.exchange(grant, &pending.scopes, pending.claims, pending.correlation_id).await?;
        let asked = Asked {
            resource: &pending.scopes.resource()?,
            scopes: &pending.scopes,
            nonce: Some(pending.nonce),
            account: None,
            home_account_id: pending.home_account_id,
        };
        Ok(RedirectResult {
            result: self.accept(&tokens, &metadata, &asked)?,
            app_state: pending.app_state.map(ToOwned::to_owned),
            correlation_id: pending.correlation_id.to_owned(),
        })
    }

    fn pending_keys(&self) -> Result<Vec<String>, BrowserError> {
        self.platform.keys(Area::Session, &keys::pending(&self.config.client_id, ""))
    }

    /// What is kept under a key of this tab; `null` for nothing and for what can't be read.
    fn kept(&self, key: &str) -> Result<Value, BrowserError> {
        let text = self.platform.read(Area::Session, key)?.unwrap_or_default();
        Ok(json::parse(&text).unwrap_or(Value::Null))
    }

    /// Forgets requests that nobody answered.
    fn sweep(&self) {
        for key in self.pending_keys().unwrap_or_default() {
            let kept = self.kept(&key).unwrap_or(Value::Null);
            if PendingRequest::read(&kept, self.platform.now()).is_none() {
                let _ = self.platform.write(Area::Session, &key, None);
            }
        }
    }
}
