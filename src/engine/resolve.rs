//! Name resolution that never blocks the loop: the system's resolver on helper threads.
//!
//! Literals and `localhost` are answered at once (RFC 6761 §6.3 for the latter). A helper thread exists only for the
//! time of one lookup, blocks all signals, never runs user code, and is joined when the context ends.
use super::sys::{self, ResolveError};
use super::table::WsiId;
use super::wake::{Command, Wake};
use std::cell::Cell;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

pub type LookupResult = Result<Vec<SocketAddr>, ResolveError>;

/// Lookups of one context.
pub struct Lookups {
    wake: Arc<Wake>,
    threads: Cell<Vec<JoinHandle<()>>>,
}

/// Addresses that need no resolver: literals (IPv6 also in brackets or with a scope), localhost and its subdomains.
pub fn without_resolver(name: &str, port: u16, ipv4_only: bool) -> Option<Vec<SocketAddr>> {
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Some(vec![SocketAddr::new(ip, port)]);
    }
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    if lower == "localhost" || lower.ends_with(".localhost") {
        let v6 = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port);
        let v4 = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
        return Some(if ipv4_only { vec![v4] } else { vec![v6, v4] });
    }
    None
}

impl Lookups {
    pub fn new(wake: Arc<Wake>) -> Self {
        Lookups { wake, threads: Cell::default() }
    }

    /// Starts a lookup; the answer comes as [`Command::Resolved`] with the same `serial`.
    pub fn start(&self, wsi: WsiId, serial: u32, name: &str, port: u16, ipv4_only: bool) -> std::io::Result<()> {
        let wake = Arc::clone(&self.wake);
        let name = name.to_string();
        let work = move || {
            sys::block_all_signals();
            let result = sys::resolve(&name, port, ipv4_only);
            wake.send(Command::Resolved(wsi, serial, result));
        };
        let thread = std::thread::Builder::new().name("lws-resolve".into()).stack_size(256 * 1024).spawn(work)?;
        let mut threads = self.threads.take();
        threads.retain(|thread| !thread.is_finished());
        threads.push(thread);
        self.threads.set(threads);
        Ok(())
    }

    /// Waits for all helper threads; the end of the context.
    pub fn join(&self) {
        for thread in self.threads.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Lookups {
    fn drop(&mut self) {
        self.join();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_and_localhost_need_no_resolver() {
        let first = |name, v4| without_resolver(name, 80, v4).map(|found| found[0].to_string());
        assert_eq!(first("127.0.0.1", false).as_deref(), Some("127.0.0.1:80"));
        assert_eq!(first("[::1]", false).as_deref(), Some("[::1]:80"));
        assert_eq!(first("LOCALHOST", true).as_deref(), Some("127.0.0.1:80"));
        assert_eq!(first("a.localhost.", false).as_deref(), Some("[::1]:80"));
        assert_eq!(first("example.org", false), None);
    }

    #[test]
    fn a_lookup_answers_through_the_wake() {
        let wake = Arc::new(Wake::new().unwrap());
        let lookups = Lookups::new(Arc::clone(&wake));
        lookups.start(WsiId::new(1, 1), 7, "a..b", 80, false).unwrap();
        lookups.join();
        let commands = wake.receive();
        assert!(matches!(&commands[..], [Command::Resolved(_, 7, Err(_))]), "{commands:?}");
    }
}
