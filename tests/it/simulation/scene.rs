//! The browser of a simulation: tabs that come and go, and calls that go on a step at a time.

use super::{
    Broken, Plan, STEPS,
    call::{Asked, Call, Outcome, Rest},
    chance::Chance,
    documents::configuration,
    limits::Running,
    mutation::Mutation,
    oracle::Oracle,
    server::{Server, USERS},
};
use crate::{
    browser::{Browser, Store},
    world::{Client, PAGE, REDIRECT_URI, fragment, value},
};
use consentry::{
    binding::dictionary,
    cache::AccountFilter,
    client::{AuthenticationResult, CacheLocation, Config, PublicClient},
    error::Error,
    platform::{Area, Platform},
};
use futures::task::noop_waker_ref;
use std::{
    array,
    cell::RefCell,
    fmt, mem,
    rc::Rc,
    task::{Context, Poll},
};

/// Where apps keep their tokens, and how often.
const LOCATIONS: [(usize, &str); 4] =
    [(50, "localStorage"), (20, "sessionStorage"), (20, "custom"), (10, "memoryStorage")];

pub(super) struct Tab {
    pub(super) browser: Browser,
    pub(super) domain: usize,
    /// The page's client; there is none while the tab is at the server, or where there was no storage to be had.
    pub(super) client: Option<Client>,
    /// The authorization request that the user has to answer.
    pub(super) asked: Option<String>,
    /// The number of its page.
    page: usize,
    /// When its page was loaded, by both clocks.
    opened: (u64, u64),
    /// Nothing goes on in it: it is in the background, or the machine sleeps.
    pub(super) is_frozen: bool,
}

pub(super) struct Scene {
    pub(super) chance: Rc<Chance>,
    pub(super) server: Rc<Server>,
    pub(super) oracle: Oracle,
    pub(super) tabs: Vec<Tab>,
    pub(super) calls: Vec<Call>,
    pub(super) users: usize,
    pub(super) step: usize,
    pub(super) is_denied: bool,
    pub(super) is_full: bool,
    /// Where tokens are kept; `None` for the page itself.
    pub(super) area: Option<Area>,
    /// Whether they are encrypted there.
    pub(super) is_sealed: bool,
    pub(super) trace: RefCell<Vec<String>>,
    /// The last call for a token that has ended, and how.
    pub(super) last: Option<(usize, Result<AuthenticationResult, Error>)>,
    /// Nothing goes wrong here.
    pub(super) is_calm: bool,
    browser: Browser,
    mutation: Mutation,
    is_traced: bool,
    config: Config,
    begun: usize,
    domains: usize,
    pages: usize,
}

impl Scene {
    pub(super) fn new(plan: &Plan) -> Self {
        let chance = Rc::new(Chance::new(plan.seed));
        let is_strict = chance.is(65) || matches!(plan.mutation, Mutation::OpenLock | Mutation::StaleStorage);
        let is_local = matches!(plan.mutation, Mutation::OpenLock | Mutation::StaleStorage);
        let location = if is_local { "localStorage" } else { chance.weighed(&LOCATIONS) };
        let configuration = configuration(is_strict, location, [chance.is(75), chance.is(50)]);
        let config = dictionary::config(&value(&configuration)).expect("the configuration is right");
        let browser = Browser::new(PAGE);
        browser.turns().begin();
        let server = Server::new(&browser, is_strict, plan.mutation, &chance);
        Scene {
            users: 1 + chance.below(USERS.len()),
            server,
            oracle: Oracle { has_copies: location == "custom", ..Oracle::default() },
            tabs: Vec::new(),
            calls: Vec::new(),
            step: 0,
            is_denied: false,
            is_full: false,
            area: config.cache_location.area(),
            is_sealed: config.encrypts && config.cache_location == CacheLocation::Local,
            trace: RefCell::default(),
            last: None,
            is_calm: false,
            browser,
            mutation: plan.mutation,
            is_traced: plan.is_traced,
            config,
            begun: 0,
            domains: 0,
            pages: 0,
            chance,
        }
    }

    /// Says what happens, where somebody wants to know.
    pub(super) fn tell(&self, text: fmt::Arguments<'_>) {
        if self.is_traced {
            self.trace.borrow_mut().push(format!("{:>3} {text}", self.step));
        }
    }

    /// What the clock of a tab's page says: while the page is open nobody turns it back.
    pub(super) fn time(&self, tab: usize) -> u64 {
        let (wall, elapsed) = self.tabs[tab].opened;
        wall + self.browser.now().saturating_sub(wall).max(self.browser.elapsed() - elapsed)
    }

    /// The page of a tab, as the server is to know it.
    pub(super) fn running(&self, tab: usize) -> Running {
        let Tab { page, domain, .. } = self.tabs[tab];
        Running { page, domain, time: self.time(tab), elapsed: self.browser.elapsed() }
    }

    pub(super) fn machine(&self) -> &Browser {
        &self.browser
    }

    /// Where the page of a tab keeps its tokens; `None` for the page itself.
    pub(super) fn store(&self, tab: usize) -> Option<&Store> {
        Some(self.tabs[tab].browser.store(self.area?))
    }

