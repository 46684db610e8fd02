//! Servers and browsers that are broken on purpose: what is there to find for the [oracle](super::oracle).

use crate::browser::{Browser, IsIgnored, LockKind};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mutation {
    #[default]
    None,
    /// Some of the server's access tokens are another user's.
    MixingServer,
    /// Locks exclude nobody.
    OpenLock,
    /// Locks are never given back.
    LeakingLock,
    /// The server does not know some of its refresh tokens any more.
    ForgetfulServer,
    /// What is removed from the storage stays.
    StickyStorage,
    /// Some refusals of the server repeat a token of somebody.
    TellingServer,
    /// Access tokens are not stored.
    LossyStorage,
    /// Accounts that are stored are not stored again.
    StaleStorage,
    /// What a frame brings is another user's.
    MixingFrame,
    /// Pages are not told how long the server wants to be left alone.
    DeafPage,
    /// Of when a refresh token ends, pages are told what is ten times as long.
    LateEnd,
}

impl Mutation {
    /// The number of the invariant that it breaks.
    pub(super) const ALL: [(Mutation, u8); 11] = [
        (Mutation::MixingServer, 1),
        (Mutation::StaleStorage, 2),
        (Mutation::LeakingLock, 3),
        (Mutation::ForgetfulServer, 4),
        (Mutation::OpenLock, 4),
        (Mutation::StickyStorage, 5),
        (Mutation::TellingServer, 6),
        (Mutation::LossyStorage, 7),
        (Mutation::MixingFrame, 1),
        (Mutation::DeafPage, 8),
        (Mutation::LateEnd, 9),
    ];

    /// Breaks a tab, and the browser with it.
    pub(super) fn spoil(self, tab: &Browser) {
        match self {
            Mutation::OpenLock => tab.locks().set_kind(LockKind::Open),
            Mutation::LeakingLock => tab.locks().set_kind(LockKind::Leaking),
            Mutation::StickyStorage => stores(tab, |_, _, text| text.is_none()),
            Mutation::LossyStorage => stores(tab, |_, key, _| key.contains("|access|")),
            Mutation::StaleStorage => stores(tab, |dump, key, _| key.contains("|account|") && dump.contains_key(key)),
            _ => {}
        }
    }
}

fn stores(tab: &Browser, is_ignored: IsIgnored) {
    tab.local().ignore(is_ignored);
    tab.session().ignore(is_ignored);
}
