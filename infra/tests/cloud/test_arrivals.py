"""The door `arrivals`: "Object Created" through the default bus, more than once, in any order, and in vain."""

import unittest

from infra.tests.cloud.cast import STAGE, WHOLE_WAY, Person, client, take_row, write_row, write_unreadable
from infra.tests.cloud.ears import Log, Queue, change_given_up


class Arrivals(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")
        self.log = Log("arrivals")

    def developed_once(self, *photos):
        for photo in photos:
            self.assertEqual(photo.settled()["state"], {"is": "ready"})
            self.assertEqual(photo.history(), WHOLE_WAY)
            self.assertEqual([one["name"] for one in photo.executions()], [f"{photo.id}-1"])
            self.assertEqual(photo.row()["generation"], {"N": "1"})

    def test_an_original_that_is_told_of_again_and_again_is_developed_once(self):
        photo = self.ada.upload()
        photo.send_again()
        photo.announce()
        photo.settled()
        photo.send_again()
        self.log.await_runs(3)
        self.developed_once(photo)

    def test_originals_may_come_in_another_order_than_they_were_granted(self):
        photos = [self.ada.expect(name) for name in ("cat.png", "cup.png", "stream.webp")]
        for photo in reversed(photos):
            photo.send()
        self.developed_once(*photos)

    def test_an_original_that_comes_before_its_record_is_developed_when_it_is_told_of_again(self):
        photo = self.ada.expect()
        row = photo.row()
        take_row(f"PHOTO#{photo.id}", "PHOTO")
        photo.send()
        self.log.await_runs(1)
        self.assertEqual(len(self.log.lines("an original without a record", photo.id)), 1)
        self.assertEqual(photo.executions(), [])
        write_row(row)
        photo.send_again()
        self.developed_once(photo)

    def test_an_event_that_fails_is_tried_three_times_and_left_as_a_dead_letter_while_others_go_on(self):
        photo = self.ada.expect()
        write_unreadable(photo.id)
        self.addCleanup(take_row, f"PHOTO#{photo.id}", "PHOTO")
        self.addCleanup(change_given_up, photo.id)
        photo.send()
        self.developed_once(self.ada.upload())
        letter = Queue.of("develop", "ArrivalsDeadLetters").message("the event among the dead letters", lambda body: photo.original in body)
        self.assertIn('"detail-type": "Object Created"', letter["Body"])
        self.assertEqual(self.log.settled_failures(3, "read a row's shape"), 3)
        self.assertEqual(photo.executions(), [])
        there = client("s3").head_object(Bucket=STAGE.setting("originals-bucket"), Key=photo.original)
        self.assertEqual(there["ContentLength"], len(photo.content))


if __name__ == "__main__":
    unittest.main()
