//! Bytes from the peer: straight from the socket, through TLS, or out of the frames of an http/2 stream.
use super::callback;
use super::cell::MayCall;
use super::context::Context;
use super::net::{self, ReadResult};
use super::out;
use super::role::h2_stream;
use super::tls::plaintext_log;
use super::tls::session::{Decrypted, Session};
use super::wsi::{Wsi, flag};
use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

/// Size of the buffer for TLS records; a record is at most 16 KiB and a bit (RFC 8446 §5.2).
const RECORD_BUFFER: usize = 64 * 1024;

/// Why a connection ends whose protocol asks for a receive buffer that cannot be had.
pub const NO_MEMORY: &str = "no memory for the receive buffer";

/// The receive buffer of the context, lent to one reader at a time; a second one below it gets a buffer of its own.
pub struct Lent<'a> {
    cx: &'a Context,
    bytes: Vec<u8>,
}

impl<'a> Lent<'a> {
    /// At least `size` bytes, with anything in them. `None`: there is no memory for that many, which the program chose.
    pub fn of(cx: &'a Context, size: usize) -> Option<Self> {
        let mut lent = Lent { cx, bytes: cx.rx_buffer.take() };
        lent.grow(size).then_some(lent)
    }

    /// Makes it at least `size` bytes; what is in it stays. False: there is no memory for that.
    #[must_use]
    pub fn grow(&mut self, size: usize) -> bool {
        let more = size.saturating_sub(self.bytes.len());
        let there_is_room = more == 0 || self.bytes.try_reserve(more).is_ok();
        if there_is_room && more != 0 {
            self.bytes.resize(size, 0);
        }
        there_is_room
    }

    /// Gives memory beyond `size` bytes back.
    pub fn shrink(&mut self, size: usize) {
        if self.bytes.len() > size {
            self.bytes.truncate(size);
            self.bytes.shrink_to_fit();
        }
    }
}

impl Deref for Lent<'_> {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl DerefMut for Lent<'_> {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        self.cx.rx_buffer.set(std::mem::take(&mut self.bytes));
    }
}

