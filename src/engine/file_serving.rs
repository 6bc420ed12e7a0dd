//! Files as answers: opened through the context's file operations, read in pieces, never faster than the client takes.
//!
//! [`open`], then [`begin`] queues the head; [`pump`] sends the body whenever the connection can take more, and
//! HTTP_FILE_COMPLETION ends it.
use super::callback::{self, Arg, HeaderSpace, HtmlArgs, Reason, ServedFile};
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::{Context, PRE};
use super::deadline::{self, wait};
use super::log::{self, Level, Scope};
use super::out::{self, Flushed};
use super::wsi::{Phase, Wsi, flag};
use super::{poll_events, reply, transaction};
use crate::proto::http::h1::Version;
use crate::proto::http::range::{self, Ranges};
use crate::proto::http::token::Token;
use std::ffi::{CString, OsStr};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Pieces of one file in one turn, before other connections get theirs.
const PIECES_PER_TURN: u32 = 32;
/// Room behind a piece for what PROCESS_HTML puts in.
const SUBSTITUTION_ROOM: usize = 8 * 1024;
/// Room for the lines of ADD_HEADERS.
const ADDED_ROOM: usize = 2048;

/// A file that can be served.
pub struct Opened {
    file: Box<dyn ServedFile>,
    /// Where it was found: the default document is appended for a folder.
    pub path: Vec<u8>,
    modified: u32,
}

/// How it is served.
#[derive(Default)]
pub struct Wanted {
    /// Empty: no such line.
    pub content_type: Vec<u8>,
    /// Value of `cache-control`; empty: no such line.
    pub cache: String,
    /// Whole header lines of the program.
    pub extra: Vec<u8>,
    pub with_etag: bool,
    /// Served with 404.
    pub is_error_document: bool,
    /// Each piece passes through PROCESS_HTML; the length is not known before.
    pub is_interpreted: bool,
    /// Bound to this protocol first.
    pub bind: Option<String>,
    /// The protocol may add header lines then.
    pub asks_for_headers: bool,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The body is on its way, HTTP_FILE_COMPLETION follows.
    UnderWay,
    /// The answer is complete, without HTTP_FILE_COMPLETION.
    Complete,
    /// The connection has to be closed.
    Dead,
    /// It was closed.
    Gone,
}

/// A body on its way.
pub struct Transfer {
    file: Box<dyn ServedFile>,
    /// Bytes of the file still to be read.
    left: u64,
    is_interpreted: bool,
    /// The body goes out in chunks.
    is_chunked: bool,
}

/// Opens a regular file, or the default document of a folder. `None`: neither is there.
pub fn open(cx: &Context, wsi: &Wsi, path: &[u8], default_document: &[u8]) -> Option<Opened> {
    let mut path = path.to_vec();
    if path.ends_with(b"/") && !default_document.is_empty() {
        path.extend_from_slice(default_document);
    }
    for _ in 0..2 {
        let metadata = std::fs::metadata(Path::new(OsStr::from_bytes(&path)));
        match &metadata {
            Ok(metadata) if metadata.is_dir() => {
                if default_document.is_empty() {
                    return None;
                }
                if !path.ends_with(b"/") {
                    path.push(b'/');
                }
                path.extend_from_slice(default_document);
                continue;
            }
            // A pipe or device would block or never end.
            Ok(metadata) if !metadata.is_file() => return None,
            // A file inside an archive exists for the file operations only.
            _ => {}
        }
        let name = CString::new(path.clone()).ok()?;
        let accepts_gzip = wsi
            .http
            .visit(|http| http.headers().is_some_and(|headers| headers.list_has(Token::HttpAcceptEncoding, b"gzip")));
        let file = cx.program.open_file(cx, &name, accepts_gzip == Some(true))?;
        let on_disk = metadata.ok().map(|metadata| metadata.mtime() as u32);
        let modified = file.modified().or(if file.is_virtual() { None } else { on_disk }).unwrap_or(0);
        return Some(Opened { file, path, modified });
    }
    None
}

