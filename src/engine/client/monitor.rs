//! How long each step of a client connection took, for connections that ask for it (LCCSCF_CONMON).
//!
//! Steps are measured with the clock itself, not the turn's time, so that short ones show.
use crate::engine::resolve::LookupResult;
use crate::engine::sys;
use crate::engine::timer::Micros;
use crate::engine::wsi::Wsi;
use std::net::SocketAddr;

/// A step that is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Lookup = 0,
    /// From the first attempt to the socket that connected.
    Tcp = 1,
    Tls = 2,
    /// From the request to the head of the reply.
    Reply = 3,
}

/// How the name lookup ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lookup {
    #[default]
    None,
    Found,
    /// The resolver could not be asked.
    Unreachable,
    /// There is no such name.
    NoResult,
}

/// What is known so far.
#[derive(Clone, Debug, Default)]
pub struct Monitor {
    pub(crate) begun: Micros,
    pub(crate) took: [u32; 4],
    pub lookup: Lookup,
    /// What the lookup found.
    pub addresses: Vec<SocketAddr>,
    /// Where TCP is connected to.
    pub peer: Option<SocketAddr>,
    /// Status of the reply, 0 before there is one.
    pub status: u16,
}

impl Monitor {
    /// Duration of a step, microseconds, at least 1 for one that took place and 0 for one that did not.
    pub fn took_us(&self, step: Step) -> u32 {
        self.took[step as usize]
    }
}

/// Makes the connection a monitored one.
pub fn begin(wsi: &Wsi) {
    wsi.with_rare(|rare| rare.monitor = Some(Box::default()));
}

fn note(wsi: &Wsi, work: impl FnOnce(&mut Monitor)) {
    if wsi.peek_rare(|rare| rare.monitor.is_some()) == Some(true) {
        wsi.with_rare(|rare| rare.monitor.as_deref_mut().map(work));
    }
}

/// A step begins now.
pub fn starts(wsi: &Wsi) {
    note(wsi, |monitor| monitor.begun = sys::now_micros());
}

/// The step that began last is over.
pub fn done(wsi: &Wsi, step: Step) {
    note(wsi, |monitor| {
        let took = sys::now_micros().saturating_sub(monitor.begun).max(1);
        monitor.took[step as usize] = u32::try_from(took).unwrap_or(u32::MAX);
    });
}

/// The outcome of the lookup.
pub fn looked_up(wsi: &Wsi, result: &LookupResult) {
    done(wsi, Step::Lookup);
    note(wsi, |monitor| {
        monitor.lookup = match result {
            Ok(_) => Lookup::Found,
            Err(error) if error.is_no_such_name() => Lookup::NoResult,
            Err(_) => Lookup::Unreachable,
        };
        monitor.addresses = result.as_ref().cloned().unwrap_or_default();
    });
}

/// TCP is connected.
pub fn connected(wsi: &Wsi) {
    done(wsi, Step::Tcp);
    let peer = wsi.with_socket(|socket| socket.peer_addr().ok().and_then(|peer| peer.as_socket())).flatten();
    note(wsi, |monitor| monitor.peer = peer);
}

/// The head of the reply came.
pub fn replied(wsi: &Wsi, status: u16) {
    done(wsi, Step::Reply);
    note(wsi, |monitor| monitor.status = status);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::table::WsiId;

    #[test]
    fn steps_are_timed_only_when_asked_for() {
        let wsi = Wsi::vacant(WsiId::new(1, 1));
        starts(&wsi);
        looked_up(&wsi, &Ok(Vec::new()));
        assert!(wsi.peek_rare(|rare| rare.monitor.is_some()) != Some(true));
        begin(&wsi);
        starts(&wsi);
        looked_up(&wsi, &Ok(vec!["127.0.0.1:1".parse().unwrap()]));
        replied(&wsi, 101);
        let monitor = wsi.with_rare(|rare| rare.monitor.take()).unwrap();
        assert_eq!((monitor.lookup, monitor.addresses.len(), monitor.status), (Lookup::Found, 1, 101));
        assert!(monitor.took_us(Step::Lookup) >= 1 && monitor.took_us(Step::Tls) == 0);
    }
}
