"""The event source in a real MWDB: gunicorn with two workers, PostgreSQL, everything by its REST API."""

import concurrent.futures
import json
import os
import secrets
import shutil
import stat
import subprocess
import sys

import pytest
from conftest import PLUGIN, Lab, events, files, subscribe
from drive import HOOKS, Mwdb, Run, mismatches

pytestmark = pytest.mark.lab


# --- what arrives ---


def test_every_hook_arrives_exactly_once_each_time_with_its_arguments(lab, schema):
    fired = Run(lab.client(), lab.login).fire_all()
    found = events(lab.spool)
    assert mismatches(fired, found) == []
    assert [one["type"] for one in found] == [one.hook for one in fired], "the order is MWDB's"
    assert {one["type"] for one in found} == HOOKS
    assert {one["actor"] for one in found} == {lab.login}
    assert len({one["id"] for one in found}) == len(found)
    for one in found:
        schema.validate(one)
        assert_known_fields(schema, one)
    for file in files(lab.spool):
        assert file.read_bytes().isascii()
        assert file.read_bytes().endswith(b"\n")
        assert list(json.loads(file.read_bytes().splitlines()[0])) == [
            "id", "type", "timestamp", "source", "actor", "data",
        ]  # fmt: skip


def assert_known_fields(schema, event):
    """No argument has a field that the schema does not name: nothing else leaves MWDB."""
    definitions = schema.schema["$defs"]
    known = {"file": "file", "static_config": "config", "text_blob": "blob"}
    for parameter, argument in event["data"].items():
        definition = known.get(argument.get("type"), parameter)
        assert set(argument) <= set(definitions[definition]["properties"]), (event["type"], parameter)


def test_runs_side_by_side_arrive_whole(lab, schema):
    runs = [Run(lab.client(), lab.login) for _ in range(4)]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        fired = [one for done in pool.map(lambda run: run.fire_all(), runs) for one in done]
    found = events(lab.spool)
    assert mismatches(fired, found) == []


def test_samples_are_in_content_and_are_mwdbs_own_inodes(lab):
    client = lab.client()
    data = b"MZ" + secrets.token_bytes(5000)
    identifier = client.upload("x.exe", data)
    placed = lab.spool / "content" / identifier
    assert placed.read_bytes() == data
    assert placed.stat().st_nlink == 2
    assert stat.S_IMODE(placed.stat().st_mode) == 0o644
    assert list((lab.spool / "tmp").iterdir()) == []


def test_hostile_strings_are_ascii_in_the_line_and_whole_when_decoded(lab, schema):
    client = lab.client()
    text = "\"'\r\n\u202e<script>{{file.sha256}}${file:/etc/passwd}%s\\ \u0001" + "ł" * 10_000
    identifier = client.upload("\u202eevil\r\n.exe", b"data " + secrets.token_bytes(8))
    client.call("POST", f"/file/{identifier}/comment", {"comment": text})
    blob = client.upload_blob("name", "a\u0000b" + text)
    found = {one["type"]: one for one in events(lab.spool)}
    assert found["on_created_comment"]["data"]["comment"]["comment"] == text
    assert found["on_created_text_blob"]["data"]["blob"]["id"] == blob
    assert found["on_created_text_blob"]["data"]["blob"]["content"] == "a\u0000b" + text
    for one in found.values():
        schema.validate(one)


def test_a_blob_over_one_mebibyte_is_null_and_named(lab, schema):
    client = lab.client()
    client.upload_blob("large", secrets.token_hex(600_000))
    for one in events(lab.spool):
        (argument,) = one["data"].values()
        assert argument["content"] is None
        assert argument["truncated"] == ["content"]
        assert argument["blob_size"] == 1_200_000
        schema.validate(one)


def test_someone_who_registers_has_no_actor_and_a_group_shows_all_its_members(lab):
    client = lab.client()
    names = [f"m{secrets.token_hex(4)}" for _ in range(5)]
    group = f"g{secrets.token_hex(4)}"
    client.call("POST", f"/group/{group}", {"capabilities": []})
    for name in names:
        client.call("POST", f"/user/{name}", {"email": "e@x.example", "additional_info": "none", "send_email": False})
        client.call("POST", f"/group/{group}/member/{name}")
    last = [one for one in events(lab.spool) if one["type"] == "on_created_membership"][-1]
    assert last["data"]["group"]["users"] == sorted(names)


def test_mwdb_lists_the_plugin(lab):
    listed = lab.client().call("GET", "/server/admin")["active_plugins"]["mwdb_plugin_webhooks"]
    assert listed["active"] is True
    assert listed["author"] and listed["version"] and listed["description"].startswith("Writes every hook")


def test_configured_attribute_keys_are_there_and_everyone_may_read_them(lab):
    admin = lab.client()
    login = f"o{secrets.token_hex(4)}"
    admin.call("POST", f"/user/{login}", {"email": "e@x.example", "additional_info": "none", "send_email": False})
    token = admin.call("GET", f"/user/{login}/change_password")["token"]
    Mwdb(lab.url).call("POST", "/auth/change_password", {"token": token, "password": "a long password"})
    ordinary = Mwdb(lab.url).login(login, "a long password")
    keys = {one["key"]: one for one in ordinary.call("GET", "/attribute?access=read")["attribute_definitions"]}
    assert keys["drakvuf"]["url_template"] == "https://drakvuf.example/analysis/$value"
    assert keys["drakvuf"]["label"] == "Drakvuf analysis"
    assert keys["plain"]["label"] == "plain"
    settable = ordinary.call("GET", "/attribute?access=set")["attribute_definitions"]
    assert [one["key"] for one in settable] == []
    log = (lab.log.parent / "configure.log").read_text()
    assert "'not a key'" in log


