//! Forms as request bodies: `application/x-www-form-urlencoded` and `multipart/form-data` (RFC 7578), in pieces of any
//! size.
//!
//! [`FormParser::push`] turns bytes into events for a [`FormSink`]: a field or file begins, data of it, it ends. Memory is
//! bounded: names, part heads and the bytes that could be the start of a boundary are all that is held.

/// Longest name of a field, bytes.
pub const MAX_NAME: usize = 31;
/// Longest boundary, characters (RFC 2046 §5.1.1 allows 70).
pub const MAX_BOUNDARY: usize = 122;
/// Longest head of a part, bytes.
const MAX_PART_HEAD: usize = 8 * 1024;
/// Longest file name that is passed on, bytes.
const MAX_FILE_NAME: usize = 255;

/// The body is no form, or the sink refused it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FormError(pub &'static str);

/// Who takes what a form holds. An error ends the parsing.
pub trait FormSink {
    /// A field (`file` is `None`) or a file with this name of the client's begins.
    fn begin(&mut self, name: &[u8], file: Option<&[u8]>) -> Result<(), FormError>;
    /// Decoded bytes of it.
    fn data(&mut self, bytes: &[u8]) -> Result<(), FormError>;
    /// All of it came.
    fn end(&mut self) -> Result<(), FormError>;
}

/// Parses one body.
#[derive(Debug)]
pub struct FormParser(Kind);

#[derive(Debug)]
enum Kind {
    Urlencoded(Urlencoded),
    Multipart(Multipart),
}

impl FormParser {
    /// A parser for a body with this Content-Type; urlencoded where it says nothing else. `None`: a multipart type
    /// without a usable boundary.
    pub fn for_content_type(value: &[u8]) -> Option<FormParser> {
        let value = value.trim_ascii();
        let is = |name: &[u8]| value.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name));
        if !is(b"multipart/form-data") && !is(b"multipart/related") {
            return Some(FormParser(Kind::Urlencoded(Urlencoded::default())));
        }
        let boundary = parameter(value, b"boundary")?;
        if boundary.is_empty() || boundary.len() > MAX_BOUNDARY {
            return None;
        }
        Some(FormParser(Kind::Multipart(Multipart::new(&boundary))))
    }

    /// Takes the next bytes of the body.
    pub fn push(&mut self, input: &[u8], sink: &mut dyn FormSink) -> Result<(), FormError> {
        match &mut self.0 {
            Kind::Urlencoded(form) => form.push(input, sink),
            Kind::Multipart(form) => form.push(input, sink),
        }
    }

    /// The body is complete.
    pub fn finish(&mut self, sink: &mut dyn FormSink) -> Result<(), FormError> {
        match &mut self.0 {
            Kind::Urlencoded(form) => form.end_of_value(sink),
            // A body that was cut off: what came counts.
            Kind::Multipart(form) => form.finish(sink),
        }
    }
}

#[derive(Debug, Default)]
struct Urlencoded {
    name: Vec<u8>,
    in_value: bool,
    /// Hex digits seen behind a percent sign.
    escape: Option<Option<u8>>,
}

impl Urlencoded {
    fn push(&mut self, input: &[u8], sink: &mut dyn FormSink) -> Result<(), FormError> {
        let mut decoded = Vec::with_capacity(input.len().min(4096));
        for &byte in input {
            let plain = match (self.escape, byte) {
                (Some(None), digit) => {
                    self.escape = Some(Some(hex(digit)?));
                    continue;
                }
                (Some(Some(high)), digit) => {
                    self.escape = None;
                    high << 4 | hex(digit)?
                }
                (None, b'%') => {
                    self.escape = Some(None);
                    continue;
                }
                (None, b'+') => b' ',
                (None, b'=') if !self.in_value => {
                    self.in_value = true;
                    sink.begin(&self.name, None)?;
                    continue;
                }
                (None, b'&') => {
                    self.hand_over(&mut decoded, sink)?;
                    self.end_of_value(sink)?;
                    continue;
                }
                (None, byte) => byte,
            };
            if self.in_value {
                decoded.push(plain);
            } else if self.name.len() < MAX_NAME {
                self.name.push(plain);
            } else {
                return Err(FormError("the name of a form field is too long"));
            }
        }
        self.hand_over(&mut decoded, sink)
    }

