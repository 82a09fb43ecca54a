"""Batches: several deliveries in one request, each with an outcome of its own, through kills and hostile strings."""

import collections
import json
import time

import pytest
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks import Webhook

from support.configuration import plugin
from support.receiver import answer
from support.spool import event, file_event, line
from test_hostile_strings import HOSTILE

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BATCH = "batch = 10\nbatch_wait = 100ms"


def ids(request):
    """The events in a request that is an array of them."""
    return [e["id"] for e in request.json()]


def received(receiver, path="/"):
    """Ids of all events received so far, in their order, repeats included."""
    return [i for r in receiver.requests(path) if r.answered == 200 for i in ids(r)]


def test_order_and_id_within_a_batch(daemon, receiver):
    receiver.otherwise(answer(200))
    daemon.configure(plugin("b", receiver.url("/"), f"{BATCH}\nsecret = {SECRET}\ndrain = fifo")).start()
    sent = [file_event(b"%d" % n) for n in range(95)]
    daemon.spool.write(*sent)
    receiver.wait_until(lambda: len(received(receiver)) >= 95, what="95 events")
    known = {e["id"]: n for n, e in enumerate(sent)}
    requests = receiver.requests("/")
    for request in requests:
        numbers = [known[i] for i in ids(request)]
        assert numbers == sorted(numbers) and len(numbers) <= 10
        assert request.json() == [sent[n] for n in numbers], "each as it was written"
        assert request.id.startswith("batch-") and request.header("content-type") == "application/json"
        Webhook(SECRET).verify(request.body, {n.lower(): v for n, v in request.headers})
    assert sorted(received(receiver)) == sorted(known)
    assert len({r.id for r in requests}) == len(requests) < 30
    daemon.wait_state("b", "delivered", 95)


def test_the_same_set_comes_with_the_same_id(daemon, receiver):
    statuses = iter([500, 500])
    receiver.otherwise(lambda e: answer(next(statuses, 200))(e))
    daemon.configure(plugin("b", receiver.url("/"), "batch = 3\nbatch_wait = 2s\nbackoff = 1ms..1ms\ndrain = fifo")).start()
    daemon.spool.write(*(file_event(b"%d" % n) for n in range(3)))
    requests = receiver.wait(3)
    assert len({r.id for r in requests}) == 1 and len({r.body for r in requests}) == 1


def test_items_have_their_own_outcome(daemon, receiver):
    """As Elasticsearch's _bulk, by its preset."""
    tried = collections.Counter()

    def bulk(exchange):
        lines = exchange.request.body.decode().split("\n")
        assert lines.pop() == "" and len(lines) % 2 == 0
        items = []
        for action, document in zip(lines[::2], lines[1::2]):
            identifier = json.loads(action)["create"]["_id"]
            json.loads(document)
            tried[identifier] += 1
            name = json.loads(document)["mwdb"]["file"]["file_name"]
            status = {"busy": 429 if tried[identifier] == 1 else 201, "bad": 400, "again": 409}.get(name, 201)
            error = {"error": {"type": "mapper_parsing_exception", "reason": "no"}} if status == 400 else {}
            items.append({"create": {"_index": "mwdb", "_id": identifier, "status": status} | error})
        failed = any(i["create"]["status"] >= 400 for i in items)
        return answer(200, {"took": 1, "errors": failed, "items": items})(exchange)

    receiver.otherwise(bulk)
    lines = "preset = elasticsearch\nauth.value = ApiKey abcdefgh\nbatch_wait = 200ms\nhooks = on_created_file"
    daemon.configure(plugin("es", receiver.url("/mwdb/_bulk"), lines)).start()
    names = ["fine", "busy", "bad", "again", "a\n{\"delete\":{\"_id\":\"x\"}}\n{}", "\0\u202e\"}"]
    sent = {name: file_event(name.encode(), name=name) for name in names}
    daemon.spool.write(*sent.values())
    daemon.wait_state("es", "delivered", 5)
    dead = daemon.wait_state("es", "dead", 1)
    assert [d["event"] for d in dead] == [sent["bad"]["id"]]
    assert tried == {e["id"]: 2 if n == "busy" else 1 for n, e in sent.items()}, "only what was refused comes again"
    assert receiver.requests()[0].header("content-type") == "application/x-ndjson"
    shown = daemon.show(sent["bad"]["id"] + "/es")
    assert "mapper_parsing_exception" in json.dumps(shown) and "HTTP 400" in json.dumps(shown)


