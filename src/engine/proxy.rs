//! Mounts that another server answers: one connection to the origin per request, websockets included.
//!
//! # Theory of operation
//!
//! The *front* is the client's connection, in its http transaction and marked `PROXIED`; the *onward* connection is a
//! raw client connection without a protocol, marked `ONWARD`, so that the program never hears of it. Whenever one of the
//! two can do something, [`pump`] moves what can be moved in both directions. What one side does not take is not read
//! from the other, so that memory stays bounded. The end of either ends the other; a reply that had not begun by then
//! becomes 502, 503 or 504.
use super::cell::MayCall;
use super::client::{self, ConnectRequest, Wanted, conn_flag};
use super::close::{self, CloseCause};
use super::context::Context;
use super::deadline::{self, wait};
use super::input::{self, Input};
use super::log::{self, Level, Scope};
use super::mount::{self, Mount};
use super::out::{self, Flushed};
use super::role::h2;
use super::role::http::{BODY_TOO_LONG, ClientBody, body_exceeds};
use super::table::WsiId;
use super::wsi::{Phase, Wsi, flag};
use super::{net, poll_events, reply, server, transaction};
use crate::proto::http::body::{self, Framing};
use crate::proto::http::forward::{self, Client, LAST_CHUNK, Origin, ReplyFraming};
use crate::proto::http::h1::{Progress, ResponseReader, Version};
use crate::proto::http::headers::Limits;
use crate::proto::http::method::Method;
use crate::proto::http::onward_target;
use crate::proto::http::token::Token;
use std::borrow::Cow;
use std::rc::Rc;

/// Bytes moved in one step.
const PIECE: usize = 16 * 1024;
/// Steps of one pair in one turn.
const STEPS_PER_TURN: u32 = 32;
/// The least time an origin has for its answer and for each piece of it, seconds.
const PATIENCE_SECS: u32 = 60;
/// Largest head of an origin, bytes.
const HEAD_BYTES: usize = 32 * 1024;
/// Reason of the flow control of both sides: the other side takes no more.
const HELD_BIT: u16 = 1 << 15;

/// What the front knows of its origin.
pub struct Proxied {
    onward: Option<WsiId>,
    mount: Rc<Mount>,
    origin: Rc<Origin>,
    method: Method,
    is_upgrade: bool,
    /// The body of the request goes in chunks.
    chunks_request: bool,
    /// The head for the origin, until it is sent.
    head: Option<Vec<u8>>,
    stage: Stage,
    /// Why the onward connection ended, if it did by itself.
    lost: Option<Cow<'static, str>>,
}

enum Stage {
    /// The reply has not begun.
    Head(Box<ResponseReader>),
    Body {
        body: Box<ClientBody>,
        /// Sent in chunks.
        chunks: bool,
    },
    /// A websocket: bytes as they come.
    Tunnel,
}

