"""A bare Debian root: made once by debootstrap and kept, copied for each run, entered by chroot.

Mounts live in the mount namespace of the command that needs them, so that nothing stays mounted whatever happens.
"""

import fcntl
import os
import pathlib
import shutil
import subprocess

SUITE = "bookworm"
ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "HOME": "/root",
    "DEBIAN_FRONTEND": "noninteractive",
}
ENVIRONMENT |= {name: os.environ[name] for name in ("DEPLOY_TEST_RUN",) if name in os.environ}  # see deploy/test
# The root as a mount of its own: what is mounted in it is seen nowhere else. Its /dev is debootstrap's own.
ENTER = (
    'mount --bind "$0" "$0" && mount --make-private "$0" && mount -t proc proc "$0/proc" && cd / && exec chroot "$0" "$@"'
)
# In a chroot that is no mount point itself, unshare cannot make the mounts private.
PRIVATE = [] if subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode == 0 else ["--propagation=unchanged"]


def lab_folder():
    """Where deploy/lab keeps what is dear to make."""
    return pathlib.Path(os.environ.get("XDG_CACHE_HOME", "/var/cache")) / "mwdb-webhooks-lab"


def mirror():
    """Where this machine's apt gets Debian from."""
    form = "$(REPO_URI) $(CODENAME) $(COMPONENT)"
    done = subprocess.run(["apt-get", "indextargets", "--format", form], capture_output=True, text=True)
    rows = [row.split() for row in done.stdout.splitlines()]
    found = [row[0] for row in rows if row[1:] == [SUITE, "main"]]
    return found[0] if found else "http://deb.debian.org/debian"


class Root:
    """One root."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def __truediv__(self, inside):
        return self.path / str(inside).lstrip("/")

    def command(self, *command):
        """The command line that runs `command` inside; its process becomes the command's."""
        return ["unshare", "--mount", *PRIVATE, "sh", "-c", ENTER, str(self.path), *map(str, command)]

    def run(self, *command, check=True, input=None, timeout=300):
        """Runs a command inside, as root, and returns it with what it printed."""
        done = subprocess.run(
            self.command(*command), env=ENVIRONMENT, input=input, capture_output=True, text=True, timeout=timeout
        )
        assert not check or done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done

    def mode(self, inside):
        """Mode, owner and group of a file, as ls shows them."""
        return self.run("stat", "--format=%A %U:%G", inside).stdout.strip()

    def install(self, *packages):
        """Installs packages with what they depend on. Configuration files are never asked about: nobody is there."""
        return self.run("apt-get", "install", "-y", "--no-install-recommends", *packages).stdout

    def remove(self):
        """Removes it. Where mounts could not be made private, its own may have come through to here."""
        while subprocess.run(["umount", "--lazy", self.path], capture_output=True).returncode == 0:
            pass
        shutil.rmtree(self.path)

    def copy(self, path):
        """A root of its own, from this one."""
        subprocess.run(["cp", "-a", "--reflink=auto", self.path, path], check=True)
        return Root(path)


def bare():
    """The bare root, made if it is not there, with the packages that `installed` once needed already fetched."""
    folder = lab_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"root-{SUITE}"
    with open(folder / f"root-{SUITE}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            made = folder / f"root-{SUITE}.new"
            shutil.rmtree(made, ignore_errors=True)
            _make(Root(made))
            made.rename(path)
    return Root(path)


def _make(root):
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", SUITE, root.path, mirror()], capture_output=True, text=True
    )
    assert done.returncode == 0, f"debootstrap: {done.stdout[-2000:]}\n{done.stderr}"
    # A machine whose clock is ahead finds the archive's lists expired.
    (root / "etc/apt/apt.conf.d/90test").write_text('Acquire::Check-Valid-Until "false";\nAcquire::Check-Date "false";\n')
    # Packages that were fetched stay, so that the next run needs no network.
    (root / "etc/apt/apt.conf.d/91keep").write_text('Binary::apt-get::APT::Keep-Downloaded-Packages "true";\n')
    (root / "usr/sbin/policy-rc.d").unlink(missing_ok=True)
    root.run("apt-get", "update")


def fetch_dependencies(root, package):
    """Fetches into the bare root what `package` depends on, and installs nothing of it."""
    shutil.copy(package, root / "tmp")
    try:
        root.run("apt-get", "install", "-y", "--no-install-recommends", "--download-only", f"/tmp/{package.name}")
    finally:
        (root / "tmp" / package.name).unlink()
