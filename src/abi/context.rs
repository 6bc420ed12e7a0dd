//! Contexts and vhosts: creation, destruction, what they were given.
//!
//! # What C promises
//! The creation info is zeroed before it is filled, made with this library's header, and what it points to is valid for
//! the call; protocol names, option lists, mounts and the like stay valid as long as the vhost.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::call::CProgram;
use super::containers::blob::Blobs;
use super::edge::VhostEdge;
use super::enter::{self, Access, Entered};
use super::evlib::watch::{self, Wanted};
use super::layout::*;
use super::slots::{self, Shared, Slot};
use super::smd::Smd;
use super::suls::{LISTS, Suls, TimerList};
use super::system::System;
use super::{alloc, cstr, guard, handle, info, logs, older, privileges, state, trace};
use crate::engine::cell::MayCall;
use crate::engine::context::{Context, Life, system_state};
use crate::engine::destroy;
use crate::engine::log::{self, Level, Scope};
use crate::engine::vhost::{Vhost, option};
use crate::engine::wake::Command;
use crate::engine::{listeners, net, service, tls_certificates, vhost_select};
use std::cell::UnsafeCell;
use std::ffi::{c_char, c_int, c_void};
use std::ptr;
use std::rc::Rc;
use std::sync::atomic::{AtomicPtr, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Makes a context, and unless `LWS_SERVER_OPTION_EXPLICIT_VHOSTS` is set a vhost from the same info.
///
/// Returns the context, or NULL; the log says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_create_context(info: *const lws_context_creation_info) -> *mut lws_context {
    const NAME: &str = "lws_create_context";
    logs::install();
    guard::pure(NAME, ptr::null_mut(), || {
        // SAFETY: see the module.
        let Some(info) = (unsafe { older::creation_info(info) }) else {
            log::process(Level::Err, NAME, format_args!("info is NULL"));
            return ptr::null_mut();
        };
        // SAFETY: see the module.
        match unsafe { create(&info) } {
            Ok(context) => context,
            Err(why) => {
                log::process(Level::Err, NAME, format_args!("cannot create the context: {why}"));
                ptr::null_mut()
            }
        }
    })
}

/// Says which library runs, and what is in it in the words of the original, which scripts look for.
fn tell_version(scope: Scope<'_>, options: u64) {
    let conmon = if cfg!(feature = "abi41") { "" } else { "ConMon " };
    let ipv6 = if options & LWS_SERVER_OPTION_DISABLE_IPV6 == 0 { "on" } else { "off" };
    let (version, own) = (super::VERSION, env!("CARGO_PKG_VERSION"));
    let text = format_args!("LWS: {version}, oxlws {own}, NET CLI SRV H1 H2 WS {conmon}IPV6-{ipv6}");
    log::line(Level::Notice, scope, "lws_create_context", text);
}

/// # Safety
/// `info` is as the module says.
unsafe fn create(info: &lws_context_creation_info) -> Result<*mut lws_context, String> {
    if info.ka_time != 0 && info.ka_interval == 0 {
        return Err("ka_time without ka_interval".into());
    }
    if info.rlimit_nofile > 0 {
        privileges::set_fd_limit(info.rlimit_nofile);
    }
    if info.log_cx.is_null() {
        tell_version(Scope::Process, info.options);
    }
    if info.count_threads > 1 {
        let text = format_args!(
            "count_threads {}: LWS_MAX_SMP is 1, so one thread services the context; for more threads make a context for each",
            info.count_threads
        );
        log::process(Level::Warn, "lws_create_context", text);
    }
    // SAFETY: see the module.
    let wanted = unsafe { watch::wanted(info)? };
    let (number, slot) = slots::reserve().ok_or("64 contexts exist already")?;
    handle::reserve(number);
    let program = CProgram::new(number, slot);
    // SAFETY: see the module.
    let settings = unsafe { info::context_settings(info) };
    let made = Context::new(number as u8, slot.next_generation(), settings, Box::new(program));
    let mut context = made.map_err(|error| {
        slot.release();
        net::describe(&error)
    })?;
    context.trace = trace::asked_for(number as u8);
    let shared = shared(info, &context, slot).inspect_err(|_| slot.release())?;
    slot.install(context, shared);
    let entered = Entered::installed(slot);
    let pointer = handle::of_context(number);
    // SAFETY: see the module.
    let result = unsafe { furnish(info, wanted.as_ref(), &entered, slot, pointer) };
    match result {
        Ok(()) => Ok(pointer),
        Err(why) => {
            if let Some(watch) = slot.shared().and_then(|visit| visit.part_if(|shared| shared.watch.get())) {
                watch.settle();
            }
            destroy::request(&mut MayCall::enter(), &entered);
            Err(why)
        }
    }
}

