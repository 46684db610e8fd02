//! JavaScript ⇄ Rust: names and shapes, no decisions.

#[cfg(target_arch = "wasm32")]
mod at_once;
mod configuration;
pub mod dictionary;
pub mod elsewhere;
#[cfg(all(target_arch = "wasm32", feature = "start"))]
mod first;
#[cfg(all(target_arch = "wasm32", not(feature = "start")))]
mod handle;
pub mod records;

#[cfg(all(target_arch = "wasm32", feature = "start"))]
pub use first::ClientHandle;
#[cfg(all(target_arch = "wasm32", not(feature = "start")))]
pub use handle::ClientHandle;
