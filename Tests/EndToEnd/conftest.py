"""Fixtures of the end-to-end tests. Everything a test starts is its own and is stopped by its own pid."""

import pathlib
import shutil
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

from support.daemon import BINARY, Daemon  # noqa: E402
from support.receiver import Receiver  # noqa: E402


def pytest_configure(config):
    if not BINARY.exists():
        raise pytest.UsageError(f"{BINARY} does not exist: `swift build -c release`, or set MWDB_WEBHOOKS")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    setattr(item, "report_" + report.when, report)
    return report


@pytest.fixture
def folder():
    """A short path of its own (a unix socket's path has at most 107 bytes), removed afterwards."""
    path = pathlib.Path(tempfile.mkdtemp(prefix="mw-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def receiver():
    """A scripted receiver."""
    made = Receiver()
    yield made
    made.stop()


@pytest.fixture
def make_daemon(folder, request):
    """Makes daemons, each in a folder of its own; a failed test shows the end of their logs."""
    made = []

    def make(name="d"):
        path = folder / name
        path.mkdir()
        made.append(Daemon(path))
        return made[-1]

    yield make
    report = getattr(request.node, "report_call", None)
    for daemon in made:
        if report is not None and report.failed:
            print(f"--- end of the log of {daemon.folder.name}\n{daemon.tail()}")
        daemon.close()


@pytest.fixture
def daemon(make_daemon):
    """A daemon, not yet configured or started."""
    return make_daemon()


@pytest.fixture
def say(request):
    """Prints a line to the terminal also when the test passes: figures that belong in the run's log."""
    capture = request.config.pluginmanager.getplugin("capturemanager")

    def say(text):
        with capture.global_and_fixture_disabled():
            print(f"\n    {text}", flush=True)

    return say
