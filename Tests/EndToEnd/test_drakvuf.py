"""An upload to a real MWDB becomes one analysis in a real Drakvuf Sandbox, and its link becomes an attribute."""

import contextlib
import hashlib
import os
import pathlib
import pwd
import secrets
import shutil
import subprocess
import tempfile
import urllib.request

import pytest

from support import samples
from support.configuration import plugin
from support.lab import DrakvufLab, MWDBLab
from support.spool import Spool

from drive import Mwdb, MwdbError  # noqa: E402  (support.lab puts it on the path)

CAPABILITIES = (
    "access_all_objects",
    "adding_tags",
    "adding_comments",
    "adding_all_attributes",
    "downloading_files",
    "manage_users",  # the daemon defines the attribute key
)


@contextlib.contextmanager
def mwdb_with(**settings):
    """A real MWDB with its spool, a service account and an ordinary user.

    As root: MWDB runs as nobody, as in its image, and shares the spool by its group."""
    spool = pathlib.Path(tempfile.mkdtemp(prefix="mw-spool-"))
    if os.getuid() == 0:
        settings["MWDB_LAB_USER"] = "nobody"
        os.chown(spool, 0, pwd.getpwnam("nobody").pw_gid)
        spool.chmod(0o2770)
    lab = MWDBLab(spool, **settings)
    try:
        lab.spool = Spool(spool, make=False)
        lab.up()
        lab.key = lab.user("webhooks", *CAPABILITIES)
        lab.alice = Mwdb(lab.url, lab.user("alice", "adding_files"))
        yield lab
    finally:
        lab.close()
        shutil.rmtree(spool)


@pytest.fixture(scope="module")
def mwdb():
    with mwdb_with() as lab:
        yield lab


@pytest.fixture(scope="module")
def mwdb_on_s3():
    with mwdb_with(MWDB_LAB_S3="1") as lab:
        yield lab


@pytest.fixture(scope="module")
def drakvuf():
    lab = DrakvufLab()
    try:
        yield lab.up()
    finally:
        lab.close()


def configure(daemon, mwdb, drakvuf, lines="", webhooks="", hooks="on_created_file", more=""):
    """A daemon between the two, on the preset."""
    daemon.spool = mwdb.spool
    preset = f"preset = drakvuf\npublic_url = {drakvuf.url}\nattribute.drakvuf.readers = public\n"
    settings = f"url = {mwdb.url}\npublic_url = {mwdb.url}\napi_key = {mwdb.key}"
    text = plugin("drakvuf", drakvuf.url + "/api/upload", preset + lines, hooks=hooks)
    return daemon.configure(text + more, webhooks, settings)


def attribute(mwdb, sha256):
    """The values of `drakvuf` as the ordinary user sees them."""
    try:
        rows = mwdb.alice.call("GET", f"/file/{sha256}/attribute")["attributes"]
    except MwdbError:
        return []
    return [row["value"] for row in rows if row["key"] == "drakvuf"]


def assert_analysed(daemon, mwdb, drakvuf, content):
    """One job, the sample byte-identical, its name, and the attribute with a link that works."""
    sha256 = hashlib.sha256(content).hexdigest()
    values = daemon.wait_for(lambda: attribute(mwdb, sha256), f"the attribute of {sha256}", 60)
    jobs = drakvuf.jobs(sha256)
    assert len(jobs) == 1, jobs
    assert jobs[0]["stored_sha256"] == sha256 and jobs[0]["stored_size"] == len(content)
    assert jobs[0]["file_name"] == sha256 + ".exe"
    assert values == [jobs[0]["task_uid"]]
    keys = mwdb.alice.call("GET", "/attribute?access=read")["attribute_definitions"]
    template = next(key["url_template"] for key in keys if key["key"] == "drakvuf")
    link = template.replace("$value", values[0])
    assert link == f"{drakvuf.url}/analysis/{values[0]}"
    with urllib.request.urlopen(link, timeout=10) as answer:
        assert answer.status == 200


