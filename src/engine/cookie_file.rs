//! The file that cookies are kept in: read at each use, as other programs may have it open too.
//!
//! Whoever changes it holds `<file>.LCK`, and replaces it as a whole by way of `<file>.tmp`. The format of its lines is
//! that of [`cookie_jar`].
use crate::proto::http::cookie_jar::{self, Change, Cookie, Place};
use std::collections::HashMap;
use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Cookies of one host, and of all together, that are kept (RFC 6265 §6.1 asks for 50 and 3000 at least).
const MAX_PER_HOST: usize = 180;
const MAX_ALL: usize = 3000;
/// How often and with which pauses a lock is tried that somebody else holds.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(10);
/// A lock that is older was left behind.
const LOCK_STALE: Duration = Duration::from_secs(10);

/// A cookie file.
pub struct CookieFile {
    path: PathBuf,
}

/// Keeps the lock file in place while it lives.
struct Lock(PathBuf);

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

impl CookieFile {
    pub fn new(path: &OsStr) -> Self {
        Self { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
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
    pub fn for_each(&self, mut work: impl FnMut(Cookie<'_>, &[u8])) -> io::Result<()> {
        let now = now_secs();
        for line in self.read()? {
            if let Some(cookie) = Cookie::parse(&line).filter(|cookie| !cookie.is_expired(now)) {
                work(cookie, &line);
            }
        }
        Ok(())
    }

    /// Takes out the cookie `key`, and what has expired, and puts `line` at the end. Comments stay.
    pub fn replace(&self, key: &[u8], line: Option<&[u8]>) -> io::Result<()> {
        self.change(&[Change { key: key.to_vec(), line: line.map(<[u8]>::to_vec) }])
    }

    /// Carries out all changes at once: see [`replace`](Self::replace). The oldest cookies go where a host has too many.
    pub fn change(&self, changes: &[Change]) -> io::Result<()> {
        let _lock = self.lock()?;
        let now = now_secs();
        let before = self.read()?;
        let is_changed = |key: &[u8]| changes.iter().any(|change| change.key == key);
        let stays = |line: &&Vec<u8>| {
            Cookie::parse(line).is_none_or(|cookie| !cookie.is_expired(now) && !is_changed(&cookie.key()))
        };
        let mut after: Vec<&[u8]> = before.iter().filter(stays).map(Vec::as_slice).collect();
        let kept = after.len();
        for (index, change) in changes.iter().enumerate() {
            // The last word on a cookie counts.
            let is_last = !changes[index + 1..].iter().any(|later| later.key == change.key);
            after.extend(change.line.as_deref().filter(|_| is_last));
        }
        if after.len() == kept && kept == before.len() {
            return Ok(());
        }
        keep_newest(&mut after);
        self.write(&after)
    }

    /// The Cookie header of a request at `place`.
    pub fn header_for(&self, place: &Place<'_>) -> io::Result<Option<Vec<u8>>> {
        let lines = self.read()?;
        Ok(cookie_jar::header_for(lines.iter().map(Vec::as_slice), place, now_secs()))
    }

    pub fn clear(&self) -> io::Result<()> {
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
                Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(error),
                Err(error) if attempt >= LOCK_TRIES => {
                    let why = format!("another program holds the lock {}, or left it behind", path.display());
                    return Err(io::Error::new(error.kind(), why));
                }
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

/// Drops the oldest cookies where a host has more than [`MAX_PER_HOST`], or all together more than [`MAX_ALL`].
fn keep_newest(lines: &mut Vec<&[u8]>) {
    let mut all = 0;
    let mut of_host: HashMap<&[u8], usize> = HashMap::new();
    let mut keep: Vec<bool> = Vec::with_capacity(lines.len());
    for line in lines.iter().rev() {
        let Some(cookie) = Cookie::parse(line) else {
            keep.push(true);
            continue;
        };
        let count = of_host.entry(cookie.host).or_default();
        *count += 1;
        all += 1;
        keep.push(*count <= MAX_PER_HOST && all <= MAX_ALL);
    }
    let mut keep = keep.into_iter().rev();
    lines.retain(|_| keep.next().unwrap_or(true));
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    name.into()
}

/// The time in the unit of the file.
pub fn now_secs() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jar(name: &str) -> CookieFile {
        let path = std::env::temp_dir().join(format!("oxlws-jar-{name}-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        CookieFile::new(path.as_os_str())
    }

    fn keys(jar: &CookieFile) -> Vec<String> {
        let mut keys = Vec::new();
        jar.for_each(|cookie, _| keys.push(String::from_utf8(cookie.key()).unwrap())).unwrap();
        keys
    }

    const LINE: &[u8] = b"example.com\tFALSE\t/my\tTRUE\t0\tid\ta b\tc";

    #[test]
    fn several_changes_at_once_the_last_word_counts() {
        let jar = jar("changes");
        let change = |name: &str, value: Option<&str>| Change {
            key: format!("h|/|{name}").into_bytes(),
            line: value.map(|value| format!("h\tFALSE\t/\tFALSE\t0\t{name}\t{value}").into_bytes()),
        };
        jar.change(&[change("a", Some("1")), change("b", Some("2")), change("a", Some("3"))]).unwrap();
        let place = Place { host: "h", path: "/x", secure: false };
        assert_eq!(jar.header_for(&place).unwrap().unwrap(), b"b=2; a=3");
        jar.change(&[change("a", None), change("b", None)]).unwrap();
        assert_eq!(jar.header_for(&place).unwrap(), None);
        fs::remove_file(&jar.path).unwrap();
    }

    #[test]
    fn a_host_cannot_fill_the_file() {
        let lines: Vec<Vec<u8>> = (0..MAX_PER_HOST + 5)
            .map(|n| format!("h\tFALSE\t/\tFALSE\t0\tn{n}\tv").into_bytes())
            .chain([b"# comment".to_vec(), b"g\tFALSE\t/\tFALSE\t0\tn\tv".to_vec()])
            .collect();
        let mut kept: Vec<&[u8]> = lines.iter().map(Vec::as_slice).collect();
        keep_newest(&mut kept);
        assert_eq!(kept.len(), MAX_PER_HOST + 2);
        assert!(kept[0].ends_with(b"\tn5\tv") && kept.contains(&&b"# comment"[..]));
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
