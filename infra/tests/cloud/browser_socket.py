"""A socket as a page of the site opens it."""

import json
import socket
from urllib.parse import urlsplit

from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Message, Ping, Request, TextMessage

from infra.tests.cloud.cast import Person, until


class BrowserSocket:
    """Follows the library of its person, and keeps what it is told."""

    def __init__(self, person: Person):
        address = urlsplit(person.visitor.json("live/ticket")["address"])
        # Only browsers know that every *.localhost is this machine.
        self._line = socket.create_connection(("127.0.0.1", address.port))
        self._line.setblocking(False)
        self._protocol = WSConnection(ConnectionType.CLIENT)
        self._text = ""
        self._open = False
        self._ended = False
        self._heard: list[dict] = []
        origin = [(b"origin", person.visitor.address.encode())]
        self._say(Request(host=address.netloc, target=f"{address.path}?{address.query}", extra_headers=origin))
        until("an open socket", lambda: self.heard() is not None and self._open)

    def close(self) -> None:
        self._line.close()

    def heard(self) -> list[dict]:
        """All messages so far."""
        try:
            while data := self._line.recv(65536):
                self._protocol.receive_data(data)
            self._ended = True
        except BlockingIOError:
            pass
        for event in self._protocol.events():
            self._take(event)
        return self._heard

    def is_closed(self) -> bool:
        """Whether the other side has closed it."""
        self.heard()
        return self._ended

    def answers(self) -> bool:
        """Whether the page's heartbeat is answered."""
        self._say(Message(data='{"action": "ping"}'))
        return bool(until("an answer to the heartbeat", lambda: {"pong": True} in self.heard()))

    def _say(self, event) -> None:
        self._line.sendall(self._protocol.send(event))

    def _take(self, event) -> None:
        if isinstance(event, AcceptConnection):
            self._open = True
        elif isinstance(event, Ping):
            self._say(event.response())
        elif isinstance(event, TextMessage):
            self._text += event.data
            if event.message_finished:
                self._heard.append(json.loads(self._text))
                self._text = ""
        elif isinstance(event, CloseConnection):
            self._ended = True
        else:
            raise AssertionError(f"the socket ends with {event}")
