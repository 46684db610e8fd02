//! Forms and addresses, as others write them.

use crate::world::value;
use consentry::protocol::{FormWriter, decode, encode, form, is_trustworthy, origin, without_fragment, without_query};
use serde_json::json;

#[test]
fn forms_are_written_with_all_but_unreserved_characters_escaped() {
    let table = [
        ("", ""),
        ("AZaz09-._~", "AZaz09-._~"),
        ("a b", "a%20b"),
        ("&=+%#?/", "%26%3D%2B%25%23%3F%2F"),
        ("é\n\u{0}", "%C3%A9%0A%00"),
    ];
    for (text, expected) in table {
        let mut encoded = String::new();
        encode(text, &mut encoded);
        assert_eq!(encoded, expected);
        assert_eq!(decode(&encoded), text);
    }
    let mut form = FormWriter::default();
    form.add("a&b", "1=2").add_if("none", None).add_if("some", Some("")).add("c", "d");
    assert_eq!(form.finish(), "a%26b=1%3D2&some=&c=d");
}

#[test]
fn a_query_is_added_to_what_an_endpoint_has() {
    for (endpoint, expected) in [
        ("https://h/a", "https://h/a?n=v"),
        ("https://h/a?p=1", "https://h/a?p=1&n=v"),
        ("https://h/a?", "https://h/a?&n=v"),
    ] {
        let mut query = FormWriter::default();
        query.add("n", "v");
        assert_eq!(query.finish_url(endpoint), expected);
    }
}

#[test]
fn forms_of_others_are_read_like_a_browser_reads_them() {
    let table = [
        ("a+b", "a b"),
        ("%41%3a%3A", "A::"),
        ("%", "%"),
        ("%4", "%4"),
        ("%zz%41", "%zzA"),
        ("%+1", "% 1"),
        ("100%25%", "100%%"),
        ("é", "é"),
    ];
    for (text, expected) in table {
        assert_eq!(decode(text), expected, "{text}");
    }
    assert_eq!(decode("%ff%fe"), "", "what is not UTF-8 is empty");
}

#[test]
fn a_parameter_that_is_empty_or_there_twice_is_left_out() {
    let table = [
        ("", json!({})),
        ("&&=&", json!({})),
        ("a=1&b=2", json!({ "a": "1", "b": "2" })),
        ("a=1&a=1", json!({})),
        ("a=1&%61=2", json!({})),
        ("a=1&a=", json!({})),
        ("a=1&a", json!({})),
        ("a=&b", json!({})),
        ("a=b=c", json!({ "a": "b=c" })),
        ("=x", json!({ "": "x" })),
        ("A=1&a=2", json!({ "A": "1", "a": "2" })),
    ];
    for (text, expected) in table {
        assert_eq!(form::parse(text), value(&expected), "{text}");
    }
}

#[test]
fn the_origin_of_a_url_is_what_a_browser_would_connect_to() {
    let table = [
        ("https://login.example/common", Some("https://login.example")),
        ("https://login.example", Some("https://login.example")),
        ("https://login.example:8443?x", Some("https://login.example:8443")),
        ("http://localhost#x", Some("http://localhost")),
        ("http://[::1]:3000/", Some("http://[::1]:3000")),
        ("https://login.example/@evil.example", Some("https://login.example")),
        ("https://login.example/a:b", Some("https://login.example")),
        ("", None),
        ("https://", None),
        ("https:///login.example", None),
        ("https:login.example", None),
        ("https:/login.example", None),
        ("//login.example", None),
        ("/common", None),
        ("HTTPS://login.example", None),
        ("ftp://login.example", None),
        ("data:text/html,x", None),
        ("javascript://login.example/%0aalert(1)", None),
        ("blob:https://login.example/x", None),
        (" https://login.example", None),
        ("https://login.example\t/x", None),
        ("https://login.exam\nple/x", None),
        ("https://login.example\\.evil.example/", None),
        ("https://login.example/\\x", Some("https://login.example")),
        ("https://user@evil.example/", None),
        ("https://login.example@evil.example/", None),
        ("https://login.example:443@evil.example/", None),
        ("https://login.example:/", None),
        ("https://login.example:1234567/", None),
        ("https://login.example:80a/", None),
        ("https://:443/", None),
        ("https://[::1/", None),
        ("https://[::2]/", None),
        ("https://::1/", None),
        ("https://log%69n.example/", None),
        ("https://lοgin.example/", None),
        ("https://login_example/", None),
        ("https://login.example\u{7f}/", None),
        ("https://login.example\u{0}.evil.example/", None),
    ];
    for (url, expected) in table {
        assert_eq!(origin(url), expected, "{url:?}");
    }
}

#[test]
fn codes_go_over_tls_or_stay_on_this_machine() {
    let table = [
        ("https://login.example/x", true),
        ("https://localhost/x", true),
        ("http://localhost/x", true),
        ("http://localhost:3000", true),
        ("http://127.0.0.1:3000/x", true),
        ("http://[::1]/x", true),
        ("http://[::1]:3000/x", true),
        ("http://login.example/x", false),
        ("http://localhost.example/x", false),
        ("http://127.0.0.1.example/x", false),
        ("http://127.0.0.2/x", false),
        ("http://0x7f000001/x", false),
        ("http://localhost@evil.example/x", false),
        ("http://evil.example/#@localhost", false),
        ("ws://localhost/x", false),
        ("localhost", false),
    ];
    for (url, expected) in table {
        assert_eq!(is_trustworthy(url), expected, "{url}");
    }
}

#[test]
fn addresses_are_cut_at_their_first_mark() {
    for (url, no_fragment, no_query) in [
        ("https://h/p?q#f", "https://h/p?q", "https://h/p"),
        ("https://h/p#f?q#g", "https://h/p", "https://h/p"),
        ("https://h/p?q?r", "https://h/p?q?r", "https://h/p"),
        ("https://h/p", "https://h/p", "https://h/p"),
    ] {
        assert_eq!((without_fragment(url), without_query(url)), (no_fragment, no_query));
    }
}
