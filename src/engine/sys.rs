//! The few raw system calls that no safe crate offers.
//!
//! # What the kernel promises
//! The calls below take plain integers or buffers owned by the caller for the length of the call.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_int};
use std::io;
use std::marker::PhantomData;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

/// Microseconds of the monotonic clock.
pub fn now_micros() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid timespec that lives through the call.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC, &mut time) };
    time.tv_sec as u64 * 1_000_000 + time.tv_nsec as u64 / 1000
}

/// Soft limit of open descriptors, as a plain number.
pub fn fd_limit() -> u32 {
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: `limit` is a valid rlimit that lives through the call.
    let result = unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &mut limit) };
    if result != 0 { 1024 } else { u32::try_from(limit.rlim_cur).unwrap_or(u32::MAX) }
}

/// Bytes that were given to a socket and that its peer has not acknowledged; 0 where that is not known.
pub fn unacknowledged(fd: c_int) -> u64 {
    let mut count: c_int = 0;
    // SAFETY: SIOCOUTQ (TIOCOUTQ by its older name) writes one int, which lives through the call.
    let result = unsafe { libc::ioctl(fd, libc::TIOCOUTQ, &raw mut count) };
    if result == 0 { u64::try_from(count).unwrap_or(0) } else { 0 }
}

/// Number of the calling thread, as the kernel shows it.
pub fn thread_id() -> u32 {
    // SAFETY: gettid has no arguments and cannot fail.
    unsafe { libc::gettid() as u32 }
}

/// What this thread can be told by, cheaply: no two living threads have the same.
#[inline]
pub fn thread_token() -> usize {
    #[cfg(all(target_arch = "x86_64", target_os = "linux"))]
    {
        let block: usize;
        // SAFETY: the first word of a thread's control block is the block's own address (System V ABI for AMD64, TLS); it
        // never changes, and reading it changes nothing.
        unsafe { std::arch::asm!("mov {}, fs:0", out(reg) block, options(pure, nomem, nostack, preserves_flags)) };
        block
    }
    #[cfg(not(all(target_arch = "x86_64", target_os = "linux")))]
    // SAFETY: pthread_self has no arguments and cannot fail.
    unsafe {
        libc::pthread_self() as usize
    }
}

/// While it lives, pthread_cancel does not reach this thread: a thread that is cancelled is unwound, which ends the process
/// when it meets a frame that stops panics.
pub struct CancelHeld {
    before: c_int,
    /// Of this thread, so it stays in it.
    _here: PhantomData<*const ()>,
}

unsafe extern "C" {
    fn pthread_setcancelstate(state: c_int, before: *mut c_int) -> c_int;
}

unsafe extern "C-unwind" {
    /// Unwinds the thread if it was cancelled.
    fn pthread_testcancel();
}

/// PTHREAD_CANCEL_DISABLE of Linux.
const CANCEL_DISABLE: c_int = 1;

impl CancelHeld {
    #[inline]
    pub fn hold() -> Self {
        CancelHeld { before: hold_cancel(), _here: PhantomData }
    }
}

impl Drop for CancelHeld {
    #[inline]
    fn drop(&mut self) {
        restore_cancel(self.before);
    }
}

/// Holds cancellation off; returns the state to restore.
#[inline]
pub fn hold_cancel() -> c_int {
    let mut before = 0;
    // SAFETY: an integer of ours is written; the call cannot fail with this state.
    unsafe { pthread_setcancelstate(CANCEL_DISABLE, &mut before) };
    before
}

/// The end of [`hold_cancel`].
#[inline]
pub fn restore_cancel(before: c_int) {
    let mut ignored = 0;
    // SAFETY: a state that `hold_cancel` returned.
    unsafe { pthread_setcancelstate(before, &mut ignored) };
}

/// Ends the thread here if it was cancelled.
///
/// # Safety
/// No frame of this thread that has something to clean up or that stops panics is above a frame of the program.
pub unsafe fn test_cancel() {
    // SAFETY: the caller's promise.
    unsafe { pthread_testcancel() };
}

/// Whether a thread of this process with that number exists.
pub fn thread_exists(thread: u32) -> bool {
    // SAFETY: plain integers; signal 0 only asks.
    let result = unsafe { libc::syscall(libc::SYS_tgkill, libc::getpid(), thread as libc::pid_t, 0) };
    result == 0 || io::Error::last_os_error().raw_os_error() != Some(libc::ESRCH)
}

