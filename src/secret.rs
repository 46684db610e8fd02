//! Text that must not be seen: tokens, codes, verifiers.

use std::fmt;

/// A secret. It cannot be printed or compared, only [exposed](Secret::expose) where it has to be sent or kept.
#[derive(Clone)]
pub struct Secret(String);

impl Secret {
    /// Marks a text as secret.
    pub const fn new(text: String) -> Self {
        Secret(text)
    }

    /// The text itself: for the request, the storage or the caller that it belongs to, never for an error or a log.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[secret]")
    }
}
