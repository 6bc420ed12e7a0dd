//! The first bytes of a client on a TLS port: a ClientHello, which chooses vhost and configuration, or plain text.
use super::callback;
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::Context;
use super::log::{self, Level, Scope};
use super::role::h2;
use super::tls::acceptor::{Hello, Received, Refused, looks_like_plaintext};
use super::tls_hooks::{self, After};
use super::vhost::option;
use super::wsi::{Phase, Role, Wsi, flag};
use super::{adopt, input, net, out, server, trace, vhost_select};

/// Records of a client in the handshake: first the ClientHello alone, which chooses the configuration.
pub fn on_ready(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if !wsi.tls.is_set() {
        match first_bytes(may, cx, wsi) {
            Ok(true) => {}
            Ok(false) => return,
            Err(why) => return refuse(may, cx, wsi, &why),
        }
    }
    if let Err(trouble) = input::receive_records(may, cx, wsi) {
        // The secrets of a failed handshake are wanted, too.
        if matches!(tls_hooks::run(may, cx, wsi), After::Gone) {
            return;
        }
        // The alert leaves before the end.
        out::append(cx, wsi, |_| ());
        out::flush(may, cx, wsi);
        let why = if trouble.detail.is_empty() { trouble.text } else { trouble.detail };
        return refuse(may, cx, wsi, &why);
    }
    match tls_hooks::run(may, cx, wsi) {
        After::GoOn => {}
        After::Gone => return,
        After::Refused(trouble) => {
            let why = if trouble.detail.is_empty() { trouble.text } else { trouble.detail };
            return refuse(may, cx, wsi, &why);
        }
    }
    out::append(cx, wsi, |_| ());
    if matches!(wsi.tls.with(may, |tls| tls.is_handshaking()), Some(false)) {
        let facts = wsi.tls.with(may, |tls| super::client::handshake::describe(tls.negotiated())).unwrap_or_default();
        log::line(Level::Info, Scope::Wsi(wsi), "tls", format_args!("{facts}"));
        trace::tls_done(cx, wsi);
        super::tls_limit::released(cx);
        // The first bytes of the client may have come with the end of its handshake.
        wsi.set(flag::TLS_PLAIN);
        if wsi.role.get() == Role::RawSocket {
            return adopt::raw_tls_done(may, cx, wsi);
        }
        await_request(may, cx, wsi);
    } else if wsi.has(flag::PEER_ENDED) {
        refuse(may, cx, wsi, "the client closed during the handshake");
    }
}

fn await_request(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if wsi.tls.visit(|tls| tls.negotiated().alpn.as_deref() == Some("h2")) == Some(true) {
        return h2::start(cx, wsi, Vec::new());
    }
    wsi.phase.set(Phase::RequestHead);
    server::expect_head(cx, wsi);
    server::on_ready(may, cx, wsi);
}

fn refuse(may: &mut MayCall, cx: &Context, wsi: &Wsi, why: &str) {
    log::line(Level::Info, Scope::Wsi(wsi), "tls", format_args!("handshake failed: {why}"));
    trace::note(cx, wsi, "tls", format_args!("handshake failed: {why}"));
    close::at_once(may, cx, wsi, CloseCause::peer(format!("TLS handshake failed: {why}")));
}

