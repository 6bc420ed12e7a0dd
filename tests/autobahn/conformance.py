#!/usr/bin/env python3
"""Run the Autobahn cases against our client and our server and judge the result.

    conformance.py --build BUILD_DIR --runner-python PYTHON [--cases PATTERNS]
                   [--count N] [--only client|server] [--expected FILE] [--out DIR]

A case passes if its behaviour is OK, NON-STRICT or INFORMATIONAL and the close is
right. Cases known to fail stand in the file of expected exceptions, one per line,
"server 2.10: reason"; one that passes after all fails the run, so that the list
cannot go stale.

Exit status: 0 all as expected, 1 not.
"""
import argparse
import json
import os
import re
import socket
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
RUNNER = os.path.join(HERE, "ab_runner.py")


def expected_exceptions(path):
    known = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                line = line.strip()
                if line and not line.startswith("#"):
                    name, _, reason = line.partition(":")
                    if not reason.strip():
                        sys.exit("%s: no reason given for %r" % (path, name))
                    known[name] = reason.strip()
    return known


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


def run_server(a, common, out):
    """Our server under the runner's client."""
    server = subprocess.Popen(
        [os.path.join(a.build, "c-examples", "echo-server"), "--port", "0", "--pmd", "--utf8"],
        stdout=subprocess.PIPE, text=True)
    try:
        port = re.search(r"port (\d+)", server.stdout.readline()).group(1)
        subprocess.run([a.runner_python, RUNNER, "client", "--url", "ws://127.0.0.1:" + port, "--out", out,
                        "--label", "server"] + common, check=True)
    finally:
        server.terminate()
        server.wait()


def run_client(a, common, out):
    """Our client under the runner's server."""
    port = str(free_port())
    runner = subprocess.Popen([a.runner_python, RUNNER, "server", "--port", port, "--out", out, "--label", "client"]
                              + common, stdout=subprocess.PIPE, text=True)
    try:
        runner.stdout.readline()
        subprocess.run([os.path.join(a.build, "tests", "autobahn", "test-ab_client"), port], check=True)
        print(runner.stdout.read(), end="")
        runner.wait(60)
    finally:
        runner.kill()
        runner.wait()


def judge(side, out, ids, known):
    """Prints what is not as expected; returns how many that is."""
    with open(out, encoding="utf-8") as file:
        results = json.load(file)
    wrong = 0
    for case in ids:
        result = results.get(case, {"behavior": "NOT-RUN", "behaviorClose": "-"})
        behaviour, close = result["behavior"], result["behaviorClose"]
        passed = behaviour == "INFORMATIONAL" or (
            behaviour in ("OK", "NON-STRICT") and close not in ("FAILED", "WRONG CODE"))
        name = "%s %s" % (side, case)
        if passed and name in known:
            print("%s passes, but is listed as failing (%s)" % (name, known[name]))
            wrong += 1
        elif not passed and name in known:
            print("%s fails as listed: %s" % (name, known[name]))
        elif not passed:
            print("%s FAILS: behaviour %s, close %s" % (name, behaviour, close))
            wrong += 1
    return wrong


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", required=True)
    ap.add_argument("--runner-python", required=True)
    ap.add_argument("--cases", default="*")
    ap.add_argument("--count", default="0")
    ap.add_argument("--only", choices=["client", "server"])
    ap.add_argument("--expected", default=os.path.join(os.path.dirname(HERE), "expected", "autobahn.txt"))
    ap.add_argument("--out", default=".")
    a = ap.parse_args()
    known = expected_exceptions(a.expected)
    common = ["--cases", a.cases, "--count", a.count]
    ids = subprocess.run([a.runner_python, RUNNER, "list", "--cases", a.cases], stdout=subprocess.PIPE, text=True,
                         check=True).stdout.split()[1:]
    wrong = 0
    for side, run in (("server", run_server), ("client", run_client)):
        if a.only in (None, side):
            out = os.path.join(a.out, "autobahn-%s.json" % side)
            run(a, common, out)
            wrong += judge(side, out, ids, {n: r for n, r in known.items() if n.startswith(side + " ")})
    print("conformance: %s" % ("as expected" if not wrong else "%d not as expected" % wrong))
    return 1 if wrong else 0


sys.exit(main())
