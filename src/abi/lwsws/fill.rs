//! How does what the files say get into the creation info?
#![allow(unsafe_code)]

use super::room::Room;
use crate::abi::layout::*;
use crate::proto::lwsws::globals::Globals;
use crate::proto::lwsws::narrowed;
use crate::proto::lwsws::vhosts::{Mount, Origin, Protocol, Switches, Vhost};
use std::ffi::c_int;
use std::ptr;

/// Options of the given info that each vhost keeps; the others are up to the files.
const KEPT_OPTIONS: u64 = LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME
    | LWS_SERVER_OPTION_LIBEV
    | LWS_SERVER_OPTION_LIBUV
    | LWS_SERVER_OPTION_LIBEVENT
    | LWS_SERVER_OPTION_UV_NO_SIGSEGV_SIGFPE_SPIN
    | LWS_SERVER_OPTION_EXPLICIT_VHOSTS
    | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;

/// Seconds that an idle HTTP connection is kept if the file does not say.
const KEEPALIVE_SECS: c_int = 5;

fn unsigned(number: i64) -> u32 {
    u32::try_from(number.max(0)).unwrap_or(u32::MAX)
}

/// Puts into `info` what a file says about the server. The error: memory is used up.
pub fn globals(globals: &Globals, info: &mut lws_context_creation_info, room: &Room) -> Result<(), String> {
    if let Some(uid) = globals.uid {
        info.uid = narrowed(uid) as _;
    }
    if let Some(gid) = globals.gid {
        info.gid = narrowed(gid) as _;
    }
    if let Some(threads) = globals.threads {
        info.count_threads = unsigned(threads);
    }
    if let Some(secs) = globals.timeout_secs {
        info.timeout_secs = unsigned(secs);
    }
    if let Some(limit) = globals.descriptor_limit {
        info.rlimit_nofile = narrowed(limit);
    }
    if globals.has_tls {
        info.options |= LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    }
    if globals.user_name.is_some() {
        info.username = room.optional(globals.user_name.as_ref())?;
    }
    if globals.group_name.is_some() {
        info.groupname = room.optional(globals.group_name.as_ref())?;
    }
    if globals.server_string.is_some() {
        info.server_string = room.optional(globals.server_string.as_ref())?;
    }
    if globals.default_alpn.is_some() {
        info.alpn = room.optional(globals.default_alpn.as_ref())?;
    }
    info.reject_service_keywords = room.list(&globals.refused_agents, b"", info.reject_service_keywords)?;
    Ok(())
}

/// The info of a vhost. The error: memory is used up.
pub fn vhost(
    vhost: &Vhost,
    given: &lws_context_creation_info,
    room: &Room,
) -> Result<lws_context_creation_info, String> {
    // SAFETY: integers and pointers, for all of which zero means nothing.
    let mut info: lws_context_creation_info = unsafe { std::mem::zeroed() };
    info.protocols = given.protocols;
    info.pprotocols = given.pprotocols;
    info.extensions = given.extensions;
    info.server_string = given.server_string;
    info.timeout_secs = given.timeout_secs;
    info.count_threads = given.count_threads;
    info.options = given.options & KEPT_OPTIONS | options(vhost);

    info.vhost_name = room.optional(vhost.name.as_ref())?;
    info.port = vhost.port;
    info.iface = room.optional(vhost.interface.as_ref())?;
    info.unix_socket_perms = room.optional(vhost.unix_socket_perms.as_ref())?;
    info.log_filepath = room.optional(vhost.access_log.as_ref())?;
    info.error_document_404 = room.optional(vhost.error_document_404.as_ref())?;
    info.keepalive_timeout = vhost.keepalive_timeout.unwrap_or(KEEPALIVE_SECS);
    info.alpn = room.optional(vhost.alpn.as_ref())?;
    info.listen_accept_role = room.optional(vhost.listen_accept_role.as_ref())?;
    info.listen_accept_protocol = room.optional(vhost.listen_accept_protocol.as_ref())?;

    let tls = &vhost.server_tls;
    info.ssl_private_key_filepath = room.optional(tls.key.as_ref())?;
    info.ssl_cert_filepath = room.optional(tls.cert.as_ref())?;
    info.ssl_ca_filepath = room.optional(tls.ca.as_ref())?;
    info.ssl_cipher_list = room.optional(tls.ciphers.as_ref())?;
    info.tls1_3_plus_cipher_list = room.optional(tls.tls13_ciphers.as_ref())?;
    info.ecdh_curve = room.optional(tls.ecdh_curve.as_ref())?;
    info.ssl_options_set = tls.options_set;
    info.ssl_options_clear = tls.options_clear;

    let tls = &vhost.client_tls;
    info.client_ssl_private_key_filepath = room.optional(tls.key.as_ref())?;
    info.client_ssl_cert_filepath = room.optional(tls.cert.as_ref())?;
    info.client_ssl_ca_filepath = room.optional(tls.ca.as_ref())?;
    info.client_ssl_cipher_list = room.optional(tls.ciphers.as_ref())?;
    info.client_tls_1_3_plus_cipher_list = room.optional(tls.tls13_ciphers.as_ref())?;
    info.ssl_client_options_set = tls.options_set;
    info.ssl_client_options_clear = tls.options_clear;

    info.headers = room.list(&vhost.headers, b":", ptr::null())?;
    info.pvo = protocols(&vhost.protocols, room)?;
    info.mounts = mounts(&vhost.mounts, room)?;
    Ok(info)
}

