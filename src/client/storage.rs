//! Between the cache and the storage: a change is stored whole or not at all, and only then remembered.
//!
//! Other tabs, other clients of this page and pages that come back from the browser's own cache share the storage. Each
//! change leaves a new stamp there, which says what was changed; a client that finds another stamp than it knows reads that, or everything
//! where it has missed more than one. What is sealed can't be read at once: until it is, what was known of the same entry stands.

use super::PublicClient;
use crate::{
    cache::{AccountKey, Cache, Reading, Write, keys},
    error::{BrowserError, Error},
    platform::{Area, Platform, Vault},
    protocol::unguessable,
    scope::ApplicationIdUri,
    secret::Secret,
    text::{cut, parts},
};
use std::pin::Pin;

/// How often a change is made because others change something while it is sealed,
const ROUNDS: u32 = 8;
/// and how often before those who had no luck wait for each other.
const FREE_ROUNDS: u32 = 3;

/// What a stamp ends with: one that somebody has cut short would hide a part of the change.
const WHOLE: &str = " .";
/// One that would be longer does not say what was changed: every call looks at it.
const LONGEST: usize = 4096;

/// What a sealed text starts with.
const SEALED: char = '~';

/// What waits. On the heap and known by its type alone: it is awaited in many places, each of which would have a copy of it.
pub(super) type Later<'a, T> = Pin<Box<dyn Future<Output = T> + 'a>>;

/// Says what to store, from what is there.
type Make<'a> = dyn FnMut() -> Result<Vec<Write>, Error> + 'a;

/// What is stored at once.
#[derive(Clone, Copy, Default)]
pub(super) struct Change<'a> {
    pub writes: &'a [Write],
    /// The texts of those that nobody may read.
    pub sealed: &'a [String],
    /// Whether others read everything anew: they may know what is stored no more.
    pub is_untold: bool,
}

/// What was at a key before a write, and what has been since.
type Before = (String, [Option<String>; 2]);

impl<P: Platform> PublicClient<P> {
    /// Gets what it takes to read the storage, and reads who is signed in.
    ///
    /// # Errors
    /// [`BrowserError::NoStorageKey`].
    pub async fn start(&self) -> Result<(), Error> {
        if self.seals() {
            // Nothing: who can seal that has the key.
            self.platform.seal(&self.vault(), &[]).await?;
            let _ = self.remove_lost().await;
        }
        self.catch_up().await;
        Ok(())
    }

    /// Removes what nobody opens any more: its key is gone, or somebody has damaged it. There is a key, so it is no passing failure. Pages
    /// that know it still are told nothing, and go on with what they know.
    async fn remove_lost(&self) -> Result<(), BrowserError> {
        self.follow();
        let keys = self.unopened.borrow().clone();
        if !self.read_all(keys, true).await? {
            return Ok(());
        }
        let [tokens, _] = self.cache.borrow().prefixes();
        let keys = self.platform.keys(Area::Local, &tokens)?;
        self.read_all(keys, true).await?;
        Ok(())
    }

    /// Reads what can be read at once: accounts that are not sealed, and which tokens there are.
    pub(super) fn load(&self) -> Result<(), Error> {
        let Some(area) = self.config.cache_location.area() else {
            return Ok(());
        };
        // Before the records: a change in between is found the next time.
        let mut stamp = self.platform.read(area, &self.stamp_key)?;
        let mut cache = self.config.empty_cache();
        self.unopened.take();
        let [tokens, grants] = cache.prefixes();
        for key in self.platform.keys(area, &keys::prefix(&self.config.client_id))? {
            let is_grant = key.starts_with(&grants);
            if is_grant || key.starts_with(&tokens) {
                cache.note(&key, is_grant);
            } else if key != self.memo_key && self.take_up(area, &key, &mut cache)? {
                cache.carry_over(&key, &self.cache.borrow());
            }
        }
        if stamp.is_none() && !(cache.is_empty() && self.unopened.borrow().is_empty()) {
            // Somebody has removed it: without one nothing would tell of the next change.
            let name = self.random::<8>().ok().map(|random| unguessable(&random));
            stamp = name.filter(|name| self.platform.write(area, &self.stamp_key, Some(name)).is_ok());
        }
        *self.cache.borrow_mut() = cache;
        *self.stamp.borrow_mut() = stamp;
        self.revise();
        Ok(())
    }

    /// Takes over an entry, as far as that can be done at once. Whether there is more to it.
    fn take_up(&self, area: Area, key: &str, cache: &mut Cache) -> Result<bool, BrowserError> {
        let text = self.platform.read(area, key)?;
        self.unopened.borrow_mut().retain(|other| other != key);
        match cache.reading(key).filter(|_| text.is_some()) {
            Some(Reading::Later) => cache.note(key, false),
            Some(Reading::Now) if self.seals() => {
                self.unopened.borrow_mut().push(key.to_owned());
                return Ok(true);
            }
            _ => cache.apply(key, text.as_deref()),
        }
        Ok(false)
    }

