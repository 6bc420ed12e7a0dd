//! `struct lws_context_creation_info` read once, into owned settings of the engine.
#![allow(unsafe_code)]

use super::cstr;
use super::edge::VhostEdge;
use super::layout::*;
use crate::engine::context::ContextSettings;
use crate::engine::log::{self, Level, Scope};
use crate::engine::tls::client_config::{ClientSettings, ClientTls};
use crate::engine::tls::keys::Password;
use crate::engine::tls::pem::Source;
use crate::engine::tls::roots::CaSource;
use crate::engine::tls::server_config::{ClientCerts, ServerSettings, ServerTls};
use crate::engine::vhost::{Extension, Protocol, RetryPolicy, Vhost, VhostSettings};
use crate::proto::http::token::Token;
use crate::proto::proxy::env::{ProxySpec, Scheme};
use std::cell::{Cell, RefCell};
use std::ffi::{CString, OsStr, c_char, c_void};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;
use std::ptr;
use std::sync::Arc;

/// Entries of a protocol array that are looked at; a table without an end would run into memory that is not ours.
const MAX_PROTOCOLS: usize = 256;

/// Members of other lists of the program that are looked at.
const MAX_LIST: usize = 1024;

fn seconds(given: u32, default: u32) -> u32 {
    if given == 0 { default } else { given }
}

/// The settings of the context as a whole.
///
/// # Safety
/// `info` is as the header documents it.
pub unsafe fn context_settings(info: &lws_context_creation_info) -> ContextSettings {
    let head = [u32::from(info.max_http_header_data), info.max_http_header_data2, 4096];
    ContextSettings {
        options: info.options,
        service_buffer_bytes: if info.pt_serv_buf_size == 0 { 4096 } else { info.pt_serv_buf_size as usize },
        timeout_secs: seconds(info.timeout_secs, 15),
        max_head_bytes: head.into_iter().find(|bytes| *bytes != 0).unwrap_or(4096) as usize,
        head_pool: [u32::from(info.max_http_header_pool), info.max_http_header_pool2]
            .into_iter()
            .find(|count| *count != 0)
            .unwrap_or(0) as usize,
        // SAFETY: the caller's promise, here and below.
        token_limits: unsafe { token_limits(info.token_limits) },
        // SAFETY: as above.
        refused_agents: unsafe { refused_agents(info.reject_service_keywords) },
        // SAFETY: as above.
        server_string: unsafe { cstr::owned_bytes(info.server_string) },
        // SAFETY: as above.
        cookie_file: unsafe { cstr::path(info.http_nsc_filepath) },
        // SAFETY: as above.
        alpn: unsafe { cstr::owned(info.alpn) },
        // Two more for the library's own descriptors, as the original counts.
        connection_limit: if info.fd_limit_per_thread == 0 { 0 } else { info.fd_limit_per_thread.saturating_add(2) },
        simultaneous_tls: u32::try_from(info.simultaneous_ssl_restriction).unwrap_or(0),
        simultaneous_tls_handshakes: u32::try_from(info.simultaneous_ssl_handshake_restriction).unwrap_or(0),
        user: info.user.expose_provenance(),
        log_cx: info.log_cx.expose_provenance(),
        // SAFETY: the caller's promise.
        name: unsafe { cstr::owned(info.vhost_name) }.unwrap_or_default(),
    }
}

/// The program's protocols, from the array or the array of pointers; a 404 protocol where it has none.
///
/// # Safety
/// `info` is as the header documents it.
unsafe fn protocol_entries(info: &lws_context_creation_info) -> Vec<lws_protocols> {
    let mut entries = Vec::new();
    // SAFETY: the array ends with an entry without callback, the array of pointers with NULL.
    unsafe {
        if !info.protocols.is_null() {
            for index in 0..MAX_PROTOCOLS {
                let entry = *info.protocols.add(index);
                if entry.callback.is_none() {
                    break;
                }
                entries.push(entry);
            }
        } else if !info.pprotocols.is_null() {
            for index in 0..MAX_PROTOCOLS {
                let entry = *info.pprotocols.add(index);
                if entry.is_null() || (*entry).callback.is_none() {
                    break;
                }
                entries.push(*entry);
            }
        } else {
            entries.push(lws_protocols {
                name: c"http-only".as_ptr(),
                callback: Some(super::dummy::lws_callback_http_dummy),
                per_session_data_size: 0,
                rx_buffer_size: 0,
                id: 0,
                user: ptr::null_mut(),
                tx_packet_size: 0,
            });
        }
    }
    entries
}

