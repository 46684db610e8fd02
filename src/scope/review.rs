//! Least privilege: what a request could do without.

use super::{ApplicationIdUri, Scope, ScopeSet};
use crate::text::{cut, parts};

/// A rule of least privilege.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A permission beside one that includes it.
    Redundant,
    /// `.default` in place of names.
    Default,
    /// No Application ID URI, and a name that looks like another API's.
    Unqualified,
    /// Many APIs at sign-in.
    ManyResources,
    /// The app's own Application ID URI in place of its client ID.
    OwnResource,
}

/// A request that could be smaller.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Warning {
    /// Why.
    pub rule: Rule,
    /// Which scopes.
    pub scopes: ScopeSet,
    /// What would do in place of all that was asked for; `None` where only the developer can tell.
    pub instead: Option<ScopeSet>,
}

impl Rule {
    /// Its name in JavaScript, and what to do.
    pub const fn text(self) -> (&'static str, &'static str) {
        match self {
            Rule::Redundant => ("redundant_scope", "another permission of the request includes it: leave it out"),
            Rule::Default => {
                ("default_scope", "`.default` asks for all that is registered: name the permissions that are used")
            }
            Rule::Unqualified => (
                "unqualified_scope",
                "it is Microsoft Graph's as it stands: write the Application ID URI of the API that is meant",
            ),
            Rule::ManyResources => (
                "many_resources",
                "sign in with the permissions of one API, and ask for the others when they are needed",
            ),
            Rule::OwnResource => {
                ("own_resource", "the app asks for a token to itself: write its client ID in place of the URI")
            }
        }
    }
}

/// What the verb of a permission includes, each all before it.
const VERBS: [&str; 3] = ["ReadBasic", "Read", "ReadWrite"];

impl Scope {
    /// Whether another permission is part of this one. Microsoft Graph's names tell: `Mail.ReadWrite` includes `Mail.Read`,
    /// and `User.Read.All` includes `User.Read`.
    pub fn includes(&self, other: &Scope) -> bool {
        if !self.is_graphs() || !other.is_graphs() || self == other {
            return false;
        }
        let mut narrow = parts(other.name(), b'.');
        for wide in parts(self.name(), b'.') {
            let verb = |name: &str| VERBS.iter().position(|verb| verb.eq_ignore_ascii_case(name));
            let is_part = match narrow.next() {
                None => wide.eq_ignore_ascii_case("All"),
                Some(narrow) => {
                    wide.eq_ignore_ascii_case(narrow)
                        || verb(wide).zip(verb(narrow)).is_some_and(|(wide, narrow)| wide > narrow)
                }
            };
            if !is_part {
                return false;
            }
        }
        narrow.next().is_none()
    }

    /// What a permission is about: `Mail` of `Mail.Read`.
    fn subject(&self) -> &str {
        cut(self.name(), b'.').map_or("", |(subject, _)| subject)
    }
}

/// A request under review.
struct Review<'a> {
    asked: ScopeSet,
    client_id: &'a str,
    granted: &'a ScopeSet,
    is_sign_in: bool,
}

impl ScopeSet {
    /// What could be smaller about asking for these scopes as `client_id`, of which `granted` is known.
    pub fn review(&self, client_id: &str, granted: &ScopeSet, is_sign_in: bool) -> Vec<Warning> {
        let review = Review { asked: self.permissions(), client_id, granted, is_sign_in };
        let mut warnings = Vec::new();
        for rule in [Rule::Redundant, Rule::Default, Rule::Unqualified, Rule::ManyResources, Rule::OwnResource] {
            let scopes = review.asked.only(&|scope| review.finds(rule, scope));
            if !scopes.is_empty() {
                let mut better = ScopeSet::default();
                for scope in scopes.iter() {
                    better = better.union(&review.better(rule, scope));
                }
                let is_known = !better.is_empty() || matches!(rule, Rule::Redundant | Rule::ManyResources);
                let instead = is_known.then(|| self.difference(&scopes).union(&better));
                warnings.push(Warning { rule, scopes, instead });
            }
        }
        warnings
    }
}

impl Review<'_> {
    fn finds(&self, rule: Rule, scope: &Scope) -> bool {
        let is_default = scope.is_default();
        match rule {
            Rule::Redundant => self.asked.iter().any(|wide| wide.includes(scope)),
            // A token to the app itself has no other name.
            Rule::Default => is_default && !self.is_own(scope),
            Rule::Unqualified => {
                let looks_foreign = scope.subject().is_empty() || self.sibling(scope).is_some();
                scope.is_unqualified() && !is_default && looks_foreign
            }
            Rule::ManyResources => {
                self.is_sign_in && scope.resource() != self.asked.iter().next().and_then(Scope::resource)
            }
            Rule::OwnResource => {
                self.is_own(scope) && scope.resource().is_some_and(|uri| uri.as_str().len() > self.client_id.len())
            }
        }
    }

    /// What to ask for in place of a scope that was found.
    fn better(&self, rule: Rule, scope: &Scope) -> ScopeSet {
        let resource = match rule {
            Rule::Redundant | Rule::ManyResources => None,
            Rule::Default => {
                return self.granted.only(&|other| other.resource() == scope.resource() && !other.is_default());
            }
            Rule::Unqualified => self.sibling(scope).and_then(Scope::resource).cloned(),
            Rule::OwnResource => ApplicationIdUri::parse(self.client_id),
        };
        let mut moved = ScopeSet::default();
        if let Some(resource) = resource {
            moved.insert(Scope::Permission { resource, name: scope.name().into(), qualified: true });
        }
        moved
    }

    /// Whether it is the app's own, by its client ID or as `api://<client ID>`.
    fn is_own(&self, scope: &Scope) -> bool {
        scope.resource().cloned() == ApplicationIdUri::parse(self.client_id)
    }

    /// A permission about the same, of another API than Microsoft Graph.
    fn sibling(&self, scope: &Scope) -> Option<&Scope> {
        let is_sibling = |other: &&Scope| !other.is_graphs() && other.subject().eq_ignore_ascii_case(scope.subject());
        self.asked.iter().find(is_sibling)
    }
}
