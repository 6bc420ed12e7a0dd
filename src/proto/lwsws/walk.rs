//! Which member has which value, and where in the file is that?
use super::{Note, Position, Text, shown};
use crate::proto::text::lejp::{self, Frame, MAX_PATH, Parser, Patterns, Pending, Reason, Stop};

/// One step on the way from the top of the document to a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// into the member of an object
    Member(Text),
    /// into an item of an array
    Item,
}

/// The way to a value, for matching: the name of a member, `None` for an item.
pub type Way<'a> = Vec<Option<&'a [u8]>>;

/// What happens next in the document.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// an object begins at the current way
    Object,
    /// the object at the current way is complete
    ObjectEnd,
    /// a string or number as text; `true` is 1, `false` is 0
    Value(Text),
}

/// An object or array that is open.
#[derive(Debug)]
enum Open {
    /// bytes of the parser's path in front of its members' names
    Object(usize),
    Array,
}

struct NoPatterns;

impl Patterns for NoPatterns {
    fn count(&self) -> usize {
        0
    }

    fn get(&self, _: usize) -> Option<&[u8]> {
        None
    }
}

/// A walk through one document.
#[derive(Debug)]
pub struct Walk<'a> {
    text: &'a [u8],
    parser: Parser,
    path_len: u8,
    pending: Pending,
    at: usize,
    /// where the lines counted so far end
    counted: usize,
    line: usize,
    line_start: usize,
    open: Vec<Open>,
    way: Vec<Step>,
    value: Text,
}

impl<'a> Walk<'a> {
    pub fn new(text: &'a [u8]) -> Walk<'a> {
        Walk {
            text,
            parser: Parser::new(),
            path_len: 0,
            pending: Pending::default(),
            at: 0,
            counted: 0,
            line: 1,
            line_start: 0,
            open: Vec::new(),
            way: Vec::new(),
            value: Vec::new(),
        }
    }

    /// The next event; `None` at the end of the document. What follows the document is not looked at, and a file of
    /// blanks and comments alone is an empty document.
    pub fn advance(&mut self) -> Result<Option<Event>, Note> {
        loop {
            let mut frame = Frame { patterns: &NoPatterns, path_len: &mut self.path_len, path_room: MAX_PATH };
            match self.parser.run(&mut frame, self.text, &mut self.at, &mut self.pending) {
                Stop::Event(reason, _) => {
                    if let Some(event) = self.event(reason)? {
                        return Ok(Some(event));
                    }
                }
                Stop::More if self.parser.is_at_start(self.path_len) && self.open.is_empty() => return Ok(None),
                Stop::More => return Err(self.note("the file ends inside the document".into())),
                Stop::Done => return Ok(None),
                Stop::Failed(reject) => {
                    let why = lejp::explain(reject as i32).to_string_lossy();
                    return Err(self.note(format!("JSON error: {why}")));
                }
            }
        }
    }

    fn event(&mut self, reason: Reason) -> Result<Option<Event>, Note> {
        match reason {
            Reason::PairName => {
                let Some(Open::Object(base)) = self.open.last() else { return Ok(None) };
                let path = self.parser.current_path(self.path_len);
                let name = path.get(base + usize::from(*base > 0)..).unwrap_or_default().to_vec();
                if name.contains(&0) {
                    return Err(self.note(format!("the name {} has a NUL in it", shown(&name))));
                }
                self.way.truncate(self.open.len() - 1);
                self.way.push(Step::Member(name));
            }
            Reason::ObjectStart => {
                self.open.push(Open::Object(usize::from(self.path_len)));
                return Ok(Some(Event::Object));
            }
            Reason::ArrayStart => {
                self.open.push(Open::Array);
                self.way.push(Step::Item);
            }
            Reason::ObjectEnd | Reason::ArrayEnd => {
                self.open.pop();
                self.way.truncate(self.open.len());
                if reason == Reason::ObjectEnd {
                    return Ok(Some(Event::ObjectEnd));
                }
            }
            Reason::ValStrStart => self.value.clear(),
            Reason::ValStrChunk => self.take_chunk(),
            Reason::ValTrue
            | Reason::ValFalse
            | Reason::ValNull
            | Reason::ValNumInt
            | Reason::ValNumFloat
            | Reason::ValStrEnd => {
                if reason != Reason::ValStrEnd {
                    self.value.clear();
                }
                self.take_chunk();
                let value = std::mem::take(&mut self.value);
                if value.contains(&0) {
                    return Err(self.note(format!("the value {} has a NUL in it", shown(&value))));
                }
                return Ok(Some(Event::Value(value)));
            }
            Reason::Constructed | Reason::Destructed | Reason::Start | Reason::Complete | Reason::Failed => {}
        }
        Ok(None)
    }

    fn take_chunk(&mut self) {
        let chunk = self.parser.buf.get(..usize::from(self.parser.npos)).unwrap_or_default();
        self.value.extend_from_slice(chunk);
    }

    /// The way to what the last event was about.
    pub fn way(&self) -> Way<'_> {
        self.way
            .iter()
            .map(|step| match step {
                Step::Member(name) => Some(name.as_slice()),
                Step::Item => None,
            })
            .collect()
    }

