"""Hostile servers and proxies against victim_client. Each case returns what the client reported and what the server saw."""
import base64
import fcntl
import hashlib
import itertools
import queue
import re
import socket
import ssl
import struct
import subprocess
import termios
import threading
import time

from peer import Peer, deflated, frame, summary, wait_until

CASES = {}
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
PMD = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
LOCATION = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n"


class Client:
    """The client program: starts connections, collects how they ended."""

    def __init__(self, process, certs):
        self.process, self.certs = process, certs
        self.numbers, self.lock = itertools.count(1), threading.Lock()
        self.waiting = {}
        threading.Thread(target=self.read, daemon=True).start()

    def read(self):
        for line in self.process.stdout:
            number, _, text = line.rstrip("\n").partition(" ")
            if number.isdigit() and int(number) in self.waiting:
                self.waiting.pop(int(number)).put(text)

    def run(self, kind, port, path="/", *options, patience=10):
        """One connection; what became of it."""
        answer = queue.Queue()
        with self.lock:
            number = next(self.numbers)
            self.waiting[number] = answer
            self.process.stdin.write("%d %s %d %s %s\n" % (number, kind, port, path, " ".join(options)))
            self.process.stdin.flush()
        try:
            return answer.get(timeout=patience)
        except queue.Empty:
            return "still there after %d s" % patience


class Server:
    """A listener of one case: `play` gets each connection as a Peer; what it returns is what the server saw."""

    def __init__(self, play, tls=None, count=1):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(10)
        self.port = self.listener.getsockname()[1]
        self.play, self.tls, self.count, self.saw = play, tls, count, []
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        for _ in range(self.count):
            try:
                sock, _ = self.listener.accept()
                if self.tls:
                    sock.settimeout(6)
                    sock = self.tls.wrap_socket(sock, server_side=True)
                peer = Peer(sock)
                saw = self.play(peer)
                if saw:
                    self.saw.append(saw)
                peer.close()
            except OSError:
                break
        self.listener.close()

    def words(self):
        self.thread.join(8)
        return summary(self.saw)


def case(name):
    def add(function):
        assert name not in CASES, name
        CASES[name] = function
        return function

    return add


def outcome(line, saw):
    return line + (" | " + saw if saw else "")


def short(line, port):
    """Without what differs from run to run and from machine to machine."""
    line = re.sub(r"x{100,}", "xxx...", line)
    line = re.sub(r"wanted '[^']*'", "wanted '...'", line.replace(str(port), "PORT"))
    return line.split("; 1 root of file")[0]


def accept(headers):
    return base64.b64encode(hashlib.sha1(headers.get("sec-websocket-key", "").encode() + GUID).digest()).decode()


def answered(headers, extra=""):
    return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: %s\r\n%s\r\n" % (accept(headers), extra)).encode()


def simple(name, kind, *pieces, options=(), end="", tls=None, count=1):
    """Read the request, send these bytes ({accept} is filled in), end: "" fin and wait, "rst", "hold"."""

    def run(client):
        def play(peer):
            head = peer.head()
            if head is None:
                return "no request"
            for piece in pieces:
                data = piece if isinstance(piece, bytes) else piece.encode("latin-1")
                if not peer.send(data.replace(b"{accept}", accept(head[1]).encode())):
                    break
            if end == "rst":
                return peer.reset()
            if end == "fin":
                peer.finish()
            while peer.fill():
                pass
            return None

        server = Server(play, tls(client) if tls else None, count)
        line = client.run(kind, server.port, "/", *options)
        return outcome(short(line, server.port), server.words())

    case(name)(run)


def ws(name, *pieces, extra="", options=(), most=20, tls=None):
    """Upgrade rightly, send these bytes, tell what the client says back."""

    def run(client):
        def play(peer):
            head = peer.head()
            peer.send(answered(head[1], extra))
            peer.send(*pieces)
            words = summary(peer.frames(most))
            peer.finish()
            return words

        server = Server(play, tls(client) if tls else None)
        line = client.run("wss" if tls else "ws", server.port, "/", *options)
        return outcome(line, server.words())

    case(name)(run)


