//! What the server's side of a connection makes of good and bad clients.
use super::*;

/// A client's view: what it sends is in `input`, what the server said in `said`.
struct Pair {
    server: Connection,
    encoder: Encoder,
    input: Vec<u8>,
    said: Vec<u8>,
    now_ms: u64,
}

type Fields<'a> = &'a [(&'a str, &'a str)];
const GET: Fields<'static> = &[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "h")];
const POST: Fields<'static> = &[(":method", "POST"), (":scheme", "http"), (":path", "/"), (":authority", "h")];
const TRAILER: Fields<'static> = &[("x-end", "1")];

impl Pair {
    /// After the preface and empty SETTINGS of the client; what was said up to there is forgotten.
    fn new(local: LocalSettings) -> Self {
        let server = Connection::new(local, Limits::default());
        let mut pair = Pair { server, encoder: Encoder::new(), input: PREFACE.to_vec(), said: Vec::new(), now_ms: 0 };
        pair.frame(Kind::Settings, 0, 0, &[]);
        assert!(pair.events().is_ok_and(|events| events.is_empty()));
        pair.said.clear();
        pair
    }

    fn frame(&mut self, kind: Kind, flags: u8, stream: u32, payload: &[u8]) -> &mut Self {
        frame::append(kind, flags, stream, payload, &mut self.input);
        self
    }

    fn block(&mut self, fields: Fields<'_>) -> Vec<u8> {
        let mut block = Vec::new();
        for (name, value) in fields {
            self.encoder.field(name.as_bytes(), value.as_bytes(), &mut block);
        }
        block
    }

    fn headers(&mut self, stream: u32, fields: Fields<'_>, flags: u8) -> &mut Self {
        let block = self.block(fields);
        self.frame(Kind::Headers, flags | flag::END_HEADERS, stream, &block)
    }

    fn next(&mut self) -> Result<Event, ConnectionError> {
        let mut position = 0;
        let event = self.server.next(&self.input, &mut position, self.now_ms, &mut self.said);
        self.input.drain(..position);
        event
    }

    /// All events, as short texts.
    fn events(&mut self) -> Result<Vec<String>, ErrorCode> {
        let mut all = Vec::new();
        loop {
            all.push(match self.next().map_err(|error| error.code)? {
                Event::NeedMore => return Ok(all),
                Event::Request { stream, head, ends } => {
                    format!("request {stream} {} {}", head.method.name(), if ends { "ends" } else { "goes on" })
                }
                Event::Refused { stream, status, .. } => format!("refused {stream} {status}"),
                Event::Data { stream, range, ends } => {
                    format!("data {stream} {} {}", range.len(), if ends { "ends" } else { "goes on" })
                }
                Event::End { stream } => format!("end {stream}"),
                Event::Reset { stream, code, by_peer } => {
                    format!("reset {stream} {code:?} by {}", if by_peer { "peer" } else { "us" })
                }
                Event::SendMore { stream } => format!("more {stream}"),
                Event::GoAway { code } => format!("goaway {code:?}"),
            });
        }
    }

    /// The frames the server said since the last call: kind, flags, stream, payload.
    fn frames(&mut self) -> Vec<(Kind, u8, u32, Vec<u8>)> {
        let said = std::mem::take(&mut self.said);
        let (mut all, mut rest) = (Vec::new(), said.as_slice());
        while let Some(header) = Header::parse(rest) {
            let end = HEADER_BYTES + header.len;
            all.push((header.kind, header.flags, header.stream, rest[HEADER_BYTES..end].to_vec()));
            rest = &rest[end..];
        }
        assert!(rest.is_empty());
        all
    }

    fn resets(&mut self) -> Vec<(u32, ErrorCode)> {
        let code = |payload: &[u8]| ErrorCode::from(frame::number(payload).unwrap());
        let frames = self.frames();
        let resets = frames.iter().filter(|frame| frame.0 == Kind::RstStream);
        resets.map(|(_, _, stream, payload)| (*stream, code(payload))).collect()
    }
}

fn pair() -> Pair {
    Pair::new(LocalSettings::default())
}

fn events_of(build: impl FnOnce(&mut Pair)) -> Result<Vec<String>, ErrorCode> {
    let mut pair = pair();
    build(&mut pair);
    pair.events()
}

