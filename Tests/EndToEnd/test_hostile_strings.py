"""Hostile strings in what users control reach the receiver as data: no header, field, mention or markup of theirs."""

import json
import re

import pytest

from support.configuration import plugin
from support.spool import event, file_event

HOSTILE = {
    "quotes": "a\"b'c`d.exe",
    "carriage return and line feed": 'x"\r\nX-Injected: yes\r\n\r\n--boundary\r\n',
    "line feed": "a\nX-Injected: yes",
    "nul": "a\0b.exe",
    "control characters": "\x01\x02\x1b[31mred\x7f",
    "right to left": "\u202egpj.exe\u2066\u200f",
    "script": "<script>alert(1)</script><!channel>",
    "template": "{{file.sha256}} {{event.id|json}} {{plugin.secret}}",
    "secret": "${env:HOME} ${file:/etc/passwd} ${credential:x}",
    "mentions": "<@U123> <!here> @everyone @here <https://evil.example|click>",
    "field": 'a"; name="admin"; filename="other',
    "traversal": "../../etc/passwd",
    "percent": "%0d%0aX-Injected: yes %22 %s %n",
    "semicolon and backslash": "a;b\\c\\\"d",
    "ten kilobytes": "ż" * 10_000,
    "unicode": "\U0001f4a9 \ufeff \ufffe \ue000",
    "empty": "",
    "dots": "..",
    "json": '","type":"on_removed_file","x":"',
    "mime word": "=?utf-8?q?a=0d=0ab?=",
}


@pytest.mark.parametrize("name", HOSTILE.values(), ids=HOSTILE.keys())
def test_file_names(daemon, receiver, name):
    lines = """
        body = multipart
        field.name = {{file.file_name}}
        field.fixed = 7
        file.field = file
        file.name = {{file.file_name}}
        header.X-Name = {{file.file_name}}
    """
    slack = """
        body = json
        template = {"text": "{{file.file_name|slack|json}}: <{{mwdb.public_url}}/file/{{file.id}}|{{file.id}}>"}
    """
    daemon.configure(
        plugin("sandbox", receiver.url("/sandbox"), lines)
        + plugin("event", receiver.url("/event"))
        + plugin("chat", receiver.url("/chat"), slack)
        + plugin("link", receiver.url("/link/") + "{{file.file_name}}?q={{file.file_name}}&fixed=7")
        + plugin("form", receiver.url("/form"), "body = form\nfield.name = {{file.file_name}}\nfield.fixed = 7"),
        mwdb="url = http://127.0.0.1:9\npublic_url = https://mwdb.example",
    ).start()
    content = b"MZ hostile"
    daemon.spool.put_content(content)
    sent = file_event(content, name=name)
    daemon.spool.write(sent)
    receiver.wait_until(lambda: len(receiver.requests()) >= 5, what="five requests")
    found = {re.match(r"/(\w+)", r.path).group(1): r for r in receiver.requests()}
    assert set(found) == {"sandbox", "event", "chat", "link", "form"}

    for request in found.values():
        assert request.header("x-injected") is None
        assert [n for n, _ in request.headers if n.lower() == "host"], "the head is whole"
    assert found["event"].json() == sent

    parts = found["sandbox"].multipart()
    expected = ["name", "fixed", "file"] if name else ["fixed", "file"]
    assert [p.name for p in parts] == expected, "no field of theirs, none lost"
    if name:
        assert parts[0].body.decode() == name
    assert parts[-1].body == content
    head = parts[-1].head
    unquoted = re.sub(r'"[^"]*"', '""', head)
    assert unquoted.lower().count("filename=") == 1 and unquoted.count("name=") == 2 and "filename*" not in head
    assert "\0" not in head and not re.search(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", head)
    assert len(head.split("\r\n")) == 2, f"disposition and type, nothing else: {head!r}"
    if not name:
        assert parts[-1].filename == sent["data"]["file"]["sha256"]
    assert len(parts[-1].filename.encode()) <= 200
    assert not re.search(r"[\x00-\x1f\x7f]", found["sandbox"].header("x-name") or "")

    text = found["chat"].json()["text"]
    link = f"<https://mwdb.example/file/{sent['data']['file']['id']}|{sent['data']['file']['id']}>"
    assert text.endswith(": " + link)
    theirs = text.removesuffix(": " + link)
    assert "<" not in theirs and ">" not in theirs, "no mention, no link, no markup"

    assert re.fullmatch(r"[\x21-\x7e]+", found["link"].path)
    assert found["link"].path.count("/") == 2 and found["link"].path.endswith("&fixed=7")
    assert found["link"].path.count("?") == 1 and found["link"].path.count("&") == 1
    fields = found["form"].body.decode("ascii").split("&")
    assert [f.split("=")[0] for f in fields] == (["name", "fixed"] if name else ["fixed"])


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_tags_and_comments(daemon, receiver, text):
    daemon.configure(
        plugin("every", receiver.url("/all"), hooks="*")
        + plugin("text", receiver.url("/text"), "body = text\ntemplate = tag {{tag.tag}}", hooks="on_created_tag")
        + plugin(
            "comment",
            receiver.url("/comment"),
            'body = json\ntemplate = {"c": "{{comment.comment|json}}", "u": "{{comment.comment|url}}"}',
            hooks="on_created_comment",
        )
    ).start()
    about = {"id": "0" * 64, "type": "file"}
    tag = event("on_created_tag", {"object": about, "tag": {"id": 1, "tag": text}})
    comment = event("on_created_comment", {"object": about, "comment": {"id": 1, "comment": text, "author": text}})
    daemon.spool.write(tag, comment)
    receiver.wait(2, "/all")
    assert {r.id: r.json() for r in receiver.requests("/all")} == {e["id"]: e for e in (tag, comment)}
    assert receiver.wait(1, "/text")[0].body.decode() == "tag " + text
    made = json.loads(receiver.wait(1, "/comment")[0].body)
    assert made["c"] == text and re.fullmatch(r"[A-Za-z0-9._~%-]*", made["u"])


def test_nothing_hostile_reaches_the_log_raw(daemon, receiver):
    daemon.configure(plugin("every", receiver.url("/all"), hooks="*")).start()
    daemon.spool.write(b'{"id": "\x1b[2J\\u001b[31m\\r\\n<3>forged"}', file_event(name="\x1b[31m\r\n<0>forged"))
    receiver.wait(1, "/all")
    daemon.wait_for(daemon.spool.rejected, "the bad line is rejected")
    daemon.stop()
    assert b"\x1b" not in daemon.log.read_bytes()
    assert not re.search(rb"^<\d>forged", daemon.log.read_bytes(), re.M)
