//! Who is signed in.

use super::View;
use crate::{
    protocol::{Authority, ClientInfo, IdToken},
    secret::Secret,
};
use std::rc::Rc;

/// What tells accounts apart: the user at home, the server, and the tenant they are signed in to. Of the platform's GUIDs case is
/// ignored; another server's path and subject have one (OpenID Connect Core section 2).
#[derive(Clone, Debug)]
pub struct AccountKey {
    /// The host of the authority.
    pub environment: String,
    /// `uid.utid`
    pub home_account_id: String,
    /// The tenant of the ID token.
    pub tenant_id: String,
}

impl AccountKey {
    /// The parts, in the order of the storage's keys.
    pub fn parts(&self) -> [&str; 3] {
        [&self.environment, &self.home_account_id, &self.tenant_id]
    }
}

impl PartialEq for AccountKey {
    fn eq(&self, other: &Self) -> bool {
        let is_same = |(mine, other): (&&str, &str)| is_same(mine, other, !self.tenant_id.is_empty());
        self.parts().iter().zip(other.parts()).all(is_same)
    }
}

impl Eq for AccountKey {}

/// Two texts that name the same, as far as it is known whether case matters.
fn is_same(one: &str, other: &str, is_caseless: bool) -> bool {
    one == other || is_caseless && one.eq_ignore_ascii_case(other)
}

/// Somebody who is signed in, as the last checked ID token says.
#[derive(Clone, Debug)]
pub struct Account {
    /// What tells them apart.
    pub key: Rc<AccountKey>,
    /// The ID token, whose claims say the rest.
    pub id_token: Rc<IdToken>,
    /// The refresh token, for all APIs; `None` once the server has refused it.
    pub refresh_token: Option<Secret>,
    /// When that ends, in seconds since 1970, where the server said so: the user has to be asked then at the latest.
    pub refresh_until: Option<u64>,
    /// Whether that was sent, and what became of it is not known: a server that gives each token once would end them all if it
    /// came again (RFC 9700 section 4.14.2).
    pub is_spent: bool,
    /// The `nonce` that the refresh token's ID tokens may have, where the ID token has another, of a later sign-in, or none.
    pub nonce: Option<String>,
    /// What the server says they are called when it is asked, where the ID token does not say it: the name to show,
    pub username: Option<String>,
    /// and the claim `name`.
    pub name: Option<String>,
    /// When they signed in first, in seconds since 1970.
    pub added_on: u64,
    /// What was made of it.
    pub view: View,
}

impl Account {
    /// Somebody who was not known before.
    pub fn new(key: AccountKey, id_token: Rc<IdToken>, added_on: u64) -> Self {
        Account {
            key: Rc::new(key),
            id_token,
            refresh_token: None,
            refresh_until: None,
            is_spent: false,
            nonce: None,
            username: None,
            name: None,
            added_on,
            view: View::default(),
        }
    }

    /// The `nonce` that the refresh token's ID tokens may have, when another ID token comes.
    pub fn refresh_nonce(&self) -> Option<String> {
        self.nonce.clone().or_else(|| self.id_token.owned_claim("nonce"))
    }

    /// The key of a checked ID token's user. On the Microsoft identity platform that is what `client_info` says, or else the ID token's
    /// own tenant is home. Elsewhere only the subject tells who it is (OpenID Connect Core section 5.7): other claims may be the
    /// user's to choose.
    pub fn key_of(id_token: &IdToken, client_info: Option<&ClientInfo>, authority: &Authority) -> AccountKey {
        let claim = |name| id_token.claim(name).unwrap_or_default();
        let environment = authority.environment().to_owned();
        if !authority.is_platform() {
            return AccountKey { environment, home_account_id: claim("sub").to_owned(), tenant_id: String::new() };
        }
        let home_account_id = match (client_info, id_token.claim("oid"), id_token.claim("tid")) {
            (Some(info), ..) => info.home_account_id(),
            (None, Some(oid), Some(tid)) => [oid, ".", tid].concat(),
            _ => claim("sub").to_owned(),
        };
        AccountKey { environment, home_account_id, tenant_id: claim("tid").to_owned() }
    }

