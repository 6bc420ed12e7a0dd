//! Every problem of a server's certificate with every set of flags.
use super::pair::*;
use crate::engine::tls::error::Kind;
use crate::engine::tls::verdict::LaxFlags;
use rcgen::{ExtendedKeyUsagePurpose, KeyUsagePurpose};

const S: LaxFlags = LaxFlags::ALLOW_SELFSIGNED;
const H: LaxFlags = LaxFlags::SKIP_HOSTNAME;
const E: LaxFlags = LaxFlags::ALLOW_EXPIRED;
const I: LaxFlags = LaxFlags::ALLOW_INSECURE;

fn all_flags() -> Vec<LaxFlags> {
    (0..16).map(|bits| LaxFlags::from_ssl_connection(bits << 1)).collect()
}

/// Which problems a certificate has: each needs its flag, and nothing else helps.
struct Case {
    what: &'static str,
    chain: Vec<Made>,
    host: &'static str,
    needed: LaxFlags,
    /// The number that is reported without any flag.
    first_number: i32,
}

fn cases(ca: &Made, other_ca: &Made) -> Vec<Case> {
    let years = |years| Wish { years, ..server_wish() };
    let issued = |wish: &Wish, by: &Made| vec![Made::issued(params(wish), by)];
    let own = |wish: &Wish| vec![Made::self_signed(params(wish))];
    let case = |what, chain, host, needed, first_number| Case { what, chain, host, needed, first_number };
    let ca_self_signed = Wish { is_ca: true, ..server_wish() };
    let other_root_in_chain = || {
        let leaf = Made::issued(params(&server_wish()), other_ca);
        let root = Made {
            params: other_ca.params.clone(),
            key: rcgen::KeyPair::generate().unwrap(),
            der: other_ca.der.clone(),
        };
        vec![leaf, root]
    };
    let none = LaxFlags::NONE;
    vec![
        case("good", issued(&server_wish(), ca), "localhost", none, 0),
        case("good by address", issued(&server_wish(), ca), "127.0.0.1", none, 0),
        case("good by IPv6 address", issued(&server_wish(), ca), "[::1]:99", none, 0),
        case("name", issued(&server_wish(), ca), "other.example", H, 62),
        case("address", issued(&server_wish(), ca), "127.0.0.2", H, 62),
        case("expired", issued(&years(PAST), ca), "localhost", E, 10),
        case("not yet valid", issued(&years(FUTURE), ca), "localhost", E, 9),
        case("unknown issuer", issued(&server_wish(), other_ca), "localhost", I, 20),
        case("self-signed", own(&server_wish()), "localhost", S, 18),
        case("self-signed CA", own(&ca_self_signed), "localhost", S, 18),
        case("self-signed in chain", other_root_in_chain(), "localhost", S, 19),
        case("expired, name", issued(&years(PAST), ca), "a.example", E | H, 62),
        case("expired, self-signed", own(&years(PAST)), "localhost", E | S, 18),
        case("not yet valid, self-signed", own(&years(FUTURE)), "localhost", E | S, 18),
        case("self-signed, name", own(&server_wish()), "a.example", S | H, 18),
        case("unknown issuer, name", issued(&server_wish(), other_ca), "a.example", I | H, 20),
        case("unknown issuer, expired", issued(&years(PAST), other_ca), "localhost", I | E, 20),
        case("all but self-signed", issued(&years(PAST), other_ca), "a.example", I | E | H, 20),
        case("all but unknown issuer", own(&years(PAST)), "a.example", S | E | H, 18),
    ]
}

