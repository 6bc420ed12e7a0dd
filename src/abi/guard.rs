//! The boundary every exported function stands behind: no panic gets out, each returns its own error value.
use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs the body of the exported function called `function`; a panic inside it is logged and becomes `on_error`.
///
/// For functions that need no context (text, containers, logging). Those that work on a context use `enter`.
#[inline]
pub fn pure<R>(function: &'static str, on_error: R, body: impl FnOnce() -> R) -> R {
    match catch_unwind(AssertUnwindSafe(body)) {
        Ok(value) => value,
        Err(panic) => {
            stopped(function, panic);
            on_error
        }
    }
}

#[cold]
fn stopped(function: &'static str, panic: Box<dyn std::any::Any + Send>) {
    report_panic(function, panic.as_ref());
    // The payload of a foreign panic may itself panic when dropped; it is leaked instead.
    std::mem::forget(panic);
}

/// One error line for a panic that was stopped at the edge: our bug, never the program's.
pub fn report_panic(function: &'static str, panic: &(dyn std::any::Any + Send)) {
    let what = panic
        .downcast_ref::<&'static str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    let _ = catch_unwind(AssertUnwindSafe(|| {
        crate::engine::log::process(crate::engine::log::Level::Err, function, format_args!("bug in oxlws: {what}"));
    }));
}
