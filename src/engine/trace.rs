//! What happened on each connection, in order, for people: the timeline of OXLWS_TRACE.
//!
//! A context has a [`Trace`] or not; the edge decides that when the context is made. Without one every call here is a
//! look at a field of the context. With one, each connection has lines from its birth to its destruction:
//!
//! ```text
//! [wsicli|0|WS/h1/default/localhost]      1.27 ms  tcp       connected to 127.0.0.1:7681
//! ```
//!
//! Lines of a connection begin with its tag. A callback is one line, `NAME to 'protocol': returned 0`; where something
//! happened inside, it becomes `NAME to 'protocol' begins`, the lines of that, indented, and `NAME: returned 0`.
//! Heads are shown without secrets (`proto::http::secrets`), payloads never. Connections that have no tag (stubs,
//! listeners) have no lines.
use super::callback::{Arg, Reason};
use super::cell::peek;
use super::client::ConnectRequest;
use super::close::{CloseCause, Who};
use super::context::Context;
use super::sys;
use super::table::WsiId;
use super::timer::Micros;
use super::tls::session::{Negotiated, Session};
use super::vhost::ProtocolRef;
use super::wsi::{Role, Wsi};
use crate::proto::http::secrets;
use crate::proto::ws::frame::{FrameKind, Opcode, RSV1};
use crate::proto::ws::message::DataInfo;
use crate::proto::x509::{Certificate, date, printable};
use std::cell::Cell;
use std::collections::HashMap;
use std::fmt::{Arguments, Write};

/// Largest head that is kept to be shown; longer ones are shown up to here.
const HEAD_BYTES: usize = 16 * 1024;
/// Certificates of a chain that are shown.
const MOST_CERTIFICATES: usize = 5;

/// Takes finished lines, each with its newline.
pub type Writer = Box<dyn Fn(&str)>;

/// The timelines of the connections of one context.
pub struct Trace {
    write: Writer,
    /// In front of the tags, where there are several contexts.
    prefix: String,
    lives: Cell<HashMap<WsiId, Life>>,
    /// Callbacks on the stack, outermost first.
    open: Cell<Vec<OpenCallback>>,
}

/// What is remembered about a connection from one line to the next.
#[derive(Default)]
struct Life {
    born: Micros,
    tag: String,
    /// When the step under way began.
    step: Micros,
    /// Bytes of a head that is not complete.
    head: Vec<u8>,
    /// Bytes still to come of the frame that is being received.
    frame_remaining: u64,
    received: Count,
    sent: Count,
}

#[derive(Default)]
struct Count {
    /// Frames, or pieces where there are none.
    pieces: u64,
    bytes: u64,
}

struct OpenCallback {
    id: WsiId,
    text: String,
    is_announced: bool,
}

/// Which way bytes go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    In,
    Out,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Way::In => "receive",
            Way::Out => "send",
        }
    }
}

impl Trace {
    /// `number` of the context: lines of all but the first say which.
    pub fn new(number: u8, write: Writer) -> Self {
        let prefix = if number == 0 { String::new() } else { format!("context {number} ") };
        Trace { write, prefix, lives: Cell::default(), open: Cell::default() }
    }

    fn life<R>(&self, id: WsiId, work: impl FnOnce(&mut Life) -> R) -> Option<R> {
        peek(&self.lives, |lives| lives.get_mut(&id).map(work))
    }

    /// One line about a connection; callbacks under way are announced before it.
    fn line(&self, id: WsiId, step: &str, text: Arguments<'_>) {
        let mut open = self.open.take();
        for index in 0..open.len() {
            if !std::mem::replace(&mut open[index].is_announced, true) {
                let (outer, here) = (&open[..index], &open[index]);
                let depth = outer.iter().filter(|callback| callback.id == here.id).count();
                self.write_line(here.id, "callback", depth, format_args!("{} begins", here.text));
            }
        }
        let depth = open.iter().filter(|callback| callback.id == id).count();
        self.open.set(open);
        self.write_line(id, step, depth, text);
    }

    fn write_line(&self, id: WsiId, step: &str, depth: usize, text: Arguments<'_>) {
        let line = self.life(id, |life| {
            let ms = sys::now_micros().saturating_sub(life.born) as f64 / 1000.0;
            let mut line =
                format!("{}{} {ms:>9.2} ms  {step:<9} {:indent$}", self.prefix, life.tag, "", indent = depth * 2);
            let _ = line.write_fmt(text);
            line.truncate(line.trim_end().len());
            line.push('\n');
            line
        });
        if let Some(line) = line {
            (self.write)(&line);
        }
    }

