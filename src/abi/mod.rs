//! The C edge: decodes handles, converts arguments, delegates. All unsafe code is here (and in `engine/sys.rs`).
//!
//! | question | file |
//! |---|---|
//! | how does a call get in | [`guard`], [`enter`], [`handle`], [`slots`] |
//! | how is the program called | [`call`], [`sul`], [`smd`], [`state`] |
//! | what do the structs look like | [`layout`] |
//! | contexts and vhosts | [`context`], [`info`], [`edge`], [`privileges`] |
//! | the loop, connections, writing, http | [`service`], [`client`], [`wsi`], [`write`], [`http`], [`dummy`], [`ext`] |
//! | logging | [`logs`], [`variadic`] |
//! | the utility API | [`containers`], [`text`], [`dll2`], [`retry`], [`time`], [`alloc`] |
pub mod alloc;
pub mod call;
pub mod client;
pub mod containers;
pub mod context;
pub mod cstr;
pub mod daemon;
pub mod dll2;
pub mod dummy;
pub mod edge;
pub mod enter;
pub mod ext;
pub mod files;
pub mod guard;
pub mod handle;
pub mod http;
pub mod info;
pub mod layout;
pub mod logs;
pub mod privileges;
pub mod retry;
pub mod service;
pub mod slots;
pub mod smd;
pub mod state;
pub mod sul;
pub mod suls;
pub mod text;
pub mod time;
pub mod variadic;
pub mod write;
pub mod wsi;

/// What `lws_get_library_version()` says, and programs parse.
pub const VERSION: &str = if cfg!(feature = "abi41") { "4.1.6-" } else { "4.3.5-unknown" };
