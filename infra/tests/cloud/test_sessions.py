"""A session that is over closes its sockets, whoever ended it and however often that is told; and a browser that had one is not
locked out by strangers."""

import json
import unittest

from infra.local.seed import Refused, Visitor
from infra.tests.cloud.browser_socket import BrowserSocket
from infra.tests.cloud.cast import STAGE, Person, client, in_one_window, physical, until
from infra.tests.cloud.ears import Log
from infra.tests.cloud.test_api import PASSWORD, Account


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


class Browser(Visitor):
    """A browser that has been nowhere yet."""

    def __init__(self):
        super().__init__(STAGE.setting("site-address"))

    def sign_in(self, account: Account, password: str = PASSWORD) -> None:
        self.form("accounts/sign_in", email=account.email, password=password)


class KnownBrowsers(unittest.TestCase):
    def setUp(self):
        in_one_window(15 * 60)
        self.ada = Account("ada")

    def known(self, account: Account) -> Browser:
        browser = Browser()
        browser.sign_in(account)
        browser.form("accounts/sign_out")
        return browser

    def guess(self, browser: Browser) -> None:
        """As often as one may."""
        for _ in range(10):
            with self.assertRaisesRegex(Refused, "wrong_credentials"):
                browser.sign_in(self.ada, "not her password")

    def is_locked_out(self, browser: Browser) -> None:
        with self.assertRaisesRegex(Refused, "locked_out"):
            browser.sign_in(self.ada)

    def test_strangers_lock_out_no_browser_that_signed_in_before(self):
        own, bens, forged = self.known(self.ada), self.known(Account("ben")), Browser()
        cookie = own.cookies["__Host-device"]
        forged.cookies["__Host-device"] = cookie[:-1] + ("B" if cookie.endswith("A") else "A")
        self.guess(Browser())
        for stranger in (Browser(), bens, forged):
            self.is_locked_out(stranger)
        own.sign_in(self.ada)
        name = cookie.split(".")[0]
        self.assertEqual(own.cookies["__Host-device"].split(".")[0], name, "its tries do not begin anew with each sign-in")

    def test_a_browser_that_signed_in_before_has_no_more_tries_than_others(self):
        own = self.known(self.ada)
        self.guess(own)
        self.is_locked_out(own)
        Browser().sign_in(self.ada)


if __name__ == "__main__":
    unittest.main()
