//! What is said about the whole server?
use super::walk::{Event, Walk};
use super::{Document, Pairs, Text, is_yes, number, shown};

/// The members of `global` that a file has.
#[derive(Debug, Default)]
pub struct Globals {
    pub uid: Option<i64>,
    pub gid: Option<i64>,
    pub user_name: Option<Text>,
    pub group_name: Option<Text>,
    pub threads: Option<i64>,
    /// `init-ssl`
    pub has_tls: bool,
    pub server_string: Option<Text>,
    pub timeout_secs: Option<i64>,
    pub default_alpn: Option<Text>,
    pub descriptor_limit: Option<i64>,
    /// what is refused in a User-Agent, and with which status
    pub refused_agents: Pairs,
}

/// Reads one file. `vhosts` in it are not looked at.
pub fn read(text: &[u8]) -> Document<Globals> {
    let mut document = Document::default();
    let mut walk = Walk::new(text);
    loop {
        match walk.advance() {
            Ok(Some(Event::Value(value))) => {
                if let Some(text) = take(&mut document.read, &walk, value) {
                    document.notes.push(walk.note(text));
                }
            }
            Ok(Some(Event::Object | Event::ObjectEnd)) => {}
            Ok(None) => return document,
            Err(problem) => {
                document.problem = Some(problem);
                return document;
            }
        }
    }
}

/// Takes one value; the answer is what is to be told about it.
fn take(globals: &mut Globals, walk: &Walk<'_>, value: Text) -> Option<String> {
    let mut told = None;
    let way = walk.way();
    let name = match way[..] {
        [Some(b"vhosts"), ..] => return None,
        [Some(b"global"), Some(b"reject-service-keywords"), None, Some(keyword)] => {
            globals.refused_agents.push((keyword.to_vec(), value));
            return None;
        }
        [Some(b"global"), Some(name)] => name,
        _ => b"",
    };
    let mut as_number = |value: &[u8]| {
        let found = number(value);
        if found.is_err() {
            told = Some(format!("{}: {} is no number", walk.shown_way(), shown(value)));
        }
        Some(found.unwrap_or_else(|beginning| beginning))
    };
    match name {
        b"uid" => globals.uid = as_number(&value),
        b"gid" => globals.gid = as_number(&value),
        b"count-threads" => globals.threads = as_number(&value),
        b"timeout-secs" => globals.timeout_secs = as_number(&value),
        b"rlimit-nofile" => globals.descriptor_limit = as_number(&value),
        b"username" => globals.user_name = Some(value),
        b"groupname" => globals.group_name = Some(value),
        b"server-string" => globals.server_string = Some(value),
        b"default-alpn" => globals.default_alpn = Some(value),
        b"init-ssl" => match is_yes(&value) {
            Ok(yes) => globals.has_tls |= yes,
            Err(text) => told = Some(format!("{}: {text}", walk.shown_way())),
        },
        b"plugin-dir" => told = Some("global.plugin-dir: plugins are not loaded; left out".into()),
        b"ip-limit-ah" | b"ip-limit-wsi" => {
            told = Some(format!("{}: there are no limits by address; left out", walk.shown_way()));
        }
        b"ws-pingpong-secs" => {
            let text = "global.ws-pingpong-secs: left out, as by libwebsockets 4; a retry_and_idle_policy pings";
            told = Some(text.into());
        }
        _ => told = Some(format!("{}: unknown; left out", walk.shown_way())),
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_member_finds_its_place() {
        let text = br#"{ # all of them
            "global": { "uid": "48", "gid": 49, "username": "u", "groupname": "g", "count-threads": "1",
            "init-ssl": "yes", "server-string": "s", "timeout-secs": "7", "default-alpn": "h2",
            "rlimit-nofile": "555", "reject-service-keywords": [{"bot": "404 No", "b": "500"}] },
            "vhosts": [{"name": "not looked at"}] }"#;
        let Document { read, notes, problem } = super::read(text);
        assert_eq!((notes, problem), (vec![], None));
        assert_eq!((read.uid, read.gid, read.threads), (Some(48), Some(49), Some(1)));
        assert_eq!((read.timeout_secs, read.descriptor_limit, read.has_tls), (Some(7), Some(555), true));
        let texts = [read.user_name, read.group_name, read.server_string, read.default_alpn];
        assert_eq!(texts.map(Option::unwrap), [&b"u"[..], b"g", b"s", b"h2"]);
        assert_eq!(read.refused_agents, [(b"bot".to_vec(), b"404 No".to_vec()), (b"b".to_vec(), b"500".to_vec())]);
    }

    #[test]
    fn what_is_unknown_is_told_with_its_place() {
        let document = super::read(b"{\"global\": {\n\"bogus\": \"1\", \"uid\": \"x1\", \"plugin-dir\": \"/p\"}}");
        let texts: Vec<_> = document.notes.iter().map(|note| (note.at.line, note.text.as_str())).collect();
        assert_eq!(texts[0], (2, "global.bogus: unknown; left out"));
        assert_eq!(texts[1], (2, "global.uid: 'x1' is no number"));
        assert!(texts[2].1.starts_with("global.plugin-dir"));
        assert_eq!(document.read.uid, Some(0));
    }

    #[test]
    fn what_is_in_front_of_a_mistake_counts() {
        let document = super::read(b"{\"global\": {\"uid\": \"2\"");
        assert_eq!(document.read.uid, Some(2));
        assert!(document.problem.is_some());
    }
}
