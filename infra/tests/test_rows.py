"""A row that is written whole is written on the revision that was read, or a write in between is lost. Which rows need none, and why."""

import re
import unittest

from infra.tests.test_table import sources

ONCE = "is written when it is made, and never again"
LATEST = "depends on nothing that was there: the latest is right"
TOGETHER = "is written together with the row that it copies, on that one's condition"

# Shapes that count no writes.
WITHOUT_REVISION = {
    "accounts/federated.rs ErrandRecord": ONCE,
    "accounts/federated.rs WaitingRecord": LATEST,
    "accounts/identities.rs IdentityRecord": "is written where there is none, or on the account that was read and is gone",
    "accounts/passkeys.rs CeremonyRecord": ONCE,
    "accounts/passkeys.rs MakingRecord": LATEST,
    "accounts/passkeys.rs PasskeyRecord": ONCE,
    "accounts/records.rs AdmissionRecord": LATEST,
    "accounts/records.rs InvitationRecord": ONCE,
    "accounts/records.rs SessionRecord": "is written again only by its own use, which says when that was, and only if it is there",
    "accounts/records.rs SetupRecord": LATEST,
    "accounts/records.rs StepRecord": ONCE,
    "clock.rs RunRecord": LATEST,
    "leaving/records.rs LeavingRecord": "is written together with its account, which is marked once",
    "leaving/records.rs LeftoverRecord": LATEST,
    "live/records.rs CounterRecord": "is written on the number that was read",
    "live/records.rs MessageRecord": ONCE,
    "live/records.rs SocketRecord": ONCE,
    "live/records.rs TicketRecord": ONCE,
    "notices/records.rs NoticeRecord": ONCE,
    "notices/records.rs StoppedRecord": LATEST,
    "once.rs DoneRecord": ONCE,
    "photos/claim.rs ClaimRecord": "is written on the photo that was read",
    "photos/records.rs FavouriteRecord": TOGETHER,
    "photos/usage.rs UsageRecord": "is never written whole: its numbers are added to",
}
# Shapes that are written whatever is there.
UNCONDITIONALLY = {
    "AccountRecord": TOGETHER,
    "AdmissionRecord": LATEST,
    "ClaimRecord": TOGETHER,
    "FavouriteRecord": TOGETHER,
    "IdentityRecord": TOGETHER,
    "LeavingRecord": "is written together with its account, which is marked once",
    "LeftoverRecord": LATEST,
    "MakingRecord": LATEST,
    "RunRecord": LATEST,
    "SessionRecord": TOGETHER,
    "SetupRecord": LATEST,
    "SocketRecord": ONCE,
    "StoppedRecord": LATEST,
    "WaitingRecord": LATEST,
}


class Rows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        found = sources("server/src", kinds={".rs"})
        cls.sources = {name.removeprefix("server/src/"): text for name, text in found.items()}

    def test_count_their_writes_or_say_why_not(self):
        counted, uncounted = set(), set()
        for name, text in self.sources.items():
            for record, fields in re.findall(r"pub struct (\w+Record)\b[^{;]*\{(.*?)\n\}", text, re.DOTALL):
                shapes = counted if re.search(r"pub revision: u64,", fields) else uncounted
                shapes.add(f"{name} {record}")
        self.assertIn("accounts/records.rs AccountRecord", counted)
        self.assertEqual(uncounted, set(WITHOUT_REVISION))

    def test_are_written_on_what_was_read_or_say_why_not(self):
        unconditional = set()
        for name, text in self.sources.items():
            for write in re.finditer(r"Given::Anything(?! =>)", text):
                # The shape that was named last before.
                named = re.findall(r"\b(\w+Record)\b", text[: write.start()])
                unconditional.add(named[-1] if named else name)
        self.assertEqual(unconditional, set(UNCONDITIONALLY))

    def test_that_count_are_written_on_no_other_number(self):
        numbers = {
            (name, attribute)
            for name, text in self.sources.items()
            for attribute in re.findall(r'Given::(?:Number|Text)\(\s*"(\w+)"', text)
        }
        others = {
            ("accounts/identities.rs", "account"),
            ("accounts/session.rs", "version"),
            ("live/number.rs", "number"),
            ("photos/grant.rs", "photo"),
        }
        self.assertEqual(numbers, others)


if __name__ == "__main__":
    unittest.main()
