//! The ID token (OpenID Connect Core sections 2, 3.1.3.7 and 12.2).

use super::{Metadata, base64url};
use crate::{error::ResponseError, json::Value, scope::is_guid, secret::Secret, text::parts};

/// How far the clocks of this machine and the server may be apart, in seconds.
const SKEW: u64 = 300;

/// An ID token that was read; [`check`](IdToken::check) it before its claims are believed.
#[derive(Clone, Debug)]
pub struct IdToken {
    raw: Secret,
    claims: Value,
}

/// What an ID token has to say.
#[derive(Debug)]
pub struct Expected<'a> {
    /// Whose it has to be.
    pub metadata: &'a Metadata,
    /// Whom it has to be for.
    pub client_id: &'a str,
    /// The nonce of the request; `None` after a refresh, where there may be none.
    pub nonce: Option<&'a str>,
    /// The time, in seconds since 1970.
    pub now: u64,
}

impl IdToken {
    /// Reads the compact form.
    ///
    /// # Errors
    /// [`ResponseError::IdTokenMalformed`].
    pub fn parse(raw: Secret) -> Result<Self, ResponseError> {
        let read = || {
            let mut parts = parts(raw.expose(), b'.');
            let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
            let header = base64url::decode_json(header)?;
            // A public client shares no secret with the server: neither `none` nor a MAC can be right.
            let algorithm = header.text_of("alg")?;
            let is_asymmetric =
                algorithm.len() == 5 && ["RS", "PS", "ES", "Ed"].iter().any(|family| algorithm.starts_with(family));
            let signed = is_asymmetric && !signature.is_empty();
            (signed && parts.next().is_none()).then(|| base64url::decode_json(claims))?
        };
        let claims =
            read().filter(|claims| matches!(claims, Value::Object(_))).ok_or(ResponseError::IdTokenMalformed)?;
        Ok(IdToken { raw, claims })
    }

    /// The checks of section 3.1.3.7 that need no key.
    ///
    /// # Errors
    /// [`ResponseError::IdTokenClaim`] with the claim, [`ResponseError::NonceMismatch`].
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), ResponseError> {
        let require = |right: bool, claim| if right { Ok(()) } else { Err(ResponseError::IdTokenClaim(claim)) };
        let issuer = expected.metadata.issuer_for(self.claim("tid"));
        require(issuer.is_some() && self.claim("iss") == issuer.as_deref(), "iss")?;
        // Nobody else is trusted, so nobody else may be named. The server writes a GUID in its own case.
        let is_client =
            |id: &str| id == expected.client_id || is_guid(id) && id.eq_ignore_ascii_case(expected.client_id);
        let audience = self.audience();
        require(!audience.is_empty() && audience.iter().all(|id| is_client(id)), "aud")?;
        let azp = self.claims.member("azp");
        require(azp.is_none_or(|azp| azp.as_str().is_some_and(is_client)), "azp")?;
        let time = |claim| self.claims.member(claim).and_then(Value::as_seconds);
        require(time("exp").is_some_and(|exp| exp.saturating_add(SKEW) > expected.now), "exp")?;
        require(time("iat").is_some_and(|iat| iat <= expected.now.saturating_add(SKEW)), "iat")?;
        let early = self.claims.member("nbf").is_some()
            && time("nbf").is_none_or(|nbf| nbf > expected.now.saturating_add(SKEW));
        require(!early, "nbf")?;
        require(self.claim("sub").is_some_and(|sub| !sub.is_empty()), "sub")?;
        match (expected.nonce, self.claim("nonce")) {
            (Some(sent), received) if received != Some(sent) => Err(ResponseError::NonceMismatch),
            _ => Ok(()),
        }
    }

    /// A refreshed token speaks of the same user, issuer and client as the one before it (section 12.2).
    ///
    /// # Errors
    /// [`ResponseError::IdTokenClaim`] with the claim that changed.
    pub fn check_continues(&self, before: &IdToken) -> Result<(), ResponseError> {
        for claim in ["iss", "sub", "azp", "nonce"] {
            let is_optional = matches!(claim, "azp" | "nonce") && self.claims.member(claim).is_none();
            if !is_optional && self.claim(claim) != before.claim(claim) {
                return Err(ResponseError::IdTokenClaim(claim));
            }
        }
        if self.audience() == before.audience() { Ok(()) } else { Err(ResponseError::IdTokenClaim("aud")) }
    }

    /// A claim that is a text.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.text_of(name)
    }

    /// A claim that is a text, as the app's own.
    pub fn owned_claim(&self, name: &str) -> Option<String> {
        self.claim(name).map(ToOwned::to_owned)
    }

    /// All claims.
    pub const fn claims(&self) -> &Value {
        &self.claims
    }

    /// The compact form, for the app and for storage.
    pub fn expose(&self) -> &str {
        self.raw.expose()
    }

    fn audience(&self) -> Vec<&str> {
        match self.claims.member("aud") {
            Some(Value::String(audience)) => Vec::from([audience.as_str()]),
            Some(Value::Array(audiences)) => {
                audiences.iter().map(|audience| audience.as_str().unwrap_or_default()).collect()
            }
            _ => Vec::new(),
        }
    }
}
