//! The examples of RFC 7541 appendix C, decoded in order with the table they leave behind.
use super::super::fields::FieldList;
use super::decoder::Decoder;

type Fields<'a> = &'a [(&'a str, &'a str)];

fn run(table: usize, blocks: &[(&str, Fields<'_>)]) {
    let mut decoder = Decoder::new(table);
    for (hex, expected) in blocks {
        let digits: String = hex.split_whitespace().collect();
        let block: Vec<u8> =
            (0..digits.len()).step_by(2).map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap()).collect();
        let mut list = FieldList::new(1 << 16);
        decoder.decode(&block, &mut list).unwrap();
        let expected: Vec<_> = expected.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        assert_eq!(list.iter().collect::<Vec<_>>(), expected);
    }
}

const FIRST: Fields<'static> =
    &[(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "www.example.com")];
const SECOND: Fields<'static> = &[
    (":method", "GET"),
    (":scheme", "http"),
    (":path", "/"),
    (":authority", "www.example.com"),
    ("cache-control", "no-cache"),
];
const THIRD: Fields<'static> = &[
    (":method", "GET"),
    (":scheme", "https"),
    (":path", "/index.html"),
    (":authority", "www.example.com"),
    ("custom-key", "custom-value"),
];

#[test]
fn c2_single_fields() {
    run(
        4096,
        &[
            ("400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572", &[("custom-key", "custom-header")]),
            ("040c 2f73 616d 706c 652f 7061 7468", &[(":path", "/sample/path")]),
            ("1008 7061 7373 776f 7264 0673 6563 7265 74", &[("password", "secret")]),
            ("82", &[(":method", "GET")]),
        ],
    );
}

#[test]
fn c3_requests_without_huffman() {
    run(
        4096,
        &[
            ("8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d", FIRST),
            ("8286 84be 5808 6e6f 2d63 6163 6865", SECOND),
            ("8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65", THIRD),
        ],
    );
}

#[test]
fn c4_requests_with_huffman() {
    run(
        4096,
        &[
            ("8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff", FIRST),
            ("8286 84be 5886 a8eb 1064 9cbf", SECOND),
            ("8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf", THIRD),
        ],
    );
}

const COOKIE: &str = "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1";

fn responses() -> [Vec<(&'static str, &'static str)>; 3] {
    let site = ("location", "https://www.example.com");
    [
        vec![(":status", "302"), ("cache-control", "private"), ("date", "Mon, 21 Oct 2013 20:13:21 GMT"), site],
        vec![(":status", "307"), ("cache-control", "private"), ("date", "Mon, 21 Oct 2013 20:13:21 GMT"), site],
        vec![
            (":status", "200"),
            ("cache-control", "private"),
            ("date", "Mon, 21 Oct 2013 20:13:22 GMT"),
            site,
            ("content-encoding", "gzip"),
            ("set-cookie", COOKIE),
        ],
    ]
}

#[test]
fn c5_responses_in_a_table_of_256_bytes() {
    let [first, second, third] = responses();
    run(
        256,
        &[
            (
                "4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 \
                 3a32 3120 474d 546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
                &first,
            ),
            ("4803 3330 37c1 c0bf", &second),
            (
                "88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a \
                 6970 7738 666f 6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d \
                 6178 2d61 6765 3d33 3630 303b 2076 6572 7369 6f6e 3d31",
                &third,
            ),
        ],
    );
}

#[test]
fn c6_responses_with_huffman() {
    let [first, second, third] = responses();
    run(
        256,
        &[
            (
                "4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d \
                 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3",
                &first,
            ),
            ("4883 640e ffc1 c0bf", &second),
            (
                "88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d \
                 d7f2 e6c7 b335 dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 \
                 3d50 07",
                &third,
            ),
        ],
    );
}
