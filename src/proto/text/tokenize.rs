//! How does a line of configuration or of a header fall into tokens?
//!
//! [`next`] finds one element at a time: a token, a number, a quoted string, a delimiter, the name in front of `=` or
//! `:`. It keeps nothing between calls except [`List`], which of a comma-separated list comes next.
//!
//! Differences from the original, all where it loses text: characters outside ASCII are part of tokens in every mode
//! (there they break the default mode), and a text that a NUL ends is not left.

/// What differs from the plain behaviour; the bits of the C interface.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flags(pub u16);

impl Flags {
    /// `-` is part of tokens
    pub const MINUS_NONTERM: Flags = Flags(1);
    /// a token and the `:` behind it are a name
    pub const AGG_COLON: Flags = Flags(2);
    /// the text is a comma-separated list; anything else is an error
    pub const COMMA_SEP_LIST: Flags = Flags(4);
    /// only the separators of HTTP headers are delimiters
    pub const RFC7230_DELIMS: Flags = Flags(8);
    /// `.` is part of tokens
    pub const DOT_NONTERM: Flags = Flags(16);
    /// `1.5` is no number
    pub const NO_FLOATS: Flags = Flags(32);
    /// there are no numbers
    pub const NO_INTEGERS: Flags = Flags(64);
    /// `#` starts a comment that goes to the end of the line
    pub const HASH_COMMENT: Flags = Flags(128);
    /// `/` is part of tokens
    pub const SLASH_NONTERM: Flags = Flags(256);
    /// `*` is part of tokens
    pub const ASTERISK_NONTERM: Flags = Flags(512);
    /// `=` is part of tokens
    pub const EQUALS_NONTERM: Flags = Flags(1024);

    fn has(self, flag: Flags) -> bool {
        self.0 & flag.0 != 0
    }
}

/// What may come next in a comma-separated list.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum List {
    /// an item, or the end of an empty list
    #[default]
    FirstItem,
    /// a comma, or the end
    Comma,
    /// an item
    NextItem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Ended,
    Delimiter,
    Token,
    Integer,
    Float,
    /// a token with `=` behind it, which is used up
    NameEquals,
    /// a token with `:` behind it, which is used up
    NameColon,
    /// without the quotes
    QuotedString,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    BrokenUtf8,
    UnterminatedString,
    MalformedFloat,
    NumberOnLeft,
    CommaList,
}

/// One element: what it is, where its text is, and where the next one starts to be looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Element {
    pub kind: Kind,
    pub start: usize,
    pub end: usize,
    pub next: usize,
}

/// Finds the first element of `text`, which ends at its last byte or at the first NUL.
///
/// `list` is only used with [`Flags::COMMA_SEP_LIST`].
pub fn next(text: &[u8], flags: Flags, list: &mut List) -> Result<Element, Error> {
    let may_be_item = *list != List::Comma;
    let utf8 = Utf8::default();
    let scan = Scan { flags, pending: None, is_complete: false, is_comment: false, may_be_item, utf8 };
    let found = scan.run(text)?;
    if flags.has(Flags::COMMA_SEP_LIST) {
        *list = after_in_list(*list, &found, text).ok_or(Error::CommaList)?;
    }
    Ok(found)
}

fn after_in_list(list: List, found: &Element, text: &[u8]) -> Option<List> {
    match (list, found.kind) {
        (List::FirstItem | List::Comma, Kind::Ended) => Some(list),
        (List::NextItem, Kind::Ended) => None,
        (List::Comma, Kind::Delimiter) if text.get(found.start) == Some(&b',') => Some(List::NextItem),
        (_, Kind::Delimiter) | (List::Comma, _) => None,
        (List::FirstItem | List::NextItem, _) => Some(List::Comma),
    }
}

/// What the bytes of a token were so far.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Digits,
    DigitsAndDot,
    Other,
}

#[derive(Clone, Copy)]
struct Pending {
    start: usize,
    end: usize,
    shape: Shape,
}

impl Pending {
    fn element(self, kind: Kind, next: usize) -> Element {
        Element { kind, start: self.start, end: self.end, next }
    }

