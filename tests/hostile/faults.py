#!/usr/bin/env python3
"""Faults of the machine under a server of ours: no descriptors, files that change while they are served, signals, clocks
that jump, a process that is stopped, peers that are killed.

    faults.py PROGRAM CERTS CLOCK_SHIM [--only REGEX]

Each case has a server of its own, which must serve the next client afterwards and end in order.
"""
import argparse
import ctypes
import errno
import os
import re
import resource
import signal
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading
import time

from hostile import Neighbour, Victim, next_client
from peer import connect, descriptors, frame, wait_until

CASES = []
MIB = 1 << 20


def case(function):
    CASES.append(function)
    return function


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Limited(Victim):
    """A server under a limit of descriptors."""

    def __init__(self, command, most):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))

        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=limit)
        self.running.append(self.process)
        self.pid = self.process.pid
        self.ports = [int(word) for word in self.process.stdout.readline().split()[1:]]


def page(port, path):
    peer = connect(port)
    peer.send(b"GET %s HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n" % path)
    return peer


@case
def no_descriptors_left(command, files):
    """EMFILE: accept waits without turning in circles, and goes on when descriptors come back."""
    victim = Limited(command, 40)
    port = victim.ports[0]
    peers = [connect(port) for _ in range(80)]
    wait_until(lambda: descriptors(victim.pid) >= 40, 5)
    assert descriptors(victim.pid) >= 38, descriptors(victim.pid)
    before = cpu_seconds(victim.pid)
    time.sleep(1)
    used = cpu_seconds(victim.pid) - before
    assert used < 0.3, "%.2f s of processor time in a second of waiting" % used
    for peer in peers:
        peer.close()
    return victim, port


@case
def file_shrinks_while_it_is_served(command, files):
    victim = Victim(command)
    name = os.path.join(files, "big.txt")
    with open(name, "wb") as file:
        file.write(bytes(16 * MIB))
    peer = page(victim.ports[0], b"/files/big.txt")
    first = peer.head()
    assert " 200 " in first[0] and int(first[1]["content-length"]) == 16 * MIB, first
    os.truncate(name, 1000)
    while peer.fill():
        pass
    # What is missing must not be made up, nor waited for.
    assert peer.ended == "end" and len(peer.data) < 16 * MIB, (peer.ended, len(peer.data))
    return victim, victim.ports[0]


@case
def file_goes_while_it_is_served(command, files):
    victim = Victim(command)
    name = os.path.join(files, "big.txt")
    with open(name, "wb") as file:
        file.write(bytes(16 * MIB))
    peer = page(victim.ports[0], b"/files/big.txt")
    peer.head()
    os.unlink(name)
    while peer.fill():
        pass
    assert len(peer.data) == 16 * MIB, len(peer.data)
    return victim, victim.ports[0]


@case
def file_grows_while_it_is_served(command, files):
    victim = Victim(command)
    name = os.path.join(files, "big.txt")
    with open(name, "wb") as file:
        file.write(bytes(16 * MIB))
    peer = page(victim.ports[0], b"/files/big.txt")
    peer.head()
    with open(name, "ab") as file:
        file.write(bytes(MIB))
    while peer.fill():
        pass
    assert len(peer.data) == 16 * MIB, len(peer.data)
    return victim, victim.ports[0]


@case
def directory_without_permission(command, files):
    victim = Victim(command)
    os.mkdir(os.path.join(files, "dir.txt"))
    peer = page(victim.ports[0], b"/files/dir.txt")
    words = peer.answers()
    assert words[0] in ("403", "404", "301", "302"), words
    return victim, victim.ports[0]


@case
def interrupted_by_signals(command, files):
    """EINTR wherever it may come."""
    victim = Victim(command)
    neighbour = Neighbour(victim.ports[0])
    neighbour.start()
    for _ in range(500):
        victim.process.send_signal(signal.SIGUSR1)
        time.sleep(0.002)
    neighbour.over = True
    neighbour.join(5)
    assert not neighbour.trouble and neighbour.exchanges > 10, (neighbour.trouble, neighbour.exchanges)
    return victim, victim.ports[0]


@case
def calendar_clock_jumps(command, files, shim=None):
    clock = os.path.join(files, "clock")
    with open(clock, "wb") as file:
        file.write(struct.pack("=q", 0))
    os.environ.update(LD_PRELOAD=shim, OXLWS_CLOCK=clock)
    try:
        victim = Victim(command)
    finally:
        del os.environ["LD_PRELOAD"], os.environ["OXLWS_CLOCK"]
    port = victim.ports[0]
    neighbour = Neighbour(port)
    neighbour.start()

    def year():
        peer = page(port, b"/files/small.txt")
        return peer.head()

    with open(clock, "r+b", buffering=0) as file:
        for seconds in (10 * 31557600, -10 * 31557600, 3600, -3600, 0):
            file.seek(0)
            file.write(struct.pack("=q", seconds))
            idle = connect(port)
            start = time.monotonic()
            assert " 200 " in year()[0]
            while idle.fill():
                pass
            took = time.monotonic() - start
            assert 1 < took < 4, "a timeout of 2 s took %.1f s with the clock %d s off" % (took, seconds)
    neighbour.over = True
    neighbour.join(5)
    assert not neighbour.trouble and neighbour.exchanges > 50, (neighbour.trouble, neighbour.exchanges)
    return victim, port


