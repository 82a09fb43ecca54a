"""The unit file and what goes with it: valid, closed, and naming the folders the daemon uses."""

import re
import shutil
import subprocess

import pytest

from support.daemon import BINARY, REPOSITORY

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
