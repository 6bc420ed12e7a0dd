//! Is the upgrade in order, and how is it answered? (RFC 6455 §4)
//!
//! Client half: the key, the request, and the judgement of the reply in the order and with the texts that programs know
//! from 4.3.5. Server half: the choice of the subprotocol, the token check, the 101 reply. Header values come in as
//! bytes, without surrounding blanks; headers that were sent several times are joined with a comma first.
use crate::proto::http::secrets::masked_subprotocols;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha1::{Digest, Sha1};

/// The value that makes an accept out of a key (RFC 6455 §1.3).
const GUID: &[u8] = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// Longest list of subprotocols a server reads, in bytes (as 4.3.5).
pub const MAX_SUBPROTOCOL_LIST: usize = 126;
/// Longest name of a subprotocol in such a list (as 4.3.5).
pub const MAX_SUBPROTOCOL: usize = 63;
/// Longest name of a subprotocol in a 101 reply (as 4.3.5).
pub const MAX_REPLY_SUBPROTOCOL: usize = 127;
/// A key has to be shorter than this many bytes; nothing else is asked of it (as 4.3.5).
pub const KEY_LIMIT: usize = 128;
/// Longest Connection value that a client reads (as 4.3.5).
const MAX_CONNECTION: usize = 63;
/// How much of the peer's words goes into an explanation.
const MAX_QUOTE: usize = 80;

// The texts of CLIENT_CONNECTION_ERROR. Programs compare them.
pub const UNAUTHORIZED: &str = "HS: ws upgrade unauthorized";
pub const NOT_101: &str = "HS: ws upgrade response not 101";
pub const ACCEPT_MISSING: &str = "HS: ACCEPT missing";
pub const UPGRADE_MISSING: &str = "HS: UPGRADE missing";
pub const UPGRADE_OTHER: &str = "HS: Upgrade to something other than websocket";
pub const UPGRADE_MALFORMED: &str = "HS: UPGRADE malformed";
pub const PROTOCOL_MALFORMED: &str = "HS: PROTOCOL malformed";
pub const ACCEPT_WRONG: &str = "HS: Accept hash wrong";
pub const EXT_UNKNOWN: &str = "HS: EXT: unknown ext";
pub const EXT_LIST_TOO_BIG: &str = "HS: EXT: list too big";
pub const EXT_DEFAULTS_FAILED: &str = "HS: EXT: failed setting defaults";
pub const EXT_BAD_DEFAULTS: &str = "HS: EXT: failed parsing defaults";
pub const EXT_BAD_OPTIONS: &str = "HS: EXT: failed parsing options";
pub const EXT_REJECTED: &str = "HS: EXT: Rejects server options";

/// Why a handshake failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandshakeError {
    /// What 4.3.5 says, to be compared by programs.
    pub text: &'static str,
    /// What was offered and what came, for people; printable ASCII, of bounded length.
    pub detail: String,
}

impl HandshakeError {
    pub(super) fn new(text: &'static str, detail: impl Into<String>) -> HandshakeError {
        HandshakeError { text, detail: detail.into() }
    }
}

impl std::fmt::Display for HandshakeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.text, self.detail)
    }
}

impl std::error::Error for HandshakeError {}

/// The value of Sec-WebSocket-Accept for a Sec-WebSocket-Key (RFC 6455 §4.2.2).
pub fn accept_value(key: &[u8]) -> [u8; 28] {
    let digest = Sha1::new().chain_update(key).chain_update(GUID).finalize();
    let mut accept = [0; 28];
    // 20 bytes always make 28 characters, so this cannot fail; a zero accept would be refused by every client.
    let _ = STANDARD.encode_slice(digest, &mut accept);
    accept
}

/// A Sec-WebSocket-Key of 24 characters; `random` has to be fresh for every connection (RFC 6455 §4.1).
pub fn new_key(random: [u8; 16]) -> String {
    STANDARD.encode(random)
}

/// Appends the empty line that ends a head.
pub fn end_head(out: &mut Vec<u8>) {
    out.extend_from_slice(b"\r\n");
}

