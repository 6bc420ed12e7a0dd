#!/usr/bin/env python3
"""Secrets pass through a server and a client of ours that log all they can; none of them may be in a log.

    untold.py SERVER CLIENT CERTS [--show DIR]

Both have every log level on, and the timeline of OXLWS_TRACE. Each secret is a word of its own, which is looked for as it
is, in base64, in hexadecimal digits and backwards, in what both processes print. Harmless words go the same ways: they must be there,
or the logs are not what this is about.
"""
import argparse
import base64
import os
import signal
import socket
import ssl
import subprocess
import sys
import tempfile

import client_cases
from client_cases import Client, Server, answered, plain
from hostile import Victim
from peer import Peer, connect, frame, upgrade, wait_until

ALL_LEVELS = "4095"
secrets, harmless = {}, {}


def secret(about):
    """A word that must not be told."""
    word = "Zq%dfor%dxK" % (len(secrets) * 7919 + 1000003, len(secrets))
    secrets[word] = about
    return word


def known(about):
    """A word that may be told, and is."""
    word = "harmless%d" % (len(harmless) + 100)
    harmless[word] = about
    return word


def basic(user, password):
    return "Basic " + base64.b64encode(("%s:%s" % (user, password)).encode()).decode()


def traces_of(word):
    """The forms in which a log could give a word away. Base64 of three alignments, without what depends on the neighbours."""
    data = word.encode()
    yield word
    yield word[::-1]
    yield data.hex()
    yield data.hex(" ")
    for skip in range(3):
        coded = base64.b64encode(bytes(skip) + data).decode().rstrip("=")
        yield coded[4 if skip else 0 : len(coded) - 2]


# ---- what goes to the server
def to_server(port, tls_port, certs):
    right = secret("password of a login that is right")
    jobs = []

    def request(*lines, method="GET", path="/", body=b""):
        jobs.append(("%s %s HTTP/1.1\r\nHost: a\r\n%s\r\n" % (method, path, "".join(line + "\r\n" for line in lines))).encode("latin-1")
                    + body)

    request("X-Note: " + known("header of a request"), "Connection: close")
    request("Authorization: " + basic("me", right), "Connection: close", path="/private/small.txt")
    request("Authorization: " + basic("me", secret("password that is wrong")), path="/private/small.txt")
    request("Authorization: " + basic("me" + secret("user"), "x" * 3000 + secret("long password")), path="/private/small.txt")
    request("authorization : " + basic("me", secret("login, blank before the colon")), path="/private/small.txt")
    request("Authorization: Basic !!" + secret("login that is not base64"), path="/private/small.txt")
    request("Authorization: Digest username=" + secret("digest"), path="/private/small.txt")
    request("Authorization: Bearer " + secret("bearer"), path="/private/small.txt")
    request("Authorization: Bearer " + secret("bearer, with NUL") + "\0", path="/")
    request("Authorization: Bearer x\r\n " + secret("bearer, folded"), path="/")
    request("Authorization: Bearer " + secret("bearer, line too long") * 20000, path="/")
    request("Authorization " + secret("bearer without colon"), path="/")
    request("Cookie: session=" + secret("cookie"), "Connection: close")
    request("Cookie: session=" + secret("cookie, with a bare CR") + "\ra")
    request("cOOKIE:" + secret("cookie"), "Cookie: second=" + secret("second cookie"), "Connection: close")
    request(*["Cookie: a%d=%s" % (n, secret("one of many cookies")) for n in range(200)])
    request("Proxy-Authorization: " + basic("me", secret("of a proxy")), "Connection: close")
    request("Set-Cookie: a=" + secret("Set-Cookie of a client"), "Connection: close")
    request("X-Api-Key: " + secret("api key"), "X-Auth-Token: " + secret("token"), "Connection: close")
    request("Sec-WebSocket-Protocol: base64url.bearer.authorization.k8s.io." + secret("subprotocol"), "Upgrade: websocket", "Connection: Upgrade",
            "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==")
    request("Connection: close", path="/?access_token=" + secret("parameter of a target"))
    request("Connection: close", path="/nowhere?password=" + secret("parameter of a target not found"))
    request(path="/" + "x" * 8000 + "?token=" + secret("parameter of a target too long"))
    request(path="http://me:%s@a/" % secret("password in a target"))
    body = "text=" + secret("field of a form")
    request("Content-Type: application/x-www-form-urlencoded", "Content-Length: %d" % len(body), "Connection: close", method="POST",
            path="/form", body=body.encode())
    body = "x" * 2000 + secret("field too large")
    request("Content-Type: application/x-www-form-urlencoded", "Content-Length: %d" % len(body), "Connection: close", method="POST",
            path="/form", body=b"text=" + body.encode())
    body = '--e\r\nContent-Disposition: form-data; name="text"\r\n\r\n%s\r\n--e--\r\n' % secret("part of a form")
    request("Content-Type: multipart/form-data; boundary=e", "Content-Length: %d" % len(body), "Connection: close", method="POST", path="/form",
            body=body.encode())
    request("Transfer-Encoding: chunked", method="POST", path="/post", body=secret("where a chunk size should be").encode() + b"\r\n\r\n")
    context = ssl.create_default_context(cafile=certs + "/ca.pem")
    context.check_hostname = False
    for data in jobs:
        for secure in (False, True):
            peer = connect(tls_port if secure else port)
            if secure:
                peer.sock = context.wrap_socket(peer.sock)
            peer.send(data)
            if not secure:
                peer.finish()
            peer.answers()
            peer.close()
    # Messages, whole and broken.
    for secure in (False, True):
        for broken in (False, True):
            peer = connect(tls_port if secure else port)
            if secure:
                peer.sock = context.wrap_socket(peer.sock)
            peer.upgraded("Cookie: ws=%s\r\nAuthorization: Bearer %s\r\n" % (secret("cookie of a websocket"), secret("bearer of a websocket")))
            peer.send(frame(1, secret("message").encode()), frame(9, secret("ping").encode()))
            peer.next_frame()
            peer.send(frame(1, b"\xff" + secret("message that is not UTF-8").encode()) if broken else frame(8, b"\x03\xe8"))
            peer.frames()
            peer.close()
    return right