fn shared(info: &lws_context_creation_info, context: &Context, slot: &'static Slot) -> Result<Shared, String> {
    let suls = Suls::new().ok_or("no place for timers")?;
    let wake = Arc::clone(&context.wake);
    let waker = Arc::clone(&wake);
    suls.on_earlier(move || {
        // A timer set while the loop sleeps, by another thread or in another loop: it must look at the clock again.
        if slot.needs_nudge() {
            waker.nudge();
        }
    });
    let smd = Smd::new(usize::from(info.smd_queue_depth), info.smd_ttl_us);
    let waker = Arc::clone(&wake);
    smd.on_message(move || {
        if slot.needs_nudge() {
            waker.nudge();
        }
    });
    let hostname = if info.options & LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME != 0 {
        c"unknown".to_owned()
    } else {
        privileges::host_name()
    };
    // SAFETY: an all-zero manager is an empty one; it is filled in `furnish`.
    let states = Box::new(UnsafeCell::new(unsafe { std::mem::zeroed() }));
    // SAFETY: an all-zero link is one that is not registered.
    let hold = Box::new(UnsafeCell::new(unsafe { std::mem::zeroed() }));
    Ok(Shared {
        hold,
        suls,
        smd,
        blobs: Blobs::default(),
        wake,
        states,
        pcontext: AtomicPtr::new(info.pcontext.cast()),
        baggage: AtomicUsize::new(info.external_baggage_free_on_destroy.expose_provenance()),
        log_cx: AtomicPtr::new(info.log_cx),
        system_ops: AtomicUsize::new(info.system_ops.expose_provenance()),
        fops: AtomicUsize::new(super::vfs_context::unlinked(info.fops)),
        platform_fops: AtomicUsize::new(0),
        system: System::new(privileges::named(info)?),
        canonical_hostname: hostname,
        watch: OnceLock::new(),
        evlib_pt: AtomicPtr::new(ptr::null_mut()),
    })
}

/// A list of the names of the system states for the state manager.
struct StateNames([*const c_char; 15]);
// SAFETY: constant texts.
unsafe impl Sync for StateNames {}

static STATE_NAMES: StateNames = StateNames([
    c"undef".as_ptr(),
    c"CONTEXT_CREATED".as_ptr(),
    c"INITIALIZED".as_ptr(),
    c"IFACE_COLDPLUG".as_ptr(),
    c"DHCP".as_ptr(),
    c"CPD_PRE_TIME".as_ptr(),
    c"TIME_VALID".as_ptr(),
    c"CPD_POST_TIME".as_ptr(),
    c"POLICY_VALID".as_ptr(),
    c"REGISTERED".as_ptr(),
    c"AUTH1".as_ptr(),
    c"AUTH2".as_ptr(),
    c"OPERATIONAL".as_ptr(),
    c"POLICY_INVALID".as_ptr(),
    c"DESTROYING".as_ptr(),
]);

/// The library's own notifier: IFACE_COLDPLUG waits until the protocols are initialised.
unsafe extern "C" fn hold_coldplug(
    mgr: *mut lws_state_manager_t,
    _link: *mut lws_state_notify_link_t,
    current: c_int,
    target: c_int,
) -> c_int {
    if target != system_state::IFACE_COLDPLUG || current == target {
        return 0;
    }
    // SAFETY: the manager is ours and alive.
    let context = unsafe { (*mgr).context };
    let tried = handle::context(context).is_none_or(|entered| entered.protocols_tried.get());
    c_int::from(!tried)
}

