"""driftnet with its web display: a page and images over http, and a websocket that tells of each new image.

The network traffic in which driftnet looks for images is a capture file made here, fed through a named pipe.
"""
import asyncio
import os
import struct
import sys
import zlib

import websockets

import apps
from apps import expect

PACKAGES = ["driftnet"]
FILES = ["/usr/bin/driftnet", "/usr/share/driftnet/static-html/index.html"]


def png(size, shade):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    rows = (b"\0" + bytes([shade, 255 - shade, 128]) * size) * size
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


class Capture:
    """Writes a capture file with one TCP connection per transfer."""

    def __init__(self, path):
        self.path, self.number, self.out = path, 0, None

    def open(self):
        self.out = open(self.path, "wb", buffering=0)
        self.out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))

    def frame(self, source, target, sequence, acknowledged, flags, data=b""):
        tcp = struct.pack(">HHIIBBHHH", source[1], target[1], sequence, acknowledged, 5 << 4, flags, 65535, 0, 0) + data
        ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(tcp), 1, 0, 64, 6, 0, source[0], target[0])
        frame = b"\x02" * 12 + b"\x08\x00" + ip + tcp
        self.number += 1
        self.out.write(struct.pack("<IIII", 1700000000 + self.number, 0, len(frame), len(frame)) + frame)

    def transfer(self, port, payload):
        client, server = (b"\x0a\0\0\1", port), (b"\x0a\0\0\2", 80)
        self.frame(client, server, 100, 0, 0x02)
        self.frame(server, client, 500, 101, 0x12)
        self.frame(client, server, 101, 501, 0x10)
        for at in range(0, len(payload), 1000):
            self.frame(server, client, 501 + at, 101, 0x18, payload[at:at + 1000])
        self.frame(server, client, 501 + len(payload), 101, 0x11)
        self.frame(client, server, 101, 502 + len(payload), 0x11)


async def scenario(app, say):
    port, = apps.free_ports(1)
    pipe = app.path("traffic")
    os.mkfifo(pipe)
    os.mkdir(app.path("images"))
    capture = Capture(pipe)
    await app.start("/usr/bin/driftnet", "-W", str(port), "-f", pipe, "-d", app.path("images"))
    await asyncio.get_running_loop().run_in_executor(None, capture.open)
    await app.listening(port)
    app.library()
    say("driftnet is up")

    with open(FILES[1], "rb") as page:
        wanted = page.read()
    for path in ("/", "/index.html"):
        status, headers, body = await apps.http(port, b"GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n" % path.encode())
        say("page %s: %d %s, %s" % (path, status, headers.get("content-type"), body == wanted))
    status, _, _ = await apps.http(port, b"GET /no/such/file.html HTTP/1.1\r\nHost: localhost\r\n\r\n")
    say("unknown page: %d" % status)
    status, _, _ = await apps.http(port, b"GET /../../etc/passwd HTTP/1.1\r\nHost: localhost\r\n\r\n")
    expect(status != 200, "a file outside the folder is served")
    answers = await asyncio.gather(*[apps.http(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n") for _ in range(30)])
    say("30 pages at once: %s" % all(status == 200 and body == wanted for status, _, body in answers))

    def connect():
        return websockets.connect("ws://127.0.0.1:%d/" % port, subprotocols=["images-pipe-protocol"])

    async def hears(watcher):
        """The next message. Under the genuine library the loop sleeps on when another thread asks to write, so it is
        woken by page requests: driftnet's users see images late there."""
        waiting = asyncio.ensure_future(watcher.recv())
        for _ in range(int(apps.PATIENCE * 5)):
            done, _ = await asyncio.wait([waiting], timeout=0.2)
            if done:
                break
            if not app.ours:
                await apps.http(port, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        expect(waiting.done(), "a watcher hears nothing of a new image")
        return waiting.result()

    watchers = [await connect() for _ in range(5)]
    say("watchers: %s" % {watcher.subprotocol for watcher in watchers})
    for number, size in enumerate((40, 200, 90)):
        image = png(size, 40 * number)
        capture.transfer(3000 + number, b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(image) + image)
        names = {await hears(watcher) for watcher in watchers}
        expect(len(names) == 1, "the watchers heard different names: %s" % names)
        name = names.pop()
        status, headers, body = await apps.http(port, b"GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n" % name.encode())
        say("image %d: %d %s, %s" % (number, status, headers.get("content-type"), body == image))
    await watchers[0].close()
    watchers[1].transport.abort()
    image = png(60, 200)
    capture.transfer(3100, image)
    for watcher in watchers[2:]:
        await hears(watcher)
    say("three watchers are left and hear of the next image")
    try:
        async with websockets.connect("ws://127.0.0.1:%d/" % port, subprotocols=["chat"]):
            say("wrong subprotocol: accepted")
    except (websockets.InvalidHandshake, EOFError, OSError):
        say("wrong subprotocol: refused")
    status = await app.stop()
    for watcher in watchers[2:]:
        await apps.over(watcher)
    say("SIGTERM: status %d, all watchers saw the end" % status)


if __name__ == "__main__":
    sys.exit(apps.main(sys.modules[__name__]))
