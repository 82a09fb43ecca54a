"""Receivers that misbehave on purpose harm nothing: not memory, not other plugins, not what was accepted."""

import pytest

from support.configuration import plugin
from support.receiver import answer, drip, endless_body, header_flood, lying_length, redirect, sequence
from support.spool import file_event


@pytest.mark.parametrize(
    "behaviour",
    [
        endless_body(200),
        endless_body(500),
        header_flood,
        drip(0.05),
        drip(0.05, head=b"HTTP/1.1 200 OK\r\n"),
        lying_length(200, announced=10, sent=b"more than it said, and no second answer HTTP/1.1 200 OK\r\n\r\n"),
        lying_length(200, announced=10**18),
        lying_length(200, announced=-1),
        lambda exchange: exchange.send(b"SSH-2.0-OpenSSH_9.2\r\n"),
        lambda exchange: exchange.send(b"HTTP/1.1 200 OK\0\r\nX: \x01\xff\r\n\r\n" + b"\0" * 100),
        lambda exchange: exchange.send(b"HTTP/1.1 999999 ???\r\n\r\n"),
        lambda exchange: exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n" * 10_000),
    ],
    ids=[
        "endless answer",
        "endless error",
        "header flood",
        "drip in the body",
        "drip in the head",
        "more than announced",
        "exabyte announced",
        "negative length",
        "not http",
        "binary head",
        "strange status",
        "continue without end",
    ],
)
def test_nobody_else_is_hurt(daemon, receiver, behaviour):
    receiver.on("/bad", sequence(behaviour, behaviour, behaviour, answer(202)))
    limits = "timeout = 3s\nstall_timeout = 2s\nconcurrency = 1"
    daemon.configure(
        plugin("bad", receiver.url("/bad"), limits, hooks="*")
        + plugin("good", receiver.url("/good"), hooks="*")
    ).start()
    daemon.spool.write(file_event(b"warm up"))
    receiver.wait(1, "/good")
    before = daemon.peak_memory()
    events = [file_event(b"%d" % n) for n in range(50)]
    daemon.spool.write(*events)
    receiver.wait(51, "/good")
    daemon.wait_for(
        lambda: all(row["state"] in ("delivered", "dead") for row in daemon.deliveries(plugin="bad", limit=100)),
        "the bad one's queue comes to its end",
        90,
    )
    assert daemon.alive()
    assert daemon.peak_memory() - before < 16 << 20
    assert set(receiver.ids("/bad")) >= {e["id"] for e in events}, "it, too, was given every event"


@pytest.mark.parametrize(
    "location",
    ["http://169.254.169.254/latest/meta-data/", "{own}/secret", "file:///etc/passwd", "gopher://127.0.0.1:1/_x", "//"],
)
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_never_followed(daemon, receiver, location, status):
    receiver.on("/bad", sequence(redirect(location.format(own=receiver.url("")), status), answer(202)))
    daemon.configure(plugin("bad", receiver.url("/bad"), hooks="*")).start()
    daemon.spool.write(file_event())
    daemon.wait_state("bad", "delivered")
    assert [r.path for r in receiver.requests()] == ["/bad", "/bad"]


def test_an_answer_past_the_limit_is_cut(daemon, receiver):
    receiver.on("/long", answer(200, b"x" * 5_000_000))
    daemon.configure(plugin("long", receiver.url("/long"), "max_response = 1KB", hooks="*")).start()
    daemon.spool.write(file_event())
    row = daemon.wait_state("long", "delivered")[0]
    assert len(daemon.command("show", row["id"]).stdout) < 20_000


def test_a_hostile_answer_is_shown_without_harm(daemon, receiver):
    receiver.on(
        "/bad", answer(400, b"\x1b[2J<script>\0\r\n<0>forged\xff\xfe", [("x-hostile", "\x1b[31m<script>")])
    )
    daemon.configure(plugin("bad", receiver.url("/bad"), hooks="*")).start()
    daemon.spool.write(file_event())
    row = daemon.wait_state("bad", "dead")[0]
    for arguments in (["show", row["id"]], ["deliveries"], ["show", row["id"], "--json"]):
        assert "\x1b" not in daemon.command(*arguments).stdout
    assert b"\x1b" not in daemon.log.read_bytes()
