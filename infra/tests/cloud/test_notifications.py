"""The function `notifications`: messages in the outbox are sent once, by mail and text message, and only to recipients who want them."""

import html
import json
import re
import time
import unittest
import urllib.request
import uuid
from urllib.parse import quote, urlsplit

from infra.local.seed import Refused
from infra.sender import LOCAL as LOCAL_SENDER
from infra.tests.cloud.fixtures import STAGE, client, hash_of, physical_id, read_row, until, visitor, write_row
from infra.tests.cloud.listeners import Log, Queue
from infra.tests.cloud.test_api import PASSWORD, Account, send


def mails(email: str) -> list[dict]:
    """The mails to an address in the local mailbox."""
    with urllib.request.urlopen(f"{STAGE.endpoint}/_ministack/ses/messages") as response:
        boxes = json.load(response)["messages"]
    return [mail for box in boxes.values() for mail in box if email in mail["To"]]


def texts(number: str) -> list[str]:
    """The text messages to a number in the local cloud."""
    with urllib.request.urlopen(f"{STAGE.endpoint}/_ministack/sns/sms-messages?phoneNumber={quote(number)}") as response:
        sent = json.load(response)["sms_messages"][number]
    for text in sent:
        if text["MessageAttributes"]["AWS.SNS.SMS.SMSType"]["StringValue"] != "Transactional":
            raise AssertionError(f"not transactional: {text}")
    return [text["Message"] for text in sent]


def wanted(email: str, **notification) -> dict:
    """A NoticeWanted event for an address, as `stream` publishes it."""
    return {"version": 2, "id": str(uuid.uuid4()), "to": {"address": {"email": email}}, "notice": notification}


def wanted_by(account: str, /, **notification) -> dict:
    """A NoticeWanted event for an account."""
    return wanted("", **notification) | {"to": {"account": account}}


def wait_for_outcomes(*deliveries: str) -> None:
    """Waits until each of these deliveries has an outcome, sent or not."""
    for delivery in deliveries:
        until(f"an outcome of {delivery}", lambda: (row := read_row(f"DONE#notices#{delivery}", "DONE")) and row.get("outcome"))


def stop_link(mail: dict) -> str:
    """Path and query of the unsubscribe link, which must be the same in the header, the text and the HTML part."""
    (header,) = re.findall("^<(.*)>$", mail["Headers"]["List-Unsubscribe"])
    address = urlsplit(header)
    if f"{address.scheme}://{address.netloc}" != STAGE.setting("site-address"):
        raise AssertionError(f"{header} is not on the site")
    if header not in mail["BodyText"] or f'href="{html.escape(header)}"' not in mail["BodyHtml"]:
        raise AssertionError(f"{header} is not in both parts of {mail}")
    return f"{address.path}?{address.query}"


def click(link: str) -> tuple[int, str]:
    """A one-click unsubscribe request (RFC 8058), without Origin and cookies; returns status and body."""
    status, _, text = send("POST", link, body=b"List-Unsubscribe=One-Click", **{"Content-Type": "application/x-www-form-urlencoded"})
    return status, text.decode()


def put(detail: dict) -> None:
    entry = {
        "EventBusName": physical_id("state", "Bus"),
        "Source": "shoebox",
        "DetailType": "NoticeWanted",
        "Detail": json.dumps(detail),
    }
    if client("events").put_events(Entries=[entry])["FailedEntryCount"]:
        raise AssertionError("the bus rejected the event")


def dead_letter_without_a_sender(detail: dict) -> dict:
    """The dead letter of a notification that is published while the stage has no sender."""
    ses = client("sesv2")
    ses.delete_email_identity(EmailIdentity=LOCAL_SENDER)
    client("ses").delete_identity(Identity=LOCAL_SENDER)
    try:
        put(detail)
        return Queue.of("notifications", "NotificationsDeadLetters").wait_for_message("the notification in the dead-letter queue", lambda body: detail["id"] in body)
    finally:
        ses.create_email_identity(EmailIdentity=LOCAL_SENDER)
        client("ses").verify_email_identity(EmailAddress=LOCAL_SENDER)


