//! Random bytes for masking keys and handshake keys: strong, and fetched from the kernel in batches.
use super::sys;
use std::cell::Cell;

/// Words in the stock.
const STOCK: usize = 256;

/// A stock of random words, each handed out once.
pub struct RandomPool {
    words: [Cell<u32>; STOCK],
    /// Those below were not handed out.
    left: Cell<usize>,
}

impl Default for RandomPool {
    fn default() -> Self {
        RandomPool { words: [const { Cell::new(0) }; STOCK], left: Cell::new(0) }
    }
}

impl RandomPool {
    /// Fills `out`, or returns false when the system has no randomness to give.
    pub fn fill(&self, out: &mut [u8]) -> bool {
        if out.len() > size_of_val(&self.words) {
            return sys::random(out);
        }
        out.chunks_mut(4).all(|part| {
            let word = self.masking_key();
            word.is_some_and(|word| {
                part.copy_from_slice(&word[..part.len()]);
                true
            })
        })
    }

    /// Drops the stock: a forked process must not hand out what its parent does.
    pub fn forget(&self) {
        self.left.set(0);
    }

    /// A fresh masking key (RFC 6455 §10.3: unpredictable to who chooses the payload); `None` without randomness.
    #[inline]
    pub fn masking_key(&self) -> Option<[u8; 4]> {
        if self.left.get() == 0 && !self.refill() {
            return None;
        }
        let left = self.left.get() - 1;
        self.left.set(left);
        Some(self.words.get(left)?.replace(0).to_ne_bytes())
    }

    #[cold]
    fn refill(&self) -> bool {
        let mut bytes = [0; STOCK * 4];
        if !sys::random(&mut bytes) {
            return false;
        }
        for (word, &bytes) in self.words.iter().zip(bytes.as_chunks::<4>().0) {
            word.set(u32::from_ne_bytes(bytes));
        }
        self.left.set(STOCK);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_not_repeated() {
        let pool = RandomPool::default();
        let keys: std::collections::HashSet<_> = (0..1000).map(|_| pool.masking_key().unwrap()).collect();
        assert!(keys.len() > 990);
    }

    #[test]
    fn any_amount_is_filled() {
        let pool = RandomPool::default();
        for size in [0, 1, 3, 4, 5, 16, 1023, 1024, 1025, 5000] {
            // Eight times: a byte that stays zero each time was left out.
            let mut seen = vec![0; size];
            for _ in 0..8 {
                let mut bytes = vec![0; size];
                assert!(pool.fill(&mut bytes));
                seen.iter_mut().zip(bytes).for_each(|(seen, byte)| *seen |= byte);
            }
            assert!(seen.iter().all(|&byte| byte != 0), "{size}");
        }
    }
}
