//! The keys and the texts of the storage, all of them. A key is `consentry|2|<client>|<kind>` and parts, each
//! percent-encoded, so that no part can pass for another; `2` is the version of everything below.

use super::{AccessToken, Account, AccountKey, Consent, Record, View, Wanted};
use crate::{
    json::{self, Object, Value},
    protocol::{IdToken, decode, digest, encode},
    scope::{ApplicationIdUri, ScopeSet},
    secret::Secret,
    text::parts,
};
use std::rc::Rc;

/// What has to be stored: a text at a key, or nothing there any more.
#[derive(Clone, Debug)]
pub struct Write {
    /// Where.
    pub key: String,
    /// What, with tokens in it.
    pub text: Option<Secret>,
    /// Whether anybody may read it.
    pub is_public: bool,
    /// What would be read of the text.
    pub(super) token: Option<Rc<AccessToken>>,
}

impl Write {
    /// That nothing is to be there any more.
    pub const fn removal(key: String) -> Self {
        Write::public(key, None)
    }

    /// Whether it adds an access token, or says what is granted, and no more than that.
    pub const fn is_addition(&self) -> bool {
        self.text.is_some() && (self.token.is_some() || self.is_public)
    }

    /// What anybody may read.
    pub const fn public(key: String, text: Option<Secret>) -> Self {
        Write { key, text, is_public: true, token: None }
    }
}

/// The keys of what is not a [`Record`].
pub mod keys {
    use super::{AccountKey, ApplicationIdUri};

    /// What all keys of a client start with.
    pub fn prefix(client_id: &str) -> String {
        super::key(client_id, "", &[])
    }

    /// What changes with every change of the records, and says what the last one changed.
    pub fn stamp(client_id: &str) -> String {
        super::key(client_id, "stamp", &[])
    }

    /// What those wait for who had no luck in changing the records (Web Locks API).
    pub fn turn(client_id: &str) -> String {
        super::key(client_id, "turn", &[])
    }

    /// What the keys of an account's access tokens start with, for one API or for all.
    pub fn access_tokens(client_id: &str, account: &AccountKey, resource: Option<&ApplicationIdUri>) -> String {
        super::start(client_id, "access", account, resource)
    }

    /// What the keys of a kind start with, for all accounts of a server.
    pub fn of_server(client_id: &str, kind: &str, environment: &str) -> String {
        let mut start = super::key(client_id, kind, &[environment]);
        start.push('|');
        start
    }

    /// The same of what is granted to an account.
    pub fn grants(client_id: &str, account: &AccountKey, resource: Option<&ApplicationIdUri>) -> String {
        super::start(client_id, "grant", account, resource)
    }

    /// What the keys of all accounts' records start with, readable or not.
    pub fn records(client_id: &str) -> [String; 4] {
        ["account", "access", "consent", "grant"].map(|kind| super::key(client_id, kind, &[]))
    }

    /// What the refresh token of an account is used under, by one page at a time (Web Locks API).
    pub fn lock(client_id: &str, account: &AccountKey) -> String {
        super::key(client_id, "lock", &account.parts())
    }

    /// Somebody who is signed in.
    pub fn account(client_id: &str, account: &AccountKey) -> String {
        super::key(client_id, "account", &account.parts())
    }

    /// What the page's scripts keep of what was said, until something changes.
    pub fn memo(client_id: &str) -> String {
        super::key(client_id, "memo", &[])
    }

    /// The chosen account.
    pub fn active(client_id: &str) -> String {
        super::key(client_id, "active", &[])
    }

    /// A pending request, by its `state`.
    pub fn pending(client_id: &str, state: &str) -> String {
        super::key(client_id, "pending", &[state])
    }

    /// A response on its way to the page that began the request.
    pub fn response(client_id: &str, authority: &str) -> String {
        super::key(client_id, "response", &[authority])
    }

    /// When a response was last on its way, in whatever tab of the browser.
    pub fn carried(client_id: &str) -> String {
        super::key(client_id, "carried", &[])
    }

    /// The request that an administrator is answering.
    pub fn admin_consent(client_id: &str, authority: &str) -> String {
        super::key(client_id, "admin", &[authority])
    }

