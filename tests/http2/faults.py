"""Broken and hostile clients."""
from case import (
    CANCEL, COMPRESSION_ERROR, CONTINUATION, DATA, ENHANCE_YOUR_CALM, FLOW_CONTROL_ERROR, FRAME_SIZE_ERROR, GOAWAY, HEADERS,
    PING, PREFACE, PRIORITY, PROTOCOL_ERROR, PUSH_PROMISE, RST_STREAM, SETTINGS, STREAM_CLOSED, WINDOW_UPDATE, Case, checksum,
)
from client import Stream, connect


class Faults(Case):
    """Broken clients get the right code, and the next one is served."""

    def connection_error(self, code, *frames):
        client = self.client()
        client.ping()
        for frame in frames:
            try:
                client.frame(*frame)
            except (BrokenPipeError, ConnectionResetError):
                break
        self.assertEqual(client.drain(), code, frames)
        client.close()
        self.still_serves()

    def test_frames_that_break_the_connection(self):
        block = b"\x82\x84\x86\x41\x01h"
        for code, *frames in [
            (PROTOCOL_ERROR, (DATA, 0, 0, b"x")),
            (PROTOCOL_ERROR, (DATA, 0, 1, b"x")),
            (PROTOCOL_ERROR, (HEADERS, 4, 2, block)),
            (PROTOCOL_ERROR, (HEADERS, 0, 1, block), (PING, 0, 0, b"12345678")),
            (COMPRESSION_ERROR, (HEADERS, 5, 1, b"\xff\xff\xff\xff\xff\xff")),
            (FRAME_SIZE_ERROR, (PING, 0, 0, b"short")),
            (FRAME_SIZE_ERROR, (SETTINGS, 0, 0, b"short")),
            (PROTOCOL_ERROR, (SETTINGS, 0, 0, b"\0\2\0\0\0\7")),
            (FLOW_CONTROL_ERROR, (SETTINGS, 0, 0, b"\0\4\xff\xff\xff\xff")),
            (PROTOCOL_ERROR, (PUSH_PROMISE, 4, 1, b"\0\0\0\2" + block)),
            (PROTOCOL_ERROR, (WINDOW_UPDATE, 0, 0, b"\0\0\0\0")),
            (FLOW_CONTROL_ERROR, (WINDOW_UPDATE, 0, 0, b"\x7f\xff\xff\xff")),
            (PROTOCOL_ERROR, (CONTINUATION, 4, 1, block)),
            (PROTOCOL_ERROR, (RST_STREAM, 0, 1, b"\0\0\0\0")),
            (FRAME_SIZE_ERROR, (99, 0, 0, b"", 20000)),
        ]:
            with self.subTest(frames=frames):
                self.connection_error(code, *frames)

    def test_a_stream_is_not_opened_twice(self):
        client = self.client()
        client.get("/hello")
        client.frame(HEADERS, 5, 1, b"\x82\x84\x86\x41\x01h")
        self.assertEqual(client.drain(), STREAM_CLOSED)

    def test_frames_that_break_a_stream(self):
        client = self.client(validate=False)
        for fields in [
            [(":method", "GET"), (":path", "/"), (":scheme", "http"), ("UPPER", "x")],
            [(":method", "GET"), (":path", "/"), (":scheme", "http"), ("connection", "close")],
            [(":method", "GET"), (":path", "/"), (":scheme", "http"), ("transfer-encoding", "chunked")],
            [(":method", "GET"), (":path", "/")],
            [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":path", "/")],
            [("x", "y"), (":method", "GET"), (":scheme", "http"), (":path", "/")],
            [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("content-length", "5")],
            [(":method", "GET"), (":scheme", "http"), (":path", "/"), ("x", "a\r\nb: c")],
            [(":method", "GET"), (":scheme", "http"), (":path", "/x y")],
            [(":method", "GET"), (":scheme", "http"), (":path", "/x?a\tb")],
            [(":method", "GET"), (":scheme", "http"), (":path", "/x\x7f")],
            [(":method", "GET"), (":scheme", "http"), (":path", "/"), (":authority", "h x")],
        ]:
            number = client.h2.get_next_available_stream_id()
            client.streams[number] = Stream()
            client.h2.send_headers(number, fields, end_stream=True)
            client.send()
            self.assertEqual(client.finish(number).reset, PROTOCOL_ERROR, fields)
        for path, status in [("/%zz", 400), ("/x" * 3000, 414)]:
            self.assertEqual(client.get(path).status, status, path[:20])
        self.assertEqual(client.get("/hello", headers=[("x-long", "y" * 6000)]).status, 431)
        self.assertEqual(client.get("/hello", method="BREW").status, 403)
        number = client.request("/post", "POST", ends=False, headers=[("content-length", "2")])
        client.post(number, b"three")
        self.assertEqual(client.finish(number).reset, PROTOCOL_ERROR)
        self.assertEqual(client.get("/hello").body, b"hello\n")

    def test_priority_and_unknown_frames_are_ignored(self):
        client = self.client()
        client.frame(PRIORITY, 0, 7, b"\0\0\0\0\x10")
        client.frame(77, 0xFF, 0, b"whatever")
        client.h2.prioritize(1, weight=16, depends_on=0)
        self.assertEqual(client.get("/hello").body, b"hello\n")

    def test_no_preface_or_no_settings(self):
        goaway = b"\7\0\0\0\0\0"
        ping = b"\0\0\x08\6\0\0\0\0\0" + b"x" * 8
        for start, expected in [(PREFACE + ping, goaway), (PREFACE[:-1] + b"x", b" 403 ")]:
            with connect(self.server.port) as wire:
                wire.sendall(start)
                answer = b""
                while chunk := wire.recv(1000):
                    answer += chunk
                self.assertIn(expected, answer)

    def test_goaway_of_the_client_lets_streams_finish(self):
        client = self.client()
        number = client.request("/post", "POST", ends=False)
        client.frame(GOAWAY, 0, 0, b"\0" * 8)
        client.post(number, b"still")
        self.assertEqual(client.finish(number).body, checksum(b"still"))
        client.drain()
        self.server.all_gone()


