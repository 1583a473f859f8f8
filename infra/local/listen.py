"""A WebSocket client of the local cloud, which connects as the site's pages do."""

import json
import socket
import time
from collections.abc import Callable
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, Ping, Request, TextMessage

from infra.local.seed import Visitor


class Listener:
    """Subscribes to the visitor's library and keeps every received message."""

    def __init__(self, visitor: Visitor):
        url = urlsplit(visitor.json("live/ticket")["address"])
        self.messages: list[dict] = []
        self._open = False
        self._frames = WSConnection(ConnectionType.CLIENT)
        # Only browsers resolve *.localhost to this machine.
        self._socket = socket.create_connection(("127.0.0.1", url.port))
        origin = [(b"Origin", visitor.address.encode())]
        self._socket.sendall(self._frames.send(Request(url.netloc, f"{url.path}?{url.query}", extra_headers=origin)))
        self._receive_until(lambda: self._open, 30)

    def receive(self, wanted: Callable[[dict], bool], seconds: float) -> list[dict]:
        """All messages received once a `wanted` one is among them; raises `TimeoutError` after `seconds`."""
        self._receive_until(lambda: any(wanted(message) for message in self.messages), seconds)
        return self.messages

    def close(self) -> None:
        self._socket.close()

    def _receive_until(self, done: Callable[[], bool], seconds: float) -> None:
        deadline = time.monotonic() + seconds
        text = ""
        while not done():
            self._socket.settimeout(max(0.001, deadline - time.monotonic()))
            # No bytes means that the connection is closed, an event that raises below.
            self._frames.receive_data(self._socket.recv(65536) or None)
            for event in self._frames.events():
                if isinstance(event, AcceptConnection):
                    self._open = True
                elif isinstance(event, Ping):
                    self._socket.sendall(self._frames.send(event.response()))
                elif isinstance(event, TextMessage):
                    text += event.data
                    if event.message_finished:
                        self.messages.append(json.loads(text))
                        text = ""
                else:
                    raise ConnectionError(f"unexpected socket event: {event}")
