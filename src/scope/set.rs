//! Sets of scopes.

use super::{ApplicationIdUri, Scope};
use crate::{error::ConfigError, text::parts};

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

    /// Reads the `scope` of a token response (RFC 6749 section 5.1) for `resource`. What can't be read is left out: a
    /// grant that is not understood is no grant.
    pub fn granted(text: &str, resource: &ApplicationIdUri) -> Self {
        parts(text, b' ').filter_map(|scope| Scope::read(scope, resource.clone())).collect()
    }

    /// What every request asks for besides: who the user is, and a refresh token.
    pub fn sign_in() -> Self {
        ["openid", "profile", "offline_access"].into_iter().map(Scope::OpenId).collect()
    }

    /// Adds a scope unless it is there.
    pub fn insert(&mut self, scope: Scope) {
        if !self.0.contains(&scope) {
            self.0.push(scope);
        }
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
        self.iter().chain(other.iter()).cloned().collect()
    }

    /// The scopes that `other` lacks.
    #[must_use]
    pub fn difference(&self, other: &ScopeSet) -> ScopeSet {
        self.iter().filter(|scope| !other.contains(scope)).cloned().collect()
    }

    /// Without OpenID Connect's own: the permissions of APIs.
    #[must_use]
    pub fn permissions(&self) -> ScopeSet {
        ScopeSet(self.0.iter().filter(|scope| scope.resource().is_some()).cloned().collect())
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
        let is_mixed = permissions.len() > 1 && permissions.iter().any(|scope| scope.name() == ".default");
        if is_mixed { Err(ConfigError::DefaultMixed) } else { Ok(()) }
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
        keys.join(" ")
    }
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
