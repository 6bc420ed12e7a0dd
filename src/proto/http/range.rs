//! Which parts of a file does a request want? The Range header (RFC 9110 §14).

/// A part of a representation; both ends belong to it, and it lies inside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// Offset of the first byte.
    pub first: u64,
    /// Offset of the last byte.
    pub last: u64,
}

impl ByteRange {
    /// How many bytes; at least one.
    pub fn len(&self) -> u64 {
        self.last.saturating_sub(self.first).saturating_add(1)
    }

    /// Never: kept for the sake of whoever asks.
    pub fn is_empty(&self) -> bool {
        false
    }

    /// The Content-Range value of this part of `size` bytes.
    pub fn content_range(&self, size: u64) -> String {
        format!("bytes {}-{}/{size}", self.first, self.last)
    }
}

/// What a Range header asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ranges {
    /// Nothing that is understood: serve everything with 200.
    Whole,
    /// These parts, in the order asked for: 206. More than one make a multipart answer.
    Parts(Vec<ByteRange>),
    /// Only parts that do not exist: 416, with `Content-Range` from [`unsatisfied_content_range`].
    Unsatisfiable,
}

/// Reads the value of a Range header for a representation of `size` bytes.
///
/// Too many parts, or parts that overlap so that more than the whole would be sent, are answered with the whole: nobody
/// needs them, and they have been used to exhaust servers (RFC 9110 §17.15).
pub fn parse(value: &[u8], size: u64) -> Ranges {
    let Some(wanted) = read_list(value) else { return Ranges::Whole };
    if wanted.len() > MAX_PARTS {
        return Ranges::Whole;
    }
    let parts: Vec<ByteRange> = wanted.into_iter().filter_map(|wanted| wanted.within(size)).collect();
    if parts.is_empty() {
        return Ranges::Unsatisfiable;
    }
    let sum = parts.iter().fold(0u64, |sum, part| sum.saturating_add(part.len()));
    if sum > size { Ranges::Whole } else { Ranges::Parts(parts) }
}

/// The Content-Range value of a 416.
pub fn unsatisfied_content_range(size: u64) -> String {
    format!("bytes */{size}")
}

#[derive(Debug, Clone, Copy)]
enum Wanted {
    From(u64),
    FromTo(u64, u64),
    LastBytes(u64),
}

impl Wanted {
    fn within(self, size: u64) -> Option<ByteRange> {
        let end = size.checked_sub(1)?;
        let (first, last) = match self {
            Wanted::From(first) => (first, end),
            Wanted::FromTo(first, last) => (first, last.min(end)),
            Wanted::LastBytes(0) => return None,
            Wanted::LastBytes(count) => (size.saturating_sub(count), end),
        };
        (first <= end).then_some(ByteRange { first, last })
    }
}

/// `None` for anything that is not a list of byte ranges.
fn read_list(value: &[u8]) -> Option<Vec<Wanted>> {
    let value = std::str::from_utf8(value).ok()?.trim_matches(BLANKS);
    let (unit, list) = value.split_once('=')?;
    if !unit.eq_ignore_ascii_case("bytes") {
        return None;
    }
    let mut out = Vec::new();
    for item in list.split(',').map(|item| item.trim_matches(BLANKS)).filter(|item| !item.is_empty()) {
        // One more than allowed is enough to know.
        if out.len() <= MAX_PARTS {
            out.push(read_one(item)?);
        }
    }
    (!out.is_empty()).then_some(out)
}

fn read_one(item: &str) -> Option<Wanted> {
    match item.split_once('-')? {
        ("", count) => Some(Wanted::LastBytes(offset(count)?)),
        (first, "") => Some(Wanted::From(offset(first)?)),
        (first, last) => {
            let (first, last) = (offset(first)?, offset(last)?);
            (first <= last).then_some(Wanted::FromTo(first, last))
        }
    }
}

/// Digits; numbers beyond `u64` are as good as its end.
fn offset(text: &str) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(text.parse().unwrap_or(u64::MAX))
}

const BLANKS: [char; 2] = [' ', '\t'];
const MAX_PARTS: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(value: &str, size: u64) -> Vec<(u64, u64)> {
        match parse(value.as_bytes(), size) {
            Ranges::Parts(parts) => parts.iter().map(|part| (part.first, part.last)).collect(),
            other => panic!("{value}: {other:?}"),
        }
    }

    #[test]
    fn single_ranges_are_cut_to_the_size() {
        assert_eq!(parts("bytes=0-4", 10), [(0, 4)]);
        assert_eq!(parts("Bytes=5-", 10), [(5, 9)]);
        assert_eq!(parts("bytes=-3", 10), [(7, 9)]);
        assert_eq!(parts("bytes=-30", 10), [(0, 9)]);
        assert_eq!(parts("bytes=9-99999999999999999999999", 10), [(9, 9)]);
        assert_eq!(parts("bytes=0-18446744073709551615", u64::MAX), [(0, u64::MAX - 1)]);
    }

    #[test]
    fn several_ranges_keep_their_order_and_drop_what_is_outside() {
        assert_eq!(parts("bytes=5-6, 0-0 ,, 20-30,-1", 10), [(5, 6), (0, 0), (9, 9)]);
    }

    #[test]
    fn ranges_behind_the_end_cannot_be_satisfied() {
        for value in ["bytes=10-", "bytes=10-20", "bytes=-0", "bytes=99-100,50-"] {
            assert_eq!(parse(value.as_bytes(), 10), Ranges::Unsatisfiable, "{value}");
        }
        assert_eq!(parse(b"bytes=0-", 0), Ranges::Unsatisfiable);
        assert_eq!(unsatisfied_content_range(10), "bytes */10");
    }

    #[test]
    fn nonsense_means_the_whole() {
        for value in [
            "",
            "bytes",
            "bytes=",
            "bytes=,",
            "lines=1-2",
            "bytes=a-b",
            "bytes=5-4",
            "bytes=1-2,x",
            "bytes=--1",
            "bytes=+1-2",
            "bytes=1",
        ] {
            assert_eq!(parse(value.as_bytes(), 10), Ranges::Whole, "{value}");
        }
        assert_eq!(parse(b"bytes=\xff-", 10), Ranges::Whole);
    }

    #[test]
    fn greedy_ranges_mean_the_whole() {
        assert_eq!(parse(b"bytes=0-,0-,0-", 10), Ranges::Whole);
        let many = format!("bytes={}", "0-0,".repeat(1000));
        assert_eq!(parse(many.as_bytes(), 1_000_000), Ranges::Whole);
    }

    #[test]
    fn content_range_names_the_part_and_the_size() {
        let part = ByteRange { first: 2, last: 4 };
        assert_eq!((part.content_range(10).as_str(), part.len()), ("bytes 2-4/10", 3));
    }
}
