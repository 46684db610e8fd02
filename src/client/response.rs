//! From a grant to a result: everything is checked before anything is remembered.

use super::{AuthenticationResult, PublicClient, Told, clock::latest, documents::Document};
use crate::{
    cache::{AccessToken, Account, AccountKey, Record, View, Write, keys},
    error::{Error, ResponseError, UsageError},
    json,
    platform::Platform,
    protocol::{ClientInfo, Expected, IdToken, Metadata, TokenRequest, TokenResponse},
    scope::{ApplicationIdUri, Scope, ScopeSet},
    secret::Secret,
};
use std::rc::Rc;

/// By how many seconds an ID token is newer that is stored in the place of the one that is there.
const NEWS: u64 = 60;

/// What was asked for, and of whom.
pub(super) struct Asked<'a> {
    /// The API.
    pub resource: &'a ApplicationIdUri,
    /// The API as the request named it beside the scopes.
    pub indicator: Option<&'a str>,
    /// Its permissions.
    pub scopes: &'a ScopeSet,
    /// The `claims` that were asked for, as a text to compare.
    pub claims: Option<&'a str>,
    /// For a refresh token: whose it is.
    pub account: Option<&'a Account>,
    /// The only user who may answer.
    pub home_account_id: Option<&'a str>,
    /// What the server's pages were shown for beside it, of other APIs; `None` where none was shown.
    pub consented: Option<&'a ScopeSet>,
    /// When the request was sent, by this page's [clock](PublicClient::time).
    pub sent_on: u64,
    /// Whether the tokens that are there would not do.
    pub is_replacing: bool,
    /// Who has to answer, and to be signed in still.
    pub renewing: Option<&'a AccountKey>,
    /// Where a token is put ahead of its being stored.
    pub told: Option<&'a Told>,
}

/// What the ID token of a sign-in has to answer.
pub(super) struct SignIn<'a> {
    /// The `nonce` that was sent.
    pub nonce: &'a str,
    /// The `max_age` that was sent, in seconds.
    pub max_age: Option<u64>,
}

impl<P: Platform> PublicClient<P> {
    /// Sends a token request, at once; of the answer the ID token is checked, if there is one: what it says, and who signed it. One that is
    /// no news beside that of the account that is `known` is left out, as the server may leave it out (OpenID Connect Core section 12.2): the
    /// account's own stands for it.
    pub(super) async fn exchange(
        &self,
        request: TokenRequest<'_>,
        sign_in: Option<&SignIn<'_>>,
        known: Option<&Account>,
        (metadata, keys): (&Metadata, &Document),
    ) -> Result<(TokenResponse, Option<Rc<IdToken>>), Error> {
        let response = self.platform.send(request.to_http(metadata)).await?;
        let response = TokenResponse::from_http(&response, &request)?;
        let Some(raw) = response.id_token() else {
            return Ok((response, None));
        };
        let id_token = IdToken::parse(raw)?;
        id_token.check(&Expected {
            metadata,
            client_id: &self.config.client_id,
            nonce: sign_in.map(|sign_in| sign_in.nonce),
            max_age: sign_in.and_then(|sign_in| sign_in.max_age),
            requested: request.claims,
            now: self.platform.now(),
        })?;
        if let Some(known) = known
            && self.is_hardly_news(&id_token, &known.id_token)
            && id_token.check_continues(&known.id_token, known.nonce.as_deref()).is_ok()
        {
            return Ok((response, Some(Rc::clone(&known.id_token))));
        }
        self.check_signature(&id_token, metadata, keys).await?;
        Ok((response, Some(Rc::new(id_token))))
    }

