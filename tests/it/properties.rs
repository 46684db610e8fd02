//! What holds for every input: round trips, laws of sets, and that nothing panics.

use crate::{
    browser::{html, pairs},
    server::CLIENT_ID,
    world::value,
};
use consentry::{
    binding::dictionary,
    cache::{Cache, keys},
    json::{self, Value},
    protocol::{
        AdminConsentResponse, Authority, AuthorizationResponse, ClientInfo, CodeVerifier, FormWriter, Grant, IdToken,
        Metadata, TokenRequest, TokenResponse, decode, encode, form, is_trustworthy, origin,
    },
    scope::{ApplicationIdUri, Scope, ScopeSet},
    secret::Secret,
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::RngSeed};
use std::collections::BTreeSet;
use url::Url;

/// Application ID URIs, and the API that each names.
const APIS: [(&str, &str); 13] = [
    ("https://graph.microsoft.com", "graph"),
    ("https://Graph.Microsoft.com", "graph"),
    ("00000003-0000-0000-c000-000000000000", "graph"),
    ("API://00000003-0000-0000-C000-000000000000", "graph"),
    ("api://orders", "orders"),
    ("api://ORDERS", "orders"),
    ("https://contoso.com", "contoso"),
    ("https://contoso.com/", "contoso and a slash"),
    ("https://contoso.com/orders", "contoso's orders"),
    ("urn:contoso:orders", "contoso's orders by name"),
    ("6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001", "a GUID"),
    ("api://6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001", "a GUID"),
    ("API://6F1C3F9E-0D4E-4A53-8A4E-4C4B4A4EA001", "a GUID"),
];

fn uri() -> impl Strategy<Value = &'static str> {
    select(APIS.map(|(uri, _)| uri).to_vec())
}

fn name() -> impl Strategy<Value = String> {
    let unsupported = |name: &String| ["address", "phone"].iter().any(|other| name.eq_ignore_ascii_case(other));
    prop_oneof![
        "[A-Za-z][A-Za-z0-9._-]{0,9}".prop_filter("Microsoft Graph has it", move |name| !unsupported(name)),
        select(vec!["Read", "read", "Write", "openid", "Email", ".default"]).prop_map(String::from),
    ]
}

/// Scopes as developers write them.
fn scope() -> impl Strategy<Value = String> {
    prop_oneof![1 => name(), 4 => (uri(), name()).prop_map(|(uri, name)| format!("{uri}/{name}"))]
}

/// Names of permissions by Application ID URI, as developers write them.
fn by_uri() -> impl Strategy<Value = Vec<(&'static str, Vec<String>)>> {
    vec((uri(), vec(name(), 1..3)), 0..4)
}

fn read(texts: &[String]) -> ScopeSet {
    ScopeSet::parse(texts.iter().map(String::as_str), "scopes").expect("they are well formed")
}

fn scopes() -> impl Strategy<Value = ScopeSet> {
    vec(scope(), 0..6).prop_map(|texts| read(&texts))
}

/// What a scope means, whatever its spelling: looked up, not computed.
fn meaning(scope: &Scope) -> (&'static str, String) {
    let api = scope.resource().map_or("none", |uri| {
        let known = APIS.iter().find(|(spelling, _)| *spelling == uri.as_str());
        known.expect("there are no other APIs").1
    });
    (api, scope.name().to_lowercase())
}

