#![no_main]
//! Frames as a peer sends them: any cutting gives the same messages, and close payloads, UTF-8 and masks agree with
//! their slow twins.
use libfuzzer_sys::fuzz_target;
use oxlws_fuzz::whole_and_cut;
use websockets::proto::ws::utf8::Utf8Validator;
use websockets::proto::ws::{ReceiveRules, Received, Receiver, Side, close, frame, mask};

#[derive(Debug, PartialEq)]
enum Event {
    Message(Vec<u8>, bool, bool),
    Control(u8, Vec<u8>),
    Violation(u16),
}

/// `tries_short`: as the engine does, which looks for whole short messages first.
fn receive(pieces: &[&[u8]], rules: ReceiveRules, limit: usize, collect: bool, tries_short: bool) -> Vec<Event> {
    let (mut receiver, mut held, mut events, mut message) = (Receiver::new(), Vec::new(), Vec::new(), Vec::new());
    for piece in pieces {
        held.extend_from_slice(piece);
        let mut pos = 0;
        loop {
            let short = if tries_short { receiver.short_message(rules, &mut held, &mut pos, limit) } else { None };
            let received = match short {
                Some((range, info)) => Received::Data { range, info },
                None => receiver.next(rules, &mut held, &mut pos, limit, collect),
            };
            match received {
                Received::Data { range, info } => {
                    assert!(range.len() <= limit.max(1));
                    message.extend_from_slice(&held[range]);
                    if info.last {
                        events.push(Event::Message(std::mem::take(&mut message), info.binary, info.compressed));
                    }
                }
                Received::Ping { range } => events.push(Event::Control(9, held[range].to_vec())),
                Received::Pong { range } => events.push(Event::Control(10, held[range].to_vec())),
                Received::Close { range } => {
                    events.push(Event::Control(8, held[range].to_vec()));
                    return events;
                }
                Received::NeedMore => break,
                Received::Violation(error) => {
                    events.push(Event::Violation(error.close.as_u16()));
                    return events;
                }
            }
        }
        held.drain(..pos);
        assert!(held.len() <= limit + 14, "{} bytes held", held.len());
    }
    events
}

fuzz_target!(|data: &[u8]| {
    let Some((&flags, data)) = data.split_first() else { return };
    let Some((whole, pieces)) = whole_and_cut(data) else { return };
    let rules = ReceiveRules {
        side: if flags & 1 == 0 { Side::Server } else { Side::Client },
        validate_utf8: flags & 2 != 0,
        rsv1_allowed: flags & 4 != 0,
    };
    let limit = [1, 16, 125, 4096][usize::from(flags >> 4) % 4];
    let limit = limit.max(125);
    // A violation inside a message may be seen before or behind pieces of it, so only complete events are compared.
    let one = receive(&[whole], rules, limit, flags & 8 != 0, false);
    for tries_short in [false, true] {
        assert_eq!(one, receive(&pieces, rules, limit, flags & 8 != 0, tries_short));
    }

    let _ = frame::parse_header(whole);
    for side in [Side::Client, Side::Server] {
        for utf8 in [false, true] {
            let mut payload = whole[..whole.len().min(125)].to_vec();
            let judged = close::judge(&mut payload, side, utf8);
            if judged.was_illegal {
                assert_eq!(payload[..2], 1002u16.to_be_bytes());
            }
        }
    }
    let mut validator = Utf8Validator::new();
    let fed = pieces.iter().all(|piece| validator.feed(piece)) && validator.is_complete();
    assert_eq!(fed, std::str::from_utf8(whole).is_ok());

    let key = [flags, 1, 2, 3];
    let (mut fast, mut phase) = (whole.to_vec(), 0);
    let slow: Vec<u8> = whole.iter().enumerate().map(|(at, byte)| byte ^ key[at % 4]).collect();
    for piece in &pieces {
        mask::apply(&mut fast[phase..phase + piece.len()], key, phase);
        phase += piece.len();
    }
    assert_eq!(fast, slow);
});
