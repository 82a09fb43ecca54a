"""A receiver whose paths say how it answers, and an MWDB as far as write-backs need one."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOSTILE = '<script>window.hacked=1</script><img src=x onerror="window.hacked=2">"\'`\u202e\u0007{{secret}}'


class Receiver:
    """Answers /ok 200, /refuse 422, /down 503, /wrong 404, /binary 200 with bytes, /task 200 with a task id."""

    def __init__(self):
        receiver = self
        self.answers = {
            "/ok": (200, b'{"ok": true}'),
            "/refuse": (422, ("no thanks: " + HOSTILE).encode()),
            "/down": (503, b"maintenance"),
            "/wrong": (404, b"<html><script>window.hacked=3</script></html>"),
            "/binary": (400, bytes(range(256)) * 2),
            "/task": (200, json.dumps({"task": "task-" + "7" * 8}).encode()),
        }
        self.requests = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                receiver.requests.append((self.command, self.path, body))
                if self.path.startswith("/api/"):
                    status, content = 200, b'{"attributes": [], "login": "svc"}'
                else:
                    status, content = receiver.answers.get(self.path, (200, b"ok"))
                self.send_response(status)
                self.send_header("content-type", "text/html")
                self.send_header("x-hostile", '<b onmouseover="window.hacked=4">')
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PUT = answer

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
