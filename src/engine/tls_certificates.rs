//! Certificates of vhosts over time: their age is told, and new ones are taken while the vhost serves.
use super::callback::{self, Arg, Reason};
use super::cell::MayCall;
use super::context::Context;
use super::log::{self, Level, Scope};
use super::timer::{Micros, NEVER, SECOND};
use super::tls::pem::Source;
use super::tls::server_config::ServerTls;
use super::vhost::Vhost;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// First look at the certificates after TLS was set up.
const FIRST_LOOK: Micros = 5 * SECOND;
const BETWEEN_LOOKS: Micros = 24 * 3600 * SECOND;

/// A vhost serves TLS from now on.
pub fn watch(cx: &Context) {
    if cx.certificates_due.get() == NEVER {
        cx.certificates_due.set(cx.time() + FIRST_LOOK);
    }
}

/// When certificates are looked at next.
pub fn next_due(cx: &Context) -> Option<Micros> {
    Some(cx.certificates_due.get()).filter(|due| *due != NEVER)
}

/// VHOST_CERT_AGING for each vhost with a certificate, to each protocol of all vhosts: `len` the days it is good for.
pub fn run_due(may: &mut MayCall, cx: &Context) {
    if next_due(cx).is_none_or(|due| due > cx.now.get()) {
        return;
    }
    cx.worked.set(true);
    cx.certificates_due.set(cx.now.get() + BETWEEN_LOOKS);
    for aging in cx.all_vhosts() {
        let Some(days) = days_left(&aging) else { continue };
        for vhost in cx.all_vhosts() {
            if vhost.being_destroyed.get() || aging.being_destroyed.get() {
                continue;
            }
            callback::to_vhost(may, cx, &vhost, Reason::VhostCertAging, |_| Arg::CertAging(&aging, days));
            if !cx.is_running() {
                return;
            }
        }
    }
}

fn days_left(vhost: &Vhost) -> Option<usize> {
    let certificate = vhost.server_tls()?.certificate()?;
    let now = SystemTime::now().duration_since(UNIX_EPOCH).ok()?.as_secs();
    let left = certificate.not_after().saturating_sub(i64::try_from(now).ok()?);
    Some(usize::try_from(left / 86_400).unwrap_or(0))
}

/// A renewed certificate and its key; bytes count where the file cannot be read (any more).
pub struct Renewed<'a> {
    pub cert_path: &'a Path,
    pub key_path: &'a Path,
    pub cert_bytes: &'a [u8],
    pub key_bytes: &'a [u8],
}

/// Takes new certificates for every vhost that was made with these paths. Connections that exist keep the old ones, and
/// so does a vhost whose new ones cannot be used.
pub fn renew(cx: &Context, renewed: &Renewed<'_>) {
    let source = |path: &Path, bytes: &[u8]| {
        let is_readable = std::fs::File::open(path).is_ok();
        if is_readable || bytes.is_empty() { Source::File(path.into()) } else { Source::Mem(bytes.to_vec()) }
    };
    for vhost in cx.all_vhosts() {
        let settings = vhost.server_settings.take();
        if let Some(settings) = &settings {
            let is_same = |source: &Source, path: &Path| matches!(source, Source::File(own) if own == path);
            let key = settings.key.as_ref().unwrap_or(&settings.cert);
            if is_same(&settings.cert, renewed.cert_path) && is_same(key, renewed.key_path) {
                let cert = source(renewed.cert_path, renewed.cert_bytes);
                let key = source(renewed.key_path, renewed.key_bytes);
                renew_vhost(cx, &vhost, settings, cert, key);
            }
        }
        vhost.server_settings.set(settings);
    }
}

fn renew_vhost(
    cx: &Context,
    vhost: &Rc<Vhost>,
    settings: &super::tls::server_config::ServerSettings,
    cert: Source,
    key: Source,
) {
    let result = match vhost.server_tls() {
        Some(tls) => tls.reload(&cert, &key, settings.password.as_ref()),
        None => {
            let settings = super::tls::server_config::ServerSettings { cert, key: Some(key), ..settings.clone() };
            ServerTls::build(&settings).map(|tls| vhost.set_server_tls(Arc::new(tls)))
        }
    };
    match result {
        Ok(()) => {
            watch(cx);
            log::line(Level::Notice, Scope::Vhost(vhost), "tls", format_args!("a renewed certificate is in use"));
        }
        Err(error) => {
            let text = format_args!("the renewed certificate cannot be used, the old one stays: {error}");
            log::line(Level::Err, Scope::Vhost(vhost), "tls", text);
        }
    }
}
