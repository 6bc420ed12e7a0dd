#!/usr/bin/env python3
"""An HTTP proxy that knows only CONNECT.

    connect_proxy.py [--mode ok|403|407|silent] [--user NAME:PASSWORD]

With --user a request without these credentials gets 407. Prints "READY PORT" and
one line per request: "CONNECT host -> answer", with the target's port left out.
"""
import argparse
import base64
import socket

from relay import relay, serve_forever


def serve(client, a):
    head = b""
    try:
        while b"\r\n\r\n" not in head:
            data = client.recv(4096)
            if not data:
                return
            head += data
    except OSError:
        return
    first, *lines = head.split(b"\r\n\r\n", 1)[0].decode("latin-1").split("\r\n")
    headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
    method, target, _ = first.split(" ")
    host, _, port = target.rpartition(":")

    status = {"ok": 200, "silent": 0}.get(a.mode) if a.mode in ("ok", "silent") else int(a.mode)
    if a.user and status == 200:
        kind, _, given = headers.get("proxy-authorization", "").partition(" ")
        if kind.lower() != "basic" or given.strip() != base64.b64encode(a.user.encode()).decode():
            status = 407
    if method != "CONNECT":
        status = 405
    print(method, host, "->", status or "silence", flush=True)
    if status == 0:
        try:
            client.recv(1)
        except OSError:
            pass
        return
    if status != 200:
        extra = 'Proxy-Authenticate: Basic realm="test"\r\n' if status == 407 else ""
        client.sendall(("HTTP/1.1 %d Refused\r\n%sContent-Length: 0\r\n\r\n" % (status, extra)).encode())
        client.close()
        return
    server = socket.create_connection((host.strip("[]"), int(port)), 8)
    client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
    relay(client, server)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--mode", default="ok", choices=["ok", "403", "407", "silent"])
    ap.add_argument("--user")
    a = ap.parse_args()
    serve_forever(lambda client: serve(client, a))


main()
