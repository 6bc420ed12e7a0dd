//! Where does a redirect lead? URLs as the client engine needs them.
//!
//! The rules are those programs know, not RFC 3986: a Location without a scheme is a path on the same server, and a
//! relative path is *not* merged with the old one (`x/y` becomes `/x/y`).

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Name or address; an IPv6 address without brackets.
    pub host: String,
    /// The TCP port.
    pub port: u16,
    /// Whether TLS is used.
    pub is_tls: bool,
    /// Path and arguments, beginning with a slash; as the program or the server gave them, not always UTF-8.
    pub path: Vec<u8>,
}

/// Where a redirect leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Redirect {
    /// The new target.
    pub target: Target,
    /// Whether the Location named a server, even if it is the same one; Host becomes its name then.
    pub names_host: bool,
    /// From TLS to plain: only followed if the program allowed it.
    pub is_downgrade: bool,
}

/// Why a Location cannot be followed. All of them are "HS: URI did not parse" for the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LocationError {
    /// Empty.
    Empty,
    /// A scheme other than http, https, ws, wss.
    Scheme,
    /// No host, one that is not UTF-8, or brackets that do not match.
    Host,
    /// Not a number up to 65535.
    Port,
    /// A control character.
    Text,
}

impl Redirect {
    /// The target of `location` (the header's value), seen from `current`.
    pub fn resolve(current: &Target, location: &[u8]) -> Result<Redirect, LocationError> {
        let location = location.trim_ascii();
        if location.is_empty() {
            return Err(LocationError::Empty);
        }
        if location.iter().any(|&byte| byte < b' ' || byte == 0x7f) {
            return Err(LocationError::Text);
        }
        let Some((scheme, rest)) = split_scheme(location) else {
            let target = Target { path: rooted_path(location), ..current.clone() };
            return Ok(Redirect { target, names_host: false, is_downgrade: false });
        };
        let (is_tls, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" | "ws" => (false, 80),
            "https" | "wss" => (true, 443),
            _ => return Err(LocationError::Scheme),
        };
        let end = rest.iter().position(|byte| b"/?#".contains(byte)).unwrap_or(rest.len());
        let (authority, path) = rest.split_at(end);
        let authority = std::str::from_utf8(authority).map_err(|_| LocationError::Host)?;
        let (host, port) = split_authority(authority)?;
        // Port 0 has always meant the standard TLS port, whatever the scheme.
        let (port, is_tls) = match port {
            Some(0) => (443, true),
            Some(port) => (port, is_tls),
            None => (default_port, is_tls),
        };
        let target = Target { host: host.to_owned(), port, is_tls, path: rooted_path(path) };
        Ok(Redirect { is_downgrade: current.is_tls && !target.is_tls, target, names_host: true })
    }
}

/// Splits `host`, `host:port`, `[v6]`, `[v6]:port`, with user information in front, which is dropped.
pub fn split_authority(authority: &str) -> Result<(&str, Option<u16>), LocationError> {
    let host_port = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
    let (host, port) = match host_port.strip_prefix('[') {
        Some(rest) => {
            let (host, after) = rest.split_once(']').ok_or(LocationError::Host)?;
            match after.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if after.is_empty() => (host, None),
                None => return Err(LocationError::Host),
            }
        }
        None => host_port.split_once(':').map_or((host_port, None), |(host, port)| (host, Some(port))),
    };
    if host.is_empty() || host.contains(' ') {
        return Err(LocationError::Host);
    }
    Ok((host, port.filter(|port| !port.is_empty()).map(parse_port).transpose()?))
}

/// A scheme and `://`, before anything that would make it part of a path.
fn split_scheme(location: &[u8]) -> Option<(&str, &[u8])> {
    let end = location.windows(3).position(|part| part == b"://")?;
    let (scheme, rest) = (std::str::from_utf8(&location[..end]).ok()?, &location[end + 3..]);
    let is_scheme =
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    is_scheme.then_some((scheme, rest))
}

