//! `lws_parse_numeric_address`, `lws_sa46_*`: numeric IP addresses.
use super::{c_bytes, int_of, room};
use crate::abi::guard;
use crate::abi::layout::lws_sockaddr46;
use crate::proto::text::addresses;
use crate::proto::text::write::Text;
use std::ffi::{c_char, c_int};
use std::fmt::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Reads the IPv4 or IPv6 address `ads` into the bytes at `result`, in network order.
///
/// `max_len`: room at `result`. Returns 4 or 16, or a negative number if it is no address or does not fit. Names are not
/// resolved; scopes, brackets and ports are refused.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_parse_numeric_address(ads: *const c_char, result: *mut u8, max_len: usize) -> c_int {
    guard::pure("lws_parse_numeric_address", -1, || {
        // SAFETY: what C promises.
        let Some(text) = (unsafe { c_bytes(ads) }).filter(|_| !result.is_null()) else {
            return -1;
        };
        // SAFETY: writable for `max_len` bytes; the parser checks that what it returns fits.
        let put = |octets: &[u8]| unsafe { room(result, octets.len()) }.copy_from_slice(octets);
        match addresses::parse(text, max_len) {
            Ok(IpAddr::V4(address)) => {
                put(&address.octets());
                4
            }
            Ok(IpAddr::V6(address)) => {
                put(&address.octets());
                16
            }
            Err(cause) => cause as c_int,
        }
    })
}

/// Reads the IPv4 or IPv6 address `ads` into `sa46`: family and address are set, port and the rest stay.
///
/// Returns 0, or -1 if it is no numeric address.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_sa46_parse_numeric_address(ads: *const c_char, sa46: *mut lws_sockaddr46) -> c_int {
    guard::pure("lws_sa46_parse_numeric_address", -1, || {
        // SAFETY: what C promises.
        let text = unsafe { c_bytes(ads) };
        let Some(address) = text.filter(|_| !sa46.is_null()).and_then(|text| addresses::parse(text, 16).ok()) else {
            return -1;
        };
        // SAFETY: not NULL, so writable; only members of the family that is set are written.
        unsafe {
            match address {
                IpAddr::V4(address) => {
                    (&raw mut (*sa46).sa4.sin_family).write(libc::AF_INET as u16);
                    (&raw mut (*sa46).sa4.sin_addr.s_addr).write(u32::from_ne_bytes(address.octets()));
                }
                IpAddr::V6(address) => {
                    (&raw mut (*sa46).sa6.sin6_family).write(libc::AF_INET6 as u16);
                    (&raw mut (*sa46).sa6.sin6_addr.s6_addr).write(address.octets());
                }
            }
        }
        0
    })
}

/// Writes the address of `size` (4 or 16) bytes at `ads` as text with a NUL.
///
/// `len`: size of `buf`; 46 is always enough. Returns the length. An IPv4 address that does not fit is cut, and `len`
/// returned; an IPv6 one, another `size` and NULL give -1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_write_numeric_address(ads: *const u8, size: c_int, buf: *mut c_char, len: usize) -> c_int {
    guard::pure("lws_write_numeric_address", -1, || {
        if ads.is_null() || buf.is_null() {
            return -1;
        }
        let address = match size {
            // SAFETY: not NULL, readable for `size` bytes.
            4 => IpAddr::from(unsafe { ads.cast::<[u8; 4]>().read() }),
            // SAFETY: not NULL, readable for `size` bytes.
            16 => IpAddr::from(unsafe { ads.cast::<[u8; 16]>().read() }),
            _ => return -1,
        };
        // SAFETY: writable for `len` bytes; the address has been copied.
        unsafe { write(address, buf, len) }
    })
}

