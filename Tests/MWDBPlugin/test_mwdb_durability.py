"""In a real MWDB: what is durable when, what a killed worker leaves, and what a full disk costs."""

import concurrent.futures
import contextlib
import hashlib
import os
import re
import secrets
import shutil
import subprocess
import time

import pytest
from conftest import events, files, subscribe

pytestmark = pytest.mark.lab


# --- what is durable when ---


@contextlib.contextmanager
def traced(pids, output, *options):
    """strace attached to processes; waits until it is."""
    if shutil.which("strace") is None:
        pytest.skip("strace is not installed")
    command = ["strace", "-f", "-y", "-s", "64", "-o", str(output), *options]
    for pid in pids:
        command += ["-p", str(pid)]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    for _ in pids:
        said = tracer.stderr.readline()
        if "attached" not in said:
            tracer.terminate()
            tracer.wait()
            pytest.skip(f"strace cannot attach here: {said.strip()}")
    try:
        yield
    finally:
        if tracer.poll() is None:
            tracer.terminate()
        tracer.wait()
        tracer.stderr.close()


def warm_workers(lab):
    """The workers' pids, once each has handled a request: what a process does only once is over. An empty spool."""
    client = lab.client()

    def warm():
        beats = {file.name.rpartition(".")[2] for file in (lab.spool / "heartbeat").iterdir()}
        workers = lab.workers()
        return len(workers) == 2 and all(str(worker) in beats for worker in workers)

    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        while not warm():
            list(pool.map(lambda _: client.call("GET", "/server"), range(8)))
    for file in files(lab.spool):
        file.unlink()
    return lab.workers()


def test_each_fsync_comes_before_the_rename_and_the_answer_that_rely_on_it(lab, tmp_path):
    client = lab.client()
    output = tmp_path / "trace"
    calls = "trace=fsync,fdatasync,rename,renameat,renameat2,linkat,sendto,write"
    with traced(warm_workers(lab), output, "-e", calls):
        identifier = client.upload("x.exe", secrets.token_bytes(3000))
    steps = [step for step in (read_step(line, lab.spool) for line in output.read_text().splitlines()) if step]
    assert steps == [
        "link tmp",
        "fsync tmp",
        "rename tmp content",
        "fsync content",
        "write tmp",
        "fsync tmp",
        "rename tmp new",
        "fsync new",
        "answer",
    ]
    assert (lab.spool / "content" / identifier).exists()


def read_step(line, spool):
    """What a line of strace does to the spool or to the client, in words; None for anything else."""
    where = re.escape(str(spool))
    for pattern, words in (
        (rf"linkat\(.*<{where}/tmp>", "link tmp"),
        (rf"renameat2?\(\d+<{where}/(\w+)>.*<{where}/(\w+)>", "rename {} {}"),
        (rf"f(?:data)?sync\(\d+<{where}/(\w+)(?:/[^>]*)?>", "fsync {}"),
        (rf"write\(\d+<{where}/tmp/", "write tmp"),
        (r'(?:sendto|write)\(\d+<(?:TCP|socket).*"HTTP/1\.1 200', "answer"),
    ):
        found = re.search(pattern, line)
        if found:
            return words.format(*found.groups())
    return None


@pytest.mark.parametrize(
    "call, when",
    [("linkat", 1), ("fsync", 1), ("renameat", 1), ("fsync", 2), ("fsync", 3), ("renameat", 2), ("fsync", 4)],
)
def test_a_worker_killed_at_any_step_leaves_no_half_event(lab, tmp_path, call, when):
    client = lab.client()
    # Only what happens in the spool's folders; an fsync has a file, and MWDB makes none.
    where = (
        [] if call == "fsync" else [arg for name in ("tmp", "new", "content") for arg in ("-P", str(lab.spool / name))]
    )
    inject = f"inject={call}:signal=SIGKILL:when={when}"
    data = secrets.token_bytes(3000)
    with traced(warm_workers(lab), tmp_path / "trace", "-e", f"trace={call}", *where, "-e", inject):
        with pytest.raises(OSError):
            client.upload("x.exe", data)
    found = events(lab.spool)
    for one in found:
        assert set(one) == {"id", "type", "timestamp", "source", "actor", "data"}
    assert [one["type"] for one in found] in ([], ["on_created_object", "on_created_file"])
    sample = lab.spool / "content" / hashlib.sha256(data).hexdigest()
    assert not sample.exists() or sample.read_bytes() == data
    # The last step is the fsync of new/: the event is there then, and before it nothing is.
    assert bool(found) == ((call, when) == ("fsync", 4))
    if found:
        assert sample.exists()
    # And the next upload works.
    lab.client().upload("y.exe", secrets.token_bytes(16))
    assert events(lab.spool)[-1]["type"] == "on_created_file"


