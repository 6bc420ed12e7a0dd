//! TLS sessions that another object runs: a configuration that was made elsewhere cannot be used here, but bytes can go
//! through it.
//!
//! The edge implements the two traits (for rustls-ffi's configurations, `abi/oxlws/rustls_object`). A session takes
//! ciphertext and gives plain bytes like [`Wire`](super::wire::Wire), which drives it in place of a machine of its own.
use super::wire::{Waiting, What};
use rustls::OtherError;
use rustls_pki_types::CertificateDer;
use std::fmt;
use std::sync::Arc;

/// Plain bytes moved at once; a record has at most so many.
const PLAIN_BYTES: usize = 16 * 1024;
/// Certificates of a peer that are looked at.
const MOST_CERTIFICATES: usize = 32;

/// A configuration of another object.
pub trait ForeignConfig: Send + Sync {
    /// A new session; `host`: whom a client wants to reach, `None` for a server.
    fn begin(&self, host: Option<&str>) -> Result<Box<dyn ForeignSession>, String>;
}

/// A session of another object.
pub trait ForeignSession {
    /// Takes ciphertext; how much. It may run code of the program.
    fn receive(&mut self, records: &[u8]) -> Result<usize, String>;
    /// Moves plain bytes to `out`; how many.
    fn read(&mut self, out: &mut [u8]) -> usize;
    /// Encrypts plain bytes; how many.
    fn write(&mut self, plain: &[u8]) -> usize;
    /// Appends ciphertext that is to be sent.
    fn output(&mut self, out: &mut Vec<u8>);
    fn close_notify(&mut self);
    fn facts(&self) -> Facts;
    /// The peer's certificate of this number, DER.
    fn certificate(&self, number: usize) -> Option<Vec<u8>>;
}

/// What is known of a session.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub is_handshaking: bool,
    pub has_peer_closed: bool,
    pub is_resumed: bool,
    /// Numbers of the protocol; 0: not known yet.
    pub version: u16,
    pub suite: u16,
    pub alpn: Option<Vec<u8>>,
}

/// Why such a session failed, in the words of its object.
#[derive(Debug)]
pub struct ForeignError(pub String);

impl fmt::Display for ForeignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ForeignError {}

/// A session with what was last known of it.
pub struct Foreign {
    session: Box<dyn ForeignSession>,
    facts: Facts,
    chain: Vec<CertificateDer<'static>>,
}

impl Foreign {
    pub fn new(session: Box<dyn ForeignSession>) -> Foreign {
        let facts = session.facts();
        Foreign { session, facts, chain: Vec::new() }
    }

    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// The peer's certificates, leaf first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// See [`Machine::run`](super::wire). All of `input` is done with, unless `limit` plain bytes wait.
    pub(super) fn run(
        &mut self,
        input: &[u8],
        waiting: &mut Waiting,
        limit: usize,
        what: Option<What<'_>>,
    ) -> (usize, Result<(), rustls::Error>) {
        if let Some(error) = &waiting.error {
            return (0, Err(error.clone()));
        }
        let (taken, mut result) = self.take(input, waiting, limit);
        if result.is_ok() {
            result = match what {
                Some(What::Plain(plain)) => self.send(plain, waiting),
                Some(What::CloseNotify) => {
                    self.session.close_notify();
                    Ok(())
                }
                None => Ok(()),
            };
        }
        // An error has its alert.
        self.session.output(&mut waiting.outgoing);
        self.look(waiting);
        if let Err(error) = &result {
            waiting.error = Some(error.clone());
        }
        (taken, result)
    }

    fn take(&mut self, input: &[u8], waiting: &mut Waiting, limit: usize) -> (usize, Result<(), rustls::Error>) {
        let mut taken = 0;
        while taken < input.len() && waiting.plain.len() < limit {
            let count = match self.session.receive(input.get(taken..).unwrap_or_default()) {
                Ok(count) => count.min(input.len() - taken),
                Err(why) => return (taken, Err(error(why))),
            };
            taken += count;
            let moved = self.drain(waiting);
            if count == 0 && moved == 0 {
                return (taken, Err(error("the session takes no more".into())));
            }
        }
        (taken, Ok(()))
    }

    /// Moves all plain bytes; how many.
    fn drain(&mut self, waiting: &mut Waiting) -> usize {
        let before = waiting.plain.len();
        loop {
            let start = waiting.plain.len();
            waiting.plain.resize(start + PLAIN_BYTES, 0);
            let room = waiting.plain.get_mut(start..).unwrap_or_default();
            let count = self.session.read(room).min(PLAIN_BYTES);
            waiting.plain.truncate(start + count);
            if count == 0 {
                return start - before;
            }
        }
    }

