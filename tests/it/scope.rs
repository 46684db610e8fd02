//! Scopes: an Application ID URI and a permission.

mod by_uri;

use crate::world::set;
use consentry::{
    error::ConfigError,
    scope::{ApplicationIdUri, GRAPH, Scope, ScopeSet},
};

const GUID: &str = "6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001";
/// Microsoft Graph's client ID.
const GRAPH_GUID: &str = "00000003-0000-0000-c000-000000000000";

fn parse(text: &str) -> Scope {
    Scope::parse(text, "scopes").unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

fn resource(scope: &Scope) -> Option<&str> {
    scope.resource().map(ApplicationIdUri::as_str)
}

#[test]
fn a_scope_is_an_application_id_uri_and_a_permission() {
    let table = [
        ("User.Read", GRAPH, "User.Read"),
        ("https://graph.microsoft.com/User.Read", "https://graph.microsoft.com", "User.Read"),
        ("https://contoso.com/orders/Read", "https://contoso.com/orders", "Read"),
        ("https://contoso.com:8443/Read", "https://contoso.com:8443", "Read"),
        // A slash at the end of the URI is part of it.
        ("https://contoso.com//Read", "https://contoso.com/", "Read"),
        ("https://contoso.com//.default", "https://contoso.com/", ".default"),
        ("api://6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001/access_as_user", &format!("api://{GUID}"), "access_as_user"),
        ("api://contoso.com/orders/Read.All", "api://contoso.com/orders", "Read.All"),
        ("api://orders/Read", "api://orders", "Read"),
        ("6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001/.default", GUID, ".default"),
        ("urn:contoso:orders/Read", "urn:contoso:orders", "Read"),
        (".default", GRAPH, ".default"),
    ];
    for (text, uri, permission) in table {
        let scope = parse(text);
        assert_eq!((resource(&scope), scope.name(), scope.to_parameter().as_str()), (Some(uri), permission, text));
        assert_eq!(scope.to_string(), text);
    }
}

#[test]
fn openid_connects_own_scopes_belong_to_no_api() {
    for (text, sent) in [
        ("openid", "openid"),
        ("profile", "profile"),
        ("email", "email"),
        ("offline_access", "offline_access"),
        ("OpenID", "openid"),
    ] {
        let scope = parse(text);
        assert_eq!((resource(&scope), scope.to_parameter().as_str()), (None, sent));
    }
}

#[test]
fn openid_connects_own_scopes_are_the_same_under_microsoft_graphs_name() {
    for name in ["openid", "profile", "email", "offline_access"] {
        for uri in [GRAPH, "HTTPS://Graph.Microsoft.com", GRAPH_GUID, &format!("api://{GRAPH_GUID}")] {
            let scope = parse(&format!("{uri}/{name}"));
            assert_eq!((resource(&scope), scope.to_parameter().as_str()), (None, name), "{uri}");
            assert_eq!(scope, parse(name));
        }
        let own = parse(&format!("api://orders/{name}"));
        assert_eq!(
            (resource(&own), own.name()),
            (Some("api://orders"), name),
            "another API may call one of its own so"
        );
    }
}

#[test]
fn address_and_phone_are_refused_by_name() {
    for name in ["address", "phone", "Phone"] {
        for text in [name.to_owned(), format!("{GRAPH}/{name}"), format!("{GRAPH_GUID}/{name}")] {
            assert_eq!(Scope::parse(&text, "scopes"), Err(ConfigError::ScopeUnsupported("scopes")), "{text}");
        }
        let own = parse(&format!("api://orders/{name}"));
        assert_eq!((resource(&own), own.name()), (Some("api://orders"), name), "another API may have it");
    }
}

#[test]
fn microsoft_graph_is_known_by_its_guid() {
    for uri in [GRAPH_GUID.to_owned(), GRAPH_GUID.to_uppercase(), format!("api://{GRAPH_GUID}")] {
        let text = format!("{uri}/User.Read");
        let scope = parse(&text);
        assert_eq!(scope, parse("User.Read"), "{text}");
        assert!(scope.is_graphs() && !scope.is_unqualified(), "{text}");
        assert_eq!(scope.to_parameter(), text, "it is sent as it was written");
        let scopes = set(&[&text, "Mail.Read", "https://graph.microsoft.com/user.read"]);
        assert_eq!(scopes.to_parameter(), format!("{text} Mail.Read"));
        assert_eq!(scopes.resource(), Ok(ApplicationIdUri::graph()));
        assert_eq!(scopes.key(), set(&["Mail.Read", "User.Read"]).key());
    }
    assert!(parse("User.Read").is_graphs() && parse("User.Read").is_unqualified());
    assert!(!parse("openid").is_graphs() && !parse("openid").is_unqualified());
    assert!(!parse(&format!("{GUID}/User.Read")).is_graphs());
}

#[test]
fn a_guid_is_one_api_in_every_spelling() {
    let plain = format!("{GUID}/Read");
    for text in [format!("api://{GUID}/read"), format!("API://{}/Read", GUID.to_uppercase())] {
        assert_eq!(parse(&text), parse(&plain), "{text}");
        assert_eq!(set(&[&text]).key(), plain.to_lowercase(), "{text}");
    }
    assert_ne!(parse(&format!("https://{GUID}/Read")), parse(&plain), "`api` is the one scheme that may be left out");
    assert_ne!(parse("api://orders/Read"), parse("https://orders/Read"), "of a GUID");
}

#[test]
fn malformed_scopes_are_refused() {
    let table = [
        "",
        " ",
        "User.Read Mail.Read",
        "User.Read\n",
        "/",
        "/Read",
        "orders/Read",
        "https://contoso.com",
        "https://contoso.com/",
        "https:///Read",
        "//contoso.com/Read",
        "://contoso.com/Read",
        "1api://contoso/Read",
        "a pi://contoso/Read",
        "api://",
        "api://6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001",
        "6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001",
        "urn:contoso:orders",
        "6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea0/Read",
        "Réad",
        "Re\"ad",
        "Re\\ad",
        "Read\u{7f}",
    ];
    for text in table {
        let expected = ConfigError::ScopeMalformed { field: "extraScopesToConsent", scope: text.to_owned() };
        assert_eq!(Scope::parse(text, "extraScopesToConsent"), Err(expected), "{text:?}");
    }
}

#[test]
fn an_error_repeats_no_more_than_the_start_of_a_malformed_scope() {
    let long = format!("{}é", " ".repeat(79));
    let Err(ConfigError::ScopeMalformed { scope, .. }) = Scope::parse(&long, "scopes") else { panic!("malformed") };
    assert_eq!(scope, " ".repeat(79), "cut off between characters");
}

#[test]
fn case_tells_no_scopes_apart_and_is_sent_as_it_was_written() {
    let scopes = set(&["API://Orders/read", "api://orders/READ", "user.read", "https://GRAPH.microsoft.com/User.Read"]);
    assert_eq!(scopes.to_parameter(), "API://Orders/read user.read");
    assert_eq!(scopes.key(), "api://orders/read https://graph.microsoft.com/user.read");
    assert_eq!(scopes, set(&["User.Read", "api://orders/Read"]));
    assert_ne!(scopes, set(&["User.Read"]));
    assert_ne!(set(&["api://orders/Read"]), set(&["api://orders//Read"]), "a slash does");
}

#[test]
fn a_token_is_for_one_api() {
    let of = |scopes: &[&str]| set(scopes).resource().map(|resource| resource.as_str().to_owned());
    let table: [(&[&str], &str); 5] = [
        (&[], GRAPH),
        (&["openid", "profile"], GRAPH),
        (&["User.Read", "https://graph.microsoft.com/Mail.Read", "openid"], GRAPH),
        (&["api://orders/Read", "email", "API://orders/Write"], "api://orders"),
        (&["https://contoso.com//Read"], "https://contoso.com/"),
    ];
    for (scopes, expected) in table {
        assert_eq!(of(scopes).as_deref(), Ok(expected), "{scopes:?}");
    }
    for scopes in [
        ["User.Read", "api://orders/Read"],
        ["https://contoso.com/Read", "https://contoso.com//Read"],
        ["https://contoso.com/Read", "https://contoso.com/orders/Read"],
    ] {
        assert_eq!(of(&scopes), Err(ConfigError::SeveralResources), "{scopes:?}");
    }
}

#[test]
fn default_is_the_only_permission_of_its_request() {
    for alone in
        [&["api://orders/.default"][..], &[".default", "openid", "email"], &[".default", ".DEFAULT"], &["openid"]]
    {
        assert_eq!(set(alone).check_default(), Ok(()), "{alone:?}");
        assert!(set(alone).resource().is_ok(), "{alone:?}");
    }
    for mixed in [
        [".default", "User.Read"],
        ["api://orders/Read", "api://orders/.Default"],
        [".default", "api://orders/Read"],
        [".default", "api://orders/.default"],
    ] {
        assert_eq!(set(&mixed).check_default(), Err(ConfigError::DefaultMixed), "{mixed:?}");
        assert_eq!(set(&mixed).resource(), Err(ConfigError::DefaultMixed), "{mixed:?}");
    }
}

#[test]
fn sets_know_what_they_contain() {
    let all = set(&["openid", "User.Read", "Mail.Read", "api://orders/Read"]);
    assert!(all.is_superset(&set(&["https://graph.microsoft.com/mail.read", "OPENID"])));
    assert!(all.is_superset(&ScopeSet::default()));
    assert!(!all.is_superset(&set(&["Mail.Send"])));
    assert!(!set(&["User.Read"]).is_superset(&all));
    assert_eq!(all.permissions(), set(&["User.Read", "Mail.Read", "api://orders/Read"]));
    assert_eq!(all.resources().iter().map(ApplicationIdUri::as_str).collect::<Vec<_>>(), [GRAPH, "api://orders"]);
    assert_eq!(set(&["User.Read"]).union(&set(&["user.read", "Mail.Read"])).to_parameter(), "User.Read Mail.Read");
    assert_eq!(ScopeSet::sign_in().to_parameter(), "openid profile offline_access");
    assert!(ScopeSet::default().is_empty() && !all.is_empty());
}

#[test]
fn a_grant_is_read_for_the_api_that_the_token_is_for() {
    let orders = ApplicationIdUri::parse("api://orders").expect("an Application ID URI");
    let granted = ScopeSet::granted("Read  api://orders/Write openid https://graph.microsoft.com/User.Read", &orders);
    assert_eq!(granted, set(&["api://orders/Read", "api://orders/Write", "openid", "User.Read"]));
    let unreadable = ScopeSet::granted("a/b/c \u{1} 6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001 Read", &orders);
    assert_eq!(unreadable, set(&["api://orders/Read"]), "what can't be read is no grant");
    assert!(ScopeSet::granted("", &orders).is_empty());
}

/// APIs, and what is asked for each.
type Parts<'a> = &'a [(&'a str, &'a str)];

#[test]
fn a_set_is_split_by_api() {
    let table: [(&[&str], Parts<'_>); 4] = [
        (
            &[
                "openid",
                "User.Read",
                "API://orders/Read",
                "https://GRAPH.microsoft.com/Mail.Read",
                "api://orders/Write",
                "email",
                "https://contoso.com//.default",
            ],
            &[
                (GRAPH, "openid User.Read https://GRAPH.microsoft.com/Mail.Read email"),
                ("API://orders", "openid API://orders/Read api://orders/Write email"),
                ("https://contoso.com/", "openid email https://contoso.com//.default"),
            ],
        ),
        (&["api://orders/Read"], &[("api://orders", "api://orders/Read")]),
        (&["profile", "openid"], &[(GRAPH, "profile openid")]),
        (&[], &[(GRAPH, "")]),
    ];
    for (scopes, expected) in table {
        let parts = set(scopes).split();
        let told: Vec<_> = parts.iter().map(|(resource, part)| (resource.as_str(), part.to_parameter())).collect();
        let expected: Vec<_> = expected.iter().map(|(resource, part)| (*resource, (*part).to_owned())).collect();
        assert_eq!(told, expected, "{scopes:?}");
    }
}
