//! What libwebsockets.so and liboxlws-rustls.so say to each other: plain C, compiled into both.
//!
//! A `rustls_client_config` is an `Arc` of the object that made it: of its copy of rustls, of its cryptography with its own
//! tables, of type numbers that only mean something there. So it never leaves that object. What crosses are bytes: the
//! object runs the TLS session, and this library drives it through these functions.
//!
//! # What both promise
//! Pointers to sessions and configurations are only given back to the object that gave them. Functions are called by one
//! thread at a time for one session, from any thread for a configuration. Nobody unwinds into the other.
#![allow(dead_code)]

use std::ffi::{c_char, c_int, c_void};

/// Counts up whenever something below changes.
pub const VERSION: u32 = 1;

/// The function by which it is told whether a program that links both objects calls the object's `rustls_` functions, or
/// those of another library in front of it. Asked by this library, as an object that is linked with -Bsymbolic finds its own.
pub const MARKER: &std::ffi::CStr = c"rustls_client_connection_new";

/// A text that the other side wrote.
#[repr(C)]
pub struct Text {
    pub len: usize,
    pub bytes: [u8; 512],
}

impl Text {
    pub const EMPTY: Text = Text { len: 0, bytes: [0; 512] };

    pub fn set(&mut self, text: &str) {
        self.len = text.len().min(self.bytes.len());
        for (to, from) in self.bytes.iter_mut().zip(text.as_bytes()) {
            *to = *from;
        }
    }

    pub fn get(&self) -> String {
        String::from_utf8_lossy(self.bytes.get(..self.len).unwrap_or(&self.bytes)).into_owned()
    }
}

/// What is known of a session.
#[repr(C)]
pub struct Facts {
    pub is_handshaking: c_int,
    pub has_peer_closed: c_int,
    /// An earlier session was resumed.
    pub is_resumed: c_int,
    /// Numbers of the protocol; 0: not known yet.
    pub version: u16,
    pub suite: u16,
    pub alpn: Text,
}

/// The object's functions. `version` and `tag` are compared before anything else is looked at.
#[repr(C)]
pub struct Interface {
    pub version: u32,
    /// Size of this struct.
    pub size: u32,
    /// NUL-terminated.
    pub tag: *const c_char,
    /// Where the object's own `rustls_client_connection_new` is: see [`MARKER`].
    pub marker: unsafe extern "C" fn() -> *const c_void,
    /// One more, or one less owner of a configuration.
    pub retain_client: unsafe extern "C" fn(config: *const c_void),
    pub release_client: unsafe extern "C" fn(config: *const c_void),
    pub retain_server: unsafe extern "C" fn(config: *const c_void),
    pub release_server: unsafe extern "C" fn(config: *const c_void),
    /// A session; NULL, and why. `host`: NUL-terminated.
    pub client: unsafe extern "C" fn(config: *const c_void, host: *const c_char, why: *mut Text) -> *mut c_void,
    pub server: unsafe extern "C" fn(config: *const c_void, why: *mut Text) -> *mut c_void,
    pub free: unsafe extern "C" fn(session: *mut c_void),
    /// Takes ciphertext; how much, or -1 and why. It may call the program, if the configuration has callbacks.
    pub receive: unsafe extern "C" fn(session: *mut c_void, bytes: *const u8, len: usize, why: *mut Text) -> isize,
    /// Moves plain bytes to `out`; how many.
    pub read: unsafe extern "C" fn(session: *mut c_void, out: *mut u8, len: usize) -> usize,
    /// Encrypts plain bytes; how many.
    pub write: unsafe extern "C" fn(session: *mut c_void, bytes: *const u8, len: usize) -> usize,
    /// Moves ciphertext to `out`; how much.
    pub output: unsafe extern "C" fn(session: *mut c_void, out: *mut u8, len: usize) -> usize,
    pub close_notify: unsafe extern "C" fn(session: *mut c_void),
    pub facts: unsafe extern "C" fn(session: *const c_void, facts: *mut Facts),
    /// The peer's certificate of this number, DER, as long as the session lives; 0: there is none.
    pub certificate:
        unsafe extern "C" fn(session: *const c_void, number: usize, der: *mut *const u8, len: *mut usize) -> c_int,
}
