"""A live daemon in a folder of its own, with a TCP port for the browser."""

import http.client
import json
import os
import socket
import subprocess
import time
import uuid

from receiver import HOSTILE

PLUGINS = """
[plugin:hello]
author = just me
version = 1.2.0
description = A receiver that takes everything
url = {url}/ok
hooks = *
filter = event.type != on_removed_tag

[plugin:refuser]
description = Says no to everything
url = {url}/refuse
hooks = on_created_file

[plugin:down]
description = {hostile}
url = {url}/down
hooks = on_created_file, on_created_tag
backoff = 20s..1h

[plugin:misplaced]
url = {url}/wrong
hooks = on_created_file
backoff = 20s..1h

[plugin:binary]
url = {url}/binary
hooks = on_created_config

[plugin:sandbox]
version = 0.18
description = Writes its task's id back
url = {url}/task
hooks = on_created_file
extract.task = json:/task
attribute.sandbox = {{{{task}}}}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Daemon:
    def __init__(self, binary, folder, receiver_url, plugins=PLUGINS):
        self.folder, self.binary = folder, binary
        self.socket = str(folder / "api.sock")
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self.config = folder / "webhooks.ini"
        (folder / "spool").mkdir()
        (folder / "outbox").mkdir(mode=0o700)
        plugins = plugins.format(url=receiver_url, hostile=HOSTILE.replace("\u0007", "")).strip()
        names = [line[8:-1] for line in plugins.splitlines() if line.startswith("[plugin:")]
        self.config.write_text(
            f"[webhooks]\nspool = {folder}/spool\noutbox = {folder}/outbox\nmin_free_space = 1MB\n"
            f"listen = unix:{self.socket}, 127.0.0.1:{self.port}\nplugins = {', '.join(names)}\n\n"
            f"[mwdb]\nurl = {receiver_url}\npublic_url = https://mwdb.example\napi_key = key-of-the-service-account\n\n{plugins}\n"
        )
        self.log = open(folder / "daemon.log", "wb")
        self.process = None

    def start(self):
        self.process = subprocess.Popen(
            [self.binary, "run", "--config", str(self.config)], stdout=self.log, stderr=self.log, cwd=self.folder
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                if self.call("GET", "/readyz")[0] == 200:
                    return self
            except OSError:
                pass
            assert self.process.poll() is None and time.monotonic() < deadline, self.words()
            time.sleep(0.1)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def words(self):
        return (self.folder / "daemon.log").read_text(errors="replace")[-3000:]

    def call(self, method, path, body=None, headers=None):
        connection = UnixConnection(self.socket)
        try:
            data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
            connection.request(method, path, data, {"content-type": "application/json", **(headers or {})})
            answer = connection.getresponse()
            text = answer.read()
            return answer.status, json.loads(text) if text[:1] in b"{[" and text else text
        finally:
            connection.close()

    def get(self, path):
        status, answer = self.call("GET", path)
        assert status == 200, (path, status, answer)
        return answer

    def post(self, path, body=None):
        status, answer = self.call("POST", path, {} if body is None else body)
        assert status in (200, 202), (path, status, answer)
        return answer

    def token(self, *options):
        done = subprocess.run(
            [self.binary, "token", "--config", str(self.config), *options], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def event(self, hook="on_created_file", **values):
        """Posts an event; its id."""
        identifier = str(uuid.uuid4())
        sha256 = values.pop("sha256", os.urandom(32).hex())
        kind = "static_config" if "config" in hook else "file"
        target = {
            "id": sha256, "type": kind, "sha256": sha256, "file_name": "sample.exe", "file_size": 4096,
            "file_type": "PE32 executable", "tags": ["feed:abuse"], "crc32": "deadbeef", **values,
        }
        event = {
            "id": identifier, "type": hook, "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "source": "mwdb", "actor": values.get("actor", "analyst"),
            "data": {"config" if kind == "static_config" else "file": target},
        }
        self.post("/api/events", event)
        return identifier

    def until(self, question, seconds=30):
        """Waits for something true."""
        deadline = time.monotonic() + seconds
        while True:
            answer = question()
            if answer or time.monotonic() > deadline:
                return answer
            time.sleep(0.1)
