"""The nginx snippet of docs/dashboard.md, with a browser before it and the daemon behind it."""

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from daemon import free_port

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "dashboard.md"


@pytest.fixture
def proxy(daemon, tmp_path):
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(nginx).exists():
        pytest.skip("nginx is not installed")
    snippet = re.search(r"```nginx\n(.*?)```", GUIDE.read_text(), re.S)[1]
    assert "127.0.0.1:8080/" in snippet
    port = free_port()
    folders = " ".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; {folders} server {{ listen 127.0.0.1:{port};\n"
        f"{snippet.replace('127.0.0.1:8080', f'127.0.0.1:{daemon.port}')} }} }}\n"
    )
    process = subprocess.Popen([nginx, "-e", f"{tmp_path}/error.log", "-c", str(configuration)])
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/webhooks/"
    process.terminate()
    process.wait(10)


def test_everything_works_below_a_prefix(stranger, daemon, proxy):
    stranger.url = proxy
    stranger.login(daemon.token())
    cookie = stranger.driver.get_cookie("mwdb_webhooks")
    assert cookie["path"].rstrip("/") == "/webhooks" and cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    stranger.go("plugin/hello")
    stranger.button("Send test event").click()
    stranger.wait(lambda: "HTTP 200" in stranger.text("section[aria-label='Test event']"))
    for page in ("deliveries", "plugins", "dead", "ages", "audit"):
        stranger.go(page)
        assert not stranger.all("main .problem[role=alert]")
    stranger.button("Log out").click()
    stranger.wait(lambda: stranger.all("input[name=token]"))
