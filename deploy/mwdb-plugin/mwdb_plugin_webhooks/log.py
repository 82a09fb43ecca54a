"""The plugin's log, a child of MWDB's own. Logging never raises into a request.

MWDB's log filter reads flask.g and the logged-in user, so it can raise where there is no request or
where that user was just removed; the line then goes to standard error instead.
"""

import logging
import sys


class Log:
    """Levels of logging.Logger, and nothing that raises."""

    def __init__(self, name):
        self._logger = logging.getLogger(name)

    def _write(self, level, message, arguments):
        try:
            self._logger.log(level, message, *arguments)
        except Exception:
            try:
                print(message % arguments, file=sys.stderr, flush=True)
            except Exception:  # standard error is gone too: there is nowhere left to say it
                pass

    def info(self, message, *arguments):
        self._write(logging.INFO, message, arguments)

    def warning(self, message, *arguments):
        self._write(logging.WARNING, message, arguments)

    def error(self, message, *arguments):
        self._write(logging.ERROR, message, arguments)


log = Log("mwdb.webhooks")
