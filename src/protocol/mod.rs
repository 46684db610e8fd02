//! The messages of OAuth 2.0 and OpenID Connect as pure pairs: a request becomes a URL or an HTTP request, a URL or an
//! HTTP response becomes an answer. Nothing here waits, tells the time, draws lots or touches the browser.

mod admin_consent;
mod authority;
mod authorization;
pub mod base64url;
mod challenge;
mod claims;
mod client_info;
mod end_session;
pub mod form;
mod http;
mod id_token;
mod jwk;
mod metadata;
mod pkce;
mod token;
mod url;
mod user_info;

pub use admin_consent::{AdminConsentRequest, AdminConsentResponse};
pub use authority::Authority;
pub use authorization::{AuthorizationAnswer, AuthorizationRequest, AuthorizationResponse, Prompt};
pub use challenge::{Challenge, Demand};
pub use client_info::ClientInfo;
pub use end_session::EndSessionRequest;
pub use form::{FormWriter, decode, encode};
pub use http::{HttpRequest, HttpResponse};
pub use id_token::{Expected, IdToken};
pub use jwk::{Algorithm, PublicKey, Signer, find_key};
pub use metadata::Metadata;
pub use pkce::{CodeChallenge, CodeVerifier, digest};
pub use token::{Grant, TokenRequest, TokenResponse};
pub use url::{is_loopback, is_trustworthy, origin, without_fragment, without_query};
pub use user_info::UserInfoRequest;

/// Text that cannot be guessed, from at least 16 random bytes: `state`, `nonce` (RFC 6749 section 10.10).
pub fn unguessable(random: &[u8]) -> String {
    base64url::encode(random)
}

/// A version 4 UUID (RFC 9562 section 5.4) of 16 random bytes: the correlation id.
pub fn uuid(mut random: [u8; 16]) -> String {
    const HEX: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    random[6] = (random[6] & 0x0f) | 0x40;
    random[8] = (random[8] & 0x3f) | 0x80;
    let mut uuid = String::with_capacity(36);
    for (at, byte) in random.iter().enumerate() {
        if matches!(at, 4 | 6 | 8 | 10) {
            uuid.push('-');
        }
        uuid.extend([byte >> 4, byte & 0x0f].iter().filter_map(|digit| HEX.get(usize::from(*digit))));
    }
    uuid
}