# ---- frames of a server
END = frame(CLOSE, struct.pack(">H", 1000), mask=None)


def plain(opcode, payload=b"", **more):
    return frame(opcode, payload, mask=None, **more)


ws("frame_right", plain(TEXT, b"hello"), END)
ws("frame_masked", frame(TEXT, b"hi"))
for rsv in (1, 2, 4):
    ws("frame_reserved_bits_%d" % rsv, plain(TEXT, b"hi", rsv=rsv))
for opcode in (3, 7, 11, 15):
    ws("frame_reserved_opcode_%d" % opcode, plain(opcode, b"hi"))
ws("frame_ping_of_126", plain(PING, bytes(126)))
ws("frame_ping_in_fragments", plain(PING, b"a", fin=False))
ws("frame_continuation_of_nothing", plain(0, b"a"))
ws("frame_length_2_63", plain(BINARY, b"", length=1 << 63))
ws("frame_length_2_62_then_end", plain(BINARY, bytes(1000), length=1 << 62), END, most=1)
ws("frame_message_of_64_mib", plain(BINARY, bytes(64 << 20)), END)
ws("frame_control_between_fragments", plain(TEXT, b"a", fin=False), plain(PING, b"1"), plain(0, b"b"), END)
ws("utf8_wrong_across_frames", plain(TEXT, b"a\xe2", fin=False), plain(0, b"\x28\xa1"))
ws("utf8_surrogate", plain(TEXT, b"\xed\xa0\x80"))
for code in (0, 999, 1005, 1006, 1016, 2999):
    ws("close_code_%d" % code, plain(CLOSE, struct.pack(">H", code)))
ws("close_data_behind_it", END, plain(TEXT, b"late"))
ws("deflate_bomb_64_mib", plain(BINARY, deflated(bytes(64 << 20)), rsv=4), END, extra=PMD, options=("pmd",))
ws("deflate_garbage", plain(BINARY, b"\xff\xff\xff\xff", rsv=4), extra=PMD, options=("pmd",))
ws("deflate_plain_message", plain(TEXT, b"plain"), END, extra=PMD, options=("pmd",))
ws("deflate_pong_in_compressed_message", plain(TEXT, deflated(b"hello")[:3], fin=False, rsv=4), plain(PONG, b"x"),
   plain(0, deflated(b"hello")[3:]), END, extra=PMD, options=("pmd",))
ws("deflate_bit_without_negotiation", plain(TEXT, deflated(b"hi"), rsv=4))


@case("tcp_reset_in_a_frame")
def reset_in_frame(client):
    def play(peer):
        peer.send(answered(peer.head()[1]), plain(TEXT, b"hello")[:-2])
        time.sleep(0.1)
        peer.reset()

    server = Server(play)
    return outcome(client.run("ws", server.port), server.words())


@case("ping_flood")
def ping_flood(client):
    def play(peer):
        peer.send(answered(peer.head()[1]), plain(PING, bytes(125)) * 20000, END)
        while peer.fill():
            peer.data = b""

    server = Server(play)
    return outcome(client.run("ws", server.port), server.words())


