"""The daemon under test: its own folders, its configuration, its life, and what it says of itself."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import select
import signal
import socket
import subprocess
import time

from .spool import Spool, line

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
BINARY = pathlib.Path(os.environ.get("MWDB_WEBHOOKS", REPOSITORY / ".build/release/mwdb-webhooks")).absolute()

# A sanitised environment: what a developer has set must not change what is tested.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": "/nonexistent"}
ENVIRONMENT |= {name: os.environ[name] for name in ("DEPLOY_TEST_RUN",) if name in os.environ}  # see deploy/test
if REPOSITORY not in BINARY.parents:  # a checkout's binary finds the presets itself
    ENVIRONMENT["WEBHOOKS_PRESETS"] = str(REPOSITORY / "deploy/presets")


class Answer:
    """An answer of the daemon's HTTP interface."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        """The body, parsed."""
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


class UnixConnection(http.client.HTTPConnection):
    """HTTP over a unix socket."""

    def __init__(self, path, timeout=30):
        super().__init__("localhost", timeout=timeout)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Notifications:
    """The other end of sd_notify: datagrams, each kept as a dict."""

    def __init__(self, path):
        self.path = str(path)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(self.path)
        os.chmod(self.path, 0o777)  # a daemon of another user may say something too
        self.seen = []

    def receive(self, timeout):
        """The next datagram; None when none came in time."""
        if not select.select([self.socket], [], [], max(0, timeout))[0]:
            return None
        text = self.socket.recv(65536).decode()
        message = dict(line.split("=", 1) for line in text.splitlines() if "=" in line)
        self.seen.append(message)
        return message

    def wait(self, key, value, alive, timeout=30):
        """Waits until `key=value` is said. `alive` is asked whether there is still someone to say it."""
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            message = self.receive(min(left, 0.2))
            if message is not None and message.get(key) == value:
                return message
            if message is None and not alive():
                return None
        raise AssertionError(f"no {key}={value} within {timeout} s; said: {self.seen[-5:]}")

    def close(self):
        self.socket.close()


