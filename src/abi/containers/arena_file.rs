//! Files kept in memory in an arena, and read again when they change.
//!
//! What the program holds is the address of the content; what is known about the file lies in front of it.
//!
//! # What C promises
//!
//! A cache pointer is NULL or comes from `lwsac_cached_file`, and is used by one thread at a time.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::arena;
use crate::abi::layout::{lws_usec_t, lwsac, lwsac_cached_file_t};
use crate::abi::{guard, time};
use crate::engine::log::{self, Level};
use std::ffi::{CStr, OsStr, c_char, c_int};
use std::fs::File;
use std::io::{self, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::ptr;

/// What lies in front of the content.
#[repr(C)]
struct Info {
    arena: *mut lwsac,
    changed: Stamp,
    checked_at: lws_usec_t,
}

/// Tells one state of a file from another: modification time and size.
type Stamp = (i64, i64, u64);

/// For this long after a look at the file, its cached content is taken to be right.
const CHECK_EVERY_US: lws_usec_t = 5_000_000;

/// Makes `*cache` the content of the file, with a NUL behind it, and `*len` its length.
///
/// `*cache` is NULL at first. Later calls leave both as they are if the file was looked at within five seconds or has
/// not changed; else the old content is detached, as by `lwsac_use_cached_file_detach`, and replaced. Returns 0, or 1 if
/// the file cannot be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_cached_file(
    filepath: *const c_char,
    cache: *mut lwsac_cached_file_t,
    len: *mut usize,
) -> c_int {
    const NAME: &str = "lwsac_cached_file";
    guard::pure(NAME, 1, || {
        if filepath.is_null() || cache.is_null() || len.is_null() {
            return 1;
        }
        let now = time::now_usecs();
        // SAFETY: see the module; `filepath` is a C string.
        unsafe {
            let known = info(*cache);
            if !known.is_null() && now - (*known).checked_at < CHECK_EVERY_US {
                return 0;
            }
            let path = OsStr::from_bytes(CStr::from_ptr(filepath).to_bytes());
            match File::open(path).and_then(|file| load(file, known, now)) {
                Ok(None) => {
                    (*known).checked_at = now;
                    0
                }
                Ok(Some((content, content_len))) => {
                    lwsac_use_cached_file_detach(cache);
                    cache.write(content);
                    len.write(content_len);
                    0
                }
                Err(error) => {
                    log::process(Level::Err, NAME, format_args!("cannot read {}: {error}", path.display()));
                    1
                }
            }
        }
    })
}

/// Keeps the content from being freed while it is used, until `lwsac_use_cached_file_end`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_use_cached_file_start(cache: lwsac_cached_file_t) {
    guard::pure("lwsac_use_cached_file_start", (), || {
        if !cache.is_null() {
            // SAFETY: see the module.
            unsafe { arena::lwsac_reference((*info(cache)).arena) };
        }
    });
}

/// Ends what `lwsac_use_cached_file_start` began. Content that is detached and not used any more is freed, and `*cache`
/// becomes NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_use_cached_file_end(cache: *mut lwsac_cached_file_t) {
    // SAFETY: see the module.
    guard::pure("lwsac_use_cached_file_end", (), || unsafe { with_arena(cache, arena::lwsac_unreference) });
}

/// Drops the content: it is freed, and `*cache` becomes NULL, as soon as nobody uses it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsac_use_cached_file_detach(cache: *mut lwsac_cached_file_t) {
    // SAFETY: see the module.
    guard::pure("lwsac_use_cached_file_detach", (), || unsafe { with_arena(cache, arena::lwsac_detach) });
}

/// The information in front of `content`; NULL for NULL.
fn info(content: lwsac_cached_file_t) -> *mut Info {
    if content.is_null() { ptr::null_mut() } else { content.cast::<Info>().wrapping_sub(1) }
}

/// # Safety
/// `cache` is NULL or a cache pointer.
unsafe fn with_arena(cache: *mut lwsac_cached_file_t, work: unsafe extern "C" fn(*mut *mut lwsac)) {
    // SAFETY: the caller's promise. The arena holds the information about itself, so its address is copied first.
    unsafe {
        if cache.is_null() || (*cache).is_null() {
            return;
        }
        let mut arena = (*info(*cache)).arena;
        work(&raw mut arena);
        if arena.is_null() {
            *cache = ptr::null_mut();
        }
    }
}

/// Reads the file into an arena of its own, unless it is the one that is `known` already.
///
/// # Safety
/// `known` is NULL or valid.
unsafe fn load(mut file: File, known: *const Info, now: lws_usec_t) -> io::Result<Option<(*mut u8, usize)>> {
    let meta = file.metadata()?;
    if !meta.is_file() {
        return Err(io::Error::other("not a regular file"));
    }
    let changed = (meta.mtime(), meta.mtime_nsec(), meta.len());
    // SAFETY: the caller's promise.
    if unsafe { known.as_ref() }.is_some_and(|known| known.changed == changed) {
        return Ok(None);
    }
    let out_of_memory = || io::Error::from(io::ErrorKind::OutOfMemory);
    let len = usize::try_from(meta.len()).map_err(|_| out_of_memory())?;
    let size = len.checked_add(size_of::<Info>() + 1).ok_or_else(out_of_memory)?;
    let mut arena = ptr::null_mut();
    // SAFETY: a new arena, whose only block has room for information, content and NUL, and is initialised.
    unsafe {
        let block = arena::lwsac_use_zero(&raw mut arena, size, size);
        if block.is_null() {
            return Err(out_of_memory());
        }
        let content = block.byte_add(size_of::<Info>()).cast::<u8>();
        if let Err(error) = file.read_exact(std::slice::from_raw_parts_mut(content, len)) {
            arena::lwsac_free(&raw mut arena);
            return Err(error);
        }
        block.cast::<Info>().write(Info { arena, changed, checked_at: now });
        Ok(Some((content, len)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::CString;

    #[test]
    fn file_is_read_kept_and_read_again_when_changed() {
        let path = std::env::temp_dir().join(format!("oxlws-cached-file-{}", std::process::id()));
        std::fs::write(&path, "one").unwrap();
        let name = CString::new(path.as_os_str().as_bytes()).unwrap();
        let (mut cache, mut len) = (ptr::null_mut(), 0);
        // SAFETY: a cache used as its functions ask.
        unsafe {
            assert_eq!(lwsac_cached_file(name.as_ptr(), &raw mut cache, &raw mut len), 0);
            assert_eq!(CStr::from_ptr(cache.cast()), c"one");
            assert_eq!(len, 3);
            std::fs::write(&path, "three").unwrap();
            assert_eq!(lwsac_cached_file(name.as_ptr(), &raw mut cache, &raw mut len), 0);
            assert_eq!(len, 3);
            (*info(cache)).checked_at -= CHECK_EVERY_US;
            let mut old = cache;
            lwsac_use_cached_file_start(old);
            assert_eq!(lwsac_cached_file(name.as_ptr(), &raw mut cache, &raw mut len), 0);
            assert_eq!((CStr::from_ptr(cache.cast()), len), (c"three", 5));
            assert_eq!(CStr::from_ptr(old.cast()), c"one");
            lwsac_use_cached_file_end(&raw mut old);
            assert!(old.is_null());
            (*info(cache)).checked_at -= CHECK_EVERY_US;
            std::fs::remove_file(&path).unwrap();
            assert_eq!(lwsac_cached_file(name.as_ptr(), &raw mut cache, &raw mut len), 1);
            lwsac_use_cached_file_detach(&raw mut cache);
            assert!(cache.is_null());
        }
    }
}