    fn hand_over(&self, decoded: &mut Vec<u8>, sink: &mut dyn FormSink) -> Result<(), FormError> {
        if self.in_value && !decoded.is_empty() {
            sink.data(decoded)?;
        }
        decoded.clear();
        Ok(())
    }

    fn end_of_value(&mut self, sink: &mut dyn FormSink) -> Result<(), FormError> {
        if self.escape.take().is_some() {
            return Err(FormError("an escape in a form is cut off"));
        }
        self.name.clear();
        if std::mem::take(&mut self.in_value) { sink.end() } else { Ok(()) }
    }
}

fn hex(digit: u8) -> Result<u8, FormError> {
    let value = char::from(digit).to_digit(16).ok_or(FormError("a percent sign without two hex digits"))?;
    Ok(value as u8)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first boundary; what stands there means nothing.
    Preamble,
    /// Between a boundary and the end of its line.
    BoundaryLine,
    Head,
    Body,
    /// Behind the last boundary.
    Epilogue,
}

#[derive(Debug)]
struct Multipart {
    /// CR LF, two dashes and the boundary.
    delimiter: Vec<u8>,
    state: State,
    held: Vec<u8>,
}

impl Multipart {
    fn new(boundary: &[u8]) -> Self {
        // The first boundary has no line before it.
        Multipart { delimiter: [b"\r\n--", boundary].concat(), state: State::Preamble, held: b"\r\n".to_vec() }
    }

    fn push(&mut self, input: &[u8], sink: &mut dyn FormSink) -> Result<(), FormError> {
        self.held.extend_from_slice(input);
        loop {
            let goes_on = match self.state {
                State::Preamble => self.until_delimiter(None)?,
                State::Body => self.until_delimiter(Some(sink))?,
                State::BoundaryLine => self.boundary_line()?,
                State::Head => self.head(sink)?,
                State::Epilogue => {
                    self.held.clear();
                    false
                }
            };
            if !goes_on {
                return Ok(());
            }
        }
    }

    /// Bytes up to the next delimiter go to the sink, or nowhere. True: it was reached.
    fn until_delimiter(&mut self, mut sink: Option<&mut dyn FormSink>) -> Result<bool, FormError> {
        let mut from = 0;
        let (data, reached) = loop {
            let found = memchr::memmem::find(&self.held[from..], &self.delimiter).map(|at| from + at);
            let Some(at) = found else {
                break (self.held.len() - self.partial_delimiter(from), None);
            };
            let behind = at + self.delimiter.len();
            match self.held.get(behind..) {
                Some([]) | None => break (at, None),
                Some([b'-']) => break (at, None),
                Some([b'-', b'-', ..] | [b'\r' | b'\n' | b' ' | b'\t', ..]) => break (at, Some(behind)),
                // A longer word that begins like the boundary.
                Some(_) => from = behind,
            }
        };
        if let Some(sink) = sink.as_deref_mut()
            && data > 0
        {
            sink.data(&self.held[..data])?;
        }
        match reached {
            Some(behind) => {
                if let Some(sink) = sink {
                    sink.end()?;
                }
                self.held.drain(..behind);
                self.state = State::BoundaryLine;
                Ok(true)
            }
            None => {
                self.held.drain(..data);
                Ok(false)
            }
        }
    }

    /// How many bytes at the end of what is held may be the start of a delimiter.
    fn partial_delimiter(&self, from: usize) -> usize {
        let longest = (self.delimiter.len() - 1).min(self.held.len() - from);
        (1..=longest).rev().find(|&count| self.held.ends_with(&self.delimiter[..count])).unwrap_or(0)
    }

    fn boundary_line(&mut self) -> Result<bool, FormError> {
        if self.held.starts_with(b"--") {
            self.state = State::Epilogue;
            return Ok(true);
        }
        let Some(end) = memchr::memchr(b'\n', &self.held) else {
            return if self.held.len() > MAX_PART_HEAD {
                Err(FormError("no line ends behind a boundary"))
            } else {
                Ok(false)
            };
        };
        self.held.drain(..=end);
        self.state = State::Head;
        Ok(true)
    }

