//! One connection: a slot of the [`Table`](super::table::Table) whose every field is a cell.
//!
//! `&Wsi` may be held anywhere and across calls into the program; nothing ever needs `&mut Wsi`. What most connections
//! never use is boxed, so that a quiet one stays small.
use super::cell::{TakeCell, peek};
use super::client::ClientState;
use super::client::monitor::Monitor;
use super::close::CloseCause;
use super::out::Out;
use super::role::h2::H2Connection;
use super::role::h2_stream::H2Stream;
use super::role::http::HttpState;
use super::role::ws::Deflate;
use super::table::{GENERATION_BITS, WsiId};
use super::timer::{Micros, NEVER};
use super::tls::session::Session;
use super::vhost::{ProtocolRef, RetryPolicy, Vhost};
use crate::proto::ws::message::{DataInfo, Receiver};
use socket2::Socket;
use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

/// What kind of connection this is; decides which callbacks it gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// A free slot.
    Vacant,
    /// Throw-away connection for callbacks about a vhost; only context, vhost and protocol are valid.
    Stub,
    Listen,
    /// HTTP/1.1, either side, before an upgrade.
    Http,
    /// A connection of http/2; its streams are connections of their own, in roles `Http` and `Ws`.
    H2,
    Ws,
    RawSocket,
    RawFile,
    Udp,
}

/// How far the connection is. One machine for all roles; transitions stand in `client.rs`, `server.rs` and `close.rs`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Just made, or a stub.
    Idle,
    /// Client: waits for the connection of another transaction (LCCSCF_PIPELINE).
    Queued,
    /// Client: waits for name resolution.
    Resolving,
    /// Client: TCP connects are under way.
    Connecting,
    /// Client: waits for the answer of a proxy.
    Proxy,
    /// TLS handshake, either side.
    TlsHandshake,
    /// Client: request sent (or being sent), reply head awaited.
    AwaitReply,
    /// Client: reply head seen, body under way.
    ReplyBody,
    /// Client: transaction complete, the connection lingers.
    ReplyDone,
    /// Server: request head is being read.
    RequestHead,
    /// Server: the program has the request.
    Transaction,
    /// ws or raw: open for data.
    Established,
    /// Output is flushed, then the connection ends.
    Flushing,
    /// Our close frame waits to be sent.
    CloseQueued,
    /// Our close frame is out, the peer's is awaited.
    CloseSent,
    /// The peer's close was answered; the answer is flushed, then the connection ends.
    CloseEchoed,
    /// Gone; the slot is retired at the end of the turn.
    Dead,
}

