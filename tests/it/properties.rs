//! What holds for every input: round trips, laws of sets, and that nothing panics.

use crate::{
    browser::{html, pairs},
    server::CLIENT_ID,
    world::value,
};
use consentry::{
    binding::dictionary,
    cache::{Cache, keys},
    json,
    protocol::{
        Authority, AuthorizationResponse, ClientInfo, CodeVerifier, FormWriter, Grant, IdToken, Metadata, TokenRequest,
        TokenResponse, decode, encode, form, is_trustworthy, origin,
    },
    scope::{ApplicationIdUri, Scope, ScopeSet},
    secret::Secret,
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};
use url::Url;

/// Scopes as developers write them.
fn scope() -> impl Strategy<Value = String> {
    let uri = select(vec![
        "",
        "https://graph.microsoft.com/",
        "https://Graph.Microsoft.com/",
        "api://orders/",
        "api://ORDERS/",
        "https://contoso.com/orders/",
        "https://contoso.com//",
        "6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001/",
    ]);
    let name = prop_oneof![
        "[A-Za-z][A-Za-z0-9._-]{0,9}",
        select(vec!["Read", "read", "openid", ".default"]).prop_map(String::from)
    ];
    (uri, name).prop_map(|(uri, name)| format!("{uri}{name}"))
}

fn scopes() -> impl Strategy<Value = ScopeSet> {
    vec(scope(), 0..6).prop_map(|scopes| {
        let supported = scopes.iter().map(String::as_str).filter(|scope| !["address", "phone"].contains(scope));
        ScopeSet::parse(supported, "scopes").expect("they are well formed")
    })
}

/// Text with the characters that the formats give a meaning to.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[a-zé%&=+#?/:|.@\\\\{}\\[\\]\", 0-9\n\0-]{0,40}",
        vec(select(vec!["code", "state", "error", "=", "&", "%", "%4", "%ff", "session_state", "#", "é", "x"]), 0..12)
            .prop_map(|parts| parts.concat()),
    ]
}

