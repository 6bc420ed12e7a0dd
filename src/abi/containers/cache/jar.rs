//! The cache level that keeps cookies in a file of the format that Netscape introduced and many programs read.
//!
//! Seven columns with tabs between them: host, whether subdomains are meant (TRUE or FALSE), path, whether it is for
//! secure connections only, expiry in unix seconds (0: at the end of the session), name, value. Lines that begin with
//! `#` are comments. The key of a cookie is `host|path|name`, its payload is the line.
//!
//! The file is read at each use, as other programs may have it open. Whoever changes it holds `<file>.LCK`, and
//! replaces it as a whole by way of `<file>.tmp`.
use super::{Level, Store, add_match, compared, get, key_bytes, matches_wildcard};
use crate::abi::guard;
use crate::abi::layout::{lws_cache_creation_info, lws_cache_ops, lws_cache_ttl_lru, lws_dll2_owner_t, lws_usec_t};
use crate::engine::log::{self, Level as LogLevel};
use std::ffi::{OsStr, OsString, c_char, c_int, c_void};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::ptr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The operations of a level in a cookie file: pass its address as `info.ops`, and set `info.u.nscookiejar.filepath`.
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
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

/// How often and with which pauses a lock is tried that somebody else holds.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// A lock that is older was left behind.
const LOCK_STALE: Duration = Duration::from_secs(10);

/// A cookie file.
pub struct Jar {
    path: PathBuf,
    /// The line found last.
    found: Vec<u8>,
}

/// One line of the file, taken apart.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cookie<'a> {
    host: &'a [u8],
    subdomains: bool,
    path: &'a [u8],
    expiry_secs: u64,
    name: &'a [u8],
}

impl<'a> Cookie<'a> {
    /// `None` for comments and whatever else is not a cookie.
    fn parse(line: &'a [u8]) -> Option<Self> {
        if line.starts_with(b"#") {
            return None;
        }
        let mut columns = line.splitn(7, |byte| *byte == b'\t');
        let mut next = || columns.next();
        let (host, subdomains, path, _secure, expiry, name, _value) =
            (next()?, next()?, next()?, next()?, next()?, next()?, next()?);
        let expiry_secs = str::from_utf8(expiry).ok()?.parse().ok()?;
        Some(Self { host, subdomains: subdomains.eq_ignore_ascii_case(b"TRUE"), path, expiry_secs, name })
    }

    fn key(&self) -> Vec<u8> {
        [self.host, self.path, self.name].join(&b'|')
    }

    fn is_expired(&self, now_secs: u64) -> bool {
        self.expiry_secs != 0 && self.expiry_secs <= now_secs
    }

    /// Whether a request that is described by `wildcard`, of the form of a key, gets this cookie.
    fn is_for(&self, wildcard: &[u8]) -> bool {
        let mut parts = wildcard.splitn(3, |byte| *byte == b'|');
        match (parts.next(), parts.next(), parts.next()) {
            (Some(host), Some(path), Some(name)) => {
                (matches_wildcard(host, self.host) || self.covers_host(host))
                    && (matches_wildcard(path, self.path) || self.covers_path(path))
                    && matches_wildcard(name, self.name)
            }
            _ => matches_wildcard(wildcard, &self.key()),
        }
    }

    /// RFC 6265 §5.1.3.
    fn covers_host(&self, host: &[u8]) -> bool {
        let domain = self.host.strip_prefix(b".").unwrap_or(self.host);
        if !self.subdomains && domain.len() == self.host.len() || domain.is_empty() {
            return false;
        }
        let below = host.len().checked_sub(domain.len()).map(|at| host.split_at(at));
        below.is_some_and(|(sub, end)| end.eq_ignore_ascii_case(domain) && (sub.is_empty() || sub.ends_with(b".")))
    }

    /// RFC 6265 §5.1.4.
    fn covers_path(&self, path: &[u8]) -> bool {
        let rest = path.strip_prefix(self.path);
        rest.is_some_and(|rest| rest.is_empty() || self.path.ends_with(b"/") || rest.starts_with(b"/"))
    }
}

/// Keeps the lock file in place while it lives.
struct Lock(PathBuf);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl Jar {
    fn new(path: &OsStr) -> Self {
        Self { path: path.into(), found: Vec::new() }
    }

    /// All lines, without their ends. A file that is not there is an empty one.
    fn read(&self) -> io::Result<Vec<Vec<u8>>> {
        let text = match fs::read(&self.path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            other => other?,
        };
        let lines = text.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        Ok(lines.filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect())
    }

    /// The cookies that have not expired, with their lines.
    fn for_each(&self, mut work: impl FnMut(Cookie<'_>, &[u8])) -> io::Result<()> {
        let now = now_secs();
        for line in self.read()? {
            if let Some(cookie) = Cookie::parse(&line).filter(|cookie| !cookie.is_expired(now)) {
                work(cookie, &line);
            }
        }
        Ok(())
    }

    /// Takes out the cookie `key`, and what has expired, and puts `line` at the end. Comments stay.
    fn replace(&self, key: &[u8], line: Option<&[u8]>) -> io::Result<()> {
        let _lock = self.lock()?;
        let now = now_secs();
        let before = self.read()?;
        let stays =
            |line: &&Vec<u8>| Cookie::parse(line).is_none_or(|cookie| !cookie.is_expired(now) && cookie.key() != key);
        let mut after: Vec<&[u8]> = before.iter().filter(stays).map(Vec::as_slice).collect();
        if line.is_none() && after.len() == before.len() {
            return Ok(());
        }
        after.extend(line);
        self.write(&after)
    }

    fn clear(&self) -> io::Result<()> {
        let _lock = self.lock()?;
        if self.path.exists() { self.write(&[]) } else { Ok(()) }
    }

    fn write(&self, lines: &[&[u8]]) -> io::Result<()> {
        let tmp = with_suffix(&self.path, ".tmp");
        let mut text = lines.join(&b'\n');
        if !text.is_empty() {
            text.push(b'\n');
        }
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&tmp)?;
        file.write_all(&text)?;
        drop(file);
        fs::rename(&tmp, &self.path)
    }

