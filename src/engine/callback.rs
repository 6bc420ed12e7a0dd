//! The one place that delivers events to the program: one method per reason (or family of reasons).
//!
//! Each says what `in` and `len` are, to which protocol it goes, and what a nonzero return does. Numbers and order are
//! those of the original; `spec` of each is pinned by the recorded traces. Nothing may be borrowed from a connection
//! while one of these runs, and after it the caller looks at the connection again: the program may have closed it.
use super::cell::MayCall;
use super::context::Context;
use super::log::{Level, Scope};
use super::tls::hooks::{Answer, Hook, Question};
use super::trace;
use super::vhost::{ProtocolRef, Vhost};
use super::wsi::{Role, Wsi, flag};
use std::ffi::CStr;
use std::ptr;

macro_rules! reasons {
    ($($name:ident = $number:literal $text:literal;)*) => {
        /// Why a callback is made, with the numbers of `enum lws_callback_reasons`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        #[repr(i32)]
        pub enum Reason { $($name = $number,)* }

        impl Reason {
            /// Name without the LWS_CALLBACK_ prefix, for log lines.
            pub fn name(self) -> &'static str {
                match self { $(Reason::$name => $text,)* }
            }

            /// The reason with this number, if the library makes it.
            pub fn from_number(number: i32) -> Option<Reason> {
                match number { $($number => Some(Reason::$name),)* _ => None }
            }
        }
    };
}

