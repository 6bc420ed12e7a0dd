//! What `<oxlws.h>` offers beyond libwebsockets. All names begin with `oxlws_`.
//!
//! | question | file |
//! |---|---|
//! | how does any loop watch a whole context | [`context_fd`] |
//! | which native loop is a context in | [`event_loop`] |
//! | why did a connection end | [`ended`] |
//! | what was counted | [`stats`] |
//! | what do the structs of C look like | [`types`] |
pub mod context_fd;
pub mod ended;
pub mod event_loop;
pub mod stats;
pub mod types;
