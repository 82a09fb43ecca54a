"""A real MWDB with the event source loaded and a real Drakvuf Sandbox, by way of deploy/lab."""

import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile

from .daemon import REPOSITORY

sys.path.insert(0, str(REPOSITORY / "Tests" / "MWDBPlugin"))

from drive import Mwdb  # noqa: E402

LAB = REPOSITORY / "deploy" / "lab"
PLUGIN = REPOSITORY / "deploy" / "mwdb-plugin"


def free_port():
    """A port that nothing listens on, below those that the kernel hands out itself."""
    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


class _Lab:
    """One script of deploy/lab with its settings."""

    script = ""

    def __init__(self, **settings):
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("MWDB_", "WEBHOOKS_", "DRAKVUF_"))}
        self.environment = clean | settings | {"PYTHONDONTWRITEBYTECODE": "1"}
        self.values = {}

    def run(self, *arguments):
        """Runs the script; returns what it printed."""
        done = subprocess.run(
            [str(LAB / self.script), *arguments], env=self.environment, capture_output=True, text=True
        )
        assert done.returncode == 0, f"deploy/lab/{self.script} {arguments}: {done.stderr}"
        return done.stdout

    def up(self, **settings):
        """Starts what does not run, with these settings."""
        self.environment |= settings
        rows = pathlib.Path(self.run("up").strip()).read_text().splitlines()
        self.values = dict(row.split("=", 1) for row in rows)
        return self

    def down(self, *arguments):
        """Stops it."""
        self.run("down", *arguments)


class MWDBLab(_Lab):
    """A real MWDB whose event source writes to `spool`."""

    script = "mwdb"

    def __init__(self, spool, **settings):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="mw-mwdb-"))
        self.base.chmod(0o755)
        # A copy: MWDB may run as a user who cannot read the folder that the repository is in.
        shutil.copytree(PLUGIN, self.base / "plugins", ignore=shutil.ignore_patterns("__pycache__"))
        super().__init__(
            MWDB_LAB_BASE=str(self.base / "lab"),
            MWDB_LAB_PORT=str(free_port()),
            MWDB_LAB_PG_PORT=str(free_port()),
            MWDB_LAB_S3_PORT=str(free_port()),
            MWDB_LAB_PLUGINS_FOLDER=str(self.base / "plugins"),
            MWDB_LAB_PLUGINS="mwdb_plugin_webhooks",
            MWDB_LAB_INI=f"\n[webhooks]\nspool = {spool}\n",
            **settings,
        )

    @property
    def url(self):
        return self.values["MWDB_URL"]

    def admin(self):
        """A client with all capabilities."""
        return Mwdb(self.url).login(self.values["MWDB_LOGIN"], self.values["MWDB_PASSWORD"])

    def user(self, login, *capabilities):
        """Makes an account with these capabilities; returns an API key of it."""
        admin = self.admin()
        about = {"email": f"{login}@lab.example", "additional_info": "lab", "feed_quality": "high", "send_email": False}
        admin.call("POST", f"/user/{login}", about)
        admin.call("PUT", f"/group/{login}", {"capabilities": list(capabilities)})
        return admin.call("POST", f"/user/{login}/api_key", {"name": "tests"})["token"]

    def workers(self):
        """Pids of gunicorn's workers."""
        master = pathlib.Path(self.values["MWDB_PIDFILE"]).read_text().strip()
        return [int(pid) for pid in pathlib.Path(f"/proc/{master}/task/{master}/children").read_text().split()]

    def close(self):
        """Stops it and removes all it has."""
        try:
            self.down("--purge")
        finally:
            shutil.rmtree(self.base, ignore_errors=True)


class DrakvufLab(_Lab):
    """The real web API of Drakvuf Sandbox."""

    script = "drakvuf"

    def __init__(self):
        self.base = pathlib.Path(tempfile.mkdtemp(prefix="mw-drakvuf-"))
        super().__init__(
            DRAKVUF_LAB_BASE=str(self.base / "lab"),
            DRAKVUF_LAB_PORT=str(free_port()),
            DRAKVUF_LAB_REDIS_PORT=str(free_port()),
        )

    @property
    def url(self):
        return "http://127.0.0.1:" + self.environment["DRAKVUF_LAB_PORT"]

    def jobs(self, sha256):
        """The queued analyses of a sample, read from Redis and the stored samples."""
        return json.loads(self.run("jobs", sha256))

    def close(self):
        """Stops it and removes all it has."""
        try:
            self.down("--purge")
        finally:
            shutil.rmtree(self.base, ignore_errors=True)