/// # Safety
/// `info` is as the module says.
unsafe fn furnish(
    info: &lws_context_creation_info,
    wanted: Option<&Wanted>,
    cx: &Entered,
    slot: &'static Slot,
    pointer: *mut lws_context,
) -> Result<(), String> {
    let shared = slot.shared().ok_or("bug: no shared part")?;
    if let Some(wanted) = wanted {
        let _ = shared.watch.set(watch::attach(wanted, cx, &shared)?);
    }
    let manager = shared.states.get();
    // SAFETY: this thread alone knows the manager so far; links of the program stay valid while registered.
    unsafe {
        (*manager).context = pointer;
        (*manager).name = c"system".as_ptr();
        (*manager).smd_class = LWSSMDCL_SYSTEM_STATE;
        (*manager).state_names = STATE_NAMES.0.as_ptr().cast_mut();
        (*manager).state = system_state::CONTEXT_CREATED;
        let link = shared.hold.get();
        (*link).notify_cb = Some(hold_coldplug);
        (*link).name = c"lws".as_ptr();
        state::lws_state_reg_notifier(manager, link);
        state::lws_state_reg_notifier_list(manager, info.register_notifier_list);
    }
    if info.early_smd_cb.is_some() {
        // SAFETY: as the header documents the members.
        unsafe {
            super::smd::lws_smd_register(
                pointer,
                info.early_smd_opaque,
                0,
                info.early_smd_class_filter,
                info.early_smd_cb,
            );
        }
    }
    // SAFETY: NULL or a context of the program.
    unsafe { logs::cx::lwsl_refcount_cx(info.log_cx, 1) };
    if !info.log_cx.is_null() {
        // The first line of a log of its own.
        tell_version(Scope::Context(cx), info.options);
    }
    if info.options & LWS_SERVER_OPTION_EXPLICIT_VHOSTS == 0 {
        // SAFETY: as the caller says.
        let vhost = unsafe { create_vhost(info, cx, &mut MayCall::enter())? };
        // An operation of event_lib_custom has serviced the context already, so no later turn does this.
        if cx.protocols_tried.get() && !service::init_vhost(&mut MayCall::enter(), cx, &vhost) {
            return Err("PROTOCOL_INIT was refused".into());
        }
        shared.system.take_identity_on()?;
    }
    // The original wakes the loop once at the start; programs have seen EVENT_WAIT_CANCELLED there.
    cx.wake.cancel();
    Ok(())
}

