"""Hostile clients against victim_server. Each case is a function of the ports that returns its outcome in words."""
import os
import socket
import ssl
import struct
import subprocess
import time

from peer import KEY, Peer, connect, deflated, frame, summary, upgrade

CASES = {}
PMD = "Sec-WebSocket-Extensions: permessage-deflate\r\n"
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def case(name):
    def add(function):
        assert name not in CASES, name
        CASES[name] = function
        return function

    return add


def ws(name, *pieces, extra="", most=20, path="/"):
    """Upgrade, send these bytes, tell what comes back. A close at the end is sent when the answer has come."""

    def run(ports):
        peer = connect(ports.plain).upgraded(extra, path)
        waits = pieces[-1:] == (END,) and len(pieces) > 1 and pieces[0] != END
        peer.send(*(pieces[:-1] if waits else pieces))
        words = peer.frames(answers(pieces[:-1]) if waits else most)
        if waits and peer.send(END):
            words += peer.frames(most)
        peer.close()
        return summary(words)

    case(name)(run)


def http(name, *pieces, half_close=False):
    """Send these bytes, tell the answers. `half_close`: then say that no more comes."""

    def run(ports):
        peer = connect(ports.plain)
        peer.send(*(piece if isinstance(piece, bytes) else piece.encode("latin-1") for piece in pieces))
        if half_close:
            peer.finish()
        words = peer.answers()
        peer.close()
        return summary(words)

    case(name)(run)


END = frame(CLOSE, struct.pack(">H", 1000))


def answers(pieces):
    """How many frames come back: an echo, and a pong for each ping."""
    return 1 + sum(piece[0] & 15 == PING for piece in pieces)


# ---- forms of several parts
def part(name, value, more="", filename=None):
    file = '; filename="%s"' % filename if filename is not None else ""
    return 'Content-Disposition: form-data; name="%s"%s\r\n%s\r\n%s' % (name, file, more, value)


def form(name, *parts, boundary="edge", end=None, step=0, header=None):
    """Posts a form and tells the answer. `step`: so many bytes at a time, in chunks of their own."""
    body = "".join("--%s\r\n%s\r\n" % (boundary, one) for one in parts) + ("--%s--\r\n" % boundary if end is None else end)
    head = "POST /form HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: %s\r\n" % (
        header or "multipart/form-data; boundary=" + boundary)
    if step:
        pieces = [body[at : at + step] for at in range(0, len(body), step)]
        pieces = ["%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces] + ["0\r\n\r\n"]
        head += "Transfer-Encoding: chunked\r\n\r\n"
    else:
        pieces = [body]
        head += "Content-Length: %d\r\n\r\n" % len(body)

    def run(ports):
        peer = connect(ports.plain)
        peer.send(head.encode(), "".join(pieces).encode())
        answer = peer.head()
        while peer.fill():
            pass
        return "%s: %s" % (answer[0].split(" ")[1], peer.data.decode()) if answer else peer.ended

    case(name)(run)


FIELDS = part("text", "some text"), part("file", "file\r\n--edg\r\n--edge-but-not\r\n-" * 20, filename="f")
form("form_whole", *FIELDS)
for step in (1, 2, 3, 5, 7, 64):
    form("form_boundary_across_chunks_%d" % step, *FIELDS, step=step)
form("form_boundary_of_200", *FIELDS, boundary="b" * 200, step=3)
form("form_boundary_of_3000", *FIELDS, boundary="b" * 3000)
form("form_boundary_of_nothing", *FIELDS, boundary="")
form("form_boundary_missing", *FIELDS, header="multipart/form-data")
form("form_without_end", *FIELDS, end="")
form("form_cut_in_the_boundary", *FIELDS, end="--ed")
form("form_value_that_is_nearly_the_boundary", part("text", "\r\n--edg" * 40), step=1)
form("form_header_of_60000", part("text", "v", more="X: %s\r\n" % ("y" * 60000)))
form("form_name_of_60000", part("n" * 60000, "v"))
form("form_file_name_of_60000", part("file", "v", filename="f" * 60000))
form("form_quote_open", 'Content-Disposition: form-data; name="text\r\n\r\nv')
form("form_value_beyond_the_storage", part("text", "v" * 5000))
form("form_2000_parts", *[part("text", "v")] * 2000)
form("form_part_without_head", "\r\nv")

# ---- frames
ws("frame_unmasked", frame(TEXT, b"hi", mask=None))
ws("frame_mask_of_zeros", frame(TEXT, b"hi", mask=bytes(4)), END)
for rsv in (1, 2, 4, 7):
    ws("frame_reserved_bits_%d" % rsv, frame(TEXT, b"hi", rsv=rsv))
    ws("frame_reserved_bits_%d_on_ping" % rsv, frame(PING, b"hi", rsv=rsv))
for opcode in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15):
    ws("frame_reserved_opcode_%d" % opcode, frame(opcode, b"hi"))
