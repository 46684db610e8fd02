//! An ID token and the keys that it may be signed with. An input is lines: words that say how it is played, the header, the claims, the
//! signature, the key set, the claims of the token before. A header that begins with `raw ` is the whole token in compact form.

use super::{
    given::*,
    page::{Answers, Page, http},
    promises::{assert_public, assert_telling},
};
use consentry::{
    cache::AccountFilter,
    client::{RedirectAnswer, SilentRequest},
    error::Error,
    json::{self, Value},
    protocol::{Algorithm, Authority, Expected, IdToken, Metadata, find_key},
    scope::is_guid,
    secret::Secret,
};

/// The clocks may be as far apart.
const SKEW: u64 = 300;
/// A provider that is not the platform, and its tenant's name in no issuer.
const PROVIDER: &str = "https://provider.example/a";

/// An input, taken apart.
struct Input<'a> {
    is_platform: bool,
    header: &'a str,
    claims: &'a str,
    signature: &'a str,
    keys: String,
    before: &'a str,
}

impl<'a> Input<'a> {
    fn read(text: &'a str) -> Self {
        let (words, rest) = line(text);
        let (header, rest) = line(rest);
        let (claims, rest) = line(rest);
        let (signature, rest) = line(rest);
        let (keys, before) = line(rest);
        Input {
            is_platform: !has(words, "provider"),
            header,
            claims,
            signature,
            keys: filled(keys),
            before: line(before).0,
        }
    }

    fn raw(&self) -> String {
        match self.header.strip_prefix("raw ") {
            Some(raw) => raw.to_owned(),
            None => token(self.header, self.claims, self.signature.as_bytes()),
        }
    }

    fn authority(&self) -> Authority {
        if self.is_platform { authority() } else { Authority::issuer(PROVIDER).expect("it is one") }
    }

    fn metadata(&self) -> Metadata {
        let issuer = if self.is_platform { ISSUER } else { PROVIDER };
        Metadata { is_platform: self.is_platform, issuer: issuer.to_owned(), ..metadata() }
    }
}

