//! Server connections: adopted from a listener or the program, upgraded to ws, or served as http.
use super::adopt::{AcceptRole, Terms};
use super::callback::{self, Arg, HeaderSpace, Reason};
use super::cell::MayCall;
use super::client::{allocate_session, set_protocol};
use super::close::{self, CloseCause};
use super::context::{Context, Group, PRE};
use super::deadline::{self, wait};
use super::head_pool;
use super::input::{self, Input};
use super::log::{self, Level, Scope};
use super::mount;
use super::net;
use super::out;
use super::poll_events;
use super::reply::{self, Style};
use super::role::h2;
use super::role::http::HttpState;
use super::role::ws;
use super::tls::acceptor::Acceptor;
use super::trace;
use super::vhost::{ProtocolRef, Vhost, option};
use super::vhost_select;
use super::wsi::{Phase, Role, Wsi, flag};
use crate::proto::http::body::Framing;
use crate::proto::http::h1::{HeadErrorKind, Progress, RequestHead, RequestReader};
use crate::proto::http::headers::Limits;
use crate::proto::http::host;
use crate::proto::http::method::Method;
use crate::proto::http::secrets;
use crate::proto::http::target::TargetForm;
use crate::proto::http::token::Token;
use crate::proto::ws::extension::{self, PmdOptions};
use crate::proto::ws::handshake::{self as ws_handshake, Subprotocol};
use socket2::Socket;
use std::ffi::CString;
use std::rc::Rc;

/// Takes an accepted socket, whose options are set, into the vhost, in the role the vhost accepts.
pub fn adopt<'a>(may: &mut MayCall, cx: &'a Context, vhost: &Rc<Vhost>, socket: Socket) -> Option<&'a Wsi> {
    let terms = Terms { is_accepted: true, ..Terms::default() };
    match super::adopt::accept_role(vhost) {
        AcceptRole::Raw => super::adopt::raw_socket(may, cx, vhost, socket, &terms),
        AcceptRole::Http => adopt_with(may, cx, vhost, socket, &terms),
    }
}

/// Takes an http socket into the vhost: WSI_CREATE, SERVER_NEW_CLIENT_INSTANTIATED.
pub fn adopt_with<'a>(
    may: &mut MayCall,
    cx: &'a Context,
    vhost: &Rc<Vhost>,
    socket: Socket,
    terms: &Terms,
) -> Option<&'a Wsi> {
    if !terms.is_accepted {
        let _ = net::tune(&socket, vhost);
    }
    let wsi = cx.new_wsi(vhost, Role::Http)?;
    let id = wsi.id();
    let gone = |wsi: &Wsi| wsi.id() != id || wsi.phase.get() == Phase::Dead;
    wsi.socket.set(Some(socket));
    wsi.set(flag::WRITABLE);
    wsi.protocol.set(vhost.first_protocol());
    super::adopt::apply(cx, wsi, terms);
    cx.wsi_born(wsi, Group::Server);
    callback::wsi_create(may, cx, wsi);
    if gone(wsi) {
        return None;
    }
    set_protocol(cx, wsi, terms.protocol.unwrap_or_else(|| vhost.default_protocol()));
    let with_tls = vhost.settings.serves_tls.get() && !terms.without_tls;
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
        deadline::start_timeout(cx, wsi, wait::TLS, cx.settings.timeout_secs);
    } else if head_pool::acquire(cx, wsi) {
        expect_head(cx, wsi);
    }
    http.reader = Some(RequestReader::new(limits(cx)));
    wsi.http.set(Box::new(http));
    wsi.stash.set(terms.early.clone());
    if !with_tls && h2::is_prior_knowledge(vhost) {
        h2::start(cx, wsi, Vec::new());
    }
    cx.make_pending(wsi);
    Some(wsi)
}

fn limits(cx: &Context) -> Limits {
    Limits { text_bytes: cx.settings.max_head_bytes, ..Limits::default() }
}

/// A request head is to come within the time for it.
pub fn expect_head(cx: &Context, wsi: &Wsi) {
    let secs = wsi.with_vhost(|vhost| vhost.settings.head_timeout_secs).unwrap_or(10);
    deadline::start_timeout(cx, wsi, wait::HEAD, secs);
}

