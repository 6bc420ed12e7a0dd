//! The server's side of one connection: frames in, one event at a time out, and what has to be said in answer.
//!
//! # Theory of operation
//!
//! [`Connection::next`] reads from the start of what has arrived; frames are taken whole, an incomplete one stays with
//! the caller. Whatever concerns no program (SETTINGS, PING, windows, padding, header compression) is dealt with here;
//! answers to it are appended to `out`, as is everything that the sending half writes. A stream is known from its
//! request until the caller says [`Connection::forget`]; in between its windows and ends are kept here. Faults of a
//! stream reset it and are told by [`Event::Reset`]; faults of the connection are the `Err` of `next`.
//!
//! Bounded are: header blocks ([`Block`]), fields of a request, streams at a time, bytes of bodies that nobody took (the
//! receive windows), and effort without use ([`Calm`]).
use super::block::Block;
use super::calm::{Calm, price};
use super::draining::{Drained, Draining};
use super::error::{ConnectionError, ErrorCode};
use super::fields::FieldList;
use super::flow::{DEFAULT_WINDOW, ReceiveWindow, SendWindow};
use super::frame::{self, HEADER_BYTES, Header, Kind, PREFACE, flag};
use super::hpack::decoder::Decoder;
use super::hpack::encoder::Encoder;
use super::request::{self, BadRequest};
use super::settings::{LocalSettings, PeerSettings};
use super::stream::Stream;
use crate::proto::http::h1::RequestHead;
use crate::proto::http::headers::Limits;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

/// Streams that we reset, and whose late frames are no fault.
const REMEMBERED_RESETS: usize = 128;

/// What happened.
#[derive(Debug)]
pub enum Event {
    /// Nothing more without more bytes.
    NeedMore,
    /// A request; its body follows unless it `ends`.
    Request { stream: u32, head: Box<RequestHead>, ends: bool },
    /// A request that is answered with this status and nothing else.
    Refused { stream: u32, status: u16, what: &'static str },
    /// Bytes of body at `range` of the input. They count as unread until [`Connection::release`].
    Data { stream: u32, range: Range<usize>, ends: bool },
    /// The body ended without more bytes.
    End { stream: u32 },
    /// The stream is gone: reset by the peer, or by us since the peer broke its rules.
    Reset { stream: u32, code: ErrorCode, by_peer: bool },
    /// A window opened: this stream, or with 0 every one, may be able to send.
    SendMore { stream: u32 },
    /// The peer opens no more streams.
    GoAway { code: ErrorCode },
}

/// See the module.
#[derive(Debug)]
pub struct Connection {
    local: LocalSettings,
    peer: PeerSettings,
    limits: Limits,
    has_preface: bool,
    has_settings: bool,
    we_go_away: bool,
    last_stream: u32,
    streams: BTreeMap<u32, Stream>,
    resets: VecDeque<u32>,
    draining: Draining,
    block: Option<Block>,
    send: SendWindow,
    receive: ReceiveWindow,
    decoder: Decoder,
    encoder: Encoder,
    calm: Calm,
}

impl Connection {
    /// A connection on which nothing was received. `limits` bound the header table of a request.
    pub fn new(local: LocalSettings, limits: Limits) -> Self {
        Connection {
            local,
            peer: PeerSettings::default(),
            limits,
            has_preface: false,
            has_settings: false,
            we_go_away: false,
            last_stream: 0,
            streams: BTreeMap::new(),
            resets: VecDeque::new(),
            draining: Draining::default(),
            block: None,
            send: SendWindow::new(DEFAULT_WINDOW),
            receive: ReceiveWindow::new(local.connection_window.max(DEFAULT_WINDOW)),
            decoder: Decoder::new(local.header_table as usize),
            encoder: Encoder::new(),
            calm: Calm::default(),
        }
    }

    // ---- receiving

