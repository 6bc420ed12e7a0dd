//! The Huffman code of HPACK (RFC 7541 §5.2, appendix B).
//!
//! The code is canonical: the lengths of the 257 codes determine the codes. Codes of one length are consecutive, in the
//! order of their symbols, and shorter codes are smaller. So the lengths are all the data there is; tables for both
//! directions are computed from them when the library is compiled.
use super::BadBlock;

/// Bits of the code of each byte; the last one ends a text and must never occur.
#[rustfmt::skip]
const LENGTHS: [u8; SYMBOLS] = [
    13, 23, 28, 28, 28, 28, 28, 28, 28, 24, 30, 28, 28, 30, 28, 28, 28, 28, 28, 28, 28, 28, 30, 28, 28, 28, 28, 28, 28,
    28, 28, 28, 6, 10, 10, 12, 13, 6, 8, 11, 10, 10, 8, 11, 8, 6, 6, 6, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 7, 8, 15, 6, 12,
    10, 13, 6, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 8, 7, 8, 13, 19, 13, 14, 6, 15, 5, 6,
    5, 6, 5, 6, 6, 6, 5, 7, 7, 6, 6, 6, 5, 6, 7, 6, 5, 5, 6, 7, 7, 7, 7, 7, 15, 11, 14, 13, 28, 20, 22, 20, 20, 22, 22,
    22, 23, 22, 23, 23, 23, 23, 23, 24, 23, 24, 24, 22, 23, 24, 23, 23, 23, 23, 21, 22, 23, 22, 23, 23, 24, 22, 21, 20,
    22, 22, 23, 23, 21, 23, 22, 22, 24, 21, 22, 23, 23, 21, 21, 22, 21, 23, 22, 23, 23, 20, 22, 22, 22, 23, 22, 22, 23,
    26, 26, 20, 19, 22, 23, 22, 25, 26, 26, 26, 27, 27, 26, 24, 25, 19, 21, 26, 27, 27, 26, 27, 24, 21, 21, 26, 26, 28,
    27, 27, 27, 20, 24, 20, 21, 22, 21, 21, 23, 22, 22, 25, 25, 24, 24, 26, 23, 26, 27, 26, 26, 27, 27, 27, 27, 27, 28,
    27, 27, 27, 27, 27, 26, 30,
];
const SYMBOLS: usize = 257;
const SHORTEST: usize = 5;
const LONGEST: usize = 30;

struct Tables {
    codes: [u32; SYMBOLS],
    /// Symbols in the order of their codes.
    symbols: [u16; SYMBOLS],
    /// Per length: one more than its last code, moved to the top of 32 bits; what is below has this length or less.
    limits: [u64; LONGEST + 1],
    /// Per length: its first code, and the place of that code's symbol in `symbols`.
    first_codes: [u32; LONGEST + 1],
    first_places: [u16; LONGEST + 1],
}

static TABLES: Tables = tables();

const fn tables() -> Tables {
    let mut tables = Tables {
        codes: [0; SYMBOLS],
        symbols: [0; SYMBOLS],
        limits: [0; LONGEST + 1],
        first_codes: [0; LONGEST + 1],
        first_places: [0; LONGEST + 1],
    };
    let (mut code, mut place, mut length) = (0u32, 0, SHORTEST);
    while length <= LONGEST {
        tables.first_codes[length] = code;
        tables.first_places[length] = place as u16;
        let mut symbol = 0;
        while symbol < SYMBOLS {
            if LENGTHS[symbol] as usize == length {
                tables.codes[symbol] = code;
                tables.symbols[place] = symbol as u16;
                code += 1;
                place += 1;
            }
            symbol += 1;
        }
        tables.limits[length] = (code as u64) << (32 - length);
        code <<= 1;
        length += 1;
    }
    tables
}

/// Bytes that `text` takes when it is packed.
pub fn encoded_length(text: &[u8]) -> usize {
    let bits: usize = text.iter().map(|byte| usize::from(LENGTHS[usize::from(*byte)])).sum();
    bits.div_ceil(8)
}