class Notifications(unittest.TestCase):
    def setUp(self):
        self.email = f"ada-{uuid.uuid4().hex[:12]}@shoebox.test"

    def mailed(self, count: int) -> list[dict]:
        return until(f"{count} mails to {self.email}", lambda: len(mails(self.email)) >= count and mails(self.email))

    def test_an_outbox_row_is_mailed_in_both_parts_with_the_reason(self):
        notification = str(uuid.uuid4())
        write_row(
            {
                "pk": {"S": f"NOTICE#{notification}"},
                "sk": {"S": "NOTICE"},
                "version": {"N": "1"},
                "id": {"S": notification},
                "to": {"M": {"address": {"M": {"email": {"S": self.email}}}}},
                "notice": {"M": {"notice": {"S": "address_changed"}, "to": {"S": "<b>ada</b>@example.org"}}},
                "ttl": {"N": "4102444800"},
            }
        )
        (mail,) = self.mailed(1)
        self.assertEqual(mail["Source"], LOCAL_SENDER)
        self.assertIn("<b>ada</b>@example.org", mail["BodyText"])
        self.assertIn("&lt;b&gt;ada&lt;/b&gt;@example.org", mail["BodyHtml"])
        for part in ("BodyText", "BodyHtml"):
            self.assertIn("You received this email because", mail[part])
        self.assertEqual(mail["Headers"]["Auto-Submitted"], "auto-generated")

    def test_each_mail_has_a_reason_and_an_unsubscribe_link_unless_it_is_a_security_notification(self):
        invitation = {"invitation": str(uuid.uuid4()), "by": "ben@example.org", "ends_at": 4102444800000}
        notifications = [
            {"notice": "already_here"},
            {"notice": "address_taken"},
            {"notice": "invitation", **invitation},
            {"notice": "export_ready", "ends_at": 4102444800000},
            {"notice": "account_deleted"},
        ]
        security = [
            {"notice": "password_changed"},
            {"notice": "second_step_changed", "on": True},
            {"notice": "passkey_changed", "added": True},
            {"notice": "provider_changed", "provider": "Google", "added": True},
            {"notice": "phone_changed", "added": True},
            {"notice": "recovery_code_used", "left": 3},
            {"notice": "codes_guessed", "second_step": True},
            {"notice": "codes_guessed", "second_step": False},
            {"notice": "address_changed", "to": "cleo@example.org"},
            {"notice": "mails_stopped", "kind": "change"},
        ]
        for notification in notifications:
            put(wanted(self.email, **notification))
        stoppable = self.mailed(len(notifications))
        for notification in security:
            put(wanted(self.email, **notification))
        sent = self.mailed(len(notifications) + len(security))
        self.assertEqual(len({mail["Subject"] for mail in sent}), len(notifications) + len(security))
        subjects = {mail["Subject"] for mail in stoppable}
        for mail in sent:
            with self.subTest(mail["Subject"]):
                for part in ("BodyText", "BodyHtml"):
                    self.assertIn("You received this email because", mail[part])
                if mail["Subject"] in subjects:
                    self.assertEqual(mail["Headers"]["List-Unsubscribe-Post"], "List-Unsubscribe=One-Click")
                    self.assertTrue(stop_link(mail))
                else:
                    self.assertNotIn("List-Unsubscribe", mail["Headers"])
                    self.assertNotIn("/stop?", mail["BodyText"] + mail["BodyHtml"])

    def test_duplicate_and_out_of_order_notifications_are_sent_once(self):
        log = Log("notifications")
        first, second = wanted(self.email, notice="already_here"), wanted(self.email, notice="address_taken")
        for detail in (second, first, first, second):
            put(detail)
        log.wait_for_invocations(4)
        subjects = sorted(mail["Subject"] for mail in self.mailed(2))
        self.assertEqual(len(subjects), 2)
        self.assertEqual(len(set(subjects)), 2)
        put(first)
        log.wait_for_invocations(5)
        self.assertEqual(len(mails(self.email)), 2)

    def test_a_failing_mail_is_retried_twice_and_can_be_sent_later(self):
        log = Log("notifications")
        detail = wanted(self.email, notice="already_here")
        letter = dead_letter_without_a_sender(detail)
        self.assertEqual(log.wait_for_failures(3, "could not send a mail"), 3)
        self.assertEqual(mails(self.email), [])
        put(json.loads(letter["Body"])["requestPayload"]["detail"])
        self.mailed(1)

    def test_an_unrequested_code_is_not_sent(self):
        detail = wanted(self.email, notice="address_code", account=str(uuid.uuid4()))
        put(detail)
        wait_for_outcomes(detail["id"])
        self.assertEqual(mails(self.email), [])


