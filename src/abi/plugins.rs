//! `lws_plugins_init`: shared objects with a table that says what they are.
//!
//! # What C promises
//! Lists come from `lws_plugins_init`; directories are an array of texts that ends with NULL. Loading runs the
//! initialisers of what is found: the directories must be as trustworthy as the program itself.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::layout::*;
use super::{cstr, guard};
use crate::engine::log::{self, Level};
use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::ptr;

const INIT: &str = "lws_plugins_init";

/// Loads the plugins of class `_class` from the directories `d` into a new list at `*pplugin`, and calls `each` for them.
///
/// A file `lib<anything>_name.so` (or with `-`; what follows the first dot says nothing) is one if it exports a
/// `struct lws_plugin_header` called `name` that has the API magic of the headers and the class. `filter`: NULL, or the one
/// name wanted. What `each` returns says nothing. The newest plugin is the first of the list. A file that cannot be used,
/// and a directory that cannot be read, are told in the log and passed over. Returns 0, or 1: nothing was found; in the
/// product of soname 17, as in 4.1.6, that is 0 with an empty list.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_plugins_init(
    pplugin: *mut *mut lws_plugin,
    d: *const *const c_char,
    _class: *const c_char,
    filter: *const c_char,
    each: each_plugin_cb_t,
    each_user: *mut c_void,
) -> c_int {
    guard::pure(INIT, 1, || {
        // SAFETY: see the module.
        unsafe {
            let Some(class) = cstr::text(_class) else { return 1 };
            if pplugin.is_null() || d.is_null() {
                return 1;
            }
            *pplugin = ptr::null_mut();
            let filter = cstr::text(filter).map(CStr::to_bytes);
            let mut at = d;
            while let Some(directory) = cstr::text(*at) {
                let directory = Path::new(OsStr::from_bytes(directory.to_bytes()));
                for (path, name) in candidates(directory, filter) {
                    let Some(plugin) = load(&path, &name, class) else { continue };
                    (*plugin).list = *pplugin;
                    *pplugin = plugin;
                    if let Some(each) = each {
                        each(plugin, each_user);
                    }
                }
                at = at.add(1);
            }
            c_int::from((*pplugin).is_null() && cfg!(not(feature = "abi41")))
        }
    })
}

/// Calls `each` for the plugins of a list, unloads them and sets the variable to NULL. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_plugins_destroy(
    pplugin: *mut *mut lws_plugin,
    each: each_plugin_cb_t,
    each_user: *mut c_void,
) -> c_int {
    guard::pure("lws_plugins_destroy", 1, || {
        if pplugin.is_null() {
            return 0;
        }
        // SAFETY: see the module; the next entry is read before one goes.
        unsafe {
            let mut plugin = ptr::replace(pplugin, ptr::null_mut());
            while !plugin.is_null() {
                let next = (*plugin).list;
                if let Some(each) = each {
                    each(plugin, each_user);
                }
                unload(plugin);
                plugin = next;
            }
        }
        0
    })
}

/// The name a file has as a plugin: behind the first `_` or `-`, up to the first dot.
fn plugin_name(file: &[u8]) -> Option<&[u8]> {
    let start = file.iter().position(|byte| matches!(byte, b'_' | b'-'))? + 1;
    let name = file[start..].split(|&byte| byte == b'.').next()?;
    (!name.is_empty()).then_some(name)
}

/// Files of a directory that may be plugins, by name, with the symbol to look for.
fn candidates(directory: &Path, filter: Option<&[u8]>) -> Vec<(PathBuf, CString)> {
    let entries = std::fs::read_dir(directory).inspect_err(|why| {
        let errno = why.raw_os_error().unwrap_or_default();
        let text = format_args!("Scandir on '{}' failed, errno {errno}: {why}", directory.display());
        log::process(Level::Err, INIT, text);
    });
    let mut found: Vec<_> = entries
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                return None;
            }
            let file = entry.file_name();
            let name = plugin_name(file.as_bytes()).filter(|name| filter.is_none_or(|filter| filter == *name))?;
            // A symbol is a C name: `my-plugin` is looked for as `my_plugin`.
            let symbol: Vec<u8> = name.iter().map(|&byte| if byte == b'-' { b'_' } else { byte }).collect();
            Some((entry.path(), CString::new(symbol).ok()?))
        })
        .collect();
    found.sort();
    found
}