    pub(super) fn open_tab(&mut self) -> Tab {
        let browser = self.browser.new_tab(PAGE);
        self.mutation.spoil(&browser);
        if self.is_denied {
            browser.session().deny();
        }
        let server = Rc::clone(&self.server);
        browser.set_frames(move |url| server.frame(url));
        self.domains += usize::from(self.config.cache_location == CacheLocation::Session);
        Tab { browser, domain: self.domains, client: None, asked: None, page: 0, opened: (0, 0), is_frozen: false }
    }

    /// Loads the page that the tab is on; what was under way on the one before is given up.
    pub(super) fn load(&mut self, tab: usize) -> Result<(), Broken> {
        self.give_up(tab);
        self.tabs[tab].client = None;
        self.tabs[tab].asked = None;
        if self.area.is_none() {
            self.domains += 1;
            self.tabs[tab].domain = self.domains;
        }
        self.pages += 1;
        self.tabs[tab].page = self.pages;
        self.tabs[tab].opened = (self.browser.now(), self.browser.elapsed());
        match PublicClient::new(self.tabs[tab].browser.clone(), self.config.clone()) {
            Ok(client) => self.tabs[tab].client = Some(Rc::new(client)),
            Err(error) => {
                self.tell(format_args!("tab {tab} has no storage: {}", error.code()));
                self.oracle.check_error(&error)?;
            }
        }
        self.begin(tab, Asked::Arrival);
        Ok(())
    }

    /// Gives up what is under way in a tab.
    pub(super) fn give_up(&mut self, tab: usize) {
        let (ended, others): (Vec<_>, Vec<_>) =
            mem::take(&mut self.calls).into_iter().partition(|call| call.tab == tab);
        self.calls = others;
        for call in ended {
            self.tell(format_args!("call {} is given up at {}", call.number, call.point));
            self.oracle.give_up(&call, &self.server);
            for user in call.leaving() {
                self.overtake(call.domain, user);
            }
        }
    }

    /// Begins a call on the page of a tab: its number.
    pub(super) fn begin(&mut self, tab: usize, asked: Asked) -> usize {
        let Some(client) = self.tabs[tab].client.clone() else { return 0 };
        let domain = self.tabs[tab].domain;
        self.begun += 1;
        let number = self.begun;
        self.tell(format_args!("tab {tab}: call {number} begins: {asked:?}"));
        let rest = Rest::default();
        let home = asked.user().map(|user| self.server.home_account_id(user));
        let mut call = Call {
            number,
            tab,
            domain,
            asked,
            running: asked.begin(client, home, Rc::clone(&rest)),
            rest,
            point: "begin",
            begun_at: self.time(tab),
            begun_elapsed: self.oracle.elapsed,
            meant: [].into(),
            version: None,
            was_out: self.oracle.out_of(domain),
            sign_ins: array::from_fn(|user| self.oracle.standing(domain, user).sign_ins),
            begun: self.step,
            was_well: asked.user().is_some_and(|user| self.oracle.is_well(domain, user)),
            is_disturbed: false,
            overtaken: [].into(),
            is_without_storage: self.is_denied || self.is_full,
            seen: Vec::new(),
        };
        if let Asked::Token { user: None, .. } = asked {
            call.meant.extend(self.who_is_meant(tab, domain));
        }
        self.calls.push(call);
        number
    }

    /// The active account's user, else the only one, as far as the keys in the storage tell.
    fn who_is_meant(&self, tab: usize, domain: usize) -> Option<usize> {
        let (mut there, mut active) = ([false; USERS.len()], None);
        let mut see = |key: &str, text: &str| {
            for (number, user) in USERS.iter().enumerate() {
                there[number] |= key.contains("|account|") && key.contains(user.oid);
                if key.ends_with("|active") && text.contains(user.oid) {
                    active = Some(number);
                }
            }
        };
        match self.store(tab) {
            Some(store) => store.each(see),
            None => {
                // What the page alone knows, it tells.
                let client = self.tabs[tab].client.as_ref().filter(|_| self.tabs[tab].domain == domain)?;
                for account in client.accounts(AccountFilter::default()) {
                    see(&["|account|", &account.key.home_account_id].concat(), "");
                }
                if let Some(account) = client.active_account() {
                    see("|active", &account.key.home_account_id);
                }
            }
        }
        let mut present = (0..USERS.len()).filter(|user| there[*user]);
        let only = present.next().filter(|_| present.next().is_none());
        active.filter(|user| there[*user]).or(only)
    }

    /// Something happens to a storage, or to all, that calls may fail for.
    pub(super) fn disturb(&mut self, domain: Option<usize>) {
        for call in &mut self.calls {
            call.is_disturbed |= domain.is_none_or(|domain| call.domain == domain);
            call.is_without_storage |= self.is_denied || self.is_full;
        }
    }

