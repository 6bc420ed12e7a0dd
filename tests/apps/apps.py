"""Runs a packaged program on one libwebsockets or the other and talks to it.

A test of this folder is a module with PACKAGES, PROGRAM and `async def scenario(app, say)`: it starts the program
with `app.start`, does what its users do, and tells each step with `say(text)`. `main` runs that under our library,
then under the genuine one where it is installed, and the two transcripts must be the same, but for lines that
begin with "only ours" or "only genuine". What is always required is asserted with `expect`.
"""
import argparse
import asyncio
import contextlib
import difflib
import fcntl
import glob
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import traceback

import websockets

SKIP = 77
PATIENCE = float(os.environ.get("OXLWS_APP_PATIENCE", "30"))


class Failed(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Failed(what)


def free_ports(count):
    """Ports that nobody has at the moment; all are held until the last is known."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


# ---- packages

POLICY = "/usr/sbin/policy-rc.d"


def run_quietly(command):
    as_root = [] if os.geteuid() == 0 else ["sudo", "-n"]
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    done = subprocess.run(as_root + command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=environment, text=True)
    return done.returncode, done.stdout


def install_there(root, packages, files):
    """Into another system, whose policy-rc.d starts no services."""
    if all(os.path.exists(root + name) for name in files):
        return None
    install = ["apt-get", "-q", "-y", "--no-install-recommends", "install", *packages]
    code, words = run_quietly(entering(root, []) + install)
    missing = [name for name in files if not os.path.exists(root + name)]
    if "no installation candidate" in words or "Unable to locate package" in words:
        return "the system in %s has no package %s" % (root, " ".join(packages))
    expect(not code and not missing, "apt-get install %s in %s: %s, missing %s" % (packages, root, words[-600:], missing))
    return None


def install(packages, files):
    """None, or why the packages cannot be had. Services of the packages are not started."""
    if all(os.path.exists(name) for name in files):
        return None
    if not shutil.which("apt-get"):
        return "no apt-get here, and %s is missing" % ", ".join(files)
    with open(os.path.join(tempfile.gettempdir(), "oxlws-apps-apt.lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if all(os.path.exists(name) for name in files):
            return None
        code, words = run_quietly(["apt-get", "-q", "update", "-o", "Acquire::Retries=1", "-o", "APT::Update::Error-Mode=any"])
        if code:
            return "apt is not reachable: " + words.strip().splitlines()[-1]
        policy = None
        if os.geteuid() == 0 and not os.path.exists(POLICY):
            policy = POLICY
            with open(policy, "w") as script:
                script.write("#!/bin/sh\nexit 101\n")
            os.chmod(policy, 0o755)
        try:
            code, words = run_quietly(["apt-get", "-q", "-y", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300",
                                       "-o", "Dpkg::Options::=--force-confold", "install", *packages])
        finally:
            if policy:
                os.unlink(policy)
    if code:
        if "Unable to locate package" in words or "has no installation candidate" in words:
            return "this distribution has no package " + " ".join(packages)
        raise Failed("apt-get install %s: %s" % (" ".join(packages), words[-600:]))
    missing = [name for name in files if not os.path.exists(name)]
    expect(not missing, "%s installed, but %s is not there" % (packages, missing))
    return None


# ---- another system

# chroot(8) in a mount namespace that ends with the program; what is shared has the same name on both sides.
ENTER = """root=$1
shift
while [ "$1" != -- ]; do
	mkdir -p "$root$1"
	mount --bind "$1" "$root$1"
	shift
done
shift
mount -t proc proc "$root/proc"
mount --bind /dev "$root/dev"
here=$PWD
exec chroot "$root" sh -c 'cd "$0" 2>/dev/null || cd /; exec "$@"' "$here" "$@"
"""


def entering(root, shared):
    """The words in front of a command that make it run in another system."""
    return ["unshare", "--mount", "--propagation", "private", "sh", "-e", "-c", ENTER, "sh", root, *shared, "--"]


# ---- the program

class App:
    """One program under one library. `ours` is the folder of our libraries, or None for the genuine one; `root` is the
    root folder of another system that the program is from, or "" for this one."""

    def __init__(self, ours, certs, folder, wrapper, root):
        self.ours, self.certs, self.folder, self.wrapper, self.root = ours, certs, folder, wrapper, root
        if root:
            shared = [folder, certs]
            if ours:
                shared += sorted({os.path.dirname(os.path.realpath(path)) for path in [*glob.glob(ours + "/*.so.*"), ours + "/."]})
            self.wrapper = entering(root, shared) + wrapper
        self.process = None
        self.lines = []
        self.arrived = asyncio.Event()
        self.readers = []

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        path = self.path(name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(text)
        return path

    def tls(self):
        context = ssl.create_default_context(cafile=os.path.join(self.certs, "ca.pem"))
        return context

    async def start(self, *command, env=None):
        environment = dict(os.environ, **(env or {}))
        if self.ours:
            before = environment.get("LD_LIBRARY_PATH")
            environment["LD_LIBRARY_PATH"] = self.ours + (":" + before if before else "")
        self.lines = []
        self.process = await asyncio.create_subprocess_exec(
            *self.wrapper, *command, env=environment, cwd=self.folder, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, limit=1 << 20, start_new_session=True)
        self.readers.append(asyncio.ensure_future(self.read(self.process.stdout)))
        return self.process

    async def read(self, stream):
        while True:
            try:
                line = await stream.readline()
            except ValueError:
                line = b"(a line of more than 1 MiB)\n"
            if not line:
                break
            self.lines.append(line.decode("utf-8", "replace").rstrip("\n"))
            self.arrived.set()
        self.arrived.set()

    async def log(self, pattern, count=1, patience=PATIENCE):
        """Waits until the program has printed `count` lines that match."""
        async def wait():
            while True:
                found = [line for line in self.lines if re.search(pattern, line)]
                if len(found) >= count:
                    return found
                if self.process.returncode is not None:
                    raise Failed("the program ended with %s before it printed %r" % (self.process.returncode, pattern))
                self.arrived.clear()
                await asyncio.wait_for(self.arrived.wait(), 1)
        end = asyncio.get_running_loop().time() + patience
        while True:
            try:
                return await wait()
            except asyncio.TimeoutError:
                if asyncio.get_running_loop().time() > end:
                    raise Failed("the program did not print %r in %g s" % (pattern, patience)) from None

    async def listening(self, port, patience=PATIENCE):
        """Waits until somebody listens on the port, without connecting to it."""
        wanted = "0100007F:%04X" % port, "00000000:%04X" % port, "0" * 32 + ":%04X" % port, \
            "0000000000000000FFFF00000100007F:%04X" % port
        for _ in range(int(patience * 50)):
            for table in ("/proc/net/tcp", "/proc/net/tcp6"):
                with open(table) as rows:
                    for row in rows:
                        fields = row.split()
                        if fields[3] == "0A" and fields[1] in wanted:
                            return
            expect(self.process.returncode is None, "the program ended with %s" % self.process.returncode)
            await asyncio.sleep(0.02)
        raise Failed("nobody listens on the port")

    def library(self):
        """The libwebsockets that the process has mapped; it must be the one that was meant."""
        with open("/proc/%d/maps" % self.process.pid) as maps:
            mapped = {(line.split()[-1], int(line.split()[4])) for line in maps if "libwebsockets.so" in line}
        expect(len(mapped) == 1, "libraries mapped: %s" % sorted(mapped))
        name, inode = mapped.pop()
        # By its number: a program in another root has other names.
        ours = {os.stat(path).st_ino for path in glob.glob(os.path.join(self.ours, "libwebsockets.so.*"))} if self.ours else set()
        expect((inode in ours) == bool(self.ours), "the process runs on " + name)
        expect(self.ours or name.startswith((self.root + "/usr/lib/", "/usr/lib/")), "the process runs on " + name)
        return name

    async def stop(self, how=signal.SIGTERM, patience=PATIENCE):
        """Ends the program and returns its status."""
        self.process.send_signal(how)
        return await self.ended(patience)

    async def ended(self, patience=PATIENCE):
        try:
            code = await asyncio.wait_for(self.process.wait(), patience)
        except asyncio.TimeoutError:
            raise Failed("the program did not end in %g s" % patience) from None
        # A child that outlives the program may hold its output open.
        await asyncio.wait(self.readers, timeout=5)
        if code not in (0, 1):
            self.show()
        return code

    def complete(self, say, what, got, wanted):
        """A step that stresses threads: required of ours; the genuine library, which has no locks, may fall short."""
        expect(got == wanted or not self.ours, "%s: %s, not %s" % (what, got, wanted))
        if got != wanted:
            say("only genuine: %s: %s, not %s" % (what, got, wanted))
        say("%s: done" % what)

    def show(self):
        for line in self.lines[-60:]:
            print("   |", line)

    async def cleanup(self):
        if self.process:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            await self.process.wait()
        for reader in self.readers:
            reader.cancel()


# ---- plain http, as a string goes over the wire

async def http(port, request, tls=None, patience=PATIENCE):
    """Sends the bytes, returns (status, headers, body), or the status 0 where the peer just ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=tls, server_hostname="localhost" if tls else None)
    try:
        writer.write(request)
        await writer.drain()
        head = b""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), patience)
        if not head:
            return 0, {}, b""
        first, *rest = head.decode("latin-1").strip().split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, value in (line.split(":", 1) for line in rest)}
        if "content-length" in headers:
            body = await asyncio.wait_for(reader.readexactly(int(headers["content-length"])), patience)
        else:
            body = b""
            with contextlib.suppress(ConnectionError):
                body = await asyncio.wait_for(reader.read(-1), patience)
        return int(first.split()[1]), headers, body
    finally:
        writer.close()
        with contextlib.suppress(Exception):
            await asyncio.wait_for(writer.wait_closed(), 5)


