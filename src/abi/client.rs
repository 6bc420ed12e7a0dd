//! Client connections from C.
//!
//! # What C promises
//! The connect info is zeroed before it is filled; what it points to is valid for the call, policies and log contexts as
//! long as the connection.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use super::{cstr, handle, info, older};
use crate::engine::client::{self, ConnectRequest, Wanted};
use crate::engine::context::Context;
use crate::engine::log::{self, Level, Scope};
use crate::engine::role::http::{self, BodyRead};
use crate::engine::tls::client_config::ClientTls;
use crate::engine::wsi::{Phase, flag};
use crate::proto::http::form_part::{self, Part};
use crate::proto::http::method::Method;
use std::ffi::{OsStr, c_char, c_int, c_uint};
use std::os::unix::ffi::OsStrExt;
use std::ptr;
use std::sync::Arc;

const CONNECT: &str = "lws_client_connect_via_info";

/// Starts a client connection.
///
/// Returns the connection, or NULL if it failed at once. After a connection was returned exactly one of
/// CLIENT_CONNECTION_ERROR, CLIENT_CLOSED, CLOSED_CLIENT_HTTP, RAW_CLOSE follows. Callable inside callbacks and at any
/// time after the context was made; not from other threads.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_client_connect_via_info(ccinfo: *const lws_client_connect_info) -> *mut lws {
    // SAFETY: see the module.
    unsafe { connect(CONNECT, ccinfo, None) }
}

/// A connect call by the exported `function`, with TLS of its own or that of the vhost.
///
/// # Safety
/// `ccinfo` is as the module says.
pub unsafe fn connect(
    function: &'static str,
    ccinfo: *const lws_client_connect_info,
    tls: Option<Arc<ClientTls>>,
) -> *mut lws {
    // SAFETY: see the module.
    let Some(given) = (unsafe { older::connect_info(ccinfo) }) else {
        log::process(Level::Err, function, format_args!("the connect info is NULL"));
        return ptr::null_mut();
    };
    let pwsi = given.pwsi;
    let wsi = enter::on_context(function, ptr::null_mut(), given.context, Access::Service, |may, cx| {
        if tls.is_some() && given.ssl_connection & LCCSCF_USE_SSL == 0 {
            let text = format_args!("LCCSCF_USE_SSL is not set: with a TLS configuration nothing is sent in the clear");
            log::line(Level::Err, Scope::Context(cx), function, text);
            return ptr::null_mut();
        }
        // SAFETY: see the module.
        let Some(request) = (unsafe { request(cx, &given, tls) }) else { return ptr::null_mut() };
        if cx.is_running_init() && !cx.unserviced_told.get() {
            let text = format_args!("connecting from PROTOCOL_INIT: works, LWS_SYSTATE_OPERATIONAL is the usual time");
            log::line(Level::Notice, Scope::Context(cx), CONNECT, text);
        }
        let Some(wsi) = client::connect(may, cx, request) else { return ptr::null_mut() };
        let pointer = handle::of_wsi(cx, wsi);
        if !pwsi.is_null() {
            // SAFETY: see the module: room for a pointer.
            unsafe { *pwsi = pointer };
        }
        client::instantiated(may, cx, wsi);
        pointer
    });
    if wsi.is_null() && !pwsi.is_null() {
        // SAFETY: see the module.
        unsafe { *pwsi = ptr::null_mut() };
    }
    wsi
}

/// # Safety
/// `given` is as the module says.
unsafe fn request(
    cx: &Context,
    given: &lws_client_connect_info,
    tls: Option<Arc<ClientTls>>,
) -> Option<ConnectRequest> {
    let refuse = |why: std::fmt::Arguments<'_>| {
        log::line(Level::Err, Scope::Context(cx), CONNECT, why);
        None
    };
    // SAFETY: the caller's promise, in the whole function.
    unsafe {
        let Some(given_address) = cstr::text(given.address).filter(|address| !address.is_empty()) else {
            return refuse(format_args!("the connect info has no address"));
        };
        let unix_path = given_address.to_bytes().strip_prefix(b"+").map(|path| OsStr::from_bytes(path).into());
        let address = match given_address.to_str() {
            Ok(address) => address.to_string(),
            Err(_) if unix_path.is_some() => given_address.to_string_lossy().into_owned(),
            Err(_) => return refuse(format_args!("the address is not UTF-8, so it is no host name")),
        };
        let method = cstr::owned(given.method);
        let wanted = match method.as_deref() {
            None => Wanted::Ws,
            Some("RAW") => Wanted::Raw,
            Some(name) => match Method::from_name(name.as_bytes()) {
                Some(method) => Wanted::Http(method),
                None => return refuse(format_args!("method '{name}' is not known")),
            },
        };
        let vhost = if given.vhost.is_null() {
            None
        } else {
            match handle::vhost_in(cx, given.vhost) {
                Some(found) => Some(found),
                None => return refuse(format_args!("the vhost of the connect info is none of this context's")),
            }
        };
        let parent = if given.parent_wsi.is_null() {
            None
        } else {
            match handle::wsi_in(cx, given.parent_wsi) {
                Some(parent) => Some(parent),
                None => return refuse(format_args!("the parent is no live connection of this context")),
            }
        };
        let port = match u16::try_from(given.port) {
            Ok(port) => port,
            Err(_) => return refuse(format_args!("port {} is out of range", given.port)),
        };
        let version = given.ietf_version_or_minus_one;
        Some(ConnectRequest {
            vhost,
            host: cstr::owned_bytes(given.host).unwrap_or_else(|| given_address.to_bytes().to_vec()),
            address,
            unix_path,
            port,
            path: cstr::owned_bytes(given.path).unwrap_or_else(|| b"/".to_vec()),
            origin: cstr::owned_bytes(given.origin),
            protocols: cstr::owned_bytes(given.protocol),
            local_protocol: cstr::owned_bytes(given.local_protocol_name),
            wanted,
            flags: given.ssl_connection,
            version: if version <= 0 { 13 } else { version as u32 },
            userdata: given.userdata.expose_provenance(),
            opaque: given.opaque_user_data.expose_provenance(),
            parent,
            iface: cstr::owned_nonempty(given.iface),
            priority: given.priority.min(7),
            alpn: cstr::owned(given.alpn),
            policy: info::policy(given.retry_and_idle_policy),
            log_cx: given.log_cx.expose_provenance(),
            keep_warm_secs: given.keep_warm_secs,
            client_cert: given.sys_tls_client_cert,
            tls,
            is_onward: false,
        })
    }
}

