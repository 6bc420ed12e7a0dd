//! Small questions about byte strings: where does one occur, does it match a pattern, are two equal?

/// Where `needle` first occurs in `haystack`. An empty needle occurs at the start.
pub fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    memchr::memmem::find(haystack, needle)
}

/// Whether `text` as a whole matches `pattern`, in which each `*` stands for any number of any bytes, also none.
///
/// Any number of stars; at most `pattern.len() * text.len()` steps.
pub fn matches_wildcard(pattern: &[u8], text: &[u8]) -> bool {
    let (mut in_pattern, mut in_text) = (0, 0);
    // Where to go on when the part behind the last star turns out not to fit: the star, and the text it took so far.
    let mut retry: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                retry = Some((in_pattern, in_text));
                in_pattern += 1;
            }
            Some(&byte) if byte == text[in_text] => {
                in_pattern += 1;
                in_text += 1;
            }
            _ => {
                let Some((star, taken)) = retry else {
                    return false;
                };
                retry = Some((star, taken + 1));
                in_pattern = star + 1;
                in_text = taken + 1;
            }
        }
    }
    pattern[in_pattern..].iter().all(|&byte| byte == b'*')
}

/// Whether two strings are equal, in a time that depends on their lengths alone.
pub fn equal_in_constant_time(left: &[u8], right: &[u8]) -> bool {
    let difference = left.iter().zip(right).fold(0, |seen, (a, b)| std::hint::black_box(seen | (a ^ b)));
    left.len() == right.len() && std::hint::black_box(difference) == 0
}

/// The number at the start of `text` as C's `atoi` reads it: blanks, a sign, digits; anything else ends it, 0 if there
/// is none. Beyond 64 bits it stays at the limit; the result is the low 32 bits.
pub fn leading_int(text: &[u8]) -> i32 {
    let blanks = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).count();
    let (negative, digits) = match &text[blanks..] {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let mut value = 0i64;
    for &byte in digits.iter().take_while(|byte| byte.is_ascii_digit()) {
        let digit = i64::from(byte - b'0');
        value = value.saturating_mul(10);
        value = if negative { value.saturating_sub(digit) } else { value.saturating_add(digit) };
    }
    // C converts the same way: what does not fit in an int loses its high bits.
    value as i32
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_takes_nothing_or_anything() {
        for (pattern, text) in [("a*", "a"), ("a*b", "aXbXb"), ("*", ""), ("a**b", "axb"), ("*a*b*c*d", "1a2b3c4d")] {
            assert!(matches_wildcard(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("a", ""), ("*x*", "abc"), ("*.txt", "a.txt.bak"), ("?", "a"), ("A", "a")] {
            assert!(!matches_wildcard(pattern.as_bytes(), text.as_bytes()), "{pattern} {text}");
        }
    }

    #[test]
    fn numbers_are_read_like_atoi() {
        assert_eq!(leading_int(b" -42x"), -42);
        assert_eq!(leading_int(b"+7"), 7);
        assert_eq!(leading_int(b"x"), 0);
        assert_eq!(leading_int(b"2147483648"), i32::MIN);
        assert_eq!(leading_int(b"99999999999999999999"), -1);
    }

    fn matches_slowly(pattern: &[u8], text: &[u8]) -> bool {
        match pattern {
            [] => text.is_empty(),
            [b'*', rest @ ..] => (0..=text.len()).any(|taken| matches_slowly(rest, &text[taken..])),
            [byte, rest @ ..] => text.first() == Some(byte) && matches_slowly(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn wildcards_match_as_the_definition_says(pattern in "[ab*]{0,7}", text in "[ab]{0,9}") {
            let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
            prop_assert_eq!(matches_wildcard(pattern, text), matches_slowly(pattern, text));
        }

        #[test]
        fn constant_time_equality_is_equality(left: Vec<u8>, right: Vec<u8>) {
            prop_assert_eq!(equal_in_constant_time(&left, &right), left == right);
            prop_assert!(equal_in_constant_time(&left, &left));
        }

        #[test]
        fn any_text_has_a_number(text: Vec<u8>) {
            leading_int(&text);
        }
    }
}
