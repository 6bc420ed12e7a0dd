//! From TCP to the request: the proxy's consent, the TLS handshake, the request head with what the program adds.
use super::{ProxyStage, Wanted, conn_flag, cookies, fail, monitor};
use crate::engine::callback::{self, Arg, HeaderSpace, Reason};
use crate::engine::cell::MayCall;
use crate::engine::close::{self, CloseCause};
use crate::engine::context::{Context, PRE};
use crate::engine::deadline::{self, wait};
use crate::engine::input::{self, Input, TlsTrouble};
use crate::engine::log::{self, Level, Scope};
use crate::engine::out;
use crate::engine::tls::describe::flag_names;
use crate::engine::tls::keys::Identity;
use crate::engine::tls::pem::Source;
use crate::engine::tls::session::Negotiated;
use crate::engine::tls::verdict::LaxFlags;
use crate::engine::tls_hooks::{self, After};
use crate::engine::tls_limit;
use crate::engine::trace;
use crate::engine::vhost::option;
use crate::engine::wsi::{Phase, Role, Wsi, flag};
use crate::proto::http::form_part;
use crate::proto::http::request::{BadField, ClientRequest, Origin, WsUpgrade};
use crate::proto::http::secrets;
use crate::proto::proxy::http_connect::Outcome;
use crate::proto::proxy::socks5;
use crate::proto::ws::handshake::new_key;
use std::ffi::CString;

/// Reads in one turn before other connections get theirs.
const READ_BUDGET: u32 = 16;

/// TCP is up (to the target or its proxy).
pub fn tcp_is_up(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let first_words = wsi.client.visit(|state| match &mut state.proxy {
        ProxyStage::None => Ok(None),
        ProxyStage::Http { auth, .. } => {
            crate::proto::proxy::http_connect::request(&state.target.address, state.target.port, auth.as_deref())
                .map(Some)
        }
        ProxyStage::Socks(socks) => Ok(Some(socks.greeting())),
    });
    match first_words {
        Some(Ok(None)) => start_tls_or_request(may, cx, wsi),
        Some(Ok(Some(words))) => {
            wsi.phase.set(Phase::Proxy);
            deadline::start_timeout(cx, wsi, wait::PROXY_REPLY, cx.settings.timeout_secs);
            trace::step_begins(cx, wsi);
            if words.starts_with(b"CONNECT") {
                trace::head(cx, wsi, "proxy", &words);
            }
            out::append(cx, wsi, |queue| queue.extend_from_slice(&words));
            cx.make_pending(wsi);
        }
        Some(Err(bad)) => fail(may, cx, wsi, "proxy write failed", &format!("step proxy: illegal {}", bad.field)),
        None => close::at_once(may, cx, wsi, CloseCause::ours("bug: client state lost")),
    }
}

/// Bytes from the proxy.
pub fn proxy_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let mut buffer = [0; 2048];
    for _ in 0..READ_BUDGET {
        if wsi.phase.get() != Phase::Proxy || !wsi.has(flag::READABLE | flag::HUNG_UP) {
            return;
        }
        // Byte by byte behind the head would lose nothing, but what follows the answer belongs to the tunnel: keep it.
        let count = match input::read(may, cx, wsi, &mut buffer) {
            Input::Bytes(count) => count,
            Input::Empty => return,
            Input::End => return fail(may, cx, wsi, proxy_words(wsi).0, "step proxy: it closed the connection"),
            Input::Failed(why) => return fail(may, cx, wsi, proxy_words(wsi).1, &format!("step proxy: {why}")),
        };
        proxy_bytes(may, cx, wsi, &buffer[..count]);
    }
    cx.make_pending(wsi);
}

/// The texts for a proxy that hangs up and one that cannot be read.
fn proxy_words(wsi: &Wsi) -> (&'static str, &'static str) {
    let is_socks = wsi.client.visit(|state| matches!(state.proxy, ProxyStage::Socks(_))).unwrap_or(false);
    if is_socks { ("socks conn dead", "socks recv fail") } else { ("proxy conn dead", "proxy read err") }
}

enum Step {
    Wait,
    Say(Vec<u8>),
    Open(usize),
    Refused(String, String),
}

