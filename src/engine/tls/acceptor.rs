//! The first flight of a client, before it is known which vhost answers.
//!
//! Bytes go to [`Acceptor::receive`] until it yields a [`Hello`]. The caller picks a vhost by the name in it, and
//! [`Hello::into_session`] goes on with that vhost's settings.
use super::error::{Kind, TlsError};
use super::server_config::ServerTls;
use super::session::Session;
use rustls::server::{Accepted, AcceptedAlert, Acceptor as RustlsAcceptor};
use std::fmt;

/// Whether a first byte is text rather than a TLS record, as the original decides it.
pub fn looks_like_plaintext(first_byte: u8) -> bool {
    first_byte >= 0x20
}

/// Waits for a ClientHello. A hello larger than 64 KiB is refused.
#[derive(Default)]
pub struct Acceptor {
    inner: RustlsAcceptor,
    first_bytes: Vec<u8>,
}

/// What bytes from a client led to.
#[derive(Debug)]
pub enum Received {
    NeedMore,
    Hello(Box<Hello>),
}

/// A refused first flight; `alert` is to be sent before the connection is closed.
#[derive(Debug)]
pub struct Refused {
    pub error: TlsError,
    pub alert: Vec<u8>,
}

impl Acceptor {
    pub fn new() -> Acceptor {
        Acceptor::default()
    }

    /// Takes all of `records`. Not to be called again after a hello or an error.
    pub fn receive(&mut self, records: &[u8]) -> Result<Received, Refused> {
        const FIRST_BYTES: usize = 64;
        let room = FIRST_BYTES.saturating_sub(self.first_bytes.len());
        self.first_bytes.extend(records.iter().take(room));
        let mut rest = records;
        while !rest.is_empty() {
            match self.inner.read_tls(&mut rest) {
                Ok(0) => return Err(self.refuse(&rustls::Error::General("oversized ClientHello".into()), None)),
                Ok(_) => {}
                Err(error) => return Err(self.refuse(&rustls::Error::General(error.to_string()), None)),
            }
            match self.inner.accept() {
                Ok(None) => {}
                Ok(Some(accepted)) => return Ok(Received::Hello(Box::new(Hello::new(accepted, rest)))),
                Err((error, alert)) => return Err(self.refuse(&error, Some(alert))),
            }
        }
        Ok(Received::NeedMore)
    }

    /// The error when TCP ends before the hello is complete.
    pub fn on_eof(&self) -> TlsError {
        TlsError::end_in_handshake(&self.first_bytes)
    }

    fn refuse(&self, error: &rustls::Error, alert: Option<AcceptedAlert>) -> Refused {
        Refused {
            error: TlsError::from_rustls(error, &self.first_bytes),
            alert: alert.map(alert_bytes).unwrap_or_default(),
        }
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptor")
    }
}

/// A ClientHello that waits for a vhost.
pub struct Hello {
    accepted: Accepted,
    sni: Option<String>,
    alpn: Vec<Vec<u8>>,
    /// What came behind it.
    rest: Vec<u8>,
}

impl Hello {
    fn new(accepted: Accepted, rest: &[u8]) -> Hello {
        let hello = accepted.client_hello();
        let sni = hello.server_name().map(str::to_owned);
        let alpn = hello.alpn().map(|names| names.map(<[u8]>::to_vec).collect()).unwrap_or_default();
        Hello { accepted, sni, alpn, rest: rest.to_vec() }
    }

    /// The name the client wants to reach, lower case.
    pub fn sni(&self) -> Option<&str> {
        self.sni.as_deref()
    }

    /// Names the client offers, in its order.
    pub fn alpn(&self) -> impl Iterator<Item = &[u8]> {
        self.alpn.iter().map(Vec::as_slice)
    }

    /// Answers with a vhost's settings. The session's output has to be sent.
    pub fn into_session(self, tls: &ServerTls) -> Result<Session, Refused> {
        let config = tls.config_for(&self.alpn);
        let connection = self.accepted.into_connection(config).map_err(|(error, alert)| Refused {
            error: TlsError::from_rustls(&error, &[]),
            alert: alert_bytes(alert),
        })?;
        let mut session = Session::server(connection, tls.pending_verdict());
        // Also looks at what rustls holds already; an error stays in the session.
        if session.receive(&self.rest).is_ok_and(|taken| taken < self.rest.len()) {
            // Nobody can have keys for so much data behind a ClientHello.
            let what = "protocol error: data behind the ClientHello";
            return Err(Refused { error: TlsError::new(Kind::Protocol, what, what), alert: Vec::new() });
        }
        Ok(session)
    }
}

impl fmt::Debug for Hello {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Hello(sni {:?}, {} ALPN names)", self.sni, self.alpn.len())
    }
}

fn alert_bytes(mut alert: AcceptedAlert) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail.
    let _ = alert.write_all(&mut bytes);
    bytes
}
