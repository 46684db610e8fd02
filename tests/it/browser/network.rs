//! The network: a server for each address, and answers that can be held back.

use super::{Browser, Dump};
use consentry::{
    error::BrowserError,
    platform::Platform,
    protocol::{HttpRequest, HttpResponse},
    secret::Secret,
};
use futures::channel::oneshot;
use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};
use url::form_urlencoded;

/// What comes of a request.
pub(crate) type Answer = Result<HttpResponse, BrowserError>;

/// A form as a standard reader takes it apart.
pub(crate) type Pairs = Vec<(String, String)>;

/// A request as the network saw it, and how the tab stood when it was sent.
#[derive(Clone)]
pub(crate) struct Sent {
    /// The address without its query.
    pub(crate) url: String,
    pub(crate) query: Pairs,
    /// The form of a POST.
    pub(crate) form: Option<Pairs>,
    /// The access token of a call.
    pub(crate) bearer: Option<String>,
    pub(crate) at: u64,
    pub(crate) page: String,
    pub(crate) session: Dump,
}

/// The servers by address, and all that was sent to them.
#[derive(Default)]
pub(crate) struct Network {
    servers: RefCell<Vec<(String, Server)>>,
    sent: RefCell<Vec<Sent>>,
    is_holding: Cell<bool>,
    held: RefCell<Vec<oneshot::Sender<()>>>,
}

type Server = Rc<dyn Fn(&Sent) -> Answer>;

impl Sent {
    pub(super) fn new(request: &HttpRequest, browser: &Browser) -> Self {
        let (url, query) = request.url.split_once('?').unwrap_or((&request.url, ""));
        Sent {
            url: url.to_owned(),
            query: pairs(query),
            form: request.form.as_ref().map(|form| pairs(form.expose())),
            bearer: request.bearer.as_ref().map(|token| token.expose().to_owned()),
            at: browser.now(),
            page: browser.address(),
            session: browser.session().dump(),
        }
    }

    /// A field of the form; empty if there is none.
    pub(crate) fn field(&self, name: &str) -> &str {
        field(self.form.as_deref().unwrap_or_default(), name)
    }
}

impl Network {
    /// Puts a server at an address, in the place of the one before.
    pub(crate) fn serve(&self, url: &str, server: impl Fn(&Sent) -> Answer + 'static) {
        let mut servers = self.servers.borrow_mut();
        servers.retain(|(other, _)| other != url);
        servers.push((url.to_owned(), Rc::new(server)));
    }

    /// All that was sent, in order.
    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.sent.borrow().clone()
    }

    /// What was sent since the last time that this was asked.
    pub(crate) fn take_sent(&self) -> Vec<Sent> {
        self.sent.take()
    }

    /// From now on answers wait to be [released](Self::release).
    pub(crate) fn hold(&self) {
        self.is_holding.set(true);
    }

    /// Lets the answers that wait arrive; later ones do not wait any more.
    pub(crate) fn release(&self) {
        self.is_holding.set(false);
        for held in self.held.take() {
            // A call that was given up does not listen any more.
            let _ = held.send(());
        }
    }

    /// Lets the answer arrive that has waited longest.
    pub(crate) fn release_first(&self) {
        let first = self.held.borrow_mut().remove(0);
        first.send(()).expect("the call waits for its answer");
    }

    pub(super) async fn carry(&self, sent: Sent) -> Answer {
        let server =
            self.servers.borrow().iter().find(|(url, _)| *url == sent.url).map(|(_, server)| Rc::clone(server));
        let answer = server.unwrap_or_else(|| panic!("there is a server at {}", sent.url))(&sent);
        self.sent.borrow_mut().push(sent);
        if self.is_holding.get() {
            let (release, released) = oneshot::channel();
            self.held.borrow_mut().push(release);
            released.await.expect("the network outlives its requests");
        }
        answer
    }
}

/// Takes a query, a fragment or a body apart.
pub(crate) fn pairs(text: &str) -> Pairs {
    form_urlencoded::parse(text.as_bytes()).into_owned().collect()
}

/// The value of a name that is there at most once; empty if it is not.
pub(crate) fn field<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    let mut values = pairs.iter().filter(|(other, _)| other == name).map(|(_, value)| value);
    let first = values.next();
    assert!(values.next().is_none(), "`{name}` is there once");
    first.map_or("", String::as_str)
}

/// An answer with a JSON body.
pub(crate) fn http(status: u16, body: &serde_json::Value) -> HttpResponse {
    html(status, &body.to_string())
}

/// An answer with any body.
pub(crate) fn html(status: u16, body: &str) -> HttpResponse {
    HttpResponse { status, retry_after: None, body: Secret::new(body.to_owned()) }
}
