//! Which of the program's path patterns does the current path match?
//!
//! A path is the names of the members that lead to a value, joined by `.`, with `[]` for each array: `list[].name`. In a
//! pattern `*` stands for everything up to the next `.`, or to the end if it is the last character.

/// Most wildcards whose places are kept.
pub const MAX_WILDCARDS: usize = if cfg!(feature = "abi41") { 5 } else { 8 };

/// The places of a match's wildcards: where each begins in the path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wildcards {
    pub starts: [u16; MAX_WILDCARDS],
    pub count: u8,
}

/// The patterns of a program, numbered from 0.
pub trait Patterns {
    fn count(&self) -> usize;
    /// The pattern with this number; `None` if there is none.
    fn get(&self, index: usize) -> Option<&[u8]>;
}

impl Patterns for [&[u8]] {
    fn count(&self) -> usize {
        self.len()
    }

    fn get(&self, index: usize) -> Option<&[u8]> {
        <[_]>::get(self, index).copied()
    }
}

/// Whether the whole of `path` matches `pattern`, and where its wildcards are.
pub fn matches(pattern: &[u8], path: &[u8]) -> Option<Wildcards> {
    let mut wildcards = Wildcards::default();
    let (mut pattern, mut at) = (pattern, 0);
    while let [first, rest @ ..] = pattern {
        if *first == b'*' {
            let taken = &path[at..];
            let len = if rest.is_empty() { taken.len() } else { memchr::memchr(b'.', taken).unwrap_or(taken.len()) };
            if taken.is_empty() {
                return None;
            }
            let place = wildcards.starts.get_mut(usize::from(wildcards.count))?;
            *place = u16::try_from(at).ok()?;
            wildcards.count += 1;
            at += len;
        } else if path.get(at) == Some(first) {
            at += 1;
        } else {
            return None;
        }
        pattern = rest;
    }
    (at == path.len()).then_some(wildcards)
}

/// The number of the first pattern that matches, from 1 as programs count them.
pub fn first_match<P: Patterns + ?Sized>(patterns: &P, path: &[u8]) -> Option<(u8, Wildcards)> {
    let count = patterns.count().min(usize::from(u8::MAX));
    (0..count).find_map(|index| {
        let wildcards = matches(patterns.get(index)?, path)?;
        Some((u8::try_from(index + 1).ok()?, wildcards))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn starts(pattern: &str, path: &str) -> Option<Vec<u16>> {
        let found = matches(pattern.as_bytes(), path.as_bytes())?;
        Some(found.starts[..usize::from(found.count)].to_vec())
    }

    #[test]
    fn patterns_match_whole_paths() {
        assert_eq!(starts("a.b", "a.b"), Some(vec![]));
        assert_eq!(starts("a.b", "a.bc"), None);
        assert_eq!(starts("a.bc", "a.b"), None);
        assert_eq!(starts("", ""), Some(vec![]));
    }

    #[test]
    fn a_wildcard_ends_at_the_next_dot_or_takes_everything() {
        assert_eq!(starts("deep.*.x", "deep.q.x"), Some(vec![5]));
        assert_eq!(starts("*", "x.y.z"), Some(vec![0]));
        assert_eq!(starts("*.*", "x.y.z"), Some(vec![0, 2]));
        assert_eq!(starts("*.y", "x.z"), None);
        assert_eq!(starts("a.*", "a."), None);
    }

    #[test]
    fn the_first_matching_pattern_counts() {
        let patterns: [&[u8]; 3] = [b"b", b"a*", b"ab"];
        assert_eq!(first_match(&patterns[..], b"ab").unwrap().0, 2);
        assert_eq!(first_match(&patterns[..], b"c"), None);
    }

    proptest! {
        #[test]
        fn wildcards_lie_inside_the_path(pattern in "[a.*]{0,24}", path in "[a.]{0,24}") {
            if let Some(found) = starts(&pattern, &path) {
                prop_assert!(found.iter().all(|&start| usize::from(start) < path.len()));
            }
        }
    }
}
