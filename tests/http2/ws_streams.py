"""Websockets inside http/2 (RFC 8441), with frames made here."""
import os
import struct

from case import Case


class WebSocket(Case):
    """RFC 8441, with frames made here."""

    def open(self, client, headers=(), **kw):
        number = client.request(
            "/chat", "CONNECT", ends=False, protocol=kw.pop("protocol", "websocket"), scheme=kw.pop("scheme", "https"),
            headers=[("sec-websocket-version", "13"), *headers], **kw)
        stream = client.streams[number]
        client.until(lambda: stream.headers is not None or stream.done)
        return number, stream

    @staticmethod
    def masked(opcode, payload):
        key = os.urandom(4)
        body = bytes(byte ^ key[n % 4] for n, byte in enumerate(payload))
        length = len(payload)
        head = bytes([0x80 | opcode, 0x80 | length]) if length < 126 else (
            bytes([0x80 | opcode, 0x80 | 126]) + length.to_bytes(2, "big") if length < 65536 else
            bytes([0x80 | opcode, 0x80 | 127]) + length.to_bytes(8, "big"))
        return head + key + body

    def echo(self, client, number, stream, payload):
        before = len(stream.body)
        client.post(number, self.masked(2, payload), ends=False)
        head = 2 if len(payload) < 126 else 4 if len(payload) < 65536 else 10
        client.until(lambda: len(stream.body) >= before + head + len(payload))
        self.assertEqual(stream.body[before + head :], payload)

    def test_setting_is_announced(self):
        client = self.client()
        client.ping()
        self.assertEqual(client.h2.remote_settings.enable_connect_protocol, 1)

    def test_echo_and_close(self):
        client = self.client()
        client.ping()
        number, stream = self.open(client, [("sec-websocket-protocol", "chat"), ("origin", "http://a")])
        self.assertEqual((stream.status, dict(stream.headers)["sec-websocket-protocol"]), (200, "chat"))
        self.assertNotIn("sec-websocket-accept", dict(stream.headers))
        for payload in (b"hi", b"", b"x" * 1000, os.urandom(60_000)):
            if payload:
                self.echo(client, number, stream, payload)
        # Plain requests go on beside it.
        self.assertEqual(client.get("/hello").body, b"hello\n")
        before = len(stream.body)
        client.post(number, self.masked(8, struct.pack(">H", 1000) + b"done"), ends=False)
        client.finish(number)
        self.assertEqual(stream.body[before:], b"\x88\x06\x03\xe8done")
        self.assertTrue(stream.ended)
        self.assertEqual(
            self.callbacks(1),
            ["WSI_CREATE", "HTTP_CONFIRM_UPGRADE", "HTTP_BIND_PROTOCOL", "FILTER_PROTOCOL_CONNECTION", "ESTABLISHED h2"]
            + ["WS_PEER_INITIATED_CLOSE", "WS_SERVER_DROP_PROTOCOL", "CLOSED", "WSI_DESTROY"],
        )

    def test_close_by_the_server(self):
        client = self.client()
        client.ping()
        number, stream = self.open(client, [("sec-websocket-protocol", "chat")])
        client.post(number, self.masked(1, b"bye"), ends=False)
        client.until(lambda: len(stream.body) >= 7)
        self.assertEqual(stream.body, b"\x88\x05\x0b\xb8bye")
        client.post(number, self.masked(8, stream.body[2:]), ends=False)
        client.finish(number)
        self.assertTrue(stream.ended)

    def test_the_end_of_the_stream_is_the_end_of_the_websocket(self):
        for end in ("end_stream", "reset_stream"):
            client = self.client()
            client.ping()
            number, stream = self.open(client, [("sec-websocket-protocol", "chat")])
            getattr(client.h2, end)(number)
            client.send()
            self.server.wait_for(lambda lines: any(line.endswith(" CLOSED") for line in lines))
            client.close()
            self.server.all_gone()

    def test_compression(self):
        import zlib

        client = self.client()
        client.ping()
        number, stream = self.open(
            client, [("sec-websocket-protocol", "chat"), ("sec-websocket-extensions", "permessage-deflate")])
        self.assertIn("permessage-deflate", dict(stream.headers)["sec-websocket-extensions"])
        payload = b"again and again " * 100
        packer = zlib.compressobj(wbits=-15)
        packed = (packer.compress(payload) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
        frame = bytearray(self.masked(2, packed))
        frame[0] |= 0x40
        client.post(number, bytes(frame), ends=False)
        client.until(lambda: len(stream.body) > 2 and len(stream.body) >= 2 + (stream.body[1] & 0x7F))
        self.assertEqual(stream.body[0], 0xC2)
        self.assertEqual(zlib.decompressobj(wbits=-15).decompress(stream.body[2:] + b"\0\0\xff\xff"), payload)

    def test_refusals(self):
        client = self.client(validate=False)
        client.ping()
        _, stream = self.open(client, [("sec-websocket-protocol", "unknown")])
        self.assertEqual(stream.status, 403)
        _, stream = self.open(client, protocol="other")
        self.assertEqual(stream.status, 501)
        self.assertEqual(client.get("/hello").body, b"hello\n")

    def test_many_side_by_side(self):
        client = self.client()
        client.ping()
        sockets = [self.open(client, [("sec-websocket-protocol", "chat")]) for _ in range(20)]
        for round_ in range(3):
            for number, stream in sockets:
                self.echo(client, number, stream, f"{round_} {number}".encode() * 50)
