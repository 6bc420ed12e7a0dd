//! Text: encodings, escapes, addresses, dates, tokens, JSON. What the utility calls of the library compute.
//!
//! Everything works on byte slices and fixed buffers, because programs pass C strings of unknown encoding.
pub mod addresses;
pub mod auth;
pub mod base64;
pub mod cmdline;
pub mod dates;
pub mod expand;
pub mod hex;
pub mod humanize;
pub mod json;
pub mod lejp;
pub mod mime;
pub mod purify;
pub mod strings;
pub mod tokenize;
pub mod url;
pub mod write;
