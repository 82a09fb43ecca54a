"""The installed unit, started as systemd would start it: nothing but a chroot is here to be the service manager.

Reads ExecStart, the user, the umask and the folders from the unit file that the package has installed. The unit's walls
are another test's affair (EndToEnd/test_systemd.py).
"""

import json
import os
import re
import signal
import subprocess

from root import ENVIRONMENT
from support.daemon import Notifications, UnixConnection
from support.spool import line


class Service:
    """The daemon in a root."""

    UNIT = "lib/systemd/system/mwdb-webhooks.service"

    def __init__(self, root):
        self.root = root
        self.log = root / "var/log/mwdb-webhooks.log"
        self.process = None
        self.notifications = None

    def setting(self, name):
        """A setting of the unit."""
        return re.search(rf"^{name}=(.*)$", (self.root / self.UNIT).read_text(), re.M)[1]

    def start(self):
        """Starts it and waits until it says that it is ready."""
        user, group = self.setting("User"), self.setting("Group")
        for kind, place in (("State", "/var/lib"), ("Runtime", "/run")):
            folder = f"{place}/{self.setting(kind + 'Directory')}"
            mode = self.setting(kind + "DirectoryMode")
            self.root.run("install", "-d", "-o", user, "-g", group, "-m", mode, folder)
        self.notifications = Notifications(self.root / "run/notify.sock")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.root.command(
                    *("setpriv", f"--reuid={user}", f"--regid={group}", "--init-groups", "--no-new-privs"),
                    *("--bounding-set=-all", "sh", "-c", f"umask {self.setting('UMask')}; exec {self.setting('ExecStart')}"),
                ),
                env=ENVIRONMENT | {"NOTIFY_SOCKET": "/run/notify.sock", "HOME": "/var/lib/mwdb-webhooks"},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        ready = self.notifications.wait("READY", "1", lambda: self.process.poll() is None)
        assert ready, f"it ended with {self.process.wait()}:\n{self.log.read_text()[-4000:]}"
        return self

    def reload(self):
        """As systemctl reload does; waits until it is done."""
        os.kill(self.process.pid, signal.SIGHUP)
        for key in ("RELOADING", "READY"):
            self.notifications.wait(key, "1", lambda: self.process.poll() is None)

    def stop(self):
        """As systemctl stop does; returns the exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(60)
        self.notifications.close()
        self.process = None
        return status

    def user(self):
        """Names of the user and the group it really runs as, and its capabilities."""
        status = open(f"/proc/{self.process.pid}/status").read()
        numbers = [re.search(rf"^{key}:\s+(\d+)", status, re.M)[1] for key in ("Uid", "Gid")]
        names = [
            self.root.run("getent", base, number).stdout.split(":")[0]
            for base, number in zip(("passwd", "group"), numbers)
        ]
        return *names, int(re.search(r"^CapEff:\s+(\w+)", status, re.M)[1], 16)

    def post(self, *events):
        """POST /api/events over the socket; the answer's status and what it says."""
        connection = UnixConnection(self.root / "run/mwdb-webhooks/api.sock")
        try:
            body = b"".join(line(event) + b"\n" for event in events)
            connection.request("POST", "/api/events", body, {"content-type": "application/x-ndjson"})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def json(self, *arguments):
        """What a command prints with --json, parsed."""
        return json.loads(self.root.run("mwdb-webhooks", *arguments, "--json").stdout)
