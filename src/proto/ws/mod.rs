//! The websocket protocol core (RFC 6455, RFC 7692): what the bytes of a connection mean, and which bytes to send.
//!
//! | file | question |
//! |---|---|
//! | [`frame`] | what does a frame header say, and how is a frame written? |
//! | [`mask`] | how is a payload masked and unmasked? |
//! | [`message`] | which pieces of messages and which control frames are in these bytes, and are they allowed here? |
//! | [`utf8`] | is this text, cut anywhere, UTF-8 so far? |
//! | [`close`] | which close codes are legal, what does the program see of the peer's close, what is echoed? |
//! | [`extension`] | which permessage-deflate parameters do both ends agree on? |
//! | [`deflate`] | how are messages deflated and inflated in bounded steps? |
//! | [`handshake`] | is the upgrade in order, and how is it answered? |
//! | [`error`] | what can the peer do wrong, and what do we tell it? |
//!
//! Client and server use the same code; [`Side`] says whose end we are.
pub mod close;
pub mod deflate;
pub mod error;
pub mod extension;
pub mod frame;
pub mod handshake;
pub mod mask;
pub mod message;
pub mod utf8;

#[cfg(test)]
mod pair;

pub use close::CloseCode;
pub use error::PeerError;
pub use frame::Opcode;
pub use message::{DataInfo, ReceiveRules, Received, Receiver};

/// Whose end of the connection we are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// We connected: we mask what we send, the peer must not.
    Client,
    /// We accepted: the peer masks, we must not.
    Server,
}
