#!/usr/bin/env python3
"""A server that does exactly what it is told, right or wrong, byte for byte.

    raw_peer.py [--cert FILE --key FILE] SCRIPT [SCRIPT ...]

One SCRIPT per connection, in the order in which they come; then it ends. A script
is a list of steps separated by "|":

    upgrade [HEADER]       read a request, answer 101 with the right accept value
                           (and one more header line)
    request                read a request and print its first line
    headers NAME,...       print these headers of the last request
    reply TEXT             send TEXT (\\r \\n \\\\ understood); {key} is the accept value
    text T, bin HEX        send a whole message
    first T, more T, last T
                           send a text message in fragments
    big N                  send a text message of N bytes, "abc...zabc..."
    ping T, pong T         send a control frame
    close CODE [T]         send a close frame; CODE 0: without payload
    bytes HEX              send these bytes
    recv [N]               print the next frame (the next N frames)
    drain                  print frames until a close frame or the end of the stream
    sum [T]                like drain, but print only the number of messages, the
                           bytes and a checksum of all data frames together; ends
                           also with a frame whose payload is T
    echo N                 read N bytes without framing and send them back
    read N                 print the next N bytes without framing
    end                    read and drop everything until the end of the stream
    fin, rst               close the connection, orderly or with RST
    keep                   leave this connection open and go on to the next script
    rst-kept               close all kept connections with RST
    plain                  as first step: no TLS on this connection
    quiet SECONDS          do nothing for that long

Frames are printed as "got text fin masked 5 hello". At the end of each script the
connection is closed. All waiting is bounded by 8 s.
"""
import argparse
import base64
import hashlib
import shlex
import socket
import ssl
import struct
import sys
import time

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
NAMES = {0: "cont", 1: "text", 2: "bin", 8: "close", 9: "ping", 10: "pong"}


kept = []


class Ended(Exception):
    """The other side closed or reset the connection."""


def say(*words):
    print(*words, flush=True)


