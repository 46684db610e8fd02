//! What is remembered: accounts, tokens, consent, pending requests. Pure: a change is a list of [`Write`]s for someone else to
//! carry out, and the same texts read back make the same cache.

mod account;
mod codec;
mod consent;
mod list;
mod pending;
mod view;

pub use account::{Account, AccountFilter, AccountKey};
pub use codec::{Write, keys};
pub use consent::{Consent, Refusal, Standing};
pub use pending::PendingRequest;
pub use view::View;

use crate::{
    scope::{ApplicationIdUri, ScopeSet},
    secret::Secret,
};
use codec::Entry;
use list::{alike, place, put};
use std::{cmp::Reverse, rc::Rc};

/// An access token: for one account and one API.
#[derive(Debug)]
pub struct AccessToken {
    /// Whose.
    pub account: Rc<AccountKey>,
    /// For which API.
    pub resource: ApplicationIdUri,
    /// For which one at another server than the platform, to the letter, where the request named it (RFC 8707).
    pub indicator: Option<String>,
    /// What the server granted.
    pub scopes: ScopeSet,
    /// What was asked for and not granted: asking again would bring the same.
    pub missing: ScopeSet,
    /// The token.
    pub secret: Secret,
    /// The `claims` that it was asked for with, as a text to compare.
    pub claims: Option<String>,
    /// When it was asked for, in seconds since 1970.
    pub cached_on: u64,
    /// When it is to be renewed although it is still good, in seconds since 1970.
    pub refresh_on: Option<u64>,
    /// When it ends, in seconds since 1970; `None` where the server did not say.
    pub expires_on: Option<u64>,
    /// What was made of it.
    pub view: View,
}

impl AccessToken {
    /// Whether it is what the server gives for these permissions: each is granted, or was refused when it was asked for.
    pub fn answers(&self, wanted: &ScopeSet) -> bool {
        wanted.iter().all(|scope| self.scopes.contains(scope) || self.missing.contains(scope))
    }

    /// Whether it is of this API, asked for in this way, and lives on: one that was asked for with `claims` serves those who have none.
    fn serves(&self, wanted: &Wanted<'_>) -> bool {
        let has_claims = || wanted.claims.is_none() || self.claims.as_deref() == wanted.claims;
        // Whose end is not known is never sure to live.
        let is_alive = || self.expires_on.is_some_and(|end| end > wanted.until);
        let is_known = self.cached_on <= wanted.latest;
        self.indicator.as_deref() == wanted.indicator && has_claims() && is_alive() && is_known
    }
}

/// One thing that is remembered, and one entry of the storage.
#[derive(Debug)]
pub enum Record {
    /// Somebody who is signed in.
    Account(Rc<Account>),
    /// An access token.
    AccessToken(Rc<AccessToken>),
    /// What is known of an account's permissions.
    Consent(Rc<Consent>),
    /// The account that is meant where none is named.
    Active(Rc<AccountKey>),
}

impl Record {
    /// The account that it belongs to.
    pub fn account(&self) -> &Rc<AccountKey> {
        match self {
            Record::Account(account) => &account.key,
            Record::AccessToken(token) => &token.account,
            Record::Consent(consent) => &consent.account,
            Record::Active(account) => account,
        }
    }
}

/// What a token is looked for by.
#[derive(Debug)]
pub struct Wanted<'a> {
    /// The API.
    pub resource: &'a ApplicationIdUri,
    /// The API as requests name it at other servers than the platform.
    pub indicator: Option<&'a str>,
    /// The `claims` that it has to have been asked for with, if any, as a text to compare.
    pub claims: Option<&'a str>,
    /// Permissions of that API.
    pub permissions: &'a ScopeSet,
    /// The latest that it can have been asked for, in seconds since 1970.
    pub latest: u64,
    /// Beyond when it has to live, in seconds since 1970.
    pub until: u64,
}

/// How an entry of the storage is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// When it is wanted.
    Later,
    /// At once.
    Now,
    /// At once, and by anybody: it is never sealed.
    Public,
}

