//! What the creation info asks of the process: descriptor limit, user, group and capabilities, the machine's name.
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

/// Who the process is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// User and group; 0 and -1 mean none.
    pub uid: u32,
    pub gid: u32,
    /// Capabilities that it keeps when it changes to the user, as a set of bits.
    pub capabilities: u64,
}

/// User and group that the info names, by number or name, and the capabilities to keep.
pub fn named(info: &lws_context_creation_info) -> Result<Identity, String> {
    let (mut uid, mut gid) = (info.uid, info.gid);
    // SAFETY: texts or NULL.
    let (group, user) = unsafe { (cstr::text(info.groupname), cstr::text(info.username)) };
    if let Some(name) = group {
        gid = group_id(name)?;
    }
    if let Some(name) = user {
        uid = user_id(name)?;
    }
    let count = usize::try_from(info.count_caps).unwrap_or(0);
    let numbers = info.caps.iter().take(count).filter_map(|number| u32::try_from(*number).ok());
    let capabilities = numbers.filter_map(|number| 1u64.checked_shl(number)).fold(0, |all, one| all | one);
    Ok(Identity { uid, gid, capabilities })
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
    let Identity { uid, gid, .. } = named(info)?;
    Ok((!is_none(uid) && !is_none(gid)).then_some((uid, gid)))
}

/// The given user and group, those of the process in place of none. 4.1.6 tells what the info says.
pub fn effective(identity: &Identity) -> (u32, u32) {
    let Identity { uid, gid, .. } = *identity;
    let is_none = |id| if cfg!(feature = "abi41") { false } else { is_none(id) };
    // SAFETY: no arguments, cannot fail.
    let (own_uid, own_gid) = unsafe { (libc::geteuid(), libc::getegid()) };
    (if is_none(uid) { own_uid } else { uid }, if is_none(gid) { own_gid } else { gid })
}

/// Whether the process may still do what only root may.
pub fn is_root() -> bool {
    // SAFETY: no arguments, cannot fail.
    unsafe { libc::geteuid() == 0 }
}

/// The set of capabilities of the calling thread, as capset(2) wants it: header and two halves of 32 bits.
#[repr(C)]
struct CapabilityHeader {
    version: u32,
    pid: c_int,
}

#[repr(C)]
struct CapabilityHalf {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}

/// _LINUX_CAPABILITY_VERSION_3.
const CAPABILITY_VERSION: u32 = 0x2008_0522;

/// Keeps these capabilities, and no others.
fn keep_capabilities(set: u64) -> std::io::Result<()> {
    let header = CapabilityHeader { version: CAPABILITY_VERSION, pid: 0 };
    let half = |bits: u32| CapabilityHalf { effective: bits, permitted: bits, inheritable: 0 };
    let halves = [half(set as u32), half((set >> 32) as u32)];
    // SAFETY: the structs of capset(2) for this version, which live through the call.
    let result = unsafe { libc::syscall(libc::SYS_capset, &raw const header, halves.as_ptr()) };
    if result == 0 { Ok(()) } else { Err(std::io::Error::last_os_error()) }
}

/// Changes to the identity, if there is one.
pub fn drop_to(identity: &Identity) -> Result<(), String> {
    let Identity { uid, gid, capabilities } = *identity;
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
            if capabilities != 0 && libc::prctl(libc::PR_SET_KEEPCAPS, 1, 0, 0, 0) != 0 {
                return failed("capabilities");
            }
            if libc::setuid(uid) != 0 {
                return failed("user");
            }
            if capabilities != 0 {
                if let Err(error) = keep_capabilities(capabilities) {
                    return Err(format!("cannot keep the capabilities (caps): {error}"));
                }
                libc::prctl(libc::PR_SET_KEEPCAPS, 0, 0, 0, 0);
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_named_nowhere_is_whoever_runs_the_process_but_in_4_1() {
        // SAFETY: no arguments, cannot fail.
        let own = unsafe { (libc::geteuid(), libc::getegid()) };
        for none in [0, u32::MAX] {
            let identity = Identity { uid: none, gid: none, capabilities: 0 };
            assert_eq!(effective(&identity), if cfg!(feature = "abi41") { (none, none) } else { own });
        }
        assert_eq!(effective(&Identity { uid: 7, gid: 8, capabilities: 0 }), (7, 8));
    }
}
