//! `lws_get_peer_addresses`: who is at the other end of a socket, by number and by name.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::enter::{self, Access};
use super::layout::*;
use super::{cstr, guard};
use crate::engine::context::Context;
use crate::engine::role::h2;
use crate::engine::sys;
use crate::engine::wsi::Wsi;
use std::ffi::{c_char, c_int};
use std::net::{IpAddr, SocketAddr};
use std::sync::mpsc;
use std::time::Duration;

/// Longest wait for a name.
const PATIENCE: Duration = Duration::from_secs(5);

/// Writes the name and the numeric address of the other end of `fd`, which belongs to `wsi`, with final NULs.
///
/// The name comes from a reverse lookup and **blocks**, up to 5 s: not for a loop that serves others. The address is
/// written without waiting; `::ffff:` in front of an IPv4 address is left out. Both are empty when they cannot be found,
/// as for unix sockets. `name_len` and `rip_len` are the sizes; with `name_len` 0 no name is looked up.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_peer_addresses(
    wsi: *mut lws,
    fd: lws_sockfd_type,
    name: *mut c_char,
    name_len: c_int,
    rip: *mut c_char,
    rip_len: c_int,
) {
    guard::pure("lws_get_peer_addresses", (), || {
        let size = |len: c_int| usize::try_from(len).unwrap_or(0);
        let peer = sys::peer_address(fd).or_else(|| {
            if wsi.is_null() {
                return None;
            }
            let fd = |cx: &Context, wsi: &Wsi| h2::network(cx, wsi).fd();
            let own = enter::on_wsi("lws_get_peer_addresses", -1, wsi, Access::Getter, |_, cx, wsi| fd(cx, wsi));
            sys::peer_address(own)
        });
        let number = peer.map(|peer| peer.ip().to_canonical().to_string()).unwrap_or_default();
        let wants_name = !name.is_null() && name_len > 0;
        let host = peer.filter(|_| wants_name).and_then(host_name).unwrap_or_default();
        // SAFETY: NULL, or as many writable bytes as the lengths say.
        unsafe {
            cstr::copy_out(number.as_bytes(), rip, size(rip_len));
            cstr::copy_out(host.as_bytes(), name, size(name_len));
        }
    });
}

/// The name of an address, if the system's resolver finds one in time; a slow lookup goes on by itself.
fn host_name(peer: SocketAddr) -> Option<String> {
    let peer = SocketAddr::new(IpAddr::to_canonical(&peer.ip()), peer.port());
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        sys::block_all_signals();
        let _ = sender.send(sys::name_of(peer));
    };
    std::thread::Builder::new().name("lws-resolve".into()).stack_size(256 * 1024).spawn(work).ok()?;
    receiver.recv_timeout(PATIENCE).ok()?
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::fd::AsRawFd;
    use std::ptr;

    #[test]
    fn the_other_end_is_told_by_number_and_name() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let client = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let ask = |fd| {
            let (mut name, mut rip) = ([1u8; 64], [1u8; 8]);
            let (to, size) = (name.as_mut_ptr().cast(), name.len() as c_int);
            // SAFETY: buffers of these sizes.
            unsafe { lws_get_peer_addresses(ptr::null_mut(), fd, to, size, rip.as_mut_ptr().cast(), 8) };
            let text = |bytes: &[u8]| String::from_utf8(bytes.split(|&b| b == 0).next().unwrap().to_vec()).unwrap();
            (text(&name), text(&rip))
        };
        let (name, rip) = ask(client.as_raw_fd());
        // The number is cut to the room; the name depends on the machine.
        assert_eq!(rip, "127.0.0");
        assert!(name.is_empty() || name.contains("localhost") || !name.contains(' '), "{name}");
        assert_eq!(ask(-1), (String::new(), String::new()));
    }
}
