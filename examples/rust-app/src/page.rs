//! The page: what it says, and calls of an API.

use consentry::prelude::Error;
use wasm_bindgen::{JsCast, JsValue, closure::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Document, Element, Headers, HtmlElement, RequestInit, Response};

/// The page, and the part of it that says what the app has to know.
#[derive(Clone)]
pub struct Page {
    document: Document,
    settings: Element,
}

impl Page {
    pub fn find() -> Option<Self> {
        let document = web_sys::window()?.document()?;
        let settings = document.get_element_by_id("app")?;
        Some(Page { document, settings })
    }

    /// What the page says in `data-…`.
    pub fn setting(&self, name: &str) -> String {
        self.settings.get_attribute(&["data-", name].concat()).unwrap_or_default()
    }

    pub fn say(&self, part: &str, text: &str) {
        if let Some(part) = self.document.get_element_by_id(part) {
            part.set_text_content(Some(text));
        }
    }

    pub fn show(&self, part: &str, is_shown: bool) {
        if let Some(part) = self.document.get_element_by_id(part) {
            part.unchecked_into::<HtmlElement>().set_hidden(!is_shown);
        }
    }

    /// An error's class and code tell programs, and its text people, what to do.
    pub fn show_error(&self, error: &Error) {
        self.say("error", &[error.class().name(), " ", error.code(), ": ", &error.to_string()].concat());
        self.say("state", "ready");
    }

    pub fn on_click(&self, button: &str, act: impl FnMut() + 'static) {
        if let Some(button) = self.document.get_element_by_id(button) {
            let clicked = Closure::<dyn FnMut()>::new(act);
            let _ = button.add_event_listener_with_callback("click", clicked.as_ref().unchecked_ref());
            // It is there as long as the page is.
            clicked.forget();
        }
    }
}

/// Calls an API with a token: status and text of the answer.
pub async fn call(url: &str, token: &str) -> Result<(u16, String), JsValue> {
    let headers = Headers::new()?;
    headers.set("Authorization", &["Bearer ", token].concat())?;
    let init = RequestInit::new();
    init.set_headers_headers(&headers);
    let window = web_sys::window().ok_or(JsValue::UNDEFINED)?;
    let response: Response = JsFuture::from(window.fetch_with_str_and_init(url, &init)).await?.unchecked_into();
    let text = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
    Ok((response.status(), text))
}
