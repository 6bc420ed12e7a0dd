"""swupdate: its handler `swuforward` passes a software update on to another device by POST, and follows its progress by ws."""
import asyncio
import hashlib
import json
import os
import subprocess
import sys

import apps
from apps import expect

try:
    from aiohttp import web
except ImportError:
    print("SKIPPED: this Python has no aiohttp")
    sys.exit(apps.SKIP)

PACKAGES = ["swupdate"]
FILES = ["/usr/bin/swupdate"]
PROTOCOL = "swupdate-status-protocol"

DESCRIPTION = """software =
{
	version = "1.0";
	hardware-compatibility: [ "1.0" ];
	images: ( {
		filename = "inner.swu";
		type = "swuforward";
		sha256 = "%s";
		properties: { url = [ %s ]; };
	} );
};
"""


def archive(files):
    """An update is a cpio archive with checksums."""
    def entry(number, name, data):
        name = name.encode() + b"\0"
        fields = (number, 0o100644 if data else 0, 0, 0, 1, 0, len(data), 0, 0, 0, 0, len(name), sum(data) & 0xFFFFFFFF)
        head = b"070702" + b"".join(b"%08X" % field for field in fields) + name
        return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)
    whole = b"".join(entry(number, name, data) for number, (name, data) in enumerate(files, 1)) + entry(0, "TRAILER!!!", b"")
    return whole + b"\0" * (-len(whole) % 512)


class Device:
    """The other device: takes the update, and tells what it does with it."""

    def __init__(self, name, script):
        self.name, self.script = name, script
        self.connected, self.uploaded = asyncio.Event(), asyncio.Event()
        self.update, self.runner = None, None

    async def listen(self, port):
        application = web.Application(client_max_size=1 << 24)
        application.router.add_post("/upload", self.upload)
        application.router.add_get("/{path:.*}", self.progress)
        self.runner = web.AppRunner(application)
        await self.runner.setup()
        await web.TCPSite(self.runner, "127.0.0.1", port).start()

    async def upload(self, request):
        field = await (await request.multipart()).next()
        self.update = bytes(await field.read())
        self.uploaded.set()
        return web.Response(text="ok")

    async def progress(self, request):
        connection = web.WebSocketResponse(protocols=[PROTOCOL])
        await connection.prepare(request)
        self.protocol, self.path = connection.ws_protocol, request.path
        self.connected.set()
        await self.uploaded.wait()
        for message in self.script:
            await connection.send_str(json.dumps(message))
        # Until swupdate has heard the result and hangs up.
        async for _ in connection:
            pass
        return connection

    async def close(self):
        await self.runner.cleanup()


def status(word):
    return {"type": "status", "status": word}


def text(words, level="6"):
    return {"type": "message", "level": level, "text": words}


async def forward(app, say, name, scripts, inner):
    """One run of swupdate with as many devices as there are scripts."""
    devices, ports = [], apps.free_ports(len(scripts))
    for number, script in enumerate(scripts):
        devices.append(Device("%s, device %d" % (name, number), script))
        await devices[-1].listen(ports[number])
    description = (DESCRIPTION % (hashlib.sha256(inner).hexdigest(), ", ".join('"http://127.0.0.1:%d"' % port for port in ports))).encode()
    with open(app.path("sw-description"), "wb") as out:
        out.write(description)
    subprocess.run(["openssl", "cms", "-sign", "-in", "sw-description", "-out", "sw-description.sig", "-signer", "signer.pem",
                    "-inkey", "signer.key", "-outform", "DER", "-nosmimecap", "-binary"], cwd=app.folder, check=True)
    with open(app.path("sw-description.sig"), "rb") as signature, open(app.path("outer.swu"), "wb") as out:
        out.write(archive([("sw-description", description), ("sw-description.sig", signature.read()), ("inner.swu", inner)]))
    # Its sockets and temporary files are not those of another swupdate.
    temporary = app.path("tmp")
    os.makedirs(temporary, exist_ok=True)
    await app.start("/usr/bin/swupdate", "-v", "-M", "-m", "-k", app.path("signer.pem"), "-H", "test:1.0", "-i", app.path("outer.swu"),
                    env={"TMPDIR": temporary})
    await asyncio.wait_for(asyncio.gather(*[device.connected.wait() for device in devices]), apps.PATIENCE)
    app.library()
    code = await app.ended()
    for device in devices:
        expect(device.update == inner, "%s got %s" % (device.name, device.update and len(device.update)))
        say("%s: subprotocol %s, path %s, update arrived" % (device.name, device.protocol, device.path))
        await device.close()
    return code


async def scenario(app, say):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "signer.key", "-out", "signer.pem", "-days", "2",
                    "-subj", "/CN=signer", "-addext", "extendedKeyUsage=emailProtection", "-addext", "keyUsage=digitalSignature"],
                   cwd=app.folder, check=True, stderr=subprocess.DEVNULL)
    small = archive([("sw-description", b'software = { version = "1"; };')])
    large = archive([("sw-description", b'software = { version = "1"; };'), ("image", bytes(range(256)) * 4096)])
    steps = [{"type": "step", "number": "1", "step": "1", "name": "image", "percent": str(percent)} for percent in range(0, 101)]
    end = [text("finished well"), status("SUCCESS")]

    code = await forward(app, say, "one", [[status("START"), text("hello from the device"), status("RUN"), *steps, *end]], small)
    heard = [line.split(" : ")[-1] for line in app.lines if "hello from the device" in line]
    # swupdate itself is at times in doubt whether the end it was told of came before the connection closed, on both libraries.
    expect(code in (0, 1), "status %d" % code)
    say("only one: status %d" % code)
    say("one: swupdate shows %r" % heard)
    code = await forward(app, say, "three", [[text("the device %d" % number, "3"), status("RUN"), *end] for number in range(3)], large)
    heard = sorted(line.split(" : ")[-1] for line in app.lines if "the device " in line)
    expect(code in (0, 1), "status %d" % code)
    say("only three: status %d" % code)
    say("three: swupdate shows %r" % heard)
    code = await forward(app, say, "failing", [[status("RUN"), text("no", "3"), status("FAILURE")]], small)
    say("failing: status %d" % code)


if __name__ == "__main__":
    sys.exit(apps.main(sys.modules[__name__]))
