//! One TLS connection without its socket: records in and out on one side, plain bytes on the other.
//!
//! The caller gives what the socket gave to [`Session::receive`], takes plain bytes with [`Session::decrypted`], hands plain
//! bytes to [`Session::encrypt`], and sends what [`Session::take_output`] yields. States:
//! handshaking, open, and closed by either side or by an error; an error stays, and its alert is still to be sent.
use super::ciphers;
use super::error::{Kind, TlsError};
use super::foreign::ForeignSession;
use super::hooks::{Answer, Hooks, Question, Watch};
use super::verdict::{Verdict, VerifyFailure};
use super::verifier::PendingVerdict;
use super::wire::Wire;
use rustls::ProtocolVersion;
use rustls::client::UnbufferedClientConnection;
use rustls::server::UnbufferedServerConnection;
use rustls_pki_types::{CertificateDer, UnixTime};
use std::ffi::CString;
use std::fmt;

/// Most ciphertext that waits in a session; [`Session::encrypt`] takes no more until some is taken out.
pub const OUTPUT_LIMIT_BYTES: usize = 256 * 1024;
/// Plain bytes from which [`Session::receive`] takes no more records until some are read.
const INPUT_LIMIT_BYTES: usize = 16 * 1024;
/// How much of the peer's first answer is kept to say what it was, if not TLS.
const FIRST_BYTES: usize = 64;
/// `X509_V_ERR_APPLICATION_VERIFICATION`.
const REFUSED_BY_PROGRAM: i32 = 50;

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
    wire: Box<Wire>,
    /// Gone when the handshake is over.
    handshake: Option<Box<Handshake>>,
    negotiated: Negotiated,
    verdict: Verdict,
    refusal: Option<Box<VerifyFailure>>,
    /// What the program wants to be asked and told; gone when there is nothing left of that.
    watch: Option<Box<Watch>>,
    error: Option<TlsError>,
    has_ended: bool,
    has_closed: bool,
    /// The program decides about the peer's certificate.
    is_asked_about: bool,
}

/// What is needed only until the handshake is over.
struct Handshake {
    sni: Option<Box<str>>,
    first_bytes: Vec<u8>,
    /// Plain bytes given before they could be sent.
    early: Vec<u8>,
    /// Who is asked for the verdict afterwards; `None` when passing the handshake says it all.
    judge: Option<PendingVerdict>,
}

impl Session {
    pub(super) fn client(
        connection: UnbufferedClientConnection,
        sni: Option<Box<str>>,
        judge: Option<PendingVerdict>,
        watch: Option<Box<Watch>>,
    ) -> Session {
        let mut session = Session::new(Wire::client(connection), sni, judge, watch);
        // Makes the ClientHello.
        if let Err(error) = session.wire.start() {
            session.fail(&error);
        }
        session
    }

    pub(super) fn server(
        connection: UnbufferedServerConnection,
        sni: Option<Box<str>>,
        judge: Option<PendingVerdict>,
        watch: Option<Box<Watch>>,
    ) -> Session {
        Session::new(Wire::server(connection), sni, judge, watch)
    }

    /// One that another object runs. `sni` as in the ClientHello.
    pub(super) fn foreign(session: Box<dyn ForeignSession>, sni: Option<Box<str>>) -> Session {
        let mut session = Session::new(Wire::foreign(session), sni, None, None);
        // Takes the ClientHello out, on a client.
        if let Err(error) = session.wire.start() {
            session.fail(&error);
        }
        session
    }

    fn new(wire: Wire, sni: Option<Box<str>>, judge: Option<PendingVerdict>, mut watch: Option<Box<Watch>>) -> Session {
        let judge = match &mut watch {
            Some(watch) if watch.asks => {
                watch.pending = judge;
                None
            }
            _ => judge,
        };
        let is_asked_about = watch.as_ref().is_some_and(|watch| watch.asks);
        let handshake = Handshake { sni, first_bytes: Vec::new(), early: Vec::new(), judge };
        Session {
            wire: Box::new(wire),
            handshake: Some(Box::new(handshake)),
            negotiated: Negotiated::default(),
            verdict: Verdict::default(),
            refusal: None,
            watch,
            error: None,
            has_ended: false,
            has_closed: false,
            is_asked_about,
        }
    }

    /// Takes ciphertext as it came from the socket, in any pieces. Returns how much was taken: less than all when plain
    /// bytes wait to be read; read them with [`decrypted`](Self::decrypted) and come again with the rest.
    ///
    /// After an error there may be an alert in the output, and plain bytes that came before it.
    pub fn receive(&mut self, records: &[u8]) -> Result<usize, TlsError> {
        // A few records at a time: what is not taken is not worth copying.
        const COPIED_BYTES: usize = 20 * 1024;
        let mut taken = 0;
        for piece in records.chunks(COPIED_BYTES) {
            let count = self.receive_in_place(&mut piece.to_vec())?;
            taken += count;
            if count < piece.len() {
                break;
            }
        }
        Ok(taken)
    }

