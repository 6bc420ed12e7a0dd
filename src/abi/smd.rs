//! System message distribution: short texts from anybody in the process to whoever registered for their class.
//!
//! A context has one [`Smd`]. Messages may be sent from any thread; they are delivered in the service thread, which
//! takes one delivery after the other with [`Smd::pop`] and has it carried out by [`call`], with no lock held. A peer
//! gets what is sent after it registered, in the order in which it was sent.
//!
//! # What C promises
//!
//! A payload pointer comes from `lws_smd_msg_alloc` and is used until it is sent or freed, within its length.
#![allow(unsafe_code, clippy::missing_safety_doc)]

use super::layout::{
    LWS_SMD_MAX_PAYLOAD, lws_context, lws_smd_class_t, lws_smd_notification_cb_t, lws_smd_peer, lws_usec_t,
};
use super::{alloc, enter, guard, handle, time};
use crate::engine::log::{self, Level};
use std::collections::{BTreeMap, VecDeque};
use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::thread::{self, ThreadId};
use std::time::Duration;

/// Registers `cb(opaque, class, timestamp_us, buf, len)` for messages of the classes in `_class_filter`.
///
/// Returns the peer, or NULL. It lives until `lws_smd_unregister`, or the end of the context. `flags` is 0. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_smd_register(
    ctx: *mut lws_context,
    opaque: *mut c_void,
    flags: c_int,
    _class_filter: lws_smd_class_t,
    cb: lws_smd_notification_cb_t,
) -> *mut lws_smd_peer {
    let _ = flags;
    guard::pure("lws_smd_register", ptr::null_mut(), || {
        let (Some(shared), Some(cb)) = (enter::shared("lws_smd_register", ctx), cb) else { return ptr::null_mut() };
        shared.smd.register(opaque, _class_filter, cb)
    })
}

/// Ends a registration: `pr` gets no more messages, also not those on their way. Any thread.
///
/// If the service thread is calling `pr` just now, another thread waits for that, at most a second: hold no lock that
/// the callback wants.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_smd_unregister(pr: *mut lws_smd_peer) {
    const NAME: &str = "lws_smd_unregister";
    guard::pure(NAME, (), || {
        let shared = lock(&PEERS).remove(&pr.addr()).and_then(|shared| shared.upgrade());
        let Some(shared) = shared else {
            return log::process(Level::Err, NAME, format_args!("{pr:p} is not a registered peer"));
        };
        if !shared.remove(pr.addr()) {
            log::process(
                Level::Err,
                NAME,
                format_args!("the callback of {pr:p} does not return: it is not waited for"),
            );
        }
        log::process(Level::Notice, NAME, format_args!("destroying peer {pr:p}"));
    });
}

/// Makes a message of `len` bytes for the caller to fill.
///
/// Returns its payload, to be given to `lws_smd_msg_send` or `lws_smd_msg_free`; NULL if nobody wants the class, `len`
/// is above `LWS_SMD_MAX_PAYLOAD`, or there is no memory. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_smd_msg_alloc(ctx: *mut lws_context, _class: lws_smd_class_t, len: usize) -> *mut c_void {
    guard::pure("lws_smd_msg_alloc", ptr::null_mut(), || {
        if enter::shared("lws_smd_msg_alloc", ctx).is_none() || !wanted(ctx, _class) {
            return ptr::null_mut();
        }
        Message::new(_class, len).map_or(ptr::null_mut(), Message::into_payload)
    })
}

/// Frees a message that was not sent; `*payload` becomes NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_smd_msg_free(payload: *mut *mut c_void) {
    guard::pure("lws_smd_msg_free", (), || {
        // SAFETY: see the module.
        unsafe {
            if !payload.is_null() && !(*payload).is_null() {
                drop(Message::from_payload(*payload));
                *payload = ptr::null_mut();
            }
        }
    });
}

/// Sends a message; all its bytes are filled in.
///
/// Returns 0, the message is the library's then; 1 if the queue is full, and the caller frees it. Any thread.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn lws_smd_msg_send(ctx: *mut lws_context, payload: *mut c_void) -> c_int {
    guard::pure("lws_smd_msg_send", 1, || {
        let (Some(shared), false) = (enter::shared("lws_smd_msg_send", ctx), payload.is_null()) else { return 1 };
        let smd = &shared.smd;
        // SAFETY: see the module.
        let message = unsafe { Message::from_payload(payload) };
        match smd.send(message) {
            Ok(()) => 0,
            Err(message) => {
                // Still the caller's.
                message.into_payload();
                1
            }
        }
    })
}

