//! The server's reply: redirects, plain http, and the judgement of an upgrade.
use super::{
    ClientState, NO_SESSION, Target, Wanted, allocate_session, conn_flag, connect, cookies, fail, monitor, pipeline,
    report,
};
use crate::engine::callback::{self, Arg, Reason};
use crate::engine::cell::MayCall;
use crate::engine::close;
use crate::engine::context::Context;
use crate::engine::deadline::{self, wait};
use crate::engine::input::{self, Input};
use crate::engine::log::{self, Level, Scope};
use crate::engine::poll_events;
use crate::engine::role::http::{BODY_TOO_LONG, ClientBody, HttpState, announces_too_much};
use crate::engine::role::ws;
use crate::engine::timer::NEVER;
use crate::engine::trace;
use crate::engine::wsi::{Phase, Wsi, flag};
use crate::proto::http::h1::{HeadErrorKind, Progress, ResponseHead, ResponseReader};
use crate::proto::http::headers::Limits;
use crate::proto::http::method::Method;
use crate::proto::http::secrets;
use crate::proto::http::token::Token;
use crate::proto::http::url::{self, Redirect};
use crate::proto::ws::extension::{self, PmdOptions};
use crate::proto::ws::handshake::{self as ws_handshake, HandshakeError, Offered, Reply};
use crate::proto::ws::{Side, deflate::DeflateParams};
use std::ffi::CString;

/// Reads in one turn before other connections get theirs.
const READ_BUDGET: u32 = 16;
const READ_BYTES: usize = 16 * 1024;
/// Redirects followed; the next one fails.
const MAX_REDIRECTS: u8 = 4;

/// A reader with the head limits of the context.
pub fn reader(cx: &Context) -> ResponseReader {
    ResponseReader::new(limits(cx))
}

fn limits(cx: &Context) -> Limits {
    // A reply head larger than the program's setting is no reason to fail: only endless ones are.
    Limits { text_bytes: cx.settings.max_head_bytes.max(64 * 1024), fragments: 512 }
}

/// Bytes while the reply head is awaited.
pub fn on_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    let Some(mut buffer) = input::Lent::of(cx, READ_BYTES) else {
        return fail(may, cx, wsi, input::NO_MEMORY, "");
    };
    for _ in 0..READ_BUDGET {
        if wsi.id() != id || wsi.phase.get() != Phase::AwaitReply {
            return;
        }
        if wsi.stash_len() == 0 && !wsi.has(flag::READABLE | flag::HUNG_UP | flag::TLS) {
            return;
        }
        let count = match input::read_after_stash(may, cx, wsi, &mut buffer[..READ_BYTES]) {
            Input::Bytes(count) => count,
            Input::Empty => return,
            Input::End | Input::Failed(_) if pipeline::try_again(may, cx, wsi) => return,
            Input::End => {
                let known = wsi.client.visit(|state| (state.not_http, state.reader.has_begun()));
                let what = match known {
                    Some((true, _)) => "after something that is not HTTP",
                    Some((_, true)) => "in the middle of its reply",
                    _ => "without a reply",
                };
                return fail(may, cx, wsi, "read failed", &format!("step http: the server closed {what}"));
            }
            Input::Failed(why) => return fail(may, cx, wsi, "read failed", &format!("step http: {why}")),
        };
        bytes(may, cx, wsi, &buffer[..count]);
    }
    if wsi.id() == id && wsi.phase.get() == Phase::AwaitReply {
        cx.make_pending(wsi);
    }
}

