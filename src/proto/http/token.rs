//! Which header is this? The numbering of known headers that the C interface fixes.
//!
//! `enum lws_token_indexes` numbers every header name (and request method) that gets a slot of its own in the header
//! table. Programs pass these numbers to `lws_hdr_copy` and its relatives, so the order below is ABI: the variants are
//! numbered 0, 1, 2, ... as listed. Numbers 0 to 86 are the same in 4.1.6, which lacks the last one.
//!
//! Neighbours: [`super::headers`] stores values under a token, [`super::method`] maps methods to theirs.

macro_rules! tokens {
    ($($variant:ident = $name:literal,)*) => {
        /// A known header, request method or pseudo header, numbered as in `enum lws_token_indexes` of 4.3.5.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        #[allow(missing_docs, reason = "the variants are the C constants' names without their prefix")]
        pub enum Token { $($variant,)* }

        impl Token {
            /// All tokens, in the order of their numbers.
            pub const ALL: &'static [Token] = &[$(Token::$variant,)*];
            const NAMES: &'static [&'static str] = &[$($name,)*];
        }
    };
}

tokens! {
    GetUri = "get ",
    PostUri = "post ",
    OptionsUri = "options ",
    Host = "host:",
    Connection = "connection:",
    Upgrade = "upgrade:",
    Origin = "origin:",
    Draft = "sec-websocket-draft:",
    Challenge = "",
    Extensions = "sec-websocket-extensions:",
    Key1 = "sec-websocket-key1:",
    Key2 = "sec-websocket-key2:",
    Protocol = "sec-websocket-protocol:",
    Accept = "sec-websocket-accept:",
    Nonce = "sec-websocket-nonce:",
    Http = "http/1.1 ",
    Http2Settings = "http2-settings:",
    HttpAccept = "accept:",
    HttpAcRequestHeaders = "access-control-request-headers:",
    HttpIfModifiedSince = "if-modified-since:",
    HttpIfNoneMatch = "if-none-match:",
    HttpAcceptEncoding = "accept-encoding:",
    HttpAcceptLanguage = "accept-language:",
    HttpPragma = "pragma:",
    HttpCacheControl = "cache-control:",
    HttpAuthorization = "authorization:",
    HttpCookie = "cookie:",
    HttpContentLength = "content-length:",
    HttpContentType = "content-type:",
    HttpDate = "date:",
    HttpRange = "range:",
    HttpReferer = "referer:",
    Key = "sec-websocket-key:",
    Version = "sec-websocket-version:",
    SwOrigin = "sec-websocket-origin:",
    HttpColonAuthority = ":authority",
    HttpColonMethod = ":method",
    HttpColonPath = ":path",
    HttpColonScheme = ":scheme",
    HttpColonStatus = ":status",
    HttpAcceptCharset = "accept-charset:",
    HttpAcceptRanges = "accept-ranges:",
    HttpAccessControlAllowOrigin = "access-control-allow-origin:",
    HttpAge = "age:",
    HttpAllow = "allow:",
    HttpContentDisposition = "content-disposition:",
    HttpContentEncoding = "content-encoding:",
    HttpContentLanguage = "content-language:",
    HttpContentLocation = "content-location:",
    HttpContentRange = "content-range:",
    HttpEtag = "etag:",
    HttpExpect = "expect:",
    HttpExpires = "expires:",
    HttpFrom = "from:",
    HttpIfMatch = "if-match:",
    HttpIfRange = "if-range:",
    HttpIfUnmodifiedSince = "if-unmodified-since:",
    HttpLastModified = "last-modified:",
    HttpLink = "link:",
    HttpLocation = "location:",
    HttpMaxForwards = "max-forwards:",
    HttpProxyAuthenticate = "proxy-authenticate:",
    HttpProxyAuthorization = "proxy-authorization:",
    HttpRefresh = "refresh:",
    HttpRetryAfter = "retry-after:",
    HttpServer = "server:",
    HttpSetCookie = "set-cookie:",
    HttpStrictTransportSecurity = "strict-transport-security:",
    HttpTransferEncoding = "transfer-encoding:",
    HttpUserAgent = "user-agent:",
    HttpVary = "vary:",
    HttpVia = "via:",
    HttpWwwAuthenticate = "www-authenticate:",
    PatchUri = "patch ",
    PutUri = "put ",
    DeleteUri = "delete ",
    HttpUriArgs = "",
    Proxy = "proxy ",
    HttpXRealIp = "x-real-ip:",
    Http10 = "http/1.0 ",
    XForwardedFor = "x-forwarded-for:",
    Connect = "connect ",
    HeadUri = "head ",
    Te = "te:",
    ReplayNonce = "replay-nonce:",
    ColonProtocol = ":protocol",
    XAuthToken = "x-auth-token:",
    DssSignature = "x-amzn-dss-signature:",
}

