"""The scripted receiver of the end-to-end tests, with paths that say how they answer."""

from support.receiver import Receiver, answer, close

HOSTILE = '<script>window.hacked=1</script><img src=x onerror="window.hacked=2">"\'`\u202e\u0007{{secret}}'
HEADERS = [("content-type", "text/html"), ("x-hostile", '<b onmouseover="window.hacked=4">')]
ANSWERS = {
    "/ok": (200, b'{"ok": true}'),
    "/refuse": (422, ("no thanks: " + HOSTILE).encode()),
    "/unsupported": (422, b'{"error": "file type is not supported"}'),
    "/down": (503, b"maintenance"),
    "/wrong": (404, b"<html><script>window.hacked=3</script></html>"),
    "/binary": (400, bytes(range(256)) * 2),
    "/task": (200, b'{"task": "task-77777777"}'),
}


def scripted():
    """The receiver."""
    receiver = Receiver()
    for path, (status, body) in ANSWERS.items():
        receiver.on(path, answer(status, body, HEADERS))
    receiver.on("/busy", answer(429, b"later", [*HEADERS, ("retry-after", "3600")]))
    receiver.on("/breaks", close)
    return receiver