/// An access token: its key, and `None` where it is stored and was not read yet.
type Stored = (String, Option<Rc<AccessToken>>);

/// The memory of one client, by account, API and grant. Access tokens are known by their keys until somebody wants them.
#[derive(Debug)]
pub struct Cache {
    client_id: String,
    environment: String,
    /// The only tenant whose accounts are to be had, if it is one: it takes no other's tokens.
    pub(crate) tenant: Option<String>,
    /// Oldest first.
    accounts: Vec<Rc<Account>>,
    consents: Vec<Rc<Consent>>,
    /// What is granted of each API, in the order of the keys, as it is stored, and `None` where it was not read yet: most of it nobody asks for.
    grants: Vec<(String, Option<String>)>,
    active: Option<Rc<AccountKey>>,
    /// In the order of their keys, so that those of an account and API stand together.
    tokens: Vec<Stored>,
}

impl Cache {
    /// An empty cache, for the accounts of one server: those of another, which may know a client by the same id, are not to be
    /// had, or its tokens would be sent there.
    pub const fn new(client_id: String, environment: String) -> Self {
        Cache {
            client_id,
            environment,
            tenant: None,
            accounts: Vec::new(),
            consents: Vec::new(),
            grants: Vec::new(),
            active: None,
            tokens: Vec::new(),
        }
    }

    /// Takes over what is stored by this page.
    pub fn keep(&mut self, write: &Write) {
        match &write.token {
            Some(token) => put(&mut self.tokens, &write.key, Some(Some(Rc::clone(token)))),
            None => self.apply(&write.key, write.text.as_ref().map(Secret::expose)),
        }
    }

    /// Takes over what a key of the storage holds now, here or by the doing of another tab. What can't be read is as if it
    /// were not there.
    pub fn apply(&mut self, key: &str, text: Option<&str>) {
        let Some(entry) = self.entry(key) else {
            // It may have been noted.
            return put(&mut self.tokens, key, None);
        };
        match &entry {
            Entry::Account(of) => self.accounts.retain(|account| account.key != *of),
            Entry::Consent(of) => self.consents.retain(|consent| consent.account != *of),
            Entry::Active => self.active = None,
            Entry::AccessToken(_) => put(&mut self.tokens, key, None),
            // It is no record of its own, and no JSON.
            Entry::Grant(_) => return put(&mut self.grants, key, text.map(|text| Some(text.to_owned()))),
        }
        match text.and_then(|text| codec::read(entry, text)) {
            Some(Record::Account(account)) => self.insert(Some(account)),
            Some(Record::Consent(consent)) => self.consents.push(consent),
            Some(Record::Active(account)) if account.environment == self.environment => self.active = Some(account),
            Some(Record::AccessToken(token)) => put(&mut self.tokens, key, Some(Some(token))),
            _ => {}
        }
    }

    /// Takes note of an access token that is stored, or of what is granted of an API: to be read when it is wanted.
    pub fn note(&mut self, key: &str, is_grant: bool) {
        if is_grant { put(&mut self.grants, key, Some(None)) } else { put(&mut self.tokens, key, Some(None)) }
    }

    /// What the keys of access tokens start with, and those of what is granted: of these there are many, to be [noted](Self::note).
    pub fn prefixes(&self) -> [String; 2] {
        ["access", "grant"].map(|kind| keys::of_server(&self.client_id, kind, &self.environment))
    }

    /// Keeps what `before` knew of an account's entry, which is there still and is to be read anew.
    pub fn carry_over(&mut self, key: &str, before: &Cache) {
        match self.entry(key) {
            Some(Entry::Account(of)) => self.insert(before.account(&of).cloned()),
            Some(Entry::Consent(of)) => self.consents.extend(before.kept_consent(&of).cloned()),
            _ => {}
        }
    }

