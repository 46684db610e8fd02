//! What users and administrators answer when the server asks them for consent.

use super::{AuthorizationServer, CLIENT_ID, User, permissions, qualified};
use crate::browser::{Pairs, field, pairs};

impl AuthorizationServer {
    /// From now on users leave these out of what they consent to.
    pub(crate) fn untick(&self, scopes: &[&str]) {
        self.unticked.replace(scopes.iter().map(|scope| lower(scope)).collect());
    }

    /// From now on it grants what is asked for, and not all that was consented to.
    pub(crate) fn grant_exactly(&self) {
        self.is_exact.set(true);
    }

    /// The user, or an administrator, takes back what was consented to.
    pub(crate) fn revoke(&self, scope: &str) {
        self.consented.borrow_mut().retain(|(_, other)| *other != lower(scope));
    }

    /// Somebody is asked, and the server refuses: the parameters of the response.
    pub(crate) fn refuse_authorization(&self, authorization_url: &str, error: &str, number: &str) -> Pairs {
        let request = request(authorization_url);
        let description = format!("AADSTS{number}: refused. Trace ID: 1");
        [("error", error), ("error_description", &description), ("state", field(&request, "state"))]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// An administrator consents for everybody: the parameters of the response, of which `scope` says it all.
    pub(crate) fn admin_consent(&self, url: &str) -> Pairs {
        let request = request(url);
        let scope = field(&request, "scope");
        for scope in permissions(scope) {
            self.consented.borrow_mut().push((None, lower(scope)));
        }
        let tenant = "9122040d-6c67-4c5b-b112-36a304b66dad";
        [("admin_consent", "True"), ("tenant", tenant), ("scope", scope), ("state", field(&request, "state"))]
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// An administrator declines.
    pub(crate) fn admin_refusal(&self, url: &str) -> Pairs {
        let mut answer = self.refuse_authorization(url, "access_denied", "65004");
        answer.insert(0, ("admin_consent".to_owned(), "True".to_owned()));
        answer
    }

    /// The user consents to what a request asks for, but for what they leave out.
    pub(super) fn consent(&self, user: User, scope: &str) {
        for scope in permissions(scope).map(lower) {
            if !self.unticked.borrow().contains(&scope) {
                self.consented.borrow_mut().push((Some(user.oid), scope));
            }
        }
    }

    /// What is granted for a user, in lower case.
    pub(super) fn consented_for(&self, user: User) -> Vec<String> {
        let consented = self.consented.borrow();
        let is_theirs = |by: &Option<&str>| by.is_none_or(|by| by == user.oid);
        consented.iter().filter(|(by, _)| is_theirs(by)).map(|(_, scope)| scope.clone()).collect()
    }
}

fn lower(scope: &str) -> String {
    qualified(scope).to_ascii_lowercase()
}

fn request(url: &str) -> Pairs {
    let request = pairs(url.split_once('?').expect("the request is in the query").1);
    assert_eq!(field(&request, "client_id"), CLIENT_ID);
    request
}
