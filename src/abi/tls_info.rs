//! TLS as programs see it from outside: certificates of peers and vhosts, sessions, more trust for clients.
//!
//! # What C promises
//! A result buffer has room for the union, and for `len` bytes at `ns.name`.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use super::{cstr, info, older, x509};
use crate::engine::log::{self, Level, Scope};
use crate::engine::role::h2;
use crate::proto::x509::Certificate;
use std::ffi::{c_char, c_int, c_uint, c_void};

/// Answers a question about the certificate that the peer of a TLS connection showed; see `lws_x509_info`.
///
/// VERIFIED: whether its chain and dates are good, also when the connection was allowed without that. Returns 0; 1 if
/// there is no such extension; -1 without TLS, without a certificate (clients show one only when asked), or when the
/// room is too small.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_tls_peer_cert_info(
    wsi: *mut lws,
    r#type: lws_tls_cert_info,
    buf: *mut lws_tls_cert_info_results,
    len: usize,
) -> c_int {
    enter::on_wsi("lws_tls_peer_cert_info", -1, wsi, Access::Getter, |_, cx, wsi| {
        let seen = h2::network(cx, wsi).tls.visit(|tls| {
            let leaf = tls.peer_chain().first().map(|der| Certificate::from_der(der));
            (leaf.and_then(Result::ok), tls.is_peer_verified())
        });
        let (certificate, verified) = seen.unwrap_or((None, false));
        // SAFETY: see the module.
        unsafe {
            if r#type == LWS_TLS_CERT_INFO_VERIFIED && certificate.is_some() && !buf.is_null() {
                (&raw mut (*buf).verified).write(c_uint::from(verified));
                return 0;
            }
            x509::info(certificate.as_ref(), r#type, buf, len)
        }
    })
}

/// Answers a question about the certificate that a vhost shows as a server; see `lws_x509_info`.
///
/// Returns 0; 1 if there is no such extension; -1 when the vhost serves without TLS or the room is too small.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_tls_vhost_cert_info(
    vhost: *mut lws_vhost,
    r#type: lws_tls_cert_info,
    buf: *mut lws_tls_cert_info_results,
    len: usize,
) -> c_int {
    enter::on_vhost("lws_tls_vhost_cert_info", -1, vhost, Access::Getter, |_, _, vhost| {
        let certificate = vhost.server_tls().and_then(|tls| tls.certificate());
        // SAFETY: see the module.
        unsafe { x509::info(certificate.as_ref(), r#type, buf, len) }
    })
}

/// 1 if the TLS handshake of the connection resumed an earlier session, else 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_tls_session_is_reused(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_tls_session_is_reused", 0, wsi, Access::Getter, |_, cx, wsi| {
        c_int::from(h2::network(cx, wsi).tls.visit(|tls| tls.negotiated().resumed).unwrap_or(false))
    })
}

/// Returns 1, "no such session": sessions are resumed inside a process, but cannot be turned into bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_tls_session_dump_save(
    vh: *mut lws_vhost,
    host: *const c_char,
    port: u16,
    cb_save: lws_tls_sess_cb_t,
    opq: *mut c_void,
) -> c_int {
    let _ = (host, port, cb_save, opq);
    no_dump("lws_tls_session_dump_save", vh)
}

/// Returns 1, "not usable"; `cb_load` is not called: see `lws_tls_session_dump_save`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_tls_session_dump_load(
    vh: *mut lws_vhost,
    host: *const c_char,
    port: u16,
    cb_load: lws_tls_sess_cb_t,
    opq: *mut c_void,
) -> c_int {
    let _ = (host, port, cb_load, opq);
    no_dump("lws_tls_session_dump_load", vh)
}

fn no_dump(function: &'static str, vh: *mut lws_vhost) -> c_int {
    enter::on_vhost(function, 1, vh, Access::Getter, |_, _, vhost| {
        let why = "TLS sessions are kept in memory only: nothing to save or load";
        enter::warn_once(function, Scope::Vhost(vhost), why);
        1
    })
}

/// Trusts one more CA, DER, for client connections of the vhost that are made from now on.
///
/// Returns 0; -1 when the vhost has no client TLS or the bytes are no certificate.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_tls_client_vhost_extra_cert_mem(
    vh: *mut lws_vhost,
    der: *const u8,
    der_len: usize,
) -> c_int {
    const NAME: &str = "lws_tls_client_vhost_extra_cert_mem";
    enter::on_vhost(NAME, -1, vh, Access::Service, |_, _, vhost| {
        let Some(tls) = vhost.client_tls() else {
            log::line(Level::Err, Scope::Vhost(vhost), NAME, format_args!("the vhost has no client TLS"));
            return -1;
        };
        // SAFETY: `der_len` readable bytes of the program.
        match tls.add_ca(unsafe { cstr::bytes(der, der_len) }) {
            Ok(()) => 0,
            Err(why) => {
                log::line(Level::Err, Scope::Vhost(vhost), NAME, format_args!("{why}"));
                -1
            }
        }
    })
}

/// Makes the client TLS of a vhost that was created without: the `client_ssl_` and CA members of `info` count.
///
/// A vhost that has client TLS keeps it. Returns 0, or 1: the log says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_init_vhost_client_ssl(
    info: *const lws_context_creation_info,
    vhost: *mut lws_vhost,
) -> c_int {
    const NAME: &str = "lws_init_vhost_client_ssl";
    enter::on_vhost(NAME, 1, vhost, Access::Service, |_, cx, vhost| {
        let say = |level, text: std::fmt::Arguments<'_>| log::line(level, Scope::Vhost(vhost), NAME, text);
        // SAFETY: NULL, or an info as the header documents it.
        let Some(given) = (unsafe { older::creation_info(info) }) else {
            say(Level::Err, format_args!("info is NULL"));
            return 1;
        };
        if vhost.client_tls().is_some() {
            say(Level::Info, format_args!("the vhost has client TLS already, and keeps it"));
            return 0;
        }
        let inherited = (vhost.settings.options | cx.settings.options) & LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
        // SAFETY: as above.
        match unsafe { info::client_tls(&given, given.options | inherited) } {
            Ok(Some(tls)) => {
                vhost.set_client_tls(tls);
                0
            }
            Ok(None) => {
                say(Level::Info, format_args!("LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT is not set: no TLS is made"));
                0
            }
            Err(why) => {
                say(Level::Err, format_args!("{why}"));
                1
            }
        }
    })
}
