//! The configuration files of the lwsws server, for programs that are such a server.
//!
//! | question | file |
//! |---|---|
//! | which files are read, and what is their result | here |
//! | how does what they say get into the creation info | `fill` |
//! | where in the program's memory is room for it | `room` |
//!
//! What the files mean is [`crate::proto::lwsws`].
//!
//! # What C promises
//! `info` is an info as the header documents it, `*config_strings` are `*len` writable bytes that stay as long as the
//! context and its vhosts, `d` is a text.
#![allow(unsafe_code, clippy::missing_safety_doc)]

mod fill;
mod room;

use super::context;
use super::cstr;
use super::enter::{self, Access};
use super::guard;
use super::layout::*;
use super::older;
use crate::engine::log::{self, Level};
use crate::proto::lwsws::{Document, Note, globals, vhosts};
use room::Room;
use std::ffi::{OsString, c_char, c_int};
use std::fs::{self, File};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// What `_lws_ddir_` stands for: LWS_INSTALL_DATADIR of lws_config.h.
const DATA_DIR: &[u8] = b"/usr/share";

/// Bytes of a file that are read; a longer one is refused.
const MAX_FILE: u64 = 4 << 20;

/// Why reading ends early. The log has it already.
enum Stop {
    /// a mistake in a file
    File,
    /// the program's memory is used up
    Memory,
}

/// Fills `info` with what configuration files of the lwsws server say under `"global"`: `d/conf`, then the files of the
/// folder `d/conf.d` in the order of their names, without those that end in `~`, folders and symbolic links. A later
/// value replaces an earlier one, `reject-service-keywords` are added. What no file says stays as it is.
///
/// `*config_strings` is memory of the program with room for `*len` bytes; texts and lists that `info` then points to are
/// put there, and both are moved on behind them. It must stay as long as the context. 4 KiB are plenty.
///
/// Returns 0, or 1 if `d/conf` cannot be read or has a mistake, or if the memory is too small; the log has the file, the
/// line and the column. A mistake in a file of `d/conf.d` is logged and ends the reading there, with 0. Unknown names are
/// warned about and left out. Left out are also, with a warning: `plugin-dir`, `ip-limit-ah`, `ip-limit-wsi`,
/// `ws-pingpong-secs`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsws_get_config_globals(
    info: *mut lws_context_creation_info,
    d: *const c_char,
    config_strings: *mut *mut c_char,
    len: *mut c_int,
) -> c_int {
    const NAME: &str = "lwsws_get_config_globals";
    guard::pure(NAME, 1, || {
        // SAFETY: see the module.
        let Some((folder, room)) = (unsafe { arguments(NAME, info, d, config_strings, len) }) else { return 1 };
        read_files(NAME, &folder, |file, text| {
            let document = globals::read(text);
            tell_notes(NAME, file, &document);
            // SAFETY: see the module.
            let Some(mut filled) = (unsafe { older::creation_info(info) }) else { return Err(Stop::File) };
            let result = fill::globals(&document.read, &mut filled, &room);
            // SAFETY: see the module.
            unsafe { older::store_creation_info(info, &filled) };
            if let Err(why) = result {
                log::process(Level::Err, NAME, format_args!("{}: {why}", file.display()));
                return Err(Stop::Memory);
            }
            outcome(NAME, file, document.problem)
        })
    })
}

