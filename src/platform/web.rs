//! A browser page: the only home of `web_sys`.

use super::{Area, Platform};
use crate::{
    error::BrowserError,
    json::{self, Object, Value},
    protocol::{Algorithm, HttpRequest, HttpResponse, PublicKey},
    secret::Secret,
};
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, CryptoKey, RequestInit, Storage, SubtleCrypto, Url, UrlSearchParams, Window,
    js_sys::{self, Date, Function, Promise, Reflect},
};

/// How long an answer may take, in milliseconds.
const ANSWER_TIMEOUT: u32 = 30_000;
/// How long another page may hold a lock, in milliseconds: a little longer than its request may take.
const LOCK_TIMEOUT: u32 = 40_000;
/// How long a lock is kept after what it was for, in milliseconds.
const STORAGE_DELAY: i32 = 100;
/// How long leaving the page may take, in milliseconds: MSAL's `redirectNavigationTimeout`.
const NAVIGATION_TIMEOUT: i32 = 30_000;

/// The page that the module runs on.
#[derive(Clone, Copy, Debug, Default)]
pub struct Web;

impl Web {
    fn window() -> Result<Window, BrowserError> {
        web_sys::window().ok_or(BrowserError::NoWindow)
    }

    fn storage(area: Area) -> Result<Storage, BrowserError> {
        let window = Web::window()?;
        let storage = match area {
            Area::Session => window.session_storage(),
            Area::Local => window.local_storage(),
        };
        // A page without an origin, or with site data blocked, throws here.
        storage.ok().flatten().ok_or(BrowserError::StorageDenied)
    }

    /// Why there was no answer, as far as the browser tells.
    fn failure(window: &Window, timeout: &AbortSignal, is_post: bool) -> BrowserError {
        match (timeout.aborted(), window.navigator().on_line(), is_post) {
            (true, ..) => BrowserError::TimedOut,
            (_, false, _) => BrowserError::Offline,
            (_, true, true) => BrowserError::PostFailed,
            (_, true, false) => BrowserError::GetFailed,
        }
    }

    /// Only there for pages that came over https, or from this machine.
    fn cryptography() -> Result<SubtleCrypto, BrowserError> {
        let subtle = Web::window()?.crypto().map(|crypto| crypto.subtle()).ok();
        subtle.filter(|subtle| subtle.is_truthy()).ok_or(BrowserError::InsecureContext)
    }

    /// Whether it is signed; an error where the key can't be imported.
    async fn is_signed(subtle: &SubtleCrypto, key: &PublicKey, text: &str, signature: &[u8]) -> Result<bool, JsValue> {
        // Of these each algorithm takes what it has, for the import of a key and for the check of a signature alike.
        let parameters = Object::default()
            .with("name", name_of(key.algorithm))
            .with("hash", "SHA-256")
            .with("saltLength", 32)
            .with("namedCurve", "P-256");
        let algorithm: js_sys::Object = json::to_js(&parameters.finish()).unchecked_into();
        let jwk: js_sys::Object = json::to_js(&key.jwk).unchecked_into();
        let usages = js_sys::Array::of1(&"verify".into());
        let imported = subtle.import_key_with_object("jwk", &jwk, &algorithm, false, &usages)?;
        let imported: CryptoKey = JsFuture::from(imported).await?.unchecked_into();
        let text = text.as_bytes();
        // The browser takes its own copies before this comes back.
        let answer = subtle.verify_with_object_and_u8_array_and_u8_array(&algorithm, &imported, signature, text);
        let is_signed = match answer {
            Ok(answer) => JsFuture::from(answer).await.is_ok_and(|truth| truth.is_truthy()),
            Err(_) => false,
        };
        Ok(is_signed)
    }

    async fn fetch(window: &Window, timeout: &AbortSignal, request: &HttpRequest) -> Result<HttpResponse, JsValue> {
        // As plain texts: each setter of its own, and its table of allowed texts, would be in the glue.
        let plain = Object::default()
            .with("method", if request.form.is_some() { "POST" } else { "GET" })
            .with("credentials", "omit")
            .with("redirect", "error")
            .with("cache", "no-store")
            .with("referrerPolicy", "no-referrer");
        let headers = request
            .bearer
            .as_ref()
            .map(|token| Object::default().with("Authorization", ["Bearer ", token.expose()].concat()).finish());
        let options: RequestInit = json::to_js(&plain.with("headers", headers).finish()).unchecked_into();
        options.set_signal(Some(timeout));
        if let Some(form) = &request.form {
            // A form's type needs no leave from the server (CORS preflight); a plain string would be sent as text.
            let form = UrlSearchParams::new_with_str(form.expose())?;
            options.set_body(&form);
        }
        let response: web_sys::Response =
            JsFuture::from(window.fetch_with_str_and_init(&request.url, &options)).await?.unchecked_into();
        let body: JsValue = JsFuture::from(response.text()?).await?;
        Ok(HttpResponse {
            status: response.status(),
            retry_after: response.headers().get("retry-after")?.and_then(|seconds| Value::String(seconds).as_seconds()),
            body: Secret::new(body.as_string().unwrap_or_default()),
        })
    }
}

/// What the browser calls an algorithm (Web Cryptography API section 18).
const fn name_of(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Rs256 => "RSASSA-PKCS1-v1_5",
        Algorithm::Ps256 => "RSA-PSS",
        Algorithm::Es256 => "ECDSA",
        Algorithm::EdDsa => "Ed25519",
    }
}

