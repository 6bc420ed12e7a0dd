//! Files and directories: the virtual file operations, the platform's own, and the small calls around them.
//!
//! An open file is a public struct that the program may have made itself, so it is changed through its operations only.
//!
//! # What C promises
//!
//! A pointer is NULL or valid for what the call reads and writes there. An open file was returned by an `open` operation
//! and has not been closed; its operations behave as their types and names say.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::guard;
use super::layout::*;
use super::logs;
use super::older;
use super::text::{bytes, c_bytes, int_of, room};
use crate::engine::log::{self, Level};
use crate::proto::text::strings::matches_wildcard;
use std::ffi::{CString, OsStr, c_char, c_int, c_void};
use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Read, Seek, Write};
use std::mem::ManuallyDrop;
use std::os::fd::FromRawFd;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;
use std::ptr;

/// Opens `vfs_path` with the first of the linked `fops` that has a signature (such as `.zip/`) in the path, else with
/// `fops` itself.
///
/// `flags`: the low bits as for open(2), and `LWS_FOP_FLAG_` bits both ways. Returns the open file, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vfs_file_open(
    fops: *const lws_plat_file_ops,
    vfs_path: *const c_char,
    flags: *mut lws_fop_flags_t,
) -> lws_fop_fd_t {
    guard::pure("lws_vfs_file_open", std::ptr::null_mut(), || {
        // SAFETY: what C promises.
        let Some(path) = (unsafe { c_bytes(vfs_path) }).filter(|_| !fops.is_null()) else {
            return std::ptr::null_mut();
        };
        // SAFETY: a list of operations.
        let (chosen, inside) = unsafe { operations_for(fops, path) }.unwrap_or((fops, 0));
        // SAFETY: an element of the list.
        match unsafe { (*chosen).open } {
            // SAFETY: the operation gets what its type says.
            Some(open) => unsafe { open(chosen, vfs_path, vfs_path.wrapping_add(inside), flags) },
            None => std::ptr::null_mut(),
        }
    })
}

/// The operations with a signature that ends at a `/` of `path`, and where the path behind it begins.
///
/// # Safety
/// `fops` is a list of operations.
unsafe fn operations_for(fops: *const lws_plat_file_ops, path: &[u8]) -> Option<(*const lws_plat_file_ops, usize)> {
    memchr::memchr_iter(b'/', path).map(|slash| slash + 1).find_map(|end| {
        let mut at = fops;
        // SAFETY: NULL or an element.
        while let Some(entry) = unsafe { at.as_ref() } {
            let ends_here = |index: &lws_fops_index| {
                // SAFETY: NULL or `len` characters.
                let signature = unsafe { bytes(index.sig.cast(), usize::from(index.len)) };
                !signature.is_empty() && path[..end].ends_with(signature)
            };
            if entry.fi.iter().any(ends_here) {
                return Some((at, end));
            }
            at = entry.next;
        }
        None
    })
}

/// Moves the position of an open file to `offset` bytes from the start. Returns the new position, or -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vfs_file_seek_set(fop_fd: lws_fop_fd_t, offset: lws_fileofs_t) -> lws_fileofs_t {
    guard::pure("lws_vfs_file_seek_set", -1, || {
        // SAFETY: what C promises.
        unsafe { seek(fop_fd, |file| offset.saturating_sub_unsigned(file.pos)) }
    })
}

/// Moves the position of an open file to `offset` (0 or less) bytes from the end. Returns the new position, or -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vfs_file_seek_end(fop_fd: lws_fop_fd_t, offset: lws_fileofs_t) -> lws_fileofs_t {
    guard::pure("lws_vfs_file_seek_end", -1, || {
        // SAFETY: what C promises.
        unsafe { seek(fop_fd, |file| offset.saturating_add_unsigned(file.len).saturating_sub_unsigned(file.pos)) }
    })
}