class Floods(Case):
    """Hostile clients are stopped, and cost no memory."""

    def flood(self, send, code=ENHANCE_YOUR_CALM):
        client = self.client()
        client.ping()
        try:
            for n in range(100_000):
                send(client, n)
        except (BrokenPipeError, ConnectionResetError):
            pass
        else:
            self.fail("the flood was not stopped")
        self.still_serves()
        self.assertLess(self.server.memory(), 200 << 20)

    def test_rapid_reset(self):
        block = b"\x82\x84\x86\x41\x01h"
        reset = b"\0\0\4\3\0" + b"%b" + b"\0\0\0\x08"

        def send(client, n):
            number = (2 * n + 1).to_bytes(4, "big")
            client.raw(bytes([0, 0, len(block), HEADERS, 5]) + number + block + reset % number)

        self.flood(send)

    def test_pings(self):
        self.flood(lambda client, n: client.raw(b"\0\0\x08\6\0\0\0\0\0" + b"x" * 8))

    def test_settings(self):
        self.flood(lambda client, n: client.raw(b"\0\0\6\4\0\0\0\0\0" + b"\0\4\0\0\0\x09"))

    def test_empty_continuations(self):
        def send(client, n):
            client.raw(b"\0\0\0\1\0\0\0\0\1" if n == 0 else b"\0\0\0\x09\0\0\0\0\1")

        self.flood(send)

    def test_empty_data(self):
        block = b"\x83\x84\x86\x41\x01h"

        def send(client, n):
            client.raw(bytes([0, 0, len(block), HEADERS, 4, 0, 0, 0, 1]) + block if n == 0 else b"\0\0\0\0\0\0\0\0\1")

        self.flood(send)

    def test_more_streams_than_allowed(self):
        client = self.client()
        client.ping()
        limit = client.h2.remote_settings.max_concurrent_streams
        self.assertEqual(limit, 100)
        block = b"\x82\x04\x05/hang\x86\x41\x01h"
        for n in range(limit + 5):
            number = 2 * n + 1
            client.frame(HEADERS, 5, number, block)
        reset = b""
        while reset.count(b"\0\0\4\3\0") < 5:
            reset += client.socket.recv(1000)
        self.assertEqual(reset.count(b"\0\0\0\7"), 5)

    def test_a_peer_that_asks_and_does_not_listen(self):
        client = self.client()
        client.ping()
        before = self.server.memory()
        client.socket.settimeout(1)
        sent = 0
        try:
            while sent < 900:
                client.raw(b"\0\0\x08\6\0\0\0\0\0" + b"x" * 8)
                sent += 1
        except TimeoutError:
            pass
        self.assertLess(self.server.memory() - before, 4 << 20)
        self.still_serves()
