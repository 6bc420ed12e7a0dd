//! What a program wants to be asked and told about handshakes: its opinion of certificates, and the secrets.
//!
//! rustls verifies, and logs secrets, while the TLS core is taken out, where the program must not be called. So the
//! verifier only lets pass, and a [`Watch`] beside the session keeps what is to be asked and told. The engine asks right
//! after the records were read (`tls_hooks`); until then the session keeps its gate shut.
use super::verdict::{Verdict, VerifyFailure};
use super::verifier::PendingVerdict;
use rustls::KeyLog;
use rustls_pki_types::CertificateDer;
use std::ffi::CString;
use std::fmt::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

/// A function of the program and what it gets with it, both opaque to the engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hook {
    pub function: usize,
    pub user: usize,
}

/// Which hooks a configuration has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Hooks {
    /// Decides about the peer's certificate.
    pub verify: Option<Hook>,
    /// Is told the secrets of each connection.
    pub key_log: Option<Hook>,
}

/// What a verification hook is asked.
#[derive(Clone, Debug)]
pub struct Question {
    /// DER, leaf first; empty when a client shows none.
    pub chain: Vec<CertificateDer<'static>>,
    /// What the certificate has to be for; `None` for clients of ours.
    pub host: Option<String>,
    /// What the library found by itself.
    pub verdict: Result<Verdict, Box<VerifyFailure>>,
}

/// What it answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The library's verdict counts.
    AsVerified,
    /// Good, whatever the library says.
    Accept,
    Refuse,
}

/// The hooks of one session.
pub struct Watch {
    pub(super) hooks: Hooks,
    lines: Arc<KeyLines>,
    /// The program has not been asked yet, or has not agreed.
    pub(super) asks: bool,
    /// How to find the library's own verdict.
    pub(super) pending: Option<PendingVerdict>,
}

impl Watch {
    /// Nothing for a configuration without hooks.
    pub(super) fn begin(hooks: Hooks) -> Option<Box<Watch>> {
        let asks = hooks.verify.is_some();
        (hooks != Hooks::default()).then(|| Box::new(Watch { hooks, lines: Arc::default(), asks, pending: None }))
    }

    pub(super) fn wants_key_lines(&self) -> bool {
        self.hooks.key_log.is_some()
    }

    /// Where rustls puts the secrets of this session.
    pub(super) fn key_log(&self) -> Arc<dyn KeyLog> {
        Arc::clone(&self.lines) as Arc<dyn KeyLog>
    }

    pub(super) fn take_key_lines(&self) -> Vec<CString> {
        std::mem::take(&mut *self.lines.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Secrets that wait to be told, as lines of NSS' key log.
#[derive(Default)]
struct KeyLines(Mutex<Vec<CString>>);

impl fmt::Debug for KeyLines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyLines(..)")
    }
}

impl KeyLog for KeyLines {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = String::with_capacity(label.len() + 2 * (client_random.len() + secret.len()) + 2);
        line.push_str(label);
        for bytes in [client_random, secret] {
            line.push(' ');
            for byte in bytes {
                // Writing to a string cannot fail.
                let _ = write!(line, "{byte:02x}");
            }
        }
        if let Ok(line) = CString::new(line) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).push(line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_becomes_a_line_of_the_key_log() {
        let watch = Watch::begin(Hooks { key_log: Some(Hook { function: 1, user: 0 }), verify: None }).unwrap();
        watch.key_log().log("CLIENT_RANDOM", &[0, 0xab], &[1, 2]);
        let lines = watch.take_key_lines();
        assert_eq!(lines, [CString::new("CLIENT_RANDOM 00ab 0102").unwrap()]);
        assert!(watch.take_key_lines().is_empty());
        assert!(Watch::begin(Hooks::default()).is_none());
    }
}
