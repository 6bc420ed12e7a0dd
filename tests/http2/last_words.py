"""The last answer of a connection reaches a client that is still sending, or slow to read."""
import os
import socket
import ssl
import time

import case
from case import PING, PREFACE, Case
from client import LIMIT, connect

# More than both socket buffers hold: a client that sends all of it waits for the server to take it.
MUCH = 12 << 20


def exchange(wire, head, body=b"", chunk=65536):
    """Sends everything, and only then reads to the end."""
    wire.sendall(head)
    for at in range(0, len(body), chunk):
        wire.sendall(body[at : at + chunk])
    answer = b""
    while piece := wire.recv(65536):
        answer += piece
    return answer


class StillSending(Case):
    """RFC 9112 section 9.6: what the client sends meanwhile must not make it lose the answer."""

    alpn = ("http/1.1",)

    def connect(self):
        wire = connect(self.server.port, self.tls, self.alpn)
        self.addCleanup(wire.close)
        return wire

    def refused(self, status, head, body=b""):
        answer = exchange(self.connect(), head, body)
        self.assertIn(b" %d " % status, answer.split(b"\r\n")[0], answer[:200])
        self.assertTrue(answer.endswith(b"</html>"), answer[-100:])

    def test_a_head_that_is_too_large(self):
        self.refused(431, b"GET /hello HTTP/1.1\r\nHost: a\r\nX-Large: ", b"v" * MUCH)

    def test_a_target_that_is_too_large(self):
        self.refused(414, b"GET /", b"v" * MUCH)

    def test_no_request_at_all(self):
        self.refused(403, b"BREW /pot HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % MUCH, bytes(MUCH))

    def test_a_broken_body(self):
        self.refused(400, b"POST /post HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", bytes(MUCH))

    def test_an_answer_of_the_program(self):
        head = b"POST /status HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % MUCH
        self.refused(404, head, bytes(MUCH))

    def test_a_refused_upgrade_with_a_body(self):
        head = b"POST /chat HTTP/1.1\r\nHost: a\r\nUpgrade: other\r\nConnection: upgrade\r\nContent-Length: %d\r\n\r\n"
        self.refused(403, head % MUCH, bytes(MUCH))

    def test_more_requests_behind_the_last(self):
        wire = self.connect()
        request = b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
        answer = exchange(wire, request * 2000)
        self.assertEqual(answer.count(b"HTTP/1.1 200"), 1)
        self.assertTrue(answer.endswith(b"hello\n"))

    def test_the_program_is_not_kept_waiting(self):
        wire = self.connect()
        wire.sendall(b"GET /" + b"v" * 100_000)
        self.assertEqual(self.callbacks(0)[-1], "WSI_DESTROY")
        wire.sendall(b"v" * 100_000)

    def test_patience_has_an_end(self):
        wire = self.connect()
        before = self.descriptors()
        started = time.monotonic()
        try:
            wire.sendall(b"GET /")
            while time.monotonic() - started < LIMIT:
                wire.sendall(b"v" * 1000)
                time.sleep(0.01)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            pass
        self.assertLess(time.monotonic() - started, 5)
        self.assertLess(self.descriptors(), before)

    def descriptors(self):
        """How many the server has, while it has answered one more client: what it did before that is done."""
        with connect(self.server.port, self.tls, self.alpn) as wire:
            wire.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = b""
            while not answer.endswith(b"hello\n"):
                answer += wire.recv(1000)
            return len(os.listdir(f"/proc/{self.server.process.pid}/fd"))

    def test_silent_clients_are_let_go(self):
        before = self.descriptors()
        wires = [self.connect() for _ in range(200)]
        for wire in wires:
            wire.sendall(b"GET /" + b"v" * 100_000)
        self.server.wait_for(lambda lines: sum("WSI_DESTROY" in line for line in lines) > 200)
        self.assertLess(self.descriptors(), before + 100)
        limit = time.monotonic() + LIMIT
        while self.descriptors() > before:
            self.assertLess(time.monotonic(), limit)
            time.sleep(0.1)

    def test_the_end_of_the_context_does_not_wait(self):
        wire = self.connect()
        wire.sendall(b"GET /" + b"v" * 100_000)
        self.callbacks(0)
        started = time.monotonic()
        self.server.stop()
        self.assertLess(time.monotonic() - started, 1)


class StillSendingTls(StillSending):
    @property
    def options(self):
        return ("--cert", f"{case.OPTIONS.certs}/server.pem", "--key", f"{case.OPTIONS.certs}/server.key")

    @property
    def tls(self):
        return f"{case.OPTIONS.certs}/ca.pem"


class StillSendingPoll(StillSending):
    """In a loop of the program, which is not told of the descriptors that are left."""

    options = ("--poll",)


class StillSendingLibuv(StillSending):
    """In a loop that sleeps on the context's own descriptor."""

    options = ("--libuv",)


class StillSendingHttp2(Case):
    """The code of a GOAWAY is an answer too."""

    def test_goaway_arrives(self):
        wire = connect(self.server.port)
        frame = b"\0\0\x08" + bytes([PING]) + b"\0\0\0\0\0" + bytes(8)
        answer = exchange(wire, PREFACE + b"\0\0\0\4\0\0\0\0\0" + b"\0\0\1" + frame[3:9] + b"x", frame * 300_000)
        wire.close()
        self.assertIn(b"\0\0\0\6PING is not eight", answer)


class SlowReader(Case):
    """An answer that ends the connection is sent as long as somebody takes it."""

    def test_all_of_it_arrives(self):
        length = 20_000_000
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        wire.settimeout(LIMIT)
        wire.connect(("127.0.0.1", self.server.port))
        wire.sendall(b"GET /once?n=%d HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % length)
        count, started = 0, time.monotonic()
        while piece := wire.recv(16384):
            count += len(piece)
            # At this speed it takes 9 s, as if the line were slow.
            time.sleep(max(0, started + count * 9 / length - time.monotonic()))
        wire.close()
        self.assertGreater(count, length)

    def test_nobody_waits_for_one_that_does_not_read(self):
        wire = socket.socket()
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 32768)
        wire.connect(("127.0.0.1", self.server.port))
        wire.sendall(b"GET /once?n=20000000 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        self.server.wait_for(lambda lines: "0 HTTP /once" in lines)
        # Twice 5 s: at first it takes what its own buffer holds.
        self.server.wait_for(lambda lines: "0 WSI_DESTROY" in lines, 2 * LIMIT)
        wire.close()