    /// That what another library has left of the users of a server is not to be taken over, or not again.
    pub fn taken(client_id: &str, environment: &str) -> String {
        super::key(client_id, "taken", &[environment])
    }

    /// What is known of the interactions that this tab began.
    pub fn interactions(client_id: &str) -> String {
        super::key(client_id, "interactions", &[])
    }

    /// The keys that a server signs with, by the address that they are at.
    pub fn signing_keys(client_id: &str, address: &str) -> String {
        super::key(client_id, "keys", &[address])
    }

    /// A server's metadata.
    pub fn metadata(client_id: &str, authority: &str) -> String {
        super::key(client_id, "metadata", &[authority])
    }
}

fn key(client_id: &str, kind: &str, parts: &[&str]) -> String {
    let mut key = String::from("consentry|2|");
    encode(client_id, &mut key);
    key.push('|');
    key.push_str(kind);
    for part in parts {
        key.push('|');
        encode(part, &mut key);
    }
    key
}

/// What keys of a kind start with, for an account and one API or all of them.
fn start(client_id: &str, kind: &str, account: &AccountKey, resource: Option<&ApplicationIdUri>) -> String {
    let [environment, home_account_id, tenant_id] = account.parts();
    let resource = resource.map(ApplicationIdUri::key);
    let mut parts = Vec::from([environment, home_account_id, tenant_id]);
    parts.extend(resource.as_deref());
    let mut start = key(client_id, kind, &parts);
    // So that nothing longer starts alike.
    start.push('|');
    start
}

/// What a key says of its entry.
pub(super) enum Entry {
    Account(Rc<AccountKey>),
    AccessToken(Rc<AccountKey>),
    Consent(Rc<AccountKey>),
    Grant(Rc<AccountKey>),
    Active,
}

impl Entry {
    /// `None` for a key that is no record's of this client.
    pub(super) fn of(client_id: &str, full_key: &str) -> Option<Self> {
        let rest = full_key.strip_prefix(&key(client_id, "", &[]))?;
        let mut names = parts(rest, b'|');
        let kind = names.next()?;
        if kind == "active" {
            return Some(Entry::Active);
        }
        let mut parts = Vec::new();
        for name in names {
            parts.push(decode(name));
        }
        let account = account_key(parts);
        Some(match kind {
            "account" => Entry::Account(account?),
            "access" => Entry::AccessToken(account?),
            "consent" => Entry::Consent(account?),
            "grant" => Entry::Grant(account?),
            _ => return None,
        })
    }

    pub(super) fn account(&self) -> Option<&Rc<AccountKey>> {
        match self {
            Entry::Account(account) | Entry::AccessToken(account) | Entry::Consent(account) | Entry::Grant(account) => {
                Some(account)
            }
            Entry::Active => None,
        }
    }
}

/// What is granted of an API: its key has an end, as those of access tokens have, so that nothing longer starts alike. Its scopes are in
/// the keys of its tokens anyway, so anybody may read it.
pub(super) fn write_grant(
    client_id: &str,
    account: &AccountKey,
    resource: &ApplicationIdUri,
    granted: &ScopeSet,
) -> Write {
    let key = keys::grants(client_id, account, Some(resource));
    let text = Some(granted.permissions().qualified().to_parameter()).filter(|text| !text.is_empty());
    Write::public(key, text.map(Secret::new))
}

/// Where a token is kept that was granted these permissions: one of the same takes its place.
pub(super) fn access_token_key(client_id: &str, account: &AccountKey, granted: &Wanted<'_>) -> String {
    let mut key = keys::access_tokens(client_id, account, Some(granted.resource));
    encode(granted.indicator.unwrap_or_default(), &mut key);
    key.push('|');
    if let Some(claims) = granted.claims {
        key.push_str(&digest(claims));
    }
    key.push('|');
    encode(&granted.permissions.key(), &mut key);
    key
}

