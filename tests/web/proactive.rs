//! Renewal ahead of need goes on by itself, while the page has its token.

use super::{
    fetch::Fetch,
    handle::{at, handle, id_token, run, sign_in, signed},
};
use crate::{js, json_text};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::wasm_bindgen_test;

async fn call(handle: &consentry::binding::ClientHandle) -> JsValue {
    run(handle, "acquireTokenSilent", "{ scopes: ['User.Read'] }").await.expect("a token")
}

async fn a_moment() {
    let wait = js("new Promise((resolve) => setTimeout(resolve, 20))");
    JsFuture::from(js_sys::Promise::from(wait)).await.expect("it passes");
}

#[wasm_bindgen_test]
async fn a_token_that_is_to_be_renewed_is_served_and_renewed_meanwhile() {
    sign_in("ahead", 599);
    let handle = handle("ahead");
    let (id_token, keys) = signed(&id_token("ahead", "Alice")).await;
    let body = format!(
        "{{\"token_type\":\"Bearer\",\"access_token\":\"secret-next\",\"expires_in\":3600,\"id_token\":\"{id_token}\"}}"
    );
    let [body, keys] = [body, keys].map(|text| json_text(&text.as_str().into()));
    let fetch = Fetch::by(&format!("(request) => new Response(request.url.endsWith('/keys') ? {keys} : {body})"));
    let first = call(&handle).await;
    assert_eq!((at(&first, "accessToken"), at(&first, "fromCache")), ("\"secret-access\"".into(), "true".into()));
    let mut next = call(&handle).await;
    for _ in 0..100 {
        if at(&next, "accessToken") != "\"secret-access\"" {
            break;
        }
        a_moment().await;
        next = call(&handle).await;
    }
    assert_eq!((at(&next, "accessToken"), at(&next, "fromCache")), ("\"secret-next\"".into(), "true".into()));
    assert_eq!(fetch.sent().matches("grant_type=refresh_token").count(), 1, "{}", fetch.sent());
}

#[wasm_bindgen_test]
async fn a_renewal_that_fails_is_noticed_by_nobody() {
    sign_in("in-vain", 599);
    let handle = handle("in-vain");
    let fetch = Fetch::answering(503, "{}", "");
    for _ in 0..5 {
        assert_eq!(at(&call(&handle).await, "accessToken"), "\"secret-access\"");
        a_moment().await;
    }
    assert_eq!(fetch.sent().matches("\"url\"").count(), 1, "it is not tried again at once: {}", fetch.sent());
}
