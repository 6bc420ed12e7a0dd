//! oxlws: the C ABI of libwebsockets, on a Rust engine.
//!
//! Three layers, and arrows that point one way only: `abi -> engine -> proto`.
//!
//! * [`proto`]: protocol cores without sockets, clock or callbacks; `forbid(unsafe_code)`.
//! * [`engine`]: contexts, vhosts, connections, the service turn; safe code, the only layer with sockets and a clock.
//! * [`abi`]: the C edge; decodes handles, converts, delegates. All `unsafe` is there and in `engine/sys.rs`.
pub mod abi;
pub mod engine;
pub mod proto;
