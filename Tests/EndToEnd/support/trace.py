"""System calls of a process, as strace saw them: in the order in which they ended, with their paths."""

import pathlib
import re
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time

STRACE = shutil.which("strace")
_LINE = re.compile(r"^(?P<thread>\d+)\s+(?P<time>\d+\.\d+)\s+(?P<rest>.*)$")
_CALL = re.compile(r"^(?P<name>\w+)\((?P<arguments>.*)\)\s+=\s+(?P<result>-?\d+|\?)(?P<more>.*)$")


class Call:
    """One system call that has ended."""

    def __init__(self, thread, began, ended, name, arguments, result):
        self.thread = thread
        self.began = began  # place of its beginning in the trace
        self.ended = ended  # place of its end
        self.name = name
        self.arguments = arguments
        self.result = result

    @property
    def path(self):
        """The path of its first descriptor (strace -y)."""
        found = re.match(r"\d+<([^>]*)>", self.arguments)
        return found.group(1) if found else ""

    def __repr__(self):
        return f"{self.began}-{self.ended} {self.name}({self.arguments[:200]}) = {self.result}"


def parse(text):
    """The calls of a trace made with `-f -ttt -y`."""
    calls, open_ = [], {}
    for place, row in enumerate(text.splitlines()):
        found = _LINE.match(row)
        if not found:
            continue
        thread, rest = found["thread"], found["rest"]
        began = place
        if rest.endswith("<unfinished ...>"):
            open_[thread] = (place, rest.removesuffix("<unfinished ...>").rstrip())
            continue
        resumed = re.match(r"<\.\.\. \w+ resumed>(.*)", rest)
        if resumed:
            if thread not in open_:
                continue
            began, head = open_.pop(thread)
            rest = head + resumed[1]
        call = _CALL.match(rest.strip())
        if call and call["result"] != "?":
            calls.append(
                Call(thread, began, place, call["name"], call["arguments"], int(call["result"]))
            )
    return sorted(calls, key=lambda c: c.ended)


class Trace:
    """strace attached to a running process and all its threads; ends with the `with` block."""

    def __init__(self, pid, *options):
        self.pid = pid
        self.options = options
        self.output = pathlib.Path(tempfile.mkstemp(prefix="mw-trace-")[1])
        self.process = None

    def __enter__(self):
        self.process = subprocess.Popen(
            [STRACE, "-f", "-ttt", "-y", "-s", "160", "-o", str(self.output), *self.options, "-p", str(self.pid)],
            stderr=subprocess.PIPE,
            text=True,
        )
        first = self.process.stderr.readline()
        assert "attached" in first, first
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.detach()
        self.output.unlink(missing_ok=True)

    def detach(self):
        """Lets go of the process."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        self.process.wait(30)

    def wait(self, condition, what, timeout=20):
        """Waits until a call for which `condition` holds was written down; returns all calls after letting go.

        What a call did is seen by others before strace has written its line."""
        end = time.monotonic() + timeout
        while not any(condition(call) for call in self.calls()):
            assert time.monotonic() < end, f"no {what} was traced:\n{self.text()[-3000:]}"
            select.select([], [], [], 0.02)
        self.detach()
        return self.calls()

    def text(self):
        """What was traced so far."""
        return self.output.read_text(errors="replace")

    def calls(self):
        """The calls that have ended so far."""
        return parse(self.text())
