//! Any other OpenID provider: found by its issuer, and sent nothing that only the Microsoft identity platform knows.

mod names;
mod pushed;
mod refresh_token;
mod resource;

use crate::{
    browser::{Pairs, field, http, pairs},
    server::{ALICE, CLIENT_ID, KEY_ID, claims, jwk, jwt, jwt_by},
    world::{PAGE, REDIRECT_URI, World, access_token, asking, code, finish, now, query, silent, value, wanting},
};
use consentry::{
    binding::dictionary,
    cache::AccountFilter,
    client::{AdminConsentRequest, SignOutRequest, SilentRequest},
    error::{ConfigError, ResponseError},
    protocol::{Authority, Metadata},
};
use serde_json::{Value as Json, json};

pub(crate) const ISSUER: &str = "https://id.example/Realms/one";

fn document(issuer: &str) -> Json {
    json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{ISSUER}/auth"),
        "token_endpoint": format!("{ISSUER}/token"),
        "jwks_uri": "https://keys.example/one",
        "end_session_endpoint": format!("{ISSUER}/end"),
        "authorization_response_iss_parameter_supported": true,
    })
}

/// An app of the provider's, which signs Alice in.
pub(crate) fn world() -> World {
    world_with(&json!({}), &json!({}))
}

/// The same with more in `auth`, and in the metadata.
fn world_with(more: &Json, told: &Json) -> World {
    world_keeping_in("sessionStorage", more, told)
}

/// The same with its tokens elsewhere.
pub(crate) fn world_keeping_in(location: &str, more: &Json, told: &Json) -> World {
    let mut auth = json!({ "clientId": CLIENT_ID, "authority": ISSUER });
    let mut metadata = document(ISSUER);
    for (all, some) in [(&mut auth, more), (&mut metadata, told)] {
        all.as_object_mut().expect("an object").extend(some.as_object().expect("an object").clone());
    }
    let world = World::configured(
        json!({ "auth": auth, "cache": { "cacheLocation": location }, "system": { "protocolMode": "OIDC" } }),
    );
    let network = world.browser.network();
    network.serve(&format!("{ISSUER}/.well-known/openid-configuration"), move |_| Ok(http(200, &metadata)));
    let mut key = jwk(KEY_ID);
    key.as_object_mut().expect("an object").remove("issuer");
    network.serve("https://keys.example/one", move |_| Ok(http(200, &json!({ "keys": [key] }))));
    world
}

/// What its ID tokens say.
fn claims_of(nonce: &str) -> Json {
    let mut said = claims(ALICE, 1_795_132_800);
    for name in ["oid", "tid"] {
        said.as_object_mut().expect("an object").remove(name);
    }
    said["iss"] = json!(ISSUER);
    said["sub"] = json!("alice");
    said["nonce"] = json!(nonce);
    said
}

/// The answer to every token request, as another server gives it.
fn answer_tokens(world: &World, nonce: &str) {
    answer_with(world, nonce, Some("next"));
}

fn answer_with(world: &World, nonce: &str, refresh_token: Option<&str>) {
    answer_said(world, nonce, refresh_token, &json!({}));
}

/// The same, of which the ID token says more.
fn answer_said(world: &World, nonce: &str, refresh_token: Option<&str>, more: &Json) {
    let mut said = claims_of(nonce);
    said.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let tokens = json!({ "token_type": "bearer", "access_token": "opaque", "refresh_token": refresh_token, "id_token": jwt(&said) });
    world.browser.network().serve(&format!("{ISSUER}/token"), move |_| Ok(http(200, &tokens)));
}

pub(crate) fn sign_in(world: &World) -> String {
    let url = world.leave(&world.client(), &asking(&["notes.read"]));
    come_back(world, &query(&url));
    url
}

/// The user has accepted what the request asks for.
fn come_back(world: &World, asked: &Pairs) {
    answer_tokens(world, field(asked, "nonce"));
    answered(world, asked);
}

