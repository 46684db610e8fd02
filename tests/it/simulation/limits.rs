//! What a server sets limits to: how long a refresh token lives, and how soon it wants to be asked again.

use super::{Mutation, chance::Chance};
use crate::browser::{Answer, Sent};
use consentry::protocol::HttpResponse;
use std::{cell::RefCell, collections::BTreeMap};

/// However long a server wants to be left alone: nobody waits for longer, in seconds.
pub(super) const LONGEST: u64 = 3600;

/// The page whose call runs.
#[derive(Clone, Copy, Default)]
pub(super) struct Running {
    /// Its number: a page that is loaded anew has another.
    pub(super) page: usize,
    /// The storage.
    pub(super) domain: usize,
    /// What its clock says.
    pub(super) time: u64,
    /// What the clock says that nobody turns.
    pub(super) elapsed: u64,
}

/// When a refresh token ends.
#[derive(Clone, Copy)]
pub(super) struct End {
    /// By the clock of the page that it went to.
    on: u64,
    /// By the clock that nobody turns.
    pub(super) at: u64,
}

impl End {
    /// Whether a page has to know that it is past.
    pub(super) fn is_past(self, running: Running) -> bool {
        self.on <= running.time && self.at <= running.elapsed
    }

    /// Whether the server takes it no more.
    pub(super) fn is_past_at_server(self, running: Running) -> bool {
        self.at <= running.elapsed
    }
}

/// The limits of one server.
pub(super) struct Limits {
    /// How long a refresh token lives, in seconds, where it ends.
    life: Option<u64>,
    mutation: Mutation,
    /// Until when each page is to leave it alone, by the clock that nobody turns, and with which user's request.
    pauses: RefCell<BTreeMap<(usize, usize, String), u64>>,
}

impl Limits {
    pub(super) fn new(chance: &Chance, mutation: Mutation) -> Self {
        // A day is what the platform gives to pages.
        let life = chance.of(&[None, None, Some(86_400), Some(2000)]);
        Limits { life, mutation, pauses: RefCell::default() }
    }

    /// When a refresh token ends that begins to live now.
    pub(super) fn end(&self, running: Running) -> Option<End> {
        let life = self.life?;
        Some(End { on: running.time + life, at: running.elapsed + life })
    }

    /// How long it lives still, as pages are told.
    pub(super) fn told(&self, end: End, running: Running) -> u64 {
        let left = end.at.saturating_sub(running.elapsed);
        if self.mutation == Mutation::LateEnd { left * 10 } else { left }
    }

    /// What a page is told that is to leave the server alone, which remembers it.
    pub(super) fn begin(&self, running: Running, user: usize, sent: &Sent, answer: Answer) -> Answer {
        let answer = answer?;
        let Some(told) = answer.retry_after else { return Ok(answer) };
        self.pauses.borrow_mut().insert((running.page, user, asked(sent)), running.elapsed + told.min(LONGEST));
        let retry_after = Some(told).filter(|_| self.mutation != Mutation::DeafPage);
        Ok(HttpResponse { retry_after, ..answer })
    }

    /// Whether the page was asked not to send this yet.
    pub(super) fn is_unwanted(&self, running: Running, user: usize, sent: &Sent) -> bool {
        let asked = (running.page, user, asked(sent));
        self.pauses.borrow().get(&asked).is_some_and(|until| running.elapsed < *until)
    }

    /// The seconds until a page may send all that it wants.
    pub(super) fn left(&self, running: Running) -> u64 {
        let pauses = self.pauses.borrow();
        let of_page = pauses.iter().filter(|((page, ..), _)| *page == running.page);
        of_page.map(|(_, until)| until.saturating_sub(running.elapsed)).max().unwrap_or_default()
    }
}

/// What tells one of a user's requests for a token from another.
fn asked(sent: &Sent) -> String {
    ["scope", "resource", "claims"].map(|name| sent.field(name)).join("\n")
}