def test_what_is_too_large_or_wrong_is_found_by_halves(daemon, receiver):
    def picky(exchange):
        if len(exchange.request.body) > 4000:
            return answer(413)(exchange)
        wrong = any(e["data"]["file"]["file_name"] == "wrong" for e in exchange.request.json())
        return answer(422 if wrong else 200)(exchange)

    receiver.otherwise(picky)
    daemon.configure(plugin("b", receiver.url("/"), "batch = 16\nbatch_wait = 300ms")).start()
    sent = [file_event(b"%d" % n, name="wrong" if n == 5 else "fine") for n in range(16)]
    daemon.spool.write(*sent)
    daemon.wait_state("b", "delivered", 15)
    dead = daemon.wait_state("b", "dead", 1)
    assert dead[0]["event"] == sent[5]["id"] and dead[0]["attempts"] == 1
    assert len(received(receiver)) == len(set(received(receiver))) == 15, "none twice"


def test_kill_in_the_middle_loses_nothing(daemon, receiver):
    receiver.otherwise(answer(200))
    daemon.configure(plugin("b", receiver.url("/"), "batch = 20\nbatch_wait = 50ms\nconcurrency = 2")).start()
    known = set()
    for round in range(6):
        sent = [file_event(b"%d-%d" % (round, n)) for n in range(100)]
        known |= {e["id"] for e in sent}
        daemon.spool.write(*sent)
        receiver.wait_until(lambda: len(received(receiver)) >= round * 60 + 20, what="some events")
        daemon.kill()
        daemon.start()
    receiver.wait_until(lambda: set(received(receiver)) == known, timeout=60, what=f"all {len(known)} events")
    daemon.wait_state("b", "delivered", 500)


def test_a_reload_in_the_middle(daemon, receiver):
    receiver.otherwise(answer(200))

    def configure(lines):
        daemon.configure(plugin("b", receiver.url("/"), lines))

    configure("batch = 50\nbatch_wait = 1h")
    daemon.start()
    sent = [file_event(b"%d" % n) for n in range(60)]
    daemon.spool.write(*sent)
    assert len(ids(receiver.wait(1)[0])) == 50
    configure("batch = 7\nbatch_wait = 1h")
    daemon.reload()
    assert len(ids(receiver.wait(2)[1])) == 7, "three still wait"
    configure("")
    daemon.reload()
    receiver.wait(5)
    assert [isinstance(r.json(), list) for r in receiver.requests()] == [True, True, False, False, False]
    daemon.wait_state("b", "delivered", 60)


def test_retry_after_and_a_pause_hold_for_all(daemon, receiver):
    statuses = iter([429])
    receiver.otherwise(lambda e: answer(next(statuses, 200), headers=[("retry-after", "1")])(e))
    daemon.configure(plugin("b", receiver.url("/"), BATCH)).start()
    daemon.spool.write(*(file_event(b"%d" % n) for n in range(10)))
    first, second = receiver.wait(2)[:2]
    assert second.received - first.received > 0.9
    daemon.wait_state("b", "delivered", 10)
    daemon.command("pause", "b")
    daemon.spool.write(*(file_event(b"p%d" % n) for n in range(10)))
    daemon.wait_for(lambda: not daemon.spool.waiting(), "the events are accepted")
    daemon.wait_state("b", "ready", 10)
    before = len(receiver.requests())
    daemon.command("cancel", "--plugin", "b", "--state", "ready")
    daemon.command("resume", "b")
    daemon.spool.write(file_event(b"last"))
    receiver.wait(before + 1)
    daemon.wait_state("b", "delivered", 11)
    assert len(daemon.deliveries(plugin="b", state="cancelled")) == 10