/// # Safety
/// `info` is as the module says.
unsafe fn create_vhost(info: &lws_context_creation_info, cx: &Context, may: &mut MayCall) -> Result<Rc<Vhost>, String> {
    let socket_owner = privileges::socket_owner(info)?;
    let options = info.options | cx.settings.options & LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
    // SAFETY: the caller's promise, here and below.
    let mut vhost = unsafe { info::vhost(info) };
    vhost.settings.socket_owner = socket_owner;
    vhost.settings.serves_tls.set(info::has_server_tls(info, options));
    if vhost.settings.log_cx == 0 {
        vhost.settings.log_cx = cx.settings.log_cx;
    }
    let alpn = info::alpn(vhost.settings.alpn.as_deref(), cx.settings.alpn.as_deref());
    vhost.settings.speaks_h2.set(alpn.iter().any(|name| name == "h2"));
    // TLS exists as soon as the vhost does, so that no path ever meets a missing one.
    // SAFETY: as above.
    let (client, server) = unsafe { (info::client_tls(info, options), info::server_tls(info, options, &alpn)) };
    let fail = |vhost: &Vhost, why: String| {
        VhostEdge::finish(vhost.edge.replace(0));
        Err(why)
    };
    match client {
        Ok(Some(tls)) => vhost.set_client_tls(tls),
        Ok(None) => {}
        Err(why) => return fail(&vhost, why),
    }
    match server {
        Ok(Some((settings, tls))) => {
            vhost.server_settings.set(Some(settings));
            if let Some(tls) = tls {
                vhost.set_server_tls(tls);
                tls_certificates::watch(cx);
            }
        }
        Ok(None) => {}
        Err(why) => return fail(&vhost, why),
    }
    logs::cx::count_use(vhost.settings.log_cx, true);
    let vhost = cx.add_vhost(vhost);
    if let Some(edge) = VhostEdge::of(&vhost) {
        edge.handle.set(handle::of_vhost(cx, &vhost));
    }
    let listens =
        info.port >= 0 || info.options & LWS_SERVER_OPTION_UNIX_SOCK != 0 && info.port > CONTEXT_PORT_NO_LISTEN_SERVER;
    if listens
        && !vhost_select::shares_listener(cx, &vhost)
        && let Err(error) = listeners::open(may, cx, &vhost)
    {
        let busy = error.raw_os_error() == Some(libc::EADDRINUSE);
        let why = format!("cannot listen on port {}: {}", info.port, net::describe(&error));
        log::line(Level::Err, Scope::Vhost(&vhost), "lws_create_vhost", format_args!("{why}"));
        if busy || info.iface.is_null() || vhost.has_option(option::FAIL_UPON_UNABLE_TO_BIND) {
            destroy::vhost(may, cx, &vhost);
            return Err(why);
        }
        listeners::open_later(cx, &vhost);
    }
    Ok(vhost)
}

/// Adds a vhost to a context. Its protocols are initialised inside the call once the loop has run.
///
/// Returns the vhost, or NULL; the log says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_create_vhost(
    context: *mut lws_context,
    info: *const lws_context_creation_info,
) -> *mut lws_vhost {
    const NAME: &str = "lws_create_vhost";
    enter::on_context(NAME, ptr::null_mut(), context, Access::Service, |may, cx| {
        // SAFETY: see the module.
        let Some(info) = (unsafe { older::creation_info(info) }) else {
            log::line(Level::Err, Scope::Context(cx), NAME, format_args!("info is NULL"));
            return ptr::null_mut();
        };
        if matches!(cx.life.get(), Life::Destroying | Life::Destroyed) {
            // It would get PROTOCOL_INIT, and nobody would tell it of the end.
            log::line(Level::Err, Scope::Context(cx), NAME, format_args!("the context is being destroyed"));
            return ptr::null_mut();
        }
        // SAFETY: see the module.
        unsafe { add_vhost(NAME, &info, cx, may) }
    })
}

/// A vhost in a context: its handle, or NULL for an error that `function` logs.
///
/// # Safety
/// `info` is as the module says.
pub unsafe fn add_vhost(
    function: &'static str,
    info: &lws_context_creation_info,
    cx: &Context,
    may: &mut MayCall,
) -> *mut lws_vhost {
    // SAFETY: the caller's promise.
    match unsafe { create_vhost(info, cx, may) } {
        Ok(vhost) => {
            if cx.protocols_tried.get() && !service::init_vhost(may, cx, &vhost) {
                // Unless the program did so itself.
                destroy::vhost(may, cx, &vhost);
                return ptr::null_mut();
            }
            handle::of_vhost(cx, &vhost)
        }
        Err(why) => {
            log::line(Level::Err, Scope::Context(cx), function, format_args!("cannot create the vhost: {why}"));
            ptr::null_mut()
        }
    }
}

/// Ends a context: its connections are closed with their callbacks, its memory is given back, the pointer is dead.
///
/// From inside a callback it is marked, and carried out when the running `lws_service()` unwinds, which then returns a
/// negative value. From another thread likewise. NULL is allowed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_context_destroy(context: *mut lws_context) {
    const NAME: &str = "lws_context_destroy";
    if context.is_null() {
        return;
    }
    if let Some(watch) = handle::shared(context).and_then(|visit| visit.part_if(|shared| shared.watch.get())) {
        watch.destroy_asked();
    }
    // A loop that nobody is in will not finish it: whoever calls takes the loop's place.
    enter::take_over_if_idle(context);
    if enter::queue_if_foreign(NAME, context, || Command::DestroyContext) {
        return;
    }
    enter::on_context(NAME, (), context, Access::Service, |may, cx| {
        destroy::request(may, cx);
    });
}

