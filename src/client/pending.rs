//! What waits in this tab for an answer.

use super::PublicClient;
use crate::{
    cache::{PendingRequest, keys},
    json::{self, Value},
    platform::{Area, Platform},
};

impl<P: Platform> PublicClient<P> {
    fn pending_keys(&self) -> Vec<String> {
        self.platform.keys(Area::Session, &keys::pending(&self.config.client_id, "")).unwrap_or_default()
    }

    /// What is kept under a key of this tab; `null` for nothing and for what can't be read.
    pub(super) fn kept(&self, key: &str) -> Value {
        let text = self.platform.read(Area::Session, key).ok().flatten();
        text.and_then(|text| json::parse(&text).ok()).unwrap_or(Value::Null)
    }

    /// A request that was kept, that is not too old, and that went to this server.
    pub(super) fn read_pending<'a>(&self, kept: &'a Value) -> Option<PendingRequest<'a>> {
        PendingRequest::read(kept, self.platform.now())
            .filter(|pending| pending.authority == self.config.authority.as_str())
    }

    /// Whether a request of this client is to be answered in this tab.
    pub(super) fn is_waiting(&self) -> bool {
        self.pending_keys().iter().any(|key| self.read_pending(&self.kept(key)).is_some())
    }

    /// Forgets what waits for an answer, once nobody is signed in any more.
    pub(super) fn forget_pending_of_nobody(&self) {
        if !self.cache.borrow().is_empty() {
            return;
        }
        let client_id = &self.config.client_id;
        let authority = self.config.authority.as_str();
        let others = [
            keys::response(client_id, authority),
            keys::admin_consent(client_id, authority),
            keys::interactions(client_id),
        ];
        // A page that clears and asks again on its own is counted on.
        let most = if self.platform.is_user_active() { 3 } else { 2 };
        for key in self.pending_keys().iter().chain(others.iter().take(most)) {
            let _ = self.platform.write(Area::Session, key, None);
        }
    }

    /// Forgets requests that were answered, and those that nobody answered.
    pub(super) fn sweep(&self) {
        for key in self.pending_keys() {
            if PendingRequest::read(&self.kept(&key), self.platform.now()).is_none() {
                let _ = self.platform.write(Area::Session, &key, None);
            }
        }
    }
}
