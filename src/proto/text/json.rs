//! What is the value of this member, in JSON that need not be parsed?
//!
//! A plain search for the name as it is written, quotes and colon included; the first place where it occurs counts,
//! also inside other values. For JSON of known shape only.
use super::strings::find;
use std::ops::Range;

/// Where the value behind the first occurrence of `name` is: inside the quotes of a string (escapes are not undone), or
/// from the first byte that is no blank up to the next `,`, `}` or `]`.
///
/// `name` is the text to search for, such as `"port":`. `None` if it does not occur or nothing follows it.
pub fn find_value(text: &[u8], name: &[u8]) -> Option<Range<usize>> {
    let after_name = find(text, name)? + name.len();
    let blanks = text[after_name..].iter().take_while(|&&byte| byte == b' ' || byte == b'\t').count();
    let start = after_name + blanks;
    match *text.get(start)? {
        b'"' => Some(start + 1..end_of_string(text, start + 1)),
        _ => {
            let is_end = |byte: &u8| matches!(byte, b',' | b'}' | b']');
            let len = text[start..].iter().position(is_end).unwrap_or(text.len() - start);
            Some(start..start + len)
        }
    }
}

/// The index of the quote that ends the string, or the end of the text.
fn end_of_string(text: &[u8], start: usize) -> usize {
    let mut is_escaped = false;
    for (at, &byte) in text.iter().enumerate().skip(start) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
        find_value(text.as_bytes(), name.as_bytes()).map(|range| &text[range])
    }

    #[test]
    fn strings_end_at_the_first_unescaped_quote() {
        assert_eq!(value(r#"{"q": "a\"b\\","r":1}"#, r#""q":"#), Some(r#"a\"b\\"#));
        assert_eq!(value(r#"{"q":"open"#, r#""q":"#), Some("open"));
    }

    #[test]
    fn bare_values_end_at_the_first_delimiter() {
        assert_eq!(value(r#"{"a": 1 ,"b":[1,2]}"#, r#""a":"#), Some("1 "));
        assert_eq!(value(r#"{"a": 1 ,"b":[1,2]}"#, r#""b":"#), Some("[1"));
    }

    #[test]
    fn a_name_with_nothing_behind_it_has_no_value() {
        assert_eq!(value(r#"{"a":  "#, r#""a":"#), None);
        assert_eq!(value("{}", r#""a":"#), None);
    }

    proptest! {
        #[test]
        fn values_lie_inside_the_text(text in "[a\"\\\\:, }]{0,20}") {
            if let Some(range) = find_value(text.as_bytes(), b"a\":") {
                prop_assert!(range.start <= range.end && range.end <= text.len());
            }
        }
    }
}
