//! The time that lifetimes are counted in. A person can turn a clock, and a machine sleeps: what counts is how much time has gone
//! by, and who says that more has is believed.

use super::PublicClient;
use crate::{
    cache::{AccessToken, Account},
    platform::Platform,
};

/// How far the clocks of two pages of this machine may be apart, in seconds: each is set now and then, by a little.
const TOLERANCE: u64 = 60;

/// A moment of this page, by both of its clocks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// In seconds since 1970: goes on while the machine sleeps, and where it is turned to.
    wall: u64,
    /// In seconds since some start: never turned, and may stand still while the machine sleeps.
    elapsed: u64,
}

impl Moment {
    /// Now.
    pub(super) fn of(platform: &impl Platform) -> Self {
        Moment { wall: platform.now(), elapsed: platform.elapsed() }
    }

    /// The seconds from then to `now`.
    pub(super) fn until(self, now: Moment) -> u64 {
        let (wall, elapsed) = (now.wall.saturating_sub(self.wall), now.elapsed.saturating_sub(self.elapsed));
        if wall > elapsed { wall } else { elapsed }
    }
}

impl<P: Platform> PublicClient<P> {
    /// The time in seconds since 1970, for lifetimes. Who turns the clock back does not turn back this one while the page is open.
    pub(super) fn time(&self) -> u64 {
        self.opened.wall.saturating_add(self.opened.until(Moment::of(&self.platform)))
    }

    /// Whether a token that was to live has ended before it came.
    pub(super) fn is_late(&self, token: &AccessToken) -> bool {
        token.expires_on.is_some_and(|end| end > token.cached_on && end <= self.time())
    }

    /// Whether the refresh token has ended, or will have when it gets there.
    pub(super) fn has_ended(&self, account: &Account) -> bool {
        account.refresh_until.is_some_and(|end| end <= self.time().saturating_add(TOLERANCE))
    }
}

/// The latest that a token can have been stored at some time. Of a later one, which was stored while the clock was ahead, it is not known
/// when it ends.
pub(super) const fn latest(time: u64) -> u64 {
    time.saturating_add(TOLERANCE)
}