fn proxy_bytes(may: &mut MayCall, cx: &Context, wsi: &Wsi, bytes: &[u8]) {
    let step = wsi.client.visit(|state| match &mut state.proxy {
        ProxyStage::Http { reader, .. } => match reader.push(bytes) {
            Outcome::NeedMore => Step::Wait,
            Outcome::Ok { consumed } => Step::Open(consumed),
            Outcome::Refused { status, line } => {
                Step::Refused(format!("http_proxy -> {status}"), format!("step proxy: it answered '{line}'"))
            }
            Outcome::NotHttp => Step::Refused("http_proxy fail".into(), "step proxy: the answer is not HTTP".into()),
        },
        ProxyStage::Socks(socks) => match socks.push(bytes) {
            Ok(socks5::Step::NeedMore) => Step::Wait,
            Ok(socks5::Step::Send(words)) => Step::Say(words),
            Ok(socks5::Step::Connected { consumed }) => Step::Open(consumed),
            Err(error) => Step::Refused(error.text.into(), format!("step proxy: {}", error.reason)),
        },
        ProxyStage::None => Step::Open(0),
    });
    match step {
        Some(Step::Wait) => {}
        Some(Step::Say(words)) => {
            out::append(cx, wsi, |queue| queue.extend_from_slice(&words));
            cx.make_pending(wsi);
        }
        Some(Step::Open(consumed)) => {
            wsi.client.visit(|state| state.proxy = ProxyStage::None);
            deadline::clear_timeout(cx, wsi);
            log::line(Level::Info, Scope::Wsi(wsi), "proxy", format_args!("tunnel open"));
            trace::step_ends(cx, wsi, "proxy", format_args!("tunnel open"));
            let rest = bytes.get(consumed..).unwrap_or_default();
            if !rest.is_empty() {
                // Behind the proxy's words comes the target's: TLS records where TLS is to be spoken, never plain bytes.
                if wsi.client.visit(|state| state.target.tls) == Some(true) {
                    wsi.with_rare(|rare| rare.records = rest.to_vec());
                } else {
                    wsi.stash.set(rest.to_vec());
                }
                cx.make_pending(wsi);
            }
            start_tls_or_request(may, cx, wsi);
        }
        Some(Step::Refused(text, facts)) => fail(may, cx, wsi, &text, &facts),
        None => close::at_once(may, cx, wsi, CloseCause::ours("bug: client state lost")),
    }
}

fn start_tls_or_request(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let Some((tls, flags, host, alpn, wanted, config)) = wsi.client.visit(|state| {
        (
            state.target.tls,
            state.flags,
            String::from_utf8_lossy(&state.target.host).into_owned(),
            state.alpn.clone(),
            state.wanted,
            state.tls.clone(),
        )
    }) else {
        return;
    };
    if !tls {
        return send_request(may, cx, wsi);
    }
    let Some(vhost) = wsi.vhost() else { return };
    let Some(config) = config.or_else(|| vhost.client_tls()) else {
        let facts = format!(
            "step tls: vhost '{}' has no client TLS: set LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT in info.options",
            vhost.name()
        );
        return fail(may, cx, wsi, "bio_create failed", &facts);
    };
    monitor::starts(wsi);
    trace::step_begins(cx, wsi);
    let offers = alpn_offers(alpn.as_deref().or(config.alpn()), wanted);
    if cx.trace.is_some() {
        let lax = flag_names(LaxFlags::from_ssl_connection(flags));
        let checks = if lax.is_empty() { "all checks".to_owned() } else { format!("checks weakened by {lax}") };
        let alpn = if offers.is_empty() { "none".to_owned() } else { offers.join(",") };
        trace::note(cx, wsi, "tls", format_args!("handshake for '{host}', offering ALPN {alpn}, {checks}"));
    }
    if tls_limit::refuses_client(cx) {
        let facts =
            format!("step tls: {} TLS connections, info.simultaneous_ssl_restriction", cx.settings.simultaneous_tls);
        return fail(may, cx, wsi, "tls restriction limit", &facts);
    }
    let identity = match system_identity(cx, wsi) {
        Ok(identity) => identity,
        Err(why) => return fail(may, cx, wsi, "bio_create failed", &format!("step tls: {why}")),
    };
    let lax = LaxFlags::from_ssl_connection(flags);
    let made = match &identity {
        Some(identity) => config.connect_as(identity, &host, &offers, lax),
        None => config.connect(&host, &offers, lax),
    };
    match made {
        Ok(session) => {
            wsi.tls.set(Box::new(session));
            wsi.set(flag::TLS);
            wsi.phase.set(Phase::TlsHandshake);
            deadline::start_timeout(cx, wsi, wait::TLS, cx.settings.timeout_secs);
            // The first flush makes and sends the ClientHello.
            out::append(cx, wsi, |_| ());
            cx.make_pending(wsi);
        }
        Err(error) => fail(may, cx, wsi, "bio_create failed", &format!("step tls: {}", error.text())),
    }
}

