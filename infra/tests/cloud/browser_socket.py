"""A WebSocket client that connects as the site's pages do."""

import json
import socket
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Message, Ping, Request, TextMessage

from infra.tests.cloud.fixtures import Person, until


class BrowserSocket:
    """Subscribes to a person's library and keeps all received messages."""

    def __init__(self, person: Person):
        address = urlsplit(person.visitor.json("live/ticket")["address"])
        # Only browsers resolve *.localhost to this machine.
        self._socket = socket.create_connection(("127.0.0.1", address.port))
        self._socket.setblocking(False)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._text = ""
        self._open = False
        self._closed = False
        self._received: list[dict] = []
        origin = [(b"origin", person.visitor.address.encode())]
        self._send(Request(host=address.netloc, target=f"{address.path}?{address.query}", extra_headers=origin))
        until("an open socket", lambda: self.received() is not None and self._open)

    def close(self) -> None:
        self._socket.close()

    def received(self) -> list[dict]:
        """All messages received so far."""
        try:
            while data := self._socket.recv(65536):
                self._protocol.receive_data(data)
            self._closed = True
        except BlockingIOError:
            pass
        for event in self._protocol.events():
            self._handle(event)
        return self._received

    def is_closed(self) -> bool:
        """Whether the server has closed the socket."""
        self.received()
        return self._closed

    def responds(self) -> bool:
        """Whether the server responds to the page's heartbeat."""
        self._send(Message(data='{"action": "ping"}'))
        return bool(until("a response to the heartbeat", lambda: {"pong": True} in self.received()))

    def _send(self, event) -> None:
        self._socket.sendall(self._protocol.send(event))

    def _handle(self, event) -> None:
        if isinstance(event, AcceptConnection):
            self._open = True
        elif isinstance(event, Ping):
            self._send(event.response())
        elif isinstance(event, TextMessage):
            self._text += event.data
            if event.message_finished:
                self._received.append(json.loads(self._text))
                self._text = ""
        elif isinstance(event, CloseConnection):
            self._closed = True
        else:
            raise AssertionError(f"unexpected socket event: {event}")
