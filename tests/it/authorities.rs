//! Microsoft's clouds, B2C and External ID: where they are found, and who their issuer is.

use crate::{
    browser::http,
    server::{ALICE, CLIENT_ID, KEY_ID, KEYS_URL, encode, jwk, metadata},
    world::{
        REDIRECT_URI, World, access_token, acquiring, asking, code, finish, named, now, silent, usernames, value,
        wanting,
    },
};
use consentry::{
    binding::dictionary,
    client::{PublicClient, SilentRequest},
    error::ResponseError,
    protocol::{Authority, Metadata},
};
use serde_json::{Value as Json, json};
use std::rc::Rc;

const TENANT: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";
const OTHER: &str = "72f988bf-86f1-41af-91ab-2d7cd011db47";
const FLOW: &str = "https://contoso.b2clogin.com/contoso.onmicrosoft.com/B2C_1_SignIn";

fn authority(text: &str) -> Authority {
    Authority::parse(text).unwrap_or_else(|error| panic!("{text}: {error:?}"))
}

/// Whether a server of that issuer is the one that is meant by an authority.
fn is_meant(text: &str, issuer: &str) -> bool {
    let mut document = metadata();
    document["issuer"] = json!(issuer);
    match Metadata::parse_discovered(&value(&document), &authority(text)) {
        Ok(_) => true,
        Err(error) => {
            assert_eq!(error, ResponseError::Metadata("issuer"), "{issuer}");
            false
        }
    }
}

#[test]
fn clouds_have_their_names_and_their_own_endpoints() {
    let table = [
        ("login.microsoftonline.com", "login.microsoftonline.com"),
        ("login.windows.net", "login.microsoftonline.com"),
        ("LOGIN.MICROSOFT.COM", "login.microsoftonline.com"),
        ("sts.windows.net", "login.microsoftonline.com"),
        ("login.microsoftonline.us", "login.microsoftonline.us"),
        ("login.usgovcloudapi.net", "login.microsoftonline.us"),
        ("login.partner.microsoftonline.cn", "login.partner.microsoftonline.cn"),
        ("login.chinacloudapi.cn", "login.partner.microsoftonline.cn"),
        ("login.sovcloud-identity.de", "login.sovcloud-identity.de"),
        ("login.sovcloud-identity.fr", "login.sovcloud-identity.fr"),
        ("login.sovcloud-identity.sg", "login.sovcloud-identity.sg"),
    ];
    for (host, cloud) in table {
        for (tenant, issued_by) in [
            ("common", "{tenantid}"),
            ("Organizations", "{tenantid}"),
            ("consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"),
            (TENANT, TENANT),
            (&TENANT.to_uppercase(), TENANT),
        ] {
            let authority = authority(&format!("https://{host}/{tenant}"));
            assert_eq!(authority.environment(), cloud);
            let metadata = Metadata::built_in(&authority).expect("it is known");
            assert_eq!(metadata.issuer, format!("https://{cloud}/{issued_by}/v2.0"));
            let base = format!("https://{cloud}/{tenant}");
            assert_eq!(metadata.authorization_endpoint, format!("{base}/oauth2/v2.0/authorize"));
            assert_eq!(metadata.token_endpoint, format!("{base}/oauth2/v2.0/token"));
            assert_eq!(metadata.jwks_uri, format!("{base}/discovery/v2.0/keys"));
            assert_eq!(metadata.end_session_endpoint, Some(format!("{base}/oauth2/v2.0/logout")));
            let graph = match cloud {
                "login.microsoftonline.com" => Some("https://graph.microsoft.com/oidc/userinfo".to_owned()),
                "login.microsoftonline.us" => Some("https://graph.microsoft.us/oidc/userinfo".to_owned()),
                "login.partner.microsoftonline.cn" => {
                    Some("https://microsoftgraph.chinacloudapi.cn/oidc/userinfo".to_owned())
                }
                _ => None,
            };
            assert_eq!(metadata.userinfo_endpoint, graph);
            assert!(metadata.is_platform && !metadata.is_named_in_answers && !metadata.requires_pushed_requests);
        }
    }
    for unknown in [
        "https://login.microsoftonline.com/contoso.onmicrosoft.com",
        "https://login.microsoftonline.com.evil.example/common",
        "https://login.microsoftonline.com:444/common",
        "https://login.example/common",
        "https://contoso.ciamlogin.com/9122040d-6c67-4c5b-b112-36a304b66dad",
        FLOW,
    ] {
        assert!(Metadata::built_in(&authority(unknown)).is_none(), "{unknown} has to be asked");
    }
    assert!(Metadata::built_in(&Authority::issuer("https://login.microsoftonline.com/common").expect("one")).is_none());
}

