"""Headless Chromium on a live daemon. MWDB_WEBHOOKS names the binary, SCREENSHOTS a folder for pictures."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

from browser import Browser
from daemon import Daemon
from receiver import HOSTILE, Receiver

ROOT = Path(__file__).resolve().parents[2]


def binary():
    named = os.environ.get("MWDB_WEBHOOKS")
    found = [named] if named else [str(ROOT / ".build" / kind / "mwdb-webhooks") for kind in ("release", "debug")]
    for path in found:
        if os.access(path, os.X_OK):
            return path
    pytest.exit(f"no binary at {' or '.join(found)}: build one, or set MWDB_WEBHOOKS", 2)


@pytest.fixture(scope="session")
def receiver():
    receiver = Receiver()
    yield receiver
    receiver.close()


@pytest.fixture(scope="session")
def daemon(receiver, tmp_path_factory):
    daemon = Daemon(binary(), tmp_path_factory.mktemp("daemon"), receiver.url)
    try:
        yield daemon.start()
    finally:
        daemon.stop()


@pytest.fixture
def other_daemon(receiver, tmp_path):
    """A daemon for a test that leaves it in a bad mood."""
    daemon = Daemon(binary(), tmp_path, receiver.url)
    try:
        yield daemon.start()
    finally:
        daemon.stop()


@pytest.fixture(scope="session")
def events(daemon):
    """Events of every kind that matters here, by what is special about them; all have been tried once."""
    made = {
        "plain": daemon.event(file_name="invoice.exe"),
        "hostile": daemon.event(file_name=HOSTILE, actor=HOSTILE, tags=[HOSTILE], **{HOSTILE: HOSTILE}),
        "long": daemon.event(file_name="A" * 10_000),
        "rtl": daemon.event(file_name="\u202egnp.exe", note="\u05e9\u05dc\u05d5\u05dd \u0627\u0644\u0633\u0644\u0627\u0645"),
        "number": daemon.event(huge=int("9" * 301)),
        "odd": daemon.event(sha256="../../" + HOSTILE),
        "config": daemon.event("on_created_config"),
    }
    for number in range(30):
        daemon.event(file_name=f"sample-{number}.exe")
    settled = lambda: daemon.get("/api/deliveries?plugin=refuser&state=dead&limit=500")["deliveries"]
    assert daemon.until(lambda: len(settled()) >= 36, 60), daemon.words()
    assert daemon.until(lambda: daemon.get(f"/api/deliveries/{made['config']}/binary")["state"] == "dead", 60)
    assert daemon.until(lambda: daemon.get(f"/api/deliveries/{made['plain']}/down")["attempts"] >= 1, 60)
    return made


@pytest.fixture(scope="session")
def driver():
    options = Options()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "install chromium and chromium-driver (Debian's packages)"
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver"), log_output=subprocess.DEVNULL))
    yield driver
    driver.quit()


@pytest.fixture
def browser(driver, daemon, events):
    """A browser that is logged in as operator; at the end nothing may have gone wrong in it."""
    browser = Browser(driver, daemon)
    browser.reset()
    browser.login(daemon.token())
    yield browser
    browser.check()


@pytest.fixture
def stranger(driver, daemon, events):
    """A browser that is not logged in."""
    browser = Browser(driver, daemon)
    browser.reset()
    yield browser
    browser.check(but=("401", "429"))
