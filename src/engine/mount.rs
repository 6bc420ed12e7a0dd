//! Mounts: which part of the URL space of a vhost is served from where, without the program writing an answer.
//!
//! Order for a request under a mount: redirects (before anything else), basic auth, the other server of a proxy mount, the bind of the mount's protocol
//! with CHECK_ACCESS_RIGHTS, HTTP_PMO, POST to the program, files, HTTP to the program.
use super::callback::{self, Arg, HtmlArgs, Reason};
use super::cell::MayCall;
use super::close::{self, CloseCause};
use super::context::Context;
use super::file_serving::{self, Answer, Wanted};
use super::log::{self, Level, Scope};
use super::vhost::Vhost;
use super::wsi::{Phase, Wsi, flag};
use super::{reply, server, transaction};
use crate::proto::http::auth::{CHALLENGE, Credentials};
use crate::proto::http::forward;
use crate::proto::http::method::Method;
use crate::proto::http::mime;
use crate::proto::http::token::Token;
use std::ffi::CString;
use std::path::PathBuf;
use std::rc::Rc;

/// What is mounted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// A folder.
    File,
    /// A protocol of the program.
    Callback,
    /// Another place: 301.
    Redirect { https: bool },
    /// Another server.
    Proxy(Rc<forward::Origin>),
    /// Something this library does not do (CGI): the HTTP callback gets it.
    Other,
}

/// Who checks user names and passwords.
pub const AUTH_MODE_MASK: u32 = 0xf000_0000;
/// VERIFY_BASIC_AUTHORIZATION does.
pub const AUTH_BY_CALLBACK: u32 = 0x1000_0000;

/// How long clients may keep what a mount serves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CachePolicy {
    pub max_age_secs: i32,
    pub reusable: bool,
    pub revalidate: bool,
    /// Shared caches may keep it too.
    pub intermediaries: bool,
}

impl CachePolicy {
    /// The value of `cache-control`.
    pub fn header(self) -> String {
        if self.max_age_secs <= 0 || !self.reusable {
            return "no-store".into();
        }
        let revalidate = if self.revalidate { "must-revalidate, " } else { "" };
        let who = if self.intermediaries { "public" } else { "private" };
        format!("{revalidate}{who}, max-age={}", self.max_age_secs)
    }
}

/// One mount of a vhost. Texts are copies.
#[derive(Debug)]
pub struct Mount {
    /// Prefix of the paths.
    pub point: Vec<u8>,
    pub origin: Origin,
    /// Folder, protocol name, or host and path, as `origin` says.
    pub place: Vec<u8>,
    /// File for a folder.
    pub default_document: Vec<u8>,
    /// Protocol that requests are bound to.
    pub protocol: Option<String>,
    /// Address of the options for HTTP_PMO, 0: none.
    pub options: usize,
    /// Suffixes and types of its own.
    pub mime_types: Vec<(String, String)>,
    /// Suffixes of files that pass through PROCESS_HTML, and the protocols that get it.
    pub interpreted: Vec<(String, String)>,
    pub cache: CachePolicy,
    pub auth_mask: u32,
    pub auth_file: Option<PathBuf>,
}

impl Mount {
    /// Whether `path` lies under it.
    fn holds(&self, path: &[u8]) -> bool {
        let Some(rest) = path.strip_prefix(self.point.as_slice()) else { return false };
        self.point.is_empty() || self.point.ends_with(b"/") || rest.is_empty() || rest.starts_with(b"/")
    }

    /// The protocol that is bound for it.
    fn protocol_name(&self) -> Option<String> {
        let of_origin = || String::from_utf8(self.place.clone()).ok().filter(|name| !name.is_empty());
        self.protocol.clone().or_else(|| if self.origin == Origin::Callback { of_origin() } else { None })
    }

    /// The path behind it, as the program gets it.
    fn rest<'a>(&self, path: &'a [u8]) -> &'a [u8] {
        path.get(self.point.len()..).unwrap_or_default()
    }
}

