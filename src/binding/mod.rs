//! JavaScript ⇄ Rust: names and shapes, no decisions.

mod configuration;
pub mod dictionary;
pub mod elsewhere;
#[cfg(all(target_arch = "wasm32", not(feature = "browser")))]
mod handle;
pub mod records;

#[cfg(all(target_arch = "wasm32", not(feature = "browser")))]
pub use handle::ClientHandle;
