//! Asks and tells the program what its TLS configuration says it wants, between reading records and acting on them.
use super::callback;
use super::cell::MayCall;
use super::close;
use super::context::Context;
use super::input::TlsTrouble;
use super::log::{self, Level, Scope};
use super::tls::hooks::{Answer, Hook};
use super::trace;
use super::wsi::Wsi;

/// How a connection goes on.
pub enum After {
    GoOn,
    /// The program ended it from inside a hook; nothing of it may be touched.
    Gone,
    /// It has to be ended, for this reason.
    Refused(TlsTrouble),
}

/// To be called whenever records of a handshake were read, before anything else happens to the connection.
pub fn run(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> After {
    let (hooks, calls_program) = wsi.tls.with(may, |tls| (tls.hooks(), tls.calls_program())).unwrap_or((None, true));
    if calls_program && !close::after_hook(may, cx, wsi, wsi.id()) {
        return After::Gone;
    }
    let Some(hooks) = hooks else { return After::GoOn };
    if let Some(hook) = hooks.key_log
        && !tell_secrets(may, cx, wsi, hook)
    {
        return After::Gone;
    }
    match hooks.verify {
        Some(hook) => ask(may, cx, wsi, hook),
        None => After::GoOn,
    }
}

/// Tells the secrets that came up; false: the connection is gone.
fn tell_secrets(may: &mut MayCall, cx: &Context, wsi: &Wsi, hook: Hook) -> bool {
    let id = wsi.id();
    for line in wsi.tls.with(may, |tls| tls.take_key_lines()).unwrap_or_default() {
        callback::key_line(may, cx, wsi, hook, &line);
        if !close::after_hook(may, cx, wsi, id) {
            return false;
        }
    }
    true
}

fn ask(may: &mut MayCall, cx: &Context, wsi: &Wsi, hook: Hook) -> After {
    let (question, is_held) = wsi.tls.with(may, |tls| (tls.question(), tls.is_held())).unwrap_or((None, true));
    let Some(question) = question else {
        let bug = "bug: a certificate was not shown to the program's verification hook";
        return if is_held { After::Refused(trouble(bug, "")) } else { After::GoOn };
    };
    let id = wsi.id();
    let answer = callback::judge_peer(may, cx, wsi, hook, &question);
    if !close::after_hook(may, cx, wsi, id) {
        return After::Gone;
    }
    let own = match &question.verdict {
        Ok(_) => "good",
        Err(failure) => failure.what.as_str(),
    };
    let decision = match answer {
        Answer::AsVerified => "as verified",
        Answer::Accept => "accept",
        Answer::Refuse => "refuse",
    };
    log::line(Level::Info, Scope::Wsi(wsi), "tls", format_args!("verification hook: {decision} (own verdict: {own})"));
    trace::note(cx, wsi, "tls", format_args!("verification hook: {decision} (own verdict: {own})"));
    match wsi.tls.with(may, |tls| tls.answer(answer)) {
        Some(Ok(())) => After::GoOn,
        Some(Err(error)) => After::Refused(trouble(error.text(), error.detail())),
        None => After::Refused(trouble("tls: bug: state lost", "")),
    }
}

fn trouble(text: &str, detail: &str) -> TlsTrouble {
    TlsTrouble { text: text.to_string(), detail: detail.to_string() }
}
