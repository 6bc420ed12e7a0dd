#![no_main]
//! Chunked bodies: any cutting gives the same bytes and the same end; what we encode decodes.
use libfuzzer_sys::fuzz_target;
use oxlws_fuzz::whole_and_cut;
use websockets::proto::http::chunked::{ChunkDecoder, ChunkEvent};

#[derive(Debug, PartialEq)]
enum End {
    Open,
    Ended(usize),
    Broken,
}

fn decode(pieces: &[&[u8]]) -> (Vec<u8>, End) {
    let (mut decoder, mut body, mut before) = (ChunkDecoder::new(), Vec::new(), 0);
    for piece in pieces {
        let mut pos = 0;
        loop {
            match decoder.next(piece, &mut pos) {
                ChunkEvent::Data(range) => {
                    assert!(!range.is_empty());
                    body.extend_from_slice(&piece[range]);
                }
                ChunkEvent::End => return (body, End::Ended(before + pos)),
                ChunkEvent::NeedMore => break,
                ChunkEvent::Error(_) => return (body, End::Broken),
            }
        }
        before += piece.len();
    }
    (body, End::Open)
}

fuzz_target!(|data: &[u8]| {
    let Some((whole, pieces)) = whole_and_cut(data) else { return };
    assert_eq!(decode(&[whole]), decode(&pieces));
    let mut encoded = Vec::new();
    for piece in &pieces {
        encoded.extend_from_slice(format!("{:x}\r\n", piece.len()).as_bytes());
        encoded.extend_from_slice(piece);
        encoded.extend_from_slice(b"\r\n");
    }
    encoded.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(decode(&[&encoded]), (whole.to_vec(), End::Ended(encoded.len())));
});
