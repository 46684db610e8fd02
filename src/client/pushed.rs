//! Where to send the user with an authorization request: with all of it, or with the name of one that the server was handed before.

use super::PublicClient;
use crate::{
    error::Error,
    platform::Platform,
    protocol::{AuthorizationRequest, HttpRequest, Metadata},
    secret::Secret,
};

impl<P: Platform> PublicClient<P> {
    /// The address of the request. One that is pushed is pushed anew each time: its name is good for one use (RFC 9126 section 4).
    ///
    /// # Errors
    /// [`Error::Config`] for a request that can't be sent; [`Error::Server`], [`Error::Response`] and [`Error::Browser`] when the
    /// server does not take it.
    pub(super) async fn address_of(
        &self,
        request: &AuthorizationRequest<'_>,
        metadata: &Metadata,
    ) -> Result<String, Error> {
        let form = request.to_form(metadata)?;
        let Some(endpoint) = metadata.push_to(self.config.pushes_where_advertised)? else {
            return Ok(form.finish_url(&metadata.authorization_endpoint));
        };
        let form = Some(Secret::new(form.finish()));
        let response = self.platform.send(HttpRequest { url: endpoint.to_owned(), form, bearer: None }).await?;
        request.pushed_url(&response, metadata)
    }
}
