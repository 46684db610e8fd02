//! A browser page, or a worker of one, by the npm package's own scripts.

use super::{Area, Entry, Platform, Vault, web_page};
use crate::{
    error::BrowserError,
    json,
    protocol::{HttpRequest, HttpResponse, PublicKey},
    secret::Secret,
    text::parts,
};
use js_sys::{Array, Function, Promise};
use std::cell::RefCell;
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/pkg/network.js")]
extern "C" {
    /// Status, `Retry-After` and body; or a number that says why nothing came.
    async fn send(url: &str, form: Option<&str>, bearer: Option<&str>) -> JsValue;
}

#[wasm_bindgen(module = "/pkg/navigation.js")]
extern "C" {
    /// Throws where there is no browser.
    #[wasm_bindgen(catch, js_name = isOnline)]
    fn is_online() -> Result<bool, JsValue>;
}

#[wasm_bindgen(module = "/pkg/signature.js")]
extern "C" {
    async fn verify(name: &str, jwk: &str, text: &str, signature: &[u8]) -> JsValue;
}

#[wasm_bindgen(module = "/pkg/lock.js")]
extern "C" {
    /// What lets the lock go; `undefined` where there are no locks.
    #[wasm_bindgen(catch)]
    async fn acquire(name: &str) -> Result<JsValue, JsValue>;
    async fn pause();
}

#[wasm_bindgen(module = "/pkg/storage.js")]
extern "C" {
    /// Lines; throws, as the others do, where the page may not have the store.
    #[wasm_bindgen(catch)]
    fn keys(area: &JsValue, prefix: &str) -> Result<String, JsValue>;
    #[wasm_bindgen(catch)]
    fn read(area: &JsValue, key: &str) -> Result<Option<String>, JsValue>;
    /// The same, and neither text passes into the core or out of it.
    #[wasm_bindgen(catch, js_name = read)]
    fn read_there(area: &JsValue, key: &JsValue) -> Result<JsValue, JsValue>;
    /// Whether there was room.
    #[wasm_bindgen(catch)]
    fn write(area: &JsValue, key: &str, text: Option<&str>) -> Result<bool, JsValue>;
    #[wasm_bindgen(catch)]
    async fn settle(area: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn pull(area: &JsValue) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(module = "/pkg/vault.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    async fn seal(owner: &str, stays: bool, names: &JsValue, texts: &JsValue) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(catch)]
    async fn open(owner: &str, stays: bool, names: &JsValue, texts: &JsValue) -> Result<JsValue, JsValue>;
}

#[wasm_bindgen(module = "/pkg/frame.js")]
extern "C" {
    /// The answer; or a number that says why there is none.
    #[wasm_bindgen(catch, js_name = answerInFrame)]
    async fn answer_in_frame(url: &str, name: &str) -> Result<JsValue, JsValue>;
}

/// The page that the module runs on.
#[derive(Debug)]
pub struct Web {
    custom: JsValue,
    go: Function,
    last: RefCell<Again>,
}

/// What was read [again](Platform::read_again) last: the key and its text, as they are here and as they are on the page.
#[derive(Debug, Default)]
struct Again {
    key: (String, JsValue),
    text: (Option<String>, JsValue),
}

impl Web {
    /// A page with the app's own store, behind its mirror; `go` takes the user to an address, and promises whether the page is left.
    pub fn new(custom: JsValue, go: Function) -> Self {
        Web { custom, go, last: RefCell::default() }
    }

    /// A store, as pkg/storage.js calls it.
    pub(crate) fn area(&self, area: Area) -> JsValue {
        match area {
            Area::Session => 0.into(),
            Area::Local => 1.into(),
            Area::Custom => self.custom.clone(),
        }
    }

    fn columns(entries: &[Entry]) -> [Array; 2] {
        let columns = [Array::new(), Array::new()];
        for (name, text) in entries {
            for (column, cell) in columns.iter().zip([name, text]) {
                column.push(&cell.into());
            }
        }
        columns
    }

    /// What came, or why nothing did: the numbers are those of pkg/network.js.
    fn read(answer: &JsValue, is_post: bool) -> Result<HttpResponse, BrowserError> {
        let answer: &Array = answer.unchecked_ref();
        let status = number(&answer.get(0));
        Err(match status {
            0 => BrowserError::Redirected,
            1 if is_post => BrowserError::PostFailed,
            1 => BrowserError::GetFailed,
            2 => BrowserError::TimedOut,
            3 => BrowserError::Offline,
            4 => BrowserError::CspBlocked,
            5 => BrowserError::CorsBlocked,
            6 => BrowserError::InsecureContext,
            _ => {
                return Ok(HttpResponse {
                    status,
                    retry_after: answer.get(1).as_string().as_deref().and_then(web_page::retry_after),
                    body: Secret::new(answer.get(2).as_string().unwrap_or_default()),
                });
            }
        })
    }
}

/// A status, or one of our scripts' own numbers.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "they are small")]
fn number(value: &JsValue) -> u16 {
    value.as_f64().unwrap_or_default() as u16
}

/// A lock of the Web Locks API.
#[derive(Debug)]
pub struct Lock(JsValue);

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = self.0.dyn_ref::<Function>() {
            let _ = release.call0(&JsValue::UNDEFINED);
        }
    }
}

impl Platform for Web {
    type Lock = Lock;

    fn now(&self) -> u64 {
        web_page::now()
    }