#[test]
fn a_request_is_answered() {
    let mut pair = pair();
    pair.headers(1, GET, flag::END_STREAM);
    assert_eq!(pair.events().unwrap(), ["request 1 GET ends"]);
    let fields = [(&b"content-type"[..], &b"text/plain"[..])];
    let Pair { server, said, .. } = &mut pair;
    assert!(server.send_head(1, 200, fields.into_iter(), false, said));
    assert_eq!(server.send_data(1, b"hello", true, 100, said), Some(5));
    assert_eq!(server.send_data(1, b"more", true, 100, said), None);
    server.forget(1, ErrorCode::InternalError, said);
    let frames = pair.frames();
    assert_eq!(
        frames.iter().map(|frame| (frame.0, frame.1)).collect::<Vec<_>>(),
        [(Kind::Headers, flag::END_HEADERS), (Kind::Data, flag::END_STREAM)]
    );
    let mut list = FieldList::new(1000);
    Decoder::new(4096).decode(&frames[0].3, &mut list).unwrap();
    assert_eq!(list.iter().next(), Some((&b":status"[..], &b"200"[..])));
}

#[test]
fn however_the_bytes_are_cut_the_events_are_the_same() {
    let mut whole = pair();
    whole.headers(1, POST, 0);
    whole.frame(Kind::Data, 0, 1, b"abc").frame(Kind::Unknown(77), 3, 9, b"x").frame(
        Kind::Data,
        flag::PADDED,
        1,
        b"\x01ab\0",
    );
    whole.headers(1, TRAILER, flag::END_STREAM).frame(Kind::Ping, 0, 0, &[1; 8]);
    let bytes = std::mem::take(&mut whole.input);
    let expected = ["request 1 POST goes on", "data 1 3 goes on", "data 1 2 goes on", "end 1"];
    for size in [1, 2, 3, 7, 10, 1000] {
        let mut cut = pair();
        let mut all = Vec::new();
        for piece in bytes.chunks(size) {
            cut.input.extend_from_slice(piece);
            all.extend(cut.events().unwrap());
        }
        assert_eq!(all, expected, "{size}");
        assert_eq!(cut.frames(), [(Kind::Ping, flag::ACK, 0, vec![1; 8])]);
    }
}

#[test]
fn headers_may_be_continued_and_nothing_comes_between() {
    let mut pair = pair();
    let block = pair.block(GET);
    let (first, second) = block.split_at(3);
    pair.frame(Kind::Headers, flag::END_STREAM | flag::PRIORITY, 1, &[&[0; 5], first].concat());
    pair.frame(Kind::Continuation, 0, 1, &[]).frame(Kind::Continuation, flag::END_HEADERS, 1, second);
    assert_eq!(pair.events().unwrap(), ["request 1 GET ends"]);
    for between in [Kind::Ping, Kind::Data, Kind::Headers, Kind::Unknown(99)] {
        let result = events_of(|pair| {
            pair.frame(Kind::Headers, 0, 1, &[]).frame(between, 0, u32::from(between != Kind::Ping), &[0; 8]);
        });
        assert_eq!(result, Err(ErrorCode::ProtocolError), "{between:?}");
    }
    assert_eq!(
        events_of(|pair| {
            pair.frame(Kind::Headers, 0, 1, &[]).frame(Kind::Continuation, 0, 3, &[]);
        }),
        Err(ErrorCode::ProtocolError)
    );
}

