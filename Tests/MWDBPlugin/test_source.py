"""source.py: one spool file a request, and an upload that never fails. stand_in.py stands in for MWDB."""

import errno
import logging
import os

import pytest
from conftest import events, files, subscribe
from flask import g
from mwdb.core import hooks as mwdb_hooks
from mwdb.core.hooks import HookHandler, hooks
from mwdb.model import File, Tag
from mwdb_plugin_webhooks import event, heartbeat, serialise, source, spool
from stand_in import Application, upload
from test_serialise import a_file


@pytest.fixture
def application(spool_path, monkeypatch):
    return Application(spool_path, monkeypatch)


@pytest.fixture
def stored(tmp_path, monkeypatch):
    """A file whose content is in MWDB's storage, on disk."""
    path = tmp_path / ("a" * 64)
    path.write_bytes(b"abc")
    monkeypatch.setattr(File, "open", lambda self: open(path, "rb"))
    return path


def types(path):
    return [found["type"] for found in events(path)]


def test_all_events_of_a_request_are_in_one_file_before_its_answer(application, spool_path, schema):
    application.request(upload)
    assert len(files(spool_path)) == 1
    found = events(spool_path)
    assert [one["type"] for one in found] == ["on_created_object", "on_created_file"]
    assert files(spool_path)[0].name == found[0]["id"] + ".ndjson"
    assert found[0]["id"] < found[1]["id"]
    assert {one["actor"] for one in found} == {"me"}
    assert {one["source"] for one in found} == {"here"}
    for one in found:
        schema.validate(one)
    application.request()
    assert len(files(spool_path)) == 2


def test_a_request_without_hooks_writes_nothing_but_the_heartbeat(application, spool_path):
    application.request()
    assert files(spool_path) == []
    assert {file.name for file in (spool_path / "heartbeat").iterdir()} == {heartbeat.name()}


def test_hooks_of_a_request_that_failed_are_no_events(application, spool_path):
    application.status = 400
    application.request(upload)
    assert files(spool_path) == []


def test_only_what_is_subscribed(application, spool_path, stored):
    subscribe(spool_path, hooks=["on_created_file"], content=[])
    application.request(upload)
    assert types(spool_path) == ["on_created_file"]
    assert list((spool_path / "content").iterdir()) == []
    subscribe(spool_path, hooks=["on_created_file"], content=["on_created_file"])
    application.request(upload)
    assert [file.name for file in (spool_path / "content").iterdir()] == ["a" * 64]
    subscribe(spool_path, hooks=[], content=[])
    application.request(upload)
    assert len(files(spool_path)) == 2


def test_a_sample_is_placed_before_its_event_and_once_a_request(application, spool_path, stored, monkeypatch):
    order = []
    place, publish = source.content.place, spool.Spool.publish
    monkeypatch.setattr(source.content, "place", lambda *a: (order.append("content"), place(*a))[1])
    monkeypatch.setattr(spool.Spool, "publish", lambda *a, **k: (order.append("event"), publish(*a, **k))[1])
    application.request(upload)
    assert order == ["content", "event"]
    assert (spool_path / "content" / ("a" * 64)).stat().st_ino == stored.stat().st_ino


def test_a_sample_that_cannot_be_placed_costs_no_event(application, spool_path, monkeypatch, caplog):
    def gone(self):
        raise FileNotFoundError(errno.ENOENT, "no such file")

    monkeypatch.setattr(File, "open", gone)
    application.request(upload)
    application.request(upload)
    assert types(spool_path) == ["on_created_object", "on_created_file"] * 2
    assert len([record for record in caplog.records if "fetched from MWDB" in record.getMessage()]) == 1


def test_a_failing_fsync_of_the_content_folder_costs_no_event(application, spool_path, stored, monkeypatch, caplog):
    application.request(upload)
    content, real = os.stat(spool_path / "content"), os.fsync

    def fail(descriptor):
        if os.fstat(descriptor).st_ino == content.st_ino:
            raise OSError(errno.EIO, "I/O error")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fail)
    application.request(upload)
    assert types(spool_path) == ["on_created_object", "on_created_file"] * 2
    assert "fetched from MWDB" in caplog.text