    fn count(&self, id: WsiId, way: Way, bytes: u64) {
        self.life(id, |life| {
            let count = if way == Way::In { &mut life.received } else { &mut life.sent };
            count.pieces += 1;
            count.bytes += bytes;
        });
    }

    fn head(&self, id: WsiId, step: &str, head: &[u8]) {
        let head = head.get(..HEAD_BYTES).unwrap_or(head);
        for (index, line) in secrets::shown_lines(head).into_iter().enumerate() {
            let indent = if index == 0 { "" } else { "  " };
            self.line(id, step, format_args!("{indent}{line}"));
        }
    }

    /// After a panic of ours no callback is under way any more.
    pub fn recover(&self) {
        self.open.take();
    }
}

/// Whether the steps of connections are told.
#[inline]
pub fn is_on(cx: &Context) -> bool {
    of(cx).is_some()
}

#[inline]
fn of(cx: &Context) -> Option<&Trace> {
    cx.trace.as_deref()
}

/// One line about a step of a connection.
#[inline]
pub fn note(cx: &Context, wsi: &Wsi, step: &str, text: Arguments<'_>) {
    if let Some(trace) = of(cx) {
        trace.line(wsi.id(), step, text);
    }
}

// ---- birth and death

/// The connection has its tag: its timeline begins. Accepted and adopted ones say where they come from.
#[inline]
pub fn born(cx: &Context, wsi: &Wsi) {
    if let Some(trace) = of(cx) {
        begin(trace, wsi);
    }
}

#[cold]
fn begin(trace: &Trace, wsi: &Wsi) {
    let now = sys::now_micros();
    let life = Life { born: now, step: now, tag: wsi.tag(), ..Life::default() };
    peek(&trace.lives, |lives| lives.insert(wsi.id(), life));
    if wsi.is_client() {
        return;
    }
    let addresses = wsi.with_socket(|socket| {
        let text = |address: std::io::Result<socket2::SockAddr>| address.ok().and_then(|address| address.as_socket());
        (text(socket.peer_addr()), text(socket.local_addr()))
    });
    let vhost = wsi.with_vhost(|vhost| vhost.name().to_string()).unwrap_or_default();
    let what = match wsi.role.get() {
        Role::RawSocket => "raw connection",
        Role::RawFile => "descriptor",
        Role::Udp => "datagram socket",
        _ => "http connection",
    };
    match addresses {
        Some((Some(peer), Some(local))) => {
            trace.line(wsi.id(), "accept", format_args!("{what} from {peer} to {local}, vhost '{vhost}'"));
        }
        _ => trace.line(wsi.id(), "accept", format_args!("{what}, vhost '{vhost}'")),
    }
}

/// The connect call: where to, what for, and which protocol of the vhost (`local`) gets the callbacks.
pub fn connect(cx: &Context, wsi: &Wsi, scheme: &str, request: &ConnectRequest, local: &str) {
    let Some(trace) = of(cx) else { return };
    let offered = match request.protocols.as_deref() {
        Some(list) => {
            format!(", offering subprotocol '{}'", secrets::masked_subprotocols(&String::from_utf8_lossy(list)))
        }
        None if scheme.starts_with("ws") => ", offering no subprotocol".to_owned(),
        None => String::new(),
    };
    let slash = if request.path.starts_with(b"/") { "" } else { "/" };
    let path = secrets::clipped(&secrets::masked_url(&String::from_utf8_lossy(&request.path)), 200);
    let (address, port, host) = (&request.address, request.port, String::from_utf8_lossy(&request.host));
    let text = format!("{scheme}://{address}:{port}{slash}{path}, host '{host}'{offered}, handled by '{local}'");
    trace.line(wsi.id(), "connect", format_args!("{}", secrets::printable(&text)));
}

/// Who ended the connection and why; the callbacks of the end follow.
#[inline]
pub fn ends(cx: &Context, wsi: &Wsi) {
    let Some(trace) = of(cx) else { return };
    let Some(CloseCause { who, code, text, .. }) = wsi.peek_rare(|rare| rare.cause.clone()).flatten() else { return };
    let who = match who {
        Who::Us => "by us",
        Who::Peer => "by the peer",
        Who::Timeout => "by a timeout",
        Who::Failure => "by a failure",
    };
    let code = if code == 0 { String::new() } else { format!(", close code {code}") };
    let text = secrets::printable(&text);
    trace.line(wsi.id(), "close", format_args!("ended {who}{code}: {text}"));
}

