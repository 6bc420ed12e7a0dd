//! What the creation info asks of the process: descriptor limit, user and group, the machine's name.
#![allow(unsafe_code)]

use super::cstr;
use super::layout::lws_context_creation_info;
use crate::engine::log::{self, Level};
use std::ffi::{CStr, CString, c_int};

/// Raises or lowers the soft descriptor limit (info.rlimit_nofile).
pub fn set_fd_limit(limit: c_int) {
    let limit = libc::rlimit { rlim_cur: limit as libc::rlim_t, rlim_max: limit as libc::rlim_t };
    // SAFETY: a valid rlimit that lives through the call.
    if unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &limit) } != 0 {
        let error = std::io::Error::last_os_error();
        log::process(Level::Err, "lws_create_context", format_args!("rlimit_nofile: {error}"));
    }
}

/// The machine's name, empty if there is none.
pub fn host_name() -> CString {
    let mut name = [0u8; 256];
    // SAFETY: at most 255 bytes are written to an array of 256.
    let result = unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) };
    let end = name.iter().position(|&byte| byte == 0).unwrap_or(0);
    if result == 0 { CString::new(&name[..end]).unwrap_or_default() } else { CString::default() }
}

/// Ids that name nobody in the creation info.
fn is_none(id: u32) -> bool {
    id == 0 || id == u32::MAX
}

/// User and group that the info names, by number or name; 0 and -1 mean none.
pub fn named(info: &lws_context_creation_info) -> Result<(u32, u32), String> {
    let (mut uid, mut gid) = (info.uid, info.gid);
    // SAFETY: texts or NULL.
    let (group, user) = unsafe { (cstr::text(info.groupname), cstr::text(info.username)) };
    if let Some(name) = group {
        gid = group_id(name)?;
    }
    if let Some(name) = user {
        uid = user_id(name)?;
    }
    Ok((uid, gid))
}

fn group_id(name: &CStr) -> Result<u32, String> {
    // SAFETY: a text; the result is read at once.
    let found = unsafe { libc::getgrnam(name.as_ptr()).as_ref().map(|group| group.gr_gid) };
    found.ok_or_else(|| format!("no such group: {}", name.to_string_lossy()))
}

fn user_id(name: &CStr) -> Result<u32, String> {
    // SAFETY: a text; the result is read at once.
    let found = unsafe { libc::getpwnam(name.as_ptr()).as_ref().map(|user| user.pw_uid) };
    found.ok_or_else(|| format!("no such user: {}", name.to_string_lossy()))
}

/// Whom a unix socket is given to: `unix_socket_perms` ("user:group"), else user and group of the info if it names both.
pub fn socket_owner(info: &lws_context_creation_info) -> Result<Option<(u32, u32)>, String> {
    // SAFETY: a text or NULL.
    if let Some(owner) = unsafe { cstr::owned_nonempty(info.unix_socket_perms) } {
        let wrong = || format!("unix_socket_perms '{owner}' is not user:group");
        let (user, group) = owner.split_once(':').ok_or_else(wrong)?;
        let text = |name: &str| CString::new(name).map_err(|_| wrong());
        return Ok(Some((user_id(&text(user)?)?, group_id(&text(group)?)?)));
    }
    let (uid, gid) = named(info)?;
    Ok((!is_none(uid) && !is_none(gid)).then_some((uid, gid)))
}

/// The given user and group, those of the process in place of none.
pub fn effective((uid, gid): (u32, u32)) -> (u32, u32) {
    // SAFETY: no arguments, cannot fail.
    let (own_uid, own_gid) = unsafe { (libc::geteuid(), libc::getegid()) };
    (if is_none(uid) { own_uid } else { uid }, if is_none(gid) { own_gid } else { gid })
}

/// Changes to the user and group of the info, if it names any. 0 and -1 mean none.
pub fn drop_to(info: &lws_context_creation_info) -> Result<(), String> {
    drop_to_ids(named(info)?)
}

/// Changes to a user and group. 0 and -1 mean none.
pub fn drop_to_ids((uid, gid): (u32, u32)) -> Result<(), String> {
    let failed = |what: &str| Err(format!("cannot change the {what}: {}", std::io::Error::last_os_error()));
    // SAFETY: plain system calls; the result of getpwuid is read at once.
    unsafe {
        if !is_none(gid) {
            if libc::getuid() == 0 && libc::setgroups(1, &gid) != 0 {
                return failed("groups");
            }
            if libc::setgid(gid) != 0 {
                return failed("group");
            }
        }
        if !is_none(uid) {
            let user = libc::getpwuid(uid);
            if !user.is_null() && libc::getuid() == 0 {
                let base = if is_none(gid) { (*user).pw_gid } else { gid };
                if libc::initgroups((*user).pw_name, base) != 0 {
                    return failed("groups");
                }
            }
            if libc::setuid(uid) != 0 {
                return failed("user");
            }
        }
    }
    Ok(())
}
