//! Between the cache and the storage: a change is stored whole or not at all, and only then remembered.
//!
//! Other tabs, other clients of this page and pages that come back from the browser's own cache share the storage. Each
//! change leaves a new stamp there; a client that finds another than it knows reads everything anew.

use super::PublicClient;
use crate::{
    cache::{Cache, Write, keys},
    error::{BrowserError, Error},
    platform::{Area, Platform},
    protocol::unguessable,
    secret::Secret,
};

impl<P: Platform> PublicClient<P> {
    /// Reads what is stored.
    pub(super) fn load(&self) -> Result<(), Error> {
        let Some(area) = self.config.cache_location.area() else {
            return Ok(());
        };
        // Before the records: a change in between is found the next time.
        let stamp = self.platform.read(area, &keys::stamp(&self.config.client_id))?;
        let mut cache = self.empty_cache();
        for key in self.platform.keys(area, &keys::prefix(&self.config.client_id))? {
            cache.apply(&key, self.platform.read(area, &key)?.as_deref());
        }
        *self.cache.borrow_mut() = cache;
        *self.stamp.borrow_mut() = stamp;
        Ok(())
    }

    fn empty_cache(&self) -> Cache {
        Cache::new(self.config.client_id.clone(), self.config.authority.environment().to_owned())
    }

    /// Catches up with what others have stored. While the storage can't be read, what is known stands.
    pub(super) fn follow(&self) {
        let stamp = self
            .config
            .cache_location
            .area()
            .map(|area| self.platform.read(area, &keys::stamp(&self.config.client_id)));
        if stamp.is_some_and(|stamp| stamp.is_ok_and(|stamp| stamp != *self.stamp.borrow())) {
            let _ = self.load();
        }
    }

    /// Carries out writes. If one fails, those before it are undone.
    pub(super) fn commit(&self, writes: &[Write]) -> Result<(), Error> {
        if let Some(area) = self.config.cache_location.area() {
            let stamp = unguessable(&self.random::<8>()?);
            let key = keys::stamp(&self.config.client_id);
            let stamped = Write { key, text: Some(Secret::new(stamp.clone())) };
            let mut undo = Vec::new();
            for write in writes.iter().chain([&stamped]) {
                if let Err(error) = self.carry_out(area, write, &mut undo) {
                    // From the last to the first, so that there is room for what was there.
                    for (key, before) in undo.into_iter().rev() {
                        let _ = self.platform.write(area, key, before.as_deref());
                    }
                    return Err(error.into());
                }
            }
            *self.stamp.borrow_mut() = Some(stamp);
        }
        let mut cache = self.cache.borrow_mut();
        for write in writes {
            cache.apply(&write.key, write.text.as_ref().map(Secret::expose));
        }
        if let Some(area) = self.config.cache_location.area().filter(|_| cache.is_empty()) {
            // Nothing is left, so nothing stays: none is a stamp of its own.
            let _ = self.platform.write(area, &keys::stamp(&self.config.client_id), None);
            *self.stamp.borrow_mut() = None;
        }
        Ok(())
    }

    fn carry_out<'a>(
        &self,
        area: Area,
        write: &'a Write,
        undo: &mut Vec<(&'a str, Option<String>)>,
    ) -> Result<(), BrowserError> {
        let before = self.platform.read(area, &write.key)?;
        self.platform.write(area, &write.key, write.text.as_ref().map(Secret::expose))?;
        undo.push((&write.key, before));
        Ok(())
    }
}
