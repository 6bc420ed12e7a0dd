//! oxlws: the C ABI of libwebsockets, on a Rust engine.
pub mod proto;
