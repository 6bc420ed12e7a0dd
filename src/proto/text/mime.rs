//! Which content type does a file of this name have?
use std::ffi::CStr;

const TYPES: [(&str, &CStr); 19] = [
    (".html", c"text/html"),
    (".htm", c"text/html"),
    (".js", c"text/javascript"),
    (".mjs", c"text/javascript"),
    (".css", c"text/css"),
    (".png", c"image/png"),
    (".jpg", c"image/jpeg"),
    (".jpeg", c"image/jpeg"),
    (".ico", c"image/x-icon"),
    (".gif", c"image/gif"),
    (".svg", c"image/svg+xml"),
    (".ttf", c"application/x-font-ttf"),
    (".otf", c"application/font-woff"),
    (".woff", c"application/font-woff"),
    (".woff2", c"application/font-woff2"),
    (".gz", c"application/gzip"),
    (".txt", c"text/plain"),
    (".xml", c"application/xml"),
    (".json", c"application/json"),
];

/// The type that goes with the end of `file`, from the list that every mount has.
pub fn builtin(file: &[u8]) -> Option<&'static CStr> {
    TYPES.iter().find(|(suffix, _)| has_suffix(file, suffix.as_bytes())).map(|&(_, mime)| mime)
}

/// Whether `file` ends in `suffix`, in any case, and has a name in front of it.
pub fn has_suffix(file: &[u8], suffix: &[u8]) -> bool {
    file.len() > suffix.len() && file[file.len() - suffix.len()..].eq_ignore_ascii_case(suffix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_suffix_counts_in_any_case() {
        assert_eq!(builtin(b"a.tar.gz"), Some(c"application/gzip"));
        assert_eq!(builtin(b"a.HTML"), Some(c"text/html"));
        assert_eq!(builtin(b"a.js.map"), None);
    }

    #[test]
    fn a_suffix_alone_is_no_name() {
        assert_eq!(builtin(b".html"), None);
        assert_eq!(builtin(b"html"), None);
        assert_eq!(builtin(b""), None);
    }
}
