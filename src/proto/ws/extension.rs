//! Which permessage-deflate parameters do both ends agree on? (RFC 6455 §9, RFC 7692 §5 and §7.1)
//!
//! The client's offer is a text of the program, sent verbatim; [`offers`] reads what it says, [`check_names`] and
//! [`accept`] judge the server's answer against it. A server takes the first offer it can fulfil ([`choose`]). What the
//! program wants beyond that ([`PmdOptions`]) comes as text from WS_EXT_DEFAULTS or option by option.
//!
//! On the client the order of the steps decides which text the program sees when something is wrong: [`parse`],
//! [`check_names`], the WS_EXT_DEFAULTS callback, [`PmdOptions::parse`], [`accept`].
use super::Side;
use super::deflate::DeflateParams;
use super::handshake::{self, HandshakeError, quote};
use std::borrow::Cow;
use std::fmt::Write as _;

/// The name of the one extension there is.
pub const PERMESSAGE_DEFLATE: &str = "permessage-deflate";

/// Most extensions in one header, and most parameters of one extension, that are read.
pub const MAX_ELEMENTS: usize = 32;

const SERVER_NO_CONTEXT_TAKEOVER: &str = "server_no_context_takeover";
const CLIENT_NO_CONTEXT_TAKEOVER: &str = "client_no_context_takeover";
const SERVER_MAX_WINDOW_BITS: &str = "server_max_window_bits";
const CLIENT_MAX_WINDOW_BITS: &str = "client_max_window_bits";

/// One element of a Sec-WebSocket-Extensions header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension<'a> {
    pub name: &'a [u8],
    pub params: Vec<Param<'a>>,
}

impl Extension<'_> {
    fn is_pmd(&self) -> bool {
        self.name == PERMESSAGE_DEFLATE.as_bytes()
    }
}

/// One parameter; a quoted value comes without its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Param<'a> {
    pub name: &'a [u8],
    pub value: Option<Cow<'a, [u8]>>,
}

/// Reads a Sec-WebSocket-Extensions value, several lines joined with commas (RFC 6455 §9.1).
///
/// Empty elements are skipped (RFC 9110 §5.6.1). Errors: the text is not such a list; more than [`MAX_ELEMENTS`].
pub fn parse(value: &[u8]) -> Result<Vec<Extension<'_>>, HandshakeError> {
    let malformed =
        || HandshakeError::new(handshake::EXT_BAD_OPTIONS, format!("malformed extension list {}", quote(value)));
    let mut list = Vec::new();
    let mut text = Text { rest: value };
    loop {
        while text.skip(b',') {}
        if text.rest.is_empty() {
            return Ok(list);
        }
        let mut extension = Extension { name: text.token().ok_or_else(malformed)?, params: Vec::new() };
        while text.skip(b';') {
            let name = text.token().ok_or_else(malformed)?;
            let value = if text.skip(b'=') { Some(text.value().ok_or_else(malformed)?) } else { None };
            extension.params.push(Param { name, value });
        }
        list.push(extension);
        if list.len() > MAX_ELEMENTS || list.last().is_some_and(|extension| extension.params.len() > MAX_ELEMENTS) {
            return Err(HandshakeError::new(handshake::EXT_LIST_TOO_BIG, format!("more than {MAX_ELEMENTS} elements")));
        }
        if !text.rest.is_empty() && !text.skip(b',') {
            return Err(malformed());
        }
    }
}

/// What is left to read; the front is never a blank after a call.
struct Text<'a> {
    rest: &'a [u8],
}

impl<'a> Text<'a> {
    /// Takes `separator` and the blanks around it, if it is next.
    fn skip(&mut self, separator: u8) -> bool {
        self.rest = self.rest.trim_ascii_start();
        match self.rest.split_first() {
            Some((&byte, after)) if byte == separator => {
                self.rest = after.trim_ascii_start();
                true
            }
            _ => false,
        }
    }

