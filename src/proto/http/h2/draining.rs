//! Streams that are answered while their request still comes: what arrives is dropped.
//!
//! RST_STREAM (NO_ERROR) right behind the answer would be allowed (RFC 9113 §8.1), but clients of note then throw away
//! the answer they have not read yet. So the peer is let finish; it is told to stop only when it has used up the
//! stream's window, long after the answer went.
use std::collections::VecDeque;

/// Streams remembered; the oldest is given up for a new one.
const MOST: usize = 128;

#[derive(Debug, Default)]
pub struct Draining {
    /// Number, and the bytes its window still allows.
    streams: VecDeque<(u32, i64)>,
}

/// What became of a stream that is drained.
#[derive(Debug, PartialEq, Eq)]
pub enum Drained {
    /// It is none of these.
    Unknown,
    /// More may come, or the last has come.
    Fine,
    /// The peer must be told to stop.
    Exhausted,
}

impl Draining {
    /// Takes a stream in. Gives the number of one that is dropped for it.
    pub fn add(&mut self, number: u32, window_left: i64) -> Option<u32> {
        let dropped = if self.streams.len() >= MOST { self.streams.pop_front() } else { None };
        self.streams.push_back((number, window_left));
        dropped.map(|(number, _)| number)
    }

    /// So many bytes came for `number`, the last ones if `ends`.
    pub fn receive(&mut self, number: u32, bytes: usize, ends: bool) -> Drained {
        let Some(at) = self.streams.iter().position(|(known, _)| *known == number) else { return Drained::Unknown };
        let Some((_, left)) = self.streams.get_mut(at) else { return Drained::Unknown };
        *left -= bytes as i64;
        let is_exhausted = *left <= 0;
        if ends || is_exhausted {
            self.streams.remove(at);
        }
        if is_exhausted && !ends { Drained::Exhausted } else { Drained::Fine }
    }

    /// The peer reset it.
    pub fn remove(&mut self, number: u32) {
        self.streams.retain(|(known, _)| *known != number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_is_drained_to_its_end_or_to_the_end_of_its_window() {
        let mut draining = Draining::default();
        assert_eq!(draining.add(1, 100), None);
        assert_eq!(draining.add(3, 100), None);
        assert_eq!(draining.receive(1, 60, false), Drained::Fine);
        assert_eq!(draining.receive(1, 40, true), Drained::Fine);
        assert_eq!(draining.receive(1, 1, false), Drained::Unknown);
        assert_eq!(draining.receive(3, 100, false), Drained::Exhausted);
        assert_eq!(draining.receive(3, 0, false), Drained::Unknown);
    }

    #[test]
    fn their_number_is_bounded() {
        let mut draining = Draining::default();
        let dropped: Vec<_> = (0..200).filter_map(|number| draining.add(number, 1)).collect();
        assert_eq!(dropped, (0..200 - MOST as u32).collect::<Vec<_>>());
    }
}
