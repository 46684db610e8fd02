//! What an API says in `WWW-Authenticate`: how it is read, and what is to be asked for to meet it.

use crate::world::{World, acquiring, literal, set, silent, value, wanting};
use base64::{
    Engine,
    prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD, BASE64_URL_SAFE, BASE64_URL_SAFE_NO_PAD},
};
use consentry::{
    binding::{dictionary::forbidden_call, records::challenge_record},
    protocol::{Challenge, Demand},
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};
use serde_json::{Value as Json, json};

/// `error` and `scope`.
fn parsed(header: &str) -> [Option<String>; 2] {
    let Challenge { error, scope, .. } = Challenge::parse(header).unwrap_or_default();
    [error, scope]
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[test]
fn a_challenge_is_read_as_it_is_written() {
    let table: [(&str, Option<&str>, Option<&str>); 39] = [
        ("", None, None),
        ("Bearer", None, None),
        (r#"Bearer error="insufficient_scope", scope="A B""#, Some("insufficient_scope"), Some("A B")),
        (r#"bEARER ERROR="e",SCOPE="s""#, Some("e"), Some("s")),
        ("Bearer error=e, scope=s", Some("e"), Some("s")),
        ("Bearer error = \"e\" , scope= s ", Some("e"), Some("s")),
        ("Bearer\terror\t=\t\"e\"\t,\tscope=s", Some("e"), Some("s")),
        ("  Bearer   error=\"e\"  ", Some("e"), None),
        (r#"Bearer realm="a, error=\"x\", b", error="e""#, Some("e"), None),
        (r#"Bearer realm="Bearer error=x, Bearer error=\"y\"", scope="s""#, None, Some("s")),
        (r#"Bearer error="a\"b\\c\d""#, Some(r#"a"b\cd"#), None),
        (r#"Bearer realm="a=b=c", error="e=f""#, Some("e=f"), None),
        (r#"Bearer realm="", error="e""#, Some("e"), None),
        (r#"Bearer authorization_uri="x", realm="", error="e""#, Some("e"), None),
        (r#"Bearer scope="s", error="e""#, Some("e"), Some("s")),
        (r#"Bearer client_id="", scope="", error="e""#, Some("e"), Some("")),
        ("Bearer error=, scope=", Some(""), Some("")),
        (r#"Basic realm="x", Bearer error="e", scope="s""#, Some("e"), Some("s")),
        (r#"Basic error="x", scope="y""#, None, None),
        (r#"DPoP algs="ES256", error="x", scope="y""#, None, None),
        (r#"Bearer error="e", Basic realm="x", scope="y""#, Some("e"), None),
        (r#"Bearer error="e", DPoP algs="ES256", error="x", scope="y""#, Some("e"), None),
        (r#"Negotiate abc==, Bearer error="e""#, Some("e"), None),
        (r#"Negotiate a/b+c~d, Bearer error="e""#, Some("e"), None),
        (r#"Negotiate, Bearer error="e""#, Some("e"), None),
        (r#"Basic Bearer error="e""#, None, None),
        (r#"Bearer abc==, error="e""#, Some("e"), None),
        (r#"Bearer error="one", error="two""#, Some("one"), None),
        (r#"BearerX error="e""#, None, None),
        (r#"X-Bearer error="e""#, None, None),
        (r#"error="e""#, None, None),
        (r#"Bearer="x", error="e""#, None, None),
        (r#""Bearer" error="e""#, None, None),
        (",,, Bearer ,, error=\"e\",", Some("e"), None),
        ("Bearer error=\"e\", scope=\"never ends", Some("e"), None),
        ("Bearer error=\"e\", scope=\"never ends\\", Some("e"), None),
        (r#"= , =x, "a, b"c, Bearer, =y, error="e""#, Some("e"), None),
        (r#"Bearer =y, error="e""#, None, None),
        ("Bearer scope=\"\u{e9} \u{1f600}\", error=\"e\"", Some("e"), Some("\u{e9} \u{1f600}")),
    ];
    for (header, error, scope) in table {
        assert_eq!(parsed(header), [error, scope].map(|text| text.map(ToOwned::to_owned)), "{header}");
    }
}

#[test]
fn of_several_challenges_the_one_that_demands_most_is_taken_whole() {
    let claims = r#"Bearer error="insufficient_claims", claims="{\"access_token\":{\"a\":1}}", scope="of claims""#;
    let user = r#"Bearer error="insufficient_user_authentication", max_age="0", scope="of user""#;
    let scope = r#"Bearer error="insufficient_scope", scope="of scope""#;
    let token = r#"Bearer error="invalid_token", scope="of token""#;
    let unsaid = r#"Bearer realm="x", scope="of unsaid""#;
    let unknown = r#"Bearer error="insufficient_claims", scope="of unknown""#;
    let ranked = [claims, user, scope, token, unsaid, unknown];
    let names = ["of claims", "of user", "of scope", "of token", "of unsaid", "of unknown"];
    for (at, best) in ranked.iter().enumerate() {
        for other in &ranked[at..] {
            for header in [format!("{best}, {other}"), format!("{other}, Basic realm=\"x\", {best}")] {
                assert_eq!(parsed(&header)[1].as_deref(), Some(names[at]), "{header}");
            }
        }
    }
    let found = Challenge::parse(&format!("{scope}, {claims}")).expect("a challenge");
    assert_eq!((found.demand(), found.error.as_deref()), (Demand::Claims, Some("insufficient_claims")));
    assert_eq!(parsed(r#"Bearer error="one", Bearer error="two", scope="s""#), [Some("one".to_owned()), None]);
}

#[test]
fn a_huge_challenge_is_cut_off() {
    let filler = format!("Bearer realm=\"{}\"", "x".repeat(20_000));
    assert_eq!(parsed(&format!("{filler}, error=\"e\"")), [None, None]);
    assert_eq!(parsed(&format!("Bearer error=\"invalid_token\", {filler}"))[0].as_deref(), Some("invalid_token"));
    let wide = format!("Bearer realm=\"{}\", error=\"e\"", "\u{1f600}".repeat(20_000));
    assert_eq!(parsed(&wide), [None, None]);
    let many = "Bearer error=\"invalid_token\",".repeat(50_000);
    assert_eq!(parsed(&many)[0].as_deref(), Some("invalid_token"));
}

/// What an API demands of the access token, as the challenge has it.
fn claims_of(written: &str) -> Option<String> {
    Challenge::parse(&format!("Bearer error=\"insufficient_claims\", claims={}", quoted(written)))?.claims
}

#[test]
fn claims_are_read_in_every_spelling() {
    // Of these bytes the two alphabets write different letters, and the length wants padding.
    let demand = r#"{"access_token":{"nbf":{"essential":true,"value":"1604106651"},"x":"~~~?>>>?ÿ."}}"#;
    let standard = BASE64_STANDARD.encode(demand);
    assert!(standard.contains('+') && standard.contains('/') && standard.ends_with('='), "{standard}");
    let half = BASE64_URL_SAFE.encode(demand).replacen('-', "+", 1);
    for written in [
        standard.clone(),
        BASE64_STANDARD_NO_PAD.encode(demand),
        BASE64_URL_SAFE.encode(demand),
        BASE64_URL_SAFE_NO_PAD.encode(demand),
        half,
        standard.replace('=', "%3D"),
        standard.replace('=', "%3d"),
        format!("{standard}=="),
        demand.to_owned(),
    ] {
        assert_eq!(claims_of(&written).as_deref(), Some(demand), "{written}");
    }
}

#[test]
fn an_api_has_a_say_about_its_access_token_alone() {
    let table = [
        (r#"{"access_token":{"a":1},"id_token":{"b":1},"userinfo":{}}"#, Some(r#"{"access_token":{"a":1}}"#)),
        (
            r#"{"id_token":{},"access_token":{"a":{"values":["1"]}}}"#,
            Some(r#"{"access_token":{"a":{"values":["1"]}}}"#),
        ),
        (r#"{"access_token":{"a":1},"access_token":{"b":2}}"#, Some(r#"{"access_token":{"b":2}}"#)),
        (r#"{"access_token":{"a":1},"access_token":{}}"#, None),
        (r#"{"access_token":{}}"#, None),
        (r#"{"access_token":null}"#, None),
        (r#"{"access_token":"a"}"#, None),
        (r#"{"access_token":["a"]}"#, None),
        (r#"{"id_token":{"a":1}}"#, None),
        (r#"{"Access_Token":{"a":1}}"#, None),
        (r#"[{"access_token":{"a":1}}]"#, None),
        (r#""access_token""#, None),
        (r#"{"access_token":{"a":1}"#, None),
        (r#"{"access_token":{"a":1}} "#, Some(r#"{"access_token":{"a":1}}"#)),
        ("7", None),
        ("", None),
    ];
    for (text, expected) in table {
        for written in [text.to_owned(), BASE64_STANDARD.encode(text)] {
            assert_eq!(claims_of(&written).as_deref(), expected, "{text}");
        }
    }
    for hostile in ["====", "%3D", "a", "\u{e9}", "e30\u{0}", "/+/+", &BASE64_STANDARD.encode([0xff, 0xfe, 0x7b])] {
        assert_eq!(claims_of(hostile), None, "{hostile}");
    }
    let long = |length| BASE64_STANDARD.encode(format!(r#"{{"access_token":{{"a":"{}"}}}}"#, "x".repeat(length)));
    assert!(claims_of(&long(6_000)).is_some());
    assert_eq!(claims_of(&long(6_200)), None);
}

#[test]
fn a_sign_in_that_is_demanded_is_one_that_can_be_asked_for() {
    let read = |parameters: &str| {
        let header = format!("Bearer error=\"insufficient_user_authentication\", {parameters}");
        let found = Challenge::parse(&header).expect("a challenge");
        let is_demand = found.demand() == Demand::Authentication;
        assert_eq!(is_demand, found.acr_values.is_some() || found.max_age.is_some(), "{header}");
        (found.acr_values, found.max_age)
    };
    let one = |text: &str| Some(text.to_owned());
    let long = "a".repeat(1_024);
    let table = [
        (r#"acr_values="urn:mfa phr", max_age="300""#.to_owned(), one("urn:mfa phr"), one("300")),
        ("ACR_VALUES=c1, MAX_AGE=0".to_owned(), one("c1"), one("0")),
        (r#"max_age="300", max_age="7""#.to_owned(), None, one("300")),
        (r#"acr_values=" phr ""#.to_owned(), one("phr"), None),
        (format!("acr_values={long}"), one(&long), None),
        (format!("acr_values={long}a"), None, None),
        (r#"acr_values="", max_age="""#.to_owned(), None, None),
        ("acr_values=\"a\u{7}b\"".to_owned(), None, None),
        ("acr_values=\"a\tb\"".to_owned(), None, None),
        ("acr_values=\"a\u{e9}b\"".to_owned(), None, None),
        ("max_age=-1".to_owned(), None, None),
        ("max_age=1.5".to_owned(), None, None),
        ("max_age=soon".to_owned(), None, None),
        ("max_age=99999999999999999999".to_owned(), None, None),
        ("realm=x".to_owned(), None, None),
    ];
    for (parameters, acr_values, max_age) in table {
        assert_eq!(read(&parameters), (acr_values, max_age), "{parameters}");
    }
}

const HELD: [&str; 1] = ["api://orders/Orders.Read"];

/// What JavaScript is told of an answer of the API of orders, to a client that may read and write them there.
fn told(status: u64, challenge: Option<&str>, held: &[&str], needed: &[&str]) -> Json {
    let world = World::new();
    world.sign_in(&["api://orders/Orders.Read", "api://orders/Orders.Write"]);
    world.refused(&acquiring(&["api://orders/Orders.Delete"]), "access_denied", "65004");
    world.browser.network().take_sent();
    let client = world.client();
    let token = json!({ "scopes": held });
    let call = value(&json!({ "token": token, "scopes": needed, "wwwAuthenticate": challenge }));
    let before = world.stored();
    let record = challenge_record(&client.read_challenge(&forbidden_call(&call).expect("a call"), status));
    assert!(world.stored() == before && world.browser.network().sent().is_empty(), "nobody is asked");
    literal(&record)
}

#[test]
fn each_demand_has_the_request_that_meets_it() {
    let claims =
        r#"Bearer realm="", error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsiYSI6MX19", max_age="1""#;
    let of_claims = json!({ "kind": "claims", "way": "token", "mayAsk": true,
        "request": { "scopes": HELD, "claims": r#"{"access_token":{"a":1}}"# } });
    let user = r#"Bearer error="insufficient_user_authentication", acr_values="c1 c2", max_age="60""#;
    let of_user = json!({ "kind": "authentication", "way": "frame", "mayAsk": true,
        "request": { "scopes": HELD, "extraQueryParameters": { "acr_values": "c1 c2", "max_age": "60" } } });
    let newer = r#"Bearer error="insufficient_user_authentication", max_age="0""#;
    let of_newer = json!({ "kind": "authentication", "way": "frame", "mayAsk": true,
        "request": { "scopes": HELD, "extraQueryParameters": { "max_age": "0" } } });
    let of_token = json!({ "kind": "token", "way": "token", "mayAsk": true,
        "request": { "scopes": HELD, "forceRefresh": true } });
    let nothing = json!({ "way": "token", "mayAsk": false });
    let table = [
        (401, Some(claims), &of_claims),
        (403, Some(claims), &of_claims),
        (401, Some(user), &of_user),
        (403, Some(user), &of_user),
        (401, Some(newer), &of_newer),
        (401, Some("Bearer error=\"invalid_token\""), &of_token),
        (401, Some("Bearer realm=\"x\""), &of_token),
        (401, Some("Bearer"), &of_token),
        (401, Some(" "), &of_token),
        (401, None, &of_token),
        (401, Some("DPoP algs=\"ES256\", error=\"invalid_token\""), &nothing),
        (401, Some("Bearer error=\"insufficient_claims\", claims=\"e30=\""), &nothing),
        (401, Some("Bearer error=\"insufficient_user_authentication\""), &nothing),
        (401, Some("Bearer error=\"invalid_request\""), &nothing),
        (400, Some(claims), &nothing),
        (200, Some(claims), &nothing),
        (500, None, &nothing),
    ];
    for (status, challenge, expected) in table {
        assert_eq!(&told(status, challenge, &HELD, &HELD), expected, "{status} {challenge:?}");
    }
}

#[test]
fn permissions_that_are_demanded_are_asked_for_where_that_helps() {
    let lacking = |scope: &str| format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    let ask = |status, scope: &str, held: &[&str], needed: &[&str]| told(status, Some(&lacking(scope)), held, needed);

    let consent = ask(403, "Orders.Approve", &HELD, &HELD);
    assert_eq!(consent["request"], json!({ "scopes": ["api://orders/Orders.Read", "api://orders/Orders.Approve"] }));
    assert_eq!(
        [&consent["kind"], &consent["way"], &consent["mayAsk"]],
        [&json!("scope"), &json!("token"), &json!(true)]
    );
    assert_eq!(consent["forbidden"]["cause"], "consent");
    assert_eq!(ask(401, "Orders.Approve", &HELD, &HELD), consent, "whatever the status");
    assert_eq!(ask(403, "Orders.Approve", &HELD, &[]), consent, "what the token was for is needed still");

    let stale = ask(403, "Orders.Write", &HELD, &["api://orders/Orders.Write"]);
    assert_eq!(stale["request"], json!({ "scopes": ["api://orders/Orders.Write"], "forceRefresh": true }));
    assert_eq!([&stale["mayAsk"], &stale["forbidden"]["cause"]], [&json!(false), &json!("stale_token")]);

    let all = ask(403, "Orders.Approve", &HELD, &["api://orders/.default"]);
    assert_eq!(
        all["request"],
        json!({ "scopes": ["api://orders/Orders.Approve"] }),
        "which is not asked for with names"
    );

    let only = ask(403, "", &HELD, &["api://orders/.default"]);
    assert_eq!(only["request"], json!({ "scopes": ["api://orders/.default"] }), "unless there is nothing else");

    for (scope, cause) in [("Orders.Delete", "declined"), ("Orders.Read", "unknown"), ("", "unknown")] {
        let found = ask(403, scope, &HELD, &HELD);
        assert_eq!(
            [&found["kind"], &found["mayAsk"], &found["request"]],
            [&json!("scope"), &json!(false), &Json::Null]
        );
        assert_eq!(found["forbidden"]["cause"], cause, "{scope}");
    }
}

#[test]
fn a_403_that_demands_nothing_is_explained() {
    for (challenge, needed, cause) in [
        (None, &HELD[..], "user"),
        (None, &[], "unknown"),
        (None, &["api://orders/Orders.Write"], "stale_token"),
        (None, &["api://orders/Orders.Approve"], "consent"),
        (Some("Bearer error=\"invalid_token\""), &HELD, "user"),
        (Some("Bearer realm=\"x\""), &HELD, "user"),
        (Some("DPoP error=\"insufficient_claims\""), &HELD, "user"),
        (Some("Bearer error=\"insufficient_claims\""), &HELD, "claims_challenge"),
    ] {
        let found = told(403, challenge, &HELD, needed);
        assert_eq!(found["forbidden"]["cause"], cause, "{challenge:?}");
        assert_eq!([&found["kind"], &found["request"], &found["mayAsk"]], [&Json::Null, &Json::Null, &json!(false)]);
    }
}

#[test]
fn what_is_to_be_asked_for_is_had_by_it() {
    let world = World::new();
    let (client, first) = world.sign_in(&["User.Read"]);
    let header = r#"Bearer error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsiYSI6MX19""#;
    let call = value(&json!({ "token": { "scopes": ["User.Read"] }, "wwwAuthenticate": header }));
    let challenged = client.read_challenge(&forbidden_call(&call).expect("a call"), 401);
    assert_eq!(challenged.scopes, Some(set(&["User.Read"])));
    let request =
        consentry::client::SilentRequest { claims: challenged.challenge.claims.as_deref(), ..wanting(&["User.Read"]) };
    world.browser.network().take_sent();
    let second = silent(&client, &request).expect("a token");
    assert_ne!(second.token.secret.expose(), first.result.token.secret.expose());
    assert_eq!(world.token_requests()[0].field("claims"), r#"{"access_token":{"a":1}}"#);
    assert!(silent(&client, &request).expect("a token").from_cache, "the same demand is met by what is there");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(20), ..ProptestConfig::default() })]

    #[test]
    fn no_challenge_is_too_much(
        any_text in any::<String>(),
        parts in vec(select(vec![
            "Bearer", "Basic", " ", "\t", "error", "scope", "claims", "acr_values", "max_age", "=", "\"", "\\", ",",
            "insufficient_scope", "insufficient_claims", "A.B", "\u{e9}", "e30", "{", "7",
        ]), 0..32),
    ) {
        for header in [any_text, parts.concat()] {
            let found = Challenge::parse(&header);
            prop_assert!(found.is_none() || header.to_ascii_lowercase().contains("bearer"));
        }
    }

    #[test]
    fn what_is_quoted_is_read_back(error in "[ -~\u{e9}]{1,20}", scope in "[ -~]{1,20}", is_first in any::<bool>()) {
        let (one, other) = (format!("error={}", quoted(&error)), format!("SCOPE = {}", quoted(&scope)));
        let parameters = if is_first { [one, other] } else { [other, one] }.join(" , ");
        let [told, scopes] = parsed(&format!("Basic realm=\"x\", Bearer realm=\"y\", {parameters}, DPoP error=\"z\""));
        prop_assert_eq!(told.as_deref().map(str::trim), Some(error.trim()));
        prop_assert_eq!(scopes.as_deref().map(str::trim), Some(scope.trim()));
    }

    #[test]
    fn whatever_is_demanded_is_an_object_about_the_access_token(bytes in vec(any::<u8>(), 0..64), text in "[{}\\[\\]:,\"a-c_1]{0,40}") {
        let object = format!(r#"{{"access_token":{{"a":{text}}}}}"#);
        for written in [BASE64_URL_SAFE.encode(&bytes), BASE64_STANDARD.encode(&object), object, text] {
            if let Some(claims) = claims_of(&written) {
                let claims: Json = serde_json::from_str(&claims).expect("it is JSON");
                let members: Vec<_> = claims.as_object().expect("an object").keys().collect();
                prop_assert_eq!(members, ["access_token"]);
                prop_assert!(claims["access_token"].as_object().is_some_and(|demanded| !demanded.is_empty()));
            }
        }
    }
}
