//! Mounts as C describes them, and files that the program serves itself.
//!
//! # What C promises
//! A mount list, the option lists in it and their texts are as the header documents them while the vhost is made;
//! `cgienv` stays valid as long as the vhost, since it is handed to HTTP_PMO.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cstr;
use super::enter::{self, Access};
use super::layout::*;
use crate::engine::file_serving;
use crate::engine::log::{self, Level};
use crate::engine::mount::{CachePolicy, Mount, Origin};
use crate::engine::wsi::flag;
use crate::proto::http::forward;
use std::ffi::{CStr, c_char, c_int};
use std::rc::Rc;

/// Mounts and options that are looked at; a list that is a ring ends here.
const MAX_LIST: usize = 4096;

/// The mounts of a vhost, in the program's order.
///
/// # Safety
/// See the module.
pub unsafe fn read_list(first: *const lws_http_mount) -> Vec<Rc<Mount>> {
    let mut mounts = Vec::new();
    let mut next = first;
    // SAFETY: the caller's promise; the list ends with NULL.
    while let Some(given) = unsafe { next.as_ref() }.filter(|_| mounts.len() < MAX_LIST) {
        next = given.mount_next;
        // SAFETY: an entry of the list.
        mounts.extend(unsafe { read(given) }.map(Rc::new));
    }
    mounts
}

/// # Safety
/// See the module.
unsafe fn read(given: &lws_http_mount) -> Option<Mount> {
    // SAFETY: texts or NULL, in the whole function.
    unsafe {
        let bytes = |text: *const c_char| cstr::text(text).map(CStr::to_bytes).unwrap_or_default().to_vec();
        let mut point = cstr::text(given.mountpoint)?.to_bytes().to_vec();
        // The length counts, as it always did; the text may go on behind it.
        point.truncate(usize::from(given.mountpoint_len));
        let def = bytes(given.def);
        Some(Mount {
            point,
            origin: match given.origin_protocol {
                LWSMPRO_FILE => Origin::File,
                LWSMPRO_CALLBACK => Origin::Callback,
                LWSMPRO_HTTP | LWSMPRO_HTTPS => proxy(&bytes(given.origin), given.origin_protocol == LWSMPRO_HTTPS),
                LWSMPRO_REDIR_HTTP => Origin::Redirect { https: false },
                LWSMPRO_REDIR_HTTPS => Origin::Redirect { https: true },
                other => {
                    let point = String::from_utf8_lossy(cstr::text(given.mountpoint)?.to_bytes()).into_owned();
                    let what =
                        if other == LWSMPRO_CGI { "CGI programs are not run" } else { "unknown origin_protocol" };
                    let text = format_args!("mount '{point}': {what}, its requests go to LWS_CALLBACK_HTTP");
                    log::process(Level::Warn, "mount", text);
                    Origin::Other
                }
            },
            place: bytes(given.origin),
            default_document: if def.is_empty() { b"index.html".to_vec() } else { def },
            protocol: cstr::owned_nonempty(given.protocol),
            options: given.cgienv.expose_provenance(),
            mime_types: pairs(given.extra_mimetypes),
            interpreted: pairs(given.interpret),
            cache: CachePolicy {
                max_age_secs: given.cache_max_age,
                reusable: given.bits & 1 != 0,
                revalidate: given.bits & 2 != 0,
                intermediaries: given.bits & 4 != 0,
            },
            auth_mask: given.auth_mask,
            auth_file: cstr::path(given.basic_auth_login_file),
        })
    }
}

/// The origin of a proxy mount.
fn proxy(text: &[u8], is_tls: bool) -> Origin {
    match forward::Origin::parse(text, is_tls) {
        Some(origin) => Origin::Proxy(Rc::new(origin)),
        None => {
            let shown = String::from_utf8_lossy(text);
            let text = format_args!("'{shown}' is no host[:port][/path]: its requests go to LWS_CALLBACK_HTTP");
            log::process(Level::Err, "mount", text);
            Origin::Other
        }
    }
}

/// Names and values of an option list; a name without value has an empty one.
///
/// # Safety
/// See the module.
unsafe fn pairs(first: *const lws_protocol_vhost_options) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut next = first;
    // SAFETY: the caller's promise; the list ends with NULL, its texts are texts or NULL.
    unsafe {
        while let Some(option) = next.as_ref().filter(|_| found.len() < MAX_LIST) {
            next = option.next;
            if let Some(name) = cstr::owned_nonempty(option.name) {
                found.push((name, cstr::owned(option.value).unwrap_or_default()));
            }
        }
    }
    found
}

/// Sends a file as the answer to the request of `wsi`, through the file operations of the context.
///
/// `content_type`: NULL or "" for none. `other_headers`: NULL, or whole header lines of `other_headers_len` bytes; without a
/// cache-control among them `no-store` is said. A Range header is honoured.
///
/// Returns 0: the file is on its way, LWS_CALLBACK_HTTP_FILE_COMPLETION follows (for HEAD the transaction is completed
/// already); positive: the answer is complete, for a missing file with 404, call `lws_http_transaction_completed()`;
/// negative: close, return -1 from the callback.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_serve_http_file(
    wsi: *mut lws,
    file: *const c_char,
    content_type: *const c_char,
    other_headers: *const c_char,
    other_headers_len: c_int,
) -> c_int {
    enter::on_wsi("lws_serve_http_file", -1, wsi, Access::Service, |may, cx, wsi| {
        // SAFETY: texts or NULL, and `other_headers_len` bytes of the program.
        let (file, content_type, extra) = unsafe {
            let Some(file) = cstr::text(file) else { return -1 };
            let content_type = cstr::text(content_type).map(CStr::to_bytes).unwrap_or_default();
            let extra = cstr::bytes(other_headers.cast(), usize::try_from(other_headers_len).unwrap_or(0));
            (file.to_bytes().to_vec(), content_type.to_vec(), extra.to_vec())
        };
        file_serving::serve_path(may, cx, wsi, &file, &content_type, &extra)
    })
}

/// Goes on with the file of `lws_serve_http_file()`. The loop does that by itself.
///
/// Returns 0: more is to come, 1: no file is under way, negative: close.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_serve_http_file_fragment(wsi: *mut lws) -> c_int {
    enter::on_wsi("lws_serve_http_file_fragment", -1, wsi, Access::Service, |_, cx, wsi| {
        if !wsi.has(flag::SERVING_FILE) {
            return 1;
        }
        cx.make_pending(wsi);
        0
    })
}
