//! Proof Key for Code Exchange (RFC 7636), method S256 only.

use super::base64url;
use crate::secret::Secret;
use sha2::{Digest, Sha256};

/// The secret half, sent when the code is redeemed.
#[derive(Clone, Debug)]
pub struct CodeVerifier(Secret);

/// The public half, sent with the authorization request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeChallenge(String);

impl CodeVerifier {
    /// 43 characters of 32 random bytes (section 4.1).
    pub fn new(random: &[u8; 32]) -> Self {
        CodeVerifier(Secret::new(base64url::encode(random)))
    }

    /// One that was kept; `None` if it is not 43 to 128 unreserved characters.
    pub fn parse(text: &str) -> Option<Self> {
        let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        ((43..=128).contains(&text.len()) && text.bytes().all(unreserved))
            .then(|| CodeVerifier(Secret::new(text.to_owned())))
    }

    /// For the token request, and to be kept until then.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }

    /// `BASE64URL(SHA256(verifier))` (section 4.2).
    pub fn challenge(&self) -> CodeChallenge {
        CodeChallenge(digest(self.expose()))
    }
}

/// `BASE64URL(SHA256(text))`: 43 characters that stand for a text of any length.
pub fn digest(text: &str) -> String {
    base64url::encode(&Sha256::digest(text.as_bytes()))
}

impl CodeChallenge {
    /// The `code_challenge` parameter.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}
