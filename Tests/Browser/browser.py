"""What the tests do with a browser: go to pages, press keys, take pictures, and see that nothing went wrong."""

import base64
import importlib.util
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait


def axe_script():
    """axe-core from whichever package carries it, the newer first."""
    for package in ("axe_playwright_python", "axe_core_python"):
        found = importlib.util.find_spec(package)
        if found:
            return (Path(found.submodule_search_locations[0]) / "axe.min.js").read_text()
    raise AssertionError("pip install -r Tests/Browser/requirements.txt")


class Browser:
    def __init__(self, driver, daemon):
        self.driver, self.daemon = driver, daemon
        self.url = daemon.url

    def reset(self):
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.size(1280, 900)
        self.dark(False)
        self.driver.get("about:blank")
        self.driver.get_log("browser")
        self.driver.get_log("performance")

    def login(self, token):
        self.driver.get(self.url)
        field = self.wait(lambda: self.one("input[name=token]"))
        field.send_keys(token, Keys.ENTER)
        self.wait(lambda: self.text("h1") == "Overview")
        # The 401 that showed the form.
        self.driver.get_log("browser")

    def go(self, hash):
        self.driver.execute_script("location.hash = arguments[0]", "#/" + hash)
        self.wait(lambda: self.driver.find_element(By.ID, "main").get_attribute("data-shown") == "#/" + hash)
        return self

    def wait(self, question, seconds=15):
        return WebDriverWait(self.driver, seconds, 0.05).until(lambda _: self.calm(question))

    @staticmethod
    def calm(question):
        from selenium.common.exceptions import WebDriverException

        try:
            return question()
        except WebDriverException:
            return None

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector="main"):
        return self.one(selector).text

    def button(self, text, within="body"):
        for element in self.all(f"{within} button"):
            if element.text == text and element.is_displayed():
                return element
        return None

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def tab_to(self, text, limit=120):
        """Moves on with the tabulator until the focused element says `text`."""
        for _ in range(limit):
            self.press(Keys.TAB)
            focused = self.driver.switch_to.active_element
            if (focused.text or focused.get_attribute("aria-label")) == text:
                return focused
        raise AssertionError(f"no way to {text!r} by keyboard")

    def size(self, width, height):
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False},
        )

    def dark(self, is_dark):
        value = "dark" if is_dark else "light"
        # Without transitions: axe-core would measure the contrast of colours on their way from one to the other.
        features = [
            {"name": "prefers-color-scheme", "value": value},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def picture(self, name, width=1280, height=900):
        folder = os.environ.get("SCREENSHOTS")
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        full = self.driver.execute_script("return document.documentElement.scrollHeight")
        self.size(width, min(max(full, height), 2400))
        data = self.driver.execute_cdp_cmd("Page.captureScreenshot", {})["data"]
        (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(data))
        self.size(width, height)

    def overflow(self):
        """By how many pixels the page is wider than the window."""
        return self.driver.execute_script(
            "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )

    def axe(self):
        """Serious findings of axe-core."""
        self.driver.execute_script(axe_script())
        found = self.driver.execute_async_script(
            "const done = arguments[0]; axe.run(document).then((result) => done(result.violations))"
        )
        return [
            (one["id"], one["impact"], [node["html"][:200] for node in one["nodes"]][:4])
            for one in found
            if one["impact"] in ("serious", "critical")
        ]

    def check(self, but=()):
        """Nothing of a stranger ran, the console is clean, and every request stayed here."""
        assert self.driver.execute_script("return window.hacked") is None
        errors = [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] in ("SEVERE", "WARNING") and not any(word in entry["message"] for word in but)
        ]
        assert not errors, errors
        here = urlsplit(self.url).netloc
        for entry in self.driver.get_log("performance"):
            message = json.loads(entry["message"])["message"]
            if message["method"] == "Network.requestWillBeSent":
                target = urlsplit(message["params"]["request"]["url"])
                assert target.netloc == here or target.scheme in ("about", "data", "chrome"), target.geturl()