#[test]
fn each_problem_needs_exactly_its_flag() {
    let ca = Made::self_signed(params(&ca_wish("Test CA")));
    let other_ca = Made::self_signed(params(&ca_wish("Other CA")));
    let client = client_tls(&[&ca]);
    let mut handshakes = 0;
    for case in cases(&ca, &other_ca) {
        let server = server_tls(&case.chain.iter().collect::<Vec<_>>());
        for flags in all_flags() {
            let outcome = handshake(client.connect(case.host, &[], flags).unwrap(), &server);
            handshakes += 1;
            if !flags.contains(case.needed) {
                let error = outcome.expect_client_error();
                let Kind::Certificate(number) = error.kind() else { panic!("{}: {error:?}", case.what) };
                if flags.is_none() {
                    assert_eq!(number, case.first_number, "{}: {error:?}", case.what);
                }
                assert!(error.text().starts_with("server's cert didn't look good, "), "{error}");
                assert!(error.text().contains(&format!(" X509_V_ERR = {number}: ")), "{error}");
                assert!(error.text().ends_with(" would allow it"), "{error}");
                continue;
            }
            let (client, _server) = outcome.expect_open();
            let forgiven = client.forgiven();
            let needs = [S, H, E, I].into_iter().filter(|flag| case.needed.contains(*flag)).count();
            assert_eq!(forgiven.len(), needs, "{} with {flags:?}: {forgiven:?}", case.what);
            assert!(forgiven.iter().all(|line| line.contains("allowed by LCCSCF_")));
            assert_eq!(client.is_peer_verified(), case.needed == LaxFlags::NONE || case.needed == H, "{}", case.what);
        }
    }
    assert_eq!(handshakes, 19 * 16);
}

#[test]
fn words_of_refusal_and_forgiveness() {
    let (ca, _) = ca_and_server();
    let expired = Made::issued(params(&Wish { years: PAST, ..server_wish() }), &ca);
    let error = meet(&[&ca], "127.0.0.1", LaxFlags::NONE, &[&expired]).expect_client_error();
    assert!(
        error.text().starts_with(
            "server's cert didn't look good, tls=expired X509_V_ERR = 10: certificate of 127.0.0.1 expired 2021-01-01; "
        ),
        "{error}"
    );
    assert!(
        error.text().contains(
            "2021-01-01; 1 root of memory; subject /CN=the server; issuer /CN=Test CA; 2010-01-01..2021-01-01; "
        ),
        "{error}"
    );
    assert!(error.text().ends_with("; LCCSCF_ALLOW_EXPIRED would allow it"), "{error}");
    let detail = error.detail();
    assert!(
        detail.contains("subject /CN=the server, issuer /CN=Test CA, names DNS:localhost, IP:127.0.0.1"),
        "{detail}"
    );
    assert!(detail.contains("valid 2010-01-01 to 2021-01-01"), "{detail}");

    let (client, _) = meet(&[&ca], "127.0.0.1", E, &[&expired]).expect_open();
    assert_eq!(client.forgiven(), ["certificate of 127.0.0.1 expired 2021-01-01, allowed by LCCSCF_ALLOW_EXPIRED"]);

    let other = Made::issued(params(&Wish { names: vec!["other.example"], ..server_wish() }), &ca);
    let error = meet(&[&ca], "localhost", LaxFlags::NONE, &[&other]).expect_client_error();
    assert!(
        error.text().contains("tls=hostname X509_V_ERR = 62: certificate is for other.example, not for localhost; ")
    );
    let error = meet(&[], "localhost", LaxFlags::NONE, &[&other]).expect_client_error();
    assert!(error.text().contains("good,  X509_V_ERR = 20: "), "two blanks without a label: {error}");
    assert!(error.text().contains("; no roots; "), "{error}");
}

#[test]
fn a_trusted_self_signed_server_certificate_is_good() {
    for is_ca in [false, true] {
        let server = Made::self_signed(params(&Wish { is_ca, ..server_wish() }));
        let (client, _) = meet(&[&server], "localhost", LaxFlags::NONE, &[&server]).expect_open();
        assert!(client.forgiven().is_empty() && client.is_peer_verified());
        // Its name and dates still count.
        let error = meet(&[&server], "a.example", LaxFlags::NONE, &[&server]).expect_client_error();
        assert_eq!(error.kind(), Kind::Certificate(62));
    }
    let expired = Made::self_signed(params(&Wish { years: PAST, is_ca: true, ..server_wish() }));
    let error = meet(&[&expired], "localhost", LaxFlags::NONE, &[&expired]).expect_client_error();
    assert_eq!(error.kind(), Kind::Certificate(10));
    meet(&[&expired], "localhost", E, &[&expired]).expect_open();
}

