//! Who uses a TLS configuration of the program: one connection, the clients of a vhost, its server.
//!
//! # What C promises
//! The connect info is as for `lws_client_connect_via_info()`.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::tls_config::{forget_why, note, with};
use super::types::oxlws_tls_config;
use crate::abi::enter::{self, Access};
use crate::abi::layout::{lws, lws_client_connect_info, lws_vhost};
use crate::abi::{client, guard, info, older};
use crate::engine::context::Context;
use crate::engine::log::{self, Level, Scope};
use crate::engine::tls_certificates;
use crate::engine::vhost::Vhost;
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
        Some(tls) => {
            // SAFETY: see the module.
            let wsi = unsafe { client::connect(NAME, info, Some(tls)) };
            if wsi.is_null() {
                // SAFETY: see the module.
                let context = unsafe { older::connect_info(info) }.map_or(0, |info| info.context.addr());
                note(
                    config,
                    enter::why_refused(context).unwrap_or("the connection was not started: the log tells why"),
                );
            }
            wsi
        }
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
    use_by(NAME, vhost, config, |_, vhost| match with(NAME, config, |config| config.client()) {
        Some(tls) => {
            vhost.set_client_tls(tls);
            0
        }
        None => -1,
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
    use_by(NAME, vhost, config, |cx, vhost| {
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

/// A call about a vhost; where that cannot be reached, the configuration is told why.
fn use_by(
    function: &'static str,
    vhost: *mut lws_vhost,
    config: *mut oxlws_tls_config,
    body: impl FnOnce(&Context, &Vhost) -> c_int,
) -> c_int {
    forget_why(config);
    let result = enter::on_vhost(function, -1, vhost, Access::Service, |_, cx, vhost| body(cx, vhost));
    if result != 0 {
        // What the configuration itself objects to stands there already.
        note(config, enter::why_refused(vhost.addr()).unwrap_or("the vhost is not one of this library, or has ended"));
    }
    result
}
