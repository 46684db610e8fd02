//! A signature, by the browser's own cryptography.

use super::{object, wait::settled};
use crate::{error::BrowserError, json, platform::web_page, protocol::PublicKey};
use js_sys::{Array, Object};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CryptoKey, SubtleCrypto};

pub(super) async fn verify(key: &PublicKey, text: &str, signature: &[u8]) -> Result<Option<bool>, BrowserError> {
    let subtle = super::subtle()?;
    // Of these each algorithm takes what it has, for the import of a key and for the check of a signature alike.
    let algorithm = object(&[
        ("name", web_page::name_of(key.algorithm).into()),
        ("hash", "SHA-256".into()),
        ("saltLength", 32.into()),
        ("namedCurve", "P-256".into()),
    ]);
    let Ok(key) = import(&subtle, key, &algorithm).await else {
        return Ok(None);
    };
    let checked = subtle.verify_with_object_and_u8_array_and_u8_array(&algorithm, &key, signature, text.as_bytes());
    Ok(Some(settled(checked).await.is_ok_and(|is_signed| is_signed.is_truthy())))
}

async fn import(subtle: &SubtleCrypto, key: &PublicKey, algorithm: &Object) -> Result<CryptoKey, JsValue> {
    let (jwk, uses) = (json::to_js(&key.jwk), Array::of1(&"verify".into()));
    let imported = subtle.import_key_with_object("jwk", jwk.unchecked_ref(), algorithm, false, &uses);
    settled(imported).await.map(JsCast::unchecked_into)
}
