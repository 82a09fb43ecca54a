"""A real MWDB with the event source: every hook reaches a receiver exactly once, and hostile strings as data."""

import base64
import json
import secrets
import shutil

import jsonschema
import pytest
from standardwebhooks import Webhook
from test_hostile_strings import HOSTILE

from support.configuration import plugin
from support.daemon import REPOSITORY
from support.lab import MWDBLab
from support.spool import Spool

from drive import MwdbError, fire_all, mismatches  # noqa: E402  (support.lab puts it on the path)


@pytest.fixture(scope="module")
def mwdb(tmp_path_factory):
    spool = tmp_path_factory.mktemp("spool")
    lab = MWDBLab(spool)
    lab.spool = Spool(spool)
    try:
        yield lab.up()
    finally:
        lab.close()
        shutil.rmtree(spool)


@pytest.fixture
def schema():
    text = json.loads((REPOSITORY / "docs/schemas/event.schema.json").read_text())
    return jsonschema.Draft202012Validator(text, format_checker=jsonschema.FormatChecker())


def settled(daemon, receiver, path, count):
    """Waits for `count` requests, then until the spool is empty and the daemon has ended with nothing in flight."""
    receiver.wait(count, path, timeout=60)
    daemon.wait_for(lambda: not daemon.spool.waiting(), "the spool is empty")
    daemon.stop()
    return receiver.requests(path)


def test_all_hooks_exactly_once(daemon, receiver, mwdb, schema, say):
    key = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    daemon.spool = mwdb.spool
    daemon.configure(plugin("every", receiver.url("/all"), f"secret = {key}", hooks="*")).start()
    fired = fire_all(mwdb.url, mwdb.values["MWDB_LOGIN"], mwdb.values["MWDB_PASSWORD"])
    requests = settled(daemon, receiver, "/all", len(fired))

    events = [json.loads(r.body) for r in requests]
    assert mismatches(fired, events) == []
    assert len({e["type"] for e in events}) == 34
    assert len({r.id for r in requests}) == len(requests) == len(fired)
    for request, event in zip(requests, events):
        assert event["actor"] == "admin" and request.id == event["id"]
        Webhook(key).verify(request.body, {name.lower(): value for name, value in request.headers})
        problems = [e.message for e in schema.iter_errors(event)]
        assert not problems, (event, problems)
        assert b"password" not in request.body.replace(b"set_password_on", b"")
    say(f"MWDB fired {len(fired)} hooks of 34 kinds; {len(requests)} requests, each once, signed and valid")


def test_uploads_go_on_without_a_daemon(daemon, receiver, mwdb):
    daemon.spool = mwdb.spool
    daemon.configure(plugin("files", receiver.url("/files"))).start()
    daemon.stop()
    admin = mwdb.admin()
    files = [admin.upload(f"{n}.txt", b"no daemon %d %s" % (n, secrets.token_bytes(8))) for n in range(20)]
    assert len(daemon.spool.waiting()) == 20
    daemon.start()
    requests = settled(daemon, receiver, "/files", 20)
    assert sorted(r.json()["data"]["file"]["id"] for r in requests) == sorted(files)


def test_hostile_strings_through_mwdb(daemon, receiver, mwdb, say):
    """What MWDB takes of them arrives as MWDB stored it; what it refuses never becomes an event."""
    daemon.spool = mwdb.spool
    chat = 'body = json\ntemplate = {"text": "{{tag.tag|slack|json}}"}'
    sandbox = "body = multipart\nfield.name = {{file.file_name}}\nfile.field = file\nfile.name = {{file.file_name}}"
    daemon.configure(
        plugin("every", receiver.url("/all"), hooks="on_created_file, on_created_tag, on_created_comment")
        + plugin("chat", receiver.url("/chat"), chat, hooks="on_created_tag")
        + plugin("sandbox", receiver.url("/sandbox"), sandbox)
    ).start()
    admin = mwdb.admin()
    wanted = {"on_created_file": [], "on_created_tag": [], "on_created_comment": []}
    for text in HOSTILE.values():
        try:
            name = text.replace("\r", "%0D").replace("\n", "%0A").replace("\0", "")
            identifier = admin.upload(name, secrets.token_bytes(16))
        except MwdbError:
            identifier = admin.upload("plain", secrets.token_bytes(16))
        stored = admin.call("GET", f"/file/{identifier}")["file_name"]
        wanted["on_created_file"].append((identifier, stored))
        try:
            tags = admin.call("PUT", f"/file/{identifier}/tag", {"tag": text})
            wanted["on_created_tag"] += [(identifier, tag["tag"]) for tag in tags]
        except MwdbError:
            pass
        try:
            comment = admin.call("POST", f"/file/{identifier}/comment", {"comment": text})
            wanted["on_created_comment"].append((identifier, comment["comment"]))
        except MwdbError:
            pass
    count = sum(len(rows) for rows in wanted.values())
    receiver.wait(len(HOSTILE), "/sandbox", timeout=60)
    receiver.wait(len(wanted["on_created_tag"]), "/chat", timeout=60)
    requests = settled(daemon, receiver, "/all", count)

    found = {kind: [] for kind in wanted}
    for request in requests:
        event = request.json()
        data = event["data"]
        about = data.get("file") or data["object"]
        text = data.get("tag", {}).get("tag") or data.get("comment", {}).get("comment") or about["file_name"]
        found[event["type"]].append((about["id"], text))
    assert {k: sorted(v) for k, v in found.items()} == {k: sorted(v) for k, v in wanted.items()}
    assert len(wanted["on_created_comment"]) > len(HOSTILE) // 2 and len(wanted["on_created_tag"]) > len(HOSTILE) // 2
    for request in receiver.requests("/chat"):
        assert set(request.json()) == {"text"} and not set("<>") & set(request.json()["text"])
    for request in receiver.requests("/sandbox"):
        parts = request.multipart()
        assert [p.name for p in parts] in (["name", "file"], ["file"])
        assert len(parts[-1].head.split("\r\n")) == 2
    say(f"hostile strings through MWDB: {len(wanted['on_created_tag'])} tags, {len(wanted['on_created_comment'])} comments")
