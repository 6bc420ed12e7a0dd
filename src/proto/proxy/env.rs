//! Which proxy does a text name, and which hosts does it not apply to?
//!
//! Pure functions on the values of `http_proxy`, `socks_proxy`, `no_proxy` and of the matching creation info members.

use crate::proto::http::target::percent_decode;
use crate::proto::http::url::split_authority;
use std::net::{IpAddr, Ipv6Addr};

/// The protocol a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// `http://`, or none.
    Http,
    /// `socks5://`, `socks5h://` or `socks://`.
    Socks5,
}

/// A proxy.
#[derive(Clone, PartialEq, Eq)]
pub struct ProxySpec {
    /// The scheme that was written; `None` if there was none.
    pub scheme: Option<Scheme>,
    /// Name or address; an IPv6 address without brackets.
    pub host: String,
    /// The port, if one was written.
    pub port: Option<u16>,
    /// `user:password`, percent escapes decoded.
    pub auth: Option<String>,
}

impl std::fmt::Debug for ProxySpec {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProxySpec").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

impl ProxySpec {
    /// Reads `[scheme://][user:password@]host[:port][/]`. The error is a text for the log.
    pub fn parse(text: &str) -> Result<ProxySpec, &'static str> {
        let text = text.trim();
        if text.chars().any(char::is_control) {
            return Err("control character in the proxy's name");
        }
        let (scheme, rest) = match text.split_once("://") {
            Some((scheme, rest)) => (Some(parse_scheme(scheme)?), rest),
            None => (None, text),
        };
        // A password may hold a slash, so the last @ counts before the first slash does.
        let (user_info, host_port) = match rest.rsplit_once('@') {
            Some((user_info, host_port)) => (Some(user_info), host_port),
            None => (None, rest),
        };
        let host_port = host_port.split('/').next().unwrap_or_default();
        // An address without brackets cannot have a port.
        let (host, port) = match host_port.parse::<Ipv6Addr>() {
            Ok(_) => (host_port, None),
            Err(_) => split_authority(host_port).map_err(|_| "the proxy's name is not host:port")?,
        };
        let auth = user_info.map(|user_info| {
            let decoded = percent_decode(user_info.as_bytes(), false).and_then(|bytes| String::from_utf8(bytes).ok());
            decoded.unwrap_or_else(|| user_info.to_owned())
        });
        Ok(ProxySpec { scheme, host: host.to_owned(), port: port.filter(|&port| port != 0), auth })
    }

    /// User and password of `auth`; the password is empty if there is no colon.
    pub fn user_and_password(&self) -> Option<(&str, &str)> {
        let auth = self.auth.as_deref()?;
        Some(auth.split_once(':').unwrap_or((auth, "")))
    }
}

/// Whether `no_proxy` (a list with commas or blanks) exempts `host` and `port` from the proxy.
///
/// Entries: `*` for everything; a domain, with or without a leading `.` or `*.`, for itself and what is below it; an
/// address; a network `10.0.0.0/8`; each of them but the network with `:port` if it is meant for that port only.
pub fn is_exempt(no_proxy: &str, host: &str, port: u16) -> bool {
    let host = strip_brackets(host.trim()).trim_end_matches('.');
    if host.is_empty() {
        return false;
    }
    let address = host.parse().ok().map(unmapped);
    no_proxy.split([',', ' ', '\t']).any(|entry| !entry.is_empty() && entry_fits(entry, host, address, port))
}

fn entry_fits(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let Some((network, bits)) = entry.split_once('/') {
        let (Some(address), Ok(network), Ok(bits)) = (address, strip_brackets(network).parse(), bits.parse()) else {
            return false;
        };
        return is_in_network(address, network, bits);
    }
    let (name, wanted_port) = match strip_brackets(entry).parse::<Ipv6Addr>() {
        Ok(_) => (strip_brackets(entry), None),
        Err(_) => match split_authority(entry) {
            Ok(split) => split,
            Err(_) => return false,
        },
    };
    if wanted_port.is_some_and(|wanted| wanted != port) {
        return false;
    }
    match (address, name.parse().ok().map(unmapped)) {
        (Some(address), Some(wanted)) => address == wanted,
        (None, None) => is_domain_or_below(host, name),
        _ => false,
    }
}

fn is_domain_or_below(host: &str, domain: &str) -> bool {
    let domain = domain.strip_prefix('*').unwrap_or(domain).trim_start_matches('.').trim_end_matches('.');
    if domain.is_empty() {
        return false;
    }
    let (host, domain) = (host.as_bytes(), domain.as_bytes());
    match host.len().checked_sub(domain.len()) {
        None => false,
        Some(at) => {
            let is_suffix = host.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(domain));
            is_suffix && (at == 0 || host.get(at - 1) == Some(&b'.'))
        }
    }
}

/// No bits outside 0..=32 or 0..=128 are a network; families do not mix.
fn is_in_network(address: IpAddr, network: IpAddr, bits: u32) -> bool {
    match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) if bits <= 32 => {
            let differing = address.to_bits() ^ network.to_bits();
            differing.checked_shr(32 - bits).unwrap_or(0) == 0
        }
        (IpAddr::V6(address), IpAddr::V6(network)) if bits <= 128 => {
            let differing = address.to_bits() ^ network.to_bits();
            differing.checked_shr(128 - bits).unwrap_or(0) == 0
        }
        _ => false,
    }
}

