//! What is known of an account's permissions. A hint: the server decides, and each of its answers corrects it.

use super::AccountKey;
use crate::{
    json::{Object, Value},
    scope::{ApplicationIdUri, Scope, ScopeSet},
};
use std::rc::Rc;

/// Permissions that were asked for together and not granted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Which.
    pub scopes: ScopeSet,
    /// Whether the user declined; otherwise an administrator has to grant some of them.
    pub by_user: bool,
    /// When, in seconds since 1970.
    pub on: u64,
}

/// What is known of a permission.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// The server granted it.
    Granted,
    /// An administrator has to grant it.
    AdminOnly,
    /// The user declined it, at this time (seconds since 1970).
    Declined(u64),
    /// Nothing: it may be asked for.
    Unknown,
}

/// So long, in seconds, what needed an administrator still does: one may have granted it since.
const ADMIN: u64 = 3_600;
/// So long, in seconds, an answer on the server's pages explains what its next token request says.
const JUST: u64 = 300;

/// What an account's user and administrators have granted to this client, and what they have not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Whose.
    pub account: Rc<AccountKey>,
    /// What the server said it granted, of all APIs: kept in entries of its own, one for each.
    pub granted: ScopeSet,
    /// What was asked for on the server's pages: token responses tell what came of it.
    pub asked: ScopeSet,
    /// When, in seconds since 1970.
    pub asked_on: u64,
    /// What was refused, the last first.
    pub refusals: Vec<Refusal>,
}

impl Consent {
    /// Nothing is known.
    pub fn unknown(account: Rc<AccountKey>) -> Self {
        Consent { account, granted: ScopeSet::default(), asked: ScopeSet::default(), asked_on: 0, refusals: Vec::new() }
    }

    /// The server granted `scopes` of one API; all that it has, where the grant `is_whole`.
    pub fn grant(&mut self, resource: &ApplicationIdUri, scopes: &ScopeSet, is_whole: bool) {
        // `.default` was granted with whatever it stood for, and is not named in grants.
        let kept = self.granted.only(&|old| !is_whole || old.resource() != Some(resource) || old.is_default());
        self.granted = kept.union(&scopes.permissions());
        self.asked = self.asked.difference(scopes);
        self.forget_refusals(scopes, true);
    }

    /// `scopes` were on the server's pages, and the user went on.
    pub fn ask(&mut self, scopes: &ScopeSet, on: u64) {
        self.asked = scopes.clone();
        self.asked_on = on;
        self.forget_refusals(scopes, true);
    }

    /// `scopes` were asked for and refused.
    pub fn refuse(&mut self, scopes: ScopeSet, by_user: bool, on: u64) {
        if scopes.is_empty() {
            return;
        }
        self.granted = self.granted.difference(&scopes);
        if by_user {
            self.forget_refusals(&scopes, false);
        }
        self.refusals.retain(|old| old.by_user || old.scopes != scopes);
        self.refusals.insert(0, Refusal { scopes, by_user, on });
    }

    /// `missing` is not granted: where it was on a page that the user has just answered, they declined it.
    pub fn lack(&mut self, missing: &ScopeSet, now: u64) {
        if now < self.asked_on.saturating_add(JUST) {
            let declined = missing.only(&|scope| self.asked.contains(scope));
            self.asked = self.asked.difference(&declined);
            self.refuse(declined, true, now);
        }
    }

    /// What has to be asked for where the server does not grant `scopes`: where all of it was granted, something was taken
    /// back, and nobody says what.
    pub fn lacking(&self, scopes: &ScopeSet) -> ScopeSet {
        let missing = scopes.difference(&self.granted);
        if missing.is_empty() { scopes.clone() } else { missing }
    }

    /// The server does not grant `scopes`, or not any more: what has to be asked for.
    pub fn revoke(&mut self, scopes: &ScopeSet, now: u64) -> ScopeSet {
        let missing = self.lacking(scopes);
        // Where more was wanted, that may be what is lacking.
        if self.asked.is_superset(&missing) {
            self.lack(&missing, now);
        }
        self.granted = self.granted.difference(&missing);
        missing
    }

