//! Which cookies does a reply set, and which does a request get? (RFC 6265 §5)
//!
//! A cookie is kept as a line of the file format that Netscape introduced and many programs read. Seven columns with
//! tabs between them: host, whether subdomains are meant (TRUE or FALSE), path, whether it is for secure connections
//! only, expiry in unix seconds (0: at the end of the session), name, value. Lines that begin with `#` are comments.
use super::date;
use super::headers::{trim_blanks_end, trim_blanks_start};

/// Longest name and value together that are kept (RFC 6265bis §5.6).
const MAX_PAIR: usize = 4096;
/// Longest value of one attribute; a longer one counts as not there.
const MAX_ATTRIBUTE: usize = 1024;

/// One line of the file, taken apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cookie<'a> {
    pub host: &'a [u8],
    pub subdomains: bool,
    pub path: &'a [u8],
    /// Only for TLS.
    pub secure: bool,
    /// Unix seconds, 0: at the end of the session.
    pub expiry_secs: u64,
    pub name: &'a [u8],
    pub value: &'a [u8],
}

impl<'a> Cookie<'a> {
    /// `None` for comments and whatever else is not a cookie.
    pub fn parse(line: &'a [u8]) -> Option<Self> {
        if line.starts_with(b"#") {
            return None;
        }
        let mut columns = line.splitn(7, |byte| *byte == b'\t');
        let mut next = || columns.next();
        let (host, subdomains, path, secure, expiry, name, value) =
            (next()?, next()?, next()?, next()?, next()?, next()?, next()?);
        let expiry_secs = str::from_utf8(expiry).ok()?.parse().ok()?;
        let [subdomains, secure] = [subdomains, secure].map(|word| word.eq_ignore_ascii_case(b"TRUE"));
        Some(Self { host, subdomains, path, secure, expiry_secs, name, value })
    }

    /// `host|path|name`: cookies with the same key replace one another.
    pub fn key(&self) -> Vec<u8> {
        [self.host, self.path, self.name].join(&b'|')
    }

    pub fn is_expired(&self, now_secs: u64) -> bool {
        self.expiry_secs != 0 && self.expiry_secs <= now_secs
    }

    /// Whether it is meant for subdomains and `host` is one of them, or the domain itself (RFC 6265 §5.1.3).
    pub fn covers_host(&self, host: &[u8]) -> bool {
        let domain = self.host.strip_prefix(b".").unwrap_or(self.host);
        (self.subdomains || domain.len() != self.host.len()) && domain_matches(domain, host)
    }

    /// RFC 6265 §5.1.4.
    pub fn covers_path(&self, path: &[u8]) -> bool {
        let rest = path.strip_prefix(self.path);
        rest.is_some_and(|rest| rest.is_empty() || self.path.ends_with(b"/") || rest.starts_with(b"/"))
    }
}

/// Whether `host` is `domain` or a name below it.
fn domain_matches(domain: &[u8], host: &[u8]) -> bool {
    if domain.is_empty() {
        return false;
    }
    let below = host.len().checked_sub(domain.len()).map(|at| host.split_at(at));
    below.is_some_and(|(sub, end)| end.eq_ignore_ascii_case(domain) && (sub.is_empty() || sub.ends_with(b".")))
}

/// What a request says about itself, as far as cookies are concerned.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// Name or address of the server, without port.
    pub host: &'a str,
    /// Path with or without arguments.
    pub path: &'a str,
    /// TLS is used.
    pub secure: bool,
}

impl Place<'_> {
    /// The path alone.
    fn bare_path(&self) -> &[u8] {
        let path = self.path.split(['?', '#']).next().unwrap_or_default();
        if path.starts_with('/') { path.as_bytes() } else { b"/" }
    }

    fn host_is_address(&self) -> bool {
        self.host.parse::<std::net::IpAddr>().is_ok()
    }

    /// The path that a cookie without one is for (RFC 6265 §5.1.4).
    fn default_path(&self) -> &[u8] {
        let path = self.bare_path();
        match path.iter().rposition(|byte| *byte == b'/') {
            None | Some(0) => b"/",
            Some(end) => &path[..end],
        }
    }

    /// Whether a request here gets this cookie (RFC 6265 §5.4).
    pub fn gets(&self, cookie: &Cookie<'_>) -> bool {
        let host = self.host.as_bytes();
        let for_host = cookie.host.eq_ignore_ascii_case(host) || !self.host_is_address() && cookie.covers_host(host);
        for_host && cookie.covers_path(self.bare_path()) && (self.secure || !cookie.secure)
    }
}