/// `::ffff:1.2.3.4` is 1.2.3.4.
fn unmapped(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

fn strip_brackets(text: &str) -> &str {
    text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text)
}

fn parse_scheme(scheme: &str) -> Result<Scheme, &'static str> {
    match scheme.to_ascii_lowercase().as_str() {
        "http" => Ok(Scheme::Http),
        "socks" | "socks5" | "socks5h" => Ok(Scheme::Socks5),
        "https" => Err("proxies reached by TLS are not supported"),
        _ => Err("unknown kind of proxy"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(text: &str) -> (Option<Scheme>, String, Option<u16>, Option<String>) {
        let spec = ProxySpec::parse(text).unwrap();
        (spec.scheme, spec.host, spec.port, spec.auth)
    }

    #[test]
    fn proxies_are_named_in_many_forms() {
        for (text, scheme, host, port, auth) in [
            ("proxy", None, "proxy", None, None),
            ("proxy:3128", None, "proxy", Some(3128), None),
            ("http://proxy:3128/", Some(Scheme::Http), "proxy", Some(3128), None),
            ("HTTP://user:pw@proxy", Some(Scheme::Http), "proxy", None, Some("user:pw")),
            ("user:p@ss/word@proxy:1", None, "proxy", Some(1), Some("user:p@ss/word")),
            ("http://user:p%40ss@proxy", Some(Scheme::Http), "proxy", None, Some("user:p@ss")),
            ("user:100%@proxy", None, "proxy", None, Some("user:100%")),
            ("[::1]:8080", None, "::1", Some(8080), None),
            ("http://[fe80::1]", Some(Scheme::Http), "fe80::1", None, None),
            ("::1", None, "::1", None, None),
            ("socks5h://10.0.0.1:1080", Some(Scheme::Socks5), "10.0.0.1", Some(1080), None),
            (" proxy:0 ", None, "proxy", None, None),
        ] {
            let expected = (scheme, host.to_owned(), port, auth.map(str::to_owned));
            assert_eq!(spec(text), expected, "{text}");
        }
        assert_eq!(ProxySpec::parse("a:b:c@h").unwrap().user_and_password(), Some(("a", "b:c")));
        assert_eq!(ProxySpec::parse("a@h").unwrap().user_and_password(), Some(("a", "")));
    }

    #[test]
    fn bad_names_are_refused() {
        for text in
            ["", "http://", ":80", "proxy:x", "proxy:99999", "https://proxy", "ftp://proxy", "[::1", "a\nb", "user@"]
        {
            assert!(ProxySpec::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn passwords_are_not_shown() {
        assert!(!format!("{:?}", ProxySpec::parse("u:secret@h").unwrap()).contains("secret"));
    }

    #[test]
    fn domains_exempt_themselves_and_what_is_below() {
        for entry in
            ["example.com", ".example.com", "*.example.com", "EXAMPLE.com.", "other, example.com", "x example.com"]
        {
            for host in ["example.com", "www.Example.COM", "a.b.example.com", "example.com."] {
                assert!(is_exempt(entry, host, 80), "{entry} {host}");
            }
            for host in ["badexample.com", "example.com.evil", "com", ""] {
                assert!(!is_exempt(entry, host, 80), "{entry} {host}");
            }
        }
        assert!(is_exempt("*", "anything", 1));
        for entry in ["", ",", ".", "*.", " , "] {
            assert!(!is_exempt(entry, "anything", 1), "{entry:?}");
        }
    }

    #[test]
    fn ports_narrow_an_entry() {
        assert!(is_exempt("example.com:81", "example.com", 81));
        assert!(!is_exempt("example.com:81", "example.com", 80));
        assert!(!is_exempt("example.com:x", "example.com", 80));
        assert!(is_exempt("[::1]:81", "::1", 81));
        assert!(!is_exempt("[::1]:81", "::1", 80));
        assert!(is_exempt("127.0.0.1:81", "127.0.0.1", 81));
    }

    #[test]
    fn addresses_and_networks_are_compared_as_numbers() {
        for (entry, host) in [
            ("127.0.0.1", "127.0.0.1"),
            ("::1", "[0:0::1]"),
            ("[::1]", "::1"),
            ("127.0.0.1", "::ffff:127.0.0.1"),
            ("10.0.0.0/8", "10.255.1.2"),
            ("0.0.0.0/0", "1.2.3.4"),
            ("1.2.3.4/32", "1.2.3.4"),
            ("fe80::/10", "[febf::1]"),
            ("::/0", "::1"),
        ] {
            assert!(is_exempt(entry, host, 80), "{entry} {host}");
        }
        for (entry, host) in [
            ("127.0.0.1", "127.0.0.2"),
            ("0.0.1", "127.0.0.1"),
            ("1", "127.0.0.1"),
            ("10.0.0.0/8", "11.0.0.1"),
            ("10.0.0.0/8", "host"),
            ("1.2.3.4/33", "1.2.3.4"),
            ("1.2.3.4/-1", "1.2.3.4"),
            ("1.2.3.4/x", "1.2.3.4"),
            ("fe80::/10", "fec0::1"),
            ("::/0", "1.2.3.4"),
            ("::/129", "::"),
        ] {
            assert!(!is_exempt(entry, host, 80), "{entry} {host}");
        }
    }
}
