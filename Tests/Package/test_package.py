"""What is in the Debian package and in the wheel, and what lintian thinks of it."""

import hashlib
import re
import shutil
import subprocess
import zipfile

import pytest

from support.daemon import REPOSITORY


def own_version():
    return re.search(r'version = "(.*)"', (REPOSITORY / "Sources/Model/Product.swift").read_text())[1]


def deb(folder):
    return next(folder.glob("*.deb"))


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_lintian_finds_nothing(packages):
    if not shutil.which("lintian"):
        pytest.skip("lintian is not installed")
    done = subprocess.run(["lintian", "--allow-root", deb(packages())], capture_output=True, text=True)
    assert not re.findall(r"^[EW]: .*", done.stdout, re.M), done.stdout


def test_the_version_is_the_products(packages):
    folder = packages()
    assert run("dpkg-deb", "-f", deb(folder), "Version").strip() == own_version()
    assert [path.name for path in folder.glob("*.whl")] == [f"mwdb_plugin_webhooks-{own_version()}-py3-none-any.whl"]


def test_the_same_binary_gives_the_same_bytes(packages):
    first, second = packages(), packages(name="again")
    for path in first.iterdir():
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256((second / path.name).read_bytes()).digest()


def test_the_wheel_holds_the_event_source(packages):
    with zipfile.ZipFile(next(packages().glob("*.whl"))) as wheel:
        held = {name: wheel.read(name) for name in wheel.namelist() if ".dist-info/" not in name}
    source = REPOSITORY / "deploy/mwdb-plugin"
    assert held == {str(path.relative_to(source)): path.read_bytes() for path in source.glob("mwdb_plugin_webhooks/*.py")}


def test_links_of_the_installed_pages_lead_somewhere(packages, tmp_path):
    """Within the documentation: what it says of the repository's own files is for those who have it."""
    run("dpkg-deb", "-x", deb(packages()), tmp_path)
    folder = tmp_path / "usr/share/doc/mwdb-webhooks"
    pages = [folder / "README.md", *(folder / "docs").glob("*.md")]
    assert len(pages) > 10
    for page in pages:
        text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.M | re.S)
        for target in re.findall(r"\]\(([^)#]+)[^)]*\)", text):
            if not target.startswith(("http://", "https://")) and "deploy/" not in target and "Tests/" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"
