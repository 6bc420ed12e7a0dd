//! Datagram sockets: bound or connected, one RAW_RX per datagram, answers to whoever sent the last one.
use super::adopt::{self, Terms};
use super::callback::{self, Arg, Reason};
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::{Context, PRE};
use super::input::{Lent, NO_MEMORY};
use super::log::{self, Level, Scope};
use super::trace::{self, Way};
use super::vhost::{ProtocolRef, Vhost};
use super::wsi::{Phase, Role, Wsi, flag};
use super::{net, sys};
use socket2::{Domain, Protocol, SockAddr, Socket, Type};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};
use std::rc::Rc;

/// Largest datagram of UDP, bytes.
const LARGEST: usize = 65_535;
/// Datagrams of one connection in one turn.
const READ_BUDGET: u32 = 64;

/// Whom a datagram socket talks to.
#[derive(Default)]
pub struct Peer {
    /// Sender of the last datagram, or the address that was asked for.
    pub address: Option<SocketAddr>,
    /// The kernel knows the peer: only its datagrams arrive.
    pub is_connected: bool,
    /// What the C edge shows the program; opaque here, dropped with the connection.
    pub face: Option<Box<dyn std::any::Any>>,
}

/// What `lws_create_adopt_udp` asks for.
#[derive(Debug, Default)]
pub struct Wish {
    /// Name or numeric address; `None`: any address of this machine, or no peer yet.
    pub address: Option<String>,
    pub port: u16,
    /// Bound to the address instead of connected to it.
    pub binds: bool,
    /// May send to broadcast addresses.
    pub broadcasts: bool,
    /// Interface to use, by name.
    pub iface: Option<String>,
}

/// A socket as asked for. Resolves the name, which may block.
pub fn open(wish: &Wish, no_ipv6: bool) -> io::Result<(Socket, Peer)> {
    let mut last = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses(wish, no_ipv6)? {
        match open_one(wish, address) {
            Ok(made) => return Ok(made),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn addresses(wish: &Wish, no_ipv6: bool) -> io::Result<Vec<SocketAddr>> {
    match wish.address.as_deref().filter(|name| !name.is_empty()) {
        Some(name) => match name.parse::<IpAddr>() {
            Ok(address) => Ok(vec![SocketAddr::new(address, wish.port)]),
            Err(_) => sys::resolve(name, wish.port, no_ipv6).map_err(|error| io::Error::other(error.text)),
        },
        None if no_ipv6 => Ok(vec![(Ipv4Addr::UNSPECIFIED, wish.port).into()]),
        // IPv4 first, as the resolver lists the addresses of anybody: programs look at who sent as an IPv4 address.
        None => Ok(vec![(Ipv4Addr::UNSPECIFIED, wish.port).into(), (Ipv6Addr::UNSPECIFIED, wish.port).into()]),
    }
}

fn open_one(wish: &Wish, address: SocketAddr) -> io::Result<(Socket, Peer)> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM.nonblocking().cloexec(), Some(Protocol::UDP))?;
    if wish.broadcasts {
        socket.set_broadcast(true)?;
    }
    if let Some(iface) = &wish.iface {
        socket.bind_device(Some(iface.as_bytes()))?;
    }
    if wish.binds {
        socket.set_reuse_address(true)?;
        if address.is_ipv6() && address.ip().is_unspecified() {
            socket.set_only_v6(false)?;
        }
        socket.bind(&address.into())?;
        return Ok((socket, Peer::default()));
    }
    if address.ip().is_unspecified() {
        return Ok((socket, Peer::default()));
    }
    if wish.broadcasts {
        // A connected socket would hear nothing of those who answer a broadcast.
        return Ok((socket, Peer { address: Some(address), ..Peer::default() }));
    }
    socket.connect(&address.into())?;
    Ok((socket, Peer { address: Some(address), is_connected: true, face: None }))
}

/// Takes a datagram socket into the vhost: WSI_CREATE, RAW_SKT_BIND_PROTOCOL, RAW_ADOPT.
pub fn adopt<'a>(
    may: &mut MayCall,
    cx: &'a Context,
    vhost: &Rc<Vhost>,
    socket: Socket,
    peer: Peer,
    protocol: ProtocolRef,
    terms: &Terms,
) -> Option<&'a Wsi> {
    let wsi = adopt::raw_of(may, cx, vhost, socket, Role::Udp, protocol, terms, |wsi| {
        wsi.with_rare(|rare| rare.udp = Some(Box::new(peer)));
    })?;
    Some(wsi)
}