#[test]
fn a_server_certificate_marked_as_ca_is_good_when_issued_by_a_trusted_one() {
    let (ca, _) = ca_and_server();
    let server = Made::issued(params(&Wish { is_ca: true, ..server_wish() }), &ca);
    let (client, _) = meet(&[&ca], "localhost", LaxFlags::NONE, &[&server]).expect_open();
    assert!(client.forgiven().is_empty());
    let error = meet(&[&ca], "a.example", LaxFlags::NONE, &[&server]).expect_client_error();
    assert_eq!(error.kind(), Kind::Certificate(62));
}

#[test]
fn a_trusted_certificate_that_is_no_ca_cannot_issue() {
    let pinned = Made::self_signed(params(&Wish { names: vec!["pinned.example"], ..server_wish() }));
    let victim = Made::issued(params(&server_wish()), &pinned);
    for flags in all_flags() {
        let error = meet(&[&pinned], "localhost", flags, &[&victim]).expect_client_error();
        assert_eq!(error.kind(), Kind::Certificate(79), "{error:?}");
    }
}

#[test]
fn a_leaf_cannot_issue_for_others() {
    let (ca, server) = ca_and_server();
    let victim = Made::issued(params(&Wish { names: vec!["victim.example"], ..server_wish() }), &server);
    for flags in all_flags() {
        let error = meet(&[&ca], "victim.example", flags, &[&victim, &server]).expect_client_error();
        assert_eq!(error.kind(), Kind::Certificate(79), "{error:?}");
    }
}

#[test]
fn intermediates_come_from_the_peer_or_the_ca_file() {
    let ca = Made::self_signed(params(&ca_wish("Root")));
    let middle = Made::issued(params(&ca_wish("Middle")), &ca);
    let server = Made::issued(params(&server_wish()), &middle);
    meet(&[&ca], "localhost", LaxFlags::NONE, &[&server, &middle]).expect_open();
    meet(&[&ca, &middle], "localhost", LaxFlags::NONE, &[&server]).expect_open();
    let error = meet(&[&ca], "localhost", LaxFlags::NONE, &[&server]).expect_client_error();
    assert_eq!(error.kind(), Kind::Certificate(20));
    // An intermediate in the CA file ends no chain, as in OpenSSL.
    let error = meet(&[&middle], "localhost", LaxFlags::NONE, &[&server]).expect_client_error();
    assert_eq!(error.kind(), Kind::Certificate(2), "{error:?}");
}

#[test]
fn an_expired_intermediate_or_root_is_found() {
    let ca = Made::self_signed(params(&ca_wish("Root")));
    let middle = Made::issued(params(&Wish { years: PAST, ..ca_wish("Middle") }), &ca);
    let server = Made::issued(params(&Wish { years: (2022, 2200), ..server_wish() }), &middle);
    let error = meet(&[&ca], "localhost", LaxFlags::NONE, &[&server, &middle]).expect_client_error();
    assert_eq!(error.kind(), Kind::Certificate(10));
    assert!(error.text().contains("issuer /CN=Middle of the certificate of localhost expired 2021-01-01"), "{error}");
    meet(&[&ca], "localhost", E, &[&server, &middle]).expect_open();

    let old = Made::self_signed(params(&Wish { years: PAST, ..ca_wish("Old root") }));
    let server = Made::issued(params(&server_wish()), &old);
    let error = meet(&[&old], "localhost", LaxFlags::NONE, &[&server]).expect_client_error();
    assert_eq!(error.kind(), Kind::Certificate(10));
    let (client, _) = meet(&[&old], "localhost", E, &[&server]).expect_open();
    assert_eq!(
        client.forgiven(),
        ["issuer /CN=Old root of the certificate of localhost expired 2021-01-01, allowed by LCCSCF_ALLOW_EXPIRED"]
    );
}

