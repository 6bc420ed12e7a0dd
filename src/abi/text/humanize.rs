//! `lws_humanize` and its tables of units.
use super::{c_bytes, int_of, room};
use crate::abi::guard;
use crate::abi::layout::lws_humanize_unit;
use crate::abi::older;
use crate::proto::text::humanize::{self, Unit};
use crate::proto::text::write::Text;
use std::ffi::{CStr, c_char, c_int};

const fn unit(name: &'static CStr, factor: u64) -> lws_humanize_unit {
    lws_humanize_unit { name: name.as_ptr(), factor }
}

const END: lws_humanize_unit = lws_humanize_unit { name: std::ptr::null(), factor: 0 };

/// The name of a unit: in 4.1.6 padded with blanks to three characters.
const fn name(padded: &'static CStr, plain: &'static CStr) -> &'static CStr {
    if cfg!(feature = "abi41") { padded } else { plain }
}

/// Powers of 1024 without a unit.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name that C programs link to")]
pub static humanize_schema_si: [lws_humanize_unit; 7] = [
    unit(name(c"Pi ", c"Pi"), 1 << 50),
    unit(name(c"Ti ", c"Ti"), 1 << 40),
    unit(name(c"Gi ", c"Gi"), 1 << 30),
    unit(name(c"Mi ", c"Mi"), 1 << 20),
    unit(name(c"Ki ", c"Ki"), 1 << 10),
    unit(name(c"   ", c""), 1),
    END,
];

/// Bytes.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name that C programs link to")]
pub static humanize_schema_si_bytes: [lws_humanize_unit; 7] = [
    unit(c"PiB", 1 << 50),
    unit(c"TiB", 1 << 40),
    unit(c"GiB", 1 << 30),
    unit(c"MiB", 1 << 20),
    unit(c"KiB", 1 << 10),
    unit(name(c"B  ", c"B"), 1),
    END,
];

const SECOND: u64 = 1_000_000;
const DAY: u64 = 86_400 * SECOND;

/// Microseconds.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name that C programs link to")]
pub static humanize_schema_us: [lws_humanize_unit; 8] = [
    unit(name(c"y  ", c"y"), 365 * DAY),
    unit(name(c"d  ", c"d"), DAY),
    unit(name(c"hr ", c"hr"), 3600 * SECOND),
    unit(c"min", 60 * SECOND),
    unit(name(c"s  ", c"s"), SECOND),
    unit(name(c"ms ", c"ms"), 1000),
    unit(name(c"us ", c"μs"), 1),
    END,
];

/// Writes `value` for people, in the first unit of `schema` that it reaches: `1.476KiB`, `59.999ms`, `17B`.
///
/// `len`: size of `buf`; the text is cut to it and has a NUL. `schema`: units from large to small, ended by a NULL name;
/// `humanize_schema_si`, `humanize_schema_si_bytes`, `humanize_schema_us` or one's own. Returns the length written, 0 if
/// no unit fits.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_humanize(
    buf: *mut c_char,
    len: usize,
    value: u64,
    schema: *const lws_humanize_unit,
) -> c_int {
    guard::pure("lws_humanize", 0, || {
        // SAFETY: what C promises.
        let units = unsafe { units(schema) };
        // More than any value with a name of reasonable length, so that an exaggerated size does no harm.
        // SAFETY: writable for `len` bytes.
        let mut text = Text::new(unsafe { room(buf.cast(), older::length(len).min(256)) });
        humanize::humanize(value, units, &mut text);
        int_of(text.finish())
    })
}

/// # Safety
/// `schema` is NULL or a table that ends with a NULL name or a factor of 0, whose names are C strings.
unsafe fn units<'a>(schema: *const lws_humanize_unit) -> impl Iterator<Item = Unit<'a>> {
    let mut at = schema;
    std::iter::from_fn(move || {
        if at.is_null() {
            return None;
        }
        // SAFETY: the end of the table was not reached yet.
        let lws_humanize_unit { name, factor } = unsafe { at.read() };
        at = at.wrapping_add(1);
        if factor == 0 {
            return None;
        }
        // SAFETY: NULL or a C string.
        let name = unsafe { c_bytes(name) };
        // The padding of 4.1.6 is not written.
        name.map(|name| Unit { name: if cfg!(feature = "abi41") { name.trim_ascii_end() } else { name }, factor })
    })
    .fuse()
}