/// What a Set-Cookie header does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The cookie that is replaced or goes.
    pub key: Vec<u8>,
    /// Its line; `None`: it goes.
    pub line: Option<Vec<u8>>,
}

/// Reads the value of one Set-Cookie header of a reply to a request at `place` (RFC 6265 §5.2, §5.3).
///
/// `None`: it is to be ignored: not a cookie, for a host that the server may not speak for, or marked `Secure` without TLS.
pub fn set_cookie(text: &[u8], place: &Place<'_>, now_secs: u64) -> Option<Change> {
    // A tab or line end would be another column or line of the file.
    if text.iter().any(u8::is_ascii_control) {
        return None;
    }
    let mut parts = text.split(|byte| *byte == b';');
    let (name, value) = pair(parts.next()?);
    let value = value?;
    if name.is_empty() || name.len() + value.len() > MAX_PAIR || name.starts_with(b"#") {
        return None;
    }
    let (mut domain, mut path, mut secure) = (None, None, false);
    let (mut max_age, mut expires) = (None, None);
    for (attribute, value) in parts.map(pair) {
        let value = value.unwrap_or_default();
        if value.len() > MAX_ATTRIBUTE {
            continue;
        }
        match attribute.to_ascii_lowercase().as_slice() {
            b"domain" => domain = Some(value.strip_prefix(b".").unwrap_or(value)).filter(|domain| !domain.is_empty()),
            b"path" => path = Some(value).filter(|path| path.starts_with(b"/")),
            b"secure" => secure = true,
            b"max-age" => max_age = seconds(value).or(max_age),
            b"expires" => expires = expiry_date(value).or(expires),
            _ => {}
        }
    }
    if secure && !place.secure {
        return None;
    }
    let host = place.host.to_ascii_lowercase().into_bytes();
    let (host, subdomains) = match domain.map(<[u8]>::to_ascii_lowercase) {
        None => (host, false),
        Some(domain) if domain == host && !is_for_many(&domain) => (host, false),
        Some(domain) if domain == host && place.host_is_address() => (host, false),
        Some(domain) => {
            let allowed = !place.host_is_address() && is_for_many(&domain) && domain_matches(&domain, &host);
            (allowed.then_some(domain)?, true)
        }
    };
    let expiry_secs = match (max_age, expires) {
        (Some(age), _) if age <= 0 => 1,
        (Some(age), _) => now_secs.saturating_add(age.unsigned_abs()),
        (None, Some(date)) => u64::try_from(date).unwrap_or(0).max(1),
        (None, None) => 0,
    };
    let path = path.unwrap_or(place.default_path());
    let cookie = Cookie { host: &host, subdomains, path, secure, expiry_secs, name, value };
    let is_gone = cookie.is_expired(now_secs);
    let word = |is: bool| if is { "TRUE" } else { "FALSE" };
    let columns = [
        &host,
        word(subdomains).as_bytes(),
        path,
        word(secure).as_bytes(),
        expiry_secs.to_string().as_bytes(),
        name,
        value,
    ]
    .join(&b'\t');
    Some(Change { key: cookie.key(), line: (!is_gone).then_some(columns) })
}

/// A single label ("com") is nobody's domain. Deeper public suffixes are not known here.
fn is_for_many(domain: &[u8]) -> bool {
    domain.contains(&b'.')
}

/// Name and value around the first `=`, trimmed; no value without `=`.
fn pair(text: &[u8]) -> (&[u8], Option<&[u8]>) {
    let trim = |text| trim_blanks_end(trim_blanks_start(text));
    match text.iter().position(|byte| *byte == b'=') {
        Some(at) => (trim(&text[..at]), Some(trim(&text[at + 1..]))),
        None => (trim(text), None),
    }
}

/// RFC 6265 §5.2.2; what is too large to count is very long.
fn seconds(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let most = if digits.len() == text.len() { i64::MAX } else { i64::MIN };
    Some(str::from_utf8(text).ok()?.parse().unwrap_or(most))
}

