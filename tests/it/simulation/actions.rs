//! What can happen in one step.

use super::{
    Broken,
    call::{Asked, CONSENTED, SCOPES},
    scene::Scene,
    server::Seen,
};
use crate::{browser::Dump, world::PAGE};
use consentry::{
    cache::AccountFilter,
    platform::{Area, Platform},
};

#[derive(Clone, Copy)]
enum Action {
    AskToken,
    AskUserInfo,
    SignIn,
    Choose,
    Clear,
    ClearAll,
    SignOut,
    Reload,
    Close,
    Freeze,
    Pass,
    TurnBack,
    EmptyStorage,
    Damage,
    Offline,
    Deny,
    Fill,
    EndSessions,
}

const ACTIONS: [(usize, Action); 18] = [
    (30, Action::AskToken),
    (5, Action::AskUserInfo),
    (8, Action::SignIn),
    (3, Action::Choose),
    (2, Action::Clear),
    (1, Action::ClearAll),
    (2, Action::SignOut),
    (5, Action::Reload),
    (4, Action::Close),
    (3, Action::Freeze),
    (11, Action::Pass),
    (1, Action::TurnBack),
    (1, Action::EmptyStorage),
    (1, Action::Damage),
    (2, Action::Offline),
    (2, Action::Deny),
    (2, Action::Fill),
    (1, Action::EndSessions),
];
/// What a world without faults does without.
const FAULTS: usize = 6;

impl Scene {
    /// One step: a call goes on, or something new happens.
    pub(super) fn act(&mut self) -> Result<(), Broken> {
        let awake: Vec<usize> = (0..self.calls.len()).filter(|at| !self.tabs[self.calls[*at].tab].is_frozen).collect();
        if !awake.is_empty() && (self.calls.len() > 7 || self.chance.is(68)) {
            let at = self.chance.of(&awake);
            return self.poll(at);
        }
        let mut tab = self.chance.below(self.tabs.len());
        if !self.calls.is_empty() && self.chance.is(30) {
            // Most is to be found where something is under way.
            tab = self.calls[self.chance.below(self.calls.len())].tab;
        }
        if self.tabs[tab].asked.is_some() {
            return self.be_at_the_server(tab);
        }
        let actions = if self.is_calm { &ACTIONS[..ACTIONS.len() - FAULTS] } else { &ACTIONS[..] };
        match self.chance.weighed(actions) {
            Action::AskToken => {
                self.ask_token(tab);
                while self.chance.is(30) {
                    let other = self.chance.below(self.tabs.len());
                    self.ask_token(other);
                }
            }
            Action::AskUserInfo => {
                let user = self.somebody(tab).unwrap_or_else(|| self.chance.below(self.users));
                let _ = self.begin(tab, Asked::UserInfo { user });
            }
            Action::SignIn => {
                let user = self.chance.is(40).then(|| self.chance.below(self.users));
                let scopes = self.chance.below(SCOPES.len());
                self.begin(tab, Asked::Departure { user, scopes });
            }
            Action::SignOut => {
                let user = self.chance.below(self.users);
                self.begin(tab, Asked::SignOut { user });
            }
            Action::Choose => return self.choose(tab),
            Action::Clear => self.clear(tab, Some(self.chance.below(self.users))),
            Action::ClearAll => self.clear(tab, None),
            Action::Reload => return self.load(tab),
            Action::Close => return self.close(tab),
            Action::Freeze => self.tabs[tab].is_frozen ^= true,
            Action::Pass => self.pass(),
            Action::TurnBack => self.turn_back(),
            Action::EmptyStorage => self.empty_storage(tab),
            Action::Damage => self.damage(tab),
            Action::Offline => self.set_online(self.server.faults.is_offline.get()),
            Action::Deny => self.set_denied(!self.is_denied),
            Action::Fill => self.set_full(!self.is_full),
            Action::EndSessions => self.end_sessions(),
        }
        Ok(())
    }

