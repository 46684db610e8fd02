//! Who signed an ID token (OpenID Connect Core section 3.1.3.7, item 6). The server's keys are asked for once and kept with the
//! tokens; a token that names an unknown key has them asked for again, as the server may have changed them. They are there before a
//! grant is sent: a refresh token that was used up for an answer that can't be checked would be lost.

use super::{
    PublicClient,
    documents::{Document, LIFE},
};
use crate::{
    cache::keys,
    error::{Error, IdTokenError, ResponseError},
    json::Value,
    platform::Platform,
    protocol::{IdToken, Metadata, PublicKey, find_key},
};
use std::rc::Rc;

/// How long no unknown key is asked for after one that the server did not have, in seconds: whoever makes up names of keys is not
/// to have us call the server each time.
const PAUSE: u64 = 60;

impl<P: Platform> PublicClient<P> {
    /// The server's keys, as they are known or are asked for now.
    pub(super) async fn signing_keys(&self, metadata: &Metadata) -> Result<Rc<Document>, Error> {
        let now = self.platform.now();
        // Of the future is what a clock that was wrong has left.
        let is_fresh = |keys: &Rc<Document>| (keys.fetched_on..keys.fetched_on.saturating_add(LIFE)).contains(&now);
        match self.known_keys(&metadata.jwks_uri).filter(is_fresh) {
            Some(keys) => Ok(keys),
            None => self.fetch_keys(&metadata.jwks_uri).await,
        }
    }

    /// Checks that the server signed the token, by its keys as they were a moment ago, or, where they lack the token's, by those
    /// that it has now.
    pub(super) async fn check_signature(
        &self,
        id_token: &IdToken,
        metadata: &Metadata,
        keys: &Document,
    ) -> Result<(), Error> {
        let (text, signature) = id_token.signed()?;
        let key = match find_key(&keys.content, id_token) {
            Some(key) => key,
            None => self.changed_key(id_token, metadata).await?,
        };
        match self.platform.verify(&key, text, &signature).await? {
            Some(true) => Ok(()),
            Some(false) => Err(IdTokenError::Signature.into()),
            None => Err(IdTokenError::Key.into()),
        }
    }

    async fn changed_key(&self, id_token: &IdToken, metadata: &Metadata) -> Result<PublicKey, Error> {
        let missed_on = self.key_missed_on.get();
        if (missed_on..missed_on.saturating_add(PAUSE)).contains(&self.platform.now()) {
            return Err(IdTokenError::Key.into());
        }
        let key = find_key(&self.fetch_keys(&metadata.jwks_uri).await?.content, id_token);
        if key.is_none() {
            self.key_missed_on.set(self.platform.now());
        }
        Ok(key.ok_or(IdTokenError::Key)?)
    }

    async fn fetch_keys(&self, address: &str) -> Result<Rc<Document>, Error> {
        let fetched = Rc::new(self.fetch_document(address.to_owned()).await?);
        fetched.content.member("keys").and_then(Value::as_array).ok_or(ResponseError::Metadata("jwks_uri"))?;
        if let Some(area) = self.config.cache_location.area() {
            self.keep_document(area, &keys::signing_keys(&self.config.client_id, address), &fetched);
        }
        self.signing_keys.replace(Some(Rc::clone(&fetched)));
        Ok(fetched)
    }

    /// The keys as this page or another one fetched them.
    fn known_keys(&self, address: &str) -> Option<Rc<Document>> {
        if let Some(keys) = self.signing_keys.borrow().as_ref() {
            return Some(Rc::clone(keys));
        }
        let area = self.config.cache_location.area()?;
        let kept = self.kept_document(area, &keys::signing_keys(&self.config.client_id, address))?;
        let keys = Rc::new(kept);
        self.signing_keys.replace(Some(Rc::clone(&keys)));
        Some(keys)
    }
}
