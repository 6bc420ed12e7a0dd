#!/usr/bin/env python3
"""Run the Autobahn cases against our client and our server and compare with results.tsv.

    conformance.py --build BUILD_DIR --runner-python PYTHON [--cases PATTERNS]
                   [--count N] [--only client|server] [--out DIR] [--record]

results.tsv has a line for each case: its id, and what the client and the server did, OK or INFORMATIONAL. Anything else
(NON-STRICT, FAILED, a close that went wrong) and any difference from the file is a failure. --record writes the file
after a whole run in which there was nothing else.

Exit status: 0 all as expected, 1 not, 77 the test suite is not installed.
"""
import argparse
import json
import os
import re
import socket
import subprocess
import sys
from collections import Counter

HERE = os.path.dirname(os.path.abspath(__file__))
RUNNER = os.path.join(HERE, "ab_runner.py")


def expected_results(path):
    """{side: {case: behaviour}}"""
    expected = {"client": {}, "server": {}}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as file:
            for line in file:
                if not line.startswith("#"):
                    case, client, server = line.split()
                    expected["client"][case], expected["server"][case] = client, server
    return expected


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


def judge(side, out, ids, expected, record):
    """Prints what is not as expected; returns {case: behaviour} and how many that is."""
    with open(out, encoding="utf-8") as file:
        results = json.load(file)
    wrong, found = 0, {}
    for case in ids:
        result = results.get(case, {"behavior": "NOT-RUN", "behaviorClose": "-"})
        behaviour, close = result["behavior"], result["behaviorClose"]
        closed = behaviour == "INFORMATIONAL" or close not in ("FAILED", "WRONG CODE")
        found[case] = behaviour
        if behaviour not in ("OK", "INFORMATIONAL") or not closed or not record and expected.get(case) != behaviour:
            print("%s %s: behaviour %s, close %s; expected %s" % (side, case, behaviour, close, expected.get(case)))
            wrong += 1
    print("%s: %s" % (side, ", ".join("%d %s" % (n, word) for word, n in Counter(found.values()).most_common())))
    return found, wrong


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--build", required=True)
    ap.add_argument("--runner-python", required=True)
    ap.add_argument("--cases", default="*")
    ap.add_argument("--count", default="0")
    ap.add_argument("--only", choices=["client", "server"])
    ap.add_argument("--out", default=".")
    ap.add_argument("--record", action="store_true")
    a = ap.parse_args()
    path = os.path.join(HERE, "results.tsv")
    if subprocess.run([a.runner_python, "-c", 'import autobahn, twisted, importlib.metadata as m; m.version("autobahntestsuite")'],
                      stderr=subprocess.DEVNULL).returncode:
        print("conformance: the Autobahn test suite is not installed for %s" % a.runner_python)
        return 77
    expected = expected_results(path)
    common = ["--cases", a.cases, "--count", a.count]
    ids = subprocess.run([a.runner_python, RUNNER, "list", "--cases", a.cases], stdout=subprocess.PIPE, text=True,
                         check=True).stdout.split()[1:]
    wrong, found = 0, {}
    for side, run in (("server", run_server), ("client", run_client)):
        if a.only in (None, side):
            out = os.path.join(a.out, "autobahn-%s.json" % side)
            run(a, common, out)
            found[side], more = judge(side, out, ids, expected[side], a.record)
            wrong += more
    if a.record and not wrong and len(found) == 2:
        with open(path, "w", encoding="utf-8") as file:
            file.write("# case client server; written by conformance.py --record\n")
            file.writelines("%s\t%s\t%s\n" % (case, found["client"][case], found["server"][case]) for case in ids)
    print("conformance: %s" % ("as expected" if not wrong else "%d not as expected" % wrong))
    return 1 if wrong else 0


sys.exit(main())
