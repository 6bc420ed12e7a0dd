//! The cache level that keeps cookies in a file of the format that Netscape introduced and many programs read.
//! The format of its lines is described in [`cookie_jar`](crate::proto::http::cookie_jar), how the file is used in
//! [`cookie_file`](crate::engine::cookie_file). The key of a cookie is `host|path|name`, its payload is the line.
use super::{Level, Store, add_match, compared, get, key_bytes, matches_wildcard};
use crate::abi::guard;
use crate::abi::layout::{lws_cache_creation_info, lws_cache_ops, lws_cache_ttl_lru, lws_dll2_owner_t, lws_usec_t};
use crate::engine::cookie_file::CookieFile;
use crate::engine::log::{self, Level as LogLevel};
use crate::proto::http::cookie_jar::Cookie;
use std::ffi::{OsStr, c_char, c_int, c_void};
use std::io::{self, ErrorKind};
use std::os::unix::ffi::OsStrExt;
use std::ptr;

/// The operations of a level in a cookie file: pass its address as `info.ops`, and set `info.u.nscookiejar.filepath`.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals, reason = "the name that C programs link to")]
pub static lws_cache_ops_nscookiejar: lws_cache_ops = lws_cache_ops {
    create: Some(create),
    destroy: Some(destroy),
    expunge: Some(expunge),
    write: Some(write),
    tag_match: Some(tag_match),
    lookup: Some(lookup),
    invalidate: Some(invalidate),
    get: Some(find),
    debug_dump: Some(debug_dump),
};

/// A cookie file.
pub struct Jar {
    file: CookieFile,
    /// The line found last.
    found: Vec<u8>,
}

/// Whether a request that is described by `wildcard`, of the form of a key, gets this cookie.
fn is_for(cookie: &Cookie<'_>, wildcard: &[u8]) -> bool {
    let mut parts = wildcard.splitn(3, |byte| *byte == b'|');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(host), Some(path), Some(name)) => {
            (matches_wildcard(host, cookie.host) || cookie.covers_host(host))
                && (matches_wildcard(path, cookie.path) || cookie.covers_path(path))
                && matches_wildcard(name, cookie.name)
        }
        _ => matches_wildcard(wildcard, &cookie.key()),
    }
}

/// Works on the file of a level; an error is logged and answered with 1.
///
/// # Safety
/// `cache` is a level that is not borrowed.
unsafe fn with(
    cache: *mut lws_cache_ttl_lru,
    function: &'static str,
    work: impl FnOnce(&mut Jar) -> io::Result<c_int>,
) -> c_int {
    // SAFETY: the caller's promise.
    let Some(Level { store: Store::Jar(jar), .. }) = (unsafe { get(cache) }) else { return 1 };
    work(jar).unwrap_or_else(|error| {
        log::process(LogLevel::Err, function, format_args!("{}: {error}", jar.file.path().display()));
        1
    })
}

unsafe extern "C" fn create(info: *const lws_cache_creation_info) -> *mut lws_cache_ttl_lru {
    const NAME: &str = "lws_cache_create";
    guard::pure(NAME, ptr::null_mut(), || {
        // SAFETY: `lws_cache_create` has checked it; the path is NULL or a C string.
        unsafe {
            let Some(info) = info.as_ref() else { return ptr::null_mut() };
            let path = key_bytes(info.u.nscookiejar.filepath);
            if path.is_empty() {
                log::process(LogLevel::Err, NAME, format_args!("a cookie jar needs a filepath"));
                return ptr::null_mut();
            }
            Level::create(info, Store::Jar(Jar { file: CookieFile::new(OsStr::from_bytes(path)), found: Vec::new() }))
        }
    })
}

unsafe extern "C" fn destroy(cache: *mut *mut lws_cache_ttl_lru) {
    // SAFETY: called by `lws_cache_destroy` with a level.
    guard::pure("lws_cache_destroy", (), || unsafe { Level::destroy(cache) });
}

unsafe extern "C" fn expunge(cache: *mut lws_cache_ttl_lru) -> c_int {
    const NAME: &str = "lws_cache_expunge";
    // SAFETY: a level; see the module above.
    guard::pure(NAME, 1, || unsafe { with(cache, NAME, |jar| jar.file.clear().map(|()| 0)) })
}

/// `source` is a line of the file; its columns, not `expiry`, say how long the cookie lives.
unsafe extern "C" fn write(
    cache: *mut lws_cache_ttl_lru,
    key: *const c_char,
    source: *const u8,
    size: usize,
    _expiry: lws_usec_t,
    _ppay: *mut *mut c_void,
) -> c_int {
    const NAME: &str = "lws_cache_write_through";
    guard::pure(NAME, 1, || {
        if source.is_null() {
            return 1;
        }
        // SAFETY: a level, a C string and `size` bytes; see the module above.
        unsafe {
            let (key, line) = (key_bytes(key), std::slice::from_raw_parts(source, size));
            let line = line.trim_ascii_end();
            let is_line = !line.contains(&b'\n') && Cookie::parse(line).is_some_and(|cookie| cookie.key() == key);
            with(cache, NAME, |jar| {
                if !is_line {
                    return Err(io::Error::new(
                        ErrorKind::InvalidData,
                        "not the line of the cookie that the key names",
                    ));
                }
                jar.file.replace(key, Some(line)).map(|()| 0)
            })
        }
    })
}

