"""heartbeat.py: one file a process, touched at each flush, and what dead processes left."""

import os

import pytest
from mwdb_plugin_webhooks import heartbeat, spool
from stand_in import Application, upload


@pytest.fixture
def application(spool_path, monkeypatch):
    return Application(spool_path, monkeypatch)


def test_each_process_has_its_heartbeat_touched_at_each_flush(application, spool_path):
    application.request()
    file = spool_path / "heartbeat" / heartbeat.name()
    os.utime(file, (1, 1))
    application.request()
    assert file.stat().st_mtime == 1
    application.request(upload)
    assert file.stat().st_mtime > 1
    file.unlink()
    application.request(upload)
    assert file.is_file()
    assert b'"source": "here"' in file.read_bytes()


def test_a_new_process_tidies_up_after_dead_ones(application, spool_path, monkeypatch):
    application.request()
    beats, tmp = spool_path / "heartbeat", spool_path / "tmp"
    host = heartbeat.name().rpartition(".")[0]
    dead, alive, foreign, old = f"{host}.4194399", f"{host}.1", "other.4194399", "older.7"
    for name, age in ((dead, 3600), (alive, 3600), (foreign, 3600), (old, 90_000)):
        (beats / name).touch()
        moment = (beats / heartbeat.name()).stat().st_mtime - age
        os.utime(beats / name, (moment, moment))
    (tmp / "running").touch()
    monkeypatch.setattr(heartbeat, "UNFINISHED", -1)
    with spool.opened(str(spool_path)) as folders:
        heartbeat.start(folders, {})
    assert {file.name for file in beats.iterdir()} == {heartbeat.name(), alive, foreign}
    assert list(tmp.iterdir()) == []