    /// Takes a token (RFC 9110 §5.6.2) and the blanks behind it.
    fn token(&mut self) -> Option<&'a [u8]> {
        let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        let len = self.rest.iter().position(|byte| !is_token(byte)).unwrap_or(self.rest.len());
        let (token, after) = self.rest.split_at_checked(len).filter(|_| len > 0)?;
        self.rest = after.trim_ascii_start();
        Some(token)
    }

    /// Takes a token or a quoted string (RFC 9110 §5.6.4), which may be empty.
    fn value(&mut self) -> Option<Cow<'a, [u8]>> {
        let Some(quoted) = self.rest.strip_prefix(b"\"") else {
            return self.token().map(Cow::Borrowed);
        };
        let mut unquoted = Vec::new();
        let mut bytes = quoted.iter();
        loop {
            match bytes.next()? {
                b'"' => break,
                b'\\' => unquoted.push(*bytes.next()?),
                byte => unquoted.push(*byte),
            }
        }
        self.rest = bytes.as_slice().trim_ascii_start();
        Some(Cow::Owned(unquoted))
    }
}

/// The permessage-deflate parameters of one offer or answer, as they stand there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PmdOffer {
    pub server_no_context_takeover: bool,
    pub client_no_context_takeover: bool,
    /// Always with a value.
    pub server_max_window_bits: Option<u8>,
    /// In an offer with or without a value, in an answer with one.
    pub client_max_window_bits: Option<Option<u8>>,
}