class Bounces(unittest.TestCase):
    """SES events that match the rule which notifies the operator."""

    def matches(self, stage: str = STAGE.name, **detail) -> bool:
        events = client("events")
        rule = events.describe_rule(Name=f"shoebox-{STAGE.name}-mail-returned")
        region, account = rule["Arn"].split(":")[3:5]
        event = {
            "id": str(uuid.uuid4()),
            "source": "aws.ses",
            "detail-type": "Email Bounced",
            "account": account,
            "region": region,
            "time": "2026-01-01T00:00:00Z",
            "resources": [f"arn:aws:ses:{region}:{account}:configuration-set/shoebox-{stage}"],
            "detail": {"mail": {"destination": ["ada@example.org"]}, **detail},
        }
        return events.test_event_pattern(EventPattern=rule["EventPattern"], Event=json.dumps(event))["Result"]

    def bounced(self, kind: str, why: str, stage: str = STAGE.name) -> bool:
        return self.matches(stage, eventType="Bounce", bounce={"bounceType": kind, "bounceSubType": why})

    def test_permanent_bounces_and_complaints_of_this_stage_match(self):
        self.assertTrue(self.bounced("Permanent", "General"))
        self.assertTrue(self.matches(eventType="Complaint", complaint={}))
        self.assertFalse(self.bounced("Transient", "MailboxFull"))
        self.assertFalse(self.bounced("Permanent", "OnAccountSuppressionList"), "SES did not send it")
        self.assertFalse(self.bounced("Permanent", "General", "another"))
        self.assertFalse(self.matches(eventType="Delivery"))

    def test_ses_publishes_and_suppresses_them(self):
        ses, name = client("sesv2"), f"shoebox-{STAGE.name}"
        (events,) = ses.get_configuration_set_event_destinations(ConfigurationSetName=name)["EventDestinations"]
        self.assertTrue(events["Enabled"])
        self.assertEqual(set(events["MatchingEventTypes"]), {"BOUNCE", "COMPLAINT"})
        self.assertTrue(events["EventBridgeDestination"]["EventBusArn"].endswith(":event-bus/default"))
        suppressed = ses.get_configuration_set(ConfigurationSetName=name)["SuppressionOptions"]["SuppressedReasons"]
        self.assertEqual(set(suppressed), {"BOUNCE", "COMPLAINT"})


class Stops(unittest.TestCase):
    """One-click unsubscribe, without signing in."""

    def setUp(self):
        self.email = f"ben-{uuid.uuid4().hex[:12]}@shoebox.test"
        put(wanted(self.email, notice="already_here"))
        until("a mail", lambda: mails(self.email))
        (mail,) = mails(self.email)
        self.link = stop_link(mail)

    def sent(self, *notifications: dict) -> list[str]:
        """Publishes notifications, waits for their outcomes, and returns the subjects of the mails."""
        before = len(mails(self.email))
        details = [wanted(self.email, **notification) for notification in notifications]
        for detail in details:
            put(detail)
        wait_for_outcomes(*(detail["id"] for detail in details))
        return [mail["Subject"] for mail in mails(self.email)[before:]]

    def test_it_unsubscribes_one_address_from_one_kind(self):
        for _ in range(2):
            self.assertEqual(click(self.link), (200, "You’re unsubscribed from these emails."))
        invitation = {"notice": "invitation", "invitation": str(uuid.uuid4()), "by": "ada@example.org", "ends_at": 4102444800000}
        subjects = self.sent({"notice": "already_here"}, {"notice": "address_taken"}, {"notice": "password_changed"}, invitation)
        self.assertEqual(len(subjects), 2, subjects)
        self.assertEqual({"invited" in subject for subject in subjects}, {True, False})

        other = f"cleo-{uuid.uuid4().hex[:12]}@shoebox.test"
        put(wanted(other, notice="already_here"))
        until("another person's mail", lambda: mails(other))

    def test_it_rejects_links_without_a_valid_signature(self):
        proof = re.search("proof=(.*)$", self.link)[1]
        own = re.search("notice=([^&]*)", self.link)[1]
        address = own.split(".")[1]
        last = "B" if proof.endswith("A") else "A"
        for bad in [
            "",
            "?",
            f"?notice={own}",
            f"?proof={proof}",
            f"?notice={own}&proof=",
            f"?notice={own}&proof={proof[:-1]}{last}",
            f"?notice={own}&proof={proof}{last}",
            f"?notice=invitation.{address}&proof={proof}",
            f"?notice=change.{address}&proof={proof}",
            f"?notice={own}A&proof={proof}",
            f"?notice=attempt.{'A' * 43}&proof={proof}",
            f"?notice={quote('attempt.../../x')}&proof={proof}",
            f"?notice=%FF&proof={proof}",
        ]:
            with self.subTest(bad):
                status, text = click(f"/stop{bad}")
                self.assertIn(status, (400, 422), text)
        self.assertEqual(len(self.sent({"notice": "already_here"})), 1)


