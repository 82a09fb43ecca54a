"""The daemon of the end-to-end tests, with a TCP port for the browser and plugins of every kind of fate."""

import http.client
import json

from support import daemon
from support.lab import free_port

from receiver import HOSTILE

PLUGINS = """
[plugin:hello]
author = just me
version = 1.2.0
description = A receiver that takes everything
url = {url}/ok
hooks = *
filter = event.type != on_removed_tag

[plugin:refuser]
description = Says no to everything
url = {url}/refuse
hooks = on_created_file, on_created_tag

[plugin:down]
description = {hostile}
url = {url}/down
hooks = on_created_file, on_created_tag
backoff = 20s..1h

[plugin:misplaced]
url = {url}/wrong
hooks = on_created_file
backoff = 20s..1h

[plugin:busy]
url = {url}/busy
hooks = on_created_comment
backoff = 20s..1h

[plugin:careful]
description = Asks before it tries again what may have arrived
url = {url}/breaks
hooks = on_created_text_blob
on_ambiguous = hold

[plugin:binary]
url = {url}/binary
hooks = on_created_config

[plugin:sandbox]
version = 0.18
description = Writes its task's id back
url = {url}/task
hooks = on_created_file
body = multipart
file.field = file
field.note = nothing
secret = {secret}
auth = bearer
auth.token = {token}
extract.task = json:/task
attribute.sandbox = {{{{task}}}}
attribute.sandbox.label = Sandbox
attribute.sandbox.readers = public
"""
SECRET = "whsec_c2VjcmV0IG9mIHRoZSBzYW5kYm94LCBmb3IgdGVzdHM="
TOKEN = "token-of-the-sandbox"


class Daemon(daemon.Daemon):
    """One daemon in its own folder."""

    def __init__(self, folder):
        super().__init__(folder)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/"
        self._session = None, None

    def configure(self, plugins="", mwdb=""):
        """Writes webhooks.ini with a TCP port."""
        return super().configure(plugins, f"listen = unix:{self.socket}, 127.0.0.1:{self.port}", mwdb)

    def configure_all(self, receiver, mwdb):
        """Writes webhooks.ini with PLUGINS."""
        hostile = HOSTILE.replace("\u0007", "")
        return self.configure(PLUGINS.format(url=receiver.url(""), hostile=hostile, secret=SECRET, token=TOKEN), mwdb)

    def get(self, path):
        """What GET says, parsed."""
        answer = self.http("GET", path)
        assert answer.status == 200, (path, answer)
        return answer.json()

    def act(self, path, body=None):
        """What an operation says, parsed."""
        answer = self.http("POST", path, json.dumps(body or {}), {"content-type": "application/json"})
        assert answer.status in (200, 202), (path, answer)
        return answer.json()

    def token(self, *options):
        """The operator's token, or what the options say."""
        return self.command("token", *options).stdout.strip()

    def session(self):
        """The cookie of an operator's session, the same as long as the tokens are."""
        tokens = (self.outbox / "token").read_bytes()
        if self._session[0] != tokens:
            self._session = tokens, self._log_in()
        return self._session[1]

    def _log_in(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.request("POST", "/login", json.dumps({"token": self.token()}), {"x-mwdb-webhooks": "1"})
            return connection.getresponse().getheader("set-cookie").split(";")[0]
        finally:
            connection.close()

    def event(self, hook, identifier=None):
        """The id of the newest event of this hook (for this object), once it is there; not of what the daemon writes back."""
        path = f"/api/events?limit=50&hook={hook}" + (f"&object={identifier}" if identifier else "")
        found = lambda: [one for one in self.get(path)["events"] if one["actor"] == "admin"]
        return self.wait_for(found, f"{hook} of {identifier}")[0]["id"]

    def delivery(self, name, **wanted):
        """A delivery (EVENT/PLUGIN), once it is as wanted."""

        def asked():
            answer = self.http("GET", f"/api/deliveries/{name}")
            one = answer.json() if answer.status == 200 else {}
            return one if one and all(one[key] == value for key, value in wanted.items()) else None

        return self.wait_for(asked, f"{name} with {wanted}")

    def state(self, plugin):
        """The state of a plugin."""
        return self.get(f"/api/plugins/{plugin}")["status"]["state"]

    def last_action(self):
        """The newest entry of the audit log: who, what, detail."""
        entry = self.get("/api/audit?limit=1")["entries"][0]
        return entry["who"], entry["what"], entry["detail"]
