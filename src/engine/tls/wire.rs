//! rustls without its buffers: one state machine, and the bytes that wait on either side of it.
//!
//! The usual rustls connection keeps a read buffer of 4 KiB as long as it lives. Here nothing is kept while a connection is
//! quiet: an incomplete record, plain bytes not yet read and ciphertext not yet sent take memory only while there are any.
//!
//! rustls' rule for this interface: input that it did not ask to discard must be shown again, unchanged and with more
//! behind it. After an error it must not look at input at all.
use super::foreign::{Foreign, ForeignSession};
use rustls::client::UnbufferedClientConnection;
use rustls::server::UnbufferedServerConnection;
use rustls::unbuffered::{
    ConnectionState, EncodeError, EncryptError, InsufficientSizeError, UnbufferedStatus, WriteTraffic,
};
use rustls::{CipherSuite, CommonState, HandshakeKind, ProtocolVersion};
use rustls_pki_types::CertificateDer;
use std::ops::Deref;

/// Most plain bytes in a record (RFC 8446 §5.1).
const RECORD_PLAIN_BYTES: usize = 16_384;
/// Header, nonce, content type and tag of a record, generously.
const RECORD_EXTRA_BYTES: usize = 64;
const RECORD_HEADER_BYTES: usize = 5;
/// Most ciphertext that is held for lack of the rest: a handshake message of 64 KiB in its records.
const INCOMPLETE_LIMIT_BYTES: usize = 128 * 1024;

/// Whatever runs the session.
enum Machine {
    Client(UnbufferedClientConnection),
    Server(UnbufferedServerConnection),
    /// Another object's.
    Foreign(Box<Foreign>),
}

/// A connection and what waits around it.
pub struct Wire {
    machine: Machine,
    /// Ciphertext that waits for what follows it.
    incoming: Vec<u8>,
    waiting: Waiting,
    /// How much of `waiting.plain` was read.
    plain_read: usize,
}

/// What the machine produced.
#[derive(Default)]
pub(super) struct Waiting {
    pub plain: Vec<u8>,
    pub outgoing: Vec<u8>,
    pub has_peer_closed: bool,
    /// After an error the machine is not run again.
    pub error: Option<rustls::Error>,
}

impl Wire {
    pub fn client(client: UnbufferedClientConnection) -> Wire {
        Wire::new(Machine::Client(client))
    }

    pub fn server(server: UnbufferedServerConnection) -> Wire {
        Wire::new(Machine::Server(server))
    }

    pub fn foreign(session: Box<dyn ForeignSession>) -> Wire {
        Wire::new(Machine::Foreign(Box::new(Foreign::new(session))))
    }

    fn new(machine: Machine) -> Wire {
        Wire { machine, incoming: Vec::new(), waiting: Waiting::default(), plain_read: 0 }
    }

    pub fn is_handshaking(&self) -> bool {
        match &self.machine {
            Machine::Foreign(foreign) => foreign.facts().is_handshaking,
            own => own.state().is_some_and(CommonState::is_handshaking),
        }
    }

    /// The peer's certificates, leaf first; empty if it sent none.
    pub fn peer_chain(&self) -> &[CertificateDer<'static>] {
        match &self.machine {
            Machine::Foreign(foreign) => foreign.chain(),
            own => own.state().and_then(|state| state.peer_certificates()).unwrap_or_default(),
        }
    }

    /// Another object's, which may call the program.
    pub fn is_foreign(&self) -> bool {
        matches!(self.machine, Machine::Foreign(_))
    }

    /// What was agreed on, as far as it is: version, suite, ALPN, whether a session was resumed.
    pub fn agreed(&self) -> (Option<ProtocolVersion>, Option<CipherSuite>, Option<&[u8]>, bool) {
        match &self.machine {
            Machine::Foreign(foreign) => {
                let facts = foreign.facts();
                let version = (facts.version != 0).then(|| ProtocolVersion::from(facts.version));
                let suite = (facts.suite != 0).then(|| CipherSuite::from(facts.suite));
                (version, suite, facts.alpn.as_deref(), facts.is_resumed)
            }
            own => match own.state() {
                Some(state) => (
                    state.protocol_version(),
                    state.negotiated_cipher_suite().map(|suite| suite.suite()),
                    state.alpn_protocol(),
                    state.handshake_kind() == Some(HandshakeKind::Resumed),
                ),
                None => (None, None, None, false),
            },
        }
    }

    /// Whether close_notify came.
    pub fn has_peer_closed(&self) -> bool {
        self.waiting.has_peer_closed
    }

    /// Makes the first flight of a client.
    pub fn start(&mut self) -> Result<(), rustls::Error> {
        self.machine.run(&mut [], &mut self.waiting, usize::MAX, None).1
    }

