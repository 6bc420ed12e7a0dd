//! Where the engine's log lines go: a level, the object they are about, the function that speaks, the text.
//!
//! The engine only decides *that* something is said. Masks, time stamps, tags and the emit functions of the
//! program belong to the C edge, which installs itself here as the one [`Sink`].
use super::{context::Context, vhost::Vhost, wsi::Wsi};
use std::fmt::Arguments;
use std::sync::OnceLock;

/// Severity, with the bit values of the original's `LLL_*`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(i32)]
pub enum Level {
    Err = 1 << 0,
    Warn = 1 << 1,
    Notice = 1 << 2,
    Info = 1 << 3,
    Debug = 1 << 4,
    Parser = 1 << 5,
    Header = 1 << 6,
    Ext = 1 << 7,
    Client = 1 << 8,
    Latency = 1 << 9,
    User = 1 << 10,
    Thread = 1 << 11,
}

/// What a line is about; decides its tag and which log context it goes through.
#[derive(Clone, Copy)]
pub enum Scope<'a> {
    Process,
    Context(&'a Context),
    Vhost(&'a Vhost),
    Wsi(&'a Wsi),
}

/// Takes the engine's lines to the program. Installed once by the C edge.
pub trait Sink: Sync {
    /// Whether a line of this level would be shown for this object; asked before anything is formatted.
    fn enabled(&self, level: Level, scope: Scope<'_>) -> bool;
    /// Shows one line. `function` names who speaks; the sink adds prefix, tag and newline.
    fn line(&self, level: Level, scope: Scope<'_>, function: &str, text: Arguments<'_>);
}

static SINK: OnceLock<&'static dyn Sink> = OnceLock::new();

/// Makes `sink` the receiver of all lines; the first caller wins, later calls change nothing.
pub fn install(sink: &'static dyn Sink) {
    let _ = SINK.set(sink);
}

pub fn enabled(level: Level, scope: Scope<'_>) -> bool {
    SINK.get().is_some_and(|sink| sink.enabled(level, scope))
}

/// A line about `scope`. Formats only when somebody will see it.
pub fn line(level: Level, scope: Scope<'_>, function: &str, text: Arguments<'_>) {
    if let Some(sink) = SINK.get()
        && sink.enabled(level, scope)
    {
        sink.line(level, scope, function, text);
    }
}

/// A line about the process as a whole.
pub fn process(level: Level, function: &str, text: Arguments<'_>) {
    line(level, Scope::Process, function, text);
}