fn bytes(may: &mut MayCall, cx: &Context, wsi: &Wsi, bytes: &[u8]) {
    let mut rest = bytes;
    loop {
        let Some(progress) = wsi.client.visit(|state| state.reader.push(rest)) else { return };
        match progress {
            Ok(Progress::NeedMore) => return trace::head_part(cx, wsi, rest),
            Ok(Progress::NotHttp) => {
                trace::note(cx, wsi, "reply", format_args!("not HTTP: {} bytes came", rest.len()));
                wsi.client.visit(|state| state.not_http = true);
                return;
            }
            Ok(Progress::Head { head, consumed }) => {
                trace::head_ends(cx, wsi, "reply", rest.get(..consumed).unwrap_or(rest));
                rest = rest.get(consumed..).unwrap_or_default();
                // Interim replies (RFC 9110 §15.2) announce the real one.
                if (100..200).contains(&head.status) && head.status != 101 {
                    continue;
                }
                // What follows the head stays for whoever comes next.
                wsi.stash_in_front(rest.to_vec());
                return judge(may, cx, wsi, head);
            }
            Err(error) => {
                trace::head_ends(cx, wsi, "reply", rest);
                let text = match error.kind {
                    HeadErrorKind::NoStatusLine => "HS: URI missing",
                    _ => "problems parsing header",
                };
                return fail(may, cx, wsi, text, &format!("step http: {}", error.what));
            }
        }
    }
}

fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

fn judge(may: &mut MayCall, cx: &Context, wsi: &Wsi, head: ResponseHead) {
    let Some((wanted, flags)) = wsi.client.visit(|state| (state.wanted, state.flags)) else { return };
    let status = head.status;
    monitor::replied(wsi, status);
    let line = format!("HTTP status {status} {}", String::from_utf8_lossy(head.reason()));
    log::line(Level::Info, Scope::Wsi(wsi), "reply", format_args!("{line}"));
    wsi.http.set(Box::new(HttpState::of_reply(head)));
    cookies::keep(cx, wsi);
    if is_redirect(status) && flags & conn_flag::NO_FOLLOW_REDIRECT == 0 {
        return redirect(may, cx, wsi, status);
    }
    match wanted {
        Wanted::Ws => upgrade(may, cx, wsi, &line),
        _ => plain(may, cx, wsi),
    }
}

/// One callback of the reply stage that may refuse with `text`. False: the connection is gone.
fn filter(may: &mut MayCall, cx: &Context, wsi: &Wsi, reason: Reason, text: &str) -> bool {
    let id = wsi.id();
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "refuses the connection");
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return false;
    }
    if wsi.has(flag::KILL) {
        return close::after_callback(may, cx, wsi, id, reason, 0);
    }
    if verdict != 0 {
        let facts = format!(
            "callback of '{}' returned {verdict} at {}: nonzero refuses the connection",
            cx.protocol_name(wsi),
            reason.name()
        );
        fail(may, cx, wsi, text, &facts);
        return false;
    }
    true
}

fn header(wsi: &Wsi, token: Token) -> Option<Vec<u8>> {
    wsi.http.visit(|http| http.headers().and_then(|headers| headers.joined(token))).flatten()
}

fn upgrade(may: &mut MayCall, cx: &Context, wsi: &Wsi, status_line: &str) {
    if !filter(may, cx, wsi, Reason::EstablishedClientHttp, "HS: disallowed by client filter") {
        return;
    }
    let deflate = match check_upgrade(may, cx, wsi) {
        Ok(deflate) => deflate,
        Err(Some(error)) => {
            let detail = if error.text == ws_handshake::NOT_101 || error.text == ws_handshake::UNAUTHORIZED {
                format!("step ws: {status_line}; {}", what_we_offered(wsi))
            } else {
                format!("step ws: {}", error.detail)
            };
            return fail(may, cx, wsi, error.text, &detail);
        }
        Err(None) => return,
    };
    if wsi.has(flag::LATE_SESSION) && !allocate_session(cx, wsi) {
        return fail(may, cx, wsi, NO_SESSION, "");
    }
    if !filter(may, cx, wsi, Reason::ClientFilterPreEstablish, "HS: Rejected by filter cb") {
        return;
    }
    established(may, cx, wsi, deflate);
}

fn what_we_offered(wsi: &Wsi) -> String {
    wsi.client
        .visit(|state| {
            let protocols = String::from_utf8_lossy(state.protocols.as_deref().unwrap_or(b"none"));
            let protocols = secrets::masked_subprotocols(&protocols);
            let path = masked_url(&state.target.path);
            format!("asked for {path} with subprotocols {protocols}")
        })
        .unwrap_or_default()
}

