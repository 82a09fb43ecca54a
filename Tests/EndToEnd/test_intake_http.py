"""The HTTP interface's contract for intake: an answer in the 2xx only after the durable commit, problems in words."""

import socket

import pytest

from support.configuration import plugin
from support.spool import file_event, line


@pytest.fixture
def hello(daemon, receiver):
    daemon.configure(plugin("hello", receiver.url("/hello"), hooks="*"), webhooks="max_event_size = 64KB")
    return daemon.start()


def problem(answer, status):
    """Asserts an RFC 9457 problem and returns it."""
    assert answer.status == status, answer
    assert answer.headers["content-type"].split(";")[0] == "application/problem+json"
    found = answer.json()
    assert found["status"] == status and found["title"], found
    return found


def test_one_event_as_json(hello, receiver):
    sent = file_event()
    answer = hello.http("POST", "/api/events", line(sent), {"content-type": "application/json"})
    assert (answer.status, answer.json()) == (202, {"accepted": 1, "duplicates": 0})
    assert receiver.wait(1)[0].body == line(sent)
    again = hello.http("POST", "/api/events", line(sent), {"content-type": "application/json"})
    assert (again.status, again.json()) == (202, {"accepted": 0, "duplicates": 1})


def test_many_events_as_ndjson(hello, receiver):
    sent = [file_event(b"%d" % n) for n in range(100)]
    answer = hello.post(*sent, sent[0])
    assert (answer.status, answer.json()) == (202, {"accepted": 100, "duplicates": 1})
    receiver.wait(100)
    assert sorted(receiver.ids()) == sorted(e["id"] for e in sent)


@pytest.mark.parametrize("body", [b"", b"{", b"{]}", b"\xff\xfe{}", b"nonsense"])
def test_what_is_no_json_is_a_bad_request(hello, body):
    problem(hello.http("POST", "/api/events", body, {"content-type": "application/json"}), 400)


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", None])
def test_other_types_are_unsupported(hello, kind):
    headers = {"content-type": kind} if kind else {}
    problem(hello.http("POST", "/api/events", line(file_event()), headers), 415)


def test_an_event_past_the_limit_is_too_large(hello, receiver):
    body = line(file_event(name="x" * 70_000))
    problem(hello.http("POST", "/api/events", body, {"content-type": "application/json"}), 413)


def test_a_bad_line_is_named_and_nothing_is_accepted(hello, receiver):
    good = [file_event(b"1"), file_event(b"2")]
    answer = hello.post(good[0], b'{"id": "no event"}', good[1], b"{}")
    found = problem(answer, 422)
    assert [entry["line"] for entry in found["lines"]] == [2, 4], found
    assert all(entry["message"] for entry in found["lines"])
    last = file_event(b"3")
    assert hello.post(last).status == 202
    receiver.wait(1)
    assert hello.post(*good).json() == {"accepted": 2, "duplicates": 0}, "nothing of the bad request was kept"
    receiver.wait(3)
    assert receiver.ids()[0] == last["id"]


def test_an_id_conflict_is_named(hello, receiver):
    first = file_event()
    assert hello.post(first).status == 202
    answer = hello.post(first | {"actor": "mallory"})
    found = problem(answer, 409)
    assert [entry["line"] for entry in found["lines"]] == [1] and "conflict" in found["detail"]


def test_about_shows_plugins_as_mwdb_does(daemon, receiver):
    daemon.configure(
        plugin(
            "hello_world",
            receiver.url("/"),
            "author = just me\nversion = 1.0.0\ndescription = Simple hello world plugin",
        )
    ).start()
    about = daemon.http("GET", "/api/about").json()
    assert about["active_plugins"] == {
        "hello_world": {
            "active": True,
            "author": "just me",
            "version": "1.0.0",
            "description": "Simple hello world plugin",
        }
    }


def test_probes(hello):
    assert hello.http("GET", "/healthz").status == 200
    assert hello.http("GET", "/readyz").status == 200
    assert any(name.startswith("mwdb_webhooks_") for name in hello.metrics())
    problem(hello.http("GET", "/nothing/here"), 404)
    assert hello.http("DELETE", "/api/events").status in (404, 405)


def test_tcp_serves_strangers_probes_only(daemon, receiver):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    daemon.configure(
        plugin("hello", receiver.url("/hello"), hooks="*"),
        webhooks=f"listen = unix:{daemon.socket}, 127.0.0.1:{port}",
    ).start()
    import requests

    base = f"http://127.0.0.1:{port}"
    for path in ("/healthz", "/readyz", "/metrics"):
        assert requests.get(base + path, timeout=10).status_code == 200, path
    for path in ("/api/about", "/api/plugins", "/api/deliveries"):
        assert requests.get(base + path, timeout=10).status_code in (401, 403, 404), path
    answer = requests.post(
        base + "/api/events", data=line(file_event()), headers={"content-type": "application/json"}, timeout=10
    )
    assert answer.status_code in (401, 403, 404)
    assert daemon.http("GET", "/api/about").status == 200


def test_the_socket_is_not_open_to_everyone(hello):
    assert hello.socket.stat().st_mode & 0o007 == 0
