//! The authorization request and its response (RFC 6749 section 4.1, OpenID Connect Core section 3.1.2).

use super::{CodeChallenge, FormWriter, HttpResponse, Metadata, claims::with_capabilities, form, token::refusal};
use crate::{
    error::{ConfigError, Error, ResponseError, ServerReply},
    json::{self, Value},
    scope::ScopeSet,
    secret::Secret,
};

/// What the server must show, whatever its session says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Prompt(&'static str);

impl Prompt {
    /// The user enters a password.
    pub const LOGIN: Prompt = Prompt("login");
    /// Nothing is shown.
    pub const NONE: Prompt = Prompt("none");
    /// The user consents.
    pub const CONSENT: Prompt = Prompt("consent");
    /// The user chooses an account.
    pub const SELECT_ACCOUNT: Prompt = Prompt("select_account");
    /// The user makes an account.
    pub const CREATE: Prompt = Prompt("create");

    /// The first three leave it to the user who answers.
    const ALL: [Prompt; 5] = [Prompt::LOGIN, Prompt::SELECT_ACCOUNT, Prompt::CREATE, Prompt::NONE, Prompt::CONSENT];

    /// Reads the parameter.
    ///
    /// # Errors
    /// [`ConfigError::Field`] for any other text.
    pub fn parse(text: &str) -> Result<Self, ConfigError> {
        let expected = "`login`, `none`, `consent`, `select_account` or `create`";
        Prompt::ALL.into_iter().find(|prompt| prompt.0 == text).ok_or(ConfigError::Field { field: "prompt", expected })
    }

    /// The parameter.
    pub const fn as_str(self) -> &'static str {
        self.0
    }

    /// Whether it is left to the user who answers.
    pub fn is_free_choice(self) -> bool {
        Prompt::ALL.iter().take(3).any(|prompt| *prompt == self)
    }
}

/// A request for a code. [`to_form`](AuthorizationRequest::to_form) is next, and then the address to send the user to, with all of it or,
/// where it was pushed, [without](AuthorizationRequest::pushed_url); the answer comes back as an [`AuthorizationResponse`].
#[derive(Clone, Debug)]
pub struct AuthorizationRequest<'a> {
    /// The client.
    pub client_id: &'a str,
    /// Where the answer goes.
    pub redirect_uri: &'a str,
    /// All that is asked for, of any number of APIs.
    pub scopes: &'a ScopeSet,
    /// The API that a token is for (RFC 8707 section 2.1).
    pub resource: Option<&'a str>,
    /// Ties the answer to this request.
    pub state: &'a str,
    /// Ties the ID token to this request.
    pub nonce: &'a str,
    /// Ties the code to this client instance.
    pub challenge: CodeChallenge,
    /// What to show.
    pub prompt: Option<Prompt>,
    /// Who is expected.
    pub login_hint: Option<&'a str>,
    /// Where they sign in.
    pub domain_hint: Option<&'a str>,
    /// A `claims` parameter (OpenID Connect Core section 5.5).
    pub claims: Option<&'a str>,
    /// What the client says that it can do, whatever it asks for.
    pub capabilities: &'a [String],
    /// For the server's logs.
    pub correlation_id: &'a str,
    /// The app's own parameters.
    pub extra: &'a [(&'a str, &'a str)],
}

/// No token is as short as this, in bytes.
const LONGEST_WORD: usize = 32;

/// Parameters that would replace all others (RFC 9101), and one that tokens are kept by: a request has a field for it.
const RESERVED: [&str; 3] = ["request", "request_uri", "resource"];

