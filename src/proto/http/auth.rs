//! Basic authentication (RFC 7617): making and reading the Authorization value.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// The value `Basic BASE64` for a user and password.
pub fn basic(user: &[u8], password: &[u8]) -> String {
    let plain = [user, b":", password].concat();
    let mut out = "Basic ".to_owned();
    STANDARD.encode_string(plain, &mut out);
    out
}

/// What a client sent to authenticate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credentials {
    /// `user:password`, as compared with the lines of a password file.
    pub plain: Vec<u8>,
    user_len: usize,
}

impl Credentials {
    /// Reads an Authorization value. `None` if it is not Basic, not base64, or holds no colon or a NUL.
    pub fn parse(value: &[u8]) -> Option<Credentials> {
        let value = super::headers::trim_blanks_end(super::headers::trim_blanks_start(value));
        let (scheme, rest) = value.split_at_checked("Basic ".len())?;
        if !scheme.eq_ignore_ascii_case(b"Basic ") {
            return None;
        }
        let plain = LENIENT.decode(super::headers::trim_blanks_start(rest)).ok()?;
        if plain.contains(&0) {
            return None;
        }
        let user_len = plain.iter().position(|&byte| byte == b':')?;
        Some(Credentials { plain, user_len })
    }

    /// The user name: everything before the first colon.
    pub fn user(&self) -> &[u8] {
        self.plain.get(..self.user_len).unwrap_or_default()
    }

    /// The password: everything behind the first colon.
    pub fn password(&self) -> &[u8] {
        self.plain.get(self.user_len + 1..).unwrap_or_default()
    }

    /// Whether these are the `user:password` of `line`. Takes as long for a wrong password as for the right one.
    pub fn matches(&self, line: &[u8]) -> bool {
        let differences = self.plain.iter().zip(line).fold(0, |sum, (a, b)| sum | (a ^ b));
        std::hint::black_box(differences) == 0 && self.plain.len() == line.len()
    }
}

/// The challenge sent with a 401.
pub const CHALLENGE: &str = "Basic realm=\"lwsws\"";

/// Padding has always been optional here.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_made_and_read_back() {
        for (user, password, value) in [
            ("user", "pass", "Basic dXNlcjpwYXNz"),
            ("", "", "Basic Og=="),
            ("Admin", "kloikloi", "Basic QWRtaW46a2xvaWtsb2k="),
            ("é", "ü", "Basic w6k6w7w="),
            ("u", "a:b", "Basic dTphOmI="),
        ] {
            assert_eq!(basic(user.as_bytes(), password.as_bytes()), value);
            let read = Credentials::parse(value.as_bytes()).unwrap();
            assert_eq!((read.user(), read.password()), (user.as_bytes(), password.as_bytes()));
            assert!(read.matches(format!("{user}:{password}").as_bytes()));
        }
    }

    #[test]
    fn scheme_case_blanks_and_missing_padding_are_accepted() {
        for value in ["basic Og==", "Basic  Og", "  BASIC Og== "] {
            assert_eq!(Credentials::parse(value.as_bytes()).unwrap().plain, b":", "{value}");
        }
    }

    #[test]
    fn malformed_values_are_refused() {
        for value in
            ["", "Basic", "Basic ", "Bearer Og==", "Basic !!!!", "Basic YWJj", "BasicOg==", "Basic AAA6", "Basic O\n"]
        {
            assert_eq!(Credentials::parse(value.as_bytes()), None, "{value}");
        }
    }

    #[test]
    fn only_the_whole_line_matches() {
        let read = Credentials::parse(b"Basic dXNlcjpwYXNz").unwrap();
        for line in ["user:pas", "user:passx", "user:", "", "User:pass", "user:pasS"] {
            assert!(!read.matches(line.as_bytes()), "{line}");
        }
    }
}