/// The longest mount of `vhost` over `path`. Methods without a place among files go to callback mounts only.
pub fn find(vhost: &Vhost, path: &[u8], method: Method) -> Option<Rc<Mount>> {
    let is_usual = !matches!(method, Method::Options | Method::Connect);
    let candidates =
        vhost.settings.mounts.iter().filter(|mount| {
            mount.holds(path) && (is_usual || matches!(mount.origin, Origin::Callback | Origin::Proxy(_)))
        });
    // Of equally long ones the first wins.
    candidates.rev().max_by_key(|mount| mount.point.len()).map(Rc::clone)
}

struct Request {
    mount: Rc<Mount>,
    method: Method,
    path: Vec<u8>,
}

fn request(wsi: &Wsi) -> Option<Request> {
    if wsi.with_vhost(|vhost| vhost.settings.mounts.is_empty()) != Some(false) {
        return None;
    }
    let facts = wsi.http.visit(|http| http.request.as_ref().map(|head| (head.method, head.path().to_vec())));
    let (method, path) = facts.flatten()?;
    let mount = wsi.with_vhost(|vhost| find(vhost, &path, method)).flatten()?;
    Some(Request { mount, method, path })
}

/// Whether another server answers the present request.
pub fn is_proxied(wsi: &Wsi) -> bool {
    request(wsi).is_some_and(|request| matches!(request.mount.origin, Origin::Proxy(_)))
}

/// Whether another server answers for a part of a vhost on this port. Browsers then open websockets by HTTP/1.1, which
/// can be passed on: on streams of http/2 they are not.
pub fn any_proxied(cx: &Context, port: i32) -> bool {
    let has_proxy = |vhost: &Vhost| vhost.settings.mounts.iter().any(|mount| matches!(mount.origin, Origin::Proxy(_)));
    cx.all_vhosts().iter().any(|vhost| vhost.settings.port == port && has_proxy(vhost))
}

/// Redirect mounts, and folders without their final slash: 301 before anything else is looked at, also for upgrades.
///
/// True: the request is answered and the connection ends.
pub fn redirects(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    let Some(Request { mount, path, .. }) = request(wsi) else { return false };
    let location = match mount.origin {
        Origin::Redirect { https } => {
            let mut location = if https { b"https://".to_vec() } else { b"http://".to_vec() };
            for byte in &mount.place {
                if *byte != b'/' || location.last() != Some(&b'/') || location.ends_with(b"://") && location.len() < 8 {
                    location.push(*byte);
                }
            }
            location
        }
        Origin::File if mount.point.len() > 1 && path == mount.point && !path.ends_with(b"/") => {
            let host = wsi.http.visit(|http| http.headers().and_then(|headers| headers.joined(Token::Host))).flatten();
            let mut location = match host {
                Some(host) => [if wsi.has(flag::TLS) { &b"https://"[..] } else { b"http://" }, &host].concat(),
                None => Vec::new(),
            };
            location.extend_from_slice(&percent_encoded(&path));
            location.push(b'/');
            location
        }
        _ => return false,
    };
    if !is_header_text(&location) {
        return false;
    }
    // The original answers before it knows the version of the request; peers see that the connection ends.
    wsi.http.visit(|http| http.version = None);
    let head = reply::redirect(cx, wsi, 301, &location);
    reply::put(cx, wsi, &head, b"");
    close::end_with_answer(may, cx, wsi, CloseCause::ours("redirected by a mount"));
    true
}

/// Whether a text may stand in a header line.
fn is_header_text(text: &[u8]) -> bool {
    !text.iter().any(|byte| matches!(byte, b'\r' | b'\n' | 0))
}

/// A decoded path as it may stand in a URL.
pub fn percent_encoded(path: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(path.len());
    forward::percent_encode(path, &mut out);
    out
}

