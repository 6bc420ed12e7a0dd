//! Name resolution that never blocks the loop: the system's resolver on helper threads.
//!
//! Literals and `localhost` are answered at once (RFC 6761 §6.3 for the latter). Helper threads exist only while there
//! are names to look up, [`MAX_THREADS`] at most per context; further names wait their turn, and who asks for a name
//! that is already being looked up shares its answer. The threads block all signals and never run the program's code.
//! A context that ends does not wait for a resolver that hangs: it leaves the thread, whose answer is dropped.
use super::sys::{self, ResolveError};
use super::table::WsiId;
use super::wake::{Command, Wake};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub type LookupResult = Result<Vec<SocketAddr>, ResolveError>;

/// Lookups of one context that may run at the same time.
const MAX_THREADS: usize = 16;
/// How long the end of a context waits for lookups that are just finishing.
const PATIENCE_AT_END: Duration = Duration::from_millis(100);

/// Looks up a name, IPv4 only if asked; port 0 in the answer. Blocks.
type Resolver = fn(&str, bool) -> LookupResult;

/// Lookups of one context.
pub struct Lookups {
    /// Replaced in a child of fork, where the threads of the parent do not exist. Borrowed in one function only.
    pool: RefCell<Arc<Pool>>,
}

/// What the loop's thread and the helper threads share.
struct Pool {
    wake: Arc<Wake>,
    resolver: Resolver,
    process: u32,
    state: Mutex<State>,
    thread_ended: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Lookup>,
    running: Vec<Lookup>,
    threads: usize,
    /// The context is gone: answers are dropped.
    ended: bool,
}

/// One name, and everybody who wants to know.
struct Lookup {
    name: String,
    ipv4_only: bool,
    askers: Vec<Asker>,
}

struct Asker {
    wsi: WsiId,
    serial: u32,
    port: u16,
}

/// Addresses that need no resolver: literals (IPv6 also in brackets), localhost and its subdomains.
pub fn without_resolver(name: &str, port: u16, ipv4_only: bool) -> Option<Vec<SocketAddr>> {
    let bare = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(name);
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return Some(vec![SocketAddr::new(ip, port)]);
    }
    let lower = name.trim_end_matches('.').to_ascii_lowercase();
    if lower == "localhost" || lower.ends_with(".localhost") {
        let v6 = SocketAddr::new(Ipv6Addr::LOCALHOST.into(), port);
        let v4 = SocketAddr::new(Ipv4Addr::LOCALHOST.into(), port);
        return Some(if ipv4_only { vec![v4] } else { vec![v6, v4] });
    }
    None
}

impl Lookups {
    pub fn new(wake: Arc<Wake>) -> Self {
        Self::with_resolver(wake, |name, ipv4_only| sys::resolve(name, 0, ipv4_only))
    }

    fn with_resolver(wake: Arc<Wake>, resolver: Resolver) -> Self {
        Lookups { pool: RefCell::new(Pool::new(wake, resolver)) }
    }

    /// Starts a lookup; the answer comes as [`Command::Resolved`] with the same `serial`. Fails only if the system
    /// gives no thread and none is running.
    pub fn start(&self, wsi: WsiId, serial: u32, name: &str, port: u16, ipv4_only: bool) -> std::io::Result<()> {
        let pool = self.pool_of_this_process();
        let asker = Asker { wsi, serial, port };
        let mut state = pool.lock();
        if let Some(same) = state.find(name, ipv4_only) {
            same.askers.push(asker);
            return Ok(());
        }
        state.waiting.push_back(Lookup { name: name.to_string(), ipv4_only, askers: vec![asker] });
        if state.threads >= MAX_THREADS {
            return Ok(());
        }
        state.threads += 1;
        drop(state);
        let thread = HelperThread { pool: Arc::clone(&pool), is_counted: true };
        let spawned =
            std::thread::Builder::new().name("lws-resolve".into()).stack_size(256 * 1024).spawn(move || thread.run());
        match spawned {
            Ok(_) => Ok(()),
            Err(error) => pool.give_up_unless_served(wsi, serial, error),
        }
    }

    /// Nobody waits for the answer to `wsi` any more; a lookup that has not begun and that nobody else asked for is
    /// dropped. Returns how many answers will not come.
    pub fn forget(&self, wsi: WsiId) -> u32 {
        let pool = self.pool_of_this_process();
        let mut state = pool.lock();
        let mut forgotten = 0;
        let State { waiting, running, .. } = &mut *state;
        for lookup in running.iter_mut().chain(waiting.iter_mut()) {
            let before = lookup.askers.len();
            lookup.askers.retain(|asker| asker.wsi != wsi);
            forgotten += (before - lookup.askers.len()) as u32;
        }
        waiting.retain(|lookup| !lookup.askers.is_empty());
        forgotten
    }