/// The last step of a context's end, by its outermost frame: what the program asked for, then all memory.
pub fn forget(slot: &'static Slot) {
    let watch = slot.last_shared().and_then(|shared| shared.watch.get());
    if let Some(watch) = watch {
        watch.detach();
        if watch.keeps_handle() {
            return slot.unclaim();
        }
    }
    slot.end_life();
    if let Some(shared) = slot.last_shared() {
        for list in 0..LISTS {
            if let Some(timers) = TimerList::of(shared.suls.owners().wrapping_add(list)) {
                timers.clear();
            }
        }
        let pcontext = shared.pcontext.swap(ptr::null_mut(), Ordering::AcqRel);
        if !pcontext.is_null() {
            // SAFETY: the program's variable, which it promised to keep (info.pcontext).
            unsafe { *pcontext.cast::<*mut lws_context>() = ptr::null_mut() };
        }
        super::vfs_context::release(shared);
        let baggage = shared.baggage.swap(0, Ordering::AcqRel);
        // SAFETY: the program's memory, given to be freed once.
        unsafe { libc::free(ptr::with_exposed_provenance_mut::<c_void>(baggage)) };
        let log_cx = shared.log_cx.swap(ptr::null_mut(), Ordering::AcqRel);
        // SAFETY: NULL or a log context of the program.
        unsafe { logs::cx::lwsl_refcount_cx(log_cx, -1) };
    }
    if let Some(watch) = watch {
        watch.release();
    }
    // SAFETY: called by the outermost frame of the claim's thread, whose borrows have ended.
    unsafe { slot.evict() };
}

/// Ends a vhost: it stops listening, its connections are closed, its protocols get PROTOCOL_DESTROY.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vhost_destroy(vh: *mut lws_vhost) {
    enter::on_vhost("lws_vhost_destroy", (), vh, Access::Service, destroy::vhost);
}

/// Nonzero once the destruction of the context has begun.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_context_is_being_destroyed(context: *mut lws_context) -> c_int {
    enter::on_context("lws_context_is_being_destroyed", 1, context, Access::Getter, |_, cx| {
        c_int::from(!cx.is_running())
    })
}

/// The pointer that was `info.user` of the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_context_user(context: *mut lws_context) -> *mut c_void {
    enter::on_context("lws_context_user", ptr::null_mut(), context, Access::Getter, |_, cx| {
        ptr::with_exposed_provenance_mut(cx.settings.user)
    })
}

/// The pointer that was `info.user` of the vhost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vhost_user(vhost: *mut lws_vhost) -> *mut c_void {
    enter::on_vhost("lws_vhost_user", ptr::null_mut(), vhost, Access::Getter, |_, _, vhost| {
        ptr::with_exposed_provenance_mut(vhost.settings.user)
    })
}

/// The same as `lws_vhost_user`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_vhost_user(vhost: *mut lws_vhost) -> *mut c_void {
    // SAFETY: the pointer is only decoded.
    unsafe { lws_vhost_user(vhost) }
}

/// How many service threads the context has: 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_count_threads(context: *mut lws_context) -> c_int {
    enter::on_context("lws_get_count_threads", 0, context, Access::Getter, |_, _| 1)
}

/// The name of the machine as it was when the context was made, "unknown" with `LWS_SERVER_OPTION_SKIP_SERVER_CANONICAL_NAME`;
/// lives as long as the context.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_canonical_hostname(context: *mut lws_context) -> *const c_char {
    guard::pure("lws_canonical_hostname", c"".as_ptr(), || {
        enter::shared("lws_canonical_hostname", context)
            .map_or(c"".as_ptr(), |shared| shared.canonical_hostname.as_ptr())
    })
}

