//! Numbers with a prefix of some bits (RFC 7541 §5.1).
use super::BadBlock;

/// Larger numbers have no meaning anywhere in HPACK and are refused.
const MAX: u64 = u32::MAX as u64;

/// Appends `value` behind the bits `pattern` of a byte whose low `prefix_bits` (1 to 8) belong to the number.
pub fn encode(value: usize, prefix_bits: u32, pattern: u8, out: &mut Vec<u8>) {
    let largest = (1usize << prefix_bits) - 1;
    if value < largest {
        out.push(pattern | value as u8);
        return;
    }
    out.push(pattern | largest as u8);
    let mut rest = value - largest;
    while rest >= 0x80 {
        out.push(0x80 | (rest & 0x7f) as u8);
        rest >>= 7;
    }
    out.push(rest as u8);
}

/// Reads a number at `*position` and moves behind it.
pub fn decode(bytes: &[u8], position: &mut usize, prefix_bits: u32) -> Result<usize, BadBlock> {
    let largest = (1u64 << prefix_bits) - 1;
    let first = u64::from(take(bytes, position)?) & largest;
    if first < largest {
        return Ok(first as usize);
    }
    let mut value = first;
    for shift in (0..).step_by(7).take(5) {
        let byte = take(bytes, position)?;
        value += u64::from(byte & 0x7f) << shift;
        if value > MAX {
            break;
        }
        if byte & 0x80 == 0 {
            return usize::try_from(value).map_err(|_| TOO_LARGE);
        }
    }
    Err(TOO_LARGE)
}

const TOO_LARGE: BadBlock = BadBlock("a number is too large");

fn take(bytes: &[u8], position: &mut usize) -> Result<u8, BadBlock> {
    let byte = *bytes.get(*position).ok_or(BadBlock("the block ends inside a number"))?;
    *position += 1;
    Ok(byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(value: usize, bits: u32) -> Vec<u8> {
        let mut out = Vec::new();
        encode(value, bits, 0, &mut out);
        out
    }

    #[test]
    fn examples_of_the_rfc() {
        // RFC 7541 C.1
        assert_eq!(encoded(10, 5), [0b01010]);
        assert_eq!(encoded(1337, 5), [0b11111, 0b1001_1010, 0b0000_1010]);
        assert_eq!(encoded(42, 8), [42]);
    }

    #[test]
    fn every_number_comes_back() {
        for bits in 1..=8 {
            for value in (0..if cfg!(miri) { 30 } else { 600 }).chain([16_383, 16_384, 1 << 20, u32::MAX as usize]) {
                let bytes = encoded(value, bits);
                let mut position = 0;
                assert_eq!(decode(&bytes, &mut position, bits), Ok(value));
                assert_eq!(position, bytes.len());
                for cut in 0..bytes.len() {
                    assert!(decode(&bytes[..cut], &mut 0, bits).is_err());
                }
            }
        }
    }

    #[test]
    fn endless_and_huge_numbers_are_refused() {
        assert!(decode(&[0x1f, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01], &mut 0, 5).is_err());
        assert!(decode(&[0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], &mut 0, 5).is_err());
        assert!(decode(&[0xff; 20], &mut 0, 8).is_err());
    }
}