ws("frame_ping_in_fragments", frame(PING, b"hi", fin=False))
ws("frame_close_in_fragments", frame(CLOSE, b"", fin=False))
ws("frame_ping_of_126", frame(PING, bytes(126)))
ws("frame_close_of_126", frame(CLOSE, b"\x03\xe8" + bytes(124)))
ws("frame_continuation_of_nothing", frame(0, b"hi"))
ws("frame_text_inside_fragments", frame(TEXT, b"a", fin=False), frame(TEXT, b"b"))
ws("frame_length_2_63", frame(BINARY, b"", length=1 << 63))
ws("frame_length_all_ones", frame(BINARY, b"", length=(1 << 64) - 1))
ws("frame_length_2_63_unmasked", frame(BINARY, b"", length=1 << 63, mask=None))
ws("frame_length_not_shortest_16", b"\x81\xfe\x00\x02" + bytes(4) + b"hi", END)
ws("frame_length_not_shortest_64", frame(TEXT, b"hi", length=2), END)
ws("frame_empty_fragments_10000", frame(TEXT, b"a", fin=False), frame(0, b"", fin=False) * 10000, frame(0, b"b"), END)
ws("frame_control_between_fragments", frame(TEXT, b"one ", fin=False), frame(PING, b"1"), frame(0, b"two", fin=False),
   frame(PING, b"2"), frame(PONG, b"?"), frame(0, b"", fin=True), END)
ws("frame_data_behind_close", END, frame(TEXT, b"too late"), END)


@case("frame_length_2_62_announced")
def announced(ports):
    peer = connect(ports.plain).upgraded()
    peer.send(frame(BINARY, bytes(1000), length=1 << 62))
    # Taken piece by piece: nothing is held for what may come.
    peer.send(bytes(1 << 20))
    peer.reset()
    return "dropped"


@case("frame_byte_by_byte")
def byte_by_byte(ports):
    peer = connect(ports.plain)
    peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    for byte in upgrade() + frame(TEXT, "grüße".encode()):
        peer.send(bytes([byte]))
    head = peer.head()
    return summary([head[0].split(" ")[1]] + peer.frames(1))


@case("frame_message_of_64_mib")
def huge_message(ports):
    peer = connect(ports.plain).upgraded()
    piece = bytes(1 << 20)
    peer.send(frame(BINARY, b"", length=64 << 20, mask=bytes(4)))
    for _ in range(64):
        peer.send(piece)
    return summary(peer.frames(1))


@case("frame_ping_flood_unread")
def ping_flood(ports):
    peer = connect(ports.plain).upgraded()
    # Nobody reads the pongs: the server must neither hold them all nor stop for others.
    peer.sock.settimeout(1)
    peer.send(frame(PING, bytes(125)) * 50000)
    peer.reset()
    return "dropped"


