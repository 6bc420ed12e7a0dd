//! TLS configurations of the program: made, filled, freed.
//!
//! # What C promises
//! Texts are NUL-terminated or NULL, memory has the length that is given with it, for the length of the call.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::tls_hooks;
use super::tls_table::{self, Entry};
use super::types::{oxlws_tls_config, oxlws_tls_key_log_cb, oxlws_tls_verify_cb};
use crate::abi::{cstr, guard};
use crate::engine::log::{self, Level};
use crate::engine::tls::config::{Given, Side, TlsConfig, Version};
use crate::engine::tls::keys::Password;
use crate::engine::tls::server_config::ClientCerts;
use std::ffi::{CString, c_char, c_int, c_uint, c_void};
use std::ptr;
use std::sync::PoisonError;

/// Values of C; include/oxlws.h has the same.
mod value {
    use std::ffi::c_int;
    pub const CLIENT: c_int = 1;
    pub const SERVER: c_int = 2;
    pub const TLS_1_2: c_int = 0x0303;
    pub const TLS_1_3: c_int = 0x0304;
    pub const CERTS_NONE: c_int = 0;
    pub const CERTS_OPTIONAL: c_int = 1;
    pub const CERTS_REQUIRED: c_int = 2;
}

/// What is returned for a pointer that is no configuration.
const STALE: &str = "not a TLS configuration, or one that was freed";

/// Runs `work` on a configuration. Its error is logged, kept for `oxlws_tls_why()`, and -1.
pub fn with<R>(
    function: &'static str,
    config: *const oxlws_tls_config,
    work: impl FnOnce(&mut TlsConfig) -> Result<R, String>,
) -> Option<R> {
    let Some(entry) = tls_table::get(config) else {
        log::process(Level::Err, function, format_args!("{config:p} is {STALE}; nothing is done"));
        return None;
    };
    let result = {
        let mut entry = entry.lock().unwrap_or_else(PoisonError::into_inner);
        let Entry { config, why } = &mut *entry;
        let result = work(config);
        let text = result.as_ref().err().map_or("", String::as_str);
        *why = CString::new(text.replace('\0', " ")).unwrap_or_default();
        result
    };
    // The program's log function may ask for the reason: no lock is held any more.
    result.map_err(|text| log::process(Level::Err, function, format_args!("{text}"))).ok()
}

/// Keeps for `oxlws_tls_why()` what was wrong with a call that did not get as far as the configuration. The log has it.
pub fn note(config: *const oxlws_tls_config, why: &str) {
    if let Some(entry) = tls_table::get(config) {
        let mut entry = entry.lock().unwrap_or_else(PoisonError::into_inner);
        if entry.why.is_empty() {
            entry.why = CString::new(why.replace('\0', " ")).unwrap_or_default();
        }
    }
}

/// Forgets what was wrong with the last call.
pub fn forget_why(config: *const oxlws_tls_config) {
    if let Some(entry) = tls_table::get(config) {
        entry.lock().unwrap_or_else(PoisonError::into_inner).why = CString::default();
    }
}

/// The body of a setter.
fn set(
    function: &'static str,
    config: *mut oxlws_tls_config,
    work: impl FnOnce(&mut TlsConfig) -> Result<(), String>,
) -> c_int {
    guard::pure(function, -1, || if with(function, config, work).is_some() { 0 } else { -1 })
}