    fn insert(&mut self, account: Option<Rc<Account>>) {
        if let Some(account) = account {
            let at = self.accounts.partition_point(|other| other.added_on <= account.added_on);
            self.accounts.insert(at, account);
        }
    }

    /// How an entry is read; `None` for one that is no record of this client at this server.
    pub fn reading(&self, key: &str) -> Option<Reading> {
        Some(match self.entry(key)? {
            Entry::AccessToken(_) => Reading::Later,
            Entry::Account(_) | Entry::Consent(_) => Reading::Now,
            Entry::Active | Entry::Grant(_) => Reading::Public,
        })
    }

    /// Whose record a key is of, readable or not, if it is this client's at this server.
    pub fn owner(&self, key: &str) -> Option<Rc<AccountKey>> {
        match self.entry(key)? {
            Entry::Active => self.active.clone(),
            entry => entry.account().cloned(),
        }
    }

    /// What kind of entry a key is of, if it is this client's at this server.
    fn entry(&self, key: &str) -> Option<Entry> {
        let entry = Entry::of(&self.client_id, key)?;
        let is_own = |account: &Rc<AccountKey>| {
            account.environment == self.environment
                && self.tenant.as_ref().is_none_or(|tenant| tenant.eq_ignore_ascii_case(&account.tenant_id))
        };
        entry.account().is_none_or(is_own).then_some(entry)
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
            && self.consents.is_empty()
            && self.grants.is_empty()
            && self.active.is_none()
            && self.tokens.is_empty()
    }

    /// Forgets everything that belongs to an account that `stays` does not name.
    pub fn retain(&mut self, stays: &dyn Fn(&AccountKey) -> bool) {
        self.accounts.retain(|account| stays(&account.key));
        self.consents.retain(|consent| stays(&consent.account));
        self.active = self.active.take().filter(|account| stays(account));
        let client_id = &self.client_id;
        let is_kept = |key: &str| {
            Entry::of(client_id, key).is_some_and(|entry| entry.account().is_some_and(|account| stays(account)))
        };
        self.grants.retain(|(key, _)| is_kept(key));
        self.tokens.retain(|(key, _)| is_kept(key));
    }

    /// The write that remembers a record.
    pub fn put(&self, record: &Record) -> Write {
        codec::write(&self.client_id, record)
    }

    /// The writes that forget every access token of an account, for one API or for all, that `is_gone` names, of those that were read.
    pub fn forget(
        &self,
        account: &AccountKey,
        resource: Option<&ApplicationIdUri>,
        is_gone: &dyn Fn(&AccessToken) -> bool,
    ) -> Vec<Write> {
        let mut writes = Vec::new();
        for (key, token) in self.entries(account, resource) {
            if token.as_ref().is_some_and(|token| is_gone(token)) {
                writes.push(Write::removal(key.clone()));
            }
        }
        writes
    }

    /// Everybody who is signed in, oldest first.
    pub fn accounts(&self) -> &[Rc<Account>] {
        &self.accounts
    }

    /// The account of a key.
    pub fn account(&self, key: &AccountKey) -> Option<&Rc<Account>> {
        self.accounts.iter().find(|account| *account.key == *key)
    }

    /// The chosen account, while it is signed in.
    pub fn active(&self) -> Option<&Rc<Account>> {
        self.account(self.chosen()?)
    }

    /// Who was chosen, known or not.
    pub const fn chosen(&self) -> Option<&Rc<AccountKey>> {
        self.active.as_ref()
    }

    /// What is known of an account's permissions, as far as it was read.
    pub fn consent(&self, account: &Rc<AccountKey>) -> Consent {
        self.consent_by(account, &keys::grants(&self.client_id, account, None))
    }

    /// The same, with what is granted of one API alone.
    pub fn consent_for(&self, account: &Rc<AccountKey>, resource: &ApplicationIdUri) -> Consent {
        self.consent_by(account, &keys::grants(&self.client_id, account, Some(resource)))
    }

