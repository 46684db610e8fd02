//! The `UserInfo` request and its response (OpenID Connect Core section 5.3).

use super::{HttpRequest, HttpResponse, Metadata, token::refusal};
use crate::{
    error::{Error, UserInfoError},
    json::{self, Value},
    secret::Secret,
};
use std::rc::Rc;

/// A question who the user is: [`to_http`](UserInfoRequest::to_http), then [`claims`](UserInfoRequest::claims).
#[derive(Debug)]
pub struct UserInfoRequest<'a> {
    /// A token that the endpoint takes.
    pub access_token: &'a Secret,
    /// Who it has to be: `sub` of the ID token.
    pub subject: &'a str,
}

impl UserInfoRequest<'_> {
    /// The request to send (section 5.3.1).
    ///
    /// # Errors
    /// [`UserInfoError::Unsupported`] when the server has no such endpoint.
    pub fn to_http(&self, metadata: &Metadata) -> Result<HttpRequest, UserInfoError> {
        let url = metadata.userinfo_endpoint.clone().ok_or(UserInfoError::Unsupported)?;
        Ok(HttpRequest { url, form: None, bearer: Some(self.access_token.clone()) })
    }

    /// Reads the answer. Of somebody else nothing may be used (section 5.3.2); a signed answer is not read.
    ///
    /// # Errors
    /// [`Error::InteractionRequired`] when the token was refused, [`Error::Server`] for any other refusal, [`Error::Response`]
    /// when the answer can't be used.
    pub fn claims(&self, response: &HttpResponse) -> Result<Value, Error> {
        if response.status != 200 {
            let is_refused = response.status == 401;
            let reply = refusal(
                response,
                &[self.access_token.expose()],
                if is_refused { "invalid_token" } else { "http_error" },
            );
            return Err(if is_refused { Error::InteractionRequired(Rc::new(reply)) } else { reply.into() });
        }
        let claims = json::parse(response.body.expose()).ok().filter(|claims| matches!(claims, Value::Object(_)));
        let claims = claims.ok_or(UserInfoError::Format)?;
        if claims.text_of("sub") == Some(self.subject) { Ok(claims) } else { Err(UserInfoError::Subject.into()) }
    }
}
