//! From a header block to its fields (RFC 7541 §3, §6).
use super::super::fields::FieldList;
use super::table::DynamicTable;
use super::{BadBlock, huffman, integer};

/// The receiving side of one connection.
#[derive(Debug)]
pub struct Decoder {
    table: DynamicTable,
    /// What SETTINGS_HEADER_TABLE_SIZE of ours allows the peer.
    max_table: usize,
    name: Vec<u8>,
    value: Vec<u8>,
}

impl Decoder {
    /// A decoder whose table is at most `max_table` bytes.
    pub fn new(max_table: usize) -> Self {
        Decoder { table: DynamicTable::new(max_table), max_table, name: Vec::new(), value: Vec::new() }
    }

    /// Decodes a whole block. A list that is full takes no more fields, but the block is read to its end, since later
    /// blocks build upon it.
    pub fn decode(&mut self, block: &[u8], fields: &mut FieldList) -> Result<(), BadBlock> {
        let result = self.decode_fields(block, fields);
        // A field of a block that was far too large leaves no memory behind.
        self.name.shrink_to(KEEP_BYTES);
        self.value.shrink_to(KEEP_BYTES);
        result
    }

    fn decode_fields(&mut self, block: &[u8], fields: &mut FieldList) -> Result<(), BadBlock> {
        let mut position = 0;
        let mut has_field = false;
        while let Some(first) = block.get(position) {
            match first {
                0x80.. => {
                    let index = integer::decode(block, &mut position, 7)?;
                    let (name, value) = self.table.get(index).ok_or(NO_SUCH_FIELD)?;
                    fields.push(name, value);
                }
                0x40.. => {
                    self.literal(block, &mut position, 6)?;
                    fields.push(&self.name, &self.value);
                    self.table.insert(&self.name, &self.value);
                }
                0x20.. => {
                    let size = integer::decode(block, &mut position, 5)?;
                    if has_field || size > self.max_table {
                        return Err(BadBlock("a table size that is not allowed here"));
                    }
                    self.table.resize(size);
                    continue;
                }
                _ => {
                    self.literal(block, &mut position, 4)?;
                    fields.push(&self.name, &self.value);
                }
            }
            has_field = true;
        }
        Ok(())
    }

    /// Name (by number or as text) and value of a field into our buffers.
    fn literal(&mut self, block: &[u8], position: &mut usize, prefix_bits: u32) -> Result<(), BadBlock> {
        let index = integer::decode(block, position, prefix_bits)?;
        self.name.clear();
        self.value.clear();
        if index == 0 {
            text(block, position, &mut self.name)?;
        } else {
            let (name, _) = self.table.get(index).ok_or(NO_SUCH_FIELD)?;
            self.name.extend_from_slice(name);
        }
        text(block, position, &mut self.value)
    }
}

/// Memory for a name or a value that is kept between blocks.
const KEEP_BYTES: usize = 4 * 1024;
const NO_SUCH_FIELD: BadBlock = BadBlock("no field has this number");

fn text(block: &[u8], position: &mut usize, out: &mut Vec<u8>) -> Result<(), BadBlock> {
    let is_packed = block.get(*position).is_some_and(|first| first & 0x80 != 0);
    let length = integer::decode(block, position, 7)?;
    let end = position.checked_add(length);
    let bytes = end.and_then(|end| block.get(*position..end)).ok_or(BadBlock("the block ends inside a text"))?;
    *position += length;
    if is_packed {
        return huffman::decode(bytes, out);
    }
    out.extend_from_slice(bytes);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(decoder: &mut Decoder, block: &[u8]) -> Result<Vec<(String, String)>, BadBlock> {
        let mut list = FieldList::new(1 << 16);
        decoder.decode(block, &mut list)?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(list.iter().map(|(name, value)| (text(name), text(value))).collect())
    }

    #[test]
    fn broken_blocks_are_refused() {
        for block in [
            &[0x80][..],             // number 0
            &[0xbe],                 // a dynamic field that is not there
            &[0x40, 0x01],           // cut inside a name
            &[0x00, 0x01, b'a'],     // no value
            &[0x0f],                 // cut inside a number
            &[0x3f, 0xe2, 0x1f],     // table of 4097
            &[0x82, 0x20],           // table size behind a field
            &[0x00, 0x81, 0xfe, 00], // bad padding
        ] {
            assert!(decoded(&mut Decoder::new(4096), block).is_err(), "{block:x?}");
        }
    }

    #[test]
    fn a_smaller_table_forgets() {
        let mut decoder = Decoder::new(4096);
        decoded(&mut decoder, b"\x40\x01a\x01b").unwrap();
        assert_eq!(decoded(&mut decoder, b"\xbe").unwrap(), [("a".into(), "b".into())]);
        assert!(decoded(&mut decoder, b"\x20\xbe").is_err());
    }

    #[test]
    fn a_bomb_does_not_grow_the_list() {
        let mut decoder = Decoder::new(4096);
        let mut block = b"\x40\x01a\x7f\xa1\x1e".to_vec();
        block.extend_from_slice(&[b'x'; 4000]);
        decoded(&mut decoder, &block).unwrap();
        let mut list = FieldList::new(8192);
        decoder.decode(&[0xbe; 10_000], &mut list).unwrap();
        assert!(list.is_full());
        assert!(list.iter().count() < 3);
    }
}
