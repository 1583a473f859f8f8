"""Whom mails come from: by which identity, proved by what, and who hears of those that come back."""

import json
import re
import unittest

from infra import sender, templates

ADDRESS = "photos@example.org"
DOMAIN = "example.org"
NOTICES = templates.load("notices")
RESOURCES = NOTICES["Resources"]


def standing(**told: str) -> dict[str, str]:
    """What `notices` was told of a sender that it made."""
    return {"MailFrom": ADDRESS, "SenderExists": "no", **told}


class Identity(unittest.TestCase):
    def test_a_domain_is_proved_by_a_zone_that_it_lies_in(self):
        for zone, domain in (("example.org", DOMAIN), ("Example.org", DOMAIN), ("org", DOMAIN), ("photos.example.org", "none"), ("ample.org", "none")):
            self.assertEqual(sender.domain_within(zone, ADDRESS), domain, zone)
        self.assertEqual(sender.domain_within("example.org", "photos@Photos.Example.org"), "photos.example.org")

    def test_what_is_made_is_made_on(self):
        self.assertFalse(sender.exists(ADDRESS, "none", {}, {}))
        self.assertFalse(sender.exists(ADDRESS, "none", standing(), {ADDRESS: False}))
        self.assertFalse(sender.exists(ADDRESS, "none", standing(MailDomain="none"), {ADDRESS: True}))
        self.assertFalse(sender.exists(ADDRESS, DOMAIN, standing(MailDomain=DOMAIN), {DOMAIN: True}))
        self.assertFalse(sender.exists(f"other@{DOMAIN}", DOMAIN, standing(MailDomain=DOMAIN), {DOMAIN: True}), "another address of it")

    def test_what_is_there_without_it_is_used(self):
        self.assertTrue(sender.exists(ADDRESS, "none", {}, {ADDRESS: False}), "it cannot be made twice")
        self.assertTrue(sender.exists(ADDRESS, "none", {}, {DOMAIN: True}))
        self.assertFalse(sender.exists(ADDRESS, "none", {}, {DOMAIN: False}), "nobody can send by it")
        self.assertTrue(sender.exists(ADDRESS, DOMAIN, {}, {DOMAIN: False}))
        self.assertTrue(sender.exists(ADDRESS, DOMAIN, standing(SenderExists="yes", MailDomain=DOMAIN), {DOMAIN: True}))
        self.assertTrue(sender.exists(f"photos@sub.{DOMAIN}", f"sub.{DOMAIN}", {}, {DOMAIN: True}), "it signs for what lies in it")

    def test_a_verified_address_does_not_stand_for_its_domain(self):
        self.assertFalse(sender.exists(ADDRESS, DOMAIN, {}, {ADDRESS: True}))
        self.assertFalse(sender.exists(ADDRESS, DOMAIN, standing(), {ADDRESS: True}), "made for a stage without a zone")

    def test_a_domain_that_was_made_serves_without_its_zone(self):
        self.assertTrue(sender.exists(ADDRESS, "none", standing(MailDomain=DOMAIN), {DOMAIN: True}))


class Templates(unittest.TestCase):
    def test_a_domain_has_its_records_and_both_stay(self):
        identity, records = RESOURCES["Sender"], RESOURCES["SenderRecords"]
        self.assertEqual(identity["Properties"]["EmailIdentity"], {"Fn::If": ["OfDomain", {"Ref": "MailDomain"}, {"Ref": "MailFrom"}]})
        self.assertEqual(NOTICES["Conditions"]["ProvesSender"]["Fn::And"], [{"Condition": identity["Condition"]}, {"Condition": "OfDomain"}])
        self.assertEqual(records["Condition"], "ProvesSender")
        for resource in (identity, records):
            self.assertEqual((resource["DeletionPolicy"], resource["UpdateReplacePolicy"]), ("Retain", "Retain"))
        told = [(r["Name"]["Fn::GetAtt"], r["Type"], [v["Fn::GetAtt"] for v in r["ResourceRecords"]]) for r in records["Properties"]["RecordSets"]]
        each = [(["Sender", f"DkimDNSTokenName{n}"], "CNAME", [["Sender", f"DkimDNSTokenValue{n}"]]) for n in (1, 2, 3)]
        self.assertEqual(told, each)

    def test_what_is_told_of_the_sender_is_declared(self):
        self.assertLessEqual({"MailFrom", "MailDomain", "MailZone", "SenderExists"}, set(NOTICES["Parameters"]))

    def test_mails_are_granted_from_one_sender_by_one_set(self):
        statements = RESOURCES["NoticesRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        (mail,) = [statement for statement in statements if statement["Sid"] == "Mail"]
        self.assertEqual([place["Fn::Sub"].rpartition(":")[2] for place in mail["Resource"]], ["identity/*", "configuration-set/${MailSet}"])
        self.assertEqual(mail["Condition"], {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}})

    def test_who_watches_hears_of_what_came_back(self):
        (target,) = RESOURCES["MailReturned"]["Properties"]["Targets"]
        self.assertEqual(target["Arn"], {"Ref": "AlarmsTopic"})
        name = RESOURCES["MailReturned"]["Properties"]["Name"]["Fn::Sub"]
        watch = templates.load("watch")
        self.assertIn("AlarmsTopic", watch["Outputs"])
        may_tell = watch["Resources"]["AlarmsMayTell"]["Properties"]["PolicyDocument"]["Statement"]
        (rules,) = [statement for statement in may_tell if statement["Principal"] == {"Service": "events.amazonaws.com"}]
        self.assertNotIn("Condition", rules, "EventBridge tells topics nothing that one could compare")
        policy = RESOURCES["NoticeWantedMayLeaveDeadLetters"]["Properties"]["PolicyDocument"]["Statement"][0]
        leave = [place["Fn::Sub"] for place in policy["Condition"]["ArnEquals"]["aws:SourceArn"] if "Fn::Sub" in place]
        self.assertEqual([place.rpartition(":")[2] for place in leave], [f"rule/{name}"])

    def test_what_they_hear_is_one_text_with_every_place_filled(self):
        text = RESOURCES["MailReturned"]["Properties"]["Targets"][0]["InputTransformer"]
        sentence = json.loads(text["InputTemplate"]["Fn::Sub"])
        self.assertEqual(set(re.findall(r"<(\w+)>", sentence)), set(text["InputPathsMap"]))


if __name__ == "__main__":
    unittest.main()