    fn kind(self) -> Kind {
        match self.shape {
            Shape::Digits => Kind::Integer,
            Shape::DigitsAndDot => Kind::Float,
            Shape::Other => Kind::Token,
        }
    }
}

struct Scan {
    flags: Flags,
    /// the token found so far
    pending: Option<Pending>,
    /// the token is complete; only what decides its kind is still looked for
    is_complete: bool,
    is_comment: bool,
    /// an item may come next, if the text is a list
    may_be_item: bool,
    utf8: Utf8,
}

impl Scan {
    fn run(mut self, text: &[u8]) -> Result<Element, Error> {
        for (at, &byte) in text.iter().enumerate() {
            if byte == 0 {
                return self.end(at);
            }
            self.utf8 = self.utf8.after(byte).ok_or(Error::BrokenUtf8)?;
            if self.is_comment && !matches!(byte, b'\r' | b'\n') {
                continue;
            }
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' | 0x0c => {
                    self.is_comment = false;
                    self.is_complete = self.pending.is_some();
                }
                b'#' if self.flags.has(Flags::HASH_COMMENT) => self.is_comment = true,
                // In a list an item may not follow an item, also where the first would be dropped.
                b'"' if self.flags.has(Flags::COMMA_SEP_LIST) && (!self.may_be_item || self.pending.is_some()) => {
                    return Err(Error::CommaList);
                }
                b'"' => return quoted(text, at + 1),
                _ => {
                    if let Some(found) = self.element_at(at, byte)? {
                        return Ok(found);
                    }
                }
            }
        }
        self.end(text.len())
    }

    /// Looks at a byte that is neither blank nor quote: an element that it completes, or `None` if the token goes on.
    fn element_at(&mut self, at: usize, byte: u8) -> Result<Option<Element>, Error> {
        let Some(pending) = &mut self.pending else {
            if is_delimiter(byte, self.flags) {
                return Ok(Some(Element { kind: Kind::Delimiter, start: at, end: at + 1, next: at + 1 }));
            }
            let is_number = byte.is_ascii_digit() && !self.flags.has(Flags::NO_INTEGERS);
            let shape = if is_number { Shape::Digits } else { Shape::Other };
            self.pending = Some(Pending { start: at, end: at + 1, shape });
            return Ok(None);
        };
        match byte {
            b'=' if cfg!(feature = "abi41") || !self.flags.has(Flags::EQUALS_NONTERM) => {
                return match pending.shape {
                    Shape::Other => Ok(Some(pending.element(Kind::NameEquals, at + 1))),
                    // That no item may stand here counts first.
                    _ if self.flags.has(Flags::COMMA_SEP_LIST) && !self.may_be_item => Err(Error::CommaList),
                    Shape::Digits | Shape::DigitsAndDot => Err(Error::NumberOnLeft),
                };
            }
            b':' if self.flags.has(Flags::AGG_COLON) => return Ok(Some(pending.element(Kind::NameColon, at + 1))),
            _ if self.is_complete => return Ok(Some(pending.element(pending.kind(), at))),
            b'.' if !self.flags.has(Flags::NO_FLOATS) && pending.shape == Shape::Digits => {
                pending.shape = Shape::DigitsAndDot;
            }
            b'.' if pending.shape == Shape::DigitsAndDot => return Err(Error::MalformedFloat),
            _ if is_delimiter(byte, self.flags) => return Ok(Some(pending.element(pending.kind(), at))),
            b'0'..=b'9' => {}
            _ => pending.shape = Shape::Other,
        }
        pending.end = at + 1;
        Ok(None)
    }

    fn end(self, at: usize) -> Result<Element, Error> {
        if !self.utf8.is_between_characters() {
            return Err(Error::BrokenUtf8);
        }
        let nothing = Element { kind: Kind::Ended, start: at, end: at, next: at };
        Ok(self.pending.map_or(nothing, |pending| pending.element(pending.kind(), at)))
    }
}