/// Checks 7 to 14 of the reply. `Err(None)`: the connection went away in a callback.
type Negotiated = Option<(DeflateParams, Option<u8>)>;

fn check_upgrade(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Result<Negotiated, Option<HandshakeError>> {
    let status = wsi.http.visit(|http| http.status()).unwrap_or(0);
    let [upgrade, connection, accept, protocol] =
        [Token::Upgrade, Token::Connection, Token::Accept, Token::Protocol].map(|token| header(wsi, token));
    let reply = Reply {
        status,
        upgrade: upgrade.as_deref(),
        connection: connection.as_deref(),
        accept: accept.as_deref(),
        protocol: protocol.as_deref(),
    };
    let (key, protocols) =
        wsi.client.visit(|state| (state.key.clone(), state.protocols.clone())).ok_or(None::<HandshakeError>)?;
    let offered = Offered { key: key.as_bytes(), protocols: protocols.as_deref() };
    ws_handshake::judge_reply(&reply, &offered).map_err(Some)?;
    let deflate = extensions(may, cx, wsi)?;
    ws_handshake::judge_accept(&reply, &offered).map_err(Some)?;
    Ok(deflate)
}

/// Check 13: the server's extensions against our offer, with what the program adds in WS_EXT_DEFAULTS.
fn extensions(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Result<Negotiated, Option<HandshakeError>> {
    let Some(value) = header(wsi, Token::Extensions) else { return Ok(None) };
    let sent = wsi.client.visit(|state| state.offered_extensions.clone()).unwrap_or_default();
    let offers = extension::offers(&sent);
    let answer = extension::parse(&value).map_err(Some)?;
    extension::check_names(&answer, &offers).map_err(Some)?;
    if answer.is_empty() {
        return Ok(None);
    }
    let options = extension_defaults(may, cx, wsi)?;
    let params = extension::accept(&offers, &answer).map_err(Some)?;
    let text = String::from_utf8_lossy(&value);
    log::line(Level::Info, Scope::Wsi(wsi), "ws", format_args!("extensions agreed: {text}"));
    if let Some(bytes) = options.rx_buf_bytes {
        wsi.piece_limit.set(u32::try_from(bytes).unwrap_or(u32::MAX / 2));
    }
    Ok(params.map(|params| (options.restrain(params, Side::Client), options.compression_level)))
}

/// WS_EXT_DEFAULTS: `user` the extension's name, `in` a buffer for option text. Nonzero refuses.
fn extension_defaults(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Result<PmdOptions, Option<HandshakeError>> {
    let id = wsi.id();
    let mut text = [0; 128];
    let argument = Arg::ExtensionDefaults(c"permessage-deflate", &mut text);
    let verdict = callback::strict(may, cx, wsi, Reason::WsExtDefaults, argument, "refuses the connection");
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return Err(None);
    }
    if verdict != 0 {
        let detail = format!("the callback returned {verdict} at WS_EXT_DEFAULTS");
        return Err(Some(HandshakeError { text: ws_handshake::EXT_DEFAULTS_FAILED, detail }));
    }
    let end = text.iter().position(|&byte| byte == 0).unwrap_or(text.len());
    PmdOptions::parse(&text[..end]).map_err(Some)
}

/// The upgrade is in order: CLIENT_ESTABLISHED. Nonzero refuses the connection.
fn established(may: &mut MayCall, cx: &Context, wsi: &Wsi, deflate: Negotiated) {
    let id = wsi.id();
    ws::start(cx, wsi, deflate);
    let reason = Reason::ClientEstablished;
    let name = cx.protocol_name(wsi);
    if cx.trace.is_some() {
        let value =
            |token| header(wsi, token).map_or("none".into(), |value| String::from_utf8_lossy(&value).into_owned());
        trace_upgrade(cx, wsi, &value(Token::Protocol), &value(Token::Extensions));
    }
    wsi.http.take();
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "refuses the connection");
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return;
    }
    if verdict != 0 {
        let facts =
            format!("callback of '{name}' returned {verdict} at CLIENT_ESTABLISHED: nonzero refuses the connection");
        report(may, cx, wsi, "HS: Rejected at CLIENT_ESTABLISHED", &facts);
        if wsi.id() == id && wsi.phase.get() != Phase::Dead {
            close::by_callback(may, cx, wsi, reason, verdict);
        }
        return;
    }
    wsi.set(flag::ESTABLISHED);
    wsi.client.take();
    if close::after_callback(may, cx, wsi, id, reason, 0) {
        // Frames may have come in the same segment as the 101.
        cx.make_pending(wsi);
    }
}

