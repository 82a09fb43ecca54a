"""event.py: ids, times, and the one line of JSON."""

import json
import re
import threading

import pytest
from mwdb_plugin_webhooks import event

MOMENT = 1_795_458_483_266_123_456


def line(data, **changes):
    parts = {"identifier": "I", "hook": "on_x", "moment": "T", "source": "mwdb", "actor": None, **changes}
    return event.line(data=data, **parts)


def test_an_id_is_a_uuid_of_version_7_that_holds_its_millisecond():
    made = event.EventIDs().new(MOMENT)
    assert re.fullmatch("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", made)
    assert int(made.replace("-", "")[:12], 16) == MOMENT // 1_000_000


def test_ids_rise_within_a_millisecond_and_when_the_clock_steps_back():
    ids = event.EventIDs()
    made = [ids.new(MOMENT) for _ in range(10_000)]
    made += [ids.new(MOMENT - 3_600_000_000_000) for _ in range(10)]
    made += [ids.new(MOMENT + 60_000_000_000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_of_threads_differ():
    ids, made = event.EventIDs(), []
    threads = [threading.Thread(target=lambda: made.extend([ids.new(MOMENT) for _ in range(500)])) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 4000


@pytest.mark.parametrize(
    "nanoseconds, text",
    [
        (MOMENT, "2026-11-23T18:28:03.266Z"),
        (0, "1970-01-01T00:00:00.000Z"),
        (1_999_999_999, "1970-01-01T00:00:01.999Z"),
    ],
)
def test_a_timestamp_has_milliseconds_and_is_never_rounded_up(nanoseconds, text):
    assert event.timestamp(nanoseconds) == text


def test_a_line_is_compact_ascii_with_its_keys_in_order():
    assert line({"tag": {"tag": "ą\u0000\n\u202e\U0001f480"}}, actor="me") == (
        b'{"id":"I","type":"on_x","timestamp":"T","source":"mwdb","actor":"me",'
        b'"data":{"tag":{"tag":"\\u0105\\u0000\\n\\u202e\\ud83d\\udc80"}}}'
    )


def test_integers_of_any_length_stay_integers():
    assert b'"cfg":{"n":1' + b"0" * 300 + b"}" in line({"config": {"cfg": {"n": 10**300}}})


def test_a_field_of_one_mebibyte_stays_and_one_byte_more_is_truncated():
    fits = "x" * (event.FIELD_LIMIT - 2)  # and two quotes
    blob = json.loads(line({"blob": {"id": "b", "content": fits}}))["data"]["blob"]
    assert blob == {"id": "b", "content": fits}
    blob = json.loads(line({"blob": {"id": "b", "content": fits + "x"}}))["data"]["blob"]
    assert blob == {"id": "b", "content": None, "truncated": ["content"]}


def test_what_counts_is_the_length_in_the_line():
    blob = json.loads(line({"blob": {"content": "\u0000" * (event.FIELD_LIMIT // 6 + 1)}}))["data"]["blob"]
    assert blob["truncated"] == ["content"]


def test_each_argument_is_truncated_on_its_own():
    large = "x" * event.FIELD_LIMIT
    data = json.loads(line({"parent": {"cfg": large}, "child": {"cfg": "small"}}))["data"]
    assert data == {"parent": {"cfg": None, "truncated": ["cfg"]}, "child": {"cfg": "small"}}


def deep(levels=100_000):
    value = []
    for _ in range(levels - 1):
        value = [value]
    return value


@pytest.mark.parametrize("of_arrays", [True, False])
@pytest.mark.parametrize("levels, fits", [(125, True), (126, False), (500, False)])
def test_what_the_daemon_would_refuse_as_too_deep_is_left_out_and_named(levels, fits, of_arrays):
    value = deep(levels) if of_arrays else json.loads('{"a":' * (levels - 1) + "{}" + "}" * (levels - 1))
    config = json.loads(line({"config": {"id": "c", "cfg": value, "family": "f"}}))["data"]["config"]
    if fits:
        assert config == {"id": "c", "cfg": value, "family": "f"}
    else:
        assert config == {"id": "c", "family": "f", "unavailable": ["cfg"]}


def test_many_brackets_beside_each_other_are_not_deep():
    value = [{"text": "[[[{{{"}] * 500
    assert json.loads(line({"config": {"cfg": value}}))["data"]["config"] == {"cfg": value}


@pytest.mark.parametrize(
    "value",
    [float("nan"), float("inf"), object(), b"bytes", deep()],
    ids=["nan", "infinity", "object", "bytes", "deep"],
)
def test_what_json_cannot_hold_is_left_out_and_named(value):
    data = json.loads(line({"attribute": {"key": "k", "value": value, "unavailable": ["hidden"]}}))["data"]
    assert data == {"attribute": {"key": "k", "unavailable": ["hidden", "value"]}}
