#!/usr/bin/env python3
"""http/2 of the server, from outside: good clients, slow ones, broken ones and hostile ones.

    run.py --server PROGRAM --certs DIR [unittest arguments]

PROGRAM is server.c. Needs Python's `h2` (exit 77 without). curl, nghttp and h2load are used where they are there.
"""
import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

try:
    import case
    import h2.settings
    from case import BIG_FILE, CANCEL, DATA, GOAWAY, INTERNAL_ERROR, NO_ERROR, PREFACE, PROTOCOL_ERROR, SETTINGS, Case, checksum
    from causes import Causes  # noqa: F401, run from here
    from client import Server, connect
    from faults import Faults, Floods  # noqa: F401, run from here
    from heads import Expectations, Late, Oversized  # noqa: F401
    from last_words import (  # noqa: F401
        SlowReader, StillSending, StillSendingHttp2, StillSendingLibuv, StillSendingPoll, StillSendingTls,
    )
    from ws_streams import WebSocket  # noqa: F401
except ImportError as missing:
    print(f"skipped: {missing} (tests/scripts/setup.sh brings it)")
    sys.exit(77)


class Answers(Case):
    """What programs do with a request, each in the way programs do it."""

    def test_get_has_the_callbacks_of_http_1(self):
        client = self.client()
        stream = client.get("/hello")
        self.assertEqual((stream.status, stream.body, stream.reset), (200, b"hello\n", None))
        self.assertIn(("x-own-header", "Yes"), stream.headers)
        client.close()
        expected = ["WSI_CREATE", "FILTER_HTTP_CONNECTION /hello", "HTTP_BIND_PROTOCOL", "HTTP /hello"]
        self.assertEqual(self.callbacks(1), expected + ["HTTP_DROP_PROTOCOL", "CLOSED_HTTP", "WSI_DESTROY"])
        self.assertEqual(
            self.callbacks(0), ["WSI_CREATE", "SERVER_NEW_CLIENT_INSTANTIATED", "CLOSED_HTTP", "WSI_DESTROY"]
        )

    def test_post_has_the_callbacks_of_http_1(self):
        client = self.client()
        number = client.request("/post", "POST", ends=False)
        client.post(number, b"some body")
        self.assertEqual(client.finish(number).body, checksum(b"some body"))
        self.assertEqual(
            self.callbacks(1)[1:],
            ["FILTER_HTTP_CONNECTION /post", "HTTP_BIND_PROTOCOL", "HTTP /post", "HTTP_BODY_COMPLETION"]
            + ["HTTP_DROP_PROTOCOL", "CLOSED_HTTP", "WSI_DESTROY"],
        )

    def test_tokens_tell_everything(self):
        headers = [("cookie", "a=1"), ("cookie", "b=2"), ("x-custom", "mine"), ("accept", "x/y"), ("accept", "z/*")]
        body = self.client().get("/describe?x=1&y=2%20z", headers=headers, authority="localhost:99").body.decode()
        values = dict(line.split("=", 1) for line in body.splitlines())
        self.assertGreater(int(values.pop("credit")), 60000)
        self.assertEqual(
            values,
            {
                "get": "/describe", "args": "x=1&y=2 z", "host": "localhost:99", "authority": "localhost:99",
                "method": "GET", "path": "/describe", "scheme": "http", "cookie": "a=1; b=2", "cookie-b": "2",
                "accept": "x/y, z/*", "custom": "mine", "uri": "0", "peer": "127.0.0.1", "stream": "1",
                "tls": str(int(bool(self.tls))),
            },
        )

    def test_stock_pages_redirects_and_raw_text(self):
        client = self.client()
        page = client.get("/status")
        self.assertEqual((page.status, page.ended), (404, True))
        self.assertIn(b"<h1>404</h1>nothing here", page.body)
        redirect = client.get("/redirect")
        self.assertEqual((redirect.status, dict(redirect.headers)["location"], redirect.body), (302, "/hello", b""))
        raw = client.get("/text")
        self.assertEqual((raw.status, raw.body, dict(raw.headers)["x-raw"]), (200, b"ok", "1"))
        parts = client.get("/parts")
        self.assertEqual((parts.status, dict(parts.headers)["content-length"], parts.ended), (200, "0", True))
        self.assertEqual(client.get("/ignores-completed").body, b"fine\n")
        self.assertEqual(client.get("/nowhere").status, 404)

    def test_bodies_without_length_end_with_the_stream(self):
        client = self.client()
        stream = client.get("/no-length")
        self.assertEqual((stream.body, stream.ended, stream.reset), (b"until the end", True, None))
        self.assertNotIn("connection", dict(stream.headers))
        chunked = client.get("/chunked")
        self.assertEqual((chunked.body, chunked.ended), (b"first second", True))
        self.assertNotIn("transfer-encoding", dict(chunked.headers))

    def test_no_answer_and_half_an_answer_are_resets(self):
        client = self.client()
        none = client.get("/none")
        self.assertEqual((none.headers, none.reset), (None, INTERNAL_ERROR))
        short = client.get("/short")
        self.assertEqual((short.status, short.body, short.reset), (200, b"12345", INTERNAL_ERROR))
        self.assertEqual(client.get("/hello").status, 200)

    def test_head_has_no_body(self):
        client = self.client()
        for path, length in [("/hello", "6"), ("/files/page.html", "11"), ("/file", str(len(BIG_FILE)))]:
            stream = client.get(path, method="HEAD")
            self.assertEqual((stream.status, stream.body, stream.ended), (200, b"", True), path)
            self.assertEqual(dict(stream.headers)["content-length"], length)

    def test_files_and_mounts(self):
        client = self.client()
        page = client.get("/files/page.html")
        self.assertEqual((page.status, page.body), (200, b"<p>page</p>"))
        etag = dict(page.headers)["etag"]
        self.assertEqual(client.get("/files/page.html", headers=[("if-none-match", etag)]).status, 304)
        self.assertEqual(client.get("/file").body, BIG_FILE)
        self.assertEqual(client.get("/files/big.txt").body, BIG_FILE)
        self.assertEqual(client.get("/files/").body, b"index")
        self.assertEqual(client.get("/files").status, 301)
        self.assertEqual(client.get("/files/../../etc/passwd").status, 404)
        part = client.get("/files/big.txt", headers=[("range", "bytes=5-9")])
        self.assertEqual((part.status, part.body), (206, BIG_FILE[5:10]))
        self.assertEqual(client.get("/files/empty.txt").body, b"")

    def test_an_early_answer_stops_the_upload(self):
        client = self.client()
        number = client.request("/early", "POST", ends=False)
        stream = client.finish(number)
        self.assertEqual((stream.status, stream.body), (200, b"early\n"))
        # The rest is taken and dropped; the peer is stopped when the window is used up, not while it may still read.
        client.frame(DATA, 0, number, bytes(16384))
        client.ping()
        self.assertIsNone(stream.reset)
        for _ in range(15):
            client.frame(DATA, 0, number, bytes(16384))
        client.until(lambda: stream.reset is not None)
        self.assertEqual(stream.reset, NO_ERROR)
        # What was on its way is no fault.
        client.frame(DATA, 0, number, b"late")
        client.ping()
        self.assertEqual(client.get("/hello").status, 200)

    def test_empty_post(self):
        client = self.client()
        self.assertEqual(client.get("/post", method="POST").body, checksum(b""))
        number = client.request("/post", "POST", ends=False)
        client.post(number, b"")
        self.assertEqual(client.finish(number).body, checksum(b""))

    def test_events_without_end(self):
        client = self.client()
        number = client.request("/sse")
        stream = client.streams[number]
        client.until(lambda: stream.body.count(b"\n\n") >= 5)
        self.assertTrue(stream.body.startswith(b"data: 0\n\ndata: 1\n\n"))
        client.h2.reset_stream(number, CANCEL)
        client.send()
        self.assertEqual(self.callbacks(1)[-3:], ["HTTP_DROP_PROTOCOL", "CLOSED_HTTP", "WSI_DESTROY"])
        self.assertEqual(client.get("/hello").status, 200)


