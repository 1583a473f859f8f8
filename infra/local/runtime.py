"""A minimal Lambda runtime API: starts a program as Lambda does, sends it one event, and returns its response."""

import contextlib
import json
import queue
import re
import subprocess
import tempfile
import threading
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

INIT_SECONDS = 10
"""Lambda's limit for the init phase."""
LOG_BYTES = 4000
_NEXT = "/2018-06-01/runtime/invocation/next"
_RESULT = re.compile(r"/2018-06-01/runtime/(?:invocation/[^/]+/(response|error)|(init/error))")


class NotAnswered(Exception):
    """The program failed to respond; the message has the reason and the end of its log."""


class _Api(ThreadingHTTPServer):
    """The server with the one event, and a queue of the requests it received."""

    def __init__(self, event: dict):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.event = json.dumps(event).encode()
        self.sent = False
        self.closing = threading.Event()
        self.received: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Api

    def handle(self) -> None:
        # The program is killed once it has responded, so its connections may break.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        if self.path != _NEXT:
            self._respond(404)
        elif self.server.sent:
            # Lambda holds this request until the next event; here there is none.
            self.server.closing.wait()
            self.close_connection = True
        else:
            self.server.sent = True
            self.server.received.put(("next", ""))
            self._respond(200, self.server.event)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        result = _RESULT.fullmatch(self.path)
        if result:
            self.server.received.put((result[1] or result[2], body.decode(errors="replace")))
        self._respond(202 if result else 404)

    def _respond(self, status: int, body: bytes = b"") -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        if body:
            self.send_header("Content-Type", "application/json")
            self.send_header("Lambda-Runtime-Aws-Request-Id", str(uuid.uuid4()))
            self.send_header("Lambda-Runtime-Deadline-Ms", str(int((time.time() + INIT_SECONDS) * 1000)))
            self.send_header("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-west-1:000000000000:function:stand-in")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_) -> None:
        pass


def call(program: list[str], environment: dict[str, str], event: dict, seconds: float = INIT_SECONDS) -> tuple[float, object]:
    """Starts a program with only this environment and the runtime API's address, and sends it an event.

    Returns the seconds until it requested the event, and its response.

    # Errors
    `NotAnswered` if it exits, reports an error, or takes more than `seconds`.
    """
    api = _Api(event)
    threading.Thread(target=api.serve_forever, args=(0.05,), daemon=True).start()
    with tempfile.TemporaryFile() as log:
        began = time.monotonic()
        variables = environment | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}"}
        process = subprocess.Popen(program, env=variables, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        threading.Thread(target=lambda: api.received.put(("end", str(process.wait()))), daemon=True).start()
        try:
            _receive(api, "next", seconds)
            started = time.monotonic() - began
            return started, json.loads(_receive(api, "response", seconds))
        except (NotAnswered, ValueError) as error:
            log.seek(0)
            raise NotAnswered(f"{error}\n{log.read().decode(errors='replace')[-LOG_BYTES:]}") from error
        finally:
            process.kill()
            process.wait()
            api.closing.set()
            api.shutdown()
            api.server_close()


def _receive(api: _Api, wanted: str, seconds: float) -> str:
    try:
        kind, body = api.received.get(timeout=seconds)
    except queue.Empty:
        raise NotAnswered(f"no {wanted} within {seconds} seconds") from None
    if kind != wanted:
        raise NotAnswered(f"expected {wanted}, received {kind}: {body}")
    return body
