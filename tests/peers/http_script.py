#!/usr/bin/env python3
"""A client that does exactly what it is told, right or wrong, and prints what comes back.

    http_script.py [--ca FILE] [--cert FILE --key FILE] [--no-verify] PORT|PATH STEP [STEP ...]

PORT is one of 127.0.0.1; a PATH (with a slash or a leading "@") is a unix socket. Steps:

    get PATH [HEADER ...]        send a GET of HTTP/1.1 with these header lines more ("name: value")
    head, delete, options PATH [HEADER ...]       the same with another method
    post PATH BODY [HEADER ...]  with content-length; also put, patch
    send TEXT                    send TEXT (\\r \\n \\xNN understood)
    flood N TEXT                 send TEXT N times
    reply                        read one reply and print its status line, headers and body
    status                       read one reply and print its status line only
    upgrade PATH [HEADER ...]    ask for a websocket and print the reply, see raw_peer.py for frames
    text T, close CODE, recv     frames
    read N                       print the next N bytes
    end                          print what comes before the end of the stream
    shut                         send no more
    connect [PORT|PATH]          leave this connection, open another one
    keep                         keep this connection open while others follow
    drop                         close the oldest of those that were kept
    name HOST                    for the connections that follow: the Host header, and the name for TLS
    tls, plain                   for the connections that follow
    quiet SECONDS                wait that long at most, and print whether something comes
    elapsed FROM TO              print whether the last wait took so many seconds
    touch FILE TEXT              write a file
    copy FILE FILE
    certificate                  print the common name of the server's certificate

Words in steps are split as by a shell. Bodies longer than 200 bytes are shown by their size and hash.
"""
import argparse
import hashlib
import re
import shlex
import shutil
import socket
import ssl
import sys
import time

from raw_peer import NAMES, Connection, Ended, say

HOST = "127.0.0.1"


def unescape(text):
    return text.encode().decode("unicode_escape").encode("latin-1")


def shown(body):
    if len(body) > 200:
        return "%d bytes, sha1=%s" % (len(body), hashlib.sha1(body).hexdigest()[:12])
    return body.decode("utf-8", "backslashreplace").replace("\r", "\\r")


