"""Fixtures of the tests of what is shipped. BINARY (MWDB_WEBHOOKS) is packed, never built here."""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import pytest

HERE = pathlib.Path(__file__).parent
REPOSITORY = HERE.parents[1]
sys.path[:0] = [str(HERE), str(HERE.parent / "EndToEnd")]

from support.daemon import BINARY  # noqa: E402
from support.receiver import Receiver  # noqa: E402


def pytest_configure(config):
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} does not exist: build it with --static-swift-stdlib, or set MWDB_WEBHOOKS")


@pytest.fixture(scope="session")
def packages():
    """Makes packages of one binary; `make(VERSION)` returns the folder they are in."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mw-packages-"))
    folder.chmod(0o755)

    def make(version="", name=""):
        output = folder / (name or version or "own")
        if not output.exists():
            options = ["--compression", "gzip", *(["--version", version] if version else [])]
            done = subprocess.run(
                [REPOSITORY / "deploy/package", "--binary", BINARY, "--output", output, *options],
                env=os.environ | {"SOURCE_DATE_EPOCH": "1795000000"},
                capture_output=True,
                text=True,
            )
            assert done.returncode == 0, done.stderr
        return output

    yield make
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def receiver():
    """A receiver on loopback."""
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def say(request):
    """Prints a line to the terminal also when the test passes."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(text):
        with capture.global_and_fixture_disabled():
            print(f"\n    {text}", flush=True)

    return say
