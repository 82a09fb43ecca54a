"""Values a receiver answers are written to MWDB: durable, retried, guarded, and without loops.

MWDB is played by the scripted receiver here, so that it can fail; test_drakvuf.py has the real one.
"""

import json
import threading

import pytest

from support.configuration import plugin
from support.receiver import answer, sequence
from support.spool import event, file_event

SANDBOX = """
    extract.task_uid = json:/task_uid
    attribute.drakvuf = {{task_uid}}
    attribute.drakvuf.label = Drakvuf analysis
    attribute.drakvuf.url_template = {{plugin.public_url}}/analysis/$value
    public_url = https://drakvuf.example
"""


class MWDB:
    """As much of MWDB's API as write-back uses, with failures on demand."""

    def __init__(self, receiver):
        self.receiver = receiver
        self.known = {"drakvuf"}
        self.comments = []
        self.failing = None
        self.written = []
        receiver.otherwise(self)

    @property
    def settings(self):
        return f"url = {self.receiver.url('')}\npublic_url = https://mwdb.example\napi_key = the-key"

    def __call__(self, exchange):
        request = exchange.request
        path = request.path.split("?")[0]
        if not path.startswith("/api/"):
            return answer(202)(exchange)
        assert request.header("authorization") == "Bearer the-key"
        body = json.loads(request.body) if request.body else None
        if self.failing:
            return self.failing(exchange)
        if path.startswith("/api/attribute"):
            if request.method == "POST":
                self.known.add(body["key"])
            return answer(200, {"attribute_definitions": [{"key": k} for k in self.known]})(exchange)
        if path == "/api/user/self" or path == "/api/profile" or path.startswith("/api/auth"):
            return answer(200, {"login": "webhooks", "capabilities": ["adding_tags", "adding_comments"]})(exchange)
        if path.endswith("/comment") and request.method == "GET":
            return answer(200, self.comments)(exchange)
        if path.endswith("/attribute") and body["key"] not in self.known:
            return answer(404, {"message": "no such attribute key"})(exchange)
        if request.method in ("POST", "PUT"):
            self.written.append((request.method, path, body))
            if path.endswith("/comment"):
                self.comments.append({"id": len(self.comments), "author": "webhooks", "comment": body["comment"]})
        return answer(200, {})(exchange)


@pytest.fixture
def mwdb(receiver):
    return MWDB(receiver)


def test_an_attribute(daemon, receiver, mwdb):
    receiver.on("/sandbox", answer(200, {"task_uid": "abc-123"}))
    daemon.configure(plugin("sandbox", receiver.url("/sandbox"), SANDBOX), mwdb=mwdb.settings).start()
    sent = file_event()
    daemon.spool.write(sent)
    receiver.wait_until(lambda: mwdb.written, what="write-back")
    path = f"/api/file/{sent['data']['file']['id']}/attribute"
    assert mwdb.written == [("POST", path, {"key": "drakvuf", "value": "abc-123"})]


@pytest.mark.parametrize("value", ["text", 7, 1.5, True, {"a": [1]}, ["x"]], ids=repr)
def test_a_lone_value_keeps_its_json_type(daemon, receiver, mwdb, value):
    receiver.on("/sandbox", answer(200, {"task_uid": value}))
    lines = "extract.task_uid = json:/task_uid\nattribute.drakvuf = {{task_uid}}"
    daemon.configure(plugin("sandbox", receiver.url("/sandbox"), lines), mwdb=mwdb.settings).start()
    daemon.spool.write(file_event())
    receiver.wait_until(lambda: mwdb.written, what="write-back")
    assert mwdb.written[0][2]["value"] == value and type(mwdb.written[0][2]["value"]) is type(value)


def test_mwdb_is_down_for_it(daemon, receiver, mwdb):
    receiver.on("/sandbox", answer(200, {"task_uid": "abc-123"}))
    mwdb.failing = answer(503)
    daemon.configure(plugin("sandbox", receiver.url("/sandbox"), SANDBOX), mwdb=mwdb.settings).start()
    daemon.spool.write(file_event())
    daemon.wait_state("sandbox", "delivered")
    daemon.kill()
    mwdb.failing = None
    daemon.start()
    receiver.wait_until(lambda: mwdb.written, what="write-back")
    assert len(receiver.requests("/sandbox")) == 1, "the sandbox is not asked twice"
    assert mwdb.written[0][2] == {"key": "drakvuf", "value": "abc-123"}


@pytest.mark.parametrize(
    "value", ["<script>alert(1)</script>", "../../admin?x=", "a b", "", "x" * 5000, "{{file.sha256}}", "a\r\nb"]
)
def test_what_a_link_must_not_hold_is_not_written(daemon, receiver, mwdb, value):
    receiver.on("/sandbox", answer(200, {"task_uid": value}))
    daemon.configure(plugin("sandbox", receiver.url("/sandbox"), SANDBOX), mwdb=mwdb.settings).start()
    daemon.spool.write(file_event())
    daemon.wait_for(lambda: daemon.deliveries(state="dead"), "a dead write-back")
    assert daemon.deliveries(plugin="sandbox")[0]["state"] == "delivered"
    assert not mwdb.written


