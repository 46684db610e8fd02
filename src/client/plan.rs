//! What it takes to get a set of permissions, from what is known here.

use super::PublicClient;
use crate::{
    cache::{AccountFilter, Consent, Standing},
    error::{Error, UsageError},
    platform::Platform,
    scope::{ApplicationIdUri, Scope, ScopeSet},
};

/// What gets the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interaction {
    /// Nothing is missing.
    None,
    /// Somebody has to sign in.
    SignIn,
    /// The user's consent.
    Consent,
    /// An administrator's.
    Admin,
    /// The app's decision to ask again.
    Declined,
}

/// A plan for permissions of any number of APIs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Each API, in the order in which they were named, with all that is wanted of it.
    pub resources: Vec<(ApplicationIdUri, ScopeSet)>,
    /// What is known of the account's permissions; `None` where nobody is signed in.
    pub consent: Option<Consent>,
    /// What is not granted.
    pub missing: ScopeSet,
    /// When it was made, in seconds since 1970.
    pub made_on: u64,
    /// What gets the rest.
    pub interaction: Interaction,
    /// What the one request asks for: permissions of one API,
    pub scopes: ScopeSet,
    /// and of the others.
    pub extra_scopes: ScopeSet,
    /// What every request asks for besides.
    pub default_scopes: ScopeSet,
}

impl Plan {
    /// The `scope` of the authorization request; `None` where there is none to make.
    pub fn authorize_scope(&self) -> Option<String> {
        let all = || self.scopes.union(&self.default_scopes).union(&self.extra_scopes);
        self.has_request().then(|| all().to_parameter())
    }

    /// Whether there is something to ask the user.
    pub const fn has_request(&self) -> bool {
        matches!(self.interaction, Interaction::SignIn | Interaction::Consent)
    }

    /// What is known of a permission.
    pub fn standing(&self, scope: &Scope) -> Standing {
        self.consent.as_ref().map_or(Standing::Unknown, |consent| consent.standing(scope, &self.missing, self.made_on))
    }
}

impl<P: Platform> PublicClient<P> {
    /// A plan for the account, or for whoever signs in where there is none. Nobody is asked.
    ///
    /// # Errors
    /// [`Error::Config`] for `.default` beside other permissions, [`Error::Usage`] for an account that is not signed in
    /// or not clear.
    pub fn plan(&self, wanted: &ScopeSet, account: Option<AccountFilter<'_>>) -> Result<Plan, Error> {
        wanted.check_default()?;
        let consent = match self.account(account) {
            Ok(account) => Some(self.consent(&account.key, None)),
            Err(UsageError::NoAccount) if account.is_none() => None,
            Err(error) => return Err(error.into()),
        };
        let all = wanted.permissions();
        let mut plan = Plan {
            resources: wanted.split(),
            missing: consent.as_ref().map_or_else(|| all.clone(), |consent| all.difference(&consent.granted)),
            consent,
            made_on: self.platform.now(),
            interaction: Interaction::None,
            scopes: ScopeSet::default(),
            extra_scopes: ScopeSet::default(),
            default_scopes: self.config.default_scopes.clone(),
        };
        let is_asked = |scope: &Scope| scope.resource().is_none() || plan.standing(scope) == Standing::Unknown;
        let asked = wanted.only(&is_asked);
        let is_admins = |scope: &Scope| plan.standing(scope) == Standing::AdminOnly;
        plan.interaction = if plan.consent.is_none() {
            Interaction::SignIn
        } else if plan.missing.is_empty() {
            Interaction::None
        } else if plan.missing.iter().any(is_asked) {
            Interaction::Consent
        } else if plan.missing.iter().any(is_admins) {
            Interaction::Admin
        } else {
            Interaction::Declined
        };
        (plan.scopes, plan.extra_scopes) = asked.first_and_others();
        Ok(plan)
    }
}