/// # Safety
/// `file` is NULL or an open file.
unsafe fn seek(file: lws_fop_fd_t, by: impl FnOnce(&lws_fop_fd) -> lws_fileofs_t) -> lws_fileofs_t {
    // SAFETY: the caller's promise; no reference is held while the operation runs.
    unsafe {
        let Some((operation, by)) = file.as_ref().and_then(|file| Some((file.fops.as_ref()?.seek_cur?, by(file))))
        else {
            return -1;
        };
        operation(file, by)
    }
}

/// Position of an open file, in bytes from the start. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vfs_tell(fop_fd: lws_fop_fd_t) -> lws_filepos_t {
    // SAFETY: what C promises.
    guard::pure("lws_vfs_tell", 0, || unsafe { fop_fd.as_ref() }.map_or(0, |file| file.pos))
}

/// Size of an open file in bytes. 0 for NULL.
///
/// In the product of soname 17, as in 4.1.6, the size it had when it was opened.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vfs_get_length(fop_fd: lws_fop_fd_t) -> lws_filepos_t {
    // SAFETY: what C promises.
    guard::pure("lws_vfs_get_length", 0, || unsafe { fop_fd.as_ref() }.map_or(0, |file| file.len))
}

/// When an open file was changed last, if it has `LWS_FOP_FLAG_MOD_TIME_VALID`. 0 for NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vfs_get_mod_time(fop_fd: lws_fop_fd_t) -> u32 {
    // SAFETY: what C promises.
    guard::pure("lws_vfs_get_mod_time", 0, || unsafe { fop_fd.as_ref() }.map_or(0, |file| file.mod_time))
}

/// The operations of the platform, which claim no paths of their own; `next` is the table that is asked behind it.
pub fn platform(next: *const lws_plat_file_ops) -> lws_plat_file_ops {
    let none = lws_fops_index { sig: ptr::null(), len: 0 };
    lws_plat_file_ops {
        open: Some(_lws_plat_file_open),
        close: Some(_lws_plat_file_close),
        seek_cur: Some(_lws_plat_file_seek_cur),
        read: Some(_lws_plat_file_read),
        write: Some(_lws_plat_file_write),
        fi: [none; 3],
        next,
    }
}

/// The platform's `open` operation: opens `filename` as open(2) does, with close-on-exec and mode 0664.
///
/// `vpath` is not used. Returns the open file, to be ended by its `close` operation, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _lws_plat_file_open(
    fops: *const lws_plat_file_ops,
    filename: *const c_char,
    vpath: *const c_char,
    flags: *mut lws_fop_flags_t,
) -> lws_fop_fd_t {
    let _ = vpath;
    guard::pure("_lws_plat_file_open", std::ptr::null_mut(), || {
        if filename.is_null() {
            return std::ptr::null_mut();
        }
        // SAFETY: NULL or readable.
        let flags = unsafe { flags.as_ref() }.copied().unwrap_or(0);
        let mode = (flags & LWS_FOP_FLAGS_MASK).cast_signed() | libc::O_CLOEXEC;
        // SAFETY: a C string; the struct is large enough for the call, and malloc's result is checked.
        unsafe {
            let fd = libc::open(filename, mode, 0o664);
            if fd < 0 {
                return std::ptr::null_mut();
            }
            let mut status: libc::stat = std::mem::zeroed();
            let file = libc::malloc(size_of::<lws_fop_fd>()).cast::<lws_fop_fd>();
            if file.is_null() || libc::fstat(fd, &mut status) != 0 {
                libc::free(file.cast());
                libc::close(fd);
                return std::ptr::null_mut();
            }
            file.write(lws_fop_fd {
                fd,
                fops,
                filesystem_priv: std::ptr::null_mut(),
                pos: 0,
                len: u64::try_from(status.st_size).unwrap_or(0),
                flags,
                mod_time: 0,
            });
            file
        }
    })
}

/// The platform's `close` operation: closes and frees `*fop_fd` and sets it to NULL. Returns 0, or -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _lws_plat_file_close(fop_fd: *mut lws_fop_fd_t) -> c_int {
    guard::pure("_lws_plat_file_close", -1, || {
        // SAFETY: NULL, or a place that holds NULL or an open file of the platform.
        unsafe {
            if fop_fd.is_null() || (*fop_fd).is_null() {
                return -1;
            }
            let file = fop_fd.replace(std::ptr::null_mut());
            let result = libc::close((*file).fd);
            libc::free(file.cast());
            result
        }
    })
}

