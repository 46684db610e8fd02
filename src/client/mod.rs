//! The flows: plain async functions over a [`Platform`], in the order in which a request passes through them.

mod admin_consent;
mod by_code;
mod challenged;
mod clock;
mod compose;
mod config;
mod documents;
mod flight;
mod forbidden;
mod frame;
mod hydrate;
mod interactions;
mod page;
mod pending;
mod plan;
mod proactive;
mod pushed;
mod redirect;
mod refresh_token;
mod request;
mod response;
mod room;
mod several;
mod sign_out;
mod signature;
mod silent;
mod storage;
mod throttle;
mod turn;
mod user_info;

pub use challenged::Challenged;
pub use config::{CacheLocation, Config, RENEWAL_OFFSET};
pub use forbidden::{Cause, Forbidden};
pub use hydrate::{Brought, Credential, Left};
pub use plan::{Interaction, Plan};
pub use request::{
    AdminConsentRequest, AdminConsentResult, AuthenticationResult, CodeRequest, ForbiddenCall, RedirectAnswer,
    RedirectFailure, RedirectRequest, RedirectResult, SignOutRequest, SilentRequest, Told,
};
pub use several::TokensResult;

use crate::{
    cache::{Account, AccountFilter, AccountKey, Cache, Record, Write, keys},
    error::{BrowserError, ConfigError, Error, UsageError},
    platform::{Area, Platform},
    protocol::{Authority, Metadata, is_loopback, is_trustworthy, uuid, without_fragment, without_query},
    scope::{ScopeSet, Warning},
};
use flight::{Flights, Gate};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use storage::Change;
use turn::Turns;

/// A client of one authorization server, on one page (RFC 6749 section 2.1: a public client).
#[derive(Debug)]
pub struct PublicClient<P> {
    platform: P,
    config: Config,
    cache: RefCell<Cache>,
    stamp: RefCell<Option<String>>,
    stamp_key: String,
    memo_key: String,
    /// Counts the changes of the cache.
    revision: Cell<u32>,
    /// The keys of entries that others have changed and that are not opened yet.
    unopened: RefCell<Vec<String>>,
    metadata: RefCell<Option<Rc<Metadata>>>,
    signing_keys: RefCell<Option<Rc<documents::Document>>>,
    /// When a key was last asked for that was not among them, in seconds.
    key_missed_on: Cell<u64>,
    /// When a hidden frame last came to nothing, in seconds.
    frame_failed_on: Cell<u64>,
    flights: Flights,
    turns: Turns,
    gate: Gate,
    opened: clock::Moment,
    pauses: throttle::Pauses,
    due: RefCell<Vec<proactive::Due>>,
    place: Rc<page::Place>,
}

impl<P: Platform> PublicClient<P> {
    /// A client that remembers what the storage holds, and follows what other tabs do to it. What is encrypted there it knows once it
    /// was [started](Self::start), or asked for something that waits.
    ///
    /// # Errors
    /// [`BrowserError::StorageDenied`] when the configured storage can't be had.
    pub fn new(platform: P, mut config: Config) -> Result<Self, Error> {
        let redirect_uri = config.redirect_uri.as_deref().and_then(|text| platform.resolve(text));
        let client = PublicClient {
            place: page::Place::take(config.authority.clone(), redirect_uri),
            cache: RefCell::new(config.empty_cache()),
            stamp: RefCell::new(None),
            stamp_key: keys::stamp(&config.client_id),
            memo_key: keys::memo(&config.client_id),
            revision: Cell::new(0),
            unopened: RefCell::default(),
            metadata: RefCell::new(
                config.metadata.take().or_else(|| Metadata::built_in(&config.authority)).map(Rc::new),
            ),
            signing_keys: RefCell::default(),
            key_missed_on: Cell::new(0),
            opened: clock::Moment::of(&platform),
            pauses: throttle::Pauses::default(),
            due: RefCell::default(),
            frame_failed_on: Cell::new(0),
            platform,
            config,
            flights: Flights::default(),
            turns: Turns::default(),
            gate: Gate::default(),
        };
        client.load()?;
        Ok(client)
    }

    /// Everybody who is signed in and whom the filter fits, oldest first.
    pub fn accounts(&self, filter: AccountFilter<'_>) -> Vec<Rc<Account>> {
        self.follow();
        let mut fitting = Vec::new();
        for account in self.cache.borrow().accounts() {
            if filter.fits(account) {
                fitting.push(Rc::clone(account));
            }
        }
        fitting
    }

    /// The chosen account.
    pub fn active_account(&self) -> Option<Rc<Account>> {
        self.follow();
        self.cache.borrow().active().cloned()
    }

