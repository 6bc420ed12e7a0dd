//! What `<oxlws.h>` offers beyond libwebsockets. All names begin with `oxlws_`.
//!
//! | question | file |
//! |---|---|
//! | how does any loop watch a whole context | [`context_fd`] |
pub mod context_fd;