/// The platform's `seek_cur` operation: moves the position by `offset` bytes, but not out of the file.
///
/// Returns the new position, or -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _lws_plat_file_seek_cur(fop_fd: lws_fop_fd_t, offset: lws_fileofs_t) -> lws_fileofs_t {
    guard::pure("_lws_plat_file_seek_cur", -1, || {
        // SAFETY: NULL or an open file of the platform.
        let Some(file) = (unsafe { fop_fd.as_mut() }) else {
            return -1;
        };
        let target = file.pos.saturating_add_signed(offset).min(file.len);
        let Ok(target) = lws_fileofs_t::try_from(target) else {
            return -1;
        };
        // SAFETY: any numbers are allowed.
        let position = unsafe { libc::lseek(file.fd, target, libc::SEEK_SET) };
        if let Ok(position) = u64::try_from(position) {
            file.pos = position;
        }
        position
    })
}

/// The platform's `read` operation: reads up to `len` bytes at the position into `buf`.
///
/// `amount`: set to how many; 0 at the end of the file. Returns 0, or -1 with `amount` 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _lws_plat_file_read(
    fop_fd: lws_fop_fd_t,
    amount: *mut lws_filepos_t,
    buf: *mut u8,
    len: lws_filepos_t,
) -> c_int {
    guard::pure("_lws_plat_file_read", -1, || {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        // SAFETY: writable for `len` bytes.
        unsafe { transfer(fop_fd, amount, |mut file| file.read(room(buf, len))) }
    })
}

/// The platform's `write` operation: writes up to `len` bytes of `buf` at the position.
///
/// `amount`: set to how many. Returns 0, or -1 with `amount` 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _lws_plat_file_write(
    fop_fd: lws_fop_fd_t,
    amount: *mut lws_filepos_t,
    buf: *mut u8,
    len: lws_filepos_t,
) -> c_int {
    guard::pure("_lws_plat_file_write", -1, || {
        let len = usize::try_from(len).unwrap_or(usize::MAX);
        // SAFETY: readable for `len` bytes.
        unsafe { transfer(fop_fd, amount, |mut file| file.write(bytes(buf, len))) }
    })
}

/// # Safety
/// `file` is NULL or an open file of the platform, `amount` NULL or writable.
unsafe fn transfer(
    file: lws_fop_fd_t,
    amount: *mut lws_filepos_t,
    body: impl FnOnce(&File) -> io::Result<usize>,
) -> c_int {
    // SAFETY: the caller's promise.
    let done = unsafe { file.as_mut() }.and_then(|file| {
        // SAFETY: the descriptor is open, and stays so: the handle is not dropped.
        let handle = ManuallyDrop::new(unsafe { File::from_raw_fd(file.fd) });
        let done = body(&handle).ok()? as u64;
        file.pos += done;
        // In 4.1.6 the length stays what it was at the opening.
        if cfg!(not(feature = "abi41")) {
            file.len = file.len.max(file.pos);
        }
        Some(done)
    });
    // SAFETY: the caller's promise.
    if let Some(amount) = unsafe { amount.as_mut() } {
        *amount = done.unwrap_or(0);
    }
    if done.is_some() { 0 } else { -1 }
}

/// Writes `len` bytes to the file `filename`, which only its owner may then read (mode 0600). What was in it is lost.
///
/// Returns 0, or 1 if it cannot be written.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_plat_write_file(filename: *const c_char, buf: *mut c_void, len: usize) -> c_int {
    guard::pure("lws_plat_write_file", 1, || {
        // SAFETY: what C promises.
        let (Some(name), data) = (unsafe { (c_bytes(filename), bytes(buf.cast(), older::length(len))) }) else {
            return 1;
        };
        let file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(OsStr::from_bytes(name));
        c_int::from(file.and_then(|mut file| file.write_all(data)).is_err())
    })
}

