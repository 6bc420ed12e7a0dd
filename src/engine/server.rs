//! Server connections: adopted from a listener or the program, upgraded to ws, or served as http.
use super::callback::{self, Arg, HeaderSpace, Reason};
use super::cell::MayCall;
use super::client::{allocate_session, set_protocol};
use super::close::{self, CloseCause};
use super::context::{Context, Group, PRE};
use super::deadline::{self, wait};
use super::input::{self, Input};
use super::log::{self, Level, Scope};
use super::net;
use super::out;
use super::poll_events;
use super::role::http::HttpState;
use super::role::ws;
use super::tls::acceptor::{Acceptor, Received, Refused};
use super::vhost::{ProtocolRef, Vhost};
use super::wsi::{Phase, Role, Wsi, flag};
use crate::proto::http::h1::{Progress, RequestHead, RequestReader};
use crate::proto::http::headers::Limits;
use crate::proto::http::token::Token;
use crate::proto::ws::extension::{self, PmdOptions};
use crate::proto::ws::handshake::{self as ws_handshake, Subprotocol};
use socket2::Socket;
use std::ffi::CString;
use std::rc::Rc;

/// Opens the listeners of a vhost.
pub fn listen(may: &mut MayCall, cx: &Context, vhost: &Rc<Vhost>) -> std::io::Result<()> {
    let sockets = net::listen(vhost)?;
    let mut ids = Vec::new();
    for socket in sockets {
        let Some(wsi) = cx.new_wsi(vhost, Role::Listen) else { return Err(std::io::ErrorKind::OutOfMemory.into()) };
        if vhost.listen_port.get() == 0 {
            vhost.listen_port.set(net::local_port(&socket));
        }
        wsi.socket.set(Some(socket));
        wsi.protocol.set(vhost.first_protocol());
        if !poll_events::add(may, cx, wsi) {
            return Err(std::io::Error::other("the poller refused the listener"));
        }
        ids.push(wsi.id());
    }
    vhost.listeners.set(ids);
    Ok(())
}

/// Takes an accepted socket into the vhost: WSI_CREATE, SERVER_NEW_CLIENT_INSTANTIATED.
pub fn adopt<'a>(may: &mut MayCall, cx: &'a Context, vhost: &Rc<Vhost>, socket: Socket) -> Option<&'a Wsi> {
    let _ = net::tune(&socket, vhost);
    let wsi = cx.new_wsi(vhost, Role::Http)?;
    let id = wsi.id();
    let gone = |wsi: &Wsi| wsi.id() != id || wsi.phase.get() == Phase::Dead;
    wsi.socket.set(Some(socket));
    wsi.set(flag::WRITABLE);
    set_protocol(cx, wsi, vhost.default_protocol());
    wsi.ordinal.set(cx.next_ordinal(Group::Server));
    wsi.set(flag::TAGGED);
    if log::enabled(Level::Notice, Scope::Wsi(wsi)) {
        cx.log_birth(Group::Server, Scope::Wsi(wsi), &wsi.tag());
    } else {
        cx.counts[Group::Server as usize].set(cx.counts[Group::Server as usize].get() + 1);
    }
    callback::wsi_create(may, cx, wsi);
    if gone(wsi) {
        return None;
    }
    let with_tls = vhost.server_tls.get().is_some();
    wsi.phase.set(if with_tls { Phase::TlsHandshake } else { Phase::RequestHead });
    if !poll_events::add(may, cx, wsi) {
        close::at_once(may, cx, wsi, CloseCause::ours("the poller refused the connection"));
        return None;
    }
    wsi.set(flag::ACCEPTED);
    let reason = Reason::ServerNewClientInstantiated;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "drops the connection");
    if !close::after_callback(may, cx, wsi, id, reason, verdict) {
        return None;
    }
    let mut http = HttpState::default();
    if with_tls {
        http.acceptor = Some(Box::new(Acceptor::new()));
        deadline::start_timeout(cx, wsi, wait::TLS, cx.settings.timeout_secs, "the client's TLS handshake");
    } else {
        expect_head(cx, wsi);
    }
    http.reader = Some(RequestReader::new(limits(cx)));
    wsi.http.set(Box::new(http));
    cx.make_pending(wsi);
    Some(wsi)
}

