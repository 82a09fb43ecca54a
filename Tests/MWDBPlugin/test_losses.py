"""losses.py: no lost event is forgotten, and none is reported twice."""

import json
import multiprocessing
import os

import pytest
from mwdb_plugin_webhooks import spool
from mwdb_plugin_webhooks.losses import SIZE, Losses


def make_line(data):
    make_line.made += 1
    return json.dumps({"id": make_line.made, "data": data}).encode("ascii")


make_line.made = 0


@pytest.fixture
def folders(spool_path):
    with spool.opened(str(spool_path)) as opened:
        yield opened


def lose(losses, folders, count=1, moment="2026-01-01T00:00:00.000Z", reason="full"):
    losses.count(count, moment, moment, reason)
    losses.save(folders)


def report(losses, folders):
    with losses.report(folders) as found:
        found.note()
        return [json.loads(line)["data"] for line in found.lines]


def test_nothing_lost_nothing_pending_and_the_block_is_there_for_later(folders, spool_path):
    losses = Losses(make_line)
    assert not losses.pending(folders)
    assert (spool_path / "lost").stat().st_size == SIZE
    assert not losses.pending(folders)
    assert report(losses, folders) == []


def test_losses_add_up_with_first_and_last(folders):
    losses = Losses(make_line)
    lose(losses, folders, 2, "2026-01-01T00:00:02.000Z", "full")
    lose(losses, folders, 3, "2026-01-01T00:00:01.000Z", "read-only")
    assert losses.pending(folders)
    assert report(losses, folders) == [
        {
            "count": 5,
            "first": "2026-01-01T00:00:01.000Z",
            "last": "2026-01-01T00:00:02.000Z",
            "reason": "read-only",
        }
    ]
    assert not losses.pending(folders)


def test_another_process_reports_them_and_only_once(folders):
    lose(Losses(make_line), folders, 4)
    other = Losses(make_line)
    assert other.pending(folders)
    assert [found["count"] for found in report(other, folders)] == [4]
    assert not Losses(make_line).pending(folders)


def test_without_the_block_they_are_kept_in_memory(folders, spool_path):
    (spool_path / "lost").symlink_to("/nowhere")
    losses = Losses(make_line)
    lose(losses, folders, 4)
    assert losses.in_memory() == 4
    assert losses.pending(folders)
    assert [found["count"] for found in report(losses, folders)] == [4]
    assert losses.in_memory() == 0


def test_what_was_in_memory_goes_to_the_block_when_it_can(folders, spool_path):
    obstacle = spool_path / "lost"
    obstacle.symlink_to("/nowhere")
    losses = Losses(make_line)
    lose(losses, folders, 4)
    obstacle.unlink()
    lose(losses, folders, 1)
    assert losses.in_memory() == 0
    assert [found["count"] for found in report(Losses(make_line), folders)] == [5]


def test_a_report_that_fails_before_its_note_keeps_the_losses(folders):
    losses = Losses(make_line)
    lose(losses, folders, 4)
    losses.count(1, "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z", "memory")
    with pytest.raises(OSError), losses.report(folders):
        raise OSError("fsync")
    assert losses.in_memory() == 1
    assert [found["count"] for found in report(losses, folders)] == [5]


def test_a_process_killed_between_rename_and_settling_repeats_the_same_line(folders):
    losses = Losses(make_line)
    lose(losses, folders, 4)
    with pytest.raises(SystemExit), losses.report(folders) as first:
        first.note()
        raise SystemExit
    # Meanwhile more are lost: a report of their own.
    lose(losses, folders, 2)
    other = Losses(make_line)
    assert other.pending(folders)
    with other.report(folders) as second:
        assert second.lines[0] == first.lines[0]
        assert [json.loads(line)["data"]["count"] for line in second.lines] == [4, 2]
        second.note()
    assert not other.pending(folders)


def test_a_damaged_block_is_an_empty_one(folders, spool_path):
    losses = Losses(make_line)
    block = spool_path / "lost"
    good = {"count": 1, "first": "t", "last": "t", "reason": "r", "reporting": []}
    wrong = [
        {"count": "x"}, {"count": True}, {"count": 1.5}, {"count": -1}, {"count": None}, {"first": None},
        {"last": 5}, {"count": 0}, {"reason": 5}, {"reason": []}, {"reporting": 5}, {"reporting": [5]},
        {"reporting": ["\u0105"]}, {"reporting": [None]},
    ]  # fmt: skip
    for text in ["{", "[]", "5", '{"count": 1}', "", *(json.dumps(good | change) for change in wrong)]:
        block.write_text(text)
        assert report(losses, folders) == []
        lose(losses, folders, 2)
        assert [found["count"] for found in report(losses, folders)] == [2]
    block.write_text(json.dumps(good))
    assert [found["count"] for found in report(losses, folders)] == [1]
    lose(losses, folders, 3)
    assert [found["count"] for found in report(losses, folders)] == [3]


def test_a_reason_of_any_length_fits(folders):
    losses = Losses(make_line)
    lose(losses, folders, 1, reason=spool.reason(spool.SpoolError("\u0105" * 5000)))
    assert losses.in_memory() == 0
    assert [found["count"] for found in report(losses, folders)] == [1]


def test_they_are_counted_on_a_full_disk(small_disk):
    path = small_disk / "spool"
    path.mkdir()
    losses = Losses(make_line)
    with spool.opened(str(path)) as folders:
        assert not losses.pending(folders)  # as at start: makes the block
        fill(small_disk)
        with pytest.raises(OSError):
            folders.publish("name", [b"x" * 8192])
        lose(losses, folders, 3)
        assert losses.in_memory() == 0
        assert [found["count"] for found in report(Losses(make_line), folders)] == [3]


def fill(folder):
    with open(folder / "filler", "wb", buffering=0) as file:
        for size in (65536, 4096, 512, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                pass


def _lose_many(path, count):
    losses = Losses(make_line)
    for _ in range(count):
        with spool.opened(path) as folders:
            lose(losses, folders)
    # What the lock was busy for; a process hands it over when it ends.
    while losses.in_memory():
        with spool.opened(path) as folders:
            losses.save(folders)
    os._exit(0)


def test_processes_count_together(spool_path):
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=_lose_many, args=(str(spool_path), 50)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
        assert process.exitcode == 0
    with spool.opened(str(spool_path)) as folders:
        assert [found["count"] for found in report(Losses(make_line), folders)] == [200]