def test_below_twice_min_free_space_events_go_on_without_samples(application, spool_path, stored):
    with spool.opened(str(spool_path)) as folders:
        free = folders.free()
    subscribe(spool_path, min_free_space=free * 2 // 3)
    application.request(upload)
    assert len(files(spool_path)) == 1
    assert list((spool_path / "content").iterdir()) == []


def test_below_min_free_space_events_are_lost_and_reported_later(application, spool_path, caplog, schema):
    application.request()
    subscribe(spool_path, min_free_space=1 << 62)
    for _ in range(3):
        assert application.request(upload).status_code == 200
    assert files(spool_path) == []
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
    assert "make room" in caplog.text

    subscribe(spool_path)
    application.request(upload)
    assert types(spool_path) == ["on_created_object", "on_created_file", "source.lost"]
    lost = events(spool_path)[-1]
    schema.validate(lost)
    assert lost["data"]["count"] == 6
    assert lost["data"]["first"] < lost["data"]["last"]
    assert "min_free_space" in lost["data"]["reason"]
    application.request(upload)
    assert types(spool_path).count("source.lost") == 1
    assert "again" in caplog.text


def test_losses_are_reported_though_nobody_subscribed_to_them(application, spool_path):
    subscribe(spool_path, hooks=["on_created_file"], min_free_space=1 << 62)
    application.request(upload)
    subscribe(spool_path, hooks=["on_created_file"])
    application.request(upload)
    assert types(spool_path) == ["on_created_file", "source.lost"]
    assert events(spool_path)[-1]["data"]["count"] == 1


def test_a_missing_spool_loses_events_and_no_upload(tmp_path, monkeypatch, caplog):
    path = tmp_path / "spool"
    application = Application(path, monkeypatch)
    for _ in range(2):
        assert application.request(upload).status_code == 200
    assert "install -d -m 2770" in caplog.text
    assert len([record for record in caplog.records if record.levelno == logging.ERROR]) == 1
    path.mkdir()
    subscribe(path)
    application.request(upload)
    assert types(path) == ["on_created_object", "on_created_file", "source.lost"]
    assert events(path)[-1]["data"]["count"] == 4
    assert "missing" in events(path)[-1]["data"]["reason"]


@pytest.mark.parametrize(
    "call", ["open", "write", "fsync", "rename", "fstatvfs", "stat", "utime", "fchmod", "link", "unlink"]
)
@pytest.mark.parametrize("error", [OSError(errno.EIO, "I/O error"), MemoryError(), RuntimeError("unexpected")])
def test_no_failing_call_fails_an_upload(application, spool_path, stored, monkeypatch, call, error):
    """And afterwards either the event is there or it is reported as lost."""
    application.request()
    before = len(files(spool_path))

    def fail(*arguments, **_):
        raise error

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fail)
        assert application.request(upload).status_code == 200
    application.request(upload)
    found = events(spool_path)
    arrived = len([one for one in found if one["type"].startswith("on_")]) - 2
    lost = sum(one["data"]["count"] for one in found if one["type"] == "source.lost")
    assert arrived + lost == 2
    assert (spool_path / "tmp").is_dir()
    assert before == 0


def test_an_event_that_cannot_be_built_is_lost_and_the_others_are_not(application, spool_path, monkeypatch):
    real = event.line

    def fail(identifier, hook, *rest):
        if hook == "on_created_object":
            raise RuntimeError("cannot")
        return real(identifier, hook, *rest)

    monkeypatch.setattr(source.event, "line", fail)
    assert application.request(upload).status_code == 200
    assert types(spool_path) == ["on_created_file", "source.lost"]
    assert "RuntimeError" in events(spool_path)[-1]["data"]["reason"]


def test_a_log_that_raises_fails_no_upload(tmp_path, monkeypatch, capsys):
    application = Application(tmp_path / "missing", monkeypatch)

    class Broken(logging.Handler):
        def handle(self, record):
            raise RuntimeError("Working outside of application context.")

    broken = Broken()
    logger = logging.getLogger("mwdb.webhooks")
    logger.addHandler(broken)
    try:
        assert application.request(upload).status_code == 200
    finally:
        logger.removeHandler(broken)
    assert "install -d" in capsys.readouterr().err


