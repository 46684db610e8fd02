//! What an API wants before it serves a call, and what to ask the server for to meet that.

use super::{Cause, Forbidden, ForbiddenCall, PublicClient};
use crate::{
    platform::Platform,
    protocol::{Challenge, Demand},
    scope::{ApplicationIdUri, ScopeSet},
};

/// The answer to a call that an API has not served.
#[derive(Clone, Debug)]
pub struct Challenged {
    /// What it wants; [`Demand::Unknown`] where nothing is known that could be asked for.
    pub demand: Demand,
    /// In its own words.
    pub challenge: Challenge,
    /// The permissions to ask for; `None` where nothing that is asked for would help.
    pub scopes: Option<ScopeSet>,
    /// Why, where it may be for want of permissions.
    pub forbidden: Option<Forbidden>,
}

impl Challenged {
    /// Whether the token that is remembered is not to be had again.
    pub fn is_forced(&self) -> bool {
        matches!(self.demand, Demand::Token | Demand::Unsaid) || self.is_stale()
    }

    /// Whether the user can help, should the server not give it silently.
    pub fn may_ask(&self) -> bool {
        self.scopes.is_some() && !self.is_stale()
    }

    fn is_stale(&self) -> bool {
        self.forbidden.as_ref().is_some_and(|forbidden| forbidden.cause == Cause::StaleToken)
    }
}

impl<P: Platform> PublicClient<P> {
    /// What an API wants that has answered a call with `status`.
    pub fn read_challenge(&self, call: &ForbiddenCall<'_>, status: u64) -> Challenged {
        let header = call.challenge.unwrap_or_default();
        let challenge = Challenge::parse(header);
        let demand = match (status, challenge.as_ref().map(Challenge::demand)) {
            // Browsers keep the header from a page that the API does not name.
            (401, None) if header.trim_ascii().is_empty() => Demand::Unsaid,
            // The token is taken: another with the same permissions is no better.
            (403, Some(Demand::Token | Demand::Unsaid)) => Demand::Unknown,
            (401 | 403, Some(demand)) => demand,
            _ => Demand::Unknown,
        };
        let is_forbidden = demand == Demand::Scope || status == 403 && demand == Demand::Unknown;
        let forbidden = is_forbidden.then(|| self.explain_forbidden(call));
        let scopes = match (demand, &forbidden) {
            (Demand::Scope, Some(Forbidden { cause: Cause::Consent, missing })) => {
                let all = wanted(call).union(missing);
                // Names and `.default` are not asked for at once.
                let named = all.only(&|scope| !scope.is_default());
                Some(if named.is_empty() { all } else { named })
            }
            (Demand::Scope, Some(Forbidden { cause: Cause::StaleToken, .. })) => Some(wanted(call)),
            (Demand::Scope | Demand::Unknown, _) => None,
            _ => Some(wanted(call)),
        };
        Challenged { demand, challenge: challenge.unwrap_or_default(), scopes, forbidden }
    }
}

/// What the call needs, else what its token was granted.
fn wanted(call: &ForbiddenCall<'_>) -> ScopeSet {
    let mut scopes = call.needed.clone();
    if scopes.is_empty() {
        for scope in &call.token_scopes {
            scopes = scopes.union(&ScopeSet::granted(scope, &ApplicationIdUri::graph()).permissions());
        }
    }
    scopes
}
