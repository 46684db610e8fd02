//! A browser that the test owns: its time, chance, network and storage, and the page of each tab.

mod locks;
mod network;
mod store;
mod surroundings;
mod turns;
mod vault;

pub(crate) use locks::LockKind;
pub(crate) use network::{Answer, Pairs, Sent, field, html, http, pairs};
pub(crate) use store::{Dump, IsIgnored, Store};
pub(crate) use turns::Turns;
pub(crate) use vault::{Vault, opened};

use consentry::{error::BrowserError, platform::Area};
use futures::channel::oneshot;
use locks::Locks;
use network::Network;
use sha2::{Digest, Sha256};
use std::{
    cell::{Cell, RefCell},
    fmt,
    rc::Rc,
};

/// Friday, 20 November 2026, in seconds since 1970.
pub(crate) const TODAY: u64 = 1_795_132_800;

/// One tab. A clone is the same tab, for another client; [`Browser::new_tab`] is another one of the same browser.
pub(crate) struct Browser {
    machine: Rc<Machine>,
    tab: Rc<Tab>,
    /// What its client has of the app's own store: nothing until it looks there, and then what was there when it last pulled.
    copy: RefCell<Option<Dump>>,
}

impl Clone for Browser {
    fn clone(&self) -> Self {
        Browser { machine: Rc::clone(&self.machine), tab: Rc::clone(&self.tab), copy: RefCell::default() }
    }
}

/// What all tabs share.
struct Machine {
    now: Cell<u64>,
    /// By a clock that nobody turns, and that sleeps with the machine.
    elapsed: Cell<u64>,
    chance: RefCell<Chance>,
    network: Network,
    local: Store,
    custom: Store,
    /// The keys that entries are sealed with; gone with the browser's site data.
    vault: Vault,
    /// What comes of the writes to the app's own store that nobody has waited for yet.
    settling: RefCell<Option<oneshot::Receiver<Result<(), BrowserError>>>>,
    is_secure: Cell<bool>,
    is_online: Cell<bool>,
    locks: Rc<Locks>,
    turns: Turns,
}

/// What comes to a hidden frame, by the address that it is opened at.
type Frames = Rc<dyn Fn(&str) -> Result<String, BrowserError>>;

struct Tab {
    session: Store,
    page: RefCell<String>,
    left: RefCell<Vec<Departure>>,
    navigation: Cell<Result<bool, BrowserError>>,
    is_user_active: Cell<bool>,
    frames: RefCell<Frames>,
    /// Where hidden frames were opened.
    framed: RefCell<Vec<String>>,
}

/// The page was told to go elsewhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Departure {
    pub(crate) url: String,
    pub(crate) replacing: bool,
}

/// Stands for a signature: nobody else's key and no other text has the same. The browser of the tests has no real cryptography, so
/// that its servers need none; the real one is checked in Chromium.
pub(crate) fn seal(modulus: &str, text: &str) -> Vec<u8> {
    Sha256::digest(format!("{modulus} signs {text}")).to_vec()
}

/// Numbers that are the same in every run, and a record of what was drawn.
struct Chance {
    state: u64,
    is_there: bool,
    drawn: Vec<Vec<u8>>,
}

impl Browser {
    pub(crate) fn new(page: &str) -> Self {
        let machine = Machine {
            now: Cell::new(TODAY),
            elapsed: Cell::new(0),
            chance: RefCell::new(Chance { state: 0, is_there: true, drawn: Vec::new() }),
            network: Network::default(),
            local: Store::default(),
            custom: Store::default(),
            vault: Vault::default(),
            settling: RefCell::default(),
            is_secure: Cell::new(true),
            is_online: Cell::new(true),
            locks: Rc::default(),
            turns: Turns::default(),
        };
        Browser { machine: Rc::new(machine), tab: Tab::new(page), copy: RefCell::default() }
    }

    pub(crate) fn new_tab(&self, page: &str) -> Self {
        Browser { machine: Rc::clone(&self.machine), tab: Tab::new(page), copy: RefCell::default() }
    }

    /// Loads another page in this tab. What ran on the page before is the test's to drop.
    pub(crate) fn open(&self, page: &str) {
        self.tab.page.replace(page.to_owned());
    }

