"""A spool in which someone else left things: they harm nothing, and good events beside them are delivered."""

import json
import os
import socket

from support.configuration import plugin
from support.spool import event, file_event, line


def start(daemon, receiver, more=""):
    daemon.configure(plugin("every", receiver.url("/all"), hooks="*") + more).start()


def still_serves(daemon, receiver):
    """The daemon takes a good event, and has not been hurt."""
    last = file_event(b"last")
    daemon.spool.write(last)
    receiver.wait_until(lambda: last["id"] in receiver.ids("/all"), what="the good event")
    assert daemon.alive()


def test_things_that_are_no_files(daemon, receiver, folder):
    secret = folder / "secret"
    stolen = file_event(b"stolen")
    secret.write_bytes(line(stolen) + b"\n")
    new = daemon.spool.root / "new"
    os.symlink(secret, new / "00000000000000000001-1-1.ndjson")
    os.symlink("/nonexistent", new / "00000000000000000001-1-2.ndjson")
    os.symlink("/dev/zero", new / "00000000000000000001-1-3.ndjson")
    os.mkfifo(new / "00000000000000000001-1-4.ndjson")
    (new / "00000000000000000001-1-5.ndjson").mkdir()
    with socket.socket(socket.AF_UNIX) as one:
        here = os.getcwd()
        os.chdir(new)
        one.bind("00000000000000000001-1-6.ndjson")
        os.chdir(here)
    os.mkfifo(new / "fifo")
    (new / "..evil.ndjson").write_bytes(b"x\n")
    (new / ("n" * 240 + ".ndjson")).write_bytes(b"{}\n")
    (new / "with\nnewline\x1b.ndjson").write_bytes(b"x\n")
    (new / "empty.ndjson").write_bytes(b"")
    start(daemon, receiver)
    still_serves(daemon, receiver)
    os.mkfifo(new / "99999999999999999999-1-4.ndjson")
    os.symlink(secret, new / "99999999999999999999-1-5.ndjson")
    still_serves(daemon, receiver)
    assert stolen["id"] not in receiver.ids("/all"), "a symbolic link is not followed"
    assert secret.exists()


def test_a_hash_is_hex_before_it_is_a_path(daemon, receiver, folder):
    start(daemon, receiver, plugin("sandbox", receiver.url("/sandbox"), "body = multipart\nfile.field = file"))
    (daemon.folder / "outside").write_bytes(b"outside")
    for bad in ("../../outside", "../outside\0", "/etc/passwd", "a" * 63, "g" * 64, "A" * 64, "", None, 7, ["x"]):
        one = file_event(b"x")
        one["data"]["file"] |= {"sha256": bad, "id": bad}
        daemon.spool.write(one)
    still_serves(daemon, receiver)
    good = b"MZ good"
    daemon.spool.put_content(good)
    daemon.spool.write(file_event(good))
    receiver.wait(1, "/sandbox")
    daemon.stop()
    for request in receiver.requests("/sandbox"):
        assert request.multipart()[-1].body == good


def test_content_that_is_no_file(daemon, receiver, folder):
    start(daemon, receiver, plugin("sandbox", receiver.url("/sandbox"), "body = multipart\nfile.field = file"))
    secret = folder / "secret"
    secret.write_bytes(b"secret content")
    content = daemon.spool.root / "content"
    link, fifo, directory = (file_event(b"%d" % n) for n in range(3))
    os.symlink(secret, content / link["data"]["file"]["sha256"])
    os.mkfifo(content / fifo["data"]["file"]["sha256"])
    (content / directory["data"]["file"]["sha256"]).mkdir()
    daemon.spool.write(link, fifo, directory)
    still_serves(daemon, receiver)
    good = b"MZ good"
    daemon.spool.put_content(good)
    daemon.spool.write(file_event(good))
    receiver.wait(1, "/sandbox")
    daemon.stop()
    assert [r.multipart()[-1].body for r in receiver.requests("/sandbox")] == [good]


def test_a_line_of_a_gigabyte(daemon, receiver, say):
    start(daemon, receiver)
    still_serves(daemon, receiver)
    before = daemon.peak_memory()
    path = daemon.spool.root / "tmp" / "00000000000000000001-1-1.ndjson"
    beside = file_event(b"beside")
    with open(path, "wb") as file:
        file.write(line(file_event(b"before")) + b"\n")
        file.write(b'{"id": "')
        file.seek(1 << 30, os.SEEK_CUR)
        file.write(b'"}\n' + line(beside) + b"\n")
    os.rename(path, daemon.spool.root / "new" / path.name)
    receiver.wait_until(lambda: beside["id"] in receiver.ids("/all"), 120, "the good line behind it")
    still_serves(daemon, receiver)
    grown = daemon.peak_memory() - before
    say(f"a line of 1 GiB in the spool: peak memory grew by {grown >> 20} MiB")
    assert grown < 64 << 20
    kept = sum(p.lstat().st_blocks * 512 for p in (daemon.spool.root / "rejected").iterdir())
    assert kept <= 1_100_000_000


def test_deep_and_strange_json(daemon, receiver):
    start(daemon, receiver)
    deep = b"[" * 100_000 + b"]" * 100_000
    lines = [
        b'{"id":"x","data":' + deep + b"}",
        line(file_event())[:-1] + b',"deep":' + deep + b"}",
        line(file_event())[:-1] + b',"id":"twice"}',
        b'{"id":' + b'"\\ud800"' + b"}",
        b"\xef\xbb\xbf" + line(file_event()),
        b"\0" * 1000,
        line(event("on_" + "x" * 10_000, {})),
        line(event("../../etc", {})),
        line(event("on_created_file", {}) | {"id": "../../../etc/passwd"}),
        line(event("on_created_file", {}) | {"id": "x\r\nInjected: y"}),
        line(event("on_created_file", {}) | {"timestamp": "yesterday"}),
        line(event("on_created_file", {}) | {"data": []}),
    ]
    daemon.spool.write(*lines)
    still_serves(daemon, receiver)
    for request in receiver.requests("/all"):
        assert request.header("injected") is None
        assert json.loads(request.body)


def test_the_spool_must_be_the_daemons_own(make_daemon, receiver):
    first, second = make_daemon("one"), make_daemon("two")
    first.configure(plugin("every", receiver.url("/all"), hooks="*")).start()
    for shared in (f"spool = {first.spool.root}", f"outbox = {first.outbox}"):
        second.configure(plugin("every", receiver.url("/all"), hooks="*"), webhooks=shared)
        second.spawn()
        assert second.wait_exit() == 1
        assert str(first.pid) in second.tail(), "the first's pid is named"
    still_serves(first, receiver)
