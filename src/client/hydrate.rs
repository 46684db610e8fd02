//! Who is signed in by what was got elsewhere: a result of the app's server or of another client, or what MSAL.js has left in the
//! storage.
//!
//! Of such an ID token all is checked that does not change with time: whose it is, for whom, and of whom it speaks. Its signature is not:
//! the server's keys of that day may be gone, and a page may start without a network. Who can call this, or write the storage, is the app
//! itself; and the first answer of the server has to continue this token (OpenID Connect Core section 12.2).

use super::{
    PublicClient,
    clock::latest,
    response::{comparable, granted},
};
use crate::{
    cache::{AccessToken, Account, AccountFilter, AccountKey, Cache, Record, View, Wanted, Write, keys},
    error::{ConfigError, Error},
    platform::{Area, Platform},
    protocol::{Authority, IdToken, Metadata},
    scope::{ApplicationIdUri, ScopeSet, is_guid},
    secret::Secret,
    text::cut_last,
};
use std::rc::Rc;

/// What was got elsewhere.
#[derive(Debug)]
pub struct Brought<'a> {
    /// The ID token.
    pub id_token: Secret,
    /// `uid.utid`, where it is told.
    pub home_account_id: Option<&'a str>,
    /// The access token, and when it ends, in seconds since 1970.
    pub access_token: Option<(Secret, u64)>,
    /// When that is to be renewed, in seconds since 1970.
    pub refresh_on: Option<u64>,
    /// What it was granted, as the server named it; empty where that is what was asked for.
    pub granted: String,
    /// What was asked for.
    pub scopes: ScopeSet,
    /// The API, for other servers than the platform (RFC 8707 section 2).
    pub resource: Option<&'a str>,
    /// The `claims` parameter.
    pub claims: Option<&'a str>,
}

/// An entry of another library's cache.
#[derive(Debug)]
pub struct Credential<'a> {
    /// The client that it was given to.
    pub client_id: &'a str,
    /// The host of the server that gave it.
    pub environment: &'a str,
    /// `uid.utid`
    pub home_account_id: &'a str,
    /// The token.
    pub secret: Secret,
    /// When that ends, in seconds since 1970, where it is told.
    pub ends_on: Option<u64>,
}

/// What another library has left.
#[derive(Debug)]
pub struct Left<'a> {
    /// ID tokens.
    pub id_tokens: Vec<Credential<'a>>,
    /// Refresh tokens.
    pub refresh_tokens: Vec<Credential<'a>>,
    /// The account that was chosen.
    pub chosen: Option<AccountFilter<'a>>,
}

impl<P: Platform> PublicClient<P> {
    /// Remembers an account, and its access token while that lives. Of an account that is known the newer ID token stays; its refresh token
    /// stays in any case.
    ///
    /// # Errors
    /// [`Error::Response`] for an ID token that is not of this server, not for this client or malformed; [`Error::Config`] for another
    /// account than the ID token's, and for scopes that can't be read; [`Error::Browser`] when it can't be stored.
    pub async fn hydrate(&self, brought: &Brought<'_>) -> Result<(), Error> {
        self.check_resource(brought.resource)?;
        let resource = brought.scopes.resource()?;
        let metadata = self.metadata().await?;
        let account = self.account_of(&brought.id_token, brought.home_account_id, &metadata)?;
        self.catch_up().await;
        self.read_tokens(&account.key, Some(&resource)).await;
        let change = &mut || {
            let (key, write) = known_or_new(&self.cache.borrow(), &account)?;
            let mut writes = self.write_token(&key, brought, &resource);
            writes.extend(write);
            Ok(writes)
        };
        self.change(change).await
    }

    /// Whether another library has left users here who are to be taken over: nobody is signed in, and nobody has signed out.
    pub fn awaits_adoption(&self) -> bool {
        self.left_behind() && self.accounts(AccountFilter::default()).is_empty() && !self.has_taken()
    }

