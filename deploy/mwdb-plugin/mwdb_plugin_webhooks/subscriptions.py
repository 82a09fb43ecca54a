"""What the daemon wants: subscriptions.json in the spool, written by the daemon, read again when it changes.

Absent, unreadable or of a version we do not know: all events, content for on_created_file and
on_created_object. So an event is written too often rather than not at all.
"""

import json
import os
import re
import stat

from .log import log

FILE = "subscriptions.json"
LARGEST = 1 << 20
CONTENT_HOOKS = frozenset(("on_created_file", "on_created_object"))
COPY_LIMIT = 16_000_000
MIN_FREE_SPACE = 1_000_000_000


class Hooks:
    """Hooks by name or by glob (`on_created_*`); None: all of them."""

    def __init__(self, names):
        self._all = names is None or "*" in names
        self._names = frozenset(names or ())
        globs = [".*".join(map(re.escape, name.split("*"))) for name in self._names if "*" in name]
        self._globs = re.compile("|".join(globs)) if globs else None

    def __contains__(self, hook):
        return self._all or hook in self._names or (self._globs is not None and bool(self._globs.fullmatch(hook)))


class Subscriptions:
    """What the daemon wants, as one subscriptions.json said it."""

    def __init__(self, hooks=None, content=CONTENT_HOOKS, copy_limit=COPY_LIMIT, min_free_space=MIN_FREE_SPACE):
        self._hooks = Hooks(hooks)
        self._content = Hooks(content)
        # Bytes; None: no limit.
        self.copy_limit = copy_limit
        # Bytes of the spool's file system that stay free.
        self.min_free_space = min_free_space

    def wants(self, hook):
        """Does any plugin want this hook's events?"""
        return hook in self._hooks

    def wants_content(self, hook):
        """Does any plugin want the files of this hook's events?"""
        return hook in self._content

    @classmethod
    def read(cls, text):
        """Raises ValueError where the text is no subscriptions of version 1."""
        value = json.loads(text)
        if not isinstance(value, dict) or value.get("version") != 1:
            raise ValueError("it is not version 1")
        return cls(
            hooks=_names(value, "hooks"),
            content=_names(value, "content"),
            copy_limit=_bytes(value, "copy_limit", COPY_LIMIT, nullable=True),
            min_free_space=_bytes(value, "min_free_space", MIN_FREE_SPACE),
        )


class SubscriptionsFile:
    """The file, looked at once a request: one stat while it stays the same."""

    def __init__(self, spool_path):
        self._path = os.path.join(spool_path, FILE)
        self._seen = ()
        self._current = Subscriptions()

    def current(self):
        """What the daemon wants now. Raises nothing."""
        try:
            found = os.stat(self._path, follow_symlinks=False)
            seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        except OSError as error:
            # ENOENT: the daemon has not run yet.
            seen = error.errno
        if seen != self._seen:
            self._current = self._read() if isinstance(seen, tuple) else Subscriptions()
            self._seen = seen
        return self._current

    def _read(self):
        try:
            descriptor = os.open(self._path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            with open(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                    raise ValueError("it is no regular file")
                text = file.read(LARGEST + 1)
            if len(text) > LARGEST:
                raise ValueError(f"it is larger than {LARGEST} bytes")
            return Subscriptions.read(text)
        except (OSError, ValueError, RecursionError) as error:
            log.warning(
                "webhooks: %s cannot be used (%s): every event is written until mwdb-webhooks writes it anew",
                self._path,
                error,
            )
            return Subscriptions()


def _names(value, key):
    names = value.get(key)
    if names == "*":
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise ValueError(f'"{key}" is neither "*" nor a list of hooks')
    return names


def _bytes(value, key, default, nullable=False):
    number = value.get(key, default)
    if number is None and nullable:
        return None
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise ValueError(f'"{key}" is no number of bytes')
    return number
