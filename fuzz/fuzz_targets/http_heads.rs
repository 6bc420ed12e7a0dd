#![no_main]
//! Heads of requests and replies: any cutting gives the same, within the limits; the framing never contradicts itself.
use libfuzzer_sys::fuzz_target;
use oxlws_fuzz::whole_and_cut;
use websockets::proto::http::body;
use websockets::proto::http::h1::{HeadErrorKind, Progress, RequestReader, ResponseReader};
use websockets::proto::http::headers::Limits;
use websockets::proto::http::method::Method;

type Seen = Result<Option<(String, usize)>, HeadErrorKind>;

/// The head as text, and how many bytes of the stream it took.
fn request(pieces: &[&[u8]], limits: Limits) -> Seen {
    let (mut reader, mut before) = (RequestReader::new(limits), 0);
    for piece in pieces {
        match reader.push(piece) {
            Ok(Progress::NeedMore) => before += piece.len(),
            Ok(Progress::NotHttp) => return Ok(None),
            Ok(Progress::Head { head, consumed }) => {
                assert!(consumed <= piece.len());
                assert!(!head.path().contains(&0) && !head.path().windows(4).any(|part| part == b"/../"));
                assert_eq!(body::of_request(head.version, &head.headers).ok(), Some(head.framing));
                let _ = (head.is_keepalive(), head.headers.method_and_path());
                return Ok(Some((format!("{head:?}"), before + consumed)));
            }
            Err(error) => return Err(error.kind),
        }
    }
    Ok(None)
}

fn response(pieces: &[&[u8]], limits: Limits) -> Seen {
    let (mut reader, mut before) = (ResponseReader::new(limits), 0);
    for piece in pieces {
        match reader.push(piece) {
            Ok(Progress::NeedMore) => before += piece.len(),
            Ok(Progress::NotHttp) => return Ok(None),
            Ok(Progress::Head { head, consumed }) => {
                assert!((100..=999).contains(&head.status));
                let _ = (head.reason(), head.is_keepalive());
                for method in [Method::Get, Method::Head, Method::Connect] {
                    let _ = body::of_response(method, head.version, head.status, &head.headers);
                }
                return Ok(Some((format!("{head:?}"), before + consumed)));
            }
            Err(error) => return Err(error.kind),
        }
    }
    Ok(None)
}

/// Early refusals may name another kind: what counts is that both refuse, or both see the same head.
fn agree(one: Seen, cut: Seen) {
    match (one, cut) {
        (Err(_), Err(_)) => {}
        (one, cut) => assert_eq!(one, cut),
    }
}

fuzz_target!(|data: &[u8]| {
    let Some((&flags, data)) = data.split_first() else { return };
    let Some((whole, pieces)) = whole_and_cut(data) else { return };
    let limits = match flags & 3 {
        0 => Limits::default(),
        1 => Limits { text_bytes: 64, fragments: 4 },
        _ => Limits { text_bytes: 65536, fragments: 1000 },
    };
    if flags & 4 == 0 {
        agree(request(&[whole], limits), request(&pieces, limits));
    } else {
        agree(response(&[whole], limits), response(&pieces, limits));
    }
});