@case
def stopped_and_continued(command, files):
    victim = Victim(command)
    neighbour = Neighbour(victim.ports[0])
    neighbour.start()
    victim.process.send_signal(signal.SIGSTOP)
    time.sleep(2)
    victim.process.send_signal(signal.SIGCONT)
    time.sleep(0.5)
    neighbour.over = True
    neighbour.join(5)
    assert not neighbour.trouble and neighbour.exchanges > 5, (neighbour.trouble, neighbour.exchanges)
    return victim, victim.ports[0]


@case
def peers_killed_in_mid_message(command, files):
    victim = Victim(command)
    port = victim.ports[0]
    code = ("import sys; sys.path.insert(0, %r)\nfrom peer import *\npeers = [connect(%d).upgraded() for _ in range(50)]\n"
            "for p in peers: p.send(frame(2, bytes(50000), length=1 << 30))\nprint('sent', flush=True)\npeers[0].fill()")
    process = subprocess.Popen([sys.executable, "-c", code % (os.path.dirname(os.path.abspath(__file__)), port)],
                               stdout=subprocess.PIPE)
    process.stdout.readline()
    assert descriptors(victim.pid) > 50
    process.kill()
    process.wait()
    process.stdout.close()
    assert wait_until(lambda: descriptors(victim.pid) < 30, 8), "%d descriptors" % descriptors(victim.pid)
    return victim, port


SO_ATTACH_FILTER = 26


def vanish(peer):
    """From now on the peer's end takes no packet and so answers none: no FIN, no RST, no ACK, as if the cable were cut."""
    drop_all = struct.pack("HBBI", 6, 0, 0, 0)  # one instruction of a socket filter: ret #0
    held = bytearray(drop_all)
    address = (ctypes.c_char * len(held)).from_buffer(held)
    peer.sock.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HL", 1, ctypes.addressof(address)))
    peer.kept = held


@case
def peers_vanish_without_fin(command, files):
    """At every stage of a connection; the validity check and the timeouts end them all."""
    victim = Victim(command)
    port, tls_port = victim.ports
    neighbour = Neighbour(port)
    neighbour.start()
    before = descriptors(victim.pid)
    peers = [connect(port) for _ in range(4)]  # silent, in the head, in the body, in mid answer
    peers[1].send(b"GET / HTTP/1.1\r\nHo")
    peers[2].send(b"POST /post HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhalf")
    peers[3].sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    peers[3].send(b"GET /big HTTP/1.1\r\nHost: a\r\n\r\n")
    assert " 200 " in peers[3].head()[0]
    websockets = [connect(port).upgraded() for _ in range(3)]  # idle, in mid message, while it is being answered
    websockets[1].send(frame(1, b"half", fin=False), frame(0, bytes(1000), length=1 << 20))
    for _ in range(200):
        websockets[2].send(frame(2, bytes(4000)))
    hello = connect(tls_port)
    hello.send(bytes([22, 3, 1, 2, 0, 1]))  # the beginning of a TLS handshake
    secure = connect(tls_port)
    context = ssl.create_default_context(cafile=command[2].replace("server.pem", "ca.pem"))
    context.check_hostname = False
    secure.sock = context.wrap_socket(secure.sock)
    secure.upgraded()
    peers += websockets + [hello, secure]
    assert wait_until(lambda: descriptors(victim.pid) >= before + len(peers), 5), descriptors(victim.pid)
    for peer in peers:
        vanish(peer)
    assert wait_until(lambda: descriptors(victim.pid) <= before, 14), \
        "%d descriptors, %d before" % (descriptors(victim.pid), before)
    neighbour.over = True
    neighbour.join(5)
    assert not neighbour.trouble and neighbour.exchanges > 10, (neighbour.trouble, neighbour.exchanges)
    return victim, port


