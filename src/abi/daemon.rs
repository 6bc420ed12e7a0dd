//! How does a program become a daemon?
//!
//! # What C promises
//!
//! The lock path is NULL or a C string; the process has a single thread, as fork(2) wants it.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::guard;
use super::logs;
use super::text::c_bytes;
use crate::engine::log::{self, Level};
use std::ffi::{OsStr, c_char, c_int};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write, pipe};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

const NAME: &str = "lws_daemonize";

/// Goes on in a child process that has no terminal: new session, umask 0, directory `/tmp`, the standard descriptors on
/// `/dev/null`. The parent exits once the child is ready.
///
/// `_lock_path`: a file for the process id, or NULL. If it names a process that is alive, this process exits with a
/// message. A file that cannot be written counts as a failure; in the product of soname 17, as in 4.1.6, it is passed over,
/// and the log says so. Returns 0 in the child, 1 if it cannot be done. To be called before anything else is started, above all
/// before threads and contexts.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_daemonize(_lock_path: *const c_char) -> c_int {
    guard::pure(NAME, 1, || {
        // SAFETY: what C promises.
        let lock = unsafe { c_bytes(_lock_path) }.map(|path| Path::new(OsStr::from_bytes(path)));
        if let Some(pid) = lock.and_then(live_owner) {
            logs::install();
            log::process(Level::Err, NAME, format_args!("already running as process {pid}"));
            std::process::exit(1);
        }
        // A relative path must mean the same behind the change of directory.
        let lock = lock.map(|path| std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()));
        let Ok((mut ready, mut tell)) = pipe() else {
            return 1;
        };
        // SAFETY: the process has a single thread.
        match unsafe { libc::fork() } {
            ..0 => 1,
            0 => {
                drop(ready);
                if detach(lock.as_deref()).is_err() || tell.write_all(b"1").is_err() {
                    return 1;
                }
                0
            }
            _ => {
                drop(tell);
                // Ends without a byte if the child fails.
                let status = c_int::from(ready.read_exact(&mut [0]).is_err());
                // SAFETY: what was to be done at exit is the child's now.
                unsafe { libc::_exit(status) }
            }
        }
    })
}

/// The process that the lock file names, if it is alive.
fn live_owner(lock: &Path) -> Option<libc::pid_t> {
    let pid = fs::read_to_string(lock).ok()?.trim().parse().ok().filter(|&pid| pid > 0)?;
    // SAFETY: signal 0 only asks.
    let asked = unsafe { libc::kill(pid, 0) };
    let is_alive = asked == 0 || std::io::Error::last_os_error().raw_os_error() == Some(libc::EPERM);
    is_alive.then_some(pid)
}

fn write_own_id(lock: &Path) -> std::io::Result<()> {
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(lock)?;
    file.write_all(std::process::id().to_string().as_bytes())
}

fn detach(lock: Option<&Path>) -> std::io::Result<()> {
    // SAFETY: no pointers are involved.
    unsafe {
        libc::umask(0);
        if libc::setsid() < 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    std::env::set_current_dir("/tmp")?;
    if let Some(lock) = lock
        && let Err(why) = write_own_id(lock)
    {
        logs::install();
        log::process(Level::Err, NAME, format_args!("the lock file {} cannot be written: {why}", lock.display()));
        if cfg!(not(feature = "abi41")) {
            return Err(why);
        }
    }
    let null: File = OpenOptions::new().read(true).write(true).open("/dev/null")?;
    for descriptor in 0..=2 {
        // SAFETY: both are open or become so; what was behind the standard descriptors is the parent's.
        if unsafe { libc::dup2(null.as_raw_fd(), descriptor) } < 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    Ok(())
}