class AnswersTls(Answers):
    """The same through TLS and ALPN."""

    @property
    def options(self):
        return ("--cert", f"{case.OPTIONS.certs}/server.pem", "--key", f"{case.OPTIONS.certs}/server.key")

    @property
    def tls(self):
        return f"{case.OPTIONS.certs}/ca.pem"

    def test_alpn_chooses(self):
        for offer, chosen in [(("h2", "http/1.1"), "h2"), (("http/1.1", "h2"), "h2"), (("http/1.1",), "http/1.1")]:
            with connect(self.server.port, self.tls, offer) as wire:
                self.assertEqual(wire.selected_alpn_protocol(), chosen)
        with connect(self.server.port, self.tls, ("http/1.1",)) as wire:
            wire.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
            self.assertTrue(wire.recv(1000).startswith(b"HTTP/1.1 200"))


class FlowControl(Case):
    """Much data, both ways, and peers that do not take it."""

    def test_large_answers(self):
        client = self.client()
        for path in ("/big?n=3000000", "/once?n=3000000", "/big-no-length?n=1000000", "/big?n=1"):
            stream = client.get(path)
            self.assertEqual((stream.body, stream.ended), (b"x" * int(path.split("=")[1]), True))

    def test_small_windows_and_frames(self):
        client = self.client(settings={h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 100})
        stream = client.get("/big?n=30000")
        self.assertEqual(len(stream.body), 30000)

    def test_large_upload(self):
        client = self.client()
        body = os.urandom(3_000_000)
        number = client.request("/post", "POST", ends=False, headers=[("content-length", str(len(body)))])
        client.post(number, body)
        self.assertEqual(client.finish(number).body, checksum(body))

    def test_a_paused_upload_holds_no_more_than_its_window(self):
        client = self.client()
        body = os.urandom(1_500_000)
        number = client.request("/post-paused", "POST", ends=False)
        client.post(number, body)
        self.assertEqual(client.finish(number).body, checksum(body))

    def test_many_streams_side_by_side(self):
        client = self.client()
        numbers = [client.request(f"/big?n={10000 + 5000 * n}") for n in range(90)]
        for n, number in enumerate(numbers):
            self.assertEqual(len(client.finish(number).body), 10000 + 5000 * n)

    def test_a_stream_that_is_not_read_does_not_stop_others(self):
        client = self.client(takes=False, settings={h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 1000})
        client.h2.increment_flow_control_window(10_000_000)
        stuck = client.request("/big?n=500000")
        client.ping()
        for _ in range(5):
            self.assertEqual(client.get("/hello").body, b"hello\n")
        self.assertEqual(len(client.streams[stuck].body), 1000)
        client.h2.increment_flow_control_window(600_000, stuck)
        client.send()
        self.assertEqual(len(client.finish(stuck).body), 500_000)

    def test_streams_share_a_narrow_connection(self):
        client = self.client(takes=False, settings={h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 10_000_000})
        numbers = [client.request("/big?n=200000") for _ in range(8)]
        # 64 KiB for all of them together; then piece by piece.
        client.until(lambda: sum(len(client.streams[number].body) for number in numbers) >= 65535)
        while not all(client.streams[number].done for number in numbers):
            client.h2.increment_flow_control_window(50_000)
            client.send()
            client.receive()
        self.assertEqual([len(client.streams[number].body) for number in numbers], [200000] * 8)

    def test_a_reset_in_the_middle_frees_the_rest(self):
        client = self.client(takes=False)
        number = client.request("/once?n=5000000")
        client.until(lambda: len(client.streams[number].body) > 30000)
        client.h2.reset_stream(number, CANCEL)
        client.send()
        self.assertEqual(self.callbacks(1)[-1], "WSI_DESTROY")
        client.h2.increment_flow_control_window(1_000_000)
        self.assertEqual(client.get("/hello").body, b"hello\n")

    def test_the_peer_leaves_in_the_middle(self):
        client = self.client(takes=False)
        client.request("/once?n=5000000")
        client.request("/post", "POST", ends=False)
        client.request("/sse")
        self.server.wait_for(lambda lines: sum(" HTTP /" in line for line in lines) == 3)
        client.close()
        lines = self.server.all_gone()
        self.assertEqual(sum(line.endswith("CLOSED_HTTP") for line in lines), 4)
        self.still_serves()

    def test_padding_is_paid_back(self):
        client = self.client()
        number = client.request("/post", "POST", ends=False)
        for _ in range(3000):
            while client.h2.local_flow_control_window(number) < 300:
                client.receive()
            client.h2.send_data(number, b"x", pad_length=200)
            client.send()
        client.post(number, b"")
        self.assertEqual(client.finish(number).body, checksum(b"x" * 3000))

    def test_trailers_end_a_body(self):
        client = self.client()
        number = client.request("/post", "POST", ends=False)
        client.h2.send_data(number, b"abc")
        client.h2.send_headers(number, [("x-checksum", "1")], end_stream=True)
        client.send()
        self.assertEqual(client.finish(number).body, checksum(b"abc"))


