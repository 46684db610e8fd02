//! JavaScript ⇄ Rust: names and shapes, no decisions.

mod configuration;
pub mod dictionary;
pub mod elsewhere;
#[cfg(target_arch = "wasm32")]
mod handle;
pub mod records;

#[cfg(target_arch = "wasm32")]
pub use handle::ClientHandle;