/// What a round of pumping led to.
enum Step {
    /// More when one side is ready.
    Wait,
    /// More at once.
    Again,
    /// The reply is complete.
    Done,
    /// The client is gone.
    FrontLost(Cow<'static, str>),
    /// The origin failed: the status if the reply has not begun, and why.
    Failed(u16, Cow<'static, str>),
    /// A websocket ended, by the origin.
    TunnelEnded,
}

/// Sends the request of `front` on to the origin of its mount. `behind`: the path behind the mount point.
pub fn start(may: &mut MayCall, cx: &Context, front: &Wsi, mount: &Rc<Mount>, origin: &Rc<Origin>, behind: &[u8]) {
    let address = h2::network(cx, front).with_socket(net::peer_text).and_then(Result::ok).unwrap_or_default();
    let client = Client {
        address,
        is_tls: front.has(flag::TLS),
        hides_authorization: mount.auth_file.is_some() || mount.auth_mask & mount::AUTH_MODE_MASK != 0,
    };
    let facts = front.http.visit(|http| {
        let head = http.request.as_ref()?;
        let is_upgrade = head.method == Method::Get
            && head.version == Version::Http11
            && head.headers.list_has(Token::Upgrade, b"websocket")
            && head.headers.list_has(Token::Connection, b"upgrade");
        let target = onward_target::at_origin(&origin.base, &mount.point, &head.sent, behind);
        let words = forward::request_head(head, &target, origin, &client, is_upgrade);
        Some((words, head.method, is_upgrade, forward::is_chunked(head)))
    });
    let Some((head, method, is_upgrade, chunks_request)) = facts.flatten() else { return };
    let limits = Limits { text_bytes: HEAD_BYTES, fragments: 400 };
    front.http.visit(|http| {
        http.proxied = Some(Box::new(Proxied {
            onward: None,
            mount: Rc::clone(mount),
            origin: Rc::clone(origin),
            method,
            is_upgrade,
            chunks_request,
            head: Some(head),
            stage: Stage::Head(Box::new(ResponseReader::new(limits))),
            lost: None,
        }));
    });
    front.set(flag::PROXIED);
    be_patient(cx, front);
    let id = front.id();
    let Some(onward) = client::connect(may, cx, request_for(front, origin)) else {
        if front.id() == id && front.has(flag::PROXIED) {
            failed(may, cx, front, 503, "the origin of the mount cannot be reached");
        }
        return;
    };
    client::instantiated(may, cx, onward);
    if front.id() != id || !front.has(flag::PROXIED) {
        return close::at_once(may, cx, onward, CloseCause::ours("its client is gone"));
    }
    onward.with_rare(|rare| rare.front = Some(id));
    front.http.visit(|http| http.proxied.as_mut().map(|proxied| proxied.onward = Some(onward.id())));
    cx.make_pending(front);
}

fn request_for(front: &Wsi, origin: &Origin) -> ConnectRequest {
    ConnectRequest {
        vhost: front.vhost(),
        address: origin.address.clone(),
        unix_path: origin.address.strip_prefix('+').map(Into::into),
        port: origin.port,
        path: "/".into(),
        host: origin.address.clone().into(),
        origin: None,
        protocols: None,
        local_protocol: None,
        wanted: Wanted::Raw,
        flags: if origin.is_tls { conn_flag::USE_TLS } else { 0 },
        version: 13,
        userdata: 0,
        opaque: 0,
        parent: None,
        iface: None,
        priority: 0,
        alpn: None,
        policy: None,
        log_cx: front.peek_rare(|rare| rare.log_cx).unwrap_or(0),
        tls: None,
        is_onward: true,
        keep_warm_secs: 0,
        client_cert: 0,
    }
}

fn be_patient(cx: &Context, front: &Wsi) {
    deadline::start_timeout(cx, front, wait::HTTP_CONTENT, cx.settings.timeout_secs.max(PATIENCE_SECS));
}

/// The onward connection can do something: moves what can be moved.
pub fn pump_onward(may: &mut MayCall, cx: &Context, onward: &Wsi) {
    match onward.peek_rare(|rare| rare.front).flatten().and_then(|id| cx.wsi(id)) {
        Some(front) if front.has(flag::PROXIED) => pump(may, cx, front),
        _ => close::at_once(may, cx, onward, CloseCause::ours("its client is gone")),
    }
}

/// Moves what can be moved between a front and its onward connection.
pub fn pump(may: &mut MayCall, cx: &Context, front: &Wsi) {
    // Nothing in here calls the program, so the state may be out of the connection meanwhile.
    let Some(mut proxied) = front.http.visit(|http| http.proxied.take()).flatten() else { return };
    let mut step = Step::Wait;
    for _ in 0..STEPS_PER_TURN {
        step = advance(may, cx, front, &mut proxied);
        if !matches!(step, Step::Again) {
            break;
        }
    }
    let onward = proxied.onward.and_then(|id| cx.wsi(id));
    front.http.visit(|http| http.proxied = Some(proxied));
    match step {
        Step::Again => cx.make_pending(front),
        Step::Wait => {
            for wsi in [Some(front), onward].into_iter().flatten() {
                poll_events::update(may, cx, wsi);
            }
        }
        Step::Done => done(may, cx, front),
        Step::FrontLost(why) => close::lost(may, cx, front, CloseCause::peer(why)),
        Step::Failed(status, why) => failed(may, cx, front, status, &why),
        Step::TunnelEnded => {
            close::end_with_answer(may, cx, front, CloseCause::ours("the origin closed the websocket"))
        }
    }
}

fn advance(may: &mut MayCall, cx: &Context, front: &Wsi, proxied: &mut Proxied) -> Step {
    let onward = proxied.onward.and_then(|id| cx.wsi(id)).filter(|wsi| wsi.phase.get() != Phase::Dead);
    let Some(onward) = onward else {
        let why = proxied.lost.take().unwrap_or_else(|| "the connection to the origin ended".into());
        return Step::Failed(if proxied.head.is_some() { 503 } else { 502 }, why);
    };
    if onward.phase.get() != Phase::Established {
        return notice_end(may, cx, front);
    }
    if let Some(head) = proxied.head.take() {
        out::append(cx, onward, |queue| queue.extend_from_slice(&head));
    }
    let up = send_on(may, cx, front, onward, proxied);
    if !matches!(up, Step::Wait | Step::Again) {
        return up;
    }
    let down = send_back(may, cx, front, onward, proxied);
    if matches!(down, Step::Wait) { up } else { down }
}

/// Whether `wsi` takes more. Sends what waits there first.
fn takes_more(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Result<bool, String> {
    if wsi.has(flag::BACKLOG) || out::queued(wsi) >= out::CORK_BYTES {
        if !wsi.has(flag::WRITABLE) {
            return Ok(false);
        }
        match out::flush(may, cx, wsi) {
            Flushed::All => {}
            Flushed::Blocked => return Ok(false),
            Flushed::Dead(error) => return Err(net::describe(&error).into_owned()),
        }
    }
    Ok(true)
}

fn hold(wsi: &Wsi, holds: bool) {
    let held = wsi.rx_held.get();
    wsi.rx_held.set(if holds { held | HELD_BIT } else { held & !HELD_BIT });
}

fn has_input(wsi: &Wsi) -> bool {
    wsi.stash_len() > 0 || wsi.has(flag::READABLE | flag::HUNG_UP) || input::has_more(wsi)
}

/// A client that leaves while its origin works is noticed; a next request stays unread.
fn notice_end(may: &mut MayCall, cx: &Context, front: &Wsi) -> Step {
    if !front.has(flag::HUNG_UP) || front.stash_len() > 0 {
        return Step::Wait;
    }
    let mut buffer = [0; 4096];
    match input::read(may, cx, front, &mut buffer) {
        Input::Bytes(count) => front.stash.set(buffer[..count].to_vec()),
        Input::Empty => {}
        Input::End => return Step::FrontLost("FIN".into()),
        Input::Failed(why) => return Step::FrontLost(why),
    }
    Step::Wait
}

/// From the client to the origin: one piece of the request's body, or of a websocket.
fn send_on(may: &mut MayCall, cx: &Context, front: &Wsi, onward: &Wsi, proxied: &Proxied) -> Step {
    let is_tunnel = matches!(proxied.stage, Stage::Tunnel);
    let wanted = front.http.visit(|http| http.request_body.as_ref().map(transaction::wanted_bytes)).flatten();
    if !is_tunnel && wanted.is_none() {
        // All of the body was taken from the client; its end may still wait for the origin. Whether that is gone is found
        // out by reading.
        if out::queued(onward) > 0 && onward.has(flag::WRITABLE) {
            out::flush(may, cx, onward);
        }
        return notice_end(may, cx, front);
    }
    match takes_more(may, cx, onward) {
        Ok(true) => hold(front, false),
        Ok(false) => {
            hold(front, true);
            return Step::Wait;
        }
        // What it said before it closed is still to be read.
        Err(_) => return Step::Wait,
    }
    let mut buffer = vec![0; PIECE];
    let mut count = 0;
    let room = if is_tunnel { PIECE } else { usize::try_from(wanted.unwrap_or(0)).unwrap_or(PIECE).min(PIECE) };
    if room > 0 {
        transaction::say_continue(cx, front);
        if !has_input(front) {
            return Step::Wait;
        }
        count = match input::read_after_stash(may, cx, front, &mut buffer[..room]) {
            Input::Bytes(count) => count,
            Input::Empty => return Step::Wait,
            Input::End if front.http.visit(|http| transaction::is_until_end(&http.request_body)) == Some(true) => 0,
            Input::End => return Step::FrontLost("FIN".into()),
            Input::Failed(why) => return Step::FrontLost(why),
        };
    }
    if is_tunnel {
        out::append(cx, onward, |queue| queue.extend_from_slice(&buffer[..count]));
        return Step::Again;
    }
    be_patient(cx, front);
    let decoded = front.http.visit(|http| transaction::decode(&mut http.request_body, &mut buffer[..count], count));
    let Some(Ok((length, rest, ended))) = decoded else { return Step::Failed(400, "broken chunked body".into()) };
    if body_exceeds(front, length) {
        return Step::Failed(413, BODY_TOO_LONG.into());
    }
    front.stash_in_front(buffer[rest..count].to_vec());
    out::append(cx, onward, |queue| {
        if !proxied.chunks_request {
            queue.extend_from_slice(&buffer[..length]);
        } else {
            forward::chunk(&buffer[..length], queue);
            if ended {
                queue.extend_from_slice(LAST_CHUNK);
            }
        }
    });
    if ended {
        front.http.visit(|http| http.request_body = None);
    }
    Step::Again
}

/// From the origin to the client: one piece of the reply, or of a websocket.
fn send_back(may: &mut MayCall, cx: &Context, front: &Wsi, onward: &Wsi, proxied: &mut Proxied) -> Step {
    match takes_more(may, cx, front) {
        Ok(true) => hold(onward, false),
        Ok(false) => {
            hold(onward, true);
            return Step::Wait;
        }
        Err(why) => return Step::FrontLost(why.into()),
    }
    if !has_input(onward) {
        return Step::Wait;
    }
    let mut buffer = vec![0; PIECE];
    let count = match input::read_after_stash(may, cx, onward, &mut buffer) {
        Input::Bytes(count) => count,
        Input::Empty => return Step::Wait,
        Input::End => return origin_ended(cx, front, proxied, "it closed the connection"),
        Input::Failed(why) => return origin_ended(cx, front, proxied, &why),
    };
    if !matches!(proxied.stage, Stage::Tunnel) {
        be_patient(cx, front);
    }
    match &mut proxied.stage {
        Stage::Tunnel => {
            out::append(cx, front, |queue| queue.extend_from_slice(&buffer[..count]));
            Step::Again
        }
        Stage::Body { body, chunks } => {
            let Ok(length) = body.decode(&mut buffer, count) else {
                return Step::Failed(502, "the origin's reply is broken inside its body".into());
            };
            let (ended, chunks) = (body.has_ended(), *chunks);
            append_body(cx, front, &buffer[..length], chunks, ended);
            if ended { Step::Done } else { Step::Again }
        }
        Stage::Head(reader) => match reader.push(&buffer[..count]) {
            Ok(Progress::NeedMore) => Step::Again,
            Ok(Progress::NotHttp) => Step::Failed(502, "the origin does not speak http".into()),
            Ok(Progress::Head { head, consumed }) => {
                onward.stash_in_front(buffer[consumed..count].to_vec());
                if matches!(head.status, 100 | 102..=199) {
                    Step::Again
                } else {
                    begin_reply(cx, front, proxied, &head)
                }
            }
            Err(error) => Step::Failed(502, format!("the origin's reply is refused: {}", error.what).into()),
        },
    }
}

/// The reply's head came: ours goes out.
fn begin_reply(cx: &Context, front: &Wsi, proxied: &mut Proxied, head: &crate::proto::http::h1::ResponseHead) -> Step {
    let here = (&*proxied.origin, proxied.mount.point.as_slice());
    let queue_head = |framing: ReplyFraming, closes: bool| {
        let words = forward::reply_head(head, framing, closes, here);
        reply::note_answered(front);
        reply::put(cx, front, &words, b"");
    };
    if head.status == 101 {
        if !proxied.is_upgrade {
            return Step::Failed(502, "the origin changes the protocol, which nobody asked for".into());
        }
        queue_head(ReplyFraming::Upgrade, false);
        deadline::clear_timeout(cx, front);
        proxied.stage = Stage::Tunnel;
        return Step::Again;
    }
    let framing = match body::of_response(proxied.method, head.version, head.status, &head.headers) {
        Ok(framing) => framing,
        Err(error) => return Step::Failed(502, format!("the origin's reply is refused: {}", error.what).into()),
    };
    let is_1_1 = front.http.visit(|http| http.version).flatten() == Some(Version::Http11);
    let to_client = match framing.framing {
        Framing::None => ReplyFraming::None,
        Framing::Length(length) => ReplyFraming::Length(length),
        Framing::Chunked | Framing::UntilClose if is_1_1 => ReplyFraming::Chunked,
        Framing::Chunked | Framing::UntilClose => ReplyFraming::UntilClose,
    };
    if to_client == ReplyFraming::UntilClose {
        front.set(flag::CLOSE_AFTER);
    }
    queue_head(to_client, front.has(flag::CLOSE_AFTER) && to_client != ReplyFraming::UntilClose);
    let body = Box::new(ClientBody::new(framing));
    if body.has_ended() {
        return Step::Done;
    }
    proxied.stage = Stage::Body { body, chunks: to_client == ReplyFraming::Chunked };
    Step::Again
}

fn append_body(cx: &Context, front: &Wsi, bytes: &[u8], chunks: bool, ended: bool) {
    if !chunks {
        reply::put_body(cx, front, bytes);
        return;
    }
    out::append(cx, front, |queue| {
        forward::chunk(bytes, queue);
        if ended {
            queue.extend_from_slice(LAST_CHUNK);
        }
    });
}

/// The origin sends no more.
fn origin_ended(cx: &Context, front: &Wsi, proxied: &Proxied, why: &str) -> Step {
    match &proxied.stage {
        Stage::Tunnel => Step::TunnelEnded,
        Stage::Body { body, chunks } if body.is_until_close() => {
            append_body(cx, front, b"", *chunks, true);
            Step::Done
        }
        Stage::Body { .. } => Step::Failed(502, format!("the origin's reply is incomplete: {why}").into()),
        Stage::Head(_) => Step::Failed(502, format!("no reply of the origin: {why}").into()),
    }
}

/// The front is no longer proxied; its onward connection ends.
fn part(may: &mut MayCall, cx: &Context, front: &Wsi, why: &str) {
    front.clear(flag::PROXIED);
    hold(front, false);
    let proxied = front.http.visit(|http| http.proxied.take()).flatten();
    if let Some(onward) = proxied.and_then(|proxied| proxied.onward).and_then(|id| cx.wsi(id)) {
        onward.with_rare(|rare| rare.front = None);
        // The last words of a websocket, as far as they leave at once.
        let _ = out::flush(may, cx, onward);
        close::at_once(may, cx, onward, CloseCause::ours(why.to_owned()));
    }
}

/// The reply is complete: the transaction is, too.
fn done(may: &mut MayCall, cx: &Context, front: &Wsi) {
    let id = front.id();
    part(may, cx, front, "the reply is complete");
    if front.id() == id && front.phase.get() == Phase::Transaction {
        mount::complete(may, cx, front);
    }
}

/// No reply, or no more of it.
fn failed(may: &mut MayCall, cx: &Context, front: &Wsi, status: u16, why: &str) {
    let id = front.id();
    log::line(Level::Notice, Scope::Wsi(front), "proxy", format_args!("{why}"));
    part(may, cx, front, why);
    if front.id() != id || front.phase.get() != Phase::Transaction {
        return;
    }
    if reply::is_answered(front) && front.has(flag::STREAM) {
        // Its end in good order would say that this was all.
        return close::at_once(may, cx, front, CloseCause::ours(why.to_owned()));
    }
    if reply::is_answered(front) {
        // What came is passed on; that it is not all shows in its length, or by the last chunk that is missing.
        return close::end_with_answer(may, cx, front, CloseCause::ours(why.to_owned()));
    }
    let shown = match status {
        400 => "the request is broken",
        503 => "the server behind this one cannot be reached",
        504 => "the server behind this one did not answer in time",
        _ => "the server behind this one gave no usable answer",
    };
    server::refuse(may, cx, front, status, shown);
}

/// The time for the origin's reply is over.
pub fn timed_out(may: &mut MayCall, cx: &Context, front: &Wsi) {
    failed(may, cx, front, 504, "the origin took too long");
}

/// A connection ends: the other one of the pair, if it is one of a pair, learns of it.
pub fn ended(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if wsi.has(flag::PROXIED) {
        part(may, cx, wsi, "its client is gone");
    }
    if wsi.has(flag::ONWARD)
        && let Some(front) = wsi.with_rare(|rare| rare.front.take()).and_then(|id| cx.wsi(id))
    {
        let why = wsi.peek_rare(|rare| rare.cause.as_ref().map(|cause| cause.text.clone())).flatten();
        front.http.visit(|http| http.proxied.as_mut().map(|proxied| proxied.lost = why));
        cx.make_pending(front);
    }
}