#[test]
fn nobody_is_asked_where_a_cloud_s_endpoints_are() {
    let world = World::configured(json!({ "auth": {
        "clientId": "client", "authority": format!("https://login.microsoftonline.us/{TENANT}") } }));
    let url = world.leave(&world.client(), &asking(&["Mail.Read"]));
    assert!(url.starts_with(&format!("https://login.microsoftonline.us/{TENANT}/oauth2/v2.0/authorize?")), "{url}");
    assert!(world.browser.network().sent().is_empty());
}

#[test]
fn a_user_flow_is_a_tenant_and_a_policy() {
    let table = [
        (FLOW, "contoso.onmicrosoft.com"),
        ("https://contoso.b2clogin.com/tfp/contoso.onmicrosoft.com/b2c_1_signin/", "contoso.onmicrosoft.com"),
        ("https://login.contoso.example/9122040d-6c67-4c5b-b112-36a304b66dad/B2C_1A_Custom", TENANT),
    ];
    for (text, tenant) in table {
        let authority = authority(text);
        assert!(authority.is_policy() && authority.is_platform());
        assert_eq!((authority.as_str(), authority.tenant()), (text.trim_end_matches('/'), tenant));
        let address = format!("{}/v2.0/.well-known/openid-configuration", text.trim_end_matches('/'));
        assert_eq!(authority.metadata_url(), address);
    }
}

#[test]
fn the_issuer_of_a_user_flow_is_its_tenant() {
    let host = "https://contoso.b2clogin.com";
    let by_guid = format!("{host}/{TENANT}/B2C_1_SignIn");
    let table = [
        (FLOW, format!("{host}/{TENANT}/v2.0/"), true),
        (FLOW, format!("{host}/tfp/{TENANT}/b2c_1_signin/v2.0/"), true),
        (FLOW, format!("{host}/tfp/{TENANT}/b2c_1_other/v2.0/"), false),
        (FLOW, format!("{host}/tfp/{TENANT}/v2.0/"), false),
        (FLOW, format!("{host}/{TENANT}/v2.0"), false),
        (FLOW, format!("{host}/{{tenantid}}/v2.0/"), false),
        (FLOW, format!("{host}/contoso.onmicrosoft.com/v2.0/"), false),
        (FLOW, format!("https://other.b2clogin.com/{TENANT}/v2.0/"), false),
        (FLOW, format!("https://{TENANT}.ciamlogin.com/{TENANT}/v2.0"), false),
        (&by_guid, format!("{host}/{TENANT}/v2.0/"), true),
        (&by_guid, format!("{host}/{OTHER}/v2.0/"), false),
        (&by_guid, format!("{host}/tfp/{OTHER}/b2c_1_signin/v2.0/"), false),
    ];
    for (text, issuer, expected) in table {
        assert_eq!(is_meant(text, &issuer), expected, "{issuer} of {text}");
    }
}

#[test]
fn external_id_is_a_host_of_the_tenant_s_own() {
    let server = authority("https://contoso.ciamlogin.com");
    assert_eq!(server.as_str(), "https://contoso.ciamlogin.com/contoso.onmicrosoft.com");
    assert_eq!(authority("https://contoso.ciamlogin.com/").as_str(), server.as_str());
    let named = "https://contoso.ciamlogin.com/contoso.example";
    assert_eq!(authority(named).as_str(), named);
    let by_guid = format!("https://contoso.ciamlogin.com/{TENANT}");
    let own_domain = format!("https://login.contoso.example/{TENANT}");
    let issuer = |host: &str, tenant: &str| format!("https://{host}.ciamlogin.com/{tenant}/v2.0");
    let table = [
        (server.as_str(), issuer(TENANT, TENANT), true),
        (named, issuer(TENANT, TENANT), true),
        (&by_guid, issuer(TENANT, TENANT), true),
        (&own_domain, issuer(TENANT, TENANT), true),
        (&by_guid, issuer("contoso", TENANT), true),
        (server.as_str(), issuer(TENANT, OTHER), false),
        (server.as_str(), issuer("other", TENANT), false),
        (&by_guid, issuer(OTHER, OTHER), false),
        (&own_domain, issuer(OTHER, OTHER), false),
        ("https://login.contoso.example/contoso.example", issuer(TENANT, TENANT), false),
        ("https://login.contoso.example/common", issuer("{tenantid}", "{tenantid}"), false),
        (server.as_str(), format!("http://{TENANT}.ciamlogin.com/{TENANT}/v2.0"), false),
        (server.as_str(), format!("https://{TENANT}.ciamlogin.com.evil.example/{TENANT}/v2.0"), false),
        (server.as_str(), issuer("contoso.onmicrosoft.com", "contoso.onmicrosoft.com"), false),
    ];
    for (text, issuer, expected) in table {
        assert_eq!(is_meant(text, &issuer), expected, "{issuer} of {text}");
    }
}

