"""kill -9 at random moments, a hundred times, under continuous intake, with receivers that fail at random and with
samples. Every accepted event must be delivered, and every repeat must carry the same webhook-id and the same bytes.

MWDB_WEBHOOKS_SEED repeats a run's random choices, MWDB_WEBHOOKS_KILLS their number.
"""

import collections
import hashlib
import http.client
import os
import random
import threading
import time

from support.configuration import plugin
from support.receiver import answer, close, hang, lying_length, reset
from support.spool import file_event, line

KILLS = int(os.environ.get("MWDB_WEBHOOKS_KILLS", "100"))


class Failing:
    """Answers well in half of the cases, until `mended`; then always."""

    def __init__(self, random_):
        self.random = random_
        self.lock = threading.Lock()
        self.mended = False
        self.never = threading.Event()

    def __call__(self, exchange):
        with self.lock:
            choice = 0 if self.mended else self.random.randrange(12)
        bad = {
            1: answer(500),
            2: answer(503, b"", [("retry-after", "1")]) if choice == 2 and self.random.random() < 0.02 else answer(503),
            3: reset,
            4: close,
            5: lying_length(200),
            6: answer(404),
        }
        if choice == 7 and self.random.random() < 0.2:
            return hang(self.never)(exchange)
        return bad.get(choice, answer(202))(exchange)


class Intake(threading.Thread):
    """Makes events until `stop`; `accepted` holds only what the daemon or the spool's flush acknowledged."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work = work
        self.stopping = threading.Event()
        self.accepted = {}
        self.failure = None

    def run(self):
        number = 0
        try:
            while not self.stopping.wait(0.004):
                number += 1
                for one in self.work(number):
                    self.accepted[one["id"]] = one
        except Exception as error:  # shown by the test
            self.failure = error

    def stop(self):
        self.stopping.set()
        self.join()
        assert self.failure is None, self.failure


def wait_for_all(daemon, receiver, path, ids):
    """Waits until each event was answered 202; what is missing is shown with what the daemon says of it."""
    try:
        receiver.wait_until(lambda: ids <= set(receiver.ids(path, answered=202)), 120, path)
    except AssertionError:
        missing = sorted(ids - set(receiver.ids(path, answered=202)))
        shown = [daemon.command("show", f"{one}{path}", check=False).stdout[:500] for one in missing[:5]]
        status = daemon.command("status", check=False).stdout
        raise AssertionError(f"{len(missing)} of {len(ids)} never came to {path}:\n{status}\n" + "\n".join(shown)) from None


def test_nothing_is_lost(daemon, receiver, say):
    seed = int(os.environ.get("MWDB_WEBHOOKS_SEED", time.time_ns() % 1_000_000))
    choose = random.Random(seed)
    failing = {path: Failing(random.Random(seed + n)) for n, path in enumerate(("/json", "/sample"))}
    for path, behaviour in failing.items():
        receiver.on(path, behaviour)
    limits = "timeout = 2s\nbackoff = 10ms..300ms\nmax_age = 1h\n"
    daemon.configure(
        plugin("json", receiver.url("/json"), limits, hooks="*")
        + plugin("sample", receiver.url("/sample"), limits + "body = multipart\nfile.name = {{file.sha256}}.bin")
    )

    def through_the_spool(number):
        content = b"%d %d " % (seed, number) + choose_content.randbytes(choose_content.randrange(1, 20_000))
        events = [file_event(content)]
        daemon.spool.put_content(content)
        if number % 3 == 0:
            events.append(file_event(content, hook="on_changed_object"))
        daemon.spool.write(*events)
        return events

    def over_http(number):
        events = [file_event(b"http %d %d" % (number, n), hook="on_updated_user") for n in range(1 + number % 3)]
        try:
            answered = daemon.post(*events, timeout=10)
        except (OSError, http.client.HTTPException):
            return []
        return events if answered.status == 202 else []

    choose_content = random.Random(seed + 10)
    intakes = [Intake(through_the_spool), Intake(over_http)]
    for intake in intakes:
        intake.start()
    for _ in range(KILLS):
        daemon.spawn()
        if choose.random() < 0.8:
            daemon.wait_ready()
        threading.Event().wait(choose.uniform(0, 0.4))  # the moment of the kill is what is random
        assert daemon.alive(), daemon.tail()
        daemon.kill()
    for intake in intakes:
        intake.stop()
    for behaviour in failing.values():
        behaviour.mended = True
        behaviour.never.set()
    daemon.start()

    accepted = intakes[0].accepted | intakes[1].accepted
    samples = {i: e for i, e in accepted.items() if e["type"] == "on_created_file"}
    wanted = {"/json": set(accepted), "/sample": set(samples)}
    for path, ids in wanted.items():
        wait_for_all(daemon, receiver, path, ids)

    lost, delivered, repeated = 0, 0, 0
    for path, ids in wanted.items():
        good = collections.Counter(receiver.ids(path, answered=202))
        lost += len(ids - set(good))
        delivered += len(ids & set(good))
        repeated += sum(count - 1 for count in good.values())
    for request in receiver.requests("/json"):
        assert request.json()["id"] == request.id
        if request.id in accepted:
            assert request.body == line(accepted[request.id])
    for request in receiver.requests("/sample"):
        part = request.multipart()[-1]
        assert part.filename == hashlib.sha256(part.body).hexdigest() + ".bin"
        if request.id in samples:
            assert part.filename == samples[request.id]["data"]["file"]["sha256"] + ".bin"
    say(
        f"kill -9 × {KILLS} (seed {seed}): {len(accepted)} events accepted"
        f" ({len(samples)} with samples), {delivered} deliveries wanted and delivered,"
        f" {len(receiver.requests())} requests, {repeated} repeated after a success, lost = {lost}"
    )
    assert lost == 0
    assert len(accepted) > 10 * KILLS
    assert daemon.stop() == 0
    assert not daemon.spool.waiting() and not daemon.spool.rejected()
