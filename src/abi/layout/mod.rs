//! What C and Rust agree on: every struct, union, enum value and option bit that crosses the edge.
//!
//! | what | file |
//! |---|---|
//! | basic types and opaque objects | `base` |
//! | context, vhost, mount, option bits | `context` |
//! | reasons, and what their `in` points to | `callbacks` |
//! | protocols, extensions, plugins | `protocols` |
//! | client connections | `client` |
//! | writes and close codes | `write` |
//! | http: status, forms, headers | `http`, `tokens` |
//! | adopted descriptors, addresses, UDP | `net` |
//! | certificates, TLS sessions | `tls` |
//! | timers, timeouts, retries | `timer` |
//! | system states, blobs, messages | `system` |
//! | event loop plugins | `eventlib` |
//! | logs | `logs` |
//! | lists, arenas, maps, caches | `lists`, `cache` |
//! | files, directories | `files`, `misc` |
//! | texts, JSON | `text`, `json` |
//!
//! One file per public area, named after what programs know it as. The C headers in `include/` are generated from these
//! sources (`tests/header_is_fresh.rs`), so a change here is a change of the ABI; sizes and offsets are asserted beside
//! each struct and once more from C by `tests/abi/check_abi.py`.
//!
//! * An enum that C passes to us is a transparent integer newtype: C may pass values that have no name, and a Rust enum
//!   would be undefined for them. Its constants carry their C names. Enums that C stores in plain integers are aliases.
//! * Callback types are `Option<unsafe extern "C" fn ..>`: NULL is `None`.
//! * Opaque objects are only ever pointers; `abi::handle` knows what is behind them.
//! * What 4.1 lays out in another way is in `v4_1/`, the file of the same name; the large infos that programs fill are
//!   read by `abi::older` instead.
//! * Where C has bitfields, the byte that holds them is one `bits` member and the bit numbers are in its doc.
#![allow(non_camel_case_types)]
mod base;
mod cache;
mod callbacks;
mod client;
mod context;
mod eventlib;
mod files;
#[cfg_attr(feature = "abi41", path = "v4_1/http.rs")]
mod http;
#[cfg_attr(feature = "abi41", path = "v4_1/json.rs")]
mod json;
mod lists;
mod logs;
mod misc;
#[cfg_attr(feature = "abi41", path = "v4_1/net.rs")]
mod net;
#[cfg_attr(feature = "abi41", path = "v4_1/protocols.rs")]
mod protocols;
mod system;
mod text;
mod timer;
mod tls;
mod tokens;
mod write;

pub use base::*;
pub use cache::*;
pub use callbacks::*;
pub use client::*;
pub use context::*;
pub use eventlib::*;
pub use files::*;
pub use http::*;
pub use json::*;
pub use lists::*;
pub use logs::*;
pub use misc::*;
pub use net::*;
pub use protocols::*;
pub use system::*;
pub use text::*;
pub use timer::*;
pub use tls::*;
pub use tokens::*;
pub use write::*;
