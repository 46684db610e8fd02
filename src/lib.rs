//! Consentry: client authorization for single-page apps on the Microsoft identity platform.
//!
//! Data flows one way, and so do `use` lines:
//!
//! ```text
//! JavaScript call → pkg/ facade → binding → client → protocol + scope + cache      (values)
//!                                              └────→ platform (trait) → platform::web → browser
//! ```
//!
//! `error`, `json`, `secret` and `text` are the vocabulary that all share.
//!
//! With the feature `browser` the crate is for apps in Rust: `platform::Browser` is the browser, and there is no binding and no script of
//! the npm package. Such an app finds what it needs in [`prelude`].

pub mod json;
pub mod secret;
pub mod text;

pub mod error;

pub mod scope;

pub mod protocol;

pub mod cache;

pub mod platform;

pub mod client;

pub mod binding;

/// What an app in Rust names.
///
/// ```
/// use consentry::prelude::*;
///
/// /// Who is signed in, and the text of their token for some permissions.
/// async fn token<P: Platform>(client: &PublicClient<P>, scopes: &[&str]) -> Result<(String, String), Error> {
///     let correlation_id = client.correlation_id()?;
///     let scopes = ScopeSet::parse(scopes.iter().copied(), "scopes")?;
///     let request = SilentRequest { scopes, correlation_id: &correlation_id, ..SilentRequest::default() };
///     let AuthenticationResult { account, token, .. } = client.acquire_silent(&request).await?;
///     Ok((account.username().to_owned(), token.secret.expose().to_owned()))
/// }
/// ```
pub mod prelude {
    #[cfg(all(target_arch = "wasm32", feature = "browser"))]
    pub use crate::platform::Browser;
    pub use crate::{
        cache::{Account, AccountFilter, Standing},
        client::{
            AuthenticationResult, CacheLocation, Config, Interaction, Plan, PublicClient, RedirectAnswer,
            RedirectFailure, RedirectRequest, RedirectResult, SignOutRequest, SilentRequest,
        },
        error::{Error, Outcome},
        platform::Platform,
        protocol::{Authority, Prompt},
        scope::ScopeSet,
    };
}

/// A third of the default allocator's size, and quicker. An app in Rust chooses its own.
#[cfg(all(target_arch = "wasm32", not(feature = "browser")))]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
