"""The pictures of docs: a day's work as an operator sees it. PICTURES names the folder they are written to; without it
nothing is written, and the pages are looked at all the same."""

import base64
import os
from pathlib import Path

import pytest

from conftest import logged_in

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
url = {url}/unsupported
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
def busy(successor, mwdb, receiver, driver):
    """A browser on a daemon that has had something to do."""
    daemon = successor.configure(PLUGINS.format(url=receiver.url("")), successor.mwdb).start()
    for number, name in enumerate(("invoice.exe", "update.dll", "setup.msi", "report.doc", "loader.exe", "payload.bin") * 4):
        made = mwdb.upload(name, b"MZ picture %d" % number)
    daemon.wait_state("scanner", "dead", 24)
    daemon.wait_state("drakvuf", "delivered", 24)
    daemon.wait_for(lambda: daemon.state("siem") == "suspended", "the SIEM's state")
    # The plots are drawn of what the minute has brought.
    failed = lambda: [sum(filter(None, line["failed"])) for line in daemon.get("/api/history?minutes=60")["plugins"]]
    daemon.wait_for(lambda: any(failed()), "failures in the history")
    daemon.made = daemon.event("on_created_file", made)
    with logged_in(driver, daemon) as browser:
        browser.size(1280, 840)
        browser.go("")
        browser.wait(lambda: browser.all(".plot .fail"))
        yield browser


def test_pictures_of_the_docs(busy):
    folder = os.environ.get("PICTURES")
    for name, page in PAGES.items():
        busy.go(page.format(event=busy.daemon.made))
        busy.wait(lambda: busy.all("main h1"))
        assert not busy.all("main .problem[role=alert]"), busy.text()
        if folder:
            data = busy.driver.execute_cdp_cmd("Page.captureScreenshot", {"optimizeForSpeed": False})["data"]
            Path(folder).mkdir(parents=True, exist_ok=True)
            (Path(folder) / f"{name}.png").write_bytes(base64.b64decode(data))


def test_the_docs_have_each_picture_once():
    pictures = {path.name for path in (DOCS / "pictures").glob("*.png")}
    assert pictures == {name + ".png" for name in PAGES}
    assert all((DOCS / "pictures" / name).stat().st_size < 150_000 for name in pictures)