/// Bytes of a request head that one read takes at most.
const HEAD_READ: usize = 8 * 1024;

/// Bytes of a client that is sending a request, or waiting for an answer.
pub fn on_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    let Some(mut lent) = input::Lent::of(cx, HEAD_READ) else {
        return close::at_once(may, cx, wsi, CloseCause::ours(input::NO_MEMORY));
    };
    let buffer = &mut lent[..HEAD_READ];
    while wsi.id() == id && wsi.phase.get() == Phase::RequestHead {
        if wsi.stash_len() == 0 && !wsi.has(flag::READABLE | flag::HUNG_UP) && !input::has_more(wsi) {
            return;
        }
        if !head_pool::acquire(cx, wsi) {
            return poll_events::update(may, cx, wsi);
        }
        let count = match input::read_after_stash(may, cx, wsi, buffer) {
            Input::Bytes(count) => count,
            Input::Empty => return,
            // The rest of the last answer is on its way.
            Input::End if out::queued(wsi) > 0 => return close::end_with_answer(may, cx, wsi, CloseCause::peer("FIN")),
            Input::End => return close::lost(may, cx, wsi, CloseCause::peer("FIN")),
            Input::Failed(why) => return close::lost(may, cx, wsi, CloseCause::peer(why)),
        };
        if let Some(early) = http2_bytes(wsi, &buffer[..count]) {
            return h2::start(cx, wsi, early);
        }
        let connect = connect_bytes(wsi, &buffer[..count]);
        let progress = wsi.http.with(may, |http| http.reader.as_mut().map(|reader| reader.push(&buffer[..count])));
        match progress.flatten() {
            Some(Ok(Progress::NeedMore | Progress::NotHttp)) => trace::head_part(cx, wsi, &buffer[..count]),
            Some(Ok(Progress::Head { head, .. })) if head.method == Method::Connect => {
                return super::adopt::fall_back_to_raw(may, cx, wsi, connect);
            }
            Some(Ok(Progress::Head { head, consumed })) => {
                wsi.stash_in_front(buffer[consumed..count].to_vec());
                trace::head_ends(cx, wsi, "request", &buffer[..consumed]);
                wsi.set(flag::SERVED);
                request(may, cx, wsi, head);
            }
            Some(Err(error)) if error.kind == HeadErrorKind::BadMethod && falls_back(wsi) => {
                let mut bytes = wsi.http.visit(|http| http.reader.as_ref().map(|reader| reader.earlier().to_vec()));
                let mut all = bytes.take().flatten().unwrap_or_default();
                all.extend_from_slice(&buffer[..count]);
                return super::adopt::fall_back_to_raw(may, cx, wsi, all);
            }
            Some(Err(error)) => {
                log::line(Level::Info, Scope::Wsi(wsi), "http", format_args!("bad request: {}", error.what));
                trace::head_ends(cx, wsi, "request", &buffer[..count]);
                trace::note(cx, wsi, "request", format_args!("refused: {}", error.what));
                let style = if error.status == 403 { Style::Plain } else { Style::Close };
                return refuse_with(may, cx, wsi, error.status, error.what, style);
            }
            None => return close::at_once(may, cx, wsi, CloseCause::ours("bug: http state lost")),
        }
    }
    if wsi.id() == id && wsi.phase.get() == Phase::Transaction {
        super::transaction::on_ready(may, cx, wsi);
    }
}

/// What is not http becomes raw here (LWS_SERVER_OPTION_FALLBACK_TO_APPLY_LISTEN_ACCEPT_CONFIG).
fn falls_back(wsi: &Wsi) -> bool {
    wsi.with_vhost(|vhost| vhost.has_option(option::FALLBACK_TO_RAW)) == Some(true)
}

/// The first bytes of a client that speaks http/2 without asking (prior knowledge), on a port without TLS.
fn http2_bytes(wsi: &Wsi, input: &[u8]) -> Option<Vec<u8>> {
    if wsi.has(flag::TLS | flag::TO_HTTPS | flag::SERVED) || wsi.with_vhost(h2::is_offered) != Some(true) {
        return None;
    }
    let held = wsi.http.visit(|http| http.reader.as_ref().map(|reader| reader.held().to_vec())).flatten();
    let bytes = [held.unwrap_or_default(), input.to_vec()].concat();
    h2::is_preface(&bytes).then_some(bytes)
}