/// RAW_RX for every datagram. Negative closes; positive is ignored.
pub fn on_readable(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    for _ in 0..READ_BUDGET {
        if wsi.rx_held.get() != 0 || wsi.phase.get() != Phase::Established || !wsi.has(flag::READABLE | flag::HUNG_UP) {
            return;
        }
        let Some(mut buffer) = Lent::of(cx, PRE + LARGEST + 1) else {
            return close::at_once(may, cx, wsi, CloseCause::ours(NO_MEMORY));
        };
        let received = receive(wsi, &mut buffer[PRE..PRE + LARGEST]);
        let go_on = match received {
            Ok((count, sender)) => {
                wsi.with_rare(|rare| {
                    let peer = rare.udp.get_or_insert_default();
                    peer.address = sender.or(peer.address);
                });
                buffer[PRE + count] = 0;
                trace::bytes(cx, wsi, Way::In, "datagram", count);
                let argument = Arg::Bytes(buffer[PRE..].as_mut_ptr(), count);
                let verdict = callback::strict(may, cx, wsi, Reason::RawRx, argument, "closes if negative");
                close::after_callback(may, cx, wsi, id, Reason::RawRx, verdict.min(0))
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                wsi.clear(flag::READABLE | flag::HUNG_UP);
                false
            }
            // Told by ICMP about an earlier datagram: a datagram socket lives on.
            Err(error) if matches!(error.kind(), io::ErrorKind::ConnectionRefused | io::ErrorKind::Interrupted) => true,
            Err(error) => {
                close::lost(may, cx, wsi, CloseCause::peer(net::describe(&error)));
                false
            }
        };
        if !go_on {
            return;
        }
    }
    cx.make_pending(wsi);
}

fn receive(wsi: &Wsi, buffer: &mut [u8]) -> io::Result<(usize, Option<SocketAddr>)> {
    let connected = wsi.peek_rare(|rare| rare.udp.as_ref().is_some_and(|peer| peer.is_connected)).unwrap_or(false);
    let Some(socket) = wsi.socket.take() else { return Err(io::ErrorKind::NotConnected.into()) };
    let socket = UdpSocket::from(socket);
    let received = if connected {
        socket.recv(buffer).map(|count| (count, None))
    } else {
        socket.recv_from(buffer).map(|(count, sender)| (count, Some(sender)))
    };
    wsi.socket.set(Some(socket.into()));
    received
}

/// `lws_write`: one datagram to the peer. What the kernel has no room for is lost, as datagrams may be.
pub fn write(cx: &Context, wsi: &Wsi, payload: &[u8]) -> Result<usize, &'static str> {
    if wsi.is_closing() {
        return Err("the connection is closing");
    }
    let peer = wsi.peek_rare(|rare| rare.udp.as_ref().map(|peer| (peer.address, peer.is_connected))).flatten();
    let (address, is_connected) = peer.unwrap_or((None, true));
    let sent = wsi.with_socket(|socket| match address {
        _ if is_connected => socket.send_with_flags(payload, libc::MSG_NOSIGNAL),
        Some(address) => socket.send_to_with_flags(payload, &SockAddr::from(address), libc::MSG_NOSIGNAL),
        None => Err(io::ErrorKind::NotConnected.into()),
    });
    match sent {
        Some(Ok(count)) => {
            trace::bytes(cx, wsi, Way::Out, "datagram", count);
            Ok(count)
        }
        Some(Err(error)) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::ConnectionRefused) => {
            let text = format_args!("datagram of {} bytes lost: {}", payload.len(), net::describe(&error));
            log::line(Level::Info, Scope::Wsi(wsi), "lws_write", text);
            let _ = cx;
            Ok(payload.len())
        }
        Some(Err(error)) if error.kind() == io::ErrorKind::NotConnected => Err("no datagram has come yet: no peer"),
        _ => Err("the datagram cannot be sent"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_and_a_connected_socket_talk() {
        let (bound, peer) =
            open(&Wish { address: Some("127.0.0.1".into()), binds: true, ..Wish::default() }, false).unwrap();
        assert!(peer.address.is_none());
        let port = net::local_port(&bound);
        assert_ne!(port, 0);
        let wish = Wish { address: Some("127.0.0.1".into()), port, ..Wish::default() };
        let (connected, peer) = open(&wish, false).unwrap();
        assert!(peer.is_connected);
        assert_eq!(peer.address, Some(([127, 0, 0, 1], port).into()));
        connected.send(b"x").unwrap();
    }

    #[test]
    fn no_address_binds_to_all() {
        let (bound, _) = open(&Wish { binds: true, ..Wish::default() }, true).unwrap();
        assert!(bound.local_addr().unwrap().as_socket().unwrap().ip().is_unspecified());
        assert!(open(&Wish { address: Some("no such host".into()), ..Wish::default() }, true).is_err());
    }
}