/// A lock of the Web Locks API; what is called lets it go.
#[derive(Debug)]
pub struct Lock(Option<Function>);

impl Drop for Lock {
    fn drop(&mut self) {
        // What was stored before takes a moment to be seen by other processes of the browser: the next page is not to come sooner.
        if let (Some(release), Ok(window)) = (&self.0, Web::window()) {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(release, STORAGE_DELAY);
        }
    }
}

impl Lock {
    /// Waits for the lock. The browser asks for a promise once it is granted, and takes it back when that is kept.
    async fn acquire(locks: &JsValue, name: &str) -> Result<Self, JsValue> {
        let request: Function = Reflect::get(locks, &"request".into())?.unchecked_into();
        let options = js_sys::Object::new();
        Reflect::set(&options, &"signal".into(), &AbortSignal::timeout_with_u32(LOCK_TIMEOUT))?;
        let mut release = None;
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        let mut outcome = Ok(JsValue::UNDEFINED);
        let granted = Promise::new(&mut |granted, refused| {
            let held = held.clone();
            let grant = Closure::once_into_js(move || {
                let _ = granted.call0(&JsValue::UNDEFINED);
                held
            });
            outcome = request.call3(locks, &name.into(), &options, &grant).and_then(|ended| {
                Reflect::get(&ended, &"catch".into())
                    .and_then(|catch| catch.unchecked_into::<Function>().call1(&ended, &refused))
            });
        });
        outcome?;
        JsFuture::from(granted).await?;
        Ok(Lock(release))
    }
}

impl Platform for Web {
    type Lock = Lock;

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "seconds since 1970 fit in an f64 and a u64"
    )]
    fn now(&self) -> u64 {
        (Date::now() / 1000.0) as u64
    }

    fn fill_random(&self, bytes: &mut [u8]) -> Result<(), BrowserError> {
        getrandom::fill(bytes).map_err(|_| BrowserError::NoEntropy)
    }

    async fn verify(&self, key: &PublicKey, text: &str, signature: &[u8]) -> Result<Option<bool>, BrowserError> {
        let subtle = Web::cryptography()?;
        Ok(Web::is_signed(&subtle, key, text, signature).await.ok())
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, BrowserError> {
        let window = Web::window()?;
        let timeout = AbortSignal::timeout_with_u32(ANSWER_TIMEOUT);
        let answer = Web::fetch(&window, &timeout, &request).await;
        answer.map_err(|_| Web::failure(&window, &timeout, request.form.is_some()))
    }

    fn is_online(&self) -> bool {
        Web::window().is_ok_and(|window| window.navigator().on_line())
    }

    async fn lock(&self, name: &str) -> Result<Lock, BrowserError> {
        let navigator = Web::window()?.navigator();
        let locks = Reflect::get(&navigator, &"locks".into()).unwrap_or_default();
        if locks.is_undefined() {
            return Ok(Lock(None));
        }
        Lock::acquire(&locks, name).await.map_err(|_| BrowserError::TimedOut)
    }

    fn keys(&self, area: Area, prefix: &str) -> Result<Vec<String>, BrowserError> {
        let storage = Web::storage(area)?;
        let keys = js_sys::Object::keys(storage.unchecked_ref::<js_sys::Object>());
        let mut found = Vec::new();
        for key in keys.iter().filter_map(|key| key.as_string()) {
            if key.starts_with(prefix) {
                found.push(key);
            }
        }
        Ok(found)
    }

    fn read(&self, area: Area, key: &str) -> Result<Option<String>, BrowserError> {
        Web::storage(area)?.get_item(key).map_err(|_| BrowserError::StorageDenied)
    }

    fn write(&self, area: Area, key: &str, text: Option<&str>) -> Result<(), BrowserError> {
        let storage = Web::storage(area)?;
        match text {
            Some(text) => storage.set_item(key, text).map_err(|_| BrowserError::StorageFull),
            None => storage.remove_item(key).map_err(|_| BrowserError::StorageDenied),
        }
    }

    fn page(&self) -> Result<String, BrowserError> {
        Web::window()?.location().href().map_err(|_| BrowserError::NoWindow)
    }

    fn is_user_active(&self) -> bool {
        let get = |object: &JsValue, name: &str| Reflect::get(object, &name.into()).ok();
        let activation = Web::window().ok().and_then(|window| get(&window.navigator(), "userActivation"));
        activation.and_then(|activation| get(&activation, "hasBeenActive")).is_some_and(|active| active.is_truthy())
    }

    fn resolve(&self, reference: &str) -> Option<String> {
        Url::new_with_base(reference, &self.page().ok()?).ok().map(|url| url.href())
    }

    fn replace_address(&self, url: &str) -> Result<(), BrowserError> {
        let history = Web::window()?.history().map_err(|_| BrowserError::NoWindow)?;
        let state = history.state().unwrap_or(JsValue::NULL);
        history.replace_state_with_url(&state, "", Some(url)).map_err(|_| BrowserError::NoWindow)
    }

    async fn navigate(&self, url: &str, replacing: bool) -> Result<(), BrowserError> {
        let window = Web::window()?;
        let location = window.location();
        let left = if replacing { location.replace(url) } else { location.assign(url) };
        left.map_err(|_| BrowserError::NavigationFailed)?;
        let timeout = Promise::new(&mut |resolve, _| {
            let _ = window.set_timeout_with_callback_and_timeout_and_arguments_0(&resolve, NAVIGATION_TIMEOUT);
        });
        let _ = JsFuture::from(timeout).await;
        Err(BrowserError::NavigationFailed)
    }
}
