"""The number of table reads of each page, none of which repeats another. The first read of a page loads the session.

Pages are requested one at a time, and the local cloud logs the reads of `web`.
"""

import json
import time
import unittest
from collections import Counter
from urllib.parse import quote

from infra.local import cloud
from infra.tests.cloud.fixtures import STAGE, Person, physical_id, read_row, until, write_row

PHOTO = "/photos/{photo}"
FAVOURITE, ARCHIVED = PHOTO + "?in=favourites", PHOTO + "?in=archive"
DAY, BEHIND = "/?day=2020-01-01", "/?behind={place}"
# SETTLED: after the index has the last change. CHANGED: right after a change, when the newest messages are read as well.
SETTLED = {
    "/": 3,
    DAY: 3,
    BEHIND: 3,
    "/favourites": 4,
    "/archive": 3,
    PHOTO: 3,
    FAVOURITE: 4,
    ARCHIVED: 3,
    "/account": 6,
    "/people": 4,
    "/sign-in": 1,
    "/sign-up": 2,
}
CHANGED = SETTLED | {"/": 4, DAY: 4, BEHIND: 4, "/archive": 4}
# The account page's server functions, which it calls separately after a change.
FUNCTIONS = {
    "accounts/me": 1,
    "accounts/usage": 3,
    "accounts/security": 3,
    "accounts/sessions": 2,
    "accounts/second_step_setup": 2,
    "accounts/passkeys": 2,
    "accounts/ways": 3,
    "accounts/exported": 2,
    "accounts/choices": 4,
}


class Reads:
    """The table reads of `web` since this object was created."""

    def __init__(self):
        self.role = physical_id("pages", "WebRole")
        self.log = cloud.reads(STAGE)
        self.from_line = len(self._lines())

    def _lines(self) -> list[str]:
        return self.log.read_text().splitlines()

    def all(self) -> list[dict]:
        lines = map(json.loads, self._lines()[self.from_line :])
        return [line for line in lines if line["role"] == self.role]


class PageReads(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.ada = ada = Person("ada")
        account = read_row(f"ACCOUNT#{ada.id}", "ACCOUNT")
        write_row(account | {"version": {"N": "3"}, "groups": {"L": [{"S": "operator"}]}})
        # A cookie of a started sign-in with another provider causes a read, too.
        ada.visitor.cookies["__Host-provider"] = "a" * 43
        photos = [ada.grant() for _ in range(4)]
        for photo in photos[:3]:
            ada.visitor.json("photos/amend", id=photo.id, amendment={"set": "favourite", "on": True})
        ada.visitor.json("photos/amend", id=photos[3].id, amendment={"set": "archived", "on": True})
        cls.channel = f"CHANNEL#library-{ada.id}"
        until("all changes are published", lambda: (row := cls.counter()) and row["number"] == {"N": "8"})
        cls.names = {"photo": photos[1].id, "place": quote(photos[1].row()["timeline_sk"]["S"])}

    @classmethod
    def counter(cls) -> dict | None:
        return read_row(cls.channel, "COUNTER")

    def last_change(self, seconds_ago: int) -> None:
        write_row(self.counter() | {"at": {"N": str(int(time.time() - seconds_ago) * 1000)}})

    def reads_of(self, request) -> list[dict]:
        """The reads during a request."""
        reads = Reads()
        request()
        return reads.all()

    def assert_reads(self, what: str, reads: list[dict], count: int) -> None:
        listed = "\n".join(f"{read['action']} {', '.join(read['places'])}" for read in reads)
        self.assertEqual(len(reads), count, f"{what} reads\n{listed}")
        repeated = [key for key, times in Counter(key for read in reads for key in read["places"]).items() if times > 1]
        self.assertEqual(repeated, [], f"{what} repeats these reads")

    def assert_pages(self, expected: dict[str, int]) -> None:
        for page, count in expected.items():
            with self.subTest(page):
                reads = self.reads_of(lambda page=page: self.ada.visitor.get(page.format(**self.names)))
                self.assert_reads(page, reads, count)

    def test_pages_have_few_reads_without_repetition(self):
        self.last_change(seconds_ago=60)
        self.assert_pages(SETTLED)

    def test_right_after_a_change_the_messages_are_read_at_most_once(self):
        self.last_change(seconds_ago=-60)
        self.assert_pages(CHANGED)

    def test_server_functions_read_only_their_own_rows(self):
        for function, count in FUNCTIONS.items():
            with self.subTest(function):
                self.assert_reads(function, self.reads_of(lambda name=function: self.ada.visitor.form(name)), count)

    def test_anonymous_requests_cause_no_reads(self):
        stranger = Person("ben").visitor
        stranger.cookies.clear()
        self.assert_reads("/sign-in", self.reads_of(lambda: stranger.get("/sign-in")), 0)


if __name__ == "__main__":
    unittest.main()