/// What is offered by ALPN (RFC 7301). h2 only where the program speaks it itself: this client does not.
fn alpn_offers(list: Option<&str>, wanted: Wanted) -> Vec<&str> {
    let Some(list) = list else {
        return if wanted == Wanted::Ws { vec!["http/1.1"] } else { Vec::new() };
    };
    let can_speak = |name: &&str| !name.is_empty() && (*name != "h2" || wanted == Wanted::Raw);
    let mut offers: Vec<_> = list.split(',').map(str::trim).filter(can_speak).collect();
    if offers.is_empty() && wanted != Wanted::Raw {
        offers.push("http/1.1");
    }
    offers
}

/// The client certificate from the system blobs, if the connection asks for one (`sys_tls_client_cert`). Err: in words.
fn system_identity(cx: &Context, wsi: &Wsi) -> Result<Option<Identity>, String> {
    let number = wsi.client.visit(|state| state.client_cert).unwrap_or(0);
    let Some(index) = number.checked_sub(1) else { return Ok(None) };
    let Some((cert, key)) = cx.program.client_identity(index) else {
        return Err(format!("sys_tls_client_cert {number}: the system blobs hold one client certificate, number 1"));
    };
    for (bytes, name) in [(&cert, "LWS_SYSBLOB_TYPE_CLIENT_CERT_DER"), (&key, "LWS_SYSBLOB_TYPE_CLIENT_KEY_DER")] {
        if bytes.is_empty() {
            return Err(format!("sys_tls_client_cert {number}: the system blob {name} is empty"));
        }
    }
    Identity::load(&Source::Mem(cert), &Source::Mem(key), None)
        .map(Some)
        .map_err(|error| format!("sys_tls_client_cert {number}: client certificate from the system blobs: {error}"))
}

/// Records from the peer during the handshake.
pub fn tls_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if let Err(why) = input::receive_records(may, cx, wsi) {
        // The secrets of a failed handshake are wanted, too.
        if matches!(tls_hooks::run(may, cx, wsi), After::Gone) {
            return;
        }
        // What the session still has to say (an alert) leaves before the end.
        out::append(cx, wsi, |_| ());
        out::flush(may, cx, wsi);
        return tls_refused(may, cx, wsi, &why);
    }
    match tls_hooks::run(may, cx, wsi) {
        After::GoOn => {}
        After::Gone => return,
        After::Refused(why) => return tls_refused(may, cx, wsi, &why),
    }
    if !matches!(wsi.tls.with(may, |tls| tls.is_handshaking()), Some(false)) {
        if wsi.tls.with(may, |tls| tls.wants_output()) == Some(true) {
            out::append(cx, wsi, |_| ());
        }
        return;
    }
    out::append(cx, wsi, |_| ());
    let facts = wsi.tls.with(may, |tls| (tls.forgiven().to_vec(), describe(tls.negotiated())));
    if let Some((forgiven, negotiated)) = facts {
        log::line(Level::Info, Scope::Wsi(wsi), "tls", format_args!("{negotiated}"));
        for sentence in forgiven {
            log::line(Level::Warn, Scope::Wsi(wsi), "tls", format_args!("{sentence}"));
        }
    }
    monitor::done(wsi, monitor::Step::Tls);
    trace::tls_done(cx, wsi);
    deadline::clear_timeout(cx, wsi);
    send_request(may, cx, wsi);
}

