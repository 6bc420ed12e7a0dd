#!/usr/bin/env python3
"""Run the commands that the documents show, and compare what they print.

    run.py --build DIR --certs DIR [--record] FILE.md...

Every fenced block marked `sh` is run by bash with -e, in the order of the file, in a
copy of the source folder's names; it must succeed. Every block marked `console` is a
dialogue: lines that begin with "$ " are commands, the others what they print, which is
compared. In front of a block may stand a comment:

    <!-- run peer="ws_echo.py --cert server.pem" peer="raw_peer.py 'fin'" status=7 -->
    <!-- not run: REASON -->

Peers are those of tests/peers; the port of the first is 7681 in the document, of the
second 7682. The folder has the test certificates (ca.pem, server.pem ...) and the
programs are found by their names. What varies from run to run (ports, times, keys,
dates, process numbers) is not compared. --record writes what was printed into the
document. Exit status: 0 everything as shown, 1 not.
"""
import argparse
import difflib
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(SOURCE, "tests", "scripts"))
from case import Peer  # noqa: E402

FIRST_PORT = 7681
LIMIT = 60
BLOCK = re.compile(r"(?:^<!-- (run|not run:)(.*?) -->\n+)?^```(sh|console)\n(.*?)^```$", re.M | re.S)
# What is different each time, and what it becomes on both sides.
VARYING = [
    (r" *[0-9]+\.[0-9]+ ms", " T ms"),
    (r"(Sec-WebSocket-(?:Key|Accept)): \S+", r"\1: VALUE"),
    (r"20\d\d-\d\d-\d\d(?: \d\d:\d\d:\d\d UTC)?", "DATE"),
    (r"process \d+", "process N"),
    (r"descriptor \d+", "descriptor N"),
    (r"oxlws \d+\.\d+\.\d+", "oxlws VERSION"),
    (r"(name +localhost is).*", r"\1 ADDRESSES"),
    (r"server: (?:Python|BaseHTTP)/.*", "server: SERVER"),
    (r"deflate;.*", "deflate PARAMETERS"),
    (r"(127\.0\.0\.1|\]|localhost):[0-9]{5}\b", r"\1:PORT"),
]
# The targets of the Makefile build what is already built when tests run.
STAND_INS = [
    (r"^make build$", "true"),
    (r"^make test$", "true # this is a part of it"),
    (r"^make install PREFIX=(\S+)$", r'cmake --install "$BUILD" --prefix \1 >/dev/null'),
    (r"^make demo$", '"$SOURCE/tests/scripts/demo.sh" "$BUILD"'),
]


def normal(text):
    for pattern, replacement in VARYING:
        text = re.sub(pattern, replacement, text)
    return text


class Runner:
    def __init__(self, options, folder):
        self.options = options
        self.folder = folder
        self.problems = []
        self.count = 0
        build = os.path.abspath(options.build)
        self.env = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
        self.env.update(BUILD=build, SOURCE=SOURCE, OXLWS=os.path.join(folder, "installed"))
        self.env["PATH"] = ":".join([build + "/bin", build + "/c-examples", self.env["PATH"]])
        self.env.pop("OXLWS_TRACE", None)
        for name in os.listdir(options.certs):
            os.symlink(os.path.join(os.path.abspath(options.certs), name), os.path.join(folder, name))
        # What the commands of the documents name, as in a fresh clone that was built.
        for name in ("c-examples", "tests", "include"):
            os.symlink(os.path.join(SOURCE, name), os.path.join(folder, name))
        os.symlink(build, os.path.join(folder, "build"))

    def bash(self, command, ports):
        """Runs a command; returns its status and what it printed, with the document's ports."""
        for index, port in enumerate(ports):
            command = command.replace(str(FIRST_PORT + index), str(port))
        # Nothing is written outside the folder.
        command = command.replace("/tmp/", self.folder + "/")
        run = subprocess.run(
            ["stdbuf", "-oL", "bash", "-e", "-o", "pipefail", "-c", command], cwd=self.folder, env=self.env,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=LIMIT)
        text = run.stdout.decode("utf-8", "replace").replace(self.folder + "/", "/tmp/")
        for index, port in enumerate(ports):
            text = re.sub(r"\b%d\b" % port, str(FIRST_PORT + index), text)
        return run.returncode, text

    def shell_block(self, where, text):
        for pattern, replacement in STAND_INS:
            text = re.sub(pattern, replacement, text, flags=re.M)
        status, printed = self.bash(text, [])
        if status:
            self.problems.append("%s: ended with status %d:\n%s%s" % (where, status, text, printed))

    def dialogue(self, where, text, settings):
        """Runs the commands of a console block and returns the block as it really is."""
        peers, expected_status = [], 0
        for word in shlex.split(settings):
            name, value = word.split("=", 1)
            if name == "peer":
                words = shlex.split(value)
                # Peers run in the folder of this process: their certificates get whole names.
                words = [os.path.join(self.folder, w) if re.fullmatch(r"[\w-]+\.(pem|key)", w) else w for w in words]
                command = [sys.executable, os.path.join(SOURCE, "tests", "peers", words[0])] + words[1:]
                peers.append(Peer(command))
            elif name == "status":
                expected_status = int(value)
            else:
                raise SystemExit("%s: what is %s?" % (where, name))
        result = ""
        try:
            for peer in peers:
                peer.wait_ready(10)
            ports = [peer.port for peer in peers]
            for line in text.splitlines():
                if not line.startswith("$ "):
                    continue
                status, printed = self.bash(line[2:], ports)
                result += line + "\n" + printed
                if status != expected_status:
                    self.problems.append("%s: `%s` ended with status %d, expected %d:\n%s"
                                         % (where, line[2:], status, expected_status, printed))
        finally:
            for peer in peers:
                peer.finish(0)
        return result

    def document(self, path):
        with open(path, encoding="utf-8") as file:
            document = file.read()

        def one(match):
            kind, settings, language, text = match.groups()
            where = "%s:%d" % (path, document.count("\n", 0, match.start(4)))
            if kind == "not run:":
                return match.group(0)
            self.count += 1
            if language == "sh":
                self.shell_block(where, text)
                return match.group(0)
            real = self.dialogue(where, text, settings or "")
            if normal(real) == normal(text):
                return match.group(0)
            if not self.options.record:
                diff = difflib.unified_diff(normal(text).splitlines(), normal(real).splitlines(), "shown", "printed",
                                            lineterm="")
                self.problems.append("%s: prints something else\n%s" % (where, "\n".join(diff)))
            return match.group(0).replace(text, real)

        changed = BLOCK.sub(one, document)
        if self.options.record and changed != document:
            with open(path, "w", encoding="utf-8") as file:
                file.write(changed)
            print("%s: recorded" % path)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", required=True)
    ap.add_argument("--certs", required=True)
    ap.add_argument("--record", action="store_true")
    ap.add_argument("files", nargs="+")
    options = ap.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        runner = Runner(options, os.path.realpath(folder))
        for path in options.files:
            runner.document(path)
    for problem in runner.problems:
        print(problem)
    print("%d blocks run, %d problems" % (runner.count, len(runner.problems)))
    return 1 if runner.problems or not runner.count else 0


if __name__ == "__main__":
    sys.exit(main())