/// The parts of a server's reply that decide; absent headers are `None`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reply<'a> {
    pub status: u16,
    pub upgrade: Option<&'a [u8]>,
    pub connection: Option<&'a [u8]>,
    /// Sec-WebSocket-Accept
    pub accept: Option<&'a [u8]>,
    /// Sec-WebSocket-Protocol
    pub protocol: Option<&'a [u8]>,
}

/// What our request said.
#[derive(Clone, Copy, Debug)]
pub struct Offered<'a> {
    /// Our Sec-WebSocket-Key.
    pub key: &'a [u8],
    /// Our Sec-WebSocket-Protocol, if we sent one.
    pub protocols: Option<&'a [u8]>,
}

/// Judges a reply that is not a redirect: status, accept present, upgrade, connection, subprotocol, in this order (as
/// 4.3.5).
///
/// The extensions come next ([`super::extension::accept`], with a callback in between), then [`judge_accept`]: the
/// order decides which text the program sees.
pub fn judge_reply(reply: &Reply<'_>, offered: &Offered<'_>) -> Result<(), HandshakeError> {
    let fail = |text, detail: String| Err(HandshakeError::new(text, detail));
    if reply.status == 401 {
        return fail(UNAUTHORIZED, "status 401".into());
    }
    if reply.status != 101 {
        return fail(NOT_101, format!("status {}", reply.status));
    }
    if reply.accept.is_none() {
        return fail(ACCEPT_MISSING, "no Sec-WebSocket-Accept in the reply".into());
    }
    match reply.upgrade {
        None => return fail(UPGRADE_MISSING, "no Upgrade in the reply".into()),
        Some(other) if !other.eq_ignore_ascii_case(b"websocket") => {
            return fail(UPGRADE_OTHER, format!("Upgrade: {}", quote(other)));
        }
        Some(_) => {}
    }
    match reply.connection {
        None => return fail(UPGRADE_MALFORMED, "no Connection in the reply".into()),
        Some(value) if value.len() > MAX_CONNECTION => {
            return fail(UPGRADE_MALFORMED, format!("Connection of {} bytes", value.len()));
        }
        // 4.3.5 compares only as many characters as the token has, and servers that abbreviate work with it.
        Some(value) if !list(value).any(is_prefix_of_upgrade) => {
            return fail(UPGRADE_MALFORMED, format!("Connection: {}", quote(value)));
        }
        Some(_) => {}
    }
    let Some(chosen) = reply.protocol else {
        return Ok(());
    };
    match offered.protocols {
        Some(offers) if list(offers).any(|offer| offer == chosen) => Ok(()),
        Some(offers) => {
            let told = |list: &[u8]| quote(masked_subprotocols(&String::from_utf8_lossy(list)).as_bytes());
            fail(PROTOCOL_MALFORMED, format!("offered {}, server chose {}", told(offers), told(chosen)))
        }
        None => fail(PROTOCOL_MALFORMED, format!("offered none, server chose {}", quote(chosen))),
    }
}

/// Whether the server answered our key (RFC 6455 §4.1); the last check of a reply.
pub fn judge_accept(reply: &Reply<'_>, offered: &Offered<'_>) -> Result<(), HandshakeError> {
    let wanted = accept_value(offered.key);
    match reply.accept {
        None => Err(HandshakeError::new(ACCEPT_MISSING, "no Sec-WebSocket-Accept in the reply")),
        Some(accept) if accept == wanted => Ok(()),
        Some(accept) => {
            Err(HandshakeError::new(ACCEPT_WRONG, format!("got {}, wanted {}", quote(accept), quote(&wanted))))
        }
    }
}

/// Which protocol of the vhost serves a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subprotocol {
    /// The client asked for none: the vhost's default one, and no line in the reply.
    Default,
    /// The client's first known name: this protocol, and its name in the reply.
    Named(usize),
    /// None of the names is known, or the list is not one: the upgrade is refused, for this reason.
    Refused(&'static str),
}

