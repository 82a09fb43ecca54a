"""Jobs of retry and replay, export and import, fsck and top, from outside."""

import fcntl
import json
import os
import pty
import select
import signal
import sqlite3
import struct
import subprocess
import termios
import time

import pytest
from test_hostile_strings import HOSTILE

from support.configuration import plugin
from support.daemon import BINARY, ENVIRONMENT
from support.receiver import answer
from support.spool import event, file_event, line


@pytest.fixture
def dead(daemon, receiver):
    """300 dead deliveries of one plugin, whose receiver takes everything by now."""
    receiver.on("/a", answer(400))
    daemon.configure(plugin("a", receiver.url("/a")) + plugin("b", receiver.url("/b"), hooks="*")).start()
    daemon.sent = [file_event(b"%d" % n) for n in range(300)]
    daemon.spool.write(*daemon.sent)
    daemon.wait_for(lambda: count(daemon, "a", "dead") == 300, "300 dead")
    receiver.on("/a", answer(202))
    return daemon


def count(daemon, name, state):
    plugins = daemon.json("status")["plugins"]
    return next(p for p in plugins if p["name"] == name)["deliveries"][state]


def test_retry_at_a_rate_killed_on_the_way_tries_each_once(dead, receiver, say):
    before = len(receiver.requests("/a"))
    assert dead.command("retry", "--plugin", "a", "--dry-run").stdout == "would apply to 300 deliveries\n"
    command = subprocess.Popen(
        [str(BINARY), "retry", "--plugin", "a", "--state", "dead", "--rate", "100/s", "--config", str(dead.ini)],
        env=ENVIRONMENT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=dead.folder)
    dead.wait_for(lambda: dead.json("jobs")["jobs"] and dead.json("jobs", "1")["done"] > 20, "some retries")
    command.kill()
    command.wait()
    dead.kill()
    dead.start()
    dead.wait_for(lambda: dead.json("jobs", "1")["state"] == "done", "the job")
    job = dead.json("jobs", "1")
    assert (job["done"], job["skipped"], job["examined"], job["rate"]) == (300, 0, 300, "100/s")
    dead.wait_for(lambda: count(dead, "a", "delivered") == 300, "all delivered")
    # What was under way when the daemon died may come twice; nothing else may.
    repeated = len(receiver.requests("/a")) - before - 300
    assert 0 <= repeated <= 64
    assert sorted(set(receiver.ids("/a"))) == sorted(e["id"] for e in dead.sent)
    say(f"300 deliveries retried once each over kill -9 of command and daemon; {repeated} requests came twice")


def test_replay_under_new_ids_makes_each_copy_once(dead, receiver):
    dead.wait_for(lambda: count(dead, "b", "delivered") == 300, "the other plugin has them")
    said = dead.command("replay", "--to", "b", "--all", "--new-id", "--rate", "1000/s")
    assert said.stdout == "300 events will be delivered to b\n"
    assert "300" in said.stderr, "progress in plain lines"
    dead.wait_for(lambda: count(dead, "b", "delivered") == 600, "each once more")
    assert len(set(receiver.ids("/b"))) == 600


def test_export_and_import_keep_ids_and_bytes(daemon, make_daemon, receiver, say):
    daemon.configure(plugin("every", receiver.url("/one"), hooks="*")).start()
    events = [file_event(str(n).encode(), name=text) for n, text in enumerate(HOSTILE.values())]
    events += [event("on_created_comment", {"object": {"id": "0" * 64, "type": "file"}, "comment": {"comment": text}})
               for text in HOSTILE.values()]
    lines = [line(e) for e in events]
    lines.append(b'{"id" :"spaced","type":"on_created_tag","data":{"n":' + b"9" * 301 + b',"s":"\\u0000\\ud800"} }')
    daemon.spool.write(*lines)
    daemon.wait_for(lambda: count(daemon, "every", "delivered") == len(lines), "all of them")
    exported = daemon.folder / "events.ndjson"
    said = daemon.command("export", "--output", str(exported)).stdout
    assert said.startswith(f"{len(lines)} events")
    assert exported.read_bytes() == b"".join(text + b"\n" for text in lines)
    assert exported.stat().st_mode & 0o777 == 0o600
    assert daemon.command("export", "--output", str(exported), check=False).returncode == 1, "it is there already"
    some = daemon.command("export", "--hook", "on_created_tag").stdout
    assert some.encode() == lines[-1] + b"\n"

    other = make_daemon("other")
    other.configure(plugin("every", receiver.url("/two"), hooks="*")).start()
    broken = exported.read_bytes() + b"no event\n" + lines[0].replace(b'"alice"', b'"mallory"') + b"\n"
    exported.write_bytes(broken)
    done = other.command("import", str(exported), check=False)
    assert done.returncode == 1
    assert done.stdout == f"{len(lines)} events taken in, 0 known already, 2 refused\n"
    assert f"line {len(lines) + 1}: " in done.stderr and f"line {len(lines) + 2}: " in done.stderr
    other.wait_for(lambda: count(other, "every", "delivered") == len(lines), "all of them there")
    assert sorted(r.body for r in receiver.requests("/two")) == sorted(lines)
    assert other.command("export").stdout.encode("utf-8", "surrogateescape") == b"".join(t + b"\n" for t in lines)
    again = json.loads(other.command("import", "--json", "-", input="\n".join(map(bytes.decode, lines))).stdout)
    assert again == {"accepted": 0, "duplicates": len(lines), "refused": 0}
    say(f"{len(lines)} events with hostile strings exported and imported, byte for byte")


