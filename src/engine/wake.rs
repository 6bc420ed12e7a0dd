//! How other threads reach a context: one eventfd, and an inbox of commands for the service thread.
use super::resolve::LookupResult;
use super::sys::EventFd;
use super::table::WsiId;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

/// Inboxes; see [`Wake::renew`].
const SPARE: usize = 4;

/// What another thread asked for; carried out by the service thread in order.
#[derive(Debug)]
pub enum Command {
    RequestWriteable(WsiId),
    /// lws_callback_on_writable_all_protocol: opaque protocol handle of the C edge.
    RequestWriteableAll(usize),
    SetTimeout {
        wsi: WsiId,
        reason: u32,
        secs: i32,
    },
    SetTimerUsecs {
        wsi: WsiId,
        us: i64,
    },
    /// lws_wsi_close.
    Close(WsiId),
    RxFlow {
        wsi: WsiId,
        bits: i32,
    },
    ValidityConfirmed(WsiId),
    /// Bytes of a ws or raw write, and the LWS_WRITE_* value.
    Write {
        wsi: WsiId,
        payload: Vec<u8>,
        protocol: i32,
    },
    /// A timer of the program: address of its node and callback, absolute due time; `None` cancels.
    Schedule {
        node: usize,
        callback: usize,
        list: u32,
        due_us: Option<i64>,
    },
    /// A name was resolved, or not.
    Resolved(WsiId, u32, LookupResult),
    DestroyContext,
}

/// Bytes that other threads may have queued for writing before the loop comes by.
const WRITES_LIMIT: usize = 256 << 20;

/// Shared with other threads; outlives the context in their hands.
pub struct Wake {
    event: EventFd,
    /// One is in use. The others are for forked processes, where a thread that stayed behind may hold its lock for ever.
    inboxes: [Mutex<Inbox>; SPARE],
    inbox: AtomicUsize,
    /// lws_cancel_service was called: EVENT_WAIT_CANCELLED is due.
    cancelled: AtomicBool,
    /// The loop was told and has not looked yet.
    told: AtomicBool,
}

#[derive(Default)]
struct Inbox {
    commands: Vec<Command>,
    /// Payload of the writes among them.
    write_bytes: usize,
}

impl Wake {
    pub fn new() -> std::io::Result<Self> {
        Ok(Wake {
            event: EventFd::new()?,
            inboxes: Default::default(),
            inbox: AtomicUsize::new(0),
            cancelled: AtomicBool::new(false),
            told: AtomicBool::new(false),
        })
    }

    pub fn fd(&self) -> i32 {
        self.event.fd()
    }

    /// Ends the current or next wait; EVENT_WAIT_CANCELLED follows. Safe in signal handlers.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
        self.event.signal();
    }

    /// Ends the wait, so that the loop looks at its clock and lists again.
    pub fn nudge(&self) {
        if !self.told.swap(true, Ordering::AcqRel) {
            self.event.signal();
        }
    }

    /// Queues a command and ends the wait. Refused: bytes to be written beyond [`WRITES_LIMIT`].
    pub fn send(&self, command: Command) -> Result<(), &'static str> {
        let mut inbox = self.inbox();
        if let Command::Write { payload, .. } = &command {
            if inbox.write_bytes > WRITES_LIMIT {
                return Err("too much is queued already: the loop does not run, or the program does not wait");
            }
            inbox.write_bytes += payload.len();
        }
        inbox.commands.push(command);
        drop(inbox);
        if !self.told.swap(true, Ordering::AcqRel) {
            self.event.signal();
        }
        Ok(())
    }

    /// What came in since the last look. Clears the event.
    pub fn receive(&self) -> Vec<Command> {
        self.event.drain();
        self.told.store(false, Ordering::Release);
        std::mem::take(&mut *self.inbox()).commands
    }

    fn inbox(&self) -> MutexGuard<'_, Inbox> {
        let index = self.inbox.load(Ordering::Acquire) % SPARE;
        self.inboxes[index].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// In a forked process: an eventfd of its own, and an inbox that nobody else holds. What was queued stays.
    pub fn renew(&self) -> std::io::Result<()> {
        self.event.renew()?;
        let index = self.inbox.load(Ordering::Acquire);
        if let Err(TryLockError::WouldBlock) = self.inboxes[index % SPARE].try_lock() {
            self.inbox.store((index + 1) % SPARE, Ordering::Release);
        }
        // What the parent was told, the child was not.
        self.event.signal();
        self.told.store(true, Ordering::Release);
        Ok(())
    }

    pub fn take_cancelled(&self) -> bool {
        self.cancelled.swap(false, Ordering::AcqRel)
    }

    pub fn has_news(&self) -> bool {
        self.told.load(Ordering::Acquire) || self.cancelled.load(Ordering::Acquire)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_of_other_threads_are_bounded_until_the_loop_comes_by() {
        let wake = Wake::new().unwrap();
        let write = |bytes| wake.send(Command::Write { wsi: WsiId::new(1, 1), payload: vec![0; bytes], protocol: 1 });
        assert_eq!(write(WRITES_LIMIT + 1), Ok(()), "as a connection takes one write beyond its limit");
        assert!(write(1).is_err());
        assert_eq!(wake.send(Command::DestroyContext), Ok(()), "only writes count");
        assert_eq!(wake.receive().len(), 2);
        assert_eq!(write(1), Ok(()));
    }
}
