//! A list of header fields, bounded as SETTINGS_MAX_HEADER_LIST_SIZE counts them (RFC 9113 §6.5.2).
use super::hpack::table::FIELD_OVERHEAD;

/// Names and values in order, in one stretch of memory.
#[derive(Debug)]
pub struct FieldList {
    text: Vec<u8>,
    /// Lengths of name and value of each.
    lengths: Vec<(usize, usize)>,
    room: usize,
    is_full: bool,
}

impl FieldList {
    /// An empty list that takes fields of `max_size` together.
    pub fn new(max_size: usize) -> Self {
        FieldList { text: Vec::new(), lengths: Vec::new(), room: max_size, is_full: false }
    }

    /// Adds a field. One that does not fit is left out, and so are all that follow.
    pub fn push(&mut self, name: &[u8], value: &[u8]) {
        let size = name.len() + value.len() + FIELD_OVERHEAD;
        if self.is_full || size > self.room {
            self.is_full = true;
            return;
        }
        self.room -= size;
        self.text.extend_from_slice(name);
        self.text.extend_from_slice(value);
        self.lengths.push((name.len(), value.len()));
    }

    /// Whether fields were left out.
    pub fn is_full(&self) -> bool {
        self.is_full
    }

    /// Names and values.
    pub fn iter(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        let mut rest = self.text.as_slice();
        self.lengths.iter().filter_map(move |(name, value)| {
            let (field, behind) = rest.split_at_checked(name + value)?;
            rest = behind;
            field.split_at_checked(*name)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_come_back_until_the_list_is_full() {
        let mut list = FieldList::new(80);
        list.push(b"a", b"");
        list.push(b"bc", b"def");
        assert!(!list.is_full());
        list.push(b"x", &[b'y'; 100]);
        list.push(b"", b"");
        assert!(list.is_full());
        assert_eq!(list.iter().collect::<Vec<_>>(), [(&b"a"[..], &b""[..]), (b"bc", b"def")]);
    }
}