def test_executables_are_analysed_once_and_text_is_not(daemon, receiver, mwdb, drakvuf, say):
    log = plugin("log", receiver.url("/log"), hooks="on_created_file, on_created_attribute")
    # Subscribed to what its own write-back causes: without a guard it would submit for ever.
    configure(daemon, mwdb, drakvuf, hooks="on_created_file, on_created_attribute", more=log).start()
    contents = [samples.pe(), samples.pe(plus=True)]
    other = samples.text()
    mwdb.alice.upload("notes.txt", other)
    for content in contents:
        mwdb.alice.upload("setup.exe", content)
    for content in contents:
        assert_analysed(daemon, mwdb, drakvuf, content)
    receiver.wait(5, "/log")
    daemon.wait_for(lambda: not daemon.spool.waiting(), "the spool is empty")
    daemon.stop()
    assert drakvuf.jobs(hashlib.sha256(other).hexdigest()) == []
    for content in contents:
        assert len(drakvuf.jobs(hashlib.sha256(content).hexdigest())) == 1
    echoes = [e for r in receiver.requests("/log") if (e := r.json())["type"] == "on_created_attribute"]
    assert [e["actor"] for e in echoes] == ["webhooks"] * 2
    say("PE32 and PE32+: one analysis each, byte-identical; text: none; the attribute's link answers 200")


def test_drakvuf_is_down_for_the_upload(daemon, mwdb, drakvuf):
    configure(daemon, mwdb, drakvuf, "backoff = 100ms..1s").start()
    drakvuf.down()
    content = samples.pe()
    mwdb.alice.upload("later.exe", content)
    daemon.wait_state("drakvuf", "waiting")
    daemon.stop()
    daemon.start()
    drakvuf.up()
    assert_analysed(daemon, mwdb, drakvuf, content)


def test_everything_is_down_for_the_upload(daemon, mwdb, drakvuf):
    configure(daemon, mwdb, drakvuf, "backoff = 100ms..1s").start()
    daemon.stop()
    drakvuf.down()
    content = samples.pe(plus=True)
    mwdb.alice.upload("later.exe", content)
    daemon.start()
    daemon.wait_state("drakvuf", "waiting")
    drakvuf.up()
    assert_analysed(daemon, mwdb, drakvuf, content)


def test_above_copy_limit_where_nothing_can_be_linked(daemon, mwdb, drakvuf, tmp_path):
    """The spool's content/ on another mount: the source cannot link, may not copy; the daemon asks MWDB's API."""
    content = samples.pe() + secrets.token_bytes(50_000)
    mounted = mwdb.spool.root / "content"
    mounted.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(mounted)], capture_output=True, text=True
    )
    if done.returncode:
        pytest.skip(f"nothing can be mounted here: {done.stderr.strip()}")
    try:
        configure(daemon, mwdb, drakvuf, webhooks="copy_limit = 10KB").start()
        daemon.stop()
        mwdb.alice.upload("big.exe", content)
        assert not (mounted / hashlib.sha256(content).hexdigest()).exists()
        daemon.start()
        assert_analysed(daemon, mwdb, drakvuf, content)
        daemon.stop()
    finally:
        subprocess.run(["umount", "-l", str(mounted)], check=True)


@pytest.mark.parametrize("limit", ["16MB", "10KB"], ids=["copied by the source", "by way of MWDB's API"])
def test_samples_on_s3(daemon, mwdb_on_s3, drakvuf, limit):
    configure(daemon, mwdb_on_s3, drakvuf, webhooks=f"copy_limit = {limit}").start()
    daemon.stop()
    content = samples.pe() + secrets.token_bytes(50_000)
    mwdb_on_s3.alice.upload("stored.exe", content)
    stored = daemon.spool.root / "content" / hashlib.sha256(content).hexdigest()
    assert stored.exists() == (limit == "16MB")
    daemon.start()
    assert_analysed(daemon, mwdb_on_s3, drakvuf, content)


def test_content_gone_from_mwdb_is_dead(daemon, mwdb, drakvuf):
    configure(daemon, mwdb, drakvuf).start()
    daemon.stop()
    content = samples.pe()
    sha256 = mwdb.alice.upload("gone.exe", content)
    mwdb.admin().call("DELETE", f"/file/{sha256}")
    (daemon.spool.root / "content" / sha256).unlink()
    daemon.start()
    dead = daemon.wait_state("drakvuf", "dead")[0]
    assert "gone" in dead["reason"]


def test_mwdb_down_for_the_write_back(daemon, mwdb, drakvuf):
    configure(daemon, mwdb, drakvuf).start()
    daemon.stop()
    content = samples.pe()
    mwdb.alice.upload("writeback.exe", content)
    mwdb.down()
    daemon.start()
    daemon.wait_state("drakvuf", "delivered")
    mwdb.up()
    assert_analysed(daemon, mwdb, drakvuf, content)
