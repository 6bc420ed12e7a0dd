//! The C edge: decodes handles, converts arguments, delegates. All unsafe code is here (and in `engine/sys.rs`).
//!
//! | question | file |
//! |---|---|
//! | how does a call get in | [`guard`], [`enter`], [`handle`], [`slots`] |
//! | how is the program called | [`call`], [`sul`], [`smd`], [`state`] |
//! | what do the structs look like | [`layout`], [`older`], `v4_1` (soname 17) |
//! | texts of C | [`cstr`] |
//! | contexts and vhosts | [`context`], [`info`], [`edge`], [`mount`], [`privileges`], [`system`], [`vfs_context`], [`vhost_lists`] |
//! | what comes from outside | [`adopt`], [`tls_server`], [`spa`], [`lwsws`], [`daemon`] |
//! | the loop, connections, writing, http | [`service`], [`client`], [`wsi`], [`write`], [`http`], [`http_headers`], [`http_reply`], [`dummy`], [`ext`] |
//! | about connections | [`all_protocols`], [`conmon`], [`peers`], [`retry_after`], [`tls_info`], [`x509`], [`h2`] |
//! | loops of event libraries | [`evlib`] |
//! | what `<oxlws.h>` adds | [`oxlws`] |
//! | plugins, and what event loop plugins were given | [`plugins`], [`internals`] |
//! | logging, timelines | [`logs`], [`variadic`], [`trace`] |
//! | the utility API | [`containers`], [`text`], [`dll2`], [`retry`], [`time`], [`alloc`], [`files`], [`suls`] |
pub mod adopt;
pub mod all_protocols;
pub mod alloc;
pub mod call;
pub mod client;
pub mod conmon;
pub mod containers;
pub mod context;
pub mod cstr;
pub mod daemon;
pub mod dll2;
pub mod dummy;
pub mod edge;
pub mod enter;
pub mod evlib;
pub mod ext;
pub mod files;
pub mod guard;
pub mod h2;
pub mod handle;
pub mod http;
pub mod http_headers;
pub mod http_reply;
pub mod info;
pub mod internals;
pub mod layout;
pub mod logs;
pub mod lwsws;
pub mod mount;
pub mod older;
pub mod oxlws;
pub mod peers;
pub mod plugins;
pub mod privileges;
pub mod retry;
pub mod retry_after;
pub mod service;
pub mod slots;
pub mod smd;
pub mod spa;
pub mod state;
pub mod sul;
pub mod suls;
pub mod system;
pub mod text;
pub mod time;
pub mod tls_info;
pub mod tls_server;
pub mod trace;
#[cfg(feature = "abi41")]
#[path = "v4_1/destroy2.rs"]
pub mod v4_1;
pub mod variadic;
pub mod vfs_context;
pub mod vhost_lists;
pub mod write;
pub mod wsi;
pub mod x509;

/// What `lws_get_library_version()` says, and programs parse.
pub const VERSION: &str = if cfg!(feature = "abi41") { "4.1.6-" } else { "4.3.5-unknown" };
