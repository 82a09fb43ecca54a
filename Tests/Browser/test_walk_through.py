"""The first hour as docs/installing.md has it, on the dashboard: nothing there yet, the first upload, a mistake that shows,
and its backlog delivered. Begins with the webhooks.ini that the package installs, and its receiver."""

import json
import socket
import subprocess
import time

import pytest

from support.daemon import BINARY, ENVIRONMENT, REPOSITORY
from support.lab import free_port

from conftest import logged_in

SHIPPED = (REPOSITORY / "deploy/debian/webhooks.ini").read_text()


@pytest.fixture
def printer(tmp_path):
    """`mwdb-webhooks receiver` on a port of its own: the port, and what it has printed."""
    port, output = free_port(), tmp_path / "receiver.log"
    with open(output, "wb") as file:
        command = [BINARY, "receiver", "--json", "--listen", f"127.0.0.1:{port}"]
        process = subprocess.Popen(command, stdout=file, stderr=subprocess.STDOUT, env=ENVIRONMENT)
    try:
        end = time.monotonic() + 30
        while socket.socket().connect_ex(("127.0.0.1", port)):
            assert process.poll() is None and time.monotonic() < end, output.read_text()
            time.sleep(0.05)
        yield port, output
    finally:
        process.terminate()
        process.wait(30)


def edit(daemon, old, new):
    """Changes the one place in webhooks.ini, and applies it as an administrator does."""
    text = daemon.ini.read_text()
    assert text.count(old) == 1, (old, text)
    daemon.ini.write_text(text.replace(old, new))
    daemon.command("check")
    daemon.command("reload")


def test_first_event_mistake_and_backlog(successor, mwdb, printer, driver):
    port, output = printer
    daemon = successor.configure()
    folders = "".join(line + "\n" for line in daemon.ini.read_text().splitlines() if line.startswith(("spool", "outbox", "listen")))
    daemon.ini.write_text(SHIPPED.replace("[webhooks]\n", "[webhooks]\nmin_free_space = 1MB\n" + folders).replace(":9000/", f":{port}/"))
    daemon.start()
    with logged_in(driver, daemon) as browser:
        words = lambda: browser.text("article[aria-label='Plugin hello_world']")
        figure = lambda name: dict(zip(browser.texts("article dt"), browser.texts("article dd")))[name]

        # Nothing is configured, but MWDB is heard.
        browser.wait(lambda: "No plugin yet" in browser.text() and "MWDB was heard" in browser.text())
        assert browser.text(".lead") == "No plugin is configured"

        # The first plugin, and the first upload.
        edit(daemon, "plugins =\n", "plugins = hello_world\n")
        browser.wait(lambda: "running" in words())
        assert "No plugin yet" not in browser.text(), "it is one now"
        first = mwdb.upload("hello.exe", b"MZ first hour")
        browser.wait(lambda: "100 %" in words())
        browser.go("deliveries")
        assert browser.table()[0][:4] == ["on_created_file", "delivered", "hello_world", first[:16] + "…"]

        # A mistake: what MWDB's users do is not disturbed, and the overview says what is wrong.
        wrong = free_port()
        browser.go("")
        edit(daemon, f":{port}/", f":{wrong}/")
        late = [mwdb.upload(f"late-{number}.exe", b"MZ late %d" % number) for number in range(3)]
        browser.wait(lambda: "suspended" in words() and figure("Pending") == "3", 30)
        assert f"Failed to connect to 127.0.0.1 port {wrong}" in words() and "Connection refused" in words()
        assert browser.text(".lead") == "1 of 1 plugin needs a look"
        assert figure("Drains in") == "not draining" and figure("Oldest") != "–" and figure("Dead") == "0"

        # Mended: the backlog follows by itself, each once.
        edit(daemon, f":{wrong}/", f":{port}/")
        browser.wait(lambda: "running" in words() and figure("Pending") == "0", 30)
        browser.wait(lambda: browser.text(".lead") == "All plugins run")
        arrived = [json.loads(line) for line in output.read_text().splitlines() if line.startswith("{")]
        seen = [one["body"]["data"]["file"]["id"] for one in map(unpacked, arrived)]
        assert sorted(seen) == sorted([first, *late])


def unpacked(request):
    """A request as the receiver prints it, its body parsed."""
    body = request["body"]
    return request | {"body": json.loads(body) if isinstance(body, str) else body}
