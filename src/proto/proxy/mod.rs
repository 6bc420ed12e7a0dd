//! Ways through a proxy: http CONNECT and SOCKS5 as state machines, and the text forms that name a proxy.
pub mod env;
pub mod http_connect;
pub mod socks5;