/// RFC 6265 §5.1.1: time, day, month and year in any order, between nearly any delimiters.
fn expiry_date(text: &[u8]) -> Option<i64> {
    let is_delimiter = |byte: &u8| !(byte.is_ascii_alphanumeric() || *byte == b':' || *byte >= 0x80);
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for word in text.split(is_delimiter).filter(|word| !word.is_empty()) {
        let digits = word.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number = || str::from_utf8(&word[..digits]).ok()?.parse::<i64>().ok();
        if time.is_none() && word.contains(&b':') {
            time = clock(word);
        } else if day.is_none() && (1..=2).contains(&digits) {
            day = number();
        } else if month.is_none() && digits == 0 && date::month_of(word).is_some() {
            month = date::month_of(word);
        } else if year.is_none() && (2..=4).contains(&digits) {
            year = number();
        }
    }
    let year = match year? {
        short @ 70..=99 => short + 1900,
        short @ 0..=69 => short + 2000,
        year => year,
    };
    (year >= 1601).then(|| date::from_parts(year, month?, day?, time?)).flatten()
}

/// `hh:mm:ss`, one or two digits each.
fn clock(word: &[u8]) -> Option<[i64; 3]> {
    let mut parts = word.splitn(3, |byte| *byte == b':').map(|part| {
        let digits = part.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if (1..=2).contains(&digits) { str::from_utf8(&part[..digits]).ok()?.parse().ok() } else { None }
    });
    Some([parts.next()??, parts.next()??, parts.next()??])
}

