# SPDX-License-Identifier: GPL-2.0
"""A headless Chromium, as far as a test of one page needs it; WebDriver over HTTP"""
import json
import re
import subprocess
import tempfile
import urllib.error
import urllib.request

OPTIONS = ("--headless --no-sandbox --disable-gpu --disable-quic --no-first-run "
           "--disable-background-networking --disable-component-update --disable-sync").split()


class Browser:
    """One window. With scripts=False no page can run one."""

    def __init__(self, scripts=True, size="1400,900", options=()):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE,
                                       stderr=subprocess.DEVNULL, text=True)
        for line in self.driver.stdout:
            port = re.search(r"started successfully on port (\d+)", line)
            if port:
                break
        else:
            raise RuntimeError("chromedriver does not start")
        self.session = f"http://127.0.0.1:{port[1]}/session"
        chrome = {
            "args": [*OPTIONS, f"--user-data-dir={self.folder.name}", f"--window-size={size}", *options],
            "perfLoggingPrefs": {"enableNetwork": True},
        }
        if not scripts:
            chrome["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        started = self.send("POST", "", capabilities={"alwaysMatch": {
            "goog:chromeOptions": chrome,
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }})
        self.session += "/" + started["sessionId"]

    def send(self, method, path, **body):
        """a command of WebDriver's; its value"""
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self.session + path, data, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from error

    def open(self, url):
        """go to a page, and wait until it is there"""
        self.send("POST", "/url", url=url)

    def run(self, script, *args):
        """the result of a script, which ends in return"""
        return self.send("POST", "/execute/sync", script=script, args=list(args))

    def element(self, selector):
        """the path of the first that matches"""
        found = self.send("POST", "/element", using="css selector", value=selector)
        return f"/element/{next(iter(found.values()))}"

    def element_text(self, selector):
        """as it can be seen"""
        return self.send("GET", self.element(selector) + "/text")

    def keys(self, selector, text):
        """type into an element"""
        self.send("POST", self.element(selector) + "/value", text=text)

    def click(self, selector):
        """click on an element, as a user does: it has to be seen"""
        self.send("POST", self.element(selector) + "/click")

    def log(self, kind):
        """what the browser has logged since: browser or performance"""
        return self.send("POST", "/se/log", type=kind)

    def requests(self):
        """the addresses that were asked for since"""
        events = [json.loads(entry["message"])["message"] for entry in self.log("performance")]
        return [event["params"]["request"]["url"] for event in events
                if event["method"] == "Network.requestWillBeSent"]

    def close(self):
        """end it"""
        try:
            self.send("DELETE", "")
        finally:
            self.driver.terminate()
            self.driver.wait()
            self.folder.cleanup()
