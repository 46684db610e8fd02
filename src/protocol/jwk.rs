//! The keys that a server signs with (RFC 7517), and the one that a token means (OpenID Connect Core section 10.1).

use super::{IdToken, base64url, metadata::fill_tenant};
use crate::json::{Object, Value};

/// A signature whose key is public (RFC 7518 section 3.1, RFC 8037 section 3.1). There is no MAC among them, and no `none`: a
/// public client shares no secret with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// RSASSA-PKCS1-v1_5 with SHA-256
    Rs256,
    /// RSASSA-PSS with SHA-256
    Ps256,
    /// ECDSA on P-256 with SHA-256
    Es256,
    /// Ed25519
    EdDsa,
}

/// A key that a signature can be checked with.
#[derive(Clone, Debug)]
pub struct PublicKey {
    /// What it is for.
    pub algorithm: Algorithm,
    /// As a JSON Web Key, with nothing in it but the key.
    pub jwk: Value,
}

/// What the header of a token says of its signature (RFC 7515 section 4.1).
#[derive(Clone, Debug)]
pub struct Signer {
    /// `alg`
    pub algorithm: Algorithm,
    /// `kid`
    pub key_id: Option<String>,
}

/// 2,048 bits in base64url: a shorter modulus is no RSA key to trust (RFC 7518 section 3.3).
const SHORTEST_MODULUS: usize = 342;

impl Algorithm {
    /// By the name in a header; `None` for what is not accepted.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "RS256" => Algorithm::Rs256,
            "PS256" => Algorithm::Ps256,
            "ES256" => Algorithm::Es256,
            "EdDSA" | "Ed25519" => Algorithm::EdDsa,
            _ => return None,
        })
    }

    /// The type of its keys, their curve, and the members that make one (RFC 7518 section 6, RFC 8037 section 2).
    const fn key(self) -> (&'static str, Option<&'static str>, &'static [&'static str]) {
        match self {
            Algorithm::Rs256 | Algorithm::Ps256 => ("RSA", None, &["n", "e"]),
            Algorithm::Es256 => ("EC", Some("P-256"), &["x", "y"]),
            Algorithm::EdDsa => ("OKP", Some("Ed25519"), &["x"]),
        }
    }
}

/// The key that an ID token means, among those of a JSON Web Key Set. The issuer that a key belongs to, which the Microsoft
/// identity platform names, has to be the token's.
pub fn find_key(set: &Value, id_token: &IdToken) -> Option<PublicKey> {
    let mut fitting = None;
    for key in set.member("keys").and_then(Value::as_array)? {
        let owner = key.text_of("issuer").map(|owner| fill_tenant(owner, id_token.claim("tid")));
        let is_owned = owner.is_none_or(|owner| owner.as_deref() == id_token.claim("iss"));
        if !is_owned || !fits(key, id_token.signer()) {
            continue;
        }
        // Without a name only one may fit.
        if fitting.is_some() {
            return None;
        }
        fitting = Some(key);
    }
    public_key(fitting?, id_token.signer().algorithm)
}

fn fits(key: &Value, signer: &Signer) -> bool {
    let (kind, curve, _) = signer.algorithm.key();
    let is = |name: &str, wanted: &str| key.text_of(name) == Some(wanted);
    let may_be = |name: &str, wanted: &str| key.member(name).is_none() || is(name, wanted);
    let is_named = signer.key_id.as_deref().is_none_or(|wanted| is("kid", wanted));
    let is_algorithm = key.text_of("alg").is_none_or(|name| Algorithm::parse(name) == Some(signer.algorithm));
    // RFC 7517 section 4.3: what it is for, said in another way.
    let may_verify = key
        .member("key_ops")
        .is_none_or(|uses| uses.as_array().is_some_and(|uses| uses.iter().any(|name| name.as_str() == Some("verify"))));
    may_verify
        && is_named
        && is("kty", kind)
        && curve.is_none_or(|curve| is("crv", curve))
        && may_be("use", "sig")
        && is_algorithm
}

fn public_key(key: &Value, algorithm: Algorithm) -> Option<PublicKey> {
    let (kind, curve, members) = algorithm.key();
    let mut jwk = Object::default().with("kty", kind).with("crv", curve);
    for name in members {
        let text = key.text_of(name)?;
        // Bits that are zero make it no longer.
        if *name == "n" && text.trim_start_matches('A').len() < SHORTEST_MODULUS {
            return None;
        }
        // To the power of one everything signs itself.
        if *name == "e" {
            let exponent = base64url::decode(text)?;
            let (last, front) = exponent.split_last()?;
            if *last < 2 && front.iter().all(|byte| *byte == 0) {
                return None;
            }
        }
        jwk = jwk.with(name, text);
    }
    Some(PublicKey { algorithm, jwk: jwk.finish() })
}
