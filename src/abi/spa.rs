//! Form bodies for the program: urlencoded and multipart, with uploads, and names replaced by values in texts.
//!
//! # What C promises
//! A parser pointer is NULL or came from `lws_spa_create*` and was not destroyed; texts and buffers are valid for the call.
//! Strings of a parser live as long as it (with an arena given: as long as that).
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::cstr;
use super::enter::{self, Access};
use super::layout::*;
use super::{alloc, guard};
use crate::engine::log::{self, Level};
use crate::proto::http::form::{FormError, FormParser, FormSink, MAX_NAME};
use crate::proto::http::substitute::{self, MAX_HELD};
use crate::proto::http::token::Token;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ptr;

/// Bytes for all values together where the program does not say.
const DEFAULT_STORAGE: usize = 512;
/// Largest piece of an upload in one callback.
const UPLOAD_PIECE: usize = 4096;
/// Names that are looked at.
const MAX_PARAMS: usize = 4096;

/// What is behind `struct lws_spa *`.
struct Spa {
    /// Empty while it parses: callbacks run then, which may call back with this very parser.
    parser: Cell<Option<Box<FormParser>>>,
    form: Cell<Option<Box<Form>>>,
    is_finished: Cell<bool>,
    /// Destroyed by a callback of its own: freed when that returns.
    is_doomed: Cell<bool>,
}

/// Where the values go.
struct Form {
    names: Vec<Vec<u8>>,
    /// Offset and length of each value that came.
    values: Vec<Option<(usize, usize)>>,
    storage: *mut u8,
    capacity: usize,
    used: usize,
    owns_storage: bool,
    callback: lws_spa_fileupload_cb,
    data: *mut c_void,
    last_name: CString,
    current: Current,
    owes_close: bool,
}

enum Current {
    /// Of no interest.
    Nothing,
    /// Number of the parameter, where its value begins.
    Value(usize, usize),
    /// The last piece of an upload is held back, since it is told to be the last.
    Upload { name: CString, held: Vec<u8> },
}

impl Form {
    fn upload(&mut self, state: lws_spa_fileupload_states, bytes: &mut [u8]) -> Result<(), FormError> {
        let Current::Upload { name, .. } = &self.current else { return Ok(()) };
        let Some(callback) = self.callback else { return Ok(()) };
        let (field, file) = (self.last_name.as_ptr(), name.as_ptr());
        let buffer = if bytes.is_empty() { ptr::null_mut() } else { bytes.as_mut_ptr() };
        // SAFETY: the program's function with what its type says; no borrow that it could reach is held.
        let result = unsafe { callback(self.data, field, file, buffer.cast(), bytes.len() as c_int, state) };
        if result < 0 { Err(FormError("refused by the upload callback")) } else { Ok(()) }
    }

    /// The callback's last call: nothing more will come.
    fn close(&mut self) {
        if !std::mem::take(&mut self.owes_close) {
            return;
        }
        if let Some(callback) = self.callback {
            let name = self.last_name.as_ptr();
            // SAFETY: as in `upload`.
            unsafe { callback(self.data, name, c"".as_ptr(), ptr::null_mut(), 0, LWS_UFS_CLOSE) };
        }
    }
}

impl FormSink for Form {
    fn begin(&mut self, name: &[u8], file: Option<&[u8]>) -> Result<(), FormError> {
        let text = |bytes: &[u8]| CString::new(bytes.split(|byte| *byte == 0).next().unwrap_or_default());
        self.last_name = text(name.get(..MAX_NAME).unwrap_or(name)).unwrap_or_default();
        let number = self.names.iter().position(|known| known == name);
        self.current = match (file, number) {
            (Some(file), _) => Current::Upload { name: text(file).unwrap_or_default(), held: Vec::new() },
            // The first value of a name is the one that counts.
            (None, Some(number)) if self.values[number].is_none() => Current::Value(number, self.used),
            (None, _) => Current::Nothing,
        };
        if matches!(self.current, Current::Upload { .. }) { self.upload(LWS_UFS_OPEN, &mut []) } else { Ok(()) }
    }

