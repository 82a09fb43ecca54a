"""The nginx snippet of docs/dashboard.md, with a browser before it and the daemon behind it, without TLS and with it."""

import re
import shutil
import socket
import subprocess
import time
from pathlib import Path

import pytest

from daemon import free_port

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "dashboard.md"


def certificate(folder):
    """nginx's lines for a certificate of its own for 127.0.0.1."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]
        + ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"]
        + ["-keyout", folder / "key.pem", "-out", folder / "cert.pem"],
        check=True,
        capture_output=True,
    )
    return f"ssl_certificate {folder}/cert.pem; ssl_certificate_key {folder}/key.pem;"


@pytest.fixture(params=["http", "https"])
def proxy(daemon, tmp_path, request):
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    if not Path(nginx).exists():
        pytest.skip("nginx is not installed")
    snippet = re.search(r"```nginx\n(.*?)```", GUIDE.read_text(), re.S)[1]
    assert "127.0.0.1:8080/" in snippet
    port = free_port()
    tls = certificate(tmp_path) if request.param == "https" else ""
    folders = " ".join(
        f"{kind}_temp_path {tmp_path}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration = tmp_path / "nginx.conf"
    configuration.write_text(
        f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/error.log; worker_processes 1; events {{}}\n"
        f"http {{ access_log off; {folders} server {{ listen 127.0.0.1:{port}{' ssl' if tls else ''}; {tls}\n"
        f"{snippet.replace('127.0.0.1:8080', f'127.0.0.1:{daemon.port}')} }} }}\n"
    )
    process = subprocess.Popen([nginx, "-e", f"{tmp_path}/error.log", "-c", str(configuration)])
    for _ in range(100):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.05)
    yield f"{request.param}://127.0.0.1:{port}/webhooks/"
    process.terminate()
    process.wait(10)


def test_everything_works_below_a_prefix(stranger, daemon, proxy):
    stranger.url = proxy
    is_tls = proxy.startswith("https:")
    stranger.driver.execute_cdp_cmd("Security.setIgnoreCertificateErrors", {"ignore": is_tls})
    stranger.login(daemon.token())
    cookie = stranger.driver.get_cookie("mwdb_webhooks")
    assert cookie["path"].rstrip("/") == "/webhooks" and cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    assert cookie["secure"] == is_tls
    stranger.go("plugin/hello")
    stranger.click("Send test event")
    stranger.wait(lambda: "HTTP 200" in stranger.text("section[aria-label='Test event']"))
    for page in ("deliveries", "plugins", "dead", "ages", "audit"):
        stranger.go(page)
        assert not stranger.all("main .problem[role=alert]")
    stranger.click("Log out")
    stranger.wait(lambda: stranger.all("input[name=token]"))