/// Whether the option list of a protocol has an entry of this name.
///
/// # Safety
/// The list is as the header documents it.
unsafe fn has_option(mut list: *const lws_protocol_vhost_options, name: &str) -> bool {
    // SAFETY: the caller's promise; the list ends with NULL.
    unsafe {
        while let Some(option) = list.as_ref() {
            if cstr::text(option.name).is_some_and(|text| text.to_bytes() == name.as_bytes()) {
                return true;
            }
            list = option.next;
        }
    }
    false
}

/// The file of a "basic-auth" option.
///
/// # Safety
/// The list is as the header documents it.
unsafe fn login_file(options: *const lws_protocol_vhost_options) -> Option<PathBuf> {
    // SAFETY: the caller's promise; names and values are texts or NULL.
    unsafe {
        let is_login = |name: *const c_char| cstr::text(name).is_some_and(|name| name.to_bytes() == b"basic-auth");
        let value = members(options).find(|option| is_login(option.name))?.value;
        cstr::path(value)
    }
}

/// The pvo entry of a protocol.
///
/// # Safety
/// The list is as the header documents it.
unsafe fn pvo_of(info: &lws_context_creation_info, name: &[u8]) -> *const lws_protocol_vhost_options {
    let mut list = info.pvo;
    // SAFETY: the caller's promise; the list ends with NULL.
    unsafe {
        while let Some(option) = list.as_ref() {
            if cstr::text(option.name).is_some_and(|text| text.to_bytes() == name) {
                return list;
            }
            list = option.next;
        }
    }
    ptr::null()
}

/// A vhost as `info` describes it, not yet listening and without TLS.
///
/// # Safety
/// `info` is as the header documents it.
pub unsafe fn vhost(info: &lws_context_creation_info) -> Vhost {
    // SAFETY: the caller's promise.
    let mut entries = unsafe { protocol_entries(info) };
    let count = entries.len();
    // SAFETY: an all-zero entry is the terminator.
    entries.push(unsafe { std::mem::zeroed() });
    let array = entries.into_boxed_slice();
    // SAFETY: the caller's promise, here and below.
    let settings = unsafe { vhost_settings(info) };
    let edge = VhostEdge {
        privates: (0..count).map(|_| Cell::new(ptr::null_mut())).collect(),
        replaced_privates: RefCell::default(),
        protocols: array,
        handle: Cell::new(ptr::null_mut()),
        finalize: info.finalize,
        finalize_arg: info.finalize_arg,
        name: CString::new(settings.name.clone()).unwrap_or_default(),
        iface: settings.iface.clone().and_then(|iface| CString::new(iface.into_vec()).ok()),
        mounts: info.mounts,
        headers: info.headers,
        error_document_404: info.error_document_404,
        texts: RefCell::default(),
    };
    let protocols = (0..count).map(|index| {
        let entry = &edge.protocols[index];
        // SAFETY: names are texts or NULL, the option lists are as the header documents them.
        unsafe {
            let name = cstr::text(entry.name).map(|name| name.to_bytes()).unwrap_or_default();
            let pvo = pvo_of(info, name);
            let options = pvo.as_ref().map_or(ptr::null(), |pvo| pvo.options);
            Protocol {
                name: name.to_vec(),
                handle: (&raw const edge.protocols[index]).expose_provenance(),
                session_bytes: Cell::new(entry.per_session_data_size),
                rx_buffer_bytes: entry.rx_buffer_size,
                tx_packet_bytes: entry.tx_packet_size,
                without_init: !info.pvo.is_null() && pvo.is_null(),
                owes_destroy: Cell::new(false),
                options: options.expose_provenance(),
                is_default: has_option(options, "default"),
                is_raw_default: has_option(options, "raw"),
                login_file: login_file(options),
            }
        }
    });
    let vhost = Vhost::new(settings, protocols.collect());
    vhost.edge.set(edge.keep());
    say_unheeded(info, &vhost);
    vhost
}