/// All bytes of a request head that begins as CONNECT does, which turns the connection raw; empty for others.
fn connect_bytes(wsi: &Wsi, input: &[u8]) -> Vec<u8> {
    let held = wsi.http.visit(|http| http.reader.as_ref().map(|reader| reader.held().to_vec())).flatten();
    let mut bytes = held.unwrap_or_default();
    if !bytes.first().or(input.first()).is_some_and(|byte| byte.eq_ignore_ascii_case(&b'c')) {
        return Vec::new();
    }
    bytes.extend_from_slice(input);
    bytes
}

/// Answers with a page that says why, unless the program answered, and ends the connection when it is out. Status 0: no
/// answer.
pub fn refuse(may: &mut MayCall, cx: &Context, wsi: &Wsi, status: u16, what: &str) {
    refuse_with(may, cx, wsi, status, what, Style::Close);
}

fn refuse_with(may: &mut MayCall, cx: &Context, wsi: &Wsi, status: u16, what: &str, style: Style) {
    if status != 0 && !reply::is_answered(wsi) {
        let html = if style == Style::Close { what } else { "" };
        let page = reply::refusal(cx, wsi, status, html, style);
        reply::put(cx, wsi, &page, b"");
    }
    close::end_with_answer(may, cx, wsi, CloseCause::ours(format!("refused with {status}: {what}")));
}

/// What a client gets whose time is over: 408 if it had begun a request or its body, else false and no answer.
pub fn answer_timeout(may: &mut MayCall, cx: &Context, wsi: &Wsi, what: &'static str) -> bool {
    if wsi.is_client() || wsi.role.get() != Role::Http {
        return false;
    }
    if wsi.has(flag::PROXIED) && wsi.phase.get() == Phase::Transaction {
        super::proxy::timed_out(may, cx, wsi);
        return true;
    }
    let is_late = wsi.http.visit(|http| match wsi.phase.get() {
        Phase::RequestHead => http.reader.as_ref().is_some_and(RequestReader::has_begun),
        Phase::Transaction => !http.answered && http.request_body.is_some(),
        _ => false,
    });
    if is_late == Some(true) {
        let page = reply::refusal(cx, wsi, 408, "the request did not arrive in time", Style::Close);
        reply::put(cx, wsi, &page, b"");
        close::end_with_answer(may, cx, wsi, CloseCause::timeout(what));
        return true;
    }
    false
}

/// A User-Agent that the program does not serve (`reject_service_keywords`): the status it gets.
fn refused_agent(cx: &Context, head: &RequestHead) -> Option<u16> {
    if cx.settings.refused_agents.is_empty() {
        return None;
    }
    let agent = head.headers.joined(Token::HttpUserAgent)?;
    let hit = cx.settings.refused_agents.iter().find(|(_, word)| memchr::memmem::find(&agent, word).is_some())?;
    Some(hit.0)
}

