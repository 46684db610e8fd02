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

/// A third of the default allocator's size, and quicker.
#[cfg(target_arch = "wasm32")]
#[global_allocator]
static ALLOCATOR: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