    /// The next event of `input`; `position` moves behind what was consumed. `now_ms` is any clock that only goes up.
    pub fn next(
        &mut self,
        input: &[u8],
        position: &mut usize,
        now_ms: u64,
        out: &mut Vec<u8>,
    ) -> Result<Event, ConnectionError> {
        if !self.has_preface && !self.take_preface(input, position, out)? {
            return Ok(Event::NeedMore);
        }
        loop {
            let rest = input.get(*position..).unwrap_or_default();
            let Some(header) = Header::parse(rest) else { return Ok(Event::NeedMore) };
            self.check_order(&header)?;
            if header.len > self.local.max_payload as usize {
                return Err(ConnectionError::size("a frame that is larger than we take"));
            }
            let Some(payload) = rest.get(HEADER_BYTES..HEADER_BYTES + header.len) else { return Ok(Event::NeedMore) };
            let start = *position + HEADER_BYTES;
            *position = start + header.len;
            if let Some(event) = self.frame(header, payload, start, now_ms, out)? {
                return Ok(event);
            }
        }
    }

    /// What the server says first is said when the client's preface is there.
    fn take_preface(&mut self, input: &[u8], position: &mut usize, out: &mut Vec<u8>) -> Result<bool, ConnectionError> {
        let rest = input.get(*position..).unwrap_or_default();
        let length = rest.len().min(PREFACE.len());
        if rest.get(..length) != PREFACE.get(..length) {
            return Err(ConnectionError::protocol("the client does not begin with the http/2 preface"));
        }
        if length < PREFACE.len() {
            return Ok(false);
        }
        *position += length;
        self.has_preface = true;
        self.local.append(out);
        let more = self.local.connection_window.saturating_sub(DEFAULT_WINDOW);
        if more > 0 {
            frame::append_window_update(0, more, out);
        }
        Ok(true)
    }

    /// Whether a frame may come now at all.
    fn check_order(&self, header: &Header) -> Result<(), ConnectionError> {
        if !self.has_settings && (header.kind != Kind::Settings || header.has(flag::ACK)) {
            return Err(ConnectionError::protocol("the first frame is not SETTINGS"));
        }
        let continues = self.block.as_ref().map(|block| block.stream);
        let fits = match (continues, header.kind) {
            (Some(stream), Kind::Continuation) => stream == header.stream,
            (None, Kind::Continuation) | (Some(_), _) => false,
            (None, _) => true,
        };
        if fits { Ok(()) } else { Err(ConnectionError::protocol("CONTINUATION is missing or out of place")) }
    }

    fn frame(
        &mut self,
        header: Header,
        payload: &[u8],
        start: usize,
        now_ms: u64,
        out: &mut Vec<u8>,
    ) -> Result<Option<Event>, ConnectionError> {
        match header.kind {
            Kind::Data => self.data(header, payload, start, now_ms, out),
            Kind::Headers => self.headers(header, payload, now_ms, out),
            Kind::Continuation => {
                let Some(block) = &mut self.block else { return Ok(None) };
                block.push(payload)?;
                if header.has(flag::END_HEADERS) { self.block_complete(now_ms, out) } else { Ok(None) }
            }
            Kind::Priority => {
                needs_stream(&header)?;
                self.spend(price::PRIORITY, now_ms)?;
                if payload.len() != PRIORITY_BYTES {
                    return Ok(self.stream_fault(header.stream, ErrorCode::FrameSizeError, out));
                }
                Ok(None)
            }
            Kind::RstStream => self.peer_reset(header, payload, now_ms),
            Kind::Settings => self.settings(header, payload, now_ms, out),
            Kind::PushPromise => Err(ConnectionError::protocol("PUSH_PROMISE of a client")),
            Kind::Ping => self.ping(header, payload, now_ms, out),
            Kind::GoAway => {
                needs_connection(&header)?;
                let code =
                    payload.get(4..8).and_then(frame::number).ok_or(ConnectionError::size("GOAWAY is too short"))?;
                Ok(Some(Event::GoAway { code: code.into() }))
            }
            Kind::WindowUpdate => self.window_update(header, payload, out),
            Kind::Unknown(_) => self.spend(price::UNKNOWN, now_ms).map(|()| None),
        }
    }

    fn spend(&mut self, price: u32, now_ms: u64) -> Result<(), ConnectionError> {
        if self.calm.allows(price, now_ms) {
            return Ok(());
        }
        Err(ConnectionError::new(ErrorCode::EnhanceYourCalm, "too many frames of no use"))
    }