async def over(connection):
    """Returns when a client of the websockets package has seen the end. It reads: unread messages would hide the end behind
    the package's limit on messages it keeps."""
    async def drain():
        with contextlib.suppress(websockets.ConnectionClosed):
            while True:
                await connection.recv()
        await connection.wait_closed()

    await asyncio.wait_for(drain(), PATIENCE)


# ---- a test

GENUINE_TRIES = 3


def run_genuine(module, certs, wrapper, root):
    """The transcript of the genuine library, which only says what is usual. That it fails at times under load is no
    fault of ours: it is tried again, and left out in the end, so that our own run alone decides."""
    for attempt in range(GENUINE_TRIES):
        try:
            return asyncio.run(run_once(module, None, certs, wrapper, root))
        except Exception:
            traceback.print_exc()
            print("the genuine library failed, try %d of %d" % (attempt + 1, GENUINE_TRIES), flush=True)
    return None


async def run_once(module, ours, certs, wrapper, root):
    said = []

    def say(text):
        said.append(text)
        print("   ", text, flush=True)

    with tempfile.TemporaryDirectory(prefix="oxlws-app-") as folder:
        app = App(ours, certs, folder, wrapper, root)
        try:
            await module.scenario(app, say)
        except BaseException:
            print("---- last lines of the program", flush=True)
            app.show()
            raise
        finally:
            await app.cleanup()
            if root:
                with contextlib.suppress(OSError):
                    os.rmdir(root + folder)
    return [line for line in said if not line.startswith("only ")]


