//! Ways through a proxy: http CONNECT and SOCKS5 as state machines, and the text forms that name a proxy.
//!
//! | question | file |
//! |---|---|
//! | which proxy does a text name, and what does it not apply to | [`env`] |
//! | how is a tunnel opened through an http proxy | [`http_connect`] |
//! | how is a connection opened through SOCKS5 | [`socks5`] |
pub mod env;
pub mod http_connect;
pub mod socks5;
