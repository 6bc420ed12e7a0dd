//! Readiness: one edge-triggered registration per descriptor for both directions, and the announcements to
//! external pollers.
//!
//! A descriptor is registered once; what an edge told is remembered in the connection until a read or write shows
//! that it is used up. So no system call is spent on re-arming.
use super::sys;
use super::wake::Wake;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Registry, Token};
use std::cell::Cell;
use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

/// Token of the context's own eventfd.
pub const WAKE: u64 = u64::MAX;
/// Token of the timer that foreign loops need.
pub const TIMER: u64 = u64::MAX - 1;

/// One descriptor became ready.
#[derive(Clone, Copy, Debug)]
pub struct Ready {
    pub token: u64,
    pub readable: bool,
    pub writable: bool,
    /// Peer closed, or error.
    pub hung_up: bool,
}

/// The poller of one context.
pub struct Poller {
    registry: Registry,
    poll: Cell<Option<Box<(Poll, Events)>>>,
    /// Reused by each turn.
    ready: Cell<Vec<Ready>>,
    fd: i32,
}

impl Poller {
    pub fn new(wake: &Wake) -> io::Result<Self> {
        let poll = Poll::new()?;
        let registry = poll.registry().try_clone()?;
        let fd = poll.as_raw_fd();
        registry.register(&mut SourceFd(&wake.fd()), Token(WAKE as usize), Interest::READABLE)?;
        Ok(Poller {
            registry,
            poll: Cell::new(Some(Box::new((poll, Events::with_capacity(512))))),
            ready: Cell::default(),
            fd,
        })
    }

    /// In a forked process: an epoll set of its own under the same numbers, with the eventfd alone in it.
    pub fn renew(&self, wake: &Wake) -> io::Result<()> {
        let inner = match self.poll.take() {
            Some(inner) => inner,
            // The thread that slept on it stayed behind.
            None => Box::new((Poll::new()?, Events::with_capacity(512))),
        };
        let fresh = Poll::new()?;
        sys::replace_fd(fresh.as_raw_fd(), inner.0.as_raw_fd())?;
        sys::replace_fd(fresh.as_raw_fd(), self.registry.as_raw_fd())?;
        if self.fd != inner.0.as_raw_fd() {
            sys::replace_fd(fresh.as_raw_fd(), self.fd)?;
        }
        self.poll.set(Some(inner));
        self.registry.register(&mut SourceFd(&wake.fd()), Token(WAKE as usize), Interest::READABLE)
    }

    /// An epoll descriptor that is readable as long as the next [`wait`](Self::wait) has something to tell; for foreign
    /// loops. Edges that were told make it silent again, so it is polled by level.
    pub fn fd(&self) -> i32 {
        self.fd
    }

    /// Watches `fd` for both directions.
    pub fn add(&self, fd: i32, token: u64) -> io::Result<()> {
        self.add_for(fd, token, Interest::READABLE | Interest::WRITABLE)
    }

    /// Watches `fd` for incoming bytes only (listeners, files).
    pub fn add_readable(&self, fd: i32, token: u64) -> io::Result<()> {
        self.add_for(fd, token, Interest::READABLE)
    }

    fn add_for(&self, fd: i32, token: u64, interest: Interest) -> io::Result<()> {
        let token = Token(token as usize);
        match self.registry.register(&mut SourceFd(&fd), token, interest) {
            // The same open file was watched under the same number, and closed here only.
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                self.registry.reregister(&mut SourceFd(&fd), token, interest)
            }
            result => result,
        }
    }

    /// Registers again, so that a level that was there before is told once more.
    pub fn rearm(&self, fd: i32, token: u64) {
        let both = Interest::READABLE | Interest::WRITABLE;
        let _ = self.registry.reregister(&mut SourceFd(&fd), Token(token as usize), both);
    }

    /// Stops watching. Harmless when it was not watched.
    pub fn remove(&self, fd: i32) {
        let _ = self.registry.deregister(&mut SourceFd(&fd));
    }

    /// What is ready now. The list goes back by [`recycle`](Self::recycle).
    pub fn look(&self) -> Vec<Ready> {
        let mut ready = self.ready.take();
        ready.clear();
        let Some(mut inner) = self.poll.take() else { return ready };
        let (poll, events) = &mut *inner;
        // An interrupted wait is an empty one: the program's signal handler may have set its flag.
        if poll.poll(events, Some(Duration::ZERO)).is_ok() {
            ready.extend(events.iter().map(|event| Ready {
                token: event.token().0 as u64,
                readable: event.is_readable(),
                writable: event.is_writable(),
                hung_up: event.is_read_closed() || event.is_error(),
            }));
        }
        self.poll.set(Some(inner));
        ready
    }

    /// The same list from what the kernel answered to a wait on [`fd`](Self::fd).
    pub fn told(&self, events: &[libc::epoll_event]) -> Vec<Ready> {
        let mut ready = self.ready.take();
        ready.clear();
        ready.extend(events.iter().map(|event| {
            let (bits, token) = (event.events, event.u64);
            let has = |mask: i32| bits & mask as u32 != 0;
            Ready {
                token,
                readable: has(libc::EPOLLIN | libc::EPOLLPRI),
                writable: has(libc::EPOLLOUT),
                hung_up: has(libc::EPOLLHUP | libc::EPOLLERR) || has(libc::EPOLLIN) && has(libc::EPOLLRDHUP),
            }
        }));
        ready
    }

    pub fn recycle(&self, ready: Vec<Ready>) {
        self.ready.set(ready);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;

    #[test]
    fn a_file_that_was_closed_here_only_is_watched_again_under_the_same_number() {
        let wake = Wake::new().unwrap();
        let poller = Poller::new(&wake).unwrap();
        let (kept, mut peer) = UnixStream::pair().unwrap();
        let copy = kept.try_clone().unwrap();
        let other = std::fs::File::open("/dev/null").unwrap();
        poller.add(copy.as_raw_fd(), 5).unwrap();
        sys::replace_fd(other.as_raw_fd(), copy.as_raw_fd()).unwrap();
        sys::replace_fd(kept.as_raw_fd(), copy.as_raw_fd()).unwrap();
        poller.add(copy.as_raw_fd(), 6).unwrap();
        peer.write_all(b"x").unwrap();
        let told: Vec<u64> = poller.look().iter().filter(|ready| ready.readable).map(|ready| ready.token).collect();
        assert_eq!(told, [6]);
    }
}