    /// Checks the rest of a response and remembers what it brought. A token that there is no room for is remembered by the page alone;
    /// somebody who signs in has to be there on the next one.
    pub(super) async fn accept(
        &self,
        response: &TokenResponse,
        id_token: Option<Rc<IdToken>>,
        asked: &Asked<'_>,
    ) -> Result<AuthenticationResult, Error> {
        let now = self.platform.now();
        let mut ahead = self.tell_ahead(response, id_token.as_ref(), asked, now).await;
        // What comes at once is sealed one after the other, or each would outdate the rest.
        let _through = self.gate.pass().await;
        self.read_what_it_may_replace(asked).await;
        let mut brought = None;
        let outcome = self
            .change(&mut || {
                let unchanged = ahead.take().filter(|(revision, ..)| *revision == self.revision.get());
                let (result, writes) = match unchanged {
                    Some((_, result, writes)) => (result, writes),
                    None => self.bring(response, id_token.clone(), asked, now)?,
                };
                brought = Some((result, writes.clone()));
                Ok(writes)
            })
            .await;
        match (outcome, brought) {
            (Ok(()), Some((result, _))) => Ok(result),
            // Who has signed out meanwhile stays signed out.
            (Err(Error::Browser(_)), Some((result, mut writes)))
                if asked.account.is_some_and(|of| self.account(Some((&*of.key).into())).is_ok()) =>
            {
                self.remember(&writes);
                // The new refresh token takes the place of the one that was used up.
                let of = &result.account.key;
                let key = keys::account(&self.config.client_id, of);
                writes.retain(|write| write.key == key);
                let again = &mut || {
                    self.account(Some((&**of).into()))?;
                    Ok(writes.clone())
                };
                match self.change(again).await {
                    Err(error @ Error::Usage(_)) => Err(error),
                    _ => Ok(result),
                }
            }
            (outcome, _) => Err(outcome.err().unwrap_or(ResponseError::NotJson.into())),
        }
    }

    /// Tells of a token that is good, and lets the page go on with it before it is stored. Only where there is nothing else to store that
    /// could be lost: no account changes, and no other token goes. What is to be stored, as long as nothing changes.
    async fn tell_ahead(
        &self,
        response: &TokenResponse,
        id_token: Option<&Rc<IdToken>>,
        asked: &Asked<'_>,
        now: u64,
    ) -> Option<(u32, AuthenticationResult, Vec<Write>)> {
        let told = asked.told.filter(|_| self.config.cache_location.area().is_some())?;
        self.read_what_it_may_replace(asked).await;
        let (result, writes) = self.bring(response, id_token.cloned(), asked, now).ok()?;
        if self.is_late(&result.token) || !writes.iter().all(Write::is_addition) {
            return None;
        }
        // Nothing that is being sealed meanwhile is outdated by it: the revision stays.
        for write in &writes {
            self.cache.borrow_mut().keep(write);
        }
        told.replace(Some(result.clone()));
        let revision = self.revision.get();
        self.platform.pause().await;
        Some((revision, result, writes))
    }

    /// Reads the tokens that may have to go.
    async fn read_what_it_may_replace(&self, asked: &Asked<'_>) {
        if let Some(account) = asked.account {
            return self.read_tokens(&account.key, Some(asked.resource)).await;
        }
        let accounts = self.cache.borrow().accounts().to_vec();
        for account in accounts {
            self.read_tokens(&account.key, None).await;
        }
    }