    fn ask_token(&mut self, tab: usize) {
        let somebody = self.somebody(tab);
        if somebody.is_none() && self.chance.is(75) {
            self.begin(tab, Asked::Departure { user: None, scopes: self.any_scopes() });
            return;
        }
        let user = somebody.filter(|_| !self.chance.is(10)).unwrap_or_else(|| self.chance.below(self.users));
        let asked = Asked::Token {
            user: self.chance.is(80).then_some(user),
            scopes: self.chance.below(SCOPES.len()),
            is_forced: self.chance.is(35),
            has_claims: self.chance.is(8),
            has_indicator: self.server.is_strict && self.chance.is(12),
        };
        self.begin(tab, asked);
    }

    /// A user who is signed in.
    fn somebody(&self, tab: usize) -> Option<usize> {
        let is_there = |user: &usize| {
            let standing = self.oracle.standings.get(&(self.tabs[tab].domain, *user));
            standing.is_some_and(|standing| standing.is_signed_in)
        };
        let there: Vec<usize> = (0..self.users).filter(is_there).collect();
        (!there.is_empty()).then(|| self.chance.of(&there))
    }

    fn be_at_the_server(&mut self, tab: usize) -> Result<(), Broken> {
        if self.chance.is(10) {
            self.tabs[tab].browser.open(PAGE);
            return self.load(tab);
        }
        let user = self.chance.below(self.users);
        self.answer(tab, user, self.chance.is(8))
    }

    fn choose(&mut self, tab: usize) -> Result<(), Broken> {
        let Some(client) = self.tabs[tab].client.clone() else { return Ok(()) };
        let user = self.chance.is(80).then(|| self.chance.below(self.users));
        let home = user.map(|user| self.server.home_account_id(user));
        let account = home.as_deref().map(|id| AccountFilter { home_account_id: Some(id), ..Default::default() });
        let outcome = client.set_active_account(account);
        self.tell(format_args!("tab {tab}: user {user:?} is chosen: {}", outcome.is_ok()));
        outcome.or_else(|error| self.oracle.check_error(&error))
    }

    fn clear(&mut self, tab: usize, user: Option<usize>) {
        self.begin(tab, Asked::Clear { user });
    }

    /// Somebody has signed out of a storage, unless they have signed in meanwhile.
    pub(super) fn sign_out(&mut self, domain: usize, user: usize, sign_ins: usize) {
        let is_coming = self.overtake(domain, user);
        let step = self.step;
        let standing = self.oracle.standing(domain, user);
        standing.tokens.clear();
        standing.has_refresh_token = false;
        standing.is_known = standing.sign_ins == sign_ins && !is_coming;
        standing.is_signed_in &= !standing.is_known;
        standing.out_since = standing.is_known.then_some(step);
        self.disturb(Some(domain));
    }

    /// Whether a call is signing somebody in who signs out.
    pub(super) fn overtake(&mut self, domain: usize, user: usize) -> bool {
        let is_of = |seen: &Seen| seen.is_code && !seen.is_framed && seen.user == user;
        let mut is_coming = false;
        for call in self.calls.iter_mut().filter(|call| call.domain == domain && call.seen.iter().any(is_of)) {
            call.overtaken.insert(user);
            is_coming = true;
        }
        is_coming
    }

    fn close(&mut self, tab: usize) -> Result<(), Broken> {
        self.tell(format_args!("tab {tab} is closed"));
        self.give_up(tab);
        self.tabs[tab] = self.open_tab();
        self.load(tab)
    }

    fn pass(&mut self) {
        let seconds = self.chance.of(&[1, 30, 200, 400, 700, 4_000, 90_000]);
        self.wait(seconds);
    }

    /// Time passes.
    pub(super) fn wait(&mut self, seconds: u64) {
        self.tell(format_args!("{seconds} seconds pass"));
        self.machine().pass(seconds);
        self.oracle.elapsed = self.machine().elapsed();
        self.disturb(None);
    }

    fn turn_back(&mut self) {
        let seconds = self.chance.of(&[10, 1_000, 100_000]);
        self.tell(format_args!("the clock is turned back by {seconds} seconds"));
        self.machine().turn_back(seconds);
        self.oracle.is_turned = true;
        self.disturb(None);
    }