/// Makes a TLS configuration. `side`: OXLWS_TLS_CLIENT or OXLWS_TLS_SERVER.
///
/// It is filled by the functions below; what is not set is as in a plain `lws_create_context()`, but for the roots: a
/// client trusts nobody until some are added. The first use freezes it. It may be used by any number of connections,
/// vhosts and contexts. The functions may be called from any thread, for one configuration from one at a time.
///
/// Returns a pointer to free by `oxlws_tls_free()`; it is checked wherever it is used, so a stale one does no harm. NULL:
/// an unknown `side`, or 65536 configurations exist.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_new(side: c_int) -> *mut oxlws_tls_config {
    const NAME: &str = "oxlws_tls_new";
    guard::pure(NAME, ptr::null_mut(), || {
        let side = match side {
            value::CLIENT => Side::Client,
            value::SERVER => Side::Server,
            other => {
                let text = format_args!("{other} is neither OXLWS_TLS_CLIENT nor OXLWS_TLS_SERVER");
                log::process(Level::Err, NAME, text);
                return ptr::null_mut();
            }
        };
        let config = tls_table::add(TlsConfig::new(side));
        if config.is_null() {
            log::process(Level::Err, NAME, format_args!("{} configurations exist", tls_table::MAX_CONFIGS));
        }
        config
    })
}

/// Frees a TLS configuration. What uses it goes on with it.
///
/// NULL: nothing is done.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_free(config: *mut oxlws_tls_config) {
    const NAME: &str = "oxlws_tls_free";
    guard::pure(NAME, (), || {
        if !config.is_null() && !tls_table::remove(config) {
            log::process(Level::Err, NAME, format_args!("{config:p} is {STALE}; nothing is done"));
        }
    });
}

/// Why the last call with this configuration failed; an empty text if it did not. Never NULL.
///
/// The text is valid until the next call with the configuration. The log has it, too.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_why(config: *const oxlws_tls_config) -> *const c_char {
    let stale = c"not a TLS configuration, or one that was freed".as_ptr();
    guard::pure("oxlws_tls_why", stale, || match tls_table::get(config) {
        // The text belongs to the entry, which lives until it is freed; see the doc.
        Some(entry) => entry.lock().unwrap_or_else(PoisonError::into_inner).why.as_ptr(),
        None => stale,
    })
}

/// Clients: trusts the certificate authorities of the operating system.
///
/// Returns 0, or -1: `oxlws_tls_why()` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_add_system_roots(config: *mut oxlws_tls_config) -> c_int {
    set("oxlws_tls_add_system_roots", config, TlsConfig::add_system_roots)
}

/// Trusts the certificates of a PEM file, or the one of a DER file: for a client issuers of servers' certificates, for a
/// server those of clients'. May be called several times.
///
/// A self-signed certificate may be what the server itself shows. Returns 0, or -1: `oxlws_tls_why()` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_add_roots_file(config: *mut oxlws_tls_config, path: *const c_char) -> c_int {
    const NAME: &str = "oxlws_tls_add_roots_file";
    add_roots(NAME, config, || {
        // SAFETY: see the module.
        let path = unsafe { cstr::path(path) }.ok_or("the path is NULL")?;
        Ok(Given::File(path))
    })
}

/// The same from memory, PEM or DER of `len` bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_add_roots_pem(
    config: *mut oxlws_tls_config,
    pem: *const c_void,
    len: usize,
) -> c_int {
    const NAME: &str = "oxlws_tls_add_roots_pem";
    // SAFETY: see the module.
    add_roots(NAME, config, || Ok(Given::Bytes(unsafe { cstr::bytes(pem.cast(), len) })))
}

fn add_roots<'a>(
    function: &'static str,
    config: *mut oxlws_tls_config,
    given: impl FnOnce() -> Result<Given<'a>, String>,
) -> c_int {
    guard::pure(function, -1, || match with(function, config, |config| config.add_roots(given()?)) {
        Some(skipped) => {
            if skipped > 0 {
                log::process(Level::Warn, function, format_args!("{skipped} blocks are not certificates"));
            }
            0
        }
        None => -1,
    })
}