#[test]
fn broken_frames_end_the_connection_with_the_right_code() {
    use ErrorCode::{CompressionError, FlowControlError, FrameSizeError, ProtocolError, StreamClosed};
    type Broken = (&'static str, Kind, u8, u32, &'static [u8], ErrorCode);
    let cases: &[Broken] = &[
        ("settings on a stream", Kind::Settings, 0, 1, &[], ProtocolError),
        ("settings of five bytes", Kind::Settings, 0, 0, &[0; 5], FrameSizeError),
        ("settings ack with payload", Kind::Settings, flag::ACK, 0, &[0; 6], FrameSizeError),
        ("short ping", Kind::Ping, 0, 0, &[0; 7], FrameSizeError),
        ("ping on a stream", Kind::Ping, 0, 1, &[0; 8], ProtocolError),
        ("goaway on a stream", Kind::GoAway, 0, 1, &[0; 8], ProtocolError),
        ("short goaway", Kind::GoAway, 0, 0, &[0; 7], FrameSizeError),
        ("push promise", Kind::PushPromise, flag::END_HEADERS, 1, &[0; 8], ProtocolError),
        ("data on stream 0", Kind::Data, 0, 0, &[], ProtocolError),
        ("data on an idle stream", Kind::Data, 0, 1, &[], ProtocolError),
        ("padding without end", Kind::Data, flag::PADDED, 1, &[9, 0], ProtocolError),
        ("headers on stream 0", Kind::Headers, flag::END_HEADERS, 0, &[], ProtocolError),
        ("headers on an even stream", Kind::Headers, flag::END_HEADERS, 2, &[], ProtocolError),
        ("headers shorter than their priority", Kind::Headers, flag::PRIORITY, 1, &[0; 4], FrameSizeError),
        ("headers that are no HPACK", Kind::Headers, flag::END_HEADERS, 1, &[0x80], CompressionError),
        ("lone continuation", Kind::Continuation, flag::END_HEADERS, 1, &[], ProtocolError),
        ("reset of an idle stream", Kind::RstStream, 0, 1, &[0; 4], ProtocolError),
        ("reset of three bytes", Kind::RstStream, 0, 1, &[0; 3], FrameSizeError),
        ("priority of stream 0", Kind::Priority, 0, 0, &[0; 5], ProtocolError),
        ("window update of three bytes", Kind::WindowUpdate, 0, 0, &[0; 3], FrameSizeError),
        ("window update of nothing", Kind::WindowUpdate, 0, 0, &[0; 4], ProtocolError),
        ("window update of an idle stream", Kind::WindowUpdate, 0, 5, &[0, 0, 0, 1], ProtocolError),
        ("window overflow", Kind::WindowUpdate, 0, 0, &[0x7f, 0xff, 0xff, 0xff], FlowControlError),
        ("too large a frame", Kind::Unknown(50), 0, 0, &[0; 16_385], FrameSizeError),
    ];
    for (name, kind, flags, stream, payload, code) in cases {
        let result = events_of(|pair| {
            pair.frame(*kind, *flags, *stream, payload);
            if *kind == Kind::Headers && *flags == 0 {
                pair.frame(Kind::Continuation, 0, 1, payload);
            }
        });
        assert_eq!(result, Err(*code), "{name}");
    }
    let twice = events_of(|pair| {
        pair.headers(3, GET, flag::END_STREAM).headers(1, GET, flag::END_STREAM);
    });
    assert_eq!(twice, Err(StreamClosed));
}

#[test]
fn a_large_head_is_refused_and_one_without_measure_ends_the_connection() {
    let mut pair = pair();
    let large = "v".repeat(100_000);
    let block = pair.block(&[GET, &[("x-large", &large), ("x-kept", "k")]].concat());
    assert!(block.len() > 60_000);
    pair.frame(Kind::Headers, flag::END_STREAM, 1, &[]);
    let pieces = block.chunks(16_384).count();
    for (n, piece) in block.chunks(16_384).enumerate() {
        let flags = if n + 1 == pieces { flag::END_HEADERS } else { 0 };
        assert_eq!(pair.server.unfinished_block(), (n > 0).then_some(1));
        pair.frame(Kind::Continuation, flags, 1, piece);
        let expected: &[&str] = if flags == 0 { &[] } else { &["refused 1 431"] };
        assert_eq!(pair.events().unwrap(), expected);
    }
    assert_eq!(pair.server.unfinished_block(), None);
    // The encoder remembers what was in the refused head, and so does the decoder.
    pair.headers(3, &[GET, &[("x-kept", "k")]].concat(), flag::END_STREAM);
    assert_eq!(pair.events().unwrap(), ["request 3 GET ends"]);
    pair.frame(Kind::Headers, 0, 5, &[0; 16_384]);
    let count = (0..100).position(|_| pair.frame(Kind::Continuation, 0, 5, &[0; 16_384]).events().is_err());
    assert_eq!(count, Some(16));
}

#[test]
fn windows_that_overflow_may_be_tolerated() {
    let mut pair = Pair::new(LocalSettings { clamps_windows: true, ..LocalSettings::default() });
    pair.headers(1, POST, 0);
    for stream in [0, 1] {
        pair.frame(Kind::WindowUpdate, 0, stream, &[0x7f, 0xff, 0xff, 0xff]);
    }
    pair.frame(Kind::Settings, 0, 0, &[0, 4, 0, 2, 0, 0]);
    assert!(pair.events().is_ok());
    assert_eq!(pair.server.send_credit(1), i64::from(crate::proto::http::h2::flow::LARGEST_WINDOW));
}

