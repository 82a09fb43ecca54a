"""A scripted HTTP receiver on loopback.

It speaks raw HTTP/1.1 on threads, so that a test decides about every byte: it can hang until it is told to go on,
reset a connection, lie about a length, or never end an answer. Every request is recorded with its headers in their
order and its body before the behaviour of its path is asked for an answer.
"""

import contextlib
import hashlib
import json
import re
import socket
import struct
import tempfile
import threading
import time

SPOOL_ABOVE = 4 << 20  # larger bodies are kept in a file, not in memory
REASONS = {200: "OK", 202: "Accepted", 204: "No Content", 302: "Found", 410: "Gone", 429: "Too Many Requests"}


class Part:
    """One part of a multipart body."""

    def __init__(self, head, body):
        self.head = head
        self.body = body
        disposition = self.header("content-disposition") or ""
        self.name = self._parameter(disposition, "name")
        self.filename = self._parameter(disposition, "filename")

    def header(self, name):
        """The value of the part's header `name`, as sent; None where it is missing."""
        for line in self.head.split("\r\n"):
            key, _, value = line.partition(":")
            if key.strip().lower() == name:
                return value.strip()
        return None

    @staticmethod
    def _parameter(disposition, name):
        found = re.search(r'(?:^|;)\s*' + name + r'="([^"]*)"', disposition)
        return found.group(1) if found else None


class Request:
    """One request as received."""

    def __init__(self, number, method, path, headers):
        self.number = number
        self.method = method
        self.path = path
        self.headers = headers
        self.body = b""
        self.file = None  # where a large body is, instead of `body`
        self.size = 0
        self.received = None  # time.monotonic() when the last byte was there
        self.answered = None  # status, once the answer was sent to its last byte

    def header(self, name):
        """The value of the header `name` (any case); None where it is missing."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    @property
    def id(self):
        """The event's id, as the receiver is told it."""
        return self.header("webhook-id")

    def json(self):
        """The body, parsed."""
        return json.loads(self.body)

    def multipart(self):
        """The parts of the body, in their order. Strict: anything between parts is an error."""
        kind = self.header("content-type")
        boundary = re.fullmatch(r'multipart/form-data; boundary=("?)([^"]+)\1', kind).group(2).encode()
        body = self.body
        assert body.startswith(b"--" + boundary + b"\r\n"), body[:100]
        end = b"\r\n--" + boundary + b"--\r\n"
        assert body.endswith(end), body[-100:]
        parts = []
        for piece in body[len(boundary) + 4 : -len(end)].split(b"\r\n--" + boundary + b"\r\n"):
            head, found, content = piece.partition(b"\r\n\r\n")
            assert found, piece[:200]
            parts.append(Part(head.decode("utf-8"), content))
        return parts

    def last_part_sha256(self):
        """SHA-256 of the last part's content, also of a body too large for memory."""
        boundary = re.search(r'boundary="?([^"]+)', self.header("content-type")).group(1).encode()
        tail = len(b"\r\n--" + boundary + b"--\r\n")
        if self.file is None:
            return hashlib.sha256(self.multipart()[-1].body).hexdigest()
        self.file.seek(0)
        head = self.file.read(64 << 10)
        start, position = 0, head.find(b"--" + boundary)
        while position >= 0:
            start = head.index(b"\r\n\r\n", position) + 4
            position = head.find(b"\r\n--" + boundary, start)
        self.file.seek(start)
        remaining, digest = self.size - tail - start, hashlib.sha256()
        while remaining > 0:
            block = self.file.read(min(1 << 20, remaining))
            digest.update(block)
            remaining -= len(block)
        return digest.hexdigest()


class Exchange:
    """A request with the connection on which a behaviour answers it."""

    def __init__(self, receiver, connection, request):
        self.receiver = receiver
        self.connection = connection
        self.request = request

    def send(self, data):
        """Sends bytes as they are."""
        self.connection.sendall(data)

    def answer(self, status, body=b"", headers=()):
        """Sends a complete, honest answer."""
        lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Status')}"]
        lines += [f"{name}: {value}" for name, value in headers]
        if status != 204:
            lines.append(f"content-length: {len(body)}")
        self.send(("\r\n".join(lines) + "\r\n\r\n").encode() + (b"" if status == 204 else body))
        self.request.answered = status

    def stopped(self):
        """The receiver is being stopped: endless behaviours end."""
        return self.receiver.closing.is_set()


# Behaviours: callables of an Exchange. They return True where the connection stays open.


