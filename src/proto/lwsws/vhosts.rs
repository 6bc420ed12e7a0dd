//! Which vhosts are there, with which mounts?
use super::walk::{Event, Walk};
use super::{Document, Note, Pairs, Position, Text, is_yes, narrowed, number, shown};

/// Longest mountpoint: its length is one byte in the C interface.
const MAX_MOUNTPOINT: usize = 255;

/// What stands in for the folder of installed data, in values of vhosts.
const DATA_DIR_NAME: &[u8] = b"_lws_ddir_";

/// One item of `vhosts`.
#[derive(Debug, Default)]
pub struct Vhost {
    /// where it ends in the file
    pub at: Position,
    pub name: Option<Text>,
    /// 0 only with `unix_socket`
    pub port: i32,
    pub interface: Option<Text>,
    pub unix_socket: bool,
    pub unix_socket_perms: Option<Text>,
    pub access_log: Option<Text>,
    pub error_document_404: Option<Text>,
    pub keepalive_timeout: Option<i32>,
    pub alpn: Option<Text>,
    pub listen_accept_role: Option<Text>,
    pub listen_accept_protocol: Option<Text>,
    /// Some(true): only IPv6, Some(false): not only, None: as the system does
    pub ipv6_only: Option<bool>,
    pub switches: Switches,
    pub server_tls: Tls,
    pub client_tls: Tls,
    pub headers: Pairs,
    pub protocols: Vec<Protocol>,
    pub mounts: Vec<Mount>,
}

/// What is yes or no, and no where nothing is said.
#[derive(Clone, Copy, Debug, Default)]
pub struct Switches {
    pub strict_transport_security: bool,
    pub client_tls: bool,
    pub no_ipv6: bool,
    /// `onlyraw` and `apply-listen-accept`
    pub listen_accept: bool,
    pub fallback_listen_accept: bool,
    pub client_cert_required: bool,
    pub ignore_missing_cert: bool,
    pub strict_host_check: bool,
    pub allow_non_tls: bool,
    pub redirect_http: bool,
    pub allow_http_on_https: bool,
    pub h2_half_closed_long_poll: bool,
}

/// Files and lists of TLS, for one direction.
#[derive(Clone, Debug, Default)]
pub struct Tls {
    pub key: Option<Text>,
    pub cert: Option<Text>,
    pub ca: Option<Text>,
    pub ciphers: Option<Text>,
    pub tls13_ciphers: Option<Text>,
    /// of the server only
    pub ecdh_curve: Option<Text>,
    pub options_set: i64,
    pub options_clear: i64,
}

/// A protocol that is enabled, with its options.
#[derive(Clone, Debug)]
pub struct Protocol {
    pub name: Text,
    pub options: Pairs,
}

/// What a mount stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    Http,
    Https,
    File,
    Cgi,
    RedirectHttp,
    RedirectHttps,
    Callback,
}

/// How an origin begins.
const ORIGINS: [(&[u8], Origin); 7] = [
    (b"http://", Origin::Http),
    (b"https://", Origin::Https),
    (b"file://", Origin::File),
    (b"cgi://", Origin::Cgi),
    (b">http://", Origin::RedirectHttp),
    (b">https://", Origin::RedirectHttps),
    (b"callback://", Origin::Callback),
];

/// One item of `mounts`.
#[derive(Debug)]
pub struct Mount {
    pub mountpoint: Text,
    pub kind: Origin,
    /// what follows `://`
    pub origin: Text,
    pub settings: MountSettings,
}

/// What a mount may say besides where it is.
#[derive(Debug, Default)]
pub struct MountSettings {
    pub protocol: Option<Text>,
    pub default_document: Option<Text>,
    pub basic_auth: Option<Text>,
    pub auth_mask: i64,
    pub cgi_timeout: i64,
    pub cache_max_age: i64,
    pub cache_reuse: bool,
    pub cache_revalidate: bool,
    pub cache_intermediaries: bool,
    /// `pmo` and `cgi-env`
    pub options: Pairs,
    pub extra_mimetypes: Pairs,
    pub interpret: Pairs,
}