#[test]
fn the_client_begins_with_preface_and_settings() {
    let mut server = Connection::new(LocalSettings::default(), Limits::default());
    let mut said = Vec::new();
    let result = server.next(b"GET / HTTP/1.1\r\n\r\n", &mut 0, 0, &mut said);
    assert_eq!(result.map(|_| ()).map_err(|error| error.code), Err(ErrorCode::ProtocolError));
    server.go_away(ErrorCode::ProtocolError, "", &mut said);
    assert!(said.is_empty() && !server.has_begun());
    let mut server = Connection::new(LocalSettings::default(), Limits::default());
    let mut input = PREFACE.to_vec();
    frame::append(Kind::Ping, 0, 0, &[0; 8], &mut input);
    let result = server.next(&input, &mut 0, 0, &mut Vec::new());
    assert_eq!(result.map(|_| ()).map_err(|error| error.code), Err(ErrorCode::ProtocolError));
}

#[test]
fn faults_of_a_stream_leave_the_others_alone() {
    let mut pair = pair();
    pair.headers(1, &[(":method", "GET")], flag::END_STREAM);
    pair.headers(3, POST, 0).frame(Kind::WindowUpdate, 0, 3, &[0; 4]);
    pair.headers(5, POST, 0).headers(5, TRAILER, 0);
    pair.headers(7, GET, flag::END_STREAM).frame(Kind::Data, 0, 7, b"x");
    pair.headers(9, GET, flag::END_STREAM).frame(Kind::WindowUpdate, 0, 9, &[0x7f, 0xff, 0xff, 0xff]);
    pair.frame(Kind::Priority, 0, 11, &[0; 4]);
    pair.headers(13, GET, flag::END_STREAM);
    let events = pair.events().unwrap();
    assert_eq!(events.iter().filter(|event| event.ends_with("by us")).count(), 4, "{events:?}");
    assert_eq!(events.last().map(String::as_str), Some("request 13 GET ends"));
    assert_eq!(
        pair.resets(),
        [
            (1, ErrorCode::ProtocolError),
            (3, ErrorCode::ProtocolError),
            (5, ErrorCode::ProtocolError),
            (7, ErrorCode::StreamClosed),
            (9, ErrorCode::FlowControlError),
            (11, ErrorCode::FrameSizeError)
        ]
    );
}

#[test]
fn a_body_that_is_not_as_long_as_announced_is_a_fault() {
    let announced = [POST, &[("content-length", "3")]].concat();
    for (pieces, is_good) in
        [(&["abc"][..], true), (&["a", "bc"], true), (&["abcd"], false), (&["ab"], false), (&[], false)]
    {
        let mut pair = pair();
        pair.headers(1, &announced, 0);
        for (index, piece) in pieces.iter().enumerate() {
            let ends = index + 1 == pieces.len();
            pair.frame(Kind::Data, u8::from(ends) * flag::END_STREAM, 1, piece.as_bytes());
        }
        if pieces.is_empty() {
            pair.headers(1, TRAILER, flag::END_STREAM);
        }
        pair.events().unwrap();
        assert_eq!(pair.resets().is_empty(), is_good, "{pieces:?}");
    }
}

#[test]
fn late_frames_of_a_stream_that_we_reset_are_ignored() {
    let mut pair = pair();
    pair.headers(1, POST, 0);
    pair.events().unwrap();
    let Pair { server, said, .. } = &mut pair;
    server.forget(1, ErrorCode::InternalError, said);
    assert_eq!(pair.resets(), [(1, ErrorCode::InternalError)]);
    pair.frame(Kind::Data, 0, 1, b"late").headers(1, TRAILER, flag::END_STREAM);
    pair.frame(Kind::WindowUpdate, 0, 1, &[0, 0, 0, 1]).frame(Kind::RstStream, 0, 1, &[0, 0, 0, 8]);
    assert_eq!(pair.events(), Ok(Vec::new()));
    assert_eq!(pair.frames(), []);
    // The table of compressed headers still fits.
    pair.headers(3, &[GET, TRAILER].concat(), flag::END_STREAM);
    assert_eq!(pair.events().unwrap(), ["request 3 GET ends"]);
}

#[test]
fn behind_an_early_answer_the_body_is_dropped_and_stopped_when_the_window_is_used_up() {
    let mut pair = pair();
    pair.headers(1, POST, 0).headers(3, POST, 0);
    pair.events().unwrap();
    for number in [1, 3] {
        let Pair { server, said, .. } = &mut pair;
        assert!(server.send_head(number, 413, std::iter::empty(), true, said));
        server.forget(number, ErrorCode::InternalError, said);
    }
    pair.frame(Kind::Data, flag::END_STREAM, 1, b"the rest");
    for _ in 0..LocalSettings::default().stream_window / 16_384 {
        assert_eq!(pair.resets(), []);
        pair.frame(Kind::Data, 0, 3, &[0; 16_384]);
        assert_eq!(pair.events().unwrap(), [""; 0]);
    }
    assert_eq!(pair.resets(), [(3, ErrorCode::NoError)]);
}

