//! Does the peer make us work without using us? A leaky bucket of effort (CVE-2023-44487 and the floods of 2019).
//!
//! Every frame that costs us something and brings the peer nothing adds its price; time takes it away. A peer that is
//! merely busy never fills the bucket.

/// What fits into the bucket.
const CAPACITY: u32 = 3000;
/// What runs out of it in a second.
const PER_SECOND: u64 = 100;

/// Prices. A stream that is opened and reset at once may come 1000 times in one go, and 33 times a second.
pub mod price {
    pub const RESET: u32 = 3;
    pub const PING: u32 = 3;
    pub const SETTINGS: u32 = 30;
    pub const EMPTY_DATA: u32 = 3;
    pub const PRIORITY: u32 = 1;
    pub const UNKNOWN: u32 = 1;
    /// A request that cannot be served, a frame for a stream that is gone.
    pub const FAULT: u32 = 3;
}

/// See the module.
#[derive(Debug, Default)]
pub struct Calm {
    level: u32,
    since_ms: u64,
}

impl Calm {
    /// Adds `price`. False: enough is enough.
    #[must_use]
    pub fn allows(&mut self, price: u32, now_ms: u64) -> bool {
        let passed_ms = now_ms.saturating_sub(self.since_ms);
        let leaked = passed_ms.saturating_mul(PER_SECOND) / 1000;
        if leaked > 0 {
            self.level = self.level.saturating_sub(u32::try_from(leaked).unwrap_or(u32::MAX));
            self.since_ms = now_ms;
        }
        self.level += price;
        self.level <= CAPACITY
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_and_a_flood_does_not() {
        let mut calm = Calm::default();
        assert!((0..1000).all(|_| calm.allows(price::RESET, 5)));
        assert!(!calm.allows(price::RESET, 5));
        assert!(calm.allows(price::RESET, 5000));
    }

    #[test]
    fn a_steady_trickle_passes() {
        let mut calm = Calm::default();
        // 30 times a second for an hour.
        assert!((0..if cfg!(miri) { 2000 } else { 108_000u64 }).all(|n| calm.allows(price::RESET, n * 1000 / 30)));
    }
}
