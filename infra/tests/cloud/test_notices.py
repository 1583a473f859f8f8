"""The door `notices`: what waits in the outbox goes out by mail, once, whatever comes again or in vain."""

import json
import unittest
import urllib.request
import uuid

from infra.deploy import HOME_SENDER
from infra.tests.cloud.cast import STAGE, client, physical, until, write_row
from infra.tests.cloud.ears import Log, Queue


def mails(email: str) -> list[dict]:
    """What the local cloud would have sent to an address."""
    with urllib.request.urlopen(f"{STAGE.endpoint}/_ministack/ses/messages") as answer:
        boxes = json.load(answer)["messages"]
    return [mail for box in boxes.values() for mail in box if email in mail["To"]]


def wanted(email: str, **notice) -> dict:
    """An event as `changes` tells it."""
    return {"version": 1, "id": str(uuid.uuid4()), "to": {"address": {"email": email}}, "notice": notice}


def put(detail: dict) -> None:
    entry = {
        "EventBusName": physical("state", "Bus"),
        "Source": "shoebox",
        "DetailType": "NoticeWanted",
        "Detail": json.dumps(detail),
    }
    if client("events").put_events(Entries=[entry])["FailedEntryCount"]:
        raise AssertionError("the bus did not take the event")


class Notices(unittest.TestCase):
    def setUp(self):
        self.email = f"ada-{uuid.uuid4().hex[:12]}@shoebox.test"

    def mailed(self, count: int) -> list[dict]:
        return until(f"{count} mails to {self.email}", lambda: len(mails(self.email)) >= count and mails(self.email))

    def test_what_is_written_into_the_outbox_is_sent_in_both_parts_with_its_reason(self):
        notice = str(uuid.uuid4())
        write_row(
            {
                "pk": {"S": f"NOTICE#{notice}"},
                "sk": {"S": "NOTICE"},
                "version": {"N": "1"},
                "id": {"S": notice},
                "to": {"M": {"address": {"M": {"email": {"S": self.email}}}}},
                "notice": {"M": {"notice": {"S": "address_changed"}, "to": {"S": "<b>ada</b>@example.org"}}},
                "ttl": {"N": "4102444800"},
            }
        )
        (mail,) = self.mailed(1)
        self.assertEqual(mail["Source"], HOME_SENDER)
        self.assertIn("<b>ada</b>@example.org", mail["BodyText"])
        self.assertIn("&lt;b&gt;ada&lt;/b&gt;@example.org", mail["BodyHtml"])
        for part in ("BodyText", "BodyHtml"):
            self.assertIn("You get this mail because", mail[part])

    def test_a_notice_that_comes_again_and_in_reverse_is_sent_once(self):
        log = Log("notices")
        first, second = wanted(self.email, notice="already_here"), wanted(self.email, notice="address_taken")
        for detail in (second, first, first, second):
            put(detail)
        log.await_runs(4)
        subjects = sorted(mail["Subject"] for mail in self.mailed(2))
        self.assertEqual(len(subjects), 2)
        self.assertEqual(len(set(subjects)), 2)
        put(first)
        log.await_runs(5)
        self.assertEqual(len(mails(self.email)), 2)

    def test_a_mail_that_cannot_be_sent_is_tried_three_times_and_sent_once_it_can(self):
        log, letters, ses = Log("notices"), Queue.of("notices", "NoticesDeadLetters"), client("sesv2")
        detail = wanted(self.email, notice="already_here")
        ses.delete_email_identity(EmailIdentity=HOME_SENDER)
        client("ses").delete_identity(Identity=HOME_SENDER)
        try:
            put(detail)
            letter = letters.message("the notice among the dead letters", lambda body: detail["id"] in body)
        finally:
            ses.create_email_identity(EmailIdentity=HOME_SENDER)
            client("ses").verify_email_identity(EmailAddress=HOME_SENDER)
        self.assertEqual(log.failures("could not send a mail"), 3)
        self.assertEqual(mails(self.email), [])
        put(json.loads(letter["Body"])["requestPayload"]["detail"])
        self.mailed(1)

    def test_a_code_that_nobody_waits_for_is_not_sent(self):
        log = Log("notices")
        put(wanted(self.email, notice="address_code", account=str(uuid.uuid4())))
        log.await_runs(1)
        self.assertEqual(mails(self.email), [])


if __name__ == "__main__":
    unittest.main()
