//! A context: everything its connections share, and the lists that one service turn works through.
//!
//! Touched by one thread at a time (the C edge holds a claim); what other threads may reach is in [`Wake`].
use super::callback::Program;
use super::cell::{MayCall, peek};
use super::cookie_file::CookieFile;
use super::fd_map::FdMap;
use super::head_pool::HeadPool;
use super::linger::Linger;
use super::log::{self, Level, Scope};
use super::loop_timer::LoopTimer;
use super::out::OutPool;
use super::poller::Poller;
use super::random::RandomPool;
use super::resolve::Lookups;
use super::table::{Table, WsiId};
use super::timer::{Micros, TimerQueue};
use super::totals::Totals;
use super::trace::{self, Trace};
use super::vhost::{Vhost, option};
use super::vhost_names::VhostNames;
use super::wake::Wake;
use super::wsi::{Phase, Role, Wsi, flag};
use crate::proto::http::token::Token;
use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

/// Bytes a program may overwrite before a received payload: the original's LWS_PRE.
pub const PRE: usize = 16;

/// System states, with the values of `lws_system_states_t`.
pub mod system_state {
    pub const CONTEXT_CREATED: i32 = 1;
    pub const INITIALIZED: i32 = 2;
    pub const IFACE_COLDPLUG: i32 = 3;
    pub const OPERATIONAL: i32 = 12;
    pub const POLICY_INVALID: i32 = 13;
    pub const CONTEXT_DESTROYING: i32 = 14;
}

/// What the creation info says about the context as a whole.
pub struct ContextSettings {
    /// LWS_SERVER_OPTION_* bits.
    pub options: u64,
    /// pt_serv_buf_size: bytes of payload per callback where a protocol does not say otherwise.
    pub service_buffer_bytes: usize,
    /// The wait of every handshake step.
    pub timeout_secs: u32,
    /// Most bytes of one request or reply head.
    pub max_head_bytes: usize,
    /// Most request heads held at a time (the original's header table pool); 0 = no limit of its own.
    pub head_pool: usize,
    /// Longest value of some headers; what is longer is cut.
    pub token_limits: Vec<(Token, usize)>,
    /// Parts of User-Agent values that are refused, and the status they get.
    pub refused_agents: Vec<(u16, Vec<u8>)>,
    /// Value of the server line of answers.
    pub server_string: Option<Vec<u8>>,
    /// The file that client connections keep cookies in.
    pub cookie_file: Option<std::path::PathBuf>,
    /// What the servers of vhosts without a list of their own select from (ALPN).
    pub alpn: Option<String>,
    /// Most connections; 0 = the descriptor limit of the process.
    pub connection_limit: u32,
    /// Most TLS connections, 0 = any number.
    pub simultaneous_tls: u32,
    /// Most TLS handshakes at a time, 0 = any number.
    pub simultaneous_tls_handshakes: u32,
    /// Opaque: info.user.
    pub user: usize,
    /// Opaque: the program's log context.
    pub log_cx: usize,
    pub name: String,
}

impl Default for ContextSettings {
    fn default() -> Self {
        ContextSettings {
            options: 0,
            service_buffer_bytes: 4096,
            timeout_secs: 15,
            max_head_bytes: 4096,
            head_pool: 0,
            token_limits: Vec::new(),
            refused_agents: Vec::new(),
            server_string: None,
            cookie_file: None,
            alpn: None,
            connection_limit: 0,
            simultaneous_tls: 0,
            simultaneous_tls_handshakes: 0,
            user: 0,
            log_cx: 0,
            name: String::new(),
        }
    }
}

/// How far the end of the context is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    Running,
    /// lws_context_destroy was called where it could not be carried out at once.
    DestroyRequested,
    /// Its connections are being closed.
    Destroying,
    Destroyed,
}

/// Groups of the lifecycle log lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Group {
    Vhost = 0,
    Server = 1,
    Client = 2,
}

#[derive(Default)]
struct VhostSlot {
    generation: u32,
    vhost: Option<Rc<Vhost>>,
}

