//! What a call asks for and what it brings. Requests borrow: they live as long as the call.

use crate::{
    cache::{AccessToken, Account, AccountFilter},
    error::Error,
    json::Value,
    protocol::Prompt,
    scope::ScopeSet,
    secret::Secret,
};
use std::{cell::RefCell, rc::Rc};

/// Shows the server's pages to the user.
#[derive(Clone, Debug, Default)]
pub struct RedirectRequest<'a> {
    /// Permissions of one API.
    pub scopes: ScopeSet,
    /// Permissions of others, to be consented to at once.
    pub extra_scopes: ScopeSet,
    /// The API, for other servers than the platform (RFC 8707 section 2).
    pub resource: Option<&'a str>,
    /// The only user who may answer, unless `prompt` lets them choose. `None` for the active account, else the only one;
    /// when [signing in](RedirectRequest::is_sign_in), for anybody.
    pub account: Option<AccountFilter<'a>>,
    /// Whether anybody may come: the active account is a hint then, no more.
    pub is_sign_in: bool,
    /// Where the answer goes; `None` as configured.
    pub redirect_uri: Option<&'a str>,
    /// Where the user returns to; `None` for the page itself.
    pub start_page: Option<&'a str>,
    /// Who is expected.
    pub login_hint: Option<&'a str>,
    /// Where they sign in.
    pub domain_hint: Option<&'a str>,
    /// What to show.
    pub prompt: Option<Prompt>,
    /// The app's own text.
    pub app_state: Option<&'a str>,
    /// A `claims` parameter.
    pub claims: Option<&'a str>,
    /// Whether to ask although it was declined.
    pub ask_again: bool,
    /// The app's own parameters.
    pub extra: Vec<(&'a str, &'a str)>,
    /// For the server's logs.
    pub correlation_id: &'a str,
}

impl RedirectRequest<'_> {
    /// Whether it may be sent although what it asks for was refused: the app says so, or nobody is asked anything.
    pub fn may_repeat(&self) -> bool {
        self.ask_again || matches!(self.prompt, Some(Prompt::CONSENT | Prompt::NONE))
    }

    /// How long ago the user may have signed in, in seconds, where the app sends `max_age` (OpenID Connect Core section 3.1.2.1).
    pub fn max_age(&self) -> Option<u64> {
        let (_, text) = self.extra.iter().find(|(name, _)| *name == "max_age")?;
        Value::from(*text).as_seconds()
    }
}

/// Where to look for the answer to a [`RedirectRequest`]. No `Debug`: it may hold a code.
#[derive(Clone, Copy)]
pub struct RedirectAnswer<'a> {
    /// The response, where the app has taken it out of the address itself.
    pub hash: Option<&'a str>,
    /// Whether to return to the page that asked.
    pub return_to_start: bool,
}

impl Default for RedirectAnswer<'_> {
    /// In the page's address; the user returns to where they were.
    fn default() -> Self {
        RedirectAnswer { hash: None, return_to_start: true }
    }
}

/// Shows nothing.
#[derive(Clone, Debug, Default)]
pub struct SilentRequest<'a> {
    /// Permissions of one API.
    pub scopes: ScopeSet,
    /// The API, for other servers than the platform (RFC 8707 section 2).
    pub resource: Option<&'a str>,
    /// Whose token; `None` for the active account, else the only one.
    pub account: Option<AccountFilter<'a>>,
    /// Not from the cache.
    pub force_refresh: bool,
    /// Not by refresh token.
    pub no_refresh: bool,
    /// Not in a hidden frame.
    pub no_frame: bool,
    /// A `claims` parameter; answered from the cache by a token that was asked for with the same.
    pub claims: Option<&'a str>,
    /// For the server's logs.
    pub correlation_id: &'a str,
    /// Where a token is put that is good, and has still to be stored: who does not want to wait for that finds it there.
    pub told: Option<&'a Told>,
}

/// A result ahead of its call's end.
pub type Told = RefCell<Option<AuthenticationResult>>;

