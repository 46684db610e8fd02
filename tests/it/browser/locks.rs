//! Locks that all tabs share, by name.

use consentry::error::BrowserError;
use futures::channel::oneshot;
use std::{
    cell::{Cell, RefCell},
    collections::{HashMap, VecDeque},
    rc::Rc,
};

/// How locks are made.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum LockKind {
    #[default]
    Right,
    /// They exclude nobody.
    Open,
    /// A tab that goes takes them along.
    Leaking,
}

#[derive(Default)]
pub(crate) struct Locks {
    /// By name: who waits for it.
    held: RefCell<HashMap<String, VecDeque<oneshot::Sender<Turn>>>>,
    kind: Cell<LockKind>,
    is_jammed: Cell<bool>,
}

/// A lock that is held; the next one's turn comes when it is dropped.
pub(crate) struct Turn {
    locks: Rc<Locks>,
    name: String,
}

impl Locks {
    /// Whether another page holds every lock for too long.
    pub(crate) fn jam(&self, is_jammed: bool) {
        self.is_jammed.set(is_jammed);
    }

    pub(crate) fn set_kind(&self, kind: LockKind) {
        self.kind.set(kind);
    }

    /// The names of the locks that are held.
    pub(crate) fn held(&self) -> Vec<String> {
        self.held.borrow().keys().cloned().collect()
    }

    pub(super) fn is_there(&self) -> Result<(), BrowserError> {
        if self.is_jammed.get() { Err(BrowserError::TimedOut) } else { Ok(()) }
    }

    pub(super) async fn take(self: &Rc<Self>, name: &str) -> Turn {
        let turn = || Turn { locks: Rc::clone(self), name: name.to_owned() };
        if self.kind.get() == LockKind::Open {
            return turn();
        }
        let waiting = self.held.borrow_mut().get_mut(name).map(|queue| {
            let (begin, begins) = oneshot::channel();
            queue.push_back(begin);
            begins
        });
        let Some(begins) = waiting else {
            self.held.borrow_mut().insert(name.to_owned(), VecDeque::new());
            return turn();
        };
        begins.await.expect("the queue outlives who waits")
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        if self.locks.kind.get() != LockKind::Right {
            return;
        }
        let next = self.locks.held.borrow_mut().get_mut(&self.name).expect("it is held").pop_front();
        let turn = || Turn { locks: Rc::clone(&self.locks), name: self.name.clone() };
        match next {
            // Who has given up does not listen any more: the turn comes back, and passes on when it is dropped.
            Some(next) => drop(next.send(turn())),
            None => drop(self.locks.held.borrow_mut().remove(&self.name)),
        }
    }
}