    fn send(&mut self, plain: &[u8], waiting: &mut Waiting) -> Result<(), rustls::Error> {
        let mut sent = 0;
        while sent < plain.len() {
            let rest = plain.get(sent..).unwrap_or_default();
            let count = self.session.write(rest).min(rest.len());
            self.session.output(&mut waiting.outgoing);
            if count == 0 {
                return Err(error("the session encrypts nothing".into()));
            }
            sent += count;
        }
        Ok(())
    }

    fn look(&mut self, waiting: &mut Waiting) {
        self.facts = self.session.facts();
        waiting.has_peer_closed = self.facts.has_peer_closed;
        if self.chain.is_empty() {
            let found = (0..MOST_CERTIFICATES).map_while(|number| self.session.certificate(number));
            self.chain = found.map(CertificateDer::from).collect();
        }
    }
}

fn error(why: String) -> rustls::Error {
    rustls::Error::Other(OtherError(Arc::new(ForeignError(why))))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Encrypts by turning each byte over, and takes three bytes at a time.
    #[derive(Default)]
    struct Turner {
        plain: Vec<u8>,
        out: Vec<u8>,
        stuck: bool,
    }

    impl ForeignSession for Turner {
        fn receive(&mut self, records: &[u8]) -> Result<usize, String> {
            let piece = &records[..records.len().min(if self.stuck { 0 } else { 3 })];
            if piece.contains(&0) {
                return Err("a zero".into());
            }
            self.plain.extend(piece.iter().map(|byte| !byte));
            Ok(piece.len())
        }
        fn read(&mut self, out: &mut [u8]) -> usize {
            let count = self.plain.len().min(out.len());
            out[..count].copy_from_slice(&self.plain[..count]);
            self.plain.drain(..count);
            count
        }
        fn write(&mut self, plain: &[u8]) -> usize {
            let piece = &plain[..plain.len().min(if self.stuck { 0 } else { 2 })];
            self.out.extend(piece.iter().map(|byte| !byte));
            piece.len()
        }
        fn output(&mut self, out: &mut Vec<u8>) {
            out.append(&mut self.out);
        }
        fn close_notify(&mut self) {
            self.out.push(b'.');
        }
        fn facts(&self) -> Facts {
            Facts { alpn: Some(b"x".to_vec()), ..Facts::default() }
        }
        fn certificate(&self, number: usize) -> Option<Vec<u8>> {
            (number < 2).then(|| vec![number as u8])
        }
    }

    #[test]
    fn bytes_go_through_in_both_directions() {
        let mut foreign = Foreign::new(Box::new(Turner::default()));
        let mut waiting = Waiting::default();
        let (taken, result) = foreign.run(b"\x9e\x9d\x9c\x9b", &mut waiting, usize::MAX, Some(What::Plain(b"abc")));
        assert!(result.is_ok() && taken == 4);
        assert_eq!((&waiting.plain[..], &waiting.outgoing[..]), (&b"abcd"[..], &b"\x9e\x9d\x9c"[..]));
        assert!(foreign.run(&[], &mut waiting, usize::MAX, Some(What::CloseNotify)).1.is_ok());
        assert_eq!((waiting.outgoing.last(), foreign.chain().len()), (Some(&b'.'), 2));
    }

    #[test]
    fn enough_plain_bytes_stop_it_and_errors_stay() {
        let mut foreign = Foreign::new(Box::new(Turner::default()));
        let mut waiting = Waiting::default();
        assert_eq!(foreign.run(&[1; 9], &mut waiting, 4, None).0, 6);
        assert!(foreign.run(&[0], &mut waiting, usize::MAX, None).1.is_err());
        assert_eq!(foreign.run(&[1; 9], &mut waiting, usize::MAX, None).0, 0);
    }

    #[test]
    fn a_session_that_does_nothing_is_an_error_not_a_loop() {
        let mut foreign = Foreign::new(Box::new(Turner { stuck: true, ..Turner::default() }));
        assert!(foreign.run(&[1], &mut Waiting::default(), usize::MAX, None).1.is_err());
        let mut foreign = Foreign::new(Box::new(Turner { stuck: true, ..Turner::default() }));
        assert!(foreign.run(&[], &mut Waiting::default(), usize::MAX, Some(What::Plain(b"a"))).1.is_err());
    }
}
