//! A call of an app that is under way, and what was known of it when it began.

use super::server::{Seen, USERS};
use crate::world::{Client, asking, set};
use consentry::{
    cache::AccountFilter,
    client::{
        AuthenticationResult, RedirectAnswer, RedirectRequest, RedirectResult, SignOutRequest, SilentRequest, Told,
    },
    error::Error,
    json::Value,
};
use std::{cell::RefCell, collections::BTreeSet, fmt, future::poll_fn, ops::Range, pin::Pin, rc::Rc, task::Poll};

/// What apps ask for; each is of one API.
pub(super) const SCOPES: [&[&str]; 5] = [
    &["notes.read"],
    &["notes.read", "notes.write"],
    &["api://orders/orders.read"],
    &["api://orders/orders.read", "api://orders/orders.write"],
    &["api://mail/mail.read"],
];
/// That of them which users have to consent to first.
pub(super) const CONSENTED: usize = 3;
pub(super) const INDICATOR: &str = "https://api.example/one";

/// What a call asks for; users by number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Token {
        user: Option<usize>,
        scopes: usize,
        is_forced: bool,
        has_claims: bool,
        has_indicator: bool,
    },
    /// What a page does when it is loaded.
    Arrival,
    /// Leaves for the server.
    Departure {
        user: Option<usize>,
        scopes: usize,
    },
    UserInfo {
        user: usize,
    },
    SignOut {
        user: usize,
    },
    /// Forgets a user, or all, without going anywhere.
    Clear {
        user: Option<usize>,
    },
    /// Stores a token for these scopes that its caller was told of.
    Storing {
        scopes: usize,
    },
    /// Renews what was served, to a user for these scopes, although it is to be renewed.
    Ahead {
        user: usize,
        scopes: usize,
    },
}

pub(super) enum Outcome {
    Token(Result<AuthenticationResult, Error>),
    Arrival(Box<Result<Option<RedirectResult>, Error>>),
    Departure(Result<(), Error>),
    UserInfo(Result<Value, Error>),
    SignOut(Result<(), Error>),
    Clear(Result<(), Error>),
    /// Nobody is told what came of it.
    Ahead,
    /// The same; the token, where it is good still.
    Stored(Option<Box<AuthenticationResult>>),
}

pub(super) type Running = Pin<Box<dyn Future<Output = Outcome>>>;
/// What goes on when a caller has been told.
pub(super) type Rest = Rc<RefCell<Option<Running>>>;

pub(super) struct Call {
    pub(super) number: usize,
    pub(super) tab: usize,
    /// The storage that it has to do with.
    pub(super) domain: usize,
    pub(super) asked: Asked,
    pub(super) running: Running,
    pub(super) rest: Rest,
    /// What it waits for.
    pub(super) point: &'static str,
    /// What its page's clock said when it began.
    pub(super) begun_at: u64,
    /// The same by the clock that nobody turns.
    pub(super) begun_elapsed: u64,
    /// The users whose account it may mean, where it names none, or whose tokens it renews.
    pub(super) meant: BTreeSet<usize>,
    /// The version of the storage that this was found in.
    pub(super) version: Option<u64>,
    /// Who was signed out when it began, and when they did that.
    pub(super) was_out: Vec<(usize, usize)>,
    pub(super) begun: usize,
    /// How often each user had signed in then.
    pub(super) sign_ins: [usize; USERS.len()],
    /// Whether its user could get tokens then.
    pub(super) was_well: bool,
    /// Whether something happened meanwhile that may be the reason if it fails.
    pub(super) is_disturbed: bool,
    /// The users who may have signed out after it had signed them in.
    pub(super) overtaken: BTreeSet<usize>,
    /// Whether its storage was denied or full at some time.
    pub(super) is_without_storage: bool,
    pub(super) seen: Vec<Seen>,
}

impl Asked {
    /// The user that is named.
    pub(super) fn user(self) -> Option<usize> {
        match self {
            Asked::Token { user, .. } | Asked::Departure { user, .. } | Asked::Clear { user } => user,
            Asked::UserInfo { user } | Asked::SignOut { user } => Some(user),
            Asked::Arrival | Asked::Ahead { .. } | Asked::Storing { .. } => None,
        }
    }

