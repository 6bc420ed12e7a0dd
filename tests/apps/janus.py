"""janus: its websockets transport (server: ws and wss, API and admin API) and its websockets event handler (client)."""
import asyncio
import contextlib
import json
import os
import socket
import ssl
import struct
import sys

import websockets

import apps
from apps import expect

PACKAGES = ["janus"]
LIBRARIES = "/usr/lib/x86_64-linux-gnu/janus"
FILES = ["/usr/bin/janus", LIBRARIES + "/transports/libjanus_websockets.so", LIBRARIES + "/events/libjanus_wsevh.so"]


class Backend:
    """What the event handler reports to: a websocket server that collects events."""

    def __init__(self):
        self.events, self.connections, self.protocols = [], [], []
        self.arrived = asyncio.Event()
        self.server = None

    async def listen(self, port, tls=None):
        self.server = await websockets.serve(self.serve, "127.0.0.1", port, subprotocols=["janus-events"], ssl=tls)

    async def serve(self, connection):
        self.connections.append(connection)
        self.protocols.append(connection.subprotocol)
        self.arrived.set()
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                found = json.loads(await connection.recv())
                self.events += found if isinstance(found, list) else [found]
                self.arrived.set()

    async def wait(self, condition, what):
        end = asyncio.get_running_loop().time() + apps.PATIENCE
        while not condition():
            expect(asyncio.get_running_loop().time() < end, what)
            self.arrived.clear()
            try:
                await asyncio.wait_for(self.arrived.wait(), 1)
            except asyncio.TimeoutError:
                pass

    async def close(self):
        self.server.close()
        await self.server.wait_closed()


class Client:
    """One connection that speaks the protocol of janus."""

    def __init__(self, connection):
        self.connection, self.number = connection, 0

    async def send(self, **message):
        self.number += 1
        message["transaction"] = "t%d" % self.number
        await self.connection.send(json.dumps(message))
        return message["transaction"]

    async def ask(self, **message):
        """The first answer to this request; events in between are dropped."""
        transaction = await self.send(**message)
        while True:
            answer = json.loads(await asyncio.wait_for(self.connection.recv(), apps.PATIENCE))
            if answer.get("transaction") == transaction:
                return answer


def connect(url, app, **more):
    more.setdefault("subprotocols", ["janus-protocol"])
    return websockets.connect(url, ssl=app.tls() if url.startswith("wss") else None, max_size=None, **more)


async def session(url, app, say, name):
    """What a web page does: info, create, attach, message, keepalive, detach, destroy."""
    async with connect(url, app) as connection:
        say("%s: subprotocol %s" % (name, connection.subprotocol))
        client = Client(connection)
        info = await client.ask(janus="info")
        say("%s: info: %s, %s" % (name, info["janus"], info["name"]))
        created = await client.ask(janus="create")
        number = created["data"]["id"]
        attached = await client.ask(janus="attach", session_id=number, plugin="janus.plugin.echotest")
        handle = attached["data"]["id"]
        say("%s: create: %s, attach: %s" % (name, created["janus"], attached["janus"]))
        # The acknowledgement and the plugin's event come from two threads of janus, in either order.
        await client.send(janus="message", session_id=number, handle_id=handle, body={"audio": True, "video": False})
        answers = [json.loads(await asyncio.wait_for(connection.recv(), apps.PATIENCE)) for _ in range(2)]
        answers.sort(key=lambda answer: answer["janus"])
        say("%s: message: %s, %s %s" % (name, answers[0]["janus"], answers[1]["janus"], answers[1]["plugindata"]["data"]))
        say("%s: keepalive: %s" % (name, (await client.ask(janus="keepalive", session_id=number))["janus"]))
        wrong = await client.ask(janus="attach", session_id=number, plugin="janus.plugin.none")
        say("%s: unknown plugin: %s %d" % (name, wrong["janus"], wrong["error"]["code"]))
        say("%s: detach: %s" % (name, (await client.ask(janus="detach", session_id=number, handle_id=handle))["janus"]))
        say("%s: destroy: %s" % (name, (await client.ask(janus="destroy", session_id=number))["janus"]))
        say("%s: destroyed session: %d" % (name, (await client.ask(janus="keepalive", session_id=number))["error"]["code"]))
        pong = await connection.ping(b"still there?")
        await asyncio.wait_for(pong, apps.PATIENCE)
        say("%s: ping answered" % name)
        await connection.close(1000)
        say("%s: close %s" % (name, connection.close_code))


