//! Ending the session (OpenID Connect RP-Initiated Logout section 2).

use super::{FormWriter, Metadata};
use crate::error::ResponseError;

/// A request to end the session at the server. No `Debug`: it may hold an ID token.
pub struct EndSessionRequest<'a> {
    /// The client.
    pub client_id: &'a str,
    /// Where the user goes afterwards.
    pub post_logout_redirect_uri: Option<&'a str>,
    /// Who signs out: the ID token, for servers that demand it.
    pub id_token_hint: Option<&'a str>,
    /// Who signs out: the claim `login_hint`, so that the server need not ask.
    pub logout_hint: Option<&'a str>,
    /// Comes back on the page after.
    pub state: Option<&'a str>,
    /// For the server's logs.
    pub correlation_id: &'a str,
}

impl EndSessionRequest<'_> {
    /// The address to send the user to.
    ///
    /// # Errors
    /// [`ResponseError::EndSessionUnsupported`] when the server has no such endpoint.
    pub fn to_url(&self, metadata: &Metadata) -> Result<String, ResponseError> {
        let endpoint = metadata.end_session_endpoint.as_deref().ok_or(ResponseError::EndSessionUnsupported)?;
        let mut query = FormWriter::default();
        query
            .add("client_id", self.client_id)
            .add_if("post_logout_redirect_uri", self.post_logout_redirect_uri)
            .add_if("id_token_hint", self.id_token_hint)
            .add_if("logout_hint", self.logout_hint)
            .add_if("state", self.state)
            .add_if("client-request-id", metadata.is_platform.then_some(self.correlation_id));
        Ok(query.finish_url(endpoint))
    }
}