@case
def disk_full(command, files):
    """Log and timelines cannot be written, and the files that are served lie on a disk that is full: one was cut when it
    was written. What is there is served, and nothing more is announced."""
    full = os.path.join(files, "full")
    os.mkdir(full)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", full], stderr=subprocess.DEVNULL).returncode == 0
    try:
        name = os.path.join(full, "cut.txt")
        with open(name, "wb", buffering=0) as file:
            try:
                while file.tell() < 2 * MIB:
                    file.write(b"c" * 65536)
            except OSError as error:
                assert error.errno == errno.ENOSPC, error
        there = os.path.getsize(name)
        assert not mounted or there <= MIB
        os.environ.update(OXLWS_TRACE="/dev/full", OXLWS_TEST_LOG="1151")
        try:
            with open("/dev/full", "w") as nowhere:
                victim = Victim(command, stderr=nowhere)
        finally:
            del os.environ["OXLWS_TRACE"], os.environ["OXLWS_TEST_LOG"]
        peer = page(victim.ports[0], b"/files/full/cut.txt")
        head = peer.head()
        assert " 200 " in head[0] and int(head[1]["content-length"]) == there, head
        while peer.fill():
            pass
        assert len(peer.data) == there, (len(peer.data), there)
        return victim, victim.ports[0]
    finally:
        if mounted:
            subprocess.run(["umount", "-l", full], check=True)


@case
def disk_full_under_a_spooled_form(command, files):
    """The program writes uploads to a disk as they come, and it is full: the answer says so each time, each failed
    upload gives its space and its descriptor back, and small ones go on all the while."""
    spool = os.path.join(files, "spool")
    os.mkdir(spool)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "none", spool], stderr=subprocess.DEVNULL).returncode == 0

    def small_files():
        # Who must not mount gets the same error of write(2) from a limit.
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, MIB))

    def upload(size, end=b"\r\n--edge--\r\n", announced=None):
        body = b'--edge\r\nContent-Disposition: form-data; name="spool"; filename="x"\r\n\r\n' + b"s" * size + end
        peer = connect(port)
        peer.send(b"POST /form HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n"
                  b"Content-Type: multipart/form-data; boundary=edge\r\n\r\n" % (announced or len(body)), body)
        return peer

    def answer(peer):
        head = peer.head()
        assert head and " 200 " in head[0], (head, peer.ended)
        return peer.take(int(head[1]["content-length"]))

    try:
        victim = Victim(command, preexec_fn=None if mounted else small_files)
        port = victim.ports[0]
        neighbour = Neighbour(port)
        neighbour.start()
        before = descriptors(victim.pid)
        for _ in range(5):
            assert answer(upload(4 * MIB)) == b"full"
            assert answer(upload(MIB // 2)) == b"text 0 file %d" % (MIB // 2)
        # One that fills the disk and waits: others fail meanwhile, and when it has gone there is room again.
        waits = upload(MIB - 65536, end=b"", announced=2 * MIB)
        if mounted:
            assert wait_until(lambda: os.statvfs(spool).f_bavail * 4096 < MIB // 8), os.statvfs(spool)
            assert answer(upload(MIB // 2)) == b"full"
        waits.reset()
        assert wait_until(lambda: descriptors(victim.pid) <= before), "%d descriptors" % descriptors(victim.pid)
        assert answer(upload(MIB // 2)) == b"text 0 file %d" % (MIB // 2)
        # It goes on: at least once more than now.
        exchanges = neighbour.exchanges
        assert wait_until(lambda: neighbour.exchanges > exchanges), neighbour.trouble
        neighbour.over = True
        neighbour.join(5)
        assert not neighbour.trouble, neighbour.trouble
        return victim, port
    finally:
        if mounted:
            subprocess.run(["umount", "-l", spool], check=True)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("program")
    ap.add_argument("certs")
    ap.add_argument("shim")
    ap.add_argument("--only", default="")
    a = ap.parse_args()
    problems, lock = [], threading.Lock()

    def play(function):
        name = function.__name__
        with tempfile.TemporaryDirectory() as files:
            with open(os.path.join(files, "small.txt"), "w") as file:
                file.write("small\n")
            command = [a.program, files, a.certs + "/server.pem", a.certs + "/server.key"]
            more = {"shim": a.shim} if function is calendar_clock_jumps else {}
            try:
                victim, port = function(command, files, **more)
                assert victim.is_alive(), "the process ended with %s" % victim.process.returncode
                assert wait_until(lambda: next_client(port), 5), "the next client was not served"
                victim.process.send_signal(signal.SIGTERM)
                assert victim.process.wait(10) == 0, "ended with %s" % victim.process.returncode
                victim.process.stdin.close()
                victim.process.stdout.close()
                print("ok %s" % name, flush=True)
            except Exception as error:
                with lock:
                    problems.append("%s: %s: %s" % (name, type(error).__name__, error))
            finally:
                Victim.kill_all()

    # One after the other: some count processor time, one changes the environment.
    for function in CASES:
        if re.search(a.only, function.__name__):
            play(function)
    for problem in problems:
        print(problem)
    print("faults: %d cases, %d problems" % (len(CASES), len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
