//! Header compression for http/2 (RFC 7541).
//!
//! | question | file |
//! |---|---|
//! | how are numbers written | [`integer`] |
//! | how are texts packed into fewer bits | [`huffman`] |
//! | which fields have numbers | [`table`] |
//! | from bytes to fields, and back | [`decoder`], [`encoder`] |
pub mod decoder;
pub mod encoder;
pub mod huffman;
pub mod integer;
pub mod table;

/// A header block that does not follow the rules; the connection cannot go on (COMPRESSION_ERROR).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BadBlock(pub &'static str);

#[cfg(test)]
mod vectors;
