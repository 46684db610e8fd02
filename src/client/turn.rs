//! An account's turn among the pages of a browser: those calls of a page that may run side by side have it together.

use super::{PublicClient, clock::Moment, flight::Boarding};
use crate::{
    cache::{AccountKey, keys},
    error::BrowserError,
    platform::Platform,
};
use std::{
    any::Any,
    cell::RefCell,
    rc::{Rc, Weak},
};

/// For how long others may join, in seconds: other pages want it as well.
const OPEN: u64 = 5;
/// The lane of those who wait for it: no API is called so.
const LANE: &str = " turn";

/// The turns that this page has, or had.
#[derive(Debug, Default)]
pub(super) struct Turns(RefCell<Vec<Turn>>);

#[derive(Debug)]
struct Turn {
    of: Rc<AccountKey>,
    since: Moment,
    lock: Weak<dyn Any>,
}

impl Turns {
    fn join(&self, account: &AccountKey, now: Moment) -> Option<Rc<dyn Any>> {
        let turns = self.0.borrow();
        turns.iter().find(|turn| *turn.of == *account && turn.since.until(now) < OPEN)?.lock.upgrade()
    }

    fn begin(&self, account: &Rc<AccountKey>, since: Moment, lock: &Rc<dyn Any>) {
        let mut turns = self.0.borrow_mut();
        turns.retain(|turn| turn.of != *account && turn.lock.strong_count() > 0);
        turns.push(Turn { of: Rc::clone(account), since, lock: Rc::downgrade(lock) });
    }
}

impl<P: Platform> PublicClient<P> {
    /// Waits until no other page has the account's turn; calls of this page have it together.
    pub(super) async fn turn(&self, account: &Rc<AccountKey>) -> Result<Rc<dyn Any>, BrowserError> {
        loop {
            if let Some(lock) = self.turns.join(account, Moment::of(&self.platform)) {
                return Ok(lock);
            }
            if let Boarding::Pilot(_waiting) = self.flights.board(account, LANE, "").await {
                let lock: Rc<dyn Any> =
                    Rc::new(self.platform.lock(&keys::lock(&self.config.client_id, account)).await?);
                self.turns.begin(account, Moment::of(&self.platform), &lock);
                return Ok(lock);
            }
        }
    }
}
