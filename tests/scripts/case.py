#!/usr/bin/env python3
"""Run one C program against its peers and compare what it printed.

    case.py [options] -- PROGRAM [ARGUMENT...]

    --bg 'CMD ARG...'     start a peer first (may be repeated); its first line must
                          be "READY PORT" or contain "listening on port PORT"
    --peer-log N          stop peer N afterwards and append what it printed, as
                          section "--- peer N"
    --peer-end N          the same for a peer that must end by itself
    --expect FILE         the expected output; without it only the status counts
    --record              write FILE instead (look at it before it is committed!)
    --status N            the expected exit status (0)
    --stdin TEXT          what the program reads; \\n is a line end
    --env NAME=VALUE      for the program
    --replace REGEX=TEXT  in the output, before it is compared (REGEX without =)
    --limit SECONDS       for the program (10)

In the commands {p1}, {p2}... are the ports of the peers and {python} is this
Python. In the output each port is shown as PORT1, PORT2 ..., other text as it is.

OXLWS_TEST_WRAPPER names a command that the program is run under (valgrind, say),
and so are peers that are not Python; a wrapper's exit status 99 is a failure whatever
is expected. With it, or with OXLWS_TEST_TOOL (a sanitizer is in the program), the time
limit is ten times as long.

Exit status: 0 as expected, 1 not, 77 something needed is missing.
"""
import argparse
import difflib
import itertools
import os
import re
import shlex
import signal
import subprocess
import sys
import threading
import time

READY = re.compile(rb"(?:READY|listening on port) (\d+)")


class Peer:
    """A background process with its output collected by a thread."""

    def __init__(self, command):
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.lines = []
        self.port = None
        self.ready = threading.Event()
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            found = READY.search(line) if self.port is None else None
            if found:
                self.port = int(found.group(1))
                self.ready.set()
            else:
                self.lines.append(line.decode("utf-8", "replace"))
        self.ready.set()

    def wait_ready(self, seconds):
        self.ready.wait(seconds)
        if self.port is None:
            raise SystemExit("case: peer is not ready: %s" % shlex.join(self.process.args))

    def finish(self, seconds):
        """Waits that long for the process to end, then ends it. True if it ended by itself."""
        by_itself = True
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            by_itself = False
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
        self.reader.join(5)
        return by_itself


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bg", action="append", default=[])
    ap.add_argument("--peer-log", action="append", type=int, default=[])
    ap.add_argument("--peer-end", action="append", type=int, default=[])
    ap.add_argument("--expect")
    ap.add_argument("--record", action="store_true", default=bool(os.environ.get("OXLWS_RECORD")))
    ap.add_argument("--status", type=int, default=0)
    ap.add_argument("--stdin", default="")
    ap.add_argument("--env", action="append", default=[])
    ap.add_argument("--replace", action="append", default=[])
    ap.add_argument("--limit", type=float, default=10)
    ap.add_argument("program", nargs=argparse.REMAINDER)
    a = ap.parse_args()
    program = a.program[1:] if a.program[:1] == ["--"] else a.program

    wrapper = shlex.split(os.environ.get("OXLWS_TEST_WRAPPER", ""))
    limit = a.limit * (10 if wrapper or os.environ.get("OXLWS_TEST_TOOL") else 1)
    peers = []
    names = {"python": sys.executable}

    def wrapped(command):
        return command if command[0] == sys.executable else wrapper + command

    def fill(word):
        return re.sub(r"\{(\w+)\}", lambda m: str(names.get(m.group(1), m.group(0))), word)

    try:
        for number, command in enumerate(a.bg, 1):
            peer = Peer(wrapped([fill(word) for word in shlex.split(command)]))
            peers.append(peer)
            peer.wait_ready(limit)
            names["p%d" % number] = peer.port
        # A proxy that this machine may need is not for connections to 127.0.0.1.
        env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        for assignment in a.env:
            key, value = fill(assignment).split("=", 1)
            env[key] = value
        command = wrapped([fill(word) for word in program])
        started = time.monotonic()
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        timed_out = False
        try:
            output, _ = process.communicate(a.stdin.replace("\\n", "\n").encode(), timeout=limit)
        except subprocess.TimeoutExpired:
            timed_out = True
            process.send_signal(signal.SIGKILL)
            output, _ = process.communicate()
        took = time.monotonic() - started
        text = output.decode("utf-8", "replace")
        for number, peer in enumerate(peers, 1):
            ended = peer.finish(5 if number in a.peer_end else 0)
            if number in a.peer_end and not ended:
                text += "peer %d did not end\n" % number
        for number in sorted(a.peer_log + a.peer_end):
            text += "--- peer %d\n%s" % (number, "".join(peers[number - 1].lines))
        for number, peer in enumerate(peers, 1):
            text = re.sub(r"\b%d\b" % peer.port, "PORT%d" % number, text)
        for replacement in a.replace:
            text = re.sub(*replacement.split("=", 1), text)
    finally:
        for peer in peers:
            peer.finish(0)

    problems = []
    if timed_out:
        problems.append("no end after %.0f s" % limit)
    elif wrapper and 99 in [process.returncode] + [peer.process.returncode for peer in peers]:
        problems.append("%s found something, see above" % wrapper[0])
    elif process.returncode == 77 and not a.status:
        print(text, end="")
        return 77
    elif process.returncode != a.status:
        ended = process.returncode
        how = "signal %s" % signal.Signals(-ended).name if ended < 0 else "status %d" % ended
        problems.append("ended with %s, expected status %d" % (how, a.status))
    for number, peer in enumerate(peers, 1):
        if peer.process.args[0] != sys.executable and peer.process.returncode:
            problems.append("peer %d ended with status %d" % (number, peer.process.returncode))
    if a.expect and a.record and not problems:
        with open(a.expect, "w", encoding="utf-8") as file:
            file.write(text)
    elif a.expect:
        wanted = ""
        if os.path.exists(a.expect):
            with open(a.expect, encoding="utf-8") as file:
                wanted = file.read()
        if wanted != text:
            problems.append("output differs from %s" % os.path.relpath(a.expect))
            diff = difflib.unified_diff(wanted.splitlines(), text[:20000].splitlines(), "expected", "printed", lineterm="")
            for line in itertools.islice(diff, 100):
                print(line)
    elif problems:
        print(text, end="")
    for problem in problems:
        print("case: %s (%.1f s): %s" % (shlex.join(program), took, problem))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
