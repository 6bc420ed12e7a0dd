//! Several http transactions over one kept connection (LCCSCF_PIPELINE, `keep_warm_secs`).
//!
//! Each transaction is a connection of its own for the program: own handle, own callbacks. TCP and TLS belong to exactly
//! one of them at a time, the *carrier*. Others for the same [`Destination`] wait in its queue, in [`Phase::Queued`], and
//! hold nothing but their request. When the carrier's transaction is complete, [`hand_over`] moves socket, TLS session
//! and the rest of the queue to the first that waits; the former carrier ends without a CLOSED callback, as in the
//! original. A kept connection without a queue waits `keep_warm_secs` for somebody to come.
//!
//! Requests go out one after the other: the next one when the reply before it is complete. What was not sent when a
//! carrier ends is not lost: the first of the queue makes a connection of its own and carries the rest. (The original
//! fails them all.) Only a carrier that cannot reach the destination takes its queue with it.
use super::conn_flag;
use super::{ClientState, Wanted, connect, fail, handshake, reply};
use crate::engine::cell::{MayCall, peek};
use crate::engine::close::{self, CloseCause, Who};
use crate::engine::context::Context;
use crate::engine::deadline;
use crate::engine::input::{self, Input};
use crate::engine::log::{self, Level, Scope};
use crate::engine::out;
use crate::engine::table::WsiId;
use crate::engine::tls::client_config::ClientTls;
use crate::engine::wsi::{Phase, Wsi, flag};
use crate::proto::http::method::Method;
use std::collections::VecDeque;
use std::ffi::OsString;
use std::sync::Arc;

/// How long a kept connection waits for the next transaction where the program says nothing.
const KEEP_WARM_SECS: u32 = 5;

/// What belongs to the socket, not to the transaction.
const OF_THE_SOCKET: u64 = flag::READABLE
    | flag::WRITABLE
    | flag::HUNG_UP
    | flag::PEER_ENDED
    | flag::TLS
    | flag::TLS_PLAIN
    | flag::WRITE_DEAD
    | flag::ANNOUNCED;

/// What two transactions must have in common to share a connection, besides the vhost.
///
/// With TLS also everything that decides whom we talk to and as whom: name, verification flags, ALPN, certificate, and the
/// configuration itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Destination {
    /// In lower case: host names have none.
    address: String,
    /// What is connected to instead, to the byte.
    unix_path: Option<OsString>,
    port: u16,
    iface: Option<String>,
    tls: Option<TlsPeer>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct TlsPeer {
    host: Vec<u8>,
    alpn: Option<String>,
    forgiven: i32,
    client_cert: u8,
    config: Config,
}

/// A TLS configuration: the same only if it is the very same, whatever is in it.
#[derive(Clone, Debug)]
struct Config(Option<Arc<ClientTls>>);

impl PartialEq for Config {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Some(own), Some(other)) => Arc::ptr_eq(own, other),
            (own, other) => own.is_none() && other.is_none(),
        }
    }
}

impl Eq for Config {}

impl Destination {
    fn of(state: &ClientState) -> Self {
        const FORGIVEN: i32 = conn_flag::ALLOW_SELFSIGNED
            | conn_flag::SKIP_HOSTNAME_CHECK
            | conn_flag::ALLOW_EXPIRED
            | conn_flag::ALLOW_INSECURE;
        Destination {
            address: state.target.address.to_ascii_lowercase(),
            unix_path: state.target.unix_path.clone(),
            port: state.target.port,
            iface: state.wishes.iface.clone(),
            tls: state.target.tls.then(|| TlsPeer {
                host: state.target.host.to_ascii_lowercase(),
                alpn: state.alpn.clone(),
                forgiven: state.flags & FORGIVEN,
                client_cert: state.client_cert,
                config: Config(state.tls.clone()),
            }),
        }
    }
}

/// The part of a transaction that may share its connection.
pub struct Pipeline {
    destination: Destination,
    /// Who waits for this connection, in order. Some may have ended meanwhile.
    queue: VecDeque<WsiId>,
    /// It makes or has the connection; false: it waits for another's.
    leads: bool,
    /// The connection carried other transactions before.
    reused: bool,
    /// Something is wrong with the connection: it carries no further transaction.
    spoiled: bool,
    /// The connection it waited for could not be made: text for the program, and facts.
    failed: Option<(String, String)>,
}