/// Reserves `bytes` of addresses without access or memory behind them; `None` if the system refuses.
pub fn reserve_addresses(bytes: usize) -> Option<usize> {
    // SAFETY: an anonymous mapping at a place of the kernel's choice; nothing is read or written through it, ever.
    let address = unsafe {
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
        libc::mmap(std::ptr::null_mut(), bytes, libc::PROT_NONE, flags, -1, 0)
    };
    (address != libc::MAP_FAILED).then(|| address.addr())
}

/// Fills `out` with random bytes of the kernel; false if it has none to give.
pub fn random(out: &mut [u8]) -> bool {
    let mut filled = 0;
    while filled < out.len() {
        let rest = &mut out[filled..];
        // SAFETY: `rest` is writable for its length.
        match unsafe { libc::getrandom(rest.as_mut_ptr().cast(), rest.len(), 0) } {
            count if count > 0 => filled += count as usize,
            _ if io::Error::last_os_error().kind() == io::ErrorKind::Interrupted => {}
            _ => return false,
        }
    }
    true
}

/// Makes the number `old` name what `fresh` names; what it named before is closed in this process.
pub fn replace_fd(fresh: i32, old: i32) -> io::Result<()> {
    // SAFETY: plain integers; both are open descriptors of the library.
    let result = unsafe { libc::dup3(fresh, old, libc::O_CLOEXEC) };
    if result < 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
}

/// Has `in_child` called inside every fork(2), in the child.
pub fn on_fork(in_child: extern "C" fn()) {
    // SAFETY: a function that stays loaded as long as this library, which takes the registration back when unloaded.
    unsafe { libc::pthread_atfork(None, None, Some(in_child)) };
}

/// An eventfd: a counter other threads bump to end a wait.
pub struct EventFd(OwnedFd);

