//! Is this the value of a Host header? (RFC 9110 §7.2: `uri-host [":" port]`)
//!
//! Two servers that read a Host differently take a request for two different sites. So what no client means by a host is
//! refused: blanks, lists, user information, paths. What some clients do send passes, although RFC 3986 does not know it:
//! underscores, names that are not ASCII, IPv6 addresses without their brackets, with their zone or not.
use std::net::Ipv6Addr;

/// Whether `value` is a host with or without a port, or empty: a request for no host in particular (RFC 9112 §3.2).
pub fn is_valid(value: &[u8]) -> bool {
    if let Some(rest) = value.strip_prefix(b"[") {
        let Some(end) = memchr::memchr(b']', rest) else { return false };
        let (address, after) = (&rest[..end], &rest[end + 1..]);
        let is_literal = |byte: &u8| byte.is_ascii_alphanumeric() || b":.%-_~".contains(byte);
        return !address.is_empty() && address.iter().all(is_literal) && (after.is_empty() || is_port(after));
    }
    match memchr::memchr(b':', value) {
        None => value.iter().all(is_of_name),
        Some(at) => value[..at].iter().all(is_of_name) && is_port(&value[at..]) || is_bare_ipv6(value),
    }
}

/// A colon and digits, of which there may be none.
fn is_port(text: &[u8]) -> bool {
    text.strip_prefix(b":").is_some_and(|port| port.len() <= 5 && port.iter().all(u8::is_ascii_digit))
}

/// RFC 3986 §3.2.2 without the comma, which is how two Host lines look when somebody joined them; and all beyond ASCII.
fn is_of_name(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte >= 0x80 || b"-._~%!$&'()*+;=".contains(byte)
}

/// An address, with a zone (`%eth0`) or not, and with a port or not: those who leave the brackets out do not tell.
fn is_bare_ipv6(value: &[u8]) -> bool {
    let is_address = |text: &[u8]| std::str::from_utf8(text).is_ok_and(|text| text.parse::<Ipv6Addr>().is_ok());
    let (address, zone) = match memchr::memchr(b'%', value) {
        Some(at) => (&value[..at], Some(&value[at + 1..])),
        None => (value, None),
    };
    let with_port = |text: &[u8]| memchr::memrchr(b':', text).filter(|at| is_port(&text[*at..]));
    match zone {
        Some(zone) => {
            let name = &zone[..with_port(zone).unwrap_or(zone.len())];
            let is_of_zone = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(byte);
            is_address(address) && !name.is_empty() && name.iter().all(is_of_zone)
        }
        None => is_address(value) || with_port(value).is_some_and(|at| is_address(&value[..at])),
    }
}

#[cfg(test)]
mod tests {
    use super::is_valid;

    #[test]
    fn hosts_of_clients_pass() {
        for host in [
            "",
            "a",
            "a.example",
            "a.example.",
            "A.Example:80",
            "a:",
            "my_host:8080",
            "127.0.0.1",
            "127.0.0.1:65535",
            "[::1]",
            "[::1]:7681",
            "[fe80::1%25eth0]:1",
            "[v1.x:y]",
            "::1",
            "fe80::1:7681",
            "::ffff:1.2.3.4",
            "::ffff:1.2.3.4:80",
            "fe80::1%eth0",
            "fe80::1%eth0:7681",
            "fe80::1%25en-0.1",
            "2001:db8:0:0:0:0:0:1:443",
            ":80",
            "xn--bcher-kva.example",
            "bücher.example:80",
            "a%20b",
            "a;b",
            "a'b",
        ] {
            assert!(is_valid(host.as_bytes()), "{host}");
        }
        assert!(is_valid(b"b\xfccher.example"));
    }

    #[test]
    fn what_no_client_means_is_refused() {
        for host in [
            "a b",
            "a, b",
            "a,b",
            "b@a",
            "user:pass@a",
            "a/b",
            "a/",
            "http://a",
            "a?b",
            "a#b",
            "a\\b",
            "\"a\"",
            "<a>",
            "a|b",
            "a:b",
            "a:80:81x",
            "a:80:80",
            "1:2:3",
            "1:2:3:4:5:6:7:8:9:10",
            "fe80::1%",
            "fe80::1%:80",
            "fe80::1%et/h0",
            "fe80::1%eth0:x",
            "fe80::1%a%b c",
            "x::1%eth0",
            "a:-1",
            "a:123456",
            "a: 80",
            "[::1",
            "[]",
            "[::1]x",
            "[::1]:x",
            "[a/b]",
            "::1]",
            "a\tb",
            "a{b}",
            "a\x7fb",
            "+/run/socket",
        ] {
            assert!(!is_valid(host.as_bytes()), "{host}");
        }
    }
}
