//! When the context needs a turn, for loops that are not ours: a timer among the descriptors of the poller.
//!
//! The poller's own descriptor is readable when a connection or another thread has something to tell. With this timer it
//! is so too when a timer is due and when work is pending that needs no descriptor: then one descriptor says it all, and
//! any loop can watch a whole context. Contexts that nobody asked for it pay one comparison per entry.
use super::context::Context;
use super::poller::TIMER;
use super::service;
use super::sys::TimerFd;
use super::timer::Micros;
use std::cell::{Cell, OnceCell};

/// The timer, once it is asked for.
#[derive(Default)]
pub struct LoopTimer {
    timer: OnceCell<TimerFd>,
    /// When the poller becomes readable because of it; [`UNSET`] when it is not set, or told already.
    armed: Cell<Micros>,
}

const UNSET: Micros = Micros::MAX;

impl LoopTimer {
    pub fn is_on(&self) -> bool {
        self.timer.get().is_some()
    }

    pub fn is_fd(&self, fd: i32) -> bool {
        self.timer.get().is_some_and(|timer| timer.fd() == fd)
    }

    /// The poller told that the time has come.
    pub fn told(&self) {
        self.armed.set(UNSET);
    }
}

/// The descriptor that is readable as long as a turn that does not wait has something to do.
pub fn fd(cx: &Context) -> std::io::Result<i32> {
    if !cx.loop_timer.is_on() {
        let timer = TimerFd::new()?;
        cx.poller.add_readable(timer.fd(), TIMER)?;
        cx.loop_timer.armed.set(UNSET);
        let _ = cx.loop_timer.timer.set(timer);
        arm(cx);
    }
    Ok(cx.poller.fd())
}

/// At the end of every outermost frame: the timer is set for what is due first.
///
/// It is only ever moved forward. What moved backward (the validity timers of busy connections do all the time) costs
/// one turn too many when the old time comes, instead of a system call each time.
pub fn arm(cx: &Context) {
    let Some(timer) = cx.loop_timer.timer.get() else { return };
    let due = next_work(cx);
    if due < cx.loop_timer.armed.get() {
        cx.loop_timer.armed.set(due);
        timer.set(due);
    }
}

/// When the context needs a turn without any descriptor being ready; 0: at once.
fn next_work(cx: &Context) -> Micros {
    if service::has_work(cx) {
        return 0;
    }
    service::next_due(cx).unwrap_or(UNSET)
}