fn limits(cx: &Context) -> Limits {
    Limits { text_bytes: cx.settings.max_head_bytes, ..Limits::default() }
}

fn expect_head(cx: &Context, wsi: &Wsi) {
    let secs = wsi.with_vhost(|vhost| vhost.settings.head_timeout_secs).unwrap_or(10);
    deadline::start_timeout(cx, wsi, wait::HEAD, secs, "the request head");
}

/// Records of a client in the handshake: first the ClientHello alone, which chooses the configuration.
pub fn tls_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if !wsi.tls.is_set() {
        match choose_tls(may, cx, wsi) {
            Ok(true) => {}
            Ok(false) => return,
            Err(why) => return refuse_tls(may, cx, wsi, &why),
        }
    }
    if let Err(trouble) = input::receive_records(may, cx, wsi) {
        // The alert leaves before the end.
        out::append(cx, wsi, |_| ());
        out::flush(may, cx, wsi);
        let why = if trouble.detail.is_empty() { trouble.text } else { trouble.detail };
        return refuse_tls(may, cx, wsi, &why);
    }
    out::append(cx, wsi, |_| ());
    if matches!(wsi.tls.with(may, |tls| tls.is_handshaking()), Some(false)) {
        let facts = wsi.tls.with(may, |tls| super::client::handshake::describe(tls.negotiated())).unwrap_or_default();
        log::line(Level::Info, Scope::Wsi(wsi), "tls", format_args!("{facts}"));
        wsi.phase.set(Phase::RequestHead);
        expect_head(cx, wsi);
        on_ready(may, cx, wsi);
    } else if wsi.has(flag::PEER_ENDED) {
        refuse_tls(may, cx, wsi, "the client closed during the handshake");
    }
}

fn refuse_tls(may: &mut MayCall, cx: &Context, wsi: &Wsi, why: &str) {
    log::line(Level::Info, Scope::Wsi(wsi), "tls", format_args!("handshake failed: {why}"));
    close::at_once(may, cx, wsi, CloseCause::peer(format!("TLS handshake failed: {why}")));
}

