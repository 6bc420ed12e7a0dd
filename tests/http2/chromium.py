#!/usr/bin/env python3
"""A headless Chromium on a server with TLS, which makes it speak http/2: pages, uploads, events, websockets, a proxy mount.

    chromium.py --server PROGRAM --certs DIR [unittest arguments]

PROGRAM is server.c. Exit status 77 if chromium or chromedriver is missing.
"""
import argparse
import json
import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "interop"))
import case  # noqa: E402
from case import Case, checksum  # noqa: E402
from webdriver import Driver, is_installed  # noqa: E402

PAGE = b"<!doctype html><title>here</title><p>page</p>"


class Browser(Case):
    """Each case is a page of its own in a browser that all share."""

    secure = True

    @property
    def options(self):
        return ("--cert", f"{case.OPTIONS.certs}/server.pem", "--key", f"{case.OPTIONS.certs}/server.key") * self.secure

    @classmethod
    def setUpClass(cls):
        profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(profile.cleanup)
        # Its own list of authorities is not ours to change.
        cls.driver = Driver(profile.name, "--ignore-certificate-errors")
        cls.addClassCleanup(cls.driver.end)

    def setUp(self):
        super().setUp()
        self.host = f"localhost:{self.server.port}"
        self.driver.call("POST", "/url", {"url": f"http{'s' * self.secure}://{self.host}/files/page.html"})
        # Connections are closed before the next case, whose server may have the same port.
        self.addCleanup(self.driver.call, "POST", "/url", {"url": "about:blank"})

    def run_script(self, body):
        """The value of a body of an async function."""
        script = f"const done = arguments[0]; (async () => {{ {body} }})().then(done, error => done('' + error))"
        return self.driver.call("POST", "/execute/async", {"script": script, "args": []})

    def connections(self):
        """How many the browser has made; at the start it may make one too many, and close it."""
        lines = self.server.wait_for(lambda lines: any(" FILTER_HTTP_CONNECTION" in line for line in lines))
        return sum("SERVER_NEW_CLIENT_INSTANTIATED" in line for line in lines)

    def fetch(self, path, options="{}"):
        """Status, body and protocol of one request of the page."""
        return self.run_script(
            f"const url = new URL({json.dumps(path)}, location).href; const answer = await fetch(url, {options});"
            " const text = await answer.text();"
            " await new Promise(resolve => setTimeout(resolve));"
            " const entry = performance.getEntriesByName(url).pop();"
            " return [answer.status, text, entry ? entry.nextHopProtocol : null]"
        )

    def socket(self, path, *messages):
        """What a websocket of the page tells; the last message closes it."""
        return self.run_script(
            f"const told = [], socket = new WebSocket(`wss://${{location.host}}{path}`, 'chat');"
            f" const messages = {json.dumps(messages)};"
            " return await new Promise(resolve => {"
            " socket.onopen = () => { told.push('open ' + socket.protocol); socket.send(messages.shift()) };"
            " socket.onmessage = event => { told.push(event.data.length > 99 ? event.data.length : event.data);"
            " socket.send(messages.shift()) };"
            " socket.onerror = () => told.push('error');"
            " socket.onclose = event => { told.push(`close ${event.code} ${event.reason}`); resolve(told) } })"
        )