    fn elapsed(&self) -> u64 {
        web_page::elapsed()
    }

    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), BrowserError> {
        getrandom::fill(bytes).map_err(|_| BrowserError::NoEntropy)
    }

    async fn verify(&self, key: &PublicKey, text: &str, signature: &[u8]) -> Result<Option<bool>, BrowserError> {
        let is_signed = verify(web_page::name_of(key.algorithm), &json::text(&key.jwk), text, signature).await;
        if is_signed.is_null() { Err(BrowserError::InsecureContext) } else { Ok(is_signed.as_bool()) }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, BrowserError> {
        let [form, bearer] = [&request.form, &request.bearer].map(|secret| secret.as_ref().map(Secret::expose));
        let answer = send(&request.url, form, bearer).await;
        Web::read(&answer, request.form.is_some())
    }

    fn is_online(&self) -> bool {
        is_online().is_ok_and(|is_online| is_online)
    }

    async fn lock(&self, name: &str) -> Result<Lock, BrowserError> {
        acquire(name).await.map(Lock).map_err(|_| BrowserError::TimedOut)
    }

    fn keys(&self, area: Area, prefix: &str) -> Result<Vec<String>, BrowserError> {
        let lines = keys(&self.area(area), prefix).map_err(|_| BrowserError::StorageDenied)?;
        let mut found = Vec::new();
        for key in parts(&lines, b'\n').filter(|key| !key.is_empty()) {
            found.push(key.to_owned());
        }
        Ok(found)
    }

    fn read(&self, area: Area, key: &str) -> Result<Option<String>, BrowserError> {
        read(&self.area(area), key).map_err(|_| BrowserError::StorageDenied)
    }

    fn read_again(&self, area: Area, key: &str) -> Result<Option<String>, BrowserError> {
        let mut last = self.last.borrow_mut();
        if last.key.0 != key {
            *last = Again { key: (key.to_owned(), key.into()), ..Again::default() };
        }
        let text = read_there(&self.area(area), &last.key.1).map_err(|_| BrowserError::StorageDenied)?;
        if text != last.text.1 {
            last.text = (text.as_string(), text);
        }
        Ok(last.text.0.clone())
    }

    fn write(&self, area: Area, key: &str, text: Option<&str>) -> Result<(), BrowserError> {
        match write(&self.area(area), key, text) {
            Ok(true) => Ok(()),
            Ok(false) => Err(BrowserError::StorageFull),
            Err(_) => Err(BrowserError::StorageDenied),
        }
    }

    async fn pause(&self) {
        pause().await;
    }

    async fn settle(&self, area: Area) -> Result<(), BrowserError> {
        if area == Area::Custom {
            settle(&self.custom).await.map_err(|_| BrowserError::StorageFailed)?;
        }
        Ok(())
    }

    async fn pull(&self, area: Area) -> Result<bool, BrowserError> {
        if area != Area::Custom {
            return Ok(false);
        }
        let is_changed = pull(&self.custom).await.map_err(|_| BrowserError::StorageDenied)?;
        Ok(is_changed.is_truthy())
    }

    async fn seal(&self, vault: &Vault<'_>, entries: &[Entry]) -> Result<Vec<String>, BrowserError> {
        let [names, texts] = Web::columns(entries);
        let sealed = seal(vault.owner, vault.outlives_browser, &names, &texts).await;
        let sealed = sealed.map_err(|_| BrowserError::NoStorageKey)?;
        let mut found = Vec::new();
        for text in sealed.unchecked_ref::<Array>().iter() {
            found.push(text.as_string().unwrap_or_default());
        }
        Ok(found)
    }

    async fn open(&self, vault: &Vault<'_>, entries: &[Entry]) -> Result<Vec<Option<String>>, BrowserError> {
        let [names, texts] = Web::columns(entries);
        let opened = open(vault.owner, vault.outlives_browser, &names, &texts).await;
        let opened = opened.map_err(|_| BrowserError::NoStorageKey)?;
        let mut found = Vec::new();
        for text in opened.unchecked_ref::<Array>().iter() {
            found.push(text.as_string());
        }
        Ok(found)
    }

    fn page(&self) -> Result<String, BrowserError> {
        web_page::address()
    }

    fn is_user_active(&self) -> bool {
        web_page::is_user_active()
    }

    fn resolve(&self, reference: &str) -> Option<String> {
        web_page::resolve(reference)
    }

    fn replace_address(&self, url: &str) -> Result<(), BrowserError> {
        web_page::replace_address(url)
    }

    async fn navigate(&self, url: &str, replacing: bool) -> Result<bool, BrowserError> {
        let going = self.go.call2(&JsValue::UNDEFINED, &url.into(), &replacing.into());
        let left = JsFuture::from(Promise::resolve(&going.unwrap_or(JsValue::NULL))).await;
        left.ok().and_then(|left| left.as_bool()).ok_or(BrowserError::NavigationFailed)
    }

    async fn frame(&self, url: &str, name: &str) -> Result<String, BrowserError> {
        let answer = answer_in_frame(url, name).await.map_err(|_| BrowserError::FrameBlocked)?;
        // The numbers are those of pkg/frame.js.
        answer.as_string().ok_or(match number(&answer) {
            1 => BrowserError::NoWindow,
            2 => BrowserError::FrameNested,
            3 => BrowserError::FrameBlocked,
            _ => BrowserError::FrameTimedOut,
        })
    }
}