async def refused(url, app, **more):
    try:
        async with connect(url, app, open_timeout=10, **more):
            return "accepted"
    except (websockets.InvalidHandshake, EOFError, OSError):
        return "refused"


def configure(app, name, backend, ws, wss, admin):
    """Writes the configuration for an event handler that reports to `backend`; returns the command."""
    if not os.path.exists(app.path("transports")):
        for kind, library in (("transports", "libjanus_websockets.so"), ("events", "libjanus_wsevh.so"),
                              ("plugins", "libjanus_echotest.so"), ("loggers", None)):
            os.mkdir(app.path(kind))
            if library:
                os.symlink(os.path.join(LIBRARIES, kind, library), app.path(kind, library))
    folders = "".join('%s_folder = "%s"\n' % (kind, app.path(kind)) for kind in ("plugins", "transports", "events", "loggers"))
    app.write(name + "/janus.jcfg", """general: {
	configs_folder = "%s"
	%s
	debug_level = 4
	admin_secret = "overlord"
	server_name = "under test"
}
nat: { nice_debug = false }
events: { broadcast = true }
""" % (app.path(name), folders))
    app.write(name + "/janus.transport.websockets.jcfg", """general: {
	json = "plain"
	ws = true
	ws_port = %d
	ws_ip = "127.0.0.1"
	wss = true
	wss_port = %d
	wss_ip = "127.0.0.1"
	ws_logging = "err,warn,notice"
}
admin: {
	admin_ws = true
	admin_ws_port = %d
	admin_ws_ip = "127.0.0.1"
}
certificates: {
	cert_pem = "%s/server.pem"
	cert_key = "%s/server.key"
}
""" % (ws, wss, admin, app.certs, app.certs))
    app.write(name + "/janus.eventhandler.wsevh.jcfg", """general: {
	enabled = true
	events = "sessions,handles"
	grouping = true
	json = "plain"
	backend = "%s"
	subprotocol = "janus-events"
	ws_logging = "err,warn,notice"
}
""" % backend)
    return ["/usr/bin/janus", "-F", app.path(name), "-C", app.path(name, "janus.jcfg")]


async def scenario(app, say):
    await servers(app, say)
    await secure_event_handler(app, say)


