//! How is JSON parsed while it arrives in pieces, without building a tree?
//!
//! | question | file |
//! |---|---|
//! | which event must the program see next | [`parser`] |
//! | how are strings, numbers and literals read | `scalar` |
//! | where in the document are we, and which of the program's patterns is that | [`paths`] |
//! | does it hold, however the bytes are cut | `tests` |
//!
//! The dialect is the original's: `#` comments, leading zeros, a comma before `]`, no check of UTF-8, an object or array
//! at the top, in which an object may not be empty. Where the original accepts a `}` that closes an array, or turns a
//! surrogate pair into two broken characters, this parser is right instead.
pub mod parser;
pub mod paths;
mod scalar;

pub use parser::{Frame, MAX_PATH, Parser, Pending, Stop, Veto};
pub use paths::Patterns;

/// What happened; the numbers are those of the C interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i8)]
pub enum Reason {
    Constructed = 0,
    Destructed = 1,
    Start = 2,
    Complete = 3,
    Failed = 4,
    PairName = 5,
    ValTrue = 70,
    ValFalse = 71,
    ValNull = 72,
    ValNumInt = 73,
    ValNumFloat = 74,
    ValStrStart = 11,
    ValStrChunk = 76,
    ValStrEnd = 77,
    ArrayStart = 14,
    ArrayEnd = 15,
    ObjectStart = 16,
    ObjectEnd = 17,
}

/// Why a document is refused; the numbers are those of the C interface.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Reject {
    IdleNoBrace = -2,
    MembersNoClose = -3,
    NoOpenQuote = -4,
    IllegalControl = -6,
    IllegalEscape = -7,
    IllegalHex = -8,
    MissingColon = -9,
    BadValueStart = -10,
    NoFraction = -11,
    NumberFormat = -12,
    BadExponent = -13,
    UnknownToken = -14,
    TooManyBrackets = -15,
    NotArray = -16,
    ArrayEndMissing = -17,
    StackOverflow = -18,
    IndexStack = -19,
    NumberTooLong = -20,
    NeitherCommaNorEnd = -21,
    /// also: a path that does not fit
    Unknown = -22,
    /// a callback said so
    Callback = -23,
}

/// The answer of a parse that needs more of the document.
pub const CONTINUE: i32 = -1;

/// What an answer of the parser means, for people. Empty for the ones that are no error.
pub fn explain(answer: i32) -> &'static std::ffi::CStr {
    match answer {
        CONTINUE.. => c"",
        -2 => c"No opening '{'",
        -3 => c"Expected closing '}'",
        -4 => c"Expected '\"'",
        -5 => c"String underrun",
        -6 => c"Illegal unescaped control char",
        -7 => c"Illegal escape format",
        -8 => c"Illegal hex number",
        -9 => c"Expected ':'",
        -10 => c"Illegal value start",
        -11 => c"Digit required after decimal point",
        -12 => c"Bad number format",
        -13 => c"Bad exponent format",
        -14 => c"Unknown token",
        -15 => c"Too many ']'",
        -16 => c"Mismatched ']'",
        -17 => c"Expected ']'",
        -18 => c"JSON nesting limit exceeded",
        -19 => c"Nesting tracking used up",
        -20 => c"Number too long",
        -21 => c"Comma or block end expected",
        -22 => c"Unknown",
        -23 => c"Parser callback errored (see earlier error)",
        _ => c"Unknown error",
    }
}