def test_configuring_again_changes_nothing_that_an_administrator_changed(lab):
    admin = lab.client()
    admin.call("PUT", "/attribute/plain", {"label": "Ours"})
    admin.call("PUT", "/attribute/plain/permissions", {"group_name": "public", "can_read": False, "can_set": False})
    (lab.log.parent.parent / "run" / "configured").unlink()
    lab.up()
    admin = lab.client()
    assert admin.call("GET", "/attribute/plain")["label"] == "Ours"
    permissions = admin.call("GET", "/attribute/plain/permissions")["attribute_permissions"]
    assert permissions == [{"can_read": False, "can_set": False, "group_name": "public"}]


# --- other ways to run it ---


@pytest.fixture(scope="module")
def apart(open_folder):
    """MWDB as the user nobody, loaded before its workers fork, its samples on S3, the plugin listed,
    autodiscovered and there under two names."""
    if os.getuid() != 0:
        pytest.skip("only root can run MWDB as another user")
    base = open_folder / "apart"
    plugins = base / "plugins"
    plugins.mkdir(parents=True)
    for name in ("mwdb_plugin_webhooks", "another_name"):
        shutil.copytree(PLUGIN / "mwdb_plugin_webhooks", plugins / name)
    spool = base / "spool"
    spool.mkdir()
    os.chown(spool, 0, 65534)
    spool.chmod(0o2770)
    subscribe(spool)
    (spool / "subscriptions.json").chmod(0o644)
    lab = Lab(
        base,
        MWDB_LAB_USER="nobody",
        MWDB_LAB_S3="1",
        MWDB_LAB_GUNICORN="preload_app = True",
        MWDB_LAB_PLUGINS_FOLDER=str(plugins),
        MWDB_LAB_INI=f"local_plugins_autodiscover = 1\n[webhooks]\nspool = {spool}\nsource = apart\n",
    )
    try:
        yield lab.up()
    finally:
        lab.down()


def test_loaded_twice_each_event_is_written_once(apart):
    client = apart.client()
    assert len(client.call("GET", "/server/admin")["active_plugins"]) == 2
    client.upload("x", secrets.token_bytes(100))
    assert [one["type"] for one in events(apart.spool)][-2:] == ["on_created_object", "on_created_file"]
    assert len(events(apart.spool)) == 2
    assert {one["source"] for one in events(apart.spool)} == {"apart"}
    assert "is loaded already" in apart.log.read_text()


def test_each_worker_has_its_own_heartbeat_and_their_master_none(apart):
    client = apart.client()
    beats = apart.spool / "heartbeat"
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        while len(list(beats.iterdir())) < 2:
            list(pool.map(lambda _: client.call("GET", "/server"), range(8)))
    assert {int(file.name.rpartition(".")[2]) for file in beats.iterdir()} == set(apart.workers())


def test_a_sample_on_s3_is_copied_within_the_limit(apart):
    client = apart.client()
    small, large = secrets.token_bytes(1000), secrets.token_bytes(1001)
    identifier = client.upload("x", small)
    assert (apart.spool / "content" / identifier).read_bytes() == small
    identifier = client.upload("x", large)
    assert not (apart.spool / "content" / identifier).exists()
    assert events(apart.spool)[-1]["data"]["file"]["id"] == identifier


def test_a_daemon_of_another_user_reads_and_removes_everything(apart):
    data = secrets.token_bytes(500)
    identifier = apart.client().upload("x", data)
    (event,) = [file for file in files(apart.spool) if identifier in file.read_text()]
    script = """
import json, os, pathlib, sys
spool, identifier, event = sys.argv[1:]
os.setgroups([65534]); os.setgid(1); os.setuid(1)
spool = pathlib.Path(spool)
print(json.dumps([len((spool / "new" / event).read_bytes()), len((spool / "content" / identifier).read_bytes())]))
for file in (spool / "new" / event, spool / "content" / identifier):
    file.unlink()
list((spool / "heartbeat").iterdir())[0].read_bytes()
(spool / "tmp" / "mine").touch(); (spool / "tmp" / "mine").unlink()
"""
    expected = [event.stat().st_size, len(data)]
    done = subprocess.run(
        [sys.executable, "-c", script, str(apart.spool), identifier, event.name], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == expected


def test_pip_installs_what_the_drop_in_is(tmp_path):
    shutil.copytree(PLUGIN, tmp_path / "source", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--no-deps",
            "--target",
            str(tmp_path / "site"),
            str(tmp_path / "source"),
        ],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    installed = {file.name for file in (tmp_path / "site" / "mwdb_plugin_webhooks").glob("*.py")}
    assert installed == {file.name for file in (PLUGIN / "mwdb_plugin_webhooks").glob("*.py")}
    found = subprocess.run(
        [sys.executable, "-c", "import mwdb_plugin_webhooks as p; print(p.__file__, p.__version__)"],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "site")},
        capture_output=True,
        text=True,
    )
    assert found.stdout.startswith(str(tmp_path / "site"))
