#!/usr/bin/env python3
"""Which environment variables does the library ask for? Only those that are documented, none of which weakens TLS.

    environment.py SHIM SERVER CLIENT CERTS

A server with TLS is made and a client of it that trusts the system's store, both with the shim that writes the names down.
The environment as a whole must not be walked through: the library does not know it.
"""
import os
import signal
import subprocess
import sys
import tempfile

from hostile import Victim, next_client

# What each is for.
KNOWN = {
    "OXLWS_TRACE": "timelines; not obeyed with raised privileges",
    "http_proxy": "proxy of the client; TLS goes through it, end to end",
    "socks_proxy": "the same",
    "no_proxy": "who is reached without one",
    "NO_PROXY": "the same",
    "SSL_CERT_FILE": "the system's store is elsewhere, as with OpenSSL; not obeyed with raised privileges",
    "SSL_CERT_DIR": "the same",
    "OPENSSL_ia32cap": "which instructions of the processor cryptography may use (aws-lc)",
    "RUST_BACKTRACE": "what is printed when a bug of ours is caught",
    "RUST_LIB_BACKTRACE": "the same",
}
# Those that must be seen, or this looks at nothing.
EXPECTED = {"OXLWS_TRACE", "SSL_CERT_FILE", "http_proxy"}


def main():
    shim, server, client, certs = sys.argv[1:5]
    problems = []
    with tempfile.TemporaryDirectory() as files:
        log = os.path.join(files, "asked")
        os.environ.update(LD_PRELOAD=shim, OXLWS_ENV_LOG=log)
        victim = Victim([server, files, certs + "/server.pem", certs + "/server.key"])
        found = subprocess.run([client, str(victim.ports[1]), certs + "/ca.pem", "file"], stdout=subprocess.PIPE, text=True, timeout=20)
        if found.stdout != "accepted\n":
            problems.append("the client said %r" % found.stdout)
        del os.environ["LD_PRELOAD"]
        if not next_client(victim.ports[0]):
            problems.append("the server does not serve")
        victim.process.send_signal(signal.SIGTERM)
        victim.process.stdin.close()
        if victim.process.wait(10):
            problems.append("the server ended with %s" % victim.process.returncode)
        with open(log) as file:
            asked = set(file.read().split("\n")) - {""}
    problems += ["%s is asked for, and no document says why" % name for name in sorted(asked - set(KNOWN))]
    problems += ["%s is not asked for: does the shim work?" % name for name in sorted(EXPECTED - asked)]
    for problem in problems:
        print(problem)
    print("environment: %s; %d problems" % (" ".join(sorted(asked)), len(problems)))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
