"""What all cases share: a server of their own, and the names of http/2."""
import unittest

from client import Client, Server

# Set by run.py: its command line, and the folder of the files that the server serves.
OPTIONS = None
FILES = None
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
NO_ERROR, PROTOCOL_ERROR, INTERNAL_ERROR, FLOW_CONTROL_ERROR, _, STREAM_CLOSED, FRAME_SIZE_ERROR = range(7)
REFUSED_STREAM, CANCEL, COMPRESSION_ERROR, _, ENHANCE_YOUR_CALM = range(7, 12)
BIG_FILE = bytes(range(256)) * 4096


def checksum(body):
    total = 0
    for byte in body:
        total = (total * 31 + byte) & 0xFFFFFFFFFFFFFFFF
    return f"{len(body)} {total}\n".encode()


class Case(unittest.TestCase):
    options = ()
    tls = None

    def setUp(self):
        self.server = Server(OPTIONS.server, "--files", FILES, *self.options)
        self.addCleanup(self.end)

    def end(self):
        try:
            self.server.stop()
        finally:
            self.server.process.kill()
            self.server.process.wait()
            self.server.process.stdout.close()

    def client(self, **kw):
        client = Client(self.server.port, tls=self.tls, **kw)
        self.addCleanup(client.close)
        return client

    def callbacks(self, number):
        """The callbacks of one connection, up to its end."""
        lines = self.server.wait_for(lambda lines: f"{number} WSI_DESTROY" in lines)
        return [line.split(" ", 1)[1] for line in lines if line.startswith(f"{number} ")]

    def still_serves(self):
        self.assertEqual(self.client().get("/hello").body, b"hello\n")