macro_rules! flags {
    ($($(#[$doc:meta])* $name:ident = $bit:expr;)*) => {
        /// Yes/no facts about a connection, as bits of one word.
        pub mod flag {
            $($(#[$doc])* pub const $name: u64 = 1 << $bit;)*
        }
    };
}

flags! {
    /// The slot is in use.
    LIVE = 0;
    /// We connected; otherwise we accepted or adopted.
    CLIENT = 1;
    /// The socket may have bytes (remembered from an edge).
    READABLE = 2;
    /// The socket may take bytes.
    WRITABLE = 3;
    /// The peer closed its side, or the socket has an error: reading finds out which.
    HUNG_UP = 4;
    /// A WRITEABLE callback was asked for.
    WANTS_WRITEABLE = 5;
    /// In the context's list of connections with work left for the next turn.
    PENDING = 6;
    /// In the context's list of connections with frames to send at the end of the turn.
    DIRTY = 7;
    /// The socket refused bytes: WRITEABLE is withheld until they are out.
    BACKLOG = 8;
    /// CLIENT_ESTABLISHED / ESTABLISHED returned 0, so a CLOSED callback is owed.
    ESTABLISHED = 9;
    /// The bind callback returned 0, so a drop callback is owed.
    BOUND = 10;
    /// The drop callback of this end was delivered.
    DROPPED = 11;
    /// CLIENT_CONNECTION_ERROR was delivered, or must not be (inside the connect call).
    ERROR_REPORTED = 12;
    /// The session memory belongs to the program.
    USER_IS_FOREIGN = 13;
    /// Inside lws_client_connect_via_info for this connection: failures there are the call's return value.
    IN_CONNECT = 14;
    /// Marked to be closed when the running callback returns, or at the next turn.
    KILL = 15;
    /// The peer's FIN or error was read.
    PEER_ENDED = 16;
    /// A close reason was stored by `lws_close_reason`.
    HAS_REASON = 17;
    /// TCP (and TLS) carries no more of our bytes.
    WRITE_DEAD = 18;
    /// TLS is used.
    TLS = 19;
    /// Text must be valid UTF-8.
    CHECK_UTF8 = 20;
    /// WSI_CREATE was delivered; WSI_DESTROY is owed.
    CREATED = 21;
    /// One WRITEABLE is owed although nobody asked (after a pong, a ping, a drained backlog, a close frame).
    OWES_WRITEABLE = 22;
    /// The descriptor was announced to an external poller.
    ANNOUNCED = 23;
    /// The validity ping of this period was sent.
    PINGED = 24;
    /// The connection counts for lws_http keep-alive: closes after the transaction.
    CLOSE_AFTER = 26;
    /// The default protocol was taken without a name; session memory is allocated late.
    LATE_SESSION = 27;
    /// SERVER_NEW_CLIENT_INSTANTIATED etc. done: the accept sequence is over.
    ACCEPTED = 28;
    /// An external poller was told that the descriptor went.
    TOLD_GONE = 32;
    /// The TLS session holds plain bytes that a read left there.
    TLS_PLAIN = 33;
    /// The peer broke the protocol; nothing it sends counts any more.
    VIOLATED = 34;
    /// A single write was larger than a packet: it counts as a backlog until the turn sent it.
    LARGE_WRITE = 35;
    /// Lifecycle tag was logged.
    TAGGED = 29;
    /// The role changed from http to ws (decides which drop and closed callbacks come).
    UPGRADED = 30;
    /// Reads go on without a trip round the loop (LCCSCF_PRIORITIZE_READS).
    PRIORITIZE_READS = 31;
    /// Server: has a place in the pool of request heads.
    HOLDS_HEAD = 45;
    /// Server: a file is being sent as the answer.
    SERVING_FILE = 40;
    /// Client: another transaction has its connection now.
    HANDED_OVER = 42;
    /// Server: another server answers the request under way (`proxy.rs`).
    PROXIED = 36;
    /// Client: a connection to the origin of a proxy mount; it has no protocol, the program never hears of it.
    ONWARD = 37;
    /// A stream of an http/2 connection: it has no socket of its own.
    STREAM = 46;
    /// Server: a request head was read on it, so it is no http/2 connection.
    SERVED = 47;
    /// Server: its socket stays for a while when it ends (`linger.rs`).
    LINGERS = 48;
    /// A read told that the socket is broken: nothing of it can be shut down any more.
    BROKEN = 49;
    /// Server: plain text on a TLS port, every request is redirected to https.
    TO_HTTPS = 41;
}

/// What the getters tell about the piece a RECEIVE callback is running for. Packed, so that no connection has holes.
#[derive(Clone, Copy, Default)]
#[repr(Rust, packed(4))]
pub struct PieceInfo {
    /// 1: first of its message, 2: last, 4: binary; the reserved bits in the second byte. One word, so that it is written and
    /// read as one.
    bits: u32,
    frame_remaining: u64,
}

impl PieceInfo {
    /// What the protocol knows of a piece.
    #[inline]
    pub fn new(info: &DataInfo) -> Self {
        let yes_no = u32::from(info.first) | u32::from(info.last) << 1 | u32::from(info.binary) << 2;
        PieceInfo { bits: yes_no | u32::from(info.rsv) << 8, frame_remaining: info.frame_remaining }
    }

    pub fn is_first(self) -> bool {
        self.bits & 1 != 0
    }

    pub fn is_last(self) -> bool {
        self.bits & 2 != 0
    }

    pub fn is_binary(self) -> bool {
        self.bits & 4 != 0
    }

    /// In the place that they have in the first byte of a frame.
    pub fn reserved_bits(self) -> u8 {
        (self.bits >> 8 << 4) as u8
    }

    pub fn frame_remaining(self) -> u64 {
        self.frame_remaining
    }
}

/// Bits of the receive flow control set; delivery needs all clear.
pub const RX_USER_BIT: u16 = 1;

/// What came and went on a connection, or on all of a context.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Bytes on the wire: with TLS, of its records.
    pub bytes_in: u64,
    pub bytes_out: u64,
    /// ws messages of data that were complete; of one connection modulo 2^32.
    pub messages_in: u64,
    pub messages_out: u64,
}

impl Traffic {
    pub fn plus(self, other: Traffic) -> Traffic {
        Traffic {
            bytes_in: self.bytes_in.wrapping_add(other.bytes_in),
            bytes_out: self.bytes_out.wrapping_add(other.bytes_out),
            messages_in: self.messages_in.wrapping_add(other.messages_in),
            messages_out: self.messages_out.wrapping_add(other.messages_out),
        }
    }
}

/// Parts that few connections have.
#[derive(Default)]
pub struct Rare {
    /// Payload of the close frame to send: code and text; set by the program or by a violation.
    pub close_payload: Vec<u8>,
    /// The client's connection that this onward connection serves.
    pub front: Option<WsiId>,
    pub parent: Option<WsiId>,
    pub children: Vec<WsiId>,
    pub opaque_parent: usize,
    /// Opaque address of the program's log context; 0: the vhost's.
    pub log_cx: usize,
    /// Ping and hang-up times of this connection, where it has its own.
    pub policy: Option<RetryPolicy>,
    /// Who ended it and why; the first cause stays.
    pub cause: Option<CloseCause>,
    /// Name part of the tag: method, role, vhost and address.
    pub name: String,
    /// Times of the steps of a monitored client connection.
    pub monitor: Option<Box<Monitor>>,
    /// Payload of the latest ping that was not answered because of a backlog.
    pub latest_ping: Option<Vec<u8>>,
    /// Bytes of the message that is coming in; counted where the vhost limits them.
    pub message_bytes: u64,
    /// What it holds as a connection of http/2, and as one of its streams; see [`Wsi::visit_h2`].
    h2: Option<Box<H2Connection>>,
    stream: Option<Box<H2Stream>>,
    /// TLS records read and not yet taken by the session.
    pub records: Vec<u8>,
    /// The words of the error that ended reading from the socket under TLS; told behind what was decrypted before.
    pub broken: Option<Cow<'static, str>>,
    /// Session memory of the library that the program replaced inside a callback; freed at the end.
    pub retired_sessions: Vec<usize>,
    /// What the peer had taken when we last looked, while the rest is flushed.
    pub flushed: u64,
    /// Whom a datagram socket talks to.
    pub udp: Option<Box<super::udp::Peer>>,
}

/// One connection. See the module doc.
pub struct Wsi {
    id: Cell<WsiId>,
    flags: Cell<u64>,
    pub role: Cell<Role>,
    pub phase: Cell<Phase>,
    /// Receive flow control reasons; 0 = flowing.
    pub rx_held: Cell<u16>,
    /// Stack frames that hold this connection across user code.
    pub pins: Cell<u16>,
    pub ordinal: Cell<u32>,
    /// Largest piece of payload per RECEIVE callback, bytes.
    pub piece_limit: Cell<u32>,
    /// Largest send that does not count as a backlog, bytes.
    pub packet_limit: Cell<u32>,
    pub protocol: Cell<ProtocolRef>,
    pub vhost: Cell<Option<Rc<Vhost>>>,
    /// Session memory as the program sees it; opaque here.
    pub user: Cell<usize>,
    pub opaque: Cell<usize>,
    pub socket: Cell<Option<Socket>>,
    /// Poll events announced to external pollers (POLLIN 1, POLLOUT 4).
    pub announced: Cell<u16>,
    pub timeout_at: Cell<Micros>,
    pub timer_at: Cell<Micros>,
    pub validity_at: Cell<Micros>,
    pub born: Cell<Micros>,
    /// Reason number of the running timeout (PENDING_TIMEOUT_*, at most 65535).
    pub timeout_reason: Cell<u16>,
    pub piece: Cell<PieceInfo>,
    pub rx: Cell<Receiver>,
    /// Bytes read and not consumed: a head, frame or piece that is not complete, or held by flow control.
    pub stash: Cell<Vec<u8>>,
    pub out: TakeCell<Out>,
    pub tls: TakeCell<Session>,
    pub deflate: TakeCell<Deflate>,
    pub http: TakeCell<HttpState>,
    pub client: TakeCell<ClientState>,
    /// What came and went; read by [`Wsi::traffic`].
    bytes_in: Cell<u64>,
    bytes_out: Cell<u64>,
    messages_in: Cell<u32>,
    messages_out: Cell<u32>,
    rare: Cell<Option<Box<Rare>>>,
}

impl Wsi {
    /// A slot nobody uses yet.
    pub fn vacant(id: WsiId) -> Self {
        Wsi {
            id: Cell::new(id),
            flags: Cell::new(0),
            role: Cell::new(Role::Vacant),
            phase: Cell::new(Phase::Dead),
            rx_held: Cell::new(0),
            pins: Cell::new(0),
            ordinal: Cell::new(0),
            piece_limit: Cell::new(0),
            packet_limit: Cell::new(0),
            protocol: Cell::default(),
            vhost: Cell::new(None),
            user: Cell::new(0),
            opaque: Cell::new(0),
            socket: Cell::new(None),
            announced: Cell::new(0),
            timeout_at: Cell::new(NEVER),
            timer_at: Cell::new(NEVER),
            validity_at: Cell::new(NEVER),
            born: Cell::new(0),
            timeout_reason: Cell::new(0),
            piece: Cell::default(),
            rx: Cell::new(Receiver::new()),
            stash: Cell::default(),
            out: TakeCell::empty(),
            tls: TakeCell::empty(),
            deflate: TakeCell::empty(),
            http: TakeCell::empty(),
            client: TakeCell::empty(),
            bytes_in: Cell::new(0),
            bytes_out: Cell::new(0),
            messages_in: Cell::new(0),
            messages_out: Cell::new(0),
            rare: Cell::new(None),
        }
    }

    pub fn id(&self) -> WsiId {
        self.id.get()
    }

    pub fn is_live(&self) -> bool {
        self.has(flag::LIVE)
    }

    /// The table's side of taking a slot into use. What was remembered of its last connection is forgotten.
    pub fn revive(&self) {
        // How the connection before ended is not this one's business.
        self.rare.take();
        for count in [&self.bytes_in, &self.bytes_out] {
            count.set(0);
        }
        for count in [&self.messages_in, &self.messages_out] {
            count.set(0);
        }
        self.flags.set(flag::LIVE);
        self.phase.set(Phase::Idle);
    }

    /// Whether the connection `id` was the last one in this slot.
    pub fn is_just_after(&self, id: WsiId) -> bool {
        let next = (id.generation() + 1) % (1 << GENERATION_BITS);
        !self.is_live() && self.id.get() == WsiId::new(id.index(), next)
    }

    /// The table's side of giving a slot back: everything is dropped, the name changes.
    pub fn retire(&self) {
        let id = self.id.get();
        let generation = (id.generation() + 1) % (1 << GENERATION_BITS);
        // What a stale name is told about its end stays readable until the slot is used again.
        let cause = self.rare.take().and_then(|rare| rare.cause);
        self.reset();
        self.id.set(WsiId::new(id.index(), generation));
        if let Some(cause) = cause {
            self.with_rare(|rare| rare.cause = Some(cause));
        }
    }

    fn reset(&self) {
        self.flags.set(0);
        self.role.set(Role::Vacant);
        self.phase.set(Phase::Dead);
        self.rx_held.set(0);
        self.pins.set(0);
        self.piece_limit.set(0);
        self.packet_limit.set(0);
        self.protocol.set(ProtocolRef::default());
        self.vhost.set(None);
        self.user.set(0);
        self.opaque.set(0);
        self.socket.set(None);
        self.announced.set(0);
        self.timeout_at.set(NEVER);
        self.timer_at.set(NEVER);
        self.validity_at.set(NEVER);
        self.piece.set(PieceInfo::default());
        self.rx.set(Receiver::new());
        self.stash.take();
        self.out.take();
        self.tls.take();
        self.deflate.take();
        self.http.take();
        self.client.take();
    }

    pub fn has(&self, flag: u64) -> bool {
        self.flags.get() & flag != 0
    }

    /// Whether of the flags in `mask` just those in `set` are set.
    #[inline]
    pub fn are(&self, mask: u64, set: u64) -> bool {
        self.flags.get() & mask == set
    }

    pub fn set(&self, flag: u64) {
        self.flags.set(self.flags.get() | flag);
    }

    pub fn clear(&self, flag: u64) {
        self.flags.set(self.flags.get() & !flag);
    }

    /// Sets the flag and tells whether it was clear before.
    pub fn raise(&self, flag: u64) -> bool {
        let was = self.has(flag);
        if !was {
            self.set(flag);
        }
        !was
    }

    pub fn is_client(&self) -> bool {
        self.has(flag::CLIENT)
    }

    /// The end sequence has begun: no new data, no new callbacks but those of the end.
    pub fn is_closing(&self) -> bool {
        matches!(
            self.phase.get(),
            Phase::Flushing | Phase::CloseQueued | Phase::CloseSent | Phase::CloseEchoed | Phase::Dead
        )
    }

    /// Its vhost; `None` for an internal connection or a retired one.
    pub fn vhost(&self) -> Option<Rc<Vhost>> {
        let vhost = self.vhost.take();
        let copy = vhost.clone();
        self.vhost.set(vhost);
        copy
    }

    /// Runs `work` on its vhost without counting a reference.
    pub fn with_vhost<R>(&self, work: impl FnOnce(&Vhost) -> R) -> Option<R> {
        let vhost = self.vhost.take();
        let result = vhost.as_deref().map(work);
        self.vhost.set(vhost);
        result
    }

    /// Works on the socket; `None` when there is none. `work` must not call the program.
    pub fn with_socket<R>(&self, work: impl FnOnce(&Socket) -> R) -> Option<R> {
        let socket = self.socket.take()?;
        let result = work(&socket);
        self.socket.set(Some(socket));
        Some(result)
    }

    /// Descriptor number, or -1.
    pub fn fd(&self) -> i32 {
        use std::os::fd::AsRawFd;
        self.with_socket(|socket| socket.as_raw_fd()).unwrap_or(-1)
    }

    /// Works on the rarely used part, making it if needed. `work` must not call the program.
    pub fn with_rare<R>(&self, work: impl FnOnce(&mut Rare) -> R) -> R {
        let mut rare = self.rare.take().unwrap_or_default();
        let result = work(&mut rare);
        self.rare.set(Some(rare));
        result
    }

    /// Reads the rarely used part, if there is one.
    pub fn peek_rare<R>(&self, work: impl FnOnce(&Rare) -> R) -> Option<R> {
        let rare = self.rare.take()?;
        let result = work(&rare);
        self.rare.set(Some(rare));
        Some(result)
    }

    /// Takes something out of the rarely used part, if there is one.
    fn take_rare<T>(&self, part: impl FnOnce(&mut Rare) -> Option<T>) -> Option<T> {
        let mut rare = self.rare.take()?;
        let taken = part(&mut rare);
        self.rare.set(Some(rare));
        taken
    }

    /// Works on the http/2 connection; `None` when it is none, or busy. `work` must not call the program.
    pub fn visit_h2<R>(&self, work: impl FnOnce(&mut H2Connection) -> R) -> Option<R> {
        if self.role.get() != Role::H2 {
            return None;
        }
        let mut h2 = self.take_rare(|rare| rare.h2.take())?;
        let result = work(&mut h2);
        self.set_h2(h2);
        Some(result)
    }

    pub fn set_h2(&self, h2: Box<H2Connection>) {
        self.with_rare(|rare| rare.h2 = Some(h2));
    }

    /// Works on the stream of an http/2 connection; `None` when it is none, or busy. `work` must not call the program.
    pub fn visit_stream<R>(&self, work: impl FnOnce(&mut H2Stream) -> R) -> Option<R> {
        let mut stream = self.take_stream()?;
        let result = work(&mut stream);
        self.set_stream(stream);
        Some(result)
    }

    pub fn set_stream(&self, stream: Box<H2Stream>) {
        self.with_rare(|rare| rare.stream = Some(stream));
    }

    pub fn take_stream(&self) -> Option<Box<H2Stream>> {
        if !self.has(flag::STREAM) {
            return None;
        }
        self.take_rare(|rare| rare.stream.take())
    }

    /// Text between brackets in log lines; empty for stubs.
    pub fn tag(&self) -> String {
        if !self.has(flag::TAGGED) {
            return String::new();
        }
        let (group, name) = if self.is_client() {
            ("wsicli", self.peek_rare(|rare| rare.name.clone()).unwrap_or_default())
        } else {
            ("wsisrv", self.with_vhost(|vhost| vhost.name().to_string()).unwrap_or_default())
        };
        let mut tag = format!("[{group}|{:x}|{name}", self.ordinal.get());
        // The original's buffer is 64 bytes; scripts expect no longer ones.
        let mut end = tag.len().min(62);
        while !tag.is_char_boundary(end) {
            end -= 1;
        }
        tag.truncate(end);
        tag.push(']');
        tag
    }

    /// Opaque address of the program's log context for this connection, 0 = that of the vhost.
    pub fn log_cx(&self) -> usize {
        let own = self.peek_rare(|rare| rare.log_cx).unwrap_or(0);
        if own != 0 { own } else { self.with_vhost(|vhost| vhost.settings.log_cx).unwrap_or(0) }
    }

    pub fn count_bytes_in(&self, count: usize) {
        self.bytes_in.set(self.bytes_in.get().wrapping_add(count as u64));
    }

    pub fn count_bytes_out(&self, count: usize) {
        self.bytes_out.set(self.bytes_out.get().wrapping_add(count as u64));
    }

    pub fn count_message_in(&self) {
        self.messages_in.set(self.messages_in.get().wrapping_add(1));
    }

    pub fn count_message_out(&self) {
        self.messages_out.set(self.messages_out.get().wrapping_add(1));
    }

    pub fn traffic(&self) -> Traffic {
        Traffic {
            bytes_in: self.bytes_in.get(),
            bytes_out: self.bytes_out.get(),
            messages_in: u64::from(self.messages_in.get()),
            messages_out: u64::from(self.messages_out.get()),
        }
    }

    pub fn stash_len(&self) -> usize {
        peek(&self.stash, |stash| stash.len())
    }

    /// Moves the first stashed bytes into `buffer`, as many as fit. Returns their number: 0 if nothing is stashed.
    pub fn unstash(&self, buffer: &mut [u8]) -> usize {
        let mut stash = self.stash.take();
        let count = stash.len().min(buffer.len());
        buffer[..count].copy_from_slice(&stash[..count]);
        stash.drain(..count);
        self.stash.set(stash);
        count
    }

    /// Puts bytes back that were read and not consumed: they come before those that are stashed already.
    pub fn stash_in_front(&self, mut bytes: Vec<u8>) {
        bytes.append(&mut self.stash.take());
        self.stash.set(bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quiet_connection_is_small() {
        assert!(size_of::<Wsi>() <= 256, "{} bytes", size_of::<Wsi>());
    }
}