def http2(tls_port, certs):
    import h2.config
    import h2.connection

    context = ssl.create_default_context(cafile=certs + "/ca.pem")
    context.set_alpn_protocols(["h2"])
    with context.wrap_socket(socket.create_connection(("127.0.0.1", tls_port), 6), server_hostname="localhost") as sock:
        assert sock.selected_alpn_protocol() == "h2"
        peer = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        peer.initiate_connection()
        head = [(":method", "GET"), (":scheme", "https"), (":authority", "localhost"), (":path", "/private/" + "small.txt")]
        for more in ([], [("authorization", basic("me", secret("http/2 login")))],
                     [("cookie", "a=" + secret("http/2 cookie")), ("cookie", "b=" + secret("http/2 crumb"))],
                     [("authorization", "Bearer " + secret("http/2 login, too long") * 1000)]):
            number = peer.get_next_available_stream_id()
            peer.send_headers(number, head + more, end_stream=True)
            sock.sendall(peer.data_to_send())
            ended = False
            while not ended:
                data = sock.recv(65536)
                if not data:
                    return  # the last one is too much
                ended = any(getattr(event, "stream_id", 0) == number and type(event).__name__ in ("StreamEnded", "StreamReset")
                            for event in peer.receive_data(data))
                sock.sendall(peer.data_to_send())


