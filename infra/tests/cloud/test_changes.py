"""The door `changes`: the table's stream through its mapping, twice, out of order, with a stop, and past what cannot be read."""

import json
import unittest
import uuid
from collections import Counter

from infra.tests.cloud.browser_socket import BrowserSocket
from infra.tests.cloud.cast import STAGE, TOLD, WHOLE_WAY, Person, client, state_name, take_row, until, write_row, write_unreadable
from infra.tests.cloud.ears import Log, Mapping, Queue, change_given_up, events_heard, record_at


def numbers(ear: Queue, person: Person) -> Counter:
    """How often each number of a library was told on the bus."""
    return Counter(event["detail"]["number"] for event in ear.bodies() if event["detail"]["channel"]["id"] == person.id)


def once(count: int) -> Counter:
    return Counter(range(1, count + 1))


def beside(sidecar: str) -> list[dict]:
    """What lies beside the originals under this key."""
    return client("s3").list_objects_v2(Bucket=STAGE.setting("originals-bucket"), Prefix=sidecar).get("Contents", [])


class Changes(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")
        self.ear = events_heard(self)
        self.mapping = Mapping(self, "live", "ChangesMapping")

    def told(self, person: Person, count: int) -> list[dict]:
        """The messages of a library, once there are so many."""
        messages = until(f"{count} messages", lambda: (said := person.messages())[count - 1 :] and said)
        self.assertEqual([message["number"] for message in messages], list(range(1, count + 1)))
        return messages

    def states(self, messages: list[dict], photo) -> list[str]:
        return [state_name(message["news"]["photo"]["state"]) for message in messages if message["news"]["photo"]["id"] == photo.id]

    def kept(self, photo) -> list[str]:
        """The photo's history as its sidecar has it."""
        key = f"sidecars/PHOTO/{photo.id}/PHOTO.json"
        body = client("s3").get_object(Bucket=STAGE.setting("originals-bucket"), Key=key)["Body"]
        return [state_name(step["state"]) for step in json.loads(body.read())["row"]["history"]]

    def test_changes_that_come_a_second_time_after_later_ones_keep_their_numbers(self):
        photo = self.ada.develop()
        messages = self.told(self.ada, len(TOLD))
        until("each number on the bus", lambda: numbers(self.ear, self.ada) == once(len(TOLD)))
        # A second mapping brings all of them again, from the first; AWS allows one, and brings them again when it must.
        usual = client("lambda").get_event_source_mapping(UUID=self.mapping.id)
        again = client("lambda").create_event_source_mapping(
            FunctionName=usual["FunctionArn"],
            EventSourceArn=usual["EventSourceArn"],
            StartingPosition="TRIM_HORIZON",
            FunctionResponseTypes=usual["FunctionResponseTypes"],
            FilterCriteria={"Filters": [{"Pattern": json.dumps({"dynamodb": {"Keys": {"pk": {"S": [f"PHOTO#{photo.id}"]}}}})}]},
        )
        self.addCleanup(client("lambda").delete_event_source_mapping, UUID=again["UUID"])
        until("each number twice on the bus", lambda: numbers(self.ear, self.ada) == once(len(TOLD)) + once(len(TOLD)))
        self.assertEqual(self.ada.messages(), messages)
        self.assertEqual(self.kept(photo), WHOLE_WAY)

    def test_each_row_that_lasts_has_its_sidecar_for_as_long(self):
        name = uuid.uuid4()
        for pk in (f"ACCOUNT#{name}", f"ADDRESS#{name}", f"IDENTITY#{name}", "SITE"):
            with self.subTest(pk):
                sidecar = f"sidecars/{pk.replace('#', '/')}/TEST/{name}.json"
                write_row({"pk": {"S": pk}, "sk": {"S": f"TEST#{name}"}})
                until("it has its sidecar", lambda: beside(sidecar))
                take_row(pk, f"TEST#{name}")
                until("it has none", lambda: not beside(sidecar))

    def test_a_row_that_is_written_again_and_back_is_told_each_time_with_the_next_number(self):
        photo = self.ada.expect()
        row = photo.row()
        write_row({**row, "revision": {"N": "2"}, "name": {"S": "again.png"}})
        write_row(row)
        messages = self.told(self.ada, 3)
        self.assertEqual([message["news"]["photo"]["name"] for message in messages], ["cup.png", "again.png", "cup.png"])
        until("each number on the bus", lambda: numbers(self.ear, self.ada) == once(3))

    def test_a_change_that_cannot_be_read_is_a_dead_letter_and_later_ones_are_told(self):
        bob, log = Person("bob"), Log("changes")
        self.mapping.stop()
        before, lost, after = self.ada.expect(), bob.expect(), self.ada.expect()
        write_unreadable(lost.id)
        self.addCleanup(take_row, f"PHOTO#{lost.id}", "PHOTO")
        last = bob.expect()
        self.mapping.go_on()
        self.assertEqual([m["news"]["photo"]["id"] for m in self.told(self.ada, 2)], [before.id, after.id])
        self.assertEqual([m["news"]["photo"]["id"] for m in self.told(bob, 2)], [lost.id, last.id])
        letter = change_given_up(lost.id)
        self.assertEqual(json.loads(letter)["requestContext"]["condition"], "RetryAttemptsExhausted")
        record = record_at(letter)
        self.assertEqual(record["dynamodb"]["NewImage"]["version"], {"S": "of another world"})
        self.assertEqual(log.settled_failures(6, record["eventID"]), 6, "told once, and tried five times more")

    def test_after_a_stop_everything_is_told_once_and_in_order(self):
        window = BrowserSocket(self.ada)
        self.addCleanup(window.close)
        self.mapping.stop()
        photos = [self.ada.upload(name) for name in ("cat.png", "cup.png", "stream.webp")]
        for photo in photos:
            self.assertEqual(photo.settled()["state"], {"is": "ready"})
            self.assertEqual(photo.ended(), "SUCCEEDED")
        self.assertEqual(self.ada.messages(), [])
        self.mapping.go_on()
        messages = self.told(self.ada, len(TOLD) * len(photos))
        for photo in photos:
            self.assertEqual(self.states(messages, photo), TOLD)
            self.assertEqual(self.kept(photo), WHOLE_WAY)
        until("each number in the open window", lambda: Counter(frame["number"] for frame in window.heard()) == once(len(messages)))
        until("each number on the bus", lambda: numbers(self.ear, self.ada) == once(len(messages)))


if __name__ == "__main__":
    unittest.main()