/// JSON of any shape, with the names that are looked for.
fn tree() -> impl Strategy<Value = serde_json::Value> {
    let name = select(vec![
        "issuer",
        "token_endpoint",
        "authorization_endpoint",
        "auth",
        "clientId",
        "scopes",
        "account",
        "claims",
        "exp",
        "aud",
        "token_type",
        "access_token",
        "expires_in",
        "scope",
        "error",
        "idToken",
        "secret",
        "resource",
        "",
        "é",
    ]);
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i32>().prop_map(|eighths| (f64::from(eighths) / 8.0).into()),
        text().prop_map(Into::into),
    ];
    leaf.prop_recursive(4, 32, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Into::into),
            vec((name.clone(), inner), 0..6)
                .prop_map(|members| members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    // The same cases in every run; PROPTEST_CASES makes them more.
    #![proptest_config(ProptestConfig { failure_persistence: None, rng_seed: RngSeed::Fixed(20), ..ProptestConfig::default() })]

    #[test]
    fn scopes_are_printed_as_they_are_parsed(text in scope()) {
        prop_assume!(!["address", "phone"].contains(&text.as_str()));
        let scope = Scope::parse(&text, "scopes").expect("it is well formed");
        let again = Scope::parse(&scope.to_parameter(), "scopes").expect("so is what is printed");
        prop_assert_eq!(&scope, &again);
        prop_assert_eq!(scope.to_parameter(), again.to_parameter());
        let is_openid = scope.resource().is_none();
        prop_assert!(is_openid || scope.to_parameter() == text, "the developer's spelling is sent");
    }

    #[test]
    fn equal_sets_have_equal_keys(one in scopes(), other in scopes()) {
        prop_assert_eq!(one == other, one.key() == other.key());
        let parameter = one.to_parameter();
        prop_assert_eq!(ScopeSet::granted(&parameter, &ApplicationIdUri::graph()), one);
    }

    #[test]
    fn union_is_that_of_sets(one in scopes(), two in scopes(), three in scopes()) {
        prop_assert_eq!(one.union(&two), two.union(&one));
        prop_assert_eq!(one.union(&one), one.clone());
        prop_assert_eq!(one.union(&two).union(&three), one.union(&two.union(&three)));
        prop_assert!(one.union(&two).is_superset(&one) && one.union(&two).is_superset(&two));
        prop_assert_eq!(one.is_superset(&two), one.union(&two) == one);
        prop_assert_eq!(one.union(&two).len() == one.len(), one.is_superset(&two));
    }

    #[test]
    fn forms_are_read_as_they_are_written(fields in vec((text(), text()), 0..6)) {
        let mut writer = FormWriter::default();
        for (name, value) in &fields {
            writer.add(name, value);
        }
        let written = writer.finish();
        prop_assert_eq!(pairs(&written), fields.clone(), "by others");
        let read = form::parse(&written);
        for (name, value) in &fields {
            let is_once = fields.iter().filter(|(other, _)| other == name).count() == 1;
            let expected = (is_once && !value.is_empty()).then_some(value.as_str());
            prop_assert_eq!(read.text_of(name), expected, "by us");
        }
    }

    #[test]
    fn what_is_encoded_is_plain(text in text()) {
        let mut encoded = String::new();
        encode(&text, &mut encoded);
        prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte)));
        prop_assert_eq!(decode(&encoded), text);
    }

    #[test]
    fn an_origin_is_the_one_that_a_browser_sees(
        scheme in prop_oneof![4 => Just("https:"), 2 => Just("http:"), 1 => select(vec!["https", "ftp:", "", "HTTPS:", "javascript:"])],
        slashes in prop_oneof![4 => Just("//"), 1 => select(vec!["/", "", "///", "\\\\", "/\\"])],
        authority in "[a-z0-9.:@\\[\\]%_\\\\ \t-]{0,16}|localhost(:[0-9]{0,6})?|127\\.0\\.0\\.1|\\[::1\\]",
        rest in "([/?#@:\\\\].{0,10})?",
    ) {
        let url = [scheme, slashes, &authority, &rest].concat();
        if let (Some(ours), Ok(theirs)) = (origin(&url), Url::parse(&url)) {
            let of_ours = Url::parse(ours).expect("an origin is a URL");
            prop_assert_eq!(of_ours.origin(), theirs.origin());
            prop_assert!(theirs.username().is_empty() && theirs.password().is_none());
            let is_loopback = matches!(theirs.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"));
            prop_assert!(!is_trustworthy(&url) || theirs.scheme() == "https" || is_loopback);
        }
    }

    #[test]
    fn texts_of_others_are_read_without_panic(text in text()) {
        let _ = AuthorizationResponse::parse(&text);
        let _ = IdToken::parse(Secret::new(text.clone()));
        let _ = ClientInfo::parse(&text);
        let _ = CodeVerifier::parse(&text);
        let _ = Authority::parse(&text);
        let _ = form::parse(&text);
        let _ = Scope::parse(&text, "scopes");
        let _ = ScopeSet::granted(&text, &ApplicationIdUri::graph());
        let mut cache = Cache::new(CLIENT_ID.to_owned());
        for kind in ["account", "access", "active"] {
            let key = keys::pending(CLIENT_ID, &text).replace("|pending|", &format!("|{kind}|"));
            cache.apply(&key, Some(&text));
        }
        prop_assert!(origin(&text).is_none_or(|origin| text.starts_with(origin)));
    }

    #[test]
    fn json_of_others_is_read_without_panic(tree in tree()) {
        let read = value(&tree);
        prop_assert_eq!(json::parse(&json::text(&read)), Ok(read.clone()));
        let _ = Metadata::parse(&read);
        let _ = Metadata::parse_discovered(&read, &Authority::common());
        let _ = dictionary::config(&read);
        if dictionary::check(&read).is_ok() {
            let _ = dictionary::redirect_request(&read, false, "");
            let _ = dictionary::silent_request(&read, "");
            let _ = dictionary::sign_out_request(&read, "");
        }
        let _ = IdToken::parse(Secret::new(crate::server::jwt(&tree)));
        let token = Secret::new("token".to_owned());
        let scopes = ScopeSet::sign_in();
        let grant = Grant::RefreshToken(&token);
        let request = TokenRequest { client_id: CLIENT_ID, grant, scopes: &scopes, claims: None, correlation_id: "" };
        for status in [200, 400, 500] {
            let _ = TokenResponse::from_http(&html(status, &tree.to_string()), &request);
        }
        let mut cache = Cache::new(CLIENT_ID.to_owned());
        for kind in ["account|a|b|c", "access|a|b|c|d|e", "active"] {
            cache.apply(&format!("{}{kind}", keys::prefix(CLIENT_ID)), Some(&tree.to_string()));
        }
        prop_assert!(cache.accounts().is_empty(), "no account without an ID token");
    }
}