/// What the upgrade came to, for the timeline.
fn trace_upgrade(cx: &Context, wsi: &Wsi, subprotocol: &str, extensions: &str) {
    let subprotocol = secrets::printable(&secrets::masked_subprotocols(subprotocol));
    let extensions = secrets::printable(extensions);
    let text = format_args!("websocket, subprotocol {subprotocol}, extensions {extensions}");
    trace::step_ends(cx, wsi, "upgrade", text);
}

/// A reply to a plain http request.
fn plain(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if !filter(may, cx, wsi, Reason::ClientFilterPreEstablish, "HS: disallowed by client filter") {
        return;
    }
    let method = wsi.client.visit(|state| match state.wanted {
        Wanted::Http(method) => method,
        _ => Method::Get,
    });
    let framing = wsi.http.visit(|http| http.reply_framing(method.unwrap_or(Method::Get)));
    let body = match framing {
        Some(Ok(body)) => body,
        Some(Err(error)) => return fail(may, cx, wsi, "HS: bad body length", &format!("step http: {}", error.what)),
        None => return,
    };
    let body = ClientBody::new(body);
    if announces_too_much(wsi, body.announced()) {
        return fail(may, cx, wsi, "HS: bad body length", &format!("step http: {BODY_TOO_LONG}"));
    }
    if !filter(may, cx, wsi, Reason::EstablishedClientHttp, "HS: disallowed at ESTABLISHED") {
        return;
    }
    wsi.http.visit(|http| http.body = Some(body));
    wsi.phase.set(Phase::ReplyBody);
    wsi.set(flag::ESTABLISHED);
    deadline::start_timeout(cx, wsi, wait::HTTP_CONTENT, cx.settings.timeout_secs);
    cx.make_pending(wsi);
}

/// CLIENT_HTTP_REDIRECT: `in` the Location, `len` the status. Then the same connection goes to the new target.
fn redirect(may: &mut MayCall, cx: &Context, wsi: &Wsi, status: u16) {
    let id = wsi.id();
    let Some(location) = header(wsi, Token::HttpLocation).filter(|location| !location.is_empty()) else {
        return fail(may, cx, wsi, "HS: Redirect code but no Location", &format!("step http: status {status}"));
    };
    let shown = CString::new(location.clone()).unwrap_or_default();
    let argument = Arg::Text(&shown, usize::from(status));
    let verdict = callback::strict(may, cx, wsi, Reason::ClientHttpRedirect, argument, "refuses the redirect");
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return;
    }
    if verdict != 0 {
        let facts = format!("status {status} to {}", masked_url(&location));
        return fail(may, cx, wsi, "HS: user code rejected redirect", &facts);
    }
    let Some(Ok(next)) = wsi.client.visit(|state| follow(state, &location)) else {
        return fail(may, cx, wsi, "HS: URI did not parse", &format!("Location {}", masked_url(&location)));
    };
    let allowed = wsi.client.visit(|state| (state.redirects, state.flags));
    let (redirects, flags) = allowed.unwrap_or((MAX_REDIRECTS, 0));
    if next.is_downgrade && flags & conn_flag::ACCEPT_TLS_DOWNGRADE == 0 {
        let facts = "LCCSCF_ACCEPT_TLS_DOWNGRADE_REDIRECTS would allow it";
        return fail(may, cx, wsi, "HS: Redirect attempted SSL downgrade", facts);
    }
    if redirects >= MAX_REDIRECTS {
        let facts = format!("{MAX_REDIRECTS} redirects were followed, the next leads to {}", masked_url(&location));
        return fail(may, cx, wsi, "HS: Redirect failed", &facts);
    }
    start_over(may, cx, wsi, next, status);
}

