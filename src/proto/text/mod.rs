//! Text: encodings, escapes, addresses, dates, tokens, JSON. What the utility calls of the library compute.
//!
//! | question | file |
//! |---|---|
//! | how are IP addresses written, read, compared with networks | [`addresses`] |
//! | how are name and password sent | [`auth`] |
//! | how is binary data written as text | [`base64`], [`hex`] |
//! | what does a command line say | [`cmdline`] |
//! | how are dates written | [`dates`] |
//! | how is `${name}` replaced in a stream | [`expand`] |
//! | how are large numbers shown | [`humanize`] |
//! | how is JSON parsed | [`lejp`] |
//! | what is one member of some JSON | [`json`] |
//! | which content type has a file | [`mime`] |
//! | how is text made harmless | [`purify`] |
//! | how are strings compared and searched | [`strings`] |
//! | how does a line fall into tokens | [`tokenize`] |
//! | how are URLs written and taken apart | [`url`] |
//! | how does text get into a C buffer | [`write`] |
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
