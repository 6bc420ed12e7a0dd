//! The containers of the API: data structures that programs use on their own, without a context.
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
