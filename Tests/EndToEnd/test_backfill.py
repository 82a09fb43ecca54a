"""`backfill` over a real MWDB: 500 objects, killed and resumed, each exactly once in the outbox; and what is refused."""

import json
import os
import secrets
import signal
import sqlite3
import subprocess

import jsonschema
import pytest

from support.configuration import plugin
from support.daemon import BINARY, ENVIRONMENT, REPOSITORY
from support.lab import MWDBLab

FILES, CONFIGS, BLOBS = 460, 20, 20


@pytest.fixture(scope="module")
def mwdb(tmp_path_factory):
    """An MWDB with 500 objects that were uploaded before anybody listened, all tagged `backfill`."""
    lab = MWDBLab(tmp_path_factory.mktemp("spool"))
    try:
        lab.up()
        admin = lab.admin()
        lab.objects = []
        for n in range(FILES):
            # Names and tags that strangers chose; MWDB reduces names to ASCII.
            name, content = f'a"{n}\\;$(x).exe', b"backfill %d %s" % (n, secrets.token_bytes(8))
            lab.objects.append(admin.upload(name, content, tags=[{"tag": "backfill"}]))
        for n in range(CONFIGS):
            cfg = {"n": 10**300 + n, "nul": "\0", "u": "\u202e"}
            body = {"family": "lab", "config_type": "static", "cfg": cfg, "tags": [{"tag": "backfill"}]}
            lab.objects.append(admin.call("POST", "/config", body)["id"])
        for n in range(BLOBS):
            body = {"blob_name": f"b{n}", "blob_type": "raw", "content": f"\0\u202e{n} {secrets.token_hex(8)}",
                    "tags": [{"tag": "backfill"}]}
            lab.objects.append(admin.call("POST", "/blob", body)["id"])
        lab.key = lab.user("backfiller", "access_all_objects")
        yield lab
    finally:
        lab.close()


@pytest.fixture
def schema():
    text = json.loads((REPOSITORY / "docs/schemas/event.schema.json").read_text())
    return jsonschema.Draft202012Validator(text, format_checker=jsonschema.FormatChecker())


def configured(daemon, receiver, mwdb, key=None):
    daemon.configure(
        plugin("wants", receiver.url("/wants"), "concurrency = 16", hooks="on_created_*")
        + plugin("other", receiver.url("/other"), hooks="*"),
        mwdb=f"url = {mwdb.url}\napi_key = {key or mwdb.key}",
    )
    return daemon


def stored(daemon):
    """What the outbox holds of the plugin `wants`: ids of objects, one for each delivery."""
    database = sqlite3.connect(f"file:{daemon.outbox}/outbox.db?mode=ro", uri=True)
    try:
        return [row[0] for row in database.execute(
            "SELECT object FROM delivery JOIN event ON sequence = delivery.id >> 23 "
            "JOIN plugin ON number = delivery.id & 32767 WHERE plugin.name = 'wants'")]
    finally:
        database.close()


def job(daemon, number=1):
    return daemon.json("jobs", str(number))


def test_each_of_500_objects_once_though_everything_is_killed(daemon, receiver, mwdb, schema, say):
    configured(daemon, receiver, mwdb).start()
    counted = daemon.command("backfill", "--plugin", "wants", "--query", "tag:backfill", "--dry-run").stdout
    assert counted == "would apply to 500 objects\n"
    command = subprocess.Popen(
        [str(BINARY), "backfill", "--plugin", "wants", "--query", "tag:backfill", "--rate", "200/s",
         "--config", str(daemon.ini)],
        env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=daemon.folder)
    daemon.wait_for(lambda: daemon.json("jobs")["jobs"], "the job is ordered")
    kills = 0
    for bound in (60, 180, 320):
        daemon.wait_for(lambda bound=bound: job(daemon)["done"] >= bound, f"{bound} objects", timeout=120)
        if kills == 1:
            command.kill()
        daemon.kill()
        kills += 1
        daemon.start()
    command.communicate(timeout=60)
    daemon.wait_for(lambda: job(daemon)["state"] == "done", "the backfill", timeout=180)
    done = job(daemon)
    assert (done["total"], done["examined"], done["done"], done["skipped"]) == (500, 500, 500, 0)
    assert sorted(stored(daemon)) == sorted(mwdb.objects)
    receiver.wait_until(lambda: len(set(receiver.ids("/wants"))) == 500, timeout=120, what="500 deliveries")
    events = {r.id: r for r in receiver.requests("/wants")}
    assert sorted(next(iter(r.json()["data"].values()))["id"] for r in events.values()) == sorted(mwdb.objects)
    kinds = [r.json()["type"] for r in events.values()]
    assert (kinds.count("on_created_file"), kinds.count("on_created_config"), kinds.count("on_created_text_blob")) == (
        FILES, CONFIGS, BLOBS)
    for request in events.values():
        problems = [e.message for e in schema.iter_errors(request.json())]
        assert not problems, (request.body, problems)
    assert not receiver.requests("/other"), "no other plugin gets them"

    # The same once more: everything is known.
    said = daemon.command("backfill", "--plugin", "wants", "--query", "tag:backfill").stdout
    assert said == "0 objects will be delivered to wants; 500 skipped\n"
    assert len(stored(daemon)) == 500
    say(f"500 objects of a live MWDB, the daemon killed {kills} times: each once in the outbox and at the receiver")


