//! Which event library a program asks for, and the object that knows it.
//!
//! Objects are called `libwebsockets-evlib_uv.so` and so on, as those of the original. They are looked for in the
//! directories of `LD_LIBRARY_PATH`, beside this library, where it is installed, and where the dynamic linker looks. A file is only loaded if it
//! has the tag of this interface in it: the original's plugins of the same name work on the insides of the original.
#![allow(unsafe_code)]

use crate::abi::cstr;
use crate::abi::layout::*;
use crate::engine::sys;
use std::ffi::{CStr, CString, OsStr, c_char, c_int, c_uint, c_void};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// As OXLWS_EVLIB_TAG in evlib/evlib.h.
const TAG: &str = "oxlws-evlib:1";
/// What the tags of all versions begin with.
const ANY_TAG: &[u8] = b"oxlws-evlib:";
/// Objects are some ten KiB.
const LARGEST_OBJECT: u64 = 16 << 20;

/// `struct oxlws_evlib_core`.
#[repr(C)]
pub struct Core {
    pub ready: unsafe extern "C" fn(context: *mut c_void),
    pub signalled: unsafe extern "C" fn(context: *mut c_void, watcher: *mut c_void, number: c_int),
}

/// `struct oxlws_evlib_ops`.
#[repr(C)]
pub struct Ops {
    pub tag: *const c_char,
    pub attach: unsafe extern "C" fn(
        core: *const Core,
        context: *mut c_void,
        fd: c_int,
        foreign: *mut c_void,
        flags: c_uint,
    ) -> *mut c_void,
    pub native_loop: unsafe extern "C" fn(watch: *mut c_void) -> *mut c_void,
    pub run: unsafe extern "C" fn(watch: *mut c_void),
    pub stop: unsafe extern "C" fn(watch: *mut c_void),
    pub detach: unsafe extern "C" fn(watch: *mut c_void),
    pub release: unsafe extern "C" fn(watch: *mut c_void),
}

// SAFETY: constant texts and functions.
unsafe impl Sync for Ops {}

/// An event library.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Uv,
    Event,
    Glib,
    Ev,
    Sd,
    Uloop,
    /// Operations of the program (`info.event_lib_custom`).
    Custom,
}

impl Kind {
    /// The one that `options` ask for; if several, the first in the order of the original.
    pub fn of_options(options: u64) -> Option<Kind> {
        let choices = [
            (LWS_SERVER_OPTION_LIBUV, Kind::Uv),
            (LWS_SERVER_OPTION_LIBEVENT, Kind::Event),
            (LWS_SERVER_OPTION_GLIB, Kind::Glib),
            (LWS_SERVER_OPTION_LIBEV, Kind::Ev),
            (LWS_SERVER_OPTION_SDEVENT, Kind::Sd),
            (LWS_SERVER_OPTION_ULOOP, Kind::Uloop),
        ];
        choices.into_iter().find(|(bit, _)| options & bit != 0).map(|(_, kind)| kind)
    }

    /// Name of the object, as the original's log lines have it.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Uv => "evlib_uv",
            Kind::Event => "evlib_event",
            Kind::Glib => "evlib_glib",
            Kind::Ev => "evlib_ev",
            Kind::Sd => "evlib_sd",
            Kind::Uloop => "evlib_uloop",
            Kind::Custom => "event_lib_custom",
        }
    }
}

/// The operations of an event library; `Err` says in one line why there are none.
pub fn load(kind: Kind) -> Result<&'static Ops, String> {
    let file = format!("libwebsockets-{}.so", kind.name());
    // Log lines are short: what is there and does not fit is told before what is not there.
    let (mut unfit, mut tried) = (Vec::new(), Vec::new());
    for directory in directories() {
        let path = directory.join(&file);
        match std::fs::metadata(&path) {
            Err(error) => tried.push(format!("{}: {}", path.display(), crate::engine::net::describe(&error))),
            Ok(data) if data.len() > LARGEST_OBJECT => unfit.push(format!("{}: too large", path.display())),
            Ok(_) => match open(&path) {
                Ok(ops) => return Ok(ops),
                Err(why) => unfit.push(format!("{}: {why}", path.display())),
            },
        }
    }
    unfit.append(&mut tried);
    Err(unfit.join("; "))
}

/// Where objects are looked for. Not in the current directory, other than the original: what lies there is nobody's.
fn directories() -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = sys::secure_env(c"LD_LIBRARY_PATH")
        .iter()
        .flat_map(|list| list.split([':', ';']))
        .filter(|directory| !directory.is_empty())
        .map(PathBuf::from)
        .collect();
    found.extend(own_directories());
    for standard in [concat!("/usr/lib/", env!("OXLWS_MULTIARCH")), "/usr/local/lib", "/usr/lib"] {
        found.push(PathBuf::from(standard));
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|directory| seen.insert(directory.clone()));
    found
}

