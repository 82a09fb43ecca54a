"""The commands, used as an operator would: look, find out why, act."""

import json
import subprocess

import pytest

from support.configuration import plugin
from support.daemon import BINARY, ENVIRONMENT
from support.receiver import answer, sequence
from support.spool import event, file_event

COMMANDS = ("plugins", "status", "events", "deliveries")


@pytest.fixture
def busy(daemon, receiver):
    """A daemon with one plugin that works and one that has a dead delivery."""
    receiver.on("/refuses", answer(400, b"no thanks"))
    daemon.configure(
        plugin("works", receiver.url("/works"), hooks="*") + plugin("refuses", receiver.url("/refuses"), hooks="*")
    ).start()
    daemon.sent = file_event(b"MZ")
    daemon.spool.write(daemon.sent)
    daemon.wait_state("works", "delivered")
    daemon.dead = daemon.wait_state("refuses", "dead")[0]
    return daemon


@pytest.mark.parametrize("command", COMMANDS)
def test_each_prints_for_people_and_for_programs(busy, command):
    assert busy.command(command).stdout.strip()
    assert json.loads(busy.command(command, "--json").stdout)


def test_status_says_what_is_wrong(busy):
    said = busy.command("status").stdout
    assert "works" in said and "refuses" in said and "dead" in said


def test_show_an_event_and_a_delivery(busy):
    for identifier in (busy.sent["id"], busy.dead["id"]):
        said = busy.command("show", identifier).stdout
        assert busy.sent["id"] in said
    assert "400" in busy.command("show", busy.dead["id"]).stdout
    assert "no thanks" in busy.command("show", busy.dead["id"]).stdout
    done = busy.command("show", "0" * 8, check=False)
    assert done.returncode == 1 and done.stderr.strip()


def test_filters(busy):
    assert {r["plugin"] for r in busy.deliveries(plugin="works")} == {"works"}
    assert {r["state"] for r in busy.deliveries(state="dead")} == {"dead"}
    sha256 = busy.sent["data"]["file"]["sha256"]
    assert len(busy.deliveries(object=sha256)) == 2
    assert busy.deliveries(object="0" * 64) == []


def test_retry_by_plugin(busy, receiver):
    receiver.on("/refuses", answer(202))
    busy.command("retry", "--plugin", "refuses", "--state", "dead")
    busy.wait_state("refuses", "delivered")


def test_pause_and_resume(busy, receiver):
    busy.command("pause", "works")
    assert "paused" in busy.command("status").stdout
    receiver.on("/refuses", answer(202))
    later = file_event(b"later")
    busy.spool.write(later)
    receiver.wait_until(lambda: later["id"] in receiver.ids("/refuses"), what="the other plugin's")
    busy.stop()
    busy.start()
    another = file_event(b"another")
    busy.spool.write(another)
    receiver.wait_until(lambda: another["id"] in receiver.ids("/refuses"), what="the other plugin's")
    assert later["id"] not in receiver.ids("/works")
    busy.command("resume", "works")
    receiver.wait_until(lambda: {later["id"], another["id"]} <= set(receiver.ids("/works")), what="the backlog")
    assert busy.command("pause", "no_such_plugin", check=False).returncode == 1


def test_cancel(busy, receiver):
    busy.command("pause", "works")
    events = [file_event(b"%d" % n) for n in range(5)]
    busy.spool.write(*events)
    busy.wait_for(lambda: len(busy.deliveries(plugin="works")) == 6, "five more deliveries")
    row = next(r for r in busy.deliveries(plugin="works") if r["event"] == events[0]["id"])
    busy.command("cancel", row["id"])
    busy.command("resume", "works")
    receiver.wait_until(lambda: {e["id"] for e in events[1:]} <= set(receiver.ids("/works")), what="the others")
    assert busy.wait_state("works", "cancelled")[0]["event"] == events[0]["id"]
    assert events[0]["id"] not in receiver.ids("/works")