/// Plain text on a TLS port, where the vhost says so: the same place by https. True: answered.
pub fn redirects_to_https(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    const LONGEST_HOST: usize = 128;
    if !wsi.has(flag::TO_HTTPS) {
        return false;
    }
    let location = wsi.http.visit(|http| {
        let head = http.request.as_ref()?;
        let host = head.headers.joined(Token::Host).filter(|host| !host.is_empty() && host.len() <= LONGEST_HOST)?;
        let mut location = [b"https://", host.as_slice(), &percent_encoded(head.path())].concat();
        for (index, argument) in head.headers.fragments(Token::HttpUriArgs).enumerate() {
            location.push(if index == 0 { b'?' } else { b'&' });
            location.extend_from_slice(&percent_encoded(argument));
        }
        is_header_text(&location).then_some(location)
    });
    let Some(location) = location.flatten() else {
        close::at_once(may, cx, wsi, CloseCause::ours("plain http on a TLS port, without a Host to redirect to"));
        return true;
    };
    reply::queue(cx, wsi, &reply::redirect(cx, wsi, 301, &location), b"");
    complete(may, cx, wsi);
    true
}

/// Serves what lies under a mount, after FILTER_HTTP_CONNECTION. False: no mount, nothing was done.
pub fn serve(may: &mut MayCall, cx: &Context, wsi: &Wsi) -> bool {
    let Some(request) = request(wsi) else { return false };
    let id = wsi.id();
    if !is_authorised(may, cx, wsi, &request.mount) {
        return true;
    }
    let mount = &request.mount;
    if let Origin::Proxy(origin) = &mount.origin {
        if wsi.id() == id && wsi.phase.get() == Phase::Transaction {
            super::proxy::start(may, cx, wsi, mount, origin, mount.rest(&request.path));
        }
        return true;
    }
    let bound = mount.protocol_name();
    if let Some(name) = &bound
        && (!bind(may, cx, wsi, name) || !may_access(may, cx, wsi, &request))
    {
        return true;
    }
    if !announce_options(may, cx, wsi, mount) || wsi.id() != id || wsi.phase.get() != Phase::Transaction {
        return true;
    }
    let behind = mount.rest(&request.path).to_vec();
    if bound.is_some() && request.method == Method::Post {
        ask_program(may, cx, wsi, behind);
        return true;
    }
    match mount.origin {
        Origin::File => serve_file(may, cx, wsi, &request),
        // With a protocol of its own a mount is a place, and the program gets what lies in it.
        _ if mount.protocol.is_some() => ask_own_protocol(may, cx, wsi, mount, behind),
        _ => ask_program(may, cx, wsi, request.path),
    }
    true
}

fn ask_program(may: &mut MayCall, cx: &Context, wsi: &Wsi, path: Vec<u8>) {
    let path = CString::new(path).unwrap_or_default();
    transaction::ask_program(may, cx, wsi, &path);
}

/// HTTP to the protocol a mount names, which is bound anew for it, as always.
fn ask_own_protocol(may: &mut MayCall, cx: &Context, wsi: &Wsi, mount: &Mount, path: Vec<u8>) {
    if mount.protocol.as_deref().is_none_or(|name| bind(may, cx, wsi, name)) {
        ask_program(may, cx, wsi, path);
    }
}

/// Binds to a protocol of the vhost by name. False: the connection ends.
fn bind(may: &mut MayCall, cx: &Context, wsi: &Wsi, name: &str) -> bool {
    let id = wsi.id();
    let protocol = wsi.with_vhost(|vhost| vhost.protocol_named(name.as_bytes())).unwrap_or_default();
    if protocol.is_none() {
        let text = format_args!("a mount names the protocol '{name}', which its vhost does not have");
        log::line(Level::Err, Scope::Wsi(wsi), "mount", text);
        close::at_once(may, cx, wsi, CloseCause::ours("a mount names an unknown protocol"));
        return false;
    }
    let verdict = server::bind(may, cx, wsi, protocol);
    close::after_callback(may, cx, wsi, id, Reason::HttpBindProtocol, verdict)
}