/// The string whose opening quote stands in front of `start`. There are no escapes.
fn quoted(text: &[u8], start: usize) -> Result<Element, Error> {
    let mut utf8 = Utf8::default();
    for (at, &byte) in text.iter().enumerate().skip(start) {
        if byte == 0 {
            break;
        }
        utf8 = utf8.after(byte).ok_or(Error::BrokenUtf8)?;
        if byte == b'"' {
            return Ok(Element { kind: Kind::QuotedString, start, end: at, next: at + 1 });
        }
    }
    Err(if utf8.is_between_characters() { Error::UnterminatedString } else { Error::BrokenUtf8 })
}

fn is_delimiter(byte: u8, flags: Flags) -> bool {
    let is_exempt = match byte {
        b'-' => flags.has(Flags::MINUS_NONTERM),
        b'.' => flags.has(Flags::DOT_NONTERM),
        // 4.1.6 knows no flag for it, and takes it as part of tokens in headers.
        b'*' if cfg!(feature = "abi41") => flags.has(Flags::RFC7230_DELIMS),
        b'*' => flags.has(Flags::ASTERISK_NONTERM),
        // Always a delimiter in headers, whatever the flag says.
        b'=' => cfg!(not(feature = "abi41")) && flags.has(Flags::EQUALS_NONTERM) && !flags.has(Flags::RFC7230_DELIMS),
        b'/' => flags.has(Flags::SLASH_NONTERM),
        _ => false,
    };
    let is_candidate = if flags.has(Flags::RFC7230_DELIMS) {
        b"(),/:;<=>?@[\\]{}-.*".contains(&byte)
    } else {
        byte.is_ascii() && !byte.is_ascii_alphanumeric() && byte != b'_'
    };
    is_candidate && !is_exempt
}

/// Between or inside the characters of a UTF-8 text (RFC 3629 §4), byte by byte.
#[derive(Clone, Copy, Default)]
struct Utf8 {
    /// continuation bytes still due
    due: u8,
    /// range of the next one
    low: u8,
    high: u8,
}

impl Utf8 {
    fn after(self, byte: u8) -> Option<Utf8> {
        let expect = |due, low, high| Some(Utf8 { due, low, high });
        if self.due > 0 {
            return if (self.low..=self.high).contains(&byte) { expect(self.due - 1, 0x80, 0xbf) } else { None };
        }
        match byte {
            ..0x80 => expect(0, 0, 0),
            0xc2..=0xdf => expect(1, 0x80, 0xbf),
            0xe0 => expect(2, 0xa0, 0xbf),
            0xed => expect(2, 0x80, 0x9f),
            0xe1..=0xef => expect(2, 0x80, 0xbf),
            0xf0 => expect(3, 0x90, 0xbf),
            0xf1..=0xf3 => expect(3, 0x80, 0xbf),
            0xf4 => expect(3, 0x80, 0x8f),
            _ => None,
        }
    }

