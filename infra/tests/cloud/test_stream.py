"""The function `stream`: duplicate, out-of-order, delayed and unreadable records of the table's stream."""

import json
import unittest
import uuid
from collections import Counter

from infra.tests.cloud.browser_socket import BrowserSocket
from infra.tests.cloud.fixtures import STAGE, PUBLISHED_STATES, FULL_HISTORY, Person, client, state_name, delete_row, until, write_row, write_unreadable
from infra.tests.cloud.listeners import Log, Mapping, Queue, dead_letter_of_change, capture_events, record_of


def numbers(captured: Queue, person: Person) -> Counter:
    """How often each sequence number of a library was published on the bus."""
    return Counter(event["detail"]["number"] for event in captured.bodies() if event["detail"]["channel"]["id"] == person.id)


def once(count: int) -> Counter:
    return Counter(range(1, count + 1))


def objects(sidecar: str) -> list[dict]:
    """The objects in the originals' bucket with this key."""
    return client("s3").list_objects_v2(Bucket=STAGE.setting("originals-bucket"), Prefix=sidecar).get("Contents", [])


class Stream(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")
        self.captured = capture_events(self)
        self.mapping = Mapping(self, "live", "StreamMapping")

    def published(self, person: Person, count: int) -> list[dict]:
        """Waits for this many messages of a library, and returns them."""
        messages = until(f"{count} messages", lambda: (found := person.messages())[count - 1 :] and found)
        self.assertEqual([message["number"] for message in messages], list(range(1, count + 1)))
        return messages

    def states(self, messages: list[dict], photo) -> list[str]:
        return [state_name(message["news"]["photo"]["state"]) for message in messages if message["news"]["photo"]["id"] == photo.id]

    def sidecar_history(self, photo) -> list[str]:
        """The photo's history in its sidecar."""
        key = f"sidecars/PHOTO/{photo.id}/PHOTO.json"
        body = client("s3").get_object(Bucket=STAGE.setting("originals-bucket"), Key=key)["Body"]
        return [state_name(step["state"]) for step in json.loads(body.read())["row"]["history"]]

    def test_records_repeated_after_later_ones_keep_their_sequence_numbers(self):
        photo = self.ada.upload_and_process()
        messages = self.published(self.ada, len(PUBLISHED_STATES))
        until("each number on the bus", lambda: numbers(self.captured, self.ada) == once(len(PUBLISHED_STATES)))
        # A second mapping delivers all records again, from the start. AWS permits only one mapping, but may deliver records again.
        original = client("lambda").get_event_source_mapping(UUID=self.mapping.id)
        second = client("lambda").create_event_source_mapping(
            FunctionName=original["FunctionArn"],
            EventSourceArn=original["EventSourceArn"],
            StartingPosition="TRIM_HORIZON",
            FunctionResponseTypes=original["FunctionResponseTypes"],
            FilterCriteria={"Filters": [{"Pattern": json.dumps({"dynamodb": {"Keys": {"pk": {"S": [f"PHOTO#{photo.id}"]}}}})}]},
        )
        self.addCleanup(client("lambda").delete_event_source_mapping, UUID=second["UUID"])
        until("each number twice on the bus", lambda: numbers(self.captured, self.ada) == once(len(PUBLISHED_STATES)) + once(len(PUBLISHED_STATES)))
        self.assertEqual(self.ada.messages(), messages)
        self.assertEqual(self.sidecar_history(photo), FULL_HISTORY)

    def test_a_lasting_row_s_sidecar_is_written_and_deleted_with_it(self):
        name = uuid.uuid4()
        for pk in (f"ACCOUNT#{name}", f"ADDRESS#{name}", f"IDENTITY#{name}", "SITE"):
            with self.subTest(pk):
                sidecar = f"sidecars/{pk.replace('#', '/')}/TEST/{name}.json"
                write_row({"pk": {"S": pk}, "sk": {"S": f"TEST#{name}"}})
                until("the sidecar exists", lambda: objects(sidecar))
                delete_row(pk, f"TEST#{name}")
                until("the sidecar is deleted", lambda: not objects(sidecar))

    def test_each_write_of_a_row_is_published_with_the_next_sequence_number(self):
        photo = self.ada.grant()
        row = photo.row()
        write_row({**row, "revision": {"N": "2"}, "name": {"S": "again.png"}})
        write_row(row)
        messages = self.published(self.ada, 3)
        self.assertEqual([message["news"]["photo"]["name"] for message in messages], ["cup.png", "again.png", "cup.png"])
        until("each number on the bus", lambda: numbers(self.captured, self.ada) == once(3))

    def test_an_unreadable_change_becomes_a_dead_letter_and_later_ones_are_published(self):
        bob, log = Person("bob"), Log("stream")
        self.mapping.disable()
        before, lost, after = self.ada.grant(), bob.grant(), self.ada.grant()
        write_unreadable(lost.id)
        self.addCleanup(delete_row, f"PHOTO#{lost.id}", "PHOTO")
        last = bob.grant()
        self.mapping.enable()
        self.assertEqual([m["news"]["photo"]["id"] for m in self.published(self.ada, 2)], [before.id, after.id])
        self.assertEqual([m["news"]["photo"]["id"] for m in self.published(bob, 2)], [lost.id, last.id])
        letter = dead_letter_of_change(lost.id)
        self.assertEqual(json.loads(letter)["requestContext"]["condition"], "RetryAttemptsExhausted")
        record = record_of(letter)
        self.assertEqual(record["dynamodb"]["NewImage"]["version"], {"S": "of another world"})
        self.assertEqual(log.wait_for_failures(6, record["eventID"]), 6, "one attempt and five retries")

    def test_after_a_pause_everything_is_published_once_and_in_order(self):
        socket = BrowserSocket(self.ada)
        self.addCleanup(socket.close)
        self.mapping.disable()
        photos = [self.ada.upload(name) for name in ("cat.png", "cup.png", "stream.webp")]
        for photo in photos:
            self.assertEqual(photo.wait_until_settled()["state"], {"is": "ready"})
            self.assertEqual(photo.wait_until_workflow_ended(), "SUCCEEDED")
        self.assertEqual(self.ada.messages(), [])
        self.mapping.enable()
        messages = self.published(self.ada, len(PUBLISHED_STATES) * len(photos))
        for photo in photos:
            self.assertEqual(self.states(messages, photo), PUBLISHED_STATES)
            self.assertEqual(self.sidecar_history(photo), FULL_HISTORY)
        until("each number on the open socket", lambda: Counter(frame["number"] for frame in socket.received()) == once(len(messages)))
        until("each number on the bus", lambda: numbers(self.captured, self.ada) == once(len(messages)))


if __name__ == "__main__":
    unittest.main()