    /// Takes ciphertext until `plain_limit` plain bytes wait; `records` is decrypted in place and void afterwards, but for
    /// what was not taken. Returns how much was taken, also with an error.
    pub fn receive(&mut self, records: &mut [u8], plain_limit: usize) -> (usize, Result<(), rustls::Error>) {
        let limit = plain_limit.saturating_add(self.plain_read);
        let mut taken = 0;
        while taken < records.len() && self.waiting.plain.len() < limit {
            if self.waiting.has_peer_closed {
                // After close_notify nothing counts any more (RFC 8446 §6.1).
                self.incoming = Vec::new();
                return (records.len(), Ok(()));
            }
            let rest = records.get_mut(taken..).unwrap_or_default();
            let result = if self.incoming.is_empty() {
                let (used, result) = self.machine.run(rest, &mut self.waiting, limit, None);
                taken += used;
                if result.is_ok() && self.waiting.plain.len() < limit {
                    self.incoming.extend_from_slice(rest.get(used..).unwrap_or_default());
                    taken = records.len();
                }
                result
            } else {
                let piece = rest.get(..self.missing_bytes(rest)).unwrap_or(rest);
                self.incoming.extend_from_slice(piece);
                taken += piece.len();
                let (used, result) = self.machine.run(&mut self.incoming, &mut self.waiting, limit, None);
                self.incoming.drain(..used.min(self.incoming.len()));
                result
            };
            if let Err(error) = result {
                self.incoming = Vec::new();
                return (taken, Err(error));
            }
        }
        if self.incoming.len() > INCOMPLETE_LIMIT_BYTES {
            return (taken, Err(rustls::Error::General("handshake message too large".into())));
        }
        if self.incoming.is_empty() {
            self.incoming = Vec::new();
        }
        (taken, Ok(()))
    }

    /// How much of `rest` completes the record that `incoming` ends with, or begins one.
    fn missing_bytes(&self, rest: &[u8]) -> usize {
        // While a handshake message spans records, `incoming` holds several of them; the last one is what counts.
        let mut at = 0;
        loop {
            let held = self.incoming.get(at..).unwrap_or_default();
            let header = |index: usize| held.iter().chain(rest).nth(index).copied();
            let (Some(high), Some(low)) = (header(3), header(4)) else { return rest.len() };
            let record = RECORD_HEADER_BYTES + usize::from(u16::from_be_bytes([high, low]));
            if held.len() < record {
                return record - held.len();
            }
            at += record;
        }
    }

    /// Moves plain bytes to `out`.
    pub fn read(&mut self, out: &mut [u8]) -> usize {
        let rest = self.waiting.plain.get(self.plain_read..).unwrap_or_default();
        let count = rest.len().min(out.len());
        if let (Some(to), Some(from)) = (out.get_mut(..count), rest.get(..count)) {
            to.copy_from_slice(from);
        }
        self.plain_read += count;
        if self.plain_read == self.waiting.plain.len() {
            self.waiting.plain = Vec::new();
            self.plain_read = 0;
        }
        count
    }

    /// Encrypts all of `plain`, behind what waits to be sent. Only after the handshake.
    pub fn encrypt(&mut self, plain: &[u8]) -> Result<(), rustls::Error> {
        self.send(What::Plain(plain))
    }

    /// Queues the goodbye, if the handshake is far enough for one.
    pub fn close_notify(&mut self) -> Result<(), rustls::Error> {
        self.send(What::CloseNotify)
    }

    fn send(&mut self, what: What<'_>) -> Result<(), rustls::Error> {
        let (used, result) = self.machine.run(&mut self.incoming, &mut self.waiting, usize::MAX, Some(what));
        self.incoming.drain(..used.min(self.incoming.len()));
        result
    }

    /// Ciphertext that waits to be sent. The owner takes out what was sent, and gives the memory back.
    pub fn outgoing(&mut self) -> &mut Vec<u8> {
        &mut self.waiting.outgoing
    }

    pub fn has_outgoing(&self) -> bool {
        !self.waiting.outgoing.is_empty()
    }
}

/// What is to be sent as soon as the machine can.
#[derive(Clone, Copy)]
pub(super) enum What<'a> {
    Plain(&'a [u8]),
    CloseNotify,
}

impl Machine {
    /// `None`: another object has it.
    fn state(&self) -> Option<&CommonState> {
        match self {
            Machine::Client(client) => Some(client.deref()),
            Machine::Server(server) => Some(server.deref()),
            Machine::Foreign(_) => None,
        }
    }