    fn data(
        &mut self,
        header: Header,
        payload: &[u8],
        start: usize,
        now_ms: u64,
        out: &mut Vec<u8>,
    ) -> Result<Option<Event>, ConnectionError> {
        needs_stream(&header)?;
        let inner = frame::without_padding(&header, payload)?;
        let too_much =
            ConnectionError::new(ErrorCode::FlowControlError, "more data than the connection's window allows");
        if !self.receive.receive(payload.len()) {
            return Err(too_much);
        }
        let (length, ends) = (inner.len(), header.has(flag::END_STREAM));
        // Padding is of no use to anybody: it is given back at once.
        let padding = payload.len() - length;
        let Some(stream) = self.streams.get_mut(&header.stream) else {
            self.give_back(payload.len(), out);
            match self.draining.receive(header.stream, payload.len(), ends) {
                Drained::Unknown => {}
                Drained::Fine if length == 0 && !ends => return self.spend(price::EMPTY_DATA, now_ms).map(|()| None),
                Drained::Fine => return Ok(None),
                Drained::Exhausted => {
                    self.reset_unknown(header.stream, ErrorCode::NoError, out);
                    return Ok(None);
                }
            }
            self.check_not_idle(&header)?;
            self.spend(price::FAULT, now_ms)?;
            if !self.resets.contains(&header.stream) {
                self.reset_unknown(header.stream, ErrorCode::StreamClosed, out);
            }
            return Ok(None);
        };
        let code = if stream.peer_ended {
            Some(ErrorCode::StreamClosed)
        } else if !stream.receive.receive(payload.len()) {
            Some(ErrorCode::FlowControlError)
        } else if !stream.count_body(length, ends) {
            Some(ErrorCode::ProtocolError)
        } else {
            None
        };
        if let Some(code) = code {
            self.give_back(payload.len(), out);
            return Ok(self.stream_fault(header.stream, code, out));
        }
        stream.peer_ended = ends;
        if padding > 0 {
            self.release(header.stream, padding, out);
        }
        if length == 0 {
            if !ends {
                self.spend(price::EMPTY_DATA, now_ms)?;
                return Ok(None);
            }
            return Ok(Some(Event::End { stream: header.stream }));
        }
        Ok(Some(Event::Data { stream: header.stream, range: start + inner.start..start + inner.end, ends }))
    }

    fn headers(
        &mut self,
        header: Header,
        payload: &[u8],
        now_ms: u64,
        out: &mut Vec<u8>,
    ) -> Result<Option<Event>, ConnectionError> {
        needs_stream(&header)?;
        if header.stream.is_multiple_of(2) {
            return Err(ConnectionError::protocol("a client opened a stream with an even number"));
        }
        let mut inner = frame::without_padding(&header, payload)?;
        if header.has(flag::PRIORITY) {
            // Priorities of RFC 7540 are read over (RFC 9113 §5.3).
            inner.start += PRIORITY_BYTES;
        }
        let piece = payload.get(inner).ok_or(ConnectionError::size("HEADERS are too short"))?;
        let max_bytes = self.local.max_fields as usize + BEYOND_FIELDS;
        let mut block = Block::new(header.stream, header.has(flag::END_STREAM), max_bytes);
        block.push(piece)?;
        self.block = Some(block);
        if header.has(flag::END_HEADERS) { self.block_complete(now_ms, out) } else { Ok(None) }
    }

    fn block_complete(&mut self, now_ms: u64, out: &mut Vec<u8>) -> Result<Option<Event>, ConnectionError> {
        let Some(block) = self.block.take() else { return Ok(None) };
        let mut fields = FieldList::new(self.local.max_fields as usize);
        self.decoder
            .decode(block.bytes(), &mut fields)
            .map_err(|bad| ConnectionError::new(ErrorCode::CompressionError, bad.0))?;
        let number = block.stream;
        if let Some(stream) = self.streams.get_mut(&number) {
            if stream.peer_ended {
                return Ok(self.stream_fault(number, ErrorCode::StreamClosed, out));
            }
            let is_good = block.ends_stream && stream.count_body(0, true) && request::check_trailers(&fields).is_ok();
            if !is_good {
                return Ok(self.stream_fault(number, ErrorCode::ProtocolError, out));
            }
            stream.peer_ended = true;
            return Ok(Some(Event::End { stream: number }));
        }
        if number <= self.last_stream {
            // Trailers of a request that was answered before its end.
            if self.draining.receive(number, 0, block.ends_stream) == Drained::Fine && block.ends_stream {
                return Ok(None);
            }
            self.spend(price::FAULT, now_ms)?;
            if self.resets.contains(&number) {
                return Ok(None);
            }
            return Err(ConnectionError::new(ErrorCode::StreamClosed, "HEADERS on a stream that is over"));
        }
        self.last_stream = number;
        self.open(number, &fields, block.ends_stream, now_ms, out)
    }

