//! Both ends of TLS against each other, in memory: made-up authorities, certificates with every fault, all flags.
//!
//! | question | file |
//! |---|---|
//! | where do certificates and connected sessions come from | `pair` |
//! | what happens to plain bytes, and how do sessions end | `data` |
//! | which keys can be read | `keys` |
//! | which flags forgive which fault | `matrix` |
//! | what does the server's side do | `server` |
mod data;
mod keys;
mod matrix;
mod pair;
mod server;