class ProxyMount(Case):
    """What another server answers by http/1.1: a server like this one."""

    origin_options = ()

    def origin_address(self):
        return f"127.0.0.1:{self.origin.port}/"

    def setUp(self):
        self.origin = Server(case.OPTIONS.server, "--files", case.FILES, *self.origin_options)
        self.addCleanup(self.origin.process.stdout.close)
        self.addCleanup(self.origin.process.wait)
        self.addCleanup(self.origin.process.kill)
        self.addCleanup(self.origin.stop)
        self.options = ("--origin", self.origin_address())
        super().setUp()

    def test_answers_come_through(self):
        client = self.client()
        self.assertEqual(client.get("/proxy/hello").body, b"hello\n")
        self.assertEqual(client.get("/proxy/files/big.txt").body, BIG_FILE)
        self.assertEqual(client.get("/proxy/status").status, 404)
        self.assertEqual(client.get("/proxy/chunked").body, b"first second")
        self.assertEqual(client.get("/proxy/no-length").body, b"until the end")
        head = client.get("/proxy/file", method="HEAD")
        self.assertEqual((head.body, dict(head.headers)["content-length"]), (b"", str(len(BIG_FILE))))

    def test_bodies_go_through(self):
        client = self.client()
        body = os.urandom(500_000)
        for headers in ((), [("content-length", str(len(body)))]):
            number = client.request("/proxy/post", "POST", ends=False, headers=headers)
            client.post(number, body)
            self.assertEqual(client.finish(number).body, checksum(body))
        self.assertEqual(client.get("/proxy/post", method="POST").body, checksum(b""))

    def test_half_an_answer_is_a_reset(self):
        client = self.client()
        self.assertEqual(client.get("/proxy/none").status, 502)
        self.assertEqual(client.get("/proxy/short").reset, INTERNAL_ERROR)

    def test_a_path_is_no_request_line(self):
        client = self.client(validate=False)
        for path in ("/proxy/hello HTTP/1.1", "/proxy/hello?a HTTP/1.0", "/proxy/hello\tx", "/proxy/hello\x0bx"):
            self.assertEqual(client.get(path).reset, PROTOCOL_ERROR, path)
        self.assertEqual(client.get("/proxy/hello").body, b"hello\n")
        # Nothing of it reached the origin.
        lines = self.origin.wait_for(lambda lines: any(" HTTP /" in line for line in lines))
        self.assertEqual([line.split(" ", 1)[1] for line in lines if " HTTP /" in line], ["HTTP /hello"])

    def test_several_at_once(self):
        client = self.client()
        numbers = [client.request("/proxy/big?n=200000") for _ in range(20)]
        for number in numbers:
            self.assertEqual(len(client.finish(number).body), 200000)


    def test_websockets_of_http_1_are_passed_on(self):
        with connect(self.server.port) as wire:
            wire.sendall(
                b"GET /proxy/chat HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: upgrade\r\n"
                b"Sec-WebSocket-Protocol: chat\r\nSec-WebSocket-Version: 13\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
            )
            head = b""
            while b"\r\n\r\n" not in head:
                head += wire.recv(1000)
            self.assertIn(b" 101 ", head)
            wire.sendall(WebSocket.masked(1, b"hello"))
            answer = b""
            while len(answer) < 7:
                answer += wire.recv(1000)
            self.assertEqual(answer, b"\x81\x05hello")


