"""Headless Chromium on a live daemon that gets its events from a real MWDB. MWDB_WEBHOOKS names the binary, SCREENSHOTS a
folder for pictures."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

# The daemon, the receiver and the MWDB of the end-to-end tests. Last: modules of this folder come first.
sys.path.append(str(pathlib.Path(__file__).resolve().parents[1] / "EndToEnd"))

from support.daemon import BINARY  # noqa: E402
from support.lab import MWDBLab  # noqa: E402

from browser import Browser  # noqa: E402
from daemon import Daemon  # noqa: E402
from receiver import scripted  # noqa: E402
from work import settle, work  # noqa: E402

CAPABILITIES = ("access_all_objects", "adding_all_attributes", "downloading_files", "manage_users")


def pytest_configure(config):
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} does not exist: `swift build -c release`, or set MWDB_WEBHOOKS")


@contextlib.contextmanager
def fresh_daemon():
    """A daemon in a folder of its own: a short path, for the sake of its socket."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mw-"))
    daemon = Daemon(folder)
    try:
        yield daemon
    finally:
        daemon.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def receiver():
    receiver = scripted()
    yield receiver
    receiver.stop()


@pytest.fixture(scope="session")
def installed():
    """A daemon that is not configured yet, and a real MWDB that writes to its spool."""
    with fresh_daemon() as daemon:
        daemon.lab = MWDBLab(daemon.spool.root)
        try:
            daemon.lab.up()
            yield daemon
        finally:
            daemon.lab.close()


@pytest.fixture(scope="session")
def mwdb(installed):
    """MWDB, as its administrator."""
    return installed.lab.admin()


@pytest.fixture(scope="session")
def daemon(installed, receiver):
    """The daemon that most tests share, with every kind of plugin."""
    lab = installed.lab
    key = lab.user("webhooks", *CAPABILITIES)
    installed.mwdb = f"url = {lab.url}\npublic_url = {lab.url}\napi_key = {key}"
    return installed.configure_all(receiver, installed.mwdb).start()


@pytest.fixture
def other_daemon():
    """A daemon without MWDB or plugins, for a test that leaves it in a bad mood."""
    with fresh_daemon() as made:
        yield made.configure().start()


@pytest.fixture
def successor(daemon):
    """A daemon, not configured yet, that reads what MWDB writes in place of the shared one, which rests meanwhile."""
    daemon.stop()
    try:
        with fresh_daemon() as made:
            made.spool, made.mwdb = daemon.spool, daemon.mwdb
            yield made
    finally:
        daemon.start()


@pytest.fixture(scope="session")
def events(daemon, mwdb):
    """Events of every kind that matters here, by what is special about them; all have been tried once."""
    made = work(mwdb, daemon)
    settle(daemon, made)
    return made


@pytest.fixture(scope="session")
def profile():
    """Arguments for what Chromium keeps: in memory where there is some, for on a disk that others keep busy it stands still
    now and then."""
    if not pathlib.Path("/dev/shm").is_dir() or shutil.disk_usage("/dev/shm").free < 1 << 30:
        yield ["--disable-dev-shm-usage"]
        return
    folder = tempfile.mkdtemp(prefix="mw-chromium-", dir="/dev/shm")
    yield [f"--user-data-dir={folder}"]
    # Chromium goes on writing for a moment after it was told to end.
    end = time.monotonic() + 20
    while os.path.exists(folder) and time.monotonic() < end:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.05)
    assert not os.path.exists(folder), "something still writes to Chromium's profile"


@pytest.fixture(scope="session")
def driver(profile):
    options = Options()
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "install chromium and chromium-driver (Debian's packages)"
    options.binary_location = chromium
    # Nobody looks at the window, and yet its pages shall have their share of a busy machine.
    seen = ("--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows")
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", *seen, *profile):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver"), log_output=subprocess.DEVNULL))
    yield driver
    driver.quit()


@contextlib.contextmanager
def logged_in(driver, daemon):
    """A browser that is logged in as operator; at the end nothing may have gone wrong in it."""
    browser = Browser(driver, daemon)
    browser.reset()
    browser.enter()
    yield browser
    browser.check()


@pytest.fixture
def browser(driver, daemon, events):
    """A browser on the shared daemon, logged in as operator."""
    with logged_in(driver, daemon) as browser:
        yield browser


@pytest.fixture
def stranger(driver, daemon, events):
    """A browser that is not logged in."""
    browser = Browser(driver, daemon)
    browser.reset()
    yield browser
    browser.check(but=("401", "429"))
