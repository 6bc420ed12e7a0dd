//! Is a timeline of the connections wanted, and where does it go? OXLWS_TRACE of the environment says so.
//!
//! Unset, empty or `0`: none. `1`: to stderr. Anything else: the name of a file that lines are appended to, made with
//! mode 0600. Programs with raised privileges never obey it. Read once per context, when it is made.
use crate::engine::log::{self, Level};
use crate::engine::trace::{Trace, Writer};
use crate::engine::{net, sys};
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{SystemTime, UNIX_EPOCH};

/// The timelines of context `number`, if they are wanted. A file that cannot be opened is a warning, not an error.
pub fn asked_for(number: u8) -> Option<Box<Trace>> {
    let value = sys::secure_env(c"OXLWS_TRACE")?;
    let write: Writer = match value.as_str() {
        "" | "0" => return None,
        // One write per line, so that lines of two processes do not run into each other. What cannot be written is
        // lost: there is nowhere to complain.
        "1" => Box::new(|line| drop(io::stderr().write_all(line.as_bytes()))),
        path => match open(path) {
            Ok(file) => Box::new(move |line| drop((&file).write_all(line.as_bytes()))),
            Err(error) => {
                let text = format_args!("OXLWS_TRACE: cannot write to {path}: {}: no timeline", net::describe(&error));
                log::process(Level::Warn, "lws_create_context", text);
                return None;
            }
        },
    };
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let (day, time) = (crate::proto::x509::date(i64::try_from(seconds).unwrap_or(0)), seconds % 86_400);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    write(&format!(
        "--- oxlws {}, process {}, context {number}, {day} {hour:02}:{minute:02}:{second:02} UTC\n",
        env!("CARGO_PKG_VERSION"),
        std::process::id()
    ));
    Some(Box::new(Trace::new(number, write)))
}

/// A pipe without a reader is refused rather than waited for.
fn open(path: &str) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(libc::O_NONBLOCK | libc::O_NOCTTY).open(path)
}
