//! Who signed an ID token (OpenID Connect Core section 3.1.3.7, item 6). The server's keys are asked for once and kept with the
//! tokens; a token that names an unknown key has them asked for again, as the server may have changed them.

use super::{
    PublicClient,
    documents::{Document, LIFE},
};
use crate::{
    cache::keys,
    error::{Error, IdTokenError, ResponseError},
    platform::Platform,
    protocol::{IdToken, Metadata, PublicKey, find_key},
};
use std::rc::Rc;

/// How long an unknown key is not asked for again after another one was, in seconds: whoever makes up names of keys is not to
/// have us call the server each time.
const PAUSE: u64 = 60;

impl<P: Platform> PublicClient<P> {
    /// Checks that the server signed the token.
    pub(super) async fn check_signature(&self, id_token: &IdToken, metadata: &Metadata) -> Result<(), Error> {
        let (text, signature) = id_token.signed()?;
        let key = self.signing_key(id_token, metadata).await?;
        let is_signed = self.platform.verify(&key, text, &signature).await?;
        if is_signed { Ok(()) } else { Err(IdTokenError::Signature.into()) }
    }

    async fn signing_key(&self, id_token: &IdToken, metadata: &Metadata) -> Result<PublicKey, Error> {
        let address = metadata.jwks_uri.as_deref().ok_or(ResponseError::Metadata("jwks_uri"))?;
        let now = self.platform.now();
        if let Some(keys) = self.known_keys(address).filter(|keys| now < keys.fetched_on.saturating_add(LIFE)) {
            if let Some(key) = find_key(&keys.content, id_token) {
                return Ok(key);
            }
            let missed_on = self.key_missed_on.get();
            if (missed_on..missed_on.saturating_add(PAUSE)).contains(&now) {
                return Err(IdTokenError::Key.into());
            }
            self.key_missed_on.set(now);
        }
        let fetched = Rc::new(self.fetch_document(address.to_owned()).await?);
        if let Some(area) = self.config.cache_location.area() {
            self.keep_document(area, &keys::signing_keys(&self.config.client_id, address), &fetched);
        }
        self.signing_keys.replace(Some(Rc::clone(&fetched)));
        Ok(find_key(&fetched.content, id_token).ok_or(IdTokenError::Key)?)
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