class Client:
    def __init__(self, options):
        self.options = options
        self.where = options.where
        self.host = "localhost"
        self.with_tls = bool(options.ca or options.no_verify)
        self.peer = None
        self.is_head = False
        self.waited = 0
        self.kept = []

    def connect(self):
        if self.peer:
            self.peer.sock.close()
        if "/" in self.where or self.where.startswith("@"):
            sock = socket.socket(socket.AF_UNIX)
            sock.connect(self.where.replace("@", "\0", 1) if self.where.startswith("@") else self.where)
        else:
            sock = socket.create_connection((HOST, int(self.where)), 8)
        if self.with_tls:
            context = ssl.create_default_context(cafile=self.options.ca)
            if self.options.no_verify:
                context.check_hostname = False
                context.verify_mode = ssl.CERT_NONE
            if self.options.cert:
                context.load_cert_chain(self.options.cert, self.options.key)
            sock = context.wrap_socket(sock, server_hostname=self.host)
        self.peer = Client.Reader(sock)

    class Reader(Connection):
        pass

    def link(self):
        if not self.peer:
            self.connect()
        return self.peer

    def send(self, data):
        try:
            self.link().sock.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            pass  # what the server had to say is read all the same

    def request(self, method, path, body, headers):
        self.is_head = method == "HEAD"
        lines = ["%s %s HTTP/1.1" % (method, path)]
        if not any(line.lower().startswith("host:") for line in headers):
            lines.append("Host: " + self.host)
        if body is not None:
            lines.append("Content-Length: %d" % len(body))
        head = "\r\n".join(lines).encode() + b"".join(b"\r\n" + unescape(line) for line in headers)
        self.send(head + b"\r\n\r\n" + (body or b""))

    def head(self):
        peer = self.link()
        while b"\r\n\r\n" not in peer.data:
            peer.fill(len(peer.data) + 1)
        head, peer.data = peer.data.split(b"\r\n\r\n", 1)
        return head.decode("latin-1").split("\r\n")

    def body(self, status, lines):
        """The body; b"" where there is none, the rest of the stream where nothing says its length."""
        headers = {k.strip().lower(): v.strip() for k, _, v in (line.partition(":") for line in lines)}
        peer = self.peer
        if self.is_head or status in (204, 304) or status < 200:
            return b""
        if "chunked" in headers.get("transfer-encoding", ""):
            body = b""
            while True:
                while b"\r\n" not in peer.data:
                    peer.fill(len(peer.data) + 1)
                size, peer.data = peer.data.split(b"\r\n", 1)
                piece = peer.take(int(size.split(b";")[0], 16) + 2)[:-2]
                if not piece:
                    return body
                body += piece
        if "content-length" in headers:
            return peer.take(int(headers["content-length"]))
        return self.rest()

    def rest(self):
        peer = self.link()
        try:
            while True:
                peer.fill(len(peer.data) + 1)
        except Ended as why:
            if str(why) not in ("end of stream", "reset"):
                raise
            rest, peer.data = peer.data, b""
            return rest

    def reply(self, whole=True):
        first, *lines = self.head()
        while first.split(" ")[1] == "100":
            say(first)
            first, *lines = self.head()
        say(first)
        if whole:
            for line in lines:
                # What changes from run to run is left out.
                line = re.sub(r"(?i)^(date|server): (?:.*GMT|.*Python/.*)$", r"\1: ...", line)
                say("   ", re.sub(r"(?i)^(etag: [0-9A-F]{8,})[0-9A-F]{8}$", r"\1-MTIME", line))
        body = self.body(int(first.split(" ")[1]), lines)
        if whole and body:
            say("    <%s>" % shown(body))

    def step(self, text):
        words = shlex.split(text)
        verb, args = words[0], words[1:]
        if verb in ("get", "head", "delete", "options"):
            self.request(verb.upper(), args[0], None, args[1:])
        elif verb in ("post", "put", "patch"):
            self.request(verb.upper(), args[0], unescape(args[1]), args[2:])
        elif verb == "send":
            self.is_head = False
            self.send(unescape(args[0]))
        elif verb == "flood":
            data = unescape(args[1])
            for _ in range(int(args[0])):
                self.send(data)
        elif verb == "reply":
            self.reply()
        elif verb == "status":
            self.reply(False)
        elif verb == "upgrade":
            lines = ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13",
                     "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]
            self.request("GET", args[0], None, lines + args[1:])
            first, *lines = self.head()
            for line in [first] + ["    " + line for line in lines]:
                say(line)
        elif verb in ("text", "close"):
            payload = args[0].encode() if verb == "text" else int(args[0]).to_bytes(2, "big")
            head = bytes([0x81 if verb == "text" else 0x88, 0x80 | len(payload), 0, 0, 0, 0])
            self.send(head + payload)
        elif verb == "recv":
            fin, opcode, masked, payload = self.link().frame()
            data = payload[2:] if opcode == 8 else payload
            code = [int.from_bytes(payload[:2], "big")] if opcode == 8 and payload else []
            say("got", NAMES.get(opcode, opcode), *code, shown(data))
        elif verb == "read":
            say("read", shown(self.link().take(int(args[0]))))
        elif verb == "end":
            rest = self.rest()
            say("end of the stream", *(["after", shown(rest)] if rest else []))
        elif verb == "shut":
            self.link().sock.shutdown(socket.SHUT_WR)
        elif verb == "connect":
            if args:
                self.where = args[0]
            self.connect()
        elif verb == "keep":
            self.kept.append(self.link().sock)
            self.peer = None
        elif verb == "drop":
            self.kept.pop(0).close()
        elif verb == "name":
            self.host = args[0]
        elif verb in ("tls", "plain"):
            self.with_tls = verb == "tls"
        elif verb == "quiet":
            peer = self.link()
            peer.sock.settimeout(float(args[0]))
            try:
                peer.fill(len(peer.data) + 1)
                say("something came")
            except Ended as why:
                say("nothing came" if str(why).startswith("silent") else "end of the stream")
            peer.sock.settimeout(8)
        elif verb == "elapsed":
            low, high = float(args[0]), float(args[1])
            say("after about %s s" % args[0] if low <= self.waited <= high else "after %.2f s" % self.waited)
        elif verb == "touch":
            with open(args[0], "w", encoding="utf-8") as file:
                file.write(unescape(args[1]).decode())
        elif verb == "copy":
            shutil.copyfile(args[0], args[1])
        elif verb == "certificate":
            subject = dict(entry[0] for entry in self.link().sock.getpeercert()["subject"])
            say("certificate of", subject.get("commonName"))
        else:
            sys.exit("http_script: no such step: %s" % text)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--ca")
    ap.add_argument("--cert")
    ap.add_argument("--key")
    ap.add_argument("--no-verify", action="store_true")
    ap.add_argument("where")
    ap.add_argument("steps", nargs="+")
    client = Client(ap.parse_args())
    for text in client.options.steps:
        for step in text.split(" | "):
            if step.split()[0] not in ("reply", "status", "recv", "read", "end", "elapsed"):
                shown_step = re.sub(r"\S*/(?=[^/ ]+( |$))", "", step) if step.startswith(("copy", "touch")) else step
                say("-", shown_step if len(shown_step) < 200 else shown_step[:200] + "...")
            began = time.monotonic()
            try:
                client.step(step.strip())
            except Ended as why:
                say("peer ended:", why)
            except ssl.SSLError as why:
                say("tls failed:", why.reason or type(why).__name__)
                client.peer = None
            except OSError as why:
                say("failed:", why.strerror)
                client.peer = None
            client.waited = time.monotonic() - began


if __name__ == "__main__":
    main()
