"""mosquitto: MQTT over ws and wss, in its own poll loop. Debian 13's is built with libwebsockets, Debian 12's is not."""
import asyncio
import os
import socket
import struct
import sys

import websockets

import apps
from apps import expect

PACKAGES = ["mosquitto"]
FILES = ["/usr/sbin/mosquitto"]

CONFIGURATION = """
allow_anonymous true
persistence false
log_dest stderr
log_type error
log_type warning
log_type notice
websockets_log_level 7
user root
listener {ws} 127.0.0.1
protocol websockets
http_dir {pages}
listener {wss} 127.0.0.1
protocol websockets
cafile {certs}/ca.pem
certfile {certs}/server.pem
keyfile {certs}/server.key
listener {mutual} 127.0.0.1
protocol websockets
cafile {certs}/ca.pem
certfile {certs}/server.pem
keyfile {certs}/server.key
require_certificate true
listener {mqtt} 127.0.0.1
"""


def text(words):
    words = words.encode()
    return struct.pack(">H", len(words)) + words


def packet(first, body):
    """A control packet of MQTT 3.1.1: type and flags, length in groups of seven bits, body."""
    length, groups = len(body), b""
    while True:
        groups += bytes([length % 128 | (128 if length > 127 else 0)])
        length //= 128
        if not length:
            return bytes([first]) + groups + body


class Client:
    """Reads a stream of packets; where messages of the websocket begin and end means nothing."""

    def __init__(self, connection):
        self.connection, self.unread, self.number = connection, b"", 0

    async def send(self, first, body=b""):
        await self.connection.send(packet(first, body))

    async def take(self, count):
        while len(self.unread) < count:
            self.unread += await asyncio.wait_for(self.connection.recv(), apps.PATIENCE)
        found, self.unread = self.unread[:count], self.unread[count:]
        return found

    async def receive(self):
        """The next packet: (type and flags, body)."""
        first, = await self.take(1)
        length = shift = 0
        while True:
            group, = await self.take(1)
            length |= (group & 127) << shift
            shift += 7
            if group < 128:
                return first, await self.take(length)

    async def wanted(self, kind):
        first, body = await self.receive()
        expect(first >> 4 == kind, "packet type %d, not %d" % (first >> 4, kind))
        return body

    async def connect(self, name, will=None):
        flags = 2 | (4 if will else 0)
        await self.send(0x10, text("MQTT") + bytes([4, flags, 0, 60]) + text(name) + (text(will[0]) + text(will[1]) if will else b""))
        return (await self.wanted(2))[1]

    async def subscribe(self, topic, quality=0):
        self.number += 1
        await self.send(0x82, struct.pack(">H", self.number) + text(topic) + bytes([quality]))
        return (await self.wanted(9))[2]

    async def publish(self, topic, payload, quality=0, retain=False):
        """Sends, and goes through the acknowledgements of its quality of service."""
        self.number += 1
        number = struct.pack(">H", self.number) if quality else b""
        await self.send(0x30 | quality << 1 | retain, text(topic) + number + payload)
        if quality == 1:
            expect(await self.wanted(4) == number, "PUBACK")
        if quality == 2:
            expect(await self.wanted(5) == number, "PUBREC")
            await self.send(0x62, number)
            expect(await self.wanted(7) == number, "PUBCOMP")

    async def message(self):
        """The next message for this client: (topic, payload, quality, retained); acknowledges it."""
        first, body = await self.receive()
        expect(first >> 4 == 3, "packet type %d, not PUBLISH" % (first >> 4))
        quality, length = first >> 1 & 3, struct.unpack(">H", body[:2])[0]
        topic, rest = body[2:2 + length].decode(), body[2 + length:]
        if quality:
            number, rest = rest[:2], rest[2:]
            await self.send(0x40 if quality == 1 else 0x50, number)
            if quality == 2:
                expect(await self.wanted(6) == number, "PUBREL")
                await self.send(0x70, number)
        return topic, rest, quality, first & 1


def dial(url, app, tls=None, **more):
    more.setdefault("subprotocols", ["mqtt"])
    return websockets.connect(url, ssl=(tls or app.tls()) if url.startswith("wss") else None, max_size=None, **more)


async def talk(url, app, say, name, tls=None):
    async with dial(url, app, tls) as one, dial(url, app, tls, subprotocols=["mqttv3.1", "mqtt"]) as two:
        say("%s: subprotocols %s and %s" % (name, one.subprotocol, two.subprotocol))
        listener, speaker = Client(one), Client(two)
        say("%s: connect %d %d" % (name, await listener.connect(name + "-listener"), await speaker.connect(name + "-speaker")))
        say("%s: subscribe %d" % (name, await listener.subscribe(name + "/#", 2)))
        for quality in (0, 1, 2):
            # The acknowledgements of both sides depend on each other.
            sent = asyncio.ensure_future(speaker.publish(name + "/room", b"quality %d" % quality, quality))
            topic, payload, got, _ = await listener.message()
            await sent
            say("%s: %s %s, quality %d" % (name, topic, payload.decode(), got))
        for size in (125, 126, 1023, 1024, 4096, 65535, 65536, 300000, 3000000):
            payload = os.urandom(size)
            sent = asyncio.ensure_future(speaker.publish(name + "/large", payload, 1))
            got = (await listener.message())[1]
            await sent
            expect(got == payload, "%s: a message of %d bytes" % (name, size))
        say("%s: large messages arrived" % name)
        # Packets cut anywhere: bytes alone, in fragments of one message, and many in one message.
        whole = packet(0x30, text(name + "/cut") + b"in pieces")
        for byte in whole:
            await speaker.connection.send(bytes([byte]))
        say("%s: %s" % (name, (await listener.message())[1].decode()))
        await speaker.connection.send([whole[:1], whole[1:2], whole[2:9], whole[9:]])
        say("%s: %s of one message" % (name, (await listener.message())[1].decode()))
        await speaker.connection.send(b"".join(packet(0x30, text(name + "/many") + b"%d" % number) for number in range(200)))
        numbers = [int((await listener.message())[1]) for _ in range(200)]
        say("%s: 200 packets in one message, in order %s" % (name, numbers == list(range(200))))
        await speaker.send(0xC0)
        await speaker.wanted(13)
        await asyncio.wait_for(await two.ping(b"still there?"), apps.PATIENCE)
        say("%s: both kinds of ping answered" % name)
        await speaker.send(0xE0)
        await apps.over(two)
    say("%s: disconnected, close code %s" % (name, one.close_code))


