//! The words for what is wrong with a certificate, within the limits of the program's callback.
use super::verdict::LaxFlags;
use crate::proto::x509::{Certificate, date, printable};

/// Longest text for a callback's `in`.
pub const CALLBACK_BYTES: usize = 250;
/// Longest problem in it; host names have up to 253 bytes.
const LONGEST_PROBLEM: usize = 110;

/// Printable ASCII without `"`, at most `limit` bytes; what was cut is marked by `~`.
pub fn clip(text: &str, limit: usize) -> String {
    let mut text = printable(text);
    if text.len() > limit {
        text.truncate(limit.saturating_sub(1));
        text.push('~');
    }
    text
}

/// The first line of what a peer sent instead of TLS.
pub fn excerpt(bytes: &[u8]) -> String {
    let line = bytes.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    clip(&String::from_utf8_lossy(line), 32).replace('\'', ".")
}

/// Whether these could be the first bytes of a TLS record (RFC 8446 §5.1).
pub fn looks_like_record(bytes: &[u8]) -> bool {
    matches!(bytes.first(), Some(20..=24)) && bytes.get(1).is_none_or(|major| *major == 3)
}

/// The word the original puts in front of a problem's number.
pub fn label(openssl_number: i32) -> &'static str {
    match openssl_number {
        62 => "tls=hostname",
        18 | 19 | 79 => "tls=invalidca",
        9 => "tls=notyetvalid",
        10 => "tls=expired",
        _ => "",
    }
}

/// Names of the flags, as a program's source has them.
pub fn flag_names(flags: LaxFlags) -> String {
    let names = [
        (LaxFlags::ALLOW_SELFSIGNED, "LCCSCF_ALLOW_SELFSIGNED"),
        (LaxFlags::SKIP_HOSTNAME, "LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK"),
        (LaxFlags::ALLOW_EXPIRED, "LCCSCF_ALLOW_EXPIRED"),
        (LaxFlags::ALLOW_INSECURE, "LCCSCF_ALLOW_INSECURE"),
    ];
    let set: Vec<&str> = names.iter().filter(|(flag, _)| flags.contains(*flag)).map(|(_, name)| *name).collect();
    set.join(" | ")
}

/// Everything a refusal is described by.
pub struct Refusal<'a> {
    /// `server` or `client`: whose certificate it is.
    pub whose: &'a str,
    pub openssl_number: i32,
    /// The problem in a few words.
    pub what: &'a str,
    /// All problems, when there are several.
    pub all: &'a [String],
    /// Leaf first, as far as it can be read.
    pub chain: &'a [Certificate],
    /// Where the roots came from and how many they are.
    pub trust: &'a str,
    /// Which flags would let it pass; `None` when none would.
    pub allowed_by: Option<LaxFlags>,
}

impl Refusal<'_> {
    /// The callback's text. The problem comes whole; the facts share the room that is left.
    pub fn text(&self) -> String {
        let number = self.openssl_number;
        let head = format!("{}'s cert didn't look good, {} X509_V_ERR = {number}: ", self.whose, label(number));
        let tail = match self.allowed_by {
            Some(flags) => format!("; {} would allow it", flag_names(flags)),
            None => String::new(),
        };
        let head = format!("{head}{}; ", clip(self.what, LONGEST_PROBLEM));
        // What matters most comes first.
        let mut facts = vec![self.trust.to_owned()];
        if let Some(leaf) = self.chain.first() {
            facts.push(format!("subject {}", leaf.subject()));
            facts.push(format!("issuer {}", leaf.issuer()));
            facts.push(format!("{}..{}", date(leaf.not_before()), date(leaf.not_after())));
            facts.push(names(leaf));
        }
        let room = CALLBACK_BYTES.saturating_sub(head.len() + tail.len());
        clip(&format!("{head}{}{tail}", fit(&facts, room)), CALLBACK_BYTES)
    }

    /// The log's text: the same without a limit, and the whole chain.
    pub fn detail(&self) -> String {
        let mut text = format!("{} certificate refused: {}", self.whose, self.what);
        if self.all.len() > 1 {
            text.push_str(&format!(" (all problems: {})", self.all.join("; ")));
        }
        for (depth, certificate) in self.chain.iter().enumerate() {
            text.push_str(&format!("; certificate {depth}: {}", certificate.describe()));
        }
        text.push_str(&format!("; trusted: {}", self.trust));
        match self.allowed_by {
            Some(flags) => text.push_str(&format!("; {} would allow it", flag_names(flags))),
            None => text.push_str("; no LCCSCF_ flag allows this"),
        }
        clip(&text, usize::MAX)
    }
}

fn names(leaf: &Certificate) -> String {
    let names: Vec<String> = leaf.alt_names().iter().map(ToString::to_string).collect();
    if names.is_empty() { "no SAN".to_owned() } else { names.join(",") }
}

/// Joins with `; ` as far as there is room; one part may take up to `LONGEST` of it.
fn fit(parts: &[String], room: usize) -> String {
    const LONGEST: usize = 48;
    /// Less of a part tells nothing.
    const SHORTEST: usize = 10;
    let mut joined = String::new();
    for part in parts {
        let separator = if joined.is_empty() { "" } else { "; " };
        let left = room.saturating_sub(joined.len() + separator.len());
        if left < part.len().min(SHORTEST) {
            break;
        }
        joined.push_str(separator);
        joined.push_str(&clip(part, left.min(LONGEST)));
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_facts_are_cut_and_short_ones_kept() {
        let parts = ["a".repeat(300), "short".to_owned(), "b".repeat(100), "c".repeat(100), "d".to_owned()];
        let joined = fit(&parts, 120);
        assert_eq!(joined.len(), 120);
        assert!(joined.starts_with("aaa") && joined.contains("a~; short; bbb") && joined.contains("b~; ccc"));
        assert_eq!(fit(&parts, 3), "");
    }

    #[test]
    fn callback_text_is_printable_and_bounded() {
        let refusal = Refusal {
            whose: "server",
            openssl_number: 62,
            what: "the certificate is not for \"h\u{f6}st\"\n",
            all: &[],
            chain: &[],
            trust: &"file /very/long/path".repeat(40),
            allowed_by: Some(LaxFlags::SKIP_HOSTNAME),
        };
        let text = refusal.text();
        assert!(text.starts_with("server's cert didn't look good, tls=hostname X509_V_ERR = 62: the certificate"));
        assert!(text.ends_with("LCCSCF_SKIP_SERVER_CERT_HOSTNAME_CHECK would allow it"));
        assert!(text.len() <= CALLBACK_BYTES && text.bytes().all(|b| (b' '..=b'~').contains(&b) && b != b'"'));
    }

    #[test]
    fn labels_of_the_original() {
        let all: Vec<&str> = [62, 18, 19, 79, 9, 10, 20, 1].into_iter().map(label).collect();
        let invalid = "tls=invalidca";
        assert_eq!(all, ["tls=hostname", invalid, invalid, invalid, "tls=notyetvalid", "tls=expired", "", ""]);
    }

    #[test]
    fn excerpt_of_a_plain_text_answer() {
        assert_eq!(excerpt(b"HTTP/1.1 400 Bad Request\r\nServer: x\r\n"), "HTTP/1.1 400 Bad Request");
        assert!(looks_like_record(&[22, 3, 1]) && !looks_like_record(b"HTTP"));
    }
}
