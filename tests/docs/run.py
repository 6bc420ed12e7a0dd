#!/usr/bin/env python3
"""Run the commands that the documents show, and compare what they print.

    run.py --build DIR --certs DIR [--record] [FILE...]

Without files: README.md, everything in docs, the man pages, CONTRIBUTING.md and all
others (documents.py). Every fenced block marked `sh` is run by bash with -e, in the
order of the file, in a copy of the source folder's names; it must succeed. Every block
marked `console` is a dialogue: lines that begin with "$ " are commands, the others what
they print, which is compared. In man pages the blocks of EXAMPLES are run line by line.
In front of a block may stand a comment:

    <!-- run peer="ws_echo.py --cert server.pem" peer="raw_peer.py 'fin'" status=7 -->
    <!-- run with="example.com=localhost:7681" until="listening on" -->
    <!-- not run: REASON -->
    .\\" run (or "not run") with the same words in man pages

Peers are those of tests/peers; the port of the first is 7681 in the document, of the
second 7682; {peer 1} in the words of a peer is the port of the first. "with" replaces a
word by what there is here, "until" ends a program with SIGINT when it has printed that,
"if" is a file without which a block is not run.
The folder has the test certificates (ca.pem, server.pem ...) and the programs are found
by their names; "janus", "rtpengine" and others are small programs of the same kind
(Runner.stand_in_programs). What varies from run to run (ports, times, keys, dates, process
numbers) is not compared. --record writes what was printed into the document. Commands
in the prose are the matter of prose.py. Exit status: 0 everything as shown, 1 not.
"""
import argparse
import contextlib
import difflib
import glob
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import textwrap
import threading
import types

from documents import SOURCE, all_documents

sys.path.insert(0, os.path.join(SOURCE, "tests", "scripts"))
from case import Peer  # noqa: E402