/// The head of a request is there: who serves it?
pub fn request(may: &mut MayCall, cx: &Context, wsi: &Wsi, mut head: RequestHead) {
    deadline::clear_timeout(cx, wsi);
    for (token, longest) in &cx.settings.token_limits {
        head.headers.limit_token(*token, *longest);
    }
    if let Some(bad) = bad_host(cx, wsi, &head) {
        let text = format_args!("bad request: '{}' in Host is no host, with or without a port", bad.escape_ascii());
        log::line(Level::Info, Scope::Wsi(wsi), "http", text);
        trace::note(cx, wsi, "request", text);
        return refuse(may, cx, wsi, 400, "Host is not the name of a host");
    }
    // The target says which host is meant; a Host header is ignored then (RFC 9112 section 3.2.2).
    if let TargetForm::Absolute { authority, .. } = &head.form
        && head.headers.replace(Token::Host, authority).is_err()
    {
        return refuse(may, cx, wsi, 431, "the request target is too long");
    }
    let refused = refused_agent(cx, &head);
    // Over http/2 the protocol stands where the method says CONNECT (RFC 8441 section 4).
    let upgrade = head.headers.joined(if wsi.has(flag::STREAM) { Token::ColonProtocol } else { Token::Upgrade });
    let has_body = !wsi.has(flag::STREAM) && !matches!(head.framing, Framing::None | Framing::Length(0));
    wsi.http.visit(|http| {
        http.version = Some(head.version);
        http.is_head = head.method == Method::Head;
        http.answered = false;
        http.request = Some(head);
    });
    if let Some(host) = header(wsi, Token::Host)
        && let Err(why) = vhost_select::by_host(may, cx, wsi, &host)
    {
        return refuse(may, cx, wsi, 421, why);
    }
    if let Some(status) = refused {
        return refuse_with(may, cx, wsi, status, "this User-Agent is not served", Style::Plain);
    }
    if wsi.phase.get() != Phase::RequestHead || mount::redirects(may, cx, wsi) {
        return;
    }
    match upgrade {
        Some(_) if mount::is_proxied(wsi) && wsi.has(flag::STREAM) => {
            refuse(may, cx, wsi, 501, "websockets inside http/2 are not passed on");
        }
        // The origin of a proxy mount decides about its websockets.
        Some(_) if mount::is_proxied(wsi) => super::transaction::start(may, cx, wsi),
        // Its bytes would be taken for frames, or for the next request by a server in front.
        Some(value) if has_body && value.eq_ignore_ascii_case(b"websocket") => {
            refuse(may, cx, wsi, 400, "a websocket request has no body");
        }
        Some(value) if value.eq_ignore_ascii_case(b"websocket") => upgrade_to_ws(may, cx, wsi, &value),
        Some(value) if !value.eq_ignore_ascii_case(b"h2c") => {
            wsi.clear(flag::ACCEPTED);
            refuse_with(may, cx, wsi, 403, "this Upgrade is not offered", Style::Plain);
        }
        _ => super::transaction::start(may, cx, wsi),
    }
}

/// A host that is none (RFC 9112 section 3.2), as a header or in the target. On unix sockets there are no names of hosts, and
/// clients say what they like, such as the path of the socket.
fn bad_host<'a>(cx: &Context, wsi: &Wsi, head: &'a RequestHead) -> Option<&'a [u8]> {
    let of_target = match &head.form {
        TargetForm::Absolute { authority, .. } => Some(authority.as_slice()),
        _ => None,
    };
    let bad = head.headers.values(Token::Host).chain(of_target).find(|value| !host::is_valid(value))?;
    let is_unix =
        h2::network(cx, wsi).with_socket(|socket| socket.domain()).and_then(Result::ok) == Some(socket2::Domain::UNIX);
    (!is_unix).then_some(bad)
}

fn header(wsi: &Wsi, token: Token) -> Option<Vec<u8>> {
    wsi.http.visit(|http| http.headers().and_then(|headers| headers.joined(token))).flatten()
}

