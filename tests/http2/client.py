"""A small http/2 client on top of the h2 library, and a server under test, for run.py."""
import socket
import ssl
import subprocess
import threading
import time

import h2.config
import h2.connection
import h2.events
import h2.settings

LIMIT = 10


class Server:
    """The program under test; `lines` are its callbacks."""

    def __init__(self, program, *args):
        self.process = subprocess.Popen([program, *args], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        ready = self.process.stdout.readline().split()
        if len(ready) != 2 or ready[0] != "READY":
            raise RuntimeError(f"the server did not start: {ready}")
        self.port = int(ready[1])
        self.lines = []
        self.news = threading.Condition()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            with self.news:
                self.lines.append(line.rstrip("\n"))
                self.news.notify_all()

    def wait_for(self, is_enough, limit=LIMIT):
        """Waits until `is_enough(lines)` and returns a copy of the lines."""
        with self.news:
            if not self.news.wait_for(lambda: is_enough(self.lines), limit):
                raise AssertionError("the server did not say what was waited for: " + "; ".join(self.lines[-20:]))
            return list(self.lines)

    def all_gone(self):
        """Waits until every connection that was made is destroyed."""

        def count(lines, what):
            return sum(line.endswith(what) for line in lines)

        return self.wait_for(lambda lines: count(lines, "WSI_CREATE") == count(lines, "WSI_DESTROY"))

    def memory(self):
        """Resident bytes."""
        with open(f"/proc/{self.process.pid}/statm") as statm:
            return int(statm.read().split()[1]) * 4096

    def stop(self):
        self.process.stdin.close()
        status = self.process.wait(LIMIT)
        self.reader.join(LIMIT)
        if status != 0 or self.lines[-1:] != ["END"]:
            raise AssertionError(f"the server ended with {status}: {self.lines[-3:]}")


def connect(port, tls=None, alpn=("h2",)):
    """A socket to the server; with `tls` the path of its CA."""
    plain = socket.create_connection(("127.0.0.1", port), LIMIT)
    plain.settimeout(LIMIT)
    if not tls:
        return plain
    context = ssl.create_default_context(cafile=tls)
    context.set_alpn_protocols(list(alpn))
    return context.wrap_socket(plain, server_hostname="localhost")


class Stream:
    """What was received on one stream."""

    def __init__(self):
        self.headers = None
        self.interim = []
        self.body = b""
        self.ended = False
        self.reset = None

    @property
    def status(self):
        return int(dict(self.headers)[":status"]) if self.headers else None

    @property
    def done(self):
        return self.ended or self.reset is not None


class Client:
    """An http/2 connection. `takes`: whether received bytes are acknowledged, so that the windows stay open."""

    def __init__(self, port, tls=None, settings=None, takes=True, validate=True):
        config = h2.config.H2Configuration(
            client_side=True,
            header_encoding="utf-8",
            validate_outbound_headers=validate,
            normalize_outbound_headers=validate,
        )
        self.socket = connect(port, tls)
        self.h2 = h2.connection.H2Connection(config)
        self.takes = takes
        self.streams = {}
        self.goaway = None
        self.closed = False
        self.pongs = 0
        self.h2.initiate_connection()
        if settings:
            self.h2.update_settings(settings)
        self.send()

    def send(self):
        data = self.h2.data_to_send()
        if data:
            self.socket.sendall(data)

    def raw(self, data):
        self.send()
        self.socket.sendall(data)

    def frame(self, kind, flags, stream, payload=b"", length=None):
        """Sends a frame past the library."""
        size = len(payload) if length is None else length
        self.raw(size.to_bytes(3, "big") + bytes([kind, flags]) + stream.to_bytes(4, "big") + payload)

    def request(self, path, method="GET", headers=(), ends=True, **kw):
        number = self.h2.get_next_available_stream_id()
        self.streams[number] = Stream()
        fields = [(":method", method), (":scheme", kw.get("scheme", "http")), (":path", path)]
        fields += [(":authority", kw.get("authority", "localhost"))]
        if "protocol" in kw:
            fields.insert(1, (":protocol", kw["protocol"]))
        self.h2.send_headers(number, fields + list(headers), end_stream=ends)
        self.send()
        return number

    def post(self, number, body, ends=True, chunk=16384):
        """Sends a body as the windows allow."""
        at = 0
        while at < len(body):
            room = min(self.h2.local_flow_control_window(number), self.h2.max_outbound_frame_size, chunk)
            if room == 0:
                self.receive()
                continue
            piece = body[at : at + room]
            at += len(piece)
            self.h2.send_data(number, piece)
            self.send()
        if ends:
            self.h2.end_stream(number)
            self.send()

    def receive(self):
        """One read; False at the end."""
        try:
            data = self.socket.recv(65536)
        except ConnectionResetError:
            data = b""
        if not data:
            self.closed = True
            return False
        for event in self.h2.receive_data(data):
            self.event(event)
        self.send()
        return True

    def event(self, event):
        stream = self.streams.get(getattr(event, "stream_id", None))
        if isinstance(event, h2.events.ConnectionTerminated):
            self.goaway = int(event.error_code)
        elif isinstance(event, h2.events.PingAckReceived):
            self.pongs += 1
        elif stream is None:
            return
        elif isinstance(event, h2.events.ResponseReceived):
            stream.headers = event.headers
        elif isinstance(event, h2.events.InformationalResponseReceived):
            stream.interim.append(int(dict(event.headers)[":status"]))
        elif isinstance(event, h2.events.DataReceived):
            stream.body += event.data
            if self.takes and event.flow_controlled_length:
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            stream.ended = True
        elif isinstance(event, h2.events.StreamReset):
            stream.reset = int(event.error_code)

    def until(self, is_enough):
        limit = time.monotonic() + LIMIT
        while not is_enough():
            if time.monotonic() > limit:
                raise AssertionError("what was waited for did not come")
            if not self.receive():
                break
        return self

    def finish(self, number):
        """Reads until the stream is over."""
        stream = self.streams[number]
        self.until(lambda: stream.done)
        return stream

    def get(self, path, **kw):
        return self.finish(self.request(path, **kw))

    def drain(self):
        """Reads until the server closes; returns the code of its GOAWAY."""
        self.until(lambda: False)
        return self.goaway

    def ping(self):
        """Waits until everything that was sent before is dealt with."""
        before = self.pongs
        self.h2.ping(b"12345678")
        self.send()
        self.until(lambda: self.pongs > before)

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
