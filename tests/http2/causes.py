"""What security fixes of the original were about, as far as it was http/2: one test for each cause."""
from case import (
    COMPRESSION_ERROR, CONTINUATION, DATA, FRAME_SIZE_ERROR, GOAWAY, HEADERS, PRIORITY, PROTOCOL_ERROR, RST_STREAM, SETTINGS,
    WINDOW_UPDATE,
)
from faults import Faults, Floods


class Causes(Faults):
    """Inherits the means, not the tests: see below."""

    START = b"\x82\x84\x86\x41\x01h"

    def test_hpack_table_size(self):
        # An update beyond what the server allows, as it is written and as the largest number.
        for size in (b"\x3f\xe2\x1f", b"\x3f\xff\xff\xff\x7f", b"\x3f\xe0\xff\xff\xff\x0f"):
            with self.subTest(size=size):
                self.connection_error(COMPRESSION_ERROR, (HEADERS, 5, 1, size + self.START))
        # A client that offers 4 GiB does not make the server keep them.
        client = self.client()
        client.frame(SETTINGS, 0, 0, b"\0\1\xff\xff\xff\xff")
        before = self.server.memory()
        for n in range(200):
            self.assertEqual(client.get("/hello", headers=[("x-new-%d" % n, "v" * 1000)]).status, 200)
        self.assertLess(self.server.memory(), before + (8 << 20))

    def test_hpack_length_shift(self):
        for number in (b"\xff" * 5 + b"\x7f", b"\x80" * 9 + b"\x01", b"\x80" * 200 + b"\x01", b"\xff" * 60):
            for field in (b"\x7f" + number, b"\x40\x7f" + number, b"\x40\x01x\x7f" + number, b"\xff" + number, b"\x3f" + number):
                with self.subTest(field=field):
                    self.connection_error(COMPRESSION_ERROR, (HEADERS, 5, 1, self.START + field))

    def test_header_bounds(self):
        # Texts that are longer than the block, an index without an entry, Huffman codes that end inside.
        for field in (b"\x40\x05abc", b"\x40\x01x\x7e", b"\xbf", b"\x40\x01x\x82\xff\xff", b"\x40", b"\x40\x01x"):
            with self.subTest(field=field):
                self.connection_error(COMPRESSION_ERROR, (HEADERS, 5, 1, self.START + field))

    def test_zero_lengths(self):
        for code, *frames in [
            (FRAME_SIZE_ERROR, (SETTINGS, 1, 0, b"x")),
            (FRAME_SIZE_ERROR, (RST_STREAM, 0, 1, b"")),
            (FRAME_SIZE_ERROR, (WINDOW_UPDATE, 0, 0, b"")),
            (FRAME_SIZE_ERROR, (GOAWAY, 0, 0, b"")),
            (PROTOCOL_ERROR, (HEADERS, 13, 1, b"\xff" + self.START)),
        ]:
            with self.subTest(frames=frames):
                self.connection_error(code, *frames)
        for frames in [
            [(HEADERS, 13, 1, b"")],
            [(HEADERS, 0x25, 1, b"")],
            [(HEADERS, 4, 1, self.START), (DATA, 9, 1, b"")],
            [(PRIORITY, 0, 1, b"")],
            [(HEADERS, 1, 1, b""), (CONTINUATION, 4, 1, b"")],
        ]:
            with self.subTest(frames=frames):
                client = self.client()
                client.ping()
                for frame in frames:
                    client.frame(*frame)
                client.close()
                self.still_serves()

    def test_negative_content_length(self):
        for value in ("-1", "-0", "+1", "0x1", "18446744073709551616", "1,2"):
            with self.subTest(value=value):
                client = self.client(validate=False)
                stream = client.get("/hello", headers=[("content-length", value)])
                self.assertTrue(stream.reset is not None or stream.status in (400, 413), (stream.status, stream.reset))
                self.still_serves()

    test_continuation_flood = Floods.test_empty_continuations
    flood = Floods.flood


for inherited in [name for name in vars(Faults) if name.startswith("test_")]:
    setattr(Causes, inherited, None)
