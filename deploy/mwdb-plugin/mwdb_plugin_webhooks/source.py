"""The event source of one MWDB process: from a hook's call to a durable spool file, once a request.

MWDB runs the hooks of a request after its commit and before its answer. Each call becomes a line in the
request's batch; after all hooks the batch is flushed: samples first, then one spool file. So the uploader
gets the answer when the events are durable.

Nothing here fails a request. What cannot be written is counted (losses.py), logged once an outage with
the remedy, and the upload goes on. SystemExit (gunicorn's time-out) passes through; it leaves no
unfinished file, and what the batch holds is written when the request is torn down.
"""

import atexit
import os
import threading
import time

from flask import g, has_app_context, has_request_context

from . import content, event, heartbeat, serialise, spool
from .batch import Batch
from .log import log
from .losses import Losses
from .subscriptions import SubscriptionsFile

LOST = "source.lost"


class EventSource:
    """What the hook handler and the request's end call. `name` is the events' `source`."""

    def __init__(self, spool_path, name):
        self._path = spool_path
        self._name = name
        self._ids = event.EventIDs()
        self._subscriptions = SubscriptionsFile(spool_path)
        self._losses = Losses(self._lost_line)
        self._lock = threading.Lock()
        # The process that start() ran in; MWDB's master may have loaded us before it forked.
        self._pid = None
        # Since the last success: this process has said that it cannot write, or place a sample.
        self._complained = False
        self._complained_of_content = False

    # --- called by MWDB ---

    def start(self):
        """Before each request; does something once a process."""
        if self._pid == os.getpid():
            return
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
        atexit.register(self._leave, os.getpid())
        try:
            with spool.opened(self._path) as folders:
                self._beat(folders, anew=True)
                self._losses.pending(folders)
        except Exception as error:
            self._complain(error)

    def capture(self, hook, arguments):
        """A hook was called: its event joins the request's batch. Raises no Exception."""
        batch = None
        try:
            batch = self._batch()
            batch.seen += 1
            if batch.busy or not batch.subscriptions.wants(hook):
                return
            batch.busy = True
            try:
                self._add(batch, hook, arguments)
            finally:
                batch.busy = False
        except Exception as error:
            self._lose(1, event.timestamp(time.time_ns()), error)
            log.error("webhooks: the event of hook %s is lost, it could not be built: %r", hook, error)
        if batch is not None and not has_request_context():
            self.flush(batch)

    def finish(self, handler):
        """After all hooks of a request, before its answer: captures what was queued behind our back, and flushes."""
        batch = g.get("webhooks_batch")
        if batch is None:
            return
        try:
            # A handler after ours may have caused further hooks: MWDB ran them for it, not for us.
            for hook, args, kwargs in g.get("scheduled_hooks", [])[batch.seen :]:
                getattr(handler, hook)(*args, **kwargs)
        except Exception as error:
            log.error("webhooks: hooks that another plugin caused could not be captured: %r", error)
        self.flush(batch)

    def finish_interrupted(self):
        """When a request is torn down: writes what an interruption kept from being written."""
        batch = g.get("webhooks_batch")
        if batch is not None and batch.lines:
            self.flush(batch)

    # --- writing ---

    def flush(self, batch):
        """Writes the batch durably and empties it, or counts its events as lost. Raises no Exception."""
        if not batch.lines:
            return
        try:
            with spool.opened(self._path) as folders:
                self._write(folders, batch)
                self._beat(folders)  # raises nothing: the events are written
        except Exception as error:
            self._lose(len(batch.lines), batch.first, error, batch.last)
            self._complain(error)
        else:
            if self._complained:
                self._complained = False
                log.info("webhooks: events are written to %s again", self._path)
        batch.clear()

    def _write(self, folders, batch):
        wanted = batch.subscriptions
        free = folders.free()
        if free < wanted.min_free_space:
            raise spool.SpoolError(
                f"{free} bytes are free, which is less than min_free_space = {wanted.min_free_space}"
            )
        if batch.files:
            self._place(folders, batch, free - 2 * wanted.min_free_space)
        if not self._losses.pending(folders):
            folders.publish(batch.name, batch.lines)
            return
        with self._losses.report(folders) as report:
            folders.publish(batch.name, batch.lines + report.lines, before_rename=report.note)

    def _place(self, folders, batch, room):
        """Samples into content/. A failure costs no event: the delivery then fetches the sample from MWDB."""
        placed, problem = False, None
        for number, (sha256, file) in enumerate(batch.files.items()):
            try:
                if room < 0:
                    raise spool.SpoolError("the free space is below twice min_free_space")
                sample = _sample(sha256, file)
                placed |= content.place(folders, sample, f"{batch.name}.{number}", batch.subscriptions.copy_limit, room)
            except Exception as error:
                problem = error
        try:
            if placed:
                os.fsync(folders.content)
        except OSError as error:
            problem = error
        if problem is None:
            self._complained_of_content = False
        elif not self._complained_of_content:
            self._complained_of_content = True
            log.warning(
                "webhooks: samples are left to be fetched from MWDB (%s): %s",
                spool.reason(problem),
                spool.remedy(problem, self._path),
            )

    def _beat(self, folders, anew=False):
        try:
            if anew or not heartbeat.touch(folders):
                from . import __version__

                heartbeat.start(
                    folders,
                    {
                        "pid": os.getpid(),
                        "source": self._name,
                        "version": __version__,
                        "started": event.timestamp(time.time_ns()),
                    },
                )
        except Exception as error:
            if not self._complained:
                log.warning("webhooks: the heartbeat cannot be written: %s", spool.reason(error))

    # --- an event ---

    def _batch(self):
        if not has_app_context():
            return Batch(self._subscriptions.current())
        batch = g.get("webhooks_batch")
        if batch is None:
            batch = g.webhooks_batch = Batch(self._subscriptions.current())
        return batch

    def _add(self, batch, hook, arguments):
        now = time.time_ns()
        identifier, moment = self._ids.new(now), event.timestamp(now)
        data = serialise.arguments(arguments)
        batch.add(identifier, moment, event.line(identifier, hook, moment, self._name, _actor(), data))
        if batch.subscriptions.wants_content(hook):
            for file in serialise.files(arguments):
                sha256 = serialise.field(file, "sha256")
                if sha256:
                    batch.files.setdefault(sha256, file)

    def _lost_line(self, data):
        now = time.time_ns()
        return event.line(self._ids.new(now), LOST, event.timestamp(now), self._name, None, data)

    # --- what could not be written ---

    def _lose(self, count, first, error, last=None):
        self._losses.count(count, first, last or first, spool.reason(error))
        try:
            with spool.opened(self._path) as folders:
                self._losses.save(folders)
        except Exception:
            pass  # it stays in memory

    def _complain(self, error):
        if self._complained:
            return
        self._complained = True
        log.error(
            "webhooks: events cannot be written to %s and are lost (%s). Uploads go on; the losses are counted "
            "and reported as %s as soon as writing works again. Remedy: %s",
            self._path,
            spool.reason(error),
            LOST,
            spool.remedy(error, self._path),
        )

    def _leave(self, pid):
        """At the end of the process: the last chance to hand over what only its memory knows."""
        if pid != os.getpid() or not self._losses.in_memory():
            return
        try:
            with spool.opened(self._path) as folders:
                self._losses.save(folders)
        except Exception:
            pass
        if self._losses.in_memory():
            log.error("webhooks: %s lost events were not reported", self._losses.in_memory())


def attach(app, source, handler):
    """Makes MWDB's Flask application call the source. After-request functions of the application run when
    those of MWDB's API, which run the hooks, are done."""

    @app.before_request
    def webhooks_start():
        source.start()

    @app.after_request
    def webhooks_finish(response):
        source.finish(handler)
        return response

    @app.teardown_request
    def webhooks_finish_interrupted(_error):
        source.finish_interrupted()


def _actor():
    """The login of whoever made the request; None where there is none, or it cannot be read."""
    user = g.get("auth_user") if has_app_context() else None
    return None if user is None else serialise.field(user, "login")


def _sample(sha256, file):
    from mwdb.core.config import app_config

    provider = getattr(app_config.mwdb, "storage_provider", None)
    on_disk = getattr(provider, "name", "DISK") == "DISK"
    return content.Sample(sha256, serialise.field(file, "file_size"), file.open, on_disk)
