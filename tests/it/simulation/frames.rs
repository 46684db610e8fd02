//! What comes to hidden frames: the server answers from its session with the browser, which may be another user's, or the browser
//! gives it nothing.

use super::server::{NEEDS_CONSENT, Server, USERS};
use crate::{
    browser::{field, pairs},
    world::fragment,
};
use consentry::error::BrowserError;

impl Server {
    /// The fragment that comes to a frame.
    pub(super) fn frame(&self, url: &str) -> Result<String, BrowserError> {
        if self.faults.is_offline.get() {
            return Err(BrowserError::FrameTimedOut);
        }
        if self.chance.is(self.faults.percent.get()) {
            return Err(self.chance.of(&[BrowserError::FrameTimedOut, BrowserError::FrameBlocked]));
        }
        let request = pairs(url.split_once('?').expect("the request is in the query").1);
        assert_eq!(field(&request, "prompt"), "none", "a frame shows nothing");
        let hint = field(&request, "login_hint");
        // Not every server heeds whom the page means.
        let is_heeding = self.chance.is(50);
        let session = self.session.get().filter(|user| !is_heeding || self.is_hint(*user, hint));
        let answer = match session {
            None => self.respond(&request, "error", "login_required"),
            Some(user)
                if field(&request, "scope").contains(NEEDS_CONSENT) && !self.consented.borrow().contains(&user) =>
            {
                self.respond(&request, "error", "consent_required")
            }
            Some(user) => self.grant(request, user, true),
        };
        Ok(fragment(&answer))
    }

    fn is_hint(&self, user: usize, hint: &str) -> bool {
        hint.is_empty() || hint.contains(USERS[user].name)
    }
}