impl Vhost {
    fn text(&mut self, name: &[u8]) -> Option<&mut Option<Text>> {
        Some(match name {
            b"name" => &mut self.name,
            b"interface" => &mut self.interface,
            b"unix-socket-perms" => &mut self.unix_socket_perms,
            b"access-log" => &mut self.access_log,
            b"error-document-404" => &mut self.error_document_404,
            b"alpn" => &mut self.alpn,
            b"listen-accept-role" => &mut self.listen_accept_role,
            b"listen-accept-protocol" => &mut self.listen_accept_protocol,
            b"host-ssl-key" => &mut self.server_tls.key,
            b"host-ssl-cert" => &mut self.server_tls.cert,
            b"host-ssl-ca" => &mut self.server_tls.ca,
            b"ciphers" => &mut self.server_tls.ciphers,
            b"tls13-ciphers" => &mut self.server_tls.tls13_ciphers,
            b"ecdh-curve" => &mut self.server_tls.ecdh_curve,
            b"client-ssl-key" => &mut self.client_tls.key,
            b"client-ssl-cert" => &mut self.client_tls.cert,
            b"client-ssl-ca" => &mut self.client_tls.ca,
            b"client-ssl-ciphers" => &mut self.client_tls.ciphers,
            b"client-tls13-ciphers" => &mut self.client_tls.tls13_ciphers,
            _ => return None,
        })
    }

    fn switch(&mut self, name: &[u8]) -> Option<&mut bool> {
        let switches = &mut self.switches;
        Some(match name {
            b"unix-socket" => &mut self.unix_socket,
            b"sts" => &mut switches.strict_transport_security,
            b"enable-client-ssl" => &mut switches.client_tls,
            b"noipv6" => &mut switches.no_ipv6,
            b"onlyraw" | b"apply-listen-accept" => &mut switches.listen_accept,
            b"fallback-listen-accept" => &mut switches.fallback_listen_accept,
            b"client-cert-required" => &mut switches.client_cert_required,
            b"ignore-missing-cert" => &mut switches.ignore_missing_cert,
            b"strict-host-check" => &mut switches.strict_host_check,
            b"allow-non-tls" => &mut switches.allow_non_tls,
            b"redirect-http" => &mut switches.redirect_http,
            b"allow-http-on-https" => &mut switches.allow_http_on_https,
            b"h2-half-closed-long-poll" => &mut switches.h2_half_closed_long_poll,
            _ => return None,
        })
    }

    /// A member of the vhost itself; the answer is what is to be told about it.
    fn take(&mut self, name: &[u8], value: Text) -> Option<String> {
        if let Some(place) = self.text(name) {
            *place = Some(value);
            return (name == b"access-log").then(|| "access logs are not written".into());
        }
        if let Some(place) = self.switch(name) {
            return note_of(is_yes(&value), false, |yes| *place = yes);
        }
        match name {
            b"ipv6only" => note_of(is_yes(&value), false, |yes| self.ipv6_only = Some(yes)),
            b"port" => counted(&value, |port| self.port = narrowed(port)),
            b"keepalive_timeout" => counted(&value, |secs| self.keepalive_timeout = Some(narrowed(secs))),
            b"ssl-option-set" => counted(&value, |bits| self.server_tls.options_set |= bits),
            b"ssl-option-clear" => counted(&value, |bits| self.server_tls.options_clear |= bits),
            b"ssl-client-option-set" => counted(&value, |bits| self.client_tls.options_set |= bits),
            b"ssl-client-option-clear" => counted(&value, |bits| self.client_tls.options_clear |= bits),
            b"disable-no-protocol-ws-upgrades" => {
                Some("left out: the callbacks of the protocols decide about upgrades".into())
            }
            _ => Some("unknown; left out".into()),
        }
    }
}

/// A mount that is being read.
#[derive(Debug, Default)]
struct Draft {
    mountpoint: Option<Text>,
    origin: Option<Text>,
    settings: MountSettings,
}

impl Draft {
    fn take(&mut self, name: &[u8], value: Text) -> Option<String> {
        let settings = &mut self.settings;
        match name {
            b"mountpoint" => self.mountpoint = Some(value),
            b"origin" => self.origin = Some(value),
            b"protocol" => settings.protocol = Some(value),
            b"default" => settings.default_document = Some(value),
            b"basic-auth" => settings.basic_auth = Some(value),
            b"auth-mask" => return counted(&value, |bits| settings.auth_mask = bits),
            b"cgi-timeout" => return counted(&value, |secs| settings.cgi_timeout = secs),
            b"cache-max-age" => return counted(&value, |secs| settings.cache_max_age = secs),
            b"cache-reuse" => return note_of(is_yes(&value), false, |yes| settings.cache_reuse = yes),
            b"cache-revalidate" => return note_of(is_yes(&value), false, |yes| settings.cache_revalidate = yes),
            b"cache-intermediaries" => {
                return note_of(is_yes(&value), false, |yes| settings.cache_intermediaries = yes);
            }
            _ => return Some("unknown; left out".into()),
        }
        None
    }

