//! Plain bytes through a pair of sessions: chunking, order, limits, and how connections end.
use super::pair::*;
use crate::engine::tls::acceptor::{Acceptor, Received};
use crate::engine::tls::error::Kind;
use crate::engine::tls::server_config::ServerTls;
use crate::engine::tls::session::{Decrypted, OUTPUT_LIMIT_BYTES, Session};
use crate::engine::tls::verdict::LaxFlags;
use crate::engine::tls::{OP_NO_TLS12, OP_NO_TLS13};

fn open(options: u64) -> (Session, Session) {
    let (ca, server) = ca_and_server();
    let mut settings = server_settings(&[&server]);
    settings.options_set = options;
    let tls = crate::engine::tls::server_config::ServerTls::build(&settings).unwrap();
    handshake(client_tls(&[&ca]).connect("localhost", &[], LaxFlags::NONE).unwrap(), &tls).expect_open()
}

fn noise(len: usize) -> Vec<u8> {
    let mut state = 1u32;
    (0..len)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

#[test]
fn any_chunking_gives_the_same_plaintext() {
    let plain = noise(70_000);
    for options in [0, OP_NO_TLS13, OP_NO_TLS12] {
        let (mut client, mut server) = open(options);
        let expected = if options == OP_NO_TLS13 { "TLSv1.2" } else { "TLSv1.3" };
        assert_eq!((client.negotiated().version, server.negotiated().version), (expected, expected));
        for chunk in [1, 2, 3, 5, 7, 100, 1459, 4096, 16_384, 20_000, usize::MAX] {
            assert_eq!(client.encrypt(&plain), plain.len());
            assert!(carry(&mut client, &mut server, chunk) == plain, "to the server by {chunk}");
            assert_eq!(server.encrypt(&plain), plain.len());
            assert!(carry(&mut server, &mut client, chunk) == plain, "to the client by {chunk}");
        }
    }
}

#[test]
fn the_handshake_works_in_any_pieces() {
    let (ca, server) = ca_and_server();
    let tls = server_tls(&[&server]);
    let client = client_tls(&[&ca]);
    for chunk in [1, 2, 3, 17, 600, 5000] {
        let session = client.connect("localhost", &[], LaxFlags::NONE).unwrap();
        let (client, server) = handshake_in_chunks(session, &tls, chunk).expect_open();
        assert_eq!(client.negotiated().sni.as_deref(), Some("localhost"));
        assert_eq!(server.negotiated().sni.as_deref(), Some("localhost"));
        assert!(client.negotiated().cipher.starts_with("TLS_"), "{:?}", client.negotiated());
        assert_eq!(client.peer_chain().len(), 1);
        assert!(client.is_peer_verified() && !server.is_peer_verified());
    }
}

#[test]
fn bytes_given_during_the_handshake_are_sent_after_it() {
    let (ca, server) = ca_and_server();
    let mut session = client_tls(&[&ca]).connect("localhost", &[], LaxFlags::NONE).unwrap();
    assert_eq!(session.encrypt(b"early "), 6);
    assert_eq!(session.encrypt(b"bird"), 4);
    let (_, mut server) = handshake(session, &server_tls(&[&server])).expect_open();
    assert_eq!(read_all(&mut server).0, b"early bird");
}

#[test]
fn encryption_into_a_buffer_keeps_the_order() {
    let (mut client, mut server) = open(0);
    client.encrypt(b"first ");
    let mut out = b"already there".to_vec();
    assert_eq!(client.encrypt_into(b"second", &mut out), 6);
    assert!(!client.wants_output() && out.starts_with(b"already there"));
    server.receive_in_place(&mut out[13..]).unwrap();
    assert_eq!(read_all(&mut server).0, b"first second");
    let large = noise(OUTPUT_LIMIT_BYTES + 1);
    let mut out = Vec::new();
    assert_eq!(client.encrypt_into(&large, &mut out), OUTPUT_LIMIT_BYTES);
    let mut at = 0;
    let mut plain = Vec::new();
    while at < out.len() {
        at += server.receive_in_place(&mut out[at..]).unwrap();
        plain.extend(read_all(&mut server).0);
    }
    assert!(plain == large[..OUTPUT_LIMIT_BYTES]);
}

#[test]
fn waiting_output_is_bounded_and_large_writes_pass_in_rounds() {
    let (mut client, mut server) = open(0);
    let plain = noise(3 * OUTPUT_LIMIT_BYTES);
    let mut received = Vec::new();
    let mut at = 0;
    let mut rounds = 0;
    while at < plain.len() {
        let taken = client.encrypt(&plain[at..]);
        assert!(taken > 0);
        assert!(taken < OUTPUT_LIMIT_BYTES || client.encrypt(b"x") == 0, "full");
        if taken < OUTPUT_LIMIT_BYTES {
            break;
        }
        at += taken;
        rounds += 1;
        received.extend(carry(&mut client, &mut server, 65_536));
    }
    assert!(rounds >= 2 && received == plain[..received.len()]);
}

#[test]
fn unread_plaintext_stops_the_intake() {
    let (mut client, mut server) = open(0);
    let plain = noise(200_000);
    client.encrypt(&plain);
    let mut wire = Vec::new();
    client.take_output(&mut wire);
    let taken = server.receive(&wire).unwrap();
    assert!(taken < 60_000, "took {taken}");
    assert_eq!(server.receive(&wire[taken..]).unwrap_or(usize::MAX), 0, "nothing more before it is read");
}

#[test]
fn close_notify_and_truncation_are_told_apart() {
    for options in [0, OP_NO_TLS13] {
        let (mut client, mut server) = open(options);
        client.encrypt(b"last");
        client.close_notify();
        let mut wire = Vec::new();
        client.take_output(&mut wire);
        server.receive(&wire).unwrap();
        assert_eq!(read_all(&mut server), (b"last".to_vec(), Decrypted::CloseNotify));
        server.on_eof().unwrap();
        assert_eq!(read_all(&mut server).1, Decrypted::CloseNotify);

        let (mut client, mut server) = open(options);
        client.encrypt(b"cut");
        let mut wire = Vec::new();
        client.take_output(&mut wire);
        server.receive(&wire).unwrap();
        server.on_eof().unwrap();
        assert_eq!(read_all(&mut server), (b"cut".to_vec(), Decrypted::Truncated));
        assert_eq!(client.decrypted(&mut [0; 10]), Decrypted::Nothing);
    }
}

#[test]
fn a_damaged_record_ends_the_session_with_an_alert() {
    let (mut client, mut server) = open(0);
    client.encrypt(b"hello");
    let mut wire = Vec::new();
    client.take_output(&mut wire);
    *wire.last_mut().unwrap() ^= 1;
    let error = server.receive(&wire).unwrap_err();
    assert!(error.text().starts_with("tls: protocol error: "), "{error}");
    assert!(server.wants_output());
    assert!(server.receive(b"more").is_err() && server.encrypt(b"x") == 0);
    let mut alert = Vec::new();
    server.take_output(&mut alert);
    let error = client.receive(&alert).unwrap_err();
    assert!(matches!(error.kind(), Kind::Alert(20)), "{error:?}");
    assert!(error.text().starts_with("tls: alert 20 from the peer: "));
}

#[test]
fn peers_that_do_not_speak_tls_are_named() {
    let client = client_tls(&[]);
    for chunk in [1, 3, 100] {
        let mut session = client.connect("localhost", &[], LaxFlags::NONE).unwrap();
        let answer = b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n";
        let mut error = None;
        for piece in answer.chunks(chunk) {
            error = error.or(session.receive(piece).err());
        }
        let error = error.expect("refused");
        assert_eq!(error.kind(), Kind::NotTls, "{error:?}");
        assert!(error.text().starts_with("tls: wrong version number: peer does not speak TLS (it sent 'H"), "{error}");
    }
}

#[test]
fn an_end_inside_the_handshake_is_named() {
    let mut session = client_tls(&[]).connect("localhost", &[], LaxFlags::NONE).unwrap();
    let error = session.on_eof().unwrap_err();
    assert_eq!(error.kind(), Kind::EndInHandshake);
    assert!(error.text().starts_with("tls: unexpected eof while reading: peer closed during the TLS handshake"));
    assert!(session.receive(b"x").is_err());
}

#[test]
fn no_damage_in_any_flight_can_panic() {
    let (ca, server) = ca_and_server();
    let client = client_tls(&[&ca]);
    let mut refusals = 0;
    for options in [0, OP_NO_TLS13] {
        let mut settings = server_settings(&[&server]);
        settings.options_set = options;
        let tls = ServerTls::build(&settings).unwrap();
        // Flights 0 and 2 are the client's, 1 and 3 the server's.
        for flight in 0..4 {
            for at in 0..usize::MAX {
                let mut mine = client.connect("localhost", &["h2"], LaxFlags::NONE).unwrap();
                let (errors, was_damaged) = talk_with_damage(&mut mine, &tls, flight, at);
                refusals += usize::from(errors);
                if !was_damaged {
                    assert!(!errors, "an undamaged handshake works");
                    break;
                }
            }
        }
    }
    assert!(refusals > 1000, "{refusals}");
}

/// A handshake and one message, with byte `at` of one flight inverted. Whether there were errors, and whether there was
/// such a byte.
fn talk_with_damage(client: &mut Session, tls: &ServerTls, flight: usize, at: usize) -> (bool, bool) {
    let mut acceptor = Acceptor::new();
    let mut server: Option<Session> = None;
    let mut was_damaged = false;
    let mut has_errors = false;
    for turn in 0..6 {
        let mut wire = Vec::new();
        match (turn % 2, &mut server) {
            (0, _) => client.take_output(&mut wire),
            (_, Some(server)) => server.take_output(&mut wire),
            _ => {}
        }
        if turn == flight && at < wire.len() {
            wire[at] ^= 0xff;
            was_damaged = true;
        }
        for piece in wire.chunks(700) {
            has_errors |= match (turn % 2, &mut server) {
                (0, None) => match acceptor.receive(piece) {
                    Ok(Received::NeedMore) => false,
                    Ok(Received::Hello(hello)) => match hello.into_session(tls) {
                        Ok(session) => {
                            server = Some(session);
                            false
                        }
                        Err(_) => return (true, was_damaged),
                    },
                    Err(_) => return (true, was_damaged),
                },
                (0, Some(server)) => server.receive(piece).is_err(),
                _ => client.receive(piece).is_err(),
            };
        }
        client.encrypt(b"words");
    }
    // Whatever happened, every call is harmless.
    for session in [Some(client), server.as_mut()].into_iter().flatten() {
        read_all(session);
        session.encrypt(b"more");
        let _ = session.receive(&[23, 3, 3, 0, 1, 0]);
        session.close_notify();
        let _ = session.on_eof();
        session.take_output(&mut Vec::new());
    }
    (has_errors, was_damaged)
}
