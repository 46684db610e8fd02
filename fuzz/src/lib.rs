//! What has to hold for whatever others write: a function for each fuzz target. `tests/it/fuzz_seeds.rs` includes this file and
//! plays the seeds to it, so that `cargo test` needs no fuzzer.
//!
//! Each function says whether the input was taken for what it claims to be, and panics where something that has to hold does not.

mod given;
mod page;
mod promises;

mod authorization_response;
mod challenge;
mod discovery;
mod id_token;
mod stored;
mod token_response;

pub use authorization_response::authorization_response;
pub use challenge::challenge;
pub use discovery::discovery;
pub use id_token::id_token;
pub use stored::stored;
pub use token_response::token_response;
