"""A headless Chromium, driven by the WebDriver protocol."""
import http.client
import json
import shutil
import subprocess
import time

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"


class Driver:
    """A chromedriver process and one session of it; `more` are arguments of the browser."""

    def __init__(self, profile, *more):
        self.process = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True)
        for line in self.process.stdout:
            if "started successfully on port" in line:
                self.port = int(line.rstrip(".\n").rsplit(" ", 1)[1])
                break
        options = {
            "binary": shutil.which("chromium"),
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                     "--no-proxy-server", "--user-data-dir=" + profile, "--window-size=640,520", *more],
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
            self.process.stdout.close()


def is_installed():
    return bool(shutil.which("chromium") and shutil.which("chromedriver"))
