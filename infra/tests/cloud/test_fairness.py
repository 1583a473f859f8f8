"""Fairness between libraries that process photos at the same time."""

import unittest

from infra.tests.cloud.fixtures import Person, until
from infra.tests.cloud.listeners import Mapping, capture_orders

MANY = 12
CONCURRENCY = 2
"""Concurrently processed orders of one format, which may finish in any order."""


class Fairness(unittest.TestCase):
    def test_a_photo_does_not_wait_for_another_library_s_backlog(self):
        captured = capture_orders(self)
        mapping = Mapping(self, "processing", "WebpMapping")
        mapping.disable()
        ada, ben = Person("ada"), Person("ben")
        hers = [ada.upload() for _ in range(MANY)]

        def ordered(photos) -> bool:
            """Whether the WebP renditions of all these photos were ordered."""
            return {photo.id for photo in photos} <= {order["job"]["photo"] for order in captured.bodies() if order["format"] == "webp"}

        until("all of hers are queued", lambda: ordered(hers))
        his = ben.upload()
        until("his is queued behind them", lambda: ordered([his]))
        mapping.enable()
        self.assertEqual(his.wait_until_settled()["state"], {"is": "ready"})
        waiting = [photo for photo in hers if photo.fetch()["state"]["is"] != "ready"]
        self.assertGreater(len(waiting), CONCURRENCY, "his was processed after all of hers")
        for order, message in zip(captured.bodies(), captured.received):
            self.assertEqual(message["Attributes"].get("MessageGroupId"), order["job"]["library"])
        for photo in hers:
            self.assertEqual(photo.wait_until_settled()["state"], {"is": "ready"})


if __name__ == "__main__":
    unittest.main()
