//! Nothing asks the user over and over: what they declined is not asked again, and a page that sends them to the server
//! without a click of theirs is stopped after a few times.

use super::{PublicClient, RedirectRequest};
use crate::{
    cache::{Account, AccountKey, Consent, keys},
    error::{BrowserError, Error, Outcome, ServerReply, UsageError},
    json::{self, Object, Value},
    platform::Platform,
    protocol::Prompt,
    scope::{ApplicationIdUri, ScopeSet},
};
use std::rc::Rc;

/// So many interactions in a row may begin without a click of the user,
const MOST: usize = 5;
/// in so many seconds.
const WITHIN: u64 = 300;

/// What is known of the interactions that this tab began.
#[derive(Default)]
pub(super) struct Interactions {
    /// When they began, since the user's last click.
    begun: Vec<u64>,
    /// What was refused, and how.
    refused: Option<(Outcome, ScopeSet)>,
}

impl<P: Platform> PublicClient<P> {
    /// Whether this may be asked of the account's user, or of anybody: what to [keep](Self::keep_interactions) once it is.
    ///
    /// # Errors
    /// [`Error::Server`] with what was refused, [`UsageError::InteractionLoop`].
    pub(super) fn may_ask(
        &self,
        request: &RedirectRequest<'_>,
        account: Option<&Account>,
    ) -> Result<Interactions, Error> {
        let is_free = request.may_repeat();
        let is_clicked = self.platform.is_user_active();
        let mut asked = request.scopes.union(&request.extra_scopes).permissions();
        // Who clicks to sign in is not to be kept out for what they declined.
        if let Some(account) = account.filter(|_| !(is_free || request.is_sign_in && is_clicked)) {
            let consent = self.consent(&account.key, None);
            asked = asked.difference(&consent.granted);
            if let Some(error) = refused(&consent, &asked, &asked, self.time_of(request.claims)) {
                return Err(error);
            }
        }
        let mut interactions = self.interactions()?;
        if let Some((outcome, scopes)) = interactions.refused.take() {
            let is_nobodys = self.cache.borrow().accounts().is_empty();
            let is_same = if outcome == Outcome::AdminConsentRequired {
                asked.is_superset(&scopes)
            } else {
                scopes.iter().any(|scope| asked.contains(scope))
            };
            if request.prompt == Some(Prompt::NONE) || !is_same && !is_nobodys {
                interactions.refused = Some((outcome, scopes));
            } else if !is_free && !is_clicked {
                return Err(refusal_error(outcome, &scopes));
            }
        }
        Ok(interactions)
    }

    /// The time at which a request is judged. With the `claims` of a challenge there is more to ask than consent, and an
    /// administrator may have granted it: no observation of before stands in its way.
    pub(super) fn time_of(&self, claims: Option<&str>) -> u64 {
        claims.map_or_else(|| self.platform.now(), |_| u64::MAX)
    }

    /// The interactions since the user's last click, with one that begins now.
    ///
    /// # Errors
    /// [`UsageError::InteractionLoop`].
    pub(super) fn interactions(&self) -> Result<Interactions, Error> {
        let now = self.platform.now();
        let mut interactions = self.kept_interactions();
        if self.platform.is_user_active() {
            interactions.begun.clear();
        }
        interactions.begun.retain(|on| now.abs_diff(*on) < WITHIN);
        if interactions.begun.len() >= MOST {
            return Err(UsageError::InteractionLoop.into());
        }
        interactions.begun.push(now);
        Ok(interactions)
    }

    /// Keeps what came of asking the user for `asked`, where it was a refusal. The tab remembers it too, for requests that
    /// anybody may answer.
    pub(super) async fn note_refusal(&self, account: Option<&Account>, asked: &ScopeSet, reply: &mut ServerReply) {
        let Some(outcome) = reply.outcome.filter(|outcome| Outcome::refusal(outcome.name()).is_some()) else {
            return;
        };
        let mut missing = asked.clone();
        let is_decided = outcome != Outcome::Blocked;
        if let Some(account) = account.filter(|_| is_decided) {
            let refuse = &mut |consent: &mut Consent| {
                missing = consent.lacking(asked);
                consent.refuse(missing.clone(), outcome == Outcome::Declined, self.platform.now());
            };
            self.learn(&account.key, refuse).await;
        }
        if is_decided {
            reply.missing = Value::from(&missing);
        }
        let refused = Some((outcome, missing));
        let _ = self.keep_interactions(&Interactions { refused, ..self.kept_interactions() });
    }