/// Whether somebody is registered for `class` in this context.
pub fn wanted(ctx: *mut lws_context, class: lws_smd_class_t) -> bool {
    handle::smd(ctx).is_some_and(|smd| lock(&smd.shared.state).wants(class))
}

/// Sends a text. False if it is too long or the queue is full; true also if nobody wants it.
pub fn send_text(ctx: *mut lws_context, class: lws_smd_class_t, text: &[u8]) -> bool {
    let Some(smd) = handle::smd(ctx) else { return false };
    if !lock(&smd.shared.state).wants(class) {
        return true;
    }
    let Some(message) = Message::new(class, text.len()) else { return false };
    // SAFETY: the payload has the length of the text.
    unsafe { ptr::copy_nonoverlapping(text.as_ptr(), message.payload().cast(), text.len()) };
    smd.send(message).is_ok()
}

type Notify = unsafe extern "C" fn(*mut c_void, lws_smd_class_t, lws_usec_t, *mut c_void, usize) -> c_int;

/// One message for one peer, which counts as being called from now on.
pub struct Delivery {
    cb: Notify,
    opaque: *mut c_void,
    message: Arc<Message>,
    shared: Arc<Shared>,
}

/// Gives a message to a peer. The only place where that happens.
///
/// # Safety
/// No borrow of anything a program can change is alive.
pub unsafe fn call(delivery: Delivery) {
    let Delivery { cb, opaque, ref message, ref shared } = delivery;
    let head = message.head();
    // SAFETY: the program registered this function for this; the payload lives through the call.
    unsafe { cb(opaque, head.class, head.sent_at, message.payload(), head.len) };
    lock(&shared.state).called = None;
    shared.returned.notify_all();
}

/// Message distribution of one context. Any thread may use it.
pub struct Smd {
    shared: Arc<Shared>,
    on_message: OnceLock<Box<dyn Fn() + Send + Sync>>,
    queue_depth: usize,
    time_to_live: lws_usec_t,
}

impl Smd {
    /// `queue_depth` and `ttl_us` as in the creation info; 0 means 40 messages and 2 s.
    pub fn new(queue_depth: usize, ttl_us: lws_usec_t) -> Self {
        Self {
            shared: Arc::default(),
            on_message: OnceLock::new(),
            queue_depth: if queue_depth == 0 { 40 } else { queue_depth },
            time_to_live: if ttl_us <= 0 { 2_000_000 } else { ttl_us },
        }
    }

    /// Sets what is to be done when a message was queued: wake the loop. Called in the thread that sends, with no lock
    /// held. The first call counts.
    pub fn on_message(&self, wake: impl Fn() + Send + Sync + 'static) {
        let _ = self.on_message.set(Box::new(wake));
    }

    /// Whether nothing waits to be delivered.
    pub fn is_idle(&self) -> bool {
        let state = lock(&self.shared.state);
        state.queue.is_empty() && state.current.is_none()
    }

    /// Takes the next delivery, for [`call`].
    ///
    /// The service turn asks again after each call, but not for ever: peers may send messages from inside their calls.
    pub fn pop(&self) -> Option<Delivery> {
        let oldest = time::now_usecs().saturating_sub(self.time_to_live);
        let state = &mut *lock(&self.shared.state);
        loop {
            if state.current.is_none() {
                let message = state.queue.pop_front()?;
                if message.0.head().sent_at < oldest {
                    continue;
                }
                state.current = Some((message.0, 0, message.1));
            }
            let (message, next_peer, end) = state.current.as_mut()?;
            let class = message.head().class;
            let peer = state
                .peers
                .iter()
                .find(|peer| (*next_peer..*end).contains(&peer.number) && peer.class_filter & class != 0);
            match peer {
                Some(peer) => {
                    *next_peer = peer.number + 1;
                    state.called = Some((peer.name(), thread::current().id()));
                    let (message, shared) = (Arc::clone(message), Arc::clone(&self.shared));
                    return Some(Delivery { cb: peer.cb, opaque: peer.opaque, message, shared });
                }
                None => state.current = None,
            }
        }
    }

    fn register(&self, opaque: *mut c_void, class_filter: lws_smd_class_t, cb: Notify) -> *mut lws_smd_peer {
        let mut state = lock(&self.shared.state);
        let peer = Peer { id: Box::new(0), number: state.next_peer, class_filter, opaque, cb };
        let name = peer.name();
        state.next_peer += 1;
        state.peers.push(peer);
        drop(state);
        lock(&PEERS).insert(name, Arc::downgrade(&self.shared));
        // Never dereferenced.
        ptr::without_provenance_mut(name)
    }

