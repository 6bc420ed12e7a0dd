//! What does a client send as its name and password? (RFC 7617)
use super::base64::{self, Alphabet};

/// Longest `user:password`. The original's limit: longer ones were never sent.
pub const MAX_CREDENTIALS: usize = 124;

/// Why there is no header value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoHeader {
    /// the buffer is too small
    TooSmall,
    /// user, colon and password together are longer than [`MAX_CREDENTIALS`]
    TooLong,
}

/// Writes the value of an `Authorization` header to the start of `out` and returns its length.
pub fn basic(user: &[u8], password: &[u8], out: &mut [u8]) -> Result<usize, NoHeader> {
    const SCHEME: &[u8] = b"Basic ";
    if user.len().saturating_add(password.len()) >= MAX_CREDENTIALS {
        return Err(NoHeader::TooLong);
    }
    let mut credentials = [0; MAX_CREDENTIALS];
    let len = user.len() + 1 + password.len();
    credentials[..user.len()].copy_from_slice(user);
    credentials[user.len()] = b':';
    credentials[user.len() + 1..len].copy_from_slice(password);
    let (scheme, room) = out.split_at_mut_checked(SCHEME.len()).ok_or(NoHeader::TooSmall)?;
    scheme.copy_from_slice(SCHEME);
    let written = base64::encode(&credentials[..len], Alphabet::Standard, room).ok_or(NoHeader::TooSmall)?;
    Ok(SCHEME.len() + written)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn name_and_password_are_joined_and_encoded() {
        let mut out = [0; 64];
        let len = basic(b"user", b"pass", &mut out).unwrap();
        assert_eq!(&out[..len], b"Basic dXNlcjpwYXNz");
    }

    #[test]
    fn small_buffers_and_long_credentials_are_refused() {
        assert_eq!(basic(b"user", b"pass", &mut [0; 17]), Err(NoHeader::TooSmall));
        assert_eq!(basic(b"user", b"pass", &mut [0; 3]), Err(NoHeader::TooSmall));
        assert_eq!(basic(&[b'u'; 62], &[b'p'; 62], &mut [0; 999]), Err(NoHeader::TooLong));
        assert!(basic(&[b'u'; 62], &[b'p'; 61], &mut [0; 999]).is_ok());
    }
}