def test_hooks_that_a_later_handler_causes_are_captured(application, spool_path):
    class Tagger(HookHandler):
        def on_created_file(self, file):
            hooks.on_created_tag(file, Tag(tag="seen"))

    mwdb_hooks.register_hook_handler(Tagger())
    application.request(upload)
    assert types(spool_path) == ["on_created_object", "on_created_file", "on_created_tag", "on_changed_object"]
    assert len(files(spool_path)) == 1


def test_hooks_that_an_earlier_handler_causes_are_captured_once(application, spool_path):
    class Tagger(HookHandler):
        def on_created_file(self, file):
            hooks.on_created_tag(file, tag)

    tag = Tag(tag="seen")
    mwdb_hooks._hook_handlers.insert(0, Tagger())
    application.request(upload)
    assert types(spool_path) == ["on_created_object", "on_created_file", "on_created_tag", "on_changed_object"]


def test_a_handler_that_fails_takes_nothing_of_ours_along(application, spool_path):
    class Failing(HookHandler):
        def on_created_object(self, object):
            raise RuntimeError("theirs")

    mwdb_hooks._hook_handlers.insert(0, Failing())
    application.request(upload)
    assert types(spool_path) == ["on_created_object", "on_created_file"]


def test_capturing_does_not_capture_itself(application, spool_path, monkeypatch):
    real = serialise.arguments

    def reentrant(values):
        if "file" in values:
            application.handler.on_created_file(values["file"])
        return real(values)

    monkeypatch.setattr(serialise, "arguments", reentrant)
    application.request(upload)
    assert types(spool_path) == ["on_created_object", "on_created_file"]


def test_system_exit_of_another_handler_passes_and_what_was_captured_is_written(application, spool_path):
    class TimedOut(HookHandler):
        def on_created_object(self, object):
            raise SystemExit(1)

    mwdb_hooks.register_hook_handler(TimedOut())
    with pytest.raises(SystemExit):
        application.request(upload)
    assert types(spool_path) == ["on_created_object", "on_created_file"]


@pytest.mark.parametrize("call", ["open", "write", "fsync", "rename", "fstatvfs", "link", "unlink", "close"])
def test_system_exit_within_the_flush_passes_and_leaves_whole_events(
    application, spool_path, stored, monkeypatch, call
):
    """At every call of that kind: the request's end writes the batch again, whole, under the same name."""
    application.request(upload)
    calls = Calls(getattr(os, call))
    monkeypatch.setattr(os, call, calls)
    application.request(upload)
    assert calls.count > 0
    for at in range(1, calls.count + 1):
        for file in files(spool_path):
            file.unlink()
        calls.count, calls.exit_at = 0, at
        with pytest.raises(SystemExit):
            application.request(upload)
        assert types(spool_path) == ["on_created_object", "on_created_file"]
        assert list((spool_path / "tmp").iterdir()) == []


class Calls:
    """Counts the calls of a function, and ends the process at one of them as gunicorn's time-out does."""

    def __init__(self, function):
        self.function, self.count, self.exit_at = function, 0, None

    def __call__(self, *arguments, **options):
        self.count += 1
        if self.count == self.exit_at:
            raise SystemExit(1)
        return self.function(*arguments, **options)


def test_a_hook_outside_a_request_is_flushed_at_once(application, spool_path):
    application.handler.on_created_file(a_file())
    assert types(spool_path) == ["on_created_file"]
    assert events(spool_path)[0]["actor"] is None
    with application.app.app_context():
        application.handler.on_removed_file(a_file())
        assert types(spool_path) == ["on_created_file", "on_removed_file"]


def test_an_actor_that_cannot_be_read_is_none(application, spool_path):
    class Gone:
        @property
        def login(self):
            raise RuntimeError("gone")

    def during():
        g.auth_user = Gone()
        upload()

    application.request(during)
    assert [found["actor"] for found in events(spool_path)] == [None, None]


def test_at_its_end_a_process_hands_over_what_only_its_memory_knows(application, spool_path, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", lambda *_, **__: (_ for _ in ()).throw(OSError(errno.EMFILE, "too many")))
        application.request(upload)
    assert application.source._losses.in_memory() == 2
    application.source._leave(os.getpid() + 1)
    assert application.source._losses.in_memory() == 2
    application.source._leave(os.getpid())
    assert application.source._losses.in_memory() == 0
    Application(spool_path, monkeypatch).request(upload)
    assert events(spool_path)[-1]["data"]["count"] == 2
