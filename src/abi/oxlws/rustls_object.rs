//! Configurations of rustls-ffi, whose sessions liboxlws-rustls.so runs: see [`rustls_interface`](super::rustls_interface).
//!
//! # What C promises
//! `object` is what `oxlws_rustls_object()` gave, and a configuration was made by that object and not freed yet.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::rustls_interface::{self, Interface, Text};
use crate::abi::enter::{self, Access};
use crate::abi::layout::lws_vhost;
use crate::engine::log::{self, Level, Scope};
use crate::engine::tls::client_config::ClientTls;
use crate::engine::tls::foreign::{Facts, ForeignConfig, ForeignSession};
use crate::engine::tls::server_config::ServerTls;
use crate::engine::tls_certificates;
use std::ffi::{CStr, CString, c_int, c_void};
use std::sync::Arc;
use std::{ptr, slice};

/// liboxlws-rustls.so, as `oxlws_rustls_object()` of <oxlws.h> gives it.
#[allow(non_camel_case_types)]
pub struct oxlws_rustls(());

/// Of rustls.h: what `rustls_client_config_builder_build()` makes.
#[allow(non_camel_case_types)]
pub struct rustls_client_config(());

/// Of rustls.h: what `rustls_server_config_builder_build()` makes.
#[allow(non_camel_case_types)]
pub struct rustls_server_config(());

/// Client connections of the vhost that begin from now on use a configuration that the program made with the `rustls_`
/// functions of liboxlws-rustls.so; all of it counts, and nothing else: roots, versions, ALPN, verification.
///
/// `object`: `oxlws_rustls_object()`. The vhost keeps the configuration; the program may free its own. LCCSCF_ flags do
/// not loosen its checks. Returns 0, or -1: the log tells, for example that the object is of another build.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_vhost_set_rustls_client_config(
    vhost: *mut lws_vhost,
    object: *const oxlws_rustls,
    config: *const rustls_client_config,
) -> c_int {
    const NAME: &str = "oxlws_vhost_set_rustls_client_config";
    enter::on_vhost(NAME, -1, vhost, Access::Service, |_, _, vhost| {
        // SAFETY: see the module.
        let made = unsafe { Configuration::new(object, config.cast(), Side::Client) }
            .and_then(|config| ClientTls::foreign(Box::new(config)).map_err(|error| error.to_string()));
        match made {
            Ok(tls) => {
                vhost.set_client_tls(Arc::new(tls));
                0
            }
            Err(why) => {
                log::line(Level::Err, Scope::Vhost(vhost), NAME, format_args!("{why}"));
                -1
            }
        }
    })
}

