//! The dictionary: a field of the wrong type is named before anything happens.

use crate::world::value;
use consentry::{
    binding::dictionary::{
        admin_consent_request, check, check_authority, config, filter, flag, forbidden_call, redirect_answer,
        redirect_request, sign_out_request, silent_request,
    },
    client::CacheLocation,
    error::ConfigError,
    protocol::Authority,
};
use serde_json::{Value as Json, json};

const TEXT: &str = "a string";
const SCOPES: &str = "an array of strings, or one for each Application ID URI";
const FLAG: &str = "true or false";
const OBJECT: &str = "an object";
const SECONDS: &str = "a number of seconds";

/// Values of every type, without `null`, which is as if the field were not there.
fn values() -> [(Json, &'static [&'static str]); 10] {
    [
        (json!("text"), &[TEXT]),
        (json!("7"), &[TEXT, SECONDS]),
        (json!(true), &[FLAG]),
        (json!(7), &[SECONDS]),
        (json!(-7), &[]),
        (json!(["text"]), &[SCOPES]),
        (json!(["text", 7]), &[]),
        (json!({}), &[OBJECT, SCOPES]),
        (json!({ "api://orders": ["text"] }), &[OBJECT, SCOPES]),
        (json!({ "api://orders": "text" }), &[OBJECT]),
    ]
}

fn configuration(field: &str, written: &Json) -> Json {
    let (group, name) = field.split_once('.').expect("a group and a name");
    let mut configuration = json!({ "auth": { "clientId": "client" } });
    configuration[group][name] = written.clone();
    configuration
}

#[test]
fn a_field_of_the_configuration_has_one_type() {
    let fields = [
        ("auth.clientId", TEXT),
        ("auth.authority", TEXT),
        ("auth.redirectUri", TEXT),
        ("auth.postLogoutRedirectUri", TEXT),
        ("auth.authorityMetadata", TEXT),
        ("cache.cacheLocation", TEXT),
        ("system.tokenRenewalOffsetSeconds", SECONDS),
        ("system.scopeWarnings", FLAG),
        ("auth.OIDCOptions", OBJECT),
    ];
    for (field, expected) in fields {
        for (written, kinds) in values() {
            let wrong = ConfigError::Field { field, expected };
            let found = config(&value(&configuration(field, &written))).err();
            assert_eq!(found == Some(wrong), !kinds.contains(&expected), "{field}: {written}");
        }
    }
}

#[test]
fn a_field_of_a_request_has_one_type() {
    let fields = [
        ("account", OBJECT),
        ("askAgain", FLAG),
        ("code", TEXT),
        ("domainHint", TEXT),
        ("extraQueryParameters", OBJECT),
        ("extraScopesToConsent", SCOPES),
        ("forceRefresh", FLAG),
        ("hash", TEXT),
        ("idTokenHint", TEXT),
        ("interaction", TEXT),
        ("loginHint", TEXT),
        ("logoutHint", TEXT),
        ("navigateToLoginRequestUrl", FLAG),
        ("postLogoutRedirectUri", TEXT),
        ("prompt", TEXT),
        ("redirectStartPage", TEXT),
        ("redirectUri", TEXT),
        ("resource", TEXT),
        ("scopes", SCOPES),
        ("signIn", FLAG),
        ("state", TEXT),
        ("token", OBJECT),
        ("wwwAuthenticate", TEXT),
    ];
    for (field, expected) in fields {
        for (written, kinds) in values() {
            let outcome = check(&value(&json!({ field: written })));
            let wanted = if kinds.contains(&expected) { Ok(()) } else { Err(ConfigError::Field { field, expected }) };
            assert_eq!(outcome, wanted, "{field}: {written}");
        }
        assert_eq!(check(&value(&json!({ field: null }))), Ok(()), "null is as good as nothing");
    }
}

#[test]
fn what_would_silently_change_a_request_is_refused() {
    let refused = |request: Json| match check(&value(&request)) {
        Err(ConfigError::Field { field, .. }) => field,
        other => panic!("{request}: {other:?}"),
    };
    assert_eq!(refused(json!({ "nonce": "n" })), "nonce");
    assert_eq!(refused(json!({ "storeInCache": { "refreshToken": false } })), "storeInCache");
    for scheme in ["pop", "dpop", "ssh-cert", ""] {
        assert_eq!(refused(json!({ "authenticationScheme": scheme })), "authenticationScheme", "{scheme}");
    }
    for scheme in ["Bearer", "bearer"] {
        assert_eq!(check(&value(&json!({ "authenticationScheme": scheme }))), Ok(()), "{scheme}");
    }
}