/// Queues the head of the answer. `bind` binds to a protocol by name and tells whether the connection goes on.
pub fn begin(
    may: &mut MayCall,
    cx: &Context,
    wsi: &Wsi,
    opened: Opened,
    wanted: Wanted,
    bind: impl FnOnce(&mut MayCall, &Context, &Wsi, &str) -> bool,
) -> Answer {
    let id = wsi.id();
    let size = opened.file.size();
    let etag = wanted.with_etag.then(|| format!("{size:08X}{:08X}", opened.modified));
    let asked = |token: Token| wsi.http.visit(|http| http.headers().and_then(|h| h.joined(token))).flatten();
    let matches = |value: &[u8]| {
        let etag = etag.as_deref().unwrap_or_default().as_bytes();
        let plain = |item: &[u8]| {
            let item = item.trim_ascii();
            let item = item.strip_prefix(b"W/").unwrap_or(item);
            item.strip_prefix(b"\"").and_then(|item| item.strip_suffix(b"\"")).unwrap_or(item) == etag
        };
        !etag.is_empty() && value.split(|byte| *byte == b',').any(plain)
    };
    if asked(Token::HttpIfNoneMatch).is_some_and(|value| matches(&value)) {
        let mut head = reply::head_start(cx, wsi, 304);
        reply::append_line(&mut head, b"etag:", etag.unwrap_or_default().as_bytes());
        reply::append_line(&mut head, b"cache-control:", wanted.cache.as_bytes());
        head.extend_from_slice(b"\r\n");
        return if reply::queue(cx, wsi, &head, b"") { Answer::Complete } else { Answer::Dead };
    }
    let mut added = Vec::new();
    if let Some(name) = &wanted.bind {
        if !bind(may, cx, wsi, name) {
            return Answer::Gone;
        }
        if wanted.asks_for_headers {
            match added_lines(may, cx, wsi) {
                Added::Lines(lines) => added = lines,
                Added::Refused => return Answer::Dead,
            }
        }
        if wsi.id() != id || wsi.phase.get() != Phase::Transaction {
            return Answer::Gone;
        }
    }
    let is_1_1 = wsi.http.visit(|http| http.version).flatten() == Some(Version::Http11);
    let if_range = asked(Token::HttpIfRange);
    let part = asked(Token::HttpRange)
        .filter(|_| !wanted.is_interpreted && !wanted.is_error_document && size > 0)
        .filter(|_| if_range.is_none_or(|value| matches(&value)))
        .map_or(Ranges::Whole, |value| range::parse(&value, size));
    let (status, first, length, content_range) = match part {
        Ranges::Parts(parts) if parts.len() == 1 => {
            (206, parts[0].first, parts[0].len(), Some(parts[0].content_range(size)))
        }
        Ranges::Unsatisfiable => (416, 0, 0, Some(range::unsatisfied_content_range(size))),
        _ if wanted.is_error_document => (404, 0, size, None),
        // Several parts at once: a server may send the whole instead (RFC 9110 §14.2).
        _ => (200, 0, size, None),
    };
    let mut head = reply::head_start(cx, wsi, status);
    if !wanted.content_type.is_empty() {
        reply::append_line(&mut head, b"content-type:", &wanted.content_type);
    }
    if opened.file.is_gzip() {
        reply::append_line(&mut head, b"content-encoding:", b"gzip");
    }
    if let Some(content_range) = content_range {
        reply::append_line(&mut head, b"content-range:", content_range.as_bytes());
    }
    let is_chunked = wanted.is_interpreted && is_1_1;
    if !wanted.is_interpreted {
        reply::append_length(&mut head, length);
    }
    if !wanted.cache.is_empty() {
        reply::append_line(&mut head, b"cache-control:", wanted.cache.as_bytes());
    }
    if let Some(etag) = &etag {
        reply::append_line(&mut head, b"etag:", etag.as_bytes());
    }
    if is_chunked {
        reply::append_line(&mut head, b"transfer-encoding:", b"chunked");
    } else if wanted.is_interpreted {
        reply::append_line(&mut head, b"connection:", b"close");
        wsi.set(flag::CLOSE_AFTER);
    }
    head.extend_from_slice(&wanted.extra);
    head.extend_from_slice(&added);
    head.extend_from_slice(b"\r\n");
    if !reply::queue(cx, wsi, &head, b"") {
        return Answer::Dead;
    }
    let is_head = wsi.http.visit(|http| http.is_head) == Some(true);
    if is_head || status == 416 {
        return Answer::Complete;
    }
    let mut file = opened.file;
    if first > 0 && !file.seek(first) {
        return Answer::Dead;
    }
    let transfer = Transfer { file, left: length, is_interpreted: wanted.is_interpreted, is_chunked };
    wsi.http.visit(|http| http.file = Some(Box::new(transfer)));
    wsi.set(flag::SERVING_FILE);
    cx.make_pending(wsi);
    Answer::UnderWay
}

