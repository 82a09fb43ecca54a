"""Install, upgrade with a backlog, remove, install again, purge: in a bare Debian root."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import pytest

import root as roots
from service import Service
from support.spool import SOURCE, file_event, line

pytestmark = pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("debootstrap"), reason="takes root and debootstrap"
)
CONFIGURATION = """
[plugin:away]
url = {url}
hooks = on_created_file
backoff = 20ms..200ms

[plugin:siem]
preset = splunk
enabled = 0
url = http://127.0.0.1:9/collector
auth.value = Splunk x
"""
# Where systemd is not the first process its systemctl does what concerns files; what it would be asked to start and stop
# is written down.
SYSTEMCTL = """#!/bin/sh
case "$*" in
*is-active*) exit 0 ;;
*daemon-reload | *" start "* | *" stop "* | *" restart "* | "stop "*) echo "$*" >>/var/log/systemctl ;;
*) exec /bin/systemctl --root=/ "$@" ;;
esac
"""


@pytest.fixture
def root(packages):
    bare = roots.bare()
    roots.fetch_dependencies(bare, next(packages().glob("*.deb")))
    folder = pathlib.Path(tempfile.mkdtemp(prefix="mw-"))
    folder.chmod(0o755)
    made = bare.copy(folder / "r")
    yield made
    made.remove()
    folder.rmdir()


@pytest.fixture
def service(root):
    made = Service(root)
    yield made
    made.stop()


def put(root, folder):
    """Copies the package of this folder into the root; returns its path there."""
    package = next(folder.glob("*.deb"))
    return "/" + str(pathlib.Path(shutil.copy(package, root / "tmp")).relative_to(root.path))


def asked(root):
    """What the maintainer scripts asked systemd for since the last time."""
    log = root / "var/log/systemctl"
    rows = log.read_text().splitlines() if log.exists() else []
    log.unlink(missing_ok=True)
    return [row.replace("--quiet ", "").replace("--system ", "") for row in rows]


def write_as(root, user, event):
    """Writes an event into the spool as a process of MWDB's user does."""
    writer = (
        "\nimport sys\n"
        "os.umask(0o022)\n"
        "Spool(sys.argv[1], make=False).write(sys.stdin.buffer.read().rstrip())"
    )
    number = int(root.run("id", "-u", user).stdout)
    groups = [int(group) for group in root.run("id", "-G", user).stdout.split()]
    subprocess.run(
        ["/usr/bin/python3", "-B", "-c", SOURCE + writer, root / "var/spool/mwdb-webhooks"],
        input=line(event),
        user=number,
        group=groups[0],
        extra_groups=groups,
        check=True,
    )