/// Chooses from the client's `list` (Sec-WebSocket-Protocol, lines joined) the first name for which `find` knows an
/// index: the client's order decides, names are compared as a whole and with case.
pub fn choose_subprotocol(wanted: Option<&[u8]>, find: impl Fn(&[u8]) -> Option<usize>) -> Subprotocol {
    let wanted = match wanted.map(<[u8]>::trim_ascii) {
        None | Some(b"") => return Subprotocol::Default,
        Some(wanted) => wanted,
    };
    if wanted.len() > MAX_SUBPROTOCOL_LIST {
        return Subprotocol::Refused("list of subprotocols too long");
    }
    let mut chosen = None;
    for name in wanted.split(|&byte| byte == b',').map(<[u8]>::trim_ascii) {
        if name.is_empty() || !name.iter().all(u8::is_ascii_graphic) {
            return Subprotocol::Refused("malformed list of subprotocols");
        }
        if name.len() > MAX_SUBPROTOCOL {
            return Subprotocol::Refused("name of subprotocol too long");
        }
        // The first known name wins; what follows it is not looked at.
        chosen = find(name);
        if chosen.is_some() {
            break;
        }
    }
    chosen.map_or(Subprotocol::Refused("no known subprotocol"), Subprotocol::Named)
}

/// Whether a Connection value contains the token "upgrade" (server side: the whole token, any case).
pub fn asks_for_upgrade(connection: &[u8]) -> bool {
    list(connection).any(|token| token.eq_ignore_ascii_case(b"upgrade"))
}

/// Whether a Sec-WebSocket-Key is one we answer; as with 4.3.5 its content is not looked at.
pub fn is_usable_key(key: &[u8]) -> bool {
    !key.is_empty() && key.len() < KEY_LIMIT
}

/// Appends the 101 reply, with the lines of 4.3.5, up to, not including, the empty line: what the program adds in
/// ADD_HEADERS comes next, then [`end_head`].
///
/// `protocol` is the vhost protocol's own name if the client sent a nonempty list; it is cut to
/// [`MAX_REPLY_SUBPROTOCOL`]. `extensions` is the answer of [`super::extension::choose`].
pub fn response_101(out: &mut Vec<u8>, key: &[u8], protocol: Option<&[u8]>, extensions: Option<&[u8]>) {
    out.extend_from_slice(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n");
    append_line(out, "Sec-WebSocket-Accept", &accept_value(key));
    append_choices(out, protocol, extensions);
}

/// As [`response_101`], for a websocket inside a stream of http/2: the answer to an extended CONNECT (RFC 8441 §5).
pub fn response_200(out: &mut Vec<u8>, protocol: Option<&[u8]>, extensions: Option<&[u8]>) {
    out.extend_from_slice(b"HTTP/1.1 200 OK\r\n");
    append_choices(out, protocol, extensions);
}

fn append_choices(out: &mut Vec<u8>, protocol: Option<&[u8]>, extensions: Option<&[u8]>) {
    if let Some(name) = protocol {
        append_line(out, "Sec-WebSocket-Protocol", name.get(..MAX_REPLY_SUBPROTOCOL).unwrap_or(name));
    }
    if let Some(extensions) = extensions {
        append_line(out, "Sec-WebSocket-Extensions", extensions);
    }
}

/// The words of the peer, made fit for a log: printable ASCII in quotes, cut to [`MAX_QUOTE`].
pub(super) fn quote(words: &[u8]) -> String {
    let cut = words.get(..MAX_QUOTE);
    let shown = cut.unwrap_or(words).iter().map(|&byte| match byte {
        b' '..=b'~' => char::from(byte),
        _ => '.',
    });
    let mut quoted: String = std::iter::once('\'').chain(shown).chain(std::iter::once('\'')).collect();
    if cut.is_some_and(|cut| cut.len() < words.len()) {
        quoted.push_str("...");
    }
    quoted
}

fn append_line(out: &mut Vec<u8>, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), b": ", value, b"\r\n"] {
        out.extend_from_slice(part);
    }
}

/// The nonempty elements of a comma list, without blanks around them (RFC 9110 §5.6.1).
fn list(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|&byte| byte == b',').map(<[u8]>::trim_ascii).filter(|element| !element.is_empty())
}

