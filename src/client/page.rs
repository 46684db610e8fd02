//! The clients that are on this page, each with its server: an answer of one server is not to be taken for another's, whose client
//! would then send it a code that is not its own (mix-up, RFC 9700 section 4.4).

use super::PublicClient;
use crate::{
    error::{ConfigError, ResponseError},
    platform::Platform,
    protocol::{Authority, Metadata, without_query},
};
use std::{
    cell::{Cell, RefCell},
    rc::{Rc, Weak},
};

thread_local! {
    static CLIENTS: RefCell<Vec<Weak<Place>>> = const { RefCell::new(Vec::new()) };
}

/// A client's place on the page.
#[derive(Debug)]
pub(super) struct Place {
    authority: Authority,
    /// Where its codes are sent to; `None` for whatever page it is on.
    redirect_uri: Option<String>,
    /// Where requests of its own had them sent to.
    others: RefCell<Vec<String>>,
    /// Whether its server is known to name itself in its answers (RFC 9207).
    is_named: Cell<bool>,
}

impl Place {
    /// Takes a place: it is the client's for as long as it is held.
    pub(super) fn take(authority: Authority, redirect_uri: Option<String>) -> Rc<Self> {
        let place = Rc::new(Place { authority, redirect_uri, others: RefCell::default(), is_named: Cell::new(false) });
        CLIENTS.with_borrow_mut(|clients| {
            clients.retain(|client| client.strong_count() > 0);
            clients.push(Rc::downgrade(&place));
        });
        place
    }

    /// Whether a request of its own had codes sent to such an address.
    fn has_used(&self, is_it: &dyn Fn(&str) -> bool) -> bool {
        self.others.borrow().iter().any(|uri| is_it(uri))
    }

    /// Whether there is a client of another server of which that is so. The servers of the Microsoft identity platform are one
    /// maker's, and none poses as another.
    fn has_rival(&self, is_so: &dyn Fn(&Place) -> bool) -> bool {
        CLIENTS.with_borrow(|clients| {
            clients.iter().filter_map(Weak::upgrade).any(|other| {
                let is_trusted = other.authority.is_platform() && self.authority.is_platform();
                other.authority.environment() != self.authority.environment() && !is_trusted && is_so(&other)
            })
        })
    }
}

impl<P: Platform> PublicClient<P> {
    /// Two servers that do not name themselves in their answers need two redirect URIs.
    ///
    /// # Errors
    /// [`ConfigError::RedirectUriShared`].
    pub(super) fn check_redirect_uri(&self, metadata: &Metadata, redirect_uri: &str) -> Result<(), ConfigError> {
        self.place.is_named.set(metadata.is_named_in_answers);
        let page = self.platform.page().unwrap_or_default();
        let is_it = |uri: &str| without_query(uri) == without_query(redirect_uri);
        let shares = |other: &Place| {
            let is_its = is_it(other.redirect_uri.as_deref().unwrap_or(&page)) || other.has_used(&is_it);
            !other.is_named.get() && is_its
        };
        if !metadata.is_named_in_answers && self.place.has_rival(&shares) {
            return Err(ConfigError::RedirectUriShared);
        }
        if !self.place.has_used(&is_it) {
            self.place.others.borrow_mut().push(redirect_uri.to_owned());
        }
        Ok(())
    }

    /// An answer that comes to the redirect URI of another server's client, and not to the request's own, is that server's.
    ///
    /// # Errors
    /// [`ResponseError::AnswerIssuer`].
    pub(super) fn check_landing(&self, page: &str, redirect_uri: &str) -> Result<(), ResponseError> {
        let is_here = |uri: &str| without_query(uri) == without_query(page);
        let is_another_s =
            |other: &Place| other.redirect_uri.as_deref().is_some_and(is_here) || other.has_used(&is_here);
        let is_mixed_up = !is_here(redirect_uri) && self.place.has_rival(&is_another_s);
        if is_mixed_up { Err(ResponseError::AnswerIssuer) } else { Ok(()) }
    }
}
