"""Writes every hook to a durable spool, from which mwdb-webhooks delivers it to HTTP endpoints."""

# The MWDB event source: what MWDB loads (`plugins = mwdb_plugin_webhooks`), and where an event begins.
#
#     MWDB runs a hook        handler.py        all hooks, by enumeration
#     its arguments           serialise.py      allow-listed fields only
#     one line of JSON        event.py
#     the request's batch     batch.py
#     flushed once            source.py         after all hooks, before the answer
#     samples                 content.py        hard link or copy
#     durable in new/         spool.py
#     what could not be       losses.py         counted over processes, reported as source.lost
#
# It never fails an upload: an event that cannot be written is counted, logged once with the remedy
# and reported when writing works again. MWDB shows the first line above as the plugin's description.

__author__ = "mwdb-webhooks"
__version__ = "0.1.0"

# Before 2.16.0 hooks ran inside the endpoints, before the commit; 2.16.0 itself does not run them.
OLDEST_MWDB = (2, 16, 1)


def __plugin_entrypoint__(app_context):
    """Called by MWDB in each of its processes, and once more for each further name it knows the plugin by."""
    from mwdb.core.app import app
    from mwdb.core.plugins import PluginHookHandler
    from mwdb.version import app_version

    from . import handler, settings, source
    from .log import log

    if version(app_version) < OLDEST_MWDB:
        log.error(
            "webhooks: MWDB %s is too old, 2.16.1 is the first whose hooks run after the commit; no event is written",
            app_version,
        )
        return
    if "webhooks" in app.extensions:
        log.warning("webhooks: the plugin is loaded already; list it once, or leave it to autodiscovery")
        return
    events = source.EventSource(**settings.load())
    handler_class = handler.make(PluginHookHandler, events.capture)
    app.extensions["webhooks"] = events
    app_context.register_hook_handler(handler_class)
    source.attach(app, events, handler_class())


def __plugin_configure__():
    """Called by `mwdb-core configure`: defines the attribute keys that `[webhooks] attributes` lists."""
    from . import attributes, settings

    attributes.define(settings.attributes())


def version(text):
    """The numbers of a version: (2, 20, 0) of '2.20.0'; what follows the numbers is left out."""
    numbers = []
    for part in text.split("+")[0].split("."):
        if not part.isdigit():
            break
        numbers.append(int(part))
    return tuple(numbers)