reasons! {
    Established = 0 "ESTABLISHED";
    ClientConnectionError = 1 "CLIENT_CONNECTION_ERROR";
    ClientFilterPreEstablish = 2 "CLIENT_FILTER_PRE_ESTABLISH";
    ClientEstablished = 3 "CLIENT_ESTABLISHED";
    Closed = 4 "CLOSED";
    ClosedHttp = 5 "CLOSED_HTTP";
    Receive = 6 "RECEIVE";
    ReceivePong = 7 "RECEIVE_PONG";
    ClientReceive = 8 "CLIENT_RECEIVE";
    ClientReceivePong = 9 "CLIENT_RECEIVE_PONG";
    ClientWriteable = 10 "CLIENT_WRITEABLE";
    ServerWriteable = 11 "SERVER_WRITEABLE";
    Http = 12 "HTTP";
    HttpBody = 13 "HTTP_BODY";
    HttpBodyCompletion = 14 "HTTP_BODY_COMPLETION";
    HttpFileCompletion = 15 "HTTP_FILE_COMPLETION";
    HttpWriteable = 16 "HTTP_WRITEABLE";
    FilterNetworkConnection = 17 "FILTER_NETWORK_CONNECTION";
    FilterHttpConnection = 18 "FILTER_HTTP_CONNECTION";
    ServerNewClientInstantiated = 19 "SERVER_NEW_CLIENT_INSTANTIATED";
    FilterProtocolConnection = 20 "FILTER_PROTOCOL_CONNECTION";
    ClientAppendHandshakeHeader = 24 "CLIENT_APPEND_HANDSHAKE_HEADER";
    ConfirmExtensionOkay = 25 "CONFIRM_EXTENSION_OKAY";
    ClientConfirmExtensionSupported = 26 "CLIENT_CONFIRM_EXTENSION_SUPPORTED";
    ProtocolInit = 27 "PROTOCOL_INIT";
    ProtocolDestroy = 28 "PROTOCOL_DESTROY";
    WsiCreate = 29 "WSI_CREATE";
    WsiDestroy = 30 "WSI_DESTROY";
    GetThreadId = 31 "GET_THREAD_ID";
    AddPollFd = 32 "ADD_POLL_FD";
    DelPollFd = 33 "DEL_POLL_FD";
    ChangeModePollFd = 34 "CHANGE_MODE_POLL_FD";
    LockPoll = 35 "LOCK_POLL";
    UnlockPoll = 36 "UNLOCK_POLL";
    WsPeerInitiatedClose = 38 "WS_PEER_INITIATED_CLOSE";
    WsExtDefaults = 39 "WS_EXT_DEFAULTS";
    EstablishedClientHttp = 44 "ESTABLISHED_CLIENT_HTTP";
    ClosedClientHttp = 45 "CLOSED_CLIENT_HTTP";
    ReceiveClientHttp = 46 "RECEIVE_CLIENT_HTTP";
    CompletedClientHttp = 47 "COMPLETED_CLIENT_HTTP";
    ReceiveClientHttpRead = 48 "RECEIVE_CLIENT_HTTP_READ";
    HttpBindProtocol = 49 "HTTP_BIND_PROTOCOL";
    HttpDropProtocol = 50 "HTTP_DROP_PROTOCOL";
    CheckAccessRights = 51 "CHECK_ACCESS_RIGHTS";
    ProcessHtml = 52 "PROCESS_HTML";
    AddHeaders = 53 "ADD_HEADERS";
    HttpPmo = 56 "HTTP_PMO";
    ClientHttpWriteable = 57 "CLIENT_HTTP_WRITEABLE";
    RawRx = 59 "RAW_RX";
    RawClose = 60 "RAW_CLOSE";
    RawWriteable = 61 "RAW_WRITEABLE";
    RawAdopt = 62 "RAW_ADOPT";
    RawAdoptFile = 63 "RAW_ADOPT_FILE";
    RawRxFile = 64 "RAW_RX_FILE";
    RawWriteableFile = 65 "RAW_WRITEABLE_FILE";
    RawCloseFile = 66 "RAW_CLOSE_FILE";
    ChildClosing = 69 "CHILD_CLOSING";
    EventWaitCancelled = 71 "EVENT_WAIT_CANCELLED";
    VhostCertAging = 72 "VHOST_CERT_AGING";
    Timer = 73 "TIMER";
    ClientClosed = 75 "CLIENT_CLOSED";
    ClientHttpDropProtocol = 76 "CLIENT_HTTP_DROP_PROTOCOL";
    WsServerBindProtocol = 77 "WS_SERVER_BIND_PROTOCOL";
    WsServerDropProtocol = 78 "WS_SERVER_DROP_PROTOCOL";
    WsClientDropProtocol = 80 "WS_CLIENT_DROP_PROTOCOL";
    RawSktBindProtocol = 81 "RAW_SKT_BIND_PROTOCOL";
    RawSktDropProtocol = 82 "RAW_SKT_DROP_PROTOCOL";
    ClientHttpBindProtocol = 85 "CLIENT_HTTP_BIND_PROTOCOL";
    HttpConfirmUpgrade = 86 "HTTP_CONFIRM_UPGRADE";
    RawConnected = 101 "RAW_CONNECTED";
    VerifyBasicAuthorization = 102 "VERIFY_BASIC_AUTHORIZATION";
    ClientHttpRedirect = 104 "CLIENT_HTTP_REDIRECT";
    Connecting = 105 "CONNECTING";
    User = 1000 "USER";
}

/// `struct lws_pollargs`.
#[derive(Clone, Copy, Debug, Default)]
pub struct PollArgs {
    pub fd: i32,
    pub events: i32,
    pub previous: i32,
}

/// A position in a buffer that the program advances by writing header lines there.
pub struct HeaderSpace {
    pub start: *mut u8,
    pub position: *mut u8,
    /// Bytes that may be written at `position`.
    pub room: usize,
}

impl HeaderSpace {
    /// The start of `buffer`, all of it free.
    pub fn over(buffer: &mut [u8]) -> Self {
        let start = buffer.as_mut_ptr();
        HeaderSpace { start, position: start, room: buffer.len() }
    }

    /// Bytes the program wrote; `None` when it moved the position out of the buffer.
    pub fn written(&self) -> Option<usize> {
        let written = self.position.addr().checked_sub(self.start.addr())?;
        (written <= self.room).then_some(written)
    }
}

