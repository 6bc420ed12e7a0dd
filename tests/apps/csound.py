"""csound's websocket opcode: a server inside a sound synthesizer; each variable is a subprotocol, values are doubles."""
import asyncio
import struct
import sys

import websockets

import apps
from apps import expect

PACKAGES = ["csound", "csound-plugins"]
FILES = ["/usr/bin/csound", "/usr/lib/x86_64-linux-gnu/csound/plugins64-6.0/libwebsocketIO.so"]

SCORE = """<CsoundSynthesizer>
<CsOptions>
-odac -+rtaudio=null -d -m0
</CsOptions>
<CsInstruments>
sr = 44100
ksmps = 441
nchnls = 1
0dbfs = 1
instr 1
kin init 0
kback init 0
kback websocket %d, kin
kin = kback * 2
endin
</CsInstruments>
<CsScore>
i1 0 60
</CsScore>
</CsoundSynthesizer>
"""


async def scenario(app, say):
    port, = apps.free_ports(1)
    await app.start("/usr/bin/csound", app.write("test.csd", SCORE % port))
    await app.listening(port)
    app.library()
    say("csound is up")

    def connect(name):
        return websockets.connect("ws://127.0.0.1:%d/" % port, subprotocols=[name], open_timeout=10, close_timeout=5)

    async def value(connection, wanted):
        """Reads doubles until the wanted one comes; csound sends the variable each time it is computed."""
        end = asyncio.get_running_loop().time() + apps.PATIENCE
        while True:
            message = await asyncio.wait_for(connection.recv(), apps.PATIENCE)
            expect(len(message) == 8, "a message of %d bytes" % len(message))
            got = struct.unpack("d", message)[0]
            if got == wanted:
                return got
            expect(asyncio.get_running_loop().time() < end, "still %r, not %r" % (got, wanted))

    async with connect("kin") as reader, connect("kback") as writer:
        say("subprotocols %s and %s" % (reader.subprotocol, writer.subprotocol))
        for number in (21.0, -0.5, 1e300):
            await writer.send(struct.pack("d", number))
            say("sent %g, csound answers %g" % (number, await value(reader, number * 2)))
        await writer.send(struct.pack("d", 3.0) * 2)  # not the size of the variable: dumped
        await writer.send(struct.pack("d", 4.0))
        say("after a message of the wrong size: %g" % await value(reader, 8.0))
    try:
        async with connect("knobody") as connection:
            say("unknown variable: accepted")
    except (websockets.InvalidHandshake, EOFError, OSError):
        say("unknown variable: refused")
    async with connect("kin") as reader:
        say("once more: %g" % await value(reader, 8.0))
        status = await app.stop()
        # csound ends without a word to its clients, or with a close; either way the connection is over.
        await apps.over(reader)
    say("SIGTERM: ended, status %d" % status)


if __name__ == "__main__":
    sys.exit(apps.main(sys.modules[__name__]))
