//! What the page's Content-Security-Policy forbids.

use super::wait::Listener;
use crate::{error::BrowserError, platform::web_page};
use std::{cell::Cell, rc::Rc};
use wasm_bindgen::JsCast;
use web_sys::{Event, SecurityPolicyViolationEvent, SecurityPolicyViolationEventDisposition};

/// Notes whether an address is refused by a directive, from now until it is dropped.
pub(super) struct Refusals {
    has_any: Rc<Cell<bool>>,
    _listener: Listener,
}

impl Refusals {
    pub(super) fn of(directive: &'static str, url: &str) -> Result<Self, BrowserError> {
        let url = web_page::resolve(url).unwrap_or_default();
        let has_any = Rc::new(Cell::new(false));
        let noted = Rc::clone(&has_any);
        let listener = Listener::new(&web_page::window()?.into(), "securitypolicyviolation", move |event: Event| {
            let event: SecurityPolicyViolationEvent = event.unchecked_into();
            let is_enforced = event.disposition() == SecurityPolicyViolationEventDisposition::Enforce;
            // Of another origin some browsers tell no more than the origin.
            if is_enforced && event.effective_directive() == directive && url.starts_with(&event.blocked_uri()) {
                noted.set(true);
            }
        });
        Ok(Refusals { has_any, _listener: listener })
    }

    pub(super) fn has_any(&self) -> bool {
        self.has_any.get()
    }
}