    pub(crate) fn pass(&self, seconds: u64) {
        self.sleep(seconds);
        self.machine.elapsed.set(self.machine.elapsed.get() + seconds);
    }

    /// Time passes while the machine sleeps. Somebody who turns the clock forward does the same to it.
    pub(crate) fn sleep(&self, seconds: u64) {
        self.machine.now.set(self.machine.now.get() + seconds);
    }

    /// Somebody turns the clock back.
    pub(crate) fn turn_back(&self, seconds: u64) {
        self.machine.now.set(self.machine.now.get() - seconds);
    }

    /// Whether there are random numbers.
    pub(crate) fn set_chance(&self, is_there: bool) {
        self.machine.chance.borrow_mut().is_there = is_there;
    }

    /// Whether the page came over https, so that there is cryptography.
    pub(crate) fn set_secure(&self, is_secure: bool) {
        self.machine.is_secure.set(is_secure);
    }

    /// Whether there is a network. What is sent without one is for the test to say.
    pub(crate) fn set_online(&self, is_online: bool) {
        self.machine.is_online.set(is_online);
    }

    /// The random bytes that were drawn, draw by draw.
    pub(crate) fn drawn(&self) -> Vec<Vec<u8>> {
        self.machine.chance.borrow().drawn.clone()
    }

    pub(crate) fn network(&self) -> &Network {
        &self.machine.network
    }

    pub(crate) fn turns(&self) -> &Turns {
        &self.machine.turns
    }

    pub(crate) fn locks(&self) -> &Locks {
        &self.machine.locks
    }

    pub(crate) fn local(&self) -> &Store {
        &self.machine.local
    }

    pub(crate) fn vault(&self) -> &Vault {
        &self.machine.vault
    }

    /// The app's own store takes its time with what is written next.
    pub(crate) fn hold_settling(&self) -> oneshot::Sender<Result<(), BrowserError>> {
        let (done, waiting) = oneshot::channel();
        self.machine.settling.replace(Some(waiting));
        done
    }

    pub(crate) fn session(&self) -> &Store {
        &self.tab.session
    }

    pub(crate) fn store(&self, area: Area) -> &Store {
        match area {
            Area::Session => self.session(),
            Area::Local => self.local(),
            Area::Custom => &self.machine.custom,
        }
    }

    /// The page's address.
    pub(crate) fn address(&self) -> String {
        self.tab.page.borrow().clone()
    }

    /// Where the page was told to go, in order.
    pub(crate) fn left(&self) -> Vec<Departure> {
        self.tab.left.borrow().clone()
    }

    /// Whether the user clicks before the page does something.
    pub(crate) fn set_user_active(&self, is_active: bool) {
        self.tab.is_user_active.set(is_active);
    }

    /// What comes to hidden frames of the tab. Until it is said, none can be opened.
    pub(crate) fn set_frames(&self, answer: impl Fn(&str) -> Result<String, BrowserError> + 'static) {
        self.tab.frames.replace(Rc::new(answer));
    }

    /// Where hidden frames of the tab were opened since the last time that this was asked.
    pub(crate) fn take_framed(&self) -> Vec<String> {
        self.tab.framed.take()
    }

    /// What comes of leaving the page: whether it is left.
    pub(crate) fn set_navigation(&self, outcome: Result<bool, BrowserError>) {
        self.tab.navigation.set(outcome);
    }
}

impl Tab {
    fn new(page: &str) -> Rc<Self> {
        Rc::new(Tab {
            session: Store::default(),
            page: RefCell::new(page.to_owned()),
            left: RefCell::default(),
            navigation: Cell::new(Ok(true)),
            is_user_active: Cell::new(true),
            frames: RefCell::new(Rc::new(|_| Err(BrowserError::FrameBlocked))),
            framed: RefCell::default(),
        })
    }
}

impl Chance {
    /// SplitMix64: each step gives eight bytes, none of which repeats soon.
    fn fill(&mut self, bytes: &mut [u8]) {
        for part in bytes.chunks_mut(8) {
            self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut mixed = self.state;
            mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let drawn = (mixed ^ (mixed >> 31)).to_le_bytes();
            part.copy_from_slice(&drawn[..part.len()]);
        }
        self.drawn.push(bytes.to_vec());
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Browser")
    }
}
