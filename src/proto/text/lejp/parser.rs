//! The state machine: bytes go in, the next event comes out.
//!
//! The program's callback may push and pop sub-parsers or stop the parse, so the machine never calls anybody: it stops at
//! each event, and [`Parser::run`] goes on from there. One byte can mean several events (`}` is an object's end and the
//! document's); [`Pending`] is what is left to do for the current byte.
//!
//! # Levels
//!
//! `depth` is the current level. Level 0 is the document; each object inside it, each array, and each string while it is
//! read, is one more. A level's `state` says what to expect when the level above it is gone, so it also tells what that
//! level is: [`State::ArrayEnd`] below an array, [`State::Delim`] below a member name.
use super::paths::{self, Patterns};
use super::scalar::{LITERALS, Queue};
use super::{Reason, Reject};

pub const MAX_DEPTH: usize = 12;
pub const MAX_INDEXES: usize = if cfg!(feature = "abi41") { 5 } else { 8 };
/// Bytes of a path, the NUL included.
pub const MAX_PATH: usize = 128;
/// Bytes of a string that are handed over at a time.
pub const CHUNK: u8 = 254;

/// One level of nesting.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct Level {
    state: u8,
    /// length of the path when the next level was opened
    path_len: u8,
    /// array indexes in use when the next level was opened
    index_count: u8,
    /// belongs to the program
    user: u8,
}

/// Everything a parse keeps between bytes, in the order in which the C struct has it.
#[derive(Clone, Debug)]
#[repr(C)]
pub struct Parser {
    pub levels: [Level; MAX_DEPTH],
    pub indexes: [u16; MAX_INDEXES],
    pub wild: [u16; paths::MAX_WILDCARDS],
    pub path: [u8; MAX_PATH],
    pub buf: [u8; CHUNK as usize + 1],
    pub path_stride: usize,
    pub line: u32,
    /// value of a `\u` escape; number of a literal
    pub uni: u16,
    /// bytes in `buf`
    pub npos: u8,
    /// digits of a number; characters of a literal; low half of a high surrogate
    pub dcount: u8,
    pub flags: u8,
    pub depth: u8,
    pub index_count: u8,
    pub pattern_count: u8,
    pub path_match: u8,
    pub path_match_len: u8,
    pub wildcount: u8,
    pub frame: u8,
    pub outer_array: u8,
}

/// What belongs to the sub-parser that is active.
pub struct Frame<'a> {
    pub patterns: &'a dyn Patterns,
    /// length of its path
    pub path_len: &'a mut u8,
    /// bytes of [`Parser::path`] that its path may use, the NUL included
    pub path_room: usize,
}

/// What is left to do for the byte in front of the position.
#[derive(Debug, Default)]
pub struct Pending {
    follow: Follow,
    /// bytes to append to the string
    queue: Queue,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Follow {
    #[default]
    Nothing,
    OpenObject,
    OpenArray,
    OpenString,
    CloseString,
    ClearChunk,
    Complete,
    Done,
}

/// Which answers of a callback stop the parse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Veto {
    NonZero,
    Negative,
    Never,
}

impl Veto {
    pub fn applies_to(self, answer: i8) -> bool {
        match self {
            Veto::NonZero => answer != 0,
            Veto::Negative => answer < 0,
            Veto::Never => false,
        }
    }
}

/// Why the machine stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// the program must see this now
    Event(Reason, Veto),
    /// the piece is used up
    More,
    /// the document is complete
    Done,
    Failed(Reject),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum State {
    Idle = 0,
    /// the first member of an object, or its end
    Members = 1,
    /// a member
    Member = 2,
    Delim = 9,
    Value = 10,
    CommaOrEnd = 14,
    ArrayEnd = 15,
    String = 67,
    Escape = 68,
    Hex1 = 69,
    Hex2 = 70,
    Hex3 = 71,
    Hex4 = 72,
    Number = 75,
    Exponent = 76,
    Literal = 77,
}

impl State {
    fn from_number(number: u8) -> Option<State> {
        use State::*;
        [
            Idle, Members, Member, Delim, Value, CommaOrEnd, ArrayEnd, String, Escape, Hex1, Hex2, Hex3, Hex4, Number,
            Exponent, Literal,
        ]
        .into_iter()
        .find(|&state| state as u8 == number)
    }

