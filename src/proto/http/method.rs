//! Which http methods are understood, and how C numbers them.

use super::token::Token;

/// A request method; the numbers are those of `LWSHUMETH_*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
#[allow(missing_docs, reason = "the variants are the methods' names")]
pub enum Method {
    Get = 0,
    Post = 1,
    Options = 2,
    Put = 3,
    Patch = 4,
    Delete = 5,
    Connect = 6,
    Head = 7,
}

impl Method {
    /// All methods, in the order of their numbers.
    pub const ALL: [Method; 8] = [
        Method::Get,
        Method::Post,
        Method::Options,
        Method::Put,
        Method::Patch,
        Method::Delete,
        Method::Connect,
        Method::Head,
    ];

    /// The method with this name in any case (servers of this family always accepted lower case).
    pub fn from_name(name: &[u8]) -> Option<Method> {
        Self::ALL.into_iter().find(|method| method.name().as_bytes().eq_ignore_ascii_case(name))
    }

    /// Whether `start` could grow into the name of a method.
    pub fn is_start_of_a_name(start: &[u8]) -> bool {
        Self::ALL.iter().any(|method| {
            method.name().as_bytes().get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
        })
    }

    /// The name as sent on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Options => "OPTIONS",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
            Method::Connect => "CONNECT",
            Method::Head => "HEAD",
        }
    }

    /// The token under which a request with this method stores its path.
    pub const fn token(self) -> Token {
        match self {
            Method::Get => Token::GetUri,
            Method::Post => Token::PostUri,
            Method::Options => Token::OptionsUri,
            Method::Put => Token::PutUri,
            Method::Patch => Token::PatchUri,
            Method::Delete => Token::DeleteUri,
            Method::Connect => Token::Connect,
            Method::Head => Token::HeadUri,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case() {
        for method in Method::ALL {
            assert_eq!(Method::from_name(method.name().as_bytes()), Some(method));
            assert_eq!(Method::from_name(method.name().to_ascii_lowercase().as_bytes()), Some(method));
            assert_eq!(method.token().name().trim_end(), method.name().to_ascii_lowercase());
        }
        assert_eq!(Method::from_name(b"BREW"), None);
        assert_eq!(Method::from_name(b""), None);
    }

    #[test]
    fn beginnings_of_names_are_recognised() {
        for start in [&b""[..], b"G", b"p", b"PA", b"OPTIONS", b"connec"] {
            assert!(Method::is_start_of_a_name(start));
        }
        for start in [&b"X"[..], b"GETS", b"\x16\x03", b" GET"] {
            assert!(!Method::is_start_of_a_name(start));
        }
    }
}