/// LWS_SERVER_OPTION_VHOST_UPG_STRICT_HOST_CHECK: Host is the vhost's name, its port the port listened on.
fn is_host_right(wsi: &Wsi) -> bool {
    let Some(vhost) = wsi.vhost().filter(|vhost| vhost.has_option(option::STRICT_HOST_CHECK)) else { return true };
    let host = header(wsi, Token::Host).unwrap_or_default();
    let Ok(host) = std::str::from_utf8(&host) else { return false };
    let (name, port) = match host.rsplit_once(':').filter(|(name, _)| name.ends_with(']') || !name.contains(':')) {
        Some((name, port)) => (name, port.parse().ok()),
        None => (host, Some(if wsi.has(flag::TLS) { 443 } else { 80 })),
    };
    name.eq_ignore_ascii_case(vhost.name()) && port == Some(vhost.listen_port.get())
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
    if !is_host_right(wsi) {
        return refuse(may, cx, wsi, 403, "Host is not the name and port of this server");
    }
    let connection = header(wsi, Token::Connection).unwrap_or_default();
    let is_stream = wsi.has(flag::STREAM);
    if !is_stream && !ws_handshake::asks_for_upgrade(&connection) {
        return refuse(may, cx, wsi, 400, "the Connection header does not name upgrade");
    }
    let Some(vhost) = wsi.vhost() else { return };
    let asked = header(wsi, Token::Protocol);
    let find = |name: &[u8]| vhost.protocols.iter().position(|protocol| protocol.name == name);
    let (protocol, named) = match ws_handshake::choose_subprotocol(asked.as_deref(), find) {
        Subprotocol::Default => (vhost.default_protocol(), false),
        Subprotocol::Named(index) => (vhost.protocol(index), true),
        Subprotocol::Refused(why) => {
            let have: Vec<_> = vhost.protocols.iter().map(|protocol| String::from_utf8_lossy(&protocol.name)).collect();
            let offered = String::from_utf8_lossy(asked.as_deref().unwrap_or_default());
            let offered = secrets::printable(&secrets::masked_subprotocols(&offered));
            let text = format_args!("upgrade refused: {why}: client offers '{offered}', we have {have:?}");
            log::line(Level::Notice, Scope::Wsi(wsi), "ws", text);
            trace::note(cx, wsi, "upgrade", text);
            return refuse(may, cx, wsi, 403, why);
        }
    };
    if protocol.is_none() {
        return refuse(may, cx, wsi, 403, "the vhost has no protocol");
    }
    if let Some(file) = vhost.entry(protocol).and_then(|entry| entry.login_file.as_deref()) {
        match mount::check_credentials(may, cx, wsi, false, Some(file)) {
            mount::Verdict::Good => {}
            mount::Verdict::Gone => return,
            verdict => {
                mount::answer_refusal(cx, wsi, &verdict);
                return close::end_with_answer(may, cx, wsi, CloseCause::ours("no valid login for the upgrade"));
            }
        }
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
    if host.is_none() || !is_stream && !ws_handshake::is_usable_key(&key) {
        return refuse(may, cx, wsi, 400, "Host or Sec-WebSocket-Key is missing");
    }
    let Some(choice) = choose_extension(may, cx, wsi) else { return };
    let answer = choice.as_ref().map(|choice| choice.answer.as_bytes());
    let name = vhost.entry(protocol).map(|entry| entry.name.clone()).unwrap_or_default();
    let mut reply = Vec::with_capacity(512);
    let chosen = named.then_some(&name[..]);
    if is_stream {
        ws_handshake::response_200(&mut reply, chosen, answer);
    } else {
        ws_handshake::response_101(&mut reply, &key, chosen, answer);
    }
    let Some(added) = added_headers(may, cx, wsi) else { return };
    reply.extend_from_slice(&added);
    ws_handshake::end_head(&mut reply);
    reply::put(cx, wsi, &reply, b"");
    mount::announce_options_of_upgrade(may, cx, wsi);
    if gone(wsi) {
        return;
    }
    let deflate = choice.as_ref().map(|choice| (choice.params, None));
    ws::start(cx, wsi, deflate);
    if cx.trace.is_some() {
        let name = String::from_utf8_lossy(&name);
        let (protocol, extensions) =
            (if named { &*name } else { "none" }, answer.map_or("none".into(), String::from_utf8_lossy));
        trace::note(
            cx,
            wsi,
            "upgrade",
            format_args!("websocket, subprotocol {protocol}, extensions {extensions}, handled by '{name}'"),
        );
    }
    let reason = Reason::Established;
    // A websocket inside http/2 is told by a length that is not 0.
    let argument = if is_stream { Arg::Len(1) } else { Arg::None };
    let verdict = callback::strict(may, cx, wsi, reason, argument, "closes the connection");
    if !gone(wsi) {
        wsi.http.take();
        head_pool::release(cx, wsi);
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
    if !allocate_session(cx, wsi) {
        return -1;
    }
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
        vhost.settings.extensions.iter().any(|extension| extension.name == extension::PERMESSAGE_DEFLATE.as_bytes())
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
    let mut buffer = [0; PRE + 2048];
    let mut space = HeaderSpace::over(&mut buffer[PRE..]);
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