    /// What is known of an account's permissions, with what is granted of one API, or of all. What can't be read now is not known.
    pub(super) fn consent(&self, account: &Rc<AccountKey>, resource: Option<&ApplicationIdUri>) -> Consent {
        let unread = self.cache.borrow().unread_grants(account, resource);
        if let Some(area) = self.config.cache_location.area() {
            for key in unread {
                if let Ok(text) = self.platform.read(area, &key) {
                    self.cache.borrow_mut().apply(&key, text.as_deref());
                }
            }
        }
        let cache = self.cache.borrow();
        resource.map_or_else(|| cache.consent(account), |resource| cache.consent_for(account, resource))
    }

    /// Changes what is known of an account's permissions. What can't be stored is learnt again from the server.
    pub(super) async fn learn(&self, account: &Rc<AccountKey>, change: &mut dyn FnMut(&mut Consent)) {
        let make = &mut || {
            let before = self.consent(account, None);
            let cache = self.cache.borrow();
            // Of who has signed out meanwhile nothing is kept.
            cache.account(account).ok_or(UsageError::NoAccount)?;
            let mut consent = before.clone();
            change(&mut consent);
            Ok(cache.put_consent(&before, &consent))
        };
        let _ = self.change(make).await;
    }

    /// What this tab knows to be refused may be asked for again.
    pub(super) fn forget_refusal(&self) {
        let _ = self.keep_interactions(&Interactions { refused: None, ..self.kept_interactions() });
    }

    fn kept_interactions(&self) -> Interactions {
        let last = self.kept(&keys::interactions(&self.config.client_id));
        let mut interactions = Interactions::default();
        for on in last.member("begun").and_then(Value::as_array).unwrap_or_default() {
            interactions.begun.extend(on.as_seconds());
        }
        let refused = last.text_of("refused").and_then(Outcome::refusal);
        interactions.refused = refused.map(|outcome| (outcome, ScopeSet::stored(last.text_of("scopes"))));
        interactions
    }

    /// Keeps when interactions began, and what was refused.
    ///
    /// # Errors
    /// As for all of storage: what can't be counted is not to begin.
    pub(super) fn keep_interactions(&self, interactions: &Interactions) -> Result<(), BrowserError> {
        let mut begun = Vec::new();
        for on in &interactions.begun {
            begun.push(Value::from(*on));
        }
        let mut kept = Object::default().with("begun", Value::Array(begun));
        if let Some((outcome, scopes)) = &interactions.refused {
            kept = kept.with("refused", outcome.name()).with("scopes", scopes.qualified().to_parameter());
        }
        self.keep_for_answer(&keys::interactions(&self.config.client_id), &json::text(&kept.finish()))
    }
}

/// Why `part` of what is `missing` is not asked for.
pub(super) fn refused(consent: &Consent, part: &ScopeSet, missing: &ScopeSet, now: u64) -> Option<Error> {
    let refusal = consent.refusal_of(part, missing, now)?;
    let outcome = if refusal.by_user { Outcome::Declined } else { Outcome::AdminConsentRequired };
    Some(refusal_error(outcome, &refusal.scopes.only(&|scope| part.contains(scope))))
}

fn refusal_error(outcome: Outcome, scopes: &ScopeSet) -> Error {
    let description = if outcome == Outcome::AdminConsentRequired {
        "an administrator was needed the last time, so nobody was asked: see `getAdminConsentUrl`, or set `askAgain`"
    } else {
        "this was refused the last time, so nobody was asked: set `askAgain` when the user wants to be asked"
    };
    let mut reply = ServerReply::new("access_denied", description);
    reply.outcome = Some(outcome);
    reply.missing = Value::from(scopes);
    Error::Server(Rc::new(reply))
}
