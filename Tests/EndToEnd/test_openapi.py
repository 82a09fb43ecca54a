"""schemathesis against a live daemon: whatever is sent, no 5xx, and no answer that docs/openapi.json does not have."""

import json
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from support.configuration import plugin
from support.receiver import answer
from support.spool import file_event

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/openapi.json"
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,unsupported_method"
)


@pytest.fixture
def busy(daemon, receiver):
    """A daemon on TCP with a delivery in each state, so that lists and pages have something to show."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        daemon.port = probe.getsockname()[1]
    receiver.on("/refuses", answer(400, b"no thanks"))
    receiver.on("/later", answer(503))
    daemon.configure(
        plugin("works", receiver.url("/works"))
        + plugin("refuses", receiver.url("/refuses"))
        + plugin("later", receiver.url("/later"), "backoff = 1h..2h"),
        webhooks=f"listen = unix:{daemon.socket}, 127.0.0.1:{daemon.port}",
    ).start()
    daemon.spool.write(*[file_event(b"%d" % number) for number in range(20)])
    daemon.wait_state("works", "delivered", 20)
    daemon.wait_state("refuses", "dead", 20)
    # Each reload tells the service manager, which reads what it is told; unread, the tenth would wait.
    ended = threading.Event()

    def read():
        while not ended.is_set():
            daemon.notifications.receive(0.2)

    reader = threading.Thread(target=read)
    reader.start()
    yield daemon
    ended.set()
    reader.join()


def test_the_document_is_served_where_tools_look_for_it(busy):
    served = busy.http("GET", "/openapi.json")
    assert served.status == 200 and json.loads(served.body) == json.loads(DOCUMENT.read_text())
    assert json.loads(served.body)["openapi"].startswith("3.1")


@pytest.mark.timeout(180)
def test_no_answer_is_undocumented(busy, folder):
    token = busy.command("token").stdout.strip()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "run", str(DOCUMENT)),
            *("--url", f"http://127.0.0.1:{busy.port}", "--header", f"Authorization: Bearer {token}"),
            *("--checks", CHECKS, "--phases", "examples,coverage,fuzzing", "--max-examples", "12"),
            *("--seed", "1", "--max-time", "60", "--continue-on-failure", "--generation-database", "none"),
            *("--suppress-health-check", "all", "--no-color", "--request-timeout", "30"),
        ],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=170,
    )
    print(done.stdout[-12000:], done.stderr[-2000:])
    assert done.returncode == 0
    assert busy.alive() and busy.http("GET", "/readyz").status == 200
