//! The containers of the API: data structures that programs use on their own, without a context.
//!
//! | calls | file |
//! |---|---|
//! | `lwsac` | [`arena`], [`arena_file`] |
//! | `lws_system_blob_t` | [`blob`] |
//! | `lws_buflist` | [`buflist`] |
//! | `lws_cache` | [`cache`] |
//! | `lws_list_ptr` | [`list_ptr`] |
//! | `lws_map` | [`map`] |
//! | `lws_ring` | [`ring`] |
//! | `lws_ser_*`, `lws_vbi_*`, the small random generator | [`ser`] |
//!
//! Their objects belong to the program, which keeps one thread at a time in each.
pub mod arena;
pub mod arena_file;
pub mod blob;
pub mod buflist;
pub mod cache;
pub mod list_ptr;
pub mod map;
pub mod ring;
pub mod ser;