    /// Begins it on a page; `home` is the account of the user that is named.
    pub(super) fn begin(self, client: Client, home: Option<String>, rest: Rest) -> Running {
        Box::pin(async move {
            let account = home.as_deref().map(|id| AccountFilter { home_account_id: Some(id), ..Default::default() });
            match self {
                Asked::Token { scopes, is_forced, has_claims, has_indicator, .. } => {
                    let (told, home) = (Rc::new(Told::default()), home.clone());
                    let own = Rc::clone(&told);
                    until_told(
                        rest,
                        &told,
                        Box::pin(async move {
                            let account = home
                                .as_deref()
                                .map(|id| AccountFilter { home_account_id: Some(id), ..Default::default() });
                            let request = SilentRequest {
                                scopes: set(SCOPES[scopes]),
                                account,
                                force_refresh: is_forced,
                                claims: has_claims.then_some(r#"{"access_token":{"acrs":{"essential":true}}}"#),
                                resource: has_indicator.then_some(INDICATOR),
                                correlation_id: "correlation",
                                told: Some(&own),
                                ..SilentRequest::default()
                            };
                            Outcome::Token(client.acquire_silent(&request).await)
                        }),
                    )
                    .await
                }
                Asked::Arrival => {
                    let answer = RedirectAnswer { hash: None, return_to_start: false };
                    let outcome = match client.start().await {
                        Ok(()) => client.finish_redirect(answer).await.map_err(|failure| failure.error),
                        Err(error) => Err(error),
                    };
                    Outcome::Arrival(Box::new(outcome))
                }
                Asked::Departure { scopes, .. } => {
                    let request = RedirectRequest { account, is_sign_in: account.is_none(), ..asking(SCOPES[scopes]) };
                    Outcome::Departure(client.begin_redirect(&request).await)
                }
                Asked::UserInfo { .. } => Outcome::UserInfo(client.load_user_info(account, "correlation").await),
                Asked::SignOut { .. } => {
                    let request = SignOutRequest { account, correlation_id: "correlation", ..Default::default() };
                    Outcome::SignOut(client.sign_out(request).await)
                }
                Asked::Clear { .. } => Outcome::Clear(client.clear(account).await),
                Asked::Ahead { .. } => {
                    client.renew_due().await;
                    Outcome::Ahead
                }
                Asked::Storing { .. } => unreachable!("it goes on with what began otherwise"),
            }
        })
    }
}

/// As pages do: who is told has what they wanted, and the rest goes on.
async fn until_told(rest: Rest, told: &Told, mut call: Running) -> Outcome {
    let outcome = poll_fn(|context| match call.as_mut().poll(context) {
        Poll::Pending if told.borrow().is_none() => Poll::Pending,
        outcome => Poll::Ready(outcome),
    });
    match (outcome.await, told.borrow().clone()) {
        (Poll::Pending, Some(result)) => {
            rest.replace(Some(Box::pin(async move {
                let outcome = call.await;
                Outcome::Stored(if let Outcome::Token(Ok(result)) = outcome { Some(Box::new(result)) } else { None })
            })));
            Outcome::Token(Ok(result))
        }
        (Poll::Ready(outcome), _) => outcome,
        (Poll::Pending, None) => unreachable!("it waits until there is one of the two"),
    }
}

impl Call {
    /// The users that it signs out.
    pub(super) fn leaving(&self) -> Range<usize> {
        match self.asked {
            Asked::SignOut { user } | Asked::Clear { user: Some(user) } => user..user + 1,
            Asked::Clear { user: None } => 0..USERS.len(),
            _ => 0..0,
        }
    }
}

impl Outcome {
    pub(super) fn error(&self) -> Option<&Error> {
        match self {
            Outcome::Token(outcome) => outcome.as_ref().err(),
            Outcome::Arrival(outcome) => outcome.as_ref().as_ref().err(),
            Outcome::Departure(outcome) | Outcome::SignOut(outcome) | Outcome::Clear(outcome) => outcome.as_ref().err(),
            Outcome::UserInfo(outcome) => outcome.as_ref().err(),
            Outcome::Ahead | Outcome::Stored(_) => None,
        }
    }
}

impl fmt::Debug for Outcome {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.error(), self) {
            (Some(error), _) => write!(formatter, "{}: {}", error.code(), error.message()),
            (None, Outcome::Token(Ok(result))) => {
                let ends_on = result.token.expires_on.unwrap_or_default();
                write!(formatter, "{}, until {ends_on}, kept: {}", result.token.secret.expose(), result.from_cache)
            }
            (None, Outcome::Arrival(outcome)) => {
                write!(formatter, "signed in: {}", outcome.as_ref().as_ref().is_ok_and(Option::is_some))
            }
            _ => formatter.write_str("done"),
        }
    }
}
