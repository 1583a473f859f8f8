"""An ended session closes its sockets, and a browser that has signed in before is not locked out by others' attempts."""

import json
import unittest

from infra.local.seed import Refused, Visitor
from infra.tests.cloud.browser_socket import BrowserSocket
from infra.tests.cloud.fixtures import STAGE, Person, client, avoid_window_end, physical_id, until
from infra.tests.cloud.listeners import Log
from infra.tests.cloud.test_api import PASSWORD, Account


class SessionEnds(unittest.TestCase):
    def setUp(self):
        self.ada = Person("ada")
        self.socket = BrowserSocket(self.ada)
        self.addCleanup(self.socket.close)

    def put(self, session: str) -> None:
        entry = {
            "EventBusName": physical_id("state", "Bus"),
            "Source": "shoebox",
            "DetailType": "SessionEnded",
            "Detail": json.dumps({"version": 1, "session": session}),
        }
        if client("events").put_events(Entries=[entry])["FailedEntryCount"]:
            raise AssertionError("the bus rejected the event")

    def test_deleting_the_row_closes_the_socket_and_repeated_events_close_no_other(self):
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
        log.wait_for_invocations(runs + 3)
        self.assertTrue(other.responds())
        self.assertEqual(log.failures(), 0)


class Browser(Visitor):
    """A browser without cookies."""

    def __init__(self):
        super().__init__(STAGE.setting("site-address"))

    def sign_in(self, account: Account, password: str = PASSWORD) -> None:
        self.form("accounts/sign_in", email=account.email, password=password)


class KnownBrowsers(unittest.TestCase):
    def setUp(self):
        avoid_window_end(15 * 60)
        self.ada = Account("ada")

    def known_browser(self, account: Account) -> Browser:
        browser = Browser()
        browser.sign_in(account)
        browser.form("accounts/sign_out")
        return browser

    def guess(self, browser: Browser) -> None:
        """Uses up the limit of wrong passwords."""
        for _ in range(10):
            with self.assertRaisesRegex(Refused, "wrong_credentials"):
                browser.sign_in(self.ada, "not her password")

    def assert_locked_out(self, browser: Browser) -> None:
        with self.assertRaisesRegex(Refused, "locked_out"):
            browser.sign_in(self.ada)

    def test_others_attempts_do_not_lock_out_a_known_browser(self):
        own, bens, forged = self.known_browser(self.ada), self.known_browser(Account("ben")), Browser()
        cookie = own.cookies["__Host-device"]
        forged.cookies["__Host-device"] = cookie[:-1] + ("B" if cookie.endswith("A") else "A")
        self.guess(Browser())
        for stranger in (Browser(), bens, forged):
            self.assert_locked_out(stranger)
        own.sign_in(self.ada)
        name = cookie.split(".")[0]
        self.assertEqual(own.cookies["__Host-device"].split(".")[0], name, "a sign-in does not reset its attempts")

    def test_a_known_browser_has_the_same_limit(self):
        own = self.known_browser(self.ada)
        self.guess(own)
        self.assert_locked_out(own)
        Browser().sign_in(self.ada)


if __name__ == "__main__":
    unittest.main()
