//! From a name to a TCP connection: resolution off the loop, addresses raced as RFC 8305 asks.
//!
//! One attempt is in `Wsi::socket`, earlier ones that are still pending are in `ClientState::racing`. The first that
//! connects wins, the others are closed. Each attempt has its CONNECTING callback.
use super::{ProxyStage, Wanted, clear_connect_deadlines, fail, handshake, monitor};
use crate::engine::callback;
use crate::engine::cell::MayCall;
use crate::engine::close::{self, CloseCause};
use crate::engine::context::Context;
use crate::engine::deadline::{self, wait};
use crate::engine::log::{self, Level, Scope};
use crate::engine::net::{self, ConnectState, Endpoint};
use crate::engine::poll_events;
use crate::engine::resolve::{self, LookupResult};
use crate::engine::timer::{Kind, SECOND};
use crate::engine::trace;
use crate::engine::vhost::option;
use crate::engine::wsi::{Phase, Wsi, flag};
use crate::proto::addr_order;
use crate::proto::proxy::env::{ProxySpec, Scheme, is_exempt};
use crate::proto::proxy::{http_connect, socks5};
use std::net::SocketAddr;

/// Head start of one address over the next (RFC 8305 §5, recommended value), microseconds.
const STAGGER: u64 = addr_order::STAGGER_US;

/// After a temporary failure of the resolver it is asked again, as often as the wait for the connection allows.
const LOOKUP_PAUSE: u64 = SECOND;

/// Starts with the target (or its proxy): first lookup, or first attempt when no lookup is needed.
pub fn begin(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let Some((address, port)) = wsi.client.visit(|state| (state.target.address.clone(), state.target.port)) else {
        return;
    };
    if let Some(path) = wsi.client.visit(|state| state.target.unix_path.clone()).flatten() {
        return found(may, cx, wsi, vec![Endpoint::Unix(path)]);
    }
    let (address, port) = match choose_proxy(cx, wsi, &address, port) {
        Ok(Some(proxy)) => proxy,
        Ok(None) => (address, port),
        Err((text, why)) => return fail(may, cx, wsi, text, &format!("step proxy: {why}")),
    };
    let ipv4_only = cx.has_option(option::DISABLE_IPV6)
        || wsi.with_vhost(|vhost| vhost.has_option(option::DISABLE_IPV6)).unwrap_or(false)
        || wsi.client.visit(|state| bound_to_ipv4(state.wishes.iface.as_deref())).unwrap_or(false);
    let limit = wsi.with_vhost(|vhost| vhost.settings.connect_timeout_secs).unwrap_or(20);
    deadline::set(cx, wsi, Kind::ConnectTotal, Some(u64::from(limit) * SECOND));
    monitor::starts(wsi);
    if let Some(addresses) = resolve::without_resolver(&address, port, ipv4_only) {
        monitor::looked_up(wsi, &Ok(addresses.clone()));
        trace::note(cx, wsi, "dns", format_args!("{address} is {}, no lookup needed", listed(&addresses)));
        return found(may, cx, wsi, addresses.into_iter().map(Endpoint::Tcp).collect());
    }
    wsi.client.visit(|state| {
        state.lookup = (address, port, ipv4_only);
        state.lookups_failed = 0;
    });
    wsi.phase.set(Phase::Resolving);
    look_up(may, cx, wsi);
}

/// Starts a lookup, the first one or once more.
fn look_up(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let Some((serial, (name, port, ipv4_only))) = wsi.client.visit(|state| {
        state.lookup_serial += 1;
        (state.lookup_serial, state.lookup.clone())
    }) else {
        return;
    };
    log::line(Level::Info, Scope::Wsi(wsi), "dns", format_args!("looking up {name}"));
    trace::note(cx, wsi, "dns", format_args!("looking up {name}"));
    trace::step_begins(cx, wsi);
    match cx.lookups.start(wsi.id(), serial, &name, port, ipv4_only) {
        Ok(()) => {
            cx.lookups_open.set(cx.lookups_open.get() + 1);
            poll_events::announce_wake(may, cx);
        }
        Err(error) => fail(may, cx, wsi, "conn fail: no resolver thread", &net::describe(&error)),
    }
}

