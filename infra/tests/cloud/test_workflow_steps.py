"""The steps of the processing state machine: duplicate, out-of-order and failing."""

import json
import unittest
import uuid

from infra.tests.cloud.fixtures import STAGE, FULL_HISTORY, Person, client, invoke, read_row, delete_row, write_unreadable
from infra.tests.cloud.listeners import Log, Mapping, dead_letter_of_change, enable_ingest, disable_ingest


class WorkflowSteps(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")

    def twice(self, photo, *steps):
        """Runs each step twice, as the state machine or the queue with its orders does."""
        order = {"job": photo.job, "format": "inspect", "token": "nobody waits"}
        payloads = {
            "finish": {"step": "finish", "job": photo.job},
            "format_failed": {"step": "format_failed", "job": photo.job, "format": "avif", "error": {"Error": "States.Timeout"}},
            "fail": {"step": "fail", **photo.job, "cause": "States.Timeout"},
        }
        for step in steps:
            for _ in range(2):
                if step == "inspect":
                    response = invoke("render", {"Records": [{"messageId": str(uuid.uuid4()), "body": json.dumps(order)}]})
                    self.assertEqual(response, {"batchItemFailures": []})
                else:
                    invoke("workflow-steps", payloads[step])

    def start(self, photo):
        """Starts the workflow as `ingest` does."""
        client("stepfunctions").start_execution(
            stateMachineArn=STAGE.setting("workflow"), name=f"{photo.id}-1", input=json.dumps(photo.job)
        )

    def test_premature_steps_change_nothing(self):
        disable_ingest(self)
        photo = self.ada.upload()
        before = photo.row()
        self.twice(photo, "format_failed", "finish", "inspect")
        self.assertEqual(photo.row(), before)
        enable_ingest()
        photo.announce()
        photo.wait_until_settled()
        self.assertEqual(photo.history(), FULL_HISTORY)

    def test_steps_after_the_end_change_nothing(self):
        photo = self.ada.upload_and_process()
        before, files = photo.row(), photo.files()
        self.twice(photo, "finish", "format_failed", "inspect", "fail")
        self.assertEqual(photo.row(), before)
        self.assertEqual(photo.files(), files)

    def test_a_refused_photo_is_not_changed_by_later_steps(self):
        mapping = Mapping(self, "processing", "WebpMapping")
        mapping.disable()
        photo = self.ada.upload()
        photo.wait_until("developing 1")
        before = photo.row()
        self.twice(photo, "inspect")
        self.assertEqual(photo.row(), before)
        self.twice(photo, "fail")
        refused = photo.row()
        self.assertEqual(photo.history(), [*FULL_HISTORY[:4], "refused our_fault"])
        self.twice(photo, "inspect", "finish")
        mapping.enable()
        self.assertEqual(photo.wait_until_workflow_ended(), "SUCCEEDED")
        self.assertEqual(photo.row(), refused)

    def test_a_photo_without_an_original_is_refused_and_its_execution_fails(self):
        log = Log("render")
        photo = self.ada.grant()
        self.start(photo)
        self.assertEqual(photo.wait_until_workflow_ended(), "FAILED")
        self.assertEqual(photo.history(), ["expected", "refused our_fault"])
        self.assertEqual(log.wait_for_failures(4, "could not be inspected"), 4, "inspect has four attempts")

    def test_an_unreadable_row_fails_only_its_own_execution(self):
        render, steps = Log("render"), Log("workflow-steps")
        photo = self.ada.grant()
        write_unreadable(photo.id)
        self.addCleanup(delete_row, f"PHOTO#{photo.id}", "PHOTO")
        self.addCleanup(dead_letter_of_change, photo.id)
        before = read_row(f"PHOTO#{photo.id}", "PHOTO")
        self.start(photo)
        neighbour = self.ada.upload()
        self.assertEqual(neighbour.wait_until_settled()["state"], {"is": "ready"})
        self.assertEqual(photo.wait_until_workflow_ended(), "FAILED")
        self.assertEqual(read_row(f"PHOTO#{photo.id}", "PHOTO"), before)
        self.assertEqual(render.wait_for_failures(4, "read a row's shape"), 4, "inspect has four attempts")
        self.assertEqual(steps.wait_for_failures(6, "read a row's shape"), 6, "fail has six attempts")


if __name__ == "__main__":
    unittest.main()
