//! How a schedule begins and how it ends: when all is well again, nobody waits for ever and everybody gets what they are due.

use super::{Broken, call::Asked, limits::LONGEST, scene::Scene};
use crate::world::PAGE;
use consentry::{client::AuthenticationResult, error::Error};

/// So often each call may be asked whether it is done.
const PATIENCE: usize = 300;

impl Scene {
    /// The first pages, and who is signed in there.
    pub(super) fn open(&mut self) -> Result<(), Broken> {
        for tab in 0..2 + self.chance.below(3) {
            let opened = self.open_tab();
            self.tabs.push(opened);
            self.load(tab)?;
        }
        self.drive()?;
        for _ in 0..self.chance.of(&[0, 1, 1, 1, 1, 2]) {
            let (tab, user) = (self.chance.below(self.tabs.len()), self.chance.below(self.users));
            self.sign_in(tab, user)?;
        }
        self.is_calm = self.chance.is(25);
        let percent = if self.is_calm { 0 } else { self.chance.of(&[0, 10, 25]) };
        self.server.faults.percent.set(percent);
        let is_busy = !self.is_calm && self.chance.is(15);
        self.server.faults.busy_percent.set(if is_busy { 40 } else { 0 });
        self.tell(format_args!(
            "strict: {}, {:?}, sealed: {}, faults: {percent} %",
            self.server.is_strict, self.area, self.is_sealed
        ));
        Ok(())
    }

    /// All calls go on until they are done.
    fn drive(&mut self) -> Result<(), Broken> {
        for _ in 0..PATIENCE {
            for at in (0..self.calls.len()).rev() {
                // One that has ended may have taken others with it.
                if at < self.calls.len() {
                    self.poll(at)?;
                    self.check()?;
                }
            }
            if self.calls.is_empty() {
                return Ok(());
            }
        }
        let waiting: Vec<_> = self.calls.iter().map(|call| (call.number, call.asked, call.point)).collect();
        Err(Broken::new(3, format!("calls wait for ever: {waiting:?}")))
    }

    fn sign_in(&mut self, tab: usize, user: usize) -> Result<(), Broken> {
        let scopes = self.any_scopes();
        self.begin(tab, Asked::Departure { user: None, scopes });
        self.drive()?;
        let is_away = self.tabs[tab].asked.is_some();
        self.answer(tab, user, false)?;
        self.drive()?;
        let standing = self.oracle.standing(self.tabs[tab].domain, user);
        if is_away && standing.is_signed_in && standing.is_known {
            return Ok(());
        }
        Err(Broken::new(4, format!("user {user} can't sign in: is at the server: {is_away}")))
    }

    /// Everything is well again.
    pub(super) fn end(&mut self) -> Result<(), Broken> {
        self.server.faults.percent.set(0);
        self.server.faults.busy_percent.set(0);
        self.set_online(true);
        self.set_denied(false);
        self.set_full(false);
        for tab in 0..self.tabs.len() {
            self.tabs[tab].is_frozen = false;
        }
        self.drive()?;
        for tab in 0..self.tabs.len() {
            if self.tabs[tab].client.is_none() {
                self.tabs[tab].browser.open(PAGE);
                self.load(tab)?;
            }
        }
        self.drive()?;
        let locks = self.machine().locks().held();
        if !locks.is_empty() {
            return Err(Broken::new(3, format!("held for ever: {locks:?}")));
        }
        // One of them: all would take longer than what came before.
        let (tab, user) = (self.chance.below(self.tabs.len()), self.chance.below(self.users));
        self.serve(tab, user)
    }

    fn ask(&mut self, tab: usize, user: usize, is_forced: bool) -> Result<Result<AuthenticationResult, Error>, Broken> {
        let scopes = self.any_scopes();
        let asked = Asked::Token { user: Some(user), scopes, is_forced, has_claims: false, has_indicator: false };
        let number = self.begin(tab, asked);
        self.drive()?;
        let (last, outcome) = self.last.take().expect("a call has ended");
        assert_eq!(last, number, "it is this one");
        Ok(outcome)
    }

    /// A user gets a token, with a sign-in if need be.
    fn serve(&mut self, tab: usize, user: usize) -> Result<(), Broken> {
        if self.chance.is(30) {
            self.load(tab)?;
            self.drive()?;
        }
        let left = self.server.limits.left(self.running(tab));
        if left > 0 {
            self.wait(left);
        }
        let is_forced = self.chance.is(50);
        let mut outcome = self.ask(tab, user, is_forced)?;
        // The page counts from when the answer came, the server from when it was sent.
        if let Err(Error::Server(reply)) = &outcome
            && let Some(told) = reply.retry_after
        {
            self.wait(told.min(LONGEST));
            outcome = self.ask(tab, user, is_forced)?;
        }
        let domain = self.tabs[tab].domain;
        if self.oracle.check_finally(domain, user, &outcome)? {
            self.sign_in(tab, user)?;
            if !self.oracle.standing(domain, user).has_refresh_token {
                return Ok(());
            }
            if let Err(error) = self.ask(tab, user, true)? {
                return Err(Broken::new(4, format!("user {user} has signed in, and gets no token: {}", error.code())));
            }
        }
        Ok(())
    }
}
