//! Contexts in the loops of event libraries.
//!
//! | question | file |
//! |---|---|
//! | which library does the program ask for, where is its object | [`load`] |
//! | what if the program brings operations of its own | [`custom`] |
//! | what happens while a context is in such a loop, and when it ends | [`watch`] |
//!
//! The objects are the C files of `evlib/`, each linked with one event library; they watch the one descriptor of
//! `oxlws_context_fd()`.
pub mod custom;
pub mod load;
pub mod watch;