    /// An administrator has granted `scopes`: what stood in the way of asking for them is gone, for `.default` that of the
    /// whole API.
    pub fn admit(&mut self, scopes: &ScopeSet) {
        let is_meant = |scope: &Scope| scopes.iter().any(|all| all.is_default() && all.resource() == scope.resource());
        let mut admitted = scopes.clone();
        for refusal in &self.refusals {
            admitted = admitted.union(&refusal.scopes.only(&is_meant));
        }
        self.forget_refusals(&admitted, true);
    }

    /// What stands in the way of asking for `part` of what is `missing`: the user declined some of it, or an administrator was
    /// needed a short time ago when no more than is missing was asked for.
    pub fn refusal_of(&self, part: &ScopeSet, missing: &ScopeSet, now: u64) -> Option<&Refusal> {
        self.refusals.iter().find(|refusal| {
            let stands =
                refusal.by_user || now < refusal.on.saturating_add(ADMIN) && missing.is_superset(&refusal.scopes);
            stands && refusal.scopes.iter().any(|scope| part.contains(scope))
        })
    }

    /// What is known of one of the permissions that are asked for together, of which `missing` are not granted.
    pub fn standing(&self, scope: &Scope, missing: &ScopeSet, now: u64) -> Standing {
        if self.granted.contains(scope) {
            return Standing::Granted;
        }
        let mut alone = ScopeSet::default();
        alone.insert(scope.clone());
        match self.refusal_of(&alone, missing, now) {
            None => Standing::Unknown,
            Some(refusal) if refusal.by_user => Standing::Declined(refusal.on),
            Some(_) => Standing::AdminOnly,
        }
    }

    /// The user does not refuse `scopes` any more; and which of several an administrator has to grant is not known any
    /// more, where one of `scopes` was among them.
    fn forget_refusals(&mut self, scopes: &ScopeSet, of_admins: bool) {
        for refusal in &mut self.refusals {
            if refusal.by_user {
                refusal.scopes = refusal.scopes.difference(scopes);
            } else if of_admins && refusal.scopes.iter().any(|scope| scopes.contains(scope)) {
                refusal.scopes = ScopeSet::default();
            }
        }
        self.refusals.retain(|refusal| !refusal.scopes.is_empty());
    }

    /// The record to keep.
    pub(super) fn to_value(&self) -> Value {
        let text = |scopes: &ScopeSet| scopes.qualified().to_parameter();
        let mut refused = Vec::new();
        for refusal in &self.refusals {
            let kept = Object::default().with("scopes", text(&refusal.scopes)).with("byUser", refusal.by_user);
            refused.push(kept.with("on", refusal.on).finish());
        }
        Object::default()
            .with("asked", text(&self.asked))
            .with("askedOn", self.asked_on)
            .with("refused", Value::Array(refused))
            .finish()
    }

    /// Reads a record; what can't be read of it is left out.
    pub(super) fn read(account: Rc<AccountKey>, kept: &Value) -> Self {
        let scopes = |kept: &Value, name| ScopeSet::stored(kept.text_of(name)).permissions();
        let seconds = |kept: &Value, name| kept.member(name).and_then(Value::as_seconds);
        let mut consent = Consent::unknown(account);
        consent.asked = scopes(kept, "asked");
        consent.asked_on = seconds(kept, "askedOn").unwrap_or_default();
        for kept in kept.member("refused").and_then(Value::as_array).unwrap_or_default() {
            let scopes = scopes(kept, "scopes");
            let by_user = kept.member("byUser").and_then(Value::as_bool);
            if let (false, Some(by_user), Some(on)) = (scopes.is_empty(), by_user, seconds(kept, "on")) {
                consent.refusals.push(Refusal { scopes, by_user, on });
            }
        }
        consent
    }
}