#[test]
fn more_streams_than_allowed_are_refused() {
    let mut pair = Pair::new(LocalSettings { max_streams: 2, ..LocalSettings::default() });
    pair.headers(1, GET, flag::END_STREAM).headers(3, GET, flag::END_STREAM).headers(5, GET, flag::END_STREAM);
    assert_eq!(pair.events().unwrap(), ["request 1 GET ends", "request 3 GET ends"]);
    assert_eq!(pair.resets(), [(5, ErrorCode::RefusedStream)]);
    let Pair { server, said, .. } = &mut pair;
    // One that is over on the wire makes room, though the program has not let it go.
    assert!(server.send_head(1, 204, std::iter::empty(), true, said));
    pair.headers(7, GET, flag::END_STREAM);
    assert_eq!(pair.events().unwrap(), ["request 7 GET ends"]);
}

#[test]
fn data_waits_for_both_windows() {
    let mut pair = pair();
    pair.frame(Kind::Settings, 0, 0, &[0, 4, 0, 0, 0, 10]).headers(1, GET, flag::END_STREAM);
    pair.headers(3, GET, flag::END_STREAM);
    pair.events().unwrap();
    let body = vec![b'x'; 100_000];
    let send = |pair: &mut Pair, stream, room| {
        let Pair { server, said, .. } = pair;
        server.send_data(stream, &body, true, room, said)
    };
    assert_eq!(send(&mut pair, 1, usize::MAX), Some(10));
    assert_eq!(send(&mut pair, 1, usize::MAX), Some(0));
    assert!(pair.server.is_stream_window_closed(1));
    // A larger initial window opens those that exist, in the middle too.
    pair.frame(Kind::Settings, 0, 0, &[0, 4, 0, 1, 0x86, 0xa0]);
    assert_eq!(pair.events().unwrap(), ["more 0"]);
    assert_eq!(send(&mut pair, 1, 50), Some(50));
    assert_eq!(send(&mut pair, 3, usize::MAX), Some(65_535 - 60));
    assert_eq!(send(&mut pair, 1, usize::MAX), Some(0));
    assert!(!pair.server.is_stream_window_closed(1));
    pair.frame(Kind::WindowUpdate, 0, 0, &[0, 0, 0, 7]);
    assert_eq!(pair.events().unwrap(), ["more 0"]);
    assert_eq!(send(&mut pair, 1, usize::MAX), Some(7));
    // Taken back: less than nothing.
    pair.frame(Kind::Settings, 0, 0, &[0, 4, 0, 0, 0, 0]).frame(Kind::WindowUpdate, 0, 1, &[0, 0, 0, 5]);
    assert_eq!(pair.events().unwrap(), ["more 1"]);
    assert_eq!(pair.server.send_credit(1), -62);
    assert_eq!(send(&mut pair, 1, usize::MAX), Some(0));
}

#[test]
fn frames_are_no_larger_than_the_peer_takes() {
    let mut pair = pair();
    pair.headers(1, GET, flag::END_STREAM);
    pair.events().unwrap();
    let Pair { server, said, .. } = &mut pair;
    assert_eq!(server.send_data(1, &[0; 40_000], true, usize::MAX, said), Some(40_000));
    let lengths: Vec<_> = pair.frames().iter().map(|frame| (frame.1, frame.3.len())).collect();
    assert_eq!(lengths, [(0, 16_384), (0, 16_384), (flag::END_STREAM, 7232)]);
}

#[test]
fn more_data_than_the_window_is_a_fault_and_what_is_taken_comes_back() {
    let local = LocalSettings { stream_window: 65_535, connection_window: 65_535, ..LocalSettings::default() };
    let mut pair = Pair::new(local);
    pair.headers(1, POST, 0);
    for _ in 0..4 {
        pair.frame(Kind::Data, 0, 1, &[0; 16_000]);
    }
    assert_eq!(pair.events().unwrap().len(), 5);
    assert_eq!(pair.frames(), []);
    let Pair { server, said, .. } = &mut pair;
    server.release(1, 40_000, said);
    let updates: Vec<_> = pair.frames().iter().map(|frame| (frame.0, frame.2, frame::number(&frame.3))).collect();
    assert_eq!(updates, [(Kind::WindowUpdate, 0, Some(40_000)), (Kind::WindowUpdate, 1, Some(40_000))]);
    for _ in 0..3 {
        pair.frame(Kind::Data, 0, 1, &[0; 16_000]);
    }
    assert_eq!(pair.events(), Err(ErrorCode::FlowControlError));
}

