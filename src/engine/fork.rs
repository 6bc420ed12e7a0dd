//! What becomes of a context in a process that was forked off the one that made it?
//!
//! A program may fork behind `lws_create_context`, above all to become a daemon. The child has copies of everything but
//! of other threads, and it shares kernel objects with the parent: the epoll set (what one of the two takes out of it
//! is out for both), the eventfd, and the sockets. So on its first entry in the child a context gets a poller and an
//! eventfd of its own under the same numbers, forgets its helper threads and the random bytes in stock, and asks
//! again for names that were being looked up.
//!
//! The sockets stay shared. A child that services the context has taken it over. One that only destroys it, to get rid
//! of what it does not need, must not end the parent's connections: until the first turn of the loop in the child,
//! closing a connection sends nothing and shuts nothing down ([`Context::is_borrowed`]).
use super::client;
use super::context::Context;
use super::log::{self, Level, Scope};
use std::sync::atomic::{AtomicU32, Ordering};

/// How often this process, seen from its oldest ancestor, is a forked one.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// The number of forks so far; it changes in the child only.
#[inline]
pub fn count() -> u32 {
    FORKS.load(Ordering::Relaxed)
}

/// Called in the child, inside fork(2): only counts.
pub fn happened() {
    FORKS.fetch_add(1, Ordering::Relaxed);
}

impl Context {
    /// Makes the context this process' own if it was another's. `is_outermost`: no frame of this thread is inside, so
    /// whatever frames the context believes in were those of threads that do not exist here.
    #[inline]
    pub fn settle(&self, is_outermost: bool) {
        if self.forks.get() != count() {
            self.settle_after_fork(is_outermost);
        }
    }

    #[cold]
    fn settle_after_fork(&self, is_outermost: bool) {
        self.forks.set(count());
        self.borrowed.set(true);
        if is_outermost && self.depth.get() > 0 {
            self.recover();
        }
        self.random.forget();
        self.lingering.forget();
        let renewed = self.wake.renew().and_then(|()| self.poller.renew(&self.wake));
        if let Err(error) = renewed {
            let text = format_args!("no poller for the forked process: {error}");
            return log::line(Level::Err, Scope::Context(self), "fork", text);
        }
        for (fd, id) in self.descriptors() {
            // A level that is there already comes as the first edge.
            if let Err(error) = self.poller.add(fd, id.bits()) {
                log::line(Level::Err, Scope::Context(self), "fork", format_args!("descriptor {fd}: {error}"));
            }
        }
        client::connect::look_up_again(self);
        let text = format_args!("the context goes on in process {}, which was forked off", std::process::id());
        log::line(Level::Notice, Scope::Context(self), "fork", text);
    }

    /// Whether the connections are still another process' business: forked off, and no turn of the loop since.
    pub fn is_borrowed(&self) -> bool {
        self.borrowed.get()
    }
}
