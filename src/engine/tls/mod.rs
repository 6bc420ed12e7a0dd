//! TLS for clients and servers: rustls behind the rules and the words of the original.
//!
//! | question | file |
//! |---|---|
//! | which settings has a vhost's client, which its server | [`client_config`], [`server_config`], [`ciphers`], `groups` |
//! | who is trusted | [`roots`] |
//! | is the peer's certificate good | [`verifier`], `chain`, [`verdict`] |
//! | what does a program build itself (`<oxlws.h>`) | [`config`] |
//! | what is a program asked and told | [`hooks`] |
//! | which certificate and key are ours | [`keys`], `legacy_key`, [`pem`] |
//! | how do bytes become records and back | [`session`], `wire` |
//! | who answers, before the vhost is known | [`acceptor`] |
//! | what if another object runs the session | [`foreign`] |
//! | in which words does it fail | [`error`], [`describe`] |
//! | what did a developer ask to see | [`plaintext_log`] |
//! | what is tested in memory | `tests` |
//!
//! Sans-I/O: [`session::Session`] turns records into plain bytes and back; sockets and callbacks belong to the engine.
//! Set-up is per vhost: [`client_config::ClientTls`] and [`server_config::ServerTls`]. Trust is decided in
//! [`verifier`], with OpenSSL's numbers for the problems it finds, since programs and people know those.
//!
//! The crypto provider is always passed explicitly: another copy of rustls in the process cannot interfere.
pub mod acceptor;
mod chain;
pub mod ciphers;
pub mod client_config;
pub mod config;
pub mod describe;
pub mod error;
pub mod foreign;
mod groups;
pub mod hooks;
pub mod keys;
mod legacy_key;
pub mod pem;
pub mod plaintext_log;
pub mod roots;
pub mod server_config;
pub mod session;
pub mod verdict;
pub mod verifier;
mod wire;

use rustls::crypto::{CryptoProvider, aws_lc_rs};
use std::sync::{Arc, OnceLock};

/// `SSL_OP_NO_TLSv1_2` of `ssl_options_set` and `ssl_client_options_set`.
pub const OP_NO_TLS12: u64 = 0x0800_0000;
/// `SSL_OP_NO_TLSv1_3`.
pub const OP_NO_TLS13: u64 = 0x2000_0000;
/// `SSL_OP_NO_TICKET`.
pub const OP_NO_TICKET: u64 = 0x4000;

/// `SSL_OP_LEGACY_SERVER_CONNECT` and `SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION`: what rustls never does. All other bits
/// are about versions and ciphers that do not exist here, or ask for what is done anyway.
pub const OPS_BEYOND: u64 = 0x4 | 0x4_0000;

/// The provider of every configuration of this library.
pub fn provider() -> &'static Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    PROVIDER.get_or_init(|| Arc::new(aws_lc_rs::default_provider()))
}

#[cfg(test)]
mod tests;
