//! http/2 without sockets: frames, header compression, streams and flow control of a server (RFC 9113, RFC 7541).
//!
//! [`connection::Connection`] takes the bytes of a connection, gives one [`connection::Event`] at a time, and appends
//! what has to be sent to a buffer of its caller. It knows no time but the milliseconds it is told, and no callback.
//!
//! | question | file |
//! |---|---|
//! | which errors are there, and whose connection do they end | [`error`] |
//! | what does a frame look like | [`frame`], [`settings`] |
//! | how are headers compressed | [`hpack`] |
//! | is a list of fields a request, and which one | [`fields`], [`request`] |
//! | what of an http/1 answer is said in http/2 | [`answer`] |
//! | who may send how much | [`flow`], [`stream`], [`draining`] |
//! | does the peer waste our time | [`calm`] |
//! | all of it together | [`connection`], [`block`] |
pub mod answer;
pub mod block;
pub mod calm;
pub mod connection;
pub mod draining;
pub mod error;
pub mod fields;
pub mod flow;
pub mod frame;
pub mod hpack;
pub mod request;
pub mod settings;
pub mod stream;
