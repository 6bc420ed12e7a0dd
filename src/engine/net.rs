//! Sockets: making, connecting, listening, accepting, reading. Everything non-blocking and close-on-exec.
use super::vhost::{Vhost, option};
use super::wsi::Wsi;
use socket2::{Domain, Protocol, SockAddr, Socket, TcpKeepalive, Type};
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::io::{self, Read};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::unix::ffi::OsStrExt;
use std::time::Duration;

/// Where a connection goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Endpoint {
    Tcp(SocketAddr),
    /// A unix socket path; a leading '@' means the abstract name space.
    Unix(OsString),
}

impl std::fmt::Display for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Endpoint::Tcp(address) => address.fmt(f),
            Endpoint::Unix(path) => write!(f, "UDS {}", path.display()),
        }
    }
}

/// Address of a unix socket; '@' in front means abstract.
pub fn unix_address(path: &OsStr) -> io::Result<SockAddr> {
    match path.as_bytes().strip_prefix(b"@") {
        Some(name) => SockAddr::unix(OsStr::from_bytes(&[b"\0", name].concat())),
        None => SockAddr::unix(path),
    }
}

/// What may be asked of a client socket beyond the vhost's settings.
#[derive(Clone, Debug, Default)]
pub struct SocketWishes {
    /// Interface name or address to connect from.
    pub iface: Option<String>,
    /// SO_PRIORITY, 0 = leave.
    pub priority: u8,
    /// IP_TOS bits, 0 = leave.
    pub tos: u32,
}

/// Makes a client socket for `endpoint` with the options of the vhost and the connection.
pub fn make_socket(endpoint: &Endpoint, vhost: &Vhost, wishes: &SocketWishes) -> Result<Socket, ConnectError> {
    let domain = match endpoint {
        Endpoint::Tcp(address) => Domain::for_address(*address),
        Endpoint::Unix(_) => Domain::UNIX,
    };
    let socket = Socket::new(domain, Type::STREAM.nonblocking().cloexec(), None).map_err(ConnectError::Create)?;
    let Endpoint::Tcp(remote) = endpoint else { return Ok(socket) };
    tune(&socket, vhost).map_err(ConnectError::Options)?;
    if wishes.priority != 0 {
        let _ = socket.set_priority(u32::from(wishes.priority));
    }
    if wishes.tos != 0 {
        let _ = if remote.is_ipv4() { socket.set_tos_v4(wishes.tos) } else { socket.set_tclass_v6(wishes.tos) };
    }
    if let Some(device) = &vhost.settings.bind_device {
        socket.bind_device(Some(device)).map_err(ConnectError::Bind)?;
    }
    if let Some(iface) = &wishes.iface {
        let unavailable = || ConnectError::Bind(io::ErrorKind::AddrNotAvailable.into());
        let local = local_address(iface, remote.is_ipv6()).ok_or_else(unavailable)?;
        socket.bind(&SocketAddr::new(local, 0).into()).map_err(ConnectError::Bind)?;
    }
    Ok(socket)
}

/// Starts the connect of a socket of [`make_socket`]. `true`: it is connected already.
pub fn start_connect(socket: &Socket, endpoint: &Endpoint) -> Result<bool, ConnectError> {
    let address = match endpoint {
        Endpoint::Tcp(address) => SockAddr::from(*address),
        Endpoint::Unix(path) => unix_address(path).map_err(ConnectError::Connect)?,
    };
    match socket.connect(&address) {
        Ok(()) => Ok(true),
        Err(error) if error.raw_os_error() == Some(libc::EINPROGRESS) => Ok(false),
        Err(error) => Err(ConnectError::Connect(error)),
    }
}

/// Which step of a connect failed at once.
#[derive(Debug)]
pub enum ConnectError {
    Create(io::Error),
    Options(io::Error),
    Bind(io::Error),
    Connect(io::Error),
}

impl ConnectError {
    pub fn errno(&self) -> i32 {
        match self {
            ConnectError::Create(e) | ConnectError::Options(e) | ConnectError::Bind(e) | ConnectError::Connect(e) => {
                e.raw_os_error().unwrap_or(0)
            }
        }
    }

    /// The text of CLIENT_CONNECTION_ERROR that programs know from the original.
    pub fn text(&self, endpoint: &Endpoint) -> String {
        let errno = self.errno();
        match self {
            ConnectError::Create(_) => format!("conn fail: skt creation: errno {errno}"),
            ConnectError::Options(_) => format!("conn fail: skt options: errno {errno}"),
            ConnectError::Bind(_) => "conn fail: socket bind".to_string(),
            ConnectError::Connect(_) => format!("conn fail: errno {errno}: {endpoint}"),
        }
    }

