//! Certificates of a server that are renewed while it runs.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cstr;
use super::enter::{self, Access};
use super::layout::*;
use crate::engine::tls_certificates::{self, Renewed};
use std::ffi::{OsStr, c_char, c_int};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// Reads certificate and key anew for every vhost that was made with these two paths.
///
/// `mem_cert`, `mem_privkey`: their contents, used where the files cannot be read any more (privileges were dropped); may
/// be NULL. Connections that exist keep the old certificate. Returns 0; a vhost whose new files cannot be used keeps what
/// it has, and the log says so.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_tls_cert_updated(
    context: *mut lws_context,
    certpath: *const c_char,
    keypath: *const c_char,
    mem_cert: *const c_char,
    len_mem_cert: usize,
    mem_privkey: *const c_char,
    len_mem_privkey: usize,
) -> c_int {
    enter::on_context("lws_tls_cert_updated", -1, context, Access::Service, |_, cx| {
        // SAFETY: texts or NULL, and bytes of the lengths given, of the program.
        unsafe {
            let (Some(cert), Some(key)) = (cstr::text(certpath), cstr::text(keypath)) else { return -1 };
            tls_certificates::renew(
                cx,
                &Renewed {
                    cert_path: Path::new(OsStr::from_bytes(cert.to_bytes())),
                    key_path: Path::new(OsStr::from_bytes(key.to_bytes())),
                    cert_bytes: cstr::bytes(mem_cert.cast(), len_mem_cert),
                    key_bytes: cstr::bytes(mem_privkey.cast(), len_mem_privkey),
                },
            );
        }
        0
    })
}