    /// Like [`receive`](Self::receive), without a copy: what was taken is decrypted where it is, and void afterwards.
    pub fn receive_in_place(&mut self, records: &mut [u8]) -> Result<usize, TlsError> {
        if let Some(error) = &self.error {
            return Err(error.clone());
        }
        if let Some(handshake) = &mut self.handshake {
            let room = FIRST_BYTES.saturating_sub(handshake.first_bytes.len());
            handshake.first_bytes.extend(records.iter().take(room));
        }
        let (taken, result) = self.wire.receive(records, INPUT_LIMIT_BYTES);
        if let Err(error) = result {
            return Err(self.fail(&error));
        }
        self.note_end_of_handshake();
        Ok(taken)
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
        self.has_ended = true;
        Ok(())
    }

    /// Moves plain bytes to `out`, which must not be empty.
    pub fn decrypted(&mut self, out: &mut [u8]) -> Decrypted {
        if self.is_unanswered() {
            return Decrypted::Nothing;
        }
        match self.wire.read(out) {
            0 if out.is_empty() => Decrypted::Nothing,
            0 if self.wire.has_peer_closed() => Decrypted::CloseNotify,
            0 if self.has_ended => Decrypted::Truncated,
            0 => Decrypted::Nothing,
            count => Decrypted::Bytes(count),
        }
    }

    /// The peer said goodbye; [`decrypted`](Self::decrypted) tells so when all before it was read.
    pub fn has_peer_closed(&self) -> bool {
        self.wire.has_peer_closed()
    }

    /// Encrypts `plain`; returns how much was taken, which is less than all only when [`OUTPUT_LIMIT_BYTES`] wait to be
    /// sent. During the handshake the bytes are kept, and go out when it is over. 0 after an error.
    pub fn encrypt(&mut self, plain: &[u8]) -> usize {
        self.encrypt_within(plain, OUTPUT_LIMIT_BYTES)
    }

    /// `limit`: of the ciphertext that waits.
    fn encrypt_within(&mut self, plain: &[u8], limit: usize) -> usize {
        if self.error.is_some() || self.has_closed || self.is_held() {
            return 0;
        }
        if let Some(handshake) = &mut self.handshake {
            let room = OUTPUT_LIMIT_BYTES.saturating_sub(handshake.early.len());
            let part = plain.get(..room).unwrap_or(plain);
            handshake.early.extend_from_slice(part);
            return part.len();
        }
        let room = limit.saturating_sub(self.wire.outgoing().len());
        let part = plain.get(..room).unwrap_or(plain);
        match self.wire.encrypt(part) {
            Ok(()) => part.len(),
            Err(error) => {
                self.fail(&error);
                0
            }
        }
    }

    /// Encrypts straight into `out`, behind what is there and what waits in the session: no copy of the ciphertext.
    /// Returns how much was taken; at most [`OUTPUT_LIMIT_BYTES`] at once.
    pub fn encrypt_into(&mut self, plain: &[u8], out: &mut Vec<u8>) -> usize {
        self.take_output(out);
        // The session writes behind what `out` has, as if that were its own.
        if self.is_held() {
            return 0;
        }
        let before = out.len();
        std::mem::swap(out, self.wire.outgoing());
        let limit = OUTPUT_LIMIT_BYTES.saturating_add(before);
        let part = plain.get(..limit - before).unwrap_or(plain);
        let taken = self.encrypt_within(part, limit);
        std::mem::swap(out, self.wire.outgoing());
        taken
    }

    /// Appends all ciphertext that waits to be sent.
    pub fn take_output(&mut self, out: &mut Vec<u8>) {
        if self.is_held() {
            return;
        }
        let outgoing = std::mem::take(self.wire.outgoing());
        if out.capacity() == 0 {
            *out = outgoing;
        } else {
            out.extend_from_slice(&outgoing);
        }
    }

    /// Whether there is ciphertext to send.
    pub fn wants_output(&self) -> bool {
        self.wire.has_outgoing() && !self.is_held()
    }

    pub fn is_handshaking(&self) -> bool {
        self.wire.is_handshaking()
    }

    /// Queues the goodbye; nothing can be encrypted after it (RFC 8446 §6.1).
    pub fn close_notify(&mut self) {
        self.has_closed = true;
        // What can go wrong here has no one to tell.
        let _ = self.wire.close_notify();
    }

