//! HTTP requests and responses as values.

/// A request; without headers of its own, so that no browser asks for leave first (CORS preflight), but for one that sends a token.
#[derive(Clone, Debug)]
pub struct HttpRequest {
    /// Where.
    pub url: String,
    /// The form to POST; `None` for a GET.
    pub form: Option<crate::secret::Secret>,
    /// The access token of a call (RFC 6750 section 2.1).
    pub bearer: Option<crate::secret::Secret>,
}

/// An answer.
#[derive(Clone, Debug)]
pub struct HttpResponse {
    /// The status.
    pub status: u16,
    /// The header `Retry-After` in seconds, where it can be read (CORS).
    pub retry_after: Option<u64>,
    /// The body: a secret, as it may hold tokens.
    pub body: crate::secret::Secret,
}
