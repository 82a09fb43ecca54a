"""What the documentation shows is run: examples of receivers, configurations, links between pages."""

import base64
import os
import re
import secrets
import shutil
import subprocess

import pytest

from support.configuration import plugin
from support.daemon import ENVIRONMENT, REPOSITORY
from support.lab import free_port
from support.spool import file_event

DOCS = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").glob("*.md"))]


def blocks(page, language):
    """The code blocks of a page of the documentation."""
    text = (REPOSITORY / page).read_text()
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


class Example:
    """A receiver of the documentation, running."""

    def __init__(self, command, source, folder, **environment):
        self.path = folder / "example"
        self.path.write_text(source)
        self.output = folder / "example.out"
        self.process = subprocess.Popen(
            [*command, str(self.path)],
            cwd=folder,
            env=ENVIRONMENT | environment,
            stdout=open(self.output, "wb"),
            stderr=subprocess.DEVNULL,
        )

    def said(self):
        return self.output.read_text()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait()


@pytest.mark.parametrize(
    ("language", "command"), [("python", ["/usr/bin/python3"]), ("js", [shutil.which("node") or "node"])]
)
def test_the_receivers_of_the_guide(daemon, folder, language, command):
    if not shutil.which(command[0]):
        pytest.skip(f"{command[0]} is not installed")
    port = free_port()
    key = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    source = blocks("docs/receivers.md", language)[0]
    with Example(command, source, folder, SECRET=key, PORT=str(port)) as example:
        daemon.configure(
            plugin("example", f"http://127.0.0.1:{port}/", f"secret = {key}")
            + plugin("forger", f"http://127.0.0.1:{port}/", "secret = whsec_" + base64.b64encode(bytes(32)).decode())
        ).start()
        sent = file_event()
        daemon.spool.write(sent)
        row = daemon.wait_state("example", "delivered")[0]
        daemon.wait_for(
            lambda: "401" in str(daemon.deliveries(plugin="forger")), "the forged signature is answered with 401"
        )
        before = daemon.show(row["id"])["attempts"]
        daemon.command("replay", "--to", "example", sent["id"])
        daemon.wait_for(lambda: daemon.show(row["id"])["attempts"] > before, "the same event once more")
        daemon.wait_state("example", "delivered")
        assert example.said().count("on_created_file") == 1, example.said()


def test_hello_world_of_the_guide(daemon, folder):
    port = free_port()
    source = blocks("docs/integration-guide.md", "python")[0].replace("9000", str(port))
    ini = blocks("docs/integration-guide.md", "ini")[1].replace("9000", str(port))
    with Example(["/usr/bin/python3"], source, folder) as example:
        daemon.configure(ini[ini.index("[plugin:") :].rstrip() + "\nbackoff = 20ms..200ms\n").start()
        daemon.spool.write(file_event(name="evil.exe"))
        daemon.wait_state("hello_world", "delivered")
        daemon.spool.write(file_event(name="evil.exe", hook="on_reuploaded_file"))
        daemon.wait_state("hello_world", "delivered", 2)
        assert example.said() == "Nice to meet you evil.exe\nHello again evil.exe\n"
    shown = re.search(r"^Loaded plugin .*$", (REPOSITORY / "docs/integration-guide.md").read_text(), re.M)
    assert f"{shown[0]}\n" in daemon.tail()


def configurations():
    for page in DOCS:
        for number, block in enumerate(blocks(page.relative_to(REPOSITORY), "ini"), 1):
            if "[plugin:" in block and "[Service]" not in block:
                yield pytest.param(block, id=f"{page.name} {number}")


@pytest.mark.parametrize("block", list(configurations()))
def test_configurations_of_the_pages_are_valid(daemon, block):
    """Secrets are replaced by files that exist; a section without [webhooks] gets one, and MWDB is known."""
    secret = daemon.folder / "secret"
    secret.write_text("whsec_" + base64.b64encode(bytes(32)).decode())
    os.chmod(secret, 0o600)
    address = daemon.folder / "slack.url"
    address.write_text("https://hooks.example/x")
    os.chmod(address, 0o600)
    block = re.sub(r"\$\{file:[^}]*url\}", "${file:" + str(address) + "}", block)
    block = re.sub(r"\$\{(?:file|env|credential):[^}]*\}", lambda m: m[0] if str(address) in m[0] else "${file:" + str(secret) + "}", block)
    if "[webhooks]" not in block:
        names = re.findall(r"^\[plugin:([^\]]+)\]", block, re.M)
        block = f"[webhooks]\nplugins = {', '.join(names)}\n" + block
    if "[mwdb]" not in block:
        block += "\n[mwdb]\nurl = http://127.0.0.1:5000\npublic_url = https://mwdb.example\napi_key = x\n"
    daemon.ini.write_text(block)
    done = daemon.command("check", check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_gallery_has_every_preset():
    shown = re.findall(r"^preset = (\S+)$", "\n".join(blocks("docs/gallery.md", "ini")), re.M)
    assert set(shown) == {path.stem for path in (REPOSITORY / "deploy/presets").glob("*.ini")}


def test_messages_of_troubleshooting_are_the_programs():
    """Each line's parts between ellipses stand in the sources as they are printed."""
    files = [*(REPOSITORY / "Sources").rglob("*.swift"), *(REPOSITORY / "deploy/mwdb-plugin").rglob("*.py")]
    text = "\n".join(path.read_text() for path in files)
    for line in "".join(blocks("docs/troubleshooting.md", "text")).splitlines():
        for part in line.split("…"):
            # A sentence may be put together from several literals.
            for piece in re.split(r"(?<=[.,:;]) ", part):
                piece = piece.strip(" ().,:;")
                if len(piece) > 8 and "connect" not in piece.lower():  # libcurl's own words
                    assert piece in text, f"{line}: {piece}"


def test_every_alert_has_its_section():
    rules = REPOSITORY / "deploy/prometheus/alerts.yml"
    if not rules.exists():
        pytest.skip("there are no alert rules")
    alerts = set(re.findall(r"- alert: (\w+)", rules.read_text()))
    assert alerts == set(re.findall(r"^### (MwdbWebhooks\w+)$", (REPOSITORY / "docs/operations.md").read_text(), re.M))


@pytest.mark.parametrize("page", DOCS, ids=lambda p: p.name)
def test_links_lead_somewhere(page):
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith(("http://", "https://", "#")):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve()
        assert linked.exists(), f"{page.name}: {target}"
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(), re.M)
            anchors = [re.sub(r"[^a-z0-9 _-]", "", h.lower()).replace(" ", "-") for h in headings]
            assert anchor in anchors, f"{page.name}: {target}"
