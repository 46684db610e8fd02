//! A browser page, by the browser's own interfaces: for apps that are in Rust themselves. What it does, `platform::web` does as well, by
//! the scripts of the npm package.

mod database;
mod frame;
mod lock;
mod mark;
mod network;
mod policy;
mod signature;
mod vault;
mod wait;

pub use lock::Lock;

use super::{Area, Entry, Platform, Vault, web_page};
use crate::{
    error::BrowserError,
    protocol::{HttpRequest, HttpResponse, PublicKey},
};
use js_sys::{Function, Object, Reflect};
use std::{cell::RefCell, rc::Rc};
use wait::{Listener, promise};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, PageTransitionEvent, Storage, SubtleCrypto};

/// How long leaving the page may take, in milliseconds.
const LEAVING: i32 = 30_000;

/// The page that the app runs on. There is no store of the app's own: [`Area::Custom`] is denied.
#[derive(Debug, Default)]
pub struct Browser {
    keys: vault::Keys,
    turns: frame::Turns,
}

/// The browser's cryptography, which is only there for pages that came over https, or from this machine.
fn subtle() -> Result<SubtleCrypto, BrowserError> {
    let crypto = web_page::window()?.crypto().map_err(|_| BrowserError::InsecureContext)?;
    Some(crypto.subtle()).filter(|subtle| subtle.is_truthy()).ok_or(BrowserError::InsecureContext)
}

/// A plain object.
fn object(members: &[(&str, JsValue)]) -> Object {
    let object = Object::new();
    for (name, value) in members {
        let _ = Reflect::set(&object, &(*name).into(), value);
    }
    object
}

fn store(area: Area) -> Result<Storage, BrowserError> {
    let window = web_page::window()?;
    let store = match area {
        Area::Session => window.session_storage(),
        Area::Local => window.local_storage(),
        Area::Custom => Ok(None),
    };
    store.ok().flatten().ok_or(BrowserError::StorageDenied)
}

impl Platform for Browser {
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
        signature::verify(key, text, signature).await
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, BrowserError> {
        network::send(&request).await
    }

    fn is_online(&self) -> bool {
        network::is_online()
    }

    async fn lock(&self, name: &str) -> Result<Lock, BrowserError> {
        lock::acquire(name).await
    }

    fn keys(&self, area: Area, prefix: &str) -> Result<Vec<String>, BrowserError> {
        let keys = Object::keys(&store(area)?.into());
        let mut found: Vec<_> = keys.iter().filter_map(|key| key.as_string()).collect();
        found.retain(|key| key.starts_with(prefix));
        found.sort();
        Ok(found)
    }

    fn read(&self, area: Area, key: &str) -> Result<Option<String>, BrowserError> {
        store(area)?.get_item(key).map_err(|_| BrowserError::StorageDenied)
    }

    fn write(&self, area: Area, key: &str, text: Option<&str>) -> Result<(), BrowserError> {
        let store = store(area)?;
        match text {
            Some(text) => store.set_item(key, text).map_err(|_| BrowserError::StorageFull),
            None => store.remove_item(key).map_err(|_| BrowserError::StorageDenied),
        }
    }

    async fn settle(&self, _: Area) -> Result<(), BrowserError> {
        Ok(())
    }

    async fn pull(&self, _: Area) -> Result<bool, BrowserError> {
        Ok(false)
    }

    async fn seal(&self, vault: &Vault<'_>, entries: &[Entry]) -> Result<Vec<String>, BrowserError> {
        self.keys.seal(vault, entries).await
    }

    async fn open(&self, vault: &Vault<'_>, entries: &[Entry]) -> Result<Vec<Option<String>>, BrowserError> {
        self.keys.open(vault, entries).await
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
        let window = web_page::window()?;
        let back: Rc<RefCell<Option<Function>>> = Rc::default();
        let returned = promise(|resolve, _| {
            back.replace(Some(resolve.clone()));
        });
        // A page that is kept as it was goes on where it stood.
        let _listener = Listener::new(&window, "pageshow", move |event: Event| {
            if event.unchecked_into::<PageTransitionEvent>().persisted() {
                let _ = back.borrow().as_ref().map(|back| back.call0(&JsValue::UNDEFINED));
            }
        });
        let location = window.location();
        let gone = if replacing { location.replace(url) } else { location.assign(url) };
        gone.map_err(|_| BrowserError::NavigationFailed)?;
        match wait::within(LEAVING, returned).await {
            Some(_) => Ok(false),
            None => Err(BrowserError::NavigationFailed),
        }
    }

    async fn frame(&self, url: &str, name: &str) -> Result<String, BrowserError> {
        frame::ask(&self.turns, url, name).await
    }
}
