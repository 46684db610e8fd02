//! A page that watches what a client does on it: nothing goes where it must not go, and no secret stands in an address.

use super::{
    given::{ACCESS_TOKEN, CODE, NOW, REFRESH_TOKEN, SIGNATURE, VERIFIER},
    promises,
};
use consentry::{
    error::BrowserError,
    platform::{Area, Entry, Platform, Vault},
    protocol::{HttpRequest, HttpResponse, PublicKey, origin},
    secret::Secret,
};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
    rc::Rc,
};
use url::{Url, form_urlencoded};

/// A tab. A clone is the same one.
#[derive(Clone)]
pub(super) struct Page(Rc<Tab>);

struct Tab {
    answers: RefCell<Answers>,
    texts: RefCell<BTreeMap<String, String>>,
    address: RefCell<String>,
    left: RefCell<Vec<String>>,
    got: RefCell<Vec<String>>,
    posts: RefCell<Vec<Post>>,
    is_clicked: Cell<bool>,
    chance: Cell<u8>,
}

/// What servers answer, wherever they are.
pub(super) struct Answers {
    pub(super) metadata: HttpResponse,
    pub(super) keys: HttpResponse,
    pub(super) tokens: HttpResponse,
}

/// A token request, and where the page was when it was sent.
#[derive(Clone)]
pub(super) struct Post {
    pub(super) url: String,
    pub(super) form: Vec<(String, String)>,
    pub(super) address: String,
}

/// An answer of a server.
pub(super) fn http(status: u16, body: &str) -> HttpResponse {
    HttpResponse { status, retry_after: None, body: Secret::new(body.to_owned()) }
}

impl Page {
    pub(super) fn new(address: &str, answers: Answers) -> Self {
        Page(Rc::new(Tab {
            answers: RefCell::new(answers),
            texts: RefCell::default(),
            address: RefCell::new(address.to_owned()),
            left: RefCell::default(),
            got: RefCell::default(),
            posts: RefCell::default(),
            is_clicked: Cell::new(true),
            chance: Cell::new(0),
        }))
    }

    pub(super) fn address(&self) -> String {
        self.0.address.borrow().clone()
    }

    pub(super) fn open(&self, address: &str) {
        self.0.address.replace(address.to_owned());
    }

    /// Nobody clicks any more.
    pub(super) fn leave_alone(&self) {
        self.0.is_clicked.set(false);
    }

    /// From now on no server is there.
    pub(super) fn cut_off(&self) {
        let gone = || http(503, "");
        self.0.answers.replace(Answers { metadata: gone(), keys: gone(), tokens: gone() });
    }

    pub(super) fn put(&self, key: &str, text: &str) {
        self.0.texts.borrow_mut().insert(key.to_owned(), text.to_owned());
    }

    pub(super) fn text(&self, key: &str) -> Option<String> {
        self.0.texts.borrow().get(key).cloned()
    }

    /// The entries of some kinds, which stand after the client in a key.
    pub(super) fn entries(&self, kinds: &[&str]) -> BTreeMap<String, String> {
        let is_of = |key: &str| key.split('|').nth(3).is_some_and(|kind| kinds.contains(&kind));
        self.0.texts.borrow().iter().filter(|(key, _)| is_of(key)).map(|(k, v)| (k.clone(), v.clone())).collect()
    }

    /// Where the page was told to go.
    pub(super) fn left(&self) -> Vec<String> {
        self.0.left.borrow().clone()
    }

    /// What was asked for without a form.
    pub(super) fn got(&self) -> Vec<String> {
        self.0.got.borrow().clone()
    }

    pub(super) fn posts(&self) -> Vec<Post> {
        self.0.posts.borrow().clone()
    }
}

impl Post {
    /// A field that is there once; empty if it is not.
    pub(super) fn field(&self, name: &str) -> &str {
        let mut values = self.form.iter().filter(|(other, _)| other == name).map(|(_, value)| value);
        let first = values.next();
        assert!(values.next().is_none(), "{name} is sent once");
        first.map_or("", String::as_str)
    }
}

