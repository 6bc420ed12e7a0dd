//! Which connection owns a descriptor: four bytes for each number up to the highest one in use.
//!
//! Descriptors are small numbers that the system gives out densely, so this is a third of what a hash table takes.
use super::table::WsiId;

/// Descriptors and their connections.
#[derive(Default)]
pub struct FdMap {
    owners: Vec<u32>,
}

/// No connection has this name: its index is beyond [`MAX_SLOTS`](super::table::MAX_SLOTS).
const NOBODY: u32 = u32::MAX;

impl FdMap {
    /// `fd` belongs to `id` from here on. Negative numbers are no descriptors.
    pub fn insert(&mut self, fd: i32, id: WsiId) {
        let Ok(at) = usize::try_from(fd) else { return };
        if at >= self.owners.len() {
            self.owners.resize(at + 1, NOBODY);
        }
        self.owners[at] = id.bits() as u32;
    }

    pub fn get(&self, fd: i32) -> Option<WsiId> {
        let owner = *self.owners.get(usize::try_from(fd).ok()?)?;
        (owner != NOBODY).then(|| WsiId::from_bits(owner.into()))
    }

    /// Forgets `fd` if it still belongs to `id`.
    pub fn remove(&mut self, fd: i32, id: WsiId) {
        if self.get(fd) == Some(id) {
            self.owners[fd as usize] = NOBODY;
            while self.owners.last() == Some(&NOBODY) {
                self.owners.pop();
            }
        }
    }

    /// All pairs, by descriptor.
    pub fn iter(&self) -> impl Iterator<Item = (i32, WsiId)> {
        let owned = self.owners.iter().enumerate().filter(|(_, owner)| **owner != NOBODY);
        owned.map(|(fd, owner)| (fd as i32, WsiId::from_bits((*owner).into())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_descriptor_is_forgotten_only_for_its_owner() {
        let (one, other) = (WsiId::new(1, 1), WsiId::new(2, 5));
        let mut map = FdMap::default();
        map.insert(7, one);
        map.insert(3, other);
        map.insert(-1, one);
        assert_eq!(
            (map.get(7), map.get(3), map.get(4), map.get(-1), map.get(900)),
            (Some(one), Some(other), None, None, None)
        );
        map.remove(7, other);
        assert_eq!(map.iter().collect::<Vec<_>>(), [(3, other), (7, one)]);
        map.remove(7, one);
        map.remove(-1, one);
        assert_eq!(map.iter().collect::<Vec<_>>(), [(3, other)]);
        assert_eq!(map.owners.len(), 4, "what is behind the highest one in use is given back");
    }
}