/// CHECK_ACCESS_RIGHTS: nonzero is answered with 401. False: the request is dealt with.
fn may_access(may: &mut MayCall, cx: &Context, wsi: &Wsi, request: &Request) -> bool {
    let id = wsi.id();
    let mut path = request.path.clone();
    path.push(0);
    let mut args = HtmlArgs {
        text: path.as_mut_ptr(),
        len: i32::try_from(path.len() - 1).unwrap_or(i32::MAX),
        max_len: (request.mount.auth_mask & !AUTH_MODE_MASK) as i32,
        is_final: 0,
        is_chunked: 0,
    };
    let reason = Reason::CheckAccessRights;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::Html(&mut args), "is answered with 401");
    if !close::after_callback(may, cx, wsi, id, reason, 0) {
        return false;
    }
    if verdict != 0 {
        reply::status_page(cx, wsi, 401, b"");
        close::end_with_answer(may, cx, wsi, CloseCause::ours("refused at CHECK_ACCESS_RIGHTS"));
        return false;
    }
    args.is_final == 0
}

/// HTTP_PMO: `in` the options of the mount. Nonzero closes.
fn announce_options(may: &mut MayCall, cx: &Context, wsi: &Wsi, mount: &Mount) -> bool {
    if mount.options == 0 {
        return true;
    }
    let id = wsi.id();
    let reason = Reason::HttpPmo;
    let verdict = callback::strict(may, cx, wsi, reason, Arg::Address(mount.options), "closes the connection");
    close::after_callback(may, cx, wsi, id, reason, verdict)
}

/// HTTP_PMO for an upgrade under a mount with options; its return value is ignored there.
pub fn announce_options_of_upgrade(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if let Some(request) = request(wsi)
        && request.mount.options != 0
    {
        callback::notify(may, cx, wsi, Reason::HttpPmo, Arg::Address(request.mount.options));
    }
}

/// The answer is queued: the transaction is over, and the connection too where it does not persist.
pub fn complete(may: &mut MayCall, cx: &Context, wsi: &Wsi) {
    if transaction::completed(may, cx, wsi) != 0 {
        close::end_with_answer(may, cx, wsi, CloseCause::ours("the transaction is over and the connection too"));
    }
}

/// Basic auth by file or by VERIFY_BASIC_AUTHORIZATION (RFC 7617). False: refused, and answered.
fn is_authorised(may: &mut MayCall, cx: &Context, wsi: &Wsi, mount: &Mount) -> bool {
    let by_callback = mount.auth_mask & AUTH_MODE_MASK == AUTH_BY_CALLBACK;
    if !by_callback && mount.auth_file.is_none() {
        return true;
    }
    match check_credentials(may, cx, wsi, by_callback, mount.auth_file.as_deref()) {
        Verdict::Good => true,
        Verdict::Gone => false,
        refusal => {
            answer_refusal(cx, wsi, &refusal);
            complete(may, cx, wsi);
            false
        }
    }
}

/// What an Authorization header is worth.
pub enum Verdict {
    Good,
    /// None, or a wrong one: 401.
    Missing,
    /// Not basic auth at all: 403.
    Malformed,
    /// The callback ended the connection.
    Gone,
}

/// Queues 401 or 403. Does not complete the transaction.
pub fn answer_refusal(cx: &Context, wsi: &Wsi, verdict: &Verdict) {
    if matches!(verdict, Verdict::Malformed) {
        reply::status_page(cx, wsi, 403, b"");
        return;
    }
    let mut head = reply::head_start(cx, wsi, 401);
    reply::append_line(&mut head, Token::HttpWwwAuthenticate.name().as_bytes(), CHALLENGE.as_bytes());
    reply::append_length(&mut head, 0);
    head.extend_from_slice(b"\r\n");
    reply::queue(cx, wsi, &head, b"");
}

