#![no_main]
//! What proxies answer: any cutting gives the same outcome; configurations of proxies.
use libfuzzer_sys::fuzz_target;
use oxlws_fuzz::whole_and_cut;
use websockets::proto::proxy::env::{ProxySpec, is_exempt};
use websockets::proto::proxy::http_connect::{Outcome, ReplyReader};
use websockets::proto::proxy::socks5::{Destination, Login, Socks5, Step};

fn connect(pieces: &[&[u8]]) -> (Option<String>, usize) {
    let (mut reader, mut before) = (ReplyReader::new(), 0);
    for piece in pieces {
        match reader.push(piece) {
            Outcome::NeedMore => before += piece.len(),
            Outcome::Ok { consumed } => return (Some("open".into()), before + consumed),
            Outcome::Refused { status, .. } => return (Some(format!("refused {status}")), 0),
            Outcome::NotHttp => return (Some("not http".into()), 0),
        }
    }
    (None, 0)
}

fn socks(pieces: &[&[u8]]) -> (Option<String>, usize, Vec<u8>) {
    let login = Some(Login { user: "u".into(), password: "p".into() });
    let Ok(mut client) = Socks5::new(&Destination::from_host("a.example"), 443, login) else { unreachable!() };
    let (mut before, mut sent) = (0, client.greeting());
    for piece in pieces {
        match client.push(piece) {
            Ok(Step::NeedMore) => before += piece.len(),
            Ok(Step::Send(bytes)) => {
                before += piece.len();
                sent.extend_from_slice(&bytes);
            }
            Ok(Step::Connected { consumed }) => return (Some("open".into()), before + consumed, sent),
            Err(error) => return (Some(error.text.into()), 0, sent),
        }
    }
    (None, 0, sent)
}

fuzz_target!(|data: &[u8]| {
    let Some((whole, pieces)) = whole_and_cut(data) else { return };
    assert_eq!(connect(&[whole]), connect(&pieces));
    let _ = (socks(&[whole]), socks(&pieces));
    if let Ok(text) = std::str::from_utf8(whole) {
        let _ = ProxySpec::parse(text).map(|spec| spec.user_and_password().is_some());
        let (list, host) = text.split_once('\n').unwrap_or((text, "a.example"));
        let _ = is_exempt(list, host, 80);
    }
});
