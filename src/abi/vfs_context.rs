//! The file operations of a context, and files opened through them to be served.
//!
//! # What C promises
//! Operations given in `info.fops` or to `lws_set_fops` stay valid as long as the context and do what their types say.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter;
use super::files::{lws_vfs_file_open, lws_vfs_file_seek_set, platform};
use super::guard;
use super::layout::*;
use super::slots::Shared;
use crate::engine::callback::ServedFile;
use std::ffi::CStr;
use std::ptr;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Tables of the platform's operations that no context uses. They are used again and never freed: an open file points to
/// one, and its context may end before it. So only `next`, which files do not read, changes afterwards.
static SPARE: Mutex<Vec<usize>> = Mutex::new(Vec::new());

fn spare() -> MutexGuard<'static, Vec<usize>> {
    SPARE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The address of a table of the platform's operations, with those of the program behind them.
fn platform_operations(behind: *const lws_plat_file_ops) -> usize {
    match spare().pop() {
        Some(table) => link(table, behind),
        None => Box::into_raw(Box::new(platform(behind))).expose_provenance(),
    }
}

fn link(table: usize, behind: *const lws_plat_file_ops) -> usize {
    // SAFETY: a table that was made here and that no other context has.
    unsafe { (*ptr::with_exposed_provenance_mut::<lws_plat_file_ops>(table)).next = behind };
    table
}

/// The head of the list; made when it is first asked for.
fn head(shared: &Shared) -> *mut lws_plat_file_ops {
    let set = shared.fops.load(Ordering::Acquire);
    if set != 0 && set & 1 == 0 {
        return ptr::with_exposed_provenance_mut(set);
    }
    // Odd: `info.fops` + 1, which is still to be linked behind the platform's.
    let behind = ptr::with_exposed_provenance(if set == 0 { 0 } else { set - 1 });
    let own = shared.platform_fops.swap(0, Ordering::AcqRel);
    let table = if own == 0 { platform_operations(behind) } else { link(own, behind) };
    let now = match shared.fops.compare_exchange(set, table, Ordering::AcqRel, Ordering::Acquire) {
        Ok(_) => table,
        Err(other) => other,
    };
    give_back(shared.platform_fops.swap(table, Ordering::AcqRel));
    ptr::with_exposed_provenance_mut(now)
}

/// The context ends: its table is for others.
pub fn release(shared: &Shared) {
    give_back(shared.platform_fops.swap(0, Ordering::AcqRel));
}

fn give_back(table: usize) {
    if table != 0 {
        spare().push(table);
    }
}

/// What is kept for `info.fops` until the list is made.
pub fn unlinked(given: *const lws_plat_file_ops) -> usize {
    if given.is_null() { 0 } else { given.expose_provenance() + 1 }
}

/// The file operations of the context, first of their list. NULL for a context that is gone.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_fops(context: *mut lws_context) -> *mut lws_plat_file_ops {
    guard::pure("lws_get_fops", ptr::null_mut(), || {
        enter::shared("lws_get_fops", context).map_or(ptr::null_mut(), |shared| head(&shared))
    })
}

/// Makes `fops` the first of the context's file operations; to keep the others, link them behind it by `next`.
///
/// NULL goes back to the platform's. Files that are open keep their own.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_set_fops(context: *mut lws_context, fops: *const lws_plat_file_ops) {
    guard::pure("lws_set_fops", (), || {
        if let Some(shared) = enter::shared("lws_set_fops", context) {
            shared.fops.store(fops.expose_provenance(), Ordering::Release);
        }
    });
}

/// An open file, closed when dropped.
struct VfsFile(lws_fop_fd_t);

/// Opens a file to be served.
pub fn open(shared: &Shared, path: &CStr, accepts_gzip: bool) -> Option<Box<dyn ServedFile>> {
    let mut flags: lws_fop_flags_t = libc::O_RDONLY.cast_unsigned();
    if accepts_gzip {
        flags |= LWS_FOP_FLAG_COMPR_ACCEPTABLE_GZIP;
    }
    // SAFETY: operations of the context, a C string, a place for the flags.
    let file = unsafe { lws_vfs_file_open(head(shared), path.as_ptr(), &raw mut flags) };
    if file.is_null() {
        return None;
    }
    let file = VfsFile(file);
    // What the operations told in `flags` counts as told in the file.
    // SAFETY: an open file, which nobody else knows.
    unsafe { (*file.0).flags |= flags };
    Some(Box::new(file))
}

impl VfsFile {
    fn flags(&self) -> lws_fop_flags_t {
        // SAFETY: open until it is dropped.
        unsafe { (*self.0).flags }
    }
}

impl ServedFile for VfsFile {
    fn size(&self) -> u64 {
        // SAFETY: open until it is dropped.
        unsafe { (*self.0).len }
    }

    fn seek(&mut self, offset: u64) -> bool {
        let Ok(offset) = lws_fileofs_t::try_from(offset) else { return false };
        // SAFETY: open until it is dropped.
        unsafe { lws_vfs_file_seek_set(self.0, offset) >= 0 }
    }

    fn read(&mut self, buffer: &mut [u8]) -> Option<usize> {
        let mut amount: lws_filepos_t = 0;
        // SAFETY: open until it is dropped; the buffer has the size that is passed.
        let result = unsafe {
            let read = (*self.0).fops.as_ref()?.read?;
            read(self.0, &raw mut amount, buffer.as_mut_ptr(), buffer.len() as lws_filepos_t)
        };
        usize::try_from(amount).ok().filter(|amount| result >= 0 && *amount <= buffer.len())
    }

    fn modified(&self) -> Option<u32> {
        // SAFETY: open until it is dropped.
        (self.flags() & LWS_FOP_FLAG_MOD_TIME_VALID != 0).then(|| unsafe { (*self.0).mod_time })
    }

    fn is_gzip(&self) -> bool {
        self.flags() & LWS_FOP_FLAG_COMPR_IS_GZIP != 0
    }

    fn is_virtual(&self) -> bool {
        self.flags() & LWS_FOP_FLAG_VIRTUAL != 0
    }
}

impl Drop for VfsFile {
    fn drop(&mut self) {
        // SAFETY: open, and used by nobody from here on.
        unsafe {
            if let Some(close) = (*self.0).fops.as_ref().and_then(|fops| fops.close) {
                close(&raw mut self.0);
            }
        }
    }
}