    /// The user clears what the browser has of the site, with or without the key that entries are sealed with, or one of the two.
    fn empty_storage(&mut self, tab: usize) {
        if self.area.is_none() || self.is_denied {
            return;
        }
        let domain = self.tabs[tab].domain;
        let parts = self.chance.of(&["entries", "entries and keys", "entries and keys", "keys"]);
        if parts != "entries" && self.is_sealed {
            self.machine().vault().forget();
            // Who is in the middle of writing does so with a key that is gone.
            if parts == "keys" || self.calls.iter().any(|call| matches!(call.point, "seal" | "open")) {
                self.oracle.damaged.push(domain);
            }
        }
        self.tell(format_args!("tab {tab}: {parts} are cleared"));
        self.disturb(Some(domain));
        if parts == "keys" {
            return;
        }
        self.store(tab).into_iter().for_each(|store| store.restore(&Dump::new()));
        if self.chance.is(50) {
            self.tabs[tab].browser.session().restore(&Dump::new());
        }
        for user in 0..self.users {
            let sign_ins = self.oracle.standing(domain, user).sign_ins;
            self.sign_out(domain, user, sign_ins);
        }
    }

    fn damage(&mut self, tab: usize) {
        let is_session = self.chance.is(20);
        let store = if is_session { Some(self.tabs[tab].browser.store(Area::Session)) } else { self.store(tab) };
        let Some(store) = store else { return };
        let mut dump = store.dump();
        let keys: Vec<String> = dump.keys().cloned().collect();
        if keys.is_empty() {
            return;
        }
        let key = &keys[self.chance.below(keys.len())];
        let (text, other) = (&dump[key], &dump[&keys[self.chance.below(keys.len())]]);
        let half = text.get(..text.len() / 2).unwrap_or_default();
        let spoilt = self.chance.of(&["", "{}", "null", "[]", "\u{0}", half, other]).to_owned();
        if self.chance.is(25) {
            dump.remove(key);
        } else {
            dump.insert(key.clone(), spoilt);
        }
        store.restore(&dump);
        self.tell(format_args!("tab {tab}: damaged: {key}"));
        let domain = self.tabs[tab].domain;
        self.oracle.damaged.push(domain);
        self.disturb(Some(domain));
    }

    pub(super) fn set_online(&mut self, is_online: bool) {
        self.tell(format_args!("online: {is_online}"));
        self.machine().set_online(is_online);
        self.server.faults.is_offline.set(!is_online);
        self.disturb(None);
    }

    pub(super) fn set_denied(&mut self, is_denied: bool) {
        self.tell(format_args!("storage is denied: {is_denied}"));
        self.is_denied = is_denied;
        let sessions = self.tabs.iter().map(|tab| tab.browser.session());
        for store in sessions.chain([Area::Local, Area::Custom].map(|area| self.machine().store(area))) {
            if is_denied { store.deny() } else { store.allow() }
        }
        self.disturb(None);
    }

    pub(super) fn set_full(&mut self, is_full: bool) {
        let room = if is_full { self.chance.below(1_500) } else { 1 << 24 };
        self.tell(format_args!("storage has room for {room} bytes"));
        self.is_full = is_full;
        (0..self.tabs.len()).filter_map(|tab| self.store(tab)).for_each(|store| store.set_room(room));
        self.disturb(None);
    }

    fn end_sessions(&mut self) {
        let user = self.chance.below(self.users);
        self.tell(format_args!("the server ends the sessions of user {user}"));
        self.server.end_sessions(user);
        for seen in self.calls.iter_mut().flat_map(|call| &mut call.seen) {
            seen.is_ended |= seen.user == user;
        }
        for ((_, of), standing) in &mut self.oracle.standings {
            standing.is_ended |= *of == user;
        }
        self.disturb(None);
    }

    /// Scopes that need no consent of their own.
    pub(super) fn any_scopes(&self) -> usize {
        let scopes = self.chance.below(SCOPES.len());
        if scopes == CONSENTED { 0 } else { scopes }
    }
}
