//! Which key is of this session of the browser: a cookie says so, which ends with it; or the tab's store, where there are no cookies.

use super::wait::settled;
use crate::{
    platform::web_page,
    protocol::{base64url, origin},
};
use js_sys::Uint8Array;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{HtmlDocument, Storage};

/// The bytes of a digest that are enough to tell two names apart.
const SHORT: usize = 8;

/// The name of the owner's cookie: short, and another one for each port, as cookies are of all ports of a host.
pub(super) async fn name_of(owner: &str) -> Result<String, JsValue> {
    let page = web_page::address().map_err(|_| JsValue::UNDEFINED)?;
    let place = [origin(&page).unwrap_or_default(), "\n", owner].concat();
    let subtle = super::subtle().map_err(|_| JsValue::UNDEFINED)?;
    let digest = settled(subtle.digest_with_str_and_u8_array("SHA-256", place.as_bytes())).await?;
    let digest = Uint8Array::new(&digest).to_vec();
    Ok(["consentry.", &base64url::encode(digest.get(..SHORT).unwrap_or_default())].concat())
}

pub(super) fn is_marked(name: &str, id: &str) -> bool {
    let cookie = [name, "=", id].concat();
    // A neighbour host may have set another one of this name.
    let is_in_cookie =
        cookies().is_some_and(|page| page.cookie().is_ok_and(|all| all.split("; ").any(|one| one == cookie)));
    is_in_cookie || tab().is_some_and(|tab| tab.get_item(name).is_ok_and(|text| text.as_deref() == Some(id)))
}

pub(super) fn mark(name: &str, id: &str) {
    if is_marked(name, id) {
        return;
    }
    let is_secure = web_page::address().is_ok_and(|page| page.starts_with("https:"));
    let cookie = [name, "=", id, "; Path=/; SameSite=Strict", if is_secure { "; Secure" } else { "" }].concat();
    let _ = cookies().map(|page| page.set_cookie(&cookie));
    if !is_marked(name, id) {
        let _ = tab().map(|tab| tab.set_item(name, id));
    }
}

fn cookies() -> Option<HtmlDocument> {
    web_page::window().ok()?.document()?.dyn_into().ok()
}

fn tab() -> Option<Storage> {
    web_page::window().ok()?.session_storage().ok()?
}
