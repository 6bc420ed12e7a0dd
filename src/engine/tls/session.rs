//! One TLS connection without its socket: records in and out on one side, plain bytes on the other.
//!
//! The caller gives what the socket gave to [`Session::receive`], takes plain bytes with [`Session::decrypted`], hands plain
//! bytes to [`Session::encrypt`], and sends what [`Session::take_output`] or [`Session::send_output`] yields. States:
//! handshaking, open, and closed by either side or by an error; an error stays, and its alert is still to be sent.
use super::ciphers;
use super::error::TlsError;
use super::verifier::{Judge, LaxFlags, Verdict, VerifyFailure};
use rustls::{ClientConnection, Connection, HandshakeKind, ProtocolVersion, ServerConnection};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use std::fmt;
use std::io::{self, ErrorKind, IoSlice, Read, Write};
use std::sync::Arc;

/// Most ciphertext that waits in a session; [`Session::encrypt`] takes no more until some is taken out.
pub const OUTPUT_LIMIT_BYTES: usize = 256 * 1024;
/// Plain bytes from which [`Session::receive`] takes no more records until some are read.
const INPUT_LIMIT_BYTES: usize = 16 * 1024;
/// How much of the peer's first answer is kept to say what it was, if not TLS.
const FIRST_BYTES: usize = 64;

/// What the two sides agreed on. Empty until the handshake is over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Negotiated {
    /// `TLSv1.3` or `TLSv1.2`.
    pub version: &'static str,
    /// The suite's name as OpenSSL writes it.
    pub cipher: &'static str,
    pub alpn: Option<Box<str>>,
    /// An earlier session was resumed: no certificate was sent this time.
    pub resumed: bool,
    /// The name in the ClientHello; none for IP addresses.
    pub sni: Option<Box<str>>,
}

/// The outcome of one read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decrypted {
    /// So many bytes were written to the buffer; there may be more.
    Bytes(usize),
    /// Nothing now.
    Nothing,
    /// The peer said goodbye properly; nothing follows.
    CloseNotify,
    /// TCP ended without that; data may be missing.
    Truncated,
}

/// One connection.
pub struct Session {
    connection: Box<Connection>,
    /// Gone when the handshake is over.
    handshake: Option<Box<Handshake>>,
    negotiated: Negotiated,
    verdict: Verdict,
    refusal: Option<Box<VerifyFailure>>,
    error: Option<TlsError>,
}

/// What is needed only until the handshake is over.
struct Handshake {
    sni: Option<Box<str>>,
    first_bytes: Vec<u8>,
    /// Who is asked for the verdict afterwards; `None` when passing the handshake says it all.
    judge: Option<PendingVerdict>,
}

pub(super) struct PendingVerdict {
    pub judge: Arc<Judge>,
    pub flags: LaxFlags,
    pub name: Option<ServerName<'static>>,
}

impl Session {
    pub(super) fn client(
        connection: ClientConnection,
        sni: Option<Box<str>>,
        judge: Option<PendingVerdict>,
    ) -> Session {
        Session::new(Connection::Client(connection), sni, judge)
    }

    pub(super) fn server(connection: ServerConnection, judge: Option<PendingVerdict>) -> Session {
        let sni = connection.server_name().map(Box::from);
        Session::new(Connection::Server(connection), sni, judge)
    }

    fn new(mut connection: Connection, sni: Option<Box<str>>, judge: Option<PendingVerdict>) -> Session {
        connection.set_buffer_limit(Some(OUTPUT_LIMIT_BYTES));
        Session {
            connection: Box::new(connection),
            handshake: Some(Box::new(Handshake { sni, first_bytes: Vec::new(), judge })),
            negotiated: Negotiated::default(),
            verdict: Verdict::default(),
            refusal: None,
            error: None,
        }
    }

