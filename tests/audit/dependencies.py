#!/usr/bin/env python3
"""Are the dependencies what we want to ship? Works without a network, where cargo has them all.

Every package comes from crates.io with a checksum, has a licence from the list, and what is linked into the library is
there in one version only. The same holds for the second object, liboxlws-rustls.so. The workspaces of fuzz/ and benches/ have
locks of their own: the same is asked of them as of what only tests use, and that what they share with the library is there
in the library's version, or they would try something else than what is shipped.
"""
import json
import os
import subprocess
import sys

ROOT = os.path.realpath(os.path.join(os.path.dirname(__file__), "..", ".."))
# Licences that programs of any kind may link.
LINKED = {"MIT", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-3-Clause", "ISC", "Zlib", "Unicode-3.0", "MIT-0", "CC0-1.0", "Unlicense"}
# Tools of the tests only; nothing of them is in the library.
TEST_ONLY = LINKED | {"MPL-2.0", "NCSA"}
# Workspaces of the tests, with locks of their own.
BESIDE = ("fuzz", "benches/cores")
# Packages that may be there twice, with the reason.
TWICE = {
    "syn": "macros at build time",
    "untrusted": "aws-lc-rs wants 0.7 and rustls-webpki 0.9; a reader of bytes without unsafe code",
}


def allowed(expression, licences):
    """Whether a licence expression can be satisfied."""
    expression = expression.replace("/", " OR ").strip()
    while True:
        parts, depth, word = [], 0, ""
        for token in expression.replace("(", " ( ").replace(")", " ) ").split():
            depth += (token == "(") - (token == ")")
            if depth == 0 and token in ("AND", "OR"):
                parts += [word.strip(), token]
                word = ""
            else:
                word += " " + token
        parts.append(word.strip())
        if len(parts) == 1 and parts[0].startswith("(") and parts[0].endswith(")"):
            expression = parts[0][1:-1]
            continue
        break
    if len(parts) == 1:
        return parts[0] in licences
    # AND binds more tightly than OR.
    groups, group = [], [parts[0]]
    for operator, part in zip(parts[1::2], parts[2::2]):
        if operator == "OR":
            groups.append(group)
            group = []
        group.append(part)
    groups.append(group)
    return any(all(allowed(part, licences) for part in group) for group in groups)


def metadata(folder, *options):
    """What cargo knows of a workspace; what is not there yet is fetched."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", *options]
    found = subprocess.run(command + ["--offline"], cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if found.returncode:
        found = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE)
    return json.loads(found.stdout)


def without_checksum(folder):
    """Packages of the lock that nothing vouches for, which our own are."""
    with open(os.path.join(folder, "Cargo.lock"), encoding="utf-8") as file:
        blocks = file.read().split("[[package]]")[1:]
    return {block.split('"')[1] for block in blocks if "checksum" not in block}


def check_beside(folder, host, shipped):
    """A workspace of tests: its problems, and how many packages it has. `shipped`: versions by name."""
    data = metadata(os.path.join(ROOT, folder), "--filter-platform", host)
    ours = {package["name"] for package in data["packages"] if package["source"] is None}
    problems = ["%s: %s: no checksum in Cargo.lock" % (folder, name) for name in sorted(without_checksum(os.path.join(ROOT, folder)) - ours)]
    foreign = [package for package in data["packages"] if package["source"] is not None]
    for package in foreign:
        name = "%s: %s %s" % (folder, package["name"], package["version"])
        if not package["source"].startswith("registry+"):
            problems.append("%s: not from the registry" % name)
        if not allowed(package["license"] or "(none)", TEST_ONLY):
            problems.append("%s: licence %s" % (name, package["license"]))
    there = {}
    for package in foreign:
        there.setdefault(package["name"], set()).add(package["version"])
    for name, versions in sorted(there.items()):
        missing = set(shipped.get(name, ())) - versions
        if missing and name not in TWICE:
            problems.append("%s: %s %s, but the library links %s" % (folder, name, ", ".join(sorted(versions)), ", ".join(sorted(missing))))
    for package in data["packages"]:
        if package["source"] is None and not os.path.realpath(package["manifest_path"]).startswith(ROOT + os.sep):
            problems.append("%s: %s lies outside" % (folder, package["name"]))
    return problems, len(foreign)


def main():
    rustc = subprocess.run(["rustc", "-vV"], check=True, stdout=subprocess.PIPE, text=True).stdout
    host = next(line.split()[1] for line in rustc.splitlines() if line.startswith("host:"))
    data = metadata(ROOT, "--all-features", "--filter-platform", host)
    own = set(data["workspace_members"])
    packages = {package["id"]: package for package in data["packages"]}
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    linked, pending = set(), list(own)
    while pending:
        current = pending.pop()
        if current in linked:
            continue
        linked.add(current)
        for dependency in nodes[current]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                pending.append(dependency["pkg"])
    unchecked = without_checksum(ROOT) - {"oxlws", "oxlws-rustls"}
    problems = ["%s: no checksum in Cargo.lock" % name for name in sorted(unchecked)]
    versions = {}
    for identity, package in packages.items():
        name = "%s %s" % (package["name"], package["version"])
        if identity in own:
            continue
        if not (package["source"] or "").startswith("registry+"):
            problems.append("%s: not from the registry" % name)
        licence = package["license"] or "(none)"
        if not allowed(licence, LINKED if identity in linked else TEST_ONLY):
            problems.append("%s: licence %s" % (name, licence))
        if identity in linked:
            versions.setdefault(package["name"], []).append(package["version"])
    for name, found in sorted(versions.items()):
        if len(found) > 1 and name not in TWICE:
            problems.append("%s: linked in versions %s" % (name, ", ".join(sorted(found))))
    beside = []
    for folder in BESIDE:
        more, count = check_beside(folder, host, versions)
        problems += more
        beside.append("%s %d" % (folder, count))
    for problem in problems:
        print(problem)
    print("dependencies: %d packages, %d of them linked; %s; %d problems" % (
        len(packages) - len(own), len(linked) - len(own), ", ".join(beside), len(problems)))
    return 1 if problems else 0


sys.exit(main())