    /// Lets a call go on until it waits for something.
    pub(super) fn poll(&mut self, at: usize) -> Result<(), Broken> {
        if !self.calls[at].leaving().is_empty() {
            self.disturb(Some(self.calls[at].domain));
        }
        let running = self.running(self.calls[at].tab);
        let call = &mut self.calls[at];
        self.server.running.set(running);
        self.browser.turns().take_last();
        let polled = call.running.as_mut().poll(&mut Context::from_waker(noop_waker_ref()));
        let last = self.browser.turns().take_last();
        if !last.is_empty() {
            call.point = last;
        }
        for mut seen in self.server.take_seen() {
            // A page counts from when it has sent the request.
            let on_the_way = self.oracle.elapsed - call.begun_elapsed;
            seen.ends_at = seen.ends_at.map(|end| end.saturating_sub(on_the_way));
            call.seen.push(seen);
            if seen.is_code && seen.is_given {
                let standing = self.oracle.standing(call.domain, seen.user);
                standing.tokens.clear();
                // A frame signs nobody in who is out.
                if !seen.is_framed {
                    standing.out_since = None;
                    standing.sign_ins += 1;
                }
            }
            self.oracle.note_request(call.domain, seen);
            self.oracle.check_request(call, seen)?;
        }
        let (number, point) = (call.number, call.point);
        self.browser.network().take_sent();
        let Poll::Ready(outcome) = polled else {
            self.tell(format_args!("call {number} waits: {point}"));
            return Ok(());
        };
        let call = self.calls.remove(at);
        self.tell(format_args!("call {number} ends: {outcome:?}; {:?}", call.seen));
        self.oracle.end(&call, &outcome, &self.server, running.time, self.step)?;
        self.go_on_after(&call, &outcome)?;
        if let Some(running) = call.rest.take() {
            self.tell(format_args!("call {number} was told: the rest goes on"));
            if let Asked::Token { scopes, .. } = call.asked {
                self.calls.push(Call { running, asked: Asked::Storing { scopes }, seen: Vec::new(), ..call });
            }
        }
        if let Outcome::Token(outcome) = outcome {
            self.last = Some((number, outcome));
        }
        Ok(())
    }

    /// What follows from how a call has ended.
    fn go_on_after(&mut self, call: &Call, outcome: &Outcome) -> Result<(), Broken> {
        match (outcome, call.asked) {
            (Outcome::Arrival(_), _) => self.disturb(Some(call.domain)),
            (Outcome::Token(Ok(result)), Asked::Token { scopes, .. }) => {
                self.renew_ahead(call.tab, &result.account.key.home_account_id, scopes);
            }
            // Apps try again, at once.
            (Outcome::Token(Err(Error::Server(_))), asked) if self.step <= STEPS && self.chance.is(50) => {
                self.begin(call.tab, asked);
            }
            (Outcome::Ahead, asked) => self.ask_after(call, asked),
            (Outcome::Departure(Ok(())), _) => {
                self.give_up(call.tab);
                let tab = &mut self.tabs[call.tab];
                tab.asked = tab.browser.left().last().map(|departure| departure.url.clone());
                tab.client = None;
            }
            (Outcome::SignOut(outcome) | Outcome::Clear(outcome), _) => {
                let is_kept = outcome.as_ref().is_err_and(|error| {
                    matches!(error.code(), "storage_not_supported" | "cache_quota_exceeded" | "crypto_nonexistent")
                });
                if !is_kept {
                    call.leaving().for_each(|user| self.sign_out(call.domain, user, call.sign_ins[user]));
                }
                if outcome.is_ok() && matches!(call.asked, Asked::SignOut { .. }) {
                    self.server.session.set(None);
                    self.tabs[call.tab].browser.open(PAGE);
                    self.load(call.tab)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// The user answers at the server, and comes back.
    pub(super) fn answer(&mut self, tab: usize, user: usize, is_declined: bool) -> Result<(), Broken> {
        let Some(url) = self.tabs[tab].asked.take() else { return Ok(()) };
        self.tell(format_args!("tab {tab}: user {user} answers, declines: {is_declined}"));
        let answer = self.server.authorize(&url, user, is_declined);
        self.tabs[tab].browser.open(&format!("{REDIRECT_URI}#{}", fragment(&answer)));
        self.load(tab)
    }

    /// What has to hold at all times.
    pub(super) fn check(&mut self) -> Result<(), Broken> {
        if self.server.reused.get() > 0 {
            return Err(Broken::new(2, "a token or a code was sent again"));
        }
        for tab in 0..self.tabs.len() {
            let domain = self.tabs[tab].domain;
            let is_checked = tab > 0 && domain == self.tabs[0].domain;
            if let Some(store) = self.store(tab)
                && !is_checked
                && !self.oracle.damaged.contains(&domain)
            {
                self.oracle.check_storage(domain, store)?;
            }
        }
        for at in 0..self.calls.len() {
            if let Asked::Token { user: None, .. } = self.calls[at].asked {
                let (tab, domain) = (self.calls[at].tab, self.calls[at].domain);
                let version = self.store(tab).map(Store::version);
                if version.is_none() || version != self.calls[at].version {
                    let meant = self.who_is_meant(tab, domain);
                    self.calls[at].meant.extend(meant);
                    self.calls[at].version = version;
                }
            }
        }
        Ok(())
    }
}
