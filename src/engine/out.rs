//! What waits to be sent: one ordered queue per connection, flushed in as few system calls as possible.
//!
//! This is where it is decided where bytes go: to the socket, through TLS, or, from a stream of http/2, as frames into
//! the queue of the connection that carries it.
//!
//! Frames of one turn are corked here and leave together. Nothing ever raises SIGPIPE. With TLS the queue holds plain
//! bytes, encrypted as one batch when it is flushed; records the socket did not take wait behind it.
use super::cell::{MayCall, TakeCell, peek};
use super::context::Context;
use super::role::h2_stream;
use super::tls::plaintext_log;
use super::wsi::{Wsi, flag};
use socket2::Socket;
use std::cell::Cell;
use std::io::{self, IoSlice};

/// Payloads from this size go straight from the program's buffer where that is possible (no TLS, no mask).
pub const STRAIGHT_BYTES: usize = 32 * 1024;
/// A queue above this is flushed in the middle of a turn, so that memory stays bounded.
pub const CORK_BYTES: usize = 128 * 1024;
/// So much of a payload sent straight stays behind until the turn ends or more follows: what was sent with MSG_MORE is
/// pushed out by it, and the kernel fills its segments meanwhile, instead of one small one behind each payload.
const TAIL_BYTES: usize = 64;
/// Buffers larger than this are not kept for reuse.
const KEEP_BYTES: usize = 256 * 1024;
const POOLED: usize = 16;

/// The queue of one connection. A connection with nothing to send has none.
#[derive(Default)]
pub struct Out {
    plain: Vec<u8>,
    plain_sent: usize,
    records: Vec<u8>,
    records_sent: usize,
}

impl Out {
    /// Where what is to be sent is appended.
    #[inline]
    pub fn end(&mut self) -> &mut Vec<u8> {
        &mut self.plain
    }

    fn len(&self) -> usize {
        self.plain.len() - self.plain_sent + self.records.len() - self.records_sent
    }

    /// Forgets what was sent, when that is much: a queue that never runs empty must not keep its past.
    fn compact(&mut self) {
        for (bytes, sent) in [(&mut self.plain, &mut self.plain_sent), (&mut self.records, &mut self.records_sent)] {
            if *sent > CORK_BYTES && *sent * 2 > bytes.len() {
                bytes.drain(..*sent);
                *sent = 0;
            }
        }
    }

    fn reset(&mut self) {
        for bytes in [&mut self.plain, &mut self.records] {
            bytes.clear();
            if bytes.capacity() > KEEP_BYTES {
                bytes.shrink_to(KEEP_BYTES);
            }
        }
        self.plain_sent = 0;
        self.records_sent = 0;
    }
}

/// Queues that are not in use.
#[derive(Default)]
pub struct OutPool {
    /// The one that was used last: mostly one is enough.
    last: TakeCell<Out>,
    #[expect(clippy::vec_box, reason = "a queue moves between a connection and the pool without being copied")]
    others: Cell<Vec<Box<Out>>>,
}

impl OutPool {
    #[inline]
    fn get(&self) -> Box<Out> {
        self.last.take().unwrap_or_else(|| peek(&self.others, Vec::pop).unwrap_or_default())
    }

    #[inline]
    fn put(&self, mut out: Box<Out>) {
        out.reset();
        if let Some(other) = self.last.replace(out) {
            self.put_aside(other);
        }
    }

    #[cold]
    fn put_aside(&self, out: Box<Out>) {
        peek(&self.others, |others| {
            if others.len() < POOLED {
                others.push(out);
            }
        });
    }
}

/// How a flush ended.
#[derive(Debug)]
pub enum Flushed {
    /// Everything is out.
    All,
    /// The socket takes no more now.
    Blocked,
    /// The connection is dead for sending.
    Dead(io::Error),
}

/// Bytes that are queued and not sent.
pub fn queued(wsi: &Wsi) -> usize {
    wsi.out.visit(|out| out.len()).unwrap_or(0)
}

/// Whether a write of `bytes` could be queued as a whole. Of large ones, which come from the program, the allocator is
/// asked before anything is done: it may refuse them, and growing the queue has no way to say so. A queue that grows may
/// double, and what is compressed or encrypted is there twice.
pub fn has_memory_for(wsi: &Wsi, bytes: usize) -> bool {
    const LARGE: usize = 64 * 1024;
    bytes < LARGE || Vec::<u8>::new().try_reserve_exact(2 * queued(wsi).saturating_add(bytes)).is_ok()
}