enum Added {
    Lines(Vec<u8>),
    Refused,
}

/// ADD_HEADERS to the bound protocol. Nonzero, or a position outside of the buffer, refuses.
fn added_lines(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Added {
    let mut buffer = vec![0; PRE + ADDED_ROOM];
    let mut space = HeaderSpace::over(&mut buffer[PRE..]);
    let reason = Reason::AddHeaders;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::HtmlArgs(&mut space), "closes the connection");
    match space.written() {
        Some(written) if verdict == 0 => Added::Lines(buffer[PRE..PRE + written].to_vec()),
        _ => Added::Refused,
    }
}

/// Sends more of the file, as much as the client takes now; at its end HTTP_FILE_COMPLETION, negative closes.
pub fn pump(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    let here = |wsi: &Wsi| wsi.id() == id && wsi.phase.get() == Phase::Transaction;
    let mut pieces = 0;
    let mut has_progress = false;
    while here(wsi) && wsi.has(flag::SERVING_FILE) {
        if out::queued(wsi) > 0 && (wsi.has(flag::BACKLOG) || out::queued(wsi) >= out::CORK_BYTES) {
            if !wsi.has(flag::WRITABLE) {
                break;
            }
            match out::flush(may, cx, wsi) {
                Flushed::All => {}
                Flushed::Blocked => break,
                Flushed::Dead(error) => {
                    return close::lost(may, cx, wsi, CloseCause::peer(super::net::describe(&error)));
                }
            }
        }
        // While it is out of the connection, its operations may call back into the library.
        let Some(mut transfer) = wsi.http.visit(|http| http.file.take()).flatten() else { break };
        if transfer.left == 0 {
            if out::queued(wsi) > 0 {
                wsi.http.visit(|http| http.file = Some(transfer));
                match out::flush(may, cx, wsi) {
                    Flushed::All => continue,
                    Flushed::Blocked => break,
                    Flushed::Dead(error) => {
                        return close::lost(may, cx, wsi, CloseCause::peer(super::net::describe(&error)));
                    }
                }
            }
            drop(transfer);
            return completed(may, cx, wsi);
        }
        pieces += 1;
        if pieces > PIECES_PER_TURN {
            wsi.http.visit(|http| http.file = Some(transfer));
            cx.make_pending(wsi);
            break;
        }
        let piece = next_piece(may, cx, wsi, &mut transfer);
        if !here(wsi) {
            return;
        }
        match piece {
            Ok(bytes) => {
                super::trace::sends(cx, wsi, &bytes, "file");
                has_progress = reply::put_body(cx, wsi, &bytes);
                if !has_progress {
                    drop(transfer);
                    return close::at_once(may, cx, wsi, CloseCause::ours("the answer cannot be sent"));
                }
            }
            Err(why) => {
                log::line(Level::Err, Scope::Wsi(wsi), "file", format_args!("{why}: closing"));
                drop(transfer);
                return close::at_once(may, cx, wsi, CloseCause::ours(why));
            }
        }
        wsi.http.visit(|http| http.file = Some(transfer));
    }
    if !here(wsi) {
        return;
    }
    if has_progress {
        deadline::start_timeout(cx, wsi, wait::HTTP_CONTENT, cx.settings.timeout_secs);
    }
    poll_events::update(may, cx, wsi);
}

