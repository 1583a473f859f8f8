"""The door `notices`: what waits in the outbox goes out by mail and text message, once, whatever comes again or in vain,
and only to whom it is wanted by."""

import html
import json
import re
import time
import unittest
import urllib.request
import uuid
from urllib.parse import quote, urlsplit

from infra.local.seed import Refused
from infra.sender import HOME as HOME_SENDER
from infra.tests.cloud.cast import STAGE, client, hashed, physical, read_row, until, visitor, write_row
from infra.tests.cloud.ears import Log, Queue
from infra.tests.cloud.test_api import PASSWORD, Account, ask


def mails(email: str) -> list[dict]:
    """What the local cloud would have sent to an address."""
    with urllib.request.urlopen(f"{STAGE.endpoint}/_ministack/ses/messages") as answer:
        boxes = json.load(answer)["messages"]
    return [mail for box in boxes.values() for mail in box if email in mail["To"]]


def texts(number: str) -> list[str]:
    """What the local cloud would have texted to a number."""
    with urllib.request.urlopen(f"{STAGE.endpoint}/_ministack/sns/sms-messages?phoneNumber={quote(number)}") as answer:
        sent = json.load(answer)["sms_messages"][number]
    for text in sent:
        if text["MessageAttributes"]["AWS.SNS.SMS.SMSType"]["StringValue"] != "Transactional":
            raise AssertionError(f"may be late: {text}")
    return [text["Message"] for text in sent]


def wanted(email: str, **notice) -> dict:
    """An event as `changes` tells it."""
    return {"version": 2, "id": str(uuid.uuid4()), "to": {"address": {"email": email}}, "notice": notice}


def wanted_by(account: str, /, **notice) -> dict:
    """The same for an account."""
    return wanted("", **notice) | {"to": {"account": account}}


def settled(*deliveries: str) -> None:
    """Waits until something has come of each of these deliveries, a mail or none."""
    for delivery in deliveries:
        until(f"what came of {delivery}", lambda: (row := read_row(f"DONE#notices#{delivery}", "DONE")) and row.get("outcome"))


def stop_link(mail: dict) -> str:
    """Path and query of the link that stops mails like it; all three places have the same."""
    (header,) = re.findall("^<(.*)>$", mail["Headers"]["List-Unsubscribe"])
    address = urlsplit(header)
    if f"{address.scheme}://{address.netloc}" != STAGE.setting("site-address"):
        raise AssertionError(f"{header} leads elsewhere")
    if header not in mail["BodyText"] or f'href="{html.escape(header)}"' not in mail["BodyHtml"]:
        raise AssertionError(f"{header} is not in both parts of {mail}")
    return f"{address.path}?{address.query}"


def click(link: str) -> tuple[int, str]:
    """What a mail program sends at one click (RFC 8058), from nowhere and without a cookie; status and text of the answer."""
    status, _, text = ask("POST", link, body=b"List-Unsubscribe=One-Click", **{"Content-Type": "application/x-www-form-urlencoded"})
    return status, text.decode()


def put(detail: dict) -> None:
    entry = {
        "EventBusName": physical("state", "Bus"),
        "Source": "shoebox",
        "DetailType": "NoticeWanted",
        "Detail": json.dumps(detail),
    }
    if client("events").put_events(Entries=[entry])["FailedEntryCount"]:
        raise AssertionError("the bus did not take the event")