fn follow(state: &ClientState, location: &[u8]) -> Result<Redirect, url::LocationError> {
    let current = url::Target {
        host: state.target.address.clone(),
        port: state.target.port,
        is_tls: state.target.tls,
        path: state.target.path.clone(),
    };
    Redirect::resolve(&current, location)
}

/// Forgets TCP, TLS and all that was read and queued, for a new connection of the same object.
pub fn drop_connection(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    deadline::clear_timeout(cx, wsi);
    poll_events::remove(may, cx, wsi);
    wsi.clear(flag::TOLD_GONE | flag::TLS | flag::PEER_ENDED | flag::BACKLOG | flag::READABLE | flag::WRITABLE);
    wsi.clear(flag::HUNG_UP | flag::WRITE_DEAD | flag::BROKEN | flag::TLS_PLAIN);
    wsi.clear(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE);
    wsi.socket.take();
    wsi.tls.take();
    wsi.http.take();
    wsi.out.take();
    wsi.stash.take();
    wsi.with_rare(|rare| rare.records = Vec::new());
    wsi.client.visit(|state| {
        state.reader = reader(cx);
        state.not_http = false;
    });
}

/// The same connection object, a new TCP connection: bound anew with fresh session memory.
fn start_over(may: &mut MayCall, cx: &Context, wsi: &Wsi, next: Redirect, status: u16) {
    drop_connection(may, cx, wsi);
    wsi.client.visit(|state| {
        let host = if next.names_host { next.target.host.clone().into() } else { state.target.host.clone() };
        let unix_path = if next.names_host { None } else { state.target.unix_path.take() };
        state.target = Target {
            address: next.target.host,
            unix_path,
            port: next.target.port,
            path: next.target.path,
            host,
            tls: next.target.is_tls,
        };
        state.redirects += 1;
        if status == 303 && matches!(state.wanted, Wanted::Http(_)) {
            // RFC 9110 §15.4.4: the new request has no content, so nothing may announce one.
            state.wanted = Wanted::Http(Method::Get);
            state.redirected_to_get = true;
            state.flags &= !(conn_flag::MULTIPART | conn_flag::URLENCODED);
            state.boundary.clear();
            state.body_pending = false;
        }
    });
    debug_assert_eq!(wsi.timeout_at.get(), NEVER);
    pipeline::redirected(cx, wsi);
    if bind_anew(may, cx, wsi) {
        wsi.phase.set(Phase::Idle);
        if let Some(target) = wsi.client.visit(|state| state.target.clone()).filter(|_| cx.trace.is_some()) {
            let (tls, path) = (if target.tls { " with TLS" } else { "" }, masked_url(&target.path));
            let text = format_args!("{status} to {}:{}{path}{tls}", target.address, target.port);
            trace::note(cx, wsi, "redirect", text);
        }
        connect::begin(may, cx, wsi);
    }
}

/// A URL or path for people.
fn masked_url(url: &[u8]) -> String {
    secrets::masked_url(&String::from_utf8_lossy(url))
}

/// DROP, if a bind counted, then BIND to the same protocol with fresh session memory. False: the connection went away.
///
/// As in the original: memory of the program (`userdata`) stays, the library's is already gone at DROP, and a connection
/// that asked for no protocol by name is bound to entry 0 from here on.
fn bind_anew(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    let id = wsi.id();
    let is_alive = || wsi.id() == id && wsi.phase.get() != Phase::Dead;
    if !wsi.has(flag::USER_IS_FOREIGN) {
        close::free_session(cx, wsi);
    }
    if wsi.has(flag::BOUND) {
        wsi.clear(flag::BOUND);
        callback::notify(may, cx, wsi, Reason::ClientHttpDropProtocol, Arg::Text(c"redirect", 0));
        if !is_alive() {
            return false;
        }
    }
    wsi.clear(flag::LATE_SESSION);
    if !allocate_session(cx, wsi) {
        fail(may, cx, wsi, NO_SESSION, "");
        return false;
    }
    let verdict = callback::bind(may, cx, wsi);
    if verdict == 0 && is_alive() {
        wsi.set(flag::BOUND);
    }
    is_alive()
}
