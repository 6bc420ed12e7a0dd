//! When something is due: the engine's own deadlines, one entry per connection and kind.
//!
//! Timers of the program (`lws_sul_*`) are nodes in its memory and live at the C edge; the service turn asks both.
use super::table::WsiId;
use std::cell::Cell;
use std::collections::BTreeSet;

/// Microseconds on the monotonic clock, as `lws_now_usecs()`.
pub type Micros = u64;

pub const SECOND: Micros = 1_000_000;
/// "Not set" in the deadline fields of a connection.
pub const NEVER: Micros = 0;

/// Which deadline of a connection an entry belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Kind {
    /// `lws_set_timeout` and the library's own waits; shared, the last setter wins.
    Timeout = 0,
    /// `lws_set_timer_usecs`: the TIMER callback.
    UserTimer = 1,
    /// Next validity ping or hang-up.
    Validity = 2,
    /// The whole TCP connect, over all addresses.
    ConnectTotal = 3,
    /// Start of the next address in a connection race.
    NextAddress = 4,
}

impl Kind {
    fn from_bits(bits: u64) -> Kind {
        match bits & 7 {
            0 => Kind::Timeout,
            1 => Kind::UserTimer,
            2 => Kind::Validity,
            3 => Kind::ConnectTotal,
            _ => Kind::NextAddress,
        }
    }
}

/// One deadline, in 12 bytes since most connections have one all the time: when, of what kind, of which connection, in this
/// order. The time has 61 bits, which is 73 thousand years.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Entry([u32; 3]);

impl Entry {
    fn new(due: Micros, kind: Kind, id: WsiId) -> Self {
        let when = due.min(u64::MAX >> 3) << 3 | kind as u64;
        Entry([(when >> 32) as u32, when as u32, id.bits() as u32])
    }

    fn when(self) -> u64 {
        u64::from(self.0[0]) << 32 | u64::from(self.0[1])
    }

    fn due(self) -> Micros {
        self.when() >> 3
    }

    fn of(self) -> (WsiId, Kind) {
        (WsiId::from_bits(u64::from(self.0[2])), Kind::from_bits(self.when()))
    }
}

/// All deadlines of one context, in order.
#[derive(Default)]
pub struct TimerQueue {
    entries: Cell<BTreeSet<Entry>>,
    /// Cached first deadline, so that a turn with nothing due costs one comparison.
    first: Cell<Micros>,
}

impl TimerQueue {
    fn change<R>(&self, work: impl FnOnce(&mut BTreeSet<Entry>) -> R) -> R {
        let mut entries = self.entries.take();
        let result = work(&mut entries);
        self.first.set(entries.first().map_or(NEVER, |entry| entry.due()));
        self.entries.set(entries);
        result
    }

    /// Moves the deadline of (`id`, `kind`) from `old` to `new`; [`NEVER`] means absent.
    pub fn reschedule(&self, id: WsiId, kind: Kind, old: Micros, new: Micros) {
        if old == new {
            return;
        }
        self.change(|entries| {
            if old != NEVER {
                entries.remove(&Entry::new(old, kind, id));
            }
            if new != NEVER {
                entries.insert(Entry::new(new, kind, id));
            }
        });
    }

    /// The earliest deadline, or `None`.
    pub fn next_due(&self) -> Option<Micros> {
        (self.first.get() != NEVER).then(|| self.first.get())
    }

    /// Takes one entry that is due at `now`. The caller clears the connection's own field before acting on it.
    pub fn pop_due(&self, now: Micros) -> Option<(WsiId, Kind)> {
        if self.first.get() == NEVER || self.first.get() > now {
            return None;
        }
        self.change(|entries| entries.pop_first()).map(Entry::of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_keeps_what_it_was_made_of_and_the_order_of_time() {
        for kind in [Kind::Timeout, Kind::UserTimer, Kind::Validity, Kind::ConnectTotal, Kind::NextAddress] {
            for due in [1, 0xffff_ffff, 1 << 40, u64::MAX >> 3] {
                let entry = Entry::new(due, kind, WsiId::from_bits(0xffff_fffe));
                assert_eq!((entry.due(), entry.of()), (due, (WsiId::from_bits(0xffff_fffe), kind)));
                assert!(Entry::new(due - 1, Kind::NextAddress, WsiId::from_bits(0xffff_ffff)) < entry);
            }
        }
        assert_eq!(size_of::<Entry>(), 12);
    }

    #[test]
    fn due_entries_come_in_order_and_a_moved_one_only_once() {
        let queue = TimerQueue::default();
        let (a, b) = (WsiId::from_bits(1), WsiId::from_bits(2));
        queue.reschedule(a, Kind::Timeout, NEVER, 50);
        queue.reschedule(b, Kind::UserTimer, NEVER, 20);
        queue.reschedule(a, Kind::Timeout, 50, 10);
        assert_eq!(queue.next_due(), Some(10));
        assert_eq!(queue.pop_due(30), Some((a, Kind::Timeout)));
        assert_eq!(queue.pop_due(30), Some((b, Kind::UserTimer)));
        assert_eq!(queue.pop_due(1000), None);
        assert_eq!(queue.next_due(), None);
    }
}
