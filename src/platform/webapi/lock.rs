//! One page of an origin at a time, by the Web Locks API.

use super::wait::{call_in, promise};
use crate::error::BrowserError;
use js_sys::{Function, Object, Promise, Reflect};
use std::{cell::RefCell, rc::Rc};
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use web_sys::AbortSignal;

/// How long another page may have it: a little longer than its request may take. In milliseconds.
const PATIENCE: u32 = 40_000;
/// How long what was stored takes to be seen by other processes of the browser, in milliseconds.
const SETTLING: i32 = 100;

#[wasm_bindgen]
extern "C" {
    /// Throws where there are no locks.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"])]
    fn request(name: &str, options: &Object, held: &Function) -> Result<Promise, JsValue>;
}

/// A lock of the Web Locks API, by what lets it go; `None` where there are no locks.
#[derive(Debug, Default)]
pub struct Lock(Option<Function>);

impl Drop for Lock {
    fn drop(&mut self) {
        if let Some(release) = &self.0 {
            // The next page is to see what was stored.
            if call_in(SETTLING, release).is_err() {
                let _ = release.call0(&JsValue::UNDEFINED);
            }
        }
    }
}

pub(super) async fn acquire(name: &str) -> Result<Lock, BrowserError> {
    let options = Object::new();
    let _ = Reflect::set(&options, &"signal".into(), &AbortSignal::timeout_with_u32(PATIENCE));
    // Who stops waiting drops it: a lock that comes later is let go at once.
    let lock = Rc::new(RefCell::new(Lock::default()));
    let mut has_locks = true;
    let granted = promise(|grant, refuse| {
        let (grant, lock) = (grant.clone(), Rc::clone(&lock));
        let held = Closure::once_into_js(move || {
            let until = Promise::new(&mut |resolve, _| {
                lock.replace(Lock(Some(resolve)));
            });
            let _ = grant.call0(&JsValue::UNDEFINED);
            until
        });
        match request(name, &options, held.unchecked_ref()) {
            Ok(asked) => refuse_with(&asked, refuse),
            Err(_) => has_locks = false,
        }
    });
    if has_locks {
        granted.await.map_err(|_| BrowserError::TimedOut)?;
    }
    Ok(lock.take())
}

/// Where the promise fails, the function is called.
fn refuse_with(asked: &Promise, refuse: &Function) {
    let refuse = refuse.clone();
    let refused = Closure::once_into_js(move |error: JsValue| {
        let _ = refuse.call1(&JsValue::UNDEFINED, &error);
    });
    let catch = Reflect::get(asked, &"catch".into()).ok().and_then(|catch| catch.dyn_into::<Function>().ok());
    let _ = catch.map(|catch| catch.call1(asked, &refused));
}
