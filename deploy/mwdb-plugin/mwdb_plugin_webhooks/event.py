"""An event's outer form: its id, its time, and its one line of JSON.

The line is ASCII (NUL is \\u0000), compact, its keys in the order id, type, timestamp, source, actor, data.
A field over FIELD_LIMIT becomes null and is named in its argument's `truncated`; one that JSON cannot
hold, or the daemon would refuse as too deep, is left out and named in `unavailable`.
"""

import json
import os
import threading
from datetime import datetime, timezone

# The longest field of an argument, in bytes of the line.
FIELD_LIMIT = 1 << 20
# The most arrays and objects within each other that the daemon reads, and what is left of them for a field:
# the event, its data and the argument are around it.
DEPTH_LIMIT = 128
FIELD_DEPTH = DEPTH_LIMIT - 3


class EventIDs:
    """Makes UUIDv7 (RFC 9562) that rise within a process, over clock steps too."""

    def __init__(self):
        self._lock = threading.Lock()
        self._milliseconds = 0
        self._counter = 0

    def new(self, nanoseconds):
        """An id of that moment of the epoch, later than every id before it."""
        with self._lock:
            milliseconds = nanoseconds // 1_000_000
            if milliseconds > self._milliseconds:
                self._milliseconds = milliseconds
                self._counter = int.from_bytes(os.urandom(2), "big") & 0x7FF
            else:
                self._counter += 1
                if self._counter > 0xFFF:
                    self._milliseconds += 1
                    self._counter = 0
            high = (self._milliseconds << 16) | 0x7000 | self._counter
        low = (int.from_bytes(os.urandom(8), "big") >> 2) | (1 << 63)
        text = f"{high:016x}{low:016x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def timestamp(nanoseconds):
    """That moment of the epoch as 2026-11-23T18:28:03.266Z."""
    moment = datetime.fromtimestamp(nanoseconds // 1_000_000_000, timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{nanoseconds // 1_000_000 % 1000:03d}Z"


def line(identifier, hook, moment, source, actor, data):
    """The event as one line of JSON, without the line break. `data` is changed where a field does not fit."""
    event = {
        "id": identifier,
        "type": hook,
        "timestamp": moment,
        "source": source,
        "actor": actor,
        "data": data,
    }
    try:
        text = _json(event)
        # Few brackets cannot be deep; where there are many it is found below, field by field.
        if len(text) <= FIELD_LIMIT and text.count("[") + text.count("{") <= DEPTH_LIMIT:
            return text.encode("ascii")
    except (ValueError, TypeError, RecursionError):
        pass  # found below, field by field
    for argument in data.values():
        if isinstance(argument, dict):
            _fit(argument)
    return _json(event).encode("ascii")


def _fit(argument):
    truncated, unavailable = [], argument.get("unavailable", [])
    for field in list(argument):
        if field == "unavailable":
            continue
        try:
            length = len(_json(argument[field]))
            if _is_deeper(argument[field], FIELD_DEPTH):
                raise ValueError("too deep")
            if length > FIELD_LIMIT:
                argument[field] = None
                truncated.append(field)
        except (ValueError, TypeError, RecursionError):
            del argument[field]
            unavailable = unavailable + [field]
    if unavailable:
        argument["unavailable"] = unavailable
    if truncated:
        argument["truncated"] = truncated


def _is_deeper(value, levels):
    """Has it more than so many arrays and objects within each other?"""
    inside = [value]
    for _ in range(levels + 1):
        inside = [part for part in inside if isinstance(part, (dict, list, tuple))]
        if not inside:
            return False
        inside = [part for parts in inside for part in (parts.values() if isinstance(parts, dict) else parts)]
    return True


def _json(value):
    return json.dumps(value, ensure_ascii=True, allow_nan=False, separators=(",", ":"))
