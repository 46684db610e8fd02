//! A store of texts that can be denied, and full.

use consentry::error::BrowserError;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};

/// All that a store holds.
pub(crate) type Dump = BTreeMap<String, String>;

pub(crate) struct Store {
    texts: RefCell<Dump>,
    /// Counts the changes.
    version: Cell<u64>,
    is_denied: Cell<bool>,
    quota: Cell<usize>,
    /// The writes that it says it has done, and has not.
    is_ignored: Cell<IsIgnored>,
}

/// Whether a write of a text at a key, or its removal, is ignored by a store that holds this.
pub(crate) type IsIgnored = fn(&Dump, &str, Option<&str>) -> bool;

impl Default for Store {
    fn default() -> Self {
        Store {
            texts: RefCell::default(),
            version: Cell::new(0),
            is_denied: Cell::new(false),
            quota: Cell::new(usize::MAX),
            is_ignored: Cell::new(|_, _, _| false),
        }
    }
}

impl Store {
    pub(crate) fn dump(&self) -> Dump {
        self.texts.borrow().clone()
    }

    /// Makes the store hold just this.
    pub(crate) fn restore(&self, dump: &Dump) {
        self.texts.replace(dump.clone());
        self.version.set(self.version.get() + 1);
    }

    /// Another number after each change.
    pub(crate) fn version(&self) -> u64 {
        self.version.get()
    }

    pub(crate) fn deny(&self) {
        self.is_denied.set(true);
    }

    pub(crate) fn allow(&self) {
        self.is_denied.set(false);
    }

    /// A store that does not do what it says.
    pub(crate) fn ignore(&self, is_ignored: IsIgnored) {
        self.is_ignored.set(is_ignored);
    }

    /// Whether it holds an entry like this.
    pub(crate) fn has(&self, is_it: impl Fn(&str, &str) -> bool) -> bool {
        self.texts.borrow().iter().any(|(key, text)| is_it(key, text))
    }

    /// Shows all that it holds.
    pub(crate) fn each(&self, mut see: impl FnMut(&str, &str)) {
        self.texts.borrow().iter().for_each(|(key, text)| see(key, text));
    }

    /// Room for so many bytes beside what is there.
    pub(crate) fn set_room(&self, bytes: usize) {
        self.quota.set(size(&self.texts.borrow()) + bytes);
    }

    pub(super) fn keys(&self, prefix: &str) -> Result<Vec<String>, BrowserError> {
        self.is_allowed()?;
        Ok(self.texts.borrow().keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }

    pub(super) fn read(&self, key: &str) -> Result<Option<String>, BrowserError> {
        self.is_allowed()?;
        Ok(self.texts.borrow().get(key).cloned())
    }

    pub(super) fn write(&self, key: &str, text: Option<&str>) -> Result<(), BrowserError> {
        self.is_allowed()?;
        let mut texts = self.texts.borrow_mut();
        if (self.is_ignored.get())(&texts, key, text) {
            return Ok(());
        }
        self.version.set(self.version.get() + 1);
        let Some(text) = text else {
            texts.remove(key);
            return Ok(());
        };
        let before = texts.insert(key.to_owned(), text.to_owned());
        if self.quota.get() < usize::MAX && size(&texts) > self.quota.get() {
            match before {
                Some(before) => texts.insert(key.to_owned(), before),
                None => texts.remove(key),
            };
            return Err(BrowserError::StorageFull);
        }
        Ok(())
    }

    fn is_allowed(&self) -> Result<(), BrowserError> {
        if self.is_denied.get() { Err(BrowserError::StorageDenied) } else { Ok(()) }
    }
}

fn size(texts: &Dump) -> usize {
    texts.iter().map(|(key, text)| key.len() + text.len()).sum()
}