#[test]
fn a_request_is_for_the_client_s_own_server() {
    let own = Authority::parse("https://login.example/contoso").expect("an authority");
    let asked = |authority: &str| check_authority(&value(&json!({ "authority": authority })), &own).is_ok();
    assert_eq!(check_authority(&value(&json!({})), &own), Ok(()));
    assert!(asked("https://login.example/contoso") && asked("https://login.example/contoso/"));
    for other in ["https://login.example/fabrikam", "https://evil.example/contoso", "http://login.example/contoso", ""]
    {
        assert!(!asked(other), "{other}");
    }
}

#[test]
fn a_lookup_policy_says_where_to_look() {
    // (past the cache, no refresh token, no frame)
    let table =
        [(false, false, false), (false, true, true), (false, false, true), (true, false, true), (true, false, false)];
    for (policy, expected) in table.into_iter().chain([(true, true, false)]).enumerate() {
        let request = value(&json!({ "cacheLookupPolicy": policy }));
        let read = silent_request(&request, "").expect("a request");
        assert_eq!((read.force_refresh, read.no_refresh, read.no_frame), expected, "{policy}");
    }
    let unknown = silent_request(&value(&json!({ "cacheLookupPolicy": 6 })), "").err();
    assert!(matches!(unknown, Some(ConfigError::Field { field: "cacheLookupPolicy", .. })));
}

