//! The server's side: client certificates, ALPN, SNI, resumption, keys, reload.
use super::pair::*;
use crate::engine::tls::acceptor::{Acceptor, Received, looks_like_plaintext};
use crate::engine::tls::client_config::ClientTls;
use crate::engine::tls::error::Kind;
use crate::engine::tls::keys::{Identity, Password};
use crate::engine::tls::pem::Source;
use crate::engine::tls::roots::CaSource;
use crate::engine::tls::server_config::{ClientCerts, ServerTls};
use crate::engine::tls::verdict::LaxFlags;
use crate::engine::tls::{OP_NO_TICKET, OP_NO_TLS12, OP_NO_TLS13};
use rcgen::{KeyPair, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use std::path::PathBuf;

const NONE: LaxFlags = LaxFlags::NONE;

fn client_with(ca: &Made, own: &Made) -> ClientTls {
    let mut settings = client_settings(&[ca]);
    settings.cert = Some(own.source());
    settings.key = Some(own.key_source());
    ClientTls::build(&settings).unwrap()
}

fn asking_server(server: &Made, ca: &Made, client_certs: ClientCerts, options: u64) -> ServerTls {
    let mut settings = server_settings(&[server]);
    settings.client_certs = client_certs;
    settings.ca = CaSource::Mem(ca.der.clone());
    settings.options_set = options;
    ServerTls::build(&settings).unwrap()
}

#[test]
fn client_certificates_required_optional_and_unasked() {
    let (ca, server) = ca_and_server();
    let own = Made::issued(params(&Wish { common_name: "a client", names: vec![], ..server_wish() }), &ca);
    for options in [0, OP_NO_TLS13] {
        for mode in [ClientCerts::None, ClientCerts::Optional, ClientCerts::Required] {
            let tls = asking_server(&server, &ca, mode, options);
            let with = handshake(client_with(&ca, &own).connect("localhost", &[], NONE).unwrap(), &tls);
            let (_, session) = with.expect_open();
            assert_eq!(session.peer_chain().len(), usize::from(mode != ClientCerts::None));
            assert_eq!(session.is_peer_verified(), mode != ClientCerts::None);

            let without = handshake(client_tls(&[&ca]).connect("localhost", &[], NONE).unwrap(), &tls);
            if mode != ClientCerts::Required {
                assert!(!without.expect_open().1.is_peer_verified());
                continue;
            }
            assert!(without.server_error.unwrap().text().contains("peer did not return a certificate"));
            let error = without.client_error.unwrap();
            assert!(matches!(error.kind(), Kind::Alert(116 | 42 | 40)), "{error:?}");
            // With TLS 1.3 the client's side is complete before the alert comes.
            assert_eq!(without.client.is_handshaking(), options == OP_NO_TLS13);
        }
    }
}

#[test]
fn bad_client_certificates_are_refused_or_reported() {
    let (ca, server) = ca_and_server();
    let other_ca = Made::self_signed(params(&ca_wish("Other CA")));
    let wish = Wish { common_name: "a client", names: vec![], ..server_wish() };
    let unknown = Made::issued(params(&wish), &other_ca);
    let expired = Made::issued(params(&Wish { years: PAST, ..wish.clone() }), &ca);
    let own = Made::self_signed(params(&wish));
    for (bad, number) in [(&unknown, 20), (&expired, 10), (&own, 18)] {
        let tls = asking_server(&server, &ca, ClientCerts::Optional, 0);
        let client = client_with(&ca, bad);
        let outcome = handshake(client.connect("localhost", &[], NONE).unwrap(), &tls);
        let error = outcome.server_error.unwrap();
        assert_eq!(error.kind(), Kind::Certificate(number));
        assert!(error.text().starts_with("client's cert didn't look good, "), "{error}");
        assert!(!error.detail().contains("would allow it"));

        let mut settings = server_settings(&[&server]);
        settings.client_certs = ClientCerts::Required;
        settings.only_reports_client_certs = true;
        settings.ca = CaSource::Mem(ca.der.clone());
        let tls = ServerTls::build(&settings).unwrap();
        let (_, session) = handshake(client.connect("localhost", &[], NONE).unwrap(), &tls).expect_open();
        assert!(!session.is_peer_verified() && session.peer_chain().len() == 1);
        assert_eq!(session.peer_refusal().unwrap().openssl_number, number);
    }
}

#[test]
fn server_order_decides_alpn_and_no_overlap_is_no_alert() {
    let (ca, server) = ca_and_server();
    let mut settings = server_settings(&[&server]);
    settings.alpn = vec!["h2".into(), "http/1.1".into()];
    let tls = ServerTls::build(&settings).unwrap();
    let client = client_tls(&[&ca]);
    for (offer, expected) in [
        (&["http/1.1", "h2"][..], Some("h2")),
        (&["foo", "http/1.1"][..], Some("http/1.1")),
        (&["foo"][..], None),
        (&[][..], None),
    ] {
        let (client, server) = handshake(client.connect("localhost", offer, NONE).unwrap(), &tls).expect_open();
        assert_eq!(client.negotiated().alpn.as_deref(), expected);
        assert_eq!(server.negotiated().alpn.as_deref(), expected);
    }
}

#[test]
fn the_hello_tells_name_and_alpn_before_a_vhost_is_chosen() {
    let client = client_tls(&[]);
    let mut wire = Vec::new();
    client.connect("Some.Example:99", &["foo", "http/1.1"], NONE).unwrap().take_output(&mut wire);
    let (last, first) = wire.split_last().unwrap();
    let mut acceptor = Acceptor::new();
    assert!(matches!(acceptor.receive(first).unwrap(), Received::NeedMore));
    let Received::Hello(hello) = acceptor.receive(&[*last]).unwrap() else { panic!("complete") };
    assert_eq!(hello.sni(), Some("some.example"));
    assert_eq!(hello.alpn().collect::<Vec<_>>(), [&b"foo"[..], b"http/1.1"]);

    let mut wire = Vec::new();
    client.connect("127.0.0.1", &[], NONE).unwrap().take_output(&mut wire);
    let Received::Hello(hello) = Acceptor::new().receive(&wire).unwrap() else { panic!("complete") };
    assert_eq!((hello.sni(), hello.alpn().count()), (None, 0));
}

#[test]
fn plain_text_to_a_server_is_named() {
    assert!(looks_like_plaintext(b'G') && !looks_like_plaintext(22));
    let refused = Acceptor::new().receive(b"GET / HTTP/1.1\r\n\r\n").unwrap_err();
    assert_eq!(refused.error.kind(), Kind::NotTls);
    assert_eq!(Acceptor::new().on_eof().kind(), Kind::EndInHandshake);
}

#[test]
fn sessions_are_resumed_unless_switched_off() {
    let (ca, server) = ca_and_server();
    for options in [0, OP_NO_TLS13, OP_NO_TICKET, OP_NO_TICKET | OP_NO_TLS13] {
        for cache in [true, false] {
            let tls = asking_server(&server, &ca, ClientCerts::None, options);
            let mut settings = client_settings(&[&ca]);
            settings.session_cache = cache;
            let client = ClientTls::build(&settings).unwrap();
            let meet = |flags| {
                let (client, server) = handshake(client.connect("localhost", &[], flags).unwrap(), &tls).expect_open();
                assert_eq!(client.negotiated().resumed, server.negotiated().resumed);
                assert!(client.is_peer_verified() && !client.peer_chain().is_empty());
                client.negotiated().resumed
            };
            assert!(!meet(NONE));
            assert_eq!(meet(NONE), cache, "options {options:x}");
            assert!(!meet(LaxFlags::ALLOW_EXPIRED), "not under other rules");
        }
    }
}

#[test]
fn a_resumed_session_still_tells_what_was_forgiven() {
    let server = Made::self_signed(params(&server_wish()));
    let tls = server_tls(&[&server]);
    let client = client_tls(&[]);
    let flags = LaxFlags::ALLOW_SELFSIGNED;
    for resumed in [false, true] {
        let (client, _) = handshake(client.connect("localhost", &[], flags).unwrap(), &tls).expect_open();
        assert_eq!(client.negotiated().resumed, resumed);
        assert_eq!(client.forgiven().len(), 1);
        assert!(!client.is_peer_verified());
    }
    let outcome = handshake(client.connect("localhost", &[], NONE).unwrap(), &tls);
    assert_eq!(outcome.expect_client_error().kind(), Kind::Certificate(18), "a lax session does not help a strict one");
}

#[test]
fn client_certificates_survive_resumption() {
    let (ca, server) = ca_and_server();
    let own = Made::issued(params(&Wish { common_name: "a client", names: vec![], ..server_wish() }), &ca);
    let tls = asking_server(&server, &ca, ClientCerts::Required, 0);
    let client = client_with(&ca, &own);
    for resumed in [false, true] {
        let (_, session) = handshake(client.connect("localhost", &[], NONE).unwrap(), &tls).expect_open();
        assert_eq!((session.negotiated().resumed, session.peer_chain().len()), (resumed, 1));
    }
}

#[test]
fn versions_can_be_switched_off_on_both_sides() {
    let (ca, server) = ca_and_server();
    let tls = asking_server(&server, &ca, ClientCerts::None, OP_NO_TLS12);
    let mut settings = client_settings(&[&ca]);
    settings.options_set = OP_NO_TLS13;
    let client = ClientTls::build(&settings).unwrap();
    let outcome = handshake(client.connect("localhost", &[], NONE).unwrap(), &tls);
    assert!(outcome.server_error.unwrap().text().starts_with("tls: nothing in common with the peer"));
    let error = outcome.client_error.unwrap();
    assert!(matches!(error.kind(), Kind::Alert(70 | 40)), "{error:?}");
}

#[test]
fn cipher_lists_are_honoured() {
    let (ca, server) = ca_and_server();
    let mut settings = server_settings(&[&server]);
    settings.options_set = OP_NO_TLS13;
    settings.cipher_list = Some("ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-ECDSA-AES128-GCM-SHA256".into());
    let tls = ServerTls::build(&settings).unwrap();
    let (session, _) = handshake(client_tls(&[&ca]).connect("localhost", &[], NONE).unwrap(), &tls).expect_open();
    assert_eq!(session.negotiated().cipher, "ECDHE-ECDSA-CHACHA20-POLY1305", "the server's order");
    let mut settings = client_settings(&[&ca]);
    settings.cipher_list = Some("ECDHE-ECDSA-AES128-GCM-SHA256".into());
    let client = ClientTls::build(&settings).unwrap();
    let (session, _) = handshake(client.connect("localhost", &[], NONE).unwrap(), &tls).expect_open();
    assert_eq!(session.negotiated().cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
}

#[test]
fn curves_are_preferred_and_unknown_ones_reported() {
    let (ca, server) = ca_and_server();
    for (curve, warnings) in [("secp384r1", 0), ("prime256v1", 0), ("X25519", 0), ("sect571r1", 1), ("", 0)] {
        let mut settings = server_settings(&[&server]);
        settings.ecdh_curve = Some(curve.into());
        let tls = ServerTls::build(&settings).unwrap();
        assert_eq!(tls.warnings().len(), warnings);
        handshake(client_tls(&[&ca]).connect("localhost", &[], NONE).unwrap(), &tls).expect_open();
    }
}

#[test]
fn a_reloaded_certificate_serves_new_connections() {
    let (ca, first) = ca_and_server();
    let second = Made::issued(params(&Wish { common_name: "second", ..server_wish() }), &ca);
    let mut settings = client_settings(&[&ca]);
    settings.session_cache = false;
    let client = ClientTls::build(&settings).unwrap();
    let tls = server_tls(&[&first]);
    let seen = || {
        let (client, _) = handshake(client.connect("localhost", &[], NONE).unwrap(), &tls).expect_open();
        client.peer_chain()[0].to_vec()
    };
    assert_eq!(seen(), first.der);
    assert!(tls.reload(&second.source(), &first.key_source(), None).is_err(), "a wrong key changes nothing");
    assert_eq!(seen(), first.der);
    tls.reload(&second.source(), &second.key_source(), None).unwrap();
    assert_eq!(seen(), second.der);
    assert_eq!(tls.certificate().unwrap().common_name(), Some("second"));
}

#[test]
fn wrong_and_missing_files_are_named() {
    let (_, server) = ca_and_server();
    let other = KeyPair::generate().unwrap();
    let error = Identity::load(&server.source(), &Source::Mem(other.serialize_der()), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "private key in memory: does not match certificate in memory (subject /CN=the server)"
    );
    let missing = Source::File(PathBuf::from("/nonexistent/cert.pem"));
    let error = Identity::load(&missing, &server.key_source(), None).unwrap_err();
    assert_eq!(error.to_string(), "certificate file /nonexistent/cert.pem: does not exist");
    assert!(error.is_missing_file);
    let key_only = Source::Mem(server.key.serialize_pem().into_bytes());
    let error = Identity::load(&key_only, &key_only, None).unwrap_err();
    assert!(error.reason.contains("holds a private key, not a certificate"));
    let certificate_only = Source::Mem(server.pem().into_bytes());
    let error = Identity::load(&certificate_only, &certificate_only, None).unwrap_err();
    assert!(error.reason.contains("holds no private key, but a CERTIFICATE"));
    let garbage = Source::Mem(b"garbage".to_vec());
    assert!(Identity::load(&garbage, &server.key_source(), None).unwrap_err().reason.contains("neither PEM nor DER"));
    assert!(Identity::load(&server.source(), &garbage, None).unwrap_err().reason.contains("neither PEM nor a DER"));
    let mem = || Some(b"x".to_vec());
    assert_eq!(Source::choose(Some("/nonexistent".into()), mem()), Some(Source::Mem(b"x".to_vec())));
    assert_eq!(Source::choose(Some("/nonexistent".into()), None), Some(Source::File("/nonexistent".into())));
}

#[test]
fn certificate_and_key_in_one_text() {
    let (ca, server) = ca_and_server();
    let both = Source::Mem(format!("{}{}\0", server.key.serialize_pem(), server.pem()).into_bytes());
    let mut settings = server_settings(&[&server]);
    settings.cert = both;
    settings.key = None;
    let tls = ServerTls::build(&settings).unwrap();
    handshake(client_tls(&[&ca]).connect("localhost", &[], NONE).unwrap(), &tls).expect_open();
}

#[test]
fn other_key_kinds_serve() {
    let ca = Made::self_signed(params(&ca_wish("Test CA")));
    for algorithm in [&PKCS_ED25519, &PKCS_ECDSA_P384_SHA384] {
        let key = KeyPair::generate_for(algorithm).unwrap();
        let server = Made::issued_for_key(params(&server_wish()), key, &ca);
        meet(&[&ca], "localhost", NONE, &[&server]).expect_open();
    }
}

#[test]
fn secrets_do_not_show_in_debug_output() {
    let (_, server) = ca_and_server();
    let mut settings = server_settings(&[&server]);
    settings.password = Some(Password::new("open sesame"));
    let shown = format!("{settings:?} {:?}", ServerTls::build(&settings).unwrap());
    assert!(!shown.contains("sesame") && !shown.contains("PRIVATE"), "{shown}");
    assert!(shown.contains("Password(..)") && shown.contains("Mem("));
}