/// `struct lws_process_html_args`: a text in a buffer that the program may change.
pub struct HtmlArgs {
    pub text: *mut u8,
    pub len: i32,
    /// Bytes that fit at `text`; in CHECK_ACCESS_RIGHTS the mask of the mount.
    pub max_len: i32,
    /// The last piece; set by the program in CHECK_ACCESS_RIGHTS: it dealt with the request itself.
    pub is_final: i32,
    /// The program has to add the framing of chunks.
    pub is_chunked: i32,
}

/// What `in` and `len` of a callback are. Raw pointers are buffers lent for the length of the call.
pub enum Arg<'a> {
    None,
    /// `in` NULL, a number in `len`.
    Len(usize),
    /// A descriptor cast to a pointer.
    Fd(i32),
    /// A buffer the program may read and write.
    Bytes(*mut u8, usize),
    /// A NUL-terminated text and the value of `len`, which is not always its length.
    Text(&'a CStr, usize),
    Poll(PollArgs, usize),
    /// `in` is `unsigned char **`.
    Header(&'a mut HeaderSpace),
    /// `in` is `struct lws_process_html_args *`.
    HtmlArgs(&'a mut HeaderSpace),
    /// The same, with all members.
    Html(&'a mut HtmlArgs),
    /// `in` is `struct lws_acme_cert_aging_args *` about this vhost, `len` the days its certificate is good for.
    CertAging(&'a Vhost, usize),
    /// `user` is the extension's name, `in` a buffer of 128 bytes to fill.
    ExtensionDefaults(&'a CStr, &'a mut [u8; 128]),
    /// `in` is another connection.
    Connection(&'a Wsi),
    /// `in` is the accepted descriptor, `user` the address facts of a new connection.
    Accepted(i32, &'a socket2::SockAddr),
    /// `in` is the address of an object of the program (its per-vhost options).
    Address(usize),
}

/// An open file that is sent to a client. Its operations may be the program's own: nothing is borrowed while they run.
pub trait ServedFile {
    /// Size in bytes.
    fn size(&self) -> u64;
    /// Moves to `offset` bytes from the start. False: that failed.
    fn seek(&mut self, offset: u64) -> bool;
    /// Reads at the position; 0 at the end, `None` when it failed.
    fn read(&mut self, buffer: &mut [u8]) -> Option<usize>;
    /// Seconds since 1970, if the file operations know.
    fn modified(&self) -> Option<u32>;
    /// The content is gzip of what was asked for.
    fn is_gzip(&self) -> bool;
    /// It is nothing of the platform's file system, whatever its path.
    fn is_virtual(&self) -> bool;
}

/// The program, as the engine sees it. The C edge is one implementation, engine tests bring closures.
pub trait Program {
    /// Runs one callback and returns what the program returned. `to` is never `ProtocolRef::NONE`.
    fn deliver(&self, cx: &Context, wsi: &Wsi, to: ProtocolRef, reason: Reason, arg: Arg<'_>) -> i32;
    /// [`deliver`](Self::deliver) to the protocol with this handle, of [`Arg::Bytes`], or of [`Arg::None`] where `bytes` is NULL.
    fn deliver_bytes(&self, wsi: &Wsi, to: usize, reason: Reason, bytes: *mut u8, len: usize) -> i32;
    /// Zeroed memory of the program's session size; 0 when there is none.
    fn allocate_session(&self, bytes: usize) -> usize;
    fn free_session(&self, address: usize);
    /// PROTOCOL_INIT was delivered at the start. False: the context cannot go on, the log says why.
    fn protocols_are_ready(&self, _cx: &Context) -> bool {
        true
    }
    /// Announces the steps towards `state` to the notifiers; false when one of them refused.
    fn transition(&self, cx: &Context, state: i32) -> bool;
    /// Runs the program's timers that are due at `now`, one after the other.
    fn run_timers(&self, cx: &Context, now: u64);
    /// When the program's next timer is due.
    fn next_timer(&self) -> Option<u64>;
    /// Carries out a command of another thread that is about the program's own objects.
    fn carry_out(&self, cx: &Context, command: super::wake::Command);
    /// Whether messages wait for [`deliver_messages`](Self::deliver_messages).
    fn has_messages(&self) -> bool;
    fn deliver_messages(&self, cx: &Context);
    /// Opens a file to be served, through the file operations of the context; `None`: there is none.
    fn open_file(&self, _cx: &Context, _path: &CStr, _accepts_gzip: bool) -> Option<Box<dyn ServedFile>> {
        None
    }
    /// Certificate and key that the program set as system blobs, empty where it set none; `None`: no such pair.
    fn client_identity(&self, _index: u8) -> Option<(Vec<u8>, Vec<u8>)> {
        None
    }
    /// Asks the program's verification hook about the peer's certificate.
    fn judge_peer(&self, _cx: &Context, _wsi: &Wsi, _hook: Hook, _question: &Question) -> Answer {
        Answer::Refuse
    }
    /// Tells the program's key-log hook a secret.
    fn key_line(&self, _cx: &Context, _wsi: &Wsi, _hook: Hook, _line: &CStr) {}
    /// An object began (`bound`) or ended to use the program's log context at this address; 0: the process-wide one.
    fn log_use(&self, _log_cx: usize, _bound: bool) {}
    /// The context ends: all its connections are gone, and the loop that it is in must not watch it any more.
    fn leaves_loop(&self, _cx: &Context) {}
    /// Forgets what was kept for a vhost that is gone.
    fn vhost_gone(&self, _vhost: &Vhost) {}
}

/// Delivers `reason` to protocol `to`. Every callback of the library passes here.
#[inline]
pub fn call(may: &mut MayCall, cx: &Context, wsi: &Wsi, to: ProtocolRef, reason: Reason, arg: Arg<'_>) -> i32 {
    if to.is_none() {
        return 0;
    }
    in_program(may, cx, wsi, || match arg {
        // Nearly all that a busy connection needs, and nothing but registers.
        Arg::None if !trace::is_on(cx) => cx.program.deliver_bytes(wsi, to.handle, reason, ptr::null_mut(), 0),
        Arg::Bytes(bytes, len) if !trace::is_on(cx) => cx.program.deliver_bytes(wsi, to.handle, reason, bytes, len),
        other => deliver(cx, wsi, to, reason, other),
    })
}

#[inline(never)]
fn deliver(cx: &Context, wsi: &Wsi, to: ProtocolRef, reason: Reason, arg: Arg<'_>) -> i32 {
    trace::around(cx, wsi, to, reason, arg, |arg| cx.program.deliver(cx, wsi, to, reason, arg))
}

/// Asks a verification hook about the peer's certificate.
pub fn judge_peer(may: &mut MayCall, cx: &Context, wsi: &Wsi, hook: Hook, question: &Question) -> Answer {
    in_program(may, cx, wsi, || cx.program.judge_peer(cx, wsi, hook, question))
}

/// Tells a key-log hook a line.
pub fn key_line(may: &mut MayCall, cx: &Context, wsi: &Wsi, hook: Hook, line: &CStr) {
    in_program(may, cx, wsi, || cx.program.key_line(cx, wsi, hook, line));
}

/// Runs the program's code about `wsi`, or something that may call it, such as a hook: the connection is pinned and the
/// context knows that the program is at work. Afterwards look at the connection again; behind hooks: `close::after_hook`.
#[inline]
pub fn in_program<R>(_may: &mut MayCall, cx: &Context, wsi: &Wsi, run: impl FnOnce() -> R) -> R {
    let (pins, callbacks) = (wsi.pins.get(), cx.callbacks.get());
    wsi.pins.set(pins + 1);
    cx.callbacks.set(callbacks + 1);
    let result = run();
    // Whatever ran inside is balanced, too.
    cx.callbacks.set(callbacks);
    wsi.pins.set(pins);
    result
}

/// To the protocol the connection is bound to.
#[inline]
fn to_bound(may: &mut MayCall, cx: &Context, wsi: &Wsi, reason: Reason, arg: Arg<'_>) -> i32 {
    call(may, cx, wsi, wsi.protocol.get(), reason, arg)
}

/// To entry 0 of the vhost's protocols, whatever the connection is bound to.
pub fn to_first(may: &mut MayCall, cx: &Context, wsi: &Wsi, reason: Reason, arg: Arg<'_>) -> i32 {
    let first = wsi.with_vhost(|vhost| vhost.first_protocol()).unwrap_or_default();
    call(may, cx, wsi, first, reason, arg)
}

/// Says at INFO which callback of which connection returned what, and what that does.
#[inline]
fn note(cx: &Context, wsi: &Wsi, reason: Reason, verdict: i32, consequence: &str) -> i32 {
    if verdict != 0 {
        note_nonzero(cx, wsi, reason, verdict, consequence);
    }
    verdict
}

#[cold]
fn note_nonzero(cx: &Context, wsi: &Wsi, reason: Reason, verdict: i32, consequence: &str) {
    let name = cx.protocol_name(wsi);
    let text = format_args!("callback of '{name}' returned {verdict} at {}: nonzero {consequence}", reason.name());
    super::log::line(Level::Info, Scope::Wsi(wsi), "callback", text);
    trace::note(cx, wsi, "callback", format_args!("{}: {verdict}, which {consequence}", reason.name()));
}

/// A plain callback to the bound protocol whose nonzero return has the stated `consequence`.
pub fn strict(may: &mut MayCall, cx: &Context, wsi: &Wsi, reason: Reason, arg: Arg<'_>, consequence: &str) -> i32 {
    strict_inlined(may, cx, wsi, reason, arg, consequence)
}

/// [`strict`] for where it happens with each message.
#[inline(always)]
pub fn strict_inlined(
    may: &mut MayCall,
    cx: &Context,
    wsi: &Wsi,
    reason: Reason,
    arg: Arg<'_>,
    consequence: &str,
) -> i32 {
    let verdict = to_bound(may, cx, wsi, reason, arg);
    note(cx, wsi, reason, verdict, consequence)
}

/// A plain callback to the bound protocol whose return value is ignored.
pub fn notify(may: &mut MayCall, cx: &Context, wsi: &Wsi, reason: Reason, arg: Arg<'_>) {
    to_bound(may, cx, wsi, reason, arg);
}

/// BIND of the connection's role: `in` NULL, `len` 0. Nonzero: no drop callback will come.
pub fn bind(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> i32 {
    let reason = match (wsi.role.get(), wsi.is_client()) {
        (Role::Http, true) => Reason::ClientHttpBindProtocol,
        (Role::Http, false) => Reason::HttpBindProtocol,
        (Role::Ws, _) => Reason::WsServerBindProtocol,
        (Role::RawSocket | Role::Udp, _) => Reason::RawSktBindProtocol,
        _ => return 0,
    };
    strict(may, cx, wsi, reason, Arg::None, "means that no drop callback follows")
}

/// DROP of the connection's role, if a bind counted and there is session memory: `in` a text. Return ignored.
pub fn drop_protocol(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if !wsi.has(flag::BOUND) {
        return;
    }
    wsi.clear(flag::BOUND);
    if wsi.user.get() == 0 {
        return;
    }
    let reason = match (wsi.role.get(), wsi.is_client()) {
        (Role::Http, true) => Reason::ClientHttpDropProtocol,
        (Role::Http, false) => Reason::HttpDropProtocol,
        (Role::Ws, true) => Reason::WsClientDropProtocol,
        (Role::Ws, false) => Reason::WsServerDropProtocol,
        (Role::RawSocket | Role::Udp, _) => Reason::RawSktDropProtocol,
        _ => return,
    };
    notify(may, cx, wsi, reason, Arg::Text(c"the connection ends", 0));
}

/// CONNECTING: `in` the descriptor. Nonzero: the connect call returns NULL.
pub fn connecting(may: &mut MayCall, cx: &Context, wsi: &Wsi, fd: i32) -> i32 {
    strict(may, cx, wsi, Reason::Connecting, Arg::Fd(fd), "abandons the connection")
}

/// WSI_CREATE: to the bound protocol on a client, to protocol 0 on a server. Ignored.
pub fn wsi_create(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    wsi.set(flag::CREATED);
    if wsi.is_client() {
        notify(may, cx, wsi, Reason::WsiCreate, Arg::None);
    } else {
        to_first(may, cx, wsi, Reason::WsiCreate, Arg::None);
    }
}

/// WSI_DESTROY, to protocol 0; session memory is valid for the last time. Ignored.
pub fn wsi_destroy(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    to_first(may, cx, wsi, Reason::WsiDestroy, Arg::None);
}

/// CLIENT_CONNECTION_ERROR: `in` a NUL-terminated text, `len` its length. Ignored.
pub fn connection_error(may: &mut MayCall, cx: &Context, wsi: &Wsi, text: &CStr, len: usize) {
    to_bound(may, cx, wsi, Reason::ClientConnectionError, Arg::Text(text, len));
}

/// The WRITEABLE of the role. Of an http/2 connection only the streams have one.
#[inline]
pub fn writeable_reason(wsi: &Wsi) -> Reason {
    match (wsi.role.get(), wsi.is_client()) {
        (Role::Ws, true) => Reason::ClientWriteable,
        (Role::Ws, false) => Reason::ServerWriteable,
        (Role::Http, true) => Reason::ClientHttpWriteable,
        (Role::Http, false) => Reason::HttpWriteable,
        (Role::RawFile, _) => Reason::RawWriteableFile,
        _ => Reason::RawWriteable,
    }
}

/// The WRITEABLE of the role, `reason`. Nonzero closes (raw and http server: only negative, see there).
#[inline]
pub fn writeable(may: &mut MayCall, cx: &Context, wsi: &Wsi, reason: Reason) -> i32 {
    match to_bound(may, cx, wsi, reason, Arg::None) {
        0 => 0,
        verdict => note_writeable(cx, wsi, reason, verdict),
    }
}

#[cold]
fn note_writeable(cx: &Context, wsi: &Wsi, reason: Reason, verdict: i32) -> i32 {
    let honoured = match (wsi.role.get(), wsi.is_client()) {
        (Role::Http, false) | (Role::RawSocket | Role::Udp, _) => verdict.min(0),
        _ => verdict,
    };
    note(cx, wsi, reason, honoured, "closes the connection")
}

/// As [`to_vhost`] without arguments, and without a protocol that keeps it from the others: returns are ignored.
pub fn to_every_protocol(may: &mut MayCall, cx: &Context, vhost: &std::rc::Rc<Vhost>, reason: Reason) {
    for index in 0..vhost.protocols.len() {
        if vhost.being_destroyed.get() {
            return;
        }
        let Some(stub) = cx.stub(vhost) else { return };
        let to = vhost.protocol(index);
        stub.protocol.set(to);
        call(may, cx, stub, to, reason, Arg::None);
        cx.discard_stub(stub);
    }
}

/// A callback about the vhost as a whole, to each of its protocols in order, with a stub connection.
///
/// `arg` makes the `in` of each. Stops at the first nonzero return and gives it back.
pub fn to_vhost<'a>(
    may: &mut MayCall,
    cx: &Context,
    vhost: &std::rc::Rc<Vhost>,
    reason: Reason,
    arg: impl Fn(usize) -> Arg<'a>,
) -> i32 {
    let Some(stub) = cx.stub(vhost) else { return -1 };
    let mut verdict = 0;
    for index in 0..vhost.protocols.len() {
        let to = vhost.protocol(index);
        stub.protocol.set(to);
        verdict = call(may, cx, stub, to, reason, arg(index));
        if verdict != 0 {
            break;
        }
    }
    cx.discard_stub(stub);
    verdict
}