    fn finish(self) -> Result<Mount, String> {
        let (Some(mountpoint), Some(origin)) = (self.mountpoint, self.origin) else {
            return Err("a mount needs a mountpoint and an origin".into());
        };
        if mountpoint.len() > MAX_MOUNTPOINT {
            return Err(format!("the mountpoint {} has more than {MAX_MOUNTPOINT} bytes", shown(&mountpoint)));
        }
        let Some((begin, kind)) = ORIGINS.into_iter().find(|(begin, _)| origin.starts_with(begin)) else {
            let known = ORIGINS.map(|(begin, _)| String::from_utf8_lossy(begin).into_owned()).join(" ");
            return Err(format!("the origin {} begins with none of {known}", shown(&origin)));
        };
        Ok(Mount { mountpoint, kind, origin: origin[begin.len()..].to_vec(), settings: self.settings })
    }
}

/// Hands over what was found, or `instead`, with words about why.
fn note_of<T>(found: Result<T, String>, instead: T, take: impl FnOnce(T)) -> Option<String> {
    match found {
        Ok(found) => {
            take(found);
            None
        }
        Err(text) => {
            take(instead);
            Some(text)
        }
    }
}

/// Hands over a number, or what the beginning of the text is, with words about that.
fn counted(value: &[u8], take: impl FnOnce(i64)) -> Option<String> {
    let found = number(value);
    take(found.unwrap_or_else(|beginning| beginning));
    found.is_err().then(|| format!("{} is no number", shown(value)))
}

/// Reads one file. `global` in it is not looked at. `data_dir` replaces `_lws_ddir_` in values.
///
/// A mistake in a vhost ends the reading; the vhosts in front of it are there.
pub fn read(text: &[u8], data_dir: &[u8]) -> Document<Vec<Vhost>> {
    let mut document = Document::default();
    let mut reader = Reader { walk: Walk::new(text), data_dir, vhost: None, mount: None };
    while reader.step(&mut document).unwrap_or_else(|problem| {
        document.problem = Some(problem);
        false
    }) {}
    document
}

struct Reader<'a> {
    walk: Walk<'a>,
    data_dir: &'a [u8],
    vhost: Option<Vhost>,
    mount: Option<Draft>,
}

impl Reader<'_> {
    /// Takes the next event; whether there may be another.
    fn step(&mut self, document: &mut Document<Vec<Vhost>>) -> Result<bool, Note> {
        let Some(event) = self.walk.advance()? else { return Ok(false) };
        let at = self.walk.position();
        let way = self.walk.way();
        match (event, &way[..]) {
            (Event::Object, [Some(b"vhosts"), None]) => self.vhost = Some(Vhost::default()),
            (Event::Object, [Some(b"vhosts"), None, Some(b"mounts"), None]) => self.mount = Some(Draft::default()),
            (Event::Object, [Some(b"vhosts"), None, Some(b"ws-protocols"), None, Some(name)]) => {
                if let Some(vhost) = &mut self.vhost {
                    vhost.protocols.push(Protocol { name: name.to_vec(), options: Vec::new() });
                }
            }
            (Event::ObjectEnd, [Some(b"vhosts"), None, Some(b"mounts"), None]) => {
                if let (Some(vhost), Some(draft)) = (&mut self.vhost, self.mount.take()) {
                    vhost.mounts.push(draft.finish().map_err(|text| Note { at, text })?);
                }
            }
            (Event::ObjectEnd, [Some(b"vhosts"), None]) => {
                if let Some(mut vhost) = self.vhost.take() {
                    if vhost.port == 0 && !vhost.unix_socket {
                        let name = shown(vhost.name.as_deref().unwrap_or_default());
                        return Err(Note { at, text: format!("the vhost {name} needs a port, such as 443") });
                    }
                    vhost.at = at;
                    document.read.push(vhost);
                }
            }
            (Event::Value(value), way) => {
                let value = with_data_dir(value, self.data_dir);
                if let Some(vhost) = &mut self.vhost
                    && let Some(text) = take(vhost, self.mount.as_mut(), way, value)
                {
                    let text = format!("{}: {text}", self.walk.shown_way());
                    document.notes.push(Note { at, text });
                } else if !matches!(way, [Some(b"vhosts"), None, ..] | [Some(b"global"), ..]) {
                    let text = format!("{}: unknown; left out", self.walk.shown_way());
                    document.notes.push(Note { at, text });
                }
            }
            (Event::Object | Event::ObjectEnd, _) => {}
        }
        Ok(true)
    }
}

