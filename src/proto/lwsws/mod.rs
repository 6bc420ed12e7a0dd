//! What do the configuration files of the lwsws server say?
//!
//! | question | file |
//! |---|---|
//! | which member has which value, and where in the file is that | [`walk`] |
//! | what is said about the whole server | [`globals`] |
//! | which vhosts are there, with which mounts | [`vhosts`] |
//!
//! A file is one JSON object with `"global": {..}` or `"vhosts": [{..}]`; `#` begins a comment. Values are strings by
//! custom (`"port": "443"`), numbers and literals say the same. What nobody knows, or what this library does not have, is
//! told in a note with its place and left out. A file with a mistake gives what is in front of the mistake, and the
//! mistake.
pub mod globals;
pub mod vhosts;
pub mod walk;

/// Bytes without a NUL: what becomes a C string.
pub type Text = Vec<u8>;

/// Names and values, in the order of the file.
pub type Pairs = Vec<(Text, Text)>;

/// A place in a file; both count from 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Position {
    pub line: usize,
    /// in bytes
    pub column: usize,
}

/// Something to tell about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    pub at: Position,
    pub text: String,
}

/// What one file says.
#[derive(Debug, Default)]
pub struct Document<T> {
    pub read: T,
    /// what was left out, or taken as something else
    pub notes: Vec<Note>,
    /// why the rest of the file was not read
    pub problem: Option<Note>,
}

/// A value as it is shown in a note.
fn shown(text: &[u8]) -> String {
    const MOST: usize = 80;
    let cut = if text.len() > MOST { "..." } else { "" };
    format!("'{}{cut}'", text[..text.len().min(MOST)].escape_ascii())
}

/// Whether a value means yes: `1`, `yes`, `on`, `true` in any case, or another number that is not 0.
///
/// The error has the words for a value that means neither, which counts as no.
fn is_yes(value: &[u8]) -> Result<bool, String> {
    let is_one_of = |words: &[&str]| words.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()));
    if is_one_of(&["yes", "on", "true"]) {
        return Ok(true);
    }
    if value.is_empty() || is_one_of(&["no", "off", "false"]) {
        return Ok(false);
    }
    match number(value) {
        Ok(number) => Ok(number != 0),
        Err(_) => Err(format!("{} is neither yes nor no: no", shown(value))),
    }
}

/// A decimal number, cut to what the member can hold.
///
/// The error has the number that the beginning of the text is, 0 if it is none, for programs that rely on that.
fn number(value: &[u8]) -> Result<i64, i64> {
    let text = value.trim_ascii();
    let (sign, digits) = match text.split_first() {
        Some((b'-', rest)) => (-1, rest),
        Some((b'+', rest)) => (1, rest),
        _ => (1, text),
    };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let add = |sum: i64, digit: &u8| sum.saturating_mul(10).saturating_add(i64::from(digit - b'0'));
    let value = sign * digits[..count].iter().fold(0, add);
    if count > 0 && count == digits.len() { Ok(value) } else { Err(value) }
}

/// A number for a member that holds an `int`: the nearest there is.
pub fn narrowed(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(if number < 0 { i32::MIN } else { i32::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_numbers_mean_yes_or_no() {
        for word in ["1", "yes", "ON", "True", "2", "-1"] {
            assert_eq!(is_yes(word.as_bytes()), Ok(true), "{word}");
        }
        for word in ["0", "no", "Off", "false", ""] {
            assert_eq!(is_yes(word.as_bytes()), Ok(false), "{word}");
        }
        assert!(is_yes(b"perhaps").unwrap_err().contains("'perhaps'"));
    }

    #[test]
    fn numbers_are_decimal_and_never_overflow() {
        assert_eq!(number(b" -7 "), Ok(-7));
        assert_eq!(number(b"99999999999999999999"), Ok(i64::MAX));
        assert_eq!(number(b"-99999999999999999999"), Ok(-i64::MAX));
        assert_eq!(number(b"80/tcp"), Err(80));
        assert_eq!(number(b"x"), Err(0));
        assert_eq!(number(b""), Err(0));
    }

    #[test]
    fn long_values_are_cut_where_they_are_shown() {
        assert_eq!(shown(b"a\n"), "'a\\n'");
        assert_eq!(shown(&[b'a'; 200]).len(), 85);
    }
}