    /// Takes over the users whom another library has left, with their refresh tokens, once. What is not this client's at this server is left
    /// alone, and so is what can't be used.
    ///
    /// # Errors
    /// [`Error::Browser`] and [`Error::Response`] when the server's metadata is not to be had, or the users can't be stored.
    pub async fn adopt(&self, left: &Left<'_>) -> Result<(), Error> {
        let is_own = |credential: &&Credential<'_>| {
            credential.client_id == self.config.client_id && is_of(credential.environment, &self.config.authority)
        };
        if !left.id_tokens.iter().any(|credential| is_own(&credential)) {
            return Ok(());
        }
        let metadata = self.metadata().await?;
        let mut accounts: Vec<Account> = Vec::new();
        for credential in left.id_tokens.iter().filter(is_own) {
            let home = credential.home_account_id;
            if let Ok(mut account) = self.account_of(&credential.secret, Some(home), &metadata)
                && accounts.iter().all(|other| other.key != account.key)
            {
                let kept = left.refresh_tokens.iter().filter(is_own).find(|kept| kept.home_account_id == home);
                account.refresh_token = kept.map(|kept| kept.secret.clone());
                account.refresh_until = kept.and_then(|kept| kept.ends_on);
                accounts.push(account);
            }
        }
        if accounts.is_empty() {
            return Ok(());
        }
        let change = &mut || {
            let mut writes = Vec::new();
            // Another tab may have been here meanwhile, and its user may have signed out.
            if self.awaits_adoption() {
                let cache = self.cache.borrow();
                for account in &accounts {
                    writes.push(cache.put(&Record::Account(Rc::new(account.clone()))));
                }
                let chosen = left.chosen.and_then(|chosen| accounts.iter().find(|account| chosen.fits(account)));
                writes.extend(chosen.map(|chosen| cache.put(&Record::Active(Rc::clone(&chosen.key)))));
                writes.push(self.taken());
            }
            Ok(writes)
        };
        self.change(change).await
    }

    /// Where another library may have left something: it knows the browser's own stores.
    fn shared_area(&self) -> Option<Area> {
        self.config.cache_location.area().filter(|area| *area != Area::Custom)
    }

    /// Whether another library has left something of this client in the storage.
    pub(super) fn left_behind(&self) -> bool {
        let end = [".token.keys.", &self.config.client_id].concat();
        let is_index =
            |area| self.platform.keys(area, "msal.").is_ok_and(|keys| keys.iter().any(|key| key.ends_with(&end)));
        self.shared_area().is_some_and(is_index)
    }

    /// The mark that this is not to be looked at, or not again.
    pub(super) fn taken(&self) -> Write {
        Write::public(self.taken_key(), Some(Secret::new("1".to_owned())))
    }

    fn taken_key(&self) -> String {
        keys::taken(&self.config.client_id, self.config.authority.environment())
    }

    fn has_taken(&self) -> bool {
        let is_there = |area| !matches!(self.platform.read(area, &self.taken_key()), Ok(None));
        self.shared_area().is_none_or(is_there)
    }

    /// The account of an ID token that was got elsewhere.
    fn account_of(&self, raw: &Secret, home: Option<&str>, metadata: &Metadata) -> Result<Account, Error> {
        let id_token = IdToken::parse(raw.clone())?;
        let now = self.platform.now();
        id_token.check_identity(metadata, &self.config.client_id, now)?;
        let own = Account::key_of(&id_token, None, &self.config.authority);
        let home_account_id = match home {
            Some(home) if id_token.claim("sub") != Some(home) => {
                if !is_home_of(home, &id_token, &self.config.authority) {
                    return Err(other_account());
                }
                home.to_owned()
            }
            _ => own.home_account_id,
        };
        Ok(Account::new(AccountKey { home_account_id, ..own }, Rc::new(id_token), now))
    }

    /// The writes that remember an access token while it lives, and what is granted with it; none where the same is there and lives longer.
    fn write_token(&self, account: &Rc<AccountKey>, brought: &Brought<'_>, resource: &ApplicationIdUri) -> Vec<Write> {
        let time = self.time();
        let Some((secret, end)) = brought.access_token.as_ref().filter(|(_, end)| *end > time) else {
            return Vec::new();
        };
        let told = Some(brought.granted.as_str()).filter(|granted| !granted.is_empty());
        let scopes = granted(told, &brought.scopes, resource);
        let token = Rc::new(AccessToken {
            account: Rc::clone(account),
            resource: resource.clone(),
            indicator: brought.resource.map(ToOwned::to_owned),
            claims: brought.claims.map(comparable),
            missing: brought.scopes.permissions().difference(&scopes),
            scopes,
            secret: secret.clone(),
            cached_on: time,
            refresh_on: brought.refresh_on.filter(|on| on < end),
            expires_on: Some(*end),
            view: View::default(),
        });
        let alike = Wanted {
            resource,
            indicator: brought.resource,
            claims: token.claims.as_deref(),
            permissions: &token.scopes.permissions(),
            latest: latest(time),
            until: end.saturating_sub(1),
        };
        let before = self.consent(account, Some(resource));
        let cache = self.cache.borrow();
        if matches!(cache.exact(account, &alike), Ok(Some(_))) {
            return Vec::new();
        }
        let mut consent = before.clone();
        consent.grant(resource, &token.scopes, false);
        let mut writes = cache.put_consent(&before, &consent);
        writes.push(cache.put(&Record::AccessToken(token)));
        writes
    }
}

