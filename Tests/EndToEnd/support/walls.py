"""Runs a command within the walls that a unit file asks for, as far as they are system calls:

    python3 walls.py UNIT USER GROUP COMMAND...

SystemCallFilter, RestrictSUIDSGID, RestrictAddressFamilies, MemoryDenyWriteExecute, NoNewPrivileges and the empty
CapabilityBoundingSet (by another user than root). For a machine where systemd is not the first process. Needs
Debian's python3-seccomp and root.
"""

import ctypes
import errno
import os
import re
import socket
import subprocess
import sys

import seccomp
from seccomp import ALLOW, EQ, ERRNO, MASKED_EQ, Arg

SETGID, SETUID = 0o2000, 0o4000
EXECUTABLE, WRITABLE = 4, 2
PR_SET_NO_NEW_PRIVS = 38


def settings(unit):
    """The unit's settings: key to values, in their order."""
    found = {}
    for key, value in re.findall(r"^(\w+)=(.*)$", open(unit).read(), re.M):
        found.setdefault(key, []).append(value.strip())
    return found


def calls(group):
    """The system calls of a group of systemd's (@system-service), or the call itself."""
    if not group.startswith("@"):
        return {group}
    text = subprocess.run(["systemd-analyze", "syscall-filter", group], capture_output=True, text=True, check=True)
    rows = [row.strip() for row in text.stdout.splitlines()[1:]]
    return set().union(*(calls(row) for row in rows if row and not row.startswith("#")))


def allowed(lines):
    """What SystemCallFilter's lines come to."""
    names = set()
    for line in lines:
        groups = set().union(*(calls(word) for word in line.lstrip("~").split()))
        names = names - groups if line.startswith("~") else names | groups
    return names


def main(unit, user, group, *command):
    of = settings(unit)
    filter = seccomp.SyscallFilter(ERRNO(errno.EPERM))
    narrowed = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "mkdir": 1, "mkdirat": 2, "mknod": 1, "mknodat": 2}
    for name in allowed(of["SystemCallFilter"]):
        try:
            if name in narrowed and of["RestrictSUIDSGID"] == ["yes"]:
                filter.add_rule(ALLOW, name, Arg(narrowed[name], MASKED_EQ, SETGID | SETUID, 0))
            elif name == "socket":
                for family in of["RestrictAddressFamilies"][0].split():
                    filter.add_rule(ALLOW, name, Arg(0, EQ, int(getattr(socket, family))))
            elif name == "mprotect" and of["MemoryDenyWriteExecute"] == ["yes"]:
                filter.add_rule(ALLOW, name, Arg(2, MASKED_EQ, EXECUTABLE, 0))
            elif name == "mmap" and of["MemoryDenyWriteExecute"] == ["yes"]:
                for protection in (0, WRITABLE, EXECUTABLE):
                    filter.add_rule(ALLOW, name, Arg(2, MASKED_EQ, EXECUTABLE | WRITABLE, protection))
            else:
                filter.add_rule(ALLOW, name)
        except (RuntimeError, ValueError):
            pass  # a call that this architecture does not have
    os.setgroups([])
    os.setgid(int(group))
    os.setuid(int(user))
    os.umask(int(of["UMask"][0], 8))
    assert ctypes.CDLL(None).prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
    filter.load()
    os.execv(command[0], command)


if __name__ == "__main__":
    main(*sys.argv[1:])
