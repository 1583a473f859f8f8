"""The function `ingest`: duplicate, out-of-order and failing "Object Created" events through the default bus."""

import unittest

from infra.tests.cloud.fixtures import STAGE, FULL_HISTORY, Person, client, delete_row, write_row, write_unreadable
from infra.tests.cloud.listeners import Log, Queue, dead_letter_of_change


class Ingest(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")
        self.log = Log("ingest")

    def assert_processed_once(self, *photos):
        for photo in photos:
            self.assertEqual(photo.wait_until_settled()["state"], {"is": "ready"})
            self.assertEqual(photo.history(), FULL_HISTORY)
            self.assertEqual([one["name"] for one in photo.executions()], [f"{photo.id}-1"])
            self.assertEqual(photo.row()["generation"], {"N": "1"})

    def test_duplicate_events_process_an_original_once(self):
        photo = self.ada.upload()
        photo.send_again()
        photo.announce()
        photo.wait_until_settled()
        photo.send_again()
        self.log.wait_for_invocations(3)
        self.assert_processed_once(photo)

    def test_originals_may_arrive_in_another_order_than_granted(self):
        photos = [self.ada.grant(name) for name in ("cat.png", "cup.png", "stream.webp")]
        for photo in reversed(photos):
            photo.send()
        self.assert_processed_once(*photos)

    def test_an_original_before_its_row_is_processed_on_the_next_event(self):
        photo = self.ada.grant()
        row = photo.row()
        delete_row(f"PHOTO#{photo.id}", "PHOTO")
        photo.send()
        self.log.wait_for_invocations(1)
        self.assertEqual(len(self.log.lines("an original without a record", photo.id)), 1)
        self.assertEqual(photo.executions(), [])
        write_row(row)
        photo.send_again()
        self.assert_processed_once(photo)

    def test_a_failing_event_is_retried_twice_and_becomes_a_dead_letter_while_others_succeed(self):
        photo = self.ada.grant()
        write_unreadable(photo.id)
        self.addCleanup(delete_row, f"PHOTO#{photo.id}", "PHOTO")
        self.addCleanup(dead_letter_of_change, photo.id)
        photo.send()
        self.assert_processed_once(self.ada.upload())
        letter = Queue.of("processing", "IngestDeadLetters").wait_for_message("the event in the dead-letter queue", lambda body: photo.original in body)
        self.assertIn('"detail-type": "Object Created"', letter["Body"])
        self.assertEqual(self.log.wait_for_failures(3, "read a row's shape"), 3)
        self.assertEqual(photo.executions(), [])
        head = client("s3").head_object(Bucket=STAGE.setting("originals-bucket"), Key=photo.original)
        self.assertEqual(head["ContentLength"], len(photo.content))


if __name__ == "__main__":
    unittest.main()