/// Marks a new client connection as one that may share its TCP connection, if it asks for that.
pub fn begin(state: &mut ClientState) {
    let is_http = matches!(state.wanted, Wanted::Http(method) if method != Method::Connect);
    if is_http && state.flags & conn_flag::PIPELINE != 0 {
        let destination = Destination::of(state);
        let (queue, failed) = (VecDeque::new(), None);
        let own = Pipeline { destination, queue, leads: true, reused: false, spoiled: false, failed };
        state.pipeline = Some(Box::new(own));
    }
}

fn visit<R>(wsi: &Wsi, work: impl FnOnce(&mut Pipeline) -> R) -> Option<R> {
    wsi.client.visit(|state| state.pipeline.as_deref_mut().map(work)).flatten()
}

/// Seconds that a connection is kept after its transaction.
pub fn keep_warm_secs(wsi: &Wsi) -> u32 {
    match wsi.client.visit(|state| state.keep_warm_secs) {
        Some(secs) if secs != 0 => u32::from(secs),
        _ => KEEP_WARM_SECS,
    }
}

/// Takes over the idle connection of an earlier transaction, or queues on one that is busy. False: it needs its own.
pub fn join(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    let Some(destination) = visit(wsi, |own| own.destination.clone()) else { return false };
    let Some(carrier) = carrier_to(may, cx, wsi, &destination) else {
        lead(wsi);
        return false;
    };
    visit(wsi, |own| own.leads = false);
    wsi.phase.set(Phase::Queued);
    if is_idle(carrier) {
        log::line(
            Level::Info,
            Scope::Wsi(wsi),
            "pipeline",
            format_args!("takes over the connection of {}", carrier.tag()),
        );
        hand_over(cx, carrier, wsi);
        cx.make_pending(carrier);
    } else {
        log::line(
            Level::Info,
            Scope::Wsi(wsi),
            "pipeline",
            format_args!("waits for the connection of {}", carrier.tag()),
        );
        visit(carrier, |other| other.queue.push_back(wsi.id()));
    }
    true
}

/// From here on it is found by others.
fn lead(wsi: &Wsi) {
    let id = wsi.id();
    visit(wsi, |own| own.leads = true);
    wsi.with_vhost(|vhost| {
        peek(&vhost.carriers, |carriers| {
            if !carriers.contains(&id) {
                carriers.push(id);
            }
        })
    });
}

fn lead_no_more(wsi: &Wsi) {
    wsi.with_vhost(|vhost| peek(&vhost.carriers, |carriers| carriers.retain(|id| *id != wsi.id())));
}

/// A connection to `destination` that can carry one more transaction; one that is idle if there is such.
fn carrier_to<'a>(may: &mut MayCall, cx: &'a Context, wsi: &Wsi, destination: &Destination) -> Option<&'a Wsi> {
    let ids = wsi.with_vhost(|vhost| peek(&vhost.carriers, |carriers| carriers.clone()))?;
    let mut busy = None;
    for carrier in ids.into_iter().filter_map(|id| cx.wsi(id)) {
        let fits = visit(carrier, |other| other.destination == *destination && !other.spoiled) == Some(true);
        if !fits || !may_carry(carrier) {
            continue;
        }
        if !is_idle(carrier) {
            busy = busy.or(Some(carrier));
        } else if is_quiet(may, cx, carrier) {
            return Some(carrier);
        }
    }
    busy
}

/// Whether the connection, as far as one can tell, lives on behind the transaction that it carries now.
fn may_carry(wsi: &Wsi) -> bool {
    let persists = match wsi.phase.get() {
        Phase::Queued
        | Phase::Resolving
        | Phase::Connecting
        | Phase::Proxy
        | Phase::TlsHandshake
        | Phase::AwaitReply => true,
        Phase::ReplyBody | Phase::ReplyDone => wsi.http.visit(|http| http.reply_persists()) == Some(true),
        _ => false,
    };
    persists && !wsi.has(flag::KILL | flag::WRITE_DEAD | flag::PEER_ENDED | flag::HANDED_OVER)
}

/// Its transaction is over, nobody waits, and none of its callbacks is running.
fn is_idle(wsi: &Wsi) -> bool {
    wsi.phase.get() == Phase::ReplyDone
        && wsi.pins.get() == 0
        && visit(wsi, |own| own.queue.is_empty()) == Some(true)
        && can_go_on(wsi)
}

/// Whether a completed transaction left the connection in order: all of the request sent, no byte behind the reply.
fn can_go_on(wsi: &Wsi) -> bool {
    let body_pending = wsi.client.visit(|state| state.body_pending).unwrap_or(true);
    may_carry(wsi)
        && !body_pending
        && wsi.stash_len() == 0
        && out::queued(wsi) == 0
        && visit(wsi, |own| own.spoiled) == Some(false)
}