def given_up_without_a_sender(detail: dict) -> dict:
    """A notice's dead letter, from a stage whose sender is gone for so long."""
    ses = client("sesv2")
    ses.delete_email_identity(EmailIdentity=HOME_SENDER)
    client("ses").delete_identity(Identity=HOME_SENDER)
    try:
        put(detail)
        return Queue.of("notices", "NoticesDeadLetters").message("the notice among the dead letters", lambda body: detail["id"] in body)
    finally:
        ses.create_email_identity(EmailIdentity=HOME_SENDER)
        client("ses").verify_email_identity(EmailAddress=HOME_SENDER)


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
            self.assertIn("You received this email because", mail[part])
        self.assertEqual(mail["Headers"]["Auto-Submitted"], "auto-generated")

    def test_each_says_why_it_came_and_is_stopped_by_one_click_unless_it_guards_an_account(self):
        invitation = {"invitation": str(uuid.uuid4()), "by": "ben@example.org", "ends_at": 4102444800000}
        notices = [
            {"notice": "already_here"},
            {"notice": "address_taken"},
            {"notice": "invitation", **invitation},
            {"notice": "export_ready", "ends_at": 4102444800000},
            {"notice": "account_deleted"},
        ]
        guards = [
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
        for notice in notices:
            put(wanted(self.email, **notice))
        stoppable = self.mailed(len(notices))
        for notice in guards:
            put(wanted(self.email, **notice))
        sent = self.mailed(len(notices) + len(guards))
        self.assertEqual(len({mail["Subject"] for mail in sent}), len(notices) + len(guards))
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
        log = Log("notices")
        detail = wanted(self.email, notice="already_here")
        letter = given_up_without_a_sender(detail)
        self.assertEqual(log.settled_failures(3, "could not send a mail"), 3)
        self.assertEqual(mails(self.email), [])
        put(json.loads(letter["Body"])["requestPayload"]["detail"])
        self.mailed(1)

    def test_a_code_that_nobody_waits_for_is_not_sent(self):
        detail = wanted(self.email, notice="address_code", account=str(uuid.uuid4()))
        put(detail)
        settled(detail["id"])
        self.assertEqual(mails(self.email), [])


class Returned(unittest.TestCase):
    """Which of SES' events the rule takes that tells who watches the stage."""

    def told(self, stage: str = STAGE.name, **detail) -> bool:
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
        return self.told(stage, eventType="Bounce", bounce={"bounceType": kind, "bounceSubType": why})

    def test_they_are_those_that_end_an_address_each_once_and_of_this_stage(self):
        self.assertTrue(self.bounced("Permanent", "General"))
        self.assertTrue(self.told(eventType="Complaint", complaint={}))
        self.assertFalse(self.bounced("Transient", "MailboxFull"))
        self.assertFalse(self.bounced("Permanent", "OnAccountSuppressionList"), "SES did not even send it")
        self.assertFalse(self.bounced("Permanent", "General", "another"))
        self.assertFalse(self.told(eventType="Delivery"))

    def test_ses_tells_of_them_and_mails_such_an_address_no_more(self):
        ses, name = client("sesv2"), f"shoebox-{STAGE.name}"
        (events,) = ses.get_configuration_set_event_destinations(ConfigurationSetName=name)["EventDestinations"]
        self.assertTrue(events["Enabled"])
        self.assertEqual(set(events["MatchingEventTypes"]), {"BOUNCE", "COMPLAINT"})
        self.assertTrue(events["EventBridgeDestination"]["EventBusArn"].endswith(":event-bus/default"))
        suppressed = ses.get_configuration_set(ConfigurationSetName=name)["SuppressionOptions"]["SuppressedReasons"]
        self.assertEqual(set(suppressed), {"BOUNCE", "COMPLAINT"})


class Stops(unittest.TestCase):
    """One click, without signing in, and no more than it says."""

    def setUp(self):
        self.email = f"ben-{uuid.uuid4().hex[:12]}@shoebox.test"
        put(wanted(self.email, notice="already_here"))
        until("a mail", lambda: mails(self.email))
        (mail,) = mails(self.email)
        self.link = stop_link(mail)

    def sent(self, *notices: dict) -> list[str]:
        """Subjects of the mails that come of notices, once the door has been through all of them."""
        before = len(mails(self.email))
        details = [wanted(self.email, **notice) for notice in notices]
        for detail in details:
            put(detail)
        settled(*(detail["id"] for detail in details))
        return [mail["Subject"] for mail in mails(self.email)[before:]]

    def test_it_stops_that_kind_for_that_address_alone(self):
        for _ in range(2):
            self.assertEqual(click(self.link), (200, "You’re unsubscribed from these emails."))
        invitation = {"notice": "invitation", "invitation": str(uuid.uuid4()), "by": "ada@example.org", "ends_at": 4102444800000}
        subjects = self.sent({"notice": "already_here"}, {"notice": "address_taken"}, {"notice": "password_changed"}, invitation)
        self.assertEqual(len(subjects), 2, subjects)
        self.assertEqual({"invited" in subject for subject in subjects}, {True, False})

        other = f"cleo-{uuid.uuid4().hex[:12]}@shoebox.test"
        put(wanted(other, notice="already_here"))
        until("somebody else's mail", lambda: mails(other))

    def test_it_takes_no_link_that_we_did_not_sign(self):
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
    """Who owns an account hears when the wrong codes of a day are used up, once; who owns none does not."""

    def guess_too_often(self, email: str) -> None:
        """As if a day had had more wrong codes than it takes, of which nobody was told."""
        digest = hashed(email)
        today = int(time.time()) // 86_400
        for day in (today, today + 1):
            key = {"pk": {"S": f"TRIES#RESET-CODE-DAY#{digest}#{day}"}, "sk": {"S": "TRIES"}}
            write_row(key | {"count": {"N": "60"}, "ttl": {"N": str((day + 2) * 86_400)}})
        browser = visitor()
        for _ in range(2):
            with self.assertRaisesRegex(Refused, "too_many_codes"):
                browser.form("accounts/reset", email=email, code="000000", password="another password")

    def test_the_owner_hears_once(self):
        ada = Account("ada")
        self.guess_too_often(ada.email)
        until("the mail", lambda: mails(ada.email))
        after = wanted_by(ada.id, notice="password_changed")
        put(after)
        settled(after["id"])
        self.assertEqual(len([mail for mail in mails(ada.email) if "Wrong codes" in mail["Subject"]]), 1)

    def test_an_address_without_an_account_hears_nothing(self):
        nobody, ben = f"nobody-{uuid.uuid4().hex[:12]}@shoebox.test", Account("ben")
        self.guess_too_often(nobody)
        self.guess_too_often(ben.email)
        until("somebody else's mail, which was asked for later", lambda: mails(ben.email))
        self.assertEqual(mails(nobody), [])


class Phones(unittest.TestCase):
    """A number hears of nothing but its code until that has proved it, and then of what was chosen."""

    def setUp(self):
        self.ada = Account("ada")
        self.ada.visitor = visitor()
        self.ada.visitor.form("accounts/sign_in", email=self.ada.email, password=PASSWORD)
        self.number = f"+4420{uuid.uuid4().int % 10**8:08}"

    def code(self, number: str, count: int = 1) -> str:
        """The newest of so many codes that were texted to a number."""
        newest = until(f"{count} texts to {number}", lambda: len(texts(number)) >= count and texts(number))[-1]
        return re.match(r"\d{6}\b", newest)[0]

    def set_phone(self, number: str) -> None:
        self.ada.visitor.form("accounts/set_phone", phone=number, password=PASSWORD)

    def remove_phone(self) -> None:
        self.ada.visitor.form("accounts/remove_phone", password=PASSWORD)

    def mailed(self, about: str) -> list[str]:
        """The mails whose subject says something."""
        return [mail["BodyText"] for mail in mails(self.ada.email) if about in mail["Subject"]]

    def prove(self, number: str) -> None:
        self.set_phone(number)
        self.ada.visitor.form("accounts/prove_phone", code=self.code(number))

    def heard(self, *events: dict) -> list[str]:
        """What is texted to the number of events, once the door has been through all of them."""
        before = len(texts(self.number))
        for event in events:
            put(event)
        settled(*(f"{event['id']}.text" for event in events))
        return texts(self.number)[before:]

    def changed(self) -> dict:
        return wanted_by(self.ada.id, notice="password_changed")

    def entered(self) -> dict:
        return wanted_by(self.ada.id, notice="recovery_code_used", left=3)

    def assert_refused(self, why: str, function: str, **fields: str) -> None:
        with self.assertRaisesRegex(Refused, why):
            self.ada.visitor.form(f"accounts/{function}", **fields)

    def test_nothing_goes_to_a_number_before_its_code_has_proved_it(self):
        visitor = self.ada.visitor
        self.set_phone(f"{self.number[:3]} (20) {self.number[5:9]}-{self.number[9:]}")
        code = self.code(self.number)
        self.assert_refused("not_found", "choose_texts", kind="change", on="true")
        self.assertEqual(self.heard(self.changed(), self.entered()), [])
        self.assert_refused("wrong_code", "prove_phone", code="000001" if code == "000000" else "000000")
        self.assertEqual(self.heard(self.changed()), [])

        # Another number: the code that went to the first proves neither.
        other = f"+4930{uuid.uuid4().int % 10**8:08}"
        self.set_phone(other)
        newer = self.code(other)
        if newer != code:
            self.assert_refused("wrong_code", "prove_phone", code=code)
        visitor.form("accounts/prove_phone", code=newer)
        self.assertEqual(visitor.form("accounts/choices")["texts"]["number"], other)
        self.assert_refused("wrong_code", "prove_phone", code=newer)
        visitor.form("accounts/choose_texts", kind="change", on="true")
        self.assertEqual(self.heard(self.changed()), [])
        self.assertIn("Your password has changed.", texts(other)[-1])

    def test_only_what_was_chosen_is_texted_and_once(self):
        self.prove(self.number)
        self.assertEqual(self.heard(self.changed(), self.entered()), [], "nothing was chosen")
        self.ada.visitor.form("accounts/choose_texts", kind="change", on="true")
        first, second = self.changed(), wanted_by(self.ada.id, notice="second_step_changed", on=False)
        moved = wanted("cleo@example.org", notice="address_changed", to="ben@example.org", account=self.ada.id)
        heard = self.heard(second, first, first, second, self.entered(), moved)
        self.assertEqual(len(heard), 3, heard)
        for news in ("password has changed", "authentication is off", "moved to another email"):
            self.assertEqual(len([text for text in heard if news in text]), 1, heard)
        self.ada.visitor.form("accounts/choose_texts", kind="change", on="false")
        self.assertEqual(self.heard(self.changed()), [])

    def test_a_number_that_was_removed_or_changed_hears_no_more(self):
        self.prove(self.number)
        self.ada.visitor.form("accounts/choose_texts", kind="change", on="true")
        self.assertEqual(len(self.heard(self.changed())), 1)
        other = f"+4930{uuid.uuid4().int % 10**8:08}"
        self.prove(other)
        self.assertEqual(self.heard(self.changed()), [])
        self.assertEqual(len(texts(other)), 1, "only its code: nothing was chosen for it")
        self.ada.visitor.form("accounts/choose_texts", kind="change", on="true")
        self.remove_phone()
        self.assertEqual(self.heard(self.changed()), [])
        self.assertEqual(len(texts(other)), 1)

    def test_what_nobody_waits_for_is_not_texted(self):
        self.set_phone(self.number)
        self.code(self.number)
        self.remove_phone()
        self.assertEqual(self.heard(wanted_by(self.ada.id, notice="phone_code", account=self.ada.id)), [])

    def test_kinds_and_numbers_that_cannot_be_are_refused(self):
        for bad in ("", "+", "02079460000", "+0442079460000", "+44207946000012345", "arn:aws:sns:eu-west-1:000000000000:t", "+44 20 7946 000x"):
            self.assert_refused("bad_phone|malformed", "set_phone", phone=bad, password=PASSWORD)
        self.assert_refused("no_texts_there", "set_phone", phone="+18765550123", password=PASSWORD)
        self.prove(self.number)
        for kind in ("code", "invitation", "attempt", "unknown", "", "of another world"):
            self.assert_refused("malformed", "choose_texts", kind=kind, on="true")
        for kind in ("unknown", "", "of another world"):
            self.assert_refused("malformed", "choose_mails", kind=kind, on="false")

    def test_who_turns_off_what_guards_the_account_hears_so_once_and_then_no_more(self):
        for _ in range(2):
            self.ada.visitor.form("accounts/choose_mails", kind="change", on="false")
        (last,) = until("the last mail", lambda: mails(self.ada.email))
        self.assertIn("turned off on your account", last["BodyText"])
        again = self.changed()
        put(again)
        settled(again["id"])
        self.assertEqual(len(mails(self.ada.email)), 1)

    def test_a_mail_that_cannot_be_sent_does_not_repeat_the_text(self):
        self.prove(self.number)
        self.ada.visitor.form("accounts/choose_texts", kind="change", on="true")
        event = self.changed()
        until("the mail about the number, which is not to be sent without a sender", lambda: self.mailed("phone number"))
        letter = given_up_without_a_sender(event)
        self.assertEqual(len([text for text in texts(self.number) if "password" in text]), 1)
        self.assertEqual(self.heard(json.loads(letter["Body"])["requestPayload"]["detail"]), [])
        until("the mail", lambda: self.mailed("password"))
        self.assertEqual(len(self.mailed("password")), 1)

    def test_a_number_is_set_and_removed_by_the_password_and_the_owner_hears_of_both(self):
        for fields in ({}, {"password": "not hers at all"}):
            self.assert_refused("wrong_password|malformed", "set_phone", phone=self.number, **fields)
        self.prove(self.number)
        until("the mail that it was added", lambda: self.mailed("phone number"))
        for fields in ({}, {"password": "not hers at all"}):
            self.assert_refused("wrong_password|malformed", "remove_phone", **fields)
        self.assertEqual(self.ada.visitor.form("accounts/choices")["texts"]["number"], self.number)
        self.remove_phone()
        told = until("the mail that it was removed", lambda: (all_ := self.mailed("phone number"))[1:] and all_)
        self.assertEqual(sorted("added" in text for text in told), [False, True])
        self.remove_phone()
        self.assertIsNone(self.ada.visitor.form("accounts/choices")["texts"]["number"])


if __name__ == "__main__":
    unittest.main()