    /// Queues a message; gives it back if there is no room.
    fn send(&self, mut message: Message) -> Result<(), Message> {
        let now = time::now_usecs();
        message.head_mut().sent_at = now;
        let mut state = lock(&self.shared.state);
        if !state.wants(message.head().class) {
            return Ok(());
        }
        if state.queue.len() >= self.queue_depth {
            let oldest = now.saturating_sub(self.time_to_live);
            state.queue.retain(|(waiting, _)| waiting.head().sent_at >= oldest);
            if state.queue.len() >= self.queue_depth {
                return Err(message);
            }
        }
        let end = state.next_peer;
        state.queue.push_back((Arc::new(message), end));
        drop(state);
        if let Some(wake) = self.on_message.get() {
            wake();
        }
        Ok(())
    }
}

impl Drop for Smd {
    fn drop(&mut self) {
        let peers = std::mem::take(&mut lock(&self.shared.state).peers);
        let mut all = lock(&PEERS);
        for peer in &peers {
            all.remove(&peer.name());
        }
    }
}

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    /// A call of a peer has returned.
    returned: Condvar,
}

impl Shared {
    /// Takes a peer out. False if another thread is in its callback and does not come back in time.
    fn remove(&self, name: usize) -> bool {
        let mut state = lock(&self.state);
        state.peers.retain(|peer| peer.name() != name);
        let here = thread::current().id();
        let in_call = |state: &mut State| state.called.is_some_and(|(peer, thread)| peer == name && thread != here);
        let waited = self.returned.wait_timeout_while(state, LONGEST_CALL, in_call);
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }
}

/// How long the end of a registration waits for a call of its peer.
const LONGEST_CALL: Duration = Duration::from_secs(1);

#[derive(Default)]
struct State {
    /// In the order in which they registered.
    peers: Vec<Peer>,
    /// Messages, and the number below which peers get them.
    queue: VecDeque<(Arc<Message>, u64)>,
    /// The message that is being delivered, the first peer that may not have it, and the end as in `queue`.
    current: Option<(Arc<Message>, u64, u64)>,
    /// The peer whose callback runs, and where.
    called: Option<(usize, ThreadId)>,
    next_peer: u64,
}

impl State {
    fn wants(&self, class: lws_smd_class_t) -> bool {
        self.peers.iter().any(|peer| peer.class_filter & class != 0)
    }
}

struct Peer {
    /// Its address is the peer's name towards the program. Nothing is ever read from there.
    id: Box<u8>,
    number: u64,
    class_filter: lws_smd_class_t,
    opaque: *mut c_void,
    cb: Notify,
}

// SAFETY: `opaque` is only handed back to the program, which registered it for that.
unsafe impl Send for Peer {}

impl Peer {
    fn name(&self) -> usize {
        ptr::from_ref(&*self.id).addr()
    }
}

/// Peers of all contexts by name, so that a stale one is recognised.
static PEERS: Mutex<BTreeMap<usize, Weak<Shared>>> = Mutex::new(BTreeMap::new());

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A message: its head, the payload behind it, and a NUL behind that.
///
/// INVARIANT: points to memory from `alloc::allocate` of that shape, which nobody else has.
struct Message(NonNull<Head>);

#[repr(C, align(16))]
struct Head {
    class: lws_smd_class_t,
    len: usize,
    sent_at: lws_usec_t,
}

// SAFETY: it owns its memory; heads are not changed once they are shared, and payloads are the program's to read.
unsafe impl Send for Message {}
// SAFETY: as above.
unsafe impl Sync for Message {}

impl Message {
    /// A message whose payload is all zero; `None` if it is too long or there is no memory.
    fn new(class: lws_smd_class_t, len: usize) -> Option<Self> {
        if len > LWS_SMD_MAX_PAYLOAD {
            return None;
        }
        let size = size_of::<Head>() + len + 1;
        let head = NonNull::new(alloc::allocate(size))?.cast::<Head>();
        // SAFETY: new memory of that size.
        unsafe {
            head.cast::<u8>().write_bytes(0, size);
            head.write(Head { class, len, sent_at: 0 });
        }
        Some(Self(head))
    }

