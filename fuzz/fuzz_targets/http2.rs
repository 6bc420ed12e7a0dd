#![no_main]
//! http/2 as a client sends it: any cutting gives the same events and answers, compressed headers come back, and what
//! makes fields of the text of an answer never fails otherwise than by an error.
use libfuzzer_sys::fuzz_target;
use oxlws_fuzz::cut;
use websockets::proto::http::answer_end;
use websockets::proto::http::h2::answer;
use websockets::proto::http::h2::connection::{Connection, Event};
use websockets::proto::http::h2::error::ErrorCode;
use websockets::proto::http::h2::fields::FieldList;
use websockets::proto::http::h2::frame::PREFACE;
use websockets::proto::http::h2::hpack::decoder::Decoder;
use websockets::proto::http::h2::hpack::encoder::Encoder;
use websockets::proto::http::h2::hpack::huffman;
use websockets::proto::http::h2::settings::LocalSettings;
use websockets::proto::http::headers::Limits;

/// Largest frame and its header: what may have to be held.
const MOST_HELD: usize = 16_384 + 9;

/// What a server that echoes bodies hears, and says.
fn serve(pieces: &[&[u8]]) -> (Vec<String>, Vec<u8>) {
    let mut server = Connection::new(LocalSettings::default(), Limits::default());
    let (mut held, mut events, mut said) = (Vec::new(), Vec::new(), Vec::new());
    for piece in pieces {
        held.extend_from_slice(piece);
        let mut position = 0;
        loop {
            let event = match server.next(&held, &mut position, 0, &mut said) {
                Ok(event) => event,
                Err(error) => {
                    events.push(format!("{:?}", error.code));
                    return (events, said);
                }
            };
            match event {
                Event::NeedMore => break,
                Event::Request { stream, head, ends } => {
                    events.push(format!("{stream} {:?} {ends}", head.path()));
                    assert!(server.send_head(stream, 200, head.headers.custom_headers(), ends, &mut said));
                }
                Event::Refused { stream, status, .. } => {
                    events.push(format!("{stream} {status}"));
                    server.send_head(stream, status, std::iter::empty(), true, &mut said);
                    server.forget(stream, ErrorCode::InternalError, &mut said);
                }
                Event::Data { stream, range, ends } => {
                    let body = &held[range];
                    events.push(format!("{stream} {body:?} {ends}"));
                    server.send_data(stream, body, ends, usize::MAX, &mut said);
                    server.release(stream, body.len(), &mut said);
                }
                Event::End { stream } => {
                    events.push(format!("{stream} ends"));
                    server.send_data(stream, &[], true, 0, &mut said);
                    server.forget(stream, ErrorCode::Cancel, &mut said);
                }
                Event::Reset { stream, code, by_peer } => events.push(format!("{stream} {code:?} {by_peer}")),
                Event::SendMore { stream } => events.push(format!("{stream} more")),
                Event::GoAway { code } => events.push(format!("goaway {code:?}")),
            }
        }
        held.drain(..position);
        assert!(held.len() <= MOST_HELD + piece.len(), "{} bytes held", held.len());
    }
    (events, said)
}

fuzz_target!(|data: &[u8]| {
    let Some((&seed, data)) = data.split_first() else { return };
    let mut bytes = PREFACE.to_vec();
    // Most inputs begin as all clients do; the others with what is there.
    if seed & 0x80 == 0 {
        bytes.extend_from_slice(&[0, 0, 0, 4, 0, 0, 0, 0, 0]);
    }
    bytes.extend_from_slice(data);
    assert_eq!(serve(&[&bytes]), serve(&cut(&bytes, seed)));

    let mut fields = FieldList::new(64 * 1024);
    if Decoder::new(4096).decode(data, &mut fields).is_ok() && !fields.is_full() {
        let (mut encoder, mut decoder) = (Encoder::new(), Decoder::new(4096));
        for _ in 0..2 {
            let (mut block, mut again) = (Vec::new(), FieldList::new(64 * 1024));
            fields.iter().for_each(|(name, value)| encoder.field(name, value, &mut block));
            assert!(decoder.decode(&block, &mut again).is_ok());
            assert!(fields.iter().eq(again.iter()));
        }
    }
    let (mut packed, mut plain) = (Vec::new(), Vec::new());
    huffman::encode(data, &mut packed);
    assert!(huffman::decode(&packed, &mut plain).is_ok() && plain == data);
    let _ = huffman::decode(data, &mut plain);

    if let Ok(answer) = answer::parse(data) {
        assert!((100..=999).contains(&answer.status));
        assert!(answer.fields.iter().all(|(name, _)| !name.iter().any(u8::is_ascii_uppercase)));
    }
    assert!(answer_end::head_length(data).is_none_or(|length| length <= data.len()));
});
