"""The door `broadcast`: events from Shoebox's own bus to the sockets, twice, in reverse, and in vain."""

import json
import unittest

from infra.tests.cloud.browser_socket import BrowserSocket
from infra.tests.cloud.cast import TOLD, Person, client, physical, until
from infra.tests.cloud.ears import Log, Queue, events_heard


def put(detail: dict) -> None:
    """An event on Shoebox's own bus, as `changes` puts it there."""
    entry = {
        "EventBusName": physical("state", "Bus"),
        "Source": "shoebox",
        "DetailType": "PhotoChanged",
        "Detail": json.dumps(detail),
    }
    if client("events").put_events(Entries=[entry])["FailedEntryCount"]:
        raise AssertionError("the bus did not take the event")


class Broadcast(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")
        self.socket = BrowserSocket(self.ada)
        self.addCleanup(self.socket.close)

    def frames(self, count: int) -> list[dict]:
        """What the socket has heard, once there are so many frames."""
        heard = until(f"{count} frames", lambda: self.socket.heard()[count - 1 :] and list(self.socket.heard()))
        self.assertEqual(len(heard), count)
        return heard

    def test_events_that_come_again_and_in_reverse_reach_the_socket_with_their_numbers(self):
        ear = events_heard(self)
        self.ada.develop()
        first = self.frames(len(TOLD))
        events = {event["detail"]["number"]: event["detail"] for event in ear.bodies()}
        by_number = {frame["number"]: frame for frame in first}
        numbers = list(range(1, len(TOLD) + 1))
        self.assertEqual(sorted(by_number), numbers)
        for told, number in enumerate((2, 1, 1), len(first) + 1):
            put(events[number])
            frame = self.frames(told)[-1]
            self.assertEqual(frame["number"], number)
            self.assertEqual(frame["news"]["photo"]["state"], by_number[number]["news"]["photo"]["state"])
        self.assertEqual([message["number"] for message in self.ada.messages()], numbers)
        self.assertTrue(self.socket.answers())

    def test_an_event_that_cannot_be_read_is_tried_three_times_and_left_as_a_dead_letter(self):
        log = Log("broadcast")
        stray = {"version": 1, "says": f"no event of {self.ada.id}"}
        put(stray)
        self.ada.expect()
        self.assertEqual(self.frames(1)[0]["number"], 1)
        letter = Queue.of("live", "BroadcastDeadLetters").message("the event among the dead letters", lambda body: stray["says"] in body)
        self.assertEqual(json.loads(letter["Body"])["requestPayload"]["detail"], stray)
        self.assertEqual(len(log.lines("the event has another shape")), 3)
        self.assertTrue(self.socket.answers())


if __name__ == "__main__":
    unittest.main()
