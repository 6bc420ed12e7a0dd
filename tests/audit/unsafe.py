#!/usr/bin/env python3
"""Where is unsafe code, and has each piece its reason?

    unsafe.py            checks, and prints one line per file: blocks, functions, impls
    unsafe.py --list     prints every block with its reason

Fails where unsafe code is outside of the places that docs/trust.md names, or has no SAFETY
comment in front of it (functions and traits: a "# Safety" section, or the module's "# What C promises").
"""
import os
import re
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
ALLOWED = re.compile(r"^(src/(abi/|engine/sys\.rs$)|rustls-object/src/lib\.rs$)")
WORD = re.compile(r"\bunsafe\b")


def code(line):
    """The line without comments and text."""
    line = re.sub(r'"(\\.|[^"\\])*"', '""', line)
    return line.split("//")[0]


def reason(lines, at):
    """The SAFETY comment that stands in front of line `at`, or on it."""
    inline = re.search(r"// SAFETY: (.*)", lines[at])
    if inline:
        return inline.group(1)
    up = at - 1
    # A statement may begin some lines above its block; attributes may stand between.
    for up in range(at - 1, max(at - 12, -1), -1):
        text = lines[up].strip()
        found = re.match(r"// SAFETY: (.*)", text)
        if found:
            rest = []
            for more in lines[up + 1 : at]:
                if not more.strip().startswith("//"):
                    break
                rest.append(more.strip()[2:].strip())
            return " ".join([found.group(1)] + rest)
        if text.endswith("}") and not text.startswith("}"):
            continue
    return None


def main():
    listing = "--list" in sys.argv[1:]
    problems, files, totals = [], {}, [0, 0, 0]
    trees = [os.walk(os.path.join(ROOT, tree)) for tree in ("src", "rustls-object/src")]
    for folder, _, names in (entry for tree in trees for entry in tree):
        for name in names:
            path = os.path.join(folder, name)
            relative = os.path.relpath(path, ROOT)
            if not name.endswith(".rs"):
                continue
            with open(path, encoding="utf-8") as file:
                lines = file.read().split("\n")
            counts = [0, 0, 0]
            for at, line in enumerate(lines):
                for word in WORD.finditer(code(line)):
                    rest = code(line)[word.end() :].lstrip()
                    if rest.startswith("{") or rest == "":
                        counts[0] += 1
                        why = reason(lines, at)
                        if why is None:
                            problems.append("%s:%d: no SAFETY comment" % (relative, at + 1))
                        elif listing:
                            print("%s:%d: %s" % (relative, at + 1, why))
                    elif rest.startswith("impl"):
                        counts[2] += 1
                        if reason(lines, at) is None:
                            problems.append("%s:%d: no SAFETY comment" % (relative, at + 1))
                    elif re.match(r'(extern "" )?fn \w', rest):
                        counts[1] += 1
            if any(counts):
                files[relative] = counts
                totals = [a + b for a, b in zip(totals, counts)]
                if not ALLOWED.match(relative):
                    problems.append("%s: unsafe code does not belong here" % relative)
    if not listing:
        for name in sorted(files):
            print("%4d blocks %4d functions %2d impls  %s" % (*files[name], name))
    for problem in problems:
        print(problem)
    print("unsafe: %d blocks, %d functions, %d impls in %d files, %d problems" % (*totals, len(files), len(problems)))
    return 1 if problems else 0


sys.exit(main())