/// The path with its leading slash and without a fragment, which is never sent.
fn rooted_path(path: &[u8]) -> Vec<u8> {
    let path = path.split(|&byte| byte == b'#').next().unwrap_or_default();
    if path.starts_with(b"/") { path.to_vec() } else { [b"/", path].concat() }
}

fn parse_port(text: &str) -> Result<u16, LocationError> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(LocationError::Port);
    }
    text.parse().map_err(|_| LocationError::Port)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn current() -> Target {
        Target { host: "old".to_owned(), port: 4444, is_tls: true, path: b"/a/b".to_vec() }
    }

    fn resolve(location: &str) -> Result<Redirect, LocationError> {
        Redirect::resolve(&current(), location.as_bytes())
    }

    #[test]
    fn a_location_without_scheme_is_a_path_on_the_same_server() {
        for (location, path) in [
            ("x/y", "/x/y"),
            ("/x", "/x"),
            ("//host/x", "//host/x"),
            ("?a=b", "/?a=b"),
            ("/x?u=http://h/", "/x?u=http://h/"),
            ("x?u=a:b", "/x?u=a:b"),
            (" /x ", "/x"),
            ("/x#frag", "/x"),
        ] {
            let redirect = resolve(location).unwrap();
            assert_eq!(redirect.target, Target { path: path.into(), ..current() }, "{location}");
            assert!(!redirect.names_host && !redirect.is_downgrade);
        }
    }

    #[test]
    fn absolute_locations_name_server_port_and_tls() {
        for (location, host, port, is_tls, path) in [
            ("http://h", "h", 80, false, "/"),
            ("WSS://h/x", "h", 443, true, "/x"),
            ("https://h?x", "h", 443, true, "/?x"),
            ("ws://h:81/x#f", "h", 81, false, "/x"),
            ("http://[::1]:81/x", "::1", 81, false, "/x"),
            ("https://[fe80::1]", "fe80::1", 443, true, "/"),
            ("http://h:0/x", "h", 443, true, "/x"),
            ("http://h:/x", "h", 80, false, "/x"),
            ("https://user:pass@h/x", "h", 443, true, "/x"),
            ("https://h//x", "h", 443, true, "//x"),
        ] {
            let redirect = resolve(location).unwrap();
            let target = Target { host: host.to_owned(), port, is_tls, path: path.into() };
            assert_eq!(redirect.target, target, "{location}");
            assert!(redirect.names_host);
            assert_eq!(redirect.is_downgrade, !is_tls);
        }
    }

    #[test]
    fn a_path_beyond_ascii_stays_what_it_is() {
        for location in [&b"/caf\xe9"[..], b"caf\xe9#x", b"https://h/caf\xe9"] {
            assert_eq!(Redirect::resolve(&current(), location).unwrap().target.path, b"/caf\xe9");
        }
    }

    #[test]
    fn plain_to_plain_is_no_downgrade() {
        let plain = Target { is_tls: false, ..current() };
        assert!(!Redirect::resolve(&plain, b"http://h/").unwrap().is_downgrade);
    }

    #[test]
    fn what_cannot_be_followed_is_refused() {
        use LocationError::*;
        for (location, error) in [
            ("", Empty),
            ("  ", Empty),
            ("ftp://h/", Scheme),
            ("http://", Host),
            ("http:///x", Host),
            ("http://:80/", Host),
            ("http://[::1/x", Host),
            ("http://[::1]x/", Host),
            ("http://a b/", Host),
            ("http://h:65536/", Port),
            ("http://h:-1/", Port),
            ("http://h:8x/", Port),
            ("/a\r\nb", Text),
        ] {
            assert_eq!(resolve(location), Err(error), "{location:?}");
        }
        assert_eq!(Redirect::resolve(&current(), b"http://h\xff/"), Err(Host));
    }
}