/// The value of a Cookie header for a request at `place` from the lines of a jar; `None`: there is none to send.
///
/// Longer paths come first, then older lines (RFC 6265 §5.4).
pub fn header_for<'a>(lines: impl Iterator<Item = &'a [u8]>, place: &Place<'_>, now_secs: u64) -> Option<Vec<u8>> {
    // The file may have been written by anybody.
    let is_sent = |cookie: &Cookie<'_>| {
        let is_text = ![cookie.name, cookie.value].concat().iter().any(u8::is_ascii_control);
        is_text && !cookie.is_expired(now_secs) && place.gets(cookie)
    };
    let mut chosen: Vec<Cookie<'_>> = lines.filter_map(Cookie::parse).filter(|cookie| is_sent(cookie)).collect();
    chosen.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
    let pairs: Vec<Vec<u8>> = chosen.iter().map(|cookie| [cookie.name, cookie.value].join(&b'=')).collect();
    (!pairs.is_empty()).then(|| pairs.join(&b"; "[..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;
    const HERE: Place<'static> = Place { host: "www.example.com", path: "/my/page?x=/y/z", secure: false };
    const SAFE: Place<'static> = Place { secure: true, ..HERE };
    const LINE: &[u8] = b"example.com\tFALSE\t/my\tTRUE\t0\tid\ta b\tc";

    fn line(text: &str, place: &Place<'_>) -> Option<String> {
        let change = set_cookie(text.as_bytes(), place, NOW)?;
        Some(String::from_utf8(change.line.unwrap_or_default()).unwrap().replace('\t', " "))
    }

    #[test]
    fn line_is_taken_apart_and_comments_are_not_cookies() {
        let cookie = Cookie::parse(LINE).unwrap();
        assert_eq!((cookie.key(), cookie.subdomains), (b"example.com|/my|id".to_vec(), false));
        assert_eq!((cookie.secure, cookie.value), (true, &b"a b\tc"[..]));
        for line in ["# comment", "#HttpOnly_h\tTRUE\t/\tTRUE\t0\tn\tv", "h\tTRUE\t/\tTRUE\tx\tn\tv", "h\tTRUE", ""] {
            assert_eq!(Cookie::parse(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn a_cookie_is_for_its_host_and_directory_unless_it_says_otherwise() {
        assert_eq!(line("a=b", &HERE).unwrap(), "www.example.com FALSE /my FALSE 0 a b");
        assert_eq!(line(" a = b ; Path=/", &HERE).unwrap(), "www.example.com FALSE / FALSE 0 a b");
        assert_eq!(line("a=;path=x", &HERE).unwrap(), "www.example.com FALSE /my FALSE 0 a ");
        assert_eq!(line("a=b;DOMAIN=.Example.com", &HERE).unwrap(), "example.com TRUE /my FALSE 0 a b");
        let local = Place { host: "localhost", path: "/", secure: false };
        assert_eq!(line("a=b; Domain=localhost", &local).unwrap(), "localhost FALSE / FALSE 0 a b");
        let address = Place { host: "127.0.0.1", path: "/x", secure: false };
        assert_eq!(line("a=b; Domain=127.0.0.1", &address).unwrap(), "127.0.0.1 FALSE / FALSE 0 a b");
        assert_eq!(line("a=b; Domain=0.0.1", &address), None);
    }

    #[test]
    fn what_a_server_may_not_set_is_ignored() {
        for text in ["a=b; Domain=other.com", "a=b; Domain=com", "a=b; Domain=x.www.example.com", "a=b; Secure"] {
            assert_eq!(line(text, &HERE), None, "{text}");
        }
        for text in ["", "a", "=b", "a=b\tc", "a=b\nh\tTRUE", "#a=b"] {
            assert_eq!(line(text, &HERE), None, "{text}");
        }
        assert_eq!(set_cookie(format!("a={}", "b".repeat(5000)).as_bytes(), &HERE, NOW), None);
        assert_eq!(line("a=b; secure", &SAFE).unwrap(), "www.example.com FALSE /my TRUE 0 a b");
    }

    #[test]
    fn max_age_counts_before_expires_and_the_past_removes() {
        assert_eq!(
            line("a=b; max-age=10", &HERE).unwrap(),
            format!("www.example.com FALSE /my FALSE {} a b", NOW + 10)
        );
        let future = "Expires=Fri, 01 Jan 2100 00:00:00 GMT";
        assert_eq!(line(&format!("a=b; {future}"), &HERE).unwrap(), "www.example.com FALSE /my FALSE 4102444800 a b");
        for text in [
            "a=b; Max-Age=0",
            "a=b; Max-Age=-5; Expires=Fri, 01 Jan 2100 00:00:00 GMT",
            "a=b; expires=Thu, 01-Jan-1970 00:00:01 GMT",
        ] {
            let change = set_cookie(text.as_bytes(), &HERE, NOW).unwrap();
            assert_eq!((change.key, change.line), (b"www.example.com|/my|a".to_vec(), None), "{text}");
        }
        assert_eq!(line("a=b; Max-Age=x; Expires=soon", &HERE).unwrap(), "www.example.com FALSE /my FALSE 0 a b");
        assert!(line("a=b; Max-Age=99999999999999999999", &HERE).unwrap().contains(" a b"));
    }

    #[test]
    fn dates_are_read_in_every_usual_form() {
        for text in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06-Nov-1994 8:49:37",
            "1994 nov 6 08:49:37",
        ] {
            assert_eq!(expiry_date(text.as_bytes()), Some(784_111_777), "{text}");
        }
        for text in [
            "",
            "06 Nov 1994",
            "06 Nov 1994 25:00:00",
            "31 Feb 1994 00:00:00",
            "99999 Nov 1 0:0",
            "1 Jan 1500 00:00:00",
        ] {
            assert_eq!(expiry_date(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_request_gets_what_is_for_it_longer_paths_first() {
        let lines: [&[u8]; 7] = [
            b"example.com\tTRUE\t/\tFALSE\t0\ta\t1",
            b"www.example.com\tFALSE\t/my\tFALSE\t0\tb\t2",
            b"www.example.com\tFALSE\t/my/page\tTRUE\t0\tc\t3",
            b"example.com\tFALSE\t/\tFALSE\t0\td\t4",
            b"www.example.com\tFALSE\t/m\tFALSE\t0\te\t5",
            b"www.example.com\tFALSE\t/\tFALSE\t5\tf\t6",
            b".example.com\tTRUE\t/\tFALSE\t1900000000\tg\t7",
        ];
        let header = |place| String::from_utf8(header_for(lines.into_iter(), &place, NOW).unwrap_or_default()).unwrap();
        assert_eq!(header(HERE), "b=2; a=1; g=7");
        assert_eq!(header(SAFE), "c=3; b=2; a=1; g=7");
        assert_eq!(header(Place { host: "example.com", path: "/", secure: true }), "a=1; d=4; g=7");
        assert_eq!(header(Place { host: "badexample.com", path: "/", secure: true }), "");
    }
}
