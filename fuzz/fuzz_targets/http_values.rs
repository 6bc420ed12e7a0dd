#![no_main]
//! Single values: URLs, paths, cookies, ranges, dates, credentials, header lines of programs, substitution in pages.
use libfuzzer_sys::fuzz_target;
use websockets::proto::http::headers::{HeaderTable, Limits};
use websockets::proto::http::method::Method;
use websockets::proto::http::substitute::substitute;
use websockets::proto::http::{auth, cookie, date, form_part, range, request, target, url};

fuzz_target!(|data: &[u8]| {
    let (first, second) = match data.iter().position(|&byte| byte == 0) {
        Some(at) => (&data[..at], &data[at + 1..]),
        None => (data, &data[data.len()..]),
    };
    let here = url::Target { host: "a.example".into(), port: 443, is_tls: true, path: "/x".into() };
    if let Ok(redirect) = url::Redirect::resolve(&here, first) {
        assert!(redirect.target.path.starts_with(b"/"));
        assert!(redirect.target.host.bytes().chain(redirect.target.path.iter().copied()).all(|byte| byte >= b' '));
    }
    if let Ok(text) = std::str::from_utf8(first) {
        let _ = url::split_authority(text);
    }
    let normal = target::normalise_path(first);
    assert_eq!(target::normalise_path(&normal), normal, "{:?}", String::from_utf8_lossy(first));
    let _ = target::percent_decode(first, true);
    let mut table = HeaderTable::new(Limits { text_bytes: 1000, fragments: 20 });
    let _ = target::store_target(Method::Get, first, &mut table);
    let _ = table.url_arg(second, 16);
    let _ = cookie::find_in(first, second);
    for size in [0, 1, 10, u64::MAX] {
        if let range::Ranges::Parts(parts) = range::parse(first, size) {
            for part in parts {
                assert!(part.len() <= size, "{part:?} of {size}");
                let _ = part.content_range(size);
            }
        }
    }
    let _ = date::parse(first, 2026);
    if let Some(credentials) = auth::Credentials::parse(first) {
        let _ = (credentials.user(), credentials.password(), credentials.matches(second));
    }
    let _ = request::check_header_lines(first);
    let head =
        form_part::head("boundary", &form_part::Part { name: first, filename: Some(second), content_type: None });
    assert!(head.windows(4).filter(|part| part == b"\r\n\r\n").count() == 1);
    let _ = substitute(first, &[b"$name", second], true, 4096, |_| b"value".to_vec());
});