    /// What a response brings, and what has to be stored for it: the account last, so that who is not there yet is not half there.
    fn bring(
        &self,
        response: &TokenResponse,
        id_token: Option<Rc<IdToken>>,
        asked: &Asked<'_>,
        now: u64,
    ) -> Result<(AuthenticationResult, Vec<Write>), Error> {
        let account = self.checked_account(response, id_token, asked, now)?;
        let scopes = granted(response.scope(), asked.scopes, asked.resource);
        let wanted = asked.scopes.permissions();
        let token = Rc::new(AccessToken {
            account: Rc::clone(&account.key),
            resource: asked.resource.clone(),
            indicator: asked.indicator.map(ToOwned::to_owned),
            claims: asked.claims.map(ToOwned::to_owned),
            missing: wanted.difference(&scopes),
            scopes,
            secret: Secret::new(response.access_token().to_owned()),
            cached_on: asked.sent_on,
            refresh_on: self.refresh_on(response, asked.sent_on),
            expires_on: response.expires_in().map(|seconds| asked.sent_on.saturating_add(seconds)),
            view: View::default(),
        });
        let consent = self.consent_after(response, &token, asked, now);
        let cache = self.cache.borrow();
        let page = asked.consented.map(|others| asked.scopes.union(others)).unwrap_or_default();
        let time = self.time();
        // What a page has asked for can be another API's.
        let resource = Some(asked.resource).filter(|_| page.is_empty());
        let mut writes = cache.forget(&account.key, resource, &|old| {
            let is_alike = old.claims.is_none() || old.claims.as_deref() == asked.claims;
            let is_replaced = || asked.is_replacing && is_alike && old.answers(&wanted);
            let is_over = old.expires_on.is_none_or(|end| end <= time) || old.cached_on > latest(time);
            let is_outdated = is_over || is_replaced();
            // What a token lacks may have been granted on the page: another will tell.
            let is_asked_for = old.missing.iter().any(|scope| page.contains(scope));
            let is_same_api = old.resource == *asked.resource && old.indicator.as_deref() == asked.indicator;
            is_asked_for || is_outdated && is_same_api
        });
        if !token.secret.expose().is_empty() {
            writes.push(cache.put(&Record::AccessToken(Rc::clone(&token))));
        }
        writes.extend(consent);
        if !cache.account(&account.key).is_some_and(|known| Rc::ptr_eq(known, &account)) {
            writes.push(cache.put(&Record::Account(Rc::clone(&account))));
        }
        Ok((AuthenticationResult { account, token, from_cache: false }, writes))
    }

    /// What is to be stored of the account's permissions.
    fn consent_after(&self, response: &TokenResponse, token: &AccessToken, asked: &Asked<'_>, now: u64) -> Vec<Write> {
        let mut before = self.consent(&token.account, Some(&token.resource));
        let cache = self.cache.borrow();
        let mut consent = before.clone();
        if asked.told.is_some_and(|told| told.borrow().is_some()) {
            // What is remembered is not stored yet.
            before.granted = ScopeSet::default();
        }
        if let Some(others) = asked.consented {
            consent.ask(&asked.scopes.union(others).permissions(), now);
        }
        // Scopes that are of an API that is named beside them do not tell of those of another.
        let is_whole = response.scope().is_some() && token.indicator.is_none();
        consent.grant(&token.resource, &token.scopes, is_whole);
        consent.lack(&token.missing, now);
        cache.put_consent(&before, &consent)
    }

    /// Whether what came with a token is as good as what is there: who asks for tokens of many APIs gets as many refresh tokens, of which the
    /// platform takes each as long as the first, and as many ID tokens.
    fn is_hardly_news(&self, next: &IdToken, kept: &IdToken) -> bool {
        let age = next.time("iat").zip(kept.time("iat")).and_then(|(next, kept)| next.checked_sub(kept));
        self.config.authority.is_platform() && age.is_some_and(|age| age < NEWS) && next.says_the_same(kept)
    }