    fn lock(&self) -> io::Result<Lock> {
        let path = with_suffix(&self.path, ".LCK");
        for attempt in 0.. {
            match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
                Ok(_) => break,
                Err(error) if error.kind() != ErrorKind::AlreadyExists || attempt >= LOCK_TRIES => return Err(error),
                Err(_) => {}
            }
            let age = fs::metadata(&path).and_then(|meta| meta.modified()).ok().and_then(|at| at.elapsed().ok());
            if age.is_some_and(|age| age > LOCK_STALE) {
                let _ = fs::remove_file(&path);
            } else {
                std::thread::sleep(LOCK_PAUSE);
            }
        }
        Ok(Lock(path))
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

fn now_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
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
        log::process(LogLevel::Err, function, format_args!("{}: {error}", jar.path.display()));
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
            Level::create(info, Store::Jar(Jar::new(OsStr::from_bytes(path))))
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
    guard::pure(NAME, 1, || unsafe { with(cache, NAME, |jar| jar.clear().map(|()| 0)) })
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
                jar.replace(key, Some(line)).map(|()| 0)
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
        let cookie = Cookie { host: next(), subdomains: false, path: next(), expiry_secs: 0, name: next() };
        compared(wildcard == tag || lookup_rules != 0 && cookie.is_for(wildcard))
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
                jar.for_each(|cookie, line| {
                    if cookie.is_for(wildcard) {
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
            with(cache, NAME, |jar| jar.replace(key, None).map(|()| 0))
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
                jar.for_each(|cookie, line| {
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
                jar.for_each(|cookie, _| {
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

    fn jar(name: &str) -> Jar {
        let path = std::env::temp_dir().join(format!("oxlws-jar-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        Jar::new(path.as_os_str())
    }

    fn keys(jar: &Jar) -> Vec<String> {
        let mut keys = Vec::new();
        jar.for_each(|cookie, _| keys.push(String::from_utf8(cookie.key()).unwrap())).unwrap();
        keys
    }

    const LINE: &[u8] = b"example.com\tFALSE\t/my\tTRUE\t0\tid\ta b\tc";

    #[test]
    fn line_is_taken_apart_and_comments_are_not_cookies() {
        let cookie = Cookie::parse(LINE).unwrap();
        assert_eq!((cookie.key(), cookie.subdomains), (b"example.com|/my|id".to_vec(), false));
        for line in ["# comment", "#HttpOnly_h\tTRUE\t/\tTRUE\t0\tn\tv", "h\tTRUE\t/\tTRUE\tx\tn\tv", "h\tTRUE", ""] {
            assert_eq!(Cookie::parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn request_gets_cookies_of_its_path_and_those_above() {
        let cookie = Cookie::parse(LINE).unwrap();
        for wildcard in ["example.com|/my|id", "example.com|/my/path|*", "example.com|/my|i*", "*"] {
            assert!(cookie.is_for(wildcard.as_bytes()), "{wildcard}");
        }
        for wildcard in ["example.com|/|*", "example.com|/mypath|*", "www.example.com|/my|*", "example.com|/my|x"] {
            assert!(!cookie.is_for(wildcard.as_bytes()), "{wildcard}");
        }
        let domain = Cookie { host: b".example.com", path: b"/", ..cookie };
        for (host, expected) in [("a.example.com", true), ("example.com", true), ("badexample.com", false)] {
            assert_eq!(domain.is_for(format!("{host}|/x/y|id").as_bytes()), expected, "{host}");
        }
    }

    #[test]
    fn file_keeps_comments_and_loses_expired_and_replaced_cookies() {
        let jar = jar("replace");
        fs::write(&jar.path, "# keep\nold\tTRUE\t/\tFALSE\t5\tn\tv\nh\tTRUE\t/\tFALSE\t0\tn\t1\n").unwrap();
        assert_eq!(keys(&jar), ["h|/|n"]);
        jar.replace(b"h|/|n", Some(b"h\tTRUE\t/\tFALSE\t0\tn\t2")).unwrap();
        assert_eq!(fs::read(&jar.path).unwrap(), b"# keep\nh\tTRUE\t/\tFALSE\t0\tn\t2\n");
        jar.replace(b"h|/|n", None).unwrap();
        assert_eq!(fs::read(&jar.path).unwrap(), b"# keep\n");
        assert!(!with_suffix(&jar.path, ".LCK").exists() && !with_suffix(&jar.path, ".tmp").exists());
        jar.clear().unwrap();
        assert_eq!(fs::read(&jar.path).unwrap(), b"");
        fs::remove_file(&jar.path).unwrap();
    }

    #[test]
    fn lock_of_somebody_else_is_respected() {
        let jar = jar("lock");
        let held = jar.lock().unwrap();
        assert_eq!(jar.replace(b"k", Some(LINE)).unwrap_err().kind(), ErrorKind::AlreadyExists);
        drop(held);
        jar.replace(b"k", Some(LINE)).unwrap();
        assert_eq!(keys(&jar), ["example.com|/my|id"]);
        fs::remove_file(&jar.path).unwrap();
    }
}
