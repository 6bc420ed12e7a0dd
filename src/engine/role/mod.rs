//! What a connection does with bytes, by role.
pub mod http;
pub mod listen;
pub mod raw;
pub mod raw_file;
pub mod ws;