pub(super) fn write(client_id: &str, record: &Record) -> Write {
    let account = record.account().parts();
    let (key, text) = match record {
        Record::Account(account_record) => (
            keys::account(client_id, &account_record.key),
            Object::default()
                .with("idToken", account_record.id_token.expose())
                .with("refreshToken", account_record.refresh_token.as_ref().map(Secret::expose))
                .with("refreshUntil", account_record.refresh_until)
                .with("isSpent", account_record.is_spent.then_some(true))
                .with("nonce", account_record.nonce.as_deref())
                .with("username", account_record.username.as_deref())
                .with("name", account_record.name.as_deref())
                .with("addedOn", account_record.added_on)
                .finish(),
        ),
        Record::AccessToken(token) => {
            let granted = Wanted {
                resource: &token.resource,
                indicator: token.indicator.as_deref(),
                claims: token.claims.as_deref(),
                permissions: &token.scopes.permissions(),
                latest: 0,
                until: 0,
            };
            let text = Object::default()
                .with("resource", token.resource.as_str())
                .with("indicator", token.indicator.as_deref())
                .with("claims", token.claims.as_deref())
                .with("scopes", token.scopes.to_parameter())
                .with("missing", token.missing.to_parameter())
                .with("secret", token.secret.expose())
                .with("cachedOn", token.cached_on)
                .with("refreshOn", token.refresh_on)
                .with("expiresOn", token.expires_on);
            (access_token_key(client_id, &token.account, &granted), text.finish())
        }
        Record::Consent(consent) => (key(client_id, "consent", &account), consent.to_value()),
        Record::Active(_) => (keys::active(client_id), account.into_iter().collect()),
    };
    let token = if let Record::AccessToken(token) = record { Some(Rc::clone(token)) } else { None };
    let is_public = matches!(record, Record::Active(_));
    Write { key, text: Some(Secret::new(json::text(&text))), is_public, token }
}

/// Reads an entry; `None` where it is damaged.
pub(super) fn read(entry: Entry, text: &str) -> Option<Record> {
    let text = json::parse(text).ok()?;
    let secret = |name| text.text_of(name).map(|secret| Secret::new(secret.to_owned()));
    let owned = |name| text.text_of(name).map(ToOwned::to_owned);
    Some(match entry {
        Entry::Account(key) => Record::Account(Rc::new(Account {
            key,
            id_token: Rc::new(IdToken::parse(secret("idToken")?).ok()?),
            refresh_token: secret("refreshToken"),
            refresh_until: text.member("refreshUntil").and_then(Value::as_seconds),
            is_spent: text.member("isSpent").and_then(Value::as_bool) == Some(true),
            nonce: owned("nonce"),
            username: owned("username"),
            name: owned("name"),
            added_on: text.member("addedOn").and_then(Value::as_seconds)?,
            view: View::default(),
        })),
        Entry::AccessToken(account) => {
            let resource = ApplicationIdUri::parse(text.text_of("resource")?)?;
            Record::AccessToken(Rc::new(AccessToken {
                account,
                indicator: owned("indicator"),
                claims: owned("claims"),
                scopes: ScopeSet::granted(text.text_of("scopes")?, &resource),
                missing: ScopeSet::granted(text.text_of("missing").unwrap_or_default(), &resource),
                resource,
                secret: secret("secret")?,
                cached_on: text.member("cachedOn").and_then(Value::as_seconds).unwrap_or_default(),
                refresh_on: text.member("refreshOn").and_then(Value::as_seconds),
                expires_on: text.member("expiresOn").and_then(Value::as_seconds),
                view: View::default(),
            }))
        }
        Entry::Consent(account) => Record::Consent(Rc::new(Consent::read(account, &text))),
        // It is no record of its own.
        Entry::Grant(_) => return None,
        Entry::Active => {
            let mut parts = Vec::new();
            for part in text.as_array()? {
                parts.push(part.as_str()?.to_owned());
            }
            Record::Active(account_key(parts)?)
        }
    })
}

fn account_key(parts: Vec<String>) -> Option<Rc<AccountKey>> {
    let mut parts = parts.into_iter();
    let (environment, home_account_id, tenant_id) = (parts.next()?, parts.next()?, parts.next()?);
    Some(Rc::new(AccountKey { environment, home_account_id, tenant_id }))
}
