"""The events of one request, as lines that are ready to be written, and the samples they want."""


class Batch:
    """The events of one request, ready to be written."""

    def __init__(self, subscriptions):
        self.subscriptions = subscriptions
        self.lines = []
        # The first event's id: the spool file's name, so that names sort by time.
        self.name = None
        self.first = self.last = None
        # {sha256: File} of the samples that events here want.
        self.files = {}
        # How many of the request's hooks were seen, wanted or not.
        self.seen = 0
        # A hook is being captured: what that itself would call is not.
        self.busy = False

    def add(self, identifier, moment, line):
        self.name = self.name or identifier
        self.first = self.first or moment
        self.last = moment
        self.lines.append(line)

    def clear(self):
        self.lines, self.name, self.first, self.files = [], None, None, {}
