//! Keys and certificates as OpenSSL's command line writes them.
use super::pair::*;
use crate::engine::tls::client_config::{ClientSettings, ClientTls};
use crate::engine::tls::error::Kind;
use crate::engine::tls::keys::{Identity, Password};
use crate::engine::tls::pem::Source;
use crate::engine::tls::roots::CaSource;
use crate::engine::tls::server_config::{ServerSettings, ServerTls};
use crate::engine::tls::verdict::LaxFlags;
use base64::Engine as _;

fn text(pem: &str) -> Source {
    Source::Mem(pem.as_bytes().to_vec())
}

const CERT: &str = include_str!("fixtures/cert.pem");

const ENCRYPTED: [(&str, &str); 9] = [
    ("traditional AES-128", include_str!("fixtures/trad-aes128.pem")),
    ("traditional AES-192", include_str!("fixtures/trad-aes192.pem")),
    ("traditional AES-256", include_str!("fixtures/trad-aes256.pem")),
    ("traditional 3DES", include_str!("fixtures/trad-des3.pem")),
    ("traditional DES", include_str!("fixtures/trad-des.pem")),
    ("PKCS#8 AES-256", include_str!("fixtures/p8-aes256.pem")),
    ("PKCS#8 AES-128, SHA-1", include_str!("fixtures/p8-aes128sha1.pem")),
    ("PKCS#8 3DES", include_str!("fixtures/p8-des3.pem")),
    ("PKCS#8 scrypt", include_str!("fixtures/p8-scrypt.pem")),
];

#[test]
fn plain_keys_of_all_forms_match_their_certificate() {
    let forms = [include_str!("fixtures/ec.pem"), include_str!("fixtures/ecp.pem"), include_str!("fixtures/p8.pem")];
    for form in forms {
        Identity::load(&text(CERT), &text(form), None).unwrap();
        // A password that is not needed does no harm.
        Identity::load(&text(CERT), &text(form), Some(&Password::new("secret"))).unwrap();
    }
    let rsa = text(include_str!("fixtures/rsa.pem"));
    Identity::load(&text(include_str!("fixtures/rsacert.pem")), &rsa, None).unwrap();
    assert!(Identity::load(&text(CERT), &rsa, None).unwrap_err().reason.contains("does not match"));
}

#[test]
fn keys_in_der_are_told_apart() {
    for (cert, key) in [
        (CERT, include_str!("fixtures/ec.pem")),
        (CERT, include_str!("fixtures/p8.pem")),
        (include_str!("fixtures/rsacert.pem"), include_str!("fixtures/rsa.pem")),
    ] {
        let body: String = key.lines().filter(|line| !line.starts_with("-----")).collect();
        let der = base64::engine::general_purpose::STANDARD.decode(body).unwrap();
        Identity::load(&text(cert), &Source::Mem(der.clone()), None).unwrap();
        for end in 0..der.len() {
            assert!(Identity::load(&text(cert), &Source::Mem(der[..end].to_vec()), None).is_err());
        }
    }
}

#[test]
fn encrypted_keys_open_with_the_password_only() {
    let rsa = (include_str!("fixtures/rsacert.pem"), include_str!("fixtures/rsa-trad.pem"));
    for (what, cert, key) in ENCRYPTED.iter().map(|(what, key)| (*what, CERT, *key)).chain([("RSA", rsa.0, rsa.1)]) {
        let load =
            |password: Option<&str>| Identity::load(&text(cert), &text(key), password.map(Password::new).as_ref());
        load(Some("secret")).unwrap_or_else(|error| panic!("{what}: {error}"));
        for wrong in ["Secret", "", "secret "] {
            let reason = load(Some(wrong)).unwrap_err().reason;
            assert!(reason.contains("wrong password?") || reason.contains("damaged"), "{what}: {reason}");
        }
        assert!(load(None).unwrap_err().reason.contains("is encrypted, and no password is set"), "{what}");
    }
}

#[test]
fn encryption_that_is_not_supported_is_named() {
    let key = text(include_str!("fixtures/p8-v1.pem"));
    let reason = Identity::load(&text(CERT), &key, Some(&Password::new("secret"))).unwrap_err().reason;
    assert!(reason.contains("openssl pkcs8 -topk8"), "{reason}");
}