/// In a forked process: the answers of lookups under way will not come, so they are asked for again.
pub fn look_up_again(cx: &Context) {
    for wsi in cx.all_wsi().filter(|wsi| wsi.phase.get() == Phase::Resolving) {
        let asked = wsi.client.visit(|state| (state.lookup_serial, state.lookup.clone()));
        if let Some((serial, (name, port, ipv4_only))) = asked {
            // Without a thread the total connect time ends it.
            let _ = cx.lookups.start(wsi.id(), serial, &name, port, ipv4_only);
        }
    }
}

fn bound_to_ipv4(iface: Option<&str>) -> bool {
    iface.is_some_and(|iface| iface.parse::<std::net::Ipv4Addr>().is_ok())
}

/// The text programs know, and why the proxy cannot be asked.
type NoProxy = (&'static str, std::borrow::Cow<'static, str>);

/// The proxy in front of the target, if one is configured and the target is not exempt; prepares its stage. The error
/// is the program's text and why the proxy cannot be asked: such a connection never goes without it.
fn choose_proxy(cx: &Context, wsi: &Wsi, address: &str, port: u16) -> Result<Option<(String, u16)>, NoProxy> {
    if wsi.has(flag::ONWARD) {
        return Ok(None);
    }
    let configured = wsi.with_vhost(|vhost| {
        let set_later = vhost.proxy_override.take();
        vhost.proxy_override.set(set_later.clone());
        let settings = &vhost.settings;
        let (http, socks, refusal) = match set_later.map(|spec| *spec) {
            Some(spec) if spec.scheme == Some(Scheme::Socks5) => (None, Some(spec), None),
            Some(spec) => (Some(spec), None, None),
            None => (settings.http_proxy.clone(), settings.socks_proxy.clone(), settings.proxy_refusal.clone()),
        };
        (http, socks, refusal, settings.no_proxy.clone())
    });
    let Some((http, socks, refusal, no_proxy)) = configured else { return Ok(None) };
    if is_exempt(&no_proxy, address, port) {
        trace::note(cx, wsi, "proxy", format_args!("none: {address} is in no_proxy"));
        return Ok(None);
    }
    if let Some(why) = refusal {
        return Err(("http_proxy fail", format!("the proxy setting cannot be used: {why}").into()));
    }
    let is_raw = wsi.client.visit(|state| state.wanted == Wanted::Raw).unwrap_or(true);
    let (stage, spec): (ProxyStage, ProxySpec) = if let Some(spec) = socks {
        let login = spec
            .user_and_password()
            .map(|(user, password)| socks5::Login { user: user.to_string(), password: password.to_string() });
        let client = socks5::Socks5::new(&socks5::Destination::from_host(address), port, login)
            .map_err(|error| (error.text, error.reason.into()))?;
        (ProxyStage::Socks(Box::new(client)), spec)
    } else {
        // As the original: plain raw connections do not go through an http proxy.
        let Some(spec) = http.filter(|_| !is_raw) else { return Ok(None) };
        (ProxyStage::Http { reader: http_connect::ReplyReader::new(), auth: spec.auth.clone() }, spec)
    };
    let port = spec.port.unwrap_or(1080);
    let kind = if matches!(stage, ProxyStage::Socks(_)) { "SOCKS5" } else { "http" };
    trace::note(cx, wsi, "proxy", format_args!("{kind} proxy {}:{port} in front of {address}", spec.host));
    wsi.client.visit(|state| state.proxy = stage);
    Ok(Some((spec.host, port)))
}

/// The connection ends while its name is looked up.
pub fn forget_lookup(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let gone = cx.lookups.forget(wsi.id());
    lookups_over(may, cx, gone);
}

/// So many lookups have answered, or will not: foreign loops watch for answers no longer than any is awaited.
pub fn lookups_over(may: &mut MayCall, cx: &Context, count: u32) {
    cx.lookups_open.set(cx.lookups_open.get().saturating_sub(count));
    if cx.lookups_open.get() == 0 {
        poll_events::withdraw_wake(may, cx);
    }
}