/// The key of an account, and the write that remembers it unless what is known is as new.
fn known_or_new(cache: &Cache, account: &Account) -> Result<(Rc<AccountKey>, Option<Write>), Error> {
    let put = |account: Account| Some(cache.put(&Record::Account(Rc::new(account))));
    let Some(known) = cache.account(&account.key) else {
        return Ok((Rc::clone(&account.key), put(account.clone())));
    };
    let [told, before] = [account, &**known].map(|account| account.id_token.claim("sub"));
    if told != before {
        return Err(other_account());
    }
    let is_newer = account.id_token.time("iat") > known.id_token.time("iat");
    let newer =
        || Account { id_token: Rc::clone(&account.id_token), nonce: known.refresh_nonce(), ..Account::clone(known) };
    Ok((Rc::clone(&known.key), if is_newer { put(newer()) } else { None }))
}

fn other_account() -> Error {
    ConfigError::Field { field: "result.account.homeAccountId", expected: "that of the ID token's user" }.into()
}

/// Whether `uid.utid` can be who the ID token's user is at home: in the home tenant they have the same object id. A user flow names itself in
/// it. Other servers know the subject alone.
fn is_home_of(home: &str, id_token: &IdToken, authority: &Authority) -> bool {
    let Some((uid, utid)) = cut_last(home, b'.').filter(|_| authority.is_platform()) else {
        return false;
    };
    let policy =
        if authority.is_policy() { cut_last(authority.as_str(), b'/').map(|(_, policy)| policy) } else { None };
    let user = match policy {
        Some(policy) => cut_policy(uid, policy),
        None => Some(uid),
    };
    let is_same = |claim, part: &str| id_token.claim(claim).is_none_or(|own| own.eq_ignore_ascii_case(part));
    user.is_some_and(|user| is_guid(user) && is_guid(utid) && (!is_same("tid", utid) || is_same("oid", user)))
}

/// The user of `user-policy`.
fn cut_policy<'a>(uid: &'a str, policy: &str) -> Option<&'a str> {
    let at = uid.len().checked_sub(policy.len())?;
    let user = uid.get(..at)?.strip_suffix('-')?;
    uid.get(at..)?.eq_ignore_ascii_case(policy).then_some(user)
}

/// Whether a server is known by this host, which may be another name of the same cloud.
fn is_of(environment: &str, authority: &Authority) -> bool {
    let other = Authority::parse(&["https://", environment, "/common"].concat());
    other.is_ok_and(|other| other.host().eq_ignore_ascii_case(authority.host()))
}