    /// What stands behind it: the step, the address, the meaning of the number.
    pub fn facts(&self, endpoint: &Endpoint) -> String {
        let (ConnectError::Create(e) | ConnectError::Options(e) | ConnectError::Bind(e) | ConnectError::Connect(e)) =
            self;
        format!("step tcp: {endpoint}: {}", describe(e))
    }
}

/// An error as people read it, without Rust's "(os error N)".
pub fn describe(error: &io::Error) -> Cow<'static, str> {
    // The usual ends of connections, without asking libc.
    match error.raw_os_error() {
        Some(libc::ECONNRESET) => return "Connection reset by peer".into(),
        Some(libc::EPIPE) => return "Broken pipe".into(),
        _ => {}
    }
    let mut text = error.to_string();
    text.truncate(text.find(" (os error").unwrap_or(text.len()));
    text.into()
}

/// Options every TCP connection of a vhost gets.
pub fn tune(socket: &Socket, vhost: &Vhost) -> io::Result<()> {
    socket.set_tcp_nodelay(true)?;
    if let Some((idle, probes, interval)) = vhost.settings.tcp_keepalive {
        let keepalive = TcpKeepalive::new()
            .with_time(Duration::from_secs(u64::from(idle)))
            .with_retries(probes)
            .with_interval(Duration::from_secs(u64::from(interval)));
        socket.set_tcp_keepalive(&keepalive)?;
    }
    Ok(())
}

/// A local address for an interface name or a numeric address, of the wanted family.
pub fn local_address(iface: &str, ipv6: bool) -> Option<IpAddr> {
    if let Ok(address) = iface.parse::<IpAddr>() {
        return Some(address);
    }
    super::sys::interface_addresses(iface.as_bytes()).into_iter().find(|address| address.is_ipv6() == ipv6)
}

/// How a pending connect stands.
#[derive(Debug)]
pub enum ConnectState {
    Pending,
    Connected,
    Failed(io::Error),
}

/// Looks at a socket whose connect was started. SO_ERROR alone does not tell: it is 0 while the connect is pending.
pub fn connect_state(socket: &Socket) -> ConnectState {
    match socket.take_error() {
        Ok(Some(error)) | Err(error) => ConnectState::Failed(error),
        Ok(None) if socket.peer_addr().is_ok() => ConnectState::Connected,
        Ok(None) => ConnectState::Pending,
    }
}

/// Opens the listen sockets of a vhost: one per family. The port of the first decides for the second.
pub fn listen(vhost: &Vhost) -> io::Result<Vec<Socket>> {
    let settings = &vhost.settings;
    if vhost.has_option(option::UNIX_SOCKET) {
        return listen_unix(settings.iface.as_deref().unwrap_or_default()).map(|socket| vec![socket]);
    }
    let mut port = u16::try_from(settings.port).map_err(|_| io::Error::from(io::ErrorKind::InvalidInput))?;
    let v6_only = vhost.has_option(option::V6ONLY_MODIFY | option::V6ONLY_VALUE);
    let no_v6 = vhost.has_option(option::DISABLE_IPV6);
    let addresses: Vec<IpAddr> = match settings.iface.as_deref() {
        Some(iface) => match iface.to_str().and_then(|iface| iface.parse::<IpAddr>().ok()) {
            Some(address) => vec![address],
            None => {
                let mut all = super::sys::interface_addresses(iface.as_bytes());
                // One socket per family, as with addresses of all interfaces.
                all.sort_by_key(IpAddr::is_ipv6);
                all.dedup_by_key(|address| address.is_ipv6());
                all
            }
        },
        None => vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()],
    };
    let mut sockets = Vec::new();
    let mut last_error = io::Error::from(io::ErrorKind::AddrNotAvailable);
    for address in addresses {
        if address.is_ipv6() && no_v6 || address.is_ipv4() && v6_only {
            continue;
        }
        match listen_one(vhost, SocketAddr::new(address, port)) {
            Ok(socket) => {
                if port == 0 {
                    port = local_port(&socket);
                }
                sockets.push(socket);
            }
            // A machine without IPv6 still serves IPv4.
            Err(error)
                if address.is_ipv6() && !sockets.is_empty() && error.raw_os_error() != Some(libc::EADDRINUSE) =>
            {
                last_error = error;
            }
            Err(error) => return Err(error),
        }
    }
    if sockets.is_empty() { Err(last_error) } else { Ok(sockets) }
}