/// Writes the address in `sa46` as text with a NUL, without the port.
///
/// `len`: size of `buf`. Returns the length, as `lws_write_numeric_address`. A struct without a family gives `(unset)`, a
/// unix socket `(unix skt)`; other families put a remark in `buf` and return -1. In the product of soname 17, as in 4.1.6,
/// all that is not an address gives -1 and an empty text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_sa46_write_numeric_address(
    sa46: *mut lws_sockaddr46,
    buf: *mut c_char,
    len: usize,
) -> c_int {
    guard::pure("lws_sa46_write_numeric_address", -1, || {
        if sa46.is_null() || buf.is_null() {
            return -1;
        }
        // SAFETY: not NULL, readable.
        match unsafe { contents(sa46) } {
            // SAFETY: writable for `len` bytes.
            Contents::Ip(address) => unsafe { write(address, buf, len) },
            Contents::Other(family) => {
                // SAFETY: writable for `len` bytes, of which no remark needs more.
                let mut text = Text::new(unsafe { room(buf.cast(), len.min(64)) });
                if cfg!(feature = "abi41") {
                    text.finish_like_snprintf();
                    return -1;
                }
                // Text has no errors: what does not fit is cut.
                let _ = match family {
                    libc::AF_UNSPEC => text.write_str("(unset)"),
                    libc::AF_UNIX => text.write_str("(unix skt)"),
                    other => write!(text, "(AF{other} unsupp)"),
                };
                let written = int_of(text.finish_like_snprintf());
                if matches!(family, libc::AF_UNSPEC | libc::AF_UNIX) { written } else { -1 }
            }
        }
    })
}

/// Compares two addresses; ports do not count. Returns 0 if family and address are the same, else nonzero.
///
/// Two structs of one family that is not IPv4 or IPv6 count as the same.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_sa46_compare_ads(sa46a: *const lws_sockaddr46, sa46b: *const lws_sockaddr46) -> c_int {
    guard::pure("lws_sa46_compare_ads", 1, || {
        if sa46a.is_null() || sa46b.is_null() {
            return 1;
        }
        // SAFETY: not NULL, readable.
        let (left, right) = unsafe { (contents(sa46a), contents(sa46b)) };
        c_int::from(left != right)
    })
}

/// Tells whether an address lies in the network of the first `net_len` bits of `sa46_net`. Returns 0 if it does, else 1.
///
/// An IPv6 address that maps an IPv4 one is looked at as that one in an IPv4 network. An IPv4 address is in no IPv6
/// network. `net_len` 0 or less: every address that can be compared is inside.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_sa46_on_net(
    sa46a: *const lws_sockaddr46,
    sa46_net: *const lws_sockaddr46,
    net_len: c_int,
) -> c_int {
    guard::pure("lws_sa46_on_net", 1, || {
        if sa46a.is_null() || sa46_net.is_null() {
            return 1;
        }
        // SAFETY: not NULL, readable.
        match unsafe { (contents(sa46a), contents(sa46_net)) } {
            (Contents::Ip(address), Contents::Ip(network)) => {
                c_int::from(!addresses::is_on_net(address, network, net_len))
            }
            _ => 1,
        }
    })
}

#[derive(PartialEq, Eq)]
enum Contents {
    Ip(IpAddr),
    Other(c_int),
}

/// # Safety
/// `sa46` is readable; the address of its family is initialised.
unsafe fn contents(sa46: *const lws_sockaddr46) -> Contents {
    // SAFETY: the family lies at the same place in both, and says which one is there.
    unsafe {
        match c_int::from((*sa46).sa4.sin_family) {
            libc::AF_INET => Contents::Ip(Ipv4Addr::from((*sa46).sa4.sin_addr.s_addr.to_ne_bytes()).into()),
            libc::AF_INET6 => Contents::Ip(Ipv6Addr::from((*sa46).sa6.sin6_addr.s6_addr).into()),
            other => Contents::Other(other),
        }
    }
}

/// # Safety
/// `buf` is writable for `len` bytes.
unsafe fn write(address: IpAddr, buf: *mut c_char, len: usize) -> c_int {
    // Longer than any address and what the writer wants beyond it, so that an exaggerated size does no harm.
    let len = len.min(128);
    // SAFETY: the caller's promise.
    addresses::write(address, unsafe { room(buf.cast(), len) }).map_or(-1, int_of)
}