/// Says which wishes have no effect here.
fn say_unheeded(info: &lws_context_creation_info, vhost: &Vhost) {
    for (is_wished, text) in [
        (!info.log_filepath.is_null(), "log_filepath: no access log is written; log in LWS_CALLBACK_HTTP"),
        (info.ssl_info_event_mask != 0, "ssl_info_event_mask: there is no OpenSSL, LWS_CALLBACK_SSL_INFO never comes"),
    ] {
        if is_wished {
            log::line(Level::Warn, Scope::Vhost(vhost), "vhost", format_args!("{text}"));
        }
    }
}

/// # Safety
/// `info` is as the header documents it.
unsafe fn vhost_settings(info: &lws_context_creation_info) -> VhostSettings {
    // SAFETY: the caller's promise, in the whole function.
    unsafe {
        let (http_proxy, socks_proxy, proxy_refusal) = proxies(cstr::owned_nonempty(info.http_proxy_address), info);
        VhostSettings {
            name: cstr::owned(info.vhost_name).unwrap_or_else(|| "default".into()),
            port: info.port,
            iface: cstr::text(info.iface).map(|iface| OsStr::from_bytes(iface.to_bytes()).into()),
            options: info.options,
            extensions: extensions(info.extensions),
            keepalive_secs: seconds(u32::try_from(info.keepalive_timeout).unwrap_or(0), 5),
            h2_keepalive_secs: seconds(u32::try_from(info.keepalive_timeout).unwrap_or(0), 31),
            // Decided when the vhost meets its context.
            speaks_h2: Cell::new(false),
            http2_wishes: http2_wishes(&info.http2_settings),
            connect_timeout_secs: seconds(info.connect_timeout_secs, 20),
            head_timeout_secs: seconds(info.timeout_secs_ah_idle, 10),
            policy: policy(info.retry_and_idle_policy).unwrap_or_default(),
            http_proxy,
            socks_proxy,
            proxy_refusal,
            no_proxy: env("no_proxy").or_else(|| env("NO_PROXY")).unwrap_or_default(),
            tcp_keepalive: u32::try_from(info.ka_time).ok().filter(|time| *time > 0).map(|time| {
                let positive = |value: i32| u32::try_from(value).unwrap_or(0).max(1);
                (time, positive(info.ka_probes), positive(info.ka_interval))
            }),
            bind_device: if info.bind_iface != 0 { cstr::owned_bytes(info.iface) } else { None },
            alpn: cstr::owned(info.alpn),
            server_string: cstr::owned_bytes(info.server_string),
            reply_headers: reply_headers(info.headers),
            error_document_404: cstr::owned_bytes(info.error_document_404).filter(|document| !document.is_empty()),
            user: info.user.expose_provenance(),
            log_cx: info.log_cx.expose_provenance(),
            listen_accept_role: cstr::owned(info.listen_accept_role),
            listen_accept_protocol: cstr::owned(info.listen_accept_protocol),
            fastopen_queue: info.fo_listen_queue,
            mounts: super::mount::read_list(info.mounts),
            socket_owner: None,
            serves_tls: Cell::new(false),
        }
    }
}

/// The members of a list of the program, in order; bounded, should the list have no end.
///
/// # Safety
/// The list is as the header documents it, and stays for `'a`.
unsafe fn members<'a>(
    mut list: *const lws_protocol_vhost_options,
) -> impl Iterator<Item = &'a lws_protocol_vhost_options> {
    std::iter::from_fn(move || {
        // SAFETY: the caller's promise; the list ends with NULL.
        let entry = unsafe { list.as_ref() }?;
        list = entry.next;
        Some(entry)
    })
    .take(MAX_LIST)
}

/// `info.headers`.
///
/// # Safety
/// The list is as the header documents it.
unsafe fn reply_headers(list: *const lws_protocol_vhost_options) -> Vec<(Vec<u8>, Vec<u8>)> {
    // SAFETY: the caller's promise; names and values are texts or NULL.
    unsafe {
        let bytes = |text: *const c_char| cstr::text(text).map(|text| text.to_bytes().to_vec()).unwrap_or_default();
        members(list)
            .map(|entry| (bytes(entry.name), bytes(entry.value)))
            .filter(|(name, _)| !name.is_empty())
            .collect()
    }
}

