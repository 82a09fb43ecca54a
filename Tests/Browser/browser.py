"""What the tests do with a browser: go to pages, press keys, take pictures, and see that nothing went wrong."""

import base64
import contextlib
import importlib.util
import json
import os
from pathlib import Path
from urllib.parse import urlsplit

from selenium.common.exceptions import WebDriverException
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
        """By the form."""
        self.driver.get(self.url)
        field = self.wait(lambda: self.one("input[name=token]"))
        field.send_keys(token, Keys.ENTER)
        self.wait(lambda: self.text("h1") == "Overview")
        # The 401 that showed the form.
        self.driver.get_log("browser")

    def enter(self):
        """By the session's cookie, which takes less time."""
        name, _, value = self.daemon.session().partition("=")
        self.driver.execute_cdp_cmd("Network.setCookie", {"name": name, "value": value, "url": self.url})
        self.driver.get(self.url)
        self.wait(lambda: self.text("h1") == "Overview")

    def go(self, hash):
        self.driver.execute_script("location.hash = arguments[0]", "#/" + hash)
        self.wait(lambda: self.shown() == "#/" + hash)
        return self

    def wait(self, question, seconds=15):
        return WebDriverWait(self.driver, seconds, 0.05).until(lambda _: self.calm(question))

    @staticmethod
    def calm(question):
        try:
            return question()
        except (WebDriverException, AttributeError, LookupError):  # not there yet, or no longer
            return None

    def all(self, selector):
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def one(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def text(self, selector="main"):
        return self.one(selector).text

    def texts(self, selector):
        """What each of them says."""
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText.trim())"
        return self.driver.execute_script(script, selector)

    def links(self, selector, prefix):
        """Where each of them leads, after the prefix."""
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.getAttribute('href'))"
        return [one.removeprefix(prefix) for one in self.driver.execute_script(script, selector)]

    def table(self):
        """The cells of each row of the first table."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll('main table')[0].tBodies[0].rows]"
            ".map((row) => [...row.cells].map((cell) => cell.innerText.trim()))"
        )

    def facts(self, section):
        """Names and values of a section."""
        within = f"section[aria-label='{section}'] "
        return dict(zip(self.texts(within + "dt"), self.texts(within + "dd")))

    def shown(self):
        """The address of the page that is shown, which is not yet the new one while that is loaded."""
        return self.one("#main").get_attribute("data-shown")

    def button(self, text, within="body"):
        """The button that says so; None where there is none to be seen."""
        return self.driver.execute_script(
            "return [...document.querySelectorAll(arguments[0])]"
            ".find((one) => one.innerText.trim() === arguments[1] && one.checkVisibility()) ?? null",
            f"{within} button",
            text,
        )

    def click(self, text, within="body"):
        """Clicks the button that says so, once it is there. What is drawn anew in between is looked for again."""
        self.wait(lambda: self.button(text, within).click() or True)

    def click_on(self, selector):
        """Clicks the first of these, as `click` does."""
        self.wait(lambda: self.one(selector).click() or True)

    def press(self, *keys):
        ActionChains(self.driver).send_keys(*keys).perform()

    def focused(self):
        return self.driver.switch_to.active_element

    def said(self):
        """What the focused element says."""
        one = "document.activeElement"
        return self.driver.execute_script(f"return {one}.innerText?.trim() || {one}.getAttribute('aria-label') || ''")

    def tab_to(self, text, limit=120, starts=False):
        """Moves on with the tabulator until the focused element says `text`, or starts with it."""
        for _ in range(limit):
            self.press(Keys.TAB)
            said = self.said()
            if said == text or starts and said.startswith(text):
                return
        raise AssertionError(f"no way to {text!r} by keyboard")

    @contextlib.contextmanager
    def elsewhere(self, link):
        """In the window that a link to another site opens. What that site asks for is its own affair."""
        self.check()
        here = self.driver.current_window_handle
        link.click()
        self.wait(lambda: len(self.driver.window_handles) == 2)
        self.driver.switch_to.window(next(one for one in self.driver.window_handles if one != here))
        try:
            yield
        finally:
            self.driver.close()
            self.driver.switch_to.window(here)
            self.driver.get_log("browser")
            self.driver.get_log("performance")

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
        if not self.driver.execute_script("return 'axe' in window"):
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