/// The end of a connection whose handshake failed.
fn tls_refused(may: &mut MayCall, cx: &Context, wsi: &Wsi, why: &TlsTrouble) {
    if !why.detail.is_empty() {
        log::line(Level::Notice, Scope::Wsi(wsi), "tls", format_args!("{}", why.detail));
        trace::note(cx, wsi, "tls", format_args!("{}", why.detail));
    }
    fail(may, cx, wsi, &why.text, "");
}

/// The outcome of a handshake in one line.
pub fn describe(negotiated: &Negotiated) -> String {
    let alpn = negotiated.alpn.as_deref().unwrap_or("none");
    let resumed = if negotiated.resumed { ", resumed" } else { "" };
    format!("{} {}, ALPN {alpn}{resumed}", negotiated.version, negotiated.cipher)
}

/// Extensions the program lets us offer, joined; each was asked about.
fn offered_extensions(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Option<Vec<u8>> {
    let id = wsi.id();
    let extensions = wsi.with_vhost(|vhost| vhost.settings.extensions.clone()).unwrap_or_default();
    let mut offers = Vec::new();
    for extension in extensions {
        let Ok(name) = CString::new(extension.name) else { continue };
        let reason = Reason::ClientConfirmExtensionSupported;
        let verdict = callback::to_first(may, cx, wsi, reason, Arg::Text(&name, 0));
        if wsi.id() != id || wsi.phase.get() == Phase::Dead {
            return None;
        }
        if verdict == 0 {
            offers.push(extension.client_offer);
        }
    }
    Some(offers.join(&b","[..]))
}

/// Makes and queues the request; raw connections are established instead.
pub fn send_request(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    let wanted = wsi.client.visit(|state| state.wanted);
    if wanted == Some(Wanted::Raw) || wsi.role.get() == Role::RawSocket {
        return raw_connected(may, cx, wsi);
    }
    wsi.phase.set(Phase::AwaitReply);
    let is_ws = wanted == Some(Wanted::Ws);
    let extensions = if is_ws { offered_extensions(may, cx, wsi) } else { Some(Vec::new()) };
    let Some(extensions) = extensions else { return };
    let mut random = [0; 16];
    if !cx.random.fill(&mut random) {
        return fail(may, cx, wsi, "error", "step http: the system gives no random bytes for the key");
    }
    let key = new_key(random);
    let mut for_boundary = [0; 8];
    cx.random.fill(&mut for_boundary);
    let cookies = cookies::header(cx, wsi);
    let head = wsi.client.visit(|state| {
        state.key = key;
        state.offered_extensions = extensions;
        let raw_origin = cx.has_option(option::RAW_ORIGIN);
        let origin = state.origin.as_deref().map(|origin| match (raw_origin, state.target.tls) {
            (true, _) => Origin::Raw(origin),
            (false, true) => Origin::Https(origin),
            (false, false) => Origin::Http(origin),
        });
        let offers = [state.offered_extensions.as_slice()];
        let upgrade = is_ws.then(|| WsUpgrade {
            key: &state.key,
            protocols: state.protocols.as_deref(),
            extensions: if offers[0].is_empty() { &[] } else { &offers },
            version: state.version,
        });
        let request = ClientRequest {
            method: match state.wanted {
                Wanted::Http(method) => method,
                _ => crate::proto::http::method::Method::Get,
            },
            path: &state.target.path,
            host: &state.target.host,
            origin,
            upgrade,
            closes: !is_ws && state.flags & conn_flag::PIPELINE == 0,
            cookies: cookies.as_deref(),
        };
        let mut lines = Vec::with_capacity(1024);
        request.write_lines(&mut lines)?;
        if !is_ws && state.flags & conn_flag::MULTIPART != 0 {
            state.boundary = form_part::boundary(for_boundary);
            let value = form_part::content_type(&state.boundary);
            lines.extend_from_slice(format!("Content-Type: {value}\r\n").as_bytes());
        } else if !is_ws && state.flags & conn_flag::URLENCODED != 0 {
            lines.extend_from_slice(b"Content-Type: application/x-www-form-urlencoded\r\n");
        }
        Ok::<_, BadField>(lines)
    });
    let mut lines = match head {
        Some(Ok(lines)) => lines,
        Some(Err(bad)) => {
            let facts = format!("step http: '{}' of the connect info holds control characters", bad.field);
            return fail(may, cx, wsi, "HS: illegal request", &facts);
        }
        None => return,
    };
    let Some(added) = program_lines(may, cx, wsi, lines.len()) else { return };
    if wsi.id() != id || wsi.phase.get() != Phase::AwaitReply {
        return;
    }
    lines.extend_from_slice(&added);
    lines.extend_from_slice(b"\r\n");
    log_head(wsi, "request", &lines);
    trace::head(cx, wsi, "request", &lines);
    trace::step_begins(cx, wsi);
    monitor::starts(wsi);
    out::append(cx, wsi, |queue| queue.extend_from_slice(&lines));
    poll_out_announced(may, cx, wsi);
    deadline::start_timeout(cx, wsi, wait::SERVER_REPLY, cx.settings.timeout_secs);
    if wsi.client.visit(|state| state.body_pending).unwrap_or(false) {
        wsi.set(flag::WANTS_WRITEABLE);
    }
    cx.make_pending(wsi);
}

fn poll_out_announced(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    use crate::engine::poll_events;
    poll_events::change(may, cx, wsi, poll_events::IN | poll_events::OUT, false);
    poll_events::change(may, cx, wsi, poll_events::IN, false);
}

/// CLIENT_APPEND_HANDSHAKE_HEADER: `in` is a write position, `len` the room. Nonzero: no request, CLOSED_CLIENT_HTTP.
fn program_lines(may: &mut MayCall, cx: &Context, wsi: &Wsi, used: usize) -> Option<Vec<u8>> {
    let id = wsi.id();
    let room = cx.settings.service_buffer_bytes.saturating_sub(used + 12).max(1024);
    let Some(mut buffer) = input::Lent::of(cx, PRE + room + 1) else {
        fail(may, cx, wsi, input::NO_MEMORY, "");
        return None;
    };
    // What others received before is nothing that the program may send by mistake.
    buffer[PRE..PRE + room].fill(0);
    let mut space = HeaderSpace::over(&mut buffer[PRE..PRE + room]);
    let reason = Reason::ClientAppendHandshakeHeader;
    let consequence = "sends no request and closes the connection";
    let verdict = callback::strict(may, cx, wsi, reason, Arg::Header(&mut space), consequence);
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return None;
    }
    let written = space.written();
    if verdict != 0 {
        close::by_callback(may, cx, wsi, reason, verdict);
        return None;
    }
    let Some(written) = written else {
        let facts = format!("step http: the program moved the write position outside its {room} bytes");
        fail(may, cx, wsi, "HS: illegal request", &facts);
        return None;
    };
    let lines = buffer[PRE..PRE + written].to_vec();
    if crate::proto::http::request::check_header_lines(&lines).is_err() {
        let facts = "step http: what CLIENT_APPEND_HANDSHAKE_HEADER wrote is not complete header lines";
        fail(may, cx, wsi, "HS: illegal request", facts);
        return None;
    }
    Some(lines)
}