/// Our own certificate with its chain, and its key, from files; PEM or DER.
///
/// `key` NULL: the key is in the certificate's file. `password`: of an encrypted key, else NULL. Both are read at once and
/// must belong together. Returns 0, or -1: `oxlws_tls_why()` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_set_cert_file(
    config: *mut oxlws_tls_config,
    certificate: *const c_char,
    key: *const c_char,
    password: *const c_char,
) -> c_int {
    set("oxlws_tls_set_cert_file", config, |config| {
        // SAFETY: see the module.
        let (certificate, key, password) = unsafe { (cstr::path(certificate), cstr::path(key), cstr::text(password)) };
        let certificate = Given::File(certificate.ok_or("the certificate's path is NULL")?);
        let password = password.map(|text| Password::new(text.to_bytes()));
        config.set_certificate(certificate, key.map(Given::File), password)
    })
}

/// The same from memory. `key` NULL: the key is in the certificate's PEM.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_set_cert_pem(
    config: *mut oxlws_tls_config,
    certificate: *const c_void,
    certificate_len: usize,
    key: *const c_void,
    key_len: usize,
    password: *const c_char,
) -> c_int {
    set("oxlws_tls_set_cert_pem", config, |config| {
        // SAFETY: see the module.
        let (certificate, key_bytes, password) = unsafe {
            (cstr::bytes(certificate.cast(), certificate_len), cstr::bytes(key.cast(), key_len), cstr::text(password))
        };
        let key = (!key.is_null()).then_some(Given::Bytes(key_bytes));
        config.set_certificate(Given::Bytes(certificate), key, password.map(|text| Password::new(text.to_bytes())))
    })
}

/// The versions that are spoken: OXLWS_TLS_1_2 or OXLWS_TLS_1_3, `lowest` to `highest`. Unset: both.
///
/// Returns 0, or -1: `oxlws_tls_why()` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_set_versions(config: *mut oxlws_tls_config, lowest: c_int, highest: c_int) -> c_int {
    let version = |number| match number {
        value::TLS_1_2 => Ok(Version::Tls12),
        value::TLS_1_3 => Ok(Version::Tls13),
        other => Err(format!("{other:#06x} is neither OXLWS_TLS_1_2 nor OXLWS_TLS_1_3: there are no other versions")),
    };
    set("oxlws_tls_set_versions", config, |config| config.set_versions(version(lowest)?, version(highest)?))
}

/// The cipher suites of TLS 1.2 and of TLS 1.3, as OpenSSL writes them: names or classes, separated by colons, in order of
/// preference. NULL: the usual ones. What does not exist here is passed over; something must be left.
///
/// Returns 0, or -1: `oxlws_tls_why()` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_set_ciphers(
    config: *mut oxlws_tls_config,
    tls_1_2: *const c_char,
    tls_1_3: *const c_char,
) -> c_int {
    set("oxlws_tls_set_ciphers", config, |config| {
        // SAFETY: see the module.
        let (tls12, tls13) = unsafe { (cstr::owned_nonempty(tls_1_2), cstr::owned_nonempty(tls_1_3)) };
        config.set_ciphers(tls12, tls13)
    })
}

/// The groups of the key exchange, which OpenSSL also calls curves, separated by colons, commas or blanks, in order of
/// preference; no others are used. NULL: the usual ones, which are X25519, P-256, P-384 and X25519MLKEM768.
///
/// Names are those of OpenSSL (`P-256` or `prime256v1`, `X25519`) and of the registry (`secp256r1`, `X25519MLKEM768`,
/// `SecP256r1MLKEM768`, `MLKEM768`, `MLKEM1024`); those with MLKEM resist quantum computers and need TLS 1.3. What does
/// not exist here is passed over; something must be left. Groups of which none works with the versions that are set are
/// refused where the configuration is used. Returns 0, or -1: `oxlws_tls_why()` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_set_groups(config: *mut oxlws_tls_config, groups: *const c_char) -> c_int {
    set("oxlws_tls_set_groups", config, |config| {
        // SAFETY: see the module.
        let groups = unsafe { cstr::text(groups) };
        config.set_groups(groups.map(|text| text.to_str().map_err(|_| "the list is not text")).transpose()?)
    })
}

