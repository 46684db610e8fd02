//! The token request and its response (RFC 6749 sections 4.1.3, 5 and 6).

use super::{CodeVerifier, FormWriter, HttpRequest, HttpResponse, Metadata, claims::with_capabilities, encode};
use crate::{
    error::{Error, ResponseError, ServerReply},
    json::{self, Value},
    scope::ScopeSet,
    secret::Secret,
};
use std::{fmt, rc::Rc};

/// What is given in return for tokens.
#[derive(Clone, Copy, Debug)]
pub enum Grant<'a> {
    /// A code, once.
    AuthorizationCode {
        /// The code.
        code: &'a Secret,
        /// Where it was sent to.
        redirect_uri: &'a str,
        /// What its challenge was made of; `None` where somebody else asked for it without one.
        verifier: Option<&'a CodeVerifier>,
    },
    /// A refresh token.
    RefreshToken(&'a Secret),
}

/// A request for tokens of one API: [`to_http`](TokenRequest::to_http), then [`TokenResponse::from_http`].
#[derive(Debug)]
pub struct TokenRequest<'a> {
    /// The client.
    pub client_id: &'a str,
    /// What is given.
    pub grant: Grant<'a>,
    /// Permissions of one API, and OpenID Connect's own.
    pub scopes: &'a ScopeSet,
    /// The API (RFC 8707 section 2.2).
    pub resource: Option<&'a str>,
    /// A `claims` parameter.
    pub claims: Option<&'a str>,
    /// What the client says that it can do, whatever it asks for.
    pub capabilities: &'a [String],
    /// For the server's logs.
    pub correlation_id: &'a str,
    /// Whether the server is one that leaves out the access token where no permission is asked for, against section 5.1: B2C is.
    pub may_lack_token: bool,
}

impl TokenRequest<'_> {
    /// The request to send.
    pub fn to_http(&self, metadata: &Metadata) -> HttpRequest {
        let mut form = FormWriter::default();
        form.add("client_id", self.client_id).add("scope", &self.scopes.to_parameter());
        form.add_if("client_info", metadata.is_platform.then_some("1"));
        match self.grant {
            Grant::AuthorizationCode { code, redirect_uri, verifier } => form
                .add("grant_type", "authorization_code")
                .add("code", code.expose())
                .add("redirect_uri", redirect_uri)
                .add_if("code_verifier", verifier.map(CodeVerifier::expose)),
            Grant::RefreshToken(token) => form.add("grant_type", "refresh_token").add("refresh_token", token.expose()),
        }
        .add_if("claims", with_capabilities(self.claims, self.capabilities).as_deref())
        .add_if("resource", self.resource);
        let mut url = metadata.token_endpoint.clone();
        if metadata.is_platform {
            let mut query = FormWriter::default();
            query.add("client-request-id", self.correlation_id);
            url = query.finish_url(&url);
        }
        HttpRequest { url, form: Some(Secret::new(form.finish())), bearer: None }
    }

    /// The error of a refusal.
    fn refused(&self, response: &HttpResponse) -> Error {
        let (secrets, unsaid) = match self.grant {
            Grant::AuthorizationCode { code, verifier, .. } => {
                ([code.expose(), verifier.map_or("", CodeVerifier::expose)], "http_error")
            }
            Grant::RefreshToken(token) => ([token.expose(), ""], "invalid_grant"),
        };
        let reply = refusal(response, &secrets, unsaid);
        // Whatever made a refresh token useless, only the user can bring another.
        if matches!(self.grant, Grant::RefreshToken(_)) && reply.error() == "invalid_grant" {
            Error::InteractionRequired(Rc::new(reply))
        } else {
            reply.into()
        }
    }
}

