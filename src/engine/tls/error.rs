//! What went wrong with TLS, in words for the program's callback and for the log.
use super::describe::{self, CALLBACK_BYTES};
use super::foreign::ForeignError;
use super::verdict::VerifyFailure;
use rustls::{AlertDescription, CertificateError, InvalidMessage, PeerIncompatible};
use std::fmt;

/// The kinds of failure a caller may want to tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The peer's certificate was refused; OpenSSL's number of the problem.
    Certificate(i32),
    /// The peer does not speak TLS.
    NotTls,
    /// TCP ended inside the handshake.
    EndInHandshake,
    /// The peer sent a fatal alert; its number (RFC 8446 §6).
    Alert(u8),
    /// The peer broke the protocol, or there is no version or suite in common.
    Protocol,
    /// The settings do not allow this connection.
    Setup,
}

/// A TLS failure; one machine word.
#[derive(Clone)]
pub struct TlsError(Box<Inner>);

#[derive(Clone)]
struct Inner {
    kind: Kind,
    text: String,
    detail: String,
}

impl TlsError {
    /// `what` without the leading `tls: `; `detail` is for the log and may be long.
    pub(super) fn new(kind: Kind, what: &str, detail: &str) -> TlsError {
        let text = describe::clip(&format!("tls: {what}"), CALLBACK_BYTES);
        TlsError(Box::new(Inner { kind, text, detail: describe::clip(detail, usize::MAX) }))
    }

    pub(super) fn refused(failure: &VerifyFailure) -> TlsError {
        TlsError(Box::new(Inner {
            kind: Kind::Certificate(failure.openssl_number),
            text: failure.text.clone(),
            detail: failure.detail.clone(),
        }))
    }

    /// `first_bytes`: what the peer sent first, if the handshake is not over.
    pub(super) fn from_rustls(error: &rustls::Error, first_bytes: &[u8]) -> TlsError {
        if let rustls::Error::InvalidCertificate(CertificateError::Other(other)) = error
            && let Some(failure) = other.0.downcast_ref::<VerifyFailure>()
        {
            return TlsError::refused(failure);
        }
        if let rustls::Error::Other(other) = error
            && let Some(foreign) = other.0.downcast_ref::<ForeignError>()
        {
            let text = format!("the program's rustls configuration: {foreign}");
            return TlsError::new(Kind::Protocol, &text, &text);
        }
        let detail = format!("rustls: {error}");
        match error {
            rustls::Error::InvalidMessage(
                InvalidMessage::InvalidContentType
                | InvalidMessage::UnknownProtocolVersion
                | InvalidMessage::MessageTooLarge
                | InvalidMessage::InvalidEmptyPayload,
            ) if !first_bytes.is_empty() && !describe::looks_like_record(first_bytes) => {
                let what = format!(
                    "wrong version number: peer does not speak TLS (it sent '{}')",
                    describe::excerpt(first_bytes)
                );
                TlsError::new(Kind::NotTls, &what, &detail)
            }
            rustls::Error::AlertReceived(alert) => {
                let what = format!("alert {} from the peer: {}", u8::from(*alert), alert_meaning(*alert));
                TlsError::new(Kind::Alert(u8::from(*alert)), &what, &detail)
            }
            rustls::Error::PeerIncompatible(why) => {
                let what = format!("nothing in common with the peer: {}", incompatibility(why));
                TlsError::new(Kind::Protocol, &what, &detail)
            }
            rustls::Error::InvalidCertificate(CertificateError::BadSignature) => {
                let what = "bad signature in the handshake: the peer does not hold the key of its certificate, \
                            or the key is not accepted (RSA below 2048 bits)";
                TlsError::new(Kind::Protocol, what, &detail)
            }
            rustls::Error::NoCertificatesPresented => {
                TlsError::new(Kind::Protocol, "peer did not return a certificate", &detail)
            }
            other => TlsError::new(Kind::Protocol, &format!("protocol error: {other}"), &detail),
        }
    }

    /// TCP ended before the handshake did.
    pub(super) fn end_in_handshake(first_bytes: &[u8]) -> TlsError {
        if first_bytes.is_empty() {
            let what = "unexpected eof while reading: peer closed during the TLS handshake without answering";
            return TlsError::new(Kind::EndInHandshake, what, what);
        }
        if !describe::looks_like_record(first_bytes) {
            let what = format!(
                "wrong version number: peer does not speak TLS (it sent '{}' and closed)",
                describe::excerpt(first_bytes)
            );
            return TlsError::new(Kind::NotTls, &what, &what);
        }
        let what = "unexpected eof while reading: peer closed during the TLS handshake";
        TlsError::new(Kind::EndInHandshake, what, what)
    }

    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// For `in` of a connection error: begins with `tls: ` or `server's cert didn't look good, `; printable ASCII
    /// without `"`, at most 250 bytes.
    pub fn text(&self) -> &str {
        &self.0.text
    }

    /// For the log: one printable line, not limited in length.
    pub fn detail(&self) -> &str {
        &self.0.detail
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.text)
    }
}

impl fmt::Debug for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TlsError({:?}, {:?}, {:?})", self.0.kind, self.0.text, self.0.detail)
    }
}

impl std::error::Error for TlsError {}

/// Settings that cannot be used: which one, and what is wrong with it. Contains no secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSetupError {
    /// `client_ssl_cert_filepath` and the like, or a file's path.
    pub source: String,
    pub reason: String,
    /// The file does not exist or cannot be read, as opposed to: it was read and is bad.
    pub is_missing_file: bool,
}

impl TlsSetupError {
    pub(super) fn new(source: impl Into<String>, reason: impl Into<String>) -> TlsSetupError {
        TlsSetupError { source: source.into(), reason: reason.into(), is_missing_file: false }
    }
}

impl fmt::Display for TlsSetupError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.reason)
    }
}

impl std::error::Error for TlsSetupError {}

/// What an alert usually means to the person who meets it.
fn alert_meaning(alert: AlertDescription) -> String {
    let hint = match alert {
        AlertDescription::HandshakeFailure => "handshake failure (no common version, suite or certificate type)",
        AlertDescription::CertificateRequired => "certificate required (it wants a client certificate)",
        AlertDescription::BadCertificate => "bad certificate (it refused ours, or wants one)",
        AlertDescription::UnknownCA => "unknown ca (it does not know the issuer of our certificate)",
        AlertDescription::CertificateUnknown => "certificate unknown (it refused our certificate)",
        AlertDescription::CertificateExpired => "certificate expired (ours)",
        AlertDescription::ProtocolVersion => "protocol version (it does not accept TLS 1.2 and 1.3)",
        AlertDescription::UnrecognisedName => "unrecognised name (it does not know the host name we asked for)",
        AlertDescription::NoApplicationProtocol => "no application protocol (it accepts none of our ALPN names)",
        other => return format!("{other:?}"),
    };
    hint.to_owned()
}

fn incompatibility(why: &PeerIncompatible) -> String {
    match why {
        PeerIncompatible::ServerDoesNotSupportTls12Or13 | PeerIncompatible::Tls12NotOfferedOrEnabled => {
            "it speaks neither TLS 1.2 nor 1.3, or that version is disabled here".to_owned()
        }
        other => format!("{other:?}"),
    }
}
