"""The pictures of docs: a day's work as an operator sees it. PICTURES names the folder they are written to; without it
nothing is written, and the pages are looked at all the same."""

import base64
import os
from pathlib import Path

import pytest

from browser import Browser
from conftest import binary
from daemon import Daemon

PLUGINS = """
[plugin:drakvuf]
version = 0.21
description = Drakvuf Sandbox
url = {url}/task
hooks = on_created_file
extract.task = json:/task
attribute.drakvuf = {{{{task}}}}

[plugin:hello_world]
description = Prints what arrives
url = {url}/ok
hooks = *

[plugin:siem]
description = Events for the SIEM
url = {url}/down
hooks = on_created_*
backoff = 20s..1h

[plugin:scanner]
description = Scans by hash
url = {url}/refuse
hooks = on_created_file
"""
PAGES = {
    "overview": "",
    "deliveries": "deliveries",
    "delivery": "delivery/{event}/scanner",
    "plugin": "plugin/siem",
    "dead-letters": "dead",
    "ages": "ages",
}
DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture
def work(receiver, driver, tmp_path):
    """A daemon that has had something to do, and a browser logged in to it."""
    kept = dict(receiver.answers)
    receiver.answers["/refuse"] = (422, b'{"error": "file type is not supported"}')
    daemon = Daemon(binary(), tmp_path, receiver.url, PLUGINS)
    try:
        daemon.start()
        for name in ("invoice.exe", "update.dll", "setup.msi", "report.doc", "loader.exe", "payload.bin") * 4:
            daemon.made = daemon.event(file_name=name)
        assert daemon.until(lambda: len(daemon.get("/api/deliveries?plugin=scanner&state=dead")["deliveries"]) == 24)
        assert daemon.until(lambda: len(daemon.get("/api/deliveries?plugin=drakvuf&state=delivered")["deliveries"]) == 24)
        assert daemon.until(lambda: daemon.get("/api/plugins/siem")["status"]["state"] == "suspended")
        browser = Browser(driver, daemon)
        browser.reset()
        browser.size(1280, 840)
        browser.login(daemon.token())
        # The plots are drawn of what the minute has brought.
        browser.wait(lambda: browser.all(".plot .fail"), 60)
        yield browser
        browser.check()
    finally:
        receiver.answers.update(kept)
        daemon.stop()


def test_pictures_of_the_docs(work):
    folder = os.environ.get("PICTURES")
    for name, page in PAGES.items():
        work.go(page.format(event=work.daemon.made))
        work.wait(lambda: work.all("main h1"))
        assert not work.all("main .problem[role=alert]"), work.text()
        if folder:
            data = work.driver.execute_cdp_cmd("Page.captureScreenshot", {"optimizeForSpeed": False})["data"]
            Path(folder).mkdir(parents=True, exist_ok=True)
            (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(data))


def test_the_docs_have_each_picture_once():
    pictures = {path.name for path in (DOCS / "pictures").glob("*.png")}
    assert pictures == {name + ".png" for name in PAGES}
    assert all((DOCS / "pictures" / name).stat().st_size < 150_000 for name in pictures)