/// Every server and every proxy on the way may write an address down.
fn assert_plain(url: &str) {
    for secret in [CODE, VERIFIER, REFRESH_TOKEN, ACCESS_TOKEN] {
        assert!(!url.contains(secret), "{url} has a secret in it");
    }
}

impl Platform for Page {
    type Lock = ();

    fn now(&self) -> u64 {
        NOW
    }

    fn elapsed(&self) -> u64 {
        0
    }

    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), BrowserError> {
        let drawn = self.0.chance.get().wrapping_add(1);
        self.0.chance.set(drawn);
        bytes.fill(drawn);
        Ok(())
    }

    async fn verify(&self, key: &PublicKey, text: &str, signature: &[u8]) -> Result<Option<bool>, BrowserError> {
        promises::assert_public(key);
        assert_eq!(text.split('.').count(), 2, "header and claims are signed");
        Ok(Some(signature == SIGNATURE))
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, BrowserError> {
        promises::assert_safe(&request.url);
        assert_plain(&request.url);
        let answers = self.0.answers.borrow();
        let Some(form) = request.form else {
            self.0.got.borrow_mut().push(request.url.clone());
            let is_metadata = request.url.ends_with("/.well-known/openid-configuration");
            return Ok(if is_metadata { &answers.metadata } else { &answers.keys }.clone());
        };
        let form = form_urlencoded::parse(form.expose().as_bytes()).into_owned().collect();
        self.0.posts.borrow_mut().push(Post { url: request.url, form, address: self.address() });
        Ok(answers.tokens.clone())
    }

    fn is_online(&self) -> bool {
        true
    }

    async fn lock(&self, _: &str) -> Result<(), BrowserError> {
        Ok(())
    }

    fn keys(&self, _: Area, prefix: &str) -> Result<Vec<String>, BrowserError> {
        Ok(self.0.texts.borrow().keys().filter(|key| key.starts_with(prefix)).cloned().collect())
    }

    fn read(&self, _: Area, key: &str) -> Result<Option<String>, BrowserError> {
        Ok(self.text(key))
    }

    fn write(&self, _: Area, key: &str, text: Option<&str>) -> Result<(), BrowserError> {
        match text {
            Some(text) => self.put(key, text),
            None => drop(self.0.texts.borrow_mut().remove(key)),
        }
        Ok(())
    }

    async fn settle(&self, _: Area) -> Result<(), BrowserError> {
        Ok(())
    }

    async fn pull(&self, _: Area) -> Result<bool, BrowserError> {
        Ok(false)
    }

    async fn seal(&self, _: &Vault<'_>, entries: &[Entry]) -> Result<Vec<String>, BrowserError> {
        Ok(entries.iter().map(|(_, text)| text.clone()).collect())
    }

    async fn open(&self, _: &Vault<'_>, entries: &[Entry]) -> Result<Vec<Option<String>>, BrowserError> {
        Ok(entries.iter().map(|(_, text)| Some(text.clone())).collect())
    }

    fn page(&self) -> Result<String, BrowserError> {
        Ok(self.address())
    }

    fn is_user_active(&self) -> bool {
        self.0.is_clicked.get()
    }

    fn resolve(&self, reference: &str) -> Option<String> {
        Some(Url::parse(&self.address()).ok()?.join(reference).ok()?.into())
    }

    fn replace_address(&self, url: &str) -> Result<(), BrowserError> {
        let Some(seen) = self.resolve(url) else { return Err(BrowserError::NoWindow) };
        assert_eq!(origin(&seen), origin(&self.address()), "{url} is of this origin");
        self.open(&seen);
        Ok(())
    }

    async fn navigate(&self, url: &str, _: bool) -> Result<bool, BrowserError> {
        let Some(seen) = self.resolve(url) else { return Err(BrowserError::NavigationFailed) };
        promises::assert_safe(&seen);
        assert_plain(url);
        self.0.left.borrow_mut().push(url.to_owned());
        Ok(true)
    }

    async fn frame(&self, _: &str, _: &str) -> Result<String, BrowserError> {
        Err(BrowserError::FrameBlocked)
    }
}