def answer(status=202, body=b"", headers=()):
    """A complete answer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()

    def behave(exchange):
        exchange.answer(status, content, headers)
        return True

    return behave


def sequence(*behaviours):
    """One behaviour a request, in this order; the last one for all that follow."""
    steps, lock = list(behaviours), threading.Lock()

    def behave(exchange):
        with lock:
            step = steps.pop(0) if len(steps) > 1 else steps[0]
        return step(exchange)

    return behave


def hang(gate, then=answer()):
    """No answer until `gate` (a threading.Event) is set, then `then`."""

    def behave(exchange):
        while not gate.wait(0.1):
            if exchange.stopped():
                return False
        return then(exchange)

    return behave


def reset(exchange):
    """The connection is reset in place of an answer."""
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def close(exchange):
    """The connection is closed in place of an answer."""
    return False


def lying_length(status=200, announced=1000, sent=b"{}"):
    """Less body than the Content-Length says, then the end of the connection."""

    def behave(exchange):
        exchange.send(f"HTTP/1.1 {status} OK\r\ncontent-length: {announced}\r\n\r\n".encode() + sent)
        return False

    return behave


def endless_body(status=200, block=b"x" * 65536):
    """A body that never ends. Goes on until the client is gone."""

    def behave(exchange):
        exchange.send(f"HTTP/1.1 {status} OK\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        chunk = b"%x\r\n" % len(block) + block + b"\r\n"
        while not exchange.stopped():
            exchange.send(chunk)
        return False

    return behave


def header_flood(exchange):
    """Header fields without end."""
    exchange.send(b"HTTP/1.1 200 OK\r\n")
    block = b"".join(b"x-flood-%d: %s\r\n" % (n, b"y" * 1000) for n in range(64))
    while not exchange.stopped():
        exchange.send(block)
    return False


def drip(interval=0.2, head=b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n"):
    """A byte now and then, for ever."""

    def behave(exchange):
        for byte in head:
            exchange.send(bytes([byte]))
        while not exchange.receiver.closing.wait(interval):
            exchange.send(b"x")
        return False

    return behave


def redirect(to, status=302):
    """A redirect, which must not be followed."""
    return answer(status, b"", [("location", to)])


class Receiver:
    """The receiver. Listens on a free port of 127.0.0.1 until `stop`."""

    def __init__(self):
        self.port = 0
        self.closing = threading.Event()
        self._changed = threading.Condition()
        self._requests = []
        self._connections = set()
        self._behaviours = {}
        self._default = answer(202)
        self._listener = None
        self.start()

    # Life

    def start(self):
        """Listens, on the same port as before when it was stopped."""
        self.closing = threading.Event()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(512)
        self.port = listener.getsockname()[1]
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener, self.closing), daemon=True).start()

    def stop(self):
        """Stops listening and drops every connection."""
        self.closing.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._changed:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    # Script

    def url(self, path="/"):
        """The address of `path`."""
        return f"http://127.0.0.1:{self.port}{path}"

    def on(self, path, behaviour):
        """From now on requests for `path` (without query) are answered by `behaviour`."""
        self._behaviours[path] = behaviour

    def otherwise(self, behaviour):
        """From now on requests for paths without a behaviour of their own are answered by `behaviour`."""
        self._default = behaviour

    # Record

    def requests(self, path=None):
        """All complete requests so far, in the order in which they were complete."""
        with self._changed:
            return [r for r in self._requests if path is None or r.path.split("?")[0] == path]

    def ids(self, path=None, answered=None):
        """The webhook-ids of the requests so far, repeats included."""
        return [r.id for r in self.requests(path) if answered is None or r.answered == answered]

    def wait(self, count=1, path=None, timeout=30):
        """Waits for `count` requests of `path`; returns all of them."""
        self.wait_until(lambda: len(self.requests(path)) >= count, timeout, f"{count} requests for {path}")
        return self.requests(path)

    def wait_until(self, condition, timeout=30, what="condition"):
        """Waits until `condition()` holds; it is asked whenever a request arrives or is answered."""
        end = time.monotonic() + timeout
        while True:
            if condition():
                return
            with self._changed:
                left = end - time.monotonic()
                if left <= 0:
                    seen = [(r.path, r.answered) for r in self._requests[-20:]]
                    raise AssertionError(f"no {what} within {timeout} s; last of {len(self._requests)}: {seen}")
                self._changed.wait(min(left, 0.2))

    # Work

    def _accept(self, listener, closing):
        while not closing.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        with self._changed:
            self._connections.add(connection)
        try:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            stream = connection.makefile("rb", 65536)
            while not self.closing.is_set():
                request = self._read(stream)
                if request is None:
                    break
                behaviour = self._behaviours.get(request.path.split("?")[0], self._default)
                stays = behaviour(Exchange(self, connection, request))
                with self._changed:
                    self._changed.notify_all()
                if not stays:
                    break
        except (OSError, ValueError):
            pass  # the client is gone, or was never one
        finally:
            with self._changed:
                self._connections.discard(connection)
            connection.close()

    def _read(self, stream):
        line = stream.readline(1 << 20).decode("latin-1")
        if not line:
            return None
        method, path, _ = line.split(" ", 2)
        headers = []
        while (line := stream.readline(1 << 20).decode("latin-1")) not in ("\r\n", ""):
            name, _, value = line.partition(":")
            headers.append((name, value.strip()))
        request = Request(0, method, path, headers)
        self._read_body(stream, request)
        request.received = time.monotonic()
        with self._changed:
            request.number = len(self._requests) + 1
            self._requests.append(request)
            self._changed.notify_all()
        return request

    @staticmethod
    def _read_body(stream, request):
        def blocks():
            if (request.header("transfer-encoding") or "").lower() == "chunked":
                while (size := int(stream.readline().split(b";")[0], 16)) > 0:
                    yield exactly(size)
                    stream.readline()
                stream.readline()
            else:
                left = int(request.header("content-length") or 0)
                while left > 0:
                    block = exactly(min(left, 1 << 20))
                    left -= len(block)
                    yield block

        def exactly(size):
            data = stream.read(size)
            if len(data) < size:
                raise ValueError("the request ended early")
            return data

        kept = []
        for block in blocks():
            request.size += len(block)
            if request.file is None and request.size > SPOOL_ABOVE:
                request.file = tempfile.TemporaryFile()
                request.file.writelines(kept)
                kept = []
            if request.file is None:
                kept.append(block)
            else:
                request.file.write(block)
        request.body = b"".join(kept)