# ---- text
for name, text in (("overlong", b"\xc0\x80"), ("surrogate", b"\xed\xa0\x80"), ("too_high", b"\xf4\x90\x80\x80"),
                   ("lone_continuation", b"a\x80b"), ("byte_ff", b"\xff")):
    ws("utf8_%s" % name, frame(TEXT, text))
ws("utf8_cut_at_the_end", frame(TEXT, "ü".encode()[:1]))
ws("utf8_wrong_across_frames", frame(TEXT, b"a\xe2", fin=False), frame(0, b"\x28\xa1"))
ws("utf8_right_across_frames", frame(TEXT, b"a\xe2", fin=False), frame(PING), frame(0, b"\x82\xac"), END)
ws("utf8_wrong_first_of_a_large_frame", frame(TEXT, b"\xff" + bytes(70000)))
ws("utf8_wrong_in_deflated_text", frame(TEXT, deflated(b"a\xffb"), rsv=4), extra=PMD)

# ---- close
for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535):
    ws("close_code_%d" % code, frame(CLOSE, struct.pack(">H", code)))
ws("close_without_code", frame(CLOSE))
ws("close_of_one_byte", frame(CLOSE, b"\x03"))
ws("close_reason_not_utf8", frame(CLOSE, b"\x03\xe8\xff"))

# ---- permessage-deflate
ws("deflate_not_negotiated", frame(TEXT, deflated(b"hi"), rsv=4))
ws("deflate_plain_message", frame(TEXT, b"plain"), END, extra=PMD)
ws("deflate_bit_on_continuation", frame(TEXT, deflated(b"hi")[:2], fin=False, rsv=4), frame(0, b"", rsv=4), extra=PMD)
ws("deflate_garbage", frame(TEXT, b"\xff\xff\xff\xff\xff", rsv=4), extra=PMD)
ws("deflate_empty", frame(TEXT, b"", rsv=4), END, extra=PMD)
ws("deflate_stored_block_lies", frame(BINARY, b"\x00\x05\x00\x00\x00hello", rsv=4), extra=PMD)
ws("deflate_back_beyond_the_start", frame(BINARY, b"\x03\x82\x00", rsv=4), extra=PMD)
ws("deflate_interleaved_ping", frame(TEXT, deflated(b"hello")[:3], fin=False, rsv=4), frame(PING, b"x"),
   frame(0, deflated(b"hello")[3:]), extra=PMD, most=2)
ws("deflate_bomb_64_mib", frame(BINARY, deflated(bytes(64 << 20)), rsv=4), extra=PMD, most=1)
ws("deflate_bomb_beyond_the_ratio", frame(BINARY, deflated(bytes(64 << 20)), rsv=4), extra=PMD, path="/strict")
ws("deflate_within_the_ratio", frame(TEXT, deflated(b"hello" * 100), rsv=4), END, extra=PMD, path="/strict")
ws("deflate_bomb_twenty_times", *[frame(BINARY, deflated(bytes(4 << 20)), rsv=4)] * 20, extra=PMD, most=1)
ws("deflate_many_final_blocks", frame(BINARY, b"\x03\x00" * 100000, rsv=4), extra=PMD)


# ---- the end of TCP, anywhere
@case("tcp_reset_in_a_frame")
def reset_in_frame(ports):
    peer = connect(ports.plain).upgraded()
    peer.send(frame(TEXT, b"hello")[:-2])
    peer.reset()
    return "dropped"


@case("tcp_reset_at_every_byte_of_the_handshake")
def reset_anywhere(ports):
    request = upgrade()
    for at in range(0, len(request), 7):
        peer = connect(ports.plain)
        peer.send(request[:at])
        peer.reset()
    return "dropped"


@case("tcp_half_close_in_a_frame")
def half_close_in_frame(ports):
    peer = connect(ports.plain).upgraded()
    peer.send(frame(TEXT, b"hello")[:-2])
    peer.finish()
    return summary(peer.frames())


