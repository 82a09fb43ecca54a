"""`deploy/run`, as far as it goes without building anything."""

import contextlib
import shutil
import socket
import subprocess

from support.daemon import REPOSITORY


def test_a_stranger_on_the_receivers_port_gets_no_events(tmp_path):
    (tmp_path / "deploy/lab").mkdir(parents=True)
    for name in ("run", "toolchain.sh", "lab/lib.sh"):
        shutil.copy(REPOSITORY / "deploy" / name, tmp_path / "deploy" / name)
    with socket.socket() as stranger:
        stranger.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with contextlib.suppress(OSError):  # somebody else is a stranger, too
            stranger.bind(("127.0.0.1", 9000))
            stranger.listen()
        done = subprocess.run([tmp_path / "deploy/run"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "port 9000 is taken" in done.stderr, done.stderr
    assert not (tmp_path / "run").exists(), "it stops before the minutes of a build"