    fn head(&mut self, sink: &mut dyn FormSink) -> Result<bool, FormError> {
        let end = if self.held.starts_with(b"\r\n") {
            Some((0, 2))
        } else {
            memchr::memmem::find(&self.held, b"\r\n\r\n").map(|at| (at, at + 4))
        };
        let Some((length, behind)) = end else {
            return if self.held.len() > MAX_PART_HEAD {
                Err(FormError("the head of a part is too long"))
            } else {
                Ok(false)
            };
        };
        let head = self.held[..length].to_vec();
        // The line end before a delimiter that follows at once belongs to the delimiter.
        self.held.drain(..behind - 2);
        let is_empty = self.held.starts_with(&self.delimiter);
        if !is_empty && self.held.len() < self.delimiter.len() && self.delimiter.starts_with(&self.held) {
            // Not to be told apart yet: wait, with the head still there.
            let mut all = head;
            if length > 0 {
                all.extend_from_slice(b"\r\n");
            }
            all.extend_from_slice(&self.held);
            self.held = all;
            return Ok(false);
        }
        if !is_empty {
            self.held.drain(..2);
        }
        let (name, file) = disposition(&head);
        sink.begin(name.get(..MAX_NAME).unwrap_or(&name), file.as_deref())?;
        self.state = State::Body;
        Ok(true)
    }

    fn finish(&mut self, sink: &mut dyn FormSink) -> Result<(), FormError> {
        if self.state == State::Body {
            let rest = std::mem::take(&mut self.held);
            if !rest.is_empty() {
                sink.data(&rest)?;
            }
            sink.end()?;
        }
        self.state = State::Epilogue;
        Ok(())
    }
}

/// Name and file name of a part's Content-Disposition.
fn disposition(head: &[u8]) -> (Vec<u8>, Option<Vec<u8>>) {
    const FIELD: &[u8] = b"content-disposition:";
    for line in head.split(|byte| *byte == b'\n') {
        let Some((name, value)) = line.split_at_checked(FIELD.len()) else { continue };
        if name.eq_ignore_ascii_case(FIELD) {
            let mut file = parameter(value, b"filename");
            if let Some(file) = &mut file {
                file.truncate(MAX_FILE_NAME);
            }
            return (parameter(value, b"name").unwrap_or_default(), file);
        }
    }
    (Vec::new(), None)
}

/// A parameter of a header value, without its quotes. A backslash hides a quote only: file names have real ones.
fn parameter(value: &[u8], wanted: &[u8]) -> Option<Vec<u8>> {
    let mut rest = value;
    loop {
        let at = memchr::memchr(b';', rest)?;
        rest = rest[at + 1..].trim_ascii_start();
        let name_len = rest.iter().position(|byte| matches!(byte, b'=' | b';')).unwrap_or(rest.len());
        let name = rest[..name_len].trim_ascii_end();
        if rest.get(name_len) != Some(&b'=') {
            rest = &rest[name_len..];
            continue;
        }
        let tail = rest[name_len + 1..].trim_ascii_start();
        let (text, behind) = match tail.strip_prefix(b"\"") {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = tail.iter().position(|byte| *byte == b';').unwrap_or(tail.len());
                (tail[..end].trim_ascii_end().to_vec(), &tail[end..])
            }
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(text);
        }
        rest = behind;
    }
}

