"""A stand-in for Lambda's runtime API: starts a program as Lambda does, hands it one event, and says what came of it."""

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
"""How long Lambda lets a function start."""
LOG_BYTES = 4000
_NEXT = "/2018-06-01/runtime/invocation/next"
_TOLD = re.compile(r"/2018-06-01/runtime/(?:invocation/[^/]+/(response|error)|(init/error))")


class NotAnswered(Exception):
    """What a program did instead of answering, and the end of what it wrote."""


class _Api(ThreadingHTTPServer):
    """Its address, the one event, and what is heard of the program."""

    def __init__(self, event: dict):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.event = json.dumps(event).encode()
        self.handed_out = False
        self.over = threading.Event()
        self.heard: queue.SimpleQueue[tuple[str, str]] = queue.SimpleQueue()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Api

    def handle(self) -> None:
        # A program that has answered is killed, whatever its connections wait for.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def do_GET(self) -> None:
        if self.path != _NEXT:
            self._answer(404)
        elif self.server.handed_out:
            # Lambda holds this until there is another event; here there is none.
            self.server.over.wait()
            self.close_connection = True
        else:
            self.server.handed_out = True
            self.server.heard.put(("next", ""))
            self._answer(200, self.server.event)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        told = _TOLD.fullmatch(self.path)
        if told:
            self.server.heard.put((told[1] or told[2], body.decode(errors="replace")))
        self._answer(202 if told else 404)

    def _answer(self, status: int, body: bytes = b"") -> None:
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
    """Starts a program with nothing but this environment and the runtime API's address, and hands it an event.

    Answers how many seconds passed until it asked for the event, and with what it answered.

    # Errors
    `NotAnswered` when it ends, reports an error, or does neither within `seconds`.
    """
    api = _Api(event)
    threading.Thread(target=api.serve_forever, args=(0.05,), daemon=True).start()
    with tempfile.TemporaryFile() as log:
        began = time.monotonic()
        told = environment | {"AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{api.server_port}"}
        process = subprocess.Popen(program, env=told, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        threading.Thread(target=lambda: api.heard.put(("end", str(process.wait()))), daemon=True).start()
        try:
            _hear(api, "next", seconds)
            started = time.monotonic() - began
            return started, json.loads(_hear(api, "response", seconds))
        except (NotAnswered, ValueError) as error:
            log.seek(0)
            raise NotAnswered(f"{error}\n{log.read().decode(errors='replace')[-LOG_BYTES:]}") from error
        finally:
            process.kill()
            process.wait()
            api.over.set()
            api.shutdown()
            api.server_close()


def _hear(api: _Api, wanted: str, seconds: float) -> str:
    try:
        kind, body = api.heard.get(timeout=seconds)
    except queue.Empty:
        raise NotAnswered(f"no {wanted} within {seconds} seconds") from None
    if kind != wanted:
        raise NotAnswered(f"instead of {wanted} came {kind}: {body}")
    return body
