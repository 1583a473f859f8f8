"""The door `render`: orders through the topic and each format's queue, twice, late, in reverse, and in vain."""

import json
import unittest

from infra.tests.cloud.cast import WHOLE_WAY, Person, client, invoke, physical, until
from infra.tests.cloud.ears import Log, Mapping, Queue, orders_heard

FORMATS = ("Webp", "Jpeg", "Avif")


def publish(order: dict) -> None:
    client("sns").publish(TopicArn=physical("develop", "Topic"), Message=json.dumps(order))


def orders(ear: Queue, photo) -> dict[str, dict]:
    """The orders of a photo that were heard, by format."""
    return {order["format"]: order for order in ear.bodies() if order["job"]["photo"] == photo.id}


class Render(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")
        self.queues = {name.lower(): Queue.of("develop", f"{name}Queue") for name in FORMATS}
        self.mappings = {name.lower(): Mapping(self, "develop", f"{name}Mapping") for name in FORMATS}

    def drained(self):
        for queue in self.queues.values():
            queue.drained()

    def retry_at_once(self, name: str):
        """Messages that failed come again after seconds, not after minutes, and four times in all, until the test ends."""
        queue = self.queues[name]
        there = queue.attributes()
        usual = {key: there[key] for key in ("VisibilityTimeout", "RedrivePolicy")}
        self.addCleanup(client("sqs").set_queue_attributes, QueueUrl=queue.url, Attributes=usual)
        # Longer than a render takes, so that only what failed comes again; no deliveries for which there is no room.
        soon = {"VisibilityTimeout": "3", "RedrivePolicy": json.dumps(json.loads(usual["RedrivePolicy"]) | {"maxReceiveCount": 4})}
        client("sqs").set_queue_attributes(QueueUrl=queue.url, Attributes=soon)

    def dead(self, message: str) -> dict:
        return Queue.of("develop", "RenderDeadLetters").message(f"{message} among the dead letters", lambda body: message in body)

    def test_orders_that_come_again_after_the_end_change_nothing(self):
        ear = orders_heard(self)
        photo = self.ada.develop()
        before, files = photo.row(), photo.files()
        self.assertEqual(len(files), 6)
        log = Log("render")
        heard = orders(ear, photo)
        for name in ("avif", "jpeg", "webp", "webp"):
            publish(heard[name])
        log.await_runs(4)
        self.drained()
        self.assertEqual(len(log.lines('"was rendered already"', photo.id)), 4)
        self.assertEqual(log.failures(), 0)
        self.assertEqual(photo.row(), before)
        self.assertEqual(photo.files(), files)

    def test_after_a_stop_waiting_orders_are_done_in_any_order_and_each_counts_once(self):
        ear = orders_heard(self)
        # The queue of JPEG has the order to inspect, too.
        for name in ("webp", "avif"):
            self.mappings[name].stop()
        photo = self.ada.upload()
        ear.message("the order for WebP", lambda body: photo.id in body and '"webp"' in body)
        photo.comes_to("developing 1")
        for order in orders(ear, photo).values():
            publish(order)
        self.queues["jpeg"].drained()
        self.assertEqual(photo.history(), WHOLE_WAY[:4])
        self.mappings["webp"].go_on()
        self.assertEqual(photo.settled()["media"]["formats"], ["jpeg", "webp"])
        ear.message("the order for AVIF", lambda body: photo.id in body and '"avif"' in body)
        self.assertEqual(photo.history(), WHOLE_WAY)
        publish(orders(ear, photo)["avif"])
        self.mappings["avif"].go_on()
        self.assertEqual(photo.ended(), "SUCCEEDED")
        self.drained()
        self.assertEqual(photo.seen()["media"]["formats"], ["jpeg", "webp", "avif"])
        self.assertEqual(photo.history(), WHOLE_WAY, "what joins later is no step of its way")

    def test_deliveries_that_started_nothing_are_no_tries(self):
        mapping, queue = self.mappings["webp"], self.queues["webp"]
        mapping.stop()
        photo = self.ada.upload()

        def receive() -> str | None:
            """As Lambda does that finds no function free: the order is back at once."""
            got = client("sqs").receive_message(QueueUrl=queue.url, AttributeNames=["All"], VisibilityTimeout=0, MaxNumberOfMessages=10).get("Messages", [])
            return next((one["Attributes"]["ApproximateReceiveCount"] for one in got if photo.id in one["Body"]), None)

        until("the order was received more often than it may be tried", lambda: int(receive() or 0) > 4)
        mapping.go_on()
        self.assertEqual(sorted(photo.settled()["media"]["formats"]), ["jpeg", "webp"])
        self.assertNotIn("lacking", photo.row())

    def test_a_format_that_was_given_up_stays_so_and_its_reason_is_kept(self):
        self.mappings["avif"].stop()
        photo = self.ada.upload()
        self.assertEqual(sorted(photo.settled()["media"]["formats"]), ["jpeg", "webp"])
        failure = {"step": "format_failed", "job": photo.job, "format": "avif", "error": {"Error": "Unfit", "Cause": "TooSlow"}}
        for _ in range(2):
            invoke("steps", failure)
        given_up = photo.row()
        self.assertEqual(given_up["lacking"], {"L": [{"M": {"format": {"S": "avif"}, "reason": {"S": "TooSlow"}}}]})
        self.mappings["avif"].go_on()
        self.assertEqual(photo.ended(), "SUCCEEDED")
        self.assertEqual(photo.row(), given_up)
        self.assertEqual(len(photo.files()), 4)

    def test_what_is_no_order_is_a_dead_letter_after_three_tries_and_its_neighbours_are_done(self):
        self.retry_at_once("webp")
        stray = {"format": "webp", "says": f"no order of {self.ada.id}"}
        publish(stray)
        self.assertEqual(self.ada.develop().seen()["state"], {"is": "ready"})
        letter = self.dead(stray["says"])
        self.assertEqual(json.loads(letter["Body"]), stray)
        self.assertEqual(letter["Attributes"]["ApproximateReceiveCount"], "5", "four in its queue, this one here")

    def test_an_order_without_its_original_is_a_dead_letter_after_three_tries_and_its_neighbours_are_done(self):
        self.retry_at_once("jpeg")
        log = Log("render")
        photo = self.ada.expect()
        before = photo.row()
        publish({"job": photo.job, "format": "jpeg", "token": "nobody waits"})
        self.assertEqual(self.ada.develop().seen()["state"], {"is": "ready"})
        letter = self.dead(photo.id)
        self.assertEqual(letter["Attributes"]["ApproximateReceiveCount"], "5", "four in its queue, this one here")
        self.assertEqual(log.settled_failures(4, "an order was not done"), 4, "three tries, and the one that tells")
        self.assertEqual((photo.row(), photo.files()), (before, {}))


if __name__ == "__main__":
    unittest.main()
