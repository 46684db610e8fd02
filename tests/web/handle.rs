//! What the facade holds: plain values in, plain values and plain records out.

use super::fetch::Fetch;
use crate::{here, js, json_text, stays};
use consentry::{
    binding::ClientHandle,
    cache::{AccessToken, Account, Cache, Consent, Record, View, keys},
    platform::{Area, Platform},
    protocol::{Authority, IdToken, encode},
    scope::{ApplicationIdUri, ScopeSet},
    secret::Secret,
};
use std::rc::Rc;
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const ALICE: &str = "00000000-0000-0000-66f3-3332eca7ea81";
const TENANT: &str = "9122040d-6c67-4c5b-b112-36a304b66dad";

/// A client of its own for each test, as all share the page's storage.
fn configuration(client_id: &str) -> JsValue {
    let metadata = r#"{"issuer":"https://login.example/{tenantid}/v2.0",
        "authorization_endpoint":"https://login.example/common/oauth2/v2.0/authorize",
        "token_endpoint":"https://login.example/common/oauth2/v2.0/token",
        "jwks_uri":"https://login.example/common/discovery/v2.0/keys",
        "end_session_endpoint":"https://login.example/common/oauth2/v2.0/logout"}"#;
    let metadata = json_text(&metadata.into());
    js(&format!(
        "{{ auth: {{ clientId: '{client_id}', authority: 'https://login.example/common', authorityMetadata: {metadata} }} }}"
    ))
}

pub(super) fn handle(client_id: &str) -> ClientHandle {
    ClientHandle::new(&configuration(client_id), JsValue::UNDEFINED, stays())
        .unwrap_or_else(|thrown| panic!("{}", json_text(&thrown)))
}

pub(super) fn id_token(client_id: &str, name: &str) -> String {
    let now = here().now();
    let claims = format!(
        "{{ iss: 'https://login.example/{TENANT}/v2.0', aud: '{client_id}', sub: 's', oid: '{ALICE}', tid: '{TENANT}',
            name: '{name}', preferred_username: 'alice@contoso.example', login_hint: 'O.opaque', iat: {now}, exp: {} }}",
        now + 3600
    );
    let part = |json: &str| {
        let encoded =
            js(&format!("btoa(JSON.stringify({json})).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')"));
        encoded.as_string().expect("a text")
    };
    format!("{}.{}.c2ln", part("{ alg: 'RS256' }"), part(&claims))
}

/// The same, signed, and the key set that says so.
pub(super) async fn signed(id_token: &str) -> (String, String) {
    let text = id_token.strip_suffix(".c2ln").expect("no signature yet");
    let signed = js(&format!(
        "(async () => {{
            const algorithm = {{ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }};
            const {{ privateKey, publicKey }} = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
            const signature = await crypto.subtle.sign(algorithm, privateKey, new TextEncoder().encode('{text}'));
            const encoded = btoa(String.fromCharCode(...new Uint8Array(signature))).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
            const {{ kty, n, e }} = await crypto.subtle.exportKey('jwk', publicKey);
            return ['{text}.' + encoded, JSON.stringify({{ keys: [{{ kty, n, e }}] }})];
        }})()"
    ));
    let signed = wasm_bindgen_futures::JsFuture::from(js_sys::Promise::from(signed)).await.expect("it can sign");
    let at = |at| js_sys::Array::from(&signed).get(at).as_string().expect("a text");
    (at(0), at(1))
}

/// Puts a signed-in user into the tab's storage, whose token lives for so many seconds and is to be renewed ten minutes before.
pub(super) fn sign_in(client_id: &str, life: u64) {
    let id_token = IdToken::parse(Secret::new(id_token(client_id, "Alice"))).expect("an ID token");
    let account = Rc::new(Account {
        key: Rc::new(Account::key_of(
            &id_token,
            None,
            &Authority::parse("https://login.example/common").expect("an authority"),
        )),
        id_token: Rc::new(id_token),
        refresh_token: Some(Secret::new("secret-refresh".to_owned())),
        refresh_until: None,
        is_spent: false,
        nonce: None,
        username: None,
        name: None,
        added_on: 1,
        view: View::default(),
    });
    let token = AccessToken {
        account: Rc::clone(&account.key),
        resource: ApplicationIdUri::graph(),
        indicator: None,
        claims: None,
        scopes: ScopeSet::parse(["User.Read", "openid"], "scopes").expect("scopes"),
        missing: ScopeSet::parse(["Mail.Send"], "scopes").expect("scopes"),
        secret: Secret::new("secret-access".to_owned()),
        cached_on: here().now(),
        refresh_on: Some(here().now() + life - life.min(600)),
        expires_on: Some(here().now() + life),
        view: View::default(),
    };
    let cache = Cache::new(client_id.to_owned(), "login.example".to_owned());
    let consent = Consent { granted: token.scopes.permissions(), ..Consent::unknown(Rc::clone(&account.key)) };
    let mut writes = cache.put_consent(&Consent::unknown(Rc::clone(&account.key)), &consent);
    writes.extend([Record::Account(account), Record::AccessToken(Rc::new(token))].map(|record| cache.put(&record)));
    for write in writes {
        here().write(Area::Session, &write.key, write.text.as_ref().map(Secret::expose)).expect("there is room");
    }
}

