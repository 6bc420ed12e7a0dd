//! What `<oxlws.h>` offers beyond libwebsockets. All names begin with `oxlws_`.
//!
//! | question | file |
//! |---|---|
//! | how does any loop watch a whole context | [`context_fd`] |
//! | which native loop is a context in | [`event_loop`] |
pub mod context_fd;
pub mod event_loop;