/// Status code of the reply to a client connection; 0 before there is one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_client_http_response(wsi: *mut lws) -> c_uint {
    enter::on_wsi("lws_http_client_http_response", 0, wsi, Access::Getter, |_, _, wsi| {
        c_uint::from(wsi.http.visit(|http| http.status()).unwrap_or(0))
    })
}

/// Reads body bytes of the reply into `*buf`, at most `*len`; they come in RECEIVE_CLIENT_HTTP_READ from inside.
///
/// To be called in RECEIVE_CLIENT_HTTP. At the end of the body COMPLETED_CLIENT_HTTP comes, also from inside. Returns 0,
/// or -1: return -1 from the callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_client_read(wsi: *mut lws, buf: *mut *mut c_char, len: *mut c_int) -> c_int {
    const NAME: &str = "lws_http_client_read";
    enter::on_wsi(NAME, -1, wsi, Access::Service, |may, cx, wsi| {
        if buf.is_null() || len.is_null() {
            return -1;
        }
        // SAFETY: pointers of the program to its buffer and length, for the length of the call.
        let (start, room) = unsafe { (*buf, usize::try_from(*len).unwrap_or(0)) };
        if start.is_null() || room == 0 {
            return 0;
        }
        // SAFETY: `*len` writable bytes; not used any more when the program is called below.
        let space = unsafe { std::slice::from_raw_parts_mut(start.cast::<u8>(), room) };
        let (count, last) = match http::read_reply_body(may, cx, wsi, space) {
            BodyRead::Data(count) => (count, false),
            BodyRead::Last(count) => (count, true),
            BodyRead::Dead => return -1,
        };
        // SAFETY: as above.
        unsafe { *len = c_int::try_from(count).unwrap_or(c_int::MAX) };
        let id = wsi.id();
        if count > 0 && http::deliver_body(may, cx, wsi, start.cast(), count) != 0 {
            return -1;
        }
        if wsi.id() != id || wsi.phase.get() == Phase::Dead {
            return -1;
        }
        if last && http::complete(may, cx, wsi) != 0 {
            return -1;
        }
        0
    })
}

/// Tells whether body bytes of the request are still to be sent: CLIENT_HTTP_WRITEABLE comes while they are.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_client_http_body_pending(wsi: *mut lws, something_left_to_send: c_int) {
    enter::on_wsi("lws_client_http_body_pending", (), wsi, Access::Service, |_, cx, wsi| {
        let pending = something_left_to_send != 0;
        wsi.client.visit(|state| state.body_pending = pending);
        if pending {
            wsi.set(flag::WANTS_WRITEABLE);
            cx.make_pending(wsi);
        }
    });
}

/// Writes what stands in front of a part of a multipart/form-data body at `*p`, and moves `*p` behind it.
///
/// For connections made with LCCSCF_HTTP_MULTIPART_MIME. `filename` and `content_type` may be NULL. `name` NULL: the end
/// of the body. Returns 0; 1 and writes nothing if it does not fit before `end`, or the connection is not such a one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_client_http_multipart(
    wsi: *mut lws,
    name: *const c_char,
    filename: *const c_char,
    content_type: *const c_char,
    p: *mut *mut c_char,
    end: *mut c_char,
) -> c_int {
    const NAME: &str = "lws_client_http_multipart";
    enter::on_wsi(NAME, 1, wsi, Access::Service, |_, _, wsi| {
        let boundary = wsi.client.visit(|state| state.boundary.clone()).unwrap_or_default();
        if boundary.is_empty() {
            enter::refuse(NAME, Scope::Wsi(wsi), "the connection was not made with LCCSCF_HTTP_MULTIPART_MIME");
            return 1;
        }
        // SAFETY: texts or NULL; a position in a buffer of the program that ends at `end`.
        unsafe {
            let bytes = |text| cstr::text(text).map(|text| text.to_bytes());
            let text = match bytes(name) {
                Some(name) => {
                    let part = Part { name, filename: bytes(filename), content_type: bytes(content_type) };
                    form_part::head(&boundary, &part)
                }
                None => form_part::end(&boundary),
            };
            if p.is_null() || (*p).is_null() || end.addr().saturating_sub((*p).addr()) < text.len() {
                return 1;
            }
            ptr::copy_nonoverlapping(text.as_ptr().cast(), *p, text.len());
            *p = (*p).add(text.len());
        }
        0
    })
}

/// 1 if a redirect turned the request into GET.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_http_is_redirected_to_get(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_http_is_redirected_to_get", 0, wsi, Access::Getter, |_, _, wsi| {
        c_int::from(wsi.client.visit(|state| state.redirected_to_get).unwrap_or(false))
    })
}