# ---- what comes to the client
def to_client(client):
    def once(kind, reply, path="/", options=(), tls=None, count=1):
        def play(peer):
            while True:
                head = peer.head()
                if head is None:
                    return None
                peer.send(*(reply(head) if callable(reply) else [reply.encode("latin-1")]))
                if count == 1 or not kind.startswith("http"):
                    break
            peer.finish()
            while peer.fill():
                pass
            return None

        server = Server(play, tls(client) if tls else None, count)
        told = client.run(kind, server.port, path, *options)
        server.words()
        return told

    ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n%s\r\nok"
    for tls in (None, client_cases.server_tls()):
        s, http, ws = ("s", "https", "wss") if tls else ("", "http", "ws")
        once(http, ok % ("X-Note: %s\r\n" % known("header of a reply")), tls=tls)
        once(http, ok % "", "/?token=" + secret("parameter of a request of ours"), tls=tls)
        once(http, ok % "", options=["header=Authorization:Bearer" + secret("login of ours")], tls=tls)
        once(http, ok % "", options=["header=cookie:a=" + secret("cookie of ours")], tls=tls)
        once(http, ok % "", options=["header=Authorization " + secret("login of ours, broken")], tls=tls)
        for name, value in (("set", "a=%s; Path=/"), ("too large", "b=" + "x" * 5000 + "%s"), ("with a control character", "c=%s\x01"),
                            ("without name", "%s"), ("with a bad date", "d=%s; Expires=never"), ("of another domain", "e=%s; Domain=example.com")):
            value = value % secret("cookie " + name)
            once(http, ok % ("Set-Cookie: %s\r\n" % value), options=["jar"], tls=tls)
        once(http, ok % "", options=["jar"], tls=tls)
        once(http, "HTTP/1.1 200 OK\r\nContent-Length: %s\r\n\r\n" % 2 + secret("body longer than it says"), tls=tls)
        once(http, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + secret("chunk size") + "\r\n", tls=tls)
        for location in ("http%s://me:%s@127.0.0.1:1/", "http%s://[::1?token=%s", "ftp%s://me:%s@127.0.0.1/", "/%s?access_token=%s"):
            once(http, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: %s\r\n\r\n" % (location % (s, secret("where a redirect leads"))), tls=tls)
        once(ws, lambda head: [answered(head[1]), plain(1, secret("message to us").encode()), plain(9, secret("ping to us").encode()),
                               plain(1, b"\xff" + secret("message to us, not UTF-8").encode())], tls=tls,
             options=["send=" + secret("message of ours"), "header=Authorization:Bearer" + secret("login of ours at a websocket")])
        once(ws, "HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\nSet-Cookie: a=%s\r\n\r\n"
             % secret("cookie of a reply that is refused"), tls=tls)
        once(ws, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", "/?token=" + secret("parameter at a websocket that is refused"), tls=tls)
        loops = secret("parameter of a redirect that loops")
        once(http, "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /?token=%s\r\n\r\n" % loops, tls=tls, count=5)
        token = "subprotocol=base64url.bearer.authorization.k8s.io."
        once(ws, lambda head: [answered(head[1], "Sec-WebSocket-Protocol: x\r\n")], options=[token + secret("subprotocol of ours")], tls=tls)
        once(ws, "HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", options=[token + secret("subprotocol of ours, refused")], tls=tls)
    # Proxies.
    for status in ("200 OK", "407 Who", "302 Found"):
        word = secret("password of a proxy that says " + status)
        reply = "HTTP/1.1 %s\r\nProxy-Authenticate: Basic realm=x\r\nSet-Cookie: a=%s\r\n\r\n" % (status, secret("cookie of a proxy"))
        via_proxy(client, "proxy", word, [reply.encode()])
    for replies in ([b"\x05\x02", b"\x01\x00", b"\x05\x00\x00\x01" + bytes(6)], [b"\x05\x02", b"\x01\x01"], [b"\x05\xff"], [b"\x04\x04"]):
        via_proxy(client, "socks", secret("password of a SOCKS5 proxy"), replies)


def via_proxy(client, kind, password, replies):
    def play(peer):
        for reply in replies:
            if not peer.data and not peer.fill():
                return None
            peer.data = b""
            peer.send(reply)
        peer.finish()
        while peer.fill():
            pass
        return None

    server = Server(play)
    client.run("ws", 80, "/", "%s=%d" % (kind, server.port), "login=me:" + password)
    server.words()


# ---- keys
def keys(server, certs, files, log):
    """Servers that do not get up, since their key does not open: a wrong passphrase, a damaged key, somebody else's."""
    with open(certs + "/server.key") as file:
        key = file.read().splitlines()
    with open(certs + "/client.key") as file:
        other = file.read().splitlines()
    for lines in (key, other):
        for line in lines:
            if not line.startswith("-") and len(line) > 20:
                secrets[line] = "a private key"
    damaged = os.path.join(files, "damaged.key")
    with open(damaged, "w") as file:
        file.write("\n".join([key[0], key[1][:-6]] + key[2:]) + "\n")
    jobs = [(certs + "/encrypted.key", secret("wrong passphrase")), (damaged, None), (certs + "/client.key", None)]
    for path, phrase in jobs:
        environment = dict(os.environ, OXLWS_TEST_LOG=ALL_LEVELS, OXLWS_TRACE="1", **({"OXLWS_TEST_PASSPHRASE": phrase} if phrase else {}))
        found = subprocess.run([server, files, certs + "/server.pem", path], env=environment, stdin=subprocess.DEVNULL, stdout=log,
                               stderr=subprocess.STDOUT, timeout=20)
        assert found.returncode == 1, "a server with %s came up" % path


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("server")
    ap.add_argument("client")
    ap.add_argument("certs")
    ap.add_argument("--show", default="")
    a = ap.parse_args()
    os.environ.update(OXLWS_TEST_LOG=ALL_LEVELS, OXLWS_TRACE="1")
    problems = []
    with tempfile.TemporaryDirectory() as files:
        with open(os.path.join(files, "small.txt"), "w") as file:
            file.write("small\n")
        where = a.show or files
        logs = {name: open(os.path.join(where, name + ".log"), "w+b") for name in ("server", "client", "keys")}
        # Nobody may write keys down because the environment says so. (Python would.)
        keylog = os.path.join(files, "keylog")
        os.environ["SSLKEYLOGFILE"] = keylog
        # The first secret is the password of this login.
        first = "Zq%dfor%dxK" % (1000003, 0)
        with open(os.path.join(files, "logins"), "w") as file:
            file.write("me:%s\n" % first)
        phrase = "secret"
        os.environ["OXLWS_TEST_PASSPHRASE"] = phrase
        server = Victim([a.server, files, a.certs + "/server.pem", a.certs + "/encrypted.key"], stderr=logs["server"])
        del os.environ["OXLWS_TEST_PASSPHRASE"]
        victim = Victim([a.client, a.certs + "/ca.pem"], stderr=logs["client"])
        del os.environ["SSLKEYLOGFILE"]
        assert to_server(*server.ports, a.certs) == first
        try:
            http2(server.ports[1], a.certs)
        except ImportError:
            print("without http/2: Python has no h2")
        to_client(Client(victim.process, a.certs))
        keys(a.server, a.certs, files, logs["keys"])
        server.process.send_signal(signal.SIGTERM)
        for process in (server.process, victim.process):
            process.stdin.close()
            status = process.wait(10)
            if status:
                problems.append("ended with %s" % status)
        told = {}
        for name, log in logs.items():
            log.seek(0)
            told[name] = log.read().decode("utf-8", "replace")
            log.close()
        for word, about in secrets.items():
            for name, text in told.items():
                if any(form in text for form in traces_of(word)):
                    line = next((line for line in text.splitlines() if any(form in line for form in traces_of(word))), "over several lines")
                    problems.append("the log of the %s tells a secret: %s: %s" % (name, about, line[:300]))
        everything = "".join(told.values())
        for word, about in harmless.items():
            if word not in everything:
                problems.append("what is harmless is not in a log, so this proves nothing: %s" % about)
        if "encrypted" not in told["keys"] and "passphrase" not in told["keys"]:
            problems.append("nothing is said about the key that does not open")
        if "speaks http/2" not in told["server"] and "h2" in sys.modules:
            problems.append("nothing went over http/2")
        if os.path.exists(keylog):
            problems.append("SSLKEYLOGFILE was written")
    for problem in problems:
        print(problem)
    print("untold: %d secrets, %d harmless words, %d KiB of logs, %d problems" % (
        len(secrets), len(harmless), sum(map(len, told.values())) // 1024, len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