@pytest.mark.parametrize("lines", ["body = json", "body = json\nbatch_format = ndjson", "body = cloudevents"])
def test_hostile_strings(daemon, receiver, lines):
    daemon.configure(plugin("b", receiver.url("/"), f"batch = 50\nbatch_wait = 200ms\n{lines}", hooks="*")).start()
    about = {"id": "0" * 64, "type": "file"}
    sent = [event("on_created_tag", {"object": about, "tag": {"tag": t}}, actor=t) for t in HOSTILE.values()]
    raw = b'{"id":"raw","type":"on_created_tag","data":{"n":' + b"9" * 301 + b',"u":"\\u0000\\ud800"}}'
    daemon.spool.write(*map(line, sent), raw)
    found = {}

    def all_there():
        for request in receiver.requests():
            if "ndjson" in lines:
                assert request.header("content-type") == "application/x-ndjson"
                items = [json.loads(part) for part in request.body.decode().split("\n") if part]
            else:
                items = request.json()
            found.update({item["id"]: item for item in items})
        return len(found) == len(sent) + 1

    receiver.wait_until(all_there, what="every event")
    for original in [*sent, json.loads(raw)]:
        made = found[original["id"]]
        if "cloudevents" in lines:
            JSONFormat().read(None, json.dumps(made))
        assert made["data"] == original["data"] and made["type"] == original["type"]
        assert "cloudevents" in lines or made == original
    kind = receiver.requests()[0].header("content-type")
    assert kind == "application/cloudevents-batch+json" or "cloudevents" not in lines
    assert b"9" * 301 in b"".join(r.body for r in receiver.requests())


def test_a_stop_waits_for_nothing(daemon, receiver):
    daemon.configure(plugin("b", receiver.url("/"), "batch = 50\nbatch_wait = 1h")).start()
    daemon.spool.write(*(file_event(b"%d" % n) for n in range(3)))
    daemon.wait_state("b", "ready", 3)
    begin = time.monotonic()
    assert daemon.stop() == 0 and time.monotonic() - begin < 10
    assert receiver.requests() == []
    daemon.configure(plugin("b", receiver.url("/"), "batch = 3\nbatch_wait = 1h")).start()
    assert len(ids(receiver.wait(1)[0])) == 3


def test_an_objects_deliveries_never_share_a_request(daemon, receiver):
    """order = object: whatever is refused in part, no delivery of an object overtakes an earlier one."""
    refused = collections.Counter()

    def part(exchange):
        items = []
        for made in exchange.request.json():
            refused[made["id"]] += 1
            items.append({"status": 503 if refused[made["id"]] == 1 and made["data"]["n"] % 3 == 0 else 200})
        exchange.request.statuses = [i["status"] for i in items]
        return answer(200, {"items": items})(exchange)

    receiver.otherwise(part)
    lines = "batch = 20\nbatch_wait = 50ms\nbatch_items = json:/items\norder = object\nbackoff = 1ms..20ms"
    daemon.configure(plugin("b", receiver.url("/"), lines, hooks="on_changed_object")).start()
    objects = ["%064x" % n for n in range(10)]
    sent = [
        event("on_changed_object", {"object": {"id": objects[n % 10], "type": "file"}, "n": n}) for n in range(100)
    ]
    daemon.spool.write(*sent)
    daemon.wait_state("b", "delivered", 100)
    arrived = collections.defaultdict(list)
    for request in receiver.requests():
        about = [made["data"]["object"]["id"] for made in request.json()]
        assert len(about) == len(set(about))
        for made, status in zip(request.json(), request.statuses):
            if status == 200:
                arrived[made["data"]["object"]["id"]].append(made["data"]["n"])
    assert all(numbers == sorted(numbers) and len(numbers) == 10 for numbers in arrived.values()), arrived
