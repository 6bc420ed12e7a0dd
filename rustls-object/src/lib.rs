//! liboxlws-rustls.so: rustls' C interface (rustls-ffi), and its TLS sessions for libwebsockets.so.
//!
//! A program makes a `rustls_client_config` or `rustls_server_config` with the `rustls_` functions of this object and hands
//! it to `oxlws_vhost_set_rustls_client_config()` of libwebsockets.so. Whatever is made of it stays in here: see
//! `src/abi/oxlws/rustls_interface.rs`, which both objects are compiled with. This side uses rustls-ffi's own functions, so that
//! callbacks of the program get what rustls-ffi promises them.
//!
//! # What C promises
//! As in the interface; and the program keeps rustls-ffi's rules.
// The functions of rustls-ffi check their pointers and stop their panics; they are declared safe.

#[path = "../../src/abi/oxlws/rustls_interface.rs"]
mod interface;

use interface::{Facts, Interface, Text};
use rustls::{ClientConfig, ServerConfig};
use rustls_ffi::certificate::rustls_certificate_get_der;
use rustls_ffi::client::rustls_client_config;
use rustls_ffi::connection::rustls_connection;
use rustls_ffi::enums::rustls_handshake_kind;
use rustls_ffi::server::rustls_server_config;
use rustls_ffi::{rustls_io_result, rustls_result};
use std::ffi::{c_char, c_int, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::sync::Arc;

/// Most ciphertext given to rustls at once: it holds no more than that, and its plain bytes, between two reads.
const PIECE_BYTES: usize = 16 * 1024;

/// The object, for `oxlws_vhost_set_rustls_client_config()` and `oxlws_vhost_set_rustls_server_config()` of <oxlws.h>.
#[unsafe(no_mangle)]
pub extern "C" fn oxlws_rustls_object() -> *const c_void {
    static OBJECT: Shared = Shared(Interface {
        version: interface::VERSION,
        size: size_of::<Interface>() as u32,
        tag: concat!(env!("OXLWS_BUILD_TAG"), "\0").as_ptr().cast(),
        marker,
        retain_client,
        release_client,
        retain_server,
        release_server,
        client,
        server,
        free,
        receive,
        read,
        write,
        output,
        close_notify,
        facts,
        certificate,
    });
    (&raw const OBJECT.0).cast()
}

struct Shared(Interface);

// SAFETY: functions, numbers and a constant text.
unsafe impl Sync for Shared {}

/// One connection of rustls-ffi.
struct Session {
    connection: *mut rustls_connection,
    has_peer_closed: bool,
}

/// Ciphertext on its way into rustls, or out of it.
struct Piece {
    bytes: *mut u8,
    left: usize,
}

unsafe extern "C" fn marker() -> *const c_void {
    rustls_client_config::rustls_client_connection_new as *const c_void
}

unsafe extern "C" fn retain_client(config: *const c_void) {
    // SAFETY: made by this object, which keeps such a configuration in an Arc, as rustls.h says.
    unsafe { Arc::increment_strong_count(config.cast::<ClientConfig>()) };
}

unsafe extern "C" fn release_client(config: *const c_void) {
    // SAFETY: retained before, once for each release.
    stop(|| unsafe { Arc::decrement_strong_count(config.cast::<ClientConfig>()) });
}

unsafe extern "C" fn retain_server(config: *const c_void) {
    // SAFETY: as `retain_client`.
    unsafe { Arc::increment_strong_count(config.cast::<ServerConfig>()) };
}

unsafe extern "C" fn release_server(config: *const c_void) {
    // SAFETY: as `release_client`.
    stop(|| unsafe { Arc::decrement_strong_count(config.cast::<ServerConfig>()) });
}

unsafe extern "C" fn client(config: *const c_void, host: *const c_char, why: *mut Text) -> *mut c_void {
    let mut connection = ptr::null_mut();
    let result = rustls_client_config::rustls_client_connection_new(config.cast(), host, &mut connection);
    session(result, connection, why)
}

unsafe extern "C" fn server(config: *const c_void, why: *mut Text) -> *mut c_void {
    let mut connection = ptr::null_mut();
    let result = rustls_server_config::rustls_server_connection_new(config.cast(), &mut connection);
    session(result, connection, why)
}

fn session(result: rustls_result, connection: *mut rustls_connection, why: *mut Text) -> *mut c_void {
    if result != rustls_result::Ok || connection.is_null() {
        tell(result, why);
        return ptr::null_mut();
    }
    Box::into_raw(Box::new(Session { connection, has_peer_closed: false })).cast()
}

unsafe extern "C" fn free(session: *mut c_void) {
    // SAFETY: made by `session`, freed once.
    let session = unsafe { Box::from_raw(session.cast::<Session>()) };
    rustls_connection::rustls_connection_free(session.connection);
}

unsafe extern "C" fn receive(session: *mut c_void, bytes: *const u8, len: usize, why: *mut Text) -> isize {
    // SAFETY: a session of this object; callbacks that run below have no way to it.
    let connection = unsafe { (*session.cast::<Session>()).connection };
    let mut piece = Piece { bytes: bytes.cast_mut(), left: len.min(PIECE_BYTES) };
    let offered = piece.left;
    while piece.left > 0 {
        let mut count = 0;
        let user = (&raw mut piece).cast();
        let read = rustls_connection::rustls_connection_read_tls(connection, Some(give), user, &mut count);
        if read.0 != 0 || count == 0 {
            // Plain bytes have to be read first.
            break;
        }
        let result = rustls_connection::rustls_connection_process_new_packets(connection);
        if result != rustls_result::Ok {
            tell(result, why);
            return -1;
        }
    }
    isize::try_from(offered - piece.left).unwrap_or(0)
}

unsafe extern "C" fn give(user: *mut c_void, buffer: *mut u8, room: usize, count: *mut usize) -> rustls_io_result {
    // SAFETY: the piece of `receive`, whose `left` bytes are readable; rustls gives a buffer of `room` bytes.
    unsafe {
        let piece = &mut *user.cast::<Piece>();
        let moved = piece.left.min(room);
        ptr::copy_nonoverlapping(piece.bytes, buffer, moved);
        piece.bytes = piece.bytes.add(moved);
        piece.left -= moved;
        *count = moved;
    }
    rustls_io_result(0)
}

unsafe extern "C" fn read(session: *mut c_void, out: *mut u8, len: usize) -> usize {
    // SAFETY: a session of this object, nothing else uses it now.
    let session = unsafe { &mut *session.cast::<Session>() };
    if len == 0 {
        return 0;
    }
    let mut count = 0;
    match rustls_connection::rustls_connection_read(session.connection, out, len, &mut count) {
        rustls_result::Ok => {
            // Nothing, and that is all right: close_notify came.
            session.has_peer_closed |= count == 0;
            count
        }
        _ => 0,
    }
}

unsafe extern "C" fn write(session: *mut c_void, bytes: *const u8, len: usize) -> usize {
    // SAFETY: a session of this object.
    let connection = unsafe { (*session.cast::<Session>()).connection };
    let mut count = 0;
    match rustls_connection::rustls_connection_write(connection, bytes, len, &mut count) {
        rustls_result::Ok => count,
        _ => 0,
    }
}

unsafe extern "C" fn output(session: *mut c_void, out: *mut u8, len: usize) -> usize {
    // SAFETY: a session of this object.
    let connection = unsafe { (*session.cast::<Session>()).connection };
    let mut piece = Piece { bytes: out, left: len };
    while piece.left > 0 && rustls_connection::rustls_connection_wants_write(connection) {
        let mut count = 0;
        let user = (&raw mut piece).cast();
        let wrote = rustls_connection::rustls_connection_write_tls(connection, Some(take), user, &mut count);
        if wrote.0 != 0 || count == 0 {
            break;
        }
    }
    len - piece.left
}

unsafe extern "C" fn take(user: *mut c_void, bytes: *const u8, len: usize, count: *mut usize) -> rustls_io_result {
    // SAFETY: the piece of `output`, with room for `left` bytes; rustls gives `len` bytes.
    unsafe {
        let piece = &mut *user.cast::<Piece>();
        let moved = piece.left.min(len);
        ptr::copy_nonoverlapping(bytes, piece.bytes, moved);
        piece.bytes = piece.bytes.add(moved);
        piece.left -= moved;
        *count = moved;
    }
    rustls_io_result(0)
}

unsafe extern "C" fn close_notify(session: *mut c_void) {
    // SAFETY: a session of this object.
    let connection = unsafe { (*session.cast::<Session>()).connection };
    rustls_connection::rustls_connection_send_close_notify(connection);
}

unsafe extern "C" fn facts(session: *const c_void, facts: *mut Facts) {
    // SAFETY: a session of this object, and a variable of the caller.
    let (session, facts) = unsafe { (&*session.cast::<Session>(), &mut *facts) };
    let connection = session.connection;
    facts.is_handshaking = c_int::from(rustls_connection::rustls_connection_is_handshaking(connection));
    facts.has_peer_closed = c_int::from(session.has_peer_closed);
    let kind = rustls_connection::rustls_connection_handshake_kind(connection);
    facts.is_resumed = c_int::from(matches!(kind, rustls_handshake_kind::Resumed));
    facts.version = rustls_connection::rustls_connection_get_protocol_version(connection);
    facts.suite = rustls_connection::rustls_connection_get_negotiated_ciphersuite(connection);
    let (mut name, mut len) = (ptr::null(), 0);
    rustls_connection::rustls_connection_get_alpn_protocol(connection, &mut name, &mut len);
    facts.alpn = Text::EMPTY;
    if !name.is_null() && len <= facts.alpn.bytes.len() {
        // SAFETY: rustls' bytes, of that length; a name of ALPN has at most 255.
        unsafe { ptr::copy_nonoverlapping(name, facts.alpn.bytes.as_mut_ptr(), len) };
        facts.alpn.len = len;
    }
}

unsafe extern "C" fn certificate(session: *const c_void, number: usize, der: *mut *const u8, len: *mut usize) -> c_int {
    // SAFETY: a session of this object.
    let connection = unsafe { (*session.cast::<Session>()).connection };
    let certificate = rustls_connection::rustls_connection_get_peer_certificate(connection, number);
    let found = !certificate.is_null() && rustls_certificate_get_der(certificate, der, len) == rustls_result::Ok;
    c_int::from(found)
}

fn tell(result: rustls_result, why: *mut Text) {
    let mut bytes = [0; 256];
    let mut len = 0;
    rustls_result::rustls_error(result as u32, bytes.as_mut_ptr(), bytes.len(), &mut len);
    let text: Vec<u8> = bytes.iter().take(len).map(|byte| *byte as u8).collect();
    // SAFETY: a variable of the caller, or NULL.
    if let Some(why) = unsafe { why.as_mut() } {
        why.set(&String::from_utf8_lossy(&text));
    }
}

/// Nobody unwinds into the other object; dropping a configuration may run code of the program's callbacks.
fn stop(work: impl FnOnce()) {
    if let Err(panic) = catch_unwind(AssertUnwindSafe(work)) {
        std::mem::forget(panic);
    }
}