class Daemon:
    """One daemon in its own folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.spool = Spool(self.folder / "spool")
        self.outbox = self.folder / "outbox"
        self.socket = self.folder / "api.sock"
        self.ini = self.folder / "webhooks.ini"
        self.log = self.folder / "daemon.log"
        self.process = None
        self.pid = None  # the daemon's own, also under a wrapper
        self.notifications = None

    # Configuration

    def configure(self, plugins="", webhooks="", mwdb=""):
        """Writes webhooks.ini: folders of this daemon, `webhooks` lines, and the plugins' sections as given."""
        names = re.findall(r"^\[plugin:([^\]]+)\]", plugins, re.M)
        own = {
            "spool": self.spool.root,
            "outbox": self.outbox,
            "listen": f"unix:{self.socket}",
            "min_free_space": "1MB",
            "plugins": ", ".join(names),
        }
        given = dict(re.findall(r"^(\w+)\s*=\s*(.*)$", webhooks, re.M))
        lines = [f"{key} = {value}" for key, value in (own | given).items()]
        text = "[webhooks]\n" + "\n".join(lines) + "\n\n"
        if mwdb:
            text += "[mwdb]\n" + mwdb.strip() + "\n\n"
        self.ini.write_text(text + plugins)
        return self

    # Life

    def spawn(self, *wrapper, environment=None):
        """Starts the daemon and returns at once. `wrapper` stands in front of the command (strace)."""
        if self.notifications:
            self.notifications.close()
        self.notifications = Notifications(self.folder / "notify.sock")
        log = open(self.log, "ab")
        self.process = subprocess.Popen(
            [*wrapper, str(BINARY), "run", "--config", str(self.ini)],
            env=ENVIRONMENT | {"NOTIFY_SOCKET": self.notifications.path} | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.folder,
            start_new_session=True,
        )
        log.close()
        self.pid = None if wrapper else self.process.pid
        return self

    def start(self, *wrapper, environment=None, timeout=30):
        """Starts the daemon and waits until it says READY=1."""
        self.spawn(*wrapper, environment=environment)
        self.wait_ready(timeout)
        return self

    def wait_ready(self, timeout=30):
        """Waits for READY=1. A daemon that ends instead is an error, with its log."""
        said = self.notifications.wait("READY", "1", self.alive, timeout)
        assert said, f"the daemon ended with {self.process.wait()}:\n{self.tail()}"
        if self.pid is None:
            self.pid = self._child()

    def alive(self):
        """The process runs."""
        return self.process is not None and self.process.poll() is None

    def reload(self, timeout=30):
        """SIGHUP, and waits until the reload is reported done. Returns what was said on the way."""
        before = len(self.notifications.seen)
        os.kill(self.pid, signal.SIGHUP)
        self.notifications.wait("RELOADING", "1", self.alive, timeout)
        self.notifications.wait("READY", "1", self.alive, timeout)
        return self.notifications.seen[before:]

    def stop(self, timeout=60):
        """SIGTERM; returns the exit status."""
        if not self.alive():
            return self.process.returncode if self.process else None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid or self.process.pid, signal.SIGTERM)
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"SIGTERM did not end the daemon within {timeout} s:\n{self.tail()}") from None

    def kill(self):
        """kill -9."""
        for pid in {self.pid, self.process.pid} - {None}:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def close(self):
        """After a test: nothing is left running."""
        if self.alive():
            self.kill()
        if self.notifications:
            self.notifications.close()

    def wait_exit(self, timeout=60):
        """Waits until the daemon ends by itself; returns the exit status."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the daemon still runs after {timeout} s:\n{self.tail()}") from None

    def _child(self):
        children = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        return next(int(pid) for pid in children if os.readlink(f"/proc/{pid}/exe") == str(BINARY.resolve()))

    # What it says

    def tail(self, size=4000):
        """The end of its log."""
        return self.log.read_text(errors="replace")[-size:] if self.log.exists() else ""

    def http(self, method, path, body=None, headers=None, timeout=30):
        """One request to its unix socket."""
        connection = UnixConnection(self.socket, timeout)
        try:
            connection.request(method, path, body=body, headers=headers or {})
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def post(self, *events, timeout=30):
        """POST /api/events, NDJSON; dicts are serialised, bytes are lines as they are."""
        lines = [e if isinstance(e, bytes) else line(e) for e in events]
        kind = {"content-type": "application/x-ndjson"}
        return self.http("POST", "/api/events", b"\n".join(lines) + b"\n", kind, timeout)

    def command(self, *arguments, check=True, input=None, timeout=60):
        """Runs a command of the binary with this daemon's configuration."""
        done = self.plain_command(*arguments, "--config", str(self.ini), input=input, timeout=timeout)
        if check:
            assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def plain_command(self, *arguments, input=None, timeout=60):
        """Runs the binary with these arguments only."""
        return subprocess.run(
            [str(BINARY), *arguments],
            env=ENVIRONMENT,
            capture_output=True,
            input=input,
            text=True,
            cwd=self.folder,
            timeout=timeout,
        )

    def json(self, *arguments):
        """What a command prints with --json, parsed."""
        return json.loads(self.command(*arguments, "--json").stdout)

    def deliveries(self, **filters):
        """Rows of `deliveries --json`; filters are its options."""
        options = [part for key, value in filters.items() for part in (f"--{key}", str(value))]
        found = self.json("deliveries", *options)
        return found["deliveries"] if isinstance(found, dict) else found

    def show(self, identifier):
        """`show ID --json`."""
        return self.json("show", identifier)

    def metrics(self):
        """/metrics as a dict: name with labels to value."""
        text = self.http("GET", "/metrics").body.decode()
        rows = (line.rsplit(" ", 1) for line in text.splitlines() if line and not line.startswith("#"))
        return {name: float(value) for name, value in rows}

    def wait_for(self, condition, what, timeout=30):
        """Waits until `condition()` is true of the daemon's own answers, which no signal announces."""
        end = time.monotonic() + timeout
        while True:
            value = condition()
            if value:
                return value
            assert self.alive(), f"the daemon ended with {self.process.returncode}:\n{self.tail()}"
            assert time.monotonic() < end, f"{what}: not within {timeout} s; last: {value!r}\n{self.tail()}"
            select.select([], [], [], 0.05)

    def wait_state(self, plugin, state, count=1, timeout=30):
        """Waits until `count` deliveries of `plugin` are in `state`; returns them."""

        def enough():
            rows = self.deliveries(plugin=plugin, state=state, limit=500)
            return rows if len(rows) >= count else None

        return self.wait_for(enough, f"{count} deliveries of {plugin} {state}", timeout)

    def peak_memory(self):
        """Peak resident memory in bytes (VmHWM)."""
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmHWM:\s+(\d+) kB", status).group(1)) * 1024

    def descriptors(self):
        """Open descriptors: number to target."""
        folder = pathlib.Path(f"/proc/{self.pid}/fd")
        found = {}
        for entry in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                found[int(entry.name)] = os.readlink(entry)
        return found