    fn open(
        &mut self,
        number: u32,
        fields: &FieldList,
        ends: bool,
        now_ms: u64,
        out: &mut Vec<u8>,
    ) -> Result<Option<Event>, ConnectionError> {
        let most = self.local.max_streams as usize;
        let running = self.streams.values().filter(|stream| !stream.is_over()).count();
        // Streams that are over, but that the program has not let go, count too, though less.
        if running >= most || self.streams.len() >= most.saturating_mul(2) || self.we_go_away {
            self.spend(price::FAULT, now_ms)?;
            self.reset_unknown(number, ErrorCode::RefusedStream, out);
            return Ok(None);
        }
        let head = request::from_fields(fields, !ends, self.limits).and_then(|head| {
            let length = request::content_length(&head)?;
            if ends && length.is_some_and(|length| length > 0) {
                return Err(BadRequest::Malformed("content-length without a body"));
            }
            Ok((head, length))
        });
        let (send, receive) = (self.peer.stream_window, self.local.stream_window);
        let stream = |length| Stream::new(send, receive, ends, length);
        match head {
            Ok((head, length)) => {
                self.streams.insert(number, stream(length));
                Ok(Some(Event::Request { stream: number, head: Box::new(head), ends }))
            }
            Err(BadRequest::Answer(status, what)) => {
                self.spend(price::FAULT, now_ms)?;
                self.streams.insert(number, stream(None));
                Ok(Some(Event::Refused { stream: number, status, what }))
            }
            Err(BadRequest::Malformed(_)) => {
                self.spend(price::FAULT, now_ms)?;
                self.reset_unknown(number, ErrorCode::ProtocolError, out);
                Ok(None)
            }
        }
    }

    fn peer_reset(&mut self, header: Header, payload: &[u8], now_ms: u64) -> Result<Option<Event>, ConnectionError> {
        needs_stream(&header)?;
        let code = frame::number(payload).ok_or(ConnectionError::size("RST_STREAM is not four bytes long"))?;
        self.check_not_idle(&header)?;
        self.spend(price::RESET, now_ms)?;
        self.draining.remove(header.stream);
        if self.streams.remove(&header.stream).is_none() {
            return Ok(None);
        }
        Ok(Some(Event::Reset { stream: header.stream, code: code.into(), by_peer: true }))
    }

    fn settings(
        &mut self,
        header: Header,
        payload: &[u8],
        now_ms: u64,
        out: &mut Vec<u8>,
    ) -> Result<Option<Event>, ConnectionError> {
        needs_connection(&header)?;
        if header.has(flag::ACK) {
            return if payload.is_empty() {
                Ok(None)
            } else {
                Err(ConnectionError::size("an acknowledgement with a payload"))
            };
        }
        self.has_settings = true;
        self.spend(price::SETTINGS, now_ms)?;
        let before = self.peer.stream_window;
        self.peer.apply(payload)?;
        self.encoder.set_max_table(self.peer.header_table as usize);
        frame::append(Kind::Settings, flag::ACK, 0, &[], out);
        let change = i64::from(self.peer.stream_window) - i64::from(before);
        for stream in self.streams.values_mut() {
            stream.send.change(change, self.local.clamps_windows).map_err(|_| WINDOW_OVERFLOW)?;
        }
        Ok((change > 0).then_some(Event::SendMore { stream: 0 }))
    }

    fn ping(
        &mut self,
        header: Header,
        payload: &[u8],
        now_ms: u64,
        out: &mut Vec<u8>,
    ) -> Result<Option<Event>, ConnectionError> {
        needs_connection(&header)?;
        if payload.len() != PING_BYTES {
            return Err(ConnectionError::size("PING is not eight bytes long"));
        }
        self.spend(price::PING, now_ms)?;
        if !header.has(flag::ACK) {
            frame::append(Kind::Ping, flag::ACK, 0, payload, out);
        }
        Ok(None)
    }

