//! In which order, and when, are a server's addresses tried? (RFC 8305, "happy eyeballs")
//!
//! [`interleave`] alternates the families so that one that is broken costs little. [`Race`] then starts the attempts:
//! the first at once, the next one [`STAGGER_US`] later or as soon as one has failed. The caller connects, reports
//! failures, and takes the first attempt that succeeds.

use std::net::SocketAddr;

/// Time between two attempts while the earlier ones are still undecided (RFC 8305 §5), in microseconds.
pub const STAGGER_US: u64 = 250_000;

/// Orders resolved addresses for trying: families alternate, beginning with that of the first; within a family the
/// resolver's order stays. An address that is there twice is tried once.
pub fn interleave(resolved: &[SocketAddr]) -> Vec<SocketAddr> {
    let Some(first) = resolved.first() else { return Vec::new() };
    let mut unique: Vec<SocketAddr> = Vec::with_capacity(resolved.len());
    for address in resolved {
        if !unique.contains(address) {
            unique.push(*address);
        }
    }
    let (preferred, others): (Vec<_>, Vec<_>) = unique.into_iter().partition(|a| a.is_ipv4() == first.is_ipv4());
    let mut out = Vec::with_capacity(resolved.len());
    let (mut preferred, mut others) = (preferred.into_iter(), others.into_iter());
    loop {
        let pair = [preferred.next(), others.next()];
        if pair == [None, None] {
            return out;
        }
        out.extend(pair.into_iter().flatten());
    }
}

/// What to do now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// Start to connect to this address; report its failure under this number.
    Attempt {
        /// The number of the attempt, from 0.
        index: usize,
        /// Where to connect to.
        address: SocketAddr,
    },
    /// Ask again at this time, or earlier when an attempt has failed.
    Wait {
        /// Microseconds, on the caller's clock.
        until_us: u64,
    },
    /// All addresses have been started; wait for those in flight.
    InFlight,
    /// All have failed.
    Exhausted,
}

/// The schedule of one connect call.
#[derive(Debug, Clone)]
pub struct Race {
    addresses: Vec<SocketAddr>,
    has_failed: Vec<bool>,
    started: usize,
    /// When the next attempt is due; 0 = now.
    due_us: u64,
}

impl Race {
    /// A race over `addresses` in the order given; see [`interleave`].
    pub fn new(addresses: Vec<SocketAddr>) -> Self {
        Race { has_failed: vec![false; addresses.len()], addresses, started: 0, due_us: 0 }
    }

    /// What to do at `now_us`. Call again until it is not `Attempt`.
    pub fn next_attempt(&mut self, now_us: u64) -> Next {
        let Some(&address) = self.addresses.get(self.started) else {
            return if self.in_flight() == 0 { Next::Exhausted } else { Next::InFlight };
        };
        if now_us < self.due_us {
            return Next::Wait { until_us: self.due_us };
        }
        let index = self.started;
        self.started += 1;
        self.due_us = now_us.saturating_add(STAGGER_US);
        Next::Attempt { index, address }
    }

    /// Attempt `index` has failed: the next one need not wait. Anything but a running attempt is ignored.
    pub fn failed(&mut self, index: usize) {
        if index >= self.started {
            return;
        }
        if let Some(has_failed) = self.has_failed.get_mut(index)
            && !*has_failed
        {
            *has_failed = true;
            self.due_us = 0;
        }
    }

    /// How many attempts have been started and not failed.
    pub fn in_flight(&self) -> usize {
        self.has_failed.iter().take(self.started).filter(|has_failed| !**has_failed).count()
    }

    /// All addresses, in order.
    pub fn addresses(&self) -> &[SocketAddr] {
        &self.addresses
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_alternate_beginning_with_the_first() {
        let resolved = addresses(&["[::1]:1", "[::2]:1", "[::3]:1", "1.1.1.1:1", "1.1.1.2:1"]);
        assert_eq!(interleave(&resolved), addresses(&["[::1]:1", "1.1.1.1:1", "[::2]:1", "1.1.1.2:1", "[::3]:1"]));
        let resolved = addresses(&["1.1.1.1:1", "[::1]:1", "[::2]:1"]);
        assert_eq!(interleave(&resolved), resolved);
        assert!(interleave(&[]).is_empty());
    }

    #[test]
    fn an_address_is_tried_once() {
        let resolved = addresses(&["1.1.1.1:1", "1.1.1.1:1", "1.1.1.1:2"]);
        assert_eq!(interleave(&resolved), addresses(&["1.1.1.1:1", "1.1.1.1:2"]));
    }

    #[test]
    fn attempts_are_staggered() {
        let list = addresses(&["1.1.1.1:1", "1.1.1.2:1"]);
        let mut race = Race::new(list.clone());
        assert_eq!(race.next_attempt(1_000), Next::Attempt { index: 0, address: list[0] });
        assert_eq!(race.next_attempt(1_000), Next::Wait { until_us: 251_000 });
        assert_eq!(race.next_attempt(250_999), Next::Wait { until_us: 251_000 });
        assert_eq!(race.next_attempt(251_000), Next::Attempt { index: 1, address: list[1] });
        assert_eq!(race.next_attempt(9_000_000), Next::InFlight);
        assert_eq!(race.in_flight(), 2);
    }

    #[test]
    fn a_failure_starts_the_next_at_once() {
        let list = addresses(&["1.1.1.1:1", "1.1.1.2:1", "1.1.1.3:1"]);
        let mut race = Race::new(list.clone());
        race.next_attempt(0);
        race.failed(0);
        assert_eq!(race.next_attempt(5), Next::Attempt { index: 1, address: list[1] });
        race.failed(0);
        assert_eq!(race.next_attempt(5), Next::Wait { until_us: 250_005 }, "a failure counts once");
        race.failed(2);
        race.failed(99);
        assert_eq!(race.next_attempt(5), Next::Wait { until_us: 250_005 }, "what was not started cannot fail");
    }

    #[test]
    fn the_race_is_lost_when_all_have_failed() {
        let mut race = Race::new(addresses(&["1.1.1.1:1", "1.1.1.2:1"]));
        race.next_attempt(0);
        race.next_attempt(STAGGER_US);
        race.failed(1);
        assert_eq!(race.next_attempt(STAGGER_US), Next::InFlight);
        race.failed(0);
        assert_eq!(race.next_attempt(STAGGER_US), Next::Exhausted);
        assert_eq!(Race::new(Vec::new()).next_attempt(0), Next::Exhausted);
    }
}
