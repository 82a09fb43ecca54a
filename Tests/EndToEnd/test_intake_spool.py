"""Intake from the spool: what is accepted, what is rejected and why, and that a file goes only when it is stored."""

import os
import threading

from support.configuration import plugin
from support.receiver import hang
from support.spool import event, file_event, line


def hello(receiver, hooks="*"):
    return plugin("hello", receiver.url("/hello"), hooks=hooks)


def test_files_written_before_the_start_are_taken(daemon, receiver):
    daemon.configure(hello(receiver))
    events = [file_event(b"%d" % n) for n in range(250)]
    for start in range(0, 250, 25):
        daemon.spool.write(*events[start : start + 25])
    daemon.start()
    requests = receiver.wait(250, "/hello")
    assert sorted(r.id for r in requests) == sorted(e["id"] for e in events)


def test_a_good_line_beside_bad_lines_is_accepted(daemon, receiver):
    daemon.configure(hello(receiver)).start()
    good = [file_event(b"1"), file_event(b"2")]
    bad = [b"no json at all", b'{"id": "x"}', b"[]", b'{"id":"\xff\xfe"}', b'"text"', b"{" * 5000]
    daemon.spool.write(good[0], *bad, good[1])
    requests = receiver.wait(2, "/hello")
    assert {r.id for r in requests} == {e["id"] for e in good}
    daemon.wait_for(lambda: not daemon.spool.waiting(), "the spool file is removed")
    rejected = daemon.spool.rejected()
    kept = b"".join((daemon.spool.root / "rejected" / name).read_bytes() for name in rejected)
    for line_ in bad:
        assert line_ in kept, "a rejected line is kept as it was"
    reasons = "\n".join(rejected.values())
    assert reasons.strip(), "and why"


def test_the_same_event_twice_is_one_event(daemon, receiver):
    daemon.configure(hello(receiver)).start()
    twice, last = file_event(b"twice"), file_event(b"last")
    daemon.spool.write(twice)
    receiver.wait(1, "/hello")
    daemon.spool.write(twice, twice)
    daemon.stop()
    daemon.start()
    daemon.spool.write(twice)
    daemon.spool.write(last)
    receiver.wait_until(lambda: last["id"] in receiver.ids(), what="the last event")
    assert receiver.ids("/hello") == [twice["id"], last["id"]]


def test_the_same_id_with_other_bytes_is_a_conflict(daemon, receiver):
    daemon.configure(hello(receiver)).start()
    first, last = file_event(b"first"), file_event(b"last")
    daemon.spool.write(first)
    receiver.wait(1, "/hello")
    daemon.spool.write(first | {"actor": "mallory"})
    daemon.spool.write(last)
    receiver.wait_until(lambda: last["id"] in receiver.ids(), what="the last event")
    assert receiver.ids("/hello") == [first["id"], last["id"]]
    reasons = "\n".join(daemon.wait_for(daemon.spool.rejected, "the conflict is rejected").values())
    assert "conflict" in reasons.lower()


def test_hooks_and_filters_decide_who_gets_an_event(daemon, receiver):
    filters = 'filter = file.file_type startswith "PE32 executable" | "PE32+ executable"\n'
    daemon.configure(
        plugin("pe", receiver.url("/pe"), filters + '         file.file_size <= 100')
        + plugin("created", receiver.url("/created"), hooks="on_created_*")
        + plugin("tagged", receiver.url("/tagged"), 'filter = not file.tags has "boring"')
        + plugin("every", receiver.url("/all"), hooks="*")
    ).start()
    small = file_event(b"small")
    large = file_event(b"x" * 101)
    text = file_event(b"text", kind="ASCII text", tags=["boring"])
    tag = event("on_removed_tag", {"object": {"id": "0" * 64, "type": "text_blob"}, "tag": {"tag": "x"}})
    daemon.spool.write(small, large, text, tag)
    receiver.wait(4, "/all")
    assert {r.id for r in receiver.wait(1, "/pe")} == {small["id"]}
    assert {r.id for r in receiver.wait(3, "/created")} == {small["id"], large["id"], text["id"]}
    assert {r.id for r in receiver.wait(2, "/tagged")} == {small["id"], large["id"]}
    daemon.stop()
    assert len(receiver.requests("/pe")) == 1


def test_what_is_not_finished_is_not_read(daemon, receiver):
    daemon.configure(hello(receiver)).start()
    hidden, shown = file_event(b"hidden"), file_event(b"shown")
    (daemon.spool.root / "tmp" / "00000000000000000001-1-1.ndjson").write_bytes(line(hidden) + b"\n")
    daemon.spool.write(shown)
    receiver.wait(1, "/hello")
    daemon.stop()
    assert receiver.ids("/hello") == [shown["id"]]
    assert os.listdir(daemon.spool.root / "tmp")


def test_the_source_is_told_what_to_write(daemon, receiver):
    daemon.configure(
        plugin("files", receiver.url("/files"), hooks="on_created_file, on_reuploaded_file")
        + plugin("sandbox", receiver.url("/sandbox"), "body = multipart\nfile.field = file"),
        webhooks="copy_limit = 5MB",
        mwdb="url = http://127.0.0.1:9\napi_key = none",
    ).start()
    told = daemon.spool.subscriptions()
    assert told["version"] == 1
    assert sorted(told["hooks"]) == ["on_created_file", "on_reuploaded_file"]
    assert told["content"] == ["on_created_file"]
    assert told["copy_limit"] == 5_000_000


def test_uploads_go_on_while_the_daemon_is_stopped(daemon, receiver):
    gate = threading.Event()
    receiver.on("/slow", hang(gate))
    daemon.configure(
        hello(receiver) + plugin("slow", receiver.url("/slow"), hooks="*"), webhooks="shutdown_timeout = 1s"
    ).start()
    events = [file_event(b"%d" % n) for n in range(60)]
    daemon.spool.write(*events[:20])
    receiver.wait(20, "/hello")
    daemon.stop()
    for one in events[20:]:
        daemon.spool.write(one)
    assert len(daemon.spool.waiting()) == 40
    gate.set()
    daemon.start()
    for path in ("/hello", "/slow"):
        receiver.wait_until(
            lambda path=path: set(receiver.ids(path, answered=202)) == {e["id"] for e in events}, what=path
        )