/// Redeems a code that the app's server has brought.
#[derive(Clone, Debug)]
pub struct CodeRequest<'a> {
    /// The code.
    pub code: Secret,
    /// Permissions of one API.
    pub scopes: ScopeSet,
    /// The API, for other servers than the platform (RFC 8707 section 2).
    pub resource: Option<&'a str>,
    /// Where the code was sent to; `None` as configured.
    pub redirect_uri: Option<&'a str>,
    /// A `claims` parameter.
    pub claims: Option<&'a str>,
    /// For the server's logs.
    pub correlation_id: &'a str,
}

/// Asks an administrator to consent for an organization.
#[derive(Clone, Debug, Default)]
pub struct AdminConsentRequest<'a> {
    /// Permissions by name, or one API's `.default`.
    pub scopes: ScopeSet,
    /// Whose organization; `None` for that of the active account, else of the only one, else of the authority.
    pub account: Option<AccountFilter<'a>>,
    /// Where the answer goes; `None` as configured.
    pub redirect_uri: Option<&'a str>,
    /// Where the user returns to; `None` for the page itself.
    pub start_page: Option<&'a str>,
    /// The app's own text.
    pub app_state: Option<&'a str>,
    /// Comes back with the answer.
    pub correlation_id: &'a str,
}

/// An administrator consented.
#[derive(Clone, Debug)]
pub struct AdminConsentResult {
    /// To what, as far as the answer tells.
    pub scopes: ScopeSet,
    /// The app's own text.
    pub app_state: Option<String>,
    /// That of the request.
    pub correlation_id: String,
}

/// A call that an API has forbidden.
#[derive(Clone, Debug, Default)]
pub struct ForbiddenCall<'a> {
    /// Whose token was sent.
    pub account: Option<AccountFilter<'a>>,
    /// What that token was granted.
    pub token_scopes: Vec<&'a str>,
    /// What the call needs, as far as the app knows.
    pub needed: ScopeSet,
    /// The header `WWW-Authenticate`.
    pub challenge: Option<&'a str>,
}

/// Ends the session. No `Debug`: it may hold an ID token.
#[derive(Clone, Copy, Default)]
pub struct SignOutRequest<'a> {
    /// Whose; `None` for the active account, else the only one, else everybody.
    pub account: Option<AccountFilter<'a>>,
    /// Where the user goes afterwards; `None` as configured.
    pub post_logout_redirect_uri: Option<&'a str>,
    /// Whether they stay at the server instead.
    pub stays: bool,
    /// Who signs out; `None` for the claim `login_hint`.
    pub logout_hint: Option<&'a str>,
    /// `id_token_hint`
    pub id_token_hint: Option<&'a str>,
    /// Comes back on the page after.
    pub state: Option<&'a str>,
    /// For the server's logs.
    pub correlation_id: &'a str,
}

/// A token and whom it speaks for.
#[derive(Clone, Debug)]
pub struct AuthenticationResult {
    /// Whose.
    pub account: Rc<Account>,
    /// The token.
    pub token: Rc<AccessToken>,
    /// Whether no request was made.
    pub from_cache: bool,
}

/// A [`RedirectRequest`] that failed after it was sent.
#[derive(Clone, Debug)]
pub struct RedirectFailure {
    /// What went wrong.
    pub error: Error,
    /// The app's own text.
    pub app_state: Option<String>,
    /// For the server's logs; `None` where the request is not known.
    pub correlation_id: Option<String>,
}

impl<E: Into<Error>> From<E> for RedirectFailure {
    fn from(error: E) -> Self {
        RedirectFailure { error: error.into(), app_state: None, correlation_id: None }
    }
}

/// The answer to a [`RedirectRequest`], with what that request said.
#[derive(Clone, Debug)]
pub struct RedirectResult {
    /// What it brought.
    pub result: AuthenticationResult,
    /// The app's own text.
    pub app_state: Option<String>,
    /// For the server's logs.
    pub correlation_id: String,
}
