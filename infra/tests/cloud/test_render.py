"""The function `render`: duplicate, late, out-of-order and failing orders through the topic and each format's queue."""

import json
import unittest

from infra.tests.cloud.fixtures import FULL_HISTORY, Person, client, invoke, physical_id, until
from infra.tests.cloud.listeners import Log, Mapping, Queue, capture_orders

FORMATS = ("Webp", "Jpeg", "Avif")


def publish(order: dict) -> None:
    client("sns").publish(TopicArn=physical_id("processing", "Topic"), Message=json.dumps(order))


def orders(captured: Queue, photo) -> dict[str, dict]:
    """A photo's captured orders, by format."""
    return {order["format"]: order for order in captured.bodies() if order["job"]["photo"] == photo.id}


class Render(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")
        self.queues = {name.lower(): Queue.of("processing", f"{name}Queue") for name in FORMATS}
        self.mappings = {name.lower(): Mapping(self, "processing", f"{name}Mapping") for name in FORMATS}

    def wait_until_empty(self):
        for queue in self.queues.values():
            queue.wait_until_empty()

    def retry_quickly(self, name: str):
        """Until the test ends, failed messages are received again after seconds instead of minutes, and four times in all."""
        queue = self.queues[name]
        attributes = queue.attributes()
        original = {key: attributes[key] for key in ("VisibilityTimeout", "RedrivePolicy")}
        self.addCleanup(client("sqs").set_queue_attributes, QueueUrl=queue.url, Attributes=original)
        # Longer than a render takes, so that only failed messages are received again.
        short = {"VisibilityTimeout": "3", "RedrivePolicy": json.dumps(json.loads(original["RedrivePolicy"]) | {"maxReceiveCount": 4})}
        client("sqs").set_queue_attributes(QueueUrl=queue.url, Attributes=short)

    def dead_letter(self, message: str) -> dict:
        return Queue.of("processing", "RenderDeadLetters").wait_for_message(f"{message} in the dead-letter queue", lambda body: message in body)

    def test_duplicate_orders_after_the_end_change_nothing(self):
        captured = capture_orders(self)
        photo = self.ada.upload_and_process()
        before, files = photo.row(), photo.files()
        self.assertEqual(len(files), 6)
        log = Log("render")
        by_format = orders(captured, photo)
        for name in ("avif", "jpeg", "webp", "webp"):
            publish(by_format[name])
        log.wait_for_invocations(4)
        self.wait_until_empty()
        self.assertEqual(len(log.lines('"was rendered already"', photo.id)), 4)
        self.assertEqual(log.failures(), 0)
        self.assertEqual(photo.row(), before)
        self.assertEqual(photo.files(), files)

    def test_after_a_pause_duplicate_orders_are_processed_once_in_any_order(self):
        captured = capture_orders(self)
        # The JPEG queue also has the order to inspect.
        for name in ("webp", "avif"):
            self.mappings[name].disable()
        photo = self.ada.upload()
        captured.wait_for_message("the order for WebP", lambda body: photo.id in body and '"webp"' in body)
        photo.wait_until("developing 1")
        for order in orders(captured, photo).values():
            publish(order)
        self.queues["jpeg"].wait_until_empty()
        self.assertEqual(photo.history(), FULL_HISTORY[:4])
        self.mappings["webp"].enable()
        self.assertEqual(photo.wait_until_settled()["media"]["formats"], ["jpeg", "webp"])
        captured.wait_for_message("the order for AVIF", lambda body: photo.id in body and '"avif"' in body)
        self.assertEqual(photo.history(), FULL_HISTORY)
        publish(orders(captured, photo)["avif"])
        self.mappings["avif"].enable()
        self.assertEqual(photo.wait_until_workflow_ended(), "SUCCEEDED")
        self.wait_until_empty()
        self.assertEqual(photo.fetch()["media"]["formats"], ["jpeg", "webp", "avif"])
        self.assertEqual(photo.history(), FULL_HISTORY, "a later format is not in the history")

    def test_throttled_deliveries_do_not_count_as_attempts(self):
        mapping, queue = self.mappings["webp"], self.queues["webp"]
        mapping.disable()
        photo = self.ada.upload()

        def receive() -> str | None:
            """Receives the order as Lambda does when it is throttled: it is visible again immediately."""
            request = {"QueueUrl": queue.url, "AttributeNames": ["All"], "VisibilityTimeout": 0, "MaxNumberOfMessages": 10}
            messages = client("sqs").receive_message(**request).get("Messages", [])
            return next((one["Attributes"]["ApproximateReceiveCount"] for one in messages if photo.id in one["Body"]), None)

        until("the order was received more often than the limit of attempts", lambda: int(receive() or 0) > 4)
        mapping.enable()
        self.assertEqual(sorted(photo.wait_until_settled()["media"]["formats"]), ["jpeg", "webp"])
        self.assertNotIn("lacking", photo.row())

    def test_a_failed_format_is_not_rendered_later_and_its_reason_is_stored(self):
        self.mappings["avif"].disable()
        photo = self.ada.upload()
        self.assertEqual(sorted(photo.wait_until_settled()["media"]["formats"]), ["jpeg", "webp"])
        failure = {"step": "format_failed", "job": photo.job, "format": "avif", "error": {"Error": "Unfit", "Cause": "TooSlow"}}
        for _ in range(2):
            invoke("workflow-steps", failure)
        failed = photo.row()
        self.assertEqual(failed["lacking"], {"L": [{"M": {"format": {"S": "avif"}, "reason": {"S": "TooSlow"}}}]})
        self.mappings["avif"].enable()
        self.assertEqual(photo.wait_until_workflow_ended(), "SUCCEEDED")
        self.assertEqual(photo.row(), failed)
        self.assertEqual(len(photo.files()), 4)

    def test_an_invalid_order_becomes_a_dead_letter_while_others_succeed(self):
        self.retry_quickly("webp")
        invalid = {"format": "webp", "says": f"no order of {self.ada.id}"}
        publish(invalid)
        self.assertEqual(self.ada.upload_and_process().fetch()["state"], {"is": "ready"})
        letter = self.dead_letter(invalid["says"])
        self.assertEqual(json.loads(letter["Body"]), invalid)
        self.assertEqual(letter["Attributes"]["ApproximateReceiveCount"], "5", "four in its queue and one in the dead-letter queue")

    def test_an_order_without_an_original_becomes_a_dead_letter_while_others_succeed(self):
        self.retry_quickly("jpeg")
        log = Log("render")
        photo = self.ada.grant()
        before = photo.row()
        publish({"job": photo.job, "format": "jpeg", "token": "nobody waits"})
        self.assertEqual(self.ada.upload_and_process().fetch()["state"], {"is": "ready"})
        letter = self.dead_letter(photo.id)
        self.assertEqual(letter["Attributes"]["ApproximateReceiveCount"], "5", "four in its queue and one in the dead-letter queue")
        self.assertEqual(log.wait_for_failures(4, "an order was not done"), 4, "three attempts, and one that reports the failure")
        self.assertEqual((photo.row(), photo.files()), (before, {}))


if __name__ == "__main__":
    unittest.main()