/// Reads until the ClientHello is there. Ok(false): it is not.
fn choose_tls(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Result<bool, String> {
    let mut buffer = [0; 4096];
    while wsi.has(flag::READABLE | flag::HUNG_UP) {
        let count = match net::read(wsi, &mut buffer) {
            net::ReadResult::Bytes(count) => count,
            net::ReadResult::Empty => {
                wsi.clear(flag::READABLE | flag::HUNG_UP);
                return Ok(false);
            }
            net::ReadResult::End => return Err("the client closed".into()),
            net::ReadResult::Failed(error) => return Err(net::describe(&error)),
        };
        let accepted = wsi
            .http
            .with(may, |http| {
                let acceptor = http.acceptor.as_mut()?;
                Some(match acceptor.receive(&buffer[..count]) {
                    Ok(Received::NeedMore) => Ok(None),
                    Ok(Received::Hello(hello)) => {
                        http.acceptor = None;
                        Ok(Some(hello))
                    }
                    Err(refused) => Err(refused),
                })
            })
            .flatten();
        match accepted {
            Some(Ok(None)) => {}
            Some(Ok(Some(hello))) => {
                let vhost = vhost_for_name(cx, wsi, hello.sni());
                let config = vhost.as_ref().and_then(|vhost| vhost.server_tls.get().cloned());
                let config = config.or_else(|| wsi.with_vhost(|vhost| vhost.server_tls.get().cloned()).flatten());
                let Some(config) = config else { return Err("the vhost has no certificate".into()) };
                let session = hello.into_session(&config).map_err(|refused| alert(wsi, &refused))?;
                wsi.tls.set(Box::new(session));
                wsi.set(flag::TLS);
                return Ok(true);
            }
            Some(Err(refused)) => return Err(alert(wsi, &refused)),
            None => return Err("bug: acceptor lost".into()),
        }
    }
    Ok(false)
}

/// Sends the alert of a refused hello and gives the reason in words.
fn alert(wsi: &Wsi, refused: &Refused) -> String {
    wsi.with_socket(|socket| drop(socket.send_with_flags(&refused.alert, libc::MSG_NOSIGNAL)));
    refused.error.detail().to_string()
}

/// SNI: another vhost on the same port with that name takes the connection over.
fn vhost_for_name(cx: &Context, wsi: &Wsi, name: Option<&str>) -> Option<Rc<Vhost>> {
    let name = name?;
    let port = wsi.with_vhost(|vhost| vhost.listen_port.get()).filter(|port| *port != 0)?;
    let found = cx
        .all_vhosts()
        .into_iter()
        .find(|vhost| vhost.listen_port.get() == port && vhost.name().eq_ignore_ascii_case(name))?;
    wsi.with_vhost(|vhost| vhost.connections.set(vhost.connections.get().saturating_sub(1)));
    found.connections.set(found.connections.get() + 1);
    wsi.vhost.set(Some(Rc::clone(&found)));
    set_protocol(cx, wsi, found.default_protocol());
    Some(found)
}

/// Bytes of a client that is sending a request, or waiting for an answer.
pub fn on_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    let mut buffer = vec![0; 8 * 1024];
    while wsi.id() == id && wsi.phase.get() == Phase::RequestHead {
        let early = wsi.stash.take();
        let count = if early.is_empty() {
            match input::read(may, cx, wsi, &mut buffer) {
                Input::Bytes(count) => count,
                Input::Empty => return,
                Input::End => return close::lost(may, cx, wsi, CloseCause::peer("FIN")),
                Input::Failed(why) => return close::lost(may, cx, wsi, CloseCause::peer(why)),
            }
        } else {
            let count = early.len().min(buffer.len());
            buffer[..count].copy_from_slice(&early[..count]);
            wsi.stash.set(early[count..].to_vec());
            count
        };
        let progress = wsi.http.with(may, |http| http.reader.as_mut().map(|reader| reader.push(&buffer[..count])));
        match progress.flatten() {
            Some(Ok(Progress::NeedMore | Progress::NotHttp)) => {}
            Some(Ok(Progress::Head { head, consumed })) => {
                let mut rest = buffer[consumed..count].to_vec();
                rest.append(&mut wsi.stash.take());
                wsi.stash.set(rest);
                request(may, cx, wsi, head);
            }
            Some(Err(error)) => {
                log::line(Level::Info, Scope::Wsi(wsi), "http", format_args!("bad request: {}", error.what));
                return refuse(may, cx, wsi, error.status, error.what);
            }
            None => return close::at_once(may, cx, wsi, CloseCause::ours("bug: http state lost")),
        }
    }
    if wsi.id() == id && wsi.phase.get() == Phase::Transaction {
        super::transaction::on_ready(may, cx, wsi);
    }
}

/// Answers with a bare status page and ends the connection when it is out. Status 0: no answer.
pub fn refuse(may: &mut MayCall, cx: &Context, wsi: &Wsi, status: u16, what: &str) {
    if status != 0 {
        let body = format!("<html><body><h1>{status}</h1>{what}</body></html>");
        let head = format!(
            "HTTP/1.1 {status} {}\r\ncontent-type: text/html\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            super::transaction::reason_phrase(status),
            body.len()
        );
        out::append(cx, wsi, |queue| {
            queue.extend_from_slice(head.as_bytes());
            queue.extend_from_slice(body.as_bytes());
        });
    }
    close::end_with_answer(may, cx, wsi, CloseCause::ours(format!("refused with {status}: {what}")));
}

