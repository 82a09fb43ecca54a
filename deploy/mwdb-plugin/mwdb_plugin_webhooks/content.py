"""A sample's way into content/SHA256, before the event that needs it is written.

A fresh hard link of MWDB's own file, or, where that cannot be (another mount, another owner, S3), a copy
within `copy_limit`: in tmp/, fsync, rename over content/SHA256; the caller then fsyncs content/.
The fresh link gives the file a new ctime, which keeps the daemon from removing it just now.
Content is a cache: whatever fails here, the delivery fetches the sample from MWDB.
The mode is never changed: the inode may be MWDB's own.
"""

import errno
import os
import re
import stat

from .spool import SpoolError, write_all

CHUNK = 1 << 20
_SHA256 = re.compile("[0-9a-f]{64}", re.ASCII)
# Hard links that the file system or the kernel refuses; everything else is a failure of its own.
_NO_LINK = (errno.EXDEV, errno.EPERM, errno.EACCES, errno.EMLINK, errno.EOPNOTSUPP, errno.ENOSYS)


class Sample:
    """What has to be known of a file to place it: `open` gives its content as a binary stream."""

    def __init__(self, sha256, size, open, on_disk):
        self.sha256 = sha256
        self.size = size
        self.open = open
        # False where opening it means downloading it.
        self.on_disk = on_disk


def place(spool, sample, name, limit, room):
    """Makes content/SHA256 anew under the temporary name tmp/NAME. Bytes: `limit` of a copy (None: no limit),
    `room` that a copy may take. False where the sample is left to be fetched; OSError where the disk fails."""
    if not _SHA256.fullmatch(sample.sha256):
        raise SpoolError("not a SHA-256")
    fits = (limit is None or sample.size <= limit) and sample.size <= room
    if not sample.on_disk:
        return _refresh(spool, sample, name) or (fits and _copy_opened(spool, sample, name))
    stream = sample.open()
    try:
        return (
            _link(spool, sample, stream, name)
            or _refresh(spool, sample, name)
            or (fits and _copy(spool, sample, stream, name))
        )
    finally:
        stream.close()


def _link(spool, sample, stream, name):
    path = getattr(stream, "name", None)
    if not isinstance(path, str) or not _readable(spool, os.fstat(stream.fileno())):
        return False
    try:
        return _linked(spool, sample, name, path, None)
    except OSError as error:
        if error.errno in _NO_LINK:
            return False
        raise


def _refresh(spool, sample, name):
    """The same for what content/ still holds of an earlier event: spares the copy."""
    try:
        return _linked(spool, sample, name, sample.sha256, spool.content)
    except OSError as error:
        if error.errno in _NO_LINK or error.errno == errno.ENOENT:
            return False
        raise


def _linked(spool, sample, name, source, source_folder):
    with spool.removed_afterwards(name):
        os.link(source, name, src_dir_fd=source_folder, dst_dir_fd=spool.tmp, follow_symlinks=source_folder is None)
        descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=spool.tmp)
        try:
            found = os.fstat(descriptor)
            # Shorter: MWDB is just writing it anew, or the earlier copy is damaged.
            if not stat.S_ISREG(found.st_mode) or found.st_size != sample.size:
                return False
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        # Onto its own inode a rename does nothing; tmp/NAME is then removed when this block ends.
        os.rename(name, sample.sha256, src_dir_fd=spool.tmp, dst_dir_fd=spool.content)
    return True


def _copy_opened(spool, sample, name):
    stream = sample.open()
    try:
        return _copy(spool, sample, stream, name)
    finally:
        stream.close()


def _copy(spool, sample, stream, name):
    with spool.temporary(name) as descriptor:
        left = sample.size
        while left > 0:
            chunk = stream.read(min(CHUNK, left))
            if not chunk:
                return False
            write_all(descriptor, chunk)
            left -= len(chunk)
        if stream.read(1):
            return False
        os.fsync(descriptor)
        os.rename(name, sample.sha256, src_dir_fd=spool.tmp, dst_dir_fd=spool.content)
    return True


def _readable(spool, file):
    """May the daemon read a link to this inode? It is either anyone's, the spool's group's, or of the
    user who owns the spool, as whom the daemon then runs."""
    owner = os.fstat(spool.root)
    return bool(
        file.st_mode & stat.S_IROTH
        or (file.st_mode & stat.S_IRGRP and file.st_gid == owner.st_gid)
        or file.st_uid == owner.st_uid
    )