/// A request or reply head at INFO, secrets masked.
pub fn log_head(wsi: &Wsi, what: &str, head: &[u8]) {
    if !log::enabled(Level::Info, Scope::Wsi(wsi)) {
        return;
    }
    for line in secrets::shown_lines(head) {
        log::line(Level::Info, Scope::Wsi(wsi), what, format_args!("{line}"));
    }
}

/// RAW_CONNECTED. Nonzero closes.
fn raw_connected(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    wsi.phase.set(Phase::Established);
    wsi.set(flag::ESTABLISHED);
    wsi.client.take();
    let reason = Reason::RawConnected;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::None, "closes the connection");
    if close::after_callback(may, cx, wsi, id, reason, verdict) {
        cx.make_pending(wsi);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proto::http::method::Method;

    #[test]
    fn h2_is_offered_only_where_the_program_speaks_it() {
        let get = Wanted::Http(Method::Get);
        assert_eq!(alpn_offers(None, Wanted::Ws), ["http/1.1"]);
        assert!(alpn_offers(None, get).is_empty());
        assert_eq!(alpn_offers(Some("h2, http/1.1"), get), ["http/1.1"]);
        assert_eq!(alpn_offers(Some("h2"), Wanted::Ws), ["http/1.1"]);
        assert_eq!(alpn_offers(Some("h2,mqtt"), Wanted::Raw), ["h2", "mqtt"]);
    }
}