/// Takes one value inside a vhost; the answer is what is to be told about it.
fn take(vhost: &mut Vhost, mount: Option<&mut Draft>, way: &[Option<&[u8]>], value: Text) -> Option<String> {
    let pair = |name: &[u8], value| (name.to_vec(), value);
    match (way, mount) {
        ([_, _, Some(name)], _) => return vhost.take(name, value),
        ([_, _, Some(b"headers"), None, Some(name)], _) => vhost.headers.push(pair(name, value)),
        ([_, _, Some(b"ws-protocols"), None, Some(_), Some(name)], _) => {
            vhost.protocols.last_mut()?.options.push(pair(name, value));
        }
        ([_, _, Some(b"mounts"), None, Some(name)], Some(mount)) => return mount.take(name, value),
        ([_, _, Some(b"mounts"), None, Some(b"pmo" | b"cgi-env"), None, Some(name)], Some(mount)) => {
            mount.settings.options.push(pair(name, value));
        }
        ([_, _, Some(b"mounts"), None, Some(b"extra-mimetypes"), Some(name)], Some(mount)) => {
            mount.settings.extra_mimetypes.push(pair(name, value));
        }
        ([_, _, Some(b"mounts"), None, Some(b"interpret"), Some(name)], Some(mount)) => {
            mount.settings.interpret.push(pair(name, value));
        }
        _ => return Some("unknown; left out".into()),
    }
    None
}

