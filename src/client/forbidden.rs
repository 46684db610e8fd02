//! Why an API said 403. What a call may do is what the client was granted and the user is allowed, both: consent mends
//! the first, and nothing here mends the second.

use super::{ForbiddenCall, PublicClient};
use crate::{
    platform::Platform,
    protocol::Challenge,
    scope::{ApplicationIdUri, Scope, ScopeSet},
};

/// Why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The client lacks permissions that can be asked for.
    Consent,
    /// The client lacks permissions that an administrator has to grant.
    AdminConsent,
    /// The client lacks permissions that the user declined.
    Declined,
    /// They were granted after the token was issued.
    StaleToken,
    /// The API wants other claims, not other permissions.
    ClaimsChallenge,
    /// The client has all that is needed: the user lacks the right.
    User,
    /// Nobody says what is needed.
    Unknown,
}

impl Cause {
    /// Its name in JavaScript, and what to do.
    pub const fn text(self) -> (&'static str, &'static str) {
        match self {
            Cause::Consent => ("consent", "ask the user for `missingScopes`: call `acquireTokenRedirect`"),
            Cause::AdminConsent => ("admin_consent", "send an administrator the link of `getAdminConsentUrl`"),
            Cause::Declined => ("declined", "the user declined: ask with `askAgain` when they want to be asked"),
            Cause::StaleToken => ("stale_token", "call `acquireTokenSilent` with `forceRefresh: true`"),
            Cause::ClaimsChallenge => ("claims_challenge", "acquire a token with the `claims` of the challenge"),
            Cause::User => ("user", "the user has no right to this, whatever is consented to: ask nobody"),
            Cause::Unknown => ("unknown", "pass the `scopes` that the API demands for this call"),
        }
    }

    /// Whether asking somebody can help.
    pub const fn is_curable(self) -> bool {
        matches!(self, Cause::Consent | Cause::AdminConsent | Cause::Declined)
    }
}

/// The answer to a [`ForbiddenCall`].
#[derive(Clone, Debug)]
pub struct Forbidden {
    /// Why.
    pub cause: Cause,
    /// What the client lacks.
    pub missing: ScopeSet,
}

impl<P: Platform> PublicClient<P> {
    /// Why a call was forbidden.
    pub fn explain_forbidden(&self, call: &ForbiddenCall<'_>) -> Forbidden {
        let because = |cause| Forbidden { cause, missing: ScopeSet::default() };
        let challenge = call.challenge.and_then(Challenge::parse).unwrap_or_default();
        if challenge.error.as_deref() == Some("insufficient_claims") {
            return because(Cause::ClaimsChallenge);
        }
        let graph = ApplicationIdUri::graph();
        let mut held = ScopeSet::default();
        for scope in &call.token_scopes {
            held = held.union(&ScopeSet::granted(scope, &graph).permissions());
        }
        let mut named = call.needed.resources();
        let known = held.resources();
        named.retain(|resource| known.is_empty() || known.contains(resource));
        let resource = named.into_iter().chain(known).next().unwrap_or(graph);
        let demanded = ScopeSet::granted(challenge.scope.as_deref().unwrap_or_default(), &resource);
        // An API knows its own permissions, and not what else the app may have.
        let needed = call.needed.union(&demanded.only(&|scope| !scope.is_default())).of(&resource).permissions();
        let missing = needed.only(&|scope| !covers(&held, scope));
        if missing.is_empty() {
            // An API that misses a scope which is there contradicts what the app takes it to need.
            let is_clear = !needed.is_empty() && challenge.error.as_deref() != Some("insufficient_scope");
            return because(if is_clear { Cause::User } else { Cause::Unknown });
        }
        // What `.default` stands for is not known.
        if held.iter().all(Scope::is_default) && !held.is_empty() {
            return because(Cause::Unknown);
        }
        let Ok(account) = self.account(call.account) else {
            return Forbidden { cause: Cause::Consent, missing };
        };
        let consent = self.consent(&account.key, None);
        let missing = missing.only(&|scope| !covers(&consent.granted, scope));
        if missing.is_empty() {
            return because(Cause::StaleToken);
        }
        let cause = match consent.refusal_of(&missing, &missing, self.platform.now()) {
            None => Cause::Consent,
            Some(refusal) if refusal.by_user => Cause::Declined,
            Some(_) => Cause::AdminConsent,
        };
        Forbidden { cause, missing }
    }
}

/// Whether a permission is among those held, or part of one.
fn covers(held: &ScopeSet, scope: &Scope) -> bool {
    held.iter().any(|own| own == scope || own.includes(scope))
}