    fn data(&mut self, bytes: &[u8]) -> Result<(), FormError> {
        match &mut self.current {
            Current::Nothing => Ok(()),
            Current::Value(..) => {
                if bytes.len() >= self.capacity - self.used {
                    return Err(FormError("the values need more than max_storage"));
                }
                // SAFETY: `capacity` bytes at `storage`, of which those behind `used` are free; room for a NUL stays.
                unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), self.storage.add(self.used), bytes.len()) };
                self.used += bytes.len();
                Ok(())
            }
            Current::Upload { held, .. } => {
                held.extend_from_slice(bytes);
                let mut ready = std::mem::take(held);
                // Something stays for the call that says that it is the last.
                let mut from = 0;
                while ready.len() - from > UPLOAD_PIECE {
                    self.upload(LWS_UFS_CONTENT, &mut ready[from..from + UPLOAD_PIECE])?;
                    from += UPLOAD_PIECE;
                }
                if let Current::Upload { held, .. } = &mut self.current {
                    *held = ready.split_off(from);
                }
                Ok(())
            }
        }
    }

    fn end(&mut self) -> Result<(), FormError> {
        match &mut self.current {
            Current::Nothing => {}
            Current::Value(number, start) => {
                let (number, start) = (*number, *start);
                if self.used > start {
                    // SAFETY: `data` left room for the NUL.
                    unsafe { *self.storage.add(self.used) = 0 };
                    self.values[number] = Some((start, self.used - start));
                    self.used += 1;
                }
            }
            Current::Upload { held, .. } => {
                let mut last = std::mem::take(held);
                self.upload(LWS_UFS_FINAL_CONTENT, &mut last)?;
            }
        }
        self.current = Current::Nothing;
        Ok(())
    }
}

impl Drop for Form {
    fn drop(&mut self) {
        if self.owns_storage {
            // SAFETY: from `allocate`, used by nobody after the parser.
            unsafe { alloc::release(self.storage) };
        }
    }
}

/// Makes a form parser for the body of the request of `wsi`: multipart if its Content-Type says so, else urlencoded.
///
/// `param_names`: the fields that are wanted. `max_storage`: bytes for all values together, 0: 512. `opt_cb`: takes
/// uploads, NULL: they are dropped. Returns NULL when it cannot be made; the log says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_spa_create(
    wsi: *mut lws,
    param_names: *const *const c_char,
    count_params: c_int,
    max_storage: c_int,
    opt_cb: lws_spa_fileupload_cb,
    opt_data: *mut c_void,
) -> *mut lws_spa {
    let info = lws_spa_create_info {
        param_names,
        count_params,
        max_storage,
        opt_cb,
        opt_data,
        param_names_stride: 0,
        ac: ptr::null_mut(),
        ac_chunk_size: 0,
    };
    // SAFETY: a valid description.
    unsafe { lws_spa_create_via_info(wsi, &raw const info) }
}

/// `lws_spa_create()` with the arguments in a struct; names may be members of other structs (`param_names_stride`), and
/// values may go to an arena (`ac`), where they outlive the parser.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_spa_create_via_info(wsi: *mut lws, info: *const lws_spa_create_info_t) -> *mut lws_spa {
    const NAME: &str = "lws_spa_create";
    // SAFETY: NULL or a valid description.
    let Some(info) = (unsafe { info.as_ref() }) else { return ptr::null_mut() };
    enter::on_wsi(NAME, ptr::null_mut(), wsi, Access::Service, |_, _, wsi| {
        let content_type =
            wsi.http.visit(|http| http.headers().and_then(|headers| headers.joined(Token::HttpContentType))).flatten();
        let Some(parser) = FormParser::for_content_type(&content_type.unwrap_or_default()) else {
            log::process(Level::Err, NAME, format_args!("a multipart body without a usable boundary"));
            return ptr::null_mut();
        };
        // SAFETY: see the module.
        let names = unsafe { names(info) };
        let capacity = usize::try_from(info.max_storage).ok().filter(|size| *size > 0).unwrap_or(DEFAULT_STORAGE);
        let storage: *mut u8 = if info.ac.is_null() {
            alloc::allocate(capacity)
        } else {
            // SAFETY: the head of an arena of the program.
            unsafe { super::containers::arena::lwsac_use_zero(info.ac, capacity, info.ac_chunk_size).cast() }
        };
        if storage.is_null() {
            return ptr::null_mut();
        }
        let form = Form {
            values: vec![None; names.len()],
            names,
            storage,
            capacity,
            used: 0,
            owns_storage: info.ac.is_null(),
            callback: info.opt_cb,
            data: info.opt_data,
            last_name: CString::default(),
            current: Current::Nothing,
            owes_close: info.opt_cb.is_some(),
        };
        let spa = Spa {
            parser: Cell::new(Some(Box::new(parser))),
            form: Cell::new(Some(Box::new(form))),
            is_finished: Cell::new(false),
            is_doomed: Cell::new(false),
        };
        Box::into_raw(Box::new(spa)).cast()
    })
}