fn options(vhost: &Vhost) -> u64 {
    let Switches {
        strict_transport_security,
        client_tls,
        no_ipv6,
        listen_accept,
        fallback_listen_accept,
        client_cert_required,
        ignore_missing_cert,
        strict_host_check,
        allow_non_tls,
        redirect_http,
        allow_http_on_https,
        h2_half_closed_long_poll,
    } = vhost.switches;
    let only_v6 = match vhost.ipv6_only {
        Some(true) => LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY | LWS_SERVER_OPTION_IPV6_V6ONLY_VALUE,
        Some(false) => LWS_SERVER_OPTION_IPV6_V6ONLY_MODIFY,
        None => 0,
    };
    [
        (vhost.unix_socket, LWS_SERVER_OPTION_UNIX_SOCK),
        (strict_transport_security, LWS_SERVER_OPTION_STS),
        (client_tls, LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT),
        (no_ipv6, LWS_SERVER_OPTION_DISABLE_IPV6),
        (listen_accept, LWS_SERVER_OPTION_ADOPT_APPLY_LISTEN_ACCEPT_CONFIG),
        (fallback_listen_accept, LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG),
        (client_cert_required, LWS_SERVER_OPTION_REQUIRE_VALID_OPENSSL_CLIENT_CERT),
        (ignore_missing_cert, LWS_SERVER_OPTION_IGNORE_MISSING_CERT),
        (strict_host_check, LWS_SERVER_OPTION_VHOST_UPG_STRICT_HOST_CHECK),
        (allow_non_tls, LWS_SERVER_OPTION_ALLOW_NON_SSL_ON_SSL_PORT),
        (redirect_http, LWS_SERVER_OPTION_REDIRECT_HTTP_TO_HTTPS),
        (allow_http_on_https, LWS_SERVER_OPTION_ALLOW_HTTP_ON_HTTPS_LISTENER),
        (h2_half_closed_long_poll, LWS_SERVER_OPTION_VH_H2_HALF_CLOSED_LONG_POLL),
    ]
    .into_iter()
    .filter(|(is_on, _)| *is_on)
    .fold(only_v6, |bits, (_, bit)| bits | bit)
}

/// The last protocol first.
fn protocols(protocols: &[Protocol], room: &Room) -> Result<*const lws_protocol_vhost_options, String> {
    let mut next = ptr::null();
    for protocol in protocols {
        let name = room.text(&protocol.name, b"")?;
        let options = room.list(&protocol.options, b"", ptr::null())?;
        next = room.value(lws_protocol_vhost_options { next, options, name, value: c"".as_ptr() })?;
    }
    Ok(next)
}

/// In the order of the file.
fn mounts(mounts: &[Mount], room: &Room) -> Result<*const lws_http_mount, String> {
    let mut next = ptr::null();
    for mount in mounts.iter().rev() {
        let settings = &mount.settings;
        let bits = [settings.cache_reuse, settings.cache_revalidate, settings.cache_intermediaries];
        let origin = room.text(&mount.origin, b"")?;
        next = room.value(lws_http_mount {
            mount_next: next,
            mountpoint: room.text(&mount.mountpoint, b"")?,
            origin,
            def: room.optional(settings.default_document.as_ref())?,
            protocol: match mount.kind {
                Origin::Callback => origin,
                _ => room.optional(settings.protocol.as_ref())?,
            },
            cgienv: room.list(&settings.options, b"", ptr::null())?,
            extra_mimetypes: room.list(&settings.extra_mimetypes, b"", ptr::null())?,
            interpret: room.list(&settings.interpret, b"", ptr::null())?,
            cgi_timeout: narrowed(settings.cgi_timeout),
            cache_max_age: narrowed(settings.cache_max_age),
            auth_mask: unsigned(settings.auth_mask),
            bits: bits.into_iter().rev().fold(0, |bits, is_on| bits << 1 | u8::from(is_on)),
            origin_protocol: match mount.kind {
                Origin::Http => LWSMPRO_HTTP,
                Origin::Https => LWSMPRO_HTTPS,
                Origin::File => LWSMPRO_FILE,
                Origin::Cgi => LWSMPRO_CGI,
                Origin::RedirectHttp => LWSMPRO_REDIR_HTTP,
                Origin::RedirectHttps => LWSMPRO_REDIR_HTTPS,
                Origin::Callback => LWSMPRO_CALLBACK,
            },
            // The reader refuses longer ones.
            mountpoint_len: u8::try_from(mount.mountpoint.len()).unwrap_or(u8::MAX),
            basic_auth_login_file: room.optional(settings.basic_auth.as_ref())?,
        })?;
    }
    Ok(next)
}