    /// Whether blanks and comments mean nothing here.
    fn skips_blanks(self) -> bool {
        (self as u8) < State::String as u8
    }
}

pub(super) const IN_COMMENT: u8 = 32;

/// What a byte led to.
pub(super) enum Taken {
    /// it is used up
    Byte,
    /// it is used up, then this
    Event(Reason, Veto, Follow),
    /// it is to be looked at again
    Again,
    /// this, then it is to be looked at again
    EventAgain(Reason),
}

pub(super) type Outcome = Result<Taken, Reject>;

impl Parser {
    /// The state before a document.
    pub const fn new() -> Parser {
        Parser {
            levels: [Level { state: 0, path_len: 0, index_count: 0, user: 0 }; MAX_DEPTH],
            indexes: [0; MAX_INDEXES],
            wild: [0; paths::MAX_WILDCARDS],
            path: [0; MAX_PATH],
            buf: [0; CHUNK as usize + 1],
            path_stride: 0,
            line: 1,
            uni: 0,
            npos: 0,
            dcount: 0,
            flags: 0,
            depth: 0,
            index_count: 0,
            pattern_count: 0,
            path_match: 0,
            path_match_len: 0,
            wildcount: 0,
            frame: 0,
            outer_array: 0,
        }
    }

    /// Whether a parse call begins with [`Reason::Start`]: at the top, with no path.
    pub fn is_at_start(&self, path_len: u8) -> bool {
        self.depth == 0 && path_len == 0
    }

    /// Goes on with `text` from `*at` until there is something to tell.
    ///
    /// After [`Stop::Event`] call again with the same `pending` once the program has seen the event. `text` may end
    /// anywhere.
    pub fn run(&mut self, frame: &mut Frame<'_>, text: &[u8], at: &mut usize, pending: &mut Pending) -> Stop {
        match self.run_checked(frame, text, at, pending) {
            Ok(stop) => stop,
            Err(reject) => Stop::Failed(reject),
        }
    }

    fn run_checked(
        &mut self,
        frame: &mut Frame<'_>,
        text: &[u8],
        at: &mut usize,
        pending: &mut Pending,
    ) -> Result<Stop, Reject> {
        self.check(frame)?;
        loop {
            match std::mem::take(&mut pending.follow) {
                Follow::Nothing => {}
                Follow::OpenObject => {
                    // The match belonged to the object itself; the next name is looked up anew.
                    self.path_match = 0;
                    self.open(frame, State::Members)?;
                }
                Follow::OpenArray => self.open_array(frame)?,
                Follow::OpenString => self.open_string()?,
                Follow::CloseString => self.depth = self.depth.saturating_sub(1),
                Follow::ClearChunk => (self.npos, self.buf[0]) = (0, 0),
                Follow::Complete => {
                    pending.follow = Follow::Done;
                    return Ok(Stop::Event(Reason::Complete, Veto::NonZero));
                }
                Follow::Done => {
                    // Another document may follow; the path stays readable until then.
                    self.set_state(State::Idle);
                    *frame.path_len = 0;
                    return Ok(Stop::Done);
                }
            }
            while let Some(byte) = pending.queue.pop() {
                if self.append(frame, byte)? {
                    pending.follow = Follow::ClearChunk;
                    return Ok(Stop::Event(Reason::ValStrChunk, Veto::NonZero));
                }
            }
            let Some(&byte) = text.get(*at) else {
                return Ok(Stop::More);
            };
            let taken = self.byte(frame, byte, &mut pending.queue);
            if !matches!(taken, Ok(Taken::Again | Taken::EventAgain(_))) {
                self.line = self.line.wrapping_add(u32::from(byte == b'\n'));
                *at += 1;
            }
            match taken? {
                Taken::Byte | Taken::Again => {}
                Taken::EventAgain(reason) => return Ok(Stop::Event(reason, Veto::NonZero)),
                Taken::Event(reason, veto, follow) => {
                    pending.follow = follow;
                    return Ok(Stop::Event(reason, veto));
                }
            }
        }
    }

    /// Refuses what no parse can have left behind: a struct that was never constructed, or that a failed parse used up.
    fn check(&self, frame: &Frame<'_>) -> Result<(), Reject> {
        if usize::from(self.depth) >= MAX_DEPTH {
            return Err(Reject::StackOverflow);
        }
        let is_sane = usize::from(self.index_count) <= MAX_INDEXES
            && self.npos <= CHUNK
            && frame.path_room <= MAX_PATH
            && usize::from(*frame.path_len) < frame.path_room;
        if is_sane { Ok(()) } else { Err(Reject::Unknown) }
    }

