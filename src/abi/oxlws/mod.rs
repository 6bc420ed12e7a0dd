//! What `<oxlws.h>` offers beyond libwebsockets. All names begin with `oxlws_`.
//!
//! | question | file |
//! |---|---|
//! | how does any loop watch a whole context | [`context_fd`] |
//! | which native loop is a context in | [`event_loop`] |
//! | why did a connection end | [`ended`] |
//! | what was counted | [`stats`] |
//! | how much may peers send | [`limits`] |
//! | which TLS configurations of the program exist | [`tls_table`] |
//! | what is in one | [`tls_config`] |
//! | who uses it | [`tls_use`] |
//! | what is the program asked and told | [`tls_hooks`] |
//! | what of rustls-ffi can be used, and how | [`rustls_object`], [`rustls_interface`] |
//! | what do the structs of C look like | [`types`] |
pub mod context_fd;
pub mod ended;
pub mod event_loop;
pub mod limits;
pub mod rustls_interface;
pub mod rustls_object;
pub mod stats;
pub mod tls_config;
pub mod tls_hooks;
pub mod tls_table;
pub mod tls_use;
pub mod types;