/// Reads until the ClientHello is there. Ok(false): it is not, or the connection goes on without TLS.
fn first_bytes(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> Result<bool, String> {
    let mut buffer = [0; 4096];
    loop {
        // Stashed here is what the program read before it handed the socket over.
        let early = wsi.unstash(&mut buffer);
        let count = if early > 0 {
            early
        } else if wsi.has(flag::READABLE | flag::HUNG_UP) {
            match net::read(wsi, &mut buffer) {
                net::ReadResult::Bytes(count) => count,
                net::ReadResult::Empty => {
                    wsi.clear(flag::READABLE | flag::HUNG_UP);
                    return Ok(false);
                }
                net::ReadResult::End => return Err("the client closed".into()),
                net::ReadResult::Failed(error) => return Err(net::describe(&error).into_owned()),
            }
        } else {
            return Ok(false);
        };
        let is_first = wsi.http.visit(|http| http.acceptor.as_ref().is_some_and(|acceptor| acceptor.is_new()));
        if is_first == Some(true) && looks_like_plaintext(buffer[0]) {
            return plain_text(may, cx, wsi, &buffer[..count]).map(|()| false);
        }
        let received = wsi.http.with(may, |http| {
            let received = http.acceptor.as_mut().map(|acceptor| acceptor.receive(&buffer[..count]));
            if matches!(received, Some(Ok(Received::Hello(_)))) {
                http.acceptor = None;
            }
            received
        });
        match received.flatten() {
            Some(Ok(Received::NeedMore)) => {}
            Some(Ok(Received::Hello(hello))) => {
                choose(may, cx, wsi, *hello)?;
                return Ok(true);
            }
            Some(Err(refused)) => return Err(alert(wsi, &refused)),
            None => return Err("bug: acceptor lost".into()),
        }
    }
}

/// The vhost by SNI, and its configuration.
fn choose(may: &mut MayCall, cx: &Context, wsi: &Wsi, hello: Hello) -> Result<(), String> {
    let accepting = wsi.with_vhost(|vhost| vhost.server_tls()).flatten();
    if let Some(name) = hello.sni().map(str::to_string) {
        let id = wsi.id();
        vhost_select::by_sni(may, cx, wsi, &name);
        if wsi.id() != id || wsi.phase.get() == Phase::Dead {
            return Err("closed by the program".into());
        }
    }
    let config = wsi.with_vhost(|vhost| vhost.server_tls()).flatten().or(accepting);
    let Some(config) = config else { return Err("the vhost has no certificate yet".into()) };
    let made = if config.calls_program() {
        let id = wsi.id();
        let made = callback::in_program(may, cx, wsi, || hello.into_session(&config));
        if wsi.id() != id || wsi.phase.get() == Phase::Dead || wsi.has(flag::KILL) {
            return Err("closed by the program".into());
        }
        made
    } else {
        hello.into_session(&config)
    };
    let session = made.map_err(|refused| alert(wsi, &refused))?;
    wsi.tls.set(Box::new(session));
    wsi.set(flag::TLS);
    Ok(())
}

/// Sends the alert of a refused hello and gives the reason in words.
fn alert(wsi: &Wsi, refused: &Refused) -> String {
    wsi.with_socket(|socket| drop(socket.send_with_flags(&refused.alert, libc::MSG_NOSIGNAL)));
    refused.error.detail().to_string()
}

/// Plain text on a TLS port: redirected, served, raw or closed, as the vhost's options say, in this order.
fn plain_text(may: &mut MayCall, cx: &Context, wsi: &Wsi, bytes: &[u8]) -> Result<(), String> {
    let allows =
        |bits: u64| wsi.with_vhost(|vhost| vhost.has_option(option::ALLOW_PLAIN_ON_TLS_PORT | bits)) == Some(true);
    let is_raw = wsi.role.get() == Role::RawSocket;
    if is_raw {
        return Err("the client does not speak TLS".into());
    }
    let redirects = allows(option::REDIRECT_HTTP_TO_HTTPS);
    if !redirects && !allows(option::HTTP_ON_TLS_PORT) {
        if allows(option::FALLBACK_TO_RAW) {
            adopt::fall_back_to_raw(may, cx, wsi, bytes.to_vec());
            return Ok(());
        }
        return Err("the client does not speak TLS".into());
    }
    if redirects {
        wsi.set(flag::TO_HTTPS);
    }
    wsi.stash_in_front(bytes.to_vec());
    wsi.http.visit(|http| http.acceptor = None);
    await_request(may, cx, wsi);
    Ok(())
}