async def refused(url, app, tls=None, **more):
    try:
        async with dial(url, app, tls, open_timeout=10, **more):
            return "accepted"
    except (websockets.InvalidHandshake, EOFError, OSError):
        return "refused"


async def scenario(app, say):
    ws, wss, mutual, mqtt = apps.free_ports(4)
    app.write("pages/index.html", "<title>broker</title>")
    app.write("pages/data.json", "{}")
    command = ["/usr/sbin/mosquitto", "-c", app.write("mosquitto.conf", CONFIGURATION.format(
        ws=ws, wss=wss, mutual=mutual, mqtt=mqtt, pages=app.path("pages"), certs=app.certs))]
    await app.start(*command)
    for port in (ws, wss, mutual, mqtt):
        await app.listening(port)
    app.library()
    say("mosquitto is up")
    plain, secure, strict = "ws://127.0.0.1:%d/" % ws, "wss://localhost:%d/mqtt" % wss, "wss://localhost:%d/" % mutual
    await talk(plain, app, say, "ws")
    await talk(secure, app, say, "wss")
    known = app.tls()
    known.load_cert_chain(os.path.join(app.certs, "client.pem"), os.path.join(app.certs, "client.key"))
    await talk(strict, app, say, "wss with a certificate", known)
    say("without a certificate: " + await refused(strict, app))
    say("unknown subprotocol: " + await refused(plain, app, subprotocols=["chat"]))
    say("ws on the wss port: " + await refused("ws://127.0.0.1:%d/" % wss, app))
    for path in ("/", "/data.json", "/no-such-file", "/../mosquitto.conf"):
        code, headers, body = await apps.http(ws, b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % path.encode())
        say("page %s: %d %s %r" % (path, code, headers.get("content-type") if code == 200 else "", body if code == 200 else ""))

    # Retained messages, and the last will of a client that is reset.
    async with dial(plain, app) as connection:
        client = Client(connection)
        await client.connect("keeper")
        await client.publish("kept/one", b"for who comes later", 1, retain=True)
    async with dial(secure, app) as connection:
        client = Client(connection)
        await client.connect("later")
        await client.subscribe("kept/#")
        say("retained: %s" % ((await client.message()),))
        await client.subscribe("wills/#")
        for number, url in enumerate((plain, secure)):
            victim = await dial(url, app)
            await Client(victim).connect("victim%d" % number, ("wills/%d" % number, "gone %d" % number))
            victim.transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            victim.transport.abort()
            say("will: %s" % ((await client.message())[:2],))
        # The same name again: the first client is thrown out.
        again = await dial(plain, app)
        await Client(again).connect("later")
        await apps.over(connection)
        say("taken over: the first is gone")
        await again.close()

    # From MQTT without websockets to those with.
    async with dial(plain, app) as connection:
        client = Client(connection)
        await client.connect("bridge")
        await client.subscribe("plain/#")
        reader, writer = await asyncio.open_connection("127.0.0.1", mqtt)
        writer.write(packet(0x10, text("MQTT") + bytes([4, 2, 0, 60]) + text("tcp")) + packet(0x30, text("plain/tcp") + b"by TCP"))
        say("from TCP: %s" % (await client.message())[1].decode())
        writer.close()

    # Many at once, each hears each.
    async def one(number):
        async with dial(secure if number % 4 == 0 else plain, app, open_timeout=60) as connection:
            client = Client(connection)
            await client.connect("many%d" % number)
            await client.subscribe("all")
            ready.append(number)
            if len(ready) == 40:
                everybody.set()
            await everybody.wait()
            await client.publish("all", b"%d" % number)
            heard = {int((await client.message())[1]) for _ in range(40)}
            done.append(number)
            if len(done) == 40:
                finished.set()
            await finished.wait()
            return len(heard)
    ready, done, everybody, finished = [], [], asyncio.Event(), asyncio.Event()
    heard = await asyncio.gather(*[one(number) for number in range(40)])
    app.complete(say, "40 clients hear 40 messages each", set(heard), {40})

    held = [await dial(plain, app), await dial(secure, app)]
    for number, connection in enumerate(held):
        await Client(connection).connect("held%d" % number)
    say("SIGTERM: status %d" % await app.stop())
    for connection in held:
        await apps.over(connection)
    say("all clients saw the end")


if __name__ == "__main__":
    sys.exit(apps.main(sys.modules[__name__]))