/// How many TLS sessions are remembered, so that a later connection can resume one: shorter, and without certificates.
/// 0: none is resumed.
///
/// For a client the number of servers (unset: 10), for a server that of clients without tickets (unset: 256); tickets,
/// which nearly all clients have, cost a server no memory, and are off with 0 as well. At most 100000. Sessions are
/// remembered for one configuration and live no longer than it and what uses it. Returns 0, or -1: `oxlws_tls_why()`
/// tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_set_sessions(config: *mut oxlws_tls_config, count: c_uint) -> c_int {
    set("oxlws_tls_set_sessions", config, |config| config.set_sessions(usize::try_from(count).unwrap_or(usize::MAX)))
}

/// The ALPN names (RFC 7301) in order of preference, separated by commas.
///
/// A client offers them where the connect info has no `alpn`; h2 is offered by raw connections only. A server selects from
/// them. Unset: as without a configuration. Returns 0, or -1: `oxlws_tls_why()` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_set_alpn(config: *mut oxlws_tls_config, names: *const c_char) -> c_int {
    set("oxlws_tls_set_alpn", config, |config| {
        // SAFETY: see the module.
        let names = unsafe { cstr::text(names) }.ok_or("the list is NULL")?;
        config.set_alpn(names.to_str().map_err(|_| "the list is not text")?)
    })
}

/// Servers: whether clients are asked for a certificate: OXLWS_TLS_CERTS_NONE (unset), OXLWS_TLS_CERTS_OPTIONAL (none is
/// fine, a bad one is not) or OXLWS_TLS_CERTS_REQUIRED. The roots of the configuration issue them.
///
/// Returns 0, or -1: `oxlws_tls_why()` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_set_client_certs(config: *mut oxlws_tls_config, demand: c_int) -> c_int {
    set("oxlws_tls_set_client_certs", config, |config| {
        config.set_client_certs(match demand {
            value::CERTS_NONE => ClientCerts::None,
            value::CERTS_OPTIONAL => ClientCerts::Optional,
            value::CERTS_REQUIRED => ClientCerts::Required,
            other => return Err(format!("{other} is none of the OXLWS_TLS_CERTS_ values")),
        })
    })
}

/// Has the program decide about each peer's certificate; NULL: the library alone decides.
///
/// The hook is called in the service thread, when the peer has shown its certificate and proved that it holds the key, and
/// before anything that depends on it is sent: no request, no data, no certificate of ours with TLS 1.3. It may call any
/// function. A peer that it refuses, or does not answer for, ends: a client connection with CLIENT_CONNECTION_ERROR.
/// Sessions of such a configuration are not resumed, so every connection is asked about. Servers: ask for certificates,
/// see `oxlws_tls_set_client_certs()`.
///
/// Returns 0, or -1: `oxlws_tls_why()` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_set_verify_hook(
    config: *mut oxlws_tls_config,
    hook: oxlws_tls_verify_cb,
    user: *mut c_void,
) -> c_int {
    set("oxlws_tls_set_verify_hook", config, |config| config.set_verify_hook(tls_hooks::verify_hook(hook, user)))
}

/// Tells the program the secrets of each connection, as lines of the format that NSS calls SSLKEYLOGFILE and Wireshark
/// reads; NULL: nobody is told.
///
/// For debugging: who has these lines can read the connection. The library never writes them anywhere, and no environment
/// variable makes it do so. The hook is called in the service thread and may call any function.
///
/// Returns 0, or -1: `oxlws_tls_why()` tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_tls_set_key_log_hook(
    config: *mut oxlws_tls_config,
    hook: oxlws_tls_key_log_cb,
    user: *mut c_void,
) -> c_int {
    const NAME: &str = "oxlws_tls_set_key_log_hook";
    let result = set(NAME, config, |config| config.set_key_log_hook(tls_hooks::key_log_hook(hook, user)));
    if result == 0 && hook.is_some() {
        log::process(Level::Warn, NAME, format_args!("the secrets of TLS connections are told to the program"));
    }
    result
}
