//! Do both ends understand each other? Two complete cores, connected by bytes that arrive in chunks of chosen sizes.
use super::close::{self, ClosePayload, Echo, encode_close};
use super::deflate::{DeflateParams, Deflater, Inflater};
use super::extension::{self, PmdOptions};
use super::frame::{FrameKind, Opcode, RSV1, append_frame};
use super::handshake::{self, Offered, Reply};
use super::utf8::Utf8Validator;
use super::{CloseCode, ReceiveRules, Received, Receiver, Side};
use proptest::prelude::*;

/// What the program at one end was told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Told {
    Message { binary: bool, payload: Vec<u8> },
    Ping(Vec<u8>),
    Pong(Vec<u8>),
    Close(Vec<u8>),
}

/// One end of a connection, as an engine would put it together.
struct End {
    side: Side,
    limit: usize,
    receiver: Receiver,
    codec: Option<(Inflater, Deflater)>,
    utf8: Utf8Validator,
    open_message: Vec<u8>,
    unread: Vec<u8>,
    wire: Vec<u8>,
    told: Vec<Told>,
}

impl End {
    fn new(side: Side, limit: usize, params: Option<DeflateParams>) -> End {
        End {
            side,
            limit,
            receiver: Receiver::new(),
            codec: params.map(|params| (params.inflater(side), params.deflater(side, None))),
            utf8: Utf8Validator::new(),
            open_message: Vec::new(),
            unread: Vec::new(),
            wire: Vec::new(),
            told: Vec::new(),
        }
    }

    fn send(&mut self, fin: bool, rsv: u8, opcode: Opcode, payload: &[u8]) {
        let mask = (self.side == Side::Client).then_some([0x9a, 0x00, 0xff, 0x31]);
        append_frame(&mut self.wire, FrameKind { fin, rsv, opcode }, payload, mask);
    }

    /// Sends a message in `fragments`, with a ping behind each of them.
    fn send_message(&mut self, binary: bool, fragments: &[Vec<u8>]) {
        for (i, fragment) in fragments.iter().enumerate() {
            let last = i + 1 == fragments.len();
            let opcode = match (i, binary) {
                (0, true) => Opcode::Binary,
                (0, false) => Opcode::Text,
                _ => Opcode::Continuation,
            };
            match &mut self.codec {
                Some((_, deflater)) => {
                    let mut deflated = Vec::new();
                    deflater.compress_message_piece(fragment, last, &mut deflated).expect("compresses");
                    self.send(last, if i == 0 { RSV1 } else { 0 }, opcode, &deflated);
                }
                None => self.send(last, 0, opcode, fragment),
            }
            self.send(true, 0, Opcode::Ping, &[i as u8]);
        }
    }

    fn receive(&mut self, chunk: &[u8]) {
        self.unread.extend_from_slice(chunk);
        let rules = ReceiveRules { side: self.side, validate_utf8: true, rsv1_allowed: self.codec.is_some() };
        let mut buf = std::mem::take(&mut self.unread);
        let mut pos = 0;
        loop {
            match self.receiver.next(rules, &mut buf, &mut pos, self.limit, self.side == Side::Client) {
                Received::Data { range, info } => {
                    if info.first {
                        self.open_message.clear();
                        self.utf8.reset();
                    }
                    let data = &buf[range];
                    match &mut self.codec {
                        Some((inflater, _)) if info.compressed => {
                            let (mut consumed, mut out) = (0, vec![0; self.limit]);
                            loop {
                                let step =
                                    inflater.inflate(data, &mut consumed, info.last, &mut out).expect("inflates");
                                assert!(info.binary || self.utf8.feed(&out[..step.produced]));
                                self.open_message.extend_from_slice(&out[..step.produced]);
                                if step.drained {
                                    break;
                                }
                            }
                        }
                        _ => self.open_message.extend_from_slice(data),
                    }
                    assert_eq!((info.binary, !info.last), (self.receiver.is_binary(), self.receiver.in_message()));
                    if info.last {
                        assert!(self.utf8.is_complete());
                        let payload = std::mem::take(&mut self.open_message);
                        self.told.push(Told::Message { binary: info.binary, payload });
                    }
                }
                Received::Ping { range } => {
                    let payload = buf[range].to_vec();
                    self.send(true, 0, Opcode::Pong, &payload);
                    self.told.push(Told::Ping(payload));
                }
                Received::Pong { range } => self.told.push(Told::Pong(buf[range].to_vec())),
                Received::Close { range } => {
                    let payload = &mut buf[range];
                    let judgement = close::judge(payload, self.side, true);
                    let answered = self.told.iter().any(|told| matches!(told, Told::Close(_)));
                    self.told.push(Told::Close(payload.to_vec()));
                    let echo = match judgement.echo {
                        Echo::Payload => ClosePayload::copy_of(payload),
                        Echo::Refuse(error) => error.into(),
                    };
                    if !answered {
                        self.send(true, 0, Opcode::Close, echo.as_slice());
                    }
                    break;
                }
                Received::NeedMore => break,
                Received::Violation(error) => panic!("{:?}: {error:?}", self.side),
            }
        }
        self.unread = buf.split_off(pos);
    }
}

