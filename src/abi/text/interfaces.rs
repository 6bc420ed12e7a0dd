//! `lws_interface_to_sa`, `lws_get_peer_simple_fd`: the address of an interface, and of the other end of a socket.
use super::addresses::lws_sa46_write_numeric_address;
use super::{c_bytes, room};
use crate::abi::guard;
use crate::abi::layout::{
    LWS_ITOSA_NOT_EXIST, LWS_ITOSA_NOT_USABLE, LWS_ITOSA_USABLE, lws_sockaddr46, lws_sockfd_type,
};
use crate::proto::text::addresses;
use crate::proto::text::write::Text;
use libc::{ifaddrs, sockaddr_in, sockaddr_in6};
use std::ffi::{c_char, c_int};
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Finds the address of the interface `ifname`, which may also be a numeric address, and puts it at `addr`.
///
/// `ipv6`: nonzero for a `sockaddr_in6` at `addr` (an interface that has only IPv4 is mapped), 0 for a `sockaddr_in`.
/// `addrlen`: size of what is at `addr`. Family, address and scope are set, the rest is zero. Returns `LWS_ITOSA_USABLE`,
/// `LWS_ITOSA_NOT_EXIST` if there is no such interface, `LWS_ITOSA_NOT_USABLE` if it has no fitting address or `addr` is
/// too small.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_interface_to_sa(
    ipv6: c_int,
    ifname: *const c_char,
    addr: *mut sockaddr_in,
    addrlen: usize,
) -> c_int {
    guard::pure("lws_interface_to_sa", LWS_ITOSA_NOT_EXIST, || {
        // SAFETY: what C promises.
        let Some(name) = (unsafe { c_bytes(ifname) }) else {
            return LWS_ITOSA_NOT_EXIST;
        };
        let found = match addresses::parse(name, 16) {
            Ok(ip) => Found::Addresses(vec![Address { ip, scope: 0 }]),
            Err(_) => find(name),
        };
        let all = match found {
            Found::Nothing => return LWS_ITOSA_NOT_EXIST,
            Found::Addresses(all) => all,
        };
        // SAFETY: `addr` is NULL or writable for `addrlen` bytes.
        let done = unsafe { if ipv6 != 0 { put_v6(&all, addr.cast(), addrlen) } else { put_v4(&all, addr, addrlen) } };
        if done { LWS_ITOSA_USABLE } else { LWS_ITOSA_NOT_USABLE }
    })
}

/// Writes the numeric address of the other end of the socket `fd` to `name`, with a NUL.
///
/// `namelen`: size of `name`. Returns `name`, which holds `getpeername:` and the system's text if there is no other end.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_peer_simple_fd(
    fd: lws_sockfd_type,
    name: *mut c_char,
    namelen: usize,
) -> *const c_char {
    guard::pure("lws_get_peer_simple_fd", name.cast_const(), || {
        if name.is_null() || namelen == 0 {
            return name.cast_const();
        }
        // SAFETY: all zero is an address without a family.
        let mut peer: lws_sockaddr46 = unsafe { std::mem::zeroed() };
        let mut len = size_of::<lws_sockaddr46>() as libc::socklen_t;
        // SAFETY: `peer` has the size that is passed; a longer address is cut.
        let asked = unsafe { libc::getpeername(fd, (&raw mut peer).cast(), &mut len) };
        if asked != 0 {
            let error = std::io::Error::last_os_error().to_string();
            // The system's own words, without what Rust adds.
            let error = error.split(" (os error").next().unwrap_or_default();
            // SAFETY: writable for `namelen` bytes, of which the text needs fewer.
            let mut text = Text::new(unsafe { room(name.cast(), namelen.min(256)) });
            // Text has no errors: what does not fit is cut.
            let _ = write!(text, "getpeername: {error}");
            text.finish();
        } else {
            // SAFETY: `name` is writable for `namelen` bytes.
            unsafe { lws_sa46_write_numeric_address(&mut peer, name, namelen) };
        }
        name.cast_const()
    })
}

#[derive(Clone, Copy)]
struct Address {
    ip: IpAddr,
    /// interface number, for link-local addresses
    scope: u32,
}

enum Found {
    Nothing,
    /// the addresses of an interface that exists, possibly none
    Addresses(Vec<Address>),
}

fn find(name: &[u8]) -> Found {
    let mut list: *mut ifaddrs = std::ptr::null_mut();
    // SAFETY: the call puts a list there, or fails.
    if unsafe { libc::getifaddrs(&mut list) } != 0 {
        return Found::Nothing;
    }
    let (mut exists, mut all) = (false, Vec::new());
    let mut at = list;
    // SAFETY: the list and what it points to is valid until it is freed below; the family tells the type of an address.
    unsafe {
        while let Some(entry) = at.as_ref() {
            at = entry.ifa_next;
            if c_bytes(entry.ifa_name) != Some(name) {
                continue;
            }
            exists = true;
            if entry.ifa_addr.is_null() {
                continue;
            }
            match c_int::from((*entry.ifa_addr).sa_family) {
                libc::AF_INET => {
                    let address = entry.ifa_addr.cast::<sockaddr_in>().read_unaligned();
                    all.push(Address { ip: Ipv4Addr::from(address.sin_addr.s_addr.to_ne_bytes()).into(), scope: 0 });
                }
                libc::AF_INET6 => {
                    let address = entry.ifa_addr.cast::<sockaddr_in6>().read_unaligned();
                    let ip = Ipv6Addr::from(address.sin6_addr.s6_addr).into();
                    all.push(Address { ip, scope: address.sin6_scope_id });
                }
                _ => {}
            }
        }
        libc::freeifaddrs(list);
    }
    if exists { Found::Addresses(all) } else { Found::Nothing }
}

