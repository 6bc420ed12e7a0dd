"""rtpengine: its HTTP and websocket interface (ws and wss), where worker threads answer for the service thread."""
import asyncio
import contextlib
import json
import sys

import websockets

import apps
from apps import expect

PACKAGES = ["rtpengine-daemon"]
FILES = ["/usr/bin/rtpengine"]


def bencoded(cookie, **words):
    return b"%s d%se" % (cookie, b"".join(b"%d:%s%d:%s" % (len(k), k.encode(), len(v), v) for k, v in sorted(words.items())))


def get(path, host="localhost"):
    return b"GET %s HTTP/1.1\r\nHost: %s\r\n\r\n" % (path.encode(), host.encode())


SDP = "\r\n".join(["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "c=IN IP4 127.0.0.1", "t=0 0", "m=audio 4000 RTP/AVP 8", ""])


async def scenario(app, say):
    plain, secure, ng = apps.free_ports(3)
    await app.start("/usr/bin/rtpengine", "--config-file=none", "--foreground", "--log-stderr", "--log-level=6", "--table=-1",
                    "--interface=127.0.0.1", "--listen-http=127.0.0.1:%d" % plain, "--listen-https=127.0.0.1:%d" % secure,
                    "--https-cert=%s/server.pem" % app.certs, "--https-key=%s/server.key" % app.certs,
                    "--listen-ng=127.0.0.1:%d" % ng, "--num-threads=4", "--port-min=40000", "--port-max=41000")
    await app.listening(plain)
    await app.listening(secure)
    app.library()
    say("rtpengine is up")

    for port, tls, name in ((plain, None, "http"), (secure, app.tls(), "https")):
        status, headers, body = await apps.http(port, get("/ping"), tls)
        say("%s /ping: %d %s %s" % (name, status, headers.get("content-type"), body))
        status, _, body = await apps.http(port, get("/metrics"), tls)
        say("%s /metrics: %d, sessions %s" % (name, status, b"rtpengine_sessions" in body))
        expect(len(body) > 2000, "metrics of %d bytes" % len(body))
        status, _, body = await apps.http(port, get("/cli/list/totals"), tls)
        say("%s /cli: %d, %s" % (name, status, b"Total" in body))
        status, _, body = await apps.http(port, get("/no/such/page"), tls)
        say("%s unknown page: %d" % (name, status))
        request = bencoded(b"c1", command=b"ping")
        status, headers, body = await apps.http(port, b"POST /ng HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-rtpengine-ng\r\n"
                                                b"Content-Length: %d\r\n\r\n%s" % (len(request), request), tls)
        say("%s POST /ng: %d %s %s" % (name, status, headers.get("content-type"), body))
        head = b"POST /ng HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-rtpengine-ng\r\nContent-Length: %d\r\n\r\n" % len(request)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None)
        for number in range(0, len(head + request), 7):
            writer.write((head + request)[number:number + 7])
            await writer.drain()
        answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), apps.PATIENCE)
        say("%s POST in pieces: %s" % (name, answer.split(b"\r\n")[0]))
        writer.close()

    def connect(which, protocol):
        url = "ws://127.0.0.1:%d/" % plain if which == "ws" else "wss://localhost:%d/" % secure
        return websockets.connect(url, ssl=app.tls() if which == "wss" else None, subprotocols=[protocol], max_size=None)

    for which in ("ws", "wss"):
        async with connect(which, "echo.rtpengine.com") as connection:
            for size in (0, 1, 125, 126, 4000, 70000):
                message = bytes(n % 251 for n in range(size))
                await connection.send(message)
                got = await asyncio.wait_for(connection.recv(), apps.PATIENCE) if size else b""
                expect(got == message, "echo of %d bytes" % size)
            say("%s echo: %s" % (which, connection.subprotocol))
        async with connect(which, "cli.rtpengine.com") as connection:
            await connection.send("list numsessions")
            answer = await asyncio.wait_for(connection.recv(), apps.PATIENCE)
            say("%s cli: %s" % (which, b"Current sessions" in (answer if isinstance(answer, bytes) else answer.encode())))
        async with connect(which, "ng.rtpengine.com") as connection:
            await connection.send(bencoded(b"cookie1", command=b"ping"))
            say("%s ng: %s" % (which, await asyncio.wait_for(connection.recv(), apps.PATIENCE)))
            offer = {"command": "offer", "call-id": "call-" + which, "from-tag": "a", "sdp": SDP}
            await connection.send("cookie2 " + json.dumps(offer))
            answer = await asyncio.wait_for(connection.recv(), apps.PATIENCE)
            answer = json.loads((answer if isinstance(answer, str) else answer.decode()).split(" ", 1)[1])
            say("%s offer: %s, audio line %s" % (which, answer["result"], "m=audio 4" in answer["sdp"]))
            await connection.send("cookie3 " + json.dumps({"command": "delete", "call-id": "call-" + which, "from-tag": "a", "delete-delay": 0}))
            answer = await asyncio.wait_for(connection.recv(), apps.PATIENCE)
            say("%s delete: %s" % (which, '"result":"ok"' in (answer if isinstance(answer, str) else answer.decode())))

    # Requests ahead, answered by four worker threads; and many connections at once.
    # A cookie is used once: rtpengine takes a second one for a repetition, from whichever client it comes.
    clients = iter(range(1000))

    async def many(which, count):
        name = b"m%d_" % next(clients)
        async with connect(which, "ng.rtpengine.com") as connection:
            for number in range(count):
                await connection.send(bencoded(name + b"%d" % number, command=b"ping"))
            # Two of its threads that answer at once may mix the pieces of their answers, in one message or across
            # two: that is its own doing, whatever library is under it. What counts is that all pieces come.
            got = b""
            with contextlib.suppress(asyncio.TimeoutError):
                while got.count(b"ponge") < count:
                    message = await asyncio.wait_for(connection.recv(), apps.PATIENCE)
                    got += message if isinstance(message, bytes) else message.encode()
            return got.count(b"ponge")
    app.complete(say, "1000 requests ahead", await many("ws", 1000), 1000)
    app.complete(say, "30 clients, 50 requests each",
                 set(await asyncio.gather(*[many("ws" if n % 2 else "wss", 50) for n in range(30)])), {50})
    answers = await asyncio.gather(*[apps.http(plain, get("/metrics")) for _ in range(50)])
    app.complete(say, "50 pages at once", {status for status, _, _ in answers}, {200})

    try:
        async with connect("ws", "no.such.protocol"):
            say("wrong subprotocol: accepted")
    except (websockets.InvalidHandshake, EOFError, OSError):
        say("wrong subprotocol: refused")

    held = [await connect("ws", "echo.rtpengine.com"), await connect("wss", "echo.rtpengine.com")]
    say("SIGTERM: status %d" % await app.stop())
    for connection in held:
        await apps.over(connection)
    say("all clients saw the end")


if __name__ == "__main__":
    sys.exit(apps.main(sys.modules[__name__]))
