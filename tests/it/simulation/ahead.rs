//! Renewal ahead of need, as pages do it when a call is over.

use super::{
    call::{Asked, Call},
    scene::Scene,
    server::USERS,
};

impl Scene {
    /// A token was served: if it is to be renewed, that begins.
    pub(super) fn renew_ahead(&mut self, tab: usize, home: &str) {
        if !self.tabs[tab].client.as_ref().is_some_and(|client| client.has_due()) {
            return;
        }
        let user = (0..USERS.len()).find(|user| self.server.home_account_id(*user) == home);
        self.begin(tab, Asked::Ahead);
        // One that is under way may take it along.
        for call in &mut self.calls {
            if call.tab == tab && call.asked == Asked::Ahead {
                call.meant.extend(user);
            }
        }
    }

    /// The tokens go that a renewal was to take the place of.
    pub(super) fn lose_tokens(&mut self, call: &Call) {
        let Some(store) = self.store(call.tab).filter(|_| !call.seen.iter().any(|seen| seen.is_given)) else { return };
        let mut dump = store.dump();
        dump.retain(|key, _| !key.contains("|access|") && !key.ends_with("|stamp"));
        store.restore(&dump);
    }
}
