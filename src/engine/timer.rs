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

/// All deadlines of one context, in order.
#[derive(Default)]
pub struct TimerQueue {
    entries: Cell<BTreeSet<(Micros, u64)>>,
    /// Cached first deadline, so that a turn with nothing due costs one comparison.
    first: Cell<Micros>,
}

impl TimerQueue {
    fn change<R>(&self, work: impl FnOnce(&mut BTreeSet<(Micros, u64)>) -> R) -> R {
        let mut entries = self.entries.take();
        let result = work(&mut entries);
        self.first.set(entries.first().map_or(NEVER, |entry| entry.0));
        self.entries.set(entries);
        result
    }

    /// Moves the deadline of (`id`, `kind`) from `old` to `new`; [`NEVER`] means absent.
    pub fn reschedule(&self, id: WsiId, kind: Kind, old: Micros, new: Micros) {
        if old == new {
            return;
        }
        let key = id.bits() << 3 | kind as u64;
        self.change(|entries| {
            if old != NEVER {
                entries.remove(&(old, key));
            }
            if new != NEVER {
                entries.insert((new, key));
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
        self.change(|entries| entries.pop_first()).map(|(_, key)| (WsiId::from_bits(key >> 3), Kind::from_bits(key)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