/// The answer of a lookup came.
pub fn resolved(may: &mut MayCall, cx: &Context, wsi: &Wsi, serial: u32, result: LookupResult) {
    if wsi.phase.get() != Phase::Resolving || wsi.client.visit(|state| state.lookup_serial) != Some(serial) {
        return;
    }
    monitor::looked_up(wsi, &result);
    match result {
        Ok(addresses) => {
            log::line(Level::Info, Scope::Wsi(wsi), "dns", format_args!("{} addresses", addresses.len()));
            let ordered: Vec<SocketAddr> = addr_order::interleave(&addresses);
            trace::step_ends(cx, wsi, "dns", format_args!("{}", listed(&ordered)));
            found(may, cx, wsi, ordered.into_iter().map(Endpoint::Tcp).collect());
        }
        Err(error) => {
            let name = wsi.client.visit(|state| state.lookup.0.clone()).unwrap_or_default();
            let facts = format!("step dns: {name}: {}", error.text);
            trace::step_ends(cx, wsi, "dns", format_args!("{}", error.text));
            if error.is_temporary() {
                // As the original; here connect_timeout_secs ends it.
                log::line(Level::Info, Scope::Wsi(wsi), "dns", format_args!("{facts}: asking again in 1 s"));
                let times = wsi.client.visit(|state| {
                    state.lookups_failed += 1;
                    state.lookups_failed
                });
                note_failure(wsi, "DNS failed".into(), format!("{facts}; asked {} times", times.unwrap_or(0)));
                return deadline::set(cx, wsi, Kind::NextAddress, Some(LOOKUP_PAUSE));
            }
            let text = if error.is_no_such_name() { "DNS NXDOMAIN" } else { "DNS failed" };
            fail(may, cx, wsi, text, &facts);
        }
    }
}

/// Addresses for a line of the timeline.
fn listed(addresses: &[SocketAddr]) -> String {
    addresses.iter().map(SocketAddr::to_string).collect::<Vec<_>>().join(", ")
}

fn found(may: &mut MayCall, cx: &Context, wsi: &Wsi, endpoints: Vec<Endpoint>) {
    wsi.client.visit(|state| {
        state.addresses = endpoints.into();
        state.last_failure = no_failure();
    });
    wsi.phase.set(Phase::Connecting);
    monitor::starts(wsi);
    trace::step_begins(cx, wsi);
    try_next(may, cx, wsi);
}

/// The head start of the present attempt is over, or the pause before the next lookup.
pub fn start_next_address(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    match wsi.phase.get() {
        Phase::Connecting => try_next(may, cx, wsi),
        Phase::Resolving => look_up(may, cx, wsi),
        _ => {}
    }
}

/// Starts the next address that can be tried; fails the connection when there is none and nothing is pending.
fn try_next(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    loop {
        let Some(endpoint) = wsi.client.visit(|state| state.addresses.pop_front()).flatten() else {
            let pending = wsi.with_socket(|_| ()).is_some()
                || wsi.client.visit(|state| !state.racing.is_empty()).unwrap_or(false);
            if !pending {
                let (text, facts) = wsi.client.visit(|state| state.last_failure.clone()).unwrap_or_default();
                fail(may, cx, wsi, &text, &facts);
            }
            return;
        };
        let wishes = wsi.client.visit(|state| state.wishes.clone()).unwrap_or_default();
        let Some(made) = wsi.with_vhost(|vhost| net::make_socket(&endpoint, vhost, &wishes)) else { return };
        let socket = match made {
            Ok(socket) => socket,
            Err(error) => {
                trace::note(cx, wsi, "tcp", format_args!("{} ({})", error.text(&endpoint), error.facts(&endpoint)));
                note_failure(wsi, error.text(&endpoint), error.facts(&endpoint));
                continue;
            }
        };
        put_aside_current(wsi);
        trace::note(cx, wsi, "tcp", format_args!("connecting to {endpoint}"));
        wsi.socket.set(Some(socket));
        wsi.client.visit(|state| state.current = Some(endpoint.clone()));
        if !poll_events::add(may, cx, wsi) {
            if wsi.id() == id && wsi.phase.get() != Phase::Dead {
                let facts = "step tcp: ADD_POLL_FD returned nonzero, or the poller refused the descriptor";
                fail(may, cx, wsi, "conn fail: insert fd", facts);
            }
            return;
        }
        if !watch(may, cx, wsi, poll_events::IN, true) {
            return;
        }
        if !announce_attempt(may, cx, wsi) {
            return;
        }
        match wsi.with_socket(|socket| net::start_connect(socket, &endpoint)) {
            Some(Ok(connected)) => {
                log::line(Level::Info, Scope::Wsi(wsi), "tcp", format_args!("connecting to {endpoint}"));
                return attempt_started(may, cx, wsi, connected);
            }
            Some(Err(error)) => {
                trace::note(cx, wsi, "tcp", format_args!("{} ({})", error.text(&endpoint), error.facts(&endpoint)));
                note_failure(wsi, error.text(&endpoint), error.facts(&endpoint));
                drop_current(may, cx, wsi);
            }
            None => return,
        }
        if wsi.id() != id || wsi.phase.get() != Phase::Connecting {
            return;
        }
    }
}