    /// Drops what is still asked for. Returns how many helper threads were left behind in the resolver.
    pub fn end(&self) -> usize {
        let pool = self.pool_of_this_process();
        let mut state = pool.lock();
        if std::mem::replace(&mut state.ended, true) {
            return state.threads;
        }
        state.waiting.clear();
        let is_busy = |state: &mut State| state.threads > 0;
        let waited = pool.thread_ended.wait_timeout_while(state, PATIENCE_AT_END, is_busy);
        waited.unwrap_or_else(PoisonError::into_inner).0.threads
    }

    /// The pool; in a child of fork a new one, for threads do not survive a fork. What was asked for is asked again
    /// ([`look_up_again`](super::client::connect::look_up_again)).
    fn pool_of_this_process(&self) -> Arc<Pool> {
        let mut pool = self.pool.borrow_mut();
        if pool.process != std::process::id() {
            // A thread of the parent may have held the old one's lock when it forked: nobody here would ever release it.
            let fresh = Pool::new(Arc::clone(&pool.wake), pool.resolver);
            *pool = fresh;
        }
        Arc::clone(&pool)
    }
}

impl Drop for Lookups {
    fn drop(&mut self) {
        self.end();
    }
}

impl Pool {
    fn new(wake: Arc<Wake>, resolver: Resolver) -> Arc<Self> {
        let (state, thread_ended) = Default::default();
        Arc::new(Pool { wake, resolver, process: std::process::id(), state, thread_ended })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// No thread could be started: an error for this question, unless another thread will come to it.
    fn give_up_unless_served(&self, wsi: WsiId, serial: u32, error: std::io::Error) -> std::io::Result<()> {
        // The closure that was not run has counted itself out already.
        let mut state = self.lock();
        if state.threads > 0 {
            return Ok(());
        }
        state.waiting.retain_mut(|lookup| {
            lookup.askers.retain(|asker| (asker.wsi, asker.serial) != (wsi, serial));
            !lookup.askers.is_empty()
        });
        Err(error)
    }
}

impl State {
    fn find(&mut self, name: &str, ipv4_only: bool) -> Option<&mut Lookup> {
        self.running.iter_mut().chain(&mut self.waiting).find(|one| one.name == name && one.ipv4_only == ipv4_only)
    }
}

/// Counted in [`State::threads`] until it finds nothing to do, or is lost.
struct HelperThread {
    pool: Arc<Pool>,
    is_counted: bool,
}

impl HelperThread {
    fn run(mut self) {
        sys::block_all_signals();
        while let Some((name, ipv4_only)) = self.next() {
            let result = (self.pool.resolver)(&name, ipv4_only);
            self.answer(&name, ipv4_only, &result);
        }
    }

    /// The next question. `None`: there is none, and this thread is counted out, so that who asks now starts another.
    fn next(&mut self) -> Option<(String, bool)> {
        let mut state = self.pool.lock();
        let Some(lookup) = state.waiting.pop_front() else {
            state.threads -= 1;
            self.is_counted = false;
            return None;
        };
        let question = (lookup.name.clone(), lookup.ipv4_only);
        state.running.push(lookup);
        Some(question)
    }

