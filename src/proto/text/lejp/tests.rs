//! JSON in every way of cutting it: the events, their order and paths, and what is refused.
use super::*;
use proptest::prelude::*;

#[derive(Clone, Debug, PartialEq)]
struct Seen {
    reason: Reason,
    path: Vec<u8>,
    path_match: u8,
    depth: u8,
    value: Vec<u8>,
    indexes: Vec<u16>,
}

/// The events of a document given in pieces, and how it ended: unused bytes, or why it failed.
fn parse<'a>(
    pieces: impl IntoIterator<Item = &'a [u8]>,
    patterns: &[&[u8]],
) -> (Vec<Seen>, Result<usize, Option<Reject>>) {
    let (mut parser, mut path_len, mut seen) = (Parser::new(), 0, Vec::new());
    for text in pieces {
        let (mut at, mut pending) = (0, Pending::default());
        loop {
            let mut frame = Frame { patterns: &patterns, path_len: &mut path_len, path_room: MAX_PATH };
            match parser.run(&mut frame, text, &mut at, &mut pending) {
                Stop::Event(reason, _) => {
                    let text_len = parser.path.iter().position(|&byte| byte == 0).unwrap();
                    seen.push(Seen {
                        reason,
                        path: parser.path[..text_len].to_vec(),
                        path_match: parser.path_match,
                        depth: parser.depth,
                        value: if reason as i8 & 64 != 0 { parser.buf[..parser.npos.into()].to_vec() } else { vec![] },
                        indexes: parser.indexes[..parser.index_count.into()].to_vec(),
                    });
                }
                Stop::More => break,
                Stop::Done => return (seen, Ok(text.len() - at)),
                Stop::Failed(reject) => return (seen, Err(Some(reject))),
            }
        }
    }
    (seen, Err(None))
}

impl Patterns for &[&[u8]] {
    fn count(&self) -> usize {
        self.len()
    }

    fn get(&self, index: usize) -> Option<&[u8]> {
        <[_]>::get(self, index).copied()
    }
}

fn values(text: &str) -> Vec<Vec<u8>> {
    let (seen, end) = parse([text.as_bytes()], &[]);
    assert_eq!(end, Ok(0), "{text}");
    let is_value = |seen: &&Seen| seen.reason as i8 & 64 != 0;
    seen.iter().filter(is_value).map(|seen| seen.value.clone()).collect()
}

fn fails(text: &str) -> Option<Reject> {
    parse([text.as_bytes()], &[]).1.expect_err(text)
}

