//! Renewal ahead of need, as pages do it when a call is over.

use super::{
    STEPS,
    call::{Asked, Call},
    scene::Scene,
    server::USERS,
};

impl Scene {
    /// A token was served: if it is to be renewed, that begins.
    pub(super) fn renew_ahead(&mut self, tab: usize, home: &str, scopes: usize) {
        let is_due = self.tabs[tab].client.as_ref().is_some_and(|client| client.has_due());
        let user = (0..USERS.len()).find(|user| self.server.home_account_id(*user) == home);
        let Some(user) = user.filter(|_| is_due) else { return };
        self.begin(tab, Asked::Ahead { user, scopes });
        // One that is under way may take it along.
        for call in &mut self.calls {
            if call.tab == tab && matches!(call.asked, Asked::Ahead { .. }) {
                call.meant.insert(user);
            }
        }
    }

    /// A renewal is over, whatever came of it: what was served is served again.
    pub(super) fn ask_after(&mut self, call: &Call, asked: Asked) {
        let Asked::Ahead { user, scopes } = asked else { return };
        if self.step <= STEPS && self.chance.is(60) {
            let user = Some(user);
            let asked = Asked::Token { user, scopes, is_forced: false, has_claims: false, has_indicator: false };
            self.begin(call.tab, asked);
        }
    }
}
