"""The container files, without a container engine: read as one would read them, and the image's last stage made by hand.

What only an engine can show (that the images are there, that networks and volumes come up) is not tested.
"""

import json
import os
import pathlib
import re
import shutil
import stat
import subprocess
import sys
import tempfile
import time
import zipfile

import jsonschema
import pytest
import yaml

import root as roots
from support.daemon import BINARY, REPOSITORY

FOLDER = REPOSITORY / "deploy/docker"
SCHEMA = "docker-compose==1.29.2"  # whose wheel holds the compose specification's JSON Schema


def compose():
    return yaml.safe_load((FOLDER / "compose.yaml").read_text())


def instructions():
    """The Dockerfile's instructions, continuation lines joined."""
    text = re.sub(r"^#.*\n", "", (FOLDER / "Dockerfile").read_text(), flags=re.M).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def last_stage():
    whole = instructions()
    return whole[max(i for i, (word, _) in enumerate(whole) if word == "FROM") + 1 :]


def apt_packages(text):
    return {word for word in re.search(r"install -y --no-install-recommends ([^&]*)", text)[1].split()}


@pytest.fixture(scope="session")
def schema():
    folder = roots.lab_folder() / "compose-schema"
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob("*.whl")):
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, SCHEMA]
        subprocess.run(command, check=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return json.loads(wheel.read("compose/config/compose_spec.json"))


def test_compose_file_is_valid(schema):
    jsonschema.Draft201909Validator(schema).validate(compose())


def test_compose_file_means_something():
    """Volumes that are mounted are declared, folders that are mounted are there, services that are waited for exist."""
    whole = compose()
    for name, service in whole["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            if source.startswith("."):
                # A file that an editor replaces would stay the old one in the container.
                assert (FOLDER / source).is_dir(), (name, volume)
            else:
                assert source in whole["volumes"], (name, volume)
        assert set(service.get("depends_on", {})) <= set(whole["services"]), name
        if "build" in service:
            context = FOLDER / service["build"]["context"]
            assert (context / service["build"]["dockerfile"]).samefile(FOLDER / "Dockerfile"), name
    mwdb = whole["services"]["mwdb"]
    assert (REPOSITORY / "deploy/mwdb-plugin" / mwdb["environment"]["MWDB_PLUGINS"] / "__init__.py").exists()
    assert f"spool:{mwdb['environment']['WEBHOOKS_SPOOL']}" in mwdb["volumes"]
    for ports in (service.get("ports", []) for service in whole["services"].values()):
        assert all(port.startswith("127.0.0.1:") for port in ports), "nothing is open to the network unasked"


def test_image_has_what_the_package_depends_on():
    control = (REPOSITORY / "deploy/debian/control").read_text()
    builds = set(re.findall(r"[a-z0-9.+-]+-dev\b|pkg-config", control))
    first, last = (text for word, text in instructions() if word == "RUN" and "apt-get install" in text)
    assert apt_packages(first) == builds
    assert {"ca-certificates", "tzdata", "libcurl4", "libsqlite3-0"} <= apt_packages(last)
    ignored = (REPOSITORY / ".dockerignore").read_text().splitlines()
    for word, text in instructions():
        if word == "COPY" and "--from" not in text:
            for source in text.split()[:-1]:
                assert (REPOSITORY / source).exists() and f"!{source}" in ignored, source


def test_secrets_are_made_once(tmp_path):
    shutil.copy(FOLDER / "secrets", tmp_path)
    assert subprocess.run([tmp_path / "secrets"], capture_output=True).returncode == 0
    values = {}
    for name in ("mwdb.env", "postgres.env"):
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
        values |= dict(line.split("=", 1) for line in (tmp_path / name).read_text().splitlines())
    assert f":{values['POSTGRES_PASSWORD']}@postgres/{values['POSTGRES_DB']}" in values["MWDB_POSTGRES_URI"]
    assert len({values["POSTGRES_PASSWORD"], values["MWDB_SECRET_KEY"], values["MWDB_ADMIN_PASSWORD"]}) == 3
    before = (tmp_path / "mwdb.env").read_bytes()
    assert subprocess.run([tmp_path / "secrets"], capture_output=True).returncode == 1
    assert (tmp_path / "mwdb.env").read_bytes() == before
    for name in ("mwdb.env", "postgres.env"):
        done = subprocess.run(["git", "-C", REPOSITORY, "check-ignore", "-q", f"deploy/docker/{name}"])
        assert done.returncode in (0, 128), f"{name} would be committed"
    done = subprocess.run(["git", "-C", REPOSITORY, "check-ignore", "-q", "deploy/docker/config/mwdb.key"])
    assert done.returncode in (0, 128), "the key that webhooks.ini speaks of would be committed"


@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("debootstrap"), reason="takes root and debootstrap")
def test_last_stage_runs():
    """RUN, COPY, USER and CMD of the last stage, done in a bare Debian root; then the daemon, as the compose file has it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mw-"))
    folder.chmod(0o755)
    service = compose()["services"]["webhooks"]
    process = None
    try:
        root = roots.bare().copy(folder / "r")
        user, settings = "0:0", {}
        for word, text in last_stage():
            if word == "RUN":
                root.run("sh", "-c", text)
            elif word == "COPY":
                *options, source, target = text.split()
                if options:
                    shutil.copy(BINARY, root / target)
                else:
                    shutil.copytree(REPOSITORY / source, root / target, dirs_exist_ok=True)
            elif word == "USER":
                user = text
            else:
                settings[word] = text
        configuration = next(volume for volume in service["volumes"] if volume.startswith("./"))
        source, target, _ = configuration.split(":")
        shutil.copytree(FOLDER / source, root / target.lstrip("/"))
        spool = compose()["services"]["spool"]
        root.run(*spool["command"])
        uid, gid = user.split(":")
        as_user = ["setpriv", f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--no-new-privs", "--bounding-set=-all"]
        listen = service["environment"]["WEBHOOKS_LISTEN"].split(",")[0]
        environment = ["env", f"WEBHOOKS_LISTEN={listen}"]  # the port is the engine's network's
        command = root.command(*as_user, *environment, *json.loads(settings["CMD"]))
        process = subprocess.Popen(command, env=roots.ENVIRONMENT, stdin=subprocess.DEVNULL)
        health = json.loads(settings["HEALTHCHECK"].split("CMD", 1)[1])
        end = time.monotonic() + 30
        while root.run(*as_user, *environment, *health, check=False).returncode != 0:
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.1)
        receiver = compose()["services"]["receiver"]["command"]
        assert root.run(*as_user, *receiver[:2], "--help").returncode == 0
        process.terminate()
        assert process.wait(60) == 0
    finally:
        if process and process.poll() is None:
            process.kill()
            process.wait()
        roots.Root(folder / "r").remove()
        folder.rmdir()