/// See the module doc.
pub struct Context {
    /// Place in the process-wide list of contexts; part of every handle.
    pub number: u8,
    pub settings: ContextSettings,
    pub program: Box<dyn Program>,
    pub table: Table,
    pub timers: TimerQueue,
    pub poller: Poller,
    pub loop_timer: LoopTimer,
    pub wake: Arc<Wake>,
    pub lookups: Lookups,
    /// Lookups whose answer has not come yet.
    pub lookups_open: Cell<u32>,
    /// External pollers were told of the eventfd in `wake`.
    pub wake_announced: Cell<bool>,
    pub out_pool: OutPool,
    pub random: RandomPool,
    pub heads: HeadPool,
    /// Sockets that outlive their connections.
    pub lingering: Linger,
    /// Timelines of the connections, where somebody asked for them.
    pub trace: Option<Box<Trace>>,
    /// Cookies of client connections, and whether it was said that there is no place to keep them.
    pub cookies: Option<CookieFile>,
    pub cookies_told: Cell<bool>,
    /// Monotonic time, read once per turn.
    pub now: Cell<Micros>,
    /// Service frames on the stack.
    pub depth: Cell<u32>,
    /// Callbacks of the program on the stack.
    pub callbacks: Cell<u32>,
    pub life: Cell<Life>,
    /// The connection whose turn it is.
    pub servicing: Cell<Option<WsiId>>,
    /// System state reached.
    pub state: Cell<i32>,
    pub protocols_tried: Cell<bool>,
    /// Callbacks ran before the wait of this turn: do not sleep, the program may have set its flags.
    pub worked: Cell<bool>,
    /// Lent to reads; empty while in use.
    pub rx_buffer: Cell<Vec<u8>>,
    /// TLS records read from a socket, before decryption.
    pub record_buffer: Cell<Vec<u8>>,
    /// When certificates are looked at next.
    pub certificates_due: Cell<Micros>,
    /// When interfaces that are not there are looked for again.
    pub listeners_due: Cell<Micros>,
    pub counts: [Cell<u32>; 3],
    pub totals: Totals,
    ordinals: [Cell<u32>; 3],
    vhosts: Cell<Vec<VhostSlot>>,
    pub vhost_names: VhostNames,
    /// Vhosts that ended while connections still refer to them.
    dying_vhosts: Cell<Vec<Rc<Vhost>>>,
    pending: Cell<Vec<WsiId>>,
    dirty: Cell<Vec<WsiId>>,
    graveyard: Cell<Vec<WsiId>>,
    by_fd: Cell<FdMap>,
    /// When a connection last began to wait for the loop, and whether that was complained about.
    pub unserviced_since: Cell<Micros>,
    pub unserviced_told: Cell<bool>,
    /// PROTOCOL_INIT callbacks are running: connecting now is early, and said so once.
    in_protocol_init: Cell<bool>,
    /// The connection that stands for the whole context in a loop of the program, whose descriptor is the poller's.
    pub stand_in: Cell<Option<WsiId>>,
    /// Forks that the context knows of, and whether it still belongs to the process before; see `fork.rs`.
    pub forks: Cell<u32>,
    pub borrowed: Cell<bool>,
}