def test_fsck_finds_and_mends(dead):
    done = dead.command("fsck", check=False)
    assert done.returncode == 1 and f"pid {dead.pid}" in done.stderr
    dead.stop()
    assert "all is well" in dead.command("fsck").stdout
    database = sqlite3.connect(dead.outbox / "outbox.db")
    with database:
        database.execute("DELETE FROM event WHERE sequence = 3")
        database.execute("UPDATE counter SET count = 7 WHERE state = 4")
        database.execute("UPDATE event SET body = x'7b7d' WHERE sequence = 5")
    database.close()
    done = dead.command("fsck", check=False)
    assert done.returncode == 1 and "--repair mends what is safe" in done.stdout
    found = json.loads(dead.command("fsck", "--json", check=False).stdout)
    assert found["problems_left"] == 3 and not any(f["repaired"] for f in found["findings"])
    done = dead.command("fsck", "--repair", check=False)
    assert done.returncode == 1 and "1 problem left" in done.stdout, done.stdout
    assert sum(f["repaired"] for f in json.loads(dead.command("fsck", "--json", check=False).stdout)["findings"]) == 0
    dead.start()
    assert count(dead, "a", "dead") == 299


class Screen:
    """`top` in a terminal of its own."""

    def __init__(self, daemon, rows, columns):
        self.master, slave = pty.openpty()
        self.resize(rows, columns)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            [str(BINARY), "top", "--interval", "1", "--config", str(daemon.ini)],
            env=ENVIRONMENT | {"TERM": "xterm"}, stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            cwd=daemon.folder)
        self.seen = b""

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read_until(self, text, timeout=20):
        end = time.monotonic() + timeout
        while text not in self.seen:
            assert time.monotonic() < end, (text, self.seen[-2000:])
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self.master, 65536)
                except OSError:
                    break
        seen, self.seen = self.seen, b""
        assert text in seen, (text, seen[-2000:])
        return seen

    def drawn(self, height, timeout=20):
        """The lines of the first whole screen of this height."""
        end = time.monotonic() + timeout
        while True:
            for part in reversed(self.seen.split(b"\x1b[H")[1:]):
                lines = part.split(b"\x1b[J")[0].decode().replace("\x1b[K", "").replace("\r", "").split("\n")
                if b"\x1b[J" in part and len(lines) == height:
                    return lines
            assert time.monotonic() < end, (height, self.seen[-2000:])
            if select.select([self.master], [], [], 0.2)[0]:
                self.seen += os.read(self.master, 65536)

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


def test_top_in_a_terminal(dead):
    screen = Screen(dead, 24, 80)
    try:
        lines = screen.drawn(24)
        assert screen.seen.index(b"\x1b[?1049h") < screen.seen.index(b"PLUGIN"), "on a screen of its own"
        assert any("300" in text and text.startswith("a ") for text in lines)
        assert lines[-1].startswith("q quit") and all(len(text) <= 90 for text in lines)
        screen.resize(10, 60)
        os.kill(screen.process.pid, signal.SIGWINCH)
        assert screen.drawn(10)[-1].startswith("q quit")
        os.write(screen.master, b"q")
        screen.read_until(b"\x1b[?1049l")
        assert screen.process.wait(20) == 0
        assert termios.tcgetattr(screen.slave)[3] == screen.before[3], "the terminal is as it was"
    finally:
        screen.close()


def test_top_gives_the_terminal_back_when_it_is_killed_politely(dead):
    screen = Screen(dead, 24, 80)
    try:
        screen.read_until(b"q quit")
        screen.process.send_signal(signal.SIGTERM)
        screen.read_until(b"\x1b[?1049l")
        assert screen.process.wait(20) == 128 + signal.SIGTERM
        assert termios.tcgetattr(screen.slave)[3] == screen.before[3]
    finally:
        screen.close()
    assert dead.command("top", "--once").stdout.startswith("mwdb-webhooks ")
    assert json.loads(dead.command("top", "--once", "--json").stdout)["plugins"]
    done = dead.command("top", check=False)
    assert done.returncode == 1 and "--once" in done.stderr, "no terminal"
