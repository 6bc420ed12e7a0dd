//! Which content type does a file have? By the suffix of its name, nothing else.

/// The type for a path. Own types come first: pairs of suffix (with its dot) and type; suffix `*` fits every name.
///
/// `None` means that the file must not be served (415). An empty type means to serve it without a content type.
pub fn type_of<'a, I>(path: &str, own_types: I) -> Option<&'a str>
where
    I: IntoIterator<Item = (&'a str, &'a str)> + Clone,
{
    let mut fallback = None;
    for (suffix, mime_type) in own_types {
        if suffix == "*" {
            fallback = fallback.or(Some(mime_type));
        } else if has_suffix(path, suffix) {
            return Some(mime_type);
        }
    }
    builtin_type_of(path).or(fallback)
}

/// The type for a path by the built-in table alone.
pub fn builtin_type_of(path: &str) -> Option<&'static str> {
    TYPES.iter().find(|(suffix, _)| has_suffix(path, suffix)).map(|(_, mime_type)| *mime_type)
}

/// In any case; a name that is nothing but a suffix has none.
fn has_suffix(path: &str, suffix: &str) -> bool {
    let (path, suffix) = (path.as_bytes(), suffix.as_bytes());
    match path.len().checked_sub(suffix.len()) {
        None | Some(0) => false,
        Some(at) => path.get(at..).is_some_and(|end| end.eq_ignore_ascii_case(suffix)),
    }
}

const TYPES: &[(&str, &str)] = &[
    (".html", "text/html"),
    (".htm", "text/html"),
    (".js", "text/javascript"),
    (".mjs", "text/javascript"),
    (".css", "text/css"),
    (".png", "image/png"),
    (".jpg", "image/jpeg"),
    (".jpeg", "image/jpeg"),
    (".ico", "image/x-icon"),
    (".gif", "image/gif"),
    (".svg", "image/svg+xml"),
    (".ttf", "application/x-font-ttf"),
    (".otf", "application/font-woff"),
    (".woff", "application/font-woff"),
    (".woff2", "application/font-woff2"),
    (".gz", "application/gzip"),
    (".txt", "text/plain"),
    (".xml", "application/xml"),
    (".json", "application/json"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes_are_known_in_any_case() {
        for (path, expected) in [
            ("a.html", Some("text/html")),
            ("a.HTML", Some("text/html")),
            ("a.htm", Some("text/html")),
            ("a.mjs", Some("text/javascript")),
            ("a.woff2", Some("application/font-woff2")),
            ("a.tar.gz", Some("application/gzip")),
            ("dir/a.json", Some("application/json")),
            ("a.js.map", None),
            (".html", None),
            ("html", None),
            ("", None),
            ("x.pdf", None),
        ] {
            assert_eq!(builtin_type_of(path), expected, "{path}");
        }
    }

    #[test]
    fn own_types_come_first_and_star_comes_last() {
        let own = [("*", "application/octet-stream"), (".txt", "text/x-mine"), (".zip", "application/zip")];
        assert_eq!(type_of("a.txt", own), Some("text/x-mine"));
        assert_eq!(type_of("a.ZIP", own), Some("application/zip"));
        assert_eq!(type_of("a.css", own), Some("text/css"));
        assert_eq!(type_of("a.bin", own), Some("application/octet-stream"));
        assert_eq!(type_of("a.bin", [("*", "")]), Some(""));
        assert_eq!(type_of("a.bin", []), None);
    }
}
