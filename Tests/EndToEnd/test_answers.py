"""What each answer of a receiver causes: the table in docs/receivers.md, row by row."""

import email.utils
import threading
import time

import pytest

from support.configuration import plugin
from support.receiver import Receiver, answer, close, hang, lying_length, reset, sequence
from support.spool import file_event


def start(daemon, receiver, lines="", beside=""):
    """A daemon with the plugin under test, and a healthy one beside it."""
    daemon.configure(plugin("tried", receiver.url("/tried"), lines, hooks="*") + beside)
    return daemon.start()


def beside(receiver):
    return plugin("healthy", receiver.url("/healthy"), hooks="*")


def only(daemon, state, timeout=30):
    """The one delivery of `tried`, once it is in `state`."""
    return daemon.wait_state("tried", state, timeout=timeout)[0]


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_success(daemon, receiver, status):
    receiver.on("/tried", answer(status))
    start(daemon, receiver)
    daemon.spool.write(file_event())
    only(daemon, "delivered")
    assert len(receiver.requests()) == 1


@pytest.mark.parametrize(
    "status", [408, 425, 429, 500, 502, 503, 504, 599, 301, 302, 307, 401, 403, 404, 405, 407]
)
def test_retried_until_it_works(daemon, receiver, status):
    receiver.on("/tried", sequence(answer(status), answer(status), answer(202)))
    start(daemon, receiver)
    sent = file_event()
    daemon.spool.write(sent)
    only(daemon, "delivered")
    requests = receiver.requests("/tried")
    assert [r.answered for r in requests] == [status, status, 202]
    assert {r.id for r in requests} == {sent["id"]}
    assert len({r.body for r in requests}) == 1


@pytest.mark.parametrize("status", [302, 401, 403, 404, 405, 407])
def test_a_plugin_that_must_be_mended_shows_as_misconfigured(daemon, receiver, status):
    receiver.on("/tried", answer(status))
    start(daemon, receiver, "backoff = 20ms..10s")
    daemon.spool.write(file_event())
    receiver.wait(2, "/tried")
    daemon.wait_for(
        lambda: "misconfigured" in daemon.command("status").stdout and str(status) in daemon.command("status").stdout,
        "status says misconfigured, and the status code",
    )


@pytest.mark.parametrize("status", [400, 402, 406, 409, 413, 415, 418, 422, 451])
def test_refused_for_good_is_dead_with_a_reason_and_retried_on_demand(daemon, receiver, status):
    receiver.on("/tried", sequence(answer(status, b"because I say so"), answer(202)))
    start(daemon, receiver)
    daemon.spool.write(file_event())
    dead = only(daemon, "dead")
    assert str(status) in dead["reason"]
    daemon.command("retry", dead["id"])
    only(daemon, "delivered")
    assert [r.answered for r in receiver.requests()] == [status, 202]


def test_gone_pauses_the_plugin_and_holds_its_backlog(daemon, receiver):
    receiver.on("/tried", sequence(answer(410), answer(202)))
    start(daemon, receiver, "concurrency = 1", beside(receiver))
    first = [file_event(b"%d" % n) for n in range(10)]
    daemon.spool.write(*first)
    receiver.wait(10, "/healthy")
    daemon.wait_for(lambda: "410" in daemon.command("status").stdout, "status says why it is paused")
    later = file_event(b"later")
    daemon.spool.write(later)
    receiver.wait(11, "/healthy")
    daemon.stop()
    daemon.start()
    daemon.spool.write(file_event(b"after the restart"))
    receiver.wait(12, "/healthy")
    assert len(receiver.requests("/tried")) == 1, "nothing is sent to a plugin that is paused"
    daemon.command("resume", "tried")
    receiver.wait_until(lambda: len(set(receiver.ids("/tried", answered=202))) == 12, what="the backlog")


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_pauses_the_whole_plugin_over_a_restart(daemon, receiver, form):
    value = "600" if form == "seconds" else email.utils.formatdate(time.time() + 600, usegmt=True)
    receiver.on("/tried", sequence(answer(429, b"", [("retry-after", value)]), answer(202)))
    start(daemon, receiver, "concurrency = 1", beside(receiver))
    daemon.spool.write(file_event(b"1"))
    receiver.wait(1, "/tried")
    receiver.wait_until(lambda: receiver.requests("/tried")[0].answered, what="the 429")
    daemon.wait_state("tried", "waiting")
    daemon.spool.write(*[file_event(b"%d" % n) for n in range(2, 6)])
    receiver.wait(5, "/healthy")
    daemon.stop()
    daemon.start()
    daemon.spool.write(file_event(b"6"))
    receiver.wait(6, "/healthy")
    assert len(receiver.requests("/tried")) == 1


def test_a_short_retry_after_is_kept(daemon, receiver):
    receiver.on("/tried", sequence(answer(503, b"", [("retry-after", "2")]), answer(202)))
    start(daemon, receiver)
    daemon.spool.write(file_event())
    first, second = receiver.wait(2, "/tried")
    assert second.received - first.received >= 1.9


def test_nobody_listens_yet(daemon):
    late = Receiver()
    late.stop()
    start(daemon, late)
    sent = file_event()
    daemon.spool.write(sent)
    daemon.wait_state("tried", "waiting")
    late.start()
    assert late.wait(1, "/tried")[0].id == sent["id"]
    late.stop()