impl PmdOffer {
    /// Reads the parameters. Error: what is wrong with them (unknown, twice, bad value; RFC 7692 §7.1).
    fn read(params: &[Param<'_>]) -> Result<PmdOffer, String> {
        let mut offer = PmdOffer::default();
        for (i, param) in params.iter().enumerate() {
            if params.iter().take(i).any(|before| before.name == param.name) {
                return Err(format!("parameter {} twice", quote(param.name)));
            }
            let value = param.value.as_deref();
            let bits = value.map(window_bits);
            match (param.name, value, bits) {
                (name, None, _) if name == SERVER_NO_CONTEXT_TAKEOVER.as_bytes() => {
                    offer.server_no_context_takeover = true;
                }
                (name, None, _) if name == CLIENT_NO_CONTEXT_TAKEOVER.as_bytes() => {
                    offer.client_no_context_takeover = true;
                }
                (name, _, Some(Some(bits))) if name == SERVER_MAX_WINDOW_BITS.as_bytes() => {
                    offer.server_max_window_bits = Some(bits);
                }
                (name, None, _) if name == CLIENT_MAX_WINDOW_BITS.as_bytes() => {
                    offer.client_max_window_bits = Some(None);
                }
                (name, _, Some(Some(bits))) if name == CLIENT_MAX_WINDOW_BITS.as_bytes() => {
                    offer.client_max_window_bits = Some(Some(bits));
                }
                (name, Some(value), _) => return Err(format!("parameter {}={}", quote(name), quote(value))),
                (name, None, _) => return Err(format!("parameter {}", quote(name))),
            }
        }
        Ok(offer)
    }
}

/// 8 to 15, without leading zeros (RFC 7692 §7.1.2.1).
fn window_bits(value: &[u8]) -> Option<u8> {
    match value {
        [digit @ b'8'..=b'9'] => Some(digit - b'0'),
        [b'1', digit @ b'0'..=b'5'] => Some(digit - b'0' + 10),
        _ => None,
    }
}

/// What the text that a client sends as Sec-WebSocket-Extensions offers, most wanted first.
///
/// The text is the program's; an offer in it that makes no sense offers nothing, and the server will see to it.
pub fn offers(sent: &[u8]) -> Vec<PmdOffer> {
    let list = parse(sent).unwrap_or_default();
    list.iter().filter(|element| element.is_pmd()).filter_map(|element| PmdOffer::read(&element.params).ok()).collect()
}

/// Client: refuses an answer that names an extension we did not offer, or permessage-deflate twice.
///
/// (4.3.5 takes names that the program knows but did not offer, and keeps no count.)
pub fn check_names(answer: &[Extension<'_>], offers: &[PmdOffer]) -> Result<(), HandshakeError> {
    if let Some(other) = answer.iter().find(|element| !element.is_pmd() || offers.is_empty()) {
        let detail = format!("the server chose {}, which was not offered", quote(other.name));
        return Err(HandshakeError::new(handshake::EXT_UNKNOWN, detail));
    }
    if answer.len() > 1 {
        return Err(HandshakeError::new(handshake::EXT_REJECTED, "the server chose permessage-deflate twice"));
    }
    Ok(())
}

/// Client: what the server's `answer` to our `offers` means; `None` if it does without compression.
///
/// An answer stands if it fits one of the offers: the server may take less than offered for its own window or more
/// restraint, but nothing that was not offered for ours (RFC 7692 §7.1). A server that ignores a
/// `server_max_window_bits` is forgiven, since we can inflate everything.
pub fn accept(offers: &[PmdOffer], answer: &[Extension<'_>]) -> Result<Option<DeflateParams>, HandshakeError> {
    check_names(answer, offers)?;
    let Some(answer) = answer.first() else {
        return Ok(None);
    };
    let answer = PmdOffer::read(&answer.params)
        .map_err(|what| HandshakeError::new(handshake::EXT_BAD_OPTIONS, format!("the server chose {what}")))?;
    if answer.client_max_window_bits == Some(None) {
        let detail = "the server chose client_max_window_bits without a value";
        return Err(HandshakeError::new(handshake::EXT_BAD_OPTIONS, detail));
    }
    match offers.iter().find_map(|offer| agreed(offer, &answer)) {
        Some(params) => Ok(Some(params)),
        None => {
            let detail = format!("offered {offers:?}, the server chose {answer:?}");
            Err(HandshakeError::new(handshake::EXT_REJECTED, detail))
        }
    }
}

/// The outcome if `answer` is an answer to `offer`.
fn agreed(offer: &PmdOffer, answer: &PmdOffer) -> Option<DeflateParams> {
    let most_server_bits = offer.server_max_window_bits.unwrap_or(15);
    let server_max_window_bits = answer.server_max_window_bits.unwrap_or(15);
    if answer.server_max_window_bits.is_some_and(|bits| bits > most_server_bits) {
        return None;
    }
    // What we offered to keep to, we keep to, also when the answer does not mention it (RFC 7692 §7.1.2.2).
    let own_limit = offer.client_max_window_bits.flatten().unwrap_or(15);
    let client_max_window_bits = match (offer.client_max_window_bits, answer.client_max_window_bits.flatten()) {
        (None, Some(_)) => return None,
        (Some(_), Some(bits)) if bits > own_limit => return None,
        (_, chosen) => chosen.unwrap_or(own_limit),
    };
    Some(DeflateParams {
        server_no_context_takeover: answer.server_no_context_takeover,
        client_no_context_takeover: answer.client_no_context_takeover || offer.client_no_context_takeover,
        server_max_window_bits,
        client_max_window_bits,
    })
}

/// What a server answers to a client's offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub params: DeflateParams,
    /// The value for the Sec-WebSocket-Extensions line of the reply.
    pub answer: String,
}

/// Server: the first permessage-deflate offer that can be fulfilled, in the client's order; `None` without one.
///
/// Offers with parameters we do not know, or twice, or with bad values are declined, and the next one is looked at
/// (RFC 7692 §7.1). `options` are the program's limits: they are added to the answer where the RFC lets a server ask
/// for more restraint than offered. Parameters are echoed in the order of the offer; a `client_max_window_bits` without
/// a value is not, unless the program limits it (as 4.3.5). Errors: the header is not a list of extensions.
pub fn choose(offered: &[u8], options: &PmdOptions) -> Result<Option<Choice>, HandshakeError> {
    for element in parse(offered)?.iter().filter(|element| element.is_pmd()) {
        if let Ok(offer) = PmdOffer::read(&element.params) {
            return Ok(Some(fulfil(&offer, &element.params, options)));
        }
    }
    Ok(None)
}

fn fulfil(offer: &PmdOffer, order: &[Param<'_>], options: &PmdOptions) -> Choice {
    let server_bits = offer.server_max_window_bits.unwrap_or(15).min(options.server_max_window_bits.unwrap_or(15));
    // The client's window can be limited only if the client said that it understands.
    let client_bits = match offer.client_max_window_bits {
        Some(limit) => limit.unwrap_or(15).min(options.client_max_window_bits.unwrap_or(15)),
        None => 15,
    };
    let params = DeflateParams {
        server_no_context_takeover: offer.server_no_context_takeover || options.server_no_context_takeover,
        client_no_context_takeover: offer.client_no_context_takeover || options.client_no_context_takeover,
        server_max_window_bits: server_bits,
        client_max_window_bits: client_bits,
    };
    let client_bits_named = client_bits < 15 || offer.client_max_window_bits.flatten().is_some();
    let mut mentions = [
        (SERVER_NO_CONTEXT_TAKEOVER, params.server_no_context_takeover.then_some(None)),
        (CLIENT_NO_CONTEXT_TAKEOVER, params.client_no_context_takeover.then_some(None)),
        (
            SERVER_MAX_WINDOW_BITS,
            (server_bits < 15 || offer.server_max_window_bits.is_some()).then_some(Some(server_bits)),
        ),
        (CLIENT_MAX_WINDOW_BITS, client_bits_named.then_some(Some(client_bits))),
    ];
    let place = |name: &str| order.iter().position(|param| param.name == name.as_bytes()).unwrap_or(order.len());
    mentions.sort_by_key(|(name, _)| place(name));
    let mut answer = PERMESSAGE_DEFLATE.to_owned();
    for (name, mention) in mentions {
        // Writing to a String does not fail.
        let _ = match mention {
            None => Ok(()),
            Some(None) => write!(answer, "; {name}"),
            Some(Some(bits)) => write!(answer, "; {name}={bits}"),
        };
    }
    Choice { params, answer }
}

/// What the program asks of permessage-deflate on its own side.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PmdOptions {
    /// Most bytes of inflated data per piece.
    pub rx_buf_bytes: Option<usize>,
    /// Most bytes of deflated data per frame.
    pub tx_buf_bytes: Option<usize>,
    /// 0 to 9.
    pub compression_level: Option<u8>,
    /// 1 to 9; kept for `lws_set_extension_option`, without effect (see [`super::deflate::Deflater::new`]).
    pub mem_level: Option<u8>,
    pub server_no_context_takeover: bool,
    pub client_no_context_takeover: bool,
    pub server_max_window_bits: Option<u8>,
    pub client_max_window_bits: Option<u8>,
}

impl PmdOptions {
    /// Reads `a; b=1`, the text of WS_EXT_DEFAULTS. Errors: an option that does not exist, or a bad value.
    pub fn parse(text: &[u8]) -> Result<PmdOptions, HandshakeError> {
        let mut options = PmdOptions::default();
        for option in text.split(|&byte| byte == b';').map(<[u8]>::trim_ascii).filter(|option| !option.is_empty()) {
            let mut parts = option.splitn(2, |&byte| byte == b'=').map(<[u8]>::trim_ascii);
            let name = parts.next().unwrap_or_default();
            if options.set(name, parts.next()).is_none() {
                let detail = format!("option {} of permessage-deflate", quote(option));
                return Err(HandshakeError::new(handshake::EXT_BAD_DEFAULTS, detail));
            }
        }
        Ok(options)
    }

    /// Sets one option by its lws name. `None`: there is no such option, or it does not take this value.
    ///
    /// * `rx_buf_size`, `tx_buf_size`: a size in bytes, a power of two, or its exponent, as lws programs write it
    ///   (values up to 31). Sizes are kept between 128 bytes and 1 MiB.
    /// * `..._no_context_takeover`: no value, or 1, or 0 to take it back.
    /// * `..._max_window_bits`: 8 to 15; without a value nothing changes.
    /// * `compression_level`: 0 to 9. `mem_level`: 1 to 9.
    pub fn set(&mut self, name: &[u8], value: Option<&[u8]>) -> Option<()> {
        let number = match value {
            Some(digits) if digits.iter().all(u8::is_ascii_digit) => {
                Some(std::str::from_utf8(digits).ok()?.parse::<u32>().ok()?)
            }
            Some(_) => return None,
            None => None,
        };
        match (std::str::from_utf8(name).ok()?, number) {
            ("rx_buf_size", Some(size)) => self.rx_buf_bytes = Some(buffer_bytes(size)?),
            ("tx_buf_size", Some(size)) => self.tx_buf_bytes = Some(buffer_bytes(size)?),
            ("compression_level", Some(level @ 0..=9)) => self.compression_level = Some(level as u8),
            ("mem_level", Some(level @ 1..=9)) => self.mem_level = Some(level as u8),
            (SERVER_NO_CONTEXT_TAKEOVER, None | Some(0..=1)) => self.server_no_context_takeover = number != Some(0),
            (CLIENT_NO_CONTEXT_TAKEOVER, None | Some(0..=1)) => self.client_no_context_takeover = number != Some(0),
            (SERVER_MAX_WINDOW_BITS | CLIENT_MAX_WINDOW_BITS, None) => {}
            (SERVER_MAX_WINDOW_BITS, Some(bits @ 8..=15)) => self.server_max_window_bits = Some(bits as u8),
            (CLIENT_MAX_WINDOW_BITS, Some(bits @ 8..=15)) => self.client_max_window_bits = Some(bits as u8),
            _ => return None,
        }
        Some(())
    }

    /// `agreed`, with the restraint on our own compressor that the program asks for and the peer need not know of.
    ///
    /// For clients; the answer of a server contains its options already. What the options say about the peer's
    /// compressor has no effect: it does what was agreed.
    pub fn restrain(&self, agreed: DeflateParams, side: Side) -> DeflateParams {
        match side {
            Side::Client => DeflateParams {
                client_no_context_takeover: agreed.client_no_context_takeover || self.client_no_context_takeover,
                client_max_window_bits: agreed.client_max_window_bits.min(self.client_max_window_bits.unwrap_or(15)),
                ..agreed
            },
            Side::Server => agreed,
        }
    }
}

/// The size meant by the value of a buffer option.
fn buffer_bytes(size: u32) -> Option<usize> {
    let bytes = if size <= 31 { 1 << size } else { size };
    bytes.is_power_of_two().then(|| (bytes as usize).clamp(128, 1 << 20))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What libwebsockets programs usually offer.
    const USUAL: &[u8] = b"permessage-deflate; client_no_context_takeover; client_max_window_bits";

    fn params(server_no: bool, client_no: bool, server_bits: u8, client_bits: u8) -> DeflateParams {
        DeflateParams {
            server_no_context_takeover: server_no,
            client_no_context_takeover: client_no,
            server_max_window_bits: server_bits,
            client_max_window_bits: client_bits,
        }
    }

    fn accepted(sent: &[u8], answer: &[u8]) -> Result<Option<DeflateParams>, &'static str> {
        parse(answer).and_then(|answer| accept(&offers(sent), &answer)).map_err(|error| error.text)
    }

    fn chosen(offered: &[u8], options: &str) -> Option<(DeflateParams, String)> {
        let options = PmdOptions::parse(options.as_bytes()).expect("good options");
        choose(offered, &options).expect("a list").map(|choice| (choice.params, choice.answer))
    }

    #[test]
    fn lists_with_parameters_and_quoted_values_are_read() {
        let list = parse(b" x-a ;p; q = 1 , ,permessage-deflate; client_max_window_bits=\"1\\5\",").expect("a list");
        let param = |name: &'static str, value: Option<&'static str>| Param {
            name: name.as_bytes(),
            value: value.map(|value| Cow::Borrowed(value.as_bytes())),
        };
        assert_eq!(
            list,
            [
                Extension { name: b"x-a", params: vec![param("p", None), param("q", Some("1"))] },
                Extension { name: b"permessage-deflate", params: vec![param("client_max_window_bits", Some("15"))] },
            ]
        );
        assert_eq!(parse(b""), Ok(Vec::new()));
        assert_eq!(parse(b" , "), Ok(Vec::new()));
    }

    #[test]
    fn malformed_lists_are_refused() {
        for bad in
            ["a b", "a;", "a; =1", "a; b=", "a; b=\"1", "a; b=\"1\\", "a; b=1 2", ";a", "a=1", "a; b;; c", "\"a\""]
        {
            assert_eq!(
                parse(bad.as_bytes()).map_err(|error| error.text),
                Err("HS: EXT: failed parsing options"),
                "{bad}"
            );
        }
    }

    #[test]
    fn endless_lists_are_refused() {
        let text = |part: &str, times| "a".to_owned() + &part.repeat(times);
        assert!(parse(text(", a", 31).as_bytes()).is_ok() && parse(text("; a", 32).as_bytes()).is_ok());
        for bad in [text(", a", 32), text("; a", 33)] {
            assert_eq!(parse(bad.as_bytes()).map_err(|error| error.text), Err("HS: EXT: list too big"));
        }
    }

    #[test]
    fn an_answer_within_the_offer_is_accepted() {
        let pmd = |rest: &str| format!("permessage-deflate{rest}").into_bytes();
        let cases = [
            ("", params(false, true, 15, 15)),
            ("; server_no_context_takeover; client_no_context_takeover", params(true, true, 15, 15)),
            ("; client_max_window_bits=10", params(false, true, 15, 10)),
            ("; client_max_window_bits=\"8\"; server_max_window_bits=9", params(false, true, 9, 8)),
        ];
        for (answer, expected) in cases {
            assert_eq!(accepted(USUAL, &pmd(answer)), Ok(Some(expected)), "{answer}");
        }
        assert_eq!(accepted(USUAL, b""), Ok(None), "the server does without");
        assert_eq!(accepted(b"", b""), Ok(None));
    }

    #[test]
    fn an_answer_beyond_the_offer_is_refused() {
        let bare = b"permessage-deflate";
        assert_eq!(
            accepted(bare, b"permessage-deflate; client_max_window_bits=10"),
            Err("HS: EXT: Rejects server options")
        );
        let small = b"permessage-deflate; server_max_window_bits=10; client_max_window_bits=12";
        for answer in ["server_max_window_bits=11", "client_max_window_bits=13"] {
            let answer = format!("permessage-deflate; {answer}");
            assert_eq!(accepted(small, answer.as_bytes()), Err("HS: EXT: Rejects server options"), "{answer}");
        }
        // What we offered for ourselves holds; the server's window is its own affair when it says nothing.
        assert_eq!(accepted(small, bare), Ok(Some(params(false, false, 15, 12))));
    }

    #[test]
    fn an_answer_with_bad_parameters_is_refused() {
        for bad in [
            "bogus=1",
            "bogus",
            "server_no_context_takeover=1",
            "client_no_context_takeover; client_no_context_takeover",
            "server_max_window_bits",
            "server_max_window_bits=7",
            "server_max_window_bits=16",
            "server_max_window_bits=08",
            "server_max_window_bits=\"\"",
            "client_max_window_bits",
            "client_max_window_bits=+9",
            "client_max_window_bits=10; client_max_window_bits=10",
        ] {
            let answer = format!("permessage-deflate; {bad}");
            assert_eq!(accepted(USUAL, answer.as_bytes()), Err("HS: EXT: failed parsing options"), "{bad}");
        }
    }

    #[test]
    fn an_extension_that_was_not_offered_or_comes_twice_is_refused() {
        assert_eq!(accepted(USUAL, b"x-unknown"), Err("HS: EXT: unknown ext"));
        assert_eq!(accepted(b"", b"permessage-deflate"), Err("HS: EXT: unknown ext"));
        assert_eq!(accepted(USUAL, b"permessage-deflate, x-unknown"), Err("HS: EXT: unknown ext"));
        assert_eq!(accepted(USUAL, b"permessage-deflate, permessage-deflate"), Err("HS: EXT: Rejects server options"));
    }

    #[test]
    fn an_answer_may_fit_any_of_several_offers() {
        let two = b"permessage-deflate; client_max_window_bits=10, permessage-deflate";
        assert_eq!(
            accepted(two, b"permessage-deflate; client_max_window_bits=9"),
            Ok(Some(params(false, false, 15, 9)))
        );
        assert_eq!(offers(two).len(), 2);
    }

    #[test]
    fn a_server_answers_as_4_3_5_to_offers_without_values() {
        let cases = [
            ("permessage-deflate; client_max_window_bits", "permessage-deflate", params(false, false, 15, 15)),
            ("x-none, permessage-deflate", "permessage-deflate", params(false, false, 15, 15)),
            (
                "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
                "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
                params(true, true, 15, 15),
            ),
        ];
        for (offered, answer, expected) in cases {
            assert_eq!(chosen(offered.as_bytes(), ""), Some((expected, answer.to_owned())), "{offered}");
        }
        assert_eq!(chosen(b"x-none", ""), None);
        assert_eq!(chosen(b"", ""), None);
    }

    #[test]
    fn a_server_agrees_to_window_sizes() {
        let offered = b"permessage-deflate; server_max_window_bits=10; client_max_window_bits=8";
        let expected = "permessage-deflate; server_max_window_bits=10; client_max_window_bits=8";
        assert_eq!(chosen(offered, ""), Some((params(false, false, 10, 8), expected.to_owned())));
        assert_eq!(
            chosen(offered, "server_max_window_bits=9; client_max_window_bits=12"),
            Some((
                params(false, false, 9, 8),
                "permessage-deflate; server_max_window_bits=9; client_max_window_bits=8".into()
            ))
        );
    }

    #[test]
    fn a_server_adds_its_own_restraint_where_the_rfc_allows_it() {
        let all = "server_no_context_takeover; client_no_context_takeover; server_max_window_bits=12; \
            client_max_window_bits=11";
        let without_client_bits = "permessage-deflate; server_no_context_takeover; client_no_context_takeover; \
            server_max_window_bits=12";
        assert_eq!(
            chosen(b"permessage-deflate", all),
            Some((params(true, true, 12, 15), without_client_bits.to_owned())),
            "the client did not say that it understands client_max_window_bits"
        );
        let (agreed, answer) = chosen(b"permessage-deflate; client_max_window_bits", all).expect("an offer");
        assert_eq!(agreed, params(true, true, 12, 11));
        assert!(answer.starts_with("permessage-deflate; client_max_window_bits=11; server_no"), "{answer}");
    }

    #[test]
    fn a_server_declines_offers_it_cannot_read_and_takes_the_next() {
        let offered = b"permessage-deflate; bogus, permessage-deflate; server_max_window_bits, \
            permessage-deflate; server_max_window_bits=99, permessage-deflate; server_no_context_takeover";
        let expected = "permessage-deflate; server_no_context_takeover".to_owned();
        assert_eq!(chosen(offered, ""), Some((params(true, false, 15, 15), expected)));
        assert_eq!(chosen(b"permessage-deflate; bogus", ""), None);
        assert!(choose(b"permessage-deflate; ;", &PmdOptions::default()).is_err());
    }

    #[test]
    fn options_are_read_by_their_lws_names() {
        let text =
            b"rx_buf_size=12; tx_buf_size=4096;compression_level=9 ; mem_level = 8; server_no_context_takeover; \
            client_no_context_takeover=1; server_max_window_bits=9; client_max_window_bits;";
        let expected = PmdOptions {
            rx_buf_bytes: Some(4096),
            tx_buf_bytes: Some(4096),
            compression_level: Some(9),
            mem_level: Some(8),
            server_no_context_takeover: true,
            client_no_context_takeover: true,
            server_max_window_bits: Some(9),
            client_max_window_bits: None,
        };
        assert_eq!(PmdOptions::parse(text), Ok(expected));
        assert_eq!(PmdOptions::parse(b" "), Ok(PmdOptions::default()));
        assert_eq!(PmdOptions::parse(b"rx_buf_size=3").map(|options| options.rx_buf_bytes), Ok(Some(128)));
        assert_eq!(PmdOptions::parse(b"rx_buf_size=31").map(|options| options.rx_buf_bytes), Ok(Some(1 << 20)));
    }

    #[test]
    fn unknown_options_and_bad_values_are_refused() {
        for bad in [
            "nonsense=12",
            "nonsense",
            "rx_buf_size",
            "rx_buf_size=1000",
            "rx_buf_size=",
            "rx_buf_size=-1",
            "tx_buf_size=99999999999999999999",
            "compression_level=10",
            "mem_level=0",
            "client_no_context_takeover=2",
            "client_max_window_bits=16",
            "server_max_window_bits=x",
        ] {
            let refused = PmdOptions::parse(bad.as_bytes()).map_err(|error| error.text);
            assert_eq!(refused, Err("HS: EXT: failed parsing defaults"), "{bad}");
        }
    }

    #[test]
    fn a_client_may_be_stricter_with_itself_than_agreed() {
        let options =
            PmdOptions::parse(b"client_no_context_takeover; client_max_window_bits=9; server_max_window_bits=9")
                .expect("good options");
        let agreed = params(false, false, 15, 12);
        assert_eq!(options.restrain(agreed, Side::Client), params(false, true, 15, 9));
        assert_eq!(options.restrain(agreed, Side::Server), agreed);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_without_panic(text: Vec<u8>) {
            let _ = (parse(&text), choose(&text, &PmdOptions::default()), PmdOptions::parse(&text), offers(&text));
        }

        #[test]
        fn a_client_accepts_what_our_server_answers(
            offer_text in prop::sample::subsequence(vec![
                "server_no_context_takeover", "client_no_context_takeover", "server_max_window_bits=11",
                "client_max_window_bits",
            ], 0..=4).prop_shuffle(),
            bits in prop::option::of(8u8..16), server_no: bool, client_no: bool,
        ) {
            let sent = ["permessage-deflate"].into_iter().chain(offer_text).collect::<Vec<_>>().join("; ");
            let options = PmdOptions {
                server_no_context_takeover: server_no,
                client_no_context_takeover: client_no,
                server_max_window_bits: bits,
                client_max_window_bits: bits,
                ..PmdOptions::default()
            };
            let choice = choose(sent.as_bytes(), &options).expect("a list").expect("an offer");
            prop_assert_eq!(accepted(sent.as_bytes(), choice.answer.as_bytes()), Ok(Some(choice.params)));
        }
    }
}