impl Context {
    /// A context without vhosts. `first_generation` keeps names of an earlier context of this number dead.
    pub fn new(
        number: u8,
        first_generation: u32,
        settings: ContextSettings,
        program: Box<dyn Program>,
    ) -> std::io::Result<Self> {
        let wake = Arc::new(Wake::new()?);
        let poller = Poller::new(&wake)?;
        let table = Table::starting_at(first_generation);
        let limit = if settings.connection_limit != 0 { settings.connection_limit } else { super::sys::fd_limit() };
        table.set_limit(limit);
        let cookies = settings.cookie_file.as_ref().map(|path| CookieFile::new(path.as_os_str()));
        Ok(Context {
            number,
            settings,
            program,
            table,
            timers: TimerQueue::default(),
            poller,
            loop_timer: LoopTimer::default(),
            lookups: Lookups::new(Arc::clone(&wake)),
            lookups_open: Cell::new(0),
            wake_announced: Cell::new(false),
            wake,
            out_pool: OutPool::default(),
            random: RandomPool::default(),
            heads: HeadPool::default(),
            lingering: Linger::default(),
            trace: None,
            cookies,
            cookies_told: Cell::new(false),
            now: Cell::new(super::sys::now_micros()),
            depth: Cell::new(0),
            callbacks: Cell::new(0),
            life: Cell::new(Life::Running),
            servicing: Cell::new(None),
            state: Cell::new(system_state::CONTEXT_CREATED),
            protocols_tried: Cell::new(false),
            worked: Cell::new(false),
            rx_buffer: Cell::default(),
            record_buffer: Cell::default(),
            certificates_due: Cell::new(0),
            listeners_due: Cell::new(super::timer::NEVER),
            counts: Default::default(),
            totals: Totals::default(),
            ordinals: Default::default(),
            vhosts: Cell::default(),
            vhost_names: VhostNames::default(),
            dying_vhosts: Cell::default(),
            pending: Cell::default(),
            dirty: Cell::default(),
            graveyard: Cell::default(),
            by_fd: Cell::default(),
            unserviced_since: Cell::new(0),
            unserviced_told: Cell::new(false),
            in_protocol_init: Cell::new(false),
            stand_in: Cell::new(None),
            forks: Cell::new(super::fork::count()),
            borrowed: Cell::new(false),
        })
    }

    pub fn has_option(&self, bits: u64) -> bool {
        self.settings.options & bits == bits
    }

    pub fn is_running(&self) -> bool {
        self.life.get() == Life::Running
    }

    /// Reads the clock anew; inside a turn the cached value serves.
    pub fn refresh_now(&self) -> Micros {
        let now = super::sys::now_micros();
        self.now.set(now);
        now
    }

    /// The time to count from: cached inside a turn, fresh outside.
    pub fn time(&self) -> Micros {
        if self.depth.get() == 0 { self.refresh_now() } else { self.now.get() }
    }

    // ---- vhosts

    /// Takes a vhost into the list and gives it its number.
    pub fn add_vhost(&self, vhost: Vhost) -> Rc<Vhost> {
        let vhost = Rc::new(vhost);
        vhost.born.set(self.time());
        vhost.ordinal.set(self.next_ordinal(Group::Vhost));
        peek(&self.vhosts, |slots| {
            let index = slots.iter().position(|slot| slot.vhost.is_none()).unwrap_or_else(|| {
                slots.push(VhostSlot::default());
                slots.len() - 1
            });
            vhost.index.set(index as u32);
            vhost.generation.set(slots[index].generation);
            slots[index].vhost = Some(Rc::clone(&vhost));
        });
        self.vhost_names.add(&vhost);
        self.log_birth(Group::Vhost, Scope::Vhost(&vhost), &vhost.tag());
        vhost
    }

    /// Forgets a vhost: its handle is dead from here on.
    pub fn remove_vhost(&self, vhost: &Vhost) {
        let index = vhost.index.get() as usize;
        let ended = peek(&self.vhosts, |slots| {
            let slot = slots.get_mut(index).filter(|slot| slot.generation == vhost.generation.get())?;
            // As many bits as a handle has.
            slot.generation = (slot.generation + 1) % (1 << super::table::GENERATION_BITS);
            slot.vhost.take()
        });
        self.vhost_names.remove(vhost);
        peek(&self.dying_vhosts, |list| list.extend(ended));
        self.log_death(Group::Vhost, Scope::Vhost(vhost), &vhost.tag(), vhost.born.get());
    }

    /// Drops what the program side keeps for ended vhosts that nothing refers to any more. Only between callbacks:
    /// connections, stubs and loops over protocols still use it inside.
    pub fn reap_vhosts(&self) {
        let dying = self.dying_vhosts.take();
        if dying.is_empty() {
            return;
        }
        let (gone, kept): (Vec<_>, Vec<_>) = dying.into_iter().partition(|vhost| vhost.connections.get() == 0);
        peek(&self.dying_vhosts, |list| list.extend(kept));
        for vhost in gone {
            self.program.vhost_gone(&vhost);
        }
    }

