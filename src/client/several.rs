//! Tokens for several APIs at once.

use super::{
    AuthenticationResult, PublicClient, RedirectRequest, SilentRequest, flight::all, interactions::refused,
    storage::Later,
};
use crate::{
    cache::Account,
    error::{ConfigError, Error},
    platform::Platform,
    scope::{ApplicationIdUri, ScopeSet},
};

/// What came of each API, in the order in which they were named.
pub type TokensResult = Vec<(ApplicationIdUri, Result<AuthenticationResult, Error>)>;

impl<P: Platform> PublicClient<P> {
    /// A token for each API that `request.scopes` names: silently where that is possible. With `may_leave` the page is left,
    /// once, to ask the user for all the rest; the same call brings the tokens when they are back.
    ///
    /// # Errors
    /// [`Error::Config`] for a request that can't be sent, [`Error::Usage`] when it is not clear for whom. What fails
    /// for one API alone is in its place in the result.
    pub async fn acquire_tokens(&self, request: &RedirectRequest<'_>, may_leave: bool) -> Result<TokensResult, Error> {
        request.scopes.union(&request.extra_scopes).check_default()?;
        if request.resource.is_some() {
            let expected = "left out: `acquireTokenSilent` and `acquireTokenRedirect` take it";
            return Err(ConfigError::Field { field: "resource", expected }.into());
        }
        let account = self.meant(request.account).await?;
        let mut results = TokensResult::new();
        let mut claims = request.claims.map(ToOwned::to_owned);
        let mut missing = ScopeSet::default();
        let parts = request.scopes.split();
        let mut calls: Vec<Later<'_, _>> = Vec::new();
        for (_, scopes) in &parts {
            let silent = SilentRequest {
                scopes: scopes.clone(),
                account: Some((&*account.key).into()),
                claims: request.claims,
                correlation_id: request.correlation_id,
                ..SilentRequest::default()
            };
            calls.push(Box::pin(async move { self.acquire_silent(&silent).await }));
        }
        for ((resource, scopes), result) in parts.into_iter().zip(all(calls).await) {
            if let Err(Error::InteractionRequired(reply)) = &result {
                let challenge = Some(reply.claims()).filter(|claims| !claims.is_empty());
                claims = claims.or_else(|| challenge.map(ToOwned::to_owned));
            }
            missing = missing.union(&self.lacked(&account, &scopes, &result));
            results.push((resource, result));
        }
        let consent = self.consent(&account.key, None);
        let now = self.time_of(claims.as_deref());
        let mut asked = ScopeSet::default();
        for (resource, result) in &mut results {
            let part = missing.of(resource).permissions();
            let needs_user = matches!(result, Err(Error::InteractionRequired(_)));
            match refused(&consent, &part, &missing, now).filter(|_| !request.may_repeat()) {
                Some(error) if needs_user => *result = Err(error),
                None if needs_user || !part.is_empty() => asked = asked.union(&request.scopes.of(resource)),
                _ => {}
            }
        }
        if may_leave && !asked.is_empty() {
            let (scopes, others) = asked.first_and_others();
            let one = RedirectRequest {
                scopes,
                extra_scopes: request.extra_scopes.union(&others),
                account: Some((&*account.key).into()),
                claims: claims.as_deref(),
                ..request.clone()
            };
            // What was had stays, whatever keeps the page here.
            if let Err(error) = self.begin_redirect(&one).await {
                if matches!(error, Error::Config(_)) {
                    return Err(error);
                }
                for (_, result) in &mut results {
                    if matches!(result, Err(Error::InteractionRequired(_))) {
                        *result = Err(error.clone());
                    }
                }
            }
        }
        Ok(results)
    }

    /// The permissions that are not granted, as far as a silent call tells.
    fn lacked(&self, account: &Account, scopes: &ScopeSet, result: &Result<AuthenticationResult, Error>) -> ScopeSet {
        match result {
            Ok(result) => scopes.permissions().difference(&result.token.scopes),
            Err(Error::InteractionRequired(_)) => {
                scopes.permissions().difference(&self.consent(&account.key, None).granted)
            }
            Err(_) => ScopeSet::default(),
        }
    }
}
