//! How are bytes written as hexadecimal digits, and read back?

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// The value of one hexadecimal digit of either case.
pub const fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        b'A'..=b'F' => Some(character - b'A' + 10),
        _ => None,
    }
}

/// The lower-case digit of the low four bits of `nibble`.
pub const fn lower_digit(nibble: u8) -> u8 {
    DIGITS[(nibble & 15) as usize]
}

/// The upper-case digit of the low four bits of `nibble`.
pub const fn upper_digit(nibble: u8) -> u8 {
    lower_digit(nibble).to_ascii_uppercase()
}

/// Reads pairs of digits into `out` and returns the number of bytes.
///
/// `None` for an odd number of digits, for anything that is no digit, and if the bytes do not fit; `out` may then hold
/// the first of them.
pub fn decode(text: &[u8], out: &mut [u8]) -> Option<usize> {
    let (pairs, odd) = text.as_chunks::<2>();
    if !odd.is_empty() || pairs.len() > out.len() {
        return None;
    }
    for (byte, &[high, low]) in out.iter_mut().zip(pairs) {
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(pairs.len())
}

/// Writes as many lower-case digits of `bytes` as fit into `out` and returns their number; the cut may split a byte.
pub fn encode(bytes: &[u8], out: &mut [u8]) -> usize {
    let digits = bytes.iter().flat_map(|&byte| [lower_digit(byte >> 4), lower_digit(byte)]);
    out.iter_mut().zip(digits).map(|(place, digit)| *place = digit).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_cases_are_read() {
        let mut out = [0; 2];
        assert_eq!(decode(b"aBcD", &mut out), Some(2));
        assert_eq!(out, [0xab, 0xcd]);
    }

    #[test]
    fn odd_foreign_and_too_long_text_is_refused() {
        for text in ["abc", "g0", "0g", "0x12", " 00", "00112233"] {
            assert_eq!(decode(text.as_bytes(), &mut [0; 3]), None, "{text}");
        }
    }

    #[test]
    fn a_cut_may_split_a_byte() {
        let mut out = [0; 3];
        assert_eq!(encode(&[0xab, 0xcd], &mut out), 3);
        assert_eq!(&out, b"abc");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(data: Vec<u8>) {
            let mut text = vec![0; data.len() * 2];
            prop_assert_eq!(encode(&data, &mut text), text.len());
            let mut out = vec![0; data.len()];
            prop_assert_eq!(decode(&text, &mut out), Some(data.len()));
            prop_assert_eq!(out, data);
        }

        #[test]
        fn any_text_is_survived(text: Vec<u8>, room in 0usize..20) {
            let _ = decode(&text, &mut vec![0; room]);
        }
    }
}