/// Clients that the vhost accepts from now on are served with a configuration that the program made with the `rustls_`
/// functions of liboxlws-rustls.so; all of it counts, and nothing else. A vhost that was made without TLS has it from now
/// on.
///
/// As `oxlws_vhost_set_rustls_client_config()` otherwise.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn oxlws_vhost_set_rustls_server_config(
    vhost: *mut lws_vhost,
    object: *const oxlws_rustls,
    config: *const rustls_server_config,
) -> c_int {
    const NAME: &str = "oxlws_vhost_set_rustls_server_config";
    enter::on_vhost(NAME, -1, vhost, Access::Service, |_, cx, vhost| {
        // SAFETY: see the module.
        match unsafe { Configuration::new(object, config.cast(), Side::Server) } {
            Ok(config) => {
                vhost.server_settings.set(None);
                vhost.set_server_tls(Arc::new(ServerTls::foreign(Box::new(config))));
                vhost.settings.serves_tls.set(true);
                tls_certificates::watch(cx);
                0
            }
            Err(why) => {
                log::line(Level::Err, Scope::Vhost(vhost), NAME, format_args!("{why}"));
                -1
            }
        }
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Client,
    Server,
}

/// A configuration of the other object, of which we are one owner.
struct Configuration {
    object: &'static Interface,
    config: *const c_void,
    side: Side,
}

// SAFETY: a rustls configuration may be used by any thread at any time (`rustls.h`: shared by an Arc), and so may the
// functions of the interface.
unsafe impl Send for Configuration {}
// SAFETY: as above.
unsafe impl Sync for Configuration {}

impl Configuration {
    /// # Safety
    /// As the module says.
    unsafe fn new(object: *const oxlws_rustls, config: *const c_void, side: Side) -> Result<Configuration, String> {
        if object.is_null() || config.is_null() {
            return Err("the object or the configuration is NULL".into());
        }
        let object: *const Interface = object.cast();
        // SAFETY: the caller's promise; all versions begin with these two numbers and a text, and the object is never
        // unloaded.
        let (version, size, tag) = unsafe { ((*object).version, (*object).size, (*object).tag) };
        if version != rustls_interface::VERSION || size as usize != size_of::<Interface>() {
            return Err(format!(
                "liboxlws-rustls.so speaks version {version} of the interface ({size} bytes), this library version {} ({} \
                 bytes)",
                rustls_interface::VERSION,
                size_of::<Interface>()
            ));
        }
        // SAFETY: a text of the object.
        let tag = unsafe { CStr::from_ptr(tag) }.to_string_lossy();
        let own = env!("OXLWS_BUILD_TAG");
        if tag != own {
            return Err(format!("liboxlws-rustls.so is of another build: '{tag}', this library is '{own}'"));
        }
        // SAFETY: the object lives as long as the process (it is linked with -z nodelete), and is of our build.
        let object: &'static Interface = unsafe { &*object };
        // SAFETY: a plain lookup, and a function of the object.
        let (in_front, own) =
            unsafe { (libc::dlsym(libc::RTLD_DEFAULT, rustls_interface::MARKER.as_ptr()), (object.marker)()) };
        // None at all: the program opened the object by itself.
        if !in_front.is_null() && !ptr::eq(in_front, own) {
            return Err("another library's rustls_ functions are in front of those of liboxlws-rustls.so, so the \
                        configuration is not of its making: link liboxlws-rustls first, and no other librustls"
                .into());
        }
        match side {
            // SAFETY: the caller's promise about the configuration.
            Side::Client => unsafe { (object.retain_client)(config) },
            // SAFETY: as above.
            Side::Server => unsafe { (object.retain_server)(config) },
        }
        Ok(Configuration { object, config, side })
    }
}

impl Drop for Configuration {
    fn drop(&mut self) {
        match self.side {
            // SAFETY: retained when this was made.
            Side::Client => unsafe { (self.object.release_client)(self.config) },
            // SAFETY: as above.
            Side::Server => unsafe { (self.object.release_server)(self.config) },
        }
    }
}

impl ForeignConfig for Configuration {
    fn begin(&self, host: Option<&str>) -> Result<Box<dyn ForeignSession>, String> {
        let mut why = Text::EMPTY;
        let session = match (self.side, host) {
            (Side::Client, Some(host)) => {
                let host = CString::new(host).map_err(|_| "the host name has a NUL in it")?;
                // SAFETY: we own the configuration; a NUL-terminated text; a variable.
                unsafe { (self.object.client)(self.config, host.as_ptr(), &raw mut why) }
            }
            // SAFETY: as above.
            (Side::Server, None) => unsafe { (self.object.server)(self.config, &raw mut why) },
            _ => return Err("bug: the configuration is for the other side".into()),
        };
        if session.is_null() { Err(why.get()) } else { Ok(Box::new(Session { object: self.object, session })) }
    }
}

/// A session of the other object. Freed with this; used by one thread at a time, as engine state is.
struct Session {
    object: &'static Interface,
    session: *mut c_void,
}

impl Drop for Session {
    fn drop(&mut self) {
        // SAFETY: it came from the object, and is freed once.
        unsafe { (self.object.free)(self.session) };
    }
}

impl ForeignSession for Session {
    fn receive(&mut self, records: &[u8]) -> Result<usize, String> {
        let mut why = Text::EMPTY;
        // SAFETY: a session of the object, borrowed here alone; `records` is readable for its length.
        let taken = unsafe { (self.object.receive)(self.session, records.as_ptr(), records.len(), &raw mut why) };
        usize::try_from(taken).map_err(|_| why.get())
    }

    fn read(&mut self, out: &mut [u8]) -> usize {
        // SAFETY: as above; `out` is writable for its length.
        unsafe { (self.object.read)(self.session, out.as_mut_ptr(), out.len()) }
    }

    fn write(&mut self, plain: &[u8]) -> usize {
        // SAFETY: as `receive`.
        unsafe { (self.object.write)(self.session, plain.as_ptr(), plain.len()) }
    }

    fn output(&mut self, out: &mut Vec<u8>) {
        const ROOM: usize = 16 * 1024 + 512;
        loop {
            let start = out.len();
            out.resize(start + ROOM, 0);
            let room = out.get_mut(start..).unwrap_or_default();
            // SAFETY: as `read`.
            let count = unsafe { (self.object.output)(self.session, room.as_mut_ptr(), room.len()) };
            out.truncate(start + count);
            if count < ROOM {
                return;
            }
        }
    }

    fn close_notify(&mut self) {
        // SAFETY: a session of the object.
        unsafe { (self.object.close_notify)(self.session) };
    }

    fn facts(&self) -> Facts {
        let mut facts = rustls_interface::Facts {
            is_handshaking: 1,
            has_peer_closed: 0,
            is_resumed: 0,
            version: 0,
            suite: 0,
            alpn: Text::EMPTY,
        };
        // SAFETY: a session of the object, and a variable.
        unsafe { (self.object.facts)(self.session, &raw mut facts) };
        let alpn = facts.alpn.bytes.get(..facts.alpn.len).unwrap_or_default();
        Facts {
            is_handshaking: facts.is_handshaking != 0,
            has_peer_closed: facts.has_peer_closed != 0,
            is_resumed: facts.is_resumed != 0,
            version: facts.version,
            suite: facts.suite,
            alpn: (!alpn.is_empty()).then(|| alpn.to_vec()),
        }
    }

    fn certificate(&self, number: usize) -> Option<Vec<u8>> {
        let (mut der, mut len) = (ptr::null(), 0);
        // SAFETY: a session of the object, and two variables.
        let found = unsafe { (self.object.certificate)(self.session, number, &raw mut der, &raw mut len) };
        if found == 0 || der.is_null() {
            return None;
        }
        // SAFETY: `len` bytes of the session, which is borrowed here.
        Some(unsafe { slice::from_raw_parts(der, len) }.to_vec())
    }
}