class Http2(Browser):
    def test_the_page_comes_by_http_2(self):
        self.assertEqual(self.driver.script("document.title"), "here")
        self.assertEqual(self.driver.script("performance.getEntriesByType('navigation')[0].nextHopProtocol"), "h2")

    def test_uploads(self):
        body = "{method: 'POST', body: 'x'.repeat(1000000)}"
        self.assertEqual(self.fetch("/post", body), [200, checksum(b"x" * 1_000_000).decode(), "h2"])

    def test_an_answer_before_the_upload_is_complete(self):
        body = "{method: 'POST', body: 'x'.repeat(3000000)}"
        for _ in range(5):
            self.assertEqual(self.fetch("/early", body)[:2], [200, "early\n"])
        self.assertEqual(self.fetch("/status", body)[0], 404)
        self.assertEqual(self.fetch("/files/page.html", body)[0], 200)

    def test_a_head_that_is_too_large(self):
        before = self.connections()
        self.assertEqual(self.fetch("/hello", "{headers: {'x-large': 'v'.repeat(30000)}}")[0], 431)
        self.assertEqual(self.fetch("/hello")[:2], [200, "hello\n"])
        self.assertEqual(self.connections(), before)

    def test_many_at_once(self):
        script = "const all = [...Array(120)].map((_, n) => fetch(`/big?n=100000&${n}`).then(answer => answer.text()));"
        self.assertEqual(self.run_script(script + " return (await Promise.all(all)).map(text => text.length)"), [100_000] * 120)

    def test_events(self):
        script = (
            "const told = [], events = new EventSource('/sse'); return await new Promise(resolve => {"
            " events.onmessage = event => { if (told.push(event.data) == 5) { events.close(); resolve(told) } };"
            " events.onerror = () => resolve('error') })"
        )
        self.assertEqual(self.run_script(script), ["0", "1", "2", "3", "4"])
        self.server.wait_for(lambda lines: any(line.endswith("HTTP_DROP_PROTOCOL") for line in lines))

    def test_a_websocket_is_a_stream(self):
        before = self.connections()
        told = self.socket("/chat", "hi", "x" * 20_000, "bye")
        self.assertEqual(told, ["open chat", "hi", 20_000, "close 3000 bye"])
        lines = self.server.wait_for(lambda lines: any(line.endswith(" CLOSED") for line in lines))
        self.assertEqual(sum(line.endswith("ESTABLISHED h2") for line in lines), 1)
        self.assertEqual(self.connections(), before)


class ProxyMount(Browser):
    """The page's own server passes on what is below /proxy to one without TLS."""

    @property
    def options(self):
        return (*super().options, "--origin", f"127.0.0.1:{self.origin.port}/")

    def setUp(self):
        self.origin = case.Server(case.OPTIONS.server, "--files", case.FILES)
        self.addCleanup(self.origin.process.stdout.close)
        self.addCleanup(self.origin.process.wait)
        self.addCleanup(self.origin.process.kill)
        super().setUp()

    def test_requests(self):
        self.assertEqual(self.fetch("/proxy/hello"), [200, "hello\n", "h2"])
        self.assertEqual(self.fetch("/proxy/files/page.html")[:2], [200, PAGE.decode()])
        body = "{method: 'POST', body: 'x'.repeat(1000000)}"
        self.assertEqual(self.fetch("/proxy/post", body)[:2], [200, checksum(b"x" * 1_000_000).decode()])
        self.assertEqual(self.fetch("/proxy/early", body)[:2], [200, "early\n"])
        self.assertEqual(len(self.fetch("/proxy/big?n=500000")[1]), 500_000)
        self.assertEqual(self.fetch("/proxy/nowhere")[0], 404)

    def test_a_websocket_has_a_connection_of_its_own(self):
        self.assertEqual(self.socket("/proxy/chat", "hi", "bye"), ["open chat", "hi", "close 3000 bye"])
        lines = self.origin.wait_for(lambda lines: any(line.endswith(" CLOSED") for line in lines))
        self.assertEqual(sum(line.endswith(" ESTABLISHED") for line in lines), 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True)
    parser.add_argument("--certs", required=True)
    case.OPTIONS, rest = parser.parse_known_args()
    if not is_installed():
        print("skipped: chromium or chromedriver is not installed (tests/scripts/setup.sh brings them)")
        sys.exit(77)
    with tempfile.TemporaryDirectory() as case.FILES:
        with open(os.path.join(case.FILES, "page.html"), "wb") as file:
            file.write(PAGE)
        outcome = unittest.main(argv=[sys.argv[0], *rest], exit=False)
    sys.exit(not outcome.result.wasSuccessful())


if __name__ == "__main__":
    main()