http("tcp_half_close_behind_a_request", GET, half_close=True)
http("tcp_half_close_behind_a_large_answer", "GET /big HTTP/1.1\r\nHost: a\r\n\r\n", half_close=True)
http("tcp_half_close_behind_two_requests", GET, GET, half_close=True)
http("tcp_half_close_behind_a_request_answered_late", "GET /late HTTP/1.1\r\nHost: a\r\n\r\n", half_close=True)
http("tcp_half_close_and_no_answer", "GET /idle HTTP/1.1\r\nHost: a\r\n\r\n", half_close=True)
http("tcp_half_close_in_a_request", GET[:-2], half_close=True)


def half_closed_and_slow(name, *headers):
    @case(name)
    def run(ports):
        peer = connect(ports.plain)
        peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
        peer.send("\r\n".join(["GET /whole HTTP/1.1", "Host: a", *headers, "", ""]).encode())
        peer.finish()
        time.sleep(0.5)
        words = peer.answers()
        peer.close()
        return summary(words)


half_closed_and_slow("tcp_half_close_and_slow_reading")
half_closed_and_slow("tcp_half_close_and_slow_reading_of_the_last_answer", "Connection: close")


@case("tcp_reset_while_a_page_comes")
def reset_in_page(ports):
    for _ in range(20):
        peer = connect(ports.plain)
        peer.send(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
        peer.fill()
        peer.reset()
    return "dropped"


@case("tcp_page_never_read")
def never_read(ports):
    peer = connect(ports.plain)
    peer.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peer.send(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n" * 100)
    time.sleep(0.5)
    peer.reset()
    return "dropped"


# ---- upgrades
ws("upgrade_right", frame(TEXT, b"hello"), END)
http("upgrade_without_key", upgrade(key=None))
http("upgrade_key_too_short", upgrade(key="AAAA"))
http("upgrade_key_of_4000", upgrade(key="A" * 4000))
http("upgrade_version_12", upgrade(version="12"))
http("upgrade_without_version", upgrade(version=None))
http("upgrade_without_host", upgrade(host=None))
http("upgrade_by_post", upgrade().replace(b"GET", b"POST"))
http("upgrade_http_1_0", upgrade(http="1.0"))
http("upgrade_unknown_subprotocol", upgrade(extra="Sec-WebSocket-Protocol: nothing\r\n"))
http("upgrade_subprotocol_of_3000", upgrade(extra="Sec-WebSocket-Protocol: %s\r\n" % ("x" * 3000)))
http("upgrade_200_subprotocols", upgrade(extra="Sec-WebSocket-Protocol: %s\r\n" % ",".join("p%d" % n for n in range(200))))
http("upgrade_extension_quote_open", upgrade(extra='Sec-WebSocket-Extensions: permessage-deflate; a="\r\n'))
ws("upgrade_pmd_twice", frame(TEXT, b"hello"), END, extra=PMD + PMD)
http("upgrade_pmd_100_offers", upgrade(extra="Sec-WebSocket-Extensions: %s\r\n" % ", ".join(["permessage-deflate"] * 100)))
ws("upgrade_pmd_parameters_of_nonsense", frame(TEXT, b"x"), END,
   extra="Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=99; nonsense=-1\r\n")


@case("upgrade_with_frames_in_the_same_packet")
def early_frames(ports):
    peer = connect(ports.plain)
    peer.send(upgrade() + frame(TEXT, b"early"))
    head = peer.head()
    return summary([head[0].split(" ")[1]] + peer.frames(1))


# ---- requests that smuggle
POST = "POST /post HTTP/1.1\r\nHost: a\r\n"
http("smuggle_length_and_chunked", POST + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /files/a HTTP/1.1\r\n\r\n")
http("smuggle_chunked_and_length", POST + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n")
http("smuggle_two_lengths", POST + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcde")
http("smuggle_two_lengths_in_one", POST + "Content-Length: 4, 5\r\n\r\nabcde")
http("smuggle_same_length_twice", POST + "Content-Length: 4\r\nContent-Length: 4\r\nConnection: close\r\n\r\nabcd")
for name, value in (("negative", "-4"), ("plus", "+4"), ("hex", "0x4"), ("2_64", str(1 << 64)), ("words", "four"),
                    ("empty", ""), ("inner_blank", "4 4"), ("fraction", "4.0"), ("digits_300", "4" * 300)):
    http("smuggle_length_%s" % name, POST + "Content-Length: %s\r\n\r\nabcd" % value)
http("smuggle_coding_gzip", POST + "Transfer-Encoding: gzip\r\n\r\nabcd")
http("smuggle_coding_chunked_then_identity", POST + "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n")
http("smuggle_coding_xchunked", POST + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n")
http("smuggle_coding_vertical_tab", POST + "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n")
http("smuggle_coding_twice", POST + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n")
http("smuggle_coding_in_1_0", (POST + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n").replace("1.1", "1.0"))
http("smuggle_blank_before_colon", POST + "Content-Length : 4\r\n\r\nabcd")
http("smuggle_folded_header", POST + "Content-Length: 4\r\n X: y\r\n\r\nabcd")
http("smuggle_bare_lf", "GET / HTTP/1.1\nHost: a\nConnection: close\n\n")
http("smuggle_bare_cr_in_value", "GET / HTTP/1.1\r\nHost: a\rX: b\r\n\r\n")
http("smuggle_nul_in_value", "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n")
http("smuggle_nul_in_name", "GET / HTTP/1.1\r\nHo\0st: a\r\n\r\n")
http("smuggle_no_colon", "GET / HTTP/1.1\r\nHost\r\n\r\n")
http("smuggle_empty_name", "GET / HTTP/1.1\r\n: a\r\n\r\n")
http("smuggle_body_then_request", POST + "Content-Length: 4\r\n\r\nabcd" + "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
http("pipeline_50_requests", GET * 49 + b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
CHUNKED = POST + "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
http("chunk_right", CHUNKED + "4\r\nabcd\r\n0\r\n\r\n")
for name, body in (("negative", "-4\r\nabcd\r\n0\r\n\r\n"), ("2_64", "10000000000000000\r\nabcd"), ("words", "zz\r\nabcd"),
                   ("empty", "\r\nabcd\r\n"), ("hex_prefix", "0x4\r\nabcd\r\n0\r\n\r\n"), ("leading_blank", " 4\r\nabcd\r\n"),
                   ("without_end", "4\r\nabcdX\r\n0\r\n\r\n"), ("bare_lf", "4\nabcd\n0\n\n"),
                   ("extension_of_100000", "4;" + "x" * 100000 + "\r\nabcd\r\n0\r\n\r\n"),
                   ("trailers_of_100000", "0\r\n" + "X: y\r\n" * 20000 + "\r\n"), ("trailing_plus", "+4\r\nabcd\r\n")):
    http("chunk_%s" % name, CHUNKED + body)

# ---- request lines
http("request_of_http_2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
http("request_version_9", "GET / HTTP/9.9\r\nHost: a\r\n\r\n")
http("request_unknown_method", "FETCH / HTTP/1.1\r\nHost: a\r\n\r\n")
http("request_method_of_20000", "G" * 20000 + " / HTTP/1.1\r\n\r\n")
http("request_of_tls_hello", bytes.fromhex("16030100ce010000ca0303") + os.urandom(0) + bytes(195))
http("request_of_ssh", "SSH-2.0-OpenSSH_9.2\r\n")
http("request_of_nothing", "\r\n\r\n")
http("request_of_nuls", bytes(1000), half_close=True)
http("request_connect", "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n\r\n")
http("request_path_up", "GET /files/../victim HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
http("request_path_up_escaped", "GET /files/%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
http("request_path_up_twice_escaped", "GET /files/%252e%252e/etc/passwd HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
http("request_path_nul", "GET /files/small%00.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
http("request_path_escape_broken", "GET /files/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
http("request_path_of_60000", "GET /" + "p" * 60000 + " HTTP/1.1\r\nHost: a\r\n\r\n")
http("request_path_symlink", "GET /files/out.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
http("request_1000_arguments", "GET /?" + "&".join("a=b" for _ in range(1000)) + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
for name, value in (("backwards", "bytes=5-1"), ("beyond", "bytes=99999-"), ("negative", "bytes=--5"), ("2_64", "bytes=0-18446744073709551616"),
                    ("thousand", "bytes=" + ",".join("0-" for _ in range(1000)))):
    http("range_%s" % name, "GET /files/small.txt HTTP/1.1\r\nHost: a\r\nRange: %s\r\nConnection: close\r\n\r\n" % value)

# ---- sizes and slowness
http("header_value_of_100000", "GET / HTTP/1.1\r\nHost: a\r\nX: " + "y" * 100000 + "\r\n\r\n")
http("header_name_of_100000", "GET / HTTP/1.1\r\n" + "y" * 100000 + ": a\r\n\r\n")
http("header_10000_lines", "GET / HTTP/1.1\r\nHost: a\r\n" + "X: y\r\n" * 10000 + "\r\n")
http("header_10000_cookies", "GET / HTTP/1.1\r\nHost: a\r\n" + "Cookie: a=b\r\n" * 10000 + "\r\n")


@case("header_endless")
def endless_header(ports):
    peer = connect(ports.plain)
    peer.send(b"GET / HTTP/1.1\r\nX: ")
    sent = 0
    while sent < 32 << 20 and peer.send(b"y" * 65536):
        sent += 65536
    # Kernel buffers take some megabytes before the refusal is seen here.
    return "refused" if sent < 32 << 20 else "took it all"


@case("header_slow")
def slow_header(ports):
    peer = connect(ports.plain)
    start = time.monotonic()
    for byte in GET[:-1] * 3:
        if not peer.send(bytes([byte])):
            break
        time.sleep(0.2)
        peer.sock.settimeout(0.01)
        peer.ended = None
        if not peer.fill() and peer.ended == "end":
            break
    took = time.monotonic() - start
    return "ended in time" if took < 6 else "held for %.0f s" % took


@case("body_slow")
def slow_body(ports):
    peer = connect(ports.plain)
    peer.send((POST + "Content-Length: 1000\r\n\r\nabc").encode())
    return summary(peer.answers())


@case("idle_behind_connect")
def idle(ports):
    peer = connect(ports.plain)
    return summary(peer.answers())


@case("idle_behind_a_page")
def idle_keepalive(ports):
    peer = connect(ports.plain)
    peer.send(GET)
    return summary(peer.answers())


@case("pings_never_answered")
def vanished(ports):
    # As a peer whose network went away: TCP stays, nothing comes. The validity check ends it.
    peer = connect(ports.plain).upgraded()
    start = time.monotonic()
    peer.sock.settimeout(12)
    while peer.fill():
        pass
    return "%s in time" % peer.ended if 3 < time.monotonic() - start < 9 else "held"


# ---- TLS
@case("tls_garbage")
def tls_garbage(ports):
    peer = connect(ports.tls)
    peer.send(bytes(range(256)) * 40)
    while peer.fill():
        pass
    return peer.ended


@case("tls_nothing")
def tls_nothing(ports):
    peer = connect(ports.tls)
    while peer.fill():
        pass
    return peer.ended


@case("tls_plain_request")
def tls_plain(ports):
    peer = connect(ports.tls)
    peer.send(GET)
    while peer.fill():
        pass
    return peer.ended


@case("tls_record_oversize")
def tls_oversize(ports):
    peer = connect(ports.tls)
    peer.send(b"\x16\x03\x01\xff\xff" + bytes(65535))
    while peer.fill():
        pass
    return peer.ended


@case("tls_hello_cut")
def tls_cut(ports):
    peer = connect(ports.tls)
    peer.send(bytes.fromhex("16030100ce010000ca0303"))
    peer.finish()
    while peer.fill():
        pass
    return peer.ended


@case("tls_hello_byte_wise_reset")
def tls_reset(ports):
    for size in range(1, 60, 3):
        peer = connect(ports.tls)
        peer.send(bytes.fromhex("16030100ce010000ca0303" + "00" * 60)[:size])
        peer.reset()
    return "dropped"


def tls_client(**settings):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    for name, value in settings.items():
        setattr(context, name, value)
    return context


def tls_peer(ports, context, name="localhost"):
    sock = socket.create_connection(("127.0.0.1", ports.tls), 8)
    return Peer(context.wrap_socket(sock, server_hostname=name))


@case("tls_version_1_1")
def tls_old(ports):
    context = tls_client()
    try:
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
        context.set_ciphers("ALL:@SECLEVEL=0")
        tls_peer(ports, context)
    except ssl.SSLError:
        return "refused"
    return "accepted"


@case("tls_weak_ciphers")
def tls_weak(ports):
    context = tls_client()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    try:
        tls_peer(ports, context)
    except ssl.SSLError:
        return "refused"
    return "accepted"


@case("tls_unknown_name")
def tls_name(ports):
    peer = tls_peer(ports, tls_client(), "x" * 60 + "." + "y" * 60 + ".example")
    peer.send(b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    return summary(peer.answers())


@case("tls_end_without_notify")
def tls_abrupt(ports):
    peer = tls_peer(ports, tls_client()).upgraded()
    peer.send(frame(TEXT, b"hello"))
    word = peer.frames(1)
    os.close(peer.sock.detach())
    return summary(word)


@case("tls_bad_record_inside")
def tls_bad_record(ports):
    peer = tls_peer(ports, tls_client()).upgraded()
    raw = socket.socket(fileno=os.dup(peer.sock.fileno()))
    raw.sendall(b"\x17\x03\x03\x00\x20" + bytes(32))
    while True:
        try:
            if not raw.recv(4096):
                break
        except OSError:
            break
    raw.close()
    return "ended"


@case("tls_renegotiation")
def tls_renegotiate(ports):
    command = ["openssl", "s_client", "-connect", "127.0.0.1:%d" % ports.tls, "-tls1_2", "-quiet", "-no_ign_eof"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    # "R" at the beginning of a line asks for a renegotiation.
    process.stdin.write(b"R\n")
    process.stdin.flush()
    try:
        _, text = process.communicate(timeout=8)
    except subprocess.TimeoutExpired:
        process.kill()
        _, text = process.communicate()
    return "not done" if b"RENEGOTIATING" not in text or b"error" in text.lower() or process.returncode else "done"


@case("tls_wss_echo")
def tls_echo(ports):
    peer = tls_peer(ports, tls_client()).upgraded()
    peer.send(frame(TEXT, b"hello"), frame(TEXT, b"", rsv=2))
    return summary(peer.frames())


# ---- numbers
@case("connects_and_drops_10000")
def many(ports):
    for number in range(10000):
        peer = connect(ports.plain)
        if number % 3 == 0:
            peer.send(upgrade())
        if number % 2:
            peer.reset()
        else:
            peer.close()
    return "dropped"


@case("killed_in_mid_message")
def killed(ports):
    code = ("import sys; sys.path.insert(0, %r); from peer import *; p = connect(%d).upgraded(); "
            "p.send(frame(2, bytes(100000), length=1 << 30)); print('sent', flush=True); p.fill()")
    process = subprocess.Popen(["python3", "-c", code % (os.path.dirname(__file__), ports.plain)], stdout=subprocess.PIPE)
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    return "killed"