FIRST_PORT = 7681
LIMIT = 60
BLOCK = re.compile(r"(?:^<!-- (run|not run:)(.*?) -->\n+)?^ *```(sh|console)\n(.*?)^ *```$", re.M | re.S)
MAN_BLOCK = re.compile(r'(?:^\.\\" (run|not run:)([^\n]*)\n)?^\.(?:nf|EX)\n(.*?)^\.(?:fi|EE)$', re.M | re.S)
# What is different each time, and what it becomes on both sides.
VARYING = [
    (r" *[0-9]+\.[0-9]+ ms", " T ms"),
    (r"(Sec-WebSocket-(?:Key|Accept)): \S+", r"\1: VALUE"),
    (r"20\d\d-\d\d-\d\d(?: \d\d:\d\d:\d\d UTC)?", "DATE"),
    (r"process \d+", "process N"),
    (r"descriptor \d+", "descriptor N"),
    (r"/tmp/programs/", "/usr/bin/"),
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
    (r"^cargo test --test header_is_fresh$", "true # a part of the other half"),
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
        for name in ("c-examples", "tests", "include", "docs", "Makefile"):
            os.symlink(os.path.join(SOURCE, name), os.path.join(folder, name))
        os.symlink(build, os.path.join(folder, "build"))
        self.stand_in_programs(build)

    def stand_in_programs(self, build):
        """What the documents run on the library, with the names and kinds of programs of Debian 12: linked with number 17,
        asked for by plugins only, built in."""
        programs = os.path.join(self.folder, "programs")
        os.mkdir(programs)
        self.env["PATH"] = programs + ":" + self.env["PATH"]
        library = os.path.join(build, "lib", "oxlws", "libwebsockets.so.17")
        linked = "void lws_get_library_version(void); int main(void) { lws_get_library_version(); return 0; }"
        kinds = {"rtpengine": (linked, [library]), "myprogram": (linked, [library]),
                 "janus": ("int main(void) { return 0; }", []),
                 "libwebsockets-test-server": ("void lws_create_context(void) {} int main(void) { return 0; }", [])}
        for name, (program, libraries) in kinds.items():
            subprocess.run([os.environ.get("CC", "cc"), "-x", "c", "-", "-x", "none", *libraries, "-o", os.path.join(programs, name)],
                           input=program, text=True, check=True)

    def bash(self, command, ports):
        """Runs a command; returns its status and what it printed, with the document's ports."""
        for index, port in enumerate(ports):
            command = command.replace(str(FIRST_PORT + index), str(port))
        # Nothing is written outside the folder.
        command = command.replace("/tmp/", self.folder + "/")
        # timeout(1) ends what the command started, too.
        run = subprocess.run(
            ["timeout", "-k", "5", str(LIMIT), "stdbuf", "-oL", "bash", "-e", "-o", "pipefail", "-c", command],
            cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        text = run.stdout.decode("utf-8", "replace").replace(self.folder + "/", "/tmp/")
        for index, port in enumerate(ports):
            text = re.sub(r"\b%d\b" % port, str(FIRST_PORT + index), text)
        return run.returncode, text

    def until(self, command, wanted):
        """Runs a command that does not end by itself; returns its status after SIGINT, and what it printed."""
        process = subprocess.Popen(
            ["stdbuf", "-oL", "bash", "-e", "-c", command], cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True)
        watchdog = threading.Timer(LIMIT, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        printed = ""
        for line in process.stdout:
            printed += line
            if wanted and re.search(wanted, line):
                wanted = None
                os.killpg(process.pid, signal.SIGINT)
        status = process.wait()
        watchdog.cancel()
        # bash itself ends by the signal, after the program did.
        return (1 if wanted else 0 if status in (0, -signal.SIGINT, 128 + signal.SIGINT) else status), printed

    def shell_block(self, where, text, settings):
        for pattern, replacement in STAND_INS:
            text = re.sub(pattern, replacement, text, flags=re.M)
        with self.surroundings(where, settings) as around:
            if around.missing:
                print("%s: not run, what it needs is missing: %s" % (where, settings))
                return
            for old, new in around.replacements:
                if old not in text:
                    self.problems.append("%s: there is no '%s' to be replaced" % (where, old))
                text = text.replace(old, new)
            if around.until:
                status, printed = self.until(text, around.until)
            else:
                status, printed = self.bash(text, around.ports)
        if status != around.status:
            self.problems.append("%s: ended with status %d:\n%s%s" % (where, status, text, printed))

    @contextlib.contextmanager
    def surroundings(self, where, settings):
        """What the comment in front of a block asks for; the peers run inside of the `with`."""
        around = types.SimpleNamespace(ports=[], replacements=[], until=None, status=0, missing=False)
        peers = []
        try:
            for word in shlex.split(settings):
                name, _, value = word.partition("=")
                if name == "peer":
                    words = shlex.split(re.sub(r"\{peer (\d)\}", lambda m: str(around.ports[int(m.group(1)) - 1]), value))
                    # Peers run in the folder of this process: their certificates get whole names.
                    words = [os.path.join(self.folder, w) if re.fullmatch(r"[\w-]+\.(pem|key)", w) else w for w in words]
                    peers.append(Peer([sys.executable, os.path.join(SOURCE, "tests", "peers", words[0])] + words[1:]))
                    peers[-1].wait_ready(10)
                    around.ports.append(peers[-1].port)
                elif name == "with":
                    around.replacements.append(value.split("=", 1))
                elif name == "until":
                    around.until = value
                elif name == "if":
                    around.missing = around.missing or not glob.glob(value)
                elif name == "status":
                    around.status = int(value)
                else:
                    raise SystemExit("%s: what is %s?" % (where, name))
            yield around
        finally:
            for peer in peers:
                peer.finish(0)

    def dialogue(self, where, text, settings):
        """Runs the commands of a console block and returns the block as it really is."""
        result = ""
        with self.surroundings(where, settings) as around:
            if around.missing:
                print("%s: not run, what it needs is missing: %s" % (where, settings))
                return text
            for line in text.splitlines():
                if not line.startswith("$ "):
                    continue
                status, printed = self.bash(line[2:], around.ports)
                result += line + "\n" + printed
                if status != around.status:
                    self.problems.append("%s: `%s` ended with status %d, expected %d:\n%s"
                                         % (where, line[2:], status, around.status, printed))
        return result

    def manual(self, path, text):
        """The blocks of EXAMPLES, line by line."""
        start = text.find("\n.SH EXAMPLES")
        if start < 0:
            return
        end = text.find("\n.SH ", start + 1)
        for match in MAN_BLOCK.finditer(text, start, end if end > 0 else len(text)):
            kind, settings, block = match.groups()
            if kind == "not run:":
                continue
            self.count += 1
            # What groff makes of the text.
            block = block.replace("\\-", "-").replace("\\e", "\\")
            self.shell_block("%s:%d" % (path, text.count("\n", 0, match.start(3))), block, settings or "")

    def document(self, path):
        with open(path, encoding="utf-8") as file:
            document = file.read()
        if not path.endswith(".md"):
            self.manual(path, document)
            return

        def one(match):
            kind, settings, language, text = match.groups()
            where = "%s:%d" % (path, document.count("\n", 0, match.start(4)))
            if kind == "not run:":
                return match.group(0)
            self.count += 1
            if language == "sh":
                self.shell_block(where, textwrap.dedent(text), settings or "")
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
    ap.add_argument("files", nargs="*", default=[os.path.join(SOURCE, name) for name in all_documents()])
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