/// Moves all bytes from one end to the other in chunks of `sizes`, in turn.
fn deliver(from: &mut End, to: &mut End, sizes: &[usize]) {
    let wire = std::mem::take(&mut from.wire);
    let (mut rest, mut sizes) = (&wire[..], sizes.iter().cycle());
    while !rest.is_empty() {
        let size = sizes.next().map_or(1, |size| *size);
        let (chunk, after) = rest.split_at(size.min(rest.len()));
        to.receive(chunk);
        rest = after;
    }
}

#[test]
fn both_ends_shake_hands_and_agree_on_compression() {
    let key = handshake::new_key([7; 16]);
    let offer = b"permessage-deflate; client_no_context_takeover; client_max_window_bits";
    let choice = extension::choose(offer, &PmdOptions::default()).expect("a list").expect("an offer");
    let mut reply_bytes = Vec::new();
    handshake::response_101(&mut reply_bytes, key.as_bytes(), Some(b"chat"), Some(choice.answer.as_bytes()));
    let text = String::from_utf8(reply_bytes).expect("ASCII");
    let value = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name)).expect("the line");
        &line.as_bytes()[name.len() + 2..]
    };
    let reply = Reply {
        status: 101,
        upgrade: Some(value("Upgrade")),
        connection: Some(value("Connection")),
        accept: Some(value("Sec-WebSocket-Accept")),
        protocol: Some(value("Sec-WebSocket-Protocol")),
    };
    let offered = Offered { key: key.as_bytes(), protocols: Some(b"mail, chat") };
    assert_eq!(handshake::judge_reply(&reply, &offered), Ok(()));
    assert_eq!(handshake::judge_accept(&reply, &offered), Ok(()));
    let answer = extension::parse(value("Sec-WebSocket-Extensions")).expect("a list");
    assert_eq!(extension::accept(&extension::offers(offer), &answer), Ok(Some(choice.params)));
}

#[test]
fn a_close_is_echoed_and_both_ends_know_the_reason() {
    let (mut client, mut server) = (End::new(Side::Client, 100, None), End::new(Side::Server, 100, None));
    client.send(true, 0, Opcode::Close, encode_close(CloseCode::Normal, b"bye").as_slice());
    deliver(&mut client, &mut server, &[1]);
    deliver(&mut server, &mut client, &[1]);
    assert_eq!(server.told, [Told::Close(b"\x03\xe8bye".to_vec())]);
    assert_eq!(client.told, server.told);
}

fn params() -> impl Strategy<Value = Option<DeflateParams>> {
    let fields = (any::<bool>(), any::<bool>(), 8u8..16, 8u8..16);
    let params =
        fields.prop_map(|(server_no_context_takeover, client_no_context_takeover, server, client)| DeflateParams {
            server_no_context_takeover,
            client_no_context_takeover,
            server_max_window_bits: server,
            client_max_window_bits: client,
        });
    prop::option::of(params)
}

/// Messages as (from the client, binary, fragments); fragments are whole characters, so any of them may be text.
fn messages() -> impl Strategy<Value = Vec<(bool, bool, Vec<Vec<u8>>)>> {
    let word = prop_oneof![any::<char>().prop_map(String::from), Just("again and again ".to_owned())];
    let fragment = prop::collection::vec(word, 0..60).prop_map(|words| words.concat().into_bytes());
    prop::collection::vec((any::<bool>(), any::<bool>(), prop::collection::vec(fragment, 1..4)), 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(miri) { 2 } else { 128 }))]
    #[test]
    fn whatever_is_sent_is_told_at_the_other_end(
        params in params(), messages in messages(), limit in 1usize..500,
        sizes in prop::collection::vec(1usize..300, 1..8),
    ) {
        let mut ends = (End::new(Side::Client, limit, params), End::new(Side::Server, limit, params));
        let mut sent = (Vec::new(), Vec::new());
        for (from_client, binary, fragments) in &messages {
            let (end, log) = if *from_client { (&mut ends.0, &mut sent.0) } else { (&mut ends.1, &mut sent.1) };
            end.send_message(*binary, fragments);
            log.push(Told::Message { binary: *binary, payload: fragments.concat() });
        }
        deliver(&mut ends.0, &mut ends.1, &sizes);
        deliver(&mut ends.1, &mut ends.0, &sizes);
        deliver(&mut ends.0, &mut ends.1, &sizes);
        for (told, sent) in [(&ends.1.told, &sent.0), (&ends.0.told, &sent.1)] {
            let messages: Vec<&Told> = told.iter().filter(|told| matches!(told, Told::Message { .. })).collect();
            prop_assert_eq!(messages, sent.iter().collect::<Vec<_>>());
        }
        for (pinged, pinging) in [(&ends.0.told, &ends.1.told), (&ends.1.told, &ends.0.told)] {
            let pings = pinged.iter().filter_map(|told| if let Told::Ping(p) = told { Some(p) } else { None });
            let pongs = pinging.iter().filter_map(|told| if let Told::Pong(p) = told { Some(p) } else { None });
            prop_assert!(pings.eq(pongs));
        }
    }
}
