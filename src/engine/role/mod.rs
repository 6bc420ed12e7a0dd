//! What a connection does with bytes, by role.
//!
//! | question | file |
//! |---|---|
//! | what does a ws connection do with frames and writes | [`ws`] |
//! | which head do getters read, and how does the body of a reply come | [`http`] |
//! | what becomes of waiting connections | [`listen`] |
//! | what does a raw socket do with bytes | [`raw`] |
//! | when can a raw file be read and written | [`raw_file`] |
//! | how does a connection of http/2 share its socket among its streams | [`h2`] |
//! | where do the bytes of one stream come from and go to | [`h2_stream`] |
pub mod h2;
pub mod h2_stream;
pub mod http;
pub mod listen;
pub mod raw;
pub mod raw_file;
pub mod ws;
