#!/usr/bin/env python3
"""Drives an echo server with Python's websockets module.

    ws_client.py [--ca FILE] [--no-deflate] URL

Sends messages of every kind and prints how each came back. Exit status 1 if one
did not.
"""
import argparse
import asyncio
import hashlib
import ssl
import sys

import websockets


def noise(size):
    """Bytes that do not compress, the same each time."""
    block, out = b"seed", bytearray()
    while len(out) < size:
        block = hashlib.sha256(block).digest()
        out += block
    return bytes(out[:size])


async def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--ca")
    ap.add_argument("--no-deflate", action="store_true")
    ap.add_argument("url")
    a = ap.parse_args()
    tls = ssl.create_default_context(cafile=a.ca) if a.ca else None

    def connect():
        return websockets.connect(
            a.url, ssl=tls, max_size=None, ping_interval=None, compression=None if a.no_deflate else "deflate"
        )

    messages = [
        ("short text", "hello"),
        ("empty text", ""),
        ("text beyond ASCII", "h\u00e9llo \u20ac \U0001f600"),
        ("binary of 125", noise(125)),
        ("binary of 126", noise(126)),
        ("binary of 65535", noise(65535)),
        ("binary of 65536", noise(65536)),
        ("text of 1 MiB", "abcdefgh" * 131072),
        ("binary of 16 MiB", noise(16 << 20)),
    ]
    failed = False

    def report(what, right):
        nonlocal failed
        failed = failed or not right
        print("%s: %s" % (what, "ok" if right else "WRONG"), flush=True)

    async with connect() as connection:
        for what, message in messages:
            await connection.send(message)
            report(what, await connection.recv() == message)
        await connection.send(["frag", "mented ", "text"])
        report("fragments", await connection.recv() == "fragmented text")
        pong = await connection.ping(b"there?")
        await asyncio.wait_for(pong, 5)
        report("ping", True)
        for number in range(200):
            await connection.send("number %d" % number)
        received = [await connection.recv() for _ in range(200)]
        report("200 in a row", received == ["number %d" % number for number in range(200)])
        await connection.close(4000, "enough")
        report("close 4000", connection.close_code == 4000)

    many = [await connect() for _ in range(50)]
    for number, connection in enumerate(many):
        await connection.send("from %d" % number)
    answers = [await connection.recv() for connection in many]
    report("50 connections", answers == ["from %d" % number for number in range(50)])
    for connection in many:
        await connection.close()
    return 1 if failed else 0


sys.exit(asyncio.run(main()))
