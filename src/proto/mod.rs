//! Protocol cores: bytes and time go in, events and bytes come out.
//!
//! | question | file |
//! |---|---|
//! | which frames, messages and closes does websocket have | [`ws`] |
//! | how is http/1 read and written | [`http`] |
//! | how does a client get through a proxy | [`proxy`] |
//! | what do the utility calls compute | [`text`] |
//! | what does a certificate say | [`x509`] |
//! | what do the files of the lwsws server say | [`lwsws`] |
//! | in which order are addresses tried | [`addr_order`] |
//!
//! Nothing here knows a socket, a clock, a log or a user callback, so every core is tested and fuzzed alone.
#![forbid(unsafe_code)]

pub mod addr_order;
pub mod http;
pub mod lwsws;
pub mod proxy;
pub mod text;
pub mod ws;
pub mod x509;