fn listen_one(vhost: &Vhost, address: SocketAddr) -> io::Result<Socket> {
    let domain = Domain::for_address(address);
    let socket = Socket::new(domain, Type::STREAM.nonblocking().cloexec(), Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    if vhost.has_option(option::LISTEN_SHARE) {
        socket.set_reuse_port(true)?;
    }
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    if let Some(device) = &vhost.settings.bind_device {
        socket.bind_device(Some(device))?;
    }
    socket.bind(&address.into())?;
    if vhost.settings.fastopen_queue > 0 {
        use std::os::fd::AsRawFd;
        super::sys::set_fastopen(socket.as_raw_fd(), vhost.settings.fastopen_queue)?;
    }
    socket.listen(libc::SOMAXCONN)?;
    Ok(socket)
}

fn listen_unix(path: &OsStr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::UNIX, Type::STREAM.nonblocking().cloexec(), None)?;
    if !path.as_bytes().starts_with(b"@") {
        // A socket file left by an earlier run would make the bind fail.
        let _ = std::fs::remove_file(path);
    }
    socket.bind(&unix_address(path)?)?;
    socket.listen(libc::SOMAXCONN)?;
    Ok(socket)
}

/// Port a socket is bound to, 0 if it has none.
pub fn local_port(socket: &Socket) -> u16 {
    socket.local_addr().ok().and_then(|address| address.as_socket()).map_or(0, |address| address.port())
}

/// One waiting connection, or `None` when there is none now.
pub fn accept(listener: &Socket) -> io::Result<Option<(Socket, SockAddr)>> {
    match listener.accept4(libc::SOCK_NONBLOCK | libc::SOCK_CLOEXEC) {
        Ok(accepted) => Ok(Some(accepted)),
        Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => Ok(None),
        // The peer went away while it waited in the queue.
        Err(error) if error.raw_os_error() == Some(libc::ECONNABORTED) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What a read gave.
#[derive(Debug)]
pub enum ReadResult {
    Bytes(usize),
    /// Nothing now.
    Empty,
    /// The peer sends no more (FIN).
    End,
    Failed(io::Error),
}

/// Reads into `buffer` once.
pub fn read(wsi: &Wsi, buffer: &mut [u8]) -> ReadResult {
    loop {
        return match wsi.with_socket(|socket| (&*socket).read(buffer)) {
            Some(Ok(0)) => ReadResult::End,
            Some(Ok(count)) => ReadResult::Bytes(count),
            Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => continue,
            Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => ReadResult::Empty,
            Some(Err(error)) => ReadResult::Failed(error),
            None => ReadResult::Failed(io::ErrorKind::NotConnected.into()),
        };
    }
}

/// Numeric text of the other end, without port.
pub fn peer_text(socket: &Socket) -> io::Result<String> {
    let peer = socket.peer_addr()?;
    Ok(match peer.as_socket() {
        Some(SocketAddr::V6(v6)) => match v6.ip().to_ipv4_mapped() {
            Some(v4) => v4.to_string(),
            None => v6.ip().to_string(),
        },
        Some(SocketAddr::V4(v4)) => v4.ip().to_string(),
        None => "unix".to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_described_in_the_words_of_libc() {
        for (code, text) in [
            (libc::ECONNRESET, "Connection reset by peer"),
            (libc::EPIPE, "Broken pipe"),
            (libc::ENOSPC, "No space left on device"),
        ] {
            let error = io::Error::from_raw_os_error(code);
            assert_eq!(describe(&error), text);
            assert_eq!(error.to_string(), format!("{text} (os error {code})"));
        }
        assert_eq!(describe(&io::Error::other("own words")), "own words");
    }

    #[test]
    fn what_programs_know_of_a_failed_connect_is_apart_from_the_facts() {
        let endpoint = Endpoint::Tcp("127.0.0.1:9".parse().unwrap());
        let refused = || io::Error::from_raw_os_error(libc::ECONNREFUSED);
        for (error, text) in [
            (ConnectError::Create(refused()), "conn fail: skt creation: errno 111"),
            (ConnectError::Options(refused()), "conn fail: skt options: errno 111"),
            (ConnectError::Bind(refused()), "conn fail: socket bind"),
            (ConnectError::Connect(refused()), "conn fail: errno 111: 127.0.0.1:9"),
        ] {
            assert_eq!(error.text(&endpoint), text);
            assert_eq!(error.facts(&endpoint), "step tcp: 127.0.0.1:9: Connection refused");
        }
    }
}