#[test]
fn a_stream_beyond_its_own_window_is_reset() {
    let mut pair = Pair::new(LocalSettings { stream_window: 65_535, ..LocalSettings::default() });
    pair.headers(1, POST, 0);
    for _ in 0..5 {
        pair.frame(Kind::Data, 0, 1, &[0; 16_000]);
    }
    assert_eq!(pair.events().unwrap().last().map(String::as_str), Some("reset 1 FlowControlError by us"));
}

#[test]
fn padding_costs_no_window() {
    let local = LocalSettings { stream_window: 65_535, connection_window: 65_535, ..LocalSettings::default() };
    let mut pair = Pair::new(local);
    pair.headers(1, POST, 0);
    let mut padded = vec![255u8];
    padded.resize(257, 0);
    // More than the window has bytes.
    for _ in 0..if cfg!(miri) { 300 } else { 2000 } {
        pair.frame(Kind::Data, flag::PADDED, 1, &padded);
        let events = pair.events().unwrap();
        let Pair { server, said, .. } = &mut pair;
        if events.iter().any(|event| event.starts_with("data")) {
            server.release(1, 1, said);
        }
    }
}

#[test]
fn floods_are_stopped() {
    let until_enough = |step: &dyn Fn(&mut Pair, u32)| {
        let mut pair = pair();
        (0..20_000).find(|n| {
            step(&mut pair, *n);
            let result = pair.events();
            pair.said.clear();
            result == Err(ErrorCode::EnhanceYourCalm)
        })
    };
    let rapid_reset = until_enough(&|pair, n| {
        pair.headers(2 * n + 1, GET, flag::END_STREAM).frame(Kind::RstStream, 0, 2 * n + 1, &[0, 0, 0, 8]);
    });
    assert!(rapid_reset.is_some_and(|n| (900..1100).contains(&n)), "{rapid_reset:?}");
    let frames: [(Kind, u32, &[u8]); 4] =
        [(Kind::Ping, 0, &[0; 8]), (Kind::Settings, 0, &[]), (Kind::Unknown(50), 0, &[]), (Kind::Priority, 1, &[0; 5])];
    for (kind, stream, payload) in frames {
        let stopped = until_enough(&|pair, _| {
            pair.frame(kind, 0, stream, payload);
        });
        assert!(stopped.is_some(), "{kind:?}");
    }
    assert!(
        until_enough(&|pair, n| {
            if n == 0 {
                pair.headers(1, POST, 0);
            }
            pair.frame(Kind::Data, 0, 1, &[]);
        })
        .is_some()
    );
    // As many as a busy browser sends in a minute.
    let mut pair = pair();
    for n in 0..1800 {
        pair.now_ms += 33;
        pair.headers(2 * n + 1, GET, flag::END_STREAM).frame(Kind::RstStream, 0, 2 * n + 1, &[0, 0, 0, 8]);
        assert!(pair.events().is_ok());
    }
}

#[test]
fn no_stream_is_opened_after_we_went_away() {
    let mut pair = pair();
    pair.headers(1, GET, flag::END_STREAM);
    pair.events().unwrap();
    let Pair { server, said, .. } = &mut pair;
    server.go_away(ErrorCode::NoError, "bye", said);
    let frames = pair.frames();
    assert_eq!(frames, [(Kind::GoAway, 0, 0, b"\0\0\0\x01\0\0\0\0bye".to_vec())]);
    pair.headers(3, GET, flag::END_STREAM).frame(Kind::GoAway, 0, 0, &[0; 8]);
    assert_eq!(pair.events().unwrap(), ["goaway NoError"]);
    assert_eq!(pair.resets(), [(3, ErrorCode::RefusedStream)]);
}

#[test]
fn random_bytes_never_panic() {
    use proptest::prelude::*;
    proptest!(|(frames in proptest::collection::vec((0u8..12, any::<u8>(), 0u32..8, proptest::collection::vec(any::<u8>(), 0..64)), 0..40))| {
        let mut pair = pair();
        for (kind, flags, stream, payload) in &frames {
            pair.frame(Kind::from(*kind), *flags, *stream, payload);
        }
        let _ = pair.events();
    });
}
