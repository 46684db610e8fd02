//! What has to hold, whatever happens; and what is known of each user in each storage, to tell it.

use super::{
    Broken,
    call::{Asked, CONSENTED, Call, INDICATOR, Outcome, SCOPES},
    server::{Seen, Server, USERS, bare},
};
use crate::browser::Store;
use consentry::{
    client::AuthenticationResult,
    error::{Error, UsageError},
    json::Value,
};
use std::collections::BTreeMap;

/// What is known of a user in a storage.
#[derive(Default)]
pub(super) struct Standing {
    pub(super) is_signed_in: bool,
    /// Whether that is sure.
    pub(super) is_known: bool,
    pub(super) has_refresh_token: bool,
    /// Whether the refresh token may have been used without the client hearing of it.
    pub(super) is_doubtful: bool,
    /// Whether the server has ended the session.
    pub(super) is_ended: bool,
    /// When the refresh token ends, by the clock that nobody turns.
    ends_at: Option<u64>,
    /// How often the server has signed them in.
    pub(super) sign_ins: usize,
    /// When they signed out, while nobody has signed them in since.
    pub(super) out_since: Option<usize>,
    /// The tokens that calls have brought: at which step, for which scopes, and until when they are good.
    pub(super) tokens: Vec<(usize, usize, u64)>,
}

#[derive(Default)]
pub(super) struct Oracle {
    pub(super) standings: BTreeMap<(usize, usize), Standing>,
    /// The storages of which somebody has damaged or emptied a part.
    pub(super) damaged: Vec<usize>,
    /// What the clock says that nobody turns.
    pub(super) elapsed: u64,
    /// Whether the other was turned: then pages do not agree on when a refresh token ends.
    pub(super) is_turned: bool,
    /// Whether pages answer from what they last saw of the storage.
    pub(super) has_copies: bool,
}

/// The codes that an error can have, whether of the SDK or of the server.
const CODES: &str = include_str!("../error-codes.txt");
/// Those for which a token that is still good is served in its place.
const PASSING: [&str; 8] = [
    "no_network_connectivity",
    "post_request_failed",
    "get_request_failed",
    "timed_out",
    "server_error",
    "temporarily_unavailable",
    "no_tokens_found",
    "refresh_token_expired",
];

/// A token is renewed before it ends, in seconds.
const RENEWAL_OFFSET: u64 = 300;

/// A refresh token that ends so soon is not sent any more, in seconds.
const LAST_MINUTE: u64 = 60;

impl Standing {
    /// Takes note of a refresh token that was given.
    fn receive(&mut self, seen: &Seen) {
        if seen.has_refresh_token {
            (self.has_refresh_token, self.is_doubtful, self.is_ended) = (true, false, seen.is_ended);
            self.ends_at = seen.ends_at;
        }
    }

    /// The refresh token is the one that was there, or another, which ends then.
    fn may_end_at(&mut self, end: Option<u64>) {
        self.ends_at = [self.ends_at, end].into_iter().flatten().min();
    }
}

impl Oracle {
    /// Whether there is a refresh token that the server takes.
    pub(super) fn is_well(&mut self, domain: usize, user: usize) -> bool {
        let standing = self.standing(domain, user);
        let is_there = standing.is_signed_in && standing.is_known && standing.has_refresh_token;
        is_there && !self.may_be_over(domain, user)
    }

    /// Whether its refresh token may do no more.
    fn may_be_over(&mut self, domain: usize, user: usize) -> bool {
        let (elapsed, is_turned) = (self.elapsed, self.is_turned);
        let standing = self.standing(domain, user);
        let has_ended = standing.ends_at.is_some_and(|end| is_turned || end <= elapsed + LAST_MINUTE);
        standing.is_doubtful || standing.is_ended || has_ended
    }

    /// The server has seen a refresh token, and the answer may be lost: its call will tell, others may find it used up already.
    pub(super) fn note_request(&mut self, domain: usize, seen: Seen) {
        self.standing(domain, seen.user).is_doubtful |= seen.is_doubtful && !seen.is_code;
    }

    /// Nothing is sent that the server wants not to have yet (8), or that has ended (9).
    pub(super) fn check_request(&self, call: &Call, seen: Seen) -> Result<(), Broken> {
        if seen.is_unwanted {
            return Err(Broken::new(8, format!("the server was to be left alone by requests of user {}", seen.user)));
        }
        if seen.is_over && !call.is_disturbed && !self.damaged.contains(&call.domain) {
            return Err(Broken::new(9, format!("a refresh token of user {} has ended, and is sent", seen.user)));
        }
        Ok(())
    }