async def secure_event_handler(app, say):
    """The event handler as a client of wss: it verifies the backend with the authorities of the system."""
    ws, wss, admin, port = apps.free_ports(4)
    command = configure(app, "secure", "wss://localhost:%d/secure/events" % port, ws, wss, admin)
    trusted = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trusted.load_cert_chain(os.path.join(app.certs, "server.pem"), os.path.join(app.certs, "server.key"))
    backend = Backend()
    await backend.listen(port, trusted)
    # The variable of OpenSSL says whom the system trusts.
    await app.start(*command, env={"SSL_CERT_FILE": os.path.join(app.certs, "ca.pem")})
    await app.log("WebSockets thread started")
    await backend.wait(lambda: backend.connections, "the event handler did not connect by TLS")
    first = backend.connections[0]
    say("wss event handler: %s, path %s, %s" % (backend.protocols[0], first.request.path,
                                                first.transport.get_extra_info("ssl_object").version()))
    await app.listening(ws)
    await session("ws://127.0.0.1:%d/" % ws, app, say, "with a wss event handler")
    # The last two may come in any order.
    def names():
        return sorted(event["event"]["name"] for event in backend.events)
    await backend.wait(lambda: {"detached", "destroyed"} <= set(names()), "events are missing")
    say("wss event handler: " + ", ".join(names()))
    # The backend ends the connection; the handler comes back, by TLS again.
    await first.close(1001)
    await backend.wait(lambda: len(backend.connections) > 1, "the event handler did not come back")
    say("wss event handler: came back")
    say("SIGTERM: status %d" % await app.stop())
    for connection in backend.connections:
        await apps.over(connection)
    await backend.close()

    # An authority that did not sign: nothing is ever sent, and the handler says so.
    backend = Backend()
    await backend.listen(port, trusted)
    await app.start(*command, env={"SSL_CERT_FILE": os.path.join(app.certs, "other-ca.pem")})
    await app.log("WebSocketsEventHandler: Error connecting to backend")
    # A signal before janus is up makes it hang at times, whatever the library.
    await app.log("WebSockets thread started")
    expect(not backend.connections, "the event handler trusts anybody")
    say("wss event handler: an unknown authority is refused")
    say("SIGTERM: status %d" % await app.stop())
    await backend.close()