# ---- replies to a handshake
UPGRADED = "HTTP/1.1 101 Switching Protocols\r\n"
simple("handshake_end", "ws")
simple("handshake_fin", "ws", end="fin")
simple("handshake_reset", "ws", end="rst")
simple("handshake_garbage", "ws", bytes(range(256)) * 10, end="fin")
simple("handshake_nothing_but_101", "ws", UPGRADED + "\r\n")
simple("handshake_wrong_accept", "ws", UPGRADED + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: AAAA\r\n\r\n")
simple("handshake_no_accept", "ws", UPGRADED + "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
simple("handshake_other_upgrade", "ws", UPGRADED + "Upgrade: h2c\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n\r\n")
simple("handshake_no_connection", "ws", UPGRADED + "Upgrade: websocket\r\nSec-WebSocket-Accept: {accept}\r\n\r\n")
RIGHT = UPGRADED + "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: {accept}\r\n"
simple("handshake_subprotocol_not_asked_for", "ws", RIGHT + "Sec-WebSocket-Protocol: x\r\n\r\n")
simple("handshake_extension_not_asked_for", "ws", RIGHT + PMD + "\r\n")
simple("handshake_pmd_twice", "ws", RIGHT + PMD + PMD + "\r\n", options=("pmd",))
simple("handshake_pmd_twice_in_one", "ws",
       RIGHT + "Sec-WebSocket-Extensions: permessage-deflate, permessage-deflate\r\n\r\n", options=("pmd",))
simple("handshake_pmd_100_times", "ws",
       RIGHT + "Sec-WebSocket-Extensions: " + ", ".join(["permessage-deflate"] * 100) + "\r\n\r\n", options=("pmd",))
simple("handshake_pmd_window_99", "ws",
       RIGHT + "Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99\r\n\r\n", options=("pmd",))
simple("handshake_pmd_unknown_parameter", "ws",
       RIGHT + "Sec-WebSocket-Extensions: permessage-deflate; x=1\r\n\r\n", options=("pmd",))
simple("handshake_unknown_extension", "ws", RIGHT + "Sec-WebSocket-Extensions: x\r\n\r\n", options=("pmd",))
simple("handshake_status_200", "ws", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
simple("handshake_status_401", "ws", "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")
simple("handshake_status_99999", "ws", "HTTP/1.1 99999 ?\r\n\r\n")
simple("handshake_status_negative", "ws", "HTTP/1.1 -101 ?\r\n\r\n")
simple("handshake_header_of_200000", "ws", RIGHT + "X: " + "y" * 200000 + "\r\n\r\n")
simple("handshake_20000_headers", "ws", RIGHT + "X: y\r\n" * 20000 + "\r\n")
simple("handshake_nul_in_header", "ws", RIGHT + "X: a\0b\r\n\r\n")
simple("handshake_bare_lf", "ws", RIGHT.replace("\r\n", "\n") + "\n")
simple("handshake_1000_interim_replies", "ws", "HTTP/1.1 100 Continue\r\n\r\n" * 1000, end="fin")


# ---- cookies that the jar is to keep; what it makes of them is seen by nobody, the connection is
COOKIES = {
    "of_nothing": [""], "without_name": ["=value"], "without_value": ["name"], "of_separators": [";;;=;=;"],
    "name_of_5000": ["n" * 5000 + "=v"], "value_of_4095": ["n=" + "v" * 4095], "value_of_4096": ["n=" + "v" * 4096],
    "value_of_60000": ["n=" + "v" * 60000], "path_of_5000": ["n=v; Path=/" + "p" * 5000], "domain_of_nothing": ["n=v; Domain="],
    "domain_of_dots": ["n=v; Domain=...."], "domain_of_5000": ["n=v; Domain=" + "d" * 5000],
    "age_of_300_digits": ["n=v; Max-Age=" + "9" * 300], "age_negative": ["n=v; Max-Age=-99999999999999999999"],
    "date_of_garbage": ["n=v; Expires=Mon, 99 Foo 99999999999 99:99:99 GMT"], "tabs_and_controls": ["n\t=\tv\x01\x02; Path=\t/"],
    "attributes_10000": ["n=v" + "; a" * 10000], "500": ["n%d=v" % n for n in range(500)], "cut": ["n=v; Max-Age", "n=v; Path"],
}
for cookie, values in COOKIES.items():
    simple("handshake_set_cookie_%s" % cookie, "ws", RIGHT + "".join("Set-Cookie: %s\r\n" % value for value in values) + "\r\n",
           frame(CLOSE, b"\x03\xe8", mask=None), options=("jar",))


@case("handshake_slow")
def slow_reply(client):
    def play(peer):
        head = peer.head()
        start = time.monotonic()
        for byte in answered(head[1]):
            if not peer.send(bytes([byte])):
                break
            time.sleep(0.1)
        return "ended in time" if time.monotonic() - start < 8 else "held"

    server = Server(play)
    return outcome(short(client.run("ws", server.port, patience=15), server.port), server.words())


@case("handshake_endless")
def endless_reply(client):
    def play(peer):
        peer.head()
        peer.send(b"HTTP/1.1 101 x\r\nX: ")
        sent = 0
        while sent < 32 << 20 and peer.send(b"y" * 65536):
            sent += 65536
        return "refused" if sent < 32 << 20 else "took it all"

    server = Server(play)
    return outcome(client.run("ws", server.port), server.words())


simple("handshake_silence", "ws", end="")

# ---- redirects
simple("redirect_to_other_scheme", "http", LOCATION % "ftp://127.0.0.1/x")
simple("redirect_to_nothing", "http", LOCATION % "")
simple("redirect_without_location", "http", "HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n")
simple("redirect_port_99999", "http", LOCATION % "http://127.0.0.1:99999/")
simple("redirect_port_negative", "http", LOCATION % "http://127.0.0.1:-1/")
simple("redirect_port_0", "http", LOCATION % "http://127.0.0.1:0/")
simple("redirect_host_empty", "http", LOCATION % "http:///x")
simple("redirect_brackets", "http", LOCATION % "http://[::1/x")
simple("redirect_of_50000", "http", LOCATION % ("/" + "x" * 50000), count=5)
simple("redirect_with_cr", "http", LOCATION % "/a\rX: b")


def loop(target):
    def run(client):
        def play(peer):
            if peer.head() is None:
                return None
            peer.send((LOCATION % (target.replace("PORT", str(server.port)))).encode())
            return "asked"

        server = Server(play, count=60)
        line = short(client.run("http", server.port, patience=15), server.port)
        server.listener.close()
        return "%s | asked %s" % (line, "less than 30 times" if len(server.saw) < 30 else "%d times" % len(server.saw))

    return run


case("redirect_loop_same_path")(loop("/"))
case("redirect_loop_absolute")(loop("http://127.0.0.1:PORT/"))

# ---- bodies
OK = "HTTP/1.1 200 OK\r\n"
simple("body_cut", "http", OK + "Content-Length: 100\r\n\r\nabc", end="fin")
simple("body_reset", "http", OK + "Content-Length: 100\r\n\r\n", end="rst")
simple("body_longer_than_said", "http", OK + "Content-Length: 2\r\n\r\nabcdef", end="fin")
for name, value in (("negative", "-5"), ("2_64", str(1 << 64)), ("words", "many"), ("two", "2\r\nContent-Length: 3")):
    simple("body_length_%s" % name, "http", OK + "Content-Length: %s\r\n\r\nab" % value, end="fin")
simple("body_length_and_chunked", "http", OK + "Content-Length: 100\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n", end="fin")
CHUNKED = OK + "Transfer-Encoding: chunked\r\n\r\n"
simple("chunk_right", "http", CHUNKED + "2\r\nab\r\n0\r\n\r\n")
for name, body in (("negative", "-2\r\nab\r\n"), ("2_64", "10000000000000000\r\nab"), ("words", "zz\r\nab"), ("empty", "\r\nab\r\n"),
                   ("without_end", "2\r\nabX\r\n0\r\n\r\n"), ("cut", "5\r\nab"), ("extension_endless", "2;" + "x" * 100000),
                   ("trailers_endless", "0\r\n" + "X: y\r\n" * 20000)):
    simple("chunk_%s" % name, "http", CHUNKED + body, end="fin")
simple("body_gzip_coding", "http", OK + "Transfer-Encoding: gzip\r\n\r\nab", end="fin")
simple("reply_http_0_9", "http", "<html>hello</html>", end="fin")
simple("reply_status_line_of_100000", "http", "HTTP/1.1 200 " + "x" * 100000 + "\r\n\r\n", end="fin")
simple("reply_header_no_colon", "http", OK + "nonsense\r\n\r\n", end="fin")


# ---- TLS
def server_tls(certificate="server"):
    def make(client):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("%s/%s.pem" % (client.certs, certificate), "%s/%s.key" % (client.certs, certificate))
        return context

    return make


ws("tls_right", plain(TEXT, b"hello"), END, tls=server_tls())
for certificate in ("expired", "wrongname", "selfsigned"):
    simple("tls_certificate_%s" % certificate, "wss", tls=server_tls(certificate))


def raw_tls(name, data, end="fin"):
    def run(client):
        def play(peer):
            peer.fill()
            peer.send(data)
            if end == "rst":
                return peer.reset()
            if end == "fin":
                peer.finish()
            while peer.fill():
                pass
            return None

        server = Server(play)
        line = client.run("wss", server.port)
        return outcome(short(line, server.port), server.words())

    case(name)(run)


raw_tls("tls_server_speaks_http", b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
raw_tls("tls_server_garbage", bytes(range(256)) * 20)
raw_tls("tls_server_ends", b"")
raw_tls("tls_server_resets", b"", "rst")
raw_tls("tls_server_silent", b"", "hold")
raw_tls("tls_record_oversize", b"\x16\x03\x03\xff\xff" + bytes(65535))
raw_tls("tls_alert_flood", b"\x15\x03\x03\x00\x02\x01\x64" * 1000)
raw_tls("tls_fatal_alert", b"\x15\x03\x03\x00\x02\x02\x28")
raw_tls("tls_hello_done_first", b"\x16\x03\x03\x00\x04\x0e\x00\x00\x00")


@case("tls_old_server")
def tls_old(client):
    context = server_tls()(client)
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    server = Server(lambda peer: None, context)
    return short(client.run("wss", server.port), server.port)


@case("tls_server_renegotiates")
def tls_renegotiates(client):
    files = ["-cert", "%s/server.pem" % client.certs, "-key", "%s/server.key" % client.certs]
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-tls1_2", "-naccept", "1", *files]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def read_till(pattern):
        text, found = b"", None
        while not found:
            more = process.stdout.read1(65536)
            if not more:
                raise OSError("s_server ended")
            text += more
            found = re.search(pattern, text)
        return found.group(1).decode()

    def type_in(text):
        process.stdin.write(text)
        process.stdin.flush()
        # What is typed together is read together.
        wait_until(lambda: fcntl.ioctl(process.stdin, termios.FIONREAD, bytes(4)) == bytes(4), 5)

    def play():
        try:
            key = read_till(rb"(?is)sec-websocket-key: *(\S+)\r\n.*\r\n\r\n")
            # "R" at the beginning of what is typed asks for a renegotiation.
            type_in(answered({"sec-websocket-key": key}))
            type_in(b"R\n")
            # The server does not go on with a client that refuses.
            read_till(rb"(CONNECTION CLOSED)")
        except OSError:
            pass

    try:
        port = int(read_till(rb"ACCEPT 127.0.0.1:(\d+)\n"))
        player = threading.Thread(target=play, daemon=True)
        player.start()
        return short(client.run("wss", port), port)
    finally:
        process.kill()
        process.wait()


@case("tls_body_cut_without_notify")
def tls_cut(client):
    def play(peer):
        peer.head()
        peer.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
        time.sleep(0.1)
        socket.socket(fileno=peer.sock.detach()).close()

    server = Server(play, server_tls()(client))
    return short(client.run("https", server.port), server.port)


# ---- proxies that lie
def proxy(name, kind, *replies, end="fin"):
    """A proxy that answers each thing it reads with the next reply."""

    def run(client):
        def play(peer):
            for reply in replies:
                if not peer.data and not peer.fill():
                    return None
                peer.data = b""
                peer.send(reply)
            if end == "rst":
                return peer.reset()
            if end == "fin":
                peer.finish()
            while peer.fill():
                pass
            return None

        server = Server(play)
        line = client.run("ws", 80, "/", "%s=%d" % (kind, server.port))
        return outcome(short(line, server.port), server.words())

    case(name)(run)


proxy("proxy_407", "proxy", b"HTTP/1.1 407 Who\r\nProxy-Authenticate: Basic\r\n\r\n")
proxy("proxy_garbage", "proxy", bytes(range(256)) * 10)
proxy("proxy_endless", "proxy", b"HTTP/1.1 200 OK\r\nX: " + b"y" * (1 << 20))
proxy("proxy_end", "proxy", b"")
proxy("proxy_reset", "proxy", b"", end="rst")
proxy("proxy_silent", "proxy", b"", end="hold")
proxy("proxy_302", "proxy", b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n\r\n")
proxy("proxy_200_then_end", "proxy", b"HTTP/1.1 200 OK\r\n\r\n")
proxy("proxy_200_with_body", "proxy", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello")
proxy("proxy_101", "proxy", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
proxy("proxy_100_then_200", "proxy", b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n")
proxy("proxy_201", "proxy", b"HTTP/1.1 201 Created\r\n\r\n")
proxy("proxy_200_in_chunks", "proxy", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n")
proxy("proxy_status_of_four_digits", "proxy", b"HTTP/1.1 2000 OK\r\n\r\n")
proxy("proxy_http_2", "proxy", b"HTTP/2 200 OK\r\n\r\n")
proxy("proxy_head_in_two_lines_of_lf", "proxy", b"HTTP/1.0 200 OK\n\n")
proxy("proxy_nul_in_head", "proxy", b"HTTP/1.1 200 O\0K\r\n\r\n")
proxy("proxy_head_cut", "proxy", b"HTTP/1.1 200 OK\r\nVia: a")
proxy("proxy_upgrades_itself", "proxy",
      b"HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      b"Sec-WebSocket-Accept: AAAAAAAAAAAAAAAAAAAAAAAAAAA=\r\n\r\n")
proxy("proxy_answers_for_the_server", "proxy", b"HTTP/1.1 200 OK\r\n\r\n", b"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n")
proxy("socks_version_4", "socks", b"\x04\x00")
proxy("socks_no_method", "socks", b"\x05\xff")
proxy("socks_method_unknown", "socks", b"\x05\x09")
for code in (1, 2, 5, 8, 255):
    proxy("socks_refused_%d" % code, "socks", b"\x05\x00", b"\x05" + bytes([code]) + b"\x00\x01" + bytes(6))
proxy("socks_address_type_9", "socks", b"\x05\x00", b"\x05\x00\x00\x09" + bytes(6))
proxy("socks_name_of_255_bytes", "socks", b"\x05\x00", b"\x05\x00\x00\x03\xff" + b"a" * 257)
proxy("socks_asks_for_a_password", "socks", b"\x05\x02", b"\x01\x00")
proxy("socks_reserved_byte", "socks", b"\x05\x00", b"\x05\x00\x01\x01" + bytes(6))
proxy("socks_two_replies", "socks", b"\x05\x00\x05\x00\x00\x01" + bytes(6))
proxy("socks_reply_cut", "socks", b"\x05\x00", b"\x05\x00\x00\x03\xffabc")
proxy("socks_garbage", "socks", bytes(range(200, 256)) * 10)
proxy("socks_end", "socks", b"")
proxy("socks_silent", "socks", b"\x05\x00", end="hold")


# ---- numbers
@case("servers_that_drop_1500")
def many(client):
    def play(peer):
        peer.reset()

    server = Server(play, count=1500)
    ends = {client.run("ws", server.port).split(" ")[0] for _ in range(1500)}
    return " ".join(sorted(ends))