/// The name of this product's folder in the packages.
const PRODUCT: &str = if cfg!(feature = "abi41") { "4.1" } else { "4.3" };

/// The directory this library was loaded from and the one where it really is, and what belongs to them: `lib` of
/// `lib/oxlws`, and the folder of the product in the packages.
fn own_directories() -> Vec<PathBuf> {
    let Some(file) = own_file() else { return Vec::new() };
    let mut found = Vec::new();
    for file in [Some(file.clone()), std::fs::canonicalize(&file).ok()].into_iter().flatten() {
        let Some(directory) = file.parent().filter(|parent| !parent.as_os_str().is_empty()) else { continue };
        found.push(directory.to_path_buf());
        if directory.file_name() == Some(OsStr::new("oxlws")) {
            found.push(directory.join(PRODUCT).join("lib"));
            found.extend(directory.parent().map(Path::to_path_buf));
        }
    }
    found
}

/// The file this library was loaded from; the program if it is linked statically.
fn own_file() -> Option<PathBuf> {
    // SAFETY: all zero is a valid Dl_info; the address is one of this library's own; the name lives as long as it.
    unsafe {
        let mut info: libc::Dl_info = std::mem::zeroed();
        let here: *const c_void = (&raw const MARK).cast();
        if libc::dladdr(here, &raw mut info) == 0 {
            return None;
        }
        let path = cstr::text(info.dli_fname)?;
        Some(PathBuf::from(OsStr::from_bytes(path.to_bytes())))
    }
}

/// An address inside of this library.
static MARK: u8 = 0;

/// Loads one object and never unloads it: event libraries call back late.
fn open(path: &Path) -> Result<&'static Ops, String> {
    let bytes = std::fs::read(path).map_err(|error| crate::engine::net::describe(&error))?;
    judge(&bytes)?;
    let name = CString::new(path.as_os_str().as_bytes()).map_err(|_| "not a file name".to_string())?;
    // SAFETY: an object of ours, as its tag says; the table lives as long as the object, which stays loaded.
    unsafe {
        let library = libc::dlopen(name.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL | libc::RTLD_NODELETE);
        if library.is_null() {
            return Err(cstr::owned(libc::dlerror()).unwrap_or_default());
        }
        let ops = libc::dlsym(library, c"oxlws_evlib".as_ptr()).cast::<Ops>();
        match ops.as_ref() {
            Some(ops) if cstr::text(ops.tag).map(CStr::to_bytes) == Some(TAG.as_bytes()) => Ok(ops),
            _ => Err("has the tag, but not the table".into()),
        }
    }
}

/// Whether the bytes of a file have the tag of this interface in them, a text by itself.
fn judge(bytes: &[u8]) -> Result<(), String> {
    let mut other = None;
    for start in memchr::memmem::find_iter(bytes, ANY_TAG) {
        let text = bytes[start..].split(|&byte| byte == 0).next().unwrap_or_default();
        if text == TAG.as_bytes() {
            return Ok(());
        }
        other = Some(String::from_utf8_lossy(&text[..text.len().min(40)]).into_owned());
    }
    Err(match other {
        Some(tag) => format!("is of another version of oxlws ({tag}, wanted {TAG})"),
        None => "is not of oxlws: plugins of the original do not fit".into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_options_the_first_in_the_order_of_the_original_counts() {
        assert_eq!(Kind::of_options(0), None);
        assert_eq!(Kind::of_options(LWS_SERVER_OPTION_LIBEV | LWS_SERVER_OPTION_GLIB), Some(Kind::Glib));
        assert_eq!(Kind::of_options(LWS_SERVER_OPTION_LIBUV | LWS_SERVER_OPTION_LIBEVENT), Some(Kind::Uv));
    }

    #[test]
    fn files_without_the_tag_of_this_version_are_not_loaded() {
        assert_eq!(judge(b"\x7fELF...\0oxlws-evlib:1\0..."), Ok(()));
        assert!(judge(b"..oxlws-evlib:10\0..").unwrap_err().contains("oxlws-evlib:10"));
        assert!(judge(b"\x7fELF...evlib_uv").unwrap_err().contains("original"));
        assert_eq!(judge(b"oxlws-evlib:2\0..oxlws-evlib:1\0"), Ok(()));
    }

    #[test]
    fn an_object_that_is_nowhere_is_named_with_all_places() {
        let why = load(Kind::Uloop).err().unwrap_or_default();
        assert!(why.contains("/usr/lib/libwebsockets-evlib_uloop.so: "), "{why}");
    }
}
