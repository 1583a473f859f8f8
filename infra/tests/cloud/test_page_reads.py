"""What a page reads from the table: how many requests, none of them for what another had read. Who asks is found out by the first.

Each page is asked for by itself, and what `web` reads meanwhile is in the log of the local cloud.
"""

import json
import time
import unittest
from collections import Counter
from urllib.parse import quote

from infra.local import cloud
from infra.tests.cloud.cast import STAGE, Person, client, physical, read_row, until, write_row

PHOTO = "/photos/{photo}"
FAVOURITE, ARCHIVED = PHOTO + "?in=favourites", PHOTO + "?in=archive"
DAY, BEHIND = "/?day=2020-01-01", "/?behind={place}"
# After the last change has settled in the index, and right after a change, when the newest messages are read, too.
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
# What the page of the account asks for again, each by itself, once something has changed.
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
    """What `web` reads from the table from now on."""

    def __init__(self):
        self.role = physical("pages", "WebRole")
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
        # What somebody holds who was at another provider: it is looked for, too.
        ada.visitor.cookies["__Host-provider"] = "a" * 43
        photos = [ada.expect() for _ in range(4)]
        for photo in photos[:3]:
            ada.visitor.json("photos/amend", id=photo.id, amendment={"set": "favourite", "on": True})
        ada.visitor.json("photos/amend", id=photos[3].id, amendment={"set": "archived", "on": True})
        cls.channel = f"CHANNEL#library-{ada.id}"
        until("all changes are told", lambda: (row := cls.counter()) and row["number"] == {"N": "8"})
        cls.names = {"photo": photos[1].id, "place": quote(photos[1].row()["timeline_sk"]["S"])}

    @classmethod
    def counter(cls) -> dict | None:
        return read_row(cls.channel, "COUNTER")

    def last_change(self, seconds_ago: int) -> None:
        write_row(self.counter() | {"at": {"N": str(int(time.time() - seconds_ago) * 1000)}})

    def read_by(self, ask) -> list[dict]:
        """What is read while something is asked for."""
        reads = Reads()
        ask()
        return reads.all()

    def assert_reads(self, what: str, reads: list[dict], count: int) -> None:
        told = "\n".join(f"{read['action']} {', '.join(read['places'])}" for read in reads)
        self.assertEqual(len(reads), count, f"{what} reads\n{told}")
        twice = [place for place, times in Counter(place for read in reads for place in read["places"]).items() if times > 1]
        self.assertEqual(twice, [], f"{what} reads this twice")

    def assert_pages(self, expected: dict[str, int]) -> None:
        for page, count in expected.items():
            with self.subTest(page):
                reads = self.read_by(lambda page=page: self.ada.visitor.get(page.format(**self.names)))
                self.assert_reads(page, reads, count)

    def test_pages_read_little_and_nothing_twice(self):
        self.last_change(seconds_ago=60)
        self.assert_pages(SETTLED)

    def test_right_after_a_change_the_messages_are_read_at_most_once(self):
        self.last_change(seconds_ago=-60)
        self.assert_pages(CHANGED)

    def test_what_is_asked_for_alone_reads_its_own_rows_alone(self):
        for function, count in FUNCTIONS.items():
            with self.subTest(function):
                self.assert_reads(function, self.read_by(lambda name=function: self.ada.visitor.form(name)), count)

    def test_who_is_nobody_costs_no_read(self):
        stranger = Person("ben").visitor
        stranger.cookies.clear()
        self.assert_reads("/sign-in", self.read_by(lambda: stranger.get("/sign-in")), 0)


if __name__ == "__main__":
    unittest.main()
