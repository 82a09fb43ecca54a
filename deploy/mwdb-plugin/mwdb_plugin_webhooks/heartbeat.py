"""heartbeat/HOST.PID: one small file a source process, touched when it starts and at each flush.

From it the daemon's `status` knows that MWDB has the plugin, sees the same spool and may write to it.
Files of processes that are gone are removed when another one starts, and so is what killed ones left in tmp/.
"""

import contextlib
import json
import os
import re
import socket
import time

from .spool import FILE_MODE, write_all

# Seconds until a file of a process that we cannot ask about counts as left behind.
ABANDONED = 24 * 3600
# Seconds after which an unfinished file in tmp/ cannot belong to a running flush.
UNFINISHED = 3600


def name():
    """The file of this process."""
    host = re.sub("[^A-Za-z0-9-]", "_", socket.gethostname())[:64]
    return f"{host}.{os.getpid()}"


def start(spool, facts):
    """Makes this process's file anew, with the facts as JSON, and removes what others left behind."""
    own = name()
    with contextlib.suppress(FileNotFoundError):
        os.unlink(own, dir_fd=spool.heartbeat)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(own, flags, FILE_MODE, dir_fd=spool.heartbeat)
    try:
        os.fchmod(descriptor, FILE_MODE)
        write_all(descriptor, json.dumps(facts).encode("ascii") + b"\n")
    finally:
        os.close(descriptor)
    _tidy(spool, own)


def touch(spool):
    """False where the file is gone: then start again."""
    try:
        os.utime(name(), dir_fd=spool.heartbeat, follow_symlinks=False)
        return True
    except FileNotFoundError:
        return False


def _tidy(spool, own):
    host = own.rpartition(".")[0]
    now = time.time()
    for entry in os.listdir(spool.heartbeat):
        with contextlib.suppress(OSError):
            if entry == own:
                continue
            age = now - os.stat(entry, dir_fd=spool.heartbeat, follow_symlinks=False).st_mtime
            if age > ABANDONED or (age > 60 and _is_dead(host, entry)):
                os.unlink(entry, dir_fd=spool.heartbeat)
    for entry in os.listdir(spool.tmp):
        with contextlib.suppress(OSError):
            # A link has the sample's mtime; its ctime is when it was made.
            if now - os.stat(entry, dir_fd=spool.tmp, follow_symlinks=False).st_ctime > UNFINISHED:
                os.unlink(entry, dir_fd=spool.tmp)


def _is_dead(host, entry):
    other, _, pid = entry.rpartition(".")
    if other != host or not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return False