/// A refusal in the server's words (section 5.2), but for what repeats one of the `secrets` that were sent. An answer without `error` is
/// one too: `unsaid` is what 400 and 401 mean then.
pub(super) fn refusal(response: &HttpResponse, secrets: &[&str], unsaid: &str) -> ServerReply {
    let body = json::parse(response.body.expose()).unwrap_or(Value::Null);
    // Who repeats the request repeats it as it was sent.
    let mut as_sent = [String::new(), String::new()];
    for (secret, encoded) in secrets.iter().zip(&mut as_sent) {
        encode(secret, encoded);
    }
    let [one, other] = &as_sent;
    let mut reply = ServerReply::read(&body, &[secrets, &[one, other]].concat());
    if reply.error().is_empty() {
        let error = match response.status {
            400 | 401 => unsaid,
            429 | 503 => "temporarily_unavailable",
            500.. => "server_error",
            _ => "http_error",
        };
        reply = ServerReply::new(error, "the server refused without an OAuth error: see `status`");
    }
    reply.status = Some(response.status);
    reply.retry_after = response.retry_after;
    reply
}

/// Tokens. The ID token is not checked yet: [`IdToken::check`](super::IdToken::check) is next.
pub struct TokenResponse(Value);

impl TokenResponse {
    /// Reads the answer to `request`.
    ///
    /// # Errors
    /// [`Error::InteractionRequired`] and [`Error::Server`] when the server refused, [`Error::Response`] when the answer
    /// can't be used.
    pub fn from_http(response: &HttpResponse, request: &TokenRequest<'_>) -> Result<Self, Error> {
        if !(200..300).contains(&response.status) {
            return Err(request.refused(response));
        }
        let tokens =
            TokenResponse(json::parse(response.body.expose()).map_err(|json::NotJson| ResponseError::NotJson)?);
        // Section 7.1: the name is not case-sensitive, and a type that is not understood is not used.
        let is_bearer = tokens.0.text_of("token_type").is_some_and(|kind| kind.eq_ignore_ascii_case("bearer"));
        let has_end = tokens.0.member("expires_in").is_none() || tokens.expires_in().is_some();
        let is_sign_in = request.may_lack_token && request.scopes.permissions().is_empty();
        let has_token = !tokens.access_token().is_empty() || is_sign_in && tokens.id_token().is_some();
        for (is_right, field) in [(is_bearer, "token_type"), (has_end, "expires_in"), (has_token, "access_token")] {
            if !is_right {
                return Err(ResponseError::TokenField(field).into());
            }
        }
        Ok(tokens)
    }

    /// `access_token`: opaque, for the API alone. Empty where it [may be missing](TokenRequest::may_lack_token).
    pub fn access_token(&self) -> &str {
        self.0.text_of("access_token").unwrap_or_default()
    }

    /// `expires_in`, in seconds.
    pub fn expires_in(&self) -> Option<u64> {
        self.0.member("expires_in").and_then(Value::as_seconds)
    }

    /// `refresh_in`: after how many seconds the platform wants the token renewed; before it ends.
    pub fn refresh_in(&self) -> Option<u64> {
        let told = self.0.member("refresh_in").and_then(Value::as_seconds);
        told.filter(|told| self.expires_in().is_some_and(|end| *told < end))
    }

    /// `scope`: what was granted, where the server says so.
    pub fn scope(&self) -> Option<&str> {
        self.0.text_of("scope").filter(|scope| !scope.trim_ascii().is_empty())
    }

    /// `refresh_token`
    pub fn refresh_token(&self) -> Option<Secret> {
        self.secret("refresh_token")
    }

    /// `refresh_token_expires_in`: how long the platform's refresh token lives, in seconds.
    pub fn refresh_token_expires_in(&self) -> Option<u64> {
        // Who says 0 does not mean a token that is none.
        self.0.member("refresh_token_expires_in").and_then(Value::as_seconds).filter(|seconds| *seconds > 0)
    }

    /// `id_token`
    pub fn id_token(&self) -> Option<Secret> {
        self.secret("id_token")
    }

    /// `client_info`
    pub fn client_info(&self) -> Option<&str> {
        self.0.text_of("client_info")
    }

    fn secret(&self, name: &str) -> Option<Secret> {
        self.0.text_of(name).filter(|text| !text.is_empty()).map(|text| Secret::new(text.to_owned()))
    }
}

impl fmt::Debug for TokenResponse {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenResponse([secret])")
    }
}