fn meanings(set: &ScopeSet) -> BTreeSet<(&'static str, String)> {
    set.iter().map(meaning).collect()
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
        "granted",
        "refused",
        "byUser",
        "token",
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
    fn order_duplicates_and_case_do_not_matter(
        (texts, others) in vec(scope(), 0..5).prop_flat_map(|texts| {
            let upper = texts.iter().map(|text| text.to_uppercase());
            let others = texts.iter().cloned().chain(upper).collect::<Vec<_>>();
            (Just(texts), Just(others).prop_shuffle())
        })
    ) {
        let (set, other) = (read(&texts), read(&others));
        prop_assert_eq!(&set, &other);
        prop_assert_eq!(set.key(), other.key());
        prop_assert_eq!(set.check_default(), other.check_default());
    }

    #[test]
    fn sets_of_scopes_are_sets(one in scopes(), two in scopes()) {
        let (of_one, of_two) = (meanings(&one), meanings(&two));
        prop_assert_eq!(one.len(), of_one.len(), "nothing is there twice");
        prop_assert_eq!(one == two, of_one == of_two);
        prop_assert_eq!(one.is_superset(&two), of_one.is_superset(&of_two));
        prop_assert_eq!(meanings(&one.union(&two)), &of_one | &of_two);
        prop_assert_eq!(meanings(&one.difference(&two)), &of_one - &of_two);
        for scope in two.iter() {
            prop_assert_eq!(one.contains(scope), of_one.contains(&meaning(scope)));
        }
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
    fn difference_is_that_of_sets(one in scopes(), two in scopes(), three in scopes()) {
        let rest = one.difference(&two);
        prop_assert!(!rest.iter().any(|scope| two.contains(scope)), "they are disjoint");
        prop_assert_eq!(rest.difference(&two), rest.clone());
        prop_assert_eq!(rest.union(&two), one.union(&two));
        prop_assert_eq!(rest.difference(&three), one.difference(&two.union(&three)));
        prop_assert_eq!(one.union(&two).difference(&three), one.difference(&three).union(&two.difference(&three)));
        prop_assert!(one.is_superset(&rest) && one.difference(&one).is_empty());
    }

    #[test]
    fn supersets_are_ordered(one in scopes(), two in scopes(), three in scopes()) {
        prop_assert!(one.is_superset(&one) && one.is_superset(&ScopeSet::default()));
        prop_assert_eq!(one.is_superset(&two) && two.is_superset(&one), one == two);
        prop_assert_eq!(one.is_superset(&two), two.difference(&one).is_empty());
        prop_assert_eq!(one.is_superset(&two.union(&three)), one.is_superset(&two) && one.is_superset(&three));
        let (small, large) = (one.difference(&two), one.union(&three));
        prop_assert!(large.is_superset(&small), "by way of the one between them");
    }

    #[test]
    fn sets_are_read_as_they_are_written(set in scopes()) {
        let parameter = set.to_parameter();
        let again = ScopeSet::parse(parameter.split_terminator(' '), "scopes").expect("it is well formed");
        prop_assert_eq!(&again, &set);
        prop_assert_eq!(again.to_parameter(), parameter);
        let by_uri = Value::from(&set);
        prop_assert_eq!(ScopeSet::read(&by_uri, "scopes"), Ok(set.permissions()));
        let text = json::text(&by_uri);
        prop_assert_eq!(ScopeSet::read(&json::parse(&text).expect("it is JSON"), "scopes"), Ok(set.permissions()));
    }

    #[test]
    fn grants_are_read_as_they_are_written(texts in vec(prop_oneof![name(), scope()], 0..6), uri in uri()) {
        let api = ApplicationIdUri::parse(uri).expect("it is one");
        let granted = ScopeSet::granted(&texts.join(" "), &api);
        prop_assert_eq!(&ScopeSet::granted(&granted.to_parameter(), &api), &granted);
        prop_assert_eq!(ScopeSet::read(&Value::from(&granted), "scopes"), Ok(granted.permissions()));
    }

    #[test]
    fn scopes_by_application_id_uri_are_those_of_a_list(by_uri in by_uri()) {
        let list: Vec<_> =
            by_uri.iter().flat_map(|(uri, names)| names.iter().map(move |name| format!("{uri}/{name}"))).collect();
        let members = by_uri.into_iter().map(|(uri, names)| (uri.to_owned(), names.into_iter().collect()));
        let set = ScopeSet::read(&Value::Object(members.collect()), "scopes");
        prop_assert_eq!(set.as_ref().map(ScopeSet::to_parameter), Ok(read(&list).to_parameter()));
        prop_assert_eq!(set, Ok(read(&list)));
    }

    #[test]
    fn a_set_is_the_union_of_its_parts(set in scopes()) {
        let parts = set.split();
        let mut union = ScopeSet::default();
        for (at, (resource, part)) in parts.iter().enumerate() {
            union = union.union(part);
            prop_assert!(part.resources().len() <= 1 && parts[..at].iter().all(|(other, _)| other != resource));
            let is_for_it = match part.check_default() {
                Ok(()) => part.resource().as_ref() == Ok(resource),
                mixed => part.resource().map(|_| ()) == mixed,
            };
            prop_assert!(is_for_it, "{} is for {}", part.to_parameter(), resource.as_str());
            prop_assert_eq!(part.difference(&part.permissions()), set.difference(&set.permissions()));
        }
        prop_assert_eq!(union, set.clone());
        prop_assert_eq!(parts.iter().map(|(_, part)| part.permissions().len()).sum::<usize>(), set.permissions().len());
        prop_assert_eq!(parts.len(), set.resources().len().max(1));
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
        let mut cache = Cache::new(CLIENT_ID.to_owned(), "login.example".to_owned());
        let _ = AdminConsentResponse::parse(&text);
        for kind in ["account", "access", "active", "consent"] {
            let key = keys::pending(CLIENT_ID, &text).replace("|pending|", &format!("|{kind}|"));
            cache.apply(&key, Some(&text));
        }
        prop_assert!(origin(&text).is_none_or(|origin| text.starts_with(origin)));
        let address = ["https://app.example/?", &text].concat();
        let clean = AdminConsentResponse::removed_from(&address);
        prop_assert_eq!(AdminConsentResponse::removed_from(&clean), clean.clone(), "nothing is left to remove");
        prop_assert!(clean.starts_with("https://app.example/") && clean.len() <= address.len());
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
            let _ = dictionary::admin_consent_request(&read, "");
            let _ = dictionary::forbidden_call(&read);
        }
        let _ = IdToken::parse(Secret::new(crate::server::jwt(&tree)));
        let token = Secret::new("token".to_owned());
        let scopes = ScopeSet::sign_in();
        let grant = Grant::RefreshToken(&token);
        let request = TokenRequest { client_id: CLIENT_ID, grant, scopes: &scopes, resource: None, claims: None, capabilities: &[], correlation_id: "", may_lack_token: false };
        for status in [200, 400, 500] {
            let _ = TokenResponse::from_http(&html(status, &tree.to_string()), &request);
        }
        let mut cache = Cache::new(CLIENT_ID.to_owned(), "login.example".to_owned());
        for kind in ["account|a|b|c", "access|a|b|c|d|e", "active", "consent|a|b|c"] {
            cache.apply(&format!("{}{kind}", keys::prefix(CLIENT_ID)), Some(&tree.to_string()));
        }
        prop_assert!(cache.accounts().is_empty(), "no account without an ID token");
    }
}
