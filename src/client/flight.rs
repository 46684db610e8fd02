//! Single flight: of calls that want the same at the same time one does the work, and the others share its result.

use super::AuthenticationResult;
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
    request: String,
    landed: Cell<bool>,
    outcome: RefCell<Option<Outcome>>,
    wakers: RefCell<Vec<Waker>>,
}

/// The refreshes that are under way, at most one for each account: a refresh token is never sent twice at a time.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights(Rc<RefCell<Vec<Rc<Flight>>>>);

/// What a call finds.
pub(super) enum Boarding {
    /// Nothing under way: this call flies, and hands its outcome to the [`Pilot`].
    Pilot(Pilot),
    /// The same request was under way: this is its outcome.
    Shared(Outcome),
    /// Another request of the account was under way: what it brought may do.
    Waited,
}

/// Ends its flight when it is dropped, whatever happened.
pub(super) struct Pilot {
    flights: Flights,
    flight: Rc<Flight>,
}

impl Flights {
    /// Waits for the account's flight, or begins one.
    pub(super) async fn board(&self, account: &Rc<AccountKey>, request: &str) -> Boarding {
        let under_way = self.0.borrow().iter().find(|flight| flight.account == *account).cloned();
        let Some(flight) = under_way else {
            let flight = Rc::new(Flight {
                account: Rc::clone(account),
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
