"""What the event source's tests share: the plugin on the path, MWDB's configuration, a spool, a running MWDB."""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).resolve().parent
REPOSITORY = HERE.parents[1]
PLUGIN = REPOSITORY / "deploy" / "mwdb-plugin"
for folder in (PLUGIN, HERE):
    sys.path.insert(0, str(folder))

from mwdb.core.config import app_config  # noqa: E402
from typedconfig.source import DictConfigSource  # noqa: E402

# What MWDB's modules read when they are imported; nothing connects to it.
app_config.provider.set_sources(
    [DictConfigSource({"mwdb": {"postgres_uri": "postgresql://nowhere/mwdb", "secret_key": "key"}})]
)


@pytest.fixture(scope="session")
def schema():
    """A validator of docs/schemas/event.schema.json."""
    from jsonschema import Draft202012Validator

    text = (REPOSITORY / "docs" / "schemas" / "event.schema.json").read_text()
    Draft202012Validator.check_schema(json.loads(text))
    return Draft202012Validator(json.loads(text))


@pytest.fixture
def spool_path(tmp_path):
    """A folder as the daemon makes it."""
    path = tmp_path / "spool"
    path.mkdir()
    path.chmod(0o2770)
    subscribe(path)
    return path


def subscribe(path, **changes):
    """Writes subscriptions.json as the daemon does; by default everything, and no free space asked for."""
    value = {"version": 1, "hooks": "*", "content": "*", "copy_limit": 1000, "min_free_space": 0, **changes}
    new = path / "subscriptions.json.new"
    new.write_text(json.dumps(value))
    new.rename(path / "subscriptions.json")


def events(path):
    """All events in new/, in the order of their files' names."""
    return [json.loads(line) for file in files(path) for line in file.read_bytes().splitlines()]


def files(path):
    return sorted((path / "new").glob("*.ndjson")) if (path / "new").is_dir() else []


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own, of 1 MiB; skips where mounting is not allowed."""
    path = tmp_path / "disk"
    path.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0777", "spool-test", str(path)], capture_output=True, text=True
    )
    if mounted.returncode != 0:
        pytest.skip(f"mounting is not possible here: {mounted.stderr.strip()}")
    yield path
    subprocess.run(["umount", "--lazy", str(path)], check=True)


ATTRIBUTES = "drakvuf : Drakvuf analysis : https://drakvuf.example/analysis/$value, not a key, plain"


class Lab:
    """A running MWDB. Attributes: url, login, password, pidfile, log, uploads, spool, base."""

    def __init__(self, base, **settings):
        self.base = base
        self.spool = pathlib.Path(settings.pop("spool", base / "spool"))
        self._environment = {
            name: value for name, value in os.environ.items() if not name.startswith(("MWDB_", "WEBHOOKS_"))
        }
        self._environment.update(
            MWDB_LAB_BASE=str(base / "mwdb"),
            MWDB_LAB_VENV=sys.prefix,
            MWDB_LAB_PLUGINS_FOLDER=str(PLUGIN),
            MWDB_LAB_PLUGINS="mwdb_plugin_webhooks",
            MWDB_LAB_INI=f"\n[webhooks]\nspool = {self.spool}\nattributes = {ATTRIBUTES}\n",
            PYTHONDONTWRITEBYTECODE="1",
        )
        self._environment.update(settings)
        for name in ("MWDB_LAB_PORT", "MWDB_LAB_PG_PORT", "MWDB_LAB_S3_PORT"):
            self._environment.setdefault(name, str(free_port()))

    def up(self, **settings):
        """Starts MWDB, or restarts it with other settings."""
        self._environment.update(settings)
        env_file = self._run("up").strip()
        values = dict(line.split("=", 1) for line in open(env_file).read().splitlines())
        self.url, self.login, self.password = values["MWDB_URL"], values["MWDB_LOGIN"], values["MWDB_PASSWORD"]
        self.uploads = pathlib.Path(values["MWDB_UPLOADS"])
        self.pidfile, self.log = pathlib.Path(values["MWDB_PIDFILE"]), pathlib.Path(values["MWDB_LOG"])
        return self

    def down(self):
        self._run("down", "--purge")

    def client(self):
        from drive import Mwdb

        return Mwdb(self.url).login(self.login, self.password)

    def workers(self):
        """Pids of gunicorn's workers."""
        master = self.pidfile.read_text().strip()
        return [int(pid) for pid in open(f"/proc/{master}/task/{master}/children").read().split()]

    def _run(self, *arguments):
        done = subprocess.run(
            [str(REPOSITORY / "deploy" / "lab" / "mwdb"), *arguments],
            env=self._environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def free_port():
    """A port that nothing listens on, below those that the kernel hands out itself."""
    import random

    while True:
        port = random.randrange(20000, 32000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


@pytest.fixture(scope="session")
def open_folder():
    """A folder that every user can enter, unlike pytest's own."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="mwdb-plugin-tests-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="session")
def running_lab(open_folder):
    """One MWDB for all tests that need one; two workers, the plugin dropped into local_plugins_folder."""
    base = open_folder / "lab"
    base.mkdir()
    (base / "spool").mkdir()
    (base / "spool").chmod(0o2770)
    lab = Lab(base)
    subscribe(lab.spool)
    try:
        yield lab.up()
    finally:
        lab.down()


@pytest.fixture
def lab(running_lab):
    """The running MWDB with an empty spool and everything subscribed."""
    subscribe(running_lab.spool)
    for folder in ("new", "content"):
        for file in (running_lab.spool / folder).glob("*"):
            file.unlink()
    return running_lab
