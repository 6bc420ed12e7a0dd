#![no_main]
//! A random program: calls of the API in random order, from outside and from inside every callback, on a random context
//! with random peers. The input is the program; nothing it does may crash, hang, or leave connections behind.
use libfuzzer_sys::fuzz_target;
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::io::Write;
use std::os::fd::{IntoRawFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::ptr;
use websockets::abi::layout::*;
use websockets::abi::{
    adopt, all_protocols, client, context, http, http_headers, http_reply, mount, oxlws, service, sul, write, wsi,
};

#[derive(Default)]
struct World {
    program: RefCell<Vec<u8>>,
    next: Cell<usize>,
    context: Cell<*mut lws_context>,
    vhost: Cell<*mut lws_vhost>,
    /// The one with TLS, or NULL.
    tls_vhost: Cell<*mut lws_vhost>,
    wsis: RefCell<Vec<*mut lws>>,
    peers: RefCell<Vec<UnixStream>>,
    sul: Cell<*mut lws_sorted_usec_list_t>,
    depth: Cell<u32>,
    calls: Cell<u32>,
    clients: Cell<u32>,
}

thread_local! {
    static WORLD: World = World::default();
}

impl World {
    fn byte(&self) -> u8 {
        let at = self.next.replace(self.next.get() + 1);
        self.program.borrow().get(at).copied().unwrap_or(0)
    }

    fn is_over(&self) -> bool {
        self.next.get() >= self.program.borrow().len()
    }

    fn wsi(&self, own: *mut lws) -> *mut lws {
        let number = usize::from(self.byte());
        let wsis = self.wsis.borrow();
        match number {
            0..=99 => own,
            255 => ptr::without_provenance_mut(0x1234_5678),
            _ if wsis.is_empty() => own,
            _ => wsis[number % wsis.len()],
        }
    }

    fn text(&self) -> Vec<u8> {
        let len = usize::from(self.byte() % 64);
        (0..len).map(|_| self.byte()).collect()
    }

    /// One call; what a callback returns.
    fn act(&self, own: *mut lws) -> c_int {
        let calls = self.calls.replace(self.calls.get() + 1);
        if calls > 400 || self.is_over() {
            return 0;
        }
        let wsi = self.wsi(own);
        let mut room = [0u8; 512];
        let start = room.as_mut_ptr().wrapping_add(32);
        let end = room.as_mut_ptr().wrapping_add(500);
        let mut at = start;
        // SAFETY: buffers of the sizes told; handles may be anything.
        unsafe {
            // The upper ones came later: old inputs mean what they meant.
            let number = self.byte();
            match if number >= 240 { number - 200 } else { number % 40 } {
                0 => return -1,
                1 => return c_int::from(self.byte()),
                2 => {
                    write::lws_callback_on_writable(wsi);
                }
                3..=5 => {
                    let text = self.text();
                    let kind = [0, 1, 2, 3, 5, 6, 7, 8, 0x40, 0x42, 0x80][usize::from(self.byte()) % 11];
                    room[32..32 + text.len()].copy_from_slice(&text);
                    write::lws_write(wsi, start, text.len(), lws_write_protocol(kind));
                }
                6 => {
                    let mut big = vec![b'x'; 16 + 70_000];
                    write::lws_write(wsi, big.as_mut_ptr().add(16), 70_000, lws_write_protocol(1));
                }
                7 => write::lws_set_timeout(wsi, pending_timeout(1), [-1, -2, 0, 1][usize::from(self.byte()) % 4]),
                8 => write::lws_set_timer_usecs(wsi, [1, -1, 1000, 0][usize::from(self.byte()) % 4]),
                9 => {
                    write::lws_rx_flow_control(wsi, c_int::from(self.byte() % 4));
                }
                10 => write::lws_close_reason(wsi, lws_close_status(u32::from(self.byte()) * 20), start, 20),
                11 => context::lws_vhost_destroy(self.vhost.get()),
                12 => context::lws_context_destroy(self.context.get()),
                13 => {
                    service::lws_service(self.context.get(), -1);
                }
                14 => service::lws_cancel_service(self.context.get()),
                15 => self.connect(c"GET"),
                16..=17 => self.connect(c""),
                18 => self.connect(c"RAW"),
                19 => self.connect(c"POST"),
                20..=24 => self.peer(),
                25..=27 => {
                    let text = self.text();
                    let mut peers = self.peers.borrow_mut();
                    let count = peers.len().max(1);
                    if let Some(peer) = peers.get_mut(usize::from(self.byte()) % count) {
                        let _ = peer.write(&text);
                    }
                }
                28 => {
                    let _ = self.peers.borrow_mut().pop();
                }
                29 => {
                    http_reply::lws_return_http_status(wsi, 200 + u32::from(self.byte()), c"page".as_ptr());
                }
                30 => return http_reply::lws_http_transaction_completed(wsi),
                31 => {
                    http_headers::lws_add_http_common_headers(wsi, 200, c"text/plain".as_ptr(), 4, &mut at, end);
                    http_headers::lws_finalize_write_http_header(wsi, start, &mut at, end);
                }
                32 => {
                    http::lws_hdr_copy(wsi, start.cast(), 100, lws_token_indexes(u32::from(self.byte())));
                    http::lws_hdr_total_length(wsi, lws_token_indexes(u32::from(self.byte())));
                }
                33 => {
                    let (mut to, mut len) = (start.cast::<c_char>(), 300);
                    client::lws_http_client_read(wsi, &mut to, &mut len);
                }
                34 => client::lws_client_http_body_pending(wsi, c_int::from(self.byte() & 1)),
                35 => sul::lws_sul_schedule(self.context.get(), 0, self.sul.get(), Some(on_timer), 1),
                36 => {
                    http_headers::lws_http_redirect(wsi, 302, c"/x".as_ptr().cast(), 2, &mut at, end);
                }
                37 => {
                    wsi::lws_get_context(wsi);
                    wsi::lws_get_peer_simple(wsi, start.cast(), 100);
                    wsi::lws_get_socket_fd(wsi);
                }
                38 => write::lws_validity_confirmed(wsi),
                40..=42 => self.connect_with(c"", true),
                43 => self.connect_with(c"GET", true),
                44 => self.adopt_raw_socket(wsi),
                45 => self.adopt_pipe(),
                46 => self.adopt_datagrams(),
                47 => {
                    let flags = 1 | c_int::from(self.byte() & 1);
                    oxlws::limits::oxlws_vhost_set_limit(self.vhost.get(), flags, u64::from(self.byte()));
                }
                48 => context::lws_vhost_destroy(self.tls_vhost.get()),
                49 => {
                    let name = CString::new(self.text().split(|&b| b == 0).next().unwrap_or(&[])).unwrap_or_default();
                    mount::lws_serve_http_file(wsi, name.as_ptr(), c"text/plain".as_ptr(), ptr::null(), 0);
                }
                50 => {
                    let parent = self.wsi(own);
                    wsi::lws_get_child(parent);
                    wsi::lws_get_parent(wsi);
                }
                51 => {
                    all_protocols::lws_callback_vhost_protocols(wsi, 2000, ptr::null_mut(), 0);
                }
                52 => sul::lws_sul_cancel(self.sul.get()),
                53 => {
                    wsi::lws_adjust_protocol_psds(wsi, usize::from(self.byte()) * 64);
                }
                54 => {
                    write::lws_write(wsi, start, 1, lws_write_protocol(0));
                    write::lws_send_pipe_choked(wsi);
                    write::lws_partial_buffered(wsi);
                }
                _ => wsi::lws_set_wsi_user(wsi, ptr::null_mut()),
            }
        }
        0
    }

    fn connect(&self, method: &CStr) {
        self.connect_with(method, false);
    }

    /// A raw socket of the program, perhaps with a parent.
    fn adopt_raw_socket(&self, parent: *mut lws) {
        let Ok((near, mut far)) = UnixStream::pair() else { return };
        let _ = far.set_nonblocking(true);
        let _ = far.write(&self.text());
        let fd = lws_sock_file_fd_type { sockfd: near.into_raw_fd() };
        let parent = if self.byte() & 1 == 0 { ptr::null_mut() } else { parent };
        // SAFETY: a descriptor that is given away.
        let made = unsafe {
            adopt::lws_adopt_descriptor_vhost(self.vhost.get(), LWS_ADOPT_SOCKET, fd, c"fuzz".as_ptr(), parent)
        };
        self.wsis.borrow_mut().push(made);
        self.peers.borrow_mut().push(far);
    }

    /// A pipe whose end came already.
    fn adopt_pipe(&self) {
        let Ok((reader, mut writer)) = std::io::pipe() else { return };
        let _ = writer.write(&self.text());
        let raw = OwnedFd::from(reader).into_raw_fd();
        let fd = lws_sock_file_fd_type { sockfd: raw };
        // SAFETY: a descriptor that is given away; it comes back where it is not taken.
        unsafe {
            let made = adopt::lws_adopt_descriptor_vhost(
                self.vhost.get(),
                lws_adoption_type(0),
                fd,
                c"fuzz".as_ptr(),
                ptr::null_mut(),
            );
            if made.is_null() {
                libc::close(raw);
            }
            self.wsis.borrow_mut().push(made);
        }
    }

    /// Datagrams to ourselves.
    fn adopt_datagrams(&self) {
        let vhost = self.vhost.get();
        // SAFETY: texts and NULL.
        let made = unsafe {
            let flags = LWS_CAUDP_BIND;
            adopt::lws_create_adopt_udp(
                vhost,
                c"127.0.0.1".as_ptr(),
                0,
                if self.byte() & 1 == 0 { flags } else { 0 },
                c"fuzz".as_ptr(),
                ptr::null(),
                ptr::null_mut(),
                ptr::null_mut(),
                ptr::null(),
                ptr::null(),
            )
        };
        self.wsis.borrow_mut().push(made);
    }

    fn connect_with(&self, method: &CStr, tls: bool) {
        if self.clients.replace(self.clients.get() + 1) > 10 {
            return;
        }
        let vhost = if tls { self.tls_vhost.get() } else { self.vhost.get() };
        // SAFETY: an all-zero info is an empty one; the texts live through the call.
        unsafe {
            let port = context::lws_get_vhost_listen_port(vhost);
            let mut info: lws_client_connect_info = std::mem::zeroed();
            info.context = self.context.get();
            info.vhost = vhost;
            info.ssl_connection = if tls { 1 | c_int::from(self.byte() & 31) } else { 0 };
            info.address = c"127.0.0.1".as_ptr();
            info.host = info.address;
            info.path = c"/some/path?a=b".as_ptr();
            info.port = if port > 0 { port } else { 1 };
            info.method = if method.is_empty() { ptr::null() } else { method.as_ptr() };
            info.protocol = if self.byte() & 1 == 0 { ptr::null() } else { c"fuzz".as_ptr() };
            info.local_protocol_name = c"fuzz".as_ptr();
            let made = client::lws_client_connect_via_info(&info);
            self.wsis.borrow_mut().push(made);
        }
    }

    /// A peer whose bytes are the input's: adopted as an http or ws server connection.
    fn peer(&self) {
        let Ok((near, mut far)) = UnixStream::pair() else { return };
        let _ = (near.set_nonblocking(true), far.set_nonblocking(true));
        let kind = self.byte();
        match if kind >= 240 { 4 + kind % 4 } else { kind % 4 } {
            4 => {
                // http/2 by prior knowledge: SETTINGS, then GET / of host "a", which ends the stream or leaves it open.
                let _ = far.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
                let end = 4 | self.byte() & 1;
                let _ = far.write(&[0, 0, 6, 1, end, 0, 0, 0, 1, 0x82, 0x86, 0x84, 0x41, 1, b'a']);
            }
            5 => {
                // A websocket of a stream (RFC 8441): extended CONNECT, then one frame as DATA.
                let _ = far.write(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0");
                let mut head = vec![0x86, 0x84, 0x41, 1, b'a', 0x02, 7];
                head.extend_from_slice(b"CONNECT\x00\x09:protocol\x09websocket\x00\x15sec-websocket-version\x0213");
                let _ = far.write(&[0, 0, head.len() as u8, 1, 4, 0, 0, 0, 1]);
                let _ = far.write(&head);
                let _ = far.write(b"\0\0\x07\0\0\0\0\0\x01\x81\x81\0\0\0\0a");
            }
            6 => {
                // The rest of the input's bytes is all it says.
                let _ = far.write(b"GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
            }
            7 => {
                let _ = far.write(b"GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n");
            }
            0 => {}
            1 => {
                let _ = far.write(b"GET /path?x=y HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\n\r\n");
            }
            2 => {
                let _ = far.write(
                    b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
                      Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Protocol: fuzz\r\n\
                      Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
                );
            }
            _ => {
                let _ = far.write(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n");
            }
        }
        let text = self.text();
        let _ = far.write(&text);
        let fd = near.into_raw_fd();
        let vhost = self.tls_vhost.get();
        // SAFETY: a descriptor that is given away.
        let made = unsafe {
            if kind == 239 && !vhost.is_null() {
                adopt::lws_adopt_socket_vhost(vhost, fd)
            } else {
                adopt::lws_adopt_socket(self.context.get(), fd)
            }
        };
        self.wsis.borrow_mut().push(made);
        self.peers.borrow_mut().push(far);
    }
}

/// Of nobody; valid until 2126.
const CERTIFICATE: &[u8] = include_bytes!("../tls/certificate.pem");
const KEY: &[u8] = include_bytes!("../tls/key.pem");

unsafe extern "C" fn on_timer(_: *mut lws_sorted_usec_list_t) {
    WORLD.with(|world| world.act(ptr::null_mut()));
}

unsafe extern "C" fn on_event(
    wsi: *mut lws,
    _: lws_callback_reasons,
    _: *mut c_void,
    _: *mut c_void,
    _: usize,
) -> c_int {
    WORLD.with(|world| {
        if world.depth.get() > 8 {
            return 0;
        }
        world.depth.set(world.depth.get() + 1);
        let calls = world.byte() % 3;
        let mut answer = 0;
        for _ in 0..calls {
            answer = world.act(wsi);
        }
        world.depth.set(world.depth.get() - 1);
        answer
    })
}

fuzz_target!(|data: &[u8]| {
    let [options, size, program @ ..] = data else { return };
    // Not the program's: what the library logs is formatted, and dropped.
    unsafe extern "C" fn drop_line(_: c_int, line: *const c_char) {
        // SAFETY: a text.
        let _ = unsafe { CStr::from_ptr(line) }.to_bytes().len();
    }
    WORLD.with(|world| {
        *world.program.borrow_mut() = program.to_vec();
        world.next.set(0);
        world.calls.set(0);
        world.clients.set(0);
        world.depth.set(0);
        // SAFETY: an all-zero timer is one that is not scheduled.
        let mut node: Box<lws_sorted_usec_list_t> = unsafe { Box::new(std::mem::zeroed()) };
        world.sul.set(&raw mut *node);
        let deflate = lws_extension {
            name: c"permessage-deflate".as_ptr(),
            callback: Some(websockets::abi::ext::lws_extension_callback_pm_deflate),
            client_offer: c"permessage-deflate; client_max_window_bits".as_ptr(),
        };
        // SAFETY: infos that are zero but for what is set; everything they point to outlives the context.
        unsafe {
            websockets::abi::logs::lws_set_log_level(if options & 1 == 0 { 7 } else { 1023 }, Some(drop_line));
            let protocol = |name: *const c_char| lws_protocols {
                name,
                callback: if name.is_null() { None } else { Some(on_event) },
                per_session_data_size: if name.is_null() { 0 } else { 24 },
                rx_buffer_size: usize::from(*size),
                id: 0,
                user: ptr::null_mut(),
                tx_packet_size: 0,
            };
            let protocols = [protocol(c"http".as_ptr()), protocol(c"fuzz".as_ptr()), protocol(ptr::null())];
            let extensions = [deflate, std::mem::zeroed()];
            let mut info: lws_context_creation_info = std::mem::zeroed();
            info.port = 0;
            info.iface = c"127.0.0.1".as_ptr();
            info.vhost_name = c"fuzz".as_ptr();
            info.protocols = protocols.as_ptr();
            info.extensions = if options & 2 == 0 { ptr::null() } else { extensions.as_ptr() };
            info.pt_serv_buf_size = if options & 4 == 0 { 0 } else { u32::from(*size) };
            let mut held = ptr::null_mut();
            info.pcontext = &raw mut held;
            held = context::lws_create_context(&info);
            if held.is_null() {
                return;
            }
            world.context.set(held);
            world.vhost.set(context::lws_get_vhost_by_name(held, info.vhost_name));
            world.tls_vhost.set(ptr::null_mut());
            if options & 8 != 0 {
                info.vhost_name = c"tls".as_ptr();
                info.options = LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT;
                info.server_ssl_cert_mem = CERTIFICATE.as_ptr().cast();
                info.server_ssl_cert_mem_len = CERTIFICATE.len() as u32;
                info.server_ssl_private_key_mem = KEY.as_ptr().cast();
                info.server_ssl_private_key_mem_len = KEY.len() as u32;
                info.pcontext = ptr::null_mut();
                world.tls_vhost.set(context::lws_create_vhost(held, &info));
            }
            for _ in 0..60 {
                world.act(ptr::null_mut());
                if (&raw const held).read_volatile().is_null() {
                    break;
                }
                service::lws_service(world.context.get(), -1);
                if world.is_over() {
                    break;
                }
            }
            context::lws_context_destroy((&raw const held).read_volatile());
            assert!((&raw const held).read_volatile().is_null(), "the context does not end");
        }
        world.wsis.borrow_mut().clear();
        world.peers.borrow_mut().clear();
        drop(node);
    });
});
