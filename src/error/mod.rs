//! What can go wrong, by who must act; and the one table from each case to its JavaScript class and code.
//!
//! No text here carries a token, a code, a verifier or a whole redirect URL.

mod browser;
mod outcome;
mod reply;
mod table;

pub use outcome::Outcome;
pub use reply::ServerReply;
pub use table::Class;

use crate::json::Value;
use std::{fmt, rc::Rc};

/// Everything that a call can fail with.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The developer must act: a field of the configuration or of a request can't be used.
    Config(ConfigError),
    /// The developer must act: the call can't be made now.
    Usage(UsageError),
    /// The user must act: the server says that it needs them.
    InteractionRequired(Rc<ServerReply>),
    /// The server refused.
    Server(Rc<ServerReply>),
    /// A response failed a check: someone tampered with it, or the server is not what it was taken for.
    Response(ResponseError),
    /// The browser did not do its part.
    Browser(BrowserError),
}

/// A field that can't be used. Each text names the field and the remedy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigError {
    /// `auth.clientId` is missing or empty.
    ClientIdEmpty,
    /// `auth.authority` is no URL of a server.
    AuthorityMalformed,
    /// `auth.authority` is not safe.
    AuthorityInsecure,
    /// `auth.authorityMetadata` is no metadata document.
    AuthorityMetadata,
    /// A redirect URI can't be used.
    RedirectUri(&'static str),
    /// A value is of the wrong type or none of those allowed.
    Field {
        /// The path of the field, as the developer wrote it.
        field: &'static str,
        /// What would be right.
        expected: &'static str,
    },
    /// A scope is not written as the platform demands.
    ScopeMalformed {
        /// The field of the request.
        field: &'static str,
        /// What stands there, shortened.
        scope: String,
    },
    /// `address` or `phone`.
    ScopeUnsupported(&'static str),
    /// `.default` and another permission.
    DefaultMixed,
    /// One token was asked for the permissions of several APIs.
    SeveralResources,
    /// No permission, where there has to be one.
    NoPermission,
    /// `claims` is no JSON object.
    Claims,
    /// The page to return to belongs to another origin.
    StartPage,
    /// Another server's client on this page has the same redirect URI, and neither server names itself in its answers.
    RedirectUriShared,
    /// An extra parameter would replace one of the protocol.
    ExtraParameter,
}

/// A call that can't be made now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageError {
    /// Nobody is signed in, or the account is not known here.
    NoAccount,
    /// Several accounts, and none chosen.
    AmbiguousAccount,
    /// The page sends the user to the server over and over.
    InteractionLoop,
    /// No token is in the cache, and only that was to be looked through.
    NotCached,
    /// There is no code to redeem.
    NoCode,
}

/// A response that failed a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseError {
    /// The response has no `state`.
    StateMissing,
    /// The `state` is not that of a pending request of this tab.
    StateMismatch,
    /// The response is another server's.
    AnswerIssuer,
    /// Neither a code nor an error.
    CodeMissing,
    /// The token response is not JSON.
    NotJson,
    /// A field of the token response is missing or unusable.
    TokenField(&'static str),
    /// The ID token is not right (OpenID Connect Core section 3.1.3.7).
    IdToken(IdTokenError),
    /// `client_info` can't be read.
    ClientInfo,
    /// The metadata document can't be used.
    Metadata(&'static str),
    /// The server has no such endpoint.
    EndSessionUnsupported,
    /// The answer to a pushed request does not name it (RFC 9126 section 2.2).
    RequestUri,
    /// Who the user is can't be learnt (OpenID Connect Core section 5.3).
    UserInfo(UserInfoError),
    /// Another user answered than the one asked.
    AccountMismatch,
}

/// What is not right about an ID token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdTokenError {
    /// It can't be read.
    Malformed,
    /// It is signed in a way that is not accepted.
    Algorithm,
    /// The server has no key that fits.
    Key,
    /// The signature is of another key or another text.
    Signature,
    /// A claim failed its check.
    Claim(&'static str),
    /// The `nonce` is not the one that was sent.
    Nonce,
}

/// What is not right about userinfo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserInfoError {
    /// The server has no such endpoint.
    Unsupported,
    /// The response is no JSON object.
    Format,
    /// The response is of somebody else, or of nobody (OpenID Connect Core section 5.3.2).
    Subject,
}

/// What the browser did not do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BrowserError {
    /// No network.
    Offline,
    /// A POST did not come back.
    PostFailed,
    /// A GET did not come back, or not with what was asked for.
    GetFailed,
    /// The page's own policy forbids the request.
    CspBlocked,
    /// The server keeps its answer from this origin.
    CorsBlocked,
    /// The server names another address.
    Redirected,
    /// Too slow.
    TimedOut,
    /// The page is still here.
    NavigationFailed,
    /// Nothing came to the hidden frame.
    FrameTimedOut,
    /// The page's own policy forbids the hidden frame.
    FrameBlocked,
    /// The page is in such a frame itself.
    FrameNested,
    /// No cryptography: the page is not secure.
    InsecureContext,
    /// No randomness.
    NoEntropy,
    /// No `sessionStorage`, where what is asked must be kept until the user is back.
    RedirectUnavailable,
    /// No such storage.
    StorageDenied,
    /// Storage is full.
    StorageFull,
    /// The app's own storage failed.
    StorageFailed,
    /// No key for what is stored encrypted.
    NoStorageKey,
    /// No window.
    NoWindow,
}

impl Error {
    /// What a refusal means; `None` for what is none.
    pub fn outcome(&self) -> Option<Outcome> {
        match self {
            Error::InteractionRequired(reply) | Error::Server(reply) => reply.outcome,
            _ => None,
        }
    }

    /// The same, with the permissions (names by Application ID URI) that the user has to consent to, if that is what it
    /// says.
    #[must_use]
    pub fn about(mut self, missing: impl Into<Value>) -> Self {
        if let Error::InteractionRequired(reply) = &mut self
            && let Some(reply) = Rc::get_mut(reply)
            && reply.outcome == Some(Outcome::ConsentRequired)
        {
            reply.missing = missing.into();
        }
        self
    }
}

impl From<ConfigError> for Error {
    fn from(error: ConfigError) -> Self {
        Error::Config(error)
    }
}

impl From<UsageError> for Error {
    fn from(error: UsageError) -> Self {
        Error::Usage(error)
    }
}

impl From<ResponseError> for Error {
    fn from(error: ResponseError) -> Self {
        Error::Response(error)
    }
}

impl From<IdTokenError> for Error {
    fn from(error: IdTokenError) -> Self {
        Error::Response(ResponseError::IdToken(error))
    }
}

impl From<UserInfoError> for Error {
    fn from(error: UserInfoError) -> Self {
        Error::Response(ResponseError::UserInfo(error))
    }
}

impl From<BrowserError> for Error {
    fn from(error: BrowserError) -> Self {
        Error::Browser(error)
    }
}

impl From<ServerReply> for Error {
    fn from(reply: ServerReply) -> Self {
        let reply = Rc::new(reply);
        // What was decided on the server's pages is not to be asked there again.
        let is_decided = reply.is_decided && reply.outcome.is_some();
        if reply.needs_user() && !is_decided { Error::InteractionRequired(reply) } else { Error::Server(reply) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message())
    }
}

impl std::error::Error for Error {}