def test_an_object_is_as_its_own_event_was(daemon, receiver, mwdb):
    """The event source's event and the backfill's differ in id, time and actor only."""
    spool = mwdb.environment["MWDB_LAB_INI"].split("spool = ")[1].strip()
    daemon.configure(
        plugin("every", receiver.url("/every"), hooks="on_created_file, on_created_config, on_created_text_blob"),
        webhooks=f"spool = {spool}", mwdb=f"url = {mwdb.url}\napi_key = {mwdb.key}",
    ).start()
    admin = mwdb.admin()
    made = [
        admin.upload("x.exe", secrets.token_bytes(20)),
        admin.call("POST", "/config", {"family": "f", "config_type": "static",
                                       "cfg": {"a": [1, 10**40], "z": secrets.token_hex(8)}})["id"],
        admin.call("POST", "/blob", {"blob_name": "n", "blob_type": "t", "content": secrets.token_hex(8)})["id"],
    ]

    def about(identifier):
        return [r.json() for r in receiver.requests("/every") if identifier.encode() in r.body]

    receiver.wait_until(lambda: all(about(i) for i in made), what="the source's own events")
    daemon.command("backfill", "--plugin", "every", "--query", "NOT tag:backfill")
    for identifier in made:
        receiver.wait_until(lambda: len(about(identifier)) == 2, what="the backfill's event")
        first, second = about(identifier)
        assert first["data"] == second["data"] and first["type"] == second["type"]
        assert first["source"] == second["source"]
        assert second["actor"] is None and second["id"] != first["id"]


def test_what_is_refused_says_why(daemon, receiver, mwdb):
    configured(daemon, receiver, mwdb).start()
    done = daemon.command("backfill", "--plugin", "wants", "--query", "tag:(", check=False)
    assert done.returncode == 1 and "search" in done.stderr
    assert daemon.command("backfill", "--plugin", "wants", check=False).returncode == 2
    assert daemon.command("backfill", "--plugin", "nobody", "--all", check=False).returncode == 1
    daemon.stop()
    configured(daemon, receiver, mwdb, key="wrong").start()
    done = daemon.command("backfill", "--plugin", "wants", "--all", check=False)
    assert done.returncode == 1 and "api_key" in done.stderr
    assert daemon.json("jobs")["jobs"] == []


def test_ctrl_c_stops_it_and_it_goes_on(daemon, receiver, mwdb):
    configured(daemon, receiver, mwdb).start()
    command = subprocess.Popen(
        [str(BINARY), "backfill", "--plugin", "wants", "--query", "tag:backfill", "--rate", "20/s",
         "--config", str(daemon.ini)],
        env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=daemon.folder)
    daemon.wait_for(lambda: daemon.json("jobs")["jobs"] and job(daemon)["done"] > 3, "some objects")
    os.kill(command.pid, signal.SIGINT)
    _, said = command.communicate(timeout=30)
    assert command.returncode == 1 and "go on with: mwdb-webhooks jobs 1 --resume" in said
    stopped = job(daemon)
    assert stopped["state"] == "stopped" and stopped["done"] < 500
    daemon.stop()
    daemon.start()
    assert job(daemon)["done"] == stopped["done"]
    daemon.command("jobs", "1", "--resume", "--background")
    assert job(daemon)["state"] == "running"
    daemon.command("jobs", "1", "--stop")