/// Tells the program's poller what is waited for. False: it refused, and the connection is gone.
fn watch(may: &mut MayCall, cx: &Context, wsi: &Wsi, events: u16, always: bool) -> bool {
    let id = wsi.id();
    let accepted = poll_events::change(may, cx, wsi, events, always);
    if wsi.id() != id || wsi.phase.get() == Phase::Dead {
        return false;
    }
    if !accepted {
        let facts = "step tcp: CHANGE_MODE_POLL_FD returned nonzero";
        fail(may, cx, wsi, "conn fail: change pollfd", facts);
    }
    accepted
}

/// CONNECTING. False: the program refused, and the connection is gone.
fn announce_attempt(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    let id = wsi.id();
    // After a redirect the original shows no opaque data here.
    let redirected = wsi.client.visit(|state| state.redirects > 0).unwrap_or(false);
    let opaque = if redirected { wsi.opaque.replace(0) } else { wsi.opaque.get() };
    let verdict = callback::connecting(may, cx, wsi, wsi.fd());
    if wsi.id() != id || wsi.phase.get() != Phase::Connecting {
        return false;
    }
    if redirected && wsi.opaque.get() == 0 {
        wsi.opaque.set(opaque);
    }
    if verdict == 0 {
        return true;
    }
    if wsi.has(flag::IN_CONNECT) {
        wsi.set(flag::ERROR_REPORTED);
        close::at_once(may, cx, wsi, CloseCause::ours("refused at CONNECTING"));
    } else {
        fail(may, cx, wsi, "conn fail: refused at CONNECTING", &format!("the callback returned {verdict}"));
    }
    false
}

fn attempt_started(may: &mut MayCall, cx: &Context, wsi: &Wsi, connected: bool) {
    if !watch(may, cx, wsi, poll_events::IN | poll_events::OUT, false) {
        return;
    }
    deadline::start_timeout(cx, wsi, wait::CONNECT, cx.settings.timeout_secs);
    if connected {
        // WSI_CREATE comes from the loop, never inside the connect call.
        wsi.set(flag::WRITABLE);
        cx.make_pending(wsi);
        return;
    }
    let more = wsi.client.visit(|state| !state.addresses.is_empty()).unwrap_or(false);
    deadline::set(cx, wsi, Kind::NextAddress, more.then_some(STAGGER));
}

/// What is told when no attempt was made.
pub fn no_failure() -> (String, String) {
    ("Unable to connect".into(), "no address".into())
}

fn note_failure(wsi: &Wsi, text: String, facts: String) {
    wsi.client.visit(|state| state.last_failure = (text, facts));
}

/// An attempt that is still pending makes room for the next one.
fn put_aside_current(wsi: &Wsi) {
    let Some(socket) = wsi.socket.take() else { return };
    wsi.client.visit(|state| {
        if let Some(endpoint) = state.current.take() {
            state.racing.push((socket, endpoint));
        }
    });
}

fn drop_current(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    poll_events::remove(may, cx, wsi);
    wsi.socket.take();
    wsi.client.visit(|state| state.current = None);
    wsi.clear(flag::READABLE | flag::WRITABLE | flag::HUNG_UP | flag::TOLD_GONE);
}

/// Closes all attempts but the one in `Wsi::socket`, telling external pollers.
pub fn close_racing(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    while let Some((socket, _)) = wsi.client.visit(|state| state.racing.pop()).flatten() {
        let current = wsi.socket.replace(Some(socket));
        let announced = wsi.announced.get();
        wsi.set(flag::ANNOUNCED);
        poll_events::remove(may, cx, wsi);
        wsi.socket.set(current);
        wsi.announced.set(announced);
        if wsi.fd() >= 0 {
            wsi.set(flag::ANNOUNCED);
        }
        wsi.clear(flag::TOLD_GONE);
    }
}

/// Something happened to one of the attempts.
pub fn on_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    wsi.clear(flag::READABLE | flag::WRITABLE | flag::HUNG_UP);
    match wsi.with_socket(net::connect_state) {
        Some(ConnectState::Connected) => return won(may, cx, wsi),
        Some(ConnectState::Failed(error)) => {
            attempt_failed(cx, wsi, &error);
            drop_current(may, cx, wsi);
        }
        Some(ConnectState::Pending) | None => {}
    }
    look_at_racing(may, cx, wsi);
    if wsi.phase.get() != Phase::Connecting {
        return;
    }
    if wsi.with_socket(|_| ()).is_none() {
        try_next(may, cx, wsi);
    }
}