/// Looks at the Authorization header of the request. Nonzero from VERIFY_BASIC_AUTHORIZATION accepts.
pub fn check_credentials(
    may: &mut MayCall,
    cx: &Context,
    wsi: &Wsi,
    by_callback: bool,
    file: Option<&std::path::Path>,
) -> Verdict {
    let id = wsi.id();
    let given = wsi.http.visit(|http| http.headers().and_then(|h| h.joined(Token::HttpAuthorization))).flatten();
    let Some(given) = given else { return Verdict::Missing };
    let Some(credentials) = Credentials::parse(&given) else { return Verdict::Malformed };
    if by_callback {
        let Ok(text) = CString::new(credentials.plain.clone()) else { return Verdict::Malformed };
        let reason = Reason::VerifyBasicAuthorization;
        let argument = Arg::Text(&text, text.as_bytes().len());
        let accepts = callback::call(may, cx, wsi, wsi.protocol.get(), reason, argument) != 0;
        if !close::after_callback(may, cx, wsi, id, reason, 0) {
            return Verdict::Gone;
        }
        return if accepts { good(wsi, &credentials) } else { Verdict::Missing };
    }
    match file.map(std::fs::read) {
        Some(Ok(lines)) => {
            let trimmed = |line: &[u8]| line.strip_suffix(b"\r").unwrap_or(line).to_vec();
            // All lines are compared, so that the time does not tell which user exists.
            let matches = lines.split(|byte| *byte == b'\n').filter(|line| credentials.matches(&trimmed(line))).count();
            if matches > 0 { good(wsi, &credentials) } else { Verdict::Missing }
        }
        Some(Err(error)) => {
            let text = format_args!("cannot read the login file: {}", super::net::describe(&error));
            log::line(Level::Err, Scope::Wsi(wsi), "basic auth", text);
            Verdict::Missing
        }
        None => Verdict::Missing,
    }
}

/// The login is right: from now on the program sees the user's name where the password was.
fn good(wsi: &Wsi, credentials: &Credentials) -> Verdict {
    wsi.http.visit(|http| {
        let head = http.request.as_mut()?;
        head.headers.replace(Token::HttpAuthorization, credentials.user()).ok()
    });
    Verdict::Good
}

/// A file of the mount's folder, else HTTP to the program.
fn serve_file(may: &mut MayCall, cx: &Context, wsi: &Wsi, request: &Request) {
    let mount = &request.mount;
    let behind = mount.rest(&request.path).to_vec();
    let wanted = Wanted {
        cache: mount.cache.header(),
        is_error_document: is_error_document(wsi, mount, &behind),
        ..Wanted::default()
    };
    let mut path = mount.place.clone();
    while path.last() == Some(&b'/') {
        path.pop();
    }
    if !behind.starts_with(b"/") {
        path.push(b'/');
    }
    path.extend_from_slice(&behind);
    let Some(opened) = file_serving::open(cx, wsi, &path, &mount.default_document) else {
        return match mount.protocol {
            Some(_) => ask_own_protocol(may, cx, wsi, mount, behind),
            None => ask_program(may, cx, wsi, request.path.clone()),
        };
    };
    let name = String::from_utf8_lossy(&opened.path).into_owned();
    let own_types = mount.mime_types.iter().map(|(suffix, mime_type)| (suffix.as_str(), mime_type.as_str()));
    let Some(content_type) = mime::type_of(&name, own_types).map(str::to_owned) else {
        log::line(Level::Notice, Scope::Wsi(wsi), "mount", format_args!("no content type is known for '{name}': 415"));
        reply::status_page(cx, wsi, 415, b"");
        return complete(may, cx, wsi);
    };
    let interpreter = mount.interpreted.iter().find(|(suffix, _)| has_suffix(&name, suffix)).map(|(_, to)| to.clone());
    let wanted = Wanted {
        content_type: content_type.into_bytes(),
        is_interpreted: interpreter.is_some(),
        // What the program puts in may change while the file stays.
        with_etag: interpreter.is_none(),
        asks_for_headers: mount.protocol.is_some(),
        bind: interpreter.or_else(|| mount.protocol.clone()),
        ..wanted
    };
    match file_serving::begin(may, cx, wsi, opened, wanted, bind) {
        Answer::UnderWay => {
            transaction::read_body(may, cx, wsi);
        }
        Answer::Complete => complete(may, cx, wsi),
        Answer::Dead => close::at_once(may, cx, wsi, CloseCause::ours("the file cannot be served")),
        Answer::Gone => {}
    }
}