    /// The vhost with this number and generation.
    pub fn vhost_at(&self, index: u32, generation: u32) -> Option<Rc<Vhost>> {
        peek(&self.vhosts, |slots| {
            let slot = slots.get(index as usize)?;
            slot.vhost.clone().filter(|_| slot.generation == generation)
        })
    }

    /// All vhosts in creation order, as they are now.
    pub fn all_vhosts(&self) -> Vec<Rc<Vhost>> {
        let mut all: Vec<_> = peek(&self.vhosts, |slots| slots.iter().filter_map(|slot| slot.vhost.clone()).collect());
        all.sort_by_key(|vhost: &Rc<Vhost>| vhost.ordinal.get());
        all
    }

    pub fn vhost_named(&self, name: &str) -> Option<Rc<Vhost>> {
        self.vhost_names.exactly(name)
    }

    /// Where a client connection without a vhost goes: "default", else the first that is not "system".
    pub fn client_vhost(&self) -> Option<Rc<Vhost>> {
        self.vhost_named("default").or_else(|| self.all_vhosts().into_iter().find(|vhost| vhost.name() != "system"))
    }

    // ---- connections

    /// A new connection of `vhost` in `role`, or `None` at the limit.
    pub fn new_wsi(&self, vhost: &Rc<Vhost>, role: Role) -> Option<&Wsi> {
        if vhost.being_destroyed.get() {
            log::line(Level::Err, Scope::Vhost(vhost), "new_wsi", format_args!("the vhost is being destroyed"));
            return None;
        }
        let Some(wsi) = self.table.insert() else {
            let text = format_args!("limit of {} connections reached", self.table.live());
            log::line(Level::Warn, Scope::Vhost(vhost), "new_wsi", text);
            return None;
        };
        wsi.role.set(role);
        wsi.vhost.set(Some(Rc::clone(vhost)));
        wsi.born.set(self.now.get());
        vhost.connections.set(vhost.connections.get() + 1);
        Some(wsi)
    }

    /// Whether listeners have to wait for a connection to end: one place is kept for the library itself.
    pub fn is_full(&self) -> bool {
        !self.table.has_room(2)
    }

    /// A throw-away connection for callbacks about `vhost`.
    pub fn stub(&self, vhost: &Rc<Vhost>) -> Option<&Wsi> {
        let stub = self.table.insert()?;
        vhost.connections.set(vhost.connections.get() + 1);
        stub.role.set(Role::Stub);
        stub.vhost.set(Some(Rc::clone(vhost)));
        Some(stub)
    }

    /// Makes [`Self::stand_in`], which has no vhost.
    pub fn begin_stand_in(&self) -> Option<WsiId> {
        let stand_in = self.table.insert()?;
        stand_in.role.set(Role::Stub);
        self.stand_in.set(Some(stand_in.id()));
        Some(stand_in.id())
    }

    pub fn end_stand_in(&self) {
        if let Some(stand_in) = self.stand_in.take().and_then(|id| self.wsi(id)) {
            self.table.remove(stand_in);
        }
    }

    pub fn discard_stub(&self, stub: &Wsi) {
        stub.with_vhost(|vhost| vhost.connections.set(vhost.connections.get().saturating_sub(1)));
        // lws_adjust_protocol_psds() gives it a session.
        super::close::free_session(self, stub);
        self.table.remove(stub);
    }

    /// The connection named `id`, if alive.
    pub fn wsi(&self, id: WsiId) -> Option<&Wsi> {
        self.table.get(id)
    }

    /// Names of all connections (stubs apart) that exist now.
    pub fn all_wsi(&self) -> impl Iterator<Item = &Wsi> {
        (0..self.table.high_water()).filter_map(|index| self.table.at(index)).filter(|wsi| wsi.role.get() != Role::Stub)
    }

    /// Name of the protocol a connection is bound to, for log lines.
    pub fn protocol_name(&self, wsi: &Wsi) -> String {
        let protocol = wsi.protocol.get();
        wsi.with_vhost(|vhost| vhost.entry(protocol).map(|entry| String::from_utf8_lossy(&entry.name).into_owned()))
            .flatten()
            .unwrap_or_default()
    }

