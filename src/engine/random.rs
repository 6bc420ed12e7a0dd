//! Random bytes for masking keys and handshake keys: strong, and fetched from the kernel in batches.
use super::sys;
use std::cell::Cell;

const BATCH: usize = 1024;

/// A stock of random bytes, each handed out once.
#[derive(Default)]
pub struct RandomPool {
    stock: Cell<Vec<u8>>,
}

impl RandomPool {
    /// Fills `out`, or returns false when the system has no randomness to give.
    pub fn fill(&self, out: &mut [u8]) -> bool {
        if out.len() > BATCH {
            return sys::random(out);
        }
        let mut stock = self.stock.take();
        if stock.len() < out.len() {
            stock.resize(BATCH, 0);
            if !sys::random(&mut stock) {
                return false;
            }
        }
        let rest = stock.len() - out.len();
        out.copy_from_slice(&stock[rest..]);
        stock.truncate(rest);
        self.stock.set(stock);
        true
    }

    /// Drops the stock: a forked process must not hand out what its parent does.
    pub fn forget(&self) {
        self.stock.take();
    }

    /// A fresh masking key (RFC 6455 §10.3: unpredictable to who chooses the payload); `None` without randomness.
    pub fn masking_key(&self) -> Option<[u8; 4]> {
        let mut key = [0; 4];
        self.fill(&mut key).then_some(key)
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
}
