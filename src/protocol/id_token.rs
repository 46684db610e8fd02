//! The ID token (OpenID Connect Core sections 2, 3.1.3.7 and 12.2).

use super::{Algorithm, Metadata, Signer, base64url};
use crate::{
    error::IdTokenError,
    json::{self, Value},
    scope::is_guid,
    secret::Secret,
    text::{cut_last, parts},
};

/// How far the clocks of this machine and the server may be apart, in seconds.
const SKEW: u64 = 300;

/// An ID token that was read; [`check`](IdToken::check) it before its claims are believed.
#[derive(Clone, Debug)]
pub struct IdToken {
    raw: Secret,
    signer: Signer,
    claims: Value,
}

/// What is another in each token: when it was made, and the platform's names for it (its documentation of ID token claims).
const PASSING: [&str; 8] = ["iat", "nbf", "exp", "nonce", "at_hash", "aio", "rh", "uti"];

/// What an ID token has to say.
#[derive(Debug)]
pub struct Expected<'a> {
    /// Whose it has to be.
    pub metadata: &'a Metadata,
    /// Whom it has to be for.
    pub client_id: &'a str,
    /// The nonce of the request; `None` after a refresh, where there may be none.
    pub nonce: Option<&'a str>,
    /// How long ago the user may have signed in, in seconds: the request's `max_age`.
    pub max_age: Option<u64>,
    /// The request's `claims` parameter, of which the essential ones have to be met (section 5.5.1).
    pub requested: Option<&'a str>,
    /// The time, in seconds since 1970.
    pub now: u64,
}

impl IdToken {
    /// Reads the compact form.
    ///
    /// # Errors
    /// [`IdTokenError::Malformed`], [`IdTokenError::Algorithm`].
    pub fn parse(raw: Secret) -> Result<Self, IdTokenError> {
        let read = || {
            let mut parts = parts(raw.expose(), b'.');
            let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
            let is_whole = !signature.is_empty() && parts.next().is_none();
            let claims = base64url::decode_json(claims).filter(|claims| matches!(claims, Value::Object(_)))?;
            is_whole.then_some((base64url::decode_json(header)?, claims))
        };
        let (header, claims) = read().ok_or(IdTokenError::Malformed)?;
        // What an extension makes of a token is not known here (RFC 7515 section 4.1.11).
        if header.member("crit").is_some() {
            return Err(IdTokenError::Malformed);
        }
        let algorithm = header.text_of("alg").and_then(Algorithm::parse).ok_or(IdTokenError::Algorithm)?;
        let key_id = header.text_of("kid").map(ToOwned::to_owned);
        Ok(IdToken { raw, signer: Signer { algorithm, key_id }, claims })
    }

    /// What it says of its signature.
    pub const fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The text that is signed, and its signature (RFC 7515 section 5.2).
    ///
    /// # Errors
    /// [`IdTokenError::Malformed`].
    pub fn signed(&self) -> Result<(&str, Vec<u8>), IdTokenError> {
        let (text, signature) = cut_last(self.raw.expose(), b'.').ok_or(IdTokenError::Malformed)?;
        Ok((text, base64url::decode(signature).ok_or(IdTokenError::Malformed)?))
    }

    /// The checks of section 3.1.3.7 that need no key.
    ///
    /// # Errors
    /// [`IdTokenError::Claim`] with the claim, [`IdTokenError::Nonce`].
    pub fn check(&self, expected: &Expected<'_>) -> Result<(), IdTokenError> {
        self.check_identity(expected.metadata, expected.client_id, expected.now)?;
        require(self.time("exp").is_some_and(|exp| exp.saturating_add(SKEW) > expected.now), "exp")?;
        let early = self.claims.member("nbf").is_some()
            && self.time("nbf").is_none_or(|nbf| nbf > expected.now.saturating_add(SKEW));
        require(!early, "nbf")?;
        self.check_sign_in(expected)?;
        match (expected.nonce, self.claim("nonce")) {
            (Some(sent), received) if received != Some(sent) => Err(IdTokenError::Nonce),
            _ => Ok(()),
        }
    }