/// Reads the start of the file `filename`, up to `len` bytes, into `buf`, without a NUL.
///
/// Returns how many bytes, or -1 if it cannot be read.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_plat_read_file(filename: *const c_char, buf: *mut c_void, len: usize) -> c_int {
    guard::pure("lws_plat_read_file", -1, || {
        // SAFETY: what C promises.
        let (Some(name), buf) = (unsafe { (c_bytes(filename), room(buf.cast(), older::length(len))) }) else {
            return -1;
        };
        let mut done = 0;
        let Ok(mut file) = File::open(OsStr::from_bytes(name)) else {
            return -1;
        };
        while done < buf.len() {
            match file.read(&mut buf[done..]) {
                Ok(0) => break,
                Ok(count) => done += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return -1,
            }
        }
        int_of(done)
    })
}

/// Writes `len` bytes to the open file `fd`, waits until they are on the disk, and goes back to the start of the file.
///
/// `vhost` and `is_key` are not used. Returns 0, or 1 if that fails.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_plat_write_cert(
    vhost: *mut lws_vhost,
    is_key: c_int,
    fd: c_int,
    buf: *mut c_void,
    len: usize,
) -> c_int {
    let (_, len) = ((vhost, is_key), older::length(len));
    guard::pure("lws_plat_write_cert", 1, || {
        if fd < 0 || buf.is_null() && len > 0 {
            return 1;
        }
        // SAFETY: readable for `len` bytes.
        let data = unsafe { bytes(buf.cast(), len) };
        // SAFETY: the descriptor is the program's and stays open: the handle is not dropped.
        let mut file = ManuallyDrop::new(unsafe { File::from_raw_fd(fd) });
        let done = file.write_all(data).and_then(|()| file.sync_all()).and_then(|()| file.rewind());
        c_int::from(done.is_err())
    })
}

/// Size of RSA keys, in bits, that suits this platform.
#[unsafe(no_mangle)]
pub extern "C" fn lws_plat_recommended_rsa_bits() -> c_int {
    4096
}

/// Calls `cb` for every entry of the directory `dirpath`, in the order of their names' bytes, without `.` and `..`.
///
/// `cb`: gets `dirpath`, `user`, and name and type of the entry; nonzero stops. Returns 0 if `cb` stopped, else 1, also if
/// the directory cannot be read (which is logged). In the product of soname 17, as in 4.1.6, 0 and 1 have changed places,
/// but for a directory that cannot be read: 1 there as well.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dir(dirpath: *const c_char, user: *mut c_void, cb: lws_dir_callback_function) -> c_int {
    let (stopped, visited) = if cfg!(feature = "abi41") { (1, 0) } else { (0, 1) };
    guard::pure("lws_dir", 1, || {
        // SAFETY: what C promises.
        let (Some(path), Some(cb)) = (unsafe { c_bytes(dirpath) }, cb) else {
            return 1;
        };
        let entries = match entries(path) {
            Ok(entries) => entries,
            Err(error) => {
                let (path, number) = (path.escape_ascii(), error.raw_os_error().unwrap_or(0));
                logs::install();
                log::process(Level::Err, "lws_dir", format_args!("Scandir on '{path}' failed, errno {number}"));
                return 1;
            }
        };
        for (name, kind) in entries {
            let mut entry = lws_dir_entry { name: name.as_ptr(), r#type: kind };
            // SAFETY: the callback gets what its type says.
            if unsafe { cb(dirpath, user, &mut entry) } != 0 {
                return stopped;
            }
        }
        visited
    })
}

/// Names and types of a directory's entries, sorted.
fn entries(path: &[u8]) -> io::Result<Vec<(CString, lws_dir_obj_type_t)>> {
    let mut entries = Vec::new();
    for entry in fs::read_dir(OsStr::from_bytes(path))? {
        let entry = entry?;
        let kind = entry.file_type().map_or(LDOT_UNKNOWN, kind_of);
        entries.push((CString::new(entry.file_name().into_vec())?, kind));
    }
    entries.sort_unstable_by(|(left, _), (right, _)| left.cmp(right));
    Ok(entries)
}

