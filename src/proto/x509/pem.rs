//! PEM text: blocks between `-----BEGIN X-----` and `-----END X-----`, as people's files have them.
//!
//! More tolerant than RFC 7468 where files in use are: any text between the blocks, CRLF, blanks around lines, a final
//! NUL, and the old header lines (`Proc-Type`, `DEK-Info`) of encrypted keys (RFC 1421 §4.6).
use super::der;
use base64::Engine as _;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};
use base64::{alphabet::STANDARD, engine::DecodePaddingMode};

const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

const BEGIN: &str = "-----BEGIN ";
const END: &str = "-----END ";
const DASHES: &str = "-----";

/// One block, decoded. `bytes` may be a secret: there is no `Debug`.
pub struct Block {
    /// The words after BEGIN, such as `CERTIFICATE`.
    pub label: String,
    /// The value of `DEK-Info`, when the block is encrypted in the traditional way.
    pub dek_info: Option<String>,
    pub bytes: Vec<u8>,
}

/// A block that has no end line or is not base64; its label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged(pub String);

/// Whether there is a BEGIN line at all.
pub fn looks_like_pem(bytes: &[u8]) -> bool {
    bytes.windows(BEGIN.len()).any(|window| window == BEGIN.as_bytes())
}

/// All blocks in order. A damaged block is reported and passed over.
pub fn blocks(text: &[u8]) -> impl Iterator<Item = Result<Block, Damaged>> {
    let mut lines = text.split(|byte| *byte == b'\n').map(trimmed);
    std::iter::from_fn(move || {
        let label = lines.by_ref().find_map(begin_label)?;
        let mut body = String::new();
        let mut dek_info = None;
        for line in lines.by_ref() {
            if line.starts_with(END) {
                return Some(match BASE64.decode(&body) {
                    Ok(bytes) => Ok(Block { label, dek_info, bytes }),
                    Err(_) => Err(Damaged(label)),
                });
            }
            match line.split_once(':') {
                Some(("DEK-Info", value)) => dek_info = Some(value.trim().to_owned()),
                Some(_) => {}
                None => body.push_str(line),
            }
        }
        Some(Err(Damaged(label)))
    })
}

/// The DER of all certificate blocks in order; other blocks are passed over.
pub fn certificates(text: &[u8]) -> impl Iterator<Item = Result<Vec<u8>, Damaged>> {
    blocks(text).filter_map(|block| match block {
        Ok(block) => match block.label.as_str() {
            "CERTIFICATE" | "X509 CERTIFICATE" => Some(Ok(block.bytes)),
            "TRUSTED CERTIFICATE" => {
                Some(der::first_element(&block.bytes).map(<[u8]>::to_vec).ok_or(Damaged(block.label)))
            }
            _ => None,
        },
        Err(damaged) => damaged.0.ends_with("CERTIFICATE").then_some(Err(damaged)),
    })
}

fn trimmed(line: &[u8]) -> &str {
    // A line that is not UTF-8 cannot belong to a block.
    std::str::from_utf8(line).unwrap_or_default().trim_matches(|c: char| c.is_ascii_whitespace() || c == '\0')
}

fn begin_label(line: &str) -> Option<String> {
    Some(line.strip_prefix(BEGIN)?.strip_suffix(DASHES)?.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Vec<String> {
        blocks(text.as_bytes())
            .map(|block| match block {
                Ok(block) => format!("{}={}", block.label, String::from_utf8_lossy(&block.bytes)),
                Err(damaged) => format!("!{}", damaged.0),
            })
            .collect()
    }

    #[test]
    fn text_crlf_and_blanks_are_tolerated() {
        let text = "# Some CA\r\n=======\r\n-----BEGIN A-----\r\n aGVs \r\nbG8=\r\n-----END A-----\r\n\r\nwords: here\n\
                    -----BEGIN B C-----\naGk\n-----END B C-----\0";
        assert_eq!(labels(text), ["A=hello", "B C=hi"]);
    }

    #[test]
    fn damage_is_reported_and_the_rest_is_read() {
        let text =
            "-----BEGIN A-----\n***\n-----END A-----\n-----BEGIN B-----\naGk=\n-----END B-----\n-----BEGIN C-----\n";
        assert_eq!(labels(text), ["!A", "B=hi", "!C"]);
    }

    #[test]
    fn headers_of_encrypted_keys_are_kept() {
        let text = "-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00FF\n\naGk=\n-----END X-----\n";
        let block = blocks(text.as_bytes()).next().unwrap().unwrap_or_else(|_| panic!());
        assert_eq!(block.dek_info.as_deref(), Some("AES-128-CBC,00FF"));
        assert_eq!(block.bytes, b"hi");
    }

    #[test]
    fn certificates_leave_out_other_blocks() {
        let text = "-----BEGIN EC PARAMETERS-----\naGk=\n-----END EC PARAMETERS-----\n\
                    -----BEGIN CERTIFICATE-----\naGk=\n-----END CERTIFICATE-----\n\
                    -----BEGIN TRUSTED CERTIFICATE-----\nMAEJMAA=\n-----END TRUSTED CERTIFICATE-----\n";
        let found: Vec<Vec<u8>> = certificates(text.as_bytes()).map(Result::unwrap).collect();
        assert_eq!(found, [b"hi".to_vec(), vec![0x30, 1, 9]]);
        assert!(looks_like_pem(text.as_bytes()) && !looks_like_pem(&[0x30, 0x82]));
    }
}
