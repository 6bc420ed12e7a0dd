#!/usr/bin/env python3
"""The example servers under Python's aiohttp: a session of requests, websockets, TLS.

    aiohttp_client.py REST-SERVER-PORT ECHO-SERVER-PORT TLS-SERVER-PORT CA

Exit status 77 without aiohttp.
"""
import asyncio
import ssl
import sys

try:
    import aiohttp
except ImportError:
    print("the Python module aiohttp is not installed")
    sys.exit(77)


async def pieces():
    for piece in (b"one ", b"two ", b"three"):
        yield piece


async def main():
    rest, echo, tls, ca = sys.argv[1:]
    notes = "http://127.0.0.1:%s/notes" % rest
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=15)) as session:

        async def show(what, method, url, **options):
            async with session.request(method, url, **options) as reply:
                print("%s: %d %s %r" % (what, reply.status, reply.headers.get("content-type"), await reply.text()))

        await show("empty list", "GET", notes)
        await show("post", "POST", notes, data="text \u20ac")
        await show("post of a stream", "POST", notes, data=pieces())
        async with session.get(notes) as reply:
            print("list:", await reply.json())
        answers = await asyncio.gather(*(session.get(notes + "/1") for _ in range(40)))
        print("40 at once:", {(answer.status, await answer.text()) for answer in answers})
        await show("delete", "DELETE", notes + "/1")
        await show("gone", "GET", notes + "/1")

        for compress in (0, 15):
            async with session.ws_connect("http://127.0.0.1:%s/" % echo, compress=compress, max_msg_size=0) as socket:
                print("websocket, compressed:", bool(socket.compress))
                for message in ("short", "x" * 100000, "\u00e4\u20ac" * 1000):
                    await socket.send_str(message)
                    print("text of", len(message), await socket.receive_str(timeout=5) == message)
                await socket.send_bytes(bytes(range(256)) * 300)
                print("bytes", await socket.receive_bytes(timeout=5) == bytes(range(256)) * 300)
                await socket.ping(b"hello")
                await socket.close(code=4001, message=b"enough")
                print("close code", socket.close_code)

        trust = ssl.create_default_context(cafile=ca)
        await show("https", "GET", "https://localhost:%s/plain.txt" % tls, ssl=trust)
        url = "https://localhost:%s/" % tls
        async with session.ws_connect(url, ssl=trust, protocols=("other", "clock")) as socket:
            print("wss:", socket.protocol, await socket.receive_str(timeout=5))


asyncio.run(main())