fn unquoted(quoted: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut text = Vec::new();
    let mut rest = quoted;
    loop {
        match rest {
            [b'\\', b'"', tail @ ..] => {
                text.push(b'"');
                rest = tail;
            }
            [b'"', tail @ ..] => return (text, tail),
            [byte, tail @ ..] => {
                text.push(*byte);
                rest = tail;
            }
            [] => return (text, rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default)]
    struct Seen {
        done: Vec<(String, Option<String>, String)>,
        open: Option<(String, Option<String>, String)>,
    }

    impl FormSink for Seen {
        fn begin(&mut self, name: &[u8], file: Option<&[u8]>) -> Result<(), FormError> {
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            assert!(self.open.is_none());
            self.open = Some((text(name), file.map(text), String::new()));
            Ok(())
        }

        fn data(&mut self, bytes: &[u8]) -> Result<(), FormError> {
            self.open.as_mut().unwrap().2.push_str(&String::from_utf8_lossy(bytes));
            Ok(())
        }

        fn end(&mut self) -> Result<(), FormError> {
            self.done.push(self.open.take().unwrap());
            Ok(())
        }
    }

    fn parse(content_type: &str, body: &[u8], step: usize) -> Result<Vec<(String, Option<String>, String)>, FormError> {
        let mut parser = FormParser::for_content_type(content_type.as_bytes()).unwrap();
        let mut seen = Seen::default();
        for piece in body.chunks(step) {
            parser.push(piece, &mut seen)?;
        }
        parser.finish(&mut seen)?;
        Ok(seen.done)
    }

    fn field(name: &str, value: &str) -> (String, Option<String>, String) {
        (name.into(), None, value.into())
    }

    #[test]
    fn urlencoded_values_are_decoded_in_pieces_of_any_size() {
        for step in 1..20 {
            let form = parse("application/x-www-form-urlencoded", b"a=1%20x&b=&c=x+y%3D%26&novalue&d=%41=", step);
            let expected = [field("a", "1 x"), field("b", ""), field("c", "x y=&"), field("d", "A=")];
            assert_eq!(form.unwrap(), expected, "{step}");
        }
    }

    #[test]
    fn broken_urlencoded_bodies_are_refused() {
        for body in [&b"a=%zz"[..], b"a=%4", b"a=%", b"a234567890123456789012345678901234=1"] {
            assert!(parse("", body, 3).is_err(), "{body:?}");
        }
    }

    const TYPE: &str = "multipart/form-data; boundary=\"xx\"";

    #[test]
    fn multipart_parts_are_found_in_pieces_of_any_size() {
        let body = b"preamble\r\n--xx\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n--x\r\n2\r\n--xxy\r\n\
            --xx  \r\ncontent-disposition: form-data; name=\"f\"; filename=\"c:\\a;\\\"b.txt\"\r\nContent-Type: text/plain\r\n\r\n\
            \r\nfile\r\n\r\n--xx\r\nContent-Disposition: form-data; name=e\r\n\r\n\r\n--xx--\r\nepilogue";
        for step in (1..body.len()).step_by(if cfg!(miri) { 17 } else { 1 }) {
            let form = parse(TYPE, body, step).unwrap();
            let file = ("f".to_string(), Some("c:\\a;\"b.txt".to_string()), "\r\nfile\r\n".to_string());
            assert_eq!(form, [field("a", "1\r\n--x\r\n2\r\n--xxy"), file, field("e", "")], "{step}");
        }
    }

    #[test]
    fn the_first_boundary_may_come_first_and_the_last_may_be_missing() {
        let form = parse(TYPE, b"--xx\r\nContent-Disposition: form-data; name=a\r\n\r\n12", 1).unwrap();
        assert_eq!(form, [field("a", "12")]);
        assert_eq!(parse(TYPE, b"--xx--", 1).unwrap(), []);
        assert_eq!(parse(TYPE, b"--xx\r\n\r\nq\r\n--xx--", 2).unwrap(), [field("", "q")]);
        assert_eq!(parse(TYPE, b"--xx\r\n\r\n\r\n--xx--", 1).unwrap(), [field("", "")]);
    }

    #[test]
    fn boundaries_are_looked_for_in_the_content_type() {
        for (value, usable) in [
            ("multipart/form-data", false),
            ("multipart/form-data; boundary=", false),
            ("multipart/form-data; charset=x; Boundary=a", true),
            ("multipart/related; boundary=\"a b\"", true),
            ("text/plain", true),
            ("", true),
        ] {
            assert_eq!(FormParser::for_content_type(value.as_bytes()).is_some(), usable, "{value}");
        }
        let long = format!("multipart/form-data; boundary={}", "x".repeat(MAX_BOUNDARY + 1));
        assert!(FormParser::for_content_type(long.as_bytes()).is_none());
    }

    #[test]
    fn endless_part_heads_are_refused() {
        let mut body = b"--xx\r\n".to_vec();
        body.extend(std::iter::repeat_n(b'a', 3 * MAX_PART_HEAD));
        assert!(parse(TYPE, &body, 1000).is_err());
    }
}
