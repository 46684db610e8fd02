//! Scopes by Application ID URI: as developers and requests list them, and as they are told.

use super::{GRAPH_GUID, GUID};
use crate::world::set;
use consentry::{
    binding::dictionary::{check, redirect_request, silent_request},
    error::ConfigError,
    json::Value,
    scope::{ApplicationIdUri, GRAPH, ScopeSet},
};

/// Names of permissions by Application ID URI.
type ByUri<'a> = &'a [(&'a str, &'a [&'a str])];

fn object(by_uri: ByUri<'_>) -> Value {
    Value::Object(by_uri.iter().map(|(uri, names)| ((*uri).to_owned(), names.iter().copied().collect())).collect())
}

fn read(by_uri: ByUri<'_>) -> Result<ScopeSet, ConfigError> {
    ScopeSet::read(&object(by_uri), "scopes")
}

#[test]
fn scopes_can_be_listed_by_application_id_uri() {
    let guid = format!("{GUID}/access_as_user");
    let table: [(ByUri<'_>, &[&str]); 8] = [
        (&[], &[]),
        (
            &[(GRAPH, &["Mail.Read"]), ("api://orders", &["Write", "Read"])],
            &["https://graph.microsoft.com/Mail.Read", "api://orders/Write", "api://orders/Read"],
        ),
        // A slash at the end of the URI is part of it.
        (
            &[("https://contoso.com/", &["Read"]), ("https://contoso.com", &["Read"])],
            &["https://contoso.com//Read", "https://contoso.com/Read"],
        ),
        (&[(GUID, &["access_as_user"])], &[&guid]),
        (&[("urn:contoso:orders", &["Read"])], &["urn:contoso:orders/Read"]),
        (&[("api://orders", &[".default"])], &["api://orders/.default"]),
        (
            &[(GRAPH, &["openid", "Mail.Read", "Offline_Access"])],
            &["openid", "https://graph.microsoft.com/Mail.Read", "offline_access"],
        ),
        (
            &[("api://orders", &["Read", "read"]), ("API://Orders", &["READ", "Write"])],
            &["api://orders/Read", "API://Orders/Write"],
        ),
    ];
    for (by_uri, list) in table {
        let scopes = read(by_uri).expect("it is well formed");
        assert_eq!(scopes, set(list), "{by_uri:?}");
        assert_eq!(scopes.to_parameter(), list.join(" "), "they are sent as they were written");
        assert_eq!(ScopeSet::read(&list.iter().copied().collect(), "scopes"), Ok(scopes), "a list is read as well");
    }
}

#[test]
fn a_list_by_application_id_uri_is_refused_where_it_is_malformed() {
    let malformed = |by_uri: ByUri<'_>, part: &str| {
        let expected = ConfigError::ScopeMalformed { field: "scopes", scope: part.to_owned() };
        assert_eq!(read(by_uri), Err(expected), "{by_uri:?}");
    };
    for key in ["", "orders", "Mail.Read", "https://", "//contoso.com", "api://or ders", &GUID[1..]] {
        malformed(&[(key, &["Read"])], key);
        malformed(&[("api://stock", &["Read"]), (key, &[])], key);
    }
    for name in ["orders/Read", "api://orders/Read", "/Read", "Read/", "/"] {
        malformed(&[("api://orders", &[name])], name);
    }
    for name in ["", "a b", GUID, "Réad"] {
        malformed(&[("api://orders", &["Read", name])], &format!("api://orders/{name}"));
    }
    for (uri, name) in [(GRAPH, "address"), (GRAPH_GUID, "Phone")] {
        assert_eq!(read(&[(uri, &["Mail.Read", name])]), Err(ConfigError::ScopeUnsupported("scopes")), "{uri}");
    }
    assert_eq!(read(&[("api://orders", &["address"])]), Ok(set(&["api://orders/address"])));
    assert_eq!(read(&[(GRAPH, &["Mail.Read"]), ("api://orders", &[])]), Err(ConfigError::NoPermission));
}

#[test]
fn a_request_lists_its_scopes_in_either_form() {
    let request = |scopes: Value, extra_scopes: Value| {
        Value::Object(vec![("scopes".to_owned(), scopes), ("extraScopesToConsent".to_owned(), extra_scopes)])
    };
    let list = |scopes: &[&str]| scopes.iter().copied().collect::<Value>();
    let (orders, mail): (ByUri<'_>, ByUri<'_>) = (&[("api://orders", &["Read", "Write"])], &[(GRAPH, &["Mail.Read"])]);
    let (orders_list, mail_list) = (["api://orders/Read", "api://orders/Write"], ["Mail.Read"]);
    for request in [request(object(orders), list(&mail_list)), request(list(&orders_list), object(mail))] {
        assert_eq!(check(&request), Ok(()));
        let redirect = redirect_request(&request, false, "").expect("a request");
        assert_eq!((redirect.scopes, redirect.extra_scopes), (set(&orders_list), set(&mail_list)));
        assert_eq!(silent_request(&request, "").expect("a request").scopes, set(&orders_list));
    }
    let malformed = |field| Some(ConfigError::ScopeMalformed { field, scope: "orders".to_owned() });
    let (wrong, none) = (object(&[("orders", &[])]), object(&[]));
    assert_eq!(silent_request(&request(wrong.clone(), none.clone()), "").err(), malformed("scopes"));
    assert_eq!(redirect_request(&request(none, wrong), true, "").err(), malformed("extraScopesToConsent"));
}

#[test]
fn a_request_lists_names_and_nothing_else() {
    for field in ["scopes", "extraScopesToConsent"] {
        let name = || Value::from("Read");
        for names in [name(), Value::Null, Value::Bool(true), Value::Array(vec![name(), Value::Null]), object(&[])] {
            let by_uri =
                vec![("api://stock".to_owned(), Value::Array(vec![name()])), ("api://orders".to_owned(), names)];
            let request = Value::Object(vec![(field.to_owned(), Value::Object(by_uri))]);
            let outcome = check(&request);
            assert!(matches!(outcome, Err(ConfigError::Field { field: named, .. }) if named == field), "{request:?}");
        }
    }
}

#[test]
fn a_set_is_told_by_application_id_uri() {
    let table: [(&[&str], ByUri<'_>); 5] = [
        (&[], &[]),
        (&["openid", "offline_access"], &[]),
        (
            &[
                "User.Read",
                "api://orders/Read",
                "openid",
                "https://graph.microsoft.com/Mail.Read",
                "API://orders/Write",
            ],
            &[(GRAPH, &["User.Read", "Mail.Read"]), ("api://orders", &["Read", "Write"])],
        ),
        (&["https://contoso.com//.default"], &[("https://contoso.com/", &[".default"])]),
        (
            &["api://6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001/Read"],
            &[("api://6f1c3f9e-0d4e-4a53-8a4e-4c4b4a4ea001", &["Read"])],
        ),
    ];
    for (scopes, expected) in table {
        assert_eq!(Value::from(&set(scopes)), object(expected), "{scopes:?}");
    }
    let orders = ApplicationIdUri::parse("api://orders").expect("an Application ID URI");
    let granted = ScopeSet::granted("Read openid", &orders);
    assert_eq!(Value::from(&granted), object(&[("api://orders", &["Read"])]), "also what has no URI of its own");
}
