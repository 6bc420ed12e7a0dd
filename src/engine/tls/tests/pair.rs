//! Certificates to test with, and two sessions that talk to each other.
use crate::engine::tls::acceptor::{Acceptor, Received};
use crate::engine::tls::client_config::{ClientSettings, ClientTls};
use crate::engine::tls::error::TlsError;
use crate::engine::tls::pem::Source;
use crate::engine::tls::roots::CaSource;
use crate::engine::tls::server_config::{ServerSettings, ServerTls};
use crate::engine::tls::session::{Decrypted, Session};
use crate::engine::tls::verdict::LaxFlags;
use rcgen::{BasicConstraints, CertificateParams, DistinguishedName, DnType, IsCa, Issuer, KeyPair, date_time_ymd};

/// What a certificate should be.
#[derive(Clone)]
pub struct Wish {
    pub common_name: &'static str,
    pub names: Vec<&'static str>,
    pub years: (i32, i32),
    pub is_ca: bool,
}

pub const NOW: (i32, i32) = (2020, 2200);
pub const PAST: (i32, i32) = (2010, 2021);
pub const FUTURE: (i32, i32) = (2190, 2200);

pub fn server_wish() -> Wish {
    Wish { common_name: "the server", names: vec!["localhost", "127.0.0.1", "::1"], years: NOW, is_ca: false }
}

pub fn ca_wish(common_name: &'static str) -> Wish {
    Wish { common_name, names: Vec::new(), years: NOW, is_ca: true }
}

pub fn params(wish: &Wish) -> CertificateParams {
    let mut params = CertificateParams::new(wish.names.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>()).unwrap();
    params.distinguished_name = DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, wish.common_name);
    params.not_before = date_time_ymd(wish.years.0, 1, 1);
    params.not_after = date_time_ymd(wish.years.1, 1, 1);
    if wish.is_ca {
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    }
    params
}

/// A certificate with its key, and what was used to make it.
pub struct Made {
    pub params: CertificateParams,
    pub key: KeyPair,
    pub der: Vec<u8>,
}

impl Made {
    pub fn self_signed(params: CertificateParams) -> Made {
        let key = KeyPair::generate().unwrap();
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Made { params, key, der }
    }

    pub fn issued(params: CertificateParams, by: &Made) -> Made {
        Made::issued_for_key(params, KeyPair::generate().unwrap(), by)
    }

    pub fn issued_for_key(params: CertificateParams, key: KeyPair, by: &Made) -> Made {
        let der = params.signed_by(&key, &Issuer::from_params(&by.params, &by.key)).unwrap().der().to_vec();
        Made { params, key, der }
    }

    pub fn pem(&self) -> String {
        pem("CERTIFICATE", &self.der)
    }

    pub fn key_source(&self) -> Source {
        Source::Mem(self.key.serialize_der())
    }

    pub fn source(&self) -> Source {
        Source::Mem(self.der.clone())
    }
}

pub fn pem(label: &str, der: &[u8]) -> String {
    use base64::Engine as _;
    let body = base64::engine::general_purpose::STANDARD.encode(der);
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n")
}

/// A certificate for localhost by a CA.
pub fn ca_and_server() -> (Made, Made) {
    let ca = Made::self_signed(params(&ca_wish("Test CA")));
    let server = Made::issued(params(&server_wish()), &ca);
    (ca, server)
}

pub fn server_tls(chain: &[&Made]) -> ServerTls {
    ServerTls::build(&server_settings(chain)).unwrap()
}

pub fn server_settings(chain: &[&Made]) -> ServerSettings {
    let text: String = chain.iter().map(|made| made.pem()).collect();
    ServerSettings::new(Source::Mem(text.into_bytes()), Some(chain[0].key_source()))
}

/// Trusts exactly these.
pub fn client_settings(roots: &[&Made]) -> ClientSettings {
    let ca = roots.first().map_or(CaSource::None, |first| CaSource::Mem(first.der.clone()));
    ClientSettings { os_roots: false, ca, ..ClientSettings::default() }
}