    /// Where accounts are stored, oldest first, where it is said which one is chosen and when an answer was last kept that came to another
    /// page of the app, and where such answers are: who says what was said on an earlier page looks whether all of that still is so.
    pub fn places(&self) -> (Vec<String>, [String; 2], [String; 2]) {
        let client_id = &self.config.client_id;
        let authority = self.config.authority.as_str();
        let accounts =
            self.cache.borrow().accounts().iter().map(|account| keys::account(client_id, &account.key)).collect();
        let answers = [keys::response(client_id, authority), keys::admin_consent(client_id, authority)];
        (accounts, [keys::active(client_id), keys::carried(client_id)], answers)
    }

    /// Nothing is left, so nothing stays: none is a stamp of its own.
    fn unstamp(&self, area: Area) {
        let _ = self.platform.write(area, &self.stamp_key, None);
        if area == Area::Local {
            let _ = self.platform.write(area, &keys::carried(&self.config.client_id), None);
        }
        *self.stamp.borrow_mut() = None;
    }

    /// Leaves no stamp where no record of this client is stored, of whatever server.
    fn unstamp_if_bare(&self) {
        let is_none = |area, start: &String| self.platform.keys(area, start).is_ok_and(|keys| keys.is_empty());
        if let Some(area) = self.config.cache_location.area()
            && self.cache.borrow().is_empty()
            && keys::records(&self.config.client_id).iter().all(|start| is_none(area, start))
        {
            self.unstamp(area);
        }
    }

    /// Something changes: what was said is not to be said again.
    fn unsay(&self, area: Area) {
        if area != Area::Custom {
            let _ = self.platform.write(area, &self.memo_key, None);
        }
    }

    /// Chooses the account that requests without one mean; `None` chooses none.
    ///
    /// # Errors
    /// [`UsageError::NoAccount`] when it is not signed in; [`BrowserError`] when the choice can't be stored.
    pub fn set_active_account(&self, filter: Option<AccountFilter<'_>>) -> Result<(), Error> {
        let chosen = match filter {
            Some(filter) => Some(self.account(Some(filter))?),
            None => None,
        };
        let active = self.active_account();
        if chosen.as_ref().map(|account| &account.key) == active.as_ref().map(|account| &account.key) {
            return Ok(()); // pages say so each time that they are loaded
        }
        let write = match chosen {
            None => Write::removal(keys::active(&self.config.client_id)),
            Some(account) => self.cache.borrow().put(&Record::Active(Rc::clone(&account.key))),
        };
        self.store_at_once(Change { writes: &[write], ..Change::default() })?;
        Ok(())
    }

    /// What the server has granted, of all APIs.
    ///
    /// # Errors
    /// [`UsageError`] when the account is not clear.
    pub fn granted(&self, account: Option<AccountFilter<'_>>) -> Result<ScopeSet, Error> {
        let account = self.account(account)?;
        Ok(self.consent(&account.key, None).granted)
    }

    /// What a request could do without.
    pub fn review(&self, scopes: &ScopeSet, is_sign_in: bool) -> Vec<Warning> {
        let granted = self.granted(None).unwrap_or_default();
        scopes.review(&self.config.client_id, &granted, is_sign_in)
    }

    /// Whether requests that could be smaller are to be named while they are made: as configured, else on this machine
    /// only.
    pub fn warns(&self) -> bool {
        self.config.scope_warnings.unwrap_or_else(|| self.platform.page().is_ok_and(|page| is_loopback(&page)))
    }

    /// Forgets an account, or everything.
    ///
    /// # Errors
    /// [`BrowserError::StorageDenied`].
    pub async fn clear(&self, account: Option<AccountFilter<'_>>) -> Result<(), Error> {
        // What others have stored meanwhile goes, too.
        self.look().await;
        let fitting = account.map(|filter| self.accounts(filter)).unwrap_or_default();
        let is_gone = |key: &AccountKey| {
            account.is_none_or(|filter| filter.fits_key(key)) || fitting.iter().any(|account| *account.key == *key)
        };
        let Some(area) = self.config.cache_location.area() else {
            self.cache.borrow_mut().retain(&|key| !is_gone(key));
            // So that nothing is recalled any more.
            self.remember(&[]);
            self.forget_pending_of_nobody();
            return Ok(());
        };
        let client_id = &self.config.client_id;
        let mut prefixes = Vec::from([keys::prefix(client_id)]);
        if account.is_none() {
            prefixes = keys::records(client_id).into();
            prefixes.extend([keys::signing_keys(client_id, ""), keys::active(client_id)]);
        }
        let mut writes = Vec::new();
        // By key: what is damaged has to go too.
        for prefix in prefixes {
            for key in self.platform.keys(area, &prefix)? {
                let owner = self.cache.borrow().owner(&key);
                if account.is_none() || owner.is_some_and(|owner| is_gone(&owner)) {
                    writes.push(Write::removal(key));
                }
            }
        }
        // Should the page go in the middle of it: who has no account is not signed in.
        let [accounts, ..] = keys::records(client_id);
        writes.sort_by_key(|write| !write.key.starts_with(&accounts));
        // Who is out is not to be brought back from there.
        writes.extend(self.left_behind().then(|| self.taken()));
        self.store(Change { writes: &writes, is_untold: true, ..Change::default() }).await?;
        // Also what is remembered and was not stored yet.
        self.cache.borrow_mut().retain(&|key| !is_gone(key));
        self.unstamp_if_bare();
        self.forget_pending_of_nobody();
        Ok(())
    }

