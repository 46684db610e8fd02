//! The browser's database of the keys that texts are sealed with: the one that the npm package has as well.

use super::{
    object,
    wait::{promise, settled},
};
use crate::{platform::web_page, protocol::base64url};
use js_sys::{Array, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, Event, IdbDatabase, IdbOpenDbRequest, IdbRequest, IdbTransactionMode};

const DATABASE: &str = "consentry";
const STORE: &str = "keys";
/// The letters of a key's id, and the bytes that they stand for.
pub(super) const ID_LETTERS: usize = 11;
const ID: usize = 8;

/// A key, and the name that texts sealed with it bear.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) id: String,
    pub(super) key: CryptoKey,
}

impl Kept {
    /// A new key, which no script can read.
    pub(super) async fn generate() -> Result<Self, JsValue> {
        let unusable = |_| JsValue::UNDEFINED;
        let mut id = [0; ID];
        getrandom::fill(&mut id).map_err(|_| JsValue::UNDEFINED)?;
        let algorithm = object(&[("name", "AES-GCM".into()), ("length", 256.into())]);
        let uses = Array::of2(&"encrypt".into(), &"decrypt".into());
        let subtle = super::subtle().map_err(unusable)?;
        let key = settled(subtle.generate_key_with_object(&algorithm, false, &uses)).await?;
        Ok(Kept { id: base64url::encode(&id), key: key.unchecked_into() })
    }

    /// What is kept, if it is a key of ours: other scripts of the origin have the same database.
    fn read(found: &JsValue) -> Option<Self> {
        let member = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
        let key = member(found, "key")?.dyn_into::<CryptoKey>().ok()?;
        let id = member(found, "id")?.as_string()?;
        let algorithm = member(&key.algorithm().ok()?.into(), "name")?.as_string()?;
        let is_id = id.len() == ID_LETTERS && base64url::decode(&id).is_some();
        (is_id && algorithm == "AES-GCM" && !key.extractable()).then_some(Kept { id, key })
    }
}

/// One transaction over the owner's entry: `choose` says which key it is to be, from the one that is there; a `fresh` one is kept if it
/// is chosen.
pub(super) async fn entry(
    owner: &str,
    fresh: Option<&Kept>,
    choose: &dyn Fn(Option<Kept>) -> Option<Kept>,
) -> Result<Option<Kept>, JsValue> {
    let database = open().await?;
    let outcome = in_transaction(&database, owner, fresh, choose).await;
    database.close();
    outcome
}

async fn in_transaction(
    database: &IdbDatabase,
    owner: &str,
    fresh: Option<&Kept>,
    choose: &dyn Fn(Option<Kept>) -> Option<Kept>,
) -> Result<Option<Kept>, JsValue> {
    let mode = if fresh.is_some() { IdbTransactionMode::Readwrite } else { IdbTransactionMode::Readonly };
    let transaction = database.transaction_with_str_and_mode(STORE, mode)?;
    let over = promise(|resolve, reject| {
        transaction.set_oncomplete(Some(resolve));
        transaction.set_onabort(Some(reject));
    });
    let store = transaction.object_store(STORE)?;
    let reading = store.get(&owner.into())?;
    done(&reading).await?;
    let chosen = choose(Kept::read(&reading.result()?));
    if let (Some(fresh), Some(chosen)) = (fresh, &chosen)
        && fresh.id == chosen.id
    {
        let entry = object(&[("id", fresh.id.as_str().into()), ("key", fresh.key.clone().into())]);
        store.put_with_key(&entry, &owner.into())?;
    }
    over.await?;
    Ok(chosen)
}

async fn open() -> Result<IdbDatabase, JsValue> {
    let window = web_page::window().map_err(|_| JsValue::UNDEFINED)?;
    let request = window.indexed_db()?.ok_or(JsValue::UNDEFINED)?.open_with_u32(DATABASE, 1)?;
    let opened = done(&request);
    if is_new(&request).await? {
        request.result()?.unchecked_into::<IdbDatabase>().create_object_store(STORE)?;
    }
    opened.await?;
    Ok(request.result()?.unchecked_into())
}

/// Whether the database has to be made, which it has to be before anything else happens.
async fn is_new(request: &IdbOpenDbRequest) -> Result<bool, JsValue> {
    let first = Promise::new(&mut |resolve, reject| {
        request.set_onupgradeneeded(Some(&resolve));
        let _ = request.add_event_listener_with_callback("success", &resolve);
        let _ = request.add_event_listener_with_callback("error", &reject);
    });
    let event: Event = JsFuture::from(first).await?.unchecked_into();
    Ok(event.type_() == "upgradeneeded")
}

fn done(request: &IdbRequest) -> JsFuture {
    promise(|resolve, reject| {
        request.set_onsuccess(Some(resolve));
        request.set_onerror(Some(reject));
    })
}
