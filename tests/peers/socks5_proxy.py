#!/usr/bin/env python3
"""A SOCKS5 proxy (RFC 1928, RFC 1929) that knows only CONNECT.

    socks5_proxy.py [--user NAME:PASSWORD] [--refuse CODE]

Prints "READY PORT" and one line per request: "socks5 host -> reply code".
"""
import argparse
import socket
import struct

from relay import relay, serve_forever


def take(sock, size):
    data = b""
    while len(data) < size:
        more = sock.recv(size - len(data))
        if not more:
            raise OSError("end of stream")
        data += more
    return data


def serve(client, a):
    try:
        version, count = take(client, 2)
        methods = take(client, count)
        wanted = 2 if a.user else 0
        if version != 5 or wanted not in methods:
            client.sendall(b"\x05\xff")
            print("socks5 no common method", flush=True)
            return
        client.sendall(bytes([5, wanted]))
        if a.user:
            take(client, 1)
            name = take(client, take(client, 1)[0])
            password = take(client, take(client, 1)[0])
            right = (name + b":" + password).decode() == a.user
            client.sendall(b"\x01" + (b"\x00" if right else b"\x01"))
            if not right:
                print("socks5 wrong password", flush=True)
                return
        _, command, _, kind = take(client, 4)
        if kind == 1:
            host = socket.inet_ntop(socket.AF_INET, take(client, 4))
        elif kind == 4:
            host = socket.inet_ntop(socket.AF_INET6, take(client, 16))
        else:
            host = take(client, take(client, 1)[0]).decode()
        (port,) = struct.unpack(">H", take(client, 2))
        code = a.refuse or (0 if command == 1 else 7)
        print("socks5", host, "->", code, flush=True)
        if code:
            client.sendall(b"\x05" + bytes([code]) + b"\x00\x01\x00\x00\x00\x00\x00\x00")
            return
        server = socket.create_connection((host, port), 8)
        client.sendall(b"\x05\x00\x00\x01\x7f\x00\x00\x01" + struct.pack(">H", server.getsockname()[1]))
        relay(client, server)
    except OSError:
        pass
    finally:
        client.close()


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--user")
    ap.add_argument("--refuse", type=int, default=0)
    a = ap.parse_args()
    serve_forever(lambda client: serve(client, a))


main()