    /// A new correlation id, for a call that brings none.
    ///
    /// # Errors
    /// [`BrowserError::NoEntropy`].
    pub fn correlation_id(&self) -> Result<String, Error> {
        Ok(uuid(self.random()?))
    }

    /// The surroundings.
    pub const fn platform(&self) -> &P {
        &self.platform
    }

    /// The authorization server.
    pub const fn authority(&self) -> &Authority {
        &self.config.authority
    }

    /// The account that a request means: the one it names, else the active one, else the only one.
    fn account(&self, named: Option<AccountFilter<'_>>) -> Result<Rc<Account>, UsageError> {
        self.follow();
        self.known_account(named)
    }

    /// The same, for who has just [caught up](PublicClient::catch_up).
    fn known_account(&self, named: Option<AccountFilter<'_>>) -> Result<Rc<Account>, UsageError> {
        let cache = self.cache.borrow();
        let accounts = cache.accounts();
        let meant = match named {
            Some(filter) => accounts.iter().find(|account| filter.fits(account)),
            None => match (cache.active(), accounts) {
                (Some(active), _) => Some(active),
                // Not to be taken for somebody else until they are read.
                (None, _) if cache.chosen().is_some_and(|chosen| self.is_unopened(chosen)) => {
                    return Err(UsageError::AmbiguousAccount);
                }
                (None, [only]) => Some(only),
                (None, [_, _, ..]) => return Err(UsageError::AmbiguousAccount),
                (None, []) => None,
            },
        };
        meant.cloned().ok_or(UsageError::NoAccount)
    }

    /// The same, for who can wait: an account that is not known here may be stored by now.
    async fn meant(&self, named: Option<AccountFilter<'_>>) -> Result<Rc<Account>, UsageError> {
        self.catch_up().await;
        match self.known_account(named) {
            Err(UsageError::NoAccount) => {
                self.look().await;
                self.known_account(named)
            }
            known => known,
        }
    }

    fn is_unopened(&self, account: &AccountKey) -> bool {
        let unopened = self.unopened.borrow();
        !unopened.is_empty() && unopened.contains(&keys::account(&self.config.client_id, account))
    }

    /// The server's metadata: configured, built in, remembered, or asked for.
    async fn metadata(&self) -> Result<Rc<Metadata>, Error> {
        if let Some(metadata) = self.metadata.borrow().as_ref() {
            return Ok(Rc::clone(metadata));
        }
        let metadata = Rc::new(match self.remembered_metadata() {
            Some(metadata) => metadata,
            None => self.discover().await?,
        });
        *self.metadata.borrow_mut() = Some(Rc::clone(&metadata));
        Ok(metadata)
    }

    fn remembered_metadata(&self) -> Option<Metadata> {
        let kept = self.kept_document(Area::Session, &self.metadata_key())?;
        let is_fresh = self.platform.now() < kept.fetched_on.saturating_add(documents::LIFE);
        Metadata::parse_discovered(&kept.content, &self.config.authority).ok().filter(|_| is_fresh)
    }

    async fn discover(&self) -> Result<Metadata, Error> {
        let document = self.fetch_document(self.config.authority.metadata_url()).await?;
        let metadata = Metadata::parse_discovered(&document.content, &self.config.authority)?;
        self.keep_document(Area::Session, &self.metadata_key(), &document);
        Ok(metadata)
    }

    fn metadata_key(&self) -> String {
        keys::metadata(&self.config.client_id, self.config.authority.as_str())
    }

    fn random<const N: usize>(&self) -> Result<[u8; N], BrowserError> {
        let mut bytes = [0; N];
        self.platform.fill_random(&mut bytes)?;
        Ok(bytes)
    }

    /// The absolute form of a redirect URI that was given, or the page itself.
    fn address(&self, given: Option<&str>, field: &'static str) -> Result<String, Error> {
        let page = self.platform.page()?;
        let url = given.map_or_else(|| Some(without_query(&page).to_owned()), |text| self.platform.resolve(text));
        let is_right = |url: &String| is_trustworthy(url) && without_fragment(url).len() == url.len();
        Ok(url.filter(is_right).ok_or(ConfigError::RedirectUri(field))?)
    }
}
