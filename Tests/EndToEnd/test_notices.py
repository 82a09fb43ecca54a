"""Operational events: a broken receiver, a bad spool file and a pause are told to who subscribed, once, by the ordinary way."""

import json
import socket
from pathlib import Path

import jsonschema

from support.configuration import plugin
from support.receiver import answer
from support.spool import file_event

SCHEMA = json.loads((Path(__file__).resolve().parents[2] / "docs/schemas/event.schema.json").read_text())


def told(receiver, kind):
    return [r.json() for r in receiver.requests("/ops") if r.json()["type"] == kind]


def test_a_receiver_that_repeats_its_secret_path_gives_nothing_away(daemon, receiver):
    path = "/services/T024BE7LD/B024BE7LH/aBcDeFgHiJkLmNo1"
    (daemon.folder / "chat.url").write_text(receiver.url(path) + "\n")
    (daemon.folder / "chat.url").chmod(0o600)
    receiver.on(path, answer(404, b"Cannot POST " + path.replace("/", "\\/").encode() + b" or " + path.encode()))
    address = "${file:" + str(daemon.folder / "chat.url") + "}"
    daemon.configure(
        plugin("chat", address, "max_attempts = 2")
        + plugin("ops", receiver.url("/ops"), hooks="delivery.dead")
    ).start()
    daemon.spool.write(file_event(b"1"))
    daemon.wait_state("chat", "dead")
    receiver.wait_until(lambda: told(receiver, "delivery.dead"), what="the announcement")
    identifier = daemon.deliveries(plugin="chat")[0]["id"]
    for said in (
        json.dumps(told(receiver, "delivery.dead")),
        daemon.command("status", "--json").stdout,
        daemon.command("deliveries", "--json").stdout,
        daemon.command("show", identifier, "--json").stdout,
        daemon.command("ping", "chat", "--json", check=False).stdout,
        daemon.log.read_text(),
    ):
        assert "404" in said or "chat" in said
        assert "T024BE7LD" not in said and "aBcDeFgHiJkLmNo1" not in said


def test_what_happens_to_the_dispatcher_is_told(daemon, receiver):
    with socket.socket() as closed:  # bound, not listening: connections are refused
        closed.bind(("127.0.0.1", 0))
        dead_end = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        receiver.on("/refuses", answer(400))
        daemon.configure(
            plugin("down", dead_end, "backoff = 10ms..20ms", hooks="on_created_file, plugin.*")
            + plugin("refuses", receiver.url("/refuses"), hooks="on_created_file")
            + plugin("ops", receiver.url("/ops"), hooks="plugin.*, delivery.dead, intake.rejected")
        ).start()
        daemon.spool.write(*[file_event(b"%d" % n) for n in range(20)])
        daemon.spool.write(b"no JSON at all")
        daemon.wait_state("refuses", "dead")
        daemon.command("pause", "refuses", "--because", "tidying up")
        receiver.wait_until(
            lambda: {"plugin.suspended", "delivery.dead", "intake.rejected", "plugin.paused"}
            <= {r.json()["type"] for r in receiver.requests("/ops")},
            what="the four announcements",
        )
    suspended = told(receiver, "plugin.suspended")
    assert [e["data"]["plugin"] for e in suspended] == ["down"] and suspended[0]["data"]["reason"]
    deaths = told(receiver, "delivery.dead")
    assert {e["data"]["plugin"] for e in deaths} == {"refuses"} and len(deaths) == 1
    assert told(receiver, "plugin.paused")[0]["data"] == {"plugin": "refuses", "reason": "tidying up"}
    assert told(receiver, "intake.rejected")[0]["data"]["count"] == 1
    for request in receiver.requests("/ops"):
        jsonschema.validate(request.json(), SCHEMA)
    # Its own suspension does not wait for the plugin that is down; the other one's pause does.
    waiting = {row["hook"] for row in daemon.deliveries(plugin="down", limit=500)}
    assert waiting == {"on_created_file", "plugin.paused"}
