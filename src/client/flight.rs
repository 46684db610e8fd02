//! Single flight: of calls that want the same at the same time one does the work, and the others share its result. And what is done by
//! one after the other.

use super::{AuthenticationResult, storage::Later};
use crate::{cache::AccountKey, error::Error};
use std::rc::Rc;
use std::{
    cell::{Cell, RefCell},
    future::poll_fn,
    task::{Poll, Waker},
};

type Outcome = Result<AuthenticationResult, Error>;

/// A refresh that is under way.
#[derive(Debug)]
struct Flight {
    account: Rc<AccountKey>,
    lane: String,
    request: String,
    landed: Cell<bool>,
    outcome: RefCell<Option<Outcome>>,
    wakers: RefCell<Vec<Waker>>,
}

/// What is under way, at most one in each lane of an account.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights(Rc<RefCell<Vec<Rc<Flight>>>>);

/// What a call finds.
pub(super) enum Boarding {
    /// Nothing under way: this call flies, and hands its outcome to the [`Pilot`].
    Pilot(Pilot),
    /// The same request was under way: this is its outcome.
    Shared(Outcome),
    /// Another request was under way: what it brought may do.
    Waited,
}

/// Ends its flight when it is dropped, whatever happened.
pub(super) struct Pilot {
    flights: Flights,
    flight: Rc<Flight>,
}

impl Flights {
    /// Waits for what is under way in a lane of the account, or begins something there.
    pub(super) async fn board(&self, account: &Rc<AccountKey>, lane: &str, request: &str) -> Boarding {
        let is_alike = |flight: &&Rc<Flight>| flight.account == *account && flight.lane == lane;
        let under_way = self.0.borrow().iter().find(is_alike).cloned();
        let Some(flight) = under_way else {
            let flight = Rc::new(Flight {
                account: Rc::clone(account),
                lane: lane.into(),
                request: request.into(),
                landed: Cell::new(false),
                outcome: RefCell::new(None),
                wakers: RefCell::new(Vec::new()),
            });
            self.0.borrow_mut().push(Rc::clone(&flight));
            return Boarding::Pilot(Pilot { flights: self.clone(), flight });
        };
        poll_fn(|context| {
            if flight.landed.get() {
                return Poll::Ready(());
            }
            flight.wakers.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
        let outcome = flight.outcome.borrow().clone();
        match outcome {
            Some(outcome) if flight.request == request => Boarding::Shared(outcome),
            _ => Boarding::Waited,
        }
    }
}

impl Pilot {
    /// Hands the outcome to all who wait.
    pub(super) fn land(self, outcome: &Outcome) {
        *self.flight.outcome.borrow_mut() = Some(outcome.clone());
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        self.flights.0.borrow_mut().retain(|flight| !Rc::ptr_eq(flight, &self.flight));
        self.flight.landed.set(true);
        for waker in self.flight.wakers.take() {
            waker.wake();
        }
    }
}

/// What comes of each, in their order, while all are under way.
pub(super) async fn all<T>(works: Vec<Later<'_, T>>) -> Vec<T> {
    let mut under_way: Vec<_> = works.into_iter().map(|work| (work, None)).collect();
    poll_fn(|context| {
        let mut is_done = true;
        for (work, outcome) in under_way.iter_mut().filter(|(_, outcome)| outcome.is_none()) {
            match work.as_mut().poll(context) {
                Poll::Ready(result) => *outcome = Some(result),
                Poll::Pending => is_done = false,
            }
        }
        if is_done { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    under_way.into_iter().filter_map(|(_, outcome)| outcome).collect()
}

/// Lets one through at a time.
#[derive(Debug, Default)]
pub(super) struct Gate {
    is_shut: Cell<bool>,
    wakers: RefCell<Vec<Waker>>,
}

/// Who is through. The next one's turn comes when it is dropped.
pub(super) struct Through<'a>(&'a Gate);

impl Gate {
    pub(super) async fn pass(&self) -> Through<'_> {
        poll_fn(|context| {
            if !self.is_shut.replace(true) {
                return Poll::Ready(());
            }
            self.wakers.borrow_mut().push(context.waker().clone());
            Poll::Pending
        })
        .await;
        Through(self)
    }
}

impl Drop for Through<'_> {
    fn drop(&mut self) {
        self.0.is_shut.set(false);
        for waker in self.0.wakers.take() {
            waker.wake();
        }
    }
}