/// What a read gave.
#[derive(Debug)]
pub enum Input {
    Bytes(usize),
    /// Nothing now.
    Empty,
    /// The peer sends no more.
    End,
    /// With the reason in words.
    Failed(Cow<'static, str>),
}

/// Why TLS cannot go on.
pub struct TlsTrouble {
    /// For the program.
    pub text: String,
    /// For the log, may be empty.
    pub detail: String,
}

/// Reads plain bytes into `buffer`, and keeps the memory of what the socket may still have.
pub fn read(may: &mut MayCall, cx: &Context, wsi: &Wsi, buffer: &mut [u8]) -> Input {
    if wsi.has(flag::STREAM | flag::TLS) { read_inside(may, cx, wsi, buffer) } else { read_plain(wsi, buffer) }
}

/// [`read`] of what comes inside of TLS or of http/2.
#[inline(never)]
fn read_inside(may: &mut MayCall, cx: &Context, wsi: &Wsi, buffer: &mut [u8]) -> Input {
    if wsi.has(flag::STREAM) { h2_stream::read(cx, wsi, buffer) } else { read_tls(may, cx, wsi, buffer) }
}

/// Like [`read`], but what is stashed comes first: bytes are in the order in which they arrived.
pub fn read_after_stash(may: &mut MayCall, cx: &Context, wsi: &Wsi, buffer: &mut [u8]) -> Input {
    match wsi.unstash(buffer) {
        0 => read(may, cx, wsi, buffer),
        count => Input::Bytes(count),
    }
}

fn read_plain(wsi: &Wsi, buffer: &mut [u8]) -> Input {
    let room = buffer.len();
    match net::read(wsi, buffer) {
        ReadResult::Bytes(count) => {
            wsi.count_bytes_in(count);
            // A short read means drained; an end that was announced still has to be read.
            if count < room {
                wsi.clear(flag::READABLE);
            }
            Input::Bytes(count)
        }
        ReadResult::Empty => {
            wsi.clear(flag::READABLE | flag::HUNG_UP);
            Input::Empty
        }
        ReadResult::End => ended(wsi, Input::End),
        ReadResult::Failed(error) => {
            wsi.set(flag::BROKEN);
            ended(wsi, Input::Failed(net::describe(&error)))
        }
    }
}

#[cold]
fn ended(wsi: &Wsi, input: Input) -> Input {
    wsi.clear(flag::READABLE | flag::HUNG_UP);
    wsi.set(flag::PEER_ENDED);
    input
}

fn read_tls(may: &mut MayCall, cx: &Context, wsi: &Wsi, buffer: &mut [u8]) -> Input {
    loop {
        match wsi.tls.with(may, |tls| (tls.decrypted(buffer), tls.has_peer_closed())) {
            Some((Decrypted::Bytes(count), says_goodbye)) => {
                plaintext_log::received(wsi, &buffer[..count]);
                // A goodbye may have come in the same records; the socket will not tell of it.
                if count == buffer.len() || says_goodbye {
                    wsi.set(flag::TLS_PLAIN)
                } else {
                    wsi.clear(flag::TLS_PLAIN)
                }
                return Input::Bytes(count);
            }
            Some((Decrypted::Nothing, _)) => wsi.clear(flag::TLS_PLAIN),
            Some((Decrypted::CloseNotify, _)) => return Input::End,
            Some((Decrypted::Truncated, _)) => return end_of_socket(wsi),
            None => return Input::Failed("bug: TLS state lost".into()),
        }
        if wsi.has(flag::PEER_ENDED) {
            return end_of_socket(wsi);
        }
        if !wsi.has(flag::READABLE | flag::HUNG_UP) && !has_held_records(wsi) {
            return Input::Empty;
        }
        if let Err(trouble) = receive_records(may, cx, wsi) {
            // What was decrypted before the fault was received all the same: it comes first, the end after it.
            if let Some(Decrypted::Bytes(count)) = wsi.tls.with(may, |tls| tls.decrypted(buffer)) {
                wsi.set(flag::PEER_ENDED | flag::HUNG_UP);
                return Input::Bytes(count);
            }
            return Input::Failed(trouble.text.into());
        }
    }
}

/// The end of the socket under TLS: an orderly one, or the error it broke with.
fn end_of_socket(wsi: &Wsi) -> Input {
    match wsi.peek_rare(|rare| rare.broken.clone()).flatten() {
        Some(why) => Input::Failed(why),
        None => Input::End,
    }
}

/// Whether TLS holds bytes that need no event from the socket.
pub fn has_more(wsi: &Wsi) -> bool {
    wsi.has(flag::TLS_PLAIN) || wsi.has(flag::TLS) && has_held_records(wsi)
}

/// Takes records from the socket into the TLS session, as far as the session has room.
pub fn receive_records(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Result<(), TlsTrouble> {
    let mut records = cx.record_buffer.take();
    records.resize(RECORD_BUFFER, 0);
    let result = receive_into(may, cx, wsi, &mut records);
    cx.record_buffer.set(records);
    result
}

/// Records that wait because the session held plain bytes when they came.
fn has_held_records(wsi: &Wsi) -> bool {
    wsi.peek_rare(|rare| !rare.records.is_empty()).unwrap_or(false)
}

fn receive_into(may: &mut MayCall, cx: &Context, wsi: &Wsi, records: &mut [u8]) -> Result<(), TlsTrouble> {
    let trouble = |text: &str, detail: &str| TlsTrouble { text: text.to_string(), detail: detail.to_string() };
    loop {
        let count = if has_held_records(wsi) {
            let held = wsi.with_rare(|rare| std::mem::take(&mut rare.records));
            records[..held.len()].copy_from_slice(&held);
            held.len()
        } else if wsi.has(flag::READABLE | flag::HUNG_UP) {
            match read_plain(wsi, records) {
                Input::Bytes(count) => count,
                Input::Empty => return Ok(()),
                end => {
                    let ended = wsi.tls.with(may, |tls| tls.on_eof());
                    let broken = if let Input::Failed(why) = end { Some(why) } else { None };
                    return match (ended, broken) {
                        (Some(Ok(())), broken) => {
                            if broken.is_some() {
                                wsi.with_rare(|rare| rare.broken = broken);
                            }
                            Ok(())
                        }
                        (Some(Err(error)), Some(why)) if error.detail().is_empty() => Err(trouble(error.text(), &why)),
                        (Some(Err(error)), _) => Err(trouble(error.text(), error.detail())),
                        (None, _) => Err(trouble("tls: bug: state lost", "")),
                    };
                }
            }
        } else {
            return Ok(());
        };
        let feed = |tls: &mut Session| (tls.receive_in_place(&mut records[..count]), tls.wants_output());
        let fed = if wsi.tls.with(may, |tls| tls.calls_program()) == Some(true) {
            // The core is away meanwhile: for what the program asks of this connection it is busy.
            callback::in_program(may, cx, wsi, || wsi.tls.visit(feed))
        } else {
            wsi.tls.with(may, feed)
        };
        let Some((result, wants_output)) = fed else { return Err(trouble("tls: bug: state lost", "")) };
        if wants_output {
            out::append(cx, wsi, |_| ());
        }
        let taken = result.map_err(|error| trouble(error.text(), error.detail()))?;
        // The last bytes of a handshake may carry the first data: somebody has to look.
        wsi.set(flag::TLS_PLAIN);
        if taken < count {
            // Plain bytes have to be read first; the rest waits.
            wsi.with_rare(|rare| rare.records = records[taken..count].to_vec());
            return Ok(());
        }
        if wsi.tls.with(may, |tls| tls.is_handshaking()) == Some(false) {
            return Ok(());
        }
    }
}
