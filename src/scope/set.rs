//! Sets of scopes.

use super::{ApplicationIdUri, Scope, malformed};
use crate::{
    error::ConfigError,
    json::{Object, Value},
    text::{cut, parts},
};

/// Scopes without order and duplicates. Of two spellings of one scope the first is kept.
#[derive(Clone, Debug, Default)]
pub struct ScopeSet(Vec<Scope>);

impl ScopeSet {
    /// Reads the scopes that a developer lists in `field`.
    ///
    /// # Errors
    /// As [`Scope::parse`].
    pub fn parse<'a>(scopes: impl IntoIterator<Item = &'a str>, field: &'static str) -> Result<Self, ConfigError> {
        let mut set = ScopeSet::default();
        for text in scopes {
            set.insert(Scope::parse(text, field)?);
        }
        Ok(set)
    }

    /// Reads a list of scopes, or an object of names by Application ID URI.
    ///
    /// # Errors
    /// As [`Scope::parse`], also for a name that has an Application ID URI of its own, and for a key that is
    /// none; [`ConfigError::NoPermission`] for an API without a name.
    pub fn read(scopes: &Value, field: &'static str) -> Result<Self, ConfigError> {
        let Value::Object(by_resource) = scopes else {
            return ScopeSet::parse(texts(scopes), field);
        };
        let mut set = ScopeSet::default();
        for (resource, names) in by_resource {
            ApplicationIdUri::parse(resource).ok_or_else(|| malformed(resource, field))?;
            // Nothing of one API would be Microsoft Graph's sign-in.
            texts(names).next().ok_or(ConfigError::NoPermission)?;
            for name in texts(names) {
                if cut(name, b'/').is_some() {
                    return Err(malformed(name, field));
                }
                set.insert(Scope::parse(&[resource, "/", name].concat(), field)?);
            }
        }
        Ok(set)
    }

    /// Reads the `scope` of a token response (RFC 6749 section 5.1) for `resource`. What can't be read is left out: a
    /// grant that is not understood is no grant.
    pub fn granted(text: &str, resource: &ApplicationIdUri) -> Self {
        let mut set = ScopeSet::default();
        for part in parts(text, b' ') {
            if let Some(scope) = Scope::read(part, resource.clone()) {
                set.insert(scope);
            }
        }
        set
    }

    /// Reads what [`to_parameter`](ScopeSet::to_parameter) wrote of [qualified](ScopeSet::qualified) scopes; none for nothing.
    #[inline(never)]
    pub fn stored(text: Option<&str>) -> Self {
        ScopeSet::granted(text.unwrap_or_default(), &ApplicationIdUri::graph())
    }

    /// What every request asks for besides, where nothing is configured: who the user is, and a refresh token.
    pub fn sign_in() -> Self {
        ScopeSet(Vec::from(["openid", "profile", "offline_access"].map(Scope::OpenId)))
    }

    /// Adds a scope unless it is there.
    #[inline(never)]
    pub fn insert(&mut self, scope: Scope) {
        if !self.0.contains(&scope) {
            self.0.push(scope);
        }
    }

    /// Adds scopes of which none is there: they are another API's.
    pub fn append(&mut self, others: &ScopeSet) {
        self.0.extend_from_slice(&others.0);
    }

    /// The scopes, in the order in which they were added.
    pub fn iter(&self) -> std::slice::Iter<'_, Scope> {
        self.0.iter()
    }

    /// How many scopes there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the scope is in the set.
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// Whether all of `other` is in the set.
    pub fn is_superset(&self, other: &ScopeSet) -> bool {
        other.0.iter().all(|scope| self.contains(scope))
    }

    /// The scopes of both.
    #[must_use]
    pub fn union(&self, other: &ScopeSet) -> ScopeSet {
        let mut both = self.clone();
        for scope in &other.0 {
            both.insert(scope.clone());
        }
        both
    }

    /// The scopes that fit.
    // Not generic and not inlined: most of what is done with sets is done by it.
    #[inline(never)]
    #[must_use]
    pub fn only(&self, fits: &dyn Fn(&Scope) -> bool) -> ScopeSet {
        let mut set = ScopeSet::default();
        for scope in &self.0 {
            if fits(scope) {
                set.0.push(scope.clone());
            }
        }
        set
    }

    /// The scopes that `other` lacks.
    #[must_use]
    pub fn difference(&self, other: &ScopeSet) -> ScopeSet {
        self.only(&|scope| !other.contains(scope))
    }

    /// Without OpenID Connect's own: the permissions of APIs.
    #[must_use]
    pub fn permissions(&self) -> ScopeSet {
        self.only(&|scope| scope.resource().is_some())
    }

    /// The same, with every Application ID URI written out.
    #[must_use]
    pub fn qualified(&self) -> ScopeSet {
        let mut set = self.clone();
        for scope in &mut set.0 {
            if let Scope::Permission { qualified, .. } = scope {
                *qualified = true;
            }
        }
        set
    }

    /// The APIs that the scopes belong to, in the order in which they are first named.
    pub fn resources(&self) -> Vec<ApplicationIdUri> {
        let mut resources: Vec<ApplicationIdUri> = Vec::new();
        for resource in self.0.iter().filter_map(Scope::resource) {
            if !resources.contains(resource) {
                resources.push(resource.clone());
            }
        }
        resources
    }

    /// A set for each API, fit for a token request of its own: OpenID Connect's own scopes are in each. With none but
    /// those there is one, for Microsoft Graph.
    pub fn split(&self) -> Vec<(ApplicationIdUri, ScopeSet)> {
        let mut resources = self.resources();
        if resources.is_empty() {
            resources.push(ApplicationIdUri::graph());
        }
        let mut parts = Vec::new();
        for resource in resources {
            let part = self.of(&resource);
            parts.push((resource, part));
        }
        parts
    }

    /// The part for one API, with OpenID Connect's own.
    #[must_use]
    pub fn of(&self, resource: &ApplicationIdUri) -> ScopeSet {
        self.only(&|scope| scope.resource().is_none_or(|own| own == resource))
    }

    /// What one request can have a token for, and what it can only have consent for: the first API's, and the others'.
    pub fn first_and_others(&self) -> (ScopeSet, ScopeSet) {
        let resources = self.resources();
        let first = resources.first().map_or_else(|| self.clone(), |resource| self.of(resource));
        let others = self.difference(&first);
        (first, others)
    }

    /// The one API of a token request: Microsoft Graph when no scope names another.
    ///
    /// # Errors
    /// [`ConfigError::SeveralResources`] when there are several, [`ConfigError::DefaultMixed`].
    pub fn resource(&self) -> Result<ApplicationIdUri, ConfigError> {
        self.check_default()?;
        let mut resources = self.resources();
        match (resources.pop(), resources.is_empty()) {
            (None, _) => Ok(ApplicationIdUri::graph()),
            (Some(resource), true) => Ok(resource),
            (Some(_), false) => Err(ConfigError::SeveralResources),
        }
    }

    /// `.default` stands for what is registered, and goes with no permission by name (AADSTS70011).
    ///
    /// # Errors
    /// [`ConfigError::DefaultMixed`].
    pub fn check_default(&self) -> Result<(), ConfigError> {
        let permissions = self.permissions();
        let is_mixed = permissions.len() > 1 && permissions.iter().any(|scope| scope.is_default());
        if is_mixed { Err(ConfigError::DefaultMixed) } else { Ok(()) }
    }

    /// The names without their APIs, as a list.
    pub fn names(&self) -> Value {
        self.told(&|scope| scope.name().into())
    }

    /// The scopes as they are sent, as a list.
    pub fn to_list(&self) -> Value {
        self.told(&|scope| scope.to_parameter().into())
    }

    #[inline(never)]
    fn told(&self, tell: &dyn Fn(&Scope) -> Value) -> Value {
        let mut list = Vec::new();
        for scope in &self.0 {
            list.push(tell(scope));
        }
        Value::Array(list)
    }

    /// The `scope` parameter: separated by single spaces.
    pub fn to_parameter(&self) -> String {
        let mut parameter = String::new();
        for scope in &self.0 {
            if !parameter.is_empty() {
                parameter.push(' ');
            }
            parameter.push_str(&scope.to_parameter());
        }
        parameter
    }

    /// What two spellings of one set have in common: sorted, in lower case.
    pub fn key(&self) -> String {
        let mut keys: Vec<String> = Vec::new();
        for key in self.0.iter().map(Scope::key) {
            let at = keys.iter().position(|other| *other > key).unwrap_or(keys.len());
            keys.insert(at, key);
        }
        let mut all = String::new();
        for key in keys {
            if !all.is_empty() {
                all.push(' ');
            }
            all.push_str(&key);
        }
        all
    }
}

/// The permissions' names by Application ID URI: what [`ScopeSet::read`] takes.
impl From<&ScopeSet> for Value {
    fn from(set: &ScopeSet) -> Self {
        let mut named: Vec<(&ApplicationIdUri, Vec<Value>)> = Vec::new();
        for scope in &set.0 {
            let Some(resource) = scope.resource() else { continue };
            // Those of one mostly stand together, and there can be hundreds.
            if let Some((_, names)) = named.iter_mut().rev().find(|(other, _)| *other == resource) {
                names.push(scope.name().into());
            } else {
                named.push((resource, Vec::from([scope.name().into()])));
            }
        }
        let mut by_resource = Object::default();
        for (resource, names) in named {
            by_resource = by_resource.with(resource.as_str(), Value::Array(names));
        }
        by_resource.finish()
    }
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().unwrap_or_default().iter().filter_map(Value::as_str)
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        let mut set = ScopeSet::default();
        for scope in scopes {
            set.insert(scope);
        }
        set
    }
}

impl PartialEq for ScopeSet {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.is_superset(other)
    }
}

impl Eq for ScopeSet {}
