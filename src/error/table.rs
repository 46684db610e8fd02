//! The one table from each case to its JavaScript class, its code and its text.
//!
//! Codes are MSAL's where MSAL has the case. A text says what is wrong and what to do: in lower case, without a full stop,
//! with what the developer wrote in backticks.

use super::{ConfigError, Error, IdTokenError, Outcome, ResponseError, UsageError, UserInfoError};
use crate::json::Object;

/// The JavaScript class of an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// `AccessBlockedError`
    AccessBlocked,
    /// `AdminConsentRequiredError`
    AdminConsentRequired,
    /// `BrowserAuthError`
    Browser,
    /// `BrowserConfigurationAuthError`
    BrowserConfiguration,
    /// `CacheError`
    Cache,
    /// `ClientAuthError`
    Client,
    /// `ClientConfigurationError`
    Configuration,
    /// `ConsentDeclinedError`
    ConsentDeclined,
    /// `ConsentRequiredError`
    ConsentRequired,
    /// `InteractionRequiredAuthError`
    InteractionRequired,
    /// `MisconfiguredError`
    Misconfigured,
    /// `ServerError`
    Server,
}

impl Class {
    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Class::AccessBlocked => "AccessBlockedError",
            Class::AdminConsentRequired => "AdminConsentRequiredError",
            Class::Browser => "BrowserAuthError",
            Class::BrowserConfiguration => "BrowserConfigurationAuthError",
            Class::Cache => "CacheError",
            Class::Client => "ClientAuthError",
            Class::Configuration => "ClientConfigurationError",
            Class::ConsentDeclined => "ConsentDeclinedError",
            Class::ConsentRequired => "ConsentRequiredError",
            Class::Misconfigured => "MisconfiguredError",
            Class::InteractionRequired => "InteractionRequiredAuthError",
            Class::Server => "ServerError",
        }
    }
}

/// A row of the table. The text is in parts, for a name to stand between them.
pub(super) type Row<'a> = (Class, &'a str, [&'a str; 4]);

pub(super) const fn plain(text: &str) -> [&str; 4] {
    [text, "", "", ""]
}

impl Error {
    fn row(&self) -> Row<'_> {
        match self {
            Error::Config(error) => error.row(),
            Error::Usage(error) => error.row(),
            Error::InteractionRequired(reply) => {
                let class = match reply.outcome {
                    Some(Outcome::ConsentRequired) => Class::ConsentRequired,
                    _ => Class::InteractionRequired,
                };
                (class, reply.error(), plain(reply.description()))
            }
            Error::Server(reply) => {
                let class = match reply.outcome {
                    Some(Outcome::Declined) => Class::ConsentDeclined,
                    Some(Outcome::AdminConsentRequired) => Class::AdminConsentRequired,
                    Some(Outcome::Blocked) => Class::AccessBlocked,
                    Some(Outcome::Misconfigured) => Class::Misconfigured,
                    Some(Outcome::ConsentRequired) | None => Class::Server,
                };
                (class, reply.error(), plain(reply.description()))
            }
            Error::Response(error) => error.row(),
            Error::Browser(error) => error.row(),
        }
    }

    /// The JavaScript class.
    pub fn class(&self) -> Class {
        self.row().0
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        self.row().1
    }

    /// What is wrong, and what to do.
    pub fn message(&self) -> String {
        self.row().2.concat()
    }

    /// What the facade makes an error object of. `correlation_id` is that of the call.
    pub fn record(&self, correlation_id: &str) -> Object {
        let (class, code, text) = self.row();
        let record = Object::default()
            .with("name", class.name())
            .with("errorCode", code)
            .with("errorMessage", text.concat())
            .with("correlationId", correlation_id);
        match self {
            Error::InteractionRequired(reply) | Error::Server(reply) => reply.tell(record),
            _ => record,
        }
    }
}