    /// Lets the machine go as far as it can with `input`, until `limit` plain bytes wait. Returns how much input is done
    /// with; the rest has to be shown again, with more.
    fn run(
        &mut self,
        input: &mut [u8],
        waiting: &mut Waiting,
        limit: usize,
        mut what: Option<What<'_>>,
    ) -> (usize, Result<(), rustls::Error>) {
        if let Machine::Foreign(foreign) = self {
            return foreign.run(input, waiting, limit, what);
        }
        if let Some(error) = &waiting.error {
            return (0, Err(error.clone()));
        }
        let mut at = 0;
        loop {
            let rest = input.get_mut(at..).unwrap_or_default();
            let (used, step) = self.step(rest, waiting, &mut what);
            at += used;
            match step {
                Ok(Step::Again) if waiting.plain.len() < limit => {}
                Ok(_) => return (at, Ok(())),
                Err(error) => {
                    // The alert. While rustls has something to send it does not look at input.
                    while self.state().is_some_and(CommonState::wants_write)
                        && self.step(&mut [], waiting, &mut None).1.is_ok()
                    {}
                    waiting.error = Some(error.clone());
                    return (at, Err(error));
                }
            }
        }
    }

    fn step(
        &mut self,
        input: &mut [u8],
        waiting: &mut Waiting,
        what: &mut Option<What<'_>>,
    ) -> (usize, Result<Step, rustls::Error>) {
        match self {
            Machine::Client(client) => take_step(client.process_tls_records(input), waiting, what),
            Machine::Server(server) => take_step(server.process_tls_records(input), waiting, what),
            // It has steps of its own.
            Machine::Foreign(_) => (0, Ok(Step::Done)),
        }
    }
}

enum Step {
    Again,
    /// More input is needed, or nothing is left to do.
    Done,
}

/// Does what one state asks for; also how much input it used.
fn take_step<Data>(
    status: UnbufferedStatus<'_, '_, Data>,
    waiting: &mut Waiting,
    what: &mut Option<What<'_>>,
) -> (usize, Result<Step, rustls::Error>) {
    let mut used = status.discard;
    let step = status.state.and_then(|state| match state {
        ConnectionState::ReadTraffic(mut traffic) => {
            while let Some(record) = traffic.next_record() {
                let record = record?;
                used += record.discard;
                waiting.plain.extend_from_slice(record.payload);
            }
            Ok(Step::Again)
        }
        ConnectionState::EncodeTlsData(mut data) => {
            append(&mut waiting.outgoing, 0, |room| match data.encode(room) {
                Err(EncodeError::InsufficientSize(InsufficientSizeError { required_size })) => Err(required_size),
                other => Ok(other.unwrap_or(0)),
            });
            Ok(Step::Again)
        }
        ConnectionState::TransmitTlsData(data) => {
            data.done();
            Ok(Step::Again)
        }
        ConnectionState::PeerClosed => {
            waiting.has_peer_closed = true;
            Ok(Step::Again)
        }
        ConnectionState::WriteTraffic(traffic) => match what.take() {
            Some(what) => write(traffic, &mut waiting.outgoing, what),
            None => Ok(Step::Done),
        },
        _ => Ok(Step::Done),
    });
    (used, step)
}

fn write<Data>(
    mut traffic: WriteTraffic<'_, Data>,
    outgoing: &mut Vec<u8>,
    what: What<'_>,
) -> Result<Step, rustls::Error> {
    let plain_bytes = match what {
        What::Plain(plain) => plain.len(),
        What::CloseNotify => 0,
    };
    let mut is_exhausted = false;
    let guess = plain_bytes + (plain_bytes / RECORD_PLAIN_BYTES + 1) * RECORD_EXTRA_BYTES;
    append(outgoing, guess, |room| {
        let result = match what {
            What::Plain(plain) => traffic.encrypt(plain, room),
            What::CloseNotify => traffic.queue_close_notify(room),
        };
        match result {
            Ok(written) => Ok(written),
            Err(EncryptError::InsufficientSize(InsufficientSizeError { required_size })) => Err(required_size),
            Err(EncryptError::EncryptExhausted) => {
                is_exhausted = true;
                Ok(0)
            }
        }
    });
    if is_exhausted { Err(rustls::Error::EncryptError) } else { Ok(Step::Again) }
}

/// Lets `write` fill room behind what is in `bytes`; it answers how much it wrote, or how much room it needs.
fn append(bytes: &mut Vec<u8>, guess: usize, mut write: impl FnMut(&mut [u8]) -> Result<usize, usize>) {
    let start = bytes.len();
    let mut room = guess;
    // Told once what it needs, it writes.
    for _ in 0..3 {
        bytes.resize(start + room, 0);
        match write(bytes.get_mut(start..).unwrap_or_default()) {
            Ok(written) => {
                bytes.truncate(start + written);
                return;
            }
            Err(needed) => room = needed,
        }
    }
    bytes.truncate(start);
}