    /// The user in the tenant that signed them in.
    pub fn local_account_id(&self) -> &str {
        self.id_token.claim("oid").or_else(|| self.id_token.claim("sub")).unwrap_or_default()
    }

    /// The name to show. It can change: no key.
    pub fn username(&self) -> &str {
        let claimed = self.id_token.claim("preferred_username").or_else(|| self.id_token.claim("upn"));
        claimed.or(self.username.as_deref()).unwrap_or_default()
    }

    /// The claim `name`.
    pub fn name(&self) -> Option<&str> {
        self.id_token.claim("name").or(self.name.as_deref())
    }

    /// What an [`AccountFilter`] can ask for.
    fn properties(&self) -> [&str; 9] {
        let claim = |name| self.id_token.claim(name).unwrap_or_default();
        let [environment, home_account_id, tenant_id] = self.key.parts();
        let local_account_id = self.local_account_id();
        let named = [self.username(), self.name().unwrap_or_default(), claim("login_hint"), claim("upn"), claim("sid")];
        let [username, name, login_hint, upn, sid] = named;
        [environment, home_account_id, tenant_id, local_account_id, username, name, login_hint, upn, sid]
    }
}

/// Which account is meant: all that is given has to be equal.
#[derive(Clone, Copy, Debug, Default)]
pub struct AccountFilter<'a> {
    /// The host of the authority.
    pub environment: Option<&'a str>,
    /// `uid.utid`
    pub home_account_id: Option<&'a str>,
    /// The tenant.
    pub tenant_id: Option<&'a str>,
    /// The user in that tenant.
    pub local_account_id: Option<&'a str>,
    /// The name to show.
    pub username: Option<&'a str>,
    /// The claim `name`.
    pub name: Option<&'a str>,
    /// The claim `login_hint`.
    pub login_hint: Option<&'a str>,
    /// The claim `upn`.
    pub upn: Option<&'a str>,
    /// The claim `sid`.
    pub sid: Option<&'a str>,
}

/// Where the names begin among an account's properties.
const NAMES_FROM: usize = 4;

impl AccountFilter<'_> {
    /// Whether it says nothing.
    pub fn is_empty(&self) -> bool {
        self.wanted().iter().all(Option::is_none)
    }

    /// Whether the account of a key is meant, whatever else is known of it.
    pub fn fits_key(&self, key: &AccountKey) -> bool {
        let parts = key.parts();
        self.wanted().iter().enumerate().all(|(at, wanted)| {
            let is_right = |wanted| parts.get(at).is_some_and(|part| is_same(wanted, part, !key.tenant_id.is_empty()));
            wanted.is_none_or(is_right)
        })
    }

    /// Whether the account is one that is meant.
    pub fn fits(&self, account: &Account) -> bool {
        self.wanted().iter().zip(account.properties()).enumerate().all(|(at, (wanted, property))| {
            // The keys come first; names are compared as people do.
            let is_caseless = at >= NAMES_FROM || !account.key.tenant_id.is_empty();
            wanted.is_none_or(|wanted| is_same(wanted, property, is_caseless))
        })
    }

    /// What is asked for, in the order of an account's properties.
    const fn wanted(&self) -> [Option<&str>; 9] {
        [
            self.environment,
            self.home_account_id,
            self.tenant_id,
            self.local_account_id,
            self.username,
            self.name,
            self.login_hint,
            self.upn,
            self.sid,
        ]
    }
}

impl<'a> From<&'a AccountKey> for AccountFilter<'a> {
    fn from(key: &'a AccountKey) -> Self {
        AccountFilter {
            environment: Some(&key.environment),
            home_account_id: Some(&key.home_account_id),
            tenant_id: Some(&key.tenant_id),
            ..AccountFilter::default()
        }
    }
}