impl ConfigError {
    fn row(&self) -> Row<'_> {
        (Class::Configuration, self.code(), self.text())
    }

    const fn code(&self) -> &'static str {
        match self {
            ConfigError::ClientIdEmpty => "client_id_empty",
            ConfigError::AuthorityMalformed => "url_parse_error",
            ConfigError::AuthorityInsecure => "authority_uri_insecure",
            ConfigError::AuthorityMetadata => "invalid_authority_metadata",
            ConfigError::RedirectUri(_) => "invalid_redirect_uri",
            ConfigError::RedirectUriShared => "redirect_uri_shared",
            ConfigError::Field { .. } => "invalid_field",
            ConfigError::ScopeMalformed { .. } => "malformed_scope",
            ConfigError::ScopeUnsupported(_) => "unsupported_scope",
            ConfigError::DefaultMixed => "default_scope_mixed",
            ConfigError::SeveralResources => "several_resources",
            ConfigError::NoPermission => "empty_input_scopes_error",
            ConfigError::Claims => "invalid_claims",
            ConfigError::StartPage => "invalid_redirect_start_page",
            ConfigError::ExtraParameter => "invalid_extra_parameter",
        }
    }

    fn text(&self) -> [&str; 4] {
        plain(match self {
            ConfigError::ClientIdEmpty => "`auth.clientId` is missing: take it from the app registration",
            ConfigError::AuthorityMalformed => "`auth.authority` has to be `https://host/tenant`, for OIDC the issuer",
            ConfigError::AuthorityInsecure => "`auth.authority` has to be https (http on a loopback host only)",
            ConfigError::AuthorityMetadata => {
                "`auth.authorityMetadata` can't be used: pass the server's openid-configuration as JSON text"
            }
            ConfigError::RedirectUri(field) => {
                return ["`", field, "` has to be an https URL (loopback: http) or a path, no `#`", ""];
            }
            ConfigError::RedirectUriShared => {
                "`redirectUri` is that of another server's client too, and neither names itself: give each its own"
            }
            ConfigError::Field { field, expected } => {
                return ["`", field, "` can't be used: it has to be ", expected];
            }
            ConfigError::ScopeMalformed { field, scope } => {
                let text = "` has a malformed scope: write `<Application ID URI>/<permission>` in place of ";
                return ["`", field, text, scope];
            }
            ConfigError::ScopeUnsupported(field) => {
                let text = "` has `address` or `phone`, which the Microsoft identity platform has not: leave them out";
                return ["`", field, text, ""];
            }
            ConfigError::DefaultMixed => "`scopes` has `.default` beside another permission: ask for it alone",
            ConfigError::SeveralResources => {
                "`scopes` names several APIs, a token is for one: put the others in `extraScopesToConsent`"
            }
            ConfigError::NoPermission => "`scopes` names no permission: write `<Application ID URI>/<permission>`",
            ConfigError::Claims => "`claims` is not a JSON object: decode the challenge from base64 first",
            ConfigError::StartPage => "`redirectStartPage` has to be a URL or path of this page's origin",
            ConfigError::ExtraParameter => "`extraQueryParameters` has a parameter of the protocol: take it out",
        })
    }
}

impl UsageError {
    const fn row(self) -> Row<'static> {
        let (code, text) = match self {
            UsageError::NotCached => {
                let text = "no cached token is good for this, and `cacheLookupPolicy` allows nothing else: use another";
                return (Class::Client, "token_refresh_required", plain(text));
            }
            UsageError::NoAccount => {
                ("no_account_error", "no account: pass `account`, call `setActiveAccount`, or sign the user in first")
            }
            UsageError::AmbiguousAccount => {
                ("ambiguous_account", "several accounts are signed in: pass `account` or call `setActiveAccount`")
            }
            UsageError::NoCode => ("auth_code_required", "`code` is missing: pass the one that the server brought"),
            UsageError::InteractionLoop => (
                "interaction_loop",
                "this page has sent the user to the server five times in five minutes without a click: show a button",
            ),
        };
        (Class::Browser, code, plain(text))
    }
}

