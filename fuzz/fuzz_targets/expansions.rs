#![no_main]
//! `${name}` in texts (`lws_strexp`) through its C interface: any cutting of the text and any size of the buffer give the
//! same result. And the order in which resolved addresses are tried.
use libfuzzer_sys::fuzz_target;
use oxlws_fuzz::whole_and_cut;
use std::ffi::{CStr, c_char, c_int, c_void};
use std::net::{IpAddr, SocketAddr};
use std::ptr;
use websockets::abi::layout::*;
use websockets::proto::addr_order::interleave;

unsafe extern "C" {
    fn lws_strexp_init(
        exp: *mut lws_strexp_t,
        data: *mut c_void,
        cb: lws_strexp_expand_cb,
        out: *mut c_char,
        olen: usize,
    );
    fn lws_strexp_reset_out(exp: *mut lws_strexp_t, out: *mut c_char, olen: usize);
    fn lws_strexp_expand(
        exp: *mut lws_strexp_t,
        text: *const c_char,
        len: usize,
        used_in: *mut usize,
        used_out: *mut usize,
    ) -> c_int;
}

/// The value of a name is the name, three times; a name that begins with "no" is unknown.
unsafe extern "C" fn value(
    _: *mut c_void,
    name: *const c_char,
    out: *mut c_char,
    pos: *mut usize,
    olen: usize,
    exp_ofs: *mut usize,
) -> c_int {
    // SAFETY: as the library promises: a text, a buffer of `olen` bytes that is filled up to `*pos`.
    unsafe {
        let name = CStr::from_ptr(name).to_bytes();
        if name.starts_with(b"no") {
            return LSTRX_FATAL_NAME_UNKNOWN;
        }
        let whole = name.repeat(3);
        let rest = &whole[*exp_ofs..];
        let count = rest.len().min(olen - *pos);
        ptr::copy_nonoverlapping(rest.as_ptr(), out.cast::<u8>().add(*pos), count);
        *pos += count;
        *exp_ofs += count;
        if count < rest.len() { LSTRX_FILLED_OUT } else { LSTRX_DONE }
    }
}

fn expand(pieces: &[&[u8]], size: usize) -> (Vec<u8>, c_int) {
    let mut room = vec![0u8; size].into_boxed_slice();
    let mut result = Vec::new();
    let mut last = LSTRX_DONE;
    // SAFETY: an all-zero struct is initialised by the call; the buffer has the size told.
    unsafe {
        let mut exp: lws_strexp_t = std::mem::zeroed();
        lws_strexp_init(&mut exp, ptr::null_mut(), Some(value), room.as_mut_ptr().cast(), size);
        for piece in pieces {
            let mut rest = *piece;
            loop {
                let (mut used, mut filled) = (0, 0);
                last = lws_strexp_expand(&mut exp, rest.as_ptr().cast(), rest.len(), &mut used, &mut filled);
                assert!(used <= rest.len() && filled <= size);
                rest = &rest[used..];
                if last < 0 {
                    return (result, last);
                }
                result.extend_from_slice(&room[..filled]);
                lws_strexp_reset_out(&mut exp, room.as_mut_ptr().cast(), size);
                if last == LSTRX_DONE {
                    break;
                }
            }
        }
    }
    (result, last)
}

fn addresses(bytes: &[u8]) -> Vec<SocketAddr> {
    let address = |part: &[u8]| {
        let ip = if part[0] & 1 == 0 { IpAddr::from([127, 0, 0, part[1]]) } else { IpAddr::from([u16::from(part[1]); 8]) };
        SocketAddr::new(ip, 80)
    };
    bytes.chunks_exact(2).map(address).collect()
}

fuzz_target!(|data: &[u8]| {
    let Some((whole, pieces)) = whole_and_cut(data) else { return };
    let (text, end) = expand(&[whole], 1 << 16);
    for size in [1, 2, 3, 7, 64] {
        let (cut, cut_end) = expand(&pieces, size);
        assert_eq!(end < 0, cut_end < 0, "buffers of {size} bytes");
        if end >= 0 {
            assert_eq!(text, cut, "buffers of {size} bytes");
        }
    }
    let given = addresses(whole);
    let order = interleave(&given);
    assert!(order.len() <= given.len() && order.iter().all(|address| given.contains(address)));
    assert!(given.iter().all(|address| order.iter().filter(|other| *other == address).count() == 1));
});
