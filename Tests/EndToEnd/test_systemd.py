"""The unit file and what goes with it: valid, closed, and naming the folders the daemon uses."""

import os
import re
import shutil
import subprocess

import pytest

from support import daemon as under_test
from support.configuration import plugin
from support.daemon import BINARY, REPOSITORY
from support.spool import file_event

UNIT = REPOSITORY / "deploy/systemd/mwdb-webhooks.service"
pytestmark = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")


def run(*command):
    return subprocess.run([str(part) for part in command], capture_output=True, text=True)


def test_verify_finds_nothing(tmp_path):
    """With the binary where it is here: the path of an installed one need not exist."""
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/usr/bin/mwdb-webhooks", str(BINARY)))
    done = run("systemd-analyze", "verify", "--man=no", unit)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_exposure(say):
    done = run("systemd-analyze", "security", "--offline=true", "--no-pager", UNIT)
    level = re.search(r"Overall exposure level for \S+: ([\d.]+)", done.stdout)
    say(f"systemd-analyze security: {level[1]}")
    assert float(level[1]) <= 2.0, done.stdout
    assert f"says {level[1]}." in (REPOSITORY / "docs/installing.md").read_text()


def test_the_audit_log_can_know_users():
    """In a user namespace of the daemon's own, SO_PEERCRED shows the users of its socket as 65534."""
    assert not re.search(r"^PrivateUsers=", UNIT.read_text(), re.M)


def test_user_and_spool(tmp_path):
    for folder, source in (("sysusers.d", "sysusers"), ("tmpfiles.d", "tmpfiles")):
        target = tmp_path / "usr/lib" / folder / "mwdb-webhooks.conf"
        target.parent.mkdir(parents=True)
        shutil.copy(REPOSITORY / f"deploy/systemd/mwdb-webhooks.{source}", target)
    (tmp_path / "etc").mkdir()
    done = run("systemd-sysusers", f"--root={tmp_path}")
    assert done.returncode == 0, done.stderr
    assert re.search(r"^mwdb-webhooks:", (tmp_path / "etc/passwd").read_text(), re.M)
    done = run("systemd-tmpfiles", f"--root={tmp_path}", "--create")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "var/spool/mwdb-webhooks").stat().st_mode & 0o7777 == 0o2770


def test_runs_within_its_walls(daemon, receiver, folder, monkeypatch):
    """As an unprivileged user, with only the system calls, socket families and file modes that the unit allows."""
    if os.getuid() != 0 or run("/usr/bin/python3", "-c", "import seccomp").returncode != 0:
        pytest.skip("takes root and python3-seccomp")
    folder.chmod(0o755)
    binary = folder / "mwdb-webhooks"
    shutil.copy(BINARY, binary)
    monkeypatch.setattr(under_test, "BINARY", binary)
    daemon.outbox.mkdir()
    daemon.spool.root.chmod(0o2770)
    for path in (daemon.folder, daemon.outbox, daemon.spool.root, *daemon.spool.root.iterdir()):
        os.chown(path, 47110, 47110)
    for path in daemon.spool.root.iterdir():
        path.chmod(0o2770)  # as systemd-tmpfiles makes them: what MWDB's user writes gets our group
    (daemon.spool.root / "rejected").rmdir()  # one that the daemon has to make
    daemon.configure(
        plugin("hello", receiver.url("/hello"), hooks="*")
        + plugin("sandbox", receiver.url("/sandbox"), "body = multipart\nfile.field = file")
        + plugin("tls", "https://localhost:" + str(receiver.port), hooks="on_created_tag")
    )
    walls = REPOSITORY / "Tests/EndToEnd/support/walls.py"
    daemon.spawn("/usr/bin/python3", "-B", walls, UNIT, "47110", "47110")
    daemon.pid = daemon.process.pid
    daemon.wait_ready()
    content = b"MZ within walls"
    daemon.spool.put_content(content)
    for path in daemon.spool.root.glob("*/*"):
        os.chown(path, 47110, 47110)
    daemon.spool.write(file_event(content), b"no event")
    assert receiver.wait(1, "/sandbox")[0].multipart()[-1].body == content
    receiver.wait(1, "/hello")
    daemon.wait_for(daemon.spool.rejected, "the bad line is kept")
    assert daemon.post(file_event(b"http")).status == 202
    receiver.wait(2, "/hello")
    daemon.configure(plugin("hello", receiver.url("/new"), hooks="*"))
    daemon.reload()
    daemon.post(file_event(b"after"))
    receiver.wait(1, "/new")
    assert daemon.command("status").stdout
    assert daemon.stop() == 0
