//! How does a client open a connection through a SOCKS5 proxy? (RFC 1928, RFC 1929)
//!
//! The exchange: greeting with the methods on offer, choice of the proxy, user and password if it chose so, the CONNECT
//! request, its reply. After that the connection belongs to the program. Names are resolved by the proxy.

use std::net::IpAddr;

/// The server to be reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// A name of 1 to 255 bytes, for the proxy to resolve.
    Name(String),
    /// An address.
    Address(IpAddr),
}

impl Destination {
    /// An address if `host` is the text of one (IPv6 with or without brackets), else a name.
    pub fn from_host(host: &str) -> Self {
        let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
        bare.parse().map_or_else(|_| Destination::Name(host.to_owned()), Destination::Address)
    }
}

/// User and password for the proxy, 1 to 255 bytes each.
#[derive(Clone, PartialEq, Eq)]
pub struct Login {
    /// The user name.
    pub user: String,
    /// The password.
    pub password: String,
}

impl std::fmt::Debug for Login {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Login").field("user", &self.user).finish_non_exhaustive()
    }
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send these bytes, then go on reading.
    Send(Vec<u8>),
    /// The proxy has not answered completely.
    NeedMore,
    /// The connection stands; so many bytes of the last input belonged to the proxy's reply.
    Connected {
        /// Bytes of the last input that belong to the reply.
        consumed: usize,
    },
}

/// The exchange failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SocksError {
    /// The text for the program's connection error: "socks reply fail", "socks connect fail", "socks msg too large".
    pub text: &'static str,
    /// The reason, for the log.
    pub reason: &'static str,
}

/// The client side of one SOCKS5 exchange.
#[derive(Debug)]
pub struct Socks5 {
    state: State,
    held: Vec<u8>,
    login: Option<Login>,
    request: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    AwaitMethod,
    AwaitLogin,
    AwaitReply,
    Connected,
    Failed(SocksError),
}

impl Socks5 {
    /// Prepares an exchange. Fails if a name, user or password is empty or longer than the protocol can say.
    pub fn new(destination: &Destination, port: u16, login: Option<Login>) -> Result<Self, SocksError> {
        if let Some(login) = &login {
            short_len(login.user.as_bytes())?;
            short_len(login.password.as_bytes())?;
        }
        let request = connect_request(destination, port)?;
        Ok(Socks5 { state: State::AwaitMethod, held: Vec::new(), login, request })
    }

    /// The first message, to be sent when TCP is up.
    pub fn greeting(&self) -> Vec<u8> {
        match self.login {
            Some(_) => vec![VERSION, 2, METHOD_NONE, METHOD_LOGIN],
            None => vec![VERSION, 1, METHOD_NONE],
        }
    }

    /// Takes the next bytes from the proxy. After `Connected` or an error the exchange is over.
    pub fn push(&mut self, input: &[u8]) -> Result<Step, SocksError> {
        let before = self.held.len();
        // No legal reply is longer; more than that belongs to the tunnel.
        let usable = input.get(..MAX_REPLY_BYTES.saturating_sub(before)).unwrap_or(input);
        self.held.extend_from_slice(usable);
        let outcome = self.advance(before);
        if let Err(error) = outcome {
            self.state = State::Failed(error);
        }
        outcome
    }

    fn advance(&mut self, before: usize) -> Result<Step, SocksError> {
        let mut used = 0;
        let mut to_send = Vec::new();
        loop {
            let rest = self.held.get(used..).unwrap_or_default();
            if !to_send.is_empty() && !rest.is_empty() {
                return Err(REPLY_FAIL("the proxy answered before it was asked"));
            }
            match self.state {
                State::Failed(error) => return Err(error),
                State::Connected => return Ok(Step::Connected { consumed: 0 }),
                State::AwaitMethod => {
                    let [version, method, ..] = *rest else { break };
                    used += 2;
                    self.state = self.choose(version, method, &mut to_send)?;
                }
                State::AwaitLogin => {
                    let [version, status, ..] = *rest else { break };
                    used += 2;
                    if version != LOGIN_VERSION || status != 0 {
                        return Err(REPLY_FAIL("user or password not accepted"));
                    }
                    to_send.extend_from_slice(&self.request);
                    self.state = State::AwaitReply;
                }
                State::AwaitReply => {
                    let Some(len) = reply_len(rest)? else { break };
                    used += len;
                    self.state = State::Connected;
                    self.held.clear();
                    return Ok(Step::Connected { consumed: used.saturating_sub(before) });
                }
            }
        }
        self.held.drain(..used);
        Ok(if to_send.is_empty() { Step::NeedMore } else { Step::Send(to_send) })
    }

