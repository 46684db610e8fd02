//! Which server is asked, and whether it is the one that was meant.

use crate::{
    server::metadata,
    world::{World, asking, code, now, value},
};
use consentry::{
    error::{ConfigError, ResponseError},
    protocol::{Authority, Metadata},
};
use serde_json::{Value as Json, json};

const TENANT: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";
const OTHER: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const CONSUMERS: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

#[test]
fn an_authority_is_a_server_and_a_tenant() {
    let table = [
        ("https://login.microsoftonline.com/common", "login.microsoftonline.com", "common"),
        ("https://login.microsoftonline.com/common/", "login.microsoftonline.com", "common"),
        (
            "https://login.microsoftonline.com/contoso.onmicrosoft.com",
            "login.microsoftonline.com",
            "contoso.onmicrosoft.com",
        ),
        ("https://login.example:8443/9122040d-6c67-4c5b-b112-36a304b66dad", "login.example:8443", TENANT),
        ("http://localhost:4000/contoso", "localhost:4000", "contoso"),
        ("http://127.0.0.1:4000/contoso", "127.0.0.1:4000", "contoso"),
        ("http://[::1]:4000/contoso", "[::1]:4000", "contoso"),
        ("https://Login.Example/Contoso", "login.example", "Contoso"),
    ];
    for (text, host, tenant) in table {
        let authority = Authority::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!((authority.host(), authority.tenant()), (host, tenant));
        let origin = authority.origin();
        assert!(!authority.is_policy());
        assert_eq!(authority.metadata_url(), format!("{origin}/{tenant}/v2.0/.well-known/openid-configuration"));
    }
    assert_eq!(Authority::common().as_str(), "https://login.microsoftonline.com/common");
}

#[test]
fn other_authorities_are_refused() {
    use ConfigError::{AuthorityInsecure, AuthorityMalformed};
    let table = [
        ("", AuthorityMalformed),
        ("common", AuthorityMalformed),
        ("login.microsoftonline.com/common", AuthorityMalformed),
        ("https://login.microsoftonline.com", AuthorityMalformed),
        ("https://login.microsoftonline.com/", AuthorityMalformed),
        ("https://login.microsoftonline.com/common/v2.0", AuthorityMalformed),
        ("https://login.microsoftonline.com/common//", AuthorityMalformed),
        ("https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1", AuthorityMalformed),
        ("https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_2_signin", AuthorityMalformed),
        ("https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_signin/v2.0", AuthorityMalformed),
        ("https://contoso.b2clogin.com/tfp/B2C_1_signin", AuthorityMalformed),
        ("https://contoso.b2clogin.com/oauth2/contoso.onmicrosoft.com/B2C_1_signin", AuthorityMalformed),
        ("https://ciamlogin.com", AuthorityMalformed),
        ("https://contoso.ciamlogin.com.evil.example", AuthorityMalformed),
        ("https://login.microsoftonline.com/common?p=1", AuthorityMalformed),
        ("https://login.microsoftonline.com/common#", AuthorityMalformed),
        ("https://login.microsoftonline.com/%63ommon", AuthorityMalformed),
        ("https://login.microsoftonline.com?/common", AuthorityMalformed),
        ("https://login.microsoftonline.com@evil.example/common", AuthorityMalformed),
        ("https://login.microsoftonline.com\\@evil.example/common", AuthorityMalformed),
        ("https:///common", AuthorityMalformed),
        ("ftp://login.microsoftonline.com/common", AuthorityMalformed),
        ("javascript:alert(1)//common", AuthorityMalformed),
        ("https://login.microsoftonline.com/com mon", AuthorityMalformed),
        ("http://login.microsoftonline.com/common", AuthorityInsecure),
        ("http://localhost.evil.example/common", AuthorityInsecure),
        ("http://127.0.0.1.evil.example/common", AuthorityInsecure),
        ("http://192.168.0.1/common", AuthorityInsecure),
    ];
    for (text, error) in table {
        assert_eq!(Authority::parse(text), Err(error), "{text:?}");
    }
}

fn discovered(tenant: &str, change: impl Fn(&mut Json)) -> Result<Metadata, ResponseError> {
    let mut document = metadata();
    change(&mut document);
    let authority = Authority::parse(&format!("https://login.example/{tenant}")).expect("an authority");
    Metadata::parse_discovered(&value(&document), &authority)
}

#[test]
fn the_issuer_is_the_authority() {
    let issuer = |tenant: &str| format!("https://login.example/{tenant}/v2.0");
    let table = [
        ("common", issuer("{tenantid}"), true),
        ("organizations", issuer("{tenantid}"), true),
        ("common", issuer(TENANT), false),
        ("common", issuer("common"), false),
        ("consumers", issuer(CONSUMERS), true),
        ("consumers", issuer(TENANT), false),
        ("consumers", issuer("{tenantid}"), false),
        (TENANT, issuer(TENANT), true),
        (TENANT, issuer(&TENANT.to_uppercase()), true),
        (TENANT, issuer(OTHER), false),
        (TENANT, issuer("{tenantid}"), false),
        ("contoso.example", issuer(TENANT), true),
        ("contoso.example", issuer("contoso.example"), false),
        ("contoso.example", issuer("{tenantid}"), false),
        ("common", "https://evil.example/{tenantid}/v2.0".into(), false),
        ("common", "https://login.example.evil.example/{tenantid}/v2.0".into(), false),
        ("common", "http://login.example/{tenantid}/v2.0".into(), false),
        ("common", "https://login.example/{tenantid}/v2.0/".into(), false),
        ("common", "https://login.example/{tenantid}".into(), false),
        ("common", "https://login.example//{tenantid}/v2.0".into(), false),
        ("common", String::new(), false),
    ];
    for (tenant, issuer, is_right) in table {
        let found = discovered(tenant, |document| document["issuer"] = json!(issuer));
        let error = (!is_right).then_some(ResponseError::Metadata("issuer"));
        assert_eq!(found.err(), error, "{issuer} for {tenant}");
    }
}