/// A member of a JavaScript value by its path, as JSON.
pub(super) fn at(value: &JsValue, path: &str) -> String {
    let path = if path.starts_with('[') { path.to_owned() } else { format!(".{path}") };
    let read = js(&format!("(value) => JSON.stringify(value{path}) ?? 'undefined'"));
    let read: js_sys::Function = read.into();
    read.call1(&JsValue::NULL, value).expect("it is there").as_string().expect("JSON")
}

fn ask(handle: &ClientHandle, method: &str, argument: &JsValue) -> JsValue {
    handle.ask(method, argument).unwrap_or_else(|thrown| panic!("{method}: {}", json_text(&thrown)))
}

pub(super) async fn run(handle: &ClientHandle, method: &str, request: &str) -> Result<JsValue, JsValue> {
    Ok(whole(handle.run(method.to_owned(), js(request)).await?))
}

/// A result by its names, as the facade makes one of its parts.
fn whole(answer: JsValue) -> JsValue {
    let name = js("([token, account, refreshTokenExpiresOn, missingScopes, fromCache, correlationId, state]) =>
        ({ ...token, account, refreshTokenExpiresOn, missingScopes, fromCache, correlationId, state })");
    let name = js_sys::Function::from(name);
    if js_sys::Array::is_array(&answer) { name.call1(&JsValue::NULL, &answer).expect("an object") } else { answer }
}

/// The record that a call throws: plain, with what an error is made of.
async fn refused(handle: &ClientHandle, method: &str, request: &str) -> JsValue {
    let thrown = run(handle, method, request).await.expect_err(method);
    assert!(js_sys::Object::is(&js_sys::Object::get_prototype_of(&thrown), &js("Object.prototype")));
    thrown
}

#[wasm_bindgen_test]
fn a_bad_configuration_throws_a_record_that_names_the_field() {
    let table = [
        ("undefined", "client_id_empty", "auth.clientId"),
        ("null", "client_id_empty", "auth.clientId"),
        ("{}", "client_id_empty", "auth.clientId"),
        ("{ auth: { clientId: () => 'id' } }", "client_id_empty", "auth.clientId"),
        ("{ auth: { clientId: 7 } }", "invalid_field", "auth.clientId"),
        (
            "{ auth: { clientId: 'id', authority: 'http://login.example/common' } }",
            "authority_uri_insecure",
            "auth.authority",
        ),
        ("{ auth: { clientId: 'id', redirectUri: {} } }", "invalid_field", "auth.redirectUri"),
        ("{ auth: { clientId: 'id' }, cache: { cacheLocation: 'cookie' } }", "invalid_field", "cache.cacheLocation"),
        ("(() => { const cycle = {}; cycle.auth = cycle; return cycle; })()", "invalid_field", "argument"),
    ];
    for (configuration, code, field) in table {
        let thrown = ClientHandle::new(&js(configuration), JsValue::UNDEFINED, stays()).expect_err(configuration);
        assert_eq!(at(&thrown, "name"), "\"ClientConfigurationError\"", "{configuration}");
        assert_eq!(at(&thrown, "errorCode"), format!("\"{code}\""), "{configuration}");
        assert!(at(&thrown, "errorMessage").contains(&format!("`{field}`")), "{configuration}");
        assert_eq!(at(&thrown, "correlationId"), "\"\"");
    }
}

#[wasm_bindgen_test]
fn nobody_is_signed_in_at_first() {
    let handle = handle("nobody");
    assert_eq!(json_text(&ask(&handle, "getAllAccounts", &JsValue::NULL)), "[]");
    assert!(ask(&handle, "getActiveAccount", &JsValue::NULL).is_null());
    let thrown = handle.ask("getGrantedScopes", &JsValue::NULL).expect_err("there is no account");
    assert_eq!(
        (at(&thrown, "name"), at(&thrown, "errorCode")),
        ("\"BrowserAuthError\"".into(), "\"no_account_error\"".into())
    );
}

#[wasm_bindgen_test]
fn accounts_are_told_as_account_info() {
    sign_in("accounts", 3600);
    let handle = handle("accounts");
    let accounts = ask(&handle, "getAllAccounts", &JsValue::NULL);
    let table = [
        ("length", "1".to_owned()),
        ("[0].homeAccountId", format!("\"{ALICE}.{TENANT}\"")),
        ("[0].environment", "\"login.example\"".into()),
        ("[0].tenantId", format!("\"{TENANT}\"")),
        ("[0].username", "\"alice@contoso.example\"".into()),
        ("[0].localAccountId", format!("\"{ALICE}\"")),
        ("[0].name", "\"Alice\"".into()),
        ("[0].loginHint", "\"O.opaque\"".into()),
        ("[0].idTokenClaims.sub", "\"s\"".into()),
    ];
    for (path, expected) in table {
        assert_eq!(at(&accounts, path), expected, "{path}");
    }
    let length = |filter| at(&ask(&handle, "getAllAccounts", &js(filter)), "length");
    assert_eq!(["{}", "{ username: 'ALICE@contoso.example' }"].map(length), ["1", "1"]);
    assert_eq!(["{ username: 'nobody' }", "{ userName: 'alice@contoso.example' }", "'alice'"].map(length), ["0"; 3]);
    let alice = js_sys::Array::from(&accounts).get(0);
    ask(&handle, "setActiveAccount", &alice);
    assert_eq!(at(&ask(&handle, "getActiveAccount", &JsValue::NULL), "name"), "\"Alice\"");
    for nobody in ["{}", "{ homeAccountId: undefined }", "'alice'"] {
        let thrown = handle.ask("setActiveAccount", &js(nobody)).expect_err("nobody in particular");
        assert_eq!(at(&thrown, "errorCode"), "\"no_account_error\"", "{nobody}");
    }
    ask(&handle, "setActiveAccount", &JsValue::NULL);
    assert!(ask(&handle, "getActiveAccount", &JsValue::NULL).is_null());
    let granted = json_text(&ask(&handle, "getGrantedScopes", &alice));
    assert_eq!(granted, r#"{"https://graph.microsoft.com":["User.Read"]}"#);
}

#[wasm_bindgen_test]
async fn a_cached_token_is_told_as_authentication_result() {
    sign_in("cached", 3600);
    let handle = handle("cached");
    let result = run(&handle, "acquireTokenSilent", "{ scopes: ['user.read'], correlationId: 'c0ffee' }")
        .await
        .expect("a token");
    let table = [
        ("accessToken", "\"secret-access\""),
        ("fromCache", "true"),
        ("scopes", r#"["User.Read","openid"]"#),
        ("tokenType", "\"Bearer\""),
        ("authority", "\"https://login.example/common\""),
        ("correlationId", "\"c0ffee\""),
        ("account.username", "\"alice@contoso.example\""),
    ];
    for (path, expected) in table {
        assert_eq!(at(&result, path), expected, "{path}");
    }
    let life = at(&result, "expiresOn").parse::<u64>().expect("seconds") - here().now();
    assert!((3590..=3600).contains(&life));
    let renewed = at(&result, "refreshOn").parse::<u64>().expect("seconds") - here().now();
    assert!((2990..=3000).contains(&renewed));
    assert_eq!(at(&result, "missingScopes"), "[]", "all that was asked for is there");
    let lacking = run(&handle, "acquireTokenSilent", "{ scopes: ['User.Read', 'Mail.Send'] }").await.expect("a token");
    assert_eq!((at(&lacking, "missingScopes"), at(&lacking, "fromCache")), (r#"["Mail.Send"]"#.into(), "true".into()));
    let unnamed = run(&handle, "acquireTokenSilent", "{ scopes: ['User.Read'] }").await.expect("a token");
    assert_eq!(at(&unnamed, "correlationId").len(), 38, "a new UUID");
    // As lines, a plain request is the same.
    for (id, expected) in [("c0ffee", 8), ("", 38)] {
        let lines = format!("'{id}\\n\\n\\n\\nUser.Read\\nMail.Send'");
        let same = run(&handle, "acquireTokenSilent", &lines).await.expect("a token");
        assert_eq!(
            (at(&same, "missingScopes"), at(&same, "correlationId").len()),
            (r#"["Mail.Send"]"#.into(), expected)
        );
    }
}

#[wasm_bindgen_test]
async fn a_token_is_refreshed_over_fetch() {
    sign_in("refreshed", 0);
    let handle = handle("refreshed");
    let (id_token, keys) = signed(&id_token("refreshed", "Alice Anew")).await;
    let body = format!(
        "{{\"token_type\":\"Bearer\",\"access_token\":\"secret-new\",\"expires_in\":\"3600\",\"id_token\":\"{id_token}\"}}"
    );
    let [body, keys] = [body, keys].map(|text| json_text(&text.as_str().into()));
    let fetch = Fetch::by(&format!("(request) => new Response(request.url.endsWith('/keys') ? {keys} : {body})"));
    let result = run(&handle, "acquireTokenSilent", "{ scopes: ['Mail.Read'] }").await.expect("a token");
    assert_eq!((at(&result, "accessToken"), at(&result, "fromCache")), ("\"secret-new\"".into(), "false".into()));
    assert_eq!(at(&result, "account.name"), "\"Alice Anew\"");
    let sent = fetch.sent();
    let mut scope = String::new();
    encode("Mail.Read openid profile offline_access", &mut scope);
    let fields =
        ["grant_type=refresh_token", "refresh_token=secret-refresh", &format!("scope={}", scope.replace("%20", "+"))];
    assert!(fields.iter().all(|field| sent.contains(field)), "{sent}");
    let again = run(&handle, "acquireTokenSilent", "{ scopes: ['Mail.Read'] }").await.expect("a token");
    assert_eq!(at(&again, "fromCache"), "true");
    drop(fetch);
    let _fetch =
        Fetch::answering(400, "{}", r#"{"error":"invalid_grant","suberror":"consent_required","claims":"{}"}"#);
    let thrown = refused(&handle, "acquireTokenSilent", "{ scopes: ['Mail.Send'], correlationId: 'c0ffee' }").await;
    let table = [
        ("name", "\"ConsentRequiredError\""),
        ("outcome", "\"consent_required\""),
        ("missingScopes", "{\"https://graph.microsoft.com\":[\"Mail.Send\"]}"),
        ("errorCode", "\"invalid_grant\""),
        ("subError", "\"consent_required\""),
        ("claims", "\"{}\""),
        ("status", "400"),
        ("correlationId", "\"c0ffee\""),
    ];
    for (path, expected) in table {
        assert_eq!(at(&thrown, path), expected, "{path}");
    }
}

#[wasm_bindgen_test]
async fn requests_are_checked_before_anything_happens() {
    let handle = handle("checked");
    let table = [
        ("loginRedirect", "{ scopes: 'User.Read' }", "invalid_field", "scopes"),
        ("loginRedirect", "{ scopes: ['User.Read', 'api://orders/Read'] }", "several_resources", "scopes"),
        (
            "loginRedirect",
            "{ extraQueryParameters: { nonce: 'x' } }",
            "invalid_extra_parameter",
            "extraQueryParameters",
        ),
        ("loginRedirect", "{ prompt: 'always' }", "invalid_field", "prompt"),
        ("loginRedirect", "{ redirectUri: 'http://evil.example' }", "invalid_redirect_uri", "redirectUri"),
        (
            "acquireTokenRedirect",
            "{ redirectStartPage: '//evil.example' }",
            "invalid_redirect_start_page",
            "redirectStartPage",
        ),
        ("acquireTokenSilent", "{ claims: 'e30=' }", "invalid_claims", "claims"),
        ("acquireTokenSilent", "{ scopes: ['phone'] }", "unsupported_scope", "scopes"),
        ("acquireTokenSilent", "'\\n\\n\\n\\nphone'", "unsupported_scope", "scopes"),
        (
            "logoutRedirect",
            "{ postLogoutRedirectUri: 'javascript:0' }",
            "invalid_redirect_uri",
            "postLogoutRedirectUri",
        ),
    ];
    for (method, request, code, field) in table {
        let thrown = refused(&handle, method, request).await;
        assert_eq!(at(&thrown, "name"), "\"ClientConfigurationError\"", "{request}");
        assert_eq!(at(&thrown, "errorCode"), format!("\"{code}\""), "{request}");
        assert!(at(&thrown, "errorMessage").contains(&format!("`{field}`")), "{request}");
        assert_eq!(at(&thrown, "correlationId").len(), 38, "each call has a correlation id");
    }
}

#[wasm_bindgen_test]
async fn a_page_that_the_server_did_not_open_has_no_answer() {
    let handle = handle("returning");
    assert!(run(&handle, "handleRedirectPromise", "{}").await.expect("no error").is_null());
    let hash = "{ hash: '#code=secret-code&state=forged' }";
    assert!(run(&handle, "handleRedirectPromise", hash).await.expect("no error").is_null(), "another client's");
    let pending = keys::pending("returning", "another");
    let waiting = "{\"createdOn\":4102444800,\"nonce\":\"n\",\"redirectUri\":\"\",\"authority\":\"https://login.example/common\",\
         \"scopes\":\"\",\"startPage\":\"\",\"correlationId\":\"\",\"verifier\":\"";
    let waiting = format!("{waiting}{}\"}}", "v".repeat(43));
    here().write(Area::Session, &pending, Some(&waiting)).expect("there is room");
    let thrown = refused(&handle, "handleRedirectPromise", hash).await;
    here().write(Area::Session, &pending, None).expect("it can be removed");
    assert_eq!(
        (at(&thrown, "name"), at(&thrown, "errorCode")),
        ("\"ClientAuthError\"".into(), "\"state_mismatch\"".into())
    );
    assert!(!json_text(&thrown).contains("secret-"));
}

#[wasm_bindgen_test]
async fn tokens_are_forgotten() {
    sign_in("forgotten", 3600);
    sign_in("kept", 3600);
    let handle = handle("forgotten");
    assert!(run(&handle, "clearCache", "{}").await.expect("it is forgotten").is_undefined());
    assert_eq!(json_text(&ask(&handle, "getAllAccounts", &JsValue::NULL)), "[]");
    assert_eq!(here().keys(Area::Session, "consentry|2|forgotten|"), Ok(Vec::new()));
    assert_eq!(here().keys(Area::Session, "consentry|2|kept|").map(|keys| keys.len()), Ok(3));
}

#[wasm_bindgen_test]
fn what_is_known_is_told_without_a_request() {
    sign_in("known", 3600);
    let handle = handle("known");
    let wanted =
        js("({ scopes: { 'https://graph.microsoft.com': ['User.Read', 'Mail.Read'], 'api://orders': ['Read'] } })");
    let plan = ask(&handle, "plan", &wanted);
    let table = [
        ("interaction", "\"consent\""),
        ("resources['https://graph.microsoft.com'].granted", "[\"User.Read\"]"),
        ("resources['https://graph.microsoft.com'].missing", "[\"Mail.Read\"]"),
        (
            "request",
            "{\"scopes\":[\"https://graph.microsoft.com/Mail.Read\"],\"extraScopesToConsent\":[\"api://orders/Read\"]}",
        ),
        ("tokenRequests.length", "2"),
    ];
    for (path, expected) in table {
        assert_eq!(at(&plan, path), expected, "{path}");
    }
    let call = js("({ token: { scopes: ['User.Read'] }, scopes: ['User.Read'], wwwAuthenticate: null })");
    assert_eq!(at(&ask(&handle, "explainForbidden", &call), "cause"), "\"user\"");
    let warnings = ask(&handle, "reviewScopes", &js("({ scopes: ['Mail.Read', 'Mail.ReadWrite'] })"));
    assert_eq!(at(&warnings, "[0].rule"), "\"redundant_scope\"");
    let url =
        ask(&handle, "getAdminConsentUrl", &js("({ scopes: ['Mail.Read'], redirectUri: 'https://app.example/' })"));
    let expected = format!("https://login.example/{TENANT}/v2.0/adminconsent?client_id=known&");
    assert!(url.as_string().is_some_and(|url| url.starts_with(&expected)));
    assert_eq!(ask(&handle, "warns", &JsValue::NULL).as_bool(), Some(true), "this page is on a loopback host");
}
