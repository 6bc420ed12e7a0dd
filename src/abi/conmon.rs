//! `lws_conmon_*`: how long the steps of a client connection took.
//!
//! # What C promises
//! Results are variables of the program; what `lws_conmon_wsi_take` gave is released once with `lws_conmon_release`.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter;
use super::guard;
use super::layout::*;
use crate::engine::client::monitor::{Lookup, Monitor, Step};
use libc::addrinfo;
use std::ffi::c_int;
use std::net::SocketAddr;
use std::ptr;

/// Takes the times of a connection that was made with LCCSCF_CONMON in `ssl_connection`; all zero for others, and when
/// they were taken before.
///
/// To be called in its CLIENT_CONNECTION_ERROR or closed callback, when everything is known; `*dest` is filled and has to
/// be given to `lws_conmon_release`. Times are microseconds, 0 for steps that did not take place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_conmon_wsi_take(wsi: *mut lws, dest: *mut lws_conmon) {
    const NAME: &str = "lws_conmon_wsi_take";
    let taken = enter::on_wsi_map(NAME, wsi, |wsi| {
        let has = wsi.peek_rare(|rare| rare.monitor.is_some()) == Some(true);
        if has { wsi.with_rare(|rare| rare.monitor.take()) } else { None }
    });
    guard::pure(NAME, (), || {
        if !dest.is_null() {
            let result = told(&taken.map(|monitor| *monitor).unwrap_or_default());
            // SAFETY: see the module.
            unsafe { dest.write(result) };
        }
    });
}

fn told(monitor: &Monitor) -> lws_conmon {
    let status = monitor.status;
    let response = lws_conmon_protocol_specific_http { response: c_int::from(status) };
    lws_conmon {
        peer46: monitor.peer.map_or_else(nowhere, |peer| SocketBytes::of(peer).address),
        protocol_specific: lws_conmon_protocol_specific { http: response },
        dns_results_copy: list(&monitor.addresses),
        ciu_dns: monitor.took_us(Step::Lookup),
        ciu_sockconn: monitor.took_us(Step::Tcp),
        ciu_tls: monitor.took_us(Step::Tls),
        ciu_txn_resp: monitor.took_us(Step::Reply),
        pcol: if status == 0 { LWSCONMON_PCOL_NONE } else { LWSCONMON_PCOL_HTTP },
        dns_disposition: match monitor.lookup {
            Lookup::None => LWSCONMON_DNS_NONE,
            Lookup::Found => LWSCONMON_DNS_OK,
            Lookup::Unreachable => LWSCONMON_DNS_SERVER_UNREACHABLE,
            Lookup::NoResult => LWSCONMON_DNS_NO_RESULT,
        },
    }
}

fn nowhere() -> lws_sockaddr46 {
    // SAFETY: all zero is an address without a family.
    unsafe { std::mem::zeroed() }
}

/// A socket address in the form of C, and its size.
struct SocketBytes {
    address: lws_sockaddr46,
    len: libc::socklen_t,
}

impl SocketBytes {
    fn of(address: SocketAddr) -> Self {
        let raw = socket2::SockAddr::from(address);
        let mut to = nowhere();
        let len = (raw.len() as usize).min(size_of_val(&to));
        // SAFETY: `raw` has its length in bytes, the union is at least as large, and they do not overlap.
        unsafe { ptr::copy_nonoverlapping(raw.as_ptr().cast::<u8>(), (&raw mut to).cast::<u8>(), len) };
        SocketBytes { address: to, len: len as libc::socklen_t }
    }
}

/// One node of a list and the address it points to.
#[repr(C)]
struct Node {
    info: addrinfo,
    address: lws_sockaddr46,
}

/// The addresses as getaddrinfo gives them, in order; NULL for none.
fn list(addresses: &[SocketAddr]) -> *mut addrinfo {
    let mut next = ptr::null_mut();
    for given in addresses.iter().rev() {
        let SocketBytes { address, len } = SocketBytes::of(*given);
        // SAFETY: all zero is a valid node.
        let mut node = Box::new(Node { info: unsafe { std::mem::zeroed() }, address });
        node.info.ai_family = if given.is_ipv4() { libc::AF_INET } else { libc::AF_INET6 };
        node.info.ai_socktype = libc::SOCK_STREAM;
        node.info.ai_protocol = libc::IPPROTO_TCP;
        node.info.ai_addrlen = len;
        node.info.ai_next = next;
        let node = Box::into_raw(node);
        // SAFETY: just made; the address lies in the same node and goes with it.
        unsafe { (*node).info.ai_addr = (&raw mut (*node).address).cast() };
        next = node.cast();
    }
    next
}

/// Gives back the list of addresses in a result of `lws_conmon_wsi_take`. NULL and a second call are allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_conmon_release(conmon: *mut lws_conmon) {
    guard::pure("lws_conmon_release", (), || {
        if conmon.is_null() {
            return;
        }
        // SAFETY: see the module; each node came from `list`, and its successor is read before it goes.
        unsafe {
            let mut node = ptr::replace(&raw mut (*conmon).dns_results_copy, ptr::null_mut());
            while !node.is_null() {
                let next = (*node).ai_next;
                drop(Box::from_raw(node.cast::<Node>()));
                node = next;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_become_a_list_that_can_be_released() {
        let addresses = ["127.0.0.1:80".parse().unwrap(), "[::1]:443".parse().unwrap()];
        let monitor = Monitor { addresses: addresses.to_vec(), peer: Some(addresses[0]), ..Monitor::default() };
        let mut result = told(&monitor);
        // SAFETY: what `told` made.
        unsafe {
            let first = &*result.dns_results_copy;
            assert_eq!((first.ai_family, (*first.ai_addr).sa_family), (libc::AF_INET, libc::AF_INET as u16));
            let second = &*first.ai_next;
            assert_eq!((second.ai_family, second.ai_next), (libc::AF_INET6, ptr::null_mut()));
            assert_eq!(u16::from_be((*second.ai_addr.cast::<libc::sockaddr_in6>()).sin6_port), 443);
            assert_eq!(u16::from_be(result.peer46.sa4.sin_port), 80);
            lws_conmon_release(&raw mut result);
            lws_conmon_release(&raw mut result);
        }
        assert!(result.dns_results_copy.is_null());
    }
}