fn look_at_racing(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let attempts = wsi.client.visit(|state| state.racing.len()).unwrap_or(0);
    for index in (0..attempts).rev() {
        let state_of =
            |state: &mut super::ClientState| state.racing.get(index).map(|(socket, _)| net::connect_state(socket));
        match wsi.client.visit(state_of).flatten() {
            Some(ConnectState::Connected) => {
                let Some((socket, endpoint)) = wsi.client.visit(|state| state.racing.remove(index)) else { return };
                put_aside_current(wsi);
                wsi.socket.set(Some(socket));
                wsi.client.visit(|state| state.current = Some(endpoint));
                wsi.set(flag::ANNOUNCED);
                wsi.announced.set(poll_events::IN | poll_events::OUT);
                return won(may, cx, wsi);
            }
            Some(ConnectState::Failed(error)) => {
                let Some((socket, endpoint)) = wsi.client.visit(|state| state.racing.remove(index)) else { return };
                let current = wsi.socket.replace(Some(socket));
                let current_endpoint = wsi.client.visit(|state| state.current.replace(endpoint)).flatten();
                wsi.set(flag::ANNOUNCED);
                attempt_failed(cx, wsi, &error);
                drop_current(may, cx, wsi);
                wsi.socket.set(current);
                wsi.client.visit(|state| state.current = current_endpoint);
                if wsi.fd() >= 0 {
                    wsi.set(flag::ANNOUNCED);
                }
            }
            Some(ConnectState::Pending) | None => {}
        }
    }
}

fn attempt_failed(cx: &Context, wsi: &Wsi, error: &std::io::Error) {
    let errno = error.raw_os_error().unwrap_or(0);
    let endpoint = wsi.client.visit(|state| state.current.as_ref().map(Endpoint::to_string)).flatten();
    let proxied = wsi.client.visit(|state| !matches!(state.proxy, ProxyStage::None)).unwrap_or(false);
    let whose = if proxied { " (the proxy)" } else { "" };
    let facts = format!("step tcp: {}{whose}: {}", endpoint.unwrap_or_default(), net::describe(error));
    log::line(Level::Info, Scope::Wsi(wsi), "tcp", format_args!("errno {errno}, {facts}"));
    trace::note(cx, wsi, "tcp", format_args!("failed: {}", facts.strip_prefix("step tcp: ").unwrap_or(&facts)));
    note_failure(wsi, format!("conn fail: {errno}"), facts);
}

/// The wait for one address is over; the next ones, or attempts still pending, go on.
pub fn address_timed_out(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let endpoint = wsi.client.visit(|state| state.current.as_ref().map(Endpoint::to_string)).flatten();
    let facts = format!("step tcp: {}: no answer within {} s", endpoint.unwrap_or_default(), cx.settings.timeout_secs);
    trace::note(cx, wsi, "tcp", format_args!("failed: {}", facts.strip_prefix("step tcp: ").unwrap_or(&facts)));
    note_failure(wsi, "Unable to connect".into(), facts);
    drop_current(may, cx, wsi);
    if wsi.client.visit(|state| state.addresses.is_empty()) == Some(true) {
        close_racing(may, cx, wsi);
    }
    try_next(may, cx, wsi);
}

/// TCP is up: WSI_CREATE, then proxy, TLS, request.
fn won(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let id = wsi.id();
    close_racing(may, cx, wsi);
    monitor::connected(wsi);
    if cx.trace.is_some() {
        let endpoint = wsi.client.visit(|state| state.current.as_ref().map(Endpoint::to_string)).flatten();
        trace::step_ends(cx, wsi, "tcp", format_args!("connected to {}", endpoint.unwrap_or_default()));
    }
    clear_connect_deadlines(cx, wsi);
    wsi.client.visit(|state| state.addresses.clear());
    wsi.set(flag::WRITABLE);
    if !watch(may, cx, wsi, poll_events::IN, true) {
        return;
    }
    // Edges told while the socket was not connected are history: ask for the present state once more.
    cx.poller.rearm(wsi.fd(), id.bits());
    callback::wsi_create(may, cx, wsi);
    if wsi.id() != id || wsi.phase.get() != Phase::Connecting {
        return;
    }
    handshake::tcp_is_up(may, cx, wsi);
}
