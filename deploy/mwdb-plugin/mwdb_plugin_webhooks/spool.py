"""The spool's folders, and how a file in them becomes durable.

    tmp/NAME        written, fsync
    new/NAME        rename, fsync of new/: from here on the event survives power loss

The folder is shared with the daemon, which may be another user: everything is opened relative to the
folders' own descriptors, no link is ever followed, and nothing that exists is opened for writing.
On failure: SpoolError, or the OSError itself, and no unfinished file is left in new/.
"""

import contextlib
import errno
import os

FOLDERS = ("tmp", "new", "content", "heartbeat")
# Files are for the daemon's group too (the folders' setgid bit gives them their group), never for others.
FILE_MODE = 0o640

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class SpoolError(Exception):
    """The spool cannot take events. Its text is the reason."""


@contextlib.contextmanager
def opened(path):
    """The spool at `path`, its folders open. Makes the folders that are missing, never the spool itself:
    a missing spool is a volume that is not mounted, and what is written beneath its mount point is lost."""
    with contextlib.ExitStack() as stack:

        def folder(name, parent=None, flags=0):
            descriptor = os.open(name, _FOLDER | flags, dir_fd=parent)
            stack.callback(os.close, descriptor)
            return descriptor

        try:
            root = folder(path)
        except FileNotFoundError:
            raise SpoolError(f"the spool {path} is missing") from None
        folders = {}
        for name in FOLDERS:
            try:
                folders[name] = folder(name, root, os.O_NOFOLLOW)
            except FileNotFoundError:
                _make_folder(root, name)
                folders[name] = folder(name, root, os.O_NOFOLLOW)
        yield Spool(root, **folders)


def _make_folder(root, name):
    mode = os.fstat(root).st_mode & 0o7777
    with contextlib.suppress(FileExistsError):
        os.mkdir(name, 0o700, dir_fd=root)
        descriptor = os.open(name, _FOLDER | os.O_NOFOLLOW, dir_fd=root)
        try:
            # As the spool itself: a 2770 spool gets 2770 folders, whatever the umask is.
            os.fchmod(descriptor, mode)
        finally:
            os.close(descriptor)
        os.fsync(root)


class Spool:
    """An open spool: descriptors of its folders."""

    def __init__(self, root, tmp, new, content, heartbeat):
        self.root = root
        self.tmp = tmp
        self.new = new
        self.content = content
        self.heartbeat = heartbeat

    def free(self):
        """Bytes that we may still write to its file system."""
        found = os.fstatvfs(self.root)
        return found.f_bavail * found.f_frsize

    def publish(self, name, lines, before_rename=None):
        """Makes the lines durable as new/NAME.ndjson. `before_rename` is called when the file is durable
        under its temporary name."""
        name += ".ndjson"
        with self.temporary(name) as descriptor:
            write_all(descriptor, b"".join(line + b"\n" for line in lines))
            os.fsync(descriptor)
            if before_rename is not None:
                before_rename()
            os.rename(name, name, src_dir_fd=self.tmp, dst_dir_fd=self.new)
        try:
            os.fsync(self.new)
        except OSError as error:
            # The event is there, but a power loss may take it: said so rather than nothing.
            raise SpoolError(f"not known to be durable, and may yet arrive: fsync of new: {error}") from error

    @contextlib.contextmanager
    def temporary(self, name):
        """A new file tmp/NAME open for writing; afterwards it is not in tmp/ any more, whatever happened."""
        with self.removed_afterwards(name):
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name, dir_fd=self.tmp)  # our own, of an attempt that was interrupted
            descriptor = os.open(name, _CREATE, FILE_MODE, dir_fd=self.tmp)
            try:
                os.fchmod(descriptor, FILE_MODE)
                yield descriptor
            finally:
                # What counts was fsynced; after the rename nothing may call it lost.
                with contextlib.suppress(OSError):
                    os.close(descriptor)

    @contextlib.contextmanager
    def removed_afterwards(self, name):
        """tmp/NAME is removed when the block ends, also by SystemExit, unless it was renamed away."""
        try:
            yield
        finally:
            # What stays behind is removed when a later process starts.
            with contextlib.suppress(Exception):
                os.unlink(name, dir_fd=self.tmp)


def write_all(descriptor, data):
    """Writes all of it, or raises OSError."""
    rest = memoryview(data)
    while rest:
        written = os.write(descriptor, rest)
        if written == 0:
            raise OSError(errno.EIO, "nothing was written")
        rest = rest[written:]


def reason(error):
    """Why events cannot be written, for source.lost and the log."""
    if isinstance(error, SpoolError):
        return str(error)[:200]
    if isinstance(error, OSError) and error.errno is not None:
        return f"{os.strerror(error.errno)} ({errno.errorcode.get(error.errno, error.errno)})"
    return f"{type(error).__name__}: {error}"[:200]


def remedy(error, path):
    """What whoever runs MWDB can do about it."""
    number = error.errno if isinstance(error, OSError) else None
    if isinstance(error, SpoolError) and "missing" in str(error):
        return (
            f"start mwdb-webhooks, or make the folder: install -d -m 2770 -g GROUP {path}; "
            "in containers mount the volume that both share"
        )
    if number in (errno.EACCES, errno.EPERM):
        return f"let MWDB's user write there: put it into the group of {path}, chmod 2770 {path} and its folders"
    if number == errno.EROFS:
        return f"mount the file system of {path} writable"
    if number in (errno.ELOOP, errno.ENOTDIR):
        return f"the folders of {path} must be folders, not links or files: remove what is there"
    if number in (errno.ENOSPC, errno.EDQUOT) or (isinstance(error, SpoolError) and "free" in str(error)):
        return f"make room on the file system of {path}, or lower min_free_space of mwdb-webhooks"
    return f"look at {path} and the kernel's log"