/// A page that signs users in by a user flow, and its server.
fn user_flow() -> World {
    let flow = "https://login.example/contoso.example/B2C_1_SignIn";
    let world = World::configured(json!({ "auth": { "clientId": CLIENT_ID, "authority": flow } }));
    let mut document = metadata();
    document["issuer"] = json!(format!("https://login.example/{TENANT}/v2.0/"));
    let network = world.browser.network();
    network.serve(&format!("{flow}/v2.0/.well-known/openid-configuration"), move |_| Ok(http(200, &document)));
    let mut key = jwk(KEY_ID);
    key.as_object_mut().expect("an object").remove("issuer");
    network.serve(KEYS_URL, move |_| Ok(http(200, &json!({ "keys": [key] }))));
    world.server.change_claims(|claims| {
        claims["iss"] = json!(format!("https://login.example/{TENANT}/v2.0/"));
        claims["tfp"] = json!("B2C_1_SignIn");
        claims.as_object_mut().expect("an object").remove("tid");
    });
    world.server.change_tokens(|tokens| {
        tokens["client_info"] = json!(encode(&json!({ "uid": "alice-b2c_1_signin", "utid": TENANT })));
    });
    world
}

/// What a user flow does that nobody else may: without a permission there is no access token.
fn without_access_token(world: &World) {
    world.server.change_tokens(|tokens| {
        for name in ["access_token", "expires_in", "scope"] {
            tokens.as_object_mut().expect("an object").remove(name);
        }
    });
}

#[test]
fn a_user_flow_signs_in_and_brings_tokens_for_the_app_s_api() {
    let world = user_flow();
    let (client, signed_in) = world.sign_in(&["https://contoso.example/orders/read"]);
    let key = &signed_in.result.account.key;
    assert_eq!(key.home_account_id, format!("alice-b2c_1_signin.{TENANT}"));
    assert_eq!(key.environment, "login.example/contoso.example/B2C_1_SignIn", "another flow takes none of its tokens");
    let again = silent(&client, &wanting(&["https://contoso.example/orders/read"])).expect("a token");
    assert!(again.from_cache);
    let renewed = SilentRequest { force_refresh: true, ..wanting(&["https://contoso.example/orders/read"]) };
    assert!(!silent(&client, &renewed).expect("a token").from_cache);
}

#[test]
fn a_user_flow_takes_nothing_that_another_gave() {
    let world = user_flow();
    world.sign_in(&["https://contoso.example/orders/read"]);
    let other =
        json!({ "auth": { "clientId": CLIENT_ID, "authority": "https://login.example/contoso.example/B2C_1_Edit" } });
    let config = dictionary::config(&value(&other)).expect("the configuration is right");
    let editor = Rc::new(PublicClient::new(world.browser.clone(), config).expect("there is storage"));
    assert!(usernames(&editor).is_empty());
    assert_eq!(usernames(&world.client()), ["alice@contoso.example"]);
}

#[test]
fn a_user_flow_signs_in_without_an_access_token() {
    let world = user_flow();
    without_access_token(&world);
    let (client, signed_in) = world.sign_in(&[]);
    assert_eq!(access_token(&signed_in.result), "");
    assert_eq!(usernames(&client), ["alice@contoso.example"]);
    assert!(!world.stored()[0].keys().any(|key| key.contains("|access|")), "there is nothing to keep");
    world.visit_server(&client, &acquiring(&["https://contoso.example/orders/read"]), REDIRECT_URI);
    assert_eq!(code(finish(&world.client())), "invalid_token_response", "whoever asks for a permission needs one");
}

#[test]
fn nobody_else_leaves_out_the_access_token() {
    let world = World::new();
    without_access_token(&world);
    world.visit_server(&world.client(), &asking(&[]), REDIRECT_URI);
    assert_eq!(code(finish(&world.client())), "invalid_token_response");
}

#[test]
fn a_tenant_takes_nothing_that_another_gave() {
    let [here, there] = [ALICE.tid, "9188040d-6c67-4c5b-b112-36a304b66dad"].map(|tenant| {
        json!({ "auth": { "clientId": CLIENT_ID, "authority": format!("https://login.example/{tenant}") },
            "cache": { "cacheLocation": "localStorage" } })
    });
    let world = World::keeping_in("localStorage");
    world.sign_in(&["User.Read"]);
    let client_of = |configuration: &Json| {
        let config = dictionary::config(&value(configuration)).expect("the configuration is right");
        let client = PublicClient::new(world.browser.clone(), config).expect("there is storage");
        now(client.start()).expect("there is a key");
        Rc::new(client)
    };
    let (own, other) = (client_of(&here), client_of(&there));
    assert_eq!((usernames(&own), usernames(&other)), (vec![ALICE.name.into()], vec![]));
    assert!(silent(&own, &wanting(&["User.Read"])).expect("a token").from_cache);
    assert_eq!(code(silent(&other, &wanting(&["User.Read"]))), "no_account_error");
    // Whoever signs out of the one stays in the other.
    now(other.clear(Some(named(ALICE.name)))).expect("there is storage");
    assert_eq!(usernames(&world.client()), [ALICE.name]);
}
