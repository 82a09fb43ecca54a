"""The outbox's disk is full: intake waits, nothing is lost, and it goes on by itself when there is room again."""

import contextlib
import os
import subprocess
import threading

import pytest

from support.configuration import plugin
from support.receiver import hang
from support.spool import file_event


@contextlib.contextmanager
def small_disk(path, megabytes):
    """A file system of its own on `path`: ext4 in a file where that can be mounted, else tmpfs."""
    path.mkdir()
    image = path.with_suffix(".img")
    with open(image, "wb") as file:
        file.truncate(megabytes << 20)
    tries = (
        f"mkfs.ext4 -q -m 0 {image} && mount -o loop {image} {path}",
        f"mount -t tmpfs -o size={megabytes}m tmpfs {path}",
    )
    for attempt in tries:
        done = subprocess.run(["sh", "-c", attempt], capture_output=True, text=True)
        if done.returncode == 0:
            break
    else:
        pytest.skip(f"no small file system can be mounted here: {done.stderr.strip()}")
    try:
        yield path
    finally:
        subprocess.run(["umount", "-l", str(path)], check=True)
        image.unlink()


def fill(path, leave):
    """Fills the file system to within `leave` bytes with a file that is returned."""
    ballast = path / "ballast"
    with open(ballast, "wb") as file:
        left = os.statvfs(path)
        os.posix_fallocate(file.fileno(), 0, left.f_bavail * left.f_frsize - leave)
    return ballast


@pytest.mark.parametrize("reserve", ["1KB", "3MB"], ids=["to the last block", "to min_free_space"])
def test_full_and_free_again(daemon, receiver, folder, reserve, say):
    gate = threading.Event()
    receiver.on("/hello", hang(gate))
    with small_disk(folder / "disk", 24) as disk:
        daemon.outbox = disk / "outbox"
        daemon.configure(
            plugin("hello", receiver.url("/hello"), hooks="*"), webhooks=f"min_free_space = {reserve}"
        ).start()
        events = [file_event(b"%d" % n, name="n" * 3000) for n in range(3)]
        assert daemon.post(*events).status == 202
        ballast = fill(disk, 2 << 20)

        refused = None
        for n in range(2000):
            one = file_event(b"http %d" % n, name="n" * 3000)
            answered = daemon.post(one)
            if answered.status != 202:
                refused = answered
                break
            events.append(one)
        assert refused is not None and refused.status == 503, refused
        assert refused.headers["content-type"].startswith("application/problem+json")
        daemon.wait_for(lambda: daemon.http("GET", "/readyz").status == 503, "not ready while it is full")
        assert daemon.http("GET", "/healthz").status == 200

        waiting = [file_event(b"spool %d" % n, name="n" * 3000) for n in range(50)]
        for one in waiting:
            daemon.spool.write(one)
        assert daemon.post(file_event()).status == 503, "while it is full it stays refused"
        assert daemon.spool.waiting(), "spool files stay"
        assert daemon.alive()

        ballast.unlink()
        daemon.wait_for(lambda: not daemon.spool.waiting(), "intake goes on by itself", 60)
        daemon.wait_for(lambda: daemon.http("GET", "/readyz").status == 200, "ready again")
        late = file_event(b"late")
        assert daemon.post(late).status == 202
        gate.set()
        wanted = {e["id"] for e in events + waiting + [late]}
        receiver.wait_until(lambda: wanted <= set(receiver.ids("/hello", answered=202)), 60, "all of them")
        say(f"disk full: {len(events)} accepted before, {len(waiting)} waited in the spool, lost = 0")
        assert daemon.stop() == 0


def test_killed_while_the_disk_is_full(daemon, receiver, folder):
    gate = threading.Event()
    receiver.on("/hello", hang(gate))
    with small_disk(folder / "disk", 24) as disk:
        daemon.outbox = disk / "outbox"
        daemon.configure(plugin("hello", receiver.url("/hello"), hooks="*"), webhooks="min_free_space = 1KB").start()
        ballast = fill(disk, 1 << 20)
        events = []
        for n in range(2000):
            one = file_event(b"%d" % n, name="n" * 3000)
            if daemon.post(one).status != 202:
                break
            events.append(one)
        daemon.kill()
        ballast.unlink()
        gate.set()
        daemon.start()
        wanted = {e["id"] for e in events}
        receiver.wait_until(lambda: wanted <= set(receiver.ids("/hello", answered=202)), 60, "all of them")
        daemon.stop()