#[test]
fn codes_and_tokens_go_to_safe_endpoints_only() {
    let required = ["authorization_endpoint", "token_endpoint", "jwks_uri"];
    let all = ["authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"];
    let unsafe_urls = [
        json!("http://login.example/token"),
        json!("javascript:alert(1)"),
        json!("https://user@login.example/token"),
        json!("https://login.example/token#"),
        json!("https://login.example\\token"),
        json!("/token"),
        json!(""),
        json!(7),
        json!(["https://login.example/token"]),
    ];
    for name in all {
        for url in &unsafe_urls {
            let found = discovered("common", |document| document[name] = url.clone());
            assert_eq!(found.err(), Some(ResponseError::Metadata(name)), "{name} {url}");
        }
        let missing = discovered("common", |document| document[name] = Json::Null).err();
        assert_eq!(missing, required.contains(&name).then_some(ResponseError::Metadata(name)));
    }
    for document in [json!(null), json!([]), json!("text"), json!({}), json!({ "issuer": 7 })] {
        assert_eq!(Metadata::parse(&value(&document)).err(), Some(ResponseError::Metadata("issuer")), "{document}");
    }
}

#[test]
fn a_token_is_issued_by_the_tenant_that_it_names() {
    let issuer_for = |issuer: &str, tid| {
        let mut document = metadata();
        document["issuer"] = json!(issuer);
        Metadata::parse(&value(&document)).expect("metadata").issuer_for(tid)
    };
    let any = "https://login.example/{tenantid}/v2.0";
    assert_eq!(issuer_for(any, Some(TENANT)), Some(format!("https://login.example/{TENANT}/v2.0")));
    for tid in [None, Some(""), Some("common"), Some("{tenantid}"), Some("evil/../9122040d")] {
        assert_eq!(issuer_for(any, tid), None, "{tid:?}");
    }
    assert_eq!(issuer_for("https://login.example/{other}/v2.0", Some(TENANT)), None);
    assert_eq!(issuer_for("https://sso.example", None).as_deref(), Some("https://sso.example"));
}

#[test]
fn metadata_is_asked_for_once_a_day() {
    let world = World::new();
    let asked = || world.browser.network().take_sent().len();
    let leave = || drop(world.leave(&world.client(), &asking(&[])));
    leave();
    assert_eq!(asked(), 1);
    leave();
    world.browser.pass(86_399);
    leave();
    assert_eq!(asked(), 0, "it is remembered from page to page");
    world.browser.pass(1);
    leave();
    assert_eq!(asked(), 1);
}

#[test]
fn configured_metadata_is_not_asked_for() {
    let auth = json!({ "clientId": "client", "authority": "https://login.example/contoso.example",
        "authorityMetadata": metadata().to_string() });
    let world = World::configured(json!({ "auth": auth }));
    let client = world.client();
    for _ in 0..2 {
        let url = world.leave(&client, &asking(&[]));
        assert!(url.starts_with("https://login.example/common/oauth2/v2.0/authorize?"));
    }
    assert!(world.browser.network().sent().is_empty());
    assert!(!world.stored()[0].keys().any(|key| key.contains("|metadata|")), "nor remembered");
}

#[test]
fn remembered_metadata_is_checked_again() {
    let world = World::new();
    world.leave(&world.client(), &asking(&[]));
    world.browser.network().take_sent();
    let [stored, _] = world.stored();
    let (key, text) = stored.iter().find(|(key, _)| key.contains("|metadata|")).expect("it is remembered");
    for damaged in [text.replace("{tenantid}", TENANT), text.replace("https:", "http:"), text[1..].to_owned()] {
        world.browser.session().restore(&[(key.clone(), damaged)].into());
        world.leave(&world.client(), &asking(&[]));
        assert_eq!(world.browser.network().take_sent().len(), 1, "it is asked for anew");
    }
}

#[test]
fn a_server_that_is_not_the_one_meant_is_not_visited() {
    let world = World::configured(json!({ "auth": {
        "clientId": "client", "authority": "https://login.example/contoso.example" } }));
    let url = "https://login.example/contoso.example/v2.0/.well-known/openid-configuration";
    world.browser.network().serve(url, |_| Ok(crate::browser::http(200, &metadata())));
    assert_eq!(code(now(world.client().begin_redirect(&asking(&[])))), "openid_config_error");
    assert!(world.browser.left().is_empty());
    assert!(world.stored().iter().all(|store| store.is_empty()), "nothing is remembered of it");
}

#[test]
fn only_a_json_document_with_status_200_is_metadata() {
    let whole = metadata().to_string();
    for (status, body) in [(404, whole.as_str()), (503, &whole), (201, &whole), (200, "<html>"), (200, "")] {
        let world = World::configured(json!({ "auth": {
            "clientId": "client", "authority": "https://login.example/organizations" } }));
        let url = "https://login.example/organizations/v2.0/.well-known/openid-configuration";
        let answer = crate::browser::html(status, body);
        world.browser.network().serve(url, move |_| Ok(answer.clone()));
        let outcome = now(world.client().begin_redirect(&asking(&[])));
        let expected = if status == 200 { "openid_config_error" } else { "get_request_failed" };
        assert_eq!(code(outcome), expected, "{status} {body}");
    }
}