#[test]
fn a_signature_by_a_namesake_is_not_forgiven() {
    // Without key ids only the signature tells the two apart.
    let mut wish = params(&ca_wish("Test CA"));
    wish.key_identifier_method = rcgen::KeyIdMethod::PreSpecified(vec![1; 20]);
    let ca = Made::self_signed(wish.clone());
    let namesake = Made::self_signed(wish);
    let server = Made::issued(params(&server_wish()), &namesake);
    for flags in all_flags() {
        let error = meet(&[&ca], "localhost", flags, &[&server]).expect_client_error();
        assert_eq!(error.kind(), Kind::Certificate(7), "{error:?}");
    }
}

#[test]
fn purposes_are_not_forgiven() {
    let (ca, _) = ca_and_server();
    let mut wish = params(&server_wish());
    wish.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let for_clients = Made::issued(wish.clone(), &ca);
    let own = Made::self_signed(wish);
    for flags in all_flags() {
        let error = meet(&[&ca], "localhost", flags, &[&for_clients]).expect_client_error();
        assert_eq!(error.kind(), Kind::Certificate(26), "{error:?}");
        let error = meet(&[&own], "localhost", flags, &[&own]).expect_client_error();
        assert_eq!(error.kind(), Kind::Certificate(26), "{error:?}");
    }
}

#[test]
fn name_constraints_hold_for_expired_certificates_too() {
    let mut wish = params(&ca_wish("Constrained"));
    wish.name_constraints = Some(rcgen::NameConstraints {
        permitted_subtrees: vec![rcgen::GeneralSubtree::DnsName("good.example".into())],
        excluded_subtrees: Vec::new(),
    });
    wish.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let ca = Made::self_signed(wish);
    let server = |name, years| Made::issued(params(&Wish { names: vec![name], years, ..server_wish() }), &ca);
    meet(&[&ca], "a.good.example", LaxFlags::NONE, &[&server("a.good.example", NOW)]).expect_open();
    meet(&[&ca], "a.good.example", E, &[&server("a.good.example", (2020, 2021))]).expect_open();
    for flags in all_flags() {
        for years in [NOW, (2020, 2021)] {
            let error = meet(&[&ca], "bad.example", flags, &[&server("bad.example", years)]).expect_client_error();
            let expected = if years == NOW || flags.contains(E) { 47 } else { 0 };
            assert!(error.kind() == Kind::Certificate(47) || expected == 0, "{error:?}");
        }
        // A common name is no way round it.
        let by_common_name =
            Made::issued(params(&Wish { common_name: "bad.example", names: vec![], ..server_wish() }), &ca);
        if !flags.contains(H) {
            let error = meet(&[&ca], "bad.example", flags, &[&by_common_name]).expect_client_error();
            assert_eq!(error.kind(), Kind::Certificate(62), "{error:?}");
        }
    }
}

#[test]
fn the_common_name_counts_when_there_are_no_alternative_names() {
    let (ca, _) = ca_and_server();
    let by_common_name = Made::issued(params(&Wish { common_name: "localhost", names: vec![], ..server_wish() }), &ca);
    meet(&[&ca], "localhost", LaxFlags::NONE, &[&by_common_name]).expect_open();
    let error = meet(&[&ca], "other", LaxFlags::NONE, &[&by_common_name]).expect_client_error();
    assert_eq!(error.kind(), Kind::Certificate(62));
    let with_names =
        Made::issued(params(&Wish { common_name: "localhost", names: vec!["a.example"], ..server_wish() }), &ca);
    let error = meet(&[&ca], "localhost", LaxFlags::NONE, &[&with_names]).expect_client_error();
    assert_eq!(error.kind(), Kind::Certificate(62));
}

#[test]
fn wildcards_stand_for_one_label() {
    let (ca, _) = ca_and_server();
    let wild = Made::issued(params(&Wish { names: vec!["*.good.example"], ..server_wish() }), &ca);
    meet(&[&ca], "a.good.example", LaxFlags::NONE, &[&wild]).expect_open();
    for host in ["good.example", "a.b.good.example"] {
        let error = meet(&[&ca], host, LaxFlags::NONE, &[&wild]).expect_client_error();
        assert_eq!(error.kind(), Kind::Certificate(62));
    }
}