/// The vhost with this name, or NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_vhost_by_name(context: *mut lws_context, name: *const c_char) -> *mut lws_vhost {
    enter::on_context("lws_get_vhost_by_name", ptr::null_mut(), context, Access::Getter, |_, cx| {
        // SAFETY: a text or NULL.
        let name = unsafe { cstr::owned(name) };
        let found = name.and_then(|name| cx.vhost_named(&name));
        found.map_or(ptr::null_mut(), |vhost| handle::of_vhost(cx, &vhost))
    })
}

/// The name of a vhost; lives as long as it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_vhost_name(vhost: *mut lws_vhost) -> *const c_char {
    enter::on_vhost("lws_get_vhost_name", ptr::null(), vhost, Access::Getter, |_, _, vhost| {
        VhostEdge::of(vhost).map_or(ptr::null(), |edge| edge.name.as_ptr())
    })
}

/// The port given when the vhost was made.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_vhost_port(vhost: *mut lws_vhost) -> c_int {
    enter::on_vhost("lws_get_vhost_port", -1, vhost, Access::Getter, |_, _, vhost| vhost.settings.port)
}

/// The port the vhost really listens on; -1 if it does not.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_vhost_listen_port(vhost: *mut lws_vhost) -> c_int {
    enter::on_vhost("lws_get_vhost_listen_port", -1, vhost, Access::Getter, |_, _, vhost| {
        match vhost.listen_port.get() {
            0 => vhost.settings.port,
            port => c_int::from(port),
        }
    })
}

/// The interface given when the vhost was made, or NULL; lives as long as the vhost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_get_vhost_iface(vhost: *mut lws_vhost) -> *const c_char {
    enter::on_vhost("lws_get_vhost_iface", ptr::null(), vhost, Access::Getter, |_, _, vhost| {
        let edge = VhostEdge::of(vhost);
        edge.and_then(|edge| edge.iface.as_ref()).map_or(ptr::null(), |iface| iface.as_ptr())
    })
}

/// The protocol of the vhost with this name, or NULL; lives as long as the vhost.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_vhost_name_to_protocol(vh: *mut lws_vhost, name: *const c_char) -> *const lws_protocols {
    enter::on_vhost("lws_vhost_name_to_protocol", ptr::null(), vh, Access::Getter, |_, _, vhost| {
        // SAFETY: a text or NULL.
        let Some(name) = (unsafe { cstr::text(name) }) else { return ptr::null() };
        ptr::with_exposed_provenance(vhost.protocol_named(name.to_bytes()).handle)
    })
}

/// Zeroed memory of `size` bytes for a protocol of a vhost, freed with the vhost; that of an earlier call stays until then.
///
/// Returns it, or NULL: no such protocol in this vhost, `size` is not above 0, or no memory.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_protocol_vh_priv_zalloc(
    vhost: *mut lws_vhost,
    prot: *const lws_protocols,
    size: c_int,
) -> *mut c_void {
    const NAME: &str = "lws_protocol_vh_priv_zalloc";
    enter::on_vhost(NAME, ptr::null_mut(), vhost, Access::Service, |_, _, vhost| {
        let Some(edge) = VhostEdge::of(vhost) else { return ptr::null_mut() };
        let Some(index) = edge.index_of(prot) else {
            log::line(Level::Err, Scope::Vhost(vhost), NAME, format_args!("unknown protocol {prot:p}"));
            return ptr::null_mut();
        };
        let Some(size) = usize::try_from(size).ok().filter(|size| *size > 0) else { return ptr::null_mut() };
        let memory = alloc::allocate(size);
        if memory.is_null() {
            return ptr::null_mut();
        }
        // SAFETY: `size` bytes were just allocated.
        unsafe { ptr::write_bytes(memory, 0, size) };
        let earlier = edge.privates[index].replace(memory.cast());
        if !earlier.is_null() {
            edge.replaced_privates.borrow_mut().push(earlier);
        }
        memory.cast()
    })
}

