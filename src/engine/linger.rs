//! How does the last answer reach a client that is still sending?
//!
//! # Theory of operation
//!
//! A socket that is closed with unread bytes in it, or that receives some later, answers with RST, and on an RST the
//! client's kernel may throw away what it received before: the answer that says what was wrong. So where a request was
//! not read to its end, the write side is shut down and the read side stays for a while (RFC 9112 §9.6). For the program
//! the connection is over: its callbacks came, its slot is free. What is left is a descriptor in a list of the context,
//! whose bytes are read and dropped; bounded in number, time and bytes. It goes as soon as the client's FIN comes.
//!
//! External poll loops never hear of these descriptors; there, each turn looks at them.
use super::context::Context;
use super::input;
use super::poller::Poller;
use super::timer::{Micros, SECOND};
use super::wsi::{Phase, Role, Wsi, flag};
use crate::proto::http::body::Framing;
use crate::proto::http::h2::error::ErrorCode;
use socket2::Socket;
use std::cell::Cell;
use std::io::{ErrorKind, Read};
use std::os::fd::AsRawFd;

/// Sockets that linger at a time; one more ends the oldest.
const MOST_SOCKETS: usize = 64;
/// How long one may.
const LONGEST: Micros = 2 * SECOND;
/// What it may send meanwhile.
const MOST_BYTES: usize = 16 << 20;
/// Reads of one socket in one turn.
const READ_BUDGET: u32 = 32;
/// Above all names of connections, which have 32 bits.
const FIRST_TOKEN: u64 = 1 << 32;

struct Lingering {
    socket: Socket,
    token: u64,
    until: Micros,
    bytes_left: usize,
}

/// How a look at a socket ended.
enum Left {
    /// It may have more.
    More,
    Nothing,
    /// There will be no more, or enough is enough.
    End,
}

/// The sockets of one context that outlive their connections, the oldest first.
#[derive(Default)]
pub struct Linger {
    sockets: Cell<Vec<Lingering>>,
    next: Cell<u32>,
    /// A socket was left with bytes in it, of which no event will tell.
    is_behind: Cell<bool>,
}

/// Whether `token` of the poller names a socket that lingers.
pub fn is_token(token: u64) -> bool {
    (FIRST_TOKEN..=FIRST_TOKEN | u64::from(u32::MAX)).contains(&token)
}

/// Whether the client of a connection that ends with an answer may still be sending.
pub fn is_called_for(wsi: &Wsi) -> bool {
    if wsi.is_client() || wsi.has(flag::STREAM | flag::ESTABLISHED) || wsi.has(flag::WRITE_DEAD | flag::PEER_ENDED) {
        return false;
    }
    match wsi.role.get() {
        // A flood is not listened to any further.
        Role::H2 => ended_with(wsi) != u32::from(ErrorCode::EnhanceYourCalm),
        Role::Http | Role::Ws => has_unread(wsi) || !is_request_complete(wsi),
        _ => false,
    }
}

/// The code that an http/2 connection ends with.
fn ended_with(wsi: &Wsi) -> u32 {
    wsi.peek_rare(|rare| rare.cause.as_ref().map(|cause| u32::from(cause.code))).flatten().unwrap_or(0)
}

fn has_unread(wsi: &Wsi) -> bool {
    wsi.has(flag::READABLE | flag::HUNG_UP) || wsi.stash_len() > 0 || input::has_more(wsi)
}

/// Whether the request that was answered was read to its end.
fn is_request_complete(wsi: &Wsi) -> bool {
    let phase = wsi.phase.get();
    let complete = wsi.http.visit(|http| match (&http.request, phase) {
        (None, Phase::RequestHead) => false,
        // Refused before anybody looked for a body.
        (Some(head), Phase::RequestHead) => matches!(head.framing, Framing::None | Framing::Length(0)),
        _ => http.request_body.as_ref().is_none_or(|body| body.is_empty()),
    });
    complete.unwrap_or(true)
}

impl Linger {
    /// Takes a socket whose write side was shut down.
    pub fn add(&self, poller: &Poller, socket: Socket, now: Micros) {
        let serial = self.next.get();
        self.next.set(serial.wrapping_add(1));
        let token = FIRST_TOKEN | u64::from(serial);
        let mut one = Lingering { socket, token, until: now + LONGEST, bytes_left: MOST_BYTES };
        if self.has_ended(&mut one) || poller.add_readable(one.socket.as_raw_fd(), token).is_err() {
            return;
        }
        let mut sockets = self.sockets.take();
        if sockets.len() >= MOST_SOCKETS {
            sockets.remove(0).end(poller);
        }
        sockets.push(one);
        self.sockets.set(sockets);
    }

    /// The socket named `token` has something to read.
    pub fn ready(&self, poller: &Poller, token: u64) {
        self.end_where(poller, |one| one.token == token && self.has_ended(one));
    }

    /// Whether there is something to read without a new event.
    pub fn is_behind(&self) -> bool {
        self.is_behind.get()
    }

