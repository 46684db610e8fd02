//! What is remembered: accounts, tokens, consent, pending requests. Pure: a change is a list of [`Write`]s for someone else to
//! carry out, and the same texts read back make the same cache.

mod account;
mod codec;
mod consent;
mod pending;

pub use account::{Account, AccountFilter, AccountKey};
pub use codec::{Write, keys};
pub use consent::{Consent, Refusal, Standing};
pub use pending::PendingRequest;

use crate::{
    scope::{ApplicationIdUri, ScopeSet},
    secret::Secret,
};
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
    /// When it was asked for, in seconds since 1970.
    pub cached_on: u64,
    /// When it is to be renewed although it is still good, in seconds since 1970.
    pub refresh_on: Option<u64>,
    /// When it ends, in seconds since 1970; `None` where the server did not say.
    pub expires_on: Option<u64>,
}

impl AccessToken {
    /// Whether it is what the server gives for these permissions: each is granted, or was refused when it was asked for.
    pub fn answers(&self, wanted: &ScopeSet) -> bool {
        wanted.iter().all(|scope| self.scopes.contains(scope) || self.missing.contains(scope))
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

/// The memory of one client.
#[derive(Debug)]
pub struct Cache {
    client_id: String,
    environment: String,
    records: Vec<(String, Record)>,
}

impl Cache {
    /// An empty cache, for the accounts of one server: those of another, which may know a client by the same id, are not to be
    /// had, or its tokens would be sent there.
    pub const fn new(client_id: String, environment: String) -> Self {
        Cache { client_id, environment, records: Vec::new() }
    }

    /// Takes over what a key of the storage holds now, here or by the doing of another tab. What can't be read is as if it
    /// were not there.
    pub fn apply(&mut self, key: &str, text: Option<&str>) {
        self.records.retain(|(other, _)| other != key);
        if let Some(record) = text.and_then(|text| codec::read(&self.client_id, key, text))
            && record.account().environment == self.environment
        {
            self.records.push((key.to_owned(), record));
        }
    }

    /// Whether nothing is remembered.
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Forgets everything that belongs to an account that `stays` does not name.
    pub fn retain(&mut self, stays: &dyn Fn(&Rc<AccountKey>) -> bool) {
        self.records.retain(|(_, record)| stays(record.account()));
    }

    /// The write that remembers a record.
    pub fn put(&self, record: &Record) -> Write {
        codec::write(&self.client_id, record)
    }

    /// The writes that forget every access token that `is_gone` names.
    pub fn forget(&self, is_gone: &dyn Fn(&AccessToken) -> bool) -> Vec<Write> {
        let mut writes = Vec::new();
        for (key, record) in &self.records {
            if matches!(record, Record::AccessToken(token) if is_gone(token)) {
                writes.push(Write { key: key.clone(), text: None });
            }
        }
        writes
    }

    /// Everybody who is signed in, oldest first.
    pub fn accounts(&self) -> Vec<&Rc<Account>> {
        let mut accounts: Vec<&Rc<Account>> = Vec::new();
        for (_, record) in &self.records {
            if let Record::Account(account) = record {
                let at = accounts.iter().position(|other| other.added_on > account.added_on);
                accounts.insert(at.unwrap_or(accounts.len()), account);
            }
        }
        accounts
    }

    /// The account of a key.
    pub fn account(&self, key: &AccountKey) -> Option<&Rc<Account>> {
        self.accounts().into_iter().find(|account| *account.key == *key)
    }

    /// The chosen account, while it is signed in.
    pub fn active(&self) -> Option<&Rc<Account>> {
        self.records.iter().find_map(|(_, record)| match record {
            Record::Active(key) => self.account(key),
            _ => None,
        })
    }

    /// What is known of an account's permissions.
    pub fn consent(&self, account: &Rc<AccountKey>) -> Consent {
        let known = self.records.iter().find_map(|(_, record)| match record {
            Record::Consent(consent) if consent.account == *account => Some(Consent::clone(consent)),
            _ => None,
        });
        known.unwrap_or_else(|| Consent::unknown(Rc::clone(account)))
    }

    /// The access tokens of an account.
    pub fn access_tokens<'a>(&'a self, account: &AccountKey) -> impl Iterator<Item = &'a Rc<AccessToken>> {
        self.records.iter().filter_map(move |(_, record)| match record {
            Record::AccessToken(token) if *token.account == *account => Some(token),
            _ => None,
        })
    }

    /// A token for `scopes` that lives beyond `until` (seconds since 1970): of several the one that lacks the fewest of
    /// them, then the one with the fewest permissions, then the one that lives longest. A token whose end is not known is
    /// never sure to live.
    pub fn lookup(
        &self,
        account: &AccountKey,
        resource: &ApplicationIdUri,
        indicator: Option<&str>,
        scopes: &ScopeSet,
        until: u64,
    ) -> Option<&Rc<AccessToken>> {
        let wanted = scopes.permissions();
        self.access_tokens(account)
            .filter(|token| token.indicator.as_deref() == indicator)
            .filter(|token| token.resource == *resource && token.answers(&wanted))
            .filter(|token| token.expires_on.is_some_and(|end| end > until))
            .min_by_key(|token| {
                let lacking = wanted.difference(&token.scopes).len();
                (lacking, token.scopes.permissions().len(), Reverse(token.expires_on))
            })
    }
}
