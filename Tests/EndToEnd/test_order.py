"""`order`: by what a receiver that fails at random sees, no delivery of an object comes before an earlier one is over;
also through kill -9, a stop, a pause and a changed order.

MWDB_WEBHOOKS_SEED repeats a run's random choices.
"""

import collections
import os
import random
import threading
import time

from support.configuration import plugin
from support.receiver import answer, close, reset
from support.spool import file_event

OBJECTS = 12


class Failing:
    """Answers well in two of three cases; 400 kills a delivery for good. `mended`: always well."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.mended = False

    def __call__(self, exchange):
        with self.lock:
            choice = 0 if self.mended else self.random.randrange(30)
        bad = {1: answer(500), 2: answer(503), 3: reset, 4: close, 5: answer(500), 6: answer(503), 7: answer(400)}
        return bad.get(choice, answer(202))(exchange)


def events(number):
    """`number` events about a few objects, each with its place in its object's order."""
    place = collections.Counter()
    for n in range(number):
        key = n * n % OBJECTS if n % 3 else 0  # one object is hot
        place[key] += 1
        event = file_event(b"object %d" % key)
        event["data"]["place"] = place[key]
        yield event


def inversions(requests, key):
    """Where a request came for an earlier event than one that came before it, by `key`."""
    last, found = {}, []
    for request in requests:
        event = request.json()
        line, place = key(event)
        if place < last.get(line, 0):
            found.append((line, place, last[line]))
        last[line] = max(place, last.get(line, 0))
    return found


def by_object(event):
    return event["data"]["file"]["id"], event["data"]["place"]


def configure(daemon, receiver, order, more="concurrency = 8\nbackoff = 10ms..150ms\n"):
    daemon.configure(plugin("ordered", receiver.url("/in"), f"order = {order}\n{more}", hooks="*"))


def wait_until_over(daemon):
    """Nothing of the plugin is pending any more."""

    def over():
        counts = daemon.json("plugins", "ordered")["status"]["deliveries"]
        return not any(counts.get(state, 0) for state in ("ready", "waiting", "started", "blocked"))

    daemon.wait_for(over, "all deliveries are over", 120)


def test_order_of_objects(daemon, receiver, say):
    seed = int(os.environ.get("MWDB_WEBHOOKS_SEED", time.time_ns() % 1_000_000))
    failing = Failing(seed)
    receiver.on("/in", failing)
    configure(daemon, receiver, "object")
    choose = random.Random(seed)
    made = list(events(900))
    daemon.start()
    for start in range(0, len(made), 45):
        daemon.spool.write(*made[start : start + 45])
        act = choose.randrange(5)
        time.sleep(choose.uniform(0.05, 0.4))  # the moment of the blow is what is random
        if act == 0:
            daemon.kill()
            daemon.start()
        elif act == 1:
            assert daemon.stop() == 0
            daemon.start()
        elif act == 2:
            daemon.command("pause", "ordered")
            daemon.command("resume", "ordered")
        elif act == 3:
            os.kill(daemon.pid, 1)
    daemon.kill()
    failing.mended = True
    daemon.start()
    wait_until_over(daemon)
    requests = receiver.requests("/in")
    wrong = inversions(requests, by_object)
    good = set(receiver.ids("/in", answered=202)) | set(receiver.ids("/in", answered=400))
    say(f"order = object (seed {seed}): {len(made)} events, {len(requests)} requests, {len(wrong)} inversions")
    assert wrong == []
    assert good >= {event["id"] for event in made}
    assert daemon.stop() == 0


def test_one_object_that_fails_blocks_no_other(daemon, receiver):
    made = list(events(60))
    bad = made[0]["data"]["file"]["id"]
    receiver.on("/in", lambda e: answer(500 if by_object(e.request.json())[0] == bad else 202)(e))
    configure(daemon, receiver, "object", "concurrency = 1\nbackoff = 1h..1h\n")
    daemon.start()
    daemon.spool.write(*made)
    others = {event["id"] for event in made if by_object(event)[0] != bad}
    receiver.wait_until(lambda: others <= set(receiver.ids("/in", answered=202)), 30, "the other objects")
    assert {by_object(request.json()) for request in receiver.requests("/in") if request.answered == 500} == {(bad, 1)}
    rows = daemon.wait_state("ordered", "blocked")
    assert {row["object"] for row in rows} == {bad}


def test_strict_and_changed_by_a_reload(daemon, receiver, say):
    seed = int(os.environ.get("MWDB_WEBHOOKS_SEED", time.time_ns() % 1_000_000))
    failing = Failing(seed)
    receiver.on("/in", failing)
    configure(daemon, receiver, "none")
    daemon.start()
    made = list(events(500))
    for number, event in enumerate(made):
        event["data"]["number"] = number + 1
    daemon.spool.write(*made)
    receiver.wait_until(lambda: len(receiver.requests("/in")) > 40, 30, "some requests")
    daemon.command("pause", "ordered")
    configure(daemon, receiver, "strict")
    daemon.reload()
    daemon.wait_for(lambda: daemon.json("plugins", "ordered")["status"]["in_flight"] == 0, "nothing is in flight")
    before = len(receiver.requests("/in"))
    failing.mended = True
    daemon.command("resume", "ordered")
    receiver.wait_until(lambda: len(receiver.requests("/in")) > before + 60, 30, "some requests in order")
    daemon.kill()
    daemon.start()
    wait_until_over(daemon)
    requests = receiver.requests("/in")[before:]
    wrong = inversions(requests, lambda event: ("all", event["data"]["number"]))
    say(f"order = strict after a reload (seed {seed}): {len(requests)} requests, {len(wrong)} inversions")
    assert wrong == []
