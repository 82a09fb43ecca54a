"""CloudEvents 1.0.2, structured and binary: the CNCF's own package reads what the daemon sent, whatever is in it."""

import json

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks import Webhook

from support.configuration import plugin
from support.spool import event, file_event, line
from test_hostile_strings import HOSTILE

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODIES = ("cloudevents", "cloudevents-binary")


def read(request):
    """The request as a receiver's CloudEvents library reads it; its attributes are checked by the library."""
    names = [name.lower() for name, _ in request.headers]
    assert len(names) == len(set(names)), names
    headers = {name.lower(): value for name, value in request.headers if name.lower() != "content-length"}
    Webhook(SECRET).verify(request.body, headers)
    headers = {n: v for n, v in headers.items() if n == "content-type" or n.startswith("ce-")}
    return from_http(HTTPMessage(headers, request.body), JSONFormat())


@pytest.fixture
def both(daemon, receiver):
    """A daemon with a plugin for each mode, every hook."""
    sections = (plugin(b, receiver.url("/" + b), f"body = {b}\nsecret = {SECRET}", hooks="*") for b in BODIES)
    return daemon.configure("".join(sections)).start()


@pytest.mark.parametrize("body", BODIES)
def test_attributes_and_data(both, receiver, body):
    sent = file_event(b"MZ", name="a.exe")
    both.spool.write(sent)
    request = receiver.wait(1, "/" + body)[0]
    made = read(request)
    assert made.get_id() == sent["id"] == request.id
    assert made.get_type() == "on_created_file" and made.get_source() == "mwdb"
    assert made.get_subject() == sent["data"]["file"]["id"]
    assert made.get_time().isoformat(timespec="milliseconds").replace("+00:00", "Z") == sent["timestamp"]
    assert made.get_extension("actor") == "alice"
    assert made.get_datacontenttype() == "application/json"
    assert made.get_data() == sent["data"]
    kind = "application/json" if body == "cloudevents-binary" else "application/cloudevents+json"
    assert request.header("content-type") == kind


@pytest.mark.parametrize("body", BODIES)
def test_data_goes_through_byte_for_byte(both, receiver, body):
    data = b'{"object": {"id":"ab", "n":' + b"9" * 301 + b',"nul":"\\u0000\\ud800","f":-0.10E+05 } }'
    head = b'{"id":"bytes","type":"on_changed_object","timestamp":"2026-11-23T18:28:03.266Z","source":"mwdb",'
    both.spool.write(head + b'"data":' + data + b', "unknown": 1}')
    request = receiver.wait(1, "/" + body)[0]
    assert data in request.body
    assert request.body == data or body == "cloudevents"
    assert read(request).get_data() == json.loads(data)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_strings(both, receiver, text):
    sent = event("on_created_tag", {"object": {"id": "0" * 64, "type": "file"}, "tag": {"tag": text}}, actor=text)
    sent["source"] = text
    both.spool.write(line(sent))
    for body in BODIES:
        request = receiver.wait(1, "/" + body)[0]
        made = read(request)
        assert made.get_data() == sent["data"]
        assert made.get_id() == sent["id"] and made.get_type() == "on_created_tag"
        assert made.get_source() and all(0x21 <= ord(c) <= 0x7E for c in made.get_source())
        actor = made.get_extension("actor")
        assert (actor or "") == "".join("\ufffd" if unusable(ord(c)) else c for c in text)
        assert request.header("x-injected") is None


def unusable(code):
    """A character that CloudEvents' type String does not have."""
    return code < 0x20 or 0x7F <= code <= 0x9F or 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