/// Opens a file and looks at its table. NULL list pointer; the caller links it.
///
/// # Safety
/// The file may be loaded into this process.
unsafe fn load(path: &Path, name: &CStr, class: &CStr) -> Option<*mut lws_plugin> {
    let file = CString::new(path.as_os_str().as_bytes()).ok()?;
    let shown = path.display();
    let refuse = |level, why: std::fmt::Arguments<'_>| log::process(level, INIT, format_args!("{shown}: {why}"));
    // SAFETY: the caller's promise; the table is checked field by field, its texts are those of the plugin.
    unsafe {
        let library = libc::dlopen(file.as_ptr(), libc::RTLD_NOW);
        if library.is_null() {
            let why = cstr::owned(libc::dlerror()).unwrap_or_default();
            refuse(Level::Warn, format_args!("cannot be loaded: {why}"));
            return None;
        }
        let header = libc::dlsym(library, name.as_ptr()).cast::<lws_plugin_header_t>();
        let reason = match header.as_ref() {
            None => Some(format!("has no symbol '{}'", name.to_string_lossy())),
            Some(table) if table.api_magic != LWS_PLUGIN_API_MAGIC => {
                Some(format!("is for API {}, this is {LWS_PLUGIN_API_MAGIC}", table.api_magic))
            }
            // Of another kind: nothing to complain about.
            Some(table) if cstr::text(table._class) != Some(class) => Some(String::new()),
            Some(_) => None,
        };
        if let Some(reason) = reason {
            if !reason.is_empty() {
                refuse(Level::Warn, format_args!("{reason}"));
            }
            libc::dlclose(library);
            return None;
        }
        refuse(Level::Info, format_args!("loaded"));
        Some(Box::into_raw(Box::new(lws_plugin { list: ptr::null_mut(), hdr: header, u: lws_plugin_u { l: library } })))
    }
}

/// # Safety
/// A plugin of [`load`], not used any more.
unsafe fn unload(plugin: *mut lws_plugin) {
    // SAFETY: the caller's promise.
    unsafe {
        let plugin = Box::from_raw(plugin);
        libc::dlclose(plugin.u.l);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_plugin_files() {
        assert_eq!(plugin_name(b"libprotocol_lws_mirror.so"), Some(&b"lws_mirror"[..]));
        assert_eq!(plugin_name(b"libwebsockets-evlib_uv.so.1"), Some(&b"evlib_uv"[..]));
        assert_eq!(plugin_name(b"a_b-name"), Some(&b"b-name"[..]));
        assert_eq!(plugin_name(b"libplain.so"), None);
        assert_eq!(plugin_name(b"lib_.so"), None);
    }

    #[test]
    fn a_directory_without_plugins_is_an_error_but_in_4_1() {
        let mut list = ptr::null_mut();
        let directories = [c"/nonexistent".as_ptr(), ptr::null()];
        let class = c"test".as_ptr();
        // SAFETY: an array with an end, texts and a variable.
        unsafe {
            let user = ptr::null_mut();
            let result = lws_plugins_init(&raw mut list, directories.as_ptr(), class, ptr::null(), None, user);
            assert_eq!(result, c_int::from(cfg!(not(feature = "abi41"))));
            assert!(list.is_null());
            assert_eq!(lws_plugins_destroy(&raw mut list, None, user), 0);
            assert_eq!(lws_plugins_destroy(ptr::null_mut(), None, user), 0);
        }
    }
}