class ProxyMountUnix(ProxyMount):
    """The other server listens on a unix socket."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "origin.sock")
        self.origin_options = ("--unix", self.path)
        super().setUp()

    def origin_address(self):
        return f"+{self.path}:/"

    def test_the_origin_is_gone(self):
        self.origin.stop()
        self.assertEqual(self.client().get("/proxy/hello").status, 503)
        self.still_serves()


class Timeouts(Case):
    options = ("--timeout", "1")

    def test_no_answer_in_time(self):
        client = self.client()
        self.assertEqual(client.get("/hang").reset, CANCEL)
        self.assertEqual(client.get("/hello").status, 200)

    def test_a_body_that_does_not_come(self):
        client = self.client()
        self.assertEqual(client.finish(client.request("/post", "POST", ends=False)).status, 408)

    def test_an_answer_that_nobody_takes(self):
        client = self.client(takes=False, settings={h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 0})
        client.request("/big?n=100000")
        self.assertEqual(self.callbacks(1)[-1], "WSI_DESTROY")

    def test_a_connection_without_requests_is_closed_with_goaway(self):
        client = self.client()
        client.ping()
        started = time.monotonic()
        self.assertEqual(client.drain(), NO_ERROR)
        # By keepalive_timeout, not by the 10 s for a head.
        self.assertLess(time.monotonic() - started, 5)

    def test_an_idle_connection_is_closed_with_goaway(self):
        client = self.client()
        client.get("/hello")
        self.assertEqual(client.drain(), NO_ERROR)

    def test_events_outlive_the_timeout(self):
        client = self.client()
        stream = client.streams[client.request("/sse")]
        limit = time.monotonic() + 2
        client.until(lambda: time.monotonic() > limit)
        self.assertFalse(stream.done)
        self.assertGreater(stream.body.count(b"\n\n"), 20)


class LongPoll(Case):
    options = ("--timeout", "1", "--long-poll")

    def test_a_complete_request_may_wait(self):
        client = self.client()
        stream = client.streams[client.request("/hang")]
        client.socket.settimeout(2.5)
        with self.assertRaises(TimeoutError):
            client.until(lambda: stream.done)
        self.assertFalse(stream.done)


class Starts(Case):
    """How a connection becomes one of http/2."""

    def test_preface_in_pieces(self):
        wire = connect(self.server.port)
        for byte in PREFACE:
            wire.sendall(bytes([byte]))
            time.sleep(0.002)
        wire.sendall(b"\0\0\0\4\0\0\0\0\0")
        self.assertEqual(wire.recv(1000)[3], SETTINGS)
        wire.close()

    def test_other_methods_are_still_http_1(self):
        for request, status in [(b"PROPFIND / HTTP/1.1\r\n\r\n", b" 403 "), (b"POST /hello HTTP/1.1\r\nHost: a\r\n\r\n", b" 200 ")]:
            with connect(self.server.port) as wire:
                wire.sendall(request)
                self.assertIn(status, wire.recv(100))

    def test_no_preface_after_a_request(self):
        with connect(self.server.port) as wire:
            wire.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            self.assertIn(b"200", wire.recv(1000))
            wire.sendall(PREFACE + b"\0\0\0\4\0\0\0\0\0")
            self.assertFalse(wire.recv(9).startswith(b"\0\0"))


class PriorKnowledge(Case):
    options = ("--prior",)

    def test_only_http_2(self):
        self.still_serves()
        with connect(self.server.port) as wire:
            wire.sendall(b"GET /hello HTTP/1.1\r\nHost: a\r\n\r\n")
            answer = b""
            try:
                while chunk := wire.recv(1000):
                    answer += chunk
            except ConnectionResetError:
                pass
            self.assertNotIn(b"HTTP/1", answer)


class NotOffered(Case):
    options = ("--alpn", "http/1.1")

    def test_the_preface_is_a_bad_request(self):
        with connect(self.server.port) as wire:
            wire.sendall(PREFACE)
            self.assertIn(b" 403 ", wire.recv(100))


class Tools(Case):
    """Clients that other people wrote."""

    def run_tool(self, *command):
        if not shutil.which(command[0]):
            self.skipTest(f"{command[0]} is not installed")
        result = subprocess.run(command, capture_output=True, timeout=60)
        self.assertEqual(result.returncode, 0, result.stderr.decode(errors="replace"))
        return result.stdout

    def test_curl(self):
        url = f"http://127.0.0.1:{self.server.port}"
        curl = ("curl", "-s", "-S", "-m", "20", "--http2-prior-knowledge")
        self.assertEqual(self.run_tool(*curl, f"{url}/hello"), b"hello\n")
        self.assertEqual(self.run_tool(*curl, f"{url}/file"), BIG_FILE)
        big = os.path.join(case.FILES, "big.txt")
        self.assertEqual(self.run_tool(*curl, "--data-binary", f"@{big}", f"{url}/post"), checksum(BIG_FILE))
        head = self.run_tool(*curl, "-I", f"{url}/file").decode().lower()
        self.assertIn(f"content-length: {len(BIG_FILE)}", head)

    def test_nghttp(self):
        url = f"http://127.0.0.1:{self.server.port}"
        self.assertEqual(self.run_tool("nghttp", f"{url}/hello"), b"hello\n")
        text = self.run_tool("nghttp", "-nv", "-p", "200", "-b", "50", f"{url}/hello", f"{url}/file").decode()
        self.assertEqual(text.count(":status: 200"), 2)

    def test_h2load(self):
        url = f"http://127.0.0.1:{self.server.port}"
        text = self.run_tool("h2load", "-n", "5000", "-c", "10", "-m", "50", f"{url}/hello").decode()
        self.assertIn("5000 succeeded, 0 failed", text)
        text = self.run_tool("h2load", "-n", "200", "-c", "4", "-m", "20", f"{url}/file").decode()
        self.assertIn("200 succeeded, 0 failed", text)


class ToolsTls(Case):
    @property
    def options(self):
        return ("--cert", f"{case.OPTIONS.certs}/server.pem", "--key", f"{case.OPTIONS.certs}/server.key")

    run_tool = Tools.run_tool

    def test_curl(self):
        url = f"https://localhost:{self.server.port}"
        curl = ("curl", "-s", "-S", "-m", "20", "--cacert", f"{case.OPTIONS.certs}/ca.pem", "-4")
        version = ("-w", " %{http_version}")
        self.assertEqual(self.run_tool(*curl, *version, f"{url}/hello"), b"hello\n 2")
        self.assertEqual(self.run_tool(*curl, *version, "--http1.1", f"{url}/hello"), b"hello\n 1.1")
        self.assertEqual(self.run_tool(*curl, f"{url}/files/big.txt"), BIG_FILE)
        # On one connection; curl 7.88 cannot do that with prior knowledge, whatever the server.
        for _ in range(20):
            self.assertEqual(self.run_tool(*curl, "-d", "abc", f"{url}/early"), b"early\n")
        several = self.run_tool(*curl, *[f"{url}/big?n=100000"] * 5)
        self.assertEqual(several, b"x" * 500_000)

    def test_h2load(self):
        url = f"https://127.0.0.1:{self.server.port}"
        text = self.run_tool("h2load", "-n", "2000", "-c", "10", "-m", "50", f"{url}/hello").decode()
        self.assertIn("2000 succeeded, 0 failed", text)


FILES = {"big.txt": BIG_FILE, "page.html": b"<p>page</p>", "index.html": b"index", "empty.txt": b""}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--certs", required=True)
    case.OPTIONS, rest = parser.parse_known_args()
    with tempfile.TemporaryDirectory() as case.FILES:
        for name, content in FILES.items():
            with open(os.path.join(case.FILES, name), "wb") as file:
                file.write(content)
        outcome = unittest.main(argv=[sys.argv[0], *rest], exit=False)
    sys.exit(not outcome.result.wasSuccessful())


if __name__ == "__main__":
    main()