fn request(may: &mut MayCall, cx: &Context, wsi: &Wsi, head: RequestHead) {
    deadline::clear_timeout(cx, wsi);
    let upgrade = head.headers.joined(Token::Upgrade);
    wsi.http.visit(|http| http.request = Some(head));
    match upgrade {
        Some(value) if value.eq_ignore_ascii_case(b"websocket") => upgrade_to_ws(may, cx, wsi, &value),
        Some(value) if !value.eq_ignore_ascii_case(b"h2c") => {
            refuse(may, cx, wsi, 403, "this Upgrade is not offered");
        }
        _ => super::transaction::start(may, cx, wsi),
    }
}

fn header(wsi: &Wsi, token: Token) -> Option<Vec<u8>> {
    wsi.http.visit(|http| http.headers().and_then(|headers| headers.joined(token))).flatten()
}

/// Steps 6 to 15 of an upgrade: the checks, FILTER_PROTOCOL_CONNECTION, extensions, the 101, ESTABLISHED.
fn upgrade_to_ws(may: &mut MayCall, cx: &Context, wsi: &Wsi, value: &[u8]) {
    let id = wsi.id();
    let gone = |wsi: &Wsi| wsi.id() != id || wsi.phase.get() == Phase::Dead;
    let shown = CString::new(value).unwrap_or_default();
    let reason = Reason::HttpConfirmUpgrade;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::Text(&shown, 0), "refuses the upgrade");
    if gone(wsi) {
        return;
    }
    wsi.clear(flag::ACCEPTED);
    if verdict > 0 {
        return close::end_with_answer(may, cx, wsi, CloseCause::ours("answered at HTTP_CONFIRM_UPGRADE"));
    }
    if verdict < 0 {
        return close::by_callback(may, cx, wsi, reason, verdict);
    }
    let connection = header(wsi, Token::Connection).unwrap_or_default();
    if !ws_handshake::asks_for_upgrade(&connection) {
        return refuse(may, cx, wsi, 400, "the Connection header does not name upgrade");
    }
    let Some(vhost) = wsi.vhost() else { return };
    let asked = header(wsi, Token::Protocol);
    let find = |name: &[u8]| vhost.protocols.iter().position(|protocol| protocol.name.as_bytes() == name);
    let (protocol, named) = match ws_handshake::choose_subprotocol(asked.as_deref(), find) {
        Subprotocol::Default => (vhost.default_protocol(), false),
        Subprotocol::Named(index) => (vhost.protocol(index), true),
        Subprotocol::Refused(why) => {
            let have: Vec<&str> = vhost.protocols.iter().map(|protocol| protocol.name.as_str()).collect();
            let offered = String::from_utf8_lossy(asked.as_deref().unwrap_or_default()).into_owned();
            let text = format_args!("upgrade refused: {why}: client offers '{offered}', we have {have:?}");
            log::line(Level::Notice, Scope::Wsi(wsi), "ws", text);
            return refuse(may, cx, wsi, 403, why);
        }
    };
    if protocol.is_none() {
        return refuse(may, cx, wsi, 403, "the vhost has no protocol");
    }
    bind(may, cx, wsi, protocol);
    if gone(wsi) {
        return;
    }
    wsi.role.set(Role::Ws);
    wsi.set(flag::UPGRADED);
    let first_line = wsi.http.visit(|http| {
        let headers = http.headers()?;
        headers.fragment(Token::Protocol, 0).map(<[u8]>::to_vec)
    });
    let offered = first_line.flatten().and_then(|line| CString::new(line).ok());
    let argument = offered.as_deref().map_or(Arg::None, |text| Arg::Text(text, 0));
    let reason = Reason::FilterProtocolConnection;
    let verdict = callback::strict(may, cx, wsi, reason, argument, "refuses the upgrade");
    if gone(wsi) {
        return;
    }
    if verdict != 0 {
        return refuse(may, cx, wsi, 403, "refused by the server");
    }
    let (host, key) = (header(wsi, Token::Host), header(wsi, Token::Key).unwrap_or_default());
    if host.is_none() || !ws_handshake::is_usable_key(&key) {
        return refuse(may, cx, wsi, 400, "Host or Sec-WebSocket-Key is missing");
    }
    let Some(choice) = choose_extension(may, cx, wsi) else { return };
    let answer = choice.as_ref().map(|choice| choice.answer.as_bytes());
    let name = vhost.entry(protocol).map(|entry| entry.name.clone()).unwrap_or_default();
    let mut reply = Vec::with_capacity(512);
    ws_handshake::response_101(&mut reply, &key, named.then_some(name.as_bytes()), answer);
    let Some(added) = added_headers(may, cx, wsi) else { return };
    reply.extend_from_slice(&added);
    ws_handshake::end_head(&mut reply);
    out::append(cx, wsi, |queue| queue.extend_from_slice(&reply));
    let deflate = choice.map(|choice| (choice.params, None));
    ws::start(cx, wsi, deflate);
    let reason = Reason::Established;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "closes the connection");
    if !gone(wsi) {
        wsi.http.take();
        wsi.set(flag::ESTABLISHED);
        if close::after_callback(may, cx, wsi, id, reason, verdict) {
            cx.make_pending(wsi);
        }
    }
}

