#!/usr/bin/env python3
"""tls-server under `openssl s_client`: versions, ALPN, names, resumption, wrong authority.

    openssl.py PORT CA

Exit status 77 without openssl.
"""
import re
import shutil
import subprocess
import sys
import tempfile


def main():
    if not shutil.which("openssl"):
        print("openssl is not installed")
        return 77
    port, ca = sys.argv[1:]
    request = b"GET /plain.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

    def client(what, *arguments, trust=True):
        command = ["openssl", "s_client", "-connect", "127.0.0.1:" + port, "-ign_eof", *arguments]
        if trust:
            command += ["-CAfile", ca, "-verify_return_error"]
        done = subprocess.run(command, input=request, capture_output=True, timeout=20)
        text = done.stdout.decode("utf-8", "replace")

        def find(pattern):
            found = re.search(pattern, text)
            return found.group(1) if found else "-"

        print("%s: %s, %s, ALPN %s, subject %s, verification %s, status %s, body %r, exit %d" % (
            what,
            find(r"(?:New|Reused), (TLSv[\d.]+)"),
            find(r"(New|Reused), "),
            find(r"ALPN protocol: (\S+)"),
            find(r"subject=CN = (\S+)"),
            find(r"Verification(?: error)?: (.+)"),
            find(r"HTTP/1.1 (\d+)"),
            text.rsplit("\r\n\r\n", 1)[-1].split("\n")[0] if "HTTP/1.1 200" in text else "",
            done.returncode,
        ), flush=True)

    client("default")
    client("1.2", "-tls1_2")
    client("1.3", "-tls1_3")
    client("1.1", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0")
    client("alpn http/1.1", "-alpn", "http/1.1")
    client("alpn unknown", "-alpn", "other")
    client("name", "-servername", "localhost", "-verify_hostname", "localhost")
    client("no authority", trust=False)
    with tempfile.TemporaryDirectory() as folder:
        session = folder + "/session"
        client("1.2 first", "-tls1_2", "-sess_out", session)
        client("1.2 again", "-tls1_2", "-sess_in", session)
        client("1.3 first", "-tls1_3", "-sess_out", session)
        client("1.3 again", "-tls1_3", "-sess_in", session)
    return 0


sys.exit(main())
