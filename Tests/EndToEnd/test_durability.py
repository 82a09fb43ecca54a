"""What kill -9 cannot show: the daemon's flush stands before everything that relies on it, and a flush that fails
ends in a stop and never in an acknowledged loss."""

import http.client
import re
import threading

import pytest

from support.configuration import plugin
from support.receiver import hang
from support.spool import file_event
from support.trace import STRACE, Trace

pytestmark = pytest.mark.skipif(STRACE is None, reason="strace is not installed")

CALLS = "trace=fsync,fdatasync,unlink,unlinkat,rename,renameat,renameat2,pwrite64,write,writev,sendto,sendmsg"


def paused(daemon, receiver):
    """A daemon whose outbox is written by intake only: its one receiver never answers."""
    gate = threading.Event()
    receiver.on("/hello", hang(gate))
    daemon.configure(plugin("hello", receiver.url("/hello"), "concurrency = 1", hooks="*")).start()
    daemon.post(file_event(b"first"))
    receiver.wait(1, "/hello")
    return gate


def is_accepted(call):
    """The answer 202 is sent."""
    return re.match(r"\d+<[^>]*>, .*HTTP/1\.1 202", call.arguments) is not None


def removes(name):
    """A spool file is removed."""
    return lambda call: call.name in ("unlink", "unlinkat") and name in call.arguments and call.result == 0


def assert_flushed(calls, relies):
    """Before `relies` begins: the log was written, and then flushed, after its last write."""
    writes = [c for c in calls if c.name == "pwrite64" and c.path.endswith("-wal") and c.ended < relies.began]
    assert writes, f"nothing was written before {relies}"
    flushes = [
        c
        for c in calls
        if c.name in ("fsync", "fdatasync")
        and c.path == writes[-1].path
        and c.result == 0
        and c.began > writes[-1].ended
        and c.ended < relies.began
    ]
    assert flushes, f"no flush between {writes[-1]} and {relies}"


def test_flushed_before_the_202(daemon, receiver):
    gate = paused(daemon, receiver)
    with Trace(daemon.pid, "-e", CALLS) as trace:
        assert daemon.post(file_event(b"second")).status == 202
        calls = trace.wait(is_accepted, "202")
    answers = [c for c in calls if is_accepted(c)]
    assert len(answers) == 1, calls
    assert_flushed(calls, answers[0])
    gate.set()


def test_flushed_before_the_spool_file_is_removed(daemon, receiver):
    gate = paused(daemon, receiver)
    with Trace(daemon.pid, "-e", CALLS) as trace:
        name = daemon.spool.write(file_event(b"second"))
        calls = trace.wait(removes(name), "removal")
    removals = [c for c in calls if removes(name)(c)]
    assert len(removals) == 1, calls
    assert_flushed(calls, removals[0])
    gate.set()


def test_a_rejected_line_is_flushed_before_its_file_is_removed(daemon, receiver):
    gate = paused(daemon, receiver)
    with Trace(daemon.pid, "-e", CALLS) as trace:
        name = daemon.spool.write(b"this is no event")
        calls = trace.wait(removes(name), "removal")
    removal = [c for c in calls if removes(name)(c)][-1]
    order = [c for c in calls if c.result == 0 and c.ended < removal.began]
    moved = max(c.ended for c in order if c.name.startswith("rename") and name in c.arguments)
    flushes = [c for c in order if c.name in ("fsync", "fdatasync")]
    assert [c for c in flushes if "/tmp/" in c.path and name in c.path], "the line itself is flushed"
    assert [c for c in flushes if c.path.endswith("/rejected") and c.began > moved], "and then its name"
    gate.set()


@pytest.mark.parametrize("by", ["spool", "http"])
def test_a_failing_flush_stops_the_daemon_and_loses_nothing(daemon, receiver, by):
    gate = paused(daemon, receiver)
    acknowledged = [file_event(b"%d" % n) for n in range(20)]
    for one in acknowledged:
        assert daemon.post(one).status == 202
    unsure = file_event(b"unsure")
    with Trace(daemon.pid, "-e", "trace=fsync,fdatasync", "-e", "inject=fsync,fdatasync:error=EIO"):
        if by == "http":
            try:
                answered = daemon.post(unsure).status
            except (OSError, http.client.HTTPException):
                answered = None
            assert answered in (None, 500, 503), "not acknowledged"
        else:
            daemon.spool.write(unsure)
        assert daemon.wait_exit() == 1
    assert "I/O error" in daemon.tail(), daemon.tail()
    if by == "spool":
        assert daemon.spool.waiting(), "the spool file stays"
        acknowledged.append(unsure)
    gate.set()
    daemon.start()
    receiver.wait_until(
        lambda: {e["id"] for e in acknowledged} <= set(receiver.ids("/hello", answered=202)), what="all of them"
    )


@pytest.mark.parametrize("nth", [1, 2, 3, 5, 8])
def test_a_flush_that_fails_once_is_never_tried_again(daemon, receiver, nth):
    """The kernel forgets dirty pages at the first EIO, so a second fsync that succeeds would be a lie."""
    gate = paused(daemon, receiver)
    acknowledged = []
    with Trace(
        daemon.pid, "-e", "trace=fsync,fdatasync", "-e", f"inject=fsync,fdatasync:error=EIO:when={nth}"
    ) as trace:
        for n in range(200):
            one = file_event(b"%d" % n)
            try:
                if daemon.post(one).status != 202:
                    break
            except (OSError, http.client.HTTPException):
                break
            acknowledged.append(one)
        assert daemon.wait_exit() == 1
        calls = trace.calls()
    failed = next(c for c in calls if c.result < 0)
    again = [c for c in calls if c.began > failed.ended and c.arguments == failed.arguments]
    assert not again, f"{failed} was followed by {again}"
    gate.set()
    daemon.start()
    receiver.wait_until(
        lambda: {e["id"] for e in acknowledged} <= set(receiver.ids("/hello", answered=202)), what="all of them"
    )


def test_synchronous_full_is_asserted_at_the_start(daemon, receiver):
    daemon.configure(plugin("hello", receiver.url("/hello"), hooks="*")).start()
    assert daemon.post(file_event()).status == 202
    assert list(daemon.outbox.glob("*-wal")), "the outbox is in WAL mode"