/// Binds to `protocol` with fresh session memory and the bind callback of the role.
pub fn bind(may: &mut MayCall, cx: &Context, wsi: &Wsi, protocol: ProtocolRef) -> i32 {
    let id = wsi.id();
    callback::drop_protocol(may, cx, wsi);
    if wsi.id() != id {
        return -1;
    }
    close::free_session(cx, wsi);
    set_protocol(cx, wsi, protocol);
    allocate_session(cx, wsi);
    let verdict = callback::bind(may, cx, wsi);
    if wsi.id() == id && verdict == 0 {
        wsi.set(flag::BOUND);
    }
    verdict
}

/// CONFIRM_EXTENSION_OKAY for what the client offers and the vhost has. The outer `None`: the connection is gone.
fn choose_extension(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Option<Option<extension::Choice>> {
    let id = wsi.id();
    let have = wsi.with_vhost(|vhost| {
        vhost.settings.extensions.iter().any(|extension| extension.name == extension::PERMESSAGE_DEFLATE)
    });
    let Some(offered) = header(wsi, Token::Extensions).filter(|_| have == Some(true)) else { return Some(None) };
    let choice = match extension::choose(&offered, &PmdOptions::default()) {
        Ok(choice) => choice,
        Err(error) => {
            refuse(may, cx, wsi, 400, "malformed Sec-WebSocket-Extensions");
            log::line(Level::Info, Scope::Wsi(wsi), "ws", format_args!("{error}"));
            return None;
        }
    };
    let Some(choice) = choice else { return Some(None) };
    let reason = Reason::ConfirmExtensionOkay;
    let argument = Arg::Text(c"permessage-deflate", 0);
    let verdict = callback::strict(may, cx, wsi, reason, argument, "leaves the extension unused");
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return None;
    }
    Some((verdict == 0).then_some(choice))
}

/// ADD_HEADERS: `in` is struct lws_process_html_args. Nonzero closes without an answer.
fn added_headers(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Option<Vec<u8>> {
    let id = wsi.id();
    let mut buffer = vec![0; PRE + 2048];
    let room = buffer.len() - PRE;
    let mut space = HeaderSpace::over(&mut buffer[PRE..PRE + room]);
    let reason = Reason::AddHeaders;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::HtmlArgs(&mut space), "closes the connection");
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return None;
    }
    let written = space.written();
    match written {
        Some(written) if verdict == 0 => Some(buffer[PRE..PRE + written].to_vec()),
        _ => {
            close::by_callback(may, cx, wsi, reason, verdict);
            None
        }
    }
}

/// `lws_write` on a file or datagram descriptor: one write, nothing is queued.
pub fn write_descriptor(wsi: &Wsi, payload: &[u8]) -> Result<usize, &'static str> {
    match wsi.with_socket(|socket| std::io::Write::write(&mut &*socket, payload)) {
        Some(Ok(count)) => Ok(count),
        Some(Err(error)) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(0),
        _ => Err("the descriptor cannot be written to"),
    }
}