    fn choose(&self, version: u8, method: u8, to_send: &mut Vec<u8>) -> Result<State, SocksError> {
        match (version, method, &self.login) {
            (VERSION, METHOD_NONE, _) => {
                to_send.extend_from_slice(&self.request);
                Ok(State::AwaitReply)
            }
            (VERSION, METHOD_LOGIN, Some(login)) => {
                to_send.push(LOGIN_VERSION);
                for text in [login.user.as_bytes(), login.password.as_bytes()] {
                    to_send.push(short_len(text)?);
                    to_send.extend_from_slice(text);
                }
                Ok(State::AwaitLogin)
            }
            (VERSION, METHOD_REFUSED, _) => Err(REPLY_FAIL("no acceptable authentication method")),
            (VERSION, ..) => Err(REPLY_FAIL("the proxy chose a method that was not offered")),
            _ => Err(REPLY_FAIL("not a SOCKS5 proxy")),
        }
    }
}

fn connect_request(destination: &Destination, port: u16) -> Result<Vec<u8>, SocksError> {
    let mut out = vec![VERSION, COMMAND_CONNECT, 0];
    match destination {
        Destination::Name(name) => {
            out.extend_from_slice(&[ADDRESS_NAME, short_len(name.as_bytes())?]);
            out.extend_from_slice(name.as_bytes());
        }
        Destination::Address(IpAddr::V4(address)) => {
            out.push(ADDRESS_V4);
            out.extend_from_slice(&address.octets());
        }
        Destination::Address(IpAddr::V6(address)) => {
            out.push(ADDRESS_V6);
            out.extend_from_slice(&address.octets());
        }
    }
    out.extend_from_slice(&port.to_be_bytes());
    Ok(out)
}

/// The length of a complete reply that grants the connection; `None` if it is not complete.
fn reply_len(bytes: &[u8]) -> Result<Option<usize>, SocksError> {
    match bytes {
        [] => return Ok(None),
        [VERSION] | [VERSION, 0] => return Ok(None),
        [VERSION, 0, ..] => {}
        // What follows a refusal does not matter, and some proxies leave it out.
        [VERSION, code, ..] => return Err(SocksError { text: "socks connect fail", reason: reply_reason(*code) }),
        _ => return Err(REPLY_FAIL("reply of another version")),
    }
    let address_len = match bytes.get(3..) {
        None | Some([]) => return Ok(None),
        Some([ADDRESS_V4, ..]) => 4,
        Some([ADDRESS_V6, ..]) => 16,
        Some([ADDRESS_NAME]) => return Ok(None),
        Some([ADDRESS_NAME, len, ..]) => 1 + usize::from(*len),
        Some(_) => return Err(REPLY_FAIL("unknown address type in the reply")),
    };
    let len = 4 + address_len + 2;
    Ok((bytes.len() >= len).then_some(len))
}

/// RFC 1928 §6.
fn reply_reason(code: u8) -> &'static str {
    match code {
        1 => "general failure of the proxy",
        2 => "not allowed by the proxy's rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "unknown reply code",
    }
}

fn short_len(text: &[u8]) -> Result<u8, SocksError> {
    match u8::try_from(text.len()) {
        Ok(0) => Err(TOO_LARGE("empty name, user or password")),
        Ok(len) => Ok(len),
        Err(_) => Err(TOO_LARGE("name, user or password longer than 255 bytes")),
    }
}

