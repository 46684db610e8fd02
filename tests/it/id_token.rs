//! The ID token: every claim that has to be right, and every way in which it can be wrong.

use crate::{
    browser::TODAY,
    server::{ALICE, BOB, CLIENT_ID, claims, jwt, jwt_of, metadata},
    world::value,
};
use base64::{Engine, prelude::BASE64_URL_SAFE};
use consentry::{
    error::IdTokenError,
    protocol::{Expected, IdToken, Metadata},
    secret::Secret,
};
use serde_json::{Value as Json, json};

const NONCE: &str = "the-nonce";

fn good() -> Json {
    let mut claims = claims(ALICE, TODAY);
    claims["nonce"] = json!(NONCE);
    claims
}

fn parse(token: &str) -> Result<IdToken, IdTokenError> {
    IdToken::parse(Secret::new(token.to_owned()))
}

fn check(claims: &Json, nonce: Option<&str>) -> Result<(), IdTokenError> {
    let metadata = Metadata::parse(&value(&metadata())).expect("metadata");
    parse(&jwt(claims))?.check(&Expected {
        metadata: &metadata,
        client_id: CLIENT_ID,
        nonce,
        max_age: None,
        requested: None,
        now: TODAY,
    })
}

/// The check of a sign-in of which more was asked.
fn check_sign_in(claim: &str, written: &Json, max_age: Option<u64>, requested: &Json) -> Result<(), IdTokenError> {
    let metadata = Metadata::parse(&value(&metadata())).expect("metadata");
    let mut claims = good();
    claims[claim] = written.clone();
    let requested = requested.to_string();
    let (nonce, requested) = (Some(NONCE), Some(requested.as_str()));
    let expected = Expected { metadata: &metadata, client_id: CLIENT_ID, nonce, max_age, requested, now: TODAY };
    parse(&jwt(&claims))?.check(&expected)
}

/// A good token with one claim written differently, or left out by `null`.
fn with(claim: &str, written: &Json) -> Result<(), IdTokenError> {
    let mut claims = good();
    claims[claim] = written.clone();
    check(&claims, Some(NONCE))
}

#[test]
fn a_token_without_fault_passes() {
    assert_eq!(check(&good(), Some(NONCE)), Ok(()));
    let table = [
        ("aud", json!([CLIENT_ID])),
        ("azp", json!(CLIENT_ID)),
        ("exp", json!(TODAY - 299)),
        ("exp", json!(TODAY + 86_400 * 365)),
        ("exp", json!((TODAY + 60).to_string())),
        ("exp", json!(TODAY as f64 + 0.5)),
        ("iat", json!(TODAY + 300)),
        ("iat", json!(TODAY - 604_800)),
        ("nbf", json!(null)),
        ("nbf", json!(TODAY + 300)),
        ("auth_time", json!(0.5)),
        ("unknown", json!([[{}]])),
    ];
    for (claim, written) in table {
        assert_eq!(with(claim, &written), Ok(()), "{claim}: {written}");
    }
}

#[test]
fn a_guid_has_no_case() {
    let mut claims = good();
    claims["aud"] = json!(CLIENT_ID.to_uppercase());
    assert_eq!(check(&claims, Some(NONCE)), Ok(()));
}

#[test]
fn a_claim_that_is_wrong_is_named() {
    let tid = ALICE.tid;
    let table = [
        ("iss", json!(null)),
        ("iss", json!("")),
        ("iss", json!("https://evil.example/9122040d-6c67-4c5b-b112-36a304b66dad/v2.0")),
        ("iss", json!("https://login.example/{tenantid}/v2.0")),
        ("iss", json!("https://login.example/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0")),
        ("iss", json!(format!("https://login.example/{tid}/v2.0/"))),
        ("iss", json!(format!("https://LOGIN.example/{tid}/v2.0"))),
        ("iss", json!([format!("https://login.example/{tid}/v2.0")])),
        ("aud", json!(null)),
        ("aud", json!("")),
        ("aud", json!("someone-else")),
        ("aud", json!([])),
        ("aud", json!(["someone-else"])),
        ("aud", json!({ "aud": CLIENT_ID })),
        ("azp", json!("someone-else")),
        ("exp", json!(null)),
        ("exp", json!(0)),
        ("exp", json!(TODAY - 300)),
        ("exp", json!("never")),
        ("exp", json!(-1)),
        ("exp", json!([TODAY + 60])),
        ("iat", json!(null)),
        ("iat", json!(TODAY + 301)),
        ("iat", json!(TODAY + 86_400)),
        ("iat", json!("today")),
        ("nbf", json!(TODAY + 301)),
        ("nbf", json!("tomorrow")),
        ("sub", json!(null)),
        ("sub", json!("")),
        ("sub", json!(7)),
    ];
    for (claim, written) in table {
        assert_eq!(with(claim, &written), Err(IdTokenError::Claim(claim)), "{claim}: {written}");
    }
    for tid in [json!(null), json!(""), json!("common"), json!("72f988bf-86f1-41af-91ab-2d7cd011db47")] {
        assert_eq!(with("tid", &tid), Err(IdTokenError::Claim("iss")), "tid: {tid}");
    }
}

