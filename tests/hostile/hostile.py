#!/usr/bin/env python3
"""Lets hostile peers loose on a C program of ours, many cases at a time, and looks that it stays in order.

    hostile.py server|client PROGRAM CERTS EXPECTED [--only REGEX] [--record]

For each case: its outcome is the expected one. All the time: the process is alive; a neighbour that
exchanges messages sees each come back; after each case the next client is served. At the end: memory
and descriptors are back where they were, and the process ends in order.
"""
import argparse
import concurrent.futures
import os
import re
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections import namedtuple

import client_cases
import server_cases
from peer import connect, descriptors, frame, resident_kib, wait_until

# KiB that the process may grow by while the cases run, and what may be left of it.
GROWTH, LEFT = 96 * 1024, 48 * 1024
Ports = namedtuple("Ports", "plain tls")
ALONE = {"connects_and_drops_10000"}


class Victim:
    """A program under test."""

    running = []

    def __init__(self, command, stderr=None, **more):
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr, text=True,
                                        bufsize=1, **more)
        self.running.append(self.process)
        self.pid = self.process.pid
        self.ports = [int(word) for word in self.process.stdout.readline().split()[1:]]
        self.peak = 0

    def is_alive(self):
        return self.process.poll() is None

    def watch(self):
        while self.is_alive() and not self.over:
            try:
                self.peak = max(self.peak, resident_kib(self.pid))
            except (OSError, IndexError):
                pass
            time.sleep(0.01)

    over = False

    @classmethod
    def kill_all(cls):
        """Those that a failed case left: they would keep the pipe of who started this."""
        for process in cls.running:
            process.kill()
            process.wait()
        cls.running.clear()


class Neighbour(threading.Thread):
    """One well-behaved connection all the time."""

    def __init__(self, port):
        super().__init__(daemon=True)
        self.peer = connect(port).upgraded()
        self.exchanges, self.trouble, self.over, self.slowest = 0, None, False, 0.0

    def run(self):
        while not self.over and not self.trouble:
            start = time.monotonic()
            self.peer.send(frame(1, b"neighbour"))
            while True:
                found = self.peer.next_frame()
                if found and found[0] == 9:
                    self.peer.send(frame(10, found[1]))
                    continue
                break
            if found != (1, b"neighbour"):
                self.trouble = "got %r (%s)" % (found, self.peer.ended)
            self.exchanges += 1
            self.slowest = max(self.slowest, time.monotonic() - start)
            time.sleep(0.02)


def next_client(port):
    peer = connect(port).upgraded()
    peer.send(frame(1, b"next"))
    found = peer.next_frame()
    peer.close()
    return found == (1, b"next")


def run_one(name, function, argument):
    try:
        return function(argument)
    except Exception as error:  # whatever it is, it belongs into the outcome
        return "%s: %s" % (type(error).__name__, error)


def judge(problems, expected, outcomes, path, record, only):
    if record:
        merged = {**expected, **outcomes} if only else outcomes
        with open(path, "w", encoding="utf-8") as file:
            for name in sorted(merged):
                file.write("%s\t%s\n" % (name, merged[name]))
        return
    for name, outcome in sorted(outcomes.items()):
        if name not in expected:
            problems.append("%s: no expectation; outcome %s" % (name, outcome))
        elif outcome not in expected[name].split(" || "):
            problems.append("%s: expected %s, got %s" % (name, expected[name], outcome))
    if not only:
        problems += ["%s: expected, but there is no such case" % name for name in sorted(set(expected) - set(outcomes))]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("side", choices=("server", "client"))
    ap.add_argument("program")
    ap.add_argument("certs")
    ap.add_argument("expected")
    ap.add_argument("--only", default="")
    ap.add_argument("--record", action="store_true")
    a = ap.parse_args()
    problems, outcomes, timing = [], {}, {}
    expected = {}
    if os.path.exists(a.expected):
        with open(a.expected, encoding="utf-8") as file:
            expected = dict(line.rstrip("\n").split("\t", 1) for line in file if line.strip())

    with tempfile.TemporaryDirectory() as files:
        with open(os.path.join(files, "small.txt"), "w") as file:
            file.write("small\n")
        os.symlink("/etc/hostname", os.path.join(files, "out.txt"))
        if a.side == "server":
            victim = Victim([a.program, files, a.certs + "/server.pem", a.certs + "/server.key"])
            argument, cases = Ports(*victim.ports), server_cases.CASES
            neighbour = Neighbour(argument.plain)
            neighbour.start()
        else:
            victim = Victim([a.program, a.certs + "/ca.pem"])
            argument, cases = client_cases.Client(victim.process, a.certs), client_cases.CASES
            neighbour = None
        cases = {name: function for name, function in cases.items() if re.search(a.only, name)}
        threading.Thread(target=victim.watch, daemon=True).start()
        before, open_before = resident_kib(victim.pid), descriptors(victim.pid)

        def play(name):
            start = time.monotonic()
            outcomes[name] = run_one(name, cases[name], argument)
            timing[name] = time.monotonic() - start
            if not victim.is_alive():
                problems.append("%s: the process ended with %s" % (name, victim.process.returncode))
            elif neighbour and not next_client(argument.plain):
                problems.append("%s: the next client was not served" % name)

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            list(pool.map(play, [name for name in cases if name not in ALONE]))
        for name in cases:
            if name in ALONE:
                play(name)

        if neighbour:
            # A few cases are over before it has begun.
            wait_until(lambda: neighbour.exchanges >= 5 or neighbour.trouble, 5)
            neighbour.over = True
            neighbour.join(5)
            if neighbour.trouble or neighbour.exchanges < 5:
                problems.append("the neighbour: %s after %d exchanges" % (neighbour.trouble, neighbour.exchanges))
            neighbour.peer.close()
        if victim.is_alive():
            if not wait_until(lambda: descriptors(victim.pid) <= open_before, 10):
                problems.append("%d descriptors left over" % (descriptors(victim.pid) - open_before))
            after = resident_kib(victim.pid)
            # Under a sanitizer or valgrind the figures mean nothing.
            is_real = "OXLWS_TEST_TOOL" not in os.environ
            if is_real and victim.peak - before > GROWTH:
                problems.append("memory grew by %d KiB" % (victim.peak - before))
            if is_real and after - before > LEFT:
                problems.append("%d KiB are left over" % (after - before))
            victim.over = True
            if a.side == "server":
                victim.process.send_signal(signal.SIGTERM)
            victim.process.stdin.close()
            try:
                status = victim.process.wait(10)
            except subprocess.TimeoutExpired:
                status = "no end"
                victim.process.kill()
            if status != 0:
                problems.append("ended with %s" % status)
            print("memory: %d KiB before, %d at most, %d after" % (before, victim.peak, after))
    if neighbour:
        print("neighbour: %d exchanges, the slowest %.2f s" % (neighbour.exchanges, neighbour.slowest))
    judge(problems, expected, outcomes, a.expected, a.record, a.only)
    slow = sorted(timing, key=timing.get)[-3:]
    print("slowest: " + ", ".join("%s %.1f s" % (name, timing[name]) for name in slow))
    for problem in problems:
        print(problem)
    print("%s: %d cases, %d problems" % (a.side, len(outcomes), len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