def test_life_cycle(packages, root, service, receiver, say):
    (root / "run/systemd/system").mkdir(parents=True)
    systemctl = root / "usr/local/sbin/systemctl"
    systemctl.write_text(SYSTEMCTL)
    systemctl.chmod(0o755)
    (root / "etc/apt/apt.conf.d/92path").write_text(f'DPkg::Path "{roots.ENVIRONMENT["PATH"]}";\n')
    root.run("useradd", "--system", "mwdb")

    # Install: everything is in its place and belongs to whom it should.
    said = root.install(put(root, packages()))
    assert "docs/installing.md" in said
    assert asked(root)[-2:] == ["daemon-reload", "start mwdb-webhooks.service"]
    assert root.mode("/etc/mwdb-webhooks") == "drwxr-x--- root:mwdb-webhooks"
    assert root.mode("/etc/mwdb-webhooks/webhooks.ini") == "-rw-r----- root:mwdb-webhooks"
    assert root.mode("/var/spool/mwdb-webhooks") == "drwxrws--- mwdb-webhooks:mwdb-webhooks"
    assert (root / "etc/systemd/system/multi-user.target.wants/mwdb-webhooks.service").is_symlink()
    assert root.run("systemd-analyze", "verify", "--man=no", "/" + Service.UNIT).stderr == ""
    exposure = root.run("systemd-analyze", "security", "--offline=true", "--no-pager", "/" + Service.UNIT).stdout
    assert float(exposure.split("Overall exposure level for mwdb-webhooks.service: ")[1].split()[0]) <= 1.4
    assert (root / service.setting("Documentation").removeprefix("file:")).exists()
    assert root.run("mwdb-webhooks", "check").returncode == 0

    # It runs as it is installed, as a user who may do nothing else.
    service.start()
    assert service.user() == ("mwdb-webhooks", "mwdb-webhooks", 0)
    assert root.run("mwdb-webhooks", "status").returncode == 0
    nobody = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"]
    for forbidden in ("status", "check"):
        assert root.run(*nobody, "mwdb-webhooks", forbidden, check=False).returncode == 1

    # Its administrator configures it; MWDB's user writes to the spool, and a receiver is there.
    ini = root / "etc/mwdb-webhooks/webhooks.ini"
    text = ini.read_text().replace("plugins =", "plugins = away, siem") + CONFIGURATION.format(url=receiver.url("/"))
    ini.write_text(text)
    root.run("mwdb-webhooks", "check")
    service.reload()
    root.run("usermod", "-aG", "mwdb-webhooks", "mwdb")
    first = file_event(b"first")
    write_as(root, "mwdb", first)
    assert receiver.wait(1)[0].json() == first

    # Upgrade with a backlog: it is kept, delivered under the same ids, and nothing is asked.
    receiver.stop()
    backlog = [file_event(b"%d" % number) for number in range(20)]
    assert service.post(*backlog)[0] == 202
    later = file_event(b"while it is replaced")
    root.install(put(root, packages("9.9.9")))
    assert asked(root)[-2:] == ["daemon-reload", "restart mwdb-webhooks.service"]
    assert service.stop() == 0
    write_as(root, "mwdb", later)
    service.start()
    assert root.run("dpkg-query", "-W", "-f=${Version}", "mwdb-webhooks").stdout == "9.9.9"
    assert ini.read_text() == text
    assert root.mode("/etc/mwdb-webhooks/webhooks.ini") == "-rw-r----- root:mwdb-webhooks"
    before = len(receiver.requests())
    receiver.start()
    wanted = {event["id"] for event in (*backlog, later)}
    receiver.wait_until(lambda: wanted <= {request.id for request in receiver.requests()[before:]}, what="the backlog")
    say(f"upgraded with {len(backlog)} deliveries waiting and an event in the spool: all were delivered")

    # Remove: the program goes, configuration, outbox and what waits stay, and a new installation goes on.
    receiver.stop()
    kept = file_event(b"kept")
    assert service.post(kept)[0] == 202
    assert service.stop() == 0
    root.run("apt-get", "remove", "-y", "mwdb-webhooks")
    assert "stop mwdb-webhooks.service" in asked(root)
    assert not (root / "usr/bin/mwdb-webhooks").exists() and not (root / Service.UNIT).exists()
    assert ini.read_text() == text
    assert (root / "var/lib/mwdb-webhooks/outbox.db").exists() and (root / "var/spool/mwdb-webhooks/new").is_dir()
    root.install(put(root, packages("9.9.9")))
    service.start()
    receiver.start()
    receiver.wait_until(lambda: kept["id"] in receiver.ids(), what="what waited over the removal")

    # Purge: nothing is left but the user, whose number nobody else shall get.
    assert service.stop() == 0
    root.run("apt-get", "purge", "-y", "mwdb-webhooks")
    for path in ("etc/mwdb-webhooks", "var/lib/mwdb-webhooks", "var/spool/mwdb-webhooks"):
        assert not (root / path).exists(), path
    left = root.run("find", "/etc", "/lib/", "/usr", "/var/lib/systemd", "-name", "*mwdb-webhooks*").stdout
    assert left == "", left
    assert root.run("id", "mwdb-webhooks").returncode == 0
