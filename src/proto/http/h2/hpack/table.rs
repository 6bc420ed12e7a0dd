//! Fields with numbers: the fixed ones of RFC 7541 appendix A, and those a connection has seen.
use std::collections::VecDeque;

/// What a field costs beyond its text (RFC 7541 §4.1).
pub const FIELD_OVERHEAD: usize = 32;
/// Number of the first field of the dynamic table.
pub const FIRST_DYNAMIC: usize = STATIC.len() + 1;

/// Names and values with the numbers 1 to 61.
#[rustfmt::skip]
pub const STATIC: [(&str, &str); 61] = [
    (":authority", ""), (":method", "GET"), (":method", "POST"), (":path", "/"), (":path", "/index.html"),
    (":scheme", "http"), (":scheme", "https"), (":status", "200"), (":status", "204"), (":status", "206"),
    (":status", "304"), (":status", "400"), (":status", "404"), (":status", "500"), ("accept-charset", ""),
    ("accept-encoding", "gzip, deflate"), ("accept-language", ""), ("accept-ranges", ""), ("accept", ""),
    ("access-control-allow-origin", ""), ("age", ""), ("allow", ""), ("authorization", ""), ("cache-control", ""),
    ("content-disposition", ""), ("content-encoding", ""), ("content-language", ""), ("content-length", ""),
    ("content-location", ""), ("content-range", ""), ("content-type", ""), ("cookie", ""), ("date", ""), ("etag", ""),
    ("expect", ""), ("expires", ""), ("from", ""), ("host", ""), ("if-match", ""), ("if-modified-since", ""),
    ("if-none-match", ""), ("if-range", ""), ("if-unmodified-since", ""), ("last-modified", ""), ("link", ""),
    ("location", ""), ("max-forwards", ""), ("proxy-authenticate", ""), ("proxy-authorization", ""), ("range", ""),
    ("referer", ""), ("refresh", ""), ("retry-after", ""), ("server", ""), ("set-cookie", ""),
    ("strict-transport-security", ""), ("transfer-encoding", ""), ("user-agent", ""), ("vary", ""), ("via", ""),
    ("www-authenticate", ""),
];

/// One field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub name: Vec<u8>,
    pub value: Vec<u8>,
}

impl Entry {
    fn size(&self) -> usize {
        self.name.len() + self.value.len() + FIELD_OVERHEAD
    }
}

/// The fields a connection remembers, the newest first, bounded by their size.
#[derive(Debug)]
pub struct DynamicTable {
    entries: VecDeque<Entry>,
    size: usize,
    max_size: usize,
}

impl DynamicTable {
    /// An empty table for fields of `max_size` together.
    pub fn new(max_size: usize) -> Self {
        DynamicTable { entries: VecDeque::new(), size: 0, max_size }
    }

    /// What it may hold.
    pub fn max_size(&self) -> usize {
        self.max_size
    }

    /// What its fields cost now.
    #[cfg(test)]
    pub fn size(&self) -> usize {
        self.size
    }

    /// Changes the bound; what does not fit any more is forgotten.
    pub fn resize(&mut self, max_size: usize) {
        self.max_size = max_size;
        self.evict(0);
    }

    /// Adds a field; the oldest make room. One that is larger than the table empties it (RFC 7541 §4.4).
    pub fn insert(&mut self, name: &[u8], value: &[u8]) {
        let entry = Entry { name: name.to_vec(), value: value.to_vec() };
        let size = entry.size();
        self.evict(size);
        if size <= self.max_size {
            self.size += size;
            self.entries.push_front(entry);
        }
    }

    fn evict(&mut self, needed: usize) {
        while self.size + needed > self.max_size {
            let Some(oldest) = self.entries.pop_back() else { return };
            self.size -= oldest.size();
        }
    }

    /// The field with number `index`, counted from the static table's first, 1.
    pub fn get(&self, index: usize) -> Option<(&[u8], &[u8])> {
        if let Some((name, value)) = index.checked_sub(1).and_then(|index| STATIC.get(index)) {
            return Some((name.as_bytes(), value.as_bytes()));
        }
        let entry = self.entries.get(index.checked_sub(FIRST_DYNAMIC)?)?;
        Some((&entry.name, &entry.value))
    }

    /// The number of this very field, and of one with its name.
    pub fn find(&self, name: &[u8], value: &[u8]) -> (Option<usize>, Option<usize>) {
        let mut same_name = None;
        let fixed = STATIC.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes()));
        let seen = self.entries.iter().map(|entry| (entry.name.as_slice(), entry.value.as_slice()));
        for (place, (known, content)) in fixed.chain(seen).enumerate() {
            if known == name {
                if content == value {
                    return (Some(place + 1), Some(place + 1));
                }
                same_name = same_name.or(Some(place + 1));
            }
        }
        (None, same_name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_fields_make_room_and_numbers_move() {
        let mut table = DynamicTable::new(2 * (FIELD_OVERHEAD + 2));
        for name in [b"a", b"b", b"c"] {
            table.insert(name, b"1");
        }
        assert_eq!(table.get(FIRST_DYNAMIC), Some((&b"c"[..], &b"1"[..])));
        assert_eq!(table.get(FIRST_DYNAMIC + 1), Some((&b"b"[..], &b"1"[..])));
        assert_eq!(table.get(FIRST_DYNAMIC + 2), None);
        assert_eq!(table.get(0), None);
        assert_eq!(table.find(b"b", b"1"), (Some(63), Some(63)));
        assert_eq!(table.find(b"b", b"2"), (None, Some(63)));
        assert_eq!(table.find(b":method", b"PUT"), (None, Some(2)));
        table.resize(FIELD_OVERHEAD + 2);
        assert_eq!(table.get(FIRST_DYNAMIC + 1), None);
        table.insert(&[b'x'; 100], b"");
        assert_eq!((table.size(), table.get(FIRST_DYNAMIC)), (0, None));
    }
}
