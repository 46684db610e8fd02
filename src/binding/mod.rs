//! JavaScript ⇄ Rust: names and shapes, no decisions.

#[cfg(all(target_arch = "wasm32", not(feature = "browser")))]
mod at_once;
mod configuration;
pub mod dictionary;
pub mod elsewhere;
#[cfg(all(target_arch = "wasm32", feature = "start", not(feature = "browser")))]
mod first;
#[cfg(all(target_arch = "wasm32", not(any(feature = "start", feature = "browser"))))]
mod handle;
pub mod records;

#[cfg(all(target_arch = "wasm32", feature = "start", not(feature = "browser")))]
pub use first::ClientHandle;
#[cfg(all(target_arch = "wasm32", not(any(feature = "start", feature = "browser"))))]
pub use handle::ClientHandle;
