"""The sender of mails: its SES identity, DNS records, and notifications of bounces."""

import json
import re
import unittest

from infra import sender, templates

ADDRESS = "photos@example.org"
DOMAIN = "example.org"
NOTIFICATIONS = templates.load("notifications")
RESOURCES = NOTIFICATIONS["Resources"]


def current(**parameters: str) -> dict[str, str]:
    """The parameters of `notifications` when it created the identity."""
    return {"MailFrom": ADDRESS, "SenderExists": "no", **parameters}


class Identity(unittest.TestCase):
    def test_a_domain_is_verified_by_a_zone_that_contains_it(self):
        for zone, domain in (("example.org", DOMAIN), ("Example.org", DOMAIN), ("org", DOMAIN), ("photos.example.org", "none"), ("ample.org", "none")):
            self.assertEqual(sender.domain_within(zone, ADDRESS), domain, zone)
        self.assertEqual(sender.domain_within("example.org", "photos@Photos.Example.org"), "photos.example.org")

    def test_the_stack_keeps_the_identity_that_it_created(self):
        self.assertFalse(sender.exists(ADDRESS, "none", {}, {}))
        self.assertFalse(sender.exists(ADDRESS, "none", current(), {ADDRESS: False}))
        self.assertFalse(sender.exists(ADDRESS, "none", current(MailDomain="none"), {ADDRESS: True}))
        self.assertFalse(sender.exists(ADDRESS, DOMAIN, current(MailDomain=DOMAIN), {DOMAIN: True}))
        self.assertFalse(sender.exists(f"other@{DOMAIN}", DOMAIN, current(MailDomain=DOMAIN), {DOMAIN: True}), "another address of the domain")

    def test_an_identity_outside_the_stack_is_used(self):
        self.assertTrue(sender.exists(ADDRESS, "none", {}, {ADDRESS: False}), "it cannot be created twice")
        self.assertTrue(sender.exists(ADDRESS, "none", {}, {DOMAIN: True}))
        self.assertFalse(sender.exists(ADDRESS, "none", {}, {DOMAIN: False}), "it is not verified")
        self.assertTrue(sender.exists(ADDRESS, DOMAIN, {}, {DOMAIN: False}))
        self.assertTrue(sender.exists(ADDRESS, DOMAIN, current(SenderExists="yes", MailDomain=DOMAIN), {DOMAIN: True}))
        self.assertTrue(sender.exists(f"photos@sub.{DOMAIN}", f"sub.{DOMAIN}", {}, {DOMAIN: True}), "it covers subdomains")

    def test_a_verified_address_does_not_verify_its_domain(self):
        self.assertFalse(sender.exists(ADDRESS, DOMAIN, {}, {ADDRESS: True}))
        self.assertFalse(sender.exists(ADDRESS, DOMAIN, current(), {ADDRESS: True}), "created for a stage without a zone")

    def test_a_created_domain_is_used_without_its_zone(self):
        self.assertTrue(sender.exists(ADDRESS, "none", current(MailDomain=DOMAIN), {DOMAIN: True}))


class Templates(unittest.TestCase):
    def test_a_domain_has_dns_records_and_both_are_retained(self):
        identity, records = RESOURCES["Sender"], RESOURCES["SenderRecords"]
        self.assertEqual(identity["Properties"]["EmailIdentity"], {"Fn::If": ["OfDomain", {"Ref": "MailDomain"}, {"Ref": "MailFrom"}]})
        self.assertEqual(NOTIFICATIONS["Conditions"]["ProvesSender"]["Fn::And"], [{"Condition": identity["Condition"]}, {"Condition": "OfDomain"}])
        self.assertEqual(records["Condition"], "ProvesSender")
        for resource in (identity, records):
            self.assertEqual((resource["DeletionPolicy"], resource["UpdateReplacePolicy"]), ("Retain", "Retain"))
        actual = [(r["Name"]["Fn::GetAtt"], r["Type"], [v["Fn::GetAtt"] for v in r["ResourceRecords"]]) for r in records["Properties"]["RecordSets"]]
        expected = [(["Sender", f"DkimDNSTokenName{n}"], "CNAME", [["Sender", f"DkimDNSTokenValue{n}"]]) for n in (1, 2, 3)]
        self.assertEqual(actual, expected)

    def test_the_parameters_are_declared(self):
        self.assertLessEqual({"MailFrom", "MailDomain", "MailZone", "SenderExists"}, set(NOTIFICATIONS["Parameters"]))

    def test_mails_are_granted_for_one_sender_and_configuration_set(self):
        statements = RESOURCES["NotificationsRole"]["Properties"]["Policies"][0]["PolicyDocument"]["Statement"]
        (mail,) = [statement for statement in statements if statement["Sid"] == "Mail"]
        self.assertEqual([resource["Fn::Sub"].rpartition(":")[2] for resource in mail["Resource"]], ["identity/*", "configuration-set/${MailSet}"])
        self.assertEqual(mail["Condition"], {"StringEquals": {"ses:FromAddress": {"Ref": "MailFrom"}}})

    def test_bounces_are_published_to_the_alarms_topic(self):
        (target,) = RESOURCES["MailReturned"]["Properties"]["Targets"]
        self.assertEqual(target["Arn"], {"Ref": "AlarmsTopic"})
        name = RESOURCES["MailReturned"]["Properties"]["Name"]["Fn::Sub"]
        watch = templates.load("watch")
        self.assertIn("AlarmsTopic", watch["Outputs"])
        statements = watch["Resources"]["AlarmsMayTell"]["Properties"]["PolicyDocument"]["Statement"]
        (rules,) = [statement for statement in statements if statement["Principal"] == {"Service": "events.amazonaws.com"}]
        self.assertNotIn("Condition", rules, "EventBridge sends no condition keys to topics")
        policy = RESOURCES["NoticeWantedMayLeaveDeadLetters"]["Properties"]["PolicyDocument"]["Statement"][0]
        sources = [source["Fn::Sub"] for source in policy["Condition"]["ArnEquals"]["aws:SourceArn"] if "Fn::Sub" in source]
        self.assertEqual([source.rpartition(":")[2] for source in sources], [f"rule/{name}"])

    def test_the_message_uses_every_input_path(self):
        transformer = RESOURCES["MailReturned"]["Properties"]["Targets"][0]["InputTransformer"]
        message = json.loads(transformer["InputTemplate"]["Fn::Sub"])
        self.assertEqual(set(re.findall(r"<(\w+)>", message)), set(transformer["InputPathsMap"]))


if __name__ == "__main__":
    unittest.main()
