"""SIGHUP: a valid configuration is applied without losing or repeating anything, an invalid one changes nothing."""

import json
import threading

from support.configuration import plugin
from support.receiver import hang
from support.spool import event, file_event


def test_a_new_plugin_and_a_new_address(daemon, receiver):
    gate = threading.Event()
    receiver.on("/old", hang(gate))
    daemon.configure(plugin("hello", receiver.url("/old"), "concurrency = 3", hooks="*")).start()
    events = [file_event(b"%d" % n) for n in range(50)]
    daemon.spool.write(*events)
    receiver.wait(3, "/old")
    daemon.configure(
        plugin("hello", receiver.url("/new"), "concurrency = 3", hooks="*") + plugin("tags", receiver.url("/tags"))
    )
    said = daemon.reload()
    assert [m for m in said if m.get("RELOADING")][0].get("MONOTONIC_USEC"), said
    gate.set()
    later = file_event(b"later")
    daemon.spool.write(later)
    receiver.wait(1, "/tags")
    receiver.wait(48, "/new")
    assert daemon.stop() == 0
    assert len(receiver.ids("/old")) == 3, "what had been sent is not sent again"
    assert sorted(receiver.ids("/old") + receiver.ids("/new")) == sorted(e["id"] for e in [*events, later])
    assert receiver.ids("/tags") == [later["id"]], "hooks apply at intake"


def test_subscriptions_are_written_before_it_is_done(daemon, receiver):
    daemon.configure(plugin("hello", receiver.url("/"))).start()
    assert daemon.spool.subscriptions()["hooks"] == ["on_created_file"]
    daemon.configure(plugin("hello", receiver.url("/"), hooks="on_created_tag, on_removed_tag"))
    daemon.reload()
    assert sorted(daemon.spool.subscriptions()["hooks"]) == ["on_created_tag", "on_removed_tag"]
    daemon.configure(plugin("hello", receiver.url("/"), hooks="*"))
    daemon.reload()
    assert daemon.spool.subscriptions()["hooks"] == "*"


def test_an_invalid_one_changes_nothing(daemon, receiver):
    daemon.configure(plugin("hello", receiver.url("/hello"), hooks="*")).start()
    good = daemon.ini.read_text()
    daemon.ini.write_text(good.replace("hooks = *", "hooks = on_nothing").replace("/hello", "/wrong"))
    daemon.reload()
    assert daemon.alive()
    assert "on_nothing" in daemon.tail() and "webhooks.ini:" in daemon.tail(), "the problem is logged with its line"
    assert daemon.spool.subscriptions()["hooks"] == "*"
    daemon.spool.write(file_event())
    receiver.wait(1, "/hello")


def test_what_needs_a_restart_is_said(daemon, receiver):
    daemon.configure(plugin("hello", receiver.url("/"))).start()
    text = daemon.ini.read_text()
    # The command finds the daemon by the first socket, which stays.
    daemon.ini.write_text(text.replace("outbox = ", "outbox = /elsewhere").replace("listen = ", "listen = 127.0.0.1:1, "))
    said = json.loads(daemon.command("reload", "--json").stdout)
    assert [(p["severity"], p["section"], p["key"]) for p in said["problems"]] == [
        ("warning", "webhooks", "outbox"),
        ("warning", "webhooks", "listen"),
    ]
    assert f"{daemon.outbox} stays in force" in said["problems"][0]["message"]
    assert "listen: was changed, which needs a restart" in daemon.command("reload").stdout
    daemon.ini.write_text(text)
    assert json.loads(daemon.command("reload", "--json").stdout)["problems"] == []


def test_a_plugin_that_is_gone_is_held_until_it_is_back(daemon, receiver):
    gate = threading.Event()
    receiver.on("/gone", hang(gate))
    both = plugin("gone", receiver.url("/gone"), "concurrency = 1", hooks="*")
    stays = plugin("stays", receiver.url("/stays"), hooks="*")
    daemon.configure(both + stays).start()
    events = [file_event(b"%d" % n) for n in range(10)]
    daemon.spool.write(*events)
    receiver.wait(1, "/gone")
    receiver.wait(10, "/stays")
    daemon.configure(stays)
    daemon.reload()
    gate.set()
    assert "gone" in daemon.tail(), "a warning says what is held"
    daemon.spool.write(file_event(b"not for it"))
    receiver.wait(11, "/stays")
    daemon.stop()
    daemon.start()
    daemon.spool.write(file_event(b"nor this"))
    receiver.wait(12, "/stays")
    assert len(set(receiver.ids("/gone"))) == 1
    daemon.configure(both + stays)
    daemon.reload()
    receiver.wait_until(
        lambda: set(receiver.ids("/gone", answered=202)) == {e["id"] for e in events}, what="its backlog"
    )


def test_disabled_holds_and_cancel_gives_up(daemon, receiver):
    gate = threading.Event()
    receiver.on("/hello", hang(gate))
    text = plugin("hello", receiver.url("/hello"), "concurrency = 1", hooks="*")
    daemon.configure(text).start()
    daemon.spool.write(*[file_event(b"%d" % n) for n in range(10)])
    receiver.wait(1, "/hello")
    daemon.wait_for(lambda: len(daemon.deliveries(plugin="hello")) == 10, "ten deliveries")
    daemon.configure(text.replace("url =", "enabled = 0\nurl ="))
    daemon.reload()
    daemon.command("cancel", "--plugin", "hello")
    gate.set()
    daemon.configure(text)
    daemon.reload()
    last = file_event(b"last")
    daemon.spool.write(last)
    receiver.wait_until(lambda: last["id"] in receiver.ids("/hello"), what="the new event")
    assert len(set(receiver.ids("/hello"))) == 2, "the first, and the one after the cancel"


def test_reload_under_load_repeats_nothing(daemon, receiver):
    texts = [plugin("hello", receiver.url("/hello"), f"concurrency = {n}", hooks="*") for n in (4, 9)]
    daemon.configure(texts[0]).start()
    sent = []
    for round_ in range(20):
        events = [event("on_created_user", {"user": {"login": f"{round_}-{n}"}}) for n in range(50)]
        daemon.spool.write(*events)
        sent += events
        daemon.configure(texts[round_ % 2])
        daemon.reload()
    receiver.wait(1000, "/hello")
    assert daemon.stop() == 0
    assert sorted(receiver.ids("/hello")) == sorted(e["id"] for e in sent)