#[test]
fn of_several_audiences_this_client_is_the_authorized_party() {
    let several = |azp: Json| {
        let mut claims = good();
        claims["aud"] = json!([CLIENT_ID, "someone-else"]);
        claims["azp"] = azp;
        check(&claims, Some(NONCE))
    };
    assert_eq!(several(json!(CLIENT_ID)), Ok(()));
    assert_eq!(several(json!(CLIENT_ID.to_uppercase())), Ok(()), "a GUID has no case");
    for azp in [json!(null), json!(""), json!("someone-else"), json!([CLIENT_ID])] {
        assert_eq!(several(azp), Err(IdTokenError::Claim("azp")), "nobody else is trusted");
    }
    for other in [json!(""), json!(null), json!(7), json!([CLIENT_ID])] {
        let mut claims = good();
        claims["aud"] = json!([CLIENT_ID, other]);
        claims["azp"] = json!(CLIENT_ID);
        assert_eq!(check(&claims, Some(NONCE)), Err(IdTokenError::Claim("aud")), "an audience is a name");
    }
}

#[test]
fn who_has_to_have_signed_in_lately_has() {
    let none = json!({});
    for (written, max_age, is_right) in [
        (json!(TODAY), Some(0), true),
        (json!(TODAY - 300), Some(0), true),
        (json!(TODAY - 301), Some(0), false),
        (json!(TODAY - 3900), Some(3600), true),
        (json!(TODAY - 3901), Some(3600), false),
        (json!(TODAY as f64 - 0.5), Some(3600), true),
        (json!(null), Some(3600), false),
        (json!("yesterday"), Some(3600), false),
        (json!(0), Some(u64::MAX), true),
        (json!(null), None, true),
        (json!(0), None, true),
    ] {
        let expected = if is_right { Ok(()) } else { Err(IdTokenError::Claim("auth_time")) };
        assert_eq!(check_sign_in("auth_time", &written, max_age, &none), expected, "{written} for {max_age:?}");
    }
    let essential = json!({ "id_token": { "auth_time": { "essential": true } } });
    assert_eq!(check_sign_in("auth_time", &json!(TODAY), None, &essential), Ok(()));
    assert_eq!(check_sign_in("auth_time", &json!(null), None, &essential), Err(IdTokenError::Claim("auth_time")));
    let voluntary = json!({ "id_token": { "auth_time": null } });
    assert_eq!(check_sign_in("auth_time", &json!(null), None, &voluntary), Ok(()));
}

#[test]
fn who_has_to_have_signed_in_in_some_way_has() {
    let request = |acr: Json| json!({ "id_token": { "acr": acr } });
    let wrong = Err(IdTokenError::Claim("acr"));
    for (acr, written, expected) in [
        (json!({ "essential": true, "value": "mfa" }), json!("mfa"), Ok(())),
        (json!({ "essential": true, "value": "mfa" }), json!("MFA"), wrong),
        (json!({ "essential": true, "value": "mfa" }), json!(null), wrong),
        (json!({ "essential": true, "value": "mfa" }), json!(["mfa"]), wrong),
        (json!({ "essential": true, "values": ["mfa", "phr"] }), json!("phr"), Ok(())),
        (json!({ "essential": true, "values": ["mfa", "phr"] }), json!("pwd"), wrong),
        (json!({ "essential": true, "values": [] }), json!("pwd"), wrong),
        (json!({ "essential": true }), json!("any"), Ok(())),
        (json!({ "essential": true }), json!(null), wrong),
        (json!({ "essential": false, "value": "mfa" }), json!("pwd"), Ok(())),
        (json!({ "value": "mfa" }), json!("pwd"), Ok(())),
        (json!(null), json!(null), Ok(())),
    ] {
        assert_eq!(check_sign_in("acr", &written, None, &request(acr.clone())), expected, "{acr}: {written}");
    }
    for unread in [json!({ "access_token": { "acr": { "essential": true } } }), json!([]), json!("mfa")] {
        assert_eq!(check_sign_in("acr", &json!(null), None, &unread), Ok(()));
    }
}

