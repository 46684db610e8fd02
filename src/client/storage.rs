//! Between the cache and the storage: a change is stored whole or not at all, and only then remembered.

use super::PublicClient;
use crate::{
    cache::{Write, keys},
    error::Error,
    platform::{Area, Platform},
};
use std::rc::Rc;

impl<P: Platform> PublicClient<P> {
    /// Reads what is stored, and follows other tabs from then on.
    pub(super) fn load(&self) -> Result<(), Error> {
        let Some(area) = self.config.cache_location.area() else {
            return Ok(());
        };
        for key in self.platform.keys(area, &keys::prefix(&self.config.client_id))? {
            let text = self.platform.read(area, &key)?;
            self.cache.borrow_mut().apply(&key, text.as_deref());
        }
        if area == Area::Local {
            let cache = Rc::clone(&self.cache);
            self.platform.watch(Box::new(move |key, text| match key {
                Some(key) => cache.borrow_mut().apply(&key, text.as_deref()),
                None => cache.borrow_mut().clear(),
            }));
        }
        Ok(())
    }

    /// Carries out writes. If one fails, those before it are undone.
    pub(super) fn commit(&self, writes: &[Write]) -> Result<(), Error> {
        if let Some(area) = self.config.cache_location.area() {
            let mut undo: Vec<(&str, Option<String>)> = Vec::new();
            for write in writes {
                let before = self.platform.read(area, &write.key)?;
                let text = write.text.as_ref().map(crate::secret::Secret::expose);
                if let Err(error) = self.platform.write(area, &write.key, text) {
                    for (key, before) in undo {
                        let _ = self.platform.write(area, key, before.as_deref());
                    }
                    return Err(error.into());
                }
                undo.push((&write.key, before));
            }
        }
        let mut cache = self.cache.borrow_mut();
        for write in writes {
            cache.apply(&write.key, write.text.as_ref().map(crate::secret::Secret::expose));
        }
        Ok(())
    }
}