    /// The way as it is shown: `vhosts[].mounts[].origin`.
    pub fn shown_way(&self) -> String {
        let mut text = String::new();
        for step in &self.way {
            match step {
                Step::Item => text.push_str("[]"),
                Step::Member(name) => {
                    if !text.is_empty() {
                        text.push('.');
                    }
                    text.push_str(&name.escape_ascii().to_string());
                }
            }
        }
        text
    }

    /// A note about the last byte that was read.
    pub fn note(&mut self, text: String) -> Note {
        Note { at: self.position(), text }
    }

    /// The place of the last byte that was read.
    pub fn position(&mut self) -> Position {
        let last = self.at.saturating_sub(1).min(self.text.len());
        for (index, _) in self.text[self.counted..last].iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            self.line += 1;
            self.line_start = self.counted + index + 1;
        }
        self.counted = last;
        Position { line: self.line, column: last - self.line_start + 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(text: &str) -> (Vec<String>, Option<Note>) {
        let (mut walk, mut seen) = (Walk::new(text.as_bytes()), Vec::new());
        loop {
            match walk.advance() {
                Ok(Some(Event::Value(value))) => {
                    seen.push(format!("{}={}", walk.shown_way(), String::from_utf8_lossy(&value)));
                }
                Ok(Some(event)) => seen.push(format!("{} {event:?}", walk.shown_way())),
                Ok(None) => return (seen, None),
                Err(note) => return (seen, Some(note)),
            }
        }
    }

    #[test]
    fn values_are_told_with_the_way_to_them() {
        let text = r#"{"a": {"b.c": "1", "d": [{"e": 2}, {"f": true}]}, "g": "h"} rest"#;
        let expected =
            [" Object", "a Object", "a.b.c=1", "a.d[] Object", "a.d[].e=2", "a.d[] ObjectEnd", "a.d[] Object"];
        let (seen, problem) = walk(text);
        assert_eq!(seen[..7], expected);
        assert_eq!(seen[7..], ["a.d[].f=1", "a.d[] ObjectEnd", "a ObjectEnd", "g=h", " ObjectEnd"]);
        assert_eq!(problem, None);
    }

    #[test]
    fn a_name_with_a_dot_is_one_step() {
        let mut walk = Walk::new(br#"{"a": {".zip": "x"}}"#);
        while !matches!(walk.advance(), Ok(Some(Event::Value(_)))) {}
        assert_eq!(walk.way(), [Some(&b"a"[..]), Some(b".zip")]);
    }

    #[test]
    fn long_values_arrive_whole() {
        let long = "x".repeat(1000);
        let (seen, _) = walk(&format!(r#"{{"a": "{long}", "b": "{long}"}}"#));
        assert_eq!(seen[1..3], [format!("a={long}"), format!("b={long}")]);
    }

    #[test]
    fn mistakes_have_line_and_column() {
        let (_, problem) = walk("{ # x\n \"a\": x }");
        let problem = problem.unwrap();
        assert_eq!(problem.at, Position { line: 2, column: 7 });
        assert!(problem.text.contains("Illegal value start"), "{}", problem.text);
        let (_, problem) = walk("{\"a\": \"1\"\n");
        assert!(problem.unwrap().text.contains("ends inside"));
        let (_, problem) = walk(r#"{"a": "1\u0000"}"#);
        assert!(problem.unwrap().text.contains("NUL"));
    }

    #[test]
    fn a_file_of_comments_is_an_empty_document() {
        assert_eq!(walk("# nothing\n\n"), (vec![], None));
        assert_eq!(walk(""), (vec![], None));
    }
}