/// Words: `provider` (the token is not the platform's).
pub fn id_token(data: &[u8]) -> bool {
    let text = text(data);
    let input = Input::read(&text);
    let id_token = match IdToken::parse(Secret::new(input.raw())) {
        Ok(id_token) => id_token,
        Err(error) => {
            assert_telling(&error.into(), &[]);
            return false;
        }
    };
    assert_read(&input, &id_token);
    let metadata = input.metadata();
    for client_id in [CLIENT_ID, "another"] {
        for nonce in [None, Some(NONCE), Some("")] {
            for now in [0, NOW - 3_600, NOW, u64::MAX] {
                let expected = Expected { metadata: &metadata, client_id, nonce, max_age: None, requested: None, now };
                match id_token.check(&expected) {
                    Ok(()) => assert_checked(id_token.claims(), &expected),
                    Err(error) => assert_telling(&error.into(), &[]),
                }
            }
        }
    }
    let keys = json::parse(&input.keys).unwrap_or(Value::Null);
    let is_signed = assert_signed(&id_token, &keys);
    let expected =
        |nonce| Expected { metadata: &metadata, client_id: CLIENT_ID, nonce, max_age: None, requested: None, now: NOW };
    let is_right = is_signed && id_token.check(&expected(Some(NONCE))).is_ok();
    sign_in(&input, is_right);
    let before = IdToken::parse(Secret::new(token(r#"{"alg":"RS256"}"#, input.before, SIGNATURE)));
    if let Ok(before) = before {
        let is_right = is_signed && id_token.check(&expected(None)).is_ok();
        renew(&input, &before, is_right && assert_continued(&id_token, &before));
    }
    is_right
}

/// What was read is what was written, and says how it is signed.
fn assert_read(input: &Input<'_>, id_token: &IdToken) {
    assert!(format!("{id_token:?}").starts_with("IdToken { raw: [secret],"));
    let (text, signature) = id_token.expose().rsplit_once('.').expect("it has three parts");
    assert_eq!(text.split('.').count(), 2);
    if let Ok((signed, bytes)) = id_token.signed() {
        assert_eq!((signed, base64url(&bytes).as_str()), (text, signature.trim_end_matches('=')));
    }
    if input.header.starts_with("raw ") {
        return;
    }
    let header = json::parse(input.header).expect("it is JSON");
    assert_eq!(id_token.claims(), &json::parse(input.claims).expect("it is JSON"));
    assert!(header.member("crit").is_none(), "an extension is not known here");
    let algorithm = header.text_of("alg").expect("there is an algorithm");
    assert!(["RS256", "PS256", "ES256", "EdDSA", "Ed25519"].contains(&algorithm), "{algorithm}");
    assert_eq!(Algorithm::parse(algorithm), Some(id_token.signer().algorithm));
    assert_eq!(id_token.signer().key_id.as_deref(), header.text_of("kid"));
}

/// The claims of a token that was accepted, read anew.
fn assert_checked(claims: &Value, expected: &Expected<'_>) {
    let issuer = claims.text_of("iss").expect("there is an issuer");
    if expected.metadata.is_platform {
        let tid = claims.text_of("tid").expect("there is a tenant");
        assert!(is_guid(tid) && issuer == format!("https://login.example/{tid}/v2.0"), "{issuer}");
    } else {
        assert_eq!(issuer, PROVIDER);
    }
    let is_client = |value: &Value| value.as_str().is_some_and(|id| id.eq_ignore_ascii_case(expected.client_id));
    let is_azp = claims.member("azp").is_some_and(is_client);
    assert!(match claims.member("aud") {
        Some(Value::Array(all)) => all.iter().any(is_client) && (is_azp || all.iter().all(is_client)),
        one => one.is_some_and(is_client),
    });
    assert!(claims.member("azp").is_none_or(is_client));
    let time = |name| claims.member(name).map(|value| value.as_seconds().expect("it is a time"));
    assert!(time("exp").expect("it ends").saturating_add(SKEW) > expected.now);
    assert!(time("iat").expect("it was issued") <= expected.now.saturating_add(SKEW));
    assert!(time("nbf").is_none_or(|nbf| nbf <= expected.now.saturating_add(SKEW)));
    assert!(claims.text_of("sub").is_some_and(|sub| !sub.is_empty()), "it is about somebody");
    assert!(
        expected.nonce.is_none_or(|nonce| claims.text_of("nonce") == Some(nonce)),
        "it is the answer to this request"
    );
}

/// Whether the token is signed as the page takes for right, by a key of the set that fits it in all it says.
fn assert_signed(id_token: &IdToken, keys: &Value) -> bool {
    let Some(key) = find_key(keys, id_token) else { return false };
    assert_public(&key);
    assert_eq!(key.algorithm, id_token.signer().algorithm);
    let all = keys.member("keys").and_then(Value::as_array).expect("there are keys");
    let is_same = |other: &&Value| {
        ["kty", "n", "e", "crv", "x", "y"]
            .iter()
            .all(|name| key.jwk.member(name).is_none_or(|value| other.member(name) == Some(value)))
    };
    let may_be =
        |other: &Value, name, wanted: &str| other.member(name).is_none_or(|value| value.as_str() == Some(wanted));
    let named = id_token.signer().key_id.as_deref();
    let is_fit =
        |other: &&Value| named.is_none_or(|kid| other.text_of("kid") == Some(kid)) && may_be(other, "use", "sig");
    assert!(all.iter().filter(is_same).any(|other| is_fit(&other)), "it is one of the set, and the one that is named");
    matches!(id_token.signed(), Ok((_, signature)) if signature == SIGNATURE)
}

/// Whether a token speaks of the same as the one before it. Each continues itself.
fn assert_continued(id_token: &IdToken, before: &IdToken) -> bool {
    assert!(id_token.check_continues(id_token, None).is_ok() && before.check_continues(before, None).is_ok());
    let is_continued = id_token.check_continues(before, None).is_ok();
    if is_continued {
        assert!(["iss", "sub"].iter().all(|name| id_token.claim(name) == before.claim(name)));
        let is_left = |name: &&str| id_token.claims().member(name).is_none();
        let time = |token: &IdToken| token.claims().member("auth_time").and_then(Value::as_seconds);
        assert!(time(id_token).is_none() || time(before).is_none() || time(id_token) == time(before));
        assert!(["nonce", "azp"].iter().all(|name| is_left(name) || id_token.claim(name) == before.claim(name)));
    }
    is_continued
}

fn page(address: &str, input: &Input<'_>) -> Page {
    let tokens = json::Object::default()
        .with("token_type", "Bearer")
        .with("access_token", ACCESS_TOKEN)
        .with("id_token", input.raw())
        .finish();
    let answers =
        Answers { metadata: http(503, ""), keys: http(200, &input.keys), tokens: http(200, &json::text(&tokens)) };
    Page::new(address, answers)
}

/// A sign-in succeeds with a token that is right, and with no other.
fn sign_in(input: &Input<'_>, is_right: bool) {
    let page = page(&format!("{REDIRECT_URI}#code={CODE}&state={STATE}"), input);
    let authority = input.authority();
    keep_pending(&page, &authority, false);
    let client = client(&page, &authority, Some(input.metadata()));
    let outcome = now(client.finish_redirect(RedirectAnswer { hash: None, return_to_start: true }));
    match outcome {
        Ok(result) => {
            assert!(is_right, "nobody is signed in by a token that is wrong");
            let account = result.expect("there was a response").result.account;
            let claim = |name| account.id_token.claim(name);
            let home = match (claim("oid"), claim("tid"), claim("sub")) {
                (Some(oid), Some(tid), _) if input.is_platform => format!("{oid}.{tid}"),
                (_, _, sub) => sub.unwrap_or_default().to_owned(),
            };
            assert_eq!(account.key.home_account_id, home, "elsewhere the subject alone tells who it is");
        }
        Err(failure) => {
            assert!(!is_right, "{:?}", failure.error);
            assert_telling(&failure.error, &[CODE, VERIFIER]);
            let keys = page.entries(&["account", "access", "consent", "active"]);
            assert!(keys.is_empty() && client.accounts(AccountFilter::default()).is_empty(), "nothing is kept of it");
        }
    }
}

/// A renewal brings a token that is right, and no other.
fn renew(input: &Input<'_>, before: &IdToken, is_right: bool) {
    let page = page(START_PAGE, input);
    let authority = input.authority();
    keep_account(&page, &authority.environment().replace('/', "%2F"), before.expose());
    let client = client(&page, &authority, Some(input.metadata()));
    let wanted = SilentRequest {
        scopes: scopes(&["User.Read"]),
        correlation_id: "c",
        force_refresh: true,
        ..SilentRequest::default()
    };
    let outcome = now(client.acquire_silent(&wanted));
    let kept = client.accounts(AccountFilter::default()).first().cloned().expect("somebody is signed in still");
    match outcome {
        Ok(_) => {
            assert!(is_right && kept.id_token.expose() == input.raw(), "the new token is in the place of the old one")
        }
        Err(error) => {
            assert!(!is_right && matches!(error, Error::Response(_) | Error::Browser(_)), "{error:?}");
            assert_telling(&error, &[REFRESH_TOKEN]);
            assert_eq!(kept.id_token.expose(), before.expose(), "a failure leaves what there was");
        }
    }
}