fn with_data_dir(value: Text, data_dir: &[u8]) -> Text {
    let mut made = Vec::new();
    let mut rest = value.as_slice();
    while let Some(at) = memchr::memmem::find(rest, DATA_DIR_NAME) {
        made.extend_from_slice(&rest[..at]);
        made.extend_from_slice(data_dir);
        rest = &rest[at + DATA_DIR_NAME.len()..];
    }
    if made.is_empty() && rest.len() == value.len() {
        return value;
    }
    made.extend_from_slice(rest);
    made
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(members: &str) -> Vhost {
        let text = format!(r#"{{"vhosts": [{{"name": "n", "port": "80", {members}}}]}}"#);
        let document = read(text.as_bytes(), b"/usr/share");
        assert_eq!((document.notes, document.problem), (vec![], None));
        document.read.into_iter().next().unwrap()
    }

    fn problem(text: &str) -> (usize, String) {
        let document = read(text.as_bytes(), b"");
        (document.read.len(), document.problem.map(|note| note.text).unwrap_or_default())
    }

    fn pairs(pairs: &[(&str, &str)]) -> Pairs {
        pairs.iter().map(|(name, value)| (name.as_bytes().to_vec(), value.as_bytes().to_vec())).collect()
    }

    #[test]
    fn texts_switches_and_numbers_find_their_place() {
        let vhost = one(r#""interface": "lo", "sts": "1", "host-ssl-key": "k", "client-ssl-ca": "a", "onlyraw": "no",
            "ipv6only": "off", "keepalive_timeout": 9, "ssl-option-set": "8", "ssl-option-set": "1", "alpn": "h2""#);
        assert_eq!((vhost.name.unwrap(), vhost.port, vhost.interface.unwrap()), (b"n".to_vec(), 80, b"lo".to_vec()));
        assert_eq!((vhost.switches.strict_transport_security, vhost.switches.listen_accept), (true, false));
        assert_eq!((vhost.server_tls.key.unwrap(), vhost.client_tls.ca.unwrap()), (b"k".to_vec(), b"a".to_vec()));
        assert_eq!((vhost.ipv6_only, vhost.keepalive_timeout, vhost.server_tls.options_set), (Some(false), Some(9), 9));
    }

    #[test]
    fn lists_keep_the_order_of_the_file() {
        let vhost = one(r#""headers": [{"A": "1", "B": "2"}],
            "ws-protocols": [{"p": {"x": "1", "y": "2"}, "q": {}}, {"r": {"z": "3"}}]"#);
        assert_eq!(vhost.headers, pairs(&[("A", "1"), ("B", "2")]));
        let protocols: Vec<_> = vhost.protocols.into_iter().map(|own| (own.name, own.options)).collect();
        assert_eq!(protocols[0], (b"p".to_vec(), pairs(&[("x", "1"), ("y", "2")])));
        assert_eq!(protocols[1..], [(b"q".to_vec(), vec![]), (b"r".to_vec(), pairs(&[("z", "3")]))]);
    }

    #[test]
    fn mounts_have_their_options() {
        let vhost = one(r#""mounts": [{"mountpoint": "/", "origin": "file://_lws_ddir_/x", "default": "i.html",
            "cache-max-age": "60", "cache-reuse": "1", "extra-mimetypes": {".zip": "a/z"}, "interpret": {".h": "p"}},
            {"mountpoint": "/c", "origin": "callback://p", "pmo": [{"a": "b"}], "auth-mask": "3"},
            {"mountpoint": "/r", "origin": ">https://h"}]"#);
        let [file, callback, redirect] = vhost.mounts.try_into().unwrap();
        assert_eq!((file.kind, file.origin), (Origin::File, b"/usr/share/x".to_vec()));
        assert_eq!(file.settings.default_document.unwrap(), b"i.html");
        assert_eq!((file.settings.cache_max_age, file.settings.cache_reuse), (60, true));
        assert_eq!(file.settings.extra_mimetypes, pairs(&[(".zip", "a/z")]));
        assert_eq!(file.settings.interpret, pairs(&[(".h", "p")]));
        assert_eq!((callback.kind, callback.origin), (Origin::Callback, b"p".to_vec()));
        assert_eq!((callback.settings.options, callback.settings.auth_mask), (pairs(&[("a", "b")]), 3));
        assert_eq!((redirect.kind, redirect.origin), (Origin::RedirectHttps, b"h".to_vec()));
    }

    #[test]
    fn a_mistake_ends_the_reading_behind_the_vhosts_in_front_of_it() {
        let good = r#"{"name": "a", "port": "80"}"#;
        let (count, text) = problem(&format!(r#"{{"vhosts": [{good}, {{"name": "b"}}, {good}]}}"#));
        assert_eq!((count, text.as_str()), (1, "the vhost 'b' needs a port, such as 443"));
        let mount = |mount: &str| problem(&format!(r#"{{"vhosts": [{{"port": "80", "mounts": [{mount}]}}]}}"#)).1;
        assert!(mount(r#"{"mountpoint": "/"}"#).contains("needs a mountpoint and an origin"));
        assert!(mount(r#"{"mountpoint": "/", "origin": "/tmp"}"#).contains("'/tmp' begins with none of http://"));
        let long = "x".repeat(256);
        let mount = mount(&format!(r#"{{"mountpoint": "{long}", "origin": "file:///"}}"#));
        assert!(mount.contains("more than 255 bytes"));
    }

    #[test]
    fn unknown_names_are_told_with_their_way() {
        let text = r#"{"vhosts": [{"port": "80x", "keeplive": "1", "mounts": [{"mountpoint": "/", "origin": "file:///",
            "cache": "1"}], "headers": {"A": "1"}, "access-log": "/l", "sts": "maybe"}], "global": {"x": "1"}, "y": 2}"#;
        let document = read(text.as_bytes(), b"");
        let told: Vec<_> = document.notes.into_iter().map(|note| note.text).collect();
        let expected = [
            "vhosts[].port: '80x' is no number",
            "vhosts[].keeplive: unknown; left out",
            "vhosts[].mounts[].cache: unknown; left out",
            "vhosts[].headers.A: unknown; left out",
            "vhosts[].access-log: access logs are not written",
            "vhosts[].sts: 'maybe' is neither yes nor no: no",
            "y: unknown; left out",
        ];
        assert_eq!(told, expected);
        assert_eq!(document.read[0].port, 80);
    }

    #[test]
    fn the_folder_of_data_is_put_in_wherever_it_is_named() {
        let replaced = |text: &[u8]| with_data_dir(text.to_vec(), b"/d");
        assert_eq!(replaced(b"_lws_ddir_"), b"/d");
        assert_eq!(replaced(b"a_lws_ddir_b_lws_ddir_"), b"a/db/d");
        assert_eq!(replaced(b"_lws_ddir"), b"_lws_ddir");
        assert_eq!(with_data_dir(b"_lws_ddir_".to_vec(), b""), b"");
    }
}
