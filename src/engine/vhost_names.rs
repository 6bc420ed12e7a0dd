//! Which vhosts have this name? Answered without looking at all of them: a context may have thousands.
use super::cell::peek;
use super::vhost::Vhost;
use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

/// The vhosts of a context by name, those of one name in the order in which they were made.
#[derive(Default)]
pub struct VhostNames(Cell<HashMap<String, Vec<Rc<Vhost>>>>);

/// What names are compared by: as a host, in lower case.
fn key(name: &str) -> String {
    host_only(name).to_ascii_lowercase()
}

/// A Host value without port, brackets and final dot.
pub fn host_only(host: &str) -> &str {
    let host = host.trim();
    if let Some(rest) = host.strip_prefix('[') {
        return rest.split(']').next().unwrap_or_default();
    }
    let host = match host.split_once(':') {
        // More than one colon: a bare IPv6 address.
        Some((name, port)) if !port.contains(':') => name,
        _ => host,
    };
    host.strip_suffix('.').unwrap_or(host)
}

impl VhostNames {
    pub fn add(&self, vhost: &Rc<Vhost>) {
        peek(&self.0, |all| all.entry(key(vhost.name())).or_default().push(Rc::clone(vhost)));
    }

    pub fn remove(&self, vhost: &Vhost) {
        peek(&self.0, |all| {
            let key = key(vhost.name());
            if let Some(same) = all.get_mut(&key) {
                same.retain(|other| !std::ptr::eq(&**other, vhost));
                if same.is_empty() {
                    all.remove(&key);
                }
            }
        });
    }

    /// Whether there is but one vhost, so that there is nothing to choose.
    pub fn is_one(&self) -> bool {
        peek(&self.0, |all| all.len() == 1 && all.values().all(|same| same.len() == 1))
    }

    /// The first vhost whose name is just this.
    pub fn exactly(&self, name: &str) -> Option<Rc<Vhost>> {
        self.first(&key(name), |vhost| vhost.name() == name)
    }

    /// The vhost that a client means by `host`, among those that `serves` is true for.
    ///
    /// A name that is equal wins, then a vhost `*.example.com` for one label in front of it, then the longest vhost name
    /// that is a parent domain (`www.example.com` means "example.com"). Case, a port and a final dot do not count.
    pub fn meant_by(&self, host: &str, serves: impl Fn(&Vhost) -> bool) -> Option<Rc<Vhost>> {
        let host = key(host);
        if host.is_empty() {
            return None;
        }
        if let Some(same) = self.first(&host, &serves) {
            return Some(same);
        }
        let parents = || host.match_indices('.').map(|(at, _)| &host[at..]).filter(|parent| parent.len() > 1);
        let of_one_label = parents().next().filter(|parent| parent.len() < host.len());
        if let Some(any) = of_one_label.and_then(|parent| self.first(&format!("*{parent}"), &serves)) {
            return Some(any);
        }
        // From the longest to the shortest.
        let is_plain = |vhost: &Vhost| !vhost.name().trim().starts_with('*');
        parents().find_map(|parent| self.first(&parent[1..], |vhost| serves(vhost) && is_plain(vhost)))
    }