unsafe extern "C" fn tag_match(
    _cache: *mut lws_cache_ttl_lru,
    wildcard: *const c_char,
    tag: *const c_char,
    lookup_rules: c_char,
) -> c_int {
    guard::pure("lws_cache_lookup", 1, || {
        // SAFETY: C strings; see the module above.
        let (wildcard, tag) = unsafe { (key_bytes(wildcard), key_bytes(tag)) };
        let mut parts = tag.splitn(3, |byte| *byte == b'|');
        let mut next = || parts.next().unwrap_or_default();
        let (host, path, name) = (next(), next(), next());
        let (subdomains, secure, expiry_secs, value) = (false, false, 0, &b""[..]);
        let cookie = Cookie { host, subdomains, path, secure, expiry_secs, name, value };
        compared(wildcard == tag || lookup_rules != 0 && is_for(&cookie, wildcard))
    })
}

unsafe extern "C" fn lookup(
    cache: *mut lws_cache_ttl_lru,
    wildcard: *const c_char,
    results: *mut lws_dll2_owner_t,
) -> c_int {
    const NAME: &str = "lws_cache_lookup";
    guard::pure(NAME, 1, || {
        // SAFETY: a level, a C string and a list; see the module above.
        unsafe {
            let wildcard = key_bytes(wildcard);
            with(cache, NAME, |jar| {
                jar.file.for_each(|cookie, line| {
                    if is_for(&cookie, wildcard) {
                        add_match(results, &cookie.key(), line.len(), 0);
                    }
                })?;
                Ok(0)
            })
        }
    })
}

unsafe extern "C" fn invalidate(cache: *mut lws_cache_ttl_lru, key: *const c_char) -> c_int {
    const NAME: &str = "lws_cache_item_remove";
    guard::pure(NAME, 1, || {
        // SAFETY: a level and a C string; see the module above.
        unsafe {
            let key = key_bytes(key);
            with(cache, NAME, |jar| jar.file.replace(key, None).map(|()| 0))
        }
    })
}

unsafe extern "C" fn find(
    cache: *mut lws_cache_ttl_lru,
    key: *const c_char,
    pdata: *mut *const c_void,
    psize: *mut usize,
) -> c_int {
    const NAME: &str = "lws_cache_item_get";
    guard::pure(NAME, 1, || {
        // SAFETY: a level, a C string and room for the results; see the module above.
        unsafe {
            let key = key_bytes(key);
            with(cache, NAME, |jar| {
                let mut found = None;
                jar.file.for_each(|cookie, line| {
                    if cookie.key() == key {
                        found = Some(line.to_vec());
                    }
                })?;
                let Some(line) = found else { return Ok(1) };
                jar.found = line;
                pdata.write(jar.found.as_ptr().cast());
                psize.write(jar.found.len());
                Ok(0)
            })
        }
    })
}

unsafe extern "C" fn debug_dump(cache: *mut lws_cache_ttl_lru) {
    const NAME: &str = "lws_cache_debug_dump";
    guard::pure(NAME, (), || {
        // SAFETY: a level; see the module above.
        unsafe {
            with(cache, NAME, |jar| {
                jar.file.for_each(|cookie, _| {
                    // Names only: values are secrets.
                    let key = cookie.key();
                    log::process(LogLevel::Debug, NAME, format_args!("{}", String::from_utf8_lossy(&key)));
                })?;
                Ok(0)
            });
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn request_gets_cookies_of_its_path_and_those_above() {
        let cookie = Cookie::parse(b"example.com\tFALSE\t/my\tTRUE\t0\tid\ta").unwrap();
        for wildcard in ["example.com|/my|id", "example.com|/my/path|*", "example.com|/my|i*", "*"] {
            assert!(is_for(&cookie, wildcard.as_bytes()), "{wildcard}");
        }
        for wildcard in ["example.com|/|*", "example.com|/mypath|*", "www.example.com|/my|*", "example.com|/my|x"] {
            assert!(!is_for(&cookie, wildcard.as_bytes()), "{wildcard}");
        }
        let domain = Cookie { host: b".example.com", path: b"/", ..cookie };
        for (host, expected) in [("a.example.com", true), ("example.com", true), ("badexample.com", false)] {
            assert_eq!(is_for(&domain, format!("{host}|/x/y|id").as_bytes()), expected, "{host}");
        }
    }
}