/// The same, with tokens of another kind.
pub(crate) fn answered(world: &World, asked: &Pairs) {
    let answer = [("code", "c"), ("state", field(asked, "state")), ("session_state", "s"), ("iss", ISSUER)];
    world.come_back(REDIRECT_URI, &answer.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
}

#[test]
fn it_is_found_by_its_issuer_and_its_issuer_is_compared_to_the_letter() {
    let table = [
        (ISSUER, "https://id.example/Realms/one/.well-known/openid-configuration", "id.example/Realms/one"),
        ("https://id.example", "https://id.example/.well-known/openid-configuration", "id.example"),
        ("https://id.example/", "https://id.example/.well-known/openid-configuration", "id.example/"),
        ("http://localhost:4000", "http://localhost:4000/.well-known/openid-configuration", "localhost:4000"),
    ];
    for (text, address, environment) in table {
        let authority = Authority::issuer(text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
        assert_eq!((authority.metadata_url().as_str(), authority.environment()), (address, environment));
        assert!(!authority.is_platform());
    }
    let authority = Authority::issuer(ISSUER).expect("an issuer");
    for (issuer, expected) in [
        (ISSUER, true),
        ("https://id.example/Realms/one/", false),
        ("https://id.example/realms/one", false),
        ("https://id.example/Realms", false),
        ("http://id.example/Realms/one", false),
        ("https://evil.example/Realms/one", false),
        ("https://id.example/{tenantid}/one", false),
    ] {
        let read = Metadata::parse_discovered(&value(&document(issuer)), &authority);
        assert_eq!(read.err(), (!expected).then_some(ResponseError::Metadata("issuer")), "{issuer}");
    }
    let wrong = [
        ("", ConfigError::AuthorityMalformed),
        ("id.example", ConfigError::AuthorityMalformed),
        ("https://id.example?realm=one", ConfigError::AuthorityMalformed),
        ("https://id.example/#one", ConfigError::AuthorityMalformed),
        ("http://id.example", ConfigError::AuthorityInsecure),
    ];
    for (text, error) in wrong {
        assert_eq!(Authority::issuer(text).err(), Some(error), "{text}");
    }
}

#[test]
fn the_mode_is_one_that_is_known() {
    let config = |mode: Json, authority: Json| {
        let auth = json!({ "clientId": CLIENT_ID, "authority": authority });
        dictionary::config(&value(&json!({ "auth": auth, "system": { "protocolMode": mode } })))
    };
    assert!(
        config(json!("AAD"), json!("https://login.example/common")).is_ok_and(|config| config.authority.is_platform())
    );
    assert!(config(json!("OIDC"), json!(ISSUER)).is_ok_and(|config| !config.authority.is_platform()));
    assert!(config(json!("AAD"), json!(ISSUER)).is_err(), "the platform's have one part");
    assert_eq!(config(json!("OIDC"), json!(null)).err(), Some(ConfigError::AuthorityMalformed), "there is no default");
    for mode in [json!("oidc"), json!("EAR"), json!("")] {
        let expected = "`AAD` or `OIDC`";
        assert_eq!(
            config(mode, json!(ISSUER)).err(),
            Some(ConfigError::Field { field: "system.protocolMode", expected })
        );
    }
}

#[test]
fn a_session_there_from_beginning_to_end() {
    let world = world();
    let url = sign_in(&world);
    let asked = pairs(url.split_once('?').expect("a query").1);
    for name in ["client_info", "client-request-id", "resource"] {
        assert_eq!(field(&asked, name), "", "{name}");
    }
    assert_eq!(field(&asked, "scope"), "notes.read openid profile offline_access");
    world.browser.network().take_sent();
    let client = world.client();
    let result = finish(&client).expect("the sign-in succeeds").expect("there was a response").result;
    assert_eq!((result.account.username(), result.account.key.home_account_id.as_str()), (ALICE.name, "alice"));
    assert_eq!(result.account.key.environment, "id.example/Realms/one", "another realm of the host has other accounts");
    answer_tokens(&world, field(&asked, "nonce"));
    silent(&client, &SilentRequest { force_refresh: true, ..wanting(&["notes.read"]) }).expect("a token");
    let sent = world.token_requests();
    assert_eq!(
        sent.iter().map(|sent| sent.field("grant_type")).collect::<Vec<_>>(),
        ["authorization_code", "refresh_token"]
    );
    for request in &sent {
        assert!(
            request.query.is_empty() && request.field("client_info").is_empty() && request.field("resource").is_empty()
        );
    }
    let id_token = result.account.id_token.expose().to_owned();
    now(client.sign_out(SignOutRequest { correlation_id: "c0ffee", ..SignOutRequest::default() })).expect("it is left");
    let left = world.browser.left().pop().expect("to the server").url;
    let (endpoint, query) = left.split_once('?').expect("a query");
    let query = pairs(query);
    assert_eq!((endpoint, field(&query, "client_id")), ("https://id.example/Realms/one/end", CLIENT_ID));
    assert_eq!((field(&query, "id_token_hint"), field(&query, "client-request-id")), (id_token.as_str(), ""));
    assert!(world.browser.address().starts_with(PAGE.split('#').next().expect("a page")));
}

#[test]
fn an_answer_has_to_name_it_where_it_always_does() {
    let world = world();
    let url = world.leave(&world.client(), &asking(&["notes.read"]));
    let query = pairs(url.split_once('?').expect("a query").1);
    let answer = [("code", "c"), ("state", field(&query, "state")), ("session_state", "s")];
    world.come_back(REDIRECT_URI, &answer.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    assert_eq!(code(finish(&world.client())), "response_issuer_mismatch");
    assert!(world.token_requests().is_empty());
}

#[test]
fn an_administrator_s_consent_is_the_platform_s_alone() {
    let request = AdminConsentRequest { scopes: crate::world::set(&["notes.read"]), ..AdminConsentRequest::default() };
    assert_eq!(code(world().client().admin_consent_url(&request)), "invalid_field");
}

#[test]
fn tokens_of_one_server_never_go_to_another() {
    let platform = World::keeping_in("localStorage");
    platform.sign_in(&["User.Read"]);
    let auth = json!({ "clientId": CLIENT_ID, "authority": ISSUER });
    let config =
        json!({ "auth": auth, "system": { "protocolMode": "OIDC" }, "cache": { "cacheLocation": "localStorage" } });
    let config = dictionary::config(&value(&config)).expect("the configuration is right");
    let other = consentry::client::PublicClient::new(platform.browser.clone(), config).expect("there is storage");
    platform.browser.network().take_sent();
    assert!(
        other.accounts(consentry::cache::AccountFilter::default()).is_empty(),
        "the same client id is another client there"
    );
    assert_eq!(code(now(other.acquire_silent(&wanting(&["User.Read"])))), "no_account_error");
    let alice = SilentRequest {
        account: Some(crate::world::named(ALICE.name)),
        force_refresh: true,
        ..wanting(&["User.Read"])
    };
    assert_eq!(code(now(other.acquire_silent(&alice))), "no_account_error");
    assert!(platform.browser.network().sent().is_empty());
    assert_eq!(crate::world::usernames(&platform.client()), [ALICE.name], "who is still signed in here");
}

#[test]
fn only_the_subject_tells_who_it_is() {
    let world = world();
    let url = world.leave(&world.client(), &asking(&["notes.read"]));
    let query = pairs(url.split_once('?').expect("a query").1);
    let mut said = claims(ALICE, 1_795_132_800);
    said["iss"] = json!(ISSUER);
    said["sub"] = json!("mallory");
    said["nonce"] = json!(field(&query, "nonce"));
    let info = ALICE.client_info();
    let tokens =
        json!({ "token_type": "Bearer", "access_token": "opaque", "id_token": jwt(&said), "client_info": info });
    world.browser.network().serve(&format!("{ISSUER}/token"), move |_| Ok(http(200, &tokens)));
    let answer = [("code", "c"), ("state", field(&query, "state")), ("session_state", "s"), ("iss", ISSUER)];
    world.come_back(REDIRECT_URI, &answer.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let key = finish(&world.client()).expect("it succeeds").expect("a response").result.account.key.clone();
    assert_eq!(
        (key.home_account_id.as_str(), key.tenant_id.as_str()),
        ("mallory", ""),
        "whatever else they had written down"
    );
}

#[test]
fn each_id_token_of_it_is_its_own_also_one_that_says_nothing_new() {
    let world = world();
    let url = sign_in(&world);
    let client = world.client();
    finish(&client).expect("somebody is signed in");
    let said = claims_of(field(&query(&url), "nonce"));
    let forged = jwt_by("2", &json!({ "alg": "RS256", "kid": KEY_ID }), &said);
    for (id_token, expected) in [(jwt(&said), None), (forged, Some("id_token_signature_invalid"))] {
        let tokens =
            json!({ "token_type": "bearer", "access_token": "opaque", "refresh_token": "next", "id_token": id_token });
        world.browser.network().serve(&format!("{ISSUER}/token"), move |_| Ok(http(200, &tokens)));
        let outcome = silent(&client, &wanting(&["notes.read"]));
        assert_eq!(outcome.err().map(|error| error.code().to_owned()).as_deref(), expected);
    }
}

#[test]
fn a_place_for_a_tenant_is_the_platform_s() {
    let issuer = "https://id.example/{tenantid}";
    let authority = Authority::issuer(issuer).expect("an issuer");
    let metadata = Metadata::parse_discovered(&value(&document(issuer)), &authority).expect("its own");
    let filled = issuer.replace("{tenantid}", "9122040d-6c67-4c5b-b112-36a304b66dad");
    assert_eq!(metadata.issuer_for(Some("9122040d-6c67-4c5b-b112-36a304b66dad")).as_deref(), Some(issuer));
    assert_eq!(metadata.check_answer(Some(&filled)), Err(ResponseError::AnswerIssuer));
    assert_eq!(metadata.check_answer(Some(issuer)), Ok(()));
}

#[test]
fn a_subject_has_a_case() {
    let world = world();
    for subject in ["alice", "ALICE", "alice"] {
        let url = world.leave(&world.client(), &asking(&["notes.read"]));
        let query = pairs(url.split_once('?').expect("a query").1);
        let mut said = claims(ALICE, 1_795_132_800);
        said["iss"] = json!(ISSUER);
        said["sub"] = json!(subject);
        said["nonce"] = json!(field(&query, "nonce"));
        let tokens =
            json!({ "token_type": "Bearer", "access_token": subject, "expires_in": 3600, "id_token": jwt(&said) });
        world.browser.network().serve(&format!("{ISSUER}/token"), move |_| Ok(http(200, &tokens)));
        let answer = [("code", "c"), ("state", field(&query, "state")), ("session_state", "s"), ("iss", ISSUER)];
        world.come_back(REDIRECT_URI, &answer.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
        finish(&world.client()).expect("it succeeds").expect("a response");
    }
    let client = world.client();
    assert_eq!(client.accounts(AccountFilter::default()).len(), 2, "they are two people");
    for subject in ["alice", "ALICE"] {
        let account = Some(AccountFilter { home_account_id: Some(subject), ..AccountFilter::default() });
        let token = silent(&client, &SilentRequest { account, ..wanting(&["notes.read"]) }).expect("a token");
        assert_eq!(access_token(&token), subject);
    }
}

#[test]
fn configured_metadata_is_of_the_configured_issuer() {
    for (issuer, expected) in [(ISSUER, true), ("https://evil.example", false)] {
        let auth =
            json!({ "clientId": CLIENT_ID, "authority": ISSUER, "authorityMetadata": document(issuer).to_string() });
        let config = dictionary::config(&value(&json!({ "auth": auth, "system": { "protocolMode": "OIDC" } })));
        assert_eq!(config.is_ok(), expected, "{issuer}");
    }
}
