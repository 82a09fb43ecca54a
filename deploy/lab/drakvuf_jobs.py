"""Prints the analyses that wait in a Drakvuf Sandbox, as a JSON array, oldest first.

    drakvuf_jobs.py REDIS_PORT STATE_FOLDER [SHA256]

Run by `deploy/lab/drakvuf jobs` with the sandbox's own interpreter. It reads the queue in Redis and
the stored samples, not the HTTP API, so what it says does not depend on the API's answer. Of each:
task_uid, sha256 (as the sandbox computed it), file_name, timeout, path (of the stored sample),
stored_sha256 and stored_size (null when the sample is not there).
"""

import hashlib
import json
import pathlib
import sys

from redis import Redis
from rq import Queue

QUEUE = "drakrun-analysis"
LIBRARY = pathlib.PurePosixPath("/var/lib/drakrun")


def describe(job, state):
    options = job.meta["options"]
    recorded = pathlib.PurePosixPath(options["host_sample_path"])
    path = state / recorded.relative_to(LIBRARY)
    stored = path.read_bytes() if path.is_file() else None
    return {
        "task_uid": job.id,
        "sha256": job.meta["file"]["sha256"],
        "file_name": options["sample_filename"],
        "timeout": options["timeout"],
        "path": str(path),
        "stored_sha256": None if stored is None else hashlib.sha256(stored).hexdigest(),
        "stored_size": None if stored is None else len(stored),
    }


def main(port, state, sha256=None):
    jobs = Queue(QUEUE, connection=Redis(host="127.0.0.1", port=int(port))).get_jobs()
    found = [describe(job, pathlib.Path(state)) for job in jobs]
    if sha256 is not None:
        found = [job for job in found if job["sha256"] == sha256.lower()]
    print(json.dumps(found, indent=2))


main(*sys.argv[1:])