const REPLY_FAIL: fn(&'static str) -> SocksError = |reason| SocksError { text: "socks reply fail", reason };
const TOO_LARGE: fn(&'static str) -> SocksError = |reason| SocksError { text: "socks msg too large", reason };

const VERSION: u8 = 5;
const LOGIN_VERSION: u8 = 1;
const METHOD_NONE: u8 = 0;
const METHOD_LOGIN: u8 = 2;
const METHOD_REFUSED: u8 = 0xff;
const COMMAND_CONNECT: u8 = 1;
const ADDRESS_V4: u8 = 1;
const ADDRESS_NAME: u8 = 3;
const ADDRESS_V6: u8 = 4;
/// Choice, login answer and the longest reply together.
const MAX_REPLY_BYTES: usize = 2 + 2 + 4 + 1 + 255 + 2;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn login() -> Option<Login> {
        Some(Login { user: "me".to_owned(), password: "pw".to_owned() })
    }

    fn exchange(login: Option<Login>) -> Socks5 {
        Socks5::new(&Destination::from_host("example.com"), 443, login).unwrap()
    }

    const REQUEST: &[u8] = b"\x05\x01\x00\x03\x0bexample.com\x01\xbb";
    const GRANTED: &[u8] = b"\x05\x00\x00\x01\x7f\x00\x00\x01\x1f\x90";

    #[test]
    fn a_proxy_without_login_is_asked_at_once() {
        let mut socks = exchange(None);
        assert_eq!(socks.greeting(), [5, 1, 0]);
        assert_eq!(socks.push(b"\x05\x00"), Ok(Step::Send(REQUEST.to_vec())));
        assert_eq!(socks.push(&[GRANTED, b"tunnel"].concat()), Ok(Step::Connected { consumed: GRANTED.len() }));
    }

    #[test]
    fn a_proxy_with_login_gets_user_and_password() {
        let mut socks = exchange(login());
        assert_eq!(socks.greeting(), [5, 2, 0, 2]);
        assert_eq!(socks.push(b"\x05\x02"), Ok(Step::Send(b"\x01\x02me\x02pw".to_vec())));
        assert_eq!(socks.push(b"\x01"), Ok(Step::NeedMore));
        assert_eq!(socks.push(b"\x00"), Ok(Step::Send(REQUEST.to_vec())));
        assert_eq!(socks.push(&GRANTED[..5]), Ok(Step::NeedMore));
        assert_eq!(socks.push(&GRANTED[5..]), Ok(Step::Connected { consumed: 5 }));
    }

    #[test]
    fn addresses_are_sent_as_addresses() {
        let request = |host: &str| connect_request(&Destination::from_host(host), 80).unwrap();
        assert_eq!(request("127.0.0.1"), b"\x05\x01\x00\x01\x7f\x00\x00\x01\x00\x50");
        let v6 = [&b"\x05\x01\x00\x04"[..], &[0; 15], b"\x01\x00\x50"].concat();
        assert_eq!(request("::1"), v6);
        assert_eq!(request("[::1]"), v6);
        assert_eq!(Destination::from_host("[x]"), Destination::Name("[x]".to_owned()));
    }

    #[test]
    fn replies_with_names_and_v6_addresses_are_measured() {
        for (reply, len) in [
            ([&b"\x05\x00\x00\x04"[..], &[7; 18]].concat(), 22),
            ([&b"\x05\x00\x00\x03\x03abc"[..], &[7; 2]].concat(), 10),
            ([&b"\x05\x00\x00\x03\x00"[..], &[7; 2]].concat(), 7),
        ] {
            assert_eq!(reply_len(&reply), Ok(Some(len)));
            for cut in 0..reply.len() {
                assert_eq!(reply_len(&reply[..cut]), Ok(None));
            }
        }
    }

    #[test]
    fn refusals_say_why() {
        let mut socks = exchange(None);
        socks.push(b"\x05\x00").unwrap();
        let refused = SocksError { text: "socks connect fail", reason: "connection refused" };
        assert_eq!(socks.push(b"\x05\x05"), Err(refused));
        assert_eq!(socks.push(GRANTED), Err(refused), "an exchange that failed stays so");
        for (login, reply) in
            [(None, b"\x05\xff"), (None, b"\x05\x02"), (login(), b"\x05\x01"), (None, b"\x04\x00"), (None, b"HT")]
        {
            assert_eq!(exchange(login).push(reply).unwrap_err().text, "socks reply fail", "{reply:?}");
        }
        let mut socks = exchange(login());
        socks.push(b"\x05\x02").unwrap();
        assert_eq!(socks.push(b"\x01\x01").unwrap_err().text, "socks reply fail");
        let mut socks = exchange(None);
        socks.push(b"\x05\x00").unwrap();
        assert_eq!(socks.push(b"\x05\x00\x00\x09").unwrap_err().text, "socks reply fail");
    }

    #[test]
    fn an_answer_before_its_question_is_refused() {
        assert_eq!(exchange(None).push(&[b"\x05\x00", GRANTED].concat()).unwrap_err().text, "socks reply fail");
        assert_eq!(exchange(login()).push(b"\x05\x02\x01\x00").unwrap_err().text, "socks reply fail");
    }

    #[test]
    fn what_does_not_fit_a_message_is_refused_before() {
        let long = "x".repeat(256);
        for (host, user) in [(long.as_str(), "u"), ("", "u"), ("h", long.as_str()), ("h", "")] {
            let login = Login { user: user.to_owned(), password: "p".to_owned() };
            let error = Socks5::new(&Destination::from_host(host), 1, Some(login)).unwrap_err();
            assert_eq!(error.text, "socks msg too large");
        }
        assert!(Socks5::new(&Destination::from_host(&long[..255]), 1, None).is_ok());
    }

    #[test]
    fn passwords_are_not_shown() {
        assert!(
            !format!("{:?}", exchange(Some(Login { user: "me".into(), password: "secret".into() }))).contains("secret")
        );
    }

    proptest! {
        #[test]
        fn any_chunking_gives_the_same_exchange(
            has_login in any::<bool>(),
            reply in prop_oneof![
                Just(b"\x05\x00\x00\x01\x01\x02\x03\x04\x00\x50".to_vec()),
                Just(b"\x05\x00\x00\x03\x02ab\x00\x50".to_vec()),
                Just(b"\x05\x04\x00\x01".to_vec()),
                prop::collection::vec(0u8..6, 0..30),
            ],
            tail in prop::collection::vec(any::<u8>(), 0..600),
            piece in 1usize..12,
        ) {
            let answers: &[&[u8]] = if has_login { &[b"\x05\x02", b"\x01\x00"] } else { &[b"\x05\x00"] };
            let last = [reply, tail].concat();
            let run = |piece: usize| {
                let mut socks = exchange(login());
                let mut sent = Vec::new();
                for part in answers.iter().flat_map(|answer| answer.chunks(piece)) {
                    if let Step::Send(bytes) = socks.push(part).unwrap() {
                        sent.push(bytes);
                    }
                }
                let mut done = 0;
                for part in last.chunks(piece) {
                    match socks.push(part) {
                        Ok(Step::Connected { consumed }) => return (sent, Ok(Some(done + consumed))),
                        Ok(step) => assert_eq!(step, Step::NeedMore),
                        Err(error) => return (sent, Err(error)),
                    }
                    done += part.len();
                }
                (sent, Ok(None))
            };
            prop_assert_eq!(run(usize::MAX), run(piece));
        }

        #[test]
        fn no_answer_makes_it_panic(text in prop::collection::vec(0u8..7, 0..400), piece in 1usize..400) {
            let mut socks = exchange(login());
            for part in text.chunks(piece) {
                let _ = socks.push(part);
            }
        }
    }
}
