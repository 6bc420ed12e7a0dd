"""kamailio's lwsc module, a websocket client that SIP routes use: requests with an answer, notices, refused peers."""
import asyncio
import sys

import websockets

import apps
from apps import expect

PACKAGES = ["kamailio", "kamailio-lwsc-modules"]
FILES = ["/usr/sbin/kamailio", "/usr/lib/x86_64-linux-gnu/kamailio/modules/lwsc.so"]

CONFIG = """#!KAMAILIO
debug=2
log_stderror=yes
fork=yes
children=4
listen=udp:127.0.0.1:%(sip)d
disable_tcp=yes
mpath="/usr/lib/x86_64-linux-gnu/kamailio/modules/"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "xlog.so"
loadmodule "textops.so"
loadmodule "lwsc.so"
modparam("lwsc", "protocol", "kmsg")
modparam("lwsc", "timeout_init", 3000000)
modparam("lwsc", "timeout_read", 3000000)
modparam("lwsc", "verbosity", 0)

request_route {
	$var(said) = "nothing";
	if ($rU == "request") {
		if (lwsc_request("ws://127.0.0.1:%(ws)d/some/path", "$hdr(X-Data)")) { $var(said) = $lwsc(rdata); }
	} else if ($rU == "proto") {
		if (lwsc_request_proto("ws://127.0.0.1:%(ws)d/", "other", "$hdr(X-Data)")) { $var(said) = $lwsc(rdata); }
	} else if ($rU == "notify") {
		if (lwsc_notify("ws://127.0.0.1:%(ws)d/notice", "$hdr(X-Data)")) { $var(said) = "sent"; }
	} else if ($rU == "refused") {
		if (lwsc_request("ws://127.0.0.1:%(nobody)d/", "$hdr(X-Data)")) { $var(said) = $lwsc(rdata); }
	}
	sl_send_reply("200", "$var(said)");
	exit;
}
"""


class Sip(asyncio.DatagramProtocol):
    """Sends OPTIONS and takes the reason phrase of the answer."""

    def __init__(self):
        self.waiting = {}

    def connection_made(self, transport):
        self.transport = transport

    def datagram_received(self, data, _):
        head = data.decode()
        call = next(line.split(":", 1)[1].strip() for line in head.split("\r\n") if line.lower().startswith("call-id"))
        if call in self.waiting and not self.waiting[call].done():
            self.waiting[call].set_result(head.split("\r\n")[0].split(" ", 2)[2])

    async def ask(self, port, user, data):
        call = "c%d" % len(self.waiting)
        self.waiting[call] = asyncio.get_running_loop().create_future()
        mine = self.transport.get_extra_info("sockname")[1]
        self.transport.sendto(("OPTIONS sip:%s@127.0.0.1:%d SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:%d;branch=z9hG4bK%s;rport\r\n"
                               "From: <sip:a@127.0.0.1>;tag=1\r\nTo: <sip:b@127.0.0.1>\r\nCall-ID: %s\r\nCSeq: 1 OPTIONS\r\n"
                               "Max-Forwards: 70\r\nX-Data: %s\r\nContent-Length: 0\r\n\r\n"
                               % (user, port, mine, call, call, data)).encode(), ("127.0.0.1", port))
        return await asyncio.wait_for(self.waiting[call], apps.PATIENCE)


async def scenario(app, say):
    sip, ws, nobody = apps.free_ports(3)
    heard = asyncio.Queue()

    async def serve(connection):
        try:
            async for message in connection:
                text = message if isinstance(message, str) else message.decode()
                await heard.put((connection.request.path, connection.subprotocol, text))
                if connection.request.path != "/notice":
                    await connection.send("answer to " + text)
        except websockets.ConnectionClosed:
            pass

    server = await websockets.serve(serve, "127.0.0.1", ws, subprotocols=["kmsg", "other"])
    app.write("kamailio.cfg", CONFIG % {"sip": sip, "ws": ws, "nobody": nobody})
    await app.start("/usr/sbin/kamailio", "-DD", "-E", "-f", app.path("kamailio.cfg"), "-Y", app.folder, "-m", "32", "-M", "4", "-w", app.folder)
    _, client = await asyncio.get_running_loop().create_datagram_endpoint(Sip, local_addr=("127.0.0.1", 0))
    for _ in range(200):
        with open("/proc/net/udp") as table:
            if "0100007F:%04X" % sip in table.read():
                break
        expect(app.process.returncode is None, "kamailio ended with %s" % app.process.returncode)
        await asyncio.sleep(0.05)
    app.library()
    say("kamailio is up")

    say("request: " + await client.ask(sip, "request", "hello"))
    say("the peer heard %s, %s, %s" % await heard.get())
    say("request with another subprotocol: " + await client.ask(sip, "proto", "hallo"))
    say("the peer heard %s, %s, %s" % await heard.get())
    say("notice: " + await client.ask(sip, "notify", "look"))
    say("the peer heard %s, %s, %s" % await asyncio.wait_for(heard.get(), apps.PATIENCE))
    say("nobody there: " + await client.ask(sip, "refused", "hello"))
    for size in (100, 1000):
        answer = await client.ask(sip, "request", "x" * size)
        say("request of %d bytes: %s" % (size, answer == "answer to " + "x" * size))
        await heard.get()

    right = 0
    for number in range(40):
        right += await client.ask(sip, "request", "number %d" % number) == "answer to number %d" % number
    app.complete(say, "40 requests one after the other, right", right, 40)
    answers = await asyncio.gather(*[client.ask(sip, "request", "at once %d" % number) for number in range(40)])
    app.complete(say, "40 requests at once, right",
                 sum(answer == "answer to at once %d" % n for n, answer in enumerate(answers)), 40)
    say("SIGTERM: status %d" % await app.stop())
    server.close()


if __name__ == "__main__":
    sys.exit(apps.main(sys.modules[__name__]))