class Connection:
    def __init__(self, sock):
        self.sock = sock
        self.data = b""
        self.headers = {}
        self.accept = b""
        sock.settimeout(8)

    def fill(self, size):
        while len(self.data) < size:
            try:
                more = self.sock.recv(65536)
            except (ConnectionResetError, BrokenPipeError, ssl.SSLError):
                raise Ended("reset")
            except (TimeoutError, socket.timeout):
                raise Ended("silent for 8 s")
            if not more:
                raise Ended("end of stream")
            self.data += more

    def take(self, size):
        self.fill(size)
        head, self.data = self.data[:size], self.data[size:]
        return head

    def request(self):
        while b"\r\n\r\n" not in self.data:
            self.fill(len(self.data) + 1)
        head, self.data = self.data.split(b"\r\n\r\n", 1)
        first, *lines = head.decode("latin-1").split("\r\n")
        self.headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        key = self.headers.get("sec-websocket-key", "").encode()
        self.accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        return first

    def frame(self):
        """The next frame: (fin, opcode, masked, payload)."""
        b0, b1 = self.take(2)
        size = b1 & 127
        if size == 126:
            size = struct.unpack(">H", self.take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.take(8))[0]
        mask = self.take(4) if b1 & 128 else b""
        payload = self.take(size)
        if mask:
            whole = int.from_bytes(payload, "big")
            stream = (mask * (size // 4 + 1))[:size]
            payload = (whole ^ int.from_bytes(stream, "big")).to_bytes(size, "big") if size else b""
        return b0 >> 7, b0 & 15, bool(mask), payload

    def send_frame(self, opcode, payload, fin=True):
        size = len(payload)
        head = bytes([(128 if fin else 0) | opcode])
        if size < 126:
            head += bytes([size])
        elif size < 65536:
            head += struct.pack(">BH", 126, size)
        else:
            head += struct.pack(">BQ", 127, size)
        self.sock.sendall(head + payload)

    def show(self, fin, opcode, masked, payload):
        words = ["got", NAMES.get(opcode, "opcode-%d" % opcode), "fin" if fin else "more"]
        words += ["masked" if masked else "unmasked", len(payload)]
        if opcode == 8 and len(payload) >= 2:
            words += [struct.unpack(">H", payload[:2])[0], payload[2:].decode("utf-8", "replace")]
        elif len(payload) > 60:
            words.append("sha1=" + hashlib.sha1(payload).hexdigest()[:12])
        elif payload:
            words.append(payload.decode("utf-8", "backslashreplace"))
        say(*words)


def alphabet(size):
    return (b"abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size]


def reset_on_close(sock):
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def play(connection, script):
    for step in script.split("|"):
        verb, _, rest = step.strip().partition(" ")
        sock = connection.sock
        if verb == "upgrade":
            connection.request()
            head = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            head += b"Sec-WebSocket-Accept: " + connection.accept + b"\r\n"
            sock.sendall(head + (rest.encode() + b"\r\n" if rest else b"") + b"\r\n")
        elif verb == "request":
            say(connection.request())
        elif verb == "headers":
            for name in rest.split(","):
                say("%s: %s" % (name, connection.headers.get(name.lower(), "(none)")))
        elif verb == "reply":
            text = rest.encode().decode("unicode_escape").encode("latin-1")
            sock.sendall(text.replace(b"{key}", connection.accept))
        elif verb in ("text", "first", "more", "last"):
            connection.send_frame(1 if verb in ("text", "first") else 0, rest.encode(), verb in ("text", "last"))
        elif verb == "bin":
            connection.send_frame(2, bytes.fromhex(rest))
        elif verb == "big":
            connection.send_frame(1, alphabet(int(rest)))
        elif verb in ("ping", "pong"):
            connection.send_frame(9 if verb == "ping" else 10, rest.encode())
        elif verb == "close":
            code, _, reason = rest.partition(" ")
            connection.send_frame(8, struct.pack(">H", int(code)) + reason.encode() if int(code) else b"")
        elif verb == "bytes":
            sock.sendall(bytes.fromhex(rest))
        elif verb == "recv":
            for _ in range(int(rest or 1)):
                connection.show(*connection.frame())
        elif verb == "drain":
            while True:
                frame = connection.frame()
                connection.show(*frame)
                if frame[1] == 8:
                    break
        elif verb == "sum":
            messages, size, digest = 0, 0, hashlib.sha1()
            try:
                while True:
                    fin, opcode, _, payload = frame = connection.frame()
                    if opcode == 8:
                        break
                    if opcode < 8:
                        messages += fin
                        size += len(payload)
                        digest.update(payload)
                    if rest and payload == rest.encode():
                        break
            finally:
                say("sum of %d messages, %d bytes, sha1=%s" % (messages, size, digest.hexdigest()[:12]))
            if frame[1] == 8:
                connection.show(*frame)
        elif verb == "echo":
            sock.sendall(connection.take(int(rest)))
        elif verb == "read":
            say("read", connection.take(int(rest)).decode("utf-8", "backslashreplace"))
        elif verb == "end":
            while True:
                connection.fill(1)
                connection.data = b""
        elif verb == "fin":
            return
        elif verb == "rst":
            reset_on_close(sock)
            return
        elif verb == "keep":
            kept.append(sock)
            return
        elif verb == "rst-kept":
            while kept:
                other = kept.pop()
                reset_on_close(other)
                other.close()
        elif verb == "plain":
            pass
        elif verb == "quiet":
            time.sleep(float(rest))
        else:
            sys.exit("raw_peer: no such step: %s" % shlex.quote(step))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--cert")
    ap.add_argument("--key")
    ap.add_argument("scripts", nargs="+")
    a = ap.parse_args()
    tls = None
    if a.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(a.cert, a.key)

    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(30)
    say("READY", listener.getsockname()[1])
    for number, script in enumerate(a.scripts, 1):
        sock, _ = listener.accept()
        if len(a.scripts) > 1:
            say("connection", number)
        try:
            if tls and not script.lstrip().startswith("plain"):
                sock = tls.wrap_socket(sock, server_side=True)
            play(Connection(sock), script)
        except Ended as why:
            say("peer ended:", why)
        except ssl.SSLError as why:
            say("tls failed:", why.reason)
        except (BrokenPipeError, ConnectionResetError):
            say("peer ended: reset")
        if sock not in kept:
            sock.close()


if __name__ == "__main__":
    main()