/// Appends `text`, packed; the last byte is filled up with ones.
pub fn encode(text: &[u8], out: &mut Vec<u8>) {
    let (mut bits, mut count) = (0u64, 0u32);
    for byte in text {
        let length = u32::from(LENGTHS[usize::from(*byte)]);
        bits = bits << length | u64::from(TABLES.codes[usize::from(*byte)]);
        count += length;
        while count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    if count > 0 {
        let filler = (1u64 << (8 - count)) - 1;
        out.push((bits << (8 - count) | filler) as u8);
    }
}

/// Appends what `packed` stands for. Refuses the end symbol, and padding that is not up to seven ones.
pub fn decode(packed: &[u8], out: &mut Vec<u8>) -> Result<(), BadBlock> {
    let (mut bits, mut count) = (0u64, 0usize);
    let mut input = packed.iter();
    loop {
        while count <= 32 {
            let Some(byte) = input.next() else { break };
            bits = bits << 8 | u64::from(*byte);
            count += 8;
        }
        if count == 0 {
            return Ok(());
        }
        // The next bits at the top of 32; behind the end there are ones, which is what padding consists of.
        let window = if count >= 32 {
            (bits >> (count - 32)) & 0xffff_ffff
        } else {
            let mask = (1u64 << count) - 1;
            (bits & mask) << (32 - count) | ((1u64 << (32 - count)) - 1)
        };
        let mut length = SHORTEST;
        while length < LONGEST && window >= TABLES.limits[length] {
            length += 1;
        }
        if length > count {
            let mask = (1u64 << count) - 1;
            let is_padding = count < 8 && bits & mask == mask;
            return if is_padding { Ok(()) } else { Err(BadBlock("bad padding of a packed text")) };
        }
        let code = (window >> (32 - length)) as u32;
        let place = usize::from(TABLES.first_places[length]) + (code - TABLES.first_codes[length]) as usize;
        match TABLES.symbols.get(place).copied().map(u8::try_from) {
            Some(Ok(byte)) => out.push(byte),
            _ => return Err(BadBlock("the end symbol inside a packed text")),
        }
        count -= length;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packed(text: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        encode(text, &mut out);
        assert_eq!(out.len(), encoded_length(text));
        out
    }

    fn unpacked(bytes: &[u8]) -> Result<Vec<u8>, BadBlock> {
        let mut out = Vec::new();
        decode(bytes, &mut out).map(|()| out)
    }

    #[test]
    fn codes_of_the_rfc() {
        // RFC 7541 appendix B, some of each length.
        for (symbol, code, length) in [
            (b'0', 0x0, 5u8),
            (b't', 0x9, 5),
            (b' ', 0x14, 6),
            (b':', 0x5c, 7),
            (b'&', 0xf8, 8),
            (b'!', 0x3f8, 10),
            (0, 0x1ff8, 13),
            (b'\\', 0x7fff0, 19),
            (128, 0xf_ffe6, 20),
            (9, 0xff_ffea, 24),
            (255, 0x3ff_ffee, 26),
            (249, 0xfff_fffe, 28),
            (b'\n', 0x3fff_fffc, 30),
        ] {
            assert_eq!(LENGTHS[usize::from(symbol)], length, "{symbol}");
            assert_eq!(TABLES.codes[usize::from(symbol)], code, "{symbol}");
        }
        assert_eq!(TABLES.codes[256], 0x3fff_ffff);
    }

    #[test]
    fn every_byte_comes_back() {
        let all: Vec<u8> = (0..=255).collect();
        assert_eq!(unpacked(&packed(&all)), Ok(all.clone()));
        for byte in (0..=255u8).step_by(if cfg!(miri) { 15 } else { 1 }) {
            for count in 1..9 {
                let text = vec![byte; count];
                assert_eq!(unpacked(&packed(&text)), Ok(text));
            }
        }
    }

    #[test]
    fn wrong_padding_is_refused() {
        // '0' is five zero bits: three bits of padding follow.
        assert_eq!(unpacked(&[0b0000_0111]), Ok(b"0".to_vec()));
        assert!(unpacked(&[0b0000_0110]).is_err());
        assert!(unpacked(&[0b0000_0111, 0xff]).is_err());
        assert!(unpacked(&[0xff]).is_err());
    }

    #[test]
    fn the_end_symbol_is_refused() {
        assert!(unpacked(&[0xff, 0xff, 0xff, 0xff]).is_err());
        assert!(unpacked(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff]).is_err());
    }
}