#[test]
fn the_nonce_is_the_one_that_was_sent() {
    for written in [json!(null), json!(""), json!("the-nonce "), json!("THE-NONCE"), json!("another"), json!([NONCE])] {
        assert_eq!(with("nonce", &written), Err(IdTokenError::Nonce), "{written}");
    }
    assert_eq!(check(&good(), None), Ok(()), "after a refresh there is none to compare with");
}

#[test]
fn only_a_signed_token_is_one() {
    let header = |alg: &str| json!({ "alg": alg });
    for alg in ["RS256", "PS256", "ES256", "EdDSA", "Ed25519"] {
        assert!(parse(&jwt_of(&header(alg), &good(), "c2ln")).is_ok(), "{alg}");
    }
    let others = ["none", "None", "HS256", "HS384", "HS512", "RS384", "RS1", "ES256K", "RSA-OAEP", "rs256", ""];
    for header in others.map(header).into_iter().chain([json!({}), json!({ "alg": ["RS256"] }), json!("RS256")]) {
        let token = jwt_of(&header, &good(), "c2ln");
        assert_eq!(parse(&token).err(), Some(IdTokenError::Algorithm), "{header}");
    }
    let broken = [
        jwt_of(&header("RS256"), &good(), ""),
        jwt_of(&json!({ "alg": "RS256", "crit": ["b64"], "b64": false }), &good(), "c2ln"),
        jwt_of(&header("RS256"), &json!(null), "c2ln"),
        jwt_of(&header("RS256"), &json!([good()]), "c2ln"),
        jwt_of(&header("RS256"), &json!("text"), "c2ln"),
        jwt(&good()) + ".more",
        jwt(&good()).replace('.', " "),
        jwt(&good()).replace("ey", "#y"),
        jwt(&good()).rsplit_once('.').expect("a signature").0.to_owned(),
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "....".to_owned(),
        "é.é.é".to_owned(),
    ];
    for token in broken {
        assert_eq!(parse(&token).err(), Some(IdTokenError::Malformed), "{token}");
    }
}

#[test]
fn base64url_is_read_with_padding_and_without() {
    // As long as it takes for both to have some.
    let (header, payload) = (r#"{"alg":"RS256"}"#, r#"{"sub":"a"}"#);
    let token = format!("{}.{}.c2ln", BASE64_URL_SAFE.encode(format!("{header} ")), BASE64_URL_SAFE.encode(payload));
    assert!(token.contains('='));
    assert_eq!(parse(&token).expect("it can be read").claim("sub"), Some("a"));
}

#[test]
fn a_refreshed_token_speaks_of_the_same_user_issuer_and_client() {
    let before = parse(&jwt(&good())).expect("a token");
    let continues = |change: &dyn Fn(&mut Json)| {
        let mut claims = claims(ALICE, TODAY + 3600);
        change(&mut claims);
        parse(&jwt(&claims)).expect("a token").check_continues(&before, None)
    };
    assert_eq!(continues(&|_| {}), Ok(()));
    assert_eq!(continues(&|claims| claims["name"] = json!("Another Name")), Ok(()));
    assert_eq!(continues(&|claims| claims["aud"] = json!([CLIENT_ID])), Ok(()), "one way or the other");
    let at = |time: Json| {
        let mut claims = good();
        claims["auth_time"] = time;
        parse(&jwt(&claims)).expect("a token")
    };
    for (then, now, is_right) in [
        (json!(7), json!(7), true),
        (json!(7), json!(7.5), true),
        (json!(0), json!(0), true),
        (json!(7), json!(null), true),
        (json!(null), json!(7), true),
        (json!(7), json!(8), false),
        (json!(0), json!(7), false),
    ] {
        let expected = if is_right { Ok(()) } else { Err(IdTokenError::Claim("auth_time")) };
        assert_eq!(at(now.clone()).check_continues(&at(then.clone()), None), expected, "{now} after {then}");
    }
    let other_tenant = "https://login.example/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0";
    let table = [
        ("sub", json!("pairwise-someone-else")),
        ("sub", json!(null)),
        ("iss", json!(other_tenant)),
        ("iss", json!(null)),
        ("aud", json!("someone-else")),
        ("aud", json!([CLIENT_ID, "someone-else"])),
        ("aud", json!(null)),
    ];
    for (claim, written) in table {
        let outcome = continues(&|claims| claims[claim] = written.clone());
        assert_eq!(outcome, Err(IdTokenError::Claim(claim)), "{claim}: {written}");
    }
    let other = parse(&jwt(&claims(BOB, TODAY))).expect("a token");
    assert_eq!(other.check_continues(&before, None), Err(IdTokenError::Claim("sub")));
}
