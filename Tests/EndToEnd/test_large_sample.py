"""A sample of 1 GiB by multipart: byte-identical, in constant memory, through time limits that know its size."""

import hashlib
import os
import random

from support.configuration import plugin
from support.spool import event, file_data, file_event

GIB = 1 << 30


def big_file(path, size):
    """A file without repetition longer than a block; returns its SHA-256."""
    block, digest = bytearray(random.Random(1).randbytes(1 << 20)), hashlib.sha256()
    with open(path, "wb") as file:
        for number in range(size >> 20):
            block[:8] = number.to_bytes(8, "big")
            file.write(block)
            digest.update(block)
    return digest.hexdigest()


def test_one_gibibyte(daemon, receiver, folder, say):
    daemon.configure(
        plugin("sandbox", receiver.url("/sandbox"), "body = multipart\nfield.kind = sample\nfile.field = file")
    ).start()
    content = b"MZ small"
    daemon.spool.put_content(content)
    daemon.spool.write(file_event(content))
    receiver.wait(1, "/sandbox")
    daemon.wait_state("sandbox", "delivered")
    before = daemon.peak_memory()

    sha256 = big_file(folder / "big", GIB)
    assert daemon.spool.put_content(folder / "big") == sha256
    data = file_data(b"") | {"id": sha256, "sha256": sha256, "file_size": GIB}
    daemon.spool.write(event("on_created_file", {"file": data}))
    request = receiver.wait(2, "/sandbox", timeout=300)[1]
    daemon.wait_state("sandbox", "delivered", 2, timeout=60)
    after = daemon.peak_memory()

    assert request.header("content-length") == str(request.size) and request.size > GIB
    assert request.last_part_sha256() == sha256
    say(f"1 GiB by multipart: peak memory {before >> 20} MiB before, {after >> 20} MiB after")
    assert after - before < 32 << 20


def test_a_sample_that_changed_is_not_sent_whole(daemon, receiver, folder):
    """The last chunk is held back until the hash is right; without an API key there is nowhere else to get it."""
    lines = "body = multipart\nfile.field = file\nbackoff = 100ms..1s"
    daemon.configure(
        plugin("sandbox", receiver.url("/sandbox"), lines)
        + plugin("hello", receiver.url("/hello"))
    ).start()
    content = os.urandom(3 << 20)
    sha256 = daemon.spool.put_content(content)
    path = daemon.spool.root / "content" / sha256
    changed = bytearray(content)
    changed[100] ^= 1
    path.write_bytes(changed)
    daemon.spool.write(file_event(content))
    receiver.wait(1, "/hello")
    daemon.wait_for(
        lambda: any(p["failed"] for p in daemon.json("status")["plugins"] if p["name"] == "sandbox"), "an attempt failed"
    )
    assert not receiver.requests("/sandbox"), "no complete request arrived"
    path.write_bytes(content)
    assert receiver.wait(1, "/sandbox")[0].last_part_sha256() == sha256
    assert daemon.wait_state("sandbox", "delivered")


def test_a_damaged_sample_is_retried_with_backoff(daemon, receiver):
    """Each try reads and hashes the whole sample: without pauses that would be a machine's whole time."""
    daemon.configure(
        plugin("sandbox", receiver.url("/sandbox"), "body = multipart\nfile.field = file\nbackoff = 5s..5s")
        + plugin("hello", receiver.url("/hello"), hooks="*")
    ).start()
    content = os.urandom(1 << 20)
    sha256 = daemon.spool.put_content(content)
    (daemon.spool.root / "content" / sha256).write_bytes(content[:-1] + b"x")
    daemon.spool.write(file_event(content))
    daemon.wait_for(
        lambda: any(p["failed"] for p in daemon.json("status")["plugins"] if p["name"] == "sandbox"), "an attempt failed"
    )
    for number in range(100):  # time passes by work, not by a clock
        daemon.spool.write(file_event(b"%d" % number, hook="on_reuploaded_file"))
        receiver.wait(1 + number + 1, "/hello")
    failed = next(p["failed"] for p in daemon.json("status")["plugins"] if p["name"] == "sandbox")
    assert failed <= 3, "no more tries than the backoff allows"
