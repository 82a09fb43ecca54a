"""MWDB and the daemon as different users that share the spool by its group, as on bare Debian and in containers."""

import json
import os
import pwd
import shutil
import subprocess

import pytest

from support import daemon as under_test
from support.configuration import plugin
from support.spool import SOURCE, file_event

pytestmark = pytest.mark.skipif(os.getuid() != 0, reason="changing the user takes root")

DAEMON, GROUP = 47110, 47110  # neither has to exist


@pytest.fixture
def shared(daemon, folder, monkeypatch):
    """A daemon that runs as another user than root, on a spool of mode 2770."""
    folder.chmod(0o755)
    binary = folder / "mwdb-webhooks"
    shutil.copy(under_test.BINARY, binary)
    monkeypatch.setattr(under_test, "BINARY", binary)
    daemon.outbox.mkdir()
    for path in (daemon.folder, daemon.outbox):
        os.chown(path, DAEMON, GROUP)
    shutil.rmtree(daemon.spool.root)
    daemon.spool.root.mkdir()
    os.chown(daemon.spool.root, DAEMON, GROUP)
    daemon.spool.root.chmod(0o2770)
    as_user = ("setpriv", f"--reuid={DAEMON}", f"--regid={GROUP}", "--clear-groups", "--no-new-privs")
    probe = subprocess.run([*as_user, str(binary), "--help"], capture_output=True)
    if probe.returncode != 0:
        pytest.skip(f"the binary cannot be run by another user: {probe.stderr.decode()[:200]}")
    daemon.as_user = as_user
    return daemon


def write_as_nobody(spool, *events):
    """Writes as MWDB's user does: another user, a member of the group, with a strict umask."""
    nobody = pwd.getpwnam("nobody")
    code = (
        "\nimport sys\n"
        "s = Spool(sys.argv[1])\n"
        "for e in json.load(sys.stdin): s.put_content(b'MZ shared'); s.write(e)\n"
    )
    done = subprocess.run(
        ["/usr/bin/python3", "-B", "-c", SOURCE + code, str(spool)],
        input=json.dumps(events),
        text=True,
        capture_output=True,
        user=nobody.pw_uid,
        group=nobody.pw_gid,
        extra_groups=[GROUP],
        umask=0o007,
    )
    assert done.returncode == 0, done.stderr


def test_two_users_one_spool(shared, receiver):
    shared.configure(
        plugin("hello", receiver.url("/hello"), hooks="*")
        + plugin("sandbox", receiver.url("/sandbox"), "body = multipart\nfile.field = file")
    )
    shared.spawn(*shared.as_user)
    shared.pid = shared.process.pid
    shared.wait_ready()
    events = [file_event(b"MZ shared", name=f"{n}.exe") for n in range(3)]
    write_as_nobody(shared.spool.root, *events)
    receiver.wait(3, "/hello")
    for request in receiver.wait(3, "/sandbox"):
        assert request.multipart()[-1].body == b"MZ shared"
    shared.wait_for(lambda: not shared.spool.waiting(), "the daemon removes what the other user wrote")
    for folder in ("new", "content", "tmp"):
        status = (shared.spool.root / folder).stat()
        assert status.st_gid == GROUP and status.st_mode & 0o2070 == 0o2070, folder
        assert status.st_mode & 0o007 == 0, folder
    assert (shared.spool.root / "subscriptions.json").stat().st_mode & 0o040
    assert shared.stop() == 0


def test_a_spool_it_may_not_write_is_said_so(shared, receiver):
    shared.configure(plugin("hello", receiver.url("/hello"), hooks="*"))
    os.chown(shared.spool.root, 0, 0)
    shared.spool.root.chmod(0o700)
    shared.spawn(*shared.as_user)
    shared.pid = shared.process.pid
    assert shared.wait_exit() == 1
    assert str(shared.spool.root) in shared.tail() and "ermission" in shared.tail()
