"""Rows are put with a condition on the revision that was read (optimistic concurrency), or a write in between is lost. Lists the exceptions."""

import re
import unittest

from infra.tests.test_table import sources

ONCE = "is written once"
LATEST = "does not depend on earlier values: the last write wins"
TOGETHER = "is written in a transaction with the row that it copies, under that row's condition"

# Record types without a revision.
WITHOUT_REVISION = {
    "accounts/federated.rs OAuthAttemptRecord": ONCE,
    "accounts/federated.rs PendingLinkRecord": LATEST,
    "accounts/identities.rs IdentityRecord": "is written if there is none, or on condition of the account that was read and was deleted",
    "accounts/passkeys.rs PasskeyChallengeRecord": ONCE,
    "accounts/passkeys.rs PasskeyRegistrationRecord": LATEST,
    "accounts/passkeys.rs PasskeyRecord": ONCE,
    "accounts/records.rs AdmissionRecord": LATEST,
    "accounts/records.rs InvitationRecord": ONCE,
    "accounts/records.rs SessionRecord": "is updated only with the time of its last use, and only if it exists",
    "accounts/records.rs SetupRecord": LATEST,
    "accounts/records.rs PendingSecondStepRecord": ONCE,
    "schedule.rs RunRecord": LATEST,
    "account_data/records.rs AccountDeletionRecord": "is written in a transaction with its account, which is marked once",
    "account_data/records.rs LeftoverRecord": LATEST,
    "live/records.rs CounterRecord": "is written on condition of the number that was read",
    "live/records.rs MessageRecord": ONCE,
    "live/records.rs SocketRecord": ONCE,
    "live/records.rs TicketRecord": ONCE,
    "notifications/records.rs NotificationRecord": ONCE,
    "notifications/records.rs StoppedRecord": LATEST,
    "idempotency.rs DoneRecord": ONCE,
    "photos/claim.rs ClaimRecord": "is written on condition of the photo that was read",
    "photos/records.rs FavouriteRecord": TOGETHER,
    "photos/quota.rs UsageRecord": "is only updated, by atomic increments",
}
# Record types that are put without a condition.
UNCONDITIONAL = {
    "AccountRecord": TOGETHER,
    "AdmissionRecord": LATEST,
    "ClaimRecord": TOGETHER,
    "FavouriteRecord": TOGETHER,
    "IdentityRecord": TOGETHER,
    "AccountDeletionRecord": "is written in a transaction with its account, which is marked once",
    "LeftoverRecord": LATEST,
    "PasskeyRegistrationRecord": LATEST,
    "RunRecord": LATEST,
    "SessionRecord": TOGETHER,
    "SetupRecord": LATEST,
    "SocketRecord": ONCE,
    "StoppedRecord": LATEST,
    "PendingLinkRecord": LATEST,
}


class Rows(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        found = sources("server/src", kinds={".rs"})
        cls.sources = {name.removeprefix("server/src/"): text for name, text in found.items()}

    def test_records_have_a_revision_or_are_listed(self):
        with_revision, without = set(), set()
        for name, text in self.sources.items():
            for record, fields in re.findall(r"pub struct (\w+Record)\b[^{;]*\{(.*?)\n\}", text, re.DOTALL):
                records = with_revision if re.search(r"pub revision: u64,", fields) else without
                records.add(f"{name} {record}")
        self.assertIn("accounts/records.rs AccountRecord", with_revision)
        self.assertEqual(without, set(WITHOUT_REVISION))

    def test_writes_have_a_condition_or_are_listed(self):
        unconditional = set()
        for name, text in self.sources.items():
            for write in re.finditer(r"Condition::Anything(?! =>)", text):
                # The last record type named before it.
                named = re.findall(r"\b(\w+Record)\b", text[: write.start()])
                unconditional.add(named[-1] if named else name)
        self.assertEqual(unconditional, set(UNCONDITIONAL))

    def test_conditions_on_other_attributes_are_listed(self):
        numbers = {
            (name, attribute)
            for name, text in self.sources.items()
            for attribute in re.findall(r'Condition::(?:Number|Text)\(\s*"(\w+)"', text)
        }
        others = {
            ("accounts/identities.rs", "account"),
            ("accounts/session.rs", "version"),
            ("live/sequence.rs", "number"),
            ("photos/grant.rs", "photo"),
        }
        self.assertEqual(numbers, others)


if __name__ == "__main__":
    unittest.main()
