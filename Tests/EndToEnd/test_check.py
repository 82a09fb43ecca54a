"""`check` on wrong configurations: it names file, line and key, says what to do, and the daemon does not start.

In each case the wrong line is marked with `»`; the words behind `→` must be in the message (the nearest valid name).
"""

import os

import pytest

from support.configuration import plugin

HEAD = """
[webhooks]
spool = spool
outbox = outbox
listen = unix:api.sock
"""
PLUGINS = HEAD + "plugins = a\n"
GOOD = PLUGINS + "[plugin:a]\nurl = http://127.0.0.1:9/\nhooks = on_created_file\n"

WRONG = {
    # [webhooks]
    "unknown key": (HEAD + "» spol = x", "spool"),
    "unknown section": (HEAD + "» [webhook]\nplugins = a", "webhooks"),
    "no section": ("» spool = x\n" + HEAD, ""),
    "no equals sign": (HEAD + "» retention", ""),
    "duplicate key": (HEAD + "» spool = y", "spool"),
    "duplicate section": (GOOD + "» [plugin:a]\nurl = http://x/", "plugin:a"),
    "duration": (HEAD + "» retention = a week", "7d"),
    "duration without unit": (HEAD + "» retention = 7", ""),
    "size": (HEAD + "» copy_limit = big", "16MB"),
    "negative size": (HEAD + "» min_free_space = -1GB", ""),
    "listen": (HEAD.replace("listen = ", "» listen = nix:"), "unix:"),
    "listen port": (HEAD.replace("listen = unix:api.sock", "» listen = 127.0.0.1:99999"), ""),
    "log level": (HEAD + "» log_level = loud", "debug"),
    "log format": (HEAD + "» log_format = xml", "json"),
    "boolean": (HEAD + "» enable_plugins = perhaps", ""),
    "plugin without section": (HEAD + "» plugins = drakvuff", ""),
    "upper case key": (HEAD + "» Retention = 7d", "retention"),
    "unclosed section": (HEAD + "» [plugin:a\nurl = x", ""),
    # [mwdb]
    "mwdb url": (GOOD + "[mwdb]\n» url = mwdb.example", "http"),
    "mwdb key": (GOOD + "[mwdb]\n» apikey = x", "api_key"),
    # plugins
    "hook": (PLUGINS + "[plugin:a]\nurl = http://x/\n» hooks = on_create_file", "on_created_file"),
    "hook glob": (PLUGINS + "[plugin:a]\nurl = http://x/\n» hooks = on_made_*", ""),
    "no hooks": (PLUGINS + "» [plugin:a]\nurl = http://x/", "hooks"),
    "no url": (PLUGINS + "» [plugin:a]\nhooks = *", "url"),
    "plugin key": (GOOD + "» retries = 5", "max_attempts"),
    "near miss": (GOOD + "» time_out = 5s", "timeout"),
    "url without scheme": (PLUGINS + "[plugin:a]\nhooks = *\n» url = drakvuf:5000/api", "http"),
    "url of another scheme": (PLUGINS + "[plugin:a]\nhooks = *\n» url = ftp://x/", "http"),
    "template in host": (PLUGINS + "[plugin:a]\nhooks = *\n» url = http://{{file.sha256}}/", ""),
    "template field": (GOOD + "body = text\n» template = {{file.sha265}}", "sha256"),
    "template parameter": (GOOD + "body = text\n» template = {{tag.tag}}", ""),
    "template filter": (GOOD + "body = text\n» template = {{file.sha256|upper}}", ""),
    "template unclosed": (GOOD + "body = text\n» template = {{file.sha256", ""),
    "filter operator": (GOOD + '» filter = file.file_type begins "PE32"', "startswith"),
    "filter field": (GOOD + '» filter = file.filetype == "x"', "file_type"),
    "filter value": (GOOD + "» filter = file.file_size <= lots", ""),
    "filter quote": (GOOD + '» filter = file.file_type == "PE32', ""),
    "filter expression": (GOOD + '» filter = file.file_name matches "["', ""),
    "body": (GOOD + "» body = xml", "json"),
    "method": (GOOD + "» method = GET IT", ""),
    "preset": (PLUGINS + "[plugin:a]\nurl = http://x/\n» preset = drakvouf", "drakvuf"),
    "secret": (GOOD + "» secret = whsec_short", ""),
    "secret file": (GOOD + "» secret = ${file:/nonexistent/secret}", "/nonexistent/secret"),
    "secret variable": (GOOD + "» secret = ${env:NOT_THERE}", "NOT_THERE"),
    "secret kind": (GOOD + "» secret = ${vault:x}", "file"),
    "backoff": (GOOD + "» backoff = 5s", "5s..1h"),
    "backoff upside down": (GOOD + "» backoff = 1h..5s", ""),
    "rate": (GOOD + "» rate = fast", "5/m"),
    "concurrency": (GOOD + "» concurrency = 0", ""),
    "status": (GOOD + "» success = 2000", ""),
    "ambiguous": (GOOD + "» on_ambiguous = drop", "hold"),
    "extract": (GOOD + "» extract.id = xml:/id", "json:"),
    "extract expression": (GOOD + "» extract.id = regex:(", ""),
    "attribute key": (GOOD + "» attribute.my key = 1", ""),
    "attribute name": (GOOD + "extract.id = json:/id\n» attribute.task = {{task}}", "id"),
    "attribute part": (GOOD + "extract.id = json:/id\nattribute.t = {{id}}\n» attribute.t.lable = x", "label"),
    "header": (GOOD + "» header.X Y = 1", ""),
    "addresses": (GOOD + "» deny_addresses = 10.0.0.0/33", ""),
    "certificate": (GOOD + "» tls.ca = /nonexistent/ca.pem", "/nonexistent/ca.pem"),
    "proxy": (GOOD + "» proxy = socks", ""),
    "success_if": (GOOD + "» success_if = json:/error =! true", "!="),
    "multipart without a file hook": (
        PLUGINS + "[plugin:a]\nurl = http://x/\nhooks = on_created_user\n» body = multipart",
        "",
    ),
    "field without form": (GOOD + "» field.x = 1", "body"),
    "write-back without mwdb": (GOOD + "extract.id = json:/id\n» attribute.task = {{id}}", "[mwdb]"),
}