#[test]
fn a_version_1_certificate_with_a_common_name_serves_as_with_openssl() {
    let cert = text(include_str!("fixtures/v1.pem"));
    let server = ServerTls::build(&ServerSettings::new(cert, Some(text(include_str!("fixtures/ec.pem"))))).unwrap();
    let trusting = |ca: &str| {
        let ca = CaSource::Mem(ca.as_bytes().to_vec());
        ClientTls::build(&ClientSettings { os_roots: false, ca, ..ClientSettings::default() }).unwrap()
    };
    let client = trusting(include_str!("fixtures/ca.pem"));
    let (session, _) = handshake(client.connect("localhost", &[], LaxFlags::NONE).unwrap(), &server).expect_open();
    assert!(session.forgiven().is_empty() && session.is_peer_verified());
    let error = handshake(client.connect("other", &[], LaxFlags::NONE).unwrap(), &server).expect_client_error();
    assert_eq!(error.kind(), Kind::Certificate(62));
    let stranger = trusting(CERT);
    let error = handshake(stranger.connect("localhost", &[], LaxFlags::NONE).unwrap(), &server).expect_client_error();
    assert_eq!(error.kind(), Kind::Certificate(20));
}

#[test]
fn weak_signatures_and_keys_are_refused_whatever_the_flags() {
    let all = LaxFlags::from_ssl_connection(0x1e);
    let meet = |cert: &str, key: &str, ca: &str, flags| {
        let server = ServerTls::build(&ServerSettings::new(text(cert), Some(text(key)))).unwrap();
        let ca = CaSource::Mem(ca.as_bytes().to_vec());
        let client = ClientTls::build(&ClientSettings { os_roots: false, ca, ..ClientSettings::default() }).unwrap();
        handshake(client.connect("localhost", &[], flags).unwrap(), &server)
    };
    let ec = include_str!("fixtures/ec.pem");
    for flags in [LaxFlags::NONE, all] {
        let weak_ca = include_str!("fixtures/weakca.pem");
        let error = meet(include_str!("fixtures/weakkey.pem"), ec, weak_ca, flags).expect_client_error();
        assert_eq!(error.kind(), Kind::Certificate(67), "{error:?}");
        let rsa_ca = include_str!("fixtures/rsaca.pem");
        let error = meet(include_str!("fixtures/sha1.pem"), ec, rsa_ca, flags).expect_client_error();
        assert_eq!(error.kind(), Kind::Certificate(68), "{error:?}");
    }
}

#[test]
fn a_server_key_that_cannot_sign_is_an_error_at_set_up() {
    let cert = text(include_str!("fixtures/smallleaf.pem"));
    let error =
        ServerTls::build(&ServerSettings::new(cert, Some(text(include_str!("fixtures/small.key"))))).unwrap_err();
    assert!(error.reason.contains("RSA below 2048 bits"), "{error}");
}

#[test]
fn an_rsa_server_works_with_both_versions() {
    let cert = text(include_str!("fixtures/rsacert.pem"));
    let mut settings = ServerSettings::new(cert, Some(text(include_str!("fixtures/rsa.pem"))));
    let ca = CaSource::Mem(include_bytes!("fixtures/rsacert.pem").to_vec());
    let client = ClientTls::build(&ClientSettings { os_roots: false, ca, ..ClientSettings::default() }).unwrap();
    for options in [0, crate::engine::tls::OP_NO_TLS13] {
        settings.options_set = options;
        let server = ServerTls::build(&settings).unwrap();
        handshake(client.connect("localhost", &[], LaxFlags::NONE).unwrap(), &server).expect_open();
    }
}

#[test]
fn ca_files_with_text_and_damage_load_what_they_hold() {
    let folder = std::env::temp_dir().join(format!("oxlws-tls-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("ca.pem");
    let trusting = |contents: &str| {
        std::fs::write(&path, contents).unwrap();
        let ca = CaSource::File(path.clone());
        ClientTls::build(&ClientSettings { os_roots: false, ca, ..ClientSettings::default() }).unwrap()
    };
    let good = include_str!("fixtures/ca.pem");
    let tls = trusting(&format!("\u{feff}# A bundle\r\n\r\nSome CA\n=======\n{good}\nOther: CA\n{CERT}"));
    assert!(tls.describe_trust().starts_with("2 roots of file "), "{}", tls.describe_trust());
    assert!(tls.warnings().is_empty(), "{:?}", tls.warnings());
    let tls = trusting(&format!("-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n{good}"));
    assert!(tls.describe_trust().starts_with("1 root of file "));
    assert!(tls.warnings()[0].contains("1 blocks are not certificates"), "{:?}", tls.warnings());
    assert!(trusting("empty").warnings()[0].contains("not loaded: no certificate in it"));
    std::fs::remove_dir_all(&folder).unwrap();
    let ca = CaSource::File(path);
    let tls = ClientTls::build(&ClientSettings { os_roots: false, ca, ..ClientSettings::default() }).unwrap();
    assert!(tls.warnings()[0].contains("not loaded: does not exist"));
    let ca = CaSource::Mem(b"junk".to_vec());
    let tls = ClientTls::build(&ClientSettings { ca, ..ClientSettings::default() }).unwrap();
    assert!(tls.warnings()[0].contains("CA certificate in memory not loaded"));
    assert_eq!(tls.describe_trust(), "0 roots of memory", "it replaces the OS store all the same");
}
