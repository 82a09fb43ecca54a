"""Writes events into a spool as MWDB's event source does (spool version 1): the other end of intake."""

import contextlib
import datetime
import hashlib
import itertools
import json
import os
import pathlib
import secrets
import threading
import time

# For `python3 -c` by another user, who may not be able to read the folder that this file is in.
SOURCE = pathlib.Path(__file__).read_text() if "__file__" in globals() else ""

_number = itertools.count()
_lock = threading.Lock()


def uuid7():
    """A fresh UUIDv7."""
    value = (time.time_ns() // 1_000_000) << 80 | 7 << 76 | secrets.randbits(12) << 64
    value |= 2 << 62 | secrets.randbits(62)
    text = f"{value:032x}"
    return "-".join((text[:8], text[8:12], text[12:16], text[16:20], text[20:]))


def event(hook="on_created_file", data=None, actor="alice", **more):
    """An event about `data`."""
    now = datetime.datetime.now(datetime.timezone.utc)
    stamp = now.strftime("%Y-%m-%dT%H:%M:%S.") + f"{now.microsecond // 1000:03d}Z"
    made = {"id": uuid7(), "type": hook, "timestamp": stamp, "source": "mwdb", "actor": actor}
    return made | {"data": data if data is not None else {}} | more


def file_data(content=b"MZ", name="sample.exe", kind="PE32 executable (GUI) Intel 80386, for MS Windows", **more):
    """The fields of a file object with this content."""
    sha256 = hashlib.sha256(content).hexdigest()
    return {
        "id": sha256,
        "type": "file",
        "upload_time": "2026-11-23T18:28:03.266259+00:00",
        "share_3rd_party": True,
        "file_name": name,
        "file_size": len(content),
        "file_type": kind,
        "md5": hashlib.md5(content).hexdigest(),
        "sha1": hashlib.sha1(content).hexdigest(),
        "sha256": sha256,
        "sha512": hashlib.sha512(content).hexdigest(),
        "crc32": "f4c4c321",
        "ssdeep": None,
        "alt_names": [],
        "tags": [],
    } | more


def file_event(content=b"MZ", hook="on_created_file", actor="alice", **fields):
    """An event about a file with this content."""
    return event(hook, {"file": file_data(content, **fields)}, actor)


def line(value):
    """One line of a spool file."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


class Spool:
    """A spool folder, from the source's side; `make` its folders, unless the source under test is to."""

    def __init__(self, root, make=True):
        self.root = pathlib.Path(root)
        for folder in ("heartbeat", "tmp", "new", "content", "rejected") if make else ():
            (self.root / folder).mkdir(parents=True, exist_ok=True)

    def write(self, *events):
        """Makes one spool file durable: dicts are serialised, bytes are lines as they are. Returns its name."""
        lines = [item if isinstance(item, bytes) else line(item) for item in events]
        return self.write_bytes(b"".join(item + b"\n" for item in lines))

    def write_bytes(self, data, name=None):
        """Makes a spool file with exactly these bytes durable."""
        with _lock:
            name = name or f"{time.time_ns():020d}-{os.getpid()}-{next(_number):06d}.ndjson"
        path = self.root / "tmp" / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o660)
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.rename(path, self.root / "new" / name)
        self._sync("new")
        return name

    def put_content(self, content):
        """Makes a sample durable in content/; `content` is bytes, or a file that is linked. Returns its SHA-256."""
        temporary = self.root / "tmp" / f"content-{os.getpid()}-{next(_number)}"
        if isinstance(content, bytes):
            sha256 = hashlib.sha256(content).hexdigest()
            temporary.write_bytes(content)
        else:
            with open(content, "rb") as file:
                sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            os.link(content, temporary)
        with open(temporary, "rb") as file:
            os.fsync(file.fileno())
        os.rename(temporary, self.root / "content" / sha256)
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        self._sync("content")
        return sha256

    def waiting(self):
        """Names of the spool files that intake has not taken yet."""
        return sorted(os.listdir(self.root / "new"))

    def rejected(self):
        """Rejected lines: name to reason."""
        folder = self.root / "rejected"
        return {p.name.removesuffix(".reason"): p.read_text() for p in folder.glob("*.reason")}

    def subscriptions(self):
        """What the daemon asks the source for."""
        return json.loads((self.root / "subscriptions.json").read_text())

    def _sync(self, folder):
        descriptor = os.open(self.root / folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
