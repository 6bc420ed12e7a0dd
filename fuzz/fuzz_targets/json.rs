#![no_main]
//! The JSON parser behind its C interface: any cutting gives the same events.
use libfuzzer_sys::fuzz_target;
use oxlws_fuzz::whole_and_cut;
use websockets::proto::text::lejp::{Frame, MAX_PATH, Parser, Patterns, Pending, Stop};

struct Paths;

impl Patterns for Paths {
    fn count(&self) -> usize {
        3
    }

    fn get(&self, index: usize) -> Option<&[u8]> {
        [&b"a.b"[..], b"a[].*", b"*"].get(index).copied()
    }
}

fn parse(pieces: &[&[u8]]) -> (Vec<String>, Option<String>) {
    let (mut parser, mut path_len, mut seen) = (Parser::new(), 0, Vec::new());
    for text in pieces {
        let (mut at, mut pending) = (0, Pending::default());
        loop {
            let mut frame = Frame { patterns: &Paths, path_len: &mut path_len, path_room: MAX_PATH };
            match parser.run(&mut frame, text, &mut at, &mut pending) {
                Stop::Event(reason, _) => {
                    let value = if reason as i8 & 64 != 0 { &parser.buf[..usize::from(parser.npos)] } else { &[] };
                    seen.push(format!("{reason:?} {:?} {:?}", parser.path, value));
                }
                Stop::More => break,
                Stop::Done => return (seen, Some("done".into())),
                Stop::Failed(reject) => return (seen, Some(format!("{reject:?}"))),
            }
        }
    }
    (seen, None)
}

fuzz_target!(|data: &[u8]| {
    let Some((whole, pieces)) = whole_and_cut(data) else { return };
    let (one, cut) = (parse(&[whole]), parse(&pieces));
    assert_eq!(one.1, cut.1);
});
