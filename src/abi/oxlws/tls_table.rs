//! `oxlws_tls_config *`: names of the TLS configurations of this process, checked and never dereferenced.
//!
//! ```text
//! handle = base + 16 * (generation : 12 bits | index : 16 bits)
//! ```
//! As with connections the addresses are reserved without access, a freed place goes to the back of a queue, and its
//! generation counts up: a stale pointer is mistaken only after its place was used 4096 times more.
#![allow(unsafe_code)]

use super::types::oxlws_tls_config;
use crate::engine::sys;
use crate::engine::tls::config::TlsConfig;
use std::collections::VecDeque;
use std::ffi::CString;
use std::ptr;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};

const UNIT: usize = 16;
const INDEX_BITS: u32 = 16;
const GENERATIONS: usize = 1 << 12;
/// Configurations that can exist at a time.
pub const MAX_CONFIGS: usize = 1 << INDEX_BITS;
const SPAN: usize = UNIT * MAX_CONFIGS * GENERATIONS;
/// Freed places that wait before one of them is used again.
const RESTING: usize = 256;

/// A configuration and what was last wrong with it.
pub struct Entry {
    pub config: TlsConfig,
    pub why: CString,
}

#[derive(Default)]
struct Table {
    /// 0: not reserved yet.
    base: usize,
    places: Vec<Place>,
    resting: VecDeque<usize>,
}

struct Place {
    generation: usize,
    entry: Option<Arc<Mutex<Entry>>>,
}

static TABLE: LazyLock<Mutex<Table>> = LazyLock::new(Mutex::default);

fn table() -> MutexGuard<'static, Table> {
    TABLE.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Table {
    fn base(&mut self) -> usize {
        if self.base == 0 {
            self.base = sys::reserve_addresses(SPAN).unwrap_or_else(|| {
                // Unreserved: a range of our own choice, apart from those of contexts.
                let salt = (&raw const TABLE).addr() >> 12 & 0xff;
                (1 << 45) + salt * SPAN
            });
        }
        self.base
    }

    /// Where a pointer points, if it is the name of a living configuration.
    fn find(&self, address: usize) -> Option<usize> {
        let offset = address.wrapping_sub(self.base);
        if self.base == 0 || offset >= SPAN || !offset.is_multiple_of(UNIT) {
            return None;
        }
        let name = offset / UNIT;
        let (index, generation) = (name % MAX_CONFIGS, name / MAX_CONFIGS);
        let place = self.places.get(index)?;
        (place.generation == generation && place.entry.is_some()).then_some(index)
    }
}

/// Gives a configuration a name; NULL: there are too many.
pub fn add(config: TlsConfig) -> *mut oxlws_tls_config {
    let mut table = table();
    let base = table.base();
    let index = if table.resting.len() > RESTING || table.places.len() >= MAX_CONFIGS {
        table.resting.pop_front()
    } else {
        table.places.push(Place { generation: 0, entry: None });
        Some(table.places.len() - 1)
    };
    let Some((index, place)) = index.and_then(|index| Some((index, table.places.get_mut(index)?))) else {
        return ptr::null_mut();
    };
    place.entry = Some(Arc::new(Mutex::new(Entry { config, why: CString::default() })));
    ptr::without_provenance_mut(base + UNIT * (place.generation * MAX_CONFIGS + index))
}

/// The configuration of this name.
pub fn get(config: *const oxlws_tls_config) -> Option<Arc<Mutex<Entry>>> {
    let table = table();
    table.places.get(table.find(config.addr())?)?.entry.clone()
}

/// Takes a name away. What uses the configuration goes on with it.
pub fn remove(config: *const oxlws_tls_config) -> bool {
    let mut table = table();
    let Some(index) = table.find(config.addr()) else { return false };
    let removed = table.places.get_mut(index).and_then(|place| {
        place.generation = (place.generation + 1) % GENERATIONS;
        place.entry.take()
    });
    table.resting.push_back(index);
    drop(table);
    removed.is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::tls::config::Side;

    #[test]
    fn stale_and_foreign_pointers_name_nothing() {
        let one = add(TlsConfig::new(Side::Client));
        let two = add(TlsConfig::new(Side::Server));
        assert!(!one.is_null() && one != two && get(one).is_some() && get(two).is_some());
        assert!(remove(one) && !remove(one) && get(one).is_none());
        let three = add(TlsConfig::new(Side::Client));
        assert!(three != one && get(one).is_none());
        assert!(get(ptr::null()).is_none() && get(ptr::without_provenance(8)).is_none());
        assert!(get(two.wrapping_byte_add(1)).is_none());
        assert!(remove(two) && remove(three));
    }

    #[test]
    fn a_place_rests_before_it_is_used_again() {
        let first = add(TlsConfig::new(Side::Client));
        assert!(remove(first));
        for _ in 0..RESTING {
            let other = add(TlsConfig::new(Side::Client));
            assert!(other != first && remove(other));
        }
        assert!(get(first).is_none());
    }
}