    fn window_update(
        &mut self,
        header: Header,
        payload: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<Option<Event>, ConnectionError> {
        let increment = frame::number(payload).ok_or(ConnectionError::size("WINDOW_UPDATE is not four bytes long"))?;
        let increment = i64::from(increment & 0x7fff_ffff);
        if header.stream == 0 {
            if increment == 0 {
                return Err(ConnectionError::protocol("WINDOW_UPDATE of nothing"));
            }
            self.send.change(increment, self.local.clamps_windows).map_err(|_| WINDOW_OVERFLOW)?;
            return Ok(Some(Event::SendMore { stream: 0 }));
        }
        self.check_not_idle(&header)?;
        let Some(stream) = self.streams.get_mut(&header.stream) else { return Ok(None) };
        if increment == 0 {
            return Ok(self.stream_fault(header.stream, ErrorCode::ProtocolError, out));
        }
        if stream.send.change(increment, self.local.clamps_windows).is_err() {
            return Ok(self.stream_fault(header.stream, ErrorCode::FlowControlError, out));
        }
        Ok(Some(Event::SendMore { stream: header.stream }))
    }

    /// A stream that was never opened has no frames but HEADERS and PRIORITY.
    fn check_not_idle(&self, header: &Header) -> Result<(), ConnectionError> {
        if header.stream > self.last_stream || header.stream.is_multiple_of(2) {
            return Err(ConnectionError::protocol("a frame on a stream that was not opened"));
        }
        Ok(())
    }

    /// Resets a stream whose peer broke the rules.
    fn stream_fault(&mut self, number: u32, code: ErrorCode, out: &mut Vec<u8>) -> Option<Event> {
        let known = self.streams.remove(&number).is_some();
        self.reset_unknown(number, code, out);
        known.then_some(Event::Reset { stream: number, code, by_peer: false })
    }

    fn reset_unknown(&mut self, number: u32, code: ErrorCode, out: &mut Vec<u8>) {
        frame::append_reset(number, code, out);
        if self.resets.len() >= REMEMBERED_RESETS {
            self.resets.pop_front();
        }
        self.resets.push_back(number);
    }

    fn give_back(&mut self, bytes: usize, out: &mut Vec<u8>) {
        if let Some(increment) = self.receive.take(bytes) {
            frame::append_window_update(0, increment, out);
        }
    }

    /// The program took `bytes` of what the stream received: the peer may send more.
    pub fn release(&mut self, number: u32, bytes: usize, out: &mut Vec<u8>) {
        self.give_back(bytes, out);
        let Some(stream) = self.streams.get_mut(&number).filter(|stream| !stream.peer_ended) else { return };
        if let Some(increment) = stream.receive.take(bytes) {
            frame::append_window_update(number, increment, out);
        }
    }

    /// Lets the peer send `bytes` more on a stream than its window says, without waiting for the program.
    pub fn widen(&mut self, number: u32, bytes: u32, out: &mut Vec<u8>) -> bool {
        let Some(stream) = self.streams.get_mut(&number) else { return false };
        let increment = stream.receive.widen(bytes);
        if increment > 0 {
            frame::append_window_update(number, increment, out);
        }
        true
    }

    // ---- sending

    /// Appends the head of an answer, or an interim one. False: there is no such stream, or it has ended.
    pub fn send_head<'a>(
        &mut self,
        number: u32,
        status: u16,
        fields: impl Iterator<Item = (&'a [u8], &'a [u8])>,
        ends: bool,
        out: &mut Vec<u8>,
    ) -> bool {
        let Some(stream) = self.streams.get_mut(&number).filter(|stream| !stream.we_ended) else { return false };
        stream.we_ended = ends;
        let mut block = Vec::with_capacity(256);
        self.encoder.begin(&mut block);
        self.encoder.field(b":status", status.to_string().as_bytes(), &mut block);
        for (name, value) in fields {
            self.encoder.field(name, value, &mut block);
        }
        frame::append_block(number, &block, ends, self.peer.max_payload, out);
        true
    }

