//! Protocol cores: bytes and time go in, events and bytes come out.
//!
//! Nothing here knows a socket, a clock, a log or a user callback, so every core is tested and fuzzed alone.
#![forbid(unsafe_code)]

pub mod addr_order;
pub mod http;
pub mod proxy;
pub mod text;
pub mod ws;
pub mod x509;
