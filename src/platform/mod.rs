//! What the client needs of its surroundings, and nothing else. A browser has it; a test can be it.

#[cfg(all(target_arch = "wasm32", not(feature = "browser")))]
pub mod web;
#[cfg(target_arch = "wasm32")]
mod web_page;
#[cfg(all(target_arch = "wasm32", feature = "browser"))]
mod webapi;

#[cfg(all(target_arch = "wasm32", feature = "browser"))]
pub use webapi::{Browser, Lock};

use crate::{
    error::BrowserError,
    protocol::{HttpRequest, HttpResponse, PublicKey},
};

/// A store that outlives the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// `sessionStorage`: this tab.
    Session,
    /// `localStorage`: all tabs.
    Local,
    /// The app's own.
    Custom,
}

/// An entry of a store: its key and its text.
pub type Entry = (String, String);

/// Whose key it is that entries are sealed with.
#[derive(Clone, Copy, Debug)]
pub struct Vault<'a> {
    /// The client.
    pub owner: &'a str,
    /// Whether the key is there when the browser was closed and started anew.
    pub outlives_browser: bool,
}

/// The surroundings of a client: time, chance, network, storage and the page it is on.
#[expect(async_fn_in_trait, reason = "a browser page has one thread: no future is sent anywhere")]
pub trait Platform {
    /// A lock, held until it is dropped.
    type Lock: 'static;

    /// The time, in seconds since 1970.
    fn now(&self) -> u64;

    /// The seconds since some start, by a clock that nobody turns. It may stand still while the machine sleeps.
    fn elapsed(&self) -> u64;

    /// Random bytes of cryptographic quality.
    ///
    /// # Errors
    /// [`BrowserError::NoEntropy`].
    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), BrowserError>;

    /// Whether a signature of a text is that of the key's owner; `None` for a key that the browser can't use.
    ///
    /// # Errors
    /// [`BrowserError::InsecureContext`].
    async fn verify(&self, key: &PublicKey, text: &str, signature: &[u8]) -> Result<Option<bool>, BrowserError>;

    /// Sends a request without cookies and follows no redirect.
    ///
    /// # Errors
    /// [`BrowserError`] when no answer came; any answer is `Ok`.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, BrowserError>;

    /// Whether the browser has a network at all, as far as it tells.
    fn is_online(&self) -> bool;

    /// Waits until no other page of this origin holds the lock of this name. Where the browser has no locks, nothing is waited for.
    ///
    /// # Errors
    /// [`BrowserError::TimedOut`] when another page holds it for too long.
    async fn lock(&self, name: &str) -> Result<Self::Lock, BrowserError>;

    /// The keys in a store that start with `prefix`.
    ///
    /// # Errors
    /// [`BrowserError::StorageDenied`], as for all of storage.
    fn keys(&self, area: Area, prefix: &str) -> Result<Vec<String>, BrowserError>;

    /// The text at a key.
    ///
    /// # Errors
    /// [`BrowserError::StorageDenied`].
    fn read(&self, area: Area, key: &str) -> Result<Option<String>, BrowserError>;

    /// The same, of a key that is read again and again, and where mostly nothing has changed.
    ///
    /// # Errors
    /// [`BrowserError::StorageDenied`].
    fn read_again(&self, area: Area, key: &str) -> Result<Option<String>, BrowserError> {
        self.read(area, key)
    }

    /// Puts a text at a key; `None` removes it.
    ///
    /// # Errors
    /// [`BrowserError::StorageDenied`], [`BrowserError::StorageFull`].
    fn write(&self, area: Area, key: &str, text: Option<&str>) -> Result<(), BrowserError>;

    /// Lets the page do first what it has to do by now. A platform that does not wait is one whose pages wait a little longer.
    async fn pause(&self) {}

    /// Waits until what was written to a store is there.
    ///
    /// # Errors
    /// [`BrowserError::StorageFailed`] when some of it is not.
    async fn settle(&self, area: Area) -> Result<(), BrowserError>;

    /// Looks anew at a store that can't be read at once: whether something there is not as it was.
    ///
    /// # Errors
    /// [`BrowserError::StorageDenied`].
    async fn pull(&self, area: Area) -> Result<bool, BrowserError>;

    /// Encrypts texts for the places that they go to, by a key that never leaves the browser.
    ///
    /// # Errors
    /// [`BrowserError::NoStorageKey`].
    async fn seal(&self, vault: &Vault<'_>, entries: &[Entry]) -> Result<Vec<String>, BrowserError>;

    /// The texts of entries that were sealed at this place; `None` for any other.
    ///
    /// # Errors
    /// [`BrowserError::NoStorageKey`].
    async fn open(&self, vault: &Vault<'_>, entries: &[Entry]) -> Result<Vec<Option<String>>, BrowserError>;

    /// The page's address.
    ///
    /// # Errors
    /// [`BrowserError::NoWindow`].
    fn page(&self) -> Result<String, BrowserError>;

    /// Whether the user has clicked or typed on the page since it was loaded. `false` where the browser does not tell.
    fn is_user_active(&self) -> bool;

    /// A reference as an absolute URL, seen from the page (WHATWG URL); `None` if it is none.
    fn resolve(&self, reference: &str) -> Option<String>;

    /// Writes another address of this origin over the page's own in the history, without loading anything.
    ///
    /// # Errors
    /// [`BrowserError::NoWindow`].
    fn replace_address(&self, url: &str) -> Result<(), BrowserError>;

    /// Leaves the page; `replacing` leaves no way back to it, and is for pages of the app itself. Whether it is left: the app may go to its own
    /// pages without that, and may keep the user here.
    ///
    /// # Errors
    /// [`BrowserError::NavigationFailed`] when the page is still there after a while.
    async fn navigate(&self, url: &str, replacing: bool) -> Result<bool, BrowserError>;

    /// Opens a frame that nobody sees, and waits for the answer that comes to a page of this origin in it: the fragment of that page's
    /// address, which has `name` in it. One frame at a time; it is gone afterwards, whatever came of it.
    ///
    /// # Errors
    /// [`BrowserError::FrameTimedOut`] when nothing comes for ten seconds, [`BrowserError::FrameBlocked`],
    /// [`BrowserError::FrameNested`], [`BrowserError::NoWindow`].
    async fn frame(&self, url: &str, name: &str) -> Result<String, BrowserError>;
}
