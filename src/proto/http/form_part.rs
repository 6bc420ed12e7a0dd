//! Parts of a multipart/form-data body (RFC 7578), as a client sends them.

/// What stands in front of the content of one part.
#[derive(Clone, Copy, Debug)]
pub struct Part<'a> {
    pub name: &'a [u8],
    pub filename: Option<&'a [u8]>,
    pub content_type: Option<&'a [u8]>,
}

/// A new boundary from random bytes: 16 hex digits, far from anything that content has by chance.
pub fn boundary(random: [u8; 8]) -> String {
    format!("{:016x}", u64::from_be_bytes(random))
}

/// The value of the request's Content-Type.
pub fn content_type(boundary: &str) -> String {
    format!("multipart/form-data; boundary={boundary}")
}

/// The delimiter and the headers of a part, up to its empty line.
pub fn head(boundary: &str, part: &Part<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(128);
    out.extend_from_slice(b"\r\n--");
    out.extend_from_slice(boundary.as_bytes());
    out.extend_from_slice(b"\r\nContent-Disposition: form-data; name=\"");
    escape(part.name, &mut out);
    if let Some(filename) = part.filename {
        out.extend_from_slice(b"\"; filename=\"");
        escape(filename, &mut out);
    }
    out.extend_from_slice(b"\"\r\n");
    if let Some(kind) = part.content_type {
        out.extend_from_slice(b"Content-Type: ");
        out.extend(kind.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')));
        out.extend_from_slice(b"\r\n");
    }
    out.extend_from_slice(b"\r\n");
    out
}

/// The delimiter behind the last part.
pub fn end(boundary: &str) -> Vec<u8> {
    format!("\r\n--{boundary}--\r\n").into_bytes()
}

/// A name between quotes: what would end it or the line is percent-encoded, as browsers do.
fn escape(text: &[u8], out: &mut Vec<u8>) {
    for &byte in text {
        match byte {
            b'"' => out.extend_from_slice(b"%22"),
            b'\r' => out.extend_from_slice(b"%0D"),
            b'\n' => out.extend_from_slice(b"%0A"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_and_their_end() {
        let boundary = boundary([0, 0, 0, 0, 0, 0, 0, 0xab]);
        assert_eq!(content_type(&boundary), "multipart/form-data; boundary=00000000000000ab");
        let part = Part { name: b"file", filename: Some(b"a.txt"), content_type: Some(b"text/plain") };
        let expected = "\r\n--00000000000000ab\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\
                        Content-Type: text/plain\r\n\r\n";
        assert_eq!(String::from_utf8(head(&boundary, &part)).unwrap(), expected);
        assert_eq!(end(&boundary), b"\r\n--00000000000000ab--\r\n");
    }

    #[test]
    fn names_cannot_end_the_line() {
        let part = Part { name: b"a\"\r\nX: y", filename: None, content_type: Some(b"a\r\nb") };
        let text = String::from_utf8(head("b", &part)).unwrap();
        assert!(text.contains("name=\"a%22%0D%0AX: y\"\r\nContent-Type: ab\r\n\r\n"), "{text}");
    }
}
