#![no_main]
//! The text functions through their C interface, with buffers of exactly the size they are told.
use libfuzzer_sys::fuzz_target;
use std::ffi::{CString, c_char, c_int, c_void};
// Linked for its exported functions.
extern crate websockets as _;

unsafe extern "C" {
    fn lws_b64_encode_string(input: *const c_char, in_len: c_int, out: *mut c_char, out_size: c_int) -> c_int;
    fn lws_b64_encode_string_url(input: *const c_char, in_len: c_int, out: *mut c_char, out_size: c_int) -> c_int;
    fn lws_b64_decode_string(input: *const c_char, out: *mut c_char, out_size: c_int) -> c_int;
    fn lws_b64_decode_string_len(input: *const c_char, in_len: c_int, out: *mut c_char, out_size: c_int) -> c_int;
    fn lws_hex_to_byte_array(text: *const c_char, dest: *mut u8, max: c_int) -> c_int;
    fn lws_hex_from_byte_array(src: *const u8, len: usize, dest: *mut c_char, max: usize);
    fn lws_urlencode(escaped: *mut c_char, string: *const c_char, len: c_int) -> *const c_char;
    fn lws_urldecode(string: *mut c_char, escaped: *const c_char, len: c_int) -> c_int;
    fn lws_sql_purify(escaped: *mut c_char, string: *const c_char, len: usize) -> *const c_char;
    fn lws_json_purify(escaped: *mut c_char, string: *const c_char, len: c_int, used: *mut c_int) -> *const c_char;
    fn lws_json_purify_len(string: *const c_char) -> c_int;
    fn lws_filename_purify_inplace(name: *mut c_char);
    fn lws_json_simple_find(buf: *const c_char, len: usize, name: *const c_char, found: *mut usize) -> *const c_char;
    fn lws_parse_uri(
        p: *mut c_char,
        prot: *mut *const c_char,
        ads: *mut *const c_char,
        port: *mut c_int,
        path: *mut *const c_char,
    ) -> c_int;
    fn lws_parse_numeric_address(ads: *const c_char, result: *mut u8, max: usize) -> c_int;
    fn lws_write_numeric_address(ads: *const u8, size: c_int, buf: *mut c_char, len: usize) -> c_int;
    fn lws_http_date_parse_unix(text: *const c_char, len: usize, out: *mut i64) -> c_int;
    fn lws_nstrstr(buf: *const c_char, len: usize, name: *const c_char, nl: usize) -> *const c_char;
    fn lws_strcmp_wildcard(wild: *const c_char, wlen: usize, check: *const c_char, clen: usize) -> c_int;
    fn lws_tokenize_init(ts: *mut c_void, start: *const c_char, flags: c_int);
    fn lws_tokenize(ts: *mut c_void) -> c_int;
    fn lws_tokenize_cstr(ts: *mut c_void, to: *mut c_char, max: usize) -> c_int;
    fn lws_http_basic_auth_gen(user: *const c_char, pw: *const c_char, buf: *mut c_char, len: usize) -> c_int;
    fn lws_vbi_decode(buf: *const c_void, value: *mut u64, len: usize) -> c_int;
}

fuzz_target!(|data: &[u8]| {
    let [size, flags, rest @ ..] = data else { return };
    let text = CString::new(rest.iter().copied().filter(|&byte| byte != 0).collect::<Vec<_>>()).unwrap_or_default();
    let half = CString::new(&text.as_bytes()[..text.as_bytes().len() / 2]).unwrap_or_default();
    let size = usize::from(*size);
    // Of exactly this size, so that the sanitizer sees a byte too far.
    let mut out = vec![0u8; size].into_boxed_slice();
    let to = out.as_mut_ptr().cast::<c_char>();
    let (all, len) = (text.as_ptr(), text.as_bytes().len());
    let bytes = rest.to_vec().into_boxed_slice();
    // SAFETY: texts end in NUL, sizes are those of the buffers.
    unsafe {
        let (room, raw) = (size as c_int, bytes.as_ptr().cast::<c_char>());
        lws_b64_encode_string(raw, bytes.len() as c_int, to, room);
        lws_b64_encode_string_url(raw, bytes.len() as c_int, to, room);
        lws_b64_decode_string(all, to, room);
        lws_b64_decode_string_len(raw, bytes.len() as c_int, to, room);
        lws_hex_to_byte_array(all, to.cast(), room);
        lws_hex_from_byte_array(bytes.as_ptr(), bytes.len(), to, size);
        if size > 0 {
            lws_urlencode(to, all, room);
            lws_urldecode(to, all, room - 1);
            lws_sql_purify(to, all, size);
            let mut used = 0;
            lws_json_purify(to, all, room, &mut used);
        }
        lws_json_purify_len(all);
        let mut name = text.as_bytes_with_nul().to_vec().into_boxed_slice();
        lws_filename_purify_inplace(name.as_mut_ptr().cast());
        let mut found = 0;
        lws_json_simple_find(raw, bytes.len(), half.as_ptr(), &mut found);
        let mut uri = text.as_bytes_with_nul().to_vec().into_boxed_slice();
        let (mut a, mut b, mut c, mut port) = (std::ptr::null(), std::ptr::null(), std::ptr::null(), 0);
        lws_parse_uri(uri.as_mut_ptr().cast(), &mut a, &mut b, &mut port, &mut c);
        lws_parse_numeric_address(all, to.cast(), size);
        if bytes.len() >= 16 {
            lws_write_numeric_address(bytes.as_ptr(), if flags & 1 == 0 { 4 } else { 16 }, to, size);
        }
        let mut when = 0;
        lws_http_date_parse_unix(raw, bytes.len(), &mut when);
        lws_nstrstr(raw, bytes.len(), half.as_ptr(), half.as_bytes().len());
        lws_strcmp_wildcard(half.as_ptr(), half.as_bytes().len(), all, len);
        lws_http_basic_auth_gen(half.as_ptr(), all, to, size);
        let mut value = 0;
        lws_vbi_decode(bytes.as_ptr().cast(), &mut value, bytes.len());
        let mut tokenizer = [0u64; 16];
        let ts = tokenizer.as_mut_ptr().cast::<c_void>();
        lws_tokenize_init(ts, all, c_int::from(*flags) * 8);
        for _ in 0..=len {
            if lws_tokenize(ts) <= 0 {
                break;
            }
            lws_tokenize_cstr(ts, to, size);
        }
    }
});
