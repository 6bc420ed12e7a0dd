#!/usr/bin/env python3
"""The example servers under curl, HTTP/1.1: reuse of connections, ranges, etags, redirects, forms, methods, TLS.

    curl.py HTTP-SERVER-PORT REST-SERVER-PORT TLS-SERVER-PORT CA

Prints what curl reports. Exit status 77 without curl.
"""
import shutil
import subprocess
import sys
import tempfile

REPORT = "%{http_version} %{response_code} connects=%{num_connects} bytes=%{size_download}\\n"


def main():
    if not shutil.which("curl"):
        print("curl is not installed")
        return 77
    files, rest, tls, ca = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:

        def curl(what, *arguments, report=True):
            command = ["curl", "-q", "-sS", "--http1.1", "--noproxy", "*", "--max-time", "10", *arguments]
            if report:
                command += ["-w", REPORT]
            done = subprocess.run(command, cwd=folder, capture_output=True, timeout=30)
            text = done.stdout.decode("utf-8", "replace").replace("\r", "").rstrip("\n")
            print("%s: %s" % (what, text) if done.returncode == 0 else
                  "%s: curl status %d: %s" % (what, done.returncode, done.stderr.decode().strip()), flush=True)

        site = "http://127.0.0.1:%s" % files
        notes = "http://127.0.0.1:%s/notes" % rest
        discard = ["-o", "/dev/null"]
        curl("a file", site + "/notes.md")
        curl("two on one connection", *discard, site + "/notes.md", *discard, site + "/index.html")
        curl("head", "-I", *discard, site + "/notes.md")
        curl("a range", "-r", "2-6", site + "/notes.md")
        curl("the last bytes", "-r", "-3", site + "/notes.md")
        curl("etag saved", "--etag-save", "etag", *discard, site + "/notes.md")
        curl("etag compared", "--etag-compare", "etag", site + "/notes.md")
        curl("redirect", "-o", "/dev/null", "-w", "%{response_code} %{redirect_url}\\n", site + "/old", report=False)
        curl("an own 404 page", "-L", site + "/none")
        curl("without login", site + "/private/")
        curl("wrong login", "-u", "me:wrong", site + "/private/")
        curl("login", "-u", "me:secret", site + "/private/")
        curl("1.0", "--http1.0", site + "/notes.md")
        curl("post", "-d", "a note", notes)
        curl("post of chunks", "-H", "Transfer-Encoding: chunked", "-d", "in chunks", notes)
        curl("post, asked before", "-H", "Expect: 100-continue", "-d", "expected", notes)
        curl("post of too much", "-d", "x" * 5000, *discard, notes)
        curl("put", "-X", "PUT", "-d", "changed", notes + "/1")
        curl("delete", "-X", "DELETE", notes + "/2")
        curl("list", notes)
        secure = "https://localhost:%s" % tls
        curl("https", "--cacert", ca, secure + "/plain.txt")
        curl("https 1.3 only", "--cacert", ca, "--tlsv1.3", secure + "/plain.txt")
        curl("https 1.2 at most", "--cacert", ca, "--tls-max", "1.2", secure + "/plain.txt")
        curl("plain http to it", "-L", "--cacert", ca, "http://localhost:%s/plain.txt" % tls)
    return 0


sys.exit(main())