    /// Marks a connection as having work that needs no event from the poller.
    pub fn make_pending(&self, wsi: &Wsi) {
        if wsi.raise(flag::PENDING) {
            peek(&self.pending, |list| list.push(wsi.id()));
        }
    }

    /// Takes the list of connections with work; their marks are cleared as they are visited.
    pub fn take_pending(&self) -> Vec<WsiId> {
        self.pending.take()
    }

    pub fn has_pending(&self) -> bool {
        peek(&self.pending, |list| !list.is_empty())
    }

    /// Marks a connection as having frames to send at the end of the turn.
    #[inline]
    pub fn make_dirty(&self, wsi: &Wsi) {
        if wsi.raise(flag::DIRTY) {
            self.list_dirty(wsi);
        }
    }

    fn list_dirty(&self, wsi: &Wsi) {
        peek(&self.dirty, |list| list.push(wsi.id()));
    }

    pub fn take_dirty(&self) -> Vec<WsiId> {
        self.dirty.take()
    }

    pub fn has_dirty(&self) -> bool {
        peek(&self.dirty, |list| !list.is_empty())
    }

    /// The slot of a closed connection is recycled when no frame can hold it any more.
    pub fn bury(&self, wsi: &Wsi) {
        wsi.phase.set(Phase::Dead);
        peek(&self.graveyard, |list| list.push(wsi.id()));
        if self.depth.get() == 0 {
            self.empty_graveyard();
        }
    }

    /// Recycles what nobody holds; called when the outermost frame ends.
    pub fn empty_graveyard(&self) {
        let dead = self.graveyard.take();
        if dead.is_empty() {
            return;
        }
        let was_full = self.is_full();
        let mut held = Vec::new();
        for id in dead {
            match self.table.get(id) {
                Some(wsi) if wsi.pins.get() > 0 => held.push(id),
                Some(wsi) => {
                    wsi.with_vhost(|vhost| vhost.connections.set(vhost.connections.get().saturating_sub(1)));
                    self.table.remove(wsi);
                }
                None => {}
            }
        }
        peek(&self.graveyard, |list| list.append(&mut held));
        if was_full && !self.is_full() {
            super::tls_limit::wake_listeners(self);
        }
    }

    pub fn remember_fd(&self, fd: i32, id: WsiId) {
        peek(&self.by_fd, |map| map.insert(fd, id));
    }

    pub fn forget_fd(&self, fd: i32, id: WsiId) {
        peek(&self.by_fd, |map| map.remove(fd, id));
    }

    /// All descriptors that the poller watches for connections.
    pub fn descriptors(&self) -> Vec<(i32, WsiId)> {
        peek(&self.by_fd, |map| map.iter().collect())
    }

    /// Whether the descriptor is a connection's or one of the loop's: not for a program to give away or close.
    pub fn owns_fd(&self, fd: i32) -> bool {
        self.wsi_of_fd(fd).is_some() || [self.poller.fd(), self.wake.fd()].contains(&fd) || self.loop_timer.is_fd(fd)
    }

    /// The connection that owns a descriptor.
    pub fn wsi_of_fd(&self, fd: i32) -> Option<&Wsi> {
        peek(&self.by_fd, |map| map.get(fd)).and_then(|id| self.wsi(id))
    }

    pub fn running_init(&self, runs: bool) {
        self.in_protocol_init.set(runs);
    }

    /// Whether PROTOCOL_INIT callbacks are running now.
    pub fn is_running_init(&self) -> bool {
        self.in_protocol_init.get()
    }

    /// After a panic of ours inside a turn: no frame is on the stack any more, and every connection is looked at again.
    pub fn recover(&self) {
        self.depth.set(0);
        self.callbacks.set(0);
        self.servicing.set(None);
        if let Some(trace) = &self.trace {
            trace.recover();
        }
        for wsi in self.all_wsi() {
            wsi.pins.set(0);
            wsi.clear(flag::PENDING | flag::DIRTY);
            self.make_pending(wsi);
            self.make_dirty(wsi);
        }
    }

