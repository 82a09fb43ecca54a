"""Completions in the shells they are for, and man pages as their readers' tools see them."""

import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import time

import pytest
from conftest import REPOSITORY
from support.daemon import BINARY

COMPLETIONS = REPOSITORY / "deploy/completions"

# What is typed, and what of it is offered.
CASES = {
    "mwdb-webhooks stat": ["status"],
    "mwdb-webhooks deliveries --st": ["--state", "--status"],
    "mwdb-webhooks deliveries --state de": ["dead", "delivered"],
    "mwdb-webhooks events --hook on_created_f": ["on_created_file"],
    "mwdb-webhooks pause ": ["alpha", "beta"],
    "mwdb-webhooks replay --to al": ["alpha"],
    "mwdb-webhooks check --config webh": ["webhooks.ini"],
}


@pytest.fixture
def place(tmp_path):
    """A folder with a configuration of two plugins, and the program first in PATH."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "mwdb-webhooks").symlink_to(BINARY)
    plugins = "".join(f"[plugin:{name}]\nurl = http://127.0.0.1:9/\nhooks = *\n" for name in ("alpha", "beta"))
    (tmp_path / "webhooks.ini").write_text(
        f"[webhooks]\nspool = spool\noutbox = outbox\nlisten = unix:socket\nplugins = alpha, beta\n{plugins}"
    )
    return tmp_path


def environment(place):
    return {
        "PATH": f"{place / 'bin'}:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8", "HOME": str(place), "TERM": "dumb",
    }


def shell(name):
    if not shutil.which(name):
        pytest.skip(f"{name} is not installed")
    return shutil.which(name)


@pytest.mark.parametrize("line", CASES)
def test_bash(place, line):
    script = f"""
        . {COMPLETIONS}/bash
        COMP_LINE=$1 COMP_POINT=${{#1}} COMP_TYPE=9
        read -ra COMP_WORDS <<<"$1"
        [[ $1 != *' ' ]] || COMP_WORDS+=('')
        COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        function=$(complete -p mwdb-webhooks | sed 's/.* -F \\([^ ]*\\).*/\\1/')
        "$function" mwdb-webhooks "${{COMP_WORDS[COMP_CWORD]}}" "${{COMP_WORDS[COMP_CWORD - 1]}}"
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        [shell("bash"), "--norc", "-c", script, "bash", line], cwd=place, env=environment(place), capture_output=True,
        text=True,
    )
    assert [offer.strip() for offer in done.stdout.splitlines()] == CASES[line], done.stderr


@pytest.mark.parametrize("line", CASES)
def test_fish(place, line):
    done = subprocess.run(
        [shell("fish"), "--no-config", "-c", f"source {COMPLETIONS}/fish; complete -C $argv[1]", line], cwd=place,
        env=environment(place), capture_output=True, text=True,
    )
    assert sorted(offer.split("\t")[0] for offer in done.stdout.splitlines()) == CASES[line], done.stderr


def test_zsh(place):
    functions = place / "functions"
    functions.mkdir()
    shutil.copy(COMPLETIONS / "zsh", functions / "_mwdb-webhooks")
    typed = Typed([shell("zsh"), "-f", "-i"], place)
    typed.say(f"fpath=({functions} $fpath); autoload -Uz compinit; compinit -D -u; bindkey '^X' list-choices\n")
    typed.say("unsetopt list_beep; LISTMAX=1000; zstyle ':completion:*' verbose no; PROMPT=; print re''ady\n")
    typed.wait(["ready"])
    for line, offers in CASES.items():
        # Choices are listed, not taken, so that all of them are seen.
        typed.say(f"\x15{line}\x18")
        typed.wait(offers)
    typed.end()


class Typed:
    """A shell in a terminal of its own."""

    def __init__(self, command, place):
        self.master, slave = pty.openpty()
        self.process = subprocess.Popen(
            command, cwd=place, env=environment(place), stdin=slave, stdout=slave, stderr=slave, start_new_session=True
        )
        os.close(slave)
        self.seen = ""

    def say(self, text):
        self.seen = ""
        os.write(self.master, text.encode())

    def wait(self, words):
        """Reads on until every word stands there by itself."""
        end = time.monotonic() + 30
        while not all(re.search(rf"(^|\s){re.escape(word)}\s", self.seen) for word in words):
            assert time.monotonic() < end, (words, self.seen)
            if select.select([self.master], [], [], 0.2)[0]:
                self.seen += os.read(self.master, 65536).decode(errors="replace")

    def end(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.mark.parametrize("page", sorted((REPOSITORY / "deploy/man").glob("*.1")), ids=lambda page: page.name)
def test_man_pages(page):
    if shutil.which("man"):
        done = subprocess.run(
            ["man", "--warnings", "--encoding=UTF-8", "--local-file", page], capture_output=True, text=True,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MANWIDTH": "80", "HOME": "/nonexistent"},
        )
        assert done.returncode == 0 and done.stderr == ""
        assert page.stem.replace("mwdb-webhooks-", "mwdb-webhooks ") in done.stdout or page.stem in done.stdout
    if shutil.which("mandoc"):
        done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", page], capture_output=True, text=True)
        # Pages have no date: they belong to a version.
        assert [said for said in done.stdout.splitlines() if "missing date" not in said] == []
    if not shutil.which("man") and not shutil.which("mandoc"):
        pytest.skip("neither man nor mandoc is installed")


def test_no_page_is_left_over():
    names = {path.name for path in pathlib.Path(REPOSITORY / "deploy/man").iterdir()}
    listed = subprocess.run([BINARY, "--help"], capture_output=True, text=True).stdout
    commands = re.findall(r"^  ([a-z]+)  +[A-Z]", listed, re.M)
    assert names == {"mwdb-webhooks.1"} | {f"mwdb-webhooks-{name}.1" for name in commands}