    /// Takes ciphertext as it came from the socket, in any pieces. Returns how much was taken: less than all when plain
    /// bytes wait to be read; read them with [`decrypted`](Self::decrypted) and come again with the rest.
    ///
    /// After an error there may be an alert in the output, and plain bytes that came before it.
    pub fn receive(&mut self, records: &[u8]) -> Result<usize, TlsError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if let Some(handshake) = &mut self.handshake {
            let room = FIRST_BYTES.saturating_sub(handshake.first_bytes.len());
            handshake.first_bytes.extend(records.iter().take(room));
        }
        let mut rest = records;
        loop {
            match self.connection.process_new_packets() {
                Ok(state) if rest.is_empty() || state.plaintext_bytes_to_read() >= INPUT_LIMIT_BYTES => break,
                Ok(_) => {}
                Err(error) => return Err(self.fail(&error)),
            }
            match self.connection.read_tls(&mut rest) {
                // After close_notify nothing counts any more (RFC 8446 §6.1).
                Ok(0) => rest = &[],
                Ok(_) => {}
                Err(error) => return Err(self.fail(&rustls::Error::General(error.to_string()))),
            }
        }
        self.note_end_of_handshake();
        Ok(records.len() - rest.len())
    }

    /// TCP ended. An error inside the handshake; afterwards [`decrypted`](Self::decrypted) tells whether the peer had
    /// said goodbye.
    pub fn on_eof(&mut self) -> Result<(), TlsError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if self.is_handshaking() {
            let first_bytes = self.handshake.as_ref().map_or(&[][..], |handshake| &handshake.first_bytes);
            let error = TlsError::end_in_handshake(first_bytes);
            self.error = Some(error.clone());
            return Err(error);
        }
        // An empty read is how rustls learns of the end.
        let _ = self.connection.read_tls(&mut io::empty());
        match self.connection.process_new_packets() {
            Ok(_) => Ok(()),
            Err(error) => Err(self.fail(&error)),
        }
    }

    /// Moves plain bytes to `out`, which must not be empty.
    pub fn decrypted(&mut self, out: &mut [u8]) -> Decrypted {
        match self.connection.reader().read(out) {
            Ok(0) if out.is_empty() => Decrypted::Nothing,
            Ok(0) => Decrypted::CloseNotify,
            Ok(count) => Decrypted::Bytes(count),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Decrypted::Truncated,
            Err(_) => Decrypted::Nothing,
        }
    }

    /// Encrypts `plain`; returns how much was taken, which is less than all only when [`OUTPUT_LIMIT_BYTES`] wait to be
    /// sent. During the handshake the bytes are kept, and go out when it is over. 0 after an error.
    pub fn encrypt(&mut self, plain: &[u8]) -> usize {
        if self.error.is_some() {
            return 0;
        }
        self.connection.writer().write(plain).unwrap_or(0)
    }

    /// Like [`encrypt`](Self::encrypt), for pieces that follow each other; they share records.
    pub fn encrypt_pieces(&mut self, pieces: &[IoSlice<'_>]) -> usize {
        if self.error.is_some() {
            return 0;
        }
        self.connection.writer().write_vectored(pieces).unwrap_or(0)
    }

    /// Appends all ciphertext that waits to be sent.
    pub fn take_output(&mut self, out: &mut Vec<u8>) {
        // Writing to a vector takes everything and cannot fail.
        while self.connection.wants_write() && matches!(self.connection.write_tls(out), Ok(1..)) {}
    }

    /// Sends waiting ciphertext to `sink` by one vectored write, without a copy. Returns what the sink took.
    pub fn send_output(&mut self, sink: &mut dyn Write) -> io::Result<usize> {
        self.connection.write_tls(sink)
    }

    /// Whether there is ciphertext to send.
    pub fn wants_output(&self) -> bool {
        self.connection.wants_write()
    }

    pub fn is_handshaking(&self) -> bool {
        self.connection.is_handshaking()
    }

    /// Queues the goodbye; nothing can be encrypted after it (RFC 8446 §6.1).
    pub fn close_notify(&mut self) {
        self.connection.send_close_notify();
    }

    /// Empty until the handshake is over.
    pub fn negotiated(&self) -> &Negotiated {
        &self.negotiated
    }

    /// The peer's certificates, leaf first; empty if it sent none.
    pub fn peer_chain(&self) -> &[CertificateDer<'static>] {
        self.connection.peer_certificates().unwrap_or_default()
    }

    /// What lax flags let pass, one sentence each; known when the handshake is over.
    pub fn forgiven(&self) -> &[String] {
        &self.verdict.forgiven
    }

    /// Whether the peer showed a certificate whose chain and dates are good without any flag.
    pub fn is_peer_verified(&self) -> bool {
        self.verdict.is_verified
    }

    /// Why the peer's certificate is not good, where it passed the handshake all the same (a server that only reports).
    pub fn peer_refusal(&self) -> Option<&VerifyFailure> {
        self.refusal.as_deref()
    }

    /// The error that ended the session, if one did.
    pub fn error(&self) -> Option<&TlsError> {
        self.error.as_ref()
    }

    fn fail(&mut self, error: &rustls::Error) -> TlsError {
        let first_bytes = self.handshake.as_ref().map_or(&[][..], |handshake| &handshake.first_bytes);
        let error = TlsError::from_rustls(error, first_bytes);
        self.error = Some(error.clone());
        error
    }

    /// Keeps the facts and lets go of the rest.
    fn note_end_of_handshake(&mut self) {
        if self.handshake.is_none() || self.connection.is_handshaking() {
            return;
        }
        let Some(handshake) = self.handshake.take() else { return };
        let suite = self.connection.negotiated_cipher_suite();
        self.negotiated = Negotiated {
            version: match self.connection.protocol_version() {
                Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
                Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
                _ => "",
            },
            cipher: suite.map_or("", |suite| ciphers::openssl_name(suite.suite())),
            alpn: self.connection.alpn_protocol().map(|name| String::from_utf8_lossy(name).into()),
            resumed: self.connection.handshake_kind() == Some(HandshakeKind::Resumed),
            sni: handshake.sni,
        };
        let Some((leaf, sent)) = self.peer_chain().split_first() else { return };
        // Asked again rather than remembered: a resumed session has no verification to remember.
        let verdict = match handshake.judge {
            None => Ok(Verdict { forgiven: Vec::new(), is_verified: true }),
            Some(pending) => pending.judge.judge(leaf, sent, pending.name.as_ref(), pending.flags, UnixTime::now()),
        };
        match verdict {
            Ok(verdict) => self.verdict = verdict,
            Err(refusal) => self.refusal = Some(refusal),
        }
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("is_handshaking", &self.is_handshaking())
            .field("negotiated", &self.negotiated)
            .field("error", &self.error)
            .finish()
    }
}