    pub(super) fn standing(&mut self, domain: usize, user: usize) -> &mut Standing {
        self.standings.entry((domain, user)).or_default()
    }

    /// Who is signed out of a storage, and since when.
    pub(super) fn out_of(&self, domain: usize) -> Vec<(usize, usize)> {
        let of_domain = self.standings.iter().filter(|((of, _), _)| *of == domain);
        of_domain.filter_map(|((_, user), standing)| Some((*user, standing.out_since?))).collect()
    }

    /// An error is one that is known, and tells no secret (6).
    pub(super) fn check_error(&self, error: &Error) -> Result<(), Broken> {
        let code = error.code();
        let is_known = CODES.lines().any(|line| line.split(' ').nth(1) == Some(code));
        let text = format!("{} {error:?}", error.message());
        let is_secret = text.contains("secret-") || text.contains("eyJ") || text.contains("code_verifier");
        match (is_known && !code.is_empty(), is_secret) {
            (true, false) => Ok(()),
            (false, _) => Err(Broken::new(6, format!("the code `{code}` is not known"))),
            (_, true) => Err(Broken::new(6, format!("a secret is told: {text}"))),
        }
    }

    /// A call has ended: learns what came of it, and checks that it may.
    pub(super) fn end(
        &mut self,
        call: &Call,
        outcome: &Outcome,
        server: &Server,
        now: u64,
        step: usize,
    ) -> Result<(), Broken> {
        if let Some(error) = outcome.error() {
            self.check_error(error)?;
        }
        match outcome {
            Outcome::Token(Ok(result)) => self.check_token(call, result, server, now, step)?,
            Outcome::Token(Err(error)) => {
                self.check_refusal(call, error, server, now)?;
                self.check_need(call, error)?;
            }
            Outcome::UserInfo(Ok(claims)) => {
                let expected = call.asked.user().map(|user| server.subject(user));
                if claims.member("sub").and_then(Value::as_str) != expected.as_deref() {
                    return Err(Broken::new(1, "userinfo is of somebody else"));
                }
                if !self.has_copies {
                    self.check_out(call, call.asked.user().unwrap_or_default())?;
                }
            }
            Outcome::Ahead => self.learn_ahead(call),
            Outcome::Stored(Some(result)) => self.learn_stored(call, result, server, step),
            Outcome::Arrival(outcome) => self.arrive(call, outcome.as_ref().as_ref().is_ok_and(Option::is_some)),
            _ => {}
        }
        // A kept token, and userinfo, may have come although the refresh failed. And what can't be stored only this page knows.
        let is_fresh = matches!(outcome, Outcome::Token(Ok(result)) if !result.from_cache) && !call.is_without_storage;
        if is_fresh { Ok(()) } else { self.doubt(call, server, false) }
    }

    /// A call was given up.
    pub(super) fn give_up(&mut self, call: &Call, server: &Server) {
        if call.asked == Asked::Arrival {
            for seen in call.seen.iter().filter(|seen| seen.is_given) {
                let standing = self.standing(call.domain, seen.user);
                standing.is_known &= standing.is_signed_in && !standing.is_doubtful;
            }
        }
        for user in call.leaving() {
            self.standing(call.domain, user).is_known = false;
        }
        for seen in call.seen.iter().filter(|seen| seen.is_given) {
            self.standing(call.domain, seen.user).may_end_at(seen.ends_at);
        }
        let _ = self.doubt(call, server, true);
    }

    /// After a call that brought nothing nobody may know what became of the refresh token.
    fn doubt(&mut self, call: &Call, server: &Server, is_given_up: bool) -> Result<(), Broken> {
        if !server.is_strict || call.asked == Asked::Arrival {
            return Ok(());
        }
        let refreshes = call.seen.iter().filter(|seen| !seen.is_code);
        for seen in refreshes {
            let is_fault_free = !seen.is_faulty && !call.is_disturbed && !call.is_without_storage;
            // Nobody says what came of a renewal ahead: with nothing in the way it was the next token.
            let is_renewed = matches!(call.asked, Asked::Ahead { .. }) && is_fault_free && !is_given_up;
            if is_given_up || call.is_without_storage || seen.is_doubtful || seen.is_given && !is_renewed {
                self.standing(call.domain, seen.user).is_doubtful = true;
            }
            if seen.is_given && is_fault_free && !is_given_up && matches!(call.asked, Asked::Token { .. }) {
                return Err(Broken::new(4, "the server gave tokens, nothing was in the way, and the call failed"));
            }
        }
        if is_given_up && matches!(call.point, "settle" | "post") {
            for user in call.asked.user().map_or_else(|| call.meant.clone(), |user| [user].into()) {
                self.standing(call.domain, user).is_doubtful = true;
            }
        }
        Ok(())
    }

