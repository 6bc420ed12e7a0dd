#!/usr/bin/env python3
"""Commands in the prose of the documents: each is known, and what they name exists.

    prose.py --build DIR

A piece of inline code that is a command (documents.py says what one is) must stand in commands.txt, with the test that
runs it or the reason why none does. Targets and variables of make are tried with `make -n`. Names of tests, such as
c.client_reconnect or doctor.*, must exist. Man pages must be free of groff's warnings, where there is groff. Exit status: 0 all is well, 1 not.
"""
import argparse
import fnmatch
import os
import re
import shlex
import shutil
import subprocess
import sys

from documents import SOURCE, all_documents, commands, prose

TABLE = os.path.join(SOURCE, "tests", "docs", "commands.txt")


def table():
    rows = {}
    with open(TABLE, encoding="utf-8") as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                command, _, how = line.rstrip("\n").partition(" | ")
                rows[command] = how.strip()
    return rows


def dry_run(command):
    """None, or why make would not do it."""
    words = [word for word in shlex.split(command) if word != "PREFIX=..."]
    run = subprocess.run(words[:1] + ["-n"] + words[1:], cwd=SOURCE, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, text=True)
    return run.stdout.strip().splitlines()[-1] if run.returncode else None


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--build", required=True)
    options = ap.parse_args()
    listed = subprocess.run(["ctest", "--test-dir", options.build, "-N"], stdout=subprocess.PIPE, text=True, check=True).stdout
    tests = re.findall(r"^ *Test +#\d+: (\S+)$", listed, re.M)
    families = {name.split(".")[0] for name in tests if "." in name}
    rows, problems, seen = table(), [], {}
    named = 0
    for document in all_documents():
        for command in commands(document):
            seen.setdefault(command, document)
        for piece in prose(document):
            if re.fullmatch(r"[\w-]+\.[\w.*+-]+", piece) and piece.split(".")[0] in families and not piece.endswith((".py", ".c", ".h")):
                named += 1
                if not fnmatch.filter(tests, piece):
                    problems.append("%s: there is no test %s" % (document, piece))
    for command, document in seen.items():
        if command not in rows:
            problems.append("%s: `%s` is not in tests/docs/commands.txt" % (document, command))
        elif command.startswith("make "):
            wrong = dry_run(command)
            if wrong:
                problems.append("%s: `%s`: %s" % (document, command, wrong))
    for command, how in rows.items():
        kind, _, rest = how.partition(": ")
        if command not in seen:
            problems.append("commands.txt: no document has `%s` any more" % command)
        if kind not in ("test", "block", "not run") or not rest:
            problems.append("commands.txt: `%s`: how is it tested?" % command)
        elif kind == "test":
            for name in rest.split():
                if not fnmatch.filter(tests, name):
                    problems.append("commands.txt: `%s`: there is no test %s" % (command, name))
        elif kind == "block" and not os.path.exists(os.path.join(SOURCE, rest)):
            problems.append("commands.txt: `%s`: there is no document %s" % (command, rest))
    if shutil.which("groff"):
        for document in all_documents():
            if not document.endswith(".md"):
                run = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8", os.path.join(SOURCE, document)],
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
                if run.returncode or run.stdout:
                    problems.append("%s: %s" % (document, run.stdout))
    for problem in problems:
        print(problem)
    print("%d commands, %d names of tests, %d problems" % (len(seen), named, len(problems)))
    return 1 if problems or not seen or not named else 0


if __name__ == "__main__":
    sys.exit(main())