    /// Ends those whose time is over, and goes on with those that had enough for one turn.
    pub fn run_due(&self, poller: &Poller, now: Micros) {
        if self.is_behind.take() {
            self.look(poller);
        }
        if self.next_due().is_some_and(|due| due <= now) {
            self.end_where(poller, |one| one.until <= now);
        }
    }

    /// Reads from all of them: for loops that do not watch them.
    pub fn look(&self, poller: &Poller) {
        self.end_where(poller, |one| self.has_ended(one));
    }

    /// When the next one ends at the latest.
    pub fn next_due(&self) -> Option<Micros> {
        super::cell::peek(&self.sockets, |sockets| sockets.first().map(|one| one.until))
    }

    /// Ends all: the context does, or descriptors are short.
    pub fn end(&self, poller: &Poller) -> bool {
        let sockets = self.sockets.take();
        let any = !sockets.is_empty();
        sockets.into_iter().for_each(|one| one.end(poller));
        any
    }

    /// Lets go of what is the business of the process before.
    pub fn forget(&self) {
        self.sockets.take();
    }

    fn has_ended(&self, one: &mut Lingering) -> bool {
        match one.read() {
            Left::More => self.is_behind.set(true),
            Left::Nothing => {}
            Left::End => return true,
        }
        false
    }

    fn end_where(&self, poller: &Poller, mut is_over: impl FnMut(&mut Lingering) -> bool) {
        let sockets = self.sockets.take();
        if sockets.is_empty() {
            return;
        }
        let (mut kept, mut over) = (Vec::with_capacity(sockets.len()), Vec::new());
        for mut one in sockets {
            if is_over(&mut one) { over.push(one) } else { kept.push(one) }
        }
        self.sockets.set(kept);
        over.into_iter().for_each(|one| one.end(poller));
    }
}

impl Lingering {
    /// Reads what is there.
    fn read(&mut self) -> Left {
        let mut buffer = [0; 16 * 1024];
        for _ in 0..READ_BUDGET {
            match (&self.socket).read(&mut buffer) {
                Ok(0) => return Left::End,
                Ok(count) if count >= self.bytes_left => return Left::End,
                Ok(count) => self.bytes_left -= count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Left::Nothing,
                Err(_) => return Left::End,
            }
        }
        Left::More
    }

    /// What has arrived by now is read once more: without it the end would be an RST.
    fn end(mut self, poller: &Poller) {
        self.read();
        poller.remove(self.socket.as_raw_fd());
    }
}

/// The connection is over for the program; its socket stays for a while where the client has to read an answer yet.
pub fn keep(cx: &Context, wsi: &Wsi, socket: Socket) {
    if wsi.has(flag::LINGERS) && !wsi.has(flag::PEER_ENDED | flag::WRITE_DEAD) {
        cx.lingering.add(&cx.poller, socket, cx.time());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::wake::Wake;
    use std::io::Write;
    use std::os::unix::net::UnixStream;

    fn pair() -> (Socket, UnixStream) {
        let (ours, theirs) = UnixStream::pair().unwrap();
        ours.set_nonblocking(true).unwrap();
        (ours.into(), theirs)
    }

    fn poller() -> Poller {
        Poller::new(&Wake::new().unwrap()).unwrap()
    }

    /// Whether the other side of this end is closed.
    fn is_closed(theirs: &mut UnixStream) -> bool {
        theirs.write_all(b"x").is_err()
    }

    #[test]
    fn a_socket_stays_until_the_peer_ends_or_its_time_is_over() {
        let (linger, poller) = (Linger::default(), poller());
        let ((first, mut one), (second, two)) = (pair(), pair());
        linger.add(&poller, first, 0);
        linger.add(&poller, second, 5);
        assert_eq!(linger.next_due(), Some(LONGEST));
        drop(two);
        linger.look(&poller);
        linger.run_due(&poller, LONGEST - 1);
        assert!(!is_closed(&mut one));
        linger.run_due(&poller, LONGEST);
        assert!(is_closed(&mut one));
        assert_eq!(linger.next_due(), None);
    }

    #[test]
    fn one_more_than_most_ends_the_oldest() {
        let (linger, poller) = (Linger::default(), poller());
        let mut theirs = Vec::new();
        for _ in 0..=MOST_SOCKETS {
            let (ours, other) = pair();
            linger.add(&poller, ours, 0);
            theirs.push(other);
        }
        let open: Vec<_> = theirs.iter_mut().map(|theirs| !is_closed(theirs)).collect();
        assert!(!open[0] && open[1..].iter().all(|open| *open));
        assert!(linger.end(&poller) && !linger.end(&poller));
        assert!(theirs.iter_mut().all(is_closed));
    }

    #[test]
    fn tokens_are_no_names_of_connections() {
        assert!(!is_token(u64::from(u32::MAX)) && is_token(FIRST_TOKEN));
        assert!(!is_token(crate::engine::poller::WAKE) && !is_token(crate::engine::poller::TIMER));
    }
}
