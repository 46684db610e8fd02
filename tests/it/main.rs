//! The native tests, in one program: it links once.

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

mod browser;
mod server;
mod world;

mod accounts;
mod admin;
mod authorities;
mod authorization;
mod by_code;
mod cache;
mod callback;
mod calls;
mod capabilities;
mod carry;
mod challenge;
mod clock;
mod consent;
mod contention;
mod copies;
mod declined;
mod dictionary;
mod errors;
mod forbidden;
mod form;
mod frame;
mod fuzz_seeds;
mod grants;
mod guard;
mod hostile;
mod hydrate;
mod id_token;
mod issuer;
mod json;
mod lookup_policy;
mod metadata;
mod mix_up;
mod offline;
mod outcomes;
mod pkce;
mod plan;
mod proactive;
mod properties;
mod provider;
mod races;
mod refresh_end;
mod refusals;
mod review;
mod room;
mod rotation;
mod scope;
mod scope_rules;
mod secrecy;
mod several;
mod side_by_side;
mod sign_in;
mod sign_out;
mod signature;
mod silent;
mod simulation;
mod storage;
mod throttle;
mod tidy;
mod token;
mod told;
mod user_info;
mod vault;
mod windows;