/// `info.reject_service_keywords`: the name is part of a User-Agent, the value begins with the status it gets.
///
/// # Safety
/// The list is as the header documents it.
unsafe fn refused_agents(list: *const lws_protocol_vhost_options) -> Vec<(u16, Vec<u8>)> {
    // SAFETY: the caller's promise; names and values are texts or NULL.
    unsafe {
        members(list)
            .filter_map(|entry| {
                let keyword = cstr::text(entry.name)?.to_bytes().to_vec();
                let value = cstr::owned(entry.value).unwrap_or_default();
                let digits: String = value.trim_start().chars().take_while(char::is_ascii_digit).collect();
                let status = digits.parse().ok().filter(|status| (100..=999).contains(status)).unwrap_or(403);
                (!keyword.is_empty()).then_some((status, keyword))
            })
            .collect()
    }
}

/// `info.token_limits`; 0 is no limit.
///
/// # Safety
/// NULL or a valid table.
unsafe fn token_limits(table: *const lws_token_limits) -> Vec<(Token, usize)> {
    // SAFETY: the caller's promise.
    let Some(table) = (unsafe { table.as_ref() }) else { return Vec::new() };
    let limits = Token::ALL.iter().zip(table.token_limit);
    limits.filter(|(_, limit)| *limit != 0).map(|(token, limit)| (*token, usize::from(limit))).collect()
}