/// Lets `write` append to the queue, which is flushed at the end of the visit or turn.
pub fn append<R>(cx: &Context, wsi: &Wsi, write: impl FnOnce(&mut Vec<u8>) -> R) -> R {
    let mut out = wsi.out.take().unwrap_or_else(|| cx.out_pool.get());
    let result = write(out.end());
    give_back(cx, wsi, out);
    result
}

/// The queue, to append at most `bytes` to it and [give it back](give_back); `None` if it would become so long that it is
/// flushed in the middle of a turn.
#[inline(always)]
pub fn borrow_corked(cx: &Context, wsi: &Wsi, bytes: usize) -> Option<Box<Out>> {
    let out = wsi.out.take().unwrap_or_else(|| cx.out_pool.get());
    // What was sent of it counts, too: to know better is for the slow way.
    if out.plain.len() + out.records.len() + bytes <= CORK_BYTES {
        return Some(out);
    }
    wsi.out.set(out);
    None
}

/// Puts a queue back to which something was appended. Who visits the connection flushes it; otherwise it is marked for the
/// flush at the end of the turn.
#[inline(always)]
pub fn give_back(cx: &Context, wsi: &Wsi, out: Box<Out>) {
    wsi.out.set(out);
    if cx.servicing.get() != Some(wsi.id()) {
        cx.make_dirty(wsi);
    }
}

/// More than one packet is queued, or the socket refused: `lws_partial_buffered`.
pub fn is_backlogged(wsi: &Wsi) -> bool {
    is_backlog(wsi, queued(wsi))
}

/// [`is_backlogged`] with `waiting` bytes queued.
#[inline]
pub fn is_backlog(wsi: &Wsi, waiting: usize) -> bool {
    wsi.has(flag::BACKLOG | flag::LARGE_WRITE) || waiting > packet_bytes(wsi)
}

/// Whether what is queued is no more than a packet, and may wait for the end of the turn.
#[inline]
pub fn is_short(wsi: &Wsi) -> bool {
    queued(wsi) <= packet_bytes(wsi).min(CORK_BYTES)
}

/// Bytes that one write may queue without being a backlog.
fn packet_bytes(wsi: &Wsi) -> usize {
    wsi.packet_limit.get() as usize + super::context::PRE + 4
}

/// Whether a write of `bytes` exceeds a packet.
#[inline]
pub fn is_large_write(wsi: &Wsi, bytes: usize) -> bool {
    bytes > packet_bytes(wsi)
}

/// A write of `bytes` was queued (or sent on the way): one that exceeds a packet is a backlog until the turn is over,
/// whatever the kernel swallowed of it, as programs know it.
pub fn note_write(wsi: &Wsi, bytes: usize) {
    if is_large_write(wsi, bytes) {
        wsi.set(flag::LARGE_WRITE);
    }
}