    fn consent_by(&self, account: &Rc<AccountKey>, grants: &str) -> Consent {
        let mut consent = match self.kept_consent(account) {
            Some(consent) => Consent::clone(consent),
            None => Consent::unknown(Rc::clone(account)),
        };
        for (_, granted) in alike(&self.grants, grants) {
            consent.granted.append(&ScopeSet::stored(granted.as_deref()).permissions());
        }
        consent
    }

    /// The keys of what is granted to an account that were not read yet, for one API or for all.
    pub fn unread_grants(&self, account: &AccountKey, resource: Option<&ApplicationIdUri>) -> Vec<String> {
        let grants = alike(&self.grants, &keys::grants(&self.client_id, account, resource));
        grants.iter().filter(|(_, granted)| granted.is_none()).map(|(key, _)| key.clone()).collect()
    }

    fn kept_consent(&self, account: &AccountKey) -> Option<&Rc<Consent>> {
        self.consents.iter().find(|consent| *consent.account == *account)
    }

    /// The writes that make of what was known of an account's permissions what is known now.
    pub fn put_consent(&self, before: &Consent, now: &Consent) -> Vec<Write> {
        let mut writes = Vec::new();
        for resource in before.granted.union(&now.granted).resources() {
            let (old, new) = (before.granted.of(&resource), now.granted.of(&resource));
            if old != new {
                writes.push(codec::write_grant(&self.client_id, &now.account, &resource, &new));
            }
        }
        if (&before.asked, before.asked_on, &before.refusals) != (&now.asked, now.asked_on, &now.refusals) {
            writes.push(self.put(&Record::Consent(Rc::new(now.clone()))));
        }
        writes
    }

    /// The access tokens of an account that were read.
    pub fn access_tokens<'a>(&'a self, account: &AccountKey) -> impl Iterator<Item = &'a Rc<AccessToken>> {
        self.entries(account, None).filter_map(|(_, token)| token.as_ref())
    }

    /// The keys of an account's access tokens that were not read yet, for one API or for all.
    pub fn unread(&self, account: &AccountKey, resource: Option<&ApplicationIdUri>) -> Vec<String> {
        let unread = self.entries(account, resource).filter(|(_, token)| token.is_none());
        unread.map(|(key, _)| key.clone()).collect()
    }

    fn entries<'a>(
        &'a self,
        account: &AccountKey,
        resource: Option<&ApplicationIdUri>,
    ) -> impl Iterator<Item = &'a Stored> {
        alike(&self.tokens, &keys::access_tokens(&self.client_id, account, resource)).iter()
    }

    /// The token that was granted just what is wanted. No other could be better, so the others need not be read.
    ///
    /// # Errors
    /// Its key, where it has to be read first.
    pub fn exact(&self, account: &AccountKey, wanted: &Wanted<'_>) -> Result<Option<&Rc<AccessToken>>, String> {
        let key = codec::access_token_key(&self.client_id, account, wanted);
        let found = self.tokens.get(place(&self.tokens, &key)).filter(|(other, _)| *other == key);
        match found {
            Some((_, None)) => Err(key),
            Some((_, Some(token))) if token.serves(wanted) && token.scopes.is_superset(wanted.permissions) => {
                Ok(Some(token))
            }
            _ => Ok(None),
        }
    }

    /// The token to take of those that were read: the one that lacks the fewest of the permissions, then one without `claims` (it is
    /// newer than one with, which took the place of those without), then the one that has the fewest permissions, then the one that
    /// lives longest.
    pub fn lookup(&self, account: &AccountKey, wanted: &Wanted<'_>) -> Option<&Rc<AccessToken>> {
        let tokens = self.entries(account, Some(wanted.resource)).filter_map(|(_, token)| token.as_ref());
        tokens.filter(|token| token.serves(wanted) && token.answers(wanted.permissions)).min_by_key(|token| {
            let lacking = wanted.permissions.difference(&token.scopes).len();
            (lacking, token.claims.is_some(), token.scopes.permissions().len(), Reverse(token.expires_on))
        })
    }
}
