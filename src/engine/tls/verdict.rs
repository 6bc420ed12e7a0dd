//! What is found about a certificate, in OpenSSL's numbers, and which flags let it pass.
use std::fmt;
use std::ops::BitOr;
use webpki::KeyUsage;

/// OpenSSL's numbers (`X509_V_ERR_...`).
pub mod number {
    pub const UNSPECIFIED: i32 = 1;
    pub const UNABLE_TO_GET_ISSUER_CERT: i32 = 2;
    pub const CERT_SIGNATURE_FAILURE: i32 = 7;
    pub const CERT_NOT_YET_VALID: i32 = 9;
    pub const CERT_HAS_EXPIRED: i32 = 10;
    pub const DEPTH_ZERO_SELF_SIGNED_CERT: i32 = 18;
    pub const SELF_SIGNED_CERT_IN_CHAIN: i32 = 19;
    pub const UNABLE_TO_GET_ISSUER_CERT_LOCALLY: i32 = 20;
    pub const CERT_CHAIN_TOO_LONG: i32 = 22;
    pub const PATH_LENGTH_EXCEEDED: i32 = 25;
    pub const INVALID_PURPOSE: i32 = 26;
    pub const UNHANDLED_CRITICAL_EXTENSION: i32 = 34;
    pub const PERMITTED_VIOLATION: i32 = 47;
    pub const UNSUPPORTED_NAME_SYNTAX: i32 = 53;
    pub const HOSTNAME_MISMATCH: i32 = 62;
    pub const CA_KEY_TOO_SMALL: i32 = 67;
    pub const CA_MD_TOO_WEAK: i32 = 68;
    pub const INVALID_CA: i32 = 79;
}

/// The `LCCSCF_` flags that loosen the checks, with their bit values.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct LaxFlags(u8);

impl LaxFlags {
    pub const NONE: LaxFlags = LaxFlags(0);
    /// Forgives 18 and 19: self-signed leaf, self-signed in chain. Not an unknown issuer.
    pub const ALLOW_SELFSIGNED: LaxFlags = LaxFlags(2);
    /// Forgives 62: the certificate is for another name.
    pub const SKIP_HOSTNAME: LaxFlags = LaxFlags(4);
    /// Forgives 9 and 10: expired and not yet valid.
    pub const ALLOW_EXPIRED: LaxFlags = LaxFlags(8);
    /// Forgives 20: unknown issuer. Not name, date or self-signed.
    pub const ALLOW_INSECURE: LaxFlags = LaxFlags(16);

    /// Takes the four bits out of `ssl_connection`; others are ignored.
    pub fn from_ssl_connection(bits: i32) -> LaxFlags {
        LaxFlags((bits & 0x1e) as u8)
    }

    pub fn contains(self, flag: LaxFlags) -> bool {
        self.0 & flag.0 == flag.0
    }

    pub fn is_none(self) -> bool {
        self.0 == 0
    }

    /// A small number for tables: 0 to 15.
    pub(super) fn index(self) -> usize {
        usize::from(self.0 >> 1) & 0xf
    }

    /// The flag that forgives a problem.
    pub(super) fn that_forgives(openssl_number: i32) -> Option<LaxFlags> {
        match openssl_number {
            number::DEPTH_ZERO_SELF_SIGNED_CERT | number::SELF_SIGNED_CERT_IN_CHAIN => Some(LaxFlags::ALLOW_SELFSIGNED),
            number::HOSTNAME_MISMATCH => Some(LaxFlags::SKIP_HOSTNAME),
            number::CERT_NOT_YET_VALID | number::CERT_HAS_EXPIRED => Some(LaxFlags::ALLOW_EXPIRED),
            number::UNABLE_TO_GET_ISSUER_CERT_LOCALLY => Some(LaxFlags::ALLOW_INSECURE),
            _ => None,
        }
    }
}

impl BitOr for LaxFlags {
    type Output = LaxFlags;

    fn bitor(self, other: LaxFlags) -> LaxFlags {
        LaxFlags(self.0 | other.0)
    }
}

/// What the certificate is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The peer is a server.
    Server,
    /// The peer is a client.
    Client,
}

impl Purpose {
    pub(super) fn words(self) -> &'static str {
        match self {
            Purpose::Server => "a TLS server",
            Purpose::Client => "a TLS client",
        }
    }

    pub(super) fn whose(self) -> &'static str {
        match self {
            Purpose::Server => "server",
            Purpose::Client => "client",
        }
    }

    pub(super) fn key_usage(self) -> KeyUsage {
        match self {
            Purpose::Server => KeyUsage::server_auth(),
            Purpose::Client => KeyUsage::client_auth(),
        }
    }
}

/// A refused certificate.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifyFailure {
    /// `X509_V_ERR_...` of the first problem that is not forgiven.
    pub openssl_number: i32,
    /// `tls=hostname` and the like, or empty.
    pub label: &'static str,
    /// The problem in a few words.
    pub what: String,
    /// For the callback: `server's cert didn't look good, LABEL X509_V_ERR = N: ...`, at most 250 bytes.
    pub text: String,
    /// For the log.
    pub detail: String,
}

impl fmt::Debug for VerifyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifyFailure({}: {})", self.openssl_number, self.detail)
    }
}

impl fmt::Display for VerifyFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for VerifyFailure {}

/// An accepted certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// One sentence for each problem that a flag forgave.
    pub forgiven: Vec<String>,
    /// Whether chain and dates are good without any flag.
    pub is_verified: bool,
}