/// # Safety
/// See the module.
unsafe fn names(info: &lws_spa_create_info) -> Vec<Vec<u8>> {
    let count = usize::try_from(info.count_params).unwrap_or(0).min(MAX_PARAMS);
    if info.param_names.is_null() {
        return Vec::new();
    }
    let stride = if info.param_names_stride == 0 { size_of::<*const c_char>() } else { info.param_names_stride };
    let name = |number: usize| {
        // SAFETY: `count` pointers to texts, `stride` bytes apart.
        unsafe {
            let place = info.param_names.byte_add(number * stride);
            cstr::text(place.read_unaligned()).map(CStr::to_bytes).unwrap_or_default().to_vec()
        }
    };
    (0..count).map(name).collect()
}

/// # Safety
/// See the module.
unsafe fn spa_of<'a>(spa: *mut lws_spa) -> Option<&'a Spa> {
    // SAFETY: the caller's promise.
    unsafe { spa.cast::<Spa>().as_ref() }
}

/// Runs `work` on the parts of a parser, which is empty meanwhile. `None`: it is in use further down the stack.
///
/// # Safety
/// See the module.
unsafe fn with<R>(spa: *mut lws_spa, work: impl FnOnce(&mut FormParser, &mut Form) -> R) -> Option<R> {
    // SAFETY: the caller's promise.
    let found = unsafe { spa_of(spa) }?;
    let mut parser = found.parser.take()?;
    let Some(mut form) = found.form.take() else {
        found.parser.set(Some(parser));
        return None;
    };
    let result = work(&mut parser, &mut form);
    if found.is_doomed.get() {
        form.close();
        drop((parser, form));
        // SAFETY: destroyed by a callback meanwhile, which left the freeing to us.
        drop(unsafe { Box::from_raw(spa.cast::<Spa>()) });
    } else {
        found.parser.set(Some(parser));
        found.form.set(Some(form));
    }
    Some(result)
}

/// Takes the next `len` bytes of the body, as they come in LWS_CALLBACK_HTTP_BODY.
///
/// Returns 0; nonzero: no such form, more than `max_storage`, or refused by the upload callback: close. After
/// `lws_spa_finalize()` nothing is taken and 0 is returned.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_spa_process(spa: *mut lws_spa, r#in: *const c_char, len: c_int) -> c_int {
    guard::pure("lws_spa_process", -1, || {
        // SAFETY: see the module.
        let (found, input) = unsafe { (spa_of(spa), cstr::bytes(r#in.cast(), usize::try_from(len).unwrap_or(0))) };
        let Some(found) = found else { return -1 };
        if found.is_finished.get() {
            return 0;
        }
        // SAFETY: see the module.
        match unsafe { with(spa, |parser, form| parser.push(input, form)) } {
            Some(Ok(())) => 0,
            Some(Err(error)) => {
                log::process(Level::Notice, "lws_spa_process", format_args!("{}", error.0));
                -1
            }
            None => -1,
        }
    })
}

/// The body is complete: to be called in LWS_CALLBACK_HTTP_BODY_COMPLETION, before values are asked for. Returns 0, or
/// -1: the end of the body is missing.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_spa_finalize(spa: *mut lws_spa) -> c_int {
    guard::pure("lws_spa_finalize", -1, || {
        // SAFETY: see the module.
        let Some(found) = (unsafe { spa_of(spa) }) else { return -1 };
        if found.is_finished.replace(true) {
            return 0;
        }
        let finish = |parser: &mut FormParser, form: &mut Form| {
            let result = parser.finish(form);
            form.close();
            result
        };
        // SAFETY: see the module.
        match unsafe { with(spa, finish) } {
            Some(Ok(())) => 0,
            _ => -1,
        }
    })
}

/// # Safety
/// See the module.
unsafe fn value(spa: *mut lws_spa, n: c_int) -> Option<(*const c_char, usize)> {
    let find = |_: &mut FormParser, form: &mut Form| {
        let (offset, length) = form.values.get(usize::try_from(n).ok()?).copied().flatten()?;
        Some((form.storage.wrapping_add(offset).cast_const().cast(), length))
    };
    // SAFETY: the caller's promise.
    unsafe { with(spa, find) }.flatten()
}

/// Length of the value of parameter `n`; 0 when it is missing or empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_spa_get_length(spa: *mut lws_spa, n: c_int) -> c_int {
    // SAFETY: see the module.
    guard::pure("lws_spa_get_length", 0, || unsafe {
        value(spa, n).map_or(0, |(_, length)| c_int::try_from(length).unwrap_or(c_int::MAX))
    })
}