/// Looks whether the server closed an idle connection, or said something unasked, without an event telling so yet.
fn is_quiet(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    wsi.set(flag::READABLE);
    let quiet = matches!(input::read(may, cx, wsi, &mut [0; 64]), Input::Empty);
    if !quiet {
        visit(wsi, |own| own.spoiled = true);
        // The loop finds the end once more, and closes it.
        wsi.set(flag::READABLE | flag::HUNG_UP);
        cx.make_pending(wsi);
    }
    quiet
}

/// Bytes came behind the reply: nobody knows what they are an answer to.
pub fn spoil(wsi: &Wsi) {
    if visit(wsi, |own| !std::mem::replace(&mut own.spoiled, true)) == Some(true) {
        let text = format_args!("the server sent bytes behind its reply: the connection is not used again");
        log::line(Level::Info, Scope::Wsi(wsi), "pipeline", text);
    }
}

/// The transaction is over and no callback is running: the next one that waits gets the connection. False: it stays.
pub fn pass_on(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    if wsi.has(flag::HANDED_OVER) {
        close::at_once(may, cx, wsi, CloseCause::ours("its transaction is complete, the connection carries the next"));
        return true;
    }
    if visit(wsi, |own| own.queue.is_empty()) != Some(false) {
        return false;
    }
    if !can_go_on(wsi) {
        release(cx, wsi);
        return false;
    }
    let Some(next) = next_waiting(cx, wsi) else { return false };
    hand_over(cx, wsi, next);
    close::at_once(may, cx, wsi, CloseCause::ours("its transaction is complete, the connection carries the next"));
    true
}

/// The first in the queue that still waits; it is taken out.
fn next_waiting<'a>(cx: &'a Context, wsi: &Wsi) -> Option<&'a Wsi> {
    while let Some(id) = visit(wsi, |own| own.queue.pop_front()).flatten() {
        if let Some(next) = cx.wsi(id).filter(|next| next.phase.get() == Phase::Queued) {
            return Some(next);
        }
    }
    None
}

/// Moves the connection from one transaction to the next one, with everybody who waits for it.
fn hand_over(cx: &Context, from: &Wsi, to: &Wsi) {
    let socket = from.socket.take();
    to.socket.set(socket);
    if let Some(tls) = from.tls.take() {
        to.tls.set(tls);
    }
    let records = from.peek_rare(|rare| !rare.records.is_empty()) == Some(true);
    if records {
        let records = from.with_rare(|rare| std::mem::take(&mut rare.records));
        to.with_rare(|rare| rare.records = records);
    }
    for bit in (0..u64::BITS).map(|bit| 1 << bit).filter(|bit| OF_THE_SOCKET & bit != 0) {
        if from.has(bit) {
            to.set(bit);
        }
    }
    from.clear(OF_THE_SOCKET);
    from.set(flag::HANDED_OVER);
    to.announced.set(from.announced.replace(0));
    deadline::clear_timeout(cx, from);
    lead_no_more(from);
    inherit(cx, from, to);
    let keep_warm = from.client.visit(|state| state.keep_warm_secs).unwrap_or(0);
    to.client.visit(|state| {
        state.keep_warm_secs = keep_warm;
        state.proxy = super::ProxyStage::None;
    });
    visit(to, |next| next.reused = true);
    let fd = to.fd();
    cx.remember_fd(fd, to.id());
    // Also asks for the present state once more: edges that were told to the former owner are history.
    cx.poller.rearm(fd, to.id().bits());
}

/// Gives the queue of `from` to `to`, which leads from here on.
fn inherit(cx: &Context, from: &Wsi, to: &Wsi) {
    let queue = visit(from, |own| std::mem::take(&mut own.queue)).unwrap_or_default();
    visit(to, |next| next.queue = queue);
    lead(to);
    cx.make_pending(to);
}

/// A carrier ends, or goes elsewhere: the first that waits makes a connection of its own and carries the rest.
pub fn release(cx: &Context, wsi: &Wsi) {
    if visit(wsi, |_| ()).is_none() {
        return;
    }
    lead_no_more(wsi);
    if !cx.is_running() {
        return;
    }
    if let Some(next) = next_waiting(cx, wsi) {
        let text = format_args!("the connection it waited for is not to be used: makes its own");
        log::line(Level::Info, Scope::Wsi(next), "pipeline", text);
        inherit(cx, wsi, next);
    }
}