/// # Safety
/// `addr` is NULL or writable for `len` bytes.
unsafe fn put_v4(all: &[Address], addr: *mut sockaddr_in, len: usize) -> bool {
    let first = all.iter().find_map(|address| match address.ip {
        IpAddr::V4(ip) => Some(ip),
        IpAddr::V6(_) => None,
    });
    let Some(ip) = first.filter(|_| !addr.is_null() && len >= size_of::<sockaddr_in>()) else {
        return false;
    };
    let sin_addr = libc::in_addr { s_addr: u32::from_ne_bytes(ip.octets()) };
    let value = sockaddr_in { sin_family: libc::AF_INET as u16, sin_port: 0, sin_addr, sin_zero: [0; 8] };
    // SAFETY: not NULL and large enough.
    unsafe { addr.write_unaligned(value) };
    true
}

/// # Safety
/// `addr` is NULL or writable for `len` bytes.
unsafe fn put_v6(all: &[Address], addr: *mut sockaddr_in6, len: usize) -> bool {
    let Some(best) = all.iter().max_by_key(|address| reach(address.ip)) else {
        return false;
    };
    if addr.is_null() || len < size_of::<sockaddr_in6>() {
        return false;
    }
    let ip = match best.ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    let value = sockaddr_in6 {
        sin6_family: libc::AF_INET6 as u16,
        sin6_port: 0,
        sin6_flowinfo: 0,
        sin6_addr: libc::in6_addr { s6_addr: ip.octets() },
        sin6_scope_id: best.scope,
    };
    // SAFETY: not NULL and large enough.
    unsafe { addr.write_unaligned(value) };
    true
}

/// How far an address can be reached from; larger is preferred. IPv4 comes last: it is only mapped for want of IPv6.
fn reach(ip: IpAddr) -> u8 {
    match ip {
        IpAddr::V4(_) => 0,
        IpAddr::V6(ip) if ip.is_loopback() => 1,
        IpAddr::V6(ip) if ip.is_unicast_link_local() => 2,
        IpAddr::V6(ip) if ip.is_unique_local() => 3,
        IpAddr::V6(_) => 4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn v4_of(name: &std::ffi::CStr) -> (c_int, Ipv4Addr) {
        // SAFETY: all zero is a valid address.
        let mut addr: sockaddr_in = unsafe { std::mem::zeroed() };
        // SAFETY: `addr` has the size that is passed.
        let result = unsafe { lws_interface_to_sa(0, name.as_ptr(), &mut addr, size_of::<sockaddr_in>()) };
        (result, Ipv4Addr::from(addr.sin_addr.s_addr.to_ne_bytes()))
    }

    #[test]
    fn interfaces_and_numeric_addresses_are_found() {
        assert_eq!(v4_of(c"lo"), (LWS_ITOSA_USABLE, Ipv4Addr::LOCALHOST));
        assert_eq!(v4_of(c"10.1.2.3"), (LWS_ITOSA_USABLE, Ipv4Addr::new(10, 1, 2, 3)));
        assert_eq!(v4_of(c"nope0").0, LWS_ITOSA_NOT_EXIST);
        assert_eq!(v4_of(c"::1").0, LWS_ITOSA_NOT_USABLE);
    }

    #[test]
    fn ipv4_is_mapped_for_ipv6() {
        // SAFETY: all zero is a valid address.
        let mut addr: sockaddr_in6 = unsafe { std::mem::zeroed() };
        let at = (&raw mut addr).cast();
        // SAFETY: `addr` has the size that is passed.
        let result = unsafe { lws_interface_to_sa(1, c"10.1.2.3".as_ptr(), at, size_of::<sockaddr_in6>()) };
        assert_eq!(result, LWS_ITOSA_USABLE);
        assert_eq!(Ipv6Addr::from(addr.sin6_addr.s6_addr), Ipv4Addr::new(10, 1, 2, 3).to_ipv6_mapped());
    }

    #[test]
    fn the_other_end_of_a_socket_is_named() {
        use std::os::fd::AsRawFd;
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let mut name = [0 as c_char; 64];
        // SAFETY: `name` has the size that is passed.
        let mut peer_of = |fd| unsafe {
            let text = lws_get_peer_simple_fd(fd, name.as_mut_ptr(), name.len());
            std::ffi::CStr::from_ptr(text).to_string_lossy().into_owned()
        };
        assert_eq!(peer_of(client.as_raw_fd()), "127.0.0.1");
        assert!(peer_of(listener.as_raw_fd()).starts_with("getpeername: "));
        let (pair, _other) = std::os::unix::net::UnixStream::pair().unwrap();
        // 4.1.6 has no words for it.
        let unix = if cfg!(feature = "abi41") { "" } else { "(unix skt)" };
        assert_eq!(peer_of(pair.as_raw_fd()), unix);
    }

    #[test]
    fn a_small_struct_is_refused() {
        // SAFETY: nothing is written to NULL.
        let result = unsafe { lws_interface_to_sa(0, c"127.0.0.1".as_ptr(), std::ptr::null_mut(), 0) };
        assert_eq!(result, LWS_ITOSA_NOT_USABLE);
    }
}
