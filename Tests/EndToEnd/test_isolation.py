"""A bad receiver hurts only itself. Shown by cause: bad ones are held in their state while the good one is served."""

import threading

from support.configuration import plugin
from support.receiver import answer, drip, hang, reset
from support.spool import file_event


def test_the_healthy_one_is_served_while_the_others_hang_reset_and_fail(daemon, receiver):
    gate = threading.Event()
    receiver.on("/hangs", hang(gate))
    receiver.on("/resets", reset)
    receiver.on("/fails", answer(500))
    receiver.on("/drips", drip())
    names = ("hangs", "resets", "fails", "drips", "healthy")
    daemon.configure("".join(plugin(name, receiver.url("/" + name), hooks="*") for name in names)).start()
    events = [file_event(b"%d" % n) for n in range(2000)]
    for start in range(0, len(events), 100):
        daemon.spool.write(*events[start : start + 100])
    receiver.wait(1, "/hangs")
    receiver.wait(2000, "/healthy", timeout=120)

    assert sorted(receiver.ids("/healthy")) == sorted(e["id"] for e in events), "each once"
    assert not gate.is_set() and all(r.answered is None for r in receiver.requests("/hangs")), "it hung all the time"
    assert len(receiver.requests("/hangs")) <= 16, "within its window"
    assert receiver.requests("/resets") and receiver.requests("/fails")
    gate.set()
    receiver.wait_until(lambda: len(set(receiver.ids("/hangs", answered=202))) == 2000, 120, "the hung one's backlog")


def test_a_backlog_does_not_hold_anothers_claim(daemon, receiver):
    gate = threading.Event()
    receiver.on("/hangs", hang(gate))
    both = plugin("hangs", receiver.url("/hangs"), "concurrency = 1") + plugin(
        "tags", receiver.url("/tags"), "concurrency = 1", hooks="on_reuploaded_file"
    )
    daemon.configure(both).start()
    backlog = [file_event(b"%d" % n) for n in range(5000)]
    for start in range(0, len(backlog), 500):
        daemon.spool.write(*backlog[start : start + 500])
    daemon.wait_for(lambda: not daemon.spool.waiting(), "the backlog is in the outbox")
    for n in range(5):
        one = file_event(b"%d" % n, hook="on_reuploaded_file")
        daemon.spool.write(one)
        receiver.wait(n + 1, "/tags")
        assert receiver.requests("/tags")[-1].id == one["id"]
    assert len(receiver.requests("/hangs")) == 1
    gate.set()


def test_a_hundred_plugins_each_get_an_event(daemon, receiver):
    gate = threading.Event()
    text = ""
    for n in range(100):
        text += plugin(f"p{n}", receiver.url(f"/p{n}"), hooks="*")
        if n % 2:
            receiver.on(f"/p{n}", hang(gate))
    daemon.configure(text).start()
    daemon.spool.write(file_event())
    receiver.wait_until(lambda: {r.path for r in receiver.requests()} == {f"/p{n}" for n in range(100)}, what="all")
    gate.set()
