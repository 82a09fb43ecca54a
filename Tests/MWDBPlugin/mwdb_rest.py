"""A small client of MWDB's REST API, standard library only.

    mwdb = Mwdb("http://127.0.0.1:18080").login("admin", "password")
    identifier = mwdb.upload("x.exe", b"MZ", tags=[{"tag": "new"}])
    mwdb.call("POST", f"/file/{identifier}/comment", {"comment": "seen"})

Every answer but 200 is an MwdbError, a connection that breaks an OSError.
"""

import json
import secrets
import urllib.error
import urllib.request


class MwdbError(Exception):
    """MWDB answered something else than 200. `status` is what."""

    def __init__(self, method, path, status, body):
        super().__init__(f"{method} {path}: {status} {body[:500]!r}")
        self.status = status


class Mwdb:
    """A client of MWDB's REST API."""

    def __init__(self, url, token=None):
        self.url = url.rstrip("/")
        self.token = token

    def login(self, login, password):
        """Logs in; returns itself."""
        self.token = self.call("POST", "/auth/login", {"login": login, "password": password})["token"]
        return self

    def call(self, method, path, body=None, data=None, content_type="application/json"):
        """One request below /api; the decoded answer. Raises MwdbError unless it is 200."""
        if body is not None:
            data = json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api{path}", data=data, method=method)
        if data is not None:
            request.add_header("Content-Type", content_type)
        if self.token:
            request.add_header("Authorization", f"Bearer {self.token}")
        # No proxy of the environment: MWDB is asked directly.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with opener.open(request, timeout=60) as answer:
                return json.loads(answer.read())
        except urllib.error.HTTPError as error:
            raise MwdbError(method, path, error.code, error.read().decode("utf-8", "replace")) from None

    def upload(self, name, content, **options):
        """Uploads a file; `options` as in MWDB's upload form (parent, tags, attributes…). The file's id."""
        boundary = secrets.token_hex(16)
        # As browsers quote a file name.
        quoted = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        parts = [f'Content-Disposition: form-data; name="file"; filename="{quoted}"\r\n'.encode(), content]
        fields = [("file", parts)]
        if options:
            fields.append(
                ("options", [b'Content-Disposition: form-data; name="options"\r\n', json.dumps(options).encode()])
            )
        body = b"".join(
            b"--" + boundary.encode() + b"\r\n" + head + b"\r\n" + value + b"\r\n" for _, (head, value) in fields
        )
        body += b"--" + boundary.encode() + b"--\r\n"
        return self.call("POST", "/file", data=body, content_type=f"multipart/form-data; boundary={boundary}")["id"]

    def upload_config(self, family, cfg, **options):
        """Uploads a config; its id."""
        return self.call("POST", "/config", {"family": family, "cfg": cfg, "config_type": "static", **options})["id"]

    def upload_blob(self, name, content, **options):
        """Uploads a text blob; its id."""
        blob = {"blob_name": name, "blob_type": "raw_cfg", "content": content, **options}
        return self.call("POST", "/blob", blob)["id"]