    fn byte(&mut self, frame: &mut Frame<'_>, byte: u8, queue: &mut Queue) -> Outcome {
        let state = State::from_number(self.level().state).ok_or(Reject::Unknown)?;
        if state.skips_blanks() && self.skip_blank(byte) {
            return Ok(Taken::Byte);
        }
        match state {
            State::Idle => self.document(frame, byte),
            State::Members if byte == b'}' => {
                if self.depth == 0 {
                    return Err(Reject::MembersNoClose);
                }
                self.close_object(frame)
            }
            State::Members | State::Member => self.member(frame, byte),
            State::Delim => self.delimiter(frame, byte),
            State::Value => self.value(frame, byte),
            State::CommaOrEnd => self.comma_or_end(frame, byte),
            // Only ever below an array, never current.
            State::ArrayEnd => Err(Reject::Unknown),
            State::String => self.string(byte, queue),
            State::Escape => self.escape(byte, queue),
            State::Hex1 | State::Hex2 | State::Hex3 | State::Hex4 => self.hex(state, byte, queue),
            State::Number => self.number(byte),
            State::Exponent => self.exponent(byte),
            State::Literal => self.literal(byte),
        }
    }

    fn skip_blank(&mut self, byte: u8) -> bool {
        if self.flags & IN_COMMENT != 0 {
            if matches!(byte, b'\n' | b'\r') {
                self.flags &= !IN_COMMENT;
            }
            return true;
        }
        if byte == b'#' {
            self.flags |= IN_COMMENT;
        }
        matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'#')
    }

    // --- objects and arrays

    fn document(&mut self, frame: &mut Frame<'_>, byte: u8) -> Outcome {
        if !matches!(byte, b'{' | b'[') {
            return Err(Reject::IdleNoBrace);
        }
        self.index_count = 0;
        self.cut_path(frame, 0);
        self.forget_shorter_match(frame);
        self.outer_array = u8::from(byte == b'[');
        if byte == b'[' {
            return self.begin_array(frame);
        }
        self.set_state(State::Members);
        Ok(Taken::Event(Reason::ObjectStart, Veto::NonZero, Follow::Nothing))
    }

    fn member(&mut self, frame: &mut Frame<'_>, byte: u8) -> Outcome {
        if byte != b'"' {
            return Err(Reject::NoOpenQuote);
        }
        if *frame.path_len > 0 {
            self.push_path(frame, b".")?;
        }
        self.set_state(State::Delim);
        self.open_string()?;
        Ok(Taken::Byte)
    }

    fn delimiter(&mut self, frame: &mut Frame<'_>, byte: u8) -> Outcome {
        if byte != b':' {
            return Err(Reject::MissingColon);
        }
        self.path_match = 0;
        self.look_up(frame);
        self.set_state(State::Value);
        Ok(Taken::Event(Reason::PairName, Veto::NonZero, Follow::Nothing))
    }

    fn value(&mut self, frame: &mut Frame<'_>, byte: u8) -> Outcome {
        match byte {
            b'"' => {
                (self.npos, self.buf[0]) = (0, 0);
                self.flags &= IN_COMMENT;
                self.set_state(State::CommaOrEnd);
                Ok(Taken::Event(Reason::ValStrStart, Veto::NonZero, Follow::OpenString))
            }
            b'{' => {
                self.set_state(State::CommaOrEnd);
                self.look_up(frame);
                Ok(Taken::Event(Reason::ObjectStart, Veto::NonZero, Follow::OpenObject))
            }
            b'[' => {
                if self.depth == 0 {
                    // The index of an earlier array at the top stays readable until here.
                    self.index_count = 0;
                }
                self.begin_array(frame)
            }
            b']' => self.close_array(frame),
            b'-' | b'0'..=b'9' => {
                self.npos = 0;
                self.dcount = 0;
                self.flags &= IN_COMMENT;
                self.set_state(State::Number);
                Ok(Taken::Again)
            }
            _ => {
                let starts = |(text, ..): &(&[u8], &[u8], Reason)| text.first() == Some(&byte);
                let number = LITERALS.iter().position(starts).ok_or(Reject::BadValueStart)?;
                self.uni = number as u16;
                self.dcount = 1;
                self.set_state(State::Literal);
                Ok(Taken::Byte)
            }
        }
    }

    fn comma_or_end(&mut self, frame: &mut Frame<'_>, byte: u8) -> Outcome {
        match byte {
            b',' => {
                // At the top the text of the path stays as it is until the next name replaces it.
                *frame.path_len = self.below().map_or(0, |below| below.path_len);
                if *frame.path_len > 0 {
                    self.cut_path(frame, *frame.path_len);
                }
                self.forget_shorter_match(frame);
                if self.is_in_array() {
                    let current = usize::from(self.index_count).checked_sub(1);
                    if let Some(index) = current.and_then(|current| self.indexes.get_mut(current)) {
                        *index = index.saturating_add(1);
                    }
                    self.set_state(State::Value);
                } else {
                    self.set_state(State::Member);
                }
                Ok(Taken::Byte)
            }
            b']' => self.close_array(frame),
            b'}' => self.close_object(frame),
            _ => Err(Reject::NeitherCommaNorEnd),
        }
    }

    fn begin_array(&mut self, frame: &mut Frame<'_>) -> Outcome {
        self.push_path(frame, b"[]")?;
        self.set_state(State::ArrayEnd);
        Ok(Taken::Event(Reason::ArrayStart, Veto::NonZero, Follow::OpenArray))
    }

    fn open_array(&mut self, frame: &Frame<'_>) -> Result<(), Reject> {
        let index = self.indexes.get_mut(usize::from(self.index_count)).ok_or(Reject::IndexStack)?;
        *index = 0;
        self.index_count += 1;
        self.open(frame, State::Value)
    }

    /// Enters a new level, remembering how long the path is here.
    fn open(&mut self, frame: &Frame<'_>, state: State) -> Result<(), Reject> {
        let (path_len, index_count) = (*frame.path_len, self.index_count);
        let level = self.level_mut();
        (level.path_len, level.index_count) = (path_len, index_count);
        self.descend(state)
    }

    fn open_string(&mut self) -> Result<(), Reject> {
        self.descend(State::String)
    }

    fn descend(&mut self, state: State) -> Result<(), Reject> {
        self.depth += 1;
        let level = self.levels.get_mut(usize::from(self.depth)).ok_or(Reject::StackOverflow)?;
        *level = Level { state: state as u8, user: level.user, ..Level::default() };
        Ok(())
    }

    fn close_object(&mut self, frame: &mut Frame<'_>) -> Outcome {
        if self.is_in_array() {
            return Err(Reject::ArrayEndMissing);
        }
        let follow = if self.depth == 0 {
            Follow::Complete
        } else {
            self.depth -= 1;
            self.index_count = self.level().index_count.min(MAX_INDEXES as u8);
            if self.depth > 0 {
                self.cut_path(frame, self.level().path_len);
            }
            Follow::Nothing
        };
        self.forget_shorter_match(frame);
        self.look_up(frame);
        Ok(Taken::Event(Reason::ObjectEnd, Veto::NonZero, follow))
    }

    fn close_array(&mut self, frame: &mut Frame<'_>) -> Outcome {
        if self.depth == 0 {
            return Err(Reject::TooManyBrackets);
        }
        let is_right = self.is_in_array();
        self.depth -= 1;
        if !is_right {
            return Err(Reject::NotArray);
        }
        self.set_state(State::CommaOrEnd);
        if let Some(below) = self.below() {
            self.index_count = below.index_count.min(MAX_INDEXES as u8);
            self.cut_path(frame, below.path_len);
        }
        self.forget_shorter_match(frame);
        let (veto, follow) = if self.depth == 0 && self.outer_array != 0 {
            self.look_up(frame);
            (Veto::NonZero, Follow::Complete)
        } else {
            (Veto::Never, Follow::Nothing)
        };
        Ok(Taken::Event(Reason::ArrayEnd, veto, follow))
    }

    // --- levels

    fn level(&self) -> Level {
        self.levels.get(usize::from(self.depth)).copied().unwrap_or_default()
    }

    pub(super) fn level_mut(&mut self) -> &mut Level {
        let depth = usize::from(self.depth).min(MAX_DEPTH - 1);
        &mut self.levels[depth]
    }

    /// The level that will be current when this one is gone.
    fn below(&self) -> Option<Level> {
        self.levels.get(usize::from(self.depth).checked_sub(1)?).copied()
    }

    pub(super) fn set_state(&mut self, state: State) {
        self.level_mut().state = state as u8;
    }

    pub(super) fn go_to(&mut self, state: State) -> Outcome {
        self.set_state(state);
        Ok(Taken::Byte)
    }

    fn is_below(&self, state: State) -> bool {
        self.below().is_some_and(|below| below.state == state as u8)
    }

    fn is_in_array(&self) -> bool {
        self.is_below(State::ArrayEnd)
    }

    pub(super) fn is_in_name(&self) -> bool {
        self.is_below(State::Delim)
    }

    // --- the path

    pub(super) fn push_path(&mut self, frame: &mut Frame<'_>, bytes: &[u8]) -> Result<(), Reject> {
        let start = usize::from(*frame.path_len);
        let end = start + bytes.len();
        if end >= frame.path_room {
            return Err(Reject::Unknown);
        }
        self.path[start..end].copy_from_slice(bytes);
        self.path[end] = 0;
        *frame.path_len = end as u8;
        Ok(())
    }

    fn cut_path(&mut self, frame: &mut Frame<'_>, len: u8) {
        let len = len.min(*frame.path_len);
        *frame.path_len = len;
        self.path[usize::from(len)] = 0;
    }

    /// The path of the active sub-parser.
    pub fn current_path(&self, path_len: u8) -> &[u8] {
        self.path.get(..usize::from(path_len)).unwrap_or_default()
    }

    /// A match ends when the path is no longer than what matched.
    fn forget_shorter_match(&mut self, frame: &Frame<'_>) {
        if self.path_match != 0 && *frame.path_len <= self.path_match_len {
            self.path_match = 0;
            self.wildcount = 0;
        }
    }

    /// Compares the path with the patterns, unless a match is in force.
    pub fn look_up(&mut self, frame: &Frame<'_>) {
        if self.path_match == 0 {
            self.match_prefix(frame, *frame.path_len);
        }
    }

    fn match_prefix(&mut self, frame: &Frame<'_>, len: u8) {
        let found = paths::first_match(frame.patterns, self.current_path(len));
        let (path_match, wildcards) = found.unwrap_or_default();
        self.path_match = path_match;
        self.wildcount = wildcards.count;
        if path_match != 0 {
            self.path_match_len = len;
            self.wild = wildcards.starts;
        }
    }

    // --- sub-parsers

    /// Makes room for the path of a sub-parser: the current path, of `path_len` bytes, moves to the end of the
    /// `path_room` bytes it could use, and the new one starts empty. Returns the room of the new one.
    pub fn stash_path(&mut self, path_len: u8, path_room: usize) -> Option<usize> {
        let len = usize::from(path_len);
        let room = path_room.min(MAX_PATH).checked_sub(len).filter(|&room| room > 0)?;
        self.path.copy_within(..len, room);
        self.path[0] = 0;
        (self.path_match, self.wildcount) = (0, 0);
        Some(room)
    }

    /// Undoes [`Parser::stash_path`] for the path of `frame`, whose `path_match` was `path_match`.
    pub fn restore_path(&mut self, frame: &Frame<'_>, path_match: u8) {
        let len = usize::from(*frame.path_len);
        let Some(stashed) = frame.path_room.min(MAX_PATH).checked_sub(len) else {
            return;
        };
        self.path.copy_within(stashed..stashed + len, 0);
        if let Some(end) = self.path.get_mut(len) {
            *end = 0;
        }
        // The match that was in force may be that of a shorter path.
        (self.path_match, self.wildcount) = (0, 0);
        for prefix in (0..=*frame.path_len).rev() {
            self.match_prefix(frame, prefix);
            if self.path_match == path_match {
                return;
            }
        }
        (self.path_match, self.wildcount) = (0, 0);
    }

    /// What the wildcard with this number stands for in the matched path: up to the next `.`.
    pub fn wildcard(&self, index: usize) -> Option<&[u8]> {
        if index >= usize::from(self.wildcount) {
            return None;
        }
        let rest = self.path.get(usize::from(*self.wild.get(index)?)..)?;
        Some(&rest[..memchr::memchr2(b'.', 0, rest).unwrap_or(rest.len())])
    }
}

impl Default for Parser {
    fn default() -> Parser {
        Parser::new()
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
