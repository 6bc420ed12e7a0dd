#!/usr/bin/env python3
"""A small HTTP/1.1 server for client tests.

    http_server.py [--cert FILE --key FILE]

    GET  /hello       200, "hello over http\\n"
    GET  /big/N       200, N bytes "abc...z"
    GET  /chunked     200, the same three lines in chunks
    GET  /moved       302 to /hello
    POST /echo        200, the body that was sent, with its content type
    anything else     404

Prints "READY PORT", then one line per request: "GET /hello 200".
"""
import argparse
import http.server
import ssl


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code="-", size="-"):
        print(self.command, self.path, int(code), flush=True)

    def answer(self, status, body, kind="text/plain", extra=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in extra:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        if self.path == "/hello":
            self.answer(200, b"hello over http\n")
        elif self.path.startswith("/big/"):
            size = int(self.path[5:])
            self.answer(200, (b"abcdefghijklmnopqrstuvwxyz" * (size // 26 + 1))[:size])
        elif self.path == "/chunked":
            self.send_response(200)
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            for line in (b"first line\n", b"second line\n", b"third line\n"):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
            self.wfile.write(b"0\r\n\r\n")
        elif self.path == "/moved":
            self.answer(302, b"", extra=[("Location", "/hello")])
        else:
            self.answer(404, b"nothing here\n")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/echo":
            self.answer(200, body, self.headers.get("Content-Type", "text/plain"))
        else:
            self.answer(404, b"nothing here\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--cert")
    ap.add_argument("--key")
    a = ap.parse_args()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if a.cert:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        tls.load_cert_chain(a.cert, a.key)
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    print("READY", server.server_address[1], flush=True)
    server.serve_forever()


main()
