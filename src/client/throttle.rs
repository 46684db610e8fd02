//! What is not asked again yet: a server that says how long it wants to be left alone is left alone (RFC 9110 section 10.2.3), by the
//! request that it said it to. Who says nothing is asked again: one failure is not to keep anybody out.

use super::{AuthenticationResult, PublicClient, clock::Moment, silent::Call};
use crate::{
    cache::{Account, AccountKey},
    error::{Error, ServerReply},
    platform::Platform,
};
use std::{cell::RefCell, rc::Rc};

/// However long a server wants: nobody waits for longer, in seconds.
pub(super) const LONGEST: u64 = 3600;
/// So many are remembered; of more the oldest goes.
const MOST: usize = 1000;

/// What is not done again for a while.
#[derive(Debug)]
pub(super) struct Pause {
    pub account: Rc<AccountKey>,
    /// What it is that is not done.
    pub purpose: String,
    pub since: Moment,
    pub seconds: u64,
    /// What the server said.
    pub reply: Option<Rc<ServerReply>>,
}

/// The pauses of this page, ended or not.
#[derive(Debug, Default)]
pub(super) struct Pauses(RefCell<Vec<Pause>>);

impl Pauses {
    /// Begins a pause, in the place of the one before.
    pub(super) fn begin(&self, pause: Pause) {
        self.end(&pause.account, &pause.purpose);
        let mut pauses = self.0.borrow_mut();
        if pauses.len() >= MOST {
            pauses.remove(0);
        }
        pauses.push(pause);
    }

    /// What was refused is given again.
    pub(super) fn end(&self, account: &AccountKey, purpose: &str) {
        self.0.borrow_mut().retain(|pause| *pause.account != *account || pause.purpose != purpose);
    }

    /// Of the last pause: how long it is, and how long ago it began, in seconds; and what the server said.
    pub(super) fn last(
        &self,
        account: &AccountKey,
        purpose: &str,
        now: Moment,
    ) -> Option<(u64, u64, Option<Rc<ServerReply>>)> {
        let pauses = self.0.borrow();
        let pause = pauses.iter().find(|pause| *pause.account == *account && pause.purpose == purpose)?;
        Some((pause.seconds, pause.since.until(now), pause.reply.clone()))
    }
}

impl<P: Platform> PublicClient<P> {
    /// Renews a token, unless the server has asked not to be asked for it yet: then it is refused as it was.
    pub(super) async fn renew_unless_paused(
        &self,
        account: &Rc<Account>,
        call: &Call<'_>,
    ) -> Result<AuthenticationResult, Error> {
        let purpose = &call.purpose();
        if let Some((seconds, passed, Some(reply))) =
            self.pauses.last(&account.key, purpose, Moment::of(&self.platform))
            && passed < seconds
        {
            let mut again = ServerReply::clone(&reply);
            again.retry_after = again.retry_after.map(|told| told.saturating_sub(passed));
            return Err(Error::Server(Rc::new(again)));
        }
        let outcome = self.renew(account, call).await;
        match &outcome {
            Ok(_) => self.pauses.end(&account.key, purpose),
            Err(Error::Server(reply)) => {
                if let Some(told) = reply.retry_after
                    && reply.is_busy()
                {
                    self.pauses.begin(Pause {
                        account: Rc::clone(&account.key),
                        purpose: purpose.to_owned(),
                        since: Moment::of(&self.platform),
                        seconds: if told < LONGEST { told } else { LONGEST },
                        reply: Some(Rc::clone(reply)),
                    });
                }
            }
            Err(_) => {}
        }
        outcome
    }
}
