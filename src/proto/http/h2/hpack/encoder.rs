//! From fields to a header block (RFC 7541 §3, §6).
use super::table::DynamicTable;
use super::{huffman, integer};

/// Our table is never larger, whatever the peer offers.
const LARGEST_TABLE: usize = 4096;

/// The sending side of one connection.
#[derive(Debug)]
pub struct Encoder {
    table: DynamicTable,
    /// A change of the table's size that the next block has to begin with: the smallest size since the last block.
    smallest: Option<usize>,
}

impl Encoder {
    /// An encoder for a peer with the default settings.
    pub fn new() -> Self {
        Encoder { table: DynamicTable::new(LARGEST_TABLE), smallest: None }
    }

    /// SETTINGS_HEADER_TABLE_SIZE of the peer.
    pub fn set_max_table(&mut self, peer_allows: usize) {
        let size = peer_allows.min(LARGEST_TABLE);
        if size != self.table.max_size() || self.smallest.is_some() {
            self.smallest = Some(self.smallest.map_or(size, |smallest| smallest.min(size)));
            self.table.resize(size);
        }
    }

    /// Appends what has to stand before the first field of a block.
    pub fn begin(&mut self, out: &mut Vec<u8>) {
        if let Some(smallest) = self.smallest.take() {
            let now = self.table.max_size();
            if smallest < now {
                integer::encode(smallest, 5, 0x20, out);
            }
            integer::encode(now, 5, 0x20, out);
        }
    }

    /// Appends one field; `name` is in lower case.
    pub fn field(&mut self, name: &[u8], value: &[u8], out: &mut Vec<u8>) {
        let (exact, same_name) = self.table.find(name, value);
        if let Some(index) = exact {
            return integer::encode(index, 7, 0x80, out);
        }
        let habit = habit(name);
        let (bits, pattern) = match habit {
            Habit::Recurs => (6, 0x40),
            Habit::Changes => (4, 0x00),
            Habit::Secret => (4, 0x10),
        };
        integer::encode(same_name.unwrap_or(0), bits, pattern, out);
        if same_name.is_none() {
            text(name, out);
        }
        text(value, out);
        if habit == Habit::Recurs {
            self.table.insert(name, value);
        }
    }
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

/// What is worth remembering.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Habit {
    /// The same value will come again.
    Recurs,
    /// Every answer has another one.
    Changes,
    /// Must not be found out by guessing (RFC 7541 §7.1.3).
    Secret,
}

fn habit(name: &[u8]) -> Habit {
    match name {
        b"set-cookie" | b"authorization" | b"www-authenticate" => Habit::Secret,
        b"content-length" | b"etag" | b"location" | b"content-range" | b"last-modified" | b"date" | b"age" => {
            Habit::Changes
        }
        _ => Habit::Recurs,
    }
}

fn text(bytes: &[u8], out: &mut Vec<u8>) {
    let packed = huffman::encoded_length(bytes);
    if packed < bytes.len() {
        integer::encode(packed, 7, 0x80, out);
        huffman::encode(bytes, out);
    } else {
        integer::encode(bytes.len(), 7, 0, out);
        out.extend_from_slice(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::fields::FieldList;
    use super::super::decoder::Decoder;
    use super::*;

    fn round_trip(encoder: &mut Encoder, decoder: &mut Decoder, fields: &[(&str, &str)]) -> usize {
        let mut block = Vec::new();
        encoder.begin(&mut block);
        for (name, value) in fields {
            encoder.field(name.as_bytes(), value.as_bytes(), &mut block);
        }
        let mut list = FieldList::new(1 << 20);
        decoder.decode(&block, &mut list).unwrap();
        let expected: Vec<_> = fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        assert_eq!(list.iter().collect::<Vec<_>>(), expected);
        block.len()
    }

    #[test]
    fn an_answer_like_the_last_one_is_short() {
        let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new(4096));
        let fields = [(":status", "200"), ("server", "oxlws"), ("content-type", "text/html"), ("x-own", "value")];
        assert!(round_trip(&mut encoder, &mut decoder, &fields) > 20);
        assert_eq!(round_trip(&mut encoder, &mut decoder, &fields), 4);
    }

    #[test]
    fn secrets_are_never_remembered() {
        let mut encoder = Encoder::new();
        let mut block = Vec::new();
        encoder.field(b"set-cookie", b"id=1", &mut block);
        assert_eq!(block[0] & 0xf0, 0x10);
        assert_eq!(encoder.table.size(), 0);
    }

    #[test]
    fn both_sides_agree_on_the_size_of_the_table() {
        let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new(4096));
        let fields = [("x-a", "1"), ("x-b", "2")];
        round_trip(&mut encoder, &mut decoder, &fields);
        encoder.set_max_table(0);
        encoder.set_max_table(100);
        round_trip(&mut encoder, &mut decoder, &fields);
        round_trip(&mut encoder, &mut decoder, &fields);
        encoder.set_max_table(1 << 30);
        round_trip(&mut encoder, &mut decoder, &fields);
        assert_eq!(encoder.table.max_size(), LARGEST_TABLE);
    }
}
