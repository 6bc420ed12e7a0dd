"""What the hostile cases are made of: raw connections, frames, and how an outcome is told in one line."""
import base64
import os
import socket
import struct
import time
import zlib

KEY = base64.b64encode(b"0123456789abcdef")
PATIENCE = 6.0


def frame(opcode, payload=b"", fin=True, rsv=0, mask=b"\1\2\3\4", length=None):
    """One frame; `length` lies about the size (an int: 64-bit form), mask None: unmasked."""
    head = bytes([(128 if fin else 0) | rsv << 4 | opcode])
    bit = 128 if mask is not None else 0
    size = len(payload)
    if length is not None:
        head += bytes([bit | 127]) + struct.pack(">Q", length)
    elif size < 126:
        head += bytes([bit | size])
    elif size < 65536:
        head += struct.pack(">BH", bit | 126, size)
    else:
        head += struct.pack(">BQ", bit | 127, size)
    if mask is None:
        return head + payload
    if any(mask):
        stream = (mask * (size // 4 + 1))[:size]
        payload = (int.from_bytes(payload, "big") ^ int.from_bytes(stream, "big")).to_bytes(size, "big") if size else b""
    return head + mask + payload


def deflated(data, level=9, bits=15):
    """One message as permessage-deflate sends it."""
    z = zlib.compressobj(level, zlib.DEFLATED, -bits)
    return (z.compress(data) + z.flush(zlib.Z_SYNC_FLUSH))[:-4]


def upgrade(path="/", extra="", key=KEY.decode(), host="localhost", version="13", http="1.1"):
    lines = ["GET %s HTTP/%s" % (path, http)]
    if host is not None:
        lines.append("Host: " + host)
    lines += ["Upgrade: websocket", "Connection: Upgrade"]
    if key is not None:
        lines.append("Sec-WebSocket-Key: " + key)
    if version is not None:
        lines.append("Sec-WebSocket-Version: " + version)
    return ("\r\n".join(lines) + "\r\n" + extra + "\r\n").encode("latin-1")


class Peer:
    """One connection: sends anything, and keeps what came."""

    def __init__(self, sock):
        self.sock = sock
        self.data = b""
        self.ended = None
        self.inflater = zlib.decompressobj(-15)
        sock.settimeout(PATIENCE)

    def send(self, *pieces):
        """False where the other side ended it meanwhile."""
        try:
            for piece in pieces:
                self.sock.sendall(piece)
            return True
        except OSError:
            return False

    def fill(self):
        if self.ended:
            return False
        try:
            more = self.sock.recv(65536)
        except (socket.timeout, TimeoutError):
            self.ended = "silent"
            return False
        except OSError:
            # Whether an end arrives as FIN or RST depends on what was still unread there.
            self.ended = "end"
            return False
        if not more:
            self.ended = "end"
            return False
        self.data += more
        return True

    def take(self, size):
        while len(self.data) < size:
            if not self.fill():
                return None
        part, self.data = self.data[:size], self.data[size:]
        return part

    def head(self):
        """The next head as (first line, headers), None at the end."""
        while b"\r\n\r\n" not in self.data:
            if len(self.data) > 1 << 20 or not self.fill():
                return None
        text, self.data = self.data.split(b"\r\n\r\n", 1)
        first, *lines = text.decode("latin-1").split("\r\n")
        return first, {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}

    def upgraded(self, extra="", path="/"):
        """A ws connection; raises where the server does not want one."""
        self.send(upgrade(path, extra))
        head = self.head()
        if not head or " 101 " not in head[0]:
            raise AssertionError("no upgrade: %s" % (head[0] if head else self.ended))
        return self

    def next_frame(self):
        start = self.take(2)
        if start is None:
            return None
        size = start[1] & 127
        if size == 126:
            size = struct.unpack(">H", self.take(2) or b"\0\0")[0]
        elif size == 127:
            size = struct.unpack(">Q", self.take(8) or bytes(8))[0]
        mask = self.take(4) if start[1] & 128 else None
        payload = self.take(size)
        if payload is None:
            return None
        if mask:
            payload = bytes(byte ^ mask[at % 4] for at, byte in enumerate(payload[:4096])) + payload[4096:]
        if start[0] & 64:
            payload = self.inflater.decompress(payload + b"\0\0\xff\xff")
        return start[0] & 15, payload

    def frames(self, most=20):
        """What comes, in words, until a close frame or the end."""
        words = []
        while len(words) < most:
            found = self.next_frame()
            if found is None:
                return words + [self.ended]
            opcode, payload = found
            if opcode == 8:
                code = struct.unpack(">H", payload[:2])[0] if len(payload) >= 2 else "empty" if not payload else "short"
                return words + ["close %s" % code]
            name = {0: "more", 1: "text", 2: "binary", 9: "ping", 10: "pong"}.get(opcode, "opcode-%d" % opcode)
            text = payload[:24].decode("utf-8", "replace") if payload and (opcode in (1, 10) or payload.startswith(b"len ")) else ""
            if name == "ping":
                continue  # validity pings of the library come when they come
            words.append((name + " " + text).strip())
        return words

    def answers(self, most=200):
        """Statuses of the answers that come, and how it ends."""
        words = []
        while len(words) < most:
            head = self.head()
            if head is None:
                if self.data:
                    words.append("junk")
                return words + [self.ended]
            words.append(head[0].split(" ")[1] if head[0].startswith("HTTP/1.") else "junk")
            length = int(head[1].get("content-length", "0"))
            if head[1].get("transfer-encoding") == "chunked":
                while b"\r\n0\r\n\r\n" not in b"\r\n" + self.data and self.fill():
                    pass
                self.data = (b"\r\n" + self.data).partition(b"\r\n0\r\n\r\n")[2]
            elif self.take(length) is None:
                return words + ["cut", self.ended]
            if head[1].get("connection", "").lower() == "close":
                while self.fill():
                    pass
                return words + [self.ended]
        return words

    def finish(self):
        """Half-close: no more from us."""
        try:
            self.sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def reset(self):
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def close(self):
        self.sock.close()


def connect(port):
    return Peer(socket.create_connection(("127.0.0.1", port), PATIENCE))


def summary(words):
    """`a a a b` as `3*a b`."""
    out = []
    for word in words:
        if out and out[-1][1] == word:
            out[-1][0] += 1
        else:
            out.append([1, word])
    return ", ".join(("%d*%s" % (count, word)) if count > 1 else str(word) for count, word in out)


def resident_kib(pid):
    with open("/proc/%d/statm" % pid) as file:
        return int(file.read().split()[1]) * (os.sysconf("SC_PAGESIZE") // 1024)


def descriptors(pid):
    return len(os.listdir("/proc/%d/fd" % pid))


def wait_until(true, seconds=PATIENCE):
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True
