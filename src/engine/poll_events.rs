//! What external pollers are told: a descriptor came, went, or is watched for other events.
//!
//! The internal loop never needs these; a program with its own loop does. Around each stand LOCK_POLL and UNLOCK_POLL.
use super::callback::{self, Arg, PollArgs, Reason};
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::Context;
use super::log::{self, Level, Scope};
use super::wsi::{Phase, Wsi, flag};

pub const IN: u16 = libc::POLLIN as u16;
pub const OUT: u16 = libc::POLLOUT as u16;

/// Registers the socket of `wsi` with the poller and announces it. False: the program or the system refused.
pub fn add(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    let fd = wsi.fd();
    let id = wsi.id();
    if fd < 0 || cx.poller.add(fd, id.bits()).is_err() {
        return false;
    }
    cx.remember_fd(fd, id);
    wsi.set(flag::ANNOUNCED);
    wsi.announced.set(IN);
    let bare = PollArgs { fd, events: 0, previous: 0 };
    let args = PollArgs { fd, events: i32::from(IN), previous: 0 };
    let refused = callback::to_first(may, cx, wsi, Reason::LockPoll, Arg::Poll(bare, 1)) != 0
        || callback::to_first(may, cx, wsi, Reason::AddPollFd, Arg::Poll(args, 0)) != 0;
    callback::to_first(may, cx, wsi, Reason::UnlockPoll, Arg::Poll(args, 1));
    !refused && wsi.id() == id
}

/// Tells an external poller which events are wanted now. `always`: also when nothing changed.
///
/// False: the program refused. Without its poller the connection cannot go on, so the loop ends it.
pub fn change(may: &mut MayCall, cx: &Context, wsi: &Wsi, events: u16, always: bool) -> bool {
    let previous = wsi.announced.get();
    if !wsi.has(flag::ANNOUNCED) || previous == events && !always {
        return true;
    }
    wsi.announced.set(events);
    let (fd, id) = (wsi.fd(), wsi.id());
    let bare = PollArgs { fd, events: 0, previous: 0 };
    let args = PollArgs { fd, events: i32::from(events), previous: i32::from(previous) };
    let refused = callback::to_first(may, cx, wsi, Reason::LockPoll, Arg::Poll(bare, 0)) != 0
        || callback::to_first(may, cx, wsi, Reason::ChangeModePollFd, Arg::Poll(args, 0)) != 0;
    callback::to_first(may, cx, wsi, Reason::UnlockPoll, Arg::Poll(args, 0));
    if refused && wsi.id() == id && wsi.phase.get() != Phase::Dead {
        close::note_cause(cx, wsi, CloseCause::ours("the program refused the descriptor at CHANGE_MODE_POLL_FD"));
        wsi.set(flag::KILL);
        cx.make_pending(wsi);
    }
    !refused
}

/// Announces POLLOUT exactly while something waits to be written. A connect under way keeps it: that is how it ends.
pub fn update(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if !wsi.has(flag::ANNOUNCED) || wsi.phase.get() == Phase::Connecting {
        return;
    }
    let wants_out =
        wsi.has(flag::WANTS_WRITEABLE | flag::OWES_WRITEABLE | flag::BACKLOG) || super::out::queued(wsi) > 0;
    let reads = if wsi.rx_held.get() == 0 { IN } else { 0 };
    let events = if wants_out { reads | OUT } else { reads };
    // Each visit ends here and mostly nothing changed, which needs no call.
    if events != wsi.announced.get() {
        change(may, cx, wsi, events, false);
    }
}

/// Takes the socket out of the poller and announces that it goes.
pub fn remove(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if wsi.fd() >= 0 {
        cx.poller.remove(wsi.fd());
    }
    withdraw(may, cx, wsi);
}

/// Takes a descriptor that is handed back out of the poller, as if it had never been there.
pub fn forget(cx: &Context, wsi: &Wsi) {
    cx.poller.remove(wsi.fd());
    cx.forget_fd(wsi.fd(), wsi.id());
}

/// [`remove`] of a socket that is about to be closed, which takes it out of the poller. Where something else holds it open (a
/// forked process, a copy of the program), the loop wakes at what happens to it, and finds that the name is dead.
pub fn withdraw(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    let fd = wsi.fd();
    if fd < 0 {
        return;
    }
    cx.forget_fd(fd, wsi.id());
    if !wsi.has(flag::ANNOUNCED) {
        return;
    }
    wsi.clear(flag::ANNOUNCED);
    let bare = PollArgs { fd, events: 0, previous: 0 };
    callback::to_first(may, cx, wsi, Reason::LockPoll, Arg::Poll(bare, 1));
    callback::to_first(may, cx, wsi, Reason::DelPollFd, Arg::Poll(bare, 0));
    callback::to_first(may, cx, wsi, Reason::UnlockPoll, Arg::Poll(bare, 1));
    wsi.set(flag::TOLD_GONE);
}

/// Announces the context's own eventfd, through which helper threads report: without it a foreign loop would not wake
/// when a name is resolved. Until [`withdraw_wake`]; told to the first protocol of the first vhost.
pub fn announce_wake(may: &mut MayCall, cx: &Context) {
    if !cx.wake_announced.replace(true) && tell_about_wake(may, cx, Reason::AddPollFd, i32::from(IN)) != 0 {
        let text = format_args!("the program does not watch fd {}: names resolve when it next services", cx.wake.fd());
        log::line(Level::Warn, Scope::Context(cx), "poll", text);
    }
}

/// Nothing is expected from helper threads any more. Harmless when it was not announced.
pub fn withdraw_wake(may: &mut MayCall, cx: &Context) {
    if cx.wake_announced.replace(false) {
        tell_about_wake(may, cx, Reason::DelPollFd, 0);
    }
}

fn tell_about_wake(may: &mut MayCall, cx: &Context, reason: Reason, events: i32) -> i32 {
    let Some(vhost) = cx.all_vhosts().into_iter().next() else { return 0 };
    let Some(stub) = cx.stub(&vhost) else { return 0 };
    let fd = cx.wake.fd();
    let bare = PollArgs { fd, events: 0, previous: 0 };
    let args = PollArgs { fd, events, previous: 0 };
    callback::to_first(may, cx, stub, Reason::LockPoll, Arg::Poll(bare, 1));
    let verdict = callback::to_first(may, cx, stub, reason, Arg::Poll(args, 0));
    callback::to_first(may, cx, stub, Reason::UnlockPoll, Arg::Poll(args, 1));
    cx.discard_stub(stub);
    verdict
}

/// The pair of lock callbacks that surrounds the final step of the end.
pub fn end_pair(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if !wsi.has(flag::TOLD_GONE) {
        return;
    }
    let bare = PollArgs { fd: wsi.fd(), events: 0, previous: 0 };
    callback::to_first(may, cx, wsi, Reason::LockPoll, Arg::Poll(bare, 1));
    callback::to_first(may, cx, wsi, Reason::UnlockPoll, Arg::Poll(bare, 1));
}