async def servers(app, say):
    ws, wss, admin, backend_port = apps.free_ports(4)
    command = configure(app, "cfg", "ws://127.0.0.1:%d/events?for=test" % backend_port, ws, wss, admin)
    backend = Backend()
    await backend.listen(backend_port)
    await app.start(*command)
    await app.log("WebSockets thread started")
    for port in (ws, wss, admin):
        await app.listening(port)
    app.library()
    say("janus is up")
    plain, secure = "ws://127.0.0.1:%d/" % ws, "wss://localhost:%d/" % wss

    # The event handler, as a client.
    await backend.wait(lambda: backend.connections, "the event handler did not connect")
    say("event handler: %s, path %s" % (backend.protocols[0], backend.connections[0].request.path))

    await session(plain, app, say, "ws")
    await session(secure, app, say, "wss")
    await session("ws://127.0.0.1:%d/some/path?and=query" % ws, app, say, "ws with a path")

    # A session is an event when it begins and when it ends (type 1); attach and detach are events, too (type 2).
    def seen(kind, name):
        return sum(event["type"] == kind and event["event"]["name"] == name for event in backend.events)
    await backend.wait(lambda: seen(1, "destroyed") >= 3 and seen(2, "detached") >= 3, "events are missing")
    say("events: %d created, %d attached, %d detached, %d destroyed" % (
        seen(1, "created"), seen(2, "attached"), seen(2, "detached"), seen(1, "destroyed")))

    # The admin API has its own subprotocol.
    async with connect("ws://127.0.0.1:%d/" % admin, app, subprotocols=["janus-admin-protocol"]) as connection:
        answer = await Client(connection).ask(janus="list_sessions", admin_secret="overlord")
        say("admin: %s, %s" % (connection.subprotocol, answer))

    # Who does not speak janus-protocol.
    say("wrong subprotocol: " + await refused(plain, app, subprotocols=["chat"]))
    say("admin's subprotocol on the API port: " + await refused(plain, app, subprotocols=["janus-admin-protocol"]))
    say("second choice: " + await refused(plain, app, subprotocols=["chat", "janus-protocol"]))
    say("plain ws to the wss port: " + await refused("ws://127.0.0.1:%d/" % wss, app))
    status, headers, _ = await apps.http(ws, b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    say("a browser on the ws port: status %d" % status)

    # Large messages in both directions, with and without compression offered, and in fragments.
    for compression in (None, "deflate"):
        async with connect(plain, app, compression=compression) as connection:
            client = Client(connection)
            number = (await client.ask(janus="create"))["data"]["id"]
            for size in (100, 5000, 70000, 1000000):
                answer = await client.ask(janus="keepalive", session_id=number, filler="x" * size)
                expect(answer["janus"] == "ack", "keepalive of %d bytes" % size)
            await connection.send(['{"janus":"keepa', 'live","session_id":%d,' % number, '"transaction":"pieces"}'])
            answer = json.loads(await asyncio.wait_for(connection.recv(), apps.PATIENCE))
            say("compression %s: %s in pieces, extensions %s" % (compression, answer["janus"], len(connection.protocol.extensions)))
            await connection.send("this is not JSON")
            answer = json.loads(await asyncio.wait_for(connection.recv(), apps.PATIENCE))
            say("not JSON: %s" % answer["error"]["code"])
            await connection.send(b"\x00\x01binary")
            answer = json.loads(await asyncio.wait_for(connection.recv(), apps.PATIENCE))
            say("binary: %s" % answer["error"]["code"])

    # Many at once.
    async def one(url, number):
        async with connect(url, app, open_timeout=60) as connection:
            client = Client(connection)
            created = (await client.ask(janus="create"))["data"]["id"]
            handles = [(await client.ask(janus="attach", session_id=created, plugin="janus.plugin.echotest"))["data"]["id"]
                       for _ in range(3)]
            for _ in range(20):
                answer = await client.ask(janus="keepalive", session_id=created)
                expect(answer["janus"] == "ack", "keepalive of client %d" % number)
            expect(len(set(handles)) == 3, "handles")
            return (await client.ask(janus="destroy", session_id=created))["janus"]
    answers = await asyncio.gather(*[one(plain if number % 3 else secure, number) for number in range(90)])
    app.complete(say, "90 clients at once", set(answers), {"success"})

    # Requests sent ahead, answers in any order but complete.
    async with connect(plain, app) as connection:
        client = Client(connection)
        number = (await client.ask(janus="create"))["data"]["id"]
        wanted = {await client.send(janus="keepalive", session_id=number) for _ in range(500)}
        got = {json.loads(await asyncio.wait_for(connection.recv(), apps.PATIENCE))["transaction"] for _ in range(500)}
        app.complete(say, "500 requests ahead, answered", len(got & wanted), 500)

    # Clients that vanish: reset in the middle of things. Their sessions must go, too.
    for number in range(10):
        connection = await connect(plain if number % 2 else secure, app)
        client = Client(connection)
        await client.ask(janus="create")
        raw = connection.transport.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.transport.abort()
    async with connect("ws://127.0.0.1:%d/" % admin, app, subprotocols=["janus-admin-protocol"]) as connection:
        client = Client(connection)
        end = asyncio.get_running_loop().time() + apps.PATIENCE
        while (await client.ask(janus="list_sessions", admin_secret="overlord"))["sessions"]:
            expect(asyncio.get_running_loop().time() < end, "sessions of vanished clients stay")
    say("10 clients vanished, their sessions too")

    # The backend of the event handler goes and comes back; nothing that happened meanwhile is lost.
    held = await connect(plain, app)
    client = Client(held)
    await backend.close()
    mark, connections = len(backend.events), len(backend.connections)
    number = (await client.ask(janus="create"))["data"]["id"]
    await backend.listen(backend_port)
    await backend.wait(lambda: len(backend.connections) > connections, "the event handler did not come back")
    await client.ask(janus="destroy", session_id=number)
    await backend.wait(lambda: any(event["type"] == 1 and event["session_id"] == number and event["event"]["name"] == "destroyed"
                                   for event in backend.events[mark:]), "no event after the backend came back")
    say("event handler: came back")

    # The end, with clients connected.
    others = [await connect(plain, app), await connect(secure, app)]
    status = await app.stop()
    say("SIGTERM: status %d" % status)
    for connection in [held, *others]:
        await apps.over(connection)
    say("all clients saw the end")
    await backend.close()


if __name__ == "__main__":
    sys.exit(apps.main(sys.modules[__name__]))
