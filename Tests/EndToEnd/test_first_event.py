"""One event, from the spool to the receiver: what is sent, and that it is signed as Standard Webhooks says."""

import base64
import re
import secrets
import time

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from support.configuration import plugin
from support.spool import event, file_event, line


def secret():
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def verify(key, request, **options):
    """Verifies a request with the `standardwebhooks` package; returns the event."""
    headers = {name.lower(): value for name, value in request.headers}
    return Webhook(key).verify(request.body, headers, **options)


def test_the_request_is_the_event_as_it_was_written(daemon, receiver):
    key = secret()
    daemon.configure(
        plugin("hello_world", receiver.url("/hello"), f"secret = {key}\nauthor = just me\nversion = 1.0.0")
    ).start()
    written = file_event(b"MZ first")
    daemon.spool.write(written)
    request = receiver.wait(1, "/hello")[0]

    assert (request.method, request.path) == ("POST", "/hello")
    assert request.body == line(written)
    assert request.header("content-type") == "application/json"
    assert re.fullmatch(r"mwdb-webhooks/\d+\.\d+\.\d+\S*", request.header("user-agent"))
    assert request.id == written["id"]
    assert abs(int(request.header("webhook-timestamp")) - time.time()) < 60
    assert request.header("content-length") == str(len(request.body))
    assert request.header("expect") is None
    assert verify(key, request) == written
    assert "Loaded plugin 'hello_world'" in daemon.log.read_text()
    daemon.wait_for(lambda: not daemon.spool.waiting(), "the spool file is removed")


def test_two_secrets_sign_twice(daemon, receiver):
    old, new = secret(), secret()
    daemon.configure(plugin("hello_world", receiver.url("/hello"), f"secret = {new}, {old}")).start()
    daemon.spool.write(file_event())
    request = receiver.wait(1, "/hello")[0]
    assert len(request.header("webhook-signature").split()) == 2
    assert verify(old, request) == verify(new, request)
    with pytest.raises(WebhookVerificationError):
        verify(secret(), request)


@pytest.mark.parametrize("body", ["body = multipart\nfield.kind = sample\nfile.field = file", "body = raw"])
def test_a_streamed_sample_is_signed_to_the_last_byte(daemon, receiver, body):
    """The package takes text only, so the sample is text."""
    key = secret()
    daemon.configure(plugin("sandbox", receiver.url("/sandbox"), f"secret = {key}\n{body}")).start()
    content = b"a text sample, " * 20_000
    daemon.spool.put_content(content)
    daemon.spool.write(file_event(content))
    request = receiver.wait(1, "/sandbox")[0]
    assert content in request.body
    verify(key, request, json_parse=False)
    request.body = request.body.replace(b"a text", b"A text", 1)
    with pytest.raises(WebhookVerificationError):
        verify(key, request, json_parse=False)


def test_a_changed_body_does_not_verify(daemon, receiver):
    key = secret()
    daemon.configure(plugin("hello_world", receiver.url("/hello"), f"secret = {key}")).start()
    daemon.spool.write(file_event())
    request = receiver.wait(1, "/hello")[0]
    request.body = request.body.replace(b"sample.exe", b"simple.exe")
    with pytest.raises(WebhookVerificationError):
        verify(key, request)


@pytest.mark.parametrize(
    "text",
    [
        '"unknown": {"a": [1, {"b": null}]}',
        '"big": ' + "9" * 301,
        '"nul": "before\\u0000after"',
        '"escaped": "\\u0041\\/\\ud83d\\ude00"',
        '"spaces" :  [ 1 ,2 ]',
        '"number": 1.0e+00',
        '"unicode": "żółć \u202e\u2066"',
    ],
    ids=lambda text: text.split('"')[1],
)
def test_bytes_are_passed_on_untouched(daemon, receiver, text):
    daemon.configure(plugin("hello_world", receiver.url("/hello"))).start()
    written = line(file_event())[:-1] + b"," + text.encode() + b"}"
    daemon.spool.write(written)
    assert receiver.wait(1, "/hello")[0].body == written


def test_a_hook_mwdb_may_invent_goes_to_those_who_want_all(daemon, receiver):
    daemon.configure(
        plugin("everything", receiver.url("/all"), hooks="*") + plugin("files", receiver.url("/files"))
    ).start()
    invented = [event("on_created_hologram", {"hologram": {"id": number}}) for number in (7, 8)]
    last = file_event()
    daemon.spool.write(*invented)
    daemon.spool.write(last)
    receiver.wait(3, "/all")
    assert receiver.wait(1, "/files")[0].id == last["id"]
    assert len(receiver.requests("/files")) == 1
    assert daemon.log.read_text().count("on_created_hologram") == 1, "an unknown hook is logged once"
