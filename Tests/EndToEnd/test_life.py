"""Start and stop: sd_notify, SIGTERM within its limit, one daemon at a time, exit codes, layers of configuration."""

import os
import signal
import subprocess
import threading
import time

import pytest

from support.configuration import plugin
from support.daemon import BINARY, ENVIRONMENT
from support.receiver import hang
from support.spool import file_event


def hello(receiver, lines=""):
    return plugin("hello", receiver.url("/hello"), lines, hooks="*")


def test_ready_watchdog_stopping(daemon, receiver):
    daemon.configure(hello(receiver))
    daemon.start(environment={"WATCHDOG_USEC": "400000"})
    for _ in range(5):
        daemon.notifications.wait("WATCHDOG", "1", daemon.alive, 5)
    os.kill(daemon.pid, signal.SIGTERM)
    assert daemon.notifications.wait("STOPPING", "1", daemon.alive, 10)
    assert daemon.wait_exit() == 0


def test_no_watchdog_where_none_is_asked(daemon, receiver):
    daemon.configure(hello(receiver)).start()
    daemon.spool.write(file_event())
    receiver.wait(1)
    daemon.stop()
    while daemon.notifications.receive(0):
        pass
    assert not [m for m in daemon.notifications.seen if "WATCHDOG" in m]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_what_is_in_flight_is_finished(daemon, receiver, number):
    gate = threading.Event()
    receiver.on("/hello", hang(gate))
    daemon.configure(hello(receiver, "concurrency = 4")).start()
    events = [file_event(b"%d" % n) for n in range(10)]
    daemon.spool.write(*events)
    receiver.wait(4, "/hello")
    os.kill(daemon.pid, number)
    daemon.notifications.wait("STOPPING", "1", daemon.alive)
    gate.set()
    assert daemon.wait_exit() == 0
    finished = receiver.ids("/hello", answered=202)
    assert len(finished) >= 4
    daemon.start()
    receiver.wait_until(lambda: len(set(receiver.ids("/hello", answered=202))) == 10, what="the rest")
    assert len(receiver.ids("/hello")) == 10, "what was finished is not sent again"


def test_the_limit_is_kept_and_what_hangs_is_handed_back(daemon, receiver):
    gate = threading.Event()
    receiver.on("/hello", hang(gate))
    daemon.configure(hello(receiver), webhooks="shutdown_timeout = 1s").start()
    daemon.spool.write(file_event())
    receiver.wait(1, "/hello")
    began = time.monotonic()
    assert daemon.stop() == 0
    assert 0.9 <= time.monotonic() - began < 10
    gate.set()
    daemon.start()
    receiver.wait(2, "/hello")
    assert len(set(receiver.ids("/hello"))) == 1


def test_intake_stops_at_sigterm(daemon, receiver):
    gate = threading.Event()
    receiver.on("/hello", hang(gate))
    daemon.configure(hello(receiver)).start()
    daemon.spool.write(file_event(b"1"))
    receiver.wait(1, "/hello")
    os.kill(daemon.pid, signal.SIGTERM)
    daemon.notifications.wait("STOPPING", "1", daemon.alive)
    late = file_event(b"2")
    daemon.spool.write(late)
    gate.set()
    assert daemon.wait_exit() == 0
    daemon.start()
    receiver.wait_until(lambda: late["id"] in receiver.ids("/hello", answered=202), what="the late one")
    assert receiver.ids("/hello").count(late["id"]) == 1


def test_a_stale_socket_is_no_obstacle(daemon, receiver):
    daemon.configure(hello(receiver)).start()
    daemon.kill()
    assert daemon.socket.exists()
    daemon.start()
    assert daemon.http("GET", "/readyz").status == 200
    daemon.stop()
    assert not daemon.socket.exists()


def test_readyz_before_and_after(daemon, receiver):
    daemon.configure(hello(receiver)).start()
    assert daemon.http("GET", "/readyz").status == 200
    daemon.stop()
    with pytest.raises(OSError):
        daemon.http("GET", "/readyz")


def test_layers(folder, receiver):
    """Environment before ./webhooks.ini before ~/.mwdb-webhooks/webhooks.ini, key by key."""
    home = folder / "home"
    (home / ".mwdb-webhooks").mkdir(parents=True)
    (home / ".mwdb-webhooks" / "webhooks.ini").write_text(
        f"[webhooks]\nspool = {folder}/home-spool\noutbox = {folder}/o\nlisten = unix:{folder}/s\nretention = 1d\n"
        "plugins = hello\n[plugin:hello]\nurl = http://127.0.0.1:1/\nhooks = *\n"
    )
    here = folder / "here"
    here.mkdir()
    (here / "webhooks.ini").write_text("[webhooks]\nretention = 2d\n[plugin:hello]\nurl = http://127.0.0.1:2/here\n")
    done = subprocess.run(
        [BINARY, "plugins", "--json"],
        cwd=here,
        env=ENVIRONMENT | {"HOME": str(home), "WEBHOOKS_PLUGINS": "hello"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert "http://127.0.0.1:2/here" in done.stdout


def test_exit_codes():
    def code(*arguments):
        return subprocess.run([BINARY, *arguments], env=ENVIRONMENT, capture_output=True, text=True)

    assert code("--help").returncode == 0
    assert code("no-such-command").returncode == 2
    assert code("run", "--no-such-option").returncode == 2
    assert code("status", "--config", "/nonexistent.ini").returncode == 1
    for command in "run check plugins status events deliveries show retry replay cancel pause resume ping bench".split():
        done = code(command, "--help")
        assert done.returncode == 0 and len(done.stdout) > 100, command


def test_drop_in_folder(daemon, receiver):
    drop = daemon.folder / "plugins"
    (drop / "boxed").mkdir(parents=True)
    (drop / "single.ini").write_text(f"[plugin]\nurl = {receiver.url('/single')}\nhooks = *\n")
    (drop / "boxed" / "plugin.ini").write_text(f"[plugin]\nurl = {receiver.url('/boxed')}\nhooks = *\n")
    daemon.configure("", webhooks=f"local_plugins_folder = {drop}\nlocal_plugins_autodiscover = 1\nplugins =")
    daemon.start()
    daemon.spool.write(file_event())
    receiver.wait(1, "/single")
    receiver.wait(1, "/boxed")
