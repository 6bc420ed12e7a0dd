#!/usr/bin/env python3
"""Two windows of a headless Chromium on the page of chat-server, by the WebDriver protocol.

    chromium.py PORT [SCREENSHOT]

Prints what the windows show. Exit status 77 if chromium or chromedriver is missing. With SCREENSHOT the picture
of the second window is kept there.
"""
import base64
import sys
import tempfile

from webdriver import Driver, is_installed

STATE = "document.getElementById('state').textContent"
SAID = "[...document.querySelectorAll('#said li')].map(line => line.textContent)"


def main():
    if not is_installed():
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