/// Reads the next piece, through PROCESS_HTML and into a chunk where that is wanted.
fn next_piece(may: &mut MayCall, cx: &Context, wsi: &Wsi, transfer: &mut Transfer) -> Result<Vec<u8>, &'static str> {
    let size = cx.settings.service_buffer_bytes.clamp(512, 64 * 1024);
    let size = if transfer.is_interpreted { size } else { size.max(16 * 1024) };
    let wanted = usize::try_from(transfer.left).unwrap_or(usize::MAX).min(size);
    let room = if transfer.is_interpreted { size + SUBSTITUTION_ROOM } else { 0 };
    let mut buffer = vec![0; PRE + wanted + room];
    let count = match transfer.file.read(&mut buffer[PRE..PRE + wanted]) {
        Some(0) => return Err("the file became shorter while it was sent"),
        Some(count) if count <= wanted => count,
        _ => return Err("the file cannot be read"),
    };
    transfer.left -= count as u64;
    if !transfer.is_interpreted {
        buffer.truncate(PRE + count);
        buffer.drain(..PRE);
        return Ok(buffer);
    }
    let (start, end) = processed(may, cx, wsi, &mut buffer, count, transfer.left == 0)?;
    let bytes = buffer.get(start..end).unwrap_or_default();
    if !transfer.is_chunked {
        return Ok(bytes.to_vec());
    }
    let mut chunk = Vec::with_capacity(bytes.len() + 32);
    if !bytes.is_empty() {
        chunk.extend_from_slice(format!("{:x}\r\n", bytes.len()).as_bytes());
        chunk.extend_from_slice(bytes);
        chunk.extend_from_slice(b"\r\n");
    }
    if transfer.left == 0 {
        chunk.extend_from_slice(b"0\r\n\r\n");
    }
    Ok(chunk)
}

/// PROCESS_HTML: the program changes the text in its buffer. Where the text lies then.
fn processed(
    may: &mut MayCall,
    cx: &Context,
    wsi: &Wsi,
    buffer: &mut [u8],
    count: usize,
    is_final: bool,
) -> Result<(usize, usize), &'static str> {
    let room = buffer.len() - PRE;
    let base = buffer.as_mut_ptr().addr();
    let mut args = HtmlArgs {
        text: buffer[PRE..].as_mut_ptr(),
        len: count as i32,
        max_len: i32::try_from(room).unwrap_or(i32::MAX),
        is_final: i32::from(is_final),
        // The framing is added here, whatever the program does.
        is_chunked: 0,
    };
    let reason = Reason::ProcessHtml;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::Html(&mut args), "closes the connection");
    if verdict != 0 {
        return Err("refused at PROCESS_HTML");
    }
    let start = args.text.addr().checked_sub(base).filter(|start| *start <= buffer.len());
    let length = usize::try_from(args.len).ok();
    match (start, length) {
        (Some(start), Some(length)) if length <= buffer.len() - start => Ok((start, start + length)),
        _ => Err("PROCESS_HTML left its buffer"),
    }
}

/// The connection ends: a file under way is closed now, not when the slot is used again.
pub fn abandon(wsi: &Wsi) {
    if wsi.has(flag::SERVING_FILE) {
        wsi.clear(flag::SERVING_FILE);
        drop(wsi.http.visit(|http| http.file.take()));
    }
}

fn completed(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    wsi.clear(flag::SERVING_FILE);
    let reason = Reason::HttpFileCompletion;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "closes if negative");
    if close::after_callback(may, cx, wsi, id, reason, verdict.min(0)) {
        if wsi.phase.get() == Phase::Transaction {
            transaction::read_body(may, cx, wsi);
        }
        cx.make_pending(wsi);
    }
}

/// `lws_serve_http_file`: a file of the program's choice as the answer to the present request.
///
/// Missing: the 404 page is queued, and the transaction is the program's to complete (1).
pub fn serve_path(may: &mut MayCall, cx: &Context, wsi: &Wsi, path: &[u8], content_type: &[u8], extra: &[u8]) -> i32 {
    if wsi.phase.get() != Phase::Transaction || wsi.has(flag::SERVING_FILE) {
        let text = format_args!("refused: no request waits for an answer");
        log::line(Level::Err, Scope::Wsi(wsi), "lws_serve_http_file", text);
        return -1;
    }
    let Some(opened) = open(cx, wsi, path, b"") else {
        return if reply::status_page(cx, wsi, 404, b"") { 1 } else { -1 };
    };
    let extra = if extra.is_empty() || extra.ends_with(b"\r\n") { extra.to_vec() } else { [extra, b"\r\n"].concat() };
    let says_cache = memchr::memmem::find(&extra.to_ascii_lowercase(), b"cache-control").is_some();
    let wanted = Wanted {
        content_type: content_type.to_vec(),
        cache: if says_cache { String::new() } else { "no-store".into() },
        extra,
        ..Wanted::default()
    };
    match begin(may, cx, wsi, opened, wanted, |_, _, _, _| true) {
        Answer::UnderWay => 0,
        Answer::Complete => -transaction::completed(may, cx, wsi),
        Answer::Dead | Answer::Gone => -1,
    }
}