    /// Appends as much of `bytes` as windows and `room` allow, and the end of the stream if all of it went and it
    /// `ends`. Returns how many bytes went. `None`: there is no such stream, or it has ended.
    pub fn send_data(
        &mut self,
        number: u32,
        bytes: &[u8],
        ends: bool,
        room: usize,
        out: &mut Vec<u8>,
    ) -> Option<usize> {
        let stream = self.streams.get_mut(&number).filter(|stream| !stream.we_ended)?;
        let allowed = stream.send.available().min(self.send.available()).min(room).min(bytes.len());
        let (now, later) = bytes.split_at(allowed);
        let ends = ends && later.is_empty();
        if now.is_empty() && !ends {
            return Some(0);
        }
        let mut rest = now;
        loop {
            let (piece, behind) = rest.split_at(rest.len().min(self.peer.max_payload.min(LARGEST_DATA)));
            let is_last = ends && behind.is_empty();
            frame::append(Kind::Data, if is_last { flag::END_STREAM } else { 0 }, number, piece, out);
            rest = behind;
            if rest.is_empty() {
                break;
            }
        }
        stream.send.consume(allowed);
        self.send.consume(allowed);
        stream.we_ended = ends;
        Some(allowed)
    }

    /// The stream is done with: what is not said yet is said by RST_STREAM with `code`, and the stream is forgotten.
    pub fn forget(&mut self, number: u32, code: ErrorCode, out: &mut Vec<u8>) {
        let Some(stream) = self.streams.remove(&number) else { return };
        if !stream.we_ended {
            self.reset_unknown(number, code, out);
        } else if !stream.peer_ended {
            // The answer is complete and nobody wants the rest of the request (RFC 9113 §8.1).
            let told = match stream.receive.left() {
                left @ 1.. => self.draining.add(number, left),
                _ => Some(number),
            };
            if let Some(number) = told {
                self.reset_unknown(number, ErrorCode::NoError, out);
            }
        }
    }

    /// Appends GOAWAY: no more streams are served. A peer that never began to speak http/2 is told nothing.
    pub fn go_away(&mut self, code: ErrorCode, text: &str, out: &mut Vec<u8>) {
        self.we_go_away = true;
        if self.has_preface {
            frame::append_go_away(self.last_stream, code, text, out);
        }
    }

    // ---- questions

    /// Whether the client has sent its preface.
    pub fn has_begun(&self) -> bool {
        self.has_preface
    }

    /// The stream whose header block has begun and waits for CONTINUATION.
    pub fn unfinished_block(&self) -> Option<u32> {
        self.block.as_ref().map(|block| block.stream)
    }

    /// The stream's state, while it is known.
    pub fn stream(&self, number: u32) -> Option<&Stream> {
        self.streams.get(&number)
    }

    /// What may be sent on a stream now, its own window and the connection's considered; may be negative.
    pub fn send_credit(&self, number: u32) -> i64 {
        self.streams.get(&number).map_or(0, |stream| stream.send.credit().min(self.send.credit()))
    }

    /// Whether the stream's own window, not the connection's, keeps it from sending.
    pub fn is_stream_window_closed(&self, number: u32) -> bool {
        self.streams.get(&number).is_none_or(|stream| stream.send.available() == 0)
    }
}

fn needs_stream(header: &Header) -> Result<(), ConnectionError> {
    if header.stream == 0 { Err(ConnectionError::protocol("a frame that needs a stream has none")) } else { Ok(()) }
}

fn needs_connection(header: &Header) -> Result<(), ConnectionError> {
    if header.stream == 0 { Ok(()) } else { Err(ConnectionError::protocol("a frame of the connection on a stream")) }
}

const WINDOW_OVERFLOW: ConnectionError = ConnectionError::new(ErrorCode::FlowControlError, "a window overflows");
const PRIORITY_BYTES: usize = 5;
/// How much larger than the fields we take a header block may be before the connection ends. Up to there it is decoded,
/// since later blocks build upon it, and the stream is answered with 431 (RFC 9113 §10.5.1).
const BEYOND_FIELDS: usize = 256 * 1024;
const PING_BYTES: usize = 8;
/// Larger frames would keep other streams waiting for no gain.
const LARGEST_DATA: usize = 16 * 1024;

#[cfg(test)]
#[path = "connection_tests.rs"]
mod tests;