def test_replay(busy, receiver):
    assert "1 event" in busy.command("replay", "--to", "works", "--all", "--dry-run").stdout
    assert len(receiver.requests("/works")) == 1
    busy.command("replay", "--to", "works", busy.sent["id"])
    receiver.wait(2, "/works")
    assert receiver.ids("/works") == [busy.sent["id"]] * 2
    busy.command("replay", "--to", "works", "--hook", "on_created_file", "--new-id")
    receiver.wait(3, "/works")
    assert len(set(receiver.ids("/works"))) == 2
    assert busy.command("replay", "--to", "nobody", "--all", check=False).returncode == 1
    assert busy.command("replay", "--to", "works", check=False).returncode == 2, "which events must be said"


def test_ping(busy, receiver):
    before = len(receiver.requests("/works"))
    said = busy.command("ping", "works").stdout
    assert "202" in said
    pinged = receiver.wait(before + 1, "/works")[-1]
    assert pinged.json()["type"]
    done = busy.command("ping", "refuses", check=False)
    assert done.returncode == 1 and "400" in done.stdout + done.stderr


def test_ping_with_a_sample_writes_nothing_back(daemon, receiver):
    mwdb = receiver.url("/mwdb")
    receiver.on("/sandbox", answer(200, {"task_uid": "t-1"}))
    daemon.configure(
        plugin(
            "sandbox",
            receiver.url("/sandbox"),
            "body = multipart\nextract.task_uid = json:/task_uid\nattribute.drakvuf = {{task_uid}}",
        ),
        mwdb=f"url = {mwdb}\napi_key = key",
    ).start()
    assert daemon.command("ping", "sandbox", check=False).returncode != 0, "multipart wants --sample"
    sample = daemon.folder / "sample.exe"
    sample.write_bytes(b"MZ a sample")
    said = daemon.command("ping", "sandbox", "--sample", str(sample)).stdout
    assert "t-1" in said
    request = receiver.wait(1, "/sandbox")[0]
    assert request.multipart()[-1].body == b"MZ a sample"
    daemon.stop()
    assert not [r for r in receiver.requests() if "attribute" in r.path]


def test_commands_work_while_the_daemon_is_stopped_or_say_why_not(busy):
    busy.stop()
    for command in COMMANDS:
        done = busy.command(command, check=False)
        assert done.returncode in (0, 1)
        if done.returncode:
            assert "not running" in done.stderr or str(busy.socket) in done.stderr, done.stderr
    assert busy.command("pause", "works", check=False).returncode == 1


@pytest.mark.parametrize("command", (["status"], ["token"], ["token", "--rotate"], ["fsck"]), ids=" ".join)
def test_a_mistyped_configuration_is_no_other_daemon(busy, command):
    """What the command would find without the file is a daemon and its outbox: here by environment, else the usual one."""
    if command == ["fsck"]:
        busy.stop()
    token = (busy.outbox / "token").read_text()
    usual = {"WEBHOOKS_LISTEN": f"unix:{busy.socket}", "WEBHOOKS_OUTBOX": str(busy.outbox)}
    mistyped = busy.folder / "webhoks.ini"
    done = subprocess.run(
        [BINARY, *command, "--config", mistyped], env=ENVIRONMENT | usual, capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"{mistyped}: error: there is no such file" in done.stderr and "nothing was done" in done.stderr
    assert (busy.outbox / "token").read_text() == token


def test_unknown_event_types_of_our_own(busy, receiver):
    """`source.lost` is an event like others: it reaches those who subscribe to it by name."""
    lost = event("source.lost", {"count": 3, "first": "2026-11-23T18:28:03.266Z", "last": "2026-11-23T18:29:03.266Z"})
    busy.spool.write(lost)
    last = file_event(b"last")
    busy.spool.write(last)
    receiver.wait_until(lambda: last["id"] in receiver.ids("/works"), what="the event behind it")
    assert not busy.spool.rejected()
    assert "3" in busy.command("status").stdout


def test_retry_sends_a_waiting_one_at_once(daemon, receiver):
    receiver.on("/hello", sequence(answer(500), answer(202)))
    daemon.configure(plugin("hello", receiver.url("/hello"), "backoff = 1h..1h", hooks="*")).start()
    daemon.spool.write(file_event())
    row = daemon.wait_state("hello", "waiting")[0]
    daemon.command("retry", row["id"])
    daemon.wait_state("hello", "delivered")
