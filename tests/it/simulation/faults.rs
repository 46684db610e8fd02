//! What happens to requests and answers on their way.

use super::chance::Chance;
use crate::browser::{Answer, html, http};
use consentry::{error::BrowserError, protocol::HttpResponse};
use serde_json::json;
use std::cell::Cell;

/// What became of one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// It does not reach the server.
    LostRequest(BrowserError),
    /// The server has done it, and the answer does not come.
    LostAnswer(BrowserError),
    /// The server, or what stands before it, fails with this status; whether it had done it before.
    Failed(u16, bool),
    /// The server has no time, and may say for how many seconds: nothing was done.
    Busy(u16, Option<u64>),
    /// Somebody else's page comes in place of the answer.
    OthersPage(bool),
}

impl Fault {
    /// Whether the server did what it was asked.
    pub(super) fn is_processed(self) -> bool {
        match self {
            Fault::LostRequest(_) | Fault::Busy(..) => false,
            Fault::LostAnswer(_) => true,
            Fault::Failed(_, is_processed) | Fault::OthersPage(is_processed) => is_processed,
        }
    }

    /// Whether the client can't know if it was done.
    pub(super) fn is_doubtful(self) -> bool {
        !matches!(self, Fault::Busy(..))
    }

    pub(super) fn answer(self) -> Answer {
        match self {
            Fault::LostRequest(error) | Fault::LostAnswer(error) => Err(error),
            Fault::Failed(status, _) => Ok(html(status, "<html>")),
            Fault::Busy(503, retry_after) => {
                Ok(HttpResponse { retry_after, ..http(503, &json!({ "error": "temporarily_unavailable" })) })
            }
            Fault::Busy(status, retry_after) => Ok(HttpResponse { retry_after, ..html(status, "busy") }),
            Fault::OthersPage(_) => Ok(html(200, "<html>")),
        }
    }
}

#[derive(Default)]
pub(super) struct Faults {
    /// How many requests in a hundred something happens to.
    pub(super) percent: Cell<usize>,
    pub(super) is_offline: Cell<bool>,
    /// How many of a hundred token requests the server has no time for.
    pub(super) busy_percent: Cell<usize>,
}

impl Faults {
    pub(super) fn of_post(&self, chance: &Chance) -> Option<Fault> {
        if self.is_offline.get() {
            return Some(Fault::LostRequest(BrowserError::PostFailed));
        }
        if chance.is(self.busy_percent.get()) {
            return Some(Fault::Busy(chance.of(&[429, 503]), Some(chance.of(&[20, 300, 100_000]))));
        }
        if !chance.is(self.percent.get()) {
            return None;
        }
        let error = chance.of(&[BrowserError::PostFailed, BrowserError::TimedOut]);
        let is_processed = chance.is(50);
        let told = chance.of(&[None, Some(20), Some(300), Some(100_000)]);
        Some(chance.weighed(&[
            (2, Fault::LostRequest(error)),
            (4, Fault::LostAnswer(error)),
            (1, Fault::Failed(500, is_processed)),
            (1, Fault::Failed(504, is_processed)),
            (2, Fault::Busy(503, told)),
            (1, Fault::Busy(429, told)),
            (1, Fault::OthersPage(is_processed)),
        ]))
    }

    pub(super) fn of_get(&self, chance: &Chance) -> Option<Answer> {
        if self.is_offline.get() {
            return Some(Err(BrowserError::GetFailed));
        }
        chance.is(self.percent.get()).then(|| {
            chance
                .of(&[Fault::LostRequest(BrowserError::GetFailed), Fault::Failed(500, true), Fault::Busy(503, None)])
                .answer()
        })
    }
}