    // ---- lifecycle lines

    pub fn next_ordinal(&self, group: Group) -> u32 {
        let counter = &self.ordinals[group as usize];
        counter.set(counter.get().wrapping_add(1));
        counter.get().wrapping_sub(1)
    }

    /// Objects of a group that were numbered since the context was made.
    pub fn born_so_far(&self, group: Group) -> u32 {
        self.ordinals[group as usize].get()
    }

    /// Numbers and counts a new connection, and names it in the log. Its tag is only put together where somebody reads it.
    pub fn wsi_born(&self, wsi: &Wsi, group: Group) {
        wsi.ordinal.set(self.next_ordinal(group));
        wsi.set(flag::TAGGED);
        self.program.log_use(wsi.log_cx(), true);
        let scope = Scope::Wsi(wsi);
        let tag = if log::enabled(Level::Notice, scope) { wsi.tag() } else { String::new() };
        self.log_birth(group, scope, &tag);
        trace::born(self, wsi);
    }

    /// A connection that [`Self::wsi_born`] named is over.
    pub fn wsi_died(&self, wsi: &Wsi, group: Group) {
        let scope = Scope::Wsi(wsi);
        let tag = if log::enabled(Level::Notice, scope) { wsi.tag() } else { String::new() };
        self.log_death(group, scope, &tag, wsi.born.get());
    }

    /// ` ++ tag (n)`: one more of its group exists.
    pub fn log_birth(&self, group: Group, scope: Scope<'_>, tag: &str) {
        let count = &self.counts[group as usize];
        count.set(count.get() + 1);
        if log::enabled(Level::Notice, scope) {
            log::line(Level::Notice, Scope::Context(self), "__lws_lc_tag", format_args!(" ++ {tag} ({})", count.get()));
        }
    }

    /// ` -- tag (n) lifetime`.
    pub fn log_death(&self, group: Group, scope: Scope<'_>, tag: &str, born: Micros) {
        let count = &self.counts[group as usize];
        count.set(count.get().saturating_sub(1));
        if log::enabled(Level::Notice, scope) {
            let lived = lifetime(self.time().saturating_sub(born));
            let text = format_args!(" -- {tag} ({}) {lived}", count.get());
            log::line(Level::Notice, Scope::Context(self), "__lws_lc_untag", text);
        }
    }

    // ---- waking

    /// Whether UTF-8 of text messages is checked for this vhost.
    pub fn validates_utf8(&self, vhost: &Vhost) -> bool {
        self.has_option(option::VALIDATE_UTF8) || vhost.has_option(option::VALIDATE_UTF8)
    }

    /// Tells the rest of the engine that a connection needs the loop (told to users whose loop does not run).
    pub fn note_waiting(&self) {
        if self.unserviced_since.get() == 0 && self.depth.get() == 0 {
            self.unserviced_since.set(self.time());
        }
    }

    /// Says once that connections waited for a service call that came seconds late.
    pub fn complain_if_unserviced(&self, _may: &mut MayCall, where_: &str) {
        let since = self.unserviced_since.replace(0);
        if since == 0 || self.unserviced_told.get() {
            return;
        }
        let waited = self.now.get().saturating_sub(since);
        if waited >= 3 * super::timer::SECOND {
            self.unserviced_told.set(true);
            let text = format_args!(
                "connections waited {} s for lws_service(): nothing happens on them unless the loop runs ({where_})",
                waited / super::timer::SECOND
            );
            log::line(Level::Warn, Scope::Context(self), "lws_service", text);
        }
    }
}

/// A duration as the lifecycle lines show it: `238μs`, `12.345ms`, `3.210s`.
fn lifetime(us: Micros) -> String {
    match us {
        0..1000 => format!("{us}μs"),
        1000..1_000_000 => format!("{}.{:03}ms", us / 1000, us % 1000),
        _ => format!("{}.{:03}s", us / 1_000_000, us / 1000 % 1000),
    }
}