    /// Those of them that a token passes although it has ended: whose it is, for whom, and of whom it speaks.
    ///
    /// # Errors
    /// [`IdTokenError::Claim`] with the claim.
    pub fn check_identity(&self, metadata: &Metadata, client_id: &str, now: u64) -> Result<(), IdTokenError> {
        let issuer = metadata.issuer_for(self.claim("tid"));
        require(issuer.is_some() && self.claim("iss") == issuer.as_deref(), "iss")?;
        // The server writes a GUID in its own case.
        let is_client = |id: &str| id == client_id || is_guid(id) && id.eq_ignore_ascii_case(client_id);
        let audience = self.audience();
        let is_shared = !audience.iter().all(|id| is_client(id));
        require(audience.iter().any(|id| is_client(id)) && !audience.contains(&""), "aud")?;
        // Others are trusted with it only where the server says that it was this client which asked.
        let azp = self.claims.member("azp");
        require(azp.map_or(!is_shared, |azp| azp.as_str().is_some_and(is_client)), "azp")?;
        require(self.time("iat").is_some_and(|iat| iat <= now.saturating_add(SKEW)), "iat")?;
        require(self.claim("sub").is_some_and(|sub| !sub.is_empty()), "sub")
    }

    /// How and when the user signed in, where that was asked (items 12 and 13).
    fn check_sign_in(&self, expected: &Expected<'_>) -> Result<(), IdTokenError> {
        let requested = expected.requested.and_then(|text| json::parse(text).ok()).unwrap_or(Value::Null);
        let essential = |claim| {
            let wanted = requested.member("id_token")?.member(claim)?;
            (wanted.member("essential").and_then(Value::as_bool) == Some(true)).then_some(wanted)
        };
        if let Some(wanted) = essential("acr") {
            let is_met = |acr: &str| {
                let one = wanted.text_of("value");
                let several = wanted.member("values").and_then(Value::as_array);
                let is_listed = several.is_none_or(|values| values.iter().any(|value| value.as_str() == Some(acr)));
                one.is_none_or(|value| value == acr) && is_listed
            };
            self.claim("acr").filter(|acr| is_met(acr)).ok_or(IdTokenError::Claim("acr"))?;
        }
        if expected.max_age.is_none() && essential("auth_time").is_none() {
            return Ok(());
        }
        let signed_in_on = self.time("auth_time");
        let oldest = expected.max_age.map_or(0, |age| expected.now.saturating_sub(age.saturating_add(SKEW)));
        if signed_in_on.is_some_and(|on| on >= oldest) { Ok(()) } else { Err(IdTokenError::Claim("auth_time")) }
    }

    /// A refreshed token speaks of the same user, issuer, client and sign-in as the one before it (section 12.2). `nonce` is that
    /// of the sign-in that the refresh token is of, where the one before has another or none.
    ///
    /// # Errors
    /// [`IdTokenError::Claim`] with the claim that changed.
    pub fn check_continues(&self, before: &IdToken, nonce: Option<&str>) -> Result<(), IdTokenError> {
        for claim in ["iss", "sub", "azp", "nonce"] {
            let is_optional = matches!(claim, "azp" | "nonce") && self.claims.member(claim).is_none();
            let expected = nonce.filter(|_| claim == "nonce").or_else(|| before.claim(claim));
            if !is_optional && self.claim(claim) != expected {
                return Err(IdTokenError::Claim(claim));
            }
        }
        // The one before may be of another sign-in: it has a nonce of its own then.
        let is_same_sign_in = nonce.is_none() || before.claim("nonce").is_none_or(|own| Some(own) == nonce);
        let times = [self, before].map(|token| token.time("auth_time"));
        if let [Some(now), Some(then)] = times
            && is_same_sign_in
            && now != then
        {
            return Err(IdTokenError::Claim("auth_time"));
        }
        if self.audience() == before.audience() { Ok(()) } else { Err(IdTokenError::Claim("aud")) }
    }

    /// Whether it says what the other one says, but for what each token has of its own.
    pub fn says_the_same(&self, other: &IdToken) -> bool {
        let (Value::Object(own), Value::Object(others)) = (&self.claims, &other.claims) else {
            return false;
        };
        let is_passing = |name: &String| PASSING.contains(&name.as_str());
        let has = |one: &Value, name: &String, value: &Value| is_passing(name) || one.member(name) == Some(value);
        own.iter().all(|(name, value)| has(&other.claims, name, value))
            && others.iter().all(|(name, value)| has(&self.claims, name, value))
    }

    /// A claim that is a time, in seconds since 1970.
    pub fn time(&self, name: &str) -> Option<u64> {
        self.claims.member(name).and_then(Value::as_seconds)
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

const fn require(is_right: bool, claim: &'static str) -> Result<(), IdTokenError> {
    if is_right { Ok(()) } else { Err(IdTokenError::Claim(claim)) }
}