#[test]
fn surrogate_pairs_become_one_character_and_lone_ones_are_replaced() {
    assert_eq!(values(r#"["\ud83d\ude00"]"#), ["😀".as_bytes()]);
    assert_eq!(
        values(r#"["\ud83dx\ud83d\n\ud83d\u0041\ude00\ud83d\ud83d\ude00\ud83d"]"#),
        ["\u{fffd}x\u{fffd}\n\u{fffd}A\u{fffd}\u{fffd}😀\u{fffd}".as_bytes()]
    );
}

#[test]
fn escapes_in_names_count_as_well() {
    let (seen, _) = parse([&br#"{"\u00e9\ud83d\ude00\t":1}"#[..]], &[]);
    assert_eq!(seen[1].path, "é😀\t".as_bytes());
}

#[test]
fn long_strings_come_in_chunks() {
    let text = format!("[\"{}\"]", "x".repeat(254 * 2));
    let lens: Vec<_> = values(&text).iter().map(Vec::len).collect();
    assert_eq!(lens, [254, 254, 0]);
}

#[test]
fn long_fractions_are_numbers_and_long_integers_are_not() {
    assert_eq!(values("[3.14159265358979323846264338327950288419716939]").len(), 1);
    assert_eq!(fails("[123456789012345678901]"), Some(Reject::NeitherCommaNorEnd));
    assert_eq!(fails(&format!("[1.{}]", "1".repeat(300))), Some(Reject::NumberTooLong));
}

#[test]
fn a_pattern_may_name_the_array_at_the_top() {
    let matches = |text: &str| {
        let (seen, _) = parse([text.as_bytes()], &[b"[]"]);
        seen.iter().map(|seen| (seen.reason, seen.path_match)).collect::<Vec<_>>()
    };
    use Reason::*;
    let end = [(ArrayEnd, 1), (Complete, 1)];
    assert_eq!(matches("[]"), [&[(ArrayStart, 0)][..], &end].concat());
    assert_eq!(matches("[1]"), [&[(ArrayStart, 0), (ValNumInt, 0)][..], &end].concat());
    assert_eq!(matches("[[]]"), [&[(ArrayStart, 0), (ArrayStart, 0), (ArrayEnd, 0)][..], &end].concat());
}

#[test]
fn the_match_of_an_object_ends_with_its_first_byte() {
    let (mut parser, mut path_len) = (Parser::new(), 0);
    let patterns: &[&[u8]] = &[b"a"];
    let mut frame = Frame { patterns: &patterns, path_len: &mut path_len, path_room: MAX_PATH };
    let (mut at, mut pending, mut last) = (0, Pending::default(), 0);
    loop {
        match parser.run(&mut frame, br#"{"a":{!"#, &mut at, &mut pending) {
            Stop::Event(..) => last = parser.path_match,
            stop => break assert_eq!(stop, Stop::Failed(Reject::NoOpenQuote)),
        }
    }
    assert_eq!((last, parser.path_match), (1, 0));
}

#[test]
fn a_minus_ends_a_number_which_is_told_before_it_is_refused() {
    for (text, value) in [("[12-]", "12"), ("[-21-3]", "-21"), ("[1.5-]", "1.5"), ("[1e5-2]", "1e5")] {
        let (seen, end) = parse([text.as_bytes()], &[]);
        assert_eq!(end, Err(Some(Reject::NeitherCommaNorEnd)), "{text}");
        assert_eq!(seen.last().unwrap().value, value.as_bytes());
    }
    assert_eq!(fails("[--1]"), Some(Reject::NumberFormat));
}

#[test]
fn an_array_is_closed_by_its_own_bracket_only() {
    assert_eq!(fails("[1}"), Some(Reject::ArrayEndMissing));
    assert_eq!(fails(r#"{"a":[1}"#), Some(Reject::ArrayEndMissing));
    assert_eq!(fails(r#"{"a":{"b":1]"#), Some(Reject::NotArray));
    assert_eq!(fails(r#"{"a":1]"#), Some(Reject::TooManyBrackets));
}

#[test]
fn names_that_do_not_fit_the_path_are_refused() {
    assert_eq!(fails(&format!("{{\"{}\":1}}", "n".repeat(128))), Some(Reject::Unknown));
    let deep = format!("{{\"{}\":{{\"{}\":1}}}}", "n".repeat(100), "m".repeat(27));
    assert_eq!(fails(&deep), Some(Reject::Unknown));
    let (seen, _) = parse([format!("{{\"{}\":1}}", "n".repeat(127)).as_bytes()], &[]);
    assert_eq!(seen[1].path.len(), 127);
}

#[test]
fn nesting_is_limited() {
    assert_eq!(fails(&r#"{"a":"#.repeat(20)), Some(Reject::StackOverflow));
    assert_eq!(fails(&"[".repeat(9)), Some(Reject::IndexStack));
}

#[test]
fn any_number_of_arrays_may_follow_each_other_at_the_top() {
    let members: Vec<_> = (0..20).map(|n| format!("\"m{n}\":[[{n}]]")).collect();
    let (seen, end) = parse([format!("{{{}}}", members.join(",")).as_bytes()], &[]);
    assert_eq!(end, Ok(0));
    let numbers: Vec<_> = seen.iter().filter(|seen| seen.reason == Reason::ValNumInt).collect();
    assert_eq!(numbers.len(), 20);
    assert!(numbers.iter().all(|seen| seen.indexes == [0, 0]));
}

#[test]
fn lines_are_counted_once() {
    let (mut parser, mut path_len) = (Parser::new(), 0);
    let mut frame = Frame { patterns: &&[][..], path_len: &mut path_len, path_room: MAX_PATH };
    let (mut at, mut pending) = (0, Pending::default());
    while parser.run(&mut frame, b"{\n\"a\":\n1\n}", &mut at, &mut pending) != Stop::Done {}
    assert_eq!(parser.line, 4);
}

#[test]
fn one_document_may_follow_another() {
    let (mut parser, mut path_len, mut ends) = (Parser::new(), 0, 0);
    let text = b"{\"a\":{\"b\":[1]}}\n[2]\n";
    let (mut at, mut paths) = (0, Vec::new());
    while at < text.len() {
        let mut pending = Pending::default();
        loop {
            let mut frame = Frame { patterns: &&[][..], path_len: &mut path_len, path_room: MAX_PATH };
            match parser.run(&mut frame, text, &mut at, &mut pending) {
                Stop::Event(Reason::ValNumInt, _) => paths.push(parser.current_path(path_len).to_vec()),
                Stop::Event(..) => {}
                Stop::Done => break ends += 1,
                Stop::More => break,
                Stop::Failed(reject) => panic!("{reject:?}"),
            }
        }
    }
    assert_eq!((ends, paths), (2, vec![b"a.b[]".to_vec(), b"[]".to_vec()]));
}

#[test]
fn a_stashed_path_comes_back_with_its_match() {
    let mut parser = Parser::new();
    let patterns: &[&[u8]] = &[b"x.*", b"x"];
    parser.path[..6].copy_from_slice(b"x.yy[]");
    let mut path_len = 6;
    parser.restore_path(&Frame { patterns: &patterns, path_len: &mut path_len, path_room: 6 }, 1);
    let room = parser.stash_path(6, MAX_PATH).unwrap();
    assert_eq!((room, parser.path[0]), (MAX_PATH - 6, 0));
    parser.path[..40].fill(b'c');
    parser.restore_path(&Frame { patterns: &patterns, path_len: &mut path_len, path_room: MAX_PATH }, 2);
    assert_eq!(&parser.path[..7], b"x.yy[]\0");
    assert_eq!((parser.path_match, parser.path_match_len), (2, 1));
    parser.restore_path(&Frame { patterns: &patterns, path_len: &mut path_len, path_room: MAX_PATH }, 7);
    assert_eq!(parser.path_match, 0);
}

#[test]
fn nonsense_in_the_struct_is_refused() {
    let mut path_len = 0;
    let mut run = |parser: &mut Parser| {
        let mut frame = Frame { patterns: &&[][..], path_len: &mut path_len, path_room: MAX_PATH };
        parser.run(&mut frame, b"[1]", &mut 0, &mut Pending::default())
    };
    assert_eq!(run(&mut Parser { depth: 12, ..Parser::new() }), Stop::Failed(Reject::StackOverflow));
    assert_eq!(run(&mut Parser { npos: 255, ..Parser::new() }), Stop::Failed(Reject::Unknown));
    assert_eq!(run(&mut Parser { index_count: 9, ..Parser::new() }), Stop::Failed(Reject::Unknown));
    let mut parser = Parser::new();
    parser.levels[0].state = 3;
    assert_eq!(run(&mut parser), Stop::Failed(Reject::Unknown));
}

/// Pieces of JSON in any order: more of the machine is reached than by plain noise.
fn jsonish() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "\"a\":",
        "\"name\":",
        "1",
        "-",
        ".",
        "e",
        "0",
        "true",
        "null",
        "\\",
        "\\u",
        "d83d",
        "\\udE00",
        "é",
        " ",
        "\n",
        "#",
        "{\"a\":",
        "[{\"b\":",
        "x",
    ]);
    prop::collection::vec(pieces, 0..40).prop_map(|pieces| pieces.concat())
}

fn tree(depth: u32) -> impl Strategy<Value = String> {
    let leaf = prop_oneof!["-?[1-9][0-9]{0,6}(\\.[0-9]{1,30})?", "\"([a-z ]|\\\\n){0,300}\"", Just("null".to_string())];
    leaf.prop_recursive(depth, 30, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(|items| format!("[{}]", items.join(", "))),
            prop::collection::vec(("[a-z]{1,8}", inner), 1..4).prop_map(|members| {
                let members: Vec<_> = members.iter().map(|(name, value)| format!("\"{name}\": {value}")).collect();
                format!("{{{}}}", members.join(",\n"))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn any_chunking_gives_the_same_events(text in jsonish(), chunk in 1usize..7) {
        let patterns: [&[u8]; 4] = [b"a", b"*.a", b"[].b", b"name[]"];
        let (whole, end) = parse([text.as_bytes()], &patterns);
        let (pieces, pieces_end) = parse(text.as_bytes().chunks(chunk), &patterns);
        prop_assert_eq!(whole, pieces);
        prop_assert_eq!(end.err(), pieces_end.err());
    }

    #[test]
    fn well_formed_documents_are_accepted(value in tree(4)) {
        let (_, end) = parse([format!("[{value}]").as_bytes()], &[]);
        prop_assert_eq!(end, Ok(0), "{}", value);
    }

    #[test]
    fn any_bytes_and_any_struct_are_survived(text: Vec<u8>, states: [u8; 12], lens: [u8; 12], counters: [u8; 12]) {
        let mut parser = Parser::new();
        for (level, (state, len)) in parser.levels.iter_mut().zip(states.into_iter().zip(lens)) {
            *level = Level { state: [0, 1, 2, 9, 10, 14, 15, 67, 70, 75, 76, 77][usize::from(state % 12)], path_len: len, index_count: state, user: 0 };
        }
        [parser.npos, parser.dcount, parser.flags, parser.depth, parser.index_count, parser.path_match, parser.path_match_len, parser.wildcount, parser.outer_array, ..] = counters;
        parser.uni = u16::from(counters[9]);
        parser.depth %= 13;
        let mut path_len = counters[10] % 128;
        let (mut at, mut pending) = (0, Pending::default());
        for _ in 0..=text.len() * 8 {
            let mut frame = Frame { patterns: &&[][..], path_len: &mut path_len, path_room: MAX_PATH };
            match parser.run(&mut frame, &text, &mut at, &mut pending) {
                Stop::Event(..) => { parser.wildcard(0); }
                Stop::More | Stop::Done | Stop::Failed(_) => break,
            }
        }
    }
}
