//! What the C side of a vhost consists of: its copy of the protocol array and the private memory of its protocols.
#![allow(unsafe_code)]

use super::alloc;
use super::layout::*;
use crate::engine::vhost::Vhost;
use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_void};
use std::ptr;

/// Owned by the vhost through `Vhost::edge`, an exposed address.
pub struct VhostEdge {
    /// The program's entries and the terminator; `lws_get_protocol` points in here.
    pub protocols: Box<[lws_protocols]>,
    /// `lws_protocol_vh_priv_zalloc` of each protocol.
    pub privates: Vec<Cell<*mut c_void>>,
    /// What a later call for the same protocol replaced: the program may still hold it.
    pub replaced_privates: RefCell<Vec<*mut c_void>>,
    pub handle: Cell<*mut lws_vhost>,
    pub finalize: Option<unsafe extern "C" fn(vh: *mut lws_vhost, arg: *mut c_void)>,
    pub finalize_arg: *mut c_void,
    /// Kept for getters that return texts.
    pub name: CString,
    pub iface: Option<CString>,
    pub mounts: *const lws_http_mount,
    pub headers: *const lws_protocol_vhost_options,
    pub error_document_404: *const std::ffi::c_char,
    /// Texts handed to the program that have to live as long as the vhost.
    pub texts: RefCell<Vec<CString>>,
}

impl VhostEdge {
    /// Takes ownership and returns the address to keep in the vhost.
    pub fn keep(self) -> usize {
        Box::into_raw(Box::new(self)).expose_provenance()
    }

    /// The edge of a living vhost.
    pub fn of(vhost: &Vhost) -> Option<&VhostEdge> {
        let edge: *const VhostEdge = ptr::with_exposed_provenance(vhost.edge.get());
        // SAFETY: 0 or the address of `keep`; freed by `finish`, which clears the field first.
        unsafe { edge.as_ref() }
    }

    /// The vhost is gone: private memory is freed, then the program's finalize is called.
    pub fn finish(address: usize) {
        if address == 0 {
            return;
        }
        // SAFETY: from `keep`, given up by the vhost.
        let edge = unsafe { Box::from_raw(ptr::with_exposed_provenance_mut::<VhostEdge>(address)) };
        let replaced = edge.replaced_privates.take();
        for private in edge.privates.iter().map(|private| private.replace(ptr::null_mut())).chain(replaced) {
            // SAFETY: NULL or memory of `lws_protocol_vh_priv_zalloc`, freed once.
            unsafe { alloc::release(private.cast()) };
        }
        if let Some(finalize) = edge.finalize {
            // SAFETY: the program's function, called once with what it gave.
            unsafe { finalize(edge.handle.get(), edge.finalize_arg) };
        }
    }

    /// Place of a protocol in the array: by address, else by name.
    #[allow(clippy::not_unsafe_ptr_arg_deref, reason = "C promises a protocol; each caller would only repeat that")]
    pub fn index_of(&self, protocol: *const lws_protocols) -> Option<usize> {
        let count = self.privates.len();
        if let Some(index) = (0..count).find(|index| ptr::eq(&raw const self.protocols[*index], protocol)) {
            return Some(index);
        }
        // SAFETY: not ours, so one of the program's own array, whose name is a text (or NULL).
        let name = unsafe { super::cstr::text(protocol.as_ref()?.name)? };
        (0..count).find(|index| {
            // SAFETY: names of a vhost's protocols stay valid as long as the vhost (spec: kept by pointer).
            let own = unsafe { super::cstr::text(self.protocols[*index].name) };
            own == Some(name)
        })
    }
}