def test_no_value_is_a_delivery_with_a_dead_write_back(daemon, receiver, mwdb):
    receiver.on("/sandbox", answer(200, {"other": 1}))
    daemon.configure(plugin("sandbox", receiver.url("/sandbox"), SANDBOX), mwdb=mwdb.settings).start()
    daemon.spool.write(file_event())
    daemon.wait_for(lambda: daemon.deliveries(state="dead"), "a dead write-back")
    assert len(receiver.requests("/sandbox")) == 1


def test_tag_and_comment(daemon, receiver, mwdb):
    receiver.on("/sandbox", answer(200, {"verdict": "Bad <b>", "score": 9}))
    lines = """
        extract.verdict = json:/verdict
        extract.score = json:/score
        tag = sandbox:{{verdict}}
        comment = score {{score}}, verdict {{verdict}}
    """
    daemon.configure(plugin("sandbox", receiver.url("/sandbox"), lines), mwdb=mwdb.settings).start()
    sent = file_event()
    daemon.spool.write(sent)
    receiver.wait_until(lambda: len(mwdb.written) == 2, what="two write-backs")
    base = f"/api/file/{sent['data']['file']['id']}"
    assert ("POST", base + "/comment", {"comment": "score 9, verdict Bad <b>"}) in mwdb.written
    assert [p for m, p, b in mwdb.written if m == "PUT"] == [base + "/tag"]


def test_a_comment_is_not_written_twice(daemon, receiver, mwdb):
    receiver.on("/sandbox", answer(200, {"score": 9}))
    done = threading.Event()

    def stores_and_breaks(exchange):
        if exchange.request.path.endswith("/comment") and exchange.request.method == "POST":
            mwdb.comments.append({"id": 1, "author": "webhooks", "comment": json.loads(exchange.request.body)["comment"]})
            mwdb.failing = None
            done.set()
            return False  # stored, but no answer
        mwdb.failing, again = None, mwdb.failing
        try:
            return mwdb(exchange)
        finally:
            mwdb.failing = None if done.is_set() else again

    mwdb.failing = stores_and_breaks
    lines = "extract.score = json:/score\ncomment = score {{score}}"
    daemon.configure(plugin("sandbox", receiver.url("/sandbox"), lines), mwdb=mwdb.settings).start()
    daemon.spool.write(file_event())
    assert done.wait(30)
    daemon.wait_for(
        lambda: all(row["state"] == "delivered" for row in daemon.deliveries()) and len(daemon.deliveries()) >= 2,
        "the write-back is done",
    )
    assert [c["comment"] for c in mwdb.comments] == ["score 9"]


def test_loops_are_broken(daemon, receiver, mwdb):
    """`ignore_actors` silences only plugins that write back, and only for what write-back causes."""
    receiver.on("/sandbox", answer(200, {"task_uid": "abc"}))
    daemon.configure(
        plugin("sandbox", receiver.url("/sandbox"), SANDBOX, hooks="*") + plugin("log", receiver.url("/log"), hooks="*"),
        mwdb=mwdb.settings + "\nignore_actors = webhooks",
    ).start()
    about = {"id": "0" * 64, "type": "file"}
    echoes = [
        event("on_created_attribute", {"object": about, "attribute": {"id": 1, "key": "k", "value": 1}}, "webhooks"),
        event("on_created_tag", {"object": about, "tag": {"id": 1, "tag": "x"}}, "webhooks"),
        event("on_created_comment", {"object": about, "comment": {"id": 1, "comment": "x"}}, "webhooks"),
        event("on_changed_object", {"object": about}, "webhooks"),
    ]
    others = [
        event("on_created_tag", {"object": about, "tag": {"id": 1, "tag": "x"}}, "alice"),
        file_event(b"by the account itself", actor="webhooks"),
    ]
    daemon.spool.write(*echoes, *others)
    receiver.wait(6, "/log")
    receiver.wait(2, "/sandbox")
    daemon.stop()
    assert set(receiver.ids("/sandbox")) == {e["id"] for e in others}
    assert set(receiver.ids("/log")) == {e["id"] for e in echoes + others}


def test_an_undefined_key_is_held_or_defined(daemon, receiver, mwdb):
    mwdb.known.clear()
    receiver.on("/sandbox", answer(200, {"task_uid": "abc"}))
    daemon.configure(plugin("sandbox", receiver.url("/sandbox"), SANDBOX), mwdb=mwdb.settings).start()
    daemon.spool.write(file_event())
    daemon.wait_for(
        lambda: daemon.deliveries(state="held") or mwdb.written, "held, or the key was defined and the value written"
    )
    mwdb.known.add("drakvuf")
    for row in daemon.deliveries(state="held"):
        daemon.command("retry", row["id"])
    receiver.wait_until(lambda: mwdb.written, what="write-back")
