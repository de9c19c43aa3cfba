"""Opens a page in a real Chromium and prints, as one JSON object, what the browser and the checks say of it.

usage: page_check.py CHROMIUM CHECKS PAGE FOLDER

Talks the DevTools protocol over a pipe, so that it needs no port and no package. CHECKS is a script that is evaluated
in the page; its result is printed for each way of showing the page. Screenshots and a print go to FOLDER.
"""

import base64
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

VIEWS = {
    "light": {"width": 1280, "height": 900, "mobile": False, "scheme": "light", "media": ""},
    "dark": {"width": 1280, "height": 900, "mobile": False, "scheme": "dark", "media": ""},
    "phone": {"width": 390, "height": 844, "mobile": True, "scheme": "light", "media": ""},
    "print": {"width": 794, "height": 1123, "mobile": False, "scheme": "dark", "media": "print"},
}


class Browser:
    """One Chromium process with one page."""

    def __init__(self, path):
        self.profile = tempfile.mkdtemp(prefix="page-check-")
        # Chromium wants the pipe at 3 and 4; so long as these are taken, nothing that is copied there lies there.
        spare = [os.open(os.devnull, os.O_RDONLY) for _ in range(4)]
        to_read, self.to = os.pipe()
        self.source, from_write = os.pipe()

        def place():
            os.dup2(to_read, 3)
            os.dup2(from_write, 4)

        self.process = subprocess.Popen(
            [path, "--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", "--hide-scrollbars",
             "--disable-background-networking", "--no-first-run", "--user-data-dir=" + self.profile, "about:blank"],
            close_fds=False, preexec_fn=place, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        for descriptor in spare + [to_read, from_write]:
            os.close(descriptor)
        self.buffer, self.number, self.events, self.session = b"", 0, [], None

    def message(self):
        while b"\0" not in self.buffer:
            piece = os.read(self.source, 1 << 16)
            if not piece:
                sys.exit("the browser went away")
            self.buffer += piece
        text, self.buffer = self.buffer.split(b"\0", 1)
        return json.loads(text)

    def call(self, method, **params):
        self.number += 1
        request = {"id": self.number, "method": method, "params": params}
        if self.session:
            request["sessionId"] = self.session
        data = json.dumps(request).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data):]
        while True:
            message = self.message()
            if message.get("id") == self.number:
                if "error" in message:
                    sys.exit(f"{method}: {message['error']}")
                return message["result"]
            self.events.append(message)

    def wait(self, method):
        while not any(event.get("method") == method for event in self.events):
            self.events.append(self.message())

    def evaluate(self, expression):
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            sys.exit(f"{result['exceptionDetails']}")
        return result["result"].get("value")

    def key(self, name, code):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code)

    def close(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def show(browser, view):
    browser.call("Emulation.setDeviceMetricsOverride", width=view["width"], height=view["height"],
                 deviceScaleFactor=1, mobile=view["mobile"])
    browser.call("Emulation.setEmulatedMedia", media=view["media"],
                 features=[{"name": "prefers-color-scheme", "value": view["scheme"]}])


def picture(browser, view, path):
    height = min(browser.evaluate("document.documentElement.scrollHeight"), 6000)
    shot = browser.call("Page.captureScreenshot", captureBeyondViewport=True,
                        clip={"x": 0, "y": 0, "width": view["width"], "height": height, "scale": 1})
    with open(path, "wb") as file:
        file.write(base64.b64decode(shot["data"]))


def problems(events):
    """What the console and the log say, and what was asked of the network."""
    said, requests = [], []
    for event in events:
        method, params = event.get("method"), event.get("params", {})
        if method == "Log.entryAdded" and params["entry"]["level"] in ("error", "warning"):
            said.append(params["entry"]["text"])
        elif method == "Runtime.consoleAPICalled":
            said.append(json.dumps([argument.get("value") for argument in params["args"]]))
        elif method == "Runtime.exceptionThrown":
            said.append(params["exceptionDetails"]["text"])
        elif method == "Page.javascriptDialogOpening":
            said.append("dialog: " + params["message"])
        elif method == "Network.requestWillBeSent":
            requests.append(params["request"]["url"])
    return said, [url for url in requests if not url.startswith("data:")]


def unnamed(browser):
    """Controls without a name in the tree that assistive technology gets."""
    kinds = {"button", "link", "searchbox", "textbox", "combobox", "table", "region", "navigation", "img", "image"}
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    found = []
    for node in nodes:
        role = node.get("role", {}).get("value")
        if not node.get("ignored") and role in kinds and not node.get("name", {}).get("value"):
            found.append(role)
    return found


def main(chromium, checks_path, page, folder):
    with open(checks_path, encoding="utf-8") as file:
        checks = file.read()
    # So that no browser outlives a test that is stopped.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    browser = Browser(chromium)
    try:
        target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        browser.session = browser.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            browser.call(domain + ".enable")
        # Time on the processor, which does not depend on what else the machine does.
        browser.call("Performance.enable", timeDomain="threadTicks")
        show(browser, VIEWS["light"])
        browser.call("Page.navigate", url="file://" + os.path.abspath(page))
        browser.wait("Page.loadEventFired")
        browser.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
        metrics = {entry["name"]: entry["value"] for entry in browser.call("Performance.getMetrics")["metrics"]}
        result = {"seconds": metrics["TaskDuration"], "nodes": metrics["Nodes"], "views": {}}
        for name, view in VIEWS.items():
            show(browser, view)
            result["views"][name] = browser.evaluate(checks)
            picture(browser, view, os.path.join(folder, name + ".png"))
        printed = browser.call("Page.printToPDF", printBackground=True)
        with open(os.path.join(folder, "print.pdf"), "wb") as file:
            file.write(base64.b64decode(printed["data"]))
        show(browser, VIEWS["light"])
        result["unnamed"] = unnamed(browser)
        result["focus"] = []
        for _ in range(12):
            browser.key("Tab", 9)
            result["focus"].append(browser.evaluate(
                "(() => { const e = document.activeElement, s = getComputedStyle(e);"
                "return {outline: s.outlineStyle, width: parseFloat(s.outlineWidth)}; })()"))
        result["tables"] = browser.evaluate("checkTables()")
        result["said"], result["requests"] = problems(browser.events)
        print(json.dumps(result))
    finally:
        browser.close()


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