def main(module):
    parser = argparse.ArgumentParser()
    parser.add_argument("--ours", required=True, help="folder with our libwebsockets.so.17")
    parser.add_argument("--certs", required=True)
    parser.add_argument("--only", choices=["ours", "genuine"])
    parser.add_argument("--wrapper", default="", help="command to run the program under, such as valgrind")
    parser.add_argument("--root", default="", help="root folder of another system, whose program it is (as root)")
    a = parser.parse_args()
    root = os.path.realpath(a.root) if a.root else ""
    a.certs = os.path.abspath(a.certs)
    wrapper = a.wrapper.split()
    try:
        reason = install_there(root, module.PACKAGES, module.FILES) if root else install(module.PACKAGES, module.FILES)
        if reason:
            print("SKIPPED:", reason)
            return SKIP
        transcripts = {}
        if a.only != "genuine":
            print("on our library:", flush=True)
            transcripts["ours"] = asyncio.run(run_once(module, os.path.abspath(a.ours), a.certs, wrapper, root))
        genuine = glob.glob(root + "/usr/lib/x86_64-linux-gnu/libwebsockets.so.1[79]")
        if genuine and a.only != "ours":
            print("on the genuine library:", flush=True)
            transcripts["genuine"] = run_genuine(module, a.certs, wrapper, root)
            if a.only == "genuine" and transcripts["genuine"] is None:
                return 1
        if None not in transcripts.values() and len(transcripts) == 2:
            differences = list(difflib.unified_diff(transcripts["genuine"], transcripts["ours"], "genuine", "ours", lineterm=""))
            if differences:
                print("\n".join(differences))
                print("FAILED: the libraries differ")
                return 1
            print("ok: the same on both")
        else:
            print("ok")
        return 0
    except Failed as error:
        print("FAILED:", error)
        return 1
    except Exception:
        traceback.print_exc()
        return 1