    /// What a renewal ahead brings takes the place of what was there; what fails changes nothing.
    fn learn_ahead(&mut self, call: &Call) {
        for seen in call.seen.iter().filter(|seen| seen.is_given) {
            let standing = self.standing(call.domain, seen.user);
            if !seen.is_faulty {
                standing.tokens.clear();
            }
            standing.may_end_at(seen.ends_at);
        }
    }

    /// What was told is stored now.
    fn learn_stored(&mut self, call: &Call, result: &AuthenticationResult, server: &Server, step: usize) {
        let user = server.access_tokens.borrow().get(result.token.secret.expose()).map(|access| access.user);
        if let (Asked::Storing { scopes }, Some(user), false) = (call.asked, user, call.is_without_storage) {
            let ends_on = result.token.expires_on.unwrap_or_default();
            self.standing(call.domain, user).tokens.push((step, scopes, ends_on));
        }
    }

    fn arrive(&mut self, call: &Call, is_signed_in: bool) {
        for seen in call.seen.iter().filter(|seen| seen.is_given && is_signed_in) {
            let standing = self.standing(call.domain, seen.user);
            standing.has_refresh_token &= standing.is_known;
            (standing.is_signed_in, standing.is_known) = (true, !call.overtaken.contains(&seen.user));
            standing.sign_ins += 1;
            standing.receive(seen);
        }
    }

    /// A token is for the user, the API and the permissions that were asked for, and in time (1); and not of somebody who is out (5).
    fn check_token(
        &mut self,
        call: &Call,
        result: &AuthenticationResult,
        server: &Server,
        now: u64,
        step: usize,
    ) -> Result<(), Broken> {
        let Asked::Token { user: named, scopes: wanted, has_indicator, is_forced, has_claims } = call.asked else {
            unreachable!("only calls for a token bring one");
        };
        let tokens = server.access_tokens.borrow();
        let access =
            tokens.get(result.token.secret.expose()).ok_or_else(|| Broken::new(1, "a token that nobody gave"))?;
        let home = &result.account.key.home_account_id;
        let is_meant = named.map_or_else(|| call.meant.contains(&access.user), |user| user == access.user);
        // Who is meant is who was there when the page last looked.
        let may_mean_another = call.is_without_storage || self.has_copies || self.damaged.contains(&call.domain);
        let is_excused = named.is_none() && may_mean_another;
        if !is_meant && !is_excused || server.home_account_id(access.user) != *home {
            return Err(Broken::new(1, format!("a token of user {} for an account of {home}", access.user)));
        }
        let has = |scope: &&str| access.scopes.iter().any(|granted| granted == scope);
        let is_lacking = |scope: &&str| {
            result.token.missing.iter().any(|missing| bare(&missing.to_parameter()).eq_ignore_ascii_case(scope))
        };
        if !SCOPES[wanted].iter().all(|scope| has(scope) || is_lacking(scope)) {
            return Err(Broken::new(1, format!("a token for {:?} in place of {:?}", access.scopes, SCOPES[wanted])));
        }
        if access.indicator != if has_indicator { INDICATOR } else { "" } {
            return Err(Broken::new(1, format!("a token for the API `{}`", access.indicator)));
        }
        let ends_on = result.token.expires_on.unwrap_or_default();
        if (result.from_cache && ends_on <= call.begun_at) || ends_on > access.ends_on {
            return Err(Broken::new(1, format!("a token that ended {ends_on}, at {now}")));
        }
        if !(result.from_cache && self.has_copies) {
            self.check_out(call, access.user)?;
        }
        let is_plain = !is_forced && !has_claims && !has_indicator;
        let is_excused = call.is_disturbed || call.is_without_storage || self.damaged.contains(&call.domain);
        if !result.from_cache && is_plain && !is_excused {
            let until = now + RENEWAL_OFFSET;
            if let Some(end) = self.good_token(call, access.user, wanted, server, until) {
                return Err(Broken::new(7, format!("a new token, and there is one until {end}, now {now}")));
            }
        }
        let standing = self.standing(call.domain, access.user);
        if !result.from_cache {
            let is_kept = |seen: &&Seen| seen.is_given && seen.user == access.user && !call.is_without_storage;
            call.seen.iter().filter(is_kept).for_each(|seen| standing.receive(seen));
            if is_forced || has_claims {
                standing.tokens.clear();
            }
            // One that has still to be stored may be lost.
            if !has_indicator && !call.is_without_storage && call.rest.borrow().is_none() {
                standing.tokens.push((step, wanted, ends_on));
            }
        }
        Ok(())
    }

