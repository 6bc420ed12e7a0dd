#!/usr/bin/env python3
"""Two windows of a headless Chromium on the page of chat-server, by the WebDriver protocol.

    chromium.py PORT [SCREENSHOT]

Prints what the windows show. Exit status 77 if chromium or chromedriver is missing. With SCREENSHOT the picture
of the second window is kept there.
"""
import base64
import http.client
import json
import shutil
import subprocess
import sys
import tempfile
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Driver:
    """A chromedriver process and one session of it."""

    def __init__(self, profile):
        self.process = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if "started successfully on port" in line:
                self.port = int(line.rstrip(".\n").rsplit(" ", 1)[1])
                break
        options = {
            "binary": shutil.which("chromium"),
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--no-proxy-server", "--user-data-dir=" + profile, "--window-size=640,520"],
        }
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self.session = ""
        self.session = "/session/" + self.call("POST", "/session", wanted)["sessionId"]

    def call(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=40)
        connection.request(method, self.session + path if self.session else path,
                           json.dumps(body if body is not None else {}) if method == "POST" else None,
                           {"Content-Type": "application/json"})
        value = json.loads(connection.getresponse().read())["value"]
        connection.close()
        if isinstance(value, dict) and "error" in value:
            raise SystemExit("chromium: %s: %s" % (value["error"], value["message"].splitlines()[0]))
        return value

    def script(self, text):
        return self.call("POST", "/execute/sync", {"script": "return " + text, "args": []})

    def element(self, css):
        return self.call("POST", "/element", {"using": "css selector", "value": css})[ELEMENT]

    def wait_for(self, text, wanted):
        """Waits until the expression is what is wanted; at most 15 s."""
        end = time.monotonic() + 15
        while True:
            value = self.script(text)
            if value == wanted or time.monotonic() > end:
                return value
            time.sleep(0.05)

    def end(self):
        try:
            self.call("DELETE", "")
        finally:
            self.process.terminate()
            self.process.wait(10)


STATE = "document.getElementById('state').textContent"
SAID = "[...document.querySelectorAll('#said li')].map(line => line.textContent)"


def main():
    if not shutil.which("chromium") or not shutil.which("chromedriver"):
        print("chromium or chromedriver is not installed")
        return 77
    url = "http://127.0.0.1:%s/" % sys.argv[1]
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        driver = Driver(profile)
        try:
            first = driver.call("GET", "/window")
            second = driver.call("POST", "/window/new", {"type": "window"})["handle"]
            for window in (first, second):
                driver.call("POST", "/window", {"handle": window})
                driver.call("POST", "/url", {"url": url})
                print("state:", driver.wait_for(STATE, "connected"), flush=True)
            texts = ["hello from the first", "\u00e4 second line \u20ac"]
            driver.call("POST", "/window", {"handle": first})
            for number, text in enumerate(texts, 1):
                driver.call("POST", "/element/%s/value" % driver.element("#text"), {"text": text})
                driver.call("POST", "/element/%s/click" % driver.element("#send"))
                driver.wait_for(SAID, texts[:number])
            for name, window in (("first", first), ("second", second)):
                driver.call("POST", "/window", {"handle": window})
                print(name, "shows", driver.wait_for(SAID, texts), flush=True)
            if len(sys.argv) > 2:
                with open(sys.argv[2], "wb") as file:
                    file.write(base64.b64decode(driver.call("GET", "/screenshot")))
        finally:
            driver.end()
    return 0


sys.exit(main())