fn kind_of(file_type: FileType) -> lws_dir_obj_type_t {
    match file_type {
        _ if file_type.is_file() => LDOT_FILE,
        _ if file_type.is_dir() => LDOT_DIR,
        _ if file_type.is_symlink() => LDOT_LINK,
        _ if file_type.is_fifo() => LDOT_FIFO,
        _ if file_type.is_socket() => LDOTT_SOCKET,
        _ if file_type.is_char_device() => LDOT_CHAR,
        _ if file_type.is_block_device() => LDOT_BLOCK,
        _ => LDOT_UNKNOWN,
    }
}

/// Callback for `lws_dir` that removes every entry, directories with all they hold; links are removed, not followed.
///
/// `user` is not used. Returns 0; what cannot be removed is logged and stays.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dir_rm_rf_cb(dirpath: *const c_char, user: *mut c_void, lde: *mut lws_dir_entry) -> c_int {
    let _ = user;
    guard::pure("lws_dir_rm_rf_cb", 0, || {
        // SAFETY: what C promises.
        let Some(path) = (unsafe { path_of(dirpath, lde) }) else {
            return 0;
        };
        let path = Path::new(OsStr::from_bytes(&path));
        let is_dir = fs::symlink_metadata(path).is_ok_and(|status| status.is_dir());
        let removed = if is_dir { fs::remove_dir_all(path) } else { fs::remove_file(path) };
        if let Err(error) = removed {
            logs::install();
            log::process(Level::Warn, "lws_dir_rm_rf_cb", format_args!("{}: {error}", path.display()));
        }
        0
    })
}

/// Callback for `lws_dir` that reports the entries that are no directories and match a pattern.
///
/// `user`: a `lws_dir_glob_t` with the pattern (`*` stands for any text), the function that gets `dir/name`, and its
/// argument. Returns what that function returns, 0 for entries that do not match.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_dir_glob_cb(dirpath: *const c_char, user: *mut c_void, lde: *mut lws_dir_entry) -> c_int {
    guard::pure("lws_dir_glob_cb", 0, || {
        // SAFETY: what C promises.
        let (Some(glob), Some(entry)) = (unsafe { (user.cast::<lws_dir_glob_t>().as_ref(), lde.as_ref()) }) else {
            return 0;
        };
        // SAFETY: what C promises.
        let (Some(filter), Some(name)) = (unsafe { (c_bytes(glob.filter), c_bytes(entry.name)) }) else {
            return 0;
        };
        if entry.r#type == LDOT_DIR || !matches_wildcard(filter, name) {
            return 0;
        }
        // SAFETY: what C promises.
        let path = unsafe { path_of(dirpath, lde) }.and_then(|path| CString::new(path).ok());
        match (path, glob.cb) {
            // SAFETY: the callback gets what its type says.
            (Some(path), Some(cb)) => unsafe { cb(glob.user, path.as_ptr()) },
            _ => 0,
        }
    })
}