class Guesses(unittest.TestCase):
    """An account's owner is notified once when the day's limit of wrong codes is reached; other addresses are not."""

    def guess_too_often(self, email: str) -> None:
        """Simulates reaching the day's limit of wrong codes without a notification."""
        digest = hash_of(email)
        today = int(time.time()) // 86_400
        for day in (today, today + 1):
            key = {"pk": {"S": f"TRIES#RESET-CODE-DAY#{digest}#{day}"}, "sk": {"S": "TRIES"}}
            write_row(key | {"count": {"N": "60"}, "ttl": {"N": str((day + 2) * 86_400)}})
        browser = visitor()
        for _ in range(2):
            with self.assertRaisesRegex(Refused, "too_many_codes"):
                browser.form("accounts/reset", email=email, code="000000", password="another password")

    def test_the_owner_is_notified_once(self):
        ada = Account("ada")
        self.guess_too_often(ada.email)
        until("the mail", lambda: mails(ada.email))
        after = wanted_by(ada.id, notice="password_changed")
        put(after)
        wait_for_outcomes(after["id"])
        self.assertEqual(len([mail for mail in mails(ada.email) if "Wrong codes" in mail["Subject"]]), 1)

    def test_an_address_without_an_account_gets_no_mail(self):
        nobody, ben = f"nobody-{uuid.uuid4().hex[:12]}@shoebox.test", Account("ben")
        self.guess_too_often(nobody)
        self.guess_too_often(ben.email)
        until("another person's mail, which was requested later", lambda: mails(ben.email))
        self.assertEqual(mails(nobody), [])


