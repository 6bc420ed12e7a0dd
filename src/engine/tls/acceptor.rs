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
    /// All that came, for the session to read again.
    bytes: Vec<u8>,
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

    /// Nothing has come yet.
    pub fn is_new(&self) -> bool {
        self.bytes.is_empty()
    }

    /// Takes all of `records`. Not to be called again after a hello or an error.
    pub fn receive(&mut self, records: &[u8]) -> Result<Received, Refused> {
        self.bytes.extend_from_slice(records);
        let mut rest = records;
        while !rest.is_empty() {
            match self.inner.read_tls(&mut rest) {
                Ok(0) => return Err(self.refuse(&rustls::Error::General("oversized ClientHello".into()), None)),
                Ok(_) => {}
                Err(error) => return Err(self.refuse(&rustls::Error::General(error.to_string()), None)),
            }
            match self.inner.accept() {
                Ok(None) => {}
                Ok(Some(accepted)) => {
                    let hello = Hello::new(&accepted, std::mem::take(&mut self.bytes));
                    return Ok(Received::Hello(Box::new(hello)));
                }
                Err((error, alert)) => return Err(self.refuse(&error, Some(alert))),
            }
        }
        Ok(Received::NeedMore)
    }

    /// The error when TCP ends before the hello is complete.
    pub fn on_eof(&self) -> TlsError {
        TlsError::end_in_handshake(&self.bytes)
    }

    fn refuse(&self, error: &rustls::Error, alert: Option<AcceptedAlert>) -> Refused {
        Refused { error: TlsError::from_rustls(error, &self.bytes), alert: alert.map(alert_bytes).unwrap_or_default() }
    }
}

impl fmt::Debug for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Acceptor")
    }
}

/// A ClientHello that waits for a vhost.
pub struct Hello {
    sni: Option<String>,
    alpn: Vec<Vec<u8>>,
    /// Its records, and what came behind them.
    bytes: Vec<u8>,
}

impl Hello {
    fn new(accepted: &Accepted, bytes: Vec<u8>) -> Hello {
        let hello = accepted.client_hello();
        let sni = hello.server_name().map(str::to_owned);
        let alpn = hello.alpn().map(|names| names.map(<[u8]>::to_vec).collect()).unwrap_or_default();
        Hello { sni, alpn, bytes }
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
        let refuse = |error: TlsError, alert: Vec<u8>| Refused { error, alert };
        let sni = self.sni.map(Into::into);
        let mut session = tls.begin(&self.alpn, sni).map_err(|error| refuse(error, Vec::new()))?;
        match session.receive(&self.bytes) {
            Ok(taken) if taken == self.bytes.len() => Ok(session),
            Ok(_) => {
                // Nobody can have keys for so much data behind a ClientHello.
                let what = "protocol error: data behind the ClientHello";
                Err(refuse(TlsError::new(Kind::Protocol, what, what), Vec::new()))
            }
            Err(error) => {
                let mut alert = Vec::new();
                session.take_output(&mut alert);
                Err(refuse(error, alert))
            }
        }
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