    fn answer(&self, name: &str, ipv4_only: bool, result: &LookupResult) {
        let mut state = self.pool.lock();
        let Some(at) = state.running.iter().position(|one| one.name == name && one.ipv4_only == ipv4_only) else {
            return;
        };
        let lookup = state.running.swap_remove(at);
        if state.ended {
            return;
        }
        drop(state);
        for Asker { wsi, serial, port } in lookup.askers {
            let mut result = result.clone();
            for address in result.iter_mut().flatten() {
                address.set_port(port);
            }
            // Only writes are ever refused.
            let _ = self.pool.wake.send(Command::Resolved(wsi, serial, result));
        }
    }
}

impl Drop for HelperThread {
    fn drop(&mut self) {
        if self.is_counted {
            self.pool.lock().threads -= 1;
        }
        self.pool.thread_ended.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn literals_and_localhost_need_no_resolver() {
        let first = |name, v4| without_resolver(name, 80, v4).map(|found| found[0].to_string());
        assert_eq!(first("127.0.0.1", false).as_deref(), Some("127.0.0.1:80"));
        assert_eq!(first("[::1]", false).as_deref(), Some("[::1]:80"));
        assert_eq!(first("LOCALHOST", true).as_deref(), Some("127.0.0.1:80"));
        assert_eq!(first("a.localhost.", false).as_deref(), Some("[::1]:80"));
        assert_eq!(first("example.org", false), None);
    }

    fn with(resolver: Resolver) -> (Arc<Wake>, Lookups) {
        let wake = Arc::new(Wake::new().unwrap());
        (Arc::clone(&wake), Lookups::with_resolver(wake, resolver))
    }

    /// Waits for `count` answers, 5 s at most, and sorts them by connection.
    fn answers(wake: &Wake, count: usize) -> Vec<(WsiId, u32, LookupResult)> {
        let limit = Instant::now() + Duration::from_secs(5);
        let mut found = Vec::new();
        while found.len() < count && Instant::now() < limit {
            found.extend(wake.receive().into_iter().map(|command| match command {
                Command::Resolved(wsi, serial, result) => (wsi, serial, result),
                other => panic!("{other:?}"),
            }));
            std::thread::yield_now();
        }
        found.sort_by_key(|(wsi, ..)| wsi.index());
        found
    }

    #[test]
    fn a_lookup_answers_through_the_wake() {
        let wake = Arc::new(Wake::new().unwrap());
        let lookups = Lookups::new(Arc::clone(&wake));
        lookups.start(WsiId::new(1, 1), 7, "a..b", 80, false).unwrap();
        assert!(matches!(&answers(&wake, 1)[..], [(_, 7, Err(_))]));
        assert_eq!(lookups.end(), 0);
    }

    #[test]
    fn who_asks_for_the_same_name_shares_the_answer_with_a_port_of_its_own() {
        static GATE: Mutex<u32> = Mutex::new(0);
        let (wake, lookups) = with(|_, _| {
            *GATE.lock().unwrap() += 1;
            Ok(vec![SocketAddr::from(([192, 0, 2, 1], 0))])
        });
        let mut gate = GATE.lock().unwrap();
        for n in 1..=50 {
            lookups.start(WsiId::new(n, 1), 1, "example.org", n as u16, false).unwrap();
        }
        assert_eq!(*gate, 0);
        *gate = 100;
        drop(gate);
        let answers = answers(&wake, 50);
        let ports: Vec<_> = answers.iter().map(|(_, _, result)| result.as_ref().unwrap()[0].port()).collect();
        assert_eq!(ports, (1..=50).collect::<Vec<u16>>());
        assert_eq!(*GATE.lock().unwrap(), 101, "looked up once");
    }

    #[test]
    fn more_names_than_threads_wait_their_turn_and_are_all_answered() {
        static GATE: Mutex<()> = Mutex::new(());
        let (wake, lookups) = with(|_, _| {
            drop(GATE.lock().unwrap());
            Ok(Vec::new())
        });
        let gate = GATE.lock().unwrap();
        for n in 1..=100 {
            lookups.start(WsiId::new(n, 1), 1, &format!("host{n}"), 80, false).unwrap();
        }
        assert_eq!(lookups.pool.borrow().lock().threads, MAX_THREADS);
        drop(gate);
        assert_eq!(answers(&wake, 100).len(), 100);
    }

    #[test]
    fn who_went_away_is_forgotten() {
        static GATE: Mutex<u32> = Mutex::new(0);
        let (wake, lookups) = with(|_, _| {
            *GATE.lock().unwrap() += 1;
            Ok(Vec::new())
        });
        let gate = GATE.lock().unwrap();
        for n in 0..2 * MAX_THREADS as u32 {
            lookups.start(WsiId::new(n, 1), 1, &format!("host{}", n / 2), 80, false).unwrap();
            lookups.start(WsiId::new(n, 1), 2, &format!("more{n}"), 80, false).unwrap();
        }
        let gone: u32 = (1..2 * MAX_THREADS as u32).map(|n| lookups.forget(WsiId::new(n, 1))).sum();
        assert_eq!((gone, lookups.forget(WsiId::new(5, 1))), (2 * (2 * MAX_THREADS as u32 - 1), 0));
        drop(gate);
        assert_eq!(answers(&wake, 2).len(), 2);
        assert_eq!(lookups.end(), 0);
        assert!(wake.receive().is_empty() && *GATE.lock().unwrap() <= 1 + MAX_THREADS as u32);
    }

    #[test]
    fn the_end_does_not_wait_for_a_resolver_that_hangs() {
        static GATE: Mutex<()> = Mutex::new(());
        let (wake, lookups) = with(|_, _| {
            drop(GATE.lock().unwrap());
            Ok(Vec::new())
        });
        let gate = GATE.lock().unwrap();
        lookups.start(WsiId::new(1, 1), 1, "hangs.example", 80, false).unwrap();
        let pool = Arc::clone(&lookups.pool.borrow());
        while pool.lock().running.is_empty() {
            std::thread::yield_now();
        }
        assert_eq!(lookups.end(), 1, "the thread is left behind");
        drop(gate);
        let mut state = pool.lock();
        while state.threads > 0 {
            state = pool.thread_ended.wait(state).unwrap();
        }
        assert!(wake.receive().is_empty(), "and its answer is dropped");
    }
}
