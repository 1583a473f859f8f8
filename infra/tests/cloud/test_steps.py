"""The workflow's steps: each twice, out of its order, and failing until the workflow gives up."""

import json
import unittest
import uuid

from infra.tests.cloud.cast import STAGE, WHOLE_WAY, Person, client, invoke, read_row, take_row, write_unreadable
from infra.tests.cloud.ears import Log, Mapping, change_given_up, hear_arrivals, without_arrivals


class Steps(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")

    def twice(self, photo, *steps):
        """Asks for each step twice, as the workflow does, or the queue that has its orders."""
        order = {"job": photo.job, "format": "inspect", "token": "nobody waits"}
        payloads = {
            "finish": {"step": "finish", "job": photo.job, "results": []},
            "format_failed": {"step": "format_failed", "job": photo.job, "format": "avif", "error": {"Error": "States.Timeout"}},
            "fail": {"step": "fail", **photo.job, "cause": "States.Timeout"},
        }
        for step in steps:
            for _ in range(2):
                if step == "inspect":
                    said = invoke("render", {"Records": [{"messageId": str(uuid.uuid4()), "body": json.dumps(order)}]})
                    self.assertEqual(said, {"batchItemFailures": []})
                else:
                    invoke("steps", payloads[step])

    def start(self, photo):
        """Starts the workflow as `arrivals` does."""
        client("stepfunctions").start_execution(
            stateMachineArn=STAGE.setting("workflow"), name=f"{photo.id}-1", input=json.dumps(photo.job)
        )

    def test_steps_that_come_before_their_time_change_nothing(self):
        without_arrivals(self)
        photo = self.ada.upload()
        before = photo.row()
        self.twice(photo, "format_failed", "finish", "inspect")
        self.assertEqual(photo.row(), before)
        hear_arrivals()
        photo.announce()
        photo.settled()
        self.assertEqual(photo.history(), WHOLE_WAY)

    def test_steps_that_come_after_the_end_change_nothing(self):
        photo = self.ada.develop()
        before, files = photo.row(), photo.files()
        self.twice(photo, "finish", "format_failed", "inspect", "fail")
        self.assertEqual(photo.row(), before)
        self.assertEqual(photo.files(), files)

    def test_a_photo_that_was_given_up_stays_so_whatever_comes_later(self):
        mapping = Mapping(self, "develop", "WebpMapping")
        mapping.stop()
        photo = self.ada.upload()
        photo.comes_to("developing 1")
        before = photo.row()
        self.twice(photo, "inspect")
        self.assertEqual(photo.row(), before)
        self.twice(photo, "fail")
        given_up = photo.row()
        self.assertEqual(photo.history(), [*WHOLE_WAY[:4], "refused our_fault"])
        self.twice(photo, "inspect", "finish")
        mapping.go_on()
        self.assertEqual(photo.ended(), "SUCCEEDED")
        self.assertEqual(photo.row(), given_up)

    def test_a_photo_whose_original_is_gone_is_refused_as_our_fault_and_its_workflow_fails(self):
        log = Log("render")
        photo = self.ada.expect()
        self.start(photo)
        self.assertEqual(photo.ended(), "FAILED")
        self.assertEqual(photo.history(), ["expected", "refused our_fault"])
        self.assertEqual(log.settled_failures(4, "could not be inspected"), 4, "inspect is tried four times")

    def test_a_photo_whose_record_cannot_be_read_ends_its_workflow_and_no_other(self):
        looks, steps = Log("render"), Log("steps")
        photo = self.ada.expect()
        write_unreadable(photo.id)
        self.addCleanup(take_row, f"PHOTO#{photo.id}", "PHOTO")
        self.addCleanup(change_given_up, photo.id)
        before = read_row(f"PHOTO#{photo.id}", "PHOTO")
        self.start(photo)
        neighbour = self.ada.upload()
        self.assertEqual(neighbour.settled()["state"], {"is": "ready"})
        self.assertEqual(photo.ended(), "FAILED")
        self.assertEqual(read_row(f"PHOTO#{photo.id}", "PHOTO"), before)
        self.assertEqual(looks.settled_failures(4, "read a row's shape"), 4, "inspect is tried four times")
        self.assertEqual(steps.settled_failures(6, "read a row's shape"), 6, "fail is tried six times")


if __name__ == "__main__":
    unittest.main()