impl EventFd {
    pub fn new() -> io::Result<Self> {
        // SAFETY: plain integers; the result is checked.
        let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just made and belongs to nobody else.
        Ok(EventFd(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    pub fn fd(&self) -> i32 {
        self.0.as_raw_fd()
    }

    /// Safe in signal handlers: one write(2), errno kept.
    pub fn signal(&self) {
        signal_event_fd(self.fd());
    }

    /// Another counter under the same number: a forked process shares the old one with its parent.
    pub fn renew(&self) -> io::Result<()> {
        let fresh = EventFd::new()?;
        replace_fd(fresh.fd(), self.fd())
    }

    pub fn drain(&self) {
        let mut count = 0u64;
        // SAFETY: reads at most 8 bytes into an owned u64; the descriptor is ours.
        unsafe { libc::read(self.fd(), (&raw mut count).cast(), 8) };
    }
}

/// Bumps an eventfd by number; errno is kept, so that it may be called anywhere.
pub fn signal_event_fd(fd: i32) {
    let one = 1u64;
    let _uncancelled = CancelHeld::hold();
    // SAFETY: errno is the calling thread's own; write takes 8 bytes from an owned u64.
    unsafe {
        let errno = *libc::__errno_location();
        libc::write(fd, (&raw const one).cast(), 8);
        *libc::__errno_location() = errno;
    }
}

/// A timerfd on the monotonic clock: readable once its time has come, until it is set anew.
pub struct TimerFd(OwnedFd);

impl TimerFd {
    pub fn new() -> io::Result<Self> {
        // SAFETY: plain integers; the result is checked.
        let fd = unsafe { libc::timerfd_create(libc::CLOCK_MONOTONIC, libc::TFD_CLOEXEC | libc::TFD_NONBLOCK) };
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: `fd` was just made and belongs to nobody else.
        Ok(TimerFd(unsafe { OwnedFd::from_raw_fd(fd) }))
    }

    pub fn fd(&self) -> i32 {
        self.0.as_raw_fd()
    }

    /// Makes it readable at `due` microseconds of the monotonic clock; a time that has passed makes it readable at once.
    pub fn set(&self, due: u64) {
        let value = libc::timespec {
            tv_sec: libc::time_t::try_from(due / 1_000_000).unwrap_or(libc::time_t::MAX),
            // All zero would disarm it.
            tv_nsec: ((due % 1_000_000) * 1000).max(1) as libc::c_long,
        };
        let setting = libc::itimerspec { it_interval: libc::timespec { tv_sec: 0, tv_nsec: 0 }, it_value: value };
        // SAFETY: the setting lives through the call; the old one is not asked for.
        unsafe { libc::timerfd_settime(self.fd(), libc::TFD_TIMER_ABSTIME, &setting, std::ptr::null_mut()) };
    }
}

/// Why a name did not resolve.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolveError {
    /// EAI_* of getaddrinfo.
    pub code: i32,
    pub text: String,
}

impl ResolveError {
    /// The resolver is sure that there is no such name.
    pub fn is_no_such_name(&self) -> bool {
        self.code == libc::EAI_NONAME || self.code == libc::EAI_NODATA
    }

    /// Asking again later may help.
    pub fn is_temporary(&self) -> bool {
        self.code == libc::EAI_AGAIN
    }
}

/// getaddrinfo of the system: nsswitch, hosts file and all. Blocks; for helper threads.
pub fn resolve(name: &str, port: u16, ipv4_only: bool) -> Result<Vec<SocketAddr>, ResolveError> {
    let no_name = || ResolveError { code: libc::EAI_NONAME, text: "not a host name".to_string() };
    let name = CString::new(name).map_err(|_| no_name())?;
    // SAFETY: an all-zero addrinfo is a valid one.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    hints.ai_socktype = libc::SOCK_STREAM;
    hints.ai_family = if ipv4_only { libc::AF_INET } else { libc::AF_UNSPEC };
    let mut list: *mut libc::addrinfo = std::ptr::null_mut();
    // SAFETY: `name` is NUL-terminated, `hints` and `list` live through the call.
    let code = unsafe { libc::getaddrinfo(name.as_ptr(), std::ptr::null(), &hints, &mut list) };
    if code != 0 {
        // SAFETY: gai_strerror returns a NUL-terminated text for every code.
        let text = unsafe { CStr::from_ptr(libc::gai_strerror(code)) };
        return Err(ResolveError { code, text: text.to_string_lossy().into_owned() });
    }
    let mut found = Vec::new();
    let mut entry = list;
    while !entry.is_null() {
        // SAFETY: `entry` is a node of the list getaddrinfo returned and freeaddrinfo has not seen yet.
        let node = unsafe { &*entry };
        // SAFETY: `ai_addr` points to `ai_addrlen` bytes of the family it says.
        if let Some(address) = unsafe { socket_address(node.ai_addr, node.ai_addrlen, port) } {
            found.push(address);
        }
        entry = node.ai_next;
    }
    // SAFETY: `list` came from getaddrinfo and is freed once.
    unsafe { libc::freeaddrinfo(list) };
    if found.is_empty() { Err(no_name()) } else { Ok(found) }
}

/// # Safety
/// `address` is NULL or points to `len` readable bytes of a socket address.
unsafe fn socket_address(address: *const libc::sockaddr, len: libc::socklen_t, port: u16) -> Option<SocketAddr> {
    if address.is_null() {
        return None;
    }
    // SAFETY: every socket address begins with its family.
    match i32::from(unsafe { (*address).sa_family }) {
        libc::AF_INET if len as usize >= size_of::<libc::sockaddr_in>() => {
            // SAFETY: the length was checked for this family.
            let v4 = unsafe { address.cast::<libc::sockaddr_in>().read_unaligned() };
            Some(SocketAddr::V4(SocketAddrV4::new(Ipv4Addr::from(u32::from_be(v4.sin_addr.s_addr)), port)))
        }
        libc::AF_INET6 if len as usize >= size_of::<libc::sockaddr_in6>() => {
            // SAFETY: the length was checked for this family.
            let v6 = unsafe { address.cast::<libc::sockaddr_in6>().read_unaligned() };
            let ip = Ipv6Addr::from(v6.sin6_addr.s6_addr);
            Some(SocketAddr::V6(SocketAddrV6::new(ip, port, v6.sin6_flowinfo, v6.sin6_scope_id)))
        }
        _ => None,
    }
}

/// The other end of a connected IP socket.
pub fn peer_address(fd: i32) -> Option<SocketAddr> {
    // SAFETY: all-zero storage is an address without a family; its size is passed along.
    unsafe {
        let mut storage: libc::sockaddr_storage = std::mem::zeroed();
        let mut len = size_of::<libc::sockaddr_storage>() as libc::socklen_t;
        let address = (&raw mut storage).cast::<libc::sockaddr>();
        if fd < 0 || libc::getpeername(fd, address, &mut len) != 0 {
            return None;
        }
        socket_address(address, len, 0)
    }
}

/// The name of an address by the system's resolver. Blocks; for helper threads.
pub fn name_of(address: SocketAddr) -> Option<String> {
    let address = socket2::SockAddr::from(address);
    let mut name = [0u8; 1025];
    // SAFETY: the address with its length, and a buffer with its size, which gets a NUL-terminated text.
    let code = unsafe {
        let (to, size) = (name.as_mut_ptr().cast(), name.len() as libc::socklen_t);
        let null = std::ptr::null_mut();
        libc::getnameinfo(address.as_ptr().cast(), address.len(), to, size, null, 0, libc::NI_NAMEREQD)
    };
    let text = CStr::from_bytes_until_nul(&name).ok()?;
    (code == 0).then(|| text.to_string_lossy().into_owned())
}

/// Addresses of a network interface, IPv4 and IPv6.
pub fn interface_addresses(name: &[u8]) -> Vec<IpAddr> {
    let mut list: *mut libc::ifaddrs = std::ptr::null_mut();
    // SAFETY: `list` lives through the call.
    if unsafe { libc::getifaddrs(&mut list) } != 0 {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut entry = list;
    while !entry.is_null() {
        // SAFETY: `entry` is a node of the list that is not freed yet; its name is NUL-terminated.
        let (node, node_name) = unsafe { (&*entry, CStr::from_ptr((*entry).ifa_name)) };
        if node_name.to_bytes() == name && !node.ifa_addr.is_null() {
            // SAFETY: the address has the full size of its family.
            let address = unsafe {
                let len = match i32::from((*node.ifa_addr).sa_family) {
                    libc::AF_INET => size_of::<libc::sockaddr_in>(),
                    libc::AF_INET6 => size_of::<libc::sockaddr_in6>(),
                    _ => 0,
                };
                socket_address(node.ifa_addr, len as libc::socklen_t, 0)
            };
            found.extend(address.map(|address| address.ip()));
        }
        entry = node.ifa_next;
    }
    // SAFETY: `list` came from getifaddrs and is freed once.
    unsafe { libc::freeifaddrs(list) };
    found
}

/// Lets a listener take data with the first packet of a client (RFC 7413), for so many clients that are not yet through.
pub fn set_fastopen(fd: i32, queue: i32) -> io::Result<()> {
    let size = size_of::<i32>() as libc::socklen_t;
    // SAFETY: an int that lives through the call, and its size.
    let result =
        unsafe { libc::setsockopt(fd, libc::IPPROTO_TCP, libc::TCP_FASTOPEN, (&raw const queue).cast(), size) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// What poll(2) says about a descriptor now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PollNow {
    pub readable: bool,
    /// The other side is gone, or the descriptor is in error.
    pub hung_up: bool,
}

/// Looks at a descriptor without waiting.
pub fn poll_now(fd: i32) -> PollNow {
    let mut entry = libc::pollfd { fd, events: libc::POLLIN | libc::POLLPRI, revents: 0 };
    // SAFETY: one entry, which lives through the call.
    let count = unsafe { libc::poll(&raw mut entry, 1, 0) };
    let has = |bits: i16| count > 0 && entry.revents & bits != 0;
    PollNow {
        readable: has(libc::POLLIN | libc::POLLPRI),
        hung_up: has(libc::POLLHUP | libc::POLLERR | libc::POLLNVAL),
    }
}

/// write(2), for descriptors that are no sockets.
pub fn write(fd: i32, bytes: &[u8]) -> io::Result<usize> {
    // SAFETY: reads at most `len` bytes of the slice.
    let count = unsafe { libc::write(fd, bytes.as_ptr().cast(), bytes.len()) };
    usize::try_from(count).map_err(|_| io::Error::last_os_error())
}

/// Blocks all signals in the calling thread: for helper threads, which must never run the program's handlers.
pub fn block_all_signals() {
    // SAFETY: the set is initialised by sigfillset before it is used.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigfillset(&mut set);
        libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
    }
}

unsafe extern "C" {
    /// glibc's getenv that says NULL in programs with raised privileges.
    fn secure_getenv(name: *const libc::c_char) -> *const libc::c_char;
}

/// An environment variable, not looked at in setuid programs.
pub fn secure_env(name: &CStr) -> Option<String> {
    // SAFETY: `name` is NUL-terminated; the result is NULL or a NUL-terminated text, copied at once.
    unsafe {
        let value = secure_getenv(name.as_ptr());
        (!value.is_null()).then(|| CStr::from_ptr(value).to_string_lossy().into_owned())
    }
}
