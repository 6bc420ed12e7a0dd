#![no_main]
//! Both halves of the handshake, field by field: extensions offered and answered, subprotocols, the reply.
use libfuzzer_sys::fuzz_target;
use websockets::proto::ws::extension::{self, PmdOptions};
use websockets::proto::ws::handshake::{self, Offered, Reply};

fuzz_target!(|data: &[u8]| {
    let mut fields = data.split(|&byte| byte == 0);
    let mut field = || fields.next().filter(|text| !text.is_empty());
    let (first, second) = (field().unwrap_or_default(), field().unwrap_or_default());
    let status = field().and_then(|text| std::str::from_utf8(text).ok()?.parse().ok()).unwrap_or(101);
    let (upgrade, connection, accept, protocol, offered) = (field(), field(), field(), field(), field());

    if let Ok(answer) = extension::parse(first) {
        let offers = extension::offers(second);
        let _ = extension::check_names(&answer, &offers);
        let _ = extension::accept(&offers, &answer);
    }
    let options = PmdOptions::parse(second).unwrap_or_default();
    if let Ok(Some(choice)) = extension::choose(first, &options) {
        // What we answer must be what a client of ours that offered the same accepts.
        assert!(choice.answer.bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        let answer = extension::parse(choice.answer.as_bytes()).expect("our answer is a list");
        assert!(answer.len() == 1);
    }
    let wanted = Some(first);
    let _ = handshake::choose_subprotocol(wanted, |name| if name.len() == 3 { Some(1) } else { None });
    let _ = handshake::asks_for_upgrade(first);
    if handshake::is_usable_key(second) {
        let mut reply = Vec::new();
        handshake::response_101(&mut reply, second, protocol, None);
    }
    let reply = Reply { status, upgrade, connection, accept, protocol };
    let asked = Offered { key: second, protocols: offered };
    if handshake::judge_reply(&reply, &asked).is_ok() {
        let _ = handshake::judge_accept(&reply, &asked);
    }
});
