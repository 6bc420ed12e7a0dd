//! What did other threads ask for, and how is it done here?
//!
//! A [`Command`] was put into the context's inbox by a thread that may not touch connections; the thread that services
//! them takes it out.
use super::callback::{self, Reason};
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::{Context, Life};
use super::log::{self, Level, Scope};
use super::table::WsiId;
use super::wake::Command;
use super::wsi::{Phase, Wsi};
use super::{asked, client, deadline};

/// Carries out what is there, and delivers EVENT_WAIT_CANCELLED if that was asked for.
pub fn carry_out_all(may: &mut MayCall, cx: &Context) {
    if !cx.wake.has_news() {
        return;
    }
    cx.worked.set(true);
    for command in cx.wake.receive() {
        carry_out(may, cx, command);
        if !cx.is_running() {
            return;
        }
    }
    if cx.wake.take_cancelled() {
        for vhost in cx.all_vhosts() {
            callback::to_every_protocol(may, cx, &vhost, Reason::EventWaitCancelled);
        }
    }
}

fn carry_out(may: &mut MayCall, cx: &Context, command: Command) {
    let alive = |id: WsiId, what: &str| {
        let wsi = cx.wsi(id).filter(|wsi| wsi.phase.get() != Phase::Dead);
        if wsi.is_none() {
            let text = format_args!("{what} from another thread: the connection is gone");
            log::line(Level::Err, Scope::Context(cx), "service", text);
        }
        wsi
    };
    match command {
        Command::RequestWriteable(id) => {
            if let Some(wsi) = alive(id, "lws_callback_on_writable") {
                asked::request_writeable(may, cx, wsi);
            }
        }
        Command::RequestWriteableAll(handle) => {
            let ids: Vec<_> = cx.all_wsi().filter(|wsi| wsi.protocol.get().handle == handle).map(Wsi::id).collect();
            for wsi in ids.into_iter().filter_map(|id| cx.wsi(id)) {
                asked::request_writeable(may, cx, wsi);
            }
        }
        Command::SetTimeout { wsi, reason, secs } => {
            if let Some(wsi) = alive(wsi, "lws_set_timeout") {
                asked::set_timeout(may, cx, wsi, reason, secs);
            }
        }
        Command::SetTimerUsecs { wsi, us } => {
            if let Some(wsi) = alive(wsi, "lws_set_timer_usecs") {
                asked::set_timer(cx, wsi, us);
            }
        }
        Command::Close(id) => {
            if let Some(wsi) = alive(id, "lws_wsi_close") {
                close::at_once(may, cx, wsi, CloseCause::ours("lws_wsi_close from another thread"));
            }
        }
        Command::RxFlow { wsi, bits } => {
            if let Some(wsi) = alive(wsi, "lws_rx_flow_control") {
                asked::rx_flow(cx, wsi, bits);
            }
        }
        Command::ValidityConfirmed(id) => {
            if let Some(wsi) = alive(id, "lws_validity_confirmed") {
                deadline::confirm_validity(cx, wsi);
            }
        }
        Command::Write { wsi, payload, protocol } => {
            if let Some(wsi) = alive(wsi, "lws_write")
                && let Err(why) = asked::write(may, cx, wsi, &payload, protocol)
            {
                log::line(Level::Err, Scope::Wsi(wsi), "lws_write", format_args!("from another thread: {why}"));
            }
        }
        Command::Schedule { .. } => cx.program.carry_out(cx, command),
        Command::Resolved(id, serial, result) => {
            if let Some(wsi) = cx.wsi(id) {
                client::connect::resolved(may, cx, wsi, serial, result);
            }
            client::connect::lookups_over(may, cx, 1);
        }
        Command::DestroyContext => cx.life.set(Life::DestroyRequested),
    }
}
