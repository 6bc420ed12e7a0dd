//! The listeners of a vhost: opened with it, or later when their interface appears; what is left of them at its end.
use super::cell::MayCall;
use super::context::Context;
use super::log::{self, Level, Scope};
use super::timer::{Micros, NEVER, SECOND};
use super::vhost::{Vhost, option};
use super::wsi::Role;
use super::{net, poll_events};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::rc::Rc;

/// Between two looks for an interface that is not there.
const RETRY_AFTER: Micros = 2 * SECOND;

/// Opens the listeners of a vhost.
pub fn open(may: &mut MayCall, cx: &Context, vhost: &Rc<Vhost>) -> io::Result<()> {
    let sockets = net::listen(vhost)?;
    if let Some(path) = socket_file(vhost) {
        set_owner(vhost, path);
    }
    let mut ids = Vec::new();
    for socket in sockets {
        let Some(wsi) = cx.new_wsi(vhost, Role::Listen) else { return Err(io::ErrorKind::OutOfMemory.into()) };
        if vhost.listen_port.get() == 0 {
            vhost.listen_port.set(net::local_port(&socket));
        }
        wsi.socket.set(Some(socket));
        wsi.protocol.set(vhost.first_protocol());
        if !poll_events::add(may, cx, wsi) {
            return Err(io::Error::other("the poller refused the listener"));
        }
        ids.push(wsi.id());
    }
    vhost.listeners.set(ids);
    Ok(())
}

/// The file of a unix socket; none for the abstract name space.
fn socket_file(vhost: &Vhost) -> Option<&Path> {
    let name = vhost.settings.iface.as_deref().filter(|_| vhost.has_option(option::UNIX_SOCKET))?;
    (!name.as_bytes().starts_with(b"@")).then_some(Path::new(name))
}

/// Where the program names who may connect: the file belongs to them, and to nobody else.
fn set_owner(vhost: &Vhost, path: &Path) {
    let Some((user, group)) = vhost.settings.socket_owner else { return };
    let result = std::os::unix::fs::chown(path, Some(user), Some(group))
        .and_then(|()| std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o660)));
    if let Err(error) = result {
        let text = format_args!("cannot give {} to {user}:{group}: {}", path.display(), net::describe(&error));
        log::line(Level::Err, Scope::Vhost(vhost), "listen", text);
    }
}

/// A vhost ends that listened itself: a unix socket leaves no file behind.
pub fn closed(vhost: &Vhost) {
    let listeners = vhost.listeners.take();
    if !listeners.is_empty()
        && let Some(path) = socket_file(vhost)
    {
        let _ = std::fs::remove_file(path);
    }
}

/// The interface of a vhost is not there: it listens when it appears.
pub fn open_later(cx: &Context, vhost: &Vhost) {
    vhost.awaits_interface.set(true);
    if next_due(cx).is_none() {
        cx.listeners_due.set(cx.time() + RETRY_AFTER);
    }
}

/// When interfaces are looked for next.
pub fn next_due(cx: &Context) -> Option<Micros> {
    Some(cx.listeners_due.get()).filter(|due| *due != NEVER)
}

/// Tries again what [`open_later`] noted.
pub fn run_due(may: &mut MayCall, cx: &Context) {
    if next_due(cx).is_none_or(|due| due > cx.now.get()) {
        return;
    }
    cx.listeners_due.set(NEVER);
    cx.worked.set(true);
    for vhost in cx.all_vhosts() {
        if !vhost.awaits_interface.get() || vhost.being_destroyed.get() {
            continue;
        }
        match open(may, cx, &vhost) {
            Ok(()) => {
                vhost.awaits_interface.set(false);
                let text = format_args!("the interface is there: listening on port {}", vhost.listen_port.get());
                log::line(Level::Notice, Scope::Vhost(&vhost), "listen", text);
            }
            Err(_) => open_later(cx, &vhost),
        }
        if !cx.is_running() {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::vhost::VhostSettings;

    fn of(iface: &str, options: u64) -> Vhost {
        Vhost::new(VhostSettings { iface: Some(iface.into()), options, ..VhostSettings::default() }, Vec::new())
    }

    #[test]
    fn only_unix_sockets_with_a_path_have_a_file() {
        assert_eq!(socket_file(&of("/run/x", option::UNIX_SOCKET)), Some(Path::new("/run/x")));
        assert_eq!(socket_file(&of("@x", option::UNIX_SOCKET)), None);
        assert_eq!(socket_file(&of("lo", 0)), None);
    }
}