    fn check_out(&mut self, call: &Call, user: usize) -> Result<(), Broken> {
        let since = self.standing(call.domain, user).out_since;
        let is_out = call.was_out.iter().any(|(out, at)| *out == user && Some(*at) == since);
        // Who can't read the storage can't know.
        if is_out && !call.is_without_storage && !self.damaged.contains(&call.domain) {
            return Err(Broken::new(5, format!("user {user} has signed out")));
        }
        Ok(())
    }

    /// A token that is still good is served when there is no other for now (7).
    fn check_refusal(&mut self, call: &Call, error: &Error, server: &Server, now: u64) -> Result<(), Broken> {
        let Asked::Token { user: Some(user), scopes, is_forced: false, has_claims: false, has_indicator: false } =
            call.asked
        else {
            return Ok(());
        };
        let is_passing = PASSING.contains(&error.code());
        if !is_passing || call.is_without_storage || self.damaged.contains(&call.domain) {
            return Ok(());
        }
        match self.good_token(call, user, scopes, server, now) {
            Some(end) => Err(Broken::new(7, format!("{}, and there is a token until {end}, now {now}", error.code()))),
            None => Ok(()),
        }
    }

    /// The end of a token that was there when a call began, and is good beyond a time.
    fn good_token(&mut self, call: &Call, user: usize, scopes: usize, server: &Server, until: u64) -> Option<u64> {
        // One of a time to come is of a page on which the clock was not turned back yet.
        let latest = call.begun_at + server.lifetime();
        let is_good = |token: &&(usize, usize, u64)| {
            token.0 < call.begun && token.1 == scopes && token.2 > until && token.2 <= latest
        };
        Some(self.standing(call.domain, user).tokens.iter().find(is_good)?.2)
    }

    /// Nobody is sent to the server's pages without need (4).
    fn check_need(&mut self, call: &Call, error: &Error) -> Result<(), Broken> {
        let Asked::Token { user: Some(user), scopes, .. } = call.asked else { return Ok(()) };
        let is_well = call.was_well && self.is_well(call.domain, user);
        let is_excused = call.is_disturbed || call.is_without_storage || self.damaged.contains(&call.domain);
        if matches!(error, Error::InteractionRequired(_)) && is_well && !is_excused && scopes != CONSENTED {
            return Err(Broken::new(4, format!("user {user} need not be asked: {}", error.code())));
        }
        Ok(())
    }

    /// What a user gets without interaction, once all is well again (4): whether they have to sign in anew.
    pub(super) fn check_finally(
        &mut self,
        domain: usize,
        user: usize,
        outcome: &Result<AuthenticationResult, Error>,
    ) -> Result<bool, Broken> {
        let is_damaged = self.damaged.contains(&domain);
        let is_over = self.may_be_over(domain, user);
        let standing = self.standing(domain, user);
        let is_sure = standing.is_known && !is_damaged;
        match outcome {
            Ok(_) => Ok(false),
            Err(Error::Usage(UsageError::NoAccount)) if !is_sure || !standing.is_signed_in => Ok(true),
            Err(Error::InteractionRequired(_)) if !is_sure || !standing.has_refresh_token || is_over => Ok(true),
            Err(error) => {
                Err(Broken::new(4, format!("user {user} of storage {domain} gets no token: {}", error.code())))
            }
        }
    }

    /// Nothing is stored of who is out (5).
    pub(super) fn check_storage(&self, domain: usize, store: &Store) -> Result<(), Broken> {
        for (user, _) in self.out_of(domain) {
            let oid = USERS[user].oid;
            // Somebody who does not know yet may have chosen them.
            let is_chosen = |key: &str, text: &str| !self.has_copies && key.ends_with("|active") && text.contains(oid);
            let is_left = |key: &str, text: &str| key.contains(oid) || is_chosen(key, text);
            if store.has(is_left) {
                return Err(Broken::new(5, format!("something is stored of user {user}, who has signed out")));
            }
        }
        Ok(())
    }
}
