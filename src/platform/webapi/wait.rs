//! Waiting for the browser: its promises, its events and its clock.

use crate::{error::BrowserError, platform::web_page};
use js_sys::{Function, Promise};
use std::{future::poll_fn, pin::pin, task::Poll};
use wasm_bindgen::{JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Event, EventTarget};

/// What a promise comes to.
pub(super) async fn settled(promise: Result<Promise, JsValue>) -> Result<JsValue, JsValue> {
    JsFuture::from(promise?).await
}

/// A promise, and the two functions that settle it, which `give` hands to whoever is to call them.
pub(super) fn promise(mut give: impl FnMut(&Function, &Function)) -> JsFuture {
    JsFuture::from(Promise::new(&mut |resolve, reject| give(&resolve, &reject)))
}

/// Calls a function in so many milliseconds.
pub(super) fn call_in(milliseconds: i32, function: &Function) -> Result<(), BrowserError> {
    let timer = web_page::window()?.set_timeout_with_callback_and_timeout_and_arguments_0(function, milliseconds);
    timer.map(drop).map_err(|_| BrowserError::NoWindow)
}

/// Lets so many milliseconds go by.
pub(super) async fn pause(milliseconds: i32) {
    let over = promise(|resolve, _| {
        // A page that is gone waits for nothing.
        if call_in(milliseconds, resolve).is_err() {
            let _ = resolve.call0(&JsValue::UNDEFINED);
        }
    });
    let _ = over.await;
}

/// What comes of some work, unless that takes longer than so many milliseconds.
pub(super) async fn within<T>(milliseconds: i32, work: impl Future<Output = T>) -> Option<T> {
    let (mut work, mut late) = (pin!(work), pin!(pause(milliseconds)));
    poll_fn(|context| match work.as_mut().poll(context) {
        Poll::Ready(done) => Poll::Ready(Some(done)),
        Poll::Pending => late.as_mut().poll(context).map(|()| None),
    })
    .await
}

/// Hears of events until it is dropped.
pub(super) struct Listener {
    target: EventTarget,
    kind: &'static str,
    heard: Closure<dyn FnMut(Event)>,
}

impl Listener {
    pub(super) fn new(target: &EventTarget, kind: &'static str, heard: impl FnMut(Event) + 'static) -> Self {
        let heard = Closure::<dyn FnMut(Event)>::new(heard);
        let _ = target.add_event_listener_with_callback(kind, function(&heard));
        Listener { target: target.clone(), kind, heard }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.target.remove_event_listener_with_callback(self.kind, function(&self.heard));
    }
}

fn function(closure: &Closure<dyn FnMut(Event)>) -> &Function {
    wasm_bindgen::JsCast::unchecked_ref(closure.as_ref())
}