/// The last line.
#[inline]
pub fn gone(cx: &Context, wsi: &Wsi) {
    let Some(trace) = of(cx) else { return };
    let counts = trace.life(wsi.id(), |life| {
        let unit = if wsi.role.get() == Role::Ws { "frames" } else { "pieces" };
        let say = |count: &Count| format!("{} {unit}, {} bytes", count.pieces, count.bytes);
        format!("received {}; sent {}", say(&life.received), say(&life.sent))
    });
    if let Some(counts) = counts {
        trace.line(wsi.id(), "destroy", format_args!("{counts}"));
        peek(&trace.lives, |lives| lives.remove(&wsi.id()));
    }
}

// ---- callbacks

/// Runs the callback of protocol `to`, and tells of it.
#[inline]
pub fn around(
    cx: &Context,
    wsi: &Wsi,
    to: ProtocolRef,
    reason: Reason,
    arg: Arg<'_>,
    run: impl FnOnce(Arg<'_>) -> i32,
) -> i32 {
    match of(cx) {
        None => run(arg),
        Some(trace) => told(trace, wsi, to, reason, arg, run),
    }
}

#[cold]
fn told(
    trace: &Trace,
    wsi: &Wsi,
    to: ProtocolRef,
    reason: Reason,
    arg: Arg<'_>,
    run: impl FnOnce(Arg<'_>) -> i32,
) -> i32 {
    let id = wsi.id();
    let is_known = trace.life(id, |_| ()).is_some();
    // What an external poller is told comes several times per step, and hides the rest.
    let is_noise = matches!(
        reason,
        Reason::AddPollFd
            | Reason::DelPollFd
            | Reason::ChangeModePollFd
            | Reason::LockPoll
            | Reason::UnlockPoll
            | Reason::GetThreadId
    );
    if !is_known || is_noise {
        return run(arg);
    }
    let detail = match &arg {
        Arg::Bytes(_, length) => format!(", {length} bytes"),
        Arg::Fd(fd) => format!(", descriptor {fd}"),
        _ => String::new(),
    };
    let name = reason.name();
    let protocol =
        wsi.with_vhost(|vhost| vhost.entry(to).map(|entry| entry.name.clone())).flatten().unwrap_or_default();
    let text = format!("{name} to '{}'{detail}", String::from_utf8_lossy(&protocol));
    let depth = peek(&trace.open, |open| {
        open.push(OpenCallback { id, text, is_announced: false });
        open.len()
    });
    let verdict = run(arg);
    let closed = peek(&trace.open, |open| {
        open.truncate(depth);
        open.pop()
    });
    match closed {
        Some(callback) if callback.is_announced => {
            trace.line(id, "callback", format_args!("{name}: returned {verdict}"));
        }
        Some(callback) => trace.line(id, "callback", format_args!("{}: returned {verdict}", callback.text)),
        None => {}
    }
    verdict
}

// ---- steps that take time

/// A step begins whose duration will be told.
#[inline]
pub fn step_begins(cx: &Context, wsi: &Wsi) {
    if let Some(trace) = of(cx) {
        trace.life(wsi.id(), |life| life.step = sys::now_micros());
    }
}

/// The step that began last is over; its duration is added to the text.
#[inline]
pub fn step_ends(cx: &Context, wsi: &Wsi, step: &str, text: Arguments<'_>) {
    if let Some(trace) = of(cx) {
        let begun = trace.life(wsi.id(), |life| life.step).unwrap_or_default();
        let ms = sys::now_micros().saturating_sub(begun) as f64 / 1000.0;
        trace.line(wsi.id(), step, format_args!("{text} (took {ms:.2} ms)"));
    }
}

/// The outcome of a handshake: what was agreed on, the peer's certificates, what was let pass.
pub fn tls_done(cx: &Context, wsi: &Wsi) {
    let Some(trace) = of(cx) else { return };
    let facts = wsi.tls.visit(|tls| (tls.negotiated().clone(), certificates(tls), tls.forgiven().to_vec()));
    let Some((negotiated, certificates, forgiven)) = facts else { return };
    let Negotiated { version, cipher, alpn, resumed, sni } = negotiated;
    let alpn = printable(alpn.as_deref().unwrap_or("none"));
    let sni = printable(sni.as_deref().unwrap_or("none"));
    let resumed = if resumed { ", session resumed" } else { "" };
    step_ends(cx, wsi, "tls", format_args!("{version}, cipher {cipher}, ALPN {alpn}, server name {sni}{resumed}"));
    for (depth, certificate) in certificates.iter().enumerate() {
        trace.line(wsi.id(), "tls", format_args!("certificate {depth}: {certificate}"));
    }
    for sentence in forgiven {
        trace.line(wsi.id(), "tls", format_args!("{sentence}"));
    }
}

fn certificates(tls: &Session) -> Vec<String> {
    let shown = tls.peer_chain().iter().take(MOST_CERTIFICATES).map(|der| match Certificate::from_der(der) {
        Ok(certificate) => {
            let names: Vec<String> = certificate.alt_names().iter().map(|name| printable(&name.to_string())).collect();
            let names = if names.is_empty() { String::new() } else { format!(", names {}", names.join(", ")) };
            format!(
                "subject {}, issuer {}, valid {} to {}{names}",
                certificate.subject(),
                certificate.issuer(),
                date(certificate.not_before()),
                date(certificate.not_after())
            )
        }
        Err(_) => "cannot be read".to_owned(),
    });
    shown.map(|text| secrets::clipped(&secrets::printable(&text), 600)).collect()
}

// ---- heads and bodies

/// A whole head.
#[inline]
pub fn head(cx: &Context, wsi: &Wsi, step: &str, head: &[u8]) {
    if let Some(trace) = of(cx) {
        trace.head(wsi.id(), step, head);
    }
}

/// Bytes of a head that has not ended.
#[inline]
pub fn head_part(cx: &Context, wsi: &Wsi, bytes: &[u8]) {
    if let Some(trace) = of(cx) {
        trace.life(wsi.id(), |life| {
            let room = HEAD_BYTES.saturating_sub(life.head.len());
            life.head.extend(bytes.iter().take(room));
        });
    }
}

/// A head that ends with `bytes`, or broke there.
#[inline]
pub fn head_ends(cx: &Context, wsi: &Wsi, step: &str, bytes: &[u8]) {
    if let Some(trace) = of(cx) {
        head_part(cx, wsi, bytes);
        let head = trace.life(wsi.id(), |life| std::mem::take(&mut life.head)).unwrap_or_default();
        trace.head(wsi.id(), step, &head);
    }
}

/// What goes out before or instead of frames: an http answer, whose head is shown, or bytes that are counted.
#[inline]
pub fn sends(cx: &Context, wsi: &Wsi, bytes: &[u8], what: &str) {
    if of(cx).is_some() {
        sends_told(cx, wsi, bytes, what);
    }
}

#[cold]
fn sends_told(cx: &Context, wsi: &Wsi, bytes: &[u8], what: &str) {
    let mut rest = bytes;
    if what == "body" && bytes.starts_with(b"HTTP/1.") {
        let end = memchr::memmem::find(bytes, b"\r\n\r\n").map_or(bytes.len(), |end| end + 4);
        head(cx, wsi, "answer", &bytes[..end]);
        rest = &bytes[end..];
    }
    if !rest.is_empty() {
        bytes_told(cx, wsi, Way::Out, what, rest.len());
    }
}

/// Bytes without frames: raw data, datagrams, pieces of a body.
#[inline]
pub fn bytes(cx: &Context, wsi: &Wsi, way: Way, what: &str, length: usize) {
    if of(cx).is_some() {
        bytes_told(cx, wsi, way, what, length);
    }
}

#[cold]
fn bytes_told(cx: &Context, wsi: &Wsi, way: Way, what: &str, length: usize) {
    if let Some(trace) = of(cx) {
        trace.count(wsi.id(), way, length as u64);
        trace.line(wsi.id(), way.word(), format_args!("{what}, {length} bytes"));
    }
}

// ---- frames

/// A frame that is sent. `message`: bytes before they were compressed.
#[inline]
pub fn frame_out(cx: &Context, wsi: &Wsi, kind: FrameKind, payload: &[u8], message: usize) {
    if let Some(trace) = of(cx) {
        framed(trace, wsi, kind, payload, message);
    }
}

#[cold]
fn framed(trace: &Trace, wsi: &Wsi, kind: FrameKind, payload: &[u8], message: usize) {
    let original = if message == payload.len() { String::new() } else { format!(" for {message}") };
    frame(trace, wsi, Way::Out, kind, payload.len() as u64, payload, &original);
}

/// A piece of a message came; told of where its frame begins.
#[inline]
pub fn data_in(cx: &Context, wsi: &Wsi, info: &DataInfo, piece: usize) {
    if let Some(trace) = of(cx) {
        data_piece(trace, wsi, info, piece);
    }
}

#[cold]
fn data_piece(trace: &Trace, wsi: &Wsi, info: &DataInfo, piece: usize) {
    let before = trace.life(wsi.id(), |life| std::mem::replace(&mut life.frame_remaining, info.frame_remaining));
    if before.is_none_or(|remaining| remaining > 0) {
        return;
    }
    let opcode = match (info.first, info.binary) {
        (false, _) => Opcode::Continuation,
        (true, true) => Opcode::Binary,
        (true, false) => Opcode::Text,
    };
    let kind = FrameKind { fin: info.frame_fin, rsv: info.rsv, opcode };
    frame(trace, wsi, Way::In, kind, piece as u64 + info.frame_remaining, &[], "");
}

/// A whole control frame came.
#[inline]
pub fn control_in(cx: &Context, wsi: &Wsi, opcode: Opcode, payload: &[u8]) {
    if let Some(trace) = of(cx) {
        frame(trace, wsi, Way::In, FrameKind::whole(opcode), payload.len() as u64, payload, "");
    }
}

#[cold]
fn frame(trace: &Trace, wsi: &Wsi, way: Way, kind: FrameKind, length: u64, payload: &[u8], original: &str) {
    let FrameKind { fin, rsv, opcode } = kind;
    let name = match opcode {
        Opcode::Continuation => "continuation",
        Opcode::Text => "text",
        Opcode::Binary => "binary",
        Opcode::Close => "close",
        Opcode::Ping => "ping",
        Opcode::Pong => "pong",
        Opcode::Reserved(_) => "reserved",
    };
    let mut text = format!("frame {name}, {length} bytes{original}");
    text.push_str(if fin { ", fin" } else { ", not fin" });
    if rsv & RSV1 != 0 {
        text.push_str(", rsv1");
    }
    if opcode == Opcode::Close {
        text.push_str(&close_words(payload));
    }
    trace.count(wsi.id(), way, length);
    trace.line(wsi.id(), way.word(), format_args!("{text}"));
}

/// Code and reason of a close frame: not payload, but the protocol's own words.
fn close_words(payload: &[u8]) -> String {
    match payload {
        [high, low, reason @ ..] => {
            let code = u16::from_be_bytes([*high, *low]);
            let reason = secrets::printable(&String::from_utf8_lossy(reason));
            if reason.is_empty() { format!(", code {code}") } else { format!(", code {code} '{reason}'") }
        }
        _ => ", without a code".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::rc::Rc;

    type Lines = Rc<RefCell<String>>;

    fn trace() -> (Trace, Lines) {
        let lines = Lines::default();
        let copy = Rc::clone(&lines);
        (Trace::new(0, Box::new(move |line| copy.borrow_mut().push_str(line))), lines)
    }

    fn known(trace: &Trace, id: WsiId, tag: &str) {
        let life = Life { born: sys::now_micros(), tag: tag.to_owned(), ..Life::default() };
        peek(&trace.lives, |lives| lives.insert(id, life));
    }

    /// The lines without times.
    fn texts(lines: &Lines) -> Vec<String> {
        lines.borrow().lines().map(|line| line.split_once(" ms  ").map_or("", |(_, text)| text).to_owned()).collect()
    }

    fn open(trace: &Trace, id: WsiId, text: &str) {
        peek(&trace.open, |open| open.push(OpenCallback { id, text: text.to_owned(), is_announced: false }));
    }

    #[test]
    fn callbacks_are_announced_where_something_happens_inside() {
        let (trace, lines) = trace();
        let (first, second) = (WsiId::new(1, 1), WsiId::new(2, 1));
        known(&trace, first, "[a]");
        known(&trace, second, "[b]");
        open(&trace, first, "OUTER");
        open(&trace, first, "INNER");
        trace.line(second, "tcp", format_args!("other"));
        trace.line(first, "send", format_args!("own"));
        assert_eq!(
            texts(&lines),
            ["callback  OUTER begins", "callback    INNER begins", "tcp       other", "send          own"]
        );
        assert!(lines.borrow().starts_with("[a] "));
    }

    #[test]
    fn connections_without_a_timeline_have_no_lines() {
        let (trace, lines) = trace();
        trace.line(WsiId::new(1, 1), "tcp", format_args!("x"));
        trace.head(WsiId::new(1, 1), "reply", b"HTTP/1.1 200 OK\r\n");
        assert_eq!(*lines.borrow(), "");
    }

    #[test]
    fn close_frames_show_code_and_reason() {
        assert_eq!(close_words(&[]), ", without a code");
        assert_eq!(close_words(&[3, 232]), ", code 1000");
        assert_eq!(close_words(b"\x03\xe8bye\x1b"), ", code 1000 'bye.'");
    }
}