/// The memory of `lws_protocol_vh_priv_zalloc`, or NULL; a protocol that the vhost does not have is an error in the log.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_protocol_vh_priv_get(vhost: *mut lws_vhost, prot: *const lws_protocols) -> *mut c_void {
    const NAME: &str = "lws_protocol_vh_priv_get";
    enter::on_vhost(NAME, ptr::null_mut(), vhost, Access::Getter, |_, _, vhost| {
        let Some(edge) = VhostEdge::of(vhost) else { return ptr::null_mut() };
        let Some(index) = edge.index_of(prot) else {
            log::line(Level::Err, Scope::Vhost(vhost), NAME, format_args!("unknown protocol {prot:p}"));
            return ptr::null_mut();
        };
        edge.privates[index].get()
    })
}

/// The manager of the system states of a context; lives as long as it.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_get_state_manager(context: *mut lws_context) -> *mut lws_state_manager_t {
    guard::pure("lws_system_get_state_manager", ptr::null_mut(), || {
        enter::shared("lws_system_get_state_manager", context).map_or(ptr::null_mut(), |shared| shared.states.get())
    })
}

/// The context a system state manager belongs to.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_context_from_system_mgr(mgr: *mut lws_state_manager_t) -> *mut lws_context {
    guard::pure("lws_system_context_from_system_mgr", ptr::null_mut(), || {
        // SAFETY: NULL or a manager that `lws_system_get_state_manager` or a notifier gave.
        unsafe { mgr.as_ref() }.map_or(ptr::null_mut(), |manager| manager.context)
    })
}

/// What was `info.system_ops`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_system_get_ops(context: *mut lws_context) -> *const lws_system_ops_t {
    guard::pure("lws_system_get_ops", ptr::null(), || {
        let shared = enter::shared("lws_system_get_ops", context);
        let ops = shared.map_or(0, |shared| shared.system_ops.load(Ordering::Acquire));
        ptr::with_exposed_provenance(ops)
    })
}

/// Sets or replaces the http proxy of a vhost: `[http://][user:password@]host[:port]`. Returns 0, or -1: not usable.
///
/// The port must be there; in the product of soname 17, as in 4.1.6, that of the proxy which the vhost has counts in its
/// place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_set_proxy(vhost: *mut lws_vhost, proxy: *const c_char) -> c_int {
    enter::on_vhost("lws_set_proxy", -1, vhost, Access::Service, |_, _, vhost| {
        // SAFETY: a text or NULL.
        let Some(text) = (unsafe { cstr::owned(proxy) }) else { return -1 };
        let set_later = vhost.proxy_override.take();
        vhost.proxy_override.set(set_later.clone());
        let earlier = set_later.as_deref().or(vhost.settings.http_proxy.as_ref()).and_then(|spec| spec.port);
        let default_port = if cfg!(feature = "abi41") { earlier.unwrap_or(0) } else { 0 };
        match info::proxy(&text, default_port.into()) {
            Ok(spec) => {
                vhost.proxy_override.set(Some(Box::new(spec)));
                0
            }
            Err(_) => -1,
        }
    })
}

/// Carries out what `LWS_SERVER_OPTION_EXPLICIT_VHOSTS` put off: the user and group of the info are taken on.
///
/// To be called when all vhosts listen; the first turn of the loop does it otherwise. Returns 0, or 1: the log says why.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_finalize_startup(context: *mut lws_context) -> c_int {
    const NAME: &str = "lws_finalize_startup";
    enter::on_context(NAME, -1, context, Access::Service, |_, cx| {
        let Some(shared) = handle::shared(context) else { return -1 };
        if cx.settings.options & LWS_SERVER_OPTION_EXPLICIT_VHOSTS == 0 {
            return 0;
        }
        match shared.system.take_identity_on() {
            Ok(()) => 0,
            Err(why) => {
                log::line(Level::Err, Scope::Context(cx), NAME, format_args!("{why}"));
                1
            }
        }
    })
}

/// PROTOCOL_INIT for all vhosts that had none; the loop does it by itself. Returns 0.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_protocol_init(context: *mut lws_context) -> c_int {
    enter::on_context("lws_protocol_init", -1, context, Access::Service, |may, cx| {
        service::init_protocols(may, cx);
        0
    })
}
