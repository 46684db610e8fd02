//! The refresh token of an account: whether it can be sent, and what became of it.

use super::PublicClient;
use crate::{
    cache::{Account, Record},
    error::{BrowserError, Error, ServerReply, UsageError},
    platform::Platform,
    secret::Secret,
};
use std::rc::Rc;

impl<P: Platform> PublicClient<P> {
    /// The refresh token, if it can be sent.
    pub(super) fn refresh_token(&self, account: &Account) -> Result<Secret, Error> {
        let token = account.refresh_token.clone().filter(|_| !account.is_spent).ok_or_else(no_tokens)?;
        if self.has_ended(account) { Err(expired()) } else { Ok(token) }
    }

    /// The refresh token, to be sent now. Of the platform's an answer may be lost and the same one sent again; other servers may give
    /// each of them once, so it is written down before: the one that is there then, as somebody may be signing in.
    pub(super) async fn spend_refresh_token(&self, of: &Account) -> Result<Secret, Error> {
        let mut sent = self.refresh_token(of)?;
        if !self.config.authority.is_platform() {
            if !self.platform.is_online() {
                return Err(BrowserError::Offline.into());
            }
            let spend = &mut || {
                let cache = self.cache.borrow();
                let account = cache.account(&of.key).ok_or(UsageError::NoAccount)?;
                sent = self.refresh_token(account)?;
                let account = Account { is_spent: true, ..Account::clone(account) };
                Ok(Vec::from([cache.put(&Record::Account(Rc::new(account)))]))
            };
            self.change(spend).await?;
        }
        Ok(sent)
    }

    /// Writes down what became of a refresh token that was sent, while it is the one that is there: it is as good as before, or dead.
    pub(super) async fn settle_refresh_token(&self, of: &Account, sent: &Secret, is_dead: bool) -> Result<(), Error> {
        let settle = &mut || {
            let cache = self.cache.borrow();
            let account = cache.account(&of.key).ok_or(UsageError::NoAccount)?;
            let mut account = Account { is_spent: false, ..Account::clone(account) };
            if account.refresh_token.as_ref().is_none_or(|kept| kept.expose() != sent.expose()) {
                return Ok(Vec::new());
            }
            if is_dead {
                (account.refresh_token, account.refresh_until) = (None, None);
            }
            Ok(Vec::from([cache.put(&Record::Account(Rc::new(account)))]))
        };
        self.change(settle).await
    }
}

pub(super) fn no_tokens() -> Error {
    needing_user("no_tokens_found", "no refresh token is left for this account: call acquireTokenRedirect")
}

fn expired() -> Error {
    needing_user("refresh_token_expired", "the refresh token of this account has ended: call acquireTokenRedirect")
}

fn needing_user(code: &str, description: &str) -> Error {
    Error::InteractionRequired(Rc::new(ServerReply::new(code, description)))
}

/// Whether the refresh token itself is worth nothing any more. At the platform, with another `suberror`, it is the request that needs
/// the user, and the token is as good as before.
pub(super) fn is_dead(error: &Error, is_platform: bool) -> bool {
    matches!(error, Error::InteractionRequired(reply) if reply.error() == "invalid_grant"
        && (!is_platform || matches!(reply.sub_error(), "" | "bad_token" | "token_expired")))
}

/// Whether the server says that it did nothing with the refresh token. What failed in the middle (500, 502, 504) may have used it up.
pub(super) fn is_unspent(error: &Error) -> bool {
    matches!(error, Error::Server(reply) | Error::InteractionRequired(reply) if reply.status.is_some_and(|status| status < 500 || status == 503))
}