impl Token {
    /// How many tokens there are; the numbers from here up belong to no header.
    pub const COUNT: usize = Self::ALL.len();

    /// The token of a header name in any case, with or without the colon that ends it; pseudo headers begin with one.
    ///
    /// Request methods have tokens too, but they are not header names: see [`super::method::Method::token`].
    #[inline]
    pub fn from_name(name: &[u8]) -> Option<Token> {
        let bare = name.strip_suffix(b":").unwrap_or(name);
        let bucket = BY_LENGTH.get(bare.len())?;
        for &number in bucket {
            let token = *Self::ALL.get(usize::from(number))?;
            let wanted = token.bare_name();
            if wanted.len() == bare.len() && wanted.eq_ignore_ascii_case(bare) {
                return Some(token);
            }
        }
        None
    }

    /// The token with this C number, if there is one.
    #[inline]
    pub fn from_number(number: u32) -> Option<Token> {
        Self::ALL.get(usize::try_from(number).ok()?).copied()
    }

    /// The C number.
    #[inline]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The name as the library writes it: lower case, with the colon; `"get "` and the like for methods; empty for the
    /// two tokens that never appear by name (url arguments, end of headers).
    #[inline]
    pub fn name(self) -> &'static str {
        Self::NAMES[usize::from(self as u8)]
    }

    /// What separates the fragments of this token when they are joined: `;` cookies, `&` url arguments, `,` the rest.
    #[inline]
    pub fn separator(self) -> u8 {
        match self {
            Token::HttpCookie => b';',
            Token::HttpUriArgs => b'&',
            _ => b',',
        }
    }

    fn bare_name(self) -> &'static [u8] {
        let name = self.name().as_bytes();
        name.strip_suffix(b":").unwrap_or(name)
    }
}

/// No token: ends a bucket early because `ALL` has no such entry.
const NONE: u8 = u8::MAX;
const LONGEST_NAME: usize = 32;
const BUCKET_DEPTH: usize = 9;

/// Numbers of the header tokens by length of the name without its colon. A lookup compares at most a bucket's worth.
static BY_LENGTH: [[u8; BUCKET_DEPTH]; LONGEST_NAME + 1] = index_by_length();

const fn index_by_length() -> [[u8; BUCKET_DEPTH]; LONGEST_NAME + 1] {
    let mut index = [[NONE; BUCKET_DEPTH]; LONGEST_NAME + 1];
    let mut number = 0;
    while number < Token::NAMES.len() {
        let name = Token::NAMES[number].as_bytes();
        let is_header = !name.is_empty() && (name[0] == b':' || name[name.len() - 1] == b':');
        if is_header {
            let bare_len = if name[0] == b':' { name.len() } else { name.len() - 1 };
            let mut depth = 0;
            while index[bare_len][depth] != NONE {
                depth += 1;
            }
            index[bare_len][depth] = number as u8;
        }
        number += 1;
    }
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_header_name_is_found_in_any_case_with_and_without_colon() {
        let mut headers = 0;
        for &token in Token::ALL {
            let name = token.name();
            if !name.starts_with(':') && !name.ends_with(':') {
                continue;
            }
            headers += 1;
            assert_eq!(Token::from_name(name.as_bytes()), Some(token), "{name}");
            assert_eq!(Token::from_name(name.to_ascii_uppercase().as_bytes()), Some(token), "{name}");
            assert_eq!(Token::from_name(name.trim_end_matches(':').as_bytes()), Some(token), "{name}");
        }
        assert_eq!(headers, Token::COUNT - 13);
    }

    #[test]
    fn numbers_are_those_of_the_c_enum() {
        for (token, number) in [
            (Token::GetUri, 0),
            (Token::Host, 3),
            (Token::Challenge, 8),
            (Token::Http, 15),
            (Token::HttpContentLength, 27),
            (Token::Key, 32),
            (Token::HttpColonStatus, 39),
            (Token::HttpEtag, 50),
            (Token::HttpLocation, 59),
            (Token::HttpTransferEncoding, 68),
            (Token::PatchUri, 73),
            (Token::HttpUriArgs, 76),
            (Token::XForwardedFor, 80),
            (Token::HeadUri, 82),
            (Token::DssSignature, 87),
        ] {
            assert_eq!(token.number(), number);
            assert_eq!(Token::from_number(u32::from(number)), Some(token));
        }
        assert_eq!(Token::COUNT, 88);
        assert_eq!(Token::from_number(88), None);
        assert_eq!(Token::from_number(u32::MAX), None);
    }

    #[test]
    fn methods_and_strangers_are_not_header_names() {
        for name in
            ["", ":", "get ", "get", "http/1.1 ", "proxy ", "x-probe", "hos", "hosts", "host::", "content_length"]
        {
            assert_eq!(Token::from_name(name.as_bytes()), None, "{name}");
        }
        assert_eq!(Token::from_name(&[b'a'; 5000]), None);
    }
}