    /// Catches up with what others have stored, as far as it can be read at once. While the storage can't be read, what is known
    /// stands.
    pub(super) fn follow(&self) {
        let Some(area) = self.config.cache_location.area() else {
            return;
        };
        let Ok(stamp) = self.platform.read_again(area, &self.stamp_key) else {
            return;
        };
        if stamp != *self.stamp.borrow() && !self.follow_change(area, stamp.as_deref()) {
            let _ = self.load();
        }
    }

    /// Reads what the last change changed, if nothing else has since the stamp that is known.
    fn follow_change(&self, area: Area, stamp: Option<&str>) -> bool {
        let told = stamp.and_then(|stamp| stamp.strip_suffix(WHOLE)).unwrap_or_default();
        let mut words = parts(told, b' ').skip(1);
        let before = words.next();
        if before.is_none() || before != self.stamp.borrow().as_deref().map(name_of) {
            return false;
        }
        for key in words {
            if self.take_up(area, key, &mut self.cache.borrow_mut()).is_err() {
                return false;
            }
        }
        *self.stamp.borrow_mut() = stamp.map(ToOwned::to_owned);
        self.revise();
        true
    }

    /// Catches up with everything that others have stored.
    pub(super) fn catch_up(&self) -> Later<'_, ()> {
        Box::pin(async {
            for _ in 0..ROUNDS {
                self.follow();
                let keys = self.unopened.borrow().clone();
                if keys.is_empty() || !self.read(keys).await {
                    return;
                }
            }
        })
    }

    /// The same, also where this page has a copy of what is stored. What can't be seen of it stands as it is known.
    pub(super) fn look(&self) -> Later<'_, ()> {
        Box::pin(async {
            if let Some(area) = self.config.cache_location.area()
                && self.platform.pull(area).await == Ok(true)
            {
                // A stamp of this page may have taken the place of one that it has not seen.
                let _ = self.load();
            }
            self.catch_up().await;
        })
    }

    /// Reads an account's access tokens, of one API or of all.
    pub(super) async fn read_tokens(&self, account: &AccountKey, resource: Option<&ApplicationIdUri>) {
        let unread = self.cache.borrow().unread(account, resource);
        self.read(unread).await;
    }

    /// Reads entries that were put off. Whether that could be done.
    pub(super) fn read(&self, keys: Vec<String>) -> Later<'_, bool> {
        Box::pin(async move { self.read_all(keys, false).await.is_ok() })
    }

    /// Whether something of it did not open, which is removed where that `is_sweeping`.
    async fn read_all(&self, keys: Vec<String>, is_sweeping: bool) -> Result<bool, BrowserError> {
        let Some(area) = self.config.cache_location.area() else {
            return Err(BrowserError::StorageDenied);
        };
        let mut entries = Vec::new();
        for key in keys {
            match self.platform.read(area, &key)? {
                Some(text) if self.seals() => entries.push((key, text)),
                text => self.take_over(&key, text.as_deref()),
            }
        }
        let mut is_lost = false;
        if entries.is_empty() {
            return Ok(is_lost);
        }
        let texts = self.platform.open(&self.vault(), &entries).await?;
        for ((key, sealed), text) in entries.into_iter().zip(texts) {
            // What was changed meanwhile is read again.
            if self.platform.read(area, &key)?.as_ref() == Some(&sealed) {
                // Of pages that do not seal, entries are as good as ever.
                if text.is_none() && is_sweeping && sealed.starts_with(SEALED) {
                    self.platform.write(area, &key, None)?;
                    is_lost = true;
                }
                self.take_over(&key, text.as_deref());
            }
        }
        Ok(is_lost)
    }

    fn take_over(&self, key: &str, text: Option<&str>) {
        self.unopened.borrow_mut().retain(|other| other != key);
        let mut cache = self.cache.borrow_mut();
        cache.apply(key, text);
        // Who is meant may be another now.
        if matches!(cache.reading(key), Some(Reading::Now)) {
            self.revise();
        }
    }

    /// Makes a change, and makes it anew where others have changed something before it could be stored. If one of its writes fails,
    /// those before it are undone.
    pub(super) fn change<'a>(&'a self, make: &'a mut Make<'a>) -> Later<'a, Result<(), Error>> {
        Box::pin(self.make_and_store(make))
    }

    async fn make_and_store(&self, make: &mut Make<'_>) -> Result<(), Error> {
        let mut round = 0;
        let mut had_room = true;
        let mut turn = None;
        loop {
            // What is made of an earlier version would take the place of the latest.
            self.look().await;
            let writes = make()?;
            if writes.is_empty() {
                return Ok(());
            }
            let revision = self.revision.get();
            let sealed = self.sealed(&writes).await?;
            self.follow();
            round += 1;
            let is_latest = self.revision.get() == revision && self.unopened.borrow().is_empty();
            if !is_latest {
                if round >= ROUNDS {
                    // What is newer stays.
                    return Err(BrowserError::TimedOut.into());
                }
                if round == FREE_ROUNDS {
                    turn = self.platform.lock(&keys::turn(&self.config.client_id)).await.ok();
                }
                continue;
            }
            match self.store(Change { writes: &writes, sealed: &sealed, is_untold: false }).await {
                Err(BrowserError::StorageFull) if had_room => {
                    had_room = false;
                    self.make_room().await;
                }
                outcome => {
                    drop(turn);
                    return Ok(outcome?);
                }
            }
        }
    }

    /// The texts to store in the place of those that nobody may read.
    async fn sealed(&self, writes: &[Write]) -> Result<Vec<String>, BrowserError> {
        let mut entries = Vec::new();
        for write in writes.iter().filter(|write| self.seals() && !write.is_public) {
            entries.push((write.key.clone(), write.text.as_ref().map(Secret::expose).unwrap_or_default().to_owned()));
        }
        if entries.is_empty() { Ok(Vec::new()) } else { self.platform.seal(&self.vault(), &entries).await }
    }

    pub(super) async fn store(&self, change: Change<'_>) -> Result<(), BrowserError> {
        let undo = self.store_at_once(change)?;
        let Some(area) = self.config.cache_location.area() else {
            return Ok(());
        };
        let outcome = self.platform.settle(area).await;
        if outcome.is_err() {
            self.undo(area, undo);
            // What could not be undone is no failure of the next change.
            let _ = self.platform.settle(area).await;
            let _ = self.load();
        }
        outcome
    }

    /// Stores a change of which nothing has to be sealed any more.
    pub(super) fn store_at_once(&self, change: Change<'_>) -> Result<Vec<Before>, BrowserError> {
        let mut undo = Vec::new();
        if let Some(area) = self.config.cache_location.area() {
            let stamp = unguessable(&self.random::<8>()?);
            let before = self.platform.read_again(area, &self.stamp_key)?;
            self.unsay(area);
            let stamp = stamp_of(stamp, before.as_deref().map(name_of).unwrap_or_default(), change);
            let stored = self.write_all(area, change, &mut undo);
            // The stamp comes last: who finds it finds the rest.
            let stored = stored.and_then(|()| self.platform.write(area, &self.stamp_key, Some(&stamp)));
            if let Err(error) = stored {
                self.undo(area, undo);
                return Err(error);
            }
            undo.push((self.stamp_key.clone(), [before.clone(), Some(stamp.clone())]));
            // What others have changed meanwhile is to be found yet.
            if *self.stamp.borrow() == before {
                self.stamp.replace(Some(stamp));
            }
        }
        self.remember(change.writes);
        self.unstamp_if_bare();
        Ok(undo)
    }

    /// Remembers what was stored, or what there is no storage for.
    pub(super) fn remember(&self, writes: &[Write]) {
        for write in writes {
            self.unopened.borrow_mut().retain(|other| *other != write.key);
            self.cache.borrow_mut().keep(write);
        }
        self.revise();
    }

    /// What was recalled is to be recalled anew.
    fn revise(&self) {
        self.revision.set(self.revision.get().wrapping_add(1));
    }

    fn write_all(&self, area: Area, change: Change<'_>, undo: &mut Vec<Before>) -> Result<(), BrowserError> {
        let mut sealed = change.sealed.iter();
        for write in change.writes {
            let text = if write.is_public { None } else { sealed.next() };
            let text = text.map(String::as_str).or(write.text.as_ref().map(Secret::expose));
            self.write_one(area, &write.key, text, undo)?;
        }
        Ok(())
    }

    fn write_one(&self, area: Area, key: &str, text: Option<&str>, undo: &mut Vec<Before>) -> Result<(), BrowserError> {
        let before = self.platform.read(area, key)?;
        self.platform.write(area, key, text)?;
        undo.push((key.to_owned(), [before, text.map(ToOwned::to_owned)]));
        Ok(())
    }

    /// From the last to the first, so that there is room for what was there. What others have written since stays.
    fn undo(&self, area: Area, undo: Vec<Before>) {
        for (key, [before, since]) in undo.into_iter().rev() {
            if self.platform.read(area, &key).is_ok_and(|text| text == since) {
                let _ = self.platform.write(area, &key, before.as_deref());
            }
        }
    }

    /// Whether entries are encrypted where they are stored.
    pub(super) fn seals(&self) -> bool {
        self.config.encrypts && self.config.cache_location.area() == Some(Area::Local)
    }

    fn vault(&self) -> Vault<'_> {
        Vault { owner: &self.config.client_id, outlives_browser: self.config.outlives_browser }
    }
}

/// What a stamp is known by.
fn name_of(stamp: &str) -> &str {
    cut(stamp, b' ').map_or(stamp, |(name, _)| name)
}

/// A stamp that says which one was there before, and what was changed since.
fn stamp_of(name: String, before: &str, change: Change<'_>) -> String {
    let mut stamp = [&name, " ", before].concat();
    for write in change.writes {
        stamp.push(' ');
        stamp.push_str(&write.key);
    }
    stamp.push_str(WHOLE);
    if change.is_untold || stamp.len() > LONGEST { name } else { stamp }
}
