"""Events that could not be written: counted, and reported as one source.lost when writing works again.

The count is shared by all source processes of a spool. It lives in the spool's file `lost`, a block that is
allocated while there is room and overwritten in place, so it can be counted up on a full disk and
survives the process. Where even that cannot be written it is kept in memory, until it can.

A report is counted once: before its file is renamed into new/, its line is noted in the block; a process
killed in between leaves the note, and the same line, same id, is written again. The daemon knows the id.
"""

import contextlib
import fcntl
import json
import os
import stat
import threading
import time

FILE = "lost"
SIZE = 4096
EMPTY = {"count": 0, "first": None, "last": None, "reason": None, "reporting": []}
# How long an upload may wait for another process that is just writing the block.
LOCK_ATTEMPTS, LOCK_PAUSE = 20, 0.005


class Losses:
    """The losses of this process that are not in the block yet, and the block."""

    def __init__(self, make_line):
        # make_line(data): the line of a new source.lost event.
        self._make_line = make_line
        self._lock = threading.Lock()
        self._memory = dict(EMPTY)

    def count(self, events, first, last, reason):
        """Counts lost events, whose times are given as in events, in memory."""
        with self._lock:
            self._memory = _sum(self._memory, dict(EMPTY, count=events, first=first, last=last, reason=reason))

    def in_memory(self):
        """How many are in no block."""
        return self._memory["count"]

    def save(self, spool):
        """Moves what is in memory into the block; it stays in memory where that fails. Raises nothing."""
        try:
            with Block(spool) as block, self._lock:
                block.write(_sum(block.read(), self._memory))
                self._memory = dict(EMPTY)
        except (OSError, ValueError):
            pass

    def pending(self, spool):
        """Is there anything to report?"""
        if self._memory["count"]:
            return True
        try:
            return Block.is_noted(spool)
        except FileNotFoundError:
            Block.allocate(spool)
            return False
        except OSError:
            return False

    @contextlib.contextmanager
    def report(self, spool):
        """Takes the losses to write them; use as

            with losses.report(spool) as report:
                publish(lines + report.lines, before_rename=report.note)

        When the block ends without an exception they are reported; otherwise they stay."""
        with contextlib.ExitStack() as stack:
            try:
                block = stack.enter_context(Block(spool))
                record = block.read()
            except (OSError, ValueError):
                block, record = None, dict(EMPTY)
            with self._lock:
                memory, self._memory = self._memory, dict(EMPTY)
            report = _Report(block, _sum(record, memory), self._make_line)
            try:
                yield report
            except BaseException:
                # Noted, they are in the block now.
                if not report.noted:
                    with self._lock:
                        self._memory = _sum(self._memory, memory)
                raise
            report.settle()


class _Report:
    def __init__(self, block, record, make_line):
        self.lines = [line.encode("ascii") for line in record["reporting"]]
        if record["count"]:
            self.lines.append(make_line({key: record[key] for key in ("count", "first", "last", "reason")}))
        self._block = block
        self.noted = False

    def note(self):
        """Says in the block what is about to be published."""
        if self._block is not None:
            with contextlib.suppress(OSError, ValueError):
                self._block.write(dict(EMPTY, reporting=[line.decode("ascii") for line in self.lines]))
                self.noted = True

    def settle(self):
        """Says in the block that it was published. Where that fails the same line is written again."""
        if self._block is not None:
            with contextlib.suppress(Exception):
                self._block.write(EMPTY)


class Block:
    """The file `lost`, locked. OSError where it cannot be had."""

    def __init__(self, spool):
        self._descriptor = _open(spool, os.O_RDWR | os.O_CREAT)

    def __enter__(self):
        try:
            for attempt in range(LOCK_ATTEMPTS):
                try:
                    fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    return self
                except BlockingIOError:
                    if attempt == LOCK_ATTEMPTS - 1:
                        raise
                    time.sleep(LOCK_PAUSE)
        except BaseException:
            os.close(self._descriptor)
            raise

    def __exit__(self, *_):
        os.close(self._descriptor)

    def read(self):
        return _parse(os.pread(self._descriptor, SIZE, 0))

    def write(self, record):
        """Overwrites the block in place, durably. ValueError where the record is too large for it."""
        data = b"" if record == EMPTY else json.dumps(record, separators=(",", ":")).encode("ascii")
        if len(data) >= SIZE:
            raise ValueError("the record is too large")
        os.pwrite(self._descriptor, data.ljust(SIZE - 1) + b"\n", 0)
        os.fdatasync(self._descriptor)

    @staticmethod
    def is_noted(spool):
        """Does the block hold anything? Without the lock: a glance before each flush."""
        descriptor = _open(spool, os.O_RDONLY)
        try:
            return os.pread(descriptor, 1, 0) == b"{"
        finally:
            os.close(descriptor)

    @staticmethod
    def allocate(spool):
        """Makes the block while there is room for it."""
        with contextlib.suppress(OSError, ValueError), Block(spool) as block:
            block.write(block.read())


def _open(spool, flags):
    flags |= os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(FILE, flags, 0o660, dir_fd=spool.root)
    found = os.fstat(descriptor)
    if not stat.S_ISREG(found.st_mode):
        os.close(descriptor)
        raise OSError("it is no regular file")
    if found.st_uid == os.geteuid() and found.st_mode & 0o777 != 0o660:
        os.fchmod(descriptor, 0o660)
    return descriptor


def _parse(data):
    """What the block says; nothing where it is damaged: a count that cannot be read cannot be reported."""
    try:
        value = json.loads(data)
        record = {key: value[key] for key in EMPTY}
        return record if _is_whole(record) else dict(EMPTY)
    except (ValueError, TypeError, KeyError):
        return dict(EMPTY)


def _is_whole(record):
    """Can it be summed up and reported? Whoever may write to the spool may have written it."""
    count, lines = record["count"], record["reporting"]
    if type(count) is not int or count < 0 or not isinstance(lines, list):
        return False
    moments = [record["first"], record["last"]]
    return (
        all(isinstance(line, str) and line.isascii() for line in lines)
        and all(isinstance(moment, str) if count else moment is None for moment in moments)
        and isinstance(record["reason"], (str, type(None)))
    )


def _sum(a, b):
    moments = [record[key] for record in (a, b) if record["count"] for key in ("first", "last")]
    return {
        "count": a["count"] + b["count"],
        "first": min(moments, default=None),
        "last": max(moments, default=None),
        "reason": b["reason"] if b["count"] else a["reason"],
        "reporting": a["reporting"] + b["reporting"],
    }