    /// The account that a response speaks of.
    fn checked_account(
        &self,
        response: &TokenResponse,
        id_token: Option<Rc<IdToken>>,
        asked: &Asked<'_>,
        now: u64,
    ) -> Result<Rc<Account>, Error> {
        let refresh_token = response.refresh_token();
        let told = response.refresh_token_expires_in().filter(|_| refresh_token.is_some());
        let refresh_until = told.map(|seconds| asked.sent_on.saturating_add(seconds));
        if let Some(asked) = asked.account {
            // Others may have changed it meanwhile, or signed it out: what is gone stays gone.
            let before = self.cache.borrow().account(&asked.key).cloned().ok_or(UsageError::NoAccount)?;
            let is_own = id_token.as_ref().is_some_and(|next| Rc::ptr_eq(next, &asked.id_token));
            if let Some(id_token) = id_token.as_ref().filter(|_| !is_own) {
                id_token.check_continues(&asked.id_token, asked.nonce.as_deref())?;
            }
            let [kept, used] = [&*before, asked].map(|account| account.refresh_token.as_ref().map(Secret::expose));
            if is_own || kept != used {
                // What came is no news, or somebody has signed in anew: that stays.
                return Ok(before);
            }
            let id_token = id_token.unwrap_or_else(|| Rc::clone(&before.id_token));
            // The next ID token may repeat it although this one does not.
            let nonce = before.refresh_nonce();
            // What a refresh does not bring stays (RFC 6749 section 6, OpenID Connect Core section 12.2). The platform's next refresh token
            // ends with the one before it.
            let is_same_end = refresh_token.is_none() || self.config.authority.is_platform();
            return Ok(Rc::new(Account {
                nonce: nonce.filter(|nonce| id_token.claim("nonce") != Some(nonce)),
                id_token,
                refresh_token: refresh_token.or_else(|| before.refresh_token.clone()),
                refresh_until: refresh_until.or(before.refresh_until.filter(|_| is_same_end)),
                is_spent: false,
                ..Account::clone(&before)
            }));
        }
        let id_token = id_token.ok_or(ResponseError::TokenField("id_token"))?;
        let client_info = response
            .client_info()
            .filter(|_| self.config.authority.is_platform())
            .map(ClientInfo::parse)
            .transpose()?;
        let key = Account::key_of(&id_token, client_info.as_ref(), &self.config.authority);
        let home_account_id = asked.home_account_id.map_or_else(|| key.home_account_id.clone(), ToOwned::to_owned);
        let is_other = |wanted: &AccountKey| *wanted != key;
        if is_other(&AccountKey { home_account_id, ..key.clone() }) || asked.renewing.is_some_and(is_other) {
            return Err(ResponseError::AccountMismatch.into());
        }
        // Who is known keeps the key as it was first written, so that nobody has two entries.
        let Some(known) = self.cache.borrow().account(&key).cloned() else {
            if asked.renewing.is_some() {
                return Err(UsageError::NoAccount.into());
            }
            return Ok(Rc::new(Account { refresh_token, refresh_until, ..Account::new(key, id_token, now) }));
        };
        let before = Account::clone(&known);
        let mut account = Account { id_token, refresh_token, refresh_until, is_spent: false, nonce: None, ..before };
        if account.refresh_token.is_none() {
            account.refresh_token.clone_from(&known.refresh_token);
            account.refresh_until = known.refresh_until;
            account.is_spent = known.is_spent;
            account.nonce = known.refresh_nonce();
        }
        Ok(Rc::new(account))
    }
}

/// What the server says it granted, else what was asked for (RFC 6749 section 5.1).
pub(super) fn granted(told: Option<&str>, asked: &ScopeSet, resource: &ApplicationIdUri) -> ScopeSet {
    let Some(scope) = told else {
        return asked.clone();
    };
    let mut granted = ScopeSet::granted(scope, resource);
    let named = granted.permissions();
    for scope in asked.iter() {
        // `.default` stands for whatever is granted, and is not among the names that come back. And whatever the server
        // calls the API there: the token is for this one.
        let is_same = |other: &Scope| other.name().eq_ignore_ascii_case(scope.name());
        if scope.is_default() || named.iter().any(is_same) {
            granted.insert(scope.clone());
        }
    }
    granted
}

/// `claims` as a text to compare: without what only separates.
pub(super) fn comparable(claims: &str) -> String {
    json::parse(claims).map_or_else(|json::NotJson| claims.to_owned(), |claims| json::text(&claims))
}