@pytest.mark.parametrize(("text", "words"), WRONG.values(), ids=WRONG.keys())
def test_wrong(daemon, text, words):
    rows = text.lstrip("\n").splitlines()
    number = next(n for n, row in enumerate(rows, 1) if row.startswith("» "))
    wrong = rows[number - 1].removeprefix("» ")
    daemon.ini.write_text("\n".join(row.removeprefix("» ") for row in rows) + "\n")
    done = daemon.command("check", check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 1, said
    messages = [row for row in said.splitlines() if row.startswith(f"{daemon.ini}:{number}: error: ")]
    assert messages, f"no error for line {number} in:\n{said}"
    key = wrong.split("=", 1)[0].strip().strip("[]")
    assert key.lower().split(" ")[0] in messages[0].lower(), messages
    if words:
        assert words in "\n".join(messages), messages

    daemon.spawn()
    assert daemon.wait_exit(20) == 1
    assert f":{number}" in daemon.tail(), "`run` says the same"


def test_there_are_enough():
    assert len(WRONG) >= 40


def test_all_problems_at_once(daemon):
    daemon.ini.write_text(GOOD + "body = xml\nrate = fast\nconcurrency = none\n")
    said = daemon.command("check", check=False)
    assert (said.stdout + said.stderr).count(": error: ") == 3


def test_a_good_one(daemon, receiver):
    daemon.configure(plugin("hello", receiver.url("/")))
    assert daemon.command("check").returncode == 0


def test_a_missing_file(daemon):
    done = daemon.command("check", check=False)
    assert done.returncode == 1 and str(daemon.ini) in done.stdout + done.stderr


def test_the_environment_is_named(daemon, receiver):
    import subprocess

    from support.daemon import BINARY, ENVIRONMENT

    daemon.configure(plugin("hello", receiver.url("/")))
    done = subprocess.run(
        [BINARY, "check", "--config", daemon.ini],
        env=ENVIRONMENT | {"WEBHOOKS_RETENTION": "for ever"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1 and "WEBHOOKS_RETENTION" in done.stdout + done.stderr


def test_secrets_are_not_shown(daemon, receiver):
    (daemon.folder / "secret").write_text("whsec_c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0\n")
    os.chmod(daemon.folder / "secret", 0o600)
    daemon.configure(
        plugin(
            "hello",
            receiver.url("/"),
            "secret = ${file:" + str(daemon.folder / "secret") + "}\nheader.Authorization = Bearer hunter2-${env:TOKEN}",
        )
    )
    daemon.start(environment={"TOKEN": "tok-4711"})
    for said in (
        daemon.command("plugins").stdout,
        daemon.command("plugins", "--json").stdout,
        daemon.http("GET", "/api/about").body.decode(),
        daemon.http("GET", "/api/plugins").body.decode(),
        daemon.log.read_text(),
    ):
        assert "c2VjcmV0" not in said and "tok-4711" not in said
