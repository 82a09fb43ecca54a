"""Signatures, verified by others: `v1` by the package standardwebhooks, `v1a` by cryptography's ed25519."""

import base64
import json
import stat

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from standardwebhooks import Webhook

from support.configuration import plugin
from support.spool import event


def verify_ed25519(public, request):
    """As a receiver verifies with a public key."""
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(public.removeprefix("whpk_")))
    message = f"{request.id}.{request.header('webhook-timestamp')}.".encode() + request.body
    signatures = [s[4:] for s in request.header("webhook-signature").split() if s.startswith("v1a,")]
    for signature in signatures:
        try:
            key.verify(base64.b64decode(signature), message)
            return
        except InvalidSignature:
            pass
    raise AssertionError(f"none of {signatures} is by {public}")


def kinds(request):
    """Versions of the request's signatures, in their order."""
    return [s.split(",")[0] for s in request.header("webhook-signature").split()]


def verify_symmetric(secret, request):
    """As the package does it."""
    Webhook(secret).verify(request.body, {n.lower(): v for n, v in request.headers})


def test_a_rotation_to_ed25519_and_on(daemon, receiver):
    secret = daemon.folder / "hello.secret"
    daemon.configure(plugin("hello", receiver.url("/"), f"secret = ${{file:{secret}}}", hooks="*"))
    made = run(daemon, "secret", str(secret))
    assert "reload" in made.stdout and stat.S_IMODE(secret.stat().st_mode) == 0o600
    first = secret.read_text().strip()
    assert first.startswith("whsec_") and first not in made.stdout
    daemon.start()

    def deliver(count):
        daemon.spool.write(event("on_created_tag", {"tag": {"tag": "\u017c\0\n"}}))
        return receiver.wait(count)[-1]

    request = deliver(1)
    assert kinds(request) == ["v1"]
    verify_symmetric(first, request)

    rotated = run(daemon, "secret", "--rotate", "--ed25519", str(secret))
    public = run(daemon, "secret", "--public", str(secret)).stdout.strip()
    assert public.startswith("whpk_") and public in rotated.stdout and "whsk_" not in rotated.stdout
    assert run(daemon, "secret", "--rotate", str(secret), code=1).stderr.count("--finish") == 1
    daemon.reload()
    request = deliver(2)
    assert kinds(request) == ["v1a", "v1"]
    verify_symmetric(first, request)
    verify_ed25519(public, request)

    run(daemon, "secret", "--finish", str(secret))
    daemon.reload()
    request = deliver(3)
    assert kinds(request) == ["v1a"]
    verify_ed25519(public, request)
    run(daemon, "secret", "--rotate", str(secret))
    assert json.loads(run(daemon, "secret", "--public", "--json", str(secret)).stdout)["secrets"] == 2
    daemon.reload()
    request = deliver(4)
    assert kinds(request) == ["v1a", "v1a"], "the new one is of the old one's kind"
    for key in run(daemon, "secret", "--public", str(secret)).stdout.split():
        verify_ed25519(key, request)
    for line in secret.read_text().split():
        assert line not in daemon.log.read_text()


@pytest.mark.parametrize("kind", ["whsec_", "whsk_"])
def test_a_new_secret_on_the_terminal(daemon, kind):
    options = ["--ed25519"] if kind == "whsk_" else []
    printed = {run(daemon, "secret", *options).stdout.strip() for _ in range(2)}
    assert len(printed) == 2 and all(s.startswith(kind) for s in printed)
    found = json.loads(run(daemon, "secret", *options, "--json").stdout)
    assert found["secret"].startswith(kind) and ("public" in found) == (kind == "whsk_")


def test_mistakes_are_explained(daemon):
    secret = daemon.folder / "s"
    run(daemon, "secret", str(secret))
    before = secret.read_text()
    assert "--rotate" in run(daemon, "secret", str(secret), code=1).stderr
    assert "--rotate" in run(daemon, "secret", "--finish", str(secret), code=1).stderr
    assert "the secret itself" in run(daemon, "secret", "--public", str(secret), code=1).stderr
    assert "there is no file" in run(daemon, "secret", "--rotate", str(secret) + "x", code=1).stderr
    run(daemon, "secret", "--rotate", "--finish", str(secret), code=2)
    run(daemon, "secret", "--rotate", code=2)
    assert secret.read_text() == before


def run(daemon, *arguments, code=0):
    """Runs a command that reads no configuration."""
    done = daemon.plain_command(*arguments)
    assert done.returncode == code, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done