class Phones(unittest.TestCase):
    """A phone number gets only its code until it is verified, and then the chosen notifications."""

    def setUp(self):
        self.ada = Account("ada")
        self.ada.visitor = visitor()
        self.ada.visitor.form("accounts/sign_in", email=self.ada.email, password=PASSWORD)
        self.number = f"+4420{uuid.uuid4().int % 10**8:08}"

    def code(self, number: str, count: int = 1) -> str:
        """Waits for `count` texts to a number; returns the code in the newest."""
        newest = until(f"{count} texts to {number}", lambda: len(texts(number)) >= count and texts(number))[-1]
        return re.match(r"\d{6}\b", newest)[0]

    def set_phone(self, number: str) -> None:
        self.ada.visitor.form("accounts/set_phone", phone=number, password=PASSWORD)

    def remove_phone(self) -> None:
        self.ada.visitor.form("accounts/remove_phone", password=PASSWORD)

    def mailed(self, about: str) -> list[str]:
        """The texts of mails with this in their subject."""
        return [mail["BodyText"] for mail in mails(self.ada.email) if about in mail["Subject"]]

    def verify(self, number: str) -> None:
        self.set_phone(number)
        self.ada.visitor.form("accounts/prove_phone", code=self.code(number))

    def texted(self, *events: dict) -> list[str]:
        """Publishes events, waits for their outcomes, and returns the texts to the number."""
        before = len(texts(self.number))
        for event in events:
            put(event)
        wait_for_outcomes(*(f"{event['id']}.text" for event in events))
        return texts(self.number)[before:]

    def changed(self) -> dict:
        return wanted_by(self.ada.id, notice="password_changed")

    def entered(self) -> dict:
        return wanted_by(self.ada.id, notice="recovery_code_used", left=3)

    def assert_refused(self, why: str, function: str, **fields: str) -> None:
        with self.assertRaisesRegex(Refused, why):
            self.ada.visitor.form(f"accounts/{function}", **fields)

    def test_an_unverified_number_gets_no_notifications(self):
        visitor = self.ada.visitor
        self.set_phone(f"{self.number[:3]} (20) {self.number[5:9]}-{self.number[9:]}")
        code = self.code(self.number)
        self.assert_refused("not_found", "choose_texts", kind="change", on="true")
        self.assertEqual(self.texted(self.changed(), self.entered()), [])
        self.assert_refused("wrong_code", "prove_phone", code="000001" if code == "000000" else "000000")
        self.assertEqual(self.texted(self.changed()), [])

        # Another number: the first number's code verifies neither.
        other = f"+4930{uuid.uuid4().int % 10**8:08}"
        self.set_phone(other)
        newer = self.code(other)
        if newer != code:
            self.assert_refused("wrong_code", "prove_phone", code=code)
        visitor.form("accounts/prove_phone", code=newer)
        self.assertEqual(visitor.form("accounts/choices")["texts"]["number"], other)
        self.assert_refused("wrong_code", "prove_phone", code=newer)
        visitor.form("accounts/choose_texts", kind="change", on="true")
        self.assertEqual(self.texted(self.changed()), [])
        self.assertIn("Your password has changed.", texts(other)[-1])

    def test_only_chosen_notifications_are_texted_and_once(self):
        self.verify(self.number)
        self.assertEqual(self.texted(self.changed(), self.entered()), [], "nothing was chosen")
        self.ada.visitor.form("accounts/choose_texts", kind="change", on="true")
        first, second = self.changed(), wanted_by(self.ada.id, notice="second_step_changed", on=False)
        moved = wanted("cleo@example.org", notice="address_changed", to="ben@example.org", account=self.ada.id)
        received = self.texted(second, first, first, second, self.entered(), moved)
        self.assertEqual(len(received), 3, received)
        for part in ("password has changed", "authentication is off", "moved to another email"):
            self.assertEqual(len([text for text in received if part in text]), 1, received)
        self.ada.visitor.form("accounts/choose_texts", kind="change", on="false")
        self.assertEqual(self.texted(self.changed()), [])

    def test_a_removed_or_replaced_number_gets_no_more_texts(self):
        self.verify(self.number)
        self.ada.visitor.form("accounts/choose_texts", kind="change", on="true")
        self.assertEqual(len(self.texted(self.changed())), 1)
        other = f"+4930{uuid.uuid4().int % 10**8:08}"
        self.verify(other)
        self.assertEqual(self.texted(self.changed()), [])
        self.assertEqual(len(texts(other)), 1, "only its code: nothing was chosen for it")
        self.ada.visitor.form("accounts/choose_texts", kind="change", on="true")
        self.remove_phone()
        self.assertEqual(self.texted(self.changed()), [])
        self.assertEqual(len(texts(other)), 1)

    def test_an_unrequested_code_is_not_texted(self):
        self.set_phone(self.number)
        self.code(self.number)
        self.remove_phone()
        self.assertEqual(self.texted(wanted_by(self.ada.id, notice="phone_code", account=self.ada.id)), [])

    def test_invalid_kinds_and_numbers_are_rejected(self):
        for bad in ("", "+", "02079460000", "+0442079460000", "+44207946000012345", "arn:aws:sns:eu-west-1:000000000000:t", "+44 20 7946 000x"):
            self.assert_refused("bad_phone|malformed", "set_phone", phone=bad, password=PASSWORD)
        self.assert_refused("no_texts_there", "set_phone", phone="+18765550123", password=PASSWORD)
        self.verify(self.number)
        for kind in ("code", "invitation", "attempt", "unknown", "", "of another world"):
            self.assert_refused("malformed", "choose_texts", kind=kind, on="true")
        for kind in ("unknown", "", "of another world"):
            self.assert_refused("malformed", "choose_mails", kind=kind, on="false")

    def test_turning_off_security_mails_sends_one_last_mail(self):
        for _ in range(2):
            self.ada.visitor.form("accounts/choose_mails", kind="change", on="false")
        (last,) = until("the last mail", lambda: mails(self.ada.email))
        self.assertIn("turned off on your account", last["BodyText"])
        again = self.changed()
        put(again)
        wait_for_outcomes(again["id"])
        self.assertEqual(len(mails(self.ada.email)), 1)

    def test_retries_of_a_mail_do_not_repeat_the_text(self):
        self.verify(self.number)
        self.ada.visitor.form("accounts/choose_texts", kind="change", on="true")
        event = self.changed()
        until("the mail about the number, before the sender is removed", lambda: self.mailed("phone number"))
        letter = dead_letter_without_a_sender(event)
        self.assertEqual(len([text for text in texts(self.number) if "password" in text]), 1)
        self.assertEqual(self.texted(json.loads(letter["Body"])["requestPayload"]["detail"]), [])
        until("the mail", lambda: self.mailed("password"))
        self.assertEqual(len(self.mailed("password")), 1)

    def test_setting_and_removing_a_number_require_the_password_and_are_mailed(self):
        for fields in ({}, {"password": "not hers at all"}):
            self.assert_refused("wrong_password|malformed", "set_phone", phone=self.number, **fields)
        self.verify(self.number)
        until("the mail that it was added", lambda: self.mailed("phone number"))
        for fields in ({}, {"password": "not hers at all"}):
            self.assert_refused("wrong_password|malformed", "remove_phone", **fields)
        self.assertEqual(self.ada.visitor.form("accounts/choices")["texts"]["number"], self.number)
        self.remove_phone()
        mailed = until("the mail that it was removed", lambda: (found := self.mailed("phone number"))[1:] and found)
        self.assertEqual(sorted("added" in text for text in mailed), [False, True])
        self.remove_phone()
        self.assertIsNone(self.ada.visitor.form("accounts/choices")["texts"]["number"])


if __name__ == "__main__":
    unittest.main()