/// A carrier ended while it was in phase `before`: see [`release`]. If the destination cannot be reached, those that wait
/// hear of it too; each trying for itself could take a timeout after the other.
pub fn ended(cx: &Context, wsi: &Wsi, before: Phase) {
    let was_connecting = matches!(before, Phase::Resolving | Phase::Connecting | Phase::Proxy | Phase::TlsHandshake);
    if !was_connecting || !cx.is_running() {
        return release(cx, wsi);
    }
    let cause = wsi.peek_rare(|rare| rare.cause.as_ref().map(|cause| (cause.who, cause.text.clone()))).flatten();
    let Some((who, text)) = cause else { return release(cx, wsi) };
    if who != Who::Timeout && !wsi.has(flag::ERROR_REPORTED) {
        return release(cx, wsi);
    }
    while let Some(next) = next_waiting(cx, wsi) {
        let facts = format!("the connection it waited for (LCCSCF_PIPELINE) failed: {text}");
        visit(next, |other| other.failed = Some(("Unable to connect".into(), facts)));
        cx.make_pending(next);
    }
    release(cx, wsi);
}

/// The loop visits a transaction that waits: its turn may have come.
pub fn on_turn(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if let Some((text, facts)) = visit(wsi, |own| own.failed.take()).flatten() {
        return fail(may, cx, wsi, &text, &facts);
    }
    if visit(wsi, |own| own.leads) != Some(true) {
        return;
    }
    if wsi.fd() >= 0 {
        return handshake::send_request(may, cx, wsi);
    }
    wsi.phase.set(Phase::Idle);
    connect::begin(may, cx, wsi);
}

/// A redirect leads elsewhere: nobody waits for this connection, and it is found under its new destination.
pub fn redirected(cx: &Context, wsi: &Wsi) {
    release(cx, wsi);
    let found = wsi.client.visit(|state| {
        let destination = Destination::of(state);
        state.pipeline.as_deref_mut().map(|own| {
            own.destination = destination;
            (own.reused, own.spoiled) = (false, false);
        })
    });
    if found.flatten().is_some() {
        lead(wsi);
    }
}

/// The server closed a kept connection just when the request was sent. RFC 9112 §9.3.1 and RFC 9110 §9.2.2 let us send a
/// safe request again on a new connection. False: not such a case.
pub fn try_again(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    let may_repeat = wsi.client.visit(|state| {
        let is_safe = matches!(state.wanted, Wanted::Http(Method::Get | Method::Head | Method::Options));
        is_safe && !state.body_pending && !state.reader.has_begun()
    });
    if may_repeat != Some(true) || visit(wsi, |own| std::mem::replace(&mut own.reused, false)) != Some(true) {
        return false;
    }
    let text = format_args!("the server closed the kept connection before it replied: trying again on a new one");
    log::line(Level::Info, Scope::Wsi(wsi), "pipeline", text);
    let id = wsi.id();
    reply::drop_connection(may, cx, wsi);
    if wsi.id() == id && wsi.phase.get() != Phase::Dead {
        wsi.phase.set(Phase::Idle);
        connect::begin(may, cx, wsi);
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    fn destination(port: u16, tls: Option<(&str, i32)>) -> Destination {
        Destination {
            address: "a.example".into(),
            unix_path: None,
            port,
            iface: None,
            tls: tls.map(|(host, forgiven)| TlsPeer {
                host: host.into(),
                alpn: None,
                forgiven,
                client_cert: 0,
                config: Config(None),
            }),
        }
    }

    #[test]
    fn only_the_same_destination_is_shared() {
        assert_eq!(destination(80, None), destination(80, None));
        assert_ne!(destination(80, None), destination(81, None));
        assert_ne!(destination(80, None), destination(80, Some(("a.example", 0))));
    }

    #[test]
    fn paths_of_unix_sockets_are_told_apart_to_the_byte() {
        let at =
            |path: &[u8]| Destination { unix_path: Some(OsStr::from_bytes(path).to_owned()), ..destination(80, None) };
        assert_eq!(at(b"/tmp/a"), at(b"/tmp/a"));
        assert_ne!(at(b"/tmp/a"), at(b"/tmp/A"));
        assert_ne!(at(b"/tmp/\xe8"), at(b"/tmp/\xe9"));
    }

    #[test]
    fn a_connection_verified_under_other_rules_is_not_shared() {
        let strict = destination(443, Some(("a.example", 0)));
        assert_ne!(strict, destination(443, Some(("a.example", conn_flag::ALLOW_EXPIRED))));
        assert_ne!(strict, destination(443, Some(("b.example", 0))));
    }
}