pub fn client_tls(roots: &[&Made]) -> ClientTls {
    let tls = ClientTls::build(&client_settings(roots)).unwrap();
    for root in roots {
        tls.add_ca(&root.der).unwrap();
    }
    tls
}

/// How both ends fared.
pub struct Outcome {
    pub client: Session,
    pub client_error: Option<TlsError>,
    pub server: Option<Session>,
    pub server_error: Option<TlsError>,
}

impl Outcome {
    pub fn expect_open(self) -> (Session, Session) {
        assert!(self.client_error.is_none(), "client: {:?}", self.client_error);
        assert!(self.server_error.is_none(), "server: {:?}", self.server_error);
        let server = self.server.expect("a server session");
        assert!(!self.client.is_handshaking() && !server.is_handshaking());
        (self.client, server)
    }

    pub fn expect_client_error(self) -> TlsError {
        let error = self.client_error.expect("the client refuses");
        assert!(error.text().len() <= 250 && !error.text().contains('"'), "{}", error.text());
        assert!(error.text().bytes().all(|byte| (b' '..=b'~').contains(&byte)));
        error
    }
}

/// The whole handshake, in pieces of `chunk` bytes.
pub fn handshake_in_chunks(mut client: Session, tls: &ServerTls, chunk: usize) -> Outcome {
    let mut acceptor = Some(Acceptor::new());
    let mut server: Option<Session> = None;
    let (mut client_error, mut server_error) = (None, None);
    for _ in 0..20 {
        let mut wire = Vec::new();
        client.take_output(&mut wire);
        let mut answer = Vec::new();
        for piece in wire.chunks(chunk) {
            if let Some(open) = &mut server {
                server_error = server_error.or(open.receive(piece).err());
                continue;
            }
            match acceptor.as_mut().expect("no session yet").receive(piece) {
                Ok(Received::NeedMore) => {}
                Ok(Received::Hello(hello)) => {
                    acceptor = None;
                    match hello.into_session(tls) {
                        Ok(session) => server = Some(session),
                        Err(refused) => {
                            server_error = Some(refused.error);
                            answer.extend(refused.alert);
                        }
                    }
                }
                Err(refused) => {
                    server_error = Some(refused.error);
                    answer.extend(refused.alert);
                }
            }
        }
        if let Some(open) = &mut server {
            open.take_output(&mut answer);
        }
        for piece in answer.chunks(chunk) {
            client_error = client_error.or(client.receive(piece).err());
        }
        if wire.is_empty() && answer.is_empty() {
            break;
        }
    }
    Outcome { client, client_error, server, server_error }
}

pub fn handshake(client: Session, tls: &ServerTls) -> Outcome {
    handshake_in_chunks(client, tls, usize::MAX)
}

/// A client that trusts `roots` and wants `host`, with a server that shows `chain`.
pub fn meet(roots: &[&Made], host: &str, flags: LaxFlags, chain: &[&Made]) -> Outcome {
    let client = client_tls(roots).connect(host, &[], flags).unwrap();
    handshake(client, &server_tls(chain))
}

/// Everything that can be read now.
pub fn read_all(session: &mut Session) -> (Vec<u8>, Decrypted) {
    let mut all = Vec::new();
    let mut buffer = [0u8; 4096];
    loop {
        match session.decrypted(&mut buffer) {
            Decrypted::Bytes(count) => all.extend_from_slice(&buffer[..count]),
            end => return (all, end),
        }
    }
}

/// Moves all ciphertext from one side to the other in pieces; what comes out in plain.
pub fn carry(from: &mut Session, to: &mut Session, chunk: usize) -> Vec<u8> {
    let mut wire = Vec::new();
    from.take_output(&mut wire);
    let mut plain = Vec::new();
    for piece in wire.chunks(chunk) {
        let mut rest = piece;
        while !rest.is_empty() {
            let taken = to.receive(rest).unwrap();
            rest = &rest[taken..];
            plain.extend(read_all(to).0);
        }
    }
    plain
}
