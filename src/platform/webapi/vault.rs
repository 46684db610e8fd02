//! Encryption at rest: texts that only this browser reads again, by a key that no script can read. The npm package reads what is sealed
//! here, and the other way round: key, place and form are the same.

use super::{
    database::{ID_LETTERS, Kept, entry},
    mark, object,
    wait::{settled, within},
};
use crate::{
    error::BrowserError,
    platform::{Entry, Vault},
    protocol::base64url,
    text::cut,
};
use js_sys::{Object, Uint8Array};
use std::cell::RefCell;
use wasm_bindgen::JsValue;

/// How long one try at the database may take, in milliseconds: some never answer.
const PATIENCE: i32 = 5000;
/// Bytes of an initialization vector.
const VECTOR: usize = 12;

/// Every key that this page has seen, by owner; the last of an owner's is the one to seal with.
#[derive(Debug, Default)]
pub(super) struct Keys(RefCell<Vec<(String, Kept)>>);

impl Keys {
    /// Seals texts. A sealed text opens under its own name only.
    pub(super) async fn seal(&self, vault: &Vault<'_>, entries: &[Entry]) -> Result<Vec<String>, BrowserError> {
        let kept = self.look(vault).await?;
        let mut sealed = Vec::new();
        for (name, text) in entries {
            let whole = seal_one(&kept, vault.owner, name, text).await.map_err(|_| BrowserError::NoStorageKey)?;
            sealed.push(["~", &kept.id, ".", &base64url::encode(&whole)].concat());
        }
        Ok(sealed)
    }

    /// Opens sealed texts; any other costs nothing.
    pub(super) async fn open(&self, vault: &Vault<'_>, entries: &[Entry]) -> Result<Vec<Option<String>>, BrowserError> {
        let is_unknown = |(_, text): &Entry| parts(text).is_some_and(|(id, _)| self.known(id).is_none());
        if entries.iter().any(is_unknown) {
            self.look(vault).await?;
        }
        let mut opened = Vec::new();
        for (name, text) in entries {
            opened.push(match parts(text).and_then(|(id, sealed)| Some((self.known(id)?, sealed))) {
                Some((kept, sealed)) => open_one(&kept, vault.owner, name, sealed).await,
                None => None,
            });
        }
        Ok(opened)
    }

    fn known(&self, id: &str) -> Option<Kept> {
        self.0.borrow().iter().find(|(_, kept)| kept.id == id).map(|(_, kept)| kept.clone())
    }

    fn current(&self, owner: &str) -> Option<Kept> {
        self.0.borrow().iter().rfind(|(of, _)| of == owner).map(|(_, kept)| kept.clone())
    }

    /// The owner's key as all tabs have it now.
    async fn look(&self, vault: &Vault<'_>) -> Result<Kept, BrowserError> {
        // A connection may have died without a word: the second try has a new one.
        for _ in 0..2 {
            if let Some(Ok(kept)) = within(PATIENCE, self.agree(vault)).await {
                let mut keys = self.0.borrow_mut();
                keys.retain(|(_, known)| known.id != kept.id);
                keys.push((vault.owner.to_owned(), kept.clone()));
                return Ok(kept);
            }
        }
        Err(BrowserError::NoStorageKey)
    }

    /// Takes the key that is kept, or keeps one: this page's own, if it had one, or a new one. The second look is a transaction that
    /// writes, and of these there is one at a time: of two tabs that find no key the later one takes the other's.
    async fn agree(&self, vault: &Vault<'_>) -> Result<Kept, JsValue> {
        let own = self.current(vault.owner);
        let cookie = if vault.outlives_browser { None } else { Some(mark::name_of(vault.owner).await?) };
        // What was there before this session is not to be opened again; while this page lives, it is this session.
        let is_of_now =
            |found: &Kept| own.is_some() || cookie.as_deref().is_none_or(|cookie| mark::is_marked(cookie, &found.id));
        let mut kept = entry(vault.owner, None, &|found| found.filter(is_of_now)).await?;
        if kept.is_none() {
            let fresh = if let Some(own) = own.clone() { own } else { Kept::generate().await? };
            let choose = |found: Option<Kept>| found.filter(is_of_now).or_else(|| Some(fresh.clone()));
            kept = entry(vault.owner, Some(&fresh), &choose).await?;
        }
        let kept = kept.ok_or(JsValue::UNDEFINED)?;
        if let Some(cookie) = cookie {
            mark::mark(&cookie, &kept.id);
        }
        Ok(kept)
    }
}

async fn seal_one(kept: &Kept, owner: &str, name: &str, text: &str) -> Result<Vec<u8>, JsValue> {
    let mut whole = Vec::from([0; VECTOR]);
    getrandom::fill(&mut whole).map_err(|_| JsValue::UNDEFINED)?;
    let subtle = super::subtle().map_err(|_| JsValue::UNDEFINED)?;
    let sealed = subtle.encrypt_with_object_and_u8_array(&cipher(&whole, owner, name), &kept.key, text.as_bytes());
    whole.extend(Uint8Array::new(&settled(sealed).await?).to_vec());
    Ok(whole)
}

/// `None` for what was sealed by another key or for another place, or was written over.
async fn open_one(kept: &Kept, owner: &str, name: &str, sealed: &str) -> Option<String> {
    let whole = base64url::decode(sealed)?;
    let (vector, sealed) = whole.split_at_checked(VECTOR)?;
    let opened =
        super::subtle().ok()?.decrypt_with_object_and_u8_array(&cipher(vector, owner, name), &kept.key, sealed);
    String::from_utf8(Uint8Array::new(&settled(opened).await.ok()?).to_vec()).ok()
}

fn cipher(vector: &[u8], owner: &str, name: &str) -> Object {
    let place = [owner, "\n", name].concat();
    object(&[
        ("name", "AES-GCM".into()),
        ("iv", Uint8Array::from(vector).into()),
        ("additionalData", Uint8Array::from(place.as_bytes()).into()),
    ])
}

/// The key's id and the rest of a sealed text.
fn parts(text: &str) -> Option<(&str, &str)> {
    cut(text.strip_prefix('~')?, b'.').filter(|(id, _)| id.len() == ID_LETTERS)
}