impl AuthorizationRequest<'_> {
    /// The parameters. The response comes in the fragment, which no server sees.
    ///
    /// # Errors
    /// [`ConfigError::ExtraParameter`].
    pub fn to_form(&self, metadata: &Metadata) -> Result<FormWriter, ConfigError> {
        let mut query = FormWriter::default();
        query
            .add("client_id", self.client_id)
            .add("response_type", "code")
            .add("response_mode", "fragment")
            .add("redirect_uri", self.redirect_uri)
            .add("scope", &self.scopes.to_parameter())
            .add("state", self.state)
            .add("nonce", self.nonce)
            .add("code_challenge", self.challenge.as_str())
            .add("code_challenge_method", "S256")
            .add_if("client_info", metadata.is_platform.then_some("1"))
            .add_if("client-request-id", metadata.is_platform.then_some(self.correlation_id))
            .add_if("prompt", self.prompt.map(Prompt::as_str))
            .add_if("login_hint", self.login_hint)
            .add_if("domain_hint", self.domain_hint)
            .add_if("claims", with_capabilities(self.claims, self.capabilities).as_deref())
            .add_if("resource", self.resource);
        for (name, value) in self.extra {
            if RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) || query.has(name) {
                return Err(ConfigError::ExtraParameter);
            }
            query.add(name, value);
        }
        Ok(query)
    }

    /// The address to send the user to with a request that was pushed, and was answered like this (RFC 9126 sections 2.2 and 4). How
    /// long its name is good for does not matter: it is used at once.
    ///
    /// # Errors
    /// As for [tokens](super::TokenResponse::from_http); [`ResponseError::RequestUri`].
    pub fn pushed_url(&self, response: &HttpResponse, metadata: &Metadata) -> Result<String, Error> {
        if !(200..300).contains(&response.status) {
            let mut secrets = Vec::from([self.state, self.nonce, self.challenge.as_str()]);
            // Of the app's own texts those that may be a token; a short one is part of many a message.
            secrets.extend(self.extra.iter().map(|(_, value)| *value).filter(|value| value.len() > LONGEST_WORD));
            return Err(refusal(response, &secrets, "http_error").into());
        }
        let body = json::parse(response.body.expose()).unwrap_or(Value::Null);
        let request_uri = body.text_of("request_uri").filter(|uri| response.status == 201 && !uri.is_empty());
        let mut query = FormWriter::default();
        query.add("client_id", self.client_id).add("request_uri", request_uri.ok_or(ResponseError::RequestUri)?);
        Ok(query.finish_url(&metadata.authorization_endpoint))
    }
}

/// What came back.
#[derive(Debug)]
pub struct AuthorizationResponse {
    state: Option<String>,
    /// `iss`: who says it answers (RFC 9207 section 2).
    pub issuer: Option<String>,
    /// The answer itself.
    pub answer: AuthorizationAnswer,
}

/// The answer to an [`AuthorizationRequest`].
#[derive(Debug)]
pub enum AuthorizationAnswer {
    /// `code`, to be redeemed once.
    Code(Secret),
    /// `error`
    Error(ServerReply),
    /// Neither.
    Nothing,
}

impl AuthorizationResponse {
    /// Reads the fragment of a page's address; `None` if it is the page's own and no response.
    pub fn parse(fragment: &str) -> Option<Self> {
        let start = fragment.bytes().position(|byte| !b"#?/".contains(&byte))?;
        let parameters = form::parse(fragment.get(start..)?);
        let state = parameters.text_of("state").map(ToOwned::to_owned);
        // `code` or `state` alone may well be the app's own parameter.
        let is_told = state.is_some() || parameters.text_of("session_state").is_some();
        let answer = match (parameters.text_of("error"), parameters.text_of("code")) {
            (Some(_), _) => AuthorizationAnswer::Error(ServerReply::read(&parameters, &[])),
            (None, Some(code)) if is_told => AuthorizationAnswer::Code(Secret::new(code.to_owned())),
            (None, None) if state.is_some() && parameters.text_of("session_state").is_some() => {
                AuthorizationAnswer::Nothing
            }
            _ => return None,
        };
        let issuer = parameters.text_of("iss").map(ToOwned::to_owned);
        Some(AuthorizationResponse { state, issuer, answer })
    }

    /// `state`; some error answers have none.
    pub fn state(&self) -> Option<&str> {
        self.state.as_deref()
    }
}
