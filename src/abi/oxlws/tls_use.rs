//! Who uses a TLS configuration of the program: one connection, the clients of a vhost, its server.
//!
//! # What C promises
//! The connect info is as for `lws_client_connect_via_info()`.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::tls_config::with;
use super::types::oxlws_tls_config;
use crate::abi::enter::{self, Access};
use crate::abi::layout::{lws, lws_client_connect_info, lws_vhost};
use crate::abi::{client, guard, info};
use crate::engine::log::{self, Level, Scope};
use crate::engine::tls_certificates;
use std::ffi::c_int;
use std::ptr;

/// Starts a client connection with a TLS configuration of its own; else as `lws_client_connect_via_info()`.
///
/// `config` was made for clients. `info->ssl_connection` must have LCCSCF_USE_SSL; its other flags count as always. The
/// vhost needs no TLS. Redirects go on with the configuration. Http connections that share a TCP connection
/// (LCCSCF_PIPELINE) share it only if they have the same configuration.
///
/// Returns the connection, or NULL; `oxlws_tls_why()` or the log tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_client_connect(
    info: *const lws_client_connect_info,
    config: *mut oxlws_tls_config,
) -> *mut lws {
    const NAME: &str = "oxlws_client_connect";
    guard::pure(NAME, ptr::null_mut(), || match with(NAME, config, |config| config.client()) {
        // SAFETY: see the module.
        Some(tls) => unsafe { client::connect(NAME, info, Some(tls)) },
        None => ptr::null_mut(),
    })
}

/// Client connections of the vhost that begin from now on use this TLS configuration, which was made for clients. The
/// vhost may have been made without TLS.
///
/// Returns 0, or -1: `oxlws_tls_why()` or the log tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_vhost_set_client_tls(vhost: *mut lws_vhost, config: *mut oxlws_tls_config) -> c_int {
    const NAME: &str = "oxlws_vhost_set_client_tls";
    enter::on_vhost(NAME, -1, vhost, Access::Service, |_, _, vhost| {
        match with(NAME, config, |config| config.client()) {
            Some(tls) => {
                vhost.set_client_tls(tls);
                0
            }
            None => -1,
        }
    })
}

/// Clients that the vhost accepts from now on are served with this TLS configuration, which was made for servers and has a
/// certificate. A vhost that was made without TLS has it from now on; connections that exist stay as they are.
///
/// To exchange a certificate make another configuration and set that. Without names of its own (`oxlws_tls_set_alpn()`)
/// those of the vhost count. Returns 0, or -1: `oxlws_tls_why()` or the log tells.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_vhost_set_server_tls(vhost: *mut lws_vhost, config: *mut oxlws_tls_config) -> c_int {
    const NAME: &str = "oxlws_vhost_set_server_tls";
    enter::on_vhost(NAME, -1, vhost, Access::Service, |_, cx, vhost| {
        let own = info::alpn(vhost.settings.alpn.as_deref(), cx.settings.alpn.as_deref());
        let Some((tls, alpn)) = with(NAME, config, |config| config.server(&own)) else { return -1 };
        if !vhost.settings.serves_tls.get() {
            let text = format_args!("the vhost was made without TLS and has it from now on");
            log::line(Level::Info, Scope::Vhost(vhost), NAME, text);
        }
        // What `lws_tls_cert_updated()` would renew is not in use any more.
        vhost.server_settings.set(None);
        vhost.settings.speaks_h2.set(alpn.iter().any(|name| name == "h2"));
        vhost.set_server_tls(tls);
        vhost.settings.serves_tls.set(true);
        tls_certificates::watch(cx);
        0
    })
}
