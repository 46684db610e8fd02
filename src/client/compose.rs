//! An authorization request, of what a call asks for.

use super::{PublicClient, RedirectRequest, frame::state_of};
use crate::{
    cache::{AccessToken, Account, PendingRequest},
    error::{ConfigError, Error, UsageError},
    platform::Platform,
    protocol::{
        AuthorizationRequest, AuthorizationResponse, CodeVerifier, Metadata, Prompt, origin, unguessable,
        without_fragment,
    },
    scope::{Scope, ScopeSet},
    text::cut,
};
use std::rc::Rc;

impl<P: Platform> PublicClient<P> {
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
        is_elsewhere: bool,
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
        let state = state_of(&self.random::<32>()?, is_elsewhere);
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
            capabilities: &self.config.capabilities,
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
}
