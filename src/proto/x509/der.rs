//! Where the parts of a certificate lie: only the outermost DER structure, as byte ranges.
use std::ops::Range;

const SEQUENCE: u8 = 0x30;
const BIT_STRING: u8 = 0x03;

/// The three parts of a certificate (RFC 5280 §4.1).
pub struct Outer {
    /// TBSCertificate with tag and length.
    pub tbs: Range<usize>,
    /// Contents of the AlgorithmIdentifier.
    pub signature_algorithm: Range<usize>,
    /// Bits of the signature.
    pub signature: Range<usize>,
}

impl Outer {
    pub fn read(der: &[u8]) -> Option<Outer> {
        let whole = element(der, 0, SEQUENCE)?;
        let tbs_contents = element(der, whole.start, SEQUENCE)?;
        let algorithm = element(der, tbs_contents.end, SEQUENCE)?;
        let bits = element(der, algorithm.end, BIT_STRING)?;
        Some(Outer {
            tbs: whole.start..tbs_contents.end,
            signature_algorithm: algorithm,
            signature: without_unused_bits(der, bits)?,
        })
    }
}

/// AlgorithmIdentifier contents and key bits of a SubjectPublicKeyInfo.
pub fn spki_parts(spki: &[u8]) -> Option<(&[u8], &[u8])> {
    let whole = element(spki, 0, SEQUENCE)?;
    let algorithm = element(spki, whole.start, SEQUENCE)?;
    let bits = without_unused_bits(spki, element(spki, algorithm.end, BIT_STRING)?)?;
    Some((spki.get(algorithm)?, spki.get(bits)?))
}

/// The first DER element, whole; OpenSSL's "trusted certificates" carry more behind it.
pub fn first_element(der: &[u8]) -> Option<&[u8]> {
    let contents = element(der, 0, SEQUENCE)?;
    der.get(..contents.end)
}

/// Contents of the element at `at`, if it has this tag and fits.
fn element(der: &[u8], at: usize, tag: u8) -> Option<Range<usize>> {
    if *der.get(at)? != tag {
        return None;
    }
    let first = *der.get(at.checked_add(1)?)?;
    let (start, len) = if first < 0x80 {
        (at + 2, usize::from(first))
    } else {
        let count = usize::from(first & 0x7f);
        if count == 0 || count > 4 {
            return None;
        }
        let start = at + 2 + count;
        let len = der.get(at + 2..start)?.iter().fold(0usize, |len, byte| (len << 8) | usize::from(*byte));
        (start, len)
    };
    let end = start.checked_add(len)?;
    (end <= der.len()).then_some(start..end)
}

fn without_unused_bits(der: &[u8], bits: Range<usize>) -> Option<Range<usize>> {
    // Keys and signatures are whole bytes: the count of unused bits is 0.
    (*der.get(bits.start)? == 0 && !bits.is_empty()).then(|| bits.start + 1..bits.end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_all_forms() {
        assert_eq!(element(&[0x30, 0x02, 1, 2], 0, SEQUENCE), Some(2..4));
        assert_eq!(element(&[0x30, 0x81, 0x02, 1, 2], 0, SEQUENCE), Some(3..5));
        assert_eq!(element(&[0x30, 0x82, 0x00, 0x02, 1, 2], 0, SEQUENCE), Some(4..6));
        assert_eq!(element(&[0x30, 0x80, 1, 2], 0, SEQUENCE), None, "indefinite");
        assert_eq!(element(&[0x30, 0x03, 1, 2], 0, SEQUENCE), None, "too long");
        assert_eq!(element(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 1], 0, SEQUENCE), None, "far too long");
        assert_eq!(element(&[0x31, 0x00], 0, SEQUENCE), None, "other tag");
        assert_eq!(element(&[], 0, SEQUENCE), None);
    }

    #[test]
    fn first_element_leaves_the_rest() {
        assert_eq!(first_element(&[0x30, 0x01, 9, 0x30, 0x00]), Some(&[0x30u8, 0x01, 9][..]));
    }
}