@pytest.mark.parametrize("behaviour", [reset, close, lying_length(200), lying_length(500)], ids=lambda b: b.__name__)
def test_no_complete_answer_is_tried_again(daemon, receiver, behaviour):
    receiver.on("/tried", sequence(behaviour, answer(202)))
    start(daemon, receiver)
    sent = file_event()
    daemon.spool.write(sent)
    only(daemon, "delivered")
    assert receiver.ids("/tried") == [sent["id"]] * 2


@pytest.mark.parametrize("behaviour", [reset, close, lying_length(200)], ids=lambda b: b.__name__)
def test_no_complete_answer_is_held_where_that_is_asked(daemon, receiver, behaviour):
    receiver.on("/tried", sequence(behaviour, answer(202)))
    start(daemon, receiver, "on_ambiguous = hold")
    daemon.spool.write(file_event())
    held = only(daemon, "held")
    assert len(receiver.requests("/tried")) == 1
    daemon.command("retry", held["id"])
    only(daemon, "delivered")


@pytest.mark.parametrize("behaviour", [reset, close], ids=lambda b: b.__name__)
def test_hold_on_a_connection_that_was_used_before(daemon, receiver, behaviour):
    """libcurl sends again by itself when a kept-alive connection ends without an answer; that must not happen."""
    receiver.on("/tried", sequence(answer(202), behaviour, answer(202)))
    start(daemon, receiver, "on_ambiguous = hold\nconcurrency = 1")
    daemon.spool.write(file_event(b"1"))
    only(daemon, "delivered")
    daemon.spool.write(file_event(b"2"))
    only(daemon, "held")
    assert len(receiver.requests("/tried")) == 2


def test_hold_keeps_its_word_through_kill_nine(daemon, receiver):
    gate = threading.Event()
    receiver.on("/tried", hang(gate))
    start(daemon, receiver, "on_ambiguous = hold", beside(receiver))
    daemon.spool.write(file_event(b"1"))
    receiver.wait(1, "/tried")
    daemon.kill()
    daemon.start()
    only(daemon, "held")
    daemon.spool.write(file_event(b"2"))
    receiver.wait(2, "/healthy")
    receiver.wait(2, "/tried")
    assert len(set(receiver.ids("/tried"))) == 2, "the first was not sent a second time"
    gate.set()


def test_time_out_after_the_request_was_sent(daemon, receiver):
    gate = threading.Event()
    receiver.on("/tried", sequence(hang(gate), answer(202)))
    start(daemon, receiver, "timeout = 1s")
    daemon.spool.write(file_event())
    only(daemon, "delivered")
    assert len(receiver.requests("/tried")) == 2
    gate.set()


def test_success_that_the_body_denies(daemon, receiver):
    receiver.on("/tried", sequence(answer(200, {"error": True}), answer(200, {"error": []})))
    start(daemon, receiver, "success_if = json:/error != true")
    daemon.spool.write(file_event())
    only(daemon, "delivered")
    assert len(receiver.requests("/tried")) == 2


def test_a_body_that_says_give_up(daemon, receiver):
    receiver.on("/tried", answer(200, {"code": "duplicate"}))
    start(daemon, receiver, 'dead_if = json:/code == "duplicate"')
    daemon.spool.write(file_event())
    assert only(daemon, "dead")["reason"]
    assert len(receiver.requests("/tried")) == 1


def test_another_set_of_successes(daemon, receiver):
    receiver.on("/tried", answer(409))
    start(daemon, receiver, "success = 201, 409")
    daemon.spool.write(file_event())
    only(daemon, "delivered")
    assert len(receiver.requests()) == 1


def test_max_attempts(daemon, receiver):
    receiver.on("/tried", answer(500))
    start(daemon, receiver, "max_attempts = 4")
    daemon.spool.write(file_event())
    only(daemon, "dead")
    assert len(receiver.requests("/tried")) == 4


def test_max_age_needs_five_failed_attempts(daemon, receiver):
    """The receiver refuses one event and takes the others, so that its plugin is never suspended, which would not count."""
    bad = file_event(b"bad")

    def behave(exchange):
        return answer(500 if exchange.request.id == bad["id"] else 202)(exchange)

    receiver.on("/tried", behave)
    start(daemon, receiver, "max_age = 1s\nbackoff = 300ms..400ms")
    daemon.spool.write(bad)
    count = 0
    while not daemon.deliveries(plugin="tried", state="dead"):
        count += 1
        assert count < 300, daemon.show(bad["id"] + "/tried")
        daemon.spool.write(file_event(b"%d" % count))
        receiver.wait_until(lambda: len(receiver.ids("/tried", answered=202)) == count, what="a good one")
    times = [r.received for r in receiver.requests("/tried") if r.id == bad["id"]]
    assert len(times) >= 5 and times[-1] - times[0] >= 0.8


def test_rate(daemon, receiver):
    start(daemon, receiver, "rate = 5/s", beside(receiver))
    daemon.spool.write(*[file_event(b"%d" % n) for n in range(20)])
    receiver.wait(20, "/healthy")
    times = [r.received for r in receiver.wait(20, "/tried", timeout=60)]
    assert times[-1] - times[0] >= 2.5, "20 at 5 a second"


def test_concurrency(daemon, receiver):
    gate = threading.Event()
    receiver.on("/tried", hang(gate))
    start(daemon, receiver, "concurrency = 3", beside(receiver))
    daemon.spool.write(*[file_event(b"%d" % n) for n in range(30)])
    receiver.wait(30, "/healthy")
    receiver.wait(3, "/tried")
    assert len(receiver.requests("/tried")) == 3
    gate.set()
    receiver.wait(30, "/tried")
