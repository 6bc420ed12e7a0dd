"""Heads at their limits: too large, late, and those that ask before they send their body."""
import time

from case import CONTINUATION, ENHANCE_YOUR_CALM, HEADERS, NO_ERROR, Case, checksum

# A whole GET /hello of host h.
HELLO = b"\x82\x04\x06/hello\x86\x41\x01h"


class Oversized(Case):
    """More fields than SETTINGS_MAX_HEADER_LIST_SIZE allows."""

    def test_a_large_head_is_answered_and_the_connection_goes_on(self):
        client = self.client()
        client.ping()
        # Some are larger than a frame, one is larger than what is kept of any head.
        for size in (5_000, 17_000, 30_000, 100_000, 200_000):
            stream = client.get("/hello", headers=[("x-large", "v" * size)])
            self.assertEqual((stream.status, stream.ended, stream.reset), (431, True, None), size)
            self.assertEqual(client.get("/hello").body, b"hello\n")
        self.assertIsNone(client.goaway)

    def test_many_small_fields_are_no_different(self):
        client = self.client()
        stream = client.get("/hello", headers=[(f"x-{n}", "v" * 20) for n in range(2000)])
        self.assertEqual(stream.status, 431)
        self.assertEqual(client.get("/hello").body, b"hello\n")

    def test_compression_counts_on_what_was_too_much(self):
        client = self.client()
        own = ("x-custom", "remembered")
        self.assertEqual(client.get("/describe", headers=[("x-large", "v" * 40_000), own]).status, 431)
        # This one is a single byte now: a number in the table that the refused head filled.
        self.assertIn(b"custom=remembered\n", client.get("/describe", headers=[own]).body)

    def test_a_large_head_of_an_upload(self):
        client = self.client()
        number = client.request("/post", "POST", ends=False, headers=[("x-large", "v" * 40_000)])
        client.post(number, bytes(50_000), ends=False)
        self.assertEqual(client.finish(number).status, 431)
        client.post(number, bytes(50_000))
        self.assertEqual(client.get("/hello").body, b"hello\n")

    def test_large_trailers_end_a_body(self):
        client = self.client()
        number = client.request("/post", "POST", ends=False)
        client.h2.send_data(number, b"abc")
        client.h2.send_headers(number, [("x-large", "v" * 40_000)], end_stream=True)
        client.send()
        self.assertEqual(client.finish(number).body, checksum(b"abc"))
        self.assertEqual(client.get("/hello").body, b"hello\n")

    def test_there_is_an_end_to_patience(self):
        client = self.client()
        client.ping()
        number = client.h2.get_next_available_stream_id()
        try:
            client.frame(HEADERS, 1, number, bytes(16384))
            for _ in range(40):
                client.frame(CONTINUATION, 0, number, bytes(16384))
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.assertEqual(client.drain(), ENHANCE_YOUR_CALM)
        self.still_serves()


class Expectations(Case):
    """Expect: 100-continue."""

    headers = [("expect", "100-continue")]

    def test_a_client_that_waits_is_told_to_go_on(self):
        client = self.client()
        number = client.request("/post", "POST", ends=False, headers=self.headers)
        stream = client.streams[number]
        client.until(lambda: stream.interim or stream.done)
        self.assertEqual(stream.interim, [100])
        client.post(number, b"some body")
        self.assertEqual((client.finish(number).status, stream.body), (200, checksum(b"some body")))
        self.assertEqual(stream.interim, [100])

    def test_nobody_is_told_what_is_done_already(self):
        client = self.client()
        # The answer does not need the body.
        early = client.request("/early", "POST", ends=False, headers=self.headers)
        self.assertEqual((client.finish(early).status, client.streams[early].interim), (200, []))
        # There is no body.
        none = client.finish(client.request("/post", "POST", headers=self.headers))
        self.assertEqual((none.body, none.interim), (checksum(b""), []))
        self.assertEqual(client.get("/hello", headers=self.headers).interim, [])


class Late(Case):
    """Frames that begin and do not end have the time of a request head; `--timeout` would be much longer."""

    options = ("--head-timeout", "1", "--timeout", "30")

    def ends_soon(self, client):
        started = time.monotonic()
        self.assertEqual(client.drain(), NO_ERROR)
        self.assertLess(time.monotonic() - started, 5)

    def test_half_a_frame_on_a_resting_connection(self):
        for frame in (b"\0", b"\0\0\x08\6\0\0\0\0\0abc", b"\0\0\x09\1\5\0\0\0\1\x82", b"\0\0\x09\0\0\0\0\0\1"):
            client = self.client()
            client.ping()
            client.raw(frame)
            self.ends_soon(client)

    def test_half_a_head_in_whole_frames(self):
        client = self.client()
        client.ping()
        client.frame(HEADERS, 1, 1, HELLO[:3])
        # More of the same is no progress.
        started = time.monotonic()
        try:
            while time.monotonic() - started < 4 and not client.goaway:
                client.frame(CONTINUATION, 0, 1, b"")
                client.socket.settimeout(0.1)
                try:
                    if not client.receive():
                        break
                except TimeoutError:
                    pass
        except (BrokenPipeError, ConnectionResetError):
            pass
        self.assertLess(time.monotonic() - started, 3)

    def test_half_a_head_beside_a_stream(self):
        client = self.client()
        stream = client.streams[client.request("/sse")]
        client.until(lambda: stream.body)
        client.raw(b"\0\0\x09\1\5\0\0\0\3\x82")
        self.ends_soon(client)

    def test_a_slow_upload_is_no_late_head(self):
        client = self.client()
        number = client.request("/post", "POST", ends=False)
        client.raw(b"\0\0\x06\0\0\0\0\0" + bytes([number]))
        for _ in range(6):
            time.sleep(0.4)
            client.raw(b"x")
        client.post(number, b"")
        self.assertEqual(client.finish(number).body, checksum(b"x" * 6))

    def test_what_was_completed_in_time_is_forgotten(self):
        client = self.client()
        client.ping()
        frame = b"\0\0\x08\6\0\0\0\0\0abcdefgh"
        for _ in range(3):
            client.raw(frame[:12])
            time.sleep(0.4)
            client.raw(frame[12:])
            client.until(lambda: client.pongs > 1)
            client.pongs = 1
        time.sleep(1.5)
        self.assertEqual(client.get("/hello").body, b"hello\n")