/// Makes the vhosts that configuration files of the lwsws server list under `"vhosts"`, with their mounts, headers,
/// protocol options and TLS files. Which files: see `lwsws_get_config_globals()`.
///
/// `info`: protocols, pprotocols, extensions, server_string, timeout_secs, count_threads and the options for event loops
/// and TLS count for each vhost; all else is replaced by what the files say. Afterwards it describes the last vhost.
/// `config_strings` and `len` are as for `lwsws_get_config_globals()`, and must stay as long as the vhosts. In values,
/// `_lws_ddir_` stands for /usr/share.
///
/// Returns 0, or 1 if no vhost was made, if `d/conf` cannot be read or has a mistake, or if the memory is too small; the
/// log has the file, the line and the column. A mistake in a file of `d/conf.d`, or a vhost there that cannot be made, is
/// logged and ends the reading; what was made before stays, with 0. Unknown names are warned about and left out. Left out
/// are also, with a warning: `access-log`, `disable-no-protocol-ws-upgrades`; requests for cgi:// mounts go to
/// LWS_CALLBACK_HTTP, as without LWS_WITH_CGI. To be called in the service thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lwsws_get_config_vhosts(
    context: *mut lws_context,
    info: *mut lws_context_creation_info,
    d: *const c_char,
    config_strings: *mut *mut c_char,
    len: *mut c_int,
) -> c_int {
    const NAME: &str = "lwsws_get_config_vhosts";
    enter::on_context(NAME, 1, context, Access::Service, |may, cx| {
        // SAFETY: see the module.
        let Some((folder, room)) = (unsafe { arguments(NAME, info, d, config_strings, len) }) else { return 1 };
        let mut count = 0;
        let result = read_files(NAME, &folder, |file, text| {
            let document = vhosts::read(text, DATA_DIR);
            tell_notes(NAME, file, &document);
            for vhost in &document.read {
                // SAFETY: see the module.
                let Some(given) = (unsafe { older::creation_info(info) }) else { return Err(Stop::File) };
                let filled = match fill::vhost(vhost, &given, &room) {
                    Ok(filled) => filled,
                    Err(text) => {
                        tell(Level::Err, NAME, file, &Note { at: vhost.at, text });
                        return Err(Stop::Memory);
                    }
                };
                // SAFETY: see the module; what `filled` points to is in the program's memory.
                let made = unsafe {
                    older::store_creation_info(info, &filled);
                    context::add_vhost(NAME, &filled, cx, may)
                };
                if made.is_null() {
                    let name = String::from_utf8_lossy(vhost.name.as_deref().unwrap_or_default()).into_owned();
                    let text = format!("the vhost '{name}' was not made, see above");
                    tell(Level::Err, NAME, file, &Note { at: vhost.at, text });
                    return Err(Stop::File);
                }
                count += 1;
            }
            outcome(NAME, file, document.problem)
        });
        if result == 0 && count == 0 {
            let folder = folder.display();
            log::process(Level::Err, NAME, format_args!("no vhost was made: the files of {folder} need at least one"));
            return 1;
        }
        result
    })
}

/// The arguments that both calls have; `None` if one is of no use, which is logged.
///
/// # Safety
/// See the module.
unsafe fn arguments(
    function: &'static str,
    info: *const lws_context_creation_info,
    d: *const c_char,
    strings: *mut *mut c_char,
    len: *mut c_int,
) -> Option<(PathBuf, Room)> {
    // SAFETY: a text or NULL.
    let folder = unsafe { cstr::path(d) };
    // SAFETY: see the module.
    let room = unsafe { Room::new(strings, len) };
    match (folder, room) {
        (Some(folder), Some(room)) if !info.is_null() => Some((folder, room)),
        (folder, room) => {
            let what = match (folder, room) {
                _ if info.is_null() => "info is NULL",
                (None, _) => "d is NULL or empty",
                _ => "config_strings or len is NULL",
            };
            log::process(Level::Err, function, format_args!("{what}"));
            None
        }
    }
}

/// Reads `folder/conf` and the files of `folder/conf.d`, each with `take`; the result of the calls.
fn read_files(function: &'static str, folder: &Path, mut take: impl FnMut(&Path, &[u8]) -> Result<(), Stop>) -> c_int {
    let mut read = |file: &Path| {
        log::process(Level::Info, function, format_args!("reading {}", file.display()));
        let text = contents(file).map_err(|why| {
            log::process(Level::Err, function, format_args!("cannot read {}: {why}", file.display()));
            Stop::File
        })?;
        take(file, &text)
    };
    if read(&folder.join("conf")).is_err() {
        return 1;
    }
    let more = folder.join("conf.d");
    let names = match names(function, &more) {
        Ok(names) => names,
        Err(why) => {
            log::process(Level::Err, function, format_args!("cannot list {}: {why}", more.display()));
            return 0;
        }
    };
    for name in names {
        match read(&more.join(name)) {
            Ok(()) => {}
            Err(Stop::File) => return 0,
            Err(Stop::Memory) => return 1,
        }
    }
    0
}

/// The files of `folder` that are read, in order.
fn names(function: &'static str, folder: &Path) -> std::io::Result<Vec<OsString>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (kind, name) = (entry.file_type()?, entry.file_name());
        if kind.is_symlink() {
            let link = entry.path();
            log::process(Level::Warn, function, format_args!("{} is a symbolic link: not followed", link.display()));
        } else if kind.is_file() && !name.as_bytes().ends_with(b"~") {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn contents(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    File::open(file)?.take(MAX_FILE + 1).read_to_end(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(std::io::Error::other(format!("it has more than {MAX_FILE} bytes")));
    }
    Ok(text)
}

fn tell(level: Level, function: &'static str, file: &Path, note: &Note) {
    let Note { at, text } = note;
    log::process(level, function, format_args!("{}:{}:{}: {text}", file.display(), at.line, at.column));
}

fn tell_notes<T>(function: &'static str, file: &Path, document: &Document<T>) {
    for note in &document.notes {
        tell(Level::Warn, function, file, note);
    }
}

fn outcome(function: &'static str, file: &Path, problem: Option<Note>) -> Result<(), Stop> {
    match problem {
        Some(problem) => {
            tell(Level::Err, function, file, &problem);
            Err(Stop::File)
        }
        None => Ok(()),
    }
}
