"""A session that is over closes its sockets, whoever ended it and however often that is told."""

import json
import unittest

from infra.tests.cloud.browser_socket import BrowserSocket
from infra.tests.cloud.cast import Person, client, physical, until
from infra.tests.cloud.ears import Log


class SessionEnds(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")
        self.socket = BrowserSocket(self.ada)
        self.addCleanup(self.socket.close)

    def put(self, session: str) -> None:
        entry = {
            "EventBusName": physical("state", "Bus"),
            "Source": "shoebox",
            "DetailType": "SessionEnded",
            "Detail": json.dumps({"version": 1, "session": session}),
        }
        if client("events").put_events(Entries=[entry])["FailedEntryCount"]:
            raise AssertionError("the bus did not take the event")

    def test_its_row_s_end_closes_the_socket_and_told_again_closes_no_other(self):
        ben = Person("ben")
        other = BrowserSocket(ben)
        self.addCleanup(other.close)
        log = Log("broadcast")
        self.ada.end_session()
        until("the socket is closed", self.socket.is_closed)
        runs = len(log.lines("END RequestId"))
        for _ in range(2):
            self.put(self.ada.session_hash)
        self.put("of nobody")
        log.await_runs(runs + 3)
        self.assertTrue(other.answers())
        self.assertEqual(log.failures(), 0)


if __name__ == "__main__":
    unittest.main()
