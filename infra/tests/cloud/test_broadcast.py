"""The function `broadcast`: duplicate, out-of-order and invalid events from Shoebox's bus to the sockets."""

import json
import unittest

from infra.tests.cloud.browser_socket import BrowserSocket
from infra.tests.cloud.fixtures import PUBLISHED_STATES, Person, client, physical_id, until
from infra.tests.cloud.listeners import Log, Queue, capture_events


def put(detail: dict) -> None:
    """Puts an event on Shoebox's bus, as `stream` does."""
    entry = {
        "EventBusName": physical_id("state", "Bus"),
        "Source": "shoebox",
        "DetailType": "PhotoChanged",
        "Detail": json.dumps(detail),
    }
    if client("events").put_events(Entries=[entry])["FailedEntryCount"]:
        raise AssertionError("the bus rejected the event")


class Broadcast(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")
        self.socket = BrowserSocket(self.ada)
        self.addCleanup(self.socket.close)

    def frames(self, count: int) -> list[dict]:
        """Waits for exactly this many frames on the socket, and returns them."""
        frames = until(f"{count} frames", lambda: self.socket.received()[count - 1 :] and list(self.socket.received()))
        self.assertEqual(len(frames), count)
        return frames

    def test_duplicate_and_out_of_order_events_keep_their_sequence_numbers(self):
        captured = capture_events(self)
        self.ada.upload_and_process()
        first = self.frames(len(PUBLISHED_STATES))
        events = {event["detail"]["number"]: event["detail"] for event in captured.bodies()}
        by_number = {frame["number"]: frame for frame in first}
        numbers = list(range(1, len(PUBLISHED_STATES) + 1))
        self.assertEqual(sorted(by_number), numbers)
        for total, number in enumerate((2, 1, 1), len(first) + 1):
            put(events[number])
            frame = self.frames(total)[-1]
            self.assertEqual(frame["number"], number)
            self.assertEqual(frame["news"]["photo"]["state"], by_number[number]["news"]["photo"]["state"])
        self.assertEqual([message["number"] for message in self.ada.messages()], numbers)
        self.assertTrue(self.socket.responds())

    def test_an_invalid_event_is_retried_twice_and_becomes_a_dead_letter(self):
        log = Log("broadcast")
        invalid = {"version": 1, "says": f"no event of {self.ada.id}"}
        put(invalid)
        self.ada.grant()
        self.assertEqual(self.frames(1)[0]["number"], 1)
        letter = Queue.of("live", "BroadcastDeadLetters").wait_for_message("the event in the dead-letter queue", lambda body: invalid["says"] in body)
        self.assertEqual(json.loads(letter["Body"])["requestPayload"]["detail"], invalid)
        self.assertEqual(len(log.lines("the event has another shape")), 3)
        self.assertTrue(self.socket.responds())


if __name__ == "__main__":
    unittest.main()