    fn is_between_characters(self) -> bool {
        self.due == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// All elements with their texts; the last one is the end or an error.
    fn all(text: &str, flags: Flags) -> (Vec<(Kind, &str)>, Result<(), Error>) {
        let (mut found, mut list, mut at) = (Vec::new(), List::default(), 0);
        loop {
            match next(&text.as_bytes()[at..], flags, &mut list) {
                Err(error) => return (found, Err(error)),
                Ok(Element { kind: Kind::Ended, .. }) => return (found, Ok(())),
                Ok(element) => {
                    found.push((element.kind, &text[at + element.start..at + element.end]));
                    at += element.next;
                }
            }
        }
    }

    fn ok(text: &str, flags: Flags) -> Vec<(Kind, &str)> {
        let (found, end) = all(text, flags);
        assert_eq!(end, Ok(()), "{text}");
        found
    }

    #[test]
    fn names_swallow_their_sign_across_blanks() {
        assert_eq!(ok("a = 1", Flags(0)), [(Kind::NameEquals, "a"), (Kind::Integer, "1")]);
        assert_eq!(ok("a : b", Flags::AGG_COLON), [(Kind::NameColon, "a"), (Kind::Token, "b")]);
    }

    #[test]
    fn a_number_in_front_of_a_sign_is_an_error_of_the_list_where_no_item_may_stand() {
        assert_eq!(all("Z 99=", Flags::COMMA_SEP_LIST), (vec![(Kind::Token, "Z")], Err(Error::CommaList)));
        assert_eq!(all("Z, 99=", Flags::COMMA_SEP_LIST).1, Err(Error::NumberOnLeft));
        assert_eq!(all("Z 99=", Flags(0)).1, Err(Error::NumberOnLeft));
    }

    #[test]
    fn a_quote_drops_the_token_before_it() {
        assert_eq!(ok("a \"b c\" d", Flags(0)), [(Kind::QuotedString, "b c"), (Kind::Token, "d")]);
    }

    #[test]
    fn numbers_have_at_most_one_dot() {
        assert_eq!(ok("5. 1.5", Flags(0)), [(Kind::Float, "5."), (Kind::Float, "1.5")]);
        assert_eq!(all("1.2.3", Flags::DOT_NONTERM).1, Err(Error::MalformedFloat));
        assert_eq!(ok("1.2.3", Flags(16 | 64)), [(Kind::Token, "1.2.3")]);
        assert_eq!(all("1=2", Flags(0)).1, Err(Error::NumberOnLeft));
    }

    #[test]
    fn lists_alternate_items_and_commas() {
        assert_eq!(ok("a, \"b\"", Flags::COMMA_SEP_LIST).len(), 3);
        assert_eq!(ok("", Flags::COMMA_SEP_LIST), []);
        for text in [",a", "a,", "a,,b", "a b", "a;b", "a=b", "a\"b", "a \"b", "a=\"b", "\"a\"\"b"] {
            assert_eq!(all(text, Flags::COMMA_SEP_LIST).1, Err(Error::CommaList), "{text}");
        }
    }

    #[test]
    fn comments_go_to_the_end_of_the_line() {
        assert_eq!(ok("a#b \"c\nd#", Flags::HASH_COMMENT), [(Kind::Token, "a"), (Kind::Token, "d")]);
    }

    #[test]
    fn characters_outside_ascii_are_part_of_tokens_in_every_mode() {
        assert_eq!(ok("日本 aé", Flags(0)), [(Kind::Token, "日本"), (Kind::Token, "aé")]);
        assert_eq!(ok("日本", Flags::RFC7230_DELIMS), [(Kind::Token, "日本")]);
    }

    #[test]
    fn broken_utf8_is_refused_everywhere() {
        for text in [&b"\xff"[..], b"\xc3", b"\"\xc3\"", b"#\xff\n", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"]
        {
            let found = next(text, Flags::HASH_COMMENT, &mut List::default());
            assert_eq!(found, Err(Error::BrokenUtf8), "{text:?}");
        }
    }

    #[test]
    fn a_nul_ends_the_text() {
        let found = next(b"ab\0cd", Flags(0), &mut List::default()).unwrap();
        assert_eq!((found.start, found.end), (0, 2));
        assert_eq!(found.next, 2);
        assert_eq!(next(b"\"a\0\"", Flags(0), &mut List::default()), Err(Error::UnterminatedString));
    }

    proptest! {
        #[test]
        fn any_text_comes_to_an_end(text: Vec<u8>, flags in 0u16..2048) {
            let (mut list, mut at) = (List::default(), 0);
            for _ in 0..=text.len() {
                let Ok(found) = next(&text[at..], Flags(flags), &mut list) else { return Ok(()) };
                prop_assert!(found.start <= found.end && found.end <= found.next && found.next <= text.len() - at);
                if found.kind == Kind::Ended {
                    return Ok(());
                }
                prop_assert!(found.next > 0);
                at += found.next;
                if text.get(at) == Some(&0) {
                    return Ok(());
                }
            }
            prop_assert!(at >= text.len());
        }

        #[test]
        fn words_are_found_whole(words in prop::collection::vec("[a-z_é]{1,8}", 0..6)) {
            let text = words.join(" ");
            let expected: Vec<_> = words.iter().map(|word| (Kind::Token, word.as_str())).collect();
            prop_assert_eq!(ok(&text, Flags(0)), expected);
        }
    }
}