fn has_suffix(name: &str, suffix: &str) -> bool {
    let at = name.len().checked_sub(suffix.len());
    !suffix.is_empty() && at.and_then(|at| name.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
}

/// Whether this is the page for what is missing, which is served with 404.
fn is_error_document(wsi: &Wsi, mount: &Mount, behind: &[u8]) -> bool {
    let document = wsi.with_vhost(|vhost| vhost.settings.error_document_404.clone()).flatten();
    document.is_some_and(|document| {
        document == behind || mount.point == b"/" && document.strip_prefix(b"/") == Some(behind)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::vhost::VhostSettings;

    fn mount(point: &str, origin: Origin) -> Rc<Mount> {
        Rc::new(Mount {
            point: point.into(),
            origin,
            place: b"place".to_vec(),
            default_document: b"index.html".to_vec(),
            protocol: None,
            options: 0,
            mime_types: Vec::new(),
            interpreted: Vec::new(),
            cache: CachePolicy::default(),
            auth_mask: 0,
            auth_file: None,
        })
    }

    fn found(points: &[(&str, Origin)], path: &str, method: Method) -> Option<String> {
        let mounts = points.iter().map(|(point, origin)| mount(point, origin.clone())).collect();
        let vhost = Vhost::new(VhostSettings { mounts, ..VhostSettings::default() }, Vec::new());
        find(&vhost, path.as_bytes(), method).map(|mount| String::from_utf8_lossy(&mount.point).into_owned())
    }

    #[test]
    fn the_longest_mount_wins_and_ends_at_a_slash() {
        let all = [("/", Origin::File), ("/a", Origin::File), ("/a/b", Origin::Callback), ("/c/", Origin::File)];
        for (path, expected) in
            [("/", "/"), ("/ab", "/"), ("/a", "/a"), ("/a/x", "/a"), ("/a/b", "/a/b"), ("/a/bc", "/a"), ("/c/d", "/c/")]
        {
            assert_eq!(found(&all, path, Method::Get).as_deref(), Some(expected), "{path}");
        }
        assert_eq!(found(&all[1..], "/x", Method::Get), None);
        assert_eq!(found(&all, "/a/x", Method::Options), None);
        assert_eq!(found(&all, "/a/b/c", Method::Options).as_deref(), Some("/a/b"));
    }

    #[test]
    fn cache_headers_say_how_long() {
        let policy = CachePolicy { max_age_secs: 60, reusable: true, ..CachePolicy::default() };
        assert_eq!(policy.header(), "private, max-age=60");
        let shared = CachePolicy { revalidate: true, intermediaries: true, ..policy };
        assert_eq!(shared.header(), "must-revalidate, public, max-age=60");
        assert_eq!(CachePolicy { reusable: false, ..policy }.header(), "no-store");
        assert_eq!(CachePolicy { max_age_secs: 0, ..policy }.header(), "no-store");
    }

    #[test]
    fn paths_in_locations_are_encoded() {
        assert_eq!(percent_encoded(b"/a b\r\n%&x=1/\xff"), b"/a%20b%0D%0A%25%26x=1/%FF");
    }
}
