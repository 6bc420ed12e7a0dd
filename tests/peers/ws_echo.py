#!/usr/bin/env python3
"""A websocket echo server on Python's websockets module.

    ws_echo.py [--cert FILE --key FILE [--client-ca FILE]] [--protocols a,b] [--no-deflate]

Prints "READY PORT", then one line per closed connection with the close code and
text it received: "closed 1000 done".
"""
import argparse
import asyncio
import logging
import signal
import ssl

import websockets


async def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--cert")
    ap.add_argument("--key")
    ap.add_argument("--client-ca")
    ap.add_argument("--key-log")
    ap.add_argument("--protocols", default="")
    ap.add_argument("--no-deflate", action="store_true")
    a = ap.parse_args()
    logging.getLogger("websockets").addHandler(logging.NullHandler())
    logging.getLogger("websockets").propagate = False

    tls = None
    if a.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(a.cert, a.key)
        if a.key_log:
            tls.keylog_filename = a.key_log
        if a.client_ca:
            tls.load_verify_locations(a.client_ca)
            tls.verify_mode = ssl.CERT_REQUIRED

    async def echo(connection, *_path):
        try:
            async for message in connection:
                await connection.send(message)
        except websockets.ConnectionClosed:
            pass
        await connection.wait_closed()
        print("closed", connection.close_code, connection.close_reason or "-", flush=True)

    stop = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set_result, None)
    async with websockets.serve(
        echo, "127.0.0.1", 0, ssl=tls, max_size=None, ping_interval=None,
        subprotocols=a.protocols.split(",") if a.protocols else None,
        compression=None if a.no_deflate else "deflate",
    ) as server:
        port = next(iter(server.sockets if hasattr(server, "sockets") else server.server.sockets)).getsockname()[1]
        print("READY", port, flush=True)
        await stop


asyncio.run(main())