impl ResponseError {
    const fn row(self) -> Row<'static> {
        let (code, text) = match self {
            ResponseError::StateMissing => {
                ("state_not_found", plain("the response has no `state`: start the sign-in again"))
            }
            ResponseError::StateMismatch => (
                "state_mismatch",
                plain("`state` of the response is not that of a request of this tab: start the sign-in again"),
            ),
            ResponseError::AnswerIssuer => (
                "response_issuer_mismatch",
                plain(
                    "`iss` of the response is missing or not that of the server that was asked: start the sign-in again",
                ),
            ),
            ResponseError::CodeMissing => (
                "authorization_code_missing_from_server_response",
                plain("the response has no `code`: check that the app registration allows the code flow"),
            ),
            ResponseError::NotJson => {
                let text = "the token response is not JSON: check `auth.authority`, and that no proxy answers for it";
                return (Class::Browser, "failed_to_parse_response", plain(text));
            }
            ResponseError::TokenField(field) => (
                "invalid_token_response",
                [
                    "`",
                    field,
                    "` of the token response is missing or can't be used (RFC 6749 5.1): check the server",
                    "",
                ],
            ),
            ResponseError::IdToken(error) => error.row(),
            ResponseError::ClientInfo => {
                ("client_info_decoding_error", plain("`client_info` of the response can't be read: sign in again"))
            }
            ResponseError::Metadata(field) => (
                "openid_config_error",
                ["`", field, "` of the server's metadata is missing or can't be used: check `auth.authority`", ""],
            ),
            ResponseError::EndSessionUnsupported => (
                "end_session_endpoint_not_supported",
                plain("the server has no `end_session_endpoint`: use `clearCache` to sign out here only"),
            ),
            ResponseError::RequestUri => (
                "invalid_pushed_response",
                plain(
                    "the answer to the pushed request has no `request_uri`, or another status than 201 (RFC 9126): check the server",
                ),
            ),
            ResponseError::UserInfo(error) => error.row(),
            ResponseError::AccountMismatch => (
                "account_mismatch",
                plain("another account answered than the one that was asked: start again with that one"),
            ),
        };
        (Class::Client, code, text)
    }
}

impl IdTokenError {
    const fn row(self) -> (&'static str, [&'static str; 4]) {
        match self {
            IdTokenError::Malformed => ("token_parsing_error", plain("the ID token can't be read: sign in again")),
            IdTokenError::Algorithm => (
                "id_token_algorithm_not_accepted",
                plain("the ID token is signed by none of RS256, PS256, ES256, EdDSA: have the server use one of them"),
            ),
            IdTokenError::Key => (
                "id_token_key_not_found",
                plain(
                    "`jwks_uri` has no key that fits the ID token and that this browser can use: check `auth.authority`",
                ),
            ),
            IdTokenError::Signature => (
                "id_token_signature_invalid",
                plain("the signature of the ID token is wrong: do not trust this response; check `auth.authority`"),
            ),
            IdTokenError::Claim(claim) => (
                "invalid_id_token",
                ["claim `", claim, "` of the ID token failed its check (OIDC Core section 3.1.3.7): sign in again", ""],
            ),
            IdTokenError::Nonce => (
                "nonce_mismatch",
                plain("claim `nonce` of the ID token is not the one that was sent: start the sign-in again"),
            ),
        }
    }
}

impl UserInfoError {
    const fn row(self) -> (&'static str, [&'static str; 4]) {
        match self {
            UserInfoError::Unsupported => (
                "userinfo_endpoint_not_supported",
                plain("the server has no `userinfo_endpoint`: what it tells is in `idTokenClaims` of the account"),
            ),
            UserInfoError::Format => (
                "invalid_userinfo_response",
                plain("the userinfo response is no JSON object: have the server answer this app unsigned"),
            ),
            UserInfoError::Subject => (
                "userinfo_subject_mismatch",
                plain("claim `sub` of the userinfo response is not that of the ID token: do not use it, sign in again"),
            ),
        }
    }
}