    /// Empty until the handshake is over.
    pub fn negotiated(&self) -> &Negotiated {
        &self.negotiated
    }

    /// The peer's certificates, leaf first; empty if it sent none.
    pub fn peer_chain(&self) -> &[CertificateDer<'static>] {
        self.wire.peer_chain()
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
    #[cfg(test)]
    pub fn peer_refusal(&self) -> Option<&VerifyFailure> {
        self.refusal.as_deref()
    }

    /// Reading records may run code of the program, of which nothing is known.
    pub fn calls_program(&self) -> bool {
        self.wire.is_foreign()
    }

    /// What the program wants to be asked and told, as long as there may be something.
    pub fn hooks(&self) -> Option<Hooks> {
        self.watch.as_ref().map(|watch| watch.hooks)
    }

    /// Lines for the key log that came since the last time. When the handshake is over there are no more.
    pub fn take_key_lines(&mut self) -> Vec<CString> {
        let lines = self.watch.as_ref().map(|watch| watch.take_key_lines()).unwrap_or_default();
        if !self.is_handshaking() && self.watch.as_ref().is_some_and(|watch| !watch.asks) {
            self.watch = None;
        }
        lines
    }

    /// What the program is to decide now, if anything. Until [`answer`](Self::answer) nothing that depends on the peer's
    /// certificate leaves the session: not the rest of our handshake, no plain byte in either direction.
    pub fn question(&mut self) -> Option<Question> {
        if !self.is_held() || self.error.is_some() {
            return None;
        }
        let chain = self.peer_chain().to_vec();
        let pending = self.watch.as_ref().and_then(|watch| watch.pending.as_ref())?;
        let host = pending.name.as_ref().map(|name| name.to_str().into_owned());
        let verdict = match chain.split_first() {
            Some((leaf, sent)) => {
                pending.judge.judge(leaf, sent, pending.name.as_ref(), pending.flags, UnixTime::now())
            }
            // Where a certificate is required, rustls has ended the handshake.
            None => Ok(Verdict::default()),
        };
        match verdict.clone() {
            Ok(verdict) => self.verdict = verdict,
            Err(refusal) => self.refusal = Some(refusal),
        }
        Some(Question { chain, host, verdict })
    }

    /// What the program decided. Err: the connection must end.
    pub fn answer(&mut self, answer: Answer) -> Result<(), TlsError> {
        let Some(watch) = self.watch.as_mut().filter(|watch| watch.asks) else { return Ok(()) };
        let error = match (answer, &self.refusal) {
            (Answer::Accept, Some(refusal)) => {
                let sentence = format!("{}; accepted by the program's verification hook", refusal.what);
                self.verdict.forgiven.push(sentence);
                None
            }
            (Answer::Accept, None) | (Answer::AsVerified, None) => None,
            (Answer::AsVerified, Some(refusal)) => Some(TlsError::refused(refusal)),
            (Answer::Refuse, _) => {
                let what = "the certificate was refused by the program's verification hook";
                Some(TlsError::new(Kind::Certificate(REFUSED_BY_PROGRAM), what, what))
            }
        };
        match error {
            None => {
                watch.asks = false;
                if !watch.wants_key_lines() {
                    self.watch = None;
                }
                Ok(())
            }
            // The gate stays shut: what waits behind it never leaves.
            Some(error) => {
                self.error = Some(error.clone());
                Err(error)
            }
        }
    }

    /// The program is to decide about the peer's certificate and has not.
    fn is_unanswered(&self) -> bool {
        self.watch.as_ref().is_some_and(|watch| watch.asks)
    }

    /// The peer showed its certificate (or none to the end), and the program has not said yes: nothing leaves.
    pub fn is_held(&self) -> bool {
        self.is_unanswered() && (!self.peer_chain().is_empty() || !self.is_handshaking())
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
        if self.handshake.is_none() || self.wire.is_handshaking() {
            return;
        }
        let Some(handshake) = self.handshake.take() else { return };
        if !handshake.early.is_empty()
            && let Err(error) = self.wire.encrypt(&handshake.early)
        {
            self.fail(&error);
        }
        let (version, suite, alpn, resumed) = self.wire.agreed();
        self.negotiated = Negotiated {
            version: match version {
                Some(ProtocolVersion::TLSv1_3) => "TLSv1.3",
                Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
                _ => "",
            },
            cipher: suite.map_or("", ciphers::openssl_name),
            alpn: alpn.map(|name| String::from_utf8_lossy(name).into()),
            resumed,
            sni: handshake.sni,
        };
        if self.is_asked_about {
            return;
        }
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
