//! `lws_strexp_*`: `${name}` expansion through the program's callback.
use super::bytes;
use crate::abi::guard;
use crate::abi::layout::*;
use crate::proto::text::expand::{self, Sink, Stage, State, Stop};
use std::ffi::{c_char, c_int, c_void};

/// Prepares `exp` for expanding references through `cb`, which gets `priv`.
///
/// `out`: where the result goes, `olen` bytes; NULL to only measure it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_strexp_init(
    exp: *mut lws_strexp_t,
    r#priv: *mut c_void,
    cb: lws_strexp_expand_cb,
    out: *mut c_char,
    olen: usize,
) {
    guard::pure("lws_strexp_init", (), || {
        if exp.is_null() {
            return;
        }
        let start = lws_strexp { name: [0; 32], cb, r#priv, out, olen, pos: 0, exp_ofs: 0, name_pos: 0, state: 0 };
        // SAFETY: not NULL, so writable.
        unsafe { exp.write(start) };
    });
}

/// Goes on with a new buffer, after `lws_strexp_expand` has filled the last one.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_strexp_reset_out(exp: *mut lws_strexp_t, out: *mut c_char, olen: usize) {
    guard::pure("lws_strexp_reset_out", (), || {
        // SAFETY: NULL or a struct that was initialised.
        if let Some(exp) = unsafe { exp.as_mut() } {
            (exp.out, exp.olen, exp.pos) = (out, olen, 0);
        }
    });
}

/// Expands the next `len` bytes of the text at `in`.
///
/// `pused_in`, `pused_out`: set to how much of the text was used and how much of the buffer is filled; may be NULL.
/// Returns `LSTRX_DONE` when the text is used up (a NUL then follows the result), `LSTRX_FILLED_OUT` when the buffer is
/// full: take it, reset, and go on with the rest of the text. Negative: a name is too long, or `cb` refused it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_strexp_expand(
    exp: *mut lws_strexp_t,
    r#in: *const c_char,
    len: usize,
    pused_in: *mut usize,
    pused_out: *mut usize,
) -> c_int {
    guard::pure("lws_strexp_expand", LSTRX_FATAL_NAME_UNKNOWN, || {
        if exp.is_null() {
            return LSTRX_FATAL_NAME_UNKNOWN;
        }
        let mut used = 0;
        // SAFETY: what C promises.
        let result = unsafe { expand(exp, bytes(r#in.cast(), len), &mut used) };
        // SAFETY: NULL or writable; the struct is as it was.
        unsafe {
            if !pused_in.is_null() {
                pused_in.write(used);
            }
            if !pused_out.is_null() {
                pused_out.write((*exp).pos);
            }
        }
        result
    })
}

/// # Safety
/// `exp` is a struct that was initialised; nothing else uses it or its buffer, except the callback while it runs.
unsafe fn expand(exp: *mut lws_strexp, text: &[u8], used: &mut usize) -> c_int {
    loop {
        // SAFETY: no reference is held while the callback below runs.
        let this = unsafe { &mut *exp };
        let mut state = load(this);
        let mut out = Out { exp: this };
        let stop = expand::advance(&mut state, text, used, &mut out);
        store(&state, this);
        match stop {
            Stop::Full => return LSTRX_FILLED_OUT,
            Stop::NameTooLong => return LSTRX_FATAL_NAME_TOO_LONG,
            Stop::End => {
                if !this.out.is_null() && this.pos < this.olen {
                    // SAFETY: inside the buffer.
                    unsafe { this.out.add(this.pos).write(0) };
                }
                return LSTRX_DONE;
            }
            Stop::Replace => {}
        }
        let (Some(cb), data, buffer, olen) = (this.cb, this.r#priv, this.out, this.olen) else {
            return LSTRX_FATAL_NAME_UNKNOWN;
        };
        // SAFETY: the callback gets what its type says: the name with its NUL and the two positions, inside the struct.
        let answer = unsafe {
            cb(data, (&raw const (*exp).name).cast(), buffer, &raw mut (*exp).pos, olen, &raw mut (*exp).exp_ofs)
        };
        // SAFETY: the callback has returned.
        let this = unsafe { &mut *exp };
        this.pos = this.pos.min(this.olen);
        if answer != LSTRX_DONE {
            return answer;
        }
        this.exp_ofs = 0;
        expand::replaced(&mut state, used);
        store(&state, this);
        if this.pos == this.olen {
            return LSTRX_FILLED_OUT;
        }
    }
}

fn load(exp: &lws_strexp) -> State {
    let stage = match exp.state {
        1 => Stage::Dollar,
        2 => Stage::WrittenDollar,
        3 => Stage::Name,
        4 => Stage::Replacement,
        _ => Stage::Plain,
    };
    let name_len = usize::from(exp.name_pos).min(expand::MAX_NAME);
    State { stage, name: exp.name.map(|byte| byte as u8), name_len }
}

fn store(state: &State, exp: &mut lws_strexp) {
    exp.state = match state.stage {
        Stage::Plain => 0,
        Stage::Dollar => 1,
        Stage::WrittenDollar => 2,
        Stage::Name => 3,
        Stage::Replacement => 4,
    };
    exp.name = state.name.map(|byte| byte as c_char);
    exp.name_pos = state.name_len as u8;
}

/// The program's buffer, or only a count if there is none.
struct Out<'a> {
    exp: &'a mut lws_strexp,
}

impl Sink for Out<'_> {
    fn put(&mut self, byte: u8) -> bool {
        if self.is_full() {
            return false;
        }
        if !self.exp.out.is_null() {
            // SAFETY: `pos` is below `olen`, the size of the buffer.
            unsafe { self.exp.out.cast::<u8>().add(self.exp.pos).write(byte) };
        }
        self.exp.pos += 1;
        true
    }

    fn is_full(&self) -> bool {
        self.exp.pos >= self.exp.olen
    }
}