fn is_prefix_of_upgrade(token: &[u8]) -> bool {
    b"upgrade".get(..token.len()).is_some_and(|prefix| prefix.eq_ignore_ascii_case(token))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 6455 §1.3 and its accept value.
    const KEY: &[u8] = b"dGhlIHNhbXBsZSBub25jZQ==";
    const ACCEPT: &[u8] = b"s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

    fn good() -> Reply<'static> {
        Reply {
            status: 101,
            upgrade: Some(b"websocket"),
            connection: Some(b"Upgrade"),
            accept: Some(ACCEPT),
            protocol: Some(b"chat"),
        }
    }

    const OFFERED: Offered<'static> = Offered { key: KEY, protocols: Some(b"superchat, chat") };

    fn text(reply: Reply<'_>) -> &'static str {
        match judge_reply(&reply, &OFFERED).and_then(|()| judge_accept(&reply, &OFFERED)) {
            Ok(()) => "fine",
            Err(error) => error.text,
        }
    }

    #[test]
    fn the_example_of_the_rfc_is_accepted() {
        assert_eq!(accept_value(KEY), ACCEPT);
        assert_eq!(text(good()), "fine");
    }

    #[test]
    fn a_key_is_16_bytes_in_24_characters() {
        assert_eq!(new_key(*b"the sample nonce").as_bytes(), KEY);
        assert_eq!(new_key([0xff; 16]).len(), 24);
    }

    #[test]
    fn each_fault_has_the_text_of_4_3_5() {
        let with = |change: fn(&mut Reply<'static>)| {
            let mut reply = good();
            change(&mut reply);
            text(reply)
        };
        assert_eq!(with(|r| r.status = 401), "HS: ws upgrade unauthorized");
        assert_eq!(with(|r| r.status = 200), "HS: ws upgrade response not 101");
        assert_eq!(with(|r| r.accept = None), "HS: ACCEPT missing");
        assert_eq!(with(|r| r.upgrade = None), "HS: UPGRADE missing");
        assert_eq!(with(|r| r.upgrade = Some(b"h2c")), "HS: Upgrade to something other than websocket");
        assert_eq!(with(|r| r.connection = None), "HS: UPGRADE malformed");
        assert_eq!(with(|r| r.connection = Some(b"keep-alive")), "HS: UPGRADE malformed");
        // One byte more than is read.
        const LONG: &[u8] = b"upgrade, and fifty-five bytes of something that is no use at all";
        assert_eq!(LONG.len(), 64);
        assert_eq!(with(|r| r.connection = Some(LONG)), "HS: UPGRADE malformed");
        assert_eq!(with(|r| r.connection = LONG.get(..63)), "fine");
        assert_eq!(with(|r| r.protocol = Some(b"Chat")), "HS: PROTOCOL malformed");
        assert_eq!(with(|r| r.protocol = Some(b"")), "HS: PROTOCOL malformed");
        assert_eq!(with(|r| r.accept = Some(b"s3pPLMBiTxaQ9kYGzzhZRbK+xOO=")), "HS: Accept hash wrong");
    }

    #[test]
    fn faults_are_reported_in_the_order_of_4_3_5() {
        // Everything wrong at once, then repaired one by one.
        let mut reply = Reply { status: 401, protocol: Some(b"other"), ..Reply::default() };
        let mut seen = vec![text(reply)];
        let repairs: [fn(&mut Reply<'static>); 7] = [
            |r| r.status = 500,
            |r| r.status = 101,
            |r| r.accept = Some(b"wrong"),
            |r| r.upgrade = Some(b"x"),
            |r| r.upgrade = Some(b"WebSocket"),
            |r| r.connection = Some(b"close, uPGRADE"),
            |r| r.protocol = None,
        ];
        for repair in repairs {
            repair(&mut reply);
            seen.push(text(reply));
        }
        let order = [
            UNAUTHORIZED,
            NOT_101,
            ACCEPT_MISSING,
            UPGRADE_MISSING,
            UPGRADE_OTHER,
            UPGRADE_MALFORMED,
            PROTOCOL_MALFORMED,
            ACCEPT_WRONG,
        ];
        assert_eq!(seen, order);
    }

    #[test]
    fn a_client_takes_a_prefix_of_upgrade_and_a_server_the_whole_token() {
        for (value, client, server) in [
            (&b"Upgrade"[..], true, true),
            (b"keep-alive, UPGRADE", true, true),
            (b"upg", true, false),
            (b"upgraded", false, false),
            (b"", false, false),
            (b" , ,", false, false),
        ] {
            let mut reply = good();
            reply.connection = Some(value);
            assert_eq!(text(reply) == "fine", client, "{value:?}");
            assert_eq!(asks_for_upgrade(value), server, "{value:?}");
        }
    }

    #[test]
    fn a_subprotocol_that_was_not_offered_is_refused_and_both_are_named() {
        let nothing = Offered { key: KEY, protocols: None };
        let error = judge_reply(&good(), &nothing).expect_err("nothing was offered");
        assert_eq!((error.text, error.detail.as_str()), (PROTOCOL_MALFORMED, "offered none, server chose 'chat'"));
        let mut silent = good();
        silent.protocol = None;
        assert_eq!(judge_reply(&silent, &nothing), Ok(()));
    }

    #[test]
    fn explanations_are_printable_and_short() {
        let mut reply = good();
        let long = [0xffu8; 1000];
        reply.upgrade = Some(&long);
        let error = judge_reply(&reply, &OFFERED).expect_err("not websocket");
        assert!(error.detail.len() < 120 && error.detail.is_ascii(), "{error}");
        assert!(error.detail.ends_with("'..."));
    }

    #[test]
    fn the_101_reply_has_the_lines_of_4_3_5_in_their_order() {
        let mut out = Vec::new();
        response_101(&mut out, KEY, Some(b"echo"), Some(b"permessage-deflate"));
        out.extend_from_slice(b"x-added: yes\r\n");
        end_head(&mut out);
        let expected = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: WebSocket\r\nConnection: Upgrade\r\n\
            Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: echo\r\n\
            Sec-WebSocket-Extensions: permessage-deflate\r\nx-added: yes\r\n\r\n";
        assert_eq!(String::from_utf8_lossy(&out), expected);
        out.clear();
        response_101(&mut out, KEY, Some(&[b'n'; 200]), None);
        assert!(out.ends_with(&[&b": "[..], &[b'n'; 127], b"\r\n"].concat()));
    }

    fn chosen(wanted: &[u8]) -> Subprotocol {
        choose_subprotocol(Some(wanted), |name| [&b"first"[..], b"echo", b"second"].iter().position(|n| *n == name))
    }

    #[test]
    fn the_clients_first_known_subprotocol_wins() {
        assert_eq!(chosen(b"nope, second, echo"), Subprotocol::Named(2));
        assert_eq!(chosen(b"echo"), Subprotocol::Named(1));
        assert_eq!(chosen(b"first,echo"), Subprotocol::Named(0));
    }

    #[test]
    fn no_or_an_empty_list_means_the_default_protocol() {
        assert_eq!(choose_subprotocol(None, |_| Some(0)), Subprotocol::Default);
        assert_eq!(chosen(b""), Subprotocol::Default);
        assert_eq!(chosen(b"  "), Subprotocol::Default);
    }

    #[test]
    fn unknown_names_and_bad_lists_are_refused() {
        let refused = |wanted: &[u8]| matches!(chosen(wanted), Subprotocol::Refused(_));
        assert!(refused(b"Echo"), "names are compared with case");
        assert!(refused(b"nope"));
        assert!(refused(b",echo"));
        assert!(refused(b"two words, echo"));
        let long_name = [b'a'; 64];
        assert!(refused(&[&long_name[..], b",echo"].concat()));
        assert!(refused(&[&[b'a'; 60][..], b",", &[b'b'; 60], b", echo"].concat()), "127 bytes");
        assert_eq!(
            chosen(&[&[b'a'; 60][..], b",", &[b'b'; 60], b",echo"].concat()),
            Subprotocol::Named(1),
            "126 bytes"
        );
    }

    #[test]
    fn keys_of_any_content_are_usable_up_to_127_bytes() {
        assert!(is_usable_key(b"x") && is_usable_key(&[b'x'; 127]));
        assert!(!is_usable_key(b"") && !is_usable_key(&[b'x'; 128]));
    }
}
