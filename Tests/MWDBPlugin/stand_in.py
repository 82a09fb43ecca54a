"""A Flask application with MWDB's real hook queue and handler execution, in place of MWDB.

Its API's after-request function runs the hooks as mwdb.app does.
"""

from flask import Blueprint, Flask, g
from mwdb.core import hooks as mwdb_hooks
from mwdb.core.hooks import HookHandler, hooks
from mwdb.model import User
from mwdb_plugin_webhooks import handler, source
from test_serialise import a_file


def upload():
    file = a_file()
    hooks.on_created_object(file)
    hooks.on_created_file(file)


class Application:
    """MWDB as far as the source sees it. `during` runs inside the request, where MWDB's endpoint would."""

    def __init__(self, path, monkeypatch):
        self.path = path
        self.during = lambda: None
        self.status = 200
        monkeypatch.setattr(mwdb_hooks, "_hook_handlers", [])
        # What a process does at its end is called by name below.
        monkeypatch.setattr(source.atexit, "register", lambda *_: None)
        self.app = Flask("mwdb")
        api = Blueprint("api", "api")

        @api.route("/upload")
        def upload():
            g.auth_user = User(login="me")
            self.during()
            return "done", self.status

        @api.after_request
        def run_hooks(response):
            if response.status_code == 200:
                mwdb_hooks.execute_hook_handlers()
            return response

        self.source = source.EventSource(str(path), "here")
        self.handler = handler.make(HookHandler, self.source.capture)()
        mwdb_hooks.register_hook_handler(self.handler)
        source.attach(self.app, self.source, self.handler)
        self.app.register_blueprint(api)

    def request(self, during=None):
        if during is not None:
            self.during = during
        return self.app.test_client().get("/upload")