/// `dirpath/name`; `None` without a name, and for `.` and `..`.
///
/// # Safety
/// `dirpath` is NULL or a C string, `entry` NULL or an entry.
unsafe fn path_of(dirpath: *const c_char, entry: *const lws_dir_entry) -> Option<Vec<u8>> {
    // SAFETY: the caller's promise.
    let (dir, name) = unsafe { (c_bytes(dirpath)?, c_bytes(entry.as_ref()?.name)?) };
    (name != b"." && name != b"..").then(|| [dir, b"/", name].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A directory with files `b` and `a.so`, a directory `sub` with a file, and a link to it; removed when dropped.
    struct Tree(std::path::PathBuf);

    impl Tree {
        fn new(name: &str) -> Tree {
            let root = std::env::temp_dir().join(format!("files-{}-{name}", std::process::id()));
            fs::create_dir_all(root.join("sub")).unwrap();
            for file in ["b", "a.so", "sub/x"] {
                fs::write(root.join(file), file).unwrap();
            }
            std::os::unix::fs::symlink("sub", root.join("link")).unwrap();
            Tree(root)
        }

        fn path(&self, name: &str) -> CString {
            CString::new(self.0.join(name).into_os_string().into_vec()).unwrap()
        }
    }

    impl Drop for Tree {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    unsafe extern "C" fn collect(_: *const c_char, user: *mut c_void, lde: *mut lws_dir_entry) -> c_int {
        // SAFETY: the tests pass a list of names, and `lws_dir` an entry.
        let (names, entry) = unsafe { (&mut *user.cast::<Vec<(Vec<u8>, u32)>>(), &*lde) };
        // SAFETY: the name of an entry is a C string.
        names.push((unsafe { c_bytes(entry.name) }.unwrap().to_vec(), entry.r#type.0));
        c_int::from(names.len() == 9)
    }

    fn listed(path: &CString) -> (c_int, Vec<(Vec<u8>, u32)>) {
        let mut names = Vec::new();
        // SAFETY: `collect` gets the list it expects.
        let result = unsafe { lws_dir(path.as_ptr(), (&raw mut names).cast(), Some(collect)) };
        (result, names)
    }

    #[test]
    fn directories_are_listed_in_order_with_types() {
        let tree = Tree::new("list");
        let names =
            [("a.so", 1), ("b", 1), ("link", 3), ("sub", 2)].map(|(name, kind)| (name.as_bytes().to_vec(), kind));
        let (stopped, visited) = if cfg!(feature = "abi41") { (1, 0) } else { (0, 1) };
        assert_eq!(listed(&tree.path("")), (visited, names.to_vec()));
        assert_eq!(listed(&tree.path("missing")), (1, vec![]));
        unsafe extern "C" fn stop(_: *const c_char, _: *mut c_void, _: *mut lws_dir_entry) -> c_int {
            -1
        }
        // SAFETY: the callback needs no user pointer.
        assert_eq!(unsafe { lws_dir(tree.path("").as_ptr(), ptr::null_mut(), Some(stop)) }, stopped);
    }

    #[test]
    fn removing_does_not_follow_links() {
        let tree = Tree::new("rm");
        let elsewhere = Tree::new("rm-elsewhere");
        std::os::unix::fs::symlink(&elsewhere.0, tree.0.join("out")).unwrap();
        // SAFETY: the callback needs no user pointer.
        unsafe { lws_dir(tree.path("").as_ptr(), ptr::null_mut(), Some(lws_dir_rm_rf_cb)) };
        assert_eq!(listed(&tree.path("")).1, []);
        assert_eq!(listed(&elsewhere.path("")).1.len(), 4);
    }

    #[test]
    fn globs_report_paths_of_files() {
        unsafe extern "C" fn report(user: *mut c_void, path: *const c_char) -> c_int {
            // SAFETY: the test passes a list of paths, and the glob a C string.
            let (paths, path) = unsafe { (&mut *user.cast::<Vec<Vec<u8>>>(), c_bytes(path)) };
            paths.push(path.unwrap().to_vec());
            0
        }
        let tree = Tree::new("glob");
        let mut paths: Vec<Vec<u8>> = Vec::new();
        let mut glob = lws_dir_glob_t { filter: c"*s*".as_ptr(), cb: Some(report), user: (&raw mut paths).cast() };
        // SAFETY: the callback gets the struct it expects.
        unsafe { lws_dir(tree.path("").as_ptr(), (&raw mut glob).cast(), Some(lws_dir_glob_cb)) };
        assert_eq!(paths, [[tree.path("").to_bytes(), b"/a.so"].concat()]);
    }

    #[test]
    fn whole_files_are_written_and_read() {
        use std::os::unix::fs::PermissionsExt;
        let tree = Tree::new("whole");
        let name = tree.path("new");
        let mut buf = *b"hello";
        let at = (&raw mut buf).cast();
        // SAFETY: `buf` has the size that is passed.
        unsafe {
            assert_eq!(lws_plat_write_file(name.as_ptr(), at, 5), 0);
            assert_eq!(lws_plat_read_file(name.as_ptr(), at, 3), 3);
            assert_eq!(lws_plat_read_file(tree.path("missing").as_ptr(), at, 3), -1);
            assert_eq!(lws_plat_write_file(tree.path("no/where").as_ptr(), at, 5), 1);
            assert_eq!(lws_plat_read_file(ptr::null(), at, 3), -1);
        }
        assert_eq!(fs::metadata(tree.0.join("new")).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn open_files_are_read_and_moved_in() {
        let tree = Tree::new("vfs");
        let (fops, mut flags, mut amount, mut buf) = (platform(ptr::null()), 0, 0, [0; 4]);
        // SAFETY: the file is open until it is closed, the buffer has the size that is passed.
        unsafe {
            let mut file = lws_vfs_file_open(&fops, tree.path("a.so").as_ptr(), &mut flags);
            assert_eq!((lws_vfs_get_length(file), lws_vfs_tell(file)), (4, 0));
            assert_eq!(_lws_plat_file_read(file, &mut amount, buf.as_mut_ptr(), 3), 0);
            assert_eq!((amount, &buf[..3], lws_vfs_tell(file)), (3, &b"a.s"[..], 3));
            assert_eq!(lws_vfs_file_seek_set(file, 1), 1);
            assert_eq!(lws_vfs_file_seek_end(file, -1), 3);
            assert_eq!(lws_vfs_file_seek_set(file, 99), 4);
            assert_eq!(_lws_plat_file_seek_cur(file, -99), 0);
            assert_eq!(_lws_plat_file_write(file, &mut amount, buf.as_mut_ptr(), 3), -1);
            assert_eq!(amount, 0);
            assert_eq!(_lws_plat_file_close(&mut file), 0);
            assert!(file.is_null());
            assert_eq!(_lws_plat_file_close(&mut file), -1);
            assert!(lws_vfs_file_open(&fops, tree.path("missing").as_ptr(), &mut flags).is_null());
            assert_eq!(lws_vfs_file_seek_set(ptr::null_mut(), 1), -1);
        }
    }

    #[test]
    fn the_length_grows_with_what_is_written_but_in_4_1() {
        let tree = Tree::new("vfs_grow");
        let (fops, mut flags, mut amount, mut text) =
            (platform(ptr::null()), libc::O_RDWR as lws_fop_flags_t, 0, *b"abc");
        // SAFETY: the file is open until it is closed, the buffer has the size that is passed.
        unsafe {
            let mut file = lws_vfs_file_open(&fops, tree.path("a.so").as_ptr(), &mut flags);
            assert_eq!(lws_vfs_file_seek_set(file, 4), 4);
            assert_eq!((_lws_plat_file_write(file, &mut amount, text.as_mut_ptr(), 3), amount), (0, 3));
            assert_eq!(lws_vfs_tell(file), 7);
            assert_eq!(lws_vfs_get_length(file), if cfg!(feature = "abi41") { 4 } else { 7 });
            assert_eq!(_lws_plat_file_close(&mut file), 0);
        }
        assert_eq!(fs::metadata(tree.0.join("a.so")).unwrap().len(), 7);
    }

    #[test]
    fn signatures_choose_the_operations() {
        unsafe extern "C" fn remember(
            fops: *const lws_plat_file_ops,
            path: *const c_char,
            vpath: *const c_char,
            flags: *mut lws_fop_flags_t,
        ) -> lws_fop_fd_t {
            // SAFETY: the test passes its own operations, a path with `/` and a place for the answer.
            unsafe { *flags = vpath.offset_from(path) as u32 + if (*fops).next.is_null() { 1000 } else { 0 } };
            ptr::null_mut()
        }
        let mut zip = platform(ptr::null());
        zip.fi[1] = lws_fops_index { sig: c".zip/".as_ptr(), len: 5 };
        zip.open = Some(remember);
        let first = lws_plat_file_ops { open: Some(remember), next: &zip, ..platform(ptr::null()) };
        for (path, answer) in [(c"/a.zip/b/c.zip/d", 1007), (c"/a/b.zip", 0), (c"/a/b", 0)] {
            let mut flags = 0;
            // SAFETY: the operations do what their types say.
            unsafe { lws_vfs_file_open(&first, path.as_ptr(), &mut flags) };
            assert_eq!(flags, answer, "{path:?}");
        }
    }
}
