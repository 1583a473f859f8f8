"""Libraries that develop photos at the same time."""

import unittest

from infra.tests.cloud.cast import Person, until
from infra.tests.cloud.ears import Mapping, orders_heard

MANY = 12
AT_ONCE = 2
"""Orders of one format that are worked on at the same time: the last of them may end in any order."""


class Fairness(unittest.TestCase):
    def test_a_photo_does_not_wait_for_all_that_another_library_has_waiting(self):
        ear = orders_heard(self)
        mapping = Mapping(self, "develop", "WebpMapping")
        mapping.stop()
        ada, ben = Person("ada"), Person("ben")
        hers = [ada.upload() for _ in range(MANY)]

        def ordered(photos) -> bool:
            """Whether WebP was ordered of all of them."""
            return {photo.id for photo in photos} <= {order["job"]["photo"] for order in ear.bodies() if order["format"] == "webp"}

        until("all of hers wait", lambda: ordered(hers))
        his = ben.upload()
        until("his waits behind them", lambda: ordered([his]))
        mapping.go_on()
        self.assertEqual(his.settled()["state"], {"is": "ready"})
        waiting = [photo for photo in hers if photo.seen()["state"]["is"] != "ready"]
        self.assertGreater(len(waiting), AT_ONCE, "his came after all of hers")
        for order, message in zip(ear.bodies(), ear.heard):
            self.assertEqual(message["Attributes"].get("MessageGroupId"), order["job"]["library"])
        for photo in hers:
            self.assertEqual(photo.settled()["state"], {"is": "ready"})


if __name__ == "__main__":
    unittest.main()