fn env(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The proxies of a vhost: the HTTP one, the SOCKS5 one, or why the one that the program gave cannot be used.
///
/// What the program gave comes before the environment, and is never passed over: connections fail where it is
/// unusable. A setting of the environment that cannot be used is only complained about.
fn proxies(
    given: Option<String>,
    info: &lws_context_creation_info,
) -> (Option<ProxySpec>, Option<ProxySpec>, Option<String>) {
    let sorted = |spec: ProxySpec| match spec.scheme {
        Some(Scheme::Socks5) => (None, Some(spec)),
        _ => (Some(spec), None),
    };
    if let Some(text) = given {
        return match proxy(&text, info.http_proxy_port) {
            Ok(spec) => {
                let (http, socks) = sorted(spec);
                (http, socks, None)
            }
            Err(why) => (None, None, Some(why)),
        };
    }
    let from_env = |name, port| env(name).and_then(|text| proxy(&text, port).ok());
    let (http, socks) = from_env("http_proxy", info.http_proxy_port).map(sorted).unwrap_or_default();
    (http, from_env("socks_proxy", 1080).or(socks), None)
}

/// A proxy setting. The error, which is logged already, says why it cannot be used.
pub fn proxy(text: &str, default_port: u32) -> Result<ProxySpec, String> {
    let spec = ProxySpec::parse(text).map_err(|why| why.to_string()).and_then(|mut spec| {
        spec.port = spec.port.or(u16::try_from(default_port).ok().filter(|port| *port != 0));
        if spec.port.is_some() { Ok(spec) } else { Err(format!("'{}' has no port", spec.host)) }
    });
    spec.inspect_err(|why| log::process(Level::Err, "proxy", format_args!("the proxy setting cannot be used: {why}")))
}

/// # Safety
/// NULL or an array that ends with an entry without callback.
unsafe fn extensions(mut list: *const lws_extension) -> Vec<Extension> {
    let mut found = Vec::new();
    // SAFETY: the caller's promise.
    unsafe {
        while let Some(entry) = list.as_ref().filter(|entry| entry.callback.is_some() && found.len() < 32) {
            if let Some(name) = cstr::owned_bytes(entry.name) {
                let client_offer = cstr::owned_bytes(entry.client_offer).unwrap_or_else(|| name.clone());
                found.push(Extension { name, client_offer });
            }
            list = list.add(1);
        }
    }
    found
}

/// The validity times of a retry policy of the program.
///
/// # Safety
/// NULL or a valid policy.
pub unsafe fn policy(policy: *const lws_retry_bo_t) -> Option<RetryPolicy> {
    // SAFETY: the caller's promise.
    let given = unsafe { policy.as_ref()? };
    Some(RetryPolicy {
        address: policy.expose_provenance(),
        ping_secs: given.secs_since_valid_ping,
        hangup_secs: given.secs_since_valid_hangup,
    })
}

/// A certificate or key from a file or memory.
///
/// # Safety
/// The file name is a text or NULL, the memory has `len` bytes or is NULL.
unsafe fn source(file: *const c_char, memory: *const c_void, len: u32) -> Option<Source> {
    // SAFETY: the caller's promise.
    unsafe {
        let bytes = cstr::bytes(memory.cast(), len as usize);
        // Memory counts where privileges were dropped meanwhile and the file cannot be read.
        let path = cstr::path(file);
        if let Some(path) = path.filter(|path| bytes.is_empty() || std::fs::File::open(path).is_ok()) {
            return Some(Source::File(path));
        }
        (!bytes.is_empty()).then(|| Source::Mem(bytes.to_vec()))
    }
}

/// Whether the vhost of `info` will speak TLS as a server.
pub fn has_server_tls(info: &lws_context_creation_info, options: u64) -> bool {
    options & LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT != 0
        && info.port != CONTEXT_PORT_NO_LISTEN
        && (!info.ssl_cert_filepath.is_null() || !info.server_ssl_cert_mem.is_null())
}

/// The vhost's TLS for client connections; `None` without LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT.
///
/// # Safety
/// `info` is as the header documents it.
pub unsafe fn client_tls(info: &lws_context_creation_info, options: u64) -> Result<Option<Arc<ClientTls>>, String> {
    if !info.provided_client_ssl_ctx.is_null() {
        return Err("provided_client_ssl_ctx is an OpenSSL object, which this library cannot honour: \
                    use client_ssl_ca_filepath and the other client_ssl_ members"
            .into());
    }
    if options & LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT == 0 {
        return Ok(None);
    }
    let no_server = !has_server_tls(info, options);
    // SAFETY: the caller's promise.
    let settings = unsafe {
        let ca_file =
            cstr::path(info.client_ssl_ca_filepath).or_else(|| cstr::path(info.ssl_ca_filepath).filter(|_| no_server));
        let ca_mem = cstr::bytes(info.client_ssl_ca_mem.cast(), info.client_ssl_ca_mem_len as usize);
        let cert = source(info.client_ssl_cert_filepath, info.client_ssl_cert_mem, info.client_ssl_cert_mem_len);
        let key = source(info.client_ssl_private_key_filepath, info.client_ssl_key_mem, info.client_ssl_key_mem_len);
        let (cert, key) = match (cert, key) {
            (None, None) if no_server => {
                (source(info.ssl_cert_filepath, ptr::null(), 0), source(info.ssl_private_key_filepath, ptr::null(), 0))
            }
            both => both,
        };
        ClientSettings {
            os_roots: options & LWS_SERVER_OPTION_DISABLE_OS_CA_CERTS == 0,
            ca: match ca_file {
                Some(path) => CaSource::File(path),
                None if !ca_mem.is_empty() => CaSource::Mem(ca_mem.to_vec()),
                None => CaSource::None,
            },
            cert,
            key,
            password: cstr::text(info.client_ssl_private_key_password).map(|text| Password::new(text.to_bytes())),
            cipher_list: cstr::owned_nonempty(info.client_ssl_cipher_list),
            tls13_cipher_list: cstr::owned_nonempty(info.client_tls_1_3_plus_cipher_list),
            options_set: (info.ssl_client_options_set & !info.ssl_client_options_clear) as u64,
            session_cache: options & LWS_SERVER_OPTION_DISABLE_TLS_SESSION_CACHE == 0,
            session_cache_max: info.tls_session_cache_max as usize,
            ..ClientSettings::default()
        }
    };
    let tls = ClientTls::build(&settings).map_err(|error| format!("client TLS: {error}"))?;
    for warning in tls.warnings() {
        log::process(Level::Warn, "client TLS", format_args!("{warning}"));
    }
    // Most programs have no such callback, so this is no warning as it is where a server asks for certificates.
    let text = format_args!(
        "certificates of servers are verified by this library, and refused when they are not good: \
         OPENSSL_PERFORM_SERVER_CERT_VERIFICATION is not called"
    );
    log::process(Level::Info, "client TLS", text);
    Ok(Some(Arc::new(tls)))
}

/// A vhost's TLS as a server: what it is made from, and what that gave (nothing where a missing certificate is allowed).
pub type MadeServerTls = (Box<ServerSettings>, Option<Arc<ServerTls>>);

/// The vhost's TLS as a server; `None` when it serves without. `alpn`: the names it selects from.
///
/// # Safety
/// `info` is as the header documents it.
pub unsafe fn server_tls(
    info: &lws_context_creation_info,
    options: u64,
    alpn: &[String],
) -> Result<Option<MadeServerTls>, String> {
    if !has_server_tls(info, options) {
        if options & LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX != 0 && info.port != CONTEXT_PORT_NO_LISTEN {
            return Err(
                "LWS_SERVER_OPTION_CREATE_VHOST_SSL_CTX leaves the certificate to OpenSSL calls of the program, \
                        which this library cannot honour: give ssl_cert_filepath or server_ssl_cert_mem"
                    .into(),
            );
        }
        return Ok(None);
    }
    // SAFETY: the caller's promise.
    let settings = unsafe {
        let cert = source(info.ssl_cert_filepath, info.server_ssl_cert_mem, info.server_ssl_cert_mem_len);
        let Some(cert) = cert else { return Err("server TLS: no certificate".into()) };
        let key =
            source(info.ssl_private_key_filepath, info.server_ssl_private_key_mem, info.server_ssl_private_key_mem_len);
        let mut settings = ServerSettings::new(cert, key);
        settings.password = cstr::text(info.ssl_private_key_password).map(|text| Password::new(text.to_bytes()));
        settings.cipher_list = cstr::owned_nonempty(info.ssl_cipher_list);
        settings.tls13_cipher_list = cstr::owned_nonempty(info.tls1_3_plus_cipher_list);
        settings.ecdh_curve = cstr::owned_nonempty(info.ecdh_curve);
        settings.options_set = (info.ssl_options_set & !info.ssl_options_clear) as u64;
        settings.alpn = alpn.to_vec();
        if let Some(path) = cstr::path(info.ssl_ca_filepath) {
            settings.ca = CaSource::File(path);
        } else {
            let memory = cstr::bytes(info.server_ssl_ca_mem.cast(), info.server_ssl_ca_mem_len as usize);
            if !memory.is_empty() {
                settings.ca = CaSource::Mem(memory.to_vec());
            }
        }
        if options & LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT
            == LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT
        {
            let optional = options & LWS_SERVER_OPTION_PEER_CERT_NOT_REQUIRED != 0;
            settings.client_certs = if optional { ClientCerts::Optional } else { ClientCerts::Required };
            let text = format_args!(
                "client certificates are verified by this library, and refused when they are not good: \
                 OPENSSL_PERFORM_CLIENT_CERT_VERIFICATION is not called"
            );
            log::process(Level::Warn, "server TLS", text);
        }
        settings
    };
    match ServerTls::build(&settings) {
        Ok(tls) => {
            for warning in tls.warnings() {
                log::process(Level::Warn, "server TLS", format_args!("{warning}"));
            }
            Ok(Some((Box::new(settings), Some(Arc::new(tls)))))
        }
        Err(error) if options & LWS_SERVER_OPTION_IGNORE_MISSING_CERT != 0 => {
            log::process(
                Level::Warn,
                "server TLS",
                format_args!("{error}; ignored as LWS_SERVER_OPTION_IGNORE_MISSING_CERT says"),
            );
            Ok(Some((Box::new(settings), None)))
        }
        Err(error) => Err(format!("server TLS: {error}")),
    }
}

/// The ALPN names a server selects from: those of the vhost, else those of the context, else both of http.
pub fn alpn(vhost: Option<&str>, context: Option<&str>) -> Vec<String> {
    let list = vhost.or(context).unwrap_or("h2,http/1.1");
    list.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_string).collect()
}

/// The http/2 settings of a program: they count when the first number is not 0.
fn http2_wishes(settings: &[u32; 7]) -> [u32; 6] {
    match *settings {
        [0, ..] => [0; 6],
        [_, wishes @ ..] => wishes,
    }
}
