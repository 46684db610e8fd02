//! Stands for encryption: what is sealed tells nothing to who looks for a text in it, and opens at its own place alone.

use super::Dump;
use consentry::{error::BrowserError, platform::Entry};
use futures::channel::oneshot;
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    hash::{DefaultHasher, Hash, Hasher},
    rc::Rc,
};

/// The keys by their owners, as numbers.
#[derive(Default)]
pub(crate) struct Vault {
    keys: RefCell<BTreeMap<String, u32>>,
    made: Cell<u32>,
    is_denied: Cell<bool>,
    is_slow: Cell<bool>,
    waiting: RefCell<Vec<oneshot::Sender<()>>>,
    /// What others do while something is sealed.
    meanwhile: RefCell<Option<Rc<dyn Fn()>>>,
}

impl Vault {
    /// There is no key to be had.
    pub(crate) fn deny(&self) {
        self.is_denied.set(true);
    }

    /// The user removes the keys.
    pub(crate) fn forget(&self) {
        self.keys.borrow_mut().clear();
    }

    /// From now on who seals or opens has to wait until they are [let go](Self::release).
    pub(crate) fn hold(&self) {
        self.pause(true);
    }

    /// Whether who comes next has to wait; those who do go on waiting.
    pub(crate) fn pause(&self, is_slow: bool) {
        self.is_slow.set(is_slow);
    }

    pub(crate) fn release(&self) {
        self.is_slow.set(false);
        for waiting in self.waiting.take() {
            let _ = waiting.send(());
        }
    }

    /// From now on others do this whenever something is sealed; not while they do it.
    pub(crate) fn set_meanwhile(&self, act: impl Fn() + 'static) {
        self.meanwhile.replace(Some(Rc::new(act)));
    }

    pub(super) async fn seal(&self, owner: &str, entries: &[Entry]) -> Result<Vec<String>, BrowserError> {
        self.key(owner)?;
        self.take_time().await;
        let act = self.meanwhile.take();
        if let Some(act) = act {
            act();
            self.meanwhile.borrow_mut().get_or_insert(act);
        }
        let number = self.key(owner)?;
        let sealed = |(key, text): &Entry| {
            let text = [&checksum(key, text), ":", text].concat();
            format!("~{number}.{}", hexadecimal(&text))
        };
        Ok(entries.iter().map(sealed).collect())
    }

    pub(super) async fn open(&self, owner: &str, entries: &[Entry]) -> Result<Vec<Option<String>>, BrowserError> {
        let number = self.key(owner)?;
        self.take_time().await;
        Ok(entries.iter().map(|(key, sealed)| open(number, key, sealed)).collect())
    }

    fn key(&self, owner: &str) -> Result<u32, BrowserError> {
        if self.is_denied.get() {
            return Err(BrowserError::NoStorageKey);
        }
        Ok(*self.keys.borrow_mut().entry(owner.to_owned()).or_insert_with(|| {
            self.made.set(self.made.get() + 1);
            self.made.get()
        }))
    }

    async fn take_time(&self) {
        if self.is_slow.get() {
            let (release, released) = oneshot::channel();
            self.waiting.borrow_mut().push(release);
            released.await.expect("the vault outlives who waits for it");
        }
    }
}

/// What a store holds, for who has the key. What is not sealed is as it is.
pub(crate) fn opened(dump: &Dump) -> Dump {
    let number = |text: &str| text.strip_prefix('~')?.split_once('.')?.0.parse().ok();
    let text = |key: &str, text: &str| number(text).and_then(|number| open(number, key, text));
    dump.iter().map(|(key, stored)| (key.clone(), text(key, stored).unwrap_or_else(|| stored.clone()))).collect()
}

fn open(number: u32, key: &str, sealed: &str) -> Option<String> {
    let digits = sealed.strip_prefix(&format!("~{number}."))?.as_bytes();
    let mut bytes = Vec::with_capacity(digits.len() / 2);
    for pair in digits.chunks(2) {
        let &[high, low] = pair else { return None };
        bytes.push(value(high)? << 4 | value(low)?);
    }
    let text = String::from_utf8(bytes).ok()?;
    let (sum, text) = text.split_once(':')?;
    (sum == checksum(key, text)).then(|| text.to_owned())
}

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// By hand: simulations seal a million texts.
fn hexadecimal(text: &str) -> String {
    let mut digits = Vec::with_capacity(text.len() * 2);
    for byte in text.as_bytes() {
        digits.push(DIGITS[usize::from(byte >> 4)]);
        digits.push(DIGITS[usize::from(byte & 15)]);
    }
    String::from_utf8(digits).expect("they are digits")
}

fn value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

fn checksum(key: &str, text: &str) -> String {
    let mut sum = DefaultHasher::new();
    (key, text).hash(&mut sum);
    sum.finish().to_string()
}