def test_workers_killed_at_random_lose_no_event_whose_upload_was_answered(lab):
    client = lab.client()
    answered, stop = [], []

    def upload():
        while not stop:
            with contextlib.suppress(OSError):
                answered.append(client.upload("x", secrets.token_bytes(200)))

    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        uploads = [pool.submit(upload) for _ in range(3)]
        for goal in range(15, 61, 15):
            wait_until(lambda goal=goal: len(answered) >= goal)
            for worker in lab.workers():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, 9)
        stop.append(True)
        for done in uploads:
            done.result()
    found = events(lab.spool)
    arrived = [one["data"]["file"]["id"] for one in found if one["type"] == "on_created_file"]
    assert len(set(arrived)) == len(arrived)
    assert set(answered) <= set(arrived)
    assert sorted(one["data"]["object"]["id"] for one in found if one["type"] == "on_created_object") == sorted(arrived)


def wait_until(condition, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited too long"
        time.sleep(0.01)


def test_a_failing_fsync_is_a_counted_loss_and_no_failed_upload(lab, tmp_path):
    client = lab.client()
    with traced(warm_workers(lab), tmp_path / "trace", "-e", "trace=fsync", "-e", "inject=fsync:error=EIO"):
        client.upload("x.exe", secrets.token_bytes(3000))
    assert events(lab.spool) == []
    client.upload("y.exe", secrets.token_bytes(3000))
    assert [one["type"] for one in events(lab.spool)] == ["on_created_object", "on_created_file", "source.lost"]
    lost = events(lab.spool)[-1]["data"]
    assert lost["count"] == 2
    assert "EIO" in lost["reason"]


# --- when the spool cannot take events ---


@contextlib.contextmanager
def mounted_over(path):
    """A file system of 512 KiB in place of the folder."""
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=512k,mode=2770", "spool-test", str(path)], capture_output=True, text=True
    )
    if done.returncode != 0:
        pytest.skip(f"mounting is not possible here: {done.stderr.strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)


def test_with_a_full_disk_uploads_succeed_and_losses_are_what_is_missing(lab, schema):
    client = lab.client()
    with mounted_over(lab.spool):
        subscribe(lab.spool, copy_limit=4096)
        uploaded = [client.upload("x", secrets.token_bytes(2000)) for _ in range(3)]
        # Nobody takes the events away: the disk fills by itself, and stays full.
        while len(uploaded) < 100:
            uploaded.append(client.upload("x", secrets.token_bytes(2000)))
        full = events(lab.spool)
        assert 0 < len(full) < 200
        assert {one["type"] for one in full} == {"on_created_object", "on_created_file"}
        assert [file.name for file in (lab.spool / "tmp").iterdir()] == []

        # Room again: taken by the daemon, as it were.
        taken = full
        for file in files(lab.spool):
            file.unlink()
        for file in (lab.spool / "content").iterdir():
            file.unlink()
        uploaded += [client.upload("x", secrets.token_bytes(2000)) for _ in range(6)]
        taken += events(lab.spool)
        lost = [one for one in taken if one["type"] == "source.lost"]
        arrived = [one for one in taken if one["type"] != "source.lost"]
        assert 2 * len(uploaded) - len(arrived) == sum(one["data"]["count"] for one in lost) > 0
        for one in lost:
            schema.validate(one)
            assert one["data"]["first"] <= one["data"]["last"]
        assert len({one["id"] for one in taken}) == len(taken)


def test_a_spool_that_is_away_for_a_while_costs_only_its_events(lab):
    client = lab.client()
    away = lab.spool.with_name("away")
    lab.spool.rename(away)
    try:
        for _ in range(4):
            client.upload("x", secrets.token_bytes(100))
    finally:
        away.rename(lab.spool)
    # Each worker reports what only it knows when it next writes.
    lost = 0
    deadline = time.monotonic() + 60
    while lost < 8 and time.monotonic() < deadline:
        client.upload("x", secrets.token_bytes(100))
        lost = sum(one["data"]["count"] for one in events(lab.spool) if one["type"] == "source.lost")
    assert lost == 8
    assert lab.log.read_text().count("install -d -m 2770") <= 2, "once a process"