/// Sends what is queued, as far as the socket takes it.
pub fn flush(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Flushed {
    if wsi.has(flag::STREAM) {
        return flush_stream(cx, wsi);
    }
    let Some(mut out) = wsi.out.take() else { return Flushed::All };
    let result = if wsi.has(flag::TLS) { flush_tls(may, wsi, &mut out) } else { flush_plain(wsi, &mut out) };
    settle(cx, wsi, out, result)
}

/// Moves what a stream of http/2 has queued to its connection, as far as flow control allows.
fn flush_stream(cx: &Context, wsi: &Wsi) -> Flushed {
    let mut out = wsi.out.take().unwrap_or_else(|| cx.out_pool.get());
    let (taken, result) = h2_stream::flush(cx, wsi, &out.plain[out.plain_sent..]);
    out.plain_sent += taken;
    settle(cx, wsi, out, result)
}

/// What a flush leaves behind: an empty queue goes back to the pool, the rest waits.
fn settle(cx: &Context, wsi: &Wsi, mut out: Box<Out>, result: Flushed) -> Flushed {
    match result {
        Flushed::All => {
            cx.out_pool.put(out);
            wsi.clear(flag::BACKLOG);
        }
        Flushed::Blocked => {
            out.compact();
            wsi.out.set(out);
            wsi.set(flag::BACKLOG);
            wsi.clear(flag::WRITABLE);
        }
        Flushed::Dead(_) => {
            cx.out_pool.put(out);
            wsi.set(flag::WRITE_DEAD);
            wsi.clear(flag::BACKLOG);
        }
    }
    result
}

fn flush_plain(wsi: &Wsi, out: &mut Out) -> Flushed {
    let result = send_all(wsi, &out.plain, &mut out.plain_sent);
    if out.plain_sent == out.plain.len() {
        out.plain.clear();
        out.plain_sent = 0;
    }
    result
}

fn flush_tls(may: &mut MayCall, wsi: &Wsi, out: &mut Out) -> Flushed {
    loop {
        if out.records_sent < out.records.len() {
            let result = send_all(wsi, &out.records, &mut out.records_sent);
            if !matches!(result, Flushed::All) {
                return result;
            }
        }
        out.records.clear();
        out.records_sent = 0;
        let plain = &out.plain[out.plain_sent..];
        let taken = wsi.tls.with(may, |tls| {
            // Plain bytes wait until the handshake is over; what the session itself has to say goes first.
            tls.take_output(&mut out.records);
            if plain.is_empty() || tls.is_handshaking() { 0 } else { tls.encrypt_into(plain, &mut out.records) }
        });
        let Some(taken) = taken else { return Flushed::Dead(io::Error::other("TLS state lost")) };
        plaintext_log::to_send(wsi, &out.plain[out.plain_sent..out.plain_sent + taken]);
        out.plain_sent += taken;
        if out.plain_sent == out.plain.len() {
            out.plain.clear();
            out.plain_sent = 0;
        }
        if out.records.is_empty() {
            return if out.plain.is_empty() { Flushed::All } else { Flushed::Blocked };
        }
    }
}

fn send_all(wsi: &Wsi, bytes: &[u8], sent: &mut usize) -> Flushed {
    while *sent < bytes.len() {
        match wsi.with_socket(|socket| send(socket, &bytes[*sent..])) {
            Some(Ok(count)) => {
                wsi.count_bytes_out(count);
                *sent += count;
            }
            Some(Err(error)) if error.kind() == io::ErrorKind::WouldBlock => return Flushed::Blocked,
            Some(Err(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Some(Err(error)) => return Flushed::Dead(error),
            None => return Flushed::Dead(io::ErrorKind::NotConnected.into()),
        }
    }
    Flushed::All
}

fn send(socket: &Socket, bytes: &[u8]) -> io::Result<usize> {
    socket.send_with_flags(bytes, libc::MSG_NOSIGNAL)
}

/// Sends the queue, `head` and `payload` in one call, straight from their buffers; the unsent rest is queued.
///
/// Only for connections without TLS. The order is kept: when something is backlogged, all of it is queued. The last bytes
/// are always queued, see [`TAIL_BYTES`].
pub fn send_straight(cx: &Context, wsi: &Wsi, head: &[u8], payload: &[u8]) {
    let (body, tail) = payload.split_at(payload.len().saturating_sub(TAIL_BYTES));
    let mut out = wsi.out.take().unwrap_or_else(|| cx.out_pool.get());
    let queue = &out.plain[out.plain_sent..];
    let waiting = queue.len();
    let mut sent = 0;
    if !wsi.has(flag::BACKLOG) {
        let parts = [IoSlice::new(queue), IoSlice::new(head), IoSlice::new(body)];
        let flags = libc::MSG_NOSIGNAL | libc::MSG_MORE;
        let result = wsi.with_socket(|socket| socket.send_vectored_with_flags(&parts, flags));
        // An error is met again, and judged, by the flush that follows.
        sent = result.and_then(Result::ok).unwrap_or(0);
        wsi.count_bytes_out(sent);
    }
    out.plain_sent += sent.min(waiting);
    let mut rest = sent.saturating_sub(waiting);
    if out.plain_sent == out.plain.len() {
        out.plain.clear();
        out.plain_sent = 0;
    }
    for part in [head, body, tail] {
        let skip = rest.min(part.len());
        out.plain.extend_from_slice(&part[skip..]);
        rest -= skip;
    }
    out.compact();
    wsi.out.set(out);
    cx.make_dirty(wsi);
}