    /// # Safety
    /// `payload` comes from [`into_payload`](Self::into_payload), which it takes back.
    unsafe fn from_payload(payload: *mut c_void) -> Self {
        // SAFETY: the caller's promise: not NULL, with a head in front.
        Self(unsafe { NonNull::new_unchecked(payload.cast::<Head>().sub(1)) })
    }

    fn into_payload(self) -> *mut c_void {
        let payload = self.payload();
        std::mem::forget(self);
        payload
    }

    fn payload(&self) -> *mut c_void {
        // SAFETY: the payload follows the head.
        unsafe { self.0.as_ptr().add(1).cast() }
    }

    fn head(&self) -> &Head {
        // SAFETY: see the invariant.
        unsafe { self.0.as_ref() }
    }

    fn head_mut(&mut self) -> &mut Head {
        // SAFETY: see the invariant.
        unsafe { self.0.as_mut() }
    }
}

impl Drop for Message {
    fn drop(&mut self) {
        // SAFETY: see the invariant.
        unsafe { alloc::release(self.0.as_ptr().cast()) };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    thread_local! {
        static GOT: RefCell<Vec<(usize, String)>> = const { RefCell::new(Vec::new()) };
    }

    unsafe extern "C" fn note(
        opaque: *mut c_void,
        _class: lws_smd_class_t,
        _sent_at: lws_usec_t,
        buf: *mut c_void,
        len: usize,
    ) -> c_int {
        // SAFETY: the payload has `len` bytes.
        let text = unsafe { std::slice::from_raw_parts(buf.cast::<u8>(), len) };
        GOT.with_borrow_mut(|got| got.push((opaque.addr(), String::from_utf8_lossy(text).into_owned())));
        0
    }

    fn peer(smd: &Smd, opaque: usize, filter: u32) -> *mut lws_smd_peer {
        smd.register(ptr::without_provenance_mut(opaque), filter, note)
    }

    fn send(smd: &Smd, class: u32, text: &str) -> bool {
        let message = Message::new(class, text.len()).unwrap();
        // SAFETY: the payload has the length of the text.
        unsafe { ptr::copy_nonoverlapping(text.as_ptr(), message.payload().cast(), text.len()) };
        smd.send(message).is_ok()
    }

    fn deliver(smd: &Smd) -> Vec<(usize, String)> {
        while let Some(delivery) = smd.pop() {
            // SAFETY: nothing is borrowed.
            unsafe { call(delivery) };
        }
        GOT.take()
    }

    fn got(expected: &[(usize, &str)]) -> Vec<(usize, String)> {
        expected.iter().map(|(peer, text)| (*peer, String::from(*text))).collect()
    }

    #[test]
    fn peers_get_their_classes_in_order_from_registration_on() {
        let smd = Smd::new(0, 0);
        let first = peer(&smd, 1, 1);
        peer(&smd, 2, 3);
        assert!(send(&smd, 1, "a") && send(&smd, 2, "b") && send(&smd, 4, "nobody"));
        peer(&smd, 3, 3);
        assert_eq!(deliver(&smd), got(&[(1, "a"), (2, "a"), (2, "b")]));
        assert!(send(&smd, 1, "c"));
        // SAFETY: peers are only compared.
        unsafe {
            lws_smd_unregister(first);
            lws_smd_unregister(first);
        }
        assert_eq!(deliver(&smd), got(&[(2, "c"), (3, "c")]));
        assert!(smd.is_idle());
    }

    #[test]
    fn queue_is_limited_and_old_messages_are_dropped() {
        let smd = Smd::new(2, 20_000);
        peer(&smd, 1, 1);
        assert!(send(&smd, 1, "a") && send(&smd, 1, "b"));
        assert!(!send(&smd, 1, "c"));
        std::thread::sleep(std::time::Duration::from_millis(25));
        assert!(send(&smd, 1, "d"));
        assert_eq!(deliver(&smd), got(&[(1, "d")]));
    }

    #[test]
    fn peer_of_a_context_that_is_gone_is_refused() {
        let smd = Smd::new(0, 0);
        let peer = peer(&smd, 1, 1);
        assert!(send(&smd, 1, "a"));
        drop(smd);
        // SAFETY: peers are only compared.
        unsafe { lws_smd_unregister(peer) };
        assert!(lock(&PEERS).get(&peer.addr()).is_none());
    }

    #[test]
    fn payload_length_is_limited() {
        assert!(Message::new(1, LWS_SMD_MAX_PAYLOAD).is_some());
        assert!(Message::new(1, LWS_SMD_MAX_PAYLOAD + 1).is_none());
    }
}