#[test]
fn claims_are_the_text_of_an_object() {
    let table = [
        (json!("{}"), Ok(())),
        (json!(r#"{"access_token":{"nbf":{"essential":true,"value":"1"}}}"#), Ok(())),
        (json!(""), Err(ConfigError::Claims)),
        (json!("eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="), Err(ConfigError::Claims)),
        (json!("null"), Err(ConfigError::Claims)),
        (json!("[]"), Err(ConfigError::Claims)),
        (json!("{\"a\":1} {"), Err(ConfigError::Claims)),
        (json!({}), Err(ConfigError::Field { field: "claims", expected: TEXT })),
    ];
    for (claims, expected) in table {
        assert_eq!(check(&value(&json!({ "claims": claims }))), expected, "{claims}");
    }
}

#[test]
fn what_is_not_configured_has_a_default() {
    let config = config(&value(&json!({ "auth": { "clientId": " an id " } }))).expect("a configuration");
    assert_eq!(config.client_id, " an id ");
    assert_eq!(config.authority.as_str(), "https://login.microsoftonline.com/common");
    assert_eq!((config.cache_location, config.renewal_offset), (CacheLocation::Session, 300));
    assert!(config.redirect_uri.is_none() && config.post_logout_redirect_uri.is_none() && config.metadata.is_none());
}

#[test]
fn what_is_configured_is_read() {
    let document = crate::server::metadata().to_string();
    let config = config(&value(&json!({
        "auth": {
            "clientId": "client", "authority": "https://login.example/contoso/", "redirectUri": "/callback",
            "postLogoutRedirectUri": "/bye", "authorityMetadata": document,
        },
        "cache": { "cacheLocation": "localStorage" },
        "system": { "tokenRenewalOffsetSeconds": 0 },
        "telemetry": { "unknown": true },
    })));
    let config = config.expect("a configuration");
    assert_eq!(config.authority.as_str(), "https://login.example/contoso");
    assert_eq!(config.redirect_uri.as_deref(), Some("/callback"));
    assert_eq!(config.post_logout_redirect_uri.as_deref(), Some("/bye"));
    assert_eq!(config.metadata.expect("metadata").issuer, "https://login.example/{tenantid}/v2.0");
    assert_eq!((config.cache_location, config.renewal_offset), (CacheLocation::Local, 0));
}

#[test]
fn a_configuration_that_can_t_be_used_says_why() {
    let auth = |field: &str, written: &str| json!({ "auth": { "clientId": "client", field: written } });
    let locations = "`sessionStorage`, `localStorage` or `memoryStorage`";
    let table = [
        (json!(null), ConfigError::ClientIdEmpty),
        (json!([]), ConfigError::ClientIdEmpty),
        (json!({}), ConfigError::ClientIdEmpty),
        (json!({ "auth": null }), ConfigError::ClientIdEmpty),
        (auth("clientId", ""), ConfigError::ClientIdEmpty),
        (auth("clientId", " \t"), ConfigError::ClientIdEmpty),
        (auth("authority", "login.example"), ConfigError::AuthorityMalformed),
        (auth("authority", "http://login.example/common"), ConfigError::AuthorityInsecure),
        (auth("authorityMetadata", "{"), ConfigError::AuthorityMetadata),
        (auth("authorityMetadata", "{}"), ConfigError::AuthorityMetadata),
        (
            auth("clientSecret", "no secret"),
            ConfigError::Field { field: "auth.clientSecret", expected: "left out: it is not supported" },
        ),
        (
            json!({ "auth": { "clientId": "client" }, "cache": { "cacheLocation": "LocalStorage" } }),
            ConfigError::Field { field: "cache.cacheLocation", expected: locations },
        ),
    ];
    for (written, expected) in table {
        assert_eq!(config(&value(&written)).err(), Some(expected), "{written}");
    }
}

#[test]
fn a_redirect_request_is_read_field_by_field() {
    let request = value(&json!({
        "scopes": ["User.Read"], "extraScopesToConsent": ["api://orders/Read"], "account": { "username": "alice" },
        "redirectUri": "/callback", "redirectStartPage": "/start", "loginHint": "hint", "domainHint": "organizations",
        "prompt": "consent", "state": "the app's", "claims": "{}", "extraQueryParameters": { "dc": "1" },
    }));
    let read = redirect_request(&request, true, "c0ffee").expect("a request");
    assert_eq!(read.scopes.to_parameter(), "User.Read");
    assert_eq!(read.extra_scopes.to_parameter(), "api://orders/Read");
    assert_eq!(read.account.and_then(|account| account.username), Some("alice"));
    assert_eq!((read.redirect_uri, read.start_page), (Some("/callback"), Some("/start")));
    assert_eq!((read.login_hint, read.domain_hint), (Some("hint"), Some("organizations")));
    assert_eq!(read.prompt.map(consentry::protocol::Prompt::as_str), Some("consent"));
    assert_eq!((read.app_state, read.claims, read.correlation_id), (Some("the app's"), Some("{}"), "c0ffee"));
    assert_eq!(read.extra, [("dc", "1")]);
}

#[test]
fn a_request_that_can_t_be_made_names_its_field() {
    let refused = |request: Json| redirect_request(&value(&request), true, "c0ffee").err();
    let malformed = |field, scope: &str| Some(ConfigError::ScopeMalformed { field, scope: scope.to_owned() });
    assert_eq!(refused(json!({ "scopes": ["a b"] })), malformed("scopes", "a b"));
    assert_eq!(refused(json!({ "extraScopesToConsent": [""] })), malformed("extraScopesToConsent", ""));
    assert_eq!(refused(json!({ "scopes": ["phone"] })), Some(ConfigError::ScopeUnsupported("scopes")));
    let text = ConfigError::Field { field: "extraQueryParameters", expected: TEXT };
    assert_eq!(refused(json!({ "extraQueryParameters": { "dc": 1 } })), Some(text));
    assert!(matches!(refused(json!({ "prompt": "always" })), Some(ConfigError::Field { field: "prompt", .. })));
}

#[test]
fn the_other_requests_are_read_field_by_field() {
    let request = value(&json!({ "scopes": ["User.Read"], "forceRefresh": true, "claims": "{}",
        "account": { "homeAccountId": "u.t" } }));
    let silent = silent_request(&request, "c0ffee").expect("a request");
    assert_eq!(
        (silent.scopes.to_parameter().as_str(), silent.force_refresh, silent.claims),
        ("User.Read", true, Some("{}"))
    );
    assert_eq!(silent.account.and_then(|account| account.home_account_id), Some("u.t"));
    assert!(!silent_request(&value(&json!({})), "").expect("a request").force_refresh);
    let request = value(&json!({ "postLogoutRedirectUri": "/bye", "logoutHint": "hint", "idTokenHint": "token",
        "state": "s" }));
    let sign_out = sign_out_request(&request, "c0ffee");
    assert_eq!((sign_out.post_logout_redirect_uri, sign_out.logout_hint), (Some("/bye"), Some("hint")));
    assert_eq!((sign_out.id_token_hint, sign_out.state), (Some("token"), Some("s")));
    let answer = |options: Json| {
        let options = value(&options);
        let answer = redirect_answer(&options);
        (answer.hash.map(ToOwned::to_owned), answer.return_to_start)
    };
    assert_eq!(answer(json!({})), (None, true));
    assert_eq!(
        answer(json!({ "hash": "#code=c", "navigateToLoginRequestUrl": false })),
        (Some("#code=c".into()), false)
    );
}

#[test]
fn a_request_to_an_administrator_is_read_field_by_field() {
    let request = value(&json!({ "scopes": { "api://orders": ["Manage"] }, "account": { "username": "alice" },
        "redirectUri": "/callback", "redirectStartPage": "/start", "state": "the app's" }));
    let read = admin_consent_request(&request, "c0ffee").expect("a request");
    assert_eq!(read.scopes.to_parameter(), "api://orders/Manage");
    assert_eq!(read.account.and_then(|account| account.username), Some("alice"));
    assert_eq!((read.redirect_uri, read.start_page), (Some("/callback"), Some("/start")));
    assert_eq!((read.app_state, read.correlation_id), (Some("the app's"), "c0ffee"));
    assert!(admin_consent_request(&value(&json!({})), "").expect("a request").account.is_none());
    let wrong = value(&json!({ "scopes": { "orders": ["Manage"] } }));
    let wrong = admin_consent_request(&wrong, "");
    assert!(matches!(wrong, Err(ConfigError::ScopeMalformed { field: "scopes", .. })));
}

#[test]
fn a_forbidden_call_is_read_field_by_field() {
    let call = value(
        &json!({ "token": { "scopes": ["User.Read", 7, "api://orders/Read"], "account": { "username": "alice" } },
        "scopes": ["Mail.Read"], "wwwAuthenticate": "Bearer" }),
    );
    let read = forbidden_call(&call).expect("a call");
    assert_eq!(read.token_scopes, ["User.Read", "api://orders/Read"]);
    assert_eq!(read.account.and_then(|account| account.username), Some("alice"));
    assert_eq!((read.needed.to_parameter().as_str(), read.challenge), ("Mail.Read", Some("Bearer")));
    let empty = value(&json!({}));
    let empty = forbidden_call(&empty).expect("a call");
    assert!(
        empty.token_scopes.is_empty()
            && empty.needed.is_empty()
            && empty.account.is_none()
            && empty.challenge.is_none()
    );
}

#[test]
fn asking_again_is_said_outright() {
    for (request, expected) in
        [(json!({}), false), (json!({ "askAgain": false }), false), (json!({ "askAgain": true }), true)]
    {
        let request = value(&request);
        assert_eq!(redirect_request(&request, false, "").map(|request| request.ask_again), Ok(expected));
        assert_eq!(flag(&request, "askAgain"), expected);
    }
}

#[test]
fn an_account_is_known_by_its_keys_where_it_has_them() {
    let account = value(&json!({ "homeAccountId": "u.t", "environment": "e", "tenantId": "t", "username": "old",
        "name": "Old", "localAccountId": "l", "loginHint": "h" }));
    let keys = filter(&account);
    assert_eq!((keys.home_account_id, keys.environment, keys.tenant_id), (Some("u.t"), Some("e"), Some("t")));
    assert_eq!((keys.username, keys.name, keys.local_account_id, keys.login_hint), (None, None, None, None));
    let keys = ["homeAccountId", "environment", "tenantId"];
    for missing in keys {
        let mut account = json!({ "homeAccountId": "u.t", "environment": "e", "tenantId": "t", "username": "old",
            "name": "Old", "localAccountId": "l", "loginHint": "h" });
        account[missing] = Json::Null;
        let account = value(&account);
        let all = filter(&account);
        let rest = (all.username, all.name, all.local_account_id, all.login_hint);
        assert_eq!(rest, (Some("old"), Some("Old"), Some("l"), Some("h")), "without {missing}");
    }
}
