//! Where a call waits for the browser, another tab may go on. Outside simulations nobody does.

use std::{cell::Cell, future::poll_fn, task::Poll};

/// The points at which whoever polls may choose another call.
#[derive(Default)]
pub(crate) struct Turns {
    is_on: Cell<bool>,
    last: Cell<&'static str>,
}

impl Turns {
    /// From now on each point gives up the turn once.
    pub(crate) fn begin(&self) {
        self.is_on.set(true);
    }

    /// From now on none does.
    pub(crate) fn end(&self) {
        self.is_on.set(false);
    }

    /// The point that was come to since the last time that this was asked; empty for none.
    pub(crate) fn take_last(&self) -> &'static str {
        self.last.take()
    }

    /// Lets others go on.
    pub(super) async fn pass(&self, point: &'static str) {
        let mut is_over = !self.is_on.get();
        poll_fn(|_| {
            if is_over {
                return Poll::Ready(());
            }
            self.last.set(point);
            is_over = true;
            Poll::Pending
        })
        .await;
    }
}