/// The value of parameter `n`, decoded; NULL when it is missing or empty.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_spa_get_string(spa: *mut lws_spa, n: c_int) -> *const c_char {
    // SAFETY: see the module.
    guard::pure("lws_spa_get_string", ptr::null(), || unsafe { value(spa, n).map_or(ptr::null(), |(text, _)| text) })
}

/// Ends a form parser; to be called in LWS_CALLBACK_HTTP_DROP_PROTOCOL. NULL is allowed. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_spa_destroy(spa: *mut lws_spa) -> c_int {
    guard::pure("lws_spa_destroy", -1, || {
        // SAFETY: see the module.
        let Some(found) = (unsafe { spa_of(spa) }) else { return 0 };
        found.is_doomed.set(true);
        // SAFETY: see the module; frees it, unless it is in use further down the stack, which then does.
        unsafe { with(spa, |_, _| ()) };
        0
    })
}

/// Replaces the names that `s->vars` lists (with their `$`) in the text of `args` by what `s->replace` gives.
///
/// With `args->chunked` the result is framed as a chunk, whose size stands in front of `args->p`: 10 bytes there must be
/// writable, as with LWS_PRE; `args->final` ends the body. Returns 0, or -1: the result is longer than `args->max_len`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_chunked_html_process(
    args: *mut lws_process_html_args,
    s: *mut lws_process_html_state,
) -> c_int {
    guard::pure("lws_chunked_html_process", -1, || {
        // SAFETY: NULL or valid; copies, since `replace` may look at them.
        let (Some(given), Some(state)) = (unsafe { (args.as_ref().copied(), s.as_ref().copied()) }) else { return -1 };
        let (Ok(len), Ok(room)) = (usize::try_from(given.len), usize::try_from(given.max_len)) else { return -1 };
        if given.p.is_null() || len > room {
            return -1;
        }
        let held = usize::try_from(state.pos).unwrap_or(0).min(MAX_HELD);
        let mut text: Vec<u8> = state.swallow[..held].iter().map(|byte| *byte as u8).collect();
        // SAFETY: `len` readable bytes.
        text.extend_from_slice(unsafe { cstr::bytes(given.p.cast(), len) });
        // SAFETY: `count_vars` pointers to texts.
        let names: Vec<&[u8]> = unsafe {
            let count = usize::try_from(state.count_vars).unwrap_or(0).min(MAX_PARAMS);
            let count = if state.vars.is_null() { 0 } else { count };
            (0..count).map(|n| cstr::text(*state.vars.add(n)).map(CStr::to_bytes).unwrap_or_default()).collect()
        };
        let value = |number: usize| {
            let Some(replace) = state.replace else { return b"NULL".to_vec() };
            // SAFETY: the program's function; its answer is a text or NULL, copied at once.
            unsafe { cstr::text(replace(state.data, number as c_int)) }
                .map_or(b"NULL".to_vec(), |text| text.to_bytes().to_vec())
        };
        let is_final = given.r#final != 0;
        let Some(done) = substitute::substitute(&text, &names, is_final, room, value) else { return -1 };
        let mut out = done.text;
        let mut front = Vec::new();
        if given.chunked != 0 {
            // An empty chunk would be the last one.
            if !out.is_empty() {
                front = format!("{:X}\r\n", out.len()).into_bytes();
                out.extend_from_slice(b"\r\n");
            }
            if is_final {
                out.extend_from_slice(b"0\r\n\r\n");
            }
        }
        if out.len() > room {
            return -1;
        }
        // SAFETY: `room` writable bytes at `p`, and those of the chunk size in front of it.
        unsafe {
            let start = given.p.cast::<u8>().sub(front.len());
            ptr::copy_nonoverlapping(front.as_ptr(), start, front.len());
            ptr::copy_nonoverlapping(out.as_ptr(), given.p.cast(), out.len());
            (*args).p = start.cast();
            (*args).len = (front.len() + out.len()) as c_int;
            (*s).pos = done.held.len() as c_int;
            for (place, byte) in (*s).swallow.iter_mut().zip(&done.held) {
                *place = *byte as c_char;
            }
        }
        0
    })
}
