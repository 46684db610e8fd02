//! JavaScript ⇄ Rust: names and shapes, no decisions.

pub mod dictionary;
#[cfg(target_arch = "wasm32")]
mod handle;

#[cfg(target_arch = "wasm32")]
pub use handle::ClientHandle;