    fn first(&self, key: &str, fits: impl Fn(&Vhost) -> bool) -> Option<Rc<Vhost>> {
        peek(&self.0, |all| all.get(key)?.iter().find(|vhost| fits(vhost)).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::vhost::VhostSettings;

    fn vhost(name: &str) -> Rc<Vhost> {
        Rc::new(Vhost::new(VhostSettings { name: name.into(), ..VhostSettings::default() }, Vec::new()))
    }

    /// The plain twin of `meant_by`: how well a vhost's name fits; 0: not at all.
    fn rank(wanted: &str, own: &str) -> usize {
        let own = host_only(own);
        if own.eq_ignore_ascii_case(wanted) {
            return usize::MAX;
        }
        let ends_with = |tail: &str| {
            let at = wanted.len().checked_sub(tail.len()).filter(|at| *at > 0);
            at.and_then(|at| wanted.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(tail))
        };
        match own.strip_prefix('*') {
            Some(tail) if tail.len() > 1 && tail.starts_with('.') && ends_with(tail) => {
                let label = &wanted[..wanted.len() - tail.len()];
                if label.contains('.') { 0 } else { usize::MAX - 1 }
            }
            Some(_) => 0,
            None => {
                let is_parent =
                    !own.is_empty() && ends_with(own) && wanted.as_bytes()[wanted.len() - own.len() - 1] == b'.';
                if is_parent { own.len() } else { 0 }
            }
        }
    }

    #[test]
    fn names_are_compared_without_port_case_and_final_dot() {
        for (host, expected) in [
            ("Example.com:7681", "Example.com"),
            ("example.com.", "example.com"),
            ("[::1]:80", "::1"),
            ("::1", "::1"),
            (" a ", "a"),
            (":80", ""),
        ] {
            assert_eq!(host_only(host), expected, "{host}");
        }
        assert_eq!(rank("EXAMPLE.com", "example.COM"), usize::MAX);
    }

    #[test]
    fn wildcards_stand_for_one_label_and_parents_come_last() {
        for (wanted, own, fits) in [
            ("www.example.com", "*.example.com", true),
            ("a.b.example.com", "*.example.com", false),
            ("example.com", "*.example.com", false),
            ("www.example.com", "example.com", true),
            ("badexample.com", "example.com", false),
            ("exam", "example.com", false),
            ("example.com.evil", "example.com", false),
            ("b.test", "a.b.test", false),
            ("x.y", "*", false),
            ("x.y", "", false),
            ("é.test", "test", true),
        ] {
            assert_eq!(rank(wanted, own) > 0, fits, "{wanted} {own}");
        }
        assert!(rank("a.b.c", "b.c") > rank("a.b.c", "c"));
        assert!(rank("a.b.c", "*.b.c") > rank("a.b.c", "b.c"));
    }

    #[test]
    fn the_index_finds_what_looking_at_all_finds() {
        let words = [
            "a", "b", "A.b", "*.b", "*.a.b", "b.a.b", "a.a.b", "*", "", "a.", "[a]:1", "a:80", ".b", "*.a", "b.*.a",
            "c",
        ];
        let all: Vec<_> = words.iter().chain(&["b", "a.b"]).map(|name| vhost(name)).collect();
        let names = VhostNames::default();
        all.iter().for_each(|vhost| names.add(vhost));
        let mut found = 0;
        for host in
            words.iter().flat_map(|x| words.iter().map(move |y| format!("{x}.{y}"))).chain(words.map(String::from))
        {
            // Each combination of vhosts that serve: here two halves and all.
            for serving in [0b01, 0b10, 0b11] {
                let serves = |vhost: &Vhost| (vhost.name().len() % 2 + 1) & serving != 0;
                let mut best: Option<(usize, &Rc<Vhost>)> = None;
                for vhost in all.iter().filter(|vhost| serves(vhost) && !host_only(&host).is_empty()) {
                    let rank = rank(host_only(&host), vhost.name());
                    if rank > best.map_or(0, |(best, _)| best) {
                        best = Some((rank, vhost));
                    }
                }
                let indexed = names.meant_by(&host, serves);
                found += usize::from(indexed.is_some());
                assert_eq!(indexed.as_ref().map(Rc::as_ptr), best.map(|(_, vhost)| Rc::as_ptr(vhost)), "{host}");
            }
        }
        assert!(found > 100, "{found}");
    }

    #[test]
    fn a_removed_vhost_is_not_found_and_its_namesake_is() {
        let names = VhostNames::default();
        let (first, second) = (vhost("x.test"), vhost("x.test"));
        names.add(&first);
        names.add(&second);
        assert!(Rc::ptr_eq(&names.exactly("x.test").unwrap(), &first));
        assert!(names.exactly("X.test").is_none());
        names.remove(&first);
        assert!(Rc::ptr_eq(&names.exactly("x.test").unwrap(), &second));
        names.remove(&second);
        assert!(names.exactly("x.test").is_none() && names.meant_by("x.test", |_| true).is_none());
    }
}
